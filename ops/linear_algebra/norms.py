"""Norms of vectors and matrices, and condition numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...graph.dims import normal_axes
from ...graph.errors import ArgumentError, Mismatch, require
from ...graph.node import Node, NodeLike
from ...graph.types import kind_of
from ..arithmetic import abs
from ..axes import as_flag
from ..comparison import not_equal
from ..elementwise import cast_to
from ..powers import pow
from ..reduce import max as max_
from ..reduce import min as min_
from ..reduce import sum as sum_
from ..shape import expand_dims, moveaxis
from ..sizes import Blame
from ..whole import norm as length
from .operands import inexact, require_matrix, require_square
from .orthogonal import svdvals
from .solve import inv

MATRIX_ORDERS = ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)


def _vector_norm(x: Node, axes: tuple[int, ...], order: Any, keepdims: bool) -> Node:
    size = abs(x) if kind_of(x.dtype) == "complex" or order != 2 else x
    if order == 2:
        return length(size, axes, keepdims)
    if order == np.inf:
        return max_(size, axes, keepdims)
    if order == -np.inf:
        return min_(size, axes, keepdims)
    if order == 0:
        return sum_(cast_to(not_equal(size, 0), size.dtype), axes, keepdims)
    if order == 1:
        return sum_(size, axes, keepdims)
    return pow(sum_(pow(size, order), axes, keepdims), 1 / order)


def vector_norm(x: NodeLike, /, *, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Node:
    """The norm of vectors: of all elements along `axis` (all of them: None) together.

    Arguments: x, float or complex (ints become the default float); axis, an int or several; ord, any number (0 counts
    what is not 0), inf or -inf: `sum(abs(x)**ord) ** (1/ord)`. Gives the real dtype. The gradient of ord 2 at 0 is 0.
    Raises: ShapeError for an axis that is not there, ArgumentError for an order that is no number.
    Source: NumPy / Array API `linalg.vector_norm`.

    >>> import theon
    >>> print(theon.linalg.vector_norm([3.0, 4.0]).eval())
    5.0
    """
    (node,) = inexact(x)
    with Blame("vector_norm", node):
        keepdims = as_flag(keepdims, "keepdims")
        axes = tuple(range(node.ndim)) if axis is None else normal_axes(axis, node.ndim)
        _require_number(ord)
    return _vector_norm(node, axes, ord, keepdims)


def _require_number(order: Any) -> None:
    fits = isinstance(order, (int, float, np.integer, np.floating)) and not isinstance(order, bool)
    hint = "matrices have others: name two axes, or use matrix_norm"
    require(fits, f"the order of a vector's norm is a number, received {order!r}", hint, ArgumentError)


def _matrix_norm(x: Node, order: Any, keepdims: bool) -> Node:
    """Of the last two axes."""
    last = (x.ndim - 2, x.ndim - 1)
    if order == "fro":
        return _vector_norm(x, last, 2, keepdims)
    if order in ("nuc", 2, -2):
        s = svdvals(x)
        found = sum_(s, -1) if order == "nuc" else s[..., 0] if order == 2 else s[..., -1]
    else:
        along = last[0] if order in (1, -1) else last[1]
        sums = sum_(abs(x), along)
        found = max_(sums, -1) if order > 0 else min_(sums, -1)
    return expand_dims(found, (-2, -1)) if keepdims else found


def _require_order(order: Any) -> None:
    if not any(order == known and isinstance(order, str) == isinstance(known, str) for known in MATRIX_ORDERS):
        known = ", ".join(map(repr, MATRIX_ORDERS))
        raise Mismatch(f"a matrix has no norm {order!r}", f"use one of {known}", ArgumentError)


def matrix_norm(x: NodeLike, /, *, keepdims: bool = False, ord: Any = "fro") -> Node:
    """The norm of matrices, which are the last two axes.

    Arguments: x, shape (..., m, n), float or complex (ints become the default float); ord, "fro": the root of the sum
    of squares, "nuc": the sum of singular values, 2 and -2: the largest and the least of these, 1 and -1: the largest
    and the least sum of a column's absolute values, inf and -inf: of a row's. Gives the real dtype.
    Raises: ShapeError below two axes, ArgumentError for another order. Source: NumPy / Array API `linalg.matrix_norm`.

    >>> import theon
    >>> print(theon.linalg.matrix_norm([[3.0, 0.0], [0.0, -4.0]], ord="nuc").eval())
    7.0
    """
    (node,) = inexact(x)
    with Blame("matrix_norm", node):
        keepdims = as_flag(keepdims, "keepdims")
        require_matrix(node.tensor)
        _require_order(ord)
    return _matrix_norm(node, ord, keepdims)


def norm(x: NodeLike, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Node:
    """NumPy's `norm`: of vectors along one axis, of matrices along two, of everything as one vector by default.

    Arguments: x, float or complex (ints become the default float); ord, see `vector_norm` and `matrix_norm`; axis, an
    int, two, or None: with an order, `x` is one vector or one matrix. Raises: ShapeError, ArgumentError.
    Source: NumPy `linalg.norm`.

    >>> import theon
    >>> print(theon.linalg.norm([[3.0, 4.0], [6.0, 8.0]], axis=1).eval())
    [ 5. 10.]
    """
    (node,) = inexact(x)
    with Blame("norm", node):
        keepdims = as_flag(keepdims, "keepdims")
        if axis is None:
            fits = ord is None or node.ndim in (1, 2)
            require(fits, f"an order is of a vector or a matrix, received {node.ndim} axes", "name the axis")
            axes = tuple(range(node.ndim))
        else:
            normal_axes(axis, node.ndim)
            several = [axis] if isinstance(axis, (int, np.integer)) else list(axis)
            hint = "theon.linalg.vector_norm takes any number"
            require(len(several) in (1, 2), f"takes one axis or two, received {len(several)}", hint, ArgumentError)
            axes = tuple(int(a) % node.ndim for a in several)
        if ord is None:
            return _vector_norm(node, tuple(sorted(axes)), 2, keepdims)
        if len(axes) == 1:
            _require_number(ord)
            return _vector_norm(node, axes, ord, keepdims)
        _require_order(ord)
    found = _matrix_norm(moveaxis(node, axes, (-2, -1)), ord, False)
    return expand_dims(found, tuple(sorted(axes))) if keepdims else found


def cond(x: NodeLike, p: Any = None) -> Node:
    """The condition number: the norm of a matrix times that of its inverse.

    Arguments: x, shape (..., m, n), square but for the norms 2 and -2; p, an order of `matrix_norm` (None: 2). Of a
    singular matrix it is inf or nan, or very large. Raises: ShapeError for matrices that are not square,
    ArgumentError for another order. Source: NumPy `linalg.cond`.

    >>> import theon
    >>> print(theon.linalg.cond([[2.0, 0.0], [0.0, 8.0]]).eval())
    4.0
    """
    (node,) = inexact(x)
    with Blame("linalg.cond", node):
        require_matrix(node.tensor)
        if p not in (None, 2, -2):
            _require_order(p)
            require_square(node.tensor)
    if p in (None, 2, -2):
        s = svdvals(node)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return _matrix_norm(node, p, False) * _matrix_norm(inv(node), p, False)


__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]
