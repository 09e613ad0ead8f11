"""Partial derivatives of special functions whose formula JAX can derive, of any orders: one op for all of them.

The formula is a loop of a fixed length over float64 arrays. Deriving it term by term gives the derivative by a
parameter where no closed form is known; deriving that once more, the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ..graph.dims import broadcast_shapes
from ..graph.node import Node, apply
from ..graph.op import Op
from ..graph.types import TensorType
from .elementwise import align
from .precise import full, in_double


@dataclass(frozen=True)
class Smooth:
    """A function of real arrays of one shape: its value in JAX, and where that is one (elsewhere it is nan).

    `ends`: where its last argument alone decides, so that derivatives by the others are 0.
    """

    name: str
    value: Callable[..., Any]
    inside: Callable[..., Any]
    ends: Callable[..., Any] | None = None


def _by(function: Callable[..., Any], position: int) -> Callable[..., Any]:
    """The derivative by one argument."""

    def slope(*arrays: Any) -> Any:
        def alone(x: Any) -> Any:
            return function(*arrays[:position], x, *arrays[position + 1 :])

        x = arrays[position]
        return jax.jvp(alone, (x,), (full(x, 1),))[1]

    return slope


@dataclass(frozen=True, eq=False)
class Partial(Op):
    """The derivative of a function by each argument as often as `orders` says."""

    own_slope = True

    function: Smooth
    orders: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"{self.function.name}_partial"

    @property
    def params(self) -> str:
        return f"orders={self.orders}"

    def infer(self, *types: TensorType) -> TensorType:
        return TensorType(types[0].dtype, broadcast_shapes([t.shape for t in types]))

    def lower(self, *arrays: jax.Array) -> jax.Array:
        found = self.function.value
        for position, order in enumerate(self.orders):
            for _ in range(order):
                found = _by(found, position)

        def masked(*wide: Any) -> Any:
            other = full(wide[0], float("nan"))
            if self.function.ends is not None and not self.orders[-1]:
                other = lax.select(self.function.ends(*wide), full(wide[0], 0), other)
            return lax.select(self.function.inside(*wide), found(*wide), other)

        lowered: jax.Array = in_double(masked)(*align(arrays))
        return lowered

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | None]:
        return [g * partial(self.function, _raised(self.orders, i), *inputs) for i in range(len(inputs))]


def _raised(orders: tuple[int, ...], position: int) -> tuple[int, ...]:
    return tuple(order + (i == position) for i, order in enumerate(orders))


def partial(function: Smooth, orders: tuple[int, ...], *inputs: Node) -> Node:
    """A partial derivative at float nodes of one dtype, whose shapes broadcast."""
    return apply(Partial(function, orders), *inputs)


__all__ = ["Partial", "Smooth", "partial"]
