"""`scan`: values, states, draws, effects, what is hoisted and pruned, and gradients against those of `lax.scan`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import theon
from tests.ops.against_jax import Array, assert_near, in_jax, loops_agree

rng = np.random.default_rng(0)


def draw(*shape: int) -> Array:
    return rng.standard_normal(shape)


# --- An LSTM of 200 steps -------------------------------------------------------------------------

STEPS, WIDTH, HIDDEN = 200, 3, 4


def lstm(m: Any, sigmoid: Any, scan: Any, xs: Any, U: Any, W: Any, b: Any, v: Any) -> Any:
    """The loss of an LSTM over a sequence, in theon or in `jax.numpy`."""

    def step(state: Any, x: Any) -> Any:
        h, c = state
        z = x @ U + h @ W + b
        i, f, g, o = (z[k * HIDDEN : (k + 1) * HIDDEN] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * m.tanh(g)
        h = sigmoid(o) * m.tanh(c)
        return (h, c), h

    start = m.zeros((HIDDEN,), dtype="float64")
    (h, _), hs = scan(step, (start, start), xs)
    return m.mean((hs @ v) ** 2) + m.sum(h)


def test_lstm_equals_jax_to_second_order() -> None:
    """The length is not known at declaration. Second order: the gradient of the gradient's product with a direction."""
    data = [draw(STEPS, WIDTH), draw(WIDTH, 4 * HIDDEN), draw(HIDDEN, 4 * HIDDEN) / 2, draw(4 * HIDDEN), draw(HIDDEN)]
    steps = [draw(*array.shape) for array in data]
    inputs = [theon.tensor(f"x{i}", shape=(None,) * a.ndim, dtype="float64") for i, a in enumerate(data)]
    inputs[1:] = [theon.tensor(f"w{i}", shape=a.shape, dtype="float64") for i, a in enumerate(data[1:])]
    loss = lstm(theon, theon.sigmoid, theon.scan, *inputs)
    first = theon.grad(loss, inputs)
    slope = sum((theon.sum(g * s) for g, s in zip(first[1:], steps[1:], strict=True)), theon.sum(first[0] * steps[0]))
    found = theon.function(inputs, [loss, *first, *theon.grad(slope, inputs)])(*data)

    def jax_loss(xs: Any) -> Any:
        return lstm(jnp, jax.nn.sigmoid, lax.scan, *xs)

    def jax_slope(xs: Any) -> Any:
        return sum(jnp.vdot(g, s) for g, s in zip(jax.grad(jax_loss)(xs), steps, strict=True))

    wanted = in_jax(lambda xs: [jax_loss(xs), *jax.grad(jax_loss)(xs), *jax.grad(jax_slope)(xs)], data)
    assert_near(found, wanted)


# --- Forms ----------------------------------------------------------------------------------------

x, w, c0 = theon.dmatrix("x"), theon.dvector("w"), theon.dvector("c0")
zero = theon.constant(0.0, "float64")


def cell(m: Any) -> Callable[[Any, Any], Any]:
    def step(c: Any, x: Any) -> Any:
        c = m.tanh(c + x)
        return c, c * x

    return step


@pytest.mark.parametrize("length", (0, 1, 7))
@pytest.mark.parametrize("reverse", (False, True))
def test_directions_and_lengths(length: int, reverse: bool) -> None:
    def declare(m: Any, scan: Any, x: Any, c: Any) -> Any:
        final, ys = scan(cell(m), c, x, reverse=reverse)
        return m.sum(final**2) + m.sum(m.sin(ys) * m.sin(x))

    loops_agree(declare, draw(length, 3), draw(3))


def test_ys_stay_aligned_in_reverse() -> None:
    _, ys = theon.scan(lambda c, v: (c + v, c + v), theon.zeros((2,), dtype="float64"), x, reverse=True)
    data = draw(4, 2)
    np.testing.assert_allclose(ys.eval({x: data}), np.cumsum(data[::-1], 0)[::-1])


def test_nests_of_carries_sequences_and_outputs() -> None:
    def declare(m: Any, scan: Any, x: Any, y: Any, c: Any) -> Any:
        def step(carry: Any, now: Any) -> Any:
            h = m.sin(carry["h"] * now[0] + now[1]["y"])
            return {"h": h, "n": (carry["n"][0] + 1.0, carry["n"][1] * h)}, [h, (h * h, carry["n"][0])]

        start = {"h": c, "n": (m.zeros((), dtype="float64"), c)}
        final, (hs, (squares, counts)) = scan(step, start, (x, {"y": y}))
        return m.sum(hs * squares) + m.sum(final["n"][1]) + m.sum(counts) * final["n"][0]

    loops_agree(declare, draw(5, 3), draw(5, 3), draw(3))


