"""Padding: elements put before the first and after the last of an axis, by a number or a pattern of those there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.dims import normal_axis
from ..graph.errors import ArgumentError, DTypeError, require
from ..graph.node import Node, NodeLike, apply, as_node, const_value
from ..graph.op import Op
from ..graph.types import BOOL, TensorType, is_integer
from . import reduce
from .arithmetic import maximum, minimum
from .axes import require_kind
from .comparison import where
from .creation import arange, full
from .elementwise import cast_to, number, operands
from .grids import linspace
from .index import getitem
from .join import concat, stack
from .moments import mean
from .quantiles import median
from .rounding import rint
from .shape import broadcast_to, reshape
from .sizes import Blame, as_int, is_among, shape_of
from .sort import sort
from .take import take


@dataclass(frozen=True, eq=False)
class Pad(Op):
    """The input with so many copies of a number before and after each axis."""

    stores = True

    low: tuple[int, ...]
    high: tuple[int, ...]
    value: complex = 0

    def infer(self, x: TensorType) -> TensorType:
        sizes = zip(x.shape, self.low, self.high, strict=True)
        return x.with_shape([d if not a + b else d + a + b if isinstance(d, int) else None for d, a, b in sizes])

    def lower(self, x: jax.Array) -> jax.Array:
        return lax.pad(x, number(self.value, x), [(a, b, 0) for a, b in zip(self.low, self.high, strict=True)])

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (getitem(g, tuple(slice(a, a + n) for a, n in zip(self.low, x.sizes, strict=True))),)


def _padded(x: Node, low: tuple[int, ...], high: tuple[int, ...], value: Node) -> Node:
    """By a number that is known, or by a scalar that is put where there is no element."""
    known = const_value(value)
    if known is not None:
        return apply(Pad(low, high, known.item()), x)
    inside = apply(Pad(low, high), full(shape_of(x), True, BOOL))
    return where(inside, apply(Pad(low, high), x), value)


def _pairs(what: str, given: Any, ndim: int, entry: Callable[[Any], Any]) -> list[tuple[Any, Any]]:
    """NumPy's ways to write something before and after each axis: one for all, a pair for all, or a pair for each."""
    if isinstance(given, Mapping):
        pairs = [(entry(0), entry(0))] * ndim
        for axis, both in given.items():
            pairs[normal_axis(axis, ndim)] = _pair(what, both, entry)
        return pairs
    if not isinstance(given, (list, tuple, np.ndarray)):
        return [(entry(given), entry(given))] * ndim
    rows = list(given)
    if not any(isinstance(row, (list, tuple, np.ndarray)) for row in rows):
        return [_pair(what, rows, entry)] * ndim
    require(
        len(rows) in (1, ndim),
        f"{what} is given for {len(rows)} axes of {ndim}",
        "give one for all axes, or one for each",
        ArgumentError,
    )
    return [_pair(what, row, entry) for row in (rows * ndim if len(rows) == 1 else rows)]


def _pair(what: str, given: Any, entry: Callable[[Any], Any]) -> tuple[Any, Any]:
    both = list(given) if isinstance(given, (list, tuple, np.ndarray)) else [given]
    require(
        len(both) in (1, 2),
        f"{what} is a number, or two: before and after",
        "give one for both sides, or a pair",
        ArgumentError,
    )
    return entry(both[0]), entry(both[-1])


def _width(value: Any) -> int:
    width = as_int(value, "a width")
    require(width >= 0, f"cannot pad by {width}", "slice to leave elements out", ArgumentError)
    return width


# --- each axis in turn -------------------------------------------------------------------------------------------


def _constant(x: Node, axis: int, widths: tuple[int, int], values: tuple[Node, Node]) -> Node:
    for end, (width, value) in enumerate(zip(widths, values, strict=True)):
        counts = tuple(width if i == axis else 0 for i in range(x.ndim))
        none = (0,) * x.ndim
        if width:
            x = _padded(x, *((none, counts) if end else (counts, none)), value)
    return x


def _positions(length: Any, widths: tuple[int, int], mode: str) -> Any:
    """Where each element of the padded axis comes from; a constant where the length is known."""
    known = isinstance(length, int)
    at: Any = np.arange(-widths[0], length + widths[1]) if known else arange(-widths[0], length + widths[1])
    low, high = (np.minimum, np.maximum) if known else (minimum, maximum)
    if mode == "edge":
        return low(high(at, 0), length - 1)
    if mode == "wrap":
        return at % length
    period = 2 * length if mode == "symmetric" else high(2 * (length - 1), 1)
    there = at % period
    return low(there, (period - 1 if mode == "symmetric" else period) - there)


def _repeated(x: Node, axis: int, widths: tuple[int, int], mode: str) -> Node:
    return take(x, _positions(shape_of(x)[axis], widths, mode), axis)


