"""`Node`: the one symbolic value, an `Op` applied to input nodes; and the leaves every graph starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import copysign
from typing import Any, NoReturn, TypeAlias

import numpy as np

from .dims import Dim, Shape
from .errors import ArgumentError, Mismatch, NodeUseError, StateError, located, report
from .methods import Methods
from .op import Op, Token
from .slot import Slot
from .storage import host_cast
from .types import (
    BOOL,
    HELD,
    INT32,
    DType,
    TensorType,
    TupleType,
    Type,
    as_dtype,
    complex_of,
    default_float_dtype,
    dtype_of_scalar,
    is_float,
    require_computed,
    require_held,
    require_real,
)
from .where import Where, here, noted


class Node(Methods):
    """An op applied to inputs, with its inferred type and the user's line; immutable but for its label `name`.

    Operators and array methods (`+`, `x[i]`, `x.sum()`) are bound once by the package's front door.
    """

    __slots__ = ("__weakref__", "inputs", "name", "op", "type", "where")

    op: Op
    inputs: tuple[Node, ...]
    type: Type
    where: Where | None
    name: str | None

    def __init__(
        self, op: Op, inputs: tuple[Node, ...], type: Type, where: Where | None = None, name: str | None = None
    ) -> None:
        self.op = op
        self.inputs = inputs
        self.type = type
        self.where = where
        self.name = name

    __hash__ = object.__hash__

    @property
    def tensor(self) -> TensorType:
        """The type of a single-output node."""
        if isinstance(self.type, TupleType):
            raise report(
                NodeUseError,
                f"{self.label} has {len(self.type.items)} outputs: take one of them first",
                where=here(2),
                operands=[("node", self)],
                hint="use what the function that made it returned",
            )
        return self.type

    @property
    def dims(self) -> Shape:
        """The static shape: ints, names and None."""
        return self.tensor.shape

    @property
    def sizes(self) -> tuple[int, ...]:
        """The shape as ints, after specialisation."""
        return self.tensor.sizes

    @property
    def dtype(self) -> DType:
        return self.tensor.dtype

    @property
    def ndim(self) -> int:
        return len(self.tensor.shape)

    @property
    def label(self) -> str:
        """What a person calls this node: its name, or its op's."""
        return self.name if self.name is not None else self.op.name

    def __repr__(self) -> str:
        return f"<{self.label} : {self.type}>"

    # --- uses that only a value can have ------------------------------------------------------------------------

    def __bool__(self) -> bool:
        hint = "use theon.where(condition, a, b), or theon.cond to run only one of two branches"
        raise _no_value(self, "has no truth value: it is an expression", hint)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise _no_value(self, "is not an array: it is an expression", _COMPUTE)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Node:
        """`array + node` is a node, as `node + array` is; NumPy's other functions take values only."""
        operator = _REFLECTED.get(ufunc.__name__) if method == "__call__" and not kwargs else None
        if operator is None or isinstance(inputs[0], Node):
            raise _not_numpy(self, ufunc.__name__)
        return getattr(inputs[1], operator)(inputs[0])  # type: ignore[no-any-return]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        raise _not_numpy(self, function.__name__)

    def __float__(self) -> float:
        raise _no_value(self, "is not a number: it is an expression", _COMPUTE)

    __int__ = __index__ = __complex__ = __float__

    def __format__(self, form: str) -> str:
        if not form:
            return str(self)
        raise _no_value(self, f"cannot be written as {form!r}: it is an expression", _COMPUTE)

    def __len__(self) -> int:
        length = self.dims[0] if self.ndim else None
        if isinstance(length, int):
            return length
        if not self.ndim:
            raise _no_value(self, "has no length: it is a scalar", "leave len() out: a scalar has one element")
        raise _no_value(self, "has no known length", "use node.shape[0], or declare the shape")

    def __iter__(self) -> Any:
        length = self.dims[0] if self.ndim else None
        if isinstance(length, int):
            return (self[i] for i in range(length))
        if not self.ndim:
            raise _no_value(self, "cannot be iterated: it is a scalar", "use it as it is")
        raise _no_value(self, "cannot be iterated: its length is not known", "use theon.scan, or declare the shape")

    def __contains__(self, value: object) -> bool:
        raise _no_value(self, "cannot be searched with `in`", "use theon.any(node == value)")

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        raise _no_value(self, "cannot be changed in place: it is an expression", "write x = x[index].set(value)")