def test_nested_scans() -> None:
    def declare(m: Any, scan: Any, x: Any, w: Any, c: Any) -> Any:
        def outer(carry: Any, row: Any) -> Any:
            inner, ys = scan(lambda c, v: (m.tanh(c * w + v), m.sum(c * carry)), carry, row)
            return inner, m.sum(ys) + m.sum(row)

        final, ys = scan(outer, c, x)
        return m.sum(final) + m.sum(ys**2)

    loops_agree(declare, draw(3, 4, 2), draw(2), draw(2))


def test_a_scan_over_the_results_of_another_and_in_reverse() -> None:
    def declare(m: Any, scan: Any, x: Any, c: Any) -> Any:
        first, hs = scan(cell(m), c, x)
        second, ys = scan(cell(m), first, hs, reverse=True)
        return m.sum(second * c) + m.sum(ys)

    loops_agree(declare, draw(5, 3), draw(3))


def test_what_is_captured_gets_its_gradient() -> None:
    """A matrix, a value computed outside, and an index of the outer array."""

    def declare(m: Any, scan: Any, x: Any, W: Any, v: Any) -> Any:
        outer = m.exp(v) / 2

        def step(c: Any, row: Any) -> Any:
            c = m.tanh(c @ W + row * outer + W[0])
            return c, m.sum(c * v)

        final, ys = scan(step, m.zeros((3,), dtype="float64"), x)
        return m.sum(final * outer) + m.sum(ys**2)

    loops_agree(declare, draw(4, 3), draw(3, 3), draw(3))


# --- No sequence, and other lengths ---------------------------------------------------------------


def test_a_length_alone() -> None:
    final, ys = theon.scan(lambda c, _: (c * 1.5, c), w, None, length=4)
    got = theon.function([w], [final, ys, *theon.grad(theon.sum(final * ys[1]), [w])])(np.array([1.0, 2.0]))
    powers = 1.5 ** np.arange(4)
    np.testing.assert_allclose(got[0], 1.5**4 * np.array([1.0, 2.0]))
    np.testing.assert_allclose(got[1], powers[:, None] * np.array([1.0, 2.0]))
    np.testing.assert_allclose(got[2], 2 * 1.5**5 * np.array([1.0, 2.0]))


def test_a_static_length() -> None:
    """One program per length."""
    steps = theon.scalar("steps", dtype="int32", static=True)
    final, ys = theon.scan(lambda c, _: (theon.sin(c), c), w, None, length=steps)
    run = theon.function([w, steps], [final, ys, theon.grad(theon.sum(final), w)])
    at = np.array([0.5, 1.0])
    for length in (0, 1, 3):
        value, slope = at, np.ones(2)
        for _ in range(length):
            value, slope = np.sin(value), slope * np.cos(value)
        got = run(at, length)
        np.testing.assert_allclose(got[0], value)
        assert got[1].shape == (length, 2)
        np.testing.assert_allclose(got[2], slope)


def test_a_length_from_a_shape() -> None:
    final, _ = theon.scan(lambda c, _: (c + 1, None), 0, None, length=x.shape[0])
    assert final.eval({x: np.zeros((5, 1))}) == 5


def test_length_and_sequences_must_agree() -> None:
    with pytest.raises(theon.ShapeError, match=r"lengths differ \(3 and 4\)"):
        theon.scan(lambda c, v: (c + v, None), 0.0, theon.zeros((4,)), length=3)
    with pytest.raises(theon.ShapeError, match=r"lengths differ \(3 and 4\)"):
        theon.scan(lambda c, v: (c + v[0], None), 0.0, (theon.zeros((3,)), theon.zeros((4,))))
    a, b = theon.vector("a"), theon.vector("b")
    final, _ = theon.scan(lambda c, v: (c + v[0] * v[1], None), 0.0, (a, b))
    with pytest.raises(theon.ShapeError, match="lengths differ"):
        final.eval({a: [1.0], b: [1.0, 2.0]})


def test_nothing_to_loop_over() -> None:
    with pytest.raises(theon.ArgumentError, match="nothing to loop over"):
        theon.scan(lambda c, _: (c, c), 0.0)
    with pytest.raises(theon.ShapeError, match="needs a leading axis"):
        theon.scan(lambda c, v: (c, v), 0.0, theon.scalar())


def test_malformed_steps() -> None:
    a = theon.vector("a")
    with pytest.raises(theon.ArgumentError, match="must return"):
        theon.scan(lambda c, v: c + v, 0.0, a)
    with pytest.raises(theon.ArgumentError, match="nested differently"):
        theon.scan(lambda c, v: ((c, c), v), 0.0, a)
    with pytest.raises(theon.DTypeError, match="changes dtype from float32 to float64"):
        theon.scan(lambda c, v: (c + v, v), theon.constant(0.0), theon.dvector())
    with pytest.raises(theon.ShapeError, match="changes shape"):
        theon.scan(lambda c, v: (c + v, v), theon.constant(0.0), theon.matrix())


