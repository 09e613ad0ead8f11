"""`Function.as_jax`: pure, and like any JAX function to `jit`, `grad`, `vmap` and `scan`."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from jax import numpy as jnp

import theon
from theon import Function

ROWS = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
TARGETS = ROWS @ np.array([1.0, -2.0, 0.5], np.float32)


def regression() -> tuple[Any, Function]:
    """Gradient descent on a line through points."""
    x, y = theon.matrix("x"), theon.vector("y")
    w = theon.shared(np.zeros(3, np.float32), name="w")
    loss = ((x @ w - y) ** 2).mean()
    return w, theon.function([x, y], loss, updates=[(w, w - 0.1 * theon.grad(loss, w))])


def test_steps_are_those_of_the_function_and_leave_it_alone() -> None:
    w, step = regression()
    pure = step.as_jax()
    state = pure.state()
    jitted = jax.jit(pure)
    losses = []
    for _ in range(4):
        loss, state = jitted([ROWS, TARGETS], state)
        losses.append(float(loss))
    assert w.get_value().tolist() == [0, 0, 0]
    assert losses == pytest.approx([float(step(ROWS, TARGETS)) for _ in range(4)], rel=1e-6)
    np.testing.assert_allclose(state["w"], w.get_value(), rtol=1e-6)


def test_steps_scan_in_one_program() -> None:
    w, step = regression()
    pure = step.as_jax()
    last, losses = jax.lax.scan(lambda state, _: pure([ROWS, TARGETS], state)[::-1], pure.state(), None, length=6)
    wanted = [float(step(ROWS, TARGETS)) for _ in range(6)]
    np.testing.assert_allclose(losses, wanted, rtol=1e-5)
    np.testing.assert_allclose(last["w"], w.get_value(), rtol=1e-5)


def test_gradients_and_batches() -> None:
    """By inputs and by states, of values and of gradients that theon derived."""
    _, step = regression()
    pure = step.as_jax()
    state = {"w": jnp.array([1.0, 2.0, 3.0])}
    by_state = jax.grad(lambda s: pure([ROWS, TARGETS], s)[0])(state)["w"]
    wanted = 2 * ROWS.T @ (ROWS @ np.array([1, 2, 3], np.float32) - TARGETS) / 5
    np.testing.assert_allclose(by_state, wanted, rtol=1e-5)
    x = theon.tensor("x", shape=(3,))
    slope = theon.function([x], theon.grad(theon.sum(theon.tanh(x) ** 2), x)).as_jax()
    found = jax.vmap(jax.jacfwd(lambda v: slope([v])[0]))(jnp.asarray(ROWS))
    want = jax.vmap(jax.hessian(lambda v: jnp.sum(jnp.tanh(v) ** 2)))(jnp.asarray(ROWS))
    np.testing.assert_allclose(found, want, rtol=1e-4, atol=1e-5)


def test_wide_programs() -> None:
    """float64 in and out, where JAX is told to have it; refused where a value was narrowed."""
    x = theon.dvector("x")
    pure = theon.function([x], [(x**3).sum(), x.astype("float32")], name="cubes").as_jax()
    with jax.enable_x64(True):
        outputs, state = jax.jit(pure)([jnp.arange(3.0)])
        slope = jax.grad(lambda v: pure([v])[0][0])(jnp.arange(3.0))
    assert (outputs[0].dtype, outputs[1].dtype, state) == (np.float64, np.float32, {})
    assert float(outputs[0]) == 9 and slope.tolist() == [0, 3, 12]
    with pytest.raises(theon.InputTypeError, match="x is float64, received float32"):
        pure([jnp.arange(3.0)])


def test_draws_move_their_key() -> None:
    rng = theon.random.stream(seed=1)
    draw = theon.function([], theon.random.normal(rng, (4,)))
    pure = draw.as_jax()
    first, state = pure([], pure.state())
    second, _ = jax.jit(pure)([], state)
    np.testing.assert_array_equal(first, draw())
    np.testing.assert_array_equal(second, draw())


def test_static_inputs_and_sizes() -> None:
    """A static input is a plain value; each of its values, and each shape, is a program."""
    x, n = theon.vector("x"), theon.iscalar("n", static=True)
    pure = theon.function([x, n], [x[:n], x.shape[0] * x.sum()]).as_jax()
    for size in (1, 2):
        (head, total), _ = jax.jit(lambda v, size=size: pure([v, np.int32(size)]))(jnp.ones(size + 2))
        assert (head.shape, float(total)) == ((size,), (size + 2) ** 2)
    with pytest.raises(theon.InputError, match="n is static"):
        jax.jit(lambda v, k: pure([v, k]))(jnp.ones(3), np.int32(1))


def test_large_constants_come_along() -> None:
    table = np.arange(40_000, dtype=np.float32)
    x = theon.tensor("x", shape=(40_000,))
    pure = theon.function([x], (x * table).sum()).as_jax()
    found, _ = jax.jit(pure)([np.ones(40_000, np.float32)])
    assert float(found) == pytest.approx(table.sum(dtype=np.float64), rel=1e-5)


def test_mistakes() -> None:
    _, step = regression()
    pure: Any = step.as_jax()
    state = pure.state()
    calls: tuple[tuple[Any, str], ...] = (
        (lambda: pure([ROWS], state), "takes a sequence of 2 inputs"),
        (lambda: pure(ROWS, state), "takes a sequence of 2 inputs"),
        (lambda: pure([ROWS, TARGETS]), "has the states w; received none"),
        (lambda: pure([ROWS, TARGETS], {"w": np.zeros(4, np.float32)}), "received the shape"),
        (lambda: pure([ROWS, TARGETS[0]], state), "received the shape"),
    )
    for call, message in calls:
        with pytest.raises(theon.InputError, match=message) as caught:
            call()
        assert "test_as_jax.py" in str(caught.value)
    x = theon.vector("x")
    checked = theon.function([x], theon.check(x, (x > 0).all(), "positive")).as_jax()
    with pytest.raises(theon.ArgumentError, match="a pure function cannot raise"):
        checked([np.ones(2, np.float32)])


def test_stop_gradient_holds_for_jax_too() -> None:
    x = theon.scalar("x")
    _, ys = theon.scan(lambda c, _: (c * theon.stop_gradient(c), c), x, length=3)
    pure = theon.function([x], theon.sum(ys) + x * theon.stop_gradient(x)).as_jax()

    def by_jax(v: Any) -> Any:
        stop = jax.lax.stop_gradient
        return v + v * stop(v) + v * stop(v) * stop(v * stop(v)) + v * stop(v)

    found = jax.value_and_grad(lambda v: pure([v])[0])(jnp.float32(1.5))
    np.testing.assert_allclose(found, jax.value_and_grad(by_jax)(jnp.float32(1.5)), rtol=1e-6)


@pytest.mark.parametrize(
    "own",
    [
        lambda x: theon.grad_scale(x, -1.0),
        lambda x: theon.grad_clip(x, -1.0, 1.0),
        theon.zero_grad,
        theon.custom_gradient(lambda x: (x**2, lambda g: (g,))),
        lambda x: theon.scan(lambda c, v: (c + theon.grad_scale(v, 2.0), None), 0.0, x)[0],
    ],
    ids=["grad_scale", "grad_clip", "zero_grad", "custom_gradient", "in a body"],
)
def test_gradients_of_its_own_are_not_for_jax(own: Any) -> None:
    """Values are; a derivative that JAX would take past a declared one raises, for it would be another."""
    x = theon.tensor("x", shape=(2,))
    f = theon.function([x], theon.sum(own(x)))
    pure, at = f.as_jax(), jnp.array([1.5, -2.0])
    assert float(jax.jit(pure)([at])[0]) == float(f(at))
    with pytest.raises(theon.GradientError, match=r"gradients of its own.*which JAX does not see"):
        jax.grad(lambda v: pure([v])[0])(at)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("x", ([3.0, -4.0], [0.0, 0.0], [3e-30, 4e-30], [3e30, -4e30]), ids=str)
def test_gradients_of_a_length(x: list[float], dtype: str) -> None:
    """A rewrite sums squares at three scales, of which JAX's own derivative would be nan."""
    node = theon.tensor("x", shape=(2,), dtype=dtype)
    length = theon.function([node], theon.sqrt(theon.sum(node * node)))
    with jax.enable_x64(True):
        found = jax.grad(lambda v: length.as_jax()([v])[0])(jnp.asarray(x, dtype))
    size = np.hypot(x[0], x[1])
    np.testing.assert_allclose(found, np.array(x) / (size or 1), rtol=1e-6)


