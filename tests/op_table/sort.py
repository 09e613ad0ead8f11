"""Rows of sorting."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon

from .row import BOOL, COMPLEXES, FLOATS, INTS, NUMBERS, REALS, Array, Row, Special, case, integers, normal

ALONG = (
    case((5,)),
    case((4, 3), axis=0),
    case((2, 3), axis=None),
    case((3, 4), axis=-1, descending=True),
    case((0,)),
    case((2, 0, 3), axis=1),
    case((), axis=None),
)
NAN = Special(([[3.0, np.nan, -1.0, np.inf], [0.0, -0.0, -np.inf, np.nan]],))


def turned(x: Any, axis: Any = -1, descending: bool = False) -> Any:
    found = np.sort(x, axis)
    return np.flip(found, axis or 0) if descending else found


def order(x: Any, axis: Any = -1, descending: bool = False) -> Any:
    """Stable in descending order too: the keys are their own ranks, negated."""
    if axis is None:
        x, axis = np.ravel(x), 0
    if not descending:
        return np.argsort(x, axis, kind="stable")
    ranks = np.unique(x, return_inverse=True)[1].reshape(x.shape)
    return np.argsort(-ranks, axis, kind="stable")


def largest(x: Any, k: int, axis: int = -1) -> Any:
    places = np.take(order(x, axis, descending=True), np.arange(k), axis)
    return np.take_along_axis(x, places, axis), places


def ascending(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    return np.asarray(np.sort(integers(0, 12)(rng, shape, dtype)))


PARTED = tuple(case(*c.shapes, **{**c.kwargs, "kth": k}) for c, k in (
    (case((5,)), 2), (case((4, 3), axis=0), -1), (case((2, 3), axis=None), (1, 4)), (case((3, 4)), 0),
    (case((0, 3), axis=-1), 1)))  # fmt: skip

ROWS = (
    Row("sort", theon.sort, turned, ALONG, (*NUMBERS, *BOOL), special=(NAN,), gradient_dtypes=COMPLEXES[1:]),
    Row(
        "argsort",
        theon.argsort,
        order,
        ALONG,
        (*NUMBERS, *BOOL),
        integers(0, 4),
        "int32",
        False,
        special=(Special(NAN.operands),),
    ),
    Row(
        "lexsort",
        lambda *keys, **kwargs: theon.lexsort(keys, **kwargs),
        lambda *keys, **kwargs: np.lexsort(keys, **kwargs),
        (case((6,), (6,)), case((5,)), case((4, 3), (4, 3), (4, 3), axis=0), case((0,), (0,)), case((2, 7), (2, 7))),
        ("float32", "int32"),
        integers(0, 3),
        "int32",
        False,
    ),
    Row(
        "top_k",
        theon.top_k,
        largest,
        (case((5,), k=2), case((4, 3), k=4, axis=0), case((3, 4), k=1), case((2, 3), k=0), case((0, 3), k=2)),
        (*REALS, *BOOL),
        normal,
        None,
    ),
    Row(
        "partition", theon.partition, lambda x, kth, axis=-1: np.sort(x, axis), PARTED, (*FLOATS, "int32", "complex64")
    ),
    Row(
        "argpartition",
        theon.argpartition,
        lambda x, kth, axis=-1: order(x, axis),
        PARTED,
        ("float32", "int32"),
        normal,
        "int32",
        False,
    ),
    Row(
        "searchsorted",
        theon.searchsorted,
        np.searchsorted,
        (
            case((9,), (5,)),
            case((8,), (2, 3), side="right"),
            case((1,), ()),
            case((0,), (3,)),
            case((5,), (0,)),
            case((17,), (30,), side="right"),
        ),
        (*FLOATS, *INTS, *BOOL, ("int32", "float32"), ("float64", "int8")),
        (ascending, integers(0, 13)),
        "int32",
        False,
        special=(Special(([-np.inf, 1.0, np.inf, np.nan, np.nan], [np.nan, np.inf, -np.inf, 1.0])),),
    ),
    Row(
        "digitize",
        theon.digitize,
        np.digitize,
        (case((5,), (9,)), case((2, 3), (8,), right=True), case((), (1,)), case((3,), (0,)), case((0,), (5,))),
        (*FLOATS, "int32"),
        (integers(0, 13), ascending),
        "int32",
        False,
    ),
)
