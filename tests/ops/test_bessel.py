"""Bessel functions of real order, and spherical harmonics, against mpmath and SciPy."""

from __future__ import annotations

from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

import theon
from theon.graph.errors import ArgumentError, DTypeError
from theon.graph.node import Node

from .against_mpmath import LIMITS, Case, Truth, around, hold, logspaced, pairs, singles

pytestmark = pytest.mark.optimized

SHORT = (logspaced(1e-30, 3e4, 24), np.linspace(0.05, 12, 24), around(2.0, 4.0))
FALLING = (logspaced(1e-30, 700, 24), np.linspace(0.05, 12, 16), around(0.1, 2.0))
ORDERS = [0.0, 0.3, 0.5, 1.0, 2.75, -0.4, -1.5, 7.2]


def j(v: Any, x: Any) -> Any:
    return mpmath.besselj(v, x)


def y(v: Any, x: Any) -> Any:
    return mpmath.bessely(v, x)


def i(v: Any, x: Any) -> Any:
    return mpmath.besseli(v, x)


def k(v: Any, x: Any) -> Any:
    return mpmath.besselk(v, x)


def of(truth: Truth, order: float) -> Truth:
    return lambda x: truth(order, x)


def ke(v: Any, x: Any) -> Any:
    return mpmath.exp(x) * mpmath.besselk(v, x)


def ie(v: Any, x: Any) -> Any:
    return mpmath.exp(-x) * mpmath.besseli(v, x)


def ke_slope(v: Any, x: Any) -> Any:
    with mpmath.workdps(80):
        return mpmath.exp(x) * (mpmath.besselk(v, x) - (mpmath.besselk(v - 1, x) + mpmath.besselk(v + 1, x)) / 2)


def ie_slope(v: Any, x: Any) -> Any:
    with mpmath.workdps(80):
        return mpmath.exp(-x) * ((mpmath.besseli(v - 1, x) + mpmath.besseli(v + 1, x)) / 2 - mpmath.besseli(v, x))


def by_order(truth: Truth) -> Truth:
    """The derivative by the order: a difference, exact to twenty digits."""
    h = mpmath.mpf(10) ** -12

    def slope(v: Any, x: Any) -> Any:
        ends = [truth(v + step * h, x) for step in (-2, -1, 1, 2)]
        return (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * h)

    return slope


def slope(truth: Truth, up: int, sign: int = 1) -> Truth:
    return lambda v, x: sign * (truth(v - 1, x) + up * truth(v + 1, x)) / 2


SLOPES: dict[str, tuple[Truth, Truth]] = {
    "jv": (j, slope(j, -1)),
    "yv": (y, slope(y, -1)),
    "iv": (i, slope(i, 1)),
    "ive": (ie, ie_slope),
    "kv": (k, slope(k, 1, -1)),
    "kve": (ke, ke_slope),
}


def whole(name: str, order: int, kind: str, *points: Any, **rest: Any) -> Case:
    """One function of one float."""
    truth, by_argument = SLOPES[kind]
    return Case(
        f"{name} {order}",
        getattr(theon, name) if name[-1] in "01e" and name not in SLOPES else lambda x: getattr(theon, name)(order, x),
        of(truth, order),
        (of(by_argument, order),),
        singles(*points),
    )


ALONE = (
    whole("j0", 0, "jv", *SHORT, around(2.404825557695773, 5.520078110286311, 14.930917708487787)),
    whole("j1", 1, "jv", *SHORT, around(3.831705970207512)),
    whole("y0", 0, "yv", *SHORT, around(0.8935769662791675, 3.957678419314858)),
    whole("y1", 1, "yv", *SHORT, around(2.197141326031017)),
    whole("k0", 0, "kv", *FALLING),
    whole("k1", 1, "kv", *FALLING),
    whole("k0e", 0, "kve", *FALLING, logspaced(700, 1e5, 4)),
    whole("k1e", 1, "kve", *FALLING, logspaced(700, 1e5, 4)),
    whole("jv", 9, "jv", logspaced(1e-3, 3e3, 20), np.linspace(2, 40, 20)),
    whole("yn", 9, "yv", logspaced(1e-2, 3e3, 20), np.linspace(2, 40, 20)),
    whole("kn", 9, "kv", logspaced(1e-2, 600, 20), np.linspace(2, 40, 10)),
    whole("iv", 2, "iv", logspaced(1e-10, 600, 20), np.linspace(2, 40, 10)),
)
ARGUMENTS = {
    "jv": [1e-3, 0.4, 1.9, 2.1, 5.0, 13.5, 200.0],
    "yv": [1e-3, 0.4, 1.9, 2.1, 5.0, 13.5, 200.0],
    "iv": [1e-3, 0.4, 2.1, 5.0, 19.0, 21.0, 300.0],
    "ive": [0.4, 5.0, 19.0, 21.0, 60.0],
    "kv": [1e-5, 0.09, 0.11, 2.1, 13.5, 300.0],
    "kve": [1e-5, 0.09, 2.1, 13.5, 3e4],
}
BOTH = tuple(
    Case(name, getattr(theon, name), truth, (by_order(truth), by_argument), pairs(ORDERS, ARGUMENTS[name]))
    for name, (truth, by_argument) in SLOPES.items()
)


