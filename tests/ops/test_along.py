"""Functions of vectors along an axis, and over one axis after the other, against NumPy; grids written with slices."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon
from theon import Node

DATA = np.random.default_rng(3).standard_normal((2, 3, 4))

# A function of a vector in theon and in NumPy; the axes of its results are none, one, and two.
FUNCTIONS: dict[str, tuple[Any, Any]] = {
    "norm": (lambda v: theon.sqrt((v**2).sum()), lambda v: np.sqrt((v**2).sum())),
    "shares": (theon.softmax, lambda v: np.exp(v) / np.exp(v).sum()),
    "product": (lambda v: theon.outer(v, v[:2]), lambda v: np.outer(v, v[:2])),
    "constant": (lambda v: 3.0, lambda v: 3.0),
}


@pytest.mark.parametrize("known", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_along_every_axis_of_every_rank(known: bool) -> None:
    """All functions in one program; sizes may be unknown."""
    inputs, outputs, wanted, names = [], [], [], []
    for array in (DATA[0, 0], DATA[0], DATA, DATA[:, :0]):
        x = theon.tensor("x", shape=array.shape if known else (None,) * array.ndim, dtype="float64")
        inputs.append((x, array))
        for axis in range(-array.ndim, array.ndim):
            if array.shape[axis] == 0:
                continue
            for name, (mine, theirs) in FUNCTIONS.items():
                if 0 in array.shape:  # NumPy calls nothing for nothing
                    rest = [np.zeros(array.shape[axis])]
                    inner = np.shape(theirs(rest[0]))
                    at = axis % array.ndim
                    want = np.zeros((*array.shape[:at], *inner, *array.shape[at + 1 :]))
                else:
                    want = np.apply_along_axis(theirs, axis, array)
                outputs.append(theon.apply_along_axis(mine, axis, x))
                wanted.append(want)
                names.append(f"{name} along {axis} of {array.shape}")
                assert outputs[-1].ndim == want.ndim, names[-1]
    found = theon.function([x for x, _ in inputs], outputs)(*[array for _, array in inputs])
    for got, want, name in zip(found, wanted, names, strict=True):
        assert got.shape == want.shape, name
        np.testing.assert_allclose(got, want, rtol=1e-12, err_msg=name)


def test_arguments_are_passed_on() -> None:
    x = theon.constant(DATA)
    found = theon.apply_along_axis(lambda v, q, *, scale: theon.quantile(v, q) * scale, 1, x, 0.25, scale=2.0)
    np.testing.assert_allclose(np.asarray(found.eval()), np.quantile(DATA, 0.25, axis=1) * 2, rtol=1e-12)


@pytest.mark.slow
def test_gradients_along_an_axis_agree_with_jax() -> None:
    x = theon.tensor("x", shape=DATA.shape, dtype="float64")
    cost = theon.sum(theon.apply_along_axis(lambda v: theon.logsumexp(v) * v, 1, x) ** 2)
    first = theon.grad(cost, x)
    second = theon.grad(theon.sum(first**2), x)
    found = theon.function([x], [first, second])(DATA)

    def theirs(a: Any) -> Any:
        return jnp.sum(jnp.apply_along_axis(lambda v: jax.nn.logsumexp(v) * v, 1, a) ** 2)

    with jax.enable_x64(True):
        one = jax.grad(theirs)
        wanted = [one(jnp.asarray(DATA)), jax.grad(lambda a: jnp.sum(one(a) ** 2))(jnp.asarray(DATA))]
    for got, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-10)


@pytest.mark.parametrize("axes", [0, (0, -1), np.array([1, 0])], ids=str)
def test_over_axes(axes: Any) -> None:
    x = theon.constant(DATA)
    outputs = [
        theon.apply_over_axes(theon.sum, x, axes),
        theon.apply_over_axes(theon.cumsum, x, axes),
        theon.apply_over_axes(lambda a, axis: theon.max(a, axis, keepdims=True), x, axes),
    ]
    wanted = [
        np.apply_over_axes(np.sum, DATA, axes),
        np.apply_over_axes(np.cumsum, DATA, axes),
        np.apply_over_axes(np.max, DATA, axes),
    ]
    for got, want in zip(theon.function([], outputs)(), wanted, strict=True):
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=1e-12)


SLICES: tuple[Any, ...] = (
    *(np.s_[0:3], np.s_[:4], np.s_[2:8:3], np.s_[5:0:-2], np.s_[-1:1:5j], np.s_[0:1:1j], np.s_[0:1.5:0.5]),
    *(np.s_[0:2, 0:3], np.s_[0:3,], np.s_[-1:1:3j, 0:2], np.s_[0:1:4j, 2:1:2j, :2]),
    np.s_[0:0, :2],
)


@pytest.mark.parametrize("dense", [True, False])
def test_grids_by_slices(dense: bool) -> None:
    """int32 and the default float in the place of NumPy's int64 and float64."""
    mine, theirs = (theon.mgrid, np.mgrid) if dense else (theon.ogrid, np.ogrid)
    for key in SLICES:
        made, want = mine[key], theirs[key]
        parts = made if isinstance(made, tuple) else (made,)
        others = want if isinstance(want, tuple) else (want,)
        found = theon.function([], list(parts))()
        for got, other in zip(found, others, strict=True):
            assert got.shape == other.shape, key
            assert got.dtype == (np.float32 if other.dtype.kind == "f" else np.int32), key
            np.testing.assert_allclose(got, other, rtol=1e-6, atol=1e-7, err_msg=str(key))


def test_a_grid_between_nodes() -> None:
    """Bounds of steps are ints that decide a shape, ends of points are numbers that are differentiable."""
    high = theon.dscalar("high")
    x = theon.tensor("x", shape=(None,))
    points = theon.ogrid[0:high:5j]
    run = theon.function([x, high], [theon.mgrid[: x.shape[0], 0:2], points, theon.grad(points.sum(), high)])
    grid, line, slope = run(np.zeros(3, np.float32), 2.0)
    np.testing.assert_array_equal(grid, np.mgrid[:3, 0:2])
    np.testing.assert_allclose(line, np.linspace(0, 2, 5))
    assert float(slope) == 2.5


def crossed(x: Any, m: Any) -> Any:
    return x[m([0, 1], [True, False, True, False])]


def test_positions_index() -> None:
    """What positions are for: reads and writes by them are NumPy's."""
    square = DATA[0, :, :3]
    x = theon.constant(square)
    pairs: list[tuple[Node, Any]] = [
        (crossed(theon.constant(DATA[0]), theon.ix_), crossed(DATA[0], np.ix_)),
        (x[theon.tril_indices(3, -1)], square[np.tril_indices(3, -1)]),
        (x[theon.triu_indices_from(x, 1)], square[np.triu_indices_from(square, 1)]),
        (x[theon.diag_indices_from(x)].set(0.0), square * (1 - np.eye(3))),
        (x[theon.diag_indices(3)].add(1.0), square + np.eye(3)),
    ]
    for got, (_, want) in zip(theon.function([], [node for node, _ in pairs])(), pairs, strict=True):
        np.testing.assert_array_equal(got, want)
