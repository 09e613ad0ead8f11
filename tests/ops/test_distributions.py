"""Every distribution of `theon.random`: moments and range against SciPy, gradients against differences and JAX."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np
import pytest
from scipy import stats

import theon
from theon import Node, TheonError
from theon.graph.errors import ArgumentError, DisconnectedError, DTypeError, GradientError, ShapeError

N = 40_000


@dataclass(frozen=True)
class Row:
    """A distribution: how theon is asked for it, and SciPy's; `wrt` are the float parameters that have gradients."""

    name: str
    given: Mapping[str, float]
    truth: Any
    wrt: tuple[str, ...] = ()
    implicit: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{k}={v}' for k, v in self.given.items())})"

    def declare(self, rng: theon.random.Stream, shape: Any, **given: Any) -> Node:
        function: Callable[..., Node] = getattr(theon.random, self.name)
        return function(rng, shape=shape, **{**self.given, **given})


class DoubleMaxwell(stats.rv_continuous):  # type: ignore[misc]  # of a library without types
    """Maxwell's distribution and its mirror image, which SciPy has no name for."""

    def _cdf(self, x: Any) -> Any:
        return 0.5 + 0.5 * np.sign(x) * stats.maxwell.cdf(abs(x))

    def _stats(self) -> tuple[float, ...]:
        return 0.0, 3.0, 0.0, 15 / 9 - 3


