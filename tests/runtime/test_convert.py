"""Values for inputs: what is taken, what is refused, and that nothing a caller may still write to is kept."""

from __future__ import annotations

import array
from collections.abc import Callable
from itertools import product
from typing import Any

import jax
import ml_dtypes
import numpy as np
import pytest

from theon import InputError, InputTypeError
from theon.graph.dims import Dim
from theon.graph.types import DTYPES, TensorType, kind_of
from theon.runtime.convert import Place, convert

NAMES = list(DTYPES)
PAIRS = list(product(NAMES, repeat=2))


def place(dtype: str = "float32", shape: tuple[Dim, ...] = (None,)) -> Place:
    return Place("f", "x", TensorType(DTYPES[dtype], shape))


def to(dtype: str, value: Any, downcast: bool | None = None, shape: tuple[Dim, ...] | None = None) -> Any:
    rank = np.ndim(value) if shape is None else len(shape)
    return convert(value, place(dtype, (None,) * rank if shape is None else shape), downcast)


# --- dtypes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("downcast", [None, False])
def test_arrays_convert_where_nothing_is_lost(downcast: bool | None) -> None:
    """As NumPy's "safe" casting has it; the rest is refused, with the dtype that was wanted."""
    for own, wanted in PAIRS:
        values = np.ones(2, DTYPES[own])
        if own == wanted or np.can_cast(DTYPES[own], DTYPES[wanted], "safe"):
            found = to(wanted, values, downcast)
            assert found.dtype == DTYPES[wanted] and found.tolist() == [1, 1]
        else:
            with pytest.raises(InputTypeError, match=f"is {wanted}.*received {own}"):
                to(wanted, values, downcast)


def test_safe_is_what_it_should_be() -> None:
    """The narrow floats too, of which NumPy only hears from ml_dtypes."""
    safe = {(own, wanted) for own, wanted in PAIRS if np.can_cast(DTYPES[own], DTYPES[wanted], "safe")}
    assert {("bfloat16", "float32"), ("float16", "float32"), ("int8", "bfloat16"), ("bool", "int8")} <= safe
    refused = {("float32", "bfloat16"), ("float64", "float32"), ("bfloat16", "float16"), ("float16", "bfloat16")}
    assert not safe & (
        refused | {("int64", "int32"), ("int32", "float32"), ("uint8", "int8"), ("complex64", "float32")}
    )


def test_allowed_downcast_takes_any_numbers() -> None:
    for own, wanted in PAIRS:
        found = to(wanted, np.array([1, 0], DTYPES[own]), True)
        assert found.dtype == DTYPES[wanted] and found.tolist() == [1, 0]
    assert to("int8", np.array([300.7, -1.0]), True)[1] == -1
    assert to("float32", np.array([1 + 2j]), True).tolist() == [1.0]


def test_device_arrays_convert_alike() -> None:
    for own, wanted in PAIRS:
        with jax.enable_x64(True):
            values = jax.numpy.ones(2, DTYPES[own])
        if own == wanted:
            assert to(wanted, values) is values
        elif np.can_cast(DTYPES[own], DTYPES[wanted], "safe"):
            found = to(wanted, values)
            assert isinstance(found, jax.Array) and found.dtype == DTYPES[wanted]
        else:
            with pytest.raises(InputTypeError, match=f"received {own}"):
                to(wanted, values)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, "int8"),
        (1, "uint64"),
        (1, "float16"),
        (True, "bool"),
        (True, "int32"),
        (True, "float32"),
        (2.5, "bfloat16"),
        (2.5, "float64"),
        (2.5, "complex64"),
        (1j, "complex64"),
        (-128, "int8"),
        (2**64 - 1, "uint64"),
        (float("inf"), "float32"),
        (float("nan"), "float16"),
        ([1, 2], "float32"),
        ([1.5, 2], "float32"),
        ([], "int32"),
        ([[1], [2]], "int16"),
        ((1, 2), "uint8"),
        (range(3), "int32"),
    ],
)
def test_written_numbers_are_weak(value: Any, dtype: str) -> None:
    """They take the input's dtype where it holds them; floats may round."""
    found = to(dtype, value)
    assert found.dtype == DTYPES[dtype]
    np.testing.assert_array_equal(found, np.asarray(value))


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (300, "int8"),
        (-1, "uint8"),
        (2**63, "int64"),
        (1.5, "int32"),
        (1.0, "int32"),
        (2, "bool"),
        (1j, "float32"),
        (1e300, "float32"),
        (70000.0, "float16"),
        ([1, 2, 1000], "int8"),
        ([0.5], "int64"),
        (np.float64(1.0), "float32"),  # it has a dtype of its own
        (np.int64(1), "int32"),
    ],
)
def test_written_numbers_that_do_not_fit(value: Any, dtype: str) -> None:
    with pytest.raises(InputTypeError) as caught:
        to(dtype, value)
    assert "allow_input_downcast=True" in str(caught.value)
    assert to(dtype, value, True).dtype == DTYPES[dtype]


