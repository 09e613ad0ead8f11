"""Indexing by the whole of NumPy's language: reads, reads of reads, and writes to what is indexed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from .call import COMMON, SHAPES, Array, Call, Shape, array, family, one_of, rarely, rng_of, values

DEEP: tuple[Shape, ...] = (*SHAPES, (2, 3, 4), (3, 1, 2, 2))
INDEX_DTYPES = ("int32", "int64", "uint8", "int8")


@dataclass(frozen=True, eq=False)
class Given:
    """The place of an index array that is an input of the call."""

    at: int

    def __repr__(self) -> str:
        return f"i{self.at}"


@dataclass(frozen=True, eq=False)
class Drawn:
    """An index, with the arrays that stand for its inputs."""

    items: tuple[Any, ...]
    arrays: tuple[Array, ...]
    bare: bool = False  # a lone item without its tuple

    def of(self, given: Any) -> Any:
        filled = tuple(given[item.at] if isinstance(item, Given) else item for item in self.items)
        return filled[0] if self.bare else filled

    def __repr__(self) -> str:
        return repr(self.items).replace("\n", "")


def bound(draw: Any, length: int) -> Any:
    return draw(st.none() | st.integers(-length - 2, length + 2))


def sliced(draw: Any, length: int) -> slice:
    step = None if draw(st.booleans()) else one_of(draw, (1, 2, 3, -1, -2, -3, *([0] if rarely(draw, 20) else [])))
    return slice(bound(draw, length), bound(draw, length), step)


def whole_number(draw: Any, length: int) -> int:
    """Mostly inside."""
    past = rarely(draw, 20)
    low, high = (-length - 1, length) if past or not length else (-length, length - 1)
    return int(draw(st.integers(low, high)))


def places(draw: Any, length: int, shape: Shape) -> Array:
    """An index array, mostly inside; of an axis of length 0 there is none but an empty one."""
    dtype = one_of(draw, INDEX_DTYPES)
    out = rarely(draw, 20)
    low, high = (-length - out, length + out) if length or out else (0, 1)
    drawn = rng_of(draw).integers(0 if dtype == "uint8" else low, high, shape)
    return np.asarray(drawn.astype(dtype))


class Indexer:
    """Draws one index of a shape, item by item."""

    def __init__(self, draw: Any, shape: Shape, late: bool = True) -> None:
        self.draw, self.shape, self.late = draw, shape, late
        self.axis = 0
        self.arrays: list[Array] = []
        self.together = one_of(
            draw, (((2,), (2,)), ((2, 1), (3,)), ((), (2,)), ((1,), (3,)), ((0,), (1,)), ((3,), (3,)))
        )

    def index_array(self) -> Any:
        """Known, or an input; inputs are in range, since what is not would not raise."""
        draw, length = self.draw, self.shape[self.axis]
        drawn = places(draw, length, one_of(draw, self.together))
        self.axis += 1
        inside = drawn.size == 0 or (drawn.min() >= -length and drawn.max() < length)
        if self.late and inside and draw(st.booleans()):
            self.arrays.append(drawn)
            return Given(len(self.arrays) - 1)
        return drawn.tolist() if drawn.ndim == 1 and drawn.size and draw(st.booleans()) else drawn

    def mask(self) -> Array:
        axes = self.draw(st.integers(1, len(self.shape) - self.axis))
        shape = self.shape[self.axis : self.axis + axes]
        self.axis += axes
        if rarely(self.draw, 20):
            shape = (*shape[:-1], shape[-1] + 1)
        return values(rng_of(self.draw), shape, "bool")

    def item(self) -> Any:
        kind = one_of(self.draw, ("int", "slice", "slice", "array", "array", "mask"))
        if kind == "array":
            return self.index_array()
        if kind == "mask":
            return self.mask()
        self.axis += 1
        length = self.shape[self.axis - 1]
        return whole_number(self.draw, length) if kind == "int" else sliced(self.draw, length)

    def index(self) -> Drawn:
        draw, ndim = self.draw, len(self.shape)
        items: list[Any] = []
        dots = draw(st.integers(0, ndim)) if draw(st.booleans()) else None
        stop = ndim if draw(st.booleans()) else draw(st.integers(0, ndim))
        while self.axis < stop:
            if dots is not None and self.axis >= dots:
                items.append(...)
                self.axis += draw(st.integers(0, stop - self.axis))
                dots = None
                continue
            if rarely(draw, 4):
                items.append(None)
            items.append(self.item())
        if dots is not None:
            items.append(...)
        if rarely(draw, 4):
            items.append(None)
        if rarely(draw, 30):
            items.append(one_of(draw, (0, slice(None), ...)))  # one too many, perhaps
        return Drawn(tuple(items), tuple(self.arrays), len(items) == 1 and draw(st.booleans()))


def read(draw: Any) -> Call:
    x = array(draw, COMMON, DEEP)
    index = Indexer(draw, x.shape).index()
    return Call(f"x[{index!r}]", lambda a, *i: a[index.of(i)], lambda a, *i: a[index.of(i)], (x, *index.arrays), ulps=0)


def read_twice(draw: Any) -> Call:
    x = array(draw, COMMON, DEEP)
    first = Indexer(draw, x.shape).index()
    try:
        between = x[first.of(first.arrays)].shape
    except (IndexError, ValueError):
        between = ()
    second = Indexer(draw, between).index()
    count = len(first.arrays)

    def both(a: Any, *given: Any) -> Any:
        return a[first.of(given[:count])][second.of(given[count:])]

    return Call(f"x[{first!r}][{second!r}]", both, both, (x, *first.arrays, *second.arrays), ulps=0)


# --- writing ----------------------------------------------------------------------------------------------------

MODES: dict[str, Any] = {
    "add": np.add.at,
    "subtract": np.subtract.at,
    "multiply": np.multiply.at,
    "divide": np.divide.at,
    "min": np.minimum.at,
    "max": np.maximum.at,
}


def region(x: Array, index: Any) -> tuple[Shape, bool] | None:
    """The shape of what is indexed, and whether it shows an element twice; None where the index is a mistake."""
    try:
        seen = np.zeros(x.shape, np.int32)
        np.add.at(seen, index, 1)
        return x[index].shape, bool((seen > 1).any())
    except (IndexError, ValueError):
        return None


def fitting(draw: Any, shape: Shape) -> Shape:
    """A shape that broadcasts to another, but for rare mistakes."""
    if rarely(draw, 20):
        return (*shape, 3) if draw(st.booleans()) else tuple(n + 1 for n in shape)
    kept = shape[draw(st.integers(0, len(shape))) :]
    return tuple(1 if rarely(draw, 4) else n for n in kept)


def set_at(x: Array, index: Any, new: Any) -> None:
    x[index] = new


def written(draw: Any) -> Call:
    dtype = one_of(draw, ("float32", "float64", "int32", "int8", "bool", "complex64"))
    x = array(draw, (dtype,), DEEP)
    index = Indexer(draw, x.shape).index()
    found = region(x, index.of(index.arrays))
    shape, twice = found or ((), False)
    modes = ["set", "add", "subtract", "multiply"]
    modes += [] if dtype.startswith("complex") else ["min", "max"]
    modes += ["divide"] if x.dtype.kind in "fc" else []
    mode = "set" if dtype == "bool" else one_of(draw, modes)
    # Of several values for one place NumPy keeps the last and theon any: they are all alike.
    new = values(rng_of(draw), () if mode == "set" and twice else fitting(draw, shape), dtype)
    if mode == "divide":
        new = np.where(new == 0, new.dtype.type(1), new)
    return changed(mode, x, new, index)


def changed(mode: str, x: Array, new: Array, index: Drawn) -> Call:
    change = MODES.get(mode, set_at)

    def oracle(a: Any, v: Any, *given: Any) -> Any:
        out = a.copy()
        change(out, index.of(given), v)
        return out

    def function(a: Any, v: Any, *given: Any) -> Any:
        return getattr(a.at[index.of(given)], mode)(v)

    return Call(
        f"x.at[{index!r}].{mode}(v)", function, oracle, (x, np.asarray(new), *index.arrays), ulps=64, whole=True
    )


def masked(draw: Any) -> Call:
    """By a mask that is computed: a scalar, or values for the axes behind it."""
    x = array(draw, ("float32", "float64", "int32"), DEEP)
    if not x.ndim:
        return written(draw)
    first = draw(st.integers(0, x.ndim - 1))
    last = draw(st.integers(first + 1, x.ndim))
    mask = values(rng_of(draw), x.shape[first:last], "bool")
    items = (*[slice(None)] * first, Given(0)) if first or draw(st.booleans()) else (Given(0),)
    new = values(rng_of(draw), fitting(draw, x.shape[last:]) if draw(st.booleans()) else (), x.dtype.name)
    if new.ndim > x.ndim - last or any(n not in (1, m) for n, m in zip(new.shape[::-1], x.shape[::-1], strict=False)):
        new = new.ravel()[:1].reshape(()) if new.size else np.zeros((), x.dtype)
    mode = one_of(draw, ("set", "add", "multiply", "min", "max"))
    return changed(mode, x, new, Drawn(items, (mask,)))


FAMILIES = {"reads": family(read, read, read_twice), "writes": family(written, written, written, masked)}
