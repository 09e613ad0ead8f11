"""A failing graph made smaller: parts of it in place of the whole, and values in place of parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

import theon
from theon.graph.errors import TheonError
from theon.graph.node import Node
from theon.graph.walk import substitute, toposort
from theon.graph.where import born_at

from .case import Case
from .check import Finding, check

ROUNDS = 60


def shrunk(case: Case, finding: Finding) -> tuple[Case, Finding]:
    """The smallest case found that still fails with the preset of the finding, and how that fails."""
    tried = 0
    best = case
    while tried < ROUNDS:
        for smaller in candidates(best):
            tried += 1
            failure = fails(smaller, finding)
            if failure is not None:
                best, finding = smaller, failure
                break
            if tried >= ROUNDS:
                break
        else:
            break
    return best, finding


def fails(case: Case, finding: Finding) -> Finding | None:
    try:
        found = check(case, (finding.preset,)).findings
    except Exception:  # another failure than the one looked for
        return None
    return next((one for one in found if one.what == finding.what), None)


def candidates(case: Case) -> Iterator[Case]:
    """Smaller cases: one output, no gradients, an inner node as the output, a node replaced by one of its inputs."""
    if len(case.outputs) > 1:
        for output in case.outputs:
            yield rebuilt(case, (output,))
    if case.second:
        yield replace(case, second=())
    if case.gradients:
        yield replace(case, gradients=(), second=(), wrt=(), along=())
    if len(case.outputs) > 1:
        return
    (root,) = case.outputs
    for source in root.inputs:
        if source.inputs and source.dtype.kind == "f":
            yield rebuilt(case, (source,))
    for node in toposort([root]):
        for source in node.inputs:
            if source.type == node.type:
                with born_at(None):
                    try:
                        (made,) = substitute([root], {node: source})
                    except TheonError:
                        continue
                if made.inputs:
                    yield rebuilt(case, (made,))


def rebuilt(case: Case, outputs: tuple[Node, ...]) -> Case:
    """The case of other outputs, with gradients where it had some."""
    leaves = {node for node in toposort(outputs) if not node.inputs}
    inputs = tuple(node for node in case.inputs if node in leaves)
    points = {node: case.points[node] for node in inputs}
    kept = [(node, step) for node, step in zip(case.wrt, case.along, strict=True) if node in leaves]
    made = replace(case, inputs=inputs, outputs=outputs, points=points, gradients=(), second=(), wrt=(), along=())
    if not kept:
        return made
    with born_at(None):
        wrt = tuple(node for node, _ in kept)
        along = tuple(np.asarray(step) for _, step in kept)
        cost = sum((theon.sum(output) for output in outputs[1:]), theon.sum(outputs[0]))
        gradients = tuple(theon.grad(cost, list(wrt), disconnected_inputs="zero"))
    return replace(made, wrt=wrt, along=along, gradients=gradients)


__all__ = ["shrunk"]
