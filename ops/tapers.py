"""Windows that samples are multiplied by before a Fourier transform. Values are computed in float64."""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import Any

import numpy as np

from ..graph.errors import DTypeError, require
from ..graph.node import Node, NodeLike, as_node, constant
from ..graph.types import as_dtype, default_float_dtype, is_float
from .arithmetic import abs, maximum
from .comparison import where
from .creation import arange
from .elementwise import cast_to
from .sizes import Blame, as_int
from .special_bessel import i0e
from .transcendental import cos, exp, sqrt

DOUBLE = np.dtype("float64")


def _window(what: str, M: int | Node, periodic: bool, dtype: Any, shape: Callable[[Node], Node]) -> Node:
    """A function of places from -1 to 1, of which a periodic window has all but the last; one point is the middle."""
    wanted = default_float_dtype() if dtype is None else as_dtype(dtype)
    with Blame(what):
        require(is_float(wanted), f"gives floats, not {wanted}", "convert with .astype", DTypeError)
        count = M if isinstance(M, Node) else max(as_int(M, "the number of points"), 0)
    last = as_node(count) - (0 if periodic else 1)
    # In steps of 2, which are ints: both sides are equal, and the middle is 0. A single point is the middle.
    steps = cast_to(arange(count) * 2 - last, DOUBLE) * (as_node(count) > 1)
    return cast_to(shape(steps / cast_to(maximum(last, 1), DOUBLE)), wanted)


def bartlett(M: int | Node, *, periodic: bool = False, dtype: Any = None) -> Node:
    """Bartlett's window of `M` points: a triangle, 0 at the ends.

    Arguments: M, an int or an int node that decides a shape; below 1 the window is empty; periodic, True: the first M
    points of the window of M + 1, which goes on evenly where it is repeated; dtype, the default float by default.
    Raises: ArgumentError for what is no int, DTypeError for a dtype that is not float. Source: NumPy `bartlett`; the
    periodic one: PyTorch, SciPy `signal.windows`.

    >>> import theon
    >>> print(theon.bartlett(5).eval())
    [0.  0.5 1.  0.5 0. ]
    """
    return _window("bartlett", M, periodic, dtype, lambda t: 1 - abs(t))


def blackman(M: int | Node, *, periodic: bool = False, dtype: Any = None) -> Node:
    """Blackman's window of `M` points: 0.42 + 0.5 cos(pi t) + 0.08 cos(2 pi t) for t from -1 to 1.

    Arguments, Raises: see `bartlett`. Source: NumPy `blackman`.

    >>> import theon
    >>> print(theon.round(theon.blackman(5), 2).eval())
    [0.   0.34 1.   0.34 0.  ]
    """
    return _window("blackman", M, periodic, dtype, lambda t: _blackman(cos(pi * t)))


def _blackman(c: Node) -> Node:
    """By the cosine of the half angle alone: 0 at the ends, to the bit."""
    return (1 + c) * (0.34 + 0.16 * c)


def hamming(M: int | Node, *, periodic: bool = False, dtype: Any = None) -> Node:
    """Hamming's window of `M` points: 0.54 + 0.46 cos(pi t) for t from -1 to 1.

    Arguments, Raises: see `bartlett`. Source: NumPy `hamming`.

    >>> import theon
    >>> print(theon.hamming(3).eval())
    [0.08 1.   0.08]
    """
    return _window("hamming", M, periodic, dtype, lambda t: 0.54 + 0.46 * cos(pi * t))


def hanning(M: int | Node, *, periodic: bool = False, dtype: Any = None) -> Node:
    """Von Hann's window of `M` points: 0.5 + 0.5 cos(pi t) for t from -1 to 1.

    Arguments, Raises: see `bartlett`. Source: NumPy `hanning`.

    >>> import theon
    >>> print(theon.round(theon.hanning(5), 2).eval())
    [0.  0.5 1.  0.5 0. ]
    """
    return _window("hanning", M, periodic, dtype, lambda t: 0.5 + 0.5 * cos(pi * t))


def kaiser(M: int | Node, beta: NodeLike, *, periodic: bool = False, dtype: Any = None) -> Node:
    """Kaiser's window of `M` points: i0(beta sqrt(1 - t**2)) / i0(beta) for t from -1 to 1.

    Arguments: beta, a real scalar, differentiable: the larger, the narrower; others as for `bartlett`.
    Raises: as `bartlett`, and ShapeError where beta is no scalar. Source: NumPy `kaiser`.

    >>> import theon
    >>> print(theon.round(theon.kaiser(5, 14.0), 3).eval())
    [0.    0.165 1.    0.165 0.   ]
    """
    width = beta if isinstance(beta, Node) else constant(beta, DOUBLE)
    with Blame("kaiser", width):
        require(width.ndim == 0, f"beta is a scalar, received {width.ndim} axes", "use theon.vectorize for many")
    return _window("kaiser", M, periodic, dtype, lambda t: _bell(t, cast_to(width, DOUBLE)))


def _bell(t: Node, width: Node) -> Node:
    """By functions that do not overflow; even in the width, whose slope at 0 is that from above."""
    width = where(width < 0, -width, width)
    root = sqrt((1 - t) * (1 + t))
    return i0e(width * root) / i0e(width) * exp(-width * (t * t / (1 + root)))


__all__ = ["bartlett", "blackman", "hamming", "hanning", "kaiser"]
