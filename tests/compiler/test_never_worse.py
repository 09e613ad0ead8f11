"""Where the plain program is right, the rewritten one is: points at which a rewrite once was not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import theon
from theon.graph.node import Node

pytestmark = pytest.mark.optimized

exp, log, sqrt, where = theon.exp, theon.log, theon.sqrt, theon.where


@dataclass(frozen=True)
class Row:
    """A formula of some operands, and a point at which its plain value and gradient are right."""

    name: str
    formula: Callable[..., Node]
    point: tuple[Any, ...]


ROWS = (
    Row("a weight 0", lambda w, x: log(theon.sum(w * exp(x))), ([1, 0], [0, 1])),
    Row("a term 0 beside an exponential", lambda w, x: log(exp(x) + w), (0, 1)),
    Row("a weight 0 of a softmax", lambda w, x: log(theon.sum(w * theon.nn.softmax(x))), ([0, 1], [3, 0])),
    Row("choice of a log of a product", lambda x, y: where(x > 0, log(x * y), 0), (0, 2)),
    Row("choice of a log of a quotient", lambda x, y: where(y > 0, log(x / y), 0), (2, 0)),
    Row("choice of a log of a share", lambda x, y: where(x > 0, log(x / (x + y)), 0), (0, 2)),
    Row("choice of a power less 1", lambda x, y: where(x > 0, x**y - 1, 0), (0, -2)),
    Row("choice of a log1p of a square", lambda x, y: where(y > 0, theon.log1p(x**2 / y), 0), (1, 0)),
    Row("choice of a log of a prod", lambda x: where(x[0] > 0, log(theon.prod(x)), 0), ([0, 1],)),
    Row("powers of infinity", lambda x, y: x**y - 1, (np.inf, 0)),
    Row("squares over a large weight", lambda x, y, w: x**2 / (w * y**2), (1e10, 1e-10, 1e30)),
    Row("squares over a small weight", lambda x, y, w: x**2 / (w * y**2), (1e-10, 1e12, 1e-20)),
    Row("a small weight of squares", lambda x, y, w: (w * x**2) / y**2, (1e15, 1e-10, 1e-30)),
    Row("a large weight over exponentials", lambda w, x: w / (1 + exp(x)), (1e30, 88)),
    Row("a grouping that cancels", lambda x, y: exp(x) + (y - 1), (-50, 1)),
    Row("another grouping that cancels", lambda x, z: theon.nn.softplus(x) + (z - x), (-50, -50)),
    Row("an exponential in such a grouping", lambda x, z: exp(x) + (z - x), (-50, -50)),
    Row("hypot at the origin", lambda x, y: theon.hypot(x, y) - x, (0, 0)),
    Row("the power 0 of a product", lambda x, k, z: log(x**k * z), (0, 0, 2)),
    Row("a small weight of a large exponential", lambda w, a, b: log(w * exp(a) + exp(b)), (1.2e-38, 5, -84)),
    Row("a log of a share that cancels", lambda x, y: log(x / (x + y)), (3, -2.9999)),
    Row("a hyperbolic secant far out", lambda x: 1 / theon.cosh(x), (40,)),
)


def run(row: Row, rewrites: str) -> list[np.ndarray[Any, Any]]:
    inputs = [theon.tensor(shape=np.shape(value)) for value in row.point]
    value = row.formula(*inputs)
    program = theon.function(
        inputs,
        [value, *theon.grad(theon.sum(value), inputs)],
        options=theon.Options(rewrites=rewrites),
        on_unused_input="ignore",
    )
    return [np.asarray(part) for part in program(*[np.asarray(value, np.float32) for value in row.point])]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_was_right_stays_right(row: Row) -> None:
    for plain, rewritten in zip(run(row, "none"), run(row, "default"), strict=True):
        known = np.isfinite(plain)
        np.testing.assert_allclose(rewritten[known], plain[known], rtol=1e-5, atol=1e-37)


def test_the_difference_of_roots_at_zero() -> None:
    """Where the plain gradient is not finite, the value still is."""
    x, y = theon.scalar("x"), theon.scalar("y")
    step = theon.function([x, y], sqrt(x + y) - sqrt(x))
    assert float(step(0.0, 0.0)) == 0.0
    assert float(step(4.0, 0.0)) == 0.0
    assert float(step(0.0, np.inf)) == np.inf


def test_an_int_power_of_minus_one_compiles() -> None:
    x = theon.ivector("x")
    assert theon.function([x], theon.pow(x, np.int32(-1)))(np.array([1, 2], np.int32)).tolist() == [1, 0]
