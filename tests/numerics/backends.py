"""The same text, run by theon, by plain JAX and by PyTensor: value and gradient at each point, in float32."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import theon

from .grid import Array
from .row import Row

Points = Sequence[tuple[Array, ...]]


def of_constants(function: Callable[..., Any], on_float: Callable[[float], float]) -> Callable[..., Any]:
    """Users write math.sqrt(2 * math.pi): what is known in advance is computed in advance."""
    return lambda x: on_float(x) if isinstance(x, (int, float)) else function(x)


def namespace(module: Any, **more: Any) -> SimpleNamespace:
    """A module's functions under the names that formulas use."""
    names = (
        "exp", "expm1", "log", "log1p", "sqrt", "tanh", "sinh", "cosh", "sin", "cos", "tan", "abs", "maximum",
        "minimum", "where", "sum", "mean", "prod", "max", "stack", "arange", "reshape", "take_along_axis",
    )  # fmt: skip
    found = {name: getattr(module, name) for name in names if name not in more}
    found.update(more)
    for name in ("exp", "log", "sqrt"):
        found[name] = of_constants(found[name], getattr(math, name))
    return SimpleNamespace(pi=math.pi, **found)


THEON = namespace(
    theon,
    atan=theon.atan,
    sigmoid=theon.sigmoid,
    erf=theon.erf,
    erfc=theon.erfc,
    lgamma=theon.gammaln,
    digamma=theon.digamma,
    one_hot=lambda labels, n: (theon.expand_dims(labels, -1) == theon.arange(n)).astype("float32"),
)
JAX = namespace(
    jnp,
    atan=jnp.arctan,
    sigmoid=jax.nn.sigmoid,
    erf=jax.scipy.special.erf,
    erfc=jax.scipy.special.erfc,
    lgamma=jax.scipy.special.gammaln,
    digamma=jax.scipy.special.digamma,
    one_hot=jax.nn.one_hot,
)


def stacked(row: Row, points: Points) -> list[Array]:
    return [np.stack([point[i] for point in points]) for i in range(len(row.domains))]


def by_theon(row: Row, points: Points) -> list[list[Array]]:
    """The whole pipeline: elementwise rows in one call over the grid, others point by point."""
    whole = row.elementwise
    data = stacked(row, points) if whole else None
    leaves = [
        theon.tensor(f"x{i}", shape=first.shape, dtype=first.dtype)
        for i, first in enumerate(data if data is not None else points[0])
    ]
    value = row.formula(THEON, *leaves)
    wrt = [leaf for leaf, domain in zip(leaves, row.domains, strict=True) if domain.wrt]
    cost = theon.sum(value) if whole else value
    function = theon.function(leaves, [value, *theon.grad(cost, wrt)])
    if data is not None:
        columns = [np.asarray(column) for column in function(*data)]
        return [[column[i] for column in columns] for i in range(len(points))]
    return [[np.asarray(part) for part in function(*point)] for point in points]


def by_jax(row: Row, points: Points) -> list[list[Array]]:
    """`jax.grad` of the formula, jitted and mapped over the grid."""
    wrt = tuple(i for i, domain in enumerate(row.domains) if domain.wrt)

    def formula(*arguments: Any) -> Any:
        return row.formula(JAX, *arguments)

    def both(*arguments: Any) -> Any:
        return formula(*arguments), *jax.grad(formula, argnums=wrt)(*arguments)

    columns = [np.asarray(column) for column in jax.jit(jax.vmap(both))(*stacked(row, points))]
    return [[column[i] for column in columns] for i in range(len(points))]


__all__ = ["JAX", "THEON", "by_jax", "by_theon", "namespace"]
