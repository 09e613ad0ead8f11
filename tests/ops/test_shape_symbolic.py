"""Sizes that are not known at declaration: what the types say of them then, and what comes out once they are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import theon
from theon.graph.dims import Shape
from theon.graph.node import Node, new_input
from theon.graph.types import FLOAT32, TensorType
from theon.ops.shape import flatten


def array(*dims: int | str | None, name: str = "x") -> Node:
    return new_input(TensorType(FLOAT32, dims), name)


def data(*shape: int) -> Any:
    return np.random.default_rng(len(shape)).standard_normal(shape).astype(np.float32)


# --- What is known at declaration ---------------------------------------------------------------------------------

RESHAPES: tuple[tuple[Shape, Callable[[Node], Any], Shape], ...] = (
    ((2, 6), lambda x: (3, -1), (3, 4)),
    ((0, 3), lambda x: (-1, 3), (0, 3)),
    (("batch", 784), lambda x: (-1, 28, 28), ("batch", 28, 28)),
    (("batch", 784), lambda x: (x.shape[0], 28, 28), ("batch", 28, 28)),
    (("batch", 784), lambda x: (28, x.shape[0], -1), (28, "batch", 28)),
    (("batch", 784), lambda x: (-1,), (None,)),
    (("batch", 784), lambda x: (-1, x.shape[0]), (784, "batch")),
    (("batch", "time", 4), lambda x: (-1, 4), (None, 4)),
    (("batch", "time", 4), lambda x: (x.shape[1], -1, 2, 2), ("time", "batch", 2, 2)),
    (("batch", 784), lambda x: (64, 784), (64, 784)),
    ((None, 784), lambda x: (-1, 28, 28), (None, 28, 28)),
    ((None, 784), lambda x: (x.shape[0], 28, 28), (None, 28, 28)),
    ((None, 4), lambda x: (x.shape[0] * 2, 2), (None, 2)),
    ((6,), lambda x: (theon.constant(2), 3), (2, 3)),
)


@pytest.mark.parametrize(("source", "target", "dims"), RESHAPES)
def test_reshape_keeps_what_is_known(source: Shape, target: Callable[[Node], Any], dims: Shape) -> None:
    x = array(*source)
    assert theon.reshape(x, target(x)).dims == dims


TYPES: tuple[tuple[Callable[[Node], Node], Shape], ...] = (
    (lambda x: x.T, (4, None, "batch")),
    (lambda x: x.ravel(), (None,)),
    (lambda x: flatten(x, 2), ("batch", None)),
    (lambda x: theon.expand_dims(x, 1), ("batch", 1, None, 4)),
    (lambda x: theon.squeeze(x, 1), ("batch", 4)),
    (lambda x: x.dimshuffle(2, "x", 0, 1), (4, 1, "batch", None)),
    (lambda x: theon.broadcast_to(x[:, :1], x.shape), ("batch", None, 4)),
    (lambda x: theon.broadcast_to(x, (7, x.shape[0], 5, 4)), (7, "batch", 5, 4)),
    (lambda x: theon.concat([x, x], axis=2), ("batch", None, 8)),
    (lambda x: theon.concat([x, x]), (None, None, 4)),
    (lambda x: theon.concat([x, theon.zeros((0, 3, 4))]), ("batch", 3, 4)),
    (lambda x: theon.stack([x, theon.zeros((5, 3, 4))]), (2, 5, 3, 4)),
    (lambda x: x[:, 0], ("batch", 4)),
    (lambda x: x[::-1, 1:, ::2], ("batch", None, 2)),
    (lambda x: x[[0, 1]], (2, None, 4)),
    (theon.zeros_like, ("batch", None, 4)),
    (lambda x: theon.zeros(x.shape), ("batch", None, 4)),
    (lambda x: theon.arange(x.shape[0]), ("batch",)),
    (lambda x: theon.arange(x.shape[0] - 1), (None,)),
    (lambda x: theon.eye(x.shape[0]), ("batch", "batch")),
    (lambda x: x @ theon.zeros((4, 5)), ("batch", None, 5)),
    (lambda x: x @ x.mT, ("batch", None, None)),
    (lambda x: theon.einsum("bij,bkj->bik", x, theon.zeros((9, 2, 4))), (9, None, 2)),
    (lambda x: theon.tensordot(x, x, axes=[[1, 2], [1, 2]]), ("batch", "batch")),
    (lambda x: theon.nn.one_hot(theon.arange(3), x.shape[0]), (3, "batch")),
    (lambda x: theon.logsumexp(x, axis=1), ("batch", 4)),
)


@pytest.mark.parametrize(("declare", "dims"), TYPES)
def test_types_keep_what_is_known(declare: Callable[[Node], Node], dims: Shape) -> None:
    assert declare(array("batch", None, 4)).dims == dims


def test_sizes_are_ints_where_known() -> None:
    x = array("batch", 3)
    batch, three = x.shape
    assert isinstance(batch, Node)
    assert batch.dims == ()
    assert three == 3
    assert array(2, 3).size == 6
    assert isinstance(x.size, Node)


# --- What comes out when they are known ---------------------------------------------------------------------------

PROGRAMS: tuple[tuple[Callable[[Node], Node], Callable[[Any], Any]], ...] = (
    (lambda x: theon.reshape(x, (x.shape[0] * x.shape[1], 2, 2)), lambda x: x.reshape(-1, 2, 2)),
    (lambda x: x.reshape(-1, x.shape[1]), lambda x: x.transpose(0, 1, 2).reshape(-1, x.shape[1])),
    (lambda x: theon.arange(x.shape[0] - 1) * x.shape[1], lambda x: np.arange(len(x) - 1) * x.shape[1]),
    (lambda x: theon.arange(x.shape[1], 0, -1), lambda x: np.arange(x.shape[1], 0, -1)),
    (lambda x: theon.full(x.shape[1:], x.sum()), lambda x: np.full(x.shape[1:], x.sum())),
    (lambda x: theon.eye(x.shape[0], x.shape[1], 1), lambda x: np.eye(x.shape[0], x.shape[1], 1)),
    (lambda x: theon.broadcast_to(x[:1], x.shape), lambda x: np.broadcast_to(x[:1], x.shape)),
    (lambda x: theon.squeeze(x[:1], 0), lambda x: x[0]),
    (lambda x: theon.concat([x, x[:, :1]], axis=1), lambda x: np.concatenate([x, x[:, :1]], axis=1)),
    (lambda x: theon.stack([x, -x], axis=2), lambda x: np.stack([x, -x], axis=2)),
    (lambda x: theon.split(x, [1, 2], axis=1)[1], lambda x: np.split(x, [1, 2], axis=1)[1]),
    (lambda x: x @ x[:1].mT, lambda x: x @ x[:1].swapaxes(1, 2)),
    (lambda x: theon.einsum("...ij,...kj->...ik", x, x[:1]), lambda x: x @ x[:1].swapaxes(1, 2)),
    (lambda x: theon.einsum("bij,cij,bkl->ck", x, x, x), lambda x: np.einsum("bij,cij,bkl->ck", x, x, x)),
    (lambda x: theon.einsum("ijj->i", x[:, :2, :2]), lambda x: np.einsum("ijj->i", x[:, :2, :2])),
    (
        lambda x: x[:, x.shape[1] // 2 :].set(0.0),
        lambda x: np.where(np.arange(x.shape[1])[:, None] < x.shape[1] // 2, x, 0),
    ),
    (lambda x: theon.take_along_axis(x, [[[1]]], axis=1), lambda x: x[:1, 1:2, :1]),
    (lambda x: x / x.size, lambda x: x / x.size),
)


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_programs_of_unknown_sizes_agree_with_numpy(number: int) -> None:
    """One function meets two sizes; each gives what NumPy gives."""
    declare, oracle = PROGRAMS[number]
    x = array(None, None, None)
    run = theon.function([x], declare(x))
    for shape in ((3, 2, 4), (2, 6, 4)):
        value = data(*shape)
        if number == 16:
            value = value[:1, :, :1]
        got, want = np.asarray(run(value)), oracle(value)
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("number", [0, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
def test_gradients_of_unknown_sizes_agree_with_those_of_known_sizes(number: int) -> None:
    declare, _ = PROGRAMS[number]
    value = data(3, 2, 4)
    found = []
    for dims in ((None, None, None), value.shape):
        x = array(*dims)
        found.append(np.asarray(theon.function([x], theon.grad((declare(x) ** 2).sum(), x))(value)))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6, atol=1e-6)


def test_static_ints_decide_shapes() -> None:
    n = theon.iscalar("n", static=True)
    run = theon.function([n], [theon.zeros((n, 2)), theon.arange(n), theon.eye(n + 1)])
    for size in (0, 3):
        zeros, count, eye = (np.asarray(v) for v in run(size))
        assert zeros.shape == (size, 2)
        assert count.tolist() == list(range(size))
        assert eye.tolist() == np.eye(size + 1).tolist()


# --- Mistakes, now and later --------------------------------------------------------------------------------------

MISTAKES: tuple[tuple[Callable[[Node], Any], type[Exception], str], ...] = (
    (lambda x: theon.reshape(x, (5, 5)), theon.ShapeError, "(2, 3, 4) has 24 elements, (5, 5) has 25"),
    (lambda x: theon.reshape(x, (-1, 7)), theon.ShapeError, "no size fits for the open one of (?, 7)"),
    (lambda x: theon.reshape(x, (-1, -1)), theon.ArgumentError, "only one size of a new shape can be -1"),
    (lambda x: theon.reshape(x, (2.0, 12)), theon.ArgumentError, "a size is an int, received 2.0"),
    (lambda x: theon.reshape(x, (x[0, 0, 0], 12)), theon.DTypeError, "a size is an int scalar"),
    (lambda x: theon.transpose(x, (0, 1)), theon.ShapeError, "does not name each of 3 axes once"),
    (lambda x: theon.squeeze(x, 0), theon.ShapeError, "axis 0 has length 2, not 1"),
    (lambda x: theon.squeeze(array(None, 1)), theon.ShapeError, "name them with axis="),
    (lambda x: theon.expand_dims(x, 5), theon.ShapeError, "axis 5 is out of bounds"),
    (lambda x: theon.broadcast_to(x, (2, 3, 5)), theon.ShapeError, "axis 2 of length 4 does not broadcast to 5"),
    (lambda x: theon.broadcast_to(x, (3, 4)), theon.ShapeError, "3 axes do not broadcast to 2"),
    (lambda x: theon.concat([x, x[0]]), theon.ShapeError, "part 1 has 2 axes, the first has 3"),
    (lambda x: theon.concat([x, x[:, 1:]]), theon.ShapeError, "axis 1 differs (3 and 2) at part 1"),
    (lambda x: theon.concat(x), theon.ArgumentError, "needs a sequence of arrays"),  # type: ignore[arg-type]
    (lambda x: theon.stack([x, x[0]]), theon.ShapeError, "part 1 has another shape than the first"),
    (lambda x: theon.split(x, 2, axis=1), theon.ShapeError, "3 does not divide into 2 equal parts"),
    (lambda x: theon.split(array(None), 2), theon.ShapeError, "give the positions to cut at"),
    (lambda x: x.dimshuffle(0, "y"), theon.ArgumentError, "a pattern holds axes and 'x'"),
    (lambda x: theon.zeros((-1, 2)), theon.ShapeError, "a size cannot be negative, received -1"),
    (lambda x: theon.zeros((True,)), theon.ArgumentError, "a size is an int, received True"),
    (lambda x: theon.arange(0, 5, 0), theon.ArgumentError, "the step cannot be 0"),
    (lambda x: x @ theon.zeros((3, 2)), theon.ShapeError, "sums over axes of different lengths (4 and 3)"),
    (lambda x: x @ 2.0, theon.ShapeError, "takes vectors and matrices, not scalars"),
    (lambda x: theon.einsum("ijk,jl", x, theon.zeros((5, 2))), theon.ShapeError, "(3 and 5)"),
    (lambda x: theon.einsum("ij", x), theon.ShapeError, "'ij' names 2 axes of an operand that has 3"),
    (lambda x: theon.einsum("ijk->l", x), theon.ArgumentError, "the result names ['l']"),
    (lambda x: theon.tensordot(x, x, axes=4), theon.ArgumentError, "cannot sum over 4 axes of 3 and 3"),
    (lambda x: theon.nn.mean_squared_error(x, x[0]), theon.ShapeError, "a loss does not broadcast"),
    (lambda x: theon.nn.cross_entropy(x, x[:, :, 0]), theon.DTypeError, "class numbers are ints, not float32"),
    (lambda x: theon.nn.cross_entropy(x, [1, 2]), theon.ShapeError, "one class number for each row"),
    (lambda x: theon.nn.softmax(x, axis=3), theon.ShapeError, "axis 3 is out of bounds"),
)


@pytest.mark.parametrize(("mistake", "kind", "message"), MISTAKES, ids=[message for *_, message in MISTAKES])
def test_mistakes_raise_at_declaration(mistake: Callable[[Node], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        mistake(array(2, 3, 4))
    assert message in str(caught.value)
    assert "test_shape_symbolic.py" in str(caught.value)


LATE_MISTAKES: tuple[tuple[Callable[[Node], Node], str], ...] = (
    (lambda x: theon.reshape(x, (5, -1)), "(3, 2) has 6 elements"),
    (lambda x: theon.zeros((x.shape[0] - 4,)), "a size cannot be negative, received -1"),
    (lambda x: theon.squeeze(x, 0), "axis 0 has length 3, not 1"),
    (lambda x: theon.concat([x, x.T]), "axis 1 differs (2 and 3) at part 1"),
    (lambda x: x @ x, "sums over axes of different lengths (2 and 3)"),
    (lambda x: theon.broadcast_to(x, (4, 2)), "axis 0 of length 3 does not broadcast to 4"),
)


@pytest.mark.parametrize(("mistake", "message"), LATE_MISTAKES, ids=[message for _, message in LATE_MISTAKES])
def test_mistakes_that_only_sizes_show_point_at_the_declaration(mistake: Callable[[Node], Node], message: str) -> None:
    x = array(None, None)
    run = theon.function([x], mistake(x))
    with pytest.raises(theon.ShapeError) as caught:
        run(data(3, 2))
    assert message in str(caught.value)
    assert "test_shape_symbolic.py" in str(caught.value)


def test_a_size_known_only_at_run_time_names_the_way_out() -> None:
    n = theon.iscalar("n")
    with pytest.raises(theon.ShapeError, match="static"):
        theon.function([n], theon.zeros((n,)))(3)