def test_downcast_false_takes_no_number_as_it_is_not() -> None:
    """Written numbers have NumPy's dtypes then: int64, float64 and complex128."""
    assert to("float64", 1.5, False).dtype == DTYPES["float64"] and to("int64", [1], False).tolist() == [1]
    for value, dtype in ((1.5, "float32"), (1, "int32"), (1j, "complex64")):
        with pytest.raises(InputTypeError):
            to(dtype, value, False)


@pytest.mark.parametrize("value", ["1", ["1"], None, object(), {}, {1.0}, [None], [[1], [1, 2]], b"1", slice(1)])
def test_what_is_no_number(value: Any) -> None:
    for downcast in (None, True, False):
        with pytest.raises(InputTypeError, match=r"^f: input x is float32\[\?\], received"):
            convert(value, place(), downcast)


def test_dtypes_that_theon_does_not_hold() -> None:
    for value in (np.array(["2020"], "datetime64[D]"), np.zeros(1, ml_dtypes.float8_e8m0fnu), jax.random.key(0)):
        with pytest.raises(InputTypeError):
            convert(value, place(), True)


def test_byte_order_is_no_dtype() -> None:
    """As in files; the values are what counts."""
    found = to("float32", np.array([1.0, 2.5], ">f4"))
    assert found.dtype.isnative and found.tolist() == [1.0, 2.5]
    with pytest.raises(InputTypeError, match="received float64"):
        to("float32", np.array([1.0], ">f8"))


# --- memory -----------------------------------------------------------------------------------------------------


class Exposes:
    """Gives out its own memory."""

    def __init__(self) -> None:
        self.memory = np.arange(4, dtype=np.float32)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray[Any, Any]:
        return self.memory


MEMORIES: dict[str, Callable[[], Any]] = {
    "an array": lambda: np.arange(4, dtype=np.float32),
    "a view": lambda: np.arange(8, dtype=np.float32)[::2],
    "a read-only view": lambda: np.broadcast_to(np.float32(1.0), (4,)),
    "a masked array": lambda: np.ma.array(np.arange(4, dtype=np.float32)),
    "a buffer": lambda: array.array("f", [0.0, 1.0, 2.0, 3.0]),
    "a memoryview": lambda: np.arange(4, dtype=np.float32).data,
    "an object": Exposes,
    "an array to cast": lambda: np.arange(4, dtype=np.float16),
}


@pytest.mark.parametrize("what", MEMORIES)
def test_no_memory_is_shared(what: str) -> None:
    """The program may still be reading the value after the call has returned, and the caller writes on."""
    value = MEMORIES[what]()
    found = to("float32", value, shape=(None,))
    assert not np.shares_memory(found, np.asarray(value)) and found.flags.owndata
    np.testing.assert_array_equal(found, np.asarray(value))


# --- shapes -----------------------------------------------------------------------------------------------------


def test_dims() -> None:
    """Ints must agree; what names stand for is seen where all inputs are at hand."""
    values = np.zeros((2, 3), np.float32)
    right: list[tuple[Dim, ...]] = [(2, 3), (None, 3), ("batch", 3), (None, None), ("n", "n")]
    for shape in right:
        assert convert(values, place(shape=shape), None).shape == (2, 3)
    wrong: list[tuple[Dim, ...]] = [(3, 2), (2,), (2, 3, 1), (), (None, 4)]
    for shape in wrong:
        with pytest.raises(InputError, match=r"received shape \(2, 3\)"):
            convert(values, place(shape=shape), None)
    assert convert(3.0, place(shape=()), None).shape == ()
    assert convert(np.zeros((0, 3), np.float32), place(shape=(None, 3)), None).shape == (0, 3)


def test_every_kind_has_a_rank() -> None:
    """So that the order of kinds (bool, int, float, complex) covers what theon holds."""
    for dtype in DTYPES.values():
        assert convert(True, Place("f", "x", TensorType(dtype, ())), None).dtype == dtype, kind_of(dtype)


@pytest.mark.parametrize("own", ["int64", "uint64"])
@pytest.mark.parametrize("wanted", ["float64", "complex128"])
def test_ints_that_a_float_would_round(own: str, wanted: str) -> None:
    """NumPy calls int64 -> float64 safe, and rounds: each int must be there after."""
    limits = np.iinfo(own)
    good = [0, 2**53, 2**53 + 2, 2**60, int(limits.min)]
    for values in (good, [2**53 + 1], [int(limits.max)]):
        with jax.enable_x64(True):
            forms: list[Any] = [np.array(values, own), jax.numpy.asarray(np.array(values, own))]
        for form in forms:
            if values is good:
                assert np.asarray(to(wanted, form)).real.tolist() == values
                continue
            with pytest.raises(InputTypeError, match=f"received {own}") as caught:
                to(wanted, form)
            assert f"pass value.astype('{wanted}')" in str(caught.value)
            assert to(wanted, form, True).dtype == DTYPES[wanted]


def test_written_ints_round_as_floats_do() -> None:
    assert to("float32", 2**24 + 1) == 2**24 and to("float64", 2**53 + 1) == 2**53
    with pytest.raises(InputTypeError, match="pass numbers that float64 holds"):
        to("float64", 2**53 + 1, False)
