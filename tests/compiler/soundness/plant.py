"""Instances of rules' left sides over random values, and near misses: the same with one thing changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import theon
from tests.compiler.instances import EXAMPLES, OPS
from theon.compiler.pattern import AnyRule, Rule
from theon.compiler.rules import DECOMPOSITIONS, LINEAR_ALGEBRA, TABLES
from theon.compiler.sums import SumRule, joined, signed_terms
from theon.graph.errors import TheonError
from theon.graph.node import Const, Node, apply, scalar_constant
from theon.graph.op import Op
from theon.graph.types import BOOL
from theon.graph.walk import rebuild, toposort
from theon.ops.elementwise import Cast, Elementwise
from theon.ops.gather import ARRAY, Slice
from theon.ops.index import Index, IndexUpdate
from theon.ops.moments import Mean, Var
from theon.ops.nn.activations import LogSoftmax, LogSumExp, Softmax
from theon.ops.reduce import Reduce
from theon.ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose

from .draft import CONSTANTS, Draft
from .draw import row
from .meaning import Missing

# Rules about products of matrices that only move or scale, by their left sides.
PRODUCTS: dict[str, Callable[[Node], Node]] = {
    "transpose(a) @ b -> dot(a, b)": lambda x: theon.matmul(x.T, x),
    "a @ transpose(b) -> dot(a, b)": lambda x: theon.matmul(x, x.T),
    "transpose(a @ b) -> dot(b, a)": lambda x: theon.matmul(theon.exp(x), x.T).T,
    "a @ eye -> a": lambda x: theon.matmul(x, theon.eye(x.sizes[1], dtype=x.dtype)),
    "a @ b -> a * b": lambda x: theon.matmul(x[:, :1], x[:1]),
}
# The rest of these tables is about inverses, systems, factorisations and determinants. A random matrix is singular or
# nearly so, its inverse has no bound that would test anything, and structure, which most of these rules ask for, does
# not arise by chance: each is held to mpmath, one by one, on matrices made for it (`test_every_rule` and
# `test_linear_algebra`).
MATRICES = frozenset(
    rule.name for table in (LINEAR_ALGEBRA, DECOMPOSITIONS) for rule in table.rules if rule.name not in PRODUCTS
)
RULES: tuple[AnyRule, ...] = tuple(rule for table in TABLES for rule in table.rules if rule.name not in MATRICES)
WRITTEN = {**EXAMPLES, **PRODUCTS}
TRIES = 8


class Drawn:
    """A name that stands for an op: drawn when it is first called, to fit what it is called with."""

    def __init__(self, draft: Draft, kinds: tuple[type[Op], ...]) -> None:
        self.draft = draft
        self.kinds = kinds
        self.op: Op | None = None

    def __call__(self, *nodes: Node) -> Node:
        if self.op is None:
            several = [kind for kind in self.kinds if len(nodes) == 1 or kind in (Index, IndexUpdate)]
            self.op = fitting(self.draft, self.draft.rng.choice(several), nodes)
        return apply(self.op, *nodes)


def fitting(draft: Draft, kind: type[Op], nodes: tuple[Node, ...]) -> Op:
    """An op of a class that takes these nodes."""
    x, rng = nodes[0], draft.rng
    axes = tuple(sorted(rng.sample(range(x.ndim), rng.choice(range(1, x.ndim + 1))))) if x.ndim else ()
    if kind is Reduce:
        return Reduce(rng.choice(("sum", "sum", "sum", "prod", "max", "min")), axes, draft.chance(0.5))
    if kind in (Mean, Var):
        return kind(axes, draft.chance(0.5))
    if kind in (Softmax, LogSoftmax, LogSumExp):
        return kind(axes)
    if kind is Reshape:
        shapes = [x.sizes[::-1], (x.tensor.size,), (1, *x.sizes), (*x.sizes, 1), x.sizes]
        return Reshape(rng.choice([*shapes, (*x.sizes[:-1], 1, *x.sizes[-1:])]))
    if kind is ExpandDims:
        return ExpandDims((rng.randrange(x.ndim + 1),))
    if kind is Squeeze:
        return Squeeze(tuple(i for i, size in enumerate(x.sizes) if size == 1))
    if kind is Transpose:
        return Transpose(tuple(rng.sample(range(x.ndim), x.ndim)))
    if kind is BroadcastTo:
        return BroadcastTo(rng.choice(((2, *x.sizes), x.sizes, (1, *x.sizes))))
    if kind is Cast:
        return Cast(x.dtype)
    if kind in (Index, IndexUpdate):
        return at(draft, kind, nodes)
    if kind not in OPS:
        raise Missing(f"the class {kind.__name__} in a pattern", "plant.py (fitting), or to OPS in instances.py")
    return rng.choice(OPS[kind])


def at(draft: Draft, kind: type[Op], nodes: tuple[Node, ...]) -> Op:
    """An index of as many arrays as there are nodes for."""
    x, rng = nodes[0], draft.rng
    arrays = len(nodes) - (1 if kind is Index else 2)
    if not 0 <= arrays <= x.ndim:
        raise IndexError(f"{arrays} index arrays for {x.ndim} axes")
    places = set(rng.sample(range(x.ndim), arrays))
    spec: list[Any] = []
    for axis, size in enumerate(x.sizes):
        if axis in places:
            spec.append(ARRAY)
        else:
            spec.append(rng.choice((Slice(), Slice(), rng.randrange(size), Slice(0, max(1, size - 1)))))
    return Index(tuple(spec)) if kind is Index else IndexUpdate(tuple(spec), "add")


def operand(draft: Draft, shape: tuple[int, ...] | None, guarded: bool) -> Node:
    """A value for a name in a pattern; one of which a fact is known, where the rule may ask for one."""
    found = draft.shaped(shape) if shape is not None and draft.chance(0.8) else None
    x = found if found is not None else draft.some()
    if not draft.chance(0.7 if guarded else 0.15):
        return x
    which = draft.rng.randrange(5)
    if which == 0:
        return theon.assume(theon.minimum(abs(x), 1.0), "unit")
    if which == 1:
        return theon.assume(abs(x) + 0.001, "positive")
    if which == 2:
        return 1 + row(draft.rng.choice(("square", "abs", "exp")), x)
    if which == 3:
        return row("sigmoid", x)
    return row(draft.rng.choice(("exp", "softplus", "square", "abs", "tanh", "relu")), x)


def planted(draft: Draft) -> Node | None:
    """The left side of some rule; of a few tries, the first for which the rule holds."""
    rule = draft.rng.choice(draft.rules)
    draft.planted.append(rule.name)
    if rule.name in WRITTEN:
        x = draft.some()
        if rule.name in PRODUCTS and x.ndim != 2:
            x = next((node for node in reversed(draft.pool) if node.ndim == 2), x)
        return WRITTEN[rule.name](x)
    if not isinstance(rule, Rule):
        raise Missing(f"the transform {rule.name!r}", "plant.py, by a line of EXAMPLES in instances.py")
    made = None
    for _ in range(TRIES):
        try:
            made, _ = instance(draft, rule)
        except (TheonError, IndexError, TypeError):
            continue
        if rule.match(made) is not None:
            break
    return made


def instance(draft: Draft, rule: Rule) -> tuple[Node, list[Node]]:
    """A rule's pattern over values of the draft, and these values."""
    arguments: list[Any] = []
    values: list[Node] = []
    shape: tuple[int, ...] | None = None
    for name in rule.holes:
        kinds = rule.ops.get(name)
        if kinds is not None:
            arguments.append(Drawn(draft, kinds if isinstance(kinds, tuple) else (kinds,)))
            continue
        if name in rule.constants:
            value = 0.0 if draft.chance(0.5) else draft.constant()
            node = theon.full(shape or (), value, dtype=draft.dtype)
        elif name in rule.bools:
            like = draft.some()
            node = draft.condition(like)
        elif name in ("i", "j") and any(kind in (Index, IndexUpdate) for kind in _classes(rule)):
            node = draft.leaf((2,), "int32", f"i{len(draft.inputs)}")
            draft.points[node] %= 1 if shape is None else min(shape, default=1)
        else:
            node = operand(draft, shape, rule.guard is not None)
            if rule.ops and not node.ndim and draft.chance(0.8):
                node = next((n for n in reversed(draft.pool) if n.ndim), node)
            shape = node.sizes if shape is None else shape
        values.append(node)
        arguments.append(node)
    made = rule.pattern(*arguments)
    return rearranged(draft, made) if isinstance(rule, SumRule) and draft.chance(0.5) else made, values


