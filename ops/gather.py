"""What an index means to XLA: reading and writing the part of an array that a spec picks.

A spec has one entry per axis of the array: an int, a `Slice`, or `ARRAY` where the next index array picks; beside
them `None` for each new axis, `GAP` where a `...` stands for no axis, and a `Flag` for a scalar bool. Slices and ints
are static: they lower to slices. Index arrays lower to a gather or a scatter, or to a dynamic slice where all of them
are scalars. Negative numbers count from the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import jax
import numpy as np
from jax import lax

from ..graph.dims import Dim, Shape, broadcast_shapes
from ..graph.errors import ArgumentError, IndexingError, Mismatch, require
from ..graph.op import Hole
from ..graph.types import INT32
from .elementwise import number
from .sizes import Field

Outside: TypeAlias = Literal["clamp", "drop"]  # indices out of range: the nearest element, or none (reads give 0)
Mode: TypeAlias = Literal["set", "add", "multiply", "min", "max"]  # the last three only where places may repeat


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice of one axis, as Python has it."""

    start: Field | None = None
    stop: Field | None = None
    step: Field | None = None

    def __str__(self) -> str:
        start, stop, step = ("" if v is None else str(v) for v in (self.start, self.stop, self.step))
        return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"

    @property
    def is_whole(self) -> bool:
        """Whether every element is picked, whatever the length."""
        return self.start is None and self.stop is None and self.step in (None, 1, -1)

    def positions(self, length: int) -> range:
        """The picked positions of an axis of that length."""
        return self.among(range(length))

    def among(self, positions: range) -> range:
        """Those of some positions that are picked."""
        start, stop, step = self.start, self.stop, self.step
        assert not isinstance(start, Hole) and not isinstance(stop, Hole) and not isinstance(step, Hole)
        return positions[start:stop:step]

    def picked(self, length: Dim) -> Dim:
        """How many elements are picked, as far as it is known."""
        require(self.step != 0, "the step of a slice cannot be 0", "give a step up or down", ArgumentError)
        if self.is_whole:
            return length
        if not isinstance(length, int) or any(isinstance(v, Hole) for v in (self.start, self.stop, self.step)):
            return None
        return len(self.positions(length))


@dataclass(frozen=True, slots=True)
class Array:
    """The place of the next index array."""

    def __str__(self) -> str:
        return "@"


@dataclass(frozen=True, slots=True)
class Gap:
    """A `...` that stands for no axis, and still keeps index arrays apart."""

    def __str__(self) -> str:
        return "..."


@dataclass(frozen=True, slots=True)
class Flag:
    """A scalar bool: an index array of its own that picks from no axis, and has one element or none."""

    value: bool

    def __str__(self) -> str:
        return str(self.value)


ARRAY = Array()
GAP = Gap()
Entry: TypeAlias = int | Slice | Array | Gap | Flag | None
Spec: TypeAlias = tuple[Entry, ...]


def takes_axis(entry: Entry) -> bool:
    """Whether an entry stands for an axis of the array."""
    return isinstance(entry, (int, Slice, Array))


def is_plain(spec: Spec) -> bool:
    """Whether ints, slices and new axes are all there is."""
    return not any(isinstance(entry, (Array, Flag)) for entry in spec)


def advanced_at(spec: Spec) -> int | None:
    """Where the axes of the index arrays go: after that many entries, or None where there are no arrays.

    They stand in place of the arrays where these are side by side (ints count as arrays then), else in front.
    """
    if is_plain(spec):
        return None
    places = [i for i, entry in enumerate(spec) if isinstance(entry, (int, Array, Flag))]
    return places[0] if places[-1] - places[0] == len(places) - 1 else 0


