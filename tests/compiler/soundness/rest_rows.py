"""What the rows that only rewrites make mean to NumPy and SciPy, in the dtype of their operands."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from scipy import special

Array: TypeAlias = "np.ndarray[Any, Any]"
Meaning: TypeAlias = Callable[..., Any]

ROOT_HALF = np.sqrt(0.5)


def in_double(function: Meaning) -> Meaning:
    """A function whose values of narrow floats are rounded from those of wide ones."""

    def meaning(*arrays: Array) -> Array:
        return np.asarray(function(*[a.astype(np.float64) for a in arrays]), arrays[0].dtype)

    return meaning


def remainder(terms: Sequence[float], power: int, step: int, far: Meaning) -> Meaning:
    """A series from x**power on, where x is at most 1 in magnitude; elsewhere `far(x)`."""

    def meaning(x: Array) -> Any:
        small = np.where(np.abs(x) <= 1, x, 0).astype(x.dtype)
        rise, total = small**step, np.full_like(small, terms[-1])
        for term in terms[-2::-1]:
            total = total * rise + x.dtype.type(term)
        return np.where(np.abs(x) <= 1, total * small**power, far(x))

    return meaning


def _inverse_factorials(first: int, step: int, count: int) -> list[float]:
    return [1 / math.factorial(first + step * k) for k in range(count)]


_tangent_series = remainder(
    [(2 * k + 2) * f for k, f in enumerate(_inverse_factorials(3, 2, 11))], 3, 2, lambda x: x * np.cosh(x) - np.sinh(x)
)


def tanh_rest(x: Array) -> Any:
    """(x cosh(x) - sinh(x)) / cosh(x)."""
    small = np.where(np.abs(x) <= 1, x, 0).astype(x.dtype)
    return np.where(np.abs(x) <= 1, _tangent_series(small) / np.cosh(small), x - np.tanh(x))


def log1p_rest(x: Array) -> Any:
    """x - log1p(x); near 0 by log1p(x) = 2 atanh(t) with t = x / (2 + x), of which x is 2 t + t x."""
    near = np.abs(x) <= 0.5
    small = np.where(near, x, 0).astype(x.dtype)
    t = small / (2 + small)
    cubes = np.zeros_like(t)
    for k in range(16, -1, -1):
        cubes = cubes * t * t + x.dtype.type(1 / (2 * k + 3))
    return np.where(near, t * small - 2 * t * t * t * cubes, x - np.log1p(x))


def log1p_square(x: Array) -> Any:
    size = np.abs(x)
    return np.where(size > 1e9, 2 * np.log(size), np.log1p(np.minimum(size, x.dtype.type(1e9)) ** 2))


def log1p_square_over(x: Array, y: Array) -> Any:
    """log(1 + x**2 / y)."""
    return np.where(y > 0, log1p_square(x / np.sqrt(np.where(y > 0, y, 1).astype(y.dtype))), np.log1p(x * x / y))


def log1p_ratio(a: Array, b: Array) -> Any:
    """log(1 + a / b), by two logarithms where the quotient is huge."""
    ratio = a / b
    apart = np.log(np.abs(a)) - np.log(np.abs(b))
    near = np.where(ratio < -0.5, np.log((a + b) / b), np.log1p(ratio))
    return np.where(np.abs(ratio) <= 1e30, near, np.where(ratio < 0, np.nan, apart))


def hypot_excess(x: Array, y: Array) -> Any:
    length = np.hypot(x, y)
    total = np.where(x > 0, length + x, 1).astype(x.dtype)
    return np.where(x > 0, y * (y / total), length - x)


def sqrt_gap(x: Array, y: Array) -> Any:
    after, before = np.sqrt(x + y), np.sqrt(x)
    total = after + before
    fine = (total > 0) & (total < np.inf)
    return np.where(fine, y / np.where(fine, total, 1).astype(x.dtype), after - before)


def powm1(a: Array, b: Array) -> Any:
    exponent = b * np.log(np.where(a > 0, a, 1))
    near = (a > 0) & (np.abs(exponent) < 1)
    return np.where(near, np.expm1(np.where(near, exponent, 0)), np.power(a, b) - 1)


def pow_slope(a: Array, b: Array) -> Any:
    return np.where(b == 0, 0, b * np.power(np.where(b == 0, 1, a), b - 1))


def log_erfc(x: Array) -> Any:
    near, tail = np.abs(x) < 0.5, np.maximum(x, 1)
    far = np.log(special.erfcx(tail)) - tail * tail
    small = np.log1p(-special.erf(np.where(near, x, 0)))
    return np.where(near, small, np.where(x > 1, far, np.log(special.erfc(np.minimum(x, 1)))))


def ndtr_gap(x: Array, y: Array) -> Any:
    """Between points of the lower tail, to which those of the upper one are mirrored."""
    upper = x + y > 0
    a, b = np.where(upper, -y, x), np.where(upper, -x, y)
    return (special.erfc(-a * ROOT_HALF) - special.erfc(-b * ROOT_HALF)) / 2


REST_ROWS: dict[str, Meaning] = {
    "exp_rest": remainder(_inverse_factorials(2, 1, 19), 2, 1, lambda x: np.expm1(x) - x),
    "sin_rest": remainder(
        [(-1) ** k * f for k, f in enumerate(_inverse_factorials(3, 2, 11))], 3, 2, lambda x: x - np.sin(x)
    ),
    "tanh_rest": tanh_rest,
    "log1p_rest": log1p_rest,
    "versine": lambda x: 2 * np.sin(x / 2) ** 2,
    "log1p_square": log1p_square,
    "log1p_square_over": log1p_square_over,
    "log1p_ratio": log1p_ratio,
    "hypot_excess": hypot_excess,
    "hypot_slope": lambda x, y: x / np.where(np.hypot(x, y) == 0, 1, np.hypot(x, y)).astype(x.dtype),
    "sqrt_gap": sqrt_gap,
    "over_one_plus": lambda x: x / (1 + x),
    "sech": in_double(lambda x: 1 / np.cosh(x)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "isru": lambda x: x / np.hypot(x, x.dtype.type(1)),
    "powm1": in_double(powm1),
    "pow_slope": in_double(pow_slope),
    "log_erfc": in_double(log_erfc),
    "ndtr_gap": in_double(ndtr_gap),
    "sigmoid_slope": lambda y, x: y * special.expit(-x),
    "tanh_slope": lambda x: (1 / np.cosh(x)) ** 2,
}

__all__ = ["REST_ROWS", "Array", "Meaning", "in_double"]
