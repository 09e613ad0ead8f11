"""Rows of quantiles, averages, covariances and tables of counts."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon
from theon.ops.quantiles import METHODS

from .row import FLOATS, INTS, REALS, Row, Special, case, floating, integers, normal, uniform
from .scans import gappy

QUANTILES = (
    *(case((7,), q=0.3, method=method) for method in METHODS),
    case((2, 3), q=0.5),
    case((4, 3), q=[0.0, 0.35, 1.0], axis=0),
    case((3, 4), q=[0.25], axis=-1, keepdims=True),
    case((2, 3, 4), q=[0.1, 0.9], axis=(0, -1)),
    case((1,), q=0.7),
    case((2, 3), q=0.2, axis=(0, 1), keepdims=True),
    case((0, 4), q=0.5, axis=1),
)
SQUARES = case((3, 4), q=[[0.1, 0.2], [0.3, 0.99]], axis=1)  # which NumPy's nanquantile shapes otherwise
MIDDLES = (
    case(()),
    case((3,)),
    case((4, 5), axis=0),
    case((3, 4), axis=-1, keepdims=True),
    case((2, 3, 4), axis=(0, 2)),
    case((0, 3), axis=1),
)
HOLES = Special(([[1.0, np.nan, 3.0], [np.inf, 1.0, 2.0], [np.nan, np.nan, np.nan]],), {"axis": 1})


def in_percent(cases: Any) -> Any:
    return tuple(case(*c.shapes, **{**c.kwargs, "q": np.multiply(c.kwargs["q"], 100).tolist()}) for c in cases)


def tallied(x: Any, *weights: Any, length: int) -> Any:
    """NumPy's bincount of what is in range, to that length."""
    inside = (np.ravel(x) >= 0) & (np.ravel(x) < length)
    chosen = [np.broadcast_to(w, x.shape).ravel()[inside] for w in weights]
    bincount: Any = np.bincount
    return bincount(np.ravel(x)[inside].astype(np.int64), *chosen, minlength=length)


def by_weight(function: Any) -> Any:
    """NumPy's quantiles by weights in the shape of the elements: of one axis its nan-variants take none."""

    def oracle(x: Any, w: Any, axis: Any = None, **kwargs: Any) -> Any:
        heavy = w if w.ndim == x.ndim else np.expand_dims(w, [i for i in range(x.ndim) if i != axis])
        return function(x, axis=axis, weights=np.broadcast_to(heavy, x.shape), method="inverted_cdf", **kwargs)

    return oracle


def weighted(x: Any, weights: Any, axis: Any = None, keepdims: bool = False) -> Any:
    average: Any = np.average
    return average(x, axis, weights, keepdims=keepdims)


def flat_edges(function: Any) -> Any:
    def oracle(*args: Any, **kwargs: Any) -> Any:
        counts, edges = function(*args, **kwargs)
        return [counts, *edges]

    return oracle


