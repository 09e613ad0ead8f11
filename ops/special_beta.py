"""The incomplete beta function, and its derivatives by all arguments.

Those by a and b are taken of the continued fraction, term by term, in the tail where it converges.
"""

from __future__ import annotations

from typing import Any

import jax
from jax import lax

from ..graph.node import Node, NodeLike
from .arithmetic import flat
from .comparison import nothing_times
from .elementwise import FLOATS, Row, define, elementwise
from .partial import Smooth, partial
from .precise import full, in_double, log_power, no_fold
from .special_gamma import _betaln, _digamma_drop, _digamma_gap
from .transcendental import log, log1p

_PAIRS = 200  # terms of the continued fraction, two by two


@jax.custom_jvp
def _smooth_betaln(a: Any, b: Any) -> Any:
    """betaln of positive numbers, whose derivative keeps its digits where one is far above the other."""
    return _betaln(a, b)


@_smooth_betaln.defjvp
def _smooth_betaln_jvp(primals: Any, tangents: Any) -> tuple[Any, Any]:
    (a, b), (da, db) = primals, tangents
    return _smooth_betaln(a, b), _digamma_gap(a, b) * da + _digamma_gap(b, a) * db


def beta_fraction(a: Any, b: Any, x: Any) -> Any:
    """The continued fraction of the lower tail, from its far end; each step takes two terms."""
    one = full(a, 1)

    def step(k: Any, rest: Any) -> Any:
        m = lax.full_like(a, _PAIRS - 1 - k)
        twice = a + m + m
        odd = (a + m) * (a + b + m) * x / (twice * (twice + one))
        even = (m + one) * (b - m - one) * x / ((twice + one) * (twice + one + one))
        return one - odd / (one + even / rest)

    return one / lax.fori_loop(0, _PAIRS, step, one)


def _beta_tail(a: Any, b: Any, x: Any) -> Any:
    """The fraction of the tail below x, or of that above it, whichever holds the less."""
    one = full(a, 1)
    turned = lax.gt(x, (a + one) / (a + b + one + one))
    first, second = lax.select(turned, b, a), lax.select(turned, a, b)
    near = lax.select(turned, one - x, x)
    log_near = lax.select(turned, lax.log1p(-x), lax.log(x))
    log_rest = lax.select(turned, lax.log(x), lax.log1p(-x))
    size = lax.exp(first * log_near + second * log_rest - _smooth_betaln(first, second)) / first
    tail = size * beta_fraction(first, second, near)
    return lax.select(turned, one - tail, tail)


def _in_beta(a: Any, b: Any, x: Any) -> Any:
    positive = lax.bitwise_and(lax.gt(a, full(a, 0)), lax.gt(b, full(a, 0)))
    return lax.bitwise_and(positive, lax.bitwise_and(lax.gt(x, full(a, 0)), lax.lt(x, full(a, 1))))


def _at_ends(a: Any, b: Any, x: Any) -> Any:
    positive = lax.bitwise_and(lax.gt(a, full(a, 0)), lax.gt(b, full(a, 0)))
    return lax.bitwise_and(positive, lax.bitwise_or(lax.eq(x, full(a, 0)), lax.eq(x, full(a, 1))))


BETA = Smooth("betainc", _beta_tail, _in_beta, _at_ends)


def _beta_density(a: Any, b: Any, x: Any, i: Any, j: Any) -> Any:
    one = full(a, 1)
    left, right = log_power(x, lax.log(x), a - one - i), log_power(one - x, lax.log1p(-x), b - one - j)
    return lax.exp(left + right - _betaln(a, b))


def _beta_slope(g: Node, y: Node, a: Node, b: Node, x: Node, i: Node, j: Node) -> Node:
    left, right = elementwise(_BETA_DENSITY, a, b, x, i + 1, j), elementwise(_BETA_DENSITY, a, b, x, i, j + 1)
    return g * (nothing_times(a - 1 - i, left) - nothing_times(b - 1 - j, right))


# Its last two operands count how often each power has been differentiated: their quotients by x would be 0 / 0 at ends.
_BETA_DENSITY = define(
    Row(
        "beta_density",
        in_double(_beta_density),
        no_fold,
        FLOATS,
        "same",
        (
            lambda g, y, a, b, x, i, j: g * nothing_times(y, log(x) - _digamma_drop(a, b)),
            lambda g, y, a, b, x, i, j: g * nothing_times(y, log1p(-x) - _digamma_drop(b, a)),
            _beta_slope,
            flat,
            flat,
        ),
    )
)


def beta_density(a: Node, b: Node, x: Node) -> Node:
    """The density of the beta distribution."""
    return elementwise(_BETA_DENSITY, a, b, x, 0, 0)


_BETAINC = define(
    Row(
        "betainc",
        in_double(lax.betainc),
        no_fold,
        FLOATS,
        "same",
        (
            lambda g, y, a, b, x: g * partial(BETA, (1, 0, 0), a, b, x),
            lambda g, y, a, b, x: g * partial(BETA, (0, 1, 0), a, b, x),
            lambda g, y, a, b, x: g * beta_density(a, b, x),
        ),
    )
)


def betainc(a: NodeLike, b: NodeLike, x: NodeLike, /) -> Node:
    """The regularised incomplete beta function: the probability of less than x under the beta distribution of a and b.

    Arguments: a and b, positive, and x, between 0 and 1, of shapes that broadcast; floats (ints become the default
    float). Gives their promoted dtype. Differentiable by all, any number of times.
    Raises: ShapeError where shapes do not broadcast, DTypeError for complex. Source: SciPy `betainc`; the derivatives
    by a and b are those of the continued fraction, NIST's 8.17.22.

    >>> import theon
    >>> print(theon.betainc(1.0, 1.0, 0.25).eval())
    0.25
    """
    return elementwise(_BETAINC, a, b, x)


__all__ = ["betainc"]
