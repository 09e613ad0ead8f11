"""Regions inside one another: values, gradients and curvatures are those of JAX's; what does not run gives no nan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import theon
from tests.ops.against_jax import Array, flows_agree

rng = np.random.default_rng(6)
UP, ROWS = np.array([0.3, 1.2, 0.7]), rng.standard_normal((5, 3)) / 2


# --- Loops that keep less for their gradient, beside and around regions of several bodies ----------


def looped(m: Any, flow: Any, step: Callable[..., Any], x: Any, rows: Any, more: dict[str, Any]) -> Any:
    scan = partial(flow.scan, **more) if m is theon else flow.scan
    final, ys = scan(step, x, rows)
    return m.sum(final * final) + m.sum(ys)


def around_branches(m: Any, flow: Any, x: Any, rows: Any, **more: Any) -> Any:
    def step(c: Any, row: Any) -> Any:
        c = flow.cond(m.sum(row) > 0, lambda: m.sin(c) * row, lambda: c * x)
        return c, c * row

    return looped(m, flow, step, x, rows, more)


def beside_branches(m: Any, flow: Any, x: Any, rows: Any, **more: Any) -> Any:
    found = looped(m, flow, lambda c, row: (m.sin(c) * row, c), x, rows, more)
    return flow.cond(m.sum(x) > 0, lambda: found * m.sum(x), lambda: found)


def around_own_gradients(m: Any, flow: Any, x: Any, rows: Any, **more: Any) -> Any:
    scaled = flow.custom_gradient(lambda v: (m.sin(v), lambda g: g * m.cos(v)))

    def step(c: Any, row: Any) -> Any:
        return m.sin(c) * row + scaled(row * x), c

    return looped(m, flow, step, x, rows, more)


def around_while_loops(m: Any, flow: Any, x: Any, rows: Any, **more: Any) -> Any:
    def step(c: Any, row: Any) -> Any:
        c = flow.while_loop(lambda v: m.sum(v * v) < 1, lambda v: v * 1.5 + row * row, c, 4)
        return m.sin(c) * row, c

    return looped(m, flow, step, x, rows, more)


@pytest.mark.parametrize("program", (around_branches, beside_branches, around_own_gradients, around_while_loops))
@pytest.mark.parametrize("every", (2, "sqrt"))
def test_checkpointed_loops_agree_with_jax(program: Callable[..., Any], every: Any) -> None:
    flows_agree(partial(program, checkpoint_every=every), UP, ROWS)


def test_truncated_loops_beside_branches() -> None:
    x, rows = theon.dvector("x"), theon.dmatrix("rows")
    final, _ = theon.scan(lambda c, row: (c * row, None), x, rows, truncate_gradient=2)
    cost = theon.cond(x[0] > 0, lambda: final.sum(), lambda: x.sum())
    run = theon.function([x, rows], theon.grad(cost, [x, rows], disconnected_inputs="zero"))
    got = run(UP, ROWS)
    np.testing.assert_array_equal(got[0], np.zeros(3))
    np.testing.assert_allclose(got[1][3], np.prod(ROWS[:3], 0) * UP * ROWS[4], rtol=1e-13)


# --- Many examples, each with its own branch or number of steps ------------------------------------


def slope(fn: Callable[[Any], Any], data: Array) -> Array:
    x = theon.tensor("x", shape=(None,) * data.ndim, dtype="float64")
    return np.asarray(theon.function([x], theon.grad(theon.sum(theon.vectorize(fn)(x)), x))(data))


def test_no_nan_from_a_loop_in_the_branch_of_another_example() -> None:
    def many(v: Any) -> Any:
        return theon.while_loop(lambda c: c < 5, lambda c: c + theon.log(c) + 1, v, max_steps=9)

    got = slope(lambda v: theon.cond(v > 0, lambda: many(v), lambda: v * 2), np.array([4.0, 0.0, -1.0]))
    np.testing.assert_allclose(got, [1.25, 2.0, 2.0], rtol=1e-14)


def test_no_nan_from_a_matrix_in_the_branch_of_another_example() -> None:
    def one(a: Any) -> Any:
        branches = [lambda: theon.sum(a), lambda: theon.linalg.inv(a)[0, 0], lambda: a[1, 1]]
        return theon.switch_case(a[0, 0].astype("int32"), branches)

    data = np.array([np.zeros((2, 2)), np.eye(2), 2 * np.ones((2, 2)), -np.ones((2, 2)), 7 * np.ones((2, 2))])
    first, last = np.ones((2, 2)), np.array([[0.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(slope(one, data), [first, -np.diag([1.0, 0.0]), last, first, last], atol=1e-14)


def test_no_nan_from_steps_after_an_example_is_done() -> None:
    def root(c: Any) -> Any:
        return theon.scan(lambda d, _: (theon.sqrt(d - 0.05), None), c, length=1)[0] * 0.5

    data = np.array([[0.3, 1.05], [0.05, 0.04], [-3.0, 2.0]])
    got = slope(lambda v: theon.while_loop(lambda c: theon.sum(c) > 0.8, root, v, max_steps=3), data)
    np.testing.assert_allclose(got, [[0.5, 0.25], [1.0, 1.0], [1.0, 1.0]], rtol=1e-14)


# --- Draws ---------------------------------------------------------------------------------------


def test_a_draw_in_a_subgraph_differs_from_step_to_step() -> None:
    stream = theon.random.stream(seed=3)

    def step(carry: Any, _: Any) -> Any:
        u = theon.scalar("u")
        return carry, theon.subgraph([u], u * theon.random.normal(stream, ()))(1.0)

    draws = np.asarray(theon.function([], theon.scan(step, 0.0, length=4)[1])())
    assert len(set(draws.tolist())) == 4


# --- Effects: once, whatever is asked of the program ------------------------------------------------


def told(v: Any) -> Any:
    return theon.sin(theon.print(v, "seen"))


def once(v: Any) -> Any:
    return theon.scan(lambda c, _: (told(c), None), v, length=1)[0]


def several(v: Any) -> Any:
    return theon.while_loop(lambda c: c < 2, lambda c: once(c) + 2, v, max_steps=3)


BODIES: dict[str, Callable[[Any], Any]] = {
    "cond": lambda v: theon.cond(v > 0, told, lambda u: u, v),
    "cond, scan": lambda v: theon.cond(v > 0, once, lambda u: u, v),
    "cond, checkpoint": lambda v: theon.cond(v > 0, theon.checkpoint(told), lambda u: u, v),
    "cond, another result": lambda v: theon.cond(v > 0, lambda: (told(v), v * v), lambda: (v, v))[1],
    "checkpoint": theon.checkpoint(told),
    "checkpoint, scan": theon.checkpoint(once),
    "custom_gradient": theon.custom_gradient(lambda v: (told(v), lambda g: g * 2)),
    "while_loop, scan": several,
    "scan, scan": lambda v: theon.scan(lambda c, _: (once(c), None), v, length=1)[0],
    "vectorize, scan": lambda v: theon.vectorize(once)(theon.stack([v]))[0],
}


@pytest.mark.parametrize("orders", ((1,), (0, 1)))
@pytest.mark.parametrize("body", BODIES)
def test_an_effect_in_a_body_happens_once(
    body: str, orders: tuple[int, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    x = theon.dscalar("x")
    y = BODIES[body](x)
    made = [y, theon.grad(y, x)]
    theon.function([x], [made[order] for order in orders])(0.5)
    assert capfd.readouterr().out.split() in (["seen", "0.5"], ["seen", "[0.5]"])
