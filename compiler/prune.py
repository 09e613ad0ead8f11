"""Pruning: loops over the same things become one; what nobody needs of a loop or a branch is taken out of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from ..graph.graph import Graph
from ..graph.node import Node, Pick
from ..graph.walk import same_nodes, toposort
from ..ops.branches import Switch
from ..ops.control import Scan
from ..ops.region import Region
from ..ops.while_loop import While
from .compilation import Compilation
from .intern import Interner

# What takes the place of a region: another one, and where each of its outputs went.
Successors: TypeAlias = dict[Node, tuple[Node, dict[int, int]]]


def prune(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` with equal loops joined, and regions that give, carry and take only what is used; bodies likewise."""
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
    """Lean regions only; from the outputs inwards, so that chains of them fall together."""
    while leaner := lean_regions(graph, interner):
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
    """Scans that thread the same carries over the same inputs, as one that stacks what any of them does; switches of
    the same inputs and leaves, as one that gives what any of them does.

    Two gradients through one region make such: each saves from the forward pass what it needs.
    """
    families: dict[tuple[object, ...], list[Node]] = {}
    for node in graph.nodes():
        op = node.op
        if isinstance(op, (Scan, Switch)):
            parts = [node.inputs, *[part for body in op.bodies for part in (body.inputs, body.effects)]]
            how: tuple[object, ...] = ()
            if isinstance(op, Scan):
                parts.append(op.body.outputs[: op.carries])
                how = (op.length, op.reverse, op.unroll)
            families.setdefault((type(op), *[tuple(map(id, part)) for part in parts], *how), []).append(node)
    found: Successors = {}
    for family in families.values():
        if len(family) > 1:
            first = family[0].op
            assert isinstance(first, (Scan, Switch))
            carries = first.carries if isinstance(first, Scan) else 0
            results = list(dict.fromkeys(out for node in family for out in given(node)[carries:]))
            columns = [*given(family[0])[:carries], *results]
            made = first.with_bodies(
                [
                    Graph(body.inputs, tuple(outs), effects=body.effects)
                    for body, outs in zip(first.bodies, zip(*columns, strict=True), strict=True)
                ]
            )
            joined = interner.node(made, family[0].inputs, family[0].where, family[0].name)
            at = {out: carries + i for i, out in enumerate(results)}
            for node in family:
                places = {carries + i: at[out] for i, out in enumerate(given(node)[carries:])}
                found[node] = joined, {**{i: i for i in range(carries)}, **places}
    return found


def given(node: Node) -> list[tuple[Node, ...]]:
    """The results of a region: of each, what every body gives for it."""
    assert isinstance(node.op, Region)
    return list(zip(*(body.outputs for body in node.op.bodies), strict=True))


def lean_regions(graph: Graph, interner: Interner) -> Successors:
    used: dict[Node, set[int]] = {}
    # A region that is there for its effects has one of its outputs as a root, which nobody needs.
    for_effect = [node for node in graph.effects if isinstance(node.op, Pick)]
    values = [*graph.outputs, *(new for _, new in graph.updates)]
    happens = [node.inputs[0] if isinstance(node.op, Pick) else node for node in graph.effects]
    for node in toposort([*values, *happens]):
        if isinstance(node.op, Pick) and isinstance(node.inputs[0].op, (Scan, Switch, While)):
            used.setdefault(node.inputs[0], set()).add(node.op.index)
    for node in for_effect:
        if isinstance(node.inputs[0].op, (Scan, Switch, While)):
            used.setdefault(node.inputs[0], {0})
    found: Successors = {}
    for region, outputs in used.items():
        op = region.op
        assert isinstance(op, (Scan, Switch, While))
        lean = lean_switch(op, region, outputs) if isinstance(op, Switch) else lean_loop(op, region, outputs)
        if lean is not None:
            small, inputs, places = lean
            found[region] = interner.node(small, inputs, region.where, region.name), places
    return found


