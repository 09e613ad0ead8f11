"""`jacobian`, `hessian` and their kin: shapes, pieces, lists, what is disconnected; gradients changed on their way."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon
from tests.ops.against_jax import assert_near, in_jax
from theon.graph.node import Node
from theon.graph.walk import toposort

rng = np.random.default_rng(3)
A, X, V = rng.standard_normal((4, 3)), rng.standard_normal((2, 3)), rng.standard_normal(4)
a, x, v = theon.dmatrix("a"), theon.dmatrix("x"), theon.dvector("v")

PIECES: tuple[dict[str, Any], ...] = (
    {},
    {"chunk": 1},
    {"chunk": 3},
    {"chunk": 100},
    {"mode": "forward"},
    {"mode": "forward", "chunk": 5},
)


def at(nodes: Any, **kwargs: Any) -> Any:
    return theon.function([a, x, v], nodes, on_unused_input="ignore", **kwargs)(A, X, V)


def program(m: Any, a: Any, x: Any, v: Any) -> Any:
    """Of shape (2, 4)."""
    return m.tanh(x @ a.T) * m.exp(v)[None, :]


@pytest.mark.parametrize("way", PIECES, ids=str)
def test_by_all_inputs(way: Any) -> None:
    """Shapes are the result's and then the input's, at sizes unknown when declared."""
    wanted = in_jax(jax.jacrev(lambda *at: program(jnp, *at), (0, 1, 2)), A, X, V)
    assert_near(at(theon.jacobian(program(theon, a, x, v), [a, x, v], **way)), wanted)


@pytest.mark.parametrize("way", PIECES, ids=str)
def test_its_gradient(way: Any) -> None:
    """A Jacobian is an expression like any other."""
    cost = theon.sum(theon.sin(theon.jacobian(program(theon, a, x, v), x, **way)))

    def jax_cost(*at: Any) -> Any:
        return jnp.sum(jnp.sin(jax.jacrev(lambda *at: program(jnp, *at), 1)(*at)))

    assert_near(at(theon.grad(cost, [a, x, v])), in_jax(jax.grad(jax_cost, (0, 1, 2)), A, X, V))


@pytest.mark.parametrize("way", PIECES, ids=str)
@pytest.mark.parametrize("length", [0, 1, 7])
def test_lengths(way: Any, length: int) -> None:
    """None, one, and more than a piece."""
    given = np.linspace(0.5, 1.0, length)
    found = theon.function([v], theon.jacobian(v**3, v, **way))(given)
    np.testing.assert_allclose(found, np.diag(3 * given**2), atol=1e-15)


def test_types_are_known_at_declaration() -> None:
    xs = theon.tensor("xs", ("batch", 3))
    f = theon.sum(xs, axis=0)
    assert theon.jacobian(f, xs).dims == (3, "batch", 3)
    assert theon.jacobian(f, xs, mode="forward").dims == (3, "batch", 3)
    assert theon.hessian(theon.sum(xs**2), xs).dims == ("batch", 3, "batch", 3)
    assert theon.jacobian(theon.sum(xs), xs, chunk=2).dims == ("batch", 3)
    assert str(theon.jacobian(xs.astype("float64"), xs).dtype) == "float32"


def test_by_intermediates_and_shared_variables() -> None:
    """The way from an intermediate to the result is differentiated, and no other."""
    w = theon.shared(V, name="w")
    h = theon.sin(w)
    by_h, by_w = theon.jacobian(h * h * w, [h, w])
    sin, cos = np.sin(V), np.cos(V)
    wanted = [np.diag(2 * sin * V), np.diag(2 * sin * cos * V + sin**2)]
    assert_near(theon.function([], [by_h, by_w])(), wanted)
    again = theon.grad(theon.sum(by_h), [h, w])
    assert_near(theon.function([], again)(), [2 * V, 2 * V * cos + 2 * sin])
    for policy in ("raise", "zero"):  # what lies between is inside: zero would be wrong
        with pytest.raises(theon.GradientError, match="made anew inside"):
            theon.grad(theon.sum(by_w), h, disconnected_inputs=policy)
    hessians = theon.hessian(theon.sum(h**2 * w), [h, w])
    wanted = [np.diag(2 * V), np.diag(4 * sin * cos + 2 * V * (cos**2 - sin**2))]
    assert_near(theon.function([], hessians)(), wanted)


def test_it_is_vectorised_and_not_looped() -> None:
    """The size of the program does not grow with that of the Jacobian, and nothing loops unless in pieces."""

    def ops(size: int, **way: Any) -> list[str]:
        run = theon.function([v], theon.jacobian(theon.tanh(v) * theon.sum(v), v, **way)).compile(np.ones(size))
        return sorted(node.op.name for node in run.programs[0].graph.nodes())

    assert ops(5) == ops(50)
    assert "scan" not in ops(50)
    assert "scan" in ops(50, chunk=8)


def test_pieces_take_less_memory() -> None:
    """By XLA's own account: the cotangents of a wide layer are held for a piece of the rows at a time."""
    w, u = theon.dmatrix("w"), theon.dmatrix("u")
    given = rng.standard_normal(8), rng.standard_normal((8, 1000)), rng.standard_normal((1000, 400))

    def temporary(**way: Any) -> int:
        run = theon.function([v, w, u], theon.jacobian(theon.tanh(v @ w) @ u, v, **way)).compile(*given)
        np.testing.assert_allclose(run(*given), (given[1] * (1 - np.tanh(given[0] @ given[1]) ** 2) @ given[2]).T)
        return int(run.programs[0].executable.memory_analysis().temp_size_in_bytes)

    assert temporary(chunk=10) < temporary() / 8


