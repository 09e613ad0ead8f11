"""Calls whose values do not fit. Each function has a state that it would change, and must not."""

import jax
import numpy as np

import theon
from theon import InputError, InputTypeError

from .case import case, counting


@case(InputError, ValueError)
def a_wrong_rank() -> object:
    """f: input x is float32[?, ?], received shape (3,)
      <!>
    input  x : float32[?, ?]   made at <x>
    hint: reshape the value, or declare the input with another shape
    """
    x = theon.matrix("x")  # x
    f = counting([x], x.sum())
    return f(np.zeros(3, np.float32))  # !


@case(InputError, ValueError)
def a_wrong_size() -> object:
    """f: input x is float32[batch, 3], received shape (2, 4)
      <!>
    input  x : float32[batch, 3]   made at <x>
    hint: reshape the value, or declare the input with another shape
    """
    x = theon.tensor("x", shape=("batch", 3))  # x
    f = counting([x], x.sum())
    return f(np.zeros((2, 4), np.float32))  # !


@case(InputTypeError, TypeError)
def a_wrong_dtype() -> object:
    """f: input x is float32[?], received complex64[3]
      <!>
    input  x : float32[?]   made at <x>
    hint: pass value.astype('float32'), or allow_input_downcast=True
    """
    x = theon.vector("x")  # x
    f = counting([x], x.sum())
    return f(np.zeros(3, np.complex64))  # !


@case(InputTypeError, TypeError)
def doubles_for_singles() -> object:
    """f: input x is float32[?], received float64[3]
      <!>
    input  x : float32[?]   made at <x>
    hint: pass value.astype('float32'), or allow_input_downcast=True
    """
    x = theon.vector("x")  # x
    f = counting([x], x.sum())
    return f(np.zeros(3))  # !


@case(InputTypeError, TypeError)
def device_floats_for_ints() -> object:
    """f: input i is int32[?], received float32[3]
      <!>
    input  i : int32[?]   made at <i>
    hint: pass value.astype('int32'), or allow_input_downcast=True
    """
    i = theon.ivector("i")  # i
    f = counting([i], i.sum())
    return f(jax.numpy.zeros(3))  # !


@case(InputTypeError, ValueError)
def text_for_an_array() -> object:
    """f: input x is float32[?], received str
      <!>
    input  x : float32[?]   made at <x>
    received: 'zeros'
    hint: pass a number, or an array of numbers
    """
    x = theon.vector("x")  # x
    f = counting([x], x.sum())
    return f("zeros")  # !


@case(InputTypeError, ValueError)
def texts_for_an_array() -> object:
    """f: input x is float32[?], received list
      <!>
    input  x : float32[?]   made at <x>
    received: ['1', '2']
    hint: pass numbers in rows of one length, or an array
    """
    x = theon.vector("x")  # x
    f = counting([x], x.sum())
    return f(["1", "2"])  # !


@case(InputTypeError, ValueError)
def rows_of_two_lengths() -> object:
    """f: input x is float32[?, ?], received list
      <!>
    input  x : float32[?, ?]   made at <x>
    received: [[1.0], [2.0, 3.0]]
    hint: pass numbers in rows of one length, or an array
    """
    x = theon.matrix("x")  # x
    f = counting([x], x.sum())
    return f([[1.0], [2.0, 3.0]])  # !


@case(InputTypeError, ValueError)
def none_for_a_number() -> object:
    """f: input x is float32[], received NoneType
      <!>
    input  x : float32[]   made at <x>
    received: None
    hint: pass a number, or an array of numbers
    """
    x = theon.scalar("x")  # x
    f = counting([x], x * 2.0)
    return f(None)  # !


@case(InputTypeError, TypeError)
def a_node_for_a_number() -> object:
    """f: input x is float32[], received Node
      <!>
    input  x : float32[]   made at <x>
    received: <x : float32[]>
    hint: compute that node first, with .eval(), or declare it as an output
    """
    x = theon.scalar("x")  # x
    f = counting([x], x * 2.0)
    return f(x)  # !


@case(InputTypeError, TypeError)
def a_number_too_large_for_its_dtype() -> object:
    """f: input i is int8[], received 300
      <!>
    input  i : int8[]   made at <i>
    hint: pass numbers that int8 holds, or allow_input_downcast=True
    """
    i = theon.tensor("i", dtype="int8")  # i
    f = counting([i], i + 1)
    return f(300)  # !


