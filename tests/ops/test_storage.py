"""Dtypes for storage, float8 and int4: casts of every number there is, moves, gradients; what computes refuses them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import jax
import ml_dtypes
import numpy as np
import pytest

import theon
from tests.op_table import ROWS
from tests.op_table.row import Row
from theon.graph.storage import STORED, STORED_FLOATS, STORED_INTS, host_cast, is_stored
from theon.graph.types import HELD, TensorType, as_dtype
from theon.runtime.convert import Place, convert

Array = Any
REAL = [name for name in HELD if not name.startswith("complex")]
PAIRS = [(a, b) for a, b in product(HELD, STORED) if not a.startswith("complex")]
PAIRS += [(a, b) for a, b in product(STORED, HELD) if b not in STORED]

every_float8 = pytest.mark.parametrize("name", STORED_FLOATS)
every_stored = pytest.mark.parametrize("name", STORED)


def representable(name: str) -> Array:
    """Every number that a dtype of at most 16 bits holds, ascending for 8-bit floats' finite ones not asked for."""
    dtype = HELD[name]
    if name == "bool":
        return np.array([False, True])
    if name in STORED_INTS:
        info = ml_dtypes.iinfo(dtype)
        return np.arange(int(info.min), int(info.max) + 1).astype(np.int8).astype(dtype)
    bits = np.arange(2 ** (8 * dtype.itemsize), dtype=f"uint{8 * dtype.itemsize}")
    return bits.view(dtype)


def finite(name: str) -> Array:
    """The finite numbers of an 8-bit float, in order, in float64."""
    numbers = representable(name).astype(np.float64)
    return np.unique(numbers[np.isfinite(numbers)])


def hard(name: str) -> Array:
    """Of a dtype all numbers, or those on which casts to 8 bits and fewer turn: ties and their neighbours, and ends."""
    dtype = HELD[name]
    if dtype.itemsize <= 2:
        return representable(name)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        near = [s * 2**k + d for k in range(63) for s in (1, -1) for d in (-1, 0, 1)]
        whole = [*range(-300, 301), *near, info.min, info.max, 61439, 61440, 57344, 464, 465]
        return np.array(sorted({i for i in whole if info.min <= i <= info.max}), dtype)
    found = [np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1e30, -1e30, 1e-40, 1e-45]), np.arange(-70, 70) / 4]
    for narrow in STORED_FLOATS:
        grid = finite(narrow)
        beyond = np.array([grid[-1] + (grid[-1] - grid[-2]) / 2])  # what would be the tie above the largest
        ties = np.concatenate([(grid[1:] + grid[:-1]) / 2, beyond, -beyond]).astype(dtype)
        up, down = (np.nextafter(ties, dtype.type(s * np.inf)) for s in (1, -1))
        found += [grid, ties, up, down]
    return np.concatenate([one.astype(dtype) for one in found])


def rounded(values: Array, name: str) -> Array:
    """The nearest number of an 8-bit float, of two as near the even one, by looking for it among all of them."""
    dtype, grid = HELD[name], finite(name)
    step = grid[-1] - grid[-2]
    grid = np.concatenate([[-grid[-1] - step], grid, [grid[-1] + step]])  # as if there was one more
    wide = values.astype(np.longdouble)
    at = np.clip(np.searchsorted(grid, np.nan_to_num(values.astype(np.float64))), 1, len(grid) - 1)
    low, high = grid[at - 1], grid[at]
    middle = (low.astype(np.longdouble) + high) / 2
    # Neighbours alternate between even and odd last bits, and zero is even.
    even = (np.arange(len(grid)) - np.searchsorted(grid, 0.0)) % 2 == 0
    near = np.where(wide > middle, high, np.where(wide < middle, low, np.where(even[at], high, low)))
    top = "inf" if name == "float8_e5m2" else "nan"
    outside = (np.abs(near) > grid[-2]) | ~np.isfinite(values.astype(np.float64))
    near = np.where(outside, np.copysign(float(top), near), near)
    near = np.where(np.isinf(values.astype(np.float64)), np.copysign(float(top), values.astype(np.float64)), near)
    near = np.where(np.isnan(values.astype(np.float64)), np.nan, near)
    signed = np.where(near == 0, np.copysign(0.0, values.astype(np.float64)), near)
    return signed.astype(np.float32).astype(dtype)  # exact


