"""What every reduction shares: its axes, its shape, and the way back from a reduced value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from jax import lax

from ..graph.dims import Shape, is_sequence, normal_axes
from ..graph.errors import ArgumentError, DTypeError, Mismatch, ShapeError, require
from ..graph.node import Node, complain
from ..graph.types import FLOAT32, DType, kind_of
from .shape import broadcast_to, expand_dims, ravel

Axis: TypeAlias = int | Sequence[int] | None


def flattened(x: Node) -> Node:
    """`x` as a vector, without a node where it is one."""
    return x if x.ndim == 1 else ravel(x)


def without(shape: Shape, axes: tuple[int, ...], keepdims: bool) -> Shape:
    """The shape once `axes` are reduced."""
    require(not axes or axes[-1] < len(shape), f"reduces axis {axes[-1:]} of {len(shape)}")
    if keepdims:
        return tuple(1 if i in axes else d for i, d in enumerate(shape))
    return tuple(d for i, d in enumerate(shape) if i not in axes)


def count(x: Node, axes: tuple[int, ...]) -> int:
    return math.prod(x.sizes[a] for a in axes)


def spread(g: Node, x: Node, axes: tuple[int, ...], keepdims: bool) -> Node:
    """A reduced value repeated over the axes it was reduced by."""
    if g.ndim and not keepdims and axes:
        g = expand_dims(g, axes)
    return g if g.sizes == x.sizes else broadcast_to(g, x.sizes)


def keep(reduced: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """The lowered result with the reduced axes back as ones, where they are kept."""
    return lax.expand_dims(reduced, axes) if keepdims else reduced


def widened(x: Any) -> Any:
    """Half floats in float32, in which their sums are held; everything else as it is."""
    return lax.convert_element_type(x, FLOAT32) if kind_of(x.dtype) == "float" and x.dtype.itemsize == 2 else x


def axes_text(axes: tuple[int, ...], keepdims: bool) -> str:
    text = ", ".join(map(str, axes))
    return f"axes=({text}){', keepdims' if keepdims else ''}"


def require_kind(dtype: DType, takes: Sequence[str]) -> None:
    require(kind_of(dtype) in takes, f"takes {' or '.join(takes)}, not {dtype}", "convert with .astype", DTypeError)


def as_flag(value: Any, what: str) -> bool:
    """True or False, or one of them as an int; Mismatch for anything else."""
    right = isinstance(value, (bool, np.bool_)) or (isinstance(value, (int, np.integer)) and value in (0, 1))
    require(right, f"{what} is True or False, received {value!r}", "give one of the two", ArgumentError)
    return bool(value)


def kept(what: str, x: Node, keepdims: Any) -> bool:
    """The `keepdims` of a reduction."""
    try:
        return as_flag(keepdims, "keepdims")
    except Mismatch as problem:
        raise complain(problem, what, x) from None


def initial_of(what: str, x: Node, initial: Any) -> Any:
    """The `initial` of a reduction: a number, or a scalar."""
    scalar = initial.ndim == 0 if isinstance(initial, (Node, np.ndarray)) else not is_sequence(initial)
    if not scalar:
        problem = Mismatch(f"initial is one number, received {initial!r}", "add an array afterwards", ShapeError)
        raise complain(problem, what, x)
    return initial


def axes_of(what: str, x: Node, axis: Axis) -> tuple[int, ...]:
    try:
        return normal_axes(axis, x.ndim)
    except Mismatch as problem:
        raise complain(problem, what, x) from None
    except TypeError:
        unlike = Mismatch(
            f"axis is an int, several, or None; received {axis!r}", "give an int for each axis", ArgumentError
        )
        raise complain(unlike, what, x) from None
