"""JAX functions as ops: types, values, gradients of every order, and the errors of what goes wrong inside."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon
from theon.graph.check import check
from theon.graph.errors import ArgumentError, DisconnectedError, DTypeError, TheonError
from theon.graph.graph import Graph

X = np.array([0.3, -1.2, 2.5])


def compute(inputs: list[theon.Node], output: Any, *values: Any) -> Any:
    """The value of one or several outputs."""
    return theon.function(inputs, output)(*values)


def in_jax(fn: Callable[..., Any], *values: Any) -> Any:
    """The same in JAX, in 64 bits."""
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, fn(*values))


def test_value_and_type() -> None:
    """The type is known at declaration, and is what the value has."""
    x = theon.tensor("x", (3,), "float32")
    y = theon.from_jax(jax.nn.gelu)(x)
    assert y.type == x.type and y.op.name == "gelu"
    value = compute([x], y, X.astype(np.float32))
    np.testing.assert_allclose(value, jax.nn.gelu(X.astype(np.float32)), rtol=1e-6)
    assert value.dtype == np.float32


def test_several_outputs_of_several_dtypes() -> None:
    """A tuple or a list in JAX is a tuple of nodes."""
    x = theon.tensor("x", (3,), "float64")
    for pack in (tuple, list):
        total, place = theon.from_jax(lambda a, pack=pack: pack((a.sum(), jnp.argmax(a))))(x)
        assert (total.dtype, place.dtype) == (np.dtype("float64"), np.dtype("int64"))
        got = compute([x], [total, place], X)
        assert float(got[0]) == pytest.approx(X.sum()) and int(got[1]) == 2
    (one,) = theon.from_jax(lambda a: (a,))(x)
    assert one.type == x.type


@pytest.mark.parametrize(
    ("fn", "dtype"),
    [
        (lambda a: 3.0, "float64"),  # a plain number
        (lambda a: jnp.zeros(3), "float64"),  # 64-bit types are on
        (lambda a: a * 2.5, "float32"),
        (lambda a: a > 0, "bool"),
        (lambda a: a.astype(jnp.bfloat16), "bfloat16"),
        (lambda a: a * 1j, "complex64"),
    ],
)
def test_dtypes(fn: Callable[..., Any], dtype: str) -> None:
    """What is inferred is what comes out."""
    x = theon.tensor("x", (3,), "float32")
    y = theon.from_jax(fn)(x)
    value = compute([x], y, X.astype(np.float32)) if y.inputs else None
    assert y.dtype.name == dtype
    assert value is None or value.dtype.name == dtype


def test_plain_values_are_arguments_too() -> None:
    """Numbers and arrays become constants; options go in by partial."""
    x = theon.tensor("x", (3,), "float64")
    y = theon.from_jax(partial(jnp.power))(x, 2.0)
    assert y.op.name == "power"
    np.testing.assert_allclose(compute([x], y, X), X**2)
    np.testing.assert_allclose(compute([x], theon.from_jax(partial(jnp.sum, keepdims=True))(x), X), [X.sum()])


FUNCTIONS: list[Callable[..., Any]] = [
    lambda a, b: jnp.sum(jnp.tanh(a * b) ** 2),
    lambda a, b: jax.lax.fori_loop(0, 3, lambda i, c: jnp.sin(c) * b, a).sum() * 1.0 if False else jnp.sum(a**3 * b),
    lambda a, b: jax.nn.logsumexp(a) * jnp.prod(b),
    lambda a, b: jnp.linalg.norm(jnp.outer(a, b) + jnp.eye(3)),
]


@pytest.mark.parametrize("fn", FUNCTIONS)
def test_gradients_of_orders_one_and_two(fn: Callable[..., Any]) -> None:
    """Against jax.grad, within ordinary ops on both sides."""
    a, b = theon.tensor("a", (3,), "float64"), theon.tensor("b", (3,), "float64")
    loss = theon.from_jax(fn)(theon.sin(a), b) ** 2
    first = theon.grad(loss, [a, b])
    second = theon.grad(theon.sum(first[0] * b) + theon.sum(first[1] ** 2), [a, b])
    got = compute([a, b], [*first, *second], X, X + 1)

    def whole(a: Any, b: Any) -> Any:
        return fn(jnp.sin(a), b) ** 2

    def penalty(a: Any, b: Any) -> Any:
        by_a, by_b = jax.grad(whole, (0, 1))(a, b)
        return jnp.sum(by_a * b) + jnp.sum(by_b**2)

    want = in_jax(lambda a, b: (*jax.grad(whole, (0, 1))(a, b), *jax.grad(penalty, (0, 1))(a, b)), X, X + 1)
    for g, w in zip(got, want, strict=True):
        np.testing.assert_allclose(g, w, rtol=1e-12, atol=1e-14)


def test_gradient_with_integer_inputs_and_outputs() -> None:
    """They get none, and do not stand in the way of the others."""
    x, i = theon.tensor("x", (3,), "float64"), theon.tensor("i", (2,), "int32")
    picked, where, _ = theon.from_jax(lambda a, i: (jnp.sin(a)[i], i * 2, jnp.argmax(a)))(x, i)
    g = theon.grad(theon.sum(picked * where.astype("float64")), x)
    got = compute([x, i], g, X, np.array([1, 1], np.int32))
    np.testing.assert_allclose(got, [0, 4 * np.cos(X[1]), 0])
    with pytest.raises(DisconnectedError):
        theon.grad(theon.from_jax(lambda a: jnp.argmax(a))(x).astype("float64") ** 2, x)


def test_gradient_of_some_outputs_only() -> None:
    """The others get a cotangent of zero."""
    x = theon.tensor("x", (3,), "float64")
    a, _ = theon.from_jax(lambda v: (jnp.sin(v), jnp.cos(v)))(x)
    np.testing.assert_allclose(compute([x], theon.grad(theon.sum(a), x), X), np.cos(X), rtol=1e-12)


def test_complex_gradient_follows_jax() -> None:
    """The convention of both."""
    z = theon.tensor("z", (3,), "complex128")
    loss = theon.sum(theon.real(theon.from_jax(lambda a: jnp.exp(a) * a)(z)))
    values = X + 1j * X[::-1]
    want = in_jax(jax.grad(lambda a: jnp.sum(jnp.real(jnp.exp(a) * a))), values)
    np.testing.assert_allclose(compute([z], theon.grad(loss, z), values), want, rtol=1e-12)


def test_custom_derivative_of_a_jax_function_is_used() -> None:
    """The gradient is `jax.vjp`'s, whatever it is."""

    @jax.custom_vjp
    def straight(a: Any) -> Any:
        return jnp.round(a)

    straight.defvjp(lambda a: (jnp.round(a), None), lambda _, g: (2 * g,))
    x = theon.tensor("x", (3,), "float64")
    np.testing.assert_array_equal(compute([x], theon.grad(theon.sum(theon.from_jax(straight)(x)), x), X), [2, 2, 2])


