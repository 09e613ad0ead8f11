"""`associative_scan` against NumPy's cumulative functions, loops, and `jax.lax.associative_scan`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import theon
from tests.ops.against_jax import Array, loops_agree

rng = np.random.default_rng(3)
x = theon.dmatrix("x")


def draw(*shape: int) -> Array:
    return rng.standard_normal(shape)


@pytest.mark.parametrize("length", (0, 1, 2, 3, 4, 7, 8, 13))
def test_sums_and_maxima_of_any_length(length: int) -> None:
    sums = theon.associative_scan(lambda a, b: a + b, x)
    back = theon.associative_scan(theon.maximum, x, reverse=True)
    data = draw(length, 2)
    got, reverse = theon.function([x], [sums, back])(data)
    np.testing.assert_allclose(got, np.cumsum(data, 0), rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(reverse, np.maximum.accumulate(data[::-1], 0)[::-1])


@pytest.mark.parametrize("reverse", (False, True))
def test_products_of_matrices_keep_their_order(reverse: bool) -> None:
    """Which do not commute; value and two orders of gradients."""

    def declare(m: Any, scan: Any, a: Any, v: Any) -> Any:
        whole = theon if m is theon else lax
        products = whole.associative_scan(lambda a, b: a @ b, a, reverse=reverse)
        return m.sum(m.sin(products @ v))

    loops_agree(declare, draw(6, 3, 3), draw(3))


def test_a_linear_recurrence_with_a_captured_value() -> None:
    """h[t] = a[t] h[t-1] + b[t], as pairs; the rate enters from outside. The oracle is a loop."""

    def declare(m: Any, scan: Any, a: Any, b: Any, rate: Any) -> Any:
        if m is jnp:
            _, hs = lax.scan(lambda h, ab: ((h := ab[0] * h * rate + ab[1]), h), m.zeros(2), (a, b))
            return m.sum(m.sin(hs))

        def fn(first: Any, second: Any) -> Any:
            return {"a": first["a"] * second["a"] * rate, "b": second["a"] * first["b"] * rate + second["b"]}

        return theon.sum(theon.sin(theon.associative_scan(fn, {"a": a, "b": b})["b"]))

    loops_agree(declare, draw(7, 2), draw(7, 2), np.array(0.8))


def test_inside_a_loop_a_vectorized_function_and_a_gradient() -> None:
    def declare(m: Any, scan: Any, x: Any) -> Any:
        def sums(row: Any) -> Any:
            return (theon if m is theon else lax).associative_scan(lambda a, b: a * b, row)

        rows = theon.vectorize(sums) if m is theon else jax.vmap(sums)
        _, ys = scan(lambda c, row: (c + m.sum(sums(row)), sums(row) * c), m.zeros((), dtype="float64"), x)
        return m.sum(rows(x) ** 2) + m.sum(ys)

    loops_agree(declare, draw(3, 5))


def test_a_gradient_in_the_function() -> None:
    """The slope of a b**2 / 2 by b is a b."""
    v = theon.dvector("v")
    products = theon.associative_scan(lambda a, b: theon.grad(a * b * b / 2, b), v)
    np.testing.assert_allclose(products.eval({v: np.array([2.0, 3.0, 5.0])}), [2.0, 6.0, 30.0])


def test_mistakes() -> None:
    a, b = theon.tensor("a", shape=(3,)), theon.tensor("b", shape=(4,))
    with pytest.raises(theon.ShapeError, match=r"lengths differ \(3 and 4\)"):
        theon.associative_scan(lambda p, q: (p[0] + q[0], p[1] + q[1]), (a, b))
    with pytest.raises(theon.ShapeError, match="needs a leading axis"):
        theon.associative_scan(lambda p, q: p + q, theon.scalar())
    with pytest.raises(theon.ArgumentError, match="nothing to scan"):
        theon.associative_scan(lambda p, q: p, [])
    with pytest.raises(theon.ArgumentError, match="nested differently"):
        theon.associative_scan(lambda p, q: (p, q), a)
