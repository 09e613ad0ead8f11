"""The programs that theon is measured against: plain JAX, as one would write it by hand.

Each `make_*` returns a new jitted function, so that calling it twice gives two separately built instances of
one program. Weights come as NumPy arrays (`mlp_weights`, `lstm_weights`), so that theon and its peer start
from the same values. `Loop` carries the state of a step from call to call.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

Weights = list[NDArray[Any]]
Params = list[jax.Array]
Loss = Callable[..., jax.Array]
Step = Callable[..., tuple[Any, jax.Array]]


class Loop:
    """A step `(state, *data) -> (state, value)` with the state that it carries; a call runs it to its end."""

    def __init__(self, step: Step, state: Any, *data: ArrayLike) -> None:
        """Copy the state, which the step may donate, and put the data on the device."""
        self.step = step
        self.state = jax.tree.map(jnp.array, state)
        self.data = [jnp.array(array) for array in data]

    def __call__(self) -> jax.Array:
        """Run one step and wait for its value."""
        self.state, value = self.step(self.state, *self.data)
        return value.block_until_ready()


class Training(NamedTuple):
    """What Adam carries: the parameters, both moments of their gradients, and the number of steps done."""

    params: Params
    mean: Params
    square: Params
    steps: jax.Array


def start_training(weights: Weights) -> Training:
    """The state before the first step."""
    return Training(
        params=[jnp.array(w) for w in weights],
        mean=[jnp.zeros(w.shape, w.dtype) for w in weights],
        square=[jnp.zeros(w.shape, w.dtype) for w in weights],
        steps=jnp.zeros((), jnp.int32),
    )


def adam(
    state: Training, grads: Params, rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8
) -> Training:
    """One step of Adam (Kingma and Ba, 2015, algorithm 1)."""
    steps = state.steps + 1
    mean = [b1 * m + (1 - b1) * g for m, g in zip(state.mean, grads, strict=True)]
    square = [b2 * v + (1 - b2) * g * g for v, g in zip(state.square, grads, strict=True)]
    mean_scale = 1 / (1 - b1**steps)
    square_scale = 1 / (1 - b2**steps)
    params = [
        p - rate * (m * mean_scale) / (jnp.sqrt(v * square_scale) + eps)
        for p, m, v in zip(state.params, mean, square, strict=True)
    ]
    return Training(params, mean, square, steps)


def make_training_step(loss: Loss, rate: float = 1e-3) -> Step:
    """A jitted step `(Training, *data) -> (Training, loss)`, with its state donated."""

    def step(state: Training, *data: jax.Array) -> tuple[Training, jax.Array]:
        value, grads = jax.value_and_grad(loss)(state.params, *data)
        return adam(state, grads, rate), value

    return jax.jit(step, donate_argnums=0)


def mlp_weights(sizes: Sequence[int], seed: int = 0) -> Weights:
    """He-normal weights and zero biases in float32, as [W1, b1, W2, b2, ...]."""
    rng = np.random.default_rng(seed)
    weights: Weights = []
    for fan_in, fan_out in pairwise(sizes):
        scale = np.sqrt(2 / fan_in)
        weights += [(scale * rng.standard_normal((fan_in, fan_out))).astype(np.float32)]
        weights += [np.zeros(fan_out, np.float32)]
    return weights


def mlp_loss(params: Params, x: jax.Array, labels: jax.Array) -> jax.Array:
    """Softmax cross-entropy of a network with relu hidden layers, as the mean over the batch.

    x: (batch, in); labels: (batch,) integers.
    """
    *hidden, last = zip(params[::2], params[1::2], strict=True)
    for w, b in hidden:
        x = jax.nn.relu(x @ w + b)
    w, b = last
    log_p = jax.nn.log_softmax(x @ w + b)
    return -jnp.mean(jnp.take_along_axis(log_p, labels[:, None], axis=1))


def make_mlp_step(rate: float = 1e-3) -> Step:
    """A training step of the network: `Loop(make_mlp_step(), start_training(weights), x, labels)`."""
    return make_training_step(mlp_loss, rate)


def lstm_weights(
    inputs: int, hidden: int, outputs: int, seed: int = 0, dtype: type[np.floating[Any]] = np.float32
) -> Weights:
    """[Wx, Wh, b, Wo] of shapes (inputs, 4 hidden), (hidden, 4 hidden), (4 hidden,), (hidden, outputs)."""
    rng = np.random.default_rng(seed)

    def normal(rows: int, columns: int) -> NDArray[Any]:
        return np.asarray(rng.standard_normal((rows, columns)) / np.sqrt(rows), dtype)

    bias = np.zeros(4 * hidden, dtype)
    return [normal(inputs, 4 * hidden), normal(hidden, 4 * hidden), bias, normal(hidden, outputs)]


def lstm_loss(params: Params, xs: jax.Array) -> jax.Array:
    """Mean square of the projected last hidden state of an LSTM that starts from zeros.

    xs: (steps, batch, inputs). The gates stand in the order input, forget, cell, output.
    """
    wx, wh, bias, wo = params

    def step(carry: tuple[jax.Array, jax.Array], x: jax.Array) -> tuple[tuple[jax.Array, jax.Array], None]:
        h, c = carry
        i, f, g, o = jnp.split(x @ wx + h @ wh + bias, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((xs.shape[1], wh.shape[0]), xs.dtype)
    (h, _), _ = jax.lax.scan(step, (zeros, zeros), xs)
    return jnp.mean(jnp.square(h @ wo))


def make_lstm_gradient() -> Callable[[Params, jax.Array], tuple[jax.Array, Params]]:
    """A jitted `(params, xs) -> (loss, gradients)`."""
    return jax.jit(jax.value_and_grad(lstm_loss))


def make_lstm_step(rate: float = 1e-3) -> Step:
    """A training step of the LSTM: `Loop(make_lstm_step(), start_training(weights), xs)`."""
    return make_training_step(lstm_loss, rate)


def normal(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    """Weights scaled by all axes but the last, in float32."""
    return np.asarray(rng.standard_normal(shape) / np.sqrt(np.prod(shape[:-1])), np.float32)


def cnn_weights(side: int, channels: Sequence[int], classes: int, seed: int = 0) -> Weights:
    """A kernel of 3 x 3 and a bias for each pair of channels, then a matrix and a bias; each layer halves the side."""
    rng = np.random.default_rng(seed)
    weights: Weights = []
    for into, out in pairwise(channels):
        weights += [normal(rng, 3, 3, into, out), np.zeros(out, np.float32)]
    features = (side // 2 ** (len(channels) - 1)) ** 2 * channels[-1]
    return [*weights, normal(rng, features, classes), np.zeros(classes, np.float32)]


def cnn_loss(params: Params, x: jax.Array, labels: jax.Array) -> jax.Array:
    """Softmax cross-entropy of convolutions with relu and pools, then one layer, as the mean over the batch.

    x: (batch, side, side, channels); labels: (batch,) integers.
    """
    *layers, w, b = params
    for kernel, bias in zip(layers[::2], layers[1::2], strict=True):
        x = jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + bias)
        x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    log_p = jax.nn.log_softmax(x.reshape(x.shape[0], -1) @ w + b)
    return -jnp.mean(jnp.take_along_axis(log_p, labels[:, None], axis=1))


def make_cnn_step(rate: float = 1e-3) -> Step:
    """A training step of the network: `Loop(make_cnn_step(), start_training(weights), x, labels)`."""
    return make_training_step(cnn_loss, rate)


LAYER = 10  # the arrays of one layer of the transformer


def transformer_weights(vocabulary: int, length: int, width: int, layers: int, seed: int = 0) -> Weights:
    """[embedding, positions, *layers, scale, shift, output].

    Each layer has the scale and shift of a norm, the attention's two matrices, the scale and shift of another norm,
    and two matrices with their biases.
    """
    rng = np.random.default_rng(seed)
    zeros, ones = np.zeros(width, np.float32), np.ones(width, np.float32)
    weights: Weights = [normal(rng, vocabulary, width) * 10, normal(rng, length, width)]
    for _ in range(layers):
        weights += [ones, zeros, normal(rng, width, 3 * width), normal(rng, width, width), ones, zeros]
        wide = np.zeros(4 * width, np.float32)
        weights += [normal(rng, width, 4 * width), wide, normal(rng, 4 * width, width), zeros]
    return [*weights, ones, zeros, normal(rng, width, vocabulary)]


def layer_norm(x: jax.Array, scale: jax.Array, shift: jax.Array) -> jax.Array:
    mean, var = jnp.mean(x, axis=-1, keepdims=True), jnp.var(x, axis=-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(var + 1e-5) * scale + shift


def attention(h: jax.Array, qkv: jax.Array, out: jax.Array, heads: int) -> jax.Array:
    """Causal self-attention. h: (batch, length, width)."""
    batch, length, width = h.shape
    q, k, v = (a.reshape(batch, length, heads, width // heads) for a in jnp.split(h @ qkv, 3, axis=-1))
    scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(width // heads)
    past = jnp.arange(length)[:, None] >= jnp.arange(length)
    mixed = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(jnp.where(past, scores, -jnp.inf)), v)
    return mixed.reshape(batch, length, width) @ out


def transformer_loss(params: Params, tokens: jax.Array, heads: int = 2) -> jax.Array:
    """Cross-entropy of the next token by a causal transformer with norms before, averaged over all places.

    tokens: (batch, length + 1) integers.
    """
    embedding, positions, *layers, scale, shift, output = params
    x = embedding[tokens[:, :-1]] + positions
    for i in range(0, len(layers), LAYER):
        scale1, shift1, qkv, out, scale2, shift2, w1, b1, w2, b2 = layers[i : i + LAYER]
        x = x + attention(layer_norm(x, scale1, shift1), qkv, out, heads)
        x = x + jax.nn.relu(layer_norm(x, scale2, shift2) @ w1 + b1) @ w2 + b2
    log_p = jax.nn.log_softmax(layer_norm(x, scale, shift) @ output)
    return -jnp.mean(jnp.take_along_axis(log_p, tokens[:, 1:, None], axis=2))


def make_transformer_step(rate: float = 1e-3) -> Step:
    """A training step of the transformer: `Loop(make_transformer_step(), start_training(weights), tokens)`."""
    return make_training_step(transformer_loss, rate)


def make_counters() -> Step:
    """A jitted step that adds one to each of a list of donated arrays, and reads the first one as its value.

    It does next to nothing, so that a call costs what calling costs: `Loop(make_counters(), [zero] * 100)`.
    """

    def step(state: list[jax.Array]) -> tuple[list[jax.Array], jax.Array]:
        return [array + 1 for array in state], jnp.sum(state[0])

    return jax.jit(step, donate_argnums=0)
