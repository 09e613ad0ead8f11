"""The hand-written peers compute what they say, so that it means something to be as fast as they are."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from benchmarks import peers


def batch(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A batch of 16 samples with 7 features and 3 classes."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((16, 7)).astype(np.float32), rng.integers(3, size=16).astype(np.int32)


def sequences() -> np.ndarray:
    """12 steps of a batch of 4 with 5 features."""
    return np.random.default_rng(1).standard_normal((12, 4, 5)).astype(np.float32)


def test_mlp_loss() -> None:
    """The same loss, straight from its definition in NumPy."""
    weights = peers.mlp_weights([7, 8, 3])
    x, labels = batch()
    w1, b1, w2, b2 = (w.astype(np.float64) for w in weights)
    scores = np.exp(np.maximum(x @ w1 + b1, 0) @ w2 + b2)
    expected = -np.mean(np.log(scores[np.arange(16), labels] / scores.sum(axis=1)))
    loss = peers.mlp_loss([jnp.array(w) for w in weights], jnp.array(x), jnp.array(labels))
    assert float(loss) == pytest.approx(expected, rel=1e-6)


def test_lstm_loss() -> None:
    """The same loss by a plain loop in NumPy."""
    weights = peers.lstm_weights(5, 6, 2)
    wx, wh, bias, wo = (w.astype(np.float64) for w in weights)
    h = c = np.zeros((4, 6))
    for x in sequences():
        i, f, g, o = np.split(x @ wx + h @ wh + bias, 4, axis=-1)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
    value, grads = peers.make_lstm_gradient()([jnp.array(w) for w in weights], jnp.array(sequences()))
    assert float(value) == pytest.approx(np.mean((h @ wo) ** 2), rel=1e-5)
    assert [g.shape for g in grads] == [w.shape for w in weights]


def test_adam_is_adam() -> None:
    """Twenty steps of the network end where optax ends."""
    weights, data = peers.mlp_weights([7, 8, 3]), batch()
    loop = peers.Loop(peers.make_mlp_step(rate=1e-2), peers.start_training(weights), *data)
    params, rule = [jnp.array(w) for w in weights], optax.adam(1e-2)
    state = rule.init(params)
    losses = []
    for _ in range(20):
        updates, state = rule.update(jax.grad(peers.mlp_loss)(params, *data), state)
        params = optax.apply_updates(params, updates)
        losses.append(float(loop()))
    assert losses[-1] < losses[0]
    for ours, theirs in zip(loop.state.params, params, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_lstm_learns() -> None:
    """The loss of the LSTM goes down, so that its gradient points the right way."""
    weights = peers.lstm_weights(5, 6, 2)
    loop = peers.Loop(peers.make_lstm_step(rate=1e-2), peers.start_training(weights), sequences())
    losses = [float(loop()) for _ in range(30)]
    assert losses[-1] < losses[0] / 2


def test_counters_count_and_weights_stay() -> None:
    """Each call adds one to every buffer; the arrays given at the start are left as they are."""
    first = [np.zeros(3, np.float32) for _ in range(10)]
    loop = peers.Loop(peers.make_counters(), first)
    assert [float(loop()) for _ in range(3)] == [0.0, 3.0, 6.0]
    assert all(np.all(np.asarray(array) == 3) for array in loop.state)
    assert not any(array.any() for array in first)


def test_each_make_builds_its_own_program() -> None:
    """A control would measure nothing if both instances shared one executable."""
    traced: list[int] = []

    def loss(params: peers.Params) -> jax.Array:
        traced.append(1)
        return jnp.sum(params[0])

    for _ in range(2):
        loop = peers.Loop(peers.make_training_step(loss), peers.start_training(peers.mlp_weights([2, 2])))
        loop()
        loop()
    assert len(traced) == 2


def test_cnn_loss() -> None:
    """The same loss by plain loops in NumPy."""
    weights = peers.cnn_weights(4, (2, 3), 3)
    rng = np.random.default_rng(2)
    x, labels = rng.standard_normal((5, 4, 4, 2)).astype(np.float32), rng.integers(3, size=5).astype(np.int32)
    kernel, bias, w, b = (a.astype(np.float64) for a in weights)
    wide = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    h = np.zeros((5, 4, 4, 3))
    for i, j in np.ndindex(4, 4):
        h[:, i, j] = np.tensordot(wide[:, i : i + 3, j : j + 3], kernel, 3)
    h = np.maximum(h + bias, 0).reshape(5, 2, 2, 2, 2, 3).max((2, 4))
    scores = np.exp(h.reshape(5, -1) @ w + b)
    expected = -np.mean(np.log(scores[np.arange(5), labels] / scores.sum(axis=1)))
    loss = peers.cnn_loss([jnp.array(a) for a in weights], jnp.array(x), jnp.array(labels))
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_transformer_loss() -> None:
    """The loss of a first token, which can only attend to itself, by the formula in NumPy."""
    weights = peers.transformer_weights(7, 1, 6, 1)
    tokens = np.random.default_rng(3).integers(7, size=(1, 2)).astype(np.int32)
    embedding, positions, g1, s1, qkv, out, g2, s2, w1, b1, w2, b2, g, s, output = (
        a.astype(np.float64) for a in weights
    )

    def norm(x: Any, scale: Any, shift: Any) -> Any:
        return (x - x.mean()) / np.sqrt(x.var() + 1e-5) * scale + shift

    x = embedding[tokens[0, 0]] + positions[0]
    x = x + (norm(x, g1, s1) @ qkv)[12:] @ out
    x = x + np.maximum(norm(x, g2, s2) @ w1 + b1, 0) @ w2 + b2
    logits = norm(x, g, s) @ output
    loss = jax.jit(peers.transformer_loss)([jnp.array(a) for a in weights], jnp.array(tokens))
    assert float(loss) == pytest.approx(np.log(np.exp(logits).sum()) - logits[tokens[0, 1]], rel=1e-5)


def test_attention_sees_the_past_alone() -> None:
    """A later place changes no earlier one; an earlier place changes later ones."""
    rng = np.random.default_rng(4)
    h, qkv, out = rng.standard_normal((1, 4, 6)), rng.standard_normal((6, 18)), rng.standard_normal((6, 6))
    attend = jax.jit(lambda h: peers.attention(h, jnp.array(qkv), jnp.array(out), 2))
    before, changed = np.asarray(attend(jnp.array(h))), h.copy()
    changed[:, 2] += 1
    moved = np.any(np.asarray(attend(jnp.array(changed))) != before, axis=(0, 2))
    assert moved.tolist() == [False, False, True, True]


def test_transformer_learns() -> None:
    weights = peers.transformer_weights(7, 4, 8, 1)
    tokens = np.random.default_rng(3).integers(7, size=(2, 5)).astype(np.int32)
    loop = peers.Loop(peers.make_transformer_step(rate=1e-2), peers.start_training(weights), tokens)
    losses = [float(loop()) for _ in range(40)]
    assert losses[-1] < losses[0] / 4
