"""Segments: loops whose gradient is truncated, or computed again, become loops that keep less for it.

Nothing is done in a program without gradients: there is nothing to be kept in it.
"""

from __future__ import annotations

from ..graph.graph import Graph
from ..graph.node import Node, Pick
from ..graph.where import born_at, lend
from ..ops.control import Scan
from ..ops.gradient import Gradient
from ..ops.region import Region, everything
from ..ops.segments import segmented
from .compilation import Compilation
from .intern import Interner


def segment(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` with such loops taken apart, in bodies of regions too."""
    nodes = everything(graph)
    if not any(asks(node) for node in nodes) or not any(isinstance(node.op, Gradient) for node in nodes):
        return graph
    with born_at(None):
        return apart(graph, compilation.interner)


def asks(node: Node) -> bool:
    op = node.op
    return isinstance(op, Scan) and (op.truncate is not None or op.segment is not None)


def apart(graph: Graph, interner: Interner) -> Graph:
    new: dict[Node, Node] = {}
    several: dict[Node, list[Node]] = {}  # the outputs of loops that were taken apart
    for node in graph.nodes():
        op = node.op
        if isinstance(op, Pick) and node.inputs[0] in several:
            new[node] = several[node.inputs[0]][op.index]
            continue
        inputs = tuple([new[source] for source in node.inputs])
        if isinstance(op, Region):
            op = op.over_bodies(lambda body: apart(body, interner))
        if isinstance(op, Scan) and asks(node):
            lend(node.where)
            several[node] = segmented(op, inputs, interner.intern)
            new[node] = node  # only its outputs are ever used
            continue
        new[node] = interner.over(node, op, inputs)
    return graph.with_roots([new[root] for root in graph.roots])


__all__ = ["segment"]