def test_the_forward_program_runs_once() -> None:
    """What depends on no unit vector is not computed for each."""
    run = theon.function([v], [theon.jacobian(theon.sin(theon.tanh(v)), v), theon.tanh(v)]).compile(np.ones(5))
    nodes = run.programs[0].graph.nodes()
    assert [node.dims for node in nodes if node.op.name in ("tanh", "cos")] == [(5,), (5,)]


def test_consider_constant() -> None:
    h = theon.sin(v)
    f = h * v**2
    sin, cos = np.sin(V), np.cos(V)
    for way in PIECES:
        held = theon.jacobian(f, v, consider_constant=[h], **way)
        np.testing.assert_allclose(at(held), np.diag(2 * V * sin), rtol=1e-13, atol=1e-15)
    bent = theon.hessian(theon.sum(f), v, consider_constant=[h])
    product = theon.hessian_vector_product(theon.sum(f), v, v, consider_constant=[h])
    pulled, pushed = theon.vjp(f, v, v, consider_constant=[h]), theon.jvp(f, v, v, consider_constant=[h])
    wanted = [np.diag(2 * sin), 2 * sin * V, 2 * V**2 * sin, 2 * V**2 * sin]
    assert_near(at([bent, product, pulled, pushed]), wanted)
    np.testing.assert_allclose(at(theon.jacobian(f, v)), np.diag(2 * V * sin + V**2 * cos), rtol=1e-13, atol=1e-15)


def test_draws_and_effects_are_those_of_the_program() -> None:
    """A mask is drawn once, for the value and for every row of its Jacobian."""
    stream = theon.random.stream(0)
    mask = theon.random.bernoulli(stream, 0.5, (4,)).astype("float64")
    value, matrix = at([mask * v**2, theon.jacobian(mask * v**2, v)])
    np.testing.assert_allclose(matrix, np.diag(2 * np.asarray(value) / V))


def test_through_a_loop() -> None:
    """The Jacobian of where a loop ends by where it begins."""
    last, _ = theon.scan(lambda c, row: (theon.tanh(c * row[0] + row[1:3]), None), v[:2], a)
    wanted = in_jax(
        jax.jacrev(lambda v: jax.lax.scan(lambda c, r: (jnp.tanh(c * r[0] + r[1:3]), None), v[:2], A)[0]), V
    )
    for way in (PIECES[0], PIECES[4]):
        np.testing.assert_allclose(at(theon.jacobian(last, v, **way)), wanted, rtol=1e-12, atol=1e-14)


def test_complex() -> None:
    """Holomorphic functions, as JAX has them; the real part by a complex input."""
    z = theon.tensor("z", shape=(3,), dtype="complex128")
    point = A[0] + 1j * A[1]

    def f(m: Any, z: Any) -> Any:
        return m.exp(z) * z[::-1]

    wanted = in_jax(lambda z: jax.jacrev(lambda z: f(jnp, z), holomorphic=True)(z), point)
    found = theon.function([z], [theon.jacobian(f(theon, z), z), theon.jacobian(f(theon, z), z, mode="forward")])
    assert_near(found(point), [wanted, wanted])
    real = theon.jacobian(theon.real(z), z).eval({z: point})
    np.testing.assert_array_equal(real, np.eye(3))


# --- Hessians ---------------------------------------------------------------------------------------------------------


