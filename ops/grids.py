"""Evenly spaced numbers, grids of positions, and matrices of a pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph.dims import normal_axis
from ..graph.errors import ArgumentError, require
from ..graph.node import Node, NodeLike, as_node
from ..graph.types import INT32, as_dtype, default_float_dtype, is_integer, kind_of, promote, real_of
from .arithmetic import maximum
from .axes import as_flag
from .comparison import less_equal, where
from .creation import arange, eye, full, zeros
from .elementwise import INEXACT, cast_to, common_dtype, nodes_of, operands
from .index import getitem
from .join import concat
from .linear_algebra.triangle import diag
from .powers import pow
from .rounding import floor
from .scans import cumprod
from .shape import broadcast_to, expand_dims, moveaxis, ravel, reshape
from .sizes import Blame, as_int, is_among, shape_argument, shape_of, sizes_of


def empty(shape: Any, dtype: Any = None) -> Node:
    """An array of no particular values: zeros here, so that programs repeat. Raises: see `zeros`. Source: NumPy.

    >>> import theon
    >>> theon.empty((2, 3))
    <full : float32[2, 3]>
    """
    return zeros(shape, dtype)


def empty_like(x: NodeLike, dtype: Any = None) -> Node:
    """An array of the shape of `x`, of no particular values: zeros here. Raises: see `zeros`. Source: NumPy.

    >>> import theon
    >>> theon.empty_like(theon.vector("x"), dtype="int32")
    <full : int32[?]>
    """
    node = as_node(x)
    return zeros(shape_of(node), node.dtype if dtype is None else dtype)


def identity(n: int | Node, dtype: Any = None) -> Node:
    """The square matrix with ones on its diagonal. Raises: ShapeError for a negative size. Source: NumPy `identity`.

    >>> import theon
    >>> print(theon.identity(2).eval())
    [[1. 0.]
     [0. 1.]]
    """
    return eye(n, dtype=dtype)


def tri(n_rows: int | Node, n_cols: int | Node | None = None, k: int = 0, dtype: Any = None) -> Node:
    """The matrix with ones on and below its `k`-th diagonal and zeros above.

    Arguments: ints or int nodes; `n_cols` is `n_rows` by default. Raises: ShapeError for a negative size,
    ArgumentError for a diagonal that is no int. Source: NumPy `tri`.

    >>> import theon
    >>> print(theon.tri(2, 3).eval())
    [[1. 0. 0.]
     [1. 1. 0.]]
    """
    with Blame("tri"):
        diagonal = as_int(k, "a diagonal")
        shape_argument((n_rows, n_rows if n_cols is None else n_cols))
    rows, columns = arange(n_rows), arange(n_rows if n_cols is None else n_cols)
    below = less_equal(expand_dims(columns, 0), expand_dims(rows, 1) + diagonal)
    return cast_to(below, default_float_dtype() if dtype is None else as_dtype(dtype))


# --- evenly spaced -----------------------------------------------------------------------------------------------


def _ends(what: str, start: NodeLike, stop: NodeLike, dtype: Any) -> tuple[Node, Node]:
    """Two ends of one inexact dtype, no narrower than the one that is asked for: what lies between is made in it."""
    items = operands([start, stop])
    with Blame(what, *nodes_of(items)):
        joined = common_dtype(items)
    joined = joined if kind_of(joined) in INEXACT else default_float_dtype()
    wanted = joined if dtype is None else as_dtype(dtype)
    wide = promote(joined, real_of(wanted)) if kind_of(wanted) in INEXACT else joined
    first, last = (cast_to(item, wide) for item in items)
    return first, last


def _steps(num: int | Node, endpoint: bool, like: Node, what: str) -> tuple[Node, Node]:
    """The numbers of the steps, as a column before the axes of `like`, and how many lead to the end; as floats."""
    with Blame(what):
        if not isinstance(num, Node):
            count = as_int(num, "the number of values")
            require(count >= 0, f"cannot make {num} values", "give 0 or more", ArgumentError)
        last = as_flag(endpoint, "endpoint")
    wide = like.dtype in (np.dtype("float64"), np.dtype("complex128"))
    real = np.dtype("float64" if wide else "float32")  # 16-bit floats count no further than a few hundred
    whole = cast_to(num, real) - int(last)
    return reshape(cast_to(arange(num), real), (-1, *(1,) * like.ndim)), whole


def _placed(values: Node, dtype: Any, axis: int, what: str) -> Node:
    with Blame(what, values):
        place = normal_axis(axis, values.ndim)
    values = moveaxis(values, 0, place)
    if dtype is None:
        return values
    wanted = as_dtype(dtype)
    return cast_to(floor(values) if is_integer(wanted) else values, wanted)


def linspace(
    start: NodeLike,
    stop: NodeLike,
    num: int | Node = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """`num` numbers from `start` to `stop`, evenly spaced; without `endpoint` the last is one step before `stop`.

    Arguments: start and stop, numbers of any shapes that broadcast, differentiable; num, an int or an int node that
    decides a shape; retstep, whether to give the step as well; dtype, to which ints are rounded down; axis, where the
    values run. Raises: ArgumentError for a negative `num`, ShapeError for an axis that is not there.
    Source: NumPy / Array API `linspace`.

    >>> import theon
    >>> print(theon.linspace(0.0, 1.0, 5).eval())
    [0.   0.25 0.5  0.75 1.  ]
    """
    first, last = _ends("linspace", start, stop, dtype)
    shares, whole = _steps(num, endpoint, first + last, "linspace")
    wide = promote(first.dtype, shares.dtype)
    low, high = cast_to(first, wide), cast_to(last, wide)
    # Steps added up, so that whole ones stay whole; the last value is `stop` to the bit.
    values = low + shares * ((high - low) / maximum(whole, 1))
    values = where(shares == maximum(whole, 1), high, values)
    found = _placed(cast_to(values, first.dtype), dtype, axis, "linspace")
    return (found, cast_to((high - low) / whole, first.dtype)) if retstep else found


def logspace(
    start: NodeLike,
    stop: NodeLike,
    num: int | Node = 50,
    endpoint: bool = True,
    base: NodeLike = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Node:
    """`base` to the powers of `linspace(start, stop, num)`.

    Arguments, Raises: see `linspace`; base, a number or numbers that broadcast to the ends. Source: NumPy `logspace`.

    >>> import theon
    >>> print(theon.logspace(0.0, 2.0, 3).eval())
    [  1.  10. 100.]
    """
    powers = linspace(*_ends("logspace", start, stop, dtype), num, endpoint)
    return _placed(pow(base, powers), dtype, axis, "logspace")


def geomspace(
    start: NodeLike, stop: NodeLike, num: int | Node = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Node:
    """`num` numbers from `start` to `stop`, each the same multiple of the one before.

    Arguments, Raises: see `linspace`; the ends are real, of one sign, and not 0: else the values are nan.
    Source: NumPy `geomspace`.

    >>> import theon
    >>> print(theon.geomspace(1.0, 8.0, 4).eval())
    [1. 2. 4. 8.]
    """
    first, last = _ends("geomspace", start, stop, dtype)
    steps, whole = _steps(num, endpoint, first + last, "geomspace")
    low, high = (cast_to(x, steps.dtype) for x in (first, last))
    shares = steps / maximum(whole, 1)
    values = where(shares == 1, high, low * pow(high / low, shares))
    return _placed(cast_to(values, first.dtype), dtype, axis, "geomspace")


# --- grids -------------------------------------------------------------------------------------------------------


def meshgrid(*xs: NodeLike, indexing: str = "xy", sparse: bool = False) -> list[Node]:
    """The coordinates of a grid: each vector along its own axis, repeated along the others.

    Arguments: vectors or scalars; indexing, "xy" (the first vector runs along the second axis) or "ij"; sparse,
    whether the others keep length 1. Raises: ShapeError for more axes, ArgumentError for another indexing.
    Source: NumPy / Array API `meshgrid`.

    >>> import theon
    >>> theon.meshgrid([1.0, 2.0], [1.0, 2.0, 3.0])
    [<broadcast_to : float32[3, 2]>, <broadcast_to : float32[3, 2]>]
    """
    nodes = [as_node(x) for x in xs]
    with Blame("meshgrid", *nodes):
        hint = "'ij' keeps the order of the axes"
        require(
            is_among(indexing, ("xy", "ij")), f"indexing is 'xy' or 'ij', received {indexing!r}", hint, ArgumentError
        )
        require(all(x.ndim <= 1 for x in nodes), "takes vectors and scalars", "flatten with theon.ravel")
    axes = list(range(len(nodes)))
    if indexing == "xy" and len(nodes) > 1:
        axes[:2] = [1, 0]
    nodes = [ravel(x) for x in nodes]
    thin = [
        reshape(x, [-1 if i == axis else 1 for i in range(len(nodes))]) for x, axis in zip(nodes, axes, strict=True)
    ]
    if sparse:
        return thin
    sizes: list[int | Node] = [0] * len(nodes)
    for x, axis in zip(nodes, axes, strict=True):
        sizes[axis] = shape_of(x)[0]
    return [broadcast_to(x, sizes) for x in thin]


def indices(dimensions: Sequence[int | Node], dtype: Any = INT32, sparse: bool = False) -> Any:
    """The positions of a grid's elements: for each axis an array, stacked, or with `sparse` a tuple of thin ones.

    Arguments: dimensions, ints and int nodes; dtype, int32 by default (NumPy's is int64).
    Raises: ArgumentError where `dimensions` is no sequence. Source: NumPy `indices`.

    >>> import theon
    >>> print(theon.indices((2, 2)).eval().tolist())
    [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
    """
    with Blame("indices"):
        shape_argument(dimensions)
    sizes = sizes_of(dimensions)
    ranges = [cast_to(arange(size), as_dtype(dtype)) for size in sizes]
    thin = [reshape(r, [-1 if i == k else 1 for i in range(len(sizes))]) for k, r in enumerate(ranges)]
    if sparse:
        return tuple(thin)
    if not thin:
        return full((0,), 0, as_dtype(dtype))
    return concat([expand_dims(broadcast_to(x, sizes), 0) for x in thin])


def vander(x: NodeLike, N: int | None = None, increasing: bool = False) -> Node:
    """The powers of a vector's elements as columns, the highest first: row i is x[i]**(N-1), ..., x[i], 1.

    Arguments: x, a vector of numbers; N, how many columns: by default the length, which then must be known;
    increasing, the lowest power first. Raises: ShapeError for other than one axis or an unknown length, ArgumentError
    for a negative N. Source: NumPy `vander`.

    >>> import theon
    >>> print(theon.vander([1.0, 2.0, 3.0]).eval())
    [[1. 1. 1.]
     [4. 2. 1.]
     [9. 3. 1.]]
    """
    node = as_node(x)
    with Blame("vander", node):
        require(node.ndim == 1, f"takes a vector, received {node.ndim} axes", "flatten with theon.ravel")
        length = node.dims[0]
        require(N is not None or isinstance(length, int), "the length is not known", "give N, the number of columns")
        columns = as_int(length if N is None else N, "the number of columns")
        require(columns >= 0, f"cannot make {columns} columns", "give 0 or more", ArgumentError)
    size = shape_of(node)[0]
    # Running products, not powers: their slopes are right at 0.
    powers = cumprod(broadcast_to(expand_dims(node, 1), (size, max(columns - 1, 0))), axis=1)
    ones = full((size, 1), 1, powers.dtype)
    found = getitem(concat([ones, powers], axis=1), (slice(None), slice(0, columns)))
    return found if increasing else getitem(found, (slice(None), slice(None, None, -1)))


def diagflat(x: NodeLike, k: int = 0) -> Node:
    """The square matrix whose `k`-th diagonal holds the elements of `x`, flattened.

    Arguments: any shape and dtype. Raises: ArgumentError for a diagonal that is no int. Source: NumPy `diagflat`.

    >>> import theon
    >>> print(theon.diagflat([[1.0], [2.0]]).eval())
    [[1. 0.]
     [0. 2.]]
    """
    return diag(ravel(x), k)
