"""Linear algebra: products, factorisations, systems of equations, norms and functions of batches of matrices."""

from ..linalg import matmul, tensordot
from ..shape import matrix_transpose
from .blocks import block_diag
from .determinant import det, slogdet
from .factorize import cholesky, lu_factor
from .functions import (
    expm,
    lu,
    solve_continuous_lyapunov,
    solve_discrete_lyapunov,
    solve_sylvester,
    sqrtm,
    tensorinv,
    tensorsolve,
)
from .norms import cond, matrix_norm, norm, vector_norm
from .orthogonal import lstsq, matrix_rank, pinv, qr, svd, svdvals
from .patterns import circulant, companion, dft, hadamard, hankel, hilbert, pascal, toeplitz
from .polar import polar
from .products import matrix_power, multi_dot, vecdot
from .products import vector_cross as cross
from .products import vector_outer as outer
from .schur import schur
from .solve import cho_factor, cho_solve, inv, lu_solve, solve, solve_triangular
from .spectral import eig, eigh, eigvals, eigvalsh
from .triangle import matrix_diagonal as diagonal
from .triangle import matrix_trace as trace

__all__ = [
    "block_diag",
    "cho_factor",
    "cho_solve",
    "cholesky",
    "circulant",
    "companion",
    "cond",
    "cross",
    "det",
    "dft",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "expm",
    "hadamard",
    "hankel",
    "hilbert",
    "inv",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_solve",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pascal",
    "pinv",
    "polar",
    "qr",
    "schur",
    "slogdet",
    "solve",
    "solve_continuous_lyapunov",
    "solve_discrete_lyapunov",
    "solve_sylvester",
    "solve_triangular",
    "sqrtm",
    "svd",
    "svdvals",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "toeplitz",
    "trace",
    "vecdot",
    "vector_norm",
]
