"""Tables of counts: how often each int occurs, and how many values fall between two edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.dims import is_sequence, listed, may_equal
from ..graph.errors import ArgumentError, Mismatch, require
from ..graph.node import Node, NodeLike, as_node, const_value, constant
from ..graph.types import INT32, default_float_dtype
from . import reduce
from .axes import flattened, require_kind
from .comparison import where
from .creation import full, zeros
from .differences import diff
from .elementwise import cast_to, is_weak
from .grids import linspace
from .index import getitem, inc_subtensor
from .reduce import accumulator, sum
from .shape import expand_dims, reshape
from .sizes import Blame, as_int, shape_of
from .sort import searchsorted

_REALS = ("bool", "int", "uint", "float")


def bincount(x: NodeLike, weights: NodeLike | None = None, *, length: int | Node) -> Node:
    """How often each of the ints from 0 to before `length` occurs, or the sum of their weights.

    Arguments: x, ints; weights, one for each. The length is declared, as it decides a shape: NumPy's is the largest
    int and 1. Ints outside are not counted. Gives int32, or the dtype of the weights (the default float for ints).
    Raises: DTypeError for what is not ints, ShapeError for weights that do not fit.
    Source: NumPy `bincount`, `jax.numpy.bincount`.

    >>> import theon
    >>> print(theon.bincount([0, 2, 2], length=4).eval())
    [1 0 2 0]
    """
    node = as_node(x)
    with Blame("bincount", node):
        require_kind(node.dtype, ("int", "uint"))
    return _tally(node, _weights("bincount", node, weights), length)


def _weights(what: str, x: Node, weights: NodeLike | None) -> Node | None:
    """What each element counts; None: all alike."""
    if weights is None:
        return None
    heavy = as_node(weights)
    with Blame(what, x, heavy):
        fits = heavy.ndim == x.ndim and all(map(may_equal, heavy.dims, x.dims))
        require(fits, "the weights do not have the shape of the elements", "give one for each element")
    return heavy if heavy.tensor.is_inexact else cast_to(heavy, default_float_dtype())


def _tally(places: Node, weights: Node | None, length: int | Node) -> Node:
    """Weights summed by place; a negative place counts for none."""
    values = full((), 1, INT32) if weights is None else weights
    if isinstance(length, int) and length == 0:
        return zeros((0,), values.dtype)  # which has no place to write to
    places = cast_to(places, accumulator(places.dtype))
    outside = where(places < 0, cast_to(length, places.dtype), places)  # past the end: not written
    return inc_subtensor(getitem(zeros((length,), values.dtype), outside), values)


def histogram_bin_edges(x: NodeLike, bins: Any = 10, range: Any = None) -> Node:
    """The edges of a histogram's bins: `bins` of one width, from the smallest value to the largest.

    Arguments: x, real; bins, how many, or their edges; range, two numbers to use for the smallest and the largest
    value. Where these are equal, the edges reach 0.5 to both sides. Gives the dtype of `x`, the default float for ints.
    Raises: ShapeError for edges that are no vector, ArgumentError for no bins, or for edges or a range that fall where
    they are known, DTypeError for complex.
    Source: NumPy `histogram_bin_edges`.

    >>> import theon
    >>> print(theon.histogram_bin_edges([0.0, 1.0, 4.0], bins=2).eval())
    [0. 2. 4.]
    """
    return _edges("histogram_bin_edges", _flat("histogram_bin_edges", x), bins, range)


def _flat(what: str, x: NodeLike) -> Node:
    node = as_node(x)
    with Blame(what, node):
        require_kind(node.dtype, _REALS)
    return flattened(node if node.tensor.is_inexact else cast_to(node, default_float_dtype()))


def _edges(what: str, x: Node, bins: Any, range: Any) -> Node:
    if isinstance(bins, Node) or not isinstance(bins, (int, np.integer)):
        with Blame(what, x):
            rule = f"how many bins the rule {bins!r} makes depends on the values"
            require(not isinstance(bins, str), rule, "give how many, or their edges", ArgumentError)
        # Python numbers are of the dtype of the values, as everywhere.
        written = isinstance(bins, (list, tuple)) and all(map(is_weak, bins))
        given = constant(bins, x.dtype) if written else as_node(bins)
        known = const_value(given)
        with Blame(what, x, given):
            require(given.ndim == 1, f"edges are a vector, received {given.ndim} axes", "give an int, or the edges")
            require(given.dims[0] != 0, "there are no edges", "give two for a bin, or how many bins")
            require_kind(given.dtype, _REALS)
        with Blame(what, x):
            ascend = known is None or bool(np.all(known[:-1] <= known[1:]))
            require(ascend, "the edges do not ascend", "sort them", ArgumentError)
        return given if given.tensor.is_inexact else cast_to(given, x.dtype)
    with Blame(what, x):
        count = as_int(bins, "the number of bins")
        require(count > 0, f"needs one bin or more, received {count}", "give how many, or their edges", ArgumentError)
    low, high = _ends(what, x, range)
    same = low == high
    edges: Node = linspace(where(same, low - 0.5, low), where(same, high + 0.5, high), count + 1)
    return edges


def _ends(what: str, x: Node, range: Any) -> tuple[Node, Node]:
    """The smallest and the largest value, or what is given for them."""
    if range is None:
        empty = x.dims[0] == 0
        return (cast_to(0.0, x.dtype), cast_to(1.0, x.dtype)) if empty else (reduce.min(x), reduce.max(x))
    with Blame(what, x):
        ends = listed(range, "a range")
        require(len(ends) == 2, f"a range is two numbers, received {range!r}", "give (low, high)", ArgumentError)
        known = [end for end in ends if isinstance(end, (int, float, np.number))]
        finite = all(map(np.isfinite, known))
        require(finite, f"a range is finite, received {range!r}", "give (low, high)", ArgumentError)
        ascend = len(known) < 2 or bool(known[0] <= known[1])
        require(ascend, f"a range ascends, received {range!r}", "give (low, high)", ArgumentError)
    return cast_to(ends[0], x.dtype), cast_to(ends[1], x.dtype)


def _bins(edges: Node, x: Node) -> Node:
    """The number of the bin of each value, negative or past the last one where there is none."""
    last = getitem(edges, slice(-1, None))  # which one edge has too, and it makes no bin
    return where(x == last, shape_of(edges)[0] - 2, searchsorted(edges, x, "right") - 1)


def histogram(
    x: NodeLike, bins: Any = 10, range: Any = None, density: bool = False, weights: NodeLike | None = None
) -> tuple[Node, Node]:
    """How many values fall into each bin, and the edges of the bins; the last bin holds its upper edge as well.

    Arguments: as for `histogram_bin_edges`; density, whether to divide by the whole and the widths; weights, of the
    shape of `x`, what each value counts. Values outside and nan are not counted. Gives int32 counts, or the dtype of
    the weights; differentiable by these alone.
    Raises: see `histogram_bin_edges`; ShapeError for weights that do not fit. Source: NumPy `histogram`.

    >>> import theon
    >>> counts, edges = theon.histogram([0.0, 1.0, 4.0], bins=2)
    >>> print(counts.eval(), edges.eval())
    [2 1] [0. 2. 4.]
    """
    heavy = _weights("histogram", as_node(x), weights)
    node = _flat("histogram", x)
    edges = _edges("histogram", node, bins, range)
    counts = _tally(_bins(edges, node), heavy if heavy is None else flattened(heavy), shape_of(edges)[0] - 1)
    if density:
        shares = counts if counts.tensor.is_inexact else cast_to(counts, edges.dtype)
        counts = shares / sum(shares) / diff(edges)
    return counts, edges


def histogramdd(
    sample: Any, bins: Any = 10, range: Any = None, density: bool = False, weights: NodeLike | None = None
) -> tuple[Node, list[Node]]:
    """How many points fall into each box of a grid, and the edges of the grid along each axis.

    Arguments: sample, a real tensor [n, d], or a list of d vectors (as in NumPy, a list is never a list of points);
    bins, how many along each axis, or for each axis how many or the edges; range, for each axis two numbers or None;
    density, whether to divide by the whole and the volumes; weights, a vector, what each point counts. Points outside
    and nan are not counted. Gives int32 counts of d axes, or the dtype of the weights; differentiable by these alone.
    Raises: ShapeError where the number of axes is not known, or vectors or weights differ in length, ArgumentError
    where bins or ranges are not as many; else see `histogram_bin_edges`. Source: NumPy `histogramdd`.

    >>> import theon
    >>> counts, edges = theon.histogramdd([[0.0, 1.0, 1.0], [0.0, 2.0, 2.0]], bins=2)
    >>> print(counts.eval())
    [[1 0]
     [0 2]]
    """
    if isinstance(sample, (list, tuple)) and not all(map(is_weak, sample)):
        return _grid("histogramdd", list(sample), bins, range, density, weights)
    points = as_node(sample)
    points = expand_dims(points, 1) if points.ndim == 1 else points
    with Blame("histogramdd", points):
        count = points.dims[1] if points.ndim == 2 else None
        message = f"takes points [n, d] of known d, received {points.type}"
        if not isinstance(count, int):
            raise Mismatch(message, "give a list of vectors, one for each axis")
    columns = [getitem(points, (slice(None), i)) for i in np.arange(count)]
    return _grid("histogramdd", columns, bins, range, density, weights)


def _grid(
    what: str, columns: list[Any], bins: Any, range: Any, density: bool, weights: NodeLike | None
) -> tuple[Node, list[Node]]:
    nodes = [as_node(column) for column in columns]
    with Blame(what, *nodes):
        fits = all(node.ndim == 1 and may_equal(node.dims[0], nodes[0].dims[0]) for node in nodes)
        require(fits, "takes vectors of one length", "flatten with theon.ravel")
        each = [bins] * len(nodes) if isinstance(bins, (int, np.integer)) else listed(bins, "bins")
        ranges = [None] * len(nodes) if range is None else listed(range, "ranges")
        for name, several in (("bins", each), ("ranges", ranges)):
            fits = len(several) == len(nodes)
            require(fits, f"{len(several)} {name} for {len(nodes)} axes", "give one for each axis", ArgumentError)
    heavy = _weights(what, nodes[0], weights) if nodes else None
    nodes = [_flat(what, node) for node in nodes]
    edges = [_edges(what, node, b, r) for node, b, r in zip(nodes, each, ranges, strict=True)]
    counts = [shape_of(e)[0] - 1 for e in edges]
    place: Node = full((), 0, INT32)
    outside: Node = full((), False)
    total: int | Node = 1
    for node, edge, count in zip(nodes, edges, counts, strict=True):
        spot = _bins(edge, node)
        outside = outside | (spot < 0) | (spot >= count)
        place = place * count + spot
        total = total * count
    found = reshape(_tally(where(outside, -1, place), heavy, total), counts)
    if not density:
        return found, edges
    found = found if found.tensor.is_inexact else cast_to(found, edges[0].dtype)
    found = found / sum(found)
    for axis, edge in enumerate(edges):
        found = found / reshape(diff(edge), [-1 if i == axis else 1 for i in np.arange(len(edges))])
    return found, edges


def histogram2d(
    x: NodeLike, y: NodeLike, bins: Any = 10, range: Any = None, density: bool = False, weights: NodeLike | None = None
) -> tuple[Node, Node, Node]:
    """How many points of a plane fall into each box of a grid, and the edges of the grid along both axes.

    Arguments: x and y, real vectors of one length; bins, how many along both axes or the edges of both, or a pair of
    these; range, a pair of ranges; density and weights as for `histogramdd`. Gives counts [bins of x, bins of y].
    Raises: ShapeError where lengths differ; else see `histogramdd`. Source: NumPy `histogram2d`.

    >>> import theon
    >>> counts, across, up = theon.histogram2d([0.0, 1.0, 1.0], [0.0, 2.0, 2.0], bins=2)
    >>> print(counts.eval())
    [[1 0]
     [0 2]]
    """
    one = isinstance(bins, (int, np.integer, Node)) or not is_sequence(bins) or len(bins) != 2
    counts, (across, up) = _grid("histogram2d", [x, y], [bins, bins] if one else bins, range, density, weights)
    return counts, across, up
