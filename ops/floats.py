"""What floats are made of: exponent and mantissa, fraction, and the step to the next one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jax import lax

from ..graph.errors import DTypeError, Mismatch, require
from ..graph.node import Node, NodeLike, as_node, complain
from ..graph.types import default_float_dtype, is_inexact, kind_of, limits, require_computed
from .arithmetic import flat
from .comparison import isinf, where
from .elementwise import FLOATS, Elementwise, Row, cast_to, define, elementwise, number, unary
from .precise import in_single, no_fold
from .rounding import fmod, trunc
from .sizes import Blame


def as_float(x: NodeLike) -> Node:
    """Ints and bools as the default float."""
    node = as_node(x)
    return node if is_inexact(node.dtype) else cast_to(node, default_float_dtype())


def real_float(what: str, x: NodeLike, way: str = "take theon.real first") -> Node:
    """Ints and bools as the default float; what is complex or for storage is refused in the name of a function."""
    node = as_node(x)
    with Blame(what, node):
        require(kind_of(node.dtype) != "complex", f"takes float, not {node.dtype}", way, DTypeError)
        require_computed([node.type])
    return as_float(node)


# --- Exponents and steps ----------------------------------------------------------------------------------------------


def _layout(dtype: Any) -> tuple[Any, int, int]:
    """Of a float dtype: the int that holds its bits, the number of bits of its mantissa, and the exponent of all 1s."""
    mantissa = limits(dtype).mantissa
    return np.dtype(f"int{8 * dtype.itemsize}"), mantissa, 2 ** (8 * dtype.itemsize - 1 - mantissa) - 1


def _biased_exponent(x: Any) -> Any:
    """The bits of the exponent, as an int."""
    ints, mantissa, ones = _layout(x.dtype)
    bits = lax.bitcast_convert_type(x, ints)
    return lax.bitwise_and(lax.shift_right_logical(bits, lax.full_like(bits, mantissa)), lax.full_like(bits, ones))


def _power_of_two(k: Any, dtype: Any) -> Any:
    """2**k for ints whose power is a normal number: exact, as XLA's exponential is not."""
    _, mantissa, ones = _layout(dtype)
    return lax.bitcast_convert_type(lax.shift_left(k + lax.full_like(k, ones // 2), lax.full_like(k, mantissa)), dtype)


def _ldexp(x: Any, exponent: Any) -> Any:
    """In three steps, of which none leaves the normal numbers where the result does not."""
    ints, mantissa, ones = _layout(x.dtype)
    bound = ones + mantissa
    k = lax.convert_element_type(lax.clamp(number(-bound, x), exponent, number(bound, x)), ints)
    third = lax.div(k, lax.full_like(k, 3))
    for part in (third, third, k - third - third):
        x = x * _power_of_two(part, x.dtype)
    return x


def _exponent(x: Any) -> Any:
    """The exponent that frexp gives, as a float: subnormal numbers are made normal first; 0 for what has none."""
    _, mantissa, ones = _layout(x.dtype)
    none = lax.bitwise_or(lax.eq(x, number(0, x)), lax.bitwise_not(lax.is_finite(x)))
    low = lax.lt(lax.abs(x), number(limits(x.dtype).tiny, x))
    raised = lax.select(low, lax.mul(x, number(2.0 ** (mantissa + 2), x)), x)
    found = lax.convert_element_type(_biased_exponent(raised), x.dtype) - number(ones // 2 - 1, x)
    found = lax.select(low, found - number(mantissa + 2, x), found)
    return lax.select(none, lax.full_like(x, 0), found)


def _spacing(x: Any) -> Any:
    """By bits alone, since the step of a small number is subnormal, which arithmetic may flush to 0."""
    ints, mantissa, ones = _layout(x.dtype)
    exponent = _biased_exponent(x)
    one, width = lax.full_like(exponent, 1), lax.full_like(exponent, mantissa)
    normal = lax.shift_left(exponent - width, width)
    subnormal = lax.shift_left(one, lax.max(exponent - one, lax.full_like(exponent, 0)))
    sign = lax.bitwise_and(lax.bitcast_convert_type(x, ints), lax.full_like(exponent, np.iinfo(ints).min))
    bits = lax.bitwise_or(sign, lax.select(lax.gt(exponent, width), normal, subnormal))
    step = lax.bitcast_convert_type(bits, x.dtype)
    return lax.select(lax.eq(exponent, lax.full_like(exponent, ones)), lax.full_like(x, math.nan), step)


_LDEXP: Elementwise = define(
    Row("ldexp", in_single(_ldexp), no_fold, FLOATS, "same", (lambda g, y, x, k: elementwise(_LDEXP, g, k), flat))
)
_EXPONENT = define(Row("exponent", in_single(_exponent), no_fold, FLOATS, "same", ()))
spacing = unary(
    "spacing",
    "The distance from x to the next float away from 0, with the sign of x; nan for infinities.",
    _spacing,
    no_fold,
    None,
    example=(1.0, "1.1920929e-07"),
    takes=FLOATS,
)


def ldexp(x1: NodeLike, x2: NodeLike, /) -> Node:
    """x1 * 2**x2, exactly.

    Arguments: x1, floats (ints become the default float), and x2, ints, of shapes that broadcast. Gives x1's dtype.
    Differentiable by x1. Raises: ShapeError where shapes do not broadcast, DTypeError where x2 is not of ints.
    Source: NumPy `ldexp`, C's `ldexp`.

    >>> import theon
    >>> print(theon.ldexp(0.75, [0, 3, -1]).eval())
    [0.75  6.    0.375]
    """
    mantissa, exponent = real_float("ldexp", x1), as_node(x2)
    if is_inexact(exponent.dtype):
        problem = Mismatch(f"the exponent is {exponent.dtype}", "give ints, or use x1 * theon.exp2(x2)", DTypeError)
        raise complain(problem, "ldexp", mantissa, exponent)
    return elementwise(_LDEXP, mantissa, cast_to(exponent, mantissa.dtype))


def frexp(x: NodeLike, /) -> tuple[Node, Node]:
    """Mantissa and exponent: x is `mantissa * 2**exponent`, the mantissa's magnitude in [0.5, 1).

    Arguments: x, floats of any shape (ints become the default float). Gives the mantissa in x's dtype and the exponent
    in int32; a 0 (as which XLA may take a subnormal number), an infinity or a nan is its own mantissa, with exponent 0.
    The mantissa is differentiable.
    Raises: DTypeError for complex numbers. Source: NumPy `frexp`, C's `frexp`.

    >>> import theon
    >>> [part.eval().item() for part in theon.frexp(6.0)]
    [0.75, 3]
    """
    node = real_float("frexp", x)
    exponent = elementwise(_EXPONENT, node)
    return elementwise(_LDEXP, node, -exponent), cast_to(exponent, np.dtype("int32"))


def modf(x: NodeLike, /) -> tuple[Node, Node]:
    """The fraction and the whole part of x, both with its sign.

    Arguments: x, floats of any shape (ints become the default float). The fraction has slope 1, the whole part 0.
    Raises: DTypeError for complex numbers. Source: NumPy `modf`, C's `modf`.

    >>> import theon
    >>> [part.eval().item() for part in theon.modf(-2.5)]
    [-0.5, -2.0]
    """
    node = real_float("modf", x)
    endless = isinf(node)
    return where(endless, 0.0, fmod(where(endless, 1.0, node), 1.0)), trunc(node)


__all__ = ["as_float", "frexp", "ldexp", "modf", "real_float", "spacing"]
