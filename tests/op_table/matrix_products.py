"""Rows of linear algebra: products of vectors and matrices by name, and norms."""

from __future__ import annotations

import numpy as np

import theon

from .linear_algebra import SQUARE, near_identity
from .matrix_functions import NUMBERS, OF_COMPLEX, spread
from .row import COMPLEXES, FLOATS, INTS, Row, case, floating, real_part

SINGLE = (
    case((3,), (3,)),
    case((), ()),
    case((2, 3), (2, 3)),
    case((0,), (0,)),
    case((2, 1, 3), (2, 1, 3)),
)
PRODUCTS = (
    Row("vdot", theon.vdot, np.vdot, SINGLE, NUMBERS, gradient_dtypes=OF_COMPLEX),
    Row(
        "vecdot",
        theon.vecdot,
        np.vecdot,
        (case((3,), (3,)), case((2, 3), (3,)), case((3, 2), (3, 1), axis=0), case((0, 3), (3,)), case((2, 0), (0,))),
        NUMBERS,
        gradient_dtypes=OF_COMPLEX,
        aliases=("linalg.vecdot",),
    ),
    Row(
        "inner",
        theon.inner,
        np.inner,
        (case((3,), (3,)), case((2, 3), (3,)), case((2, 3), (4, 2, 3)), case((), (3,)), case((2, 0), (3, 0))),
        NUMBERS,
        gradient_dtypes=OF_COMPLEX,
    ),
    Row(
        "outer",
        theon.outer,
        np.outer,
        (case((3,), (2,)), case((), (2,)), case((2, 2), (3,)), case((0,), (2,)), case((), ())),
        NUMBERS,
        gradient_dtypes=OF_COMPLEX,
    ),
    Row(
        "linalg.outer",
        theon.linalg.outer,
        np.outer,
        (case((3,), (2,)), case((1,), (2,)), case((2,), (1,)), case((0,), (2,)), case((4,), (4,))),
        NUMBERS,
    ),
    Row(
        "matvec",
        theon.matvec,
        np.matvec,
        (case((2, 3), (3,)), case((4, 2, 3), (3,)), case((2, 3), (4, 3)), case((0, 3), (3,)), case((2, 0), (0,))),
        NUMBERS,
        gradient_dtypes=OF_COMPLEX,
    ),
    Row(
        "vecmat",
        theon.vecmat,
        np.vecmat,
        (case((2,), (2, 3)), case((2,), (4, 2, 3)), case((4, 2), (2, 3)), case((0,), (0, 3)), case((3,), (3, 0))),
        NUMBERS,
        gradient_dtypes=OF_COMPLEX,
    ),
    Row(
        "cross",
        theon.cross,
        np.cross,
        (
            case((3,), (3,)),
            case((2, 3), (3,)),
            case((3, 2), (2, 3), axisa=0),
            case((3, 2), (3, 1), axis=0),
            case((0, 3), (3,)),
            case((2, 3), (2, 3), axisc=0),
        ),
        (*FLOATS, *INTS, *COMPLEXES),
        gradient_dtypes=OF_COMPLEX,
    ),
    Row(
        "linalg.cross",
        theon.linalg.cross,
        np.linalg.cross,
        (
            case((3,), (3,)),
            case((2, 3), (1, 3)),
            case((3, 2), (3, 2), axis=0),
            case((0, 3), (1, 3)),
            case((1, 3), (3,)),
        ),
        (*FLOATS, *COMPLEXES),
    ),
    Row(
        "linalg.multi_dot",
        lambda *arrays: theon.linalg.multi_dot(arrays),
        lambda *arrays: np.linalg.multi_dot(arrays),
        (
            case((2, 3), (3, 4)),
            case((5, 2), (2, 6), (6, 1)),
            case((3,), (3, 4), (4, 2), (2,)),
            case((1, 5), (5, 1), (1, 5), (5, 2), (2, 3)),
            case((3,), (3, 0), (0, 2)),
        ),
        ("float32", "float64", "int32", "complex64"),
        gradient_dtypes=OF_COMPLEX,
    ),
    Row(
        "linalg.matrix_power",
        lambda x, n: theon.linalg.matrix_power(x, n),
        lambda x, n: np.linalg.matrix_power(x, n),
        tuple(case(each.shapes[0], n=n) for each, n in zip(SQUARE, (0, 3, -2, 5, 2, -1, 4), strict=True)),
        ("float64", "float32", "complex128", "complex64"),
        near_identity,
        gradient_dtypes=OF_COMPLEX,
        ulps=512,
    ),
)
VECTORS = (
    case((3,)),
    case((2, 3)),
    case((2, 3), axis=0, ord=1),
    case((2, 3), axis=(0, 1), ord=3),
    case((4, 3), axis=-1, ord=np.inf, keepdims=True),
    case((4, 3), axis=0, ord=-np.inf),
    case((2, 3, 2), axis=(0, 2), ord=2, keepdims=True),
    case((5,), ord=0.5),
    case(()),
    case((0, 3), axis=0),
    case((4,), ord=0),
    case((2, 3), ord=-1.5),
)
MATRICES = (
    case((3, 2)),
    *(case((3, 3), ord=ord) for ord in (1, -1, 2, -2, "nuc", "fro")),
    case((2, 3, 4), ord=np.inf),
    case((2, 3, 4), ord=-np.inf, keepdims=True),
    case((2, 3, 4), ord="nuc", keepdims=True),
    case((0, 3)),
)
NORMS = (
    Row(
        "linalg.vector_norm",
        theon.linalg.vector_norm,
        np.linalg.vector_norm,
        VECTORS,
        (*FLOATS, "int32", *COMPLEXES),
        gives=lambda *dtypes: real_part(floating(*dtypes)),
        # Those of order 2 hide their scales from XLA, and from JAX's derivative: `tests/ops/test_matrix_functions.py`.
        gradient_cases=(*VECTORS[2:6], *VECTORS[7:8]),
        gradient_dtypes=OF_COMPLEX,
        ulps=16,
    ),
    Row(
        "linalg.matrix_norm",
        theon.linalg.matrix_norm,
        np.linalg.matrix_norm,
        MATRICES,
        ("float64", "float32", "float16", "int32", *COMPLEXES),
        spread,
        gives=lambda *dtypes: real_part(floating(*dtypes)),
        gradient_cases=(*MATRICES[1:6], *MATRICES[7:10]),
        gradient_dtypes=OF_COMPLEX,
        ulps=32,
    ),
    Row(
        "linalg.norm",
        theon.linalg.norm,
        np.linalg.norm,
        (
            case((3,)),
            case((2, 3, 2)),
            case((2, 3), ord=1),
            case((3, 2), axis=1),
            case((2, 3, 4), ord=-1, axis=(2, 0)),
            case((2, 3, 4), ord=2, axis=(0, -1), keepdims=True),
            case((4,), ord=3, keepdims=True),
            case((0,)),
        ),
        ("float64", "float32", "float16", "int32", *COMPLEXES),
        gradient_cases=(case((2, 3), ord=1), case((2, 3, 4), ord=-1, axis=(2, 0)), case((4,), ord=3, keepdims=True)),
        gives=lambda *dtypes: real_part(floating(*dtypes)),
        ulps=32,
    ),
    Row(
        "linalg.cond",
        theon.linalg.cond,
        np.linalg.cond,
        (
            case((3, 3)),
            case((2, 3, 3), p=-2),
            case((3, 3), p=1),
            case((2, 2), p="fro"),
            case((3, 2), p=2),
            case((2, 2, 2), p=-np.inf),
        ),
        ("float64", "float32", "int32", *COMPLEXES),
        spread,
        gives=lambda *dtypes: real_part(floating(*dtypes)),
        ulps=256,
    ),
)


ROWS = (*PRODUCTS, *NORMS)
