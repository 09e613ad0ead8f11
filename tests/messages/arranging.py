"""What cannot be put in other places: modes, counts and shapes that do not fit."""

from typing import cast

import theon
from theon import ArgumentError, DTypeError, Node, ShapeError

from .case import case


@case(ArgumentError, ValueError)
def a_mode_of_padding_that_has_no_name() -> Node:
    """pad: there is no mode 'mirror'
      <!>
    input  x : float32[?]   made at <x>
    hint: use one of constant, empty, linear_ramp, edge, reflect, symmetric, wrap, maximum, minimum, mean, median
    """
    x = theon.vector("x")  # x
    return theon.pad(x, 1, mode="mirror")  # !


@case(ArgumentError, ValueError)
def padding_by_less_than_nothing() -> Node:
    """pad: cannot pad by -1
      <!>
    input  x : float32[?]   made at <x>
    hint: slice to leave elements out
    """
    x = theon.vector("x")  # x
    return theon.pad(x, -1)  # !


@case(ShapeError, ValueError)
def an_edge_of_nothing() -> Node:
    """pad: axis 0 has length 0: there is nothing to repeat
      <!>
    input  x : float32[0]   made at <x>
    hint: pad with constants
    """
    x = theon.tensor("x", shape=(0,))  # x
    return theon.pad(x, 1, mode="edge")  # !


@case(DTypeError, TypeError)
def a_padding_that_does_not_fit() -> Node:
    """pad: 0.5 in int32 would lose information
      <!>
    input  n : int32[?]   made at <n>
    hint: convert with .astype
    """
    n = theon.ivector("n")  # n
    return theon.pad(n, 1, constant_values=0.5)  # !


@case(ArgumentError, ValueError)
def repeats_that_are_not_known() -> Node:
    """repeat: the length of the result is not known
      <!>
    input  x : float32[3]   made at <x>
    hint: declare it: total_repeat_length=
    """
    x = theon.tensor("x", shape=(3,))  # x
    n = theon.ivector("n")
    return theon.repeat(x, n)  # !


@case(ShapeError, ValueError)
def a_shape_that_is_not_as_stated() -> Node:
    """specify_shape: axis 1 has length 3, not 4 as stated
      <!>
    input  x : float32[2, 3]   made at <x>
    hint: state None where the length may be any
    """
    x = theon.tensor("x", shape=(2, 3))  # x
    return theon.specify_shape(x, (2, 4))  # !


@case(ShapeError, ValueError)
def the_diagonal_of_a_box() -> Node:
    """fill_diagonal: more than two axes are to be of one length
      <!>
    input  t : float32[2, 3, 2]   made at <t>
    hint: of a matrix the lengths may differ
    """
    t = theon.tensor("t", shape=(2, 3, 2))  # t
    return theon.fill_diagonal(t, 0.0)  # !


@case(ArgumentError, ValueError)
def a_grid_that_is_indexed_otherwise() -> Node:
    """meshgrid: indexing is 'xy' or 'ij', received 'yx'
      <!>
    input  x : float32[?]   made at <x>
    hint: 'ij' keeps the order of the axes
    """
    x = theon.vector("x")  # x
    return theon.meshgrid(x, indexing="yx")[0]  # !


@case(ArgumentError, ValueError)
def less_than_no_numbers() -> Node:
    """linspace: cannot make -1 values
      <!>
    hint: give 0 or more
    """
    return cast(Node, theon.linspace(0.0, 1.0, -1))  # !


@case(ShapeError, ValueError)
def parts_of_unknown_number() -> Node:
    """unstack: the number of parts is not known
      <!>
    input  m : float32[?, ?]   made at <m>
    hint: declare the size of the axis, or use theon.scan
    """
    m = theon.matrix("m")  # m
    return theon.unstack(m)[0]  # !


@case(ArgumentError, ValueError)
def blocks_of_two_depths() -> Node:
    """block: the lists of blocks differ in depth
      <!>
    hint: nest all blocks alike
    """
    x = theon.zeros((1, 1))
    return theon.block([[x], x])  # !


