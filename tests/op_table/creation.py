"""Rows of the ops that make arrays from nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon

from .row import BOOL, COMPLEXES, FLOATS, INTS, NUMBERS, Row, case


def in_default_float(function: Any) -> Any:
    """NumPy's float64 where theon makes its default, float32."""

    def call(*args: Any, dtype: Any = "float32", **kwargs: Any) -> Any:
        return function(*args, dtype=dtype, **kwargs)

    return call


def counted(**kwargs: Any) -> Any:
    """NumPy's arange with theon's default dtypes."""
    values = [kwargs[k] for k in ("start", "stop", "step") if k in kwargs]
    dtype = "float32" if any(isinstance(v, float) for v in values) else "int32"
    stop = kwargs.get("stop")
    first, last = (0, kwargs["start"]) if stop is None else (kwargs["start"], stop)
    wide = np.arange(first, last, kwargs.get("step", 1))
    return wide.astype(kwargs.get("dtype", dtype))


FILLS = (
    case(shape=()),
    case(shape=3),
    case(shape=(2, 3)),
    case(shape=(0, 2)),
    case(shape=(2,), dtype="int32"),
    case(shape=[2, 1, 3], dtype="float64"),
)
LIKES = (case(()), case((3,)), case((2, 0)), case((2, 3), dtype="int32"), case((2, 3), dtype="float64"))

ROWS = (
    Row("zeros", theon.zeros, in_default_float(np.zeros), FILLS, gives=None, differentiable=False),
    Row("ones", theon.ones, in_default_float(np.ones), FILLS, gives=None, differentiable=False),
    Row(
        "full",
        lambda value, shape: theon.full(shape, value),
        lambda value, shape: np.full(shape, value),
        (
            case((), shape=()),
            case((), shape=3),
            case((), shape=(2, 3)),
            case((), shape=(2, 0)),
            case((), shape=[1, 2, 1]),
        ),
        (*NUMBERS, *BOOL),
    ),
    *(
        Row(
            name,
            getattr(theon, name),
            getattr(np, name),
            LIKES,
            (*FLOATS, *INTS, *COMPLEXES, *BOOL),
            gives=None,
            differentiable=False,
        )
        for name in ("zeros_like", "ones_like")
    ),
    Row(
        "full_like",
        lambda x, value, **kwargs: theon.full_like(x, value, **kwargs),
        np.full_like,
        (
            case((), ()),
            case((3,), ()),
            case((2, 0), ()),
            case((2, 3), ()),
            case((2, 3), (), dtype="float64"),
        ),
        (("float32", "float32"), ("float64", "float32"), ("int32", "int32"), ("complex64", "float32")),
        gives=None,
        wrt=(1,),
    ),
    Row(
        "arange",
        theon.arange,
        counted,
        (
            case(start=5),
            case(start=2, stop=8, step=3),
            case(start=5, stop=0, step=-2),
            case(start=3, stop=3),
            case(start=0.0, stop=1.0, step=0.1),
            case(start=1.0, stop=2.0, step=0.3),
            case(start=2, stop=-0.5, step=-0.5),
            case(start=0, stop=4, dtype="bfloat16"),
            case(start=250, stop=260, dtype="uint8"),
            case(start=2**40, stop=2**40 + 3, dtype="int64"),
        ),
        gives=None,
        differentiable=False,
    ),
    Row(
        "eye",
        theon.eye,
        lambda n_rows, n_cols=None, k=0, dtype="float32": np.eye(n_rows, n_cols, k, dtype=dtype),
        (
            case(n_rows=3),
            case(n_rows=0),
            case(n_rows=3, n_cols=4, k=1),
            case(n_rows=4, n_cols=2, k=-1, dtype="int32"),
            case(n_rows=2, n_cols=2, k=5, dtype="bool"),
        ),
        gives=None,
        differentiable=False,
    ),
)
