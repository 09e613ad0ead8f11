"""The incomplete beta function, and its derivatives by all arguments.

Those by a and b are taken of the continued fraction, term by term, in the tail where it converges. It needs about
sqrt(min(a, b)) terms near the mean: where both are large, the tail is integrated instead, over where it has its weight.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.node import Node, NodeLike
from .arithmetic import flat
from .comparison import nothing_times
from .elementwise import FLOATS, Row, define, elementwise
from .partial import Smooth, partial
from .precise import full, in_double, log_power, no_fold
from .special_gamma import _betaln, _digamma_drop, _digamma_gap, stirling_rest
from .transcendental import log, log1p

_PAIRS = 200  # terms of the continued fraction, two by two
_LARGE = 1000.0  # where both a and b are above it, the tail is integrated
_NODES, _WEIGHTS = (np.polynomial.legendre.leggauss(40) + np.array([[1.0], [0.0]])) / 2  # from 0 to 1
_DEPTH = 40.0  # of the integral's end, as a logarithm


@jax.custom_jvp
def _smooth_betaln(a: Any, b: Any) -> Any:
    """betaln of positive numbers, whose derivative keeps its digits where one is far above the other."""
    return _betaln(a, b)


@_smooth_betaln.defjvp
def _smooth_betaln_jvp(primals: Any, tangents: Any) -> tuple[Any, Any]:
    (a, b), (da, db) = primals, tangents
    return _smooth_betaln(a, b), _digamma_gap(a, b) * da + _digamma_gap(b, a) * db


def _both_large(a: Any, b: Any) -> Any:
    return lax.gt(lax.min(a, b), full(a, _LARGE))


def beta_size(a: Any, b: Any, x: Any, log_x: Any, log_rest: Any) -> Any:
    """The logarithm of x**a * (1 - x)**b / B(a, b); where a and b are large relative to its peak, by Stirling."""
    far, least = _both_large(a, b), full(a, _LARGE)
    near = a * log_x + b * log_rest - _smooth_betaln(a, b)
    p, q = lax.select(far, a, least), lax.select(far, b, least)
    total = p + q
    off = lax.select(far, x, full(a, 0.5)) * total - p
    peak = full(a, 0.5) * (lax.log(p) + lax.log(q / total) - full(a, math.log(2 * math.pi)))
    rest = stirling_rest(total) - stirling_rest(p) - stirling_rest(q)
    bounded = lax.max(off / p, full(a, -1)), lax.max(-off / q, full(a, -1))
    return lax.select(far, p * lax.log1p(bounded[0]) + q * lax.log1p(bounded[1]) + peak + rest, near)


def _beta_integral(a: Any, b: Any, x: Any) -> Any:
    """a times the integral of (t / x)**a * ((1 - t) / (1 - x))**b / (t * (1 - t)) from 0 to x: by Gauss, Legendre."""
    one = full(a, 1)
    rest = one - x
    slope = lax.max(a / x - b / rest, full(a, 0))
    bend = a / (x * x) + b / (rest * rest)
    length = full(a, 2 * _DEPTH) / (slope + lax.sqrt(slope * slope + full(a, 2 * _DEPTH) * bend))
    length = lax.stop_gradient(lax.min(length, x))

    def add(total: Any, row: Any) -> tuple[Any, None]:
        step = length * row[0]
        height = lax.exp(a * lax.log1p(-step / x) + b * lax.log1p(step / rest))
        return total + row[1] * (height / ((x - step) * (rest + step))), None

    total, _ = lax.scan(add, full(a, 0), (_NODES.astype(a.dtype), _WEIGHTS.astype(a.dtype)))
    return a * length * total


def beta_fraction(a: Any, b: Any, x: Any) -> Any:
    """What x**a * (1 - x)**b / (a * B(a, b)) is multiplied by to give the lower tail, the mean not far below x."""
    large, half = _both_large(a, b), full(a, 0.5)
    least = full(a, _LARGE)
    far = _beta_integral(lax.select(large, a, least), lax.select(large, b, least), lax.select(large, x, half))
    return lax.select(large, far, _continued_fraction(lax.select(large, half, a), lax.select(large, half, b), x))


def _continued_fraction(a: Any, b: Any, x: Any) -> Any:
    """From its far end; each step takes two terms."""
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
    size = lax.exp(beta_size(first, second, near, log_near, log_rest)) / first
    none = lax.eq(size, full(a, 0))
    tail = lax.select(none, size, size * beta_fraction(first, second, lax.select(none, full(a, 0.5), near)))
    return lax.select(turned, one - tail, tail)


def _in_beta(a: Any, b: Any, x: Any) -> Any:
    positive = lax.bitwise_and(lax.gt(a, full(a, 0)), lax.gt(b, full(a, 0)))
    return lax.bitwise_and(positive, lax.bitwise_and(lax.gt(x, full(a, 0)), lax.lt(x, full(a, 1))))


def _betainc(a: Any, b: Any, x: Any) -> Any:
    """Where a shape is 0 or without end, or both are huge, all is at the mean."""
    zero, one, half = full(a, 0), full(a, 1), full(a, 0.5)
    held = lax.bitwise_and(lax.lt(lax.min(a, b), full(a, 1e150)), lax.lt(lax.max(a, b), full(a, math.inf)))
    inside = lax.bitwise_and(_in_beta(a, b, x), held)
    found = _beta_tail(*(lax.select(inside, v, half) for v in (a, b, x)))
    mean = one / (one + b / a)
    step = lax.select(lax.eq(x, mean), half, lax.select(lax.lt(x, mean), zero, one))
    step = lax.select(lax.eq(x, zero), zero, lax.select(lax.eq(x, one), one, step))
    known = lax.bitwise_and(lax.ge(lax.min(a, b), zero), lax.bitwise_and(lax.ge(x, zero), lax.le(x, one)))
    step = lax.select(lax.bitwise_and(known, lax.eq(mean, mean)), step, full(a, math.nan))
    return lax.select(inside, found, step)


def _at_ends(a: Any, b: Any, x: Any) -> Any:
    positive = lax.bitwise_and(lax.gt(a, full(a, 0)), lax.gt(b, full(a, 0)))
    return lax.bitwise_and(positive, lax.bitwise_or(lax.eq(x, full(a, 0)), lax.eq(x, full(a, 1))))


BETA = Smooth("betainc", _beta_tail, _in_beta, _at_ends)


def _beta_density(a: Any, b: Any, x: Any, i: Any, j: Any) -> Any:
    one = full(a, 1)
    left, right = log_power(x, lax.log(x), a - one - i), log_power(one - x, lax.log1p(-x), b - one - j)
    far = beta_size(a, b, x, full(a, 0), full(a, 0)) - log_power(x, lax.log(x), one + i)
    far = far - log_power(one - x, lax.log1p(-x), one + j)
    return lax.exp(lax.select(_both_large(a, b), far, left + right - _betaln(a, b)))


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
        in_double(_betainc),
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
    by a and b are those of the continued fraction, NIST's 8.17.22; where both are large, of the integral.

    >>> import theon
    >>> print(theon.betainc(1.0, 1.0, 0.25).eval())
    0.25
    """
    return elementwise(_BETAINC, a, b, x)


__all__ = ["betainc"]
