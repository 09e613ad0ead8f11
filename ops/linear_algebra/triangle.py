"""Parts of matrices: triangles and diagonals, and matrices made of a diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ...graph.dims import Dim, normal_axis
from ...graph.errors import require
from ...graph.node import Node, NodeLike, apply, as_node
from ...graph.op import Op
from ...graph.types import INT32, TensorType
from ..reduce import sum as sum_
from ..shape import permuted
from ..sizes import Blame, as_int
from .operands import require_matrix


def _below(shape: Sequence[int], k: int) -> tuple[Any, Any]:
    """Of every element of a matrix its column, and its row moved by `k`: equal on the `k`-th diagonal."""
    row, column = (lax.broadcasted_iota(INT32, tuple(shape), len(shape) - i) for i in (2, 1))
    return column, lax.add(row, lax.full_like(row, k))


# --- triangles ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Triangle(Op):
    """What stands on and below (or above) the `k`-th diagonal, zeros elsewhere."""

    stores = True

    lower_part: bool
    k: int = 0

    @property
    def name(self) -> str:
        return "tril" if self.lower_part else "triu"

    @property
    def params(self) -> str:
        return str(self.k) if self.k else ""

    def infer(self, x: TensorType) -> TensorType:
        require_matrix(x)
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        column, row = _below(x.shape, self.k)
        kept = lax.le(column, row) if self.lower_part else lax.ge(column, row)
        return lax.select(kept, x, lax.full_like(x, 0))

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (apply(self, g),)

    def batch(self, batched: Sequence[bool], x: Node) -> Node:
        return apply(self, x)


def tril(x: NodeLike, k: int = 0) -> Node:
    """Matrices with what is above the `k`-th diagonal set to 0.

    Arguments: x, shape (..., rows, columns), any dtype; k counts upwards from the main diagonal.
    Raises: ShapeError below two axes. Source: NumPy / Array API `tril`.

    >>> import theon
    >>> print(theon.tril([[1.0, 2.0], [3.0, 4.0]]).eval())
    [[1. 0.]
     [3. 4.]]
    """
    return _triangle("tril", x, k)


def triu(x: NodeLike, k: int = 0) -> Node:
    """Matrices with what is below the `k`-th diagonal set to 0.

    Arguments: x, shape (..., rows, columns), any dtype; k counts upwards from the main diagonal.
    Raises: ShapeError below two axes. Source: NumPy / Array API `triu`.

    >>> import theon
    >>> print(theon.triu([[1.0, 2.0], [3.0, 4.0]], k=1).eval())
    [[0. 2.]
     [0. 0.]]
    """
    return _triangle("triu", x, k)


def _triangle(what: str, x: NodeLike, k: int) -> Node:
    node = as_node(x)
    with Blame(what, node):
        require_matrix(node.tensor)
        op = Triangle(what == "tril", as_int(k, "a diagonal"))
    return apply(op, node)


# --- diagonals ---------------------------------------------------------------------------------------------------


def _length(rows: Dim, columns: Dim, k: int) -> Dim:
    """The length of a diagonal, as far as it is known."""
    if isinstance(rows, int) and isinstance(columns, int):
        return max(0, min(rows + min(k, 0), columns - max(k, 0)))
    return rows if rows == columns and k == 0 else None


@dataclass(frozen=True, eq=False)
class Diagonal(Op):
    """The `k`-th diagonal of the last two axes."""

    stores = True

    k: int = 0

    @property
    def params(self) -> str:
        return str(self.k) if self.k else ""

    def infer(self, x: TensorType) -> TensorType:
        require_matrix(x)
        return x.with_shape([*x.shape[:-2], _length(x.shape[-2], x.shape[-1], self.k)])

    def lower(self, x: jax.Array) -> jax.Array:
        """Every so many elements of the rows laid end to end."""
        *lead, rows, columns = x.shape
        length = self.infer(TensorType(x.dtype, x.shape)).sizes[-1]
        if not length:
            return lax.full((*lead, 0), 0, x.dtype)
        start = self.k if self.k >= 0 else -self.k * columns
        last = start + (length - 1) * (columns + 1)
        flat = lax.reshape(x, (*lead, rows * columns))
        return lax.slice_in_dim(flat, start, last + 1, columns + 1, len(lead))

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (apply(DiagonalMatrix(self.k, x.sizes[-2:]), g),)

    def batch(self, batched: Sequence[bool], x: Node) -> Node:
        return apply(self, x)


@dataclass(frozen=True, eq=False)
class DiagonalMatrix(Op):
    """Zeros but for the `k`-th diagonal, which is the last axis; square and just large enough without a shape."""

    stores = True

    k: int = 0
    shape: tuple[int, ...] | None = None

    @property
    def name(self) -> str:
        return "diag"

    @property
    def params(self) -> str:
        parts = [str(self.k)] if self.k or self.shape else []
        return ", ".join([*parts, *([f"shape={self.shape}"] if self.shape else [])])

    def infer(self, x: TensorType) -> TensorType:
        require(x.ndim >= 1, "takes vectors, not scalars", "give it an axis with v[None]")
        size = x.shape[-1]
        grown: Dim = size + abs(self.k) if isinstance(size, int) else (size if self.k == 0 else None)
        return x.with_shape([*x.shape[:-1], *(self.shape or (grown, grown))])

    def lower(self, x: jax.Array) -> jax.Array:
        sizes = self.infer(TensorType(x.dtype, x.shape)).sizes
        lead, before = len(sizes) - 2, max(-self.k, 0)
        edges = [(0, 0, 0)] * lead + [(before, sizes[-2] - before - x.shape[-1], 0)]
        column = lax.pad(x, x.dtype.type(0), edges)
        spread = lax.broadcast_in_dim(column, sizes, (*range(lead), lead))
        on = lax.eq(*_below(sizes, self.k))
        return lax.select(on, spread, lax.full_like(spread, 0))

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (apply(Diagonal(self.k), g),)

    def batch(self, batched: Sequence[bool], x: Node) -> Node:
        return apply(self, x)


def diag(x: NodeLike, k: int = 0) -> Node:
    """The square matrix whose `k`-th diagonal is the vector `x`; or the `k`-th diagonal of the matrix `x`.

    Arguments: x, one axis or two, any dtype. Raises: ShapeError for another number of axes. Source: NumPy `diag`.

    >>> import theon
    >>> print(theon.diag([1.0, 2.0]).eval())
    [[1. 0.]
     [0. 2.]]
    """
    node = as_node(x)
    with Blame("diag", node):
        hint = "theon.linalg.diagonal takes batches of matrices"
        require(node.ndim in (1, 2), f"takes a vector or a matrix, received {node.ndim} axes", hint)
        offset = as_int(k, "a diagonal")
    return apply(DiagonalMatrix(offset) if node.ndim == 1 else Diagonal(offset), node)


def diagonal(x: NodeLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Node:
    """The diagonal of two axes, as the last axis of the result.

    Arguments: x, two axes or more, any dtype; offset, how far above the main diagonal; axis1, axis2, whose rows and
    columns these are: NumPy's defaults are the first two (`theon.linalg.diagonal` takes the last two).
    Raises: ShapeError below two axes, or where the two are one. Source: NumPy `diagonal`.

    >>> import theon
    >>> print(theon.diagonal([[1.0, 2.0], [3.0, 4.0]], offset=1).eval())
    [2.]
    """
    node = as_node(x)
    with Blame("diagonal", node):
        moved, op = _pair("diagonal", node, offset, axis1, axis2)
    return apply(op, moved)


def trace(x: NodeLike, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Node:
    """The sum of the diagonal of two axes.

    Arguments: as for `diagonal`; dtype, of the sum: ints below 32 bits are summed in int32 or uint32.
    Raises: ShapeError below two axes, or where the two are one. Source: NumPy `trace`.

    >>> import theon
    >>> print(theon.trace([[1.0, 2.0], [3.0, 4.0]]).eval())
    5.0
    """
    node = as_node(x)
    with Blame("trace", node):
        moved, op = _pair("trace", node, offset, axis1, axis2)
    return sum_(apply(op, moved), axis=-1, dtype=dtype)


def _pair(what: str, node: Node, offset: int, axis1: int, axis2: int) -> tuple[Node, Diagonal]:
    """`node` with the two axes last, and the op that takes their diagonal."""
    require_matrix(node.tensor)
    first, second = normal_axis(axis1, node.ndim), normal_axis(axis2, node.ndim)
    require(first != second, f"axis1 and axis2 are both {first}", "name two axes")
    rest = [i for i in range(node.ndim) if i not in (first, second)]
    return permuted(node, (*rest, first, second)), Diagonal(as_int(offset, "an offset"))


def matrix_diagonal(x: NodeLike, offset: int = 0) -> Node:
    """The diagonals of matrices, which are the last two axes.

    Arguments: x, shape (..., rows, columns), any dtype; offset, how far above the main diagonal.
    Raises: ShapeError below two axes. Source: NumPy / Array API `linalg.diagonal`.

    >>> import theon
    >>> theon.linalg.diagonal(theon.zeros((5, 2, 3)))
    <diagonal : float32[5, 2]>
    """
    node = as_node(x)
    with Blame("linalg.diagonal", node):
        moved, op = _pair("linalg.diagonal", node, offset, -2, -1)
    return apply(op, moved)


def matrix_trace(x: NodeLike, offset: int = 0, dtype: Any = None) -> Node:
    """The sums of the diagonals of matrices, which are the last two axes.

    Arguments: x, shape (..., rows, columns); dtype, of the sum: ints below 32 bits are summed in int32 or uint32.
    Raises: ShapeError below two axes. Source: NumPy / Array API `linalg.trace`.

    >>> import theon
    >>> theon.linalg.trace(theon.zeros((5, 2, 3)))
    <sum : float32[5]>
    """
    node = as_node(x)
    with Blame("linalg.trace", node):
        moved, op = _pair("linalg.trace", node, offset, -2, -1)
    return sum_(apply(op, moved), axis=-1, dtype=dtype)
