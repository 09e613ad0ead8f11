"""What stands for ops whose lowering JAX cannot derive, as its loops end where the numbers say: their series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jax import numpy as jnp


def series(ratio: Callable[[Any], Any], terms: int, like: Any) -> Any:
    """1 + ratio(0) + ratio(0) * ratio(1) + ..."""

    def step(carry: Any, n: Any) -> tuple[Any, None]:
        term, total = carry
        return (term * ratio(n), total + term), None

    numbers = jnp.arange(terms, dtype="float64")
    return jax.lax.scan(step, (jnp.ones_like(like), jnp.zeros_like(like)), numbers)[0][1]


def kummer(a: Any, b: Any, x: Any) -> Any:
    return series(lambda n: (a + n) / (b + n) * x / (n + 1), 80, a + b + x)


def gauss(a: Any, b: Any, c: Any, x: Any) -> Any:
    """By Pfaff's transformation where x is negative, so that the series converges."""
    turned = x < 0
    z, second = jnp.where(turned, x / (x - 1), x), jnp.where(turned, c - b, b)
    found = series(lambda n: (a + n) * (second + n) / (c + n) * z / (n + 1), 500, a + second + c + z)
    return jnp.where(turned, (1 - x) ** -a, 1) * found


DERIVABLE: dict[str, Callable[..., Any]] = {"hyp1f1": kummer, "hyp2f1": gauss}