def expected(values: Array, to: str) -> Array:
    """By ml_dtypes where that rounds once and has a meaning, else by the definition in `astype`'s docstring."""
    own, dtype = values.dtype.name, HELD[to]
    with np.errstate(over="ignore", invalid="ignore"):
        if to in STORED_FLOATS and own == "float64":
            return rounded(values, to)
        floats = own in STORED_FLOATS or values.dtype.kind == "f" or own == "bfloat16"
        if floats and (to in STORED_INTS or dtype.kind in "iu"):
            info = ml_dtypes.iinfo(dtype)
            low, high = int(info.min), int(info.max)
            whole = [0 if v != v else high if v >= high else low if v <= low else int(v) for v in map(float, values)]
            return np.array(whole, object).astype(np.int64 if low else np.uint64).astype(dtype)
        if own in STORED_INTS and to in STORED_INTS:
            values = values.astype(np.int8)  # ml_dtypes has no cast between its ints
        return values.astype(dtype)


def same(a: Array, b: Array) -> Array:
    """Equal to the sign of zeros, or both nan."""
    assert a.dtype == b.dtype
    if a.dtype.name in STORED_INTS or a.dtype.kind in "biu":
        return np.asarray(a.astype(np.int64) == b.astype(np.int64))
    x, y = (v.astype(np.complex128 if v.dtype.kind == "c" else np.float64) for v in (a, b))
    if x.dtype.kind == "c":
        x, y = x.real, y.real
    return np.asarray(((x == y) & (np.signbit(x) == np.signbit(y))) | (np.isnan(x) & np.isnan(y)))


# --- Casts ------------------------------------------------------------------------------------------------------------


def by_turns(pairs: Sequence[tuple[Any, Any]]) -> list[Any]:
    """One pair in three; the others wait for `-m slow`."""
    return [pytest.param(*pair, marks=pytest.mark.slow) if i % 3 else pair for i, pair in enumerate(pairs)]


@pytest.mark.parametrize(("own", "to"), by_turns(list(product(REAL, STORED))))
def test_casts_to_storage(own: str, to: str) -> None:
    """Compiled, on the host, and by JAX alike: every number of 16 bits or fewer, and the hard ones of more."""
    check_cast(own, to)


@pytest.mark.parametrize(("own", "to"), by_turns([pair for pair in product(STORED, HELD) if pair[1] not in STORED]))
def test_casts_from_storage(own: str, to: str) -> None:
    """Every number there is."""
    check_cast(own, to)


def check_cast(own: str, to: str) -> None:
    values = hard(own)
    x = theon.tensor("x", (len(values),), own)
    found = np.asarray(theon.function([x], x.astype(to))(values))
    with jax.enable_x64(True):
        by_jax = np.asarray(jax.jit(lambda v: v != 0 if to == "bool" else v.astype(HELD[to]))(values))
    on_host, wanted = host_cast(values, HELD[to]), expected(values, to)
    for one, who in ((found, "compiled"), (by_jax, "jax"), (on_host, "host")):
        good = same(one, wanted)
        assert good.all(), (who, values[~good][:5], one[~good][:5], wanted[~good][:5])


def test_rounding_by_search_is_that_of_ml_dtypes() -> None:
    """The oracle for float64, where ml_dtypes rounds twice, held to ml_dtypes where that rounds once."""
    values = hard("float32")
    for name, dtype in STORED_FLOATS.items():
        with np.errstate(over="ignore", invalid="ignore"):
            assert same(rounded(values, name), values.astype(dtype)).all(), name