# --- Ints, bools and what has no gradient ---------------------------------------------------------


def test_carries_without_gradient() -> None:
    """An int, a bool and an int sequence beside floats: all loop on, none gets a gradient."""
    indices = theon.ivector("indices")

    def step(carry: Any, now: Any) -> Any:
        count, even, value = carry
        i, row = now
        value = theon.where(even, theon.sin(value) * row[i], value + row[i])
        return (count + i, theon.logical_not(even), value), count

    start = (theon.constant(0), theon.constant(True), w[0])
    (count, even, value), counts = theon.scan(step, start, (indices, x))
    run = theon.function([indices, x, w], [count, even, value, counts, *theon.grad(value * value, [x, w])])
    ints, rows, weights = np.array([2, 0, 1], np.int32), draw(3, 3), draw(2)

    def jax_value(rows: Any, weights: Any) -> Any:
        def jax_step(carry: Any, now: Any) -> Any:
            even, value = carry
            i, row = now
            return (~even, jnp.where(even, jnp.sin(value) * row[i], value + row[i])), None

        return lax.scan(jax_step, (jnp.asarray(True), weights[0]), (ints, rows))[0][1]

    got = run(ints, rows, weights)
    assert int(got[0]) == 3
    assert not bool(got[1])
    assert got[3].dtype == np.int32
    np.testing.assert_array_equal(got[3], [0, 2, 2])
    assert_near(
        [got[2], *got[4:]],
        in_jax(lambda r, v: [jax_value(r, v), *jax.grad(lambda *a: jax_value(*a) ** 2, (0, 1))(r, v)], rows, weights),
    )


def test_gradient_by_an_int_carry_is_refused() -> None:
    count, _ = theon.scan(lambda c, v: (c + 1, v), 0, x)
    with pytest.raises(theon.GradientError):
        theon.grad(theon.sum(x) * 0 + count.astype("float64"), count)


def test_the_gradient_does_not_pass_an_int() -> None:
    """Connected in the graph, not differentiably: what depends on the sequence by an int alone is disconnected."""
    count, _ = theon.scan(lambda c, v: (c + v.astype("int32"), None), 0, w)
    with pytest.raises(theon.DisconnectedError):
        theon.grad(count.astype("float64"), w)


# --- States, draws and effects --------------------------------------------------------------------


def test_states_are_carried_and_take_their_final_values() -> None:
    total = theon.shared(np.zeros(2), name="total")
    count = theon.shared(3, name="count")

    def step(c: Any, v: Any) -> Any:
        return c * 0.5 + v, total + v, {total: total + v, count: count + 1}

    final, seen = theon.scan(step, w, x)
    run = theon.function([w, x], [final, seen])
    data = draw(3, 2)
    seen_now = run(np.zeros(2), data)[1]
    np.testing.assert_allclose(seen_now, np.cumsum(data, 0))
    np.testing.assert_allclose(total.get_value(), data.sum(0))
    assert count.get_value() == 6
    np.testing.assert_allclose(run(np.zeros(2), data)[1], data.sum(0) + np.cumsum(data, 0))
    assert count.get_value() == 9


def test_default_updates_can_be_left_out_and_overridden() -> None:
    total = theon.shared(0.0, name="total", dtype="float64")
    _, seen = theon.scan(lambda c, v: (c, total + v, {total: total + v}), 0.0, w)
    theon.function([w], seen, no_default_updates=True)(np.ones(3))
    assert total.get_value() == 0
    theon.function([w], seen, updates={total: total - 1})(np.ones(3))
    assert total.get_value() == -1
    theon.function([w], seen)(np.ones(3))
    assert total.get_value() == 2


def test_updates_are_reached_through_a_gradient() -> None:
    count = theon.shared(0, name="count")
    v = theon.vector("v")
    final, _ = theon.scan(lambda c, v: (theon.sin(c) * v, None, {count: count + 1}), 1.0, v)
    theon.function([v], theon.grad(final, v))(np.ones(4, np.float32))
    assert count.get_value() == 4


def test_draws_differ_from_step_to_step_and_repeat_in_the_gradient() -> None:
    """The backward loop sees the very numbers that the forward loop drew."""
    stream = theon.random.stream(seed=7)

    def step(c: Any, v: Any) -> Any:
        noise = theon.random.normal(stream, (3,), dtype="float64")
        return c + noise * theon.sin(v), noise

    final, noise = theon.scan(step, c0, x)
    run = theon.function([c0, x], [final, noise, theon.grad(theon.sum(final), x)])
    start, data = np.zeros(3), draw(5, 3)
    _, drawn, slope = (np.asarray(part) for part in run(start, data))
    assert len({row.tobytes() for row in drawn}) == 5
    np.testing.assert_allclose(slope, drawn * np.cos(data))
    again = np.asarray(run(start, data)[1])
    assert not np.any(again == drawn)


