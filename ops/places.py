"""Positions to index with: of diagonals and triangles, of rows that cross columns, of all points of a grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.dims import listed
from ..graph.errors import ArgumentError, IndexingError, require
from ..graph.node import Node, NodeLike, as_node, const_value, constant
from ..graph.types import BOOL, default_float_dtype, is_integer
from .creation import arange
from .elementwise import cast_to, common_dtype
from .grids import indices, linspace, meshgrid
from .join import stack
from .shape import broadcast_to, reshape
from .sizes import Blame, as_int, shape_argument, shape_of


def diag_indices(n: int | Node, ndim: int = 2) -> tuple[Node, ...]:
    """The positions on the main diagonal of an array whose `ndim` axes are `n` long.

    Arguments: n, an int or an int node that decides a shape. Gives `ndim` int32 vectors of length n.
    Raises: ArgumentError for a negative number of axes. Source: NumPy `diag_indices`.

    >>> import theon
    >>> x = theon.zeros((2, 2))
    >>> print(x[theon.diag_indices(2)].set([1.0, 2.0]).eval())
    [[1. 0.]
     [0. 2.]]
    """
    with Blame("diag_indices"):
        count = as_int(ndim, "the number of axes")
        require(count >= 0, f"there are no {count} axes", "give 0 or more", ArgumentError)
        length = n if isinstance(n, Node) else as_int(n, "a length")
        require(isinstance(length, Node) or length >= 0, f"a size cannot be negative, received {length}")
    # A constant where it can be: reads and writes by it know that no place is there twice.
    along = arange(length) if isinstance(length, Node) else constant(np.arange(length, dtype=np.int32))
    return (along,) * count


def diag_indices_from(arr: NodeLike) -> tuple[Node, ...]:
    """The positions on the main diagonal of `arr`.

    Arguments: arr, two axes or more, of one length. Raises: ShapeError for fewer axes or other lengths.
    Source: NumPy `diag_indices_from`.

    >>> import theon
    >>> print(theon.constant([[1.0, 2.0], [3.0, 4.0]])[theon.diag_indices_from([[0, 0], [0, 0]])].eval())
    [1. 4.]
    """
    node = as_node(arr)
    with Blame("diag_indices_from", node):
        require(node.ndim >= 2, f"takes two axes or more, received {node.ndim}", "use theon.arange")
        known = [size for size in node.dims if isinstance(size, int)]
        require(len(set(known)) < 2, "the axes are to be of one length", "slice to a square")
        sizes = shape_of(node)
        n = known[0] if known else sizes[0]
    return diag_indices(n, node.ndim)


def _triangle(what: str, n: Any, k: Any, m: Any, make: Callable[..., Any]) -> tuple[Node, Node]:
    with Blame(what):
        sizes = []
        for size in (n, n if m is None else m):
            known = const_value(size) if isinstance(size, Node) else size
            hint = f"give an int, or use theon.nonzero(theon.{what[:4]}(...), size=)"
            require(known is not None, "how many positions there are is not known", hint, ArgumentError)
            sizes.append(as_int(known, "a size"))
        require(min(sizes) >= 0, f"a size cannot be negative, received {min(sizes)}")
        diagonal = as_int(k, "a diagonal")
    rows, columns = make(sizes[0], diagonal, sizes[1])
    return constant(rows.astype(np.int32)), constant(columns.astype(np.int32))


def tril_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Node, Node]:
    """The positions on and below the `k`-th diagonal of a matrix, row by row.

    Arguments: n and m, ints: how many rows and columns; m is n by default. Gives rows and columns, constants in int32.
    Raises: ArgumentError for what is no int, ShapeError for a negative size. Source: NumPy `tril_indices`.

    >>> import theon
    >>> rows, columns = theon.tril_indices(2)
    >>> print(rows.eval(), columns.eval())
    [0 1 1] [0 0 1]
    """
    return _triangle("tril_indices", n, k, m, np.tril_indices)


def triu_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Node, Node]:
    """The positions on and above the `k`-th diagonal of a matrix, row by row.

    Arguments, Raises: see `tril_indices`. Source: NumPy `triu_indices`.

    >>> import theon
    >>> rows, columns = theon.triu_indices(2)
    >>> print(rows.eval(), columns.eval())
    [0 0 1] [0 1 1]
    """
    return _triangle("triu_indices", n, k, m, np.triu_indices)


def _triangle_from(what: str, arr: NodeLike, k: Any, make: Callable[..., Any]) -> tuple[Node, Node]:
    node = as_node(arr)
    with Blame(what, node):
        require(node.ndim == 2, f"takes a matrix, received {node.ndim} axes")
        known = all(isinstance(size, int) for size in node.dims)
        hint = f"declare the sizes, or use theon.nonzero(theon.{what[:4]}(...), size=)"
        require(known, "how many positions there are is not known", hint)
        diagonal = as_int(k, "a diagonal")
    return _triangle(what, node.sizes[0], diagonal, node.sizes[1], make)


def tril_indices_from(arr: NodeLike, k: int = 0) -> tuple[Node, Node]:
    """The positions on and below the `k`-th diagonal of `arr`.

    Arguments: arr, a matrix of known sizes. Gives as `tril_indices`. Raises: ShapeError for no matrix or unknown sizes,
    ArgumentError for a diagonal that is no int. Source: NumPy `tril_indices_from`.

    >>> import theon
    >>> x = theon.constant([[1.0, 2.0], [3.0, 4.0]])
    >>> print(x[theon.tril_indices_from(x)].eval())
    [1. 3. 4.]
    """
    return _triangle_from("tril_indices_from", arr, k, np.tril_indices)


def triu_indices_from(arr: NodeLike, k: int = 0) -> tuple[Node, Node]:
    """The positions on and above the `k`-th diagonal of `arr`.

    Arguments, Raises: see `tril_indices_from`. Source: NumPy `triu_indices_from`.

    >>> import theon
    >>> x = theon.constant([[1.0, 2.0], [3.0, 4.0]])
    >>> print(x[theon.triu_indices_from(x)].eval())
    [1. 2. 4.]
    """
    return _triangle_from("triu_indices_from", arr, k, np.triu_indices)


# --- Grids ------------------------------------------------------------------------------------------------------------


def ix_(*args: NodeLike) -> tuple[Node, ...]:
    """Vectors of positions, each along an axis of its own: together they index where rows cross columns.

    Arguments: vectors of ints, or constant ones of bools, for the positions where they hold. Raises: ShapeError for
    other than one axis, IndexingError for other dtypes and for masks that are computed. Source: NumPy `ix_`.

    >>> import theon
    >>> x = theon.constant([[1.0, 2.0], [3.0, 4.0]])
    >>> print(x[theon.ix_([1], [True, True])].eval())
    [[3. 4.]]
    """
    nodes = [as_node(arg) for arg in args]
    thin = []
    for place, node in enumerate(nodes):
        shape = [-1 if i == place else 1 for i in range(len(nodes))]
        value = const_value(node)
        with Blame("ix_", *nodes):
            require(node.ndim == 1, f"takes vectors, received {node.ndim} axes", "flatten with theon.ravel")
            hint = "use theon.flatnonzero(mask, size=n), which says how many"
            masked = value is not None or node.dtype != BOOL
            require(masked, "a mask picks a number of elements that is not known", hint, IndexingError)
            fits = is_integer(node.dtype) or node.dtype == BOOL or node.dims == (0,)
            require(fits, f"takes ints, not {node.dtype}", "convert with .astype", IndexingError)
        if value is None:
            thin.append(reshape(node, shape))
        else:
            found = np.nonzero(value)[0] if value.dtype == BOOL else value
            thin.append(constant(found.astype(value.dtype if is_integer(value.dtype) else np.int32).reshape(shape)))
    return tuple(thin)


@dataclass(frozen=True)
class Grid:
    """`mgrid[0:2, 0:3]`: the coordinates of a grid, stacked; `ogrid[...]`: a tuple of them, each along its own axis.

    Takes a slice for each axis, or one alone, which gives a vector. A slice is an `arange`, whose bounds may be int
    nodes; with a step as `5j` it is a `linspace` of 5 points, whose ends may be any real scalars.
    Raises: IndexingError for what is no slice, ArgumentError for a slice without end. Source: NumPy `mgrid`, `ogrid`.

    >>> import theon
    >>> theon.mgrid[0:2, 0:2].eval().tolist()
    [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
    >>> print(theon.ogrid[-1:1:5j].eval())
    [-1.  -0.5  0.   0.5  1. ]
    """

    name: str

    def __getitem__(self, key: Any) -> Any:
        keys = key if isinstance(key, tuple) else (key,)
        with Blame(self.name):
            require(len(keys) > 0, "takes a slice for each axis", "give one at least", IndexingError)
            for one in keys:
                hint = f"write {self.name}[0:3, 0:4]"
                require(isinstance(one, slice), f"takes slices, received {one!r}", hint, IndexingError)
                require(one.stop is not None, "the slice has no end", hint, ArgumentError)
        axes = [_points(one) for one in keys]
        with Blame(self.name, *axes):
            dtype = common_dtype(axes)
        axes = [cast_to(axis, dtype) for axis in axes]
        if not isinstance(key, tuple):
            return axes[0]
        grid = meshgrid(*axes, indexing="ij", sparse=self.name == "ogrid")
        return tuple(grid) if self.name == "ogrid" else stack(grid)


def _points(one: slice) -> Node:
    start = 0 if one.start is None else one.start
    if isinstance(one.step, complex):
        found: Node = linspace(start, one.stop, int(abs(one.step)))
        return found
    return arange(start, one.stop, 1 if one.step is None else one.step)


mgrid = Grid("mgrid")
ogrid = Grid("ogrid")


def fromfunction(function: Callable[..., Any], shape: Sequence[int | Node], *, dtype: Any = None, **kwargs: Any) -> Any:
    """What a function makes of the positions in an array: of one array of coordinates for each axis.

    Arguments: function, of as many nodes as there are axes, all of that shape; shape, ints and int nodes; dtype, that
    of the coordinates, the default float by default; kwargs, what else the function takes. Gives what it gives.
    Raises: ArgumentError where `shape` is no sequence of ints. Source: NumPy `fromfunction`.

    >>> import theon
    >>> print(theon.fromfunction(lambda i, j: 10 * i + j, (2, 2), dtype="int32").eval())
    [[ 0  1]
     [10 11]]
    """
    with Blame("fromfunction"):
        shape_argument(shape)
        sizes = listed(shape, "a shape")
    thin = indices(sizes, default_float_dtype() if dtype is None else dtype, sparse=True)
    return function(*(broadcast_to(x, sizes) for x in thin), **kwargs)


__all__ = [
    "diag_indices", "diag_indices_from", "fromfunction", "ix_", "mgrid", "ogrid", "tril_indices", "tril_indices_from",
    "triu_indices", "triu_indices_from",
]  # fmt: skip