def test_what_is_too_large() -> None:
    """As the docstring of astype has it."""
    x = theon.constant([1e6, -np.inf, np.nan])
    assert np.isposinf(x.astype("float8_e5m2").astype("float32").eval()[0])
    for name in set(STORED_FLOATS) - {"float8_e5m2"}:
        assert np.isnan(x.astype(name).astype("float32").eval()).all(), name
    assert x.astype("int4").eval().tolist() == [7, -8, 0] and x.astype("uint2").eval().tolist() == [3, 0, 0]
    assert theon.constant([9, -9]).astype("int4").eval().tolist() == [-7, 7]


def test_casts_are_not_taken_back() -> None:
    """What went through 8 bits has their precision, also between functions that cancel and ops that move."""
    x = theon.vector("x")
    values = np.array([0.3, 1.7, 5.1], np.float32)
    through = values.astype(ml_dtypes.float8_e4m3fn).astype(np.float32)
    plain = x.astype("float8_e4m3fn").astype("float32")
    assert plain.eval({x: values}).tolist() == through.tolist()
    back = theon.log(theon.exp(x).astype("float8_e4m3fn").astype("float32"))
    wanted = np.log(np.exp(values).astype(ml_dtypes.float8_e4m3fn).astype(np.float32))
    np.testing.assert_allclose(back.eval({x: values}), wanted, rtol=1e-6)
    moved = theon.log(theon.exp(x).astype("float8_e4m3fn").reshape(3, 1)[1:].astype("float32"))
    np.testing.assert_allclose(moved.eval({x: values}), wanted[1:, None], rtol=1e-6)


# --- Values that stay: constants, inputs, states ----------------------------------------------------------------------


@every_stored
def test_constants_inputs_and_states(name: str) -> None:
    dtype = as_dtype(name)
    values = representable(name)
    assert same(np.asarray(theon.constant(values).eval()), values).all()
    found = theon.asarray(theon.constant(values), "float32")  # which is a conversion by hand
    np.testing.assert_array_equal(np.asarray(found.eval()), values.astype(np.float32))
    numbers = [0, 1, 1, 0]
    assert theon.constant(numbers, name).eval().tolist() == numbers
    x, w = theon.tensor("x", (None,), name), theon.shared(values, name="w")
    step = theon.function([x], [x[::-1], w[:3]], updates={w: theon.flip(w)})
    reversed_, first = step(values)
    assert reversed_.dtype == dtype and same(np.asarray(reversed_), values[::-1]).all()
    assert same(np.asarray(first), values[:3]).all() and same(w.get_value(), values[::-1]).all()
    w.set_value(values)
    assert w.get_value().dtype == dtype and same(w.get_value(), values).all()
    text = theon.dprint([x, w])
    assert f"x = input : {name}[?]" in text and f"w = state : {name}[{len(values)}]" in text
    assert name in theon.export.dot(w[1:]) and name in theon.export.mermaid(w[1:])


def test_constants_round_as_compiled_casts_do() -> None:
    """From float64 in one step: just above the tie between 1 and 1.125 is 1.125."""
    above = 1.0625 + 2.0**-40
    assert float(theon.constant(above, "float8_e4m3fn").eval()) == 1.125
    assert float(theon.constant([above], "float8_e4m3fn").eval()[0]) == 1.125
    assert float(theon.constant(1.0625, "float8_e4m3fn").eval()) == 1.0
    with pytest.raises(theon.DTypeError, match="the constant 8 does not fit int4"):
        theon.constant(8, "int4")


