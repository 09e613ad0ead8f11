"""Draws of the gamma family: gamma and its inverse, beta, Dirichlet, chi-square, Fisher's F, Student's t, and powers.

All are made of logarithms of gamma draws, which do not underflow where `a` is small. These are drawn by rejection, so
no formula leads from parameter to draw; but moving `a` while the probability of less than the draw stays put moves
the draw, and that is its derivative (the implicit reparametrisation). It has no derivative of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ...graph.errors import ArgumentError, ShapeError, require
from ...graph.node import Node, NodeLike
from ...graph.types import INT32, DType
from ..elementwise import FLOATS, Row, cast_to, define, elementwise
from ..gradient import stop_gradient
from ..join import concat
from ..precise import full, in_double, no_fold
from ..reduce import max, sum
from ..shape import expand_dims
from ..sizes import Blame, as_int, shape_of
from ..transcendental import exp, log, sigmoid, sqrt
from .draw import ParameterDraw, draw, no_further, parameters, require_known, require_positive, several, standard
from .stream import Stream


def _slope(a: Any, log_draw: Any) -> Any:
    """d log(z) / da at a fixed probability. Where z is tiny, log(P) is a * log(z) - gammaln(a + 1): its derivative."""
    low = lax.lt(log_draw, full(log_draw, -40))
    z = lax.exp(lax.select(low, full(log_draw, 0), log_draw))
    tiny = (lax.digamma(a + full(a, 1)) - log_draw) / a
    return lax.select(low, tiny, lax.random_gamma_grad(a, z) / z)


_NO_FURTHER = no_further("a gamma draw by its parameter")
_LOG_GAMMA_SLOPE = define(
    Row("log_gamma_draw_slope", in_double(_slope), no_fold, FLOATS, "same", (_NO_FURTHER, _NO_FURTHER))
)


@dataclass(frozen=True, eq=False)
class LogGammaDraw(ParameterDraw):
    """Logarithms of draws from the gamma distribution of a parameter."""

    def lower(self, key: jax.Array, a: jax.Array) -> jax.Array:
        """16-bit floats are drawn in float32: the rejection compares what they would not tell apart."""
        wide = self.dtype if self.dtype.itemsize > 2 else "float32"

        def sample(key: Any, shape: Any, dtype: Any) -> Any:
            found = jax.random.loggamma(key, lax.convert_element_type(a, wide), shape, wide)
            return lax.convert_element_type(found, dtype)

        return self.drawn(sample, key)

    def vjp(self, g: Node, out: Node, key: Node, a: Node) -> Sequence[Node | None]:
        return (None, g * elementwise(_LOG_GAMMA_SLOPE, a, out))


def _log_gamma(what: str, rng: Stream, shape: Any, dtype: DType, a: Node, *nodes: Node) -> Node:
    """Logarithms of gamma draws of `a`, in a shape that `nodes` fit, and `a` with them."""
    return draw(LogGammaDraw, what, rng, shape, dtype, *nodes, inputs=(a,))


def _log_quotient(what: str, rng: Stream, shape: Any, dtype: DType, a: Node, b: Node, *nodes: Node) -> Node:
    """Logarithms of quotients of two gamma draws, of `a` and of `b`."""
    above = _log_gamma(what, rng, shape, dtype, a, *nodes)
    return above - _log_gamma(what, rng, shape, dtype, b, *nodes)


def gamma(rng: Stream, a: NodeLike, shape: Any = None, scale: NodeLike = 1.0, dtype: Any = None) -> Node:
    """Draws from the gamma distribution; differentiable by `scale` by formula and by `a` implicitly, once.

    Arguments: rng, a stream; a, positive, the shape parameter, and scale, real, of shapes that broadcast to the draw's;
    shape, by default theirs together; dtype, a float dtype, by default that of the parameters.
    Raises: ArgumentError where rng is no stream or a known a not positive, ShapeError where a parameter does not fit,
    DTypeError; and GradientError where a second derivative by a is asked for.
    Source: `jax.random.gamma`; Marsaglia and Tsang 2000; Figurnov, Mohamed and Mnih 2018.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.gamma(rng, 2.0, (3,)).eval().shape
    (3,)
    """
    wanted, (power, sigma) = parameters("gamma", dtype, a, scale)
    require_positive("gamma", power)
    return sigma * exp(_log_gamma("gamma", rng, shape, wanted, power, power, sigma))


def invgamma(rng: Stream, a: NodeLike, shape: Any = None, scale: NodeLike = 1.0, dtype: Any = None) -> Node:
    """Draws from the inverse gamma distribution, `scale / gamma(a)`; differentiable as those of `gamma` are.

    Arguments: as for `gamma`. Raises: see `gamma`. Source: SciPy `stats.invgamma`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.invgamma(rng, [2.0, 5.0]).eval().shape
    (2,)
    """
    wanted, (power, sigma) = parameters("invgamma", dtype, a, scale)
    require_positive("invgamma", power)
    return sigma * exp(-_log_gamma("invgamma", rng, shape, wanted, power, power, sigma))


def beta(rng: Stream, a: NodeLike, b: NodeLike, shape: Any = None, dtype: Any = None) -> Node:
    """Draws from the beta distribution, between 0 and 1; differentiable by `a` and `b` implicitly, once.

    Arguments: rng, a stream; a and b, positive, of shapes that broadcast to the draw's; shape and dtype as for `gamma`.
    Raises: see `gamma`. Source: `jax.random.beta`, NumPy `Generator.beta`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.beta(rng, 2.0, [1.0, 5.0]).eval().shape
    (2,)
    """
    wanted, (first, second) = parameters("beta", dtype, a, b)
    require_positive("beta", first, second)
    return sigmoid(_log_quotient("beta", rng, shape, wanted, first, second, first, second))


def dirichlet(rng: Stream, alpha: NodeLike, shape: Any = None, dtype: Any = None) -> Node:
    """Draws from the Dirichlet distribution, positive numbers with sum 1; differentiable by `alpha` implicitly, once.

    Arguments: rng, a stream; alpha, positive [..., k]; shape, that of the draws without their last axis, by default
    that of alpha without its own; dtype as for `gamma`.
    Raises: ShapeError where alpha is a scalar, else see `gamma`. Source: `jax.random.dirichlet`, NumPy
    `Generator.dirichlet`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.dirichlet(rng, [1.0, 2.0, 3.0], 5).eval().shape
    (5, 3)
    """
    wanted, (a,) = parameters("dirichlet", dtype, alpha)
    with Blame("dirichlet", a):
        fits = a.ndim >= 1 and a.dims[-1] != 0
        require(fits, f"alpha has a last axis, received {a.type}", "give one number for each part", ShapeError)
    require_positive("dirichlet", a)
    *batch, k = shape_of(a)
    logs = _log_gamma("dirichlet", rng, (*(batch if shape is None else several(shape)), k), wanted, a, a)
    parts = exp(logs - stop_gradient(max(logs, axis=-1, keepdims=True)))
    return parts / sum(parts, axis=-1, keepdims=True)


def chisquare(rng: Stream, df: NodeLike, shape: Any = None, dtype: Any = None) -> Node:
    """Draws from the chi-square distribution: `gamma(rng, df / 2, shape, 2)`; differentiable by `df` implicitly, once.

    Arguments: rng, a stream; df, positive, of a shape that broadcasts to the draw's; shape and dtype as for `gamma`.
    Raises: see `gamma`. Source: `jax.random.chisquare`, NumPy `Generator.chisquare`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.chisquare(rng, [1.0, 4.0]).eval().shape
    (2,)
    """
    wanted, (degrees,) = parameters("chisquare", dtype, df)
    require_positive("chisquare", degrees)
    return exp(_log_gamma("chisquare", rng, shape, wanted, degrees * 0.5, degrees)) * 2.0


def f(rng: Stream, dfnum: NodeLike, dfden: NodeLike, shape: Any = None, dtype: Any = None) -> Node:
    """Draws from Fisher's F distribution; differentiable by both degrees of freedom implicitly, once.

    Arguments: rng, a stream; dfnum and dfden, positive, of shapes that broadcast to the draw's; shape and dtype as for
    `gamma`. Raises: see `gamma`. Source: `jax.random.f`, NumPy `Generator.f`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.f(rng, 3.0, [5.0, 9.0]).eval().shape
    (2,)
    """
    wanted, (above, below) = parameters("f", dtype, dfnum, dfden)
    require_positive("f", above, below)
    quotient = exp(_log_quotient("f", rng, shape, wanted, above * 0.5, below * 0.5, above, below))
    return quotient * (below / above)


def student_t(
    rng: Stream, df: NodeLike, shape: Any = None, loc: NodeLike = 0.0, scale: NodeLike = 1.0, dtype: Any = None
) -> Node:
    """Draws from Student's t distribution; differentiable by `loc` and `scale` by formula and by `df` implicitly, once.

    Arguments: rng, a stream; df, positive, the degrees of freedom, loc and scale, real, of shapes that broadcast to the
    draw's; shape and dtype as for `gamma`. Raises: see `gamma`. Source: `jax.random.t`, NumPy `Generator.standard_t`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.student_t(rng, 3.0, (4,)).eval().shape
    (4,)
    """
    wanted, nodes = parameters("student_t", dtype, df, loc, scale)
    degrees, mu, sigma = nodes
    require_positive("student_t", degrees)
    half = degrees * 0.5
    logs = _log_gamma("student_t", rng, shape, wanted, half, *nodes)
    z = draw(standard("normal"), "student_t", rng, shape, wanted, *nodes)
    return mu + sigma * (z * sqrt(half) * exp(logs * -0.5))


# --- Powers -----------------------------------------------------------------------------------------------------------


def _signs(what: str, rng: Stream, shape: Any, dtype: DType, *nodes: Node) -> Node:
    """Draws of -1 and 1 in a shape that `nodes` fit, in a float dtype."""
    return cast_to(draw(standard("rademacher"), what, rng, shape, INT32, *nodes, kind="int"), dtype)


def _require_power(what: str, p: Node) -> None:
    require_known(what, p, lambda p: (p > 0) & (p < math.inf), "the power is positive and finite", "give such numbers")


def generalized_normal(
    rng: Stream, p: NodeLike, shape: Any = None, loc: NodeLike = 0.0, scale: NodeLike = 1.0, dtype: Any = None
) -> Node:
    """Draws of density proportional to `exp(-abs(z)**p)`: `loc + scale * z`; differentiable by p implicitly, once.

    Arguments: rng, a stream; p, positive and finite: 1 is the Laplace distribution, 2 the normal one of variance one
    half; loc and scale; all real, of shapes that broadcast to the draw's; shape and dtype as for `gamma`.
    Raises: ArgumentError where a known p is not positive and finite, else see `gamma`.
    Source: `jax.random.generalized_normal`, SciPy `stats.gennorm`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.generalized_normal(rng, [1.0, 3.0]).eval().shape
    (2,)
    """
    what = "generalized_normal"
    wanted, nodes = parameters(what, dtype, p, loc, scale)
    power, mu, sigma = nodes
    _require_power(what, power)
    size = exp(_log_gamma(what, rng, shape, wanted, 1 / power, *nodes) / power)
    return mu + sigma * (_signs(what, rng, shape, wanted, *nodes) * size)


def ball(rng: Stream, d: int, p: NodeLike = 2.0, shape: Any = None, dtype: Any = None) -> Node:
    """Even draws from the ball of vectors whose p-norm is at most 1; differentiable by `p` implicitly, once.

    Arguments: rng, a stream; d, an int, the number of dimensions; p, positive and finite: 2 is the round ball, 1 the
    octahedron; real, of a shape that broadcasts to `shape`, the axes before the vectors', by default that of p; dtype
    as for `gamma`. Gives [*shape, d].
    Raises: ArgumentError where d is no positive int or a known p not positive and finite, else see `gamma`.
    Source: `jax.random.ball`; Barthe, Guedon, Mendelson and Naor 2005.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> bool((abs(theon.random.ball(rng, 3, 1.0, 50)).sum(-1) <= 1.0001).all().eval())
    True
    """
    wanted, (power,) = parameters("ball", dtype, p)
    with Blame("ball"):
        side = as_int(d, "the number of dimensions")
        require(side > 0, f"the number of dimensions is positive, received {side}", "give 1 or more", ArgumentError)
    _require_power("ball", power)
    sizes = shape_of(power) if shape is None else several(shape)
    each = expand_dims(power, -1)
    logs = _log_gamma("ball", rng, (*sizes, side), wanted, 1 / each, each)
    edge = draw(standard("exponential"), "ball", rng, (*sizes, 1), wanted, each)
    parts = concat([logs, log(edge)], axis=-1)
    top = stop_gradient(max(parts, axis=-1, keepdims=True))
    whole = log(sum(exp(parts - top), axis=-1, keepdims=True)) + top
    return _signs("ball", rng, (*sizes, side), wanted) * exp((logs - whole) / each)


__all__ = [
    "ball", "beta", "chisquare", "dirichlet", "f", "gamma", "generalized_normal", "invgamma", "student_t",
]  # fmt: skip
