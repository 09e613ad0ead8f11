"""Draws from a part of the normal distribution, by the inverse of its distribution function.

This works in logarithms, as both ends may lie where the distribution function underflows; in the lower tail, to which
the upper one is mirrored, so that no numbers near 1 are subtracted; and in float64.
"""

from __future__ import annotations

from typing import Any

from jax import lax

from ...graph.node import Node, NodeLike
from ..arithmetic import clip
from ..comparison import isinf, where
from ..elementwise import FLOATS, Row, define
from ..gradient import stop_gradient
from ..precise import full, in_double, no_fold, through_double
from ..special_normal import log_ndtr_value, ndtri_exp_value
from ..transcendental import exp
from .draw import draw, parameters, standard
from .stream import Stream


def _drawn(u: Any, a: Any, b: Any) -> Any:
    """The number between a and b below which the share u of the normal distribution between them lies."""
    above = lax.gt(a + b, full(a, 0))
    low, high = lax.select(above, -b, a), lax.select(above, -a, b)
    share = lax.select(above, full(u, 1) - u, u)
    below, whole = log_ndtr_value(low), log_ndtr_value(high)
    z = ndtri_exp_value(whole + lax.log(share + (full(u, 1) - share) * lax.exp(below - whole)))
    return lax.select(above, -z, z)


def _beside(z: Node, bound: Node) -> Node:
    """The density at a bound over that at z."""
    endless = isinf(bound)
    known = where(endless, 0, bound)
    return where(endless, 0, exp(0.5 * (z - known) * (z + known)))


_TRUNCATED = define(
    Row(
        "truncated_normal",
        in_double(_drawn),
        no_fold,
        FLOATS,
        "same",
        (
            lambda g, z, u, a, b: None,  # drawn, and so a function of nothing
            lambda g, z, u, a, b: g * ((1 - u) * _beside(z, a)),
            lambda g, z, u, a, b: g * (u * _beside(z, b)),
        ),
    )
)


def truncated_normal(
    rng: Stream,
    lower: NodeLike,
    upper: NodeLike,
    shape: Any = None,
    mean: NodeLike = 0.0,
    std: NodeLike = 1.0,
    dtype: Any = None,
) -> Node:
    """Draws from the part of a normal distribution between `lower` and `upper`; differentiable by every parameter.

    Arguments: rng, a stream; lower and upper, the bounds of the draws themselves, either of them infinite if need be;
    mean and std, of the whole distribution; all real, of shapes that broadcast to the draw's; shape and dtype as for
    `normal`. By the inverse of the distribution function, in logarithms: exact in both tails, however far out.
    Raises: see `normal`. Source: `jax.random.truncated_normal`, SciPy `stats.truncnorm`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> bool((theon.random.truncated_normal(rng, 1.0, 2.0, 50) >= 1.0).all().eval())
    True
    """
    wanted, nodes = parameters("truncated_normal", dtype, lower, upper, mean, std)
    low, high, mu, sigma = nodes
    u = draw(standard("open_uniform"), "truncated_normal", rng, shape, wanted, *nodes)

    def standardized(bound: Node) -> Node:
        """An infinite bound stays, and passes no derivative."""
        endless = isinf(bound)
        return where(endless, bound, (where(endless, 0, bound) - mu) / sigma)

    x = mu + sigma * through_double(_TRUNCATED, u, standardized(low), standardized(high))
    return x + stop_gradient(clip(x, low, high) - x)


__all__ = ["truncated_normal"]