LOC = {"loc": 1.5, "scale": 2.0}
ROWS = (
    Row("normal", {"mean": 1.5, "std": 2.0}, stats.norm(1.5, 2.0), ("mean", "std")),
    Row("uniform", {"low": -1.0, "high": 3.0}, stats.uniform(-1, 4), ("low", "high")),
    Row("lognormal", {"mean": 0.2, "std": 0.5}, stats.lognorm(0.5, scale=np.exp(0.2)), ("mean", "std")),
    Row("gumbel", LOC, stats.gumbel_r(1.5, 2.0), ("loc", "scale")),
    Row("laplace", LOC, stats.laplace(1.5, 2.0), ("loc", "scale")),
    Row("cauchy", LOC, stats.cauchy(1.5, 2.0), ("loc", "scale")),
    Row("logistic", LOC, stats.logistic(1.5, 2.0), ("loc", "scale")),
    Row("exponential", {"scale": 2.0}, stats.expon(scale=2.0), ("scale",)),
    Row("rayleigh", {"scale": 2.0}, stats.rayleigh(scale=2.0), ("scale",)),
    Row("weibull", {"a": 1.7, "scale": 2.0}, stats.weibull_min(1.7, scale=2.0), ("a", "scale")),
    Row("weibull", {"a": 0.7}, stats.weibull_min(0.7), ("a",)),
    Row("pareto", {"a": 5.5, "scale": 2.0}, stats.pareto(5.5, scale=2.0), ("a", "scale")),
    Row("gamma", {"a": 2.5, "scale": 2.0}, stats.gamma(2.5, scale=2.0), ("scale",), ("a",)),
    Row("gamma", {"a": 0.3}, stats.gamma(0.3), (), ("a",)),
    Row("gamma", {"a": 40.0}, stats.gamma(40.0), (), ("a",)),
    Row("beta", {"a": 2.0, "b": 3.5}, stats.beta(2.0, 3.5), (), ("a", "b")),
    Row("beta", {"a": 0.4, "b": 0.6}, stats.beta(0.4, 0.6), (), ("a", "b")),
    Row("chisquare", {"df": 3.0}, stats.chi2(3.0), (), ("df",)),
    Row("student_t", {"df": 9.0, **LOC}, stats.t(9.0, 1.5, 2.0), ("loc", "scale"), ("df",)),
    Row("f", {"dfnum": 5.0, "dfden": 12.0}, stats.f(5.0, 12.0), (), ("dfnum", "dfden")),
    Row("maxwell", {"scale": 2.0}, stats.maxwell(scale=2.0), ("scale",)),
    Row(
        "triangular",
        {"left": -1.0, "mode": 0.5, "right": 3.0},
        stats.triang(0.375, -1.0, 4.0),
        ("left", "mode", "right"),
    ),
    Row("wald", {"mean": 1.5, "scale": 4.0}, stats.invgauss(0.375, scale=4.0), (), ("mean", "scale")),
    Row("wald", {"mean": 0.7, "scale": 0.4}, stats.invgauss(1.75, scale=0.4), (), ("mean", "scale")),
    Row(
        "truncated_normal",
        {"lower": -1.0, "upper": 2.0, "mean": 0.5, "std": 1.5},
        stats.truncnorm(-1.0, 1.0, 0.5, 1.5),
        ("lower", "upper", "mean", "std"),
    ),
    Row("truncated_normal", {"lower": 15.0, "upper": 20.0}, stats.truncnorm(15.0, 20.0), ("lower", "upper")),
    Row("truncated_normal", {"lower": -np.inf, "upper": -1.0}, stats.truncnorm(-np.inf, -1.0), ("upper",)),
    Row("halfnormal", LOC, stats.halfnorm(1.5, 2.0), ("loc", "scale")),
    Row("halfcauchy", LOC, stats.halfcauchy(1.5, 2.0), ("loc", "scale")),
    Row("double_sided_maxwell", LOC, DoubleMaxwell()(1.5, 2.0), ("loc", "scale")),
    Row("power", {"a": 0.6, "scale": 2.0}, stats.powerlaw(0.6, scale=2.0), ("a", "scale")),
    Row("truncexpon", {"b": 3.0, **LOC}, stats.truncexpon(3.0, 1.5, 2.0), ("b", "loc", "scale")),
    Row("truncexpon", {"b": 1e-3}, stats.truncexpon(1e-3), ("b",)),
    Row("invgamma", {"a": 6.0, "scale": 2.0}, stats.invgamma(6.0, scale=2.0), ("scale",), ("a",)),
    Row("generalized_normal", {"p": 0.8, **LOC}, stats.gennorm(0.8, 1.5, 2.0), ("loc", "scale"), ("p",)),
    Row("generalized_normal", {"p": 5.0}, stats.gennorm(5.0), (), ("p",)),
    *(
        Row("vonmises", {"mu": 0.0, "kappa": kappa}, stats.vonmises_line(kappa), ("mu",), ("kappa",))
        for kappa in (0.02, 1.5, 30.0)
    ),
    Row("bernoulli", {"p": 0.3}, stats.bernoulli(0.3)),
    Row("randint", {"low": -2, "high": 5}, stats.randint(-2, 5)),
    Row("poisson", {"lam": 3.5}, stats.poisson(3.5)),
    Row("poisson", {"lam": 60.0}, stats.poisson(60.0)),
    Row("geometric", {"p": 0.3}, stats.geom(0.3)),
    Row("binomial", {"n": 7, "p": 0.3}, stats.binom(7, 0.3)),
    Row("binomial", {"n": 100, "p": 0.6}, stats.binom(100, 0.6)),
    Row("negative_binomial", {"n": 3.5, "p": 0.4}, stats.nbinom(3.5, 0.4)),
    Row("hypergeometric", {"ngood": 7, "nbad": 13, "nsample": 12}, stats.hypergeom(20, 7, 12)),
    Row("hypergeometric", {"ngood": 9000, "nbad": 400, "nsample": 5000}, stats.hypergeom(9400, 9000, 5000)),
    Row("zipf", {"a": 6.0}, stats.zipf(6.0)),
    Row("zipf", {"a": 1.7}, stats.zipf(1.7)),
    Row("logseries", {"p": 0.9}, stats.logser(0.9)),
    Row("betabinomial", {"n": 9, "a": 2.0, "b": 0.7}, stats.betabinom(9, 2.0, 0.7)),
    Row("rademacher", {}, stats.rv_discrete(values=((-1, 1), (0.5, 0.5)))),
)
# Tested one by one in test_draws_of_several: their draws are vectors and matrices, or elements of an array.
BY_THEMSELVES = {
    "ball",
    "bits",
    "categorical",
    "choice",
    "dirichlet",
    "multinomial",
    "multivariate_normal",
    "orthogonal",
    "permutation",
}
CONTINUOUS = [row for row in ROWS if isinstance(getattr(row.truth, "dist", None), stats.rv_continuous)]
every_row = pytest.mark.parametrize("row", ROWS, ids=str)


