"""Recurrent cells of 200 steps, of a length unknown at declaration: values and two orders of gradients as in JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon
from tests.ops.against_jax import Array, loops_agree
from theon.ops.region import everything

STEPS, WIDTH, HIDDEN = 200, 3, 4


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(shape)


def sigmoid(m: Any, x: Any) -> Any:
    return theon.sigmoid(x) if m is theon else jax.nn.sigmoid(x)


def rnn(m: Any, scan: Any, xs: Any, U: Any, W: Any, b: Any) -> Any:
    """Elman's network; the outputs and the last state."""

    def step(h: Any, x: Any) -> Any:
        h = m.tanh(x @ U + h @ W + b)
        return h, h

    return scan(step, m.zeros((HIDDEN,), dtype="float64"), xs)


def gru(m: Any, scan: Any, xs: Any, U: Any, W: Any, b: Any) -> Any:
    """Cho and others (2014): the gates reset, update; then the candidate."""
    r_, z_, n_ = (slice(k * HIDDEN, (k + 1) * HIDDEN) for k in range(3))

    def step(h: Any, x: Any) -> Any:
        given = x @ U + b
        r = sigmoid(m, given[r_] + h @ W[:, r_])
        z = sigmoid(m, given[z_] + h @ W[:, z_])
        n = m.tanh(given[n_] + (r * h) @ W[:, n_])
        h = (1 - z) * n + z * h
        return h, h

    return scan(step, m.zeros((HIDDEN,), dtype="float64"), xs)


def lstm(m: Any, scan: Any, xs: Any, U: Any, W: Any, b: Any) -> Any:
    """Hochreiter and Schmidhuber (1997), with forget gates."""

    def step(state: Any, x: Any) -> Any:
        h, c = state
        gates = x @ U + h @ W + b
        i, f, g, o = (gates[k * HIDDEN : (k + 1) * HIDDEN] for k in range(4))
        c = sigmoid(m, f) * c + sigmoid(m, i) * m.tanh(g)
        h = sigmoid(m, o) * m.tanh(c)
        return (h, c), h

    start = m.zeros((HIDDEN,), dtype="float64")
    (h, _), hs = scan(step, (start, start), xs)
    return h, hs


CELLS = {"rnn": (rnn, 1), "gru": (gru, 3), "lstm": (lstm, 4)}


def weights(gates: int) -> list[Array]:
    return [draw(WIDTH, gates * HIDDEN, seed=1), draw(HIDDEN, gates * HIDDEN, seed=2) / 2, draw(gates * HIDDEN, seed=3)]


@pytest.mark.parametrize("name", CELLS)
def test_cells_equal_jax_to_second_order(name: str) -> None:
    cell, gates = CELLS[name]

    def loss(m: Any, scan: Any, xs: Any, U: Any, W: Any, b: Any, v: Any) -> Any:
        h, hs = cell(m, scan, xs, U, W, b)
        return m.mean((hs @ v) ** 2) + m.sum(h)

    loops_agree(loss, draw(STEPS, WIDTH), *weights(gates), draw(HIDDEN, seed=4))


def test_the_program_does_not_grow_with_the_steps() -> None:
    """Nor does what XLA makes of it, so compiling takes as long for 2000 steps as for 20."""
    xs, *given = [theon.tensor("xs", shape=(None, WIDTH), dtype="float64"), *map(theon.constant, weights(4))]
    W = theon.dmatrix("W")
    h, hs = lstm(theon, theon.scan, xs, given[0], W, given[2])
    loss = theon.sum(h) + theon.mean(hs**2)
    run = theon.function([xs, W], [loss, theon.grad(loss, W)])
    nodes, instructions = set(), []
    for steps in (20, 200, 2000):
        run.compile(np.zeros((steps, WIDTH)), np.zeros((HIDDEN, 4 * HIDDEN)))
        program = run.programs[-1]
        nodes.add(len(everything(program.graph)))
        instructions.append(sum(" = " in line for line in program.executable.as_text().split("\n")))
    assert len(nodes) == 1
    assert max(instructions) < 1.1 * min(instructions)


def test_theanos_form_is_the_same_lstm() -> None:
    """The loop as Theano's users write it: sequences, two outputs fed back, and the weights as non_sequences."""

    def theanos(m: Any, scan: Any, xs: Any, U: Any, W: Any, b: Any) -> Any:
        if m is jnp:
            return jnp.sum(lstm(m, scan, xs, U, W, b)[1] ** 2)

        def step(x: Any, h: Any, c: Any, U: Any, W: Any, b: Any) -> Any:
            gates = x @ U + h @ W + b
            i, f, g, o = (gates[k * HIDDEN : (k + 1) * HIDDEN] for k in range(4))
            c = theon.sigmoid(f) * c + theon.sigmoid(i) * theon.tanh(g)
            return theon.sigmoid(o) * theon.tanh(c), c

        start = theon.zeros((HIDDEN,), dtype="float64")
        (hs, _), updates = theon.scan(
            step, sequences=xs, outputs_info=[start, start], non_sequences=[U, W, b], strict=True
        )
        assert updates == {}
        return theon.sum(hs**2)

    loops_agree(theanos, draw(20, WIDTH), *weights(4))
