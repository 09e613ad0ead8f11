"""Facts about matrices, which are the last two axes of a value: where they are 0, and what their transposes are.

They are found on demand by a walk of bounded size, as facts of elements are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeAlias

import numpy as np

from ...graph.node import Const, Node
from ...graph.types import TensorType, is_float
from ...ops.assume import Assume
from ...ops.creation import Eye, Full
from ...ops.elementwise import Cast, Elementwise
from ...ops.gradient import Cut, StopGradient
from ...ops.linalg import DotGeneral
from ...ops.linear_algebra.blocks import BlockDiag, Kron
from ...ops.linear_algebra.factorize import Cholesky
from ...ops.linear_algebra.systems import Inverse, SolveTriangular
from ...ops.linear_algebra.triangle import DiagonalMatrix, Triangle
from ...ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose
from .arrays import facts, nonnegative, positive
from .matrix_rows import DIAGONAL, ZEROS, Matrix, closed, dot, elementwise, is_real, over, swapped

NODES = 64  # how many nodes one question may look at
DEPTH = 16

STATED = {
    "diagonal": DIAGONAL,
    "lower_triangular": Matrix.LOWER,
    "upper_triangular": Matrix.UPPER,
    "symmetric": Matrix.SYMMETRIC,
    "positive_definite": Matrix.DEFINITE,
    "orthogonal": Matrix.ORTHOGONAL,
}


# --- Ops ----------------------------------------------------------------------------------------------------


def _of_constant(value: np.ndarray[Any, Any]) -> Matrix:
    if value.nbytes > Const.LARGE or value.dtype.kind not in "biufc" or not value.size:
        return Matrix.NONE
    diagonal = np.diagonal(value, axis1=-2, axis2=-1)
    swapped = np.swapaxes(value, -1, -2)
    tests = {
        Matrix.LOWER: not np.triu(value, 1).any(),
        Matrix.UPPER: not np.tril(value, -1).any(),
        Matrix.HOLLOW: not diagonal.any(),
        Matrix.PLUS: value.dtype.kind != "c" and bool((diagonal > 0).all()),
        Matrix.SYMMETRIC: value.shape == swapped.shape and bool((value == swapped).all()),
    }
    return reduce(Matrix.__or__, (fact for fact, holds in tests.items() if holds), Matrix.NONE)


def _of_eye(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    k = node.op.k  # type: ignore[attr-defined]
    if k == 0:
        return DIAGONAL | Matrix.PLUS | Matrix.ORTHOGONAL
    return Matrix.HOLLOW | (Matrix.UPPER if k > 0 else Matrix.LOWER)


def _of_full(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    found = facts(node.inputs[0]) if is_real(node.inputs[0].tensor) else None
    zeros = found is not None and found.low == found.high == 0
    return Matrix.SYMMETRIC | (ZEROS if zeros else Matrix.NONE)


def _of_diagonal(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    op, x = node.op, node.inputs[0]
    assert isinstance(op, DiagonalMatrix)
    if op.k:
        return Matrix.HOLLOW | (Matrix.UPPER if op.k > 0 else Matrix.LOWER)
    if not is_real(x.tensor):
        return DIAGONAL
    plus = Matrix.PLUS if positive(x) else Matrix.NONE
    return DIAGONAL | plus | (Matrix.SEMIDEFINITE if nonnegative(x) else Matrix.NONE)


def _of_triangle(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    op, m = node.op, inputs[0]
    assert isinstance(op, Triangle)
    k = op.k if op.lower_part else -op.k
    found = m & ZEROS
    if k <= 0:
        found |= Matrix.LOWER if op.lower_part else Matrix.UPPER
    found |= Matrix.HOLLOW if k < 0 else m & Matrix.PLUS
    plus = k >= 0 and is_real(node.tensor) and positive(node.inputs[0])
    return found | (Matrix.PLUS if plus else Matrix.NONE)


def _of_transpose(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    op, last = node.op, node.ndim - 1
    assert isinstance(op, Transpose)
    if op.perm[-2:] == (last - 1, last):
        return inputs[0]
    return swapped(inputs[0]) if op.perm[-2:] == (last, last - 1) else Matrix.NONE


def _of_solution(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    """The inverse of a triangle times a triangle of the same side."""
    op = node.op
    assert isinstance(op, SolveTriangular)
    side = Matrix.LOWER if op.lower_part == (op.trans == "N") else Matrix.UPPER
    return inputs[1] & side


def _all(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    """What holds of all operands holds of the result."""
    return reduce(Matrix.__and__, inputs)


def _of_blocks(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    """What holds of square blocks holds of what is made of them, one after another or one for each element."""
    square = all(source.dims[-1] == source.dims[-2] for source in node.inputs if source.ndim > 1)
    return _all(node, inputs) if square else Matrix.NONE


def _of_inverse(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    return inputs[0] & (INVERSE | (Matrix.PLUS if inputs[0] & DIAGONAL else Matrix.NONE))


def _in_place(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    """Elements in the same order, in matrices of the same size, are the same matrices."""
    return inputs[0] if over(node, node.inputs[0]) else Matrix.NONE


Forward: TypeAlias = Callable[[Node, Sequence[Matrix]], Matrix]
INVERSE = DIAGONAL | Matrix.SYMMETRIC | Matrix.DEFINITE | Matrix.ORTHOGONAL | Matrix.REGULAR

FORWARD: dict[type, Forward] = {
    Assume: lambda node, inputs: inputs[0] | STATED.get(node.op.fact, Matrix.NONE),  # type: ignore[attr-defined]
    BlockDiag: _of_blocks,
    BroadcastTo: _in_place,
    Cast: lambda node, inputs: inputs[0] & (ZEROS | Matrix.SYMMETRIC) if is_float(node.dtype) else Matrix.NONE,
    Cholesky: lambda node, inputs: (inputs[0] & DIAGONAL) | Matrix.LOWER | Matrix.PLUS,
    Cut: _all,
    DiagonalMatrix: _of_diagonal,
    DotGeneral: dot,
    Elementwise: elementwise,
    ExpandDims: _in_place,
    Eye: _of_eye,
    Full: _of_full,
    Inverse: _of_inverse,
    Kron: lambda node, inputs: _of_blocks(node, inputs) if node.ndim == 2 else Matrix.NONE,
    Reshape: _in_place,
    SolveTriangular: _of_solution,
    Squeeze: _in_place,
    StopGradient: _all,
    Transpose: _of_transpose,
    Triangle: _of_triangle,
}


# --- The walk, and what guards ask ------------------------------------------------------------------------------------


def structure(node: Node) -> Matrix:
    """What holds of the matrices that `node` is made of."""
    return _structure(node, {}, DEPTH)


def _structure(node: Node, known: dict[Node, Matrix], depth: int) -> Matrix:
    found = known.get(node)
    if found is not None:
        return found
    if not isinstance(node.type, TensorType) or node.ndim < 2:
        return Matrix.NONE
    forward = FORWARD.get(Elementwise if isinstance(node.op, Elementwise) else type(node.op))
    if isinstance(node.op, Const):
        found = _of_constant(node.op.value)
    elif forward is None or not depth or len(known) >= NODES:
        found = Matrix.NONE
    else:
        known[node] = Matrix.NONE  # counted at once, so that a question stays bounded
        found = forward(node, [_structure(source, known, depth - 1) for source in node.inputs])
    known[node] = found = closed(found, node)
    return found


def diagonal(x: Node) -> bool:
    return DIAGONAL in structure(x)


def lower_triangular(x: Node) -> bool:
    return Matrix.LOWER in structure(x)


def upper_triangular(x: Node) -> bool:
    return Matrix.UPPER in structure(x)


def triangular(x: Node) -> bool:
    """Whether one of the triangles is all zeros."""
    return bool(structure(x) & DIAGONAL)


def symmetric(x: Node) -> bool:
    return Matrix.SYMMETRIC in structure(x)


def positive_definite(x: Node) -> bool:
    return Matrix.DEFINITE in structure(x)


def orthogonal(x: Node) -> bool:
    return Matrix.ORTHOGONAL in structure(x)


def cholesky_factor(x: Node) -> bool:
    """Whether `x` is lower triangular with a positive diagonal: what `cholesky` gives."""
    return Matrix.LOWER | Matrix.PLUS in structure(x)


__all__ = [
    "Matrix",
    "cholesky_factor",
    "diagonal",
    "lower_triangular",
    "orthogonal",
    "positive_definite",
    "structure",
    "symmetric",
    "triangular",
    "upper_triangular",
]
