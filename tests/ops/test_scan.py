"""`scan`: values, states, draws and effects, what is hoisted and pruned, and gradients against `lax.scan` and `jax.grad`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import theon
from theon.graph.node import Node
from theon.ops.control import Scan
from theon.ops.region import everything

Array: TypeAlias = "np.ndarray[Any, Any]"

rng = np.random.default_rng(0)


def draw(*shape: int) -> Array:
    return rng.standard_normal(shape)


def in_jax(run: Callable[..., Any], *arguments: Any) -> Any:
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, jax.jit(run)(*arguments))


def assert_near(got: Any, wanted: Any, limit: float = 1e-12) -> None:
    """Norm-wise, array by array."""
    got, wanted = jax.tree.leaves(got), jax.tree.leaves(wanted)
    assert len(got) == len(wanted)
    for a, b in zip(map(np.asarray, got), map(np.asarray, wanted), strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        assert np.linalg.norm(a - b) <= limit * np.linalg.norm(b), f"{a}\n{b}"


def loops(run: theon.Function) -> list[Scan]:
    """All scans of a function's last program."""
    return [node.op for node in everything(run.programs[-1].graph) if isinstance(node.op, Scan)]


def ops_of(nodes: Sequence[Node]) -> list[str]:
    return [node.op.name for node in nodes]


# --- An LSTM of 200 steps -----------------------------------------------------------------------------------------------

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


# --- Forms --------------------------------------------------------------------------------------------------------------

x, w, c0 = theon.dmatrix("x"), theon.dvector("w"), theon.dvector("c0")
zero = theon.constant(0.0, "float64")


def cell(m: Any) -> Callable[[Any, Any], Any]:
    def step(c: Any, x: Any) -> Any:
        c = m.tanh(c + x)
        return c, c * x

    return step


def compare(
    declare: Callable[[Any, Any, Any, Any, Any], Any],
    *data: Any,
    inputs: Sequence[Node] | None = None,
) -> theon.Function:
    """`declare(numpy-like, scan, *inputs)` gives a scalar: its value, gradient and curvature in theon and JAX."""
    given = [theon.tensor(f"x{i}", shape=(None,) * np.ndim(a), dtype="float64") for i, a in enumerate(data)]
    steps = [draw(*np.shape(a)) for a in data]

    def total(m: Any, gradient: Any) -> Any:
        parts = [m.sum(g * s) for g, s in zip(gradient, steps, strict=True)]
        return sum(parts[1:], parts[0])

    cost = declare(theon, theon.scan, *given)  # type: ignore[call-arg]
    first = theon.grad(cost, given)
    run = theon.function(given, [cost, *first, *theon.grad(total(theon, first), given)])

    def jax_cost(xs: Any) -> Any:
        return declare(jnp, lax.scan, *xs)  # type: ignore[call-arg]

    def jax_slope(xs: Any) -> Any:
        return total(jnp, jax.grad(jax_cost)(xs))

    wanted = in_jax(lambda xs: [jax_cost(xs), *jax.grad(jax_cost)(xs), *jax.grad(jax_slope)(xs)], list(data))
    assert_near(run(*data), wanted)
    return run


@pytest.mark.parametrize("length", (0, 1, 2, 7))
@pytest.mark.parametrize("reverse", (False, True))
def test_directions_and_lengths(length: int, reverse: bool) -> None:
    def declare(m: Any, scan: Any, x: Any, c: Any) -> Any:
        final, ys = scan(cell(m), c, x, reverse=reverse)
        return m.sum(final**2) + m.sum(m.sin(ys) * m.sin(x))

    compare(declare, draw(length, 3), draw(3))


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

    compare(declare, draw(5, 3), draw(5, 3), draw(3))


def test_nested_scans() -> None:
    def declare(m: Any, scan: Any, x: Any, w: Any, c: Any) -> Any:
        def outer(carry: Any, row: Any) -> Any:
            inner, ys = scan(lambda c, v: (m.tanh(c * w + v), m.sum(c * carry)), carry, row)
            return inner, m.sum(ys) + m.sum(row)

        final, ys = scan(outer, c, x)
        return m.sum(final) + m.sum(ys**2)

    compare(declare, draw(3, 4, 2), draw(2), draw(2))


def test_a_scan_over_the_results_of_another_and_in_reverse() -> None:
    def declare(m: Any, scan: Any, x: Any, c: Any) -> Any:
        first, hs = scan(cell(m), c, x)
        second, ys = scan(cell(m), first, hs, reverse=True)
        return m.sum(second * c) + m.sum(ys)

    compare(declare, draw(5, 3), draw(3))


