"""Dawson's integral, Owen's T and the inverse of log_ndtr, against mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

import theon
from theon.graph.errors import DTypeError

from .against_mpmath import (
    LIMITS,
    Case,
    around,
    both_signs,
    by_turns,
    derivatives_agree,
    hold,
    logspaced,
    pairs,
    singles,
)

pytestmark = pytest.mark.optimized

LINE = both_signs([*logspaced(1e-30, 1e5, 50), *np.linspace(0.1, 12, 50)])
BELOW = [-v for v in (*logspaced(1e-30, 1e30, 50), *np.linspace(0.05, 3, 40))]


def dawsn(x: Any) -> Any:
    return mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(-x * x) * mpmath.erfi(x)


def dawsn_slope(x: Any) -> Any:
    with mpmath.extradps(30):
        return 1 - 2 * x * dawsn(x)


def owens_t(h: Any, a: Any) -> Any:
    """In pieces, of which none is wider than the bell."""
    ends = [a * mpmath.mpf(k) / 4 for k in range(5)] if abs(h * a) < 12 else [0, 3 / h, 6 / h, 12 / h, a]
    return mpmath.quad(lambda t: mpmath.exp(-h * h * (1 + t * t) / 2) / (1 + t * t), ends) / (2 * mpmath.pi)


def owens_t_by_h(h: Any, a: Any) -> Any:
    return -mpmath.npdf(h) * mpmath.erf(a * h / mpmath.sqrt(2)) / 2


def owens_t_by_a(h: Any, a: Any) -> Any:
    return mpmath.exp(-h * h * (1 + a * a) / 2) / (1 + a * a) / (2 * mpmath.pi)


def log_ndtr(x: Any) -> Any:
    root = mpmath.sqrt(2)
    return mpmath.log(mpmath.erfc(-x / root) / 2) if x < 0 else mpmath.log1p(-mpmath.erfc(x / root) / 2)


def hazard(x: Any) -> Any:
    return mpmath.npdf(x) / mpmath.ncdf(x)


def ndtri_exp(y: Any) -> Any:
    """From SciPy's digits by Newton's steps."""
    x = mpmath.mpf(float(special.ndtri_exp(float(y))))
    for _ in range(3):
        x -= (log_ndtr(x) - y) / hazard(x)
    return x


CASES = (
    Case("dawsn", theon.dawsn, dawsn, (dawsn_slope,), singles(LINE, around(1.0, 8.0, 0.92413887300459177))),
    Case(
        "owens_t",
        theon.owens_t,
        owens_t,
        (owens_t_by_h, owens_t_by_a),
        pairs([1e-6, 0.4, -9.5], [0.3, -1.0001, 60.0]),
    ),
    Case(
        "ndtri_exp",
        theon.ndtri_exp,
        ndtri_exp,
        (lambda y: 1 / hazard(ndtri_exp(y)),),
        singles(BELOW, around(-0.15, -600.0, -0.69314718055994531)),
    ),
)


@pytest.mark.parametrize(("case", "dtype"), by_turns(CASES))
def test_values_and_gradients_are_true(case: Case, dtype: str) -> None:
    hold(case, dtype)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", LIMITS)
def test_owens_t_everywhere(dtype: str) -> None:
    """A grid of heights and slopes."""
    heights = [1e-20, 1e-3, 0.1, 0.5, 1.0, 1.7, 2.5, 4.0, 6.0, 8.0, 10.0, 12.5]
    slopes = [1e-20, 1e-4, 0.05, 0.2, 0.5, 0.8, 0.99, 1.0, 1.01, 1.5, 2.0, 5.0, 20.0, 300.0]
    hold(Case("owens_t", theon.owens_t, owens_t, (owens_t_by_h, owens_t_by_a), pairs(heights, slopes)), dtype)


BENDS: tuple[tuple[Callable[..., Any], Callable[..., Any], tuple[float, ...]], ...] = (
    (theon.dawsn, dawsn_slope, (1e-3, 0.5, 0.99, 1.5, 4.0, 7.9, 8.1, 40.0)),
    (theon.ndtri_exp, lambda y: 1 / hazard(ndtri_exp(y)), (-1e-3, -0.5, -3.0, -40.0, -650.0)),
    (lambda x: theon.owens_t(x, 0.7), lambda x: owens_t_by_h(x, mpmath.mpf(0.7)), (0.1, 1.5, 4.0)),
    (lambda x: theon.owens_t(1.5, x), lambda x: owens_t_by_a(mpmath.mpf(1.5), x), (0.1, 0.9, 1.1, 3.0)),
)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(BENDS)))
@pytest.mark.parametrize("order", [2, 3])
def test_higher_derivatives(number: int, order: int) -> None:
    """In float64, against mpmath's derivatives of the first one."""
    function, slope, points = BENDS[number]
    derivatives_agree(function, slope, points, order, known=1)


@pytest.mark.slow
def test_owens_t_at_its_limits() -> None:
    """Arcus tangent at height 0; half a tail for an endless slope; even and odd."""
    h = np.array([0.0, 0.0, 0.0, 2.0, -2.0, 2.0, np.inf, 1.0, 60.0])
    a = np.array([0.5, np.inf, -3.0, np.inf, 1.5, -1.5, 2.0, 0.0, 0.5])
    x, y = theon.dvector("x"), theon.dvector("y")
    found = np.asarray(theon.function([x, y], theon.owens_t(x, y))(h, a))
    turns = np.arctan([0.5, np.inf, -3.0]) / (2 * np.pi)
    bells = [special.ndtr(-2.0) / 2, special.owens_t(2.0, 1.5), -special.owens_t(2.0, 1.5)]
    np.testing.assert_allclose(found, [*turns, *bells, 0.0, 0.0, 0.0], rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("name", ["dawsn", "owens_t", "ndtri_exp"])
def test_complex_numbers_are_refused(name: str) -> None:
    z = theon.tensor("z", shape=(2,), dtype="complex64")
    with pytest.raises(DTypeError, match="not complex64"):
        getattr(theon, name)(*((z, 1.0) if name == "owens_t" else (z,)))