def all_but(quick: set[str], cases: tuple[Case, ...]) -> list[Any]:
    """All but a few of the cases wait for the slow run: compiling them takes long."""
    chosen = [(case, dtype) for case in cases for dtype in LIMITS]
    return [
        pytest.param(case, dtype, id=f"{case} {dtype}", marks=() if f"{case} {dtype}" in quick else pytest.mark.slow)
        for case, dtype in chosen
    ]


@pytest.mark.parametrize(("case", "dtype"), all_but({"j0 0 float64", "y1 1 float64", "k0 0 float32"}, ALONE))
def test_known_orders_are_true(case: Case, dtype: str) -> None:
    hold(case, dtype)


@pytest.mark.parametrize(("case", "dtype"), all_but({"kv float64"}, BOTH))
def test_orders_that_are_computed_are_true(case: Case, dtype: str) -> None:
    """With derivatives by the order and by the argument."""
    hold(case, dtype)


WIDE = [0.0, 1e-9, 0.25, 0.5, 0.5000001, 1.0, 3.5, 9.9, 10.5, 11.0, 19.99, 24.3, 50.0, 77.7, 100.0]
FAR = [1e-12, 1e-3, 0.0999, 0.1001, 1.0, 1.999, 2.001, 4.9, 8.0, 19.9, 20.1, 30.0, 49.9, 50.1, 99.0, 101.0, 450.0]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["jv", "yv", "iv", "ive", "kv", "kve"])
@pytest.mark.parametrize("sign", [1, -1])
def test_wide_grid(name: str, sign: int) -> None:
    """Relative to the value, or beside zeros to the size of the waves, 1e-12."""
    at = np.array(list(product(WIDE, FAR))).T
    at[0] *= sign
    v, x = theon.dvector("v"), theon.dvector("x")
    found = np.asarray(theon.function([v, x], getattr(theon, name)(v, x))(*at))
    truth = SLOPES[name][0]
    for got, order, z in zip(found, *at, strict=True):
        with mpmath.workdps(40):
            want = truth(mpmath.mpf(order), mpmath.mpf(z))
            size = abs(want)
            if name in ("jv", "yv"):  # either function, next to its zeros, against both
                size = max(size, mpmath.sqrt(2 / (mpmath.pi * z)) if z > abs(order) else 0)
        if 1e-290 < size < 1e290:
            assert abs(got - want) < 1e-12 * size, f"{name}({order}, {z}): {got} for {mpmath.nstr(want, 17)}"


BENDS: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = (
    ("jv", ((0.0, 0.5), (0.5, 1.5), (2.3, 3.0), (9.5, 8.0), (-1.2, 0.7))),
    ("yv", ((0.0, 0.5), (0.5, 1.5), (2.3, 3.0), (9.5, 8.0), (-1.2, 0.7))),
    ("iv", ((0.0, 0.5), (0.5, 1.5), (2.3, 30.0), (-1.2, 0.7))),
    ("kv", ((0.0, 0.05), (0.0, 0.5), (0.5, 1.5), (2.3, 30.0), (-1.2, 0.07))),
    ("kve", ((0.0, 0.05), (0.5, 1.5), (2.3, 30.0), (-1.2, 0.07))),
)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "points"), BENDS, ids=[name for name, _ in BENDS])
@pytest.mark.parametrize("orders", [(2, 0), (1, 1), (0, 2), (0, 3)], ids=str)
def test_higher_derivatives(name: str, points: tuple[tuple[float, float], ...], orders: tuple[int, int]) -> None:
    """By the order and by the argument, and mixed, in float64 against mpmath's."""
    v, x = theon.dvector("v"), theon.dvector("x")
    out = getattr(theon, name)(v, x)
    for wrt, times in zip((v, x), orders, strict=True):
        for _ in range(times):
            out = theon.grad(theon.sum(out), wrt)
    found = np.asarray(theon.function([v, x], out)(*np.array(points).T))
    truth = SLOPES[name][0]
    with mpmath.workdps(60):
        wanted = [float(mpmath.diff(truth, (mpmath.mpf(a), mpmath.mpf(b)), orders)) for a, b in points]
    np.testing.assert_allclose(found, wanted, rtol=2e-11)


