"""`checkpoint`: values and gradients stay, computed again in the backward pass, and really so in what XLA is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon
from theon.graph.node import Node
from theon.ops.checkpoint import Checkpoint
from theon.ops.region import everything

Array: TypeAlias = "np.ndarray[Any, Any]"

rng = np.random.default_rng(9)
x, W = theon.dvector("x"), theon.dmatrix("W")
AT = rng.standard_normal(3), rng.standard_normal((3, 3))


def block(m: Any, x: Any, W: Any) -> Any:
    """Two layers, of which the backward pass needs both activations."""
    return m.sin(m.sin(x @ W) @ W)


def both_orders(gradient: Any, m: Any, cost: Callable[..., Any], x: Any, W: Any) -> list[Any]:
    """Cost, gradient, and the gradient of a function of the gradient."""

    def slope(x: Any, W: Any) -> Any:
        by_x, by_W = gradient(cost, x, W)
        return m.sum(m.cos(by_x)) + m.sum(by_W * by_W)

    return [cost(x, W), *gradient(cost, x, W), *gradient(slope, x, W)]


def lazily(f: Callable[..., Node], *wrt: Node) -> list[Node]:
    return theon.grad(f(*wrt), list(wrt))


def eagerly(f: Callable[..., Any], *wrt: Any) -> Any:
    return jax.grad(f, (0, 1))(*wrt)


def primitives(outputs: Sequence[Node]) -> Counter[str]:
    """How often each primitive stands in the lowered program, bodies included."""
    lowered = theon.function([x, W], outputs).compile(*AT).programs[0].lowered
    with jax.enable_x64(True):
        structs = [jax.ShapeDtypeStruct(array.shape, array.dtype) for array in AT]
        return Counter(names(jax.make_jaxpr(lowered.program)(structs, [], [], []).jaxpr))


def names(jaxpr: Any) -> Iterator[str]:
    for equation in jaxpr.eqns:
        yield str(equation.primitive)
        for value in jax.tree.leaves(equation.params, is_leaf=lambda v: hasattr(v, "eqns") or hasattr(v, "jaxpr")):
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from names(inner)


def assert_near(got: Sequence[Any], wanted: Sequence[Any]) -> None:
    assert len(got) == len(wanted)
    for a, b in zip(map(np.asarray, got), map(np.asarray, wanted), strict=True):
        assert a.shape == b.shape
        assert np.linalg.norm(a - b) <= 1e-12 * np.linalg.norm(b)


def compare(theon_cost: Callable[..., Node], jax_cost: Callable[..., Any]) -> None:
    """Values and gradients to second order."""
    found = theon.function([x, W], both_orders(lazily, theon, theon_cost, x, W))(*AT)
    with jax.enable_x64(True):
        wanted = jax.jit(lambda x, W: both_orders(eagerly, jnp, jax_cost, x, W))(*AT)
    assert_near(found, wanted)


def plain(x: Any, W: Any) -> Any:
    return jnp.sum(block(jnp, x, W) ** 2)


def kept(x: Node, W: Node) -> Node:
    return theon.sum(block(theon, x, W) ** 2)


def again(x: Node, W: Node) -> Node:
    return theon.sum(theon.checkpoint(lambda x, W: block(theon, x, W))(x, W) ** 2)


# --- Values ---------------------------------------------------------------------------------------


def test_values_and_gradients_are_unchanged() -> None:
    compare(again, plain)


def test_outer_nodes_may_be_used_inside() -> None:
    """A wrt, a function of one, and a constant."""

    def cost(x: Node, W: Node) -> Node:
        h = theon.exp(x)
        return theon.sum(theon.checkpoint(lambda v: theon.tanh(v @ W + h) * np.arange(3.0))(theon.sin(x)))

    def jax_cost(x: Any, W: Any) -> Any:
        return jnp.sum(jnp.tanh(jnp.sin(x) @ W + jnp.exp(x)) * jnp.arange(3.0))

    compare(cost, jax_cost)


def test_nests_of_results_and_those_that_are_not_used() -> None:
    def cost(x: Node, W: Node) -> Node:
        made = theon.checkpoint(lambda p: {"a": theon.sin(p[0]), "b": [p[0] @ p[1], theon.exp(p[0])]})((x, W))
        return theon.sum(made["a"] * made["b"][0])

    compare(cost, lambda x, W: jnp.sum(jnp.sin(x) * (x @ W)))


def test_nested_checkpoints() -> None:
    def cost(x: Node, W: Node) -> Node:
        inner = theon.checkpoint(lambda v: theon.sin(v @ W))
        return theon.sum(theon.checkpoint(lambda v: theon.tanh(inner(theon.sin(inner(v)))))(x))

    def jax_cost(x: Any, W: Any) -> Any:
        def inner(v: Any) -> Any:
            return jnp.sin(v @ W)

        return jnp.sum(jnp.tanh(inner(jnp.sin(inner(x)))))

    compare(cost, jax_cost)


def test_inside_a_scan_and_a_scan_inside() -> None:
    def cost(x: Node, W: Node) -> Node:
        step = theon.checkpoint(lambda c, v: (theon.sin(c * v + x), theon.sum(c)))
        final, ys = theon.scan(step, x, W)
        whole = theon.checkpoint(lambda x, W: theon.scan(lambda c, v: (theon.sin(c * v), c), x, W))(x, W)
        return theon.sum(final * whole[0]) + theon.sum(ys) + theon.sum(whole[1] ** 2)

    def jax_cost(x: Any, W: Any) -> Any:
        final, ys = jax.lax.scan(lambda c, v: (jnp.sin(c * v + x), jnp.sum(c)), x, W)
        last, cs = jax.lax.scan(lambda c, v: (jnp.sin(c * v), c), x, W)
        return jnp.sum(final * last) + jnp.sum(ys) + jnp.sum(cs**2)

    compare(cost, jax_cost)


def test_by_intermediates_before_and_after() -> None:
    h = theon.exp(x)
    y = theon.checkpoint(lambda v: theon.sin(theon.sin(v)))(h)
    by_h, by_y = theon.grad(theon.sum(y**3), [h, y])
    found = theon.function([x], [by_h, by_y])(AT[0])
    inner = np.sin(np.exp(AT[0]))
    outer = np.sin(inner)
    assert_near(found, [3 * outer**2 * np.cos(inner) * np.cos(np.exp(AT[0])), 3 * outer**2])


def test_a_gradient_inside_by_what_is_outside() -> None:
    def cost(x: Node, W: Node) -> Node:
        return theon.sum(theon.checkpoint(lambda v: theon.grad(theon.sum(theon.tanh(v @ theon.sin(W))), W))(x) ** 2)

    def jax_cost(x: Any, W: Any) -> Any:
        return jnp.sum(jax.grad(lambda W: jnp.sum(jnp.tanh(x @ jnp.sin(W))))(W) ** 2)

    compare(cost, jax_cost)


def test_draws_repeat() -> None:
    """The numbers computed again are the numbers of the forward pass."""
    stream = theon.random.stream(seed=3)
    masked = theon.checkpoint(lambda v: theon.sin(v * theon.random.normal(stream, (3,), dtype="float64")))(x)
    drawn = theon.grad(theon.sum(masked), x)
    value, slope = theon.function([x], [masked, drawn])(AT[0])
    noise = np.arcsin(np.asarray(theon.function([x], masked, no_default_updates=True)(np.zeros(3))))
    assert not noise.any()
    sine, cosine = np.asarray(value), np.asarray(slope)
    n = cosine / np.sqrt(1 - sine**2)  # the numbers themselves, but for the sign
    np.testing.assert_allclose(np.abs(np.sin(AT[0] * n)), np.abs(sine), rtol=1e-9)


# --- What is given to XLA -------------------------------------------------------------------------


def test_the_forward_pass_is_in_the_program_twice() -> None:
    """Without `checkpoint` each sine once; with it the first once more, behind a barrier against joining the two.

    (On a CPU, XLA takes the barrier out and joins them after all, for `jax.checkpoint` just so.)
    """
    stored, repeated = primitives(lazily(kept, x, W)), primitives(lazily(again, x, W))
    assert stored["sin"] == 2
    assert stored["optimization_barrier"] == 0
    assert repeated["sin"] == 3
    assert repeated["optimization_barrier"] == 1
    assert repeated["dot_general"] == stored["dot_general"] + 2


def test_two_checkpoints_of_one_function_stay_two() -> None:
    """Each call carries its own token; only a call used twice is computed once."""
    fn = theon.checkpoint(theon.sin)
    one, other = fn(x), fn(x)
    run = theon.function([x], [one + other, one * 2]).compile(AT[0])
    assert sum(isinstance(node.op, Checkpoint) for node in run.programs[0].graph.nodes()) == 2


def test_nothing_is_computed_again_without_a_gradient() -> None:
    assert primitives([again(x, W)])["sin"] == 2
    graph = theon.function([x, W], again(x, W)).compile(*AT).programs[0].graph
    assert not any(isinstance(node.op, Checkpoint) and node.op.again for node in everything(graph))


def test_print_inside_happens_once(capsys: pytest.CaptureFixture[str]) -> None:
    y = theon.checkpoint(lambda v: theon.sin(theon.print(theon.sin(v), "inside")))(x)
    theon.function([x], [theon.sum(y), theon.grad(theon.sum(y), x)])(np.zeros(3))
    assert capsys.readouterr().out.count("inside") == 1


def test_check_inside() -> None:
    y = theon.checkpoint(lambda v: theon.sqrt(theon.check(v, v >= 0, "negative")))(x)
    run = theon.function([x], [theon.sum(y), theon.grad(theon.sum(y), x)])
    run(np.ones(3))
    with pytest.raises(theon.CheckError, match="negative"):
        run(-np.ones(3))


@pytest.mark.parametrize("around", ("nothing", "a scan"))
def test_what_a_loop_with_a_state_gave_may_be_used(around: str) -> None:
    """The loop stands outside, and is run once: only a state that is updated inside is refused."""
    n, x = theon.shared(np.float64(2.0), name="n"), theon.dvector("x")
    _, ys = theon.scan(lambda c, e: (c, e * n, {n: n + 1}), (), x)  # 2, 3, 4 times the elements

    def both(v: Node) -> Any:
        inside = theon.checkpoint(lambda u: theon.sin(u * theon.sum(ys)))(v)
        pairs = theon.associative_scan(lambda a, b: a * b + 0 * theon.sum(ys), x)
        return inside + theon.sum(pairs)

    found = both(x[0]) if around == "nothing" else theon.scan(lambda c, e: (c, both(e)), (), x)[1][0]
    data = np.array([0.5, 1.0, -0.25])
    value, slope = theon.function([x], [found, theon.grad(found, x)])(data)
    total = data @ [2.0, 3.0, 4.0]
    assert float(value) == pytest.approx(np.sin(0.5 * total) + 0.5 + 0.5 - 0.125, rel=1e-13)
    assert float(n.get_value()) == 5.0
    rest = np.array([1 + 1.0 - 0.25, 0.5 - 0.5 * 0.25, 0.5])  # of 0.5 + 0.5 * 1 + 0.5 * 1 * -0.25
    cos = np.cos(0.5 * total)
    np.testing.assert_allclose(slope, cos * (np.array([total, 0, 0]) + 0.5 * np.array([2.0, 3.0, 4.0])) + rest)
