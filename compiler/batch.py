"""The batching pass: vectorised regions, and associative scans, become ordinary nodes with a leading axis.

The body is repaired and differentiated first, as the program of one example that it is: so patterns are met in the
form they were written in, and a gradient inside is that of one example.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..graph.graph import Graph
from ..graph.node import Const, Node, Pick
from ..graph.walk import same_nodes, substitute
from ..graph.where import born_at
from ..ops.associative import AssociativeScan
from ..ops.batching import Batcher, Values, with_axis
from ..ops.branches import Switch
from ..ops.region import Region
from ..ops.shape import moveaxis
from ..ops.subgraph import Subgraph
from ..ops.vectorize import Vectorized
from .compilation import Compilation
from .differentiate import differentiate
from .intern import Interner
from .repair import repair


def batch(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` without vectorised regions and subgraphs, also inside other regions; itself where there are none.

    Subgraphs that have their own gradient stay.
    """
    return expanded(graph, compilation, customs=False)


def inline(graph: Graph, compilation: Compilation) -> Graph:
    """A differentiated graph without subgraphs."""
    return expanded(graph, compilation, customs=True)


def expanded(graph: Graph, compilation: Compilation, customs: bool) -> Graph:
    nodes = graph.nodes()
    if not any(isinstance(node.op, Region) for node in nodes):
        return graph
    with born_at(None):
        return Expansion(compilation, customs).graph(graph, nodes)


class Expansion:
    """One walk over a graph: `new` holds what its nodes become, `several` the results of vectorised regions."""

    def __init__(self, compilation: Compilation, customs: bool) -> None:
        self.compilation = compilation
        self.customs = customs
        self.interner = compilation.interner
        self.new: dict[Node, Node] = {}
        self.several: dict[Node, list[Node]] = {}
        self.effects: list[Node] = []

    def graph(self, graph: Graph, nodes: Sequence[Node]) -> Graph:
        for node in nodes:
            op = node.op
            if isinstance(op, Pick) and node.inputs[0] in self.several:
                self.new[node] = self.several[node.inputs[0]][op.index]
                continue
            inputs = tuple([self.new[source] for source in node.inputs])
            if isinstance(op, (Vectorized, AssociativeScan)):
                several = self.vectorized(op, inputs) if isinstance(op, Vectorized) else self.levels(op, inputs)
                self.several[node] = several
                self.new[node] = node  # only its outputs are ever used
                continue
            if isinstance(op, Region):
                op = op.over_bodies(lambda body: expanded(body, self.compilation, self.customs))
                outputs = self.without_region(op, inputs)
                if outputs is not None:
                    self.several[node], self.new[node] = outputs, node
                    continue
            self.new[node] = self.interner.over(node, op, inputs)
        made = graph.with_roots([self.new[root] for root in graph.roots])
        if same_nodes(made.roots, graph.roots) and not self.effects:
            return graph
        return Graph(made.inputs, made.outputs, made.updates, (*made.effects, *self.effects), self.interner.provenance)

    def without_region(self, op: Region, inputs: Sequence[Node]) -> list[Node] | None:
        """The outputs of a region that is no more than one of its bodies; None for any other."""
        if isinstance(op, Switch) and isinstance(inputs[0].op, Const):
            return self.inlined(op.taken(inputs[0].op.value), inputs[1:])
        if isinstance(op, Subgraph) and (self.customs or op.gradient is None):
            outputs = self.inlined(op.body, inputs)
            for i, output in enumerate(outputs):
                if output.name is None and output.inputs:
                    output.name = op.title if len(outputs) == 1 else f"{op.title}.{i}"
            return outputs
        return None

    def inlined(self, body: Graph, inputs: Sequence[Node]) -> list[Node]:
        """The outputs of a body over `inputs`, as nodes of this graph."""
        outputs, effects = inlined(body, inputs, self.interner)
        self.effects.extend(effects)
        return outputs

    def vectorized(self, op: Vectorized, inputs: Sequence[Node]) -> list[Node]:
        """The outputs of a vectorised region as ordinary nodes."""
        intern = self.interner.intern
        body = one_example(op.body, self.compilation)
        size = op.examples([x.tensor for x in inputs])
        assert isinstance(size, int)
        known: dict[Node, Values] = {
            leaf: (x, False) if axis is None else (intern(moveaxis(x, axis, 0)), True)
            for leaf, x, axis in zip(body.inputs, inputs, op.in_axes, strict=True)
        }
        batcher = Batcher(size, known, intern, lends=True)
        outputs = batcher.values(body.outputs)
        self.effects.extend(node for node, _ in batcher.values(body.effects))
        return [
            intern(moveaxis(with_axis(value, size), 0, axis)) for value, axis in zip(outputs, op.out_axes, strict=True)
        ]

    def levels(self, op: AssociativeScan, inputs: Sequence[Node]) -> list[Node]:
        """The outputs of an associative scan: its body over all pairs of a level at once."""
        body = one_example(op.body, self.compilation)
        shared: list[Values] = [(x, False) for x in inputs[op.arrays :]]

        def combine(first: Sequence[Node], second: Sequence[Node]) -> list[Node]:
            pairs: list[Values] = [(self.interner.intern(x), True) for x in (*first, *second)]
            size = first[0].sizes[0]
            known = dict(zip(body.inputs, [*pairs, *shared], strict=True))
            batcher = Batcher(size, known, self.interner.intern, lends=True)
            outputs = batcher.values(body.outputs)
            self.effects.extend(node for node, _ in batcher.values(body.effects))
            return [with_axis(value, size) for value in outputs]

        return [self.interner.intern(x) for x in op.expanded(inputs[: op.arrays], combine)]


def inlined(body: Graph, inputs: Sequence[Node], interner: Interner) -> tuple[list[Node], list[Node]]:
    """The outputs and the effects of a body over `inputs`."""
    moved = dict(zip(body.inputs, inputs, strict=True))
    roots = interner.intern_all(substitute(body.roots, moved))
    return roots[: len(body.outputs)], roots[len(body.outputs) :]


def one_example(body: Graph, compilation: Compilation) -> Graph:
    """A body as the rest of the pipeline would see it, up to and including its own gradients."""

    return differentiate(repair(batch(body, compilation), compilation), compilation, repair)


__all__ = ["batch"]
