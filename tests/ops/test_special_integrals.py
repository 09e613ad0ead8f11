"""Integrals of elementary functions, and quotients of gamma functions, against mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

import theon
from theon.graph.errors import ArgumentError, DTypeError

from .against_mpmath import LIMITS, Case, around, derivatives_agree, hold, logspaced, pairs, singles

pytestmark = pytest.mark.optimized

LINE = (logspaced(1e-30, 3e4, 60), np.linspace(0.05, 12, 80))
SIGNED = (*LINE, np.linspace(-12, -0.05, 40))
RISES = pairs([0.01, 0.5, 1.0, 3.0, 1e3, 1e6], [0.001, 0.3, 1.5, 2.25, 7.5, 20.0, 1e3])
FALLS = pairs([7.5, 30.25, 1e3, 1e6], [-0.001, -0.4, -1.5, -6.25])
CHOICES = pairs([0.5, 3.2, 10.5, 1e3, 1e6], [0.001, 0.3, 1.45, -0.4])


def psi_gap(a: Any, b: Any) -> Any:
    return mpmath.psi(0, a) - mpmath.psi(0, b)


def dilogarithm(z: Any) -> Any:
    return mpmath.re(mpmath.polylog(2, 1 - z))


CASES = (
    Case("sine integral", lambda x: theon.sici(x)[0], mpmath.si, (mpmath.sinc,), singles(*SIGNED, around(6.0))),
    Case(
        "cosine integral",
        lambda x: theon.sici(x)[1],
        mpmath.ci,
        (lambda x: mpmath.cos(x) / x,),
        singles(*LINE, around(6.0, 0.61650548562071796, 3.38418042255118588)),
    ),
    Case(
        "fresnel s",
        lambda x: theon.fresnel(x)[0],
        mpmath.fresnels,
        (lambda x: mpmath.sin(mpmath.pi * x * x / 2),),
        singles(*SIGNED, around(2.0)),
    ),
    Case(
        "fresnel c",
        lambda x: theon.fresnel(x)[1],
        mpmath.fresnelc,
        (lambda x: mpmath.cos(mpmath.pi * x * x / 2),),
        singles(*SIGNED, around(2.0)),
    ),
    Case(
        "spence",
        theon.spence,
        dilogarithm,
        (lambda z: mpmath.log(z) / (1 - z) if z != 1 else mpmath.mpf(-1),),
        singles(logspaced(1e-30, 1e30, 60), around(0.5, 1.0, 2.0, 0.7, 1.3), np.linspace(0.05, 4, 60)),
    ),
    *(
        Case(
            f"expn {n}",
            lambda x, n=n: theon.expn(n, x),
            lambda x, n=n: mpmath.expint(n, x),
            (lambda x, n=n: -mpmath.expint(n - 1, x),),
            singles(logspaced(1e-30, 80, 40), around(2.0), np.linspace(0.1, 5, 30)),
        )
        for n in (0, 1, 2, 3, 8, 60)
    ),
    Case(
        "erfcinv",
        theon.erfcinv,
        lambda x: mpmath.erfinv(1 - x),
        (lambda x: -mpmath.exp(mpmath.erfinv(1 - x) ** 2) * mpmath.sqrt(mpmath.pi) / 2,),
        singles(logspaced(1e-20, 0.5, 30), np.linspace(0.02, 1.98, 50)),
    ),
    Case(
        "poch",
        theon.poch,
        mpmath.rf,
        (lambda z, m: mpmath.rf(z, m) * psi_gap(z + m, z), lambda z, m: mpmath.rf(z, m) * mpmath.psi(0, z + m)),
        (*RISES, *FALLS),
    ),
    Case(
        "binom",
        theon.binom,
        mpmath.binomial,
        (
            lambda n, k: mpmath.binomial(n, k) * psi_gap(n + 1, n - k + 1),
            lambda n, k: mpmath.binomial(n, k) * psi_gap(n - k + 1, k + 1),
        ),
        CHOICES,
    ),
)


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_and_gradients_are_true(case: Case, dtype: str) -> None:
    hold(case, dtype)


BENDS: tuple[tuple[Callable[..., Any], Callable[..., Any], tuple[float, ...]], ...] = (
    (lambda x: theon.sici(x)[0], mpmath.si, (1e-3, 0.5, 5.0, 7.0, 40.0)),
    (lambda x: theon.sici(x)[1], mpmath.ci, (0.05, 0.5, 5.0, 7.0, 40.0)),
    (lambda x: theon.fresnel(x)[0], mpmath.fresnels, (1e-3, 0.5, 1.9, 2.2, 7.3)),
    (lambda x: theon.fresnel(x)[1], mpmath.fresnelc, (1e-3, 0.5, 1.9, 2.2, 7.3)),
    (theon.spence, dilogarithm, (1e-3, 0.71, 0.999, 1.001, 1.29, 1.31, 1e3)),
    (lambda x: theon.expn(3, x), lambda x: mpmath.expint(3, x), (0.01, 1.9, 2.1, 30.0)),
    (lambda x: theon.poch(x, 2.5), lambda x: mpmath.rf(x, 2.5), (0.1, 3.0, 40.0, 1e4)),
    (lambda x: theon.poch(2.5, x), lambda x: mpmath.rf(2.5, x), (0.1, 3.0, 20.0, -1.25)),
    (lambda x: theon.binom(x, 2.5), lambda x: mpmath.binomial(x, 2.5), (2.75, 4.0, 40.0, 1e4)),
    (lambda x: theon.binom(9.5, x), lambda x: mpmath.binomial(9.5, x), (0.1, 3.0, 8.5)),
)


@pytest.mark.parametrize("number", range(len(BENDS)))
@pytest.mark.parametrize("order", [2, 3])
def test_higher_derivatives(number: int, order: int) -> None:
    """In float64, against mpmath's derivatives."""
    function, truth, points = BENDS[number]
    derivatives_agree(function, truth, points, order, atol=1e-12)


