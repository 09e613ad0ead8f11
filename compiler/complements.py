"""Values of which the rest to 1 has a logarithm of its own: log(1 - sigmoid(x)) is -softplus(x)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..graph.node import Node, scalar_constant
from ..ops.comparison import Where, where
from ..ops.elementwise import Elementwise
from ..ops.nn.activations import softplus
from ..ops.special_normal import log_ndtr
from ..ops.transcendental import log1p
from .look import Look
from .moves import moved
from .pattern import uniform_value

RESTS: dict[str, Callable[[Node], Node]] = {
    "sigmoid": lambda x: -softplus(x),
    "ndtr": lambda x: log_ndtr(-x),
}


def log_of_rest(node: Node, look: Look | None = None) -> Node | None:
    """`log(1 - node)` where that is known without a difference, through what stands in between; else None."""
    return (look or Look()).at(node, _log_of_rest)


def _log_of_rest(node: Node, look: Look) -> Node | None:
    op = node.op
    if not node.inputs or not getattr(node.type, "is_float", False):
        return None
    if isinstance(op, Where):
        branches = [log_of_rest(branch, look) for branch in node.inputs[1:]]
        if all(branch is None for branch in branches):
            return None
        known = [
            of_constant(node) if log_ is None else log_ for node, log_ in zip(node.inputs[1:], branches, strict=True)
        ]
        return None if known[0] is None or known[1] is None else where(node.inputs[0], known[0], known[1])
    if isinstance(op, Elementwise):
        rest = RESTS.get(op.row.name)
        return None if rest is None else rest(node.inputs[0])
    return moved(node, partial(log_of_rest, look=look))


def of_constant(node: Node) -> Node | None:
    value = uniform_value(node)
    return None if value is None or value >= 1 else log1p(scalar_constant(-value, node.dtype))


__all__ = ["log_of_rest"]
