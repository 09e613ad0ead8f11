"""Derivatives as declarations: `grad` makes a lazy node that a compiler pass expands, after the forward graph is repaired.

Everything here reduces to that one op. What is constant for one derivative only is put behind a `Cut` that the op
holds; a known gradient `gy` of `y` is the extra cost `sum(y * gy)`; `Lop` is `grad` with known gradients alone; `Rop` is
an `Lop` of an `Lop`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, overload

import jax

from ..graph.errors import ArgumentError, DisconnectedError, GradientError, report
from ..graph.node import Input, Node, NodeLike, State, apply, as_node
from ..graph.op import Op, Token
from ..graph.types import TensorType, Type
from ..graph.walk import substitute
from ..graph.where import here
from .arithmetic import add, multiply
from .comparison import real
from .creation import zeros_like
from .elementwise import cast_to
from .reduce import sum as sum_

Disconnected: TypeAlias = Literal["raise", "warn", "zero", "none"]


@dataclass(frozen=True, eq=False)
class Gradient(Op):
    """d cost / d wrt, not yet derived: inputs are the cost and one wrt; the compiler's gradient pass expands it.

    Cuts whose token is `held` are constants to this derivative, and ordinary identities to every other.
    """

    held: tuple[Token, ...] = ()

    @property
    def params(self) -> str:
        return ""

    def infer(self, cost: TensorType, wrt: TensorType) -> TensorType:
        return wrt


@dataclass(frozen=True, eq=False)
class Cut(Op):
    """An opaque identity: no rewrite sees through it. Put on an intermediate wrt, and on what one gradient holds constant."""

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
    shared variables or intermediates; consider_constant, nodes to hold fixed; known_grads, `{node: its cotangent}`, used
    in place of what would be derived there; disconnected_inputs, what to do where the cost does not depend on a wrt:
    "raise", "warn" (and zero), "zero", or "none" (None in its place).
    Gives nodes of the types of `wrt`. Complex gradients follow JAX's convention (the conjugate of the steepest ascent).
    Raises: GradientError, DisconnectedError. Source: Theano `theano.grad`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.grad((x**2).sum(), x).eval({x: [1.0, 2.0]}).tolist()
    [2.0, 4.0]
    """
    several = isinstance(wrt, (list, tuple))
    targets: list[Node] = list(wrt) if isinstance(wrt, (list, tuple)) else [wrt]  # type: ignore[list-item]
    if disconnected_inputs not in ("raise", "warn", "zero", "none"):
        raise report(
            ArgumentError,
            "grad: disconnected_inputs is 'raise', 'warn', 'zero' or 'none'",
            where=here(),
            received=repr(disconnected_inputs),
        )
    for target in targets:
        _check_wrt(target)
    token = Token()
    whole, holds = _surrogate(cost, dict(known_grads or {}), list(consider_constant), token)
    op = Gradient((token,) if holds else ())
    reached = influences(whole, op.held)
    results = [_one(op, whole, target, target in reached, disconnected_inputs) for target in targets]
    return results if several else results[0]


def _check_wrt(target: Any) -> None:
    if not isinstance(target, Node):
        raise report(GradientError, "grad: wrt must be a node or a list of nodes", where=here(), received=repr(target))
    if not (isinstance(target.type, TensorType) and target.type.is_inexact):
        raise report(
            GradientError,
            f"grad: cannot differentiate by {target.label}, which is not float",
            where=here(),
            operands=[("wrt ", target)],
            hint="declare it float32, or cast it with .astype before it is used",
        )


def _surrogate(
    cost: Node | None, known: dict[Node, NodeLike], constants: list[Node], token: Token
) -> tuple[Node, bool]:
    """One scalar whose gradient is the one asked for, and whether anything in it is held constant."""
    if cost is None and not known:
        raise report(GradientError, "grad: give a cost, or known_grads", where=here())
    if cost is not None:
        _check_cost(cost)
    if not known and not constants:
        assert cost is not None
        return cost, False
    # A known cotangent replaces what would flow into its node from above, so every other root sees that node as constant.
    held = {node: apply(Cut(token), node) for node in (*constants, *known)}
    parts: list[Node] = [] if cost is None else substitute([cost], held)
    for node, cotangent in known.items():
        (alone,) = substitute([node], {n: cut for n, cut in held.items() if n is not node})
        seed = apply(Cut(token), cast_to(as_node(cotangent), node.dtype))
        if seed.ndim != node.ndim:
            raise report(
                GradientError,
                "grad: a known gradient has another rank than its node",
                where=here(),
                operands=[("node    ", node), ("gradient", seed)],
            )
        parts.append(_inner(alone, seed))
    return _total(parts), True


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
        raise report(GradientError, "grad: the cost must be a node", where=here(), received=repr(cost))
    if cost.dims != ():
        raise report(
            GradientError,
            "grad: the cost must be a scalar",
            where=here(),
            operands=[("cost", cost)],
            hint="reduce it with .sum() or .mean(), or give known_grads={cost: cotangent}",
        )
    if not cost.tensor.is_float:
        raise report(
            GradientError,
            "grad: the cost must be a real float",
            where=here(),
            operands=[("cost", cost)],
            hint="take theon.real or theon.abs of a complex cost; ints have no gradient",
        )