def test_no_distribution_is_left_out() -> None:
    assert {row.name for row in ROWS} | BY_THEMSELVES == set(theon.random.__all__) - {"Stream", "stream"}


@pytest.fixture(scope="module")
def draws() -> dict[str, np.ndarray[Any, Any]]:
    """One draw of every row, by one compiled function."""
    rng = theon.random.stream(seed=2026)
    values = theon.function([], [row.declare(rng, (N,)) for row in ROWS])()
    return {str(row): np.asarray(value) for row, value in zip(ROWS, values, strict=True)}


@every_row
def test_moments_and_range(row: Row, draws: dict[str, np.ndarray[Any, Any]]) -> None:
    """Four standard errors, of the mean and of the variance; where these are not finite, of quartiles."""
    x = draws[str(row)].astype(np.float64)
    low, high = row.truth.support()
    assert x.shape == (N,) and np.isfinite(x).all()
    assert x.min() >= low * (1 - 1e-6 * np.sign(low)) and x.max() <= high * (1 + 1e-6 * np.sign(high))
    mean, var, excess = row.truth.stats(moments="mvk")
    if not np.isfinite(excess):
        quartiles = row.truth.ppf((0.25, 0.5, 0.75))
        shares = [(x <= q).mean() for q in quartiles]
        np.testing.assert_allclose(shares, row.truth.cdf(quartiles), atol=4 * 0.5 / np.sqrt(N))
        return
    assert abs(x.mean() - mean) <= 4 * np.sqrt(var / N)
    assert abs(x.var() - var) <= 4 * var * np.sqrt((2 + excess) / N) + 1e-3 * var


# The moments are there for all of them; the whole distribution function of two in three waits for `-m slow`.
SOMETIMES = [pytest.param(row, marks=pytest.mark.slow) if i % 3 else row for i, row in enumerate(CONTINUOUS)]


@pytest.mark.parametrize("row", SOMETIMES, ids=str)
def test_distribution_functions(row: Row, draws: dict[str, np.ndarray[Any, Any]]) -> None:
    """Kolmogorov-Smirnov at a level that a fixed seed passes for good."""
    assert stats.kstest(draws[str(row)].astype(np.float64), row.truth.cdf).pvalue > 1e-3


@pytest.mark.parametrize("row", [row for row in ROWS if row not in CONTINUOUS], ids=str)
def test_frequencies(row: Row, draws: dict[str, np.ndarray[Any, Any]]) -> None:
    """Chi-square over some thirty numbers, or ranges of them, of which none is rare."""
    x = draws[str(row)].astype(np.float64)
    edges = np.unique(row.truth.ppf(np.linspace(0.005, 0.995, 31)))
    shares = np.diff(row.truth.cdf(edges), prepend=0.0)
    found = np.diff([(x <= edge).sum() for edge in edges], prepend=0)
    rest = N - found.sum()
    want = np.append(shares, 1 - shares.sum()) * N
    if want[-1] < 1e-9:
        assert rest == 0
        found, want = found, want[:-1]
    else:
        found = np.append(found, rest)
    if len(want) > 1:
        assert stats.chisquare(found, want).pvalue > 1e-3


# --- Gradients --------------------------------------------------------------------------------------------------------

SMOOTH = [row for row in ROWS if row.wrt or row.implicit]
STEP = 1e-6


# Those of one formula with others wait for `-m slow`.
ALIKE = {"halfnormal", "halfcauchy", "double_sided_maxwell", "power", "invgamma", "generalized_normal"}
BY_FORMULA = [
    pytest.param(row, marks=pytest.mark.slow) if row.name in ALIKE or row.given.get("kappa", 1.5) != 1.5 else row
    for row in ROWS
    if row.wrt
]


