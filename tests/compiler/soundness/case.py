"""One random graph: from a seed to declared nodes, the points at which it is run, and the gradients asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

import theon
from theon.compiler.pattern import AnyRule
from theon.graph.graph import Graph
from theon.graph.node import Node
from theon.graph.walk import toposort
from theon.graph.where import born_at

from .draft import Draft
from .draw import drawn
from .plant import RULES, near_miss, planted
from .rows import Array
from .sheet import Sheet

NODES = 25


@dataclass
class Case:
    """A graph and its points: `gradients` are of the sum of the outputs, `second` of the gradients along `along`."""

    seed: int
    inputs: tuple[Node, ...]
    outputs: tuple[Node, ...]
    points: dict[Node, Array]
    sheet: Sheet
    planted: list[str]
    wrt: tuple[Node, ...] = ()
    gradients: tuple[Node, ...] = ()
    second: tuple[Node, ...] = ()
    along: tuple[Array, ...] = ()

    @property
    def graph(self) -> Graph:
        return Graph(self.inputs, (*self.outputs, *self.gradients, *self.second))


def make(seed: int, rules: Sequence[AnyRule] = RULES) -> Case:
    """The graph of a seed, into which left sides of `rules` are planted."""
    draft = Draft(seed, rules)
    rng = draft.rng
    wanted = rng.choice((2, 3, 4, 5, 6, 8, 10, 12))
    for _ in range(3 * wanted):
        kind = rng.random()
        draft.attempt(planted if kind < 0.35 else near_miss if kind < 0.5 else drawn)
        if len(draft.pool) >= wanted + 3 or size_of(draft) > NODES:
            break
    return finished(seed, draft)


def size_of(draft: Draft) -> int:
    return len(draft.sheet.values)


def finished(seed: int, draft: Draft) -> Case:
    rng = draft.rng
    fresh = [node for node in draft.pool if node.inputs] or draft.pool
    outputs = [joined(draft, fresh)]
    if len(fresh) > 1 and rng.random() < 0.4:
        outputs.append(rng.choice(fresh[:-1]))
    leaves = {node for node in toposort(outputs) if not node.inputs}
    inputs = tuple(node for node in draft.inputs if node in leaves)
    points = {node: draft.points[node] for node in inputs}
    case = Case(seed, inputs, tuple(outputs), points, draft.sheet, draft.planted)
    case.sheet.points.update({node.op: array for node, array in points.items()})
    if rng.random() < 0.5:
        differentiated(case, draft)
    return case


def joined(draft: Draft, fresh: Sequence[Node]) -> Node:
    """The last value, at times with others that would go unused."""
    last = fresh[-1]
    for node in fresh[-4:-1]:
        if draft.chance(0.4):
            combine = theon.add if draft.chance(0.7) else theon.multiply
            if draft.attempt(partial(_combined, combine, last, node)):
                last = draft.pool[-1]
    return last


def _combined(combine: Callable[[Node, Node], Node], a: Node, b: Node, draft: Draft) -> Node:
    return combine(a, b)


def differentiated(case: Case, draft: Draft) -> None:
    """Ask for gradients by inputs: some or all, at times by an input twice."""
    floats = [node for node in case.inputs if node.dtype.kind == "f"]
    if not floats:
        return
    rng = draft.rng
    case.wrt = tuple(rng.sample(floats, rng.randint(1, len(floats))))
    case.along = tuple(np.asarray(draft.numbers.standard_normal(node.sizes)).astype(node.dtype) for node in case.wrt)
    with born_at(None):
        cost = sum((theon.sum(output) for output in case.outputs[1:]), theon.sum(case.outputs[0]))
        case.gradients = tuple(theon.grad(cost, list(case.wrt), disconnected_inputs="zero"))
        if rng.random() < 0.12:
            parts = [theon.sum(g * step) for g, step in zip(case.gradients, case.along, strict=True)]
            slope = sum(parts[1:], parts[0])
            case.second = tuple(theon.grad(slope, list(case.wrt), disconnected_inputs="zero"))


__all__ = ["Case", "make"]