def test_what_is_captured_gets_its_gradient() -> None:
    """A matrix, a value computed outside, and an index of the outer array."""

    def declare(m: Any, scan: Any, x: Any, W: Any, v: Any) -> Any:
        outer = m.exp(v) / 2

        def step(c: Any, row: Any) -> Any:
            c = m.tanh(c @ W + row * outer + W[0])
            return c, m.sum(c * v)

        final, ys = scan(step, m.zeros((3,), dtype="float64"), x)
        return m.sum(final * outer) + m.sum(ys**2)

    compare(declare, draw(4, 3), draw(3, 3), draw(3))


def test_products_with_elements() -> None:
    """A product that leaves the loop, alone and inside a function of the carry; batches too."""

    def declare(m: Any, scan: Any, x: Any, W: Any, U: Any) -> Any:
        def step(c: Any, row: Any) -> Any:
            c = m.tanh(row @ W + c @ U)
            return c, row @ W

        final, ys = scan(step, m.zeros((2, 3), dtype="float64"), x)
        return m.sum(final**2) + m.sum(ys * ys)

    compare(declare, draw(4, 2, 5), draw(5, 3), draw(3, 3))


# --- No sequence, and other lengths -------------------------------------------------------------------------------------


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


# --- Ints, bools and what has no gradient -------------------------------------------------------------------------------


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
    assert_near([got[2], *got[4:]], in_jax(lambda r, v: [jax_value(r, v), *jax.grad(lambda *a: jax_value(*a) ** 2, (0, 1))(r, v)], rows, weights))


def test_gradient_by_an_int_carry_is_refused() -> None:
    count, _ = theon.scan(lambda c, v: (c + 1, v), 0, x)
    with pytest.raises(theon.GradientError):
        theon.grad(theon.sum(x) * 0 + count.astype("float64"), count)


def test_the_gradient_does_not_pass_an_int() -> None:
    """Connected in the graph, not differentiably: what depends on the sequence by an int alone is disconnected."""
    count, _ = theon.scan(lambda c, v: (c + v.astype("int32"), None), 0, w)
    with pytest.raises(theon.DisconnectedError):
        theon.grad(count.astype("float64"), w)


# --- States, draws and effects ------------------------------------------------------------------------------------------


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


# --- What stands in the loop --------------------------------------------------------------------------------------------


def test_what_does_not_change_is_computed_outside() -> None:
    def step(c: Any, v: Any) -> Any:
        return theon.tanh(c + v * theon.exp(theon.sin(w))), None

    final, _ = theon.scan(step, c0, x)
    run = theon.function([x, w, c0], final).compile(np.zeros((4, 2)), np.zeros(2), np.zeros(2))
    (loop,) = loops(run)
    assert sorted(op for op in ops_of(loop.body.nodes()) if op != "input") == ["add", "multiply", "tanh"]
    assert {"exp", "sin"} <= set(ops_of(run.programs[0].graph.nodes()))


def test_a_product_of_elements_leaves_the_loop() -> None:
    W = theon.dmatrix("W")
    final, _ = theon.scan(lambda c, v: (theon.tanh(c + v @ W), None), c0, x)
    run = theon.function([x, W, c0], [final, theon.grad(theon.sum(final), W)])
    run(draw(5, 3), draw(3, 2), draw(2))
    assert not any("dot_general" in ops_of(loop.body.nodes()) for loop in loops(run))


def test_a_gradient_in_the_body_by_what_is_outside() -> None:
    """What lies between the wrt and the cost stays in the body, though it does not change in the loop."""
    W, v = theon.dmatrix("W"), theon.dscalar("v")

    def declare(m: Any, scan: Any, gradient: Any, x: Any, W: Any, v: Any) -> Any:
        def step(c: Any, row: Any) -> Any:
            g = gradient(lambda W, v: m.sum(m.tanh(row @ W) * c * m.exp(m.sin(v))), W, v)
            return c + m.sum(g[0]) * 0.01 + g[1], g[0]

        final, gs = scan(step, m.ones((2,), dtype="float64"), x)
        return m.sum(final) + m.sum(gs**2)

    data = [draw(4, 3), draw(3, 2), np.array(0.3)]
    cost = declare(theon, theon.scan, lambda f, *at: theon.grad(f(*at), at), x, W, v)
    found = theon.function([x, W, v], [cost, *theon.grad(cost, [x, W, v])])(*data)

    def jax_cost(x: Any, W: Any, v: Any) -> Any:
        return declare(jnp, lax.scan, lambda f, *at: jax.grad(f, (0, 1))(*at), x, W, v)

    assert_near(found, in_jax(lambda *a: [jax_cost(*a), *jax.grad(jax_cost, (0, 1, 2))(*a)], *data))


