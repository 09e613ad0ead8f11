"""Branches, while loops and subgraphs over many examples: the rules that `batching` keeps in its table of regions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

from ..graph.errors import ArgumentError, report
from ..graph.graph import Graph
from ..graph.node import Node, new_input
from ..graph.types import BOOL, TensorType
from ..graph.walk import substitute
from .branches import Switch
from .comparison import greater_equal, less_equal, logical_and, where
from .forward import Pushforward
from .gradient import stop_gradient
from .reduce import any as any_
from .shape import reshape
from .subgraph import Subgraph
from .while_loop import While

if TYPE_CHECKING:
    from .batching import Batcher

Value: TypeAlias = tuple[Node, bool]


def switch(batcher: Batcher, op: Switch, values: Sequence[Value], node: Node) -> list[Value]:
    """One branch for all examples where the index is one; else every branch, and a selection."""
    (index, chosen), *rest = values
    if chosen:
        return selected(batcher, op, index, rest, node)
    flags = [flag for _, flag in rest]
    grown = [any(outs) for outs in zip(*(batcher.dependent(body, flags) for body in op.branches), strict=True)]
    bodies = tuple(batcher.body(body, flags, grown)[0] for body in op.branches)
    return batcher.outputs(Switch(bodies), [index, *(x for x, _ in rest)], grown)


def selected(batcher: Batcher, op: Switch, index: Node, rest: Sequence[Value], node: Node) -> list[Value]:
    """Every branch over the examples, and of each example the results of its own."""
    for body in op.branches:
        refuse_effects(body, "cond: a branch", node)
    last = len(op.branches) - 1
    runs = []
    for i, body in enumerate(op.branches):
        tests = [less_equal(index, i)] * (i < last) + [greater_equal(index, i)] * (i > 0)
        taken = reduce(logical_and, tests) if tests else None
        runs.append(batcher.inline(body, rest if taken is None else [guarded(batcher, taken, v) for v in rest]))
    results: list[Value] = []
    for outs in zip(*runs, strict=True):
        result = batcher.with_axis(outs[-1])
        for i in range(len(outs) - 2, -1, -1):
            result = where(beside(less_equal(index, i), result), batcher.with_axis(outs[i]), result)
        results.append((batcher.made(result), True))
    return results


def while_loop(batcher: Batcher, op: While, values: Sequence[Value], node: Node) -> list[Value]:
    """A loop that goes on while any example does; those that are done keep their carry."""
    flags, first = [flag for _, flag in values], 1 + op.carries
    while True:  # carries feed each other, and the condition, so which of them differ is a fixpoint
        outs = batcher.dependent(op.body, [False, *flags[1:]])
        grown = [flags[0] or outs[-1], *(a or b for a, b in zip(flags[1:first], outs, strict=False))]
        grown[1:] = [flag or grown[0] for flag in grown[1:]]
        if grown == flags[:first]:
            break
        flags[:first] = grown
    inputs = [
        batcher.with_axis(value) if i < first and flag else value[0]
        for i, (value, flag) in enumerate(zip(values, flags, strict=True))
    ]
    body, _ = batcher.body(op.body, [False, *flags[1:]], [*flags[1:first], flags[0]])
    if not flags[0]:
        return batcher.outputs(op.with_body(body), inputs, flags[1:first])
    refuse_effects(body, "while_loop: a step", node)
    goes = new_input(TensorType(BOOL, (batcher.size,)), "go")
    carries = body.inputs[1:first]
    fences = {
        leaf: guarded(batcher, goes, (leaf, flag))[0] for leaf, flag in zip(body.inputs[1:], flags[1:], strict=True)
    }
    *news, again = substitute(body.outputs, fences)
    kept = [where(beside(goes, new), new, old) for new, old in zip(news, carries, strict=True)]
    still = logical_and(goes, again)
    leaves = (body.inputs[0], *carries, goes, *body.inputs[first:])
    roots = [batcher.made(root) for root in (*kept, still, any_(still))]
    known = [batcher.made(leaf) for leaf in leaves]
    wider = While(Graph(tuple(known), tuple(roots)), op.carries + 1, op.max_steps)
    placed = [any_(inputs[0]), *inputs[1:first], inputs[0], *inputs[first:]]
    return batcher.outputs(wider, placed, [True] * (op.carries + 1))[: op.carries]


def subgraph(
    batcher: Batcher, op: Subgraph, values: Sequence[Value], cotangent: Callable[[Value, bool, int], Node]
) -> list[Value]:
    """A subgraph with its own gradient over examples: what all of them share gets the sum of their cotangents."""
    flags, count = [flag for _, flag in values], len(op.body.outputs)
    body, _ = batcher.body(op.body, flags, [True] * count)
    assert op.gradient is not None
    backward, batched = batcher.body(op.gradient, [*flags, *[True] * count])
    wanted = [flag for flag, wrt in zip(flags, op.wrt, strict=True) if wrt]
    parts = zip(backward.outputs, batched, wanted, strict=True)
    summed = tuple(batcher.made(cotangent((out, own), flag, batcher.size)) for out, own, flag in parts)
    bodies = body, Graph(backward.inputs, summed)
    return batcher.outputs(op.with_bodies(bodies), [x for x, _ in values], [True] * count)


def pushforward(batcher: Batcher, op: Pushforward, values: Sequence[Value]) -> list[Value]:
    """What moves and along what it does are both of the examples, or neither."""
    at, along, rest = values[: op.moved], values[op.moved : 2 * op.moved], values[2 * op.moved :]
    flags = [a or b for (_, a), (_, b) in zip(at, along, strict=True)]
    inputs = [
        batcher.with_axis(value) if flag else value[0]
        for value, flag in zip((*at, *along), (*flags, *flags), strict=True)
    ]
    body, outs = batcher.body(op.body, [*flags, *(flag for _, flag in rest)])
    return batcher.outputs(op.with_body(body), [*inputs, *(x for x, _ in rest)], outs)


def beside(flags: Node, x: Node) -> Node:
    """One flag per example, in front of the example's own axes."""
    return reshape(flags, (*flags.sizes, *(1,) * (x.ndim - 1)))


def guarded(batcher: Batcher, runs: Node, value: Value) -> Value:
    """What a body sees of a value: examples that it is not meant for get no gradient from it, not even 0 * inf."""
    x, flag = value
    if not flag or not x.tensor.is_inexact:
        return value
    return batcher.made(where(beside(runs, x), x, stop_gradient(x))), True


def refuse_effects(body: Graph, what: str, node: Node) -> None:
    """Raise where a body would have effects for examples that do not run it."""
    if body.effects:
        raise report(
            ArgumentError,
            f"{what} with a print or a check cannot be vectorized: every example runs it",
            where=node.where,
            operands=[("effect", body.effects[0])],
            hint="take it out, or choose by what all examples share",
        )


__all__ = ["pushforward", "subgraph", "switch", "while_loop"]
