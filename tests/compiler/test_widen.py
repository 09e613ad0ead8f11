"""Sums of log-gammas are held in float64: against mpmath, and only there."""

from typing import Any

import mpmath
import numpy as np
import pytest

import theon
from theon.compiler.compilation import Options, Signature
from theon.compiler.passes import compile_graph
from theon.graph.graph import Graph
from theon.graph.node import Node
from theon.ops.elementwise import Cast
from theon.ops.region import everything

DOUBLE = np.dtype("float64")
EPS = float(np.finfo(np.float32).eps)


def compiled(inputs: list[Node], outputs: list[Node], rewrites: str = "default") -> Graph:
    signature = Signature(tuple(leaf.tensor for leaf in inputs))
    return compile_graph(Graph(tuple(inputs), tuple(outputs)), signature, Options(rewrites=rewrites))[0]


def doubles(graph: Graph) -> list[Node]:
    return [node for node in everything(graph) if node.tensor.dtype == DOUBLE]


def binomial(n: Any, k: Any, p: Any) -> Any:
    choices = theon.gammaln(n + 1) - theon.gammaln(k + 1) - theon.gammaln(n - k + 1)
    return choices + k * theon.log(p) + (n - k) * theon.log(1 - p)


@pytest.mark.parametrize("n", [5000.0, 1e5])
@pytest.mark.parametrize("p", [0.001, 0.25])
def test_terms_of_a_likelihood_cancel_without_loss(n: float, p: float) -> None:
    k = float(np.float32(n * p))
    got = float(theon.function([x := theon.scalar("p")], binomial(n, k, x))(np.float32(p)))
    with mpmath.workdps(50):
        q = mpmath.mpf(float(np.float32(p)))
        true = mpmath.log(mpmath.binomial(n, k)) + k * mpmath.log(q) + (n - k) * mpmath.log(1 - q)
    assert abs(got - true) <= 2 * EPS * abs(true)


def test_gradient_of_a_difference() -> None:
    a, b = theon.scalar("a"), theon.scalar("b")
    step = theon.function([a, b], theon.grad(theon.gammaln(a + b) - theon.gammaln(a), [a, b]))
    by_a, by_b = (float(g) for g in step(np.float32(300), np.float32(1e-3)))
    with mpmath.workdps(50):
        start, gap = mpmath.mpf(300), mpmath.mpf(float(np.float32(1e-3)))
        true_a = mpmath.digamma(start + gap) - mpmath.digamma(start)
        true_b = mpmath.digamma(start + gap)
    assert abs(by_a - true_a) <= 4 * EPS * abs(true_a)
    assert abs(by_b - true_b) <= 4 * EPS * abs(true_b)


def test_only_the_sum_and_its_terms_are_wide() -> None:
    x, y = theon.vector("x"), theon.vector("y")
    activation = theon.tanh(y)
    total = theon.sum(theon.gammaln(x) - theon.gammaln(x + activation))
    loss = theon.exp(total)
    graph = compiled([x, y], [loss])
    assert loss.tensor.dtype == graph.outputs[0].tensor.dtype == np.dtype("float32")
    assert {node.op.name for node in doubles(graph)} <= {"cast", "gammaln", "add", "subtract", "sum"}
    assert not any(node.op.name in ("tanh", "exp") for node in doubles(graph))


def test_casts_stand_only_at_the_edges() -> None:
    x = theon.vector("x")
    graph = compiled([x], [theon.sum(theon.gammaln(x + 2) - theon.log(x) * 3)])
    casts = [node for node in everything(graph) if isinstance(node.op, Cast)]
    assert all(not isinstance(source.op, Cast) for node in casts for source in node.inputs)
    assert [node for node in casts if node.tensor.dtype != DOUBLE] == [graph.outputs[0]]


def test_other_programs_stay_narrow() -> None:
    x = theon.vector("x")
    assert not doubles(compiled([x], [theon.sum(theon.log(x) - theon.exp(x))]))
    assert not doubles(compiled([x], [theon.gammaln(x) * 2]))
    assert not doubles(compiled([x], [theon.gammaln(x) - theon.gammaln(x + 1)], rewrites="none"))


def test_inside_a_loop() -> None:
    xs = theon.vector("xs")
    total, _ = theon.scan(
        lambda carry, x: (carry + theon.gammaln(x + 1) - theon.gammaln(x), x), theon.zeros((), "float32"), xs
    )
    values = np.asarray([1e5, 3e5, 2.5], np.float32)
    got = float(theon.function([xs], total)(values))
    true = float(np.sum(np.log(values.astype(np.float64))))
    assert abs(got - true) <= 4 * EPS * abs(true)
