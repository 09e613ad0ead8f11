"""Inverses of incomplete gamma and beta functions, and derivatives by parameters, against mpmath."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from scipy import special

import theon
from theon.graph.errors import DTypeError, GradientError

from .against_mpmath import LIMITS, Case, by_turns, hold, pairs

pytestmark = pytest.mark.optimized

SHAPES = [0.05, 0.7, 1.0, 3.5, 40.0, 600.0]
TAILS = [1e-30, 1e-6, 0.02, 0.3, 0.5, 0.6, 0.95, 1 - 1e-4]


# --- Truths -----------------------------------------------------------------------------------------------------------


def gamma_density(a: Any, x: Any) -> Any:
    return mpmath.exp((a - 1) * mpmath.log(x) - x - mpmath.loggamma(a))


def beta_density(a: Any, b: Any, x: Any) -> Any:
    return x ** (a - 1) * (1 - x) ** (b - 1) / mpmath.beta(a, b)


def betainc(a: Any, b: Any, x: Any) -> Any:
    return mpmath.betainc(a, b, 0, x, regularized=True)


def solved(x: float, off: Callable[[Any], Any]) -> Any:
    """From sixteen digits by Newton's steps: `off` gives how far the solution is behind."""
    found = mpf(x)
    for _ in range(3):
        found -= off(found)
    return found


@cache
def gammaincinv(a: Any, p: Any) -> Any:
    return solved(
        special.gammaincinv(float(a), float(p)),
        lambda x: (mpmath.gammainc(a, 0, x, regularized=True) - p) / gamma_density(a, x),
    )


@cache
def gammainccinv(a: Any, q: Any) -> Any:
    return solved(
        special.gammainccinv(float(a), float(q)),
        lambda x: (q - mpmath.gammainc(a, x, regularized=True)) / gamma_density(a, x),
    )


@cache
def betaincinv(a: Any, b: Any, p: Any) -> Any:
    return solved(
        special.betaincinv(float(a), float(b), float(p)), lambda x: (betainc(a, b, x) - p) / beta_density(a, b, x)
    )


def slope(function: Callable[..., Any], position: int, digits: int = 60) -> Callable[..., Any]:
    """A derivative by one argument, by differences of many digits."""

    def derivative(*at: Any) -> Any:
        with mpmath.workdps(digits):
            h = abs(at[position]) * mpf(10) ** -20
            ends = [function(*at[:position], at[position] + s * h, *at[position + 1 :]) for s in (1, -1)]
            return (ends[0] - ends[1]) / (2 * h)

    return derivative


def points(*axes: list[float]) -> tuple[tuple[float, ...], ...]:
    return tuple(product(*([float(np.float32(v)) for v in axis] for axis in axes)))


# --- Inverses ---------------------------------------------------------------------------------------------------------

GAMMA = (
    Case(
        "gammaincinv",
        theon.gammaincinv,
        gammaincinv,
        (slope(gammaincinv, 0), lambda a, p: 1 / gamma_density(a, gammaincinv(a, p))),
        pairs(SHAPES[1::2], TAILS[::2]),
    ),
    Case(
        "gammainccinv",
        theon.gammainccinv,
        gammainccinv,
        (slope(gammainccinv, 0), lambda a, q: -1 / gamma_density(a, gammainccinv(a, q))),
        pairs(SHAPES[::2], TAILS[1::2]),
    ),
)
BETA = Case(
    "betaincinv",
    theon.betaincinv,
    betaincinv,
    (
        slope(betaincinv, 0),
        slope(betaincinv, 1),
        lambda a, b, p: 1 / beta_density(a, b, betaincinv(a, b, p)),
    ),
    points([0.7, 3.5], [0.4, 40.0], [1e-6, 0.3, 0.9]),
)


