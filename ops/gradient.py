"""Derivatives as declarations: `grad` makes a lazy node; a compiler pass expands it once the forward graph is repaired.

Everything here reduces to that one op. `Lop` is the gradient of `sum(f * seed)`; a known gradient `gy` of `y` is the
extra cost `sum(y * gy)`, for which `y` is constant elsewhere; `Rop` is an `Lop` of an `Lop`. What is constant for one
derivative only, and every wrt that is no leaf, is put behind a `Cut`; where that takes a copy of the cost, it waits for
the compiler, so that a derivative of the derivative still finds the nodes that it was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, overload

import jax

from ..graph.errors import ArgumentError, DisconnectedError, GradientError, TheonError, report
from ..graph.node import Const, Input, Node, NodeLike, State, apply, as_node, scalar_constant
from ..graph.op import Op, Token
from ..graph.types import TensorType, Type, default_float_dtype, may_equal
from ..graph.walk import same_nodes, stops, substitute
from ..graph.where import here, warn
from .arithmetic import add, multiply
from .comparison import real
from .creation import zeros_like
from .elementwise import cast_to
from .reduce import sum as sum_

Disconnected: TypeAlias = Literal["raise", "warn", "zero", "none"]


@dataclass(frozen=True, eq=False)
class Gradient(Op):
    """d cost / d wrt, not yet derived; the compiler's gradient pass expands it.

    Inputs: the cost, one wrt, `constants` nodes to hold fixed, `known` nodes, and the known gradients of these.
    Cuts whose token is `held` are constants to this derivative, and ordinary identities to every other. `ready`: the
    wrt is a leaf or a `Cut`, and everything else that had to be cut is (see `with_cuts`).
    """

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

    token: Token

    def infer(self, x: TensorType) -> TensorType:
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        return x

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g,)


@dataclass(frozen=True, eq=False)
class StopGradient(Op):
    """The identity in value, a constant to every derivative."""

    differentiable = False

    def infer(self, x: TensorType) -> TensorType:
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        return x

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return (False,)


def stop_gradient(x: NodeLike) -> Node:
    """`x`, treated as a constant by every derivative (Theano's `disconnected_grad`).

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
    several = isinstance(wrt, (list, tuple))
    targets: list[Node] = list(wrt) if isinstance(wrt, (list, tuple)) else [wrt]  # type: ignore[list-item]
    if disconnected_inputs not in ("raise", "warn", "zero", "none"):
        message = "disconnected_inputs is 'raise', 'warn', 'zero' or 'none'"
        raise _wrong(message, "leave it out to raise", received=disconnected_inputs, kind=ArgumentError)
    for target in targets:
        _check_wrt(target)
    _check_constants(consider_constant)
    if not isinstance(known_grads, Mapping | None):
        hint = "give known_grads={node: its gradient}"
        raise _wrong("known_grads is a dict", hint, received=known_grads, kind=ArgumentError)
    held, seeds = Token(), known_grads or {}
    known = {node: _seed(node, cotangent, held) for node, cotangent in seeds.items()}
    if cost is None:
        if not known:
            raise _wrong("there is nothing to differentiate", "give a cost, or known_grads={node: its gradient}")
        cost = scalar_constant(0.0, default_float_dtype())
    _check_cost(cost)
    op = Gradient((held,) if known else (), len(consider_constant), len(known))
    others = (*consider_constant, *known, *known.values())
    reached = influences((cost, *known), set(consider_constant))
    results = [_one(op, (cost, target, *others), target in reached, disconnected_inputs) for target in targets]
    return results if several else results[0]


def _check_wrt(target: Any) -> None:
    if not isinstance(target, Node):
        hint = "give the input or the shared variable itself"
        raise _wrong("wrt must be a node or a list of nodes", hint, received=target)
    if not (isinstance(target.type, TensorType) and target.type.is_inexact):
        hint = "declare it float32, or cast it with .astype before it is used"
        raise _wrong(f"cannot differentiate by {target.label}, which is not float", hint, ("wrt", target))


def _check_constants(nodes: Any) -> None:
    """Raise unless they are a list: iterating over a node makes new nodes, that no cost depends on."""
    message = "consider_constant is a list of nodes"
    if not isinstance(nodes, (list, tuple)):
        hint = f"give [{nodes.label}]" if isinstance(nodes, Node) else "give a list, [h]"
        raise _wrong(message, hint, received=nodes, kind=ArgumentError)
    for node in nodes:
        if not isinstance(node, Node):
            raise _wrong(message, "leave out what is no node", received=node, kind=ArgumentError)


def _seed(node: Node, cotangent: NodeLike, held: Token) -> Node:
    """A known gradient, constant to the derivative that it is for."""
    if not isinstance(node, Node):
        raise _wrong("a gradient is that of a node", "give nodes that wrt leads to", received=node)
    if not (isinstance(node.type, TensorType) and node.type.is_inexact):
        raise _wrong(f"{node.label} has no gradient, it is not float", "give gradients of float nodes", ("node", node))
    seed = cast_to(as_node(cotangent), node.dtype)
    if seed.ndim != node.ndim or not all(map(may_equal, seed.dims, node.dims)):
        message, hint = "a known gradient has another shape than its node", f"give one of shape {node.type}"
        raise _wrong(message, hint, ("node", node), ("gradient", seed))
    return apply(Cut(held), seed)


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
    """`sum(a * b)`, real."""
    product = sum_(multiply(a, b))
    return real(product) if product.dtype.kind == "c" else product


def _total(parts: Sequence[Node]) -> Node:
    total = parts[0]
    for part in parts[1:]:
        total = add(total, part)
    return total


def _check_cost(cost: Any) -> None:
    if not isinstance(cost, Node):
        hint = "build it from declared variables with theon's functions"
        raise _wrong("the cost must be a node", hint, received=cost)
    if cost.dims != ():
        hint = "reduce it with .sum() or .mean(), or give known_grads={cost: cotangent}"
        raise _wrong("the cost must be a scalar", hint, ("cost", cost))
    if not cost.tensor.is_float:
        hint = "take theon.real or theon.abs of a complex cost; ints have no gradient"
        raise _wrong("the cost must be a real float", hint, ("cost", cost))


def _wrong(
    message: str,
    hint: str,
    *operands: tuple[str, Node],
    received: object = None,
    kind: type[TheonError] = GradientError,
) -> TheonError:
    shown = None if received is None else repr(received)[:80]
    return report(kind, f"grad: {message}", where=here(), operands=operands, received=shown, hint=hint)


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


def _one(op: Gradient, inputs: Sequence[Node], connected: bool, policy: Disconnected) -> Node | None:
    cost, target, *_ = inputs
    if connected:
        return apply(op, *inputs)
    if policy == "none":
        return None
    stopped = [("stopped by", node) for node in stops((cost,), target)]
    text = f"the cost does not depend on {target.label}" + (" differentiably" if stopped else "")
    way = "leave that wrt out" if stopped else "use the node that the cost was built from"
    operands = [("cost", cost), ("wrt", target), *stopped]
    error = _wrong(text, f"{way}, or disconnected_inputs='zero'", *operands, kind=DisconnectedError)
    if policy == "raise":
        raise error
    if policy == "warn":
        warn(str(error))
    return zeros_like(target)


@overload
def Lop(f: Node, wrt: Node, eval_points: NodeLike, *, disconnected_inputs: Disconnected = ...) -> Node: ...
@overload
def Lop(
    f: Sequence[Node], wrt: Sequence[Node], eval_points: Sequence[NodeLike], *, disconnected_inputs: Disconnected = ...
) -> list[Node]: ...
def Lop(f: Any, wrt: Any, eval_points: Any, *, disconnected_inputs: Disconnected = "raise") -> Any:
    """The vector-Jacobian product: the cotangent of `wrt` where those of `f` are `eval_points`.

    Arguments: f, a float node or list of any shapes; eval_points, of the same shapes. Gives nodes of the types of
    `wrt`.
    Raises: see `grad`. Source: Theano `theano.gradient.Lop`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.Lop(x**2, x, [1.0, 10.0]).eval({x: [1.0, 2.0]}).tolist()
    [2.0, 40.0]
    """
    fs, points = (list(f), list(eval_points)) if isinstance(f, (list, tuple)) else ([f], [eval_points])
    if len(fs) != len(points):
        raise report(
            ArgumentError, "Lop: one eval point per output", where=here(), received=f"{len(fs)} and {len(points)}"
        )
    held = Token()
    whole = _total([_inner(node, _seed(node, point, held)) for node, point in zip(fs, points, strict=True)])
    targets: list[Node] = list(wrt) if isinstance(wrt, (list, tuple)) else [wrt]
    for target in targets:
        _check_wrt(target)
    reached = influences((whole,))
    results = [_one(Gradient((held,)), (whole, target), target in reached, disconnected_inputs) for target in targets]
    return results if isinstance(wrt, (list, tuple)) else results[0]


def Rop(f: Any, wrt: Any, eval_points: Any) -> Any:
    """The Jacobian-vector product: the change of `f` where `wrt` moves along `eval_points`, by two `Lop`s.

    Arguments: f and wrt, float nodes or lists; eval_points, shaped as `wrt`. Gives nodes of the types of `f`.
    Raises: see `grad`. Source: Theano `theano.gradient.Rop`; the double-vjp construction is J. Townsend's.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.Rop(x**2, x, [1.0, 10.0]).eval({x: [1.0, 2.0]}).tolist()
    [2.0, 40.0]
    """
    several = isinstance(f, (list, tuple))
    fs: list[Node] = list(f) if several else [f]
    wrts, points = (list(wrt), list(eval_points)) if isinstance(wrt, (list, tuple)) else ([wrt], [eval_points])
    if len(wrts) != len(points):
        raise report(
            ArgumentError, "Rop: one eval point per wrt", where=here(), received=f"{len(wrts)} and {len(points)}"
        )
    # `Lop` is linear in its seed, so the seed's own value never matters: zeros will do, and differentiate by them.
    seeds = [zeros_like(node) for node in fs]
    pulled: list[Node | None] = Lop(fs, wrts, seeds, disconnected_inputs="none")  # type: ignore[assignment]
    moves = [(node, point) for node, point in zip(pulled, points, strict=True) if node is not None]
    pushed = seeds
    if moves:
        pushed = Lop([node for node, _ in moves], seeds, [point for _, point in moves], disconnected_inputs="zero")
    return pushed if several else pushed[0]


__all__ = [
    "Cut",
    "Disconnected",
    "Gradient",
    "Lop",
    "Rop",
    "StopGradient",
    "grad",
    "influences",
    "needs_cuts",
    "stop_gradient",
    "with_cuts",
]
