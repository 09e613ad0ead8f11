"""Traversal and substitution: in order, without recursion, and touching nothing that need not change."""

from __future__ import annotations

import numpy as np
import pytest

import theon
from theon import Node, ShapeError
from theon.graph.check import check
from theon.graph.graph import Graph
from theon.graph.walk import depends_on, rebuild, stops, substitute, toposort

DEEP = 100_000


def chain(x: Node, length: int) -> Node:
    for _ in range(length):
        x = theon.tanh(x)
    return x


def test_inputs_come_before_users() -> None:
    x, y = theon.vector("x"), theon.vector("y")
    a = x * y
    b = a + x
    c = a * b
    order = toposort([c, b])
    assert set(order) == {x, y, a, b, c} and len(order) == 5
    place = {node: i for i, node in enumerate(order)}
    for node in order:
        assert all(place[source] < place[node] for source in node.inputs)
    assert toposort([]) == [] and toposort([x, x]) == [x]


def test_stopping() -> None:
    """Where the walk stops, the node is listed and not entered."""
    x = theon.vector("x")
    a = theon.exp(x)
    b = theon.log(a)
    assert toposort([b], stop=lambda node: node is a) == [a, b]
    assert toposort([b], stop=lambda node: True) == [b]


def test_depth_is_no_trouble() -> None:
    x, y = theon.vector("x"), theon.vector("y")
    deep = chain(x, DEEP)
    assert len(toposort([deep])) == DEEP + 1
    (moved,) = substitute([deep], {x: y})
    assert toposort([moved])[0] is y
    assert deep in depends_on([deep], [x]) and stops([deep], x) == []


def test_diamonds_are_walked_once() -> None:
    """Each level doubles the paths, and not the nodes."""
    x = theon.scalar("x")
    for _ in range(200):
        x = x + x
    assert len(toposort([x])) == 201


def test_substitution() -> None:
    x, y, z = theon.vector("x"), theon.vector("y"), theon.vector("z")
    a, b = theon.exp(x), theon.exp(y)
    c = a + b
    c.name = "c"
    new, same = substitute([c, b], {x: z})
    assert new is not c and same is b and new.inputs[1] is b and new.inputs[0].inputs == (z,)
    assert new.where == c.where and new.name == "c" and new.op is c.op
    assert substitute([c], {})[0] is c
    (inner,) = substitute([c], {a: z})
    assert inner.inputs == (z, b)


def test_substitution_infers_types_again() -> None:
    x = theon.tensor("x", shape=(None, 3))
    y = theon.tensor("y", shape=(5, 3), dtype="float32")
    total = x.sum(axis=1)
    (new,) = substitute([total], {x: y})
    assert total.dims == (None,) and new.dims == (5,)
    check(Graph((y,), (new,)))


def test_a_substitute_that_does_not_fit() -> None:
    """The error is at the line of the node that no longer fits."""
    x, y = theon.vector("x"), theon.tensor("y", shape=(3,))
    product = x * y  # the line
    wrong = theon.tensor("wrong", shape=(4,))
    with pytest.raises(ShapeError, match="# the line"):
        substitute([product], {x: wrong})
    with pytest.raises(ShapeError, match="# the line"):
        rebuild(product, (wrong, y))


def test_ways_of_a_derivative() -> None:
    """From the ops' static masks alone: an index, a comparison and a cast to int let nothing through."""
    x, i = theon.vector("x"), theon.ivector("i")
    smooth = theon.exp(x)
    order = theon.argmax(smooth)
    taken = theon.take(smooth, i)
    mixed = taken.sum() + order.astype("float32")
    reached = depends_on([mixed], [x])
    assert {x, smooth, taken, mixed} <= reached and order not in reached
    assert stops([mixed], x) == [order]
    assert stops([order.astype("float32")], x) == [order]
    assert stops([theon.stop_gradient(smooth)], theon.vector("other")) == []
    assert depends_on([mixed], [i]) == {i}


def test_roots_of_a_graph() -> None:
    x, w = theon.vector("x"), theon.shared(np.zeros(3, np.float32), "w")
    graph = Graph((x,), (x.sum(),), ((w, w + x),), (theon.print(x),))
    assert len(graph.roots) == 3 and list(graph) == graph.nodes()
    again = graph.with_roots(list(graph.roots))
    assert again.roots == graph.roots and again.updates == graph.updates and again.effects == graph.effects
    other = graph.with_roots([x, w, x])
    assert other.outputs == (x,) and other.updates == ((w, w),) and other.effects == (x,)
