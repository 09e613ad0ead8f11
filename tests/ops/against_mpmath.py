"""Special functions against mpmath: values and first gradients, over the float32 range, in tails and near zeros.

One grid of float32 numbers serves both dtypes. Where the truth is a normal number, the result has to be within a few
units of the last place, times the condition number where that is above 1: an error of one unit in the argument may
show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, TypeAlias

import mpmath
import numpy as np
import pytest
from mpmath import mpf

import theon
from theon.graph.node import Node

Truth: TypeAlias = Callable[..., Any]
Point: TypeAlias = tuple[float, ...]

LIMITS = {"float32": 8.0, "float64": 450.0}  # ulps; 450 in float64 are 1e-13
DIGITS = 50


@dataclass(frozen=True)
class Case:
    """A function with its truth, its true derivatives and its points."""

    name: str
    function: Callable[..., Node]
    truth: Truth
    slopes: tuple[Truth, ...]
    points: tuple[Point, ...]

    def __str__(self) -> str:
        return self.name


def by_turns(cases: Sequence[Case]) -> list[Any]:
    """Every second case with one of the dtypes, by turns; the others wait for `-m slow`."""
    return [
        pytest.param(case, dtype, marks=[pytest.mark.slow] if (i + 2 * k) % 4 else [], id=f"{case}-{dtype}")
        for i, case in enumerate(cases)
        for k, dtype in enumerate(LIMITS)
    ]


# --- Points -----------------------------------------------------------------------------------------------------------


def logspaced(low: float, high: float, count: int) -> list[float]:
    return [float(v) for v in np.geomspace(low, high, count)]


def both_signs(values: Iterable[float]) -> list[float]:
    values = list(values)
    return [*(-v for v in values), *values]


def around(*centres: float) -> list[float]:
    """The float32 number next to each centre, its neighbours, and steps away from it."""
    found = []
    for centre in centres:
        nearest = np.float32(centre)
        up = down = nearest
        found.append(float(nearest))
        for _ in range(3):
            up, down = np.nextafter(up, np.float32(np.inf)), np.nextafter(down, np.float32(-np.inf))
            found += [float(up), float(down)]
        found += [float(nearest) * (1 + s * 10.0**-k) for k in range(1, 7) for s in (1, -1)]
    return found


def singles(*groups: Iterable[float]) -> tuple[Point, ...]:
    """Groups of numbers, each once and as a normal float32."""
    with np.errstate(over="ignore"):
        values = np.unique(np.array([v for group in groups for v in group], np.float32))
    size = np.abs(values)
    return tuple((float(v),) for v in values[(size >= np.finfo(np.float32).tiny) & (size < np.inf)])


def pairs(first: Sequence[float], second: Sequence[float]) -> tuple[Point, ...]:
    return tuple(product((float(np.float32(v)) for v in first), (float(np.float32(v)) for v in second)))


# --- Truths and errors -----------------------------------------------------------------------------------------------


@cache
def truths(case: Case) -> list[list[tuple[Any, float]]]:
    """For the function and each derivative, at each point: the truth and the condition number."""
    return [[conditioned(truth, point) for point in case.points] for truth in (case.truth, *case.slopes)]


def conditioned(truth: Truth, point: Point) -> tuple[Any, float]:
    """The truth and the sum of the relative slopes by the arguments; nan where there is none."""
    with mpmath.workdps(DIGITS):
        at = [mpf(v) for v in point]
        try:
            value = truth(*at)
            condition = mpf(0)
            for i, v in enumerate(at):
                h = abs(v) * mpf(10) ** -16
                ends = [truth(*at[:i], v + step, *at[i + 1 :]) for step in (h, -h)]
                condition += abs((ends[0] - ends[1]) / (2 * h) * v / value)
        except (ValueError, ZeroDivisionError):
            return mpmath.nan, 1.0
        if isinstance(value, mpmath.mpc) or not mpmath.isfinite(value):
            return mpmath.nan, 1.0
        return value, float(condition)


def errors(got: Any, want: Sequence[tuple[Any, float]], dtype: str) -> list[float]:
    """In ulps over max(1, the condition number); 0 where the truth is no normal number."""
    info = np.finfo(dtype)
    found = []
    for mine, (value, condition) in zip(np.asarray(got).astype(np.float64), want, strict=True):
        if mpmath.isnan(value) or not float(info.tiny) <= abs(value) <= float(info.max):
            found.append(0.0)
        elif not np.isfinite(mine):
            found.append(np.inf)
        else:
            far = abs(mpf(float(mine)) - value) / (abs(value) * float(info.eps))
            found.append(float(far) / max(1.0, condition))
    return found


def hold(case: Case, dtype: str) -> None:
    """Values and slopes are within LIMITS of the truth."""
    data = np.array(case.points).astype(dtype).T
    xs = [theon.tensor(f"x{i}", shape=row.shape, dtype=dtype) for i, row in enumerate(data)]
    out = case.function(*xs)
    slopes = theon.grad(theon.sum(out), xs)
    found = theon.function(xs, [out, *slopes])(*data)
    for order, (got, want) in enumerate(zip(found, truths(case), strict=True)):
        assert np.asarray(got).dtype == dtype
        off = errors(got, want, dtype)
        worst = int(np.argmax(off))
        assert off[worst] <= LIMITS[dtype], (
            f"{case}, {'value' if order == 0 else f'slope {order}'} at {case.points[worst]}: {off[worst]:.3g} ulp, "
            f"{got[worst]} for {mpmath.nstr(want[worst][0], 17)}"
        )


def derivatives_agree(
    function: Callable[[Node], Node], truth: Truth, points: Point, order: int, known: int = 0, atol: float = 1e-13
) -> None:
    """A higher derivative in float64 against mpmath's of `truth`, which is itself the derivative of order `known`."""
    x = theon.dvector("x")
    out = function(x)
    for _ in range(order):
        out = theon.grad(theon.sum(out), x)
    found = np.asarray(theon.function([x], out)(np.array(points)))
    with mpmath.workdps(60):
        wanted = [float(mpmath.re(mpmath.diff(truth, mpf(p), order - known))) for p in points]
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=atol)