@pytest.mark.parametrize("row", BY_FORMULA, ids=str)
def test_gradients_by_formula_agree_with_differences(row: Row) -> None:
    """The same key at three points, in float64."""
    rng = theon.random.stream(seed=3)
    xs = [theon.dscalar(name) for name in row.wrt]
    out = row.declare(rng, (50,), dtype="float64", **dict(zip(row.wrt, xs, strict=True)))
    slopes = theon.grad(theon.sum(out), xs)
    run = theon.function(xs, [theon.sum(out), *slopes], no_default_updates=True)
    at = [row.given[name] for name in row.wrt]
    _, *found = (float(v) for v in run(*at))
    for i, got in enumerate(found):
        ends = [float(run(*[v + s * STEP * (j == i) for j, v in enumerate(at)])[0]) for s in (1, -1)]
        np.testing.assert_allclose(got, (ends[0] - ends[1]) / (2 * STEP), rtol=1e-6, atol=1e-6)


# One in three; the others wait for `-m slow`.
IMPLICIT = [row for row in ROWS if row.implicit]
IMPLICIT_SOMETIMES = [pytest.param(row, marks=pytest.mark.slow) if i % 3 else row for i, row in enumerate(IMPLICIT)]
# SciPy's distributions by theon's parameters; and those made of one draw, which moves as the distribution does.
FAMILIES: dict[str, Callable[..., Any]] = {
    "gamma": stats.gamma,
    "invgamma": stats.invgamma,
    "beta": stats.beta,
    "chisquare": stats.chi2,
    "student_t": stats.t,
    "f": lambda dfnum, dfden: stats.f(dfnum, dfden),
    "wald": lambda mean, scale: stats.invgauss(mean / scale, scale=scale),
    "generalized_normal": lambda p, **rest: stats.gennorm(p, **rest),
    "vonmises": lambda mu, kappa: stats.vonmises_line(kappa, mu),
}
OF_ONE_DRAW = {"gamma", "invgamma", "chisquare", "wald", "generalized_normal", "vonmises"}


@pytest.mark.parametrize("row", IMPLICIT_SOMETIMES, ids=str)
def test_implicit_gradients_keep_the_probability(row: Row) -> None:
    """Of one draw z the derivative is -(dF/da) / density, here by differences of SciPy's distribution function;
    what is made of several gamma draws agrees in the mean: d/da E[z], and d/da E[z**2]."""
    rng = theon.random.stream(seed=4)
    xs = [theon.dvector(name) for name in row.implicit]
    out = row.declare(rng, (N,), dtype="float64", **dict(zip(row.implicit, xs, strict=True)))
    slopes = theon.grad(theon.sum(out), xs)
    at = [np.full(N, row.given[name]) for name in row.implicit]
    z, *found = (np.asarray(v) for v in theon.function(xs, [out, *slopes])(*at))

    def frozen(name: str, step: float) -> Any:
        return FAMILIES[row.name](**{**row.given, name: row.given[name] + step})

    for name, got in zip(row.implicit, found, strict=True):
        above, below = frozen(name, 1e-4), frozen(name, -1e-4)
        if row.name in OF_ONE_DRAW:
            want = -(above.cdf(z) - below.cdf(z)) / 2e-4 / row.truth.pdf(z)
            inside = (row.truth.cdf(z) > 1e-3) & (row.truth.sf(z) > 1e-3)
            np.testing.assert_allclose(got[inside], want[inside], rtol=1e-4, atol=1e-7)
            continue
        for power in (1, 2):
            terms = got * power * z ** (power - 1)
            want_mean = (above.moment(power) - below.moment(power)) / 2e-4
            assert abs(terms.mean() - want_mean) <= 4 * terms.std() / np.sqrt(N) + 1e-6