def test_derivatives_at_the_origin() -> None:
    """From neighbouring orders, not through a division by 0."""
    x = theon.dscalar("x")
    outs = [theon.j0(x), theon.j1(x), theon.jv(2, x), theon.iv(1, x)]
    firsts = [theon.grad(out, x) for out in outs]
    seconds = [theon.grad(first, x) for first in firsts[:3]]
    found = theon.function([x], [*firsts, *seconds])(0.0)
    np.testing.assert_allclose(found, [0, 0.5, 0, 0.5, -0.5, 0, 0.25], atol=1e-15)


def limit(truth: Truth, order: float) -> float:
    """The value at 0, by one beside it: an infinite one by its sign."""
    with mpmath.workdps(400):
        beside = truth(mpmath.mpf(order), mpmath.mpf(10) ** -300)
    return float(mpmath.sign(beside)) * np.inf if abs(beside) > 100 else float(mpmath.nint(2 * beside)) / 2


def test_limits_at_infinity() -> None:
    x = theon.dvector("x")
    found = theon.function([x], [theon.i0(x), theon.i1(x), theon.i0e(x)])(np.array([np.inf, -np.inf]))
    np.testing.assert_array_equal(found, [[np.inf, np.inf], [np.inf, -np.inf], [0, 0]])


@pytest.mark.slow
def test_limits_at_the_origin() -> None:
    """Of the sign of the largest order, where infinite ones meet."""
    x = theon.dscalar("x")
    asked = (("jv", -1.5), ("iv", -1.5), ("jv", -2.25), ("yv", 1), ("yv", 0))
    outs = [getattr(theon, name)(order, x) for name, order in asked]
    found = theon.function([x], [*outs, *(theon.grad(out, x) for out in outs)])(0.0)
    wanted = [limit(SLOPES[name][i], order) for i in (0, 1) for name, order in asked]
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["jv", "yv", "iv", "kv"])
def test_limits_of_orders_that_are_computed(name: str) -> None:
    orders = np.array([-3.25, -2.5, -1.75, -1.5, -1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0, 1.5, 2.25])
    v, x = theon.dvector("v"), theon.dvector("x")
    out = getattr(theon, name)(v, x)
    found = theon.function([v, x], [out, theon.grad(theon.sum(out), x)])(orders, np.zeros(orders.size))
    for truth, got in zip(SLOPES[name], found, strict=True):
        np.testing.assert_array_equal(got, [limit(truth, order) for order in orders])


@pytest.mark.slow
def test_orders_beyond_the_range() -> None:
    """Whole sequences of orders; nan where the recurrences end."""
    v, x = theon.dvector("v"), theon.dscalar("x")
    orders = np.array([0.0, 100.0, -100.0, 100.5, np.inf, np.nan])
    found = theon.function([v, x], [theon.jv(v, x), theon.yv(v, x), theon.kv(v, x), theon.iv(v, x)])(orders, 30.0)
    for got, oracle in zip(found[:2], (special.jv, special.yv), strict=True):
        np.testing.assert_allclose(got[:3], oracle(orders[:3], 30.0), rtol=1e-12)
        assert np.isnan(got[3:]).all()
    for got, oracle in zip(found[2:], (special.kv, special.iv), strict=True):
        np.testing.assert_allclose(got[:4], oracle(orders[:4], 30.0), rtol=1e-12)


# --- Arguments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["jv", "yv"])
@pytest.mark.parametrize("order", [101, -100.5, float("nan"), float("inf")])
def test_orders_that_are_too_large(name: str, order: float) -> None:
    with pytest.raises(ArgumentError, match=f"{name}: the order is"):
        getattr(theon, name)(order, 1.0)


@pytest.mark.parametrize("name", ["jv", "kn", "iv"])
def test_orders_that_no_float_has(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"{name[0]}[nv]: the order is an int of 16610 bits"):
        getattr(theon, name)(10**5000, 1.0)


@pytest.mark.parametrize("name", ["yn", "kn"])
@pytest.mark.parametrize("order", [1.0, True, "1"])
def test_orders_that_are_no_ints(name: str, order: Any) -> None:
    with pytest.raises(ArgumentError, match=f"{name}: the order is"):
        getattr(theon, name)(order, 1.0)


