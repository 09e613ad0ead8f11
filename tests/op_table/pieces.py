"""Rows of what takes arrays apart and puts them together, pads them, and finds their different values."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage

import theon

from .row import BOOL, COMPLEXES, FLOATS, INTS, REALS, Array, Row, Special, case, integers, normal

EVERY = (*FLOATS, *INTS, *COMPLEXES, *BOOL)
MAIN = ("float32", "int32", "bfloat16", "bool", "complex64")
TWO: tuple[Any, ...] = ("float32", ("int32", "float32"), "bool", "complex64")


def several(function: Any) -> Any:
    """A function of a sequence of arrays, called with the arrays one by one."""

    def call(*arrays: Any, **kwargs: Any) -> Any:
        return function(arrays, **kwargs)

    return call


def blocked(function: Any) -> Any:
    """Three blocks, two beside each other above a third."""
    return lambda a, b, c: function([[a, b], [c]])


def unique_of(*parts: str) -> Any:
    """NumPy's different values, cut off or filled up with the smallest (or `fill_value`), and the parts asked for."""

    def oracle(x: Any, size: int, fill_value: Any = None, **_: Any) -> Any:
        values, first, inverse, counts = np.unique(x, True, True, True)
        filler = values[0] if fill_value is None else fill_value

        def fit(row: Any, rest: Any) -> Any:
            return np.concatenate([row, np.full(size, rest, row.dtype)])[:size]

        found = {
            "values": fit(values, np.asarray(filler).astype(values.dtype)),
            "indices": fit(first, first[0] if len(first) else 0),
            "inverse": inverse.reshape(x.shape),
            "counts": fit(counts, 0),
        }
        return [found[part] for part in parts]

    return oracle


def unique_slices(x: Any, size: int, axis: int, fill_value: Any = None) -> Any:
    """NumPy's different slices, cut off or filled up with the first (or `fill_value`), and their places and counts."""
    if not x.size and x.shape[axis]:  # NumPy refuses to compare nothing
        return np.zeros((size, *x.shape[1:])), np.zeros(size), np.zeros(len(x)), np.array([len(x), *[0] * (size - 1)])
    values, first, inverse, counts = np.unique(x, True, True, True, axis=axis)
    values = np.moveaxis(values, axis, 0)
    filler = np.full(values.shape[1:], fill_value) if fill_value is not None else values[0]
    values = np.stack([*values, *[filler] * size][:size]).astype(values.dtype)
    first = np.array([*first, *[first[0] if len(first) else 0] * size][:size], np.int64)
    counts = np.array([*counts, *[0] * size][:size], np.int64)
    return np.moveaxis(values, 0, axis), first, inverse.reshape(-1), counts


