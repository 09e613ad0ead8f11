"""Determinants: themselves, and their signs and logarithms, which do not overflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ...graph.node import Node, NodeLike, apply, picks
from ...graph.op import Op
from ...graph.types import TensorType, TupleType, kind_of, real_of
from ..arithmetic import multiply
from ..comparison import imag
from ..elementwise import cast_to
from ..reduce import sum as sum_
from ..shape import expand_dims, matrix_transpose
from ..sizes import Blame
from .factorize import Parity
from .operands import in_single, inexact, require_square, times_transpose
from .systems import Inverse
from .triangle import Diagonal


def _eliminated(x: Any) -> tuple[Any, Any]:
    """The diagonal that elimination leaves, and the sign of its row exchanges."""
    lu, pivots, _ = lax.linalg.lu(x)
    return Diagonal().lower(lu), Parity(x.dtype).lower(pivots)


@dataclass(frozen=True, eq=False)
class Det(Op):
    """The determinant of square matrices."""

    def infer(self, x: TensorType) -> TensorType:
        return x.with_shape(require_square(x).shape[:-2])

    @in_single
    def lower(self, x: jax.Array) -> jax.Array:
        diagonal, sign = _eliminated(x)
        return lax.mul(sign, lax.reduce_prod(diagonal, (diagonal.ndim - 1,)))

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (expand_dims(g, (-2, -1)) * apply(Cofactors(), x),)


@dataclass(frozen=True, eq=False)
class Cofactors(Op):
    """The derivative of the determinant by each element: `det(x) * inv(x).mT`, of singular matrices too."""

    def infer(self, x: TensorType) -> TensorType:
        return require_square(x)

    @in_single
    def lower(self, x: jax.Array) -> jax.Array:
        """By singular values: each pair of vectors weighs the product of all values but its own."""
        if not x.size:
            return x
        u, s, vh = lax.linalg.svd(x, full_matrices=False)
        axis = s.ndim - 1
        ahead = lax.cumprod(_shifted(s, 1), axis=axis)
        behind = lax.cumprod(_shifted(s, -1), axis=axis, reverse=True)
        weights = lax.convert_element_type(lax.mul(ahead, behind), x.dtype)
        scaled = lax.mul(u, lax.broadcast_in_dim(weights, u.shape, (*range(axis), axis + 1)))
        sign = lax.mul(Det().lower(u), Det().lower(vh))
        if kind_of(x.dtype) == "complex":
            scaled, vh = lax.conj(scaled), lax.conj(vh)
        lead = tuple(range(x.ndim - 2))
        product = lax.dot_general(
            scaled, vh, (((x.ndim - 1,), (x.ndim - 2,)), (lead, lead)), preferred_element_type=x.dtype
        )
        return lax.mul(product, lax.broadcast_in_dim(sign, x.shape, lead))

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        """Of matrices that are not singular: `sum(g * y) * out - out @ g.mT @ y`, where `y` is `inv(x).mT`."""
        y = matrix_transpose(apply(Inverse(), x))
        share = sum_(multiply(g, y), axis=(-2, -1), keepdims=True)
        crossed = times_transpose(times_transpose(out, g, x.ndim), matrix_transpose(y), x.ndim)
        return (share * out - crossed,)


def _shifted(s: Any, by: int) -> Any:
    """Values one place on, with a one where none is."""
    edges = [(0, 0, 0)] * (s.ndim - 1) + [(by, -by, 0)]
    return lax.pad(s, s.dtype.type(1), edges)


def _direction(x: Any) -> Any:
    """`x / abs(x)`, 0 of 0. JAX's own sign of complex numbers has no derivative, which others take by this lowering."""
    if kind_of(x.dtype) != "complex":
        return lax.sign(x)
    zero = lax.eq(x, lax.full_like(x, 0))
    size = lax.convert_element_type(lax.abs(lax.select(zero, lax.full_like(x, 1), x)), x.dtype)
    return lax.div(x, size)


@dataclass(frozen=True, eq=False)
class SlogDet(Op):
    """The sign of the determinant (of complex matrices: its direction), and the logarithm of its size."""

    def infer(self, x: TensorType) -> TupleType:
        lead = require_square(x).shape[:-2]
        return TupleType((TensorType(x.dtype, lead), TensorType(real_of(x.dtype), lead)))

    @in_single
    def lower(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        diagonal, sign = _eliminated(x)
        axes = (diagonal.ndim - 1,)
        logs = lax.reduce_sum(lax.log(lax.abs(diagonal)), axes)
        return lax.mul(sign, lax.reduce_prod(_direction(diagonal), axes)), logs

    def vjp(self, g: Sequence[Node], out: Node, x: Node) -> Sequence[Node | None]:
        """`inv(x).mT` times the cotangent of the logarithm; the direction turns by the imaginary part of the same."""
        share = cast_to(g[1], x.dtype)
        if kind_of(x.dtype) == "complex":
            share = share + imag(g[0] * picks(out)[0]) * 1j
        return (expand_dims(share, (-2, -1)) * matrix_transpose(apply(Inverse(), x)),)


def det(a: NodeLike) -> Node:
    """The determinants of square matrices. `log(det(a))` and `log(abs(det(a)))` are compiled without overflow.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float); gives shape (...).
    The gradient is the matrix of cofactors, of singular matrices too; the gradient of that gradient is not finite
    where a matrix is singular. Raises: ShapeError for matrices that are not square.
    Source: NumPy / Array API `linalg.det`.

    >>> import theon
    >>> print(theon.linalg.det([[2.0, 1.0], [0.0, 4.0]]).eval())
    8.0
    """
    (node,) = inexact(a)
    with Blame("det", node):
        require_square(node.tensor)
    return apply(Det(), node)


def slogdet(a: NodeLike) -> tuple[Node, Node]:
    """The sign of the determinant of square matrices, and the logarithm of its absolute value.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float); gives two of shape (...): the
    sign, for complex matrices a number of size 1, and a real logarithm. A singular matrix gives 0 and -inf, and a
    gradient that is not finite: there is none. Raises: ShapeError for matrices that are not square.
    Source: NumPy / Array API `linalg.slogdet`.

    >>> import theon
    >>> sign, logarithm = theon.linalg.slogdet([[0.0, 1.0], [1.0, 0.0]])
    >>> print(sign.eval(), logarithm.eval())
    -1.0 0.0
    """
    (node,) = inexact(a)
    with Blame("slogdet", node):
        require_square(node.tensor)
    sign, logarithm = picks(apply(SlogDet(), node))
    return sign, logarithm


__all__ = ["det", "slogdet"]
