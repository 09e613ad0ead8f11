"""Rows of what puts elements in other places, and of grids."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon

from .row import BOOL, COMPLEXES, FLOATS, INTS, Row, Special, case, floating, integers, normal, uniform

EVERY = (*FLOATS, *INTS, *COMPLEXES, *BOOL)
MAIN = ("float32", "int32", "bfloat16", "bool", "complex64")


def in_default_float(function: Any) -> Any:
    """NumPy's float64 where theon makes its default, float32."""

    def call(*args: Any, dtype: Any = "float32", **kwargs: Any) -> Any:
        return function(*args, dtype=dtype, **kwargs)

    return call


def repeated(x: Any, counts: Any, axis: Any = None, total: int = 0) -> Any:
    """NumPy's repeat by counts that are numbers here, cut off or filled up with the last element."""
    x, axis = (np.ravel(x), 0) if axis is None else (x, axis)
    found = np.repeat(x, np.broadcast_to(counts, (x.shape[axis],)), axis)
    return np.take(found, np.minimum(np.arange(total), found.shape[axis] - 1), axis)


def filled(x: Any, val: Any) -> Any:
    x = x.copy()
    np.fill_diagonal(x, val)
    return x


SPACES = (
    case((), ()),
    case((), (), num=5, endpoint=False),
    case((2, 3), (3,), num=4, axis=-1),
    case((2,), (2, 1), num=3, axis=1),
    case((), (), num=1),
    case((), (), num=0),
    case((0,), (1,), num=2),
)

