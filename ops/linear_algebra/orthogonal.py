"""Factorisations with orthonormal factors: QR, singular values, and the pseudo-inverse that these make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import jax
from jax import lax

from ...graph.dims import Dim
from ...graph.errors import ArgumentError, DTypeError, GradientError, Mismatch, require
from ...graph.node import Node, NodeLike, apply, picks
from ...graph.op import Op
from ...graph.types import FLOAT32, INT32, TensorType, TupleType, is_inexact, kind_of, limits, real_of
from ..arithmetic import abs
from ..comparison import equal, greater, where
from ..elementwise import cast_to
from ..join import concat
from ..reduce import max as max_
from ..reduce import sum as sum_
from ..shape import expand_dims, squeeze
from ..sizes import Blame
from .operands import conjugate, in_single, inexact, require_matrix
from .spectral import adjoint, on_diagonal, scaled_columns, scaled_rows
from .systems import SolveTriangular
from .triangle import Diagonal, Triangle


def _require_inexact(x: TensorType) -> None:
    require_matrix(x)
    require(is_inexact(x.dtype), f"takes float or complex, not {x.dtype}", "convert with .astype", DTypeError)


def _lesser(a: Dim, b: Dim) -> Dim:
    return min(a, b) if isinstance(a, int) and isinstance(b, int) else a if a == b else None


def _projected_out(x: Node, basis: Node) -> Node:
    """What of the columns of `x` is at right angles to orthonormal ones."""
    return x - basis @ (adjoint(basis) @ x)


# --- QR ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Qr(Op):
    """Orthonormal columns and an upper triangular matrix; as many columns as rows where it is complete."""

    complete: bool = False

    @property
    def params(self) -> str:
        return "complete" if self.complete else ""

    def infer(self, x: TensorType) -> TupleType:
        _require_inexact(x)
        *lead, m, n = x.shape
        k = m if self.complete else _lesser(m, n)
        return TupleType((x.with_shape([*lead, m, k]), x.with_shape([*lead, k, n])))

    @in_single
    def lower(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        q, r = lax.linalg.qr(x, full_matrices=self.complete)
        return q, r

    def vjp(self, g: Sequence[Node], out: Node, x: Node) -> Sequence[Node | None]:
        q, r = picks(out)
        m, n = x.sizes[-2:]
        if self.complete and m > n:
            message = "the columns that complete an orthonormal basis are no function of the matrix"
            raise Mismatch(message, 'use mode="reduced"', GradientError)
        of_q, of_r = conjugate(g[0]), conjugate(g[1])
        if m >= n:
            return (conjugate(_qr_gradient(q, r, of_q, of_r)),)
        # The first columns make q, and are square; the others are q.H @ what is left of x.
        left, right = of_r[..., :m], of_r[..., m:]
        first = _qr_gradient(q, r[..., :m], of_q + x[..., m:] @ adjoint(right), left)
        return (conjugate(concat([first, q @ right], axis=-1)),)


def _qr_gradient(q: Node, r: Node, of_q: Node, of_r: Node) -> Node:
    """For at least as many rows as columns: `(gq + q @ z) @ r.H^-1`."""
    below = Triangle(True, -1)
    n = adjoint(q) @ of_q - of_r @ adjoint(r)
    z = apply(below, n) - apply(below, adjoint(n)) - n
    if kind_of(q.dtype) == "complex":
        along = apply(Diagonal(), n)
        z = z + on_diagonal((along - conjugate(along)) * 0.5, q)
    return adjoint(SolveTriangular("N", False)(r, adjoint(of_q + q @ z)))


def qr(a: NodeLike, mode: Literal["reduced", "complete", "r"] = "reduced") -> Any:
    """`q` with orthonormal columns and `r` upper triangular, `q @ r == a`.

    Arguments: a, shape (..., m, n), float or complex (ints become the default float); mode, "reduced": q has
    min(m, n) columns, "complete": m, "r": r alone. Signs are LAPACK's. Where a diagonal element of r is 0, gradients
    are inf or nan; of "complete" there is none where m > n.
    Raises: ShapeError below two axes, ArgumentError for another mode.
    Source: NumPy / Array API `linalg.qr`; gradient: Walter & Lehmann (2010), arXiv 1001.1654.

    >>> import theon
    >>> q, r = theon.linalg.qr([[0.0, 2.0], [-1.0, 0.0]])
    >>> print((q @ r).eval())
    [[ 0.  2.]
     [-1.  0.]]
    """
    (node,) = inexact(a)
    with Blame("qr", node):
        require_matrix(node.tensor)
        modes = ("reduced", "complete", "r")
        require(mode in modes, f"there is no mode {mode!r}", f"use one of {modes}", ArgumentError)
    q, r = picks(apply(Qr(mode == "complete"), node))
    return r if mode == "r" else (q, r)


# --- singular values ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Svd(Op):
    """Left singular vectors, singular values in descending order, and right singular vectors as rows."""

    own_slope = True

    full: bool = False

    @property
    def params(self) -> str:
        return "full" if self.full else ""

    def infer(self, x: TensorType) -> TupleType:
        _require_inexact(x)
        *lead, m, n = x.shape
        k = _lesser(m, n)
        left, right = (m, n) if self.full else (k, k)
        values = TensorType(real_of(x.dtype), (*lead, k))
        return TupleType((x.with_shape([*lead, m, left]), values, x.with_shape([*lead, right, n])))

    @in_single
    def lower(self, x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        u, s, vh = lax.linalg.svd(x, full_matrices=self.full)
        return u, s, vh

    def vjp(self, g: Sequence[Node], out: Node, x: Node) -> Sequence[Node | None]:
        """`u @ (diag(gs) + (U + U.H) * s + s * (V + V.H)) @ vh`, U and V what turns vectors; and what leaves them."""
        m, n = x.sizes[-2:]
        if self.full and m != n:
            message = "the vectors that complete a basis are no function of the matrix"
            raise Mismatch(message, "use full_matrices=False", GradientError)
        u, s, vh = picks(out)
        of_u, of_v = conjugate(g[0]), adjoint(conjugate(g[2]))
        gaps = (expand_dims(s, -2) + expand_dims(s, -1)) * (expand_dims(s, -2) - expand_dims(s, -1))
        same = equal(gaps, 0)
        inverse = cast_to(where(same, 0, 1 / where(same, 1, gaps)), u.dtype)
        none = equal(s, 0)
        over_s = where(none, 0, 1 / where(none, 1, s))
        of_left, of_right = adjoint(u) @ of_u, vh @ of_v
        left, right = inverse * of_left, inverse * of_right
        inner = scaled_columns(left + adjoint(left), s) + scaled_rows(s, right + adjoint(right)) + on_diagonal(g[1], u)
        if kind_of(u.dtype) == "complex":  # a common phase of two vectors, held in u
            along = apply(Diagonal(), of_left)
            inner = inner + on_diagonal((along - conjugate(along)) * 0.5 * cast_to(over_s, u.dtype), u)
        found = u @ inner @ vh
        if m > n:
            found = found + scaled_columns(_projected_out(of_u, u), over_s) @ vh
        if n > m:
            found = found + scaled_columns(u, over_s) @ adjoint(_projected_out(of_v, adjoint(vh)))
        return (conjugate(found),)


def svd(a: NodeLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """`u`, `s`, `vh` with `(u * s) @ vh == a`: orthonormal columns and rows, and singular values in descending order.

    Arguments: a, shape (..., m, n), float or complex (ints become the default float); full_matrices, whether u and vh
    are square, else they have min(m, n) columns and rows; compute_uv, whether to give them at all. Signs (phases) of
    vectors are LAPACK's choice: a gradient is that of a result which does not depend on them. Between equal singular
    values it counts as 0 what would turn their vectors into each other, as `eigh` does. Full matrices have a gradient
    where m == n only. Raises: ShapeError below two axes. Source: NumPy / Array API `linalg.svd`; gradient: Giles
    (2008), "Collected matrix derivative results"; Wan & Zhang (2019), arXiv 1909.02659.

    >>> import theon
    >>> u, s, vh = theon.linalg.svd([[0.0, 3.0], [-4.0, 0.0]])
    >>> print(s.eval())
    [4. 3.]
    """
    (node,) = inexact(a)
    with Blame("svd", node):
        require_matrix(node.tensor)
    m, n = node.dims[-2:]
    full = full_matrices and compute_uv and (m != n or m is None)
    u, s, vh = picks(apply(Svd(full), node))
    return (u, s, vh) if compute_uv else s


def svdvals(a: NodeLike, /) -> Node:
    """The singular values of matrices, in descending order.

    Arguments: a, shape (..., m, n), float or complex (ints become the default float). Gives shape (..., min(m, n)).
    Raises: ShapeError below two axes. Source: NumPy / Array API `linalg.svdvals`.

    >>> import theon
    >>> print(theon.linalg.svdvals([[0.0, 3.0], [-4.0, 0.0]]).eval())
    [4. 3.]
    """
    (node,) = inexact(a)
    with Blame("svdvals", node):
        require_matrix(node.tensor)
    return picks(apply(Svd(), node))[1]


# --- the pseudo-inverse ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PseudoInverse(Op):
    """Moore and Penrose's: singular values up to `rtol` times the largest count as 0."""

    rtol: float | None = None

    @property
    def name(self) -> str:
        return "pinv"

    def infer(self, x: TensorType) -> TensorType:
        _require_inexact(x)
        return x.with_shape([*x.shape[:-2], x.shape[-1], x.shape[-2]])

    @in_single
    def lower(self, x: jax.Array) -> jax.Array:
        if not x.size:
            return lax.full((*x.shape[:-2], x.shape[-1], x.shape[-2]), 0, x.dtype)
        u, s, vh = lax.linalg.svd(x, full_matrices=False)
        edge = lax.mul(lax.slice_in_dim(s, 0, 1, axis=-1), lax.full((*s.shape[:-1], 1), _share(self.rtol, x), s.dtype))
        kept = lax.gt(s, lax.broadcast_in_dim(edge, s.shape, range(s.ndim)))
        one = lax.full_like(s, 1)
        over = lax.select(kept, lax.div(one, lax.select(kept, s, one)), lax.full_like(s, 0))
        rows = lax.broadcast_in_dim(lax.convert_element_type(over, x.dtype), vh.shape, range(s.ndim))
        scaled = lax.mul(rows, vh)
        batch = tuple(range(x.ndim - 2))
        return lax.conj(_product(u, scaled, batch)) if kind_of(x.dtype) == "complex" else _product(u, scaled, batch)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        """`-p.H @ g @ p.H + (g.H - x @ (p @ g.H)) @ p @ p.H + p.H @ p @ (g.H - (g.H @ p) @ x)`, rank kept."""
        p, up = out, conjugate(g)
        across, upward = adjoint(p), adjoint(up)
        inside = -(across @ up @ across)
        left = (upward - x @ (p @ upward)) @ p @ across
        right = across @ p @ (upward - (upward @ p) @ x)
        return (conjugate(inside + left + right),)


