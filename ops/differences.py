"""Differences of neighbours, and the integral that goes with them."""

from __future__ import annotations

from ..graph.errors import ArgumentError, Mismatch, require
from ..graph.node import Node, NodeLike, as_node
from ..graph.types import BOOL, normal_axis
from .comparison import not_equal
from .index import getitem
from .join import concat
from .reduce import sum
from .shape import broadcast_to, reshape
from .sizes import Blame, as_int, shape_of


def _between(x: Node, axis: int, start: int | None, stop: int | None) -> Node:
    return getitem(x, (*(slice(None),) * axis, slice(start, stop)))


def diff(
    x: NodeLike, n: int = 1, axis: int = -1, prepend: NodeLike | None = None, append: NodeLike | None = None
) -> Node:
    """The differences of neighbours along `axis`, taken `n` times.

    Arguments: x, one axis or more; bools differ where they are not equal, unsigned ints wrap around; prepend and
    append, numbers or tensors put before and after the elements first. Gives the dtype of `x`, which loses `n`
    elements. Raises: ShapeError for a scalar or an axis that is not there, ArgumentError for a negative `n`.
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
    parts = [node]
    for position, edge in ((0, prepend), (len(parts) + 1, append)):
        if edge is not None:
            end = as_node(edge)
            sizes = [1 if i == place else d for i, d in enumerate(shape_of(node))]
            parts.insert(position, end if end.ndim else broadcast_to(end, sizes))
    node = parts[0] if len(parts) == 1 else concat(parts, place)
    for _ in range(times):
        late, early = _between(node, place, 1, None), _between(node, place, None, -1)
        node = not_equal(late, early) if node.dtype == BOOL else late - early
    return node


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
    pairs = (_between(node, place, 1, None) + _between(node, place, None, -1)) * 0.5
    if x is None:
        return sum(pairs, place) * dx
    at = as_node(x)
    if at.ndim == 1:
        return sum(pairs * reshape(diff(at), [-1 if i == place else 1 for i in range(node.ndim)]), place)
    with Blame("trapezoid", node, at):
        if at.ndim != node.ndim:
            raise Mismatch(f"positions with {at.ndim} axes for values with {node.ndim}", "give one axis, or as many")
    return sum(pairs * diff(at, axis=place), place)
