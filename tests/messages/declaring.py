"""What cannot be declared: shapes that do not fit, dtypes, axes and arguments without a meaning."""

from typing import Any

import numpy as np

import theon
from theon import ArgumentError, DTypeError, Node, ShapeError

from .case import case


@case(ShapeError, ValueError)
def sizes_that_do_not_broadcast() -> Node:
    """add: axis 1 does not broadcast (784 and 10)
      <!>
    left   tanh : float32[batch, 784]   made at <h>
    right  b : float32[10]   made at <b>
    hint: make the sizes equal or one of them 1: shapes (batch, 784) and (10,)
    """
    x = theon.tensor("x", shape=("batch", 784))
    h = theon.tanh(x)  # h
    b = theon.shared(np.zeros(10, np.float32), name="b")  # b
    return h + b  # !


@case(DTypeError, TypeError)
def bits_of_floats() -> Node:
    """bitwise_and: takes bool or int or uint, not float32
      <!>
    input  x : float32[?]   made at <x>
    hint: convert with .astype
    """
    x = theon.vector("x")  # x
    return x & 1  # !


@case(DTypeError, TypeError)
def a_complex_number_made_real() -> Node:
    """cast: complex64 to float32 would drop the imaginary part
      <!>
    input  z : complex64[]   made at <z>
    hint: take theon.real first
    """
    z = theon.tensor("z", dtype="complex64")  # z
    return z.astype("float32")  # !


@case(DTypeError, TypeError)
def class_numbers_that_are_floats() -> Node:
    """cross_entropy: class numbers are ints, not float32
      <!>
    input  x : float32[?, ?]   made at <x>
    input  y : float32[?]   made at <y>
    hint: class numbers are ints; probabilities have the shape of the logits
    """
    x = theon.matrix("x")  # x
    y = theon.vector("y")  # y
    return theon.nn.cross_entropy(x, y)  # !


@case(ShapeError, ValueError)
def an_unknown_axis() -> Node:
    """sum: axis 2 is out of bounds for 2 dimensions
      <!>
    input  x : float32[?, ?]   made at <x>
    hint: use an int from -2 to 1
    """
    x = theon.matrix("x")  # x
    return x.sum(axis=2)  # !


@case(ShapeError, ValueError)
def an_unknown_axis_of_softmax() -> Node:
    """softmax: axis 1 is out of bounds for 1 dimension
      <!>
    input  x : float32[?]   made at <x>
    hint: use an int from -1 to 0
    """
    x = theon.vector("x")  # x
    return theon.nn.softmax(x, axis=1)  # !


@case(ArgumentError, ValueError)
def an_axis_that_is_text() -> Node:
    """mean: an axis is an int, received 'rows'
      <!>
    input  x : float32[?, ?]   made at <x>
    hint: use an int from -2 to 1
    """
    x = theon.matrix("x")  # x
    return theon.mean(x, axis="rows")  # type: ignore[arg-type]  # !


@case(ShapeError, ValueError)
def a_product_of_sizes_that_differ() -> Node:
    """matmul: sums over axes of different lengths (3 and 4)
      <!>
    left   x : float32[batch, 3]   made at <x>
    right  w : float32[4, 5]   made at <w>
    hint: axis 1 of the left has length 3, axis 0 of the right 4: transpose or reshape one of them
    """
    x = theon.tensor("x", shape=("batch", 3))  # x
    w = theon.shared(np.zeros((4, 5), np.float32), name="w")  # w
    return x @ w  # !


@case(ShapeError, ValueError)
def a_product_with_a_scalar() -> Node:
    """matmul: takes vectors and matrices, not scalars
      <!>
    input  x : float32[?, ?]   made at <x>
    input  s : float32[]   made at <s>
    hint: multiply with *
    """
    x = theon.matrix("x")  # x
    s = theon.scalar("s")  # s
    return x @ s  # !


@case(ShapeError, ValueError)
def a_shape_of_other_size() -> Node:
    """reshape: (2, 3) has 6 elements, (4, 2) has 8
      <!>
    input  x : float32[2, 3]   made at <x>
    hint: leave one size open with -1, or keep the number of elements
    """
    x = theon.tensor("x", shape=(2, 3))  # x
    return x.reshape(4, 2)  # !


