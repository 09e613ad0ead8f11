"""Rows of the elementwise ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

import theon

from .row import (
    BINARY,
    BOOL,
    COMPLEXES,
    EDGE,
    EDGE_PAIRS,
    EDGES,
    FLOATS,
    INEXACT,
    MIXED,
    NUMBERS,
    REALS,
    UNARY,
    Row,
    Sampler,
    Special,
    as_array,
    case,
    floating,
    integers,
    normal,
    real_part,
    uniform,
)

SHORT = ("float32", "float16", "bfloat16", "int32", "bool")  # for functions of floats: what is converted, what is not


# Enough for the gradient of what is slow to compile.
PAIRS = (case((), (2, 2)), case((2, 1, 3), (4, 1)), case((0, 3), (3,)))
ALONE = (case(()), case((2, 3)), case((0,)))


def away(low: float, high: float) -> Sampler:
    """Numbers of either sign whose magnitude lies between two bounds."""

    def sample(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Any:
        size = uniform(low, high)(rng, shape, dtype)
        unsigned = dtype == "bool" or dtype.startswith("u")
        return size if unsigned else (size * rng.choice((-1, 1), shape)).astype(size.dtype)

    return sample


def floats(
    name: str,
    function: Callable[..., Any],
    oracle: Callable[..., Any],
    low: float = -3.0,
    high: float = 3.0,
    *,
    complex: bool = True,
    **rest: Any,
) -> Row:
    """A function of one float, whose ints become floats."""
    if complex:
        rest = {"gradient_dtypes": ("complex128",), **rest}
    dtypes = (*SHORT, *COMPLEXES) if complex else SHORT

    def truth(x: Any) -> Any:
        return oracle(x * 1.0)  # NumPy takes bools to float16

    return Row(
        name,
        function,
        truth,
        UNARY,
        dtypes,
        uniform(low, high),
        floating,
        **{"special": EDGE, "gradient_cases": ALONE, **rest},
    )


ARITHMETIC = (
    Row("add", theon.add, np.add, BINARY, (*NUMBERS, *MIXED), gradient_dtypes=COMPLEXES[1:], special=EDGE_PAIRS),
    Row(
        "subtract",
        theon.subtract,
        np.subtract,
        BINARY,
        (*NUMBERS, *MIXED),
        gradient_dtypes=COMPLEXES[1:],
        special=EDGE_PAIRS,
        aliases=("sub",),
    ),
    Row(
        "multiply",
        theon.multiply,
        np.multiply,
        BINARY,
        (*NUMBERS, *MIXED),
        gradient_dtypes=COMPLEXES[1:],
        special=EDGE_PAIRS,
        aliases=("mul",),
    ),
    Row(
        "divide",
        theon.divide,
        np.divide,
        BINARY,
        (*NUMBERS, *BOOL),
        away(1, 4),
        floating,
        gradient_dtypes=COMPLEXES[1:],
        special=EDGE_PAIRS,
    ),
    Row(
        "floor_divide",
        theon.floor_divide,
        np.floor_divide,
        BINARY,
        (*REALS, *MIXED[:2]),
        special=EDGE_PAIRS,
    ),
    Row(
        "remainder",
        theon.remainder,
        np.remainder,
        BINARY,
        (*REALS, *MIXED[:2]),
        away(1, 4),
        special=EDGE_PAIRS,
        aliases=("mod",),
    ),
    Row(
        "divmod",
        theon.divmod,
        np.divmod,
        BINARY,
        ("float32", "int8", "uint16"),
        away(1, 4),
        special=EDGE_PAIRS,
        gradient_cases=PAIRS[:1],
    ),
    Row("fmod", theon.fmod, np.fmod, BINARY, (*REALS, *MIXED[:2]), away(1, 4), special=EDGE_PAIRS),
    Row("negative", theon.negative, np.negative, UNARY, NUMBERS, gradient_dtypes=COMPLEXES[1:], aliases=("neg",)),
    Row("positive", theon.positive, np.positive, UNARY, NUMBERS),
    Row(
        "abs",
        theon.abs,
        np.abs,
        UNARY,
        NUMBERS,
        gives=real_part,
        gradient_dtypes=COMPLEXES[1:],
        special=EDGE,
        aliases=("absolute",),
    ),
    Row(
        "sign",
        theon.sign,
        np.sign,
        UNARY,
        NUMBERS,
        special=EDGE,
        aliases=("sgn",),
    ),
    Row("copysign", theon.copysign, np.copysign, BINARY, (*FLOATS, "int32"), gives=floating, special=EDGE_PAIRS),
    Row(
        "nextafter",
        lambda a, b: theon.nextafter(a, b),
        lambda a, b: np.nextafter(a.astype(np.float32), b.astype(np.float32)),
        BINARY,
        ulps=1e-9,
        differentiable=False,
        special=EDGE_PAIRS,
    ),
    Row("real", theon.real, np.real, UNARY, NUMBERS, gives=real_part, gradient_dtypes=COMPLEXES[1:]),
    Row("imag", theon.imag, np.imag, UNARY, NUMBERS[::-1], gives=real_part),
    Row("conj", theon.conj, np.conj, UNARY, NUMBERS, gradient_dtypes=COMPLEXES[1:], aliases=("conjugate",)),
    Row("angle", theon.angle, np.angle, UNARY, INEXACT[::-1], gives=real_part),
    Row(
        "square",
        theon.square,
        np.square,
        UNARY,
        NUMBERS,
        gradient_dtypes=COMPLEXES[1:],
        special=EDGE,
        aliases=("sqr",),
    ),
    Row(
        "pow",
        theon.pow,
        np.power,
        BINARY,
        (*NUMBERS, ("float32", "int32"), ("int32", "float32")),
        uniform(1, 3),
        gradient_cases=PAIRS,
        ulps=64,
        gradient_dtypes=COMPLEXES[1:],
        special=(*EDGE_PAIRS, Special(((-2.0, -1.5, -3.0), (3.0, 2.0, -1.0)))),
        aliases=("power",),
    ),
    Row("maximum", theon.maximum, np.maximum, BINARY, (*REALS, *BOOL, *MIXED), special=EDGE_PAIRS),
    Row("minimum", theon.minimum, np.minimum, BINARY, (*REALS, *BOOL, *MIXED), special=EDGE_PAIRS),
    Row(
        "clip",
        theon.clip,
        np.clip,
        (
            case((), (), ()),
            case((2, 3), (3,), (2, 1)),
            case((3,), (), ()),
            case((0, 3), (), (3,)),
            case((2, 3), min=0, max=1),
            case((4,), min=-1, max=None),
            case((4,), min=None, max=0),
        ),
        ("float32", "float64", "float16", "int32", "int8"),
    ),
    Row(
        "hypot",
        theon.hypot,
        np.hypot,
        BINARY,
        (*FLOATS, "int32"),
        gives=floating,
        special=EDGE_PAIRS,
        gradient_cases=PAIRS,
    ),
)

ROUNDING = (
    Row("floor", theon.floor, np.floor, UNARY, REALS, special=EDGE),
    Row("ceil", theon.ceil, np.ceil, UNARY, REALS, special=EDGE),
    Row("trunc", theon.trunc, np.trunc, UNARY, REALS, special=EDGE, aliases=("fix",)),
    Row("rint", theon.rint, np.rint, UNARY, REALS, special=(Special(((*EDGES, 0.5, 1.5, -0.5, -2.5),)),)),
    Row(
        "round",
        theon.round,
        np.round,
        (*UNARY, case((3, 4), decimals=2), case((3,), decimals=1), case((3,), decimals=0)),
        REALS,
        special=(
            Special(((*EDGES, 0.5, 1.5, -0.5, -2.5),)),
            Special(((123.0, 175.0, -1250.0),), {"decimals": -2}),
        ),
    ),
)

CASTS = (
    Row(
        "assume",
        theon.assume,
        lambda x, fact: x,
        (
            case((), fact="positive"),
            case((3,), fact="nonnegative"),
            case((2, 3), fact="unit"),
            case((0, 2), fact="integer"),
            case((2, 1), fact="positive"),
        ),
        REALS,
        normal,
    ),
    Row(
        "astype",
        theon.astype,
        lambda x, dtype: as_array(x, dtype),
        (
            case((), dtype="float32"),
            case((2, 3), dtype="float64"),
            case((3,), dtype="float16"),
            case((0, 2), dtype="bfloat16"),
            case((3,), dtype="int8"),
            case((2, 2), dtype="bool"),
            case((2, 1), dtype="complex64"),
        ),
        (*REALS, *BOOL),
        integers(0, 100),
        gives=None,
        gradient_cases=(case((2,), dtype="float64"), case((), dtype="complex128"), case((2, 3), dtype="bool")),
    ),
)

TRANSCENDENTAL = (
    floats("sqrt", theon.sqrt, np.sqrt, 0.1, 5),
    floats("rsqrt", theon.rsqrt, lambda x: 1 / np.sqrt(x), 1, 5, special=()),
    floats("cbrt", theon.cbrt, np.cbrt, 0.1, 5, complex=False),
    floats("reciprocal", theon.reciprocal, np.reciprocal, 1, 5),
    floats("exp", theon.exp, np.exp),
    floats("exp2", theon.exp2, np.exp2),
    floats("expm1", theon.expm1, np.expm1),
    floats("log", theon.log, np.log, 1, 5),
    floats("log2", theon.log2, np.log2, 1, 5),
    floats("log10", theon.log10, np.log10, 1, 5),
    floats("log1p", theon.log1p, np.log1p, 0, 5),
    Row(
        "logaddexp",
        theon.logaddexp,
        np.logaddexp,
        BINARY,
        SHORT[:4],
        normal,
        floating,
        special=EDGE_PAIRS,
        gradient_cases=PAIRS,
    ),
    floats("sigmoid", theon.sigmoid, special.expit, complex=False, aliases=("expit",)),
    floats("sin", theon.sin, np.sin),
    floats("cos", theon.cos, np.cos),
    floats("tan", theon.tan, np.tan, -1, 1),
    floats("asin", theon.asin, np.arcsin, -0.9, 0.9, aliases=("arcsin",)),
    floats("acos", theon.acos, np.arccos, -0.9, 0.9, aliases=("arccos",)),
    floats("atan", theon.atan, np.arctan, -0.9, 0.9, aliases=("arctan",)),
    Row(
        "atan2",
        theon.atan2,
        np.arctan2,
        BINARY,
        SHORT[:4],
        normal,
        floating,
        gradient_cases=PAIRS,
        special=EDGE_PAIRS,
        aliases=("arctan2",),
    ),
    floats("sinh", theon.sinh, np.sinh),
    floats("cosh", theon.cosh, np.cosh),
    floats("tanh", theon.tanh, np.tanh),
    floats("asinh", theon.asinh, np.arcsinh, aliases=("arcsinh",)),
    floats("acosh", theon.acosh, np.arccosh, 1.1, 5, aliases=("arccosh",)),
    floats("atanh", theon.atanh, np.arctanh, -0.9, 0.9, aliases=("arctanh",)),
    floats("erf", theon.erf, special.erf, complex=False),
    floats("erfc", theon.erfc, special.erfc, complex=False),
)

ROWS = (*ARITHMETIC, *ROUNDING, *CASTS, *TRANSCENDENTAL)
