"""What a loop keeps for its gradient: truncated gradients, checkpoints, and loops that take several steps a turn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import theon
from tests.ops.against_jax import Array, assert_near, in_jax, loops_agree

rng = np.random.default_rng(5)
x, c0 = theon.dmatrix("x"), theon.dvector("c0")
zero = theon.constant(0.0, "float64")


def draw(*shape: int) -> Array:
    return rng.standard_normal(shape)


def either(given: Callable[..., Any], otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """A scan for `loops_agree`: one form in theon, another in JAX."""

    def scan(step: Any, init: Any, xs: Any, **more: Any) -> Any:
        return (given if isinstance(xs, theon.Node) else otherwise)(step, init, xs, **more)

    return scan


def agree(scan: Callable[..., Any], in_jax_: Callable[..., Any], *data: Array, **more: Any) -> None:
    """A loss over an RNN's outputs and last state by both scans, with two orders of gradients."""

    def declare(m: Any, _: Any, x: Any, c: Any, W: Any) -> Any:
        def step(c: Any, row: Any) -> Any:
            c = m.tanh(c @ W + row)
            return c, c * row

        final, ys = either(scan, in_jax_)(step, c, x, **more)
        return m.sum(final**2) + m.sum(m.sin(ys)) + m.sum(ys[0] * c)

    loops_agree(declare, *data)


# --- Truncated gradients --------------------------------------------------------------------------


def by_hand(step: Any, init: Any, xs: Any, *, last: int, reverse: bool = False) -> Any:
    """All steps but the last ones in a loop of their own, whose results are constants."""
    n = xs.shape[0] - last
    head, tail = (xs[last:], xs[:last]) if reverse else (xs[: max(n, 0)], xs[max(n, 0) :])
    if n > 0:
        init, before = lax.stop_gradient(lax.scan(step, init, head, reverse=reverse))
    final, ys = lax.scan(step, init, tail, reverse=reverse)
    if n <= 0:
        return final, ys
    return final, jnp.concatenate([ys, before] if reverse else [before, ys])


@pytest.mark.parametrize("reverse", (False, True))
@pytest.mark.parametrize("last", (1, 4, 9, 12))
def test_truncated_gradients_equal_those_by_hand(last: int, reverse: bool) -> None:
    agree(
        partial(theon.scan, truncate_gradient=last), partial(by_hand, last=last), draw(9, 2), draw(2), draw(2, 2),
        reverse=reverse,
    )  # fmt: skip


def test_truncated_and_checkpointed() -> None:
    scan = partial(theon.scan, truncate_gradient=7, checkpoint_every=3)
    agree(scan, partial(by_hand, last=7), draw(9, 2), draw(2), draw(2, 2))


def test_what_comes_before_gets_no_gradient() -> None:
    final, _ = theon.scan(lambda c, v: (theon.sin(c + v), None), c0, x, truncate_gradient=2)
    by_x, by_start = theon.function([x, c0], theon.grad(theon.sum(final), [x, c0]))(draw(5, 3), draw(3))
    assert not np.any(by_start) and not np.any(np.asarray(by_x)[:3]) and np.all(np.asarray(by_x)[3:])


def test_truncation_changes_no_value_and_needs_no_gradient() -> None:
    step = lambda c, v: (theon.sin(c + v), c)  # noqa: E731
    at = draw(5, 3), draw(3)
    plain = theon.function([x, c0], [*theon.scan(step, c0, x)])(*at)
    assert_near(theon.function([x, c0], [*theon.scan(step, c0, x, truncate_gradient=2)])(*at), list(plain), 0)


# --- Checkpoints ----------------------------------------------------------------------------------


@pytest.mark.parametrize("every", ("sqrt", 1, 4, 100))
@pytest.mark.parametrize("reverse", (False, True))
def test_checkpoints_change_nothing(every: Any, reverse: bool) -> None:
    data = draw(11, 2), draw(2), draw(2, 2)
    agree(partial(theon.scan, checkpoint_every=every), lax.scan, *data, reverse=reverse)


def test_checkpoints_without_a_sequence_and_without_steps() -> None:
    for length in (0, 1, 7):
        final, ys = theon.scan(lambda c, _: (theon.sin(c * 1.5), c), c0, None, length=length, checkpoint_every="sqrt")
        run = theon.function([c0], [final, theon.grad(theon.sum(final) + theon.sum(ys**2), c0)])

        def cost(c: Any, length: int = length) -> Any:
            final, ys = lax.scan(lambda c, _: (jnp.sin(c * 1.5), c), c, None, length=length)
            return jnp.sum(final) + jnp.sum(ys**2), final

        at = draw(3)
        slope, value = in_jax(jax.grad(cost, has_aux=True), at)
        assert_near(run(at), [value, slope])


