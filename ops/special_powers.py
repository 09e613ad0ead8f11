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

from ..graph.node import Node, NodeLike, apply
from ..graph.op import Op
from ..graph.types import TensorType
from .axes import require_kind
from .comparison import equal, greater, logical_and, where
from .elementwise import FLOATS, Binary, binary
from .floats import as_float
from .partial import Smooth, partial
from .precise import as_scipy, full, in_double, no_fold, polynomial
from .transcendental import log, log1p

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


def _slope(name: str, logarithm: Callable[[Any], Any], offset: int) -> Binary:
    """(offset + x)**(power - 1): a row of its own, as the product in the exponent is rounded in float64 only."""

    def lower(x: Any, power: Any) -> Any:
        less = power - full(power, 1)
        exponent = lax.select(lax.eq(less, full(less, 0)), less, less * logarithm(x))
        return lax.select(lax.lt(x, full(x, -offset)), full(x, math.nan), lax.exp(exponent))

    return binary(
        name,
        "The derivative by x1.",
        in_double(lower),
        no_fold,
        (
            lambda g, y, x, power: g * (y * ((power - 1) / (x + offset))),
            lambda g, y, x, power: g * (y * (log1p(x) if offset else log(x))),
        ),
        example=(1.0, 1.0, ""),
        takes=FLOATS,
    )


_boxcox_slope = _slope("boxcox_slope", lax.log, 0)
_boxcox1p_slope = _slope("boxcox1p_slope", lax.log1p, 1)


def _by_power(g: Node, log_x: Node, power: Node) -> Node:
    """By the exponent: log(x)**2 times the mean of t * x**(power * t); 1 / power**2 where x is 0 and power is not."""
    edge = logical_and(equal(log_x, -math.inf), greater(power, 0))
    inner = where(edge, 0, log_x)
    outer = where(edge, power, 1)
    return g * where(edge, 1 / (outer * outer), inner * inner * apply(Exprel(1), inner * power))


boxcox = as_scipy(
    binary(
        "boxcox",
        "(x1**x2 - 1) / x2, which is log(x1) where x2 is 0: the transformation of Box and Cox; nan for negative x1.",
        _boxcox(lax.log),
        no_fold,
        (
            lambda g, y, x, power: g * _boxcox_slope(x, power),
            lambda g, y, x, power: _by_power(g, log(x), power),
        ),
        example=(3.0, 2.0, "4.0"),
        takes=FLOATS,
    )
)
boxcox1p = as_scipy(
    binary(
        "boxcox1p",
        "((1 + x1)**x2 - 1) / x2, which is log(1 + x1) where x2 is 0; nan for x1 below -1.",
        _boxcox(lax.log1p),
        no_fold,
        (
            lambda g, y, x, power: g * _boxcox1p_slope(x, power),
            lambda g, y, x, power: _by_power(g, log1p(x), power),
        ),
        example=(2.0, 2.0, "4.0"),
        takes=FLOATS,
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

inv_boxcox = as_scipy(
    binary(
        "inv_boxcox",
        "(1 + x2 * x1)**(1 / x2), which is exp(x1) where x2 is 0: the inverse of boxcox by its first argument.",
        in_double(lambda y, power: lax.exp(_log_inverse(y, power))),
        no_fold,
        (
            lambda g, x, y, power: g * (x / (1 + power * y)),
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
            lambda g, x, y, power: g * (inv_boxcox(y, power) / (1 + power * y)),
            lambda g, x, y, power: g * (inv_boxcox(y, power) * partial(_LOG_INVERSE, (0, 1), y, power)),
        ),
        example=(4.0, 2.0, "2.0"),
        takes=FLOATS,
    )
)


__all__ = ["boxcox", "boxcox1p", "exprel", "inv_boxcox", "inv_boxcox1p"]
