"""What tests share that hold theon against JAX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import theon

Array: TypeAlias = "np.ndarray[Any, Any]"


def in_jax(run: Callable[..., Any], *arguments: Any) -> Any:
    """A traceable function's results as NumPy arrays, in 64-bit mode."""
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, jax.jit(run)(*arguments))


def assert_near(got: Any, wanted: Any, limit: float = 1e-12) -> None:
    """Nests of arrays: shapes and dtypes equal, values norm-wise, array by array."""
    got, wanted = jax.tree.leaves(got), jax.tree.leaves(wanted)
    assert len(got) == len(wanted)
    for a, b in zip(map(np.asarray, got), map(np.asarray, wanted), strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        assert np.linalg.norm(a - b) <= limit * max(float(np.linalg.norm(b)), 1e-2), f"{a}\n{b}"


@dataclass(frozen=True)
class Flow:
    """Control flow under one name in theon and in JAX."""

    scan: Callable[..., Any]
    cond: Callable[..., Any]
    switch: Callable[..., Any]
    while_loop: Callable[..., Any]  # of (cond_fn, body_fn, init, max_steps)
    vmap: Callable[..., Any]
    custom_gradient: Callable[..., Any]


def bounded(cond_fn: Callable[[Any], Any], body_fn: Callable[[Any], Any], init: Any, max_steps: int) -> Any:
    """A while loop that JAX can differentiate in reverse: steps after the last are taken by `lax.cond`."""

    def step(carry: Any, _: Any) -> Any:
        return lax.cond(cond_fn(carry), body_fn, lambda c: c, carry), None

    return lax.scan(step, init, None, length=max_steps)[0]


THEON = Flow(theon.scan, theon.cond, theon.switch_case, theon.while_loop, theon.vectorize, theon.custom_gradient)
JAX = Flow(lax.scan, lax.cond, lax.switch, bounded, jax.vmap, jax.custom_gradient)


def flows_agree(declare: Callable[..., Any], *data: Any) -> None:
    """`declare(theon or jax.numpy, its Flow, *inputs)` gives a scalar: value, gradient and curvature agree."""
    loops_agree(lambda m, scan, *xs: declare(m, THEON if m is theon else JAX, *xs), *data)


def loops_agree(declare: Callable[..., Any], *data: Any) -> None:
    """`declare(theon or jax.numpy, scan, *inputs)` gives a scalar: its value, gradient and curvature in both."""
    rng = np.random.default_rng(len(data))
    given = [theon.tensor(f"x{i}", shape=(None,) * np.ndim(a), dtype="float64") for i, a in enumerate(data)]
    steps = [rng.standard_normal(np.shape(a)) for a in data]

    def slope(m: Any, gradient: Any) -> Any:
        parts = [m.sum(g * s) for g, s in zip(gradient, steps, strict=True)]
        return sum(parts[1:], parts[0])

    cost = declare(theon, theon.scan, *given)
    first = theon.grad(cost, given)
    run = theon.function(given, [cost, *first, *theon.grad(slope(theon, first), given)])

    def jax_cost(xs: Any) -> Any:
        return declare(jnp, lax.scan, *xs)

    def jax_slope(xs: Any) -> Any:
        return slope(jnp, jax.grad(jax_cost)(xs))

    wanted = in_jax(lambda xs: [jax_cost(xs), *jax.grad(jax_cost)(xs), *jax.grad(jax_slope)(xs)], list(data))
    assert_near(run(*data), wanted)


__all__ = ["JAX", "THEON", "Array", "Flow", "assert_near", "flows_agree", "in_jax", "loops_agree"]
