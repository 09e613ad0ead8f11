"""The same programs as `peers`, declared in theon. Each `make_*` gives a callable that runs one step to its end."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import theon
from benchmarks.peers import LAYER, Weights, cnn_weights, lstm_weights, mlp_weights, transformer_weights

Run = Callable[[], Any]


def mlp_data(sizes: Sequence[int], batch: int, seed: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """A batch of inputs and integer labels."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((batch, sizes[0]), np.float32), rng.integers(sizes[-1], size=batch, dtype=np.int32)


def shared_weights(weights: Weights) -> list[theon.Node]:
    return [theon.shared(w, f"w{i}") for i, w in enumerate(weights)]


def waiting(fn: theon.Function, *data: Any) -> Run:
    """One call, with its data on the device already, waited for."""
    arrays = [jnp.array(array) for array in data]
    return lambda: fn(*arrays).block_until_ready()


def declare_mlp(sizes: Sequence[int], batch: int, seed: int) -> theon.Function:
    """The training step of the network with Adam, of static shapes, compiled."""
    params = shared_weights(mlp_weights(sizes, seed))
    x = theon.tensor("x", shape=(batch, sizes[0]))
    labels = theon.tensor("labels", shape=(batch,), dtype="int32")
    h = x
    for w, b in zip(params[:-2:2], params[1:-2:2], strict=True):
        h = theon.nn.relu(h @ w + b)
    loss = theon.nn.cross_entropy(h @ params[-2] + params[-1], labels)
    return theon.function([x, labels], loss, updates=theon.optim.adam(loss, params, 1e-3), name="mlp")


def make_mlp(sizes: Sequence[int], batch: int, seed: int) -> Run:
    return waiting(declare_mlp(sizes, batch, seed), *mlp_data(sizes, batch, seed))


def declare_lstm(inputs: int, hidden: int, outputs: int, steps: int, batch: int, seed: int) -> theon.Function:
    """The training step of the LSTM with Adam."""
    params = shared_weights(lstm_weights(inputs, hidden, outputs, seed))
    wx, wh, bias, wo = params
    xs = theon.tensor("xs", shape=(steps, batch, inputs))

    def cell(carry: tuple[theon.Node, theon.Node], x: theon.Node) -> tuple[tuple[theon.Node, theon.Node], None]:
        h, c = carry
        i, f, g, o = theon.split(x @ wx + h @ wh + bias, 4, axis=-1)
        c = theon.sigmoid(f) * c + theon.sigmoid(i) * theon.tanh(g)
        return (theon.sigmoid(o) * theon.tanh(c), c), None

    zeros = theon.zeros((batch, hidden))
    (h, _), _ = theon.scan(cell, (zeros, zeros), xs)
    loss = theon.square(h @ wo).mean()
    return theon.function([xs], loss, updates=theon.optim.adam(loss, params, 1e-3), name="lstm")


def lstm_data(inputs: int, steps: int, batch: int, seed: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).standard_normal((steps, batch, inputs), np.float32)


def make_lstm(inputs: int, hidden: int, outputs: int, steps: int, batch: int, seed: int) -> Run:
    return waiting(declare_lstm(inputs, hidden, outputs, steps, batch, seed), lstm_data(inputs, steps, batch, seed))


def cnn_data(
    side: int, channels: int, classes: int, batch: int, seed: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """A batch of images and integer labels."""
    rng = np.random.default_rng(seed)
    images = rng.standard_normal((batch, side, side, channels), np.float32)
    return images, rng.integers(classes, size=batch, dtype=np.int32)


def declare_cnn(side: int, channels: Sequence[int], classes: int, batch: int, seed: int) -> theon.Function:
    """The training step of the convolutional network with Adam."""
    params = shared_weights(cnn_weights(side, channels, classes, seed))
    x = theon.tensor("x", shape=(batch, side, side, channels[0]))
    labels = theon.tensor("labels", shape=(batch,), dtype="int32")
    h, (*layers, w, b) = x, params
    for kernel, bias in zip(layers[::2], layers[1::2], strict=True):
        h = theon.nn.relu(theon.nn.conv(h, kernel, padding="same") + bias)
        h = theon.nn.max_pool(h, 2)
    loss = theon.nn.cross_entropy(h.reshape(batch, -1) @ w + b, labels)
    return theon.function([x, labels], loss, updates=theon.optim.adam(loss, params, 1e-3), name="cnn")


def layer_norm(x: theon.Node, scale: theon.Node, shift: theon.Node) -> theon.Node:
    mean, var = theon.mean(x, axis=-1, keepdims=True), theon.var(x, axis=-1, keepdims=True)
    return (x - mean) * theon.rsqrt(var + 1e-5) * scale + shift


def attention(h: theon.Node, qkv: theon.Node, out: theon.Node, heads: int) -> theon.Node:
    """Causal self-attention. h: (batch, length, width)."""
    batch, length, width = h.sizes
    q, k, v = (a.reshape(batch, length, heads, width // heads) for a in theon.split(h @ qkv, 3, axis=-1))
    scores = theon.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(width // heads)
    past = theon.arange(length)[:, None] >= theon.arange(length)
    mixed = theon.einsum("bhqk,bkhd->bqhd", theon.nn.softmax(theon.where(past, scores, -np.inf)), v)
    return mixed.reshape(batch, length, width) @ out


def declare_transformer(
    vocabulary: int, length: int, width: int, layers: int, batch: int, seed: int, heads: int = 2
) -> theon.Function:
    """The training step of the transformer with Adam."""
    params = shared_weights(transformer_weights(vocabulary, length, width, layers, seed))
    tokens = theon.tensor("tokens", shape=(batch, length + 1), dtype="int32")
    embedding, positions, *middle, scale, shift, output = params
    x = embedding[tokens[:, :-1]] + positions
    for i in range(0, len(middle), LAYER):
        scale1, shift1, qkv, out, scale2, shift2, w1, b1, w2, b2 = middle[i : i + LAYER]
        x = x + attention(layer_norm(x, scale1, shift1), qkv, out, heads)
        x = x + theon.nn.relu(layer_norm(x, scale2, shift2) @ w1 + b1) @ w2 + b2
    loss = theon.nn.cross_entropy(layer_norm(x, scale, shift) @ output, tokens[:, 1:])
    return theon.function([tokens], loss, updates=theon.optim.adam(loss, params, 1e-3), name="transformer")


def token_data(vocabulary: int, length: int, batch: int, seed: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(vocabulary, size=(batch, length + 1), dtype=np.int32)


def make_counters(slots: int, size: int = 16) -> Run:
    """Add one to each of so many states, and read the first."""
    states = [theon.shared(np.zeros(size, np.float32), f"s{i}") for i in range(slots)]
    return waiting(theon.function([], states[0].sum(), updates=[(s, s + 1) for s in states], name="counters"))


def device() -> str:
    return str(jax.devices()[0].platform)
