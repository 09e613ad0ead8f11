"""Shapes: ops that move elements without changing them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.dims import Dim, Shape, listed, normal_axes, normal_axis, same_dim
from ..graph.errors import ArgumentError, Mismatch, require
from ..graph.node import Node, NodeLike, apply, as_node
from ..graph.op import Op, dims_of
from ..graph.types import INT32, TensorType
from .sizes import Blame, Field, as_int, check_sizes, declare, shape_argument, shape_of

# --- reshape ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Reshape(Op):
    """The same elements in row-major order in another shape; one size may be -1: it follows from the others."""

    stores = True

    shape: tuple[Field, ...]

    @property
    def params(self) -> str:
        return ", ".join(map(str, self.shape))

    def infer(self, x: TensorType) -> TensorType:
        return x.with_shape(reshaped(x.shape, self.shape))

    def lower(self, x: jax.Array) -> jax.Array:
        return lax.reshape(x, TensorType(INT32, reshaped(x.shape, self.shape)).sizes)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (apply(Reshape(x.sizes), g),)


def reshaped(source: Shape, target: Sequence[Field]) -> Shape:
    """The dims of a reshape: names cancel against each other, and what is left is compared or solved for."""
    dims: list[Dim] = list(dims_of(target))
    inferred = [i for i, d in enumerate(dims) if d == -1]
    require(len(inferred) <= 1, "only one size of a new shape can be -1", "give all others", ArgumentError)
    for d in dims:
        require(not isinstance(d, int) or d >= -1, f"a size cannot be negative, received {d}", "give 0 or more")
    open_at = inferred or [i for i, d in enumerate(dims) if d is None]
    rest = [d for i, d in enumerate(dims) if i not in open_at]
    have, want = _known_product(source), _known_product(rest)
    names, wanted = (Counter(d for d in s if isinstance(d, str)) for s in (source, rest))
    left, lacking = names - wanted, wanted - names
    if inferred:
        dims[inferred[0]] = None
    if None in source or None in rest or lacking or len(open_at) > 1:
        return tuple(dims)
    if not open_at:
        differ = f"{_shape_text(source)} has {have} elements, {_shape_text(dims)} has {want}"
        require(bool(left) or have == want, differ, "leave one size open with -1, or keep the number of elements")
    elif not left:
        fits = want != 0 and have % want == 0
        divides = "give sizes that divide the number of elements"
        require(fits or (want == have == 0 and not inferred), _no_size(source, dims, have), divides)
        dims[open_at[0]] = have // want if want else None
    elif have == want and left.total() == 1:
        dims[open_at[0]] = next(iter(left))
    return tuple(dims)


def _no_size(source: Shape, dims: Sequence[Dim], have: int) -> str:
    return f"{_shape_text(source)} has {have} elements: no size fits for the open one of {_shape_text(dims)}"


def _known_product(dims: Sequence[Dim]) -> int:
    return math.prod(d for d in dims if isinstance(d, int))


def _shape_text(shape: Sequence[Dim]) -> str:
    inside = ", ".join("?" if d is None else str(d) for d in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def reshape(x: NodeLike, shape: Any, *, copy: bool | None = None) -> Node:
    """`x` under another shape of as many elements.

    Arguments: x, any shape and dtype; shape, an int or a sequence of ints and int nodes, one of them -1 or none;
    copy, of no effect, as in `astype`.
    Raises: ShapeError where the numbers of elements surely differ. Source: NumPy / Array API `reshape`.

    >>> import theon
    >>> theon.reshape(theon.tensor("x", shape=("batch", 784)), (-1, 28, 28))
    <reshape : float32[batch, 28, 28]>
    """
    node = as_node(x)
    with Blame("reshape", node):
        fields, ints = shape_argument(shape)
        dims = reshaped(node.dims, fields)
    # A size that follows from known ones is written out: equal reshapes are then equal ops, however they were spelt.
    fields = tuple(d if f == -1 and isinstance(d, int) else f for f, d in zip(fields, dims, strict=True))
    return declare(Reshape(fields), [node], ints)


def ravel(x: NodeLike) -> Node:
    """`x` as a vector, in row-major order. Source: NumPy `ravel`.

    >>> import theon
    >>> theon.ravel(theon.zeros((2, 3)))
    <reshape : float32[6]>
    """
    return reshape(x, (-1,))


def flatten(x: NodeLike, ndim: int = 1) -> Node:
    """`x` with its last axes joined, so that `ndim` are left; the first keep their sizes. Source: Theano `flatten`.

    Raises: ArgumentError where `x` has fewer axes.

    >>> import theon
    >>> theon.tensor("x", shape=("batch", 3, 28, 28)).flatten(2)
    <reshape : float32[batch, 2352]>
    """
    node = as_node(x)
    with Blame("flatten", node):
        ndim = as_int(ndim, "the number of axes")
        require(1 <= ndim <= max(node.ndim, 1), f"cannot leave {ndim} of {node.ndim} axes", "use 1", ArgumentError)
    return reshape(node, (*shape_of(node)[: ndim - 1], -1))


# --- axes of length one -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ExpandDims(Op):
    """New axes of length 1, at these places of the result."""

    stores = True

    axes: tuple[int, ...]

    def infer(self, x: TensorType) -> TensorType:
        old = iter(x.shape)
        return x.with_shape([1 if i in self.axes else next(old) for i in range(x.ndim + len(self.axes))])

    def lower(self, x: jax.Array) -> jax.Array:
        return lax.expand_dims(x, self.axes)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (apply(Squeeze(self.axes), g),)


@dataclass(frozen=True, eq=False)
class Squeeze(Op):
    """Axes of length 1 dropped."""

    stores = True

    axes: tuple[int, ...]

    def infer(self, x: TensorType) -> TensorType:
        for axis in self.axes:
            size = x.shape[axis]
            require(not isinstance(size, int) or size == 1, f"axis {axis} has length {size}, not 1", "use reshape")
        return x.with_shape([d for i, d in enumerate(x.shape) if i not in self.axes])

    def lower(self, x: jax.Array) -> jax.Array:
        return lax.squeeze(x, self.axes)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (apply(ExpandDims(self.axes), g),)


def expand_dims(x: NodeLike, axis: int | Sequence[int]) -> Node:
    """`x` with new axes of length 1 at the places `axis` of the result.

    Raises: ShapeError for a place outside the result. Source: NumPy / Array API `expand_dims`.

    >>> import theon
    >>> theon.expand_dims(theon.vector("x"), (0, -1))
    <expand_dims : float32[1, ?, 1]>
    """
    node = as_node(x)
    with Blame("expand_dims", node):
        new = 1 if isinstance(axis, (int, np.integer)) else len(listed(axis, "axis"))
        axes = normal_axes(axis, node.ndim + new)
    return apply(ExpandDims(axes), node) if axes else node


def squeeze(x: NodeLike, axis: int | Sequence[int] | None = None) -> Node:
    """`x` without axes of length 1: those named, or every one where `axis` is None and the shape is known.

    Raises: ShapeError where an axis has another length, or is neither known nor named. Source: NumPy `squeeze`.

    >>> import theon
    >>> theon.squeeze(theon.zeros((1, 3, 1)), axis=0)
    <squeeze : float32[3, 1]>
    """
    node = as_node(x)
    with Blame("squeeze", node):
        if axis is None:
            require(node.tensor.is_static, "needs to know which axes have length 1", "name them with axis=")
            axes = tuple(i for i, d in enumerate(node.dims) if d == 1)
        else:
            axes = normal_axes(axis, node.ndim)
    return apply(Squeeze(axes), node) if axes else node


# --- the order of axes --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Transpose(Op):
    """Axis `i` of the result is axis `perm[i]` of the input."""

    stores = True

    perm: tuple[int, ...]

    @property
    def params(self) -> str:
        return ", ".join(map(str, self.perm))

    def infer(self, x: TensorType) -> TensorType:
        require(sorted(self.perm) == list(range(x.ndim)), f"{self.perm} is not an order of {x.ndim} axes")
        return x.with_shape([x.shape[i] for i in self.perm])

    def lower(self, x: jax.Array) -> jax.Array:
        return lax.transpose(x, self.perm)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (permuted(g, tuple(self.perm.index(i) for i in range(len(self.perm)))),)


def permuted(x: Node, perm: tuple[int, ...]) -> Node:
    """`x` with its axes in the order `perm`, without a node where nothing moves."""
    return x if perm == tuple(range(x.ndim)) else apply(Transpose(perm), x)


def transpose(x: NodeLike, axes: Sequence[int] | None = None) -> Node:
    """`x` with its axes in the order `axes`, or reversed.

    Raises: ShapeError where `axes` does not name every axis once. Source: NumPy `transpose`.

    >>> import theon
    >>> theon.transpose(theon.zeros((2, 3, 4)), (1, 2, 0))
    <transpose : float32[3, 4, 2]>
    """
    node = as_node(x)
    if axes is None:
        return permuted(node, tuple(reversed(range(node.ndim))))
    with Blame("transpose", node):
        perm = tuple(normal_axis(a, node.ndim) for a in listed(axes, "the order of axes"))
        every = len(perm) == node.ndim and len(set(perm)) == node.ndim
        require(every, f"{tuple(axes)} does not name each of {node.ndim} axes once", "give a permutation of them")
    return permuted(node, perm)


def permute_dims(x: NodeLike, axes: Sequence[int]) -> Node:
    """The Array API's name of `transpose` with axes given.

    >>> import theon
    >>> theon.permute_dims(theon.zeros((2, 3)), (1, 0))
    <transpose : float32[3, 2]>
    """
    return transpose(x, axes)


def matrix_transpose(x: NodeLike) -> Node:
    """`x` with its last two axes swapped. Raises: ShapeError below two axes. Source: Array API.

    >>> import theon
    >>> theon.matrix_transpose(theon.zeros((5, 2, 3)))
    <transpose : float32[5, 3, 2]>
    """
    node = as_node(x)
    with Blame("matrix_transpose", node):
        require(node.ndim >= 2, f"needs two axes or more, received {node.ndim}", "add one with x[None]")
    return swapaxes(node, -1, -2)


def swapaxes(x: NodeLike, axis1: int, axis2: int) -> Node:
    """`x` with two axes exchanged. Raises: ShapeError where there is no such axis. Source: NumPy `swapaxes`.

    >>> import theon
    >>> theon.swapaxes(theon.zeros((2, 3, 4)), 0, 2)
    <transpose : float32[4, 3, 2]>
    """
    node = as_node(x)
    with Blame("swapaxes", node):
        a, b = normal_axis(axis1, node.ndim), normal_axis(axis2, node.ndim)
    order = list(range(node.ndim))
    order[a], order[b] = b, a
    return permuted(node, tuple(order))


def moveaxis(x: NodeLike, source: int | Sequence[int], destination: int | Sequence[int]) -> Node:
    """`x` with axes moved from `source` to `destination`, the others in order. Source: NumPy `moveaxis`.

    Raises: ShapeError where there is no such axis, ArgumentError where the two differ in length.

    >>> import theon
    >>> theon.moveaxis(theon.zeros((2, 3, 4)), 0, -1)
    <transpose : float32[3, 4, 2]>
    """
    node = as_node(x)
    with Blame("moveaxis", node):
        sources = [source] if isinstance(source, (int, np.integer)) else listed(source, "source")
        places = [destination] if isinstance(destination, (int, np.integer)) else listed(destination, "destination")
        require(len(sources) == len(places), "source and destination differ in length", "pair them up", ArgumentError)
        normal_axes(sources, node.ndim)  # each only once
        normal_axes(places, node.ndim)
        pairs = zip(places, sources, strict=True)
        moves = {normal_axis(p, node.ndim): normal_axis(s, node.ndim) for p, s in pairs}
    rest = iter([i for i in range(node.ndim) if i not in moves.values()])
    return permuted(node, tuple(moves[i] if i in moves else next(rest) for i in range(node.ndim)))


def dimshuffle(x: NodeLike, *pattern: int | str) -> Node:
    """`x` with its axes in the order of `pattern`, where `"x"` stands for a new axis of length 1.

    Axes that the pattern leaves out are dropped and must have length 1. Raises: ShapeError, ArgumentError.
    Source: Theano `dimshuffle`.

    >>> import theon
    >>> theon.dimshuffle(theon.matrix("m"), 1, "x", 0)
    <expand_dims : float32[?, 1, ?]>
    """
    node = as_node(x)
    with Blame("dimshuffle", node):
        kept = [normal_axis(p, node.ndim) for p in pattern if not isinstance(p, str)]
        normal_axes(kept, node.ndim)
        for p in pattern:
            fits = not isinstance(p, str) or p == "x"
            require(fits, f"a pattern holds axes and 'x', received {p!r}", "'x' is a new axis", ArgumentError)
    node = squeeze(node, [i for i in range(node.ndim) if i not in kept])
    ranks = sorted(kept)
    node = permuted(node, tuple(ranks.index(k) for k in kept))
    return expand_dims(node, [i for i, p in enumerate(pattern) if isinstance(p, str)])


# --- broadcasting -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class BroadcastTo(Op):
    """The input repeated along new leading axes and along its axes of length 1."""

    stores = True

    shape: tuple[Field, ...]

    @property
    def params(self) -> str:
        return ", ".join(map(str, self.shape))

    def infer(self, x: TensorType) -> TensorType:
        check_sizes(self.shape)
        dims: list[Dim] = list(dims_of(self.shape))
        new = len(dims) - x.ndim
        require(new >= 0, f"{x.ndim} axes do not broadcast to {len(dims)}", "new axes stand in front")
        for i, have in enumerate(x.shape):
            want = dims[new + i]
            if have == 1 or same_dim(have, want) or not isinstance(have, int):
                continue
            if isinstance(want, int):
                raise Mismatch(f"axis {i} of length {have} does not broadcast to {want}", "only length 1 repeats")
            dims[new + i] = have  # a length other than 1 broadcasts to itself alone
        return x.with_shape(dims)

    def lower(self, x: jax.Array) -> jax.Array:
        out = self.infer(TensorType(INT32, x.shape)).sizes
        return lax.broadcast_in_dim(x, out, tuple(range(len(out) - x.ndim, len(out))))

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g,)  # the driver sums a cotangent back to its input's shape


def broadcast_to(x: NodeLike, shape: Any) -> Node:
    """`x` repeated to `shape` by the broadcasting rule.

    Arguments: x, any shape and dtype; shape, an int or a sequence of ints and int nodes.
    Raises: ShapeError where a length other than 1 would change. Source: NumPy / Array API `broadcast_to`.

    >>> import theon
    >>> theon.broadcast_to(theon.zeros((3,)), (2, 3))
    <broadcast_to : float32[2, 3]>
    """
    node = as_node(x)
    with Blame("broadcast_to", node):
        fields, ints = shape_argument(shape)
    return declare(BroadcastTo(fields), [node], ints)
