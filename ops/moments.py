"""Mean, variance and standard deviation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ..graph.errors import ArgumentError, Mismatch
from ..graph.node import Node, NodeLike, apply, as_node, complain
from ..graph.op import Op
from ..graph.types import INT32, DType, TensorType, as_dtype, default_float_dtype, kind_of, real_of
from .arithmetic import abs as magnitude
from .arithmetic import maximum
from .axes import Axis, axes_of, axes_text, count, keep, kept, require_kind, spread, widened, without
from .comparison import conj, greater
from .comparison import where as choose
from .elementwise import cast_to, number
from .powers import square
from .reduce import sum
from .shape import broadcast_to
from .sizes import shape_of
from .transcendental import sqrt


@dataclass(frozen=True, eq=False)
class Mean(Op):
    """The arithmetic mean along `axes`; nan of no elements."""

    axes: tuple[int, ...]
    keepdims: bool = False

    @property
    def params(self) -> str:
        return axes_text(self.axes, self.keepdims)

    def infer(self, x: TensorType) -> TensorType:
        require_kind(x.dtype, ("float", "complex"))
        return x.with_shape(without(x.shape, self.axes, self.keepdims))

    def lower(self, x: jax.Array) -> jax.Array:
        return keep(_as(_mean(widened(x), self.axes), x.dtype), self.axes, self.keepdims)  # type: ignore[no-any-return]

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (spread(g * _inverse(count(x, self.axes)), x, self.axes, self.keepdims),)


def _mean(x: Any, axes: tuple[int, ...]) -> Any:
    total = lax.reduce_sum(x, axes)
    return lax.div(total, number(math.prod(x.shape[a] for a in axes), total))


def _as(x: Any, dtype: DType) -> Any:
    return lax.convert_element_type(x, dtype)


def _inverse(count: float) -> float:
    """1 / count; what no element is divided by is never used, but must not raise."""
    return 1 / count if count else math.inf


@dataclass(frozen=True, eq=False)
class Var(Op):
    """The mean squared distance from the mean along `axes`; the divisor is the count less `correction`, at least 0."""

    axes: tuple[int, ...]
    keepdims: bool = False
    correction: float = 0.0

    @property
    def params(self) -> str:
        return axes_text(self.axes, self.keepdims) + (f", correction={self.correction}" if self.correction else "")

    def infer(self, x: TensorType) -> TensorType:
        require_kind(x.dtype, ("float", "complex"))
        return TensorType(real_of(x.dtype), without(x.shape, self.axes, self.keepdims))

    def lower(self, x: jax.Array) -> jax.Array:
        """In two passes, the mean first: the square of the mean is never subtracted from a mean of squares."""
        wide = widened(x)
        away = lax.sub(wide, lax.expand_dims(_mean(wide, self.axes), self.axes))
        if kind_of(x.dtype) == "complex":
            squares = lax.add(lax.square(lax.real(away)), lax.square(lax.imag(away)))
        else:
            squares = lax.square(away)
        total = lax.reduce_sum(squares, self.axes)
        variance = lax.div(total, number(self.divisor(x.shape), total))
        return keep(_as(variance, real_of(x.dtype)), self.axes, self.keepdims)  # type: ignore[no-any-return]

    def divisor(self, shape: Sequence[int]) -> float:
        free = math.prod(shape[a] for a in self.axes) - self.correction
        return free if free > 0 else 0

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        away = x - apply(Mean(self.axes, True), x)
        slope = spread(g * (2 * _inverse(self.divisor(x.sizes))), x, self.axes, self.keepdims)
        return (slope * conj(away) if kind_of(x.dtype) == "complex" else slope * away,)


def _inexact(x: NodeLike, dtype: Any = None) -> Node:
    node = as_node(x)
    if dtype is not None:
        return cast_to(node, as_dtype(dtype))
    return node if node.tensor.is_inexact else cast_to(node, default_float_dtype())


def _taking_part(x: Node, mask: NodeLike, axis: Axis, keepdims: bool) -> Node:
    """How many elements are averaged, as a number of the dtype of magnitudes."""
    ones = broadcast_to(cast_to(mask, INT32), shape_of(x))
    return cast_to(sum(ones, axis, keepdims), real_of(x.dtype))


def mean(
    x: NodeLike, axis: Axis = None, keepdims: bool = False, dtype: Any = None, *, where: NodeLike | None = None
) -> Node:
    """The arithmetic mean of the elements along `axis`; nan of none.

    Arguments: a tensor of any shape; `dtype` is what the elements become first, by default the default float for
    bools and ints; where, bools that broadcast to the tensor, says which take part. Gives that dtype, else the
    tensor's own; half floats are summed in float32.
    Raises: ShapeError for an axis that is not there. Source: NumPy / Array API `mean`.

    >>> import theon
    >>> print(theon.mean([1, 2, 6]).eval())
    3.0
    """
    node = _inexact(x, dtype)
    axes = axes_of("mean", node, axis)
    if where is None:
        return apply(Mean(axes, kept("mean", node, keepdims)), node)
    return sum(choose(where, node, 0), axis, keepdims) / _taking_part(node, where, axis, keepdims)


def var(
    x: NodeLike,
    axis: Axis = None,
    keepdims: bool = False,
    correction: float = 0,
    dtype: Any = None,
    *,
    where: NodeLike | None = None,
) -> Node:
    """The variance of the elements along `axis`: their mean squared distance from their mean.

    Arguments: as for `mean`. The sum of squares is divided by the count less `correction` (1 for the unbiased
    estimate; NumPy's `ddof`). Gives the tensor's real dtype; nan where the divisor is 0.
    Raises: ShapeError for an axis that is not there. Source: NumPy / Array API `var`.

    >>> import theon
    >>> print(theon.var([1.0, 2.0, 3.0], correction=1).eval())
    1.0
    """
    return _variance("var", x, axis, keepdims, correction, dtype, where)


def _variance(
    what: str, x: NodeLike, axis: Axis, keepdims: bool, correction: float, dtype: Any, where: NodeLike | None
) -> Node:
    node = _inexact(x, dtype)
    if not isinstance(correction, (int, float)):
        problem = Mismatch(
            f"correction is a number, received {correction!r}", "give 1 for the unbiased one", ArgumentError
        )
        raise complain(problem, what, node)
    axes = axes_of(what, node, axis)
    keepdims = kept(what, node, keepdims)
    if where is None:
        return apply(Var(axes, keepdims, float(correction)), node)
    away = choose(where, node - mean(node, axis, True, where=where), 0)
    squares = square(magnitude(away)) if kind_of(node.dtype) == "complex" else square(away)
    divisor = maximum(_taking_part(node, where, axis, keepdims) - float(correction), 0)
    return sum(squares, axis, keepdims) / divisor


def std(
    x: NodeLike,
    axis: Axis = None,
    keepdims: bool = False,
    correction: float = 0,
    dtype: Any = None,
    *,
    where: NodeLike | None = None,
) -> Node:
    """The standard deviation of the elements along `axis`: the square root of their variance.

    Arguments, dtypes and errors as for `var`. Where all elements are equal the gradient is 0.
    Source: NumPy / Array API `std`.

    >>> import theon
    >>> print(theon.std([1.0, 2.0, 3.0], correction=1).eval())
    1.0
    """
    variance = _variance("std", x, axis, keepdims, correction, dtype, where)
    wide = greater(variance, 0)  # the root is taken of positive numbers only: at 0 its slope is infinite
    return choose(wide, sqrt(choose(wide, variance, 1)), variance)


__all__ = [
    "Mean",
    "Var",
    "mean",
    "std",
    "var",
]
