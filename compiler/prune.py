"""Pruning: loop outputs and loop inputs that nobody needs are taken out of the loop."""

from __future__ import annotations

from ..graph.graph import Graph
from ..graph.node import Node, Pick
from ..graph.walk import toposort
from ..ops.control import Scan
from .compilation import Compilation
from .intern import Interner


def prune(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` whose scans carry and stack only what is used; from the outputs inwards, so that chains fall together."""
    interner = compilation.interner
    while True:
        used: dict[Node, set[int]] = {}
        for node in graph.nodes():
            if isinstance(node.op, Pick) and isinstance(node.inputs[0].op, Scan):
                used.setdefault(node.inputs[0], set()).add(node.op.index)
        leaner = {scan: found for scan, outputs in used.items() if (found := lean(scan, outputs, interner))}
        if not leaner:
            return graph
        graph = graph.with_roots(rewire(graph, leaner, interner))


def lean(node: Node, used: set[int], interner: Interner) -> tuple[Node, dict[int, int]] | None:
    """The scan without dead outputs and inputs, and where each living output went; None if all is alive."""
    scan, body = node.op, None
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
    op = Scan(small, len(kept), len(elements), scan.length, scan.reverse)
    made = interner.node(op, tuple(node.inputs[i - 1] for i in positions), node.where, node.name)
    return made, {old: new for new, old in enumerate(outputs)}


def rewire(graph: Graph, leaner: dict[Node, tuple[Node, dict[int, int]]], interner: Interner) -> list[Node]:
    """The roots with picks of pruned scans taken from the leaner ones."""
    new: dict[Node, Node] = {}
    for node in graph.nodes():
        source = node.inputs[0] if node.inputs else None
        if isinstance(node.op, Pick) and source in leaner:
            made, moved = leaner[source]
            # Loops are pruned one layer at a time: what feeds this one is rewired in the next round.
            new[node] = interner.node(Pick(moved[node.op.index]), (rebuilt(made, new, interner),), node.where, node.name)
            continue
        new[node] = rebuilt(node, new, interner)
    return [new[root] for root in graph.roots]


def rebuilt(node: Node, new: dict[Node, Node], interner: Interner) -> Node:
    inputs = tuple([new.get(source, source) for source in node.inputs])
    if all(a is b for a, b in zip(inputs, node.inputs, strict=True)):
        return node
    return interner.node(node.op, inputs, node.where, node.name, node.type)
