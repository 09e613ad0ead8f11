"""Shared variables inside bodies: loops carry those that they update; other bodies have no place for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from ..graph.errors import ArgumentError, report
from ..graph.node import Node, picks
from ..graph.op import Late
from ..graph.walk import toposort
from ..graph.where import here
from .region import Region


def state_updates(node: Node) -> Mapping[Node, Node]:
    """The slots that a loop carries, and their final values."""
    op = node.op.op if isinstance(node.op, Late) else node.op
    if not isinstance(op, Region) or not op.states:
        return {}
    results = picks(node)
    return {node.inputs[i]: results[i] for i in op.states}


def inner_updates(roots: Sequence[Node], born: Set[Node]) -> dict[Node, Node]:
    """The slots that loops `born` below `roots` carry, and their final values: an outer loop has to carry them on."""
    found: dict[Node, Node] = {}
    for node in toposort(roots):
        if node not in born:
            continue  # it stands before the outer loop, and is run once
        for state, final in state_updates(node).items():
            if state in found:
                raise report(
                    ArgumentError,
                    f"two loops in one body update {state.label}",
                    where=here(),
                    operands=[("state", state)],
                    hint="return its new value as the third of what step returns",
                )
            found[state] = final
    return found


def refuse_states(roots: Sequence[Node], what: str, why: str) -> None:
    """Raise where a loop below `roots` updates a shared variable, in a body that has no way to carry it."""
    for node in toposort(roots):
        if state_updates(node):
            raise report(
                ArgumentError,
                f"{what}: a shared variable that is updated inside {why}",
                where=here(),
                operands=[("scan", node)],
                hint="carry it as a value, and update the shared variable outside",
            )


__all__ = ["inner_updates", "refuse_states", "state_updates"]
