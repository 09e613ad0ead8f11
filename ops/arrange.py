"""Elements put in other places: rolled, flipped, turned, repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import jax
import numpy as np

from ..graph.dims import listed, may_equal, normal_axes, normal_axis, unify_dim
from ..graph.errors import ArgumentError, Mismatch, require
from ..graph.node import Node, NodeLike, as_node, const_value
from ..graph.op import Op, dims_of
from ..graph.types import TensorType, is_integer
from .axes import flattened
from .creation import arange, zeros
from .index import getitem, set_subtensor
from .join import concat
from .scans import cumsum
from .shape import broadcast_to, expand_dims, moveaxis, ravel, reshape, swapaxes
from .sizes import Blame, Field, as_int, check_sizes, declare, is_index_scalar, shape_argument, shape_of
from .sort import searchsorted
from .take import take


def _along(x: Node, axis: int, start: Any, stop: Any, step: int | None = None) -> Node:
    return getitem(x, (*(slice(None),) * axis, slice(start, stop, step)))


def roll(x: NodeLike, shift: int | Node | Sequence[int | Node], axis: int | Sequence[int] | None = None) -> Node:
    """The elements moved by `shift` places along `axis`; those that leave at one end come back at the other.

    Arguments: x, any shape and dtype; shift, an int or an int node, or one for each axis; axis None rolls the
    flattened tensor. Raises: ShapeError for an axis that is not there, ArgumentError where shifts and axes differ in
    number. Source: NumPy / Array API `roll`.

    >>> import theon
    >>> print(theon.roll([1.0, 2.0, 3.0], 1).eval())
    [3. 1. 2.]
    """
    node = as_node(x)
    if axis is None:
        with Blame("roll", node):
            one = isinstance(shift, (int, np.integer, Node))
            require(one, "several shifts need as many axes", "give axis=", ArgumentError)
        return reshape(_rolled(ravel(node), shift, 0), shape_of(node))
    with Blame("roll", node):
        axes = [axis] if isinstance(axis, (int, np.integer)) else listed(axis, "axis")
        shifts = [shift] * len(axes) if isinstance(shift, (int, np.integer, Node)) else listed(shift, "shift")
        each = f"{len(shifts)} shifts for {len(axes)} axes"
        require(len(shifts) == len(axes), each, "give one shift, or one for each axis", ArgumentError)
        places = [normal_axis(a, node.ndim) for a in axes]
    for by, place in zip(shifts, places, strict=True):
        node = _rolled(node, by, place)
    return node


def _rolled(x: Node, shift: Any, axis: int) -> Node:
    length = x.dims[axis]
    if isinstance(shift, Node):
        with Blame("roll", x, shift):
            require(
                is_index_scalar(shift),
                f"a shift is an int scalar, not {shift.type}",
                "use an int, or an int node",
                ArgumentError,
            )
    else:
        with Blame("roll", x):
            shift = as_int(shift, "a shift")
    if isinstance(length, int) and isinstance(shift, int):
        cut = -shift % length if length else 0
        return concat([_along(x, axis, cut, None), _along(x, axis, None, cut)], axis) if cut else x
    size = shape_of(x)[axis]
    return take(x, (arange(size) - shift) % size, axis)


def flip(x: NodeLike, axis: int | Sequence[int] | None = None) -> Node:
    """The elements in reverse order along `axis`; along all axes where it is None.

    Arguments: any shape and dtype. Raises: ShapeError for an axis that is not there.
    Source: NumPy / Array API `flip`.

    >>> import theon
    >>> print(theon.flip([1.0, 2.0, 3.0]).eval())
    [3. 2. 1.]
    """
    node = as_node(x)
    with Blame("flip", node):
        axes = normal_axes(axis, node.ndim)
    return getitem(node, tuple(slice(None, None, -1 if i in axes else None) for i in range(node.ndim)))


def fliplr(x: NodeLike) -> Node:
    """The elements in reverse order along the second axis. Raises: ShapeError below two. Source: NumPy `fliplr`.

    >>> import theon
    >>> print(theon.fliplr([[1.0, 2.0], [3.0, 4.0]]).eval())
    [[2. 1.]
     [4. 3.]]
    """
    return _flipped("fliplr", x, 1)


def flipud(x: NodeLike) -> Node:
    """The elements in reverse order along the first axis. Raises: ShapeError for a scalar. Source: NumPy `flipud`.

    >>> import theon
    >>> print(theon.flipud([[1.0, 2.0], [3.0, 4.0]]).eval())
    [[3. 4.]
     [1. 2.]]
    """
    return _flipped("flipud", x, 0)


def _flipped(what: str, x: NodeLike, axis: int) -> Node:
    node = as_node(x)
    with Blame(what, node):
        normal_axis(axis, node.ndim)
    return flip(node, axis)


def rot90(x: NodeLike, k: int = 1, axes: Sequence[int] = (0, 1)) -> Node:
    """The plane of two axes turned `k` times by a right angle, from the first axis towards the second.

    Arguments: two axes or more, any dtype. Raises: ShapeError for an axis that is not there, ArgumentError where
    `axes` does not name two. Source: NumPy `rot90`.

    >>> import theon
    >>> print(theon.rot90([[1.0, 2.0], [3.0, 4.0]]).eval())
    [[2. 4.]
     [1. 3.]]
    """
    node = as_node(x)
    with Blame("rot90", node):
        pair = [normal_axis(a, node.ndim) for a in listed(axes, "axes")]
        plane = len(set(pair)) == len(pair) == 2
        require(plane, f"turns the plane of two axes, received {axes!r}", "name two axes", ArgumentError)
        turns = as_int(k, "the number of turns") % 4
    first, second = pair
    if turns == 2:
        return flip(node, pair)
    if turns == 1:
        return swapaxes(flip(node, second), first, second)
    return flip(swapaxes(node, first, second), second) if turns else node


def rollaxis(x: NodeLike, axis: int, start: int = 0) -> Node:
    """`x` with `axis` moved to before the axis `start`; `moveaxis` is easier to read.

    Arguments: any dtype; start may be the number of axes. Raises: ShapeError for an axis that is not there.
    Source: NumPy `rollaxis`.

    >>> import theon
    >>> theon.rollaxis(theon.zeros((3, 4, 5)), 2)
    <transpose : float32[5, 3, 4]>
    """
    node = as_node(x)
    with Blame("rollaxis", node):
        place, before = normal_axis(axis, node.ndim), normal_axis(start, node.ndim + 1)
    if start < 0:
        before = start + node.ndim
    return moveaxis(node, place, before - 1 if place < before else before)


# --- repeated ----------------------------------------------------------------------------------------------------


def tile(x: NodeLike, reps: int | Node | Sequence[int | Node]) -> Node:
    """`x` laid beside itself, `reps` times along each axis; new axes come in front.

    Arguments: any shape and dtype; reps, ints or int nodes that decide a shape.
    Raises: ArgumentError for what is no count. Source: NumPy / Array API `tile`.

    >>> import theon
    >>> print(theon.tile([1.0, 2.0], 2).eval())
    [1. 2. 1. 2.]
    """
    node = as_node(x)
    with Blame("tile", node):
        counts: list[Any] = [reps] if isinstance(reps, (int, np.integer, Node)) else listed(reps, "reps")
    with Blame("tile", node):
        for count in counts:
            fits = isinstance(count, Node) or as_int(count, "a count") >= 0
            require(fits, f"cannot repeat {count} times", "give 0 or more", ArgumentError)
    rank = max(node.ndim, len(counts))
    counts = [1] * (rank - len(counts)) + counts
    node = expand_dims(node, list(range(rank - node.ndim)))
    sizes = shape_of(node)
    pairs = [size for both in zip(counts, sizes, strict=True) for size in both]
    wide = broadcast_to(expand_dims(node, list(range(0, 2 * rank, 2))), pairs) if rank else node
    return reshape(wide, [count * size for count, size in zip(counts, sizes, strict=True)])


def resize(x: NodeLike, new_shape: Any) -> Node:
    """The elements of `x`, flattened, in a new shape: the first of them, or all again and again until it is full.

    Arguments: x, any shape and dtype; new_shape, an int or a sequence of ints and int nodes. An empty `x` gives zeros.
    Raises: ShapeError for a negative size. Source: NumPy `resize`.

    >>> import theon
    >>> print(theon.resize([1.0, 2.0, 3.0], (2, 2)).eval())
    [[1. 2.]
     [3. 1.]]
    """
    flat = flattened(as_node(x))
    with Blame("resize", flat):
        fields, _ = shape_argument(new_shape)
        check_sizes(fields)
    if flat.dims[0] == 0:
        return zeros(new_shape, flat.dtype)
    length, known = shape_of(flat)[0], [size for size in fields if isinstance(size, int)]
    if isinstance(length, int) and len(known) == len(fields):
        total = prod(known)
        return reshape(_along(tile(flat, -(-total // length)), 0, None, total), new_shape)
    sizes = [new_shape] if isinstance(new_shape, (int, np.integer, Node)) else list(new_shape)
    count: int | Node = 1
    for size in sizes:
        count = size * count
    return reshape(take(flat, arange(count) % length, 0), new_shape)


def repeat(
    x: NodeLike, repeats: Any, axis: int | None = None, *, total_repeat_length: int | Node | None = None
) -> Node:
    """Each element `repeats` times, one after another along `axis`; of the flattened tensor where it is None.

    Arguments: any shape and dtype; repeats, an int, or ints one for each element; where these are no constants,
    `total_repeat_length` declares their sum: what lies beyond is cut off, what is missing repeats the last element.
    Raises: ShapeError for an axis that is not there or counts that do not fit, ArgumentError where the length is not
    known. Source: NumPy / Array API `repeat`, `jax.numpy.repeat`.

    >>> import theon
    >>> print(theon.repeat([1.0, 2.0], [1, 3]).eval())
    [1. 2. 2. 2.]
    """
    node = as_node(x)
    if axis is None:
        node, axis = flattened(node), 0
    counts = as_node(repeats)
    with Blame("repeat", node):
        place = normal_axis(axis, node.ndim)
        require(
            is_integer(counts.dtype) and counts.ndim <= 1,
            f"counts are ints, not {counts.type}",
            "convert with .astype",
            ArgumentError,
        )
        known = const_value(counts)
        require(
            known is None or bool((known >= 0).all()),
            f"a count cannot be negative, received {known}",
            "give 0 or more",
            ArgumentError,
        )
        open_ = known is None and total_repeat_length is None
        require(not open_, "the length of the result is not known", "declare it: total_repeat_length=", ArgumentError)
        fits = counts.ndim == 0 or counts.dims[0] == 1 or may_equal(counts.dims[0], node.dims[place])
        require(fits, f"{counts.dims} counts for {node.dims[place]} elements", "give one count, or one for each")
    if known is not None and known.size == 1 and total_repeat_length is None:
        return _each(node, int(known.reshape(())), place)
    length = node.dims[place]
    if known is not None and isinstance(length, int) and total_repeat_length is None:
        return take(node, np.repeat(np.arange(length, dtype=np.int32), known), place)
    if total_repeat_length is None:
        raise _unknown_length(node)
    ends = cumsum(broadcast_to(counts, (shape_of(node)[place],)))
    return take(node, searchsorted(ends, arange(total_repeat_length), "right"), place)


def _unknown_length(node: Node) -> Exception:
    with Blame("repeat", node):
        raise Mismatch("the length of the axis is not known", "declare it, or give total_repeat_length=")


def _each(x: Node, times: int, axis: int) -> Node:
    sizes = list(shape_of(x))
    wide = broadcast_to(expand_dims(x, axis + 1), (*sizes[: axis + 1], times, *sizes[axis + 1 :]))
    sizes[axis] = sizes[axis] * times
    return reshape(wide, sizes)


# --- parts written and shapes stated -----------------------------------------------------------------------------


def fill_diagonal(x: NodeLike, val: NodeLike) -> Node:
    """`x` with the elements whose positions are all alike set to `val`; a new tensor, as always.

    Arguments: x, two axes, or more of one length, all known; val, which broadcasts to the diagonal.
    Raises: ShapeError for other axes, DTypeError where writing would lose information.
    Source: NumPy `fill_diagonal`.

    >>> import theon
    >>> print(theon.fill_diagonal(theon.zeros((2, 2)), 5.0).eval())
    [[5. 0.]
     [0. 5.]]
    """
    node = as_node(x)
    with Blame("fill_diagonal", node):
        require(node.ndim >= 2, f"needs two axes or more, received {node.ndim}", "add one with x[None]")
        require(node.tensor.is_static, "needs known lengths", "declare the shape")
        alike = node.ndim == 2 or len(set(node.dims)) == 1
        require(alike, "more than two axes are to be of one length", "of a matrix the lengths may differ")
    at = np.arange(min(node.sizes), dtype=np.int32)
    return set_subtensor(getitem(node, (at,) * node.ndim), val)


@dataclass(frozen=True, eq=False)
class SpecifyShape(Op):
    """The input, of which the shape is stated: an error where it turns out otherwise."""

    stores = True

    shape: tuple[Field | None, ...]

    @property
    def params(self) -> str:
        return ", ".join("?" if d is None else str(d) for d in self.shape)

    def infer(self, x: TensorType) -> TensorType:
        stated = dims_of(self.shape)
        require(
            len(stated) == x.ndim,
            f"states {len(stated)} axes of {x.ndim}",
            "state one for each axis, None where any will do",
        )
        for i, (have, want) in enumerate(zip(x.shape, stated, strict=True)):
            require(
                may_equal(have, want),
                f"axis {i} has length {have}, not {want} as stated",
                "state None where the length may be any",
            )
        return x.with_shape(list(map(unify_dim, x.shape, stated)))

    def lower(self, x: jax.Array) -> jax.Array:
        return x

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g,)


def specify_shape(x: NodeLike, shape: Any) -> Node:
    """`x`, whose shape is stated to be `shape`: known from here on, and checked once the arrays are there.

    Arguments: any dtype; shape, ints and int nodes, None for an axis of which nothing is said.
    Raises: ShapeError where it surely differs. Source: Theano `specify_shape`.

    >>> import theon
    >>> theon.specify_shape(theon.matrix("x"), (None, 3))
    <specify_shape : float32[?, 3]>
    """
    node = as_node(x)
    with Blame("specify_shape", node):
        sizes = listed(shape, "a shape")
        said = [i for i, size in enumerate(sizes) if size is not None]
        fields, ints = shape_argument([sizes[i] for i in said])
    stated = dict(zip(said, fields, strict=True))
    return declare(SpecifyShape(tuple(stated.get(i) for i in range(len(sizes)))), [node], ints)
