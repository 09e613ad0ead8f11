"""The fixed grid: float32 numbers from the smallest normal one to the largest, of both signs, and where things turn."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"

TINY = float(np.finfo(np.float32).tiny)
LARGEST = float(np.finfo(np.float32).max)
EPS = float(np.finfo(np.float32).eps)
MOST, MOST_VECTORS = 90, 40  # points of a row, where several operands are crossed


@dataclass(frozen=True, eq=False)
class Domain:
    """Where an operand lives: all its points, and the few that stand for them where several operands are crossed."""

    points: tuple[Array, ...]
    few: tuple[Array, ...]
    wrt: bool = True  # to be differentiated by

    @property
    def ndim(self) -> int:
        return self.points[0].ndim


def domain(points: Sequence[Any], few: Sequence[Any] = (), dtype: str = "float32", wrt: bool = True) -> Domain:
    made = tuple(np.asarray(p, dtype) for p in points)
    return Domain(made, tuple(np.asarray(p, dtype) for p in few) or made, wrt)


def mirrored(numbers: Sequence[float]) -> list[float]:
    return [*(-x for x in reversed(numbers)), 0.0, *numbers]


def crossed(domains: Sequence[Domain], at: Sequence[Sequence[Any]]) -> list[tuple[Array, ...]]:
    """All points of one domain, or combinations of the few of several, thinned evenly; and the row's own."""
    combinations: list[tuple[Array, ...]]
    if len(domains) == 1:
        combinations = [(p,) for p in domains[0].points]
    else:
        combinations = list(itertools.product(*(d.few for d in domains)))
    most = MOST_VECTORS if any(d.ndim for d in domains) else MOST
    if len(domains) > 1 and len(combinations) > most:
        step = len(combinations) / most
        combinations = [combinations[int(i * step)] for i in range(most)]
    own = [tuple(np.asarray(v, d.points[0].dtype) for v, d in zip(p, domains, strict=True)) for p in at]
    return [*combinations, *own]


SMALL = (TINY, 1e-37, 1e-30, 3e-23, 1e-19, 1e-12, 1e-8, 6e-8, 1e-6, 3e-5, 1e-4, 3e-4, 1e-3, 0.01, 0.03)
MIDDLE = (0.1, 0.25, 0.3, 0.5, 0.69314718, 0.7, 0.9, 0.99, 1 - EPS / 2)
ABOVE = (
    1.0, 1 + EPS, 1.001, 1.1, 1.3, 1.5, 2.0, 2.5, 3.0, 3.7, 4.0, 5.0, 6.5, 8.0, 9.1, 10.0, 12.0, 14.0, 16.5, 20.0,
    33.3, 44.0, 60.0, 80.0, 87.0, 88.5, 88.8, 90.0, 100.0, 103.0, 110.0, 200.0, 1e3, 3333.3, 1e4, 1e6, 1.7e7, 1e9,
    1e15, 1.8e19, 1.9e19, 1e25, 1e32, LARGEST,
)  # fmt: skip

POSITIVES = (*SMALL, *MIDDLE, *ABOVE)
FEW_POSITIVES = (1e-37, 1e-12, 1e-3, 0.3, 1.0, 2.5, 20.0, 1e3, 1e9, 1e30)
FEW_REALS = (-1e30, -1e4, -90.0, -3.0, -0.7, -1e-3, -1e-20, 0.0, 1e-8, 0.1, 1.0, 2.5, 15.0, 100.0, 1e9, 3e38)
UNITS = (*SMALL, *MIDDLE, 0.2, 0.4, 0.6, 0.75, 0.95, 0.999, 0.9999, 1 - 2**-20, 1 - 2**-22)

