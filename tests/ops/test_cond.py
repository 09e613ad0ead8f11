"""`cond` and `switch_case`: only the branch that is taken runs, and values and gradients are those of JAX's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import theon
from tests.ops.against_jax import JAX, THEON, Array, assert_near, flows_agree, in_jax
from theon.graph.node import Node
from theon.ops.branches import Switch
from theon.ops.linalg import DotGeneral
from theon.ops.region import everything

rng = np.random.default_rng(4)
x, w = theon.dvector("x"), theon.dscalar("w")
UP = np.array([0.3, 1.2, 2.0])
DOWN = -UP


def printed(capfd: pytest.CaptureFixture[str]) -> list[str]:
    return capfd.readouterr().out.split()


def switches(run: theon.Function) -> list[Switch]:
    return [node.op for node in everything(run.programs[-1].graph) if isinstance(node.op, Switch)]


# --- Against JAX: value, gradient and curvature on both sides of the condition --------------------


def plain(m: Any, flow: Any, x: Any, w: Any) -> Any:
    return m.sum(flow.cond(m.sum(x) > 0, lambda v: m.exp(v * w) * v, lambda v: m.sin(v) ** 2 + w, x))


def closures(m: Any, flow: Any, x: Any, w: Any) -> Any:
    """Outer intermediates, and one as an operand as well."""
    h = m.tanh(x * w)
    return m.sum(h * flow.cond(m.sum(x) > 0, lambda v: v * h * x, lambda v: m.cos(h) * w, h))


def nests(m: Any, flow: Any, x: Any, w: Any) -> Any:
    made = flow.cond(
        m.sum(x) > 0,
        lambda p: {"a": p["x"] * w, "b": (p["x"] ** 2, w)},
        lambda p: {"a": p["y"], "b": (p["x"] * w, w * w * w)},
        {"x": x, "y": m.sin(x)},
    )
    return m.sum(made["a"] * made["b"][0]) * made["b"][1]


def nested(m: Any, flow: Any, x: Any, w: Any) -> Any:
    def inner(v: Any) -> Any:
        return flow.cond(w > 0, lambda: m.exp(v) * w, lambda: v**3)

    return m.sum(flow.cond(m.sum(x) > 0, inner, lambda v: inner(v * v) * w, m.sin(x)))


def in_a_scan(m: Any, flow: Any, x: Any, w: Any) -> Any:
    """The state decides, step by step."""

    def step(c: Any, v: Any) -> Any:
        c = flow.cond(c * v > 0, lambda c: m.sin(c * w) + v, lambda c: c * c * w - v * v, c)
        return c, c * w

    last, cs = flow.scan(step, w, x)
    return last**2 + m.sum(cs * x)


def scan_inside(m: Any, flow: Any, x: Any, w: Any) -> Any:
    def run(v: Any) -> Any:
        return flow.scan(lambda c, e: (m.tanh(c * w + e), c), w, v)[1]

    return m.sum(flow.cond(m.sum(x) > 0, run, lambda v: v * w, x) ** 2)


def of_three(m: Any, flow: Any, x: Any, w: Any) -> Any:
    i = m.sum(x > 0.5).astype("int32")
    return m.sum(flow.switch(i, [m.sin, lambda v: v * v * w, lambda v: m.exp(v) / (3 + w)], x))


def by_example(m: Any, flow: Any, x: Any, w: Any) -> Any:
    """A condition that differs, and one that all examples share."""

    def one(v: Any) -> Any:
        own = flow.cond(v > 0.5, lambda u: m.sin(u) * w, lambda u: u**3 + w, v)
        three = flow.switch(m.floor(v).astype("int32"), [lambda u: u * w, m.cos, lambda u: u * u], v)
        return own + three * flow.cond(w > 0, lambda u: u * u * w, lambda u: m.exp(u), v)

    return m.sum(flow.vmap(one)(x) ** 2)


def derived_inside(m: Any, flow: Any, x: Any, w: Any) -> Any:
    """A branch that is a derivative: of sum(sin(v)**2 w)."""
    if m is theon:
        return theon.sum(
            theon.cond(
                theon.sum(x) > 0,
                lambda v: theon.grad(theon.sum(theon.sin(v) ** 2 * w), v),
                lambda v: v * theon.grad(theon.sum(theon.cos(v)) * w**3, w),
                x * w,
            )
        )
    slopes = (lambda v: 2 * m.sin(v) * m.cos(v) * w, lambda v: v * m.sum(m.cos(v)) * 3 * w**2)
    return m.sum(flow.cond(m.sum(x) > 0, *slopes, x * w))


PROGRAMS = (plain, closures, nests, nested, in_a_scan, scan_inside, of_three, by_example, derived_inside)


@pytest.mark.parametrize("declare", PROGRAMS, ids=lambda declare: declare.__name__)
@pytest.mark.parametrize(("data", "weight"), [(UP, 0.7), (DOWN, -0.4)], ids=["up", "down"])
def test_equals_jax_to_second_order(declare: Callable[..., Any], data: Array, weight: float) -> None:
    flows_agree(declare, data, np.float64(weight))


def test_recomputed() -> None:
    block = theon.checkpoint(lambda v: theon.cond(theon.sum(v) > 0, theon.exp, theon.sin, v))
    g = theon.grad(theon.sum(block(x * 2)), x)
    np.testing.assert_allclose(g.eval({x: UP}), 2 * np.exp(2 * UP), rtol=1e-14)
    np.testing.assert_allclose(g.eval({x: DOWN}), 2 * np.cos(2 * DOWN), rtol=1e-14)


@pytest.mark.parametrize(("index", "taken"), [(-7, 0), (0, 0), (2, 2), (9, 2)])
@pytest.mark.parametrize("dtype", ("int32", "int64", "int8"))
def test_an_index_is_clamped(index: int, taken: int, dtype: str) -> None:
    """One that an int32 would wrap around as well."""
    i = theon.tensor("i", shape=(), dtype=dtype)
    y = theon.switch_case(i, [lambda: 0.0, lambda: 1.0, lambda: 2.0])
    assert float(y.eval({i: np.dtype(dtype).type(index)})) == taken
    if dtype == "int64":
        assert float(y.eval({i: np.int64(2**32)})) == 2.0


# --- Only the branch that is taken runs -----------------------------------------------------------


def test_only_the_branch_taken_runs(capfd: pytest.CaptureFixture[str]) -> None:
    """What a branch makes belongs to it, though it is made of outer values alone."""
    y = theon.cond(w > 0, lambda: theon.print(theon.sin(x), "yes"), lambda: theon.print(x * 2, "no"))
    run = theon.function([x, w], [y, theon.grad(theon.sum(y), x)])
    for weight, word in ((1.0, "yes"), (-1.0, "no"), (2.0, "yes")):
        run(np.zeros(1), weight)
        assert printed(capfd)[0] == word
    counts = theon.function(
        [x, w], theon.scan(lambda c, v: (theon.cond(v > w, lambda: theon.print(c, "s") + v, lambda: c), c), w * 0, x)[0]
    )
    counts(np.arange(10.0), 6.5)
    assert printed(capfd).count("s") == 3


def test_costs_only_the_branch_taken() -> None:
    """A branch that would never end does no harm where it is not taken."""
    endless = theon.cond(w > 0, lambda: theon.while_loop(lambda c: c < 1e9, lambda c: c * 0, w), lambda: w)
    assert float(endless.eval({w: -1.0})) == -1.0


POLES: dict[str, Callable[[Node], Node]] = {
    "log": theon.log,
    "sqrt": lambda v: theon.sqrt(v),
    "zero over zero": lambda v: v / theon.abs(v + theon.abs(v)),
    "loop": lambda v: theon.scan(lambda c, _: (theon.log(c), None), v, length=4)[0],
}


@pytest.mark.parametrize("rewrites", ("default", "none"))
@pytest.mark.parametrize("name", POLES)
def test_nan_of_the_branch_not_taken_does_not_leak(name: str, rewrites: str) -> None:
    """Value, gradient and curvature are those of the branch taken, bit for bit."""
    y = theon.cond(w > 0, POLES[name], lambda v: v**3, x)
    slope = theon.grad(theon.sum(y), x)
    options = theon.Options(rewrites=rewrites)
    run = theon.function([x, w], [y, slope, theon.grad(theon.sum(slope), x)], options=options)
    values = [np.asarray(value) for value in run(DOWN, -1.0)]
    np.testing.assert_allclose(values, [DOWN**3, 3 * DOWN**2, 6 * DOWN], rtol=1e-14)
    assert not all(np.isfinite(np.asarray(value)).all() for value in run(DOWN, 1.0))  # the pole is one


def test_a_check_fails_only_where_it_is_taken() -> None:
    y = theon.cond(w > 0, lambda: theon.check(x, x > 1, "large"), lambda: theon.check(x, x < 1, "small"))
    run = theon.function([x, w], [y, theon.grad(theon.sum(y), x)])
    run(np.array([2.0]), 1.0)
    run(np.array([0.0]), -1.0)
    for value, weight, message in ((0.0, 1.0, "large"), (2.0, -1.0, "small")):
        with pytest.raises(theon.CheckError, match=message):
            run(np.array([value]), weight)


def test_draws_inside() -> None:
    """They differ from call to call, and are those of the same draw outside."""

    def noise() -> Node:
        return theon.random.normal(theon.random.stream(seed=5), (3,))

    run = theon.function([w], theon.cond(w > 0, noise, lambda: theon.zeros((3,))))
    first, other, second = (np.asarray(run(value)) for value in (1.0, -1.0, 1.0))
    assert (first != second).all() and not other.any()
    np.testing.assert_array_equal(first, noise().eval())


def test_states_are_read_inside() -> None:
    s = theon.shared(np.float64(3.0), "s")
    y = theon.cond(w > 0, lambda: s * w, lambda: w)
    run = theon.function([w], [y, theon.grad(y, s)], updates={s: theon.cond(w > 0, lambda: s + 1, lambda: s)})
    assert [float(value) for value in run(2.0)] == [6.0, 2.0]
    assert [float(value) for value in run(-2.0)] == [-2.0, 0.0]
    assert float(s.get_value()) == 4.0


# --- Declarations ---------------------------------------------------------------------------------


def test_numbers_take_the_dtype_of_the_other_branch() -> None:
    one = theon.cond(w > 0, lambda: w, lambda: 0)
    other = theon.cond(w > 0, lambda: 1, lambda: 2.5)
    assert one.dtype == np.float64 and other.dtype == np.float32


def test_sizes_may_show_late() -> None:
    y = theon.dvector("y")
    run = theon.function([x, y, w], theon.cond(w > 0, lambda: x, lambda: y))
    np.testing.assert_array_equal(run(UP, DOWN, -1.0), DOWN)
    with pytest.raises(theon.ShapeError, match=r"the branches give float64\[3\] and float64\[2\]") as caught:
        run(UP, DOWN[:2], 1.0)
    assert "test_cond.py" in str(caught.value)


def test_a_condition_that_is_known_leaves_one_branch() -> None:
    """`theon.training` decides when the program is compiled."""
    y = theon.cond(theon.training, lambda: theon.sin(w), lambda: theon.cos(w))
    for training, wanted in ((True, np.sin(0.5)), (False, np.cos(0.5))):
        run = theon.function([w], [y, theon.grad(y, w)], givens={theon.training: training})
        assert float(run(0.5)[0]) == pytest.approx(wanted, rel=1e-14)
        assert not switches(run)


def test_the_gradient_takes_in_only_what_it_uses() -> None:
    """Of the derivative of `v * w`, `v` itself is no part by `v`: a loop around it would have to save that."""
    y = theon.cond(w > 0, lambda v: v * w, lambda v: v, x)
    run = theon.function([x, w], theon.grad(theon.sum(y), x)).compile(UP, 1.0)
    (switch,) = switches(run)
    assert sorted(leaf.ndim for leaf in switch.branches[0].inputs) in ([0], [0, 1])


def names(run: theon.Function) -> list[str]:
    return [node.op.name for node in everything(run.programs[-1].graph)]


def test_what_nobody_needs_of_a_branch_is_not_computed() -> None:
    """One result of three, and what the branches take for the others; prints stay."""
    h = theon.tanh(x)
    first, second, _ = theon.cond(
        w > 0, lambda: (theon.exp(x), theon.sin(h), w), lambda: (theon.print(x, "down"), theon.cos(h), w * w)
    )
    run = theon.function([x, w], first)
    np.testing.assert_allclose(run(UP, 1.0), np.exp(UP), rtol=1e-14)
    (one,) = switches(run)
    assert [len(body.outputs) for body in one.branches] == [1, 1]
    assert {"sin", "cos", "tanh"}.isdisjoint(names(run))
    assert names(run).count("print") == 1
    both = theon.function([x, w], [second, theon.grad(theon.sum(second), x)])
    value, slope = both(UP, 1.0)
    np.testing.assert_allclose(value, np.sin(np.tanh(UP)), rtol=1e-14)
    np.testing.assert_allclose(slope, np.cos(np.tanh(UP)) / np.cosh(UP) ** 2, rtol=1e-13)
    assert "exp" not in names(both)


# --- What the forward branch gives to the gradient --------------------------------------------------------------------


def products(run: theon.Function) -> int:
    return sum(isinstance(node.op, DotGeneral) for node in everything(run.programs[-1].graph))


def test_a_branch_is_not_computed_again_for_its_gradient() -> None:
    """Three products for each: one forward, and one by each of its factors."""
    h, us = theon.dmatrix("h"), [theon.dmatrix(f"u{i}") for i in range(4)]

    def deep(v: Node) -> Node:
        for u in us:
            v = theon.tanh(v @ u)
        return v

    y = theon.cond(theon.sum(h) > 0, lambda: deep(h), lambda: theon.exp(h))
    run = theon.function([h, *us], [theon.sum(y), *theon.grad(theon.sum(y), [h, *us])])
    data = [rng.standard_normal((3, 3)) for _ in range(5)]
    for sign in (1, -1):
        data[0] = sign * np.abs(data[0])

        def cost(h: Any, *us: Any) -> Any:
            for u in us:
                h = jnp.tanh(h @ u)
            return jnp.sum(h)

        chosen = cost if sign > 0 else lambda h, *us: jnp.sum(jnp.exp(h)) + 0 * sum(map(jnp.sum, us))
        wanted = in_jax(jax.value_and_grad(chosen, tuple(range(5))), *data)
        assert_near(run(*data), [wanted[0], *wanted[1]])
    assert products(run) == 3 * 4
    assert len(switches(run)) == 2


def test_two_gradients_through_one_choice() -> None:
    """Each needs other values of the branch, which one forward choice gives."""

    def both(m: Any, flow: Any, x: Any, w: Any) -> tuple[Any, Any]:
        a, b = flow.cond(
            m.sum(x) > 0,
            lambda v: (m.exp(m.sin(v * w)), m.tanh(m.cos(v) * w)),
            lambda v: (m.tanh(v) * m.exp(m.sum(v) * w), m.exp(m.tanh(m.sin(v * w)))),
            x,
        )
        return m.sum(a * w), m.sum(b * x)

    one, other = both(theon, THEON, x, w)
    run = theon.function([x, w], [one, other, *theon.grad(one, [x, w]), *theon.grad(other, [x, w])])

    def by_jax(x: Any, w: Any) -> Any:
        costs = [lambda x, w, i=i: both(jnp, JAX, x, w)[i] for i in (0, 1)]
        return [*both(jnp, JAX, x, w), *(g for cost in costs for g in jax.grad(cost, (0, 1))(x, w))]

    for data in (UP, DOWN):
        assert_near(run(data, 0.7), in_jax(by_jax, data, np.float64(0.7)))
    assert len(switches(run)) == 3, "one forward, and one for each gradient"


def test_what_a_branch_saves_in_a_loop() -> None:
    """The loop keeps it; the reverse loop has the product of the gradient alone."""
    m, u = theon.dmatrix("m"), theon.dmatrix("u")

    def step(h: Node, e: Node) -> Any:
        h = theon.cond(theon.sum(e) > 0, lambda: theon.tanh(h @ u + e), lambda: h)
        return h, h

    _, hs = theon.scan(step, m[0] * 0, m)
    run = theon.function([m, u], theon.grad(theon.sum(hs**2), [m, u]))
    data = rng.standard_normal((6, 3)), rng.standard_normal((3, 3))

    def by_jax(m: Any, u: Any) -> Any:
        def step(h: Any, e: Any) -> Any:
            h = lax.cond(jnp.sum(e) > 0, lambda: jnp.tanh(h @ u + e), lambda: h)
            return h, h

        return jnp.sum(lax.scan(step, m[0] * 0, m)[1] ** 2)

    assert_near(run(*data), list(in_jax(jax.grad(by_jax, (0, 1)), *data)))
    assert products(run) == 2, "forward and back; that by the matrix is an outer product, of single elements"
