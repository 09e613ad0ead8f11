"""Second-order jets over mpmath: a value with its first and second derivatives, to as many digits as are set.

What has no derivative (a kink, a pole) has nan there, and infects what is computed from it, as in floats.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import mpmath
import numpy as np
from mpmath import mpf

Terms: TypeAlias = dict[int, Any]
Pairs: TypeAlias = dict[tuple[int, int], Any]

NAN = mpf("nan")
INF = mpf("inf")
HUGE = 400  # a number with a binary exponent beyond this has no exponential that a computer could hold


class Lost(Exception):
    """A quantity that is not zero came out as zero, or is out of reach: more digits are needed."""


class Jet:
    """A number and its sparse derivatives by the variables: first ones by i, second ones by i <= j."""

    __slots__ = ("first", "second", "value")

    def __init__(self, value: Any, first: Terms | None = None, second: Pairs | None = None) -> None:
        self.value = value
        self.first: Terms = first or {}
        self.second: Pairs = second or {}

    def chain(self, value: Any, slope: Any, bend: Any) -> Jet:
        """A function of this number, from its value and its first and second derivative here."""
        if not self.first:
            return Jet(value)
        first = {i: slope * g for i, g in self.first.items()}
        second = {ij: slope * h for ij, h in self.second.items()}
        if bend != 0:
            for i, a in self.first.items():
                for j, b in self.first.items():
                    if i <= j:
                        second[i, j] = second.get((i, j), 0) + bend * a * b
        return Jet(value, first, second)

    def __add__(self, other: Any) -> Jet:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = jet(other)
        return Jet(self.value + other.value, joined(self.first, other.first), joined(self.second, other.second))

    def __mul__(self, other: Any) -> Jet:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = jet(other)
        a, b = self.value, other.value
        if not other.first:
            return self.scaled(b)
        if not self.first:
            return other.scaled(a)  # type: ignore[no-any-return]
        first = joined({i: b * g for i, g in self.first.items()}, {i: a * g for i, g in other.first.items()})
        second = joined({ij: b * h for ij, h in self.second.items()}, {ij: a * h for ij, h in other.second.items()})
        for i, p in self.first.items():
            for j, q in other.first.items():
                place = (i, j) if i <= j else (j, i)
                second[place] = second.get(place, 0) + (2 * p * q if i == j else p * q)
        return Jet(a * b, first, second)

    def scaled(self, factor: Any) -> Jet:
        first = {i: factor * g for i, g in self.first.items()}
        return Jet(factor * self.value, first, {ij: factor * h for ij, h in self.second.items()})

    def __neg__(self) -> Jet:
        first = {i: -g for i, g in self.first.items()}
        return Jet(-self.value, first, {ij: -h for ij, h in self.second.items()})

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self + -jet(other)

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self * reciprocal(jet(other))

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        if isinstance(other, (int, float)) and not isinstance(other, bool):
            return power(self, mpf(other))
        return exp(jet(other) * log(self))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Any) -> Any:
        return jet(other) + -self

    def __rtruediv__(self, other: Any) -> Any:
        return jet(other) * reciprocal(self)

    def __rpow__(self, other: Any) -> Any:
        return exp(self * log(jet(other)))

    def __abs__(self) -> Any:
        return absolute(self)

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < jet(other).value)

    def __le__(self, other: Any) -> bool:
        return bool(self.value <= jet(other).value)

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > jet(other).value)

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= jet(other).value)

    def __eq__(self, other: object) -> bool:
        return bool(self.value == jet(other).value)

    __hash__ = None  # type: ignore[assignment]


def joined(a: dict[Any, Any], b: dict[Any, Any]) -> dict[Any, Any]:
    if not a or not b:
        return dict(a or b)
    total = dict(a)
    for key, term in b.items():
        total[key] = total[key] + term if key in total else term
    return total


def jet(x: Any) -> Jet:
    return x if isinstance(x, Jet) else Jet(mpf(x))


def _function(rule: Callable[[Any], tuple[Any, Any, Any]]) -> Callable[[Any], Jet]:
    """A function of jets from its value, slope and bend."""

    def function(x: Any) -> Jet:
        at = jet(x)
        if not mpmath.isfinite(at.value):
            return at.chain(NAN, NAN, NAN)
        return at.chain(*rule(at.value))

    return function


def exponential(v: Any) -> Any:
    if mpmath.mag(v) > HUGE:
        if v < 0:
            return mpf(0)
        raise Lost("exp")
    return mpmath.exp(v)


def _exp(v: Any) -> tuple[Any, Any, Any]:
    e = exponential(v)
    return e, e, e


def _expm1(v: Any) -> tuple[Any, Any, Any]:
    e = exponential(v)
    return (mpmath.expm1(v) if abs(v) < 1 else e - 1), e, e


def _log(v: Any) -> tuple[Any, Any, Any]:
    if v < 0:
        return NAN, NAN, NAN
    if v == 0:
        raise Lost("log")
    return mpmath.log(v), 1 / v, -1 / (v * v)


def _log1p(v: Any) -> tuple[Any, Any, Any]:
    if v < -1:
        return NAN, NAN, NAN
    if v == -1:
        raise Lost("log1p")
    return mpmath.log1p(v), 1 / (1 + v), -1 / ((1 + v) * (1 + v))


def _sqrt(v: Any) -> tuple[Any, Any, Any]:
    if v < 0:
        return NAN, NAN, NAN
    if v == 0:
        return v, NAN, NAN
    root = mpmath.sqrt(v)
    return root, 1 / (2 * root), -1 / (4 * root * v)


def _reciprocal(v: Any) -> tuple[Any, Any, Any]:
    if v == 0:
        raise Lost("division")
    inverse = 1 / v
    return inverse, -inverse * inverse, 2 * inverse * inverse * inverse


def _abs(v: Any) -> tuple[Any, Any, Any]:
    return abs(v), (mpmath.sign(v) if v else NAN), 0


def _tanh(v: Any) -> tuple[Any, Any, Any]:
    if mpmath.mag(v) > HUGE:
        return mpmath.sign(v), mpf(0), mpf(0)
    t, small = mpmath.tanh(v), exponential(-2 * abs(v))
    slope = 4 * small / ((1 + small) * (1 + small))
    return t, slope, -2 * t * slope


def _sigmoid(v: Any) -> tuple[Any, Any, Any]:
    small = exponential(-abs(v))
    low, high = small / (1 + small), 1 / (1 + small)
    sign = mpmath.sign(v)
    return (high if v >= 0 else low), low * high, -sign * low * high * (high - low)


def _sinh(v: Any) -> tuple[Any, Any, Any]:
    return mpmath.sinh(v), mpmath.cosh(v), mpmath.sinh(v)


def _cosh(v: Any) -> tuple[Any, Any, Any]:
    return mpmath.cosh(v), mpmath.sinh(v), mpmath.cosh(v)


def _bell(v: Any) -> Any:
    return 2 / mpmath.sqrt(mpmath.pi) * exponential(-v * v)


def _erf(v: Any) -> tuple[Any, Any, Any]:
    bell = _bell(v)
    return mpmath.erf(v), bell, -2 * v * bell


def _erfc(v: Any) -> tuple[Any, Any, Any]:
    bell = _bell(v)
    return mpmath.erfc(v), -bell, 2 * v * bell


def _lgamma(v: Any) -> tuple[Any, Any, Any]:
    if v == 0:
        return NAN, NAN, NAN
    return mpmath.re(mpmath.loggamma(v)), mpmath.digamma(v), mpmath.psi(1, v)


def _digamma(v: Any) -> tuple[Any, Any, Any]:
    if v == 0:
        return NAN, NAN, NAN
    return mpmath.digamma(v), mpmath.psi(1, v), mpmath.psi(2, v)


def _atan(v: Any) -> tuple[Any, Any, Any]:
    return mpmath.atan(v), 1 / (1 + v**2), -2 * v / (1 + v**2) ** 2


exp = _function(_exp)
expm1 = _function(_expm1)
log = _function(_log)
log1p = _function(_log1p)
sqrt = _function(_sqrt)
reciprocal = _function(_reciprocal)
absolute = _function(_abs)
tanh = _function(_tanh)
sigmoid = _function(_sigmoid)
sinh = _function(_sinh)
cosh = _function(_cosh)
sin = _function(lambda v: (mpmath.sin(v), mpmath.cos(v), -mpmath.sin(v)))
cos = _function(lambda v: (mpmath.cos(v), -mpmath.sin(v), -mpmath.cos(v)))
atan = _function(_atan)
erf = _function(_erf)
erfc = _function(_erfc)
lgamma = _function(_lgamma)
digamma = _function(_digamma)


def power(x: Jet, y: Any) -> Jet:
    """To a fixed power."""
    v = x.value
    if not mpmath.isfinite(v) or (v < 0 and not mpmath.isint(y)):
        return x.chain(NAN, NAN, NAN)
    if y == 2:
        return x.chain(v * v, 2 * v, 2)
    if v == 0:
        if y < 0:
            raise Lost("power")
        slope = mpf(1) if y == 1 else mpf(0) if y > 1 else NAN
        return x.chain(mpf(0), slope, NAN if y < 2 and y != 1 else mpf(0))
    return x.chain(v**y, y * v ** (y - 1), y * (y - 1) * v ** (y - 2))


def maximum(a: Any, b: Any) -> Jet:
    """The larger; at a tie there is no derivative."""
    one, other = jet(a), jet(b)
    if one.value == other.value and (one.first or other.first):
        return (one + other).chain(one.value, NAN, NAN)
    return one if one.value > other.value else other


def minimum(a: Any, b: Any) -> Jet:
    less: Jet = -maximum(-jet(a), -jet(b))
    return less


__all__ = ["INF", "NAN", "Jet", "Lost", "jet"]
