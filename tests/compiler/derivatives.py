"""Derivatives to second order of exact functions, by differences of so many digits that nothing is lost."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath

STEP = mpmath.mpf(10) ** -70
NUDGE = mpmath.mpf(10) ** -25
SMALLEST = mpmath.mpf(10) ** -60  # what is below this is the differences' own error

Function = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class Derivatives:
    """A number's derivatives: `parts` holds value, gradient and rows of the Hessian, `conditions` goes with it."""

    parts: tuple[Any, ...]
    conditions: tuple[Any, ...]
    order: tuple[int, ...]


def derivatives(function: Function, point: Sequence[Any]) -> Derivatives | None:
    """Value, gradient and Hessian of a function of several numbers, and by how much relative changes of them are
    magnified in each; None where there is a kink."""
    steps = [STEP * min(abs(x) or 1, 1) for x in point]
    if any(is_kink(function, point, k, steps[k]) for k in range(len(point))):
        return None
    here = parts(function, point, steps)
    moves = [mpmath.mpf(0)] * len(here)
    for k, x in enumerate(point):
        nudged = [*point[:k], x * (1 + NUDGE), *point[k + 1 :]]
        moves = [
            move + abs(b - a) / NUDGE for move, a, b in zip(moves, here, parts(function, nudged, steps), strict=True)
        ]
    order = (0, *(1 for _ in point), *(2 for _ in point for _ in point))
    return Derivatives(tuple(here), tuple(moves), order)


def parts(function: Function, point: Sequence[Any], steps: Sequence[Any]) -> list[Any]:
    n = len(point)

    def at(*moves: tuple[int, int]) -> Any:
        moved = list(point)
        for k, times in moves:
            moved[k] = moved[k] + times * steps[k]
        return function(moved)

    value = at()
    ahead, behind = [at((k, 1)) for k in range(n)], [at((k, -1)) for k in range(n)]
    gradient = [(a - b) / (2 * h) for a, b, h in zip(ahead, behind, steps, strict=True)]
    hessian = {(k, k): (ahead[k] - 2 * value + behind[k]) / steps[k] ** 2 for k in range(n)}
    for j, k in itertools.combinations(range(n), 2):
        corners = at((j, 1), (k, 1)) - at((j, 1), (k, -1)) - at((j, -1), (k, 1)) + at((j, -1), (k, -1))
        hessian[j, k] = hessian[k, j] = corners / (4 * steps[j] * steps[k])
    return [value, *gradient, *(hessian[j, k] for j in range(n) for k in range(n))]


def is_kink(function: Function, point: Sequence[Any], k: int, step: Any) -> bool:
    """Whether the second differences of both sides and of the middle differ."""
    values = [function([*point[:k], point[k] + t * step, *point[k + 1 :]]) for t in (-2, -1, 0, 1, 2)]
    bends = [(a - 2 * b + c) / step**2 for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    size = max(map(abs, bends))
    return bool(max(bends) - min(bends) > size * mpmath.mpf(10) ** -20 and size > SMALLEST)


def along(function: Callable[[Any], Any]) -> tuple[Any, Any, Any] | None:
    """Value and two derivatives at 0 of a function of one number; None where there is a kink."""
    if is_kink(lambda point: function(point[0]), [mpmath.mpf(0)], 0, STEP):
        return None
    value, slope, bend = parts(lambda point: function(point[0]), [mpmath.mpf(0)], [STEP])
    return value, slope, bend


__all__ = ["SMALLEST", "Derivatives", "along", "derivatives"]
