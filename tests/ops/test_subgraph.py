"""`subgraph` and `custom_gradient`: as if what is inside stood outside, but for a gradient that is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import theon
from tests.ops.against_jax import assert_near, flows_agree
from theon.graph.node import Node
from theon.ops.region import Region, everything

rng = np.random.default_rng(8)
a, b = theon.dvector("a"), theon.dvector("b")
x, w = theon.dvector("x"), theon.dscalar("w")
DATA, OTHER = rng.standard_normal(4), rng.standard_normal(4)


def both_orders(cost: Node) -> list[Node]:
    slope = theon.grad(cost, x)
    return [cost, slope, theon.grad(theon.sum(theon.sin(slope)), x)]


# --- subgraph ---------------------------------------------------------------------------------------------------------


def test_as_if_it_stood_outside() -> None:
    """Values, gradients, curvature and the program are those of the same code without it."""

    def fn(a: Node, b: Node) -> Node:
        return theon.log(theon.sum(theon.exp(a * b)))

    called = theon.subgraph([a, b], fn(a, b))
    found = theon.function([x], both_orders(called(x, x * 2)))
    wanted = theon.function([x], both_orders(fn(x, x * 2)))
    assert_near(found(DATA * 1e3), wanted(DATA * 1e3), 0.0)
    assert len(everything(found.programs[-1].graph)) == len(everything(wanted.programs[-1].graph))
    assert not any(isinstance(node.op, Region) for node in everything(found.programs[-1].graph))


def test_patterns_are_met_across_its_edge() -> None:
    """`log` outside of a sum of exponentials inside: both at once are stable."""
    total = theon.subgraph([a], theon.sum(theon.exp(a)))
    y = theon.log(total(x))
    value, slope = theon.function([x], [y, theon.grad(y, x)])(np.array([2e3, 0.0]))
    assert float(value) == 2e3
    np.testing.assert_array_equal(slope, [1.0, 0.0])


def test_nests_and_shared_variables() -> None:
    s = theon.shared(np.float64(3.0), "s")
    made = theon.subgraph([a, b], {"p": a * s, "q": [a - b]}, name="pair")(x, x * x)
    slope = theon.grad(theon.sum(made["p"] * made["q"][0]), s)
    assert float(slope.eval({x: DATA})) == pytest.approx(float(np.sum(DATA * (DATA - DATA**2))), rel=1e-12)


def test_its_name_is_in_texts_and_pictures() -> None:
    y = theon.subgraph([a], theon.tanh(a), name="squash")(x)
    shown = theon.dprint(y)
    assert "= squash(%0)" in shown and "tanh" in shown.split("body:")[1]
    assert "squash" in theon.export.dot(y)
    assert y.name == "squash"
    run = theon.function([x], theon.exp(y)).compile(DATA)
    assert "squash = tanh" in theon.dprint(run.programs[-1].graph)


def test_in_a_loop_and_over_examples() -> None:
    step = theon.subgraph([w, b], theon.sum(theon.tanh(w * b)))
    last, _ = theon.scan(lambda c, v: (step(c, x * v), None), w, x)
    many = theon.vectorize(lambda v: step(v, x))(x)
    got = theon.function([x, w], [last, many, theon.grad(last + theon.sum(many), x)])(DATA, 0.3)

    def plain(c: Any, v: Any) -> Any:
        return theon.sum(theon.tanh(c * v))

    last, _ = theon.scan(lambda c, v: (plain(c, x * v), None), w, x)
    many = theon.vectorize(lambda v: plain(v, x))(x)
    wanted = theon.function([x, w], [last, many, theon.grad(last + theon.sum(many), x)])(DATA, 0.3)
    assert_near(got, wanted, 1e-14)


def test_a_gradient_in_place_of_the_derived_one() -> None:
    def slope(inputs: list[Node], output: Node, cotangent: Node) -> list[Node | None]:
        first, _ = inputs
        return [cotangent * 10 + output * 0 + first * 0, None]

    y = theon.subgraph([a, b], a * b, gradient=slope)(x, x)
    run = theon.function([x], [y, theon.grad(theon.sum(y), x)])
    assert_near(run(DATA), [DATA * DATA, np.full(4, 10.0)], 0.0)


# --- custom_gradient --------------------------------------------------------------------------------------------------


def exact(m: Any, flow: Any, x: Any, w: Any) -> Any:
    """A gradient that is the true one, made of what the function computed."""

    @flow.custom_gradient  # type: ignore[untyped-decorator]
    def scaled(v: Any, s: Any) -> Any:
        e = m.exp(v * s)
        return e * v, lambda g: (g * e * (1 + v * s), m.sum(g * e * v * v))

    return m.sum(m.sin(scaled(m.cos(x), w)) * x)


def nests(m: Any, flow: Any, x: Any, w: Any) -> Any:
    @flow.custom_gradient  # type: ignore[untyped-decorator]
    def pair(p: Any) -> Any:
        u, v = p["u"], p["v"]
        return {"a": u * v, "b": u}, lambda g: ({"u": g["a"] * v + g["b"], "v": m.sum(g["a"] * u)},)

    made = pair({"u": m.sin(x), "v": w})
    return m.sum(made["a"] * made["b"] * x)


def over_examples(m: Any, flow: Any, x: Any, w: Any) -> Any:
    """One argument differs from example to example, the other is shared."""

    @flow.custom_gradient  # type: ignore[untyped-decorator]
    def scaled(v: Any, s: Any) -> Any:
        return m.sin(v * s), lambda g: (g * m.cos(v * s) * s, g * m.cos(v * s) * v)

    return m.sum(flow.vmap(lambda v: scaled(v * v, w) * v)(x) ** 2)


def in_loops_and_branches(m: Any, flow: Any, x: Any, w: Any) -> Any:
    @flow.custom_gradient  # type: ignore[untyped-decorator]
    def scaled(v: Any, s: Any) -> Any:
        return m.sin(v * s), lambda g: (g * m.cos(v * s) * s, g * m.cos(v * s) * v)

    def step(c: Any, v: Any) -> Any:
        return flow.cond(v > 0, lambda c: scaled(c, v), lambda c: scaled(v, c) + c, c), c

    last, cs = flow.scan(step, w, x)
    return last + m.sum(cs**2)


@pytest.mark.parametrize("declare", (exact, nests, over_examples, in_loops_and_branches), ids=lambda f: f.__name__)
def test_equals_jax_to_second_order(declare: Callable[..., Any]) -> None:
    flows_agree(declare, DATA, np.float64(0.6))


def test_another_gradient_is_taken_as_it_is() -> None:
    """As JAX's first order: a clipped cotangent, and none at all for an int and for what was said to have none."""
    clipped = theon.custom_gradient(lambda v: (v * 3, lambda g: theon.clip(g, -1.0, 1.0)))
    rounded = theon.custom_gradient(lambda v, n, u: (theon.round(v) * n + u, lambda g: (g, None, None)))
    n = theon.constant(2)
    cost = theon.sum(rounded(clipped(x) ** 2, n, x))
    found = theon.function([x], [cost, theon.grad(cost, x)])(DATA)
    y = DATA * 3
    assert_near(found, [np.sum(np.round(y**2) * 2 + DATA), np.clip(2 * y, -1, 1)], 1e-14)
    nothing = theon.custom_gradient(lambda v: (v, lambda g: None))
    with pytest.raises(theon.DisconnectedError):
        theon.grad(theon.sum(nothing(x)), x)


def test_the_forward_pass_is_shared() -> None:
    """What the gradient uses is computed once."""
    y = theon.custom_gradient(lambda v: (theon.exp(v), lambda g: g * theon.exp(v)))(x)
    run = theon.function([x], [y, theon.grad(theon.sum(y), x)]).compile(DATA)
    assert theon.dprint(run.programs[-1].graph).count("exp(") == 1
