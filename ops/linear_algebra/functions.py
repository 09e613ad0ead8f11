"""Functions of matrices (exponential, square root), and equations of matrices and tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import jax
from jax import lax

from ...graph.dims import may_equal, normal_axes
from ...graph.errors import ArgumentError, require
from ...graph.node import Node, NodeLike, apply, picks
from ...graph.op import Op
from ...graph.types import TensorType, complex_of, kind_of
from ..creation import eye, zeros_like
from ..elementwise import cast_to
from ..join import concat
from ..shape import expand_dims, matrix_transpose, moveaxis, reshape
from ..sizes import Blame, as_int, shape_of
from .blocks import kron
from .factorize import Lu, Permutation, rows
from .operands import conjugate, in_single, inexact, require_matrix, require_square
from .solve import inv, solve
from .spectral import adjoint
from .triangle import Triangle


@dataclass(frozen=True, eq=False)
class MatrixExp(Op):
    """`1 + x + x @ x / 2 + ...`."""

    @property
    def name(self) -> str:
        return "expm"

    def infer(self, x: TensorType) -> TensorType:
        return require_square(x)

    @in_single
    def lower(self, x: jax.Array) -> jax.Array:
        return jax.scipy.linalg.expm(x) if x.size else x

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        """The corner of the exponential of `[[x.mT, g], [0, x.mT]]`, which is the derivative of one along the other."""
        n = x.sizes[-1]
        turned = matrix_transpose(x)
        upper, lower = concat([turned, g], axis=-1), concat([zeros_like(x), turned], axis=-1)
        return (apply(self, concat([upper, lower], axis=-2))[..., :n, n:],)


def expm(a: NodeLike) -> Node:
    """The exponential of square matrices, by scaling and squaring.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float). Norms beyond what 2**16 scales
    to 1 give nan. Raises: ShapeError for matrices that are not square. Source: SciPy `linalg.expm`; Al-Mohy & Higham
    (2009), doi 10.1137/09074721X; gradient: Van Loan (1978), doi 10.1109/TAC.1978.1101743.

    >>> import theon
    >>> print(theon.linalg.expm([[0.0, 1.0], [0.0, 0.0]]).eval())
    [[1. 1.]
     [0. 1.]]
    """
    (node,) = inexact(a)
    with Blame("expm", node):
        require_square(node.tensor)
    return apply(MatrixExp(), node)


@dataclass(frozen=True, eq=False)
class MatrixSqrt(Op):
    """`y` with `y @ y == x`, eigenvalues to the right of the imaginary axis, of complex matrices."""

    @property
    def name(self) -> str:
        return "sqrtm"

    def infer(self, x: TensorType) -> TensorType:
        return require_square(x)

    def lower(self, x: jax.Array) -> jax.Array:
        if not x.size:
            return x
        many = jax.vmap(jax.scipy.linalg.sqrtm)(lax.reshape(x, (prod(x.shape[:-2]), *x.shape[-2:])))
        return lax.reshape(many, x.shape)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        """`z` with `out.mT @ z + z @ out.mT == g`."""
        turned = matrix_transpose(out)
        return (_sylvester(turned, turned, g),)


def sqrtm(a: NodeLike) -> Node:
    """The principal square root of square matrices, always complex; on CPU only.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float). A singular matrix may have no
    root, and has no gradient. Raises: ShapeError for matrices that are not square. Source: SciPy `linalg.sqrtm` (which
    gives real numbers where it can; no program can choose its dtype by its values).

    >>> import theon
    >>> print(theon.real(theon.linalg.sqrtm([[4.0, 0.0], [0.0, 9.0]])).eval())
    [[2. 0.]
     [0. 3.]]
    """
    (node,) = inexact(a)
    with Blame("sqrtm", node):
        require_square(node.tensor)
    return apply(MatrixSqrt(), node if kind_of(node.dtype) == "complex" else cast_to(node, complex_of(node.dtype)))


# --- equations ---------------------------------------------------------------------------------------------------


def _sylvester(a: Node, b: Node, q: Node) -> Node:
    """By the system of all elements."""
    m, n = shape_of(q)[-2:]
    one_m, one_n = eye(m, dtype=a.dtype), eye(n, dtype=a.dtype)
    lead = range(a.ndim - 2)
    system = kron(expand_dims(one_n, lead) if lead else one_n, a) + kron(
        matrix_transpose(b), expand_dims(one_m, lead) if lead else one_m
    )
    columns = reshape(matrix_transpose(q), (*shape_of(q)[:-2], -1, 1))
    found = solve(system, columns)
    return matrix_transpose(reshape(found, (*shape_of(q)[:-2], n, m)))


def solve_sylvester(a: NodeLike, b: NodeLike, q: NodeLike) -> Node:
    """`x` with `a @ x + x @ b == q`.

    Arguments: a, shape (..., m, m); b, shape (..., n, n); q, shape (..., m, n), of one batch; float or complex (ints
    become the default float). One system of m * n equations is solved, which is meant for small matrices: it costs
    (m * n)**3. Where a and -b share an eigenvalue it gives inf or nan.
    Raises: ShapeError where sizes do not fit. Source: SciPy `linalg.solve_sylvester`.

    >>> import theon
    >>> print(theon.linalg.solve_sylvester([[1.0]], [[3.0]], [[8.0]]).eval())
    [[2.]]
    """
    left, right, side = inexact(a, b, q)
    with Blame("solve_sylvester", left, right, side):
        require_square(left.tensor)
        require_square(right.tensor)
        require_matrix(side.tensor)
        m, n = side.dims[-2:]
        fits = may_equal(m, left.dims[-1]) and may_equal(n, right.dims[-1])
        require(fits, f"q is to be {left.dims[-1]} by {right.dims[-1]}, received {m} by {n}", "as a and b are")
        require(left.ndim == right.ndim == side.ndim, "a, b and q have different numbers of axes", "give one batch")
    return _sylvester(left, right, side)


def _lyapunov(what: str, a: NodeLike, q: NodeLike) -> list[Node]:
    matrix, side = inexact(a, q)
    with Blame(what, matrix, side):
        n, m = require_square(matrix.tensor).shape[-1], require_square(side.tensor).shape[-1]
        require(may_equal(n, m), f"a is {n} by {n}, and q {m} by {m}", "give q the shape of a")
        require(matrix.ndim == side.ndim, "a and q have different numbers of axes", "give one batch")
    return [matrix, side]


def solve_continuous_lyapunov(a: NodeLike, q: NodeLike) -> Node:
    """`x` with `a @ x + x @ a.mT == q` (conjugated too, of complex numbers).

    Arguments: a and q, shape (..., n, n), of one batch; float or complex (ints become the default float). Solved as
    `solve_sylvester` does: it costs n**6. Where an eigenvalue of a is minus another's conjugate it gives inf or nan.
    Raises: ShapeError where sizes do not fit. Source: SciPy `linalg.solve_continuous_lyapunov`.

    >>> import theon
    >>> print(theon.linalg.solve_continuous_lyapunov([[2.0]], [[8.0]]).eval())
    [[2.]]
    """
    matrix, side = _lyapunov("solve_continuous_lyapunov", a, q)
    return _sylvester(matrix, adjoint(matrix), side)


def solve_discrete_lyapunov(a: NodeLike, q: NodeLike) -> Node:
    """`x` with `a @ x @ a.mT - x + q == 0` (the transpose conjugated too, of complex numbers).

    Arguments: a and q, shape (..., n, n), of one batch; float or complex (ints become the default float). One system
    of n * n equations is solved, which costs n**6. Where an eigenvalue of a times another's conjugate is 1 it gives
    inf or nan. Raises: ShapeError where sizes do not fit. Source: SciPy `linalg.solve_discrete_lyapunov` (its direct
    method).

    >>> import theon
    >>> print(theon.linalg.solve_discrete_lyapunov([[0.5]], [[3.0]]).eval())
    [[4.]]
    """
    matrix, side = _lyapunov("solve_discrete_lyapunov", a, q)
    *lead, n, _ = shape_of(side)
    pairs = expand_dims(matrix, (-3, -1)) * expand_dims(conjugate(matrix), (-4, -2))
    system = eye(n * n, dtype=matrix.dtype) - reshape(pairs, (*lead, n * n, n * n))
    return reshape(solve(system, reshape(side, (*lead, n * n, 1))), (*lead, n, n))


def tensorsolve(a: NodeLike, b: NodeLike, axes: Any = None) -> Node:
    """`x` with `tensordot(a, x, x.ndim) == b`.

    Arguments: a, shape b.shape + q, with as many elements in q as in b, float or complex (ints become the default
    float); axes, which axes of `a` are moved to the end first. Gives shape q. Raises: ShapeError where the numbers of
    elements differ. Source: NumPy `linalg.tensorsolve`.

    >>> import theon
    >>> print(theon.linalg.tensorsolve(2 * theon.eye(4).reshape(2, 2, 4), [[2.0, 4.0], [6.0, 8.0]]).eval())
    [1. 2. 3. 4.]
    """
    matrix, side = inexact(a, b)
    with Blame("tensorsolve", matrix, side):
        if axes is not None:
            normal_axes(axes, matrix.ndim)
            moved = [int(axis) % matrix.ndim for axis in ([axes] if isinstance(axes, int) else axes)]
            matrix = moveaxis(matrix, moved, list(range(matrix.ndim - len(moved), matrix.ndim)))
        hint = "the axes of a begin with those of b"
        require(matrix.ndim >= side.ndim, f"a of {matrix.ndim} axes, and b of {side.ndim}", hint)
    rest = shape_of(matrix)[side.ndim :]
    size = side.size
    return reshape(solve(reshape(matrix, (size, -1)), reshape(side, (size,))), rest)


def tensorinv(a: NodeLike, ind: int = 2) -> Node:
    """The inverse of `tensordot` with `a` over its last axes.

    Arguments: a, whose first `ind` axes have as many elements as the others, float or complex (ints become the default
    float). Gives the last axes, then the first. Raises: ShapeError where the numbers of elements differ,
    ArgumentError for an `ind` that is not positive. Source: NumPy `linalg.tensorinv`.

    >>> import theon
    >>> theon.linalg.tensorinv(theon.eye(4).reshape(2, 2, 4))
    <reshape : float32[4, 2, 2]>
    """
    (node,) = inexact(a)
    with Blame("tensorinv", node):
        ind = as_int(ind, "ind")
        require(
            0 < ind <= node.ndim, f"ind is from 1 to {node.ndim}, received {ind}", "2 for a[i, j, ...]", ArgumentError
        )
    sizes = shape_of(node)
    count = _product(sizes[:ind])
    flat = reshape(node, (count, -1))
    return reshape(inv(flat), (*sizes[ind:], *sizes[:ind]))


def _product(sizes: Sequence[int | Node]) -> int | Node:
    total = sizes[0]
    for size in sizes[1:]:
        total = total * size
    return total


def lu(a: NodeLike) -> tuple[Node, Node, Node]:
    """Elimination with row exchanges in three matrices: `p @ l @ u == a`.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float). Gives a permutation, a lower
    triangle with ones on its diagonal, and an upper triangle. A singular matrix has zeros on the diagonal of u, and no
    gradient. Raises: ShapeError for matrices that are not square. Source: SciPy `linalg.lu`.

    >>> import theon
    >>> p, l, u = theon.linalg.lu([[1.0, 2.0], [4.0, 4.0]])
    >>> print(l.eval(), u.eval())
    [[1.   0.  ]
     [0.25 1.  ]] [[4. 4.]
     [0. 1.]]
    """
    (node,) = inexact(a)
    with Blame("lu", node):
        require_square(node.tensor)
    both, pivots = picks(apply(Lu(), node))
    one = eye(shape_of(node)[-1], dtype=node.dtype)
    order = apply(Permutation(inverse=True), pivots)
    return rows(one, order), apply(Triangle(True, -1), both) + one, apply(Triangle(False), both)


__all__ = [
    "MatrixExp", "MatrixSqrt", "expm", "lu", "solve_continuous_lyapunov", "solve_discrete_lyapunov", "solve_sylvester",
    "sqrtm", "tensorinv", "tensorsolve",
]  # fmt: skip
