"""Convolution over any number of axes: one op, whose gradients are that op again, so that they have gradients too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import jax
from jax import lax

from ...graph.dims import Dim
from ...graph.errors import DTypeError, Mismatch, require
from ...graph.node import Node, NodeLike, apply
from ...graph.op import Op
from ...graph.types import TensorType, promote
from ..elementwise import cast_to
from ..gather import Slice
from ..index import Index
from ..shape import permuted, reshape
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
    kernel_pads,
    padding_of,
    per_axis,
    spatial_axes,
)

Axes = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Conv(Op):
    """The correlation of `x` with a kernel that slides over its spatial axes.

    The axes of `x` and of the result are named in the order batch, channels, spatial ones, those of the kernel in the
    order out, in, spatial ones. With `groups`, each group of channels meets its own part of the kernel; with
    `batch_groups`, each group of the batch does.
    """

    x_axes: Axes
    kernel_axes: Axes
    out_axes: Axes
    strides: Axes
    padding: Padding
    dilation: Axes
    input_dilation: Axes
    groups: int = 1
    batch_groups: int = 1

    def infer(self, x: TensorType, kernel: TensorType) -> TensorType:
        require(x.dtype == kernel.dtype, f"mixes {x.dtype} and {kernel.dtype}", "cast one with .astype", DTypeError)
        dims = [_shared(x.shape[self.x_axes[0]], self.batch_groups, "the batch"), self._channels(x, kernel)]
        for i, (at, over) in enumerate(zip(self.x_axes[2:], self.kernel_axes[2:], strict=True)):
            length, size = x.shape[at], kernel.shape[over]
            dims.append(self._reach(i, size).windows(self.padding, i, length) if isinstance(size, int) else None)
        return x.with_shape([dims[self.out_axes.index(i)] for i in range(x.ndim)])

    def _channels(self, x: TensorType, kernel: TensorType) -> Dim:
        have, out, into = x.shape[self.x_axes[1]], kernel.shape[self.kernel_axes[0]], kernel.shape[self.kernel_axes[1]]
        share = _shared(have, self.groups, "the channels of x")
        if isinstance(share, int) and isinstance(into, int) and share != into:
            each = f" in each of {self.groups} groups" if self.groups > 1 else ""
            hint = "a kernel has the shape (*window, channels of x / groups, channels of the result)"
            raise Mismatch(f"x has {share} channels{each}, the kernel takes {into}", hint)
        _shared(out, self.groups * self.batch_groups, "the channels of the result")
        return out

    def _reach(self, i: int, size: int) -> Reach:
        return Reach(size, self.strides[i], self.dilation[i], self.input_dilation[i])

    def _pads(self, x: Sequence[int], kernel: Sequence[int]) -> Pairs:
        axes = enumerate(zip(self.x_axes[2:], self.kernel_axes[2:], strict=True))
        return tuple(self._reach(i, kernel[over]).pads(self.padding, i, x[at]) for i, (at, over) in axes)

    def lower(self, x: jax.Array, kernel: jax.Array) -> jax.Array:
        return lax.conv_general_dilated(
            x,
            kernel,
            self.strides,
            self._pads(x.shape, kernel.shape),
            self.input_dilation,
            self.dilation,
            lax.ConvDimensionNumbers(self.x_axes, self.kernel_axes, self.out_axes),
            self.groups,
            self.batch_groups,
            preferred_element_type=x.dtype,
        )

    def vjp(self, g: Node, out: Node, x: Node, kernel: Node) -> Sequence[Node | None]:
        if self.batch_groups > 1:  # the same convolution, with the groups among the channels
            count, batch, channels = self.batch_groups, self.x_axes[0], self.x_axes[1]
            alike = replace(self, groups=count, batch_groups=1)
            of_x, of_kernel = alike.vjp(g, out, moved(x, batch, channels, count), kernel)
            return None if of_x is None else moved(of_x, channels, batch, count), of_kernel
        reaches = [self._reach(i, kernel.sizes[over]) for i, over in enumerate(self.kernel_axes[2:])]
        lengths, windows = ([node.sizes[i] for i in axes[2:]] for node, axes in ((x, self.x_axes), (g, self.out_axes)))
        both = list(zip(reaches, self._pads(x.sizes, kernel.sizes), lengths, windows, strict=True))
        swapped = (self.kernel_axes[1], self.kernel_axes[0], *self.kernel_axes[2:])
        by_x = Conv(
            self.out_axes,
            swapped,
            self.x_axes,
            self.input_dilation,
            tuple(input_pads(*each) for each in both),
            self.dilation,
            self.strides,
            self.groups,
        )
        by_kernel = Conv(
            (self.x_axes[1], self.x_axes[0], *self.x_axes[2:]),
            (self.out_axes[1], self.out_axes[0], *self.out_axes[2:]),
            swapped,
            self.dilation,
            tuple(kernel_pads(*each) for each in both),
            self.strides,
            self.input_dilation,
            1,
            self.groups,
        )
        turned = moved(backwards(kernel, self.kernel_axes[2:]), self.kernel_axes[0], self.kernel_axes[1], self.groups)
        return apply(by_x, g, turned), apply(by_kernel, x, g)


def _shared(size: Dim, groups: int, what: str) -> Dim:
    """A size divided among groups."""
    if groups == 1:
        return size
    if not isinstance(size, int):
        return None
    require(size % groups == 0, f"{what} ({size}) do not divide into {groups} groups", "give groups that divide it")
    return size // groups


def backwards(x: Node, axes: Sequence[int]) -> Node:
    """`x` read from its end along some axes; an axis of one element stays."""
    turned = [i for i in axes if x.sizes[i] != 1]
    if not turned:
        return x
    return apply(Index(tuple(Slice(None, None, -1 if i in turned else None) for i in range(x.ndim))), x)


def moved(x: Node, source: int, target: int, groups: int) -> Node:
    """`x` with the groups that lead axis `source` leading axis `target` instead."""
    if groups == 1:
        return x
    sizes = [*x.sizes[:source], groups, x.sizes[source] // groups, *x.sizes[source + 1 :]]
    at = target + (target > source)  # where the target axis is, now that the source is two
    order = [i for i in range(len(sizes)) if i != source]
    order.insert(order.index(at), source)
    after = list(x.sizes)
    after[source], after[target] = x.sizes[source] // groups, x.sizes[target] * groups
    return reshape(permuted(reshape(x, sizes), tuple(order)), after)


def conv(
    x: NodeLike,
    kernel: NodeLike,
    strides: int | Sequence[int] = 1,
    padding: PaddingLike = "valid",
    *,
    dilation: int | Sequence[int] = 1,
    input_dilation: int | Sequence[int] = 1,
    groups: int = 1,
    data_format: DataFormat = "channels_last",
) -> Node:
    """Convolution (correlation: the kernel is not turned) over one, two, three or more spatial axes.

    Arguments: x, shape (batch, *space, channels), or (batch, channels, *space) where data_format is "channels_first";
    kernel, (*window, channels / groups, out channels); strides, of the window, an int or one per axis; padding,
    "valid" for none, "same" for zeros so that strides of 1 keep the size, or a pair (before, after) per axis;
    dilation, how far apart the kernel's cells lie, and input_dilation, those of x; groups, into how many parts the
    channels fall that do not mix. Dtypes promote; ints become the default float. Gives the shape of x with other sizes.
    Raises: ShapeError where sizes do not fit, ArgumentError for values that mean nothing, DTypeError for complex.
    Source: `keras.ops.conv`, `jax.lax.conv_general_dilated`.

    >>> import theon
    >>> theon.nn.conv(theon.tensor("x", shape=("batch", 28, 28, 3)), theon.zeros((5, 5, 3, 16)), strides=2)
    <conv : float32[batch, 12, 12, 16]>
    """
    image, window = floats(x, "conv"), floats(kernel, "conv")
    dtype = promote(image.dtype, window.dtype)
    with Blame("conv", image, window):
        rank = image.ndim - 2
        require(rank >= 1, "x needs a batch axis, a channel axis and one more", "add axes with theon.expand_dims")
        fits = f"a kernel for {rank} spatial axes has {rank + 2}, received {window.ndim}"
        require(window.ndim == rank + 2, fits, "its shape is (*window, channels of x / groups, channels of the result)")
        channels = channel_axis(data_format, image.ndim)
        axes = (0, channels, *spatial_axes(channels, image.ndim))
        (parts,) = per_axis([groups], 1, "groups")
        op = Conv(
            axes,
            (rank + 1, rank, *range(rank)),
            axes,
            per_axis(strides, rank, "strides"),
            padding_of(padding, rank),
            per_axis(dilation, rank, "dilation"),
            per_axis(input_dilation, rank, "input_dilation"),
            parts,
        )
        plain = op.padding != "same" or set(op.input_dilation) == {1}
        require(plain, "'same' says nothing of an x with gaps", "give padding as pairs beside input_dilation")
    return apply(op, cast_to(image, dtype), cast_to(window, dtype))
