"""What NumPy's further names refuse: polynomials, windows, sets, positions, bytes."""

from typing import cast

import numpy as np

import theon
from theon import ArgumentError, DTypeError, IndexingError, Node, ShapeError

from .case import case


@case(ArgumentError, ValueError)
def a_set_of_unknown_size() -> Node:
    """union1d: how many different values there are is not known
      <!>
    input  x : float32[?]   made at <x>
    input  const : float32[2]   made at <!>
    hint: give size=: values beyond it are left out, missing ones filled up
    """
    x = theon.vector("x")  # x
    return theon.union1d(x, [1.0, 2.0])  # !


@case(DTypeError, TypeError)
def a_fraction_to_fill_up_whole_numbers() -> Node:
    """union1d: fill_value is float32 beside int32: to fill up with it would lose information
      <!>
    hint: convert one, as with x.astype("float32")
    """
    x = theon.ivector("x")
    return theon.union1d(x, [1, 2], size=4, fill_value=0.5)  # !


@case(DTypeError, TypeError)
def a_wide_number_to_fill_up_narrow_ones() -> Node:
    """unique: fill_value is float64 beside float32: to fill up with it would lose information
      <!>
    input  v : float64[]   made at <v>
    hint: convert one, as with x.astype("float64")
    """
    x, v = theon.vector("x"), theon.dscalar("v")  # v
    return cast(Node, theon.unique(x, size=4, fill_value=v))  # !


@case(DTypeError, TypeError)
def a_negative_number_to_fill_up_unsigned_ones() -> Node:
    """the constant -1 does not fit uint16
      <!>
    hint: uint16 goes from 0 to 65535: use a wider dtype, or a float
    """
    x = theon.tensor("x", (3,), "uint16")
    return theon.setdiff1d(x, 1, size=4, fill_value=-1)  # !


@case(ShapeError, ValueError)
def coefficients_of_unknown_number() -> Node:
    """polymul: the number of coefficients is not known
      <!>
    input  p : float32[?]   made at <p>
    hint: declare the length
    """
    p = theon.vector("p")  # p
    return theon.polymul(p, [1.0, 2.0])  # !


@case(ShapeError, ValueError)
def coefficients_in_a_matrix() -> Node:
    """polyval: takes a vector of coefficients, received 2 axes
      <!>
    input  p : float32[?, ?]   made at <p>
    hint: use theon.vectorize for many
    """
    p = theon.matrix("p")  # p
    return theon.polyval(p, 2.0)  # !


@case(ShapeError, ValueError)
def polynomials_of_which_neither_is_known_to_be_longer() -> Node:
    """polyadd: which is the longer is not known
      <!>
    input  p : float32[n]   made at <p>
    input  q : float32[m]   made at <q>
    hint: declare both lengths, or give them one name
    """
    p = theon.tensor("p", shape=("n",))  # p
    q = theon.tensor("q", shape=("m",))  # q
    return theon.polyadd(p, q)  # !


@case(ArgumentError, ValueError)
def a_polynomial_whose_degree_is_less() -> Node:
    """roots: the first coefficient is 0
      <!>
    input  const : float32[3]   made at <!>
    hint: leave it out
    """
    return theon.roots([0.0, 1.0, 2.0])  # !


@case(ArgumentError, ValueError)
def a_derivative_backwards() -> Node:
    """polyder: cannot do so -1 times
      <!>
    input  p : float32[4]   made at <p>
    hint: theon.polyint goes the other way
    """
    p = theon.tensor("p", shape=(4,))  # p
    return theon.polyder(p, -1)  # !


@case(ShapeError, ValueError)
def points_without_partners() -> Node:
    """polyfit: x has 5 points, y has 4
      <!>
    input  x : float32[5]   made at <x>
    input  y : float32[4]   made at <y>
    hint: use as many
    """
    x = theon.tensor("x", shape=(5,))  # x
    y = theon.tensor("y", shape=(4,))  # y
    return cast(Node, theon.polyfit(x, y, 1))  # !


