"""The whole ops that only rewrites make: what they mean to NumPy, and their exact values and radii."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

from theon.graph.node import Node
from theon.graph.op import Op
from theon.ops.log_product import LogProduct
from theon.ops.nn.activations import LogMeanExp
from theon.ops.whole import LogProd, WeightedLogSumExp

from .exact_rows import EXACT_ROWS, exact_row
from .known import Known, rounding, settled
from .rows import Array


def behind(axes: Sequence[int]) -> tuple[int, ...]:
    return tuple(axis + 1 for axis in axes)


def align(arrays: Sequence[Array]) -> Sequence[Array]:
    """Values of one rank, so that they broadcast behind the axis of points."""
    rank = max(a.ndim for a in arrays)
    return [a if a.ndim == rank else a.reshape(a.shape[:1] + (1,) * (rank - a.ndim) + a.shape[1:]) for a in arrays]


# --- Floats -----------------------------------------------------------------------------------------------------------


def shifted(x: Array, axes: Sequence[int]) -> tuple[Array, Array]:
    top = np.max(x, axis=behind(axes), keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(x.dtype)
    return x - top, top


def is_normal(x: Array) -> Array:
    info = np.finfo(x.dtype)
    return np.asarray((np.abs(x) >= info.tiny) & (np.abs(x) <= info.max))


def log_mean_exp(node: Node, x: Array) -> Array:
    op = node.op
    assert isinstance(op, LogMeanExp)
    axes, (less, top) = behind(op.axes), shifted(x, op.axes)
    lack, whole = np.mean(np.expm1(less), axis=axes), np.mean(np.exp(less), axis=axes)
    mean = np.asarray(np.where(lack > -0.5, np.log1p(lack), np.log(whole)))
    return np.asarray(mean + top.reshape(mean.shape), x.dtype)


def weighted_logsumexp(node: Node, x: Array, w: Array) -> Array:
    op = node.op
    assert isinstance(op, WeightedLogSumExp)
    less, top = shifted(np.where(w == 0, -np.inf, x).astype(x.dtype), op.axes)
    whole = np.log(np.sum(w * np.exp(less), axis=behind(op.axes), dtype=x.dtype))
    return np.asarray(whole + top.reshape((len(top), *node.sizes)), x.dtype)


def log_prod(node: Node, x: Array) -> Array:
    op = node.op
    assert isinstance(op, LogProd)
    axes, keep = behind(op.axes), op.keepdims
    product = np.prod(x, axis=axes, keepdims=keep, dtype=x.dtype)
    logs = np.sum(np.log(np.abs(x)), axis=axes, keepdims=keep, dtype=x.dtype)
    negative = np.prod(np.sign(x), axis=axes, keepdims=keep) < 0
    return np.asarray(np.where(is_normal(product), np.log(product), np.where(negative, np.nan, logs)), x.dtype)


def bases_and_powers(op: LogProduct, operands: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Each base with its power, a number or another operand."""
    given = iter(operands[len(op.powers) :])
    return [(x, next(given) if p is None else p) for x, p in zip(operands, op.powers, strict=False)]


def log_product(node: Node, *operands: Array) -> Array:
    op = node.op
    assert isinstance(op, LogProduct)
    product: Any = operands[0].dtype.type(1)
    logs: Any = operands[0].dtype.type(0)
    sign: Any = 1
    fine: Any = True
    for x, p in bases_and_powers(op, align(operands)):
        factor = np.power(x, p)
        product, fine = product * factor, fine & is_normal(factor)
        sign = sign * np.power(np.sign(x), p)
        logs = logs + np.where(np.asarray(p) == 0, 0, p * np.log(np.abs(x))).astype(x.dtype)
    fine = fine & is_normal(product)
    return np.asarray(np.where(fine, np.log(product), np.where(sign >= 0, logs, np.nan)), node.dtype)


REST_MEANINGS: dict[type[Op], Callable[..., Array]] = {
    LogMeanExp: log_mean_exp,
    WeightedLogSumExp: weighted_logsumexp,
    LogProd: log_prod,
    LogProduct: log_product,
}


# --- Exact values -----------------------------------------------------------------------------------------------------

LOG = np.frompyfunc(lambda x: mpmath.log(x) if x != 0 else mpmath.mpf("-inf"), 1, 1)


def exact_shifted(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array, Array]:
    """What is left of exact exponents without the largest, the same as floats, and the largest."""
    better = np.frompyfunc(EXACT_ROWS["maximum"], 2, 1)
    top = x
    for axis in axes:
        top = np.asarray(better.reduce(top, axis=axis, keepdims=True), object)
    less, below = settled(x - top)
    return less, below, top


