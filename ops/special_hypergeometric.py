"""Hypergeometric functions of real arguments, and their derivatives by all of these.

All values are computed in float64. The series are summed where they converge, and carried on from there: Kummer's by
its asymptotic expansion, Gauss's by Taylor series of which each halves the distance to the singularity at 1, so that no
difference of parameters is a special case.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from ..graph.node import Node, NodeLike
from .comparison import equal, isinf, logical_and, where
from .elementwise import FLOATS, Derivative, Row, define, elementwise
from .partial import Smooth, partial
from .precise import full, in_double, no_fold

_STRIDE = 8  # terms in one turn of a loop
_LONGEST = 10_000  # terms of a series that ends


def _reciprocal_gamma(z: Any) -> Any:
    """1 / gamma(z), smooth at the poles of gamma: z is brought above 1 by at most 64 steps."""
    one = full(z, 1)

    def step(_: Any, state: Any) -> Any:
        z, factor = state
        low = lax.lt(z, one)
        return lax.select(low, z + one, z), lax.select(low, factor * z, factor)

    moved, factor = lax.fori_loop(0, 64, step, (z, one))
    return factor * lax.exp(-lax.lgamma(moved))


def _is_pole(z: Any) -> Any:
    return lax.bitwise_and(lax.le(z, full(z, 0)), lax.eq(z, lax.floor(z)))


def _ended(first: Any, below: Any) -> tuple[Any, Any]:
    """Where a series ends, its parameter 0 or a negative whole number that no lower one precedes; and after how many
    terms."""
    ends = _is_pole(first)
    ends = lax.bitwise_and(ends, lax.bitwise_not(lax.bitwise_and(_is_pole(below), lax.lt(first, below))))
    return ends, lax.select(ends, -first, full(first, 0))


def _repeated(count: Any, step: Callable[[Any, Any], Any], start: Any) -> Any:
    """`step(k, state)` for k from 0 on, as often as the largest count says."""
    most = lax.min(jnp.max(count, initial=0.0), float(_LONGEST))

    def body(turn: Any, state: Any) -> Any:
        return step(lax.full_like(count, lax.convert_element_type(turn, count.dtype)), state)

    return lax.fori_loop(0, lax.convert_element_type(most, "int32"), body, start)


def _polynomial(above: tuple[Any, ...], below: Any, count: Any, x: Any) -> Any:
    """A series of `count` terms after the 1, none of them divided by 0."""

    def step(k: Any, state: Any) -> Any:
        term, total = state
        for parameter in above:
            term = term * (parameter + k)
        inside = lax.lt(k, count)
        term = term * x / (lax.select(inside, below + k, full(x, 1)) * (k + full(x, 1)))
        return term, lax.select(inside, total + term, total)

    one = full(x, 1)
    return _repeated(count, step, (one, one))[1]


# --- Kummer's function ------------------------------------------------------------------------------------------------

_FAR = 200.0  # from here on the asymptotic expansion is exact for parameters up to 20
_LAST_EXPONENT = 709.0
_KUMMER_TERMS = 480
_FAR_TERMS = 60


def _kummer_series(a: Any, b: Any, x: Any) -> Any:
    def step(turn: Any, state: Any) -> Any:
        term, total = state
        for i in range(_STRIDE):
            k = lax.full_like(x, turn * _STRIDE + i)
            term = term * ((a + k) * x / ((b + k) * (k + full(x, 1))))
            total = total + term
        return term, total

    one = full(x, 1)
    return lax.fori_loop(0, _KUMMER_TERMS // _STRIDE, step, (one, one))[1]


def _expansion(p: Any, q: Any, t: Any) -> Any:
    """The sum of (p)_k * (q)_k / k! * t**k."""

    def step(turn: Any, state: Any) -> Any:
        term, total = state
        for i in range(_STRIDE // 2):
            k = lax.full_like(t, turn * (_STRIDE // 2) + i)
            term = term * ((p + k) * (q + k) * t / (k + full(t, 1)))
            total = total + term
        return term, total

    one = full(t, 1)
    return lax.fori_loop(0, _FAR_TERMS // (_STRIDE // 2), step, (one, one))[1]


def _kummer(a: Any, b: Any, x: Any) -> Any:
    """Left of 0 by Kummer's transformation, exp(x) times the function of b - a, b and -x."""
    left = lax.lt(x, full(x, 0))
    first, other, size = lax.select(left, b - a, a), lax.select(left, a, b - a), lax.abs(x)
    near = lax.le(size, full(x, _FAR))
    small, large = lax.select(near, size, full(x, 1)), lax.select(near, full(x, 2 * _FAR), size)
    falling = lax.select(left, small, full(x, 0))
    series = _kummer_series(first, b, small) * lax.exp(-falling)

    inverse, log = full(x, 1) / large, lax.log(large)
    zero, one = full(x, 0), full(x, 1)
    # By the root, twice, which does not overflow before its product with 0 is taken, nor before that with a slope at 0.
    half = ((first - b) * log + lax.select(left, zero, lax.min(large, full(x, 1e12)))) * full(x, 0.5)
    excess = lax.max(half - full(x, _LAST_EXPONENT), zero)
    root = lax.exp(half - lax.stop_gradient(excess))
    growth = root * (_reciprocal_gamma(first) * _expansion(one - first, other, inverse)) * root
    turn = lax.cos(full(x, math.pi) * (first - full(x, 2) * lax.floor(first * full(x, 0.5))))
    decay = lax.exp(-first * log - lax.select(left, large, zero)) * _reciprocal_gamma(other) * turn
    decay = decay * _expansion(first, first - b + one, -inverse)
    found = (growth + decay) / _reciprocal_gamma(b)
    return lax.select(near, series, found)


