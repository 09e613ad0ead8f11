"""Types: dims, shapes, axes, and the promotion of dtypes, which is JAX's."""

from __future__ import annotations

from itertools import product
from typing import Any

import jax
import numpy as np
import pytest

import theon
from theon.graph.dims import Dim, Shape, broadcast_shapes, may_equal, normal_axes, normal_axis, same_dim, unify_dim
from theon.graph.errors import ArgumentError, DTypeError, Mismatch, ShapeError
from theon.graph.storage import STORED, computing, int_limits, is_stored
from theon.graph.types import (
    DTYPES,
    HELD,
    TensorType,
    TupleType,
    as_dtype,
    bfloat16,
    complex_of,
    dtype_of_scalar,
    is_float,
    is_inexact,
    is_integer,
    kind_of,
    limits,
    promote,
    real_of,
    takes_scalar,
)

PAIRS = list(product(DTYPES.values(), repeat=2))
F32 = np.dtype("float32")


# --- dtypes -----------------------------------------------------------------------------------------------------


def test_promotion_is_that_of_jax() -> None:
    """For every pair of dtypes, in 64-bit mode."""
    with jax.enable_x64(True), jax.numpy_dtype_promotion("standard"):
        for a, b in PAIRS:
            assert promote(a, b) == jax.numpy.promote_types(a, b), (a, b)


def test_promotion_of_what_is_for_storage_is_that_of_jax() -> None:
    """Both refuse the same pairs, and the same Python numbers."""
    with jax.enable_x64(True), jax.numpy_dtype_promotion("standard"):
        for a, b in product(HELD.values(), repeat=2):
            if not (is_stored(a) or is_stored(b)):
                continue
            try:
                wanted = jax.numpy.promote_types(a, b)
            except ValueError:
                with pytest.raises(Mismatch, match="have no common dtype"):
                    promote(a, b)
            else:
                assert promote(a, b) == wanted, (a, b)
        for dtype, value in product(STORED.values(), (True, 2, 2.5, 2.5j)):
            try:
                wanted = jax.numpy.result_type(jax.numpy.zeros((), dtype), value)
            except ValueError:
                with pytest.raises(Mismatch, match="would widen it"):
                    dtype_of_scalar(value, dtype)
                assert not takes_scalar(value, dtype)
            else:
                assert dtype_of_scalar(value, dtype) == wanted == dtype and takes_scalar(value, dtype)


def test_what_is_for_storage() -> None:
    """Its kind, the dtype that stands in for it, and its limits, as ml_dtypes gives them."""
    for name, dtype in STORED.items():
        assert is_stored(dtype) and not (is_float(dtype) or is_integer(dtype)) and as_dtype(name) == dtype
        assert is_inexact(dtype) == name.startswith("float8") and getattr(theon, name) == dtype
        assert TensorType(dtype, ()).of_cotangent.dtype == computing(dtype)
        assert dtype.itemsize == 1
    assert computing(theon.uint4) == np.dtype("int8") and computing(theon.float8_e5m2) == F32 == computing(F32)
    assert limits(theon.float8_e4m3fn) == (0.125, 2.0**-6, 448.0, 3)
    assert limits(theon.float8_e5m2) == (0.25, 2.0**-14, 57344.0, 2)
    assert [int_limits(d) for d in (theon.int4, theon.uint4, theon.int2, theon.uint2)] == [
        (-8, 7), (0, 15), (-2, 1), (0, 3),
    ]  # fmt: skip


def test_the_order_of_operands_does_not_matter() -> None:
    for a, b in PAIRS:
        assert promote(a, b) == promote(b, a)
        assert promote(a, a) == promote(a) == a
    for a, b, c in product(DTYPES.values(), repeat=3):
        assert promote(a, b, c) == promote(c, a, b) == promote(b, c, a)
    signed, unsigned, half = DTYPES["int8"], DTYPES["uint64"], DTYPES["float16"]
    assert promote(signed, unsigned) == DTYPES["float64"] and promote(signed, unsigned, half) == half


@pytest.mark.parametrize("value", [True, 2, 2.5, 2.5j])
def test_scalars_are_weak_as_in_jax(value: complex) -> None:
    """A Python number beside an array of any dtype. Where only the kind is the number's own, the default decides."""
    with jax.enable_x64(False), jax.numpy_dtype_promotion("standard"):
        for dtype in DTYPES.values():
            if (dtype.itemsize == 8 and kind_of(dtype) != "complex") or dtype == DTYPES["complex128"]:
                continue  # without 64-bit mode JAX has no such arrays
            found = dtype_of_scalar(value, dtype)
            assert found == jax.numpy.result_type(jax.numpy.zeros((), dtype), value), (dtype, value)
    for dtype in (DTYPES["int64"], DTYPES["uint64"], DTYPES["float64"], DTYPES["complex128"]):
        kinds = {bool: "bool", int: "int", float: "float", complex: "complex"}
        found = dtype_of_scalar(value, dtype)
        assert found == dtype or kind_of(found) == kinds[type(value)]
    assert dtype_of_scalar(2.5j, DTYPES["float64"]) == DTYPES["complex128"]


def test_scalars_alone() -> None:
    assert [dtype_of_scalar(v, None).name for v in (True, 1, 1.0, 1j)] == ["bool", "int32", "float32", "complex64"]
    with theon.default_float("float64"):
        assert [dtype_of_scalar(v, None).name for v in (1, 1.0, 1j)] == ["int32", "float64", "complex128"]
    with theon.default_float("bfloat16"):
        assert dtype_of_scalar(1.0, None) == bfloat16


