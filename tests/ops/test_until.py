"""`until`: loops that end early, against Theano's rules in plain Python and, for gradients, masked loops in JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
from jax import lax

import theon
from tests.ops.against_jax import Array, assert_near, in_jax, loops_agree
from theon import Node, until
from theon.ops.region import everything

x, w, limit = theon.dvector("x"), theon.dscalar("w"), theon.dscalar("limit")
DATA = np.array([0.5, -1.0, 2.0, 0.25, 1.5, -0.5])
LIMITS = {"at the first": -9.0, "inside": 1.2, "late": 2.0, "never": 99.0}


def theanos(data: Array, factor: float, most: float) -> list[tuple[float, float]]:
    """The rows that Theano gives: those of all steps up to the one at which the total exceeds `most`."""
    rows, total = [], 0.0
    for value in data:
        total = factor * total + value
        rows.append((total, total * value))
        if total > most:
            break
    return rows


def filled(rows: Any, length: int) -> Array:
    """Rows as theon gives them: behind the last, that again."""
    return np.array([rows[min(i, len(rows) - 1)] for i in range(length)]).reshape(length, *np.shape(rows)[1:])


FORMS: dict[str, Callable[[Any, Any], Any]] = {
    "a pair": lambda outs, end: (outs, end),
    "in a list": lambda outs, end: [outs, end],
    "with updates": lambda outs, end: (outs, {}, end),
    "with an empty list": lambda outs, end: (outs, [], end),
    "flat": lambda outs, end: (*outs, end),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("known", (False, True))
def test_values_are_those_of_theano(form: str, known: bool) -> None:
    """In every form that a step may return; one output fed back, the other not."""
    v = theon.tensor("v", shape=(6,), dtype="float64") if known else x

    def fn(value: Node, total: Node, factor: Node) -> Any:
        total = factor * total + value
        return FORMS[form]([total, total * value], until(total > limit))

    (totals, products), updates = theon.scan(fn, sequences=v, outputs_info=[w * 0, None], non_sequences=w)
    run = theon.function([v, w, limit], [totals, products, totals[-1], products[-1], updates.steps])
    for most in LIMITS.values():
        rows = theanos(DATA, 0.9, most)
        *got, steps = run(DATA, 0.9, most)
        assert int(steps) == len(rows)
        assert np.asarray(steps).dtype == np.int32
        assert_near(got, [*filled(rows, 6).T, *map(np.float64, rows[-1])])
    assert {len(theanos(DATA, 0.9, most)) for most in LIMITS.values()} == {1, 3, 5, 6}


def test_backwards() -> None:
    """The first row is the last element's; the carry style leaves every row with its element."""
    back, _ = theon.scan(
        lambda v, c: (c * w + v, until(c * w + v > limit)), sequences=x, outputs_info=w * 0, go_backwards=True
    )

    def step(carry: Node, v: Node) -> Any:
        return carry * w + v, carry * w + v, until(carry * w + v > limit)

    last, sums = theon.scan(step, w * 0, x, reverse=True)
    run = theon.function([x, w, limit], [back, last, sums])
    for most in LIMITS.values():
        rows = [total for total, _ in theanos(DATA[::-1], 0.9, most)]
        wanted = filled(rows, 6)
        assert_near(run(DATA, 0.9, most), [wanted, np.float64(rows[-1]), wanted[::-1]])


def test_taps_and_a_number_of_steps() -> None:
    """Fibonacci's numbers up to a bound; the window of the last two stays as it was at the end."""
    start = {"initial": theon.constant([0, 1]), "taps": [-2, -1]}
    bound = theon.iscalar("bound")
    numbers, updates = theon.scan(lambda a, b: (a + b, until(a + b > bound)), outputs_info=start, n_steps=10)
    run = theon.function([bound], [numbers, updates.steps])
    assert run(20)[0].tolist() == [1, 2, 3, 5, 8, 13, 21, 21, 21, 21]
    assert int(run(20)[1]) == 7
    assert run(0)[0].tolist() == [1] * 10


