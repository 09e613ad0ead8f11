"""Python numbers beside arrays of 64 bits: each is what was written, not what 32 bits make of it first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special

import theon
from theon.graph.node import Node

X = np.array([0.1, 0.3, 0.7])
TURN = 2 * np.pi


def replaced(x: Node, first: Node) -> Node:
    return theon.replace(x * first, {first: 0.2})


# name: what theon makes of the vector, and what NumPy does.
FLOATS: dict[str, tuple[Callable[[Node], Any], Callable[[Any], Any]]] = {
    "concat": (lambda x: theon.concat([x, 0.1], None), lambda x: np.concatenate([x, [0.1]])),
    "stack": (lambda x: theon.stack([x[0], 0.1]), lambda x: np.stack([x[0], 0.1])),
    "hstack": (lambda x: theon.hstack([x, 0.1]), lambda x: np.hstack([x, 0.1])),
    "block": (lambda x: theon.block([x, 0.1]), lambda x: np.block([x, 0.1])),
    "append": (lambda x: theon.append(x, 0.1), lambda x: np.append(x, 0.1)),
    "insert": (lambda x: theon.insert(x, 1, 0.1), lambda x: np.insert(x, 1, 0.1)),
    "asarray": (lambda x: theon.asarray([[x[0], 0.1], [0.2, 0.3]]), lambda x: np.array([[x[0], 0.1], [0.2, 0.3]])),
    "diff": (lambda x: theon.diff(x, prepend=0.2, append=0.6), lambda x: np.diff(x, prepend=0.2, append=0.6)),
    "ediff1d": (lambda x: theon.ediff1d(x, 0.6, 0.2), lambda x: np.ediff1d(x, 0.6, 0.2)),
    "interp, the place": (lambda x: theon.interp(0.2, x, x * 1e8), lambda x: np.interp(0.2, x, x * 1e8)),
    "interp, the period": (
        lambda x: theon.interp(x + 1000.0, x, x, period=TURN),
        lambda x: np.interp(x + 1000.0, x, x, period=TURN),
    ),
    "isin": (lambda x: theon.isin(x, 0.1), lambda x: np.isin(x, 0.1)),
    "searchsorted": (lambda x: theon.searchsorted(x, 0.3), lambda x: np.searchsorted(x, 0.3)),
    "pad": (lambda x: theon.pad(x, 1, constant_values=0.1), lambda x: np.pad(x, 1, constant_values=0.1)),
    "unique": (lambda x: theon.unique(x, size=4, fill_value=0.2), lambda x: np.append(x, 0.2)),
    "union1d": (lambda x: theon.union1d(x, x, size=4, fill_value=0.2), lambda x: np.append(x, 0.2)),
    "intersect1d": (lambda x: theon.intersect1d(x, 0.1, size=2, fill_value=0.2), lambda x: np.array([0.1, 0.2])),
    "setdiff1d": (lambda x: theon.setdiff1d(x, 0.1, size=3, fill_value=0.2), lambda x: np.array([0.3, 0.7, 0.2])),
    "polyval": (lambda x: theon.polyval(x, 0.1), lambda x: np.polyval(x, 0.1)),
    "polyadd": (lambda x: theon.polyadd(x, 0.1), lambda x: np.polyadd(x, 0.1)),
    "polymul": (lambda x: theon.polymul(x, 0.1), lambda x: np.polymul(x, 0.1)),
    "polydiv": (lambda x: theon.polydiv(x, 0.1)[0], lambda x: np.polydiv(x, 0.1)[0]),
    "polyint": (lambda x: theon.polyint(x, k=0.1), lambda x: np.polyint(x, k=0.1)),
    "edges": (
        lambda x: theon.histogram_bin_edges(x, 3, (0.1, 0.7)),
        lambda x: np.histogram_bin_edges(x, 3, (0.1, 0.7)),
    ),
    "linspace": (lambda x: theon.linspace(0.1, x[1], 4), lambda x: np.linspace(0.1, x[1], 4)),
    "geomspace": (lambda x: theon.geomspace(0.1, x[1], 4), lambda x: np.geomspace(0.1, x[1], 4)),
    "choose": (lambda x: theon.choose([0, 1, 0], [0.1, x]), lambda x: np.choose([0, 1, 0], [0.1, x])),
    "select": (lambda x: theon.select([x > 0.2], [0.1], x), lambda x: np.select([x > 0.2], [0.1], x)),
    "kron": (lambda x: theon.kron(x, 0.1), lambda x: np.kron(x, 0.1)),
    "block_diag": (lambda x: theon.linalg.block_diag(x[0], 0.1), lambda x: np.diag([x[0], 0.1])),
    "comb": (lambda x: theon.comb(x * 10, 0.3), lambda x: scipy.special.comb(x * 10, 0.3)),
    "replace": (lambda x: replaced(x, x[0]), lambda x: x * 0.2),
    "Lop": (lambda x: theon.Lop(theon.sum(x * x), x, 0.1), lambda x: 2 * x * 0.1),
}

# What a dtype that is asked for is made in.
MADE: dict[str, tuple[Callable[[], Node], Callable[[], Any]]] = {
    "linspace": (lambda: theon.linspace(0, 1, 11, dtype="float64"), lambda: np.linspace(0, 1, 11)),
    "linspace, complex": (
        lambda: theon.linspace(0, 1, 11, dtype="complex128"),
        lambda: np.linspace(0, 1, 11, dtype="complex128"),
    ),
    "logspace": (lambda: theon.logspace(0, 1, 11, dtype="float64"), lambda: np.logspace(0, 1, 11)),
    "geomspace": (lambda: theon.geomspace(1, 2, 11, dtype="float64"), lambda: np.geomspace(1, 2, 11)),
}


@pytest.mark.parametrize("name", FLOATS)
def test_floats(name: str) -> None:
    """They are as exact as NumPy's."""
    ours, numpys = FLOATS[name]
    x = theon.tensor("x", shape=(3,), dtype="float64")
    got, want = np.asarray(theon.function([x], ours(x), on_unused_input="ignore")(X)), np.asarray(numpys(X))
    assert got.dtype.kind == want.dtype.kind
    np.testing.assert_allclose(got, want, rtol=1e-13)


