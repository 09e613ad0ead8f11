"""Powers: the square, and any base to any exponent. (Roots stand by the logarithm.)"""

from __future__ import annotations

from typing import Any

import numpy as np
from jax import lax

from ..graph.errors import ArgumentError, Mismatch
from ..graph.node import Node, NodeLike, as_node, complain, const_value
from ..graph.types import is_integer, kind_of
from .comparison import greater, not_equal, where
from .elementwise import ARITHMETIC, INEXACT, Elementwise, Row, binary, define, elementwise, unary
from .precise import in_double, no_fold
from .transcendental import log

square = unary(
    "square",
    "x * x, elementwise.",
    lambda x: lax.mul(x, x),
    np.square,
    lambda g, y, x: 2 * (g * x),  # g first: it may be 0 where 2 * x is infinite
    example=(3.0, "9.0"),
    takes=ARITHMETIC,
)


def _power_of_int(base: Any, exponent: Any) -> Any:
    """By repeated squaring, one step per bit of the exponent; a negative power is cut to a whole number."""
    one, zero = lax.full_like(base, 1), lax.full_like(base, 0)
    power, square_, bits = one, base, exponent
    negative_ = lax.lt(exponent, zero)
    for _ in range(8 * base.dtype.itemsize):
        odd = lax.ne(lax.bitwise_and(bits, one), zero)
        power = lax.select(odd, lax.mul(power, square_), power)
        square_, bits = lax.mul(square_, square_), lax.shift_right_logical(bits, one)
    if kind_of(base.dtype) == "uint":
        return power
    unit = lax.eq(lax.abs(base), one)
    parity = lax.select(lax.ne(lax.bitwise_and(exponent, one), zero), base, one)
    return lax.select(negative_, lax.select(unit, parity, zero), power)


_power_of_float = in_double(lax.pow)  # in float32 it would lose a digit and a half


def _pow(a: Any, b: Any) -> Any:
    by_kind = {"int": _power_of_int, "uint": _power_of_int, "float": _power_of_float, "complex": lax.pow}
    return by_kind[kind_of(a.dtype)](a, b)


def _pow_fold(a: Any, b: Any) -> Any:
    """NumPy refuses ints to negative ints."""
    if not is_integer(a.dtype):
        return np.power(a, b)
    whole = np.where(np.abs(a) == 1, np.where(b % 2 == 0, np.abs(a), a), 0)
    return np.where(b >= 0, np.power(a, np.maximum(b, 0)), whole).astype(a.dtype)


def _slope(a: Any, b: Any) -> Any:
    """b * a**(b - 1), but 0 where b is 0, at base 0 too."""
    zero = lax.full_like(b, 0)
    flat_ = lax.eq(b, zero)
    power = lax.pow(lax.select(flat_, lax.full_like(a, 1), a), b - lax.full_like(b, 1))
    return lax.select(flat_, zero, b * power)


def _slope_by_exponent(g: Node, y: Node, a: Node, b: Node) -> Node:
    open_ = not_equal(a, 0) if kind_of(a.dtype) == "complex" else greater(a, 0)
    base = where(open_, a, 1)
    return g * where(open_, pow(base, b - 1) * (1 + b * log(base)), 0)


# A row of its own, because in float32 the exponent less 1 would be rounded before it is an exponent.
_POW_SLOPE: Elementwise = define(
    Row(
        "pow_slope",
        in_double(_slope),
        no_fold,
        INEXACT,
        "same",
        (lambda g, y, a, b: g * (b * elementwise(_POW_SLOPE, a, b - 1)), _slope_by_exponent),
    )
)


def _pow_by_base(g: Node, y: Node, a: Node, b: Node) -> Node | None:
    exponent = const_value(b)
    if exponent is None or exponent.ndim:
        return g * elementwise(_POW_SLOPE, a, b)
    if exponent in (0, 1, 2):
        return None if exponent == 0 else g if exponent == 1 else 2 * (g * a)
    return g * (b * pow(a, b - 1))


def _pow_by_exponent(g: Node, y: Node, a: Node, b: Node) -> Node | None:
    """a**b * log(a) where the base is positive (or complex and not 0); elsewhere there is no slope."""
    if const_value(b) is not None:
        return None
    open_ = not_equal(a, 0) if kind_of(a.dtype) == "complex" else greater(a, 0)
    return g * where(open_, y * log(where(open_, a, 1)), 0)


_power = binary(
    "pow",
    "x1 raised to the power x2.",
    _pow,
    _pow_fold,
    (_pow_by_base, _pow_by_exponent),
    example=(2.0, 3.0, "8.0"),
    takes=ARITHMETIC,
)


def pow(x1: NodeLike, x2: NodeLike, /) -> Node:
    """x1 raised to the power x2, elementwise.

    Arguments: shapes that broadcast; ints to an int power stay ints (and wrap around). A negative int power
    of ints that is known only at run time is 1 over the positive one, cut to a whole number. The gradient by
    the exponent flows where the base is positive; by the base it is right for negative bases and whole
    exponents too. The gradient at base 0 is 0 for the exponent 0 and above 1, 1 for 1, and infinite between
    0 and 1 and below 0.
    Raises: ShapeError where shapes do not broadcast, ArgumentError for ints to a negative Python int.
    Source: NumPy / Array API `pow`.

    >>> import theon
    >>> print(theon.pow(2, 3).eval(), theon.pow([-2.0, 4.0], 3).eval())
    8 [-8. 64.]
    """
    if type(x2) is int and x2 < 0:
        base = as_node(x1)
        if kind_of(base.dtype) in ("bool", "int", "uint"):
            problem = Mismatch(f"ints have no whole power {x2}", "make the base a float first", ArgumentError)
            raise complain(problem, "pow", base)
    return _power(x1, x2)


# NumPy's and Theano's other spellings.
power = pow
sqr = square


__all__ = ["pow", "power", "sqr", "square"]
