"""Facts about matrices, which are the last two axes of a value: where they are 0, and what their transposes are.

As facts of elements they are of the exact value for finite operands, found on demand by a walk of bounded size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Flag, auto
from functools import reduce
from typing import Any, TypeAlias

import numpy as np

from ...graph.node import Const, Node
from ...graph.types import TensorType, is_float, is_inexact
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

NODES = 64  # how many nodes one question may look at
DEPTH = 16


class Matrix(Flag):
    """What can be true of matrices, all at once."""

    NONE = 0
    LOWER = auto()  # zeros above the diagonal
    UPPER = auto()  # zeros below it
    HOLLOW = auto()  # zeros on it
    PLUS = auto()  # a positive diagonal
    SYMMETRIC = auto()
    SEMIDEFINITE = auto()  # symmetric, no eigenvalue below 0
    DEFINITE = auto()  # symmetric, all eigenvalues above 0
    ORTHOGONAL = auto()
    REGULAR = auto()  # square, with an inverse


DIAGONAL = Matrix.LOWER | Matrix.UPPER
OF_SQUARES = Matrix.PLUS | Matrix.SYMMETRIC | Matrix.SEMIDEFINITE | Matrix.DEFINITE | Matrix.ORTHOGONAL | Matrix.REGULAR
OF_REALS = Matrix.PLUS | Matrix.SYMMETRIC | Matrix.SEMIDEFINITE | Matrix.DEFINITE | Matrix.ORTHOGONAL
ZEROS = DIAGONAL | Matrix.HOLLOW
CONES = Matrix.SEMIDEFINITE | Matrix.DEFINITE
STATED = {
    "diagonal": DIAGONAL,
    "lower_triangular": Matrix.LOWER,
    "upper_triangular": Matrix.UPPER,
    "symmetric": Matrix.SYMMETRIC,
    "positive_definite": Matrix.DEFINITE,
    "orthogonal": Matrix.ORTHOGONAL,
}
COMMUTATIVE = ("add", "multiply", "maximum", "minimum")
# Elementwise functions that keep zeros.
KEEP_ZERO = frozenset(
    ("negative", "abs", "sign", "square", "sqrt", "sin", "tan", "sinh", "tanh", "asin", "asinh", "atan", "atanh")
) | frozenset(("expm1", "log1p", "relu", "erf", "floor", "ceil", "rint", "trunc"))


def closed(found: Matrix, node: Node) -> Matrix:
    """With what follows from what was found, without what is said of other matrices alone."""
    type_ = node.tensor
    if type_.shape[-2] != type_.shape[-1]:
        return found & ~OF_SQUARES
    if not is_inexact(type_.dtype):
        return found & (ZEROS | Matrix.SYMMETRIC)  # ints wrap around
    if DIAGONAL in found and is_real(type_):
        found |= Matrix.SYMMETRIC
        found |= Matrix.DEFINITE if Matrix.PLUS in found else Matrix.NONE
        found |= Matrix.SEMIDEFINITE if Matrix.HOLLOW in found else Matrix.NONE
    if Matrix.DEFINITE in found:
        found |= Matrix.SEMIDEFINITE | Matrix.PLUS | Matrix.REGULAR
    if Matrix.SEMIDEFINITE in found:
        found |= Matrix.SYMMETRIC | (Matrix.DEFINITE if Matrix.REGULAR in found else Matrix.NONE)
    if Matrix.ORTHOGONAL in found or (Matrix.PLUS in found and found & DIAGONAL):
        found |= Matrix.REGULAR
    return found if is_real(type_) else found & ~OF_REALS


def is_real(type_: TensorType) -> bool:
    return type_.dtype.kind != "c"


# --- Sums and products ------------------------------------------------------------------------------------------------


def _over(node: Node, source: Node) -> bool:
    """Whether the matrices of `source` are those of `node`, not broadcast to them."""
    return source.ndim >= 2 and source.dims[-2:] == node.dims[-2:]


def _scales(source: Node) -> bool:
    """Whether `source` has one number for each whole matrix."""
    return all(size == 1 for size in source.dims[-2:])


def _elementwise(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    name, sources = node.op.name, node.inputs
    if len(sources) == 1:
        zeros = ZEROS if name in KEEP_ZERO else Matrix.NONE
        turned = Matrix.ORTHOGONAL | Matrix.REGULAR if name == "negative" else Matrix.NONE
        return inputs[0] & (zeros | Matrix.SYMMETRIC | turned)
    even = all(_scales(s) or (_over(node, s) and Matrix.SYMMETRIC in m) for s, m in zip(sources, inputs, strict=True))
    if name in COMMUTATIVE:
        even = even or transposed_of(sources[0]) is sources[1] or transposed_of(sources[1]) is sources[0]
    found = Matrix.SYMMETRIC if even else Matrix.NONE
    if name in ("add", "subtract") and all(_over(node, s) for s in sources):
        return found | (_sum(*inputs) if name == "add" else inputs[0] & inputs[1] & ZEROS)
    if name in ("maximum", "minimum", "where") and all(_over(node, s) for s in sources[-2:]):
        return found | (inputs[-2] & inputs[-1] & ZEROS)
    if name == "multiply":
        (x, y), (a, b) = sources, inputs
        return found | _product_of_elements(node, x, y, a, b) | _product_of_elements(node, y, x, b, a)
    if name == "divide" and _over(node, sources[0]) and is_real(node.tensor) and not facts(sources[1]).zero:
        kept = ZEROS | (CONES | Matrix.PLUS if _scales(sources[1]) and positive(sources[1]) else Matrix.NONE)
        return found | (inputs[0] & kept)
    return found


def _sum(a: Matrix, b: Matrix) -> Matrix:
    found = a & b & (ZEROS | Matrix.PLUS | CONES)
    for one, other in ((a, b), (b, a)):
        if Matrix.PLUS in one and (Matrix.HOLLOW in other or Matrix.SEMIDEFINITE in other):
            found |= Matrix.PLUS
        if Matrix.DEFINITE in one and Matrix.SEMIDEFINITE in other:
            found |= Matrix.DEFINITE
    return found


def _product_of_elements(node: Node, x: Node, y: Node, of_x: Matrix, of_y: Matrix) -> Matrix:
    """What `x` gives to the elementwise product: zeros, and the rest where `y` is a positive number."""
    if not _over(node, x):
        return Matrix.NONE
    found = of_x & ZEROS
    if positive(y):
        found |= of_x & Matrix.PLUS
    if _scales(y) and nonnegative(y):
        found |= of_x & (CONES if positive(y) else Matrix.SEMIDEFINITE)
    return found | (of_x & of_y & CONES if _over(node, y) else Matrix.NONE)  # Schur's theorem


def product_of(node: Node) -> tuple[Node, Node, bool, bool] | None:
    """The matrices of which `node` is the product, and whether each is transposed in it; None for other products."""
    op = node.op
    if not isinstance(op, DotGeneral):
        return None
    x, y = node.inputs
    lead = tuple(range(x.ndim - 2))
    if x.ndim != y.ndim or x.ndim < 2 or op.batch != (lead, lead) or len(op.contract[0]) != 1:
        return None
    (i,), (j,) = op.contract
    return x, y, i == x.ndim - 2, j == y.ndim - 1


def _swapped(m: Matrix) -> Matrix:
    """The facts of the transpose."""
    below = Matrix.UPPER if Matrix.LOWER in m else Matrix.NONE
    return (m & ~DIAGONAL) | below | (Matrix.LOWER if Matrix.UPPER in m else Matrix.NONE)


def transposed_of(node: Node) -> Node | None:
    """What `node` is the transpose of, matrix by matrix."""
    op = node.op
    if isinstance(op, Transpose) and op.perm == (*range(node.ndim - 2), node.ndim - 1, node.ndim - 2):
        return node.inputs[0]
    return None


def _dot(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    parts = product_of(node)
    if parts is None:
        return Matrix.NONE
    x, y, turned_x, turned_y = parts
    a, b = (_swapped(m) if t else m for m, t in zip(inputs, (turned_x, turned_y), strict=True))
    found = a & b & (DIAGONAL | Matrix.ORTHOGONAL | Matrix.REGULAR)
    if Matrix.PLUS in a & b and a & b & DIAGONAL:
        found |= Matrix.PLUS
    if mirrored(x, y, turned_x, turned_y):
        found |= Matrix.SEMIDEFINITE
    return found


def mirrored(x: Node, y: Node, turned_x: bool, turned_y: bool) -> bool:
    """Whether the second factor is the transpose of the first."""
    inner_x, inner_y = transposed_of(x), transposed_of(y)
    first, turned_x = (x, turned_x) if inner_x is None else (inner_x, not turned_x)
    second, turned_y = (y, turned_y) if inner_y is None else (inner_y, not turned_y)
    return first is second and turned_x != turned_y


# --- The other ops ----------------------------------------------------------------------------------------------------


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
    return _swapped(inputs[0]) if op.perm[-2:] == (last, last - 1) else Matrix.NONE


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
    return inputs[0] if _over(node, node.inputs[0]) else Matrix.NONE


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
    DotGeneral: _dot,
    Elementwise: _elementwise,
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
    "mirrored",
    "orthogonal",
    "positive_definite",
    "product_of",
    "structure",
    "symmetric",
    "transposed_of",
    "triangular",
    "upper_triangular",
]
