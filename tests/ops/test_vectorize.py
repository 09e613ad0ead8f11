"""Vectorised functions against `jax.vmap`: values, gradients inside and outside, of orders one and two."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon
from theon.compiler.compilation import Options, Signature
from theon.compiler.passes import compile_graph
from theon.graph.check import check
from theon.graph.errors import ArgumentError, ShapeError, TheonError
from theon.graph.graph import Graph
from theon.ops.batching import Batched
from theon.ops.vectorize import Vectorized

RNG = np.random.default_rng(0)
X, W, V = RNG.standard_normal((5, 3)), RNG.standard_normal((3, 4)), RNG.standard_normal((4,))

QUICK = {"xla_backend_optimization_level": 0}  # these programs run once: compiling them is what takes time

x, w, v = theon.dmatrix("x"), theon.dmatrix("w"), theon.dvector("v")

Case = tuple[str, Callable[[Any], Any], Callable[..., Any]]  # what it is, in theon, in JAX on (X, W, V)

tanh_w: Callable[[Any], Any] = lambda a: theon.tanh(a @ w)  # noqa: E731

CASES: list[Case] = [
    ("softmax", lambda m: m(lambda a: theon.exp(a) / theon.sum(theon.exp(a)))(x), lambda X, W, V: jax.nn.softmax(X)),
    ("matmul", lambda m: m(lambda a: tanh_w(a) @ v)(x), lambda X, W, V: jnp.tanh(X @ W) @ V),
    ("broadcasting", lambda m: m(lambda a: a[:, None] * w)(x), lambda X, W, V: X[:, :, None] * W),
    ("scalars", lambda m: m(lambda a, b: a * b + 1)(x[:, 0], x), lambda X, W, V: X[:, :1] * X + 1),
    ("axes", lambda m: m(lambda a, b: theon.sum(a) * b, (1, None), -1)(x, v), lambda X, W, V: V[:, None] * X.sum(0)),
    ("one for all", lambda m: m(lambda a: v * 2)(x), lambda X, W, V: jnp.tile(V * 2, (5, 1))),
    (
        "nested",
        lambda m: m(lambda a: m(lambda c: theon.sin(a * c), 1)(w))(x),
        lambda X, W, V: jnp.sin(X[:, None] * W.T),
    ),
    ("nest of arguments", lambda m: m(lambda d: d["a"] * d["b"][0])({"a": x, "b": [x]}), lambda X, W, V: X * X),
    (
        "several results",
        lambda m: (lambda r: r[0] + r[1][0].T)(m(lambda a: (a, [theon.softmax(a)]), 0, (0, 1))(x)),
        lambda X, W, V: X + jax.nn.softmax(X),
    ),
    (
        "index by a value",
        lambda m: m(lambda a: a[theon.argmax(a)] * a[::-1])(x),
        lambda X, W, V: X.max(1, keepdims=True) * X[:, ::-1],
    ),
    ("set", lambda m: m(lambda a: a[1:].set(a[0]))(x), lambda X, W, V: jnp.tile(X[:, :1], (1, 3))),
    (
        "reshape",
        lambda m: m(lambda a: (a[:, None] * v).reshape((a.shape[0] * 2, -1)))(x),
        lambda X, W, V: (X[:, :, None] * V).reshape(5, 6, 2),
    ),
    (
        "where",
        lambda m: m(lambda a: theon.where(theon.sum(a) > 0, a, v[0]))(x),
        lambda X, W, V: jnp.where(X.sum(1, keepdims=True) > 0, X, V[0]),
    ),
    ("variance", lambda m: m(lambda a: theon.var(a))(x), lambda X, W, V: jnp.var(X, 1)),
    ("cast", lambda m: m(lambda a: (a * 10).astype("int32").astype("float64"))(x), lambda X, W, V: jnp.trunc(X * 10)),
    (
        "from_jax",
        lambda m: m(theon.from_jax(lambda a, b: jnp.tanh(a) * b[:3], out=((3,), "float64")), (0, None))(x, v),
        lambda X, W, V: jnp.tanh(X) * V[:3],
    ),
    (
        "from_jax, several results",
        lambda m: (lambda r: r[0] * r[2] + r[1][:, None])(
            m(
                theon.from_jax(
                    lambda a: (jnp.sin(a), jnp.argmax(a), jnp.cos(a)),
                    out=[((3,), "float64"), ((), "int64"), ((3,), "float64")],
                )
            )(x)
        ),
        lambda X, W, V: jnp.sin(X) * jnp.cos(X) + jnp.argmax(X, 1)[:, None],
    ),
    (
        "scan",
        lambda m: m(lambda a: theon.scan(lambda c, e: (theon.tanh(c * e + v[0]), c + a[0]), v[1], a)[1])(x),
        lambda X, W, V: jax.vmap(lambda a: jax.lax.scan(lambda c, e: (jnp.tanh(c * e + V[0]), c + a[0]), V[1], a)[1])(
            X
        ),
    ),
    (
        "scan over what is shared",
        lambda m: m(lambda a: theon.scan(lambda c, e: (c + e, (c * a[0], e)), v[1], v)[1][0])(x),
        lambda X, W, V: (V[1] + jnp.cumsum(V) - V) * X[:, :1],
    ),
    ("checkpoint", lambda m: m(theon.checkpoint(tanh_w))(x), lambda X, W, V: jnp.tanh(X @ W)),
    (
        "gradient by the example",
        lambda m: m(lambda a: theon.grad(tanh_w(a) @ v, a))(x),
        lambda X, W, V: jax.vmap(jax.grad(lambda a: jnp.tanh(a @ W) @ V))(X),
    ),
    (
        "gradient by what is shared",
        lambda m: m(lambda a: theon.grad(tanh_w(a) @ v, w))(x),
        lambda X, W, V: jax.vmap(lambda a: jax.grad(lambda W: jnp.tanh(a @ W) @ V)(W))(X),
    ),
    (
        "gradient by what is shared, from afar",
        lambda m: m(lambda a: theon.grad(theon.tanh(a @ (w * 2)) @ v, w))(x),
        lambda X, W, V: jax.vmap(lambda a: jax.grad(lambda W: jnp.tanh(a @ (W * 2)) @ V)(W))(X),
    ),
    (
        "gradient by an intermediate",
        lambda m: m(lambda a: (lambda h: theon.grad(theon.sum(h**3), h))(theon.sin(a)))(x),
        lambda X, W, V: 3 * jnp.sin(X) ** 2,
    ),
    (
        "gradient by what is shared and by what is made of it",
        lambda m: (lambda h: m(lambda a: sum(theon.grad(theon.sum(a @ h * theon.sin(w[0])), [h, w]), 0.0))(x))(w * w),
        lambda X, W, V: jax.vmap(
            lambda a: sum(jax.grad(lambda H, W: jnp.sum(a @ (H + W * W) * jnp.sin(W[0])), (0, 1))(W * 0, W))
        )(X),
    ),
    (
        "gradient in and through a scan",
        lambda m: m(lambda a: theon.grad(theon.scan(lambda c, e: (theon.tanh(c * e + v[0]), None), v[1], a)[0], v))(x),
        lambda X, W, V: jax.vmap(
            lambda a: jax.grad(lambda V: jax.lax.scan(lambda c, e: (jnp.tanh(c * e + V[0]), None), V[1], a)[0])(V)
        )(X),
    ),
    (
        "Hessians",
        lambda m: m(lambda a: theon.grad(theon.sum(theon.grad(theon.sum(tanh_w(a) ** 3), a) ** 2), a))(x),
        lambda X, W, V: jax.vmap(
            jax.grad(lambda a: jnp.sum(jax.grad(lambda b: jnp.sum(jnp.tanh(b @ W) ** 3))(a) ** 2))
        )(X),
    ),
]


def compute(output: Any, rewrites: str = "default") -> Any:
    """At X, W, V."""
    options = Options(rewrites=rewrites)
    return theon.function([x, w, v], output, on_unused_input="ignore", options=options)(X, W, V)


def in_jax(fn: Callable[..., Any]) -> Any:
    """The same in JAX, in 64 bits."""
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, jax.jit(fn, compiler_options=QUICK)(X, W, V))


# One gradient in three; the others wait for `-m slow`.
SOMETIMES = [pytest.param(case, id=case[0], marks=pytest.mark.slow if i % 3 else ()) for i, case in enumerate(CASES)]


@pytest.mark.parametrize("rewrites", ["default", "none"])
@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_values(case: Case, rewrites: str) -> None:
    """As JAX has them."""
    _, ours, theirs = case
    value = compute(ours(theon.vectorize), rewrites)
    np.testing.assert_allclose(value, in_jax(theirs), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("case", SOMETIMES)
def test_gradients(case: Case) -> None:
    """Through the vectorised function, orders one and two."""
    _, ours, theirs = case
    loss = theon.sum(theon.sin(ours(theon.vectorize)) ** 2)
    first = theon.grad(loss, [x, w, v], disconnected_inputs="zero")
    second = theon.grad(theon.sum(theon.concat([g.ravel() for g in first]) ** 2), [x, w, v], disconnected_inputs="zero")

    def gradient(*at: Any) -> Any:
        return jax.grad(lambda *at: jnp.sum(jnp.sin(theirs(*at)) ** 2), (0, 1, 2))(*at)

    def again(*at: Any) -> Any:
        return jax.grad(lambda *at: sum(jnp.sum(g**2) for g in gradient(*at)), (0, 1, 2))(*at)

    for got, want in zip(compute([*first, *second]), in_jax(lambda *at: (*gradient(*at), *again(*at))), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-11)


def test_rop_and_lop() -> None:
    """Forward and reverse products of a vectorised function."""
    y = theon.vectorize(tanh_w)(x)
    want = in_jax(lambda X, W, V: jax.jvp(lambda W: jnp.tanh(X @ W), (W,), (W,))[1])
    np.testing.assert_allclose(compute(theon.Rop(y, w, w)), want, rtol=1e-12)
    want = in_jax(lambda X, W, V: jax.vjp(lambda W: jnp.tanh(X @ W), W)[1](jnp.ones((5, 4)))[0])
    np.testing.assert_allclose(compute(theon.Lop(y, w, theon.ones_like(y))), want, rtol=1e-12)


def test_inside_a_scan() -> None:
    """A vectorised step, with its gradient."""
    final, _ = theon.scan(lambda c, b: (theon.vectorize(lambda a: theon.tanh(a * b))(c), None), x, v)
    g = theon.grad(theon.sum(final), v)
    want = in_jax(jax.grad(lambda X, W, V: jax.lax.scan(lambda c, b: (jnp.tanh(c * b), None), X, V)[0].sum(), 2))
    np.testing.assert_allclose(compute(g), want, rtol=1e-12)


def test_a_pattern_inside_is_repaired() -> None:
    """Before examples are put together: log(sum(exp(a))) does not overflow, nor does its gradient."""
    y = theon.vectorize(lambda a: theon.log(theon.sum(theon.exp(a * 1e4))))(x)
    inner = theon.vectorize(lambda a: theon.grad(theon.log(theon.sum(theon.exp(a * 1e4))), a))(x)
    want = in_jax(lambda X, W, V: jax.nn.logsumexp(X * 1e4, 1))
    slopes = in_jax(lambda X, W, V: 1e4 * jax.nn.softmax(X * 1e4, 1))
    value, outer, per_example = compute([y, theon.grad(theon.sum(y), x), inner])
    np.testing.assert_allclose(value, want, rtol=1e-12)
    np.testing.assert_allclose(outer, slopes, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(per_example, slopes, rtol=1e-9, atol=1e-12)


def test_what_is_captured_may_decide_a_shape() -> None:
    """A size of an outer value, inside."""
    y = theon.vectorize(lambda a: (a[:, None] * v).reshape((-1, v.shape[0])))(x)
    np.testing.assert_allclose(compute(y), X[:, :, None] * V)


@pytest.mark.parametrize("size", [0, 1])
def test_few_examples(size: int) -> None:
    """None at all is a batch too."""
    y = theon.vectorize(lambda a: theon.square(a) * theon.sum(a @ w))(x)
    f = theon.function([x, w], [y, theon.grad(theon.sum(y), w)])
    value, gradient = f(X[:size], W)
    np.testing.assert_allclose(value, X[:size] ** 2 * (X[:size] @ W).sum(1, keepdims=True))
    assert gradient.shape == W.shape


def test_every_pass_leaves_a_well_formed_graph_without_regions() -> None:
    """And nothing wrapped where plain ops will do; what no example changes is computed once."""
    xs = theon.tensor("xs", (5, 3))
    k = theon.tensor("k", (3,))
    y = theon.vectorize(lambda a: theon.tanh(a * theon.exp(k)) + 1)(xs)
    graph = Graph((xs, k), (y,))
    stages: dict[str, Graph] = {}
    compile_graph(
        graph, Signature((xs.tensor, k.tensor)), Options(), after_pass=lambda name, g: stages.update({name: check(g)})
    )
    nodes = stages["batch"].nodes()
    assert not any(isinstance(node.op, (Vectorized, Batched)) for node in nodes)
    assert [node.dims for node in nodes if node.op.name == "exp"] == [(3,)]
    assert all(node.where is not None and node.where.file == __file__ for node in nodes if node.op.name == "tanh")


def test_types_are_known_at_declaration() -> None:
    """Names and unknown sizes included."""
    xs = theon.tensor("xs", (None, "time", 3))
    ys = theon.tensor("ys", ("batch", 3))
    both = theon.vectorize(lambda a, b: (a + b, theon.sum(a)), out_axes=(1, 0))(xs, ys)
    assert [node.dims for node in both] == [("time", "batch", 3), ("batch",)]
    assert theon.vectorize(lambda a: a, in_axes=-1)(xs).dims == (3, None, "time")


M = theon.tensor("m", (5, 3))
K = theon.tensor("k", (4, 3))
SLOT = theon.shared(0.0, "slot")
MISTAKES: list[tuple[Callable[[], object], type[TheonError], str]] = [
    (lambda: theon.vectorize(lambda a, b: a + b)(M, K), ShapeError, "the mapped axes differ in length (5 and 4)"),
    (lambda: theon.vectorize(theon.sin, in_axes=2)(M), ShapeError, "axis 2 is out of bounds"),
    (lambda: theon.vectorize(theon.sin)(theon.scalar("s")), ShapeError, "axis 0 is out of bounds"),
    (lambda: theon.vectorize(theon.sin, out_axes=2)(M), ShapeError, "axis 2 is out of bounds"),
    (lambda: theon.vectorize(theon.sin, in_axes=None)(M), ArgumentError, "needs an argument to map over"),
    (lambda: theon.vectorize(theon.sin, in_axes=(0, 0))(M), ArgumentError, "in_axes has 2 entries for 1 arguments"),
    (lambda: theon.vectorize(theon.sin, in_axes="a")(M), ArgumentError, "an axis is an int or None, received 'a'"),
    (lambda: theon.vectorize(theon.sin, out_axes=(0, 0))(M), ArgumentError, "out_axes is an int, or one for each"),
    (lambda: theon.vectorize(theon.sin, out_axes=[None])(M), ArgumentError, "out_axes is an int, or one for each"),  # type: ignore[list-item]
    (lambda: theon.vectorize(theon.sin, in_axes=1.5)(M), ArgumentError, "vectorize: in_axes is an int, None, or one"),  # type: ignore[arg-type]
    (lambda: theon.vectorize(theon.sin, out_axes=None)(M), ArgumentError, "for each result, received None"),  # type: ignore[arg-type]
    (lambda: theon.vectorize(lambda a: a @ M)(M), ShapeError, "matmul"),
    (
        lambda: theon.vectorize(lambda a: theon.scan(lambda c, e: (c, c, {SLOT: SLOT + e}), a[0], a)[1])(M),
        ArgumentError,
        "would have one value per example",
    ),
]


@pytest.mark.parametrize(("mistake", "kind", "text"), MISTAKES)
def test_mistakes(mistake: Callable[[], object], kind: type[TheonError], text: str) -> None:
    """Reported where they are made."""
    with pytest.raises(kind) as caught:
        mistake()
    assert text in str(caught.value) and "test_vectorize.py" in str(caught.value)