def _product(u: Any, scaled: Any, batch: tuple[int, ...]) -> Any:
    """`scaled.mT @ u.mT`."""
    last = len(batch)
    return lax.dot_general(scaled, u, (((last,), (last + 1,)), (batch, batch)))


def _share(rtol: float | None, x: Any) -> float:
    """Below what share of the largest singular value another counts as 0."""
    return max(x.shape[-2:]) * limits(x.dtype).eps if rtol is None else rtol


def _rtol(value: float | None) -> float | None:
    require(
        value is None or isinstance(value, (int, float)),
        f"rtol is a number, received {value!r}",
        "leave it out for rounding's",
        ArgumentError,
    )
    return None if value is None else float(value)


def pinv(a: NodeLike, /, *, rtol: float | None = None) -> Node:
    """The pseudo-inverse of Moore and Penrose.

    Arguments: a, shape (..., m, n), float or complex (ints become the default float); rtol, a share of the largest
    singular value: others up to it count as 0 (default: max(m, n) times the dtype's eps). Gives shape (..., n, m).
    The gradient holds where the rank does not change. Raises: ShapeError below two axes.
    Source: NumPy / Array API `linalg.pinv`; gradient: Golub & Pereyra (1973), doi 10.1137/0710036.

    >>> import theon
    >>> print(theon.linalg.pinv([[2.0], [0.0]]).eval())
    [[0.5 0. ]]
    """
    (node,) = inexact(a)
    with Blame("pinv", node):
        require_matrix(node.tensor)
        op = PseudoInverse(_rtol(rtol))
    return apply(op, node)


