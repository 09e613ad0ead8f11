"""Schur's decomposition of square matrices: unitary and triangular."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np
from jax import lax

from ...graph.errors import ArgumentError, GradientError, Mismatch, require
from ...graph.node import Node, NodeLike, apply, picks
from ...graph.op import Op
from ...graph.types import TensorType, TupleType, complex_of, kind_of
from ..comparison import where
from ..creation import eye
from ..elementwise import cast_to
from ..shape import expand_dims, reshape
from ..sizes import Blame, is_among
from .blocks import kron
from .operands import conjugate, in_single, inexact, require_square
from .spectral import adjoint
from .systems import Solve
from .triangle import Triangle


@dataclass(frozen=True, eq=False)
class Schur(Op):
    """`t` upper triangular (but for blocks of two, in real numbers) and `z` unitary with `z @ t @ z.H == x`."""

    def infer(self, x: TensorType) -> TupleType:
        square = require_square(x)
        return TupleType((square, square))

    @in_single
    def lower(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        if not x.size:
            return x, x
        t, z = lax.linalg.schur(x)
        return t, z

    def vjp(self, g: Sequence[Node], out: Node, x: Node) -> Sequence[Node | None]:
        """`z @ (triu(gt) + y) @ z.H`, y below the diagonal: what turns the columns."""
        if kind_of(x.dtype) != "complex":
            message = "a real Schur form has no gradient: its blocks of two come and go with complex eigenvalues"
            raise Mismatch(message, 'use output="complex"', GradientError)
        t, z = picks(out)
        of_t, of_z = apply(Triangle(False), conjugate(g[0])), conjugate(g[1])
        turned = adjoint(z) @ of_z - of_t @ adjoint(t) + adjoint(t) @ of_t
        inner = of_t + _below(t, turned - adjoint(turned))
        return (conjugate(z @ inner @ adjoint(z)),)


def _below(t: Node, w: Node) -> Node:
    """`y`, 0 but below the diagonal, where `y @ t.H - t.H @ y == w`: by the system of all elements."""
    n = t.sizes[-1]
    lead = list(range(t.ndim - 2))
    one = expand_dims(eye(n, dtype=t.dtype), lead) if lead else eye(n, dtype=t.dtype)
    system = kron(one, conjugate(t)) - kron(adjoint(t), one)
    inside = np.tril(np.ones((n, n), bool), -1).reshape(n * n, 1)
    columns = where(inside, reshape(w, (*w.sizes[:-2], n * n, 1)), 0)
    return reshape(Solve()(where(inside, system, eye(n * n, dtype=t.dtype)), columns), w.sizes)


def schur(a: NodeLike, output: str = "real") -> tuple[Node, Node]:
    """`t` upper triangular and `z` unitary, `z @ t @ z.mT == a` (conjugated, of complex numbers); on CPU only.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float); output, "real": of a real
    matrix both are real, and t has a block of two on its diagonal for each pair of complex eigenvalues; "complex": both
    are complex, and the diagonal is that of the eigenvalues, in LAPACK's order. The phases of columns are LAPACK's
    choice: a gradient is that of a result which does not depend on them. It costs n**6, is inf or nan where
    eigenvalues are equal, and is refused for real results.
    Raises: ShapeError for matrices that are not square, ArgumentError for another output, GradientError.
    Source: SciPy `linalg.schur`.

    >>> import theon
    >>> t, z = theon.linalg.schur([[0.0, 2.0], [-2.0, 0.0]], output="complex")
    >>> print(theon.round(abs(theon.diag(t)), 5).eval())
    [2. 2.]
    """
    (node,) = inexact(a)
    with Blame("schur", node):
        require_square(node.tensor)
        known = is_among(output, ("real", "complex"))
        require(known, f"there is no output {output!r}", 'use "real" or "complex"', ArgumentError)
    if output == "complex" and kind_of(node.dtype) != "complex":
        node = cast_to(node, complex_of(node.dtype))
    t, z = picks(apply(Schur(), node))
    return t, z


__all__ = ["Schur", "schur"]
