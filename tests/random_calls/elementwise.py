"""Functions of single elements, over dtypes and special values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy import special

import theon

from .call import (
    COMPLEX,
    FLOATS,
    INTS,
    SHAPES,
    TOGETHER,
    UINTS,
    Array,
    Call,
    array,
    family,
    named,
    one_of,
    rarely,
    rng_of,
    values,
)

SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -2.5, 1e-3, 2.0, 100.0, -100.0, 1e9, -1e9)
WHOLE = (*INTS, *UINTS)
REAL = (*WHOLE, *FLOATS)
# Ints of 8 and 16 bits give NumPy's float16, which is no oracle.
FLOATING = ("int32", "int64", *FLOATS)


@dataclass(frozen=True, eq=False)
class Row:
    """A function of theon, its oracle, the dtypes that both have, and the operands that are drawn."""

    name: str
    oracle: Callable[..., Any]
    dtypes: tuple[str, ...]
    special: bool = True
    positive: bool = False
    widen: bool = True
    ulps: float = 32


def rows(names: str, dtypes: tuple[str, ...], **more: Any) -> list[Row]:
    """NumPy's functions of those names."""
    return [Row(name, getattr(np, name), dtypes, **more) for name in names.split()]


UNARY = (
    *rows("exp log sqrt sin cos tan sinh cosh tanh arcsinh arctan expm1 log1p", (*FLOATING, *COMPLEX), ulps=64),
    *rows("exp2 log2 log10 cbrt arcsin arccos arccosh arctanh fabs deg2rad rad2deg", FLOATING, ulps=64),
    *rows("negative absolute square sign conj real imag positive", (*REAL, *COMPLEX)),
    *rows("floor ceil trunc rint", REAL),
    *rows("reciprocal", (*FLOATS, *COMPLEX)),
    *rows("isnan isinf isfinite logical_not", (*REAL, *COMPLEX)),
    *rows("signbit", FLOATS),
    *rows("bitwise_invert", ("bool", *WHOLE)),
    *rows("bitwise_count", WHOLE),
    *rows("nan_to_num spacing frexp modf", FLOATS, widen=False),
    *rows("sinc i0", FLOATS, special=False),
    Row("erf", special.erf, FLOATING),
    Row("erfc", special.erfc, FLOATING),
    Row("expit", special.expit, FLOATING),
    Row("logit", special.logit, FLOATING),
    Row("ndtr", special.ndtr, FLOATING),
    Row("log_ndtr", special.log_ndtr, FLOATING),
    Row("entr", special.entr, FLOATING),
    Row("gammaln", special.gammaln, FLOATING, special=False, positive=True),
    Row("digamma", special.digamma, FLOATING, special=False, positive=True),
    Row("i0e", special.i0e, FLOATS),
    Row("i1e", special.i1e, FLOATS),
    Row("i1", special.i1, FLOATS, special=False),
)

BITS = ("bool", *WHOLE)
ANY = ("bool", *REAL)

BINARY = (
    *rows("add subtract multiply", (*REAL, *COMPLEX)),
    *rows("divide", (*FLOATING, *COMPLEX)),
    # Of what jumps, NumPy's own width is the oracle.
    *rows("floor_divide remainder fmod divmod", REAL, widen=False),
    *rows("maximum minimum", ANY),
    *rows("fmax fmin", ANY),
    *rows("copysign hypot logaddexp logaddexp2 arctan2 heaviside", FLOATS),
    *rows("nextafter", FLOATS, widen=False),
    *rows("equal not_equal", (*ANY, *COMPLEX), widen=False),
    *rows("less less_equal greater greater_equal", ANY, widen=False),
    *rows("logical_and logical_or logical_xor", (*ANY, *COMPLEX)),
    *rows("bitwise_and bitwise_or bitwise_xor", BITS),
    *rows("left_shift right_shift", WHOLE, positive=True),
    *rows("gcd lcm", WHOLE),
    *rows("power", (*FLOATS, *COMPLEX), special=False, ulps=128),
    *rows("power", FLOATS, ulps=128),
    *rows("power", WHOLE, positive=True),
    *rows("float_power", FLOATS, positive=True, special=False, ulps=128),
    Row("xlogy", special.xlogy, FLOATS),
    Row("xlog1py", special.xlog1py, FLOATS),
    Row("isclose", np.isclose, FLOATS, special=True),
)