def test_quotients_of_gamma_functions_left_of_zero() -> None:
    """At whole numbers the limits, by multiplying; elsewhere SciPy's."""
    z = np.array([-3.0, -3.0, -3.0, -7.0, 0.0, 4.0, 2.0, -2.5, -2.5, -0.5, 5.0])
    m = np.array([2.0, 3.0, 5.0, -2.0, 2.0, -2.0, 0.0, 1.0, -1.0, 2.25, -5.0])
    a, b = theon.dvector("a"), theon.dvector("b")
    rises, choices = theon.function([a, b], [theon.poch(a, b), theon.binom(a, b)])(z, m)
    exact = [6.0, -6.0, 0.0, 1 / 72, 0.0, 1 / 6, 1.0, -2.5, -1 / 3.5, special.poch(-0.5, 2.25), np.inf]
    np.testing.assert_allclose(rises, exact, rtol=1e-13)
    np.testing.assert_allclose(choices, special.binom(z, m), rtol=1e-13)


def test_counts_are_whole() -> None:
    """Up to 2**44 to the last digit, against Python's ints."""
    n, k = (v.ravel().astype(np.float64) for v in np.mgrid[0:47, 0:47])
    a, b = theon.dvector("a"), theon.dvector("b")
    found = np.asarray(theon.function([a, b], theon.comb(a, b))(n, k))
    wanted = np.array([float(special.comb(int(i), int(j), exact=True)) for i, j in zip(n, k, strict=True)])
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("n", [-1, 101, 1.0, True])
def test_the_order_of_expn_is_a_small_int(n: Any) -> None:
    with pytest.raises(ArgumentError, match="expn: the order is"):
        theon.expn(n, 1.0)


@pytest.mark.parametrize("name", ["sici", "fresnel", "spence", "erfcinv", "expn"])
def test_complex_numbers_are_refused(name: str) -> None:
    z = theon.tensor("z", shape=(2,), dtype="complex64")
    with pytest.raises(DTypeError, match="not complex64"):
        getattr(theon, name)(*((2, z) if name == "expn" else (z,)))


ENDS: tuple[tuple[Callable[..., Any], str, float, float], ...] = (
    (theon.expi, "float32", 90.0, float(mpmath.exp(90) / 90)),
    (theon.expi, "float16", 12.0, float(mpmath.exp(12) / 12)),
    (theon.expi, "float32", np.inf, np.inf),
    (theon.expi, "float32", -np.inf, 0.0),
    (lambda x: theon.sici(x)[0], "float32", np.inf, 0.0),
    (lambda x: theon.sici(x)[1], "float32", np.inf, 0.0),
    (lambda x: theon.sici(x)[1], "float64", -np.inf, 0.0),
    (theon.spence, "float64", np.inf, 0.0),
    (lambda x: theon.expn(2, x), "float32", np.inf, 0.0),
)


@pytest.mark.parametrize("number", range(len(ENDS)))
def test_slopes_at_the_ends(number: int) -> None:
    """Where a part of the derivative's formula overflows, or is infinite, and the derivative is not."""
    function, dtype, point, slope = ENDS[number]
    x = theon.tensor("x", (), dtype)
    found = theon.function([x], theon.grad(function(x), x))(np.asarray(point, dtype))
    np.testing.assert_allclose(np.asarray(found), slope, rtol=2 * float(np.finfo(dtype).eps))


def test_factorials_are_rounded_once() -> None:
    """x + 1 in x's own dtype would cost some fifty units of the last place."""
    x = np.linspace(0.1, 33, 60).astype(np.float32)
    v = theon.vector("v")
    found = np.asarray(theon.function([v], theon.factorial(v))(x)).astype(np.float64)
    np.testing.assert_allclose(found, [float(mpmath.factorial(float(k))) for k in x], rtol=1e-7)
