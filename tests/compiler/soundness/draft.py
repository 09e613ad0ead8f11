"""A random typed graph while it grows: a pool of values, of which steps pick operands and to which they add."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import theon
from theon.compiler.pattern import AnyRule
from theon.graph.dims import broadcast_shapes
from theon.graph.errors import TheonError
from theon.graph.node import Node, new_input
from theon.graph.types import BOOL, INT32, TensorType, as_dtype
from theon.graph.where import born_at

from .rows import Array
from .sheet import Sheet

SPECIAL = (
    0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 0.25, 3.0, 1e-8, -1e-8, 1e-3, -1e-3, 1e-20, 1 - 2.0**-20, 1 + 2.0**-20,
    16.0, 30.0, -30.0, 88.0, -88.0, 100.0, -100.0, 800.0, -800.0, 1e4, -1e4,
)  # fmt: skip
CONSTANTS = (0.0, 1.0, -1.0, 2.0, 0.5, 1.0, -2.0, 3.0, 0.1, 1e-6, 10.0, -0.5)
GENERIC = (0, 1, 3)  # the points without special values: no ties, no kinks


def floats_at_points(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    """Mild, spread, special and extreme numbers."""
    sign = rng.choice((-1.0, 1.0), (4, *shape))
    rows = (
        rng.standard_normal(shape),
        sign[1] * 10 ** rng.uniform(-3, 1.5, shape),
        rng.choice(SPECIAL, shape),
        sign[3] * 10 ** rng.uniform(-9, 4, shape),
    )
    return np.stack([np.asarray(row) for row in rows]).astype(dtype)


class Draft:
    """A graph being drawn from a seed."""

    def __init__(self, seed: int, rules: Sequence[AnyRule]) -> None:
        self.rules = rules
        self.rng = random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.dtype = "float32" if self.rng.random() < 0.65 else "float64"
        rows, columns = self.rng.choice((1, 2, 2, 3)), self.rng.choice((1, 2, 3, 3, 4))
        self.shapes = [(), (columns,), (rows, columns), (rows, columns), (1, columns), (rows, 1)]
        self.points: dict[Node, Array] = {}
        self.inputs: list[Node] = []
        self.pool: list[Node] = []
        self.bools: list[Node] = []
        self.planted: list[str] = []
        for k in range(self.rng.choice((1, 2, 2, 3))):
            self.pool.append(self.leaf(self.rng.choice(self.shapes), self.dtype, f"x{k}"))
        self.sheet = Sheet(self.points)

    def leaf(self, shape: tuple[int, ...], dtype: str, name: str) -> Node:
        type_ = {"bool": BOOL, "int32": INT32}.get(dtype) or as_dtype(dtype)
        node = new_input(TensorType(type_, shape), name)
        if dtype == "bool":
            values = self.numbers.random((4, *shape)) < 0.5
        elif dtype == "int32":
            values = self.numbers.integers(-1, 2, (4, *shape)).astype(np.int32)
        else:
            values = floats_at_points(self.numbers, shape, dtype)
        self.points[node] = values
        self.inputs.append(node)
        if hasattr(self, "sheet"):
            self.sheet.points[node.op] = values
        return node

    # --- picking ------------------------------------------------------------------------------------------------------

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def some(self) -> Node:
        """A value, a recent one rather than an old one."""
        pool = self.pool
        return (
            pool[-1 - min(int(self.rng.expovariate(0.5)), len(pool) - 1)] if self.chance(0.7) else self.rng.choice(pool)
        )

    def fitting(self, x: Node) -> Node:
        """A value that broadcasts with `x`."""
        for _ in range(6):
            y = self.some()
            try:
                broadcast_shapes([x.dims, y.dims])
            except TheonError:
                continue
            except Exception:
                continue
            return y
        return x

    def shaped(self, shape: tuple[int, ...]) -> Node | None:
        found = [node for node in self.pool if node.sizes == shape]
        return self.rng.choice(found) if found else None

    def constant(self) -> float:
        return self.rng.choice(CONSTANTS)

    def axes(self, ndim: int) -> Any:
        """An axis argument."""
        if not ndim or self.chance(0.25):
            return None
        axis = self.rng.randrange(-ndim, ndim)
        return (0, 1) if ndim == 2 and self.chance(0.1) else axis

    def condition(self, like: Node) -> Node:
        """A bool that broadcasts with `like`."""
        rng = self.rng
        if self.bools and self.chance(0.2):
            for test in rng.sample(self.bools, len(self.bools)):
                if test.sizes in ((), like.sizes):
                    return test
        x = like if self.chance(0.4) else self.fitting(like)
        y: Any = self.constant() if self.chance(0.6) else self.fitting(like)
        test = rng.choice((theon.greater, theon.less, theon.greater_equal, theon.less_equal, theon.equal))(x, y)
        if self.chance(0.1):
            test = theon.logical_not(test)
        if self.chance(0.1):
            test = theon.logical_and(test, theon.greater(self.fitting(like), self.constant()))
        return test

    # --- adding -------------------------------------------------------------------------------------------------------

    def add(self, made: Node | None) -> bool:
        """Take a value into the pool, unless it is useless: not finite at the mild point, or large, or too big."""
        if made is None or made.tensor.size > 64 or made.ndim > 4 or made.tensor.size == 0:
            return False
        (value,) = self.sheet.run([made])
        if made.dtype.kind == "b":
            self.bools.append(made)
            return True
        mild = np.abs(value[0].astype(np.float64))
        if not (mild < 1e5).all() and self.chance(0.9):
            return False
        if made.dtype != self.dtype:
            made = theon.astype(made, self.dtype)
            self.sheet.run([made])
        self.pool.append(made)
        return True

    def attempt(self, draw: Callable[[Draft], Node | None]) -> bool:
        """One step; what does not fit is left."""
        try:
            with born_at(None):
                return self.add(draw(self))
        except (TheonError, IndexError, StopIteration):
            return False


__all__ = ["CONSTANTS", "GENERIC", "Draft"]
