"""Arithmetic rows: sums, products, quotients, signs, powers, extrema. (Roots stand by the logarithm.)"""

from __future__ import annotations

from typing import Any

import numpy as np
from jax import lax

from ..graph.node import Node, NodeLike, as_node, const_value
from ..graph.types import is_float, kind_of
from .comparison import conj, equal, greater, real, sign_bit, where
from .elementwise import (
    ARITHMETIC,
    FLOATS,
    INEXACT,
    REALS,
    Binary,
    binary,
    cast_to,
    unary,
)  # fmt: skip

REAL_NUMBERS = frozenset(("int", "uint", "float"))  # bools become int32 first


def flat(g: Node, y: Node, *inputs: Node) -> None:
    """The derivative of a step function: zero wherever there is one, so nothing flows."""


add = binary(
    "add",
    "Sum, elementwise.",
    lax.add,
    np.add,
    (lambda g, y, a, b: g, lambda g, y, a, b: g),
    example=(1.0, 2.0, "3.0"),
    notes="Integers wrap around; bools add as int32.",
)
subtract = binary(
    "subtract",
    "Difference, elementwise.",
    lax.sub,
    np.subtract,
    (lambda g, y, a, b: g, lambda g, y, a, b: -g),
    example=(3.0, 1.0, "2.0"),
    notes="Integers wrap around.",
)
multiply = binary(
    "multiply",
    "Product, elementwise.",
    lax.mul,
    np.multiply,
    (lambda g, y, a, b: g * b, lambda g, y, a, b: g * a),
    example=(2.0, 3.0, "6.0"),
    notes="Integers wrap around.",
)


def _over(g: Node, b: Node) -> Node:
    """g / b, but by the reciprocal where b varies: XLA makes a / (b * b) of a / b / b, and the square overflows."""
    return g / b if const_value(b) is not None else g * (1 / b)


divide = binary(
    "divide",
    "True quotient, elementwise.",
    lax.div,
    np.divide,
    (lambda g, y, a, b: _over(g, b), lambda g, y, a, b: -(_over(g, b) * y)),
    example=(1, 4, "0.25"),
    takes=INEXACT,
    notes="Two ints give the default float. Floats divided by zero give inf or nan.",
)


# --- Division with a remainder ----------------------------------------------------------------------------------------


def whole_divisor(b: Any) -> tuple[Any, Any]:
    """Where an int divisor is 0, and the divisor with 1 there: XLA dies of a constant divided by 0."""
    by_zero = lax.eq(b, lax.full_like(b, 0))
    return by_zero, lax.select(by_zero, lax.full_like(b, 1), b)


def _divmod_int(a: Any, b: Any) -> tuple[Any, Any]:
    """Quotient towards minus infinity, remainder with the divisor's sign; both 0 where the divisor is."""
    zero = lax.full_like(b, 0)
    by_zero, divisor = whole_divisor(b)
    quotient, rest = lax.div(a, divisor), lax.rem(a, divisor)
    if kind_of(a.dtype) == "int":
        borrow = lax.bitwise_and(lax.ne(rest, zero), lax.ne(lax.lt(rest, zero), lax.lt(b, zero)))
        quotient = lax.select(borrow, lax.sub(quotient, lax.full_like(b, 1)), quotient)
        rest = lax.select(borrow, lax.add(rest, b), rest)
    return lax.select(by_zero, zero, quotient), rest


def _divmod_float(a: Any, b: Any) -> tuple[Any, Any]:
    """As NumPy: `(a - rest) / b` is whole but for rounding, so it is snapped; signed zeros are kept."""
    zero = lax.full_like(b, 0)
    rest = lax.rem(a, b)
    quotient = lax.div(lax.sub(a, rest), b)
    borrow = lax.bitwise_and(lax.ne(rest, zero), lax.ne(lax.lt(rest, zero), lax.lt(b, zero)))
    rest = lax.select(borrow, lax.add(rest, b), rest)
    quotient = lax.select(borrow, lax.sub(quotient, lax.full_like(b, 1)), quotient)
    rest = lax.select(lax.eq(rest, zero), _copysign(zero, b), rest)
    whole = lax.round(quotient, lax.RoundingMethod.TO_NEAREST_EVEN)
    plain = lax.div(a, b)
    whole = lax.select(lax.eq(whole, zero), _copysign(zero, plain), whole)
    return lax.select(lax.eq(b, zero), plain, whole), rest


def _divmod(a: Any, b: Any) -> tuple[Any, Any]:
    return _divmod_float(a, b) if is_float(a.dtype) else _divmod_int(a, b)


def _copysign(a: Any, b: Any) -> Any:
    return lax.select(lax.eq(sign_bit(a), sign_bit(b)), a, lax.neg(a))


floor_divide = binary(
    "floor_divide",
    "Quotient rounded towards minus infinity (Python's `//`).",
    lambda a, b: _divmod(a, b)[0],
    np.floor_divide,
    (flat, flat),
    example=(-7, 2, "-4"),
    takes=REAL_NUMBERS,
    notes="Ints divided by zero give 0, floats inf or nan. The gradient is 0.",
)
remainder = binary(
    "remainder",
    "Remainder with the sign of the divisor (Python's `%`).",
    lambda a, b: _divmod(a, b)[1],
    np.remainder,
    (lambda g, y, a, b: g, lambda g, y, a, b: -(g * floor_divide(a, b))),
    example=(-7, 2, "1"),
    takes=REAL_NUMBERS,
    notes="Ints divided by zero give 0, floats nan.",
)


