"""What cannot be said of arrays: parts that are written to, masks without a size, matrices, transforms, points."""

import numpy as np

import theon
from theon import ArgumentError, DTypeError, IndexingError, Node, ShapeError

from .case import case


@case(ArgumentError, ValueError)
def positions_of_a_mask_without_a_number() -> Node:
    """nonzero: how many elements hold is not known
      <!>
    input  greater : bool[?]   made at <!>
    hint: say how many to take: size=n (fewer are filled up)
    """
    x = theon.vector("x")  # x
    return theon.nonzero(x > 0)[0]  # !


@case(ArgumentError, ValueError)
def where_of_two_arguments() -> Node:
    """where: takes one argument or three
      <!>
    input  x : float32[?]   made at <x>
    hint: give both values
    """
    x = theon.vector("x")  # x
    return theon.where(x, 1.0)  # type: ignore[call-overload, no-any-return]  # !


@case(IndexingError, IndexError)
def a_mask_beside_an_index_array() -> Node:
    """index: a mask that is computed stands beside ints, slices, None and ... alone
      <!>
    input  x : float32[?, ?]   made at <x>
    input  greater : bool[?]   made at <m>
    hint: join masks with &, or use theon.where
    """
    x = theon.matrix("x")  # x
    mask = x[:, 0] > 0  # m
    return x.at[mask, [0, 1]].set(0.0)  # type: ignore[no-any-return]  # !


@case(ShapeError, ValueError)
def values_for_the_places_of_a_mask() -> Node:
    """set: how many elements a mask picks is not known: values have no axis for them
      <!>
    input  x : float32[?]   made at <x>
    input  greater : bool[?]   made at <!>
    hint: give a scalar; or use theon.where
    """
    x = theon.vector("x")  # x
    return x.at[x > 0].set(np.ones(3, np.float32))  # type: ignore[no-any-return]  # !


@case(IndexingError, IndexError)
def a_constant_mask_of_another_length() -> Node:
    """index: a mask of shape (3,) picks from axes of (4,)
      <!>
    input  x : float32[4]   made at <x>
    hint: a mask is as long as the axes that it picks from
    """
    x = theon.tensor("x", shape=(4,))  # x
    return x[np.array([True, False, True])]  # !


@case(ShapeError, ValueError)
def a_slice_longer_than_its_axis() -> Node:
    """dynamic_slice: a slice of 5 is longer than axis 0, which has 4
      <!>
    left   x : float32[4]   made at <x>
    right  const : int32[]   made at <!>
    hint: take a shorter one
    """
    x = theon.tensor("x", shape=(4,))  # x
    return theon.dynamic_slice(x, [theon.constant(0)], (5,))  # !


@case(IndexingError, IndexError)
def a_position_beyond_the_last() -> Node:
    """unravel_index: index 6 is out of bounds for axis 0 of length 6
      <!>
    input  const : int32[2]   made at <!>
    hint: use an index from -6 to 5
    """
    return theon.unravel_index([1, 6], (2, 3))[0]  # !


@case(ArgumentError, ValueError)
def conditions_and_choices_of_different_numbers() -> Node:
    """select: 1 conditions for 2 choices
      <!>
    input  greater : bool[?]   made at <!>
    hint: give a choice for each condition; default= is for everywhere else
    """
    x = theon.vector("x")  # x
    return theon.select([x > 0], [x, -x])  # !


@case(ShapeError, ValueError)
def eigenvalues_of_a_flat_matrix() -> Node:
    """eigh: takes square matrices, received 2 rows and 3 columns
      <!>
    input  a : float32[2, 3]   made at <a>
    hint: the last two axes are to be of one length
    """
    a = theon.tensor("a", shape=(2, 3))  # a
    return theon.linalg.eigh(a)[0]  # !


@case(ArgumentError, ValueError)
def a_norm_of_a_matrix_that_has_no_name() -> Node:
    """matrix_norm: a matrix has no norm 3
      <!>
    input  a : float32[2, 3]   made at <a>
    hint: use one of 'fro', 'nuc', 1, -1, 2, -2, inf, -inf
    """
    a = theon.tensor("a", shape=(2, 3))  # a
    return theon.linalg.matrix_norm(a, ord=3)  # !


@case(ArgumentError, ValueError)
def a_mode_of_qr_that_there_is_not() -> Node:
    """qr: there is no mode 'economic'
      <!>
    input  a : float32[2, 3]   made at <a>
    hint: use one of ('reduced', 'complete', 'r')
    """
    a = theon.tensor("a", shape=(2, 3))  # a
    return theon.linalg.qr(a, "economic")  # type: ignore[arg-type, no-any-return]  # !


@case(ShapeError, ValueError)
def a_cross_product_in_four_dimensions() -> Node:
    """cross: takes vectors of 3 elements, received 4
      <!>
    input  x : float32[4]   made at <x>
    input  x : float32[4]   made at <x>
    hint: name the axis with axis=
    """
    x = theon.tensor("x", shape=(4,))  # x
    return theon.cross(x, x)  # !


@case(DTypeError, TypeError)
def the_real_transform_of_complex_numbers() -> Node:
    """rfft: takes real numbers, not complex64
      <!>
    input  z : complex64[4]   made at <z>
    hint: take theon.real first
    """
    z = theon.tensor("z", shape=(4,), dtype="complex64")  # z
    return theon.fft.rfft(z)  # !


@case(ArgumentError, ValueError)
def a_norm_of_transforms_that_has_no_name() -> Node:
    """fft: there is no norm 'unitary'
      <!>
    input  x : float32[4]   made at <x>
    hint: use 'backward', 'ortho' or 'forward'
    """
    x = theon.tensor("x", shape=(4,))  # x
    return theon.fft.fft(x, norm="unitary")  # type: ignore[arg-type]  # !


@case(ShapeError, ValueError)
def a_transform_of_no_points() -> Node:
    """fft: axis 0 has no points to transform
      <!>
    input  cast : complex64[0]   made at <!>
    hint: give it one at least
    """
    x = theon.tensor("x", shape=(0,))  # x
    return theon.fft.fft(x)  # !


@case(ArgumentError, ValueError)
def a_convolution_of_unknown_lengths() -> Node:
    """convolve: needs to know the sizes of both
      <!>
    input  x : float32[?]   made at <x>
    input  const : float32[2]   made at <!>
    hint: declare them, or use theon.nn.conv
    """
    x = theon.vector("x")  # x
    return theon.convolve(x, [1.0, 2.0])  # !


@case(ShapeError, ValueError)
def points_that_are_not_pairs() -> Node:
    """interp: 2 places, and 3 values
      <!>
    input  x : float32[?]   made at <x>
    input  const : float32[2]   made at <!>
    input  const : float32[3]   made at <!>
    hint: give one value for each place
    """
    x = theon.vector("x")  # x
    return theon.interp(x, [0.0, 1.0], [0.0, 1.0, 2.0])  # !


@case(ArgumentError, ValueError)
def splines() -> Node:
    """map_coordinates: order is 0 or 1, received 3
      <!>
    input  x : float32[?]   made at <x>
    input  const : float32[1]   made at <!>
    hint: splines are not there
    """
    x = theon.vector("x")  # x
    return theon.map_coordinates(x, [[0.5]], order=3)  # !
