"""Graphs whose plain values are right: what rewrites make of them is finite and right too, gradients included.

Each row was once wrong. The truth is mpmath's, derivatives by its differences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import pytest

import theon
from theon.graph.node import Node


@dataclass(frozen=True)
class Row:
    """A function of a vector, the same to mpmath, and a point."""

    name: str
    function: Callable[[Node], Node]
    truth: Callable[..., Any]
    point: tuple[float, ...]


ROWS = (
    Row(
        "log of the square of a difference of exponentials",
        lambda x: theon.log((theon.exp(x[0]) - theon.exp(x[1])) ** 2),
        lambda x, y: mpmath.log((mpmath.exp(x) - mpmath.exp(y)) ** 2),
        (0.5, 1.0),
    ),
    Row(
        "log of a product of two negative differences",
        lambda x: theon.log((theon.exp(x[0]) - theon.exp(x[1])) * (theon.exp(x[0]) - 3)),
        lambda x, y: mpmath.log((mpmath.exp(x) - mpmath.exp(y)) * (mpmath.exp(x) - 3)),
        (0.5, 1.0),
    ),
    Row(
        "log of a sum of sums of either sign",
        lambda x: theon.log(theon.sum(x + theon.exp(x) / 8)),
        lambda x, y: mpmath.log(x + y + (mpmath.exp(x) + mpmath.exp(y)) / 8),
        (-2.0, 3.0),
    ),
    Row(
        "log1p of a negative sum",
        lambda x: theon.log1p(theon.sum(x * theon.exp(x))),
        lambda x, y: mpmath.log1p(x * mpmath.exp(x) + y * mpmath.exp(y)),
        (-2.0, 0.125),
    ),
    Row(
        "log1p of a factor that underflows, times an exponential",
        lambda x: theon.log1p(theon.softmax(x) * theon.exp(x))[1],
        lambda x, y: mpmath.log1p(mpmath.exp(y) / (1 + mpmath.exp(x - y))),
        (500.0, 0.5),
    ),
    Row(
        "log of a power 0 of what overflows",
        lambda x: theon.log(theon.exp(theon.exp(x)) ** 0.0)[0],
        lambda x, y: mpmath.mpf(0) * x,
        (1000.0, 0.5),
    ),
    Row(
        "shares of weights that have more axes than the exponent",
        lambda x: theon.sum((lambda t: t / theon.sum(t, axis=0))(x * theon.exp(x[0])) * x),
        lambda x, y: (x * x + y * y) / (x + y),
        (1.0, 0.5),
    ),
)


@pytest.mark.parametrize("dtype", ("float32", "float64"))
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_values_and_gradients_are_kept(row: Row, dtype: str) -> None:
    x = theon.tensor("x", shape=(len(row.point),), dtype=dtype)
    value = row.function(x)
    point = np.asarray(row.point, dtype)
    got, slopes = theon.function([x], [value, theon.grad(value, x)])(point)
    with mpmath.workdps(60):
        arguments = [mpmath.mpf(float(v)) for v in point]
        truth = float(row.truth(*arguments))
        count = len(arguments)
        wanted = [
            float(mpmath.diff(row.truth, arguments, tuple(int(i == k) for i in range(count)))) for k in range(count)
        ]
    tolerance = 1e-4 if dtype == "float32" else 1e-10
    assert float(got) == pytest.approx(truth, rel=tolerance, abs=1e-30)
    assert np.asarray(slopes).tolist() == pytest.approx(wanted, rel=tolerance, abs=1e-30)