def correlated(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    return np.corrcoef(x, y, rowvar)


ROWS = (
    Row("quantile", theon.quantile, np.quantile, (*QUANTILES, SQUARES), REALS, normal, floating, ulps=16,
        special=(Special(([[1.0, np.nan, 3.0], [np.inf, 1.0, 2.0]],), {"q": 0.25, "axis": 1}),)),
    Row("percentile", theon.percentile, np.percentile, in_percent((*QUANTILES, SQUARES)), FLOATS, normal, floating,
        ulps=16),
    Row("nanquantile", theon.nanquantile, np.nanquantile, QUANTILES, (*FLOATS, "int32"), gappy, floating, ulps=16),
    Row("nanpercentile", theon.nanpercentile, np.nanpercentile, in_percent(QUANTILES), FLOATS, gappy, floating,
        ulps=16),
    *(
        Row(
            name,
            lambda x, w, name=name, **kwargs: getattr(theon, name)(x, weights=w, method="inverted_cdf", **kwargs),
            by_weight(getattr(np, name)),
            (case((7,), (7,), q=[0.0, whole * 0.3, whole]), case((2, 5), (5,), q=whole * 0.62, axis=1),
             case((4, 3), (4, 3), q=[whole * 0.4], axis=0, keepdims=True), case((2, 3), (2, 3), q=whole * 0.5),
             case((2, 3, 2), (2, 3, 2), q=[[0.0, whole * 0.8]], axis=(0, -1))),
            ("float32", ("float32", "int32"), ("int32", "float64")),
            (sample, integers(1, 4)),
            lambda x, w: floating(x),
            wrt=(0,),
            special=(Special(([3.0, 1.0, 2.0, 0.0], [0, 1, 2, 0]), {"q": [0.0, whole]}),
                     Special((np.arange(100.0), [1] * 100), {"q": np.multiply(range(101), whole / 100).tolist()})),
        )
        for name, whole, sample in (("quantile", 1.0, normal), ("percentile", 100.0, normal),
                                    ("nanquantile", 1.0, gappy), ("nanpercentile", 100.0, gappy))
    ),
    Row("median", theon.median, np.median, MIDDLES, (*REALS, "bool"), normal, floating, special=(HOLES,)),
    Row("nanmedian", theon.nanmedian, np.nanmedian, MIDDLES, (*FLOATS, "int32"), gappy, floating, special=(HOLES,),
        gradient_cases=(case((9,)), case((9, 2), axis=0), case((2, 3, 4), axis=(0, 2)))),
    Row(
        "ptp",
        theon.ptp,
        np.ptp,
        (case((3,)), case((4, 5), axis=0), case((3, 4), axis=-1, keepdims=True), case((2, 3, 4), axis=(0, 2)),
         case((0, 3), axis=1)),
        REALS,
    ),
    Row(
        "count_nonzero",
        theon.count_nonzero,
        np.count_nonzero,
        (case(()), case((3,)), case((4, 5), axis=0), case((3, 4), axis=-1, keepdims=True), case((2, 3, 4), axis=(0, 2)),
         case((3, 0), axis=1)),
        (*REALS, "bool", "complex64"),
        integers(0, 2),
        "int32",
        False,
    ),
    Row(
        "average",
        theon.average,
        np.average,
        (case((3,)), case((4, 5), axis=0), case((3, 4), axis=-1, keepdims=True), case((2, 3, 4), axis=(0, 2)),
         case((), weights=2.0), case((3, 2), axis=0, weights=[1.0, 2.0, 5.0])),
        (*FLOATS, "int32", "complex64"),
        gives=None,
        ulps=16,
    ),
    Row(
        "average",
        lambda x, weights, **kwargs: theon.average(x, weights=weights, **kwargs),
        weighted,
        (case((3,), (3,)), case((4, 5), (4,), axis=0), case((3, 4), (3, 4), axis=-1, keepdims=True),
         case((2, 3), (2, 3)), case((0, 3), (3,), axis=1)),
        ("float32", ("int32", "float32"), ("float32", "int32"), "float64"),
        (normal, uniform(1, 3)),
        gives=None,
        ulps=16,
    ),
    Row(
        "cov",
        theon.cov,
        np.cov,
        (case((3, 5)), case((5,)), case((4, 2), rowvar=False), case((2, 4), bias=True), case((2, 5), ddof=2),
         case((2, 3), fweights=[1, 2, 3]), case((2, 3), aweights=[0.5, 2.0, 1.0], fweights=[1, 2, 3]), case((1, 4)),
         case((0, 3))),
        ("float32", "float64", "int32", "complex64"),
        gives=None,
        ulps=32,
        gradient_dtypes=("complex128",),
        unknown=False,  # one row gives a scalar
    ),
    Row(
        "cov",
        theon.cov,
        np.cov,
        (case((3, 5), (2, 5)), case((5,), (5,)), case((4, 2), (4, 1), rowvar=False), case((1, 3), (3,)),
         case((2, 2), (3, 2))),
        ("float32", ("float32", "float64")),
        ulps=32,
    ),
    Row(
        "corrcoef",
        theon.corrcoef,
        correlated,
        (case((3, 5)), case((5,)), case((6, 2), rowvar=False), case((2, 4)), case((0, 3))),
        ("float32", "float64", "int32"),
        gives=None,
        ulps=32,
        gradient_cases=(case((3, 5)),),
    ),
    Row(
        "bincount",
        theon.bincount,
        tallied,
        (case((), length=3), case((20,), length=6), case((20,), length=3), case((0,), length=2),
         case((4, 3), length=5)),
        INTS,
        integers(0, 6),
        "int32",
        False,
        special=(Special(([-1, 0, 5, 2],), {"length": 4}),),
    ),
    Row(
        "bincount",
        lambda x, w, length: theon.bincount(x, w, length=length),
        tallied,
        (case((5,), (5,), length=6), case((7,), (7,), length=3), case((0,), (0,), length=2),
         case((2, 3), (2, 3), length=4),
         case((3,), (3,), length=1)),
        (("int32", "float32"), ("int8", "float64"), ("int32", "int32")),
        (integers(0, 6), normal),
        None,
    ),
    Row(
        "histogram_bin_edges",
        theon.histogram_bin_edges,
        np.histogram_bin_edges,
        (case((9,)), case((2, 3), bins=4), case((5,), bins=3, range=(-1.0, 2.0)), case((1,), bins=2), case((0,)),
         case((4,), bins=[0.0, 1.0, 3.0])),
        ("float32", "float64", "int32"),
        gives=None,
    ),
    Row(
        "histogram",
        theon.histogram,
        np.histogram,
        (case((30,)), case((6, 5), bins=4), case((25,), bins=3, range=(-1.0, 2.0)), case((1,), bins=2), case((0,)),
         case((40,), bins=[-2.0, 0.0, 0.25, 3.0]), case((40,), bins=[-1.0, 0.1, 0.7]), case((5,), bins=[1.0]),
         case((20,), bins=4, density=True)),
        ("float32", "float64", "int32"),
        gives=None,
        special=(Special(([-2.0, 0.0, 1.0, 1.0, 2.0, np.nan, 7.0],), {"bins": [-1.0, 0.0, 1.0, 2.0]}),),
        gradient_cases=(case((30,)), case((20,), bins=4, density=True)),
    ),
    Row(
        "histogram",
        lambda x, w, **kwargs: theon.histogram(x, weights=w, **kwargs),
        lambda x, w, **kwargs: np.histogram(x, weights=w, **kwargs),
        (case((30,), (30,)), case((6, 5), (6, 5), bins=4), case((9,), (9,), bins=3, range=(-1.0, 2.0)),
         case((0,), (0,)), case((8,), (8,), bins=4, density=True)),
        ("float32", "float64"),
        ulps=32,
        wrt=(1,),
    ),
    Row(
        "histogramdd",
        flat_edges(theon.histogramdd),
        flat_edges(np.histogramdd),
        (case((30, 2)), case((25, 3), bins=2), case((20, 1), bins=[[-2.0, 0.0, 3.0]]), case((1, 2), bins=(2, 3)),
         case((0, 2), bins=2), case((40, 2), bins=4, range=((-1.0, 2.0), None), density=True)),
        ("float32", "float64", "int32"),
        gives=None,
        unknown=False,
        special=(Special(([[-2.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, np.nan]],),
                         {"bins": [[-2.0, 0.0, 2.0], [-1.0, 0.5, 1.0]]}),),
        gradient_cases=(case((9, 2), bins=2), case((20, 2), bins=2, density=True)),
    ),
    Row(
        "histogramdd",
        lambda x, y, w, **kwargs: theon.histogramdd([x, y], weights=w, **kwargs)[0],
        lambda x, y, w, **kwargs: np.histogramdd((x, y), weights=w, **kwargs)[0],
        (case((30,), (30,), (30,)), case((9,), (9,), (9,), bins=3, range=((-1.0, 2.0), (-1.0, 1.0))),
         case((2,), (2,), (2,), bins=2), case((8,), (8,), (8,), bins=2, density=True),
         case((1,), (1,), (1,), bins=3)),
        ("float32", "float64"),
        (normal, normal, uniform(0.5, 2)),
        ulps=32,
        wrt=(2,),
    ),
    Row(
        "histogram2d",
        theon.histogram2d,
        np.histogram2d,
        (case((30,), (30,), bins=4), case((25,), (25,), bins=[-2.0, 0.0, 0.25, 3.0]), case((1,), (1,)),
         case((9,), (9,), bins=(2, [-1.0, 0.0, 2.0])), case((0,), (0,), bins=2),
         case((20,), (20,), bins=3, range=((-1.0, 2.0), (-2.0, 1.0)), density=True)),
        ("float32", "float64", "int32"),
        gives=None,
        gradient_cases=(case((20,), (20,), bins=2, density=True), case((20,), (20,), bins=3)),
    ),
)  # fmt: skip
