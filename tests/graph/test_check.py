"""The well-formedness checker finds what a pass may break."""

from __future__ import annotations

import numpy as np
import pytest

import theon
from theon import GraphCheckError, Node
from theon.graph.check import check
from theon.graph.graph import Graph
from theon.graph.node import Const
from theon.graph.types import TensorType

F32 = np.dtype("float32")
X = theon.tensor("x", shape=(None, 3))
W = theon.shared(np.zeros((3, 2), np.float32), "w")


def test_sound_graphs_come_back() -> None:
    graph = Graph((X,), (X @ W,), ((W, W * 2.0),), (theon.print(X),))
    assert check(graph) is graph
    static = theon.tensor("s", shape=(2, 3))
    check(Graph((static,), (static @ W,)), static=True)


def retyped(node: Node, shape: tuple[int | str | None, ...], dtype: str = "float32") -> Node:
    return Node(node.op, node.inputs, TensorType(np.dtype(dtype), shape), node.where, node.name)


BROKEN = {
    "a typed lie": (Graph((X,), (retyped(X @ W, (None, 3)),)), "where infer says float32[?, 2]"),
    "another dtype": (Graph((X,), (retyped(X @ W, (None, 2), "float64"),)), "typed float64[?, 2]"),
    "inputs that do not fit": (
        Graph((X,), (Node((X @ W).op, (X, W.T), TensorType(F32, (None, 3))),)),
        "inputs do not fit",
    ),
    "an undeclared input": (Graph((), (X.sum(),)), "an input leaf that the graph does not declare"),
    "an update of an input": (Graph((X,), (), ((X, X * 2.0),)), "not a state"),
    "an update that changes its type": (Graph((), (), ((W, W.sum()),)), "changes the type of w"),
    "a constant that lies": (
        Graph((), (Node(Const(np.zeros(2, np.float32)), (), TensorType(F32, (3,))),)),
        "a constant whose type is not its value's",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_graphs(what: str) -> None:
    """The error names the node, its type and its inputs."""
    graph, message = BROKEN[what]
    with pytest.raises(GraphCheckError) as caught:
        check(graph)
    assert message in str(caught.value) and str(caught.value).startswith("the graph is not well formed: ")
    assert "\n  node" in str(caught.value)


def test_what_is_not_static() -> None:
    check(Graph((X,), (X.sum(axis=1),)))
    with pytest.raises(GraphCheckError, match="not static"):
        check(Graph((X,), (X.sum(axis=1),)), static=True)
    n = theon.vector("v").shape[0]
    with pytest.raises(GraphCheckError, match="not static"):
        check(Graph((), (theon.zeros((n,)).sum(),)), static=True, closed=False)


def test_open_graphs() -> None:
    """A part of a graph may use leaves of the whole."""
    check(Graph((), (X.sum(),)), closed=False)
