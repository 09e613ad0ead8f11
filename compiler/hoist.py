"""Hoisting: a product of a sequence's elements with a fixed matrix is one product over the whole sequence.

`x @ W` inside a loop over `x` multiplies a small matrix at each step; before the loop it is one large product, and its
gradient never enters the loop. What does not involve the elements at all has left the body at declaration already; but
for what the compiler itself has made of fixed matrices, which follows at the end: factors, and transposes, which the
products of a backward loop would else take step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from ..graph.graph import Graph
from ..graph.node import Input, Node, State, new_input
from ..graph.types import TensorType
from ..graph.walk import same_nodes, substitute
from ..graph.where import born_at
from ..ops.control import Scan
from ..ops.gradient import Gradient
from ..ops.linalg import DotGeneral
from ..ops.linear_algebra.factorize import Cholesky, Lu
from ..ops.region import Region
from ..ops.shape import Transpose
from .compilation import Compilation
from .intern import Interner

Outside: TypeAlias = Callable[[Scan, tuple[Node, ...], Node, Interner], Node]


def hoist(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` with such products taken out of its scans, and out of scans in their bodies."""
    return from_scans(graph, compilation, without_products)


def hoist_fixed(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` with factors and transposes of fixed matrices taken out of its scans, nested ones too."""
    return from_scans(graph, compilation, without_fixed)


def from_scans(graph: Graph, compilation: Compilation, outside: Outside) -> Graph:
    """`graph` with every scan made anew by `outside`, innermost first; itself where there is none."""
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
                op = op.with_body(from_scans(op.body, compilation, outside))
                new[node] = outside(op, inputs, node, interner)
            elif isinstance(op, Region):
                op = op.over_bodies(lambda body: from_scans(body, compilation, outside))
                new[node] = interner.node(op, inputs, node.where, node.name, node.type)
            elif same_nodes(inputs, node.inputs):
                new[node] = node
            else:
                new[node] = interner.node(op, inputs, node.where, node.name, node.type)
    roots = [new[root] for root in graph.roots]
    return graph if same_nodes(roots, graph.roots) else graph.with_roots(roots)


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
    longer = replace(scan, body=body, sequences=scan.sequences + len(products))
    placed = (*inputs[: after - 1], *made, *[outer[leaf] for leaf in kept])
    return interner.node(longer, placed, like.where, like.name)


def without_fixed(scan: Scan, inputs: tuple[Node, ...], like: Node, interner: Interner) -> Node:
    """The scan over further captured values: what its body made of factors and transposes of captured matrices."""
    leaves, after = scan.body.inputs, 1 + scan.carries + scan.sequences
    old = over_transposes(scan.body, set(leaves[after:]), interner)
    found = fixed_values(old, set(leaves[after:]))
    if not found:
        return interner.node(scan, inputs, like.where, like.name, like.type)
    outer = dict(zip(leaves[1:], inputs, strict=True))
    made = interner.intern_all(substitute(found, outer))
    captured = [interner.intern(new_input(node.tensor)) for node in found]
    roots = substitute(old.roots, dict(zip(found, captured, strict=True)))
    body = old.with_roots(interner.intern_all(roots))
    used = set(body.nodes())
    kept = [leaf for leaf in leaves[after:] if leaf in used]
    body = Graph((*leaves[:after], *kept, *captured), body.outputs, effects=body.effects)
    placed = (*inputs[: after - 1], *[outer[leaf] for leaf in kept], *made)
    return interner.node(scan.with_body(body), placed, like.where, like.name)


def over_transposes(body: Graph, captured: set[Node], interner: Interner) -> Graph:
    """The body with `x @ w.T`, which sums over the last axis of a captured `w`, spelled so."""
    plain: dict[Node, Node] = {}
    for node in body.nodes():
        if isinstance(node.op, DotGeneral) and node.op.contract[1] == (1,) and node.inputs[1] in captured:
            x, w = node.inputs
            if w.ndim == 2:
                product = DotGeneral((node.op.contract[0], (0,)))
                plain[node] = interner.intern(product(x, Transpose((1, 0))(w)))
    return body.with_roots(interner.intern_all(substitute(body.roots, plain))) if plain else body


def fixed_values(body: Graph, captured: set[Node]) -> list[Node]:
    """The last values in a body that depend on factors or transposes, and on no step."""
    known: dict[Node, bool] = {}  # of what depends on no step: whether on a factor or transpose
    for node in body.nodes():
        fixed = node in captured or not (isinstance(node.op, (Input, Region, State)) or node.op.effect)
        if fixed and all(source in known for source in node.inputs):
            known[node] = isinstance(node.op, (Cholesky, Lu, Transpose)) or any(known[source] for source in node.inputs)
    varying = [source for node in body.nodes() if node not in known for source in node.inputs]
    last = dict.fromkeys((*varying, *body.roots))
    return [node for node in last if known.get(node) and isinstance(node.type, TensorType)]
