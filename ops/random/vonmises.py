"""Draws of angles from the von Mises distribution, by rejection from a wrapped Cauchy distribution.

Moving the concentration while the probability of less than the angle stays put moves the angle: minus the integral of
`(cos t - A) * exp(kappa * (cos t - cos angle))` from 0 to it, A the mean cosine. From 0 to pi that integral is 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ...graph.node import Node, NodeLike
from ...graph.types import limits
from ..elementwise import FLOATS, Row, define, elementwise
from ..gradient import stop_gradient
from ..precise import full, in_double, no_fold, polynomial
from ..rounding import round
from .draw import ParameterDraw, draw, no_further, parameters, require_known
from .rejection import until_accepted, widened
from .stream import Stream

# --- The derivative ---------------------------------------------------------------------------------------------------

# One minus the mean cosine, in powers of 1 / kappa from the first on, where the two are equal but for digits.
_FAR = 1000.0
_DEFICIT = (1 / 2, 1 / 8, 1 / 8, 25 / 128, 13 / 32)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


def _mean_deficit(kappa: Any) -> Any:
    """One minus the mean cosine."""
    near, far = lax.min(kappa, full(kappa, _FAR)), lax.max(kappa, full(kappa, _FAR))
    inverse = full(kappa, 1) / far
    plain = full(kappa, 1) - lax.bessel_i1e(near) / lax.bessel_i0e(near)
    return lax.select(lax.lt(kappa, full(kappa, _FAR)), plain, inverse * polynomial(_DEFICIT, inverse))


def _drop(angle: Any) -> Any:
    """One minus the cosine."""
    half = lax.sin(angle * full(angle, 0.5))
    return half * half * full(angle, 2)


def _slope(kappa: Any, angle: Any) -> Any:
    """Of the part of the integral on whose side of the mean cosine the angle is: all of it has one sign. Nodes of
    Gauss, as far out as there is a double's share left of it."""
    size = lax.abs(angle)
    deficit, drop = _mean_deficit(kappa), _drop(size)
    inner = lax.le(drop, deficit)
    edge = lax.min(drop + full(kappa, 40) / kappa, full(kappa, 2))
    last = lax.asin(lax.sqrt(edge * full(kappa, 0.5))) * full(kappa, 2)
    start = lax.select(inner, full(size, 0), size)
    half = (lax.select(inner, size, last) - start) * full(size, 0.5)
    total = full(size, 0)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        depth = _drop(start + half * full(size, 1 + node))
        total = total + full(size, weight) * (deficit - depth) * lax.exp(kappa * (drop - depth))
    return lax.sign(angle) * half * lax.select(inner, -total, total)


_NO_FURTHER = no_further("a von Mises draw by its concentration")
_SLOPE = define(Row("vonmises_draw_slope", in_double(_slope), no_fold, FLOATS, "same", (_NO_FURTHER, _NO_FURTHER)))


# --- The draw ---------------------------------------------------------------------------------------------------------

_LARGEST = 1e150  # of concentrations, so that their squares are finite; no angle but 0 is drawn long before


def _envelope(kappa: Any) -> tuple[Any, Any]:
    """Of the wrapped Cauchy distribution: the scale of its tangents of half the angle, and what rejection adds."""
    one, twice = full(kappa, 1), kappa + kappa
    root = lax.sqrt(one + twice * twice)
    side = lax.sqrt(root + root + one + one)
    above = one + root + side
    rest = one + side + one / (root + twice)  # above - twice, without cancellation
    return rest / (above + twice), rest * rest / (above * full(kappa, 4))


@dataclass(frozen=True, eq=False)
class VonMises(ParameterDraw):
    """Angles of a concentration, around 0."""

    def lower(self, key: jax.Array, kappa: jax.Array) -> jax.Array:
        """Half the angle by its tangent, which is exact near 0; 16-bit floats are drawn in float32."""
        wide = self.dtype if self.dtype.itemsize > 2 else np.dtype("float32")

        def sample(key: Any, shape: Any, dtype: Any) -> Any:
            given = widened(kappa, shape, wide)
            given = lax.min(given, full(given, min(_LARGEST, limits(wide).max)))
            valid = lax.ge(given, full(given, 0))
            scale, low = (
                lax.convert_element_type(part, wide)
                for part in _envelope(lax.convert_element_type(lax.max(given, full(given, 0)), "float64"))
            )

            def propose(key: Any) -> tuple[Any, Any]:
                one, other = jax.random.split(key)
                tangent = scale * jax.random.cauchy(one, shape, wide)
                square = tangent * tangent
                y = low + given * (square + square) / (full(square, 1) + square)
                accepted = lax.le(jax.random.uniform(other, shape, wide), y * lax.exp(full(y, 1) - y))
                return lax.atan(tangent) * full(tangent, 2), accepted

            found = until_accepted(key, full(given, math.nan), valid, propose)
            return lax.convert_element_type(found, dtype)

        return self.drawn(sample, key)

    def vjp(self, g: Node, out: Node, key: Node, kappa: Node) -> Sequence[Node | None]:
        return (None, g * elementwise(_SLOPE, kappa, out))


def vonmises(rng: Stream, mu: NodeLike, kappa: NodeLike, shape: Any = None, dtype: Any = None) -> Node:
    """Draws of angles from -pi to pi, most of them near `mu`; differentiable by it, and by `kappa` implicitly, once.

    Arguments: rng, a stream; mu, real, the middle; kappa, not negative (else nan), the concentration: 0 draws even
    angles; of shapes that broadcast to the draw's; shape and dtype as for `gamma`. The derivative by kappa keeps the
    probability of less than the draw, counted from the angle opposite to mu.
    Raises: ArgumentError where rng is no stream or a known kappa negative, ShapeError where a parameter does not fit,
    DTypeError; and GradientError where a second derivative by kappa is asked for. Source: NumPy `Generator.vonmises`;
    Best and Fisher 1979; Figurnov, Mohamed and Mnih 2018.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.vonmises(rng, 0.5, [1.0, 4.0]).eval().shape
    (2,)
    """
    wanted, nodes = parameters("vonmises", dtype, mu, kappa)
    middle, concentration = nodes
    require_known("vonmises", concentration, lambda k: k >= 0, "kappa is not negative", "give 0 or more")
    angle = middle + draw(VonMises, "vonmises", rng, shape, wanted, *nodes, inputs=(concentration,))
    return angle - stop_gradient(round(angle / (2 * math.pi)) * (2 * math.pi))


__all__ = ["vonmises"]
