"""Bessel functions of orders 0 and 1: near 0 by power series, far out by polynomials in 1 / x (DLMF 10.8, 10.17)."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from jax import lax

from .bessel_tables import FALL_0, FALL_1, WAVE_P0, WAVE_P1, WAVE_Q0, WAVE_Q1
from .precise import full, polynomial, repeat

Pair: TypeAlias = tuple[Any, Any]

EULER = 0.5772156649015329


def _harmonic(k: int) -> float:
    return math.fsum(1 / i for i in range(1, k + 1))


def _near(x: Any, sign: int, terms: int) -> tuple[Pair, Pair]:
    """J, or with sign 1 I, of both orders; and what is left of -pi / 2 * Y and of K of order 0, and of Y and K of 1."""
    half = x * full(x, 0.5)
    square = half * half
    even = [sign**k / math.factorial(k) ** 2 for k in range(terms)]
    odd = [sign**k / (math.factorial(k) * math.factorial(k + 1)) for k in range(terms)]
    first = polynomial(even, square), half * polynomial(odd, square)
    log = lax.log(half) + full(x, EULER)
    rest = polynomial([c * _harmonic(k) for k, c in enumerate(even)], square)
    rest_above = polynomial([c * (_harmonic(k) + _harmonic(k + 1)) / 2 for k, c in enumerate(odd)], square)
    return first, (rest - log * first[0], log * first[1] - half * rest_above)


def waves(x: Any) -> tuple[Pair, Pair]:
    """J of orders 0 and 1, and Y of them, for 0 < x < inf."""
    near = lax.le(x, full(x, 4))
    small, large = lax.select(near, x, full(x, 1)), lax.select(near, full(x, 5), x)
    (j, j_above), (y, y_above) = _near(small, -1, 17)
    inverse = full(x, 4) / large
    t = full(x, 2) * inverse * inverse - full(x, 1)
    scale = full(x, 1) / lax.sqrt(large * full(x, math.pi))
    p, q = polynomial(WAVE_P0, t) * scale, polynomial(WAVE_Q0, t) * inverse * scale
    p_above, q_above = polynomial(WAVE_P1, t) * scale, polynomial(WAVE_Q1, t) * inverse * scale
    sine, cosine = lax.sin(large), lax.cos(large)
    total, gap = cosine + sine, sine - cosine
    first = lax.select(near, j, p * total - q * gap), lax.select(near, j_above, p_above * gap + q_above * total)
    y, y_above = full(x, -2 / math.pi) * y, full(x, 2 / math.pi) * (y_above - full(x, 1) / small)
    second = lax.select(near, y, p * gap + q * total), lax.select(near, y_above, q_above * gap - p_above * total)
    return first, second


def k_whole(order: int, x: Any, scaled: bool) -> Any:
    """K, or exp(x) times it, for 0 < x < inf; from orders 0 and 1 upwards, which is stable."""
    near = lax.le(x, full(x, 2))
    small, large = lax.select(near, x, full(x, 1)), lax.select(near, full(x, 3), x)
    _, (k, k_above) = _near(small, 1, 13)
    k_above = k_above + full(x, 1) / small
    t = full(x, 4) / large - full(x, 1)
    scale = full(x, 1) / lax.sqrt(large)
    if scaled:
        rise = lax.exp(small)
        k, k_above = k * rise, k_above * rise
    else:
        scale = scale * lax.exp(-large)
    low = lax.select(near, k, polynomial(FALL_0, t) * scale)
    high = lax.select(near, k_above, polynomial(FALL_1, t) * scale)
    if order < 2:
        return high if order else low

    def step(n: Any, before: Any, now: Any) -> Pair:
        return now, full(x, 2) / x * n * now + before

    return repeat(order - 1, step, low, high)[1]


__all__ = ["k_whole", "waves"]
