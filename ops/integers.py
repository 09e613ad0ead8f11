"""Rows of whole numbers: common divisors and multiples, and counts of bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from jax import lax

from ..graph.node import Node, NodeLike
from ..graph.types import kind_of
from .arithmetic import whole_divisor
from .comparison import INTEGERS
from .elementwise import Row, binary, cast_to, define, elementwise


def _sizes(*arrays: Any) -> list[Any]:
    """Magnitudes as unsigned ints, where that of the least int is a number like any other."""
    unsigned = np.dtype(f"uint{8 * arrays[0].dtype.itemsize}")
    return [lax.convert_element_type(lax.abs(a) if kind_of(a.dtype) == "int" else a, unsigned) for a in arrays]


def _euclid(a: Any, b: Any) -> Any:
    """Euclid's algorithm on all elements at once, until the last of them has ended."""

    def unfinished(pair: Any) -> Any:
        return lax.reduce(lax.ne(pair[1], lax.full_like(b, 0)), False, lax.bitwise_or, tuple(range(b.ndim)))

    def step(pair: Any) -> Any:
        high, low = pair
        ended, divisor = whole_divisor(low)
        return lax.select(ended, high, low), lax.select(ended, low, lax.rem(high, divisor))

    return lax.while_loop(unfinished, step, (a, b))[0]


def _gcd(a: Any, b: Any) -> Any:
    return lax.convert_element_type(_euclid(*_sizes(a, b)), a.dtype)


def _lcm(a: Any, b: Any) -> Any:
    high, low = _sizes(a, b)
    _, divisor = whole_divisor(_euclid(high, low))
    return lax.convert_element_type(lax.mul(lax.div(high, divisor), low), a.dtype)


gcd = binary(
    "gcd",
    "The greatest common divisor, never negative; gcd(0, x) is the magnitude of x.",
    _gcd,
    np.gcd,
    None,
    example=(12, -18, "6"),
    takes=INTEGERS,
)
lcm = binary(
    "lcm",
    "The least common multiple, never negative; 0 where an operand is.",
    _lcm,
    np.lcm,
    None,
    example=(4, -6, "12"),
    takes=INTEGERS,
    notes="It wraps around where it is too large for the dtype.",
)


_BITWISE_COUNT = define(
    Row(
        "bitwise_count",
        lambda x: lax.population_count(lax.abs(x) if kind_of(x.dtype) == "int" else x),
        lambda x: np.asarray(np.bitwise_count(x)).astype(x.dtype),
        INTEGERS,
        "same",
        (),
    )
)


def bitwise_count(x: NodeLike, /) -> Node:
    """How many bits of the magnitude of x are set.

    Arguments: x, ints of any shape (bools become int32). Gives uint8. Not differentiable.
    Raises: DTypeError for floats and complex numbers. Source: NumPy `bitwise_count`.

    >>> import theon
    >>> print(theon.bitwise_count([6, -1, 0]).eval())
    [2 1 0]
    """
    return cast_to(elementwise(_BITWISE_COUNT, x), np.dtype("uint8"))


__all__ = ["bitwise_count", "gcd", "lcm"]