REAL = domain(mirrored(POSITIVES), FEW_REALS)
POSITIVE = domain(POSITIVES, FEW_POSITIVES)
NONNEGATIVE = domain((0.0, *POSITIVES), (0.0, *FEW_POSITIVES))
UNIT = domain(UNITS, (1e-37, 1e-8, 1e-3, 0.25, 0.5, 0.9, 0.999, 1 - EPS / 2))
INTERVAL = domain(mirrored(UNITS), mirrored((1e-30, 1e-4, 0.3, 0.5, 0.99, 1 - EPS / 2)))
ABOVE_ONE = domain([x for x in ABOVE if x > 1], [1 + EPS, 1.1, 2.0, 30.0, 1e6, 1e25])
BELOW_ZERO = domain([-x for x in POSITIVES], [-x for x in FEW_POSITIVES])
SHAPE = domain([x for x in POSITIVES if 1e-12 <= x <= 1e9], (1e-6, 0.03, 0.5, 1.0, 2.0, 4.5, 30.0, 1e4))
LOCATION = domain(mirrored((1e-20, 0.1, 1.0, 30.0, 1e6, 1e30)), (-1e9, -2.0, 0.0, 1.0, 1e-5, 1e20))
SCALE = domain(POSITIVES, (1e-30, 1e-6, 0.3, 1.0, 2.0, 50.0, 1e10, 1e25))
COUNT = domain((0, 1, 2, 3, 7, 20, 100, 1000, 10**5), (0, 1, 3, 20, 1000), wrt=False)
BIT = domain((0.0, 1.0), wrt=False)
SOFT_LABEL = domain((0.0, 0.1, 0.5, 0.9, 1.0), wrt=False)
LABEL = domain((0, 1, 3), dtype="int32", wrt=False)

LOGITS = domain(
    [
        [0, 0, 0, 0], [1, 2, 3, 4], [0.1, 0.2, -0.3, 0.7], [1e-30, -1e-30, TINY, 0], [1e-3, 1e-3, 2e-3, 0],
        [20, 0, 0, 0], [-20, 0, 0, 0], [17, 0, 1, -1], [88, 89, 90, 87], [-88, -89, -90, -87], [103, 0, 0, 0],
        [-1000, -1001, -1002, -1003], [1000, 999, 998, 1000], [100, 0, -100, 50], [1e4, 0, -1e4, 1e4],
        [1e5, 1e5 + 1, 1e5 - 2, 0], [1e30, -1e30, 1e30, 0], [LARGEST, -LARGEST, 0, 1], [-LARGEST, 0, 0, 5],
        [87, 0, 0, -1], [0, 60, -60, 10], [3e38, 3e38, 3e38, 3e38],
    ],
    [
        [0, 0, 0, 0], [1, 2, 3, 4], [0.1, 0.2, -0.3, 0.7], [20, 0, 0, 0], [-20, 0, 0, 5], [88, 89, 90, 87],
        [-1000, -1001, -1002, -1003], [100, 0, -100, 50], [1e4, 0, -1e4, 3e3], [1e30, -1e30, 3, 0],
        [87, 0, 0, -1], [-1e38, 0, 0, 1e38],
    ],
)  # fmt: skip
PROBABILITIES = domain(
    [
        [0.25, 0.25, 0.25, 0.25], [0.7, 0.1, 0.1, 0.1], [0.1, 0.2, 0.3, 0.4], [1 - EPS, EPS / 2, EPS / 4, EPS / 4],
        [0.5, 0.5, 1e-30, 1e-37], [1e-12, 1e-6, 1e-3, 0.999], [0.05, 0.05, 0.45, 0.45], [TINY, 0.2, 0.3, 0.5],
    ]
)  # fmt: skip
VECTOR = domain(
    [
        [1, 2, 3, 4], [0.1, 0.2, -0.3, 0.7], [1, 1, 1, 1.5], [-5, 3, 0, 1e-3], [1e-20, -2e-20, 1e-21, 3e-20],
        [1e-37, 2e-37, -1e-37, 3e-37], [1e20, -2e20, 1e19, 5e19], [1e38, -1e38, 5e37, 1e37], [1e30, 1, 1e-10, -1e-30],
        [1000.1, 1000.2, 1000.3, 1000.4], [1e6, 1e6 + 1, 1e6 - 1, 1e6], [0, 0, 3, 0], [1e-30, 0, 0, 0],
        [1e4, -1e4, 1e-4, 1], [65536, 65537, 65538, 65536], [3, -4, 12, 84],
    ],
    [
        [1, 2, 3, 4], [0.1, 0.2, -0.3, 0.7], [-5, 3, 0, 1e-3], [1e-20, -2e-20, 1e-21, 3e-20], [1e20, -2e20, 1e19, 5e19],
        [1e30, 1, 1e-10, -1e-30], [1000.1, 1000.2, 1000.3, 1000.4], [0, 0, 3, 0],
    ],
)  # fmt: skip
TEMPERATURE = domain((1e-6, 0.01, 0.5, 1.0, 3.0, 1e4), (0.01, 0.5, 3.0))