def test_steps_of_a_loop_without_until() -> None:
    assert int(theon.scan(lambda v: v, sequences=x, n_steps=4)[1].steps.eval()) == 4
    assert int(theon.map(lambda v: v, x)[1].steps.eval({x: DATA})) == 6


@pytest.mark.parametrize("length", (0, 1))
def test_short_loops(length: int) -> None:
    outs, updates = theon.scan(lambda v: (v, until(v > -9)), sequences=x)
    got, steps = theon.function([x], [outs, updates.steps])(DATA[:length])
    assert got.tolist() == DATA[:length].tolist()
    assert int(steps) == length


def test_shared_variables_stop_too() -> None:
    """Those that the step updates keep what the last step gave them, in both forms."""
    count, other = theon.shared(np.int32(0), name="count"), theon.shared(np.float64(1.0), name="other")
    outs, updates = theon.scan(lambda v: (v, {count: count + 1}, until(v > limit)), sequences=x)
    assert list(updates) == [count]
    theon.function([x, limit], outs)(DATA, 1.2)
    assert int(count.get_value()) == 3
    _, ys = theon.scan(lambda c, v: (c, v, {other: other * 2}, until(v > limit)), (), x)
    theon.function([x, limit], ys)(DATA, 1.2)
    assert float(other.get_value()) == 8.0


def test_short_forms() -> None:
    """`map` and the folds may end too; a fold gives the value at its end."""
    squares, updates = theon.map(lambda v: (v * v, until(v > limit)), x)
    left, _ = theon.foldl(lambda v, c: (c * w + v, until(c * w + v > limit)), x, w * 0)
    right, _ = theon.foldr(lambda v, c: (c * w + v, until(c * w + v > limit)), x, w * 0)
    run = theon.function([x, w, limit], [squares, updates.steps, left, right])
    got = run(DATA, 0.9, 1.2)
    assert got[0].tolist() == [0.25, 1.0, 4.0, 4.0, 4.0, 4.0]
    assert int(got[1]) == 3
    folds = [theanos(data, 0.9, 1.2)[-1][0] for data in (DATA, DATA[::-1])]
    assert_near(got[2:], list(map(np.float64, folds)))


def test_what_comes_after_is_not_run(capfd: pytest.CaptureFixture[str]) -> None:
    """Not forward, where a step would print; nor backward, where it would make a nan."""

    def step(value: Node, total: Node) -> Any:
        new = total + theon.log(theon.print(value, "step"))
        return new, until(new > limit)

    outs, _ = theon.scan(step, sequences=x, outputs_info=w)
    cost = outs[-1] + theon.sum(outs)
    data = np.array([2.0, 3.0, -1.0, 0.0])
    value, slope = theon.function([x, w, limit], [cost, theon.grad(cost, x)])(data, 0.0, 1.5)
    assert capfd.readouterr().out.count("step") == 2
    assert float(value) == pytest.approx(np.log(2) + 4 * np.log(6), rel=1e-13)
    np.testing.assert_allclose(slope, [5 / 2, 4 / 3, 0.0, 0.0], rtol=1e-13)


def test_draws_inside() -> None:
    """Every step draws its own number, and the last is repeated."""
    stream = theon.random.stream(seed=3)

    def step(n: Node) -> Any:
        return [n + 1, theon.random.uniform(stream, (), dtype="float64")], until(n >= 4)

    (_, draws), _ = theon.scan(step, outputs_info=[0, None], n_steps=9)
    run = theon.function([], draws)
    first, second = np.asarray(run()), np.asarray(run())
    assert len(set(first)) == 5
    assert set(first[5:]) == {first[4]}
    assert set(first).isdisjoint(second)


# --- Gradients --------------------------------------------------------------------------------------------------------