POINTS = {  # formula, point, first and second derivative
    "softplus at 0": (lambda x: theon.log(1 + theon.exp(x)), 0.0, 0.5, 0.25),
    "betaln at (1, 1)": (lambda x: theon.betaln(x, 1.0), 1.0, -1.0, 1.0),
    "gammaln at 1": (theon.gammaln, 1.0, -np.euler_gamma, np.pi**2 / 6),
    "tanh far out": (theon.tanh, -10.0, 1 / np.cosh(10) ** 2, 2 / np.cosh(10) ** 2 * np.tanh(10)),
    "dawsn at 0": (theon.dawsn, 0.0, 1.0, 0.0),
    "exprel at 0": (theon.exprel, 0.0, 0.5, 1 / 3),
    "j1 at 0": (theon.j1, 0.0, 0.5, 0.0),
    "i0 at 0": (theon.i0, 0.0, 0.0, 0.5),
    "spence at 1": (theon.spence, 1.0, -1.0, 0.5),
    "digamma at 1": (theon.digamma, 1.0, np.pi**2 / 6, -2 * 1.2020569031595942),
    "complex": (lambda x: theon.imag(theon.complex(3.0, x) ** 3), 2.0, 27.0 - 12.0, -12.0),
    "logaddexp of equals": (lambda x: theon.logaddexp(x, 2.0), 2.0, 0.5, 0.25),
}


