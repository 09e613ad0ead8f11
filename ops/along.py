"""Functions of vectors along an axis of an array, and of arrays over one axis after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..graph.dims import is_sequence, normal_axis
from ..graph.errors import ArgumentError, require
from ..graph.node import Node, NodeLike, as_node
from .shape import expand_dims, moveaxis, reshape
from .sizes import Blame, shape_of
from .vectorize import vectorize


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: NodeLike, *args: Any, **kwargs: Any) -> Node:
    """What a function of vectors makes of each vector of `arr` along `axis`.

    Arguments: func1d, called once, on a node with one axis, and on args and kwargs as they are; it gives a node of any
    shape, whose axes take the place of `axis`. Raises: ShapeError for an axis that is not there, ArgumentError where
    `func1d` gives several. Source: NumPy `apply_along_axis`.

    >>> import theon
    >>> print(theon.apply_along_axis(theon.sum, 0, [[1.0, 2.0], [3.0, 4.0]]).eval())
    [4. 6.]
    """
    node = as_node(arr)
    with Blame("apply_along_axis", node):
        place = normal_axis(axis, node.ndim)
    last = moveaxis(node, place, -1)
    lead = shape_of(last)[:-1]

    def applied(vector: Node) -> Node:
        found = func1d(vector, *args, **kwargs)
        with Blame("apply_along_axis", node):
            single = not isinstance(found, (tuple, list, dict))
            require(single, f"the function gives several: {found!r}", "use theon.vectorize", ArgumentError)
        return as_node(found)

    if not lead:
        return applied(last)
    # One axis for all vectors: one region, whatever the number of axes.
    many = lead[0]
    for size in lead[1:]:
        many = many * size
    found = vectorize(applied)(last if len(lead) == 1 else reshape(last, (many, shape_of(last)[-1])))
    inner = shape_of(found)[1:]
    if len(lead) > 1:
        found = reshape(found, (*lead, *inner))
    at = range(len(lead), len(lead) + len(inner))
    return moveaxis(found, list(at), list(range(place, place + len(inner)))) if place < len(lead) else found


def apply_over_axes(func: Callable[[Node, int], Any], a: NodeLike, axes: int | Iterable[int]) -> Node:
    """What a function makes of an array along one axis after the other.

    Arguments: func, called as `func(a, axis)`, which gives an array of as many axes or of one less: then the axis stays
    with length 1. Raises: ShapeError for an axis that is not there or a result of other axes, ArgumentError for axes
    that are no ints. Source: NumPy `apply_over_axes`.

    >>> import theon
    >>> print(theon.apply_over_axes(theon.sum, [[1.0, 2.0], [3.0, 4.0]], [0, 1]).eval())
    [[10.]]
    """
    node = as_node(a)
    rank = node.ndim
    with Blame("apply_over_axes", node):
        several = [axes] if isinstance(axes, int) or not is_sequence(axes) else axes
        places = [normal_axis(axis, rank) for axis in several]
    for place in places:
        found = as_node(func(node, place))
        with Blame("apply_over_axes", node, found):
            fits = found.ndim in (rank, rank - 1)
            message = f"the function makes {found.ndim} axes of {rank}"
            require(fits, message, f"give {rank}, or {rank - 1} where the axis is gone")
        node = found if found.ndim == rank else expand_dims(found, place)
    return node


__all__ = ["apply_along_axis", "apply_over_axes"]
