"""Powers that have a logarithm as their limit: the transformations of Box and Cox, their inverses, and exprel.

All values are computed in float64: near the limit nothing cancels, in derivatives neither.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ..graph.dims import broadcast_shapes
from ..graph.node import Node, NodeLike, apply
from ..graph.op import Op
from ..graph.types import TensorType
from .axes import require_kind
from .comparison import equal, isinf, logical_and, where
from .elementwise import FLOATS, Binary, align, binary
from .floats import as_float
from .partial import Smooth, partial
from .precise import as_scipy, full, in_double, no_fold, polynomial

# --- Means of an exponential ------------------------------------------------------------------------------------------


def _exprel(order: int, x: Any) -> Any:
    """The mean of t**order * exp(x * t) over t from 0 to 1: near 0 a series of one sign, far out by the recurrence."""
    near = lax.le(lax.abs(x), full(x, order + 1))
    small, large = lax.select(near, x, full(x, 0)), lax.select(near, full(x, order + 2), x)
    count = 20 + 5 * order
    rise = polynomial([1 / (math.factorial(j) * (j + order + 1)) for j in range(count)], lax.max(small, full(x, 0)))
    fall = polynomial([1 / math.perm(order + 1 + j, j + 1) for j in range(count)], lax.max(-small, full(x, 0)))
    series = lax.select(lax.lt(small, full(x, 0)), fall * lax.exp(small), rise)

    end = lax.exp(large)
    found = lax.expm1(large) / large
    for k in range(1, order + 1):
        found = (end - full(x, k) * found) / large
    found = lax.select(lax.eq(end, full(x, math.inf)), end, found)
    return lax.select(near, series, found)


@dataclass(frozen=True, eq=False)
class Exprel(Op):
    """(exp(x) - 1) / x, or a derivative of it."""

    own_slope = True

    derivative: int = 0

    def infer(self, x: TensorType) -> TensorType:
        require_kind(x.dtype, ("float",))
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        lowered: jax.Array = in_double(lambda wide: _exprel(self.derivative, wide))(x)
        return lowered

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g * apply(Exprel(self.derivative + 1), x),)


def exprel(x: NodeLike, /) -> Node:
    """(exp(x) - 1) / x, which is 1 at 0.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype. Derivatives of any order,
    each as exact as the value. Raises: DTypeError for complex x. Source: SciPy `exprel`.

    >>> import theon
    >>> print(theon.exprel(0.0).eval())
    1.0
    """
    return apply(Exprel(), as_float(x))


# --- Box and Cox ------------------------------------------------------------------------------------------------------


def _boxcox(logarithm: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def lower(x: Any, power: Any) -> Any:
        log_x = logarithm(x)
        exponent = power * log_x
        still = lax.eq(power, full(x, 0))
        flat = lax.bitwise_or(still, lax.lt(lax.abs(exponent), full(x, 1e-17)))
        return lax.select(flat, log_x, lax.expm1(exponent) / lax.select(still, full(x, 1), power))

    return in_double(lower)


def _unless_still(factor: Node, slope: Node) -> Node:
    """The product, in which an infinite slope is nothing where its factor is 0."""
    return factor * where(logical_and(equal(factor, 0), isinf(slope)), 0, slope)


class _Pair(Op):
    """A derivative by two arguments, computed in float64."""

    own_slope = True

    def infer(self, *types: TensorType) -> TensorType:
        return TensorType(types[0].dtype, broadcast_shapes([t.shape for t in types]))


@dataclass(frozen=True, eq=False)
class PowerOfLog(_Pair):
    """z**(power - less) * log(z)**logs, of z = x or 1 + x: the derivatives of a transformation by x, and these by the
    exponent. An op of their own, as the product in the exponent is rounded in float64 only."""

    shifted: bool
    less: int = 1
    logs: int = 0

    def lower(self, x: jax.Array, power: jax.Array) -> jax.Array:
        def wide(x: Any, power: Any) -> Any:
            exponent, zero = power - full(power, self.less), full(x, 0)
            log = lax.log1p(x) if self.shifted else lax.log(x)
            found = lax.exp(lax.select(lax.eq(exponent, zero), zero, exponent * log))
            for _ in range(self.logs):
                found = lax.select(lax.eq(found, zero), zero, found * log)
            return lax.select(lax.lt(x, full(x, -self.shifted)), full(x, math.nan), found)

        lowered: jax.Array = in_double(wide)(*align((x, power)))
        return lowered

    def vjp(self, g: Node, out: Node, x: Node, power: Node) -> Sequence[Node | None]:
        steeper = PowerOfLog(self.shifted, self.less + 1, self.logs)
        slope = _unless_still(power - self.less, apply(steeper, x, power))
        if self.logs:
            slope = slope + self.logs * apply(PowerOfLog(self.shifted, self.less + 1, self.logs - 1), x, power)
        return g * slope, g * apply(PowerOfLog(self.shifted, self.less, self.logs + 1), x, power)


@dataclass(frozen=True, eq=False)
class BoxCoxByPower(_Pair):
    """A derivative of a transformation by the exponent: log(z)**(n + 1) times the mean of t**n * z**(power * t)."""

    shifted: bool
    derivative: int = 1

    def lower(self, x: jax.Array, power: jax.Array) -> jax.Array:
        def wide(x: Any, power: Any) -> Any:
            n, zero = self.derivative, full(x, 0)
            log = lax.log1p(x) if self.shifted else lax.log(x)
            edge = lax.bitwise_and(lax.eq(log, full(x, -math.inf)), lax.gt(power, zero))
            inner, outer = lax.select(edge, zero, log), lax.select(edge, power, full(x, 1))
            found = lax.integer_pow(inner, n + 1) * _exprel(n, inner * power)
            return lax.select(edge, full(x, math.factorial(n)) / lax.integer_pow(-outer, n + 1), found)

        lowered: jax.Array = in_double(wide)(*align((x, power)))
        return lowered

    def vjp(self, g: Node, out: Node, x: Node, power: Node) -> Sequence[Node | None]:
        by_x = apply(PowerOfLog(self.shifted, 1, self.derivative), x, power)
        return g * by_x, g * apply(BoxCoxByPower(self.shifted, self.derivative + 1), x, power)


def _transformation(name: str, summary: str, shifted: bool, example: tuple[Any, Any, str]) -> Binary:
    return binary(
        name,
        summary,
        _boxcox(lax.log1p if shifted else lax.log),
        no_fold,
        (
            lambda g, y, x, power: g * apply(PowerOfLog(shifted), x, power),
            lambda g, y, x, power: g * apply(BoxCoxByPower(shifted), x, power),
        ),
        example=example,
        takes=FLOATS,
    )


boxcox = as_scipy(
    _transformation(
        "boxcox",
        "(x1**x2 - 1) / x2, which is log(x1) where x2 is 0: the transformation of Box and Cox; nan for negative x1.",
        False,
        (3.0, 2.0, "4.0"),
    )
)
boxcox1p = as_scipy(
    _transformation(
        "boxcox1p",
        "((1 + x1)**x2 - 1) / x2, which is log(1 + x1) where x2 is 0; nan for x1 below -1.",
        True,
        (2.0, 2.0, "4.0"),
    )
)


# --- Their inverses ---------------------------------------------------------------------------------------------------

_MEAN = [(-1) ** k / (k + 1) for k in range(40)]  # of log1p(v) / v


def _log_inverse(y: Any, power: Any) -> Any:
    """log(1 + power * y) / power, which is y where power is 0."""
    v = power * y
    near = lax.bitwise_or(lax.lt(lax.abs(v), full(y, 0.3)), lax.eq(power, full(y, 0)))
    known = lax.bitwise_and(near, lax.eq(v, v))  # an infinite y times a power of 0 has no value
    series = y * polynomial(_MEAN, lax.select(known, v, full(y, 0)))
    outer, root = lax.select(near, full(y, 1), v), lax.select(near, full(y, 1), power)
    return lax.select(near, series, lax.log1p(outer) / root)


def _has_inverse(y: Any, power: Any) -> Any:
    return lax.gt(power * y, full(y, -1))


_LOG_INVERSE = Smooth("log_inv_boxcox", _log_inverse, _has_inverse)


@dataclass(frozen=True, eq=False)
class InverseSlope(_Pair):
    """The inverse of boxcox over (1 + power * y)**times, which are one power: their quotient may be 0 / 0."""

    times: int = 1

    def lower(self, y: jax.Array, power: jax.Array) -> jax.Array:
        def wide(y: Any, power: Any) -> Any:
            rest, zero = full(y, 1) - full(y, self.times) * power, full(y, 0)
            found = lax.exp(lax.select(lax.eq(rest, zero), zero, rest * _log_inverse(y, power)))
            return lax.select(lax.lt(power * y, full(y, -1)), full(y, math.nan), found)

        lowered: jax.Array = in_double(wide)(*align((y, power)))
        return lowered

    def vjp(self, g: Node, out: Node, y: Node, power: Node) -> Sequence[Node | None]:
        rest = 1 - self.times * power
        by_power = rest * partial(_LOG_INVERSE, (0, 1), y, power) - self.times * partial(_LOG_INVERSE, (0, 0), y, power)
        return g * _unless_still(rest, apply(InverseSlope(self.times + 1), y, power)), g * (out * by_power)


inv_boxcox = as_scipy(
    binary(
        "inv_boxcox",
        "(1 + x2 * x1)**(1 / x2), which is exp(x1) where x2 is 0: the inverse of boxcox by its first argument.",
        in_double(lambda y, power: lax.exp(_log_inverse(y, power))),
        no_fold,
        (
            lambda g, x, y, power: g * apply(InverseSlope(), y, power),
            lambda g, x, y, power: g * (x * partial(_LOG_INVERSE, (0, 1), y, power)),
        ),
        example=(4.0, 2.0, "3.0"),
        takes=FLOATS,
    )
)
inv_boxcox1p = as_scipy(
    binary(
        "inv_boxcox1p",
        "(1 + x2 * x1)**(1 / x2) - 1, which is expm1(x1) where x2 is 0: the inverse of boxcox1p by its first argument.",
        in_double(lambda y, power: lax.expm1(_log_inverse(y, power))),
        no_fold,
        (
            lambda g, x, y, power: g * apply(InverseSlope(), y, power),
            lambda g, x, y, power: g * (inv_boxcox(y, power) * partial(_LOG_INVERSE, (0, 1), y, power)),
        ),
        example=(4.0, 2.0, "2.0"),
        takes=FLOATS,
    )
)


__all__ = ["boxcox", "boxcox1p", "exprel", "inv_boxcox", "inv_boxcox1p"]