def _has_kummer(a: Any, b: Any, x: Any) -> Any:
    return lax.bitwise_not(_is_pole(b))


def _hyp1f1(a: Any, b: Any, x: Any) -> Any:
    pole = _is_pole(b)
    found = _kummer(a, lax.select(pole, full(b, 1), b), x)
    ends, count = _ended(a, b)
    ended = _polynomial((a,), b, lax.select(pole, count, full(x, 0)), x)
    return lax.select(pole, lax.select(ends, ended, full(x, math.inf)), found)


_KUMMER = Smooth("hyp1f1", _kummer, _has_kummer)


def _by_parameter(function: Smooth, position: int, count: int) -> Derivative:
    orders = tuple(int(i == position) for i in range(count))
    return lambda g, y, *inputs: g * partial(function, orders, *inputs)


def _unless_still(slope: Node, factor: Node) -> Node:
    """An infinite slope is nothing where its factor is 0."""
    return where(logical_and(equal(factor, 0), isinf(slope)), 0, slope)


_HYP1F1 = define(
    Row(
        "hyp1f1",
        in_double(_hyp1f1),
        no_fold,
        FLOATS,
        "same",
        (
            _by_parameter(_KUMMER, 0, 3),
            _by_parameter(_KUMMER, 1, 3),
            lambda g, y, a, b, x: g * (a / b * _unless_still(hyp1f1(a + 1, b + 1, x), a)),
        ),
    )
)


def hyp1f1(a: NodeLike, b: NodeLike, x: NodeLike, /) -> Node:
    """Kummer's confluent hypergeometric function 1F1: the sum of (a)_k / (b)_k * x**k / k!.

    Arguments: a, b and x, of shapes that broadcast; floats (ints and bools become the default float). Gives their
    promoted dtype; inf where b is 0 or a negative whole number, unless a is one too and not below it: the series ends
    first. Exact for a and b up to 20 in magnitude; digits are lost where the sum has terms of both signs: a far below 0
    with positive x, b - a far below 0 with negative x.
    Differentiable by all, any number of times.
    Raises: ShapeError where shapes do not broadcast, DTypeError for complex. Source: SciPy `hyp1f1`; NIST's 13.2.39
    and 13.7.2.

    >>> import theon
    >>> print(theon.hyp1f1(1.0, 2.0, 1.0).eval())
    1.7182819
    """
    return elementwise(_HYP1F1, a, b, x)


