"""Reads and writes by index arrays that are arguments: take and put, choices, positions of many axes as one."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, Literal, TypeAlias

from ..graph.dims import normal_axis
from ..graph.errors import ArgumentError, DTypeError, Mismatch, require
from ..graph.node import Node, NodeLike, as_node, const_value
from ..graph.types import is_integer
from .arithmetic import clip, floor_divide, remainder
from .comparison import greater_equal, less, logical_and, where
from .creation import arange
from .elementwise import nodes_of, promoted
from .gather import check_bounds
from .index import getitem, set_subtensor
from .shape import expand_dims, ravel, reshape
from .sizes import Blame, is_among, shape_of, sizes_of

_USE = "use 'raise', 'clip' or 'wrap'"
TakeMode: TypeAlias = Literal["raise", "clip", "wrap", "fill"]


def brought_inside(indices: Node, length: int | Node, mode: str) -> Node:
    """Indices as `mode` has them for an axis of some length; raises Mismatch for another mode."""
    _require_ints(indices)
    if mode == "clip":
        return clip(indices, 0, length - 1)
    require(mode in ("wrap", "raise"), f"there is no mode {mode!r}", _USE, ArgumentError)
    return remainder(indices, length) if mode == "wrap" else indices


def take(
    x: NodeLike, indices: NodeLike, axis: int | None = None, mode: TakeMode = "raise", fill_value: Any = None
) -> Node:
    """The elements of `x` at `indices` along `axis`; of `x` as a vector where it is None.

    Arguments: x, any dtype; indices, ints of any shape, whose axes take the place of `axis`; mode, what indices out of
    range do: "raise" raises for constant ones at declaration, and reads the nearest element at run time; "clip" reads
    the nearest (negative ones the first); "wrap" counts around; "fill" reads `fill_value` (nan, or 0 for ints).
    Raises: IndexingError for indices that are not ints, or constant and out of bounds; ArgumentError for another mode.
    Source: NumPy `take`; "fill": JAX `numpy.take`.

    >>> import theon
    >>> theon.take(theon.zeros((5, 2)), [[0, 4, 1]], axis=0)
    <index : float32[1, 3, 2]>
    """
    node = as_node(x)
    if axis is None:
        node, axis = ravel(node), 0
    with Blame("take", node):
        place = normal_axis(axis, node.ndim)
        modes = ("raise", "clip", "wrap", "fill")
        require(is_among(mode, modes), f"there is no mode {mode!r}", f"use one of {modes}", ArgumentError)
    front = (slice(None),) * place
    picks = as_node(indices)
    length = shape_of(node)[place]
    with Blame("take", node, picks):
        _require_ints(picks)
        if mode == "raise":
            return getitem(node, (*front, picks), "take")
        if mode != "fill":
            return getitem(node, (*front, brought_inside(picks, length, mode)))
        inside = brought_inside(picks, length, "clip")
    default = (float("nan") if node.tensor.is_inexact else 0) if fill_value is None else fill_value
    reach = -length if isinstance(length, int) else length * -1
    good = logical_and(greater_equal(picks, reach), less(picks, length))
    found = getitem(node, (*front, where(less(picks, 0), clip(picks + length, 0, length - 1), inside)))
    return where(expand_dims(good, range(picks.ndim, picks.ndim + node.ndim - place - 1)), found, default)


def take_along_axis(x: NodeLike, indices: NodeLike, axis: int = -1) -> Node:
    """For each place of the result, the element of `x` whose position along `axis` is `indices` there.

    Arguments: x, any dtype; indices, ints of the rank of `x`; the sizes but that of `axis` broadcast.
    Raises: ShapeError for another rank, IndexingError for indices that are not ints. Source: NumPy `take_along_axis`.

    >>> import theon
    >>> print(theon.take_along_axis([[1.0, 2.0], [3.0, 4.0]], [[1], [0]], axis=1).eval())
    [[2.]
     [3.]]
    """
    return _along("take_along_axis", x, indices, axis)


def _along(what: str, x: NodeLike, indices: NodeLike, axis: int) -> Node:
    node, picks = as_node(x), as_node(indices)
    with Blame(what, node, picks):
        place = normal_axis(axis, node.ndim)
        require(
            picks.ndim == node.ndim,
            f"takes {node.ndim} axes of indices, received {picks.ndim}",
            "give one of length 1 where they repeat",
        )
    sizes = shape_of(node)
    index: list[Node] = []
    for i, size in enumerate(sizes):
        shape = [1] * node.ndim
        shape[i] = -1
        index.append(picks if i == place else reshape(arange(size), shape))
    return getitem(node, tuple(index), what)


def put_along_axis(x: NodeLike, indices: NodeLike, values: NodeLike, axis: int = -1) -> Node:
    """`x` with the elements whose positions along `axis` are `indices` replaced by `values`.

    Arguments: x, indices as for `take_along_axis`; values broadcast to the indices, and convert to the dtype of `x`
    without loss. NumPy changes `x` in place; this gives the new array. Raises: ShapeError, IndexingError, DTypeError.
    Source: NumPy `put_along_axis`.

    >>> import theon
    >>> print(theon.put_along_axis([[1.0, 2.0], [3.0, 4.0]], [[1], [0]], 9.0, axis=1).eval())
    [[1. 9.]
     [9. 4.]]
    """
    return set_subtensor(_along("put_along_axis", x, indices, axis), values)


def put(x: NodeLike, indices: NodeLike, values: NodeLike) -> Node:
    """`x` with the elements at `indices`, counted over `x` as a vector, replaced by `values`.

    Arguments: x, any dtype; indices, ints of any shape; values broadcast to the indices (NumPy repeats them instead),
    and convert to the dtype of `x` without loss. NumPy changes `x` in place; this gives the new array.
    Raises: IndexingError, ShapeError, DTypeError. Source: NumPy `put`.

    >>> import theon
    >>> print(theon.put([1.0, 2.0, 3.0], [0, 2], 9.0).eval())
    [9. 2. 9.]
    """
    node = as_node(x)
    return reshape(set_subtensor(getitem(ravel(node), indices), values), shape_of(node))


def choose(a: NodeLike, choices: NodeLike | Sequence[NodeLike], mode: str = "raise") -> Node:
    """For each place, the element there of the choice whose number `a` holds.

    Arguments: a, ints; choices, several arrays (or one, by its first axis) that broadcast against each other and
    against `a`; mode, what numbers out of range do: "raise" and "clip" take the nearest choice (no program can raise
    at run time), "wrap" counts around. Raises: ArgumentError without a choice or for another mode, ShapeError where
    shapes do not broadcast. Source: NumPy `choose`.

    >>> import theon
    >>> print(theon.choose([1, 0], [[1.0, 2.0], [3.0, 4.0]]).eval())
    [3. 2.]
    """
    picks = as_node(a)
    several = list(choices) if isinstance(choices, (list, tuple)) else list(as_node(choices))
    with Blame("choose", picks, *nodes_of(several)):
        require(len(several) > 0, "needs a choice or more", "give a list of arrays", ArgumentError)
        inside = brought_inside(picks, len(several), "wrap" if mode == "wrap" else "clip")
        require(is_among(mode, ("raise", "clip", "wrap")), f"there is no mode {mode!r}", _USE, ArgumentError)
    nodes = promoted("choose", *several)
    found = nodes[-1]
    for number in reversed(range(len(nodes) - 1)):
        found = where(less(inside, number + 1), nodes[number], found)
    return found if len(nodes) > 1 else where(less(inside, 1), found, found)  # of one choice, `a` broadcasts still


# --- positions of several axes as one --------------------------------------------------------------------------


def unravel_index(indices: NodeLike, shape: Sequence[int | Node]) -> tuple[Node, ...]:
    """Positions in an array as a vector, as a position along each of its axes.

    Arguments: indices, ints of any shape; shape, ints or int nodes. Gives an int array per axis. A negative index
    counts from the end; one that is out of range gives positions of no meaning.
    Raises: IndexingError for constant indices out of bounds, DTypeError for others than ints.
    Source: NumPy `unravel_index`.

    >>> import theon
    >>> row, column = theon.unravel_index([1, 5], (2, 3))
    >>> print(row.eval(), column.eval())
    [0 1] [1 2]
    """
    node = as_node(indices)
    with Blame("unravel_index", node):
        sizes = sizes_of(shape)
        _require_ints(node)
        if all(isinstance(size, int) for size in sizes):
            check_constant_of(node, prod(sizes))  # type: ignore[arg-type]  # all ints
    rest = node
    found: list[Node] = []
    for size in reversed(sizes):
        found.append(remainder(rest, size))
        rest = floor_divide(rest, size)
    return tuple(reversed(found))


def ravel_multi_index(
    multi_index: Sequence[NodeLike], dims: Sequence[int | Node], mode: str = "raise", order: str = "C"
) -> Node:
    """A position along each axis as one position in the array as a vector.

    Arguments: multi_index, int arrays that broadcast, one per axis; dims, the shape; mode, what positions out of range
    do: "raise" raises for constant ones at declaration, "clip" takes the nearest, "wrap" counts around; order, "C" or
    "F". Raises: ArgumentError where the numbers of axes differ, or for another mode or order; IndexingError.
    Source: NumPy `ravel_multi_index`.

    >>> import theon
    >>> print(theon.ravel_multi_index(([0, 1], [1, 2]), (2, 3)).eval())
    [1 5]
    """
    nodes = [as_node(one) for one in multi_index]
    with Blame("ravel_multi_index", *nodes):
        sizes = sizes_of(dims)
        fits = len(nodes) == len(sizes) > 0
        require(fits, f"{len(nodes)} positions for {len(sizes)} axes", "give one for each axis", ArgumentError)
        require(order in ("C", "F"), f"there is no order {order!r}", "use 'C' or 'F'", ArgumentError)
        for axis, (node, size) in enumerate(zip(nodes, sizes, strict=True)):
            _require_ints(node)
            if mode == "raise" and isinstance(size, int):
                check_constant_of(node, size, axis)
        inside = [brought_inside(node, size, mode) for node, size in zip(nodes, sizes, strict=True)]
    pairs = list(zip(inside, sizes, strict=True))
    pairs = pairs if order == "C" else pairs[::-1]
    total = pairs[0][0]
    for node, size in pairs[1:]:
        total = total * size + node
    return total


def check_constant_of(indices: Node, length: int, axis: int = 0) -> None:
    """Raise Mismatch where constant indices are out of an axis of some length."""
    value = const_value(indices)
    if value is not None and value.size:
        check_bounds(int(value.min()), int(value.max()), axis, length)


def _require_ints(node: Node) -> None:
    if not is_integer(node.dtype):
        raise Mismatch(f"takes ints, not {node.dtype}", "convert with .astype('int32')", DTypeError)


__all__ = ["choose", "put", "put_along_axis", "ravel_multi_index", "take", "take_along_axis", "unravel_index"]
