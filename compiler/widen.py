"""Widening: sums of log-gammas and their like are held in float64 until they are done.

These functions compute in float64 anyway. Rounded to float32 one by one, they lose in a sum what they have: in a
likelihood terms of thousands cancel to a few units, in its gradient two digammas to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..graph.graph import Graph
from ..graph.node import Node
from ..graph.types import TensorType
from ..ops.elementwise import Cast, Elementwise
from ..ops.moments import Mean
from ..ops.reduce import Reduce
from ..ops.region import Region
from ..ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze
from ..ops.special_gamma import Polygamma
from .compilation import Compilation
from .intern import Interner

DOUBLE = np.dtype("float64")
FAMILY = frozenset(("gammaln", "digamma", "betaln", "digamma_drop", "trigamma_drop"))
SUMS = frozenset(("add", "subtract"))
# What a term of such a sum is made of: cheap enough to be computed again, wide, where others need it narrow.
TERMS = frozenset((*SUMS, "negative", "multiply", "divide", "square", "reciprocal", "log", "log1p", "where"))
MOVES = (BroadcastTo, Reshape, ExpandDims, Squeeze)


def widen(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` with each sum that involves the gamma family computed in float64 from its terms' operands on."""
    if "stability" not in compilation.options.tables:
        return graph
    interner = compilation.interner
    if interner.regions:
        graph = inside(graph, compilation)
    nodes = graph.nodes()
    summed = sums_of_the_family(nodes)
    if not summed:
        return graph
    wide: dict[Node, Node] = {}
    new: dict[Node, Node] = {}
    for node in nodes:
        if node in summed:
            new[node] = interner.node(Cast(node.dtype), (widened(node, new, wide, interner),), node.where, node.name)
        else:
            inputs = tuple([new[source] for source in node.inputs])
            new[node] = interner.over(node, node.op, inputs)
    return graph.with_roots([new[root] for root in graph.roots])


def inside(graph: Graph, compilation: Compilation) -> Graph:
    """The same in the bodies of regions."""
    interner = compilation.interner
    new: dict[Node, Node] = {}
    for node in graph.nodes():
        op, inputs = node.op, tuple([new[source] for source in node.inputs])
        if isinstance(op, Region):
            op = op.over_bodies(lambda body: widen(body, compilation))
        new[node] = interner.over(node, op, inputs)
    return graph.with_roots([new[root] for root in graph.roots])


def is_narrow(node: Node) -> bool:
    return isinstance(node.type, TensorType) and node.type.is_float and node.type.dtype.itemsize < DOUBLE.itemsize


def is_of_the_family(node: Node) -> bool:
    return isinstance(node.op, Polygamma) or (isinstance(node.op, Elementwise) and node.op.row.name in FAMILY)


def is_sum(node: Node) -> bool:
    op = node.op
    if isinstance(op, Elementwise):
        return op.row.name in SUMS
    return isinstance(op, Mean) or (isinstance(op, Reduce) and op.kind == "sum")


def is_term(node: Node) -> bool:
    return (
        is_sum(node) or isinstance(node.op, MOVES) or (isinstance(node.op, Elementwise) and node.op.row.name in TERMS)
    )


def sums_of_the_family(nodes: Iterable[Node]) -> set[Node]:
    """Sums that a member of the family reaches through nothing but sums and terms."""
    reached: set[Node] = set()
    summed: set[Node] = set()
    for node in nodes:
        if not is_narrow(node):
            continue
        if is_of_the_family(node):
            reached.add(node)
        elif is_term(node) and not reached.isdisjoint(node.inputs):
            reached.add(node)
            if is_sum(node):
                summed.add(node)
    return summed


def widened(root: Node, new: dict[Node, Node], wide: dict[Node, Node], interner: Interner) -> Node:
    """`root` in float64: its terms are computed anew, what they are made of is cast."""
    stack = [root]
    while stack:
        node = stack[-1]
        if node in wide:
            stack.pop()
        elif not is_narrow(node):
            wide[node] = new[node]
        elif not (is_term(node) or is_of_the_family(node)):
            wide[node] = interner.node(Cast(DOUBLE), (new[node],), node.where, node.name)
        elif waiting := [source for source in node.inputs if source not in wide]:
            stack.extend(waiting)
        else:
            wide[node] = interner.node(node.op, tuple([wide[source] for source in node.inputs]), node.where, node.name)
    return wide[root]


__all__ = ["widen"]
