"""Indexing: one op that reads, and one that writes.

NumPy's rules: ints, slices, `None` and `...` are static; int arrays and int nodes pick at run time, and broadcast
against each other. Out of range, a static int or a constant array raises at declaration; at run time a read takes the
nearest element, and a write is dropped. Negative indices count from the end, at run time too.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import jax
import numpy as np

from ..graph.dims import may_equal
from ..graph.errors import ArgumentError, DTypeError, IndexingError, Mismatch, require
from ..graph.node import Node, NodeLike, apply, as_node, const_value, constant, scalar_constant
from ..graph.op import Late, Op
from ..graph.storage import is_stored, not_computed
from ..graph.types import INT32, TensorType, Type, is_integer
from .comparison import equal, where
from .creation import arange, full_like, zeros_like
from .elementwise import cast_to, common_dtype, operands
from .gather import (
    ARRAY,
    GAP,
    Entry,
    Flag,
    Mode,
    Outside,
    Slice,
    Spec,
    check_bounds,
    is_plain,
    picked_shape,
    read,
    takes_axis,
    write,
)
from .shape import reshape
from .sizes import Blame, Ints, declare


@dataclass(frozen=True, eq=False)
class Index(Op):
    """What `spec` picks of the first input; the other inputs are its index arrays."""

    stores = True

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
        spread = apply(IndexUpdate(self.spec, "add", self.outside), zeros_like(x, g.dtype), g, *arrays)
        return (spread, *(None for _ in arrays))


@dataclass(frozen=True, eq=False)
class IndexUpdate(Op):
    """The first input with what `spec` picks of it replaced or increased by the second; the others are index arrays."""

    stores = True

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
        x, values, *arrays = inputs
        written = apply(Index(self.spec, self.outside), g, *arrays)
        if self.mode == "add":
            return (g, written, *(None for _ in arrays))
        if self.mode == "multiply":
            return (*self._of_factors(g, x, values, arrays), *(None for _ in arrays))
        if self.mode != "set":
            return (*self._of_extremes(g, out, x, values, arrays), *(None for _ in arrays))
        rest = apply(self, g, scalar_constant(0, g.dtype), *arrays)
        if _may_repeat(arrays):
            # Of several values for one place, only the one that stayed has a share in the result.
            order = reshape(arange(written.tensor.size), written.sizes)
            last = apply(self, zeros_like(x, INT32), order, *arrays)
            stayed = equal(apply(Index(self.spec, self.outside), last, *arrays), order)
            written = where(stayed, written, scalar_constant(0, g.dtype))
        return (rest, written, *(None for _ in arrays))

    def _of_factors(self, g: Node, x: Node, values: Node, arrays: Sequence[Node]) -> tuple[Node, Node]:
        """Of a product what all others make; factors that are 0 are counted instead of divided by."""
        factors = apply(self, full_like(x, 1), values, *arrays)
        zero = equal(values, 0)
        add = replace(self, mode="add")
        zeros = apply(add, zeros_like(x, INT32), cast_to(zero, INT32), *arrays)
        rest = apply(self, x, where(zero, 1, values), *arrays)
        there, zeros, up = (apply(Index(self.spec, self.outside), n, *arrays) for n in (rest, zeros, g))
        others = where(
            zero, where(equal(zeros, 1), there, 0), where(equal(zeros, 0), there / where(zero, 1, values), 0)
        )
        return g * factors, up * others

    def _of_extremes(self, g: Node, out: Node, x: Node, values: Node, arrays: Sequence[Node]) -> tuple[Node, Node]:
        """Equal extremes share the gradient."""
        read = Index(self.spec, self.outside)
        mine = cast_to(equal(x, out), x.dtype)
        theirs = cast_to(equal(values, apply(read, out, *arrays)), x.dtype)
        share = g / apply(replace(self, mode="add"), mine, theirs, *arrays)
        return share * mine, apply(read, share, *arrays) * theirs

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return tuple(i < 2 and getattr(t, "is_inexact", False) for i, t in enumerate(types))


def _picked(spec: Spec, x: TensorType, arrays: Sequence[TensorType]) -> Any:
    for array in arrays:
        require(array.is_integer, f"an index array is {array.dtype}, not an int", "convert with .astype", IndexingError)
    return picked_shape(spec, x.shape, [array.shape for array in arrays])


def places_repeat(view: Node) -> bool:
    """Whether a node made by indexing may show one element twice."""
    late = isinstance(view.op, Late)
    return _may_repeat(view.inputs[1 : view.op.arity if late else None])  # type: ignore[attr-defined]  # of a Late


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


def getitem(x: Node, index: Any, what: str = "index") -> Node:
    """`x[index]`, by NumPy's rules.

    Arguments: ints, slices, `None`, `...`, int arrays and int nodes; slice bounds may be int nodes that decide a shape.
    A constant mask picks where it holds; one that is computed picks a number of elements that is not known, and raises.
    True adds an axis of length 1 and False one of length 0, where an index array would put its own; no node does.
    An index that is out of range at run time reads the nearest element.
    Raises: IndexingError for an int out of bounds, too many indices, such a mask, a float. Source: NumPy indexing.

    >>> import theon
    >>> x = theon.tensor("x", shape=("batch", 4))
    >>> x[..., None, ::2], x[[0, 1], 0]
    (<index : float32[batch, 1, 2]>, <index : float32[2]>)
    """
    ints = Ints()
    arrays: list[Node] = []
    with Blame(what, x):
        items, masks = _without_masks(index if isinstance(index, tuple) else (index,))
        items = _expanded(items, x.ndim)
        axis = 0
        spec: list[Any] = []
        for item in items:
            for shape in [shape for array, shape in masks if array is item]:
                there = x.dims[axis : axis + len(shape)]
                fits = all(map(may_equal, there, shape))
                hint = "a mask is as long as the axes that it picks from"
                require(fits, f"a mask of shape {shape} picks from axes of {there}", hint, IndexingError)
            entry = _entry(item, ints)
            if isinstance(entry, Node):
                check_constant(entry, axis, x)
                arrays.append(entry)
            spec.append(ARRAY if isinstance(entry, Node) else entry)
            axis += takes_axis(spec[-1])
    if is_plain(tuple(spec)):
        spec = [entry for entry in spec if entry is not GAP]
    return declare(Index(tuple(spec)), [x, *arrays], ints.nodes)


def _without_masks(items: Sequence[Any]) -> tuple[list[Any], list[tuple[Any, tuple[int, ...]]]]:
    """Constant masks as the positions where they hold; beside them, by the first of these, the masks' shapes."""
    out: list[Any] = []
    masks = []
    for item in items:
        held = const_value(item) if isinstance(item, Node) else item
        listed = isinstance(held, list) and any(isinstance(one, (bool, np.bool_, list)) for one in held)
        mask = np.asarray(held) if isinstance(held, np.ndarray) or (listed and _is_even(item)) else None
        if mask is not None and mask.dtype.kind == "b" and mask.ndim:
            places = np.nonzero(mask)
            masks.append((places[0], mask.shape))
            out.extend(places)
        else:
            out.append(item)
    return out, masks


