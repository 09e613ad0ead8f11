"""Regions: ops whose bodies are Graphs. Passes recurse into the bodies; the gradient pass asks the region itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any, Protocol

from ..graph.graph import Graph
from ..graph.node import Const, Node
from ..graph.op import Late, Op
from ..graph.types import Type
from ..graph.walk import depends_on, same_nodes, toposort
from .creation import zeros_like
from .gradient import Gradient, StopGradient


def no_cotangent(x: Node) -> Node:
    """A cotangent of zeros."""
    return zeros_like(x, x.tensor.of_cotangent.dtype)


class Driver(Protocol):
    """What the gradient pass lends a region."""

    def pullback(self, roots: Sequence[Node], seeds: Sequence[Node | None], wrts: Sequence[Node]) -> list[Node | None]:
        """Cotangents of `wrts` where those of `roots` are `seeds`, derived by the same pass as everything else."""

    def intern(self, node: Node) -> Node:
        """The compilation's one copy of `node`."""

    def saving(self, body: Graph) -> Graph:
        """`body` with what regions in it became, so that they save what their gradients need."""

    def at_most_one(self, node: Node) -> bool:
        """Whether it is known that no element is larger than 1 in size."""


Evaluate = Callable[[Graph, Sequence[Any]], tuple[list[Any], list[Any]]]  # outputs, and verdicts of checks


@dataclass(frozen=True)
class RegionGradient:
    """Cotangents of the region's inputs, and the node that takes the forward node's place (its outputs come first)."""

    cotangents: Sequence[Node | None]
    replacement: Node | None = None


class Region(Op):
    """An op with a body, or several. `lower_region` evaluates them, `with_bodies` puts others in their place.

    A region of one body has a field `body` and gives `with_body`; one of several overrides `bodies` and `with_bodies`.
    """

    stores = True

    body: Graph
    states: tuple[int, ...] = ()  # the inputs that are slots, whose final values are the outputs of these numbers

    @property
    def bodies(self) -> tuple[Graph, ...]:
        return (self.body,)

    @property
    def derived_bodies(self) -> tuple[Graph, ...]:
        return self.bodies

    def with_body(self, body: Graph) -> Region:
        raise NotImplementedError

    def with_bodies(self, bodies: Sequence[Graph]) -> Region:
        (body,) = bodies
        return self.with_body(body)

    def over_bodies(self, change: Callable[[Graph], Graph]) -> Region:
        """The region with each body changed; itself where none is."""
        before = self.bodies
        after = [change(body) for body in before]
        return self if all(a is b for a, b in zip(after, before, strict=True)) else self.with_bodies(after)

    def body_types(self, *types: Type) -> list[Type]:
        """The types of a body's inputs, given those of the region's."""
        raise NotImplementedError

    def types_of_body(self, done: Sequence[Graph], *types: Type) -> list[Type]:
        """The types of the inputs of the body that comes after those that are `done`."""
        return self.body_types(*types)

    def passed(self) -> list[tuple[int, Node]]:
        """Which inputs the bodies see as they are, whenever they run, and as which of their leaves."""
        return []

    def lower_region(self, evaluate: Evaluate, *arrays: Any) -> tuple[Any, list[Any]]:
        """The outputs (a tuple where the region has several) and the verdicts of checks in the body."""
        raise NotImplementedError

    def region_vjp(
        self, driver: Driver, node: Node, cotangents: Sequence[Node | None], wanted: Sequence[bool]
    ) -> RegionGradient:
        raise NotImplementedError


def close(outputs: Sequence[Node], own: Sequence[Node], born: Set[Node] = frozenset()) -> tuple[list[Node], list[Node]]:
    """The outer values that a body over the leaves `own` uses, and every body node that depends on those leaves.

    Values that do not depend on `own` are taken whole, as high up as possible: what does not change inside a loop
    is computed outside it. Small constants stay inside, and so do nodes `born` in a body that may not run at all, or
    that have an effect at every step.
    """
    inside = {*own, *born}
    order = toposort(outputs)
    for node in order:
        if node not in inside and any(source in inside for source in node.inputs):
            inside.add(node)
    captured: dict[Node, None] = {}
    for node in order:
        if node in inside:
            for source in node.inputs:
                if source not in inside and not is_small_const(source):
                    captured[source] = None
    for output in outputs:
        if output not in inside and not is_small_const(output):
            captured[output] = None
    return list(captured), [node for node in order if node in inside]