@pytest.mark.parametrize(
    "name", ["j0", "j1", "y0", "y1", "k0", "k1", "k0e", "k1e", "jv", "yv", "iv", "ive", "kv", "kve"]
)
def test_complex_numbers_are_refused(name: str) -> None:
    z = theon.tensor("z", shape=(2,), dtype="complex64")
    with pytest.raises(DTypeError, match="not complex64"):
        getattr(theon, name)(*((theon.vector("v"), z) if name in SLOPES else (z,)))


# --- Spherical harmonics ----------------------------------------------------------------------------------------------


def angles() -> tuple[Node, Node, Any, Any]:
    rng = np.random.default_rng(3)
    return theon.dvector("theta"), theon.dvector("phi"), rng.uniform(0, np.pi, 6), rng.uniform(0, 2 * np.pi, 6)


def test_spherical_harmonics_and_their_derivatives() -> None:
    """Of all degrees up to 5 at once, with first and second derivatives by both angles, against SciPy's."""
    theta, phi, at, around_it = angles()
    n, m = np.mgrid[0:6, -5:6].reshape(2, -1, 1)
    out = theon.sph_harm_y(n, m, theta, phi)
    parts = [theon.real(out), theon.imag(out)]
    rows = []
    for part in parts:
        # The sum over angles splits into one gradient for each pair of angles, once for each degree and order.
        cost = theon.sum(part * theon.constant(np.linspace(0.5, 2, n.size)[:, None]))
        firsts = theon.grad(cost, [theta, phi])
        seconds = [theon.grad(theon.sum(first), [theta, phi]) for first in firsts]
        rows += [part, *firsts, *seconds[0], *seconds[1]]
    found = theon.function([theta, phi], rows)(at, around_it)
    value, jacobian, hessian = special.sph_harm_y(n, m, at, around_it, diff_n=2)
    weights = np.linspace(0.5, 2, n.size)[:, None]
    for take, got in ((np.real, found[:7]), (np.imag, found[7:])):
        np.testing.assert_allclose(got[0], take(value), atol=1e-13)
        sums = [np.sum(weights * take(jacobian[..., a]), 0) for a in (0, 1)]
        sums += [np.sum(weights * take(hessian[..., a, b]), 0) for a, b in ((0, 0), (0, 1), (1, 0), (1, 1))]
        np.testing.assert_allclose(got[1:], sums, atol=1e-11)


def test_spherical_harmonics_are_rounded_once() -> None:
    """Of float32 angles: a wave of 80 periods would take the rounding of its angle eighty times."""
    theta, phi = theon.vector("theta"), theon.vector("phi")
    at, around_it = np.array([1.5, 1.2], np.float32), np.array([3.0, 6.1], np.float32)
    found = np.asarray(theon.function([theta, phi], theon.sph_harm_y(80, 80, theta, phi))(at, around_it))
    assert found.dtype == np.complex64
    want = special.sph_harm_y(80, 80, at.astype(np.float64), around_it.astype(np.float64))
    np.testing.assert_allclose(found.real, want.real, rtol=1.2e-7)
    np.testing.assert_allclose(found.imag, want.imag, rtol=1.2e-7)


def test_spherical_harmonics_of_high_degree() -> None:
    """Whole towers, and degrees that are computed."""
    theta, phi, at, around_it = angles()
    n, m = theon.ivector("n"), theon.ivector("m")
    degrees, orders = np.array([60, 60, 60, 40, 33, 61], np.int32), np.array([0, 31, -60, 7, 34, 2], np.int32)
    found = theon.function([n, m, theta, phi], theon.sph_harm_y(n, m, theta, phi, n_max=60))(
        degrees, orders, at, around_it
    )
    np.testing.assert_allclose(found[:5], special.sph_harm_y(degrees, orders, at, around_it)[:5], atol=1e-12)
    values = np.asarray(found)
    assert values[4] == 0
    assert np.isnan(values[5])


def test_what_spherical_harmonics_need() -> None:
    n = theon.iscalar("n")
    with pytest.raises(ArgumentError, match="how large n gets is not known"):
        theon.sph_harm_y(n, 0, 0.5, 0.5)
    with pytest.raises(ArgumentError, match=r"n_max is 2\.5"):
        theon.sph_harm_y(n, 0, 0.5, 0.5, n_max=2.5)  # type: ignore[arg-type]
    with pytest.raises(DTypeError, match="takes int or uint, not float32"):
        theon.sph_harm_y(1.0, 0, 0.5, 0.5)
    with pytest.raises(DTypeError, match="not complex64"):
        theon.sph_harm_y(1, 0, 0.5, 0.5j)
