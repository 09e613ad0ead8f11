"""Rounding rows: steps, whose gradients are 0; and the remainder of division cut to a whole number."""

from __future__ import annotations

from typing import Any

import numpy as np
from jax import lax

from ..graph.errors import ArgumentError, Mismatch
from ..graph.node import Node, NodeLike, as_node, complain
from ..graph.types import is_float, is_integer
from .arithmetic import REAL_NUMBERS, flat, whole_divisor
from .elementwise import binary, unary


def _of_floats(lower: Any) -> Any:
    """Ints are whole already."""
    return lambda x: lower(x) if is_float(x.dtype) else x


def _trunc(x: Any) -> Any:
    return lax.select(lax.lt(x, lax.full_like(x, 0)), lax.ceil(x), lax.floor(x))


floor = unary(
    "floor",
    "The greatest whole number not above x.",
    _of_floats(lax.floor),
    np.floor,
    flat,
    example=(-1.5, "-2.0"),
    takes=REAL_NUMBERS,
    notes="Ints stay ints. The gradient is 0.",
)
ceil = unary(
    "ceil",
    "The least whole number not below x.",
    _of_floats(lax.ceil),
    np.ceil,
    flat,
    example=(1.5, "2.0"),
    takes=REAL_NUMBERS,
    notes="Ints stay ints. The gradient is 0.",
)
trunc = unary(
    "trunc",
    "x without its fraction.",
    _of_floats(_trunc),
    np.trunc,
    flat,
    example=(-1.5, "-1.0"),
    takes=REAL_NUMBERS,
    notes="Ints stay ints. The gradient is 0.",
)
rint = unary(
    "rint",
    "The nearest whole number; halves go to the even one.",
    _of_floats(lambda x: lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN)),
    np.rint,
    flat,
    example=(2.5, "2.0"),
    takes=REAL_NUMBERS,
    notes="Ints stay ints. The gradient is 0.",
)


def round(x: NodeLike, decimals: int = 0) -> Node:
    """x rounded to `decimals` places; halves go to the even neighbour.

    Arguments: a real tensor of any shape; floats are scaled, rounded and scaled back, as in NumPy; ints stay
    as they are. The gradient is 0.
    Raises: ArgumentError where `decimals` is not an int, or is negative for an int tensor.
    Source: NumPy `round`.

    >>> import theon
    >>> print(theon.round([0.5, 1.5, 2.346], 2).eval())
    [0.5  1.5  2.35]
    """
    node = as_node(x)
    if type(decimals) is not int or abs(decimals) > 300:
        problem = Mismatch(
            f"decimals is an int, received {decimals!r}", "give one from -300 to 300, below 0 for tens", ArgumentError
        )
        raise complain(problem, "round", node)
    if decimals == 0 or (is_integer(node.dtype) and decimals > 0):
        return rint(node)
    if is_integer(node.dtype):
        problem = Mismatch("ints are rounded to whole numbers only", "cast to a float first", ArgumentError)
        raise complain(problem, "round", node)
    scale = 10.0 ** (decimals if decimals > 0 else -decimals)
    return rint(node * scale) / scale if decimals > 0 else rint(node / scale) * scale


def _fmod(a: Any, b: Any) -> Any:
    if is_float(a.dtype):
        return lax.rem(a, b)
    return lax.rem(a, whole_divisor(b)[1])


fmod = binary(
    "fmod",
    "Remainder with the sign of the dividend (C's `fmod`).",
    _fmod,
    np.fmod,
    (lambda g, y, a, b: g, lambda g, y, a, b: -(g * trunc(a / b))),
    example=(-7.0, 2.0, "-1.0"),
    takes=REAL_NUMBERS,
    notes="Ints divided by zero give 0, floats nan.",
)


__all__ = [
    "ceil",
    "floor",
    "fmod",
    "rint",
    "round",
    "trunc",
]