def _is_even(rows: Any) -> bool:
    """Whether nested lists make an array."""
    try:
        np.asarray(rows)
    except ValueError:
        return False
    return True


def _expanded(items: Sequence[Any], ndim: int) -> list[Any]:
    """One item per axis and new axis: `...` written out, or kept where it stands for no axis."""
    dots = [i for i, item in enumerate(items) if item is Ellipsis]
    require(len(dots) <= 1, "more than one `...`", "leave the others out", IndexingError)
    used = sum(item is not None and item is not Ellipsis and not _is_flag(item) for item in items)
    require(used <= ndim, f"{used} indices for {ndim} axes", "None and ... count for no axis", IndexingError)
    at = dots[0] if dots else len(items)
    if used == ndim:
        return list(items)
    return [*items[:at], *[slice(None)] * (ndim - used), *items[at + 1 :]]


def _is_flag(item: Any) -> bool:
    scalar = isinstance(item, np.ndarray) and item.ndim == 0 and item.dtype == bool
    return scalar or isinstance(item, (bool, np.bool_))


def _entry(item: Any, ints: Ints) -> Entry | Node:
    """One item of an index as an entry of the spec, or as an index array."""
    if _is_flag(item):
        return Flag(bool(item))
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
        hint = (
            "use theon.where(mask, a, b); theon.compress(mask, x, size=n) or theon.nonzero(mask, size=n), which "
            "say how many; or x.at[mask].set(v) to write"
        )
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
    return update(view, values, "set", "set")


def inc_subtensor(view: Node, values: NodeLike) -> Node:
    """`x[index].add(values)`: `x` with the indexed part increased; every value counts, even where places repeat.

    Arguments, Raises: see `set_subtensor`. Source: Theano `inc_subtensor`, JAX `x.at[index].add`.

    >>> import theon
    >>> print(theon.zeros((3,))[[1, 1]].add(5.0).eval())
    [ 0. 10.  0.]
    """
    return update(view, values, "add", "add")


def update(view: Node, values: NodeLike, mode: Mode, what: str) -> Node:
    """`view`, a node made by indexing, written to in one of the modes."""
    node = as_node(view)
    op = node.op
    count = op.arity if isinstance(op, Late) else len(node.inputs)
    index = op.op if isinstance(op, Late) else op
    with Blame(what, node):
        if mode != "set" and is_stored(node.dtype):
            raise not_computed(node.dtype)
        hint = f"write x[index].{what}(values)"
        if not isinstance(index, Index):
            raise Mismatch("changes an indexed part of an array, and this is not one", hint, ArgumentError)
        x = node.inputs[0]
        (item,) = operands([values])
        dtype = common_dtype([x, item])
        narrows = f"the values are {dtype} beside {x.dtype}: writing them would lose information"
        require(dtype == x.dtype, narrows, "convert with .astype", DTypeError)
        require(mode == "set" or dtype.kind != "b", "bools do not add", "use .set", DTypeError)
    new = cast_to(item, dtype)
    return declare(IndexUpdate(index.spec, mode), [x, new, *node.inputs[1:count]], node.inputs[count:])
