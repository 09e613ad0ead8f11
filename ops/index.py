"""Indexing: one op that reads, and one that writes.

NumPy's rules: ints, slices, `None` and `...` are static; int arrays and int nodes pick at run time, and broadcast
against each other. Out of range, a static int or a constant array raises at declaration; at run time a read takes the
nearest element, and a write is dropped. Negative indices count from the end, at run time too.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import jax
import numpy as np

from ..graph.errors import ArgumentError, DTypeError, IndexingError, Mismatch, require
from ..graph.node import Node, NodeLike, apply, as_node, const_value, constant, scalar_constant
from ..graph.op import Late, Op
from ..graph.types import INT32, TensorType, Type, is_integer, may_equal, normal_axis
from .comparison import equal, where
from .creation import arange, zeros_like
from .elementwise import cast_to, common_dtype, operands
from .gather import ARRAY, GAP, Gap, Mode, Outside, Slice, Spec, check_bounds, picked_shape, read, write
from .shape import ravel, reshape
from .sizes import Blame, Ints, declare, shape_of


@dataclass(frozen=True, eq=False)
class Index(Op):
    """What `spec` picks of the first input; the other inputs are its index arrays."""

    spec: Spec
    outside: Outside = "clamp"

    @property
    def params(self) -> str:
        return ", ".join(map(str, self.spec))

    def infer(self, x: TensorType, *arrays: TensorType) -> TensorType:
        return x.with_shape(_picked(self.spec, x, arrays))

    def lower(self, x: jax.Array, *arrays: jax.Array) -> jax.Array:
        return read(x, self.spec, arrays, self.outside)

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | None]:
        x, *arrays = inputs
        spread = apply(IndexUpdate(self.spec, "add", self.outside), zeros_like(x), g, *arrays)
        return (spread, *(None for _ in arrays))


@dataclass(frozen=True, eq=False)
class IndexUpdate(Op):
    """The first input with what `spec` picks of it replaced or increased by the second; the others are index arrays."""

    spec: Spec
    mode: Mode
    outside: Outside = "drop"

    @property
    def params(self) -> str:
        return ", ".join((self.mode, *map(str, self.spec)))

    def infer(self, x: TensorType, values: TensorType, *arrays: TensorType) -> TensorType:
        region = _picked(self.spec, x, arrays)
        require(values.dtype == x.dtype, f"writes {values.dtype} into {x.dtype}", "convert with .astype", DTypeError)
        fits = values.ndim <= len(region) and all(
            have == 1 or may_equal(have, want)
            for have, want in zip(reversed(values.shape), reversed(region), strict=False)
        )
        place = x.with_shape(region)
        require(fits, f"values {values} do not broadcast to what is indexed, {place}", f"give values of type {place}")
        return x

    def lower(self, x: jax.Array, values: jax.Array, *arrays: jax.Array) -> jax.Array:
        return write(x, self.spec, values, arrays, self.mode, self.outside)

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | None]:
        x, _, *arrays = inputs
        written = apply(Index(self.spec, self.outside), g, *arrays)
        if self.mode == "add":
            return (g, written, *(None for _ in arrays))
        rest = apply(self, g, scalar_constant(0, g.dtype), *arrays)
        if _may_repeat(arrays):
            # Of several values for one place, only the one that stayed has a share in the result.
            order = reshape(arange(written.tensor.size), written.sizes)
            last = apply(self, zeros_like(x, INT32), order, *arrays)
            stayed = equal(apply(Index(self.spec, self.outside), last, *arrays), order)
            written = where(stayed, written, scalar_constant(0, g.dtype))
        return (rest, written, *(None for _ in arrays))

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return tuple(i < 2 and getattr(t, "is_inexact", False) for i, t in enumerate(types))


def _picked(spec: Spec, x: TensorType, arrays: Sequence[TensorType]) -> Any:
    for array in arrays:
        require(array.is_integer, f"an index array is {array.dtype}, not an int", kind=IndexingError)
    return picked_shape(spec, x.shape, [array.shape for array in arrays])


def _may_repeat(arrays: Sequence[Node]) -> bool:
    """Whether index arrays may pick one element twice."""
    if all(array.ndim == 0 for array in arrays):
        return False
    values = [const_value(array) for array in arrays]
    if any(value is None for value in values):
        return True
    rows = np.stack([np.ravel(v) for v in np.broadcast_arrays(*values)])  # type: ignore[arg-type]  # none is None
    return bool((rows < 0).any()) or len(np.unique(rows, axis=1).T) < rows.shape[1]


# --- from what the user writes in brackets ---------------------------------------------------------------------


def getitem(x: Node, index: Any) -> Node:
    """`x[index]`, by NumPy's rules.

    Arguments: ints, slices, `None`, `...`, int arrays and int nodes; slice bounds may be int nodes that decide a shape.
    An index that is out of range at run time reads the nearest element.
    Raises: IndexingError for an int out of bounds, too many indices, a mask, a float. Source: NumPy indexing.

    >>> import theon
    >>> x = theon.tensor("x", shape=("batch", 4))
    >>> x[..., None, ::2], x[[0, 1], 0]
    (<index : float32[batch, 1, 2]>, <index : float32[2]>)
    """
    ints = Ints()
    arrays: list[Node] = []
    with Blame("index", x):
        items = _expanded(index if isinstance(index, tuple) else (index,), x.ndim)
        axis = 0
        spec: list[Any] = []
        for item in items:
            entry = _entry(item, ints)
            if isinstance(entry, Node):
                check_constant(entry, axis, x)
                arrays.append(entry)
            spec.append(ARRAY if isinstance(entry, Node) else entry)
            axis += entry is not None and entry is not GAP
    if not arrays:
        spec = [entry for entry in spec if entry is not GAP]
    return declare(Index(tuple(spec)), [x, *arrays], ints.nodes)


def _expanded(items: tuple[Any, ...], ndim: int) -> list[Any]:
    """One item per axis and new axis: `...` written out, or kept where it stands for no axis."""
    dots = [i for i, item in enumerate(items) if item is Ellipsis]
    require(len(dots) <= 1, "more than one `...`", kind=IndexingError)
    used = sum(item is not None and item is not Ellipsis for item in items)
    require(used <= ndim, f"{used} indices for {ndim} axes", "None and ... count for no axis", IndexingError)
    at = dots[0] if dots else len(items)
    if used == ndim:
        return list(items)
    return [*items[:at], *[slice(None)] * (ndim - used), *items[at + 1 :]]


def _entry(item: Any, ints: Ints) -> int | Slice | Gap | Node | None:
    """One item of an index as an entry of the spec, or as an index array."""
    if item is None:
        return None
    if item is Ellipsis:
        return GAP
    if isinstance(item, slice):
        bounds = (item.start, item.stop, item.step)
        return Slice(*(None if v is None else ints.field(v, "the bound of a slice") for v in bounds))
    if isinstance(item, Node):
        if not is_integer(item.dtype):
            _refuse(item.dtype, item)
        known = const_value(item)
        return int(known) if known is not None and known.ndim == 0 else item
    try:
        array = np.asarray(item)
    except ValueError:
        raise Mismatch("the rows of an index differ in length", "give rows of one length", IndexingError) from None
    if array.size == 0 and isinstance(item, (list, tuple)):
        array = array.astype(np.int32)
    if array.dtype.kind not in "iu":
        _refuse(array.dtype, item)
    if array.ndim == 0:
        return operator.index(array.item())
    return constant(array, INT32 if _fits_int32(array) else None)


def _fits_int32(array: np.ndarray[Any, Any]) -> bool:
    return array.size == 0 or (array.min() >= -(2**31) and array.max() < 2**31)


def _refuse(dtype: Any, item: Any) -> NoReturn:
    if dtype.kind == "b":
        hint = "use theon.where(mask, a, b), or multiply by the mask"
        raise Mismatch("a bool mask picks a number of elements that is not known", hint, IndexingError)
    hint = (
        "convert a whole number with .astype('int32')" if isinstance(item, Node) else "convert a whole number by int()"
    )
    raise Mismatch(f"an index is an int, a slice, None, ... or an int array, received {item!r}", hint, IndexingError)


def check_constant(index: Node, axis: int, x: Node) -> None:
    """Raise Mismatch where a constant index array is out of bounds."""
    value = const_value(index)
    if value is not None and value.size:
        check_bounds(int(value.min()), int(value.max()), axis, x.dims[axis])


# --- writing ---------------------------------------------------------------------------------------------------


def set_subtensor(view: Node, values: NodeLike) -> Node:
    """`x[index].set(values)`: `x` with the indexed part replaced.

    Arguments: view, a node made by indexing; values, which broadcast to it and convert to its dtype without loss.
    Where index arrays name one place twice, one of the values stays, and no rule says which. Indices out of range at
    run time write nothing. Raises: ArgumentError for a node that is no view, DTypeError, ShapeError.
    Source: Theano `set_subtensor`, JAX `x.at[index].set`.

    >>> import theon
    >>> print(theon.zeros((3,))[1].set(5.0).eval())
    [0. 5. 0.]
    """
    return _update(view, values, "set", "set")


def inc_subtensor(view: Node, values: NodeLike) -> Node:
    """`x[index].add(values)`: `x` with the indexed part increased; every value counts, even where places repeat.

    Arguments, Raises: see `set_subtensor`. Source: Theano `inc_subtensor`, JAX `x.at[index].add`.

    >>> import theon
    >>> print(theon.zeros((3,))[[1, 1]].add(5.0).eval())
    [ 0. 10.  0.]
    """
    return _update(view, values, "add", "add")


def _update(view: Node, values: NodeLike, mode: Mode, what: str) -> Node:
    node = as_node(view)
    op = node.op
    count = op.arity if isinstance(op, Late) else len(node.inputs)
    index = op.op if isinstance(op, Late) else op
    with Blame(what, node):
        hint = f"write x[index].{what}(values)"
        if not isinstance(index, Index):
            raise Mismatch("changes an indexed part of an array, and this is not one", hint, ArgumentError)
        x = node.inputs[0]
        (item,) = operands([values])
        dtype = common_dtype([x, item])
        narrows = f"the values are {dtype} beside {x.dtype}: writing them would lose information"
        require(dtype == x.dtype, narrows, "convert with .astype", DTypeError)
        require(mode == "set" or dtype.kind != "b", "bools do not add", "use .set", DTypeError)
    new = cast_to(item, dtype) if isinstance(item, Node) else scalar_constant(item, dtype)
    return declare(IndexUpdate(index.spec, mode), [x, new, *node.inputs[1:count]], node.inputs[count:])


# --- index arrays as arguments ---------------------------------------------------------------------------------


def take(x: NodeLike, indices: NodeLike, axis: int | None = None) -> Node:
    """The elements of `x` at `indices` along `axis`; of `x` as a vector where it is None.

    Arguments: x, any dtype; indices, ints of any shape, whose axes take the place of `axis`.
    Raises: IndexingError for indices that are not ints, or constant and out of bounds. Source: NumPy `take`.

    >>> import theon
    >>> theon.take(theon.zeros((5, 2)), [[0, 4, 1]], axis=0)
    <index : float32[1, 3, 2]>
    """
    node = as_node(x)
    if axis is None:
        node, axis = ravel(node), 0
    with Blame("take", node):
        place = normal_axis(axis, node.ndim)
    return getitem(node, (*(slice(None),) * place, indices))


def take_along_axis(x: NodeLike, indices: NodeLike, axis: int = -1) -> Node:
    """For each place of the result, the element of `x` whose position along `axis` is `indices` there.

    Arguments: x, any dtype; indices, ints of the rank of `x`; the sizes but that of `axis` broadcast.
    Raises: ShapeError for another rank, IndexingError for indices that are not ints. Source: NumPy `take_along_axis`.

    >>> import theon
    >>> print(theon.take_along_axis([[1.0, 2.0], [3.0, 4.0]], [[1], [0]], axis=1).eval())
    [[2.]
     [3.]]
    """
    node, picks = as_node(x), as_node(indices)
    with Blame("take_along_axis", node, picks):
        place = normal_axis(axis, node.ndim)
        require(picks.ndim == node.ndim, f"takes {node.ndim} axes of indices, received {picks.ndim}")
    sizes = shape_of(node)
    index: list[Node] = []
    for i, size in enumerate(sizes):
        shape = [1] * node.ndim
        shape[i] = -1
        index.append(picks if i == place else reshape(arange(size), shape))
    return getitem(node, tuple(index))
