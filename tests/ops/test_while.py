"""`while_loop`: values, and with `max_steps` gradients, against `lax.while_loop` and the same loop unrolled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import theon
from tests.ops.against_jax import Array, assert_near, flows_agree, in_jax
from theon.graph.node import Node
from theon.ops.control import Scan
from theon.ops.region import everything
from theon.ops.while_loop import While

x, w = theon.dvector("x"), theon.dscalar("w")
DATA = np.array([0.4, 1.1, 1.7])


def kinds(run: theon.Function, kind: type) -> int:
    return sum(isinstance(node.op, kind) for node in everything(run.programs[-1].graph))


# --- Forward ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", (0.5, 3.0, 1e6))
def test_values_equal_jax(start: float) -> None:
    """A nest of carries, an int among them; also where no step is taken."""

    def run(m: Any, loop: Callable[..., Any], x: Any, w: Any) -> Any:
        def step(c: Any) -> Any:
            return {"a": c["a"] * x + w, "n": (c["n"][0] + 1, m.sum(c["a"]))}

        return loop(lambda c: c["n"][1] < 1e3, step, {"a": x * w, "n": (0, m.sum(x) * w)})

    found = run(theon, theon.while_loop, x, w)
    got = theon.function([x, w], [found["a"], found["n"][0], found["n"][1]])(DATA, start)
    wanted = in_jax(lambda x, w: run(jnp, lax.while_loop, x, w), DATA, np.float64(start))
    assert_near([got[0], got[2]], [wanted["a"], wanted["n"][1]])
    assert int(got[1]) == int(wanted["n"][0])


@pytest.mark.parametrize(("most", "taken"), [(0, 0), (3, 3), (99, 7), (None, 7)])
def test_max_steps_ends_the_loop(most: int | None, taken: int) -> None:
    """With a gradient and without: 2**7 is the first power of two above 100."""
    y, n = theon.while_loop(lambda c: c[0] < 100, lambda c: (c[0] * 2, c[1] + 1), (w, 0), max_steps=most)
    assert [float(v) for v in theon.function([w], [y, n])(1.0)] == [2.0**taken, taken]
    if most is not None:
        run = theon.function([w], [y, n, theon.grad(y, w)])
        assert [float(v) for v in run(1.0)] == [2.0**taken, taken, 2.0**taken]
        assert kinds(run, While) == 0


def test_newtons_method_costs_the_steps_it_takes(capfd: pytest.CaptureFixture[str]) -> None:
    """Also where its gradient is taken, of which the steps after the last are no part."""

    def step(c: Node) -> Node:
        return theon.print((c + w / c) / 2, "step")

    root = theon.while_loop(lambda c: theon.abs(c * c - w) > 1e-9, step, theon.ones_like(w), max_steps=50)
    value, slope = theon.function([w], [root, theon.grad(root, w)])(2.0)
    assert float(value) == pytest.approx(np.sqrt(2.0), rel=1e-11)
    assert float(slope) == pytest.approx(0.5 / np.sqrt(2.0), rel=1e-8)
    assert capfd.readouterr().out.count("step") == 4  # from 1 to 1.5, 1.4167, 1.4142157, 1.4142135624


def test_a_check_inside() -> None:
    """Any step may fail it; that of the condition too."""
    y = theon.while_loop(
        lambda c: theon.check(c, c < 90, "below ninety") < 50, lambda c: theon.check(c * 3, c > 0.4, "grown"), w
    )
    run = theon.function([w], y)
    assert float(run(1.0)) == 81.0
    for start, message in ((40.0, "below ninety"), (95.0, "below ninety"), (0.3, "grown")):
        with pytest.raises(theon.CheckError, match=message):
            run(start)


def test_draws_differ_from_step_to_step() -> None:
    """A walk that stops at ten; every step another number."""
    stream = theon.random.stream(seed=1)

    def step(c: Any) -> Any:
        draw = theon.random.uniform(stream, (), dtype="float64")
        return c[0] + draw, theon.maximum(c[1], draw), theon.minimum(c[2], draw)

    far, most, least = theon.while_loop(lambda c: c[0] < 10, step, (w, w * 0, w * 0 + 1))
    run = theon.function([w], [far, most, least])
    one, two = run(0.0), run(0.0)
    assert float(one[1]) - float(one[2]) > 0.3
    assert float(one[0]) != float(two[0])


def test_what_nobody_needs_of_a_loop_is_not_computed() -> None:
    """A carry that neither the result nor the condition depends on, and what it takes; one that both need stays."""

    def step(c: Any) -> Any:
        return c[0] * 2, theon.sin(c[1]) * theon.sum(x), c[2] + 1, c[3] + c[2]

    start = w, w, theon.constant(0), theon.constant(0)
    found = theon.while_loop(lambda c: (c[0] < 100) & (c[2] < 5), step, start)
    run = theon.function([x, w], found[0], on_unused_input="ignore")
    assert float(run(DATA, 1.0)) == 32.0
    ops = everything(run.programs[-1].graph)
    assert [node.op.carries for node in ops if isinstance(node.op, While)] == [2]
    assert {"sin", "sum"}.isdisjoint(node.op.name for node in ops)
    last = theon.function([x, w], found[3], on_unused_input="ignore")
    assert int(last(DATA, 1.0)) == 0 + 1 + 2 + 3 + 4
    assert [node.op.carries for node in everything(last.programs[-1].graph) if isinstance(node.op, While)] == [3]


# --- Gradients --------------------------------------------------------------------------------------------------------


def growing(m: Any, flow: Any, x: Any, w: Any) -> Any:
    last = flow.while_loop(lambda c: m.sum(c) < 20.0, lambda c: c * c * w + m.cos(c * x) + 1, x, 9)
    return m.sum(last * x)


def never(m: Any, flow: Any, x: Any, w: Any) -> Any:
    return m.sum(flow.while_loop(lambda c: m.sum(c) < -9.0, lambda c: m.log(-c), x * w, 4) ** 2)


def cut_short(m: Any, flow: Any, x: Any, w: Any) -> Any:
    return m.sum(flow.while_loop(lambda c: m.sum(c) < 1e9, lambda c: m.tanh(c * w) + x, x, 5))


def in_a_scan(m: Any, flow: Any, x: Any, w: Any) -> Any:
    def step(c: Any, v: Any) -> Any:
        c = flow.while_loop(lambda u: m.abs(u) > 1.0, lambda u: u * m.tanh(v) * 0.5, c + v, 8)
        return c, c * v

    last, cs = flow.scan(step, w * 3, x)
    return last + m.sum(cs**2)


def by_example(m: Any, flow: Any, x: Any, w: Any) -> Any:
    """Each example stops by itself; a second loop stops for all at once."""

    def one(v: Any) -> Any:
        own = flow.while_loop(lambda c: c < 6.0, lambda c: c * c * w + m.cos(v) + 1.0, v, 8)
        both = flow.while_loop(lambda c: c[0] < 3.0, lambda c: (c[0] + w, m.sin(c[1] * v) + c[0]), (w, v), 8)
        return own * both[0] + both[1]

    return m.sum(flow.vmap(one)(x) ** 2)


@pytest.mark.parametrize("declare", (growing, never, cut_short, in_a_scan, by_example), ids=lambda f: f.__name__)
def test_equals_jax_to_second_order(declare: Callable[..., Any]) -> None:
    flows_agree(declare, DATA, np.float64(0.6))


def test_vectorized_without_a_bound() -> None:
    """Values only; those that are done keep their carry."""
    found = theon.vectorize(lambda v: theon.while_loop(lambda c: c < 50, lambda c: c * c + w, v))(x)

    def wanted(x: Array, w: Array) -> Any:
        return jax.vmap(lambda v: lax.while_loop(lambda c: c < 50, lambda c: c * c + w, v))(x)

    assert_near(found.eval({x: DATA * 3, w: 1.0}), in_jax(wanted, DATA * 3, np.float64(1.0)))


def test_a_gradient_by_what_does_not_pass_through_a_loop() -> None:
    """It needs no bound."""
    n = theon.while_loop(lambda c: c < w, lambda c: c * 2, theon.constant(1.0, "float64"))
    cost = theon.stop_gradient(n) * theon.sum(x**2)
    np.testing.assert_allclose(theon.grad(cost, x).eval({x: DATA, w: 5.0}), 16 * DATA, rtol=1e-14)


def test_compile_time_does_not_grow_with_the_bound() -> None:
    sizes = []
    for most in (5, 50_000):
        y = theon.while_loop(lambda c: c < 100, lambda c: c * c + w, w, max_steps=most)
        run = theon.function([w], theon.grad(y, w))
        sizes.append(len(everything(run.programs[-1].graph)))
        assert kinds(run, Scan) == 2
    assert sizes[0] == sizes[1]


def unbounded(c: Node) -> Any:
    """A power of two times `c`, above a hundred; nothing can be derived through it."""
    return theon.while_loop(lambda v: theon.abs(v) < 100, lambda v: v * 2, c)


def beside_it_in_a_scan() -> Any:
    return theon.scan(lambda c, v: (unbounded(c), v * w), theon.ones_like(w), x)[1].sum()


def another_result_of_a_branch() -> Any:
    return theon.cond(w > 0, lambda: (unbounded(w), w * w), lambda: (w, w))[1]


def behind_a_stop() -> Any:
    return theon.scan(lambda c, v: (c * w + theon.stop_gradient(unbounded(v * w)), None), w, x)[0]


def with_its_own_gradient() -> Any:
    return theon.custom_gradient(lambda v: (unbounded(v), lambda g: g * 128))(w)


@pytest.mark.parametrize(
    ("cost", "wanted"),
    [
        (beside_it_in_a_scan, DATA.sum()),
        (another_result_of_a_branch, 4.0),
        (behind_a_stop, None),
        (with_its_own_gradient, 128.0),
    ],
)
def test_a_loop_without_a_bound_beside_the_way(cost: Callable[[], Any], wanted: float | None) -> None:
    """Only a derivative that would pass it is refused: found at declaration, from what depends on what."""
    run = theon.function([x, w], theon.grad(cost(), w), on_unused_input="ignore")
    found = float(run(DATA, 2.0))
    if wanted is None:
        c = [np.float64(2.0)]
        for v in DATA * 2:
            power = v * 2.0 ** np.ceil(np.log2(100 / v))
            c.append(c[-1] * 2 + power)
        wanted = 2.0**3 + 4 * c[0] + 2 * c[1] + c[2]  # c3 = ((c0 w + p1) w + p2) w + p3, by w and c0 = w
    assert found == pytest.approx(wanted, rel=1e-13)


# --- Forward mode: the derivative that needs no max_steps ----------------------------------------------------------


def doubled_until(m: Any, loop: Callable[..., Any], x: Any, w: Any) -> Any:
    return m.sin(loop(lambda c: m.sum(c) < 900, lambda c: c * c * w + 0.1, x + 1) * 0.01)


def test_forward_derivatives_of_open_loops_equal_jax() -> None:
    """Orders 1 and 2, by several values, and with the loop held constant."""
    t, s = theon.dvector("t"), theon.dscalar("s")
    y = doubled_until(theon, theon.while_loop, x, w)
    first = theon.jvp(y, [x, w], [t, s])
    second = theon.jvp(first, x, t)
    held = theon.jvp(y * w, x, t, consider_constant=[y])
    along, by = np.array([1.0, -2.0, 0.5]), 0.75
    found = theon.function([x, w, t, s], [y, first, second, held])(DATA, 1.25, along, by)

    def value(x: Any, w: Any) -> Any:
        return doubled_until(jnp, lax.while_loop, x, w)

    def slope(x: Any) -> Any:
        return jax.jvp(value, (x, 1.25), (along, by))[1]

    with jax.enable_x64(True):
        wanted = [
            value(DATA, 1.25),
            slope(DATA),
            jax.jvp(slope, (DATA,), (along,))[1],
            np.zeros(3),
        ]
    for got, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-12, err_msg=str(want))


def test_forward_derivatives_beside_branches_and_loops() -> None:
    """An open loop inside a scan's step and inside a branch."""

    def run(m: Any, flow: Any, x: Any, w: Any) -> Any:
        def step(c: Any, e: Any) -> Any:
            grown = flow.while_loop(lambda v: v < 50.0, lambda v: v * v + e, c + 1.5)
            return m.tanh(grown * 0.01), grown

        last, rows = flow.scan(step, w, x)
        return flow.cond(last > 0, lambda: rows * last, lambda: rows)

    class Flow:
        while_loop, scan, cond = staticmethod(theon.while_loop), staticmethod(theon.scan), staticmethod(theon.cond)

    y = run(theon, Flow, x, w)
    found = theon.function([x, w], [y, theon.jvp(y, [x, w], [theon.ones_like(x), theon.ones_like(w)])])(DATA, 0.5)
    with jax.enable_x64(True):
        wanted = jax.jvp(lambda x, w: run(jnp, lax, x, w), (DATA, 0.5), (np.ones(3), 1.0))
    for got, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-12)


