"""Edges of arithmetic and reductions: zeros, ties, overflow, weak scalars, and the errors of bad operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

import theon
from theon.graph.errors import ArgumentError, DTypeError, ShapeError, TheonError
from theon.graph.node import Node
from theon.ops.comparison import signbit
from theon.ops.elementwise import _OPS

NAN, INF = np.nan, np.inf


def value(node: Node, **feeds: Any) -> Any:
    """The value of an expression without inputs."""
    return np.asarray(theon.function([], node)())


def slopes(function: Callable[..., Node], *at: Any) -> tuple[list[Any], list[Any]]:
    """First and second derivatives (of the sum of the first) of the sum of `function`, by each operand, in float64."""
    xs = [theon.tensor(f"x{i}", shape=np.shape(a), dtype="float64") for i, a in enumerate(at)]
    first = theon.grad(theon.sum(function(*xs)), xs)
    total = sum((theon.sum(g) for g in first[1:]), theon.sum(first[0]))
    second = theon.grad(total, xs, disconnected_inputs="zero")
    run = theon.function(xs, [*first, *second], on_unused_input="ignore")
    values = [np.asarray(v).tolist() for v in run(*[np.asarray(a, "float64") for a in at])]
    return values[: len(xs)], values[len(xs) :]


# --- Gradients at points where a formula could go wrong ---------------------------------------------------------------

GRADIENTS: list[tuple[str, Callable[..., Node], tuple[Any, ...], Any, Any]] = [
    ("abs at 0", theon.abs, ([0.0, -2.0],), [[0.0, -1.0]], [[0.0, 0.0]]),
    ("floor", theon.floor, ([1.5],), [[0.0]], [[0.0]]),
    ("maximum shares ties", theon.maximum, (1.0, 1.0), [0.5, 0.5], [0.0, 0.0]),
    ("clip on a bound", lambda x: theon.clip(x, 0, 1), ([0.0, 0.5, 2.0],), [[0.5, 1.0, 0.0]], [[0.0, 0.0, 0.0]]),
    ("x ** 0", lambda x: x**0, ([0.0, 2.0],), [[0.0, 0.0]], [[0.0, 0.0]]),
    ("x ** 1", lambda x: x**1, ([0.0, 2.0],), [[1.0, 1.0]], [[0.0, 0.0]]),
    ("x ** 2", lambda x: x**2, ([0.0, -3.0],), [[0.0, -6.0]], [[2.0, 2.0]]),
    ("x ** 3", lambda x: x**3, ([0.0, -2.0],), [[0.0, 12.0]], [[0.0, -12.0]]),
    ("x ** y, 0 to the 0", theon.pow, ([0.0, 0.0, 0.0], [0.0, 1.0, 2.0]), [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]], None),
    ("x ** y, negative base", theon.pow, (-2.0, 3.0), [12.0, 0.0], None),
    ("hypot at 0", theon.hypot, (0.0, 0.0), [0.0, 0.0], None),
    ("hypot, huge", theon.hypot, (3e200, 4e200), [0.6, 0.8], None),
    ("where cuts", lambda x: theon.where(x > 0, theon.sqrt(theon.where(x > 0, x, 1)), 0), (0.0,), [0.0], [0.0]),
    ("logaddexp of infinities", theon.logaddexp, (-INF, -INF), [0.5, 0.5], None),
    ("logaddexp, far apart", theon.logaddexp, (0.0, 1000.0), [0.0, 1.0], [0.0, 0.0]),
    ("max shares ties", theon.max, ([2.0, 1.0, 2.0],), [[0.5, 0.0, 0.5]], [[0.0, 0.0, 0.0]]),
    ("std of equals", theon.std, ([2.0, 2.0],), [[0.0, 0.0]], None),
    ("var", theon.var, ([1.0, 3.0],), [[-1.0, 1.0]], [[0.0, 0.0]]),
    ("prod, one zero", theon.prod, ([2.0, 0.0, 3.0],), [[0.0, 6.0, 0.0]], [[3.0, 5.0, 2.0]]),
    ("prod, two zeros", theon.prod, ([0.0, 0.0, 3.0],), [[0.0, 0.0, 0.0]], [[3.0, 3.0, 0.0]]),
    ("prod, three zeros", theon.prod, ([0.0, 0.0, 0.0],), [[0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0]]),
    ("remainder", theon.remainder, (7.0, -2.0), [1.0, 4.0], [0.0, 0.0]),
    ("sigmoid, far out", theon.sigmoid, ([800.0, -800.0],), [[0.0, 0.0]], [[0.0, 0.0]]),
]


@pytest.mark.parametrize(
    ("function", "at", "first", "second"), [row[1:] for row in GRADIENTS], ids=[row[0] for row in GRADIENTS]
)
def test_gradient_at_an_edge(function: Callable[..., Node], at: tuple[Any, ...], first: Any, second: Any) -> None:
    got_first, got_second = slopes(function, *at)
    for mine, theirs in zip(got_first, first, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)
    for mine, theirs in zip(got_second, second or (), strict=False):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12)


# --- Integers ---------------------------------------------------------------------------------------------------------


def test_division_of_ints_by_zero_is_zero() -> None:
    x = theon.constant([7, -7, 0])
    parts = [theon.floor_divide(x, 0), theon.remainder(x, 0), theon.fmod(x, 0)]
    assert [v.tolist() for v in theon.function([], parts)()] == [[0, 0, 0]] * 3


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint8"])
def test_integer_division_is_pythons(dtype: str) -> None:
    low = 0 if dtype.startswith("u") else -9
    a = np.arange(low, 10, dtype=dtype)
    b = np.array([d for d in (-4, -3, -1, 1, 2, 5) if d >= low], dtype)[:, None]
    x, y = theon.constant(a), theon.constant(b)
    quotient, rest, powers = theon.function([], [x // y, x % y, theon.pow(x, theon.abs(y))])()
    np.testing.assert_array_equal(quotient, a // b)
    np.testing.assert_array_equal(rest, a % b)
    np.testing.assert_array_equal(powers, a ** abs(b))
    assert np.asarray(powers).dtype == dtype


def test_negative_powers_of_ints_are_cut() -> None:
    node = theon.pow(theon.constant([1, -1, -1, 2, -3, 0]), theon.constant([-2, -2, -3, -1, -1, -1]))
    assert value(node).tolist() == [1, 1, -1, 0, 0, 0]


def test_folding_of_ints_agrees_with_the_lowering() -> None:
    """Specialisation computes sizes with a row's NumPy function, XLA with its lowering; both must be one function."""
    edges = np.array([0, 1, -1, 2, -2, 3, -7, 31, 2**31 - 1, -(2**31)], np.int32)
    pairs = (np.repeat(edges, len(edges)), np.tile(edges, len(edges)))
    rows = [op.row for op in _OPS.values() if "int" in op.row.takes and op.row.name != "where"]
    for row in rows:
        with np.errstate(all="ignore"):
            try:
                operands: tuple[Any, ...] = (edges,)
                want = row.fold(edges)
            except TypeError:  # it takes two
                operands = pairs
                want = row.fold(*pairs)
        got = row.lower(*map(jax.numpy.asarray, operands))
        np.testing.assert_array_equal(got, want, err_msg=row.name)


