"""Optimizers against optax's trajectories, and what they refuse."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
import optax
import pytest

import theon

Updates = Callable[[theon.Node, Sequence[theon.Node]], dict[theon.Node, theon.Node]]

rng = np.random.default_rng(3)
DATA, TARGET = rng.standard_normal((20, 4)), rng.standard_normal((20, 2))
START = {"W": rng.standard_normal((4, 2)), "b": rng.standard_normal(2)}


def optax_loss(params: Any) -> Any:
    return ((jax.numpy.tanh(DATA @ params["W"]) + params["b"] - TARGET) ** 2).mean()


def ours(make: Updates, steps: int, dtype: str = "float64") -> list[dict[str, np.ndarray[Any, Any]]]:
    """The parameters after each step."""
    params = {name: theon.shared(value.astype(dtype), name) for name, value in START.items()}
    data, target = (theon.constant(value.astype(dtype)) for value in (DATA, TARGET))
    loss = theon.mean((theon.tanh(data @ params["W"]) + params["b"] - target) ** 2)
    step = theon.function([], [], updates=make(loss, list(params.values())))
    found = []
    for _ in range(steps):
        step()
        found.append({name: param.get_value() for name, param in params.items()})
    return found


def optax_trajectory(optimizer: optax.GradientTransformation, steps: int) -> list[dict[str, np.ndarray[Any, Any]]]:
    with jax.enable_x64(True):
        params: Any = {name: jax.numpy.asarray(value) for name, value in START.items()}
        state = optimizer.init(params)
        found = []
        for _ in range(steps):
            updates, state = optimizer.update(jax.grad(optax_loss)(params), state, params)
            params = optax.apply_updates(params, updates)
            found.append({name: np.asarray(value) for name, value in params.items()})
    return found


PAIRS: dict[str, tuple[Updates, optax.GradientTransformation]] = {
    "sgd": (lambda loss, params: theon.optim.sgd(loss, params, 0.3), optax.sgd(0.3)),
    "momentum": (lambda loss, params: theon.optim.sgd(loss, params, 0.1, 0.9), optax.sgd(0.1, 0.9)),
    "nesterov": (
        lambda loss, params: theon.optim.sgd(loss, params, 0.1, momentum=0.8, nesterov=True),
        optax.sgd(0.1, 0.8, nesterov=True),
    ),
    "adam": (lambda loss, params: theon.optim.adam(loss, params), optax.adam(1e-3)),
    "adam, other betas": (
        lambda loss, params: theon.optim.adam(loss, params, 0.05, beta1=0.5, beta2=0.9, eps=1e-3),
        optax.adam(0.05, 0.5, 0.9, 1e-3),
    ),
    "adam without a mean": (
        lambda loss, params: theon.optim.adam(loss, params, 0.01, beta1=0.0),
        optax.adam(0.01, 0.0),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_trajectories(name: str) -> None:
    """Sixty steps agree with optax to 1e-12, norm-wise."""
    make, optimizer = PAIRS[name]
    for mine, theirs in zip(ours(make, 60), optax_trajectory(optimizer, 60), strict=True):
        for key, value in theirs.items():
            assert np.linalg.norm(mine[key] - value) <= 1e-12 * np.linalg.norm(value)


@pytest.mark.parametrize("name", PAIRS)
def test_float32_stays_float32(name: str) -> None:
    """Nothing in a float32 program is wider, and it follows the float64 one."""
    make, _ = PAIRS[name]
    w = theon.shared(np.ones(3, np.float32), "w")
    step = theon.function([], [], updates=make(theon.sum(w**2), [w]))
    step()
    assert {str(node.dtype) for node in step.programs[0].graph} <= {"float32", "int32"}
    (narrow, wide) = (ours(make, 20, dtype)[-1] for dtype in ("float32", "float64"))
    assert np.allclose(narrow["W"], wide["W"], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_narrow_parameters(dtype: str) -> None:
    """Moments of 16-bit parameters are float32: a squared gradient may not vanish."""
    w = theon.shared(np.ones(3, np.float32), "w", dtype=dtype)
    loss = theon.sum(w.astype("float32")) * 1e-4
    updates = theon.optim.adam(loss, [w], learning_rate=0.5)
    assert {state.name: str(state.dtype) for state in updates} == {
        "adam.steps": "int32",
        "w.m": "float32",
        "w.v": "float32",
        "w": dtype,
    }
    theon.function([], [], updates=updates)()
    assert np.allclose(w.get_value().astype(np.float32), 0.5, atol=0.01)


def test_mixed_dtypes() -> None:
    """Each parameter is updated in its own dtype, with one step count for all."""
    a, b = theon.shared(np.ones(2, np.float32), "a"), theon.shared(np.ones(2), "b")
    updates = theon.optim.adam(theon.sum(a) + theon.sum(b), [a, b], learning_rate=0.25)
    assert sum(state.name == "adam.steps" for state in updates) == 1
    theon.function([], [], updates=updates)()
    assert np.allclose(a.get_value(), 0.75) and np.allclose(b.get_value(), 0.75, atol=1e-7)


@pytest.mark.parametrize("optimizer", [theon.optim.sgd, theon.optim.adam])
def test_a_rate_that_is_a_state(optimizer: Callable[..., dict[theon.Node, theon.Node]]) -> None:
    """A shared learning rate is read at each call."""
    w, rate = theon.shared(np.ones(3), "w"), theon.shared(0.0, "rate")
    step = theon.function([], [], updates=optimizer(theon.sum(w), [w], rate))
    step()
    assert w.get_value().tolist() == [1, 1, 1]
    rate.set_value(0.5)
    step()
    assert (w.get_value() < 1).all()


@pytest.mark.parametrize("name", PAIRS)
def test_descends(name: str) -> None:
    """Every optimizer gets nearer to the bottom of a parabola."""
    make, _ = PAIRS[name]
    w = theon.shared(np.array([1.0, -2.0]), "w")
    step = theon.function([], theon.sum(w**2), updates=make(theon.sum(w**2), [w]))
    losses = [float(step()) for _ in range(50)]
    assert losses[-1] < losses[0] * 0.95


W = theon.shared(1.0, "W")
LOSS = W**2

MISTAKES: dict[str, tuple[Callable[[], object], str]] = {
    "nan": (lambda: theon.optim.adam(LOSS, [W], float("nan")), "adam: learning_rate must be a finite number of at"),
    "inf": (lambda: theon.optim.sgd(LOSS, [W], np.float32("inf")), "sgd: learning_rate must be a finite number of at"),  # type: ignore[arg-type]
    "negative": (lambda: theon.optim.sgd(LOSS, [W], -0.1), "sgd: learning_rate must be a finite number of at"),
    "text": (lambda: theon.optim.sgd(LOSS, [W], "0.1"), "sgd: learning_rate must be a finite number of at"),  # type: ignore[arg-type]
    "bool": (lambda: theon.optim.sgd(LOSS, [W], True), "sgd: learning_rate must be a finite number of at"),
    "nan state": (
        lambda: theon.optim.adam(LOSS, [W], theon.shared(float("nan"), "lr")),
        "adam: learning_rate must be a finite number of at",
    ),
    "vector rate": (lambda: theon.optim.sgd(LOSS, [W], theon.vector("r")), "sgd: learning_rate is a number or a float"),
    "int rate": (lambda: theon.optim.sgd(LOSS, [W], theon.iscalar("r")), "sgd: learning_rate is a number or a float"),
    "momentum": (lambda: theon.optim.sgd(LOSS, [W], 0.1, 1.0), "sgd: momentum must be less than 1"),
    "nesterov": (lambda: theon.optim.sgd(LOSS, [W], 0.1, nesterov=True), "sgd: nesterov needs a momentum"),
    "beta": (lambda: theon.optim.adam(LOSS, [W], beta2=1.5), "adam: beta2 must be less than 1"),
    "eps": (lambda: theon.optim.adam(LOSS, [W], eps=-1e-8), "adam: eps must be a finite number of at least 0"),
    "no list": (lambda: theon.optim.sgd(LOSS, W, 0.1), "sgd: params is a list of shared variables"),  # type: ignore[arg-type]
    "empty": (lambda: theon.optim.sgd(LOSS, [], 0.1), "sgd: params is a list of shared variables"),
    "twice": (lambda: theon.optim.sgd(LOSS, [W, W], 0.1), "sgd: W is listed twice"),
    "int param": (lambda: theon.optim.sgd(LOSS, [theon.shared(1, "n")], 0.1), "sgd: n is not float"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str) -> None:
    """Each is an ArgumentError of one block, at the line that makes it."""
    make, first = MISTAKES[name]
    with pytest.raises(theon.ArgumentError) as caught:
        make()
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(first) and "test_optimizers.py" in lines[1]


def test_what_is_no_parameter() -> None:
    """Inputs and disconnected states are refused in the words of shared variables and of grad."""
    with pytest.raises(theon.StateError):
        theon.optim.sgd(LOSS, [theon.scalar("x")], 0.1)
    with pytest.raises(theon.GradientError):
        theon.optim.sgd(LOSS, [theon.shared(1.0, "other")], 0.1)
