"""Nodes of many graphs over the same inputs, each with its value and its exact value, computed once.

Equal nodes are one entry, whatever graph they are of: what a rewrite left alone is not run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath
import numpy as np

from theon.graph.node import Input, Node
from theon.graph.op import Op
from theon.graph.walk import toposort

from .known import Known, given
from .meaning import MEANINGS, meaning_of
from .rows import Array
from .truth import DIGITS, step


class Sheet:
    """Values of nodes at the points that `points` gives the inputs, each an array whose first axis runs over points."""

    def __init__(self, points: Mapping[Node, Array], digits: int = DIGITS) -> None:
        self.digits = digits
        self.points: dict[Op, Array] = {node.op: array for node, array in points.items()}
        self.numbers: dict[Node, int] = {}
        self.entries: dict[tuple[Any, ...], int] = {}
        self.values: list[Any] = []
        self.knowns: dict[int, Any] = {}

    def run(self, roots: Sequence[Node]) -> list[Array]:
        """The values of `roots`."""
        numbers, values = self.numbers, self.values
        with np.errstate(all="ignore"):
            for node in toposort(roots, stop=numbers.__contains__):
                if node in numbers:
                    continue
                sources = [numbers[source] for source in node.inputs]
                key = (node.op, *sources)
                found = self.entries.get(key)
                if found is None:
                    found = self.entries[key] = len(values)
                    values.append(self.value(node, [values[source] for source in sources]))
                numbers[node] = found
        return [values[numbers[root]] for root in roots]

    def value(self, node: Node, inputs: Sequence[Any]) -> Any:
        if isinstance(node.op, Input):
            return self.points[node.op]
        meaning = MEANINGS.get(type(node.op)) or meaning_of(node)
        return meaning(node, *inputs)

    def exact(self, roots: Sequence[Node]) -> list[Known]:
        """The exact values of `roots`, which have been run."""
        numbers, knowns = self.numbers, self.knowns
        with mpmath.workdps(self.digits), np.errstate(all="ignore"):
            for node in toposort(roots, stop=lambda node: numbers[node] in knowns):
                number = numbers[node]
                if number in knowns:
                    continue
                if isinstance(node.op, Input):
                    knowns[number] = given(self.points[node.op])
                else:
                    knowns[number] = step(node, [knowns[numbers[source]] for source in node.inputs])
        return [knowns[numbers[root]] for root in roots]


__all__ = ["Sheet"]
