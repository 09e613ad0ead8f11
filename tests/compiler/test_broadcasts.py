"""Formulas of which one part is broadcast against another: seen from the parts, the values are as many as written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import theon
from theon.graph.node import Node

S, V = 0.7, np.array([1.0, 2.0, 3.0])
s, v = theon.dscalar("s"), theon.dvector("v")


def squares(m: Any, s: Any) -> Any:
    return m.square(s) + m.full((3,), 2.0)


def chosen(m: Any, s: Any) -> Any:
    return m.where(s > 0, 1 / (1 + m.exp(-s)), m.full((3,), 0.5))


def grown(m: Any, s: Any) -> Any:
    return m.where(s > 0, m.exp(s), m.full((3,), 0.5))


# Written once for NumPy and for theon.
FORMULAS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "root of a sum": lambda m, s, v: m.sqrt(m.sum(squares(m, s))),
    "root of a scaled sum": lambda m, s, v: m.sqrt(m.sum(m.square(s) * m.full((3,), 2.0))),
    "root of a mean": lambda m, s, v: m.sqrt(m.mean(squares(m, s))),
    "root of a pick": lambda m, s, v: m.sqrt(squares(m, s)[1]),
    "root of what is joined": lambda m, s, v: m.sqrt(m.concat([squares(m, s), m.square(v)])),
    "root, reshaped": lambda m, s, v: m.sqrt(m.reshape(squares(m, s), (3, 1))),
    "rest of a pick": lambda m, s, v: m.log(1 - chosen(m, s)[1]),
    "rest, reshaped": lambda m, s, v: m.log(1 - m.reshape(chosen(m, s), (3, 1))),
    "rest of what is joined": lambda m, s, v: m.log1p(-m.concat([chosen(m, s), 1 / (1 + m.exp(-v))])),
    "log of a sum": lambda m, s, v: m.log(m.sum(grown(m, s))),
    "log of a product": lambda m, s, v: m.log(m.prod(grown(m, s))),
    "log of what is joined": lambda m, s, v: m.log(m.concat([grown(m, s), m.exp(v)])),
    "a share, picked": lambda m, s, v: (m.exp(s) / (m.exp(s) + m.full((3,), 0.5)))[1],
}


class NumPy:
    """NumPy by the names of theon."""

    concat = staticmethod(np.concatenate)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


class Theon:
    """theon in float64."""

    @staticmethod
    def full(shape: Any, value: float) -> Node:
        return theon.full(shape, value, dtype="float64")

    def __getattr__(self, name: str) -> Any:
        return getattr(theon, name)


@pytest.mark.parametrize("name", FORMULAS)
def test_values_are_as_many_as_written(name: str) -> None:
    formula = FORMULAS[name]
    found = np.asarray(theon.function([s, v], formula(Theon(), s, v), on_unused_input="ignore")(S, V))
    wanted = np.asarray(formula(NumPy(), S, V))
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-14)


def test_weights_with_axes_of_their_own() -> None:
    """The axis of one sum is another than that of the other."""
    x, w = theon.dmatrix("x"), theon.dtensor3("w")
    rng = np.random.default_rng(0)
    X, W = rng.standard_normal((4, 4)), rng.standard_normal((2, 4, 4))
    found = theon.function([x, w], (w * theon.exp(x)).sum(1) / theon.exp(x).sum(1))(X, W)
    np.testing.assert_allclose(found, (W * np.exp(X)).sum(1) / np.exp(X).sum(1), rtol=1e-12)
