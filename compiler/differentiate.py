"""The gradient pass: every lazy `Gradient` becomes a graph of ordinary ops.

Reverse accumulation over the part of the graph that both depends on a wrt and reaches the cost. An op's `vjp` knows
only mathematics; undoing broadcasts and bringing complex cotangents to real inputs happens here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..graph.errors import GradientError, Mismatch, RuleError, located, report
from ..graph.graph import Graph, Provenance
from ..graph.node import Node, Pick, scalar_constant
from ..graph.op import Token
from ..graph.types import TupleType, kind_of
from ..graph.walk import same_nodes, toposort
from ..graph.where import born_at, lend
from ..ops.arithmetic import add
from ..ops.comparison import real
from ..ops.creation import zeros_like
from ..ops.elementwise import converted
from ..ops.gradient import Cut, Gradient
from ..ops.reduce import sum as sum_
from ..ops.region import Region, no_cotangent
from ..ops.shape import broadcast_to, reshape
from .compilation import Compilation
from .facts import facts
from .intern import Interner

Repair: TypeAlias = Callable[[Graph, Compilation], Graph]


def differentiate(graph: Graph, compilation: Compilation, repair: Repair) -> Graph:
    """Expand every gradient, innermost first; `repair` runs between rounds: each derivative is of repaired code."""
    with born_at(None):
        graph = inside_regions(graph, compilation, repair)
        while costs := innermost(graph):
            graph = repair(expand(graph, costs, compilation), compilation)
        return graph


def inside_regions(graph: Graph, compilation: Compilation, repair: Repair) -> Graph:
    """Gradients nested in a body belong to the body."""
    interner = compilation.interner
    if not interner.regions:
        return graph
    new: dict[Node, Node] = {}
    for node in graph.nodes():
        op = node.op
        if isinstance(op, Region):
            op = op.over_bodies(lambda body: in_body(body, compilation, repair))
        inputs = tuple([new[source] for source in node.inputs])
        new[node] = interner.over(node, op, inputs)
    return graph.with_roots([new[root] for root in graph.roots])


def in_body(body: Graph, compilation: Compilation, repair: Repair) -> Graph:
    if any(isinstance(node.op, (Gradient, Region)) for node in body.nodes()):
        return differentiate(body, compilation, repair)
    return body


def innermost(graph: Graph) -> dict[tuple[Node, tuple[Token, ...]], list[Node]]:
    """The gradients whose cost holds no other gradient, grouped by cost (and what it holds constant)."""
    groups: dict[tuple[Node, tuple[Token, ...]], list[Node]] = {}
    has_gradient: set[Node] = set()
    for node in graph.nodes():
        below = not has_gradient.isdisjoint(node.inputs)
        if isinstance(node.op, Gradient):
            if not below:
                groups.setdefault((node.inputs[0], node.op.held), []).append(node)
            has_gradient.add(node)
        elif below:
            has_gradient.add(node)
    return groups


def expand(graph: Graph, groups: dict[tuple[Node, tuple[Token, ...]], list[Node]], compilation: Compilation) -> Graph:
    """Derive the grouped gradients and put the result, and what regions became, in place; spent cuts are dropped."""
    driver = Pullback(compilation.interner)
    replaced: dict[Node, Node] = {}
    spent: set[Token] = set()
    for (cost, held), gradients in groups.items():
        wrts = [node.inputs[1] for node in gradients]
        spent.update(held)
        spent.update(wrt.op.token for wrt in wrts if isinstance(wrt.op, Cut))
        cost = with_cuts_joined(cost, wrts, compilation.interner)
        one = driver.intern(scalar_constant(1.0, cost.dtype))
        found = driver.pullback([cost], [one], wrts, held)
        for node, cotangent in zip(gradients, found, strict=True):
            given = zeros_like(node.inputs[1]) if cotangent is None else converted(cotangent, node.dtype)
            replaced[node] = driver.intern(given)
    replaced.update(driver.regions)
    return graph.with_roots(
        replace(graph.roots, replaced, spent, compilation.interner), compilation.interner.provenance
    )


def with_cuts_joined(cost: Node, wrts: Sequence[Node], interner: Interner) -> Node:
    """The cost over one copy of each wrt: what stands behind cuts of one token is one value.

    Inside other gradients the copies were derived apart, and a loop there may have become one that saves more.
    """
    own = {wrt.op.token: wrt for wrt in wrts if isinstance(wrt.op, Cut)}
    others = {
        node: own[node.op.token]
        for node in (toposort([cost]) if own else ())
        if isinstance(node.op, Cut) and own.get(node.op.token, node) is not node
    }
    return replace([cost], others, set(), interner)[0] if others else cost


def replace(roots: Sequence[Node], replaced: dict[Node, Node], spent: set[Token], interner: Interner) -> list[Node]:
    """`roots` with nodes replaced, in replacements too, and cuts of `spent` tokens taken out."""
    new: dict[Node, Node] = {}
    for root in roots:
        stack = [root]
        while stack:
            node = stack[-1]
            if node in new:
                stack.pop()
                continue
            target = replaced.get(node)
            needs = node.inputs if target is None else (target,)
            waiting = [source for source in needs if source not in new]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if target is not None:
                new[node] = new[target]
                continue
            inputs = tuple([new[source] for source in node.inputs])
            if isinstance(node.op, Cut) and node.op.token in spent:
                new[node] = inputs[0]
            elif same_nodes(inputs, node.inputs):
                new[node] = node
            else:
                new[node] = interner.node(node.op, inputs, node.where, node.name, node.type)
    return [new[root] for root in roots]


Cotangent: TypeAlias = "Node | list[Node | None]"


class Pullback:
    """Reverse accumulation over interned nodes; the `Driver` that regions are lent."""

    def __init__(self, interner: Interner) -> None:
        self.interner = interner
        self.regions: dict[Node, Node] = {}  # forward regions and what takes their place

    def intern(self, node: Node) -> Node:
        return self.interner.intern(node)

    def saving(self, body: Graph) -> Graph:
        return body.with_roots(replace(body.roots, self.regions, set(), self.interner)) if self.regions else body

    def at_most_one(self, node: Node) -> bool:
        known = facts(node)
        return known.low >= -1 and known.high <= 1

    def pullback(
        self,
        roots: Sequence[Node],
        seeds: Sequence[Node | None],
        wrts: Sequence[Node],
        held: Sequence[Token] = (),
    ) -> list[Node | None]:
        """Cotangents of `wrts` where those of `roots` are `seeds` (None: zero), all interned."""
        wanted = set(wrts)
        order, active = self.active(roots, wanted, held)
        cotangents: dict[Node, Cotangent] = {}
        for root, seed in zip(roots, seeds, strict=True):
            if seed is not None and root in active:
                self.accumulate(cotangents, root, seed)
        before = self.interner.twin
        found: dict[Node, Node] = {}
        for node in reversed(order):
            g = cotangents.pop(node, None)
            if g is None:
                continue
            if node in wanted:
                assert isinstance(g, Node)
                found[node] = g
            if node.inputs and not (node in wanted and isinstance(node.op, Cut)):
                lend(node.where)
                self.interner.twin = Provenance((), node)
                self.through(node, g, active, cotangents)
        self.interner.twin = before
        return [found.get(wrt) for wrt in wrts]

    def active(
        self, roots: Sequence[Node], wanted: set[Node], held: Sequence[Token]
    ) -> tuple[list[Node], dict[Node, tuple[bool, ...]]]:
        """The nodes between a wrt and a root, inputs first, and through which inputs each depends on a wrt."""
        order: list[Node] = []
        active: dict[Node, tuple[bool, ...]] = {}
        for node in toposort(roots):
            inputs = node.inputs
            live = not active.keys().isdisjoint(inputs)
            if live and not (held and isinstance(node.op, Cut) and node.op.token in held):
                mask = node.op.gradient_mask([source.type for source in inputs])
                flows = tuple([m and source in active for m, source in zip(mask, inputs, strict=True)])
                if True in flows:
                    active[node] = flows
                    order.append(node)
                    continue
            if node in wanted:
                active[node] = (False,) * len(inputs)
                order.append(node)
        return order, active

    def through(
        self, node: Node, g: Cotangent, active: dict[Node, tuple[bool, ...]], cotangents: dict[Node, Cotangent]
    ) -> None:
        """Pull `g` back through one node."""
        op = node.op
        flows = active[node]
        if isinstance(op, Pick):
            source = node.inputs[0]
            if flows[0]:
                assert isinstance(source.type, TupleType) and isinstance(g, Node)
                slots = cotangents.setdefault(source, [None] * len(source.type.items))
                assert isinstance(slots, list)
                before = slots[op.index]
                slots[op.index] = g if before is None else self.intern(add(before, g))
            return
        own: dict[Node, Cotangent] = {}  # first by itself: in x - x, what goes to x is nothing
        for source, flow, part in zip(node.inputs, flows, self.vjp(node, g, flows), strict=True):
            if flow and isinstance(part, Mismatch):
                raise located(part, op, node.inputs, node.where)
            if flow and isinstance(part, Node):
                self.accumulate(own, source, self.fitted(part, source, node))
        for source, cotangent in own.items():
            assert isinstance(cotangent, Node)
            self.accumulate(cotangents, source, cotangent)

    def vjp(self, node: Node, g: Cotangent, flows: tuple[bool, ...]) -> Sequence[Node | Mismatch | None]:
        op = node.op
        if isinstance(op, Region):
            several = g if isinstance(g, list) else [g]
            result = op.region_vjp(self, node, several, flows)
            if result.replacement is not None and (forward := self.intern(result.replacement)) is not node:
                self.regions[node] = forward
            return result.cotangents
        try:
            parts = op.vjp(self.dense(g, node) if isinstance(g, list) else g, node, *node.inputs)
        except Mismatch as problem:
            raise located(problem, op, node.inputs, node.where) from None
        if len(parts) != len(node.inputs):
            raise report(
                RuleError,
                f"{op}: its vjp gives {len(parts)} cotangents for {len(node.inputs)} inputs",
                hint=f"mend {type(op).__name__}.vjp in {type(op).__module__}",
            )
        return parts

    def dense(self, parts: list[Node | None], node: Node) -> list[Node]:
        """Every output's cotangent, zeros where none arrived: for ordinary ops with several outputs."""
        return [part if part is not None else no_cotangent(Pick(i)(node)) for i, part in enumerate(parts)]

    def accumulate(self, cotangents: dict[Node, Cotangent], node: Node, g: Node) -> None:
        before = cotangents.get(node)
        assert not isinstance(before, list)
        cotangents[node] = self.intern(g if before is None else add(before, g))

    def fitted(self, g: Node, like: Node, node: Node) -> Node:
        """A cotangent brought to the type of the input it belongs to."""
        wanted = like.tensor.of_cotangent
        if g.type == wanted:
            return g
        if g.dtype != wanted.dtype:
            g = real(g) if kind_of(g.dtype) == "complex" and wanted.is_float else g
            g = converted(g, wanted.dtype)
        return sum_to(g, wanted.sizes, node)


def sum_to(g: Node, shape: tuple[int, ...], node: Node) -> Node:
    """Undo a broadcast: sum `g` over the axes that broadcasting made or stretched (or stretch a constant cotangent)."""
    sizes = g.sizes
    if sizes == shape:
        return g
    extra = len(sizes) - len(shape)
    if extra < 0 or any(
        s not in (1, size) and size != 1 for s, size in zip(shape, sizes[max(extra, 0) :], strict=False)
    ):
        raise report(
            GradientError,
            f"{node.op}: its vjp gives a cotangent of shape {sizes} for an input of shape {shape}",
            where=node.where,
            hint=f"mend {type(node.op).__name__}.vjp in {type(node.op).__module__}",
        )
    stretched = [i for i in range(extra, len(sizes)) if shape[i - extra] == 1 and sizes[i] != 1]
    if extra or stretched:
        g = sum_(g, axis=(*range(extra), *stretched))
        if g.sizes != shape and len(g.sizes) != len(shape):
            g = reshape(g, tuple(1 if i + extra in stretched else sizes[i + extra] for i in range(len(shape))))
    return g if g.sizes == shape else broadcast_to(g, shape)
