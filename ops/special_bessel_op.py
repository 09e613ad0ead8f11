"""The op of the Bessel functions of real order: J, Y, I and K, and the last two scaled.

One op is one derivative of one function, by its order and by its argument. A derivative by the argument is a sum of
neighbouring orders, taken in float64 inside the op, so that no order of differentiation subtracts rounded numbers; one
by the order is that of the sums and recurrences that compute the function. The exception is the scaled I: its terms
cancel far out, and derivative k has a relative error of some x**k units of the last place of float64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
from jax import lax

from ..graph.dims import broadcast_shapes
from ..graph.errors import DTypeError, require
from ..graph.node import Node, apply
from ..graph.op import Op
from ..graph.types import TensorType
from .elementwise import align
from .precise import full, in_double
from .special_bessel_values import along, i_value, is_whole, j_and_y, k_value, parity, turns
from .special_bessel_whole import k_whole

LAST = 100  # the last order of what oscillates: its recurrences have that many steps
NAMES = {"j": "jv", "y": "yv", "i": "iv", "ie": "ive", "k": "kv", "ke": "kve"}


# --- Values on the whole line -----------------------------------------------------------------------------------------


def _ends(kind: str, order: Any, x: Any) -> Any:
    """The value at 0, at infinity and at nan."""
    zero, inf = full(x, 0), full(x, math.inf)
    if kind in ("k", "ke"):
        origin = inf
    elif kind == "y":
        _, cosine = turns(order)
        origin = lax.select(lax.eq(cosine, zero), zero, lax.sign(cosine) * -inf)
        origin = lax.select(lax.lt(order, zero), origin, -inf)
    else:
        nothing = lax.bitwise_or(lax.gt(order, zero), is_whole(order))
        endless = parity(lax.ceil(order)) * inf  # of the sign of 1 / gamma(order + 1)
        origin = lax.select(lax.eq(order, zero), full(x, 1), lax.select(nothing, zero, endless))
    found = lax.select(lax.eq(x, zero), origin, inf if kind == "i" else zero)
    return lax.select(lax.ne(x, x), x, found)


def _value(kind: str, order: Any, x: Any, most: int, known: float | None) -> Any:
    """One function at any numbers; nan for orders beyond `most`. `known`: the order, where it is one for all."""
    size = lax.abs(x)
    inside = lax.bitwise_and(lax.gt(size, full(x, 0)), lax.lt(size, full(x, math.inf)))
    there = lax.le(lax.abs(order), full(x, most if kind in ("j", "y") else 1e300))
    at, v = lax.select(inside, size, full(x, 1)), lax.select(there, order, full(x, 0))
    whole = known is not None and known.is_integer()
    if kind in ("j", "y"):
        found = j_and_y(v, at, most, known)[kind == "y"]
    elif kind in ("i", "ie"):
        found = i_value(v, at, kind == "ie", known)
    elif known is not None and whole and known <= LAST:
        found = k_whole(int(known), at, kind == "ke")
    else:
        found = k_value(v, at, kind == "ke")
    found = lax.select(inside, found, _ends(kind, v, size))
    mirrored = full(x, math.nan)
    if kind in ("j", "i", "ie"):
        mirrored = parity(v) * found if whole else lax.select(is_whole(v), parity(v) * found, mirrored)
    found = lax.select(lax.lt(x, full(x, 0)), mirrored, found)
    return lax.select(there, found, full(x, math.nan))


def _scaled_k(order: Any, x: Any, derivative: int) -> Any:
    """A derivative of exp(x) * K: by the integral, in which no terms cancel."""
    inside = lax.bitwise_and(lax.gt(x, full(x, 0)), lax.lt(x, full(x, math.inf)))
    found = along(lambda z: k_value(order, z, True), derivative)(lax.select(inside, x, full(x, 1)))
    origin = lax.select(lax.eq(x, full(x, 0)), full(x, (-1) ** derivative * math.inf), full(x, math.nan))
    return lax.select(inside, found, lax.select(lax.eq(x, full(x, math.inf)), full(x, 0), origin))


# --- Derivatives by the argument --------------------------------------------------------------------------------------


def _neighbours(kind: str, derivative: int) -> list[tuple[int, float, int]]:
    """The steps of order in a derivative, with their factors, and with the powers of -sign(x) in these."""
    if kind == "ie":
        return [
            (step, factor * math.comb(derivative, k), derivative - k)
            for k in range(derivative + 1)
            for step, factor, _ in _neighbours("i", k)
        ]
    up = -1 if kind in ("j", "y") else 1
    scale = (-1 if kind == "k" else 1) ** derivative / 2**derivative
    return [(2 * i - derivative, scale * math.comb(derivative, i) * up**i, 0) for i in range(derivative + 1)]


def _joined(kind: str, order: float, derivative: int) -> dict[tuple[float, int], float]:
    """The same for one known order, orders and even powers of the sign joined: n and -n are one where n is whole."""
    joined: dict[tuple[float, int], float] = {}
    for step, factor, power in _neighbours(kind, derivative):
        at = order + step
        if at < 0 and (at.is_integer() or kind in ("k", "ke")):
            factor *= (-1) ** int(at) if kind in ("j", "y") else 1
            at = -at
        joined[at, power % 2] = joined.get((at, power % 2), 0.0) + factor
    return {key: factor for key, factor in joined.items() if factor}


def _total(x: Any, terms: list[tuple[Any, Any]]) -> Any:
    """The sum of the values of orders; at 0, where infinite ones may be of both signs, that of the largest order."""
    values = [value for _, value in terms]
    total = sum(values[1:], values[0])
    if len(terms) == 1:
        return total
    leading, last = full(x, math.nan), full(x, -1)
    for order, value in terms:
        size = lax.abs(lax.stop_gradient(order))
        leads = lax.bitwise_and(lax.eq(lax.abs(value), full(x, math.inf)), lax.gt(size, last))
        leading, last = lax.select(leads, value, leading), lax.select(leads, size, last)
    clash = lax.bitwise_and(lax.eq(x, full(x, 0)), lax.ne(total, total))
    return lax.select(clash, leading, total)


def _turned(x: Any, value: Any, factor: float, power: int) -> Any:
    scaled = value * full(x, factor)
    return scaled * -lax.sign(x) if power % 2 else scaled


@dataclass(frozen=True, eq=False)
class Bessel(Op):
    """A derivative of a Bessel function: of one known order and of x, or where `order` is None of an order and of x."""

    own_slope = True

    kind: str
    order: float | None
    by_order: int = 0
    derivative: int = 0

    @property
    def name(self) -> str:
        return NAMES[self.kind]

    def infer(self, *types: TensorType) -> TensorType:
        dtype = types[-1].dtype
        require(types[-1].is_float, f"takes float, not {dtype}", "convert with .astype", DTypeError)
        require(types[0].dtype == dtype, f"mixes {types[0].dtype} and {dtype}", "cast one with .astype", DTypeError)
        return TensorType(dtype, broadcast_shapes([t.shape for t in types]))

    def _known(self, order: float, x: Any) -> Any:
        if self.kind == "ke" and self.derivative:
            return _scaled_k(full(x, order), x, self.derivative)
        most = math.ceil(abs(order)) + self.derivative
        terms = [
            (full(x, at), _turned(x, _value(self.kind, full(x, at), x, most, at), factor, power))
            for (at, power), factor in _joined(self.kind, order, self.derivative).items()
        ]
        return _total(x, terms)

    def _computed(self, order: Any, x: Any) -> Any:
        if self.kind == "ke":
            return _scaled_k(order, x, self.derivative)
        most = LAST + self.derivative
        terms = [
            (at, _turned(x, _value(self.kind, at, x, most, None), factor, power))
            for step, factor, power in _neighbours(self.kind, self.derivative)
            for at in (order + full(x, step),)
        ]
        return _total(x, terms)

    def lower(self, *arrays: jax.Array) -> jax.Array:
        def wide(*values: Any) -> Any:
            *orders, x = values
            if self.order is not None:
                return self._known(self.order, x)
            return along(lambda order: self._computed(order, x), self.by_order)(orders[0])

        found: jax.Array = in_double(wide)(*align(arrays))
        return found

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | None]:
        slope = g * apply(replace(self, derivative=self.derivative + 1), *inputs)
        if self.order is not None:
            return (slope,)
        return (g * apply(replace(self, by_order=self.by_order + 1), *inputs), slope)
