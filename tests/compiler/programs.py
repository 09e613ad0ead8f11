"""Random programs, written twice: in theon and in `jax.numpy`, from one list of steps.

A program has leaves, steps that compute a value each, and a scalar cost. Seed in, program out: the same one every time.
Bounds on the magnitude of every value are kept while it grows, so that no program is ill-conditioned.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

import theon
from tests.compiler.program import Program
from theon.graph.node import Node

Shape: TypeAlias = tuple[int, ...]

# --- The ops that programs are made of ------------------------------------------------------------

# name -> theon's function, JAX's, and the largest result for operands up to given magnitudes
UNARY: dict[str, tuple[Callable[[Node], Node], Callable[[Any], Any], Callable[[float], float]]] = {
    "tanh": (theon.tanh, jnp.tanh, lambda a: 1.0),
    "sigmoid": (theon.sigmoid, jax.nn.sigmoid, lambda a: 1.0),
    "sin": (theon.sin, jnp.sin, lambda a: 1.0),
    "cos": (theon.cos, jnp.cos, lambda a: 1.0),
    "atan": (theon.atan, jnp.arctan, lambda a: 1.6),
    "asinh": (theon.asinh, jnp.arcsinh, lambda a: a),
    "erf": (theon.erf, jax.scipy.special.erf, lambda a: 1.0),
    "softplus": (theon.nn.softplus, jax.nn.softplus, lambda a: a + 1),
    "square": (theon.square, jnp.square, lambda a: a * a),
    "cube": (lambda x: x**3, lambda x: x**3, lambda a: a**3),
    "negative": (lambda x: -x, lambda x: -x, lambda a: a),
    "scaled": (lambda x: 0.7 * x - 0.1, lambda x: 0.7 * x - 0.1, lambda a: a),
    "exp": (lambda x: theon.exp(-theon.square(x)), lambda x: jnp.exp(-jnp.square(x)), lambda a: 1.0),
    "expm1": (lambda x: theon.expm1(theon.sin(x)), lambda x: jnp.expm1(jnp.sin(x)), lambda a: 2.0),
    "log": (lambda x: theon.log(1.5 + x * x), lambda x: jnp.log(1.5 + x * x), lambda a: a + 1),
    "log1p": (lambda x: theon.log1p(theon.square(x)), lambda x: jnp.log1p(jnp.square(x)), lambda a: a + 1),
    "sqrt": (lambda x: theon.sqrt(1 + theon.square(x)), lambda x: jnp.sqrt(1 + jnp.square(x)), lambda a: a + 1),
    "rsqrt": (lambda x: theon.rsqrt(2 + theon.cos(x)), lambda x: jax.lax.rsqrt(2 + jnp.cos(x)), lambda a: 1.0),
    "power": (lambda x: (1 + x * x) ** 0.7, lambda x: (1 + x * x) ** 0.7, lambda a: 1 + a * a),
    "abs": (theon.abs, jnp.abs, lambda a: a),
    "relu": (theon.nn.relu, jax.nn.relu, lambda a: a),
    "cosh": (lambda x: theon.cosh(theon.tanh(x)), lambda x: jnp.cosh(jnp.tanh(x)), lambda a: 2.0),
    "log(1 + exp)": (lambda x: theon.log(1 + theon.exp(x)), lambda x: jnp.log(1 + jnp.exp(x)), lambda a: a + 1),
}
BINARY: dict[str, tuple[Callable[[Node, Node], Node], Callable[[Any, Any], Any], Callable[[float, float], float]]] = {
    "add": (lambda x, y: x + y, lambda x, y: x + y, lambda a, b: a + b),
    "subtract": (lambda x, y: x - y, lambda x, y: x - y, lambda a, b: a + b),
    "multiply": (lambda x, y: x * y, lambda x, y: x * y, lambda a, b: a * b),
    "divide": (lambda x, y: x / (2 + theon.sin(y)), lambda x, y: x / (2 + jnp.sin(y)), lambda a, b: a),
    "maximum": (theon.maximum, jnp.maximum, max),
    "minimum": (theon.minimum, jnp.minimum, max),
    "where": (
        lambda x, y: theon.where(x > 0.3 * y, x * y, theon.sin(x)),
        lambda x, y: jnp.where(x > 0.3 * y, x * y, jnp.sin(x)),
        lambda a, b: a * b + 1,
    ),
    "atan2": (lambda x, y: theon.atan2(x, 1.5 + y * y), lambda x, y: jnp.arctan2(x, 1.5 + y * y), lambda a, b: 1.6),
    "logaddexp": (theon.logaddexp, jnp.logaddexp, lambda a, b: a + b + 1),
    "hypot": (lambda x, y: theon.hypot(x, 1 + y * y), lambda x, y: jnp.hypot(x, 1 + y * y), lambda a, b: a + b * b + 1),
}
REDUCTIONS: dict[str, tuple[Callable[..., Node], Callable[..., Any]]] = {
    "sum": (theon.sum, jnp.sum),
    "mean": (theon.mean, jnp.mean),
    "var": (theon.var, jnp.var),
    "max": (theon.max, jnp.max),
    "min": (theon.min, jnp.min),
    "prod": (
        lambda x, axis, keepdims: theon.prod(1 + 0.2 * theon.sin(x), axis=axis, keepdims=keepdims),
        lambda x, axis, keepdims: jnp.prod(1 + 0.2 * jnp.sin(x), axis=axis, keepdims=keepdims),
    ),
    "std": (
        lambda x, axis, keepdims: theon.sqrt(1 + theon.var(x, axis=axis, keepdims=keepdims)),
        lambda x, axis, keepdims: jnp.sqrt(1 + jnp.var(x, axis=axis, keepdims=keepdims)),
    ),
    "logsumexp": (
        theon.nn.logsumexp,
        lambda x, axis, keepdims: jax.scipy.special.logsumexp(x, axis, keepdims=keepdims),
    ),
    "log(sum(exp))": (
        lambda x, axis, keepdims: theon.log(theon.sum(theon.exp(x), axis=axis, keepdims=keepdims)),
        lambda x, axis, keepdims: jnp.log(jnp.sum(jnp.exp(x), axis=axis, keepdims=keepdims)),
    ),
}
NORMALISED: dict[str, tuple[Callable[..., Node], Callable[..., Any], float]] = {
    "softmax": (theon.nn.softmax, jax.nn.softmax, 1.0),
    "log_softmax": (theon.nn.log_softmax, jax.nn.log_softmax, 20.0),
    "exp / sum(exp)": (
        lambda x, axis: theon.exp(x) / theon.sum(theon.exp(x), axis=axis, keepdims=True),
        lambda x, axis: jnp.exp(x) / jnp.sum(jnp.exp(x), axis=axis, keepdims=True),
        1.0,
    ),
    "centred": (
        lambda x, axis: x - theon.mean(x, axis=axis, keepdims=True),
        lambda x, axis: x - jnp.mean(x, axis=axis, keepdims=True),
        4.0,
    ),
}


# --- Composites -----------------------------------------------------------------------------------


class Composer:
    """Grows a program by random steps."""

    def __init__(self, program: Program, rng: np.random.Generator) -> None:
        self.program = program
        self.rng = rng

    def pick(self, positions: Sequence[int]) -> int:
        """One of some values, the later ones more often."""
        weights = np.linspace(1.0, 3.0, len(positions))
        return int(self.rng.choice(positions, p=weights / weights.sum()))

    def some(self, rank: int | None = None) -> int:
        """A value; of a rank of at least `rank`, where there is one."""
        found = [i for i, v in enumerate(self.program.values) if rank is None or v.ndim >= rank]
        return self.pick(found if found else range(len(self.program.values)))

    def named(self, table: Mapping[str, Any]) -> tuple[str, Any]:
        name = str(self.rng.choice(list(table)))
        return name, table[name]

    def unary(self) -> None:
        name, (in_theon, in_jax, bound) = self.named(UNARY)
        x = self.some()
        self.program.step(name, in_theon, in_jax, x, bound=bound(self.program.bounds[x]))

    def binary(self) -> None:
        """Two values that broadcast; a value and another function of itself where no other fits."""
        name, (in_theon, in_jax, bound) = self.named(BINARY)
        values, x = self.program.values, self.some()
        fits = [i for i, v in enumerate(values) if i != x and broadcasts(v.sizes, values[x].sizes)]
        y = self.pick(fits) if fits else self.program.step("sin", theon.sin, jnp.sin, x, bound=1.0)
        x, y = (x, y) if self.rng.random() < 0.5 else (y, x)
        self.program.step(name, in_theon, in_jax, x, y, bound=bound(self.program.bounds[x], self.program.bounds[y]))

    def reduction(self) -> None:
        name, (in_theon, in_jax) = self.named(REDUCTIONS)
        x = self.some(1)
        node = self.program.values[x]
        if node.ndim == 0:
            return
        axis: Any = int(self.rng.integers(-node.ndim, node.ndim))
        keepdims = bool(self.rng.random() < 0.5)
        size = node.sizes[axis]
        bound = self.program.bounds[x] * (size if name == "sum" else 1) + 2
        self.program.step(
            name,
            lambda v: in_theon(v, axis=axis, keepdims=keepdims),
            lambda v: in_jax(v, axis=axis, keepdims=keepdims),
            x,
            bound=bound,
        )

    def normalised(self) -> None:
        name, (in_theon, in_jax, bound) = self.named(NORMALISED)
        x = self.some(1)
        if self.program.values[x].ndim == 0:
            return
        axis = int(self.rng.integers(0, self.program.values[x].ndim))
        self.program.step(name, lambda v: in_theon(v, axis=axis), lambda v: in_jax(v, axis=axis), x, bound=bound)

    def product(self) -> None:
        """A matrix product of a value with itself or with a fitting other, spelled in one of four ways."""
        x = self.some(2)
        values = self.program.values
        if values[x].ndim != 2:
            return
        inner = values[x].sizes[1]
        fits = [i for i, v in enumerate(values) if v.ndim == 2 and v.sizes[0] == inner]
        spelled = int(self.rng.integers(0, 4))
        bound = self.program.bounds[x] * inner
        if not fits or spelled == 3:
            ways: Any = (lambda v: theon.matmul(v, v.T), lambda v: jnp.matmul(v, v.T))
            self.program.step("gram", *ways, x, bound=bound * self.program.bounds[x])
            return
        y = self.pick(fits)
        ways = (
            (lambda v, w: v @ w, lambda v, w: v @ w),
            (lambda v, w: theon.tensordot(v, w, 1), lambda v, w: jnp.tensordot(v, w, 1)),
            (lambda v, w: theon.einsum("ij,jk->ki", v, w), lambda v, w: jnp.einsum("ij,jk->ki", v, w)),
        )[spelled]
        self.program.step("matmul", *ways, x, y, bound=bound * self.program.bounds[y])

    def movement(self) -> None:
        """Elements moved, picked, repeated or written."""
        x = self.some(2)
        node = self.program.values[x]
        if node.ndim != 2:
            return
        rows, columns = node.sizes
        some = self.rng.integers(0, rows, 3)
        column = int(self.rng.integers(0, columns))
        moves: list[tuple[str, Callable[[Node], Node], Callable[[Any], Any]]] = [
            ("reshape", lambda v: theon.reshape(v, (columns, rows)), lambda v: jnp.reshape(v, (columns, rows))),
            ("ravel", lambda v: theon.reshape(v, (-1,)), lambda v: v.ravel()),
            ("transpose", lambda v: v.T, lambda v: v.T),
            ("moveaxis", lambda v: theon.moveaxis(v, 0, 1), lambda v: jnp.moveaxis(v, 0, 1)),
            (
                "concat",
                lambda v: theon.concat([v, theon.sin(v)], axis=1),
                lambda v: jnp.concatenate([v, jnp.sin(v)], 1),
            ),
            ("stack", lambda v: theon.stack([v, v * v])[1], lambda v: jnp.stack([v, v * v])[1]),
            ("slice", lambda v: v[:, column], lambda v: v[:, column]),
            ("reverse", lambda v: v[::-1, None, :][:, 0], lambda v: v[::-1, None, :][:, 0]),
            ("take", lambda v: theon.take(v, some, axis=0), lambda v: jnp.take(v, some, axis=0)),
            ("gather", lambda v: v[some], lambda v: v[some]),
            ("set", lambda v: v[0].set(v[-1] * 2), lambda v: v.at[0].set(v[-1] * 2)),
            ("add at", lambda v: v[some].add(v[0]), lambda v: v.at[some].add(v[0])),
            ("expand", lambda v: theon.expand_dims(v, 0)[0], lambda v: jnp.expand_dims(v, 0)[0]),
            ("squeeze", lambda v: theon.squeeze(v[:1], 0), lambda v: jnp.squeeze(v[:1], 0)),
            (
                "broadcast",
                lambda v: theon.broadcast_to(v[:, :1], (rows, columns)),
                lambda v: jnp.broadcast_to(v[:, :1], (rows, columns)),
            ),
            ("split", lambda v: theon.split(v, rows, axis=0)[0], lambda v: jnp.split(v, rows, axis=0)[0]),
        ]
        name, in_theon, in_jax = moves[int(self.rng.integers(0, len(moves)))]
        bound = self.program.bounds[x]
        grows = {"stack": max(bound * bound, bound), "set": 2 * bound, "add at": 4 * bound, "concat": max(bound, 1.0)}
        self.program.step(name, in_theon, in_jax, x, bound=grows.get(name, bound))

    def grow(self, steps: int) -> None:
        """Random steps of all kinds."""
        kinds = (self.unary, self.binary, self.reduction, self.normalised, self.product, self.movement)
        while len(self.program.steps) < steps:
            kinds[int(self.rng.choice(len(kinds), p=(0.3, 0.25, 0.1, 0.08, 0.12, 0.15)))]()

    def finish(self) -> None:
        """The cost: every value that nothing uses yet, summed with weights; then the cuts are chosen."""
        program = self.program
        used = {source for step in program.steps for source in step.sources}
        open_ = [i for i in range(len(program.values)) if i not in used]
        weights = [
            self.rng.standard_normal(program.values[i].sizes) / (program.values[i].sizes or (1,))[0] for i in open_
        ]
        program.step(
            "cost",
            lambda *vs: total([theon.sum(v * w) for v, w in zip(vs, weights, strict=True)]),
            lambda *vs: sum(jnp.sum(v * w) for v, w in zip(vs, weights, strict=True)),
            *open_,
            bound=1.0,
        )
        choose_cuts(program, self.rng)


def total(parts: Sequence[Node]) -> Node:
    """The sum of some nodes."""
    result = parts[0]
    for part in parts[1:]:
        result = result + part
    return result


def broadcasts(a: Shape, b: Shape) -> bool:
    """Whether two shapes broadcast, to at most 40 elements."""
    try:
        return int(np.prod(np.broadcast_shapes(a, b))) <= 40
    except ValueError:
        return False


def choose_cuts(program: Program, rng: np.random.Generator) -> None:
    """One or two intermediates, or three, to differentiate by; the cost itself may be one of them."""
    count = min(int(rng.integers(1, 4)), len(program.steps))
    program.cuts = sorted(int(i) for i in rng.choice(range(program.leaves, len(program.values)), count, replace=False))


def composite(seed: int) -> Program:
    """A random expression of six to twelve steps over three or four small leaves."""
    rng = np.random.default_rng([seed, 1])
    program = Program(f"composite {seed}")
    rows, columns = (int(n) for n in rng.integers(2, 5, 2))
    for shape in ((rows, columns), (columns, columns), (columns,), ())[: int(rng.integers(2, 5))]:
        program.leaf(rng.standard_normal(shape))
    composer = Composer(program, rng)
    composer.grow(int(rng.integers(6, 13)))
    composer.finish()
    return program


# --- Multilayer perceptrons -----------------------------------------------------------------------

ACTIVATIONS = ("tanh", "sigmoid", "relu", "softplus", "sin", "erf", "atan")


def perceptron(seed: int) -> Program:
    """One to three layers with random widths, activations and loss, differentiated by data, weights and biases."""
    rng = np.random.default_rng([seed, 2])
    program = Program(f"perceptron {seed}")
    batch, *widths = (int(n) for n in rng.integers(2, 6, int(rng.integers(3, 6))))
    x = program.leaf(rng.standard_normal((batch, widths[0])))
    pairs = list(itertools.pairwise(widths))
    weights = [program.leaf(rng.standard_normal((n, m)) / np.sqrt(n)) for n, m in pairs]
    biases = [program.leaf(0.1 * rng.standard_normal(m)) for _, m in pairs]
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
        x = program.step("layer", lambda v, w, b: v @ w + b, lambda v, w, b: v @ w + b, x, w, b, bound=1.0)
        if layer < len(pairs) - 1:
            name = str(rng.choice(ACTIVATIONS))
            x = program.step(name, UNARY[name][0], UNARY[name][1], x, bound=1.0)
    program.step(*loss(rng, batch, widths[-1]), x, bound=1.0)
    choose_cuts(program, rng)
    return program


def loss(
    rng: np.random.Generator, batch: int, classes: int
) -> tuple[str, Callable[[Node], Node], Callable[[Any], Any]]:
    """A loss against random labels or targets, whole or spelled out."""
    labels = rng.integers(0, classes, batch).astype(np.int32)
    onehot = np.eye(classes)[labels]
    target = rng.standard_normal((batch, classes))
    rows = np.arange(batch)

    def cross_entropy(v: Any) -> Any:
        return -jnp.mean(jax.nn.log_softmax(v)[rows, labels])

    losses: list[tuple[str, Callable[[Node], Node], Callable[[Any], Any]]] = [
        ("squares", lambda v: theon.nn.mean_squared_error(v, target), lambda v: jnp.mean((v - target) ** 2)),
        ("labels", lambda v: theon.nn.cross_entropy(v, labels), cross_entropy),
        ("one-hot", lambda v: theon.nn.cross_entropy(v, onehot), cross_entropy),
        ("probabilities", lambda v: -theon.mean(theon.log(theon.nn.softmax(v))[rows, labels]), cross_entropy),
        (
            "spelled out",
            lambda v: (
                -theon.mean(theon.log(theon.exp(v) / theon.sum(theon.exp(v), axis=1, keepdims=True))[rows, labels])
            ),
            cross_entropy,
        ),
    ]
    return losses[int(rng.integers(0, len(losses)))]


def random_program(seed: int) -> Program:
    """Every third one a perceptron, the others composites."""
    return perceptron(seed) if seed % 3 == 0 else composite(seed)


__all__ = ["Program", "composite", "perceptron", "random_program", "total"]
