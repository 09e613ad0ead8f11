"""Fusing sideways: what is computed of most parts of an array is computed once, of the whole.

    i, f, g, o = theon.split(x, 4)
    theon.sigmoid(i), theon.sigmoid(f), theon.tanh(g), theon.sigmoid(o)

holds three logistic functions of a quarter each. One of the whole makes one loop of three, and the program shorter; the
quarter that nobody wants costs less than that saves, where the array is small and the function cheap. It is the last
pass, after those that look for functions of parts, or take away parts that nobody wants.
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

MOST = 1 << 20  # bytes of a whole: in larger arrays a loop more costs nothing, and an array more does
WANTED = 0.75  # of a whole: with less, its other parts cost more than the shared loop saves
# What is cheap enough to be computed of parts that nobody wants.
CHEAP = frozenset(
    (
        *("abs", "add", "maximum", "minimum", "multiply", "negative", "square", "subtract"),
        *("exp", "relu", "sigmoid", "sigmoid_slope", "softplus", "softsign", "tanh", "tanh_slope"),
    )
)


@dataclass(frozen=True, eq=False)
class Whole:
    """An array that is cut in parts: `inputs[0]` where `op` is None, or what `op` would make of others."""

    cut: Split
    op: Op | None
    inputs: tuple[Whole | Node, ...]


Places: TypeAlias = dict[Node, tuple[Whole, int]]  # of a part: which one of what


def fuse(graph: Graph, compilation: Compilation) -> Graph:
    """`graph`, of static types, with elementwise functions of most parts of a split taken of the whole; bodies too."""
    with born_at(None):
        return fused(graph, compilation.interner)


def fused(graph: Graph, interner: Interner) -> Graph:
    nodes = graph.nodes()
    places = wanted(parts(nodes))
    if not places and not interner.regions:
        return graph
    values: dict[Whole, Node] = {}
    new: dict[Node, Node] = {}

    def value(of: Whole | Node) -> Node:
        if isinstance(of, Node):
            return new[of]
        return values[of] if of.op is not None else value(of.inputs[0])

    for node in nodes:
        op = node.op
        if isinstance(op, Region):
            op = op.over_bodies(lambda body: fused(body, interner))
        if node in places:
            whole, index = places[node]
            assert whole.op is not None
            # Anew for every part, so that the lines of all of them are known.
            values[whole] = interner.node(whole.op, tuple([value(source) for source in whole.inputs]), node.where)
            several = interner.node(whole.cut, (values[whole],), node.where)
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
        elif places and isinstance(node.op, (Cast, Elementwise)) and (common := corresponding(node, places)):
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
    """Those parts that are worth taking of their whole, with the others of it."""
    used: dict[Whole, dict[int, Node]] = {}
    for node, (whole, index) in places.items():
        used.setdefault(whole, {})[index] = node
    worthy: set[Whole] = set()
    for whole, among in used.items():  # of what a whole would be made comes before it
        made = [source for source in whole.inputs if isinstance(source, Whole) and source.op is not None]
        if whole.op is not None and worthy.issuperset(made) and is_worthy(whole, among):
            worthy.add(whole)
    return {node: place for node, place in places.items() if place[0] in worthy}


def is_worthy(whole: Whole, among: dict[int, Node]) -> bool:
    """Whether parts of these numbers make up enough of a whole that is small enough."""
    sizes = whole.cut.sizes
    length, total = sum(sizes[i] for i in among), sum(sizes)
    cheap = isinstance(whole.op, Elementwise) and whole.op.row.name in CHEAP
    held = sum(node.tensor.size * node.dtype.itemsize for node in among.values())
    return len(among) > 1 and length >= (WANTED * total if cheap else total) and held * total <= MOST * length


__all__ = ["fuse"]
