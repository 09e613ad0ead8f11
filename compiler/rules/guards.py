"""Conditions that rules of several tables need."""

from collections.abc import Callable, Sequence
from typing import Any

from ...graph.node import Node
from ...ops.elementwise import Elementwise
from ...ops.gather import ARRAY, Slice
from ...ops.index import Index
from ...ops.shape import ExpandDims, Reshape
from ..facts import facts
from ..pattern import bare, uniform_value


def real(x: Node, *others: Node) -> bool:
    """What a rule needs that complex numbers lack: their logarithms have branches, their squares no sign."""
    return x.tensor.is_float


def above_zero(x: Node, c: Node) -> bool:
    value = uniform_value(c)
    return x.tensor.is_float and value is not None and value > 0


def between(low: float, high: float) -> Callable[[Node], bool]:
    """The guard that a value is known to lie there."""

    def guard(x: Node) -> bool:
        return x.tensor.is_float and facts(x).low >= low and facts(x).high <= high

    return guard


def is_minus(a: Node, b: Node) -> bool:
    return isinstance(a.op, Elementwise) and a.op.row.name == "negative" and a.inputs[0] is b


def moderate(x: Node, y: Node) -> bool:
    """Whether y may be multiplied by exp(-x), which is flushed to 0 a little before exp(x) overflows.

    So y is not large there: it is never large, or no larger than x.
    """
    if not x.tensor.is_float:
        return False
    known = facts(y)
    return (known.low >= -100 and known.high <= 100) or bare(y) is without_factor(x)


def without_factor(x: Node) -> Node:
    """What a sign and a constant factor of 1 or more were put before."""
    x = bare(x)
    if isinstance(x.op, Elementwise) and x.op.row.name == "negative":
        return without_factor(x.inputs[0])
    if isinstance(x.op, Elementwise) and x.op.row.name == "multiply":
        for factor, other in (x.inputs, x.inputs[::-1]):
            value = uniform_value(factor)
            if value is not None and abs(value) >= 1:
                return bare(other)
    return x


def leads(axes: Sequence[int]) -> bool:
    """Whether axes are the first ones, which broadcasting puts back."""
    return sorted(axes) == list(range(len(axes)))


def restores(x: Node, s: Any, r: ExpandDims | Reshape) -> bool:
    """Whether the axes that `s` ran over are put back. Both ops keep the order of elements: the shape says it all."""
    kept = tuple(1 if i in s.axes else size for i, size in enumerate(x.sizes))
    return x.tensor.is_float and r.infer(s.infer(x.tensor)).sizes == kept


def is_whole(entry: object) -> bool:
    return isinstance(entry, Slice) and entry.is_whole and entry.step != -1


def picks_one(x: Node, s: Any, m: Index) -> bool:
    """A pick of one position along the axes that `s` runs over, for each position along the others."""
    if len(m.spec) != x.ndim or not x.tensor.is_float:
        return False
    arrays = [axis for axis, at in enumerate(m.spec) if at is ARRAY]
    if not arrays:
        return all(type(at) is int if i in s.axes else is_whole(at) for i, at in enumerate(m.spec))
    return x.ndim == len(s.axes) == 1
