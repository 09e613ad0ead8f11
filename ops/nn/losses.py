"""Losses: what training makes small. Each is finite, with its gradient, for all finite inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import jax
from jax import lax

from ...graph.dims import may_equal, normal_axis, unify_dim
from ...graph.errors import ArgumentError, DTypeError, Mismatch, require
from ...graph.node import Node, NodeLike, apply, as_node
from ...graph.op import Op, dims_of
from ...graph.types import INT32, DType, TensorType, Type, as_dtype, default_float_dtype, is_integer, promote
from ..arithmetic import negative
from ..axes import widened
from ..elementwise import cast_to, number
from ..moments import mean
from ..powers import square
from ..reduce import sum as sum_
from ..shape import expand_dims
from ..sizes import Blame, Field, Ints, check_sizes, declare
from .activations import Softmax, floats, log_softmax, shifted_by_max, softplus

Reduction: TypeAlias = Literal["mean", "sum", "none"]


@dataclass(frozen=True, eq=False)
class OneHot(Op):
    """1 where the new axis counts to the label, 0 elsewhere."""

    depth: Field
    axis: int
    dtype: DType
    differentiable = False

    def infer(self, labels: TensorType) -> TensorType:
        require(labels.is_integer, f"labels are ints, not {labels.dtype}", "convert with .astype", DTypeError)
        check_sizes((self.depth,))
        dims = list(labels.shape)
        dims.insert(self.axis, dims_of((self.depth,))[0])
        return TensorType(self.dtype, tuple(dims))

    def lower(self, labels: jax.Array) -> jax.Array:
        sizes = self.infer(TensorType(INT32, labels.shape)).sizes
        return lax.convert_element_type(_hits(labels, sizes, self.axis), self.dtype)


def _hits(labels: jax.Array, shape: tuple[int, ...], axis: int) -> jax.Array:
    """Whether the place along `axis` is the label."""
    along = lax.broadcasted_iota(INT32, shape, axis)
    own = tuple(i for i in range(len(shape)) if i != axis)
    # Labels outside the range of int32 are outside every axis as well: the nearest int32 misses it just so.
    labels = lax.convert_element_type(labels, INT32) if labels.dtype.itemsize <= 4 else _clamped(labels)
    return lax.eq(along, lax.broadcast_in_dim(labels, shape, own))


def _clamped(labels: jax.Array) -> jax.Array:
    top, low = number(2**31 - 1, labels), number(0 if labels.dtype.kind == "u" else -1, labels)
    return lax.convert_element_type(lax.clamp(low, labels, top), INT32)


def one_hot(labels: NodeLike, num_classes: int | Node, axis: int = -1, dtype: DType | str | None = None) -> Node:
    """Labels as indicator vectors along a new axis; a label outside 0 ... num_classes - 1 gives zeros.

    Arguments: labels, ints of any shape; num_classes, an int or an int node that decides a shape; dtype, the default
    float where none is given. Raises: DTypeError for labels that are not ints. Source: `jax.nn.one_hot`.

    >>> import theon
    >>> print(theon.nn.one_hot([0, 2], 3).eval())
    [[1. 0. 0.]
     [0. 0. 1.]]
    """
    node = as_node(labels)
    ints = Ints()
    with Blame("one_hot", node):
        depth = ints.field(num_classes, "the number of classes")
        place = normal_axis(axis, node.ndim + 1)
    wanted = default_float_dtype() if dtype is None else as_dtype(dtype)
    return declare(OneHot(depth, place, wanted), [node], ints.nodes)


@dataclass(frozen=True, eq=False)
class SoftmaxCrossEntropy(Op):
    """`-log(softmax(logits)[label])` along an axis; nan where the label names no place of it."""

    axis: int

    def infer(self, logits: TensorType, labels: TensorType) -> TensorType:
        require(logits.is_float, f"logits are float, not {logits.dtype}", "convert with .astype", DTypeError)
        require(labels.is_integer, f"labels are ints, not {labels.dtype}", "convert with .astype", DTypeError)
        rest = [d for i, d in enumerate(logits.shape) if i != self.axis]
        fits = len(rest) == labels.ndim and all(map(may_equal, rest, labels.shape))
        require(fits, f"labels {labels} do not fit logits {logits}", "give one label for each row of logits")
        return logits.with_shape(list(map(unify_dim, rest, labels.shape)))

    def lower(self, logits: jax.Array, labels: jax.Array) -> jax.Array:
        shifted, _ = shifted_by_max(widened(logits), (self.axis,))
        total = lax.log(lax.reduce_sum(lax.exp(shifted), (self.axis,)))
        hits = _hits(labels, logits.shape, self.axis)
        chosen = lax.reduce_sum(lax.select(hits, shifted, lax.full_like(shifted, 0)), (self.axis,))
        last = number(min(max(logits.shape[self.axis] - 1, 0), _most(labels.dtype)), labels)
        known = lax.bitwise_and(lax.ge(labels, number(0, labels)), lax.le(labels, last))
        loss = lax.select(known, lax.sub(total, chosen), lax.full_like(total, float("nan")))
        return lax.convert_element_type(loss, logits.dtype)

    def vjp(self, g: Node, out: Node, logits: Node, labels: Node) -> Sequence[Node | None]:
        hot = apply(OneHot(logits.sizes[self.axis], self.axis, logits.dtype), labels)
        return expand_dims(g, self.axis) * (apply(Softmax((self.axis,)), logits) - hot), None

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return (True, False)


def cross_entropy(logits: NodeLike, labels: NodeLike, axis: int = -1, reduction: Reduction = "mean") -> Node:
    """The cross-entropy of `softmax(logits)` against labels, in nats, averaged over all but `axis`.

    Arguments: logits, float, with the classes along `axis`; labels, either ints with one axis less (class numbers;
    one that names no class gives nan) or probabilities of the logits' shape; reduction, "mean", "sum" or "none".
    Raises: ShapeError where labels do not fit, DTypeError for class numbers that are not ints, ArgumentError.
    Source: `optax.softmax_cross_entropy` and `optax.softmax_cross_entropy_with_integer_labels`.

    >>> import theon
    >>> print(theon.nn.cross_entropy([[0.0, 1000.0], [0.0, 1000.0]], [1, 0]).eval())
    500.0
    """
    scores, target = floats(logits, "cross_entropy"), as_node(labels)
    with Blame("cross_entropy", scores, target):
        place = normal_axis(axis, scores.ndim)
        if target.ndim == scores.ndim - 1:
            hint = "class numbers are ints; probabilities have the shape of the logits"
            require(is_integer(target.dtype), f"class numbers are ints, not {target.dtype}", hint, DTypeError)
            loss = apply(SoftmaxCrossEntropy(place), scores, target)
        else:
            hint = "give one class number for each row of logits, or probabilities of the logits' shape"
            _require_one_shape(scores, target, "labels", hint)
            scores, target = _together(scores, target, "cross_entropy")
            loss = negative(sum_(target * log_softmax(scores, place), axis=place))
        return reduced(loss, reduction)


def binary_cross_entropy(logits: NodeLike, labels: NodeLike, reduction: Reduction = "mean") -> Node:
    """The cross-entropy of `sigmoid(logits)` against labels of 0 and 1, or probabilities, in nats, averaged.

    Arguments: logits, float; labels, of their shape, any real dtype; reduction, "mean", "sum" or "none".
    Raises: ShapeError where the shapes differ, ArgumentError. Source: `optax.sigmoid_binary_cross_entropy`.

    >>> import theon
    >>> print(theon.nn.binary_cross_entropy([1000.0, -1000.0], [1, 1], reduction="none").eval())
    [   0. 1000.]
    """
    scores, target = floats(logits, "binary_cross_entropy"), as_node(labels)
    with Blame("binary_cross_entropy", scores, target):
        _require_one_shape(scores, target, "labels", "reshape one of them")
        scores, target = _together(scores, target, "binary_cross_entropy")
        # softplus(x) - x * label would cancel where the answer is right and certain.
        loss = target * softplus(negative(scores)) + (1 - target) * softplus(scores)
        return reduced(loss, reduction)


def mean_squared_error(predictions: NodeLike, targets: NodeLike, reduction: Reduction = "mean") -> Node:
    """The mean of `(predictions - targets)**2` over all elements.

    Arguments: two arrays of one shape, real (ints become the default float); reduction, "mean", "sum" or "none".
    Raises: ShapeError where the shapes differ: they do not broadcast. Source: `sklearn.metrics.mean_squared_error`.

    >>> import theon
    >>> print(theon.nn.mean_squared_error([1.0, 2.0], [1.0, 4.0]).eval())
    2.0
    """
    found, target = floats(predictions, "mean_squared_error"), as_node(targets)
    with Blame("mean_squared_error", found, target):
        _require_one_shape(found, target, "targets", "reshape one of them: a loss does not broadcast")
        found, target = _together(found, target, "mean_squared_error")
        return reduced(square(found - target), reduction)


def _require_one_shape(x: Node, y: Node, name: str, hint: str) -> None:
    fits = x.ndim == y.ndim and all(map(may_equal, x.dims, y.dims))
    require(fits, f"{name} {y.type} do not have the shape of {x.type}", hint)


def _together(x: Node, y: Node, what: str) -> tuple[Node, Node]:
    """Both in the float dtype that they promote to; an int or bool target takes the dtype of `x`."""
    if not y.tensor.is_float and y.dtype.kind in "biu":
        return x, cast_to(y, x.dtype)
    dtype = promote(x.dtype, floats(y, what).dtype)
    return cast_to(x, dtype), cast_to(y, dtype)


def reduced(loss: Node, reduction: Reduction) -> Node:
    """`loss` averaged, summed or as it is."""
    if reduction == "mean":
        return mean(loss)
    if reduction == "sum":
        return sum_(loss)
    if reduction == "none":
        return loss
    raise Mismatch(f"reduction is 'mean', 'sum' or 'none', received {reduction!r}", kind=ArgumentError)


def _most(dtype: DType) -> int:
    """The largest int of a dtype."""
    bits = 8 * dtype.itemsize
    return int(2 ** (bits if dtype.kind == "u" else bits - 1) - 1)
