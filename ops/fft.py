"""`theon.fft`: discrete Fourier transforms, as NumPy has them.

Lengths may be any; half floats are transformed in float32, and ints in the default float. `norm` says which way is
divided by the number of points: "backward" (the inverse), "forward", or "ortho" (each by the root).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph.dims import normal_axes
from ..graph.errors import ArgumentError, require
from ..graph.node import Node, NodeLike, as_node
from ..graph.types import as_dtype, default_float_dtype, kind_of
from .comparison import conj, less, where
from .creation import arange
from .elementwise import cast_to
from .fourier import Norm, facing, transform
from .join import concat
from .sizes import Blame, as_int, shape_of

# --- one axis ----------------------------------------------------------------------------------------------------


def fft(a: NodeLike, n: int | Node | None = None, axis: int = -1, norm: Norm = None) -> Node:
    """The discrete Fourier transform along an axis: `sum(a[m] * exp(-2j * pi * m * k / n))`.

    Arguments: a, numbers; n, how many points: `a` is cut off, or zeros are put behind it; norm, see `theon.fft`. Gives
    complex numbers. Raises: ShapeError for an axis that is not there or has no points, ArgumentError for another norm.
    Source: NumPy / Array API `fft.fft`.

    >>> import theon
    >>> print(theon.fft.fft([1.0, 0.0, 0.0, 0.0]).eval())
    [1.+0.j 1.+0.j 1.+0.j 1.+0.j]
    """
    return transform("fft", "fft", a, None if n is None else [n], [axis], norm)


def ifft(a: NodeLike, n: int | Node | None = None, axis: int = -1, norm: Norm = None) -> Node:
    """The inverse of `fft`. Arguments, Raises: as there. Source: NumPy / Array API `fft.ifft`.

    >>> import theon
    >>> print(theon.fft.ifft([1.0, 1.0, 1.0, 1.0]).eval())
    [1.+0.j 0.+0.j 0.+0.j 0.+0.j]
    """
    return transform("ifft", "ifft", a, None if n is None else [n], [axis], norm)


def rfft(a: NodeLike, n: int | Node | None = None, axis: int = -1, norm: Norm = None) -> Node:
    """The first `n // 2 + 1` points of the transform of real numbers, of which the others are conjugates.

    Arguments: a, real; others as for `fft`. Raises: as there, and DTypeError for complex numbers.
    Source: NumPy / Array API `fft.rfft`.

    >>> import theon
    >>> print(theon.fft.rfft([1.0, 0.0, 0.0, 0.0]).eval())
    [1.+0.j 1.+0.j 1.+0.j]
    """
    return transform("rfft", "rfft", a, None if n is None else [n], [axis], norm)


def irfft(a: NodeLike, n: int | Node | None = None, axis: int = -1, norm: Norm = None) -> Node:
    """The inverse of `rfft`: `n` real numbers of `n // 2 + 1` points.

    Arguments: a, numbers; n, how many to give: `2 * (m - 1)` of m points by default; others as for `fft`. Imaginary
    parts that no real numbers have (of the first point, and of the last for an even n) are not read.
    Raises: as `fft`. Source: NumPy / Array API `fft.irfft`.

    >>> import theon
    >>> print(theon.fft.irfft([1.0, 1.0, 1.0]).eval())
    [1. 0. 0. 0.]
    """
    return transform("irfft", "irfft", a, None if n is None else [n], [axis], norm)


def hfft(a: NodeLike, n: int | Node | None = None, axis: int = -1, norm: Norm = None) -> Node:
    """The transform of numbers whose second half is the conjugate of the first: real.

    Arguments: a, the first `n // 2 + 1` numbers; others as for `irfft`. Raises: as `fft`.
    Source: NumPy / Array API `fft.hfft`.

    >>> import theon
    >>> print(theon.fft.hfft([1.0, 1.0, 1.0]).eval())
    [4. 0. 0. 0.]
    """
    node = as_node(a)
    turned = conj(node) if kind_of(node.dtype) == "complex" else node
    return transform("hfft", "irfft", turned, None if n is None else [n], [axis], facing("hfft", node, norm))


def ihfft(a: NodeLike, n: int | Node | None = None, axis: int = -1, norm: Norm = None) -> Node:
    """The inverse of `hfft`: the first half of numbers whose transform is real.

    Arguments: a, real; others as for `rfft`. Raises: as there. Source: NumPy / Array API `fft.ihfft`.

    >>> import theon
    >>> print(theon.fft.ihfft([4.0, 0.0, 0.0, 0.0]).eval())
    [1.-0.j 1.-0.j 1.-0.j]
    """
    way = facing("ihfft", as_node(a), norm)
    return conj(transform("ihfft", "rfft", a, None if n is None else [n], [axis], way))


# --- several axes ------------------------------------------------------------------------------------------------


def fftn(a: NodeLike, s: Sequence[Any] | None = None, axes: Sequence[int] | None = None, norm: Norm = None) -> Node:
    """The transform over several axes: all, or the last `len(s)`, by default.

    Arguments: a, numbers; s, how many points along each; others as for `fft`. Raises: as there.
    Source: NumPy / Array API `fft.fftn`.

    >>> import theon
    >>> theon.fft.fftn(theon.zeros((2, 3, 4)))
    <fft : complex64[2, 3, 4]>
    """
    return transform("fftn", "fft", a, s, axes, norm)


def ifftn(a: NodeLike, s: Sequence[Any] | None = None, axes: Sequence[int] | None = None, norm: Norm = None) -> Node:
    """The inverse of `fftn`. Arguments, Raises: as there. Source: NumPy / Array API `fft.ifftn`.

    >>> import theon
    >>> theon.fft.ifftn(theon.zeros((2, 3, 4)))
    <ifft : complex64[2, 3, 4]>
    """
    return transform("ifftn", "ifft", a, s, axes, norm)


def rfftn(a: NodeLike, s: Sequence[Any] | None = None, axes: Sequence[int] | None = None, norm: Norm = None) -> Node:
    """The transform of real numbers over several axes, of the last of which the first half is given.

    Arguments: a, real; others as for `fftn`. Raises: as `rfft`. Source: NumPy / Array API `fft.rfftn`.

    >>> import theon
    >>> theon.fft.rfftn(theon.zeros((2, 3, 4)))
    <rfft : complex64[2, 3, 3]>
    """
    return transform("rfftn", "rfft", a, s, axes, norm)


def irfftn(a: NodeLike, s: Sequence[Any] | None = None, axes: Sequence[int] | None = None, norm: Norm = None) -> Node:
    """The inverse of `rfftn`: real. Arguments: as for `irfft`, `s` for each axis. Raises: as `fft`.

    Source: NumPy / Array API `fft.irfftn`.

    >>> import theon
    >>> theon.fft.irfftn(theon.zeros((2, 3, 3)))
    <irfft : float32[2, 3, 4]>
    """
    return transform("irfftn", "irfft", a, s, axes, norm)


def fft2(a: NodeLike, s: Sequence[Any] | None = None, axes: Sequence[int] = (-2, -1), norm: Norm = None) -> Node:
    """`fftn` over the last two axes. Arguments, Raises: as there. Source: NumPy `fft.fft2`.

    >>> import theon
    >>> theon.fft.fft2(theon.zeros((2, 3, 4)))
    <fft : complex64[2, 3, 4]>
    """
    return transform("fft2", "fft", a, s, axes, norm)


def ifft2(a: NodeLike, s: Sequence[Any] | None = None, axes: Sequence[int] = (-2, -1), norm: Norm = None) -> Node:
    """`ifftn` over the last two axes. Arguments, Raises: as there. Source: NumPy `fft.ifft2`.

    >>> import theon
    >>> theon.fft.ifft2(theon.zeros((2, 3, 4)))
    <ifft : complex64[2, 3, 4]>
    """
    return transform("ifft2", "ifft", a, s, axes, norm)


def rfft2(a: NodeLike, s: Sequence[Any] | None = None, axes: Sequence[int] = (-2, -1), norm: Norm = None) -> Node:
    """`rfftn` over the last two axes. Arguments, Raises: as there. Source: NumPy `fft.rfft2`.

    >>> import theon
    >>> theon.fft.rfft2(theon.zeros((2, 3, 4)))
    <rfft : complex64[2, 3, 3]>
    """
    return transform("rfft2", "rfft", a, s, axes, norm)


def irfft2(a: NodeLike, s: Sequence[Any] | None = None, axes: Sequence[int] = (-2, -1), norm: Norm = None) -> Node:
    """`irfftn` over the last two axes. Arguments, Raises: as there. Source: NumPy `fft.irfft2`.

    >>> import theon
    >>> theon.fft.irfft2(theon.zeros((2, 3, 3)))
    <irfft : float32[2, 3, 4]>
    """
    return transform("irfft2", "irfft", a, s, axes, norm)


# --- frequencies and their order ---------------------------------------------------------------------------------


def fftfreq(n: int | Node, d: float | Node = 1.0, *, dtype: Any = None) -> Node:
    """The frequency of each point of `fft`, in cycles per unit of the spacing `d`.

    Arguments: n, how many points, an int or an int node; d, a number; dtype, by default the default float.
    Gives shape (n,). Raises: ShapeError for a negative n. Source: NumPy / Array API `fft.fftfreq`.

    >>> import theon
    >>> print(theon.fft.fftfreq(4).eval())
    [ 0.    0.25 -0.5  -0.25]
    """
    _require_numbers("fftfreq", n, d)
    place = arange(n)
    signed = where(less(place, (n + 1) // 2), place, place - n)
    return _over(signed, n, d, dtype)


def rfftfreq(n: int | Node, d: float | Node = 1.0, *, dtype: Any = None) -> Node:
    """The frequency of each point of `rfft`, in cycles per unit of the spacing `d`.

    Arguments, Raises: as for `fftfreq`. Gives shape (n // 2 + 1,). Source: NumPy / Array API `fft.rfftfreq`.

    >>> import theon
    >>> print(theon.fft.rfftfreq(4).eval())
    [0.   0.25 0.5 ]
    """
    _require_numbers("rfftfreq", n, d)
    return _over(arange(n // 2 + 1), n, d, dtype)


def _require_numbers(what: str, n: int | Node, d: float | Node) -> None:
    """A count and a spacing."""
    with Blame(what):
        if not isinstance(n, Node):
            count = as_int(n, "the number of points")
            require(count >= 0, f"cannot make {n} frequencies", "give 1 or more", ArgumentError)
        number = isinstance(d, (int, float, np.integer, np.floating, Node))
        require(number, f"the spacing is a number, received {d!r}", "give one", ArgumentError)


def _over(place: Node, n: int | Node, d: float | Node, wanted: Any) -> Node:
    dtype = default_float_dtype() if wanted is None else as_dtype(wanted)
    return cast_to(place, dtype) / ((cast_to(n, dtype) if isinstance(n, Node) else float(n)) * d)


def fftshift(x: NodeLike, axes: int | Sequence[int] | None = None) -> Node:
    """`x` with the frequency 0 in the middle of each axis.

    Arguments: x, any dtype; axes, an int, several, or None: all. Raises: ShapeError for an axis that is not there.
    Source: NumPy / Array API `fft.fftshift`.

    >>> import theon
    >>> print(theon.fft.fftshift([0, 1, 2, -2, -1]).eval())
    [-2 -1  0  1  2]
    """
    return _shifted("fftshift", x, axes, 1)


def ifftshift(x: NodeLike, axes: int | Sequence[int] | None = None) -> Node:
    """The inverse of `fftshift`. Arguments, Raises: as there. Source: NumPy / Array API `fft.ifftshift`.

    >>> import theon
    >>> print(theon.fft.ifftshift([-2, -1, 0, 1, 2]).eval())
    [ 0  1  2 -2 -1]
    """
    return _shifted("ifftshift", x, axes, 0)


def _shifted(what: str, x: NodeLike, axes: Any, more: int) -> Node:
    node = as_node(x)
    with Blame(what, node):
        places = tuple(range(node.ndim)) if axes is None else normal_axes(axes, node.ndim)
    for axis in places:
        at = (shape_of(node)[axis] + more) // 2
        front = (slice(None),) * axis
        node = concat([node[(*front, slice(at, None))], node[(*front, slice(None, at))]], axis=axis)
    return node


__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft",
    "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip
