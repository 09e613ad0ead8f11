"""What a loop stacks is written over an array that an earlier loop has used up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

import theon
from tests.ops.against_jax import assert_near
from theon.compiler.lower import lower
from theon.compiler.reuse import free_again

STEPS, BATCH, WIDTH = 32, 8, 64
SHAPE = (STEPS, BATCH, WIDTH)
SEQUENCE = STEPS * BATCH * WIDTH * 8  # bytes

Loss = Callable[[theon.Node, theon.Node, theon.Node], theon.Node]


def double(name: str, shape: tuple[int, ...]) -> theon.Node:
    return theon.tensor(name, shape=shape, dtype="float64")


def rnn(x: theon.Node, w: theon.Node, u: theon.Node, reverse: bool = False, unroll: int = 1) -> theon.Node:
    start = theon.zeros((BATCH, WIDTH), "float64")
    last, _ = theon.scan(lambda h, v: (theon.tanh(v @ w + h @ u), None), start, x, reverse=reverse, unroll=unroll)
    return theon.sum(last**2)


def backwards(x: theon.Node, w: theon.Node, u: theon.Node) -> theon.Node:
    return rnn(x, w, u, reverse=True)


def two_at_once(x: theon.Node, w: theon.Node, u: theon.Node) -> theon.Node:
    return rnn(x, w, u, unroll=2)


def twice(x: theon.Node, w: theon.Node, u: theon.Node) -> theon.Node:
    return rnn(x, w, u) + rnn(x, u, w)


def stacked(x: theon.Node, w: theon.Node, u: theon.Node) -> theon.Node:
    """Four layers, each over what the one before gives."""
    for _ in range(4):
        _, x = theon.scan(
            lambda h, v: (new := theon.tanh(v @ w + h @ u), new), theon.zeros((BATCH, WIDTH), "float64"), x
        )
    return theon.sum(x**2)


def compiled(loss: Loss) -> theon.Function:
    x = double("x", SHAPE)
    w, u = double("w", (WIDTH, WIDTH)), double("u", (WIDTH, WIDTH))
    cost = loss(x, w, u)
    return theon.function([x, w, u], [cost, *theon.grad(cost, [w, u])])


def arrays() -> list[Any]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(SHAPE), *(rng.standard_normal((2, WIDTH, WIDTH)) / 8)]


def memory(program: jax.stages.Compiled) -> int:
    found = program.memory_analysis()
    assert found is not None
    return int(found.temp_size_in_bytes)


@pytest.mark.parametrize(
    ("loss", "saved"),
    [(rnn, 1), (backwards, 1), (two_at_once, 1), (twice, 2), (stacked, 0)],
    ids=["plain", "reverse", "unrolled", "two loops", "layers"],
)
def test_memory_and_numbers(loss: Loss, saved: int) -> None:
    """By XLA's own account, beside the same program with memory of its own for every stack."""
    run = compiled(loss)
    program = run.programs[-1]
    apart = lower(program.graph, reuse=False)
    with jax.enable_x64(True):
        plain = jax.jit(apart.program).lower(tuple(arrays()), (), (), apart.hidden).compile()
        wanted, _, _ = plain(tuple(arrays()), (), (), apart.hidden)
    for got, true in zip(run(*arrays()), wanted, strict=True):
        assert_near(got, np.asarray(true))
    before, after = (memory(one) for one in (plain, program.executable))
    assert after <= before - saved * (SEQUENCE - 512)  # the position takes a few bytes


def test_each_array_is_given_once() -> None:
    graph = compiled(twice).programs[-1].graph
    given = [other for places in free_again(graph.nodes(), graph.roots).values() for other in places.values()]
    assert len(given) == len(set(given)) == 2


