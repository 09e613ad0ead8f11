"""NumPy's further elementwise functions: steps and extrema, powers, degrees, and what knows infinities and nans."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jax import lax

from ..graph.dims import broadcast_shapes, may_equal
from ..graph.errors import Mismatch
from ..graph.node import Node, NodeLike, as_node
from ..graph.types import BOOL, is_float, kind_of, limits
from .arithmetic import abs, flat, maximum, minimum
from .comparison import equal, imag, isfinite, isnan, less_equal, logical_and, logical_or, not_equal, real, where
from .creation import full
from .elementwise import (
    FLOATS,
    REALS,
    Binary,
    binary,
    number,
    promoted,
    unary,
)
from .floats import as_float, real_float
from .powers import pow
from .precise import in_single, no_fold
from .reduce import all as all_
from .rounding import trunc
from .sizes import shape_of
from .transcendental import LN2, _share

# --- Steps, extrema, powers -------------------------------------------------------------------------------------------


def _heaviside(x: Any, middle: Any) -> Any:
    zero = lax.full_like(x, 0)
    side = lax.select(lax.lt(x, zero), zero, lax.full_like(x, 1))
    return lax.select(lax.eq(x, zero), middle, lax.select(lax.ne(x, x), x, side))


heaviside = binary(
    "heaviside",
    "0 where x1 is negative, x2 where it is 0, 1 where it is positive.",
    _heaviside,
    np.heaviside,
    (flat, lambda g, y, x, middle: where(equal(x, 0), g, 0)),
    example=(0.0, 0.5, "0.5"),
    takes=FLOATS,
    notes="The gradient by x1 is 0.",
)


def _ignoring_nan(what: str, extremum: Binary, x1: NodeLike, x2: NodeLike) -> Node:
    """Each operand stands in for the other where that is nan; an extremum of two equal numbers shares its gradient."""
    a, b = promoted(what, x1, x2)
    if not is_float(a.dtype):
        return extremum(a, b)
    return extremum(where(isnan(a), b, a), where(isnan(b), a, b))


def fmax(x1: NodeLike, x2: NodeLike, /) -> Node:
    """The larger of two, elementwise; where one is nan, the other.

    Arguments: real tensors of shapes that broadcast. Gives the promoted dtype. Where both are equal, each gets half
    the gradient. Raises: ShapeError where shapes do not broadcast, DTypeError for complex. Source: NumPy `fmax`.

    >>> import theon
    >>> print(theon.fmax([1.0, float("nan")], 0.5).eval())
    [1.  0.5]
    """
    return _ignoring_nan("fmax", maximum, x1, x2)


def fmin(x1: NodeLike, x2: NodeLike, /) -> Node:
    """The smaller of two, elementwise; where one is nan, the other.

    Arguments: real tensors of shapes that broadcast. Gives the promoted dtype. Where both are equal, each gets half
    the gradient. Raises: ShapeError where shapes do not broadcast, DTypeError for complex. Source: NumPy `fmin`.

    >>> import theon
    >>> print(theon.fmin([1.0, float("nan")], 0.5).eval())
    [0.5 0.5]
    """
    return _ignoring_nan("fmin", minimum, x1, x2)


def float_power(x1: NodeLike, x2: NodeLike, /) -> Node:
    """`pow(x1, x2)` of floats: ints and bools become the default float first, where NumPy takes float64.

    Arguments: tensors of shapes that broadcast. Gives the promoted float or complex dtype.
    Raises: ShapeError where shapes do not broadcast. Source: NumPy `float_power`.

    >>> import theon
    >>> print(theon.float_power(2, -1).eval())
    0.5
    """
    return pow(*map(as_float, promoted("float_power", x1, x2)))


def fabs(x: NodeLike, /) -> Node:
    """The magnitude of floats; ints and bools become the default float.

    Arguments: real, of any shape. The gradient at 0 is 0. Raises: DTypeError for complex. Source: NumPy `fabs`.

    >>> import theon
    >>> print(theon.fabs(-2).eval())
    2.0
    """
    return abs(real_float("fabs", x, "use theon.abs"))


def _logaddexp2(a: Any, b: Any) -> Any:
    """The larger is taken out; two equal infinities, whose difference is nan, are their own sum."""
    gap = lax.sub(a, b)
    small = lax.exp(lax.mul(lax.abs(gap), number(-LN2, a)))
    total = lax.add(lax.max(a, b), lax.div(lax.log1p(small), number(LN2, a)))
    return lax.select(lax.ne(gap, gap), lax.add(a, b), total)


logaddexp2 = binary(
    "logaddexp2",
    "log2(2**x1 + 2**x2) without overflow.",
    in_single(_logaddexp2),
    no_fold,
    (lambda g, y, a, b: g * _share(a * LN2, b * LN2), lambda g, y, a, b: g * _share(b * LN2, a * LN2)),
    example=(0.0, 0.0, "1.0"),
    takes=FLOATS,
)


# --- Angles in degrees ------------------------------------------------------------------------------------------------


def deg2rad(x: NodeLike, /) -> Node:
    """Degrees as radians: x * pi / 180.

    Arguments: real, of any shape; ints become the default float. Raises: DTypeError for complex.
    Source: NumPy `deg2rad`.

    >>> import theon
    >>> print(theon.deg2rad(180.0).eval())
    3.1415927
    """
    return _scaled("deg2rad", x, math.pi / 180)


def rad2deg(x: NodeLike, /) -> Node:
    """Radians as degrees: x * 180 / pi.

    Arguments: real, of any shape; ints become the default float. Raises: DTypeError for complex.
    Source: NumPy `rad2deg`.

    >>> import theon
    >>> print(theon.rad2deg(3.1415927).eval())
    180.0
    """
    return _scaled("rad2deg", x, 180 / math.pi)


def _scaled(what: str, x: NodeLike, factor: float) -> Node:
    return real_float(what, x) * factor


# --- Infinities, nans, parts ------------------------------------------------------------------------------------------


def _endless(sign: float) -> Any:
    """A test of reals for one infinity."""
    return lambda x: lax.eq(x, number(sign * math.inf, x)) if is_float(x.dtype) else lax.full(x.shape, False, BOOL)


isposinf = unary(
    "isposinf",
    "Whether x is plus infinity.",
    _endless(1.0),
    np.isposinf,
    None,
    example=(1.0, "False"),
    takes=REALS,
    gives="bool",
)
isneginf = unary(
    "isneginf",
    "Whether x is minus infinity.",
    _endless(-1.0),
    np.isneginf,
    None,
    example=(1.0, "False"),
    takes=REALS,
    gives="bool",
)


def isreal(x: NodeLike, /) -> Node:
    """Whether the imaginary part of x is 0, elementwise; true of reals.

    Arguments: any shape and dtype. Gives bool. Raises: nothing. Source: NumPy `isreal`.

    >>> import theon
    >>> print(theon.isreal([1 + 0j, 2j]).eval())
    [ True False]
    """
    return equal(imag(x), 0)


def iscomplex(x: NodeLike, /) -> Node:
    """Whether the imaginary part of x is not 0, elementwise; false of reals.

    Arguments: any shape and dtype. Gives bool. Raises: nothing. Source: NumPy `iscomplex`.

    >>> import theon
    >>> print(theon.iscomplex([1 + 0j, 2j]).eval())
    [False  True]
    """
    return not_equal(imag(x), 0)


def isclose(a: NodeLike, b: NodeLike, rtol: NodeLike = 1e-5, atol: NodeLike = 1e-8, equal_nan: bool = False) -> Node:
    """Whether `abs(a - b) <= atol + rtol * abs(b)`, elementwise; equal infinities are close.

    Arguments: a and b, numbers of shapes that broadcast; rtol and atol, real; equal_nan, whether two nans are close.
    Gives bool. Raises: ShapeError where shapes do not broadcast. Source: NumPy `isclose`.

    >>> import theon
    >>> print(theon.isclose([1.0, 2.0], [1.0000001, 2.1]).eval())
    [ True False]
    """
    x, y = map(as_float, promoted("isclose", a, b))
    finite = logical_and(isfinite(x), isfinite(y))
    near = less_equal(abs(where(finite, x, 0) - where(finite, y, 0)), atol + rtol * abs(where(finite, y, 0)))
    found = where(finite, near, equal(x, y))
    return logical_or(found, logical_and(isnan(x), isnan(y))) if equal_nan else found


def allclose(a: NodeLike, b: NodeLike, rtol: NodeLike = 1e-5, atol: NodeLike = 1e-8, equal_nan: bool = False) -> Node:
    """Whether all elements are close, as `isclose` says.

    Arguments, Raises: see `isclose`. Gives a bool scalar. Source: NumPy `allclose`.

    >>> import theon
    >>> print(theon.allclose([1.0, 2.0], [1.0000001, 2.1]).eval())
    False
    """
    return all_(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a: NodeLike, b: NodeLike, equal_nan: bool = False) -> Node:
    """Whether two tensors have one shape and equal elements.

    Arguments: a and b, any shapes and dtypes; equal_nan, whether two nans are equal. Gives a bool scalar.
    Raises: ShapeError where sizes that are not known at declaration neither are equal nor broadcast.
    Source: NumPy `array_equal`.

    >>> import theon
    >>> print(theon.array_equal([1.0, 2.0], [1.0, 2.0]).eval())
    True
    """
    x, y = promoted("array_equal", a, b)
    if x.ndim != y.ndim or not all(map(may_equal, x.dims, y.dims)):
        return full((), False)
    same = equal(x, y)
    if equal_nan and x.tensor.is_inexact:
        same = logical_or(same, logical_and(isnan(x), isnan(y)))
    found = all_(same)
    for one, other in zip(shape_of(x), shape_of(y), strict=True):
        if isinstance(one, Node) or isinstance(other, Node):
            found = logical_and(found, equal(one, other))
    return found


def array_equiv(a1: NodeLike, a2: NodeLike) -> Node:
    """Whether two tensors broadcast to one shape and are equal there.

    Arguments: a1 and a2, any shapes and dtypes. Gives a bool scalar. Raises: ShapeError where sizes that are not known
    at declaration do not broadcast. Source: NumPy `array_equiv`.

    >>> import theon
    >>> print(theon.array_equiv([1.0, 1.0], 1.0).eval())
    True
    """
    x, y = promoted("array_equiv", a1, a2)
    try:
        broadcast_shapes([x.dims, y.dims])
    except Mismatch:
        return full((), False)
    return all_(equal(x, y))


def nan_to_num(
    x: NodeLike, nan: NodeLike = 0.0, posinf: NodeLike | None = None, neginf: NodeLike | None = None
) -> Node:
    """x with other numbers in the place of nans and infinities; by default 0 and the largest finite floats.

    Arguments: x, of any shape and dtype; the others, real, broadcast with it. Of complex numbers each part is treated
    by itself. Ints and bools stay as they are. The gradient is 1 where x is kept, and goes to its stand-in elsewhere.
    Raises: ShapeError where shapes do not broadcast. Source: NumPy `nan_to_num`.

    >>> import theon
    >>> print(theon.nan_to_num([1.0, float("nan"), float("inf")], posinf=9.0).eval())
    [1. 0. 9.]
    """
    node = as_node(x)
    kind = kind_of(node.dtype)
    if kind == "complex":
        return nan_to_num(real(node), nan, posinf, neginf) + 1j * nan_to_num(imag(node), nan, posinf, neginf)
    if kind not in ("float", "stored float"):
        return node
    largest = limits(node.dtype).max
    above, below = largest if posinf is None else posinf, -largest if neginf is None else neginf
    return where(isnan(node), nan, where(isposinf(node), above, where(isneginf(node), below, node)))


# NumPy's other spellings.
fix = trunc
degrees = rad2deg
radians = deg2rad


__all__ = [
    "allclose", "array_equal", "array_equiv", "deg2rad", "degrees", "fabs", "fix", "float_power", "fmax", "fmin",
    "heaviside", "isclose", "iscomplex", "isneginf", "isposinf", "isreal", "logaddexp2", "nan_to_num", "rad2deg",
    "radians",
]  # fmt: skip