@case(InputTypeError, TypeError)
def a_float_too_large_for_its_dtype() -> object:
    """f: input x is float32[?], received [1.0, 1e+300]
      <!>
    input  x : float32[?]   made at <x>
    hint: pass numbers that float32 holds, or allow_input_downcast=True
    """
    x = theon.vector("x")  # x
    f = counting([x], x.sum())
    return f([1.0, 1e300])  # !


@case(InputTypeError, TypeError)
def a_fraction_for_an_int() -> object:
    """f: input i is int32[], received 1.5
      <!>
    input  i : int32[]   made at <i>
    hint: pass numbers that int32 holds, or allow_input_downcast=True
    """
    i = theon.iscalar("i")  # i
    f = counting([i], i + 1)
    return f(1.5)  # !


@case(InputTypeError, TypeError)
def a_call_inside_jit() -> object:
    """f: input x is float32[?], received what JAX is tracing
      <!>
    input  x : float32[?]   made at <x>
    hint: call it outside jax.jit and jax.grad: a compiled function takes values
    """
    x = theon.vector("x")  # x
    f = counting([x], x.sum())
    return jax.jit(lambda v: f(v))(np.zeros(3, np.float32))  # !


@case(InputError, ValueError)
def two_sizes_of_one_name() -> object:
    """f: the size of batch is 2 in x and 3 in y
      <!>
    input  x : float32[batch, 2]   made at <x>
    input  y : float32[batch]   made at <y>
    received: x of shape (2, 2), y of shape (3,)
    hint: one name is one size: pass values that agree, or declare the dims under two names
    """
    x = theon.tensor("x", shape=("batch", 2))  # x
    y = theon.tensor("y", shape=("batch",))  # y
    f = counting([x, y], x.sum() + y.sum())
    return f(np.zeros((2, 2), np.float32), np.zeros(3, np.float32))  # !


@case(InputError, ValueError)
def two_sizes_of_one_name_in_one_input() -> object:
    """f: the size of n is 2 and 3
      <!>
    input  x : float32[n, n]   made at <x>
    received: x of shape (2, 3)
    hint: one name is one size: pass values that agree, or declare the dims under two names
    """
    x = theon.tensor("x", shape=("n", "n"))  # x
    f = counting([x], x.sum())
    return f(np.zeros((2, 3), np.float32))  # !


@case(InputError, ValueError)
def a_missing_input() -> object:
    """f: no value for y
      <!>
    hint: its inputs are, in this order: x, y
    """
    x, y = theon.vector("x"), theon.vector("y")
    f = counting([x, y], x.sum() + y.sum())
    return f([1.0])  # !


@case(InputError, ValueError)
def an_input_given_twice() -> object:
    """f: input x is given twice
      <!>
    hint: its inputs are, in this order: x, y
    """
    x, y = theon.vector("x"), theon.vector("y")
    f = counting([x, y], x.sum() + y.sum())
    return f([1.0], x=[1.0])  # !


@case(InputError, ValueError)
def an_unknown_keyword() -> object:
    """f: no input is named z
      <!>
    hint: its inputs are, in this order: x
    """
    x = theon.vector("x")
    f = counting([x], x.sum())
    return f(z=[1.0])  # !


@case(InputError, ValueError)
def a_keyword_of_two_inputs() -> object:
    """f: several inputs are named x
      <!>
    hint: its inputs are, in this order: x, x
    """
    x, y = theon.scalar("x"), theon.scalar("x")
    f = counting([x, y], x - y)
    return f(x=1.0)  # !


@case(InputError, ValueError)
def one_value_too_many() -> object:
    """f: takes 1 input, received 2
      <!>
    hint: its inputs are, in this order: x
    """
    x = theon.vector("x")
    f = counting([x], x.sum())
    return f([1.0], [2.0])  # !


@case(InputError, ValueError)
def a_deleted_array() -> object:
    """f: the array for input x has been deleted
      <!>
    input  x : float32[3]   made at <x>
    hint: pass an array that has not been donated to another JAX function
    """
    x = theon.vector("x")  # x
    f = counting([x], x.sum())
    array = jax.numpy.zeros(3)
    array.delete()
    return f(array)  # !