def test_what_inputs_take() -> None:
    """Arrays of dtypes whose every number the input's holds, and Python's numbers; others where that is allowed."""
    fits = {(a, b) for a, b in product(HELD, HELD) if a in STORED or b in STORED if taken(a, b)}
    for name in STORED:
        assert {("bool", name), (name, "float64"), (name, "complex128")} <= fits
        assert all((name, wide) in fits for wide in ("float16", "float32"))
    assert {("int4", "int8"), ("uint4", "uint8"), ("int4", "float8_e5m2"), ("uint4", "float8_e4m3fn")} <= fits
    assert {("int2", "int4"), ("uint2", "int4"), ("uint2", "uint4")} <= fits
    refused = {("float32", "float8_e5m2"), ("int8", "float8_e4m3fn"), ("uint4", "int4"), ("uint4", "float8_e5m2")}
    refused |= {("float8_e4m3fn", "float8_e5m2"), ("float8_e4m3fn", "int32"), ("int8", "int4"), ("int4", "uint8")}
    assert not fits & refused
    x = theon.tensor("x", (2,), "float8_e4m3fn")
    assert theon.function([x], x)([0.3, 1]).tolist() == [0.3125, 1.0]
    wide = theon.function([x], x, allow_input_downcast=True)
    assert wide(np.array([1.0625 + 2.0**-40, 3.0])).tolist() == [1.125, 3.0]


def taken(own: str, wanted: str) -> bool:
    place = Place("f", "x", TensorType(HELD[wanted], (2,)))
    try:
        convert(np.array([1, 0], np.int8).astype(HELD[own]), place, None)
    except theon.InputTypeError:
        return False
    return True


# --- Ops --------------------------------------------------------------------------------------------------------------

# What moves and picks; beside them comparisons and tests, which are exact in a wider dtype.
MOVES = {
    "positive", "assume", "where", "reshape", "ravel", "expand_dims", "squeeze", "transpose", "permute_dims",
    "matrix_transpose", "swapaxes", "moveaxis", "dimshuffle", "broadcast_to", "concat", "stack", "split", "roll",
    "flip", "fliplr", "flipud", "rot90", "rollaxis", "tile", "repeat", "fill_diagonal", "specify_shape", "diagflat",
    "empty_like", "meshgrid", "array_split", "hsplit", "vsplit", "dsplit", "unstack", "atleast_1d", "atleast_2d",
    "atleast_3d", "broadcast_arrays", "hstack", "vstack", "dstack", "column_stack", "block", "append", "delete",
    "pad", "full", "zeros_like", "ones_like", "full_like", "take", "take_along_axis", "set_subtensor", "Node.at",
    "put", "put_along_axis", "dynamic_slice", "dynamic_update_slice", "compress", "extract", "choose", "select",
    "tril", "triu", "diag", "diagonal", "linalg.diagonal", "linalg.toeplitz", "linalg.circulant", "linalg.hankel",
    "fft.fftshift", "fft.ifftshift", "nan_to_num", "insert", "resize",
}  # fmt: skip
SOMETIMES = ("Node.at", "insert", "pad", "where", "signbit")  # some modes compute, of one argument, or of ints
TESTS = {
    "astype", "isposinf", "isneginf", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal",
    "signbit", "isnan", "isinf", "isfinite", "count_nonzero", "array_equal", "array_equiv", "diag_indices_from",
    "tril_indices_from", "triu_indices_from",
}  # fmt: skip


def stored_operands(row: Row, name: str) -> list[Array] | None:
    """Operands of a row, its floats (or ints, where it has none and ints are meant) in a dtype for storage."""
    case = row.cases[min(1, len(row.cases) - 1)]
    arrays = row.draw(case, row.dtypes[0])
    floats = any(array.dtype.kind == "f" for array in arrays)
    if not arrays or not (floats or (name in STORED_INTS and any(array.dtype.kind in "iu" for array in arrays))):
        return None
    chosen = "f" if floats else "iu"
    small = [np.clip(np.round(a.real.astype(np.float32)), -2, 2).astype(HELD[name]) for a in arrays]
    return [few if a.dtype.kind in chosen else a for few, a in zip(small, arrays, strict=True)]