NodeLike: TypeAlias = "Node | np.ndarray[Any, Any] | np.generic | complex | Sequence[Any]"


_COMPUTE = "compute it first, with theon.function or node.eval({input: value})"
# What `array <operator> node` calls of the node, by the name of the ufunc that NumPy calls for it.
_REFLECTED = {
    "add": "__radd__",
    "subtract": "__rsub__",
    "multiply": "__rmul__",
    "divide": "__rtruediv__",
    "floor_divide": "__rfloordiv__",
    "remainder": "__rmod__",
    "power": "__rpow__",
    "matmul": "__rmatmul__",
    "bitwise_and": "__rand__",
    "bitwise_or": "__ror__",
    "bitwise_xor": "__rxor__",
    "left_shift": "__rlshift__",
    "right_shift": "__rrshift__",
    "divmod": "__rdivmod__",
    "equal": "__eq__",
    "not_equal": "__ne__",
    "less": "__gt__",
    "less_equal": "__ge__",
    "greater": "__lt__",
    "greater_equal": "__le__",
}


def _no_value(node: Node, what: str, hint: str) -> Exception:
    return report(NodeUseError, f"{node.label} {what}", where=here(3), operands=[("node", node)], hint=hint)


def _not_numpy(node: Node, name: str) -> Exception:
    return _no_value(
        node, f"cannot be given to NumPy's {name}: it is an expression", f"use theon.{name}, or {_COMPUTE}"
    )


def apply(op: Op, *inputs: Node, name: str | None = None) -> Node:
    """Declare `op(inputs)`: infer its type now, so that a mistake is raised at the line that makes it."""
    try:
        if not op.stores:
            require_computed([node.type for node in inputs])
        type_ = op.infer(*[node.type for node in inputs])
    except Mismatch as problem:
        raise located(problem, op, inputs, here(2)) from None
    return noted(Node(op, inputs, type_, here(2), name))


def complain(problem: Mismatch, what: str, *operands: Node) -> Exception:
    """The user's error for a mistake met in a public function before any op is applied."""
    return report(
        problem.kind,
        f"{what}: {problem.message}",
        where=here(3),
        operands=[("input", node) for node in operands],
        hint=problem.hint,
    )


# --- leaves -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Input(Op):
    """A value given at each call; `static` ones are part of the signature and may decide shapes."""

    token: Token
    static: bool = False

    @property
    def params(self) -> str:
        return "static" if self.static else ""


@dataclass(frozen=True, eq=False)
class Const(Op):
    """A value known at declaration. Keyed by dtype, shape and bytes; large ones by identity (they become arguments)."""

    value: np.ndarray[Any, Any]

    LARGE = 64 * 1024

    def _identity(self) -> tuple[Any, ...]:
        value = self.value
        if value.nbytes > self.LARGE:
            return (Const, id(value))
        return (Const, value.dtype, value.shape, value.tobytes())

    @property
    def params(self) -> str:
        return f"{self.value.item()!r}" if self.value.ndim == 0 else f"{self.value.dtype}{list(self.value.shape)}"


@dataclass(frozen=True, eq=False)
class State(Op):
    """The value that a slot holds when the call begins (Theano's shared variable)."""

    slot: Slot

    @property
    def params(self) -> str:
        return ""


@dataclass(frozen=True, eq=False)
class Pick(Op):
    """One output of a node that has several."""

    stores = True

    index: int

    def infer(self, several: Type) -> Type:
        assert isinstance(several, TupleType)
        return several.items[self.index]

    def lower(self, several: Any) -> Any:
        return several[self.index]

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        assert isinstance(types[0], TupleType)
        return (types[0].items[self.index].is_inexact,)


def pick(node: Node, index: int) -> Node:
    return apply(Pick(index), node)


def picks(node: Node) -> tuple[Node, ...]:
    """All outputs of a tuple-typed node."""
    assert isinstance(node.type, TupleType)
    return tuple(pick(node, i) for i in range(len(node.type.items)))


def is_leaf(node: Node) -> bool:
    return isinstance(node.op, (Input, State, Const))