def test_forward_derivatives_of_many_examples() -> None:
    """Where each example takes as many steps as it needs."""
    many, along = theon.dmatrix("many"), np.array([1.0, -2.0])

    def slope(x: Node) -> Any:
        return theon.jvp(theon.while_loop(lambda c: theon.sum(c) < 900, lambda c: c * c + w, x), x, along)

    data = np.array([[1.25, 1.5], [3.0, 2.0], [30.0, 1.0]])
    found = theon.function([many, w], theon.vectorize(slope)(many))(data, 0.125)

    def by_jax(x: Any) -> Any:
        return jax.jvp(lambda v: lax.while_loop(lambda c: c.sum() < 900, lambda c: c * c + 0.125, v), (x,), (along,))[1]

    with jax.enable_x64(True):
        np.testing.assert_allclose(np.asarray(found), np.stack([by_jax(row) for row in data]), rtol=1e-12)


def test_forward_derivatives_stop_where_others_do() -> None:
    """`stop_gradient` in the loop, beside it, and on what is held constant."""
    h = theon.sin(x)
    y = theon.while_loop(lambda c: theon.sum(c) < 900, lambda c: c * theon.stop_gradient(c) + h, x)
    moves = [theon.jvp(y * theon.stop_gradient(x), x, theon.ones_like(x), consider_constant=held) for held in ((), [h])]
    found = theon.function([x], moves)(DATA)

    def value(v: Any, held: bool) -> Any:
        h = lax.stop_gradient(jnp.sin(v)) if held else jnp.sin(v)

        def step(c: Any) -> Any:
            return c * lax.stop_gradient(c) + h

        return lax.while_loop(lambda c: c.sum() < 900, step, v) * lax.stop_gradient(v)

    with jax.enable_x64(True):
        wanted = [jax.jvp(lambda v, held=held: value(v, held), (DATA,), (np.ones(3),))[1] for held in (False, True)]
    for got, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-12)


