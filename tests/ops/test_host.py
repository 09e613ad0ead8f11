"""Effects: they happen, in order, whatever the passes do; and a failed check leaves everything as it was."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import theon
from theon.graph.errors import ArgumentError, CheckError, DTypeError
from theon.graph.node import Node

ONE = np.array([1.0, 2.0], np.float32)


def printed(capfd: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that came out."""
    return capfd.readouterr().out.splitlines()


@pytest.mark.parametrize("rewrites", ["default", "none"])
def test_prints_message_and_value_in_order(capfd: pytest.CaptureFixture[str], rewrites: str) -> None:
    """Once for each declaration and call, NumPy's way."""
    x = theon.vector("x")
    y = theon.print(theon.print(x, "x is") * 2, "twice")
    f = theon.function([x], theon.sum(y), options=theon.Options(rewrites=rewrites))
    assert float(f(ONE)) == 6.0
    assert printed(capfd) == ["x is [1. 2.]", "twice [2. 4.]"]
    f(ONE + 1)
    assert printed(capfd) == ["x is [2. 3.]", "twice [4. 6.]"]


def test_equal_prints_are_not_merged(capfd: pytest.CaptureFixture[str]) -> None:
    """Each has an identity of its own; without a message the value stands alone."""
    x = theon.scalar("x")
    f = theon.function([x], theon.print(x) + theon.print(x))
    assert float(f(3.0)) == 6.0
    assert printed(capfd) == ["3.0", "3.0"]


def test_a_print_of_what_is_not_needed_still_prints(capfd: pytest.CaptureFixture[str]) -> None:
    """The value times zero may be simplified away, the effect may not."""
    x = theon.vector("x")
    f = theon.function([x], theon.sum(x) + 0 * theon.sum(theon.print(x, "still")))
    f(ONE)
    assert printed(capfd) == ["still [1. 2.]"]


def test_a_print_does_not_hide_a_pattern(capfd: pytest.CaptureFixture[str]) -> None:
    """log(sum(exp(x))) is repaired with a print in the middle of it."""
    x = theon.vector("x")
    f = theon.function([x], theon.log(theon.sum(theon.print(theon.exp(x), "e"))))
    assert float(f(np.array([500.0, 500.0], np.float32))) == pytest.approx(500 + np.log(2), rel=1e-6)
    assert printed(capfd) == ["e [inf inf]"]


def test_gradients_flow_through_effects(capfd: pytest.CaptureFixture[str]) -> None:
    """As if they were not there; and the value is printed once."""
    x = theon.vector("x")
    y = theon.check(theon.print(x, "x"), x > 0)
    f = theon.function([x], theon.grad(theon.sum(y**3), x))
    np.testing.assert_allclose(f(ONE), [3.0, 12.0])
    assert printed(capfd) == ["x [1. 2.]"]


def test_prints_inside_a_loop(capfd: pytest.CaptureFixture[str]) -> None:
    """One line for each step, in order."""
    xs = theon.vector("xs")
    total, _ = theon.scan(lambda c, x: (theon.print(c + x, "total"), None), 0.0, xs)
    f = theon.function([xs], total)
    assert float(f(np.array([1, 2, 3], np.float32))) == 6.0
    assert printed(capfd) == ["total 1.0", "total 3.0", "total 6.0"]


INVARIANT: dict[str, Callable[[Node, Node, Any], Any]] = {
    "scan": lambda x, w, seen: theon.scan(lambda c, v: (c + v * seen(w), None), w, x)[0],
    "in the middle": lambda x, w, seen: theon.scan(lambda c, v: (c + v, theon.exp(seen(w * 2) + 1)), w, x)[1],
    "theanos": lambda x, w, seen: theon.map(lambda v: v + seen(w), x)[0],
    "in a branch": lambda x, w, seen: theon.map(lambda v: v + theon.cond(w > 0, lambda: seen(w), lambda: w), x)[0],
    "in a subgraph": lambda x, w, seen: theon.map(lambda v: v + theon.subgraph([w], seen(w))(w), x)[0],
    "inside two": lambda x, w, seen: theon.map(
        lambda v: theon.map(lambda u: seen(w) * u, x[:1])[0].sum() + v, x)[0],
    "while": lambda x, w, seen: theon.while_loop(lambda c: c < 3.5, lambda c: c + theon.sum(x) * 0 + seen(w), w),
    "with an end": lambda x, w, seen: theon.map(lambda v: (v + seen(w), theon.until(v > 99)), x)[0],
}  # fmt: skip


