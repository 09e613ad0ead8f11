"""Polynomials of many and of unknown numbers of coefficients, and roots one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import mpmath
import numpy as np
import pytest

import theon

RNG = np.random.default_rng(5)


def farthest(found: Any, wanted: Any) -> float:
    """The largest distance of a root from its own partner."""
    left, worst = list(wanted), 0.0
    for root in found:
        nearest = min(left, key=lambda other: abs(other - root))
        worst = max(worst, abs(nearest - root))
        left.remove(nearest)
    return worst


def horner(coefficients: Sequence[Any], z: Any) -> Any:
    return reduce(lambda value, c: value * z + c, coefficients, mpmath.mpf(0))


@pytest.mark.parametrize("degree", [2, 5, *(pytest.param(d, marks=pytest.mark.slow) for d in (1, 3, 8))])
def test_roots_and_their_slopes(degree: int) -> None:
    """Against mpmath: a root moves by `-root**k / p'(root)` with the coefficient of power k."""
    data = RNG.standard_normal(degree + 1)
    p = theon.tensor("p", shape=data.shape, dtype="float64")
    roots = theon.roots(p)
    cost = theon.sum(theon.real(roots) ** 2)
    found, slope = (np.asarray(v) for v in theon.function([p], [roots, theon.grad(cost, p)])(data))
    powers = range(degree, -1, -1)
    with mpmath.workdps(40):
        top = list(map(mpmath.mpf, data))
        derived = [k * c for k, c in zip(powers[:-1], top[:-1], strict=True)]
        exact = [mpmath.findroot(lambda z: horner(top, z), complex(near)) for near in np.roots(data)]
        moves = [[-(root**k) / horner(derived, root) for root in exact] for k in powers]
        wanted = [sum(2 * r.real * m.real for r, m in zip(exact, row, strict=True)) for row in moves]
    assert farthest(found, [complex(root) for root in exact]) < 1e-11
    np.testing.assert_allclose(slope, np.array(wanted, float), rtol=1e-8, atol=1e-9)


def test_the_slopes_of_a_characteristic_polynomial() -> None:
    """Of the determinant, its last coefficient but for the sign, the slopes are the cofactors."""
    a = theon.tensor("a", shape=(3, 3), dtype="float64")
    data = RNG.standard_normal((3, 3))
    coefficients = theon.poly(a)
    run = theon.function([a], [theon.grad(coefficients[3], a), theon.grad(coefficients[1], a)])
    for got, want in zip(run(data), (-np.linalg.det(data) * np.linalg.inv(data).T, -np.eye(3)), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


def test_many_coefficients_are_a_loop() -> None:
    """As many as no program should have written out; value and gradients by both."""
    coefficients, places = RNG.standard_normal(100), RNG.uniform(-1, 1, (2, 3))
    p, x = theon.tensor("p", shape=(100,), dtype="float64"), theon.dmatrix("x")
    value = theon.polyval(p, x)
    found = theon.function([p, x], [value, *theon.grad(theon.sum(value), [p, x])])(coefficients, places)
    wanted = [
        np.polyval(coefficients, places),
        np.vander(places.ravel(), 100).sum(0),
        np.polyval(np.polyder(coefficients), places),
    ]
    for got, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-12)


def test_unknown_numbers_of_coefficients() -> None:
    p, q = theon.tensor("p", shape=("n",), dtype="float64"), theon.tensor("q", shape=("n",), dtype="float64")
    outputs = [
        theon.polyval(p, q),
        theon.polyadd(p, q),
        theon.polysub(p, q),
        theon.polyder(p, 2),
        theon.polyint(p, 2, [1.0, 2.0]),
        theon.kaiser(p.shape[0], 5.0, dtype="float64"),
    ]
    run = theon.function([p, q], outputs)
    for length in (0, 1, 4):
        a, b = RNG.uniform(-1, 1, (2, length))
        wanted = [
            np.polyval(a, b),
            a + b,
            a - b,
            np.polyder(a, 2),
            np.polyint(a, 2, [1.0, 2.0]),
            np.kaiser(length, 5.0),
        ]
        for got, want in zip(run(a, b), wanted, strict=True):
            assert got.shape == want.shape
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-15)


def test_no_window() -> None:
    assert theon.hanning(-3).dims == theon.kaiser(0, 1.0).dims == (0,)


def bell_at(t: float) -> Callable[[Any], Any]:
    """A point of Kaiser's window as a function of beta."""
    root = mpmath.sqrt(1 - mpmath.mpf(t) ** 2)
    return lambda beta: mpmath.besseli(0, beta * root) / mpmath.besseli(0, beta)


def test_a_window_of_any_narrowness() -> None:
    """The slope by beta, which is even: 0 at 0."""
    beta = theon.dscalar("beta")
    window = theon.kaiser(7, beta, dtype="float64")
    run = theon.function([beta], [window, theon.grad(theon.sum(window), beta)])
    t = np.linspace(-1, 1, 7)
    for b in (0.0, 0.5, 14.0, 2000.0, -2.0):
        with mpmath.workdps(40):
            bell = [bell_at(s) for s in t]
            wanted = [float(f(b)) for f in bell]
            slope = float(sum(mpmath.diff(f, b) for f in bell))
        values, got = run(b)
        np.testing.assert_allclose(values, wanted, rtol=1e-12, atol=1e-15)
        assert abs(float(got) - slope) < 1e-11
