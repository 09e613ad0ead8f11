"""Nodes and leaves: identity, names, constants, and NumPy arrays beside nodes."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import theon
from theon import DTypeError, InputError, Node, NodeUseError, StateError
from theon.graph.node import (
    Const,
    Input,
    Pick,
    as_node,
    const_value,
    is_float_scalar,
    is_inexact_node,
    is_leaf,
    new_input,
    picks,
    scalar_constant,
    slot_of,
)
from theon.graph.types import DTYPES, TensorType, TupleType, bfloat16
from theon.ops.sizes import is_index_scalar

F32 = np.dtype("float32")


def test_a_node_is_itself() -> None:
    """Two variables of one name are two; nodes hash by identity, and `==` is elementwise."""
    x, y = theon.vector("x"), theon.vector("x")
    assert len({x, y, x}) == 2 and {x: 1}[x] == 1
    assert isinstance(x == y, Node) and (x == y).dtype == np.dtype("bool")
    with pytest.raises(InputError, match="the outputs need x"):
        theon.function([x], (x + y).sum())
    assert copy.copy(x) is x


def test_declaring_twice_makes_two_nodes() -> None:
    """Each with its line, its name and its scope; the compiler merges them, not the user."""
    x = theon.vector("x")
    a = theon.tanh(x)
    b = theon.tanh(x)
    assert a is not b and a.op == b.op and a.where != b.where
    a.name = "first"
    assert (a.label, b.label) == ("first", "tanh")


def test_what_a_node_says_of_itself() -> None:
    x = theon.tensor("x", shape=("batch", 3))
    assert repr(x) == "<x : float32[batch, 3]>" == f"{x}"
    assert x.dims == ("batch", 3) and x.ndim == 2 and x.dtype == F32 and x.tensor == TensorType(F32, ("batch", 3))
    assert repr(theon.tanh(x)) == "<tanh : float32[batch, 3]>"
    assert is_leaf(x) and not is_leaf(x + 1) and is_inexact_node(x) and not is_float_scalar(x)
    assert is_float_scalar(x.sum()) and is_index_scalar(theon.iscalar()) and not is_index_scalar(theon.ivector())


def test_no_slot_for_anything_else() -> None:
    """Nodes are many, and everything about a graph beyond these five lives in side tables."""
    assert set(Node.__slots__) == {"__weakref__", "op", "inputs", "type", "where", "name"}
    with pytest.raises(AttributeError):
        theon.vector("x").tag = 1  # type: ignore[attr-defined]


def test_known_lengths() -> None:
    x = theon.tensor("x", shape=(3, None))
    assert len(x) == 3 and [row.dims for row in x] == [(None,)] * 3
    a, b = theon.constant([1.0, 2.0])
    assert float((a - b).eval()) == -1.0
    assert len(theon.zeros((0, 2))) == 0 and list(theon.zeros((0, 2))) == []


# --- NumPy arrays beside nodes ----------------------------------------------------------------------------------

OPERATORS: list[Callable[[Any, Any], Any]] = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
    operator.eq,
    operator.ne,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
]


@pytest.mark.parametrize("operation", OPERATORS, ids=lambda f: f.__name__)
def test_arrays_on_the_left(operation: Callable[[Any, Any], Any]) -> None:
    """`array + node` is one node of the whole array, not an array of nodes; NumPy scalars count as arrays."""
    values = np.array([1.0, 4.0, 9.0], np.float32)
    point = np.array([2.0, 4.0, 2.0], np.float32)
    x = theon.tensor("x", shape=(3,))
    left, scalar, right = operation(values, x), operation(np.float32(5.0), x), operation(x, values)
    assert all(isinstance(node, Node) and node.dims == (3,) for node in (left, scalar, right))
    found = theon.function([x], [left, scalar, right])(point)
    for got, want in zip(
        found, (operation(values, point), operation(np.float32(5.0), point), operation(point, values)), strict=True
    ):
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-6)


@pytest.mark.parametrize("operation", [operator.and_, operator.or_, operator.xor], ids=lambda f: f.__name__)
def test_arrays_of_bits_on_the_left(operation: Callable[[Any, Any], Any]) -> None:
    values, i = np.array([1, 2, 3], np.int32), theon.ivector("i")
    assert operation(values, i).eval({i: [3, 3, 3]}).tolist() == operation(values, 3).tolist()


def test_matrices_on_the_left() -> None:
    values: Any = np.ones((2, 3), np.float32)
    x = theon.tensor("x", shape=(3, 4))
    assert (values @ x).dims == (2, 4)
    with pytest.raises(theon.ShapeError):
        _ = values.T @ x


@pytest.mark.parametrize("function", [np.exp, np.mean, np.concatenate, np.stack, np.add.reduce, np.multiply.outer])
def test_numpy_functions_say_what_to_write(function: Callable[..., Any]) -> None:
    x = theon.vector("x")
    arguments = ([x, x],) if function in (np.concatenate, np.stack) else (x, x) if "outer" in str(function) else (x,)
    with pytest.raises(NodeUseError, match="is an expression"):
        function(*arguments)


# --- constants --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (True, "bool"),
        (3, "int32"),
        (3.0, "float32"),
        (3j, "complex64"),
        ([True], "bool"),
        ([1, 2], "int32"),
        ([1.0, 2], "float32"),
        ([1j], "complex64"),
        ([], "float32"),
        (np.float64(3.0), "float64"),
        (np.int8(3), "int8"),
        (np.arange(3), "int64"),
        (np.zeros(2, np.float16), "float16"),
        (np.zeros(2, bfloat16), "bfloat16"),
        (np.zeros(2, ">f8"), "float64"),
        (range(3), "int32"),
    ],
)
def test_dtypes_of_constants(value: Any, dtype: str) -> None:
    """Numbers that were written down take the defaults; what has a dtype keeps it."""
    node = theon.constant(value)
    assert node.dtype == DTYPES[dtype] and node.dtype.isnative
    np.testing.assert_array_equal(const_value(node), np.asarray(value))


@pytest.mark.parametrize("dtype", DTYPES)
def test_constants_of_a_dtype(dtype: str) -> None:
    for value in (1, [0, 1], np.ones(2, np.int64)):
        node = theon.constant(value, dtype, name="c")
        assert node.dtype == DTYPES[dtype] and node.name == "c"


def test_constants_are_copies() -> None:
    values = np.zeros(2, np.float32)
    node = theon.constant(values)
    values[:] = 7.0
    assert const_value(node) is not None and node.eval().tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="read-only"):
        const_value(node)[0] = 1.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(300, "int8"), (-1, "uint8"), (2**31, None), ([2**31], None), ([0, -1], "uint16"), (2**70, "int64")],
)
def test_ints_never_wrap_around(value: Any, dtype: str | None) -> None:
    with pytest.raises(DTypeError, match="does not fit"):
        theon.constant(value, dtype)


def test_large_ints_are_fine_as_floats() -> None:
    assert const_value(theon.constant(2**70, "float32")) == np.float32(2.0**70)
    assert const_value(theon.constant(2**40, "int64")) == 2**40
    x = theon.vector("x")
    assert (x + 2**40).dtype == F32


def test_scalar_constants_are_shared_but_for_what_differs() -> None:
    """One op for `2.0` wherever it is written; not one for 0.0 and -0.0, or for 1, 1.0 and True."""
    f64 = np.dtype("float64")
    values: list[complex] = [0.0, -0.0, 1, 1.0, True, float("nan"), complex(0.0, -0.0), complex(0.0, 0.0)]
    for a, b in product(range(len(values)), repeat=2):
        dtype = np.dtype("complex128") if isinstance(values[a], complex) or isinstance(values[b], complex) else f64
        first, second = scalar_constant(values[a], dtype), scalar_constant(values[b], dtype)
        bits = [np.asarray(values[i]).astype(dtype).tobytes() for i in (a, b)]
        assert (first.op == second.op) == (bits[0] == bits[1]), (values[a], values[b])
    assert scalar_constant(2.0, F32).op is scalar_constant(2.0, F32).op
    assert np.signbit(scalar_constant(-0.0, F32).eval())


def test_as_node() -> None:
    x = theon.vector("x")
    assert as_node(x) is x and isinstance(as_node(2.0).op, Const) and theon.constant(x) is x


# --- other leaves -----------------------------------------------------------------------------------------------


def test_inputs_have_tokens_of_their_own() -> None:
    a, b = new_input(TensorType(F32, ()), "a"), new_input(TensorType(F32, ()), "a", static=True)
    assert a.op != b.op and isinstance(a.op, Input)
    assert (a.op.params, b.op.params) == ("", "static")


def test_slot_of() -> None:
    w = theon.shared(1.0, "w")
    assert slot_of(w).type == w.type
    for wrong in (theon.vector("x"), w + 1, 3.0):
        with pytest.raises(StateError, match="not a shared variable"):
            slot_of(wrong)  # type: ignore[arg-type]


def test_several_outputs() -> None:
    """A node of several outputs gives projections, and is no array itself."""
    total, sums = theon.scan(lambda carry, x: (carry + x, carry), 0.0, theon.vector("xs"))
    several = total.inputs[0]
    assert isinstance(several.type, TupleType) and isinstance(total.op, Pick)
    assert [node.type for node in picks(several)] == [total.type, sums.type] == list(several.type.items)
    with pytest.raises(NodeUseError, match="has 2 outputs"):
        _ = several.tensor
    with pytest.raises(NodeUseError, match="has 2 outputs"):
        theon.function([], several)
