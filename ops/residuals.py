"""Residuals: which forward values a loop keeps for its backward loop, and a branch for its derivative.

What cheap arithmetic can make again from other kept values is not kept. And a derivative is linear in its seeds, so
that what a seed is multiplied by along the way can be multiplied together in the forward loop, and be kept as one:
an LSTM then keeps 7 values a step, not 12. Of such factors at most one may be larger than 1, so that none of their
products overflows; one that underflows counts as 0.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from ..graph.node import Node
from ..graph.walk import same_nodes, toposort
from .arithmetic import multiply
from .elementwise import Cast, Elementwise
from .region import Driver
from .shape import BroadcastTo, ExpandDims, Reshape, Squeeze

# Elementwise rows that cost less to compute again than to store and load.
CHEAP = frozenset(
    (
        *("add", "subtract", "multiply", "negative", "square", "abs", "sign", "maximum", "minimum", "where"),
        *("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"),
        *("logical_and", "logical_or", "logical_not", "real", "imag", "conj"),
    )
)
CHEAP_OPS = (Cast, Reshape, BroadcastTo, ExpandDims, Squeeze)


def fewest(
    found: Sequence[Node], seeds: Set[Node], free: Set[Node], varying: Set[Node], driver: Driver
) -> tuple[Sequence[Node], list[Node]]:
    """Derivatives over `seeds`, spelled so that the fewest bytes are kept for them, and what is kept.

    `free`: leaves that the backward loop has anyway; `varying`: leaves that change from step to step.
    """
    joined = with_joined_factors(found, after(seeds, found), driver)
    kept, kept_joined = (residuals(roots, after(seeds, roots), free, varying) for roots in (found, joined))
    return (joined, kept_joined) if _bytes(kept_joined) < _bytes(kept) else (found, kept)


def after(leaves: Set[Node], roots: Sequence[Node]) -> set[Node]:
    """`leaves` and every node below `roots` that depends on one."""
    reached = set(leaves)
    for node in toposort(roots):
        if any(source in reached for source in node.inputs):
            reached.add(node)
    return reached


def residuals(found: Sequence[Node], seeded: Set[Node], free: Set[Node], varying: Set[Node]) -> list[Node]:
    """The forward values that must be kept to compute `found`."""
    order = toposort(found)
    changing = after(varying, found)
    needed = {source for node in order if node in seeded for source in node.inputs} | {*found}
    needed = {node for node in needed if node in changing and node not in seeded and node not in free}
    # What is at hand: free leaves, what does not change, what is needed anyway, and whatever cheap arithmetic makes of
    # those.
    at_hand: set[Node] = set()
    for node in order:
        if node not in seeded and (node in free or node not in changing or node in needed or _is_cheap(node, at_hand)):
            at_hand.add(node)
    return [node for node in order if node in needed and not _is_cheap(node, at_hand)]


def with_joined_factors(found: Sequence[Node], seeded: Set[Node], driver: Driver) -> list[Node]:
    """(g * a) * b as g * (a * b) for seeded g, where no a * b can overflow: one of the two is at most 1."""
    new: dict[Node, Node] = {}
    split: dict[Node, tuple[Node, Node]] = {}  # products as (what is seeded, its factor)
    for node in toposort(found):
        inputs = tuple([new[source] for source in node.inputs])
        new[node] = node if same_nodes(inputs, node.inputs) else driver.intern(Node(node.op, inputs, node.type))
        if node not in seeded or not _is_product(node):
            continue
        flags = [source in seeded for source in node.inputs]
        if flags == [True, True] or not node.sizes == inputs[0].sizes == inputs[1].sizes:
            continue
        g, factor = inputs if flags[0] else inputs[::-1]
        if g in split:
            inner, first = split[g]
            if driver.at_most_one(first) or driver.at_most_one(factor):
                g, factor = inner, driver.intern(multiply(first, factor))
                new[node] = driver.intern(multiply(g, factor))
        split[new[node]] = (g, factor)
    return [new[root] for root in found]


def _is_product(node: Node) -> bool:
    return isinstance(node.op, Elementwise) and node.op.row.name == "multiply"


def _is_cheap(node: Node, at_hand: set[Node]) -> bool:
    op = node.op
    cheap = op.row.name in CHEAP if isinstance(op, Elementwise) else isinstance(op, CHEAP_OPS)
    return bool(node.inputs) and cheap and all(source in at_hand for source in node.inputs)


def _bytes(nodes: Sequence[Node]) -> int:
    return sum(node.tensor.size * node.dtype.itemsize for node in nodes)


__all__ = ["fewest"]
