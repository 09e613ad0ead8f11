"""Rows of convolution, correlation and interpolation."""

from __future__ import annotations

import numpy as np
import scipy.ndimage
import scipy.signal

import theon

from .row import Array, Row, Shape, as_array, case, floating, normal, uniform

NUMBERS = ("float64", "float32", "int32", "int16", "complex64", "complex128", ("int32", "float32"))
VECTORS = (
    *(case((6,), (3,), mode=mode) for mode in ("full", "same", "valid")),
    *(case((3,), (6,), mode=mode) for mode in ("full", "same", "valid")),
    case((5,), (4,), mode="same"),
    case((4,), (5,), mode="same"),
    case((1,), (1,)),
    case((4,), (4,)),
)
SQUARES = (
    *(case((5, 6), (2, 3), mode=mode) for mode in ("full", "same", "valid")),
    case((2, 3), (4, 5), mode="valid"),
    case((2, 3), (4, 5), mode="same"),
    case((3, 4), (2, 2)),
    case((3, 2, 3), (2, 2, 2)),
)


def ascending(rng: np.random.Generator, shape: Shape, dtype: str) -> Array:
    return as_array(np.cumsum(rng.uniform(0.5, 1.5, shape)), dtype)


def mapped(x: Array, *places: Array, order: int, mode: str, cval: float = 0.0) -> Array:
    """SciPy's, at coordinates broadcast against each other."""
    at = np.broadcast_arrays(*places)
    if np.iscomplexobj(x):
        parts = [
            scipy.ndimage.map_coordinates(p, at, order=order, mode=mode, cval=c)
            for p, c in ((x.real, cval), (x.imag, 0))
        ]
        return np.asarray(parts[0] + 1j * parts[1])
    return np.asarray(scipy.ndimage.map_coordinates(x, at, order=order, mode=mode, cval=cval))


SLIDING = (
    Row(
        "convolve",
        theon.convolve,
        np.convolve,
        VECTORS,
        NUMBERS,
        gradient_dtypes=("complex64",),
        unknown=False,
        ulps=32,
    ),
    Row(
        "correlate",
        theon.correlate,
        np.correlate,
        VECTORS,
        NUMBERS,
        gradient_dtypes=("complex64",),
        unknown=False,
        ulps=32,
    ),
    Row(
        "convolve",
        theon.convolve,
        lambda x, y, **kwargs: scipy.signal.convolve(x, y, method="direct", **kwargs),
        SQUARES,
        NUMBERS,
        gradient_dtypes=("complex64",),
        unknown=False,
        ulps=64,
    ),
    Row(
        "correlate",
        theon.correlate,
        lambda x, y, **kwargs: scipy.signal.correlate(x, y, method="direct", **kwargs),
        SQUARES,
        NUMBERS,
        gradient_dtypes=("complex64",),
        unknown=False,
        ulps=64,
    ),
)

BETWEEN = (
    Row(
        "interp",
        theon.interp,
        np.interp,
        (
            case((), (3,), (3,)),
            case((4,), (5,), (5,)),
            case((2, 3), (4,), (4,), left=-1.0, right=7.0),
            case((0,), (2,), (2,)),
            case((3,), (1,), (1,)),
        ),
        ("float64", "float32", ("float32", "float32", "complex64"), ("int32", "float32", "int32")),
        (uniform(-1, 6), ascending, normal),
        gives=floating,
        ulps=64,
    ),
    Row(
        "interp",
        lambda x, xp, fp, **kwargs: theon.interp(x, xp * 1.7 % 5, fp, **kwargs),
        lambda x, xp, fp, **kwargs: np.interp(x, xp * 1.7 % 5, fp, **kwargs),
        (
            case((), (3,), (3,), period=3.0),
            case((9,), (5,), (5,), period=-4.5),
            case((2, 3), (4,), (4,), left=-1.0, period=7),
            case((0,), (2,), (2,), period=2.0),
            case((3,), (1,), (1,), period=1.5),
        ),
        ("float64", ("float64", "float64", "complex128")),
        (uniform(-9, 9), ascending, normal),
        ulps=64,
    ),
    *(
        Row(
            "map_coordinates",
            lambda x, *places, **kwargs: theon.map_coordinates(x, places, **kwargs),
            mapped,
            tuple(
                case(shape, *places, order=order, mode=mode, cval=0.5)
                for shape, *places in (
                    ((5,), (6,)),
                    ((4, 3), (7,), (7,)),
                    ((4, 3), (2, 1), (3,)),
                    ((2, 3, 2), (5,), (5,), (5,)),
                    ((1, 3), (4,), (4,)),
                )
            ),
            ("float64", "float32"),
            uniform(-6, 9),
            ulps=256,
        )
        for order in (0, 1)
        for mode in ("constant", "nearest", "mirror", "reflect", "grid-constant", "grid-wrap")
    ),
)

ROWS = (*SLIDING, *BETWEEN)