@pytest.mark.parametrize(("case", "dtype"), by_turns((*GAMMA, BETA)))
def test_inverses_and_their_gradients_are_true(case: Case, dtype: str) -> None:
    hold(case, dtype)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("inverse", "function", "shapes"),
    [
        (theon.gammaincinv, special.gammainc, 1),
        (theon.gammainccinv, special.gammaincc, 1),
        (theon.betaincinv, special.betainc, 2),
    ],
)
def test_inverses_solve_everywhere(inverse: Any, function: Any, shapes: int) -> None:
    """Of SciPy's functions, to what a unit in the last place of the solution may change; from one end to the other."""
    axis = [0.003, 0.05, 0.3, 0.7, 1.0, 1.7, 4.5, 12.0, 60.0, 300.0, 2000.0]
    tails = [1e-200, 1e-60, 1e-20, 1e-9, 1e-3, 0.1, 0.25, 0.499, 0.5, 0.501, 0.75, 0.9, 0.999, 1 - 1e-9]
    grid = [np.ravel(v) for v in np.meshgrid(*[axis] * shapes, tails, indexing="ij")]
    xs = [theon.dvector(f"x{i}") for i in range(len(grid))]
    found = np.asarray(theon.function(xs, inverse(*xs))(*grid))
    most = np.inf if shapes == 1 else 1.0
    ends = [function(*grid[:-1], np.minimum(found * (1 + s * 1e-13), most)) for s in (1, -1)]
    room = np.maximum(np.abs(ends[0] - ends[1]), 3e-13 * grid[-1])
    if shapes == 2:  # and what the number next to 1 changes
        room = np.maximum(
            room, np.abs(function(*grid[:-1], np.minimum(found, np.nextafter(1, 0))) - 1.0) * (found > 0.9)
        )
    there = found > 1e-290
    off = np.abs(function(*grid[:-1], found) - grid[-1])
    assert np.all(off[there] <= room[there]), [v[there][np.argmax((off / room)[there])] for v in (*grid, found)]
    assert np.all(np.isfinite(found))


@pytest.mark.slow
def test_ends_of_inverses() -> None:
    a, b, p = (theon.dvector(name) for name in "abp")
    tails = np.array([0.0, 1.0, -0.1, 1.1, np.nan, 0.5, 0.5])
    one = np.array([2.0, 2.0, 2.0, 2.0, 2.0, -1.0, np.nan])
    outs = [theon.gammaincinv(a, p), theon.gammainccinv(a, p), theon.betaincinv(a, b, p)]
    lower, upper, beta = theon.function([a, b, p], outs)(one, np.ones(7), tails)
    nan = [np.nan] * 5
    np.testing.assert_array_equal(lower, [0.0, np.inf, *nan])
    np.testing.assert_array_equal(upper, [np.inf, 0.0, *nan])
    np.testing.assert_array_equal(beta, [0.0, 1.0, *nan])


@pytest.mark.slow
def test_second_derivatives_of_inverses() -> None:
    """By the last argument, and mixed, against differences of the first; by the shape of a gamma it is refused."""
    a, b, p = (theon.dvector(name) for name in "abp")
    at = np.array([0.7, 3.5, 30.0]), np.array([2.0, 0.4, 12.0]), np.array([0.3, 0.8, 0.02])
    cases = (
        (theon.gammaincinv(a, p), p, p, 2),
        (theon.gammaincinv(a, p), a, p, 2),
        (theon.betaincinv(a, b, p), p, p, 2),
        (theon.betaincinv(a, b, p), a, a, 0),
        (theon.betaincinv(a, b, p), a, b, 1),
    )
    first = [theon.grad(theon.sum(out), wrt) for out, wrt, _, _ in cases]
    second = [theon.grad(theon.sum(slope), by) for slope, (_, _, by, _) in zip(first, cases, strict=True)]
    run = theon.function([a, b, p], [*first, *second])
    found = run(*at)[len(cases) :]
    for place in range(3):
        ahead, behind = (run(*at[:place], at[place] * (1 + s * 1e-5), *at[place + 1 :]) for s in (1, -1))
        for k, case in enumerate(cases):
            if case[3] == place:
                measured = np.subtract(ahead[k], behind[k]) / (2e-5 * at[place])
                np.testing.assert_allclose(found[k], measured, rtol=1e-7)
    with pytest.raises(GradientError, match="second derivative of gammainc by its first argument is not known"):
        by_a = theon.grad(theon.sum(theon.gammaincinv(a, p)), a)
        theon.function([a, p], theon.grad(theon.sum(by_a), a))(at[0], at[2])


