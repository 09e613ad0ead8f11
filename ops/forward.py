"""Derivatives in forward mode, for what has no backward pass: a `while_loop` without `max_steps`.

Elsewhere a product with a Jacobian from the right is two from the left (see `derivatives`). An open loop has none of
those, since nobody knows how much it would have to keep; its derivative forwards runs along with it, and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax

from ..graph.errors import GradientError, report
from ..graph.graph import Graph
from ..graph.node import Node, apply, as_node, new_input, picks
from ..graph.op import Late, Refusal
from ..graph.types import TensorType, TupleType, Type
from ..graph.walk import depends_on, substitute, toposort
from .backward import GradScale, ZeroGrad
from .gradient import influences, refused, stop_gradient
from .region import Driver, Evaluate, Region, RegionGradient, captured, with_lasting_stops
from .subgraph import Subgraph


@dataclass(frozen=True, eq=False)
class Pushforward(Region):
    """How a body's outputs change. Region inputs: what moves, along what each does, and what the body captures."""

    body: Graph
    moved: int

    @property
    def params(self) -> str:
        return f"moved={self.moved}"

    @property
    def refusal(self) -> Refusal:
        hint = "give the loop in it max_steps=, the most steps that it may take"
        return Refusal("the derivative by {wrt} passes one in forward mode", "passes", hint, forwards=True)

    def with_body(self, body: Graph) -> Pushforward:
        return Pushforward(body, self.moved)

    def body_types(self, *types: Type) -> list[Type]:
        return [*types[: self.moved], *types[2 * self.moved :]]

    def infer(self, *types: TensorType) -> TupleType:
        return TupleType(tuple(out.tensor for out in self.body.outputs))

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return tuple(isinstance(t, TensorType) and t.is_inexact for t in types)

    def lower_region(self, evaluate: Evaluate, *arrays: Any) -> tuple[Any, list[Any]]:
        at, along = arrays[: self.moved], arrays[self.moved : 2 * self.moved]

        def run(*moved: Any) -> tuple[Any, Any]:
            outputs, verdicts = evaluate(self.body, [*moved, *arrays[2 * self.moved :]])
            return tuple(outputs), verdicts

        _, changes, verdicts = jax.jvp(run, at, along, has_aux=True)
        return changes, verdicts

    def region_vjp(
        self, driver: Driver, node: Node, cotangents: Sequence[Node | None], wanted: Sequence[bool]
    ) -> RegionGradient:
        """None: `grad` refuses it where it is declared, and this what gets past that."""
        raise report(
            GradientError,
            "jvp: a derivative in forward mode has no gradient",
            where=node.where,
            operands=[("passes", node)],
            hint=self.refusal.hint,
        )


def passes_forwards_only(fs: Sequence[Node], wrts: Sequence[Node], constants: Sequence[Node]) -> bool:
    """Whether some derivative of `fs` by `wrts` passes an open loop, and nothing that has no derivative at all."""
    found = refused(influences(fs, set(constants)), wrts, set(constants))
    if found is None or any(map(has_own_derivative, depends_on(fs, wrts))):
        return False
    return all(why.forwards for node in toposort(fs) for why in refusals(node))


def has_own_derivative(node: Node) -> bool:
    """Whether the derivative of a node, or of what is in its bodies, is not that of what it lowers to."""
    op = node.op.op if isinstance(node.op, Late) else node.op
    if isinstance(op, (GradScale, ZeroGrad)) or (isinstance(op, Subgraph) and op.gradient is not None):
        return True
    return any(has_own_derivative(each) for body in op.derived_bodies for each in body.nodes())


def refusals(node: Node) -> list[Refusal]:
    """Why derivatives do not pass a node, or what is in its bodies."""
    op = node.op.op if isinstance(node.op, Late) else node.op
    inner = [why for body in op.derived_bodies for each in body.nodes() for why in refusals(each)]
    return inner if op.refusal is None else [op.refusal, *inner]


def pushed_forwards(
    fs: Sequence[Node], wrts: Sequence[Node], vectors: Sequence[Node], constants: Sequence[Node]
) -> list[Node]:
    """How `fs` change where `wrts` move along `vectors`, in forward mode."""
    leaves = [new_input(node.tensor, node.name) for node in wrts]
    still = {node: stop_gradient(node) for node in constants}
    roots = substitute([as_node(f) for f in fs], {**still, **dict(zip(wrts, leaves, strict=True))})
    outer = captured(roots, leaves)
    outer_leaves = [new_input(node.tensor, node.name) for node in outer]
    roots = with_lasting_stops(substitute(roots, dict(zip(outer, outer_leaves, strict=True))))
    body = Graph((*leaves, *outer_leaves), tuple(roots))
    return list(picks(apply(Pushforward(body, len(leaves)), *wrts, *vectors, *outer)))


__all__ = ["passes_forwards_only", "pushed_forwards"]