def test_log_gamma_gradients_are_those_of_jax() -> None:
    """Down to parameters whose draws underflow but for their logarithms, in float64."""
    a = theon.dvector("a")
    rng = theon.random.stream(seed=2**32 * 7 + 9)
    cost = theon.sum(theon.log(theon.random.gamma(rng, a)))
    values = np.array([0.02, 0.1, 0.7, 1.0, 3.0, 50.0, 1e4])
    got = np.asarray(theon.function([a], theon.grad(cost, a))(values))
    with jax.enable_x64(True), jax.threefry_partitionable(True):
        key = jax.random.fold_in(jax.random.wrap_key_data(jax.numpy.array([7, 9], np.uint32), impl="threefry2x32"), 0)
        want = jax.grad(lambda a: jax.random.loggamma(key, a, (7,), "float64").sum())(values)
    np.testing.assert_allclose(got, want, rtol=1e-9)


def test_wald_draws_bend_as_their_quantiles_do() -> None:
    """The second derivative by the scale, against the quantiles of equal probability at three scales."""
    scale = theon.dvector("scale")
    z = theon.random.wald(theon.random.stream(5), 1.5, scale=scale, dtype="float64")
    first = theon.grad(theon.sum(z), scale)
    at, bend = theon.function([scale], [z, theon.grad(theon.sum(first), scale)])(np.full(200, 4.0))
    shares, h = stats.invgauss(1.5 / 4, scale=4.0).cdf(np.asarray(at)), 1e-3
    low, middle, high = (stats.invgauss(1.5 / s, scale=s).ppf(shares) for s in (4 - h, 4, 4 + h))
    np.testing.assert_allclose(bend, (low - 2 * middle + high) / h**2, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("draw", [theon.random.gamma, lambda rng, k: theon.random.vonmises(rng, 0.0, k)])
def test_a_second_implicit_derivative_is_refused(draw: Callable[..., Node]) -> None:
    a = theon.scalar("a")
    first = theon.grad(draw(theon.random.stream(0), a), a)
    with pytest.raises(GradientError, match="has no derivative in turn"):
        theon.function([a], theon.grad(first, a))(1.0)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row not in SMOOTH and row.given and row.name != "randint"], ids=str
)
def test_discrete_draws_cut_gradients(row: Row) -> None:
    """With the error of a cost that does not depend on its parameter."""
    name = list(row.given)[-1]
    x = theon.scalar(name)
    out = row.declare(theon.random.stream(0), (3,), **{name: x})
    with pytest.raises(DisconnectedError):
        theon.grad(theon.sum(out.astype("float32") * 2.0), x)


# --- What a draw is a function of, and errors -------------------------------------------------------------------------

PROGRAM = """
import numpy as np, theon
r, s = theon.random, theon.random.stream(seed=5)
nodes = [r.exponential(s, 4), r.gamma(s, 2.0, 4), r.vonmises(s, 1.0, 2.0, 4), r.zipf(s, 1.5, 4), r.bits(s, 4),
         r.hypergeometric(s, 30, 40, 25, 4), r.poisson(s, 3.0, 4), r.categorical(s, [0.0, 1.0], 4),
         r.permutation(s, 9), r.choice(s, 9, 4, replace=False), r.student_t(s, 3.0, 4), r.binomial(s, 9, 0.5, 4)]
print([np.asarray(v).tobytes().hex() for v in theon.function([], nodes)()])
"""


def test_same_seed_same_draws_in_a_fresh_process() -> None:
    """However that process configures JAX."""
    configured = "import jax; jax.config.update('jax_threefry_partitionable', False)\n"
    configured += "jax.config.update('jax_default_prng_impl', 'rbg'); jax.config.update('jax_enable_x64', True)\n"
    outputs = {
        subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout
        for text in (PROGRAM, configured + PROGRAM)
    }
    assert len(outputs) == 1


