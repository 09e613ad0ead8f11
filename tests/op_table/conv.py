"""Rows of convolutions and pools, against plain loops in NumPy."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

import theon
from theon.ops.nn.pool import PickLargest, SumPool, Unpool

from .row import FLOATS, Array, Row, Shape, case, floating, integers, normal


def last(x: Array, data_format: str) -> Array:
    """The array with its channels last, in floats."""
    x = np.asarray(x, np.float64)
    return x if data_format == "channels_last" else np.moveaxis(x, 1, -1)


def as_given(x: Array, data_format: str) -> Array:
    return x if data_format == "channels_last" else np.moveaxis(x, -1, 1)


def several(value: Any, rank: int) -> tuple[int, ...]:
    return (value,) * rank if isinstance(value, int) else tuple(value)


def padded(x: Array, span: Shape, strides: Shape, padding: Any, filler: float) -> Array:
    """The array with cells put around its spatial axes."""
    pairs: list[tuple[int, int]] = []
    for i, (k, s) in enumerate(zip(span, strides, strict=True)):
        n = x.shape[i + 1]
        if padding == "same":  # TensorFlow's rule: as many windows as steps begin inside, the odd cell at the end
            total = max((int(np.ceil(n / s)) - 1) * s + k - n, 0)
            pairs.append((total // 2, total - total // 2))
        else:
            pairs.append((0, 0) if padding == "valid" else several(padding[i], 2))  # type: ignore[arg-type]
    return np.pad(x, [(0, 0), *pairs, (0, 0)], constant_values=filler)


def positions(room: Shape, span: Shape, strides: Shape) -> list[list[int]]:
    return [list(range(0, n - k + 1, s)) for n, k, s in zip(room, span, strides, strict=True)]


def windows(places: list[list[int]]) -> list[tuple[Shape, Shape]]:
    """Each window: where it stands among the windows, and where it begins."""
    at: list[Shape] = list(itertools.product(*(range(len(p)) for p in places)))
    return list(zip(at, itertools.product(*places), strict=True))


def conv(
    x: Array,
    kernel: Array,
    strides: Any = 1,
    padding: Any = "valid",
    dilation: Any = 1,
    input_dilation: Any = 1,
    groups: int = 1,
    data_format: str = "channels_last",
) -> Array:
    """The definition: at every place, the sum of products with a kernel spread by `dilation`."""
    x = last(x, data_format)
    rank = x.ndim - 2
    steps, apart, gaps = several(strides, rank), several(dilation, rank), several(input_dilation, rank)
    sizes = [(n - 1) * g + 1 for n, g in zip(x.shape[1:-1], gaps, strict=True)]
    wide = np.zeros((x.shape[0], *sizes, x.shape[-1]), x.dtype)
    wide[(slice(None), *(slice(None, None, g) for g in gaps))] = x
    span = tuple((k - 1) * d + 1 for k, d in zip(kernel.shape[:rank], apart, strict=True))
    wide = padded(wide, span, steps, padding, 0.0)
    places = positions(wide.shape[1:-1], span, steps)
    out = np.zeros((x.shape[0], *map(len, places), kernel.shape[-1]), x.dtype)
    own, made = x.shape[-1] // groups, kernel.shape[-1] // groups
    span_cells = math.prod(kernel.shape[:rank])
    for at, starts in windows(places):
        area: Any = tuple(slice(s, s + k, d) for s, k, d in zip(starts, span, apart, strict=True))
        window = wide[(slice(None), *area)]
        for g in range(groups):
            part = window[..., g * own : (g + 1) * own].reshape(len(x), span_cells * own)
            weights = kernel[..., g * made : (g + 1) * made].reshape(-1, made)
            place: Any = (slice(None), *at, slice(g * made, (g + 1) * made))
            out[place] = part @ weights
    return as_given(out, data_format)


def pooled(join: Any) -> Any:
    """The pool that joins what is not nan, along all but batch and channels."""

    def pool(
        x: Array, pool_size: Any, strides: Any = None, padding: Any = "valid", data_format: str = "channels_last"
    ) -> Array:
        x = last(x, data_format)
        rank = x.ndim - 2
        size = several(pool_size, rank)
        steps = size if strides is None else several(strides, rank)
        wide = padded(x, size, steps, padding, np.nan)
        places = positions(wide.shape[1:-1], size, steps)
        out = np.zeros((x.shape[0], *map(len, places), x.shape[-1]), x.dtype)
        for at, starts in windows(places):
            area: Any = tuple(slice(start, start + k) for start, k in zip(starts, size, strict=True))
            place: Any = (slice(None), *at)
            out[place] = join(wide[(slice(None), *area)], axis=tuple(range(1, rank + 1)))
        return as_given(out, data_format)

    return pool


# What the gradients of pools are made of: windows of 2 x 3 cells, 1 and 2 apart.
SIZE, STRIDES = (1, 2, 3, 1), (1, 1, 2, 1)
NO_PADS = ((0, 0),) * 4
GAPS = (1, 2, 1, 1)


def largest(values: Array, x: Array, scatter: bool) -> Array:
    """The values of windows put where their first largest element is in `x`, or what stands there in `values`."""
    places = positions(x.shape[1:3], SIZE[1:3], STRIDES[1:3])
    out = np.zeros(x.shape if scatter else (len(x), *map(len, places), x.shape[-1]))
    for at, (i, j) in windows(places):
        for n, c in itertools.product(range(len(x)), range(x.shape[-1])):
            down, right = divmod(int(np.argmax(x[n, i : i + 2, j : j + 3, c])), 3)
            if scatter:
                out[n, i + down, j + right, c] += values[(n, *at, c)]
            else:
                out[(n, *at, c)] = values[n, i + down, j + right, c]
    return out


def sum_pool(x: Array) -> Array:
    wide = np.zeros((x.shape[0], 2 * x.shape[1] - 1, *x.shape[2:]))
    wide[:, ::2] = x
    places = positions(wide.shape[1:3], SIZE[1:3], STRIDES[1:3])
    parts = [wide[:, i : i + 2, j : j + 3].sum((1, 2)) for _, (i, j) in windows(places)]
    return np.stack(parts, 1).reshape(len(x), *map(len, places), x.shape[-1])


POOLS = (
    case((2, 6, 3), pool_size=2),
    case((2, 6, 7, 3), pool_size=2),
    case((2, 3, 6, 7), pool_size=(3, 2), strides=2, padding="same", data_format="channels_first"),
    case((1, 5, 6, 2), pool_size=3, strides=1, padding="same"),
    case((1, 5, 6, 2), pool_size=3, strides=(1, 2), padding=((1, 2), 1)),
    case((1, 4, 3, 5, 2), pool_size=2, strides=1),
    case((0, 4, 2), pool_size=2),
    case((2, 1, 4), pool_size=1),
)

ROWS = (
    Row(
        "nn.conv",
        theon.nn.conv,
        conv,
        (
            case((2, 7, 3), (3, 3, 4)),
            case((2, 6, 5, 3), (3, 2, 3, 4), strides=2, padding="same"),
            case((2, 4, 6, 5), (3, 2, 2, 6), groups=2, padding=((1, 2), 0), data_format="channels_first"),
            case((1, 4, 3, 5, 2), (2, 2, 2, 2, 3), strides=(1, 2, 1), padding="same"),
            case((2, 7, 6, 4), (2, 3, 1, 8), groups=4, dilation=(3, 1), strides=(2, 1)),
            case((2, 4, 3), (3, 3, 2), input_dilation=2, padding=((2, 1),)),
            case((2, 3, 8), (4, 3, 2), dilation=2, padding="same", strides=3, data_format="channels_first"),
            case((0, 5, 2), (3, 2, 2)),
            case((2, 1, 1, 3), (1, 1, 3, 2)),
        ),
        (*FLOATS, ("int32", "float32"), ("int32", "int8"), ("float32", "float64"), ("bfloat16", "float16")),
        gives=floating,
        ulps=32,
    ),
    Row(
        "nn.max_pool",
        theon.nn.max_pool,
        pooled(np.nanmax),
        POOLS,
        FLOATS,
    ),
    Row("nn.avg_pool", theon.nn.avg_pool, pooled(np.nanmean), POOLS, (*FLOATS, "bool"), gives=floating),
    Row(  # with ties
        "nn.max_pool",
        theon.nn.max_pool,
        pooled(np.nanmax),
        POOLS,
        ("int32",),
        integers(-2, 3),
        "float32",
        differentiable=False,
    ),
    Row(
        "nn.max_pool",
        lambda values, x: Unpool(SIZE, STRIDES, NO_PADS)(values, x),
        lambda values, x: largest(values, x, scatter=True),
        (case((2, 3, 2, 2), (2, 4, 6, 2)), case((1, 1, 1, 1), (1, 2, 3, 1))),
        ("float32", "float64"),
        (normal, integers(-2, 3)),
        wrt=(0,),
    ),
    Row(
        "nn.max_pool",
        lambda values, x: PickLargest(SIZE, STRIDES, NO_PADS)(values, x),
        lambda values, x: largest(values, x, scatter=False),
        (case((2, 4, 6, 2), (2, 4, 6, 2)), case((1, 2, 3, 1), (1, 2, 3, 1))),
        ("float32", "float64"),
        (normal, integers(-2, 3)),
        wrt=(0,),
    ),
    Row(
        "nn.avg_pool",
        SumPool(SIZE, STRIDES, NO_PADS, GAPS),
        sum_pool,
        (case((2, 3, 6, 2)), case((1, 2, 3, 1))),
        FLOATS,
    ),
)
