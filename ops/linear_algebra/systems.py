"""Systems of linear equations: one matrix, any number of right sides. The two ops are each other's gradients.

Cotangents pair with values as JAX has it, by `sum(g * y)` without a conjugate: what conjugates below are the ops that
do so themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import jax
import numpy as np
from jax import lax

from ...graph.dims import broadcast_shapes, may_equal
from ...graph.errors import DTypeError, require
from ...graph.node import Node, apply
from ...graph.op import Op
from ...graph.types import TensorType
from .operands import conjugate, in_single, require_matrix, require_square, times_transpose, transpose_times
from .triangle import Triangle

Trans: TypeAlias = Literal["N", "T", "C"]  # the matrix as it is, transposed, transposed and conjugated


@dataclass(frozen=True, eq=False)
class _System(Op):
    """`x` such that `op(a) @ x == b`: a, shape (..., n, n); b, shape (..., n, m); batches broadcast."""

    trans: Trans = "N"

    def infer(self, a: TensorType, b: TensorType) -> TensorType:
        square = require_square(a)
        require(a.dtype == b.dtype, f"mixes {a.dtype} and {b.dtype}", "cast one with .astype", DTypeError)
        require_matrix(b)
        n, rows = square.shape[-1], b.shape[-2]
        uneven = f"a matrix of {n} rows, and right sides of {rows}"
        require(may_equal(n, rows), uneven, "a right side is a vector, or the last two axes: one a column")
        lead = broadcast_shapes([a.shape[:-2], b.shape[:-2]])
        return b.with_shape([*lead, n if isinstance(n, int) else rows, b.shape[-1]])

    @in_single
    def lower(self, a: jax.Array, b: jax.Array) -> jax.Array:
        if a.ndim > 2 or b.ndim == 2:
            return self.solved(*batched(a, b))  # type: ignore[no-any-return]
        # One matrix for a batch of right sides: they are all columns of one.
        last = b.ndim - 1
        side = lax.transpose(b, (last - 1, *range(last - 1), last))
        found = self.solved(a, lax.reshape(side, (b.shape[-2], b.size // max(b.shape[-2], 1))))
        return lax.transpose(lax.reshape(found, side.shape), (*range(1, last), 0, last))

    def solved(self, a: Any, b: Any) -> Any:
        """The lowering for equal batches."""
        raise NotImplementedError

    def masked(self, g: Node) -> Node:
        """A cotangent of the matrix where it is read."""
        return g

    def vjp(self, g: Node, out: Node, a: Node, b: Node) -> Sequence[Node | None]:
        side = apply(
            replace(self, trans="T" if self.trans == "N" else "N"), conjugate(a) if self.trans == "C" else a, g
        )
        pair = (side, out) if self.trans == "N" else (out, side)
        of_matrix = -times_transpose(*pair, a.ndim)
        return self.masked(conjugate(of_matrix) if self.trans == "C" else of_matrix), side


def batched(*matrices: Any) -> list[Any]:
    """Matrices with their batches broadcast against each other."""
    lead = np.broadcast_shapes(*(m.shape[:-2] for m in matrices))
    return [
        m
        if m.shape[:-2] == lead
        else lax.broadcast_in_dim(m, (*lead, *m.shape[-2:]), range(len(lead) + 2 - m.ndim, len(lead) + 2))
        for m in matrices
    ]


@dataclass(frozen=True, eq=False)
class Solve(_System):
    """The system of any square matrix, by a factorisation of its own."""

    def solved(self, a: Any, b: Any) -> Any:
        lu, _, permutation = lax.linalg.lu(a)
        if not b.size:
            return b
        order = permutation if self.trans == "N" else _inverse(permutation)
        if self.trans == "N":
            return _triangular(lu, _triangular(lu, _rows(b, order), True, "N", True), False, "N")
        return _rows(_triangular(lu, _triangular(lu, b, False, self.trans), True, self.trans, True), order)


def _inverse(permutation: Any) -> Any:
    return lax.sort_key_val(
        permutation, lax.broadcasted_iota(permutation.dtype, permutation.shape, permutation.ndim - 1)
    )[1]


def _rows(x: Any, order: Any) -> Any:
    """The rows of each matrix in another order."""
    return jax.numpy.take_along_axis(x, order[..., None], axis=-2, mode="clip")


def _triangular(a: Any, b: Any, lower: bool, trans: Trans, unit: bool = False) -> Any:
    return lax.linalg.triangular_solve(
        a, b, left_side=True, lower=lower, transpose_a=trans != "N", conjugate_a=trans == "C", unit_diagonal=unit
    )


@dataclass(frozen=True, eq=False)
class SolveTriangular(_System):
    """The system of a triangular matrix: the other triangle is not read, nor a diagonal that is said to be 1."""

    lower_part: bool = True
    unit_diagonal: bool = False

    @property
    def params(self) -> str:
        parts = ["lower" if self.lower_part else "upper"]
        parts += [f"trans={self.trans}"] if self.trans != "N" else []
        return ", ".join(parts + ["unit_diagonal"] * self.unit_diagonal)

    def solved(self, a: Any, b: Any) -> Any:
        return _triangular(a, b, self.lower_part, self.trans, self.unit_diagonal) if b.size else b

    def masked(self, g: Node) -> Node:
        inside = int(self.unit_diagonal) * (-1 if self.lower_part else 1)
        return apply(Triangle(self.lower_part, inside), g)


@dataclass(frozen=True, eq=False)
class Inverse(Op):
    """The inverse of square matrices."""

    @property
    def name(self) -> str:
        return "inv"

    def infer(self, x: TensorType) -> TensorType:
        return require_square(x)

    def lower(self, x: jax.Array) -> jax.Array:
        n = x.shape[-1]
        row, column = (lax.broadcasted_iota(np.int32, (n, n), i) for i in (0, 1))
        one = lax.convert_element_type(lax.eq(row, column), x.dtype)
        return Solve().lower(x, one)  # type: ignore[no-any-return]

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        """`-out.mT @ g @ out.mT`."""
        return (-times_transpose(transpose_times(out, g), out, x.ndim),)
