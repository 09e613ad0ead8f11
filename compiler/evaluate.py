"""Evaluating a graph on JAX's arrays, node by node, as a program is traced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax

from ..graph.graph import Graph
from ..graph.node import Const, Node
from ..graph.op import Op
from ..ops.control import Scan
from ..ops.forward import Pushforward
from ..ops.host import Check
from ..ops.region import Region
from .reuse import free_again

Array = Any
Lowering = Callable[[Op], Callable[..., Array]]


def as_it_is(op: Op) -> Callable[..., Array]:
    return op.lower


class Sink:
    """Where checks leave their verdicts, and where large constants and what ops lower to are found."""

    def __init__(self, hidden: dict[int, Array], lowering: Lowering, derivable: Lowering, reuse: bool) -> None:
        self.hidden = hidden
        self.lowering = lowering
        self.derivable = derivable
        self.reuse = reuse
        self.verdicts: list[tuple[Node, Array]] = []

    def inside(self, op: Region) -> Sink:
        """Another for the bodies of a region."""
        if isinstance(op, Pushforward):
            return Sink(self.hidden, self.derivable, self.derivable, reuse=False)
        return Sink(self.hidden, self.lowering, self.derivable, self.reuse)


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
        inner = sink.inside(op)
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


__all__ = ["Sink", "as_it_is", "run"]
