"""Spherical harmonics: normalised Legendre functions of the polar angle, times waves of the azimuth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.dims import broadcast_shapes
from ..graph.errors import ArgumentError, DTypeError, Mismatch, require
from ..graph.node import Node, NodeLike, apply, as_node, const_value
from ..graph.op import Op
from ..graph.types import TensorType, complex_of, promote
from .axes import require_kind
from .comparison import complex as complex_numbers
from .elementwise import align, cast_to
from .floats import as_float
from .precise import full, repeat
from .sizes import Blame
from .special_bessel_values import parity
from .transcendental import cos, sin


def _legendre(n: Any, m: Any, theta: Any, last: int) -> Any:
    """From the sectoral one upwards in degree, which is stable; nan beyond `last`, 0 where there is none."""
    order, sine, cosine = lax.abs(m), lax.sin(theta), lax.cos(theta)
    one, zero = full(n, 1), full(n, 0)

    def rim(k: Any, found: Any) -> tuple[Any]:
        twice = full(k, 2) * k
        return (lax.select(lax.le(k, order), -(found * sine) * lax.sqrt((twice + one) / twice), found),)

    def rise(k: Any, before: Any, now: Any) -> tuple[Any, Any]:
        inside = lax.bitwise_and(lax.gt(k, order), lax.le(k, n))
        last_k = k - one
        gap = lax.max(last_k * last_k - m * m, zero) / (full(k, 4) * last_k * last_k - one)
        scale = lax.sqrt((full(k, 4) * k * k - one) / lax.select(inside, k * k - m * m, one))
        above = scale * (cosine * now - lax.sqrt(lax.abs(gap)) * before)
        return lax.select(inside, now, before), lax.select(inside, above, now)

    (start,) = repeat(last, rim, full(theta, math.sqrt(0.25 / math.pi)))
    _, found = repeat(last, rise, zero, start)
    found = lax.select(lax.lt(m, zero), parity(m) * found, found)
    found = lax.select(lax.gt(order, n), zero, found)
    return lax.select(lax.gt(n, full(n, last)), full(n, math.nan), found)


def _derivative(n: Any, m: Any, theta: Any, last: int, times: int) -> Any:
    """Each derivative by the angle is half the difference of the neighbouring orders, with the factors of ladders."""
    terms = {0: full(n, 1)}
    for _ in range(times):
        found: dict[int, Any] = {}
        for step, factor in terms.items():
            at = m + full(m, step)
            for side in (1, -1):
                ladder = lax.max((n - full(n, side) * at) * (n + full(n, side) * at + full(n, 1)), full(n, 0))
                part = factor * full(n, side / 2) * lax.sqrt(ladder)
                found[step + side] = found[step + side] + part if step + side in found else part
        terms = found
    values = [factor * _legendre(n, m + full(m, step), theta, last) for step, factor in terms.items()]
    return sum(values[1:], values[0])


@dataclass(frozen=True, eq=False)
class SphericalLegendre(Op):
    """A derivative of the spherical harmonic at azimuth 0, by the polar angle, of degrees up to `last`."""

    own_slope = True

    last: int
    derivative: int = 0

    def infer(self, n: TensorType, m: TensorType, theta: TensorType) -> TensorType:
        for index in (n, m):
            require_kind(index.dtype, ("int", "uint"))
        require(theta.is_float, f"takes float, not {theta.dtype}", "convert with .astype", DTypeError)
        return TensorType(theta.dtype, broadcast_shapes([n.shape, m.shape, theta.shape]))

    def lower(self, *arrays: jax.Array) -> jax.Array:
        n, m, theta = align([lax.convert_element_type(array, np.dtype("float64")) for array in arrays])
        found = _derivative(n, m, theta, self.last, self.derivative)
        return lax.convert_element_type(found, arrays[2].dtype)

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | None]:
        return (None, None, g * apply(replace(self, derivative=self.derivative + 1), *inputs))


def _last_degree(n: Node, n_max: int | None) -> int:
    if n_max is None:
        known = const_value(n)
        if known is None:
            raise Mismatch("how large n gets is not known", "give n_max=, a Python int", ArgumentError)
        return int(np.max(known, initial=0))
    right = isinstance(n_max, (int, np.integer)) and not isinstance(n_max, bool) and n_max >= 0
    require(right, f"n_max is {n_max!r}", "give a Python int from 0 on", ArgumentError)
    return int(n_max)


def sph_harm_y(n: NodeLike, m: NodeLike, theta: NodeLike, phi: NodeLike, *, n_max: int | None = None) -> Node:
    """The spherical harmonic of degree n and order m at the polar angle theta and the azimuth phi.

    Arguments: n and m, ints, and theta and phi, floats (ints become the default float), of shapes that broadcast;
    n_max, the largest degree there may be, needed where n is no constant: above it the result is nan. Gives the complex
    dtype of the angles' promoted one, computed in float64; 0 where abs(m) is above n. Differentiable by both angles.
    Raises: ArgumentError where the largest degree is not known or n_max is none, ShapeError where shapes do not
    broadcast, DTypeError for other dtypes. Source: SciPy `sph_harm_y`, whose phase it has (Condon and Shortley's).

    >>> import theon
    >>> print(theon.sph_harm_y([0, 1], [0, 1], np.pi / 2, 0.0).eval().round(6))
    [ 0.282095+0.j -0.345494-0.j]
    """
    degree, order, polar, azimuth = as_node(n), as_node(m), as_float(theta), as_float(phi)
    with Blame("sph_harm_y", degree, order, polar, azimuth):
        for index in (degree, order):
            require_kind(index.dtype, ("int", "uint"))
        dtype = promote(polar.dtype, azimuth.dtype)
        require_kind(dtype, ("float",))
        last = _last_degree(degree, n_max)
    double = np.dtype("float64")
    size = apply(SphericalLegendre(last), degree, order, cast_to(polar, double))
    angle = cast_to(order, double) * cast_to(azimuth, double)
    return cast_to(complex_numbers(size * cos(angle), size * sin(angle)), complex_of(dtype))


__all__ = ["sph_harm_y"]
