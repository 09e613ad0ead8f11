"""`Lop` and `Rop`, and gradients in expressions and of each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon
from tests.ops.against_jax import Array, assert_near, in_jax
from theon.graph.node import Node

rng = np.random.default_rng(6)
POINT = rng.standard_normal(3)
x = theon.dvector("x")


def at(node: Node | Sequence[Node], value: Array = POINT, of: Node = x) -> list[Array]:
    """Values of nodes where one input is given."""
    nodes = [node] if isinstance(node, Node) else list(node)
    return [np.asarray(part) for part in theon.function([of], nodes, on_unused_input="ignore")(value)]


def nodes_of(outputs: Sequence[Node], *inputs: Node) -> list[str]:
    """The ops of the compiled program."""
    run = theon.function(list(inputs), list(outputs)).compile(*[np.ones((2,) * node.ndim) for node in inputs])
    return [node.op.name for node in run.programs[0].graph.nodes()]


# --- Lop and Rop ----------------------------------------------------------------------------------


def two(m: Any, x: Any) -> tuple[Any, Any]:
    """Two results, the second of which depends on the first."""
    first = m.tanh(x[:2] * x[1:])
    return first, m.sum(first * x[0]) * x


V2, V3 = rng.standard_normal(2), rng.standard_normal(3)


def test_lop() -> None:
    found = theon.Lop(list(two(theon, x)), [x], [V2, V3])
    assert_near(at(found), in_jax(lambda x: jax.vjp(lambda x: two(jnp, x), x)[1]((V2, V3)), POINT))
    assert_near(at(theon.Lop(theon.sin(x), x, V3)), [V3 * np.cos(POINT)])


def test_lop_by_intermediates_and_with_a_live_point() -> None:
    h = theon.exp(x)
    found = theon.Lop([theon.sin(h)], [h, x], [x])
    assert_near(at(found), [POINT * np.cos(np.exp(POINT)), POINT * np.cos(np.exp(POINT)) * np.exp(POINT)])


def test_rop() -> None:
    found = theon.Rop(list(two(theon, x)), x, V3)
    assert_near(at(found), in_jax(lambda x: jax.jvp(lambda x: two(jnp, x), (x,), (V3,))[1], POINT))


def test_rop_of_several_inputs_of_which_one_is_not_used() -> None:
    y, z, v = theon.dvector("y"), theon.dvector("z"), theon.dvector("v")
    moved = theon.Rop(theon.sin(x) * y, [x, y, z], [v, 2 * v, 3 * v])
    run = theon.function([x, y, z, v], moved, on_unused_input="ignore")
    assert_near(run(POINT, V3, V3, V3), V3 * np.cos(POINT) * V3 + 2 * np.sin(POINT) * V3)


def test_rop_of_what_does_not_move() -> None:
    y = theon.dvector("y")
    (still,) = theon.Rop([theon.sin(y)], [x], [V3])
    assert_near(at(still, of=y), [np.zeros(3)])


def test_a_rop_is_differentiable_by_its_seed_and_its_point() -> None:
    v = theon.dvector("v")
    moved = theon.Rop(theon.tanh(x) * theon.sum(x * x), x, v)
    cost = theon.sum(moved * V3)
    run = theon.function([x, v], theon.grad(cost, [x, v]))

    def jax_cost(x: Any, v: Any) -> Any:
        return jnp.sum(jax.jvp(lambda x: jnp.tanh(x) * jnp.sum(x * x), (x,), (v,))[1] * V3)

    direction = np.array([0.3, -1.0, 2.0])
    assert_near(run(POINT, direction), in_jax(jax.grad(jax_cost, (0, 1)), POINT, direction))


def test_hessian_times_vector_three_ways() -> None:
    """Rop of grad, Lop of grad, and the gradient of their product."""
    cost = theon.sum(theon.exp(x) * theon.sin(x[::-1]))
    slope = theon.grad(cost, x)
    ways = [theon.Rop(slope, x, V3), theon.Lop(slope, x, V3), theon.grad(theon.sum(slope * V3), x)]
    wanted = in_jax(lambda x: jax.hessian(lambda x: jnp.sum(jnp.exp(x) * jnp.sin(x[::-1])))(x) @ V3, POINT)
    assert_near(at(ways), [wanted] * 3)


def test_points_must_be_as_many() -> None:
    with pytest.raises(theon.ArgumentError, match="one eval point per output"):
        theon.Lop([x], [x], [])
    with pytest.raises(theon.ArgumentError, match="one eval point per wrt"):
        theon.Rop([x], [x, x], [V3])


# --- Gradients in expressions, and of each other --------------------------------------------------


def test_third_order() -> None:
    def f(m: Any, x: Any) -> Any:
        return m.sum(m.exp(m.sin(x)) * x[::-1] ** 2)

    node = f(theon, x)
    orders = [node]
    for _ in range(3):
        node = theon.sum(theon.grad(node, x) * V3)
        orders.append(node)

    def slope(before: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda x: jnp.sum(jax.grad(before)(x) * V3)

    def jax_orders(x: Any) -> list[Any]:
        steps: list[Callable[[Any], Any]] = [lambda x: f(jnp, x)]
        for _ in range(3):
            steps.append(slope(steps[-1]))
        return [step(x) for step in steps]

    assert_near(at(orders), in_jax(jax_orders, POINT), 1e-12)


def test_mixed_derivatives_by_nested_intermediates() -> None:
    """The inner derivative copies what lies above its wrt; the outer one still finds its own wrt in the copy."""
    h1 = theon.sin(x * 1.5)
    h2 = theon.tanh(h1) * h1
    h3 = theon.exp(-h2)
    wrt = [x, h1, h2, h3]
    cost = theon.sum(h3 * h2 * h1 * x)
    first = theon.grad(cost, wrt)
    slope = [theon.sum(theon.cos(g) * V3) for g in first]
    second = [theon.grad(s, wrt, disconnected_inputs="zero") for s in slope]

    def jax_cost(x: Any, n1: Any, n2: Any, n3: Any) -> Any:
        h1 = jnp.sin(x * 1.5) + n1
        h2 = jnp.tanh(h1) * h1 + n2
        h3 = jnp.exp(-h2) + n3
        return jnp.sum(h3 * h2 * h1 * x)

    every = (0, 1, 2, 3)

    def wanted(*at: Any) -> Any:
        slopes = [lambda *a, i=i: jnp.sum(jnp.cos(jax.grad(jax_cost, i)(*a)) * V3) for i in every]
        return [jax.grad(jax_cost, every)(*at), [jax.grad(s, every)(*at) for s in slopes]]

    zero = np.zeros(3)
    found = at([*first, *(g for row in second for g in row)])
    assert_near(found, in_jax(wanted, POINT, zero, zero, zero))


def test_derivatives_of_derivatives_of_different_costs() -> None:
    """A gradient used in another cost, beside the first cost itself, at several depths."""
    a = theon.sum(theon.sin(x) * x)
    ga = theon.grad(a, x)
    b = theon.sum(ga**2) + a
    gb = theon.grad(b, x)
    c = theon.sum(gb * ga) * b

    def jax_c(x: Any) -> Any:
        def fa(x: Any) -> Any:
            return jnp.sum(jnp.sin(x) * x)

        def fb(x: Any) -> Any:
            return jnp.sum(jax.grad(fa)(x) ** 2) + fa(x)

        return jnp.sum(jax.grad(fb)(x) * jax.grad(fa)(x)) * fb(x)

    assert_near(at([c, theon.grad(c, x)]), in_jax(lambda x: [jax_c(x), jax.grad(jax_c)(x)], POINT), 1e-12)


def test_a_gradient_step_inside_the_cost() -> None:
    """The cost after one step of descent, by the step's start and its rate."""
    rate = theon.dscalar("rate")
    inner = theon.sum(theon.cosh(x))
    moved = x - rate * theon.grad(inner, x)
    outer = theon.sum(moved**4)

    def jax_outer(x: Any, rate: Any) -> Any:
        return jnp.sum((x - rate * jax.grad(lambda x: jnp.sum(jnp.cosh(x)))(x)) ** 4)

    found = theon.function([x, rate], theon.grad(outer, [x, rate]))(POINT, 0.1)
    assert_near(found, in_jax(jax.grad(jax_outer, (0, 1)), POINT, 0.1))


