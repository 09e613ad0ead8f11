"""Lowering: a static graph as a JAX-traceable function. The only thing tracing meets is each op's `lower`.

The function takes inputs, states and hidden arguments (constants too large to be literals) and gives outputs, new
states and the verdicts of checks. Nothing in it is donated or compiled yet; the runtime decides that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.graph import Graph
from ..graph.node import Const, Node, State
from ..graph.types import TensorType
from ..ops.region import everything
from .evaluate import Sink, as_it_is, run
from .slopes import with_slopes

Array = Any
Program = Callable[..., tuple[tuple[Array, ...], tuple[Array, ...], tuple[Array, ...]]]


@dataclass(frozen=True)
class Lowered:
    """A traceable program and what its arguments are."""

    program: Program  # (inputs, written, read, hidden) -> (outputs, new values of written, verdicts)
    inputs: tuple[TensorType, ...]
    written: tuple[Node, ...]  # states with an update
    read: tuple[Node, ...]  # states that are only read
    hidden: tuple[np.ndarray[Any, Any], ...]  # large constants
    checks: list[Node]  # the checks whose verdicts come back, in order; known once the program is traced
    has_effects: bool


def lower(graph: Graph, *, derivable: bool = False, reuse: bool = True) -> Lowered:
    """The program of a static graph.

    `derivable` where JAX will take its derivatives, which are to be theon's; `reuse` says whether loops may stack over
    arrays that are used up.
    """
    lowering = with_slopes if derivable else as_it_is
    order = graph.nodes()
    written = tuple(state for state, _ in graph.updates)
    states = [node for node in order if isinstance(node.op, State)]
    read = tuple(node for node in states if node not in set(written))
    large = tuple(large_constants(graph))
    checks: list[Node] = []
    graph_inputs, outputs, roots = graph.inputs, graph.outputs, graph.roots
    news = tuple(new for _, new in graph.updates)

    def program(
        inputs: Sequence[Array], donated: Sequence[Array], kept: Sequence[Array], hidden: Sequence[Array]
    ) -> tuple[tuple[Array, ...], tuple[Array, ...], tuple[Array, ...]]:
        sink = Sink(dict(zip(map(id, large), hidden, strict=True)), lowering, with_slopes, reuse and not derivable)
        env: dict[Node, Array] = dict(zip(graph_inputs, inputs, strict=True))
        env.update(zip(written, donated, strict=True))
        env.update(zip(read, kept, strict=True))
        run(order, roots, env, sink)
        checks[:] = [check for check, _ in sink.verdicts]
        return (
            tuple([env[node] for node in outputs]),
            tuple([env[node] for node in news]),
            tuple([verdict for _, verdict in sink.verdicts]),
        )

    types = tuple(node.tensor for node in graph_inputs)
    return Lowered(program, types, written, read, tuple(op.value for op in large), checks, has_effects(graph))


def large_constants(graph: Graph) -> list[Const]:
    """Constants that become hidden arguments: as literals they would be copied into the program's text."""
    ops = {id(node.op): node.op for node in everything(graph) if isinstance(node.op, Const)}
    return [op for op in ops.values() if op.value.nbytes > Const.LARGE]


def has_effects(graph: Graph) -> bool:
    return any(node.op.effect for node in everything(graph))


__all__ = ["Lowered", "lower"]