@pytest.mark.parametrize("loop", INVARIANT)
def test_what_is_the_same_at_every_step_is_printed_at_every_step(loop: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Though it is computed once; and no oftener where a gradient is taken."""
    x, w = theon.vector("x"), theon.scalar("w")
    y = INVARIANT[loop](x, w, lambda v: theon.print(v, "seen"))
    plain = INVARIANT[loop](x, w, lambda v: v)
    data = np.array([1.0, 2.0, 3.0], np.float32)
    value = theon.function([x, w], y)(data, 1.0)
    assert capfd.readouterr().out.count("seen") == 3
    np.testing.assert_array_equal(value, theon.function([x, w], plain)(data, 1.0))
    if loop != "while":
        theon.function([x, w], theon.grad(theon.sum(y), w))(data, 1.0)
        assert capfd.readouterr().out.count("seen") == 3, "also where only the gradient is asked for"
        found = [theon.function([x, w], [f, theon.grad(theon.sum(f), w)])(data, 1.0) for f in (y, plain)]
        assert capfd.readouterr().out.count("seen") == 3
        assert float(found[0][1]) == pytest.approx(float(found[1][1]), rel=1e-6)


INSIDE: dict[str, Callable[[Node, Any], Any]] = {
    "a loop": lambda x, square: theon.scan(lambda c, v: (c + 1, square(v)), 0.0, x)[1],
    "a branch": lambda x, square: theon.cond(theon.sum(x) > 0, lambda: square(x[0]) + square(x[1]), lambda: x[0]),
}


@pytest.mark.parametrize("rewrites", ("default", "none"))
@pytest.mark.parametrize("place", INSIDE)
def test_a_loop_inside_takes_its_steps_once(place: str, rewrites: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Though with a gradient it becomes another loop, which saves what it passes."""
    x = theon.vector("x")

    def square(v: Node) -> Any:
        return theon.while_loop(lambda c: c < 10, lambda c: theon.print(c, "seen") ** 2, v, max_steps=4)

    cost = theon.sum(INSIDE[place](x, square))
    values = theon.function([x], [cost, theon.grad(cost, x)], options=theon.Options(rewrites=rewrites))(ONE + 1)
    assert capfd.readouterr().out.count("seen") == 2 + 2
    assert float(values[0]) == 16.0 + 81.0
    np.testing.assert_allclose(values[1], [4 * 8.0, 4 * 27.0])


@pytest.mark.parametrize("body", ("branch", "checkpoint"))
def test_what_a_body_prints_is_printed_where_only_its_gradient_is_used(
    body: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Once, though the gradient needs none of what the forward body gives."""
    x, w = theon.vector("x"), theon.scalar("w")

    def twice(v: Node) -> Node:
        return theon.print(v, "seen") * w

    y = theon.cond(w > 0, lambda: twice(x), lambda: x) if body == "branch" else theon.checkpoint(twice)(x)
    cost = theon.sum(y)
    for outputs in ([theon.grad(cost, w)], [cost, theon.grad(cost, w)], theon.grad(cost, [x, w])):
        found = theon.function([x, w], outputs)(ONE, 2.0)
        assert capfd.readouterr().out.count("seen") == 1
    np.testing.assert_array_equal(found[0], [2.0, 2.0])
    assert float(found[1]) == 3.0


def test_a_check_of_what_is_the_same_at_every_step() -> None:
    """It fails the call where a step is run, and not where none is."""
    x, w = theon.vector("x"), theon.scalar("w")
    y, _ = theon.map(lambda v: v * theon.check(w, w > 0, "positive"), x)
    run = theon.function([x, w], y)
    assert run(ONE, 3.0).tolist() == [3.0, 6.0]
    assert run(ONE[:0], -3.0).tolist() == []
    with pytest.raises(theon.CheckError, match="positive"):
        run(ONE[:1], -3.0)


def test_examples_are_printed_together(capfd: pytest.CaptureFixture[str]) -> None:
    """And checked together."""
    xs = theon.vector("xs")
    f = theon.function([xs], theon.vectorize(lambda x: theon.check(theon.print(x, "x"), x > 0, "positive"))(xs))
    np.testing.assert_array_equal(f(ONE), ONE)
    assert printed(capfd) == ["x [1. 2.]"]
    with pytest.raises(CheckError, match="positive"):
        f(-ONE)


@pytest.mark.parametrize("rewrites", ["default", "none"])
def test_a_failed_check_leaves_states_alone(rewrites: str) -> None:
    """Bit for bit; the error says where the check was made and what it says."""
    w = theon.shared(ONE, "w")
    x = theon.vector("x")
    y = theon.check(x * w, x > 0, "x must be positive")
    f = theon.function([x], theon.sum(y), updates={w: w + y}, options=theon.Options(rewrites=rewrites))
    assert float(f(ONE)) == 5.0
    before = w.get_value()
    with pytest.raises(CheckError, match="x must be positive") as caught:
        f(np.array([1.0, -1.0], np.float32))
    assert "test_host.py" in str(caught.value)
    np.testing.assert_array_equal(w.get_value(), before)
    f(ONE)
    np.testing.assert_array_equal(w.get_value(), before * (1 + ONE))


def test_the_first_check_that_fails_is_reported() -> None:
    """In the order of the program."""
    x = theon.scalar("x")
    y = theon.check(theon.check(x, x > 0, "positive"), x > 10, "large")
    f = theon.function([x], y)
    assert float(f(11.0)) == 11.0
    for value, message in ((1.0, "large"), (-1.0, "positive")):
        with pytest.raises(CheckError, match=message):
            f(value)


def test_a_check_inside_a_loop() -> None:
    """Any step may fail it, and its gradient is there as well."""
    xs = theon.vector("xs")
    total, _ = theon.scan(lambda c, x: (theon.check(c + x * x, x < 3, "below three"), None), 0.0, xs)
    f = theon.function([xs], [total, theon.grad(total, xs)])
    np.testing.assert_array_equal(f(ONE)[1], 2 * ONE)
    with pytest.raises(CheckError, match="below three"):
        f(np.array([1.0, 3.0, 2.0], np.float32))


def test_nan_fails_a_comparison() -> None:
    """A check of the obvious kind finds nan."""
    x = theon.vector("x")
    f = theon.function([x], theon.check(x, theon.isfinite(x), "finite"))
    with pytest.raises(CheckError, match="finite"):
        f(np.array([1.0, np.nan], np.float32))


def test_mistakes() -> None:
    """At the user's line."""
    x = theon.vector("x")
    with pytest.raises(DTypeError, match="check: the condition is bool, received float32") as caught:
        theon.check(x, x)
    assert "test_host.py" in str(caught.value)
    with pytest.raises(ArgumentError, match="print: the message is text, received 3"):
        theon.print(x, 3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="check: the message is text"):
        theon.check(x, x > 0, None)  # type: ignore[arg-type]


def test_effects_are_identities_at_declaration() -> None:
    """Type and connection to what they stand on."""
    x = theon.tensor("x", ("batch", 3))
    for node in (theon.print(x), theon.check(x, x > 0), theon.check(x, True)):
        assert isinstance(node, Node) and node.type == x.type
