"""What `function` makes of its arguments: givens, default updates, unused inputs."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest

import theon
from theon import ArgumentError, InputError, Node
from theon.graph.check import check
from theon.graph.graph import Graph
from theon.graph.node import slot_of
from theon.graph.walk import toposort
from theon.ops.comparison import Where
from theon.runtime.declare import Pairs, declare, pairs


def declared(
    inputs: list[Node],
    outputs: list[Node],
    updates: Pairs = None,
    givens: Pairs = None,
    unused: Literal["raise", "warn", "ignore"] = "raise",
    no_default_updates: Any = False,
) -> Graph:
    return check(declare(inputs, outputs, updates, givens, unused, no_default_updates, "f"))


# --- pairs ------------------------------------------------------------------------------------------------------


def test_forms_of_pairs() -> None:
    """A dict, a list, a generator; numbers take the dtype of what they replace."""
    w, v = theon.shared(1.0, "w"), theon.shared(np.int8(2), "v")
    for given in ({w: v, v: w}, [(w, v), (v, w)], ((a, b) for a, b in ((w, v), (v, w)))):
        assert list(pairs(given, "updates").items()) == [(w, v), (v, w)]
    assert pairs(None, "updates") == pairs({}, "updates") == pairs([], "updates") == {}
    found = pairs({w: 3, v: 4}, "updates")
    assert [node.dtype.name for node in found.values()] == ["float32", "int8"]
    assert pairs({w: np.zeros(2)}, "updates")[w].dtype.name == "float64"


@pytest.mark.parametrize("wrong", [3, "w", [1, 2], [(1, 2)], {"w": 1}, [("w", 1)]])
def test_what_is_no_pairs(wrong: Any) -> None:
    for arguments in ({"updates": wrong}, {"givens": wrong}):
        with pytest.raises(ArgumentError, match="not a node and its value"):
            theon.function([], [], **arguments)


# --- givens -----------------------------------------------------------------------------------------------------


def test_givens_stand_for_inputs_states_and_expressions() -> None:
    x, m, w = theon.vector("x"), theon.matrix("m"), theon.shared([1.0, 2.0], "w")
    h = theon.exp(x) * w
    graph = declared([m], [h.sum()], givens={x: m[0], w: m[1]})
    assert m in set(graph.nodes()) and not {x, w} & set(graph.nodes())
    cut = theon.vector("cut")
    assert x not in set(declared([cut], [h.sum()], givens={h: cut}).nodes())
    assert theon.function([], x.sum(), givens={x: [1.0, 2.0]})() == 3.0


def test_givens_are_put_in_updates_too() -> None:
    x, w = theon.scalar("x"), theon.shared(1.0, "w")
    f = theon.function([], [], updates={w: w + x}, givens={x: 2.0})
    f()
    assert w.get_value() == 3.0


def test_givens_are_simultaneous() -> None:
    """What stands for one node is not searched for others: two inputs can be exchanged."""
    x, y = theon.scalar("x"), theon.scalar("y")
    f = theon.function([x, y], x - y, givens={x: y, y: x})
    assert f(3.0, 1.0) == -2.0


def test_types_are_inferred_again() -> None:
    """A given may know more of its shape."""
    x = theon.vector("x")
    graph = declared([], [theon.stack([x, x])], givens={x: theon.zeros((3,))})
    assert graph.outputs[0].dims == (2, 3)
    with pytest.raises(InputError, match="another type"):
        declared([], [x.sum()], givens={x: theon.zeros((2, 2))})
    fixed = theon.tensor("fixed", shape=(2,))
    with pytest.raises(InputError, match="another type"):
        declared([], [fixed.sum()], givens={fixed: theon.zeros((3,))})


def test_the_mode_is_false_unless_given() -> None:
    """And the branch of the other mode is not in the program, nor are the states that only it reaches."""
    x, rng = theon.vector("x"), theon.random.stream(0)
    y = theon.nn.dropout(x, 0.5, rng)
    plain, training = declared([x], [y]), declared([x], [y], givens={theon.training: True})
    assert plain.outputs == (x,) and plain.updates == ()
    assert [state for state, _ in training.updates] == [rng.state]
    assert not any(isinstance(node.op, Where) and node.inputs[0] is theon.training for node in training.nodes())
    both = declared([x, theon.training], [y])
    assert theon.training in set(both.nodes())


# --- default updates --------------------------------------------------------------------------------------------


def test_draws_move_their_stream() -> None:
    rng, other = theon.random.stream(1), theon.random.stream(2)
    draw = theon.random.normal(rng, (2,))
    graph = declared([], [draw])
    assert [state for state, _ in graph.updates] == [rng.state]
    assert declared([], [draw], no_default_updates=True).updates == ()
    assert declared([], [draw], no_default_updates=[rng.state]).updates == ()
    assert len(declared([], [draw], no_default_updates=[other.state]).updates) == 1


def test_an_explicit_update_comes_first() -> None:
    rng = theon.random.stream(1)
    draw = theon.random.normal(rng, (2,))
    graph = declared([], [draw], updates={rng.state: rng.state})
    assert graph.updates == ((rng.state, rng.state),)


def test_default_updates_through_gradients_and_updates() -> None:
    """Whatever is reached: through a lazy gradient, through an update, through another default update."""
    rng, w = theon.random.stream(1), theon.shared([1.0, 2.0], "w")
    cost = (w * theon.random.normal(rng, (2,))).sum()
    graph = declared([], [], updates={w: w - theon.grad(cost, w)})
    assert {state for state, _ in graph.updates} == {w, rng.state}
    count, total = theon.shared(0, "count"), theon.shared(0, "total")
    slot_of(count).default_update = count + 1
    slot_of(total).default_update = total + count
    f = theon.function([], total)
    assert [int(f()) for _ in range(4)] == [0, 0, 1, 3]
    assert count.get_value() == 4


@pytest.mark.parametrize("wrong", ["all", 3, [theon.scalar("x")], ["rng"]])
def test_what_no_default_updates_can_be(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="no_default_updates"):
        declared([], [], no_default_updates=wrong)


def test_a_loop_moves_its_states() -> None:
    n = theon.shared(0, "n")
    xs = theon.vector("xs")
    _, ys = theon.scan(lambda carry, x: (carry, x + carry, {n: n + 1}), 0.0, xs)
    f = theon.function([xs], ys)
    f([1.0, 2.0, 3.0])
    assert n.get_value() == 3
    _, other = theon.scan(lambda carry, x: (carry, x, {n: n + 2}), 0.0, xs)
    with pytest.raises(ArgumentError, match="two loops update n"):
        theon.function([xs], [ys, other])
    assert declared([xs], [ys, other], updates={n: n}).updates == ((n, n),)


# --- inputs -----------------------------------------------------------------------------------------------------


def test_unused_inputs() -> None:
    """Raise, warn or take no notice; an input that only an update needs is used."""
    x, y, w = theon.vector("x"), theon.vector("y"), theon.shared(1.0, "w")
    with pytest.raises(InputError, match="input y is not used"):
        declared([x, y], [x.sum()])
    with pytest.warns(UserWarning, match="input y is not used"):
        declared([x, y], [x.sum()], unused="warn")
    assert declared([x, y], [x.sum()], unused="ignore").inputs == (x, y)
    assert declared([y], [], {w: y.sum()}).inputs == (y,)
    with pytest.raises(InputError, match="input x is not used"):  # what was given for it took its place
        declared([x, y], [x.sum()], givens={x: y})


def test_missing_inputs() -> None:
    """Also below a gradient, and in an update."""
    x, y, w = theon.vector("x"), theon.vector("y"), theon.shared(1.0, "w")
    for outputs, updates in (([(x * y).sum()], None), ([theon.grad((x * x * y).sum(), x)], None), ([x], {w: y.sum()})):
        with pytest.raises(InputError, match="the outputs need y"):
            declared([x], outputs, updates)


def test_declared_graphs_keep_the_users_nodes() -> None:
    """Nothing is rebuilt without need: names and lines are the user's own."""
    x = theon.vector("x")
    y = theon.tanh(x)
    y.name = "y"
    graph = declared([x], [y])
    assert graph.outputs == (y,) and set(graph.nodes()) == set(toposort([y]))


