"""Eigenvalues and eigenvectors: of symmetric (Hermitian) matrices, and of any square ones.

Gradients pair cotangents without a conjugate; the formulas of the literature, which have one, stand between two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax
from jax import lax

from ...graph.node import Node, NodeLike, apply, picks
from ...graph.op import Op
from ...graph.types import TensorType, TupleType, complex_of, kind_of, real_of
from ..comparison import equal, real, where
from ..elementwise import cast_to
from ..shape import expand_dims, matrix_transpose
from ..sizes import Blame
from .operands import conjugate, in_single, inexact, require_square
from .systems import Solve
from .triangle import Diagonal, DiagonalMatrix


def adjoint(x: Node) -> Node:
    """The conjugate transpose of matrices."""
    return conjugate(matrix_transpose(x))


def scaled_columns(x: Node, by: Node) -> Node:
    """`x @ diag(by)`."""
    return x * cast_to(expand_dims(by, -2), x.dtype)


def scaled_rows(by: Node, x: Node) -> Node:
    """`diag(by) @ x`."""
    return cast_to(expand_dims(by, -1), x.dtype) * x


def on_diagonal(x: Node, like: Node) -> Node:
    """Diagonal matrices, in the dtype of others."""
    return cast_to(apply(DiagonalMatrix(), x), like.dtype)


def inverse_gaps(w: Node) -> Node:
    """`1 / (w[j] - w[i])` in row i and column j, 0 where the two are equal."""
    gaps = expand_dims(w, -2) - expand_dims(w, -1)
    same = equal(gaps, 0)
    return where(same, 0, 1 / where(same, 1, gaps))


@dataclass(frozen=True, eq=False)
class Eigh(Op):
    """Eigenvalues in ascending order and orthonormal eigenvectors of what is symmetric (Hermitian) of `x`."""

    own_slope = True

    def infer(self, x: TensorType) -> TupleType:
        square = require_square(x)
        return TupleType((TensorType(real_of(x.dtype), square.shape[:-1]), square))

    @in_single
    def lower(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        vectors, values = lax.linalg.eigh(x, symmetrize_input=True)
        return values, vectors

    def vjp(self, g: Sequence[Node], out: Node, x: Node) -> Sequence[Node | None]:
        """`v @ (diag(gw) + F * (v.H @ gv)) @ v.H`, symmetric; F: the inverse gaps."""
        w, v = picks(out)
        inner = cast_to(inverse_gaps(w), v.dtype) * (adjoint(v) @ conjugate(g[1])) + on_diagonal(g[0], v)
        found = v @ inner @ adjoint(v)
        return (conjugate((found + adjoint(found)) * 0.5),)


def eigh(a: NodeLike, /) -> tuple[Node, Node]:
    """Eigenvalues `w`, ascending, and eigenvectors `v` with `a @ v == v * w` of symmetric or Hermitian matrices.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float); of a matrix that is not
    symmetric the symmetric part is taken, so that gradients are symmetric. Gives real eigenvalues, shape (..., n), and
    orthonormal columns, shape (..., n, n), whose signs (phases) are LAPACK's choice: a gradient is that of a result
    which does not depend on them. Where eigenvalues are equal, eigenvectors are no function of the matrix: what would
    turn equal ones into each other counts as 0, so that gradients are finite, and right for sums over eigenvalues.
    Raises: ShapeError for matrices that are not square. Source: NumPy / Array API `linalg.eigh`; gradient: Giles
    (2008), "Collected matrix derivative results".

    >>> import theon
    >>> w, v = theon.linalg.eigh([[2.0, 0.0], [0.0, 1.0]])
    >>> print(w.eval())
    [1. 2.]
    """
    (node,) = inexact(a)
    with Blame("eigh", node):
        require_square(node.tensor)
    w, v = picks(apply(Eigh(), node))
    return w, v


def eigvalsh(a: NodeLike, /) -> Node:
    """The eigenvalues of symmetric or Hermitian matrices, ascending.

    Arguments, Raises: see `eigh`. Where eigenvalues are equal, each of them has its share of the gradient by LAPACK's
    choice of eigenvectors. Source: NumPy / Array API `linalg.eigvalsh`.

    >>> import theon
    >>> print(theon.linalg.eigvalsh([[2.0, 0.0], [0.0, 1.0]]).eval())
    [1. 2.]
    """
    (node,) = inexact(a)
    with Blame("eigvalsh", node):
        require_square(node.tensor)
    return picks(apply(Eigh(), node))[0]


@dataclass(frozen=True, eq=False)
class Eig(Op):
    """Eigenvalues and eigenvectors of length 1 of complex matrices."""

    def infer(self, x: TensorType) -> TupleType:
        square = require_square(x)
        return TupleType((square.with_shape(square.shape[:-1]), square))

    def lower(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        values, vectors = lax.linalg.eig(x, compute_left_eigenvectors=False)
        return values, vectors

    def vjp(self, g: Sequence[Node], out: Node, x: Node) -> Sequence[Node | None]:
        """`v.H^-1 @ (diag(gw) + (v.H @ gv - v.H @ v * re(v.H @ gv)) * F.conj) @ v.H`; F: the inverse gaps."""
        w, v = picks(out)
        turned = adjoint(v) @ conjugate(g[1])
        along = real(apply(Diagonal(), turned))
        turned = turned - scaled_columns(adjoint(v) @ v, along)
        inner = turned * conjugate(inverse_gaps(w)) + apply(DiagonalMatrix(), conjugate(g[0]))
        return (conjugate(Solve("C")(v, inner @ adjoint(v))),)


def _complex(what: str, a: NodeLike) -> Node:
    (node,) = inexact(a)
    with Blame(what, node):
        require_square(node.tensor)
    return node if kind_of(node.dtype) == "complex" else cast_to(node, complex_of(node.dtype))


def eig(a: NodeLike, /) -> tuple[Node, Node]:
    """Eigenvalues `w` and eigenvectors `v` with `a @ v == v * w` of any square matrices; on CPU only.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float). Gives complex numbers:
    eigenvalues in LAPACK's order, shape (..., n), and columns of length 1, shape (..., n, n), of which the phase is
    LAPACK's choice: a gradient is that of a result which does not depend on it. Of equal eigenvalues the gradient is
    as for `eigh`; of a matrix that is not diagonalisable it is inf or nan.
    Raises: ShapeError for matrices that are not square. Source: NumPy `linalg.eig`; gradient: Boeddeker, Hanebrink,
    Drude, Heymann & Haeb-Umbach (2017), arXiv 1701.00392.

    >>> import theon
    >>> w, v = theon.linalg.eig([[0.0, 1.0], [-1.0, 0.0]])
    >>> print(theon.real(theon.prod(w)).eval())
    1.0
    """
    w, v = picks(apply(Eig(), _complex("eig", a)))
    return w, v


def eigvals(a: NodeLike, /) -> Node:
    """The eigenvalues of any square matrices, complex, in LAPACK's order; on CPU only.

    Arguments, Raises: see `eig`. Source: NumPy `linalg.eigvals`.

    >>> import theon
    >>> print(theon.sum(theon.linalg.eigvals([[1.0, 2.0], [0.0, 3.0]])).eval())
    (4+0j)
    """
    return picks(apply(Eig(), _complex("eigvals", a)))[0]


__all__ = ["Eig", "Eigh", "eig", "eigh", "eigvals", "eigvalsh"]
