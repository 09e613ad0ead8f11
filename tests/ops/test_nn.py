"""Activations and losses where their formulas overflow or cancel: values and gradients, to second order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import pytest

import theon
from theon.graph.node import Node
from theon.ops.nn import binary_cross_entropy, cross_entropy, log_softmax, logsumexp, relu, softmax, softplus

FAR = (-200.0, 0.0, 200.0)
WEIGHTS = (1.5, -2.0, 0.75)
TINY = float(np.finfo(np.float32).tiny)
ULPS = 4


def single(values: Any) -> Any:
    return np.array(values, np.float32)


def assert_near(got: Any, truth: Sequence[Any]) -> None:
    """Within 4 ulp where the truth is a normal number; next to 0 elsewhere."""
    for mine, true in zip(np.ravel(got), truth, strict=True):
        near = float(true)
        if abs(near) < TINY:
            assert abs(mine) <= 2 * TINY
        else:
            assert abs(mpmath.mpf(float(mine)) - true) <= ULPS * float(np.spacing(np.float32(abs(near))))


def derivatives(along_rows: Callable[[Node], Node], x: Node, point: Any) -> list[Any]:
    """A function of each row, its gradient, and the gradient of its weighted gradient."""
    value = along_rows(x)
    first = theon.grad(value.sum(), x)
    second = theon.grad((first * single(WEIGHTS)).sum(), x)
    return [np.asarray(v) for v in theon.function([x], [value, first, second])(point)]


ROWS: dict[str, tuple[Callable[[Node, int], Node], Callable[[Any, int], Any]]] = {
    "logsumexp": (lambda x, k: logsumexp(x), lambda xs, k: mpmath.log(total(xs))),
    "softmax": (lambda x, k: softmax(x)[..., k], lambda xs, k: mpmath.exp(xs[k]) / total(xs)),
    "log_softmax": (lambda x, k: log_softmax(x)[..., k], lambda xs, k: xs[k] - mpmath.log(total(xs))),
    "labels": (
        lambda x, k: cross_entropy(x, theon.full(x.shape[:-1], k, "int32"), reduction="none"),
        lambda xs, k: mpmath.log(total(xs)) - xs[k],
    ),
    "one-hot": (
        lambda x, k: cross_entropy(x, theon.zeros_like(x)[..., k].set(1.0), reduction="none"),
        lambda xs, k: mpmath.log(total(xs)) - xs[k],
    ),
}


def total(xs: Sequence[Any]) -> Any:
    return mpmath.fsum(mpmath.exp(x) for x in xs)


def differentiated(name: str, k: int) -> list[list[Any]]:
    """The true value, gradient and curvature of a row function at FAR."""
    powers = [mpmath.exp(x) for x in FAR]
    soft = [p / mpmath.fsum(powers) for p in powers]
    hot = [mpmath.mpf(i == k) for i in range(3)]
    mean = mpmath.fsum(w * s for w, s in zip(WEIGHTS, soft, strict=True))
    bent = [s * (w - mean) for w, s in zip(WEIGHTS, soft, strict=True)]  # the weighted gradient of softmax
    value = ROWS[name][1](FAR, k)
    if name == "logsumexp":
        return [[value], soft, bent]
    if name == "softmax":
        first = [value * (h - s) for h, s in zip(hot, soft, strict=True)]
        slope = value * (WEIGHTS[k] - mean)
        return [[value], first, [slope * (h - s) - value * b for h, s, b in zip(hot, soft, bent, strict=True)]]
    sign = 1 if name == "log_softmax" else -1
    return [[value], [sign * (h - s) for h, s in zip(hot, soft, strict=True)], [-sign * b for b in bent]]


@pytest.mark.parametrize("batched", [False, True], ids=["vector", "batch"])
@pytest.mark.parametrize("name", ROWS)
def test_normalised_exponentials_stay_exact_far_out(name: str, batched: bool) -> None:
    with mpmath.workdps(400):
        for k in range(3):
            x = theon.matrix("x") if batched else theon.vector("x")
            point = single([FAR] * 2 if batched else FAR)
            found = derivatives(lambda rows, k=k: ROWS[name][0](rows, k), x, point)  # type: ignore[misc]
            for got, want in zip(found, differentiated(name, k), strict=True):
                for row in got.reshape(-1, len(want)):
                    assert_near(row, want)


def test_gradients_of_logsumexp_are_exact_between_neighbours() -> None:
    """`exp(x - out)` would be off by hundreds of ulp here: `out` is rounded at its own magnitude."""
    xs = single([1000.3, 1000.1, 999.7])
    x = theon.vector("x")
    (got,) = theon.function([x], [theon.grad(logsumexp(x), x)])(xs)
    with mpmath.workdps(60):
        powers = [mpmath.exp(mpmath.mpf(float(v))) for v in xs]
        assert_near(got, [p / mpmath.fsum(powers) for p in powers])


def test_rows_of_minus_infinity() -> None:
    """A row that is -inf everywhere: logsumexp is -inf, softmax 0, and no gradient is nan."""
    x = theon.matrix("x")
    point = single([[-np.inf] * 3, [0.0, -np.inf, 0.0]])
    value, first, second = derivatives(logsumexp, x, point)
    assert value[0] == -np.inf
    assert value[1] == pytest.approx(np.log(2))
    np.testing.assert_allclose(first, np.array([[0, 0, 0], [0.5, 0, 0.5]]), rtol=1e-6)
    assert np.isfinite(second).all()
    value, first, second = derivatives(lambda rows: softmax(rows)[:, 0], x, point)
    np.testing.assert_allclose(value, [0, 0.5], rtol=1e-6)
    assert np.isfinite(first).all()
    assert np.isfinite(second).all()


def test_relu_has_no_slope_at_zero() -> None:
    x = theon.vector("x")
    got = theon.function([x], theon.grad(relu(x).sum(), x))(single([-1.0, -0.0, 0.0, 2.0, np.inf]))
    assert np.asarray(got).tolist() == [0, 0, 0, 1, 1]


def test_softplus_keeps_its_tails() -> None:
    x = theon.vector("x")
    point = single([-80, -20, -1, 0, 1, 20, 200])
    with mpmath.workdps(120):
        run = theon.function([x], [softplus(x), theon.grad(softplus(x).sum(), x)])
        value, slope = run(point)
        powers = [mpmath.exp(mpmath.mpf(float(v))) for v in point]
        assert_near(value, [mpmath.log1p(p) for p in powers])
        assert_near(slope, [p / (1 + p) for p in powers])


def test_binary_cross_entropy_keeps_its_tails() -> None:
    """A right answer that is certain costs little, not nothing."""
    x = theon.vector("x")
    labels = single([1, 0, 1, 0])
    point = single([20, -20, -200, 200])
    (got,) = theon.function([x], [binary_cross_entropy(x, labels, reduction="none")])(point)
    with mpmath.workdps(120):
        signed = [-v if y else v for v, y in zip(point, labels, strict=True)]
        assert_near(got, [mpmath.log1p(mpmath.exp(mpmath.mpf(float(v)))) for v in signed])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "uint64"])
def test_labels_that_name_no_class_give_nan(dtype: str) -> None:
    logits, labels = theon.matrix("logits"), theon.vector("labels", dtype=dtype)
    run = theon.function([logits, labels], cross_entropy(logits, labels, reduction="none"))
    outside = np.array([0, 2, 3, np.iinfo(dtype).max, np.iinfo(dtype).min], dtype)
    got = np.asarray(run(np.zeros((5, 3), np.float32), outside))
    named = (outside >= 0) & (outside < 3)
    np.testing.assert_array_equal(np.isnan(got), ~named)
    np.testing.assert_allclose(got[named], np.log(3), rtol=1e-6)


def test_more_classes_than_the_labels_can_count() -> None:
    logits, labels = theon.matrix("logits"), theon.vector("labels", dtype="int8")
    loss = theon.function([logits, labels], cross_entropy(logits, labels))
    assert float(loss(np.zeros((2, 300), np.float32), np.array([0, 127], np.int8))) == pytest.approx(np.log(300))


def test_half_precision_is_summed_in_single() -> None:
    """4096 equal logits: a sum held in 16 bits stops growing long before."""
    x = theon.vector("x", dtype="bfloat16")
    zeros = np.zeros(4096, theon.bfloat16)
    value, soft = theon.function([x], [logsumexp(x), softmax(x)])(zeros)
    assert float(value) == pytest.approx(np.log(4096), rel=1e-2)
    assert float(soft[0]) == 1 / 4096
