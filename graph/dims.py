"""Dims and axes: what two sizes have in common, how shapes broadcast, and which axis is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, TypeAlias

import numpy as np

from .errors import ArgumentError, Mismatch, ShapeError

Dim: TypeAlias = int | str | None
Shape: TypeAlias = tuple[Dim, ...]


def same_dim(a: Dim, b: Dim) -> bool:
    """Whether two dims are surely the same size."""
    return a is not None and a == b


def may_equal(a: Dim, b: Dim) -> bool:
    """Whether two dims could be the same size: only two different ints surely are not."""
    return not (isinstance(a, int) and isinstance(b, int)) or a == b


def unify_dim(a: Dim, b: Dim) -> Dim:
    """What is known of a size that is both `a` and `b`."""
    if a is None or (isinstance(a, str) and isinstance(b, int)):
        return b
    return a


def broadcast_dim(a: Dim, b: Dim) -> Dim | Mismatch:
    if a == b and a is not None:
        return a
    if a == 1:
        return b
    if b == 1:
        return a
    if isinstance(a, int) and isinstance(b, int):
        return Mismatch("")
    if isinstance(a, int):
        return a
    return b if isinstance(b, int) else None


def broadcast_shapes(shapes: Sequence[Shape]) -> Shape:
    """The NumPy broadcast of `shapes`; raises Mismatch naming the axis and the sizes."""
    first = shapes[0]
    if all(shape == first for shape in shapes) and None not in first:
        return first
    rank = max(map(len, shapes))
    out: list[Dim] = [1] * rank
    for shape in shapes:
        offset = rank - len(shape)
        for i, dim in enumerate(shape):
            merged = broadcast_dim(out[offset + i], dim)
            if isinstance(merged, Mismatch):
                raise Mismatch(
                    f"axis {offset + i} does not broadcast ({out[offset + i]} and {dim})",
                    f"make the sizes equal or one of them 1: shapes {_shapes_text(shapes)}",
                    ShapeError,
                )
            out[offset + i] = merged
    return tuple(out)


def _shapes_text(shapes: Sequence[Shape]) -> str:
    def one(shape: Shape) -> str:
        dims = ", ".join("?" if d is None else str(d) for d in shape)
        return f"({dims},)" if len(shape) == 1 else f"({dims})"

    return " and ".join(map(one, shapes))


def is_sequence(value: Any) -> bool:
    """Whether an argument lists things in an order, as no text, no set, no dict and no array without an axis does."""
    listing = isinstance(value, Iterable) and not isinstance(value, (str, bytes, Set, Mapping))
    return listing and getattr(value, "ndim", 1) > 0


def listed(value: Any, what: str) -> list[Any]:
    """An argument that is a sequence, as a list; Mismatch where it is none."""
    if is_sequence(value):
        return list(value)
    raise Mismatch(f"{what} is a sequence, received {value!r}", "give a list or a tuple", ArgumentError)


def normal_axis(axis: object, ndim: int) -> int:
    """`axis` counted from the front; raises Mismatch when there is no such axis."""
    if not isinstance(axis, (int, np.integer)) or isinstance(axis, bool):
        raise Mismatch(f"an axis is an int, received {axis!r}", _axis_hint(ndim), ArgumentError)
    if not -ndim <= axis < ndim:
        axes = f"{ndim} dimension" + ("" if ndim == 1 else "s")
        raise Mismatch(f"axis {axis} is out of bounds for {axes}", _axis_hint(ndim))
    return int(axis) % ndim


def _axis_hint(ndim: int) -> str:
    return f"use an int from {-ndim} to {ndim - 1}" if ndim else "use no axis: the tensor is 0-dimensional"


def normal_axes(axis: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    """An `axis=` argument as sorted axes counted from the front; `None` is all of them."""
    if axis is None:
        return tuple(range(ndim))
    if isinstance(axis, (int, np.integer)) or not is_sequence(axis):
        return (normal_axis(axis, ndim),)  # which refuses what is no int
    axes = [normal_axis(a, ndim) for a in axis]
    if len(set(axes)) != len(axes):
        raise Mismatch(f"axis {tuple(axis)} names an axis twice", "name each axis once", ArgumentError)
    return tuple(sorted(axes))
