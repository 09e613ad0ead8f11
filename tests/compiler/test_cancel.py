"""Terms that cancel exactly go on doing so beside rules that would take one of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import theon

# What is declared, its exact value, and its exact slope.
SUMS: dict[str, tuple[Callable[[theon.Node], theon.Node], Callable[[float], float], Callable[[float], float]]] = {
    "1 - tanh(x) + tanh(x)": (lambda x: 1 - theon.tanh(x) + theon.tanh(x), lambda x: 1.0, lambda x: 0.0),
    "1 - exp(x) + x + exp(x)": (lambda x: 1 - theon.exp(x) + x + theon.exp(x), lambda x: 1 + x, lambda x: 1.0),
    "expm1(x) - x + x": (lambda x: theon.expm1(x) - x + x, np.expm1, np.exp),
    "log1p(x) - (log1p(x) - x)": (lambda x: theon.log1p(x) - (theon.log1p(x) - x), lambda x: x, lambda x: 1.0),
}


@pytest.mark.parametrize("name", SUMS)
@pytest.mark.parametrize("x", [1.375, 13.0, 28.25])
def test_value_and_slope(name: str, x: float) -> None:
    declared, value, slope = SUMS[name]
    at = theon.tensor("x", shape=())
    y = declared(at)
    f = theon.function([at], [y, theon.grad(y, at)])
    got = [float(part) for part in f(np.float32(x))]
    np.testing.assert_allclose(got, [value(x), slope(x)], rtol=3e-7, atol=0)


def test_what_is_not_finite_stays_nan() -> None:
    x = theon.tensor("x", shape=())
    f = theon.function([x], 1 - theon.exp(x) + theon.exp(x))
    assert np.isnan(f(np.float32(100)))


def test_what_rounding_loses_can_be_asked_for() -> None:
    """Kahan's compensation, which is 0 by algebra alone."""
    s, y = theon.tensor("s", shape=()), theon.tensor("y", shape=())
    total = s + y
    f = theon.function([s, y], (total - s) - y)
    assert f(np.float32(2**24), np.float32(0.75)) == -0.75
