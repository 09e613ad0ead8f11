"""Values of Bessel functions of real order and argument, in float64, of which `special_bessel_op` makes an op.

Integrals are sums over evenly spaced nodes, which converge exponentially for what is smooth and falls off on both
sides (Trefethen and Weideman, The Exponentially Convergent Trapezoidal Rule, 2014); paths are chosen so that nothing
oscillates or cancels:

    K   the integral of exp(-x cosh t) cosh(v t) over t from 0 on; for small x and v Temme's series (1975)
    I   the power series; beyond a radius of 20 Schlaefli's integral, on the line through the saddle point
    Y   Temme's series up to 2; beyond it Sommerfeld's integral of order -1/2 to 1/2, on the path of steepest descent
        t = u + i gd(u), where exp(i x cosh t) = exp(i x) exp(-x sinh u tanh u); then orders upwards
    J   the power series where its terms fall; beyond the order as Y; between them from the Wronskian with Y and the
        continued fraction of two neighbours

The nodes are held still in derivatives, so that a derivative of a sum is the sum of the derivative.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
from jax import lax

from .precise import full, polynomial, repeat
from .special_bessel_whole import Pair, waves

# Taylor coefficients of 1 / gamma(1 + z) by even and by odd powers; what is left out is below 1e-17 for |z| <= 1/2.
_EVEN = (
    1.0, -0.6558780715202538811, 0.1665386113822914895, -0.009621971527876973562, -0.001165167591859065112,
    0.0001280502823881161862, -1.250493482142670657e-06, -2.056338416977607104e-07, 5.002007644469222930e-09,
    1.043426711691100510e-10, -3.696805618642205709e-12,
)  # fmt: skip
_ODD = (
    0.5772156649015328606, -0.04200263503409523553, -0.04219773455554433675, 0.007218943246663099542,
    -0.0002152416741149509728, -0.00002013485478078823866, 1.133027231981695882e-06, 6.116095104481415818e-09,
    -1.181274570487020145e-09, 7.782263439905071254e-12, 5.100370287454475979e-13,
)  # fmt: skip
_FALL = 46.0  # a sum ends where its terms are exp(-46) of the largest one
_STEPS_K, _STEPS_I, _STEPS_H = 56, 28, 26  # steps that give full precision, whatever the order and the argument
_NEAR_K, _LOW_K = 0.1, 10  # Temme's series for K: up to this argument, and to half an order beyond this one
_RADIUS_I = 20.0  # of argument and order: from here on the far ends of Schlaefli's integral are below exp(-40)


def along(function: Callable[[Any], Any], times: int) -> Callable[[Any], Any]:
    """The derivative of that order of an elementwise function."""
    for _ in range(times):
        function = _slope(function)
    return function


def _slope(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: jax.jvp(function, (x,), (full(x, 1),))[1]


def _split(order: Any) -> Pair:
    """The nearest whole number, and what is left: -1/2 to 1/2."""
    whole = lax.round(order, lax.RoundingMethod.TO_NEAREST_EVEN)
    return whole, order - whole


def is_whole(order: Any) -> Any:
    return lax.eq(order, lax.round(order, lax.RoundingMethod.TO_NEAREST_EVEN))


def parity(order: Any) -> Any:
    """1 or -1: (-1)**n for the whole number next to an order."""
    whole, _ = _split(order)
    return full(order, 1) - full(order, 2) * lax.abs(lax.rem(whole, full(order, 2)))


def turns(order: Any) -> Pair:
    """The sine and the cosine of pi * order, exact at halves of whole numbers."""
    _, rest = _split(order)
    size = lax.select(lax.lt(rest, full(rest, 0)), -rest, rest)
    sign = parity(order)
    return sign * lax.sin(rest * full(rest, math.pi)), sign * lax.sin((full(rest, 0.5) - size) * full(rest, math.pi))


def _gammas(mu: Any) -> tuple[Any, Any, Any, Any]:
    """1 / gamma(1 + mu), 1 / gamma(1 - mu), and their half sum and half difference over mu."""
    even, odd = polynomial(_EVEN, mu * mu), polynomial(_ODD, mu * mu)
    return even + mu * odd, even - mu * odd, even, -odd


def _leading(order: Any, x: Any, most: int) -> Any:
    """(x / 2)**order / gamma(order + 1), for orders from -1/2 to `most`: by a product, no large logarithm."""
    whole, mu = _split(order)
    half = x * full(x, 0.5)
    start = lax.pow(half, mu) * _gammas(mu)[0]

    def step(k: Any, product: Any) -> tuple[Any]:
        return (lax.select(lax.le(k, whole), product * half / (mu + k), product),)

    return repeat(most, step, start)[0]


def _power_series(order: Any, square: Any, terms: int) -> Any:
    """The sum of square**k / (k! * (order + 1) ... (order + k))."""

    def step(k: Any, term: Any, total: Any) -> Pair:
        term = term * square / (k * (order + k))
        return term, total + term

    one = full(order, 1)
    return repeat(terms, step, one, one)[1]


def _sinhc(x: Any) -> Any:
    """sinh(x) / x."""
    small = lax.lt(lax.abs(x), full(x, 1))
    near, far = lax.select(small, x, full(x, 0)), lax.select(small, full(x, 1), x)
    series = polynomial([1 / math.factorial(2 * k + 1) for k in range(10)], near * near)
    return lax.select(small, series, lax.sinh(far) / far)


def _temme(mu: Any, x: Any, turned: bool) -> Pair:
    """K of the orders mu and mu + 1; where `turned`, Y times -pi / 2."""
    plus, minus, even, odd = _gammas(mu)
    log = lax.log(full(x, 2) / x)
    swell = mu * log
    rise = lax.exp(swell)
    cosh = full(x, 0.5) * (rise + full(x, 1) / rise)
    f = (odd * cosh + even * _sinhc(swell) * log) / (plus * minus)
    p, q = full(x, 0.5) * rise / plus, full(x, 0.5) / (rise * minus)
    sinc = polynomial([(-1) ** k * (math.pi / 2) ** (2 * k) / math.factorial(2 * k + 1) for k in range(10)], mu * mu)
    tilt = mu * sinc * sinc * full(mu, math.pi**2 / 2 if turned else 0)
    square = x * x * full(x, -0.25 if turned else 0.25)

    def step(k: Any, f: Any, p: Any, q: Any, c: Any, total: Any, above: Any) -> tuple[Any, ...]:
        f = (k * f + p + q) / (k * k - mu * mu)
        p, q, c = p / (k - mu), q / (k + mu), c * square / k
        g = f + tilt * q
        return f, p, q, c, total + c * g, above + c * (p - k * g)

    *_, total, above = repeat(14 if turned else 7, step, f, p, q, full(x, 1), f + tilt * q, p)
    return total, above * full(x, 2) / x


# --- The modified function of the second kind -------------------------------------------------------------------------


def _upwards(order: Any, x: Any, most: int, sign: float, *pairs: Pair) -> list[Pair]:
    """Pairs of neighbours from mu to `order`: the next is 2 (order) / x times the last, plus `sign` the one before."""
    whole, mu = _split(order)
    twice = full(x, 2) / x

    def step(k: Any, *flat: Any) -> tuple[Any, ...]:
        moved = lax.le(k, whole)
        found: list[Any] = []
        for low, high in zip(flat[::2], flat[1::2], strict=True):
            above = twice * (mu + k) * high + full(x, sign) * low
            found += [lax.select(moved, high, low), lax.select(moved, above, high)]
        return tuple(found)

    flat = repeat(most, step, *(array for pair in pairs for array in pair))
    return list(zip(flat[::2], flat[1::2], strict=True))


def _k_far(order: Any, x: Any, scaled: bool) -> Any:
    """The integral, from where it rises to where it has fallen."""
    v, z = lax.stop_gradient(order), lax.stop_gradient(x)
    radius = lax.sqrt(v * v + z * z)
    middle = lax.asinh(v / z)
    fall = full(z, _FALL) / lax.max(v, full(v, 1e-3))
    back = full(z, 0.5) * (fall + lax.sqrt(fall * fall + full(z, 8) * fall))
    left = lax.max(middle - back, full(z, 0))
    right = middle + full(z, 2) * lax.asinh(lax.sqrt(full(z, _FALL / 2) / radius))
    width = (right - left) * full(z, 1 / _STEPS_K)

    def cosh_less_1(t: Any) -> Any:
        bend = lax.sinh(t * full(t, 0.5))
        return full(t, 2) * bend * bend

    top = v * middle - z * cosh_less_1(middle)
    root = lax.exp(full(x, 0.5) * (top if scaled else top - x))

    def term(k: Any) -> Any:
        t = left + k * width
        drop = -(x * cosh_less_1(t)) - top
        return lax.exp(drop + order * t) + lax.exp(drop - order * t)

    def step(k: Any, total: Any) -> tuple[Any]:
        return (total + term(k),)

    (total,) = repeat(_STEPS_K, step, full(x, 0.5) * term(full(x, 0)))
    return root * (full(x, 0.5) * total * width) * root  # twice, so that it overflows where the function does


def k_value(order: Any, x: Any, scaled: bool) -> Any:
    """K, or exp(x) times it, for 0 < x < inf and any order."""
    v = lax.select(lax.lt(order, full(order, 0)), -order, order)
    near = lax.bitwise_and(lax.le(x, full(x, _NEAR_K)), lax.lt(v, full(v, _LOW_K + 0.5)))
    low, small = lax.select(near, v, full(v, 0)), lax.select(near, x, full(x, _NEAR_K))
    ((series, _),) = _upwards(low, small, _LOW_K, 1, _temme(_split(low)[1], small, False))
    if scaled:
        series = series * lax.exp(small)
    return lax.select(near, series, _k_far(v, lax.select(near, full(x, 1), x), scaled))


# --- The modified function of the first kind --------------------------------------------------------------------------


def _i_far(order: Any, x: Any, scaled: bool) -> Any:
    """Schlaefli's integral, where x**2 + order**2 is large: its line runs through the saddle point asinh(order / x)."""
    radius = lax.sqrt(x * x + order * order)
    lift = order * order / (radius + x) if scaled else radius
    root = lax.exp(full(x, 0.5) * (lift - order * lax.asinh(order / x)))
    bound = lax.min(lax.sqrt(full(x, _FALL / 2) / lax.stop_gradient(radius)), full(x, 1))
    width = lax.asin(bound) * full(x, 2 / _STEPS_I)

    def step(k: Any, total: Any) -> tuple[Any]:
        t = k * width
        bend = lax.sin(t * full(t, 0.5))
        drop = lax.exp(-(radius * (full(t, 2) * bend * bend)))
        return (total + drop * lax.cos(order * (lax.sin(t) - t)),)

    (total,) = repeat(_STEPS_I, step, full(x, 0.5))
    return root * (total * width * full(x, 1 / math.pi)) * root  # twice, so that it overflows where the function does


