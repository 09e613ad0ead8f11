"""The polar decomposition, and the equation of which its gradient is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ...graph.dims import broadcast_shapes
from ...graph.errors import ArgumentError, DTypeError, require
from ...graph.node import Node, NodeLike, apply
from ...graph.op import Op
from ...graph.types import TensorType, is_inexact, kind_of
from ..shape import matrix_transpose
from ..sizes import Blame, is_among
from .operands import conjugate, in_single, inexact, require_matrix, require_square
from .spectral import adjoint
from .systems import Solve, batched


@dataclass(frozen=True, eq=False)
class HermitianSylvester(Op):
    """`z` with `p @ z + z @ p == w`, for Hermitian and positive definite `p`: by its eigenvalues."""

    own_slope = True

    def infer(self, p: TensorType, w: TensorType) -> TensorType:
        require(p.dtype == w.dtype, f"mixes {p.dtype} and {w.dtype}", "cast one with .astype", DTypeError)
        square, side = require_square(p), require_square(w)
        return side.with_shape(broadcast_shapes([square.shape, side.shape]))

    @in_single
    def lower(self, p: jax.Array, w: jax.Array) -> jax.Array:
        if not w.size:
            return w
        p, w = batched(p, w)
        v, s = lax.linalg.eigh(p, symmetrize_input=True)
        sums = lax.expand_dims(s, (s.ndim,)) + lax.expand_dims(s, (s.ndim - 1,))
        inner = lax.div(_between(_adjoint(v), w), lax.convert_element_type(sums, w.dtype))
        found: jax.Array = _between(v, inner)
        return found

    def vjp(self, g: Node, out: Node, p: Node, w: Node) -> Sequence[Node | None]:
        """The same equation of the transposed matrix; and both products of its solution with this one's."""
        side = apply(self, matrix_transpose(p), g)
        turned = matrix_transpose(out)
        return -(side @ turned + turned @ side), side


def _adjoint(v: Any) -> Any:
    turned = lax.transpose(v, (*range(v.ndim - 2), v.ndim - 1, v.ndim - 2))
    return lax.conj(turned) if kind_of(v.dtype) == "complex" else turned


def _between(v: Any, x: Any) -> Any:
    """`v @ x @ v.mT.conj()`."""
    return jax.numpy.matmul(jax.numpy.matmul(v, x), _adjoint(v))


@dataclass(frozen=True, eq=False)
class Polar(Op):
    """The nearest matrix with orthonormal columns, or rows where there are fewer of them."""

    own_slope = True

    def infer(self, x: TensorType) -> TensorType:
        require_matrix(x)
        require(is_inexact(x.dtype), f"takes float or complex, not {x.dtype}", "convert with .astype", DTypeError)
        return x

    @in_single
    def lower(self, x: jax.Array) -> jax.Array:
        if not x.size:
            return x
        u, _, vh = lax.linalg.svd(x, full_matrices=False)
        return jax.numpy.matmul(u, vh)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        m, n = x.sizes[-2:]
        up = conjugate(g)
        if m >= n:
            return (conjugate(_tall_gradient(out, x, up)),)
        return (conjugate(adjoint(_tall_gradient(adjoint(out), adjoint(x), adjoint(up)))),)


def _tall_gradient(u: Node, x: Node, g: Node) -> Node:
    """`u @ z + (g - u @ (u.H @ g)) @ p^-1`, z of the equation of `u.H @ g - g.H @ u`: what turns, and what leaves."""
    p = _hermitian(adjoint(u) @ x)
    turned = adjoint(u) @ g
    inside = u @ apply(HermitianSylvester(), p, turned - adjoint(turned))
    if x.sizes[-2] == x.sizes[-1]:
        return inside
    return inside + adjoint(Solve()(p, adjoint(g - u @ turned)))


def _hermitian(x: Node) -> Node:
    return (x + adjoint(x)) * 0.5


def polar(a: NodeLike, side: str = "right") -> tuple[Node, Node]:
    """`u` with orthonormal columns (rows, where these are fewer) and `p` positive semidefinite, `u @ p == a`.

    Arguments: a, shape (..., m, n), float or complex (ints become the default float); side, "right", or "left": then
    `p @ u == a`. Gives shapes (..., m, n), and (..., n, n) or (..., m, m). The gradient is finite where the rank is
    full, equal singular values or not. Raises: ShapeError below two axes, ArgumentError for another side.
    Source: SciPy `linalg.polar`; Higham (1986), doi 10.1137/0907079.

    >>> import theon
    >>> u, p = theon.linalg.polar([[0.0, -2.0], [3.0, 0.0]])
    >>> print(theon.round(p, 5).eval())
    [[3. 0.]
     [0. 2.]]
    """
    (node,) = inexact(a)
    with Blame("polar", node):
        require_matrix(node.tensor)
        require(is_among(side, ("right", "left")), f"there is no side {side!r}", 'use "right" or "left"', ArgumentError)
    u = apply(Polar(), node)
    return u, _hermitian(adjoint(u) @ node if side == "right" else node @ adjoint(u))


__all__ = ["HermitianSylvester", "Polar", "polar"]