def _edge(node: Node, s: Node, rtol: float | None) -> Node:
    """Up to where singular values count as 0."""
    if rtol is None:
        dims = node.dims[-2:]
        sizes = [d if isinstance(d, int) else node.shape[i - 2] for i, d in enumerate(dims)]
        eps = limits(s.dtype).eps if s.dtype.itemsize > 2 else limits(FLOAT32).eps
        if all(isinstance(size, int) for size in sizes):
            return max_(s, axis=-1, keepdims=True) * (max(sizes) * eps)
        longer = where(greater(sizes[0], sizes[1]), sizes[0], sizes[1])
        return max_(s, axis=-1, keepdims=True) * cast_to(longer, s.dtype) * eps
    return max_(s, axis=-1, keepdims=True) * rtol


def matrix_rank(a: NodeLike, /, *, rtol: float | None = None) -> Node:
    """How many singular values are not 0; of a vector, whether one of its elements is not.

    Arguments: a, shape (..., m, n) or (n,); rtol as for `pinv`. Gives int32. Not differentiable.
    Raises: ShapeError for a scalar. Source: NumPy / Array API `linalg.matrix_rank`.

    >>> import theon
    >>> print(theon.linalg.matrix_rank([[1.0, 1.0], [1.0, 1.0]]).eval())
    1
    """
    (node,) = inexact(a)
    if node.ndim == 1:
        return cast_to(greater(max_(abs(node)), 0), INT32)
    with Blame("matrix_rank", node):
        require_matrix(node.tensor)
        share = _rtol(rtol)
    s = svdvals(node)
    if s.dims[-1] == 0:
        return sum_(cast_to(greater(s, 0), INT32), axis=-1)
    return sum_(cast_to(greater(s, _edge(node, s, share)), INT32), axis=-1)


