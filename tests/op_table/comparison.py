"""Rows of comparison, logic and bits, of `where`, and of what parts and bytes make."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon
from theon.graph.types import as_dtype, complex_of

from .row import (
    BINARY,
    BOOL,
    EDGE,
    EDGE_PAIRS,
    FLOATS,
    INTS,
    MIXED,
    NUMBERS,
    REALS,
    UNARY,
    Array,
    Row,
    Special,
    case,
    floating,
    integers,
    normal,
    real_part,
    uniform,
)


def compare(name: str, function: Any, oracle: Any, dtypes: Any = (*REALS, *BOOL, *MIXED), **rest: Any) -> Row:
    return Row(name, function, oracle, BINARY, dtypes, integers(0, 3), "bool", False, special=EDGE_PAIRS, **rest)


COMPARISON = (
    compare("equal", theon.equal, np.equal, (*NUMBERS, *BOOL, *MIXED), aliases=("eq",)),
    compare("not_equal", theon.not_equal, np.not_equal, (*NUMBERS, *BOOL, *MIXED)),
    compare("less", theon.less, np.less, aliases=("lt",)),
    compare("less_equal", theon.less_equal, np.less_equal),
    compare("greater", theon.greater, np.greater, aliases=("gt",)),
    compare("greater_equal", theon.greater_equal, np.greater_equal),
    compare("logical_and", theon.logical_and, np.logical_and, ("bool", *NUMBERS, *MIXED)),
    compare("logical_or", theon.logical_or, np.logical_or, ("bool", *NUMBERS, *MIXED)),
    compare("logical_xor", theon.logical_xor, np.logical_xor, ("bool", *NUMBERS, *MIXED)),
    Row(
        "logical_not",
        theon.logical_not,
        np.logical_not,
        UNARY,
        ("bool", *NUMBERS),
        integers(0, 2),
        "bool",
        False,
    ),
    Row("signbit", theon.signbit, np.signbit, UNARY, FLOATS, normal, "bool", False, special=EDGE),
    Row("isnan", theon.isnan, np.isnan, UNARY, (*NUMBERS, *BOOL), normal, "bool", False, special=EDGE),
    Row("isinf", theon.isinf, np.isinf, UNARY, (*NUMBERS, *BOOL), normal, "bool", False, special=EDGE),
    Row("isfinite", theon.isfinite, np.isfinite, UNARY, (*NUMBERS, *BOOL), normal, "bool", False, special=EDGE),
    Row(
        "where",
        theon.where,
        np.where,
        (
            case((), (), ()),
            case((3,), (3,), (3,)),
            case((), (2, 3), (3,)),
            case((2, 1), (3,), ()),
            case((3,), (), ()),
            case((0,), (), (1,)),
        ),
        (
            ("bool", "float32", "float32"),
            ("bool", "complex64", "complex64"),
            ("bool", "int8", "float16"),
            ("bool", "bool", "bool"),
            ("int32", "uint8", "int8"),
        ),
        gives=lambda test, a, b: floating(a, b) if "float" in a + b else real_part(a, b) if a != "complex64" else a,
        gradient_dtypes=(("bool", "complex128", "complex128"),),
        aliases=("switch",),
    ),
)

SHIFTS = (uniform(0, 100), uniform(0, 7))

BITS = (
    Row("bitwise_and", theon.bitwise_and, np.bitwise_and, BINARY, (*INTS, *BOOL), differentiable=False),
    Row("bitwise_or", theon.bitwise_or, np.bitwise_or, BINARY, (*INTS, *BOOL), differentiable=False),
    Row("bitwise_xor", theon.bitwise_xor, np.bitwise_xor, BINARY, (*INTS, *BOOL), differentiable=False),
    Row(
        "bitwise_invert",
        theon.bitwise_invert,
        np.bitwise_not,
        UNARY,
        (*INTS, *BOOL),
        differentiable=False,
    ),
    Row(
        "bitwise_left_shift",
        theon.bitwise_left_shift,
        np.left_shift,
        BINARY,
        INTS,
        SHIFTS,
        differentiable=False,
        special=(Special(((1, -3, 5), (31, 32, 40))),),
    ),
    Row(
        "bitwise_right_shift",
        theon.bitwise_right_shift,
        np.right_shift,
        BINARY,
        INTS,
        SHIFTS,
        differentiable=False,
        special=(Special(((-1, -300, 300), (31, 32, 4))),),
    ),
)


def joined(re: Array, im: Array) -> Array:
    """Parts as they are: a sum with `1j * im` makes nan of inf."""
    out = np.empty(np.broadcast_shapes(re.shape, im.shape), np.complex128)
    out.real, out.imag = re, im
    return out


def bits(x: Array, dtype: str) -> Array:
    """Of a number in float32, which the operands of oracles are not in."""
    return (x.astype(np.float32) if x.dtype.kind == "f" else x).view(as_dtype(dtype))


PARTS = (
    Row(
        "complex",
        theon.complex,
        joined,
        BINARY,
        (*FLOATS, "int32", "bool", ("int32", "float64")),
        gives=lambda *dtypes: complex_of(as_dtype(floating(*dtypes))).name,
        special=EDGE_PAIRS,
    ),
    Row(
        "view",
        theon.view,
        bits,
        (
            case((3,), dtype="uint8"),
            case((2, 2), dtype="int16"),
            case((), dtype="uint32"),
            case((2, 4), dtype="int64"),
            case((0,), dtype="int8"),
            case((2,), dtype="bool"),
            case((3,), dtype="float32"),
            case((2,), dtype="float16"),
            case((2,), dtype="complex64"),
            case((4,), dtype="complex128"),
            case((3,), dtype="int32"),
        ),
        ("int32", "uint32"),
        gives=None,
        differentiable=False,
    ),
    Row(
        "view",
        theon.view,
        bits,
        (
            case((3,), dtype="uint8"),
            case((2, 4), dtype="int16"),
            case((), dtype="uint8"),
            case((8,), dtype="uint64"),
            case((0, 4), dtype="int32"),
        ),
        ("bool",),
        gives=None,
        differentiable=False,
    ),
    Row(
        "view",
        theon.view,
        bits,
        (
            case((3,), dtype="uint8"),
            case((2, 2), dtype="bfloat16"),
            case((), dtype="uint32"),
            case((2,), dtype="float8_e4m3fn"),
            case((2, 4), dtype="int64"),
            case((2,), dtype="bool"),
            case((0,), dtype="float64"),
        ),
        ("float32",),
        gives=None,
        differentiable=False,
    ),
    # Between complex numbers and pairs of floats the gradient passes.
    *(
        Row(
            "view",
            theon.view,
            lambda x, dtype: x.view(dtype),
            tuple(case(shape, dtype=to) for shape in ((4,), (3, 2), (0,), (1, 6), (2, 2))),
            (dtype,),
            gives=to,
        )
        for dtype, to in (("complex128", "float64"), ("float64", "complex128"))
    ),
)

ROWS = (*COMPARISON, *BITS, *PARTS)
