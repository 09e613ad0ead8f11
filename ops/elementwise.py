"""Elementwise ops: one op class, and rows.

A row says everything about one op: its name, what it means to XLA (`lower`) and to NumPy (`fold`, for constants),
which dtypes it takes and gives, and its derivative by each argument. `unary` and `binary` turn a row into the public
function. Operands broadcast inside the op, so that graphs carry no broadcasts; undoing them in gradients happens
once, in the differentiation driver.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeGuard

import jax
import numpy as np
from jax import lax

from ..graph.dims import broadcast_shapes
from ..graph.errors import DTypeError, Mismatch, report
from ..graph.node import Node, NodeLike, apply, as_node, complain, constant, scalar_constant
from ..graph.op import Op
from ..graph.storage import computing, is_stored, not_computed
from ..graph.types import (
    BOOL,
    DType,
    TensorType,
    Type,
    as_dtype,
    complex_of,
    default_float_dtype,
    dtype_of_scalar,
    is_inexact,
    kind_of,
    promote,
    real_of,
    takes_scalar,
)
from ..graph.where import here

Derivative: TypeAlias = Callable[..., "Node | Mismatch | None"]  # (g, out, *inputs) -> cotangent of one input

# What a row takes: the kinds it accepts as they are. Bools and ints outside the set become the default float.
NUMBERS = frozenset(("bool", "int", "uint", "float", "complex"))
ARITHMETIC = frozenset(("int", "uint", "float", "complex"))  # bools become int32 first
REALS = frozenset(("bool", "int", "uint", "float"))
INEXACT = frozenset(("float", "complex"))
FLOATS = frozenset(("float",))
BITS = frozenset(("bool", "int", "uint"))
BOOLS = frozenset(("bool",))


@dataclass(frozen=True, eq=False)
class Row:
    """One elementwise op as data."""

    name: str
    lower: Callable[..., Any]
    fold: Callable[..., Any]
    takes: frozenset[str]
    gives: str  # "same", "bool", "real" (the real dtype of a complex one) or "complex" (that of a real one)
    derivatives: tuple[Derivative, ...]  # empty: not differentiable


# The result's dtype by what a row gives, but for "same"; and in words.
_GIVES: dict[str, Callable[[DType], DType]] = {"bool": lambda _: BOOL, "real": real_of, "complex": complex_of}
_GIVEN = {
    "same": "the operands' (promoted) dtype",
    "bool": "bool",
    "real": "the operand's real dtype",
    "complex": "the complex dtype of such parts",
}


@dataclass(frozen=True, eq=False)
class Elementwise(Op):
    """A row applied to operands of one dtype, broadcast against each other."""

    row: Row

    def _identity(self) -> tuple[Any, ...]:
        return (Elementwise, self.row.name)

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def params(self) -> str:
        return ""

    def __reduce__(self) -> tuple[Any, ...]:
        return elementwise_op, (self.row.name,)

    def infer(self, *types: TensorType) -> TensorType:
        first = types[0].dtype
        if len(types) == 1:
            shape = types[0].shape
        else:
            for other in types[1:]:
                if other.dtype is not first and other.dtype != first:
                    raise Mismatch(f"mixes {first} and {other.dtype}", "cast one with .astype", DTypeError)
            shape = broadcast_shapes([t.shape for t in types])
        gives = self.row.gives
        if gives == "same":
            return types[0] if shape is types[0].shape else TensorType(first, shape)
        return TensorType(_GIVES[gives](first), shape)

    def lower(self, *arrays: jax.Array) -> jax.Array:
        if len(arrays) == 2 and self.row.lower in BROADCASTING and fits_together(*arrays):
            return self.row.lower(*arrays)  # type: ignore[no-any-return]
        return self.row.lower(*align(arrays))  # type: ignore[no-any-return]

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | Mismatch | None]:
        return [derivative(g, out, *inputs) for derivative in self.row.derivatives]

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        smooth = bool(self.row.derivatives)
        return tuple(smooth and isinstance(t, TensorType) and t.is_inexact for t in types)


# What broadcasts scalars and axes of length 1 by itself: a broadcast before it would be one more thing to trace.
BROADCASTING = frozenset(
    (
        *(lax.add, lax.sub, lax.mul, lax.div, lax.rem, lax.pow, lax.max, lax.min, lax.atan2, lax.nextafter),
        *(lax.eq, lax.ne, lax.lt, lax.le, lax.gt, lax.ge, lax.bitwise_and, lax.bitwise_or, lax.bitwise_xor),
    )
)


def fits_together(a: jax.Array, b: jax.Array) -> bool:
    """Whether a broadcasting primitive takes two arrays as they are: of one rank, or one of them a scalar."""
    return a.ndim == b.ndim or not a.ndim or not b.ndim


def number(value: complex, like: Any) -> np.ndarray[Any, Any]:
    """A number in the dtype of an array, for primitives that broadcast scalars."""
    return np.asarray(value, like.dtype)


def align(arrays: Sequence[jax.Array]) -> Sequence[jax.Array]:
    """Give arrays one shape."""
    shapes = {a.shape for a in arrays}
    if len(shapes) == 1:
        return arrays
    out = np.broadcast_shapes(*shapes)
    return [
        a if a.shape == out else lax.broadcast_in_dim(a, out, tuple(range(len(out) - a.ndim, len(out)))) for a in arrays
    ]


# Rows whose two operands may change places.
COMMUTATIVE = frozenset(("add", "multiply", "maximum", "minimum", "logical_and", "logical_or", "equal"))
_OPS: dict[str, Elementwise] = {}


def elementwise_op(name: str) -> Elementwise:
    """The op of a row, by name."""
    return _OPS[name]


def define(row: Row) -> Elementwise:
    """The one op instance of a row; names are unique."""
    assert row.name not in _OPS, row.name
    _OPS[row.name] = op = Elementwise(row)
    return op


def cast_to(x: NodeLike, dtype: DType) -> Node:
    """`x` as `dtype`, without a node where nothing changes; DTypeError for what is for storage, which users convert.

    A Python scalar takes a dtype that holds it as it was written: the default one would round it first.
    """
    if not isinstance(x, Node):
        if is_weak(x) and takes_scalar(x, dtype):
            return scalar_constant(x, dtype)
        x = constant(x)
    if x.dtype == dtype:
        return x
    if is_stored(x.dtype):
        problem = not_computed(x.dtype)
        raise report(problem.kind, problem.message, where=here(), operands=[("input", x)], hint=problem.hint)
    return apply(Cast(dtype), x)


def converted(x: Node, dtype: DType) -> Node:
    """`x` as `dtype`, whatever the two are, without a node where nothing changes."""
    return x if x.dtype == dtype else apply(Cast(dtype), x)


def common_dtype(values: Sequence[Any]) -> DType:
    """The dtype that operands promote to; Python scalars are weak."""
    typed = [v.dtype if isinstance(v, Node) else np.asarray(v).dtype for v in values if not is_weak(v)]
    joined = promote(*typed) if typed else None
    for value in values:
        if is_weak(value):
            joined = dtype_of_scalar(value, joined)
    assert joined is not None
    return joined


def is_weak(value: Any) -> TypeGuard[complex]:
    """Whether a value is a Python number: its dtype gives way to that of what stands beside it."""
    return type(value) in (float, int, bool, complex)


def _accepted(dtype: DType, row: Row) -> DType:
    """The dtype in which `row` computes operands that promote to `dtype`."""
    kind = kind_of(dtype)
    if kind in row.takes:
        return dtype
    if row.takes is BOOLS:
        return BOOL
    if is_stored(dtype):
        if row.gives == "bool" and kind_of(computing(dtype)) in row.takes:
            return computing(dtype)  # which is exact: comparisons and tests say of a copy what they would of it
        raise not_computed(dtype)
    if kind == "bool" and "int" in row.takes:
        return np.dtype("int32")
    if kind in ("bool", "int", "uint") and "float" in row.takes:
        return default_float_dtype()
    wanted = " or ".join(k for k in ("bool", "int", "uint", "float", "complex") if k in row.takes)
    raise Mismatch(f"takes {wanted}, not {dtype}", "convert with .astype", DTypeError)


def operands(values: Sequence[NodeLike]) -> list[Any]:
    """Sequences become constants; nodes and Python scalars stay, so that scalars can be weak."""
    return [v if isinstance(v, Node) or is_weak(v) else constant(v) for v in values]


def nodes_of(values: Sequence[Any]) -> list[Node]:
    """The nodes among operands: whom an error is about."""
    return [v for v in values if isinstance(v, Node)]


def promoted(what: str, *values: NodeLike) -> list[Node]:
    """Values as nodes of the dtype that they promote to; Python scalars are weak."""
    items = operands(values)
    try:
        dtype = common_dtype(items)
    except Mismatch as problem:
        raise complain(problem, what, *nodes_of(items)) from None
    return [cast_to(item, dtype) for item in items]


def elementwise(op: Elementwise, *values: NodeLike) -> Node:
    """Apply a row's op to values of any kind: promote, cast, broadcast."""
    row = op.row
    first = values[0]
    if isinstance(first, Node) and isinstance(first.type, TensorType):
        dtype = first.type.dtype
        if kind_of(dtype) in row.takes and all(isinstance(v, Node) and v.dtype is dtype for v in values[1:]):
            return apply(op, *values)  # type: ignore[arg-type]  # all nodes, just checked
    items = operands(values)
    try:
        dtype = _accepted(common_dtype(items), row)
    except Mismatch as problem:
        raise complain(problem, row.name, *nodes_of(items)) from None
    nodes = [converted(v, dtype) if isinstance(v, Node) else scalar_constant(v, dtype) for v in items]
    return apply(op, *nodes)