def new_input(type: TensorType, name: str | None = None, static: bool = False) -> Node:
    return Node(Input(Token(), static), (), type, here(2), name)


def slot_of(node: Node, what: str = "state") -> Slot:
    """The slot behind a shared variable; StateError for any other node, in the name of `what` needs it."""
    if not isinstance(node, Node) or not isinstance(node.op, State):
        raise report(
            StateError,
            f"{what}: not a shared variable",
            where=here(2),
            operands=[("node", node)] if isinstance(node, Node) else (),
            received=None if isinstance(node, Node) else repr(node),
            hint="make one with theon.shared(value, name=...)",
        )
    return node.op.slot


@lru_cache(maxsize=1024)
def _scalar_const(value: complex, kind: str, sign: float, dtype: DType) -> Const:
    return _frozen_const(host_cast(np.asarray(value), dtype))


def _frozen_const(value: np.ndarray[Any, Any]) -> Const:
    value.flags.writeable = False
    return Const(value)


def scalar_constant(value: complex, dtype: DType) -> Node:
    """A Python scalar as a 0-d constant of `dtype`."""
    if type(value) is int:
        require_held(value, value, dtype)
    sign = copysign(1.0, value) if type(value) is float else 1.0
    if value != value or type(value) is complex:  # nan is not equal to itself, and complex zeros hide two signs
        op = _frozen_const(host_cast(np.asarray(value), dtype))
    else:
        op = _scalar_const(value, type(value).__name__, sign, dtype)
    return Node(op, (), TensorType(dtype, ()), here(2))


def constant(value: Any, dtype: Any = None, name: str | None = None) -> Node:
    """A value as a constant node; Python floats and lists of them take the default float dtype, ints int32.

    Raises: ArgumentError for what is not numbers, DTypeError where ints do not fit, or a real dtype
    is asked for what is complex. Source: Theano `constant`.

    >>> import theon
    >>> theon.constant([1.0, 2.0])
    <const : float32[2]>
    """
    if isinstance(value, Node):
        return value
    wanted = None if dtype is None else as_dtype(dtype)
    if isinstance(value, (bool, int, float, complex)) and not isinstance(value, np.generic):
        require_real(type(value) is complex, wanted)
        node = scalar_constant(value, wanted if wanted is not None else dtype_of_scalar(value, None))
        node.name = name
        return node
    typed = hasattr(value, "dtype")
    try:
        array = np.array(value)
    except ValueError:
        array = np.array(None)
    except NodeUseError:
        hint = "use theon.asarray(list), or theon.stack(list)"
        raise report(ArgumentError, "cannot make a constant of nodes in a list", where=here(2), hint=hint) from None
    if array.dtype.kind in "OUSMmV" and array.dtype.name not in HELD:
        message = f"cannot make a constant of {type(value).__name__}"
        hint = getattr(value, "misplaced", "give numbers, or an array of numbers")
        raise report(ArgumentError, message, where=here(2), received=repr(value)[:80], hint=hint)
    require_real(array.dtype.kind == "c", wanted)
    if wanted is None and not typed:
        real = default_float_dtype()
        wanted = {"b": BOOL, "i": INT32, "u": INT32, "f": real, "c": complex_of(real)}.get(array.dtype.kind)
    if wanted is not None and array.size and array.dtype.kind in "iu":
        require_held(int(array.min()), int(array.max()), wanted)
    array = host_cast(array, wanted if wanted is not None else as_dtype(array.dtype))
    return Node(_frozen_const(array), (), TensorType(array.dtype, array.shape), here(2), name)


def as_node(value: Any) -> Node:
    """A node as it is, anything else as a constant."""
    return value if isinstance(value, Node) else constant(value)


def const_value(node: Node) -> np.ndarray[Any, Any] | None:
    """The value of a constant node, None for any other."""
    return node.op.value if isinstance(node.op, Const) else None


def is_inexact_node(node: Node) -> bool:
    return isinstance(node.type, TensorType) and node.type.is_inexact


def is_float_scalar(node: Node) -> bool:
    return isinstance(node.type, TensorType) and node.type.shape == () and is_float(node.type.dtype)


__all__ = ["Const", "Dim", "Input", "Node", "NodeLike", "Pick", "Slot", "State", "apply", "as_node", "constant"]