def _odd(x: Node, axis: int, widths: tuple[int, int], mode: str) -> Node:
    """Reflected in the points at the ends: each part is turned over as well."""
    backwards = (*(slice(None),) * axis, slice(None, None, -1))
    before = getitem(_odd_after(getitem(x, backwards), axis, widths[0], mode), backwards)
    return concat([before, x, _odd_after(x, axis, widths[1], mode)], axis)


def _odd_after(x: Node, axis: int, width: int, mode: str) -> Node:
    """What follows an array: it rises by the same amount every two lengths, and every other length is turned over."""
    length = shape_of(x)[axis]
    span = length - (mode == "reflect")
    known = isinstance(length, int)
    at: Any = np.arange(width, dtype=np.int32) + length if known else arange(width) + length
    period = max(2 * span, 1) if isinstance(span, int) else maximum(2 * span, 1)
    there, turns = at % period, at // period
    over = as_node(there >= length)
    spots = (period - (mode == "symmetric")) - there
    near = np.where(there >= length, spots, there) if known else where(over, spots, there)
    row = [-1 if i == axis else 1 for i in range(x.ndim)]
    first, last = _along(x, axis, None, 1), _along(x, axis, -1, None)
    found = take(x, near, axis)
    found = where(reshape(over, row), 2 * last - found, found)
    if known and not turns.any():
        return found
    return found + 2 * reshape(cast_to(turns, x.dtype), row) * (last - first)


def _along(x: Node, axis: int, start: int | None, stop: int | None) -> Node:
    return getitem(x, (*(slice(None),) * axis, slice(start, stop)))


def _ramp(x: Node, axis: int, widths: tuple[int, int], ends: tuple[Any, Any]) -> Node:
    parts = [x]
    for after, (width, end) in enumerate(zip(widths, ends, strict=True)):
        if width:
            edge = getitem(x, (*(slice(None),) * axis, -1 if after else 0))
            way: Node = linspace(end, edge, width, endpoint=False, dtype=x.dtype, axis=axis)
            turned = getitem(way, (*(slice(None),) * axis, slice(None, None, -1)))
            parts = [*parts, turned] if after else [way, *parts]
    return concat(parts, axis) if len(parts) > 1 else x


_STATISTICS: dict[str, Callable[..., Node]] = {
    "maximum": reduce.max,
    "minimum": reduce.min,
    "mean": mean,
    "median": median,
}


def _statistic(x: Node, axis: int, widths: tuple[int, int], counts: tuple[Any, Any], mode: str) -> Node:
    parts = [x]
    for after, (width, count) in enumerate(zip(widths, counts, strict=True)):
        if width:
            near = x if count is None else _along(x, axis, -count if after else None, None if after else count)
            value = _STATISTICS[mode](near, axis, True)
            if value.dtype != x.dtype:
                value = cast_to(rint(value) if is_integer(x.dtype) else value, x.dtype)
            sizes = [width if i == axis else d for i, d in enumerate(shape_of(x))]
            block = broadcast_to(value, sizes)
            parts = [*parts, block] if after else [block, *parts]
    return concat(parts, axis) if len(parts) > 1 else x


_REPEATS = ("edge", "reflect", "symmetric", "wrap")
MODES = ("constant", "empty", "linear_ramp", *_REPEATS, *_STATISTICS)


def _count(value: Any) -> int | None:
    if value is None:
        return None
    count = as_int(value, "stat_length")
    require(count > 0, f"stat_length is 1 or more, received {count}", "leave it out for the whole axis", ArgumentError)
    return count


