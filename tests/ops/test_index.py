"""Indexing against NumPy: what the brackets mean, reading and writing, at run time and in gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import theon
from tests.op_table.run import evaluator
from theon.graph.node import Node, new_input
from theon.graph.types import FLOAT32, TensorType

SHAPE = (4, 5, 6)
DATA = np.random.default_rng(0).standard_normal(SHAPE).astype(np.float32)
ROW = np.array([0, 2, -1])
COLUMN = np.array([[1], [3]])

EXPRESSIONS: tuple[Any, ...] = (
    *(1, -1, None, Ellipsis, (), np.int64(2), np.array(1)),
    *(np.s_[1:3], np.s_[::-1], np.s_[5:], np.s_[:-9], np.s_[3:0:-2, ::-1], np.s_[1:1], np.s_[-1::-1]),
    *(np.s_[::2, 1:-1, None], np.s_[..., 0], np.s_[None, ..., -1, None], np.s_[0, 0, 0], np.s_[..., None, 2:]),
    *(ROW, [1, 1], [], [[0], [3]], abs(ROW).astype(np.uint8), ROW.astype(np.int8), (ROW, ROW), (ROW, COLUMN, ROW)),
    *(np.s_[ROW, :, ROW], np.s_[:, ROW, COLUMN], np.s_[ROW, None, ROW], np.s_[0, :, ROW], np.s_[:, 0, ROW]),
    *(np.s_[ROW, 1:3], np.s_[1:3, ROW, ::-2], np.s_[ROW, ..., ROW], np.s_[:, :, ROW], np.s_[:, ROW, 2]),
    *(np.s_[ROW, 0:0], np.s_[0, ROW, None, 0], np.s_[1, None, ROW], np.s_[ROW, ..., 0, 0], np.s_[ROW, 0, ..., 0]),
    *(np.s_[None, ROW, None], np.s_[..., ROW, :], np.s_[ROW, ROW, ..., ROW], np.s_[2, ..., ROW]),
    *(np.s_[None, 0, ..., 0, ROW], np.s_[None, ROW, ROW, ..., 1], np.s_[None, ..., ROW, 0, 0]),
    *(True, False, np.bool_(True), np.array(False), (True, True), (True, False), np.s_[:, True], np.s_[..., False]),
    *(np.s_[True, ROW], np.s_[ROW, True], np.s_[:, ROW, :, True], np.s_[True, :, ROW], np.s_[COLUMN, True, ROW]),
    *(np.s_[0, True], np.s_[0, :, True], np.s_[0, 0, 0, True], np.s_[0, ..., True, 0], np.s_[0, 0, ..., 0, True]),
    *(np.s_[True, ::2, True], np.s_[None, True, 0], np.s_[False, [1]], np.s_[1:3, True, None, ::-1], np.s_[:, 2, True]),
)


def array(shape: Sequence[int | None] = SHAPE, dtype: Any = FLOAT32) -> Node:
    return new_input(TensorType(np.dtype(dtype), tuple(shape)), "x")


def values_for(region: Any) -> Any:
    return np.arange(1, region.size + 1, dtype=np.float32).reshape(region.shape)


def updated(index: Any, values: Any, add: bool) -> Any:
    out = DATA.copy()
    if add:
        np.add.at(out, index, values)
    else:
        out[index] = values
    return out


def repeats(index: Any) -> bool:
    """Whether an index picks an element twice, so that NumPy's choice of which value stays is its own."""
    places = np.arange(DATA.size).reshape(SHAPE)[index]
    return bool(len(np.unique(places)) < places.size)


def compare(expressions: Sequence[Any]) -> None:
    """Reads, sets and adds of all expressions, in one program, against NumPy."""
    x = array()
    nodes, wanted, labels = [], [], []
    for index in expressions:
        region = DATA[index]
        v = values_for(region)
        pairs = [(x[index], region), (x[index].set(2.5), updated(index, 2.5, False))]
        pairs.append((x[index].add(v), updated(index, v, True)))
        if not repeats(index):
            pairs.append((x[index].set(v), updated(index, v, False)))
        for node, want in pairs:
            assert node.dims == want.shape, index
            nodes.append(node)
            wanted.append(want)
            labels.append(index)
    run = evaluator([x], nodes)
    for got, want, label in zip(jax.jit(run)(DATA), wanted, labels, strict=True):
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-6, err_msg=f"x[{label}]")