def captured(outputs: Sequence[Node], own: Sequence[Node], born: Set[Node] = frozenset()) -> list[Node]:
    """The outer nodes that a body over the leaves `own` uses.

    What a gradient in the body differentiates by is taken by itself, so that the way from it to the cost stays inside;
    of two, one of which is made of the other, the lower.
    """
    found: list[Node] = []
    while True:
        _, inside = close(outputs, [*own, *found], born)
        known = set(inside)
        wrts = [node.inputs[1] for node in inside if isinstance(node.op, Gradient)]
        lowest_now = lowest([*found, *(wrt for wrt in wrts if wrt not in known)])
        if lowest_now == found:
            break
        found = lowest_now
    uses = toposort(outputs, stop=set(found).__contains__)
    outer, _ = close(outputs, [*own, *found], born)
    reached = set(uses)
    return [*found, *(node for node in outer if node in reached)]


def lowest(nodes: Sequence[Node]) -> list[Node]:
    """Those of `nodes`, each once, that depend differentiably on no other of them."""
    several = list(dict.fromkeys(nodes))
    if len(several) < 2:
        return several
    above = {node for one in several for node in depends_on(several, [one]) if node is not one}
    return [node for node in several if node not in above]


def effectful(nodes: Iterable[Node]) -> set[Node]:
    """Those of `nodes` that have an effect, themselves or in a body: what is born in a loop has it at every step."""
    return {node for node in nodes if _has_effect(node)}


def _has_effect(node: Node) -> bool:
    op = node.op.op if isinstance(node.op, Late) else node.op
    return op.effect or (isinstance(op, Region) and any(_has_effect(inner) for b in op.bodies for inner in b.nodes()))


def is_small_const(node: Node) -> bool:
    return isinstance(node.op, Const) and node.op.value.nbytes <= Const.LARGE


def quiet(roots: Sequence[Node], intern: Callable[[Node], Node]) -> list[Node]:
    """`roots` without the effects of regions below them: computed again, nothing is printed again."""
    new: dict[Node, Node] = {}
    for node in toposort(roots):
        op, inputs = node.op, tuple([new[source] for source in node.inputs])
        if isinstance(op, Region) and any(graph.effects for body in op.bodies for graph in graphs(body)):
            op = op.over_bodies(lambda body: Graph(body.inputs, tuple(quiet(body.outputs, intern)), body.updates))
        same = op is node.op and same_nodes(inputs, node.inputs)
        new[node] = node if same else intern(Node(op, inputs, node.type, node.where, node.name))
    return [new[root] for root in roots]


def with_lasting_stops(roots: Sequence[Node]) -> list[Node]:
    """`roots` in which no rule drops a `stop_gradient`, nor in bodies: for derivatives that JAX takes of them."""
    new: dict[Node, Node] = {}
    for node in toposort(roots):
        op, inputs = _stopping(node.op), tuple([new[source] for source in node.inputs])
        same = op is node.op and same_nodes(inputs, node.inputs)
        new[node] = node if same else Node(op, inputs, node.type, node.where, node.name)
    return [new[root] for root in roots]


def _stopping(op: Op) -> Op:
    if isinstance(op, Late):
        inner = _stopping(op.op)
        return op if inner is op.op else Late(inner, op.arity)
    if isinstance(op, StopGradient):
        return StopGradient(lasting=True)
    return op.over_bodies(_with_lasting_stops) if isinstance(op, Region) else op


def _with_lasting_stops(body: Graph) -> Graph:
    roots = with_lasting_stops(body.roots)
    return body if same_nodes(roots, body.roots) else body.with_roots(roots)


def everything(graph: Graph) -> list[Node]:
    """Every node, those of bodies included."""
    return [node for each in graphs(graph) for node in each.nodes()]


def graphs(graph: Graph) -> Iterator[Graph]:
    """A graph and every body in it."""
    todo = [graph]
    while todo:
        each = todo.pop()
        yield each
        todo.extend(body for node in each.nodes() if isinstance(node.op, Region) for body in node.op.bodies)
