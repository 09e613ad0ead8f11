"""Elementwise lowerings that compute in a wider dtype than they are asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import lax

from ..graph.node import Node, NodeLike, apply
from ..graph.types import limits
from .elementwise import FLOATS, Derivative, Elementwise, Unary, cast_to, elementwise, unary

Lowering = Callable[..., Any]


def _in_dtype(width: np.dtype[Any], function: Lowering) -> Lowering:
    def lower(*arrays: Any) -> Any:
        dtype = arrays[0].dtype
        if dtype.itemsize >= width.itemsize:
            return function(*arrays)
        wide = function(*(lax.convert_element_type(a, width) for a in arrays))
        return lax.convert_element_type(wide, dtype)

    return lower


def in_single(function: Lowering) -> Lowering:
    """A lowering that computes 16-bit floats in float32."""
    return _in_dtype(np.dtype("float32"), function)


def in_double(function: Lowering) -> Lowering:
    """A lowering that computes all floats in float64, and rounds once at the end.

    What cancels in float32 near a zero or in a tail keeps eight spare digits in float64, so that the narrow result is
    right to the last place. The price: half the vector width on a CPU, a small part of the float32 rate on most GPUs,
    and emulation on a TPU. So this is for special functions alone, which are seldom what a program waits for.
    """
    return _in_dtype(np.dtype("float64"), function)


def through_double(op: Elementwise, *values: NodeLike) -> Node:
    """An elementwise op in a float64 part of the graph, its result rounded to the operands' dtype.

    For inverses: their derivatives are written in the result, whose rounding they would magnify.
    """
    narrow = elementwise(op, *values)
    double = np.dtype("float64")
    if narrow.dtype == double:
        return narrow
    return cast_to(apply(op, *(cast_to(x, double) for x in narrow.inputs)), narrow.dtype)


def full(x: Any, value: float) -> Any:
    """A number in the shape and dtype of an array."""
    return lax.full_like(x, value)


def inner_row(name: str, summary: str, lower: Lowering, derivative: Derivative) -> Unary:
    """A row of one float, computed in float64, that only other rows and rules use."""
    return unary(name, summary, in_double(lower), no_fold, derivative, example=(0.0, ""), takes=FLOATS)


def last_exponent(dtype: np.dtype[Any]) -> int:
    """The last whole number whose exponential is finite."""
    return int(math.log(limits(dtype).max))


def polynomial(coefficients: Sequence[float], x: Any) -> Any:
    """Coefficients from the constant one upwards, by Horner's rule."""
    total = lax.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + lax.full_like(x, coefficient)
    return total


def log_power(x: Any, log_x: Any, exponent: Any) -> Any:
    """exponent * log(x), which is 0 where both are."""
    zero = full(x, 0)
    none = lax.bitwise_and(lax.eq(x, zero), lax.eq(exponent, zero))
    return lax.select(none, zero, exponent * log_x)


def repeat(count: int, step: Callable[..., tuple[Any, ...]], *start: Any) -> tuple[Any, ...]:
    """step(k, *carried) for k from 1 to `count`; k comes as an array like the first one carried."""

    def body(k: Any, carried: tuple[Any, ...]) -> tuple[Any, ...]:
        return step(lax.full_like(start[0], lax.convert_element_type(k, start[0].dtype)), *carried)

    return lax.fori_loop(1, count + 1, body, start) if count > 0 else start


def as_scipy(function: Any) -> Any:
    """The docstring of a row's function says where its name comes from."""
    function.__doc__ = function.__doc__.replace("NumPy / Array API", "SciPy")
    return function


def no_fold(*constants: Any) -> Any:
    """Only ints are folded, and these functions take floats."""
    raise NotImplementedError
