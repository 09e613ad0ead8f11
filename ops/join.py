"""Arrays put together and taken apart along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.dims import Dim, listed, may_equal, normal_axis, unify_dim
from ..graph.errors import ArgumentError, DTypeError, Mismatch, require
from ..graph.node import Node, NodeLike, apply, as_node, picks
from ..graph.op import Op
from ..graph.types import TensorType, TupleType
from .elementwise import promoted
from .shape import expand_dims, ravel
from .sizes import Blame, as_int


@dataclass(frozen=True, eq=False)
class Concat(Op):
    """Arrays of one dtype one after another along an axis."""

    stores = True

    axis: int

    def infer(self, *parts: TensorType) -> TensorType:
        first = parts[0]
        dims = list(first.shape)
        for k, part in enumerate(parts):
            ranks = f"part {k} has {part.ndim} axes, the first has {first.ndim}"
            require(part.ndim == first.ndim, ranks, "bring them to one rank with theon.expand_dims or reshape")
            require(part.dtype == first.dtype, f"mixes {first.dtype} and {part.dtype}", kind=DTypeError)
            for i, (d, e) in enumerate(zip(dims, part.shape, strict=True)):
                fits = i == self.axis or may_equal(d, e)
                require(fits, f"axis {i} differs ({d} and {e}) at part {k}", f"only axis {self.axis} may differ")
                dims[i] = unify_dim(d, e)
        dims[self.axis] = _total([part.shape[self.axis] for part in parts])
        return first.with_shape(dims)

    def lower(self, *parts: jax.Array) -> jax.Array:
        return lax.concatenate(parts, self.axis)

    def vjp(self, g: Node, out: Node, *parts: Node) -> Sequence[Node | None]:
        whole = (slice(None),) * self.axis
        ends = np.cumsum([0, *(part.sizes[self.axis] for part in parts)]).tolist()
        return [g[(*whole, slice(a, b))] for a, b in pairwise(ends)]


def _total(lengths: Sequence[Dim]) -> Dim:
    """The sum of lengths, as far as it is known."""
    named = [d for d in lengths if not isinstance(d, int)]
    known = sum(d for d in lengths if isinstance(d, int))
    if not named:
        return known
    return named[0] if len(named) == 1 and known == 0 else None


def joinable(what: str, arrays: Sequence[NodeLike]) -> list[Node]:
    """Arrays as nodes of the dtype that they promote to."""
    with Blame(what):
        given = [] if isinstance(arrays, Node) else listed(arrays, "what is joined")
        require(len(given) > 0, "needs a sequence of arrays", "give a list: [a, b]", ArgumentError)
    return promoted(what, *given)


def concat(arrays: Sequence[NodeLike], axis: int | None = 0) -> Node:
    """Arrays one after another along `axis`; flattened first where it is None.

    Arguments: arrays, of one rank and equal sizes but along `axis`; dtypes are promoted.
    Raises: ShapeError where other sizes differ. Source: NumPy `concatenate`, Array API `concat`.

    >>> import theon
    >>> theon.concat([theon.zeros((2, 3)), theon.ones((1, 3))])
    <concat : float32[3, 3]>
    """
    parts = joinable("concat", arrays)
    if axis is None:
        parts, axis = [ravel(part) for part in parts], 0
    with Blame("concat", *parts):
        place = normal_axis(axis, parts[0].ndim)
    return apply(Concat(place), *parts)


concatenate = concat


def stack(arrays: Sequence[NodeLike], axis: int = 0) -> Node:
    """Arrays of one shape side by side along a new axis, `axis` of the result.

    Raises: ShapeError where shapes differ. Source: NumPy / Array API `stack`.

    >>> import theon
    >>> theon.stack([theon.zeros((3,)), theon.ones((3,))], axis=-1)
    <concat : float32[3, 2]>
    """
    parts = joinable("stack", arrays)
    with Blame("stack", *parts):
        place = normal_axis(axis, parts[0].ndim + 1)
        for k, part in enumerate(parts):
            first = parts[0].dims
            same = part.ndim == len(first) and all(map(may_equal, first, part.dims))
            require(same, f"part {k} has another shape than the first", "reshape it, or use theon.concat")
    return apply(Concat(place), *(expand_dims(part, place) for part in parts))


@dataclass(frozen=True, eq=False)
class Split(Op):
    """Consecutive parts of these sizes along an axis; the gradient is their concatenation."""

    stores = True

    sizes: tuple[int, ...]
    axis: int

    def infer(self, x: TensorType) -> TupleType:
        require(
            may_equal(x.shape[self.axis], sum(self.sizes)),
            f"parts of {self.sizes} do not make up axis {self.axis} of length {x.shape[self.axis]}",
        )
        lead, rest = x.shape[: self.axis], x.shape[self.axis + 1 :]
        return TupleType(tuple(x.with_shape((*lead, size, *rest)) for size in self.sizes))

    def lower(self, x: jax.Array) -> tuple[jax.Array, ...]:
        return tuple(lax.split(x, self.sizes, self.axis))

    def vjp(self, g: Any, out: Node, x: Node) -> Sequence[Node | None]:
        return (apply(Concat(self.axis), *g),)


def split(x: NodeLike, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Node]:
    """`x` cut along `axis`: into that many equal parts, or before each of the given positions.

    Arguments: x, any dtype; equal parts need a known length, positions do not.
    Raises: ShapeError where equal parts do not come out even. Source: NumPy `split`.

    >>> import theon
    >>> theon.split(theon.zeros((6, 2)), 3)
    [<pick : float32[2, 2]>, <pick : float32[2, 2]>, <pick : float32[2, 2]>]
    """
    node = as_node(x)
    with Blame("split", node):
        place = normal_axis(axis, node.ndim)
        bounds = _cuts(indices_or_sections, node.dims[place])
    length = node.dims[place]
    if isinstance(length, int) and len(bounds) > 2:
        edges = [0 if b is None else _from_start(b, length) for b in bounds[:-1]] + [length]
        if all(a <= b for a, b in pairwise(edges)):
            return list(picks(apply(Split(tuple(b - a for a, b in pairwise(edges)), place), node)))
    whole = (slice(None),) * place
    return [node[(*whole, slice(a, b))] for a, b in pairwise(bounds)]


def _from_start(position: int, length: int) -> int:
    """A slice bound as a position from 0 to `length`."""
    return max(position + length, 0) if position < 0 else min(position, length)


def _cuts(indices_or_sections: Any, length: Dim) -> list[int | None]:
    """The bounds of a split, from 0 to the open end."""
    if not isinstance(indices_or_sections, (int, np.integer)):
        return [0, *(as_int(i, "a position") for i in listed(indices_or_sections, "positions to cut at")), None]
    count = as_int(indices_or_sections, "the number of parts")
    require(
        count > 0, f"needs one part or more, received {count}", "give 1 or more, or positions to cut at", ArgumentError
    )
    if not isinstance(length, int):
        raise Mismatch("equal parts need a known length", "declare the size, or give the positions to cut at")
    require(length % count == 0, f"{length} does not divide into {count} equal parts", "use theon.array_split")
    return [*range(0, length, length // count or 1), None][: count + 1] if length else [0] * (count + 1)
