"""The intern table of one compilation: equal nodes become one node, and from then on equality is `is`.

Keys are ids, so that a look-up costs a tuple of ints: the op's canonical instance and the (already interned) inputs.
The table also keeps the provenance that merging would lose, and lends gradient nodes their forward twin.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..graph.errors import Mismatch, located
from ..graph.graph import PROVENANCE_CAP, Graph, Provenance
from ..graph.node import Input, Node
from ..graph.op import Op
from ..graph.types import Type
from ..graph.walk import same_nodes
from ..graph.where import Where
from ..ops.comparison import Where as Choice
from ..ops.elementwise import COMMUTATIVE, Elementwise
from ..ops.region import Region

_NOTHING = Provenance()


class Interner:
    """Hash-consing for one compilation; every node it returns is the only one of its kind."""

    def __init__(self) -> None:
        self.provenance: dict[Node, Provenance] = {}
        self.twin: Provenance | None = None  # what new nodes are recorded with, while a derivative is being made
        self.regions = 0  # how many regions were met, so that passes over bodies know when there is nothing to do
        self.choices = False  # whether a `where` was met, for the same reason
        self._nodes: dict[tuple[object, ...], Node] = {}
        self._members: set[Node] = set()
        self._commutes: set[int] = set()  # canonical ops whose two operands have no order, by id
        self._graphs: dict[tuple[object, ...], Graph] = {}
        self._ops: dict[Op, Op] = {}
        # By id: the instance, kept alive so that its id stays its own, and its canon.
        self._known_ops: dict[int, tuple[Op, Op]] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, node: Node) -> bool:
        return node in self._members

    def _canonical(self, op: Op) -> Op:
        found = self._known_ops.get(id(op))
        if found is None:
            same = op
            if type(op) is Choice:
                self.choices = True
            if isinstance(op, Region):
                self.regions += 1
                same = op.over_bodies(self.graph)
            found = self._known_ops[id(op)] = (op, self._ops.setdefault(same, same))
            if isinstance(op, Elementwise) and op.row.name in COMMUTATIVE:
                self._commutes.add(id(found[1]))
        return found[1]

    def graph(self, graph: Graph) -> Graph:
        """The one copy of a body: graphs of the same inputs and roots are the same, so that equal regions merge."""
        updates = tuple(id(state) for state, _ in graph.updates)
        key = (*map(id, graph.inputs), None, *map(id, graph.roots), None, len(graph.outputs), *updates)
        return self._graphs.setdefault(key, graph)

    def node(
        self, op: Op, inputs: tuple[Node, ...], where: Where | None, name: str | None = None, type: Type | None = None
    ) -> Node:
        """The one node of `op` over interned `inputs`; `type` spares an inference where it is known."""
        op = self._canonical(op)
        key: tuple[object, ...] = (id(op), type) if not inputs and isinstance(op, Input) else (id(op), *map(id, inputs))
        if len(key) == 3 and id(op) in self._commutes:  # x + y is y + x
            key = (id(op), *sorted(map(id, inputs)))
        found = self._nodes.get(key)
        if found is not None:
            if where is not found.where or name is not found.name:
                self._merge(found, where, name)
            return found
        if type is None:
            try:
                type = op.infer(*[source.type for source in inputs])
            except Mismatch as problem:
                raise located(problem, op, inputs, where) from None
        made = Node(op, inputs, type, where, name)
        self._nodes[key] = made
        self._members.add(made)
        if self.twin is not None:
            self.provenance[made] = self.twin
        return made

    def over(self, node: Node, op: Op, inputs: tuple[Node, ...]) -> Node:
        """`node` with another op of its kind, or over other inputs; itself where both are its own."""
        if op is node.op and same_nodes(inputs, node.inputs):
            return node
        return self.node(op, inputs, node.where, node.name, node.type)

    def _merge(self, node: Node, where: Where | None, name: str | None) -> None:
        if node.name is None:
            node.name = name
        before = self.provenance.get(node, _NOTHING)
        if where is not None and where != node.where and where not in before.also and len(before.also) < PROVENANCE_CAP:
            self.provenance[node] = Provenance((*before.also, where), before.gradient_of)

    def intern(self, root: Node) -> Node:
        """`root` and everything new below it, as interned nodes: how what rules and vjps return enters the table."""
        if root in self._members:
            return root
        inputs = root.inputs
        if all(source in self._members for source in inputs):
            return self.node(root.op, inputs, root.where, root.name, root.type)
        done: dict[Node, Node] = {}
        stack = [root]
        while stack:
            node = stack[-1]
            waiting = [s for s in node.inputs if s not in self._members and s not in done]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if node not in done:
                inputs = tuple(done.get(s, s) for s in node.inputs)
                done[node] = self.node(node.op, inputs, node.where, node.name, node.type)
        return done[root]

    def intern_all(self, roots: Iterable[Node]) -> list[Node]:
        return [self.intern(root) for root in roots]