class LeastSquares(NamedTuple):
    """What `lstsq` gives."""

    x: Node
    residuals: Node
    rank: Node
    s: Node


def lstsq(a: NodeLike, b: NodeLike, rcond: float | None = None) -> LeastSquares:
    """The least `x` of those for which `a @ x` is nearest to `b`.

    Arguments: a, shape (..., m, n); b, shape (m,), or (..., m, k); rcond, as `rtol` of `pinv`. Gives x, shape (n,) or
    (..., n, k); the sums of squares of what is left, shape () or (..., k), also where NumPy gives none; the rank; and
    the singular values of `a`. The gradient holds where the rank does not change.
    Raises: ShapeError where sizes do not fit. Source: NumPy `linalg.lstsq`.

    >>> import theon
    >>> print(theon.round(theon.linalg.lstsq([[1.0], [1.0]], [1.0, 3.0]).x, 5).eval())
    [2.]
    """
    matrix, side = inexact(a, b)
    with Blame("lstsq", matrix, side):
        require_matrix(matrix.tensor)
        require(side.ndim > 0, "the right side is a scalar", "give a vector or a matrix")
        share = _rtol(rcond)
    vector = side.ndim == 1
    columns = expand_dims(side, -1) if vector else side
    x = pinv(matrix, rtol=share) @ columns
    rest = abs(columns - matrix @ x)
    residuals = sum_(rest * rest, axis=-2)
    if vector:
        x, residuals = squeeze(x, -1), squeeze(residuals, -1)
    return LeastSquares(x, residuals, matrix_rank(matrix, rtol=share), svdvals(matrix))


__all__ = [
    "LeastSquares", "PseudoInverse", "Qr", "Svd", "lstsq", "matrix_rank", "pinv", "qr", "svd", "svdvals",
]  # fmt: skip
