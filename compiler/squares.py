"""Values seen as squares, so that a root needs no square that may overflow.

The root of a sum, a mean, a pick or a choice of squares is found from what was squared, through whatever stands in
between and however deep.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from ..graph.node import Const, Node, scalar_constant
from ..graph.op import Op
from ..ops.arithmetic import abs
from ..ops.axes import count
from ..ops.comparison import where
from ..ops.elementwise import Elementwise
from ..ops.moments import Mean
from ..ops.reduce import Reduce
from ..ops.transcendental import hypot, sqrt
from ..ops.whole import norm
from .exponents import is_smooth
from .facts import nonnegative
from .look import Look
from .moves import moved, spread
from .pattern import uniform_value

Rule: TypeAlias = Callable[[Node, Look], "Node | None"]


def root(node: Node, look: Look | None = None) -> Node | None:
    """A number whose square is `node`, of either sign; None where no square is to be seen."""
    return (look or Look()).at(node, _root)


def _root(node: Node, look: Look) -> Node | None:
    op = node.op
    if not node.inputs or not node.tensor.is_float:
        return None
    rule = ELEMENTWISE.get(op.row.name) if isinstance(op, Elementwise) else SUMS.get(type(op))
    return moved(node, partial(root, look=look)) if rule is None else rule(node, look)


def known_root(node: Node) -> Node | None:
    """The root of a factor or a term that is no square: of what is not negative, and asked for no derivative."""
    value = uniform_value(node)
    if value is not None:
        return None if value < 0 else scalar_constant(math.sqrt(value), node.dtype)
    return sqrt(node) if nonnegative(node) and (isinstance(node.op, Const) or not is_smooth(node)) else None


def _roots(nodes: tuple[Node, ...], look: Look) -> list[Node] | None:
    """The roots of several, among which is a square."""
    roots = [root(source, look) for source in nodes]
    if all(found is None for found in roots):
        return None
    known = [known_root(node) if found is None else found for node, found in zip(nodes, roots, strict=True)]
    complete = [found for found in known if found is not None]
    return complete if len(complete) == len(nodes) else None


def _of_operands(join: Callable[[Node, Node], Node]) -> Rule:
    def rule(node: Node, look: Look) -> Node | None:
        roots = _roots(node.inputs, look)
        return None if roots is None else join(*roots)

    return rule


def _pow(node: Node, look: Look) -> Node | None:
    """Of an even power, the power by half."""
    exponent = uniform_value(node.inputs[1])
    return node.inputs[0] ** (exponent / 2) if exponent and exponent % 2 == 0 else None


def _where(node: Node, look: Look) -> Node | None:
    roots = _roots(node.inputs[1:], look)
    return None if roots is None else where(node.inputs[0], *roots)


def _whole_root(node: Node, look: Look) -> Node | None:
    """The root of what is reduced, with as many elements."""
    x = root(node, look)
    return None if x is None else spread(x, node)


def _sum(node: Node, look: Look) -> Node | None:
    op = node.op
    assert isinstance(op, Reduce)
    x = _whole_root(node.inputs[0], look) if op.kind == "sum" else None
    if x is None or not op.axes:
        return x
    return norm(x, op.axes, op.keepdims)


def _mean(node: Node, look: Look) -> Node | None:
    op = node.op
    assert isinstance(op, Mean)
    number = count(node.inputs[0], op.axes)
    x = _whole_root(node.inputs[0], look) if number else None
    return None if x is None else norm(x, op.axes, op.keepdims) * (1 / math.sqrt(number))


ELEMENTWISE: dict[str, Rule] = {
    "square": lambda node, look: node.inputs[0],
    "multiply": _of_operands(lambda x, y: x * y),
    "divide": _of_operands(lambda x, y: x / y),
    "pow": _pow,
    "add": _of_operands(hypot),
    "where": _where,
}
SUMS: dict[type[Op], Rule] = {
    Reduce: _sum,
    Mean: _mean,
}


def root_of_squares(node: Node) -> Node | None:
    """`sqrt` of a value with squares in it, from what was squared."""
    x = root(node.inputs[0]) if node.tensor.is_float else None
    return x if x is None or nonnegative(x) else abs(x)


__all__ = ["root_of_squares"]
