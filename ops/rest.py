"""Elementwise rows that only rewrites make, from formulas that users spell out: they have no public name.

Each is what is left when nearly equal terms cancel, or a logarithm of what may overflow: computed as a whole, with a
derivative of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import lax

from ..graph.node import Node, NodeLike
from ..graph.types import limits
from .arithmetic import abs
from .comparison import equal, greater, where
from .elementwise import FLOATS, Binary, Row, Unary, define, elementwise, elementwise_op
from .lengths import hypot, hypot_slope
from .powers import pow, square
from .precise import full, in_double, in_single, no_fold, polynomial
from .transcendental import expm1, log, rsqrt, sin, sqrt, tanh

HYPOT = elementwise_op("hypot")


def unary(name: str, lower: Callable[[Any], Any], derivative: Callable[[Node, Node, Node], Node | None]) -> Unary:
    op = define(Row(name, in_single(lower), no_fold, FLOATS, "same", (derivative,)))

    def function(x: NodeLike, /) -> Node:
        return elementwise(op, x)

    return function


def _quiet(derivative: Callable[..., Node]) -> Callable[..., Node]:
    """A derivative that is 0 where none is asked for, at a pole too: a choice between branches asks so."""
    return lambda g, y, a, b: where(equal(g, 0), 0, derivative(g, y, a, b))


def binary(name: str, lower: Callable[[Any, Any], Any], *derivatives: Callable[..., Node]) -> Binary:
    op = define(Row(name, in_single(lower), no_fold, FLOATS, "same", tuple(map(_quiet, derivatives))))

    def function(x1: NodeLike, x2: NodeLike, /) -> Node:
        return elementwise(op, x1, x2)

    return function


# --- Remainders of series: x less its own first terms -----------------------------------------------------------------


def _series(coefficients: Sequence[float], near: float, far: Callable[[Any], Any], power: int, step: int) -> Any:
    """x**power times a polynomial in x**step where |x| is at most `near`, and `far(x)` elsewhere."""

    def lower(x: Any) -> Any:
        inside = lax.le(lax.abs(x), full(x, near))
        small = lax.select(inside, x, full(x, 0))
        value = polynomial(coefficients, lax.integer_pow(small, step)) * lax.integer_pow(small, power)
        return lax.select(inside, value, far(x))

    return lower


_factorial = math.factorial

exp_rest = unary(
    "exp_rest",  # exp(x) - 1 - x
    _series([1 / _factorial(k + 2) for k in range(18)], 1.0, lambda x: lax.expm1(x) - x, power=2, step=1),
    lambda g, y, x: g * expm1(x),
)


def _versine(x: Any) -> Any:
    half = lax.sin(x * full(x, 0.5))
    return full(x, 2) * (half * half)


sech = unary("sech", in_double(lambda x: full(x, 1) / lax.cosh(x)), lambda g, y, x: -(g * (y * tanh(x))))
versine = unary("versine", _versine, lambda g, y, x: g * sin(x))  # 1 - cos(x)
sin_rest = unary(
    "sin_rest",  # x - sin(x)
    _series([(-1) ** k / _factorial(2 * k + 3) for k in range(10)], 1.0, lambda x: x - lax.sin(x), power=3, step=2),
    lambda g, y, x: g * versine(x),
)


def log1p_rest_value(x: Any) -> Any:
    """By t = x / (2 + x), in which log(1 + x) is 2 atanh(t), and x itself 2 t / (1 - t)."""
    inside = lax.le(lax.abs(x), full(x, 0.5))
    small = lax.select(inside, x, full(x, 0))
    t = small / (full(x, 2) + small)
    odd = polynomial([1 / (2 * k + 3) for k in range(16)], t * t)
    return lax.select(inside, t * (small - full(x, 2) * t * t * odd), x - lax.log1p(x))


# A row of its own: its derivative as a quotient's, in two terms, would cancel for large x.
over_one_plus = unary("over_one_plus", lambda x: x / (full(x, 1) + x), lambda g, y, x: g * square(1 / (1 + x)))
log1p_rest = unary("log1p_rest", log1p_rest_value, lambda g, y, x: g * over_one_plus(x))  # x - log(1 + x)

_near_tanh = _series([(2 * k + 2) / _factorial(2 * k + 3) for k in range(10)], 1.0, lax.cosh, power=3, step=2)


def _tanh_rest(x: Any) -> Any:
    """(x cosh(x) - sinh(x)) / cosh(x), of which the series above the line converges fast."""
    inside = lax.le(lax.abs(x), full(x, 1))
    small = lax.select(inside, x, full(x, 0))
    return lax.select(inside, _near_tanh(small) / lax.cosh(small), x - lax.tanh(x))


tanh_rest = unary("tanh_rest", _tanh_rest, lambda g, y, x: g * square(tanh(x)))  # x - tanh(x)


# --- Logarithms -------------------------------------------------------------------------------------------------------


def _log_cosh(x: Any) -> Any:
    """Near 0 by log1p(2 * sinh(x / 2)**2), in which nothing cancels; elsewhere |x| + log((1 + exp(-2|x|)) / 2)."""
    size = lax.abs(x)
    near = lax.sinh(lax.min(size, full(x, 1)) * full(x, 0.5))
    small = lax.log1p(near * near * full(x, 2))
    large = size + lax.log1p(lax.exp(size * full(x, -2))) - full(x, math.log(2))
    return lax.select(lax.lt(size, full(x, 1)), small, large)


log_cosh = unary("log_cosh", _log_cosh, lambda g, y, x: g * tanh(x))


def _log1p_square(x: Any) -> Any:
    """Where the square would overflow, 1 beside it has long been nothing."""
    size = lax.abs(x)
    large = lax.gt(size, full(x, 1e9))
    return lax.select(large, full(x, 2) * lax.log(size), lax.log1p(x * x))


def _log1p_square_slope(g: Node, y: Node, x: Node) -> Node:
    length = hypot(x, 1)
    return 2 * (g * (x / length * (1 / length)))


log1p_square = unary("log1p_square", _log1p_square, _log1p_square_slope)  # log(1 + x**2)


def _log1p_square_over(x: Any, y: Any) -> Any:
    """By x / sqrt(y) for positive y, so that neither the square nor the quotient overflows."""
    positive = lax.gt(y, full(y, 0))
    root = lax.sqrt(lax.select(positive, y, full(y, 1)))
    return lax.select(positive, _log1p_square(x / root), lax.log1p(x * x / y))


def _share(x: Node, y: Node) -> tuple[Node, Node]:
    """x / (x**2 + y), and x**2 / (x**2 + y)."""
    positive = greater(y, 0)
    root = sqrt(where(positive, y, 1))
    length, leg = hypot(x, root), hypot_slope(x, root)
    whole = where(positive, 1, x * x + y)
    return where(positive, leg * (1 / length), x / whole), where(positive, square(leg), x * x / whole)


log1p_square_over = binary(
    "log1p_square_over",  # log(1 + x**2 / y)
    _log1p_square_over,
    lambda g, out, x, y: 2 * (g * _share(x, y)[0]),
    lambda g, out, x, y: -(g * (1 / y) * _share(x, y)[1]),
)


def is_normal(x: Any) -> Any:
    """Whether a float is neither 0 nor so small or so large that digits or all of it are lost."""
    size = lax.abs(x)
    held = limits(x.dtype)
    return lax.bitwise_and(lax.ge(size, full(x, held.tiny)), lax.le(size, full(x, held.max)))


def _log1p_ratio(a: Any, b: Any) -> Any:
    """By two logarithms where the ratio would overflow, and 1 beside it is nothing."""
    ratio = a / b
    fits = lax.le(lax.abs(ratio), full(a, 1e30))
    cancels = lax.lt(ratio, full(a, -0.5))  # in a + b, which is exact there
    apart = lax.select(lax.lt(ratio, full(a, 0)), full(a, np.nan), lax.log(lax.abs(a)) - lax.log(lax.abs(b)))
    return lax.select(fits, lax.select(cancels, lax.log((a + b) / b), lax.log1p(ratio)), apart)


def _log1p_ratio_by_below(g: Node, y: Node, a: Node, b: Node) -> Node:
    """-a / (b * (a + b)): of the two terms where the first is small, so that nothing in its derivatives cancels."""
    large = greater(abs(a), abs(b))
    return where(large, g / (a + b) - g / b, -(g / b * (a / (a + b))))


log1p_ratio = binary(
    "log1p_ratio",  # log(1 + a / b)
    _log1p_ratio,
    lambda g, y, a, b: g / (a + b),
    _log1p_ratio_by_below,
)


# --- Roots and quotients ----------------------------------------------------------------------------------------------


def _hypot_excess(x: Any, y: Any) -> Any:
    """For positive x by the sum of both, in which nothing cancels."""
    right = lax.gt(x, full(x, 0))
    length = HYPOT.row.lower(x, y)
    total = lax.select(right, length + x, full(x, 1))
    return lax.select(right, y * (y / total), length - x)


def _hypot_excess_by_x(g: Node, out: Node, x: Node, y: Node) -> Node:
    """One less a cosine, by the sine where that is near 1."""
    cosine, sine = hypot_slope(x, y), hypot_slope(y, x)
    return -(g * where(greater(x, 0), square(sine) / (1 + abs(cosine)), 1 - cosine))


hypot_excess = binary(
    "hypot_excess",  # hypot(x, y) - x
    _hypot_excess,
    _hypot_excess_by_x,
    lambda g, out, x, y: g * hypot_slope(y, x),
)


def _sqrt_gap(x: Any, y: Any) -> Any:
    """By the sum of both roots, where that is neither 0 nor infinite."""
    after, before = lax.sqrt(x + y), lax.sqrt(x)
    total = after + before
    fine = lax.bitwise_and(lax.gt(total, full(x, 0)), lax.lt(total, full(x, np.inf)))
    return lax.select(fine, y / lax.select(fine, total, full(x, 1)), after - before)


def _sqrt_gap_by_x(g: Node, out: Node, x: Node, y: Node) -> Node:
    """A difference where the one is small beside the other; else whole, so that nothing cancels."""
    before, after = rsqrt(x), rsqrt(x + y)
    return g * 0.5 * where(greater(y, x), after - before, -(out * before * after))


sqrt_gap = binary(
    "sqrt_gap",  # sqrt(x + y) - sqrt(x)
    _sqrt_gap,
    _sqrt_gap_by_x,
    lambda g, out, x, y: g * 0.5 * rsqrt(x + y),
)


def _softsign_slope(g: Node, y: Node, x: Node) -> Node:
    share = 1 / (1 + abs(x))
    return g * square(share)


softsign = unary("softsign", lambda x: x / (full(x, 1) + lax.abs(x)), _softsign_slope)  # x / (1 + |x|)


def _isru_slope(g: Node, y: Node, x: Node) -> Node:
    share = 1 / hypot(x, 1)
    return g * (share * square(share))


isru = unary("isru", lambda x: x / HYPOT.row.lower(x, full(x, 1)), _isru_slope)  # x / sqrt(1 + x**2)


# --- Powers -----------------------------------------------------------------------------------------------------------


def _powm1(a: Any, b: Any) -> Any:
    """By the logarithm near 1, where the difference would cancel; elsewhere as it stands."""
    positive = lax.gt(a, full(a, 0))
    exponent = b * lax.log(lax.select(positive, a, full(a, 1)))
    near = lax.bitwise_and(positive, lax.lt(lax.abs(exponent), full(a, 1)))
    return lax.select(near, lax.expm1(lax.select(near, exponent, full(a, 0))), lax.pow(a, b) - full(a, 1))


def _powm1_by_base(g: Node, y: Node, a: Node, b: Node) -> Node:
    return g * elementwise(elementwise_op("pow_slope"), a, b)


def _powm1_by_exponent(g: Node, y: Node, a: Node, b: Node) -> Node:
    positive = greater(a, 0)
    return g * where(positive, pow(a, b) * log(where(positive, a, 1)), 0)


powm1 = binary("powm1", in_double(_powm1), _powm1_by_base, _powm1_by_exponent)  # a**b - 1, as Boost's powm1


__all__ = [
    "exp_rest", "hypot_excess", "is_normal", "isru", "log1p_ratio", "log1p_rest", "log1p_square", "log1p_square_over",
    "log_cosh", "over_one_plus", "powm1", "sech", "sin_rest", "softsign", "sqrt_gap", "tanh_rest", "versine",
]  # fmt: skip