@case(ArgumentError, ValueError)
def a_covariance_of_no_distances() -> Node:
    """polyfit: 2 points leave no distances to scale the covariance of 2 coefficients by
      <!>
    input  x : float32[2]   made at <x>
    input  x : float32[2]   made at <x>
    hint: give more, or use cov="unscaled"
    """
    x = theon.tensor("x", shape=(2,))  # x
    return cast(Node, theon.polyfit(x, x, 1, cov=True)[1])  # !


@case(DTypeError, TypeError)
def a_window_of_ints() -> Node:
    """hanning: gives floats, not int32
      <!>
    hint: convert with .astype
    """
    return theon.hanning(8, dtype="int32")  # !


@case(ShapeError, ValueError)
def a_scalar_of_several_bytes() -> Node:
    """view: elements of 4 bytes as uint8, of 1: a scalar has no axis for them
      <!>
    input  s : float32[]   made at <s>
    hint: give it one with x[None]
    """
    s = theon.scalar("s")  # s
    return s.view("uint8")  # !


@case(ShapeError, ValueError)
def bytes_that_do_not_make_numbers() -> Node:
    """view: elements of 1 bytes as int32, of 4: 6 of them do not make a whole number
      <!>
    input  b : uint8[2, 6]   made at <b>
    hint: slice or pad the last axis
    """
    b = theon.tensor("b", shape=(2, 6), dtype="uint8")  # b
    return theon.view(b, "int32")  # !


@case(DTypeError, TypeError)
def bytes_of_half_a_byte() -> Node:
    """view: int4 has no bytes of its own
      <!>
    input  b : uint8[8]   made at <b>
    hint: convert with .astype
    """
    b = theon.tensor("b", shape=(8,), dtype="uint8")  # b
    return theon.view(b, "int4")  # !


@case(IndexingError, IndexError)
def crossings_by_a_computed_mask() -> Node:
    """ix_: a mask picks a number of elements that is not known
      <!>
    input  greater : bool[3]   made at <m>
    hint: use theon.flatnonzero(mask, size=n), which says how many
    """
    x = theon.tensor("x", shape=(3,))
    m = x > 0  # m
    return theon.ix_(m)[0]  # !


@case(ShapeError, ValueError)
def a_triangle_of_unknown_size() -> Node:
    """tril_indices_from: how many positions there are is not known
      <!>
    input  x : float32[?, ?]   made at <x>
    hint: declare the sizes, or use theon.nonzero(theon.tril(...), size=)
    """
    x = theon.matrix("x")  # x
    return theon.tril_indices_from(x)[0]  # !


@case(IndexingError, IndexError)
def a_grid_of_numbers() -> Node:
    """mgrid: takes slices, received 3
      <!>
    hint: write mgrid[0:3, 0:4]
    """
    return cast(Node, theon.mgrid[0:2, 3])  # !


@case(ShapeError, ValueError)
def an_axis_too_many_to_go_along() -> Node:
    """apply_along_axis: axis 2 is out of bounds for 2 dimensions
      <!>
    input  x : float32[?, ?]   made at <x>
    hint: use an int from -2 to 1
    """
    x = theon.matrix("x")  # x
    return theon.apply_along_axis(theon.sum, 2, x)  # !


@case(ShapeError, ValueError)
def axes_that_go_astray() -> Node:
    """apply_over_axes: the function makes 0 axes of 2
      <!>
    input  x : float32[?, ?]   made at <x>
    input  sum : float32[]   made at <!>
    hint: give 2, or 1 where the axis is gone
    """
    x = theon.matrix("x")  # x
    return theon.apply_over_axes(lambda a, axis: a.sum(), x, 0)  # !


@case(IndexingError, IndexError)
def an_empty_choice_beside_two() -> Node:
    """index: index arrays do not fit together: axis 0 does not broadcast (2 and 0)
      <!>
    left   x : float32[4]   made at <x>
    right  const : int32[2]   made at <!>
    hint: make the sizes equal or one of them 1: shapes (2,) and (0,)
    """
    x = theon.tensor("x", shape=(4,))  # x
    return x[False, np.array([0, 1], np.int32)]  # !
