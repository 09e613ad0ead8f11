"""Special functions that count: factorials, rising factorials, binomial coefficients; quotients of gamma functions.

All values are computed in float64, by the beta function where operands are positive: quotients of two large numbers
keep their digits.
"""

from __future__ import annotations

import math
from typing import Any

from jax import lax

from ..graph.node import Node, NodeLike
from .comparison import equal, greater, greater_equal, less_equal, logical_and, where
from .elementwise import FLOATS, binary, promoted, unary
from .floats import real_float
from .precise import as_scipy, full, in_double, no_fold
from .special_gamma import _betaln, _digamma_drop, _lgamma, digamma
from .special_incomplete import _gamma, _gamma_sign

factorial = as_scipy(
    unary(
        "factorial",
        "gamma(x + 1): the product of the whole numbers up to x, and what lies between.",
        in_double(lambda x: _gamma(x + full(x, 1))),
        no_fold,
        lambda g, y, x: g * (y * digamma(x + 1)),
        example=(4, "24.0"),
        takes=FLOATS,
        notes="SciPy's is 0 for all negative numbers.",
    )
)


def _whole(x: Any) -> Any:
    return lax.eq(x, lax.floor(x))


def _sign(x: Any) -> Any:
    """Of the gamma function; 1 at its poles."""
    sign = _gamma_sign(x)
    return lax.select(lax.eq(sign, sign), sign, full(x, 1))


def _rise_of_positive(z: Any, m: Any) -> Any:
    """gamma(z + m) / gamma(z) for positive numbers."""
    return lax.exp(_lgamma(m) - _betaln(z, m))


def _poch(z: Any, m: Any) -> Any:
    """With both ends right of 0, or both left of it (mirrored, for a whole m), as the rise of positive numbers."""
    end, size, one = z + m, lax.abs(m), full(z, 1)
    low = lax.min(z, end)
    right = lax.gt(low, full(z, 0))
    left = lax.bitwise_and(lax.le(lax.max(z, end), full(z, 0)), _whole(m))
    start = lax.select(right, low, lax.select(left, one - lax.max(z, end), one))
    moved = lax.bitwise_and(lax.bitwise_or(right, left), lax.gt(size, full(z, 0)))
    rise = _rise_of_positive(start, lax.select(moved, size, one))
    odd = lax.ne(lax.rem(size, full(z, 2)), full(z, 0))
    whole = lax.select(lax.lt(m, full(z, 0)), one / rise, rise) * lax.select(lax.bitwise_and(left, odd), -one, one)
    across = _sign(z) * _sign(end) * lax.exp(_lgamma(end) - _lgamma(z))
    found = lax.select(lax.bitwise_or(right, left), whole, across)
    return lax.select(lax.eq(m, full(z, 0)), one + z * full(z, 0), found)


def _digamma_rise(z: Node, m: Node) -> Node:
    """digamma(z + m) - digamma(z), taken whole where both are of positive numbers."""
    end = z + m
    up, down = logical_and(greater(m, 0), greater(z, 0)), logical_and(greater(0, m), greater(end, 0))
    start, size = where(up, z, where(down, end, 1)), where(up, m, where(down, -m, 1))
    drop = _digamma_drop(start, size)
    apart = where(equal(m, 0), 0, digamma(end) - digamma(z))
    return where(up, -drop, where(down, drop, apart))


poch = as_scipy(
    binary(
        "poch",
        "The rising factorial, gamma(x1 + x2) / gamma(x1): for whole x2 x1 * (x1 + 1) * ... * (x1 + x2 - 1).",
        in_double(_poch),
        no_fold,
        (lambda g, y, z, m: g * (y * _digamma_rise(z, m)), lambda g, y, z, m: g * (y * digamma(z + m))),
        example=(3.0, 2.0, "12.0"),
        takes=FLOATS,
        notes="Where x1 or x1 + x2 is 0 or a negative whole number the gradient is nan.",
    )
)


def _binom(n: Any, k: Any) -> Any:
    """Whole numbers of whole numbers are rounded, as long as they are exact."""
    one, rest = full(n, 1), n - k
    inside = lax.gt(lax.min(n, lax.min(k, rest)), full(n, -1))
    top, left, right = (lax.select(inside, v, one) + one for v in (n, k, rest))
    found = lax.exp(-_betaln(lax.select(inside, right, one), left)) / top
    counts = lax.bitwise_and(_whole(n), _whole(k))
    exact = lax.bitwise_and(counts, lax.lt(found, full(n, 2.0**44)))
    found = lax.select(exact, lax.round(found, lax.RoundingMethod.TO_NEAREST_EVEN), found)
    sign = _sign(n + one) * _sign(k + one) * _sign(rest + one)
    across = sign * lax.exp(_lgamma(n + one) - _lgamma(k + one) - _lgamma(rest + one))
    across = lax.select(lax.bitwise_and(lax.lt(n, full(n, 0)), _whole(n)), full(n, math.nan), across)
    return lax.select(inside, found, across)


binom = as_scipy(
    binary(
        "binom",
        "The binomial coefficient, x1 over x2, of real numbers: the inverse of (x1 + 1) * beta(x1 - x2 + 1, x2 + 1).",
        in_double(_binom),
        no_fold,
        (
            lambda g, y, n, k: g * (y * _digamma_rise(n - k + 1, k)),
            lambda g, y, n, k: g * (y * _digamma_rise(k + 1, n - 2 * k)),
        ),
        example=(5.0, 2.0, "10.0"),
        takes=FLOATS,
        notes="It is nan where x1 is a negative whole number. Where x2 or x1 - x2 is one the gradient is nan.",
    )
)


def comb(N: NodeLike, k: NodeLike, repetition: bool = False) -> Node:
    """In how many ways k things can be chosen from N, or with `repetition` taken one after another and put back.

    Arguments: N and k, floats of shapes that broadcast (ints and bools become the default float). Gives their promoted
    dtype: `binom`, but 0 where N or k is negative or k above N. Raises: see `binom`. Source: SciPy `comb`.

    >>> import theon
    >>> print(theon.comb([4, 4], [2, 5]).eval())
    [6. 0.]
    """
    population, size = (real_float("comb", n) for n in promoted("comb", N, k))
    if repetition:
        return where(equal(size, 0), where(greater_equal(population, 0), 1, 0), comb(population + size - 1, size))
    there = logical_and(logical_and(greater_equal(size, 0), less_equal(size, population)), greater_equal(population, 0))
    return where(there, binom(where(there, population, 1), where(there, size, 0)), 0)


__all__ = ["binom", "comb", "factorial", "poch"]
