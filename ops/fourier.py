"""The discrete Fourier transform: one op, of four kinds, whose gradients are of the same kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import jax
import numpy as np
from jax import lax

from ..graph.dims import Dim, listed, normal_axes, normal_axis
from ..graph.errors import ArgumentError, DTypeError, require
from ..graph.node import Node, NodeLike, apply, as_node, constant
from ..graph.op import Op, dims_of
from ..graph.types import (
    FLOAT32,
    DType,
    TensorType,
    complex_of,
    default_float_dtype,
    is_inexact,
    kind_of,
    real_of,
    require_computed,
)
from .comparison import conj
from .creation import zeros
from .elementwise import cast_to
from .join import concat
from .sizes import Blame, Field, Ints, as_int, declare, is_among, shape_of
from .transcendental import sqrt

Kind: TypeAlias = Literal["fft", "ifft", "rfft", "irfft"]
_LEAVE = "None takes all there are"
Norm: TypeAlias = Literal["backward", "ortho", "forward"] | None
_FACING = {"backward": "forward", "ortho": "ortho", "forward": "backward", None: "forward"}


@dataclass(frozen=True, eq=False)
class Fft(Op):
    """The transform over axes; inverses are divided by the number of points. `length`: how many irfft gives."""

    kind: Kind
    axes: tuple[int, ...]
    length: tuple[Field, ...] = ()

    @property
    def name(self) -> str:
        return self.kind

    @property
    def params(self) -> str:
        return ", ".join([f"axes={self.axes}", *map(str, self.length)])

    def infer(self, x: TensorType) -> TensorType:
        real = self.kind == "rfft"
        good = x.dtype in (np.dtype("float32"), np.dtype("float64")) if real else kind_of(x.dtype) == "complex"
        require(good, f"takes {'float32 or float64' if real else 'complex'}, not {x.dtype}", kind=DTypeError)
        shape = list(x.shape)
        for axis in self.axes:
            require(shape[axis] != 0, f"axis {axis} has no points to transform", "give it one at least")
        last = self.axes[-1]
        if self.kind == "rfft":
            shape[last] = _half(shape[last])
            return TensorType(complex_of(x.dtype), tuple(shape))
        if self.kind == "irfft":
            (shape[last],) = dims_of(self.length)
            fits = shape[last] is None or x.shape[last] is None or _half(shape[last]) == x.shape[last]
            require(fits, f"{x.shape[last]} points do not make {shape[last]}")
            return TensorType(real_of(x.dtype), tuple(shape))
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        out = self.infer(TensorType(np.dtype(x.dtype), x.shape))
        if not x.size:
            return lax.full(out.sizes, 0, out.dtype)
        rest = [i for i in range(x.ndim) if i not in self.axes]
        order = (*rest, *self.axes)
        x = lax.transpose(x, order) if order != tuple(range(x.ndim)) else x
        sizes = [out.sizes[axis] for axis in self.axes]
        lengths = sizes if self.kind == "irfft" else list(x.shape[len(rest) :])
        x = self._in_threes(x, len(rest), lengths)
        back = tuple(order.index(i) for i in range(len(order)))
        return lax.transpose(x, back) if back != tuple(range(x.ndim)) else x

    def _in_threes(self, x: Any, lead: int, lengths: Sequence[int]) -> Any:
        """XLA transforms up to three axes at once, the last ones: others come after (of a real input) or before."""
        kinds = {kind: getattr(lax.FftType, kind.upper()) for kind in ("fft", "ifft", "rfft", "irfft")}
        first, last = lengths[:-3], lengths[-3:]
        others = "ifft" if self.kind in ("ifft", "irfft") else "fft"
        steps: list[Any] = [(axis + lead, size) for axis, size in enumerate(first)]
        if self.kind != "irfft":
            x = lax.fft(x, kinds[self.kind], tuple(last))
        for axis, size in steps:
            order = (*(i for i in range(x.ndim) if i != axis), axis)
            moved = lax.fft(lax.transpose(x, order), kinds[others], (size,))
            x = lax.transpose(moved, tuple(order.index(i) for i in range(x.ndim)))
        return lax.fft(x, kinds["irfft"], tuple(last)) if self.kind == "irfft" else x

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        """A transform is a symmetric matrix; of a real one, points that stand for two count for two."""
        if self.kind in ("fft", "ifft"):
            return (apply(self, g),)
        last = self.axes[-1]
        full = x if self.kind == "rfft" else out
        points = float(np.prod([full.sizes[axis] for axis in self.axes]))
        length = full.sizes[last]
        twice = np.full(length // 2 + 1, 2.0)
        twice[0] = 1
        if length % 2 == 0:
            twice[-1] = 1
        shape = [1] * x.ndim
        shape[last] = -1
        counted = twice.reshape(shape)
        if self.kind == "irfft":
            weights = constant((counted / points).astype(g.dtype))
            return (conj(apply(Fft("rfft", self.axes), g)) * cast_to(weights, x.dtype),)
        weights = constant((points / counted).astype(x.dtype))
        return (apply(Fft("irfft", self.axes, (length,)), conj(g) * cast_to(weights, g.dtype)),)


def _half(length: Dim) -> Dim:
    return length // 2 + 1 if isinstance(length, int) else None


# --- what all public functions do --------------------------------------------------------------------------------


def _operand(what: str, x: NodeLike, real: bool) -> Node:
    """`x` in the dtype that is transformed."""
    node = as_node(x)
    dtype: DType = node.dtype
    if not is_inexact(dtype):
        dtype = default_float_dtype()
    elif kind_of(dtype) == "float" and dtype.itemsize < 4:
        dtype = FLOAT32
    with Blame(what, node):
        require_computed([node.type])
        fits = not real or kind_of(dtype) == "float"
        require(fits, f"takes real numbers, not {dtype}", "take theon.real first", DTypeError)
    node = cast_to(node, dtype)
    return node if real or kind_of(dtype) == "complex" else cast_to(node, complex_of(dtype))


def _axes(node: Node, s: Any, axes: Any) -> tuple[tuple[int, ...], list[Any]]:
    """The axes to transform, and the size wanted of each: None leaves it."""
    several = None if s is None else listed(s, "s")
    if axes is None:
        count = node.ndim if several is None else len(several)
        require(count <= node.ndim, f"{count} sizes for {node.ndim} axes", "give one for each axis, at most")
        found = tuple(range(node.ndim - count, node.ndim))
    else:
        normal_axes(axes, node.ndim)  # each only once
        found = tuple(normal_axis(axis, node.ndim) for axis in ([axes] if isinstance(axes, int) else axes))
    require(len(found) > 0, "takes an axis or more", "a scalar is its own transform", ArgumentError)
    sizes = [None] * len(found) if several is None else several
    require(len(sizes) == len(found), f"{len(sizes)} sizes for {len(found)} axes", "give one for each", ArgumentError)
    sizes = [size if size is None or isinstance(size, Node) else as_int(size, "a number of points") for size in sizes]
    for size in sizes:
        require(not isinstance(size, int) or size > 0, f"a number of points is positive, received {size}", _LEAVE)
    return found, sizes


def resized(x: Node, axis: int, size: int | Node) -> Node:
    """`x` cut off, or with zeros behind it, so that an axis has some length."""
    have = shape_of(x)[axis]
    front = (slice(None),) * axis
    if isinstance(have, int) and isinstance(size, int):
        if have == size:
            return x
        if have > size:
            return x[(*front, slice(None, size))]
    more = [size if i == axis else d for i, d in enumerate(shape_of(x))]
    if isinstance(have, int) and isinstance(size, int):
        more[axis] = size - have
        return concat([x, zeros(more, dtype=x.dtype)], axis=axis)
    return concat([x, zeros(more, dtype=x.dtype)], axis=axis)[(*front, slice(None, size))]


def _scaled(x: Node, points: Sequence[int | Node], norm: Any, inverse: bool) -> Node:
    """What the op gives ("backward") as another norm has it."""
    require(
        is_among(norm, _FACING), f"there is no norm {norm!r}", "use 'backward', 'ortho' or 'forward'", ArgumentError
    )
    if norm in (None, "backward"):
        return x
    dtype = real_of(x.dtype)
    total: Node = constant(np.ones((), dtype))
    for size in points:
        total = total * (cast_to(size, dtype) if isinstance(size, Node) else size)
    root = sqrt(total) if norm == "ortho" else total
    return x * cast_to(root if inverse else 1 / root, x.dtype)


def transform(what: str, kind: Kind, x: NodeLike, s: Any, axes: Any, norm: Any) -> Node:
    """The transform of any kind: sizes, op, norm."""
    given = as_node(x)
    node = _operand(what, given, kind == "rfft")
    with Blame(what, given):
        places, sizes = _axes(node, s, axes)
        inverse = kind in ("ifft", "irfft")
        half = kind == "irfft"
        for axis, size in list(zip(places, sizes, strict=True))[: -1 if half else None]:
            node = node if size is None else resized(node, axis, size)
        length: tuple[Field, ...] = ()
        ints = Ints()
        points = [shape_of(node)[axis] for axis in places]
        if half:
            wanted = sizes[-1]
            known = shape_of(node)[places[-1]]
            wanted = 2 * (known - 1) if wanted is None else wanted
            good = not isinstance(wanted, int) or wanted > 0
            require(good, f"a number of points is positive, received {wanted}", _LEAVE)
            node = resized(node, places[-1], wanted // 2 + 1)
            length = (ints.field(wanted),)
            points[-1] = wanted
        found = declare(Fft(kind, places, length), [node], ints.nodes)
        return _scaled(found, points, norm, inverse)


def facing(what: str, node: Node, norm: Any) -> Any:
    """The norm by which a transform the other way is divided as one this way is by `norm`."""
    with Blame(what, node):
        require(
            is_among(norm, _FACING), f"there is no norm {norm!r}", "use 'backward', 'ortho' or 'forward'", ArgumentError
        )
    return _FACING[norm]
