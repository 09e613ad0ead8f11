"""The hypotenuse, and the cosine that is its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
from jax import lax

from ..graph.node import Node, NodeLike
from .comparison import greater, where
from .elementwise import FLOATS, Elementwise, Row, binary, define, elementwise
from .precise import in_single, no_fold


def _hypot(a: Any, b: Any) -> Any:
    """The larger leg is taken out of the root, so that its square cannot overflow."""
    a, b = lax.abs(a), lax.abs(b)
    large, small = lax.max(a, b), lax.min(a, b)
    still = lax.eq(large, lax.full_like(large, 0))
    ratio = lax.div(small, lax.select(still, lax.full_like(large, 1), large))
    length = lax.mul(large, lax.sqrt(lax.add(lax.full_like(large, 1), lax.mul(ratio, ratio))))
    infinite = lax.full_like(large, np.inf)
    return lax.select(lax.bitwise_or(lax.eq(a, infinite), lax.eq(b, infinite)), infinite, length)


def _hypot_slope(a: Any, b: Any) -> Any:
    length = _hypot(a, b)
    still = lax.eq(length, lax.full_like(length, 0))
    return lax.div(a, lax.select(still, lax.full_like(length, 1), length))


def _over_length(g: Node, a: Node, b: Node) -> Node:
    length = hypot(a, b)
    away = greater(length, 0)
    return where(away, g / where(away, length, 1), 0)


# A row of its own, 0 at the origin: its derivative as a quotient's, in two terms, would cancel.
_HYPOT_SLOPE: Elementwise = define(
    Row(
        "hypot_slope",
        in_single(_hypot_slope),
        no_fold,
        FLOATS,
        "same",
        (
            lambda g, y, a, b: _over_length(g * (hypot_slope(b, a) * hypot_slope(b, a)), a, b),
            lambda g, y, a, b: -_over_length(g * (y * hypot_slope(b, a)), a, b),
        ),
    )
)


def hypot_slope(a: NodeLike, b: NodeLike, /) -> Node:
    """a / hypot(a, b), which only gradients make."""
    return elementwise(_HYPOT_SLOPE, a, b)


hypot = binary(
    "hypot",
    "sqrt(x1**2 + x2**2) without overflow.",
    _hypot,
    np.hypot,
    (lambda g, y, a, b: g * hypot_slope(a, b), lambda g, y, a, b: g * hypot_slope(b, a)),
    example=(3.0, 4.0, "5.0"),
    takes=FLOATS,
    notes="The gradient at (0, 0) is 0.",
)


__all__ = ["hypot", "hypot_slope"]