def tied(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    """Whole numbers, often equal; in float64, in which gradients are tested, none are."""
    return normal(rng, shape, dtype) if dtype == "float64" else integers(0, 5)(rng, shape, dtype)


SIZED = (
    case((7,), size=5),
    case((7,), size=2),
    case((2, 3), size=6),
    case((), size=2),
    case((4,), size=4, fill_value=1),
    case((1,), size=0),
    case((0,), size=2, fill_value=1),
)
WIDTHS = (
    case((3,), pad_width=2),
    case((2, 3), pad_width=(1, 2)),
    case((3, 2), pad_width=((0, 1), (4, 5))),
    case((4,), pad_width=((1, 0),)),
    case((1, 3), pad_width=1),
    case((2, 2), pad_width=0),
)
MORE = {
    "constant": (
        case((0,), pad_width=2),
        case((), pad_width=1),
        case((2, 3), pad_width=1, constant_values=3),
        case((2, 3), pad_width=((1, 2), (2, 1)), constant_values=((1, 2), (3, 0))),
        case((2, 3), pad_width={-1: (1, 2)}),
    ),
    "linear_ramp": (case((2, 3), pad_width=2, end_values=5), case((3,), pad_width=(3, 1), end_values=(-4, 4))),
    "mean": (case((2, 5), pad_width=2, stat_length=2), case((4,), pad_width=(3, 1), stat_length=((1, 9),))),
    "median": (case((2, 5), pad_width=2, stat_length=3),),
}
REPEATS = ("edge", "reflect", "symmetric", "wrap")
PADDED = (*REPEATS, "maximum", "minimum", "mean", "median", "linear_ramp")

ROWS = (
    Row("array_split", theon.array_split, np.array_split,
        (case((5,), indices_or_sections=2), case((5, 2), indices_or_sections=[1, 3]),
         case((2, 4), indices_or_sections=3, axis=-1), case((2,), indices_or_sections=4),
         case((0,), indices_or_sections=2)), MAIN, unknown=False),
    Row("hsplit", theon.hsplit, np.hsplit,
        (case((4,), indices_or_sections=2), case((2, 4), indices_or_sections=2), case((2, 4), indices_or_sections=[1]),
         case((2, 3, 2), indices_or_sections=3), case((0, 2), indices_or_sections=2)), MAIN, unknown=False),
    Row("vsplit", theon.vsplit, np.vsplit,
        (case((4, 1), indices_or_sections=2), case((2, 4), indices_or_sections=1),
         case((2, 4), indices_or_sections=[1]), case((3, 3, 2), indices_or_sections=3),
         case((2, 0), indices_or_sections=2)), MAIN, unknown=False),
    Row("dsplit", theon.dsplit, np.dsplit,
        (case((1, 2, 4), indices_or_sections=2), case((2, 1, 4), indices_or_sections=1),
         case((2, 1, 4), indices_or_sections=[1]), case((1, 1, 2, 2), indices_or_sections=2),
         case((2, 0, 2), indices_or_sections=2)), MAIN, unknown=False),
    Row("unstack", theon.unstack, np.unstack,
        (case((3,)), case((2, 3)), case((2, 3), axis=-1), case((2, 1, 2), axis=1), case((2, 0))), MAIN, unknown=False),
    *(
        Row(name, getattr(theon, name), getattr(np, name),
            (case(()), case((3,)), case((2, 3)), case((2, 0, 3)), case((1, 2, 3, 1)), case((2,), ())), MAIN)
        for name in ("atleast_1d", "atleast_2d", "atleast_3d")
    ),
    Row("broadcast_arrays", theon.broadcast_arrays, np.broadcast_arrays,
        (case((3,), (2, 1)), case((), (2,)), case((2, 1, 3), (4, 1), ()), case((0, 3), (3,)), case((2, 3))),
        ("float32", "bool")),
    *(
        Row(name, several(getattr(theon, name)), several(getattr(np, name)), cases, TWO)
        for name, cases in (
            ("hstack", (case((2,), (3,)), case((2, 1), (2, 3)), case((), ()), case((0,), (2,)),
                        case((2, 1, 2), (2, 2, 2)))),
            ("vstack", (case((3,), (3,)), case((2, 3), (3,)), case((), ()), case((0, 2), (1, 2)), case((2,), (1, 2)))),
            ("dstack", (case((3,), (3,)), case((2, 3), (2, 3)), case((), ()), case((0, 2), (0, 2)),
                        case((1, 2, 2), (1, 2, 1)))),
            ("column_stack", (case((3,), (3,)), case((2, 3), (2,)), case((2, 1), (2, 3)), case((0,), (0,)),
                              case((1,), (1,)))),
        )
    ),
    Row("block", blocked(theon.block), blocked(np.block),
        (case((2, 2), (2, 1), (1, 3)), case((2,), (1,), (3,)), case((), (), (2,)),
         case((1, 2, 1), (1, 2, 1), (1, 1, 2)), case((0, 1), (0, 1), (2, 2))), ("float32", "int32", "complex64")),
    Row("append", theon.append, np.append,
        (case((3,), (2,)), case((2, 3), ()), case((2, 3), (1, 3), axis=0), case((2, 3), (2, 0), axis=-1),
         case((0,), (0,))), TWO),
    Row("delete", theon.delete, np.delete,
        (case((5,), obj=1), case((5,), obj=-1), case((2, 3), obj=[0, 2, 2], axis=1), case((2, 3), obj=4),
         case((4, 2), obj=slice(0, None, 2), axis=0), case((0, 2), obj=[], axis=1)), MAIN, unknown=False),
    Row("insert", lambda x, values, **kwargs: theon.insert(x, values=values, **kwargs),
        lambda x, values, **kwargs: np.insert(x, values=values, **kwargs),
        (case((5,), (), obj=1), case((5,), (2,), obj=-1), case((2, 3), (2, 3), obj=[0, 2, 2], axis=1),
         case((2, 3), (3,), obj=2, axis=0), case((3, 2), (2, 3), obj=1, axis=1), case((3, 2), (3, 1), obj=[1], axis=1),
         case((2, 3), (2,), obj=[6, 0]), case((4, 2), (2,), obj=slice(0, None, 2), axis=0),
         case((0, 2), (), obj=[0, 0], axis=0), case((2, 2), (2, 0), obj=[], axis=1)), MAIN, unknown=False),
    Row("insert", lambda x, values, **kwargs: theon.insert(x, values=values, **kwargs),
        lambda x, values, **kwargs: np.insert(x, values=values, **kwargs),
        (case((5,), (), obj=5), case((3,), (), obj=[0, 3])),
        (("float32", "int32"), ("complex64", "float32"), ("int32", "bool")), gives=lambda x, v: x, unknown=False),
    *(
        Row("pad", lambda x, mode=mode, **kwargs: theon.pad(x, mode=mode, reflect_type="odd", **kwargs),
            lambda x, mode=mode, **kwargs: np.pad(x, mode=mode, reflect_type="odd", **kwargs),
            (*WIDTHS, case((2, 4), pad_width=((0, 0), (9, 10))), case((4,), pad_width=(0, 1))),
            ("float32", "int32", "uint8", "complex64"), ulps=32)
        for mode in ("reflect", "symmetric")
    ),
    Row("pad", theon.pad, np.pad, (*WIDTHS, *MORE["constant"]), EVERY),
    *(
        Row("pad", lambda x, mode=mode, **kwargs: theon.pad(x, mode=mode, **kwargs),
            lambda x, mode=mode, **kwargs: np.pad(x, mode=mode, **kwargs), (*WIDTHS, *MORE.get(mode, ())),
            ("float32", "int32", "bfloat16", *(("complex64",) if mode in REPEATS else ())), ulps=16)
        for mode in PADDED
    ),
    Row("pad", lambda x, v: theon.pad(x, 2, constant_values=v), lambda x, v: np.pad(x, 2, constant_values=v),
        (case((3,), ()), case((2, 2), ()), case((0,), ()), case((1, 2), ()), case((2, 1, 2), ())),
        ("float32", "int32", "complex64"), gradient_dtypes=("complex128",)),
    Row("median_filter", theon.median_filter, ndimage.median_filter,
        (case((7,), size=3), case((4, 5), size=3, mode="nearest"), case((4, 5), size=(1, 4), mode="mirror"),
         case((6,), size=5, mode="constant", cval=0.5), case((3, 4), size=2, mode="wrap"), case((1,), size=3)),
        ("float32", "float64")),
    Row("unique", theon.unique, unique_of("values"), SIZED, (*REALS, *BOOL), tied,
        special=(Special(([np.nan, 1.0, np.nan, -np.inf, 1.0],), {"size": 4}),), unknown=False),
    Row("unique", lambda x, size, **kwargs: theon.unique(x, True, True, True, size=size, **kwargs),
        unique_of("values", "indices", "inverse", "counts"), SIZED, ("float32", "int32"), tied, None,
        unknown=False),
    Row("isin", theon.isin, np.isin,
        (case((2, 3), (4,)), case((4,), (2, 2), invert=True), case((), (3,)), case((0,), (2,)), case((3,), (0,))),
        (*REALS, *BOOL, "complex64"), tied, "bool", differentiable=False),
    Row("unique", lambda x, **kwargs: theon.unique(x, True, True, True, **kwargs), unique_slices,
        (case((7, 2), size=5, axis=0), case((7, 1), size=2, axis=0), case((2, 9), size=4, axis=1),
         case((3, 2, 2), size=3, axis=-1), case((4,), size=4, axis=0), case((5, 0), size=2, axis=0),
         case((0, 2), size=2, fill_value=1, axis=0)),
        ("float32", "int32", "bool", "complex64"), tied, None, unknown=False),
    Row("unique_all", theon.unique_all, unique_of("values", "indices", "inverse", "counts"), SIZED,
        ("float32", "int8"), tied, None, unknown=False),
    Row("unique_counts", theon.unique_counts, unique_of("values", "counts"), SIZED, ("float32", "int8"), tied,
        None, unknown=False),
    Row("unique_inverse", theon.unique_inverse, unique_of("values", "inverse"), SIZED, ("float32", "int8"),
        tied, None, unknown=False),
    Row("unique_values", theon.unique_values, unique_of("values"), SIZED, ("float32", "complex64", "bool"),
        tied, unknown=False),
)  # fmt: skip
