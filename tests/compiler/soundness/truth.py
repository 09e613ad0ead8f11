"""The exact values of a declared graph, and how far from them a float evaluation of it may be.

mpmath carries more digits than float64 by as many as a radius can have lost: the same analysis that bounds the error
of floats bounds the error of the exact value, 10**17 times smaller.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

from theon.graph.node import Const, Node
from theon.graph.op import Op
from theon.ops.comparison import Where
from theon.ops.elementwise import Cast, Elementwise
from theon.ops.index import IndexUpdate
from theon.ops.linalg import DotGeneral, Einsum
from theon.ops.moments import Mean, Var
from theon.ops.nn.activations import LogSoftmax, LogSumExp, Softmax
from theon.ops.nn.losses import SoftmaxCrossEntropy
from theon.ops.reduce import ArgReduce, Reduce
from theon.ops.special_gamma import Polygamma
from theon.ops.whole import Norm

from . import radius as radii
from .exact_rows import EXACT_ROWS, NAN, exact_row, real
from .meaning import MOVES, SUMS, Missing, align, behind, meaning_of
from .radius import VOID, Known, rounding
from .rows import Array, polygamma

DIGITS = 34
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
TESTS = ("isnan", "isinf", "isfinite")


def is_real(known: Known) -> bool:
    return known.value.dtype == object


def numbers(array: Array) -> Array:
    """Floats as mpmath numbers."""
    out = np.empty(array.shape, object)
    flat = out.reshape(-1)
    for i, value in enumerate(array.astype(np.float64).ravel().tolist()):
        flat[i] = mpmath.mpf(value)
    return out


def settled(value: Array, shape: tuple[int, ...] | None = None) -> tuple[Array, Array]:
    """Numbers, nan where they are not real or too large to go on with, and the same as float64."""
    value = np.asarray(value, object)
    near = np.empty(value.shape, np.float64)
    clean, floats = value.reshape(-1), near.reshape(-1)
    if clean.base is None or not value.flags.writeable:
        value = np.array(value)
        clean = value.reshape(-1)
    for i, number in enumerate(clean.tolist()):
        if type(number) is not mpmath.mpf:
            number = clean[i] = real(number)
        found = float(number)
        if found in (np.inf, -np.inf) and (not mpmath.isfinite(number) or abs(mpmath.mag(number)) > 60000):
            clean[i], found = NAN, np.nan
        floats[i] = found
    return value, near


def given(array: Array) -> Known:
    """An input: floats may be off by half a unit, which is what makes the condition of a formula count."""
    if array.dtype.kind != "f":
        return Known(array, array, np.zeros(array.shape), True)
    return Known(numbers(array), array.astype(np.float64), rounding(array, array.dtype, 0.5), True)


def constant(node: Node) -> Known:
    """A constant; one of many digits is itself rounded."""
    assert isinstance(node.op, Const)
    known = given(node.op.value[None])
    if is_real(known):
        short = known.near == np.asarray(known.near, np.float16)
        known.radius = np.where(short, 0.0, known.radius)
    return known


def step(node: Node, inputs: Sequence[Known]) -> Any:
    """The exact value of one op; several for one with several outputs."""
    op = node.op
    if isinstance(op, Const):
        return constant(node)
    move = MOVES.get(type(op))
    if move is not None:
        return moved(node, move, inputs)
    if not any(is_real(known) for known in inputs):
        return of_ints(node, inputs)
    found = real_step(node, inputs)
    if is_real(found):
        # What is too large for the dtype, and what no real number stands for.
        over = np.abs(found.near) > float(np.finfo(node.dtype).max)
        none = np.isnan(found.near) & (found.radius != VOID)
        found.radius = np.where(none, np.nan, np.where(over, np.inf, found.radius))
    return found


def real_step(node: Node, inputs: Sequence[Known]) -> Known:
    op = node.op
    if isinstance(op, Where):
        return chosen(*inputs)
    if isinstance(op, Elementwise):
        return elementwise(node, inputs)
    handler = HANDLERS.get(type(op))
    if handler is None:
        raise Missing(f"the exact value of {op.name!r} ({type(op).__name__})", "truth.py")
    return handler(node, *inputs)


def moved(node: Node, move: Callable[..., Any], inputs: Sequence[Known]) -> Any:
    """Elements elsewhere; index arrays come after the first, and are ints."""
    first = inputs[0]
    if isinstance(first, list):
        return move(node, first)
    pieces = [known for known in inputs if is_real(known) or not is_real(first)] if _joins(node) else [first]
    rest = [] if _joins(node) else [known.value for known in inputs[1:]]
    parts = [
        move(node, *[getattr(known, part) for known in pieces], *rest) for part in ("value", "near", "radius")
    ]
    held = all(known.given for known in inputs)
    if isinstance(parts[0], list):
        return [Known(*three, held) for three in zip(*parts, strict=True)]
    return Known(*parts, held)


def _joins(node: Node) -> bool:
    return node.op.name == "concat"


def of_ints(node: Node, inputs: Sequence[Known]) -> Known:
    """Bools and ints are exact; what makes them may not have been."""
    value = np.asarray(meaning_of(node)(node, *[known.value for known in inputs]))
    doubt = sum((float(np.sum(known.radius)) for known in inputs), 0.0)
    radius = np.full(value.shape, 0.0 if doubt == 0 else np.nan)
    held = all(known.given for known in inputs)
    if node.dtype.kind == "f":
        return Known(numbers(value), value.astype(np.float64), radius, held)
    return Known(value, value, radius, held)


# --- Elementwise ------------------------------------------------------------------------------------------------------


def elementwise(node: Node, inputs: Sequence[Known]) -> Known:
    assert isinstance(node.op, Elementwise)
    name = node.op.row.name
    if name in COMPARISONS:
        return compared(COMPARISONS[name], *inputs)
    if name in TESTS:
        (x,) = inputs
        value = np.full(x.value.shape, name == "isfinite")
        return Known(value, value, np.where(np.isfinite(x.radius), 0.0, np.nan))
    if name not in EXACT_ROWS:
        raise Missing(f"the elementwise op {name!r}", "exact_rows.py")
    values, nears = align([known.value for known in inputs]), align([known.near for known in inputs])
    value, near = settled(exact_row(name, tuple(values), tuple(nears)))
    held = name == "negative" and inputs[0].given
    return Known(value, near, radii.elementwise(node, near, inputs), held)


def compared(holds: Callable[[Any, Any], Any], a: Known, b: Known) -> Known:
    """A comparison, in doubt where the radii reach from one side to the other."""
    left, right = align([a.value, b.value])
    value = np.asarray(np.frompyfunc(holds, 2, 1)(left, right), bool)
    (near, other), (one, two) = align([a.near, b.near]), align([a.radius, b.radius])
    reach = one + two
    doubt = ~(np.abs(near - other) > reach) & ~(reach == 0)
    if a.given and b.given:
        doubt = np.isnan(reach)
    return Known(value, value, np.where(doubt, np.nan, 0.0), a.given and b.given)


def chosen(condition: Known, a: Known, b: Known) -> Known:
    parts = (condition.value, a.value, b.value, condition.radius, a.radius, b.radius, a.near, b.near)
    test, left, right, sure, one, two, near, other = align(parts)
    value = np.where(test, left, right)
    either = np.where(sure == 0, np.where(test, one, two), np.where(near == other, one + two, np.nan))
    held = condition.given and a.given and b.given
    return Known(value, np.where(test, near, other), either, held)


def cast(node: Node, x: Known) -> Known:
    if node.dtype.kind == "f":
        finer = np.finfo(node.dtype).eps >= np.finfo(np.float64).eps
        loss = rounding(x.near, node.dtype, 0.5 if finer else 0)
        return Known(x.value, x.near, x.radius if node.dtype == np.float64 else x.radius + loss, x.given)
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
    return Known(value, near, spread + rounding(near, node.dtype, count + 4))


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

__all__ = ["DIGITS", "Known", "given", "numbers", "step"]
