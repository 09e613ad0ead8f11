"""Continuous distributions whose draws are a formula of standard ones: differentiable by every parameter, to any order.

A table: each row names a distribution, the standard draw it is made of, and the formula. `_location_scale`, `_scale`
and `_shape_scale` turn a row into the public function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ...graph.dims import may_equal
from ...graph.errors import ArgumentError, DTypeError, ShapeError, require
from ...graph.node import Node, NodeLike
from ...graph.types import as_dtype, default_float_dtype, is_float
from ..arithmetic import abs, minimum
from ..comparison import greater, less, where
from ..gradient import stop_gradient
from ..linalg import matmul
from ..linear_algebra.factorize import cholesky
from ..powers import pow
from ..shape import reshape
from ..sizes import Blame, as_int, shape_of
from ..transcendental import exp, expm1, log1p, sqrt
from .basic import normal_of
from .draw import draw, parameters, require_positive, several, standard
from .stream import Stream

_ARGUMENTS = (
    "shape, an int or a sequence of ints and int nodes, by default that of the parameters together; dtype, a float "
    "dtype, by\ndefault that of the parameters (the default float where they are numbers)."
)


def _document(function: Any, name: str, summary: str, takes: str, source: str, call: str) -> None:
    """Name a row's function and write its docstring."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"{summary}\n\n"
        f"Arguments: rng, a stream; {takes}, real, of shapes that broadcast to the draw's;\n{_ARGUMENTS}\n"
        f"Raises: ArgumentError where rng is no stream, ShapeError where a parameter does not fit, DTypeError.\n"
        f"Source: {source}.\n\n"
        f">>> import theon\n>>> rng = theon.random.stream(seed=0)\n>>> theon.random.{call}.eval().shape\n(3,)\n"
    )


# --- Location and scale -----------------------------------------------------------------------------------------------


class LocationScale(Protocol):
    def __call__(
        self, rng: Stream, shape: Any = None, loc: NodeLike = 0.0, scale: NodeLike = 1.0, dtype: Any = None
    ) -> Node: ...


def _location_scale(
    name: str, summary: str, source: str, of: str = "", formula: Callable[[Node], Node] = lambda z: z
) -> LocationScale:
    """`loc + scale * z`, z a formula of a standard draw, or itself one of the same name."""

    def function(rng: Stream, shape: Any = None, loc: NodeLike = 0.0, scale: NodeLike = 1.0, dtype: Any = None) -> Node:
        wanted, (mu, sigma) = parameters(name, dtype, loc, scale)
        z = draw(standard(of or name), name, rng, shape, wanted, mu, sigma)
        return mu + sigma * formula(z)

    summary = f"{summary}; differentiable by `loc` and `scale`, which are applied as `loc + scale * z`."
    _document(function, name, summary, "loc and scale", source, f"{name}(rng, 3, scale=2.0)")
    return function


gumbel = _location_scale(
    "gumbel", "Draws from the Gumbel distribution of maxima", "`jax.random.gumbel`, NumPy `Generator.gumbel`"
)
laplace = _location_scale(
    "laplace", "Draws from the Laplace distribution", "`jax.random.laplace`, NumPy `Generator.laplace`"
)
cauchy = _location_scale(
    "cauchy", "Draws from the Cauchy distribution", "`jax.random.cauchy`, NumPy `Generator.standard_cauchy`"
)
logistic = _location_scale(
    "logistic", "Draws from the logistic distribution", "`jax.random.logistic`, NumPy `Generator.logistic`"
)
halfnormal = _location_scale(
    "halfnormal",
    "Draws from the half-normal distribution, z the magnitude of a normal number",
    "SciPy `stats.halfnorm`",
    "normal",
    abs,
)
halfcauchy = _location_scale(
    "halfcauchy",
    "Draws from the half-Cauchy distribution, z the magnitude of a number from Cauchy's",
    "SciPy `stats.halfcauchy`",
    "cauchy",
    abs,
)


# --- Scale alone ------------------------------------------------------------------------------------------------------


class Scale(Protocol):
    def __call__(self, rng: Stream, shape: Any = None, scale: NodeLike = 1.0, dtype: Any = None) -> Node: ...


def _scale(name: str, summary: str, formula: Callable[[Node], Node], source: str) -> Scale:
    """`scale` times a formula of standard exponential draws."""

    def function(rng: Stream, shape: Any = None, scale: NodeLike = 1.0, dtype: Any = None) -> Node:
        wanted, (sigma,) = parameters(name, dtype, scale)
        z = draw(standard("exponential"), name, rng, shape, wanted, sigma)
        return sigma * formula(z)

    _document(function, name, f"{summary}; differentiable by `scale`.", "scale", source, f"{name}(rng, 3)")
    return function