# --- Ends of the range ------------------------------------------------------------------------------------------------

# Function, where, and its gradient there: by shapes nothing, since each begins at 0 and ends at 1, whatever these are.
END_SLOPES: tuple[tuple[Callable[..., Any], tuple[float, ...], float], ...] = (
    (theon.betainc, (1, 1, 0), 1),
    (theon.betainc, (1, 1, 1), 1),
    (theon.betainc, (1, 2, 0), 2),
    (theon.betainc, (3, 1, 1), 3),
    (theon.betainc, (2, 3, 0), 0),
    (theon.betainc, (2, 3, 1), 0),
    (theon.betainc, (0.5, 0.5, 1), np.inf),
    (theon.betaincinv, (1, 1, 0), 1),
    (theon.betaincinv, (3, 1, 1), 1 / 3),
    (theon.betaincinv, (2, 3, 0), np.inf),
    (theon.betaincinv, (0.5, 0.5, 0), 0),
    (theon.gammainc, (1, 0), 1),
    (theon.gammainc, (2, 0), 0),
    (theon.gammainc, (2, np.inf), 0),
    (theon.gammaincc, (1, 0), -1),
    (theon.gammaincc, (0.5, 0), -np.inf),
    (theon.gammaincinv, (1, 0), 1),
    (theon.gammaincinv, (2, 0), np.inf),
    (theon.gammainccinv, (1, 1), -1),
)


def gradients_at_ends_agree(function: Callable[..., Any], dtype: str) -> None:
    ends = [(at, slope) for one, at, slope in END_SLOPES if one is function]
    inputs = [theon.vector(f"x{i}", dtype=dtype) for i in range(len(ends[0][0]))]
    run = theon.function(inputs, theon.grad(theon.sum(function(*inputs)), inputs))
    *shapes, last = run(*np.array([at for at, _ in ends], dtype).T)
    np.testing.assert_allclose(last, [slope for _, slope in ends], rtol=5e-7 if dtype == "float32" else 1e-13)
    np.testing.assert_array_equal(shapes, np.zeros((len(shapes), len(ends))))


@pytest.mark.parametrize("function", [theon.gammainc, theon.betainc])
def test_gradients_at_ends(function: Callable[..., Any]) -> None:
    """In closed form: 1 / B(a, b) and 1 / gamma(a) where a power vanishes."""
    gradients_at_ends_agree(function, "float32")


@pytest.mark.slow
@pytest.mark.parametrize("dtype", LIMITS)
def test_further_gradients_at_ends(dtype: str) -> None:
    """The inverses' as well."""
    for function in dict.fromkeys(row[0] for row in END_SLOPES):
        gradients_at_ends_agree(function, dtype)