@case(ArgumentError, ValueError)
def more_shifts_than_axes() -> Node:
    """roll: 2 shifts for 1 axes
      <!>
    input  m : float32[?, ?]   made at <m>
    hint: give one shift, or one for each axis
    """
    m = theon.matrix("m")  # m
    return theon.roll(m, (1, 2), axis=0)  # !


@case(ArgumentError, ValueError)
def a_turn_about_one_axis() -> Node:
    """rot90: turns the plane of two axes, received (0, 0)
      <!>
    input  m : float32[?, ?]   made at <m>
    hint: name two axes
    """
    m = theon.matrix("m")  # m
    return theon.rot90(m, axes=(0, 0))  # !


@case(ShapeError, ValueError)
def equal_parts_of_an_unknown_length() -> Node:
    """array_split: parts of one length need a known length
      <!>
    input  x : float32[?]   made at <x>
    hint: declare the size, or give positions to cut at
    """
    x = theon.vector("x")  # x
    return theon.array_split(x, 2)[0]  # !


@case(ArgumentError, ValueError)
def a_deletion_of_what_is_not_there() -> Node:
    """delete: there is no position 3 among 3
      <!>
    input  x : float32[3]   made at <x>
    hint: use ints from -3 to 2
    """
    x = theon.tensor("x", shape=(3,))  # x
    return theon.delete(x, 3)  # !


@case(ShapeError, ValueError)
def columns_cut_from_a_scalar() -> Node:
    """hsplit: needs an axis or more, received 0
      <!>
    input  x : float32[]   made at <x>
    hint: use theon.split and name the axis
    """
    x = theon.scalar("x")  # x
    return theon.hsplit(x, 1)[0]  # !


@case(ShapeError, ValueError)
def powers_of_unknown_number() -> Node:
    """vander: the length is not known
      <!>
    input  x : float32[?]   made at <x>
    hint: give N, the number of columns
    """
    x = theon.vector("x")  # x
    return theon.vander(x)  # !


@case(ArgumentError, ValueError)
def an_insertion_beyond_the_end() -> Node:
    """insert: there is no position 4 in 3
      <!>
    input  x : float32[3]   made at <x>
    hint: use ints to 3
    """
    x = theon.tensor("x", shape=(3,))  # x
    return theon.insert(x, 4, 1.0)  # !


@case(DTypeError, TypeError)
def an_insertion_that_does_not_fit() -> Node:
    """insert: the values are float32 beside int32: writing them would lose information
      <!>
    input  n : int32[3]   made at <n>
    input  x : float32[?]   made at <x>
    hint: convert with .astype
    """
    n = theon.tensor("n", shape=(3,), dtype="int32")  # n
    x = theon.vector("x")  # x
    return theon.insert(n, 0, x)  # !


@case(ArgumentError, ValueError)
def a_reflection_of_another_type() -> Node:
    """pad: reflect_type is 'even' or 'odd', received 'strange'
      <!>
    input  x : float32[?]   made at <x>
    hint: an odd one is turned over at the edge
    """
    x = theon.vector("x")  # x
    return theon.pad(x, 1, mode="reflect", reflect_type="strange")  # !


@case(ShapeError, ValueError)
def different_slices_of_unknown_size() -> Node:
    """unique: how many elements a slice has is not known
      <!>
    input  m : float32[?, ?]   made at <m>
    hint: declare the sizes of the other axes
    """
    m = theon.matrix("m")  # m
    return cast(Node, theon.unique(m, size=3, axis=0))  # !


@case(DTypeError, TypeError)
def the_bits_of_numbers_that_are_no_bytes() -> Node:
    """unpackbits: takes uint8, not int32
      <!>
    input  n : int32[?]   made at <n>
    hint: convert with .astype
    """
    n = theon.ivector("n")  # n
    return theon.unpackbits(n)  # !


@case(ArgumentError, ValueError)
def a_period_of_nothing() -> Node:
    """interp: a period of 0 never ends
      <!>
    input  x : float32[?]   made at <x>
    input  a : float32[?]   made at <a>
    input  b : float32[?]   made at <b>
    hint: leave it out
    """
    x = theon.vector("x")  # x
    a = theon.vector("a")  # a
    b = theon.vector("b")  # b
    return theon.interp(x, a, b, period=0)  # !
