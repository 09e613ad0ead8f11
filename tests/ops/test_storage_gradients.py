"""Derivatives past what is stored in float8 or int4, copies of it, and a training that keeps its weights so."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Sequence
from typing import Any

import jax
import ml_dtypes
import numpy as np
import pytest

import theon
from theon.graph.node import Const
from theon.graph.storage import STORED, STORED_FLOATS, STORED_INTS
from theon.graph.types import HELD, as_dtype

Array = Any
every_float8 = pytest.mark.parametrize("name", STORED_FLOATS)
every_stored = pytest.mark.parametrize("name", STORED)

WEIGHTS = np.array([0.33, 2.9, -2.7, 17.3], np.float32)
POINT = np.array([0.3, 1.7, 5.1, -0.02], np.float32)


def same(a: Array, b: Array) -> Array:
    """Equal to the sign of zeros, or both nan."""
    assert a.dtype == b.dtype
    if a.dtype.name in STORED_INTS or a.dtype.kind in "biu":
        return np.asarray(a.astype(np.int64) == b.astype(np.int64))
    x, y = (v.astype(np.complex128 if v.dtype.kind == "c" else np.float64) for v in (a, b))
    if x.dtype.kind == "c":
        x, y = x.real, y.real
    return np.asarray(((x == y) & (np.signbit(x) == np.signbit(y))) | (np.isnan(x) & np.isnan(y)))


def wide(x: Any) -> Any:
    return x.astype("float32")


PROGRAMS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "a cast there and back": lambda s, x, c: wide(s(x)) * c,
    "used twice": lambda s, x, c: (lambda y: wide(y) * c + wide(y[::-1]) * (c / 3))(s(x)),
    "reshape": lambda s, x, c: wide(s(x).reshape((2, 2))) * c.reshape((2, 2)),
    "transpose": lambda s, x, c: wide(s(x).reshape((2, 2)).T) * c.reshape((2, 2)),
    "slice": lambda s, x, c: wide(s(x)[1:]) * c[1:],
    "reversed": lambda s, x, c: wide(s(x)[::-1]) * c,
    "index array": lambda s, x, c: wide(s(x)[np.array([3, 0])]) * c[:2],
    "set": lambda s, x, c: wide(s(x).at[1].set(1.0)) * c,
}


@every_float8
@pytest.mark.parametrize("program", PROGRAMS)
def test_gradients_are_those_of_jax(program: str, name: str) -> None:
    """To the bit, by a float32 input that is cast, and by a float8 one."""
    body, dtype = PROGRAMS[program], HELD[name]
    for own in ("float32", name):
        x = theon.tensor("x", (4,), own)
        point = POINT.astype(HELD[own])
        g = theon.grad(theon.sum(body(lambda v: v.astype(dtype), x, theon.constant(WEIGHTS))), x)
        assert g.dtype == HELD[own]
        by_jax = jax.jit(jax.grad(lambda v: body(lambda u: u.astype(dtype), v, jax.numpy.asarray(WEIGHTS)).sum()))
        found, wanted = np.asarray(theon.function([x], g)(point)), np.asarray(by_jax(jax.numpy.asarray(point)))
        assert same(found, wanted).all(), (own, found, wanted)


def test_gradients_that_overflow() -> None:
    """As in JAX: a cotangent beyond 464 is nan in float8_e4m3fn, so losses are scaled."""
    x = theon.vector("x")
    y = x.astype("float8_e4m3fn").astype("float32")
    assert np.isnan(theon.grad(theon.sum(y * 1000.0), x).eval({x: [1.0]})).all()
    assert theon.grad(theon.sum(y * 448.0), x).eval({x: [1.0]}).tolist() == [448.0]


def test_second_derivatives_pass() -> None:
    """d2/dx2 of q(x)**2, where q rounds: 2, as jax.grad has it."""
    x = theon.scalar("x")
    y = x.astype("float8_e4m3fn").astype("float32") ** 2
    second = theon.grad(theon.grad(y, x), x)

    def by_jax(v: Any) -> Any:
        return v.astype(ml_dtypes.float8_e4m3fn).astype("float32") ** 2

    assert float(second.eval({x: 1.7})) == float(jax.grad(jax.grad(by_jax))(1.7)) == 2.0


@pytest.mark.parametrize("where", ["scan", "cond", "checkpoint", "vectorize", "from_jax", "custom_gradient"])
def test_gradients_in_regions(where: str) -> None:
    """A float8 weight that a body uses, carries or gives, beside the same program written out."""
    w = theon.shared(np.array([0.5, 1.5, -2.0]), name="w", dtype="float8_e4m3fn")
    x = theon.constant([[1.0, 2.0, 3.0], [0.5, 0.25, 4.0]])

    def step(row: theon.Node) -> theon.Node:
        return theon.sum(w.astype("float32") * row)

    if where == "scan":
        _, ys = theon.scan(lambda carry, row: (carry, theon.sum(carry.astype("float32") * row) + step(row)), w, x)
        cost, wanted = theon.sum(ys), [3.0, 4.5, 14.0]
    elif where == "cond":
        cost = theon.cond(theon.constant(1) > 0, lambda: step(x[0]), lambda: theon.constant(0.0))
        wanted = [1.0, 2.0, 3.0]
    elif where == "checkpoint":
        cost, wanted = theon.checkpoint(lambda u: theon.sum(u.astype("float32") * x[0]))(w), [1.0, 2.0, 3.0]
    elif where == "vectorize":
        cost, wanted = theon.sum(theon.vectorize(step)(x)), [1.5, 2.25, 7.0]
    elif where == "from_jax":
        product_ = theon.from_jax(lambda u, v: (u.astype("float32") * v).sum())
        cost, wanted = product_(w, x[0]), [1.0, 2.0, 3.0]
    else:

        @theon.custom_gradient
        def straight(u: theon.Node) -> tuple[theon.Node, Any]:
            return u.astype("float8_e4m3fn").astype("float32"), lambda g: g  # past the rounding of the cotangent

        v = theon.shared(np.array([0.3, 1.7, 5.1], np.float32))
        found = theon.grad(theon.sum(straight(v) * 1000.0), v).eval()
        assert found.tolist() == [1000.0] * 3
        return
    g = theon.grad(cost, w)
    assert g.dtype == w.dtype
    assert np.asarray(g.eval()).astype(np.float32).tolist() == wanted


def test_other_derivatives() -> None:
    """By a float8 variable, along a direction that float8 holds, as in JAX; and with known gradients."""
    values = np.array([0.5, 1.5, -2.0], ml_dtypes.float8_e4m3fn)
    along = np.array([1.0, 2.0, 3.0], ml_dtypes.float8_e4m3fn)
    w = theon.shared(values, name="w")

    def by_jax(v: Any) -> Any:
        return v.astype("float32") ** 2

    y = w.astype("float32") ** 2
    _, tangent = jax.jvp(by_jax, (jax.numpy.asarray(values),), (jax.numpy.asarray(along),))
    np.testing.assert_array_equal(theon.Rop(y, w, theon.constant(along)).eval(), tangent)
    (pulled,) = jax.vjp(by_jax, jax.numpy.asarray(values))[1](jax.numpy.asarray(along.astype(np.float32)))
    np.testing.assert_array_equal(theon.Lop(y, w, theon.constant(along.astype(np.float32))).eval(), pulled)
    x = theon.vector("x")
    narrow = x.astype("float8_e4m3fn")
    known = theon.grad(None, x, known_grads={narrow: theon.constant(along)})
    assert known.eval({x: [1.0, 1.0, 1.0]}).tolist() == [1.0, 2.0, 3.0]
    jacobian = theon.jacobian(w.astype("float32") * 2.0, w)
    assert np.asarray(jacobian.eval()).astype(np.float32).tolist() == (2 * np.eye(3)).tolist()


def test_copies_and_pickles() -> None:
    """Functions that hold such states and constants."""
    w = theon.shared(np.array([1.0, -2.0, 0.3]), name="w", dtype="float8_e4m3fn")
    q = theon.constant([1, -3, 7], "int4")
    f = theon.function([], [w.astype("float32") + q.astype("float32")], updates={w: theon.flip(w)})
    for other in (pickle.loads(pickle.dumps(f)), copy.deepcopy(f)):
        assert other()[0].tolist() == [2.0, -5.0, 7.3125] and other()[0].tolist() == [1.3125, -5.0, 8.0]
    large = theon.constant(np.ones(Const.LARGE + 1, theon.float8_e5m2))  # an argument of the program
    assert large[:2].eval().tolist() == [1.0, 1.0]


def test_ints_have_no_gradient() -> None:
    x, w = theon.vector("x"), theon.shared(np.array([1, 2]), name="w", dtype="int4")
    cost = theon.sum(x.astype("int4").astype("float32"))
    with pytest.raises(theon.DisconnectedError):
        theon.grad(cost, x)
    assert theon.grad(cost, x, disconnected_inputs="zero").eval({x: [1.0]}).tolist() == [0.0]
    with pytest.raises(theon.GradientError, match="cannot differentiate by w"):
        theon.grad(theon.sum(w.astype("float32")), w)


# --- Where no dtype for storage can be --------------------------------------------------------------------------------


@every_stored
def test_not_the_default_and_not_drawn(name: str) -> None:
    with pytest.raises(theon.ArgumentError, match="takes a float dtype"), theon.default_float(name):
        pass
    rng = theon.random.stream(0)
    draws: Sequence[Callable[[], Any]] = (
        lambda: theon.random.normal(rng, (2,), dtype=name),
        lambda: theon.random.uniform(rng, (2,), dtype=name),
        lambda: theon.random.randint(rng, 0, 2, (2,), dtype=name),
        lambda: theon.arange(3, dtype=name),
    )
    for draw in draws:
        with pytest.raises(theon.DTypeError, match=name):
            draw()
    with pytest.raises(theon.ArgumentError, match="w is not float"):
        w = theon.shared(np.zeros(2), name="w", dtype=name)
        theon.optim.sgd(theon.sum(w.astype("float32")), [w], 0.1)


# --- A training -------------------------------------------------------------------------------------------------------


def test_training_with_weights_in_float8() -> None:
    """Weights are used and handed out in float8_e4m3fn; a float32 master takes the steps. The loss falls as far as what
    the weights can hold lets it, which NumPy and ml_dtypes confirm step by step."""
    rng = np.random.default_rng(0)
    xs = rng.standard_normal((64, 4)).astype(np.float32)
    truth = np.array([1.0, -0.5, 0.25, 2.0], np.float32)
    ys = xs @ truth
    x, y = theon.matrix("x"), theon.vector("y")
    master = theon.shared(np.zeros(4, np.float32), name="master")
    weights = theon.shared(np.zeros(4), name="weights", dtype="float8_e4m3fn")
    loss = theon.mean((x @ weights.astype("float32") - y) ** 2)
    new = master - 0.05 * theon.grad(loss, weights).astype("float32")
    step = theon.function([x, y], loss, updates={master: new, weights: new.astype("float8_e4m3fn")})
    kept, losses = np.zeros(4, np.float32), []
    for _ in range(60):
        narrow = kept.astype(ml_dtypes.float8_e4m3fn).astype(np.float32)
        slope = 2 * xs.T @ (xs @ narrow - ys) / len(ys)
        kept -= np.float32(0.05) * slope.astype(ml_dtypes.float8_e4m3fn).astype(np.float32)
        losses.append(float(step(xs, ys)))
    assert losses[-1] < 1e-3 * losses[0]
    assert weights.get_value().dtype == as_dtype("float8_e4m3fn")
    assert weights.get_value().astype(np.float32).tolist() == truth.tolist()
    np.testing.assert_allclose(master.get_value(), kept, atol=2e-2)