@case(ArgumentError, ValueError)
def a_size_that_is_text() -> Node:
    """reshape: a size is an int, received 'flat'
      <!>
    input  x : float32[2, 3]   made at <x>
    hint: use an int, or an int node
    """
    x = theon.tensor("x", shape=(2, 3))  # x
    return x.reshape("flat")  # !


@case(ShapeError, ValueError)
def parts_of_other_sizes() -> Node:
    """concat: axis 1 differs (3 and 4) at part 1
      <!>
    left   x : float32[2, 3]   made at <x>
    right  y : float32[2, 4]   made at <y>
    hint: only axis 0 may differ
    """
    x = theon.tensor("x", shape=(2, 3))  # x
    y = theon.tensor("y", shape=(2, 4))  # y
    return theon.concat([x, y])  # !


@case(ShapeError, ValueError)
def parts_of_other_ranks() -> Node:
    """concat: part 1 has 1 axes, the first has 2
      <!>
    left   x : float32[2, 3]   made at <x>
    right  y : float32[3]   made at <y>
    hint: bring them to one rank with theon.expand_dims or reshape
    """
    x = theon.tensor("x", shape=(2, 3))  # x
    y = theon.tensor("y", shape=(3,))  # y
    return theon.concat([x, y])  # !


@case(ShapeError, ValueError)
def a_stack_of_other_shapes() -> Node:
    """stack: part 1 has another shape than the first
      <!>
    input  x : float32[2]   made at <x>
    input  y : float32[3]   made at <y>
    hint: reshape it, or use theon.concat
    """
    x = theon.tensor("x", shape=(2,))  # x
    y = theon.tensor("y", shape=(3,))  # y
    return theon.stack([x, y])  # !


@case(DTypeError, TypeError)
def an_unknown_dtype() -> Node:
    """not a dtype that theon holds
      <!>
    received: 'float99'
    hint: use one of <dtypes>
    """
    return theon.tensor("x", dtype="float99")  # !


@case(DTypeError, TypeError)
def no_dtype() -> Node:
    """not a dtype that theon holds
      <!>
    received: None
    hint: use one of <dtypes>
    """
    x = theon.vector("x")
    return x.astype(None)  # !


@case(ArgumentError, ValueError)
def a_negative_dim() -> Node:
    """tensor: a dim is an int of at least 0, a name or None
      <!>
    received: -1
    hint: for example shape=("batch", 784)
    """
    return theon.tensor("x", shape=(-1, 3))  # !


@case(ArgumentError, ValueError)
def a_shape_that_is_a_number() -> Node:
    """tensor: a shape is a sequence of dims
      <!>
    received: 2.5
    hint: for example shape=("batch", 784)
    """
    wrong: Any = 2.5
    return theon.tensor("x", shape=wrong)  # !


@case(ArgumentError, ValueError)
def a_name_that_is_a_tuple() -> Node:
    """tensor: a name is a string
      <!>
    received: ('batch', 3)
    hint: for example theon.tensor("x", shape=(None, 3))
    """
    wrong: Any = ("batch", 3)
    return theon.tensor(wrong)  # !


@case(ArgumentError, ValueError)
def a_static_vector() -> Node:
    """tensor: a static input is 0-dimensional
      <!>
    received: (3,)
    hint: leave static=True out, or the shape
    """
    return theon.tensor("n", shape=(3,), dtype="int32", static=True)  # !


@case(ArgumentError, ValueError)
def text_in_a_sum() -> Node:
    """cannot make a constant of str
      <!>
    received: '1'
    hint: give numbers, or an array of numbers
    """
    x = theon.vector("x")
    return x + "1"  # !


@case(ArgumentError, ValueError)
def rows_of_different_lengths() -> Node:
    """cannot make a constant of list
      <!>
    received: [[1.0], [1.0, 2.0]]
    hint: give numbers, or an array of numbers
    """
    x = theon.vector("x")
    rows = [[1.0], [1.0, 2.0]]
    return x + rows  # !


