"""Sorting: sorted tensors, the order that sorts them, the largest elements, and where a value belongs.

Every order is stable. Nan stands last, as in NumPy; in descending order first. Complex numbers go by their real
parts, and by their imaginary parts where these are equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.dims import listed, may_equal, normal_axis, unify_dim
from ..graph.errors import ArgumentError, Mismatch, require
from ..graph.node import Node, NodeLike, apply, as_node, picks
from ..graph.op import Op
from ..graph.types import BOOL, INT32, TensorType, TupleType, Type, kind_of
from .axes import flattened, require_kind
from .creation import zeros_like
from .elementwise import cast_to, common_dtype, is_weak, number
from .gather import ARRAY, read
from .index import getitem, inc_subtensor
from .shape import moveaxis
from .sizes import Blame, as_int, is_among, shape_of
from .take import take, take_along_axis

_REALS = ("bool", "int", "uint", "float")


@dataclass(frozen=True, eq=False)
class Sort(Op):
    """The elements along an axis in ascending order."""

    axis: int

    def infer(self, x: TensorType) -> TensorType:
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        return lax.sort(x, dimension=self.axis)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        order = apply(Order(self.axis), x)
        return (take_along_axis(g, apply(Order(self.axis), order), self.axis),)


@dataclass(frozen=True, eq=False)
class Order(Op):
    """The positions along an axis in the ascending order of keys: by the first, where equal by the second, ..."""

    axis: int
    differentiable = False

    @property
    def name(self) -> str:
        return "argsort"

    def infer(self, *keys: TensorType) -> TensorType:
        dims = list(keys[0].shape)
        for k, key in enumerate(keys):
            fits = key.ndim == len(dims) and all(map(may_equal, dims, key.shape))
            require(fits, f"key {k} has another shape than the first", "give keys of one shape")
            dims = list(map(unify_dim, dims, key.shape))
        return TensorType(INT32, tuple(dims))

    def lower(self, *keys: jax.Array) -> jax.Array:
        places = lax.broadcasted_iota(INT32, keys[0].shape, self.axis)
        return lax.sort((*keys, places), dimension=self.axis, is_stable=True, num_keys=len(keys))[-1]


def _prepared(what: str, x: NodeLike, axis: int | None) -> tuple[Node, int]:
    node = as_node(x)
    if axis is None:
        node, axis = flattened(node), 0
    with Blame(what, node):
        return node, normal_axis(axis, node.ndim)


def _flipped(x: Node, axis: int) -> Node:
    return getitem(x, (*(slice(None),) * axis, slice(None, None, -1)))


def sort(x: NodeLike, axis: int | None = -1, *, descending: bool = False, stable: bool = True) -> Node:
    """The elements along `axis` in ascending order, nan last; of the flattened tensor where it is None.

    Arguments: a tensor of any dtype, complex ones by real and then by imaginary part; descending, the other way
    round, nan first; stable, which makes no difference here. Gives its dtype. The gradient goes back to where each
    element came from. Raises: ShapeError for an axis that is not there. Source: NumPy / Array API `sort`.

    >>> import theon
    >>> print(theon.sort([3.0, 1.0, 2.0]).eval())
    [1. 2. 3.]
    """
    node, place = _prepared("sort", x, axis)
    found = apply(Sort(place), node)
    return _flipped(found, place) if descending else found


def argsort(x: NodeLike, axis: int | None = -1, *, descending: bool = False, stable: bool = True) -> Node:
    """The positions along `axis` of the elements in ascending order; equal elements keep their order.

    Arguments: as for `sort`; the order is stable in any case, descending as well. Gives int32. Not differentiable.
    Raises: ShapeError for an axis that is not there. Source: NumPy / Array API `argsort`.

    >>> import theon
    >>> print(theon.argsort([3.0, 1.0, 2.0]).eval())
    [1 2 0]
    """
    node, place = _prepared("argsort", x, axis)
    if not descending:
        return apply(Order(place), node)
    # Turned round before and after, equal elements keep their order.
    order = _flipped(apply(Order(place), _flipped(node, place)), place)
    return (shape_of(node)[place] - 1) - order


def lexsort(keys: Sequence[NodeLike] | Node, axis: int = -1) -> Node:
    """The positions in the order of several keys, of which the last counts first.

    Arguments: keys, tensors of one shape, or one tensor whose leading axis runs over them. Gives int32, of the shape
    of a key. Not differentiable. Raises: ShapeError where shapes differ or there is no such axis, ArgumentError for
    no keys. Source: NumPy `lexsort`.

    >>> import theon
    >>> print(theon.lexsort([[1, 3, 2], [0, 0, -1]]).eval())
    [2 0 1]
    """
    with Blame("lexsort"):
        several = keys if isinstance(keys, Node) and not isinstance(keys.dims[0] if keys.ndim else None, int) else None
        if several is not None:
            raise Mismatch("the number of keys is not known", "give a list of keys")
        nodes = [as_node(key) for key in (keys if isinstance(keys, Node) else listed(keys, "the keys"))]
        require(bool(nodes), "needs a key or more", "give a list: [second, first]", ArgumentError)
    with Blame("lexsort", *nodes):
        place = normal_axis(axis, nodes[0].ndim)
        for k, key in enumerate(nodes):
            same = key.ndim == nodes[0].ndim and all(map(may_equal, key.dims, nodes[0].dims))
            require(same, f"key {k} has another shape than the first", "give keys of one shape")
    return apply(Order(place), *reversed(nodes))


# --- parts of an order -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class TopK(Op):
    """The `k` largest elements of the last axis, the largest first, and their positions."""

    k: int

    @property
    def name(self) -> str:
        return "top_k"

    def infer(self, x: TensorType) -> TupleType:
        require_kind(x.dtype, _REALS)
        length = x.shape[-1]
        fits = self.k >= 0 and (not isinstance(length, int) or self.k <= length)
        require(fits, f"there are no {self.k} largest of {length} elements", "choose a k up to the length of the axis")
        shape = (*x.shape[:-1], self.k)
        return TupleType((x.with_shape(shape), TensorType(INT32, shape)))

    def lower(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        ints = lax.convert_element_type(x, INT32) if x.dtype == BOOL else x
        values, places = lax.top_k(ints, self.k)
        return lax.convert_element_type(values, x.dtype), lax.convert_element_type(places, INT32)

    def vjp(self, g: Sequence[Node], out: Node, x: Node) -> Sequence[Node | None]:
        _, places = picks(out)
        return (inc_subtensor(take_along_axis(zeros_like(x), places, -1), g[0]),)

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return tuple(isinstance(t, TensorType) and t.is_inexact for t in types)


def top_k(x: NodeLike, k: int, axis: int = -1) -> tuple[Node, Node]:
    """The `k` largest elements along `axis`, the largest first, and their positions; of equal ones the first.

    Arguments: x, real or bool, one axis or more; nan counts as largest; k, at most the length of the axis. Gives the
    values in the dtype of `x`, and int32. Raises: ShapeError where `k` is too large or there is no such axis,
    DTypeError for complex. Source: `jax.lax.top_k`, Array API `top_k`.

    >>> import theon
    >>> [part.tolist() for part in theon.function([], list(theon.top_k([3.0, 1.0, 2.0], 2)))()]
    [[3.0, 2.0], [0, 2]]
    """
    node = as_node(x)
    with Blame("top_k", node):
        place, count = normal_axis(axis, node.ndim), as_int(k, "the number of elements")
    values, places = picks(apply(TopK(count), moveaxis(node, place, -1)))
    return moveaxis(values, -1, place), moveaxis(places, -1, place)


def _check_kth(what: str, node: Node, place: int, kth: Any) -> None:
    length = node.dims[place]
    with Blame(what, node):
        for one in [kth] if isinstance(kth, (int, np.integer)) else listed(kth, "kth"):
            at = as_int(one, "a position")
            if isinstance(length, int):
                normal = -length <= at < length
                hint = f"use an int from {-length} to {length - 1}"
                require(normal, f"there is no position {at} among {length}", hint, ArgumentError)


def partition(x: NodeLike, kth: int | Sequence[int], axis: int | None = -1) -> Node:
    """The elements along `axis`, none before the `kth` greater and none after it smaller: in fact all sorted.

    Arguments: x as for `sort`; kth, one position or several.
    Raises: ShapeError for an axis that is not there, ArgumentError for a position that is not.
    Source: NumPy `partition`, which leaves both sides in any order.

    >>> import theon
    >>> print(theon.partition([3.0, 1.0, 2.0], 1).eval())
    [1. 2. 3.]
    """
    node, place = _prepared("partition", x, axis)
    _check_kth("partition", node, place, kth)
    return sort(node, place)


def argpartition(x: NodeLike, kth: int | Sequence[int], axis: int | None = -1) -> Node:
    """The positions along `axis` of what `partition` gives: those of `argsort`.

    Arguments, Raises: see `partition`. Gives int32. Not differentiable. Source: NumPy `argpartition`.

    >>> import theon
    >>> print(theon.argpartition([3.0, 1.0, 2.0], 1).eval())
    [1 2 0]
    """
    node, place = _prepared("argpartition", x, axis)
    _check_kth("argpartition", node, place, kth)
    return argsort(node, place)


# --- where a value belongs ---------------------------------------------------------------------------------------


def _precedes(a: Any, b: Any, or_equal: bool) -> Any:
    """a < b, or a <= b; nan is the largest."""
    found = lax.le(a, b) if or_equal else lax.lt(a, b)
    if kind_of(a.dtype) != "float":
        return found
    last = lax.ne(b, b)
    return lax.bitwise_or(found, last if or_equal else lax.bitwise_and(last, lax.eq(a, a)))


@dataclass(frozen=True, eq=False)
class SearchSorted(Op):
    """How many elements of an ascending vector stand before each value."""

    right: bool
    differentiable = False

    def infer(self, a: TensorType, v: TensorType) -> TensorType:
        require_kind(a.dtype, _REALS)
        require(a.ndim == 1, f"looks through a vector, received {a.ndim} axes", "flatten with theon.ravel")
        return TensorType(INT32, v.shape)

    def lower(self, a: jax.Array, v: jax.Array) -> jax.Array:
        """By halves, as often as the length has binary digits."""
        length = a.shape[0]
        low, high = lax.full(v.shape, 0, INT32), lax.full(v.shape, length, INT32)
        for _ in range(length.bit_length()):
            middle = lax.div(lax.add(low, high), number(2, low))
            beyond = _precedes(read(a, (ARRAY,), (middle,), "clamp"), v, self.right)
            beyond = lax.bitwise_and(beyond, lax.lt(low, high))
            low = lax.select(beyond, lax.add(middle, number(1, low)), low)
            high = lax.select(beyond, high, lax.max(middle, low))
        return low


def searchsorted(a: NodeLike, v: NodeLike, side: str = "left", sorter: NodeLike | None = None) -> Node:
    """Where each of the values `v` would be put into the ascending vector `a` so that it stays so.

    Arguments: a, a real vector, nan last; v, of any shape; side, "left" of equal elements or "right" of them; sorter,
    positions that sort `a`, as of `argsort`. Gives int32 in the shape of `v`. Not differentiable. A vector that is
    not sorted gives some positions, and no error.
    Raises: ShapeError where `a` is no vector, ArgumentError for another side, DTypeError for complex.
    Source: NumPy / Array API `searchsorted`.

    >>> import theon
    >>> print(theon.searchsorted([1.0, 2.0, 3.0], [0.5, 2.0, 9.0]).eval())
    [0 1 3]
    """
    first, second = as_node(a), as_node(v)
    with Blame("searchsorted", first, second):
        hint = "equal elements stand to the right of a 'left' place"
        require(is_among(side, ("left", "right")), f"side is 'left' or 'right', received {side!r}", hint, ArgumentError)
        hint = "use theon.vectorize to look through the rows of a matrix"
        require(first.ndim == 1, f"looks through a vector, received {first.ndim} axes", hint)
        dtype = common_dtype([first, v if is_weak(v) else second])
    if sorter is not None:
        first = take(first, sorter, axis=0)
    return apply(SearchSorted(side == "right"), cast_to(first, dtype), cast_to(v, dtype))


def digitize(x: NodeLike, bins: NodeLike, right: bool = False) -> Node:
    """The number of the bin that each value falls in: `bins[i - 1] <= x < bins[i]`, or `< x <=` with `right`.

    Arguments: x, real, of any shape; bins, an ascending vector (NumPy also takes a descending one). Gives int32.
    Not differentiable. Raises: ShapeError where `bins` is no vector, DTypeError for complex. Source: NumPy `digitize`.

    >>> import theon
    >>> print(theon.digitize([0.2, 6.4, 3.0], [0.0, 1.0, 2.5, 4.0]).eval())
    [1 4 3]
    """
    return searchsorted(bins, x, "left" if right else "right")


__all__ = [
    *("argpartition", "argsort", "digitize", "lexsort", "partition", "searchsorted", "sort", "top_k"),
    *("Order", "SearchSorted", "Sort", "TopK"),
]
