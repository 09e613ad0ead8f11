"""Facts about values: found from the ops that made them, stated by `assume`, asked by rules, checked at run time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import theon
from theon.compiler.facts import NODES, facts, nonnegative, positive, unit
from theon.graph.node import Node
from theon.ops.elementwise import _OPS

x = theon.tensor("x", shape=(2, 3))
y = theon.tensor("y", shape=(2, 3))
k = theon.tensor("k", shape=(2, 3), dtype="int32")
p = theon.assume(x, "positive")
INF = np.inf

CASES: dict[str, tuple[Node, tuple[float, float], bool]] = {
    "nothing": (x, (-INF, INF), True),
    "constant": (theon.constant([2.0, 5.0]), (2, 5), False),
    "fill": (theon.zeros((3,)) + 1, (1, 1), False),
    "exp": (theon.exp(x), (0, INF), False),
    "1 + exp": (1 + theon.exp(x), (1, INF), False),
    "square": (theon.square(x), (0, INF), True),
    "x * x": (x * x, (0, INF), True),
    "x * y": (x * y, (-INF, INF), True),
    "x ** 4": (x**4, (0, INF), True),
    "abs + 1": (abs(x) + 1, (1, INF), False),
    "minus": (-theon.exp(x), (-INF, 0), False),
    "sigmoid": (theon.sigmoid(x), (0, 1), False),
    "1 - sigmoid": (1 - theon.sigmoid(x), (0, 1), True),
    "softplus": (theon.nn.softplus(x), (0, INF), False),
    "tanh": (theon.tanh(x), (-1, 1), True),
    "1 - tanh**2": (1 - theon.square(theon.tanh(x)), (0, 1), True),
    "1 / (1 + x * x)": (1 / (1 + x * x), (0, 1), False),
    "sqrt": (theon.sqrt(x), (0, INF), True),
    "clip": (theon.clip(x, -2, 3), (-2, 3), True),
    "maximum": (theon.maximum(x, 1e-3), (float(np.float32(1e-3)), INF), False),
    "relu": (theon.nn.relu(x), (0, INF), True),
    "where": (theon.where(x > 0, theon.exp(y), 2), (0, INF), False),
    "moves": (theon.transpose(theon.exp(x))[0].reshape((2, 1)), (0, INF), False),
    "sum": (theon.sum(theon.exp(x), axis=1), (0, INF), False),
    "sum of bounded": (theon.sum(theon.sigmoid(x)), (0, 6), False),
    "mean": (theon.mean(theon.tanh(x)), (-1, 1), True),
    "prod": (theon.prod(theon.sigmoid(x)), (0, 1), False),
    "softmax": (theon.nn.softmax(x), (0, 1), False),
    "log_softmax": (theon.nn.log_softmax(x), (-INF, 0), True),
    "norm": (theon.sqrt(theon.sum(theon.square(x))), (0, INF), True),
    "log of large": (theon.log(1 + theon.exp(x)), (0, INF), True),
    "bool": (theon.astype(x > 0, "float32"), (0, 1), True),
    "assumed": (p, (0, INF), False),
    "of assumed": (theon.sqrt(p) * 2 / (1 + p), (0, INF), False),
    "assumed twice": (theon.assume(theon.assume(x, "unit"), "positive"), (0, 1), False),
    "infinite": (theon.constant(INF) - theon.constant(INF), (-INF, INF), True),
}


@pytest.mark.parametrize("name", CASES)
def test_ranges(name: str) -> None:
    node, bounds, zero = CASES[name]
    found = facts(node)
    np.testing.assert_allclose((found.low, found.high), bounds)
    assert found.zero is zero


def test_whole_numbers() -> None:
    assert facts(k).whole
    assert facts(theon.floor(x) * 2 + theon.assume(y, "integer")).whole
    assert not facts(theon.floor(x) / 2).whole


def test_integers_wrap_around() -> None:
    """So no range of an int sum or product is known."""
    assert not nonnegative(k * k)
    assert nonnegative(abs(theon.astype(k, "float32")))


def test_complex_numbers_have_no_range() -> None:
    z = theon.tensor("z", shape=(2,), dtype="complex64")
    assert nonnegative(abs(z)) or facts(abs(z)).low == -INF
    assert not nonnegative(theon.square(z))


def test_facts_hold() -> None:
    """Of every row on random numbers, in float64, and of every bound that is claimed for it."""
    rng = np.random.default_rng(0)
    a = theon.tensor("a", shape=(200,), dtype="float64")
    b = theon.tensor("b", shape=(200,), dtype="float64")
    operands: list[Callable[[Node], Node]] = [
        lambda v: v,
        abs,
        theon.tanh,
        theon.sigmoid,
        lambda v: 1 + abs(v),
        lambda v: -abs(v),
    ]
    nodes = []
    for op in _OPS.values():
        if op.row.takes & {"float"} and op.row.gives == "same" and op.row.name != "where":
            arity = op.row.lower.__code__.co_argcount if hasattr(op.row.lower, "__code__") else 1
            for first in operands:
                try:
                    nodes += [op(first(a))] if op.infer(a.tensor) and arity == 1 else []
                except (TypeError, theon.TheonError):
                    break
    nodes += [
        f(g(a), h(b))
        for f in (theon.add, theon.subtract, theon.multiply, theon.divide, theon.maximum, theon.minimum, theon.pow)
        for g in operands
        for h in operands
    ]
    run = theon.function([a, b], nodes, on_unused_input="ignore")
    for values in run(rng.standard_normal(200) * 3, rng.standard_normal(200) * 3), run(np.zeros(200), np.ones(200)):
        for node, value in zip(nodes, values, strict=True):
            array = np.asarray(value)
            array = array[np.isfinite(array)]
            found = facts(node)
            slack = 1e-12 * (1 + np.abs(array))
            assert np.all(array >= found.low - slack) and np.all(array <= found.high + slack), theon.dprint(node)


def test_a_question_is_bounded() -> None:
    """A chain, and a ladder with 2**1000 ways down: both are answered at once."""
    chain = ladder = theon.exp(x)
    for _ in range(1000):
        chain, ladder = theon.sqrt(chain), ladder + theon.sin(ladder)
    assert nonnegative(chain)
    assert not positive(ladder)
    assert NODES < 1000


# --- What is assumed --------------------------------------------------------------------------------------------------


def counts(output: Node, inputs: list[Node], **options: Any) -> dict[str, int]:
    """How often each rule fires."""
    f = theon.function(inputs, output, options=theon.Options(**options))
    f(*[np.ones(node.sizes if None not in node.dims else (2,), node.dtype) for node in inputs])
    told = theon.explain(f)
    assert not isinstance(told, str)
    return Counter(step.rule for step in told.steps)


def test_rules_see_through() -> None:
    assert "log(sum(exp(x))) -> logsumexp(x)" in counts(
        theon.log(theon.sum(theon.assume(theon.exp(x), "positive"))), [x]
    )
    assert "exp(x) / (1 + exp(x)) -> sigmoid(x)" in counts(theon.exp(p) / (1 + theon.exp(x)), [x])


def test_rules_ask() -> None:
    name = "max(x, 0) -> x"
    q = theon.assume(x, "unit")
    assert unit(q)
    assert name in counts(theon.maximum(q, 0), [x])
    assert name not in counts(theon.maximum(x, 0), [x])
    assert "abs(x) -> x" in counts(theon.abs(p), [x])
    assert "abs(x) -> x" not in counts(theon.abs(x), [x])


def test_identity() -> None:
    """Of value and gradient, and the same program."""
    data = np.array([[0.5, 1, 2], [3, 4, 5]], np.float32)
    cost = theon.sum(theon.log(p) * p)
    value, gradient = theon.function([x], [cost, theon.grad(cost, x)])(data)
    np.testing.assert_allclose(value, np.sum(data * np.log(data)), rtol=1e-6)
    np.testing.assert_allclose(gradient, np.log(data) + 1, rtol=1e-5)


@pytest.mark.parametrize(
    ("fact", "good", "bad"),
    [("positive", 0.5, 0.0), ("nonnegative", 0.0, -1.0), ("unit", 1.0, 1.5), ("integer", -3.0, 0.5)],
)
@pytest.mark.parametrize("rewrites", ["default", "none"])
def test_checked(fact: str, good: float, bad: float, rewrites: str) -> None:
    v = theon.vector("v")
    w = theon.shared(np.float32(1), "w")
    output = theon.sum(theon.assume(v, fact) * w)
    options = theon.Options(check_assumptions=True, rewrites=rewrites)
    f = theon.function([v], [output, theon.grad(output, v)], updates=[(w, w + 1)], options=options)
    assert float(f([good, good])[0]) == 2 * good
    with pytest.raises(theon.CheckError, match=f"v is assumed {fact}"):
        f([good, bad])
    assert float(w.get_value()) == 2
    unchecked = theon.function([v], output)
    assert np.isfinite(float(unchecked([good, bad])))


def test_checked_in_a_loop() -> None:
    v = theon.vector("v")
    total, _ = theon.scan(lambda c, e: (c + theon.assume(e, "positive"), c), theon.constant(0.0), v)
    f = theon.function([v], total, options=theon.Options(check_assumptions=True))
    assert float(f([1.0, 2.0])) == 3
    with pytest.raises(theon.CheckError):
        f([1.0, -2.0])


def test_checked_in_a_loop_whose_length_is_a_node() -> None:
    v = theon.vector("v")
    total, _ = theon.scan(lambda c, _: (c + theon.assume(c, "positive"), None), v[0], None, length=v.shape[0])
    f = theon.function([v], total, options=theon.Options(check_assumptions=True))
    assert float(f([1.0, 2.0])) == 4
    with pytest.raises(theon.CheckError, match="is assumed positive"):
        f([-1.0, 2.0])


def test_mistakes() -> None:
    with pytest.raises(theon.ArgumentError, match="no such fact: 'ordered'"):
        theon.assume(x, "ordered")
    with pytest.raises(theon.DTypeError, match="real numbers"):
        theon.assume(theon.tensor("z", shape=(), dtype="complex64"), "positive")


# --- Tables one by one ------------------------------------------------------------------------------------------------


def test_single_tables() -> None:
    """Of the four tables each can be left out."""
    v = theon.vector("v")
    cost = theon.log(theon.sum(theon.exp(v))) + theon.log(1 + theon.exp(v[0])) ** 1
    lse, softplus, one = "log(sum(exp(x))) -> logsumexp(x)", "log(1 + exp(x)) -> softplus(x)", "x ** 1 -> x"
    for rewrites, wanted in (
        ("default", {lse, softplus, one}),
        ("none", set()),
        ((), set()),
        (("recognise",), {lse}),
        (("stability",), {softplus}),
        (("algebra", "shapes"), {one}),
        (("recognise", "stability"), {lse, softplus}),
    ):
        fired = counts(cost, [v], rewrites=rewrites)
        f = theon.function([v], [cost, theon.grad(cost, v)], options=theon.Options(rewrites=rewrites))
        assert set(fired) & {lse, softplus, one} == wanted, rewrites
        np.testing.assert_allclose(float(f(np.zeros(2, np.float32))[0]), 2 * np.log(2), rtol=1e-6)


def test_unknown_tables() -> None:
    for wrong in ("recognise", ("linalg",), ["recognise"], None, 3):
        with pytest.raises(theon.ArgumentError, match="rewrites has no such value"):
            theon.Options(rewrites=wrong)  # type: ignore[arg-type]
    with pytest.raises(theon.ArgumentError, match="check_assumptions has no such value"):
        theon.Options(check_assumptions=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("bound", [-1e4, -1000.0, -30.0, 0.0, 30.0, 1000.0, 1e4])
@pytest.mark.parametrize("row", ["sigmoid", "tanh", "exp", "softplus", "erf", "sinh", "log1p", "expm1"])
def test_no_fact_is_empty_at_far_bounds(row: str, bound: float) -> None:
    """A bound that overflows on the way must not turn a range over: `abs(sigmoid(x))` once lost its sign by that."""
    x = theon.tensor("x", shape=(2,))
    function = theon.nn.softplus if row == "softplus" else getattr(theon, row)
    got = theon.function([x], theon.abs(function(theon.maximum(x, bound)) - 0.5))
    plain = theon.function(
        [x], theon.abs(function(theon.maximum(x, bound)) - 0.5), options=theon.Options(rewrites="none")
    )
    at = np.array([-3.0, 3.0], np.float32)
    np.testing.assert_allclose(got(at), plain(at), rtol=1e-5, atol=1e-6)