def test_a_loop_inside_a_loop_moves_its_states() -> None:
    """The outer loop carries what the inner loop updates: 3 x 2 steps."""
    s = theon.shared(0.0, "s")

    def inner(c: theon.Node, _: object) -> tuple[theon.Node, None, dict[theon.Node, theon.Node]]:
        return c + 1, None, {s: s + 1}

    def outer(c: theon.Node, _: object) -> tuple[theon.Node, None]:
        return theon.scan(inner, c, None, length=2)[0], None

    total, _ = theon.scan(outer, 0.0, None, length=3)
    assert theon.function([], total)() == 6
    theon.function([], total)()
    assert s.get_value() == 12


def test_givens_meet_a_loop_state_once() -> None:
    x, s = theon.vector("x"), theon.shared(0.0, "s")
    total, _ = theon.scan(lambda c, e: (c + e, None, {s: s + e}), 0.0, x)
    f = theon.function([x], total, givens={x: x * 2})
    assert f([1.0, 2.0]) == 6 and s.get_value() == 6


def test_a_checkpoint_refuses_to_update_states() -> None:
    s, x = theon.shared(0.0, "s"), theon.vector("x")
    with pytest.raises(theon.ArgumentError, match="checkpoint: a shared variable that is updated inside"):
        theon.checkpoint(lambda v: theon.scan(lambda c, e: (c + e, None, {s: s + e}), 0.0, v)[0])(x)
