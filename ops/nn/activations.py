"""Activations, and the normalised exponentials: whole ops, so that they stay finite where their formulas overflow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ...graph.dims import normal_axes
from ...graph.errors import DTypeError, Mismatch, require
from ...graph.node import Node, NodeLike, apply, as_node
from ...graph.op import Op
from ...graph.types import TensorType, default_float_dtype, kind_of
from ..axes import Axis, widened
from ..comparison import greater, where
from ..elementwise import FLOATS, Row, cast_to, define, elementwise, number
from ..reduce import sum as sum_
from ..shape import expand_dims
from ..sizes import Blame
from ..transcendental import sigmoid


def _relu(x: Any) -> Any:
    return lax.max(x, number(0, x))


def _softplus(x: Any) -> Any:
    return lax.add(_relu(x), lax.log1p(lax.exp(lax.neg(lax.abs(x)))))


# The result is positive where x is, and is kept for other gradients anyway; x need not be.
RELU = define(
    Row(
        "relu",
        _relu,
        lambda x: np.maximum(x, x.dtype.type(0)),
        frozenset(("int", "uint", "float")),
        "same",
        (lambda g, y, x: where(greater(y, 0), g, 0),),
    )
)
SOFTPLUS = define(
    Row(
        "softplus",
        _softplus,
        lambda x: np.logaddexp(x, x.dtype.type(0)),
        FLOATS,
        "same",
        (lambda g, y, x: g * sigmoid(x),),
    )
)


def relu(x: NodeLike, /) -> Node:
    """`max(x, 0)`, elementwise; its derivative at 0 is 0.

    Arguments: x, any shape, int or float. Raises: DTypeError for complex. Source: `jax.nn.relu`.

    >>> import theon
    >>> print(theon.nn.relu([-1.0, 0.0, 2.0]).eval())
    [0. 0. 2.]
    """
    return elementwise(RELU, x)


def softplus(x: NodeLike, /) -> Node:
    """`log(1 + exp(x))`, elementwise, finite and accurate for every x.

    Arguments: x, any shape, float (ints become the default float). Raises: DTypeError for complex.
    Source: `jax.nn.softplus`.

    >>> import theon
    >>> print(theon.nn.softplus(1000.0).eval())
    1000.0
    """
    return elementwise(SOFTPLUS, x)


@dataclass(frozen=True, eq=False)
class _Normalised(Op):
    """What softmax, log_softmax and logsumexp share: the axes that they run over."""

    axes: tuple[int, ...]

    @property
    def params(self) -> str:
        return ", ".join(map(str, self.axes))

    def infer(self, x: TensorType) -> TensorType:
        require(x.is_float, f"takes float, not {x.dtype}", "convert with .astype", DTypeError)
        require(all(a < x.ndim for a in self.axes), f"runs over axes {self.axes} of {x.ndim}")
        return x


@dataclass(frozen=True, eq=False)
class Softmax(_Normalised):
    """`exp(x) / sum(exp(x))` along axes; zeros where every x is -inf."""

    def lower(self, x: jax.Array) -> jax.Array:
        shifted, _ = shifted_by_max(widened(x), self.axes)
        powers = lax.exp(shifted)
        total = _total(powers, self.axes)
        return lax.convert_element_type(lax.div(powers, _spread(total, x.shape, self.axes)), x.dtype)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (balanced(out * (g - sum_(g * out, axis=self.axes, keepdims=True)), out, self.axes),)


@dataclass(frozen=True, eq=False)
class LogSoftmax(_Normalised):
    """`x - log(sum(exp(x)))` along axes."""

    def lower(self, x: jax.Array) -> jax.Array:
        shifted, _ = shifted_by_max(widened(x), self.axes)
        total = log_of_total(shifted, self.axes)
        total = lax.select(lax.is_finite(total), total, lax.full_like(total, 0))  # of x that are all -inf
        return lax.convert_element_type(lax.sub(shifted, _spread(total, x.shape, self.axes)), x.dtype)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        shares = apply(Softmax(self.axes), x)
        return (balanced(g - shares * sum_(g, axis=self.axes, keepdims=True), shares, self.axes),)


@dataclass(frozen=True, eq=False)
class _Reduced(_Normalised):
    """What logsumexp and logmeanexp share: their axes go, and their slopes are shares."""

    def infer(self, x: TensorType) -> TensorType:
        super().infer(x)
        return x.with_shape([d for i, d in enumerate(x.shape) if i not in self.axes])

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        # Not exp(x - out): `out` is rounded at its own magnitude, and exp would magnify that.
        return (expand_dims(g, self.axes) * apply(Softmax(self.axes), x),)


@dataclass(frozen=True, eq=False)
class LogSumExp(_Reduced):
    """`log(sum(exp(x)))` over axes; -inf where every x is."""

    def lower(self, x: jax.Array) -> jax.Array:
        shifted, top = shifted_by_max(widened(x), self.axes)
        return lax.convert_element_type(lax.add(log_of_total(shifted, self.axes), top), x.dtype)


@dataclass(frozen=True, eq=False)
class LogMeanExp(_Reduced):
    """`log(mean(exp(x)))` over axes, which is small where every x is."""

    def lower(self, x: jax.Array) -> jax.Array:
        """From what the mean lacks of 1 where that is little; where it is much, that has lost what is left of the 1."""
        shifted, top = shifted_by_max(widened(x), self.axes)
        many = math.prod(x.shape[axis] for axis in self.axes)
        total, lack = (lax.reduce_sum(f(shifted), self.axes) for f in (lax.exp, lax.expm1))
        count = lax.full_like(total, many)
        near = lax.gt(lack, lax.full_like(lack, -0.5 * many))
        mean = lax.select(near, lax.log1p(lax.div(lack, count)), lax.log(lax.div(total, count)))
        return lax.convert_element_type(lax.add(mean, top), x.dtype)


def shifted_by_max(x: jax.Array, axes: tuple[int, ...]) -> tuple[jax.Array, jax.Array]:
    """`x` less its maximum along axes, and that maximum; infinite maxima count as 0, so that no inf - inf arises."""
    top = lax.reduce_max(x, axes)
    top = lax.select(lax.is_finite(top), top, lax.full_like(top, 0))
    return lax.sub(x, _spread(top, x.shape, axes)), top


def log_of_total(shifted: jax.Array, axes: tuple[int, ...]) -> jax.Array:
    """log(sum(exp(shifted))) for exponents of which the largest is 0: the small ones are not added to its 1.

    The largest is told by a margin: XLA may compute it anew, fused with a product, and then it is not exactly 0. What
    else lies in the margin brings the sum over 1.5, where the plain logarithm is as good.
    """
    powers = lax.exp(shifted)
    rest = lax.reduce_sum(lax.select(lax.lt(shifted, number(-0.6, shifted)), powers, lax.full_like(powers, 0)), axes)
    total = lax.reduce_sum(powers, axes)
    one_leads = lax.lt(lax.abs(lax.sub(total, number(1.2, total))), number(0.3, total))  # not where all are -inf
    return lax.select(one_leads, lax.log1p(rest), lax.log(total))


def balanced(slope: Node, shares: Node, axes: tuple[int, ...]) -> Node:
    """A slope of shares, which sums to 0 along axes: where one share is almost 1, its slope is minus the others' sum.

    There 1 - share would have no digits left.
    """
    leads = greater(shares, 0.5)
    return where(leads, -sum_(where(leads, 0, slope), axis=axes, keepdims=True), slope)


def _total(powers: jax.Array, axes: tuple[int, ...]) -> jax.Array:
    """Sums along axes; 1 in place of the 0 that is left where every exponent is -inf."""
    total = lax.reduce_sum(powers, axes)
    return lax.select(lax.eq(total, number(0, total)), lax.full_like(total, 1), total)


def _spread(reduced: jax.Array, shape: tuple[int, ...], axes: tuple[int, ...]) -> jax.Array:
    return lax.broadcast_in_dim(reduced, shape, tuple(i for i in range(len(shape)) if i not in axes))


def floats(x: NodeLike, what: str) -> Node:
    """`x` as a float node; bools and ints become the default float."""
    node = as_node(x)
    if kind_of(node.dtype) == "complex":
        with Blame(what, node):
            raise Mismatch(f"takes float, not {node.dtype}", "take theon.real or theon.abs first", DTypeError)
    return node if node.tensor.is_float else cast_to(node, default_float_dtype())


def _over(what: str, x: NodeLike, axis: Axis) -> tuple[Node, tuple[int, ...]]:
    node = floats(x, what)
    with Blame(what, node):
        return node, normal_axes(axis, node.ndim)


def softmax(x: NodeLike, axis: Axis = -1) -> Node:
    """`exp(x) / sum(exp(x))` along `axis` (an int, several, or None for all), stable for every x.

    Arguments: x, float (ints become the default float). Where every x is -inf the result is 0.
    Raises: ShapeError where there is no such axis, DTypeError for complex. Source: `scipy.special.softmax`.

    >>> import theon
    >>> print(theon.nn.softmax([0.0, 1000.0]).eval())
    [0. 1.]
    """
    node, axes = _over("softmax", x, axis)
    return apply(Softmax(axes), node)


def log_softmax(x: NodeLike, axis: Axis = -1) -> Node:
    """The logarithm of `softmax`, along `axis`, stable for every x.

    Arguments, Raises: see `softmax`. Source: `scipy.special.log_softmax`.

    >>> import theon
    >>> print(theon.nn.log_softmax([0.0, 1000.0]).eval())
    [-1000.     0.]
    """
    node, axes = _over("log_softmax", x, axis)
    return apply(LogSoftmax(axes), node)


def logsumexp(x: NodeLike, axis: Axis = -1, keepdims: bool = False) -> Node:
    """`log(sum(exp(x)))` over `axis` (an int, several, or None for all), stable for every x.

    Arguments: x, float (ints become the default float); keepdims, whether reduced axes stay, with length 1.
    Raises: ShapeError where there is no such axis, DTypeError for complex. Source: `scipy.special.logsumexp`.

    >>> import theon
    >>> print(theon.logsumexp([1000.0, 0.0]).eval())
    1000.0
    """
    node, axes = _over("logsumexp", x, axis)
    reduced = apply(LogSumExp(axes), node)
    return expand_dims(reduced, axes) if keepdims else reduced


def logmeanexp(x: NodeLike, axis: Axis = -1, keepdims: bool = False) -> Node:
    """`log(mean(exp(x)))` over `axis` (an int, several, or None for all), stable for every x; exact near 0 too.

    Arguments, Raises: see `logsumexp`; the mean of nothing is nan. Source: `jax.nn.logmeanexp`.

    >>> import theon
    >>> print(theon.logmeanexp([1000.0, 1000.0]).eval())
    1000.0
    """
    node, axes = _over("logmeanexp", x, axis)
    reduced = apply(LogMeanExp(axes), node)
    return expand_dims(reduced, axes) if keepdims else reduced
