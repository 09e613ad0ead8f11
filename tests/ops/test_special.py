"""Special functions against mpmath: error functions, the gamma family, logarithms without cancellation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from scipy import special

import theon
from theon.graph.errors import ArgumentError, DTypeError, GradientError
from theon.graph.node import Node

from .against_mpmath import LIMITS, Case, Point, Truth, around, both_signs, hold, logspaced, pairs, singles

pytestmark = pytest.mark.optimized

ROOT2 = mpmath.sqrt(2)
LINE = both_signs([*logspaced(1.2e-38, 3.4e38, 40), *logspaced(1e-3, 120, 60)])
UNIT = [*logspaced(1.2e-38, 0.4, 40), *np.linspace(0.02, 0.98, 49), *(1 - v for v in logspaced(6e-8, 0.4, 30))]
ZEROS = (1.0, 2.0, 1.4616321449683623, -0.504083008264455, -1.573498473162390, -2.4570247382208006)
MORE_ZEROS = (-2.610720868444144, -2.7476826467274127, -3.14358088834998, -3.955294284858598, -4.039361839740537)
POLES = (-1.0, -2.0, -5.0, -10.0, -30.5, -100.25, -1000.75, -65536.5, -2097152.25)
GAMMA = singles(logspaced(1.2e-38, 3e38, 60), logspaced(0.01, 60, 60), around(*ZEROS, *MORE_ZEROS, *POLES))
SCALES = [*logspaced(1e-30, 1e30, 11), 0.3, 1.0, 1.9, 3.7, 9.9, 10.1, 25.0, 170.0, 1e4]


# --- Truths -----------------------------------------------------------------------------------------------------------


def erfcx(x: Any) -> Any:
    if x < 10**4:
        return mpmath.exp(x * x) * mpmath.erfc(x)
    return tail(x, 1) / (x * mpmath.sqrt(mpmath.pi))


def tail(x: Any, shift: int) -> Any:
    """The asymptotic series of erfcx (shift 1) and of its derivative (shift 3), without their leading factors."""
    total = term = mpf(1)
    for k in range(8):
        term *= -(2 * k + shift) / (2 * x * x)
        total += term
    return total


def erfcx_slope(x: Any) -> Any:
    if x < 10**4:
        return 2 * x * erfcx(x) - 2 / mpmath.sqrt(mpmath.pi)
    return -tail(x, 3) / (x * x * mpmath.sqrt(mpmath.pi))


def bell(x: Any) -> Any:
    return 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x)


def density(x: Any) -> Any:
    return mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)


def log_ndtr(x: Any) -> Any:
    if x < 0:
        return mpmath.log(erfcx(-x / ROOT2) / 2) - x * x / 2
    return mpmath.log1p(-mpmath.erfc(x / ROOT2) / 2)


def hazard(x: Any) -> Any:
    return mpmath.sqrt(2 / mpmath.pi) / erfcx(-x / ROOT2) if x < 100 else mpf(0)


def ndtri(p: Any) -> Any:
    """From SciPy's sixteen digits by Newton's steps on the logarithm."""
    y = mpf(float(special.ndtri(float(min(p, 1 - p)))))
    for _ in range(2):
        y -= (log_ndtr(y) - mpmath.log(min(p, 1 - p))) / hazard(y)
    return y if p <= 0.5 else -y


def whole(x: Any) -> bool:
    return bool(x == mpmath.floor(x))


def gammaln(x: Any) -> Any:
    if x <= 0 and whole(x):
        raise ValueError
    if x > 0:
        return mpmath.loggamma(x)
    return mpmath.log(mpmath.pi / abs(mpmath.sinpi(x))) - mpmath.loggamma(1 - x)


def polygamma(order: int) -> Truth:
    def truth(x: Any) -> Any:
        if x > 0:
            return mpmath.psi(order, x)
        if order > 3 or whole(x):
            raise ValueError
        c, w = mpmath.cot(mpmath.pi * x), 1 + mpmath.cot(mpmath.pi * x) ** 2
        turn = (c, -w, 2 * c * w, -2 * w * w - 4 * c * c * w)[order] * mpmath.pi ** (order + 1)
        return (-1) ** order * mpmath.psi(order, 1 - x) - turn

    return truth


def betaln(a: Any, b: Any) -> Any:
    with mpmath.workdps(100):
        return mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)


def betaln_slope(a: Any, b: Any) -> Any:
    with mpmath.workdps(100):
        return mpmath.psi(0, a) - mpmath.psi(0, a + b)


log, log1p = mpmath.log, mpmath.log1p

CASES = (
    Case("erf", theon.erf, mpmath.erf, (bell,), singles(LINE, np.linspace(-4, 4, 60), (9.342, 9.345))),
    Case(
        "erfc", theon.erfc, mpmath.erfc, (lambda x: -bell(x),), singles(LINE, np.linspace(-6, 9.3, 60), (9.342, 9.345))
    ),
    Case(
        "erfcx",
        theon.erfcx,
        erfcx,
        (erfcx_slope,),
        singles(LINE, np.linspace(-9.4, 12, 90), logspaced(1e18, 6.9e18, 6)),
    ),
    Case(
        "erfinv",
        theon.erfinv,
        mpmath.erfinv,
        (lambda x: mpmath.exp(mpmath.erfinv(x) ** 2) * mpmath.sqrt(mpmath.pi) / 2,),
        singles(both_signs(UNIT)),
    ),
    Case("ndtr", theon.ndtr, lambda x: mpmath.erfc(-x / ROOT2) / 2, (density,), singles(LINE, np.linspace(-13, 6, 60))),
    Case("log_ndtr", theon.log_ndtr, log_ndtr, (hazard,), singles(LINE, np.linspace(-14, 13.4, 80))),
    Case("ndtri", theon.ndtri, ndtri, (lambda p: 1 / density(ndtri(p)),), singles(UNIT)),
    Case("gammaln", theon.gammaln, gammaln, (polygamma(0),), GAMMA),
    Case("digamma", theon.digamma, polygamma(0), (polygamma(1),), GAMMA),
    Case("polygamma 1", lambda x: theon.polygamma(1, x), polygamma(1), (polygamma(2),), GAMMA),
    Case("polygamma 2", lambda x: theon.polygamma(2, x), polygamma(2), (polygamma(3),), GAMMA),
    Case("polygamma 7", lambda x: theon.polygamma(7, x), polygamma(7), (polygamma(8),), GAMMA),
    Case(
        "log1mexp",
        theon.log1mexp,
        lambda x: log(-mpmath.expm1(x)),
        (lambda x: mpmath.exp(x) / mpmath.expm1(x),),
        singles([-v for v in (*logspaced(1.2e-38, 120, 90), *np.linspace(0.3, 1.2, 60))]),
    ),
    Case(
        "logit", theon.logit, lambda x: log(x) - log1p(-x), (lambda x: 1 / (x * (1 - x)),), singles(UNIT, around(0.5))
    ),
    Case(
        "entr",
        theon.entr,
        lambda x: -x * log(x),
        (lambda x: -log(x) - 1,),
        singles(logspaced(1.2e-38, 3e38, 90), around(1.0, np.exp(-1.0))),
    ),
    Case(
        "xlogy",
        theon.xlogy,
        lambda x, y: x * log(y),
        (lambda x, y: log(y), lambda x, y: x / y),
        pairs(both_signs(SCALES), [*SCALES, *around(1.0)]),
    ),
    Case(
        "xlog1py",
        theon.xlog1py,
        lambda x, y: x * log1p(y),
        (lambda x, y: log1p(y), lambda x, y: x / (1 + y)),
        pairs(both_signs(SCALES), [*SCALES, -1e-30, -1e-5, -0.3, -0.5, -0.99, -0.99999]),
    ),
    Case(
        "kl_div",
        theon.kl_div,
        lambda x, y: x * log(x / y) - x + y,
        (lambda x, y: log(x / y), lambda x, y: 1 - x / y),
        pairs([0.3, 1.0, 3.7, 1e-3], [0.3, 0.30001, 1.0, 1.0000001, 1.01, 1.09, 1.2, 3.7, 1e-3, 1e3]),
    ),
    Case(
        "rel_entr",
        theon.rel_entr,
        lambda x, y: x * log(x / y),
        (lambda x, y: log(x / y) + 1, lambda x, y: -x / y),
        pairs([0.3, 1.0, 3.7, 1e-3], [0.3, 0.30001, 1.0000001, 1.01, 1.09, 1.2, 1e-3, 1e3]),
    ),
    Case(
        "betaln",
        theon.betaln,
        betaln,
        (betaln_slope, lambda a, b: betaln_slope(b, a)),
        pairs(SCALES, [*SCALES[1:-1:2], 1.0, 1 - 6e-8, 1 + 1e-4, 1.9, 3.7, 9.9, 10.1, 1e4]),
    ),
)


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_values_and_gradients_are_true(case: Case, dtype: str) -> None:
    hold(case, dtype)


# --- Beyond float32 ---------------------------------------------------------------------------------------------------

FAR: list[tuple[Callable[..., Node], Point, float, tuple[float, ...]]] = [
    (theon.erfcx, (1e300,), 5.641895835477563e-301, (0.0,)),
    (theon.log_ndtr, (-1e150,), -5e299, (1e150,)),
    (theon.ndtri, (1e-300,), -37.0470963, (2.697304465e298,)),
    (theon.gammaln, (1e-300,), 690.775527898213682, (-1e300,)),
    (theon.trigamma, (1e200,), 1e-200, (0.0,)),
    (theon.betaln, (1e200, 3.0), -1380.857908616155, (-3e-200, -459.594242)),
    (theon.log1mexp, (-700.0,), -9.859676543759770e-305, (-9.859676543759770e-305,)),
]


@pytest.mark.parametrize(("function", "at", "value", "slopes"), FAR)
def test_far_out_in_float64(function: Callable[..., Node], at: Point, value: float, slopes: tuple[float, ...]) -> None:
    xs = [theon.dscalar(f"x{i}") for i in range(len(at))]
    out = function(*xs)
    got, *found = theon.function(xs, [out, *theon.grad(out, xs)])(*at)
    np.testing.assert_allclose(got, value, rtol=1e-5)
    np.testing.assert_allclose(found, slopes, rtol=1e-5)


# --- Second derivatives where a formula could go wrong ----------------------------------------------------------------


def curvature(function: Callable[[Node], Node], at: Sequence[float]) -> list[float]:
    """Second derivatives, in float32."""
    x = theon.vector("x")
    first = theon.grad(theon.sum(function(x)), x)
    found = theon.function([x], theon.grad(theon.sum(first), x))(np.array(at, np.float32))
    return [float(v) for v in np.asarray(found)]


def test_second_derivatives_in_tails() -> None:
    np.testing.assert_allclose(
        curvature(theon.log_ndtr, [-1e30, -1e4, -10, 0, 100]), [-1, -1, -0.990555, -2 / np.pi, 0], rtol=1e-4
    )
    np.testing.assert_allclose(curvature(theon.erfcx, [1e3, 50]), [2.256755e-9 / 2, 9.0217e-6], rtol=1e-3)
    np.testing.assert_allclose(curvature(theon.log1mexp, [-200, -80, -1e-3]), [0, -1.80485e-35, -1e6], rtol=1e-4)
    np.testing.assert_allclose(curvature(theon.trigamma, [1e5, 1]), [2e-15, 6.49393940226683], rtol=1e-4)


def test_where_a_logarithm_has_no_value() -> None:
    """At 0 * log(0) the gradient is 0; with x alone at 0 it is what it is."""
    x, y = theon.vector("x"), theon.vector("y")
    for function, edge in ((theon.xlogy, 0.0), (theon.xlog1py, -1.0)):
        first = theon.grad(theon.sum(function(x, y)), [x, y])
        second = theon.grad(theon.sum(first[0]) + theon.sum(first[1]), [x, y])
        found = theon.function([x, y], [*first, *second])(
            np.zeros(2, np.float32), np.array([edge, edge + 2], np.float32)
        )
        expected = [[0, np.log(2)], [0, 0], [0, 0.5], [0, 0.5]]
        np.testing.assert_allclose(found, expected, rtol=1e-6)


# --- Dtypes and errors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_short_floats_are_rounded_once(dtype: str) -> None:
    """The result is that of float32, rounded."""
    values = np.linspace(0.01, 0.99, 40, dtype=np.float32)
    for function in (theon.erfc, theon.erfcx, theon.gammaln, theon.digamma, theon.ndtri, theon.logit, theon.entr):
        x = theon.vector("x")
        short = x.astype(dtype)
        found, wide = theon.function([x], [function(short), function(short.astype("float32")).astype(dtype)])(values)
        np.testing.assert_array_equal(np.asarray(found), np.asarray(wide))


@pytest.mark.parametrize("order", [-1, 1.0, True, 101, "1"])
def test_the_order_of_polygamma_is_a_small_int(order: Any) -> None:
    with pytest.raises(ArgumentError, match="polygamma: the order is"):
        theon.polygamma(order, theon.vector("x"))


def test_complex_numbers_are_refused() -> None:
    z = theon.tensor("z", shape=(2,), dtype="complex64")
    for function in (theon.gammaln, theon.ndtr, theon.logit, lambda z: theon.polygamma(1, z)):
        with pytest.raises(DTypeError):
            function(z)


# --- Arguments by which there is no derivative, or only one -----------------------------------------------------------

BY_PARAMETER: list[tuple[Callable[..., Node], Callable[..., Any]]] = [
    (theon.gammainc, special.gammainc),
    (theon.gammaincc, special.gammaincc),
]


@pytest.mark.parametrize(("function", "truth"), BY_PARAMETER)
def test_incomplete_gamma_by_its_parameter(function: Callable[..., Node], truth: Callable[..., Any]) -> None:
    """Once, against differences of SciPy's; mixed with the other argument too; a second time it is refused."""
    a, x = theon.dvector("a"), theon.dvector("x")
    by_a = theon.grad(theon.sum(function(a, x)), a)
    mixed = theon.grad(theon.sum(by_a), x)
    at = np.array([0.3, 1.0, 2.5, 30.0, 30.0]), np.array([0.2, 3.0, 2.5, 20.0, 40.0])
    first, second = theon.function([a, x], [by_a, mixed])(*at)
    h = 1e-4
    np.testing.assert_allclose(first, (truth(at[0] + h, at[1]) - truth(at[0] - h, at[1])) / (2 * h), rtol=1e-6)
    ends = [truth(at[0] + s * h, at[1] + t * h) * s * t for s in (1, -1) for t in (1, -1)]
    np.testing.assert_allclose(second, sum(ends) / (4 * h * h), rtol=1e-3, atol=1e-6)
    with pytest.raises(GradientError, match="second derivative of gammainc by its first argument is not known"):
        theon.function([a, x], theon.grad(theon.sum(by_a), a))(*at)


@pytest.mark.parametrize("n", [-1, 21, 1.0, True])
def test_orders_of_spherical_bessel_functions(n: Any) -> None:
    with pytest.raises(ArgumentError, match="spherical_jn: the order is"):
        theon.spherical_jn(n, 1.0)
    with pytest.raises(ArgumentError, match="multigammaln: the number of dimensions is"):
        theon.multigammaln(3.0, n if n != 21 else 0)
