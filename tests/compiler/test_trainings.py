"""Models written as in the textbook, on badly scaled data, train as well as their hand-stabilised versions.

Each model is a pair of formulas over a namespace, so that theon and `jax.numpy` get the same text. The naive one goes
through probabilities and densities; the stable one stays in logarithms, and is compiled without any rewrite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon

pytestmark = pytest.mark.optimized

Array: TypeAlias = "np.ndarray[Any, Any]"
Arrays: TypeAlias = dict[str, Array]
Formula: TypeAlias = Callable[[Any, Mapping[str, Any], Mapping[str, Any]], Any]

STEPS = 1000
NAMES = ("exp", "log", "log1p", "sum", "mean", "prod", "sqrt", "square", "tanh", "expand_dims")
THEON = SimpleNamespace(
    **{name: getattr(theon, name) for name in NAMES},
    lgamma=theon.lgamma,
    logsumexp=theon.logsumexp,
    log_softmax=theon.nn.log_softmax,
    softplus=theon.nn.softplus,
)
JAX = SimpleNamespace(
    **{name: getattr(jnp, name) for name in NAMES},
    lgamma=jax.scipy.special.gammaln,
    logsumexp=jax.nn.logsumexp,
    log_softmax=jax.nn.log_softmax,
    softplus=jax.nn.softplus,
)


@dataclass(frozen=True)
class Model:
    """A model: where its parameters start, its data, its loss written twice, and how it is trained."""

    name: str
    start: Arrays
    data: Arrays
    naive: Formula
    stable: Formula
    rates: Mapping[str, float]  # by parameter: what stands beside a feature of 1e6 moves in small steps


def scaled(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Standard normal columns, stretched to scales from 1e-6 to 1e6, some far from 0, and a row in fifty far out."""
    x = rng.standard_normal((rows, columns))
    x[rng.random(rows) < 0.02] *= 30
    offsets = np.where(np.arange(columns) % 3 == 0, 2.0, 0.0)
    return (x + offsets) * np.logspace(-6, 6, columns)


# --- Logistic regression ----------------------------------------------------------------------------------------------


def logistic_naive(xp: Any, w: Mapping[str, Any], d: Mapping[str, Any]) -> Any:
    p = 1 / (1 + xp.exp(-(d["x"] @ w["w"] + w["b"])))
    return -xp.mean(d["y"] * xp.log(p) + (1 - d["y"]) * xp.log(1 - p))


def logistic_stable(xp: Any, w: Mapping[str, Any], d: Mapping[str, Any]) -> Any:
    z = d["x"] @ w["w"] + w["b"]
    return xp.mean(d["y"] * xp.softplus(-z) + (1 - d["y"]) * xp.softplus(z))


def logistic() -> Model:
    rng = np.random.default_rng(1)
    x = scaled(rng, 300, 7)
    truth = rng.standard_normal(7) / np.logspace(-6, 6, 7)
    y = (rng.random(300) < 1 / (1 + np.exp(-(x @ truth)))).astype(float)
    start = {"w": 1e-4 * rng.standard_normal(7), "b": np.zeros(())}
    rates = {"w": 1e-6, "b": 1e-2}
    return Model("logistic regression", start, {"x": x, "y": y}, logistic_naive, logistic_stable, rates)


# --- Softmax classifier -----------------------------------------------------------------------------------------------


def softmax_naive(xp: Any, w: Mapping[str, Any], d: Mapping[str, Any]) -> Any:
    e = xp.exp(d["x"] @ w["w"] + w["b"])
    p = e / xp.sum(e, axis=1, keepdims=True)
    return -xp.mean(xp.sum(d["y"] * xp.log(p), axis=1))


def softmax_stable(xp: Any, w: Mapping[str, Any], d: Mapping[str, Any]) -> Any:
    return -xp.mean(xp.sum(d["y"] * xp.log_softmax(d["x"] @ w["w"] + w["b"], axis=1), axis=1))


def softmax() -> Model:
    rng = np.random.default_rng(2)
    x = scaled(rng, 300, 7)
    truth = rng.standard_normal((7, 4)) / np.logspace(-6, 6, 7)[:, None]
    y = np.eye(4)[np.argmax(x @ truth + rng.gumbel(size=(300, 4)), axis=1)]
    start = {"w": 1e-4 * rng.standard_normal((7, 4)), "b": np.zeros(4)}
    rates = {"w": 1e-6, "b": 1e-2}
    return Model("softmax classifier", start, {"x": x, "y": y}, softmax_naive, softmax_stable, rates)