@pytest.mark.parametrize("name", MADE)
def test_grids_of_a_wide_dtype(name: str) -> None:
    """Ends without a dtype take the one that is asked for, and not the default float before it."""
    ours, numpys = MADE[name]
    np.testing.assert_allclose(np.asarray(ours().eval()), numpys(), rtol=2e-15)


def test_states_and_arguments() -> None:
    """A number that replaces a node, or is the new value of a state, is of the node's dtype at once."""
    rate = theon.shared(np.float64(1.0), name="rate")
    x = theon.dscalar("x")
    theon.function([], [], updates={rate: 0.1})()
    assert float(rate.get_value()) == 0.1
    assert float(theon.function([], x * 1.0, givens={x: 0.1})()) == 0.1
    assert float(theon.subgraph([x], x * 1.0)(0.1).eval()) == 0.1

    def step(carry: Node, _: Any) -> Any:
        return carry, None, {rate: 0.7}

    carry, _ = theon.scan(step, theon.constant(0.0), None, length=2)
    theon.function([], carry)()
    assert float(rate.get_value()) == 0.7


def test_half_floats_stay() -> None:
    """A number does not widen the coefficients beside it."""
    p = theon.constant([1, 2], "float16")
    assert [f.dtype for f in (theon.polyint(p, k=0.5), theon.polydiv(p, 0.5)[0])] == [np.float16] * 2


def test_whole_numbers() -> None:
    """Those that need 64 bits are kept, and those that do not fit raise."""
    big = 2**40
    n = theon.tensor("n", shape=(2,), dtype="int64")
    outputs = [theon.append(n, big), theon.insert(n, 0, big), theon.pad(n, 1, constant_values=big)]
    for got in theon.function([n], outputs)(np.zeros(2, np.int64)):
        assert np.asarray(got).max() == big
    rng = theon.random.stream(seed=0)
    drawn = np.asarray(theon.random.randint(rng, big, big + 2, (8,), dtype="int64").eval())
    assert set(drawn.tolist()) <= {big, big + 1}
    small = theon.shared(np.zeros((), np.int8), name="small")
    with pytest.raises(theon.DTypeError, match="the constant 300 does not fit int8"):
        theon.function([], [], updates={small: 300})
    assert int(small.get_value()) == 0