def test_kinds() -> None:
    for name, dtype in DTYPES.items():
        kind = "float" if name == "bfloat16" else name.rstrip("0123456789")
        assert kind_of(dtype) == kind
        assert is_float(dtype) == (kind == "float")
        assert is_inexact(dtype) == (kind in ("float", "complex"))
        assert is_integer(dtype) == (kind in ("int", "uint"))
        assert real_of(dtype) == np.dtype(name.replace("complex64", "float32").replace("complex128", "float64"))
        assert complex_of(dtype) == np.dtype("complex128" if name in ("float64", "complex128") else "complex64")


@pytest.mark.parametrize("given", ["float32", np.float32, F32, ">f4", np.dtype(">f4"), "f4", "single"])
def test_names_of_dtypes(given: Any) -> None:
    """Every spelling, and the machine's own byte order."""
    assert as_dtype(given) == F32 and as_dtype(given).isnative


def test_python_types_are_dtypes() -> None:
    assert [as_dtype(kind).name for kind in (bool, float, complex)] == ["bool", "float64", "complex128"]
    assert as_dtype("bfloat16") == bfloat16 == as_dtype(bfloat16)


@pytest.mark.parametrize("given", [None, "float99", "string", object, str, "datetime64[s]", [("a", "f4")], 3, "O"])
def test_what_is_no_dtype(given: Any) -> None:
    with pytest.raises(DTypeError, match="not a dtype that theon holds"):
        as_dtype(given)


def test_default_float_is_undone() -> None:
    """After an error too."""
    with pytest.raises(RuntimeError), theon.default_float("float64"):
        assert theon.vector().dtype == np.dtype("float64")
        raise RuntimeError
    assert theon.vector().dtype == F32
    with pytest.raises(ArgumentError), theon.default_float("complex64"):
        pass


# --- dims and shapes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "same", "maybe", "known"),
    [
        (3, 3, True, True, 3),
        (3, 4, False, False, None),
        ("n", "n", True, True, "n"),
        ("n", "m", False, True, "n"),
        ("n", 3, False, True, 3),
        (3, "n", False, True, 3),
        (None, None, False, True, None),
        (None, 3, False, True, 3),
        ("n", None, False, True, "n"),
    ],
)
def test_dims(a: Dim, b: Dim, same: bool, maybe: bool, known: Dim) -> None:
    assert same_dim(a, b) is same and may_equal(a, b) is maybe
    if maybe:
        assert unify_dim(a, b) == known


@pytest.mark.parametrize(
    ("shapes", "out"),
    [
        (((3,), (3,)), (3,)),
        (((), (2, 3)), (2, 3)),
        (((2, 1), (3,)), (2, 3)),
        (((1,), (1,)), (1,)),
        ((("n", 3), (3,)), ("n", 3)),
        ((("n",), ("n",)), ("n",)),
        ((("n",), ("m",)), (None,)),
        ((("n",), (1,)), ("n",)),
        ((("n",), (4,)), (4,)),
        (((None,), (4,)), (4,)),
        (((None,), (1,)), (None,)),
        (((None,), (None,)), (None,)),
        (((0,), (1,)), (0,)),
        (((2, 1, 1), (3, 1), (4,)), (2, 3, 4)),
    ],
)
def test_broadcasting(shapes: tuple[Shape, ...], out: Shape) -> None:
    """What is known of the result, and no more."""
    assert broadcast_shapes(shapes) == out
    assert broadcast_shapes(shapes[::-1]) == out


@pytest.mark.parametrize("shapes", [((2,), (3,)), ((2, 3), (2,)), ((2,), (0,)), ((2, "n"), (3, "n"))])
def test_what_does_not_broadcast(shapes: tuple[Shape, ...]) -> None:
    with pytest.raises(Mismatch, match="does not broadcast") as caught:
        broadcast_shapes(shapes)
    assert caught.value.kind is ShapeError and "shapes (" in caught.value.hint


def test_broadcasting_agrees_with_numpy() -> None:
    dims = [(), (1,), (2,), (3, 1), (3, 2), (1, 2), (4, 1, 2)]
    for a, b in product(dims, repeat=2):
        assert broadcast_shapes([a, b]) == np.broadcast_shapes(a, b)


def test_axes() -> None:
    assert [normal_axis(a, 3) for a in (-3, -1, 0, 2)] == [0, 2, 0, 2]
    numpy_int: Any = np.int64(1)
    assert normal_axis(numpy_int, 2) == 1
    assert normal_axes(None, 3) == (0, 1, 2) and normal_axes((-1, 0), 3) == (0, 2) and normal_axes((), 3) == ()
    for axis in (3, -4, 1.0, True, "x", None):
        with pytest.raises(Mismatch):
            normal_axis(axis, 3)
    for axes in ((0, 0), (0, -3), "ab"):
        with pytest.raises(Mismatch):
            normal_axes(axes, 3)  # type: ignore[arg-type]
    with pytest.raises(Mismatch) as caught:
        normal_axis(0, 0)
    assert caught.value.hint == "use no axis: the tensor is 0-dimensional"


def test_tensor_types() -> None:
    t = TensorType(F32, ("batch", None, 3))
    assert str(t) == "float32[batch, ?, 3]" and t.ndim == 3 and not t.is_static
    with pytest.raises(TypeError, match="not static"):
        _ = t.sizes
    static = t.with_shape((2, 4, 3)).with_dtype(bfloat16)
    assert static.sizes == (2, 4, 3) and static.size == 24 and static.is_float and str(static) == "bfloat16[2, 4, 3]"
    assert TensorType(F32, (2,)) == TensorType(F32, (2,)) and hash(static) == hash(static.with_dtype(bfloat16))
    assert str(TupleType((t, static))) == f"({t}, {static})" and not TupleType((t, static)).is_static
