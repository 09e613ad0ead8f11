"""Directional derivatives of a graph by differences of its exact values, which know nothing of any vjp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from theon.graph.node import Input, Node
from theon.graph.walk import toposort
from theon.ops.elementwise import Elementwise

from .case import Case
from .draft import GENERIC
from .known import Known, numbers
from .radius import STEPS
from .rows import Array
from .truth import step

DIGITS = 100
STEP = mpmath.mpf(10) ** -25


@dataclass
class Slopes:
    """By point, nan where there is none: the derivatives along the case's direction, and how exact gradients are."""

    first: Array
    first_radius: Array
    second: Array
    second_radius: Array


def slopes(case: Case, knowns: Sequence[Known], usable: Sequence[int]) -> Slopes:
    """Derivatives along the direction once, and twice where second gradients are asked for."""
    forward, count = len(case.outputs), len(case.wrt)
    found = Slopes(*[np.full(4, np.nan) for _ in range(4)])
    for point in GENERIC:
        if point not in usable or any(np.isnan(k.radius[point % len(k.radius)]).any() for k in knowns[:forward]):
            continue
        if steep(case, point):
            continue
        for order, truth, radius in ((1, found.first, found.first_radius), (2, found.second, found.second_radius)):
            parts = knowns[forward + (order - 1) * count : forward + order * count]
            if len(parts) < count:
                continue
            radius[point] = _along([k.radius for k in parts], [np.abs(a) for a in case.along], point)
            radius[point] += 1e-13 * _along([np.abs(k.near) for k in parts], [np.abs(a) for a in case.along], point)
            if np.isfinite(radius[point]):
                truth[point], doubt = _derivative(case, point, order)
                radius[point] += doubt
    return found


def steep(case: Case, point: int) -> bool:
    """Whether whole numbers follow each other more closely than the points of a difference: stairs look like slopes."""
    for node in toposort(case.outputs):
        if isinstance(node.op, Elementwise) and node.op.row.name in STEPS:
            (known,) = case.sheet.exact([node.inputs[0]])
            if not (np.abs(known.near[point % len(known.near)]) < 1e15).all():
                return True
    return False


def _along(parts: Sequence[Array], steps: Sequence[Array], point: int) -> float:
    return float(sum(np.sum(part[point % len(part)] * size) for part, size in zip(parts, steps, strict=True)))


def _derivative(case: Case, point: int, order: int) -> tuple[float, float]:
    """By central differences, and what cancels in them; nan at a kink, where the sides differ."""
    with mpmath.workdps(DIGITS):
        behind, here, ahead = (_cost(case, point, k * STEP) for k in (-1, 0, 1))
        if any(value is None for value in (behind, here, ahead)):
            return np.nan, 0.0
        first = (ahead - behind) / (2 * STEP)
        bend = (ahead + behind - 2 * here) / STEP
        if not abs(bend) <= abs(first) * mpmath.mpf(10) ** -10 + mpmath.mpf(10) ** -12:
            return np.nan, 0.0
        doubt = (1 + abs(here)) * mpmath.mpf(10) ** (20 - DIGITS) / STEP**order
        return float(first if order == 1 else bend / STEP), float(doubt)


def _cost(case: Case, point: int, t: Any) -> Any:
    """The sum of the outputs, `t` times the direction away from a point; None where it is not real."""
    found: dict[Node, Any] = {}
    steps = dict(zip(case.wrt, case.along, strict=True))
    for node in case.inputs:
        array = case.points[node][point : point + 1]
        known = Known(array, array, np.zeros(array.shape), True)
        if node.dtype.kind == "f":
            value = numbers(array)
            if t and node in steps:
                value = np.asarray(value + numbers(steps[node]) * t, object)
            known = Known(value, array.astype(np.float64), np.zeros(array.shape), True)
        found[node] = known
    with np.errstate(all="ignore"):
        for node in toposort(case.outputs):
            if not isinstance(node.op, Input):
                found[node] = step(node, [found[source] for source in node.inputs])
    total = sum((np.sum(found[output].value) for output in case.outputs), mpmath.mpf(0))
    return total if mpmath.isfinite(total) else None


__all__ = ["Slopes", "slopes"]
