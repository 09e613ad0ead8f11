"""The user's line of every node, and scopes."""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

import theon
from theon import ArgumentError, Node
from theon.graph import node as node_module
from theon.graph.where import Where, born_at, here, is_internal, lend


def line() -> int:
    """The line that calls this."""
    frame = inspect.currentframe()
    assert frame is not None and frame.f_back is not None
    return frame.f_back.f_lineno


def where(node: Node) -> Where:
    assert node.where is not None
    return node.where


X = theon.vector("x")
W = theon.shared([1.0, 2.0], "w")
DECLARATIONS: dict[str, Callable[[], Any]] = {
    "input": lambda: theon.vector("x"),
    "tensor": lambda: theon.tensor("x", shape=(2,)),
    "constant": lambda: theon.constant(1.0),
    "shared": lambda: theon.shared(1.0),
    "function": lambda: theon.tanh(1.0),
    "operator": lambda: X + 1.0,
    "reflected operator": lambda: 1.0 - X,
    "method": lambda: X.sum(axis=0),
    "index": lambda: X[1:],
    "size": lambda: X.shape[0],
    "composite": lambda: theon.nn.cross_entropy(theon.matrix(), theon.ivector()),
    "gradient": lambda: theon.grad((X * X).sum(), X),
    "draw": lambda: theon.random.normal(theon.random.stream(0), (2,)),
    "loop": lambda: theon.scan(lambda carry, x: (carry + x, None), 0.0, X)[0],
    "update": lambda: next(iter(theon.optim.sgd((W * W).sum(), [W], 0.1).values())),
    "set": lambda: X[0].set(1.0),
}


@pytest.mark.parametrize("what", DECLARATIONS)
def test_every_declaration_has_the_users_line(what: str) -> None:
    """Whatever was called, and however deep inside theon the node was made."""
    declare = DECLARATIONS[what]
    found = where(declare())
    assert found.file == __file__ and found.line == declare.__code__.co_firstlineno


def test_lines_of_helpers_and_of_long_statements() -> None:
    """The innermost line of the user's counts; a call over several lines is where it begins."""

    def helper(x: Node) -> Node:
        return x + 1.0

    made = helper(theon.vector("x"))
    assert where(made).line == helper.__code__.co_firstlineno + 1
    before = line()
    long = theon.add(
        theon.vector("a"),
        theon.vector("b"),
    )
    assert where(long).line == before + 1


def test_one_record_per_line() -> None:
    """A loop that declares a million nodes makes one record."""
    nodes = [theon.tanh(X) for _ in range(3)]
    assert nodes[0].where is nodes[1].where is nodes[2].where


def test_whose_files_are_internal() -> None:
    """The rooms, the front door, and what runs a context manager; tests beside them are users."""
    assert is_internal(node_module.__file__) and is_internal(theon.__file__)
    assert not is_internal(__file__) and not is_internal("<stdin>")
    frame = sys._getframe()
    assert here().line > frame.f_code.co_firstlineno and here().file == __file__


def test_scopes_nest() -> None:
    with theon.scope("encoder"):
        a = theon.tanh(X)
        with theon.scope("layer1"):
            b = theon.tanh(X)
        c = theon.tanh(X)
    assert [where(n).scope for n in (a, b, c, theon.tanh(X))] == ["encoder", "encoder/layer1", "encoder", ""]


def test_scopes_end_with_an_error() -> None:
    with pytest.raises(KeyError), theon.scope("encoder"):
        raise KeyError
    assert where(theon.tanh(X)).scope == ""
    for wrong in ("", 3, None):
        with pytest.raises(ArgumentError), theon.scope(wrong):  # type: ignore[arg-type]
            pass


def test_scopes_belong_to_their_thread() -> None:
    found: list[str] = []
    with theon.scope("main"):
        thread = threading.Thread(target=lambda: found.append(where(theon.tanh(X)).scope))
        thread.start()
        thread.join()
    assert found == [""]


def test_lines_that_are_lent() -> None:
    """The compiler makes nodes on behalf of the user's; afterwards all is as before."""
    mine = Where("model.py", 7, "encoder")
    other = Where("other.py", 8, "")
    with born_at(mine):
        assert theon.tanh(X).where == mine
        lend(other)
        assert theon.tanh(X).where == other
        with born_at(None):
            assert where(theon.tanh(X)).line == 0
        assert theon.tanh(X).where == other
    assert where(theon.tanh(X)).file == __file__
    with pytest.raises(KeyError), born_at(mine):
        raise KeyError
    assert where(theon.tanh(X)).file == __file__
