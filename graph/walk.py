"""Iterative traversals and substitution: a chain of a million nodes is an ordinary graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from .errors import Mismatch, located
from .node import Node
from .where import noted


def toposort(roots: Iterable[Node], stop: Callable[[Node], bool] | None = None) -> list[Node]:
    """Every node that `roots` need, inputs before users; nodes for which `stop` is true are listed but not entered."""
    order: list[Node] = []
    done: set[Node] = set()
    for root in roots:
        stack = [root]
        while stack:
            node = stack[-1]
            if node in done:
                stack.pop()
                continue
            waiting = False
            if stop is None or not stop(node):
                for source in node.inputs:
                    if source not in done:
                        stack.append(source)
                        waiting = True
            if not waiting:
                done.add(node)
                order.append(node)
                stack.pop()
    return order


def same_nodes(new: Sequence[Node], old: Sequence[Node]) -> bool:
    """Whether two equally long rows of nodes are the very same; asked of every node, so a plain loop."""
    for a, b in zip(new, old):  # noqa: B905, SIM110
        if a is not b:
            return False
    return True


def rebuild(node: Node, inputs: tuple[Node, ...]) -> Node:
    """`node` over other inputs, its type inferred again; errors point at the line that made the node."""
    try:
        type_ = node.op.infer(*[source.type for source in inputs])
    except Mismatch as problem:
        raise located(problem, node.op, inputs, node.where) from None
    return noted(Node(node.op, inputs, type_, node.where, node.name))


def substitute(roots: Iterable[Node], mapping: Mapping[Node, Node]) -> list[Node]:
    """`roots` with nodes replaced by others; what depends on those is rebuilt, and its types inferred again."""
    roots = list(roots)
    new: dict[Node, Node] = dict(mapping)
    for node in toposort(roots, stop=new.__contains__):
        if node not in new:
            inputs = tuple(new[source] for source in node.inputs)
            unchanged = same_nodes(inputs, node.inputs)
            new[node] = node if unchanged else rebuild(node, inputs)
    return [new[root] for root in roots]


def stops(roots: Iterable[Node], target: Node) -> list[Node]:
    """The nodes that let no derivative through from `target` on its ways to `roots`, inputs before users."""
    reached = {target}
    found = []
    for node in toposort(roots):
        if reached.isdisjoint(node.inputs):
            continue
        mask = node.op.gradient_mask([source.type for source in node.inputs])
        if any(smooth and source in reached for smooth, source in zip(mask, node.inputs, strict=True)):
            reached.add(node)
        else:
            found.append(node)
    return found


def depends_on(roots: Iterable[Node], targets: Iterable[Node]) -> set[Node]:
    """The nodes among the ancestors of `roots` that any of `targets` reaches through differentiable arguments."""
    reached = set(targets)
    for node in toposort(roots):
        if node in reached or not node.inputs:
            continue
        mask: tuple[bool, ...] | None = None
        for i, source in enumerate(node.inputs):
            if source in reached:
                mask = mask if mask is not None else node.op.gradient_mask([s.type for s in node.inputs])
                if mask[i]:
                    reached.add(node)
                    break
    return reached
