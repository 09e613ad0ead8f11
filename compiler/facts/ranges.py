"""Ranges: what can be said of every element of a value, and what elementwise functions make of it.

A fact is a range, whether 0 can occur, whether all elements are whole, finite, and in order. All but `finite` are of
the exact value for finite operands: `exp(x)` is positive though it may underflow. `finite` is of the number that the
program computes, whatever it is given: neither inf nor nan, so that `x * 0` is 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

INF = math.inf


@dataclass(frozen=True)
class Facts:
    """`low <= x <= high` for every element; `zero`: 0 may occur; `whole`: every element is an integer.

    `finite`: none is inf or nan; `rising`: none is less than the one before it along the last axis.
    """

    low: float = -INF
    high: float = INF
    zero: bool = True
    whole: bool = False
    finite: bool = False
    rising: bool = False

    def __post_init__(self) -> None:
        if self.low != self.low or self.high != self.high:  # a bound of infinite constants that cancelled
            object.__setattr__(self, "low", -INF)
            object.__setattr__(self, "high", INF)
        if self.zero and (self.low > 0 or self.high < 0):
            object.__setattr__(self, "zero", False)

    @property
    def single_signed(self) -> bool:
        return self.low >= 0 or self.high <= 0

    def meet(self, other: Facts) -> Facts:
        """What holds where both do."""
        return Facts(
            max(self.low, other.low),
            min(self.high, other.high),
            self.zero and other.zero,
            self.whole or other.whole,
            self.finite or other.finite,
            self.rising or other.rising,
        )

    def join(self, other: Facts) -> Facts:
        """What holds where either does."""
        return Facts(
            min(self.low, other.low),
            max(self.high, other.high),
            self.zero or other.zero,
            self.whole and other.whole,
            self.finite and other.finite,
        )


NOTHING = Facts()
STATED = {
    "positive": Facts(0, INF, zero=False),
    "nonnegative": Facts(0, INF),
    "unit": Facts(0, 1),
    "integer": Facts(whole=True),
    "finite": Facts(finite=True),
    "sorted": Facts(rising=True),
}

Forward: TypeAlias = Callable[..., Facts]


# --- Rows: the facts of a result from those of the operands -----------------------------------------------------------


def _at(function: Callable[[float], float], x: float) -> float:
    """A bound through a function; one that overflows, or lies outside the domain, is infinite."""
    try:
        return function(x)
    except OverflowError:
        return INF
    except ValueError:
        return -INF


def times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def increasing(function: Callable[[float], float], low: float = -INF, high: float = INF, **more: bool) -> Forward:
    """The row of an increasing function with values between `low` and `high`; 0 goes to 0 unless `more` says else."""

    def forward(x: Facts) -> Facts:
        bounds = max(_at(function, x.low), low), min(_at(function, x.high), high)
        return Facts(*bounds, zero=more.get("zero", x.zero))

    return forward


def between(low: float, high: float, zero: bool = True, whole: bool = False) -> Forward:
    """The row of a function of which only the range of values is said."""
    return lambda *_: Facts(low, high, zero, whole)


def _add(a: Facts, b: Facts) -> Facts:
    zero = (a.zero and b.zero) if (a.low >= 0 and b.low >= 0) or (a.high <= 0 and b.high <= 0) else True
    return Facts(a.low + b.low, a.high + b.high, zero, a.whole and b.whole)


def _negative(x: Facts) -> Facts:
    return Facts(-x.high, -x.low, x.zero, x.whole)


def _multiply(a: Facts, b: Facts) -> Facts:
    corners = [times(p, q) for p in (a.low, a.high) for q in (b.low, b.high)]
    return Facts(min(corners), max(corners), a.zero or b.zero, a.whole and b.whole)


def reciprocal(x: Facts) -> Facts:
    if not x.single_signed:
        return Facts(zero=False)
    if x.low < 0:
        return _negative(reciprocal(_negative(x)))
    return Facts(1 / x.high if x.high else INF, 1 / x.low if x.low else INF, zero=False)


def _divide(a: Facts, b: Facts) -> Facts:
    corners = _multiply(a, reciprocal(b))
    return Facts(corners.low, corners.high, a.zero)


def _abs(x: Facts) -> Facts:
    if x.low >= 0:
        return x
    if x.high <= 0:
        return _negative(x)
    return Facts(0, max(-x.low, x.high), x.zero, x.whole)


def square(x: Facts) -> Facts:
    size = _abs(x)
    return Facts(times(size.low, size.low), times(size.high, size.high), x.zero, x.whole)


def _pow(base: Facts, exponent: Facts) -> Facts:
    if base.low < 0:
        even = exponent.low == exponent.high and exponent.low % 2 == 0
        return Facts(0, INF, base.zero) if even else NOTHING
    if base.high <= 1 and exponent.low >= 0:
        return Facts(0, 1, base.zero)
    if base.low >= 1 and exponent.low >= 0:
        return Facts(1, INF)
    return Facts(0, INF, base.zero)


def _rounded(x: Facts) -> Facts:
    low, high = (math.floor(x.low) if x.low > -INF else -INF), (math.ceil(x.high) if x.high < INF else INF)
    return Facts(low, high, whole=True)


def _sign(x: Facts) -> Facts:
    return Facts(-1 if x.low < 0 else 0, 1 if x.high > 0 else 0, x.zero, whole=True)


def _larger(a: Facts, b: Facts) -> Facts:
    zero = (a.zero or b.zero) and not (a.low >= 0 and not a.zero) and not (b.low >= 0 and not b.zero)
    return Facts(max(a.low, b.low), max(a.high, b.high), zero, a.whole and b.whole)


def _smaller(a: Facts, b: Facts) -> Facts:
    return _negative(_larger(_negative(a), _negative(b)))


def _logistic(x: float) -> float:
    small = math.exp(-abs(x))  # which never overflows
    return 1 / (1 + small) if x >= 0 else small / (1 + small)


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -INF


def _log1p(x: float) -> float:
    return math.log1p(x) if x > -1 else -INF


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


ROWS: dict[str, Forward] = {
    "add": _add,
    "subtract": lambda a, b: _add(a, _negative(b)),
    "multiply": _multiply,
    "divide": _divide,
    "reciprocal": reciprocal,
    "negative": _negative,
    "abs": _abs,
    "sign": _sign,
    "square": square,
    "pow": _pow,
    "maximum": _larger,
    "minimum": _smaller,
    "relu": lambda x: _larger(x, Facts(0, 0)),
    "where": lambda c, a, b: a.join(b),
    "floor": _rounded,
    "ceil": _rounded,
    "rint": _rounded,
    "trunc": _rounded,
    "sqrt": increasing(math.sqrt, 0),
    "rsqrt": lambda x: reciprocal(ROWS["sqrt"](x)),
    "exp": increasing(math.exp, 0, zero=False),
    "exp2": increasing(lambda x: 2.0**x, 0, zero=False),
    "expm1": increasing(math.expm1, -1),
    "log": increasing(_log, zero=True),
    "log1p": increasing(_log1p),
    "softplus": increasing(_softplus, 0, zero=False),
    "sigmoid": increasing(_logistic, 0, 1, zero=False),
    "sigmoid_slope": between(0, 0.25, zero=False),
    "tanh": increasing(math.tanh, -1, 1),
    "tanh_slope": between(0, 1, zero=False),
    "atan": increasing(math.atan),
    "sinh": increasing(lambda x: math.copysign(_at(math.sinh, abs(x)), x)),
    "asinh": increasing(math.asinh),
    "erf": increasing(math.erf, -1, 1),
    "erfc": between(0, 2, zero=False),
    "ndtr": between(0, 1, zero=False),
    "log_ndtr": between(-INF, 0, zero=False),
    "cosh": between(1, INF),
    "sin": between(-1, 1),
    "cos": between(-1, 1),
    "acos": between(0, math.pi),
    "hypot": between(0, INF),
}

# Which of these are right of what is computed, too: their results are finite where the operands are; or where the
# range of the result is one that the dtype holds.
ALWAYS_FINITE = frozenset(
    ("negative", "abs", "sign", "floor", "ceil", "rint", "trunc", "maximum", "minimum", "relu", "where")
)
_TOTAL = ("exp", "exp2", "expm1", "softplus", "sigmoid", "tanh", "atan", "sinh", "asinh", "erf", "ndtr")
FINITE_IN_RANGE = frozenset(("add", "subtract", "multiply", "square", "erfc", "cosh", "sin", "cos", *_TOTAL))
# Functions that keep what is in order so, from where on.
_STEPS = ("add", "maximum", "minimum", "relu", "floor", "ceil", "rint", "trunc", "sign", "log_ndtr")
RISING = dict.fromkeys((*_STEPS, *_TOTAL), -INF) | {"sqrt": 0.0, "log": 0.0, "log1p": -1.0}


__all__ = [
    "ALWAYS_FINITE",
    "FINITE_IN_RANGE",
    "NOTHING",
    "RISING",
    "ROWS",
    "STATED",
    "Facts",
    "reciprocal",
    "square",
    "times",
]
