"""Bessel functions: the modified ones of whole order, and the spherical ones, of which sinc is the first.

An op is one derivative of one function: its own derivative is the same op, one order up, and is computed in one piece,
in float64, so that no order of differentiation subtracts rounded numbers. The exception is the scaled I: its terms
cancel far out, and derivative k has a relative error of some x**k units of the last place of float64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.errors import ArgumentError, DTypeError, Mismatch, require
from ..graph.node import Node, NodeLike, apply, complain
from ..graph.op import Op
from ..graph.types import TensorType
from .elementwise import FLOATS, Unary, unary
from .floats import real_float
from .precise import full, in_double, no_fold, polynomial

# --- Modified Bessel functions of the first kind ----------------------------------------------------------------------

_NEAR = 12.0  # up to here the power series, whose terms have one sign; beyond it the recurrence, which is stable there


def _scaled_series(order: int, x: Any) -> Any:
    """exp(-|x|) * I_order(x) by its power series, for |x| <= 12."""
    half = x * full(x, 0.5)
    factors = [1 / (math.factorial(k) * math.factorial(k + order)) for k in range(45)]
    return lax.integer_pow(half, order) * polynomial(factors, half * half) * lax.exp(-lax.abs(x))


def _scaled_orders(last: int, x: Any) -> list[Any]:
    """exp(-|x|) * I_n(x) for all n from 0 to `last`."""
    far = lax.gt(lax.abs(x), full(x, _NEAR))
    small, large = lax.select(far, full(x, 1), x), lax.select(far, x, full(x, 2 * _NEAR))
    beyond = [lax.bessel_i0e(large), lax.bessel_i1e(large)]
    for n in range(1, last):
        beyond.append(beyond[n - 1] - full(x, 2 * n) / large * beyond[n])
    return [lax.select(far, beyond[n], _scaled_series(n, small)) for n in range(last + 1)]


def _modified(order: int, scaled: bool, derivative: int, x: Any) -> Any:
    """2**k times the derivative k of I_n is the sum of binomial(k, i) * I_(n - k + 2 i); the scaled one by Leibniz."""
    orders = _scaled_orders(order + derivative, x)
    sign = lax.select(lax.lt(x, full(x, 0)), full(x, -1), full(x, 1))

    def plain(k: int) -> Any:
        terms = [orders[abs(order - k + 2 * i)] * full(x, math.comb(k, i) / 2**k) for i in range(k + 1)]
        return sum(terms[1:], terms[0])

    if not scaled:
        root = lax.exp(lax.abs(x) * full(x, 0.5))  # twice, so that it overflows where the function does
        endless = full(x, math.inf) * lax.integer_pow(sign, order + derivative)
        return lax.select(lax.eq(lax.abs(x), full(x, math.inf)), endless, plain(derivative) * root * root)
    total = plain(derivative)
    for k in range(derivative):
        factor = full(x, math.comb(derivative, k)) * lax.integer_pow(-sign, derivative - k)
        total = total + factor * plain(k)
    return total


@dataclass(frozen=True, eq=False)
class ModifiedBessel(Op):
    """A derivative of the modified Bessel function I of a whole order, or of exp(-|x|) times it."""

    own_slope = True

    order: int
    scaled: bool
    derivative: int = 0

    def infer(self, x: TensorType) -> TensorType:
        require(x.is_float, f"takes float, not {x.dtype}", "convert with .astype", DTypeError)
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        found: jax.Array = in_double(lambda wide: _modified(self.order, self.scaled, self.derivative, wide))(x)
        return found

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g * apply(ModifiedBessel(self.order, self.scaled, self.derivative + 1), x),)


def i0(x: NodeLike, /) -> Node:
    """The modified Bessel function of the first kind, of order 0.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: NumPy and SciPy `i0`.

    >>> import theon
    >>> print(theon.i0([0.0, 1.0]).eval())
    [1.        1.2660658]
    """
    return apply(ModifiedBessel(0, False), real_float("i0", x))


def i0e(x: NodeLike, /) -> Node:
    """exp(-abs(x)) * i0(x), which does not overflow.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: SciPy `i0e`.

    >>> import theon
    >>> print(theon.i0e([0.0, 1000.0]).eval())
    [1.         0.01261724]
    """
    return apply(ModifiedBessel(0, True), real_float("i0e", x))


def i1(x: NodeLike, /) -> Node:
    """The modified Bessel function of the first kind, of order 1.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: SciPy `i1`.

    >>> import theon
    >>> print(theon.i1([0.0, 1.0]).eval())
    [0.        0.5651591]
    """
    return apply(ModifiedBessel(1, False), real_float("i1", x))


def i1e(x: NodeLike, /) -> Node:
    """exp(-abs(x)) * i1(x), which does not overflow.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: SciPy `i1e`.

    >>> import theon
    >>> print(theon.i1e([0.0, 1.0]).eval())
    [0.         0.20791042]
    """
    return apply(ModifiedBessel(1, True), real_float("i1e", x))


# --- Spherical Bessel functions of the first kind ---------------------------------------------------------------------


def _double_factorial(n: int) -> int:
    return math.prod(range(n, 0, -2))


def _spherical(order: int, x: Any) -> Any:
    """Near 0 by the power series; where |x| is beyond the order upwards from sin(x) / x, which is stable there."""
    far = lax.gt(lax.abs(x), full(x, order + 2))
    small, large = lax.select(far, full(x, 1), x), lax.select(far, x, full(x, order + 3))
    factors = [(-0.5) ** k / (math.factorial(k) * _double_factorial(2 * order + 2 * k + 1)) for k in range(20 + order)]
    near = lax.integer_pow(small, order) * polynomial(factors, small * small)
    before, now = lax.cos(large) / large, lax.sin(large) / large
    for n in range(order):
        before, now = now, full(x, 2 * n + 1) / large * now - before
    beyond = lax.select(lax.is_finite(large), now, lax.select(lax.ne(large, large), large, full(x, 0)))
    return lax.select(far, beyond, near)


@dataclass(frozen=True, eq=False)
class SphericalBessel(Op):
    """The spherical Bessel function j of a whole order."""

    own_slope = True

    order: int

    def infer(self, x: TensorType) -> TensorType:
        require(x.is_float, f"takes float, not {x.dtype}", "convert with .astype", DTypeError)
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        found: jax.Array = in_double(lambda wide: _spherical(self.order, wide))(x)
        return found

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        n = self.order
        above = apply(SphericalBessel(n + 1), x)
        if n == 0:
            return (-(g * above),)
        below = apply(SphericalBessel(n - 1), x)
        return (g * (below * (n / (2 * n + 1)) - above * ((n + 1) / (2 * n + 1))),)


def spherical_jn(n: int, x: NodeLike, /) -> Node:
    """The spherical Bessel function of the first kind, of order n; order 0 is sin(x) / x.

    Arguments: n, a Python int from 0 to 20; x, floats of any shape (ints and bools become the default float). Gives x's
    dtype; computed in float64. Raises: ArgumentError for an order that is no such int, DTypeError for complex x.
    Source: SciPy `spherical_jn`.

    >>> import theon
    >>> print(theon.spherical_jn(1, [0.0, 1.0]).eval())
    [0.         0.30116868]
    """
    node = real_float("spherical_jn", x)
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 0 <= n <= 20:
        problem = Mismatch(f"the order is {n!r}", "give a Python int from 0 to 20", ArgumentError)
        raise complain(problem, "spherical_jn", node)
    return apply(SphericalBessel(int(n)), node)


def _sinc(x: Any) -> Any:
    """The sine of pi * x, of which whole turns are taken off first, so that the zeros are where they should be."""
    turned = x - full(x, 2) * lax.round(x * full(x, 0.5), lax.RoundingMethod.TO_NEAREST_EVEN)
    zero = lax.eq(x, full(x, 0))
    below = lax.select(zero, full(x, 1), x) * full(x, math.pi)
    wave = lax.sin(turned * full(x, math.pi)) / below
    endless = lax.eq(lax.abs(x), full(x, math.inf))
    return lax.select(zero, full(x, 1), lax.select(endless, full(x, 0), wave))


sinc: Unary = unary(
    "sinc",
    "sin(pi * x) / (pi * x), which is 1 at 0.",
    in_double(_sinc),
    no_fold,
    lambda g, y, x: -(g * (apply(SphericalBessel(1), x * math.pi) * math.pi)),
    example=(0.0, "1.0"),
    takes=FLOATS,
    notes="It is 0 at infinity, where NumPy gives nan.",
)


__all__ = ["i0", "i0e", "i1", "i1e", "sinc", "spherical_jn"]
