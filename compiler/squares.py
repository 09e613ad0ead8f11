"""Values seen as squares, so that a root needs no square that may overflow.

The root of a sum, a mean, a pick or a choice of squares is found from what was squared, through whatever stands in
between and however deep.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from ..graph.node import Const, Node, scalar_constant
from ..graph.op import Op
from ..ops.arithmetic import abs
from ..ops.assume import Assume
from ..ops.axes import count
from ..ops.comparison import where
from ..ops.elementwise import Cast, Elementwise, cast_to
from ..ops.join import Concat
from ..ops.moments import Mean
from ..ops.reduce import Reduce
from ..ops.transcendental import hypot, sqrt
from ..ops.whole import norm
from .exponents import DEPTH, MOVES, is_smooth
from .facts import nonnegative
from .pattern import uniform_value

Rule: TypeAlias = Callable[[Node, int], "Node | None"]


def root(node: Node, depth: int = DEPTH) -> Node | None:
    """A number whose square is `node`, of either sign; None where no square is to be seen."""
    op = node.op
    if depth == 0 or not node.inputs or not node.tensor.is_float:
        return None
    rule = ELEMENTWISE.get(op.row.name) if isinstance(op, Elementwise) else OTHERS.get(type(op))
    return None if rule is None else rule(node, depth - 1)


def known_root(node: Node) -> Node | None:
    """The root of a factor or a term that is no square: of what is not negative, and asked for no derivative."""
    value = uniform_value(node)
    if value is not None:
        return None if value < 0 else scalar_constant(math.sqrt(value), node.dtype)
    return sqrt(node) if nonnegative(node) and (isinstance(node.op, Const) or not is_smooth(node)) else None


def _roots(nodes: tuple[Node, ...], depth: int) -> list[Node] | None:
    """The roots of several, among which is a square."""
    roots = [root(source, depth) for source in nodes]
    if all(found is None for found in roots):
        return None
    known = [known_root(node) if found is None else found for node, found in zip(nodes, roots, strict=True)]
    complete = [found for found in known if found is not None]
    return complete if len(complete) == len(nodes) else None


def _of_operands(join: Callable[[Node, Node], Node]) -> Rule:
    def rule(node: Node, depth: int) -> Node | None:
        roots = _roots(node.inputs, depth)
        return None if roots is None else join(*roots)

    return rule


def _where(node: Node, depth: int) -> Node | None:
    roots = _roots(node.inputs[1:], depth)
    return None if roots is None else where(node.inputs[0], *roots)


def _concat(node: Node, depth: int) -> Node | None:
    roots = [root(source, depth) for source in node.inputs]
    known = [found for found in roots if found is not None]
    return node.op(*known) if len(known) == len(roots) else None


def _sum(node: Node, depth: int) -> Node | None:
    op = node.op
    assert isinstance(op, Reduce)
    x = root(node.inputs[0], depth) if op.kind == "sum" else None
    return None if x is None else norm(x, op.axes, op.keepdims)


def _mean(node: Node, depth: int) -> Node | None:
    op = node.op
    assert isinstance(op, Mean)
    number = count(node.inputs[0], op.axes)
    x = root(node.inputs[0], depth) if number else None
    return None if x is None else norm(x, op.axes, op.keepdims) * (1 / math.sqrt(number))


def _moved(node: Node, depth: int) -> Node | None:
    x = root(node.inputs[0], depth)
    return None if x is None else node.op(x, *node.inputs[1:])


def _cast(node: Node, depth: int) -> Node | None:
    x = root(node.inputs[0], depth)
    return None if x is None else cast_to(x, node.dtype)


ELEMENTWISE: dict[str, Rule] = {
    "square": lambda node, depth: node.inputs[0],
    "multiply": _of_operands(lambda x, y: x * y),
    "divide": _of_operands(lambda x, y: x / y),
    "add": _of_operands(hypot),
    "where": _where,
}
OTHERS: dict[type[Op], Rule] = {
    Reduce: _sum,
    Mean: _mean,
    Concat: _concat,
    Cast: _cast,
    Assume: lambda node, depth: root(node.inputs[0], depth),
    **dict.fromkeys(MOVES, _moved),
}


def root_of_squares(node: Node) -> Node | None:
    """`sqrt` of a value with squares in it, from what was squared."""
    x = root(node.inputs[0]) if node.tensor.is_float else None
    return None if x is None else abs(x)


__all__ = ["root_of_squares"]
