"""Transcendental rows: roots, exponentials, logarithms, angles, hyperbolic and error functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from jax import lax

from ..graph.node import Node, NodeLike
from ..graph.types import kind_of, limits
from .comparison import equal, greater, imag, isinf, logical_and, real, where
from .elementwise import FLOATS, Row, Unary, binary, define, elementwise, number, unary
from .lengths import hypot
from .precise import in_double, no_fold

LN2 = math.log(2)
LN10 = math.log(10)


# --- Roots ------------------------------------------------------------------------------------------------------------

sqrt = unary(
    "sqrt",
    "Square root; nan for negative reals.",
    lax.sqrt,
    np.sqrt,
    lambda g, y, x: g * 0.5 / y,
    example=(9.0, "3.0"),
    notes="The gradient at 0 is infinite; of sqrt(x**2) and of sqrt(sum(x**2)) it is 0.",
)
rsqrt = unary(
    "rsqrt",
    "1 / sqrt(x).",
    lax.rsqrt,
    lambda x: np.reciprocal(np.sqrt(x)),
    lambda g, y, x: g * y * -0.5 / x,
    example=(4.0, "0.5"),
)
cbrt = unary(
    "cbrt",
    "Cube root, of negative numbers too.",
    lax.cbrt,
    np.cbrt,
    lambda g, y, x: g / (3 * (y * y)),
    example=(8.0, "2.0"),
    takes=FLOATS,
    notes="The gradient at 0 is infinite.",
)
reciprocal = unary(
    "reciprocal",
    "1 / x.",
    lambda x: lax.div(number(1, x), x),
    np.reciprocal,
    lambda g, y, x: -(g * y * y),
    example=(4, "0.25"),
    notes="Ints give floats, where NumPy truncates.",
)


# --- Exponentials and logarithms --------------------------------------------------------------------------------------

exp = unary("exp", "e to the power x.", lax.exp, np.exp, lambda g, y, x: g * y, example=(0.0, "1.0"))
exp2 = unary("exp2", "2 to the power x.", lax.exp2, np.exp2, lambda g, y, x: g * (y * LN2), example=(3.0, "8.0"))
expm1 = unary(
    "expm1",
    "exp(x) - 1, exact to the last place near 0.",
    lax.expm1,
    np.expm1,
    lambda g, y, x: g * exp(x),
    example=(0.0, "0.0"),
)
log = unary(
    "log",
    "Natural logarithm; -inf at 0, nan for negative reals.",
    lax.log,
    np.log,
    lambda g, y, x: g / x,
    example=(1.0, "0.0"),
)
log2 = unary(
    "log2",
    "Logarithm to base 2.",
    lambda x: lax.div(lax.log(x), number(LN2, x)),
    np.log2,
    lambda g, y, x: g / (x * LN2),
    example=(8.0, "3.0"),
)
log10 = unary(
    "log10",
    "Logarithm to base 10.",
    lambda x: lax.div(lax.log(x), number(LN10, x)),
    np.log10,
    lambda g, y, x: g / (x * LN10),
    example=(1.0, "0.0"),
)
log1p = unary(
    "log1p",
    "log(1 + x), exact to the last place near 0.",
    lax.log1p,
    np.log1p,
    lambda g, y, x: g / (1 + x),
    example=(0.0, "0.0"),
)


def _logaddexp(a: Any, b: Any) -> Any:
    """The larger is taken out; two equal infinities, whose difference is nan, are their own sum."""
    gap = lax.sub(a, b)
    total = lax.add(lax.max(a, b), lax.log1p(lax.exp(lax.neg(lax.abs(gap)))))
    return lax.select(lax.ne(gap, gap), lax.add(a, b), total)


def _share(mine: Node, other: Node) -> Node:
    """exp(mine) / (exp(mine) + exp(other)); half for two equal infinities."""
    stuck = logical_and(isinf(mine), equal(mine, other))
    return sigmoid(where(stuck, 0, mine) - where(stuck, 0, other))


logaddexp = binary(
    "logaddexp",
    "log(exp(x1) + exp(x2)) without overflow.",
    _logaddexp,
    np.logaddexp,
    (lambda g, y, a, b: g * _share(a, b), lambda g, y, a, b: g * _share(b, a)),
    example=(0.0, 0.0, "0.6931472"),
    takes=FLOATS,
)


def _sigmoid_fold(x: Any) -> Any:
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small)).astype(x.dtype)


def _sigmoid_slope(y: Any, x: Any) -> Any:
    """exp(-x) * y * y for y = 1 / (1 + exp(-x)), whose exponential XLA computes once; bounded, for y that is 0."""
    largest = limits(x.dtype).max
    return lax.mul(lax.mul(lax.min(lax.exp(lax.neg(x)), number(largest, x)), y), y)


# 1 - y has no digits left where y is almost 1, so the slope is made from x too. As a row of its own, since the second
# derivative, of a product, would cancel around 0. y is sigmoid(x): all of the derivative is put down to x.
_SIGMOID_SLOPE = define(
    Row(
        "sigmoid_slope",
        _sigmoid_slope,
        no_fold,
        FLOATS,
        "same",
        (lambda g, s, y, x: None, lambda g, s, y, x: -(g * (s * tanh(x * 0.5)))),
    )
)


def sigmoid_slope(x: NodeLike, /) -> Node:
    """The derivative of sigmoid."""
    return elementwise(_SIGMOID_SLOPE, sigmoid(x), x)


sigmoid: Unary = unary(
    "sigmoid",
    "The logistic function 1 / (1 + exp(-x)).",
    lax.logistic,
    _sigmoid_fold,
    lambda g, y, x: g * elementwise(_SIGMOID_SLOPE, y, x),
    example=(0.0, "0.5"),
    takes=FLOATS,
)


# --- Angles -----------------------------------------------------------------------------------------------------------


_one_minus_square = unary(
    "one_minus_square",
    "1 - x * x, factored: near 1 nothing cancels, nor does in its derivative near 0.",
    lambda x: lax.mul(lax.sub(number(1, x), x), lax.add(number(1, x), x)),
    no_fold,
    lambda g, y, x: -2 * (g * x),
    example=(0.0, ""),
)


sin = unary("sin", "Sine of x radians.", lax.sin, np.sin, lambda g, y, x: g * cos(x), example=(0.0, "0.0"))
cos: Unary = unary("cos", "Cosine of x radians.", lax.cos, np.cos, lambda g, y, x: -(g * sin(x)), example=(0.0, "1.0"))
tan = unary("tan", "Tangent of x radians.", lax.tan, np.tan, lambda g, y, x: g * (1 + y * y), example=(0.0, "0.0"))
asin = unary(
    "asin",
    "The angle in [-pi/2, pi/2] whose sine is x; nan outside [-1, 1].",
    lax.asin,
    np.arcsin,
    lambda g, y, x: g * rsqrt(_one_minus_square(x)),
    example=(0.0, "0.0"),
)
acos = unary(
    "acos",
    "The angle in [0, pi] whose cosine is x; nan outside [-1, 1].",
    lax.acos,
    np.arccos,
    lambda g, y, x: -(g * rsqrt(_one_minus_square(x))),
    example=(1.0, "0.0"),
)
atan = unary(
    "atan",
    "The angle in (-pi/2, pi/2) whose tangent is x.",
    lax.atan,
    np.arctan,
    lambda g, y, x: g / (1 + x * x),
    example=(0.0, "0.0"),
)


def _over_square(leg: Node, a: Node, b: Node) -> Node:
    """leg / (a * a + b * b), in which no square overflows."""
    length = hypot(a, b)
    return leg / length * (1 / length)  # XLA would make a square of two divisions


atan2 = binary(
    "atan2",
    "The angle in [-pi, pi] of the point with height x1 and breadth x2.",
    lax.atan2,
    np.arctan2,
    (lambda g, y, a, b: g * _over_square(b, a, b), lambda g, y, a, b: -g * _over_square(a, a, b)),
    example=(0.0, 1.0, "0.0"),
    takes=FLOATS,
    notes="The gradient at (0, 0) is nan.",
)


def angle(z: NodeLike, /) -> Node:
    """The angle of complex numbers, in [-pi, pi]; 0 or pi for reals.

    Arguments: any shape and dtype. Gives the real dtype. Source: NumPy `angle`.

    >>> import theon
    >>> print(theon.angle(1j).eval())
    1.5707964
    """
    return atan2(imag(z), real(z))


# --- Hyperbolic functions ---------------------------------------------------------------------------------------------

sinh = unary(
    "sinh", "Hyperbolic sine.", in_double(lax.sinh), np.sinh, lambda g, y, x: g * cosh(x), example=(0.0, "0.0")
)
cosh: Unary = unary(
    "cosh", "Hyperbolic cosine.", in_double(lax.cosh), np.cosh, lambda g, y, x: g * sinh(x), example=(0.0, "1.0")
)


def _tanh_slope(x: Any) -> Any:
    """1 / cosh(x)**2, by one exponential; the square overflows where the slope is no normal number any more."""
    rise = lax.exp(x)
    twice = lax.add(rise, lax.div(number(1, x), rise))
    return lax.div(number(4, x), lax.mul(twice, twice))


# A row of its own, as for the logistic function. (From one exponential it is quicker than from logistics.)
_TANH_SLOPE = define(
    Row("tanh_slope", _tanh_slope, no_fold, FLOATS, "same", (lambda g, s, x: g * (s * (-2 * tanh(x))),))
)


def tanh_slope(x: NodeLike, /) -> Node:
    """The derivative of tanh for reals, 1 - tanh(x)**2."""
    return elementwise(_TANH_SLOPE, x)


def _tanh_derivative(g: Node, y: Node, x: Node) -> Node:
    return g * (1 - y * y if kind_of(x.dtype) == "complex" else tanh_slope(x))


tanh: Unary = unary(
    "tanh",
    "Hyperbolic tangent.",
    lax.tanh,
    np.tanh,
    _tanh_derivative,
    example=(0.0, "0.0"),
)


def _asinh_slope(x: Node) -> Node:
    """1 / sqrt(1 + x * x), whose square must not overflow."""
    return rsqrt(x * x + 1) if kind_of(x.dtype) == "complex" else reciprocal(hypot(x, 1))


asinh = unary(
    "asinh",
    "Inverse hyperbolic sine.",
    lax.asinh,
    np.arcsinh,
    lambda g, y, x: g * _asinh_slope(x),
    example=(0.0, "0.0"),
)


def _acosh_derivative(g: Node, y: Node, x: Node) -> Node:
    """Of reals by a quotient, which is finite left of -1 too: log(x + sqrt(x**2 - 1)) has that slope there."""
    if kind_of(x.dtype) == "complex":
        return g * (rsqrt(x - 1) * rsqrt(x + 1))
    return g * (rsqrt((x - 1) / (x + 1)) * (1 / where(greater(x, -1), x + 1, -(x + 1))))


acosh = unary(
    "acosh",
    "Inverse hyperbolic cosine; nan below 1.",
    lax.acosh,
    np.arccosh,
    _acosh_derivative,
    example=(1.0, "0.0"),
)
atanh: Unary = unary(
    "atanh",
    "Inverse hyperbolic tangent; nan outside [-1, 1].",
    lax.atanh,
    np.arctanh,
    lambda g, y, x: g / _one_minus_square(x),
    example=(0.0, "0.0"),
)


# --- The error function -----------------------------------------------------------------------------------------------


def _each(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """A function of Python floats as one of arrays, keeping the dtype: what NumPy has no name for."""
    return lambda x: np.asarray([function(v) for v in np.ravel(x)]).astype(x.dtype).reshape(np.shape(x))


def _bell(x: Node) -> Node:
    """The factor stands in the exponent: before it, the tail would underflow too early."""
    return exp(math.log(2 / math.sqrt(math.pi)) - x * x)


erf = unary(
    "erf",
    "The error function: 2 / sqrt(pi) times the integral of exp(-t * t) from 0 to x.",
    lax.erf,
    _each(math.erf),
    lambda g, y, x: g * _bell(x),
    example=(0.0, "0.0"),
    takes=FLOATS,
)
erfc = unary(
    "erfc",
    "1 - erf(x), without cancellation for large x.",
    in_double(lax.erfc),
    _each(math.erfc),
    lambda g, y, x: -(g * _bell(x)),
    example=(0.0, "1.0"),
    takes=FLOATS,
)


# NumPy's and Theano's other spellings.
inv = reciprocal
expit = sigmoid
arcsin = asin
arccos = acos
arctan = atan
arctan2 = atan2
arcsinh = asinh
arccosh = acosh
arctanh = atanh


__all__ = [
    "acos", "acosh", "angle", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "asin",
    "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "erf", "erfc", "exp", "exp2", "expit", "expm1", "hypot",
    "inv", "log", "log10", "log1p", "log2", "logaddexp", "reciprocal", "rsqrt", "sigmoid", "sigmoid_slope", "sin",
    "sinh", "sqrt", "tan", "tanh", "tanh_slope",
]  # fmt: skip
