"""Draws from the inverse Gaussian distribution, which a transformation with two outcomes makes.

Which outcome is chosen depends on the parameter, so the formula has no right derivative; but moving the parameter
while the probability of less than the draw stays put moves the draw, and that has one, in closed form and to any order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ...graph.dims import broadcast_shapes
from ...graph.node import Node, NodeLike
from ..precise import full, in_single
from ..sizes import Blame
from ..special_normal import erfcx
from ..transcendental import sqrt
from .draw import ParameterDraw, draw, parameters, require_positive
from .rejection import widened
from .stream import Stream


def _drawn(normal: Any, uniform: Any, a: Any) -> Any:
    """The smaller root of a quadratic, written without cancellation, or one over it."""
    square = normal * normal
    root = lax.sqrt(square * (square + full(a, 4) * a))
    less = (a + a) / (a + a + square + root)
    return lax.select(lax.le(uniform * (full(a, 1) + less), full(a, 1)), less, full(a, 1) / less)


@dataclass(frozen=True, eq=False)
class InverseGaussian(ParameterDraw):
    """Draws of mean 1 from the inverse Gaussian distribution of a concentration."""

    def lower(self, key: jax.Array, a: jax.Array) -> jax.Array:
        def sample(key: Any, shape: Any, dtype: Any) -> Any:
            one, other = jax.random.split(key)
            normal, uniform = jax.random.normal(one, shape, dtype), jax.random.uniform(other, shape, dtype)
            return in_single(_drawn)(normal, uniform, widened(a, shape, a.dtype))

        return self.drawn(sample, key)

    def vjp(self, g: Node, out: Node, key: Node, a: Node) -> Sequence[Node | None]:
        """Minus the derivative of the distribution function by the parameter, over the density."""
        tail = erfcx(sqrt(a / (out * 2)) * (out + 1))
        return (None, g * (out / a - math.sqrt(2 * math.pi) * out * sqrt(out / a) * tail))


def wald(rng: Stream, mean: NodeLike, shape: Any = None, scale: NodeLike = 1.0, dtype: Any = None) -> Node:
    """Draws from the inverse Gaussian (Wald's) distribution; differentiable by both parameters, to any order.

    Arguments: rng, a stream; mean and scale, positive, of shapes that broadcast to the draw's: the variance is
    mean**3 / scale; shape and dtype as for `gamma`. The derivative keeps the probability of less than the draw.
    Raises: ArgumentError where rng is no stream or a known parameter is not positive, ShapeError, DTypeError.
    Source: `jax.random.wald`, NumPy `Generator.wald`; Michael, Schucany and Haas 1976; Figurnov, Mohamed and Mnih 2018.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.wald(rng, 2.0, 3).eval().shape
    (3,)
    """
    wanted, (mu, lam) = parameters("wald", dtype, mean, scale)
    require_positive("wald", mu, lam)
    with Blame("wald", mu, lam):
        broadcast_shapes([mu.dims, lam.dims])
    a = lam / mu
    return mu * draw(InverseGaussian, "wald", rng, shape, wanted, mu, lam, inputs=(a,))


__all__ = ["wald"]
