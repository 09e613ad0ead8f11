"""Convolution and correlation of arrays, in the meaning of NumPy and SciPy. (Those of layers stand in `nn`.)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from ..graph.errors import ArgumentError, DTypeError, require
from ..graph.node import Node, NodeLike, apply, as_node
from ..graph.types import kind_of
from .comparison import conj
from .elementwise import cast_to, common_dtype
from .nn.conv import Conv, backwards
from .shape import expand_dims, squeeze
from .sizes import Blame, is_among

SlideMode: TypeAlias = Literal["full", "same", "valid"]


def _operands(what: str, x1: NodeLike, x2: NodeLike, mode: str) -> tuple[Node, Node, tuple[int, ...], tuple[int, ...]]:
    """Both operands in one dtype, and their sizes, which must be known."""
    x, y = as_node(x1), as_node(x2)
    with Blame(what, x, y):
        dtype = common_dtype([x, y])
        require(kind_of(dtype) != "bool", "takes numbers, not bools", "convert with .astype", DTypeError)
        hint = "give one of them more axes"
        require(x.ndim == y.ndim > 0, f"takes two arrays of one number of axes, received {x.ndim} and {y.ndim}", hint)
        modes = ("full", "same", "valid")
        require(is_among(mode, modes), f"there is no mode {mode!r}", f"use one of {modes}", ArgumentError)
        known = x.tensor.is_static and y.tensor.is_static
        require(known, "needs to know the sizes of both", "declare them, or use theon.nn.conv", ArgumentError)
        require(0 not in (*x.sizes, *y.sizes), "an array without elements", "give it one at least")
    return cast_to(x, dtype), cast_to(y, dtype), x.sizes, y.sizes


def _slid(x: Node, kernel: Node, mode: str) -> Node:
    """`sum(x[k + m] * kernel[m])` over m; where the kernel reaches out of `x`, zeros are read."""
    pads = []
    for n in kernel.sizes:
        left = {"full": n - 1, "same": n // 2, "valid": 0}[mode]
        pads.append((left, n - 1 - left if mode == "same" else left))
    rank = x.ndim
    axes = tuple(range(rank + 2))
    op = Conv(axes, axes, axes, (1,) * rank, tuple(pads), (1,) * rank, (1,) * rank)
    return squeeze(apply(op, expand_dims(x, (0, 1)), expand_dims(kernel, (0, 1))), (0, 1))


def _reversed(x: Node) -> Node:
    return backwards(x, range(x.ndim))


def _exchanged(what: str, nodes: Sequence[Node], mode: str, a: Sequence[int], b: Sequence[int]) -> bool:
    """Whether the second is to be the one that stays: NumPy has the longer of two vectors so, SciPy where it must."""
    if len(a) == 1:
        return b[0] > a[0]
    larger, smaller = (all(m >= n for m, n in zip(*pair, strict=True)) for pair in ((a, b), (b, a)))
    with Blame(what, *nodes):
        fits = mode != "valid" or larger or smaller
        require(fits, f"neither of {tuple(a)} and {tuple(b)} holds the other", 'use mode "same" or "full"')
    return mode == "valid" and not larger


def convolve(x1: NodeLike, x2: NodeLike, mode: SlideMode = "full") -> Node:
    """The convolution of two arrays: `sum(x1[m] * x2[k - m])` over m.

    Arguments: two arrays of one number of axes and of known sizes, numbers; dtypes are promoted. mode, "full": wherever
    the two meet; "same": the middle of that, as large as the longer of two vectors, or as `x1`; "valid": where one
    holds the other. Raises: ShapeError for arrays of different ranks or without elements, ArgumentError for unknown
    sizes or another mode. Source: NumPy `convolve` of vectors; SciPy `signal.convolve`, `convolve2d` of more axes.

    >>> import theon
    >>> print(theon.convolve([1.0, 2.0, 3.0], [0.0, 1.0, 0.5]).eval())
    [0.  1.  2.5 4.  1.5]
    """
    x, y, a, b = _operands("convolve", x1, x2, mode)
    if _exchanged("convolve", (x, y), mode, a, b):
        x, y = y, x
    return _slid(x, _reversed(y), mode)


def correlate(x1: NodeLike, x2: NodeLike, mode: SlideMode | None = None) -> Node:
    """The correlation of two arrays: `sum(x1[k + m] * conj(x2[m]))` over m.

    Arguments: as for `convolve`; mode is "valid" for vectors by default, as NumPy has it, else "full", as SciPy has it.
    Raises: as `convolve`. Source: NumPy `correlate` of vectors; SciPy `signal.correlate`, `correlate2d` of more axes.

    >>> import theon
    >>> print(theon.correlate([1.0, 2.0, 3.0], [0.0, 1.0, 0.5], "same").eval())
    [2.  3.5 3. ]
    """
    first = as_node(x1)
    chosen = ("valid" if first.ndim == 1 else "full") if mode is None else mode
    x, y, a, b = _operands("correlate", first, x2, chosen)
    turn = kind_of(x.dtype) == "complex"
    if not _exchanged("correlate", (x, y), chosen, a, b):
        return _slid(x, conj(y) if turn else y, chosen)
    found = _reversed(_slid(y, conj(x) if turn else x, chosen))
    return conj(found) if turn else found


__all__ = ["convolve", "correlate"]
