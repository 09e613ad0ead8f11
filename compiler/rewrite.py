"""The rewriting driver: one bottom-up sweep with a memo, in which a replacement is swept again before its users are.

Nodes are immutable and interned, so "what changed" is exactly the set of nodes that are not in the memo yet; nothing
is ever looked at twice, and there is no equilibrium to wait for. Fuel bounds rules that feed each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NoReturn

from ..graph.errors import RuleError, TheonError, report
from ..graph.graph import Graph
from ..graph.node import Node
from ..graph.types import TensorType
from ..graph.walk import same_nodes
from ..graph.where import born_at, lend
from ..ops.region import Region
from ..ops.shape import broadcast_to
from .compilation import Compilation, Firing
from .pattern import AnyRule, RuleTable
from .rule_index import RuleIndex

FUEL_PER_NODE = 50


@lru_cache(maxsize=16)
def index_of(tables: tuple[RuleTable, ...]) -> RuleIndex:
    """The tables' index, built once: tables are frozen and compare by identity."""
    return RuleIndex(tables)


def rewrite(graph: Graph, tables: tuple[RuleTable, ...], compilation: Compilation) -> Graph:
    """`graph` with every rule of `tables` applied wherever it holds, bodies of regions included."""
    with born_at(None):
        return Rewriter(index_of(tables), compilation).graph(graph)


class Rewriter:
    """One sweep over a graph and the bodies inside it."""

    def __init__(self, index: RuleIndex, compilation: Compilation) -> None:
        self.index = index
        self.compilation = compilation
        self.interner = compilation.interner
        self.memo: dict[Node, Node] = {}
        self.fuel = 1000
        self.last: tuple[AnyRule, Node]

    def graph(self, graph: Graph) -> Graph:
        self.fuel += FUEL_PER_NODE * len(self.interner)
        return graph.with_roots(self.sweep(graph.roots))

    def sweep(self, roots: Sequence[Node]) -> list[Node]:
        memo = self.memo
        becomes: dict[Node, Node] = {}
        for root in roots:
            stack = [root]
            while stack:
                node = stack[-1]
                if node in memo:
                    stack.pop()
                    continue
                if node in becomes:  # what it was replaced by has been swept meanwhile, or needs this very node
                    if becomes[node] not in memo:
                        self.endless()
                    memo[node] = memo[becomes[node]]
                    stack.pop()
                    continue
                waiting = [source for source in node.inputs if source not in memo]
                if waiting:
                    stack.extend(waiting)
                    continue
                settled = self.over_swept_inputs(node)
                after = settled if settled in memo else self.step(settled)
                if after is settled or after in memo:
                    memo[settled] = memo[node] = memo.get(after, after)
                    stack.pop()
                else:
                    becomes[settled] = becomes[node] = after
                    stack.append(after)
        return [memo[root] for root in roots]

    def over_swept_inputs(self, node: Node) -> Node:
        memo = self.memo
        for source in node.inputs:
            if memo[source] is not source:
                inputs = tuple([memo[source] for source in node.inputs])
                return self.interner.node(node.op, inputs, node.where, node.name, node.type)
        return node

    def step(self, node: Node) -> Node:
        """What `node`, whose inputs are swept, becomes by the first rule that holds."""
        if isinstance(node.op, Region):
            return self.inside(node)
        candidates = self.index.candidates(node)
        self.compilation.report.attempts += len(candidates)
        for rule in candidates:
            after = self.fire(rule, node)
            if after is not None:
                return after
        return node

    def inside(self, node: Node) -> Node:
        op = node.op
        assert isinstance(op, Region)
        rewritten = op.over_bodies(self.body)
        if rewritten is op:
            return node
        swept = self.interner.node(rewritten, node.inputs, node.where, node.name, node.type)
        self.memo[swept] = swept
        return swept

    def body(self, body: Graph) -> Graph:
        """A body, swept by itself; the same where no rule holds in it."""
        after = Rewriter(self.index, self.compilation).graph(body)
        return body if same_nodes(after.roots, body.roots) else after

    def fire(self, rule: AnyRule, node: Node) -> Node | None:
        lend(node.where)
        try:
            made = rule.apply(node)
            if made is None:
                return None
            if made.type != node.type:
                made = self.fitted(rule, made, node)
        except RuleError:
            raise
        except Exception as problem:
            raise _failed(rule, node, f"{type(problem).__name__}: {problem}") from problem
        after = self.interner.intern(made)
        if after is node:
            return None
        if after.name is None:
            after.name = node.name
        self.record(rule, node, after)
        return after

    def fitted(self, rule: AnyRule, made: Node, node: Node) -> Node:
        """A replacement that only lost a broadcast gets it back; any other change of type is the rule's defect."""
        wanted = node.type
        if isinstance(wanted, TensorType) and made.dtype == wanted.dtype and made.ndim <= len(wanted.shape):
            return broadcast_to(made, wanted.shape)
        raise _failed(rule, node, f"changes the type from {node.type} to {made.type}")

    def record(self, rule: AnyRule, node: Node, after: Node) -> None:
        report_ = self.compilation.report
        report_.counts[rule.name] = report_.counts.get(rule.name, 0) + 1
        if report_.steps is not None:
            report_.steps.append(Firing(self.compilation.stage, rule.name, node, after))
        self.last = rule, node
        self.fuel -= 1
        if self.fuel < 0:
            self.endless()

    def endless(self) -> NoReturn:
        counts = self.compilation.report.counts
        often = sorted(counts, key=lambda name: -counts[name])[:3]
        raise _failed(*self.last, f"rules seem to undo each other; fired most: {', '.join(often)}")


def _failed(rule: AnyRule, node: Node, why: str) -> TheonError:
    return report(
        RuleError,
        f"rule '{rule.name}' failed: {why}",
        operands=[("node", node)],
        hint="a defect of theon: please report it; Options(rewrites='none') compiles without rules",
    )


__all__ = ["Rewriter", "index_of", "rewrite"]