@pytest.mark.slow
def test_second_derivatives_at_ends() -> None:
    """Of the densities, against mpmath's differences of 1 - x and x from the inside."""
    a, b, x = (theon.dvector(name) for name in "abx")
    at = np.array([[1, 2, 0], [1, 3, 0], [2, 2, 0], [2, 3, 1], [3, 1, 1], [3, 3, 0], [3, 3, 1]], np.float64)
    bend = theon.grad(theon.sum(theon.grad(theon.sum(theon.betainc(a, b, x)), x)), x)
    want = [float(mpmath.diff(lambda v, p=p: beta_density(p[0], p[1], v), p[2], direction=1 - 2 * p[2])) for p in at]
    np.testing.assert_allclose(theon.function([a, b, x], bend)(*at.T), want, rtol=1e-6, atol=1e-6)
    bend = theon.grad(theon.sum(theon.grad(theon.sum(theon.gammainc(a, x)), x)), x)
    found = theon.function([a, x], bend)(np.array([1.0, 2.0, 3.0, 0.5]), np.zeros(4))
    np.testing.assert_allclose(found, [-1.0, 1.0, 0.0, -np.inf], rtol=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", LIMITS)
def test_third_derivatives_by_shapes(dtype: str) -> None:
    """Where the factor of a power is 0, its derivative by the shape is not."""
    a, b, x = inputs = [theon.vector(name, dtype=dtype) for name in "abx"]
    at = np.array([[1, 1, 0.3], [1, 2, 0.3], [2, 1, 0.6], [2.5, 3.5, 0.4]], dtype)
    bend = theon.grad(theon.sum(theon.grad(theon.sum(theon.betainc(a, b, x)), x)), x)
    found = theon.function(inputs, theon.grad(theon.sum(bend), inputs))(*at.T)
    for got, orders in zip(found, ((1, 0, 1), (0, 1, 1), (0, 0, 2)), strict=True):
        want = [float(mpmath.diff(beta_density, tuple(map(mpf, map(float, p))), orders)) for p in at]
        np.testing.assert_allclose(got, want, rtol=5e-6 if dtype == "float32" else 1e-12, atol=1e-12)


# --- Derivatives by parameters ----------------------------------------------------------------------------------------

BY_PARAMETERS = (
    Case(
        "betainc",
        theon.betainc,
        betainc,
        (slope(betainc, 0), slope(betainc, 1), beta_density),
        points([0.4, 3.5, 30.0], [0.7, 12.0], [1e-4, 0.3, 0.8]),
    ),
    Case(
        "zeta",
        theon.zeta,
        mpmath.zeta,
        (lambda s, q: mpmath.zeta(s, q, 1), lambda s, q: -s * mpmath.zeta(s + 1, q)),
        pairs([1.001, 1.5, 2.0, 7.5, 40.0], [0.1, 1.0, 2.5, 30.0, 1e4]),
    ),
)


@pytest.mark.parametrize(("case", "dtype"), by_turns(BY_PARAMETERS))
def test_gradients_by_parameters_are_true(case: Case, dtype: str) -> None:
    hold(case, dtype)


@pytest.mark.slow
def test_gradients_of_betainc_everywhere() -> None:
    """From small shapes to large ones, in both tails and the middle."""
    shapes = [0.02, 0.3, 1.0, 2.5, 10.0, 100.0, 1500.0]
    grid = points(shapes, shapes, [1e-10, 2e-3, 0.05, 0.3, 0.5, 0.9, 0.999])
    by_shapes = slope(betainc, 0, 110), slope(betainc, 1, 110)  # what is 1e-35 below 1 takes digits
    hold(Case("betainc", theon.betainc, betainc, (*by_shapes, beta_density), grid), "float64")


LARGE_SHAPES = ((3500.0, 3500.0), (2e4, 3e6), (1e6, 1e6), (1e8, 1e8))


def around_the_mean() -> tuple[Any, Any, Any]:
    """Up to eight deviations away."""
    p, q = (np.repeat(v, 6) for v in np.array(LARGE_SHAPES).T)
    mean = p / (p + q)
    return p, q, mean + np.tile([-8.0, -5.0, -1.0, -0.1, 1.0, 4.0], 4) * np.sqrt(mean * (1 - mean) / (p + q))


def test_betainc_of_large_shapes() -> None:
    """The continued fraction would need thousands of terms there."""
    a, b, x = (theon.dvector(name) for name in "abx")
    at = around_the_mean()
    np.testing.assert_allclose(theon.function([a, b, x], theon.betainc(a, b, x))(*at), special.betainc(*at), rtol=3e-11)


@pytest.mark.slow
def test_gradients_of_large_shapes() -> None:
    """Against integrals of the density's derivatives; the quantiles against SciPy's."""
    a, b, x = inputs = [theon.dvector(name) for name in "abx"]
    at = around_the_mean()
    found = theon.function(inputs, theon.grad(theon.sum(theon.betainc(a, b, x)), inputs[:2]))(*at)
    with mpmath.workdps(30):
        want = [slopes_by_integrals(*map(mpf, map(float, point))) for point in zip(*at, strict=True)]
    np.testing.assert_allclose(np.array(found).T, np.array(want, np.float64), rtol=3e-11)
    tails = np.tile([1e-30, 1e-7, 0.1, 0.4, 0.5, 0.9], 4)
    quantiles = np.asarray(theon.function(inputs, theon.betaincinv(a, b, x))(*at[:2], tails))
    np.testing.assert_allclose(quantiles, special.betaincinv(*at[:2], tails), rtol=3e-14)
    np.testing.assert_allclose(special.betainc(*at[:2], quantiles), tails, rtol=1e-9)


def slopes_by_integrals(a: Any, b: Any, x: Any) -> tuple[Any, Any]:
    mean, scale = a / (a + b), mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)
    side = mpmath.sqrt(mean * (1 - mean) / (a + b)) * mpmath.sign(x - mean)
    ends = [x + k * side for k in (0, 1, 2, 4, 8, 14)]
    levels = [mpmath.digamma(v) - mpmath.digamma(a + b) for v in (a, b)]

    def density(t: Any) -> Any:
        return mpmath.exp((a - 1) * mpmath.log(t) + (b - 1) * mpmath.log(1 - t) - scale)

    return (
        -mpmath.quad(lambda t: density(t) * (mpmath.log(t) - levels[0]), ends),
        -mpmath.quad(lambda t: density(t) * (mpmath.log(1 - t) - levels[1]), ends),
    )


