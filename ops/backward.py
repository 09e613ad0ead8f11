"""Identities that change a gradient on its way back: what is seen by derivatives alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import jax

from ..graph.errors import ArgumentError, DTypeError, GradientError, Mismatch, require
from ..graph.node import Node, NodeLike, apply, as_node, is_inexact_node, scalar_constant
from ..graph.op import Op, Refusal
from ..graph.types import TensorType, real_of
from .arithmetic import clip, multiply
from .elementwise import cast_to
from .sizes import Blame


@dataclass(frozen=True, eq=False)
class _Identity(Op):
    """The first input in value; what its cotangent becomes is the kinds' own."""

    def infer(self, x: TensorType, *others: TensorType) -> TensorType:
        require(x.is_inexact, "only floats have a gradient", "cast it with .astype first", DTypeError)
        return x

    def lower(self, x: jax.Array, *others: jax.Array) -> jax.Array:
        return x

    def batch(self, batched: tuple[bool, ...], *inputs: Node) -> Node | None:
        """Indifferent to shapes, but for what every example has of its own."""
        return None if any(batched[1:]) else apply(self, *inputs)


@dataclass(frozen=True, eq=False)
class GradClip(_Identity):
    """Every element of the gradient kept between two bounds."""

    lower_bound: float
    upper_bound: float

    def infer(self, x: TensorType, *others: TensorType) -> TensorType:
        require(x.is_float, "only real numbers can be clipped", "clip theon.real(x) and theon.imag(x)", DTypeError)
        return x

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (clip(g, self.lower_bound, self.upper_bound),)


@dataclass(frozen=True, eq=False)
class GradScale(_Identity):
    """The gradient multiplied by the second input, on which the value does not depend."""

    def infer(self, x: TensorType, *others: TensorType) -> TensorType:
        (factor,) = others
        require(factor.shape == () and factor.is_float, "the multiplier is a real number or a float scalar")
        return super().infer(x)

    def vjp(self, g: Node, out: Node, x: Node, factor: Node) -> Sequence[Node | None]:
        return multiply(g, cast_to(factor, g.dtype)), None


@dataclass(frozen=True, eq=False)
class ZeroGrad(_Identity):
    """No gradient, though connected: zero, where `StopGradient` leaves the cost disconnected."""

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (None,)


@dataclass(frozen=True, eq=False)
class UndefinedGrad(_Identity):
    """No derivative may pass: asking for one raises."""

    @property
    def refusal(self) -> Refusal:
        hint = "leave that wrt out, or cut with theon.stop_gradient"
        return Refusal("the derivative by {wrt} is undefined", "undefined at", hint)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        raise Mismatch(
            "a derivative passes what was declared to have none", "cut with theon.stop_gradient", GradientError
        )


def grad_clip(x: NodeLike, lower_bound: float, upper_bound: float) -> Node:
    """`x`, whose gradient is clipped: each element of the cotangent that arrives here is kept between the bounds.

    Arguments: x, float, any shape; two numbers. Gives a node of the type of `x`, equal to it. Forward products (`Rop`)
    see the identity where 0 is between the bounds. To clip a whole gradient by its norm, scale what `grad` gives.
    Raises: ArgumentError where the bounds are no numbers or out of order; DTypeError. Source: Theano `grad_clip`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> cost = (theon.grad_clip(x, -1.0, 1.0) ** 2).sum()
    >>> theon.grad(cost, x).eval({x: [0.25, -3.0]}).tolist()
    [0.5, -1.0]
    """
    node = as_node(x)
    with Blame("grad_clip", node):
        low, high = _number(lower_bound), _number(upper_bound)
        require(low <= high, f"the bounds are out of order ({low} and {high})", "give the lower first", ArgumentError)
    return apply(GradClip(low, high), node)


def _number(value: object) -> float:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and not math.isnan(value)
    require(fits, f"a bound is a number, received {value!r}", "give a Python number", ArgumentError)
    return float(value)  # type: ignore[arg-type]


def grad_scale(x: NodeLike, multiplier: NodeLike) -> Node:
    """`x`, whose gradient is multiplied by a number: -1 makes a gradient reversal layer.

    Arguments: x, float, any shape; multiplier, a number or a float scalar node. Gives a node of the type of `x`, equal
    to it. Forward products (`Rop`) are scaled as well.
    Raises: ShapeError where the multiplier is no real scalar, DTypeError where x is not float.
    Source: Theano `grad_scale`; Ganin and Lempitsky 2015 (gradient reversal).

    >>> import theon
    >>> x = theon.scalar("x")
    >>> float(theon.grad(theon.grad_scale(x, -2.0) ** 2, x).eval({x: 3.0}))
    -12.0
    """
    node = as_node(x)
    plain = isinstance(multiplier, (int, float)) and is_inexact_node(node)
    factor = scalar_constant(float(multiplier), real_of(node.dtype)) if plain else as_node(multiplier)  # type: ignore[arg-type]
    return apply(GradScale(), node, factor)


def zero_grad(x: NodeLike) -> Node:
    """`x`, whose gradient is zero, though the cost stays connected (Theano's older name: `consider_constant`).

    Arguments: x, float, any shape. Gives a node of the type of `x`, equal to it. Where `stop_gradient` is the only way
    to a wrt, `grad` raises that the cost does not depend on it; here it gives zeros.
    Raises: DTypeError where x is not float. Source: Theano `zero_grad`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.grad(theon.zero_grad(x).sum(), x).eval({x: [1.0, 2.0]}).tolist()
    [0.0, 0.0]
    """
    return apply(ZeroGrad(), as_node(x))


def undefined_grad(x: NodeLike) -> Node:
    """`x`, by whose ancestors nothing may be differentiated: a derivative that would pass here raises.

    Arguments: x, float, any shape. Gives a node of the type of `x`, equal to it.
    Raises: GradientError, by `grad` and its kin and at their line; DTypeError where x is not float.
    Source: Theano `undefined_grad`.

    >>> import theon
    >>> x = theon.scalar("x")
    >>> y = theon.undefined_grad(x)
    >>> float(theon.grad(y**2, y).eval({x: 3.0}))
    6.0
    """
    return apply(UndefinedGrad(), as_node(x))


consider_constant = zero_grad

__all__ = ["consider_constant", "grad_clip", "grad_scale", "undefined_grad", "zero_grad"]
