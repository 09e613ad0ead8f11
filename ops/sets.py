"""Operations on sets: the different values that two tensors have, both or one of them, in ascending order. How many
there are is not known before it runs: `size` declares it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from ..graph.errors import ArgumentError, require
from ..graph.node import Node, NodeLike
from ..graph.types import kind_of
from .axes import flattened
from .comparison import equal, isnan, logical_not, not_equal, where
from .creation import arange, full
from .elementwise import nodes_of, operands, promoted
from .index import getitem
from .join import concat
from .reduce import argmax, sum
from .select import flatnonzero
from .shape import expand_dims
from .sizes import Blame, shape_of
from .sort import argsort, searchsorted
from .take import take
from .unique import filler_of, isin

Size: TypeAlias = int | Node | None


def _members(what: str, x1: NodeLike, x2: NodeLike, size: Size) -> tuple[Node, Node]:
    """Both tensors as vectors of one dtype."""
    with Blame(what, *nodes_of(operands([x1, x2]))):
        hint = "give size=: values beyond it are left out, missing ones filled up"
        require(size is not None, "how many different values there are is not known", hint, ArgumentError)
    first, second = promoted(what, x1, x2)
    return flattened(first), flattened(second)


def _starts(rows: Node, apart: Node | None = None) -> Node:
    """Whether a sorted vector's elements differ from those before. Nans do not, but where `apart` differs as well."""
    differs = not_equal(getitem(rows, slice(1, None)), getitem(rows, slice(None, -1)))
    if rows.tensor.is_inexact:
        both = isnan(getitem(rows, slice(1, None))) & isnan(getitem(rows, slice(None, -1)))
        if apart is not None:
            both &= equal(getitem(apart, slice(1, None)), getitem(apart, slice(None, -1)))
        differs &= logical_not(both)
    # Where there are no elements, there is no first one.
    return getitem(concat([full((1,), True), differs]), slice(None, shape_of(rows)[0]))


def _kept(keep: Node, columns: Sequence[Node], size: Any) -> tuple[Node, list[Node]]:
    """Of each column the first `size` elements to keep, the first of all again where there are less; which are there.

    A 0 stands before each column, so that something is there to take where nothing is kept.
    """
    keep = concat([full((1,), False), keep])
    columns = [concat([full((1,), 0, x.dtype), x]) for x in columns]
    there = arange(size) < sum(keep)
    places = where(there, flatnonzero(keep, size=size), argmax(keep))
    return there, [take(x, places) for x in columns]


def _filled(what: str, found: tuple[Node, list[Node]], fill_value: NodeLike | None) -> Node:
    """The values, and `fill_value` in place of those that are not there."""
    there, (values, *_) = found
    return values if fill_value is None else where(there, values, filler_of(what, fill_value, values))


def union1d(x1: NodeLike, x2: NodeLike, *, size: Size = None, fill_value: NodeLike | None = None) -> Node:
    """The different values of two tensors in ascending order, exactly `size` of them.

    Arguments: x1 and x2, any shapes and dtypes, of which the common one is given; size, how many values to give:
    further ones are left out, missing ones are `fill_value`, or else the smallest value, or 0 where there is none. All
    nans are one. The gradient of a value goes to its first occurrence.
    Raises: ArgumentError without size, DTypeError for a fill_value that the common dtype does not hold.
    Source: NumPy `union1d`; the size: JAX.

    >>> import theon
    >>> print(theon.union1d([3, 1], [2, 1], size=3).eval())
    [1 2 3]
    """
    both = concat(_members("union1d", x1, x2, size))
    rows = take(both, argsort(both))
    return _filled("union1d", _kept(_starts(rows), [rows], size), fill_value)


def intersect1d(
    x1: NodeLike,
    x2: NodeLike,
    assume_unique: bool = False,
    return_indices: bool = False,
    *,
    size: Size = None,
    fill_value: NodeLike | None = None,
) -> Any:
    """The different values that two tensors have in common, in ascending order, exactly `size` of them.

    Arguments: x1, x2, size and fill_value as for `union1d`; assume_unique, of no effect; return_indices, whether to
    give beside the values where they occur first in the flat `x1` and `x2`, in int32, for missing ones as for the
    smallest. A nan equals nothing. The gradient of a value goes to its first occurrence in `x1`.
    Raises: ArgumentError without size. Source: NumPy `intersect1d`; the size: JAX.

    >>> import theon
    >>> print(theon.intersect1d([3, 1, 3], [2, 3, 1], size=3, fill_value=0).eval())
    [1 3 0]
    """
    first, second = _members("intersect1d", x1, x2, size)
    order = argsort(first)
    rows = take(first, order)
    columns = [rows, order, _first_places(rows, second)] if return_indices else [rows]
    found = _kept(_starts(rows) & isin(rows, second), columns, size)
    values = _filled("intersect1d", found, fill_value)
    return (values, *found[1][1:]) if return_indices else values


def _first_places(values: Node, among: Node) -> Node:
    """Where values occur first in a vector."""
    if kind_of(among.dtype) == "complex":  # which searches do not order
        last = full((shape_of(values)[0], 1), True)
        return argmax(concat([equal(expand_dims(values, 1), among), last], axis=1), axis=1)
    order = argsort(among)
    # One more, for values that are larger than all.
    return take(concat([order, full((1,), 0, order.dtype)]), searchsorted(take(among, order), values))


def setdiff1d(
    x1: NodeLike,
    x2: NodeLike,
    assume_unique: bool = False,
    *,
    size: Size = None,
    fill_value: NodeLike | None = None,
) -> Node:
    """The different values of `x1` that `x2` has not, in ascending order, exactly `size` of them.

    Arguments: x1, x2, size and fill_value as for `union1d`; assume_unique, True: the elements of `x1` in the order that
    they have, also where some are equal. A nan equals nothing, but all nans of `x1` are one.
    Raises: ArgumentError without size. Source: NumPy `setdiff1d`; the size: JAX.

    >>> import theon
    >>> print(theon.setdiff1d([3, 1, 5, 3], [1], size=2).eval())
    [3 5]
    """
    rows, second = _members("setdiff1d", x1, x2, size)
    keep = None
    if not assume_unique:
        rows = take(rows, argsort(rows))
        keep = _starts(rows)
    lacking = isin(rows, second, invert=True)
    return _filled("setdiff1d", _kept(lacking if keep is None else lacking & keep, [rows], size), fill_value)


def setxor1d(
    x1: NodeLike,
    x2: NodeLike,
    assume_unique: bool = False,
    *,
    size: Size = None,
    fill_value: NodeLike | None = None,
) -> Node:
    """The different values that only one of two tensors has, in ascending order, exactly `size` of them.

    Arguments: x1, x2, size and fill_value as for `union1d`; assume_unique, of no effect. A nan equals nothing, but all
    nans of one tensor are one. Raises: ArgumentError without size. Source: NumPy `setxor1d`; the size: JAX.

    >>> import theon
    >>> print(theon.setxor1d([1, 2, 3], [3, 4], size=3).eval())
    [1 2 4]
    """
    first, second = _members("setxor1d", x1, x2, size)
    both = concat([first, second])
    order = argsort(both)
    rows = take(both, order)
    alone = take(concat([isin(first, second, invert=True), isin(second, first, invert=True)]), order)
    late = order >= shape_of(first)[0]
    return _filled("setxor1d", _kept(_starts(rows, late) & alone, [rows], size), fill_value)


__all__ = ["intersect1d", "setdiff1d", "setxor1d", "union1d"]