def ended(m: Any, scan: Any, xs: Any, w: Any, **how: Any) -> Any:
    """A loop that ends inside, by what it computes, and a cost of all its rows."""
    if m is theon:

        def fn(v: Node, h: Node) -> Any:
            h = m.tanh(h * w + v)
            return [h, m.exp(h) * v], until(m.sum(h) > 0.9)

        (hs, es), _ = theon.scan(fn, sequences=xs, outputs_info=[xs[0] * w, None], **how)
        return m.sum(hs**2) + m.sum(m.sin(es)) * w + m.sum(hs[-1] * es[-1])

    def step(carry: Any, v: Any) -> Any:
        def run(h: Any) -> Any:
            h = m.tanh(h * w + v)
            return h, m.exp(h) * v, m.sum(h) <= 0.9

        carry = lax.cond(carry[2], lambda: run(carry[0]), lambda: carry)
        return carry, carry[:2]

    start = xs[0] * w
    (h, e, _), (hs, es) = scan(step, (start, xs[0] * 0, m.array(True)), xs)
    return m.sum(hs**2) + m.sum(m.sin(es)) * w + m.sum(h * e)


MATRIX = np.array([[0.1, -0.4], [0.7, 0.2], [0.3, 0.9], [-0.2, 0.4], [1.0, 0.1]])


@pytest.mark.parametrize("factor", (0.3, 0.8, 2.5, -3.0))
def test_gradients_equal_jax_to_second_order(factor: float) -> None:
    loops_agree(ended, MATRIX, np.float64(factor))


@pytest.mark.parametrize("every", (1, 2, "sqrt"))
def test_gradients_of_a_checkpointed_loop(every: Any) -> None:
    loops_agree(lambda m, scan, *data: ended(m, scan, *data, checkpoint_every=every), MATRIX, np.float64(0.8))


def test_every_example_ends_by_itself() -> None:
    rows = np.stack([DATA, DATA[::-1], DATA * 2])
    many = theon.dmatrix("many")

    def last(v: Node) -> Node:
        outs, _ = theon.scan(
            lambda e, c: (c * w + e, until(c * w + e > limit)), sequences=v, outputs_info=theon.zeros_like(w)
        )
        return theon.stack([outs[-1], theon.grad(outs[-1] * theon.sum(outs), v).sum()])

    got = theon.vectorize(last)(many).eval({many: rows, w: 0.9, limit: 1.2})

    def alone(v: Any) -> Any:
        def cost(v: Any) -> Any:
            def step(carry: Any, e: Any) -> Any:
                total, going = carry
                total = jax.numpy.where(going, total * 0.9 + e, total)
                return (total, going & (total <= 1.2)), total

            (total, _), outs = lax.scan(step, (v[0] * 0, jax.numpy.array(True)), v)
            return total * jax.numpy.sum(outs), total

        slope, total = jax.grad(cost, has_aux=True)(v)
        return jax.numpy.stack([total, slope.sum()])

    assert_near(got, in_jax(jax.vmap(alone), rows))


def test_compile_time_does_not_grow_with_the_bound() -> None:
    sizes = []
    for most in (5, 50_000):
        outs, _ = theon.scan(lambda c: (c * c + w, until(c > 100)), outputs_info=w, n_steps=most)
        run = theon.function([w], theon.grad(outs[-1], w))
        run(1.5)
        sizes.append(len(everything(run.programs[-1].graph)))
    assert sizes[0] == sizes[1]


# --- Theano's other keywords ------------------------------------------------------------------------------------------


def test_keywords_of_theano() -> None:
    """A list also of one output; a name that texts show; and what told Theano how to compile the step."""
    outs, _ = theon.scan(lambda v: v + 1, sequences=x, return_list=True, name="ones", mode="FAST_RUN", profile=True)
    assert [out.eval({x: DATA}).tolist() for out in outs] == [(DATA + 1).tolist()]
    assert "ones = scan" in theon.dprint(outs[0])
    sums, _ = theon.reduce(lambda v, c: v + c, x, w, mode=None, name="total")
    assert "total = scan" in theon.dprint(sums)
    both, _ = theon.scan(lambda v: [v, v], sequences=x, return_list=True, allow_gc=False)
    assert len(both) == 2