def picked_shape(spec: Spec, shape: Shape, arrays: Sequence[Shape]) -> Shape:
    """The shape of what `spec` picks; raises Mismatch where an int is out of bounds or index arrays do not fit."""
    at = advanced_at(spec)
    shapes = [*arrays, *((int(entry.value),) for entry in spec if isinstance(entry, Flag))]
    try:
        broad = broadcast_shapes(shapes) if shapes else ()
    except Mismatch as problem:
        raise Mismatch(f"index arrays do not fit together: {problem.message}", problem.hint, IndexingError) from None
    out: list[Dim] = []
    axis = 0
    for place, entry in enumerate(spec):
        if place == at:
            out.extend(broad)
        if entry is None:
            out.append(1)
        if entry is None or isinstance(entry, (Gap, Flag)):
            continue
        length = shape[axis]
        if isinstance(entry, Slice):
            out.append(entry.picked(length))
        elif isinstance(entry, int):
            check_bounds(entry, entry, axis, length)
        else:
            require(
                length != 0 or 0 in broad,
                f"axis {axis} has no elements to index",
                "give it one at least",
                IndexingError,
            )
        axis += 1
    return tuple(out)


def check_bounds(least: int, most: int, axis: int, length: Dim) -> None:
    """Raise Mismatch where an index from `least` to `most` is surely out of bounds."""
    for index in (least, most):
        if isinstance(length, int) and not -length <= index < length:
            message = f"index {index} is out of bounds for axis {axis} of length {length}"
            span = f"use an index from {-length} to {length - 1}" if length else "the axis is empty"
            raise Mismatch(message, span, IndexingError)


