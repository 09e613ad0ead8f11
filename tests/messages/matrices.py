"""What cannot be said of matrices: shapes that are not square or do not fit, and facts that have no meaning."""

from typing import Any

import theon
from theon import ArgumentError, DTypeError, GradientError, Node, ShapeError

from .case import case


@case(ShapeError, ValueError)
def the_inverse_of_a_matrix_that_is_not_square() -> Node:
    """inv: takes square matrices, received 2 rows and 3 columns
      <!>
    input  a : float32[2, 3]   made at <a>
    hint: the last two axes are to be of one length
    """
    a = theon.tensor("a", shape=(2, 3))  # a
    return theon.linalg.inv(a)  # !


@case(ShapeError, ValueError)
def the_determinant_of_a_vector() -> Node:
    """det: takes matrices, received 1 axes
      <!>
    input  a : float32[3]   made at <a>
    hint: a matrix is the last two axes
    """
    a = theon.tensor("a", shape=(3,))  # a
    return theon.linalg.det(a)  # !


@case(ShapeError, ValueError)
def right_sides_of_other_length() -> Node:
    """solve: a matrix of 3 rows, and right sides of 4
      <!>
    left   a : float32[3, 3]   made at <a>
    right  b : float32[4, 2]   made at <b>
    hint: a right side is a vector, or the last two axes: one a column
    """
    a = theon.tensor("a", shape=(3, 3))  # a
    b = theon.tensor("b", shape=(4, 2))  # b
    return theon.linalg.solve(a, b)  # !


@case(ShapeError, ValueError)
def a_right_side_that_is_a_scalar() -> Node:
    """solve: the right side is a scalar
      <!>
    input  a : float32[3, 3]   made at <a>
    input  b : float32[]   made at <b>
    hint: give a vector or a matrix
    """
    a = theon.tensor("a", shape=(3, 3))  # a
    b = theon.scalar("b")  # b
    return theon.linalg.solve(a, b)  # !


@case(ArgumentError, ValueError)
def a_structure_that_has_no_name() -> Node:
    """solve: nothing is called 'round' of a matrix
      <!>
    input  a : float32[3, 3]   made at <a>
    input  b : float32[3]   made at <b>
    hint: use one of 'gen', 'general', 'pos', 'positive definite', 'sym', 'symmetric', 'diagonal', \
'lower triangular', 'upper triangular'
    """
    a = theon.tensor("a", shape=(3, 3))  # a
    b = theon.tensor("b", shape=(3,))  # b
    return theon.linalg.solve(a, b, assume_a="round")  # !


@case(ArgumentError, ValueError)
def a_transposition_that_has_no_name() -> Node:
    """solve_triangular: trans is 0, 1 or 2, received 3
      <!>
    input  a : float32[3, 3]   made at <a>
    input  b : float32[3]   made at <b>
    hint: or "N", "T", "C"
    """
    a = theon.tensor("a", shape=(3, 3))  # a
    b = theon.tensor("b", shape=(3,))  # b
    return theon.linalg.solve_triangular(a, b, trans=3)  # !


@case(ArgumentError, ValueError)
def a_factor_alone() -> Node:
    """cho_solve: takes a pair: the factor and whether it is lower
      <!>
    hint: give (factor, True)
    """
    c = theon.tensor("c", shape=(3, 3))
    wrong: Any = c
    return theon.linalg.cho_solve(wrong, theon.zeros((3,)))  # !


@case(ShapeError, ValueError)
def a_triangle_of_a_vector() -> Node:
    """tril: takes matrices, received 1 axes
      <!>
    input  v : float32[?]   made at <v>
    hint: a matrix is the last two axes
    """
    v = theon.vector("v")  # v
    return theon.tril(v)  # !


@case(ShapeError, ValueError)
def the_diag_of_a_batch() -> Node:
    """diag: takes a vector or a matrix, received 3 axes
      <!>
    input  t : float32[?, ?, ?]   made at <t>
    hint: theon.linalg.diagonal takes batches of matrices
    """
    t = theon.tensor3("t")  # t
    return theon.diag(t)  # !


@case(ShapeError, ValueError)
def the_diagonal_of_one_axis() -> Node:
    """diagonal: axis1 and axis2 are both 1
      <!>
    input  a : float32[?, ?]   made at <a>
    hint: name two axes
    """
    a = theon.matrix("a")  # a
    return theon.diagonal(a, axis1=1, axis2=-1)  # !


@case(ArgumentError, ValueError)
def no_blocks() -> Node:
    """block_diag: needs an array or more
      <!>
    hint: give the blocks one by one: block_diag(a, b)
    """
    return theon.linalg.block_diag()  # !


@case(ShapeError, ValueError)
def an_orthogonal_matrix_that_is_not_square() -> Node:
    """assume: what is orthogonal is square, not 2 rows and 3 columns
      <!>
    input  q : float32[2, 3]   made at <q>
    hint: the fact is of the last two axes
    """
    q = theon.tensor("q", shape=(2, 3))  # q
    return theon.assume(q, "orthogonal")  # !


@case(ShapeError, ValueError)
def a_vector_that_is_symmetric() -> Node:
    """assume: what is symmetric is a matrix, not 1 axes
      <!>
    input  v : float32[?]   made at <v>
    hint: the fact is of the last two axes
    """
    v = theon.vector("v")  # v
    return theon.assume(v, "symmetric")  # !


@case(DTypeError, TypeError)
def pivots_that_are_floats() -> Node:
    """permutation: pivots are ints, not float32
      <!>
    input  p : float32[3]   made at <p>
    hint: give those of lu_factor
    """
    lu = theon.tensor("lu", shape=(3, 3))
    p = theon.tensor("p", shape=(3,))  # p
    return theon.linalg.lu_solve((lu, p), theon.zeros((3,)))  # !


@case(GradientError, ValueError)
def the_gradient_of_a_real_schur_form() -> object:
    """schur: a real Schur form has no gradient: its blocks of two come and go with complex eigenvalues
      <t>
    input  a : float32[2, 2]   made at <a>
    hint: use output="complex"
    """
    a = theon.tensor("a", shape=(2, 2))  # a
    t, _ = theon.linalg.schur(a)  # t
    return theon.function([a], theon.grad(t.sum(), a))


@case(ShapeError, ValueError)
def an_equation_of_two_sizes() -> object:
    """solve_discrete_lyapunov: a is 2 by 2, and q 3 by 3
      <!>
    input  a : float32[2, 2]   made at <a>
    input  q : float32[3, 3]   made at <q>
    hint: give q the shape of a
    """
    a = theon.tensor("a", shape=(2, 2))  # a
    q = theon.tensor("q", shape=(3, 3))  # q
    return theon.linalg.solve_discrete_lyapunov(a, q)  # !


@case(ArgumentError, ValueError)
def a_hadamard_matrix_of_six() -> Node:
    """hadamard: the number of rows is 6
      <!>
    hint: use a power of 2
    """
    return theon.linalg.hadamard(6)  # !