def i_value(order: Any, x: Any, scaled: bool, known: float | None) -> Any:
    """I, or exp(-x) times it, for 0 < x < inf and any order; `known`: the order, where it is one for all."""
    v = lax.select(lax.lt(order, full(order, 0)), -order, order)
    near = lax.lt(x * x + v * v, full(x, _RADIUS_I**2))
    low, small = lax.select(near, v, full(v, 0)), lax.select(near, x, full(x, 1))
    series = _leading(low, small, int(_RADIUS_I)) * _power_series(low, small * small * full(x, 0.25), 36)
    if scaled:
        series = series * lax.exp(-small)
    far = _i_far(lax.select(near, full(v, 1), v), lax.select(near, full(x, _RADIUS_I), x), scaled)
    found = lax.select(near, series, far)
    if known is not None and (known >= 0 or known.is_integer()):
        return found
    sine, _ = turns(v)
    other = full(x, 2 / math.pi) * sine * k_value(v, x, scaled)
    if scaled:
        other = other * lax.exp(full(x, -2) * x)
    return lax.select(lax.lt(order, full(order, 0)), found + other, found)


# --- The functions that oscillate -------------------------------------------------------------------------------------


def _hankel(mu: Any, x: Any) -> tuple[Pair, Pair]:
    """J of the orders mu and mu + 1, and Y of them, for x above 2."""
    z = lax.stop_gradient(x)
    q = full(z, _FALL) / z
    rise = full(z, 0.5) * (q + q * q / (lax.sqrt(q * q + full(z, 4)) + full(z, 2)))  # the last cosine less 1
    width = lax.asinh(lax.sqrt(full(z, 0.5) * rise)) * full(z, 2 / _STEPS_H)

    def step(k: Any, *sums: Any) -> tuple[Any, ...]:
        u = k * width
        sinh = lax.sinh(u)
        cosh = lax.sqrt(full(u, 1) + sinh * sinh)
        height, inverse = sinh * sinh / cosh, full(u, 1) / cosh
        drop = lax.exp(-(x * height))
        # cosh(v t) of both orders, as real and imaginary parts; cosh(t) = 1 + i height, sinh(t) = tanh(u) + i sinh(u).
        grow, angle = mu * u, mu * lax.atan(sinh)
        hc, hs, c, s = lax.cosh(grow), lax.sinh(grow), lax.cos(angle), lax.sin(angle)
        real = hc * c + hs * c * sinh * inverse - hs * s * height - hc * s * sinh
        imaginary = hs * s + hc * c * height + hc * s * sinh * inverse + hs * c * sinh
        curves = ((hc * c, hs * s), (real, imaginary))
        parts = [part for c, d in curves for part in (c - inverse * d, d + inverse * c)]
        return tuple(total + drop * part for total, part in zip(sums, parts, strict=True))

    half = full(x, 0.5)
    sums = repeat(_STEPS_H, step, half, half, half, half)
    a, b, a_above, b_above = (total * width * full(x, 2 / math.pi) for total in sums)
    sine, cosine = lax.sin(x), lax.cos(x)
    turn = mu * full(mu, math.pi / 2)
    c, s = lax.cos(turn), lax.sin(turn)
    sine, cosine = sine * c - cosine * s, cosine * c + sine * s
    first = sine * a + cosine * b, sine * b_above - cosine * a_above
    second = sine * b - cosine * a, -(cosine * b_above) - sine * a_above
    return first, second


