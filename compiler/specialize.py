"""Specialisation: one walk that makes every shape an int, folds shape arithmetic, lifts effects and interns.

After it nothing is declared any more: no name or unknown in a shape, no `Late` op, no static input, no effect in the
way of a value, and equal nodes are one node. Every other pass and every `vjp` and `lower` relies on that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..graph.errors import Mismatch, ShapeError, located, report
from ..graph.graph import Graph
from ..graph.node import Const, Input, Node, Pick, State, scalar_constant
from ..graph.op import Late, fill
from ..graph.types import TensorType, TupleType, Type, is_integer
from ..graph.walk import substitute, toposort
from ..graph.where import born_at
from ..ops.elementwise import Cast, Elementwise
from ..ops.gradient import needs_cuts, with_cuts
from ..ops.region import Region, is_small_const
from ..ops.sizes import Size
from .compilation import Compilation


def specialize(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` for the compilation's signature."""
    with born_at(None):
        types = dict(zip(graph.inputs, compilation.signature.types, strict=True))
        values = {graph.inputs[i]: value for i, value in compilation.signature.values}
        cut = graph.with_roots(place_cuts(graph.roots))
        walk = Specializer(compilation, types)
        for node, value in values.items():
            constant = scalar_constant(value, node.dtype)
            walk.done[node] = compilation.interner.node(constant.op, (), node.where, node.name, constant.type)
        specialized = walk.graph(cut)
        return Graph(
            tuple(node for node in specialized.inputs if isinstance(node.op, Input)),
            specialized.outputs,
            specialized.updates,
            specialized.effects,
            compilation.interner.provenance,
        )


def place_cuts(roots: Sequence[Node]) -> list[Node]:
    """Put what a gradient cuts behind its cuts, in a copy of the cost that only this gradient uses.

    So the forward graph is repaired as if nobody asked for that derivative, and the derivative is of what was written.
    Outermost first: a gradient inside the cost of another must copy what the outer one has cut, not hide it.
    """
    roots = list(roots)
    while True:
        order = toposort(roots)
        if not (waiting := [node for node in order if needs_cuts(node)]):
            return roots
        inner = {source for node in waiting for source in node.inputs}
        for node in reversed(order):
            if node in inner:
                inner.update(node.inputs)
        groups: dict[tuple[object, ...], list[Node]] = {}
        for node in waiting:
            if node not in inner:
                groups.setdefault((node.op, node.inputs[0], *node.inputs[2:]), []).append(node)
        roots = substitute(roots, {old: new for group in groups.values() for old, new in with_cuts(group).items()})


class Specializer:
    """The walk: `done` maps declared nodes to interned ones."""

    def __init__(self, compilation: Compilation, types: dict[Node, TensorType]) -> None:
        self.compilation = compilation
        self.interner = compilation.interner
        self.types = types
        self.done: dict[Node, Node] = {}
        self.effects: dict[Node, None] = {}

    def graph(self, graph: Graph, known: Mapping[Node, Node] | None = None) -> Graph:
        """`graph` for the types of its leaves; `known` are leaves whose values are constants here."""
        inputs = tuple(self.visit(node) for node in graph.inputs)
        self.done.update(known or {})
        for node in toposort(graph.roots, stop=self.done.__contains__):
            if node not in self.done:
                self.visit(node)
        for effect in graph.effects:
            self.visit(effect)
        return Graph(
            inputs,
            tuple(self.done[node] for node in graph.outputs),
            tuple((self.visit(state), self.done[new]) for state, new in graph.updates),
            tuple(self.effects),
        )

    def visit(self, node: Node) -> Node:
        found = self.done.get(node)
        if found is None:
            found = self.done[node] = self.specialized(node)
        return found

    def specialized(self, node: Node) -> Node:
        op = node.op
        if not node.inputs:
            type_ = self.types.get(node, node.type)
            return self.interner.node(op, (), node.where, node.name, self.resolved_leaf(node, type_))
        done = self.done
        inputs = tuple([done[source] for source in node.inputs])
        if isinstance(op, Late):
            ints = [
                self.static_int(source, declared, node)
                for source, declared in zip(inputs[op.arity :], node.inputs[op.arity :], strict=True)
            ]
            op, inputs = fill(op.op, ints), inputs[: op.arity]
        if isinstance(op, Region):
            op = self.region(op, node, inputs)
        if op.effect:
            self.effects[self.interner.node(op, inputs, node.where, node.name)] = None
            return inputs[0]
        known: Type | None = node.type if op is node.op and _same_types(inputs, node.inputs) else None
        if known is not None and not known.is_static:
            known = None
        made = self.interner.node(op, inputs, node.where, node.name, known)
        if isinstance(op, Region) and isinstance(made.type, TupleType) and any(body.effects for body in op.bodies):
            # What happens inside happens also where only a derivative of the results is needed.
            self.effects[self.interner.intern(Pick(0)(made))] = None
        return self.folded(made)

    def resolved_leaf(self, node: Node, type_: Type) -> Type:
        if not type_.is_static and not isinstance(node.op, (Const, Input, State)):
            # A leaf op of the op set (zeros, arange) whose holes a `Late` has already filled.
            return node.op.infer()
        return type_

    def region(self, op: Region, node: Node, inputs: Sequence[Node]) -> Region:
        """The region with its bodies specialised for the types its inputs have now, and for sizes that are known."""
        known = {leaf: inputs[i] for i, leaf in op.passed() if is_small_const(inputs[i]) and not inputs[i].ndim}
        done: list[Graph] = []
        for body in op.bodies:
            try:
                wanted = op.types_of_body(done, *[source.type for source in inputs])
            except Mismatch as problem:
                raise located(problem, op, node.inputs, node.where) from None
            walk = Specializer(self.compilation, dict(zip(body.inputs, wanted, strict=True)))  # type: ignore[arg-type]
            done.append(walk.graph(body.with_roots(place_cuts(body.roots)), known))
        return op.with_bodies(done)

    def static_int(self, node: Node, declared: Node, user: Node) -> int:
        if isinstance(node.op, Const) and node.op.value.ndim == 0:
            return int(node.op.value)
        raise report(
            ShapeError,
            f"{user.op}: a size depends on a value that is only known at run time",
            where=user.where,
            operands=[("size", declared)],
            hint="declare that int static: theon.scalar('n', dtype='int32', static=True)",
        )

    def folded(self, node: Node) -> Node:
        """Shape arithmetic as a constant: sizes, and 0-d int and bool arithmetic over constants, which is exact."""
        op = node.op
        if isinstance(op, Size):
            source = node.inputs[0].tensor
            return self.constant(source.sizes[op.axis], node)
        if not isinstance(op, (Elementwise, Cast)) or node.ndim or not (is_integer(node.dtype) or node.dtype == bool):
            return node
        values = [source.op.value if isinstance(source.op, Const) else None for source in node.inputs]
        if any(v is None or v.ndim or v.dtype.kind not in "biu" for v in values):
            return node
        if isinstance(op, Cast):
            return self.constant(values[0], node)
        with np.errstate(all="ignore"):
            return self.constant(op.row.fold(*values), node)

    def constant(self, value: object, like: Node) -> Node:
        array = np.asarray(value).astype(like.dtype)
        array.flags.writeable = False
        return self.interner.node(Const(array), (), like.where, like.name, TensorType(array.dtype, array.shape))


def _same_types(new: Sequence[Node], old: Sequence[Node]) -> bool:
    return all(a.type is b.type or a.type == b.type for a, b in zip(new, old, strict=True))


__all__ = ["Specializer", "place_cuts", "specialize"]
