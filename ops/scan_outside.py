"""Sums over the steps of a loop that are one product outside it.

A weight's gradient is the sum over all steps of a product of that step's values. Accumulating it in the loop reads and
writes the whole weight at each step; stacking the factors and multiplying once, with time as one more axis to sum over,
does the same work in one large product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..graph.node import Node
from .arithmetic import add
from .elementwise import Elementwise
from .linalg import Axes, DotGeneral
from .reduce import Reduce
from .shape import Reshape, Transpose


@dataclass(frozen=True)
class Outside:
    """A sum over steps as a function of stacked per-step values."""

    operands: tuple[Node, ...]  # per step
    total: Callable[[Sequence[Node]], Node]  # of the stacks, in that order


def outside(node: Node, varying: Callable[[Node], bool], stacked: set[Node]) -> Outside | None:
    """How to sum `node` over all steps outside the loop, or None where that does not pay.

    `varying` says whether a value changes from step to step; `stacked` are values that are stacked anyway.
    """
    op, inputs = node.op, node.inputs
    if isinstance(op, DotGeneral) and all(map(varying, inputs)):
        new = sum(n.tensor.size for n in inputs if n not in stacked)
        return Outside(inputs, _with_time(op)) if new <= node.tensor.size else None
    if isinstance(op, Reduce) and op.kind == "sum" and not op.keepdims and inputs[0] in stacked:
        later = Reduce("sum", (0, *[axis + 1 for axis in op.axes]))
        return Outside(inputs, lambda stacks: later(*stacks))
    if isinstance(op, (Transpose, Reshape)):
        inner = outside(inputs[0], varying, stacked)
        return None if inner is None else Outside(inner.operands, lambda stacks: op(inner.total(stacks)))
    if isinstance(op, Elementwise) and op.name == "add" and inputs[0].type == inputs[1].type == node.type:
        first, second = (outside(source, varying, stacked) for source in inputs)
        if first is not None and second is not None:
            cut = len(first.operands)
            return Outside(
                (*first.operands, *second.operands),
                lambda stacks: add(first.total(stacks[:cut]), second.total(stacks[cut:])),
            )
    return None


def _with_time(op: DotGeneral) -> Callable[[Sequence[Node]], Node]:
    def later(axes: Axes) -> Axes:
        return tuple(axis + 1 for axis in axes)

    (a, b), (c, d) = op.contract, op.batch
    product = DotGeneral(((0, *later(a)), (0, *later(b))), (later(c), later(d)))
    return lambda stacks: product(*stacks)
