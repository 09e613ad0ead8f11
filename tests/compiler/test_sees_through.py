"""Formulas are recognised through what users put in between: each formula beside each thing that may stand in it.

A formula is written around a gap, at a number that overflows as written; what stands in the gap moves, scales, converts
or picks. Value and gradient of every pair are held to the formula's own meaning, by mpmath.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import mpmath
import numpy as np
import pytest

import theon
from tests.compiler.exact import Undefined, exact
from theon.graph.errors import ShapeError
from theon.graph.node import Node

pytestmark = pytest.mark.optimized

Array: TypeAlias = "np.ndarray[Any, Any]"
Between: TypeAlias = Callable[[Node], Node]

exp, log, sqrt, square, total, mean = theon.exp, theon.log, theon.sqrt, theon.square, theon.sum, theon.mean

LABELS = np.array([2, 0], np.int32)
ONE_HOT = np.eye(3, dtype=np.float32)[LABELS]
ROOT_HALF = 0.5**0.5

# What may stand in between; the gap is an array of shape (2, 3).
BETWEEN: dict[str, Between] = {
    "nothing": lambda m: m,
    "reshape": lambda m: theon.reshape(m, (3, 2)),
    "ravel": lambda m: theon.reshape(m, (-1,)),
    "transpose": lambda m: m.T,
    "to float64": lambda m: theon.astype(m, "float64"),
    "to float64 and back": lambda m: theon.astype(theon.astype(m, "float64"), "float32"),
    "expand_dims": lambda m: theon.expand_dims(m, 1),
    "expand_dims and squeeze": lambda m: theon.squeeze(theon.expand_dims(m, 0), 0),
    "new axis": lambda m: m[:, None],
    "broadcast_to": lambda m: theon.broadcast_to(m, (2, 2, 3)),
    "[0]": lambda m: m[0],
    "[0][1]": lambda m: m[0][1],
    "[:, 1:3]": lambda m: m[:, 1:3],
    "[:, 0:3]": lambda m: m[:, 0:3],
    "[::-1]": lambda m: m[::-1],
    "[arange(n), y]": lambda m: m[theon.arange(2), LABELS],
    "take_along_axis": lambda m: theon.take_along_axis(m, LABELS[:, None], axis=1),
    "one-hot product": lambda m: total(ONE_HOT * m, axis=1),
    "concat": lambda m: theon.concat([m, m], axis=1)[:, 2:5],
    "part of a concat": lambda m: theon.concat([m, m], axis=1)[:, 3:],
    "stack": lambda m: theon.stack([m, m])[1],
    "split": lambda m: theon.split(m, [1], axis=1)[1],
    "times a constant": lambda m: 0.25 * m,
    "over a constant": lambda m: m / 3.0,
    "over a constant, times another": lambda m: (m / 3.0) * 1.5,
    "a choice": lambda m: theon.where(ONE_HOT > 0, m, 0.5),
    "twice negated": lambda m: theon.negative(theon.negative(m)),
    "times 1, plus 0": lambda m: m * 1.0 + 0.0,
    "assume": lambda m: theon.assume(m, "positive"),
    "sum of one": lambda m: total(theon.expand_dims(m, 0), axis=0),
}


def softmax(x: Node) -> Node:
    return exp(x) / total(exp(x), axis=1, keepdims=True)


def logistic(x: Node) -> Node:
    return 1 / (1 + exp(-x))


def cross_entropy(p: Node) -> Node:
    return -(0.25 * log(p) + 0.75 * log(1 - p))


LARGE = np.array([[-1000, 0.5, 2000], [3000, 2999, -1e4]], np.float32)
MIDDLE = np.array([[-1000, 0.5, 200], [-90, 1000, 3]], np.float32)
HUGE = np.array([[1e25, -3e24, 1e22], [-2e25, 4e24, 7.0]], np.float32)
FALLING = np.array([[-1e4, -0.5, -1e-4], [-200, -1e-6, -88]], np.float32)
FAR = np.array([[1e4, 1e4 + 1, 1e4 + 2.5], [-5e3, -5e3 + 3, -5e3 - 1]], np.float32)


@dataclass(frozen=True)
class Formula:
    """A formula around a gap, where it is taken, and how many digits that takes."""

    write: Callable[[Node, Between], Node]
    at: Array
    digits: int = 120
    slope: float = 1.0  # how many times more the gradient may be off: its condition number


FORMULAS: dict[str, Formula] = {
    "-log softmax": Formula(lambda x, b: -log(b(softmax(x))), LARGE),
    "-log softmax, as a product": Formula(
        lambda x, b: -log(b(exp(x) * (1 / total(exp(x), axis=1, keepdims=True)))), LARGE
    ),
    "-log softmax, theon's": Formula(lambda x, b: -log(b(theon.softmax(x, axis=1))), LARGE),
    "log(1 / softmax)": Formula(lambda x, b: log(1 / b(softmax(x))), LARGE),
    "logsumexp": Formula(lambda x, b: log(total(b(exp(x)))), LARGE),
    "logsumexp of rows": Formula(lambda x, b: log(total(b(exp(x)), axis=-1)), LARGE),
    "log of a sum of sums": Formula(lambda x, b: log(total(total(b(exp(x)), axis=-1))), LARGE),
    "log of a mean": Formula(lambda x, b: log(mean(b(exp(x)))), LARGE),
    "log of a sum of three": Formula(lambda x, b: log(b(exp(x)) + (b(exp(0.5 * x)) + b(exp(-x)))), LARGE),
    "log of a sum, commuted": Formula(lambda x, b: log((1.0 + b(exp(-x))) + b(exp(x))), LARGE),
    "log sigmoid": Formula(lambda x, b: log(b(logistic(x))), LARGE),
    "log sigmoid, exp(x) / (exp(x) + 1)": Formula(lambda x, b: log(b(exp(x) / (exp(x) + 1))), LARGE),
    "log sigmoid, theon's": Formula(lambda x, b: log(b(theon.sigmoid(x))), LARGE),
    "log(1 - sigmoid)": Formula(lambda x, b: log(1 - b(logistic(x))), MIDDLE, 1100),
    "log(1 - exp)": Formula(lambda x, b: log(1 - b(exp(x))), FALLING),
    "softplus": Formula(lambda x, b: log(1 + b(exp(x))), LARGE),
    "softplus, commuted": Formula(lambda x, b: log(b(exp(x)) + 1), LARGE),
    "softplus, log1p": Formula(lambda x, b: theon.log1p(b(exp(x))), LARGE),
    "BCE": Formula(lambda x, b: cross_entropy(b(logistic(x))), MIDDLE, 1100),
    "BCE, commuted": Formula(
        lambda x, b: (lambda p: -(log(1 - p) * 0.75 + log(p) * 0.25))(b(theon.sigmoid(x))), MIDDLE, 1100
    ),
    "norm": Formula(lambda x, b: sqrt(total(b(square(x)))), HUGE),
    "norm of rows": Formula(lambda x, b: sqrt(total(b(x * x), axis=-1)), HUGE),
    "norm of magnitudes": Formula(lambda x, b: sqrt(total(b(abs(x) ** 2))), HUGE),
    "norm of sums": Formula(lambda x, b: sqrt(total(total(b(x**2), axis=-1))), HUGE),
    "root mean square": Formula(lambda x, b: sqrt(mean(b(square(x)))), HUGE),
    "log of products": Formula(lambda x, b: log(b(exp(x) * exp(2 * x) / exp(2.5 * x))), LARGE),
    "log of a ratio": Formula(lambda x, b: log(b(exp(x)) / b(exp(0.5 * x))), LARGE),
    "log of a product of squares": Formula(lambda x, b: log(b(exp(x)) ** 2 * b(exp(-x))), LARGE),
    "log cosh": Formula(lambda x, b: log(b(theon.cosh(x))), LARGE),
    "log cosh, by exponentials": Formula(lambda x, b: log(b((exp(x) + exp(-x)) / 2)), LARGE),
    "log ndtr": Formula(lambda x, b: log(b(theon.ndtr(x))), MIDDLE),
    "log ndtr, by erfc": Formula(lambda x, b: log(b(0.5 * theon.erfc(-ROOT_HALF * x))), MIDDLE),
    "variance": Formula(lambda x, b: mean(square(b(x))) - square(mean(b(x))), FAR, slope=1e4),
    "variance of rows": Formula(lambda x, b: mean(square(b(x)), axis=-1) - square(mean(b(x), axis=-1)), FAR, slope=1e4),
}


# A sum that picks one probability says nothing of what that lacks of 1.
NOT_SEEN = {(name, "one-hot product") for name in ("log(1 - sigmoid)", "BCE", "BCE, commuted")}


def truths(formula: Formula, value: Node, x: Node) -> tuple[Array, Array]:
    """The exact value, and the exact gradient of its sum, by differences."""
    with mpmath.workdps(formula.digits):
        at = np.vectorize(lambda v: mpmath.mpf(float(v)), otypes=[object])(formula.at)
        step = mpmath.mpf(10) ** (-formula.digits // 3)

        def moved(place: tuple[int, ...], by: Any) -> Any:
            here = at.copy()
            here[place] += by
            return sum(exact(value, {x: here}).flat)

        slopes = np.zeros(at.shape)
        for place in np.ndindex(at.shape):
            slopes[place] = float((moved(place, step) - moved(place, -step)) / (2 * step))
        return exact(value, {x: at}).astype(float), slopes


def misses(got: Any, wanted: Array, slack: float = 1.0) -> str | None:
    """What is wrong with numbers; None where they are right to a few places."""
    got = np.asarray(got, float)
    fine = np.abs(got - wanted) <= 4e-6 * slack * np.abs(wanted) + 1e-36
    return None if fine.all() else f"{got[~fine]}, truly {wanted[~fine]}"


# Three formulas of four wait for `-m slow`: each is compiled thirty times.
RARELY = {name for i, name in enumerate(FORMULAS) if i % 4}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in RARELY else name for name in FORMULAS]
)
def test_value_and_gradient(name: str) -> None:
    formula = FORMULAS[name]
    x = theon.tensor("x", shape=(2, 3))
    cells: dict[str, tuple[Node, Array, Array]] = {}
    for between, put in BETWEEN.items():
        if (name, between) in NOT_SEEN:
            continue
        try:
            value = formula.write(x, put)
            cells[between] = (value, *truths(formula, value, x))
        except (ShapeError, Undefined):
            continue  # the rows of one number, and the logarithm of 1 - 2 * p
    assert len(cells) > 20
    outputs = [node for value, _, _ in cells.values() for node in (value, theon.grad(total(value), x))]
    found = theon.function([x], outputs)(formula.at)
    wrong = []
    for k, (between, (_, value_there, slope_there)) in enumerate(cells.items()):
        for what, got, wanted, slack in (
            ("value", found[2 * k], value_there, 1.0),
            ("gradient", found[2 * k + 1], slope_there, formula.slope),
        ):
            if missed := misses(got, wanted, slack):
                wrong.append(f"{between}: {what} {missed}")
    assert not wrong, "\n".join(wrong)
