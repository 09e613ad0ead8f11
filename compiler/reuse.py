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
    given: set[Node] = set()
    places: Places = {}
    for node, before in loops:
        assert isinstance(node.op, Scan)
        free = [source for loop in before for source in loop.inputs if used_up(source, loop, uses)]
        for number, result in enumerate(node.op.body.outputs[node.op.carries :]):
            steps = node.op.steps([source.tensor for source in node.inputs])
            wanted = (result.dtype, (steps, *result.dims))
            fits = (n for n in free if n not in given and (n.dtype, n.dims) == wanted)
            if (found := next(fits, None)) is not None:
                given.add(found)
                places.setdefault(node, {})[number] = found
    return places


def feeding(node: Node) -> list[Node]:
    """The loops whose results a loop takes."""
    picked = (source.inputs[0] for source in node.inputs if isinstance(source.op, Pick))
    return list(dict.fromkeys(source for source in picked if isinstance(source.op, Scan)))


def used_up(node: Node, loop: Node, uses: Counter[Node]) -> bool:
    """Whether only `loop` takes an array that is worth its while."""
    if not isinstance(node.op, OWNERS) or uses[node] != sum(source is node for source in loop.inputs):
        return False
    return node.tensor.size * node.tensor.dtype.itemsize >= LEAST


__all__ = ["free_again"]
