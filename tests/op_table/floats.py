"""Rows of whole numbers, and of what floats are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon

from .elementwise import ALONE, PAIRS, SHORT, floats
from .row import (
    BINARY,
    BOOL,
    EDGE,
    EDGE_PAIRS,
    EDGES,
    FLOATS,
    INTS,
    MIXED,
    NUMBERS,
    REALS,
    UNARY,
    Row,
    Special,
    case,
    floating,
    integers,
    normal,
    uniform,
)

LEAST = (Special(((0, -(2**31), 12, 2**31 - 1, -18), (0, 6, -(2**31), 3, 12))),)

WHOLE = (
    Row(
        "packbits",
        theon.packbits,
        np.packbits,
        (
            case((3,)),
            case((2, 9)),
            case((2, 9), axis=0),
            case((2, 17), axis=-1, bitorder="little"),
            case((0,)),
            case((2, 0), axis=1),
        ),
        ("bool", "int32", "uint8", "int8"),
        integers(0, 2),
        "uint8",
        False,
    ),
    Row(
        "unpackbits",
        theon.unpackbits,
        np.unpackbits,
        (
            case((3,)),
            case((2, 2)),
            case((2, 3), axis=0, count=-3),
            case((2, 2), axis=-1, bitorder="little", count=11),
            case((2,), count=20),
            case((2,), count=0),
            case((0,)),
        ),
        ("uint8",),
        integers(0, 256),
        "uint8",
        False,
    ),
    Row("gcd", theon.gcd, np.gcd, BINARY, INTS, uniform(0, 100), differentiable=False, special=LEAST),
    Row("lcm", theon.lcm, np.lcm, BINARY, INTS, uniform(0, 12), differentiable=False, special=LEAST),
    Row(
        "bitwise_count",
        theon.bitwise_count,
        np.bitwise_count,
        UNARY,
        INTS,
        gives="uint8",
        differentiable=False,
        special=(Special(((-1, 0, 2**31 - 1, -(2**31), -6),)),),
    ),
)


def single(function: Any) -> Any:
    """A NumPy function of float32: the width of the operand decides."""
    return lambda x: function(x.astype(np.float32))


def frexp(x: Any) -> Any:
    mantissa, exponent = np.frexp(x)
    return mantissa, np.where(np.isfinite(x), exponent, 0)


LARGEST = float(np.finfo(np.float32).max)


def nan_to_num(x: Any, **given: Any) -> Any:
    """Special values are of float32."""
    return np.nan_to_num(x, **{"posinf": LARGEST, "neginf": -LARGEST, **given})


WIDE = (0.1, -3.0, 2e-38, 3e38, 1.5, np.inf, -np.inf, np.nan, 0.0)
COUNTS = tuple(k for k in (*range(-6, 7), 40, -40))

MADE_OF = (
    Row(
        "ldexp",
        theon.ldexp,
        lambda x, k: np.ldexp(x, k.astype(np.int64)),
        BINARY,
        (("float32", "int32"), ("float64", "int8"), ("float16", "int64"), ("bfloat16", "uint8"), ("int32", "bool")),
        (normal, integers(0, 3)),
        lambda x, k: floating(x),
        ulps=1e-9,
        special=(
            Special((np.repeat(WIDE, len(COUNTS)), np.tile(COUNTS, len(WIDE)))),
            Special(((2e-38, 3e38, 2.0**-100), (250, -250, 227))),
        ),
    ),
    Row(
        "frexp",
        theon.frexp,
        frexp,
        UNARY,
        (*FLOATS, "int32"),
        gives=None,
        ulps=1e-9,
        special=(*EDGE, Special(((*WIDE, 2.0**-126, 0.5, -0.49999997),))),
    ),
    Row("modf", theon.modf, np.modf, UNARY, (*FLOATS, "int32"), gives=floating, special=EDGE),
    Row(
        "spacing",
        theon.spacing,
        single(np.spacing),
        UNARY,
        ("float32",),
        differentiable=False,
        ulps=1e-9,
        special=(Special(((*EDGES, 3e38, 1e-38, 1e-40, 2.0**-103, -(2.0**-102)),)),),
    ),
)

EXTREMA = (
    Row(
        "heaviside",
        theon.heaviside,
        np.heaviside,
        BINARY,
        (*FLOATS, "int32"),
        gives=floating,
        samples=(integers(-1, 2), normal),
        wrt=(1,),
        special=EDGE_PAIRS,
    ),
    Row("fmax", theon.fmax, np.fmax, BINARY, (*REALS, *BOOL, *MIXED), special=EDGE_PAIRS, gradient_cases=PAIRS),
    Row("fmin", theon.fmin, np.fmin, BINARY, (*REALS, *BOOL, *MIXED), special=EDGE_PAIRS, gradient_cases=PAIRS),
    Row(
        "float_power",
        theon.float_power,
        np.float_power,
        BINARY,
        (*FLOATS, "int32", "complex64", ("float32", "int32"), ("bool", "int8")),
        uniform(1, 3),
        floating,
        ulps=64,
        gradient_cases=PAIRS,
    ),
    Row(
        "logaddexp2",
        theon.logaddexp2,
        np.logaddexp2,
        BINARY,
        SHORT[:4],
        normal,
        floating,
        special=EDGE_PAIRS,
        gradient_cases=PAIRS,
    ),
    floats("fabs", theon.fabs, np.fabs, complex=False),
    floats("deg2rad", theon.deg2rad, np.deg2rad, -360, 360, complex=False, aliases=("radians",)),
    floats("rad2deg", theon.rad2deg, np.rad2deg, -7, 7, complex=False, aliases=("degrees",)),
)

EQUALS = (1.0, 1.0 + 1e-6, 1.1, -1.0, 0.0, 1e-9, np.inf, -np.inf, np.nan)
CLOSE = (np.repeat(EQUALS, len(EQUALS)), np.tile(EQUALS, len(EQUALS)))
HOLES = ((1.0, np.nan, np.inf, -np.inf, -2.5),)

TESTS = (
    Row("isposinf", theon.isposinf, np.isposinf, UNARY, (*REALS, *BOOL), normal, "bool", False, special=EDGE),
    Row("isneginf", theon.isneginf, np.isneginf, UNARY, (*REALS, *BOOL), normal, "bool", False, special=EDGE),
    Row("isreal", theon.isreal, np.isreal, UNARY, ("complex64", *NUMBERS, *BOOL), integers(0, 2), "bool", False),
    Row("iscomplex", theon.iscomplex, np.iscomplex, UNARY, ("complex64", *NUMBERS), integers(0, 2), "bool", False),
    Row(
        "isclose",
        theon.isclose,
        np.isclose,
        (*BINARY, case((2, 3), (3,), rtol=0.5), case((4,), (4,), atol=1.0), case((4,), (), equal_nan=True)),
        ("float32", "float64", "complex64", "int32"),
        integers(-1, 2),
        "bool",
        False,
        special=(Special(CLOSE), Special(CLOSE, {"equal_nan": True}), Special(CLOSE, {"rtol": 0.2, "atol": 1e-3})),
    ),
    Row(
        "allclose",
        theon.allclose,
        np.allclose,
        (case((3,), (3,)), case((2, 3), (3,), rtol=0.5), case((4,), (4,), atol=9.0), case((), ()), case((0,), ())),
        ("float32", "float64", "complex64", "int32"),
        integers(-1, 2),
        "bool",
        False,
        special=(Special(CLOSE), Special((HOLES[0], HOLES[0]), {"equal_nan": True}), Special((HOLES[0], HOLES[0]))),
    ),
    Row(
        "array_equal",
        theon.array_equal,
        np.array_equal,
        (case((1,), (1,)), case((2,), (3,)), case((1, 1), (1,)), case((), ()), case((0, 2), (0, 2))),
        ("int32", "float32", "complex64", "bool", ("int32", "float32")),
        integers(0, 2),
        "bool",
        False,
        special=(Special(([1, 2], [1, 2])), Special(([1, 2], [1, 3]))),
    ),
    Row(
        "array_equal",
        theon.array_equal,
        np.array_equal,
        tuple(case((5,), (5,), equal_nan=way) for way in (True, False)),
        ("float32",),
        integers(0, 2),
        "bool",
        False,
        special=tuple(Special((HOLES[0], HOLES[0]), {"equal_nan": way}) for way in (True, False)),
    ),
    Row(
        "array_equiv",
        theon.array_equiv,
        np.array_equiv,
        (case((1,), (1,)), case((2,), (3,)), case((2, 1), (2,)), case((), ()), case((0, 2), (2,)), case((3,), ())),
        ("float32", "int32", "complex64", "bool", ("int32", "float32")),
        integers(0, 2),
        "bool",
        False,
        special=(Special(([[1, 2], [1, 2]], [1, 2])), Special(([1, 2], [1, 3])), Special(HOLES[:1] * 2)),
    ),
    Row(
        "nan_to_num",
        theon.nan_to_num,
        nan_to_num,
        (*UNARY, case((3,), nan=1.0), case((2,), posinf=5.0, neginf=-5.0)),
        NUMBERS,
        gradient_cases=ALONE,
        special=(
            *(Special(HOLES, kwargs) for kwargs in ({"nan": 7.0}, {"posinf": 1.0}, {"neginf": 2.0, "posinf": 3.0})),
        ),
    ),
)

ROWS = (*WHOLE, *MADE_OF, *EXTREMA, *TESTS)