exponential = _scale(
    "exponential",
    "Draws from the exponential distribution, whose mean is `scale`",
    lambda e: e,
    "`jax.random.exponential`, NumPy `Generator.exponential`",
)
rayleigh = _scale(
    "rayleigh",
    "Draws from the Rayleigh distribution, `scale * sqrt(2 * e)` of exponential e",
    lambda e: sqrt(e * 2.0),
    "`jax.random.rayleigh`, NumPy `Generator.rayleigh`",
)


# --- Shape and scale --------------------------------------------------------------------------------------------------


class ShapeScale(Protocol):
    def __call__(
        self, rng: Stream, a: NodeLike, shape: Any = None, scale: NodeLike = 1.0, dtype: Any = None
    ) -> Node: ...


def _shape_scale(name: str, summary: str, formula: Callable[[Node, Node], Node], source: str) -> ShapeScale:
    """`scale` times a formula of standard exponential draws and of `a`."""

    def function(rng: Stream, a: NodeLike, shape: Any = None, scale: NodeLike = 1.0, dtype: Any = None) -> Node:
        wanted, (power, sigma) = parameters(name, dtype, a, scale)
        require_positive(name, power)
        e = draw(standard("exponential"), name, rng, shape, wanted, power, sigma)
        return sigma * formula(e, power)

    summary = f"{summary}; differentiable by `a` and `scale`."
    _document(function, name, summary, "a, positive, and scale", source, f"{name}(rng, 2.0, 3)")
    return function


weibull = _shape_scale(
    "weibull",
    "Draws from the Weibull distribution with exponent `a`: `scale * e**(1 / a)` of exponential e",
    lambda e, a: pow(e, 1.0 / a),
    "`jax.random.weibull_min`, NumPy `Generator.weibull`",
)
pareto = _shape_scale(
    "pareto",
    "Draws from the Pareto distribution with tail index `a`: `scale * exp(e / a)` of exponential e, at least `scale`",
    lambda e, a: exp(e / a),
    "`jax.random.pareto`, SciPy `stats.pareto` (NumPy's is less by 1)",
)
power = _shape_scale(
    "power",
    "Draws of density `a * x**(a - 1)` between 0 and 1: `scale * exp(-e / a)` of exponential e",
    lambda e, a: exp(-e / a),
    "NumPy `Generator.power`, SciPy `stats.powerlaw`",
)


# --- Parts of the normal distribution, and several normal numbers at once ---------------------------------------------


def multivariate_normal(rng: Stream, mean: NodeLike, cov: NodeLike, shape: Any = None, dtype: Any = None) -> Node:
    """Draws of normal vectors; differentiable by `mean` and `cov`: `mean + L @ z`, L the Cholesky factor of `cov`.

    Arguments: rng, a stream; mean, real [..., n]; cov, real [..., n, n], symmetric and positive definite (else it is
    nan); shape, that of the draws without their last axis, by default that of mean without its own; dtype, float.
    Raises: ShapeError where mean and cov are not of one length, else see `normal`.
    Source: `jax.random.multivariate_normal`, NumPy `Generator.multivariate_normal`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.multivariate_normal(rng, [0.0, 1.0], [[2.0, 0.5], [0.5, 1.0]], 5).eval().shape
    (5, 2)
    """
    what = "multivariate_normal"
    wanted, (mu, sigma) = parameters(what, dtype, mean, cov)
    with Blame(what, mu, sigma):
        fits = mu.ndim >= 1 and sigma.ndim >= 2
        fits = fits and may_equal(mu.dims[-1], sigma.dims[-1]) and may_equal(sigma.dims[-2], sigma.dims[-1])
        message = f"needs a mean [..., n] and a cov [..., n, n], received {mu.type} and {sigma.type}"
        require(fits, message, "give n numbers, and n rows of n", ShapeError)
    *batch, n = shape_of(mu)
    sizes = batch if shape is None else several(shape)
    z = draw(standard("normal"), what, rng, (*sizes, n), wanted)
    turned = matmul(cholesky(sigma), reshape(z, (*sizes, n, 1)))
    return mu + reshape(turned, (*sizes, n))


def orthogonal(rng: Stream, n: int, shape: Any = (), dtype: Any = None) -> Node:
    """Orthogonal matrices, uniformly (by Haar's measure); made of nothing differentiable.

    Arguments: rng, a stream; n, an int, the number of rows and columns; shape, the batch axes before them; dtype, a
    float dtype, by default the default float. Gives [*shape, n, n]. 16-bit floats are computed in float32.
    Raises: ArgumentError where n is not an int or rng no stream, DTypeError. Source: `jax.random.orthogonal`;
    Mezzadri 2007.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> q = theon.random.orthogonal(rng, 3)
    >>> print(theon.isclose(q @ q.T, np.eye(3), atol=1e-5).all().eval())
    True
    """
    wanted = default_float_dtype() if dtype is None else as_dtype(dtype)
    with Blame("orthogonal"):
        side = as_int(n, "the number of rows")
        require(is_float(wanted), f"draws floats, not {wanted}", "draw floats, and convert with .astype", DTypeError)
        require(side >= 0, f"a size cannot be negative, received {side}", "give 0 or more", ArgumentError)
    return draw(standard("orthogonal"), "orthogonal", rng, (*several(shape), side, side), wanted)


