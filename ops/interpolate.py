"""Interpolation between points: of one variable, and of arrays at coordinates that are no whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import jax
from jax import numpy as jnp

from ..graph.dims import may_equal
from ..graph.errors import ArgumentError, DTypeError, require
from ..graph.node import Node, NodeLike, apply, as_node, const_value
from ..graph.op import Op
from ..graph.types import INT32, TensorType, default_float_dtype, is_inexact, kind_of, promote
from .arithmetic import abs, clip, remainder
from .comparison import equal, greater, greater_equal, less, less_equal, logical_and, where
from .elementwise import cast_to, common_dtype, is_weak
from .index import getitem
from .join import concat
from .rounding import floor
from .sizes import Blame, is_among, shape_of
from .sort import argsort
from .take import take


@dataclass(frozen=True, eq=False)
class Bracket(Op):
    """How many of ascending points are not above each value: the place where it would go, behind equal ones."""

    differentiable = False

    def infer(self, points: TensorType, x: TensorType) -> TensorType:
        require(points.ndim == 1, f"the points are a vector, not {points.ndim} axes", "flatten with theon.ravel")
        require(points.dtype == x.dtype, f"mixes {points.dtype} and {x.dtype}", "cast one with .astype", DTypeError)
        return TensorType(INT32, x.shape)

    def lower(self, points: jax.Array, x: jax.Array) -> jax.Array:
        return jnp.searchsorted(points, x, side="right", method="scan").astype(INT32)


def interp(
    x: NodeLike,
    xp: NodeLike,
    fp: NodeLike,
    left: NodeLike | None = None,
    right: NodeLike | None = None,
    period: NodeLike | None = None,
) -> Node:
    """The values at `x` of the lines through points.

    Arguments: x, real, any shape; xp, the points' places, a vector that ascends (where it does not, the result has no
    meaning); fp, their values, as many, real or complex; left and right, what stands beyond the first and the last
    point (None: their values); period, a number: places and points repeat after it, in any order, and left and right
    have no meaning. Gives the shape of `x`. At a point the slope is that of the line to its right.
    Raises: ShapeError where the two vectors differ in length or are empty, DTypeError for complex places,
    ArgumentError for a period of 0. Source: NumPy `interp`.

    >>> import theon
    >>> print(theon.interp([0.5, 1.5, 9.0], [0.0, 1.0, 2.0], [0.0, 10.0, 30.0]).eval())
    [ 5. 20. 30.]
    """
    at, places, values = as_node(x), as_node(xp), as_node(fp)
    given = x if is_weak(x) else at
    with Blame("interp", at, places, values):
        vectors = places.ndim == values.ndim == 1
        hint = "theon.vectorize maps over more"
        require(vectors, f"points are vectors, received {places.ndim} and {values.ndim} axes", hint)
        a, b = places.dims[0], values.dims[0]
        require(may_equal(a, b), f"{a} places, and {b} values", "give one value for each place")
        require(a != 0 and b != 0, "there are no points to go through", "give one at least")
        real = common_dtype([given, places])
        require(kind_of(real) != "complex", f"takes real places, not {real}", "take theon.real first", DTypeError)
        joined = promote(real, values.dtype)
        if period is not None:
            turn = as_node(period)
            number = turn.ndim == 0 and kind_of(turn.dtype) != "complex"
            require(number, f"a period is a number, not {turn.type}", "give a real scalar")
            known = const_value(turn)
            require(known is None or known != 0, "a period of 0 never ends", "leave it out", ArgumentError)
    dtype = joined if is_inexact(joined) else default_float_dtype()
    real = real if is_inexact(real) else default_float_dtype()
    at, places, values = cast_to(given, real), cast_to(places, real), cast_to(values, dtype)
    if period is not None:
        at, places, values = _periodic(at, places, values, abs(cast_to(period, real)))
        left = right = None
    count = shape_of(places)[0]
    above = clip(apply(Bracket(), places, at), 1, count - 1 if isinstance(count, Node) or count > 1 else 1)
    x0, x1 = (take(places, n, mode="clip") for n in (above - 1, above))
    y0, y1 = (take(values, n, mode="clip") for n in (above - 1, above))
    width = x1 - x0
    flat = equal(width, 0)
    share = where(flat, 0, (at - x0) / where(flat, 1, width))
    found = y0 + cast_to(share, dtype) * (y1 - y0)
    first, last = places[0], places[-1]
    found = where(less(at, first), values[0] if left is None else left, found)
    # The last point itself: its own value, to the last bit.
    found = where(greater_equal(at, last), values[-1], found)
    return found if right is None else where(greater(at, last), right, found)


def _periodic(at: Node, places: Node, values: Node, period: Node) -> tuple[Node, Node, Node]:
    """All within one period, the points in order, with one more on either side from the next."""
    places = remainder(places, period)
    order = argsort(places)
    places, values = take(places, order, axis=0), take(values, order, axis=0)
    around = [places[-1:] - period, places, places[:1] + period]
    return remainder(at, period), concat(around, 0), concat([values[-1:], values, values[:1]], 0)


# --- arrays at coordinates ---------------------------------------------------------------------------------------

MODES = ("constant", "nearest", "mirror", "reflect", "grid-mirror", "grid-constant", "grid-wrap")


def _folded(place: Node, size: int | Node, mode: str) -> Node:
    """Whole coordinates as places that there are."""
    if mode in ("constant", "grid-constant", "nearest"):
        return clip(place, 0, size - 1)
    if mode == "grid-wrap":
        return remainder(place, size)
    if mode == "mirror":
        span = size - 1
        period = clip(2 * span if isinstance(span, Node) else as_node(2 * span), 1, None)
        return clip(abs(remainder(place + span, period) - span), 0, span)
    around = remainder(place, 2 * size)
    return where(greater_equal(around, size), 2 * size - 1 - around, around)


def map_coordinates(
    x: NodeLike, coordinates: Sequence[NodeLike] | Node, order: int, mode: str = "constant", cval: float = 0.0
) -> Node:
    """The values of an array at coordinates that may lie between its elements.

    Arguments: x, numbers (ints become the default float); coordinates, real arrays that broadcast, one for each axis
    of `x` (or one array, by its first axis); order, 0: the nearest element, 1: linear between neighbours; mode, what
    stands outside: "constant": cval, "grid-constant": the same, and mixed into what is nearer than one element,
    "nearest": the edge, "mirror": a mirror on the middle of the edge elements, "reflect" or "grid-mirror": on their
    outer side, "grid-wrap": the array again. Gives the shape of the coordinates. The gradient by coordinates is that
    of the line to the right. Raises: ArgumentError for another order, mode or number of coordinates, DTypeError.
    Source: SciPy `ndimage.map_coordinates`, of orders 0 and 1.

    >>> import theon
    >>> print(theon.map_coordinates([[0.0, 1.0], [2.0, 3.0]], [[0.5], [0.5]], order=1).eval())
    [1.5]
    """
    node = as_node(x)
    places = [
        as_node(c) for c in (coordinates if isinstance(coordinates, (list, tuple)) else list(as_node(coordinates)))
    ]
    with Blame("map_coordinates", node, *places):
        require(is_among(order, (0, 1)), f"order is 0 or 1, received {order!r}", "splines are not there", ArgumentError)
        require(is_among(mode, MODES), f"there is no mode {mode!r}", f"use one of {MODES}", ArgumentError)
        fits = len(places) == node.ndim > 0
        require(fits, f"{len(places)} coordinates for {node.ndim} axes", "give one for each axis", ArgumentError)
        for place in places:
            real = kind_of(place.dtype) != "complex"
            require(real, f"takes real coordinates, not {place.dtype}", "take theon.real first", DTypeError)
    node = node if is_inexact(node.dtype) else cast_to(node, default_float_dtype())
    places = [p if is_inexact(p.dtype) else cast_to(p, default_float_dtype()) for p in places]
    sizes = shape_of(node)
    corners = [_corners(place, order) for place in places]
    total: Any = None
    for chosen in product(*corners):
        spots = [cast_to(spot, INT32) for spot, _ in chosen]
        value = getitem(node, tuple(_folded(s, size, mode) for s, size in zip(spots, sizes, strict=True)))
        if mode == "grid-constant":
            value = where(_inside(spots, sizes), value, cval)
        for _, weight in chosen:
            value = value if weight is None else value * cast_to(weight, node.dtype)
        total = value if total is None else total + value
    return where(_inside(places, sizes), total, cval) if mode == "constant" else total


def _corners(place: Node, order: int) -> list[tuple[Node, Node | None]]:
    """The whole coordinates that count at a place, and how much."""
    if order == 0:
        return [(floor(place + 0.5), None)]
    below = floor(place)
    share = place - below
    return [(below, 1 - share), (below + 1, share)]


def _inside(places: Sequence[Node], sizes: Sequence[int | Node]) -> Node:
    good = None
    for place, size in zip(places, sizes, strict=True):
        fits = logical_and(greater_equal(place, 0), less_equal(place, size - 1))
        good = fits if good is None else logical_and(good, fits)
    assert good is not None
    return good


__all__ = ["Bracket", "interp", "map_coordinates"]
