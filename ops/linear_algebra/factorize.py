"""Factorisations: of positive definite matrices by Cholesky, of any square ones by elimination (LU)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np
from jax import lax

from ...graph.errors import DTypeError, require
from ...graph.node import Node, NodeLike, apply, picks
from ...graph.op import Op
from ...graph.types import INT32, DType, TensorType, TupleType
from ..comparison import where
from ..creation import eye
from ..shape import expand_dims, matrix_transpose
from ..sizes import Blame
from ..take import take, take_along_axis
from .operands import conjugate, in_single, inexact, require_square, times_transpose, transpose_times
from .systems import SolveTriangular, Trans
from .triangle import Triangle

LOWER, STRICT, UPPER = Triangle(True), Triangle(True, -1), Triangle(False)


@dataclass(frozen=True, eq=False)
class Cholesky(Op):
    """The lower triangle `l` with `l @ l.mT.conj() == x`, of what is symmetric (or Hermitian) of `x`."""

    def infer(self, x: TensorType) -> TensorType:
        return require_square(x)

    @in_single
    def lower(self, x: jax.Array) -> jax.Array:
        return lax.linalg.cholesky(x, symmetrize_input=True)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        """`out.T^-1 @ phi(out.T @ g) @ conj(out)^-1`, phi: the lower triangle, half the diagonal; then symmetric."""
        inner = apply(LOWER, transpose_times(out, g))
        inner = where(eye(x.sizes[-1], dtype="bool"), inner * 0.5, inner)
        left = SolveTriangular("T")(out, inner)
        both = matrix_transpose(SolveTriangular("C")(out, matrix_transpose(left)))
        return ((both + conjugate(matrix_transpose(both))) * 0.5,)


def cholesky(a: NodeLike, /, *, upper: bool = False) -> Node:
    """The lower triangular `l` with `l @ l.mT` (conjugated, of complex numbers) equal to the positive definite `a`.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float); of a matrix that is not
    symmetric the symmetric part is taken, so that gradients are symmetric; upper, whether to give `l.mT` instead.
    A matrix that is not positive definite gives nan. Raises: ShapeError for matrices that are not square.
    Source: NumPy / Array API `linalg.cholesky`; gradient: Murray (2016), arXiv 1602.07527.

    >>> import theon
    >>> print(theon.linalg.cholesky([[4.0, 2.0], [2.0, 2.0]]).eval())
    [[2. 0.]
     [1. 1.]]
    """
    (node,) = inexact(a)
    with Blame("cholesky", node):
        require_square(node.tensor)
    factor = apply(Cholesky(), node)
    return conjugate(matrix_transpose(factor)) if upper else factor


# --- elimination -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Lu(Op):
    """Elimination with row exchanges: both factors in one matrix, and with which row each was exchanged."""

    def infer(self, x: TensorType) -> TupleType:
        square = require_square(x)
        return TupleType((square, TensorType(INT32, square.shape[:-1])))

    @in_single
    def lower(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        lu, pivots, _ = lax.linalg.lu(x)
        return lu, lax.convert_element_type(pivots, INT32)

    def vjp(self, g: Sequence[Node], out: Node, x: Node) -> Sequence[Node | None]:
        """`p.T @ l.T^-1 @ (tril(l.T @ g, -1) + triu(g @ u.T)) @ u.T^-1`."""
        lu, pivots = picks(out)
        below = apply(STRICT, g[0])
        left = transpose_times(apply(STRICT, lu), below) + below
        right = times_transpose(apply(UPPER, g[0]), apply(UPPER, lu), x.ndim)
        inner = apply(STRICT, left) + apply(UPPER, right)
        inner = SolveTriangular("T", True, True)(lu, inner)
        both = matrix_transpose(SolveTriangular("N", False)(lu, matrix_transpose(inner)))
        return (rows(both, apply(Permutation(inverse=True), pivots)),)


@dataclass(frozen=True, eq=False)
class Permutation(Op):
    """The order of rows that exchanges come to: row `i` of the result is row `out[i]`, or the way back."""

    inverse: bool = False
    differentiable = False

    def infer(self, pivots: TensorType) -> TensorType:
        require(pivots.is_integer, f"pivots are ints, not {pivots.dtype}", "give those of lu_factor", DTypeError)
        return TensorType(INT32, pivots.shape)

    def lower(self, pivots: jax.Array) -> jax.Array:
        size = pivots.shape[-1]
        if not pivots.size:
            return lax.full(pivots.shape, 0, INT32)
        order = lax.linalg.lu_pivots_to_permutation(lax.convert_element_type(pivots, INT32), size)
        if self.inverse:
            place = lax.broadcasted_iota(INT32, order.shape, order.ndim - 1)
            order = lax.sort_key_val(order, place)[1]
        return lax.convert_element_type(order, INT32)


@dataclass(frozen=True, eq=False)
class Parity(Op):
    """The sign of the determinant of exchanges: 1 or -1, in a dtype."""

    dtype: DType
    differentiable = False

    def infer(self, pivots: TensorType) -> TensorType:
        require(pivots.is_integer, f"pivots are ints, not {pivots.dtype}", "give those of lu_factor", DTypeError)
        return TensorType(self.dtype, pivots.shape[:-1])

    def lower(self, pivots: jax.Array) -> jax.Array:
        own = lax.broadcasted_iota(pivots.dtype, pivots.shape, pivots.ndim - 1)
        moved = lax.convert_element_type(lax.ne(pivots, own), INT32)
        odd = lax.rem(lax.reduce_sum(moved, (moved.ndim - 1,)), np.int32(2))
        return lax.convert_element_type(lax.sub(lax.full_like(odd, 1), lax.mul(odd, lax.full_like(odd, 2))), self.dtype)


def rows(x: Node, order: Node) -> Node:
    """The rows of each matrix in another order; batches broadcast."""
    if order.ndim == 1:
        return take(x, order, axis=-2)
    picked = expand_dims(order, -1)
    ndim = max(x.ndim, picked.ndim)
    x, picked = (expand_dims(n, range(ndim - n.ndim)) if n.ndim < ndim else n for n in (x, picked))
    return take_along_axis(x, picked, axis=-2)


def lu_factor(a: NodeLike) -> tuple[Node, Node]:
    """Elimination with row exchanges, `p @ a == l @ u`: both factors in one matrix, and the exchanges.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float). Gives the matrix whose upper
    triangle is `u`, what is below it `l` (the diagonal of which is 1), and int32 pivots, shape (..., n): row `i` was
    exchanged with row `pivots[i]`. A singular matrix has zeros on its diagonal, and no gradient.
    Raises: ShapeError for matrices that are not square. Source: SciPy `linalg.lu_factor`.

    >>> import theon
    >>> lu, pivots = theon.linalg.lu_factor([[1.0, 2.0], [4.0, 4.0]])
    >>> print(lu.eval(), pivots.eval())
    [[4.   4.  ]
     [0.25 1.  ]] [1 1]
    """
    (node,) = inexact(a)
    with Blame("lu_factor", node):
        require_square(node.tensor)
    lu, pivots = picks(apply(Lu(), node))
    return lu, pivots


def lu_solved(lu: Node, pivots: Node, b: Node, trans: Trans = "N") -> Node:
    """The system of a matrix of which the factors are given."""
    if trans == "N":
        below = SolveTriangular("N", True, True)(lu, rows(b, apply(Permutation(), pivots)))
        return SolveTriangular("N", False)(lu, below)
    above = SolveTriangular(trans, True, True)(lu, SolveTriangular(trans, False)(lu, b))
    return rows(above, apply(Permutation(inverse=True), pivots))


def cholesky_solved(factor: Node, b: Node, lower: bool = True) -> Node:
    """The system of a positive definite matrix of which one factor is given."""
    first, second = ("N", "C") if lower else ("C", "N")
    return SolveTriangular(second, lower)(factor, SolveTriangular(first, lower)(factor, b))  # type: ignore[arg-type]
