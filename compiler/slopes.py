"""Lowering for JAX to derive: elementwise ops get theon's own slopes.

What an op lowers to is made for its value: it picks between formulas, of which JAX would derive the one that was
picked (at 0, of `abs(x)`, nothing) and multiply those that were not by 0 (inf * 0). So whoever may put `jax.grad`
around a program gets ops that know their derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax import numpy as jnp
from jax.custom_derivatives import SymbolicZero

from ..graph.errors import GradientError
from ..graph.node import Node, apply, new_input, scalar_constant
from ..graph.op import Op
from ..graph.types import TensorType
from ..graph.walk import toposort
from ..ops.elementwise import BROADCASTING, Elementwise, align
from .lower import Sink, run

Array = Any


def with_slopes(op: Op) -> Callable[..., Array]:
    """The lowering of an op, of which JAX derives what theon derives; plain arithmetic is JAX's own."""
    if not isinstance(op, Elementwise) or not op.row.derivatives or op.row.lower in BROADCASTING:
        return op.lower

    def lowered(*arrays: Array) -> Array:
        if not all(jnp.issubdtype(array.dtype, jnp.floating) for array in arrays):
            return op.lower(*arrays)
        return sloped(op)(*align(arrays))

    return lowered


def sloped(op: Elementwise) -> Callable[..., Array]:
    function = jax.custom_jvp(op.lower)

    def moved(primals: Sequence[Array], steps: Sequence[Array | SymbolicZero]) -> tuple[Array, Array]:
        with jax.enable_x64(True):
            out = function(*primals)
            parts = [
                slope * step
                for slope, step in zip(slopes(op, primals, out, steps), steps, strict=True)
                if slope is not None
            ]
            return out, sum(parts, jnp.zeros_like(out))

    function.defjvp(moved, symbolic_zeros=True)
    return function


def slopes(
    op: Elementwise, primals: Sequence[Array], out: Array, steps: Sequence[Array | SymbolicZero]
) -> list[Array | None]:
    """The derivative by each operand that moves, at a point; None by those that do not move, or do not matter."""
    inputs = [new_input(TensorType(array.dtype, array.shape)) for array in primals]
    result = apply(op, *inputs)
    found: list[Node | None] = []
    for derivative, step in zip(op.row.derivatives, steps, strict=True):
        slope = None if type(step) is SymbolicZero else derivative(scalar_constant(1.0, result.dtype), result, *inputs)
        if slope is not None and not isinstance(slope, Node):
            raise GradientError(f"{op.name}: {slope.message}")
        found.append(slope)
    known = dict(zip([*inputs, result], [*primals, out], strict=True))
    roots = [node for node in found if node is not None]
    run(toposort(roots), roots, known, Sink({}, with_slopes, reuse=False))
    return [None if node is None else known[node] for node in found]


__all__ = ["with_slopes"]