def test_parameters_give_the_shape_and_the_dtype() -> None:
    rng = theon.random.stream(12)
    x = theon.tensor("x", shape=("batch", 3), dtype="float64")
    for row in ROWS:
        if row.given:
            first = next(iter(row.given))
            given = row.declare(rng, None, **{first: np.full((2, 1), row.given[first])}) if row.wrt else None
            assert given is None or (given.dtype == "float64" and given.dims == (2, 1)), row
    y = theon.random.gamma(rng, theon.exp(x))
    assert y.dims == ("batch", 3) and y.dtype == "float64"
    assert np.asarray(theon.function([x], y)(np.zeros((4, 3)))).shape == (4, 3)


def test_every_distribution_takes_a_stream_first() -> None:
    for name in set(theon.random.__all__) - {"Stream", "stream"}:
        assert next(iter(inspect.signature(getattr(theon.random, name)).parameters)) == "rng"


RNG = theon.random.stream(13)
MISTAKES: list[tuple[Callable[[], object], type[TheonError], str]] = [
    (lambda: theon.random.gamma(3, 1.0), ArgumentError, "draws need a stream"),  # type: ignore[arg-type]
    (lambda: theon.random.gamma(RNG, np.ones(3), 2), ShapeError, "does not broadcast"),
    (lambda: theon.random.gumbel(RNG, 2, dtype="int32"), DTypeError, "draws floats, not int32"),
    (lambda: theon.random.poisson(RNG, 1.0, dtype="float32"), DTypeError, "draws ints, not float32"),
    (lambda: theon.random.randint(RNG, 0.5, 3), DTypeError, "a bound is an int"),
    (lambda: theon.random.beta(RNG, 1j, 1.0), DTypeError, "real"),
    (lambda: theon.random.dirichlet(RNG, 1.0), ShapeError, "a last axis"),
    (lambda: theon.random.categorical(RNG, np.zeros((2, 3)), (3,)), ShapeError, "the last axes of the shape"),
    (lambda: theon.random.categorical(RNG, np.zeros(3), 4, replace=False), ShapeError, "without replacement"),
    (lambda: theon.random.choice(RNG, 3, 4, replace=False), ShapeError, "cannot draw 4 without replacement from 3"),
    (lambda: theon.random.choice(RNG, 3, 4, p=np.ones(2)), ShapeError, "for 3 places"),
    (lambda: theon.random.choice(RNG, 1.5), ArgumentError, "an array or an int"),
    (lambda: theon.random.multivariate_normal(RNG, np.ones(2), np.eye(3)), ShapeError, "needs a mean"),
    (lambda: theon.random.vonmises(RNG, 0.0, -1.0), ArgumentError, "kappa is not negative, received -1."),
    (lambda: theon.random.zipf(RNG, [2.0, 1.0]), ArgumentError, "the exponent is above 1, received [2. 1.]"),
    (lambda: theon.random.logseries(RNG, 1.0), ArgumentError, "p lies in [0, 1), received 1."),
    (lambda: theon.random.hypergeometric(RNG, 3, -1, 2), ArgumentError, "nbad is not negative, received -1"),
    (lambda: theon.random.betabinomial(RNG, 3, 1.0, 0.0), ArgumentError, "the parameter is positive, received 0."),
    (lambda: theon.random.truncexpon(RNG, 0.0), ArgumentError, "is positive, received 0."),
    (lambda: theon.random.generalized_normal(RNG, -2.0), ArgumentError, "positive and finite, received -2."),
    (lambda: theon.random.invgamma(RNG, np.nan), ArgumentError, "the parameter is positive, received nan"),
    (lambda: theon.random.ball(RNG, 0), ArgumentError, "the number of dimensions is positive, received 0"),
    (lambda: theon.random.bits(RNG, 3, "int32"), DTypeError, "draws unsigned ints, not int32"),
    (lambda: theon.random.orthogonal(RNG, 2.5), ArgumentError, "is an int"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("mistake", "kind", "text"), MISTAKES)
def test_mistakes_are_reported_where_they_are_made(
    mistake: Callable[[], object], kind: type[TheonError], text: str
) -> None:
    with pytest.raises(kind) as caught:
        mistake()
    assert text in str(caught.value) and "test_distributions.py" in str(caught.value)