@pytest.mark.parametrize("name", POINTS)
def test_jax_derives_what_theon_derives(name: str) -> None:
    """Alone, in a batch, in a loop, forwards and backwards: lowerings pick between formulas, which JAX would derive."""
    formula, at, first, second = POINTS[name]
    x = theon.dscalar("x")
    pure = theon.function([x], formula(x)).as_jax()

    def f(x: Any) -> Any:
        return pure([x])[0]

    def looped(x: Any) -> Any:
        return jax.lax.scan(lambda total, _: (total + f(x), None), jnp.zeros_like(x), length=3)[0]

    with jax.enable_x64(True):
        point = jnp.asarray(at, "float64")
        found = [jax.grad(f)(point), jax.jacfwd(f)(point), jax.vmap(jax.grad(f))(point[None])[0]]
        found += [jax.grad(looped)(point) / 3, jax.jit(jax.grad(f))(point)]
        curve = jax.hessian(f)(point)
    np.testing.assert_allclose(found, first, rtol=1e-13)
    np.testing.assert_allclose(curve, second, rtol=1e-12)


def test_jax_derives_equal_singular_values_and_draws() -> None:
    """Where JAX's own rules divide by gaps that are 0, or see no derivative: what theon derives, once."""
    x = theon.dscalar("x")
    turned = theon.eye(2, dtype="float64") + x * np.array([[0.0, -1], [1, 0]])
    stream = theon.random.stream(seed=3)
    formulas = {
        "polar": theon.sum(theon.linalg.polar(turned)[0] * np.array([[1.0, 2], [3, 4]])),
        "eigh": theon.sum(theon.linalg.eigh(turned @ turned.T)[0] ** 2),
        "vonmises": theon.sum(theon.random.vonmises(stream, 0.5, x + 2, (4,), dtype="float64")),
        "wald": theon.sum(theon.random.wald(stream, x + 2, (4,), 1.5, dtype="float64")),
    }
    for name, formula in formulas.items():
        pure = theon.function([x], formula, no_default_updates=True).as_jax()
        wanted = theon.function([x], theon.grad(formula, x), no_default_updates=True)(0.0)
        with jax.enable_x64(True):
            point = jnp.asarray(0.0, "float64")
            found = [
                derive(lambda v, pure=pure: pure([v], pure.state())[0])(point) for derive in (jax.grad, jax.jacfwd)
            ]
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12, err_msg=name)
