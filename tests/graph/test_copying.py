"""Copies and pickles of graphs: deep ones too, with what is shared shared again, and states with their values."""

from __future__ import annotations

import copy
import io
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import theon
from theon import Node
from theon.graph.check import check
from theon.graph.graph import Graph
from theon.graph.node import Const, State
from theon.graph.walk import toposort

DEEP = 20_000


def pickled(thing: Any, protocol: int = pickle.DEFAULT_PROTOCOL) -> Any:
    return pickle.loads(pickle.dumps(thing, protocol))


def chain(x: Node) -> Node:
    for _ in range(DEEP):
        x = theon.tanh(x)
    return x


def value(node: Node, **values: Any) -> Any:
    """A node's value, given its inputs by name."""
    leaves = {leaf.name: leaf for leaf in toposort([node])}
    return node.eval({leaves[name]: given for name, given in values.items()}).tolist()


# --- deep copies ------------------------------------------------------------------------------------------------


def test_a_deep_copy_has_states_of_its_own() -> None:
    """It starts from the value of now; the inputs are the inputs they are."""
    x, w = theon.vector("x"), theon.shared([1.0, 2.0], "w")
    y = (x * w).sum()
    w.set_value([3.0, 4.0])
    other = copy.deepcopy(y)
    w.set_value([0.0, 0.0])
    assert value(other, x=[1.0, 1.0]) == 7.0 and value(y, x=[1.0, 1.0]) == 0.0
    (own,) = [node for node in toposort([other]) if isinstance(node.op, State)]
    assert own is not w and own.name == "w" and own.where == w.where
    assert x in set(toposort([other]))
    own.set_value([5.0, 5.0])
    assert w.get_value().tolist() == [0.0, 0.0]


def test_what_has_no_state_is_its_own_copy() -> None:
    """Nodes are immutable: there is nothing to keep apart."""
    x = theon.vector("x")
    y = theon.tanh(x)
    assert copy.deepcopy(y) is y and copy.copy(y) is y
    w = theon.shared(1.0)
    total = copy.deepcopy(y + w)
    assert total.inputs[0] is y


def test_what_is_shared_stays_shared() -> None:
    """Within one copy: a model in a class, its parameters in a list."""
    w = theon.shared(1.0, "w")
    y = theon.exp(w)
    nest: Any = copy.deepcopy({"params": [w], "out": (y, y * w), "again": w})
    assert nest["again"] is nest["params"][0] is not w
    assert nest["out"][0] is nest["out"][1].inputs[0] and nest["out"][0].inputs[0] is nest["again"]
    assert copy.deepcopy(w) is not copy.deepcopy(w)


def test_deep_copies_of_graphs() -> None:
    x, w = theon.vector("x"), theon.shared([1.0, 2.0], "w")
    graph = Graph((x,), ((x * w).sum(),), ((w, w + x),), (theon.print(x),))
    other = check(copy.deepcopy(graph))
    assert other.inputs == (x,) and other.effects == graph.effects
    ((state, new),) = other.updates
    assert state is not w and state in set(toposort([new])) and w not in set(other.nodes())


def test_streams_are_copied_whole() -> None:
    """With the update that moves their key on; the copy goes on where the original stands."""
    rng = theon.random.stream(seed=3)
    noise = theon.random.normal(rng, (3,))
    draw = theon.function([], noise)
    draw()
    again = copy.deepcopy(noise)
    redraw = theon.function([], again)
    first, second = draw().tolist(), draw().tolist()
    assert first != second and [redraw().tolist(), redraw().tolist()] == [first, second]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda rng: pickle.loads(pickle.dumps(rng))], ids=["copy", "pickle"])
def test_streams_themselves(copied: Any) -> None:
    """The copy draws on: what it draws next is what the original draws next."""
    rng = theon.random.stream(seed=3)
    theon.random.normal(rng)
    other = copied(rng)
    a, b = (theon.function([], theon.random.normal(stream, (3,))) for stream in (rng, other))
    assert [a().tolist(), a().tolist()] == [b().tolist(), b().tolist()]
    assert other.state is not rng.state


# --- pickles ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_a_program_of_its_own(protocol: int) -> None:
    x, w = theon.vector("x"), theon.shared([1.0, 2.0], "w")
    with theon.scope("model"):
        y = theon.grad((theon.tanh(x * w) ** 2).sum(), x)
    w.set_value([0.5, 0.25])
    other = pickled(y, protocol)
    assert repr(other) == repr(y) and other.where == y.where
    assert {node.name for node in toposort([other])} == {node.name for node in toposort([y])}
    w.set_value([0.0, 0.0])
    expected = 2 * np.tanh([0.5, 0.5]) / np.cosh([0.5, 0.5]) ** 2 * [0.5, 0.25]
    np.testing.assert_allclose(value(other, x=[1.0, 2.0]), expected, rtol=1e-6)


