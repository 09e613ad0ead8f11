"""What a formula means at a point: value, gradient, and how sensitive both are, from jets of adaptive precision."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeAlias

import mpmath
import numpy as np
from mpmath import mpf

from . import jet as jets
from .jet import NAN, Jet, Lost
from .row import Row

Array: TypeAlias = "np.ndarray[Any, Any]"

PRECISIONS = (240, 400, 1000, 3000, 10000)  # bits; the first two have to agree, else the next two, and so on
AGREE = mpf(2) ** -45


@dataclass(frozen=True)
class Truth:
    """A value and gradient entries, each with its condition number; nan where there is none."""

    value: Any
    gradient: tuple[Any, ...]
    value_condition: float
    gradient_conditions: tuple[float, ...]


def each(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of jets as one of arrays of them."""
    many = np.frompyfunc(function, 1, 1)
    return lambda x: many(x) if isinstance(x, np.ndarray) else function(x)


def where(condition: Any, a: Any, b: Any) -> Any:
    return np.where(condition, a, b) if isinstance(condition, np.ndarray) else (a if condition else b)


def largest(x: Array, axis: int | None = None, keepdims: bool = False) -> Any:
    return np.frompyfunc(jets.maximum, 2, 1).reduce(x, axis=axis, keepdims=keepdims)


def pairwise(function: Callable[..., Any]) -> Callable[..., Any]:
    many = np.frompyfunc(function, 2, 1)
    return lambda a, b: many(a, b) if isinstance(a, np.ndarray) or isinstance(b, np.ndarray) else function(a, b)


UNARY = (
    "exp", "expm1", "log", "log1p", "sqrt", "tanh", "sigmoid", "sinh", "cosh", "sin", "cos", "atan", "erf", "erfc",
    "lgamma", "digamma",
)  # fmt: skip

# Array operations are NumPy's, on arrays of jets.
EXACT = SimpleNamespace(
    **{name: each(getattr(jets, name)) for name in UNARY},
    abs=each(jets.absolute),
    tan=each(lambda x: jets.sin(x) / jets.cos(x)),
    maximum=pairwise(jets.maximum),
    minimum=pairwise(jets.minimum),
    where=where,
    sum=np.sum,
    mean=lambda x, axis=None, keepdims=False: np.sum(x, axis=axis, keepdims=keepdims) / x.shape[axis or 0],
    prod=np.prod,
    max=largest,
    stack=np.stack,
    arange=np.arange,
    reshape=np.reshape,
    take_along_axis=np.take_along_axis,
    one_hot=lambda labels, n: (np.expand_dims(labels, -1) == np.arange(n)).astype(int),
)


def evaluated(row: Row, point: Sequence[Array], bits: int) -> Truth:
    """The formula at one point, computed with so many bits."""
    with mpmath.workprec(bits):
        EXACT.pi = +mpmath.pi
        variables: list[Any] = []
        asked: list[int] = []
        arguments = [
            lifted(domain.wrt, array, variables, asked) for domain, array in zip(row.domains, point, strict=True)
        ]
        out = row.exact(EXACT, *arguments)
        found = out.item() if isinstance(out, np.ndarray) else out
        found = jets.jet(found)
        n = len(variables)
        gradient = tuple(found.first.get(i, mpf(0)) for i in asked)
        moves = [variables[j] * found.first.get(j, mpf(0)) for j in range(n)]
        turns = [[variables[j] * found.second.get((min(i, j), max(i, j)), 0) for j in range(n)] for i in asked]
        return Truth(
            found.value,
            gradient,
            condition(moves, found.value),
            tuple(condition(turn, g) for turn, g in zip(turns, gradient, strict=True)),
        )


def lifted(wrt: bool, array: Array, variables: list[Any], asked: list[int]) -> Any:
    """A point's operand as jets over `variables`: the condition counts all that are real, gradients those `asked`."""
    if array.dtype.kind in "bi":
        return array if array.ndim else int(array)
    out = np.empty(array.shape, object)
    for place in np.ndindex(array.shape):
        number = mpf(float(array[place]))
        out[place] = Jet(number, {len(variables): mpf(1)})
        if wrt:
            asked.append(len(variables))
        variables.append(number)
    return out if array.ndim else out.item()


def condition(moves: Sequence[Any], result: Any) -> float:
    """By how much relative changes of the variables can be magnified."""
    total = sum((abs(move) for move in moves), mpf(0))
    if not mpmath.isfinite(total) or not mpmath.isfinite(result):
        return math.nan
    if result == 0:
        return math.inf
    return float(min(total / abs(result), mpf(10) ** 300))


def agree(a: Truth, b: Truth) -> bool:
    numbers = zip((a.value, *a.gradient), (b.value, *b.gradient), strict=True)
    conditions = zip(
        (a.value_condition, *a.gradient_conditions), (b.value_condition, *b.gradient_conditions), strict=True
    )
    return all(near(p, q, AGREE) for p, q in numbers) and all(near(p, q, 0.01) for p, q in conditions)


def near(a: Any, b: Any, share: Any) -> bool:
    if mpmath.isnan(a) or mpmath.isnan(b):
        return bool(mpmath.isnan(a) and mpmath.isnan(b))
    return bool(a == b or abs(a - b) <= share * abs(b))


def truth(row: Row, point: Sequence[Array]) -> Truth | None:
    """The formula at one point, with so many digits that more change nothing; None where it is out of reach."""
    last = None
    for bits in PRECISIONS:
        try:
            found = evaluated(row, point, bits)
        except Lost:
            last = None
            continue
        if last is not None and agree(last, found):
            return found
        last = found
    return None


__all__ = ["NAN", "Truth", "truth"]
