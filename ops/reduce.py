"""Reductions: sum, prod, max, min, any, all; argmax and argmin.

An `axis` argument is an int, several ints, or None for all axes; negative ints count from the back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import numpy as np
from jax import lax

from ..graph.dims import Shape, normal_axis
from ..graph.errors import ArgumentError, Mismatch, require
from ..graph.node import Node, NodeLike, apply, as_node, complain
from ..graph.op import Op
from ..graph.types import BOOL, INT32, DType, TensorType, Type, as_dtype, kind_of
from .arithmetic import maximum, minimum
from .axes import Axis, axes_of, axes_text, count, initial_of, keep, kept, require_kind, spread, widened, without
from .comparison import equal, logical_or
from .comparison import where as choose
from .creation import full
from .elementwise import cast_to
from .join import concat
from .shape import reshape, transpose
from .sizes import shape_of

Lowering: TypeAlias = Callable[[Any, tuple[int, ...]], Any]


def _sum(x: Any, axes: tuple[int, ...]) -> Any:
    return lax.convert_element_type(lax.reduce_sum(widened(x), axes), x.dtype)


def _prod(x: Any, axes: tuple[int, ...]) -> Any:
    return lax.convert_element_type(lax.reduce_prod(widened(x), axes), x.dtype)


def _max(x: Any, axes: tuple[int, ...]) -> Any:
    return lax.reduce_or(x, axes) if x.dtype == BOOL else lax.reduce_max(x, axes)


def _min(x: Any, axes: tuple[int, ...]) -> Any:
    return lax.reduce_and(x, axes) if x.dtype == BOOL else lax.reduce_min(x, axes)


_LOWERINGS: dict[str, Lowering] = {
    "sum": _sum,
    "prod": _prod,
    "max": _max,
    "min": _min,
    "any": lax.reduce_or,
    "all": lax.reduce_and,
}
_TAKES = {
    "sum": ("int", "uint", "float", "complex"),
    "prod": ("int", "uint", "float", "complex"),
    "max": ("bool", "int", "uint", "float"),
    "min": ("bool", "int", "uint", "float"),
    "any": ("bool",),
    "all": ("bool",),
}


@dataclass(frozen=True, eq=False)
class Reduce(Op):
    """All elements along `axes` joined by one operation: `kind` is sum, prod, max, min, any or all."""

    kind: str
    axes: tuple[int, ...]
    keepdims: bool = False

    @property
    def name(self) -> str:
        return self.kind

    @property
    def params(self) -> str:
        return axes_text(self.axes, self.keepdims)

    def infer(self, x: TensorType) -> TensorType:
        require_kind(x.dtype, _TAKES[self.kind])
        if self.kind in ("max", "min"):
            _require_elements(x.shape, self.axes)
        return x.with_shape(without(x.shape, self.axes, self.keepdims))

    def lower(self, x: jax.Array) -> jax.Array:
        return keep(_LOWERINGS[self.kind](x, self.axes), self.axes, self.keepdims)  # type: ignore[no-any-return]

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        if self.kind == "sum":
            return (spread(g, x, self.axes, self.keepdims),)
        if self.kind == "prod":
            return (_prod_gradient(g, x, self.axes),)
        # Equal extremes share the gradient.
        hit = cast_to(equal(x, spread(out, x, self.axes, self.keepdims)), x.dtype)
        share = g / apply(Reduce("sum", self.axes, self.keepdims), hit)
        return (hit * spread(share, x, self.axes, self.keepdims),)

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return tuple(isinstance(t, TensorType) and t.is_inexact for t in types)


def _require_elements(shape: Shape, axes: Sequence[int]) -> None:
    empty = [a for a in axes if shape[a] == 0]
    require(not empty, f"nothing to choose from: axis {empty[:1]} has length 0", "give it at least one element")


def _prod_gradient(g: Node, x: Node, axes: tuple[int, ...]) -> Node:
    """The cotangent of a product: for each factor, the product of all others, without division (factors may be 0).

    The factors are multiplied in pairs, pairs of pairs and so on; going back, each half gets the other half times
    the cotangent of their product. Written in products only, it is itself right to every order.
    """
    kept = tuple(i for i in range(x.ndim) if i not in axes)
    order = (*axes, *kept)
    outer = tuple(x.sizes[i] for i in kept)
    factors = reshape(transpose(x, order), (count(x, axes), *outer))
    halves: list[tuple[Node, Node, int]] = []
    while (length := factors.sizes[0]) > 1:
        half = length // 2
        left, right = factors[:half], factors[half : 2 * half]
        halves.append((left, right, half))
        product = left * right
        factors = concat([product, factors[2 * half :]]) if length % 2 else product
    back = reshape(g, (1, *outer)) if factors.sizes[0] else factors
    for left, right, half in reversed(halves):
        pair = back[:half] if back.sizes[0] > half else back
        parts = [pair * right, pair * left]
        back = concat([*parts, back[half:]] if back.sizes[0] > half else parts)
    inverse = tuple(order.index(i) for i in range(x.ndim))
    return transpose(reshape(back, tuple(x.sizes[i] for i in order)), inverse)


def _reduce(kind: str, x: Node, axis: Axis, keepdims: bool) -> Node:
    return apply(Reduce(kind, axes_of(kind, x, axis), kept(kind, x, keepdims)), x)


def accumulator(dtype: DType) -> DType:
    """Sums and products of small ints are held in 32 bits, of the same signedness."""
    kind = kind_of(dtype)
    if kind in ("bool", "int", "uint") and dtype.itemsize < 4:
        return np.dtype("uint32") if kind == "uint" else INT32
    return dtype


def masked(x: Node, where: NodeLike | None, fill: float) -> Node:
    """`x` with `fill` where it takes no part."""
    return x if where is None else choose(where, x, fill)


def _summed(
    kind: str, x: NodeLike, axis: Axis, keepdims: bool, dtype: Any, where: NodeLike | None, initial: NodeLike | None
) -> Node:
    node = as_node(x)
    node = cast_to(node, accumulator(node.dtype) if dtype is None else as_dtype(dtype))
    found = _reduce(kind, masked(node, where, int(kind == "prod")), axis, keepdims)
    if initial is None:
        return found
    start: NodeLike = initial_of(kind, found, initial)
    return found + start if kind == "sum" else found * start


def sum(
    x: NodeLike,
    axis: Axis = None,
    keepdims: bool = False,
    dtype: Any = None,
    *,
    where: NodeLike | None = None,
    initial: NodeLike | None = None,
) -> Node:
    """The sum of the elements along `axis`; 0 of none.

    Arguments: a tensor of any shape; `dtype` is what the elements become first; where, bools that broadcast to the
    tensor, says which take part; initial is added. Gives that dtype, else the tensor's own; bools and ints below 32
    bits are summed in int32 or uint32. Half floats are summed in float32.
    Raises: ShapeError for an axis that is not there. Source: NumPy / Array API `sum`.

    >>> import theon
    >>> print(theon.sum([[1.0, 2.0], [3.0, 4.0]], axis=-1).eval())
    [3. 7.]
    """
    return _summed("sum", x, axis, keepdims, dtype, where, initial)


def prod(
    x: NodeLike,
    axis: Axis = None,
    keepdims: bool = False,
    dtype: Any = None,
    *,
    where: NodeLike | None = None,
    initial: NodeLike | None = None,
) -> Node:
    """The product of the elements along `axis`; 1 of none.

    Arguments and dtypes as for `sum`; initial is one more factor. The gradient is right where factors are 0.
    Raises: ShapeError for an axis that is not there. Source: NumPy / Array API `prod`.

    >>> import theon
    >>> print(theon.prod([[1.0, 2.0], [3.0, 4.0]], axis=0).eval())
    [3. 8.]
    """
    return _summed("prod", x, axis, keepdims, dtype, where, initial)


def _extreme(
    kind: str, x: NodeLike, axis: Axis, keepdims: bool, where: NodeLike | None, initial: NodeLike | None
) -> Node:
    node = as_node(x)
    if initial is None:
        if where is not None:
            problem = Mismatch("with where=, all elements may be left out", "give initial= as well", ArgumentError)
            raise complain(problem, kind, node)
        return _reduce(kind, node, axis, keepdims)
    initial = initial_of(kind, node, initial)
    if node.dtype == BOOL:
        initial = cast_to(initial, BOOL)
    axes = axes_of(kind, node, axis)
    other = maximum if kind == "max" else minimum
    if 0 in (node.dims[a] for a in axes):
        kept = [1 if i in axes else d for i, d in enumerate(shape_of(node)) if keepdims or i not in axes]
        return full(kept, initial, node.dtype)
    return other(_reduce(kind, node if where is None else choose(where, node, initial), axis, keepdims), initial)


def max(
    x: NodeLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    where: NodeLike | None = None,
    initial: NodeLike | None = None,
) -> Node:
    """The largest element along `axis`; nan where there is one. Equal largest elements share the gradient.

    Arguments: a real or bool tensor with at least one element along `axis`, or a number `initial` that is one more
    element; where, bools that broadcast to the tensor, says which take part, and needs initial. Gives its dtype.
    Raises: ShapeError for an axis that is not there or is empty, DTypeError for complex, ArgumentError for where
    without initial. Source: NumPy / Array API `max`.

    >>> import theon
    >>> print(theon.max([[1, 5], [3, 4]], axis=1).eval())
    [5 4]
    """
    return _extreme("max", x, axis, keepdims, where, initial)


def min(
    x: NodeLike,
    axis: Axis = None,
    keepdims: bool = False,
    *,
    where: NodeLike | None = None,
    initial: NodeLike | None = None,
) -> Node:
    """The smallest element along `axis`; nan where there is one. Equal smallest elements share the gradient.

    Arguments, Raises: see `max`. Source: NumPy / Array API `min`.

    >>> import theon
    >>> print(theon.min([[1, 5], [3, 4]], axis=1).eval())
    [1 3]
    """
    return _extreme("min", x, axis, keepdims, where, initial)


def any(x: NodeLike, axis: Axis = None, keepdims: bool = False, *, where: NodeLike | None = None) -> Node:
    """Whether any element along `axis` is true; False of none.

    Arguments: a tensor of any shape; numbers count as true where they are not 0; where, bools that broadcast to the
    tensor, says which take part. Gives bool. Not differentiable.
    Raises: ShapeError for an axis that is not there. Source: NumPy / Array API `any`.

    >>> import theon
    >>> print(theon.any([False, True]).eval())
    True
    """
    truth = cast_to(x, BOOL)
    return _reduce("any", truth if where is None else truth & where, axis, keepdims)


def all(x: NodeLike, axis: Axis = None, keepdims: bool = False, *, where: NodeLike | None = None) -> Node:
    """Whether all elements along `axis` are true; True of none.

    Arguments: a tensor of any shape; numbers count as true where they are not 0; where, bools that broadcast to the
    tensor, says which take part. Gives bool. Not differentiable.
    Raises: ShapeError for an axis that is not there. Source: NumPy / Array API `all`.

    >>> import theon
    >>> print(theon.all([False, True]).eval())
    False
    """
    truth = cast_to(x, BOOL)
    return _reduce("all", truth if where is None else logical_or(truth, ~as_node(where)), axis, keepdims)


amax = max
amin = min


# --- Where the extremes are -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ArgReduce(Op):
    """The position of the first largest or smallest element along an axis, or in the flattened tensor."""

    kind: str  # "argmax" or "argmin"
    axis: int | None
    keepdims: bool = False
    differentiable = False

    @property
    def name(self) -> str:
        return self.kind

    @property
    def params(self) -> str:
        return f"axis={self.axis}{', keepdims' if self.keepdims else ''}"

    def infer(self, x: TensorType) -> TensorType:
        require_kind(x.dtype, _TAKES["max"])
        axes = self.axes(x.ndim)
        _require_elements(x.shape, axes)
        return TensorType(INT32, without(x.shape, axes, self.keepdims))

    def axes(self, ndim: int) -> tuple[int, ...]:
        return tuple(range(ndim)) if self.axis is None else (self.axis,)

    def lower(self, x: jax.Array) -> jax.Array:
        flat, axis = (lax.reshape(x, (x.size,)), 0) if self.axis is None else (x, self.axis)
        found = (lax.argmax if self.kind == "argmax" else lax.argmin)(flat, axis, np.int32)
        return keep(found, self.axes(x.ndim), self.keepdims)  # type: ignore[no-any-return]


def _arg_reduce(kind: str, x: NodeLike, axis: int | None, keepdims: bool) -> Node:
    node = as_node(x)
    try:
        position = None if axis is None else normal_axis(axis, node.ndim)
    except Mismatch as problem:
        raise complain(problem, kind, node) from None
    return apply(ArgReduce(kind, position, kept(kind, node, keepdims)), node)


def argmax(x: NodeLike, axis: int | None = None, keepdims: bool = False) -> Node:
    """The position of the largest element along `axis` (None: in the flattened tensor); the first of equal ones.

    Arguments: a real or bool tensor with at least one element along `axis`; a nan counts as largest. Gives int32.
    Raises: ShapeError for an axis that is not there or is empty, DTypeError for complex.
    Source: NumPy / Array API `argmax`.

    >>> import theon
    >>> print(theon.argmax([[1, 5], [3, 4]], axis=0).eval())
    [1 0]
    """
    return _arg_reduce("argmax", x, axis, keepdims)


def argmin(x: NodeLike, axis: int | None = None, keepdims: bool = False) -> Node:
    """The position of the smallest element along `axis` (None: in the flattened tensor); the first of equal ones.

    Arguments: a real or bool tensor with at least one element along `axis`; a nan counts as smallest. Gives int32.
    Raises: ShapeError for an axis that is not there or is empty, DTypeError for complex.
    Source: NumPy / Array API `argmin`.

    >>> import theon
    >>> print(theon.argmin([[1, 5], [3, 4]], axis=0).eval())
    [0 1]
    """
    return _arg_reduce("argmin", x, axis, keepdims)


__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "max",
    "min",
    "prod",
    "sum",
    "ArgReduce",
    "Reduce",
]
