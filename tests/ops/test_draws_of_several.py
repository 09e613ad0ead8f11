"""Draws of vectors and matrices, and choices among the elements of an array: moments and frequencies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special, stats

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


@pytest.mark.parametrize("p", [pytest.param(p, marks=pytest.mark.slow) if p != 2 else p for p in (0.5, 1.0, 2.0, 40.0)])
def test_ball(p: float) -> None:
    """Of even draws, the power of the norm by the number of dimensions is even; and directions balance."""
    (x,) = sample(theon.random.ball(theon.random.stream(13), 3, p, N, dtype="float64"))
    assert x.shape == (N, 3)
    norm = (np.abs(x) ** p).sum(-1) ** (1 / p)
    assert stats.kstest(norm**3, "uniform").pvalue > 1e-3
    # One coordinate's magnitude, by the power: the first part of a Dirichlet vector.
    assert stats.kstest(np.abs(x[:, 0]) ** p, stats.beta(1 / p, 2 / p + 1).cdf).pvalue > 1e-3
    assert (np.abs(np.sign(x).mean(0)) < 4 / np.sqrt(N)).all()
    assert np.abs(np.corrcoef(np.sign(x).T) - np.eye(3)).max() < 5 / np.sqrt(N)


def test_ball_by_parameters() -> None:
    """One ball for each power; by p the mean size of a coordinate moves as it should."""
    p = theon.dvector("p")
    x = theon.random.ball(theon.random.stream(14), 2, p, (N, 2))
    assert theon.random.ball(theon.random.stream(14), 2, p).dims == (None, 2)
    found, slope = theon.function([p], [x, theon.grad(theon.mean(abs(x[:, :, 0]), axis=0).sum(), p)])([1.0, 3.0])

    def mean(p: Any) -> Any:
        """Of a coordinate: E[B**(1/p)] of beta draws B."""
        a, b = 1 / p, 1 / p + 1
        return np.exp(special.betaln(a + 1 / p, b) - special.betaln(a, b))

    at = np.array([1.0, 3.0])
    np.testing.assert_allclose(np.abs(np.asarray(found)).mean((0, 2)), mean(at), atol=0.006)
    np.testing.assert_allclose(slope, (mean(at + 1e-5) - mean(at - 1e-5)) / 2e-5, atol=0.006)


def test_bits() -> None:
    """Every bit is as often set as not, and independent of its neighbour."""
    rng = theon.random.stream(15)
    for dtype in ("uint8", "uint16", "uint32", "uint64"):
        (x,) = sample(theon.random.bits(rng, N, dtype))
        assert x.dtype == dtype
        set_ = (x[:, None] >> np.arange(8 * x.dtype.itemsize, dtype=dtype)) & np.array(1, dtype)
        assert (np.abs(set_.mean(0) - 0.5) < 4.5 * 0.5 / np.sqrt(N)).all()
        assert (np.abs((set_[:, 1:] ^ set_[:, :-1]).mean(0) - 0.5) < 4.5 * 0.5 / np.sqrt(N)).all()


def test_angles_around_a_middle() -> None:
    """From -pi to pi, wherever the middle is: the mean of cosines and sines around it."""
    mu = np.array([-2.5, 0.4, 3.0, 40.0])
    (x,) = sample(theon.random.vonmises(theon.random.stream(16), mu, [0.0, 2.0, 9.0, 1e9], (N, 4)))
    assert np.abs(x).max() <= np.pi + 1e-6
    away = x.astype(np.float64) - mu
    want = special.i1e([0.0, 2.0, 9.0, 1e9]) / special.i0e([0.0, 2.0, 9.0, 1e9])
    np.testing.assert_allclose(np.cos(away).mean(0), want, atol=4 / np.sqrt(2 * N))
    np.testing.assert_allclose(np.sin(away).mean(0), 0, atol=4 / np.sqrt(2 * N))
    kappa = theon.dvector("kappa")
    at = theon.function([kappa], theon.random.vonmises(theon.random.stream(17), 0.0, kappa))
    narrow, none = np.asarray(at(np.full(N, 1e9))), np.asarray(at([-1.0, 1e300]))
    assert stats.kstest(narrow * np.sqrt(1e9), "norm").pvalue > 1e-3
    assert np.isnan(none[0]) and abs(none[1]) < 1e-60


def test_slopes_of_angles_at_far_concentrations() -> None:
    """Where a normal distribution takes over: the angle is z / sqrt(kappa), its slope minus half of it over kappa."""
    kappa = theon.dvector("kappa")
    x = theon.random.vonmises(theon.random.stream(18), 0.0, kappa)
    for size in (1e5, 1e12):
        z, slope = theon.function([kappa], [x, theon.grad(x.sum(), kappa)])(np.full(500, size))
        np.testing.assert_allclose(slope, np.asarray(z) * (-0.5 / size), rtol=20 / size + 1e-9)


def test_counts_of_extreme_parameters() -> None:
    """Urns of billions, exponents at 1, hardly anything but one; and what has no distribution."""
    rng = theon.random.stream(19)
    urn, flat, steep, long, none = sample(
        theon.random.hypergeometric(rng, 10**9, 10**9, 10**4, (N,)),
        theon.random.zipf(rng, np.float64(1 + 1e-9), (N,), dtype="int64"),
        theon.random.zipf(rng, [1e4, np.inf], (N, 2)),
        theon.random.logseries(rng, np.full(N, 1 - 1e-9), dtype="int64"),
        theon.random.hypergeometric(rng, 3, 2, 6),
    )
    x = theon.dvector("x")
    nothing = [theon.random.hypergeometric(rng, x, 2, 1), theon.random.zipf(rng, x), theon.random.logseries(rng, x)]
    beyond = np.asarray(theon.function([x], theon.stack(nothing))([-1.0, np.nan]))
    assert abs(urn.mean() - 5e3) < 4 * np.sqrt(2500 / N) and abs(urn.var() / 2500 - 1) < 4 * np.sqrt(2 / N)
    # At exponent 1, cut at 2**63: the logarithm is even, and 1 has one in about log(2**63) + 0.577.
    even = stats.uniform(*np.log([1e4, 2**63 / 1e4]))
    assert flat.min() == 1 and stats.kstest(np.log(flat[flat > 1e4]), even.cdf).pvalue > 1e-3
    assert abs((flat == 1).mean() - 1 / (63 * np.log(2) + np.euler_gamma)) < 4 * np.sqrt(0.023 / N)
    assert (steep == 1).all()
    truth = stats.logser(1 - 1e-9)
    assert abs((long == 1).mean() - truth.pmf(1)) < 4 * np.sqrt(0.05 / N) and long.max() > 1e8
    assert none == -1 and (beyond == -1).all()


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
