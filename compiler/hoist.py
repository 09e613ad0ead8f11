"""Hoisting: a product of a sequence's elements with a fixed matrix is one product over the whole sequence.

`x @ W` inside a loop over `x` multiplies a small matrix at each step; before the loop it is one large product, and its
gradient never enters the loop. What does not involve the elements at all has left the body at declaration already.
"""

from __future__ import annotations

from ..graph.graph import Graph
from ..graph.node import Node, new_input
from ..graph.walk import same_nodes, substitute
from ..graph.where import born_at
from ..ops.control import Scan
from ..ops.gradient import Gradient
from ..ops.linalg import DotGeneral
from .compilation import Compilation
from .intern import Interner


def hoist(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` with such products taken out of its scans, and out of scans in their bodies."""
    interner = compilation.interner
    if not interner.regions:
        return graph
    with born_at(None):
        new: dict[Node, Node] = {}
        for node in graph.nodes():
            op, inputs = node.op, tuple([new[source] for source in node.inputs])
            if isinstance(op, Scan) and any(isinstance(inner.op, Gradient) for inner in op.body.nodes()):
                # A gradient inside the body differentiates through the product: it has to stay where it is.
                new[node] = interner.node(op, inputs, node.where, node.name, node.type)
            elif isinstance(op, Scan):
                op = op.with_body(hoist(op.body, compilation))
                new[node] = without_products(op, inputs, node, interner)
            elif same_nodes(inputs, node.inputs):
                new[node] = node
            else:
                new[node] = interner.node(op, inputs, node.where, node.name, node.type)
    return graph.with_roots([new[root] for root in graph.roots])


def without_products(scan: Scan, inputs: tuple[Node, ...], like: Node, interner: Interner) -> Node:
    """The scan over further sequences: the products that its body made of elements and captured matrices."""
    first, after = 1 + scan.carries, 1 + scan.carries + scan.sequences
    leaves = scan.body.inputs
    sequences, captured = set(leaves[first:after]), set(leaves[after:])
    outer = dict(zip(leaves[1:], inputs, strict=True))
    products = [
        node
        for node in scan.body.nodes()
        if isinstance(node.op, DotGeneral)
        and not node.op.batch[0]
        and node.inputs[0] in sequences
        and node.inputs[1] in captured
    ]
    if not products:
        return interner.node(scan, inputs, like.where, like.name, like.type)
    made: list[Node] = []
    for node in products:
        assert isinstance(node.op, DotGeneral)
        summed, of_matrix = node.op.contract
        whole = DotGeneral((tuple(axis + 1 for axis in summed), of_matrix))
        made.append(interner.node(whole, (outer[node.inputs[0]], outer[node.inputs[1]]), node.where, node.name))
    elements = [interner.intern(new_input(node.tensor)) for node in products]
    roots = substitute(scan.body.roots, dict(zip(products, elements, strict=True)))
    body = scan.body.with_roots(interner.intern_all(roots))
    used = set(body.nodes())
    kept = [leaf for leaf in leaves[after:] if leaf in used]
    body = Graph((*leaves[:after], *elements, *kept), body.outputs, effects=body.effects)
    longer = Scan(body, scan.carries, scan.sequences + len(products), scan.length, scan.reverse, scan.states)
    placed = (*inputs[: after - 1], *made, *[outer[leaf] for leaf in kept])
    return interner.node(longer, placed, like.where, like.name)
