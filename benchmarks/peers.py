"""The programs that theon is measured against: plain JAX, as one would write it by hand.

Each `make_*` returns a new jitted function, so that calling it twice gives two separately built instances of
one program. Weights come as NumPy arrays (`mlp_weights`, `lstm_weights`), so that theon and its peer start
from the same values. `Loop` carries the state of a step from call to call.
"""

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


def make_counters() -> Step:
    """A jitted step that adds one to each of a list of donated arrays, and reads the first one as its value.

    It does next to nothing, so that a call costs what calling costs: `Loop(make_counters(), [zero] * 100)`.
    """

    def step(state: list[jax.Array]) -> tuple[list[jax.Array], jax.Array]:
        return [array + 1 for array in state], jnp.sum(state[0])

    return jax.jit(step, donate_argnums=0)
