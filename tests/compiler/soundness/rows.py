"""What the elementwise ops mean to NumPy and SciPy, by name: written from the functions' definitions, without JAX."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from .rest_rows import REST_ROWS, Array, Meaning, in_double

ROOT_HALF = np.sqrt(0.5)
ROOT_TAU = np.sqrt(2 * np.pi)


def whole_division(part: int) -> Meaning:
    """Quotient or remainder; ints divided by zero give 0."""

    def meaning(a: Array, b: Array) -> Array:
        if a.dtype.kind == "f":
            return np.asarray(np.divmod(a, b)[part])
        safe = np.where(b == 0, 1, b)
        return np.asarray(np.where(b == 0, 0, np.divmod(a, safe)[part]), a.dtype)

    return meaning


def fmod(a: Array, b: Array) -> Array:
    return np.asarray(np.fmod(a, b if a.dtype.kind == "f" else np.where(b == 0, 1, b)), a.dtype)


def power(a: Array, b: Array) -> Array:
    if a.dtype.kind == "f":
        return np.asarray(np.power(a, b))
    return np.asarray([int(x) ** max(int(y), 0) for x, y in np.broadcast(a, b)], a.dtype).reshape(
        np.broadcast(a, b).shape
    )


def logarithm_of_rest(x: Array) -> Any:
    """log(1 - exp(x))."""
    return np.where(x > -0.6931, np.log(-np.expm1(x)), np.log1p(-np.exp(np.minimum(x, -0.5))))


def log_cosh(x: Array) -> Any:
    size = np.abs(x)
    small = np.sinh(np.minimum(size, 1) / 2)
    return np.where(size < 1, np.log1p(2 * small * small), size + np.log1p(np.exp(-2 * size)) - np.log(2))


def hazard(x: Array) -> Any:
    return np.sqrt(2 / np.pi) / special.erfcx(-x * ROOT_HALF)


def polygamma(order: int, x: Array) -> Any:
    """Left of 0 by reflection, for the first order only; no claim is made of others there."""
    right = special.polygamma(order, np.where(x > 0, x, 1 - x))
    if order != 1:
        return np.where(x > 0, right, np.nan)
    turn = np.pi / np.sin(np.pi * (x - np.rint(x)))
    return np.where(x > 0, right, turn * turn - right)


def erfcx_fall(x: Array) -> Any:
    """Minus the derivative of erfcx."""
    return 2 / np.sqrt(np.pi) - 2 * x * special.erfcx(x)


def erfcx_fall_2(x: Array) -> Any:
    """The second derivative of erfcx."""
    return 2 * special.erfcx(x) - 2 * x * erfcx_fall(x)


def hazard_bend(x: Array) -> Any:
    """The second derivative of the hazard."""
    excess = x + hazard(x)
    return hazard(x) * (excess * (hazard(x) + excess) - 1)


ROWS: dict[str, Meaning] = {
    **REST_ROWS,
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "floor_divide": whole_division(0),
    "remainder": whole_division(1),
    "fmod": fmod,
    "negative": np.negative,
    "abs": np.abs,
    "sign": np.sign,
    "copysign": np.copysign,
    "square": np.square,
    "pow": power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "where": np.where,
    "real": np.real,
    "conj": np.conj,
    # Roots, exponentials and logarithms.
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "cbrt": np.cbrt,
    "reciprocal": np.reciprocal,
    "hypot": np.hypot,
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "logaddexp": np.logaddexp,
    "sigmoid": special.expit,
    "relu": lambda x: np.maximum(x, x.dtype.type(0)),
    "softplus": lambda x: np.logaddexp(x, x.dtype.type(0)),
    "log1mexp": in_double(logarithm_of_rest),
    "logit": in_double(special.logit),
    "entr": in_double(special.entr),
    "xlogy": in_double(special.xlogy),
    "xlog1py": in_double(special.xlog1py),
    "log_cosh": in_double(log_cosh),
    # Angles and hyperbolic functions.
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "one_minus_square": lambda x: (1 - x) * (1 + x),
    # The error function, the normal distribution and the gamma function.
    "erf": in_double(special.erf),
    "erfc": in_double(special.erfc),
    "erfcx": in_double(special.erfcx),
    "erfinv": in_double(special.erfinv),
    "ndtr": in_double(special.ndtr),
    "log_ndtr": in_double(special.log_ndtr),
    "ndtri": in_double(special.ndtri),
    "ndtri_slope": in_double(lambda p: ROOT_TAU * np.exp(special.ndtri(p) ** 2 / 2)),
    "normal_hazard": in_double(hazard),
    "normal_hazard_fall": in_double(lambda x: hazard(x) * (x + hazard(x))),
    "normal_hazard_bend": in_double(hazard_bend),
    "erfcx_fall": in_double(erfcx_fall),
    "erfcx_fall_2": in_double(erfcx_fall_2),
    "gammaln": in_double(special.gammaln),
    "digamma": in_double(special.digamma),
    "betaln": in_double(special.betaln),
    "digamma_drop": in_double(lambda a, b: special.digamma(a) - special.digamma(a + b)),
    "trigamma_drop": in_double(lambda a, b: special.polygamma(1, a) - special.polygamma(1, a + b)),
    # Whole numbers.
    "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc,
    "rint": np.rint,
    # Comparisons and logic.
    "equal": np.equal,
    "not_equal": np.not_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "logical_not": np.logical_not,
    "isnan": np.isnan,
    "isinf": np.isinf,
    "isfinite": np.isfinite,
    "signbit": np.signbit,
    "bitwise_and": np.bitwise_and,
    "bitwise_or": np.bitwise_or,
    "bitwise_xor": np.bitwise_xor,
    "bitwise_invert": np.invert,
}

__all__ = ["ROWS", "Array", "Meaning", "polygamma"]
