"""Lowering: a static graph as a JAX-traceable function. The only thing tracing meets is each op's `lower`.

The function takes inputs, states and hidden arguments (constants too large to be literals) and gives outputs, new
states and the verdicts of checks. Nothing in it is donated or compiled yet; the runtime decides that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..graph.graph import Graph
from ..graph.node import Const, Node, State
from ..graph.op import Op
from ..graph.types import TensorType
from ..ops.control import Scan
from ..ops.forward import Pushforward
from ..ops.host import Check
from ..ops.region import Region, everything
from .reuse import free_again

Array = Any
Program = Callable[..., tuple[tuple[Array, ...], tuple[Array, ...], tuple[Array, ...]]]
Lowering = Callable[[Op], Callable[..., Array]]


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


def as_it_is(op: Op) -> Callable[..., Array]:
    return op.lower


def lower(graph: Graph, lowering: Lowering = as_it_is, reuse: bool = True) -> Lowered:
    """The program of a static graph.

    `lowering` may replace what an op lowers to; `reuse` says whether loops stack over arrays that are used up, which a
    program that JAX derives had better not: JAX would carry a derivative of the array along.
    """
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
        sink = Sink(dict(zip(map(id, large), hidden, strict=True)), lowering, reuse)
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


class Sink:
    """Where checks leave their verdicts, and where large constants and what ops lower to are found."""

    def __init__(self, hidden: dict[int, Array], lowering: Lowering, reuse: bool) -> None:
        self.hidden = hidden
        self.lowering = lowering
        self.reuse = reuse
        self.verdicts: list[tuple[Node, Array]] = []


def run(order: Sequence[Node], roots: Sequence[Node], env: dict[Node, Array], sink: Sink) -> None:
    """Give every node of `order` its array in `env`."""
    memory = free_again(order, roots) if sink.reuse else {}
    for node in order:
        if node not in env:
            spare = {i: env[other] for i, other in memory.get(node, {}).items()}
            env[node] = one(node, env, sink, spare)


def one(node: Node, env: dict[Node, Array], sink: Sink, spare: dict[int, Array]) -> Array:
    op = node.op
    arrays = [env[source] for source in node.inputs]
    if isinstance(op, Const):
        hidden = sink.hidden.get(id(op))
        return jax.numpy.asarray(op.value) if hidden is None else hidden
    if isinstance(op, Region):
        with scoped(node):
            return lower_region(op, arrays, sink, spare)
    if isinstance(op, Check):
        sink.verdicts.append((node, arrays[1]))
        return arrays[0]
    if node.where is not None and node.where.scope:
        with scoped(node):
            return sink.lowering(op)(*arrays)
    return sink.lowering(op)(*arrays)


def scoped(node: Node) -> Any:
    """XLA's profiles and dumps show the user's scopes."""
    scope = node.where.scope if node.where is not None else ""
    return jax.named_scope(scope or node.op.name)


def lower_region(op: Region, arrays: Sequence[Array], sink: Sink, spare: dict[int, Array]) -> Array:
    """A region over its body, and free memory; the verdicts of checks inside come out as further results."""
    inner_checks: dict[int, list[Node]] = {}

    def evaluate(body: Graph, values: Sequence[Array]) -> tuple[list[Array], list[Array]]:
        inner = Sink(sink.hidden, sink.lowering, sink.reuse and not isinstance(op, Pushforward))
        env = dict(zip(body.inputs, values, strict=True))
        run(body.nodes(), body.roots, env, inner)
        inner_checks[id(body)] = [check for check, _ in inner.verdicts]
        return [env[node] for node in body.outputs], [verdict for _, verdict in inner.verdicts]

    if spare:
        assert isinstance(op, Scan)
        value, verdicts = op.lower_over(spare, evaluate, *arrays)
    else:
        value, verdicts = op.lower_region(evaluate, *arrays)
    met = [check for body in op.bodies for check in inner_checks.get(id(body), ())]
    sink.verdicts.extend(zip(met, verdicts, strict=True))
    return value


def large_constants(graph: Graph) -> list[Const]:
    """Constants that become hidden arguments: as literals they would be copied into the program's text."""
    ops = {id(node.op): node.op for node in everything(graph) if isinstance(node.op, Const)}
    return [op for op in ops.values() if op.value.nbytes > Const.LARGE]


def has_effects(graph: Graph) -> bool:
    return any(node.op.effect for node in everything(graph))


__all__ = ["Lowered", "lower"]