def exact_log_mean_exp(node: Node, x: Known) -> Known:
    op = node.op
    assert isinstance(op, LogMeanExp)
    axes = behind(op.axes)
    less, below, top = exact_shifted(x.value, axes)
    lack = exact_row("expm1", (less,), (below,))
    count = mpmath.mpf(int(np.prod([x.value.shape[a] for a in axes])))
    mean = np.asarray(np.frompyfunc(mpmath.log1p, 1, 1)(np.sum(lack, axis=axes) / count), object)
    value, near = settled(mean + top.reshape(mean.shape))
    peak = np.max(np.abs(x.near), axis=axes)
    return Known(value, near, np.max(x.radius, axis=axes) + rounding(peak + np.abs(near), node.dtype, 8))


def exact_weighted(node: Node, x: Known, w: Known) -> Known:
    op = node.op
    assert isinstance(op, WeightedLogSumExp)
    axes = behind(op.axes)
    less, below, top = exact_shifted(x.value, axes)
    powers = exact_row("exp", (less,), (below,))
    whole = np.asarray(np.sum(w.value * powers, axis=axes), object)
    value, near = settled(LOG(whole) + top.reshape(whole.shape))
    heights, sizes = np.exp(below), np.abs(w.near)
    doubt = x.radius + rounding(np.abs(below) + 4, node.dtype, 4)
    lost = np.sum(heights * (sizes * np.expm1(doubt) + w.radius), axis=axes)
    spread = logarithm_of(settled(whole)[1], lost)
    peak = np.max(np.abs(x.near), axis=axes)
    return Known(value, near, spread + rounding(peak + np.abs(near) + 1, node.dtype, 4))


def logarithm_of(near: Array, radius: Array) -> Array:
    """What a radius is to a logarithm."""
    return np.where(radius < near, -np.log1p(-radius / near), np.nan)


def product_known(node: Node, value: Array, parts: Array, logs: Array, axes: tuple[int, ...], keep: bool) -> Known:
    """The logarithm of an exact product, of the relative errors of its factors and of their logarithms."""
    value, near = settled(value)
    count = float(np.prod([parts.shape[a] for a in axes]))
    info = np.finfo(node.dtype)
    edge = min(-np.log(float(info.tiny)), np.log(float(info.max)))
    high = np.sum(np.maximum(logs, 0), axis=axes, keepdims=keep)
    low = -np.sum(np.minimum(logs, 0), axis=axes, keepdims=keep)
    away = np.where(np.maximum(high, low) < edge - 1, 0, high + low)
    spread = np.sum(-np.log1p(-np.where(parts < 1, parts, np.nan)), axis=axes, keepdims=keep)
    return Known(value, near, spread + rounding(np.abs(near) + away + count, node.dtype, 4))


def exact_log_prod(node: Node, x: Known) -> Known:
    op = node.op
    assert isinstance(op, LogProd)
    axes = behind(op.axes)
    product = np.asarray(np.prod(x.value, axis=axes, keepdims=op.keepdims), object)
    size = np.abs(x.near)
    return product_known(node, LOG(product), x.radius / size, np.log(size), axes, op.keepdims)


def exact_log_product(node: Node, *operands: Known) -> Known:
    op = node.op
    assert isinstance(op, LogProduct)
    values = align([known.value for known in operands])
    nears = align([known.near for known in operands])
    radii = align([known.radius for known in operands])
    power = np.frompyfunc(EXACT_ROWS["pow"], 2, 1)
    product: Any = mpmath.mpf(1)
    parts, logs = [], []
    for (x, p), (near, q), (radius, r) in zip(
        *[bases_and_powers(op, each) for each in (values, nears, radii)], strict=True
    ):
        product = product * power(x, mpmath.mpf(p) if isinstance(p, float) else p)
        log = np.log(np.abs(near))
        parts.append(np.abs(q) * radius / np.abs(near) + np.abs(log) * (0.0 if isinstance(r, float) else r))
        logs.append(q * log)
    stacked = [np.stack(np.broadcast_arrays(*each, near)[:-1]) for each in (parts, logs)]
    whole = np.asarray(product, object)
    return product_known(node, np.asarray(LOG(whole), object), stacked[0], stacked[1], (0,), False)


REST_HANDLERS: dict[type[Op], Callable[..., Known]] = {
    LogMeanExp: exact_log_mean_exp,
    WeightedLogSumExp: exact_weighted,
    LogProd: exact_log_prod,
    LogProduct: exact_log_product,
}

__all__ = ["REST_HANDLERS", "REST_MEANINGS", "align", "behind", "shifted"]
