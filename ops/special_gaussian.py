"""Special functions that are integrals of Gaussian bells: Dawson's integral and Owen's T function.

All values are computed in float64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.node import Node, NodeLike, apply
from ..graph.op import Op
from ..graph.types import TensorType
from .axes import require_kind
from .elementwise import FLOATS, Row, define, elementwise
from .floats import as_float
from .precise import full, in_double, no_fold, polynomial
from .special_normal import ROOT_HALF, ROOT_TAU
from .transcendental import erf, exp

# --- Dawson's integral ------------------------------------------------------------------------------------------------

# Between 1 and 8 a sum of bells, `_STEP` apart and of odd numbers only: what it leaves out is exp(-(pi / 2 / step)**2),
# 4e-23, and what lies beyond `_BELLS` of them.
_STEP = 7 / 32
_BELLS = 16


def _dawson_near(order: int, x: Any) -> Any:
    """The power series, for numbers up to 1: every other power, from 1 or from x on."""
    odd = 1 - order % 2
    first = (order - 1 + odd) // 2
    terms = [(-4.0) ** k * math.factorial(k) / math.factorial(2 * k + 1 - order) for k in range(first, first + 28)]
    series = polynomial(terms, x * x)
    return series * x if odd else series


def _hermite(order: int) -> list[float]:
    """Coefficients of what the derivative of that order of exp(-x**2) is, over exp(-x**2)."""
    found = [1.0]
    for _ in range(order):
        slope = [k * c for k, c in enumerate(found)][1:]
        found = [a - 2 * b for a, b in zip([*slope, 0.0, 0.0], [0.0, *found], strict=True)]
    return found


def _dawson_middle(order: int, x: Any) -> Any:
    """Rybicki's sum over the bells around x; a derivative is the sum of theirs."""
    shape = _hermite(order)
    middle = full(x, 2) * lax.floor(x / full(x, 2 * _STEP)) + full(x, 1)
    rest = x - middle * full(x, _STEP)
    total = full(x, 0)
    for j in range(-_BELLS, _BELLS + 1):
        away = rest - full(x, 2 * _STEP * j)
        total = total + polynomial(shape, away) * lax.exp(-away * away) / (middle + full(x, 2 * j))
    return total * full(x, 1 / math.sqrt(math.pi))


def _dawson_far(order: int, x: Any) -> Any:
    """The asymptotic series, for numbers from 8 on; its terms have one sign, and so have those of a derivative."""
    inverse = full(x, 1) / x
    terms, factor = [], 0.5
    for k in range(36):
        terms.append(factor * math.factorial(2 * k + order) / math.factorial(2 * k) * (-1) ** order)
        factor *= (2 * k + 1) / 2
    series = polynomial(terms, inverse * inverse)
    for _ in range(order + 1):  # not by the power, which may underflow alone
        series = series * inverse
    return series


def _dawson(order: int, x: Any) -> Any:
    size = lax.abs(x)
    near, far = lax.le(size, full(x, 1)), lax.gt(size, full(x, 8))
    small, large = lax.select(near, size, full(x, 0.5)), lax.select(far, size, full(x, 9))
    middle = lax.select(lax.bitwise_or(near, far), full(x, 2), size)
    found = lax.select(far, _dawson_far(order, large), _dawson_middle(order, middle))
    found = lax.select(near, _dawson_near(order, small), found)
    return found if order % 2 else lax.sign(x) * found


@dataclass(frozen=True, eq=False)
class Dawson(Op):
    """Dawson's integral, or a derivative of it."""

    own_slope = True

    derivative: int = 0

    def infer(self, x: TensorType) -> TensorType:
        require_kind(x.dtype, ("float",))
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        lowered: jax.Array = in_double(lambda wide: _dawson(self.derivative, wide))(x)
        return lowered

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g * apply(Dawson(self.derivative + 1), x),)


def dawsn(x: NodeLike, /) -> Node:
    """Dawson's integral: exp(-x**2) times the integral of exp(t**2) over t from 0 to x.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype. Derivatives of any order,
    each about as exact as the value. Raises: DTypeError for complex x.
    Source: SciPy `dawsn`; Rybicki, Dawson's integral and the sampling theorem (1989).

    >>> import theon
    >>> print(theon.dawsn(1.0).eval())
    0.5380795
    """
    return apply(Dawson(), as_float(x))


# --- Owen's T function ------------------------------------------------------------------------------------------------

_NODES = 24  # of Gauss and Legendre's rule on [0, 1], being half of the 48 on [-1, 1]: the integrand is even
_REACH = 8.8  # standard deviations beyond which a bell holds nothing


def _owens_t(h: Any, a: Any) -> Any:
    """Owen's integral for slopes up to 1; steeper ones by reflection, in upper tails, so that nothing cancels."""
    one, zero = full(h, 1), full(h, 0)
    height, slope = lax.min(lax.abs(h), full(h, 1e10)), lax.abs(a)
    steep = lax.gt(slope, one)
    moved = lax.select(lax.eq(height, zero), zero, lax.min(height * slope, full(h, 1e10)))
    tail, other = (full(h, 0.5) * lax.erfc(v * full(h, ROOT_HALF)) for v in (height, moved))

    height = lax.select(steep, moved, height)
    slope = lax.select(steep, one / lax.select(steep, slope, one), slope)
    reach = lax.min(slope, full(h, _REACH) / lax.max(height, one))
    angle = full(h, 0)
    for node, weight in zip(*(v[_NODES:] for v in np.polynomial.legendre.leggauss(2 * _NODES)), strict=True):
        x = reach * full(h, float(node))
        bell = height * x
        angle = angle + full(h, float(weight)) * lax.exp(full(h, -0.5) * bell * bell) / (one + x * x)
    inner = angle * reach * lax.exp(full(h, -0.5) * height * height) * full(h, 0.5 / math.pi)
    outer = full(h, 0.5) * (tail + other) - tail * other - inner
    return lax.sign(a) * lax.select(steep, outer, inner)


_OWENS_T = define(
    Row(
        "owens_t",
        in_double(_owens_t),
        no_fold,
        FLOATS,
        "same",
        (
            lambda g, y, h, a: g * (exp(-0.5 * (h * h)) * erf(h * a * ROOT_HALF) * (-0.5 / ROOT_TAU)),
            lambda g, y, h, a: g * (exp(-0.5 * (h * h + (h * a) * (h * a))) / (1 + a * a) * (0.5 / math.pi)),
        ),
    )
)


def owens_t(h: NodeLike, a: NodeLike, /) -> Node:
    """Owen's T: the probability that X is above h and Y between 0 and a * X, for independent standard normal X and Y.

    Arguments: h and a, of shapes that broadcast; floats (ints and bools become the default float). Gives their promoted
    dtype. Even in h and odd in a. Raises: ShapeError where shapes do not broadcast, DTypeError for complex.
    Source: SciPy `owens_t`; Owen, Tables for computing bivariate normal probabilities (1956).

    >>> import theon
    >>> print(theon.owens_t(0.0, 1.0).eval())
    0.125
    """
    return elementwise(_OWENS_T, h, a)


__all__ = ["dawsn", "owens_t"]
