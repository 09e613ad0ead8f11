"""A loop as several, where its gradient is not to be kept of every step.

A truncated gradient makes two: what comes before the last steps is a loop of its own, held constant. A checkpointed one
makes a loop over segments, each a loop whose intermediates are computed again in the backward pass: what is kept are
the carries between segments, and, of one segment at a time, what the gradient needs of each step (Griewank's scheme of
one level: with segments of sqrt(n) steps, memory for some 2 sqrt(n) steps instead of n).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..graph.graph import Graph
from ..graph.node import Node, new_input, picks, scalar_constant
from ..graph.op import Token
from ..graph.types import INT32, TensorType
from ..graph.walk import substitute
from .checkpoint import Checkpoint
from .control import Scan
from .gradient import stop_gradient
from .index import getitem
from .join import concat
from .shape import reshape

Intern = Callable[[Node], Node]


@dataclass(frozen=True)
class Loop:
    """A specialised scan that is taken apart: its body reads positions from `start` on."""

    scan: Scan
    inputs: Sequence[Node]
    steps: int
    intern: Intern

    @property
    def carries(self) -> Sequence[Node]:
        return self.inputs[: self.scan.carries]

    @property
    def sequences(self) -> Sequence[Node]:
        return self.inputs[self.scan.carries :][: self.scan.sequences]

    @property
    def captured(self) -> Sequence[Node]:
        return self.inputs[self.scan.carries + self.scan.sequences :]

    def part(self, begin: int, end: int, carries: Sequence[Node]) -> tuple[Loop, int]:
        """The steps from `begin` up to `end`, counted as they are taken, and where they start along the sequences."""
        start = self.steps - end if self.scan.reverse else begin
        cut = [self.intern(getitem(x, slice(start, start + end - begin))) for x in self.sequences]
        scan = replace(self.scan, length=end - begin, truncate=None, segment=None, states=())
        return Loop(scan, [*carries, *cut, *self.captured], end - begin, self.intern), start

    def plain(self, start: int) -> list[Node]:
        """The outputs of an ordinary loop."""
        return self.run(scalar_constant(start, INT32) if start else None)

    def run(self, start: Node | None) -> list[Node]:
        """The outputs of the loop where its first position is `start` (None: 0)."""
        body, more = self.scan.body, []
        index = body.inputs[0]
        if start is not None and index in set(body.nodes()):
            leaf = self.intern(new_input(start.tensor))
            roots = substitute(body.roots, {index: index + leaf})
            moved = body.with_roots([self.intern(root) for root in roots])
            body, more = Graph((*body.inputs, leaf), moved.outputs, effects=moved.effects), [start]
        node = self.intern(self.scan.with_body(body)(*self.inputs, *more))
        return [self.intern(pick) for pick in picks(node)]

    def over_segments(self, length: int, start: int) -> list[Node]:
        """The outputs of a loop over segments of so many steps, each computed again for its gradient."""
        intern, number = self.intern, self.steps // length
        index = intern(new_input(TensorType(INT32, ()), "segment"))
        rows = [intern(reshape(x, (number, length, *x.sizes[1:]))) for x in self.sequences]
        carries = [intern(new_input(x.tensor, x.name)) for x in self.carries]
        elements = [intern(new_input(x.tensor.with_shape(x.sizes[1:]), x.name)) for x in rows]
        captured = [intern(new_input(x.tensor, x.name)) for x in self.captured]
        begin = index * length + start
        outputs = self.checkpointed([begin, *carries, *elements, *captured], length)
        body = Graph((index, *carries, *elements, *captured), tuple(outputs))
        scan = replace(self.scan, body=body, length=number, unroll=1)
        results = [intern(p) for p in picks(intern(scan(*self.carries, *rows, *self.captured)))]
        first = self.scan.carries
        stacks = [intern(reshape(y, (self.steps, *y.sizes[2:]))) for y in results[first:]]
        return [*results[:first], *stacks]

    def checkpointed(self, inputs: Sequence[Node], length: int) -> list[Node]:
        """The outputs of one segment; its first input is where it starts."""
        inputs = [self.intern(x) for x in inputs]
        leaves = [self.intern(new_input(x.tensor, x.name)) for x in inputs]
        one = Loop(replace(self.scan, length=length), leaves[1:], length, self.intern)
        region = Checkpoint(Graph(tuple(leaves), tuple(one.run(leaves[0]))), Token())
        return [self.intern(p) for p in picks(self.intern(region(*inputs)))]


def segmented(scan: Scan, inputs: Sequence[Node], intern: Intern) -> list[Node]:
    """What a specialised scan gives, by loops that keep less for its gradient."""
    steps = scan.steps([x.tensor for x in inputs])
    assert isinstance(steps, int)
    whole = Loop(scan, inputs, steps, intern)
    before = max(0, steps - scan.truncate) if scan.truncate is not None else 0
    length = math.isqrt(steps - before) if scan.segment == "sqrt" else scan.segment
    length = max(1, steps - before if length is None else length)
    number = (steps - before) // length if scan.segment is not None else 0
    finals, pieces = list(whole.carries), []
    middle = before + number * length
    plan = ((0, before, "held"), (before, middle, "segments"), (middle, steps, "plain"))
    for begin, end, kind in [entry for entry in plan if entry[0] < entry[1]] or [(0, 0, "plain")]:
        part, start = whole.part(begin, end, finals)
        outputs = part.over_segments(length, start) if kind == "segments" else part.plain(start)
        if kind == "held":
            outputs = [intern(stop_gradient(out)) if out.tensor.is_inexact else out for out in outputs]
        finals, stacked = outputs[: scan.carries], outputs[scan.carries :]
        pieces.append(stacked)
    if scan.reverse:
        pieces.reverse()
    return [*finals, *[intern(concat(ys)) if len(ys) > 1 else ys[0] for ys in zip(*pieces, strict=True)]]


__all__ = ["segmented"]