def rearranged(draft: Draft, made: Node) -> Node:
    """The terms of a sum in another order, in two groups, at times with one more among them."""
    terms = signed_terms(made)
    if draft.chance(0.5):
        terms.append((draft.rng.choice((1, -1)), draft.fitting(made)))
    draft.rng.shuffle(terms)
    at = draft.rng.randrange(1, len(terms)) if len(terms) > 1 else 0
    return joined(terms[:at]) + joined(terms[at:]) if at else made


def _classes(rule: Rule) -> set[type[Op]]:
    return {one for kind in rule.ops.values() for one in (kind if isinstance(kind, tuple) else (kind,))}


def near_miss(draft: Draft) -> Node | None:
    """The left side of some rule with one thing changed."""
    rule = draft.rng.choice([rule for rule in draft.rules if isinstance(rule, Rule) and rule.name not in PRODUCTS])
    made, values = instance(draft, rule)
    stop = set(values)
    inner = [node for node in toposort([made], stop=stop.__contains__) if node not in stop]
    victim = draft.rng.choice(inner)
    return replaced(made, victim, changed(draft, victim), stop)


def changed(draft: Draft, node: Node) -> Node:
    """Something like `node`."""
    rng = draft.rng
    if isinstance(node.op, Const):
        return scalar_constant(rng.choice(CONSTANTS), node.dtype) if node.dtype.kind == "f" else node
    if isinstance(node.op, Elementwise) and len(node.inputs) == 2 and draft.chance(0.4):
        return rebuild(node, node.inputs[::-1])
    if node.dtype == BOOL:
        return theon.logical_not(node)
    which = rng.randrange(6)
    if which == 0:
        return -node
    if which == 1:
        return node * rng.choice((1.0, 2.0, -1.0, 0.5))
    if which == 2:
        return theon.reshape(node, (1, *node.sizes))
    if which == 3:
        return node + 0.0
    if which == 4 and node.ndim > 1:
        return theon.transpose(node)
    if isinstance(node.op, Elementwise) and len(node.inputs) == 1:
        return row(rng.choice(("exp", "log", "square", "negative", "tanh", "sigmoid", "abs")), node.inputs[0])
    return theon.broadcast_to(node, (1, *node.sizes))


def replaced(root: Node, victim: Node, new: Node, stop: set[Node]) -> Node:
    done: dict[Node, Node] = {victim: new}
    for node in toposort([root], stop=lambda node: node in stop or node in done):
        if node not in done:
            inputs = tuple(done[source] for source in node.inputs) if node not in stop else ()
            done[node] = node if node in stop or inputs == node.inputs else rebuild(node, inputs)
    return done[root]


__all__ = ["MATRICES", "RULES", "near_miss", "planted"]
