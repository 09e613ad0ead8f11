"""The draws that others are made of: normal, uniform, and bernoulli."""

from __future__ import annotations

from typing import Any

from ...graph.node import Node, NodeLike
from ...graph.types import BOOL, FLOAT32, as_dtype, promote
from ..arithmetic import add, multiply, subtract
from ..comparison import less
from ..elementwise import cast_to
from .draw import draw, parameters, require_chance, standard
from .stream import Stream


def _is(value: NodeLike, number: float) -> bool:
    return isinstance(value, (int, float)) and value == number


def normal(rng: Stream, shape: Any = None, mean: NodeLike = 0.0, std: NodeLike = 1.0, dtype: Any = None) -> Node:
    """Draws from the normal distribution; differentiable by `mean` and `std`, which are applied as `mean + std * z`.

    Arguments: rng, a stream; shape, an int or a sequence of ints and int nodes; mean and std, real, of shapes that
    broadcast to it; dtype, a float dtype, by default that of mean and std (the default float where they are numbers).
    Raises: ArgumentError where rng is no stream, ShapeError where mean or std do not fit, DTypeError.
    Source: `jax.random.normal`, NumPy `Generator.normal`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.normal(rng, (2, 3)).eval().shape
    (2, 3)
    """
    return normal_of("normal", rng, shape, mean, std, dtype)


def normal_of(what: str, rng: Stream, shape: Any, mean: NodeLike, std: NodeLike, dtype: Any) -> Node:
    """`normal`, in the name of another distribution."""
    wanted, (mu, sigma) = parameters(what, dtype, mean, std)
    z = draw(standard("normal"), what, rng, shape, wanted, mu, sigma)
    z = z if _is(std, 1.0) else multiply(sigma, z)
    return z if _is(mean, 0.0) else add(mu, z)


def uniform(rng: Stream, shape: Any = None, low: NodeLike = 0.0, high: NodeLike = 1.0, dtype: Any = None) -> Node:
    """Draws even between `low` and `high`; differentiable by both, which are applied as `low + (high - low) * u`.

    Arguments: as for `normal`; u is below 1, so `high` itself comes up by rounding alone.
    Raises: see `normal`. Source: `jax.random.uniform`, NumPy `Generator.uniform`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> bool((theon.random.uniform(rng, 100, 2.0, 3.0) >= 2.0).all().eval())
    True
    """
    wanted, (a, b) = parameters("uniform", dtype, low, high)
    u = draw(standard("uniform"), "uniform", rng, shape, wanted, a, b)
    if _is(low, 0.0):
        return u if _is(high, 1.0) else multiply(b, u)
    return add(a, multiply(subtract(b, a), u))


def bernoulli(rng: Stream, p: NodeLike = 0.5, shape: Any = None, dtype: Any = bool) -> Node:
    """Draws that are true with probability `p`; not differentiable.

    Arguments: rng, a stream; p, real, between 0 and 1; shape, by default that of p, else one that p broadcasts to;
    dtype, of the result: bool, or ones and zeros in another. Compares uniform draws of 32 bits or more with p.
    Raises: ArgumentError where a known p is no probability, else see `normal`. Source: `jax.random.bernoulli`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.bernoulli(rng, 0.5, (4,))
    <less : bool[4]>
    """
    wanted, (chance,) = parameters("bernoulli", None, p)
    require_chance("bernoulli", chance)
    fine = promote(wanted, FLOAT32)
    u = draw(standard("uniform"), "bernoulli", rng, shape, fine, chance)
    drawn = less(u, cast_to(chance, fine))
    result = as_dtype(dtype)
    return drawn if result == BOOL else cast_to(drawn, result)


__all__ = ["bernoulli", "normal", "normal_of", "uniform"]