def test_gradients_in_updates_and_clipping() -> None:
    w = theon.shared(POINT, name="w")
    g = theon.grad(theon.sum(w**4), w)
    norm = theon.sqrt(theon.sum(g * g))
    step = theon.function([], norm, updates={w: w - 0.1 * g / theon.maximum(norm, 1.0)})
    slope = 4 * POINT**3
    length = float(np.linalg.norm(slope))
    np.testing.assert_allclose(step(), length)
    np.testing.assert_allclose(w.get_value(), POINT - 0.1 * slope / max(length, 1.0))


def test_gradients_by_leaves_share_one_backward_program() -> None:
    """Whatever the number of leaves, and whether they are asked for together or one by one."""
    a, b, c = theon.dmatrix("a"), theon.dmatrix("b"), theon.dmatrix("c")
    cost = theon.sum(theon.tanh(theon.tanh(a @ b) @ c))
    together = nodes_of(theon.grad(cost, [a, b, c]), a, b, c)
    apart = nodes_of([theon.grad(cost, wrt) for wrt in (a, b, c)], a, b, c)
    assert sorted(together) == sorted(apart)
    assert (together.count("tanh"), together.count("tanh_slope")) == (1, 2)
    assert together.count("matmul") + together.count("dot_general") == 2 + 4


def test_held_gradients_share_one_backward_program_too() -> None:
    a, b, c = theon.dmatrix("a"), theon.dmatrix("b"), theon.dmatrix("c")
    h = theon.tanh(a @ b)
    cost = theon.sum(theon.tanh(h @ c))
    ops = nodes_of(theon.grad(cost, [a, b, c], known_grads={h: theon.ones_like(h)}), a, b, c)
    assert (ops.count("tanh"), ops.count("tanh_slope")) == (1, 2)


def test_several_costs_share_the_forward_program() -> None:
    h = theon.tanh(theon.sin(x))
    costs = [theon.sum(h), theon.sum(h * h), theon.sum(h * x)]
    ops = nodes_of([*costs, *(theon.grad(cost, x) for cost in costs)], x)
    assert (ops.count("tanh"), ops.count("sin"), ops.count("cos")) == (1, 1, 1)
