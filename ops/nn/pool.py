"""Pooling: the largest element or the mean of each window. Gradients are ops that have gradients themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeVar

import jax
import numpy as np
from jax import lax

from ...graph.errors import ArgumentError, DTypeError, require
from ...graph.node import Node, NodeLike, apply, constant
from ...graph.op import Op
from ...graph.types import TensorType, Type
from ..axes import widened
from ..sizes import Blame
from .activations import floats
from .windows import (
    DataFormat,
    Padding,
    PaddingLike,
    Pairs,
    Reach,
    channel_axis,
    input_pads,
    padding_of,
    per_axis,
    spatial_axes,
)

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class _Pool(Op):
    """Windows over all axes: those of batch and channels have size 1."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Padding

    def pooled(self, x: TensorType) -> TensorType:
        require(x.is_float, f"takes float, not {x.dtype}", "convert with .astype", DTypeError)
        return x.with_shape([r.windows(self.padding, i, n) for i, (r, n) in self._along(x.shape)])

    def pads(self, shape: Sequence[int]) -> Pairs:
        return tuple(r.pads(self.padding, i, n) for i, (r, n) in self._along(shape))

    def _along(self, shape: Sequence[T]) -> list[tuple[int, tuple[Reach, T]]]:
        """By axis: the window and the length that it slides over."""
        return list(enumerate(zip(map(Reach, self.size, self.strides), shape, strict=True)))


# --- the largest -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class MaxPool(_Pool):
    """The largest element of each window; nothing outside of `x` counts."""

    def infer(self, x: TensorType) -> TensorType:
        return self.pooled(x)

    def lower(self, x: jax.Array) -> jax.Array:
        least = np.asarray(-np.inf, x.dtype)
        pads = self.pads(x.shape)
        return lax.reduce_window(x, least, lax.max, self.size, self.strides, pads)  # type: ignore[no-any-return]

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (apply(Unpool(self.size, self.strides, self.padding), g, x),)


@dataclass(frozen=True, eq=False)
class Unpool(_Pool):
    """Each window's value added to where the first of the window's largest elements is in `x`, zeros elsewhere."""

    def infer(self, values: TensorType, x: TensorType) -> TensorType:
        return x

    def lower(self, values: jax.Array, x: jax.Array) -> jax.Array:
        return lax.select_and_scatter_add_p.bind(  # type: ignore[no-any-return]
            values,
            x,
            select_prim=lax.ge_p,
            window_dimensions=self.size,
            window_strides=self.strides,
            padding=self.pads(x.shape),
        )

    def vjp(self, g: Node, out: Node, values: Node, x: Node) -> Sequence[Node | None]:
        return apply(PickLargest(self.size, self.strides, self.padding), g, x), None

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return (True, False)


@dataclass(frozen=True, eq=False)
class PickLargest(_Pool):
    """Of each window, the value that stands where the first of the window's largest elements is in `x`."""

    def infer(self, values: TensorType, x: TensorType) -> TensorType:
        return self.pooled(x)

    def lower(self, values: jax.Array, x: jax.Array) -> jax.Array:
        ones = (1,) * x.ndim
        return lax.select_and_gather_add_p.bind(  # type: ignore[no-any-return]
            values,
            x,
            select_prim=lax.ge_p,
            window_dimensions=self.size,
            window_strides=self.strides,
            padding=self.pads(x.shape),
            base_dilation=ones,
            window_dilation=ones,
        )

    def vjp(self, g: Node, out: Node, values: Node, x: Node) -> Sequence[Node | None]:
        return apply(Unpool(self.size, self.strides, self.padding), g, x), None

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return (True, False)


