"""The printed form: stable, complete, and numbered by lines."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

import theon
from theon.graph.graph import Graph
from theon.graph.node import apply
from theon.graph.op import Op
from theon.graph.text import as_graph, listing, text
from theon.graph.types import TensorType

Golden = Callable[[str, str], None]


def classifier() -> Graph:
    """A step with everything that a line can show: names, scopes, states, constants, updates."""
    x = theon.tensor("x", shape=("batch", 4))
    n = theon.scalar("n", dtype="int32", static=True)
    w = theon.shared(np.zeros((4, 3), np.float32), name="W")
    b = theon.shared(np.zeros(3, np.float32), name="the bias")
    seen = theon.shared(0, "seen")
    with theon.scope("model"), theon.scope("layer 1"):
        h = theon.tanh(x @ w + b)
        h.name = "h"
    masked = h * theon.constant([1.0, 0.1, -0.0]) + theon.constant(np.ones((2, 2, 3)))[0, 0].astype("float32")
    loss = theon.sum(masked * theon.arange(n)[0])
    return Graph((x, n), (loss, h), ((w, w - 0.1 * theon.grad(loss, w)), (seen, seen + 1)))


def loop() -> Graph:
    """A region in a region, with a value from outside."""
    xs, scale = theon.vector("xs"), theon.scalar("scale")

    def step(total: theon.Node, x: theon.Node) -> tuple[theon.Node, theon.Node]:
        grown, _ = theon.scan(lambda v, _: (v * scale, v), x, None, length=2)
        return total + grown, total

    total, partial = theon.scan(step, theon.constant(0.0), xs)
    return Graph((xs, scale), (total, partial))


def effects() -> Graph:
    """A print and a check, as the compiler keeps them: roots, out of the way of the value."""
    x = theon.vector("x")
    shown = theon.print(x, "x is\n")
    checked = theon.check(x, x > 0, "must be positive")
    return Graph((x,), (x * 2,), (), (shown, checked))


@pytest.mark.parametrize("make", [classifier, loop, effects])
def test_golden(make: Callable[[], Graph], golden: Golden) -> None:
    """The text of a graph is what the golden file holds, and is the same for a graph declared again."""
    shown = text(make())
    golden(f"text_{make.__name__}.txt", shown)
    assert shown == text(make())


def test_lines() -> None:
    """The user's line stands behind each node that has one, without its folder."""
    x = theon.vector("x")
    (first, second, _) = text(x + x, lines=True).splitlines()
    assert first.startswith("%0 x = input : float32[?]  # test_text.py:")
    assert second.startswith("%1 = add(%0, %0) : float32[?]  # test_text.py:")


def test_numbering_is_independent_of_ids() -> None:
    """Nodes made in another order, and nodes in between, leave the text as it is."""

    def make(turned: bool) -> theon.Node:
        if turned:
            y, x = theon.vector("y"), theon.vector("x")
        else:
            x, y = theon.vector("x"), theon.vector("y")
        _ = [x + 1 for _ in range(int(turned) * 100)]
        return x * y

    assert text(make(False)) == text(make(True))


def test_targets() -> None:
    """A node, a list, updates and a compiled function can be shown."""
    x, w = theon.vector("x"), theon.shared(1.0, "w")
    y = x * w
    assert as_graph(y).inputs == (x,)
    assert text([y, x]).endswith("return %2, %0\n")
    assert text({w: w + 1}).endswith("update %0 <- %2\n")
    assert text(theon.function([x], y)) == text(y)
    assert text(x) == "%0 x = input : float32[?]\nreturn %0\n"


def test_unused_inputs_and_unread_states_are_listed() -> None:
    """What a program declares or writes has a line, whether or not anything reads it."""
    x, w = theon.vector("x"), theon.shared(1.0, "w")
    new = theon.constant(2.0)
    graph = Graph((x,), (), ((w, new),))
    assert listing(graph) == [x, new, w]
    assert text(graph).endswith("update %2 <- %1\n")


@dataclass(frozen=True, eq=False)
class Hosted(Op):
    """An op that holds a Python function, whose repr names an address."""

    function: Callable[..., object]

    def infer(self, x: TensorType) -> TensorType:
        return x


def test_functions_in_parameters_have_no_address() -> None:
    """What differs from process to process is not printed."""
    shown = text(apply(Hosted(classifier), theon.vector("x")))
    assert "%1 = hosted[function=<function classifier>](%0) : float32[?]" in shown


def test_dprint(capsys: pytest.CaptureFixture[str]) -> None:
    """It prints where it is told, and gives the text back."""
    x = theon.vector("x")
    shown = theon.dprint(x)
    assert capsys.readouterr().out == shown
    file = io.StringIO()
    assert theon.dprint(x, file=file) == file.getvalue() == shown


@pytest.mark.parametrize("target", [3, [], {}, [1], {"w": 1}, None])
def test_what_is_no_graph(target: object) -> None:
    """Everything else is an error of one block."""
    with pytest.raises(theon.ArgumentError) as caught:
        theon.dprint(target)
    assert str(caught.value).splitlines()[0] == "not a graph that can be shown"
    assert "test_text.py" in str(caught.value)


def test_deep_graphs() -> None:
    """A chain of a hundred thousand nodes prints without recursion."""
    y = theon.vector("x")
    for _ in range(100_000):
        y = theon.tanh(y)
    assert text(y).count("\n") == 100_002
