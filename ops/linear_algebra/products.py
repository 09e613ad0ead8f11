"""Products of vectors and matrices by name, and chains and powers of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...graph.dims import may_equal, normal_axis
from ...graph.errors import ArgumentError, require
from ...graph.node import Node, NodeLike, as_node
from ..arithmetic import multiply
from ..creation import eye
from ..join import stack
from ..linalg import by_labels, factors, matmul
from ..shape import broadcast_to, expand_dims, moveaxis, ravel
from ..sizes import Blame, as_int, shape_of
from .operands import conjugate, inexact, require_square
from .solve import inv


def vdot(x1: NodeLike, x2: NodeLike, /) -> Node:
    """The sum of products of all elements, those of `x1` conjugated.

    Arguments: two arrays of as many elements; dtypes are promoted. Gives a scalar. Raises: ShapeError where the
    numbers of elements differ. Source: NumPy `vdot`.

    >>> import theon
    >>> print(theon.vdot([[1.0, 2.0]], [3.0, 4.0]).eval())
    11.0
    """
    x, y = factors("vdot", x1, x2)
    return matmul(ravel(conjugate(x)), ravel(y))


def vecdot(x1: NodeLike, x2: NodeLike, /, *, axis: int = -1) -> Node:
    """The sum of products along an axis, elements of `x1` conjugated; other axes broadcast.

    Arguments: two arrays whose lengths along `axis` are one; dtypes are promoted. Raises: ShapeError where they are
    not, or for a scalar. Source: NumPy / Array API `vecdot`.

    >>> import theon
    >>> print(theon.vecdot([[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0]).eval())
    [21. 43.]
    """
    x, y = factors("vecdot", x1, x2)
    with Blame("vecdot", x, y):
        require(x.ndim > 0 and y.ndim > 0, "takes vectors, not scalars", "multiply with *")
        x, y = (moveaxis(n, normal_axis(axis, n.ndim), -1) for n in (x, y))
        a, b = x.dims[-1], y.dims[-1]
        require(may_equal(a, b), f"sums over axes of different lengths ({a} and {b})", "transpose one of them")
        lead = [chr(ord("A") + i) for i in range(max(x.ndim, y.ndim) - 1)]
        terms = ["".join([*lead[len(lead) - n.ndim + 1 :], "z"]) for n in (x, y)]
        return by_labels(terms, [conjugate(x), y], "".join(lead))


def inner(x1: NodeLike, x2: NodeLike, /) -> Node:
    """Sums of products over the last axes of both; a scalar multiplies.

    Arguments: two arrays whose last axes have one length; dtypes are promoted, and nothing is conjugated. Gives the
    other axes of `x1`, then those of `x2`. Raises: ShapeError where lengths differ. Source: NumPy `inner`.

    >>> import theon
    >>> print(theon.inner([[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0]).eval())
    [21. 43.]
    """
    x, y = factors("inner", x1, x2)
    if not x.ndim or not y.ndim:
        return multiply(x, y)
    with Blame("inner", x, y):
        a, b = x.dims[-1], y.dims[-1]
        require(may_equal(a, b), f"sums over axes of different lengths ({a} and {b})", "transpose one of them")
        of_x = "".join(chr(ord("a") + i) for i in range(x.ndim - 1))
        of_y = "".join(chr(ord("A") + i) for i in range(y.ndim - 1))
        return by_labels([of_x + "~", of_y + "~"], [x, y], of_x + of_y)


def outer(x1: NodeLike, x2: NodeLike, /) -> Node:
    """The products of every element of `x1` with every one of `x2`, both taken as vectors.

    Arguments: any shapes; dtypes are promoted. Gives a matrix. Raises: DTypeError for dtypes without a common one.
    Source: NumPy `outer`.

    >>> import theon
    >>> print(theon.outer([1.0, 2.0], [1.0, 10.0]).eval())
    [[ 1. 10.]
     [ 2. 20.]]
    """
    x, y = factors("outer", x1, x2)
    return multiply(expand_dims(ravel(x), 1), expand_dims(ravel(y), 0))


def vector_outer(x1: NodeLike, x2: NodeLike, /) -> Node:
    """The products of every element of a vector with every one of another.

    Arguments: two vectors; dtypes are promoted. Raises: ShapeError for anything else.
    Source: NumPy / Array API `linalg.outer`.

    >>> import theon
    >>> print(theon.linalg.outer([1.0, 2.0], [1.0, 10.0]).eval())
    [[ 1. 10.]
     [ 2. 20.]]
    """
    nodes = [as_node(x1), as_node(x2)]
    with Blame("linalg.outer", *nodes):
        fits = all(node.ndim == 1 for node in nodes)
        require(fits, f"takes vectors, received {nodes[0].ndim} and {nodes[1].ndim} axes", "theon.outer takes any")
    return outer(*nodes)


def matvec(x1: NodeLike, x2: NodeLike, /) -> Node:
    """Products of matrices and vectors: `x1 @ x2` over the last axis of both; batches broadcast.

    Arguments: x1, shape (..., m, n); x2, shape (..., n); dtypes are promoted. Gives shape (..., m).
    Raises: ShapeError where sizes differ. Source: NumPy `matvec`.

    >>> import theon
    >>> print(theon.matvec([[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0]).eval())
    [21. 43.]
    """
    x, y = factors("matvec", x1, x2)
    with Blame("matvec", x, y):
        fits = x.ndim >= 2 and y.ndim >= 1
        require(fits, f"takes a matrix and a vector, received {x.ndim} and {y.ndim} axes", "use @ for two matrices")
        return matmul(x, expand_dims(y, -1))[..., 0]


def vecmat(x1: NodeLike, x2: NodeLike, /) -> Node:
    """Products of vectors, conjugated, and matrices: `x1.conj() @ x2`; batches broadcast.

    Arguments: x1, shape (..., n); x2, shape (..., n, m); dtypes are promoted. Gives shape (..., m).
    Raises: ShapeError where sizes differ. Source: NumPy `vecmat`.

    >>> import theon
    >>> print(theon.vecmat([1.0, 10.0], [[1.0, 2.0], [3.0, 4.0]]).eval())
    [31. 42.]
    """
    x, y = factors("vecmat", x1, x2)
    with Blame("vecmat", x, y):
        fits = x.ndim >= 1 and y.ndim >= 2
        require(fits, f"takes a vector and a matrix, received {x.ndim} and {y.ndim} axes", "use @ for two matrices")
        return matmul(expand_dims(conjugate(x), -2), y)[..., 0, :]


def cross(
    x1: NodeLike, x2: NodeLike, /, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Node:
    """The vector at right angles to two others in three dimensions.

    Arguments: arrays of length 3 along an axis, whose others broadcast; axisa, axisb, axisc, that axis of the first,
    the second and the result, or axis, of all three; dtypes are promoted. Raises: ShapeError for another length.
    Source: NumPy `cross` (of its vectors of two elements, NumPy gives up too).

    >>> import theon
    >>> print(theon.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).eval())
    [0. 0. 1.]
    """
    x, y = factors("cross", x1, x2)
    with Blame("cross", x, y):
        places = (axisa, axisb, axisc) if axis is None else (axis,) * 3
        x, y = (moveaxis(n, normal_axis(at, n.ndim), -1) for n, at in zip((x, y), places, strict=False))
        for node in (x, y):
            fits = may_equal(node.dims[-1], 3)
            require(fits, f"takes vectors of 3 elements, received {node.dims[-1]}", "name the axis with axis=")
    (a, b, c), (d, e, f) = ([n[..., i] for i in range(3)] for n in (x, y))
    return stack([b * f - c * e, c * d - a * f, a * e - b * d], axis=places[2])


def vector_cross(x1: NodeLike, x2: NodeLike, /, *, axis: int = -1) -> Node:
    """The vector at right angles to two others in three dimensions.

    Arguments: arrays of length 3 along `axis`, whose others broadcast; dtypes are promoted.
    Raises: ShapeError for another length. Source: NumPy / Array API `linalg.cross`.

    >>> import theon
    >>> print(theon.linalg.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).eval())
    [0. 0. 1.]
    """
    return cross(x1, x2, axis=axis)


# --- chains and powers -------------------------------------------------------------------------------------------


def multi_dot(arrays: Sequence[NodeLike], /) -> Node:
    """The product of several matrices, in the order of products that costs least.

    Arguments: arrays, two or more, matrices; the first and the last may be vectors, a row and a column. Where sizes are
    unknown at declaration, products go from left to right. Raises: ShapeError where sizes do not fit, ArgumentError
    for less than two. Source: NumPy `linalg.multi_dot`; the order: Cormen et al., "Introduction to Algorithms", 15.2.

    >>> import theon
    >>> print(theon.linalg.multi_dot([[[1.0, 2.0]], [[3.0], [4.0]], [[5.0]]]).eval())
    [[55.]]
    """
    nodes = factors("multi_dot", *arrays) if len(arrays) else []
    with Blame("multi_dot", *nodes):
        require(len(nodes) > 1, f"takes two arrays or more, received {len(nodes)}", "give a list", ArgumentError)
        ends = nodes[0].ndim in (1, 2) and nodes[-1].ndim in (1, 2)
        flat = ends and all(node.ndim == 2 for node in nodes[1:-1])
        require(flat, "takes matrices, and vectors at the ends alone", "use @ for batches")
    first, last = nodes[0].ndim == 1, nodes[-1].ndim == 1
    if first:
        nodes[0] = expand_dims(nodes[0], 0)
    if last:
        nodes[-1] = expand_dims(nodes[-1], 1)
    sizes = [nodes[0].dims[0], *(node.dims[1] for node in nodes)]
    product = _chained(nodes, [d if isinstance(d, int) else None for d in sizes])
    return product[(0 if first else slice(None), 0 if last else slice(None))] if first or last else product


def _chained(nodes: Sequence[Node], sizes: Sequence[int | None]) -> Node:
    """The product, in the cheapest order where all sizes are known."""
    if None in sizes:
        product = nodes[0]
        for node in nodes[1:]:
            product = matmul(product, node)
        return product
    lengths: list[Any] = list(sizes)
    best: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(len(nodes))}
    for span in range(1, len(nodes)):
        for i in range(len(nodes) - span):
            j = i + span
            best[i, j] = min(
                (best[i, k][0] + best[k + 1, j][0] + lengths[i] * lengths[k + 1] * lengths[j + 1], k)
                for k in range(i, j)
            )

    def product_of(i: int, j: int) -> Node:
        if i == j:
            return nodes[i]
        k = best[i, j][1]
        return matmul(product_of(i, k), product_of(k + 1, j))

    return product_of(0, len(nodes) - 1)


def matrix_power(a: NodeLike, n: int, /) -> Node:
    """`a @ a @ ...`, n times, by squares; of a negative n the inverse's.

    Arguments: a, shape (..., m, m), numbers (float or complex where n is negative); n, a Python int, 0 gives the
    identity. Raises: ShapeError for matrices that are not square, ArgumentError for an n that is no int.
    Source: NumPy / Array API `linalg.matrix_power`.

    >>> import theon
    >>> print(theon.linalg.matrix_power([[1.0, 1.0], [0.0, 1.0]], 5).eval())
    [[1. 5.]
     [0. 1.]]
    """
    with Blame("matrix_power"):
        power = as_int(n, "a power")
    (node,) = factors("matrix_power", a) if power >= 0 else inexact(a)
    with Blame("matrix_power", node):
        require_square(node.tensor.with_dtype(np.dtype("float32")))  # of any dtype
    if power == 0:
        size = shape_of(node)[-1]
        return broadcast_to(eye(size, dtype=node.dtype), shape_of(node))
    square = inv(node) if power < 0 else node
    found: Node | None = None
    rest = abs(power)
    while rest:
        if rest % 2:
            found = square if found is None else matmul(found, square)
        rest //= 2
        square = matmul(square, square) if rest else square
    assert found is not None
    return found


__all__ = [
    "cross", "inner", "matrix_power", "matvec", "multi_dot", "outer", "vdot", "vecdot", "vecmat", "vector_cross",
    "vector_outer",
]  # fmt: skip
