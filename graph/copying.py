"""Deep copies and pickles of graphs: without recursion, so that a chain of any depth is an ordinary graph.

A deep copy has shared variables of its own, starting from the values of the old ones. Everything else about a node is
immutable, so that what depends on no shared variable is its own copy, and declared inputs stay the inputs they are.
In a pickle a node is the list of everything below it, inputs first; nodes, slots and tokens that belong to several
pickled things are one thing again when they are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from weakref import WeakValueDictionary

from .node import Node, State
from .slot import Slot
from .walk import toposort

# --- copies ---------------------------------------------------------------------------------------------------


def deep_copied(roots: Sequence[Node], memo: dict[int, Any]) -> list[Node]:
    """`roots` over shared variables of their own; `memo` is that of `copy.deepcopy`, by the ids of what was copied."""
    late: list[tuple[Slot, Node]] = []
    todo = list(roots)
    while todo:
        for node in toposort([todo.pop()], stop=lambda node: id(node) in memo):
            if id(node) in memo:
                continue
            if isinstance(node.op, State):
                old = node.op.slot
                if id(old) not in memo:
                    memo[id(old)] = old.copied()
                    if old.default_update is not None:
                        late.append((memo[id(old)], old.default_update))
                        todo.append(old.default_update)
                memo[id(node)] = Node(State(memo[id(old)]), (), node.type, node.where, node.name)
                continue
            inputs = tuple([memo[id(source)] for source in node.inputs])
            same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
            memo[id(node)] = node if same else Node(node.op, inputs, node.type, node.where, node.name)
    for slot, update in late:
        slot.default_update = memo[id(update)]
    return [memo[id(root)] for root in roots]


def _deep_copy(self: Node, memo: dict[int, Any]) -> Node:
    return deep_copied([self], memo)[0]


def _copy(self: Node) -> Node:
    """Nodes are immutable, so that a shallow copy is the node."""
    return self


# --- pickles --------------------------------------------------------------------------------------------------


class Record:
    """Stands for one node in a pickle, and is loaded as that node. A pickle knows an object by its identity, so a node
    has one record for as long as a pickle holds it."""

    __slots__ = ("__weakref__", "node")

    def __init__(self, node: Node) -> None:
        self.node = node

    def __reduce__(self) -> tuple[Any, ...]:
        node = self.node
        leaf: Callable[[], Node] | None = getattr(node.op, "leaf", None)
        if leaf is not None:  # there is one such node in every process
            return leaf, ()
        return Node, (node.op, tuple(map(record, node.inputs)), node.type, node.where, node.name)


_records: WeakValueDictionary[int, Record] = WeakValueDictionary()


def record(node: Node) -> Record:
    """The one record of a node. It keeps the node alive, so that ids are not used again."""
    found = _records.get(id(node))
    if found is None:
        found = _records[id(node)] = Record(node)
    return found


def records(roots: Iterable[Node]) -> tuple[Record, ...]:
    """A record of every node that `roots` need, inputs before users: the pickle then never has to go deeper."""
    return tuple(map(record, toposort(roots)))


def last(nodes: Sequence[Node]) -> Node:
    return nodes[-1]


def _reduce(self: Node) -> tuple[Any, ...]:
    return last, (records([self]),)


COPYING: dict[str, object] = {"__copy__": _copy, "__deepcopy__": _deep_copy, "__reduce__": _reduce}

__all__ = ["COPYING", "Record", "deep_copied", "record", "records"]
