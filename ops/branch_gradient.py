"""The gradient of a choice between branches: a choice between their derivatives, over what the forward one saved.

Of the forward values that a branch's derivative needs, those that cheap arithmetic can make again are made again; the
rest the forward branch gives as further results. Branches need different ones: results of one type share a place, and
what a branch has nothing for is zero there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..graph.graph import Graph
from ..graph.node import Node, apply, new_input, picks
from ..graph.types import TensorType
from ..graph.walk import substitute
from .creation import zeros
from .region import Driver, RegionGradient, no_cotangent
from .residuals import fewest

if TYPE_CHECKING:
    from .branches import Switch


def switch_gradient(
    driver: Driver, node: Node, switch: Switch, cotangents: Sequence[Node | None], wanted: Sequence[bool]
) -> RegionGradient:
    """Cotangents of a switch's inputs, and the forward switch that also gives what they need."""
    intern = driver.intern
    seeds = [None if g is None else intern(new_input(g.tensor)) for g in cotangents]
    found: list[list[Node | None]] = []
    for body in switch.branches:
        wrts = [leaf for leaf, flag in zip(body.inputs, wanted[1:], strict=True) if flag]
        pulled = iter(driver.pullback(body.outputs, seeds, wrts))
        found.append([next(pulled) if flag else None for flag in wanted[1:]])
    alive = [i for i in range(len(wanted) - 1) if any(parts[i] is not None for parts in found)]
    if not alive:
        return RegionGradient([None] * len(wanted))
    seed_leaves = [seed for seed in seeds if seed is not None]
    grads: list[Sequence[Node]] = [
        [intern(no_cotangent(body.inputs[i])) if (g := parts[i]) is None else g for i in alive]
        for body, parts in zip(switch.branches, found, strict=True)
    ]
    kept = [
        fewest(parts, {*seed_leaves}, {*body.inputs}, {*body.inputs}, driver)
        for body, parts in zip(switch.branches, grads, strict=True)
    ]
    grads, saved = [roots for roots, _ in kept], [values for _, values in kept]
    places, types = shared_places(saved)
    leaves = [intern(new_input(type_)) for type_ in types]
    forward_bodies, bodies = [], []
    for body, own, at, parts in zip(switch.branches, saved, places, grads, strict=True):
        given = dict(zip(at, own, strict=True))
        more = [given[i] if i in given else intern(zeros(t.shape, t.dtype)) for i, t in enumerate(types)]
        forward_bodies.append(driver.saving(Graph(body.inputs, (*body.outputs, *more), effects=body.effects)))
        placed = substitute(parts, {value: leaves[i] for i, value in given.items()})
        bodies.append(Graph((*body.inputs, *leaves, *seed_leaves), tuple(map(intern, placed))))
    forward = intern(apply(switch.with_bodies(forward_bodies), *node.inputs)) if types else node
    stacks = [intern(pick) for pick in picks(forward)[len(cotangents) :]]
    inputs = (*node.inputs[1:], *stacks, *(g for g in cotangents if g is not None))
    backward = lean_switch(switch, bodies, node.inputs[0], inputs)
    by_input = dict(zip(alive, picks(backward), strict=True))
    return RegionGradient([None, *(by_input.get(i) for i in range(len(wanted) - 1))], forward)


def shared_places(saved: Sequence[Sequence[Node]]) -> tuple[list[list[int]], list[TensorType]]:
    """Where each branch puts each of its values, and the type of every place; a place holds one value of a branch."""
    types: list[TensorType] = []
    places: list[list[int]] = []
    for values in saved:
        free = list(range(len(types)))
        places.append([])
        for value in values:
            at = next((i for i in free if types[i] == value.tensor), None)
            if at is None:
                at = len(types)
                types.append(value.tensor)
            else:
                free.remove(at)
            places[-1].append(at)
    return places, types


def lean_switch(switch: Switch, bodies: Sequence[Graph], index: Node, inputs: Sequence[Node]) -> Node:
    """A switch that takes only what some branch uses: what it takes, a loop around it would have to save."""
    used = [set(body.nodes()) for body in bodies]
    kept = [
        i for i in range(len(inputs)) if any(body.inputs[i] in nodes for body, nodes in zip(bodies, used, strict=True))
    ]
    lean = [Graph(tuple(body.inputs[i] for i in kept), body.outputs, effects=body.effects) for body in bodies]
    return apply(switch.with_bodies(lean), index, *(inputs[i] for i in kept))


__all__ = ["switch_gradient"]