def _ratio(order: Any, x: Any, most: int) -> Any:
    """J of the next order over J of this one, where x is below the order: the continued fraction from its far end."""
    steps = 4 + math.ceil(8 * most ** (1 / 3))

    def step(k: Any, found: Any) -> tuple[Any]:
        return (full(x, 1) / (full(x, 2) * (order + full(x, steps + 1) - k) / x - found),)

    return repeat(steps, step, full(x, 0))[0]


def _starts(mu: Any, x: Any) -> tuple[Pair, Pair]:
    """J and Y of the orders mu and mu + 1; J for x above 2 alone, below which its series is taken."""
    near = lax.le(x, full(x, 2))
    y, y_above = (full(x, -2 / math.pi) * part for part in _temme(mu, lax.select(near, x, full(x, 1)), True))
    first, second = _hankel(mu, lax.select(near, full(x, 3), x))
    return first, (lax.select(near, y, second[0]), lax.select(near, y_above, second[1]))


def j_and_y(order: Any, x: Any, most: int, known: float | None) -> Pair:
    """J and Y for 0 < x < inf and orders between -most and most; `known`: the order, where it is one for all."""
    zero = full(x, 0)
    v = lax.select(lax.lt(order, zero), -order, order)
    if known is not None and known.is_integer():
        starts = waves(x)
        if known in (0, 1):
            return starts[0][int(known)], starts[1][int(known)]
    else:
        starts = _starts(_split(v)[1], x)
    (j, _), (y, y_above) = _upwards(v, x, most, -1, *starts)
    y = lax.select(lax.eq(y, y), y, full(y, -math.inf))  # inf - inf, where orders are far beyond the argument

    square = x * x * full(x, 0.25)
    falling = lax.le(square, v + full(v, 1))
    low, small = lax.select(falling, v, zero), lax.select(falling, x, full(x, 1))
    series = _leading(low, small, most) * _power_series(low, -(small * small * full(x, 0.25)), 22)
    if most > 4:  # for lower orders the series reaches beyond them
        between = lax.bitwise_and(lax.lt(x, v), lax.gt(square, v + full(v, 1)))
        at, order_at = lax.select(between, x, full(x, 5)), lax.select(between, v, full(v, 5.5))
        here, above = lax.select(between, y, full(y, -1)), lax.select(between, y_above, full(y, -2))
        j = lax.select(between, full(x, 2 / math.pi) / (at * (_ratio(order_at, at, most) * here - above)), j)
    j = lax.select(falling, series, j)
    if known is not None and known >= 0:
        return j, y
    negative = lax.lt(order, zero)
    sine, cosine = turns(v)
    bounded = lax.max(y, full(y, -1e308))  # times a sine of 0
    return lax.select(negative, cosine * j - sine * bounded, j), lax.select(negative, sine * j + cosine * bounded, y)


__all__ = ["along", "i_value", "is_whole", "j_and_y", "k_value", "parity", "turns"]