def test_every_kind_of_index_reads_and_writes_as_in_numpy() -> None:
    compare(EXPRESSIONS)


def test_unknown_sizes_change_no_value() -> None:
    """Declared without a size, each index gives a type that is not wrong, and the same elements."""
    x = array((None, None, None))
    nodes = [x[index] for index in EXPRESSIONS]
    for got, node, index in zip(theon.function([x], nodes)(DATA), nodes, EXPRESSIONS, strict=True):
        want = DATA[index]
        np.testing.assert_array_equal(np.asarray(got), want, err_msg=f"x[{index}]")
        assert node.ndim == want.ndim
        assert all(guess in (None, size) for guess, size in zip(node.dims, want.shape, strict=True))


BOUNDS = st.none() | st.integers(-8, 8)


@st.composite
def indices(draw: st.DrawFn) -> tuple[Any, ...]:
    """A legal index of an array of SHAPE: ints, slices, arrays that broadcast, new axes and at most one `...`."""
    items: list[Any] = []
    for length in SHAPE[: draw(st.integers(0, len(SHAPE)))]:
        kind = draw(st.sampled_from(("int", "slice", "slice", "array")))
        if kind == "int":
            items.append(draw(st.integers(-length, length - 1)))
        elif kind == "slice":
            step = draw(st.none() | st.integers(-3, 3).filter(bool))
            items.append(slice(draw(BOUNDS), draw(BOUNDS), step))
        else:
            shape = draw(st.sampled_from(((), (3,), (1,), (2, 1), (2, 3), (1, 3))))
            picks = st.lists(st.integers(-length, length - 1), min_size=6, max_size=6)
            items.append(np.resize(np.array(draw(picks)), shape))
    for _ in range(draw(st.integers(0, 2))):
        items.insert(draw(st.integers(0, len(items))), None)
    if draw(st.booleans()) and len([i for i in items if i is not None]) == len(SHAPE):
        items.insert(draw(st.integers(0, len(items))), Ellipsis)
    return tuple(items)


@settings(max_examples=5, deadline=None, derandomize=True, database=None)
@given(st.lists(indices(), min_size=12, max_size=12))
def test_any_index_reads_and_writes_as_in_numpy(expressions: list[tuple[Any, ...]]) -> None:
    compare(expressions)


# --- At run time ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", [0, 3, -1, -4])
def test_int_nodes_index_at_run_time(position: int) -> None:
    x, i, row = theon.tensor3("x"), theon.iscalar("i"), theon.ivector("row")
    nodes = [x[i], x[:, i, 1:], x[i, :, row], x[row, i], x[i, ..., i], x[:, i, ::-2].add(1.0), x[i, 1:].set(0.0)]
    run = theon.function([x, i, row], nodes)
    k = position
    ones, zeros = DATA.copy(), DATA.copy()
    ones[:, k, ::-2] += 1
    zeros[k, 1:] = 0
    wanted = [DATA[k], DATA[:, k, 1:], DATA[k, :, ROW], DATA[ROW, k], DATA[k, ..., k], ones, zeros]
    for got, want in zip(run(DATA, np.int32(k), ROW.astype(np.int32)), wanted, strict=True):
        np.testing.assert_array_equal(np.asarray(got), want)


def test_out_of_range_at_run_time_reads_the_nearest_and_writes_nothing() -> None:
    x, i, row = array(), theon.iscalar("i"), theon.ivector("row")
    nodes = [x[i], x[row], x[i].set(0.0), x[i].add(1.0), x[row].set(0.0), x[row, 1].add(1.0)]
    run = theon.function([x, i, row], nodes)
    for far, near in ((99, 3), (-99, 0)):
        got = run(DATA, np.int32(far), np.array([far, far], np.int32))
        for mine, want in zip(got, [DATA[near], DATA[[near, near]], DATA, DATA, DATA, DATA], strict=True):
            np.testing.assert_array_equal(np.asarray(mine), want)


