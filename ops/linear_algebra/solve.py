"""The public functions that solve systems of linear equations, and the inverse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...graph.errors import ArgumentError, Mismatch, require
from ...graph.node import Node, NodeLike, apply, as_node
from ...graph.types import kind_of
from ..assume import assume
from ..axes import as_flag
from ..shape import expand_dims, squeeze
from ..sizes import Blame, is_among
from .factorize import cholesky, cholesky_solved, lu_solved
from .operands import inexact, require_square
from .systems import Inverse, Solve, SolveTriangular, Trans

# What is said of a matrix, in SciPy's words, and the fact that it is.
STRUCTURES: dict[str, str | None] = {
    "gen": None,
    "general": None,
    "pos": "positive_definite",
    "positive definite": "positive_definite",
    "sym": "symmetric",
    "symmetric": "symmetric",
    "diagonal": "diagonal",
    "lower triangular": "lower_triangular",
    "upper triangular": "upper_triangular",
}
_TRANS: dict[Any, Trans] = {0: "N", "N": "N", 1: "T", "T": "T", 2: "C", "C": "C"}


def _over_columns(function: Callable[[Node], Node], b: Node) -> Node:
    """A function of matrices for one that may be a vector, which is a column."""
    return function(b) if b.ndim != 1 else squeeze(function(expand_dims(b, -1)), -1)


def solve(a: NodeLike, b: NodeLike, *, assume_a: str = "gen") -> Node:
    """`x` with `a @ x == b`.

    Arguments: a, shape (..., n, n); b, shape (..., n, m), or (n,): a vector; float or complex (ints become the
    default float), batches broadcast. assume_a, what is known of `a`: "gen" (nothing), "pos" (positive definite),
    "sym", "diagonal", "lower triangular" or "upper triangular", which comes to `theon.assume`: the whole of `a` is
    to be so, and the compiler solves it that way (a complex one as any other). Systems of one matrix share one
    factorisation, those in gradients too. A singular matrix gives inf or nan, and so does its gradient.
    Raises: ShapeError where sizes do not fit, ArgumentError for another `assume_a`. Source: NumPy `linalg.solve`,
    SciPy `linalg.solve`.

    >>> import theon
    >>> print(theon.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 1.0]).eval())
    [0.5  0.25]
    """
    matrix, side = inexact(a, b)
    with Blame("solve", matrix, side):
        require_square(matrix.tensor)
        _require_side(side)
        if not is_among(assume_a, STRUCTURES):
            known = ", ".join(map(repr, STRUCTURES))
            raise Mismatch(f"nothing is called {assume_a!r} of a matrix", f"use one of {known}", ArgumentError)
    fact = STRUCTURES[assume_a]
    known_matrix = matrix if fact is None or kind_of(matrix.dtype) == "complex" else assume(matrix, fact)
    return _over_columns(lambda columns: apply(Solve(), known_matrix, columns), side)


def _require_side(b: Node) -> None:
    require(b.ndim > 0, "the right side is a scalar", "give a vector or a matrix")


def solve_triangular(
    a: NodeLike, b: NodeLike, trans: int | str = 0, lower: bool = False, unit_diagonal: bool = False
) -> Node:
    """`x` with `a @ x == b`, `a` triangular.

    Arguments: a, shape (..., n, n), of which the other triangle is not read; b, shape (..., n, m), or (n,): a vector;
    float or complex (ints become the default float), batches broadcast. trans, 0 or "N": `a` as it is, 1 or "T":
    transposed, 2 or "C": conjugated too; lower, which triangle; unit_diagonal, whether the diagonal counts as ones.
    A zero on the diagonal gives inf or nan. Raises: ShapeError where sizes do not fit, ArgumentError for another
    `trans`. Source: SciPy `linalg.solve_triangular`.

    >>> import theon
    >>> print(theon.linalg.solve_triangular([[2.0, 0.0], [1.0, 4.0]], [2.0, 9.0], lower=True).eval())
    [1. 2.]
    """
    matrix, side = inexact(a, b)
    with Blame("solve_triangular", matrix, side):
        require_square(matrix.tensor)
        _require_side(side)
        fits = isinstance(trans, (int, str)) and trans in _TRANS
        require(fits, f"trans is 0, 1 or 2, received {trans!r}", 'or "N", "T", "C"', ArgumentError)
        op = SolveTriangular(_TRANS[trans], as_flag(lower, "lower"), as_flag(unit_diagonal, "unit_diagonal"))
    return _over_columns(lambda columns: apply(op, matrix, columns), side)


def cho_factor(a: NodeLike, lower: bool = False) -> tuple[Node, bool]:
    """The factor of a positive definite matrix, and whether it is the lower one: what `cho_solve` takes.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float). The other triangle is 0 (SciPy
    leaves it as it was). Raises: ShapeError for matrices that are not square. Source: SciPy `linalg.cho_factor`.

    >>> import theon
    >>> factor = theon.linalg.cho_factor([[4.0, 0.0], [0.0, 1.0]])
    >>> print(theon.linalg.cho_solve(factor, [4.0, 3.0]).eval())
    [1. 3.]
    """
    return cholesky(a, upper=not lower), bool(lower)


def cho_solve(c_and_lower: tuple[NodeLike, bool], b: NodeLike) -> Node:
    """`x` with `a @ x == b`, where `c` is the factor of the positive definite `a`.

    Arguments: c_and_lower, the factor that `cholesky` gives, shape (..., n, n), and whether it is the lower one;
    b, shape (..., n, m), or (n,): a vector. Raises: ShapeError where sizes do not fit, ArgumentError for what is no
    pair. Source: SciPy `linalg.cho_solve`.

    >>> import theon
    >>> factor = theon.linalg.cholesky([[4.0, 0.0], [0.0, 1.0]])
    >>> print(theon.linalg.cho_solve((factor, True), [4.0, 3.0]).eval())
    [1. 3.]
    """
    with Blame("cho_solve"):
        c, lower = _pair(c_and_lower, "the factor and whether it is lower", "give (factor, True)")
    factor, side = inexact(c, b)
    with Blame("cho_solve", factor, side):
        require_square(factor.tensor)
        _require_side(side)
    return _over_columns(lambda columns: cholesky_solved(factor, columns, bool(lower)), side)


def lu_solve(lu_and_piv: tuple[NodeLike, NodeLike], b: NodeLike, trans: int = 0) -> Node:
    """`x` with `a @ x == b`, where `lu_and_piv` is what `lu_factor` gives for `a`.

    Arguments: b, shape (..., n, m), or (n,): a vector; trans, 0: `a` as it is, 1: transposed, 2: conjugated too.
    Raises: ShapeError where sizes do not fit, ArgumentError for what is no pair, or another `trans`.
    Source: SciPy `linalg.lu_solve`.

    >>> import theon
    >>> factors = theon.linalg.lu_factor([[0.0, 2.0], [4.0, 0.0]])
    >>> print(theon.linalg.lu_solve(factors, [2.0, 8.0]).eval())
    [2. 1.]
    """
    with Blame("lu_solve"):
        lu, pivots = _pair(lu_and_piv, "the factors and the pivots", "give what theon.linalg.lu_factor gives")
        fits = isinstance(trans, (int, str)) and trans in _TRANS
        require(fits, f"trans is 0, 1 or 2, received {trans!r}", kind=ArgumentError)
    factor, side = inexact(lu, b)
    with Blame("lu_solve", factor, side):
        require_square(factor.tensor)
        _require_side(side)
    return _over_columns(lambda columns: lu_solved(factor, as_node(pivots), columns, _TRANS[trans]), side)


def _pair(value: Any, what: str, hint: str) -> tuple[Any, Any]:
    fits = isinstance(value, (tuple, list)) and len(value) == 2
    require(fits, f"takes a pair: {what}", hint, ArgumentError)
    first, second = value
    return first, second


def inv(a: NodeLike) -> Node:
    """The inverse of square matrices. Where it only multiplies, the compiler solves instead: write either.

    Arguments: a, shape (..., n, n), float or complex (ints become the default float). A singular matrix gives inf or
    nan, and so does its gradient. Raises: ShapeError for matrices that are not square.
    Source: NumPy / Array API `linalg.inv`.

    >>> import theon
    >>> print(theon.linalg.inv([[2.0, 0.0], [0.0, 4.0]]).eval())
    [[0.5  0.  ]
     [0.   0.25]]
    """
    (node,) = inexact(a)
    with Blame("inv", node):
        require_square(node.tensor)
    return apply(Inverse(), node)


__all__ = ["cho_factor", "cho_solve", "inv", "lu_solve", "solve", "solve_triangular"]