def pad(
    x: NodeLike,
    pad_width: Any,
    mode: str = "constant",
    *,
    constant_values: Any = 0,
    end_values: Any = 0,
    stat_length: Any = None,
    reflect_type: str = "even",
) -> Node:
    """`x` with `pad_width` elements put before and after each axis, one axis after the other.

    Arguments: x, any shape; pad_width, an int, a pair (before, after), a pair for each axis, or a dict of axes; mode,
    "constant" (constant_values), "empty" (zeros), "linear_ramp" (to end_values), "edge", "reflect", "symmetric",
    "wrap", or "maximum", "minimum", "mean", "median" of the stat_length elements nearest the edge; reflect_type, for
    "reflect" and "symmetric", "even", or "odd": twice the edge less the reflected. Gives the dtype of `x`.
    Raises: ArgumentError for another mode or a negative width, ShapeError where there is nothing to repeat, DTypeError
    where values would lose information. Source: NumPy `pad`.

    >>> import theon
    >>> print(theon.pad([1.0, 2.0, 3.0], (1, 2), "reflect").eval())
    [2. 1. 2. 3. 2. 1.]
    """
    node = as_node(x)
    with Blame("pad", node):
        require(is_among(mode, MODES), f"there is no mode {mode!r}", f"use one of {', '.join(MODES)}", ArgumentError)
        message = f"reflect_type is 'even' or 'odd', received {reflect_type!r}"
        require(
            is_among(reflect_type, ("even", "odd")), message, "an odd one is turned over at the edge", ArgumentError
        )
        odd = reflect_type == "odd" and mode in ("reflect", "symmetric")
        if odd:
            require_kind(node.dtype, ("int", "uint", "float", "complex"))
        widths = _pairs("pad_width", pad_width, node.ndim, _width)
        counts = _pairs("stat_length", stat_length, node.ndim, _count)
        edges = _pairs("constant_values", constant_values, node.ndim, lambda value: _value(value, node))
        ends = _pairs("end_values", end_values, node.ndim, lambda value: value)
        for axis, both in enumerate(widths):
            bare = node.dims[axis] == 0 and any(both) and mode not in ("constant", "empty")
            require(not bare, f"axis {axis} has length 0: there is nothing to repeat", "pad with constants")
    if mode in ("constant", "empty"):
        return _constants(node, widths, edges if mode == "constant" else [(_value(0, node),) * 2] * node.ndim)
    for axis, both in enumerate(widths):
        if any(both):
            if odd:
                node = _odd(node, axis, both, mode)
            elif mode in _REPEATS:
                node = _repeated(node, axis, both, mode)
            elif mode == "linear_ramp":
                node = _ramp(node, axis, both, ends[axis])
            else:
                node = _statistic(node, axis, both, counts[axis], mode)
    return node


def _value(value: Any, x: Node) -> Node:
    (given,) = operands([value])
    axes = given.ndim if isinstance(given, Node) else 0
    require(axes == 0, f"pads with scalars, received {axes} axes", "give one number for each side", ArgumentError)
    with np.errstate(invalid="ignore", over="ignore"):
        whole = not isinstance(value, Node) and np.asarray(value).astype(x.dtype) == value
    fits = whole or x.tensor.is_inexact or (isinstance(given, Node) and given.dtype == x.dtype)
    require(bool(fits), f"{value!r} in {x.dtype} would lose information", "convert with .astype", DTypeError)
    return cast_to(given, x.dtype)


def _constants(x: Node, widths: Sequence[tuple[int, int]], values: Sequence[tuple[Node, Node]]) -> Node:
    several = [value for pair in values for value in pair]
    alike = all(value is several[0] or (value.op == several[0].op and not value.inputs) for value in several)
    if alike and several:
        low, high = zip(*widths, strict=True)
        return _padded(x, low, high, several[0])
    for axis, (both, pair) in enumerate(zip(widths, values, strict=True)):
        x = _constant(x, axis, both, pair)
    return x


_WINDOWS = {"reflect": "symmetric", "mirror": "reflect", "nearest": "edge", "constant": "constant", "wrap": "wrap"}


def median_filter(x: NodeLike, size: int | Sequence[int], mode: str = "reflect", cval: NodeLike = 0.0) -> Node:
    """Each element replaced by the median of a window around it.

    Arguments: x, real, one axis or more; size, the window's length, or one for each axis; in windows of even length,
    which reach one element further back, it is the higher of the two in the middle. mode says what is beyond the
    edges, in SciPy's words: "reflect" (d c b a | a b c d), "mirror" (d c b | a b c d), "nearest", "wrap", "constant"
    (cval). Gives the dtype of `x`; of equal elements the first takes the gradient.
    Raises: ArgumentError for another mode or size, ShapeError for a scalar, DTypeError for complex.
    Source: SciPy `ndimage.median_filter`.

    >>> import theon
    >>> print(theon.median_filter([1.0, 9.0, 2.0, 3.0], 3).eval())
    [1. 2. 3. 3.]
    """
    node = as_node(x)
    with Blame("median_filter", node):
        require(node.ndim > 0, "needs one axis or more", "give it one with x[None]")
        require(
            is_among(mode, _WINDOWS), f"there is no mode {mode!r}", f"use one of {', '.join(_WINDOWS)}", ArgumentError
        )
        sizes = [as_int(s, "a size") for s in (size if isinstance(size, (list, tuple)) else [size] * node.ndim)]
        fits = len(sizes) == node.ndim and min(sizes) > 0
        require(
            fits,
            f"a window of size {size} for {node.ndim} axes",
            "give one size, 1 or more, or one for each axis",
            ArgumentError,
        )
        require_kind(node.dtype, ("int", "uint", "float"))
    widths = [(s // 2, s - 1 - s // 2) for s in sizes]
    constant = cval if _WINDOWS[mode] == "constant" else 0
    wide = pad(node, widths, _WINDOWS[mode], constant_values=constant)
    lengths = shape_of(node)
    views = [
        getitem(wide, tuple(slice(a, a + n) for a, n in zip(start, lengths, strict=True)))
        for start in np.ndindex(*sizes)
    ]
    return getitem(sort(stack(views, axis=-1)), (..., len(views) // 2))