@dataclass(frozen=True)
class Plan:
    """A spec met with static shapes: one static slice of every axis, then index arrays over what is left."""

    starts: tuple[int, ...]
    limits: tuple[int, ...]
    strides: tuple[int, ...]
    backwards: tuple[int, ...]  # axes read from the end
    dropped: tuple[int, ...]  # axes that an int picks from
    indexed: tuple[int, ...]  # axes that arrays pick from, counted after dropping
    batch_at: int  # where the arrays' axes go, counted in the axes that stay
    out: tuple[int, ...]

    @property
    def window(self) -> tuple[int, ...]:
        """The shape of the static slice."""
        bounds = zip(self.starts, self.limits, self.strides, strict=True)
        return tuple(-((start - limit) // stride) for start, limit, stride in bounds)

    @property
    def unit(self) -> bool:
        return all(stride == 1 for stride in self.strides)


def plan(spec: Spec, shape: tuple[int, ...], arrays: Sequence[tuple[int, ...]]) -> Plan:
    """`spec` worked out for an array and index arrays of static shapes."""
    bounds: list[tuple[int, int, int]] = []
    backwards: list[int] = []
    dropped: list[int] = []
    indexed: list[int] = []
    at = advanced_at(spec)
    before = 0
    for place, entry in enumerate(spec):
        if place == at:
            before = len(bounds) - len(dropped) - len(indexed)
        if entry is None or isinstance(entry, (Gap, Flag)):
            continue
        axis, length = len(bounds), shape[len(bounds)]
        if isinstance(entry, int):
            start = entry % length
            dropped.append(axis)
            bounds.append((start, start + 1, 1))
        elif isinstance(entry, Array):
            indexed.append(axis - len(dropped))
            bounds.append((0, length, 1))
        else:
            reach = entry.positions(length)
            if reach.step < 0:
                backwards.append(axis)
                reach = reach[::-1]
            bounds.append((reach.start, reach[-1] + 1, reach.step) if reach else (0, 0, 1))
    out = picked_shape(spec, shape, arrays)
    starts, limits, strides = zip(*bounds, strict=True) if bounds else ((), (), ())
    return Plan(starts, limits, strides, tuple(backwards), tuple(dropped), tuple(indexed), before, tuple(out))  # type: ignore[arg-type]  # static shapes give a static one


def read(x: jax.Array, spec: Spec, arrays: Sequence[jax.Array], outside: Outside) -> jax.Array:
    """The elements of `x` that `spec` picks."""
    p = plan(spec, x.shape, [a.shape for a in arrays])
    if 0 in p.out:
        return lax.full(p.out, 0, x.dtype)
    x = _read_window(x, p)
    if arrays:
        x = lax.squeeze(x, p.dropped) if p.dropped else x
        indices = _positions(arrays, [x.shape[axis] for axis in p.indexed])
        scalars = all(a.ndim == 0 for a in indices)
        x = (_read_at if scalars else _gather)(x, indices, p, outside)
    return x if x.shape == p.out else lax.reshape(x, p.out)


def write(
    x: jax.Array, spec: Spec, values: jax.Array, arrays: Sequence[jax.Array], mode: Mode, outside: Outside
) -> jax.Array:
    """`x` with the elements that `spec` picks replaced by `values`, or joined with them."""
    p = plan(spec, x.shape, [a.shape for a in arrays])
    if 0 in p.out:
        return x
    if values.shape != p.out:
        own = tuple(range(len(p.out) - values.ndim, len(p.out)))
        values = lax.broadcast_in_dim(values, p.out, own)
    if not arrays:
        return _write_window(x, lax.reshape(values, p.window), p, mode)
    window = _read_window(x, p)
    whole = window is x
    view = lax.squeeze(window, p.dropped) if p.dropped else window
    indices = _positions(arrays, [view.shape[axis] for axis in p.indexed])
    scalars = all(a.ndim == 0 for a in indices)
    new = (_write_at if scalars else _scatter)(view, indices, values, p, mode, outside)
    if p.dropped:
        new = lax.reshape(new, p.window)
    return new if whole else _write_window(x, new, p, "set")


# --- static slices ---------------------------------------------------------------------------------------------


def _read_window(x: jax.Array, p: Plan) -> jax.Array:
    if p.window != x.shape:
        x = lax.slice(x, p.starts, p.limits, p.strides)
    return lax.rev(x, p.backwards) if p.backwards else x


def _write_window(x: jax.Array, values: jax.Array, p: Plan, mode: Mode) -> jax.Array:
    """Write a static slice whole: in place where it has no gaps, else by padding the values out to the shape of `x`."""
    if p.backwards:
        values = lax.rev(values, p.backwards)
    if p.window == x.shape:
        return values if mode == "set" else lax.add(x, values)
    if p.unit:
        if mode == "add":
            values = lax.add(lax.slice(x, p.starts, p.limits), values)
        return lax.dynamic_update_slice(x, values, p.starts)
    gaps = [
        (start, length - (start + (count - 1) * stride + 1), stride - 1)
        for start, stride, count, length in zip(p.starts, p.strides, p.window, x.shape, strict=True)
    ]
    spread = lax.pad(values, lax.full((), 0, x.dtype), gaps)
    if mode == "add":
        return lax.add(x, spread)
    on = lax.pad(lax.full(p.window, True), lax.full((), False), gaps)
    return lax.select(on, spread, x)


# --- index arrays ----------------------------------------------------------------------------------------------


def _positions(arrays: Sequence[jax.Array], lengths: Sequence[int]) -> list[jax.Array]:
    """Index arrays in one int dtype that holds every position, counted from the front."""
    small = all(np.dtype(a.dtype).itemsize < 4 or a.dtype == INT32 for a in arrays)
    dtype = INT32 if small and max(lengths) < 2**31 else np.dtype("int64")
    out = []
    for array, length in zip(arrays, lengths, strict=True):
        index = lax.convert_element_type(array, dtype)
        if np.dtype(array.dtype).kind == "i":
            from_end = lax.add(index, number(length, index))
            index = lax.select(lax.lt(index, number(0, index)), from_end, index)
        out.append(index)
    return out


def _window_at(x: jax.Array, indices: Sequence[jax.Array], p: Plan) -> tuple[list[jax.Array | int], tuple[int, ...]]:
    """The start and the shape of the part of `x` that scalar indices pick."""
    picks = dict(zip(p.indexed, indices, strict=True))
    starts = [picks.get(axis, np.zeros((), indices[0].dtype)) for axis in range(x.ndim)]
    return starts, tuple(1 if axis in picks else size for axis, size in enumerate(x.shape))  # type: ignore[return-value]


def _inside(x: jax.Array, indices: Sequence[jax.Array], p: Plan) -> jax.Array:
    """Whether scalar indices are all in range."""
    good: jax.Array | None = None
    for axis, index in zip(p.indexed, indices, strict=True):
        low = lax.ge(index, number(0, index))
        fits = lax.bitwise_and(low, lax.lt(index, number(x.shape[axis], index)))
        good = fits if good is None else lax.bitwise_and(good, fits)
    assert good is not None
    return good


def _read_at(x: jax.Array, indices: Sequence[jax.Array], p: Plan, outside: Outside) -> jax.Array:
    starts, sizes = _window_at(x, indices, p)
    piece = lax.dynamic_slice(x, starts, sizes)  # which clamps
    if outside == "clamp":
        return piece
    return lax.select(lax.broadcast(_inside(x, indices, p), sizes), piece, lax.full_like(piece, 0))


def _write_at(
    x: jax.Array, indices: Sequence[jax.Array], values: jax.Array, p: Plan, mode: Mode, outside: Outside
) -> jax.Array:
    starts, sizes = _window_at(x, indices, p)
    values = lax.reshape(values, sizes)
    if mode == "add" or outside == "drop":
        old = lax.dynamic_slice(x, starts, sizes)
        values = lax.add(old, values) if mode == "add" else values
        if outside == "drop":
            values = lax.select(lax.broadcast(_inside(x, indices, p), sizes), values, old)
    return lax.dynamic_update_slice(x, values, starts)


def _gathered(
    x: jax.Array, indices: Sequence[jax.Array], p: Plan
) -> tuple[jax.Array, tuple[int, ...], tuple[int, ...]]:
    """Index arrays as one, whose last axis runs over the indexed axes; the places of the other axes; the shape read."""
    batch = np.broadcast_shapes(*(index.shape for index in indices))
    columns = [
        lax.broadcast_in_dim(index, (*batch, 1), tuple(range(len(batch) - index.ndim, len(batch)))) for index in indices
    ]
    kept = [size for axis, size in enumerate(x.shape) if axis not in p.indexed]
    shape = (*kept[: p.batch_at], *batch, *kept[p.batch_at :])
    taken = range(p.batch_at, p.batch_at + len(batch))
    offsets = tuple(i for i in range(len(shape)) if i not in taken)
    return columns[0] if len(columns) == 1 else lax.concatenate(columns, len(batch)), offsets, shape


def _mode(outside: Outside) -> lax.GatherScatterMode:
    return lax.GatherScatterMode.CLIP if outside == "clamp" else lax.GatherScatterMode.FILL_OR_DROP


def _gather(x: jax.Array, indices: Sequence[jax.Array], p: Plan, outside: Outside) -> jax.Array:
    where, offsets, _ = _gathered(x, indices, p)
    numbers = lax.GatherDimensionNumbers(offsets, p.indexed, p.indexed)
    sizes = tuple(1 if axis in p.indexed else size for axis, size in enumerate(x.shape))
    return lax.gather(x, where, numbers, sizes, mode=_mode(outside), fill_value=0)


_SCATTERS: dict[Mode, Callable[..., jax.Array]] = {
    "set": lax.scatter,
    "add": lax.scatter_add,
    "multiply": lax.scatter_mul,
    "min": lax.scatter_min,
    "max": lax.scatter_max,
}


def _scatter(
    x: jax.Array, indices: Sequence[jax.Array], values: jax.Array, p: Plan, mode: Mode, outside: Outside
) -> jax.Array:
    where, offsets, shape = _gathered(x, indices, p)
    numbers = lax.ScatterDimensionNumbers(offsets, p.indexed, p.indexed)
    return _SCATTERS[mode](x, where, lax.reshape(values, shape), numbers, mode=_mode(outside))