# --- Variational autoencoder ------------------------------------------------------------------------------------------


def encoded(xp: Any, w: Mapping[str, Any], d: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """The mean and the log-deviation of the code, and the logits of the binary targets."""
    h = xp.tanh(d["x"] @ w["enc"])
    mean, s = h @ w["mean"], h @ w["s"]
    code = mean + xp.exp(s) * d["noise"]
    return mean, s, xp.tanh(code @ w["dec"]) @ w["out"] + d["x"] @ w["skip"]


def vae_naive(xp: Any, w: Mapping[str, Any], d: Mapping[str, Any]) -> Any:
    mean, s, logits = encoded(xp, w, d)
    sigma = xp.exp(s)
    p = 1 / (1 + xp.exp(-logits))
    likelihood = xp.sum(d["y"] * xp.log(p) + (1 - d["y"]) * xp.log(1 - p), axis=1)
    divergence = 0.5 * xp.sum(sigma**2 + mean**2 - 1 - xp.log(sigma**2), axis=1)
    return xp.mean(divergence - likelihood)


def vae_stable(xp: Any, w: Mapping[str, Any], d: Mapping[str, Any]) -> Any:
    mean, s, logits = encoded(xp, w, d)
    surprise = xp.sum(d["y"] * xp.softplus(-logits) + (1 - d["y"]) * xp.softplus(logits), axis=1)
    divergence = 0.5 * xp.sum(xp.exp(2 * s) + mean**2 - 1 - 2 * s, axis=1)
    return xp.mean(divergence + surprise)


def vae() -> Model:
    rng = np.random.default_rng(3)
    x = scaled(rng, 200, 7)
    hidden = np.tanh(x / np.logspace(-6, 6, 7)) @ rng.standard_normal((7, 10))
    y = (hidden + rng.logistic(size=hidden.shape) > 0).astype(float)
    start = {
        "enc": rng.standard_normal((7, 12)) / np.logspace(-6, 6, 7)[:, None],
        "mean": 0.1 * rng.standard_normal((12, 2)),
        "s": np.zeros((12, 2)),
        "dec": rng.standard_normal((2, 12)),
        "out": 0.1 * rng.standard_normal((12, 10)),
        "skip": 1e-4 * rng.standard_normal((7, 10)),
    }
    data = {"x": x, "y": y, "noise": rng.standard_normal((200, 2))}
    rates = {"enc": 1e-7, "skip": 1e-6, **dict.fromkeys(("mean", "s", "dec", "out"), 1e-2)}
    return Model("variational autoencoder", start, data, vae_naive, vae_stable, rates)


# --- Gaussian mixture -------------------------------------------------------------------------------------------------


def mixture_naive(xp: Any, w: Mapping[str, Any], d: Mapping[str, Any]) -> Any:
    weights = xp.exp(w["a"]) / xp.sum(xp.exp(w["a"]))
    sigma = xp.exp(w["s"])
    away = (xp.expand_dims(d["x"], 1) - w["mean"]) / sigma
    density = xp.prod(xp.exp(-0.5 * away**2) / (sigma * math.sqrt(2 * math.pi)), axis=2)
    return -xp.mean(xp.log(xp.sum(weights * density, axis=1)))


def mixture_stable(xp: Any, w: Mapping[str, Any], d: Mapping[str, Any]) -> Any:
    away = (xp.expand_dims(d["x"], 1) - w["mean"]) * xp.exp(-w["s"])
    density = -xp.sum(0.5 * xp.square(away) + w["s"] + 0.5 * math.log(2 * math.pi), axis=2)
    return -xp.mean(xp.logsumexp(xp.log_softmax(w["a"], axis=0) + density, axis=1))


def mixture() -> Model:
    rng = np.random.default_rng(4)
    centres = np.array([[-4.0, 0.0, 1.0], [3.0, 3.0, -1.0], [0.0, -5.0, 0.0]])
    x = centres[rng.integers(3, size=300)] + rng.standard_normal((300, 3))
    x[:5] *= 40
    scales = np.array([1e-4, 1.0, 1e4])
    start = {"a": np.zeros(3), "mean": (centres + 1) * scales, "s": np.log(scales) + np.zeros((3, 3))}
    rates = {"a": 1e-2, "mean": 1e-4, "s": 1e-2}
    return Model("Gaussian mixture", start, {"x": x * scales}, mixture_naive, mixture_stable, rates)


# --- Student-t regression ---------------------------------------------------------------------------------------------


def student_naive(xp: Any, w: Mapping[str, Any], d: Mapping[str, Any]) -> Any:
    freedom, sigma = xp.exp(w["n"]), xp.exp(w["s"])
    t = (d["y"] - (d["x"] @ w["w"] + w["b"])) / sigma
    scale = xp.exp(xp.lgamma((freedom + 1) / 2)) / (xp.exp(xp.lgamma(freedom / 2)) * xp.sqrt(freedom * math.pi) * sigma)
    density = scale * (1 + t**2 / freedom) ** (-(freedom + 1) / 2)
    return -xp.mean(xp.log(density))


def student_stable(xp: Any, w: Mapping[str, Any], d: Mapping[str, Any]) -> Any:
    freedom = xp.exp(w["n"])
    t = (d["y"] - (d["x"] @ w["w"] + w["b"])) * xp.exp(-w["s"])
    scale = xp.lgamma((freedom + 1) / 2) - xp.lgamma(freedom / 2) - 0.5 * (w["n"] + math.log(math.pi)) - w["s"]
    return -xp.mean(scale - (freedom + 1) / 2 * xp.log1p(xp.square(t) / freedom))


def student() -> Model:
    rng = np.random.default_rng(5)
    x = scaled(rng, 300, 7)
    y = x @ (rng.standard_normal(7) / np.logspace(-6, 6, 7)) + 0.1 * rng.standard_normal(300)
    y[:6] += 1e6
    start = {"w": np.zeros(7), "b": np.zeros(()), "s": np.zeros(()), "n": np.log(np.array(200.0))}
    rates = {"w": 1e-6, "b": 1e-2, "s": 1e-2, "n": 1e-2}
    return Model("Student-t regression", start, {"x": x, "y": y}, student_naive, student_stable, rates)


MODELS = [make() for make in (logistic, softmax, vae, mixture, student)]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


# --- Training ---------------------------------------------------------------------------------------------------------


def single(arrays: Arrays) -> Arrays:
    return {name: np.asarray(value, np.float32) for name, value in arrays.items()}


def trained(model: Model, formula: Formula, rewrites: str) -> Array:
    """The loss before each step of theon's Adam, with a rate that falls to nothing."""
    weights = {name: theon.shared(value, name) for name, value in single(model.start).items()}
    data = {name: theon.constant(value) for name, value in single(model.data).items()}
    falls = theon.scalar("falls")
    loss = formula(THEON, weights, data)
    updates: dict[theon.Node, theon.Node] = {}
    for name, weight in weights.items():
        updates |= theon.optim.adam(loss, [weight], model.rates[name] * falls)
    step = theon.function([falls], loss, updates=updates, options=theon.Options(rewrites=rewrites))
    return np.array([step(1 - i / STEPS) for i in range(STEPS)])


@cache
def plain(model_name: str) -> Array:
    """The same of plain JAX, with Adam by hand."""
    (model,) = [m for m in MODELS if m.name == model_name]
    data = {name: jnp.asarray(value) for name, value in single(model.data).items()}

    def step(state: Any, i: Any) -> Any:
        w, m, v = state
        loss, g = jax.value_and_grad(lambda w: model.naive(JAX, w, data))(w)
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        falls = (1 - i / STEPS) * jnp.sqrt(1 - 0.999 ** (i + 1)) / (1 - 0.9 ** (i + 1))
        new = {name: w[name] - model.rates[name] * falls * m[name] / (jnp.sqrt(v[name]) + 1e-8) for name in w}
        return (new, m, v), loss

    start = {name: jnp.asarray(value) for name, value in single(model.start).items()}
    zeros = jax.tree.map(jnp.zeros_like, start)
    _, losses = jax.jit(lambda s: jax.lax.scan(step, s, jnp.arange(STEPS)))((start, zeros, zeros))
    return np.asarray(losses)


@every_model
def test_naive_formulas_train_like_stable_ones(model: Model) -> None:
    """A thousand steps without a nan, to the loss that the stable formula reaches, which is well below the first."""
    naive, stable = trained(model, model.naive, "default"), trained(model, model.stable, "none")
    assert np.isfinite(naive).all() and np.isfinite(stable).all()
    assert abs(naive[-1] - stable[-1]) <= 1e-3 * max(abs(stable[-1]), 1)
    assert naive[-1] < naive[0] - 0.1


@every_model
def test_plain_jax_fails(model: Model) -> None:
    """So there is something to repair: the same formula in plain JAX does not stay finite."""
    assert not np.isfinite(plain(model.name)).all()
