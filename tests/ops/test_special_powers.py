"""The transformations of Box and Cox, their inverses and exprel, against mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import theon
from theon.graph.errors import DTypeError

from .against_mpmath import Case, around, both_signs, by_turns, derivatives_agree, hold, logspaced, pairs, singles

pytestmark = pytest.mark.optimized

POWERS = [-2.5, -1.0, -1e-4, -1e-12, 0.0, 1e-20, 1e-7, 0.01, 0.5, 1.0, 3.0]
LINE = both_signs([*logspaced(1e-30, 700, 40), *np.linspace(0.1, 12, 40)])
NUMBERS = [1e-20, 1e-5, 0.3, 0.999, 1.0000001, 1.1, 4.0, 1e3, 1e10]
SMALL = [-0.999, -0.5, -1e-3, -1e-20, 1e-30, 1e-8, 0.2, 3.0, 1e5]
VALUES = [-30.0, -3.0, -0.4, -1e-3, 1e-20, 1e-6, 0.3, 2.0, 25.0]


def exprel(x: Any) -> Any:
    return mpmath.expm1(x) / x


def exprel_slope(x: Any) -> Any:
    with mpmath.extradps(70):
        return (x * mpmath.exp(x) - mpmath.expm1(x)) / x**2


def power(log_x: Any, by: Any) -> Any:
    return mpmath.expm1(by * log_x) / by if by else log_x


def power_slope(log_x: Any, by: Any) -> Any:
    """By the exponent."""
    return log_x**2 * (exprel_slope(by * log_x) if by * log_x else mpmath.mpf(1) / 2)


def log_inverse(y: Any, by: Any) -> Any:
    if by * y <= -1:
        raise ValueError
    return mpmath.log1p(by * y) / by if by else y


def log_inverse_slope(y: Any, by: Any) -> Any:
    with mpmath.extradps(70):
        return (by * y / (1 + by * y) - mpmath.log1p(by * y)) / by**2 if by else -y * y / 2


def inverse(y: Any, by: Any) -> Any:
    return mpmath.exp(log_inverse(y, by))


CASES = (
    Case("exprel", theon.exprel, exprel, (exprel_slope,), singles(LINE, around(1.0, 2.0))),
    Case(
        "boxcox",
        theon.boxcox,
        lambda x, by: power(mpmath.log(x), by),
        (lambda x, by: x ** (by - 1), lambda x, by: power_slope(mpmath.log(x), by)),
        pairs(NUMBERS, POWERS),
    ),
    Case(
        "boxcox1p",
        theon.boxcox1p,
        lambda x, by: power(mpmath.log1p(x), by),
        (lambda x, by: (1 + x) ** (by - 1), lambda x, by: power_slope(mpmath.log1p(x), by)),
        pairs(SMALL, POWERS),
    ),
    Case(
        "inv_boxcox",
        theon.inv_boxcox,
        inverse,
        (
            lambda y, by: inverse(y, by) / (1 + by * y),
            lambda y, by: inverse(y, by) * log_inverse_slope(y, by),
        ),
        pairs(VALUES, POWERS),
    ),
    Case(
        "inv_boxcox1p",
        theon.inv_boxcox1p,
        lambda y, by: mpmath.expm1(log_inverse(y, by)),
        (
            lambda y, by: inverse(y, by) / (1 + by * y),
            lambda y, by: inverse(y, by) * log_inverse_slope(y, by),
        ),
        pairs(VALUES, POWERS),
    ),
)


@pytest.mark.parametrize(("case", "dtype"), by_turns(CASES))
def test_values_and_gradients_are_true(case: Case, dtype: str) -> None:
    hold(case, dtype)


BENDS: tuple[tuple[Callable[..., Any], Callable[..., Any], tuple[float, ...]], ...] = (
    (theon.exprel, exprel, (-60.0, -2.5, -0.9, 0.01, 0.9, 2.1, 3.5, 40.0)),
    (lambda x: theon.boxcox(x, 0.5), lambda x: power(mpmath.log(x), mpmath.mpf(0.5)), (0.1, 1.0, 7.0)),
    (lambda x: theon.boxcox(3.0, x), lambda x: power(mpmath.log(3), x), (-2.0, 1e-9, 0.25, 4.0)),
    (lambda x: theon.inv_boxcox(x, 0.5), lambda x: inverse(x, mpmath.mpf(0.5)), (-1.5, 1e-3, 7.0)),
    (lambda x: theon.inv_boxcox(2.0, x), lambda x: inverse(mpmath.mpf(2), x), (-0.25, 1e-9, 0.1, 0.2, 4.0)),
)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(BENDS)))
@pytest.mark.parametrize("order", [2, 3])
def test_higher_derivatives(number: int, order: int) -> None:
    """In float64, against mpmath's derivatives."""
    function, truth, points = BENDS[number]
    derivatives_agree(function, truth, points, order)


