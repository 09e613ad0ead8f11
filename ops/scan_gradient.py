"""The gradient of a scan: a scan in the other direction, over what the forward scan saved.

The body's gradient is derived by the same pass as everything else. What it needs of the forward values is stacked by
the forward scan as further outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..graph.graph import Graph
from ..graph.node import Const, Node, new_input, picks
from ..graph.walk import depends_on, substitute, toposort
from .arithmetic import add
from .region import Driver, RegionGradient, no_cotangent
from .residuals import fewest
from .scan_outside import Outside, outside

if TYPE_CHECKING:
    from .control import Scan


@dataclass(frozen=True)
class Parts:
    """A scan's body inputs by role, and which of them carry gradient."""

    index: Node
    carries: tuple[Node, ...]
    elements: tuple[Node, ...]
    captured: tuple[Node, ...]

    @staticmethod
    def of(scan: Scan) -> Parts:
        leaves, first = scan.body.inputs, 1 + scan.carries
        after = first + scan.sequences
        return Parts(leaves[0], leaves[1:first], leaves[first:after], leaves[after:])


def active_carries(scan: Scan, parts: Parts, wanted: Sequence[bool]) -> list[bool]:
    """Which carries depend differentiably on a wanted input at some step: a fixpoint, since carries feed each other."""
    live = [bool(flag) for flag in wanted[: scan.carries]]
    others = [
        leaf for leaf, flag in zip((*parts.elements, *parts.captured), wanted[scan.carries :], strict=True) if flag
    ]
    while True:
        leaves = [leaf for leaf, flag in zip(parts.carries, live, strict=True) if flag] + others
        reached = depends_on(scan.body.outputs[: scan.carries], leaves)
        now = [
            flag or (new in reached and new.tensor.is_inexact)
            for flag, new in zip(live, scan.body.outputs, strict=False)
        ]
        if now == live:
            return live
        live = now


def scan_gradient(
    driver: Driver,
    node: Node,
    scan: Scan,
    cotangents: Sequence[Node | None],
    wanted: Sequence[bool],
) -> RegionGradient:
    """Cotangents of a scan's inputs, and the forward scan that also gives what they need."""
    parts = Parts.of(scan)
    live = active_carries(scan, parts, wanted)
    carries = [leaf for leaf, flag in zip(parts.carries, live, strict=True) if flag]
    flags = list(wanted[scan.carries :])
    elements = [leaf for leaf, flag in zip(parts.elements, flags, strict=False) if flag]
    captured = [leaf for leaf, flag in zip(parts.captured, flags[scan.sequences :], strict=True) if flag]

    def seed(leaf: Node) -> Node:
        return driver.intern(new_input(leaf.tensor.of_cotangent))

    carry_seeds = {leaf: seed(leaf) for leaf in carries}
    stacked = scan.body.outputs[scan.carries :]
    stack_seeds = [None if g is None else seed(y) for y, g in zip(stacked, cotangents[scan.carries :], strict=True)]
    seeds: list[Node | None] = [carry_seeds.get(leaf) for leaf in parts.carries]
    pulled = driver.pullback(scan.body.outputs, [*seeds, *stack_seeds], [*carries, *elements, *captured])
    reached = dict(zip((*carries, *elements, *captured), pulled, strict=True))
    # A carry that gets nothing is zero for the step before; an element or captured value then has no gradient.
    elements, captured = ([leaf for leaf in leaves if reached[leaf] is not None] for leaves in (elements, captured))
    wrts = [*carries, *elements, *captured]
    found = [driver.intern(no_cotangent(wrt)) if (g := reached[wrt]) is None else g for wrt in wrts]
    seed_leaves = {s for s in (*carry_seeds.values(), *stack_seeds) if s is not None}
    free = {parts.index, *parts.elements, *parts.captured}
    varying = {parts.index, *parts.carries, *parts.elements}
    roots, saved = fewest(found, seed_leaves, free, varying, driver)
    more = Graph(scan.body.inputs, (*scan.body.outputs, *saved), effects=scan.body.effects)
    forward = driver.intern(scan.with_body(driver.saving(more))(*node.inputs))
    backward = Backward(driver, node, scan, parts, picks(forward)[len(scan.body.outputs) :], cotangents)
    grads = backward.build(roots, carries, elements, captured, carry_seeds, stack_seeds, saved)
    by_leaf = dict(zip(wrts, grads, strict=True))
    leaves = (*parts.carries, *parts.elements, *parts.captured)
    return RegionGradient(
        [by_leaf.get(leaf) if flag else None for leaf, flag in zip(leaves, wanted, strict=True)], forward
    )


