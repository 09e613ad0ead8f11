"""A second look at a finding, where the bound that it broke may itself be too narrow."""

from __future__ import annotations

import numpy as np

from theon.graph.graph import Graph
from theon.graph.walk import toposort
from theon.ops.comparison import Where
from theon.ops.elementwise import Elementwise

from .case import Case
from .finding import COARSE, RADII, Finding
from .sheet import Sheet

DIGITS = 400
SUMS = ("add", "subtract")


def stands(case: Case, plain: Graph, graph: Graph, finding: Finding) -> bool:
    """Whether a finding is one when the exact value has more digits, or when what cancels is counted."""
    if finding.what == "spoilt":
        return spoilt(case, plain, finding)
    if finding.output >= len(case.outputs) and any(isinstance(node.op, Where) for node in toposort(case.outputs)):
        return abs(finding.got - finding.truth) > RADII * finding.radius + cancelled(case, graph, finding) or not (
            np.isfinite(finding.got)
        )
    return True


def spoilt(case: Case, plain: Graph, finding: Finding) -> bool:
    """Where nothing was promised, nothing bounds the error of the exact value either: so it is computed again."""
    sheet = Sheet(case.points, DIGITS)
    roots = (*case.outputs, *plain.outputs[len(case.outputs) :])
    sheet.run(roots)
    (known,) = sheet.exact([roots[finding.output]])
    truth = float(known.near[(finding.place[0] % len(known.near), *finding.place[1:])])
    return is_close(finding.plain, truth, COARSE / 10) and not is_close(finding.got, truth, COARSE)


def is_close(value: float, truth: float, part: float) -> bool:
    return abs(value - truth) <= part * abs(truth) + 1e-37


def cancelled(case: Case, graph: Graph, finding: Finding) -> float:
    """What sums may lose. A choice made safe has its own copy of a function: where both were one node, the cotangents
    of that node cancelled exactly; of two nodes, they cancel as rounded numbers.
    """
    point = finding.place[0]
    largest = 0.0
    for node in toposort(graph.outputs):
        if isinstance(node.op, Elementwise) and node.op.row.name in SUMS:
            for value in case.sheet.run(node.inputs):
                here = np.abs(value[point % len(value)].astype(np.float64))
                largest = max(largest, float(np.max(here, initial=0.0, where=np.isfinite(here))))
    steps = sum(float(np.sum(np.abs(step))) for step in case.along) if finding.what.startswith("slope") else 1.0
    return RADII * largest * float(np.finfo(graph.outputs[finding.output].dtype).eps) * max(1.0, steps)


__all__ = ["stands"]
