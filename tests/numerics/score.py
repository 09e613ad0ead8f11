"""How far float32 results are from the truth, in units of the last place, over what the conditioning excuses."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np

from .grid import LARGEST, TINY, Array
from .row import Row
from .truth import Truth, truth

FLUSHED = 128 * TINY  # below this, a result has lost what XLA flushes on the way to it
HOPELESS = 2.0**20  # a condition number from which on 8 ulps times it are as much as the number itself
BOUND = 8.0  # ulps over the condition number
Results = Sequence[Sequence[Array]]  # for each point: the value, then one gradient for each operand to differentiate by


@dataclass(frozen=True)
class Number:
    """One checked number: where, which part, what came, what is true."""

    point: tuple[Array, ...]
    part: str
    got: float
    true: Any
    condition: float
    error: float  # in ulps over max(1, condition); inf where it is not finite and the truth is


@dataclass
class Score:
    """The worst errors of one row, and its worst numbers."""

    value: float = 0.0
    gradient: float = 0.0
    nonfinite_values: int = 0
    nonfinite_gradients: int = 0
    checked: int = 0
    beyond: int = 0  # numbers that the strict reading counts as wrong
    worst: list[Number] = field(default_factory=list)

    @property
    def nonfinite(self) -> int:
        return self.nonfinite_values + self.nonfinite_gradients

    @property
    def holds(self) -> bool:
        return self.error <= BOUND

    @property
    def error(self) -> float:
        return max(self.value, self.gradient)


def ulps(got: float, true: Any) -> float:
    """The distance in units of the last place that float32 has at the truth."""
    exponent = max(mpmath.mag(true) - 1, -126)
    return float(abs(mpmath.mpf(got) - true) / mpmath.mpf(2) ** (exponent - 23))


def normal(true: Any) -> bool:
    """Whether float32 holds this number in full, and what it is computed from: terms and factors a little smaller."""
    return bool(mpmath.isfinite(true) and FLUSHED <= abs(true) <= LARGEST)


def judged(point: tuple[Array, ...], part: str, got: float, true: Any, condition: float) -> Number | None:
    """None where the truth is number that float32 holds; where it is too small for that, or where a
    change of the inputs' last place changes all its digits, only nan and infinity are wrong."""
    if mpmath.isnan(true) or not abs(true) <= LARGEST:
        return None
    if not math.isfinite(got):
        return Number(point, part, got, true, condition, math.inf)
    if not normal(true):
        return None
    worst = 1.0 if math.isnan(condition) else max(1.0, condition)
    if worst > HOPELESS:
        return Number(point, part, got, true, condition, 0.0)
    return Number(point, part, got, true, condition, ulps(got, true) / worst)


def numbers(row: Row, found: Truth, point: tuple[Array, ...], result: Sequence[Array]) -> Iterator[Number]:
    """The numbers to judge at a point: none where the value itself is too large for float32."""
    if abs(found.value) > LARGEST:
        return
    got = [float(v) for gradient in result[1:] for v in np.ravel(gradient)]
    entries = zip(got, found.gradient, found.gradient_conditions, strict=True)
    names = labels(row, point)
    value = judged(point, "value", float(result[0]), found.value, found.value_condition)
    parts = [judged(point, name, *entry) for name, entry in zip(names, entries, strict=True)]
    yield from (number for number in (value, *parts) if number is not None)


def strictly_wrong(found: Truth, result: Sequence[Array]) -> int:
    """How many numbers are beyond the bound where the truth is any normal number at all, the value's size and the
    conditioning aside."""
    got = [float(result[0]), *(float(v) for gradient in result[1:] for v in np.ravel(gradient))]
    conditions = (found.value_condition, *found.gradient_conditions)
    return sum(
        not math.isfinite(mine) or ulps(mine, true) > BOUND * (1.0 if math.isnan(by) else max(1.0, by))
        for mine, true, by in zip(got, (found.value, *found.gradient), conditions, strict=True)
        if mpmath.isfinite(true) and TINY <= abs(true) <= LARGEST
    )


def labels(row: Row, point: tuple[Array, ...]) -> list[str]:
    """d/dx[0] and so on, one for each gradient entry."""
    code = row.formula.__code__
    names = code.co_varnames[1 : code.co_argcount]
    out = []
    for name, domain, array in zip(names, row.domains, point, strict=True):
        if domain.wrt:
            out += [f"d/d{name}{list(place) if place else ''}" for place in np.ndindex(array.shape)]
    return out


def truths(row: Row) -> list[tuple[tuple[Array, ...], Truth]]:
    """The points of a row whose truth is known."""
    found = [(point, truth(row, point)) for point in row.points]
    return [(point, true) for point, true in found if true is not None]


def score(row: Row, known: Sequence[tuple[tuple[Array, ...], Truth]], results: Results, keep: int = 5) -> Score:
    """All that a row's results say against the truth."""
    total = Score()
    everything: list[Number] = []
    for (point, true), result in zip(known, results, strict=True):
        everything += numbers(row, true, point, result)
        total.beyond += strictly_wrong(true, result)
    for number in everything:
        total.checked += 1
        wrong = not math.isfinite(number.got)
        if number.part == "value":
            total.value = max(total.value, number.error)
            total.nonfinite_values += wrong
        else:
            total.gradient = max(total.gradient, number.error)
            total.nonfinite_gradients += wrong
    total.worst = sorted(everything, key=lambda number: -number.error)[:keep]
    return total


__all__ = ["BOUND", "Number", "Results", "Score", "score", "truths"]
