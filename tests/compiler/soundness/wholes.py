"""The exact values and radii of ops that are not elementwise: casts, reductions, softmax, products, updates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

from theon.graph.node import Node
from theon.graph.op import Op
from theon.ops.elementwise import Cast
from theon.ops.index import IndexUpdate
from theon.ops.linalg import DotGeneral, Einsum
from theon.ops.moments import Mean, Var
from theon.ops.nn.activations import LogSoftmax, LogSumExp, Softmax
from theon.ops.nn.losses import SoftmaxCrossEntropy
from theon.ops.reduce import ArgReduce, Reduce
from theon.ops.special_gamma import Polygamma
from theon.ops.whole import Norm

from .exact_rows import EXACT_ROWS, NAN, exact_row
from .known import Known, rounding, settled
from .meaning import SUMS, behind, meaning_of
from .rest_wholes import REST_HANDLERS
from .rows import Array, polygamma


def cast(node: Node, x: Known) -> Known:
    if node.dtype.kind == "f":
        finer = np.finfo(node.dtype).eps >= np.finfo(np.float64).eps
        loss = rounding(x.near, node.dtype, 0.5 if finer else 0)
        held = x.given and np.array_equal(x.near.astype(node.dtype), x.near, equal_nan=True)  # nothing is rounded
        return Known(x.value, x.near, x.radius if node.dtype == np.float64 else x.radius + loss, held)
    low, high = (np.trunc(x.near - x.radius), np.trunc(x.near + x.radius)) if not x.given else (x.near, x.near)
    whole = np.where(np.isfinite(x.near), np.trunc(x.near), 0)
    if node.dtype == bool:
        doubt = ~((np.abs(x.near) > x.radius) | (x.radius == 0))
        value = np.asarray(np.frompyfunc(bool, 1, 1)(x.value), bool)
        return Known(value, value, np.where(doubt & (not x.given), np.nan, 0.0))
    fits = np.isfinite(x.near) & (np.abs(x.near) < np.iinfo(node.dtype).max / 2)
    value = np.where(fits, whole, 0).astype(node.dtype)
    return Known(value, value, np.where(fits & (low == high), 0.0, np.nan))


# --- Reductions -------------------------------------------------------------------------------------------------------


def reduced(node: Node, x: Known) -> Known:
    op = node.op
    assert isinstance(op, Reduce)
    axes, keep = behind(op.axes), op.keepdims
    count = int(np.prod([x.value.shape[a] for a in axes])) if axes else 1
    size = np.abs(x.near)
    if op.kind == "sum":
        value, near = settled(np.sum(x.value, axis=axes, keepdims=keep))
        spread = np.sum(x.radius, axis=axes, keepdims=keep)
        return Known(value, near, spread + rounding(np.sum(size, axis=axes, keepdims=keep), node.dtype, count))
    if op.kind == "prod":
        value, near = settled(np.prod(x.value, axis=axes, keepdims=keep))
        whole = np.prod(size + x.radius, axis=axes, keepdims=keep)
        spread = whole - np.prod(size, axis=axes, keepdims=keep)
        # On the way to a product that fits, one that does not may be met.
        over = np.prod(np.maximum(size, 1), axis=axes, keepdims=keep) > float(np.finfo(node.dtype).max)
        under = np.prod(np.minimum(size, 1), axis=axes, keepdims=keep) < float(np.finfo(node.dtype).tiny)
        spread = np.where(over | under, np.inf, spread)
        return Known(value, near, spread + rounding(whole, node.dtype, count))
    better = EXACT_ROWS["maximum" if op.kind == "max" else "minimum"]
    value = np.asarray(x.value)
    for axis in axes:
        value = np.asarray(np.frompyfunc(better, 2, 1).reduce(value, axis=axis, keepdims=True), object)
    value = value if keep else value.reshape([s for i, s in enumerate(value.shape) if i not in axes])
    value, near = settled(value)
    return Known(value, near, np.max(x.radius, axis=axes, keepdims=keep), x.given)


def extreme_at(node: Node, x: Known) -> Known:
    value = meaning_of(node)(node, x.near)
    return Known(value, value, np.full(value.shape, 0.0 if x.given and np.isfinite(x.near).all() else np.nan))


def mean(node: Node, x: Known) -> Known:
    op = node.op
    assert isinstance(op, Mean)
    axes, keep = behind(op.axes), op.keepdims
    count = int(np.prod([x.value.shape[a] for a in axes])) if axes else 1
    value, near = settled(np.sum(x.value, axis=axes, keepdims=keep) / mpmath.mpf(count))
    size = np.mean(np.abs(x.near), axis=axes, keepdims=keep)
    return Known(value, near, np.mean(x.radius, axis=axes, keepdims=keep) + rounding(size, node.dtype, count + 1))


def squares(node: Node, x: Known, offset: Any, divisor: Any) -> tuple[Array, Array]:
    """The sum of squares of what is left of `x`, over a number, and its radius."""
    op = node.op
    assert isinstance(op, (Var, Norm))
    axes, keep = behind(op.axes), op.keepdims
    away = np.asarray(x.value - offset, object)
    _, size = settled(away)
    size = np.abs(size)
    lost = x.radius + (np.mean(x.radius, axis=axes, keepdims=True) if isinstance(op, Var) else 0)
    if isinstance(op, Var):
        lost = lost + rounding(np.max(np.abs(x.near), axis=axes, keepdims=True, initial=0), node.dtype, 4)
    value = np.asarray(np.sum(away * away, axis=axes, keepdims=keep) / divisor, object)
    spread = np.sum((2 * size + lost) * lost, axis=axes, keepdims=keep) / float(divisor)
    return value, spread


def variance(node: Node, x: Known) -> Known:
    op = node.op
    assert isinstance(op, Var)
    axes = behind(op.axes)
    count = int(np.prod([x.value.shape[a] for a in axes])) if axes else 1
    centre = np.sum(x.value, axis=axes, keepdims=True) / mpmath.mpf(count)
    divisor = mpmath.mpf(op.divisor(x.value.shape[1:])) or NAN
    value, spread = squares(node, x, centre, divisor)
    value, near = settled(value)
    overflows = near * float(divisor) > float(np.finfo(node.dtype).max)  # the sum does, as NumPy's
    return Known(value, near, np.where(overflows, np.inf, spread + rounding(near, node.dtype, count + 4)))


def norm(node: Node, x: Known) -> Known:
    op = node.op
    assert isinstance(op, Norm)
    value, near = settled(np.frompyfunc(mpmath.sqrt, 1, 1)(squares(node, x, mpmath.mpf(0), mpmath.mpf(1))[0]))
    spread = np.sqrt(np.sum(x.radius**2, axis=behind(op.axes), keepdims=op.keepdims))
    return Known(value, near, spread + rounding(near, node.dtype, 8))


def normalised(node: Node, x: Known) -> Known:
    op = node.op
    assert isinstance(op, (Softmax, LogSoftmax, LogSumExp))
    axes = behind(op.axes)
    better = np.frompyfunc(EXACT_ROWS["maximum"], 2, 1)
    top = x.value
    for axis in axes:
        top = np.asarray(better.reduce(top, axis=axis, keepdims=True), object)
    less, below = settled(x.value - top)
    powers = exact_row("exp", (less,), (below,))
    whole = np.asarray(np.sum(powers, axis=axes, keepdims=True), object)
    worst = np.max(x.radius, axis=axes, keepdims=True)
    log = np.frompyfunc(mpmath.log, 1, 1)
    if isinstance(op, LogSumExp):
        value, near = settled((log(whole) + top).reshape((len(x.value), *node.sizes)))
        peak = np.max(np.abs(x.near), axis=axes, keepdims=True).reshape(near.shape)
        return Known(value, near, worst.reshape(near.shape) + rounding(peak + 4, node.dtype, 4))
    if isinstance(op, LogSoftmax):
        value, near = settled(less - log(whole))
        return Known(value, near, x.radius + worst + rounding(np.abs(below) + 4, node.dtype, 4))
    value, near = settled(powers / whole)
    doubt = x.radius + worst + rounding(np.abs(below) + 4, node.dtype, 4)
    return Known(value, near, near * np.expm1(doubt) + float(np.finfo(node.dtype).tiny))


# --- Products and updates ---------------------------------------------------------------------------------------------


def contracted(node: Node, *operands: Known) -> Known:
    add_up = SUMS[type(node.op)]
    value, near = settled(add_up(node, *[known.value for known in operands]))
    sizes = [np.abs(known.near) for known in operands]
    whole = add_up(node, *[size + known.radius for size, known in zip(sizes, operands, strict=True)])
    plain = add_up(node, *sizes)
    terms = max(1, max(known.value.size for known in operands))
    return Known(value, near, (whole - plain) + rounding(whole, node.dtype, terms))


def updated(node: Node, x: Known, values: Known, *arrays: Known) -> Known:
    assert isinstance(node.op, IndexUpdate)
    write = meaning_of(node)
    at = [known.value for known in arrays]
    value, near = settled(write(node, x.value, values.value, *at))
    radius = write(node, x.radius, values.radius, *at)
    if node.op.mode == "add":
        radius = radius + rounding(write(node, np.abs(x.near), np.abs(values.near), *at), node.dtype, 4)
    return Known(value, near, radius, x.given and values.given and node.op.mode == "set")


def cross_entropy(node: Node, logits: Known, labels: Known) -> Known:
    op = node.op
    assert isinstance(op, SoftmaxCrossEntropy)
    axis = op.axis + 1
    at = np.expand_dims(labels.value, axis)
    points = max(len(at), len(logits.value))
    at, x = (np.broadcast_to(a, (points, *a.shape[1:])) for a in (at, logits.value))
    picked = np.take_along_axis(x, np.clip(at, 0, x.shape[axis] - 1), axis).squeeze(axis)
    powers = exact_row("exp", (logits.value,), (logits.near,))
    value, near = settled(np.frompyfunc(mpmath.log, 1, 1)(np.sum(powers, axis=axis)) - picked)
    known = (labels.value >= 0) & (labels.value < x.shape[axis])
    size = np.max(np.abs(logits.near), axis=axis) * 2 + 4
    radius = 2 * np.max(logits.radius, axis=axis) + rounding(size, node.dtype, 4)
    return Known(value, np.where(known, near, np.nan), np.where(known, radius, np.nan))


def gamma_derivative(node: Node, x: Known) -> Known:
    op = node.op
    assert isinstance(op, Polygamma)

    def one(v: Any) -> Any:
        try:
            return mpmath.polygamma(op.order, v) if v > 0 or op.order == 1 else NAN
        except (ArithmeticError, ValueError):
            return NAN

    exact = np.frompyfunc(one, 1, 1)
    value, near = settled(exact(np.where(np.abs(x.near) < 1e4, x.value, NAN)))
    ends = [np.abs(polygamma(op.order, x.near + sign * x.radius) - near) for sign in (1, -1)]
    crossed = (x.near - x.radius <= 0) & (np.floor(x.near + x.radius) != np.floor(x.near - x.radius))
    spread = np.where(crossed | (x.radius > 0.1), np.nan, np.maximum(*ends))
    return Known(value, near, spread + rounding(np.abs(near) + (x.near < 0) * (near**2), node.dtype, 8))


HANDLERS: dict[type[Op], Callable[..., Known]] = {
    **REST_HANDLERS,
    Cast: cast,
    Reduce: reduced,
    ArgReduce: extreme_at,
    Mean: mean,
    Var: variance,
    Norm: norm,
    **dict.fromkeys((Softmax, LogSoftmax, LogSumExp), normalised),
    **dict.fromkeys((DotGeneral, Einsum), contracted),
    IndexUpdate: updated,
    SoftmaxCrossEntropy: cross_entropy,
    Polygamma: gamma_derivative,
}

__all__ = ["HANDLERS"]
