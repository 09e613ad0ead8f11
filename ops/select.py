"""Masks: where they hold, what they pick in a declared number, and choices between several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import jax
from jax import lax
from jax import numpy as jnp

from ..graph.dims import normal_axis
from ..graph.errors import ArgumentError, Mismatch, require
from ..graph.node import Node, NodeLike, as_node
from ..graph.op import Op, dims_of
from ..graph.types import BOOL, INT32, TensorType
from . import comparison
from .comparison import less
from .creation import zeros_like
from .elementwise import cast_to, common_dtype, operands
from .join import stack
from .shape import expand_dims, ravel
from .sizes import Blame, Field, check_sizes, declare, shape_argument, shape_of
from .take import take, unravel_index


@dataclass(frozen=True, eq=False)
class FlatNonzero(Op):
    """The first `size` positions where a vector of bools holds, in order; -1 where there are no more."""

    size: tuple[Field]
    differentiable = False

    def infer(self, x: TensorType) -> TensorType:
        require(x.dtype == BOOL and x.ndim == 1, f"takes a vector of bools, not {x}")
        check_sizes(self.size)
        return TensorType(INT32, dims_of(self.size))

    def lower(self, x: jax.Array) -> jax.Array:
        (size,) = self.infer(TensorType(BOOL, x.shape)).sizes
        if not x.size or not size:
            return lax.full((size,), -1, INT32)
        place = lax.iota(INT32, x.size)
        rank = lax.cumsum(lax.convert_element_type(x, INT32))
        target = lax.select(x, lax.sub(rank, lax.full_like(rank, 1)), lax.full_like(rank, size))
        return jnp.full((size,), -1, INT32).at[target].set(place, mode="drop", unique_indices=False)


def _positions(what: str, x: NodeLike, size: Any) -> tuple[Node, Node]:
    """The array, and the flat positions where it is true; -1 beyond the last."""
    node = as_node(x)
    with Blame(what, node):
        if size is None:
            message = "how many elements hold is not known"
            raise Mismatch(message, "say how many to take: size=n (fewer are filled up)", ArgumentError)
        whole = isinstance(size, (tuple, list))
        require(not whole, f"size is an int or an int node, received {size!r}", "give one number", ArgumentError)
        fields, ints = shape_argument(size)
    return node, declare(FlatNonzero((fields[0],)), [ravel(cast_to(node, BOOL))], ints)


def flatnonzero(x: NodeLike, *, size: int | Node | None = None, fill_value: int = 0) -> Node:
    """The positions where `x`, as a vector, is not 0: the first `size` of them.

    Arguments: x, any shape and dtype; size, how many to give, for the number that hold is known at run time only;
    fill_value, what stands where fewer hold. Gives int32, shape (size,). Raises: ArgumentError without a size.
    Source: NumPy `flatnonzero`; the size: JAX.

    >>> import theon
    >>> print(theon.flatnonzero([0.0, 5.0, 0.0, 6.0], size=3, fill_value=-1).eval())
    [ 1  3 -1]
    """
    _, found = _positions("flatnonzero", x, size)
    return comparison.where(less(found, 0), fill_value, found)


def nonzero(x: NodeLike, *, size: int | Node | None = None, fill_value: int = 0) -> tuple[Node, ...]:
    """The positions where `x` is not 0, an array for each axis: the first `size` of them in row-major order.

    Arguments: x, one axis or more, any dtype; size, how many to give, for the number that hold is known at run time
    only; fill_value, what stands where fewer hold. Gives int32 vectors. Raises: ArgumentError without a size,
    ShapeError for a scalar. Source: NumPy / Array API `nonzero`; the size: JAX.

    >>> import theon
    >>> rows, columns = theon.nonzero([[1.0, 0.0], [0.0, 2.0]], size=2)
    >>> print(rows.eval(), columns.eval())
    [0 1] [0 1]
    """
    return _nonzero("nonzero", x, size, fill_value)


def _nonzero(what: str, x: NodeLike, size: Any, fill_value: int) -> tuple[Node, ...]:
    node, found = _positions(what, x, size)
    with Blame(what, node):
        require(node.ndim > 0, "takes an array with axes, not a scalar", "give it one with x[None]")
    none = less(found, 0)
    return tuple(comparison.where(none, fill_value, one) for one in unravel_index(found, shape_of(node)))


def argwhere(x: NodeLike, *, size: int | Node | None = None, fill_value: int = 0) -> Node:
    """The positions where `x` is not 0, a row for each: the first `size` of them.

    Arguments: as for `nonzero`. Gives int32, shape (size, axes of x). Raises: as `nonzero`.
    Source: NumPy `argwhere`; the size: JAX.

    >>> import theon
    >>> print(theon.argwhere([[1.0, 0.0], [0.0, 2.0]], size=2).eval())
    [[0 0]
     [1 1]]
    """
    return stack(_nonzero("argwhere", x, size, fill_value), axis=1)


@overload
def where(condition: NodeLike, x1: NodeLike, x2: NodeLike, /) -> Node: ...
@overload
def where(condition: NodeLike, /, *, size: int | Node | None = None, fill_value: int = 0) -> tuple[Node, ...]: ...
def where(
    condition: NodeLike,
    x1: NodeLike | None = None,
    x2: NodeLike | None = None,
    /,
    *,
    size: int | Node | None = None,
    fill_value: int = 0,
) -> Node | tuple[Node, ...]:
    """x1 where the condition holds and x2 elsewhere, elementwise; of a condition alone, the positions where it holds.

    Arguments: shapes that broadcast; the condition is bool (numbers count as true where they are not 0); x1
    and x2 promote to one dtype, which is the result's. Only the chosen element gets the gradient: the other
    branch may have a pole there, and where branches meet the slope is that of the chosen one. With one argument,
    `where(condition, size=n)` is `nonzero(condition, size=n)`.
    Raises: ShapeError where the shapes do not broadcast; ArgumentError for two arguments, or one without a size.
    Source: NumPy / Array API `where`; the size: JAX.

    >>> import theon
    >>> print(theon.where([True, False], [1.0, 2.0], 0.0).eval())
    [1. 0.]
    """
    if x1 is not None and x2 is not None:
        return comparison.where(condition, x1, x2)
    with Blame("where", *(n for n in (condition,) if isinstance(n, Node))):
        require(x1 is None and x2 is None, "takes one argument or three", "give both values", ArgumentError)
    return _nonzero("where", condition, size, fill_value)


switch = where  # Theano's name


def compress(
    condition: NodeLike, x: NodeLike, axis: int | None = None, *, size: int | Node | None = None, fill_value: Any = 0
) -> Node:
    """The slices of `x` along `axis` (of `x` as a vector: None) where a vector of bools holds: the first `size`.

    Arguments: condition, one axis, not longer than that of `x`; x, any dtype; size, how many to give, for the number
    that hold is known at run time only; fill_value, what stands where fewer hold.
    Raises: ArgumentError without a size, ShapeError for a condition that is no vector or too long.
    Source: NumPy `compress`; the size: JAX.

    >>> import theon
    >>> print(theon.compress([True, False, True], [1.0, 2.0, 3.0], size=2).eval())
    [1. 3.]
    """
    node = as_node(x)
    if axis is None:
        node, axis = ravel(node), 0
    mask, found = _positions("compress", condition, size)
    with Blame("compress", mask, node):
        place = normal_axis(axis, node.ndim)
        require(mask.ndim == 1, f"the condition is a vector, not {mask.ndim} axes", "use theon.extract")
        length, have = mask.dims[0], node.dims[place]
        short = not isinstance(length, int) or not isinstance(have, int) or length <= have
        require(short, f"a condition of {length} for an axis of {have}", "give one for each place, at most")
    missing = expand_dims(less(found, 0), range(1, node.ndim - place))
    fill = bool(fill_value) if node.dtype == BOOL and type(fill_value) is int else fill_value
    return comparison.where(missing, fill, take(node, found, place, "clip"))


def extract(condition: NodeLike, x: NodeLike, *, size: int | Node | None = None, fill_value: Any = 0) -> Node:
    """The elements of `x`, as a vector, where the condition holds: the first `size` of them.

    Arguments: condition and x, of one number of elements; size and fill_value as for `compress`.
    Raises: as `compress`. Source: NumPy `extract`; the size: JAX.

    >>> import theon
    >>> print(theon.extract([[True], [False]], [[1.0], [2.0]], size=2, fill_value=-1.0).eval())
    [ 1. -1.]
    """
    return compress(ravel(as_node(condition)), x, size=size, fill_value=fill_value)


def select(condlist: Sequence[NodeLike], choicelist: Sequence[NodeLike], default: NodeLike = 0) -> Node:
    """For each place, the element of the first choice whose condition holds there; else the default.

    Arguments: condlist, bools; choicelist, as many arrays; all broadcast, and choices and default promote to one
    dtype. Raises: ArgumentError where the two differ in number, or are empty; ShapeError. Source: NumPy `select`.

    >>> import theon
    >>> x = theon.constant([1.0, 5.0, 9.0])
    >>> print(theon.select([x < 3, x < 7], [-x, x * 10]).eval())
    [-1. 50.  0.]
    """
    conditions = [as_node(one) for one in condlist]
    with Blame("select", *conditions):
        fits = len(conditions) == len(choicelist) > 0
        hint = "give a choice for each condition; default= is for everywhere else"
        require(fits, f"{len(conditions)} conditions for {len(choicelist)} choices", hint, ArgumentError)
        dtype = common_dtype(operands([*choicelist, default]))
    found: Any = default
    for condition, choice in zip(reversed(conditions), reversed(list(choicelist)), strict=True):
        found = comparison.where(condition, cast_to(choice, dtype), found)
    return cast_to(found, dtype)


def piecewise(x: NodeLike, condlist: Sequence[NodeLike], funclist: Sequence[Any], *args: Any, **kwargs: Any) -> Node:
    """A function by cases: `funclist[i](x)` where `condlist[i]` holds; the last condition that holds counts.

    Arguments: x, any shape; condlist, bools that broadcast to `x`; funclist, functions of nodes or values, one for
    each condition, and one more for everywhere else (0 without it). Gives the dtype of `x`. Every function is
    evaluated everywhere. Raises: ArgumentError for another number of functions, DTypeError where a function's dtype
    does not convert to that of `x` without loss. Source: NumPy `piecewise`.

    >>> import theon
    >>> x = theon.constant([-2.0, 3.0])
    >>> print(theon.piecewise(x, [x < 0], [lambda x: -x, lambda x: x * 10]).eval())
    [ 2. 30.]
    """
    node = as_node(x)
    several = condlist if isinstance(condlist, (list, tuple)) else [condlist]
    conditions = [as_node(one) for one in several]
    with Blame("piecewise", node):
        extra = len(funclist) - len(conditions)
        hint = "give one for each condition, and perhaps one for everywhere else"
        require(extra in (0, 1), f"{len(funclist)} functions for {len(conditions)} conditions", hint, ArgumentError)
    found = zeros_like(node)
    for condition, function in zip(
        [None, *conditions] if extra else conditions, _rotated(funclist, extra), strict=True
    ):
        value = function(node, *args, **kwargs) if isinstance(function, Callable) else function  # type: ignore[arg-type]
        found = comparison.where(True if condition is None else condition, value, found)
    return found


def _rotated(functions: Sequence[Any], count: int) -> list[Any]:
    """The last `count` of them first."""
    return [*functions[len(functions) - count :], *functions[: len(functions) - count]]


__all__ = [
    "argwhere", "compress", "extract", "flatnonzero", "nonzero", "piecewise", "select", "switch", "where",
]  # fmt: skip
