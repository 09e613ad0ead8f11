"""Theano's form of `scan`, with taps, and `map`, `reduce`, `foldl`, `foldr`: against loops in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jax import lax

import theon
from tests.ops.against_jax import Array, loops_agree
from theon import Node

rng = np.random.default_rng(11)
x, y, w = theon.dvector("x"), theon.dvector("y"), theon.dscalar("w")


def draw(*shape: int) -> Array:
    return rng.standard_normal(shape)


# --- Taps -----------------------------------------------------------------------------------------


def taken(data: Array, taps: list[int], steps: int | None = None, backwards: bool = False) -> list[Array]:
    """By the definition: the elements at i + tap, for all steps i at which every tap (and 0) is inside."""
    first, last = min(0, *taps), max(0, *taps)
    places = [i for i in range(len(data)) if i + first >= 0 and i + last < len(data)]
    places = places[::-1] if backwards else places
    return [np.array([data[i + tap] for tap in taps]) for i in places[:steps]]


@pytest.mark.parametrize("taps", ([0], [-1, 0], [0, 1], [-2, 1], [3, -1, 0], [-2], [2]), ids=str)
@pytest.mark.parametrize("backwards", (False, True))
@pytest.mark.parametrize("steps", (None, 3))
@pytest.mark.parametrize("known", (False, True))
def test_taps_into_a_sequence(taps: list[int], backwards: bool, steps: int | None, known: bool) -> None:
    data = draw(8)
    v = theon.tensor("v", shape=(8,), dtype="float64") if known else x
    seen, updates = theon.scan(
        lambda *at: theon.stack(at), sequences={"input": v, "taps": taps}, n_steps=steps, go_backwards=backwards
    )
    assert updates == {}
    np.testing.assert_array_equal(seen.eval({v: data}), taken(data, taps, steps, backwards))


def test_sequences_with_different_taps_are_cut_to_the_shortest() -> None:
    seen, _ = theon.scan(
        lambda a, b, c: theon.stack([a, b, c]), sequences=[{"input": x, "taps": [-2, 1]}, {"input": y}]
    )
    a, b = draw(7), draw(6)
    wanted = [[a[i - 2], a[i + 1], b[i - 2]] for i in range(2, 6)]
    np.testing.assert_array_equal(seen.eval({x: a, y: b}), wanted)


@pytest.mark.parametrize("taps", ([-1], [-2, -1], [-1, -3], [-2]), ids=str)
def test_taps_into_an_output(taps: list[int]) -> None:
    """The rows of `initial` are the outputs before the first, oldest first."""
    depth = max(map(abs, taps))
    start = theon.dvector("start")
    initial = start[0] if taps == [-1] else start
    ys, _ = theon.scan(
        lambda v, *before: v + sum((k + 2) * b for k, b in enumerate(before)),
        sequences=[x],
        outputs_info=[{"initial": initial, "taps": taps}],
    )
    data, first = draw(6), draw(depth)
    values = list(first)
    for v in data:
        values.append(v + sum((k + 2) * values[len(values) + tap] for k, tap in enumerate(taps)))
    np.testing.assert_allclose(ys.eval({x: data, start: first}), values[depth:])


def test_gradients_through_taps() -> None:
    """An autoregression of order two with a lagged input: two orders of gradients, against carries by hand."""

    def declare(m: Any, scan: Any, u: Any, start: Any, a: Any) -> Any:
        if m is theon:
            ys, _ = theon.scan(
                lambda now, before, y1, y2, a: theon.tanh(a[0] * y1 + a[1] * y2 + now * before),
                sequences={"input": u, "taps": [0, -1]},
                outputs_info={"initial": start, "taps": [-1, -2]},
                non_sequences=a,
            )
        else:

            def step(carry: Any, pair: Any) -> Any:
                y2, y1 = carry
                new = m.tanh(a[0] * y1 + a[1] * y2 + pair[0] * pair[1])
                return (y1, new), new

            _, ys = scan(step, (start[0], start[1]), (u[1:], u[:-1]))
        return m.sum(ys**2)

    loops_agree(declare, draw(7), draw(2), draw(2))


# --- What goes in and comes out -------------------------------------------------------------------


def test_outputs_and_their_order() -> None:
    """Two outputs, one fed back; going backwards, the first output is that of the last element."""
    (sums, doubles), _ = theon.scan(
        fn=lambda v, total, w: [total + v, v * w], sequences=x, outputs_info=[0.0 * w, None], non_sequences=[w],
        go_backwards=True,
    )  # fmt: skip
    data = draw(5)
    got = theon.function([x, w], [sums, doubles])(data, 3.0)
    np.testing.assert_allclose(got[0], np.cumsum(data[::-1]))
    np.testing.assert_allclose(got[1], 3 * data[::-1])


def test_one_output_is_not_a_list() -> None:
    forms: list[Callable[[Node], Any]] = [lambda v: v * 2, lambda v: [v * 2], lambda v: (v * 2, {})]
    for fn in forms:
        doubles, _ = theon.scan(fn, sequences=[x])
        assert isinstance(doubles, Node)
        np.testing.assert_array_equal(doubles.eval({x: np.arange(3.0)}), [0, 2, 4])


def test_a_number_of_steps_alone() -> None:
    powers, _ = theon.scan(lambda p, w: p * w, outputs_info=theon.ones((), "float64"), non_sequences=w, n_steps=4)
    np.testing.assert_allclose(powers.eval({w: 3.0}), [3, 9, 27, 81])
    steps = theon.scalar("steps", dtype="int32", static=True)
    powers, _ = theon.scan(lambda p: p * w, outputs_info=theon.ones((), "float64"), n_steps=steps)
    run = theon.function([w, steps], powers)
    for n in (0, 1, 3):
        np.testing.assert_allclose(run(2.0, n), 2.0 ** np.arange(1, n + 1))


@pytest.mark.parametrize("form", ("dict", "pairs", "alone", "first"))
def test_updates(form: str) -> None:
    """Shared variables take their final values after each call, with the updates given to `function` or not."""
    count = theon.shared(0.0, name="count", dtype="float64")

    def fn(v: Node) -> Any:
        new = count + v
        pairs: Any = [(count, new)] if form == "pairs" else {count: new}
        return pairs if form == "alone" else (pairs, v * 2) if form == "first" else (v * 2, pairs)

    outputs, updates = theon.scan(fn, sequences=x)
    assert list(updates) == [count]
    outputs = [] if outputs is None else [outputs]
    final = list(updates.values())
    run = theon.function([x], [*outputs, *final], updates=updates)
    implicit = theon.function([x], [*outputs, *final])
    data = draw(4)
    for turn, call in enumerate((run, implicit), 1):
        np.testing.assert_allclose(call(data)[-1], turn * data.sum())
        np.testing.assert_allclose(count.get_value(), turn * data.sum())


def test_truncated_gradients() -> None:
    ys, _ = theon.scan(
        lambda v, h: theon.tanh(h * w + v), sequences=x, outputs_info=theon.zeros((), "float64"), truncate_gradient=2
    )
    data = draw(5)
    got = theon.function([x, w], theon.grad(ys[-1], w))(data, 0.7)
    h = [0.0]
    for v in data:
        h.append(np.tanh(h[-1] * 0.7 + v))
    # The last two steps by the chain rule, with h[3] held constant.
    d4 = 1 - h[4] ** 2
    d5 = 1 - h[5] ** 2
    np.testing.assert_allclose(got, d5 * (h[4] + 0.7 * d4 * h[3]), rtol=1e-13)


# --- Short forms ----------------------------------------------------------------------------------


def test_map() -> None:
    data, other = draw(5), draw(5)
    (products, sums), _ = theon.map(lambda a, b, w: [a * b, a + w], [x, y], [w])
    got = theon.function([x, y, w], [products, sums])(data, other, 2.0)
    np.testing.assert_allclose(got, [data * other, data + 2])
    back, _ = theon.map(lambda a: a, x, go_backwards=True)
    np.testing.assert_array_equal(back.eval({x: data}), data[::-1])


FOLDS: dict[str, tuple[Callable[..., Any], bool]] = {
    "reduce": (theon.reduce, False),
    "reduce backwards": (lambda *a: theon.reduce(*a, go_backwards=True), True),
    "foldl": (theon.foldl, False),
    "foldr": (theon.foldr, True),
}


@pytest.mark.parametrize("name", FOLDS)
@pytest.mark.parametrize("length", (0, 1, 6))
def test_folds(name: str, length: int) -> None:
    """Horner's rule and a product at once."""
    fold, backwards = FOLDS[name]
    (value, product), _ = fold(lambda v, h, p, w: [h * w + v, p * v], x, [0.0 * w, 1.0 + 0.0 * w], w)
    data = draw(length)
    got = theon.function([x, w], [value, product])(data, 0.5)
    ordered = data[::-1] if backwards else data
    wanted = float(np.polyval(ordered, 0.5)), float(np.prod(ordered))
    np.testing.assert_allclose(got, wanted, rtol=1e-12)


def test_gradient_of_a_fold() -> None:
    def declare(m: Any, scan: Any, x: Any, w: Any) -> Any:
        if m is theon:
            return theon.foldr(lambda v, h: theon.sin(h * w + v), x, w * 0)[0]
        return lax.scan(lambda h, v: (m.sin(h * w + v), None), w * 0, x, reverse=True)[0]

    loops_agree(declare, draw(5), np.array(0.6))


# --- Lengths that show late -----------------------------------------------------------------------


def test_too_many_steps_for_what_is_given() -> None:
    for backwards in (False, True):
        ys, _ = theon.scan(lambda v: v, sequences={"input": x, "taps": [-1]}, n_steps=5, go_backwards=backwards)
        ys.eval({x: np.zeros(6)})
        with pytest.raises(theon.ShapeError, match="lengths differ"):
            ys.eval({x: np.zeros(5)})
    ys, _ = theon.scan(lambda a, b: a + b, sequences=[x, y])
    with pytest.raises(theon.ShapeError, match="lengths differ"):
        ys.eval({x: np.zeros(3), y: np.zeros(4)})
