"""The different values of a tensor, and which values are among them. How many different ones there are is not known
before it runs: `size` declares it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..graph.dims import normal_axis
from ..graph.errors import ArgumentError, DTypeError, require
from ..graph.node import Node, NodeLike, apply, as_node
from ..graph.types import BOOL, INT32, kind_of
from .axes import flattened
from .comparison import isnan, where
from .creation import arange, full
from .elementwise import cast_to, common_dtype, is_weak, nodes_of, operands, promoted
from .index import getitem
from .join import concat
from .reduce import any as any_
from .scans import cumsum
from .shape import expand_dims, moveaxis, reshape
from .sizes import Blame, check_sizes, shape_argument, shape_of
from .sort import Order, argsort, searchsorted, sort
from .take import take


class UniqueAll(NamedTuple):
    """What `unique_all` gives."""

    values: Node
    indices: Node
    inverse_indices: Node
    counts: Node


class UniqueCounts(NamedTuple):
    """What `unique_counts` gives."""

    values: Node
    counts: Node


class UniqueInverse(NamedTuple):
    """What `unique_inverse` gives."""

    values: Node
    inverse_indices: Node


def filler_of(what: str, fill_value: NodeLike, values: Node) -> Node:
    """What stands in place of missing values, in their dtype, which has to hold it."""
    (item,) = operands([fill_value])
    if values.dtype == BOOL and is_weak(item) and item in (0, 1):
        item = bool(item)
    with Blame(what, *nodes_of([item])):
        dtype = common_dtype([values, item])
        narrows = f"fill_value is {dtype} beside {values.dtype}: to fill up with it would lose information"
        require(dtype == values.dtype, narrows, f'convert one, as with x.astype("{dtype}")', DTypeError)
    return cast_to(item, dtype)


def _all(
    what: str,
    x: NodeLike,
    size: int | Node | None,
    fill_value: NodeLike | None,
    nan_equal: bool,
    axis: int | None = None,
) -> UniqueAll:
    node = as_node(x)
    with Blame(what, node):
        hint = "give size=: values beyond it are left out, missing ones filled up"
        require(size is not None, "how many different values there are is not known", hint, ArgumentError)
        check_sizes(shape_argument((size,))[0])
        place = 0 if axis is None else normal_axis(axis, node.ndim)
        none = 0 in node.dims if axis is None else node.dims[place] == 0
        fills = not none or fill_value is not None or (isinstance(size, int) and size == 0)
        require(fills, "there is no value to fill up with", "give fill_value=")
        items = flattened(node) if axis is None else moveaxis(node, place, 0)
        keys = [items] if axis is None else _columns(items)
    assert size is not None
    length, *rest = shape_of(items)
    inverse_shape = shape_of(node) if axis is None else (length,)
    filler = None if fill_value is None else filler_of(what, fill_value, node)
    if none:
        nowhere = full((size,), 0, INT32)
        filled = cast_to(0, node.dtype) if filler is None else filler
        values = moveaxis(full((size, *rest), filled), 0, place)
        return UniqueAll(values, nowhere, full(inverse_shape, 0, INT32), nowhere)
    order = apply(Order(0), *keys) if keys else arange(length)
    rows = take(items, order, 0)
    late, early = getitem(rows, slice(1, None)), getitem(rows, slice(None, -1))
    differs = late != early
    if nan_equal and node.tensor.is_inexact:
        differs = differs & ~(isnan(late) & isnan(early))
    if rest:
        differs = any_(differs, axis=range(1, items.ndim))
    group = cumsum(concat([full((1,), 0, INT32), cast_to(differs, INT32)]))
    # The i-th different value stands where its group begins.
    at = arange(size)
    starts = searchsorted(group, at)
    ends = searchsorted(group, at, "right")
    there = starts < length
    indices = take(order, starts, 0)
    values = take(rows, starts, 0)
    values = where(expand_dims(there, range(1, items.ndim)), values, getitem(rows, 0) if filler is None else filler)
    return UniqueAll(
        moveaxis(values, 0, place),
        where(there, indices, getitem(order, 0)),
        reshape(take(group, argsort(order), 0), inverse_shape),
        ends - starts,
    )


def _columns(items: Node) -> list[Node]:
    """What slices are compared by, element by element."""
    sizes = items.dims[1:]
    message = "how many elements a slice has is not known"
    require(all(isinstance(size, int) for size in sizes), message, "declare the sizes of the other axes")
    return [getitem(items, (slice(None), *at)) for at in np.ndindex(*(size for size in sizes if isinstance(size, int)))]


def unique(
    x: NodeLike,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    *,
    size: int | Node | None = None,
    fill_value: NodeLike | None = None,
    equal_nan: bool = True,
    axis: int | None = None,
) -> Any:
    """The different values of a tensor in ascending order, exactly `size` of them.

    Arguments: x, any shape and dtype, taken as flat; return_index, also the position of each value's first occurrence;
    return_inverse, for each element its place among the values; return_counts, how often each occurs (0 for those
    filled up); size, how many values to give: further ones are left out, missing ones are `fill_value` or else the
    smallest value; equal_nan, whether nans are one value; axis, along which slices are the values, in the order of
    their elements from the first on. Gives the values, or a tuple of them and what else was asked for, in int32. The
    gradient of a value goes to its first occurrence. Slices are sorted by as many keys as they have elements: compiling
    takes long where these are many.
    Raises: ArgumentError without size, ShapeError for an axis that is not there or slices of unknown size, DTypeError
    for a fill_value that x's dtype does not hold.
    Source: NumPy `unique`, `jax.numpy.unique`.

    >>> import theon
    >>> print(theon.unique([3, 1, 3, 2], size=4, fill_value=0).eval())
    [1 2 3 0]
    """
    found = _all("unique", x, size, fill_value, equal_nan, axis)
    asked = zip((return_index, return_inverse, return_counts), found[1:], strict=True)
    rest = [part for wanted, part in asked if wanted]
    return (found.values, *rest) if rest else found.values


def unique_all(x: NodeLike, *, size: int | Node | None = None, fill_value: NodeLike | None = None) -> UniqueAll:
    """The different values, where each occurs first, each element's place among them, and how often each occurs.

    Arguments, Raises: see `unique`; every nan is a value of its own. Source: Array API `unique_all`.

    >>> import theon
    >>> [part.eval().tolist() for part in theon.unique_all([3, 1, 3], size=2)]
    [[1, 3], [1, 0], [1, 0, 1], [1, 2]]
    """
    return _all("unique_all", x, size, fill_value, False)


def unique_counts(x: NodeLike, *, size: int | Node | None = None, fill_value: NodeLike | None = None) -> UniqueCounts:
    """The different values, and how often each occurs.

    Arguments, Raises: see `unique`; every nan is a value of its own. Source: Array API `unique_counts`.

    >>> import theon
    >>> [part.eval().tolist() for part in theon.unique_counts([3, 1, 3], size=2)]
    [[1, 3], [1, 2]]
    """
    found = _all("unique_counts", x, size, fill_value, False)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: NodeLike, *, size: int | Node | None = None, fill_value: NodeLike | None = None) -> UniqueInverse:
    """The different values, and each element's place among them.

    Arguments, Raises: see `unique`; every nan is a value of its own. Source: Array API `unique_inverse`.

    >>> import theon
    >>> [part.eval().tolist() for part in theon.unique_inverse([3, 1, 3], size=2)]
    [[1, 3], [1, 0, 1]]
    """
    found = _all("unique_inverse", x, size, fill_value, False)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_values(x: NodeLike, *, size: int | Node | None = None, fill_value: NodeLike | None = None) -> Node:
    """The different values, in ascending order.

    Arguments, Raises: see `unique`; every nan is a value of its own. Source: Array API `unique_values`.

    >>> import theon
    >>> print(theon.unique_values([3, 1, 3], size=2).eval())
    [1 3]
    """
    return _all("unique_values", x, size, fill_value, False).values


def isin(x1: NodeLike, x2: NodeLike, assume_unique: bool = False, invert: bool = False) -> Node:
    """Whether each element of `x1` is among those of `x2`.

    Arguments: x1 and x2, any shapes and dtypes, of which the common one is compared; assume_unique, of no effect;
    invert, True: whether it is not. Gives bool in the shape of `x1`. A nan is among nothing.
    Takes O((n + m) log m) steps for n and m elements; n m for complex ones, which have no order.
    Source: NumPy / Array API 2025.12 `isin`.

    >>> import theon
    >>> print(theon.isin([[1, 2], [3, 4]], [4, 2, 9]).eval())
    [[False  True]
     [False  True]]
    """
    first, among = promoted("isin", x1, x2)
    among = flattened(among)
    if kind_of(first.dtype) == "complex":
        found = any_(expand_dims(first, -1) == among, axis=-1)
    else:
        ordered = sort(among)
        found = searchsorted(ordered, first, "left") < searchsorted(ordered, first, "right")
        found = found & ~isnan(first) if first.tensor.is_inexact else found  # which equals itself in an order alone
    return ~found if invert else found


__all__ = ["filler_of", "isin", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values"]