def test_unused_outputs_and_carries_leave_the_loop() -> None:
    def step(carry: Any, v: Any) -> Any:
        a, b = carry
        return (theon.sin(a + v), theon.cos(b * v)), (a * 2, b * 3)

    (a, _), (ys, _) = theon.scan(step, (c0, c0), x)
    run = theon.function([x, c0], a).compile(np.zeros((4, 2)), np.zeros(2))
    (loop,) = loops(run)
    assert (loop.carries, len(loop.body.outputs)) == (1, 1)
    assert "cos" not in ops_of(loop.body.nodes())
    (loop,) = loops(theon.function([x, c0], ys).compile(np.zeros((4, 2)), np.zeros(2)))
    assert (loop.carries, len(loop.body.outputs)) == (1, 2)


def test_unused_outputs_leave_inner_loops() -> None:
    def outer(c: Any, row: Any) -> Any:
        c, ys = theon.scan(lambda c, v: (theon.sin(c + v), theon.cos(c)), c, row)
        return c, theon.sum(ys)

    final, _ = theon.scan(outer, zero, x)
    run = theon.function([x], final).compile(np.zeros((4, 2)))
    assert [len(loop.body.outputs) for loop in loops(run)] == [1, 1]


def test_two_gradients_share_one_forward_loop() -> None:
    final, ys = theon.scan(cell(theon), c0, x)
    costs = [theon.sum(final**2), theon.sum(theon.sin(ys)), theon.sum(final * ys[0])]
    gradients = [theon.grad(cost, [x, c0]) for cost in costs]
    run = theon.function([x, c0], [*costs, *(g for pair in gradients for g in pair)])
    at = draw(5, 3), draw(3)
    got = run(*at)
    assert len([loop for loop in loops(run) if not loop.reverse]) == 1

    def jax_costs(x: Any, c: Any) -> Any:
        final, ys = lax.scan(cell(jnp), c, x)
        return [jnp.sum(final**2), jnp.sum(jnp.sin(ys)), jnp.sum(final * ys[0])]

    def wanted(*at: Any) -> Any:
        return [jax_costs(*at), [jax.grad(lambda *a, i=i: jax_costs(*a)[i], (0, 1))(*at) for i in range(3)]]

    assert_near(got, in_jax(wanted, *at))


def test_two_gradients_share_one_forward_loop_when_nested() -> None:
    W = theon.dmatrix("W")

    def outer(c: Any, rows: Any) -> Any:
        c, ys = theon.scan(lambda c, v: ((h := theon.tanh(c @ W + v)), h * 2), c, rows)
        return theon.sin(c), theon.sum(ys)

    rows = theon.dtensor3("rows")
    final, ys = theon.scan(outer, c0, rows)
    costs = [theon.sum(final**2), theon.sum(theon.sin(ys))]
    run = theon.function([W, rows, c0], [*costs, *(theon.grad(cost, W) for cost in costs)])
    run(draw(3, 3), draw(4, 5, 3), draw(3))
    assert len([loop for loop in loops(run) if not loop.reverse]) == 2


def test_a_gradient_of_some_inputs_only() -> None:
    """What nobody asks for is not computed: the loop back carries one sum, or none."""
    u = theon.dvector("u")

    def step(c: Any, v: Any) -> Any:
        return theon.tanh(c * w + v * u), None

    final, _ = theon.scan(step, c0, x)
    cost = theon.sum(final)
    at = [draw(4, 2), draw(2), draw(2), draw(2)]
    everything_ = theon.function([x, w, u, c0], theon.grad(cost, [x, w, u, c0]))(*at)
    for position, wrt in enumerate((x, w, u, c0)):
        alone = theon.function([x, w, u, c0], theon.grad(cost, wrt))
        assert_near(alone(*at), everything_[position])
    run = theon.function([x, w, u, c0], theon.grad(cost, c0)).compile(*at)
    (back,) = (loop for loop in loops(run) if loop.reverse)
    assert len(back.body.outputs) == 1


