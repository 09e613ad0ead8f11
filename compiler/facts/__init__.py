"""Facts: what can be said of values from the ops that made them, and what a user has said of them.

ranges        what a fact of elements is, and a row for every elementwise function
arrays        the walk that finds them
matrix_rows   what a fact of matrices is (the last two axes), and what sums and products make of it
matrices      the walk that finds those
assumptions   what was assumed, checked at run time
"""

from .arrays import NODES, ascending, at_least_one, facts, finite, nonnegative, positive, unit
from .assumptions import TESTS, check_assumptions
from .matrices import (
    Matrix,
    cholesky_factor,
    diagonal,
    lower_triangular,
    orthogonal,
    positive_definite,
    structure,
    symmetric,
    triangular,
    upper_triangular,
)
from .ranges import Facts

__all__ = [
    "NODES",
    "TESTS",
    "Facts",
    "Matrix",
    "ascending",
    "at_least_one",
    "check_assumptions",
    "cholesky_factor",
    "diagonal",
    "facts",
    "finite",
    "lower_triangular",
    "nonnegative",
    "orthogonal",
    "positive",
    "positive_definite",
    "structure",
    "symmetric",
    "triangular",
    "unit",
    "upper_triangular",
]