def test_unknown_sizes_need_out() -> None:
    """With it, names are kept, and checked where they become known."""
    x = theon.tensor("x", ("batch", 3), "float32")
    with pytest.raises(ArgumentError, match="what it gives is not known") as caught:
        theon.from_jax(jnp.sum)(x)
    assert "test_interop.py" in str(caught.value) and "out=((None, 10), 'float32')" in str(caught.value)
    y = theon.from_jax(lambda a: a.sum(1), out=(("batch",), "float32"))(x)
    assert y.dims == ("batch",)
    a, b = theon.from_jax(lambda a: (a, a.sum()), out=[((None, 3), "float32"), ((), "float32")])(x)
    assert (a.dims, b.dims) == ((None, 3), ())
    g = theon.grad(theon.sum(y * y) + b, x)
    got = compute([x], [y, g], np.ones((2, 3), np.float32))
    np.testing.assert_array_equal(got[0], [3, 3])
    np.testing.assert_array_equal(got[1], np.full((2, 3), 7.0))
    wrong = theon.function([x], theon.from_jax(lambda a: a.sum(1), out=((4,), "float32"))(x))
    with pytest.raises(ArgumentError, match=r"declared to give float32\[4\], and gives float32\[2\]"):
        wrong(np.ones((2, 3), np.float32))