# The op of a region without dead outputs and inputs, its inputs, and where each living output went.
Lean: TypeAlias = tuple[Region, tuple[Node, ...], dict[int, int]]


def lean_loop(loop: Scan | While, node: Node, used: set[int]) -> Lean | None:
    """None if all is alive."""
    body, leaves, outputs = loop.body, loop.body.inputs, loop.body.outputs
    first = 1 + loop.carries
    sequences = loop.sequences if isinstance(loop, Scan) else 0
    # What has to be made for the loop's own sake: whether there is another step.
    own = [] if isinstance(loop, Scan) else [len(outputs) - 1]
    alive = {i for i in used if i < loop.carries}
    stacked = [i for i in range(loop.carries, len(outputs)) if i in used]
    while True:  # a carry is alive if it is used outside, or by a living output
        needed = set(toposort([outputs[i] for i in (*sorted(alive), *stacked, *own)] + list(body.effects)))
        now = alive | {i for i, leaf in enumerate(leaves[1:first]) if leaf in needed}
        if now == alive:
            break
        alive = now
    kept, after = sorted(alive), first + sequences
    elements = [i for i in range(first, after) if leaves[i] in needed]
    captured = [i for i in range(after, len(leaves)) if leaves[i] in needed]
    if isinstance(loop, Scan) and not elements and sequences and loop.length is None:
        elements = [first]  # the sequence that says how many steps there are
    positions, living = [1 + i for i in kept] + elements + captured, [*kept, *stacked, *own]
    if len(positions) == len(leaves) - 1 and len(living) == len(outputs):
        return None
    small = Graph((leaves[0], *[leaves[i] for i in positions]), tuple(outputs[i] for i in living), effects=body.effects)
    places = {old: new for new, old in enumerate((*kept, *stacked))}
    if isinstance(loop, While):
        inputs = (node.inputs[0], *[node.inputs[i] for i in positions])
        return While(small, len(kept), loop.max_steps), inputs, places
    lean = replace(loop, body=small, carries=len(kept), sequences=len(elements), states=())
    return lean, tuple(node.inputs[i - 1] for i in positions), places


def lean_switch(switch: Switch, node: Node, used: set[int]) -> Lean | None:
    """None if all is alive."""
    kept, leaves = sorted(used), range(len(node.inputs) - 1)
    needed = [set(toposort([*(body.outputs[i] for i in kept), *body.effects])) for body in switch.branches]
    taken = [i for i in leaves if any(b.inputs[i] in nodes for b, nodes in zip(switch.branches, needed, strict=True))]
    if len(kept) == len(switch.branches[0].outputs) and len(taken) == len(leaves):
        return None
    bodies = tuple(
        Graph(tuple(b.inputs[i] for i in taken), tuple(b.outputs[i] for i in kept), effects=b.effects)
        for b in switch.branches
    )
    inputs = (node.inputs[0], *(node.inputs[1 + i] for i in taken))
    return Switch(bodies), inputs, {old: new for new, old in enumerate(kept)}


def rewire(graph: Graph, leaner: Successors, interner: Interner) -> list[Node]:
    """The roots with picks of replaced regions taken from their successors."""
    new: dict[Node, Node] = {}
    effects = set(graph.effects)
    for node in graph.nodes():
        source = node.inputs[0] if node.inputs else None
        if isinstance(node.op, Pick) and source in leaner:
            made, moved = leaner[source]
            # Regions are pruned one layer at a time: what feeds this one is rewired in the next round.
            index = moved.get(node.op.index, 0) if node in effects else moved[node.op.index]
            new[node] = interner.node(Pick(index), (rebuilt(made, new, interner),), node.where, node.name)
            continue
        new[node] = rebuilt(node, new, interner)
    return [new[root] for root in graph.roots]


def rebuilt(node: Node, new: dict[Node, Node], interner: Interner) -> Node:
    inputs = tuple([new.get(source, source) for source in node.inputs])
    if same_nodes(inputs, node.inputs):
        return node
    return interner.node(node.op, inputs, node.where, node.name, node.type)
