"""Calls of every family drawn at random agree with NumPy and SciPy: in their values, and in what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from . import arrays, creation, elementwise, fourier, indexing, matrices, pieces, statistics
from .call import Call
from .run import agree, differences

ROOMS = (arrays, indexing, statistics, creation, pieces, elementwise, matrices, fourier)
FAMILIES = {name: calls for room in ROOMS for name, calls in room.FAMILIES.items()}


@pytest.mark.parametrize("family", FAMILIES)
def test_some_calls(family: str) -> None:
    """Three hundred of each family."""
    agree(FAMILIES[family], 300)


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_many_calls(family: str) -> None:
    """Twenty thousand of each family."""
    agree(FAMILIES[family], 20_000)


WRONG: dict[str, tuple[Callable[..., object], Callable[..., object], str]] = {
    "a value": (lambda x: x + 1, lambda x: x + 2, "where the oracle gives"),
    "a shape": (lambda x: x[None], lambda x: x, "shape (1, 2)"),
    "an error of the oracle alone": (lambda x: x, lambda x: x[3], "the oracle raises"),
    "an error of theon alone": (lambda x: x[3], lambda x: x, "raises index"),
    "an error that is not theon's": (lambda x: x.no_such, lambda x: x, "no error of theon"),
    "a number of results": (lambda x: [x, x], lambda x: [x], "2 results"),
}


@pytest.mark.parametrize("passes", (False, True), ids=("lowered", "compiled"))
@pytest.mark.parametrize("what", WRONG)
def test_what_differs_is_told(what: str, passes: bool) -> None:
    """Among calls that agree, the one that does not is named."""
    function, oracle, said = WRONG[what]
    x = np.zeros(2)
    right = [Call(f"right {i}", lambda a: a * 2, lambda a: a * 2, (x,)) for i in range(2)]
    (found,) = differences([right[0], Call("wrong", function, oracle, (x,)), right[1]], passes)
    assert found.startswith("wrong of float64[2]") and said in found
