"""What ops on matrices mean, on arrays of mpmath numbers: by elimination, one matrix after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import mpmath
import numpy as np

from theon.graph.node import Node, Pick
from theon.graph.op import Op
from theon.ops.creation import Eye
from theon.ops.linalg import DotGeneral
from theon.ops.linear_algebra.blocks import BlockDiag, Kron
from theon.ops.linear_algebra.determinant import Cofactors, Det, SlogDet
from theon.ops.linear_algebra.factorize import Cholesky
from theon.ops.linear_algebra.systems import Inverse, Solve, SolveTriangular
from theon.ops.linear_algebra.triangle import Diagonal, DiagonalMatrix, Triangle

Array: TypeAlias = "np.ndarray[Any, Any]"


def each(function: Callable[..., Any], *stacks: Array) -> Array:
    """A function of matrices for all of a batch."""
    lead = np.broadcast_shapes(*(s.shape[:-2] for s in stacks))
    wide = [np.broadcast_to(s, (*lead, *s.shape[-2:])) for s in stacks]
    found = [np.asarray(function(*(w[at] for w in wide)), object) for at in np.ndindex(*lead)]
    return np.stack(found).reshape((*lead, *found[0].shape))


def eliminated(a: Array, b: Array) -> tuple[Array, Any]:
    """The solution of a system, and the determinant of its matrix."""
    rows = np.concatenate([a, b], axis=1).astype(object) * mpmath.mpf(1)
    n, determinant = len(a), mpmath.mpf(1)
    for k in range(n):
        best = max(range(k, n), key=lambda i: abs(rows[i, k]))
        if best != k:
            rows[[k, best]] = rows[[best, k]]
            determinant = -determinant
        determinant = determinant * rows[k, k]
        for i in range(n):
            if i != k and rows[i, k] != 0:
                rows[i] = rows[i] - rows[k] * (rows[i, k] / rows[k, k])
    for k in range(n):
        rows[k] = rows[k] / rows[k, k]
    return rows[:, n:], determinant


def identity(n: int) -> Array:
    return np.array([[mpmath.mpf(int(i == j)) for j in range(n)] for i in range(n)], object)


def determinant(a: Array) -> Any:
    return eliminated(a, identity(len(a)))[1]


def inverse(a: Array) -> Array:
    return eliminated(a, identity(len(a)))[0]


def factor(a: Array) -> Array:
    """By Cholesky, of the symmetric part."""
    a = (a + a.T) / mpmath.mpf(2)
    n = len(a)
    found = identity(n) * 0
    for j in range(n):
        for i in range(j, n):
            rest = a[i, j] - sum(found[i, k] * found[j, k] for k in range(j))
            found[i, j] = mpmath.sqrt(rest) if i == j else rest / found[j, j]
    return found


def part(x: Array, lower: bool, k: int) -> Array:
    row, column = np.indices(x.shape[-2:])
    kept = column - row <= k if lower else column - row >= k
    return np.where(kept, x, mpmath.mpf(0))


def solution(op: Solve | SolveTriangular, a: Array, b: Array) -> Array:
    if isinstance(op, SolveTriangular):
        a = part(a, op.lower_part, 0)
        if op.unit_diagonal:
            a = a * (1 - np.eye(len(a), dtype=int)) + identity(len(a))
    return eliminated(a if op.trans == "N" else a.T, b)[0]


def blocks(parts: Sequence[Array]) -> Array:
    found = np.full((sum(len(p) for p in parts), sum(p.shape[1] for p in parts)), mpmath.mpf(0), object)
    row = column = 0
    for block in parts:
        found[row : row + len(block), column : column + block.shape[1]] = block
        row, column = row + len(block), column + block.shape[1]
    return found


def along(op: DiagonalMatrix, x: Array) -> Array:
    assert op.shape is None
    return each(lambda row: np.diag(row[0], op.k) + mpmath.mpf(0), x[..., None, :])


def product(op: DotGeneral, x: Array, y: Array) -> Array:
    of_x, of_y, of_out = op.labels(x.ndim, y.ndim)
    return np.asarray(np.einsum(x, list(of_x), y, list(of_y), list(of_out)))


def sign_and_logarithm(x: Array) -> Array:
    """Both parts, one after the other."""
    found = each(determinant, x)
    if any(v == 0 for v in found.flat):
        raise ZeroDivisionError
    parts = [np.frompyfunc(f, 1, 1)(found) for f in (mpmath.sign, lambda v: mpmath.log(abs(v)))]
    return np.array(parts, object)


MEANINGS: dict[type[Op], Callable[..., Any]] = {
    BlockDiag: lambda op, *parts: each(lambda *p: blocks(p), *parts),
    Cholesky: lambda op, x: each(factor, x),
    Cofactors: lambda op, x: each(lambda m: determinant(m) * inverse(m).T, x),
    Det: lambda op, x: each(determinant, x),
    Diagonal: lambda op, x: np.diagonal(x, op.k, -2, -1),
    DiagonalMatrix: along,
    DotGeneral: product,
    Inverse: lambda op, x: each(inverse, x),
    Kron: lambda op, x, y: np.kron(x, y),
    Pick: lambda op, both: both[op.index],
    SlogDet: lambda op, x: sign_and_logarithm(x),
    Solve: lambda op, a, b: each(lambda m, s: solution(op, m, s), a, b),
    SolveTriangular: lambda op, a, b: each(lambda m, s: solution(op, m, s), a, b),
    Triangle: lambda op, x: part(x, op.lower_part, op.k),
    Eye: lambda op: np.vectorize(mpmath.mpf, otypes=[object])(np.eye(op.rows, op.columns, op.k)),
}


def has_meaning(node: Node) -> bool:
    return type(node.op) in MEANINGS


def meaning(node: Node, inputs: Sequence[Array]) -> Array:
    """One op on arrays of mpmath numbers."""
    return np.asarray(MEANINGS[type(node.op)](node.op, *inputs), object)


__all__ = ["has_meaning", "meaning"]