def cost_of(m: Any, a: Any, x: Any, v: Any) -> Any:
    return m.sum(program(m, a, x, v) ** 3) + m.sum(v)


def test_hessians_by_each_alone_and_between() -> None:
    cost = cost_of(theon, a, x, v)
    blocks = in_jax(jax.hessian(lambda *at: cost_of(jnp, *at), (0, 1, 2)), A, X, V)
    assert_near(at(theon.hessian(cost, [a, x, v])), [blocks[i][i] for i in range(3)])
    assert_near(at(theon.hessian(cost, [x, v], chunk=4)), [blocks[1][1], blocks[2][2]])
    assert_near(at([theon.jacobian(theon.grad(cost, x), v)]), [blocks[1][2]])


def test_hessian_vector_products_know_all_blocks() -> None:
    """Also of the inputs that are linear in the cost alone, and of one that does not reach it."""
    cost = cost_of(theon, a, x, v)
    steps = [rng.standard_normal(p.shape) for p in (A, X, V)]
    found = at(theon.hessian_vector_product(cost, [a, x, v], steps))
    gradient = jax.grad(lambda *at: cost_of(jnp, *at), (0, 1, 2))
    assert_near(found, in_jax(lambda *at: jax.jvp(gradient, at, tuple(steps))[1], A, X, V))
    np.testing.assert_array_equal(at(theon.hessian_vector_product(theon.sum(v), v, v)), np.zeros(4))
    np.testing.assert_array_equal(at(theon.hessian(theon.sum(v), v)), np.zeros((4, 4)))
    one, none = theon.hessian_vector_product(theon.sum(v**2), [v, x], [v, x], disconnected_inputs="none")
    assert none is None
    np.testing.assert_allclose(at(one), 2 * V)


def test_value_and_grad() -> None:
    cost = cost_of(theon, a, x, v)
    value, gradient = theon.value_and_grad(cost, v)
    assert value is cost
    wanted = in_jax(jax.value_and_grad(lambda *at: cost_of(jnp, *at), 2), A, X, V)
    assert_near(at([value, gradient]), list(wanted))
    assert isinstance(theon.value_and_grad(cost, [v])[1], list)


# --- Disconnected inputs ----------------------------------------------------------------------------------------------


def zero_of(kind: str, policy: Any) -> Any:
    """A derivative by `x` of what does not depend on it."""
    calls: dict[str, Any] = {
        "grad": lambda: theon.grad(theon.sum(v), x, disconnected_inputs=policy),
        "value_and_grad": lambda: theon.value_and_grad(theon.sum(v), x, disconnected_inputs=policy)[1],
        "vjp": lambda: theon.vjp(v * 2, x, v, disconnected_inputs=policy),
        "jacobian": lambda: theon.jacobian(v * 2, x, disconnected_inputs=policy),
        "forward": lambda: theon.jacobian(v * 2, x, disconnected_inputs=policy, mode="forward"),
        "hessian": lambda: theon.hessian(theon.sum(v), x, disconnected_inputs=policy),
        "hvp": lambda: theon.hessian_vector_product(theon.sum(v), x, x, disconnected_inputs=policy),
    }
    return calls[kind]()


SHAPES = {"jacobian": (4, 2, 3), "forward": (4, 2, 3), "hessian": (2, 3, 2, 3)}


@pytest.mark.parametrize("kind", ["grad", "value_and_grad", "vjp", "jacobian", "forward", "hessian", "hvp"])
def test_all_four_policies(kind: str) -> None:
    """Alike for every derivative; zeros have the shape that the derivative would have."""
    with pytest.raises(theon.DisconnectedError, match="does not depend on x"):
        zero_of(kind, "raise")
    assert zero_of(kind, "none") is None
    np.testing.assert_array_equal(at(zero_of(kind, "zero")), np.zeros(SHAPES.get(kind, (2, 3))))
    with pytest.warns(UserWarning, match="does not depend on x") as caught:
        warned = zero_of(kind, "warn")
    assert caught[0].filename == __file__ and len(caught) == 1
    np.testing.assert_array_equal(at(warned), np.zeros(SHAPES.get(kind, (2, 3))))
    with pytest.raises(theon.ArgumentError, match="disconnected_inputs is 'raise', 'warn', 'zero' or 'none'"):
        zero_of(kind, "maybe")


def test_aliases() -> None:
    """One function, two names."""
    assert (theon.vjp, theon.jvp) == (theon.Lop, theon.Rop)
    assert theon.disconnected_grad is theon.stop_gradient
    assert theon.consider_constant is theon.zero_grad


