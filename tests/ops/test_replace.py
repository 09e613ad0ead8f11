"""`replace` and `clone`: what is shared, what is made anew, what is inferred again, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import theon
from theon.graph.node import is_leaf
from theon.graph.walk import toposort

x, y = theon.dvector("x"), theon.dvector("y")
POINT = np.array([0.5, -1.0, 2.0])


def test_one_or_a_list() -> None:
    h = theon.exp(x)
    one = theon.replace(h * x, {h: y})
    assert isinstance(one, theon.Node)
    several = theon.replace([h * x, h + 1], {h: y})
    found = theon.function([x, y], [one, *several])(POINT, POINT)
    for got, want in zip(found, [POINT**2, POINT**2, POINT + 1], strict=True):
        np.testing.assert_array_equal(got, want)


def test_what_does_not_change_is_shared() -> None:
    """And what is not used is left aside; nothing to replace leaves all as it is."""
    kept, h = theon.sin(x), theon.exp(x)
    out = theon.replace(kept * h, {h: y, theon.cos(x): y})
    assert out.inputs == (kept, y)
    assert theon.replace(out, {}) is out
    assert theon.replace(x, {x: y}) is y


def test_all_at_once() -> None:
    """What stands in a replacement is not replaced in its turn: two nodes can change places."""
    out = theon.replace(x - 2 * y, {x: y, y: x})
    np.testing.assert_array_equal(out.eval({x: POINT, y: 0 * POINT}), -2 * POINT)


def test_numbers_and_arrays() -> None:
    s = theon.dscalar("s")
    f = theon.function([x], [theon.replace(x * s, {s: 3}), theon.replace(x * y, {y: POINT})])
    for got, want in zip(f(POINT), [3 * POINT, POINT**2], strict=True):
        np.testing.assert_array_equal(got, want)


def test_types_are_inferred_again() -> None:
    """A replacement that knows more makes more known."""
    assert (x + 1).dims == (None,)
    assert theon.replace(x + 1, {x: theon.tensor("z", (3,), "float64")}).dims == (3,)


def test_in_gradients_and_regions() -> None:
    """A derivative by what was replaced is one by the replacement; what a loop uses is replaced too."""
    gradient = theon.grad(theon.sum(x**3), x)
    np.testing.assert_allclose(theon.replace(gradient, {x: 2 * y}).eval({y: POINT}), 3 * (2 * POINT) ** 2)
    last, _ = theon.scan(lambda c, e: (c + e * theon.sum(y), None), theon.constant(0.0, "float64"), x)
    np.testing.assert_allclose(theon.replace(last, {y: x}).eval({x: POINT}), np.sum(POINT) ** 2)
    matrix = theon.jacobian(theon.sin(x) * y, x)
    np.testing.assert_allclose(theon.replace(matrix, {y: x * x}).eval({x: POINT}), np.diag(np.cos(POINT) * POINT**2))


def test_a_clone_shares_leaves_alone() -> None:
    w = theon.shared(POINT, name="w")
    out = theon.sum(theon.exp(x * w) + 2.0)
    twin = theon.clone(out)
    shared = set(toposort([out])) & set(toposort([twin]))
    assert {x, w} <= shared and all(is_leaf(node) for node in shared)
    assert twin.type == out.type and twin.op == out.op
    assert float(twin.eval({x: POINT})) == float(out.eval({x: POINT}))


def test_derivatives_by_a_clones_nodes_are_its_own() -> None:
    h = theon.sin(x)
    cost = theon.sum(h**2)
    twin_h, twin = theon.clone([h, cost])
    by_h, by_twin = theon.grad(cost + 10 * twin, [h, twin_h])
    for got, want in zip(theon.function([x], [by_h, by_twin])(POINT), (2, 20), strict=True):
        np.testing.assert_allclose(got, want * np.sin(POINT))


def test_a_clone_with_replacements() -> None:
    out = theon.clone(theon.sin(x) * y, replace={y: x})
    np.testing.assert_allclose(out.eval({x: POINT}), np.sin(POINT) * POINT)


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        (theon.vector(), theon.DTypeError),
        (theon.dmatrix(), theon.ShapeError),
        (theon.tensor("z", (2,), "float64"), None),
        (np.ones(3, np.float32), theon.DTypeError),
    ],
)
def test_types_must_fit(new: Any, kind: Any) -> None:
    for way in (theon.replace, theon.clone):
        if kind is None:
            assert way(x * 2, {x: new}).dims == (2,)
        else:
            with pytest.raises(kind, match=r"the replacement of x has another type"):
                way(x * 2, {x: new})
