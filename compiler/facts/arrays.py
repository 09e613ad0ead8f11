"""The walk that finds facts about elements, and what guards ask.

Facts are found on demand, from a rule's guard, by a walk of bounded size down from the node asked about; a rule that
does not ask costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...graph.node import Const, Node
from ...graph.types import TensorType, is_float, is_integer, kind_of, limits
from ...ops.assume import Assume
from ...ops.creation import Arange, Eye, Full
from ...ops.elementwise import Cast, Elementwise
from ...ops.gather import ARRAY, Slice
from ...ops.gradient import Cut, StopGradient
from ...ops.index import Index
from ...ops.moments import Mean, Var
from ...ops.nn.activations import LogSoftmax, Softmax
from ...ops.reduce import Reduce
from ...ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose
from .ranges import (
    ALWAYS_FINITE,
    FINITE_IN_RANGE,
    INF,
    NOTHING,
    RISING,
    ROWS,
    STATED,
    Facts,
    reciprocal,
    square,
    times,
)

NODES = 64  # how many nodes one question may look at
DEPTH = 24

# --- Ranges of ops ----------------------------------------------------------------------------------------------------

MOVES = (BroadcastTo, ExpandDims, Index, Reshape, Squeeze, Transpose, Full, StopGradient, Cut)


def _of_constant(value: np.ndarray[Any, Any]) -> Facts:
    if value.dtype.kind not in "biuf" or not value.size or value.nbytes > Const.LARGE:
        return NOTHING
    low, high = float(value.min()), float(value.max())
    if low != low or high != high:
        return NOTHING
    whole, finite = bool((value == np.floor(value)).all()), bool(np.isfinite(value).all())
    rising = value.ndim > 0 and bool((value[..., 1:] >= value[..., :-1]).all())
    return Facts(low, high, bool((value == 0).any()), whole, finite, rising)


def _of_type(node: Node) -> Facts:
    """What the dtype alone says."""
    type_ = node.type
    if not isinstance(type_, TensorType):
        return NOTHING
    kind = kind_of(type_.dtype)
    trivial = type_.ndim > 0 and type_.shape[-1] in (0, 1)
    if kind == "bool":
        return Facts(0, 1, whole=True, finite=True, rising=trivial)
    whole = is_integer(type_.dtype)
    return Facts(0 if kind == "uint" else -INF, INF, whole=whole, finite=whole, rising=trivial)


def _of_leaf(node: Node) -> Facts:
    """What is known of a value that has no operands."""
    op, by_type = node.op, _of_type(node)
    if isinstance(op, Const):
        return _of_constant(op.value).meet(by_type)
    if isinstance(op, Eye):
        return Facts(0, 1, whole=True, finite=True)
    if isinstance(op, Arange):
        return replace(by_type, finite=True, rising=isinstance(op.step, (int, float)) and op.step > 0)
    return by_type


def _reduced(op: Reduce, node: Node, x: Facts) -> Facts:
    if op.kind in ("max", "min"):
        return x
    count = math.prod(node.inputs[0].sizes[axis] for axis in op.axes)
    if op.kind == "sum":
        zero = x.zero or not x.single_signed or not count
        return Facts(times(x.low, count), times(x.high, count), zero, x.whole)
    if op.kind == "prod" and x.low >= 0:
        return Facts(1 if x.low >= 1 else 0, 1 if x.high <= 1 else INF, x.zero, x.whole)
    return NOTHING


def _cast(op: Cast, x: Facts) -> Facts:
    """Floats become ints towards zero; narrower ints wrap around, which only the dtype can speak of."""
    return x if kind_of(op.dtype) == "float" else NOTHING


def _forward(node: Node, inputs: Sequence[Facts]) -> Facts:
    op = node.op
    if isinstance(op, Elementwise):
        row = ROWS.get(op.row.name)
        if row is None or (node.tensor.dtype.kind in "iu" and op.row.name not in ("abs", "sign", "where")):
            return NOTHING  # integers wrap around
        if op.row.name == "multiply" and node.inputs[0] is node.inputs[1]:
            return square(inputs[0])
        return row(*inputs)
    if isinstance(op, Assume):
        return inputs[0].meet(STATED.get(op.fact, NOTHING))
    if isinstance(op, MOVES):
        return inputs[0]
    if isinstance(op, Reduce):
        return _reduced(op, node, inputs[0]) if node.tensor.is_float else NOTHING
    if isinstance(op, Cast):
        return _cast(op, inputs[0])
    if isinstance(op, Mean):
        return Facts(inputs[0].low, inputs[0].high, inputs[0].zero or not inputs[0].single_signed)
    if isinstance(op, Var):
        return Facts(0, INF)
    if isinstance(op, Softmax):
        return Facts(0, 1, zero=False)
    if isinstance(op, LogSoftmax):
        return Facts(-INF, 0)
    return NOTHING


# --- Finite, and in order ---------------------------------------------------------------------------------------------


def _holds(dtype: Any, *bounds: float) -> bool:
    """Whether a dtype holds numbers up to these bounds, and roundings of them."""
    return max(map(abs, bounds)) <= limits(dtype).max / 8


def _is_finite(node: Node, inputs: Sequence[Facts], made: Facts) -> bool:
    """Whether what is computed is neither inf nor nan, where that is so of no ints alone."""
    op, dtype = node.op, node.tensor.dtype
    if not is_float(dtype):
        return kind_of(dtype) not in ("complex", "stored float")
    if isinstance(op, Assume) and op.fact == "finite":
        return True
    if not all(source.finite for source in inputs):
        return False
    if isinstance(op, Elementwise):
        name = op.row.name
        if name in ALWAYS_FINITE:
            return True
        if name in ("divide", "reciprocal"):
            inverse = reciprocal(inputs[-1])
            return _holds(dtype, made.low, made.high, inverse.low, inverse.high)
        if name == "sqrt":
            return inputs[0].low >= 0
        return name in FINITE_IN_RANGE and _holds(dtype, made.low, made.high)
    if isinstance(op, (*MOVES, Assume, Softmax)) or (isinstance(op, Reduce) and op.kind in ("max", "min")):
        return True
    if isinstance(op, (Reduce, Cast, Mean)):
        terms = math.prod(node.inputs[0].sizes[axis] for axis in op.axes) if isinstance(op, Mean) else 1
        return _holds(dtype, times(made.low, terms), times(made.high, terms))
    return False


def _is_rising(node: Node, inputs: Sequence[Facts]) -> bool:
    """Whether elements are in order along the last axis, where there is more than one."""
    op = node.op
    x = node.inputs[0]
    if isinstance(op, Elementwise):
        return node.tensor.is_float and _keeps_order(op.row.name, node, inputs)  # ints wrap around
    if isinstance(op, Full) or (isinstance(op, Assume) and op.fact == "sorted"):
        return True
    if isinstance(op, BroadcastTo):
        return inputs[0].rising or x.ndim == 0
    if not inputs[0].rising or x.ndim == 0:
        return False
    last = x.ndim - 1
    if isinstance(op, Transpose):
        return op.perm[-1] == last
    if isinstance(op, Reshape):
        return node.ndim > 0 and node.dims[-1] == x.dims[-1]
    if isinstance(op, ExpandDims):
        return node.ndim - 1 not in op.axes
    if isinstance(op, (Squeeze, Reduce)):
        return last not in op.axes and (isinstance(op, Squeeze) or op.kind in ("sum", "max", "min"))
    if isinstance(op, Index):
        entry = op.spec[-1] if op.spec else None
        return ARRAY not in op.spec and isinstance(entry, Slice) and not str(entry.step).startswith("-")
    return isinstance(op, (Assume, Cut, StopGradient)) or (isinstance(op, Cast) and is_float(op.dtype))


def _keeps_order(name: str, node: Node, inputs: Sequence[Facts]) -> bool:
    """Whether an elementwise function of operands in order is in order; one that is broadcast along the axis is."""
    flat = [source.ndim == 0 or source.dims[-1] == 1 for source in node.inputs]
    rises = [found.rising or still for found, still in zip(inputs, flat, strict=True)]
    if name in RISING:
        return all(rises) and inputs[0].low >= RISING[name]
    if name == "subtract":
        return rises[0] and flat[1]
    if name in ("multiply", "divide"):
        turned = name == "multiply" and rises[1] and flat[0] and inputs[0].low >= 0
        return turned or (rises[0] and flat[1] and inputs[1].low >= 0)
    return False


# --- The walk ---------------------------------------------------------------------------------------------------------


def facts(node: Node) -> Facts:
    """What holds of every element of `node`."""
    return _facts(node, {}, DEPTH)


def _is_real_array(node: Node) -> bool:
    """Whether facts can be said of a node: not of complex numbers, nor of several outputs at once."""
    return isinstance(node.type, TensorType) and kind_of(node.type.dtype) != "complex"


def _facts(node: Node, known: dict[Node, Facts], depth: int) -> Facts:
    found = known.get(node)
    if found is not None:
        return found
    if not node.inputs:
        found = _of_leaf(node)
    elif not depth or len(known) >= NODES or not _is_real_array(node.inputs[0]):
        return _of_type(node)
    else:
        known[node] = _of_type(node)  # counted at once, so that a question stays bounded
        inputs = [_facts(source, known, depth - 1) for source in node.inputs]
        made = _forward(node, inputs)
        made = replace(made, finite=_is_finite(node, inputs, made), rising=_is_rising(node, inputs))
        found = made.meet(known[node])
    known[node] = found
    return found


# --- What guards ask --------------------------------------------------------------------------------------------------


def positive(x: Node) -> bool:
    found = facts(x)
    return found.low >= 0 and not found.zero


def nonnegative(x: Node) -> bool:
    return facts(x).low >= 0


def unit(x: Node) -> bool:
    """Whether every element is in [0, 1]."""
    found = facts(x)
    return found.low >= 0 and found.high <= 1


def at_least_one(x: Node) -> bool:
    return facts(x).low >= 1


def finite(x: Node) -> bool:
    """Whether no element is inf or nan, whatever the program is given."""
    return facts(x).finite


def ascending(x: Node) -> bool:
    """Whether no element is less than the one before it along the last axis."""
    return facts(x).rising


__all__ = ["NODES", "ascending", "at_least_one", "facts", "finite", "nonnegative", "positive", "unit"]
