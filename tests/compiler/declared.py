"""Declared programs that between them use every kind of region, gradient and effect, for tests of all passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

import theon
from theon.graph.node import Node

Shape: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Program:
    """A declared program and the shapes, or static values, that it is compiled for."""

    inputs: Sequence[Node]
    outputs: Any
    given: Sequence[Shape | int]
    updates: Any = None


def mlp() -> Program:
    x, y = theon.matrix("x"), theon.ivector("y")
    W = theon.shared(np.ones((4, 5), np.float32), name="W")
    V = theon.shared(np.ones((5, 3), np.float32), name="V")
    b = theon.shared(np.zeros(3, np.float32), name="b")
    loss = theon.nn.cross_entropy(theon.tanh(x @ W) @ V + b, y)
    return Program([x, y], loss, [(7, 4), (7,)], theon.optim.adam(loss, [W, V, b]))


def spelled_softmax() -> Program:
    x = theon.matrix("x")
    p = theon.exp(x) / theon.sum(theon.exp(x), axis=1)[:, None]
    loss = -theon.sum(theon.log(p[:, 0]) + theon.log(theon.sum(theon.exp(x), axis=0))[0])
    g = theon.grad(loss, x)
    return Program([x], [loss, g, theon.grad(theon.sum(g * g), x)], [(4, 3)])


def symbolic_shapes() -> Program:
    x, n = theon.vector("x"), theon.scalar("n", dtype="int32", static=True)
    rows = theon.arange(x.shape[0] - 1)
    y = theon.reshape(theon.broadcast_to(x[1:] * rows, (n, x.shape[0] - 1)), (-1,))
    return Program([x, n], [y, theon.grad(theon.sum(y**2), x), theon.zeros((n, 2)), x[n : n + 2]], [(5,), 3])


def indexing() -> Program:
    x, i = theon.matrix("x"), theon.ivector("i")
    y = x[i].set(x[0] * 2)[:, ::-1][1:].add(1.0)
    return Program([x, i], [y, theon.grad(theon.sum(theon.sin(y) * theon.take(x, 0, axis=0)), x)], [(4, 3), (2,)])


def reductions() -> Program:
    x = theon.tensor3("x")
    parts = [
        theon.var(x, axis=(0, 2)),
        theon.std(x, axis=1),
        theon.prod(x, axis=-1),
        theon.max(x),
        theon.argmax(x, axis=0),
    ]
    cost = theon.sum(parts[0]) + theon.sum(parts[1]) + theon.sum(parts[2]) * parts[3]
    return Program([x], [*parts, theon.grad(cost, x), theon.all(x > 0), theon.mean(x, axis=())], [(2, 3, 4)])


def joins() -> Program:
    x = theon.tensor("x", shape=(2, 3))
    halves = theon.split(theon.concat([x, theon.stack([x[0], x[1]])], axis=0), 2, axis=0)
    cost = theon.sum(theon.einsum("ij,ik->jk", halves[0], halves[1]) * theon.tensordot(x, x, ((0,), (0,))))
    return Program([x], [cost, theon.grad(cost, x)], [(2, 3)])


def several_outputs() -> Program:
    """What rules and facts meet behind a node of several outputs."""
    x = theon.tensor("x", shape=(4, 3))
    a, b = theon.split(x, 2, axis=0)
    cost = theon.sum(theon.nn.relu(a) * theon.square(theon.sqrt(b))) + theon.sum(theon.abs(theon.log(1 + theon.exp(a))))
    return Program([x], [cost, theon.grad(cost, x)], [(4, 3)])


def intermediates() -> Program:
    x = theon.vector("x")
    h = theon.sin(x)
    k = theon.tanh(h) * h
    cost = theon.sum(k * k)
    first = theon.grad(cost, [x, h, k])
    slope = sum((theon.sum(g * g) for g in first[1:]), theon.sum(first[0]))
    return Program([x], [*first, *theon.grad(slope, [x, h, k])], [(3,)])


def held_and_known() -> Program:
    x = theon.vector("x")
    h = theon.exp(x)
    k = h * x
    held = theon.grad(theon.sum(k * h), [x, k], consider_constant=[h])
    known = theon.grad(theon.sum(x), [x, h], known_grads={h: k, k: h})
    return Program([x], [*held, *known, theon.grad(theon.sum(held[0]), [x, h])[1]], [(3,)])


def pushed_forward() -> Program:
    x, v = theon.vector("x"), theon.vector("v")
    moved = theon.Rop([theon.tanh(x), theon.sum(x * x)], x, v)
    return Program([x, v], [*moved, theon.grad(theon.sum(moved[0]) * moved[1], [x, v])[0]], [(3,), (3,)])


def recurrent() -> Program:
    xs, W = theon.tensor3("xs"), theon.shared(np.ones((3, 3), np.float32), name="W")
    U = theon.shared(np.ones((2, 3), np.float32), name="U")
    final, ys = theon.scan(lambda h, x: ((n := theon.tanh(h @ W + x @ U)), n * 2), theon.zeros((4, 3)), xs)
    loss = theon.mean(final**2) + theon.mean(ys)
    return Program([xs], loss, [(6, 4, 2)], theon.optim.sgd(loss, [W, U], learning_rate=0.1))


def nested_loops() -> Program:
    xs, w = theon.tensor3("xs"), theon.vector("w")

    def outer(c: Node, rows: Node) -> tuple[Node, Node]:
        c, ys = theon.scan(lambda c, v: ((n := theon.sin(c * w + v)), theon.sum(n)), c, rows, reverse=True)
        return c, theon.sum(ys)

    final, ys = theon.scan(outer, w * 0, xs)
    costs = [theon.sum(final), theon.sum(ys**2)]
    first = theon.grad(costs[0], w)
    return Program(
        [xs, w], [*costs, first, theon.grad(costs[1], xs), theon.grad(theon.sum(first**2), w)], [(2, 3, 4), (4,)]
    )


def loops_that_keep_less() -> Program:
    """Truncated and checkpointed, with draws, positions and captured values, one inside the other."""
    xs, w = theon.tensor3("xs"), theon.vector("w")
    stream = theon.random.stream(seed=3)

    def inner(c: Node, v: Node) -> tuple[Node, Node]:
        c = theon.tanh(c * w + v + theon.random.normal(stream, (4,)))
        return c, c * v

    def outer(c: Node, rows: Node) -> tuple[Node, Node]:
        c, ys = theon.scan(inner, c, rows, truncate_gradient=4, checkpoint_every=2)
        return c, theon.sum(ys)

    final, ys = theon.scan(outer, w * 0, xs, reverse=True, checkpoint_every="sqrt", unroll=2)
    cost = theon.sum(final) + theon.sum(ys)
    first = theon.grad(cost, w)
    return Program([xs, w], [cost, first, theon.grad(theon.sum(first**2), xs)], [(5, 7, 4), (4,)])


def partial_results() -> Program:
    """Associative scans, alone, in a vectorised function and in a loop."""
    xs, w = theon.matrix("xs"), theon.scalar("w")

    def products(row: Node) -> Node:
        found: Node = theon.associative_scan(lambda a, b: a * b * theon.sin(w), row)
        return found

    _, ys = theon.scan(lambda c, row: (c * w, products(row) * c), w, xs)
    cost = theon.sum(products(xs)) + theon.sum(theon.vectorize(products)(xs)) + theon.sum(ys)
    return Program([xs, w], [cost, *theon.grad(cost, [xs, w])], [(5, 6), ()])


def loops_with_all_kinds_of_inputs() -> Program:
    x, n = theon.matrix("x"), theon.scalar("n", dtype="int32", static=True)
    count = theon.shared(0, name="count")
    total = theon.shared(np.zeros(3, np.float32), name="total")

    def step(carry: Any, row: Node) -> Any:
        i, c = carry
        return (i + 1, c + row * total), (row, i), {count: count + i, total: total + c}

    (_, c), (rows, _) = theon.scan(step, (theon.constant(0), theon.zeros((3,))), x)
    again, _ = theon.scan(lambda c, _: (theon.sin(c), None), c, None, length=n)
    return Program([x, n], [again, rows, theon.grad(theon.sum(again), x)], [(5, 3), 2])


def gradient_in_a_loop() -> Program:
    x, W = theon.matrix("x"), theon.matrix("W")

    def step(c: Node, row: Node) -> tuple[Node, Node]:
        g = theon.grad(theon.sum(theon.tanh(row @ theon.sin(W)) * c), W)
        return c + theon.sum(g), g

    final, gs = theon.scan(step, theon.ones((3,)), x)
    return Program([x, W], [final, theon.grad(theon.sum(gs**2), [x, W])[1]], [(4, 2), (2, 3)])


def recomputed() -> Program:
    x = theon.matrix("x")
    fn = theon.checkpoint(lambda v: theon.sin(theon.checkpoint(theon.tanh)(v) @ v))
    g = theon.grad(theon.sum(fn(x) * fn(x.T)), x)
    return Program([x], [g, theon.grad(theon.sum(g * g), x)], [(3, 3)])


def recomputed_in_a_loop() -> Program:
    x = theon.matrix("x")
    step = theon.checkpoint(lambda c, v: (theon.sin(c * v), theon.exp(c)))
    final, ys = theon.scan(step, theon.ones((3,)), x)
    return Program([x], theon.grad(theon.sum(final) + theon.sum(ys), x), [(4, 3)])


def effects() -> Program:
    x = theon.vector("x")
    y = theon.check(theon.print(theon.sin(x), "sin"), x > 0, "positive")
    _, ys = theon.scan(lambda c, v: (c, theon.print(theon.check(v * c, v > 0), "v")), 2.0, y)
    return Program([x], theon.grad(theon.sum(ys), x), [(3,)])


def draws() -> Program:
    x = theon.vector("x")
    rng = theon.random.stream(seed=0)
    noise = theon.random.normal(rng, (3,)) + theon.random.bernoulli(rng, 0.5, (3,)).astype("float32")
    _, ys = theon.scan(lambda c, v: (c, theon.random.normal(rng, ()) * v), 0.0, x)
    return Program([x], [x * noise, theon.grad(theon.sum(ys * noise), x)], [(3,)])


def dropout() -> Program:
    x, rng = theon.matrix("x"), theon.random.stream(seed=0)
    y = theon.sum(theon.nn.dropout(x, 0.3, rng) ** 2)
    return Program([x], [y, theon.grad(y, x)], [(3, 4)])


def vectorised() -> Program:
    xs, w = theon.matrix("xs"), theon.vector("w")

    def one(x: Node) -> tuple[Node, Node]:
        loss = theon.log(theon.sum(theon.exp(x * w)))
        return loss, theon.grad(loss, w)

    losses, gradients = theon.vectorize(one)(xs)
    return Program([xs, w], [losses, gradients, theon.grad(theon.sum(gradients**2), w)], [(4, 3), (3,)])


def vectorised_loop() -> Program:
    xs = theon.tensor3("xs")
    finals = theon.vectorize(lambda x: theon.scan(lambda c, v: (theon.tanh(c + v), None), theon.zeros((2,)), x)[0])(xs)
    return Program([xs], [finals, theon.grad(theon.sum(finals), xs)], [(3, 4, 2)])


def dtypes() -> Program:
    x = theon.tensor("x", shape=(None,), dtype="bfloat16")
    z = theon.tensor("z", shape=(None,), dtype="complex64")
    i = theon.tensor("i", shape=(None,), dtype="uint8")
    cost = theon.sum(theon.abs(z * x.astype("float32")) ** 2) + theon.sum(x * i).astype("float32")
    whole = theon.sqrt(theon.square(z)) + theon.log(1 + theon.exp(z))
    return Program([x, z, i], [cost, *theon.grad(cost, [x, z]), whole, i * i, x > i, ~i], [(3,), (3,), (3,)])


def jax_function() -> Program:
    x = theon.tensor("x", shape=(3,), dtype="float32")
    y = theon.from_jax(lambda v: v * 2)(x)
    return Program([x], theon.grad(theon.sum(y * y), x), [(3,)])


def branches() -> Program:
    x, w, i = theon.vector("x"), theon.vector("w"), theon.iscalar("i")
    y = theon.cond(theon.sum(x) > 0, lambda v: theon.log(v) * w, lambda v: theon.print(v, "other"), x)
    z = theon.switch_case(i, [theon.sin, lambda v: theon.grad(theon.sum(v**3), v), lambda v: 0 * v], y)
    by_x, by_w = theon.grad(theon.sum(z * z), [x, w])
    return Program([x, w, i], [y, z, by_x, by_w, theon.grad(theon.sum(by_x * by_w), x)], [(3,), (3,), ()])


def vectorised_branches() -> Program:
    xs, w = theon.matrix("xs"), theon.vector("w")

    def one(x: Node) -> Node:
        last = theon.while_loop(lambda c: theon.sum(c) < 9, lambda c: c * 2 + w**2, x, max_steps=4)
        y: Node = theon.cond(theon.sum(x) > 0, lambda: theon.sum(last * x), lambda: theon.sum(theon.cos(x)))
        return y

    total = theon.sum(theon.vectorize(one)(xs) ** 2)
    return Program([xs, w], [total, *theon.grad(total, [xs, w])], [(4, 3), (3,)])


def loops_that_end() -> Program:
    x, n = theon.vector("x"), theon.shared(2, name="n")
    free, count = theon.while_loop(lambda c: c[1] < n, lambda c: (theon.tanh(c[0] * x), c[1] + 1), (x, 0))
    last = theon.while_loop(lambda c: theon.sum(c) < 9, lambda c: c * c + x, x, max_steps=5)
    slope = theon.grad(theon.sum(last**2), x)
    return Program([x], [free, count, last, slope, theon.grad(theon.sum(slope), x)], [(3,)])


def subgraphs() -> Program:
    a, b, x = theon.vector("a"), theon.vector("b"), theon.vector("x")
    plain = theon.subgraph([a, b], {"sum": a + b, "lse": theon.log(theon.sum(theon.exp(a * b)))}, name="plain")
    own = theon.custom_gradient(lambda v: (theon.exp(v), lambda g: theon.clip(g, -1, 1) * theon.exp(v)))
    made = plain(own(x), x)
    cost = theon.sum(made["sum"]) * made["lse"] + theon.sum(theon.scan(lambda c, v: (c + own(v), c), 0.0, x)[1])
    slope = theon.grad(cost, x)
    return Program([x], [cost, slope, theon.grad(theon.sum(slope**2), x)], [(3,)])


PROGRAMS: list[Callable[[], Program]] = [
    branches,
    vectorised_branches,
    loops_that_end,
    subgraphs,
    mlp,
    spelled_softmax,
    symbolic_shapes,
    indexing,
    reductions,
    joins,
    several_outputs,
    intermediates,
    held_and_known,
    pushed_forward,
    recurrent,
    nested_loops,
    loops_that_keep_less,
    partial_results,
    loops_with_all_kinds_of_inputs,
    gradient_in_a_loop,
    recomputed,
    recomputed_in_a_loop,
    effects,
    draws,
    dropout,
    vectorised,
    vectorised_loop,
    dtypes,
    jax_function,
]


__all__ = ["PROGRAMS", "Program", "Shape"]
