"""Statistics made of reductions: ranges, counts, weighted averages, covariances, and tables of counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.dims import may_equal
from ..graph.errors import ArgumentError, require
from ..graph.node import Node, NodeLike, as_node
from ..graph.types import INT32, default_float_dtype, kind_of, real_of
from . import reduce
from .arithmetic import clip, maximum
from .axes import Axis, as_flag, axes_of, require_kind
from .comparison import conj, imag, not_equal, real
from .creation import full
from .elementwise import cast_to, common_dtype
from .join import concat
from .linalg import matmul
from .linear_algebra.triangle import diag
from .moments import mean
from .reduce import sum
from .shape import broadcast_to, expand_dims, reshape, transpose
from .sizes import Blame, shape_of
from .transcendental import sqrt


def ptp(x: NodeLike, axis: Axis = None, keepdims: bool = False) -> Node:
    """The largest element along `axis` less the smallest ("peak to peak").

    Arguments: a real tensor with at least one element along `axis`. Gives its dtype.
    Raises: ShapeError for an axis that is not there or is empty, DTypeError for complex or bool.
    Source: NumPy `ptp`.

    >>> import theon
    >>> print(theon.ptp([3.0, 1.0, 7.0]).eval())
    6.0
    """
    node = as_node(x)
    with Blame("ptp", node):
        require_kind(node.dtype, ("int", "uint", "float"))
    return reduce.max(node, axis, keepdims) - reduce.min(node, axis, keepdims)


def count_nonzero(x: NodeLike, axis: Axis = None, keepdims: bool = False) -> Node:
    """How many elements along `axis` are not 0.

    Arguments: a tensor of any shape and dtype. Gives int32. Not differentiable.
    Raises: ShapeError for an axis that is not there. Source: NumPy / Array API `count_nonzero`.

    >>> import theon
    >>> print(theon.count_nonzero([3.0, 0.0, 7.0]).eval())
    2
    """
    return sum(not_equal(x, 0), axis, keepdims)


def _inexact(x: NodeLike) -> Node:
    node = as_node(x)
    return node if node.tensor.is_inexact else cast_to(node, default_float_dtype())


def average(
    x: NodeLike, axis: Axis = None, weights: NodeLike | None = None, returned: bool = False, keepdims: bool = False
) -> Any:
    """The mean of the elements along `axis`, each as often as its weight says.

    Arguments: x, numbers; bools and ints become the default float; weights, of the shape of `x`, or of the axes
    that are averaged, all by default 1; returned, whether to give the sums of the weights too. Weights that sum to 0
    give nan or inf. Raises: ShapeError for an axis that is not there or weights that do not fit.
    Source: NumPy `average`.

    >>> import theon
    >>> print(theon.average([1.0, 2.0, 6.0], weights=[1.0, 1.0, 2.0]).eval())
    3.75
    """
    node = _inexact(x)
    axes = axes_of("average", node, axis)
    heavy = as_node(1 if weights is None else weights)
    with Blame("average", node, heavy):
        dtype = common_dtype([node, heavy if heavy.tensor.is_inexact else cast_to(heavy, node.dtype)])
    node, heavy = cast_to(node, dtype), cast_to(heavy, dtype)
    if weights is not None and heavy.ndim != node.ndim:
        with Blame("average", node, heavy):
            fits = heavy.ndim == len(axes) and all(map(may_equal, heavy.dims, (node.dims[a] for a in axes)))
            require(fits, "weights have neither the shape of the elements nor of the axes averaged", "reshape them")
        heavy = expand_dims(heavy, [i for i in range(node.ndim) if i not in axes])
    heavy = broadcast_to(heavy, shape_of(node))
    total = sum(heavy, axes, keepdims)
    found = mean(node, axes, keepdims) if weights is None else sum(node * heavy, axes, keepdims) / total
    return (found, total) if returned else found


def cov(
    m: NodeLike,
    y: NodeLike | None = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: float | None = None,
    fweights: NodeLike | None = None,
    aweights: NodeLike | None = None,
) -> Node:
    """The covariances of variables: the rows of `m` (its columns where not `rowvar`), and those of `y`.

    Arguments: m and y, vectors (one variable) or matrices; bools and ints become the default float. The divisor is
    the number of observations less `ddof`: 1 by default, 0 with `bias`. fweights says how often each observation was
    made, aweights what it weighs. Complex ones are conjugated on the right.
    Raises: ShapeError above two axes or where lengths differ. Source: NumPy `cov`.

    >>> import theon
    >>> print(theon.cov([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]).eval())
    [[ 1. -1.]
     [-1.  1.]]
    """
    rows = _variables("cov", m, rowvar)
    if y is not None:
        rows = concat([rows, _variables("cov", y, rowvar)], axis=0)
    real_dtype = real_of(rows.dtype)
    with Blame("cov", rows):
        right = ddof is None or isinstance(ddof, (int, float, np.integer, np.floating))
        require(right, f"ddof is a number, received {ddof!r}", "leave it out for 1", ArgumentError)
        less = float(ddof) if ddof is not None else (0.0 if as_flag(bias, "bias") else 1.0)
    often = None if fweights is None else cast_to(fweights, real_dtype)
    heavy = None if aweights is None else cast_to(aweights, real_dtype)
    weights = heavy if often is None else (often if heavy is None else often * heavy)
    if weights is None:
        middle = mean(rows, 1, True)
        divisor: Any = full((), shape_of(rows)[1], INT32) - less
        divisor = cast_to(divisor, real_dtype)
    else:
        total = sum(weights)
        middle = sum(rows * weights, 1, True) / total
        divisor = total - less if heavy is None else total - less * sum(weights * heavy) / total
    away = rows - middle
    scaled = away if weights is None else away * weights
    found = matmul(scaled, conj(transpose(away))) / maximum(divisor, 0)
    one = rows.dims[0] == 1
    return reshape(found, ()) if one else found


def _variables(what: str, m: NodeLike, rowvar: bool) -> Node:
    node = _inexact(m)
    with Blame(what, node):
        require(
            node.ndim <= 2, f"takes vectors and matrices, received {node.ndim} axes", "use theon.vectorize for more"
        )
    if node.ndim < 2:
        return reshape(node, (1, -1))
    return node if rowvar else transpose(node)


def corrcoef(x: NodeLike, y: NodeLike | None = None, rowvar: bool = True) -> Node:
    """The correlations of variables: their covariances over their deviations; nan where nothing varies.

    Arguments, Raises: see `cov`. Values are kept from -1 to 1. Source: NumPy `corrcoef`.

    >>> import theon
    >>> print(theon.corrcoef([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]).eval().round(4))
    [[ 1. -1.]
     [-1.  1.]]
    """
    joint = cov(x, y, rowvar)
    if not joint.ndim:
        return joint / joint
    spread = sqrt(real(diag(joint)))
    found = joint / expand_dims(spread, 1) / expand_dims(spread, 0)
    if kind_of(found.dtype) == "complex":
        return clip(real(found), -1, 1) + clip(imag(found), -1, 1) * 1j
    return clip(found, -1, 1)
