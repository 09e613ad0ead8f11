"""`ifelse`, Theano's choice: branches are declared before it, and what one alone uses runs only where it is taken."""

from __future__ import annotations

import numpy as np
import pytest

import theon
from theon.ops.branches import Switch
from theon.ops.region import everything

x, w = theon.dvector("x"), theon.dscalar("w")
UP = np.array([0.3, 1.2, 2.0])
DOWN = -UP


def switches(run: theon.Function) -> list[Switch]:
    return [node.op for node in everything(run.programs[-1].graph) if isinstance(node.op, Switch)]


def inside_switches(run: theon.Function) -> list[list[str]]:
    """What each branch of each choice computes, in the order of the program."""
    return [[node.op.name for node in body.nodes() if node.inputs] for op in switches(run) for body in op.branches]


def test_ifelse_computes_only_what_is_taken() -> None:
    shared = theon.tanh(x)
    y = theon.ifelse(w > 0, theon.exp(theon.sin(shared)), theon.cos(shared) + 1)
    run = theon.function([x, w], [y, shared])
    np.testing.assert_allclose(run(UP, 1.0)[0], np.exp(np.sin(np.tanh(UP))), rtol=1e-14)
    np.testing.assert_allclose(run(UP, -1.0)[0], np.cos(np.tanh(UP)) + 1, rtol=1e-14)
    assert inside_switches(run) == [["sin", "exp"], ["cos", "add"]]


def test_ifelse_with_rewrites_off_computes_only_what_is_taken() -> None:
    run = theon.function([x, w], theon.ifelse(w, theon.sin(x), theon.cos(x)), options=theon.Options(rewrites="none"))
    np.testing.assert_allclose(run(UP, 0.0), np.cos(UP), rtol=1e-14)
    assert inside_switches(run) == [["sin"], ["cos"]]


def test_ifelse_leaves_what_is_used_elsewhere_or_by_both() -> None:
    a, b = theon.sin(x), theon.cos(x)
    run = theon.function([x, w], [theon.ifelse(w > 0, a * b, a / b), b])
    np.testing.assert_allclose(run(UP, 1.0)[0], np.sin(UP) * np.cos(UP), rtol=1e-14)
    assert inside_switches(run) == [["multiply"], ["divide"]]


def test_ifelse_of_nests_and_of_ifelse() -> None:
    inner = theon.ifelse(w > 1, theon.exp(x), theon.sin(x))
    first, second = theon.ifelse(w > 0, [inner, x * 2], [x, x + 1])
    run = theon.function([x, w], [first, second])
    for value, wanted in ((2.0, np.exp(UP)), (0.5, np.sin(UP)), (-1.0, UP)):
        np.testing.assert_allclose(run(UP, value)[0], wanted, rtol=1e-14)
    assert len(switches(run)) == 2


def test_derivatives_of_ifelse_and_by_what_it_takes() -> None:
    h = theon.tanh(x)
    cost = theon.ifelse(w > 0, theon.sqrt(h), theon.exp(h)).sum()
    run = theon.function([x, w], theon.grad(cost, [x, h]))
    slope = 1 / np.cosh(UP) ** 2
    by_h = 0.5 / np.sqrt(np.tanh(UP))
    for found, wanted in zip(run(UP, 1.0), [by_h * slope, by_h], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12)
    below = np.exp(np.tanh(DOWN))  # the root of what is negative is not taken, and leaves nothing
    for found, wanted in zip(run(DOWN, -1.0), [below * slope, below], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_a_print_before_ifelse_happens_whatever_is_taken(capfd: pytest.CaptureFixture[str]) -> None:
    run = theon.function([w], theon.ifelse(w > 0, theon.print(w * 2, "seen"), w))
    run(-1.0)
    assert "seen" in capfd.readouterr().out


@pytest.mark.parametrize("rewrites", ("default", "none"))
def test_a_long_chain_of_choices(rewrites: str) -> None:
    """Each is used by one branch of the next alone; they are not all nested."""
    y: theon.Node = w
    for k in range(100):
        y = theon.ifelse(w > k, y + k, w)
    run = theon.function([w], [y, theon.grad(y, w)], options=theon.Options(rewrites=rewrites))
    assert [float(value) for value in run(200.0)] == [200.0 + sum(range(100)), 1.0]
    assert [float(value) for value in run(40.0)] == [40.0, 1.0]
