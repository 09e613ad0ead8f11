"""Conditions that rules of several tables need."""

from typing import Any

from ...graph.node import Node
from ...ops.gather import ARRAY, Slice
from ...ops.index import Index


def real(x: Node, *others: Node) -> bool:
    """What a rule needs that complex numbers lack: their logarithms have branches, their squares no sign."""
    return x.tensor.is_float


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
