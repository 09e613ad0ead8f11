"""Memory that is free again: what a loop stacks is written over an array that an earlier loop has used up.

The gradient of a sequence has the type of the sequence, which nothing needs any more once the loop that took it is
done. XLA gives what a loop stacks memory of its own, and fills it with zeros first; here it is told to take that of the
other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from ..graph.node import Node, Pick
from ..graph.types import TupleType, Type
from ..ops.control import Scan
from ..ops.elementwise import Cast, Elementwise
from ..ops.linalg import DotGeneral

Places: TypeAlias = dict[Node, dict[int, Node]]  # of a loop: what the stack of each number is written over

LEAST = 1 << 16  # bytes: filling less costs nothing
OWNERS = (Cast, DotGeneral, Elementwise)  # give arrays of their own, where other ops may show part of another


def free_again(order: Sequence[Node], roots: Sequence[Node]) -> Places:
    """For the loops of a graph, whose types are static: arrays that only a loop before them takes, each given once."""
    loops = [(node, before) for node in order if isinstance(node.op, Scan) and (before := feeding(node))]
    if not loops:
        return {}
    uses = Counter(source for node in order for source in node.inputs)
    uses.update(roots)
    spent = {loop: used_up(loop, uses) for loop in dict.fromkeys(loop for _, before in loops for loop in before)}
    places: Places = {}
    for node, before in loops:
        assert isinstance(node.op, Scan)
        for number, stack in enumerate(results(node)[node.op.carries :]):
            for free in [spent[loop] for loop in before]:
                if (found := next((other for other in free if other.type == stack), None)) is not None:
                    free.remove(found)
                    places.setdefault(node, {})[number] = found
                    break
    return places


def results(node: Node) -> tuple[Type, ...]:
    assert isinstance(node.type, TupleType)
    return node.type.items


def feeding(node: Node) -> list[Node]:
    """The loops whose results a loop takes."""
    picked = (source.inputs[0] for source in node.inputs if isinstance(source.op, Pick))
    return list(dict.fromkeys(source for source in picked if isinstance(source.op, Scan)))


def used_up(loop: Node, uses: Counter[Node]) -> list[Node]:
    """The large arrays that only `loop` takes; not what its carries start from, whose memory they go on in."""
    assert isinstance(loop.op, Scan)
    taken = Counter(loop.inputs)
    starts = set(loop.inputs[: loop.op.carries])
    return [
        node
        for node, times in taken.items()
        if isinstance(node.op, OWNERS)
        and node not in starts
        and times == uses[node]
        and node.tensor.size * node.dtype.itemsize >= LEAST
    ]


__all__ = ["free_again"]
