"""Ops that only move elements, or convert, pick or join them: what is seen through them."""

from __future__ import annotations

from collections.abc import Callable

from ..graph.node import Node, Pick
from ..graph.storage import is_stored
from ..ops.assume import Assume
from ..ops.elementwise import Cast, cast_to
from ..ops.index import Index
from ..ops.join import Concat, Split
from ..ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose, broadcast_to

MOVES = (Index, Reshape, Transpose, ExpandDims, Squeeze, BroadcastTo)


def spread(x: Node, like: Node) -> Node:
    """`x`, which may lack a broadcast, with the elements of `like`."""
    return x if x.sizes == like.sizes else broadcast_to(x, like.sizes)


def moved(node: Node, function: Callable[[Node], Node | None]) -> Node | None:
    """A function of elements that `node` moves, of what it moves, moved; None where it moves nothing.

    `function` is asked for its values there, and may have none; what it gives may lack a broadcast.
    """
    op = node.op

    def whole(source: Node) -> Node | None:
        x = function(source)
        return None if x is None else spread(x, source)

    if isinstance(op, Concat):
        parts = [part for part in map(whole, node.inputs) if part is not None]
        return op(*parts) if len(parts) == len(node.inputs) else None
    if isinstance(op, Pick) and isinstance(node.inputs[0].op, Split):
        split = node.inputs[0]
        x = whole(split.inputs[0])
        return None if x is None else op(split.op(x))
    if not isinstance(op, (*MOVES, Cast, Assume)):
        return None
    if isinstance(op, Cast) and (is_stored(op.dtype) or is_stored(node.inputs[0].dtype)):
        return None  # what was stored in 8 bits is another number than what it was made from
    x = whole(node.inputs[0])
    if x is None or isinstance(op, Assume):
        return x
    return cast_to(x, op.dtype) if isinstance(op, Cast) else op(x, *node.inputs[1:])


__all__ = ["MOVES", "moved", "spread"]
