"""Draws: their distribution, and what they are a function of."""

import subprocess
import sys
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import theon
from theon.graph.errors import ArgumentError, DTypeError, ShapeError, TheonError

N = 20_000


def sample(*nodes: theon.Node) -> list[np.ndarray]:
    """One call of a function of draws."""
    return [np.asarray(value) for value in theon.function([], list(nodes))()]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_normal_draws_are_normal(dtype: str) -> None:
    """Kolmogorov-Smirnov at a level that a fixed seed passes for good."""
    rng = theon.random.stream(1)
    (z,) = sample(theon.random.normal(rng, (N,), dtype=dtype))
    assert z.dtype.name == dtype
    assert stats.kstest(z.astype(np.float64), "norm").pvalue > 0.01


def test_mean_and_std_shift_and_scale() -> None:
    """`mean + std * z`, of the same z."""
    rng = theon.random.stream(2)
    x = theon.random.normal(rng, (N, 2), mean=np.array([0.0, 5.0], np.float32), std=np.array([1.0, 0.5], np.float32))
    (value,) = sample(x)
    np.testing.assert_allclose(value.mean(0), [0.0, 5.0], atol=0.03)
    np.testing.assert_allclose(value.std(0), [1.0, 0.5], atol=0.02)


def test_uniform_draws_are_uniform() -> None:
    """On the interval asked for."""
    rng = theon.random.stream(3)
    u, v = sample(theon.random.uniform(rng, N), theon.random.uniform(rng, N, -2.0, 3.0))
    assert stats.kstest(u, "uniform").pvalue > 0.01
    assert stats.kstest((v + 2) / 5, "uniform").pvalue > 0.01
    assert u.min() >= 0 and u.max() < 1


def test_bernoulli_follows_p() -> None:
    """One probability for all, one for each, and the two certain ones."""
    rng = theon.random.stream(4)
    p = np.repeat(np.array([0.0, 0.1, 0.9, 1.0], np.float32)[:, None], N, 1)
    each, plain = sample(theon.random.bernoulli(rng, p), theon.random.bernoulli(rng, 0.25, (N,), dtype="float32"))
    assert each.dtype == bool and plain.dtype == np.float32
    np.testing.assert_allclose(each.mean(1), [0.0, 0.1, 0.9, 1.0], atol=0.01)
    assert plain.mean() == pytest.approx(0.25, abs=0.01)


def test_elements_and_draws_are_uncorrelated() -> None:
    """Rows of one draw, draws of one stream, and two streams."""
    rng, other = theon.random.stream(5), theon.random.stream(6)
    nodes = [
        theon.random.normal(rng, (2, N)),
        theon.random.normal(rng, (1, N)),
        theon.random.normal(other, (1, N)),
    ]
    rows = np.concatenate(sample(*nodes))
    assert np.abs(np.corrcoef(rows) - np.eye(4)).max() < 0.03


# --- what a draw is a function of -----------------------------------------------------------------------------------

PROGRAM = """
import numpy as np, theon
rng = theon.random.stream(seed=-12345678901234567890)
f = theon.function([], [theon.random.normal(rng, (3,)), theon.random.uniform(rng, (2,))])
print([np.asarray(v).tobytes().hex() for _ in range(3) for v in f()])
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
    assert len(set(eval(outputs.pop()))) == 6


def test_draws_are_jax_threefry_draws() -> None:
    """The documented construction: fold in the draw's number, then draw."""
    rng = theon.random.stream(2**32 * 7 + 9)
    theon.random.normal(rng)
    (z,) = sample(theon.random.normal(rng, (4,)))
    key = jax.random.fold_in(jax.random.wrap_key_data(jnp.array([7, 9], np.uint32), impl="threefry2x32"), 1)
    np.testing.assert_array_equal(z, jax.random.normal(key, (4,), "float32"))


def test_a_draw_used_twice_is_one_draw_and_two_draws_differ() -> None:
    """In one call; merging equal nodes is sound."""
    rng = theon.random.stream(8)
    a, b = theon.random.normal(rng, (5,)), theon.random.normal(rng, (5,))
    zero, same, differ = sample(a - a, a, b)
    assert not zero.any()
    assert not np.isclose(same, differ).any()


def test_equal_seeds_give_equal_streams_and_others_differ() -> None:
    """Also where seeds differ in one of their two words alone, or by a multiple of 2**64."""
    seeds = [0, 1, 2**32, 2**64 - 1, 2**64, -1, np.int64(1)]
    draws = sample(*(theon.random.normal(theon.random.stream(seed), (4,)) for seed in seeds))  # type: ignore[arg-type]
    texts = [draw.tobytes() for draw in draws]
    assert texts[0] == texts[4] and texts[3] == texts[5] and texts[1] == texts[6]
    assert len(set(texts)) == 4


def test_each_call_moves_on_and_a_saved_key_resumes() -> None:
    """Bit for bit."""
    rng = theon.random.stream(9)
    f = theon.function([], theon.random.normal(rng, (3,)))
    first, saved, second, third = np.asarray(f()), rng.state.get_value(), np.asarray(f()), np.asarray(f())
    assert not np.isclose(first, second).any() and not np.isclose(second, third).any()
    rng.state.set_value(saved)
    np.testing.assert_array_equal(f(), second)
    np.testing.assert_array_equal(f(), third)