STORING = [
    (row, name)
    for name in ("float8_e4m3fn", "float8_e5m2", "int4")
    for row in ROWS
    if row.name != "view" and stored_operands(row, name)  # whose bytes are other numbers in another dtype
]


@pytest.mark.parametrize(("row", "name"), by_turns(STORING), ids=str)
def test_ops_move_or_refuse(row: Row, name: str) -> None:
    """What moves gives what it gives of float32; everything else says which dtype it does not compute with."""
    operands = stored_operands(row, name)
    assert operands is not None
    kwargs = row.cases[min(1, len(row.cases) - 1)].kwargs
    nodes = [theon.constant(array) for array in operands]
    if row.name not in MOVES | TESTS:
        with pytest.raises(theon.TheonError, match=name):
            row.function(*nodes, **kwargs)
        return
    try:
        found = listed(row.function(*nodes, **kwargs))
    except theon.DTypeError:
        assert row.name in SOMETIMES
        return
    wide = [array.astype(np.float32) if is_stored(array.dtype) else array for array in operands]
    wanted = listed(row.function(*map(theon.constant, wide), **kwargs))
    for one, other in zip(found, wanted, strict=True):
        assert row.name in TESTS or one.dtype == as_dtype(name)
        value = np.asarray(one.eval())
        np.testing.assert_array_equal(value.astype(np.float64), np.asarray(other.eval()).astype(np.float64))


def listed(result: Any) -> list[theon.Node]:
    return list(result) if isinstance(result, (list, tuple)) else [result]


def test_bytes_of_float8() -> None:
    """As NumPy sees them, there and back."""
    data = np.array([[1.5, -2.0, 0.25, 448.0]], np.float32).astype(HELD["float8_e4m3fn"])
    x = theon.constant(data)
    pairs = ((x.view("uint8"), data.view(np.uint8)), (x.view("int32"), data.view(np.int32)))
    for node, want in pairs:
        np.testing.assert_array_equal(np.asarray(node.eval()), want)
        np.testing.assert_array_equal(np.asarray(node.view("float8_e4m3fn").eval()).view(np.uint8), data.view(np.uint8))


@every_float8
def test_comparisons_and_tests(name: str) -> None:
    """Of all pairs of all numbers, nans among them."""
    values = representable(name)
    wide = values.astype(np.float64)
    x = theon.constant(values)
    a, b, left, right = x[:, None], x[None], wide[:, None], wide[None]
    rows = (theon.equal, np.equal), (theon.not_equal, np.not_equal), (theon.less, np.less), (theon.greater, np.greater)
    for ours, theirs in rows:
        np.testing.assert_array_equal(ours(a, b).eval(), theirs(left, right))
    for test in ("isnan", "isinf", "isfinite"):
        np.testing.assert_array_equal(getattr(theon, test)(x).eval(), getattr(np, test)(wide))
    np.testing.assert_array_equal((x > 0.5).eval(), wide > 0.5)
    np.testing.assert_array_equal(theon.logical_not(x).eval(), wide == 0)


def test_regions_carry_them() -> None:
    """Loops, choices and vectorized functions, with and without sizes."""
    x = theon.tensor("x", (None,), "float8_e4m3fn")
    flag = theon.scalar("flag", dtype="bool")
    values = np.array([1.5, -2.0, 0.25], ml_dtypes.float8_e4m3fn)
    last, all_ = theon.scan(lambda carry, v: (v, carry), theon.constant(1.0, "float8_e4m3fn"), x)
    chosen = theon.cond(flag, lambda: x, lambda: theon.flip(x))
    mapped = theon.vectorize(lambda v: theon.where(v > 0.0, v, 0.0))(x)
    f = theon.function([x, flag], [last, all_, chosen, mapped])
    found = [np.asarray(one).astype(np.float32).tolist() for one in f(values, False)]
    assert found == [0.25, [1.0, 1.5, -2.0], [0.25, -2.0, 1.5], [1.5, 0.0, 0.25]]
