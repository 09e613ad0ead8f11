"""Linear algebra: factorisations, systems of equations, inverses and determinants of batches of matrices."""

from ..linalg import matmul, tensordot
from ..shape import matrix_transpose
from .blocks import block_diag
from .determinant import det, slogdet
from .factorize import cholesky, lu_factor
from .solve import cho_solve, inv, lu_solve, solve, solve_triangular
from .triangle import matrix_diagonal as diagonal
from .triangle import matrix_trace as trace

__all__ = [
    "block_diag",
    "cho_solve",
    "cholesky",
    "det",
    "diagonal",
    "inv",
    "lu_factor",
    "lu_solve",
    "matmul",
    "matrix_transpose",
    "slogdet",
    "solve",
    "solve_triangular",
    "tensordot",
    "trace",
]
