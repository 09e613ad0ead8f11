"""What graphs mean to NumPy: nodes run without JAX, each in its own dtype, at several points at once.

The value of a node has a leading axis, of points; it is 1 long where the value is the same at all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, TypeAlias

import numpy as np

from theon.graph.node import Const, Node, Pick
from theon.graph.op import Op
from theon.ops.assume import Assume
from theon.ops.comparison import Where
from theon.ops.creation import Arange, Eye, Full
from theon.ops.elementwise import Cast, Elementwise
from theon.ops.gather import ARRAY, GAP, Slice
from theon.ops.gradient import Cut, StopGradient
from theon.ops.index import Index, IndexUpdate
from theon.ops.join import Concat, Split
from theon.ops.linalg import DotGeneral, Einsum
from theon.ops.moments import Mean, Var
from theon.ops.nn.activations import LogSoftmax, LogSumExp, Softmax
from theon.ops.nn.losses import OneHot, SoftmaxCrossEntropy
from theon.ops.reduce import ArgReduce, Reduce
from theon.ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose
from theon.ops.special_gamma import Polygamma
from theon.ops.whole import Norm

from .rest_wholes import REST_MEANINGS, align, behind, shifted
from .rows import ROWS, Array, polygamma

OpMeaning: TypeAlias = Callable[..., Any]  # (node, *values) -> value


class Missing(Exception):
    """An op that has no meaning here yet."""

    def __init__(self, what: str, place: str) -> None:
        super().__init__(
            f"{what} has no meaning to the random-graph test yet: add it to tests/compiler/soundness/{place}"
        )


def together(arrays: Sequence[Array]) -> Sequence[Array]:
    """Values at the same number of points."""
    points = max(len(a) for a in arrays)
    return [a if len(a) == points else np.broadcast_to(a, (points, *a.shape[1:])) for a in arrays]


# --- Movement: the same for numbers of any kind -----------------------------------------------------------------------


def reshaped(node: Node, x: Array) -> Array:
    return x.reshape((len(x), *node.sizes))


def broadcast(node: Node, x: Array) -> Array:
    own = x.reshape((len(x), *(1,) * (node.ndim + 1 - x.ndim), *x.shape[1:]))
    return np.broadcast_to(own, (len(x), *node.sizes))


def place(spec: Sequence[Any], shape: Sequence[int], arrays: Sequence[Array], outside: str) -> tuple[Any, ...]:
    """A spec as an index of a NumPy array of that shape; what is out of range goes to the last place, or one beyond."""
    waiting = list(arrays)
    index: list[Any] = []
    axis = 0
    for entry in spec:
        if entry is None or entry is GAP:
            index.append(None if entry is None else Ellipsis)
            continue
        if isinstance(entry, Slice):
            index.append(slice(entry.start, entry.stop, entry.step))
        elif entry is ARRAY:
            at = waiting.pop(0).astype(np.int64)
            at = np.where(at < 0, at + shape[axis], at)
            clamped = np.clip(at, 0, shape[axis] - 1)
            index.append(clamped if outside == "clamp" else np.where(at == clamped, at, shape[axis]))
        else:
            index.append(entry)
        axis += 1
    return tuple(index)


def indexed(node: Node, x: Array, *arrays: Array) -> Array:
    op = node.op
    assert isinstance(op, Index)
    if not arrays:
        return np.asarray(x[(slice(None), *place(op.spec, x.shape[1:], (), "clamp"))])
    x, *arrays = together([x, *arrays])  # type: ignore[assignment]
    sizes = x.shape[1:]
    if op.outside == "drop":  # a place beyond the end holds a 0
        axes = [entry for entry in op.spec if entry is not None and entry is not GAP]
        x = np.pad(x, [(0, 0), *[(0, int(entry is ARRAY)) for entry in axes]])
    return np.stack([one[place(op.spec, sizes, at, op.outside)] for one, *at in zip(x, *arrays, strict=True)])


def updated(node: Node, x: Array, values: Array, *arrays: Array) -> Array:
    """Repeated places add up; what is out of range is left out: it has the number -1."""
    op = node.op
    assert isinstance(op, IndexUpdate)
    x, values, *arrays = together([x, values, *arrays])  # type: ignore[assignment]
    numbers = np.arange(int(np.prod(node.sizes))).reshape(node.sizes)
    axes = [entry for entry in op.spec if entry is not None and entry is not GAP]
    numbers = np.pad(numbers, [(0, int(entry is ARRAY)) for entry in axes] or 0, constant_values=-1)
    out = np.array(x).reshape(len(x), -1)
    for k, at in enumerate(zip(*arrays, strict=True) if arrays else [()] * len(x)):
        picked = numbers[place(op.spec, node.sizes, at, "drop")]
        for target, value in zip(picked.flat, np.broadcast_to(values[k], picked.shape).flat, strict=True):
            if target >= 0:
                out[k, target] = out[k, target] + value if op.mode == "add" else value
    return out.reshape(x.shape)


def concatenated(node: Node, *parts: Array) -> Array:
    assert isinstance(node.op, Concat)
    return np.concatenate(together(parts), node.op.axis + 1)


def split(node: Node, x: Array) -> list[Array]:
    assert isinstance(node.op, Split)
    return np.split(x, np.cumsum(node.op.sizes)[:-1], node.op.axis + 1)


def transposed(node: Node, x: Array) -> Array:
    assert isinstance(node.op, Transpose)
    return x.transpose((0, *behind(node.op.perm)))


def same(node: Node, x: Array) -> Array:
    return x


MOVES: dict[type[Op], OpMeaning] = {
    **dict.fromkeys((Reshape, ExpandDims, Squeeze), reshaped),
    **dict.fromkeys((BroadcastTo, Full), broadcast),
    **dict.fromkeys((Assume, StopGradient, Cut), same),
    Transpose: transposed,
    Index: indexed,
    Concat: concatenated,
    Split: split,
    Pick: lambda node, parts: parts[node.op.index],
}


# --- Sums and products ------------------------------------------------------------------------------------------------


def total(x: Array, axes: Sequence[int], keepdims: bool = False) -> Array:
    return np.asarray(np.sum(x, axis=behind(axes), keepdims=keepdims, dtype=x.dtype))


def contracted(terms: Sequence[Sequence[Any]], out: Sequence[Any], arrays: Sequence[Array]) -> Array:
    """Sums of products over labelled axes, for numbers of any kind."""
    summed = [label for label in dict.fromkeys(chain(*terms)) if label not in out]
    order = [*out, *summed]
    product: Any = None
    for term, array in zip(terms, arrays, strict=True):
        own = [label for label in order if label in term]
        turned = array.transpose((0, *[1 + list(term).index(label) for label in own]))
        sizes = iter(turned.shape[1:])
        wide = turned.reshape((len(array), *[next(sizes) if label in term else 1 for label in order]))
        product = wide if product is None else product * wide
    return np.asarray(np.sum(product, axis=tuple(range(1 + len(out), 1 + len(order))), dtype=product.dtype))


def dot(node: Node, x: Array, y: Array) -> Array:
    assert isinstance(node.op, DotGeneral)
    of_x, of_y, out = node.op.labels(x.ndim - 1, y.ndim - 1)
    return contracted((of_x, of_y), out, (x, y))


def einsum(node: Node, *arrays: Array) -> Array:
    assert isinstance(node.op, Einsum)
    return contracted(node.op.terms, node.op.out, arrays)


SUMS: dict[type[Op], OpMeaning] = {DotGeneral: dot, Einsum: einsum}


# --- Everything else, of floats ---------------------------------------------------------------------------------------

REDUCTIONS: dict[str, Callable[..., Any]] = {
    "sum": np.sum,
    "prod": np.prod,
    "max": np.max,
    "min": np.min,
    "any": np.any,
    "all": np.all,
}


def reduced(node: Node, x: Array) -> Array:
    op = node.op
    assert isinstance(op, Reduce)
    return np.asarray(REDUCTIONS[op.kind](x, axis=behind(op.axes), keepdims=op.keepdims), x.dtype)


def extreme_at(node: Node, x: Array) -> Array:
    op = node.op
    assert isinstance(op, ArgReduce)
    find: Any = np.argmax if op.kind == "argmax" else np.argmin
    flat = x.reshape(len(x), -1) if op.axis is None else x
    places = find(flat, 1 if op.axis is None else op.axis + 1)
    return np.asarray(places, np.int32).reshape((len(x), *node.sizes))


def mean(node: Node, x: Array) -> Array:
    assert isinstance(node.op, Mean)
    return np.asarray(np.mean(x, axis=behind(node.op.axes), keepdims=node.op.keepdims), x.dtype)


def variance(node: Node, x: Array) -> Array:
    op = node.op
    assert isinstance(op, Var)
    away = x - np.mean(x, axis=behind(op.axes), keepdims=True)
    divisor = op.divisor(x.shape[1:])
    return np.asarray(total(away * away, op.axes, op.keepdims) / x.dtype.type(divisor), x.dtype)


def norm(node: Node, x: Array) -> Array:
    op = node.op
    assert isinstance(op, Norm)
    top = np.max(np.abs(x), axis=behind(op.axes), keepdims=True, initial=0)
    top = np.where((top > 0) & np.isfinite(top), top, 1)
    length = np.sqrt(np.sum((x / top) ** 2, axis=behind(op.axes), keepdims=True)) * top
    return np.asarray(length if op.keepdims else length.reshape((len(x), *node.sizes)), x.dtype)


def normalised(node: Node, x: Array) -> Array:
    op = node.op
    assert isinstance(op, (Softmax, LogSoftmax, LogSumExp))
    less, top = shifted(x, op.axes)
    powers = np.exp(less)
    whole = total(powers, op.axes, keepdims=True)
    if isinstance(op, LogSumExp):
        return np.asarray((np.log(whole) + top).reshape((len(x), *node.sizes)), x.dtype)
    whole = np.where(whole == 0, 1, whole)  # of x that are all -inf
    return np.asarray(powers / whole if isinstance(op, Softmax) else less - np.log(whole), x.dtype)


def one_hot(node: Node, labels: Array) -> Array:
    op = node.op
    assert isinstance(op, OneHot)
    along = np.arange(node.sizes[op.axis]).reshape((-1, *(1,) * (node.ndim - op.axis - 1)))
    return np.asarray(np.expand_dims(labels, op.axis + 1) == along, op.dtype)


def cross_entropy(node: Node, logits: Array, labels: Array) -> Array:
    op = node.op
    assert isinstance(op, SoftmaxCrossEntropy)
    less, _ = shifted(logits, (op.axis,))
    axis = op.axis + 1
    known = (labels >= 0) & (labels < logits.shape[axis])
    at = np.expand_dims(np.where(known, labels, 0), axis)
    less, at = together([less, at])
    chosen = np.take_along_axis(less, at, axis).squeeze(axis)
    whole = np.log(np.sum(np.exp(less), axis=axis))
    return np.where(known, whole - chosen, np.nan).astype(logits.dtype)


def cast(node: Node, x: Array) -> Array:
    assert isinstance(node.op, Cast)
    return x != 0 if node.op.dtype == bool else x.astype(node.op.dtype)


def elementwise(node: Node, *values: Array) -> Array:
    assert isinstance(node.op, Elementwise)
    meaning = ROWS.get(node.op.row.name)
    if meaning is None:
        raise Missing(f"the elementwise op {node.op.row.name!r}", "rows.py")
    return np.asarray(meaning(*(align(values) if len(values) > 1 else values)))


MEANINGS: dict[type[Op], OpMeaning] = {
    **REST_MEANINGS,
    **MOVES,
    **SUMS,
    Const: lambda node: node.op.value[None],
    Elementwise: elementwise,
    Where: elementwise,
    Cast: cast,
    IndexUpdate: updated,
    Arange: lambda node: (node.op.start + node.op.step * np.arange(node.sizes[0])).astype(node.dtype)[None],
    Eye: lambda node: np.eye(node.sizes[0], node.sizes[1], node.op.k).astype(node.dtype)[None],
    Reduce: reduced,
    ArgReduce: extreme_at,
    Mean: mean,
    Var: variance,
    Norm: norm,
    **dict.fromkeys((Softmax, LogSoftmax, LogSumExp), normalised),
    OneHot: one_hot,
    SoftmaxCrossEntropy: cross_entropy,
    Polygamma: lambda node, x: polygamma(node.op.order, x.astype(np.float64)).astype(x.dtype),
}


def meaning_of(node: Node) -> OpMeaning:
    found = MEANINGS.get(type(node.op))
    if found is None:
        raise Missing(f"the op {node.op.name!r} ({type(node.op).__name__})", "meaning.py")
    return found


__all__ = ["MEANINGS", "MOVES", "SUMS", "Missing", "align", "behind", "meaning_of", "shifted", "together", "total"]
