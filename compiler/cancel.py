"""Cancelling terms are brought together, before a rule can take one of them and leave the other.

In `1 - tanh(x) + tanh(x)` the tangents are nothing together, to the last bit; `1 - tanh(x)` by itself is better spelled
as a logistic function, beside which the other tangent would cancel no more. So such a sum becomes

    1 + (tanh(x) - tanh(x))

and stays so. The difference is not dropped: it is nan for what is not finite. Terms that no rule would take stay where
they are: `(s + y) - s` may be there for what rounding loses of y.
"""

from __future__ import annotations

from ..graph.graph import Graph
from ..graph.node import Node
from ..graph.where import born_at, lend
from ..ops.elementwise import Elementwise
from ..ops.region import Region
from .compilation import Compilation
from .intern import Interner
from .pattern import kind
from .sums import SUMS, Term, joined, opposite_of, signed_terms


def cancel(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` with terms that cancel next to each other, in bodies of regions too; itself where there are none."""
    with born_at(None):
        return together(graph, compilation.interner)


def together(graph: Graph, interner: Interner) -> Graph:
    new: dict[Node, Node] = {}
    for node in graph.nodes():
        op = node.op
        if isinstance(op, Region):
            op = op.over_bodies(lambda body: together(body, interner))
        made = interner.over(node, op, tuple([new[source] for source in node.inputs]))
        new[node] = regrouped(made, interner) if kind(made) in SUMS else made
    roots = [new[root] for root in graph.roots]
    return graph if all(a is b for a, b in zip(roots, graph.roots, strict=True)) else graph.with_roots(roots)


def regrouped(node: Node, interner: Interner) -> Node:
    """A sum with each term beside its opposite."""
    terms = signed_terms(node)
    if len({term for _, term in terms}) == len(terms) or not node.tensor.is_float:
        return node
    rest: list[Term] = []
    pairs: list[Node] = []
    for sign, term in terms:
        opposite = opposite_of((sign, term), rest)
        if opposite is None or not is_at_stake(term, terms):
            rest.append((sign, term))
        else:
            rest.pop(opposite)
            pairs.append(term)
    if not pairs or not rest:
        return node
    lend(node.where)
    total = joined(rest)
    for term in pairs:
        total = total + (term - term)
    return interner.intern(total) if total.type == node.type else node


def is_at_stake(term: Node, terms: list[Term]) -> bool:
    """Whether a rule may take a term out of a sum: a function, or what a function in the sum is of."""
    named = type(term.op) is Elementwise and len(term.inputs) == 1
    return named or any(source is term for _, other in terms for source in other.inputs)


__all__ = ["cancel"]
