"""Slices of fixed size whose starts are computed: one op that reads, and one that writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ..graph.dims import listed
from ..graph.errors import ArgumentError, DTypeError, IndexingError, require
from ..graph.node import Node, NodeLike, apply, as_node
from ..graph.op import Op, dims_of
from ..graph.types import INT32, TensorType, Type, is_integer
from .creation import zeros_like
from .elementwise import cast_to, common_dtype
from .sizes import Blame, Field, check_sizes, declare, shape_argument


def _require_starts(starts: Sequence[TensorType], ndim: int) -> None:
    require(len(starts) == ndim, f"takes {ndim} starts, received {len(starts)}", "give one per axis", ArgumentError)
    for start in starts:
        fits = start.is_integer and start.ndim == 0
        require(fits, f"a start is an int scalar, not {start}", "convert with .astype('int32')", IndexingError)


@dataclass(frozen=True, eq=False)
class DynamicSlice(Op):
    """The part of the first input that begins at the others, of a fixed size; moved inside where it would reach out."""

    stores = True

    sizes: tuple[Field, ...]

    @property
    def params(self) -> str:
        return ", ".join(map(str, self.sizes))

    def infer(self, x: TensorType, *starts: TensorType) -> TensorType:
        _require_starts(starts, x.ndim)
        check_sizes(self.sizes)
        dims = dims_of(self.sizes)
        require(len(dims) == x.ndim, f"takes {x.ndim} sizes, received {len(dims)}", "give one per axis")
        for axis, (size, length) in enumerate(zip(dims, x.shape, strict=True)):
            fits = not isinstance(size, int) or not isinstance(length, int) or size <= length
            require(fits, f"a slice of {size} is longer than axis {axis}, which has {length}", "take a shorter one")
        return x.with_shape(dims)

    def lower(self, x: jax.Array, *starts: jax.Array) -> jax.Array:
        sizes = self.infer(TensorType(INT32, x.shape), *(TensorType(INT32, ()) for _ in starts)).sizes
        return lax.dynamic_slice(x, starts, sizes) if starts else x

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | None]:
        x, *starts = inputs
        return (apply(DynamicUpdateSlice(), zeros_like(x, g.dtype), g, *starts), *(None for _ in starts))

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return tuple(i < 1 and getattr(t, "is_inexact", False) for i, t in enumerate(types))


@dataclass(frozen=True, eq=False)
class DynamicUpdateSlice(Op):
    """The first input with the part that begins at the starts replaced by the second; moved inside as reads are."""

    stores = True

    def infer(self, x: TensorType, update: TensorType, *starts: TensorType) -> TensorType:
        _require_starts(starts, x.ndim)
        require(x.dtype == update.dtype, f"writes {update.dtype} into {x.dtype}", "convert with .astype", DTypeError)
        require(update.ndim == x.ndim, f"writes {update.ndim} axes into {x.ndim}", "the ranks are equal")
        for axis, (size, length) in enumerate(zip(update.shape, x.shape, strict=True)):
            fits = not isinstance(size, int) or not isinstance(length, int) or size <= length
            require(fits, f"a slice of {size} is longer than axis {axis}, which has {length}", "take a shorter one")
        return x

    def lower(self, x: jax.Array, update: jax.Array, *starts: jax.Array) -> jax.Array:
        return lax.dynamic_update_slice(x, update, starts) if starts else update

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | None]:
        _, update, *starts = inputs
        rest = apply(self, g, zeros_like(update, g.dtype), *starts)
        return (rest, apply(DynamicSlice(update.sizes), g, *starts), *(None for _ in starts))

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return tuple(i < 2 and getattr(t, "is_inexact", False) for i, t in enumerate(types))


def _starts(starts: Any) -> list[Node]:
    """Starts as int32 scalars; a vector of known length is as many."""
    several = list(starts) if isinstance(starts, Node) else listed(starts, "starts")
    nodes = [as_node(start) for start in several]
    return [cast_to(node, INT32) if is_integer(node.dtype) and node.dtype.itemsize < 8 else node for node in nodes]


def dynamic_slice(x: NodeLike, start_indices: Any, slice_sizes: Any) -> Node:
    """The part of `x` that begins at `start_indices`, which may be computed, and has the fixed shape `slice_sizes`.

    Arguments: x, any dtype; start_indices, an int or int node per axis (or an int vector); slice_sizes, as for
    `reshape`. Where the part would reach out of `x`, it is moved inside; a negative start counts from the end.
    Raises: ShapeError for sizes that are longer than their axes, IndexingError for starts that are not ints,
    ArgumentError for another number of starts. Source: JAX `lax.dynamic_slice`.

    >>> import theon
    >>> i = theon.iscalar("i")
    >>> print(theon.dynamic_slice([1.0, 2.0, 3.0, 4.0], [i], (2,)).eval({i: 1}))
    [2. 3.]
    """
    node = as_node(x)
    with Blame("dynamic_slice", node):
        fields, ints = shape_argument(slice_sizes)
        starts = _starts(start_indices)
    return declare(DynamicSlice(fields), [node, *starts], ints)


def dynamic_update_slice(x: NodeLike, update: NodeLike, start_indices: Any) -> Node:
    """`x` with the part that begins at `start_indices`, which may be computed, replaced by `update`.

    Arguments: x, any dtype; update, of the rank of `x`, converts to its dtype without loss; start_indices, an int or
    int node per axis (or an int vector). Where `update` would reach out of `x`, it is moved inside.
    Raises: as `dynamic_slice`, and DTypeError. Source: JAX `lax.dynamic_update_slice`.

    >>> import theon
    >>> i = theon.iscalar("i")
    >>> print(theon.dynamic_update_slice([1.0, 2.0, 3.0, 4.0], [9.0, 9.0], [i]).eval({i: 1}))
    [1. 9. 9. 4.]
    """
    node, new = as_node(x), as_node(update)
    with Blame("dynamic_update_slice", node, new):
        starts = _starts(start_indices)
        dtype = common_dtype([node, new])
        narrows = f"the values are {dtype} beside {node.dtype}: writing them would lose information"
        require(dtype == node.dtype, narrows, "convert with .astype", DTypeError)
    return apply(DynamicUpdateSlice(), node, cast_to(new, dtype), *starts)


__all__ = ["DynamicSlice", "DynamicUpdateSlice", "dynamic_slice", "dynamic_update_slice"]
