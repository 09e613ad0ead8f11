"""Rules as data, and the matcher.

A rule reads as an equation: both sides are lambdas over the same names, written by calling the ops.

    Rule("log(1 + exp(x)) -> softplus(x)", lambda x: log(1 + exp(x)), lambda x: softplus(x))

The pattern side is called once, on holes; a name listed in `ops` stands for any op of that class and is called like
one (`s(exp(x))`), and the replacement gets the op that matched. A name in `constants` matches constants only, one in
`bools` is boolean. An assumption in between hides nothing: parts match through it, and a name that stands for it keeps
it for the guard. What no equation can say (any elementwise op, any number of operands) is a `Transform`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from inspect import signature
from typing import Any, TypeAlias

import numpy as np

from ..graph.node import Const, Node
from ..graph.op import Op
from ..graph.types import BOOL, FLOAT32, TensorType, Type
from ..ops.assume import Assume
from ..ops.creation import Full
from ..ops.elementwise import COMMUTATIVE, Elementwise

Bindings: TypeAlias = dict[str, Any]
Kind: TypeAlias = object  # what the index goes by: the op itself for elementwise rows, the class for other ops


@dataclass(frozen=True, eq=False)
class Hole(Op):
    """Anything; the same name is the same node."""

    hole: str
    constant: bool = False


@dataclass(frozen=True, eq=False)
class AnyOp(Op):
    """Any op of a class."""

    hole: str
    of: type[Op] | tuple[type[Op], ...]

    def infer(self, *types: TensorType) -> Type:
        return types[0]


@dataclass(frozen=True, eq=False)
class Rule:
    """One rewrite: an equation, the guard under which it holds, and how exact it is.

    `exact` is "bitwise", "reassociates" (same mathematics, other rounding) or "needs <condition>".
    """

    name: str
    pattern: Callable[..., Node]
    replacement: Callable[..., Node]
    exact: str = "reassociates"
    guard: Callable[..., bool] | None = None
    ops: Mapping[str, type[Op] | tuple[type[Op], ...]] = field(default_factory=dict)
    constants: tuple[str, ...] = ()
    bools: tuple[str, ...] = ()

    @cached_property
    def holes(self) -> tuple[str, ...]:
        return tuple(signature(self.pattern).parameters)

    @cached_property
    def left(self) -> Node:
        """The pattern as nodes over holes."""
        arguments = [
            AnyOp(h, self.ops[h])
            if h in self.ops
            else Node(Hole(h, h in self.constants), (), TensorType(BOOL if h in self.bools else FLOAT32, ()))
            for h in self.holes
        ]
        return self.pattern(*arguments)

    @property
    def roots(self) -> tuple[Kind, ...]:
        return wanted_kinds(self.left)

    @cached_property
    def wanted(self) -> list[tuple[Kind, ...]]:
        """For each input of the root that cannot be anything, the kinds of which it must be."""
        return [kinds for kinds in map(wanted_kinds, self.left.inputs) if kinds]

    def fits(self, kinds: Collection[Kind]) -> bool:
        """Whether inputs of these kinds may be the root's."""
        return all(any(one in kinds for one in wanted) for wanted in self.wanted)

    def apply(self, node: Node) -> Node | None:
        """What `node` becomes, or None where the rule does not hold."""
        bindings = self.match(node)
        return None if bindings is None else self.build(bindings)

    def match(self, node: Node) -> Bindings | None:
        """What the holes stand for where the rule holds at `node`, else None."""
        for bindings in matches(self.left, node, {}):
            if self.guard is None or self.guard(*[bindings[h] for h in self.holes]):
                return bindings
        return None

    def build(self, bindings: Bindings) -> Node:
        return self.replacement(*[bindings[h] for h in self.holes])


@dataclass(frozen=True, eq=False)
class Transform:
    """A rewrite that no equation can say: a function of the node, asked of every node of a kind."""

    name: str
    root: Kind
    apply: Callable[[Node], Node | None]
    exact: str = "bitwise"

    @property
    def roots(self) -> tuple[Kind, ...]:
        return (self.root,)

    def fits(self, kinds: Collection[Kind]) -> bool:
        return True


AnyRule: TypeAlias = Rule | Transform


@dataclass(frozen=True, eq=False)
class RuleTable:
    """Rules of one subject, in order of preference."""

    name: str
    rules: tuple[AnyRule, ...]


def matches(pattern: Node, node: Node, bound: Bindings) -> Iterator[Bindings]:
    """Every way in which `node` is an instance of `pattern`."""
    op = pattern.op
    if isinstance(op, Hole):
        before = bound.get(op.hole)
        if before is not None and bare(before) is bare(node):
            yield bound
        elif before is None and (not op.constant or uniform_value(node) is not None):
            yield {**bound, op.hole: node}
    elif type(node.op) is Assume:
        yield from matches(pattern, bare(node), bound)
    elif isinstance(op, Const):
        value = uniform_value(node)
        if value is not None and value == op.value.item():
            yield bound
    elif isinstance(op, AnyOp):
        if isinstance(node.op, op.of) and len(node.inputs) == len(pattern.inputs):
            known = bound.get(op.hole)
            if known is None or known == node.op:
                yield from _match_inputs(pattern.inputs, node.inputs, {**bound, op.hole: node.op})
    elif op == node.op:
        yield from _match_inputs(pattern.inputs, node.inputs, bound)
        if isinstance(op, Elementwise) and op.name in COMMUTATIVE:
            yield from _match_inputs(pattern.inputs, node.inputs[::-1], bound)


def _match_inputs(patterns: tuple[Node, ...], nodes: tuple[Node, ...], bound: Bindings) -> Iterator[Bindings]:
    if not patterns:
        yield bound
        return
    for further in matches(patterns[0], nodes[0], bound):
        yield from _match_inputs(patterns[1:], nodes[1:], further)


def bare(node: Node) -> Node:
    """`node` without the assumptions made of it."""
    while isinstance(node.op, Assume):
        node = node.inputs[0]
    return node


def uniform_value(node: Node) -> Any:
    """The number that every element of a constant equals, else None; sees through a fill."""
    op = node.op
    if type(op) is Const:
        value = op.value
        if value.ndim == 0:
            return value.item()
        if value.size and value.nbytes <= Const.LARGE:
            first = value.flat[0]
            return first.item() if np.all(value == first) else None
        return None
    if op.name == "full" and node.inputs:
        return uniform_value(node.inputs[0])
    return None


def kind(node: Node) -> Kind:
    op = node.op
    if type(op) is Elementwise:
        return op
    return kind(bare(node)) if type(op) is Assume else type(op)


def wanted_kinds(pattern: Node) -> tuple[Kind, ...]:
    """The kinds of node that `pattern` can match; none where it matches any."""
    op = pattern.op
    if isinstance(op, (Hole, Const)):
        return (Const, Full) if isinstance(op, Const) or op.constant else ()  # a fill is as good as a constant
    if isinstance(op, AnyOp):
        return op.of if isinstance(op.of, tuple) else (op.of,)
    return (kind(pattern),)


__all__ = [
    "AnyOp", "AnyRule", "Bindings", "Hole", "Kind", "Rule", "RuleTable", "Transform", "bare", "kind", "matches",
    "uniform_value", "wanted_kinds",
]  # fmt: skip
