"""Rows of the scans, of differences, and of what leaves nan out."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.integrate import cumulative_trapezoid
from scipy.special import logsumexp

import theon

from .reduce import accumulated, variance_dtype
from .row import BOOL, COMPLEXES, FLOATS, NUMBERS, REALS, Array, Row, Special, as_array, case, floating, normal, uniform

ALONG = (
    case(()),
    case((5,)),
    case((2, 3)),
    case((4, 3), axis=0),
    case((2, 5), axis=-1),
    case((0,)),
    case((2, 0, 3), axis=1),
    case((2, 0), axis=0),
)
AXIS = tuple(c for c in ALONG if "axis" in c.kwargs or c.shapes == ((5,),))


def in_accumulator(function: Any) -> Any:
    """NumPy's scan in theon's accumulator: int32 where NumPy would take int64."""

    def oracle(x: Any, axis: Any = None, **kwargs: Any) -> Any:
        return function(x, axis=axis, **{"dtype": accumulated(x.dtype.name), **kwargs})

    return oracle


def accumulating(ufunc: Any) -> Any:
    def oracle(x: Any, axis: Any = None) -> Any:
        return ufunc.accumulate(np.ravel(x) if axis is None else x, axis=axis or 0)

    return oracle


def logged(x: Any, axis: Any = None) -> Any:
    x = np.moveaxis(np.ravel(x) if axis is None else x, axis or 0, -1)
    sums = [logsumexp(x[..., : i + 1], axis=-1) for i in range(x.shape[-1])]
    return np.moveaxis(np.stack(sums, -1) if sums else x, -1, axis or 0)


def recurred(a: Any, b: Any, axis: int = -1, reverse: bool = False) -> Any:
    a, b = (np.moveaxis(v, axis, 0)[:: -1 if reverse else 1] for v in (a, b))
    out = np.zeros(b.shape, np.result_type(a, b))
    for i in range(len(b)):
        out[i] = b[i] + (a[i] * out[i - 1] if i else 0)
    return np.moveaxis(out[:: -1 if reverse else 1], 0, axis)


def begun(function: Any) -> Any:
    def oracle(x: Any, axis: Any = None, include_initial: bool = False) -> Any:
        return function(x, axis=axis, include_initial=include_initial, dtype=accumulated(x.dtype.name))

    return oracle


def gappy(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    """Normal, with nan here and there."""
    values = np.array(normal(rng, shape, dtype))
    if dtype.startswith(("float", "bfloat", "complex")):
        values[rng.random(shape) < 0.3] = np.nan
    return values


def ascending(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    return as_array(np.cumsum(rng.uniform(0.5, 1.5, shape)), dtype)


def corrected(function: Any) -> Any:
    def oracle(x: Any, correction: float = 0, **kwargs: Any) -> Any:
        return function(x, ddof=correction, **kwargs)

    return oracle


REDUCED = (
    case((5,)),
    case((4, 3), axis=0),
    case((3, 4), axis=-1, keepdims=True),
    case((2, 3, 2), axis=(0, -1)),
    case((2, 3), keepdims=True),
    case((0, 4), axis=1),
)
PLACES = (
    case((9,)),
    case((1, 9)),
    case((12, 2), axis=0),
    case((2, 12), axis=-1, keepdims=True),
    case((0, 9), axis=1),
)
INEXACT = (*FLOATS, "int32", *COMPLEXES)
HOLES = Special(([[np.nan, np.nan], [np.nan, 1.0]],), {"axis": 1})
TIES = Special(([[1.0, 1.0, -1.0, -1.0, 2.0], [np.inf, -np.inf, 0.0, np.nan, 1.0]],), {"axis": 1})

ROWS = (
    Row(
        "cumsum",
        theon.cumsum,
        in_accumulator(np.cumsum),
        (*ALONG, case((3,), dtype="float64")),
        (*NUMBERS, *BOOL),
        gives=None,
        gradient_dtypes=COMPLEXES[1:],
        special=(TIES,),
    ),
    Row(
        "cumprod",
        theon.cumprod,
        in_accumulator(np.cumprod),
        ALONG,
        (*NUMBERS, *BOOL),
        gives=accumulated,
        gradient_dtypes=COMPLEXES[1:],
        special=(TIES,),
        ulps=32,
    ),
    Row("cummax", theon.cummax, accumulating(np.maximum), ALONG, (*REALS, *BOOL), special=(TIES,)),
    Row("cummin", theon.cummin, accumulating(np.minimum), ALONG, (*REALS, *BOOL), special=(TIES,)),
    Row(
        "logcumsumexp",
        theon.logcumsumexp,
        logged,
        ALONG,
        (*FLOATS, "int32"),
        gives=floating,
        special=(Special(([1000.0, 0.0, -1000.0, 1001.0],)), Special(([-np.inf, -np.inf, 0.0, 2.0],))),
    ),
    Row(
        "linear_recurrence",
        theon.linear_recurrence,
        recurred,
        (
            case((5,), (5,)),
            case((4, 3), (4, 3), axis=0),
            case((2, 4), (2, 4), axis=1, reverse=True),
            case((0,), (0,)),
            case((1, 2), (1, 2), axis=0),
        ),
        (*FLOATS, "int32", *COMPLEXES),
        gradient_dtypes=COMPLEXES[1:],
        ulps=32,
    ),
    *(
        Row(
            f"cumulative_{name}",
            getattr(theon, f"cumulative_{name}"),
            begun(getattr(np, f"cumulative_{name}")),
            (
                case((4,)),
                case((2, 3), axis=0, include_initial=True),
                case((2, 3), axis=-1),
                case((0,), include_initial=True),
                case((0, 2), axis=1, include_initial=True),
            ),
            (*FLOATS, "int32", "int8", *COMPLEXES),
            gives=accumulated,
            ulps=32,
        )
        for name in ("sum", "prod")
    ),
    *(
        Row(name, getattr(theon, name), in_accumulator(getattr(np, name)), ALONG, INEXACT, gappy, ulps=32,
            gives=accumulated, gradient_dtypes=COMPLEXES[1:])
        for name in ("nancumsum", "nancumprod")
    ),
    Row(
        "diff",
        theon.diff,
        np.diff,
        (
            case((5,)),
            case((4, 3), axis=0),
            case((2, 5), n=2),
            case((3,), n=0),
            case((3,), n=0, prepend=1),
            case((2, 3), prepend=1),
            case((2, 3), axis=0, append=2),
            case((2, 3), axis=0, prepend=[[1, 2, 3]], append=[[4, 5, 6]]),
            case((0, 2), axis=1),
            case((2,), n=3),
        ),
        (*FLOATS, "int32", "int64", "uint32", *COMPLEXES, *BOOL),
        gives=None,
    ),
    Row(
        "trapezoid",
        theon.trapezoid,
        np.trapezoid,
        (
            case((5,), (5,)),
            case((4, 3), (4,), axis=0),
            case((2, 4), (2, 4)),
            case((2, 1), (1,)),
            case((0, 3), (3,), axis=-1),
        ),
        ("float32", "float64", "complex64"),
    ),
    Row(
        "cumulative_trapezoid",
        theon.cumulative_trapezoid,
        cumulative_trapezoid,
        (
            case((5,), (5,)),
            case((4, 3), (4,), axis=0, initial=0),
            case((2, 4), (2, 4)),
            case((2, 1), (1,), initial=0),
            case((0, 3), (3,), axis=-1),
        ),
        ("float32", "float64", "complex64"),
        ulps=32,
    ),
    Row(
        "cumulative_trapezoid",
        theon.cumulative_trapezoid,
        cumulative_trapezoid,
        (case((5,), dx=0.5), case((4, 3), axis=0, initial=0), case((2, 4), dx=2), case((2, 1)), case((0, 3))),
        ("float32", "float64", "int32"),
        gives=floating,
        ulps=32,
    ),
    Row(
        "ediff1d",
        theon.ediff1d,
        np.ediff1d,
        (
            case((5,)),
            case((2, 3)),
            case((4,), to_begin=3),
            case((3,), to_end=[[1, 2]], to_begin=[7]),
            case((0,)),
            case(()),
            case((1,), to_end=2),
        ),
        (*FLOATS, "int32", "int64", "complex64"),
        gives=None,
    ),
    Row(
        "unwrap",
        theon.unwrap,
        np.unwrap,
        (
            case((7,)),
            case((4, 3), axis=0),
            case((2, 5), discont=4.0),
            case((2, 5), period=5.0),
            case((1,)),
            case((0, 2), axis=1),
        ),
        ("float32", "float64"),
        uniform(-9, 9),
        ulps=64,
        special=(Special(([0, 3, -3, 3, 0.5, 9.5],), {"period": 6.0}), Special(([0, 3, 6, 3],), {"period": 6.0})),
    ),
    Row(
        "gradient",
        theon.gradient,
        np.gradient,
        (
            case((5,)),
            case((3, 4)),
            case((2, 3, 2), axis=(0, -1)),
            case((4, 3), axis=0, edge_order=2),
            case((3,), edge_order=2),
            case((2,)),
            case((0, 3), axis=1),
        ),
        (*FLOATS, "int32", "complex64"),
        gives=floating,
        gradient_dtypes=COMPLEXES[1:],
    ),
    *(
        Row(
            "gradient",
            theon.gradient,
            np.gradient,
            (
                case((5,), shape),
                case((3, 5), shape, axis=-1),
                case((5, 3), shape, axis=0, edge_order=2),
                case((5, 0), shape, axis=0),
                case((5, 2, 2), shape, axis=0),
            ),
            (("float32", "float32"), ("complex64", "float32"), "float64"),
            (normal, sample),
            gives=None,
            ulps=32,
        )
        for shape, sample in (((), uniform(0.5, 2)), ((5,), ascending))
    ),
    *(
        Row(name, getattr(theon, name), in_accumulator(getattr(np, name)), REDUCED, INEXACT, gappy, accumulated,
            gradient_dtypes=COMPLEXES[1:], special=(HOLES,), ulps=16)
        for name in ("nansum", "nanprod")
    ),
    Row("nanmean", theon.nanmean, np.nanmean, REDUCED, INEXACT, gappy, floating, special=(HOLES,),
        gradient_dtypes=COMPLEXES[1:]),
    *(
        Row(name, getattr(theon, name), corrected(getattr(np, name)),
            (*REDUCED, case((5, 4), axis=0, correction=1)), INEXACT, gappy, variance_dtype, special=(HOLES,), ulps=16,
            gradient_dtypes=COMPLEXES[1:])
        for name in ("nanvar", "nanstd")
    ),
    *(
        Row(name, getattr(theon, name), getattr(np, name), REDUCED, (*FLOATS, "int32"), gappy, special=(HOLES,))
        for name in ("nanmax", "nanmin")
    ),
    *(
        Row(name, getattr(theon, name), getattr(np, name),
            PLACES, (*FLOATS, "int32"), gappy, "int32", False)
        for name in ("nanargmax", "nanargmin")
    ),
)  # fmt: skip
