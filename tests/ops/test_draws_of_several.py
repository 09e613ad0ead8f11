"""Draws of vectors and matrices, and choices among the elements of an array: moments and frequencies."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

import theon
from theon import Node

N = 40_000


def sample(*nodes: Node) -> list[np.ndarray[Any, Any]]:
    return [np.asarray(value) for value in theon.function([], list(nodes))()]


def test_dirichlet() -> None:
    alpha = np.array([0.5, 2.0, 4.0])
    (x,) = sample(theon.random.dirichlet(theon.random.stream(5), alpha, N))
    truth = stats.dirichlet(alpha)
    assert x.shape == (N, 3)
    np.testing.assert_allclose(x.sum(-1), 1)
    assert (abs(x.mean(0) - truth.mean()) <= 4 * np.sqrt(truth.var() / N)).all()
    np.testing.assert_allclose(np.cov(x.T), truth.cov(), atol=0.003)
    a = theon.dvector("a")
    first = theon.random.dirichlet(theon.random.stream(6), a, N)[:, 0]
    slope = np.asarray(theon.function([a], theon.grad(theon.mean(first), a))(alpha))
    total = alpha.sum()
    np.testing.assert_allclose(slope, np.array([1, 0, 0]) / total - alpha[0] / total**2, atol=0.004)


def test_multivariate_normal() -> None:
    mean, cov = np.array([1.0, -2.0]), np.array([[2.0, 0.6], [0.6, 0.5]])
    (x,) = sample(theon.random.multivariate_normal(theon.random.stream(7), mean, cov, (N,)))
    assert (abs(x.mean(0) - mean) <= 4 * np.sqrt(cov.diagonal() / N)).all()
    np.testing.assert_allclose(np.cov(x.T), cov, atol=0.05)
    m, c = theon.dvector("m"), theon.dmatrix("c")
    draw = theon.random.multivariate_normal(theon.random.stream(8), m, c, N)
    slope = theon.grad(theon.mean(draw[:, 1] ** 2), c)  # of m[1]**2 + c[1, 1]
    found = np.asarray(theon.function([m, c], slope)(mean, cov))
    np.testing.assert_allclose(found[1, 1], 1.0, atol=0.05)


def test_orthogonal() -> None:
    q, one = sample(
        theon.random.orthogonal(theon.random.stream(9), 4, (5000,)),
        theon.random.orthogonal(theon.random.stream(9), 3),
    )
    assert one.shape == (3, 3)
    np.testing.assert_allclose(q @ q.swapaxes(-1, -2), np.broadcast_to(np.eye(4), q.shape), atol=1e-5)
    np.testing.assert_allclose((q**2).mean(0), np.full((4, 4), 0.25), atol=0.02)
    np.testing.assert_allclose(q.mean(0), np.zeros((4, 4)), atol=0.03)


def test_categorical() -> None:
    """Frequencies with replacement; without, distinct numbers, of which the first follows the probabilities."""
    logits = np.log(np.array([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]]))
    rng = theon.random.stream(10)
    many, plain, apart = sample(
        theon.random.categorical(rng, logits, (N, 2)),
        theon.random.categorical(rng, logits),
        theon.vectorize(lambda _: theon.random.categorical(rng, logits[0], (2,), replace=False))(np.zeros(N)),
    )
    assert plain.shape == (2,) and many.dtype == np.int32
    for row, p in enumerate(np.exp(logits)):
        found = np.bincount(many[:, row], minlength=3)
        assert stats.chisquare(found, p * N).pvalue > 1e-3
    assert (apart[:, 0] != apart[:, 1]).all()
    assert stats.chisquare(np.bincount(apart[:, 0], minlength=3), np.exp(logits[0]) * N).pvalue > 1e-3


def test_multinomial() -> None:
    """Counts with the right sum, means and covariances; what cannot come up does not."""
    p = np.array([[0.2, 0.5, 0.0, 0.3], [1.0, 0.0, 0.0, 0.0]])
    many, plain = sample(
        theon.random.multinomial(theon.random.stream(12), 6, p, (N, 2)),
        theon.random.multinomial(theon.random.stream(12), [3, 0], [0.5, 0.5]),
    )
    assert many.shape == (N, 2, 4) and many.dtype == np.int32 and plain.shape == (2, 2)
    assert (many.sum(-1) == 6).all() and (many >= 0).all() and plain.sum(-1).tolist() == [3, 0]
    for row, chances in enumerate(p):
        found = many[:, row].astype(np.float64)
        spread = 6 * (np.diag(chances) - np.outer(chances, chances))
        assert (np.abs(found.mean(0) - 6 * chances) <= 4 * np.sqrt(np.diag(spread) / N)).all()
        np.testing.assert_allclose(np.cov(found.T), spread, atol=0.1)


def test_choice_and_permutation() -> None:
    rng = theon.random.stream(11)
    x = theon.tensor("x", shape=(5, 2), dtype="float64")
    p = np.array([0.1, 0.2, 0.3, 0.4])
    weighted, plain = sample(theon.random.choice(rng, 4, N, p=p), theon.random.choice(rng, 4, (N,)))
    assert stats.chisquare(np.bincount(weighted), p * N).pvalue > 1e-3
    assert stats.chisquare(np.bincount(plain)).pvalue > 1e-3
    order, rows, few = (
        theon.random.permutation(rng, 6),
        theon.random.permutation(rng, x),
        theon.random.choice(rng, x, 3, replace=False),
    )
    by_x = theon.grad(theon.sum(rows * np.arange(5.0)[:, None]), x)
    data = np.arange(10.0).reshape(5, 2)
    o, r, f, g = (np.asarray(v) for v in theon.function([x], [order, rows, few, by_x])(data))
    assert sorted(o) == list(range(6))
    assert sorted(r[:, 0]) == list(data[:, 0]) and (r[:, 1] == r[:, 0] + 1).all()
    assert f.shape == (3, 2) and len(set(f[:, 0])) == 3
    np.testing.assert_array_equal(g[(r[:, 0] / 2).astype(int), 0], np.arange(5.0))
    shuffled = theon.vectorize(lambda _: theon.random.permutation(rng, 3))(np.zeros(N))
    (all_orders,) = sample(shuffled)
    counts = np.unique(all_orders @ np.array([9, 3, 1]), return_counts=True)[1]
    assert len(counts) == 6 and stats.chisquare(counts).pvalue > 1e-3


def test_multinomial_of_many_trials() -> None:
    """More than float32 can count; and no trial is left for what cannot come up, however the chances are rounded."""
    n = 2**24 + 1
    (many,) = sample(theon.random.multinomial(theon.random.stream(13), n, [0.1, 0.2, 0.7, 0.0], 20))
    assert (many.sum(-1) == n).all() and (many[:, 3] == 0).all()
    (one,) = sample(theon.random.multinomial(theon.random.stream(13), n, [1.0]))
    assert one.tolist() == [n]
