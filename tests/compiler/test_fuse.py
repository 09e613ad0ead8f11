"""What is computed of most parts of a split is computed once, of the whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

import theon
from theon.compiler.compilation import Signature
from theon.compiler.passes import compile_graph
from theon.ops.elementwise import Cast, Elementwise
from theon.ops.region import everything

Parts = list[Any]
Declared = Callable[[Any, Any, Any], Parts]  # of the namespace, and of two arrays


def quarters(m: Any, x: Any) -> Parts:
    return list(m.split(x, 4, -1))


def gates(m: Any, x: Any, y: Any) -> Parts:
    i, f, g, o = quarters(m, x)
    return [m.exp(i), m.exp(f), m.tanh(g), m.exp(o)]


def chain(m: Any, x: Any, y: Any) -> Parts:
    return [m.sqrt(m.exp(part) * 2 + 1) for part in quarters(m, x)]


def two_arrays(m: Any, x: Any, y: Any) -> Parts:
    return [m.exp(a + b) for a, b in zip(quarters(m, x), quarters(m, y), strict=True)]


def crossed(m: Any, x: Any, y: Any) -> Parts:
    (a, b, c, d), (e, f, g, h) = quarters(m, x), quarters(m, y)
    return [a - e, b - f, g - c, d - h]


def half(m: Any, x: Any, y: Any) -> Parts:
    i, f, g, o = quarters(m, x)
    return [m.exp(i), m.exp(f), m.tanh(g), m.tanh(o)]


def dear(m: Any, x: Any, y: Any) -> Parts:
    i, f, g, o = quarters(m, x)
    return [m.arctan(i), m.arctan(f), m.tanh(g), m.arctan(o)]


def dear_throughout(m: Any, x: Any, y: Any) -> Parts:
    return [m.arctan(part) for part in quarters(m, x)]


def cheap_of_dear(m: Any, x: Any, y: Any) -> Parts:
    i, f, g, o = quarters(m, x)
    return [m.exp(m.arctan(i)), m.exp(m.arctan(f)), m.tanh(g), m.exp(m.arctan(o))]


def unequal(m: Any, x: Any, y: Any) -> Parts:
    a, b, c = m.split(x, [5, 5], -1)
    return [m.exp(a), m.exp(b), m.exp(c)]


def one_large(m: Any, x: Any, y: Any) -> Parts:
    a, b = m.split(x, [1], -1)
    return [m.exp(a), m.tanh(b)]


def shifted(m: Any, x: Any, y: Any) -> Parts:
    a, b, c, d = quarters(m, x)
    return [m.arctan2(a, b), m.arctan2(b, c), m.arctan2(c, d), m.arctan2(d, a)]


def of_one_row(m: Any, x: Any, y: Any) -> Parts:
    return [m.arctan2(a, b) for a, b in zip(quarters(m, x), quarters(m, y[:1]), strict=True)]


def by_scalar(m: Any, x: Any, y: Any) -> Parts:
    return [m.arctan2(part, y[0, 0]) for part in quarters(m, x)]


def used_besides(m: Any, x: Any, y: Any) -> Parts:
    parts = quarters(m, x)
    return [*parts, *[m.exp(part) for part in parts[1:]]]


def whole_too(m: Any, x: Any, y: Any) -> Parts:
    return [m.exp(x), *[m.exp(part) for part in quarters(m, x)]]


def cast_down(m: Any, x: Any, y: Any) -> Parts:
    return [m.exp(part).astype("float16") for part in quarters(m, x)]


def double(name: str, shape: tuple[int, ...]) -> theon.Node:
    return theon.tensor(name, shape=shape, dtype="float64")


# How often the named functions remain.
CASES: list[tuple[Declared, dict[str, int]]] = [
    (gates, {"exp": 1, "tanh": 1}),
    (chain, {"exp": 1, "sqrt": 1}),
    (two_arrays, {"add": 1, "exp": 1}),
    (crossed, {"subtract": 2}),  # three of four stand in one order
    (half, {"exp": 2, "tanh": 2}),
    (dear, {"atan": 3}),
    (dear_throughout, {"atan": 1}),
    (cheap_of_dear, {"exp": 3, "atan": 3}),
    (unequal, {"exp": 1}),
    (one_large, {"exp": 1, "tanh": 1}),
    (shifted, {"atan2": 4}),
    (of_one_row, {"atan2": 4}),
    (by_scalar, {"atan2": 1}),
    (used_besides, {"exp": 1}),
    (whole_too, {"exp": 1}),
    (cast_down, {"exp": 1, "cast": 1}),
]


def remaining(run: theon.Function, names: dict[str, int]) -> dict[str, int]:
    ops = [node.op for node in everything(run.programs[-1].graph)]
    found = ["cast" if isinstance(op, Cast) else op.row.name for op in ops if isinstance(op, (Cast, Elementwise))]
    return {name: found.count(name) for name in names}


@pytest.mark.parametrize(("declare", "counts"), CASES, ids=[case[0].__name__ for case in CASES])
def test_values_and_what_remains(declare: Declared, counts: dict[str, int]) -> None:
    x, y = double("x", (3, 8)), double("y", (3, 8))
    run = theon.function([x, y], declare(theon, x, y), on_unused_input="ignore")
    data = np.random.default_rng(0).standard_normal((2, 3, 8))
    for got, wanted in zip(run(*data), declare(np, *data), strict=True):
        assert got.dtype == wanted.dtype
        np.testing.assert_allclose(got, wanted, rtol=1e-3 if wanted.dtype == np.float16 else 1e-14)
    assert remaining(run, counts) == counts


def test_inside_loops_and_branches() -> None:
    xs, c = double("xs", (5, 8)), theon.tensor("c", shape=(), dtype="bool")

    def step(carry: theon.Node, x: theon.Node) -> tuple[theon.Node, None]:
        i, f, g, o = theon.split(x * carry.sum(), 4)
        return theon.exp(i) + theon.exp(f) + theon.tanh(g) + theon.exp(o), None

    last, _ = theon.scan(step, theon.ones((2,), "float64"), xs)
    run = theon.function([c, xs], theon.cond(c, lambda: last, lambda: -last))
    data = np.random.default_rng(0).standard_normal((5, 8)) / 8
    carry = np.ones(2)
    for x in data:
        i, f, g, o = np.split(x * carry.sum(), 4)
        carry = np.exp(i) + np.exp(f) + np.tanh(g) + np.exp(o)
    np.testing.assert_allclose(run(True, data), carry, rtol=1e-13)
    assert remaining(run, {"exp": 1}) == {"exp": 1}


def test_what_nobody_wants_does_no_harm() -> None:
    """The part that has no square root gives nan, which no result sees, and neither does a gradient."""
    x = double("x", (8,))
    a, b, c, d = theon.split(x, 4)
    y = theon.sqrt(a) + theon.sqrt(b) + c + theon.sqrt(d)
    run = theon.function([x], [y, theon.grad(y.sum(), x)])
    value, slope = run(np.array([1.0, 4, 4, 1, -1, -9, 4, 4]))
    np.testing.assert_allclose(value, [1 + 2 - 1 + 2, 2 + 1 - 9 + 2])
    np.testing.assert_allclose(slope, [0.5, 0.25, 0.25, 0.5, 1, 1, 0.25, 0.25])


def test_what_jax_derives_is_left_apart() -> None:
    """Its gradient of the unwanted part would be 0 times nan."""
    x = double("x", (8,))
    a, b, c, d = theon.split(x, 4)
    pure = theon.function([x], theon.exp(a) + theon.exp(b) + c + theon.exp(d) + theon.tanh(a)).as_jax()
    at = np.array([1.0, 4, 4, 1, 1e4, -9, 4, 4])
    with jax.enable_x64(True):
        slope = jax.grad(lambda v: pure([v])[0].sum())(at)
    np.testing.assert_allclose(slope[4:6], [1, 1])


def test_large_arrays_are_left_apart() -> None:
    x = double("x", (3, 8 << 14))
    run = theon.function([x], gates(theon, x, x))
    assert remaining(run, {"exp": 3}) == {"exp": 3}


def test_sums_of_parts_are_still_held_wide() -> None:
    """Differences of log-gammas, which cancel in float32."""
    x = theon.tensor("x", shape=(2,))
    a, b = theon.split(x, 2)
    run = theon.function([x], theon.gammaln(b) - theon.gammaln(a))
    np.testing.assert_allclose(run(np.array([5000, 5001], np.float32)), [np.log(5000)], rtol=1e-6)


def test_a_part_that_nobody_takes_does_not_count() -> None:
    """Of what a loop stacks and nobody takes, nothing is left, so that one part alone is wanted."""
    x = double("x", (8,))

    def step(h: theon.Node, _: None) -> tuple[theon.Node, Any]:
        i, f, g, o = theon.split(x * h.sum(), 4)
        return h + theon.exp(i), (theon.exp(f), theon.exp(o), g)

    last, _ = theon.scan(step, theon.zeros((2,), "float64"), length=3)
    run = theon.function([x], last)
    assert remaining(run, {"exp": 1}) == {"exp": 1}
    (part,) = [node for node in everything(run.programs[-1].graph) if node.op.name == "exp"]
    assert part.sizes == (2,)


def test_the_lines_of_all_parts_are_known() -> None:
    x = double("x", (8,))
    parts = theon.split(x, 2)
    first = theon.exp(parts[0])
    second = theon.exp(parts[1])
    graph, compilation = compile_graph(
        theon.function([x], [first, second]).graph, Signature((x.tensor,)), theon.Options()
    )
    (whole,) = [node for node in graph.nodes() if node.op.name == "exp"]
    assert whole.where == first.where
    assert second.where in compilation.interner.provenance[whole].also


def test_without_rewrites_nothing_is_fused() -> None:
    x = double("x", (3, 8))
    run = theon.function([x], gates(theon, x, x), options=theon.Options(rewrites="none"))
    assert remaining(run, {"exp": 3}) == {"exp": 3}
