"""Evaluations and values of shared variables that do not fit."""

import numpy as np

import theon
from theon import InputError, InputTypeError, StateError, TensorType

from .case import case, counting


@case(InputError, ValueError)
def an_evaluation_without_a_value() -> object:
    """eval: add needs a value for x
      <!>
    needed  x : float32[?]   made at <x>
    hint: write node.eval({x: value})
    """
    x = theon.vector("x")  # x
    return (x + 1.0).eval()  # !


@case(InputTypeError, TypeError)
def an_evaluation_without_a_dict() -> object:
    """eval: values is a dict
      <!>
    received: [1.0]
    hint: write node.eval({input: value})
    """
    x = theon.vector("x")
    return (x + 1.0).eval([1.0])  # !


@case(InputTypeError, TypeError)
def an_evaluation_of_text() -> object:
    """eval: input x is float32[?], received str
      <!>
    input  x : float32[?]   made at <x>
    received: 'ones'
    hint: pass a number, or an array of numbers
    """
    x = theon.vector("x")  # x
    return (x + 1.0).eval({x: "ones"})  # !


@case(InputTypeError, TypeError)
def a_compilation_for_an_unknown_size() -> object:
    """f: input x is float32[?], received TensorType
      <!>
    input  x : float32[?]   made at <x>
    received: TensorType(dtype=dtype('float32'), shape=(None,))
    hint: call compile with arrays, or with types whose sizes are all known
    """
    x = theon.vector("x")  # x
    f = counting([x], x.sum())
    return f.compile(TensorType(np.dtype("float32"), (None,)))  # !


@case(InputError, ValueError)
def a_state_set_to_another_shape() -> None:
    """set_value: state w is float32[2], received shape (1,)
      <!>
    state  w : float32[2]   made at <w>
    hint: reshape the value, or declare the state with another shape
    """
    w = theon.shared([1.0, 2.0], name="w")  # w
    w.set_value([1.0])  # !


@case(InputTypeError, TypeError)
def a_state_set_to_doubles() -> None:
    """set_value: state w is float32[2], received float64[2]
      <!>
    state  w : float32[2]   made at <w>
    hint: pass value.astype('float32')
    """
    w = theon.shared([1.0, 2.0], name="w")  # w
    w.set_value(np.zeros(2))  # !


@case(InputTypeError, TypeError)
def a_state_set_to_text() -> None:
    """set_value: state w is float32[2], received str
      <!>
    state  w : float32[2]   made at <w>
    received: 'zeros'
    hint: pass a number, or an array of numbers
    """
    w = theon.shared([1.0, 2.0], name="w")  # w
    w.set_value("zeros")  # !


@case(StateError, RuntimeError)
def the_value_of_an_input() -> object:
    """get_value: not a shared variable
      <!>
    node  x : float32[?]   made at <x>
    hint: make one with theon.shared(value, name=...)
    """
    x = theon.vector("x")  # x
    return x.get_value()  # !


@case(StateError, RuntimeError)
def an_input_set_to_a_value() -> None:
    """set_value: not a shared variable
      <!>
    node  x : float32[?]   made at <x>
    hint: make one with theon.shared(value, name=...)
    """
    x = theon.vector("x")  # x
    x.set_value([1.0])  # !