def influences(cost: Node, held: tuple[Token, ...] = ()) -> set[Node]:
    """Every node that `cost` depends on through differentiable arguments, from the ops' static masks alone."""
    reached = {cost}
    stack = [cost]
    while stack:
        node = stack.pop()
        if not node.inputs or (isinstance(node.op, Cut) and node.op.token in held):
            continue
        mask = node.op.gradient_mask([source.type for source in node.inputs])
        for source, smooth in zip(node.inputs, mask, strict=True):
            if smooth and source not in reached:
                reached.add(source)
                stack.append(source)
    return reached


def _one(op: Gradient, cost: Node, target: Node, connected: bool, policy: Disconnected) -> Node | None:
    if connected:
        return apply(op, cost, target)
    if policy == "none":
        return None
    text = f"grad: the cost does not depend on {target.label} differentiably"
    error = report(
        DisconnectedError,
        text,
        where=here(),
        operands=[("cost", cost), ("wrt ", target)],
        hint="use the node that the cost was built from, or disconnected_inputs='zero'",
    )
    if policy == "raise":
        raise error
    if policy == "warn":
        warnings.warn(str(error), stacklevel=3)
    return zeros_like(target)


@overload
def Lop(f: Node, wrt: Node, eval_points: NodeLike, *, disconnected_inputs: Disconnected = ...) -> Node: ...
@overload
def Lop(
    f: Sequence[Node], wrt: Sequence[Node], eval_points: Sequence[NodeLike], *, disconnected_inputs: Disconnected = ...
) -> list[Node]: ...
def Lop(f: Any, wrt: Any, eval_points: Any, *, disconnected_inputs: Disconnected = "raise") -> Any:
    """The vector-Jacobian product: the cotangent of `wrt` where those of `f` are `eval_points`.

    Arguments: f, a float node or list of any shapes; eval_points, of the same shapes. Gives nodes of the types of `wrt`.
    Source: Theano `theano.gradient.Lop`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.Lop(x**2, x, [1.0, 10.0]).eval({x: [1.0, 2.0]}).tolist()
    [2.0, 40.0]
    """
    fs, points = (list(f), list(eval_points)) if isinstance(f, (list, tuple)) else ([f], [eval_points])
    if len(fs) != len(points):
        raise report(ArgumentError, "Lop: one eval point per output", where=here(), received=f"{len(fs)} and {len(points)}")
    known = dict(zip(fs, points, strict=True))
    return grad(None, wrt, known_grads=known, disconnected_inputs=disconnected_inputs)


def Rop(f: Any, wrt: Any, eval_points: Any) -> Any:
    """The Jacobian-vector product: the change of `f` where `wrt` moves along `eval_points`, by two `Lop`s.

    Arguments: f and wrt, float nodes or lists; eval_points, shaped as `wrt`. Gives nodes of the types of `f`.
    Source: Theano `theano.gradient.Rop`; the double-vjp construction is J. Townsend's.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.Rop(x**2, x, [1.0, 10.0]).eval({x: [1.0, 2.0]}).tolist()
    [2.0, 40.0]
    """
    several = isinstance(f, (list, tuple))
    fs: list[Node] = list(f) if several else [f]
    wrts, points = (list(wrt), list(eval_points)) if isinstance(wrt, (list, tuple)) else ([wrt], [eval_points])
    if len(wrts) != len(points):
        raise report(ArgumentError, "Rop: one eval point per wrt", where=here(), received=f"{len(wrts)} and {len(points)}")
    # `Lop` is linear in its seed, so the seed's own value never matters: zeros will do, and differentiate by them.
    seeds = [zeros_like(node) for node in fs]
    pulled: list[Node | None] = grad(
        None, wrts, known_grads=dict(zip(fs, seeds, strict=True)), disconnected_inputs="none"
    )  # type: ignore[assignment]  # "none" puts None where nothing is connected
    known = {node: as_node(point) for node, point in zip(pulled, points, strict=True) if node is not None}
    pushed = grad(None, seeds, known_grads=known, disconnected_inputs="zero") if known else seeds
    return pushed if several else pushed[0]


def is_leaf_wrt(node: Node) -> bool:
    """Whether a wrt needs no cut: nothing lies below it."""
    return isinstance(node.op, (Input, State, Cut))


__all__ = ["Cut", "Disconnected", "Gradient", "Lop", "Rop", "StopGradient", "grad", "influences", "stop_gradient"]
