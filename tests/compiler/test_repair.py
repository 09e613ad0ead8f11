"""Naive spellings of `-log(softmax(x)[0])` and `log(sum(exp(x)))` are as good as the whole ops, gradients included."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import mpmath
import numpy as np
import pytest

import theon
from theon.graph.node import Node

pytestmark = pytest.mark.optimized

Array: TypeAlias = "np.ndarray[Any, Any]"

exp, log, total = theon.exp, theon.log, theon.sum
ULPS = 4

# The named point first: e**-200 and e**-400 are no normal float32 numbers. Then its permutations and other scales,
# among them such that a probability is close to 1.
POINTS = np.array(
    [
        [-200, 0, 200],
        [200, 0, -200],
        [0, 200, -200],
        [200, -200, 0],
        [-200, 200, 0],
        [0, 0, 0],
        [-1.5, 0.25, 2],
        [3, 1, 2.5],
        [88, 87.5, 89],
        [-87, -86, -88],
        [1000, 999, 998.5],
        [-1e4, 1e4, 1e4],
        [-1e38, 1e38, 1e38],
        [-60, 0, -30],
        [-10, 2, 10],
    ],
    np.float32,
)


NAMED = 5

# --- The truth ------------------------------------------------------------------------------------


@cache
def truth(row: tuple[float, ...], picked: int | None) -> tuple[Any, list[Any], list[list[Any]]]:
    """Value, gradient and Hessian of log(sum(exp(x))), less x[picked] where one is picked, to 400 digits."""
    with mpmath.workdps(400):
        xs = [mpmath.mpf(float(x)) for x in row]
        top = max(xs)
        powers = [mpmath.exp(x - top) for x in xs]
        sum_ = mpmath.fsum(powers)
        p = [power / sum_ for power in powers]
        value = top + mpmath.log(sum_) - (0 if picked is None else xs[picked])
        gradient = [p[i] - (1 if i == picked else 0) for i in range(len(xs))]
        hessian = [[(p[i] if i == j else 0) - p[i] * p[j] for j in range(len(xs))] for i in range(len(xs))]
    return value, gradient, hessian


def assert_exact(got: Any, wanted: Any, scale: Any, what: str) -> None:
    """Within the ulps of `wanted`, or of `scale` where that is larger; below the normal numbers where both are."""
    tiny = float(np.finfo(np.float32).tiny)
    size = max(abs(wanted), abs(scale), tiny)
    with mpmath.workdps(400):
        far = abs(mpmath.mpf(float(got)) - wanted) / float(np.spacing(np.float32(size)))
    assert far <= ULPS or (size <= tiny and abs(got) <= tiny), (
        f"{what}: {got!r}, truly {mpmath.nstr(wanted, 9)}: {far} ulp"
    )


# --- The spellings --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """How the points lie in the input: as one vector, as columns or as rows."""

    name: str
    axis: int

    def lay(self, points: Array) -> Array:
        return points[0] if self.name == "vector" else points.T if self.axis == 0 else points

    def rows(self, array: Array) -> Array:
        """Back to one row per point."""
        return array[None] if self.name == "vector" else array.T if self.axis == 0 else array

    def pick(self, x: Node, index: int) -> Node:
        return x[index] if x.ndim == 1 or self.axis == 0 else x[:, index]

    def kept(self, x: Node) -> tuple[int, ...]:
        """The shape of a sum that keeps its axis."""
        return tuple(1 if i == self.axis % x.ndim else size for i, size in enumerate(x.sizes))

    def restored(self, x: Node) -> Node:
        """A sum with its axis put back."""
        return x if x.ndim == 0 else x[None] if self.axis == 0 else x[:, None]


LAYOUTS = (Layout("vector", 0), Layout("vector", -1), Layout("columns", 0), Layout("rows", 1), Layout("rows", -1))

Softmax: TypeAlias = Callable[[Node, Layout], Node]
SOFTMAXES: dict[str, Softmax] = {
    "softmax": lambda x, at: theon.nn.softmax(x, axis=at.axis),
    "exp / sum(keepdims)": lambda x, at: exp(x) / total(exp(x), axis=at.axis, keepdims=True),
    "exp.sum()": lambda x, at: exp(x) / exp(x).sum(axis=at.axis, keepdims=True),
    "one exp": lambda x, at: (lambda e: e / e.sum(axis=at.axis, keepdims=True))(exp(x)),
    "expand_dims": lambda x, at: exp(x) / theon.expand_dims(total(exp(x), axis=at.axis), at.axis),
    "new axis": lambda x, at: exp(x) / at.restored(total(exp(x), axis=at.axis)),
    "reshape": lambda x, at: exp(x) / theon.reshape(exp(x).sum(at.axis), at.kept(x)),
    "exp(log_softmax)": lambda x, at: exp(theon.nn.log_softmax(x, axis=at.axis)),
}
Loss: TypeAlias = Callable[[Node, Layout, int], Node]


def log_of_pick(softmax: Softmax) -> Loss:
    return lambda x, at, i: -log(at.pick(softmax(x, at), i))


def pick_of_log(softmax: Softmax) -> Loss:
    return lambda x, at, i: -at.pick(log(softmax(x, at)), i)


LOSSES: dict[str, Loss] = {
    **{f"-log({name}[i])": log_of_pick(softmax) for name, softmax in SOFTMAXES.items()},
    **{f"-log({name})[i]": pick_of_log(softmax) for name, softmax in SOFTMAXES.items()},
    "log(1 / softmax[i]) as -log": lambda x, at, i: 0 - log(at.pick(theon.nn.softmax(x, axis=at.axis), i)),
    "-log(exp[i] / sum(exp))": lambda x, at, i: -log(at.pick(exp(x), i) / total(exp(x), axis=at.axis)),
    "-log(exp(x[i]) / sum(exp))": lambda x, at, i: -log(exp(at.pick(x, i)) / total(exp(x), axis=at.axis)),
    "-log_softmax[i]": lambda x, at, i: -at.pick(theon.nn.log_softmax(x, axis=at.axis), i),
}
SUMS: dict[str, Callable[[Node, Layout], Node]] = {
    "log(sum(exp))": lambda x, at: log(total(exp(x), axis=at.axis)),
    "log(exp.sum)": lambda x, at: log(exp(x).sum(at.axis)),
    "keepdims": lambda x, at: at.pick(log(total(exp(x), axis=at.axis, keepdims=True)), 0),
    "log(sum(exp(x + 0)))": lambda x, at: log(total(exp(x + 0), axis=at.axis)),
    "logsumexp": lambda x, at: theon.nn.logsumexp(x, axis=at.axis),
}


def derived(value: Node, wrt: Node, at: Layout) -> list[Node]:
    """The gradient of a value per point, and the rows of its Hessian: points do not mix."""
    gradient = theon.grad(total(value), wrt)
    return [gradient, *(theon.grad(total(at.pick(gradient, k)), wrt) for k in range(3))]


@dataclass(frozen=True)
class Spelling:
    """A value per point; its truth is less by the picked element, where one is picked."""

    name: str
    write: Callable[..., Node]
    picked: int | None

    def make(self, x: Node, at: Layout) -> Node:
        return self.write(x, at) if self.picked is None else self.write(x, at, self.picked)


SPELLINGS = [
    *(Spelling(f"{name}, i = {i}", write, i) for name, write in LOSSES.items() for i in (0, 2)),
    *(Spelling(name, write, None) for name, write in SUMS.items()),
]


def assert_true(spelling: Spelling, results: Sequence[Any], at: Layout, rows: Array, by: str) -> None:
    """Value, gradient and Hessian at every point."""
    picked = spelling.picked
    value = np.reshape(np.asarray(results[0]), -1)
    gradient, *hessian = (at.rows(np.asarray(part)) for part in results[1:])
    for n, row in enumerate(rows):
        one, slope, curve = truth(tuple(row.tolist()), picked)
        name = f"{spelling.name} by {by} at {row.tolist()}"
        # log(p), p - 1 and p * (1 - p) for p near 1 are as exact as p is; the named points need no such excuse.
        near = float(n >= NAMED)
        assert_exact(value[n], one, near, f"{name}: value")
        for i in range(3):
            assert_exact(gradient[n, i], slope[i], near * (i == picked), f"{name}: gradient {i}")
            for k in range(3):
                own = near * (slope[i] + (i == picked)) * (i == k)
                assert_exact(hessian[k][n, i], curve[k][i], own, f"{name}: Hessian {k}, {i}")


@pytest.mark.parametrize("at", LAYOUTS, ids=lambda at: f"{at.name} {at.axis}")
def test_naive_spellings(at: Layout) -> None:
    """By the input, and by an intermediate."""
    data = at.lay(POINTS)
    x, z = (theon.tensor(n, shape=data.shape) for n in "xz")
    h = z * 2  # exact
    asked = [(spelling, wrt) for spelling in SPELLINGS for wrt in (x, h)]
    values = [spelling.make(wrt, at) for spelling, wrt in asked]
    outputs = [[value, *derived(value, wrt, at)] for value, (_, wrt) in zip(values, asked, strict=True)]
    found = theon.function([x, z], [node for group in outputs for node in group])(data, data / 2)
    for k, (spelling, wrt) in enumerate(asked):
        assert_true(
            spelling, found[5 * k : 5 * k + 5], at, at.rows(data), "the input" if wrt is x else "an intermediate"
        )


def test_unknown_sizes() -> None:
    """The size of the axis need not be known at declaration."""
    x = theon.vector("x")
    value = -log((exp(x) / total(exp(x)))[0])
    gradient = theon.grad(value, x)
    run = theon.function([x], [value, gradient, theon.grad(gradient[0], x)])
    for row in POINTS[:NAMED]:
        one, slope, curve = truth(tuple(row.tolist()), 0)
        found = [np.asarray(part) for part in run(row)]
        assert_exact(found[0], one, 0, "value")
        for i in range(3):
            assert_exact(found[1][i], slope[i], 0, "gradient")
            assert_exact(found[2][i], curve[0][i], 0, "Hessian")


def test_it_is_the_rules_that_repair() -> None:
    """Without them the same program overflows; the named helpers do not."""
    x = theon.vector("x")
    outputs = [log(total(exp(x))), theon.nn.logsumexp(x)]
    naive, whole = theon.function([x], outputs, options=theon.Options(rewrites="none"))(POINTS[0])
    assert not np.isfinite(naive)
    assert float(whole) == 200.0


@pytest.mark.parametrize("rewrites", ("default", ("recognise",)))
@pytest.mark.parametrize(
    ("weight", "exact"),
    ((theon.nn.softplus, lambda t: mpmath.log1p(mpmath.exp(t))), (theon.erfc, mpmath.erfc), (exp, mpmath.exp)),
    ids=("softplus", "erfc", "exp"),
)
def test_weights_that_underflow(
    weight: Callable[[Node], Node], exact: Callable[[Any], Any], rewrites: str | tuple[str, ...]
) -> None:
    """A weight that is positive and still comes out as 0 has no logarithm to go on with."""
    x = theon.vector("x")
    value = log(total(weight(x) * exp(x / 4)))
    run = theon.function([x], [value, theon.grad(value, x)], options=theon.Options(rewrites=rewrites))
    data = np.array([-200, 20, 0.5], np.float32)
    found, slopes = (np.asarray(part) for part in run(data))
    with mpmath.workdps(60):
        points = [mpmath.mpf(float(v)) for v in data]
        parts = [exact(v) * mpmath.exp(v / 4) for v in points]
        changes = [mpmath.diff(lambda t: exact(t) * mpmath.exp(t / 4), v) for v in points]
        whole = mpmath.fsum(parts)
        np.testing.assert_allclose(found, float(mpmath.log(whole)), rtol=3e-6)
        np.testing.assert_allclose(slopes, [float(c / whole) for c in changes], rtol=3e-6, atol=1e-37)


@pytest.mark.parametrize("number", [3, 1000, 10**6])
@pytest.mark.parametrize("rest", [-50.0, -1e-3, 0.0])
def test_mean_of_exponentials_of_any_number(number: int, rest: float) -> None:
    """log(mean(exp(x))) where one exponent leads by much, by little, and not at all; sums may round a few times."""
    x = theon.vector("x")
    values = np.full(number, rest, np.float32)
    values[1] = 0.0
    got = float(theon.function([x], log(theon.mean(exp(x))))(values))
    with mpmath.workdps(50):
        true = mpmath.log((1 + (number - 1) * mpmath.exp(mpmath.mpf(float(np.float32(rest))))) / number)
    assert abs(got - true) <= 4 * ULPS * float(np.finfo(np.float32).eps) * abs(true)


def test_a_power_of_what_underflows() -> None:
    """A base that is positive and still comes out as 0 has, to the power 0, the logarithm 0."""
    x, y = theon.vector("x"), theon.vector("y")
    value = log(theon.nn.softplus(x) ** y)
    run = theon.function([x, y], [value, theon.grad(total(value), x)])
    found, slopes = run(np.array([-200, -2, -2], np.float32), np.array([0, 0, 3], np.float32))
    np.testing.assert_allclose(found, [0, 0, 3 * np.log(np.log1p(np.exp(-2)))], rtol=3e-6)
    assert np.isfinite(slopes).all()


@pytest.mark.parametrize(
    "spelled",
    (
        lambda x: exp(x) - 1 - x,
        lambda x: exp(x) - x - 1,
        lambda x: -(1 + x - exp(x)),
        lambda x: exp(x) + (-1 - x),
    ),
)
def test_terms_that_cancel_in_any_order(spelled: Callable[[Node], Node]) -> None:
    x = theon.vector("x")
    run = theon.function([x], spelled(x))
    points = np.array([1e-12, -1e-8, 1e-4, 0.3], np.float32)
    with mpmath.workdps(60):
        truth = [float(mpmath.expm1(mpmath.mpf(float(p))) - mpmath.mpf(float(p))) for p in points]
    np.testing.assert_allclose(run(points), truth, rtol=1e-6)


def test_the_largest_exponent_is_told_where_it_is_computed_anew() -> None:
    """XLA fuses the product into the difference from the largest, which is then not exactly 0."""
    x, y = theon.vector("x"), theon.vector("y")
    scores = x * y
    run = theon.function(
        [x, y], [theon.logsumexp(scores), theon.nn.log_softmax(scores), theon.logsumexp(scores, axis=())]
    )
    rng = np.random.default_rng(0)
    for scale in (1.0, 30.0, 1e4):
        a, b = (np.asarray(rng.standard_normal(5) * scale**0.5, np.float32) for _ in range(2))
        exact = a.astype(float) * b
        whole = float(np.logaddexp.reduce(exact))
        total, logs, alone = (np.asarray(part) for part in run(a, b))
        np.testing.assert_allclose(total, whole, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(logs, exact - whole, rtol=1e-5, atol=1e-6 * scale)
        np.testing.assert_allclose(alone, exact, rtol=1e-6)


def test_a_product_behind_an_assumption_is_a_term() -> None:
    x = theon.vector("x")
    value = theon.assume(x * 2, "positive") + theon.exp(x) - 1
    np.testing.assert_allclose(theon.function([x], value)([1.0, 2.0]), [2 + np.expm1(1), 4 + np.expm1(2)], rtol=1e-6)


def test_the_other_sign_of_a_difference() -> None:
    """A difference of exponentials has a logarithm where it is positive, and its negative where that is."""
    a, b, w = theon.dscalar("a"), theon.dscalar("b"), theon.dscalar("w")
    rises = (exp(a) - exp(b)) * theon.assume(w, "positive")
    weighted = total(w * exp(theon.stack([a, b])) * np.array([1.0, -1.0])) * theon.assume(w, "positive")
    run = theon.function([a, b, w], [log(rises), log(-rises), log(weighted), log(-weighted)])
    size = np.log(3 * (np.exp(2) - np.exp(1)))
    np.testing.assert_allclose(run(2.0, 1.0, 3.0), [size, np.nan, size + np.log(3), np.nan], rtol=1e-14)
    np.testing.assert_allclose(run(1.0, 2.0, 3.0), [np.nan, size, np.nan, size + np.log(3)], rtol=1e-14)


@pytest.mark.parametrize("function", (lambda y, v: exp(v) - v - 1 + y, lambda y, v: log(y)))
def test_sums_of_sums_that_share_their_terms(function: Callable[[Node, Node], Node]) -> None:
    """Of as many paths as there are Fibonacci numbers, each node is looked at a few times."""
    a, b, v = (theon.dscalar(name) for name in "abv")
    before, y = a, b
    for _ in range(40):
        before, y = y, before + y
    started = time.perf_counter()
    theon.function([a, b, v], function(y, v), on_unused_input="ignore")
    assert time.perf_counter() - started < 20