def test_where_the_exponent_is_zero() -> None:
    """Values and slopes by the exponent are their limits; beside a 0 too."""
    x, by = theon.dvector("x"), theon.dvector("by")
    at, zero = np.array([0.5, 1.0, 3.0]), np.zeros(3)
    limits = (
        (theon.boxcox, np.log(at), np.log(at) ** 2 / 2),
        (theon.boxcox1p, np.log1p(at), np.log1p(at) ** 2 / 2),
        (theon.inv_boxcox, np.exp(at), -(at**2) / 2 * np.exp(at)),
        (theon.inv_boxcox1p, np.expm1(at), -(at**2) / 2 * np.exp(at)),
    )
    outs = [function(x, by) for function, _, _ in limits]
    slopes = [theon.grad(theon.sum(out), by) for out in outs]
    found = theon.function([x, by], [*outs, *slopes])(at, zero)
    wanted = [value for _, value, _ in limits] + [slope for _, _, slope in limits]
    np.testing.assert_allclose(found, wanted, rtol=1e-14)
    out = theon.boxcox(x, by)
    found = theon.function([x, by], [out, *theon.grad(theon.sum(out), [x, by])])(np.zeros(2), np.array([1.0, 2.0]))
    np.testing.assert_allclose(found, [[-1.0, -0.5], [1.0, 0.0], [1.0, 0.25]])


def test_derivatives_at_edges() -> None:
    """Limits of x**(l - 1), of its derivatives, of those of -1 / l, and of (1 + l * y)**(1 / l - 1)."""
    x, by = theon.dvector("x"), theon.dvector("by")

    def derived(out: theon.Node, *order: theon.Node) -> theon.Node:
        for wrt in order:
            out = theon.grad(theon.sum(out), wrt)
        return out

    direct = [derived(theon.boxcox(x, by), *order) for order in ((x,), (x, x), (x, by), (by, x), (by,), (by, by))]
    direct.append(derived(theon.boxcox1p(x - 1, by), x, x, x))
    found = theon.function([x, by], direct)(np.zeros(2), np.array([2.0, 3.0]))
    wanted = [[0.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1 / 4, 1 / 9], [-1 / 4, -2 / 27], [0.0, 2.0]]
    np.testing.assert_allclose(found, wanted, atol=1e-15)
    inverse = [derived(theon.inv_boxcox(x, by), x), derived(theon.inv_boxcox1p(x, by), x, x)]
    found = theon.function([x, by], inverse)(np.array([-1.0, -2.0, 1.0, -3.0]), np.array([1.0, 0.5, -1.0, 1.0]))
    np.testing.assert_allclose(found, [[1, 0, np.inf, np.nan], [0, 0.5, np.inf, np.nan]], atol=1e-15)


@pytest.mark.parametrize("name", ["boxcox", "boxcox1p", "inv_boxcox", "inv_boxcox1p", "exprel"])
def test_complex_numbers_are_refused(name: str) -> None:
    z = theon.tensor("z", shape=(2,), dtype="complex64")
    with pytest.raises(DTypeError, match="not complex64"):
        getattr(theon, name)(*((z,) if name == "exprel" else (z, 1.0)))
