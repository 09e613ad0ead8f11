"""Rows of the reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon
from theon.graph.types import as_dtype

from .row import BOOL, COMPLEXES, FLOATS, NUMBERS, REALS, Row, Special, case, floating, integers, uniform

AXES = (
    case(()),
    case((3,)),
    case((2, 3), axis=0),
    case((2, 3), axis=-1, keepdims=True),
    case((2, 3, 2), axis=(0, -1)),
    case((2, 3, 2), axis=(-1, 0), keepdims=True),
    case((2, 3), keepdims=True),
    case((2, 1, 3), axis=()),
)
EMPTY = (case((0,)), case((2, 0), axis=1), case((0, 2), axis=1), case((2, 0, 3), axis=(0, 2)))
NONEMPTY = (*AXES, case((0, 2), axis=1), case((2, 0, 3), axis=-1))
NAN = Special(([[1.0, np.nan, 3.0], [np.inf, -np.inf, 0.0], [np.inf, 1.0, 2.0]],), {"axis": 1})


def accumulated(dtype: str) -> str:
    """Small ints are summed in 32 bits."""
    held = as_dtype(dtype)
    if held.kind == "u" and held.itemsize < 4:
        return "uint32"
    return "int32" if held.kind in "bi" and held.itemsize < 4 else dtype


def wrapped(function: Any) -> Any:
    """NumPy's sum or product in theon's accumulator: int32 where NumPy would take int64."""

    def oracle(x: Any, **kwargs: Any) -> Any:
        return function(x, **{"dtype": accumulated(x.dtype.name), **kwargs})

    return oracle


def moment(function: Any) -> Any:
    """NumPy's older `ddof` for `correction`."""

    def oracle(x: Any, correction: float = 0, **kwargs: Any) -> Any:
        return function(x, ddof=correction, **kwargs)

    return oracle


def variance_dtype(dtype: str) -> str:
    return {"complex64": "float32", "complex128": "float64"}.get(dtype) or floating(dtype)


CORRECTED = (
    *AXES,
    *EMPTY,
    case((4, 3), axis=0, correction=1),
    case((4, 3), correction=2.5),
    case((1, 3), axis=0, correction=1),
    case((2, 3), axis=-1, where=[[True, True, True], [False, True, True]], correction=1),
    case((2, 3), axis=-1, where=[[True, True, True], [False, True, False]], correction=1),
)
SMOOTH = (
    case((3,)),
    case((2, 3), axis=0),
    case((4, 3), axis=-1, keepdims=True, correction=1),
    case((2, 0), axis=0),
    case((2, 3), where=[[True, False, True], [False, True, True]]),
)
FACTORS = (
    case(()),
    case((2, 3, 2), axis=(0, -1)),
    case((2, 7), axis=1),
    case((1, 2), axis=0, keepdims=True),
    case((0,)),
)
INEXACT = (*FLOATS, "int32", "bool", *COMPLEXES)

MASK = [[True, False, True], [False, True, True]]
MASKED = (case((2, 3), where=MASK), case((2, 3), axis=0, where=MASK), case((4, 2, 3), axis=(0, -1), where=MASK))
BEGUN = tuple(case(*c.shapes, **c.kwargs, initial=1) for c in (*MASKED, case((2, 3), axis=-1), case((0, 2), axis=0)))

ROWS = (
    Row(
        "sum",
        theon.sum,
        wrapped(np.sum),
        (*AXES, *EMPTY, *MASKED, *BEGUN),
        (*NUMBERS, *BOOL),
        gives=accumulated,
        gradient_dtypes=COMPLEXES[1:],
        special=(NAN, Special(([0.1, 0.2, 0.3],), {"dtype": "float64"})),
    ),
    Row(
        "prod",
        theon.prod,
        wrapped(np.prod),
        (*AXES, *EMPTY, *MASKED, *BEGUN, case((2, 7), axis=1), case((5, 2), axis=0)),
        (*NUMBERS, *BOOL),
        gives=accumulated,
        gradient_dtypes=COMPLEXES[1:],
        gradient_cases=FACTORS,
        ulps=32,
        special=(NAN,),
    ),
    Row(
        "mean",
        theon.mean,
        np.mean,
        (*AXES, *EMPTY, *MASKED),
        INEXACT,
        gives=floating,
        gradient_dtypes=COMPLEXES[1:],
        gradient_cases=(*AXES[::2], case((2, 0), axis=0), MASKED[1]),
    ),
    Row(
        "var",
        theon.var,
        moment(np.var),
        CORRECTED,
        INEXACT,
        gives=variance_dtype,
        ulps=16,
        gradient_dtypes=COMPLEXES[1:],
        gradient_cases=SMOOTH,
    ),
    Row(
        "std",
        theon.std,
        moment(np.std),
        CORRECTED,
        INEXACT,
        gives=variance_dtype,
        ulps=16,
        gradient_dtypes=COMPLEXES[1:],
        gradient_cases=SMOOTH,
    ),
    Row(
        "max", theon.max, np.max, (*NONEMPTY, *BEGUN), (*REALS, *BOOL), special=(NAN,), aliases=("amax",), unknown=False
    ),
    Row(
        "min", theon.min, np.min, (*NONEMPTY, *BEGUN), (*REALS, *BOOL), special=(NAN,), aliases=("amin",), unknown=False
    ),
    Row("any", theon.any, np.any, (*AXES, *EMPTY, *MASKED), (*BOOL, *NUMBERS), integers(0, 2), "bool", False),
    Row("all", theon.all, np.all, (*AXES, *EMPTY, *MASKED), (*BOOL, *NUMBERS), uniform(0, 2), "bool", False),
    *(
        Row(
            name,
            getattr(theon, name),
            getattr(np, name),
            (
                case(()),
                case((3,)),
                case((2, 3)),
                case((2, 3), keepdims=True),
                case((4, 3), axis=0),
                case((2, 3), axis=-1, keepdims=True),
                case((0, 2), axis=1),
                case((2, 5, 0), axis=1),
            ),
            (*REALS, *BOOL),
            integers(0, 3),
            "int32",
            differentiable=False,
            special=(NAN, Special((((2.0, 5.0, 5.0),),))),
        )
        for name in ("argmax", "argmin")
    ),
)