# --- What changes gradients on their way back -------------------------------------------------------------------------


def test_identities_in_value() -> None:
    for same in (lambda n: theon.grad_clip(n, -1, 1), lambda n: theon.grad_scale(n, 3), theon.zero_grad,
                 theon.undefined_grad):  # fmt: skip
        node: Node = same(x)
        assert node.type == x.type
        np.testing.assert_array_equal(at(node), X)


def test_clipped_scaled_and_zeroed() -> None:
    slope = 2 * V
    clipped = theon.grad(theon.sum(theon.grad_clip(v, -0.5, 1.0) ** 2), v)
    scaled = theon.grad(theon.sum(theon.grad_scale(v, -0.1) ** 2), v)
    zeroed = theon.grad(theon.sum(theon.zero_grad(v) ** 2), v)
    partly = theon.grad(theon.sum(theon.zero_grad(v) * v), v)
    assert_near(at([clipped, scaled, zeroed, partly]), [slope.clip(-0.5, 1), -0.1 * slope, 0 * V, V])


def test_their_second_derivatives() -> None:
    """Those of the gradient as it is: none where it was clipped, and on the way back clipped again."""
    clipped = theon.jacobian(theon.grad(theon.sum(theon.grad_clip(v, -0.5, 1.0) ** 3), v), v)
    slope = 3 * V**2
    np.testing.assert_allclose(at(clipped), np.diag(np.where(slope < 1, (6 * V).clip(-0.5, 1), 0)), atol=1e-12)
    rate = theon.dscalar("rate")
    gradient = theon.grad(theon.sum(theon.grad_scale(v, rate) ** 2), v)
    run = theon.function([v, rate], [gradient, theon.grad(theon.sum(gradient), rate), theon.jvp(v**2, v, v)])
    assert_near(run(V, 3.0), [6 * V, np.sum(2 * V), 2 * V * V])
    moved = theon.jvp(theon.grad_clip(v, -1, 1) ** 2, v, v)
    np.testing.assert_allclose(at(moved), 2 * V * V)


def test_they_are_batched() -> None:
    """Per example, with a factor that all share or one of its own."""
    rates = theon.dvector("rates")
    clipped = theon.vectorize(lambda r: theon.grad(theon.sum(theon.grad_clip(r, -0.5, 0.5) ** 2), r))(x)
    own = theon.vectorize(lambda r, k: theon.grad(theon.sum(theon.grad_scale(r, k) ** 2), r))(x, rates)
    run = theon.function([x, rates], [clipped, own])
    assert_near(run(X, np.array([2.0, 3.0])), [(2 * X).clip(-0.5, 0.5), 2 * X * np.array([[2.0], [3.0]])])


def test_undefined() -> None:
    """Raised where the derivative is asked for; by the node itself, or around it, there is one."""
    u = theon.undefined_grad(v * 2)
    cost = theon.sum(u * v)
    for ask in (
        lambda: theon.grad(cost, v),
        lambda: theon.vjp(u, v, v),
        lambda: theon.jvp(u, v, v),
        lambda: theon.jacobian(u, v),
        lambda: theon.hessian(cost, v),
    ):
        with pytest.raises(theon.GradientError, match="the derivative by v is undefined"):
            ask()
    by_u, held = theon.grad(cost, u), theon.grad(cost, v, consider_constant=[u])
    assert_near(at([by_u, held]), [V, 2 * V])
    _, loop = theon.scan(lambda c, e: (c, theon.undefined_grad(e)), 0.0, v)
    with pytest.raises(theon.GradientError, match="the derivative by v is undefined"):
        at(theon.grad(theon.sum(loop), v))


def test_known_gradients_of_vectors() -> None:
    """A vector-valued cost, its cotangent given: the product from the left."""
    f = program(theon, a, x, v)
    seed = rng.standard_normal((2, 4))
    mine = theon.grad(None, [a, x, v], known_grads={f: seed})
    wanted = in_jax(lambda *at: jax.vjp(lambda *at: program(jnp, *at), *at)[1](seed), A, X, V)
    assert_near(at(mine), wanted)
    assert_near(at(theon.vjp([f], [a, x, v], [seed])), wanted)


def test_nothing_is_derived_at_declaration() -> None:
    """A Jacobian is a vectorised region until it is compiled."""
    kinds = {node.op.name for node in toposort([theon.jacobian(theon.sin(v), v)])}
    assert "cos" not in kinds and "vectorized" in kinds