def test_checkpoints_in_a_vectorized_function_and_in_another_loop() -> None:
    def declare(m: Any, scan: Any, x: Any, w: Any) -> Any:
        inner = either(partial(theon.scan, checkpoint_every=2), lax.scan)

        def one(row: Any) -> Any:
            return m.sum(inner(lambda c, v: (m.sin(c * w + v), c), w, row)[1] ** 2)

        many = (theon.vectorize if m is theon else jax.vmap)(one)
        _, outer = either(theon.scan, lax.scan)(lambda c, row: (c + one(row), one(row) * c), w, x)
        return m.sum(many(x)) + m.sum(outer)

    loops_agree(declare, draw(3, 5), np.array(0.4))


def test_memory_of_a_long_loop() -> None:
    """1e5 steps: under a tenth of what the plain gradient needs, by XLA's own account, and the same numbers."""
    steps, hidden = 100_000, 8
    xs, W = theon.tensor("xs", shape=(None, 1), dtype="float64"), theon.dmatrix("W")
    at = draw(steps, 1), draw(hidden, hidden) / np.sqrt(hidden)
    found, memory = [], []
    for every in (None, "sqrt"):
        final, _ = theon.scan(
            lambda c, v: (theon.tanh(c @ W + v), None), theon.zeros((hidden,), "float64"), xs, checkpoint_every=every
        )
        loss = theon.sum(final**2)
        run = theon.function([xs, W], [loss, theon.grad(loss, W)])
        found.append(run(*at))
        memory.append(run.programs[-1].executable.memory_analysis().temp_size_in_bytes)
    assert_near(found[1], found[0])
    assert memory[1] < memory[0] / 10


def test_draws_repeat_where_they_are_made_again() -> None:
    """The backward pass sees the very numbers of the forward loop, at every position."""
    stream = theon.random.stream(seed=7)

    def step(c: Any, v: Any) -> Any:
        noise = theon.random.normal(stream, (3,), dtype="float64")
        return c + noise * theon.sin(v), noise

    for reverse in (False, True):
        final, noise = theon.scan(step, c0, x, reverse=reverse, checkpoint_every=2)
        run = theon.function([c0, x], [noise, theon.grad(theon.sum(final), x)])
        data = draw(5, 3)
        drawn, slope = (np.asarray(part) for part in run(np.zeros(3), data))
        assert len({row.tobytes() for row in drawn}) == 5
        np.testing.assert_allclose(slope, drawn * np.cos(data))


def test_effects_happen_once(capsys: pytest.CaptureFixture[str]) -> None:
    w, count = theon.dvector("w"), theon.shared(0, name="count")

    def step(c: Any, v: Any) -> Any:
        return theon.sin(c) * theon.print(theon.check(v, v > 0, "positive"), "v"), None, {count: count + 1}

    final, _ = theon.scan(step, zero + 1, w, checkpoint_every=2)
    run = theon.function([w], [final, theon.grad(final, w)])
    run(np.arange(1.0, 6.0))
    assert capsys.readouterr().out == "v 1.0\nv 2.0\nv 3.0\nv 4.0\nv 5.0\n"
    assert count.get_value() == 5
    with pytest.raises(theon.CheckError, match="positive"):
        run(np.array([1.0, 2.0, 3.0, -1.0, 1.0]))


# --- Several steps a turn -------------------------------------------------------------------------


@pytest.mark.parametrize("unroll", (1, 2, 5, 20))
def test_unrolling_changes_nothing(unroll: int) -> None:
    agree(partial(theon.scan, unroll=unroll), partial(lax.scan, unroll=unroll), draw(11, 2), draw(2), draw(2, 2))


def test_unrolled_steps_are_in_one_turn() -> None:
    """The compiled loop is entered less often: XLA is told the trip count."""
    texts = []
    for unroll in (1, 8):
        final, _ = theon.scan(lambda c, v: (theon.sin(c + v), None), c0, x, unroll=unroll)
        run = theon.function([x, c0], final).compile(np.zeros((64, 2)), np.zeros(2))
        texts.append(run.programs[-1].executable.as_text())
    assert '"known_trip_count":{"n":"64"}' in texts[0].replace(" ", "")
    assert '"known_trip_count":{"n":"8"}' in texts[1].replace(" ", "")
