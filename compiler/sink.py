"""Sinking: what only one branch of a choice uses is computed in that branch, and so only where it is taken.

    theon.ifelse(c, f(x), g(x))

declares f(x) and g(x) before the choice; neither is needed where the other is taken. What has an effect, holds a
gradient, or is used elsewhere too stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from ..graph.graph import Graph
from ..graph.node import Node, Pick, new_input
from ..graph.walk import same_nodes, substitute
from ..graph.where import born_at
from ..ops.branches import Switch
from ..ops.gradient import Cut, Gradient
from ..ops.region import Region, effectful, is_small_const
from .compilation import Compilation
from .intern import Interner

Owner: TypeAlias = tuple[Node, int]  # a choice, and which of its branches

DEPTH = 8  # of choices inside choices: tracing and compiling them is a nest of calls


def sink(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` with what one branch alone uses inside that branch, in bodies of regions too."""
    if not compilation.interner.regions:
        return graph
    with born_at(None):
        return sunk(graph, compilation.interner)


def sunk(graph: Graph, interner: Interner) -> Graph:
    inside: dict[Node, dict[Node, int]] = {}
    for node, (choice, branch) in owned(graph).items():
        inside.setdefault(choice, {})[node] = branch
    new: dict[Node, Node] = {}
    for node in graph.nodes():
        made = interner.over(node, node.op, tuple([new[source] for source in node.inputs]))
        if node in inside:
            made = with_inside(made, {new[n]: branch for n, branch in inside[node].items()}, interner)
        if isinstance(made.op, Region):
            made = interner.over(made, made.op.over_bodies(lambda body: sunk(body, interner)), made.inputs)
        new[node] = made
    roots = [new[root] for root in graph.roots]
    return graph if same_nodes(roots, graph.roots) else graph.with_roots(roots)


def owned(graph: Graph) -> dict[Node, Owner]:
    """The nodes that one branch alone uses, by way of others that it alone uses too."""
    order = graph.nodes()
    staying = outermost(order)
    users: dict[Node, set[Owner | None]] = {root: {None} for root in graph.roots}
    owners: dict[Node, Owner] = {}
    for node in reversed(order):
        wanted = users.get(node, set())
        owner = next(iter(wanted)) if len(wanted) == 1 and node not in staying and movable(node) else None
        if owner is not None:
            owners[node] = owner
        per_place = users_of_inputs(node) if isinstance(node.op, Switch) and owner is None else None
        for i, source in enumerate(node.inputs):
            users.setdefault(source, set()).update({owner} if per_place is None else per_place[i])
    # A result of what stays, of several, stays.
    return {
        node: owner
        for node, owner in owners.items()
        if not isinstance(node.op, Pick) or owners.get(node.inputs[0]) == owner
    }


def outermost(order: Sequence[Node]) -> set[Node]:
    """The choices that go into no other: every so many of a chain, since each takes in all those below it."""
    nested: dict[Node, int] = {}
    staying = set()
    for node in order:
        nested[node] = max([nested[source] for source in node.inputs], default=0)
        if isinstance(node.op, Switch):
            nested[node] += 1
            if nested[node] % DEPTH == 0:
                staying.add(node)
    return staying


def movable(node: Node) -> bool:
    return bool(node.inputs) and not isinstance(node.op, (Cut, Gradient)) and not effectful([node])


def users_of_inputs(choice: Node) -> list[set[Owner | None]]:
    """For each input of a choice, the branches that use it."""
    assert isinstance(choice.op, Switch)
    used = [set(body.nodes()) for body in choice.op.branches]
    leaves = zip(*(body.inputs for body in choice.op.branches), strict=True)
    found: list[set[Owner | None]] = [{None}]
    found += [{(choice, b) for b, leaf in enumerate(of_all) if leaf in used[b]} for of_all in leaves]
    return found


def with_inside(choice: Node, inside: dict[Node, int], interner: Interner) -> Node:
    """The choice over what the nodes `inside` its branches are made of."""
    op = choice.op
    assert isinstance(op, Switch)
    kept = [i for i, source in enumerate(choice.inputs[1:]) if source not in inside]
    border = dict.fromkeys(
        source for node in inside for source in node.inputs if source not in inside and not is_small_const(source)
    )
    bodies = []
    for b, body in enumerate(op.branches):
        leaves = {source: interner.intern(new_input(source.tensor)) for source in border}
        moved = [i for i, source in enumerate(choice.inputs[1:]) if inside.get(source) == b]
        copies = substitute([choice.inputs[1 + i] for i in moved], leaves)
        arriving = {body.inputs[i]: copy for i, copy in zip(moved, copies, strict=True)}
        roots = interner.intern_all(substitute(body.roots, arriving))
        inputs = (*(body.inputs[i] for i in kept), *leaves.values())
        bodies.append(Graph(inputs, tuple(roots[: len(body.outputs)]), effects=tuple(roots[len(body.outputs) :])))
    inputs = (choice.inputs[0], *(choice.inputs[1 + i] for i in kept), *border)
    return interner.node(Switch(tuple(bodies)), inputs, choice.where, choice.name, choice.type)


__all__ = ["sink"]
