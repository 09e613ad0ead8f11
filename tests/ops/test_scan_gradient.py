"""What stands in a scan's loop after compilation, and gradients through loops, in them and of several costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import theon
from tests.ops.against_jax import Array, assert_near, in_jax, loops_agree
from theon.graph.node import Node
from theon.ops.control import Scan
from theon.ops.region import everything

rng = np.random.default_rng(1)
x, w, c0 = theon.dmatrix("x"), theon.dvector("w"), theon.dvector("c0")
zero = theon.constant(0.0, "float64")


def draw(*shape: int) -> Array:
    return rng.standard_normal(shape)


def cell(m: Any) -> Callable[[Any, Any], Any]:
    def step(c: Any, x: Any) -> Any:
        c = m.tanh(c + x)
        return c, c * x

    return step


def loops(run: theon.Function) -> list[Scan]:
    """All scans of a function's last program."""
    return [node.op for node in everything(run.programs[-1].graph) if isinstance(node.op, Scan)]


def ops_of(nodes: Sequence[Node]) -> list[str]:
    return [node.op.name for node in nodes]


# --- What stands in the loop ----------------------------------------------------------------------


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


def test_products_with_elements() -> None:
    """Alone and inside a function of the carry; of batches."""

    def declare(m: Any, scan: Any, x: Any, W: Any, U: Any) -> Any:
        def step(c: Any, row: Any) -> Any:
            c = m.tanh(row @ W + c @ U)
            return c, row @ W

        final, ys = scan(step, m.zeros((2, 3), dtype="float64"), x)
        return m.sum(final**2) + m.sum(ys * ys)

    loops_agree(declare, draw(4, 2, 5), draw(5, 3), draw(3, 3))


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


# --- Gradients ------------------------------------------------------------------------------------


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
        rows, scale, start = (
            f(a) + n for f, a, n in zip((jnp.sin, jnp.exp, jnp.cos), (x, w, c0), nudges[:3], strict=True)
        )
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
        final, losses = scan(
            lambda p, _: ((p - rate * slope(lambda q: m.sum(m.cosh(q)), p)), m.sum(p**2)), w, None, length=6
        )
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


def test_lop_and_rop_in_the_body() -> None:
    def step(c: Node, row: Node) -> tuple[Node, Node]:
        y = theon.tanh(c * w) * row
        return c + theon.Lop(y, c, row), theon.Rop(y, w, row)

    final, ys = theon.scan(step, c0, x)
    cost = theon.sum(final) + theon.sum(ys**2)

    def jax_cost(x: Any, w: Any, c0: Any) -> Any:
        def step(c: Any, row: Any) -> Any:
            def y(c: Any, w: Any) -> Any:
                return jnp.tanh(c * w) * row

            pulled = jax.vjp(lambda c: y(c, w), c)[1](row)[0]
            return c + pulled, jax.jvp(lambda w: y(c, w), (w,), (row,))[1]

        final, ys = lax.scan(step, c0, x)
        return jnp.sum(final) + jnp.sum(ys**2)

    at = draw(4, 2), draw(2), draw(2)
    found = theon.function([x, w, c0], [cost, *theon.grad(cost, [x, w, c0])])(*at)
    assert_near(found, in_jax(lambda *a: [jax_cost(*a), *jax.grad(jax_cost, (0, 1, 2))(*a)], *at))


def test_a_gradient_by_an_outer_node_holding_another_constant() -> None:
    """Both enter the loop by themselves, though nothing between them changes in it."""
    k = theon.tanh(w)

    def step(c: Node, row: Node) -> tuple[Node, None]:
        h = theon.sin(c * k)
        return c + theon.grad(theon.sum(h * k * row), k, consider_constant=[h]), None

    final, _ = theon.scan(step, c0, x)
    run = theon.function([x, w, c0], [final, theon.grad(theon.sum(final**2), w)])

    def jax_final(w: Any, x: Any, c0: Any) -> Any:
        return lax.scan(lambda c, row: (c + jnp.sin(c * jnp.tanh(w)) * row, None), c0, x)[0]

    def jax_cost(w: Any, x: Any, c0: Any) -> Any:
        return jnp.sum(jax_final(w, x, c0) ** 2)

    at = draw(4, 2), draw(2), draw(2)
    wanted = in_jax(lambda x, w, c0: [jax_final(w, x, c0), jax.grad(jax_cost)(w, x, c0)], *at)
    assert_near(run(*at), wanted)


def test_gradients_from_outside_are_used_inside() -> None:
    """A loop over derivatives that do not depend on it, and its derivative by what they are derivatives by."""
    h = theon.sin(w)
    inner = theon.sum(h**3)
    by_w, by_h = theon.grad(inner, w), theon.grad(inner, h)
    final, _ = theon.scan(lambda c, v: (c * theon.sum(by_w) + v * theon.sum(by_h * h), None), zero + 1, w)
    run = theon.function([w], [final, *theon.grad(final, [w, h])])

    def jax_final(w: Any, nudge: Any) -> Any:
        def inner(w: Any, nudge: Any) -> Any:
            return jnp.sum((jnp.sin(w) + nudge) ** 3)

        by_w, by_h = jax.grad(inner, (0, 1))(w, nudge)
        h = jnp.sin(w) + nudge
        return lax.scan(lambda c, v: (c * jnp.sum(by_w) + v * jnp.sum(by_h * h), None), 1.0, w)[0]

    at, still = draw(3), np.zeros(3)
    wanted = in_jax(lambda *a: [jax_final(*a), *jax.grad(jax_final, (0, 1))(*a)], at, still)
    assert_near(run(at), wanted)


def test_descent_on_a_carried_state() -> None:
    """A shared variable that each step moves along its gradient; and the derivative by where it started."""
    weight = theon.shared(np.array(1.0), name="weight")

    def step(c: Node, v: Node) -> Any:
        g = theon.grad((weight * v - 1) ** 2, weight)
        return c + g, None, {weight: weight - 0.1 * g}

    final, _ = theon.scan(step, zero, w)
    at = draw(4)

    def jax_run(weight: Any, w: Any) -> Any:
        def step(carry: Any, v: Any) -> Any:
            g = 2 * (carry[1] * v - 1) * v
            return (carry[0] + g, carry[1] - 0.1 * g), None

        return lax.scan(step, (0.0, weight), w)[0]

    slope = theon.function([w], theon.grad(final, weight), no_default_updates=True)(at)
    start = np.array(1.0)
    assert_near(slope, in_jax(jax.grad(lambda start, w: jax_run(start, w)[0]), start, at))
    total = theon.function([w], final)(at)
    assert_near([total, weight.get_value()], list(in_jax(jax_run, start, at)))


def test_prints_happen_once_whatever_is_differentiated(capsys: pytest.CaptureFixture[str]) -> None:
    """Derivatives by intermediates are of copies of the cost; what is printed is not printed by each copy."""
    h = theon.sin(w)
    _, ys = theon.scan(lambda c, v: (theon.sin(c) * v, theon.print(c, "c")), zero + 1, h)
    k = theon.print(ys * 2, "ys")
    cost = theon.sum(k * k)
    first = theon.grad(cost, [w, h, ys, k])
    run = theon.function([w], [cost, *first, *theon.grad(theon.sum(first[1] ** 2), [w, h])])
    run(draw(3))
    printed = capsys.readouterr().out
    assert (printed.count("c "), printed.count("ys ")) == (3, 1)
