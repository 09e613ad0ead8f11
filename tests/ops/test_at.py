"""`x.at[...]` where the table does not reach: repeated factors, masks beside slices, indices out of range, mistakes."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

import theon

DATA = np.random.default_rng(3).standard_normal((4, 3))


@pytest.mark.parametrize("method", ["multiply", "divide", "power", "min", "max"])
def test_gradients_where_places_repeat(method: str) -> None:
    """Against JAX's of the same formula without a scatter: one factor after the other."""
    places = [1, 1, 3, 1]
    rng = np.random.default_rng(4)
    x0, v0, weight = rng.uniform(0.5, 2, 4), rng.uniform(0.5, 2, 4), rng.standard_normal(4)
    joins: dict[str, Any] = {
        "multiply": lambda a, b: a * b,
        "divide": lambda a, b: a / b,
        "power": lambda a, b: a**b,
        "min": jax.numpy.minimum,
        "max": jax.numpy.maximum,
    }

    def by_jax(x: Any, v: Any) -> Any:
        parts = list(x)
        for i, place in enumerate(places):
            parts[place] = joins[method](parts[place], v[i])
        return sum(w * part for w, part in zip(weight, parts, strict=True))

    x, v = theon.dvector("x"), theon.dvector("v")
    cost = (getattr(x.at[places], method)(v) * weight).sum()
    first = theon.grad(cost, [x, v])
    second = theon.grad((first[0] ** 2).sum() + (first[1] ** 2).sum(), [x, v], disconnected_inputs="zero")
    found = theon.function([x, v], [*first, *second])(x0, v0)
    with jax.enable_x64(True):
        gradient = jax.grad(by_jax, (0, 1))
        wanted = [*gradient(x0, v0), *jax.grad(lambda *a: sum((g**2).sum() for g in gradient(*a)), (0, 1))(x0, v0)]
        for got, want in zip(found, wanted, strict=True):
            np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("zeros", [(0,), (0, 1), (2,), (0, 1, 2)])
def test_factors_of_zero_have_the_product_of_the_others(zeros: tuple[int, ...]) -> None:
    x, v = theon.dvector("x"), theon.dvector("v")
    found = theon.function([x, v], theon.grad(x.at[[0, 0, 1]].multiply(v).sum(), [x, v]))
    factors = np.array([3.0, 5.0, 7.0])
    factors[list(zeros)] = 0
    of_x, of_v = found(np.array([2.0, 11.0]), factors)
    np.testing.assert_allclose(of_x, [factors[0] * factors[1], factors[2]])
    np.testing.assert_allclose(of_v, [2 * factors[1], 2 * factors[0], 11])


def test_masks_beside_slices_and_ints() -> None:
    mask0 = DATA > 0
    x, mask = theon.dmatrix("x"), theon.tensor("m", shape=(None, None), dtype="bool")
    row, column = mask[:, 0], mask[0]
    nodes = [
        x.at[row, 1:].set(5.0), x.at[:, column].multiply(2.0), x.at[2, column].add(1.0),
        x.at[..., column].apply(theon.exp),
        x.at[None, row].min(0.0), x.at[mask].power(2), x.at[row].subtract(np.array([1.0, 2.0, 3.0])),
    ]  # fmt: skip
    wanted = []
    for index, function in (
        (np.s_[mask0[:, 0], 1:], lambda v: v * 0 + 5),
        (np.s_[:, mask0[0]], lambda v: v * 2),
        (np.s_[2, mask0[0]], lambda v: v + 1),
        (np.s_[..., mask0[0]], np.exp),
        (np.s_[mask0[:, 0]], lambda v: np.minimum(v, 0)),
        (np.s_[mask0], lambda v: v**2),
        (np.s_[mask0[:, 0]], lambda v: v - [1, 2, 3]),
    ):
        out = DATA.copy()
        out[index] = function(out[index])
        wanted.append(out)
    for got, want in zip(theon.function([x, mask], nodes)(DATA, mask0), wanted, strict=True):
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-15)


def test_constant_masks_pick_as_in_numpy() -> None:
    """Their number is known at declaration: alone, beside ints, slices and arrays, over several axes."""
    rows, columns = np.array([True, False, True, True]), np.array([False, True, True])
    full = DATA > 0
    x = theon.tensor("x", shape=(4, 3), dtype="float64")
    indices: list[Any] = [rows, full, [True, False, False, True], np.s_[rows, 1], np.s_[1:, columns]]
    indices += [np.s_[rows, [0, 1, 0]], np.s_[..., columns], np.s_[None, rows, ::-1], np.zeros(4, bool)]
    nodes = [x[index] for index in indices] + [x[index].set(1.0) for index in indices]
    found = theon.function([x], nodes)(DATA)
    for index, node, got, written in zip(indices, nodes, found, found[len(indices) :], strict=False):
        want = DATA[index]
        assert node.dims == want.shape
        np.testing.assert_array_equal(np.asarray(got), want)
        out = DATA.copy()
        out[index] = 1
        np.testing.assert_array_equal(np.asarray(written), out)


def test_out_of_range_at_run_time_writes_nothing() -> None:
    x, i, row = theon.dvector("x"), theon.iscalar("i"), theon.ivector("row")
    methods = ("set", "add", "subtract", "multiply", "divide", "power", "min", "max")
    nodes = [getattr(x.at[index], method)(7.0) for method in methods for index in (i, row)]
    for got in theon.function([x, i, row], nodes)(DATA[:, 0], np.int32(9), np.array([9, -9], np.int32)):
        np.testing.assert_array_equal(np.asarray(got), DATA[:, 0])


def test_get_reads_and_apply_counts_once() -> None:
    x = theon.constant([1.0, 2.0, 3.0])
    assert x.at[1:].get().eval().tolist() == [2, 3]
    assert x.at[[0, 0]].apply(lambda v: v + 1).eval().tolist() == [2, 2, 3]