# --- the mean ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SumPool(Op):
    """The sum of each window over `x` with gaps between its elements, padded with zeros."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Pairs
    input_dilation: tuple[int, ...]

    def _reaches(self) -> list[Reach]:
        return [Reach(*each) for each in zip(self.size, self.strides, self._ones(), self.input_dilation, strict=True)]

    def _ones(self) -> tuple[int, ...]:
        return (1,) * len(self.size)

    def infer(self, x: TensorType) -> TensorType:
        pairs = enumerate(zip(self._reaches(), x.shape, strict=True))
        return x.with_shape([reach.windows(self.padding, i, n) for i, (reach, n) in pairs])

    def lower(self, x: jax.Array) -> jax.Array:
        return _window_sum(x, self.size, self.strides, self.padding, self.input_dilation)  # type: ignore[no-any-return]

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        each = zip(self._reaches(), self.padding, x.sizes, g.sizes, strict=True)
        back = tuple(input_pads(*one) for one in each)
        return (apply(SumPool(self.size, self.input_dilation, back, self.strides), g),)


def _window_sum(x: Any, size: Any, strides: Any, padding: Any, dilation: Any) -> Any:
    wide = widened(x)
    total = lax.reduce_window(wide, np.zeros((), wide.dtype), lax.add, size, strides, padding, dilation)
    return lax.convert_element_type(total, x.dtype)


@dataclass(frozen=True, eq=False)
class AveragePool(_Pool):
    """The mean of each window; nothing outside of `x` counts."""

    def infer(self, x: TensorType) -> TensorType:
        return self.pooled(x)

    def lower(self, x: jax.Array) -> jax.Array:
        wide = widened(x)
        total = _window_sum(wide, self.size, self.strides, self.pads(x.shape), (1,) * x.ndim)
        return lax.convert_element_type(lax.div(total, self.counts(x.shape).astype(wide.dtype)), x.dtype)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        total = SumPool(self.size, self.strides, self.pads(x.sizes), (1,) * x.ndim)
        return total.vjp(g / constant(self.counts(x.sizes), g.dtype), out, x)

    def counts(self, shape: Sequence[int]) -> np.ndarray[Any, Any]:
        """How many elements of `x` each window holds: one number where that is the same for all."""
        along = []
        for i, (reach, length) in self._along(shape):
            low, high = reach.pads(self.padding, i, length)
            starts = np.arange((length + low + high - reach.size) // reach.stride + 1) * reach.stride - low
            held = np.minimum(starts + reach.size, length) - np.maximum(starts, 0)
            held = held[:1] if np.all(held == held[:1]) else held
            along.append(held.reshape([-1 if j == i else 1 for j in range(len(shape))]))
        counts = reduce(np.multiply, along)
        return counts.reshape(()) if counts.size == 1 else counts


# --- what the user writes ----------------------------------------------------------------------------------------


def _pooled(
    make: Callable[..., Op], what: str, x: NodeLike, size: Any, strides: Any, padding: Any, data_format: Any
) -> Node:
    image = floats(x, what)
    with Blame(what, image):
        rank = image.ndim - 2
        require(rank >= 1, "x needs a batch axis, a channel axis and one more", "add axes with theon.expand_dims")
        space = spatial_axes(channel_axis(data_format, image.ndim), image.ndim)
        windows = per_axis(size, rank, "pool_size")
        steps = windows if strides is None else per_axis(strides, rank, "strides")
        pads = padding_of(padding, rank)
        over = dict(zip(space, range(rank), strict=True))

        def everywhere(values: Sequence[Any], rest: Any) -> tuple[Any, ...]:
            return tuple(values[over[i]] if i in over else rest for i in range(image.ndim))

        wide: Padding = "same"
        if not isinstance(pads, str):
            wide = everywhere(pads, (0, 0))
            inside = all(max(pair) < n for pair, n in zip(pads, windows, strict=True))
            hint = "pad by less than the window's size"
            require(inside, f"padding {pads} makes windows that hold nothing", hint, ArgumentError)
    return apply(make(everywhere(windows, 1), everywhere(steps, 1), wide), image)


def max_pool(
    x: NodeLike,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: PaddingLike = "valid",
    *,
    data_format: DataFormat = "channels_last",
) -> Node:
    """The largest element of each window that slides over the spatial axes.

    Where several are the largest of a window, the first of them, in the order of the array, gets the gradient.

    Arguments: x, shape (batch, *space, channels), or (batch, channels, *space) where data_format is "channels_first",
    float (ints become the default float); pool_size, of the window, an int or one per axis; strides, by default the
    window's size; padding, "valid" for none, "same", or a pair (before, after) per axis: what is padded is never the
    largest. Raises: ShapeError where x has too few axes, ArgumentError for values that mean nothing, DTypeError for
    complex. Source: `keras.ops.max_pool`.

    >>> import theon
    >>> theon.nn.max_pool(theon.tensor("x", shape=("batch", 28, 28, 3)), 2)
    <max_pool : float32[batch, 14, 14, 3]>
    """
    return _pooled(MaxPool, "max_pool", x, pool_size, strides, padding, data_format)


def avg_pool(
    x: NodeLike,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: PaddingLike = "valid",
    *,
    data_format: DataFormat = "channels_last",
) -> Node:
    """The mean of each window that slides over the spatial axes; what is padded does not count.

    Arguments, Raises: see `max_pool`. Half floats are summed in float32. Source: `keras.ops.average_pool`.

    >>> import theon
    >>> print(theon.nn.avg_pool(theon.constant([[[1.0], [3.0], [5.0]]]), 2, 1).eval().ravel())
    [2. 4.]
    """
    return _pooled(AveragePool, "avg_pool", x, pool_size, strides, padding, data_format)