@pytest.mark.parametrize(
    "own", (theon.zero_grad, lambda v: theon.grad_scale(v, 3.0), theon.custom_gradient(lambda v: (v, lambda g: g * 7)))
)
def test_forward_derivatives_of_what_has_a_gradient_of_its_own_are_refused(own: Callable[[Node], Node]) -> None:
    """JAX, which derives forwards, would not see it."""
    for y in (theon.while_loop(lambda c: theon.sum(c) < 9, lambda c: own(c) * 2, x), loop(x) * own(x)):
        with pytest.raises(theon.GradientError, match="max_steps"):
            theon.jvp(y, x, theon.ones_like(x))


def loop(v: Node) -> Node:
    return cast(Node, theon.while_loop(lambda c: theon.sum(c) < 9, lambda c: c * 2, v))


def test_forward_derivatives_are_those_of_the_ops() -> None:
    """What an op lowers to picks between formulas near 0, of which JAX would derive the wrong one."""
    at = theon.dscalar("at")

    def step(carry: tuple[theon.Node, theon.Node]) -> tuple[theon.Node, theon.Node]:
        n, total = carry
        now = at * (n - n + 1)
        return n + 1, total + theon.exprel(now) + theon.dawsn(now)

    _, total = theon.while_loop(lambda carry: carry[0] < 3, step, (theon.constant(0.0, "float64"), 0 * at))
    assert theon.function([at], theon.jvp(total, at, theon.ones_like(at)))(0.0) == pytest.approx(3 * 1.5, rel=1e-13)