# --- Gauss's function -------------------------------------------------------------------------------------------------

_GAUSS_TERMS = 160
_HALVINGS = 53
_TAYLOR_TERMS = 56


def _gauss_series(a: Any, b: Any, c: Any, x: Any) -> tuple[Any, Any]:
    """The sum, and its derivative times x."""

    def step(turn: Any, state: Any) -> Any:
        term, total, slope = state
        for i in range(_STRIDE):
            k = lax.full_like(x, turn * _STRIDE + i)
            following = k + full(x, 1)
            term = term * ((a + k) * (b + k) * x / ((c + k) * following))
            total, slope = total + term, slope + following * term
        return term, total, slope

    one = full(x, 1)
    _, total, slope = lax.fori_loop(0, _GAUSS_TERMS // _STRIDE, step, (one, one, full(x, 0)))
    return total, slope


def _taylor(a: Any, b: Any, c: Any, y: Any, part: Any, value: Any, slope: Any) -> tuple[Any, Any]:
    """From 1 - y to 1 - y * (1 - part): the value there, and the derivative times the distance to 1.

    The coefficients of the series around 1 - y come from the differential equation, each from two.
    """
    x, one = full(y, 1) - y, full(y, 1)
    ahead, bent = part / x, part * part * y / x

    def step(turn: Any, state: Any) -> Any:
        last, term, total, rise = state
        for i in range(_STRIDE):
            n = lax.full_like(y, turn * _STRIDE + i)
            second = n + one
            drift = second * (n * (y + y - one) + c - (a + b + one) * x) * ahead
            following = ((n + a) * (n + b) * bent * last - drift * term) / ((second + one) * second)
            last, term = term, following
            total, rise = total + following, rise + (second + one) * following
        return last, term, total, rise

    first = part * slope
    state = lax.fori_loop(0, _TAYLOR_TERMS // _STRIDE, step, (value, first, value + first, first))
    return state[2], state[3] * (one - part) / part


def _carried_on(a: Any, b: Any, c: Any, distance: Any) -> Any:
    """The function at 1 - distance, a distance below a half, for c - a - b >= 0."""
    half = full(distance, 0.5)
    start = _gauss_series(a, b, c, half)

    def halve(state: Any) -> Any:
        y, value, slope = state
        behind = lax.lt(distance, y)
        part = lax.select(behind, lax.min(half, full(y, 1) - distance / y), half)
        moved, steeper = _taylor(a, b, c, y, part, value, slope)
        return y * half, lax.select(behind, moved, value), lax.select(behind, steeper, slope)

    def step(_: Any, state: Any) -> Any:
        return lax.cond(jnp.any(lax.lt(distance, state[0])), halve, lambda state: state, state)

    return lax.fori_loop(0, _HALVINGS, step, (half, *start))[1]


def _gauss(a: Any, b: Any, c: Any, x: Any) -> Any:
    """Left of 0 by Pfaff's transformation, which leads to numbers from 0 to 1; near 1, where the function has a pole
    there, by Euler's."""
    one, half = full(x, 1), full(x, 0.5)
    left, ordered = lax.lt(x, full(x, 0)), lax.le(a, b)
    low, high = lax.select(ordered, a, b), lax.select(ordered, b, a)
    inside = lax.select(left, one, one - x)
    distance = lax.select(left, one / (one - lax.select(left, x, full(x, 0))), inside)
    at = lax.select(left, -x * distance, x)
    second = lax.select(left, c - high, high)
    excess = c - low - second
    near = lax.le(at, half)
    turned = lax.bitwise_and(lax.lt(excess, full(x, 0)), lax.bitwise_not(near))
    low, second = lax.select(turned, c - low, low), lax.select(turned, c - second, second)
    power = lax.select(left, low, lax.select(turned, excess, full(x, 0)))
    factor = lax.exp(power * lax.log(lax.select(lax.bitwise_or(left, turned), distance, one)))
    series, _ = _gauss_series(low, second, c, lax.select(near, at, half))
    return factor * lax.select(near, series, _carried_on(low, second, c, lax.select(near, half, distance)))


def _is_within(x: Any) -> Any:
    return lax.bitwise_and(lax.lt(x, full(x, 1)), lax.gt(x, full(x, -(2.0**53))))


def _has_gauss(a: Any, b: Any, c: Any, x: Any) -> Any:
    return lax.bitwise_and(_is_within(x), lax.bitwise_not(_is_pole(c)))


def _ratio(p: Any, q: Any, count: Any) -> Any:
    """(p)_n / (q)_n, n the count."""

    def step(k: Any, found: Any) -> Any:
        inside = lax.lt(k, count)
        return lax.select(inside, found * (p + k) / lax.select(inside, q + k, full(q, 1)), found)

    return _repeated(count, step, full(p, 1))


def _hyp2f1(a: Any, b: Any, c: Any, x: Any) -> Any:
    """At 1 by Gauss's theorem; by Vandermonde's where the series ends."""
    one, infinite = full(x, 1), full(x, math.inf)
    inside = _has_gauss(a, b, c, x)
    pole, end = _is_pole(c), lax.eq(x, one)
    found = _gauss(a, b, lax.select(pole, one, c), lax.select(inside, x, full(x, 0.25)))
    excess = c - a - b
    limit = _reciprocal_gamma(c - a) * _reciprocal_gamma(c - b) / (_reciprocal_gamma(c) * _reciprocal_gamma(excess))
    limit = lax.select(lax.gt(excess, full(x, 0)), limit, infinite)
    (first, count), (second, other) = _ended(a, c), _ended(b, c)
    short = lax.bitwise_and(first, lax.bitwise_or(lax.bitwise_not(second), lax.le(count, other)))
    ends, count = lax.bitwise_or(first, second), lax.select(short, count, other)
    final = _ratio(c - lax.select(short, b, a), c, lax.select(end, count, full(x, 0)))
    ended = _polynomial((a, b), c, lax.select(pole, count, full(x, 0)), x)
    limit, rest = lax.select(ends, final, limit), lax.select(lax.eq(x, x), full(x, math.nan), x)
    found = lax.select(pole, lax.select(ends, ended, infinite), found)
    inside = lax.bitwise_or(inside, lax.bitwise_and(pole, lax.bitwise_or(_is_within(x), lax.bitwise_not(ends))))
    return lax.select(inside, found, lax.select(end, limit, rest))


_GAUSS = Smooth("hyp2f1", _gauss, _has_gauss)
_HYP2F1 = define(
    Row(
        "hyp2f1",
        in_double(_hyp2f1),
        no_fold,
        FLOATS,
        "same",
        (
            _by_parameter(_GAUSS, 0, 4),
            _by_parameter(_GAUSS, 1, 4),
            _by_parameter(_GAUSS, 2, 4),
            lambda g, y, a, b, c, x: g * (a * b / c * _unless_still(hyp2f1(a + 1, b + 1, c + 1, x), a * b)),
        ),
    )
)


def hyp2f1(a: NodeLike, b: NodeLike, c: NodeLike, x: NodeLike, /) -> Node:
    """Gauss's hypergeometric function 2F1: the sum of (a)_k * (b)_k / (c)_k * x**k / k!, and its continuation.

    Arguments: a, b, c and x, of shapes that broadcast; floats (ints and bools become the default float). Gives their
    promoted dtype: for x from -2**53 to 1, elsewhere nan; inf where c is 0 or a negative whole number, unless the
    series ends first, by a or b. Exact for parameters up to 10 in magnitude, but that digits are lost where the sum has
    terms of both signs.
    Differentiable by all, any number of times, below 1.
    Raises: ShapeError where shapes do not broadcast, DTypeError for complex. Source: SciPy `hyp2f1`; NIST's 15.8.1 and
    15.10.1.

    >>> import theon
    >>> print(theon.hyp2f1(1.0, 1.0, 2.0, 0.5).eval())
    1.3862944
    """
    return elementwise(_HYP2F1, a, b, c, x)


__all__ = ["hyp1f1", "hyp2f1"]