def test_a_slot_moves_once_per_call_however_many_draws() -> None:
    """And not at all without default updates."""
    rng, one = theon.random.stream(10), theon.random.stream(10)
    many = theon.function([], [theon.random.normal(rng), theon.random.uniform(rng, 3)])
    few = theon.function([], theon.random.normal(one))
    many()
    few()
    np.testing.assert_array_equal(rng.state.get_value(), one.state.get_value())
    still = theon.function([], theon.random.normal(one), no_default_updates=True)
    np.testing.assert_array_equal(still(), still())


def test_draws_in_a_loop_differ_from_step_to_step() -> None:
    """One declared outside does not; the counter of the loop makes the difference."""
    rng = theon.random.stream(11)
    outside = theon.random.normal(rng)
    _, (inner, outer) = theon.scan(lambda c, _: (c, (theon.random.normal(rng), outside)), 0.0, None, length=50)
    inside, same = sample(inner, outer)
    assert len(np.unique(inside)) == 50
    assert len(np.unique(same)) == 1


def test_draws_in_nested_loops_all_differ() -> None:
    """Every pair of counters is a key of its own."""
    rng = theon.random.stream(12)

    def row(c: theon.Node, _: None) -> tuple[theon.Node, theon.Node]:
        _, ys = theon.scan(lambda d, _: (d, theon.random.normal(rng)), c, None, length=4)
        return c, ys

    (ys,) = sample(theon.scan(row, 0.0, None, length=5)[1])
    assert ys.shape == (5, 4) and len(np.unique(ys)) == 20


def test_examples_of_a_vectorised_function_draw_for_themselves() -> None:
    """As the steps of a loop do."""
    rng = theon.random.stream(13)
    xs = theon.vector("xs")
    y = theon.vectorize(lambda x: x + theon.random.normal(rng, (2,)))(xs)
    value = np.asarray(theon.function([xs], y)(np.zeros(6, np.float32)))
    assert value.shape == (6, 2) and len(np.unique(value)) == 12


# --- declaring --------------------------------------------------------------------------------------------------------


def test_shape_may_be_that_of_an_input() -> None:
    """A size that is known at the call."""
    rng = theon.random.stream(14)
    x = theon.tensor("x", shape=("batch", 3))
    z = theon.random.normal(rng, x.shape)
    assert z.dims == ("batch", 3)
    f = theon.function([x], [z, theon.random.bernoulli(rng, theon.sigmoid(x))])
    assert [v.shape for v in f(np.zeros((4, 3), np.float32))] == [(4, 3), (4, 3)]


def test_reparametrised_gradient() -> None:
    """d/dstd sum(mean + std z) is sum(z), and d/dmean is the number of draws."""
    rng = theon.random.stream(15)
    mean, std = theon.scalar("mean"), theon.scalar("std")
    z = theon.random.normal(rng, (6,), mean, std)
    by_mean, by_std = theon.grad(theon.sum(z), [mean, std])
    z_, m, s = (np.asarray(v) for v in theon.function([mean, std], [z, by_mean, by_std])(1.0, 2.0))
    assert float(m) == 6
    np.testing.assert_allclose(s, ((z_ - 1) / 2).sum(), rtol=1e-5)


def test_gradient_through_a_loop_meets_the_draws_of_the_forward_pass() -> None:
    """The backward scan makes the same numbers again."""
    rng = theon.random.stream(16)
    w = theon.dscalar("w")
    total, zs = theon.scan(
        lambda c, _: (lambda z: (c + theon.sin(w * z), z))(theon.random.normal(rng, dtype="float64")),
        np.float64(0),
        None,
        length=7,
    )
    g, z = (np.asarray(v) for v in theon.function([w], [theon.grad(total, w), zs])(0.7))
    np.testing.assert_allclose(g, (z * np.cos(0.7 * z)).sum(), rtol=1e-12)


def test_dtypes_follow_the_parameters() -> None:
    """Numbers are weak, arrays are not, ints give the default float."""
    rng = theon.random.stream(17)
    assert theon.random.normal(rng).dtype == "float32"
    assert theon.random.normal(rng, 2, mean=np.zeros(2)).dtype == "float64"
    assert theon.random.uniform(rng, 2, 1, 5).dtype == "float32"
    assert theon.random.normal(rng, dtype="bfloat16").dtype.name == "bfloat16"
    with theon.default_float("float64"):
        assert theon.random.normal(rng).dtype == "float64"


