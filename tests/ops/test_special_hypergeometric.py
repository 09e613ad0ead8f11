"""Hypergeometric functions and their derivatives by all arguments, against mpmath."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from scipy import special

import theon
from theon.graph.errors import DTypeError

from .against_mpmath import LIMITS, Case, hold

pytestmark = pytest.mark.optimized

BOTH = [-1000.0, -230.0, -150.0, -12.0, -1.5, -0.1, 1e-5, 0.8, 5.0, 60.0, 190.0, 210.0]
UNIT = [-1e12, -1e3, -7.0, -1.5, -1.0, -0.3, 1e-5, 0.25, 0.5, 0.6, 0.9, 0.999, 1 - 1e-6]


def slope(function: Any, position: int) -> Any:
    """A derivative by one argument, by differences of many digits."""

    def derivative(*at: Any) -> Any:
        with mpmath.workdps(60):
            h = mpf(10) ** -20
            ends = [function(*at[:position], at[position] + s * h, *at[position + 1 :]) for s in (1, -1)]
            return (ends[0] - ends[1]) / (2 * h)

    return derivative


def hyp1f1(a: Any, b: Any, x: Any) -> Any:
    return mpmath.hyp1f1(a, b, x)


def hyp2f1(a: Any, b: Any, c: Any, x: Any) -> Any:
    return mpmath.re(mpmath.hyp2f1(a, b, c, x))


def points(*axes: list[float]) -> tuple[tuple[float, ...], ...]:
    return tuple(product(*([float(np.float32(v)) for v in axis] for axis in axes)))


def kummer(*axes: list[float]) -> Case:
    def by_x(a: Any, b: Any, x: Any) -> Any:
        return a / b * hyp1f1(a + 1, b + 1, x)

    return Case("hyp1f1", theon.hyp1f1, hyp1f1, (slope(hyp1f1, 0), slope(hyp1f1, 1), by_x), points(*axes))


def gauss(*axes: list[float]) -> Case:
    def by_x(a: Any, b: Any, c: Any, x: Any) -> Any:
        return a * b / c * hyp2f1(a + 1, b + 1, c + 1, x)

    slopes = tuple(slope(hyp2f1, i) for i in range(3))
    return Case("hyp2f1", theon.hyp2f1, hyp2f1, (*slopes, by_x), points(*axes))


def test_hyp1f1_is_true() -> None:
    hold(kummer([0.5, 2.0], [0.7, 3.0], BOTH[::2]), "float64")


@pytest.mark.slow
def test_hyp2f1_is_true() -> None:
    hold(gauss([0.5], [0.75, 2.0], [1.25], UNIT[::2]), "float64")


@pytest.mark.slow
@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize(
    "case",
    [kummer([-2.5, -1.0, 0.3, 1.0, 4.0, 15.0], [0.5, 1.0, 3.5, 18.0], BOTH),
     gauss([-1.5, 0.5, 1.0, 3.0], [0.75, 2.0, 6.5], [0.5, 1.0, 2.5, 9.0], UNIT)],
    ids=str,
)  # fmt: skip
def test_everywhere(case: Case, dtype: str) -> None:
    hold(case, dtype)


@pytest.mark.slow
def test_values_that_have_names() -> None:
    """Elementary functions among them; at 1, and where there is none."""
    x = np.array([-50.0, -2.0, -0.5, 0.3, 0.75, 0.999])
    z = theon.dvector("z")
    outs = [
        theon.hyp2f1(1.0, 1.0, 2.0, z) * z,
        theon.hyp2f1(0.5, 1.0, 1.5, -(z * z)) * z,
        theon.hyp2f1(2.5, 1.0, 1.0, z),
        theon.hyp2f1(-3.0, 1.0, 1.0, z),
        theon.hyp1f1(1.5, 1.5, z),
        theon.hyp1f1(-2.0, 1.0, z),
    ]
    wanted = [
        -np.log1p(-x), np.arctan(x), (1 - x) ** -2.5, (1 - x) ** 3, np.exp(x), 1 - 2 * x + x * x / 2,
    ]  # fmt: skip
    np.testing.assert_allclose(theon.function([z], outs)(x), wanted, rtol=1e-13, atol=1e-15)


@pytest.mark.slow
def test_ends() -> None:
    a, b, c, x = (theon.dvector(name) for name in "abcx")
    at = np.array([[0.5, 0.25, 2.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.5, 0.5, 1.5, 1.5], [0.5, 0.5, -2.0, 0.3],
                   [1.0, np.nan, 2.0, 0.5], [1.0, 2.0, 3.0, 0.0]]).T  # fmt: skip
    gauss, kummer = theon.function([a, b, c, x], [theon.hyp2f1(a, b, c, x), theon.hyp1f1(a, c, x)])(*at)
    np.testing.assert_allclose(gauss, [special.hyp2f1(0.5, 0.25, 2.0, 1.0), np.inf, np.nan, np.inf, np.nan, 1.0])
    np.testing.assert_allclose(np.asarray(kummer)[[3, 5]], [np.inf, 1.0])


@pytest.mark.slow
def test_slope_by_the_parameter_that_ends_the_series() -> None:
    """Far out, where the exponential, of which it is a multiple, overflows beyond its root."""
    a, x = theon.dvector("a"), theon.dvector("x")
    at = np.array([-1.0, -2.0, -1.0, -1.0]), np.array([300.0, 500.0, 710.0, 1000.0])
    found = theon.function([a, x], theon.grad(theon.sum(theon.hyp1f1(a, 1.0, x)), a))(*at)
    with mpmath.workdps(400):
        wanted = [float(slope(hyp1f1, 0)(*map(mpf, (p, 1.0, q)))) for p, q in zip(*at, strict=True)]
    np.testing.assert_allclose(found, wanted, rtol=1e-11)


@pytest.mark.slow
def test_second_derivatives() -> None:
    """By each argument after the first one, in float64."""
    names = [theon.dvector(name) for name in "abcx"]
    at = [np.array(v) for v in ([0.5, 1.0, 2.0], [1.5, 0.4, 1.0], [2.0, 3.3, 1.5], [0.3, -4.0, 0.8])]
    for function, truth, count in ((theon.hyp1f1, hyp1f1, 3), (theon.hyp2f1, hyp2f1, 4)):
        xs, points = (names[-count:], at[-count:])
        first = theon.grad(theon.sum(function(*xs)), xs[0])
        found = theon.function(xs, theon.grad(theon.sum(first), xs))(*points)
        with mpmath.workdps(40):
            for position in range(count):
                orders = tuple(int(i == 0) + int(i == position) for i in range(count))
                wanted = [float(mpmath.diff(truth, tuple(map(mpf, p)), orders)) for p in zip(*points, strict=True)]
                np.testing.assert_allclose(found[position], wanted, rtol=1e-10)


ENDED = {
    "hyp1f1": ((0, 1, 1000), (-1, 1.5, 1e5), (-2, 1, 1000), (-3, 0.5, -1000), (-1, -2, 1), (-2, -2, -3), (0, -1, 300)),
    "hyp2f1": ((-1, 3, 2, 1), (0, 3, 2, 1), (-3, -2, 1.5, 1), (2.5, -4, 0.5, 1), (-1, 3, -2, 0.5), (4, -2, -2, -7)),
}


@pytest.mark.parametrize("name", ["hyp1f1", pytest.param("hyp2f1", marks=pytest.mark.slow)])
def test_series_that_end(name: str) -> None:
    """Values and slopes by x, of polynomials: where what they are multiplied by overflows, at the end, and where a
    lower parameter is a negative whole number too."""
    xs = [theon.dvector(f"x{i}") for i in range(len(ENDED[name][0]))]
    out = getattr(theon, name)(*xs)
    run = theon.function(xs, [out, theon.grad(theon.sum(out), xs[-1])])
    found = run(*np.array(ENDED[name], float).T)

    def polynomial(*at: float, rising: int = 0) -> Any:
        """Term by term, exactly."""
        *parameters, x = map(Fraction, at)
        upper, lower = parameters[:-1], parameters[-1]
        total, term, k = Fraction(0), Fraction(1), 0
        while term:
            total += term * (k / x if rising else 1)
            term *= prod(a + k for a in upper)
            term = term * x / ((lower + k) * (k + 1)) if term else term
            k += 1
        return float(total)

    np.testing.assert_allclose(found[0], [polynomial(*at) for at in ENDED[name]], rtol=1e-12)
    np.testing.assert_allclose(found[1], [polynomial(*at, rising=1) for at in ENDED[name]], rtol=1e-12)


@pytest.mark.parametrize("name", ["hyp1f1", "hyp2f1"])
def test_complex_numbers_are_refused(name: str) -> None:
    z = theon.tensor("z", shape=(2,), dtype="complex64")
    with pytest.raises(DTypeError, match="not complex64"):
        getattr(theon, name)(*((1.0, 2.0, z) if name == "hyp1f1" else (1.0, 2.0, 3.0, z)))
