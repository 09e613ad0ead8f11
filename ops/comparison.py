"""Comparison, logic and bit rows, tests of floats, parts of complex numbers, and `where`.

Complex gradients follow JAX: the cotangent of z pairs with a step dz as the real part of their plain product,
so that a holomorphic f passes `g * f'(z)` on, and `conj` passes `conj(g)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.dims import broadcast_shapes
from ..graph.errors import DTypeError, Mismatch
from ..graph.node import Node, NodeLike, apply, as_node, scalar_constant
from ..graph.types import BOOL, TensorType, complex_of, kind_of, real_of
from .elementwise import (
    ARITHMETIC,
    BITS,
    BOOLS,
    FLOATS,
    NUMBERS,
    REALS,
    Binary,
    Elementwise,
    Row,
    Unary,
    align,
    binary,
    cast_to,
    converted,
    define,
    elementwise,
    is_weak,
    promoted,
    unary,
)

INTEGERS = frozenset(("int", "uint"))  # bools become int32 first


def _comparison(
    name: str,
    summary: str,
    lower: Any,
    fold: Any,
    example: tuple[Any, Any, str],
    takes: frozenset[str] = REALS,
) -> Binary:
    notes = "A nan is unequal to everything, itself included, and neither less nor greater."
    return binary(name, summary, lower, fold, None, example=example, takes=takes, gives="bool", notes=notes)


equal = _comparison("equal", "Whether x1 == x2, elementwise.", lax.eq, np.equal, (1.0, 1.0, "True"), NUMBERS)
not_equal = _comparison(
    "not_equal", "Whether x1 != x2, elementwise.", lax.ne, np.not_equal, (1.0, 1.0, "False"), NUMBERS
)
less = _comparison("less", "Whether x1 < x2, elementwise.", lax.lt, np.less, (1.0, 2.0, "True"))
less_equal = _comparison("less_equal", "Whether x1 <= x2, elementwise.", lax.le, np.less_equal, (2.0, 2.0, "True"))
greater = _comparison("greater", "Whether x1 > x2, elementwise.", lax.gt, np.greater, (1.0, 2.0, "False"))
greater_equal = _comparison(
    "greater_equal", "Whether x1 >= x2, elementwise.", lax.ge, np.greater_equal, (1.0, 2.0, "False")
)


# --- Logic: operands become bools by `!= 0` ---------------------------------------------------------------------------


def _logic(name: str, summary: str, lower: Any, fold: Any, example: tuple[Any, Any, str]) -> Binary:
    notes = "Numbers count as true where they are not 0; a nan is true."
    return binary(name, summary, lower, fold, None, example=example, takes=BOOLS, notes=notes)


logical_and = _logic("logical_and", "Whether both are true.", lax.bitwise_and, np.logical_and, (True, False, "False"))
logical_or = _logic("logical_or", "Whether at least one is true.", lax.bitwise_or, np.logical_or, (True, False, "True"))
logical_xor = _logic(
    "logical_xor", "Whether exactly one is true.", lax.bitwise_xor, np.logical_xor, (True, True, "False")
)
logical_not = unary(
    "logical_not",
    "Whether x is false.",
    lax.bitwise_not,
    np.logical_not,
    None,
    example=(True, "False"),
    takes=BOOLS,
    notes="Numbers count as true where they are not 0.",
)


# --- Bits -------------------------------------------------------------------------------------------------------------


_ON_BOOLS = "On bools it is the logical one."


def _bits(name: str, summary: str, lower: Any, fold: Any, example: tuple[Any, Any, str]) -> Binary:
    return binary(name, summary, lower, fold, None, example=example, takes=BITS, notes=_ON_BOOLS)


def _shift_right(a: Any, b: Any) -> Any:
    """Ints keep their sign, unsigned ints fill with zeros."""
    return lax.shift_right_arithmetic(a, b) if kind_of(a.dtype) == "int" else lax.shift_right_logical(a, b)


bitwise_and = _bits("bitwise_and", "Bitwise and.", lax.bitwise_and, np.bitwise_and, (6, 3, "2"))
bitwise_or = _bits("bitwise_or", "Bitwise or.", lax.bitwise_or, np.bitwise_or, (6, 3, "7"))
bitwise_xor = _bits("bitwise_xor", "Bitwise exclusive or.", lax.bitwise_xor, np.bitwise_xor, (6, 3, "5"))
bitwise_invert = unary(
    "bitwise_invert",
    "Every bit flipped.",
    lax.bitwise_not,
    np.bitwise_not,
    None,
    example=(5, "-6"),
    takes=BITS,
    notes="On bools it is `logical_not`.",
)
bitwise_left_shift = binary(
    "bitwise_left_shift",
    "x1 with its bits shifted left by x2.",
    lax.shift_left,
    np.left_shift,
    None,
    example=(3, 2, "12"),
    takes=INTEGERS,
    notes="A shift by more bits than there are gives 0, and so does a negative one.",
)
bitwise_right_shift = binary(
    "bitwise_right_shift",
    "x1 with its bits shifted right by x2, keeping its sign.",
    _shift_right,
    np.right_shift,
    None,
    example=(-8, 1, "-4"),
    takes=INTEGERS,
    notes="A shift by more bits than there are, or a negative one, leaves the sign alone: 0 or -1.",
)


# --- Tests of floats --------------------------------------------------------------------------------------------------


def sign_bit(x: Any) -> Any:
    """Whether the sign bit of a real array is set (true of -0.0 too)."""
    if kind_of(x.dtype) == "float":
        x = lax.bitcast_convert_type(x, np.dtype(f"int{8 * x.dtype.itemsize}"))
    return lax.lt(x, x.dtype.type(0))


def _real_test(test: Callable[[Any], Any], of_int: bool, both: bool) -> Callable[[Any], Any]:
    """A test of floats for all dtypes: `of_int` answers for ints; `both` parts of a complex, or either."""

    def lower(x: Any) -> Any:
        kind = kind_of(x.dtype)
        if kind == "complex":
            join = lax.bitwise_and if both else lax.bitwise_or
            return join(test(lax.real(x)), test(lax.imag(x)))
        return test(x) if kind == "float" else lax.full(x.shape, of_int, BOOL)

    return lower


def _float_test(
    name: str, summary: str, lower: Any, fold: Any, example: tuple[Any, str], takes: Any = NUMBERS
) -> Unary:
    return unary(name, summary, lower, fold, None, example=example, takes=takes, gives="bool")


isnan = _float_test("isnan", "Whether x is not a number.", lambda x: lax.ne(x, x), np.isnan, (1.0, "False"), NUMBERS)
isinf = _float_test(
    "isinf",
    "Whether x is infinite, with either sign.",
    _real_test(lambda x: lax.eq(lax.abs(x), x.dtype.type(np.inf)), of_int=False, both=False),
    np.isinf,
    (1.0, "False"),
)
isfinite = _float_test(
    "isfinite",
    "Whether x is neither infinite nor nan.",
    _real_test(lax.is_finite, of_int=True, both=True),
    np.isfinite,
    (1.0, "True"),
)
signbit = _float_test("signbit", "Whether the sign bit of x is set.", sign_bit, np.signbit, (-0.0, "True"), FLOATS)


# --- Parts of complex numbers -----------------------------------------------------------------------------------------


def _part(of_complex: Callable[[Any], Any], of_real: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: of_complex(x) if kind_of(x.dtype) == "complex" else of_real(x)


def _same(x: Any) -> Any:
    return x


real = unary(
    "real",
    "Real part.",
    _part(lax.real, _same),
    np.real,
    lambda g, y, x: cast_to(g, x.dtype),
    example=(3 + 4j, "3.0"),
    takes=ARITHMETIC,
    gives="real",
)
imag = unary(
    "imag",
    "Imaginary part; 0 for reals.",
    _part(lax.imag, lambda x: lax.full_like(x, 0)),
    np.imag,
    lambda g, y, x: g * -1j if kind_of(x.dtype) == "complex" else None,
    example=(3 + 4j, "4.0"),
    takes=ARITHMETIC,
    gives="real",
)
conj: Unary = unary(
    "conj",
    "Complex conjugate; reals stay as they are.",
    _part(lax.conj, _same),
    np.conj,
    lambda g, y, x: conj(g),
    example=(3 + 4j, "(3-4j)"),
    takes=ARITHMETIC,
)


def _joined(re: Any, im: Any) -> Any:
    part = real_of(complex_of(re.dtype))
    return lax.complex(lax.convert_element_type(re, part), lax.convert_element_type(im, part))


def _fold_joined(re: Any, im: Any) -> Any:
    out = np.empty(np.broadcast_shapes(re.shape, im.shape), complex_of(re.dtype))
    out.real, out.imag = re, im
    return out


_COMPLEX = define(
    Row("complex", _joined, _fold_joined, FLOATS, "complex", (lambda g, y, a, b: real(g), lambda g, y, a, b: -imag(g)))
)


def complex(x1: NodeLike, x2: NodeLike, /) -> Node:
    """The numbers whose real parts are x1 and whose imaginary parts are x2, elementwise.

    Arguments: floats (bools and ints become the default float) of shapes that broadcast; dtypes are promoted. Gives
    complex128 of float64, else complex64. Every part stays as it is: `x1 + 1j * x2` makes nan of an infinite x2.
    Raises: ShapeError where shapes do not broadcast, DTypeError for complex parts. Source: `jax.lax.complex`.

    >>> import theon
    >>> print(theon.complex([3.0, 0.0], 4.0).eval())
    [3.+4.j 0.+4.j]
    """
    return elementwise(_COMPLEX, x1, x2)


# --- Choice -----------------------------------------------------------------------------------------------------------


def _select(condition: Any, a: Any, b: Any) -> Any:
    """XLA takes a scalar condition beside arrays as it is; anything else is given one shape."""
    if condition.shape == ():
        a, b = align((a, b))
    else:
        condition, a, b = align((condition, a, b))
    return lax.select(condition, a, b)


@dataclass(frozen=True, eq=False)
class Where(Elementwise):
    """The one row whose operands differ in dtype: a bool, then two of one dtype."""

    stores = True

    def infer(self, *types: TensorType) -> TensorType:
        condition, a, b = types
        if condition.dtype != BOOL:
            raise Mismatch(f"the condition is {condition.dtype}, not bool", "compare it first", DTypeError)
        if a.dtype != b.dtype:
            raise Mismatch(f"mixes {a.dtype} and {b.dtype}", "cast one with .astype", DTypeError)
        return TensorType(a.dtype, broadcast_shapes([t.shape for t in types]))

    def lower(self, *arrays: jax.Array) -> jax.Array:
        return _select(*arrays)  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        return _where_op, ()


_WHERE = Where(
    Row(
        "where",
        _select,
        np.where,
        NUMBERS,
        "same",
        (
            lambda g, y, c, a, b: None,
            lambda g, y, c, a, b: where(c, g, 0),
            lambda g, y, c, a, b: where(c, 0, g),
        ),
    )
)


def _where_op() -> Where:
    return _WHERE


def where(condition: NodeLike, x1: NodeLike, x2: NodeLike, /) -> Node:
    """x1 where the condition holds and x2 elsewhere, elementwise.

    Arguments: shapes that broadcast; the condition is bool (numbers count as true where they are not 0); x1
    and x2 promote to one dtype, which is the result's. Only the chosen element gets the gradient: the other
    branch may have a pole there, and where branches meet the slope is that of the chosen one.
    Raises: ShapeError where the shapes do not broadcast.
    Source: NumPy / Array API `where`, three-argument form.

    >>> import theon
    >>> print(theon.where([True, False], [1.0, 2.0], 0.0).eval())
    [1. 0.]
    """
    chosen = promoted("where", x1, x2)
    test = scalar_constant(condition, BOOL) if is_weak(condition) else converted(as_node(condition), BOOL)
    return apply(_WHERE, test, *chosen)


# NumPy's and Theano's other spellings.
left_shift = bitwise_left_shift
right_shift = bitwise_right_shift
bitwise_not = bitwise_invert
invert = bitwise_invert
xor = bitwise_xor
eq = equal
neq = not_equal
conjugate = conj
lt = less
le = less_equal
gt = greater
ge = greater_equal
switch = where


def nothing_times(x1: Node, x2: Node) -> Node:
    """x1 * x2, where 0 times infinity is 0."""
    return where(logical_and(equal(x1, 0), isinf(x2)), 0, x1 * x2)


__all__ = [
    "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift",
    "bitwise_xor", "complex", "conj", "conjugate", "eq", "equal", "ge", "greater", "greater_equal", "gt", "imag",
    "invert", "isfinite", "isinf", "isnan", "le", "left_shift", "less", "less_equal", "logical_and", "logical_not",
    "logical_or", "logical_xor", "lt", "neq", "not_equal", "nothing_times", "real", "right_shift", "signbit", "switch",
    "where", "xor",
]  # fmt: skip