@dataclass(frozen=True)
class Backward:
    """The reverse scan under construction."""

    driver: Driver
    node: Node
    scan: Scan
    parts: Parts
    stacks: tuple[Node, ...]  # what the forward scan saved
    cotangents: Sequence[Node | None]

    def build(
        self,
        found: Sequence[Node],
        carries: Sequence[Node],
        elements: Sequence[Node],
        captured: Sequence[Node],
        carry_seeds: dict[Node, Node],
        stack_seeds: Sequence[Node | None],
        saved: Sequence[Node],
    ) -> list[Node]:
        """Cotangents of the wrts, in the order carries, elements, captured."""
        intern, scan = self.driver.intern, self.scan
        saved_leaves = [intern(new_input(value.tensor)) for value in saved]
        first, after = len(carries), len(carries) + len(elements)
        roots = [intern(r) for r in substitute(found, dict(zip(saved, saved_leaves, strict=True)))]
        outer = dict(zip((*self.parts.elements, *self.parts.captured), self.node.inputs[scan.carries :], strict=True))
        given = [(s, g) for s, g in zip(stack_seeds, self.cotangents[scan.carries :], strict=True) if s is not None]
        stacks: dict[Node, Node] = {
            **dict(zip(saved_leaves, self.stacks, strict=True)),
            **{leaf: outer[leaf] for leaf in self.parts.elements},
            **{s: g for s, g in given if g is not None},
        }
        plans, emitted = self.plan(roots[after:], {*stacks, *roots[first:after]})
        summed = [i for i, plan in enumerate(plans) if plan is None]  # accumulated in the loop
        totals = [intern(new_input(captured[i].tensor.of_cotangent)) for i in summed]
        news = [intern(add(total, roots[after + i])) for total, i in zip(totals, summed, strict=True)]
        outputs = [*roots[:first], *news, *roots[first:after], *emitted]
        used = set(toposort(outputs))
        sequences = [leaf for leaf in stacks if leaf in used]
        used_captured = [leaf for leaf in self.parts.captured if leaf in used]
        seeds = [carry_seeds[leaf] for leaf in carries]
        body = Graph((self.parts.index, *seeds, *totals, *sequences, *used_captured), tuple(outputs))
        op = replace(
            scan,
            body=body,
            carries=first + len(totals),
            sequences=len(sequences),
            length=self.length(),
            reverse=not scan.reverse,
            states=(),
        )
        finals = dict(zip(self.parts.carries, self.cotangents, strict=False))
        starts = [finals[leaf] if finals[leaf] is not None else no_cotangent(leaf) for leaf in carries]
        inputs: list[Any] = [
            *starts,
            *[no_cotangent(captured[i]) for i in summed],
            *[stacks[leaf] for leaf in sequences],
            *[outer[leaf] for leaf in used_captured],
        ]
        results = picks(op(*inputs))
        first_element = first + len(totals)
        stacks.update(zip(roots[first:after], results[first_element:], strict=False))
        split, end = first_element, first_element + len(elements)
        stacks.update(zip(emitted, results[end:], strict=True))
        sums = dict(zip(summed, results[first:split], strict=True))
        of_captured = [
            sums[i] if plan is None else plan.total([stacks[operand] for operand in plan.operands])
            for i, plan in enumerate(plans)
        ]
        return [*results[:first], *results[split:end], *of_captured]

    def plan(self, roots: Sequence[Node], stacked: set[Node]) -> tuple[list[Outside | None], list[Node]]:
        """Which captured values' cotangents are summed outside the loop, and what the loop must stack for that."""
        fixed = {*self.parts.captured}
        loop = {node for node in toposort(roots) if not node.inputs and not isinstance(node.op, Const)} - fixed
        for node in toposort(roots):
            if any(source in loop for source in node.inputs):
                loop.add(node)
        emitted: list[Node] = []
        plans: list[Outside | None] = [None] * len(roots)
        for _ in range(2):  # what the first round stacks may make a sum free in the second
            for i, root in enumerate(roots):
                plans[i] = plans[i] or outside(root, loop.__contains__, stacked)
                for operand in () if plans[i] is None else plans[i].operands:  # type: ignore[union-attr]
                    if operand not in stacked:
                        stacked.add(operand)
                        emitted.append(operand)
        return plans, emitted

    def length(self) -> int:
        steps = self.scan.steps([source.tensor for source in self.node.inputs])
        assert isinstance(steps, int)
        return steps


__all__ = ["scan_gradient"]
