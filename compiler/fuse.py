"""Fusing sideways: what is computed of most parts of an array is computed once, of the whole.

    i, f, g, o = theon.split(x, 4)
    theon.sigmoid(i), theon.sigmoid(f), theon.tanh(g), theon.sigmoid(o)

holds three logistic functions of a quarter each. One of the whole makes one loop of three, and the program shorter; the
quarter that nobody wants costs less than that saves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ..graph.graph import Graph
from ..graph.node import Node, Pick
from ..graph.op import Op
from ..graph.walk import same_nodes
from ..graph.where import born_at
from ..ops.elementwise import Cast, Elementwise
from ..ops.join import Split
from ..ops.region import Region
from .compilation import Compilation
from .intern import Interner

WANTED = 0.75  # of a whole: with less, its other parts cost more than the shared loop saves


@dataclass(frozen=True, eq=False)
class Whole:
    """An array that is cut in parts: `inputs[0]` where `op` is None, or what `op` would make of others."""

    cut: Split
    op: Op | None
    inputs: tuple[Whole | Node, ...]


Places: TypeAlias = dict[Node, tuple[Whole, int]]  # of a part: which one of what


def fuse(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` with elementwise functions of most parts of a split taken of the whole, in bodies of regions too."""
    with born_at(None):
        return fused(graph, compilation.interner)


def fused(graph: Graph, interner: Interner) -> Graph:
    nodes = graph.nodes()
    places = wanted(parts(nodes))
    values: dict[Whole, Node] = {}
    new: dict[Node, Node] = {}

    def value(of: Whole | Node, like: Node) -> Node:
        if isinstance(of, Node):
            return new[of]
        if of not in values:
            inputs = tuple([value(source, like) for source in of.inputs])
            values[of] = inputs[0] if of.op is None else interner.node(of.op, inputs, like.where)
        return values[of]

    for node in nodes:
        op = node.op
        if isinstance(op, Region):
            op = op.over_bodies(lambda body: fused(body, interner))
        if node in places:
            whole, index = places[node]
            several = interner.node(whole.cut, (value(whole, node),), node.where)
            new[node] = interner.node(Pick(index), (several,), node.where, node.name, node.type)
        else:
            new[node] = interner.over(node, op, tuple([new[source] for source in node.inputs]))
    roots = [new[root] for root in graph.roots]
    return graph if same_nodes(roots, graph.roots) else graph.with_roots(roots)


def parts(nodes: list[Node]) -> Places:
    """Parts of splits, and what is made of parts that correspond to each other, and of scalars, element by element."""
    known: dict[tuple[object, ...], Whole] = {}
    places: Places = {}
    for node in nodes:
        if isinstance(node.op, Pick) and isinstance(node.inputs[0].op, Split):
            cut, op, index = node.inputs[0].op, None, node.op.index
            inputs: tuple[Whole | Node, ...] = node.inputs[0].inputs
        elif isinstance(node.op, (Cast, Elementwise)) and (common := corresponding(node, places)):
            (cut, index), op = common, node.op
            inputs = tuple([places[source][0] if source in places else source for source in node.inputs])
        else:
            continue
        whole = known.setdefault((cut, op, *map(id, inputs)), Whole(cut, op, inputs))
        places[node] = whole, index
    return places


def corresponding(node: Node, places: Places) -> tuple[Split, int] | None:
    """The cut, and the place in it, of all of a node's inputs that are no scalars; None where they differ."""
    arrays = [source for source in node.inputs if source.ndim]
    if not arrays or any(source not in places for source in arrays):
        return None
    found = {(places[source][0].cut, places[source][1], source.dims) for source in arrays}
    if len(found) > 1:
        return None
    ((cut, index, _),) = found
    return cut, index


def wanted(places: Places) -> Places:
    """Those parts that make up, with the others of their whole, most of it."""
    used: dict[Whole, set[int]] = {}
    for whole, index in places.values():
        used.setdefault(whole, set()).add(index)

    def is_most(whole: Whole) -> bool:
        sizes = whole.cut.sizes
        among = used[whole]
        return whole.op is not None and len(among) > 1 and sum(sizes[i] for i in among) >= WANTED * sum(sizes)

    return {node: place for node, place in places.items() if is_most(place[0])}


__all__ = ["fuse"]
