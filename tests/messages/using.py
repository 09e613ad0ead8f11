"""A node taken for a value, and indices that a static graph cannot have."""

from typing import Any

import numpy as np

import theon
from theon import ArgumentError, DTypeError, IndexingError, Node, NodeUseError, ShapeError

from .case import case


@case(NodeUseError, TypeError)
def an_expression_as_a_condition() -> None:
    """greater has no truth value: it is an expression
      <!>
    node  greater : bool[]   made at <positive>
    hint: use theon.where(condition, a, b), or theon.cond to run only one of two branches
    """
    x = theon.vector("x")
    positive = x.sum() > 0  # positive
    if positive:  # !
        pass


@case(NodeUseError, TypeError)
def an_expression_as_an_array() -> object:
    """x is not an array: it is an expression
      <!>
    node  x : float32[?]   made at <x>
    hint: compute it first, with theon.function or node.eval({input: value})
    """
    x = theon.vector("x")  # x
    return np.asarray(x)  # !


@case(NodeUseError, TypeError)
def an_expression_in_numpy() -> object:
    """x cannot be given to NumPy's exp: it is an expression
      <!>
    node  x : float32[?]   made at <x>
    hint: use theon.exp, or compute it first, with theon.function or node.eval({input: value})
    """
    x: Any = theon.vector("x")  # x
    return np.exp(x)  # !


@case(NodeUseError, TypeError)
def an_expression_summed_by_numpy() -> object:
    """x cannot be given to NumPy's sum: it is an expression
      <!>
    node  x : float32[?]   made at <x>
    hint: use theon.sum, or compute it first, with theon.function or node.eval({input: value})
    """
    x: Any = theon.vector("x")  # x
    return np.sum(x)  # !


@case(NodeUseError, TypeError)
def an_array_increased_by_an_expression() -> None:
    """x cannot be given to NumPy's add: it is an expression
      <!>
    node  x : float32[?]   made at <x>
    hint: use theon.add, or compute it first, with theon.function or node.eval({input: value})
    """
    x = theon.vector("x")  # x
    total: Any = np.zeros(3, np.float32)
    total += x  # !


@case(NodeUseError, TypeError)
def a_loop_over_an_unknown_length() -> None:
    """x cannot be iterated: its length is not known
      <!>
    node  x : float32[?]   made at <x>
    hint: use theon.scan, or declare the shape
    """
    x = theon.vector("x")  # x
    for _ in x:  # !
        pass


@case(NodeUseError, TypeError)
def a_loop_over_a_scalar() -> None:
    """s cannot be iterated: it is a scalar
      <!>
    node  s : float32[]   made at <s>
    hint: use it as it is
    """
    s = theon.scalar("s")  # s
    for _ in s:  # !
        pass


@case(NodeUseError, TypeError)
def the_length_of_an_unknown_axis() -> int:
    """x has no known length
      <!>
    node  x : float32[?, ?]   made at <x>
    hint: use node.shape[0], or declare the shape
    """
    x = theon.matrix("x")  # x
    return len(x)  # !


@case(NodeUseError, TypeError)
def the_length_of_a_scalar() -> int:
    """s has no length: it is a scalar
      <!>
    node  s : float32[]   made at <s>
    hint: leave len() out: a scalar has one element
    """
    s = theon.scalar("s")  # s
    return len(s)  # !


@case(NodeUseError, TypeError)
def an_expression_as_a_float() -> float:
    """s is not a number: it is an expression
      <!>
    node  s : float32[]   made at <s>
    hint: compute it first, with theon.function or node.eval({input: value})
    """
    s = theon.scalar("s")  # s
    return float(s)  # !


@case(NodeUseError, TypeError)
def an_expression_as_an_int() -> object:
    """n is not a number: it is an expression
      <!>
    node  n : int32[]   made at <n>
    hint: compute it first, with theon.function or node.eval({input: value})
    """
    n: Any = theon.iscalar("n")  # n
    return range(n)  # !