def divmod(x1: NodeLike, x2: NodeLike, /) -> tuple[Node, Node]:
    """`(floor_divide(x1, x2), remainder(x1, x2))`; types and errors are theirs.

    Source: NumPy `divmod`.

    >>> import theon
    >>> [int(part.eval()) for part in theon.divmod(-7, 2)]
    [-4, 1]
    """
    return floor_divide(x1, x2), remainder(x1, x2)


# --- Signs ------------------------------------------------------------------------------------------------------------


def _sign_derivative(g: Node, y: Node, x: Node) -> Node | None:
    """Zero for reals. For complex z the value is z / |z|, and only the part of a step across z turns it."""
    if kind_of(x.dtype) != "complex":
        return None
    length = abs(x)
    away = greater(length, 0)
    turn = (g - conj(y) * real(g * y)) / where(away, length, 1)
    return where(away, turn, 0)


def _abs_derivative(g: Node, y: Node, x: Node) -> Node:
    slope = sign(x)
    return g * (conj(slope) if kind_of(x.dtype) == "complex" else slope)


def _abs(x: Any) -> Any:
    return x if kind_of(x.dtype) == "uint" else lax.abs(x)


negative = unary(
    "negative",
    "-x, elementwise.",
    lax.neg,
    np.negative,
    lambda g, y, x: -g,
    example=(2.0, "-2.0"),
    takes=ARITHMETIC,
    notes="Unsigned ints wrap around.",
)
abs = unary(
    "abs",
    "Magnitude, elementwise.",
    _abs,
    np.abs,
    _abs_derivative,
    example=(-2.0, "2.0"),
    takes=ARITHMETIC,
    gives="real",
    notes="The gradient at 0 is 0.",
)
sign = unary(
    "sign",
    "-1, 0 or 1; z / |z| for complex z; nan for nan.",
    lax.sign,
    np.sign,
    _sign_derivative,
    example=(-2.0, "-1.0"),
    takes=ARITHMETIC,
    notes="The gradient of reals is 0.",
)
copysign: Binary = binary(
    "copysign",
    "The magnitude of x1 with the sign of x2 (of a zero too).",
    _copysign,
    np.copysign,
    (lambda g, y, a, b: g * copysign(1, a) * copysign(1, b), flat),
    example=(2.0, -0.0, "-2.0"),
    takes=FLOATS,
)
nextafter = binary(
    "nextafter",
    "The float next to x1 in the direction of x2.",
    lax.nextafter,
    np.nextafter,
    None,
    example=(1.0, 2.0, "1.0000001"),
    takes=FLOATS,
)


def positive(x: NodeLike, /) -> Node:
    """+x: x itself, bools as int32. Source: NumPy / Array API `positive`.

    >>> import theon
    >>> print(theon.positive(2.0).eval())
    2.0
    """
    node = as_node(x)
    return cast_to(node, np.dtype("int32")) if kind_of(node.dtype) == "bool" else node


# --- Extrema ----------------------------------------------------------------------------------------------------------


def _winner(g: Node, mine: Node, other: Node) -> Node:
    """The gradient of an extremum by one operand, where `mine - other` is positive if it won; ties share."""
    return where(greater(mine, other), g, where(equal(mine, other), g * 0.5, 0))


maximum = binary(
    "maximum",
    "The larger of two, elementwise; nan where either is nan.",
    lax.max,
    np.maximum,
    (lambda g, y, a, b: _winner(g, a, b), lambda g, y, a, b: _winner(g, b, a)),
    example=(1.0, 2.0, "2.0"),
    takes=REALS,
    notes="Where both are equal, each gets half the gradient.",
)
minimum = binary(
    "minimum",
    "The smaller of two, elementwise; nan where either is nan.",
    lax.min,
    np.minimum,
    (lambda g, y, a, b: _winner(g, b, a), lambda g, y, a, b: _winner(g, a, b)),
    example=(1.0, 2.0, "1.0"),
    takes=REALS,
    notes="Where both are equal, each gets half the gradient.",
)


def clip(x: NodeLike, min: NodeLike | None = None, max: NodeLike | None = None) -> Node:
    """x with everything below `min` raised to it, then everything above `max` lowered to it.

    Arguments: real tensors that broadcast; either bound may be None. Gives the promoted dtype. On a bound the
    gradient is shared with it, half each. Raises: ShapeError where shapes do not broadcast.
    Source: NumPy / Array API `clip`.

    >>> import theon
    >>> print(theon.clip([-1.0, 0.5, 3.0], 0, 1).eval())
    [0.  0.5 1. ]
    """
    node = as_node(x)
    if min is not None:
        node = maximum(node, min)
    return node if max is None else minimum(node, max)


# NumPy's and Theano's other spellings.
absolute = abs
true_divide = divide
mod = remainder
neg = negative
sgn = sign
sub = subtract
mul = multiply
true_div = divide
int_div = floor_divide


__all__ = [
    "abs", "absolute", "add", "clip", "copysign", "divide", "divmod", "floor_divide", "int_div", "maximum",
    "minimum", "mod", "mul", "multiply", "neg", "negative", "nextafter", "positive", "remainder",
    "sgn", "sign", "sub", "subtract", "true_div", "true_divide",
]  # fmt: skip
