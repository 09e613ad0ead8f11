"""What is true of sums and products of matrices, elementwise and `@`, from what is true of the operands.

As facts of elements they are of the exact value for finite operands.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Flag, auto

from ...graph.node import Node
from ...graph.types import TensorType, is_inexact
from ...ops.linalg import DotGeneral
from ...ops.shape import ExpandDims, Reshape, Squeeze, Transpose
from .arrays import facts, nonnegative, positive


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


def over(node: Node, source: Node) -> bool:
    """Whether the matrices of `source` are those of `node`, not broadcast to them."""
    return source.ndim >= 2 and source.dims[-2:] == node.dims[-2:]


def _scales(source: Node) -> bool:
    """Whether `source` has one number for each whole matrix."""
    return all(size == 1 for size in source.dims[-2:])


def elementwise(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    name, sources = node.op.name, node.inputs
    if len(sources) == 1:
        zeros = ZEROS if name in KEEP_ZERO else Matrix.NONE
        turned = Matrix.ORTHOGONAL | Matrix.REGULAR if name == "negative" else Matrix.NONE
        return inputs[0] & (zeros | Matrix.SYMMETRIC | turned)
    even = all(_scales(s) or (over(node, s) and Matrix.SYMMETRIC in m) for s, m in zip(sources, inputs, strict=True))
    if name in COMMUTATIVE:
        even = even or transposed_of(sources[0]) is sources[1] or transposed_of(sources[1]) is sources[0]
    found = Matrix.SYMMETRIC if even else Matrix.NONE
    if name in ("add", "subtract") and all(over(node, s) for s in sources):
        return found | (_sum(*inputs) if name == "add" else inputs[0] & inputs[1] & ZEROS)
    if name in ("maximum", "minimum", "where") and all(over(node, s) for s in sources[-2:]):
        return found | (inputs[-2] & inputs[-1] & ZEROS)
    if name == "multiply":
        (x, y), (a, b) = sources, inputs
        found |= Matrix.SEMIDEFINITE if _is_outer(x, y) or _is_outer(y, x) else Matrix.NONE
        return found | _product_of_elements(node, x, y, a, b) | _product_of_elements(node, y, x, b, a)
    if name == "divide" and over(node, sources[0]) and is_real(node.tensor) and not facts(sources[1]).zero:
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
    if not over(node, x):
        return Matrix.NONE
    found = of_x & ZEROS
    if positive(y):
        found |= of_x & Matrix.PLUS
    if _scales(y) and nonnegative(y):
        found |= of_x & (CONES if positive(y) else Matrix.SEMIDEFINITE)
    return found | (of_x & of_y & CONES if over(node, y) else Matrix.NONE)  # Schur's theorem


def _is_outer(x: Node, y: Node) -> bool:
    """Whether a column is multiplied by itself as a row."""
    return (
        min(x.ndim, y.ndim) >= 2
        and (x.dims[-1], x.dims[-2]) == (1, y.dims[-1])
        and _unshaped(x) is _unshaped(y)
        and x.dims[:-2] == y.dims[:-2]
    )


def _unshaped(x: Node) -> Node:
    """What `x` is a column or a row of: its elements in the same order."""
    while isinstance(x.op, (Reshape, ExpandDims, Squeeze)) or (transposed_of(x) is not None and 1 in x.dims[-2:]):
        x = x.inputs[0]
    return x


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


def swapped(m: Matrix) -> Matrix:
    """The facts of the transpose."""
    below = Matrix.UPPER if Matrix.LOWER in m else Matrix.NONE
    return (m & ~DIAGONAL) | below | (Matrix.LOWER if Matrix.UPPER in m else Matrix.NONE)


def transposed_of(node: Node) -> Node | None:
    """What `node` is the transpose of, matrix by matrix."""
    op = node.op
    if isinstance(op, Transpose) and op.perm == (*range(node.ndim - 2), node.ndim - 1, node.ndim - 2):
        return node.inputs[0]
    return None


def dot(node: Node, inputs: Sequence[Matrix]) -> Matrix:
    parts = product_of(node)
    if parts is None:
        return Matrix.NONE
    x, y, turned_x, turned_y = parts
    a, b = (swapped(m) if t else m for m, t in zip(inputs, (turned_x, turned_y), strict=True))
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


__all__ = ["DIAGONAL", "ZEROS", "Matrix", "closed", "dot", "elementwise", "is_real", "over", "swapped"]