@case(NodeUseError, TypeError)
def an_expression_in_a_format() -> str:
    """loss cannot be written as '.3f': it is an expression
      <!>
    node  loss : float32[]   made at <loss>
    hint: compute it first, with theon.function or node.eval({input: value})
    """
    loss = theon.scalar("loss")  # loss
    return f"loss {loss:.3f}"  # !


@case(NodeUseError, TypeError)
def a_search_in_an_expression() -> bool:
    """x cannot be searched with `in`
      <!>
    node  x : float32[?]   made at <x>
    hint: use theon.any(node == value)
    """
    x = theon.vector("x")  # x
    return 3 in x  # !


@case(NodeUseError, TypeError)
def an_assignment_to_an_element() -> None:
    """x cannot be changed in place: it is an expression
      <!>
    node  x : float32[?]   made at <x>
    hint: write x = x[index].set(value)
    """
    x = theon.vector("x")  # x
    x[0] = 1.0  # !


@case(IndexingError, IndexError)
def an_index_out_of_bounds() -> Node:
    """index: index 3 is out of bounds for axis 0 of length 3
      <!>
    input  x : float32[3]   made at <x>
    hint: use an index from -3 to 2
    """
    x = theon.tensor("x", shape=(3,))  # x
    return x[3]  # !


@case(IndexingError, IndexError)
def an_index_array_out_of_bounds() -> Node:
    """index: index 5 is out of bounds for axis 1 of length 4
      <!>
    input  x : float32[3, 4]   made at <x>
    hint: use an index from -4 to 3
    """
    x = theon.tensor("x", shape=(3, 4))  # x
    return x[:, [0, 5]]  # !


@case(IndexingError, IndexError)
def too_many_indices() -> Node:
    """index: 2 indices for 1 axes
      <!>
    input  x : float32[?]   made at <x>
    hint: None and ... count for no axis
    """
    x = theon.vector("x")  # x
    return x[0, 1]  # !


@case(IndexingError, IndexError)
def a_mask_as_an_index() -> Node:
    """index: a bool mask picks a number of elements that is not known
      <!>
    input  x : float32[?]   made at <x>
    hint: use theon.where(mask, a, b); theon.compress(mask, x, size=n) or theon.nonzero(mask, size=n), which say \
how many; or x.at[mask].set(v) to write
    """
    x = theon.vector("x")  # x
    return x[x > 0]  # !


@case(IndexingError, IndexError)
def a_float_as_an_index() -> Node:
    """index: an index is an int, a slice, None, ... or an int array, received 1.5
      <!>
    input  x : float32[?]   made at <x>
    hint: convert a whole number by int()
    """
    x = theon.vector("x")  # x
    return x[1.5]  # !


@case(ArgumentError, ValueError)
def a_set_without_an_index() -> Node:
    """set: changes an indexed part of an array, and this is not one
      <!>
    input  x : float32[?]   made at <x>
    hint: write x[index].set(values)
    """
    x = theon.vector("x")  # x
    return x.set(0.0)  # !


@case(DTypeError, TypeError)
def floats_set_among_ints() -> Node:
    """set: the values are float32 beside int32: writing them would lose information
      <!>
    input  index : int32[?]   made at <part>
    hint: convert with .astype
    """
    i = theon.ivector("i")
    part = i[:2]  # part
    return part.set(0.5)  # !


@case(ShapeError, ValueError)
def more_values_than_places() -> Node:
    """index_update: values float32[3] do not broadcast to what is indexed, float32[2]
      <!>
    left   x : float32[5]   made at <x>
    right  values : float32[3]   made at <values>
    hint: give values of type float32[2]
    """
    x = theon.tensor("x", shape=(5,))  # x
    values = theon.constant([1.0, 2.0, 3.0], name="values")  # values
    return x[:2].set(values)  # !