def test_equal_calls_are_merged() -> None:
    """The same function on the same inputs is computed once; its gradients, too."""
    x = theon.tensor("x", (3,), "float64")
    calls = []

    def fn(a: Any) -> Any:
        calls.append(a)
        return jnp.sin(a)

    call = theon.from_jax(fn)
    f = theon.function([x], [call(x) + call(x), theon.grad(theon.sum(call(x)), x), theon.grad(theon.sum(call(x)), x)])
    (program,) = f.programs
    names = [node.op.name for node in program.graph.nodes()]
    assert names.count("fn") == 1 and names.count("vjp of fn") == 1
    check(Graph(program.graph.inputs, program.graph.outputs), static=True)


def test_in_loops() -> None:
    """As a step of a scan, with its gradient."""
    x = theon.tensor("x", (3,), "float64")
    total, _ = theon.scan(lambda c, e: (theon.from_jax(lambda a, b: jnp.tanh(a * b) + b)(c, e), None), x[0], x)

    def reference(v: Any) -> Any:
        return jax.lax.scan(lambda c, e: (jnp.tanh(c * e) + e, None), v[0], v)[0]

    np.testing.assert_allclose(compute([x], theon.grad(total, x), X), in_jax(jax.grad(reference), X), rtol=1e-12)


def boom(a: Any) -> Any:
    """Fails with a text of two lines."""
    raise ValueError("no good\nand more")


V = theon.tensor("v", (3,), "float32")
MISTAKES: list[tuple[Callable[[], object], type[TheonError], str]] = [
    (lambda: theon.from_jax(boom)(V), ArgumentError, "from_jax(boom): the function raised ValueError: no good\n"),
    (lambda: theon.from_jax(lambda a: a @ jnp.ones((4, 2)))(V), ArgumentError, "raised TypeError: dot_general"),
    (lambda: theon.from_jax(lambda a, b: a)(V), ArgumentError, "missing 1 required positional argument"),
    (lambda: theon.from_jax(lambda a: float(a[0]))(V), ArgumentError, "raised ConcretizationTypeError"),
    (lambda: theon.from_jax(lambda a: None)(V), ArgumentError, "the function gives NoneType"),
    (lambda: theon.from_jax(lambda a: {"a": a})(V), ArgumentError, "the function gives dict"),
    (lambda: theon.from_jax(lambda a: jax.random.key(0))(V), ArgumentError, "the function gives an array of key<fry>"),
    (lambda: theon.from_jax(jnp.sin, out=((4,), "float32"))(V), ArgumentError, "was declared to give float32[4]"),
    (lambda: theon.from_jax(jnp.sin, out=[((3,), "float32")])(V), ArgumentError, "was declared to give (float32[3])"),
    (lambda: theon.from_jax(jnp.sin, out=((3,), "float64"))(V), ArgumentError, "and gives float32[3]"),
    (lambda: theon.from_jax(jnp.sin, out=3), ArgumentError, "out= takes (shape, dtype)"),
    (lambda: theon.from_jax(jnp.sin, out=((3,), "float12")), DTypeError, "float12"),
    (lambda: theon.from_jax("sin"), ArgumentError, "needs a function"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("mistake", "kind", "text"), MISTAKES)
def test_mistakes_name_the_function(mistake: Callable[[], object], kind: type[TheonError], text: str) -> None:
    """In one block; what was raised inside is the cause."""
    with pytest.raises(kind) as caught:
        mistake()
    assert text in str(caught.value)
    if " raised " in text:
        assert "test_interop.py" in str(caught.value) and "v : float32[3]" in str(caught.value)
        assert isinstance(caught.value.__cause__, Exception)