class Unary(Protocol):
    def __call__(self, x: NodeLike, /) -> Node: ...


class Binary(Protocol):
    def __call__(self, x1: NodeLike, x2: NodeLike, /) -> Node: ...


def unary(
    name: str,
    summary: str,
    lower: Callable[[Any], Any],
    fold: Callable[[Any], Any],
    derivative: Derivative | None,
    *,
    example: tuple[Any, str],
    takes: frozenset[str] = INEXACT,
    gives: str = "same",
    notes: str = "",
) -> Unary:
    """The public function of a one-argument row; `example` is an argument and the printed value of the result."""
    op = define(Row(name, lower, fold, takes, gives, () if derivative is None else (derivative,)))

    def function(x: NodeLike, /) -> Node:
        return elementwise(op, x)

    _document(function, name, summary, op.row, "x", f"theon.{name}({example[0]!r})", example[1], notes)
    return function


def binary(
    name: str,
    summary: str,
    lower: Callable[[Any, Any], Any],
    fold: Callable[[Any, Any], Any],
    derivatives: tuple[Derivative, Derivative] | None,
    *,
    example: tuple[Any, Any, str],
    takes: frozenset[str] = ARITHMETIC,
    gives: str = "same",
    notes: str = "",
) -> Binary:
    """The public function of a two-argument row."""
    op = define(Row(name, lower, fold, takes, gives, derivatives or ()))

    def function(x1: NodeLike, x2: NodeLike, /) -> Node:
        return elementwise(op, x1, x2)

    call = f"theon.{name}({example[0]!r}, {example[1]!r})"
    _document(function, name, summary, op.row, "x1, x2", call, example[2], notes)
    return function