def operand(draw: Any, row: Row, shape: tuple[int, ...], dtype: str) -> Array:
    rng = rng_of(draw)
    x = values(rng, shape, dtype)
    if row.special and x.dtype.kind == "f" and draw(st.booleans()):
        x = np.asarray(np.where(rng.random(shape) < 0.7, rng.choice(SPECIAL, shape), x)).astype(dtype)
    if row.special and x.dtype.kind in "iu" and rarely(draw, 4):
        ends = np.iinfo(dtype)
        x = np.asarray(rng.choice(np.asarray([ends.min, ends.max, 0, 1, ends.max // 2], dtype), shape))
    if not row.positive or x.dtype.kind in "bu":
        return x
    # Of the least int there is no magnitude.
    return np.asarray(np.abs(np.where(x < -100, 1, x)) + (0.25 if x.dtype.kind == "f" else 0)).astype(dtype)


def unary(draw: Any) -> Call:
    row = one_of(draw, UNARY)
    x = operand(draw, row, one_of(draw, SHAPES), one_of(draw, row.dtypes))
    return named(row.name, getattr(theon, row.name), row.oracle, {}, x, ulps=row.ulps, widen=row.widen)


def binary(draw: Any) -> Call:
    """Two arrays of one dtype, or now and then an array and a Python number."""
    row = one_of(draw, BINARY)
    dtype = one_of(draw, row.dtypes)
    shapes = one_of(draw, TOGETHER)
    x, y = (operand(draw, row, shape, dtype) for shape in shapes)
    function = getattr(theon, row.name)
    if not rarely(draw, 4) or row.name in ("nextafter", "gcd", "lcm", "isclose"):
        return named(row.name, function, row.oracle, {}, x, y, ulps=row.ulps, widen=row.widen)
    number = {"b": True, "c": 1.5 - 0.5j, "f": 2.5}.get(x.dtype.kind, 3)
    if draw(st.booleans()):
        calls = (lambda a: function(a, number), lambda a: row.oracle(a, number))
        return Call(f"{row.name}(x, {number})", *calls, (x,), row.ulps, widen=row.widen)
    calls = (lambda a: function(number, a), lambda a: row.oracle(number, a))
    return Call(f"{row.name}({number}, x)", *calls, (x,), row.ulps, widen=row.widen)


def several(draw: Any) -> Call:
    name = one_of(draw, ("where", "clip", "round", "ldexp"))
    if name == "where":
        dtype = one_of(draw, (*REAL, *COMPLEX, "bool"))
        first, second = one_of(draw, TOGETHER)
        rng = rng_of(draw)
        parts = (values(rng, first, dtype), values(rng, second, dtype))
        return named(name, theon.where, np.where, {}, values(rng, one_of(draw, (first, second)), "bool"), *parts)
    if name == "clip":
        x = array(draw, REAL)
        low, high = (draw(st.none() | st.integers(0, 3)) for _ in range(2))
        return named(name, theon.clip, np.clip, {"min": low, "max": high}, x)
    if name == "round":
        x = array(draw, REAL)
        least = -2 if x.dtype.kind == "f" else 0  # of ints theon rounds no digits
        return named(name, theon.round, np.round, {"decimals": draw(st.integers(least, 3))}, x, widen=False)
    x = array(draw, FLOATS)
    powers = values(rng_of(draw), one_of(draw, (x.shape, ())), "int32")
    return named(name, theon.ldexp, np.ldexp, {}, x, powers)


FAMILIES = {"elementwise": family(unary, unary, binary, binary, several)}