def triangular(
    rng: Stream, left: NodeLike, mode: NodeLike, right: NodeLike, shape: Any = None, dtype: Any = None
) -> Node:
    """Draws between `left` and `right`, most often near `mode`; differentiable by all three.

    Arguments: rng, a stream; left <= mode <= right, real, of shapes that broadcast to the draw's; shape and dtype as
    for `normal`. By the inverse of the distribution function. Raises: see `normal`.
    Source: `jax.random.triangular`, NumPy `Generator.triangular`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> bool((theon.random.triangular(rng, 1.0, 2.0, 4.0, 50) >= 1.0).all().eval())
    True
    """
    wanted, nodes = parameters("triangular", dtype, left, mode, right)
    low, top, high = nodes
    u = draw(standard("open_uniform"), "triangular", rng, shape, wanted, *nodes)
    width = high - low
    rises = greater(top - low, u * width)
    away = sqrt(where(rises, u, 1 - u) * (width * where(rises, top - low, high - top)))
    return where(rises, low + away, high - away)


def maxwell(rng: Stream, shape: Any = None, scale: NodeLike = 1.0, dtype: Any = None) -> Node:
    """Draws from the Maxwell distribution, the length of three normal numbers; differentiable by `scale`.

    Arguments: rng, a stream; scale, real, of a shape that broadcasts to the draw's; shape and dtype as for `normal`.
    Raises: see `normal`. Source: `jax.random.maxwell`, SciPy `stats.maxwell`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.maxwell(rng, 3).eval().shape
    (3,)
    """
    wanted, (sigma,) = parameters("maxwell", dtype, scale)
    x, y, z = (draw(standard("normal"), "maxwell", rng, shape, wanted, sigma) for _ in range(3))
    return sigma * sqrt(x * x + y * y + z * z)


def double_sided_maxwell(
    rng: Stream, shape: Any = None, loc: NodeLike = 0.0, scale: NodeLike = 1.0, dtype: Any = None
) -> Node:
    """Draws from the Maxwell distribution with either sign: `loc + scale * z`; differentiable by both.

    Arguments: rng, a stream; loc and scale, real, of shapes that broadcast to the draw's; shape and dtype as for
    `normal`. The sign is that of one of three normal numbers, the magnitude the length of all.
    Raises: see `normal`. Source: `jax.random.double_sided_maxwell`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.double_sided_maxwell(rng, 3).eval().shape
    (3,)
    """
    what = "double_sided_maxwell"
    wanted, (mu, sigma) = parameters(what, dtype, loc, scale)
    x, y, z = (draw(standard("normal"), what, rng, shape, wanted, mu, sigma) for _ in range(3))
    length = sqrt(x * x + y * y + z * z)
    return mu + sigma * where(less(x, 0), -length, length)


def truncexpon(
    rng: Stream, b: NodeLike, shape: Any = None, loc: NodeLike = 0.0, scale: NodeLike = 1.0, dtype: Any = None
) -> Node:
    """Draws from the part of an exponential distribution below `b`: `loc + scale * z`; differentiable by all three.

    Arguments: rng, a stream; b, positive or infinite, where z ends; loc and scale; all real, of shapes that broadcast
    to the draw's; shape and dtype as for `normal`. By the inverse of the distribution function.
    Raises: ArgumentError where a known b is not positive, else see `normal`. Source: SciPy `stats.truncexpon`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> bool((theon.random.truncexpon(rng, 0.5, 50) <= 0.5).all().eval())
    True
    """
    wanted, nodes = parameters("truncexpon", dtype, b, loc, scale)
    end, mu, sigma = nodes
    require_positive("truncexpon", end)
    u = draw(standard("open_uniform"), "truncexpon", rng, shape, wanted, *nodes)
    z = -log1p(u * expm1(-end))
    return mu + sigma * (z + stop_gradient(minimum(z, end) - z))


def lognormal(rng: Stream, shape: Any = None, mean: NodeLike = 0.0, std: NodeLike = 1.0, dtype: Any = None) -> Node:
    """Draws whose logarithm is normal: `exp(normal(rng, shape, mean, std))`; differentiable by both.

    Arguments: as for `normal`. Raises: see `normal`. Source: `jax.random.lognormal`, NumPy `Generator.lognormal`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> bool((theon.random.lognormal(rng, 9) > 0).all().eval())
    True
    """
    return exp(normal_of("lognormal", rng, shape, mean, std, dtype))


__all__ = [
    "cauchy", "double_sided_maxwell", "exponential", "gumbel", "halfcauchy", "halfnormal", "laplace", "logistic",
    "lognormal", "maxwell", "multivariate_normal", "orthogonal", "pareto", "power", "rayleigh", "triangular",
    "truncexpon", "weibull",
]  # fmt: skip