RNG = theon.random.stream(18)
MISTAKES: list[tuple[Callable[[], object], type[TheonError], str]] = [
    (lambda: theon.random.stream(1.5), ArgumentError, "a seed is an int, received 1.5"),  # type: ignore[arg-type]
    (lambda: theon.random.stream(True), ArgumentError, "a seed is an int, received True"),
    (lambda: theon.random.normal(3), ArgumentError, "draws need a stream"),  # type: ignore[arg-type]
    (lambda: theon.random.normal(RNG, (-1,)), ShapeError, "a size cannot be negative"),
    (lambda: theon.random.normal(RNG, "ab"), ArgumentError, "is an int"),
    (lambda: theon.random.normal(RNG, (3,), dtype="int32"), DTypeError, "draws floats, not int32"),
    (
        lambda: theon.random.normal(RNG, (3,), np.zeros((2, 3))),
        ShapeError,
        "does not broadcast to the draw's shape, (3)",
    ),
    (lambda: theon.random.normal(RNG, (1,), np.zeros(3)), ShapeError, "does not broadcast"),
    (lambda: theon.random.bernoulli(RNG, 1.5), ArgumentError, "between 0 and 1, received 1.5"),
    (lambda: theon.random.bernoulli(RNG, float("nan")), ArgumentError, "between 0 and 1, received nan"),
    (lambda: theon.random.uniform(RNG, 2, 1j), DTypeError, "real"),
]


@pytest.mark.parametrize(("mistake", "kind", "text"), MISTAKES)
def test_mistakes_are_reported_where_they_are_made(
    mistake: Callable[[], object], kind: type[TheonError], text: str
) -> None:
    """One block, with this file's line in it."""
    with pytest.raises(kind) as caught:
        mistake()
    assert text in str(caught.value) and "test_random.py" in str(caught.value)


# --- dropout ----------------------------------------------------------------------------------------------------------


def test_dropout_is_the_identity_outside_training() -> None:
    """And leaves its stream alone."""
    rng = theon.random.stream(19)
    x = theon.vector("x")
    f = theon.function([x], theon.nn.dropout(x, 0.5, rng))
    before = rng.state.get_value()
    np.testing.assert_array_equal(f(np.arange(5, dtype=np.float32)), np.arange(5))
    np.testing.assert_array_equal(rng.state.get_value(), before)


def test_dropout_in_training_drops_and_rescales() -> None:
    """The mean is kept; the gradient is the mask of the same call, also where x is infinite."""
    rng = theon.random.stream(20)
    x = theon.vector("x")
    y = theon.nn.dropout(x, 0.25, rng)
    f = theon.function([x], [y, theon.grad(theon.sum(y), x)], givens={theon.training: True})
    value, gradient = (np.asarray(v) for v in f(np.ones(N, np.float32)))
    assert set(np.unique(value)) == {np.float32(0), np.float32(1) / np.float32(0.75)}
    assert (value == 0).mean() == pytest.approx(0.25, abs=0.01)
    np.testing.assert_array_equal(value, gradient)
    again = np.asarray(f(np.full(N, np.inf, np.float32))[0])
    assert set(np.unique(again)) == {0, np.inf}
    assert ((again == 0) != (value == 0)).any()


def test_dropout_by_an_input_of_the_function() -> None:
    """`theon.training` may be an input: one function, two programs."""
    rng = theon.random.stream(21)
    x = theon.vector("x")
    f = theon.function([x, theon.training], theon.nn.dropout(x, 0.5, rng))
    ones = np.ones(50, np.float32)
    np.testing.assert_array_equal(f(ones, False), ones)
    assert set(np.unique(f(ones, True))) == {0, 2}


@pytest.mark.parametrize("rate", [1.0, -0.1, float("nan"), True, "half"])
def test_dropout_refuses_other_rates(rate: float) -> None:
    """At the user's line."""
    with pytest.raises(ArgumentError, match=r"the rate is a number in \[0, 1\)"):
        theon.nn.dropout(theon.vector("x"), rate, RNG)
    assert theon.nn.dropout(theon.vector("x"), 0, RNG).name == "x"
    with pytest.raises(DTypeError, match="needs floats"):
        theon.nn.dropout(theon.ivector("i"), 0.5, RNG)


def test_truncated_normal_far_out() -> None:
    """Beyond where the distribution function underflows in float64; with gradients by all parameters, which keep the
    draw's share of what is between the bounds."""
    bounds, n = [(60.0, 60.03), (-np.inf, -45.0), (38.0, np.inf)], 2000
    xs = [theon.dmatrix(name) for name in ("lower", "upper", "mean", "std")]
    out = theon.random.truncated_normal(theon.random.stream(6), xs[0], xs[1], mean=xs[2], std=xs[3])
    run = theon.function(xs, [out, *theon.grad(theon.sum(out), xs)], no_default_updates=True)
    at = [np.repeat(np.array([row]).T, n, 1) for row in (*zip(*bounds, strict=True), (0.0,) * 3, (1.0,) * 3)]
    found, *slopes = (np.asarray(v) for v in run(*at))
    for x, (low, high) in zip(found, bounds, strict=True):
        assert x.min() >= low and x.max() <= high
        assert stats.kstest(x, stats.truncnorm(low, high).cdf).pvalue > 1e-3
    for i, slope in enumerate(slopes):
        above, below = (np.asarray(run(*(v + s * 1e-6 * (j == i) for j, v in enumerate(at)))[0]) for s in (1, -1))
        np.testing.assert_allclose(slope, (above - below) / 2e-6, rtol=1e-5, atol=1e-6)
