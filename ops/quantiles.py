"""Quantiles: of the sorted elements, the one at a share of their length, or what lies between two of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..graph.dims import may_equal
from ..graph.errors import ArgumentError, require
from ..graph.node import Node, NodeLike, as_node, const_value
from ..graph.types import INT32, default_float_dtype, is_float
from .arithmetic import maximum, minimum
from .axes import Axis, axes_of, require_kind
from .comparison import isfinite, isnan, where
from .creation import full
from .elementwise import cast_to
from .index import getitem
from .reduce import any, sum
from .rounding import ceil, floor, rint
from .scans import cumsum
from .shape import broadcast_to, expand_dims, permuted, reshape
from .sizes import Blame, is_among, shape_of
from .sort import argsort, sort
from .take import take_along_axis

# Where the quantile q of n elements lies, counted from 0, is n q + a + q (1 - a - b) - 1 (Hyndman and Fan, 1996).
_BETWEEN = {
    "linear": (1.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
    "interpolated_inverted_cdf": (0.0, 1.0),
}
# Those that take what lies at (n - 1) q apart: the position of the lower element, and of the higher.
_AT: dict[str, tuple[Callable[[Node], Node], Callable[[Node], Node]]] = {
    "lower": (floor, floor),
    "higher": (ceil, ceil),
    "nearest": (rint, rint),
    "midpoint": (floor, ceil),
}
# The others jump: to the first element that is not below, to the mean of the two that meet there, or to the nearest.
METHODS = (*_BETWEEN, *_AT, "inverted_cdf", "averaged_inverted_cdf", "closest_observation")


def _ranks(q: Node, count: Node, method: str) -> tuple[Node, Node, Node]:
    """The positions of the two elements that a quantile lies between, and how far from the first; in float64."""
    if method in ("inverted_cdf", "closest_observation"):
        at = ceil(q * count - 1) if method == "inverted_cdf" else rint(q * count) - 1
        return at, at, at * 0
    if method == "averaged_inverted_cdf":
        at = q * count
        return ceil(at) - 1, floor(at), where(floor(at) == at, 0.5, 0.0)
    if method in _AT:
        below, above = _AT[method]
        at = q * (count - 1)
        low, high = below(at), above(at)
        return low, high, where(high > low, 0.5, 0.0)
    a, b = _BETWEEN[method]
    at = q * count + (a + q * (1 - a - b)) - 1
    at = maximum(minimum(at, count - 1), 0)
    low = floor(at)
    return low, low + 1, at - low


def _values(x: Node, q: Node, count: Node, method: str) -> Node:
    """Quantiles of an ascending last axis, of which the first `count` elements count: one for each of a vector `q`."""
    low, high, share = _ranks(q, cast_to(count, np.dtype("float64")), method)

    def element(at: Node) -> Node:
        inside = maximum(minimum(cast_to(at, INT32), count - 1), 0)
        return take_along_axis(x, inside, -1)

    below, above = element(low), element(high)
    share = cast_to(share, x.dtype)
    # An infinite neighbour that has no share must not make nan.
    return where(share > 0, below * (1 - share) + above * share, below)


def _heavy(what: str, x: Node, weights: NodeLike | None, axes: tuple[int, ...], method: str) -> Node | None:
    """Weights in float64, and in the shape of `x`."""
    if weights is None:
        return None
    heavy = as_node(weights)
    with Blame(what, x, heavy):
        hint = 'use method="inverted_cdf"'
        require(method == "inverted_cdf", f"method {method!r} takes no weights", hint, ArgumentError)
        require_kind(heavy.dtype, ("bool", "int", "uint", "float"))
        known = const_value(heavy)
        require(
            known is None or not bool(np.any(known < 0)), "a weight cannot be negative", "give 0 or more", ArgumentError
        )
        wanted = x.dims if heavy.ndim == x.ndim else tuple(x.dims[a] for a in axes)
        fits = heavy.ndim == len(wanted) and all(map(may_equal, heavy.dims, wanted))
        require(fits, "weights have neither the shape of the elements nor of the axes reduced", "reshape them")
    if heavy.ndim != x.ndim:
        heavy = expand_dims(heavy, [i for i in range(x.ndim) if i not in axes])
    return broadcast_to(cast_to(heavy, np.dtype("float64")), shape_of(x))


def _weighted(x: Node, q: Node, weights: Node) -> Node:
    """The first element along the last axis at which the shares of the weights so far reach each of a vector `q`."""
    order = argsort(x)
    so_far = cumsum(take_along_axis(weights, order, -1), -1)
    total = getitem(so_far, (..., slice(-1, None)))
    # Elements of no weight at the beginning are not there, not even for a share of 0.
    there = so_far > 0
    # Divided before it is compared, 7 of 100 is 0.07 as it was written, but 0.07 * 100 is more than 7. The divisor is
    # no mere broadcast: XLA would multiply by its reciprocal instead, which rounds twice.
    reached = where(there, so_far / where(there, total, 1.0), -1.0)
    below = expand_dims(reached, -2) < expand_dims(q, -1)
    at = minimum(sum(below, axis=-1), shape_of(x)[-1] - 1)
    found = take_along_axis(take_along_axis(x, order, -1), at, -1)
    return where(isfinite(total) & (total > 0), found, np.nan)


def _shares(what: str, q: NodeLike, whole: float) -> Node:
    given = as_node(q)
    known = const_value(given)
    with Blame(what, *([given] if isinstance(q, Node) else [])):
        inside = known is None or bool(np.all((known >= 0) & (known <= whole)))
        hint = "theon.percentile takes shares of 100" if whole == 1 else "theon.quantile takes shares of 1"
        require(inside, f"a share is from 0 to {whole:g}, received {q!r}", hint, ArgumentError)
        require_kind(given.dtype, ("int", "uint", "float"))
    if not isinstance(q, Node) and known is not None:
        given = as_node(np.asarray(q, np.float64))  # as it was written
    return cast_to(given, np.dtype("float64")) / whole


def _quantile(
    what: str,
    x: NodeLike,
    q: NodeLike,
    axis: Axis,
    keepdims: bool,
    method: str,
    skips: bool,
    whole: float,
    weights: NodeLike | None = None,
) -> Node:
    node = as_node(x)
    axes = axes_of(what, node, axis)
    shares = _shares(what, q, whole)
    with Blame(what, node):
        require_kind(node.dtype, ("bool", "int", "uint", "float"))
        known = f"use one of {', '.join(METHODS)}"
        require(is_among(method, METHODS), f"there is no method {method!r}", known, ArgumentError)
        empty = [a for a in axes if node.dims[a] == 0]
        require(not empty, f"nothing to choose from: axis {empty[:1]} has length 0", "give it at least one element")
    if not is_float(node.dtype):
        node = cast_to(node, default_float_dtype())
    heavy = _heavy(what, node, weights, axes, method)
    kept = [i for i in range(node.ndim) if i not in axes]
    outer = [shape_of(node)[i] for i in kept]
    length: int | Node = 1
    for axis_length in (shape_of(node)[i] for i in axes):
        length = length * axis_length

    def last(values: Node) -> Node:
        return reshape(permuted(values, (*kept, *axes)), (*outer, length))

    rows = last(node)
    lacks = isnan(rows)
    if skips:
        count = sum(~lacks, axis=-1, keepdims=True)
        bad = count == 0
    else:
        count = full([1] * rows.ndim, shape_of(rows)[-1], INT32)
        bad = any(lacks, axis=-1, keepdims=True)
    flat = reshape(shares, (-1,))
    if heavy is None:
        found = _values(sort(rows), flat, count, method)
    else:
        found = _weighted(rows, flat, where(lacks, 0, last(heavy)))
    found = where(bad | isnan(flat), np.nan, found)  # the quantiles last
    if not shares.ndim:
        found = getitem(found, (..., 0))
    else:
        found = permuted(found, (found.ndim - 1, *range(found.ndim - 1)))
        found = reshape(found, (*shape_of(shares), *outer)) if shares.ndim > 1 else found
    return expand_dims(found, [shares.ndim + a for a in axes]) if keepdims else found


def quantile(
    x: NodeLike,
    q: NodeLike,
    axis: Axis = None,
    keepdims: bool = False,
    method: str = "linear",
    *,
    weights: NodeLike | None = None,
) -> Node:
    """What a share `q` of the elements along `axis` lies below; nan where one is nan.

    Arguments: x, real, at least one element; bools and ints become the default float; q, from 0 to 1, of any shape,
    whose axes come first in the result; method, how to choose between two elements: NumPy's names; weights, not
    negative, for method "inverted_cdf" alone, of the shape of `x` or of the axes reduced: of how many elements each one
    counts; nan where they are 0 together. A share that is computed and turns out to lie outside takes the nearer end.
    Differentiable by x alone.
    Raises: ShapeError for an axis that is not there or is empty, ArgumentError for a share outside, a method that is
    not there or takes no weights, DTypeError for complex.
    Source: NumPy `quantile`; Hyndman and Fan, Sample Quantiles (1996).

    >>> import theon
    >>> print(theon.quantile([1.0, 2.0, 4.0], 0.75).eval())
    3.0
    """
    return _quantile("quantile", x, q, axis, keepdims, method, False, 1.0, weights)


def percentile(
    x: NodeLike,
    q: NodeLike,
    axis: Axis = None,
    keepdims: bool = False,
    method: str = "linear",
    *,
    weights: NodeLike | None = None,
) -> Node:
    """What `q` percent of the elements along `axis` lie below; nan where one is nan.

    Arguments, Raises: see `quantile`; q is from 0 to 100. Source: NumPy `percentile`.

    >>> import theon
    >>> print(theon.percentile([1.0, 2.0, 4.0], 75).eval())
    3.0
    """
    return _quantile("percentile", x, q, axis, keepdims, method, False, 100.0, weights)


def median(x: NodeLike, axis: Axis = None, keepdims: bool = False) -> Node:
    """The element in the middle along `axis`, or the mean of the two there; nan where one is nan.

    Arguments, Raises: see `quantile`. Source: NumPy `median`.

    >>> import theon
    >>> print(theon.median([4.0, 1.0, 2.0]).eval())
    2.0
    """
    return _quantile("median", x, 0.5, axis, keepdims, "linear", False, 1.0)


def nanquantile(
    x: NodeLike,
    q: NodeLike,
    axis: Axis = None,
    keepdims: bool = False,
    method: str = "linear",
    *,
    weights: NodeLike | None = None,
) -> Node:
    """What a share `q` of the elements along `axis` lies below that are not nan; nan where all are.

    Arguments, Raises: see `quantile`. Source: NumPy `nanquantile`.

    >>> import theon
    >>> print(theon.nanquantile([1.0, 2.0, float("nan"), 4.0], 0.75).eval())
    3.0
    """
    return _quantile("nanquantile", x, q, axis, keepdims, method, True, 1.0, weights)


def nanpercentile(
    x: NodeLike,
    q: NodeLike,
    axis: Axis = None,
    keepdims: bool = False,
    method: str = "linear",
    *,
    weights: NodeLike | None = None,
) -> Node:
    """What `q` percent of the elements along `axis` lie below that are not nan; nan where all are.

    Arguments, Raises: see `percentile`. Source: NumPy `nanpercentile`.

    >>> import theon
    >>> print(theon.nanpercentile([1.0, 2.0, float("nan"), 4.0], 75).eval())
    3.0
    """
    return _quantile("nanpercentile", x, q, axis, keepdims, method, True, 100.0, weights)


def nanmedian(x: NodeLike, axis: Axis = None, keepdims: bool = False) -> Node:
    """The element in the middle along `axis` of those that are not nan, or the mean of the two there.

    Arguments, Raises: see `median`. Source: NumPy `nanmedian`.

    >>> import theon
    >>> print(theon.nanmedian([4.0, float("nan"), 1.0, 2.0]).eval())
    2.0
    """
    return _quantile("nanmedian", x, 0.5, axis, keepdims, "linear", True, 1.0)


__all__ = ["median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]
