"""What the elementwise ops mean to mpmath, by name: those that `tests.compiler.exact` has, and the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

from tests.compiler.exact import FUNCTIONS

from .rows import Array

NAN = mpmath.mpf("nan")
# Numbers larger than this are no argument of an exponential: their exponents have too many digits of their own.
LARGE = 2e4


def _log_ndtr(x: Any) -> Any:
    return mpmath.log(mpmath.ncdf(x)) if x < 0 else mpmath.log1p(-mpmath.ncdf(-x))


def _ndtri(p: Any) -> Any:
    if not 1e-320 < p < 1:
        return NAN
    with mpmath.workdps(mpmath.mp.dps + max(0, int(-mpmath.log10(min(p, 1 - p))))):
        return mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)


def _density(x: Any) -> Any:
    return mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)


def _hazard(x: Any) -> Any:
    return _density(x) / mpmath.ncdf(x)


def _tail(order: int, x: Any) -> Any:
    """exp(x**2) times the repeated integral of erfc, with 40 digits more than are lost."""
    with mpmath.workdps(mpmath.mp.dps + 40):
        here, before = mpmath.erfc(x) * mpmath.exp(x * x), 2 / mpmath.sqrt(mpmath.pi)
        for k in range(1, order + 1):
            here, before = (before - 2 * x * here) / (2 * k), here
        return here


def _gap(a: Any, b: Any) -> Any:
    with mpmath.workdps(mpmath.mp.dps + 30):
        return mpmath.digamma(a) - mpmath.digamma(a + b)


def _pow(a: Any, b: Any) -> Any:
    if a == 0:
        return mpmath.mpf(b == 0) if b >= 0 else NAN
    if a < 0 and b != int(b):
        return NAN
    return mpmath.power(a, int(b)) if abs(b) < 1000 and b == int(b) else mpmath.power(a, b)


def _rest(function: Callable[[Any], Any], power: int, divisor: int) -> Callable[[Any], Any]:
    """A function whose terms cancel near 0 up to x**power / divisor, with as many digits more; or that term alone."""

    def exact(x: Any) -> Any:
        if x == 0:
            return x
        if mpmath.mag(x) < -2 * mpmath.mp.prec:
            return x**power / divisor
        with mpmath.workdps(mpmath.mp.dps + 5 + max(0, (1 - power) * mpmath.mag(x)) // 3):
            return function(x)

    return exact


def _hypot_excess(x: Any, y: Any) -> Any:
    length = mpmath.sqrt(x * x + y * y)
    return y * y / (length + x) if x > 0 else length - x


def _hazard_bend(x: Any) -> Any:
    """With the digits that two terms out of three lose."""
    with mpmath.workdps(mpmath.mp.dps + 10 + max(0, 2 * mpmath.mag(x))):
        hazard = _hazard(x)
        return hazard * ((x + hazard) * (x + 2 * hazard) - 1)


def _ndtr_gap(a: Any, b: Any) -> Any:
    """In the lower tail, where no two numbers near 1 are subtracted."""
    if a + b > 0:
        a, b = -b, -a
    with mpmath.workdps(mpmath.mp.dps + 30):
        return mpmath.ncdf(a) - mpmath.ncdf(b)


def _powm1(a: Any, b: Any) -> Any:
    return mpmath.expm1(b * mpmath.log(a)) if a > 0 else _pow(a, b) - 1


def _times_log(logarithm: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda x, y: x * 0 if x == 0 else x * logarithm(y)


def _larger(a: Any, b: Any) -> Any:
    return a if a > b or a != a else b


def _smaller(a: Any, b: Any) -> Any:
    return a if a < b or a != a else b


def _sign(a: Any) -> Any:
    return mpmath.sign(a)


def _rounded(a: Any) -> Any:
    return mpmath.nint(a)


EXACT_ROWS: dict[str, Callable[..., Any]] = {
    "copysign": lambda a, b: abs(a) if b >= 0 else -abs(a) if b < 0 else b,
    "cbrt": lambda a: mpmath.cbrt(a) if a >= 0 else -mpmath.cbrt(-a),
    "rsqrt": lambda a: 1 / mpmath.sqrt(a),
    "hypot": lambda a, b: mpmath.sqrt(a * a + b * b),
    "exp2": lambda a: mpmath.power(2, a),
    "log2": lambda a: mpmath.log(a) / mpmath.log(2),
    "log10": lambda a: mpmath.log10(a),
    "logaddexp": lambda a, b: _larger(a, b) + mpmath.log1p(mpmath.exp(-abs(a - b))),
    "entr": lambda a: -a * mpmath.log(a) if a != 0 else a,
    "xlogy": _times_log(mpmath.log),
    "xlog1py": _times_log(mpmath.log1p),
    "sign": _sign,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "atan2": mpmath.atan2,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "one_minus_square": lambda x: (1 - x) * (1 + x),
    "log_ndtr": _log_ndtr,
    "ndtri_slope": lambda p: 1 / _density(_ndtri(p)),
    "normal_hazard": _hazard,
    "normal_hazard_fall": lambda x: _hazard(x) * (x + _hazard(x)),
    "normal_hazard_bend": _hazard_bend,
    "erfinv": mpmath.erfinv,
    "erfcx": lambda x: _tail(0, x),
    "erfcx_fall": lambda x: 2 * _tail(1, x),
    "erfcx_fall_2": lambda x: 8 * _tail(2, x),
    "gammaln": lambda x: mpmath.re(mpmath.loggamma(x)),
    "digamma": mpmath.digamma,
    "digamma_drop": _gap,
    "trigamma_drop": lambda a, b: mpmath.polygamma(1, a) - mpmath.polygamma(1, a + b),
    "betaln": lambda a, b: mpmath.re(mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)),
    "floor": mpmath.floor,
    "ceil": mpmath.ceil,
    "trunc": lambda a: mpmath.floor(a) if a >= 0 else mpmath.ceil(a),
    "rint": _rounded,
    "floor_divide": lambda a, b: mpmath.floor(a / b),
    "remainder": lambda a, b: a - b * mpmath.floor(a / b),
    "fmod": lambda a, b: a - b * (mpmath.floor(a / b) if a / b >= 0 else mpmath.ceil(a / b)),
    "conj": lambda a: a,
    "real": lambda a: a,
    **FUNCTIONS,
    "log1mexp": lambda a: mpmath.log(-mpmath.expm1(a)) if a > -1 else mpmath.log1p(-mpmath.exp(a)),
    "ndtri": _ndtri,
    "maximum": _larger,
    "minimum": _smaller,
    "relu": lambda a: a if a > 0 or a != a else a * 0,
    "pow": _pow,
    # Rows that only rewrites and derivatives make.
    "exp_rest": _rest(lambda x: mpmath.expm1(x) - x, 2, 2),
    "log1p_rest": _rest(lambda x: x - mpmath.log1p(x), 2, 2),
    "sin_rest": _rest(lambda x: x - mpmath.sin(x), 3, 6),
    "tanh_rest": _rest(lambda x: x - mpmath.tanh(x), 3, 3),
    "versine": lambda x: 2 * mpmath.sin(x / 2) ** 2,
    "log_cosh": lambda a: mpmath.log1p(2 * mpmath.sinh(a / 2) ** 2),
    "log1p_square": lambda x: mpmath.log1p(x * x),
    "log1p_square_over": lambda x, y: mpmath.log1p(x * x / y),
    "log1p_ratio": lambda a, b: mpmath.log1p(a / b),
    "hypot_excess": _hypot_excess,
    "hypot_slope": lambda x, y: x / mpmath.hypot(x, y) if x != 0 else x,
    "sqrt_gap": lambda x, y: y / (mpmath.sqrt(x + y) + mpmath.sqrt(x)) if y != 0 else y,
    "sech": mpmath.sech,
    "over_one_plus": lambda x: x / (1 + x),
    "softsign": lambda x: x / (1 + abs(x)),
    "isru": lambda x: x / mpmath.sqrt(1 + x * x),
    "powm1": _powm1,
    "pow_slope": lambda a, b: b * _pow(a, b - 1) if b != 0 else b,
    "log_erfc": lambda x: mpmath.log1p(-mpmath.erf(x)) if x < 0.5 else mpmath.log(mpmath.erfc(x)),
    "ndtr_gap": _ndtr_gap,
}
GROWING = frozenset(
    (
        "exp", "exp2", "expm1", "sinh", "cosh", "tanh", "sigmoid", "softplus", "logaddexp", "pow", "erf", "erfc",
        "erfcx", "erfcx_fall", "erfcx_fall_2", "ndtr", "log_ndtr", "normal_hazard", "normal_hazard_fall",
        "normal_hazard_bend", "trigamma_drop", "log_cosh", "log1mexp", "gammaln", "digamma", "betaln", "digamma_drop",
        "exp_rest", "tanh_rest", "powm1", "pow_slope", "log_erfc", "ndtr_gap", "sigmoid_slope", "tanh_slope", "sech",
    )
)  # fmt: skip


def real(value: Any) -> Any:
    """A number as it is where it is real, else nan."""
    if type(value) is mpmath.mpf:
        return value
    return NAN if isinstance(value, mpmath.mpc) else mpmath.mpf(value)


def exact_row(name: str, operands: tuple[Array, ...], sizes: tuple[Array, ...]) -> Array:
    """A row of mpmath numbers, nan where there is no real one; `sizes` are the operands as floats."""
    function = EXACT_ROWS[name]
    wild = name in GROWING and any((np.abs(size) > LARGE).any() for size in sizes)
    if not wild:
        try:
            return np.asarray(np.frompyfunc(function, len(operands), 1)(*operands), object)
        except (ArithmeticError, ValueError, TypeError):
            pass

    def total(*numbers: Any) -> Any:
        if any(n != n or (wild and abs(n) > LARGE) for n in numbers):
            return NAN
        try:
            return function(*numbers)
        except (ArithmeticError, ValueError, TypeError):
            return NAN

    return np.asarray(np.frompyfunc(total, len(operands), 1)(*operands), object)


__all__ = ["EXACT_ROWS", "NAN", "exact_row", "real"]
