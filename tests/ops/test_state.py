"""Shared variables as declarations."""

from typing import Any

import ml_dtypes
import numpy as np
import pytest

import theon


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1.5, "float32"),
        (3, "int32"),
        (True, "bool"),
        ([[1.0, 2.0]], "float32"),
        (np.zeros(3), "float64"),
        (np.float64(2.0), "float64"),
        (np.ones((2, 0), np.int8), "int8"),
        (np.ones(2, ml_dtypes.bfloat16), "bfloat16"),
    ],
)
def test_types(value: Any, dtype: str) -> None:
    """Arrays keep their dtype; Python numbers take the defaults."""
    state = theon.shared(value, "s")
    assert state.type == theon.TensorType(np.dtype(dtype), np.shape(value))
    assert np.array_equal(state.get_value(), np.asarray(value).astype(dtype))


def test_dtype() -> None:
    """A dtype that is asked for wins; default_float moves the default."""
    assert theon.shared(1, dtype="float64").dtype == np.float64
    with theon.default_float("float64"):
        assert theon.shared(1.0).dtype == np.float64


def test_the_value_is_copied() -> None:
    """Later changes of the array do not reach the state, even before it is first read."""
    value = np.zeros(3, np.float32)
    state = theon.shared(value)
    value[:] = 7
    assert state.get_value().tolist() == [0, 0, 0]


def test_mistakes() -> None:
    """A node or text for a value is an error at the user's line."""
    with pytest.raises(theon.ArgumentError, match=r"first value must be numbers, not a node\n.*test_state\.py"):
        theon.shared(theon.vector("x"))
    with pytest.raises(theon.ArgumentError, match=r"test_state\.py"):
        theon.shared("zero")
