"""Pruning: loops over the same things become one, and what nobody needs of a loop is taken out of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from ..graph.graph import Graph
from ..graph.node import Node, Pick
from ..graph.walk import same_nodes, toposort
from ..ops.control import Scan
from ..ops.region import Region
from .compilation import Compilation
from .intern import Interner

# What takes the place of a scan: another one, and where each of its outputs went.
Successors: TypeAlias = dict[Node, tuple[Node, dict[int, int]]]


def prune(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` with equal loops joined, and carrying and stacking only what is used; bodies of regions likewise."""
    interner = compilation.interner
    if not interner.regions:
        return graph
    if joined := twins(graph, interner):
        graph = graph.with_roots(rewire(graph, joined, interner))
    # What the outputs do not need of a loop, the loops in its body need not make; and what those no longer take in,
    # neither does it.
    graph = inside(leanest(graph, interner), compilation)
    return leanest(graph, interner)


def leanest(graph: Graph, interner: Interner) -> Graph:
    """Lean scans only; from the outputs inwards, so that chains of loops fall together."""
    while leaner := lean_scans(graph, interner):
        graph = graph.with_roots(rewire(graph, leaner, interner))
    return graph


def inside(graph: Graph, compilation: Compilation) -> Graph:
    interner = compilation.interner
    new: dict[Node, Node] = {}
    for node in graph.nodes():
        op, inputs = node.op, tuple([new[source] for source in node.inputs])
        if isinstance(op, Region):
            op = op.over_bodies(lambda body: prune(body, compilation))
        new[node] = interner.over(node, op, inputs)
    return graph.with_roots([new[root] for root in graph.roots])


def twins(graph: Graph, interner: Interner) -> Successors:
    """Scans that thread the same carries over the same inputs, as one that stacks what any of them does.

    Two gradients through one loop make such scans: each saves from the forward loop what it needs.
    """
    families: dict[tuple[object, ...], list[Node]] = {}
    for node in graph.nodes():
        op = node.op
        if isinstance(op, Scan):
            body = op.body
            parts = (node.inputs, body.inputs, body.outputs[: op.carries], body.effects)
            key = (*[tuple(map(id, part)) for part in parts], op.length, op.reverse, op.unroll)
            families.setdefault(key, []).append(node)
    found: Successors = {}
    for family in families.values():
        if len(family) > 1:
            first = family[0].op
            assert isinstance(first, Scan)
            outputs = list(dict.fromkeys(out for node in family for out in stacked(node)))
            body = Graph(
                first.body.inputs, (*first.body.outputs[: first.carries], *outputs), effects=first.body.effects
            )
            made = interner.node(first.with_body(body), family[0].inputs, family[0].where, family[0].name)
            for node in family:
                at = {out: first.carries + i for i, out in enumerate(outputs)}
                places = {first.carries + i: at[out] for i, out in enumerate(stacked(node))}
                found[node] = made, {**{i: i for i in range(first.carries)}, **places}
    return found


def stacked(node: Node) -> tuple[Node, ...]:
    assert isinstance(node.op, Scan)
    return node.op.body.outputs[node.op.carries :]


def lean_scans(graph: Graph, interner: Interner) -> Successors:
    used: dict[Node, set[int]] = {}
    for node in graph.nodes():
        if isinstance(node.op, Pick) and isinstance(node.inputs[0].op, Scan):
            used.setdefault(node.inputs[0], set()).add(node.op.index)
    return {scan: found for scan, outputs in used.items() if (found := lean(scan, outputs, interner))}


def lean(node: Node, used: set[int], interner: Interner) -> tuple[Node, dict[int, int]] | None:
    """The scan without dead outputs and inputs, and where each living output went; None if all is alive."""
    scan = node.op
    assert isinstance(scan, Scan)
    body = scan.body
    leaves = body.inputs
    carry_leaves = leaves[1 : 1 + scan.carries]
    alive = {i for i in used if i < scan.carries}
    stacked = [i for i in range(scan.carries, len(body.outputs)) if i in used]
    while True:  # a carry is alive if it is used outside, or by a living output
        roots = [body.outputs[i] for i in (*sorted(alive), *stacked)] + list(body.effects)
        needed = set(toposort(roots))
        now = alive | {i for i, leaf in enumerate(carry_leaves) if leaf in needed}
        if now == alive:
            break
        alive = now
    kept = sorted(alive)
    first, after = 1 + scan.carries, 1 + scan.carries + scan.sequences
    elements = [i for i in range(first, after) if leaves[i] in needed]
    captured = [i for i in range(after, len(leaves)) if leaves[i] in needed]
    if not elements and scan.sequences and scan.length is None:
        elements = [first]  # the sequence that says how many steps there are
    positions = [1 + i for i in kept] + elements + captured
    if len(positions) == len(leaves) - 1 and len(kept) + len(stacked) == len(body.outputs):
        return None
    outputs = [*kept, *stacked]
    small = Graph(
        (leaves[0], *[leaves[i] for i in positions]), tuple(body.outputs[i] for i in outputs), effects=body.effects
    )
    op = replace(scan, body=small, carries=len(kept), sequences=len(elements), states=())
    made = interner.node(op, tuple(node.inputs[i - 1] for i in positions), node.where, node.name)
    return made, {old: new for new, old in enumerate(outputs)}


def rewire(graph: Graph, leaner: Successors, interner: Interner) -> list[Node]:
    """The roots with picks of replaced scans taken from their successors."""
    new: dict[Node, Node] = {}
    for node in graph.nodes():
        source = node.inputs[0] if node.inputs else None
        if isinstance(node.op, Pick) and source in leaner:
            made, moved = leaner[source]
            # Loops are pruned one layer at a time: what feeds this one is rewired in the next round.
            new[node] = interner.node(
                Pick(moved[node.op.index]), (rebuilt(made, new, interner),), node.where, node.name
            )
            continue
        new[node] = rebuilt(node, new, interner)
    return [new[root] for root in graph.roots]


def rebuilt(node: Node, new: dict[Node, Node], interner: Interner) -> Node:
    inputs = tuple([new.get(source, source) for source in node.inputs])
    if same_nodes(inputs, node.inputs):
        return node
    return interner.node(node.op, inputs, node.where, node.name, node.type)