def test_gradients_out_of_range_belong_to_what_was_read() -> None:
    """The gradient of a read goes to the nearest element; that of a dropped write is zero."""
    x, v, row = theon.vector("x"), theon.vector("v"), theon.ivector("row")
    read = theon.grad((x[row] * v).sum(), x)
    write = theon.grad((x[row].set(v) ** 2).sum(), [x, v])
    run = theon.function([x, v, row], [read, *write])
    far = np.array([9, 1], np.int32)
    got = [np.asarray(g).tolist() for g in run(np.array([1, 2, 3], np.float32), np.array([10, 20], np.float32), far)]
    assert got == [[0, 20, 10], [2, 0, 6], [0, 40]]


def test_slices_with_symbolic_bounds() -> None:
    """Bounds may be static ints or sizes; the length is then known when the arrays are."""
    x, n = theon.tensor("x", shape=("batch", None)), theon.iscalar("n", static=True)
    nodes = [x[n : n + 2], x[: x.shape[0] - 1, 1:], x[::-1][:n], x[n:].set(0.0), x[:, : x.shape[1] // 2].add(1.0)]
    assert nodes[0].dims == (None, None)
    run = theon.function([x, n], nodes)
    data = DATA[0]
    zeros, ones = data.copy(), data.copy()
    zeros[1:] = 0
    ones[:, :3] += 1
    for got, want in zip(run(data, 1), [data[1:3], data[:-1, 1:], data[::-1][:1], zeros, ones], strict=True):
        np.testing.assert_array_equal(np.asarray(got), want)


# --- Gradients ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [np.s_[1:, ::-2], np.s_[[0, 0, 3], :, 1], np.s_[..., [[2, 2]], None], 2], ids=str)
@pytest.mark.parametrize("mode", ["set", "add"])
def test_gradients_of_reads_and_writes_agree_with_jax(index: Any, mode: str) -> None:
    """Where a place is written twice, only the value that stayed has a gradient."""
    data = DATA.astype(np.float64)
    v0 = values_for(data[index]).astype(np.float64)
    weight = np.random.default_rng(1).standard_normal(SHAPE)

    def by_jax(x: Any, v: Any) -> Any:
        out = getattr(x.at[index], mode)(v)
        return ((out**3) * weight).sum() + (x[index] ** 3 * v).sum()

    x, v = array(dtype="float64"), array(v0.shape, "float64")
    cost = (getattr(x[index], mode)(v) ** 3 * weight).sum() + (x[index] ** 3 * v).sum()
    first = theon.grad(cost, [x, v])
    second = theon.grad((first[0] ** 2).sum() + (first[1] ** 2).sum(), [x, v])
    found = theon.function([x, v], [*first, *second])(data, v0)
    with jax.enable_x64(True):
        gradient = jax.grad(by_jax, (0, 1))
        wanted = [*gradient(data, v0), *jax.grad(lambda *a: sum((g**2).sum() for g in gradient(*a)), (0, 1))(data, v0)]
        for got, want in zip(found, wanted, strict=True):
            np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-12, atol=1e-12)


def test_an_axis_of_length_one_that_is_picked_comes_back_when_written() -> None:
    """Beside an index array, where the whole array is read at once."""
    x = theon.tensor("x", shape=(3, 1))
    picked = x[np.array([0, 2]), -1]
    f = theon.function([x], [theon.set_subtensor(picked, 5.0), theon.grad(picked.sum(), x)])
    written, slope = f(np.zeros((3, 1), np.float32))
    np.testing.assert_array_equal(written, [[5], [0], [5]])
    np.testing.assert_array_equal(slope, [[1], [0], [1]])


READS: tuple[tuple[Any, ...], ...] = (
    (np.s_[1:4], np.s_[-10:-5:-1]),
    (np.s_[::2], np.s_[-10::-1]),
    (np.s_[::-2], np.s_[::-1]),
    (np.s_[6:0:-2], np.s_[2::-2]),
    (np.s_[2:2], np.s_[::-1]),
    (np.s_[5:], np.s_[0:5:-1], np.s_[None]),
)


@pytest.mark.parametrize("reads", READS, ids=str)
def test_reads_of_reads(reads: tuple[Any, ...]) -> None:
    x, data = array((8,)), np.arange(8, dtype=np.float32)
    part, wanted = x, data
    for read in reads:
        part, wanted = part[read], wanted[read]
    np.testing.assert_array_equal(theon.function([x], part)(data), wanted)


def test_a_read_of_what_is_joined_beside_an_ellipsis() -> None:
    """A `...` for no axis is no axis either where the read is taken to one part."""
    a, b = array((3, 4, 2)), array((3, 4, 2))
    i, j = theon.ivector("i"), theon.ivector("j")
    joined = theon.concat([a, b], axis=2)
    run = theon.function([a, b, i, j], joined[i, ..., 0, j])
    low = np.arange(24, dtype=np.float32).reshape(3, 4, 2)
    rows, columns = np.array([0, 2], np.int32), np.array([3, 1], np.int32)
    wanted = np.concatenate([low, low + 100], 2)[rows, ..., 0, columns]
    np.testing.assert_array_equal(run(low, low + 100, rows, columns), wanted)


def test_static_indices_lower_to_slices() -> None:
    """No gather and no scatter where every index is known at declaration."""
    x = array()
    run = evaluator([x], [x[1:3, ::-2, None, 4], x[1:3, ::-2].add(1.0), x[2].set(0.0)])
    used = str(jax.make_jaxpr(run)(DATA))
    assert "gather" not in used
    assert "scatter" not in used


# --- Mistakes -------------------------------------------------------------------------------------------------

MISTAKES: tuple[tuple[Any, str], ...] = (
    (lambda x: x[4], "index 4 is out of bounds for axis 0 of length 4"),
    (lambda x: x[0, -6], "index -6 is out of bounds for axis 1 of length 5"),
    (lambda x: x[[1, 4]], "index 4 is out of bounds for axis 0 of length 4"),
    (lambda x: theon.take(x, [0, 7], axis=2), "index 7 is out of bounds for axis 2 of length 6"),
    (lambda x: x[0, 0, 0, 0], "4 indices for 3 axes"),
    (lambda x: x[..., ...], "more than one `...`"),
    (lambda x: x[x > 0], "use theon.where"),
    (lambda x: x[theon.any(x > 0)], "use theon.where"),
    (lambda x: x[False, [0, 1]], "index arrays do not fit together: axis 0 does not broadcast (2 and 0)"),
    (lambda x: x[[True, False, True]], "a mask of shape (3,) picks from axes of (4,)"),
    (lambda x: x[1.5], "received 1.5"),
    (lambda x: x[x[0, 0]], "convert a whole number with .astype('int32')"),
    (lambda x: x["a"], "received 'a'"),
    (lambda x: x[[1, 2], [1, 2, 3]], "index arrays do not fit together"),
    (lambda x: x[:0][[0]], "axis 0 has no elements to index"),
)


@pytest.mark.parametrize(("mistake", "message"), MISTAKES, ids=[message for _, message in MISTAKES])
def test_mistakes_raise_at_declaration(mistake: Any, message: str) -> None:
    with pytest.raises(theon.IndexingError) as caught:
        mistake(array())
    assert message in str(caught.value)
    assert "test_index.py" in str(caught.value)


def test_writing_mistakes() -> None:
    x = array()
    with pytest.raises(theon.ArgumentError, match=r"write x\[index\].set\(values\)"):
        (x + 1).set(0.0)
    with pytest.raises(theon.ShapeError, match="do not broadcast"):
        x[0].set(np.zeros((5, 5), np.float32))
    with pytest.raises(theon.DTypeError, match="would lose information"):
        x[0].set(np.zeros(6))
    with pytest.raises(theon.ArgumentError, match="step of a slice"):
        x[::0]
