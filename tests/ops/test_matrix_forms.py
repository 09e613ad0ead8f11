"""Gradients of polar and Schur forms that JAX does not have, or not everywhere; and mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import theon
from tests.ops.test_matrix_functions import COMPLEX, ONE, SEVERAL, compare
from theon.graph.node import Node

RNG = np.random.default_rng(3)


def turned(x: Node) -> Node:
    return theon.matrix_transpose(theon.conj(x))


def slowly(x: Any) -> Any:
    """What waits for `-m slow`."""
    return pytest.param(*x, marks=pytest.mark.slow) if isinstance(x, tuple) else pytest.param(x, marks=pytest.mark.slow)


@pytest.mark.parametrize("x0", [slowly(ONE), slowly(SEVERAL), COMPLEX], ids=["one", "several", "complex"])
def test_schur_forms_make_a_power(x0: Any) -> None:
    def mine(x: Node) -> Node:
        t, z = theon.linalg.schur(x, "complex")
        return z @ t @ t @ turned(z)

    compare(mine, lambda v: v @ v + 0j, x0)


@pytest.mark.parametrize("x0", [SEVERAL, slowly(COMPLEX)], ids=["real", "complex"])
def test_sizes_of_the_elements_of_schur_forms(x0: Any) -> None:
    """Which no phase changes, one by one, against differences."""

    def sizes(re: Node, im: Node) -> Node:
        t, z = theon.linalg.schur(re + 1j * im, "complex")
        return theon.concat([theon.abs(theon.triu(t)) ** 2, theon.abs(z) ** 2], axis=-1)

    theon.verify_grad(sizes, [np.real(x0), np.imag(x0)], order=2)


def test_a_real_schur_form_has_no_gradient() -> None:
    x = theon.dmatrix("x")
    with pytest.raises(theon.GradientError, match='use output="complex"'):
        theon.function([x], theon.grad(theon.linalg.schur(x)[0].sum(), x))(np.eye(2))


@pytest.mark.parametrize(
    ("shape", "side"),
    [
        ((3, 3), "right"),
        ((3, 5), "left"),
        *map(slowly, [((3, 3), "left"), ((3, 5), "right"), ((5, 3), "left"), ((5, 3), "right")]),
    ],
)
def test_polar_forms_of_equal_singular_values(shape: tuple[int, int], side: str) -> None:
    """Where singular vectors have no derivative, their product has: against differences, to second order."""
    x0 = 2 * np.linalg.qr(RNG.standard_normal((max(shape), min(shape))))[0]
    x0 = x0 if shape[0] >= shape[1] else x0.T

    def both(x: Node) -> Node:
        u, p = theon.linalg.polar(x, side)
        return theon.concat([theon.ravel(u), theon.ravel(p)])

    theon.verify_grad(both, [x0], order=2)


def test_polar_forms_of_complex_matrices() -> None:
    """Both factors, against differences."""
    x0 = COMPLEX[0]

    def both(re: Node, im: Node) -> Node:
        parts = [part for which in theon.linalg.polar(re + 1j * im) for part in (theon.real(which), theon.imag(which))]
        return theon.concat(parts)

    theon.verify_grad(both, [x0.real, x0.imag], order=2)


def test_matrices_of_unknown_sizes() -> None:
    """Patterns of vectors whose length is known only when they come."""
    c = theon.vector("c")
    declared = [theon.linalg.circulant(c), theon.linalg.hankel(c), theon.linalg.companion(c)]
    for n in (2, 4):
        shapes = [value.shape for value in theon.function([c], declared)(np.ones(n, np.float32))]
        assert shapes == [(n, n), (n, n), (n - 1, n - 1)]
    a, q = theon.dmatrix("a"), theon.dmatrix("q")
    x = theon.linalg.solve_discrete_lyapunov(a, q)
    at = 0.3 * RNG.standard_normal((4, 4))
    found = np.asarray(theon.function([a, q], x)(at, np.eye(4)))
    np.testing.assert_allclose(at @ found @ at.T - found + np.eye(4), 0, atol=1e-12)


LINALG = theon.linalg
MISTAKES: list[tuple[Any, type[theon.TheonError], str]] = [
    (lambda: LINALG.polar(np.eye(2), "up"), theon.ArgumentError, "there is no side 'up'"),
    (lambda: LINALG.polar(np.ones(2)), theon.ShapeError, "takes matrices"),
    (lambda: LINALG.schur(np.eye(2), "upper"), theon.ArgumentError, "there is no output 'upper'"),
    (lambda: LINALG.solve_discrete_lyapunov(np.eye(2), np.eye(3)), theon.ShapeError, "a is 2 by 2, and q 3 by 3"),
    (lambda: LINALG.solve_continuous_lyapunov(np.eye(2), np.ones((1, 2, 2))), theon.ShapeError, "numbers of axes"),
    (lambda: LINALG.circulant(1.0), theon.ShapeError, "takes vectors, not scalars"),
    (lambda: LINALG.hankel([1.0], 2.0), theon.ShapeError, "takes vectors, not scalars"),
    (lambda: LINALG.companion([1.0]), theon.ShapeError, "takes two coefficients or more"),
    (lambda: LINALG.hilbert(-1), theon.ArgumentError, "is not negative, received -1"),
    (lambda: LINALG.hilbert(2, "int32"), theon.DTypeError, "makes floats, not int32"),
    (lambda: LINALG.hadamard(6), theon.ArgumentError, "the number of rows is 6"),
    (lambda: LINALG.hadamard(2, "uint8"), theon.DTypeError, "with a sign, not uint8"),
    (lambda: LINALG.pascal(3, "full"), theon.ArgumentError, "there is no kind 'full'"),
    (lambda: LINALG.pascal(18, dtype="int32"), theon.ArgumentError, "its largest number is 2333606220"),
    (lambda: LINALG.dft(3, "half"), theon.ArgumentError, "there is no scale 'half'"),
    (lambda: LINALG.dft(3, dtype="float32"), theon.DTypeError, "makes complex numbers, not float32"),
]


@pytest.mark.parametrize(("mistake", "kind", "text"), MISTAKES)
def test_mistakes_are_reported_where_they_are_made(mistake: Any, kind: type[theon.TheonError], text: str) -> None:
    with pytest.raises(kind) as caught:
        mistake()
    assert text in str(caught.value) and "test_matrix_forms.py" in str(caught.value)