def _document(
    function: Any, name: str, summary: str, row: Row, arguments: str, call: str, shown: str, notes: str
) -> None:
    """Name a row's function and write its docstring: the row says it all."""
    kinds = ", ".join(k for k in ("bool", "int", "uint", "float", "complex") if k in row.takes)
    gives = _GIVEN[row.gives]
    gradient = "" if row.derivatives else " Not differentiable."
    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"{summary}\n\n"
        f"Arguments: {arguments}, of any shapes that broadcast; dtype {kinds} (others are promoted). "
        f"Gives {gives}.{gradient}{' ' + notes if notes else ''}\n"
        f"Raises: ShapeError where shapes do not broadcast, DTypeError where a dtype has no meaning here.\n"
        f"Source: NumPy / Array API `{name}`.\n\n"
        f">>> import theon\n>>> print({call}.eval())\n{shown}\n"
    )


@dataclass(frozen=True, eq=False)
class Cast(Op):
    """Conversion to another dtype; complex to real keeps the real part in gradients only, never silently in values.

    A cotangent is rounded as a value was: it goes through the 8-bit floats that the value went through, as in JAX.
    """

    stores = True

    dtype: DType

    def infer(self, x: TensorType) -> TensorType:
        if kind_of(x.dtype) == "complex" and kind_of(self.dtype) not in ("complex", "bool"):
            raise Mismatch(
                f"{x.dtype} to {self.dtype} would drop the imaginary part", "take theon.real first", DTypeError
            )
        return x.with_dtype(self.dtype)

    def lower(self, x: jax.Array) -> jax.Array:
        if self.dtype == BOOL:
            x = lax.convert_element_type(x, computing(x.dtype))
            return lax.ne(x, number(0, x))
        return lax.convert_element_type(x, self.dtype)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        for dtype in (self.dtype, x.dtype):
            if is_stored(dtype):
                g = converted(converted(g, dtype), computing(dtype))
        return (g,)  # the driver brings a cotangent to its input's dtype

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        (x,) = types
        return (isinstance(x, TensorType) and x.is_inexact and is_inexact(self.dtype),)


def astype(x: NodeLike, dtype: Any, *, copy: bool = True) -> Node:
    """`x` converted to `dtype`; ints to bool by `!= 0`, floats to ints towards zero (out of range is XLA's choice).

    `copy` is there for the standard's sake: nodes never change, so that a copy and the node itself are the same.
    To a dtype for storage (float8, int4, int2) from any dtype but complex, and back. Floats are rounded to nearest,
    ties to even; what is too large becomes inf in float8_e5m2 and nan in the other 8-bit floats, which have no inf:
    clip first to saturate. Floats beyond the range of a 4- or 2-bit int become the nearest one, nan becomes 0, and ints
    wrap around. Gradients pass a cast to float8, rounded to it in their turn, as in JAX.
    Raises: DTypeError for an unknown dtype, and for complex to real. Source: NumPy / Array API `astype`.

    >>> import theon
    >>> theon.astype(theon.vector("x"), "int32").dtype
    dtype('int32')
    """
    return converted(as_node(x), as_dtype(dtype))
