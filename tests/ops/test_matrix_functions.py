"""Gradients that JAX does not have, or not everywhere: spectra, roots, norms, flat matrices; and mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
from jax import numpy as jnp

import theon
from theon.graph.node import Node

RNG = np.random.default_rng(11)
ONE = RNG.standard_normal((3, 3)) + np.diag([1.0, 4.0, 9.0])
SEVERAL = RNG.standard_normal((2, 3, 3)) + np.diag([2.0, -4.0, 9.0])
COMPLEX = SEVERAL + 1j * RNG.standard_normal((2, 3, 3))
FLAT = RNG.standard_normal((2, 3, 5)) + 2 * np.eye(3, 5)


def compare(mine: Callable[[Node], Node], theirs: Callable[[Any], Any], x0: Any, tolerance: float = 1e-11) -> None:
    """Value, gradient and curvature along a direction of a sum of weighted squares of what two functions give."""
    rng = np.random.default_rng(5)
    with jax.enable_x64(True):
        shape = np.shape(theirs(x0))
    weight, way = rng.standard_normal(shape), rng.standard_normal(x0.shape)
    if np.iscomplexobj(x0):
        way = way + 1j * rng.standard_normal(x0.shape)
    x = theon.tensor("x", shape=x0.shape, dtype=x0.dtype.name)
    out = mine(x)
    cost = theon.real(theon.sum((out + out**2) * weight)) if out.dtype.kind == "c" else ((out + out**2) * weight).sum()
    first = theon.grad(cost, x)
    second = theon.grad(theon.real((first * way).sum()) if x0.dtype.kind == "c" else (first * way).sum(), x)
    found = theon.function([x], [cost, first, second])(x0)

    def of(v: Any) -> Any:
        return jnp.real(jnp.sum((theirs(v) + theirs(v) ** 2) * weight))

    with jax.enable_x64(True):
        gradient = jax.grad(of)
        wanted = [of(x0), gradient(x0), jax.grad(lambda v: jnp.real(jnp.sum(gradient(v) * way)))(x0)]
    for got, want in zip(found, wanted, strict=True):
        scale = max(1.0, float(np.abs(want).max()))
        np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=tolerance, atol=tolerance * scale)


MATRICES = pytest.mark.parametrize("x0", [ONE, SEVERAL, COMPLEX], ids=["one", "several", "complex"])


@MATRICES
@pytest.mark.parametrize("power", [1, 2, 3])
def test_sums_of_powers_of_eigenvalues_are_traces(x0: Any, power: int) -> None:
    def theirs(v: Any) -> Any:
        out = v
        for _ in range(power - 1):
            out = out @ v
        return jnp.trace(out, axis1=-2, axis2=-1) + 0j

    compare(lambda x: (theon.linalg.eigvals(x) ** power).sum(axis=-1), theirs, x0)


@MATRICES
def test_eigenvectors_and_their_inverse_make_a_power(x0: Any) -> None:
    def mine(x: Node) -> Node:
        w, v = theon.linalg.eig(x)
        return v @ (theon.expand_dims(w**2, -1) * theon.linalg.inv(v))

    compare(mine, lambda v: v @ v + 0j, x0)


@MATRICES
def test_lengths_of_eigenvectors_stay_1(x0: Any) -> None:
    """What is real and positive along an eigenvector does not reach the matrix, as it is divided out."""

    def mine(x: Node) -> Node:
        v = theon.linalg.eig(x)[1]
        return theon.sum(theon.abs(v) ** 2, axis=-2)

    compare(mine, lambda v: 0 * jnp.real(v[..., 0]) + 1, x0)


@MATRICES
def test_the_root_of_a_square(x0: Any) -> None:
    """Where eigenvalues lie to the right of the imaginary axis, the root of the square is the matrix."""
    definite = x0 @ np.conj(np.swapaxes(x0, -1, -2)) / 10
    compare(lambda x: theon.linalg.sqrtm(x @ x), lambda v: v + 0j, definite)


def test_qr_of_flat_matrices() -> None:
    """The first columns make q; the others are what q makes of the rest."""

    def theirs(v: Any) -> Any:
        q, r = jnp.linalg.qr(v[..., :3])
        return jnp.concatenate([q, r, jnp.swapaxes(q, -1, -2) @ v[..., 3:]], axis=-1)

    compare(lambda x: theon.concat(theon.linalg.qr(x), axis=-1), theirs, FLAT)


@pytest.mark.parametrize(
    ("function", "axis"),
    [(theon.linalg.norm, None), (theon.linalg.vector_norm, 1), (theon.linalg.matrix_norm, (-2, -1))],
)
@pytest.mark.parametrize("x0", [SEVERAL, COMPLEX], ids=["real", "complex"])
def test_lengths(function: Any, axis: Any, x0: Any) -> None:
    own = {} if function is theon.linalg.matrix_norm else {"axis": axis}
    compare(lambda x: function(x, **own), lambda v: jnp.sqrt(jnp.sum(jnp.real(v * jnp.conj(v)), axis)), x0)


def test_norms_of_what_would_overflow() -> None:
    v = theon.vector("v")
    for size in (1e30, 1e-30):
        values = np.array([3, 4], np.float32) * np.float32(size)
        for declared in (theon.linalg.norm(v), theon.linalg.vector_norm(v, axis=0)):
            assert declared.eval({v: values}) == pytest.approx(5 * size)
    x = theon.dvector("x")
    assert theon.grad(theon.linalg.norm(x), x).eval({x: np.zeros(2)}).tolist() == [0, 0]


def test_equal_eigenvalues_have_finite_gradients() -> None:
    """Of sums over eigenvalues and singular values they are right."""
    x = theon.dmatrix("x")
    w, v = theon.linalg.eigh(x)
    u, s, vh = theon.linalg.svd(x, full_matrices=False)
    costs = [(w**3).sum(), (s**3).sum(), theon.linalg.matrix_norm(x, ord="nuc")]
    grads = [theon.grad(cost, x) for cost in costs] + [theon.grad(n.sum(), x) for n in (v, u, vh)]
    found = theon.function([x], grads)(2 * np.eye(3))
    for got, want in zip(found, (12, 12, 1), strict=False):
        np.testing.assert_allclose(np.asarray(got), want * np.eye(3), atol=1e-12)
    assert all(np.isfinite(np.asarray(got)).all() for got in found)


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda x: theon.linalg.qr(x, "complete")[0], 'use mode="reduced"'),
        (lambda x: theon.linalg.svd(x)[0], "use full_matrices=False"),
    ],
)
def test_bases_that_are_completed_have_no_gradient(declare: Any, message: str) -> None:
    x = theon.tensor("x", shape=(4, 2), dtype="float64")
    with pytest.raises(theon.GradientError, match=message):
        theon.function([x], theon.grad(declare(x).sum(), x))


def test_rank_deficient_least_squares() -> None:
    """The least of all solutions, as NumPy has it."""
    a = np.outer([1.0, 2.0, 3.0], [1.0, 1.0])
    b = np.array([1.0, 2.0, 4.0])
    found = theon.linalg.lstsq(a, b)
    want = np.linalg.lstsq(a, b)
    np.testing.assert_allclose(found.x.eval(), want[0], rtol=1e-12)
    assert int(found.rank.eval()) == want[2] == 1


def test_chains_are_multiplied_in_the_cheapest_order() -> None:
    """A column, a row and a column: the row and the column come first."""
    sizes = [(50, 1), (1, 50), (50, 1)]
    nodes = [theon.tensor("x", shape=shape) for shape in sizes]
    product = theon.linalg.multi_dot(nodes)
    assert sorted(node.dims for node in product.inputs) == [(1, 1), (50, 1)]
