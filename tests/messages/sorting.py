"""What cannot be sorted or looked for: positions, sides and keys that are not there, and numbers not declared."""

import theon
from theon import ArgumentError, Node, ShapeError

from .case import case


@case(ShapeError, ValueError)
def more_of_the_largest_than_there_are() -> Node:
    """top_k: there are no 5 largest of 3 elements
      <!>
    input  x : float32[3]   made at <x>
    hint: choose a k up to the length of the axis
    """
    x = theon.tensor("x", shape=(3,))  # x
    return theon.top_k(x, 5)[0]  # !


@case(ArgumentError, ValueError)
def a_side_that_has_no_name() -> Node:
    """searchsorted: side is 'left' or 'right', received 'middle'
      <!>
    input  const : float32[2]   made at <!>
    input  x : float32[?]   made at <x>
    hint: equal elements stand to the right of a 'left' place
    """
    x = theon.vector("x")  # x
    return theon.searchsorted([1.0, 2.0], x, side="middle")  # !


@case(ShapeError, ValueError)
def a_search_through_a_matrix() -> Node:
    """searchsorted: looks through a vector, received 2 axes
      <!>
    input  a : float32[?, ?]   made at <a>
    input  const : float32[]   made at <!>
    hint: use theon.vectorize to look through the rows of a matrix
    """
    a = theon.matrix("a")  # a
    return theon.searchsorted(a, 1.0)  # !


@case(ArgumentError, ValueError)
def an_order_by_no_keys() -> Node:
    """lexsort: needs a key or more
      <!>
    hint: give a list: [second, first]
    """
    return theon.lexsort([])  # !


@case(ShapeError, ValueError)
def keys_of_two_lengths() -> Node:
    """lexsort: key 1 has another shape than the first
      <!>
    input  a : float32[3]   made at <a>
    input  b : float32[4]   made at <b>
    hint: give keys of one shape
    """
    a = theon.tensor("a", shape=(3,))  # a
    b = theon.tensor("b", shape=(4,))  # b
    return theon.lexsort([a, b])  # !


@case(ArgumentError, ValueError)
def a_position_that_is_not_there() -> Node:
    """partition: there is no position 3 among 3
      <!>
    input  x : float32[3]   made at <x>
    hint: use an int from -3 to 2
    """
    x = theon.tensor("x", shape=(3,))  # x
    return theon.partition(x, 3)  # !


@case(ShapeError, ValueError)
def an_axis_to_sort_that_is_not_there() -> Node:
    """sort: axis 1 is out of bounds for 1 dimension
      <!>
    input  x : float32[?]   made at <x>
    hint: use an int from -1 to 0
    """
    x = theon.vector("x")  # x
    return theon.sort(x, axis=1)  # !


@case(ArgumentError, ValueError)
def different_values_of_unknown_number() -> Node:
    """unique_values: how many different values there are is not known
      <!>
    input  x : float32[?]   made at <x>
    hint: give size=: values beyond it are left out, missing ones filled up
    """
    x = theon.vector("x")  # x
    return theon.unique_values(x)  # !


@case(ArgumentError, ValueError)
def a_median_over_a_window_of_nothing() -> Node:
    """median_filter: a window of size 0 for 1 axes
      <!>
    input  x : float32[?]   made at <x>
    hint: give one size, 1 or more, or one for each axis
    """
    x = theon.vector("x")  # x
    return theon.median_filter(x, 0)  # !