ROWS = (
    Row(
        "roll",
        theon.roll,
        np.roll,
        (case((5,), shift=2), case((2, 3), shift=-1), case((2, 3), shift=4, axis=1), case((0,), shift=3),
         case((2, 3, 4), shift=(1, -2), axis=(0, -1)), case((), shift=1), case((4, 2), shift=2, axis=(0, 1)),
         case((3,), shift=3, axis=0)),
        EVERY,
    ),
    Row("flip", theon.flip, np.flip,
        (case(()), case((3,)), case((2, 3), axis=0), case((2, 3, 2), axis=(0, -1)), case((2, 0), axis=1), case((2, 3))),
        EVERY),
    Row("fliplr", theon.fliplr, np.fliplr,
        (case((2, 3)), case((1, 1)), case((2, 3, 2)), case((0, 3)), case((3, 0))), MAIN),
    Row("flipud", theon.flipud, np.flipud, (case((3,)), case((2, 3)), case((2, 3, 2)), case((0, 3)), case((1,))), MAIN),
    Row("rot90", theon.rot90, np.rot90,
        (case((2, 3)), case((2, 3), k=2), case((2, 3), k=-1), case((2, 3, 4), axes=(1, 2)),
         case((2, 3, 4), k=5, axes=(-1, 0)), case((2, 3), k=4), case((0, 3))), MAIN),
    Row("rollaxis", theon.rollaxis, np.rollaxis,
        (case((2, 3, 4), axis=2), case((2, 3, 4), axis=0, start=3), case((2, 3, 4), axis=1, start=1),
         case((2, 3, 4), axis=-1, start=-2), case((0,), axis=0)), MAIN),
    Row("tile", theon.tile, np.tile,
        (case((3,), reps=2), case((2, 3), reps=(2, 2)), case((2,), reps=(3, 1, 2)), case((2, 3), reps=2),
         case((), reps=3), case((0, 2), reps=(2, 1)), case((2, 2), reps=(0, 1)), case((), reps=())), EVERY),
    Row("resize", theon.resize, np.resize,
        (case((3,), new_shape=(2, 3)), case((2, 3), new_shape=4), case((2,), new_shape=(3, 1, 3)),
         case((), new_shape=3), case((0, 2), new_shape=(2, 1)), case((2, 2), new_shape=(0, 3)),
         case((2,), new_shape=())), EVERY),
    Row("repeat", theon.repeat, np.repeat,
        (case((3,), repeats=2), case((2, 3), repeats=2, axis=-1), case((2, 3), repeats=3), case((), repeats=2),
         case((2, 3), repeats=0, axis=0), case((0, 2), repeats=2, axis=0), case((2, 3), repeats=[2], axis=0)), EVERY),
    Row("repeat", theon.repeat, np.repeat,
        (case((3,), repeats=[2, 0, 1]), case((2, 3), repeats=[1, 2], axis=0), case((2, 3), repeats=[0, 2, 1], axis=-1),
         case((2, 2), repeats=[1, 2, 3, 4]), case((1, 2), repeats=[0], axis=0)), MAIN, unknown=False),
    Row(
        "repeat",
        lambda x, counts, total, axis=None: theon.repeat(x, counts, axis, total_repeat_length=total),
        repeated,
        (case((3,), (3,), total=5), case((2, 3), (2,), total=4, axis=0), case((2, 3), (3,), total=9, axis=-1),
         case((4,), (), total=12), case((2, 2), (4,), total=3)),
        (("float32", "int32"), ("int32", "int8")),
        (normal, integers(1, 4)),
        lambda x, counts: x,
    ),
    Row("fill_diagonal", theon.fill_diagonal, filled,
        (case((3, 3), ()), case((2, 4), ()), case((3, 2), (2,)), case((2, 2, 2), ()), case((0, 2), ())),
        ("float32", "int32", "complex64", "bool"), unknown=False),
    Row("specify_shape", theon.specify_shape, lambda x, shape: x,
        (case((), shape=()), case((3,), shape=(3,)), case((2, 3), shape=(None, 3)), case((2, 3), shape=(2, None)),
         case((0, 2), shape=[0, 2])), EVERY),
    Row("diagflat", theon.diagflat, np.diagflat,
        (case((3,)), case((2, 2), k=1), case((1,), k=-2), case((), k=0), case((2, 1))), MAIN),
    Row("vander", theon.vander, lambda x, N=None, increasing=False: np.vander(x, N, increasing),
        (case((3,)), case((2,), N=4), case((3,), N=2, increasing=True), case((2,), N=0), case((0,), N=2),
         case((3,), N=1)),
        ("float32", "float64", "int32", "complex64"), unknown=False, ulps=16,
        gradient_cases=(case((3,)), case((2,), N=4))),
    Row("empty", theon.empty, in_default_float(np.zeros),
        (case(shape=()), case(shape=3), case(shape=(2, 3)), case(shape=(0, 2)), case(shape=(2,), dtype="int32")),
        gives=None, differentiable=False),
    Row("empty_like", theon.empty_like, np.zeros_like,
        (case(()), case((3,)), case((2, 0)), case((2, 3), dtype="int32"), case((2, 3), dtype="float64")), EVERY,
        gives=None, differentiable=False),
    Row("identity", theon.identity, in_default_float(np.identity),
        (case(n=3), case(n=0), case(n=1), case(n=2, dtype="int32"), case(n=2, dtype="bool")), gives=None,
        differentiable=False),
    Row("tri", theon.tri,
        lambda n_rows, n_cols=None, k=0, dtype="float32": np.tri(n_rows, n_cols, k, dtype=dtype),
        (case(n_rows=3), case(n_rows=0), case(n_rows=3, n_cols=4, k=1), case(n_rows=4, n_cols=2, k=-1, dtype="int32"),
         case(n_rows=2, n_cols=2, k=5, dtype="bool")), gives=None, differentiable=False),
    Row("linspace", theon.linspace, np.linspace, (*SPACES, case((), (), num=4, retstep=True)),
        ("float32", "float64", "bfloat16", ("float32", "int32"), "int32", "complex64"), gives=None, ulps=16,
        gradient_dtypes=("complex128",)),
    Row("logspace", theon.logspace, np.logspace, SPACES, ("float32", "float64", "int32"), uniform(-1, 3), floating,
        ulps=64),
    Row("geomspace", theon.geomspace, np.geomspace, SPACES, ("float32", "float64"), uniform(1, 5), ulps=32,
        special=(Special((-8.0, -1.0), {"num": 4}),)),
    Row(
        "meshgrid",
        theon.meshgrid,
        np.meshgrid,
        (case((2,), (3,)), case((2,), (3,), indexing="ij"), case((2,), (3,), (4,), sparse=True), case((), (3,)),
         case((0,), (2,)), case((3,))),
        ("float32", "int32"),
        gives=None,
        wrt=(0,),
    ),
    Row(
        "meshgrid",
        lambda *xs, **kwargs: theon.meshgrid(*xs, **kwargs)[::-1],
        lambda *xs, **kwargs: np.meshgrid(*xs, **kwargs)[::-1],
        (case((2,), (3,)), case((2,), (3,), indexing="ij"), case((3,), (1,), sparse=True), case((), (3,)),
         case((0,), (2,))),
        ("float32", "bool"),
        gives=None,
        wrt=(1,),
    ),
    Row("indices", theon.indices,
        lambda dimensions, dtype="int32", sparse=False: np.indices(dimensions, dtype, sparse),
        (case(dimensions=(2, 3)), case(dimensions=(4,), dtype="float32"), case(dimensions=(2, 1, 3), sparse=True),
         case(dimensions=(0, 2)), case(dimensions=(2, 2), dtype="int64")), gives=None, differentiable=False),
)  # fmt: skip