def test_betainc_of_extreme_operands() -> None:
    """SciPy's limits, and nan where it has none; up to shapes and places no two of which go together."""
    shapes = [-1.0, 0.0, 1e-300, 1.0, 2.5, 5000.0, 1e10, 1e200, np.inf, np.nan]
    grid = np.array(list(product(shapes, shapes, [-0.1, 0.0, 0.3, 0.5, 0.7, 1.0, 1.1, np.nan]))).T
    a, b, x = (theon.dvector(name) for name in "abx")
    found = theon.function([a, b, x], theon.betainc(a, b, x))(*grid)
    np.testing.assert_allclose(found, special.betainc(*grid), atol=1e-12)


@pytest.mark.slow
def test_second_derivatives_by_parameters() -> None:
    a, b, x = (theon.dvector(name) for name in "abx")
    at = np.array([0.7, 3.5, 30.0]), np.array([2.0, 0.4, 12.0]), np.array([0.3, 0.8, 0.6])
    first = theon.grad(theon.sum(theon.betainc(a, b, x)), a)
    found = theon.function([a, b, x], theon.grad(theon.sum(first), [a, b, x]))(*at)
    with mpmath.workdps(40):
        for position in range(3):
            truth = [
                mpmath.diff(betainc, tuple(map(mpf, point)), tuple(int(i == 0) + int(i == position) for i in range(3)))
                for point in zip(*at, strict=True)
            ]
            np.testing.assert_allclose(found[position], [float(t) for t in truth], rtol=1e-10)
    s, q = theon.dvector("s"), theon.dvector("q")
    first = theon.grad(theon.sum(theon.zeta(s, q)), s)
    found = theon.function([s, q], theon.grad(theon.sum(first), [s, q]))(np.array([1.5, 4.0]), np.array([0.3, 2.0]))
    with mpmath.workdps(40):
        truth = [mpmath.zeta(s, q, 2) for s, q in ((1.5, 0.3), (4.0, 2.0))]
        np.testing.assert_allclose(found[0], [float(t) for t in truth], rtol=1e-12)
        truth = [mpmath.diff(lambda v, s=s: mpmath.zeta(s, v, 1), q) for s, q in ((1.5, mpf(0.3)), (4.0, mpf(2)))]
        np.testing.assert_allclose(found[1], [float(t) for t in truth], rtol=1e-12)


@pytest.mark.parametrize("name", ["gammaincinv", "gammainccinv", "betaincinv"])
def test_complex_numbers_are_refused(name: str) -> None:
    z = theon.tensor("z", shape=(2,), dtype="complex64")
    with pytest.raises(DTypeError, match="not complex64"):
        getattr(theon, name)(*((z, 1.0, 0.5) if name == "betaincinv" else (z, 0.5)))
