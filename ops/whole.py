"""Whole reductions that only rewrites make, from formulas that users spell out: they have no public name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.errors import DTypeError, require
from ..graph.node import Node, apply
from ..graph.op import Op
from ..graph.types import TensorType
from .arithmetic import abs, minimum
from .axes import axes_text, keep, spread, widened, without
from .comparison import equal, greater, logical_and, not_equal, where
from .elementwise import number
from .nn.activations import LogMeanExp, Softmax, shifted_by_max
from .precise import last_exponent
from .reduce import Reduce
from .rest import is_normal
from .shape import expand_dims
from .transcendental import exp

# For squares of numbers whose own squares would overflow or underflow: powers of 2 to multiply by first, the exponent
# below which a sum of squares may have lost small ones, by the width of the float.
_SCALES = {4: (-80, 64, -60), 8: (-600, 530, -500)}


@dataclass(frozen=True, eq=False)
class Norm(Op):
    """`sqrt(sum(x * x))` along axes, for numbers of any size; its gradient at 0 is 0."""

    axes: tuple[int, ...]
    keepdims: bool = False

    @property
    def params(self) -> str:
        return axes_text(self.axes, self.keepdims)

    def infer(self, x: TensorType) -> TensorType:
        require(x.is_float, f"takes float, not {x.dtype}", "convert with .astype", DTypeError)
        return x.with_shape(without(x.shape, self.axes, self.keepdims))

    def lower(self, x: jax.Array) -> jax.Array:
        length = lax.convert_element_type(_length(widened(x), self.axes), x.dtype)
        found: jax.Array = keep(length, self.axes, self.keepdims)
        return found

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        """x / out; made smaller where out is huge: XLA multiplies by 1 / out, which underflows there."""
        away = greater(out, 0)
        scale = where(greater(out, 2.0**64), 2.0**-64, 1)
        length = spread(where(away, out * scale, 1), x, self.axes, self.keepdims)
        unit = where(
            spread(away, x, self.axes, self.keepdims), x * spread(scale, x, self.axes, self.keepdims) / length, 0
        )
        return (spread(g, x, self.axes, self.keepdims) * unit,)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _length(x: Any, axes: tuple[int, ...]) -> Any:
    """Three sums in one pass, of which the one that kept all digits is taken."""
    down, up, edge = _SCALES[x.dtype.itemsize]
    plain = _sum_of_squares(x, 0, axes)
    large = lax.sqrt(_sum_of_squares(x, down, axes)) * lax.full_like(plain, 2.0**-down)
    small = lax.sqrt(_sum_of_squares(x, up, axes)) * lax.full_like(plain, 2.0**-up)
    length = lax.select(lax.lt(plain, lax.full_like(plain, 2.0**edge)), small, lax.sqrt(plain))
    # nan, too: of (x * c)**2 XLA makes x**2 * c**2, which is inf * 0 where a constant masks a large number.
    return lax.select(lax.is_finite(plain), length, large)


@_length.defjvp
def _length_moved(axes: tuple[int, ...], point: tuple[Any], along: tuple[Any]) -> tuple[Any, Any]:
    """For whoever derives a lowered program by JAX: of the sums that are not taken it would take inf * 0."""
    (x,), (step,) = point, along
    length = _length(x, axes)
    divisor = lax.expand_dims(
        lax.select(lax.gt(length, lax.full_like(length, 0)), length, lax.full_like(length, 1)), axes
    )
    return length, lax.reduce_sum(
        lax.mul(lax.div(x, lax.broadcast_in_dim(divisor, x.shape, range(x.ndim))), step), axes
    )


def _sum_of_squares(x: Any, exponent: int, axes: tuple[int, ...]) -> Any:
    # The scale is hidden from XLA, which would take it out of the square: (x * c)**2 as x**2 * c**2.
    scale = lax.optimization_barrier(number(2.0**exponent, x)) if exponent else None
    scaled = x if scale is None else lax.mul(x, lax.broadcast(scale, x.shape))
    return lax.reduce_sum(lax.mul(scaled, scaled), axes)


def norm(x: Node, axes: tuple[int, ...], keepdims: bool) -> Node:
    """`sqrt(sum(x * x))`."""
    return apply(Norm(axes, keepdims), x)


@dataclass(frozen=True, eq=False)
class WeightedLogSumExp(Op):
    """`log(sum(w * exp(x)))` over axes, for weights of any sign; nan where the sum is negative."""

    axes: tuple[int, ...]

    @property
    def params(self) -> str:
        return axes_text(self.axes, False)

    def infer(self, x: TensorType, w: TensorType) -> TensorType:
        require(x == w and x.is_float, f"takes floats of one type, not {x} and {w}", kind=DTypeError)
        return x.with_shape(without(x.shape, self.axes, False))

    def lower(self, x: jax.Array, w: jax.Array) -> jax.Array:
        """The largest term is taken out, by its exponent and its weight."""
        x, w, dtype = widened(x), widened(w), x.dtype
        _, top = shifted_by_max(lax.add(x, lax.log(lax.abs(w))), self.axes)
        spread_top = lax.broadcast_in_dim(top, x.shape, [i for i in range(x.ndim) if i not in self.axes])
        silent = lax.eq(w, lax.full_like(w, 0))
        powers = lax.exp(lax.select(silent, lax.full_like(x, -np.inf), lax.sub(x, spread_top)))
        total = lax.reduce_sum(lax.mul(w, powers), self.axes)
        return lax.convert_element_type(lax.add(lax.log(total), top), dtype)

    def vjp(self, g: Node, out: Node, x: Node, w: Node) -> Sequence[Node | None]:
        heard = not_equal(w, 0)
        powers = apply(Softmax(self.axes), where(heard, x, -np.inf))
        total = apply(Reduce("sum", self.axes, True), w * powers)
        # exp(x - out) only where nothing else is left, by a weight 0 or beside weights that are all but 0: `out` is
        # rounded at its own magnitude, and exp magnifies that. Finite, where all weights have underflowed.
        plain = logical_and(heard, greater(abs(total), 1e-30))
        above = minimum(x - spread(out, x, self.axes, False), last_exponent(x.dtype))
        share = where(plain, powers / where(plain, total, 1), exp(above))
        up = spread(g, x, self.axes, False)
        return up * where(heard, w * share, 0), up * share


def weighted_logsumexp(x: Node, w: Node, axes: tuple[int, ...]) -> Node:
    """`log(sum(w * exp(x)))` over axes."""
    return apply(WeightedLogSumExp(axes), x, w)


def log_mean_exp(x: Node, axes: tuple[int, ...], keepdims: bool) -> Node:
    """`log(mean(exp(x)))`."""
    mean = apply(LogMeanExp(axes), x)
    return expand_dims(mean, axes) if keepdims else mean


@dataclass(frozen=True, eq=False)
class LogProd(Op):
    """`log(prod(x))` along axes, where the product may overflow or underflow; nan where it is negative."""

    axes: tuple[int, ...]
    keepdims: bool = False

    @property
    def params(self) -> str:
        return axes_text(self.axes, self.keepdims)

    def infer(self, x: TensorType) -> TensorType:
        require(x.is_float, f"takes float, not {x.dtype}", kind=DTypeError)
        return x.with_shape(without(x.shape, self.axes, self.keepdims))

    def lower(self, x: jax.Array) -> jax.Array:
        """Of the product where this is a normal number, in which nothing cancels; else the sum of logarithms."""
        wide = widened(x)
        product = lax.reduce_prod(wide, self.axes)
        signs = lax.reduce_prod(lax.sign(wide), self.axes)
        logs = lax.reduce_sum(lax.log(lax.abs(wide)), self.axes)
        apart = lax.select(lax.lt(signs, lax.full_like(signs, 0)), lax.full_like(logs, np.nan), logs)
        total = lax.select(is_normal(product), lax.log(product), apart)
        return keep(lax.convert_element_type(total, x.dtype), self.axes, self.keepdims)  # type: ignore[no-any-return]

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        up = spread(g, x, self.axes, self.keepdims)
        idle = equal(up, 0)  # what is not asked for stays 0, at x = 0 too
        return (where(idle, 0, up / where(idle, 1, x)),)


def log_prod(x: Node, axes: tuple[int, ...], keepdims: bool) -> Node:
    """`log(prod(x))`."""
    return apply(LogProd(axes, keepdims), x)


__all__ = [
    "LogProd", "Norm", "WeightedLogSumExp", "log_mean_exp", "log_prod", "norm", "weighted_logsumexp",
]  # fmt: skip
