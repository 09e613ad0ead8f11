"""Whole functions that only rewrites make, from formulas that users spell out: they have no public name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.errors import DTypeError, require
from ..graph.node import Node, NodeLike, apply
from ..graph.op import Op
from ..graph.types import TensorType
from .axes import axes_text, keep, spread, widened, without
from .comparison import greater, not_equal, where
from .elementwise import FLOATS, Row, define, elementwise
from .nn.activations import Softmax, shifted_by_max
from .reduce import Reduce
from .transcendental import tanh

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
        """Three sums in one pass, of which the one that kept all digits is taken."""
        wide = widened(x)
        down, up, edge = _SCALES[wide.dtype.itemsize]
        plain = _sum_of_squares(wide, 0, self.axes)
        large = lax.sqrt(_sum_of_squares(wide, down, self.axes)) * lax.full_like(plain, 2.0**-down)
        small = lax.sqrt(_sum_of_squares(wide, up, self.axes)) * lax.full_like(plain, 2.0**-up)
        length = lax.select(lax.lt(plain, lax.full_like(plain, 2.0**edge)), small, lax.sqrt(plain))
        length = lax.select(lax.eq(plain, lax.full_like(plain, np.inf)), large, length)
        return keep(lax.convert_element_type(length, x.dtype), self.axes, self.keepdims)  # type: ignore[no-any-return]

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        length = spread(out, x, self.axes, self.keepdims)
        away = greater(length, 0)
        unit = where(away, x / where(away, length, 1), 0)
        return (spread(g, x, self.axes, self.keepdims) * unit,)


def _sum_of_squares(x: Any, exponent: int, axes: tuple[int, ...]) -> Any:
    scaled = lax.mul(x, lax.full_like(x, 2.0**exponent)) if exponent else x
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
        """The largest exponent that has a weight is taken out."""
        x, w, dtype = widened(x), widened(w), x.dtype
        silent = lax.eq(w, lax.full_like(w, 0))
        heard = lax.select(silent, lax.full_like(x, -np.inf), x)
        shifted, top = shifted_by_max(heard, self.axes)
        total = lax.reduce_sum(lax.mul(w, lax.exp(shifted)), self.axes)
        return lax.convert_element_type(lax.add(lax.log(total), top), dtype)

    def vjp(self, g: Node, out: Node, x: Node, w: Node) -> Sequence[Node | None]:
        # Not exp(x - out): `out` is rounded at its own magnitude, and exp would magnify that.
        heard = not_equal(w, 0)
        powers = apply(Softmax(self.axes), where(heard, x, -np.inf))
        total = apply(Reduce("sum", self.axes, True), w * powers)
        share = spread(g, x, self.axes, False) * (powers / total)
        return w * share, share


def weighted_logsumexp(x: Node, w: Node, axes: tuple[int, ...]) -> Node:
    """`log(sum(w * exp(x)))` over axes."""
    return apply(WeightedLogSumExp(axes), x, w)


def _log_cosh(x: Any) -> Any:
    """Near 0 by log1p(2 * sinh(x / 2)**2), in which nothing cancels; elsewhere |x| + log((1 + exp(-2|x|)) / 2)."""
    size = lax.abs(x)
    near = lax.sinh(lax.mul(lax.min(size, lax.full_like(x, 1)), lax.full_like(x, 0.5)))
    small = lax.log1p(lax.mul(lax.mul(near, near), lax.full_like(x, 2)))
    large = lax.sub(
        lax.add(size, lax.log1p(lax.exp(lax.mul(size, lax.full_like(x, -2))))), lax.full_like(x, math.log(2))
    )
    return lax.select(lax.lt(size, lax.full_like(x, 1)), small, large)


LOG_COSH = define(
    Row(
        "log_cosh",
        _log_cosh,
        lambda x: np.logaddexp(x, -x) - x.dtype.type(math.log(2)),
        FLOATS,
        "same",
        (lambda g, y, x: g * tanh(x),),
    )
)


def log_cosh(x: NodeLike, /) -> Node:
    """`log(cosh(x))`."""
    return elementwise(LOG_COSH, x)


__all__ = ["LOG_COSH", "Norm", "WeightedLogSumExp", "log_cosh", "norm", "weighted_logsumexp"]
