"""What shows only when sizes are known, or when the program runs."""

import numpy as np

import theon
from theon import CheckError, IndexingError, ShapeError

from .case import case, counting


@case(ShapeError, ValueError)
def sizes_that_meet_and_do_not_broadcast() -> object:
    """add: axis 0 does not broadcast (2 and 3)
      <!>
    left   x : float32[2]   made at <x>
    right  y : float32[3]   made at <y>
    hint: make the sizes equal or one of them 1: shapes (2,) and (3,)
    """
    x = theon.vector("x")  # x
    y = theon.vector("y")  # y
    z = x + y  # !
    f = counting([x, y], z)
    return f([1.0, 2.0], [1.0, 2.0, 3.0])


@case(ShapeError, ValueError)
def sizes_that_meet_in_a_product() -> object:
    """matmul: sums over axes of different lengths (3 and 2)
      <!>
    left   x : float32[2, 3]   made at <x>
    right  x : float32[2, 3]   made at <x>
    hint: axis 1 of the left has length 3, axis 0 of the right 2: transpose or reshape one of them
    """
    x = theon.matrix("x")  # x
    z = x @ x  # !
    f = counting([x], z)
    return f(np.zeros((2, 3), np.float32))


@case(ShapeError, ValueError)
def a_shape_that_turns_out_wrong() -> object:
    """reshape: (3,) has 3 elements, (2, 2) has 4
      <!>
    input  x : float32[3]   made at <x>
    hint: leave one size open with -1, or keep the number of elements
    """
    x = theon.vector("x")  # x
    square = x.reshape(2, 2)  # !
    f = counting([x], square)
    return f([1.0, 2.0, 3.0])


@case(IndexingError, IndexError)
def an_index_that_turns_out_wrong() -> object:
    """index: index 4 is out of bounds for axis 0 of length 3
      <!>
    input  x : float32[3]   made at <x>
    hint: use an index from -3 to 2
    """
    x = theon.vector("x")  # x
    fifth = x[4]  # !
    f = counting([x], fifth)
    return f([1.0, 2.0, 3.0])


@case(ShapeError, ValueError)
def an_update_that_turns_out_wrong() -> object:
    """f: the update of w has another shape
      <!>
    old  w : float32[2]   made at <w>
    new  x : float32[3]   made at <x>
    hint: bring it to float32[2]
    """
    x = theon.vector("x")  # x
    w = theon.shared([1.0, 2.0], name="w")  # w
    f = theon.function([x], [], updates={w: x}, name="f")
    return f([1.0, 2.0, 3.0])  # !


@case(ShapeError, ValueError)
def a_size_that_is_a_value() -> object:
    """arange: a size depends on a value that is only known at run time
      <!>
    size  n : int32[]   made at <n>
    hint: declare that int static: theon.scalar('n', dtype='int32', static=True)
    """
    n = theon.iscalar("n")  # n
    steps = theon.arange(n)  # !
    f = counting([n], steps)
    return f(3)


@case(ShapeError, ValueError)
def a_slice_that_is_a_value() -> object:
    """index: a size depends on a value that is only known at run time
      <!>
    size  n : int32[]   made at <n>
    hint: declare that int static: theon.scalar('n', dtype='int32', static=True)
    """
    n = theon.iscalar("n")  # n
    x = theon.vector("x")
    first = x[:n]  # !
    f = counting([n, x], first)
    return f(2, [1.0, 2.0, 3.0])


@case(CheckError, RuntimeError)
def a_check_that_fails() -> object:
    """f: check failed: x must be positive
      <!>
    checked  x : float32[2]   made at <x>
    hint: states are as they were before the call
    """
    x = theon.vector("x")  # x
    sure = theon.check(x, x > 0, "x must be positive")  # !
    f = counting([x], sure.sum())
    return f([1.0, -1.0])
