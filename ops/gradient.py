"""Derivatives as declarations: `grad` makes a lazy node; a compiler pass expands it once the forward graph is repaired.

Everything here reduces to that one op. `Lop` is the gradient of `sum(f * seed)`; a known gradient `gy` of `y` is the
extra cost `sum(y * gy)`, for which `y` is constant elsewhere; `Rop` is an `Lop` of an `Lop`. What is constant for one
derivative only, and every wrt that is no leaf, is put behind a `Cut`; where that takes a copy of the cost, it waits for
the compiler, so that a derivative of the derivative still finds the nodes that it was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, overload

import jax
from jax import lax

from ..graph.dims import may_equal
from ..graph.errors import ArgumentError
from ..graph.graph import Graph
from ..graph.node import Const, Input, Node, NodeLike, Pick, State, apply, as_node, scalar_constant
from ..graph.op import Late, Op, Refusal, Token
from ..graph.storage import computing
from ..graph.types import TensorType, Type, default_float_dtype
from ..graph.walk import same_nodes, substitute
from .arithmetic import add, multiply
from .comparison import real
from .elementwise import cast_to, converted
from .gradient_checks import Disconnected, check_constants, check_cost, check_policy, check_wrts, disconnected, wrong
from .reduce import sum as sum_


@dataclass(frozen=True, eq=False)
class Gradient(Op):
    """d cost / d wrt, not yet derived; the compiler's gradient pass expands it.

    Inputs: the cost, one wrt, `constants` nodes to hold fixed, `known` nodes, and the known gradients of these.
    Cuts whose token is `held` are constants to this derivative, and ordinary identities to every other. `ready`: the
    wrt is a leaf or a `Cut`, and everything else that had to be cut is (see `with_cuts`).
    """

    stores = True

    held: tuple[Token, ...] = ()
    constants: int = 0
    known: int = 0
    ready: bool = False

    @property
    def params(self) -> str:
        return ""

    def infer(self, cost: TensorType, wrt: TensorType, *others: TensorType) -> TensorType:
        return wrt


@dataclass(frozen=True, eq=False)
class Cut(Op):
    """An opaque identity that no rewrite sees through: on an intermediate wrt, or on what a gradient holds constant."""

    stores = True

    token: Token

    def infer(self, x: TensorType) -> TensorType:
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        return x

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g,)


@dataclass(frozen=True, eq=False)
class StopGradient(Op):
    """The identity in value, a constant to every derivative; one that is `lasting` to those that JAX takes, too."""

    lasting: bool = field(default=False, repr=False)

    stores = True

    differentiable = False

    def infer(self, x: TensorType) -> TensorType:
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        return lax.stop_gradient(x)

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return (False,)


def stop_gradient(x: NodeLike) -> Node:
    """`x`, treated as a constant by every derivative (also under Theano's name, `disconnected_grad`).

    Arguments: x, any shape and dtype. Source: `jax.lax.stop_gradient`.

    >>> import theon
    >>> x = theon.scalar("x")
    >>> g = theon.grad(x * theon.stop_gradient(x), x)
    >>> float(g.eval({x: 3.0}))
    3.0
    """
    return apply(StopGradient(), as_node(x))


@overload
def grad(
    cost: Node | None,
    wrt: Node,
    *,
    consider_constant: Sequence[Node] = ...,
    known_grads: Mapping[Node, NodeLike] | None = ...,
    disconnected_inputs: Disconnected = ...,
) -> Node: ...
@overload
def grad(
    cost: Node | None,
    wrt: Sequence[Node],
    *,
    consider_constant: Sequence[Node] = ...,
    known_grads: Mapping[Node, NodeLike] | None = ...,
    disconnected_inputs: Disconnected = ...,
) -> list[Node]: ...
def grad(
    cost: Node | None,
    wrt: Node | Sequence[Node],
    *,
    consider_constant: Sequence[Node] = (),
    known_grads: Mapping[Node, NodeLike] | None = None,
    disconnected_inputs: Disconnected = "raise",
) -> Any:
    """The gradient of a scalar `cost` by `wrt`, as lazy nodes to use in further expressions.

    Arguments: cost, a float scalar (None with `known_grads`); wrt, a float or complex node or a list of them, inputs,
    shared variables or intermediates; consider_constant, a list of nodes to hold fixed; known_grads,
    `{node: its cotangent}`, used in place of what would be derived there; disconnected_inputs, what to do where the
    cost does not depend on a wrt: "raise", "warn" (and zero), "zero", or "none" (None in its place).
    Gives nodes of the types of `wrt`. Complex gradients follow JAX's convention (the conjugate of the steepest ascent).
    Raises: GradientError, DisconnectedError, ArgumentError. Source: Theano `theano.grad`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.grad((x**2).sum(), x).eval({x: [1.0, 2.0]}).tolist()
    [2.0, 4.0]
    """
    found = gradients("grad", cost, wrt, consider_constant, known_grads, disconnected_inputs)
    return found if isinstance(wrt, (list, tuple)) else found[0]


def gradients(
    what: str,
    cost: Node | None,
    wrt: Any,
    constants: Sequence[Node] = (),
    known_grads: Mapping[Node, NodeLike] | None = None,
    policy: Disconnected = "raise",
) -> list[Any]:
    """The gradients of a scalar cost, for `what` was called; see `grad`."""
    check_policy(what, policy)
    targets = check_wrts(what, wrt)
    check_constants(what, constants)
    if not isinstance(known_grads, Mapping | None):
        hint = "give known_grads={node: its gradient}"
        raise wrong(what, "known_grads is a dict", hint, received=known_grads, kind=ArgumentError)
    held, seeds = Token(), known_grads or {}
    known = {node: seed_of(what, "a known gradient", node, value, held) for node, value in seeds.items()}
    whose, roots = "the cost", [("cost", cost)]
    if cost is None:
        if not known:
            message, hint = "there is nothing to differentiate", "give a cost, or known_grads={node: its gradient}"
            raise wrong(what, message, hint)
        whose, roots = "the known node", [("known", node) for node in known]
        cost = scalar_constant(0.0, default_float_dtype())
    check_cost(what, cost)
    op = Gradient((held,) if known else (), len(constants), len(known))
    others = (*constants, *known, *known.values())
    reached = reach(what, (cost, *known), targets, constants)
    return [
        apply(op, cost, target, *others) if target in reached else disconnected(what, whose, roots, target, policy)  # type: ignore[arg-type]
        for target in targets
    ]


def pulled(
    what: str,
    fs: Sequence[Node],
    points: Sequence[NodeLike],
    targets: Sequence[Node],
    constants: Sequence[Node] = (),
    policy: Disconnected = "raise",
) -> list[Any]:
    """The cotangents of `targets` where those of `fs` are `points`: gradients of `sum(f * point)`."""
    held = Token()
    seeds = [seed_of(what, "an eval point", node, point, held) for node, point in zip(fs, points, strict=True)]
    whole = _total([_inner(node, seed) for node, seed in zip(fs, seeds, strict=True)])
    op, reached = Gradient((held,), len(constants)), reach(what, (whole,), targets, constants)
    return [
        apply(op, whole, target, *constants)
        if target in reached
        else disconnected(what, "f", [("f", f) for f in fs], target, policy)
        for target in targets
    ]


def reach(what: str, roots: Sequence[Node], targets: Sequence[Node], constants: Sequence[Node]) -> set[Node]:
    """What `roots` depend on differentiably; raises where no derivative by a target can pass on its way."""
    reached = influences(roots, set(constants))
    if (found := refused(reached, targets, set(constants))) is not None:
        target, node, why = found
        raise wrong(what, why.message.format(wrt=target.label), why.hint, ("wrt", target), (why.role, node))
    return reached


def refused(
    reached: Set[Node], targets: Sequence[Node], fixed: Set[Node] = frozenset()
) -> tuple[Node, Node, Refusal] | None:
    """A target, a node that refuses derivatives on its way to what `reached` leads to, and why; in bodies, too."""
    for node in reached:
        op = node.op.op if isinstance(node.op, Late) else node.op
        if node in fixed or not (op.refusal or any(map(refuses, op.derived_bodies))):
            continue
        mask = node.op.gradient_mask([source.type for source in node.inputs])
        ways = [influences((x,), fixed) if smooth else set() for x, smooth in zip(node.inputs, mask, strict=True)]
        for target in targets:
            flags = [target in way for way in ways[: op.arity if isinstance(op, Late) else None]]
            if target is node or not any(flags):
                continue
            if op.refusal is not None:
                return target, node, op.refusal
            alive = {user.op.index for user in reached if isinstance(user.op, Pick) and user.inputs[0] is node}
            alive.update(range(getattr(op, "carries", 0)))  # a carry reaches every output by later steps
            for body in op.derived_bodies:
                leaves = [leaf for leaf, flag in zip(body.inputs[::-1], flags[::-1], strict=False) if flag]
                used = [out for i, out in enumerate(body.outputs) if i in alive and out.tensor.is_inexact]
                inside = refused(influences(used), leaves)
                if inside is not None:
                    return target, *inside[1:]
    return None


def refuses(body: Graph) -> bool:
    """Whether some op in a body refuses derivatives."""
    ops = [node.op.op if isinstance(node.op, Late) else node.op for node in body.nodes()]
    return any(op.refusal or any(map(refuses, op.derived_bodies)) for op in ops)


def seed_of(what: str, given: str, node: Node, cotangent: NodeLike, held: Token) -> Node:
    """A cotangent that was given, constant to the derivative that it is for."""
    return apply(Cut(held), shaped_as(what, given, node, cotangent))


def shaped_as(what: str, given: str, node: Node, value: NodeLike) -> Node:
    """A vector that belongs to a node, in the node's dtype; raises where it is of another shape."""
    if not isinstance(node, Node):
        raise wrong(what, "a gradient is that of a node", "give nodes that wrt leads to", received=node)
    if not (isinstance(node.type, TensorType) and node.type.is_inexact):
        message = f"{node.label} has no gradient, it is not float"
        raise wrong(what, message, "give gradients of float nodes", ("node", node))
    vector = cast_to(value, node.dtype)
    if vector.ndim != node.ndim or not all(map(may_equal, vector.dims, node.dims)):
        message, hint = f"{given} has another shape than its node", f"give one of shape {node.type}"
        raise wrong(
            what, message, hint, ("node", node), ("gradient" if given == "a known gradient" else "given", vector)
        )
    return vector


def with_cuts(gradients: Sequence[Node]) -> dict[Node, Node]:
    """Gradients over copies of their cost in which the wrt and what is constant stand behind cuts.

    They are of one cost and hold the same constant: wrt that are leaves share one copy, every other has its own. A
    known cotangent replaces what would flow into its node from above: everything else sees that node as constant.
    """
    op = gradients[0].op
    assert isinstance(op, Gradient)
    cost, _, *others = gradients[0].inputs
    wrts = list(dict.fromkeys(node.inputs[1] for node in gradients))
    placed, tokens = dict(zip(wrts, wrts, strict=True)), op.held
    if others:
        tokens = (*tokens, Token())
        cost, placed = _hold(cost, wrts, others, op, tokens[-1])
    made: dict[Node, tuple[Node, Node]] = {}
    for wrt in wrts:
        whole, leaf = cost, placed[wrt]
        if not isinstance(leaf.op, (Input, State)):
            # Equal by value is not equal by place: what is cut is this very node, wherever the cost uses it.
            cut = apply(Cut(Token()), leaf, name=leaf.name)
            (whole,) = substitute([cost], {leaf: cut})
            leaf = cut
        made[wrt] = whole, leaf
    ready = Gradient(tokens, ready=True)
    return {node: Node(ready, made[node.inputs[1]], node.type, node.where, node.name) for node in gradients}


def _hold(
    cost: Node, wrts: Sequence[Node], others: Sequence[Node], op: Gradient, token: Token
) -> tuple[Node, dict[Node, Node]]:
    """The cost with known gradients joined to it and constants behind cuts of `token`, and where each wrt is in it."""
    after = op.constants + op.known
    constants, known, seeds = others[: op.constants], others[op.constants : after], others[after:]
    cuts = {fixed: apply(Cut(token), fixed) for fixed in (*constants, *known)}
    below = [source for node in known for source in node.inputs]
    cut_cost, *rest = substitute([cost, *wrts, *below], cuts)
    placed, rest = dict(zip(wrts, rest, strict=False)), rest[len(wrts) :]
    parts = [] if isinstance(cost.op, Const) else [cut_cost]
    for node, seed in zip(known, seeds, strict=True):
        inputs, rest = tuple(rest[: len(node.inputs)]), rest[len(node.inputs) :]
        same = same_nodes(inputs, node.inputs)
        alone = node if same else Node(node.op, inputs, node.type, node.where, node.name)
        placed[node] = alone
        parts.append(_inner(alone, seed))
    return _total(parts or [cost]), placed


def needs_cuts(node: Node) -> bool:
    """Whether a node is a gradient that must go through `with_cuts`."""
    op = node.op
    if not isinstance(op, Gradient) or op.ready:
        return False
    return bool(op.constants or op.known) or not isinstance(node.inputs[1].op, (Input, State))


def _inner(a: Node, b: Node) -> Node:
    """`sum(a * b)`, real; of what is for storage, in float32."""
    product = sum_(multiply(*[converted(x, computing(x.dtype)) for x in (a, b)]))
    return real(product) if product.dtype.kind == "c" else product


def _total(parts: Sequence[Node]) -> Node:
    total = parts[0]
    for part in parts[1:]:
        total = add(total, part)
    return total


def influences(roots: Sequence[Node], fixed: Set[Node] = frozenset()) -> set[Node]:
    """Every node that `roots` depend on through differentiable arguments, but for what only `fixed` nodes depend on.

    From the ops' static masks alone.
    """
    reached = set(roots)
    stack = list(reached)
    while stack:
        node = stack.pop()
        if not node.inputs or node in fixed:
            continue
        mask = node.op.gradient_mask([source.type for source in node.inputs])
        for source, smooth in zip(node.inputs, mask, strict=True):
            if smooth and source not in reached:
                reached.add(source)
                stack.append(source)
    return reached


disconnected_grad = stop_gradient

__all__ = [
    "Cut",
    "Disconnected",
    "Gradient",
    "StopGradient",
    "disconnected_grad",
    "grad",
    "gradients",
    "influences",
    "needs_cuts",
    "pulled",
    "reach",
    "shaped_as",
    "stop_gradient",
    "with_cuts",
]