@case(DTypeError, TypeError)
def an_int_beyond_its_dtype() -> Node:
    """the constant 1099511627776 does not fit int32
      <!>
    hint: int32 goes from -2147483648 to 2147483647: use a wider dtype, or a float
    """
    i = theon.ivector("i")
    return i + 2**40  # !


@case(DTypeError, TypeError)
def a_complex_constant_of_a_real_dtype() -> Node:
    """the constant is complex, float32 would drop its imaginary part
      <!>
    hint: give its .real
    """
    return theon.asarray([1.0, 2.0j], dtype="float32")  # !


@case(ArgumentError, ValueError)
def an_axis_that_is_true() -> Node:
    """sum: an axis is an int, received True
      <!>
    input  m : float32[?, ?]   made at <m>
    hint: use an int from -2 to 1
    """
    m = theon.matrix("m")  # m
    return theon.sum(m, axis=True)  # !


@case(ArgumentError, ValueError)
def an_axis_in_an_array_of_none() -> Node:
    """flip: an axis is an int, received array(0)
      <!>
    input  m : float32[?, ?]   made at <m>
    hint: use an int from -2 to 1
    """
    m = theon.matrix("m")  # m
    return theon.flip(m, axis=np.array(0))  # type: ignore[arg-type]  # !


@case(ArgumentError, ValueError)
def positions_in_an_array_of_no_axis() -> Node:
    """insert: positions is a sequence, received array(1)
      <!>
    input  x : float32[3]   made at <x>
    hint: give a list or a tuple
    """
    x = theon.tensor("x", shape=(3,))  # x
    return theon.insert(x, np.array(1), 7.0)  # type: ignore[arg-type]  # !


@case(ShapeError, ValueError)
def different_values_less_than_none() -> Node:
    """unique_values: a size cannot be negative, received -1
      <!>
    input  x : float32[?]   made at <x>
    hint: give 0 or more
    """
    x = theon.vector("x")  # x
    return theon.unique_values(x, size=-1)  # !


@case(ArgumentError, ValueError)
def a_default_that_is_not_float() -> None:
    """default_float: takes a float dtype
      <!>
    received: 'int32'
    hint: use one of float16, bfloat16, float32, float64
    """
    with theon.default_float("int32"):  # !
        pass


@case(ArgumentError, ValueError)
def a_scope_that_is_a_number() -> None:
    """scope: a name is a string that is not empty
      <!>
    received: 1
    hint: for example theon.scope("encoder")
    """
    wrong: Any = 1
    with theon.scope(wrong):  # !
        pass


@case(ArgumentError, ValueError)
def a_state_of_text() -> Node:
    """cannot make a constant of str
      <!>
    received: 'zeros'
    hint: give numbers, or an array of numbers
    """
    return theon.shared("zeros", name="w")  # !


@case(ArgumentError, ValueError)
def a_state_of_a_node() -> Node:
    """shared: the first value must be numbers, not a node
      <!>
    value  x : float32[?]   made at <x>
    hint: compute it first with .eval(), or give the node in updates=
    """
    x = theon.vector("x")  # x
    return theon.shared(x, name="w")  # !


@case(ArgumentError, ValueError)
def a_learning_rate_of_nan() -> object:
    """sgd: learning_rate must be a finite number of at least 0
      <!>
    received: nan
    hint: give a number such as 0.001
    """
    w = theon.shared(1.0, name="w")
    return theon.optim.sgd(w**2, [w], learning_rate=float("nan"))  # !


@case(ArgumentError, ValueError)
def a_shared_learning_rate_of_nan() -> object:
    """adam: learning_rate must be a finite number of at least 0
      <!>
    learning_rate  rate : float32[]   made at <rate>
    received: nan
    hint: give a number such as 0.001
    """
    w = theon.shared(1.0, name="w")
    rate = theon.shared(float("nan"), name="rate")  # rate
    return theon.optim.adam(w**2, [w], learning_rate=rate)  # !