def test_draws_inside_nested_loops_differ() -> None:
    stream = theon.random.stream(seed=1)

    def outer(c: Any, _: Any) -> Any:
        _, ys = theon.scan(lambda c, _: (c, theon.random.normal(stream, ())), 0.0, None, length=3)
        return c, ys

    _, ys = theon.scan(outer, 0.0, None, length=4)
    assert len(set(np.ravel(theon.function([], ys)()).tolist())) == 12


def test_print_inside(capsys: pytest.CaptureFixture[str]) -> None:
    """Once per step, in order; not again in the backward loop."""
    final, _ = theon.scan(lambda c, v: (theon.sin(c) * theon.print(v, "v"), None), w[0], w)
    run = theon.function([w], [final, theon.grad(final, w)])
    run(np.array([1.0, 2.0, 3.0]))
    assert capsys.readouterr().out == "v 1.0\nv 2.0\nv 3.0\n"


def test_print_inside_with_two_gradients(capsys: pytest.CaptureFixture[str]) -> None:
    final, ys = theon.scan(lambda c, v: (theon.sin(c) * theon.print(v, "v"), c * c), w[0], w)
    costs = [final, theon.sum(ys)]
    run = theon.function([w], [*costs, *(theon.grad(cost, w) for cost in costs)])
    run(np.array([1.0, 2.0]))
    assert capsys.readouterr().out == "v 1.0\nv 2.0\n"


def test_check_inside() -> None:
    """One bad step fails the call, and the state stays."""
    calls = theon.shared(0, name="calls")

    def step(c: Any, v: Any) -> Any:
        return c + theon.sqrt(theon.check(v, v >= 0, "only positive rows")), None

    final, _ = theon.scan(step, zero, w)
    run = theon.function([w], [final, theon.grad(final, w)], updates={calls: calls + 1})
    assert float(run(np.array([4.0, 9.0]))[0]) == 5.0
    with pytest.raises(theon.CheckError, match="only positive rows"):
        run(np.array([4.0, -1.0, 9.0]))
    assert calls.get_value() == 1


def test_check_inside_nested_loops() -> None:
    def outer(c: Any, row: Any) -> Any:
        return theon.scan(lambda c, v: (c + theon.check(v, v > 0, "positive"), None), c, row)[0], None

    final, _ = theon.scan(outer, zero, x)
    run = theon.function([x], final)
    assert float(run(np.ones((2, 3)))) == 6.0
    with pytest.raises(theon.CheckError, match="positive"):
        run(np.array([[1.0, 1.0], [-1.0, 1.0]]))


def test_a_state_takes_what_may_have_its_shape() -> None:
    """Dims that are not known at declaration may be equal, as in `function(updates=...)`; ranks and sizes may not."""
    total = theon.shared(np.zeros(2), name="total")
    rows = theon.dmatrix("rows")
    final, _ = theon.scan(lambda c, row: (c + 1, None, {total: row}), 0, rows)
    run = theon.function([rows], final)
    assert run(np.array([[1.0, 2.0], [3.0, 4.0]])) == 2
    assert total.get_value().tolist() == [3.0, 4.0]
    with pytest.raises(theon.ShapeError):
        run(np.ones((2, 3)))
    assert total.get_value().tolist() == [3.0, 4.0]
    wrongs = (theon.zeros((3,), dtype="float64"), theon.dscalar("s"), theon.vector("v"))
    for wrong in wrongs:
        with pytest.raises(theon.DTypeError, match="the update of total changes its type"):
            theon.scan(lambda c, row, wrong=wrong: (c, None, {total: wrong}), 0, rows)


def test_python_numbers_take_the_dtype_of_the_carry() -> None:
    """As beside arrays: an int in a float's place, not a float in an int's."""
    xs = theon.dvector("xs")
    (total, last), _ = theon.scan(lambda c, x: ((c[0] + x, 0), None), (xs[0], xs[0]), xs)
    assert total.dtype == last.dtype == np.float64
    assert [float(v) for v in theon.function([xs], [total, last])([1.0, 2.0])] == [4.0, 0.0]
    with pytest.raises(theon.DTypeError, match="changes dtype from int32 to float32"):
        theon.scan(lambda c, x: (0.5, None), 0, xs)
    done = theon.while_loop(lambda c: c[0] > 1, lambda c: (c[0] / 2, 7), (xs[0], xs[0]))
    assert [float(v) for v in theon.function([xs], list(done))([5.0, 2.0])] == [0.625, 7.0]
