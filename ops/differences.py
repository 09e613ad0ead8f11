"""Differences of neighbours, the slopes made of them, and the integrals that go with them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..graph.dims import may_equal, normal_axes, normal_axis
from ..graph.errors import ArgumentError, require
from ..graph.node import Node, NodeLike, as_node
from ..graph.types import BOOL, default_float_dtype, promote
from .arithmetic import abs, remainder
from .axes import Axis, flattened, require_kind
from .comparison import not_equal, where
from .creation import full
from .elementwise import cast_to, is_weak
from .index import getitem
from .join import concat
from .reduce import sum
from .scans import cumsum
from .shape import broadcast_to, reshape
from .sizes import Blame, as_int, is_among, shape_of


def _between(x: Node, axis: int, start: int | None, stop: int | None) -> Node:
    return getitem(x, (*(slice(None),) * axis, slice(start, stop)))


def diff(
    x: NodeLike, n: int = 1, axis: int = -1, prepend: NodeLike | None = None, append: NodeLike | None = None
) -> Node:
    """The differences of neighbours along `axis`, taken `n` times.

    Arguments: x, one axis or more; bools differ where they are not equal, unsigned ints wrap around; prepend and
    append, numbers or tensors put before and after the elements first, but where `n` is 0. Gives the dtype of `x`,
    which loses `n` elements.
    Raises: ShapeError for a scalar or an axis that is not there, ArgumentError for a negative `n`.
    Source: NumPy / Array API `diff`.

    >>> import theon
    >>> print(theon.diff([1.0, 4.0, 9.0]).eval())
    [3. 5.]
    """
    node = as_node(x)
    with Blame("diff", node):
        place = normal_axis(axis, node.ndim)
        times = as_int(n, "how often to subtract")
        require(times >= 0, f"cannot subtract {times} times", "theon.cumsum goes the other way", ArgumentError)
    if times == 0:
        return node  # as NumPy has it: without what is put before and after
    parts = [node]
    for position, edge in ((0, prepend), (len(parts) + 1, append)):
        if edge is not None:
            end = as_node(edge)
            with Blame("diff", node, end):  # by its own dtype, as in NumPy: -1 beside unsigned ints widens them
                dtype = promote(node.dtype, end.dtype)
            end = cast_to(edge if is_weak(edge) else end, dtype)
            sizes = [1 if i == place else d for i, d in enumerate(shape_of(node))]
            parts.insert(position, end if end.ndim else broadcast_to(end, sizes))
    node = parts[0] if len(parts) == 1 else concat(parts, place)
    for _ in range(times):
        late, early = _between(node, place, 1, None), _between(node, place, None, -1)
        node = not_equal(late, early) if node.dtype == BOOL else late - early
    return node


def ediff1d(x: NodeLike, to_end: NodeLike | None = None, to_begin: NodeLike | None = None) -> Node:
    """The differences of neighbours in the flattened tensor.

    Arguments: x, numbers of any shape; to_end and to_begin, numbers or tensors put after and before the differences,
    flattened. Gives a vector of their promoted dtype, one element shorter than `x` is without them; unsigned ints wrap
    around. Raises: DTypeError for bools. Source: NumPy `ediff1d`.

    >>> import theon
    >>> print(theon.ediff1d([[1.0, 4.0], [9.0, 16.0]], to_begin=0.0).eval())
    [0. 3. 5. 7.]
    """
    node = as_node(x)
    with Blame("ediff1d", node):
        require_kind(node.dtype, ("int", "uint", "float", "complex"))
    parts = [part for part in (to_begin, diff(flattened(node)), to_end) if part is not None]
    return concat(parts, None) if len(parts) > 1 else as_node(parts[0])


# --- slopes ------------------------------------------------------------------------------------------------------


def gradient(f: NodeLike, *spacing: NodeLike, axis: Axis = None, edge_order: int = 1) -> Any:
    """The slopes of sampled values along each axis: central differences inside, one-sided ones at both ends.

    Arguments: f, numbers (ints become the default float), at least `edge_order` + 1 along each axis; spacing, nothing
    (samples are 1 apart), one distance for all axes, or for each axis a distance or a vector of positions; axis, one or
    several, all by default; edge_order, 1 or 2, of the differences at the ends. Gives the shape of `f`: one tensor for
    one axis, else a tuple. This differentiates data; for the derivatives of a graph there is `theon.grad`.
    Raises: ShapeError for too few samples, or positions that do not fit; ArgumentError for a wrong number of spacings
    or another edge_order. Source: NumPy `gradient`; Fornberg (1988), doi 10.1090/S0025-5718-1988-0935077-0.

    >>> import theon
    >>> print(theon.gradient([1.0, 2.0, 4.0, 7.0]).eval())
    [1.  1.5 2.5 3. ]
    """
    node = as_node(f)
    node = node if node.tensor.is_inexact else cast_to(node, default_float_dtype())
    with Blame("gradient", node):
        axes = normal_axes(axis, node.ndim)
        require(
            is_among(edge_order, (1, 2)),
            f"edge_order is 1 or 2, received {edge_order!r}",
            "2 is exact for parabolas",
            ArgumentError,
        )
        one = len(spacing) == 1 and as_node(spacing[0]).ndim == 0
        fits = one or len(spacing) in (0, len(axes))
        hint = "give none, one distance for all, or one spacing for each axis"
        require(fits, f"{len(spacing)} spacings for {len(axes)} axes", hint, ArgumentError)
        for place in axes:
            length = node.dims[place]
            enough = not isinstance(length, int) or length > edge_order
            require(enough, f"axis {place} has {length} samples", f"give {edge_order + 1} or more")
    steps: list[NodeLike] = list(spacing) if len(spacing) == len(axes) else [spacing[0] if one else 1.0] * len(axes)
    found = [_slopes(node, step, place, edge_order) for step, place in zip(steps, axes, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def _slopes(f: Node, spacing: NodeLike, axis: int, edge_order: int) -> Node:
    given = as_node(spacing)
    with Blame("gradient", f, given):
        require(
            given.ndim <= 1,
            f"a spacing is a distance or a vector of positions, not {given.ndim} axes",
            "give one number for each sample",
        )
        fits = given.ndim == 0 or may_equal(given.dims[0], f.dims[axis])
        require(fits, f"{given.dims} positions for {f.dims[axis]} samples", "give one for each sample")
    gaps: Any = spacing
    if given.ndim:
        gaps = given if given.tensor.is_inexact else cast_to(given, default_float_dtype())
        gaps = reshape(diff(gaps), [-1 if i == axis else 1 for i in range(f.ndim)])
    secants = diff(f, axis=axis) / gaps
    early, late = _between(secants, axis, None, -1), _between(secants, axis, 1, None)
    if given.ndim:
        short, long = _between(gaps, axis, None, -1), _between(gaps, axis, 1, None)
        inside = (long * early + short * late) / (short + long)
    else:  # in one piece: opposite secants would cancel
        inside = (_between(f, axis, 2, None) - _between(f, axis, None, -2)) / (2 * gaps)
    first, last = _between(secants, axis, None, 1), _between(secants, axis, -1, None)
    if edge_order == 2:
        # The parabola through the outer three samples: its bend times the gap comes on top of the secant.
        bend = (late - early) / ((short + long) if given.ndim else 2 * gaps)
        near, far = (_between(gaps, axis, None, 1), _between(gaps, axis, -1, None)) if given.ndim else (gaps, gaps)
        first = first - near * _between(bend, axis, None, 1)
        last = last + far * _between(bend, axis, -1, None)
    return concat([first, inside, last], axis)


def unwrap(p: NodeLike, discont: NodeLike | None = None, axis: int = -1, *, period: NodeLike = 2 * math.pi) -> Node:
    """The angles with jumps between neighbours taken back by whole periods.

    Arguments: p, real (ints become the default float); discont, jumps below it stay, by default half a period, and
    no less; period, of the angles. Gives the shape of `p`; the gradient goes through unchanged.
    Raises: ShapeError for a scalar or an axis that is not there, DTypeError for complex. Source: NumPy `unwrap`.

    >>> import theon
    >>> print(theon.unwrap([0.0, 3.0, -3.0, 0.0], period=6.0).eval())
    [0. 3. 3. 6.]
    """
    node = as_node(p)
    with Blame("unwrap", node):
        require_kind(node.dtype, ("bool", "int", "uint", "float"))
        place = normal_axis(axis, node.ndim)
    node = node if node.tensor.is_inexact else cast_to(node, default_float_dtype())
    turn = period if is_weak(period) else as_node(period)
    jumps, half = diff(node, axis=place), turn / 2
    inside = remainder(jumps + half, turn) - half
    inside = where((inside == -half) & (jumps > 0), half, inside)  # half a period upwards stays upwards
    backs = where(abs(jumps) < (half if discont is None else discont), 0, inside - jumps)
    return concat([_between(node, place, None, 1), _between(node, place, 1, None) + cumsum(backs, place)], place)


# --- integrals ---------------------------------------------------------------------------------------------------


def _areas(what: str, y: Node, x: NodeLike | None, axis: int) -> Node:
    """The areas between neighbours; for a distance of 1 where `x` is None."""
    pairs = (_between(y, axis, 1, None) + _between(y, axis, None, -1)) * 0.5
    if x is None:
        return pairs
    at = as_node(x)
    with Blame(what, y, at):
        kinds = f"positions with {at.ndim} axes for values with {y.ndim}"
        require(at.ndim in (1, y.ndim) and at.ndim > 0, kinds, "give one axis, or as many")
        there, wanted = at.dims[axis if at.ndim > 1 else 0], y.dims[axis]
        require(may_equal(there, wanted), f"{there} positions for {wanted} values", "give one for each value")
    gaps = diff(at, axis=axis) if at.ndim > 1 else reshape(diff(at), [-1 if i == axis else 1 for i in range(y.ndim)])
    return pairs * gaps


def trapezoid(y: NodeLike, x: NodeLike | None = None, dx: NodeLike = 1.0, axis: int = -1) -> Node:
    """The integral of `y` along `axis` by the trapezoidal rule.

    Arguments: y, one axis or more; x, where the values are: of one axis, or of the shape of `y`; else they are `dx`
    apart. Raises: ShapeError for an axis that is not there, or positions that do not fit.
    Source: NumPy `trapezoid`.

    >>> import theon
    >>> print(theon.trapezoid([1.0, 2.0, 3.0], dx=2.0).eval())
    8.0
    """
    node = as_node(y)
    with Blame("trapezoid", node):
        place = normal_axis(axis, node.ndim)
    total = sum(_areas("trapezoid", node, x, place), place)
    return total * dx if x is None else total


def cumulative_trapezoid(
    y: NodeLike, x: NodeLike | None = None, dx: NodeLike = 1.0, axis: int = -1, initial: float | None = None
) -> Node:
    """The integral of `y` along `axis` up to each sample but the first, by the trapezoidal rule.

    Arguments: y, x, dx and axis as for `trapezoid`; initial, 0 to put the integral up to the first sample, which is 0,
    before the others. Raises: ShapeError for an axis that is not there, or positions that do not fit; ArgumentError
    for another `initial`. Source: SciPy `integrate.cumulative_trapezoid`.

    >>> import theon
    >>> print(theon.cumulative_trapezoid([1.0, 2.0, 3.0], initial=0).eval())
    [0.  1.5 4. ]
    """
    node = as_node(y)
    with Blame("cumulative_trapezoid", node):
        place = normal_axis(axis, node.ndim)
        none = initial is None or (isinstance(initial, (int, float, np.number)) and initial == 0)
        require(none, f"initial is None or 0, received {initial!r}", "add it to the result", ArgumentError)
    areas = _areas("cumulative_trapezoid", node, x, place)
    found = cumsum(areas if x is not None else areas * dx, place)
    if initial is None:
        return found
    start = full([1 if i == place else d for i, d in enumerate(shape_of(found))], 0, found.dtype)
    return concat([start, found], place)


__all__ = ["cumulative_trapezoid", "diff", "ediff1d", "gradient", "trapezoid", "unwrap"]