def test_what_is_shared_is_shared_in_a_pickle() -> None:
    x, w = theon.vector("x"), theon.shared(1.0, "w")
    a = theon.exp(x * w)
    b = a + 1.0
    (x2, w2, a2, b2), (b3, a3) = pickled([(x, w, a, b), (b, a)])
    assert b2 is b3 and a2 is a3 and b2.inputs[0] is a2
    assert x2 in set(toposort([b2])) and w2 in set(toposort([b2]))
    assert x2 is not x and x2.op != x.op  # another variable, in another program
    w2.set_value(2.0)
    assert w.get_value() == 1.0 and value(b2, x=[0.0]) == [2.0]


def test_pickles_without_the_c_module() -> None:
    """The pickler in Python has a stack of its own to run out of."""
    stream = io.BytesIO()
    pickle._Pickler(stream).dump(chain(theon.vector("x")))
    assert len(toposort([pickle.loads(stream.getvalue())])) == DEEP + 1


@pytest.mark.parametrize("leaf", ["input", "state"])
def test_deep_chains(leaf: str) -> None:
    """No recursion anywhere: pickling, loading, copying, freeing."""
    deep = chain(theon.vector("x") if leaf == "input" else theon.shared([1.0], "w"))
    again = pickled(deep)
    assert len(toposort([again])) == DEEP + 1 and again.type == deep.type
    other = copy.deepcopy(deep)
    assert len(toposort([other])) == DEEP + 1 and (other is deep) == (leaf == "input")
    graph = Graph((), (deep,))
    assert len(pickled(graph).nodes()) == len(copy.deepcopy(graph).nodes()) == DEEP + 1
    del again, other, graph


def test_graphs_and_regions() -> None:
    """Inputs, updates and effects; a loop's body, whose inputs are its own."""
    xs, w = theon.vector("xs"), theon.shared(2.0, "w")
    total, sums = theon.scan(lambda carry, x: (carry + x * w, carry), 0.0, xs)
    checked = theon.checkpoint(theon.tanh)(total)
    graph = Graph((xs,), (checked, sums), ((w, w + total),), (theon.check(total, total > 0),))
    other = check(pickled(graph))
    assert len(other.nodes()) == len(graph.nodes()) and [repr(n) for n in other.inputs] == ["<xs : float32[?]>"]
    assert other.updates[0][0] in set(other.nodes())
    assert theon.graph.text.text(other) == theon.graph.text.text(graph)
    ((state, new),) = other.updates
    step = theon.function(list(other.inputs), list(other.outputs), updates={state: new})
    assert [np.asarray(v).tolist() for v in step([1.0, 2.0])] == [pytest.approx(np.tanh(6.0)), [0.0, 2.0]]
    assert state.get_value() == 8.0 and w.get_value() == 2.0


def test_the_mode_is_one_leaf_for_all() -> None:
    """A loaded model follows `theon.training` as the original does."""
    rng, x = theon.random.stream(0), theon.vector("x")
    x2, dropped = pickled((x, theon.nn.dropout(x, 0.5, rng)))
    assert theon.training in set(toposort([dropped])) and pickled(theon.training) is theon.training
    train = theon.function([x2], dropped, givens={theon.training: True})
    assert set(train([1.0] * 50).tolist()) == {0.0, 2.0}
    assert train([1.0] * 50).tolist() != train([1.0] * 50).tolist()  # the stream came with its default update
    assert value(dropped, x=[1.0]) == [1.0]


def test_constants_keep_their_bits() -> None:
    for array in (np.float32(-0.0), np.array([np.nan, 1.0]), np.zeros(0, np.int8), np.array(1, theon.bfloat16)):
        node = theon.constant(array)
        assert pickled(node).op == node.op
    large = theon.constant(np.arange(Const.LARGE, dtype=np.float32))
    np.testing.assert_array_equal(pickled(large).eval(), large.eval())


@dataclass
class Model:
    """As a user may write one."""

    x: Node
    w: Node
    out: Node


def test_classes_of_nodes() -> None:
    x, w = theon.vector("x"), theon.shared(3.0, "w")
    model = Model(x, w, x * w)
    for other in (pickled(model), copy.deepcopy(model)):
        other.w.set_value(4.0)
        assert other.out.eval({other.x: [1.0]}).tolist() == [4.0] and w.get_value() == 3.0


def test_what_cannot_be_pickled_says_so() -> None:
    """A function of the user's that has no name to be found by."""
    y = theon.from_jax(lambda v: v + 1, out=((2,), "float32"))(theon.tensor("x", shape=(2,)))
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(y)
