"""Arrays taken apart into lists of parts, and put together along axes that they may lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..graph.dims import broadcast_shapes, listed, normal_axis
from ..graph.errors import ArgumentError, DTypeError, Mismatch, require
from ..graph.node import Node, NodeLike, as_node
from .axes import flattened
from .comparison import where
from .elementwise import cast_to, common_dtype, nodes_of, operands, promoted
from .index import getitem
from .join import concat, joinable, split
from .shape import broadcast_to, expand_dims, moveaxis, transpose
from .sizes import Blame, as_int, shape_of
from .take import take


def array_split(x: NodeLike, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Node]:
    """`x` cut along `axis` into parts of nearly one length, the longer ones first; or before the given positions.

    Arguments: x, any dtype; equal parts need a known length, positions do not.
    Raises: ShapeError for an axis that is not there or an unknown length, ArgumentError for less than one part.
    Source: NumPy `array_split`.

    >>> import theon
    >>> theon.array_split(theon.zeros((5,)), 2)
    [<pick : float32[3]>, <pick : float32[2]>]
    """
    node = as_node(x)
    if not isinstance(indices_or_sections, (int, np.integer)):
        return split(node, indices_or_sections, axis)
    with Blame("array_split", node):
        place = normal_axis(axis, node.ndim)
        count = as_int(indices_or_sections, "the number of parts")
        require(
            count > 0,
            f"needs one part or more, received {count}",
            "give 1 or more, or positions to cut at",
            ArgumentError,
        )
        length = node.dims[place]
        if not isinstance(length, int):
            raise Mismatch("parts of one length need a known length", "declare the size, or give positions to cut at")
    short, longer = divmod(length, count)
    ends = np.cumsum([short + 1] * longer + [short] * (count - longer)).tolist()
    return split(node, ends[:-1], place)


def hsplit(x: NodeLike, indices_or_sections: int | Sequence[int]) -> list[Node]:
    """`x` cut along its second axis, or the only one; as `split` does.

    Arguments, Raises: see `split`; ShapeError for a scalar. Source: NumPy `hsplit`.

    >>> import theon
    >>> theon.hsplit(theon.zeros((2, 4)), 2)
    [<pick : float32[2, 2]>, <pick : float32[2, 2]>]
    """
    node = as_node(x)
    return _split("hsplit", node, indices_or_sections, 1 if node.ndim > 1 else 0, 1)


def vsplit(x: NodeLike, indices_or_sections: int | Sequence[int]) -> list[Node]:
    """`x` cut along its first axis; as `split` does.

    Arguments, Raises: see `split`; ShapeError below two axes. Source: NumPy `vsplit`.

    >>> import theon
    >>> theon.vsplit(theon.zeros((4, 2)), 2)
    [<pick : float32[2, 2]>, <pick : float32[2, 2]>]
    """
    return _split("vsplit", as_node(x), indices_or_sections, 0, 2)


def dsplit(x: NodeLike, indices_or_sections: int | Sequence[int]) -> list[Node]:
    """`x` cut along its third axis; as `split` does.

    Arguments, Raises: see `split`; ShapeError below three axes. Source: NumPy `dsplit`.

    >>> import theon
    >>> theon.dsplit(theon.zeros((1, 2, 4)), [1])
    [<pick : float32[1, 2, 1]>, <pick : float32[1, 2, 3]>]
    """
    return _split("dsplit", as_node(x), indices_or_sections, 2, 3)


def _split(what: str, x: Node, indices_or_sections: int | Sequence[int], axis: int, least: int) -> list[Node]:
    with Blame(what, x):
        axes = "an axis" if least == 1 else f"{least} axes"
        require(x.ndim >= least, f"needs {axes} or more, received {x.ndim}", "use theon.split and name the axis")
    return split(x, indices_or_sections, axis)


def unstack(x: NodeLike, axis: int = 0) -> tuple[Node, ...]:
    """The parts of `x` along `axis`, which they lack: what `stack` would put together again.

    Arguments: any dtype; the length of the axis must be known.
    Raises: ShapeError for an axis that is not there or of unknown length. Source: NumPy / Array API `unstack`.

    >>> import theon
    >>> theon.unstack(theon.zeros((2, 3)))
    (<index : float32[3]>, <index : float32[3]>)
    """
    node = as_node(x)
    with Blame("unstack", node):
        place = normal_axis(axis, node.ndim)
        length = node.dims[place]
        if not isinstance(length, int):
            raise Mismatch("the number of parts is not known", "declare the size of the axis, or use theon.scan")
    return tuple(getitem(node, (*(slice(None),) * place, i)) for i in range(length))


# --- axes that are there at least --------------------------------------------------------------------------------


def _one_or_all(nodes: list[Node]) -> Any:
    return nodes[0] if len(nodes) == 1 else nodes


def atleast_1d(*xs: NodeLike) -> Any:
    """Each argument with at least one axis: a scalar becomes a vector of one element. Several give a list.

    Arguments: any shapes and dtypes. Raises: ArgumentError for what is no number. Source: NumPy `atleast_1d`.

    >>> import theon
    >>> theon.atleast_1d(theon.scalar("x"))
    <expand_dims : float32[1]>
    """
    return _one_or_all([expand_dims(x, range(1 - x.ndim)) for x in map(as_node, xs)])


def atleast_2d(*xs: NodeLike) -> Any:
    """Each argument with at least two axes, the new ones in front. Several give a list.

    Arguments: any shapes and dtypes. Raises: ArgumentError for what is no number. Source: NumPy `atleast_2d`.

    >>> import theon
    >>> theon.atleast_2d(theon.zeros((3,)))
    <expand_dims : float32[1, 3]>
    """
    return _one_or_all([expand_dims(x, range(2 - x.ndim)) for x in map(as_node, xs)])


def atleast_3d(*xs: NodeLike) -> Any:
    """Each argument with at least three axes: (1, n, 1) of a vector, (n, m, 1) of a matrix. Several give a list.

    Arguments: any shapes and dtypes. Raises: ArgumentError for what is no number. Source: NumPy `atleast_3d`.

    >>> import theon
    >>> theon.atleast_3d(theon.zeros((3,)))
    <expand_dims : float32[1, 3, 1]>
    """
    return _one_or_all([_deep(x) for x in map(as_node, xs)])


def _deep(x: Node) -> Node:
    return expand_dims(x, {0: (0, 1, 2), 1: (0, 2), 2: (2,)}.get(x.ndim, ()))


def broadcast_arrays(*xs: NodeLike) -> list[Node]:
    """The arguments, each repeated to the shape that they have together.

    Arguments: any shapes that broadcast, any dtypes, which stay.
    Raises: ShapeError where shapes do not broadcast. Source: NumPy / Array API `broadcast_arrays`.

    >>> import theon
    >>> theon.broadcast_arrays(theon.zeros((3,)), theon.zeros((2, 1)))
    [<broadcast_to : float32[2, 3]>, <broadcast_to : float32[2, 3]>]
    """
    nodes = [as_node(x) for x in xs]
    if not nodes:
        return []
    with Blame("broadcast_arrays", *nodes):
        dims = broadcast_shapes([x.dims for x in nodes])
    sizes: list[int | Node] = [1] * len(dims)
    for x in nodes:
        for i, size in enumerate(shape_of(x), len(dims) - x.ndim):
            sizes[i] = _common(sizes[i], size)
    return [x if x.dims == dims and None not in dims else broadcast_to(x, sizes) for x in nodes]


def _common(a: int | Node, b: int | Node) -> int | Node:
    """The size that two broadcast to; a known one other than 1 is it."""
    if isinstance(a, int):
        return b if a == 1 else a
    if isinstance(b, int):
        return a if b == 1 else b
    return where(a == 1, b, a)


# --- put together ------------------------------------------------------------------------------------------------


def hstack(arrays: Sequence[NodeLike]) -> Node:
    """Arrays one after another along the second axis, or the only one; scalars as vectors.

    Arguments, Raises: see `concat`. Source: NumPy `hstack`.

    >>> import theon
    >>> theon.hstack([theon.zeros((2, 1)), theon.zeros((2, 3))])
    <concat : float32[2, 4]>
    """
    nodes = [expand_dims(x, range(1 - x.ndim)) for x in joinable("hstack", arrays)]
    return concat(nodes, 0 if nodes[0].ndim == 1 else 1)


def vstack(arrays: Sequence[NodeLike]) -> Node:
    """Arrays one after another along the first axis; vectors as rows.

    Arguments, Raises: see `concat`. Source: NumPy `vstack`.

    >>> import theon
    >>> theon.vstack([theon.zeros((3,)), theon.zeros((2, 3))])
    <concat : float32[3, 3]>
    """
    return concat([expand_dims(x, range(2 - x.ndim)) for x in joinable("vstack", arrays)], 0)


def dstack(arrays: Sequence[NodeLike]) -> Node:
    """Arrays one after another along the third axis, after `atleast_3d`.

    Arguments, Raises: see `concat`. Source: NumPy `dstack`.

    >>> import theon
    >>> theon.dstack([theon.zeros((2, 3)), theon.zeros((2, 3))])
    <concat : float32[2, 3, 2]>
    """
    return concat([_deep(x) for x in joinable("dstack", arrays)], 2)


def column_stack(arrays: Sequence[NodeLike]) -> Node:
    """Arrays side by side as columns; vectors as one column each.

    Arguments, Raises: see `concat`. Source: NumPy `column_stack`.

    >>> import theon
    >>> theon.column_stack([theon.zeros((2,)), theon.zeros((2, 3))])
    <concat : float32[2, 4]>
    """
    nodes = joinable("column_stack", arrays)
    return concat([x if x.ndim > 1 else transpose(expand_dims(x, range(2 - x.ndim))) for x in nodes], 1)


def block(arrays: Any) -> Node:
    """An array put together from nested lists of blocks: the innermost lists run along the last axis.

    Arguments: lists of one depth, of numbers and arrays, whose missing axes come in front.
    Raises: ArgumentError for lists of different depths or an empty one, ShapeError where blocks do not fit.
    Source: NumPy `block`.

    >>> import theon
    >>> theon.block([[theon.zeros((2, 2)), theon.ones((2, 1))], [theon.ones((1, 3))]])
    <concat : float32[3, 3]>
    """
    with Blame("block"):
        depth = _depth(arrays)
    nodes = promoted("block", *_leaves(arrays))
    rank = max(depth, *(x.ndim for x in nodes))
    return _joined(arrays, iter(nodes), rank, rank - depth)


def _depth(arrays: Any) -> int:
    if not isinstance(arrays, list):
        return 0
    require(bool(arrays), "a list of blocks is empty", "give one block or more", ArgumentError)
    depths = {_depth(one) for one in arrays}
    require(len(depths) == 1, "the lists of blocks differ in depth", "nest all blocks alike", ArgumentError)
    return depths.pop() + 1


def _leaves(arrays: Any) -> list[Any]:
    return [leaf for one in arrays for leaf in _leaves(one)] if isinstance(arrays, list) else [arrays]


def _joined(arrays: Any, nodes: Iterator[Node], rank: int, axis: int) -> Node:
    """The nest, with `nodes` in order for its leaves, put together from the inside."""
    if not isinstance(arrays, list):
        node = next(nodes)
        return expand_dims(node, range(rank - node.ndim))
    return concat([_joined(one, nodes, rank, axis + 1) for one in arrays], axis)


def append(x: NodeLike, values: NodeLike, axis: int | None = None) -> Node:
    """`values` after `x` along `axis`; both flattened where it is None.

    Arguments, Raises: see `concat`. Source: NumPy `append`.

    >>> import theon
    >>> print(theon.append([1.0, 2.0], [3.0]).eval())
    [1. 2. 3.]
    """
    return concat([x, values], axis)


def delete(x: NodeLike, obj: int | slice | Sequence[int], axis: int | None = None) -> Node:
    """`x` without the elements at `obj` along `axis`; flattened where it is None.

    Arguments: x, any dtype, of known length along the axis; obj, an int, a slice or several ints, known here.
    Raises: ShapeError for an axis that is not there or of unknown length, ArgumentError for a position that is not.
    Source: NumPy `delete`.

    >>> import theon
    >>> print(theon.delete([1.0, 2.0, 3.0], 1).eval())
    [1. 3.]
    """
    node = as_node(x)
    if axis is None:
        node, axis = flattened(node), 0
    with Blame("delete", node):
        place = normal_axis(axis, node.ndim)
        length = node.dims[place]
        if not isinstance(length, int):
            raise Mismatch("the length of the axis is not known", "declare it, or use theon.where")
        if isinstance(obj, slice):
            gone = set(range(length)[obj])
        else:
            several = [obj] if isinstance(obj, (int, np.integer)) else listed(obj, "positions")
            gone = {as_int(i, "a position") for i in several}
            inside = all(-length <= i < length for i in gone)
            hint = f"use ints from {-length} to {length - 1}"
            require(inside, f"there is no position {obj!r} among {length}", hint, ArgumentError)
    stay = np.setdiff1d(np.arange(length), [i % length for i in gone]).astype(np.int32)
    return take(node, stay, place)


def insert(x: NodeLike, obj: int | slice | Sequence[int], values: NodeLike, axis: int | None = None) -> Node:
    """`x` with `values` put in before the elements at `obj` along `axis`; flattened where it is None.

    Arguments: x, any dtype, of known length along the axis; obj, an int, a slice or several ints, known here, counted
    in `x` as it was; values, which broadcast to one slice for each position (at a single one, to as many slices as
    there are), and convert to the dtype of `x` without loss.
    Raises: ShapeError for an axis that is not there or of unknown length, or values that do not fit; ArgumentError for
    a position that is not there; DTypeError. Source: NumPy `insert`.

    >>> import theon
    >>> print(theon.insert([1.0, 2.0, 3.0], 1, 9.0).eval())
    [1. 9. 2. 3.]
    """
    node, (given,) = as_node(x), operands([values])
    if axis is None:
        node, axis = flattened(node), 0
    with Blame("insert", node, *nodes_of([given])):
        place = normal_axis(axis, node.ndim)
        length = node.dims[place]
        if not isinstance(length, int):
            raise Mismatch("the length of the axis is not known", "declare it, or use theon.concat")
        if isinstance(obj, slice):
            spots = list(range(length)[obj])
        else:
            several = [obj] if isinstance(obj, (int, np.integer)) else listed(obj, "positions")
            spots = [as_int(i, "a position") for i in several]
            inside = all(-length <= i <= length for i in spots)
            require(inside, f"there is no position {obj!r} in {length}", f"use ints to {length}", ArgumentError)
        dtype = common_dtype([node, given])
        narrows = f"the values are {dtype} beside {node.dtype}: writing them would lose information"
        require(dtype == node.dtype, narrows, "convert with .astype", DTypeError)
        put = cast_to(given, dtype)
        require(put.ndim <= node.ndim, f"values of {put.ndim} axes do not fit into {node.ndim}", "give as many at most")
        put = expand_dims(put, range(node.ndim - put.ndim))
        if isinstance(obj, (int, np.integer)):  # of a single position NumPy takes the first axis for the one that grows
            put = moveaxis(put, 0, place)
    sizes: list[int | Node] = list(shape_of(node))
    sizes[place] = shape_of(put)[place] if len(spots) == 1 else len(spots)
    put = broadcast_to(put, sizes)
    at = np.array([i + length if i < 0 else i for i in spots], np.int32)
    if len(spots) == 1:
        parts = split(node, at.tolist(), place)
        return concat([parts[0], put, parts[1]], place)
    order = np.argsort(at, kind="stable")
    source = np.empty(length + len(spots), np.int32)
    source[np.arange(length) + np.searchsorted(at[order], np.arange(length), "right")] = np.arange(length)
    source[at[order] + np.arange(len(spots))] = length + order
    return take(concat([node, put], place), source, place)