def test_by_intermediates_outside() -> None:
    """What enters the loop as a sequence, as a start and as a constant, and what leaves it."""
    rows, scale, start = theon.sin(x), theon.exp(w), theon.cos(c0)
    final, ys = theon.scan(lambda c, v: ((h := theon.tanh(c * scale + v)), h * v), start, rows)
    cost = theon.sum(final * ys[-1]) + theon.sum(ys * ys)
    wrt = [rows, scale, start, final, ys, x]
    first = theon.grad(cost, wrt)
    slope = sum((theon.sum(theon.sin(g)) for g in first[1:]), theon.sum(theon.sin(first[0])))
    found = theon.function([x, w, c0], [*first, *theon.grad(slope, wrt)])

    def jax_cost(nudges: Any, x: Any, w: Any, c0: Any) -> Any:
        rows, scale, start = (f(a) + n for f, a, n in zip((jnp.sin, jnp.exp, jnp.cos), (x, w, c0), nudges[:3], strict=True))
        final, ys = lax.scan(lambda c, v: ((h := jnp.tanh(c * scale + v)), h * v), start, rows)
        final, ys = final + nudges[3], ys + nudges[4]
        return jnp.sum(final * ys[-1]) + jnp.sum(ys * ys)

    def wanted(x: Any, w: Any, c0: Any) -> Any:
        zeros = [jnp.zeros_like(a) for a in (x, w, c0, c0, x)]

        def first(nudges: Any, x: Any) -> Any:
            one, by_x = jax.grad(jax_cost, (0, 1))(nudges, x, w, c0)
            return [*one, by_x]

        def slope(nudges: Any, x: Any) -> Any:
            return sum(jnp.sum(jnp.sin(g)) for g in first(nudges, x))

        second, by_x = jax.grad(slope, (0, 1))(zeros, x)
        return [*first(zeros, x), *second, by_x]

    at = draw(4, 2), draw(2), draw(2)
    assert_near(found(*at), in_jax(wanted, *at))


def test_by_an_intermediate_inside() -> None:
    """A gradient in the body, by a value that the body makes of its carry."""

    def declare(m: Any, scan: Any, slope: Any, x: Any, c: Any) -> Any:
        def step(c: Any, row: Any) -> Any:
            h = m.sin(c) * row
            g = slope(lambda h: m.sum(m.tanh(h) ** 3) + m.sum(m.cos(c) * row), h)
            return c + g, h * g

        final, ys = scan(step, c, x)
        return m.sum(final**2) + m.sum(ys)

    data = [draw(3, 2), draw(2)]
    cost = declare(theon, theon.scan, lambda f, h: theon.grad(f(h), h), x, c0)
    found = theon.function([x, c0], [cost, *theon.grad(cost, [x, c0])])(*data)

    def jax_cost(x: Any, c: Any) -> Any:
        return declare(jnp, lax.scan, lambda f, h: jax.grad(f)(h), x, c)

    assert_near(found, in_jax(lambda *a: [jax_cost(*a), *jax.grad(jax_cost, (0, 1))(*a)], *data))


def test_a_scan_inside_a_function_of_its_own_gradient() -> None:
    """Gradient descent unrolled by a scan over steps, and its derivative by the rate."""

    def declare(m: Any, scan: Any, slope: Any, rate: Any, w: Any) -> Any:
        final, losses = scan(lambda p, _: ((p - rate * slope(lambda q: m.sum(m.cosh(q)), p)), m.sum(p**2)), w, None, length=6)
        return m.sum(final**2) + m.sum(losses)

    rate = theon.dscalar("rate")
    data = [np.array(0.1), draw(3)]
    cost = declare(theon, theon.scan, lambda f, p: theon.grad(f(p), p), rate, w)
    found = theon.function([rate, w], [cost, *theon.grad(cost, [rate, w])])(*data)

    def jax_cost(rate: Any, w: Any) -> Any:
        return declare(jnp, lax.scan, lambda f, p: jax.grad(f)(p), rate, w)

    assert_near(found, in_jax(lambda *a: [jax_cost(*a), *jax.grad(jax_cost, (0, 1))(*a)], *data))


def test_rop_through_a_loop() -> None:
    final, ys = theon.scan(cell(theon), c0, x)
    dx, dc = theon.dmatrix("dx"), theon.dvector("dc")
    run = theon.function([x, c0, dx, dc], theon.Rop([final, ys], [x, c0], [dx, dc]))
    at, along = (draw(4, 2), draw(2)), (draw(4, 2), draw(2))

    def wanted(at: Any, along: Any) -> Any:
        return jax.jvp(lambda x, c: lax.scan(cell(jnp), c, x), at, along)[1]

    assert_near(run(*at, *along), in_jax(wanted, at, along))
