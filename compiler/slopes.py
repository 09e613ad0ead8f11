"""Lowering for JAX to derive: functions of elements, and draws, get theon's own slopes.

What an op lowers to is made for its value: it picks between formulas, of which JAX would derive the one that was
picked (at 0, of `abs(x)`, nothing) and multiply those that were not by 0 (inf * 0). So whoever may put `jax.grad`
around a program gets ops that know their derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import numpy as jnp
from jax.custom_derivatives import SymbolicZero

from ..graph.errors import Mismatch, located
from ..graph.node import Node, apply, new_input, scalar_constant
from ..graph.op import Op
from ..graph.types import TensorType
from ..graph.walk import toposort
from ..graph.where import here
from ..ops.elementwise import BROADCASTING, Elementwise, align
from .evaluate import Sink, run

Array = Any


def with_slopes(op: Op) -> Callable[..., Array]:
    """The lowering of an op, of which JAX derives what theon derives; plain arithmetic is JAX's own."""
    if op.own_slope:
        return derived(op, transposed)
    if not isinstance(op, Elementwise) or not op.row.derivatives or op.row.lower in BROADCASTING:
        return op.lower

    def lowered(*arrays: Array) -> Array:
        if not all(jnp.issubdtype(array.dtype, jnp.floating) for array in arrays):
            return op.lower(*arrays)
        return derived(op, transposed if op.row.gives == "complex" else multiplied)(*align(arrays))

    return lowered


Pushed = Callable[["Point", Sequence[Array]], Any]  # how the value moves along steps, zeros among them, at a point


@dataclass(frozen=True)
class Point:
    """Where an op is derived: its operands and its value, and the nodes that stand for them."""

    inputs: list[Node]
    result: Node
    arrays: dict[Node, Array]

    def cotangents(self, g: Any, steps: Sequence[Array | SymbolicZero]) -> list[Node | None]:
        """Of the operands that move, where that of the value is `g`; None where there is none."""
        op = self.result.op
        found = [None] * len(steps) if all(map(still, steps)) else op.vjp(g, self.result, *self.inputs)
        for node, step in zip(found, steps, strict=True):
            if isinstance(node, Mismatch) and not still(step):
                raise located(node, op, (), here(3))
        return [node if isinstance(node, Node) and not still(s) else None for node, s in zip(found, steps, strict=True)]

    def values(self, nodes: Sequence[Node], further: dict[Node, Array]) -> list[Array]:
        known = {**self.arrays, **further}
        run(toposort(nodes), nodes, known, Sink({}, with_slopes, with_slopes, reuse=False))
        return [known[node] for node in nodes]


def still(step: Array | SymbolicZero) -> bool:
    return type(step) is SymbolicZero


def derived(op: Op, pushed: Pushed) -> Callable[..., Array]:
    """`op`'s lowering, whose value moves as `pushed` says."""
    function = jax.custom_jvp(op.lower)

    def moved(primals: Sequence[Array], steps: Sequence[Array | SymbolicZero]) -> tuple[Any, Any]:
        with jax.enable_x64(True):
            out = function(*primals)
            inputs = [new_input(TensorType(array.dtype, array.shape)) for array in primals]
            result = apply(op, *inputs)
            return out, pushed(Point(inputs, result, dict(zip([*inputs, result], [*primals, out], strict=True))), steps)

    function.defjvp(moved, symbolic_zeros=True)
    return function


def multiplied(point: Point, steps: Sequence[Array]) -> Array:
    """Of an elementwise op: every step times its slope."""
    one = scalar_constant(1.0, point.result.dtype)
    moving = [(node, s) for node, s in zip(point.cotangents(one, steps), steps, strict=True) if node is not None]
    slopes = point.values([node for node, _ in moving], {})
    parts = [slope * step for slope, (_, step) in zip(slopes, moving, strict=True)]
    return sum(parts, jnp.zeros_like(point.arrays[point.result]))


def transposed(point: Point, steps: Sequence[Array]) -> Any:
    """Of any op: what its `vjp` does, which is linear in the cotangent, the other way about."""
    out = point.arrays[point.result]
    g = jax.tree.map(lambda part: new_input(TensorType(part.dtype, part.shape)), out)
    moving = [(node, s) for node, s in zip(point.cotangents(g, steps), steps, strict=True) if node is not None]
    if not moving:
        return jax.tree.map(jnp.zeros_like, out)

    def pull(cotangent: Any) -> list[Array]:
        given = dict(zip(jax.tree.leaves(g), jax.tree.leaves(cotangent), strict=True))
        found = point.values([node for node, _ in moving], given)
        return [jnp.broadcast_to(value, node.tensor.sizes) for value, (node, _) in zip(found, moving, strict=True)]

    along = [jnp.broadcast_to(step, node.tensor.sizes) for node, step in moving]
    shapes = jax.tree.map(lambda part: jax.ShapeDtypeStruct(part.shape, part.dtype), out)
    (pushed,) = jax.linear_transpose(pull, shapes)(along)
    return pushed


__all__ = ["with_slopes"]