def test_what_others_need_is_not_given() -> None:
    x, w, u = (double(name, shape) for name, shape in zip("xwu", (SHAPE, *[(WIDTH, WIDTH)] * 2), strict=True))
    product = theon.exp(x)
    last, _ = theon.scan(lambda h, v: (theon.tanh(v + h @ u), None), theon.zeros((BATCH, WIDTH), "float64"), product)
    cost = (last**2).sum()
    for outputs in ([cost, theon.grad(cost, x)], [theon.grad(cost, u), product], [theon.grad(cost, u), product.sum()]):
        graph = theon.function([x, w, u], outputs, on_unused_input="ignore").programs[-1].graph
        assert not free_again(graph.nodes(), graph.roots)
    graph = theon.function([x, w, u], theon.grad(cost, u), on_unused_input="ignore").programs[-1].graph
    assert len(free_again(graph.nodes(), graph.roots)) == 1


def test_small_arrays_are_left_alone() -> None:
    x, u = double("x", (4, 2)), double("u", (2, 2))
    last, _ = theon.scan(lambda h, v: (theon.tanh(v + h @ u), None), theon.zeros((2,), "float64"), theon.exp(x))
    graph = theon.function([x, u], theon.grad(last.sum(), u)).programs[-1].graph
    assert not free_again(graph.nodes(), graph.roots)


def test_checks_still_come_out() -> None:
    """Those of the loop that is written over an array."""
    x, u = double("x", SHAPE), double("u", (WIDTH, WIDTH))
    start = theon.zeros((BATCH, WIDTH), "float64")
    last, hs = theon.scan(lambda h, v: (theon.tanh(v + h @ u), h), start, theon.exp(x))

    def step(h: theon.Node, v: theon.Node) -> tuple[theon.Node, theon.Node]:
        new = theon.check(h + v, theon.all(v < 0.9), "v is large")
        return new, new * 2

    _, sums = theon.scan(step, last, hs)
    run = theon.function([x, u], sums)
    graph = run.programs[-1].graph
    assert len(free_again(graph.nodes(), graph.roots)) == 1
    zero = np.zeros((WIDTH, WIDTH))
    quiet = run(np.full(SHAPE, -9.0), zero)
    np.testing.assert_allclose(quiet[-1], 2 * STEPS * np.full((BATCH, WIDTH), np.tanh(np.exp(-9))))
    with pytest.raises(theon.TheonError, match="v is large"):
        run(np.full(SHAPE, 3.0), zero)


def test_what_a_carry_starts_from_is_not_given() -> None:
    """The loop goes on in that memory."""
    x = double("x", (STEPS, WIDTH * 8))
    memory = theon.exp(x)
    last, seen = theon.scan(lambda m, v: (m * 0.5 + v, theon.sum(m, 0)), memory, x)
    _, again = theon.scan(lambda c, v: (c + v, v * 2), theon.zeros((WIDTH * 8,), "float64"), seen)
    graph = theon.function([x], [theon.sum(last), again]).programs[-1].graph
    assert not free_again(graph.nodes(), graph.roots)


def test_derivatives_of_such_programs() -> None:
    """In forward mode, of batches, and by JAX."""
    x, w, u = double("x", SHAPE), double("w", (WIDTH, WIDTH)), double("u", (WIDTH, WIDTH))
    slope = theon.grad(rnn(x, w, u), u)
    along = theon.jvp(slope, u, u)
    pure = theon.function([x, w, u], slope).as_jax()
    with jax.enable_x64(True):
        data = [jax.numpy.asarray(array) for array in arrays()]
        _, wanted = jax.jvp(lambda v: pure([data[0], data[1], v])[0], (data[2],), (data[2],))
        gram = jax.grad(lambda v: pure([data[0], data[1], v])[0].sum())(data[2])
    assert_near(theon.function([x, w, u], along)(*arrays()), np.asarray(wanted))
    assert_near(theon.function([x, w, u], theon.grad(theon.sum(slope), u))(*arrays()), np.asarray(gram))
    xs = double("xs", (2, *SHAPE))
    both = theon.vectorize(lambda one: theon.grad(rnn(one, w, u), u))(xs)
    run, one = theon.function([xs, w, u], both), theon.function([x, w, u], slope)
    first, *rest = arrays()
    many = run(np.stack([first, -first]), *rest)
    for got, at in zip(many, (first, -first), strict=True):
        assert_near(got, one(at, *rest))