def test_the_least_int_survives() -> None:
    least = np.array(np.iinfo(np.int32).min, np.int32)
    x = theon.constant(least)
    values = theon.function([], [x // -1, x % -1, -x, theon.abs(x)])()
    assert [int(v) for v in values] == [int(least), 0, int(least), int(least)]


# --- Dtypes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "dtype"),
    [
        (lambda x: x + 1.0, "float16"),
        (lambda x: 2 * x, "float16"),
        (lambda x: x**2, "float16"),
        (lambda x: theon.where(True, x, 0.5), "float16"),
        (lambda x: theon.clip(x, 0, 1.5), "float16"),
        (lambda x: x.astype("int8") + 1, "int8"),
        (lambda x: x.astype("int8") + 1.5, "float32"),
        (lambda x: x.astype("int8") ** 2, "int8"),
        (lambda x: x.astype("int8") / 2, "float32"),
        (lambda x: x.astype("int8").sum(), "int32"),
        (lambda x: x.astype("uint8").prod(), "uint32"),
        (lambda x: (x > 0).sum(), "int32"),
        (lambda x: (x > 0) + (x > 1), "int32"),
        (lambda x: x.astype("int64").sum(), "int64"),
        (lambda x: x.sum(dtype="float64"), "float64"),
        (lambda x: x.mean(), "float16"),
        (lambda x: x.argmax(), "int32"),
        (lambda x: x.astype("complex64").var(), "float32"),
        (lambda x: theon.abs(x.astype("complex128")), "float64"),
        (lambda x: x * 1j, "complex64"),
    ],
)
def test_scalars_are_weak_and_sums_are_wide(expression: Callable[[Node], Node], dtype: str) -> None:
    assert expression(theon.tensor("x", shape=(3,), dtype="float16")).dtype == dtype


def test_default_float_is_what_ints_divide_into() -> None:
    with theon.default_float("float64"):
        assert (theon.ivector("n") / 2).dtype == "float64"
        assert theon.mean(theon.ivector("n")).dtype == "float64"


def test_half_floats_are_summed_in_single_precision() -> None:
    ones = theon.constant(np.ones(4096, "float16"))
    total, mean, spread = theon.function([], [ones.sum(), ones.mean(), ones.var()])()
    assert (float(total), float(mean), float(spread)) == (4096.0, 1.0, 0.0)


def test_variance_far_from_zero_keeps_its_digits() -> None:
    data = np.array([10_000.0, 10_001.0, 10_002.0], "float32")
    assert float(value(theon.var(theon.constant(data)))) == pytest.approx(2 / 3, rel=1e-6)


def test_nan_wins_and_the_first_of_equals() -> None:
    x = theon.constant([[1.0, NAN, NAN], [3.0, 3.0, 1.0]])
    top, bottom, flat = theon.function([], [theon.argmax(x, axis=1), theon.argmin(x, axis=-1), theon.argmax(x)])()
    assert (top.tolist(), bottom.tolist(), int(flat)) == ([1, 0], [1, 2], 1)


def test_signed_zeros() -> None:
    x = theon.constant([0.0, -0.0])
    assert value(signbit(x)).tolist() == [False, True]
    nodes = [theon.copysign(1.0, x), theon.remainder(x, -1.0), theon.floor_divide(x, 2.0), theon.trunc(x - 0.25)]
    signs = [np.signbit(np.asarray(v)).tolist() for v in theon.function([], nodes)()]
    assert signs == [[False, True], [True, True], [False, True], [True, True]]


# --- Errors -----------------------------------------------------------------------------------------------------------

x, n, z = theon.matrix("x"), theon.ivector("n"), theon.tensor("z", shape=(3,), dtype="complex64")
ERRORS: list[tuple[Callable[[], Any], type[TheonError], str]] = [
    (lambda: z < z, DTypeError, "less: takes bool or int or uint or float, not complex64"),
    (lambda: theon.floor(z), DTypeError, "floor: takes int or uint or float, not complex64"),
    (lambda: x & 1, DTypeError, "bitwise_and: takes bool or int or uint, not float32"),
    (lambda: n << 1.5, DTypeError, "bitwise_left_shift: takes int or uint, not float32"),
    (lambda: n**-1, ArgumentError, "pow: ints have no whole power -1"),
    (lambda: theon.round(x, 1.5), ArgumentError, "round: decimals is an int, received 1.5"),  # type: ignore[arg-type]
    (lambda: theon.round(n, -1), ArgumentError, "round: ints are rounded to whole numbers only"),
    (lambda: theon.ones((2, 3)) + theon.ones((2, 4)), ShapeError, "add: axis 1 does not broadcast (3 and 4)"),
    (lambda: theon.where(theon.ones((2,)), theon.ones((3,)), 0), ShapeError, "where: axis 0 does not broadcast"),
    (lambda: x.sum(axis=2), ShapeError, "sum: axis 2 is out of bounds for 2 dimensions"),
    (lambda: x.mean(axis=(0, 0)), ArgumentError, "mean: axis (0, 0) names an axis twice"),
    (lambda: x.max(axis="rows"), ArgumentError, "max: an axis is an int"),
    (lambda: x.var(correction="one"), ArgumentError, "var: correction is a number"),  # type: ignore[arg-type]
    (lambda: theon.ones((2, 0)).max(axis=1), ShapeError, "max: nothing to choose from: axis [1] has length 0"),
    (lambda: theon.argmin(theon.ones((0,))), ShapeError, "argmin: nothing to choose from"),
    (lambda: x.argmax(axis=-3), ShapeError, "argmax: axis -3 is out of bounds"),
    (lambda: theon.max(z), DTypeError, "max: takes bool or int or uint or float, not complex64"),
    (lambda: z.sum(dtype="float32"), DTypeError, "cast: complex64 to float32"),
]


@pytest.mark.parametrize(("mistake", "kind", "message"), ERRORS, ids=[row[2] for row in ERRORS])
def test_errors_name_the_op_and_the_mistake(mistake: Callable[[], Any], kind: type[TheonError], message: str) -> None:
    with pytest.raises(kind) as caught:
        mistake()
    assert str(caught.value).startswith(message)
    assert "test_edges.py" in str(caught.value)
