"""Functions that cannot be declared: inputs, updates, givens and options that do not fit."""

from typing import Any

import numpy as np

import theon
from theon import ArgumentError, InputError, InputTypeError

from .case import case


@case(InputError, ValueError)
def an_unused_input() -> object:
    """f: input y is not used by any output or update
      <!>
    unused  y : float32[?]   made at <y>
    hint: leave it out, or pass on_unused_input='ignore'
    """
    x = theon.vector("x")
    y = theon.vector("y")  # y
    return theon.function([x, y], x.sum(), name="f")  # !


@case(InputError, ValueError)
def a_forgotten_input() -> object:
    """f: the outputs need y, which is not among the inputs
      <!>
    needed  y : float32[?]   made at <y>
    hint: add y to the inputs, or give it a value with givens=
    """
    x = theon.vector("x")
    y = theon.vector("y")  # y
    return theon.function([x], (x * y).sum(), name="f")  # !


@case(InputError, ValueError)
def an_input_listed_twice() -> object:
    """f: input x is listed twice
      <!>
    input  x : float32[?]   made at <x>
    hint: list it once
    """
    x = theon.vector("x")  # x
    return theon.function([x, x], x.sum(), name="f")  # !


@case(InputError, ValueError)
def a_state_as_an_input() -> object:
    """f: an input must be a declared variable
      <!>
    given  w : float32[]   made at <w>
    hint: a shared variable keeps its value, and is no input: leave it out
    """
    w = theon.shared(1.0, name="w")  # w
    return theon.function([w], w * 2.0, name="f")  # !


@case(InputError, ValueError)
def an_expression_as_an_input() -> object:
    """f: an input must be a declared variable
      <!>
    given  add : float32[?]   made at <y>
    hint: replace an expression with givens={node: input}
    """
    x = theon.vector("x")
    y = x + 1.0  # y
    return theon.function([y], y * 2.0, name="f")  # !


@case(InputError, ValueError)
def a_number_as_an_input() -> object:
    """f: an input must be a declared variable
      <!>
    received: 3
    hint: give a variable declared by theon.vector(), theon.tensor(), ...
    """
    wrong: Any = [3]
    return theon.function(wrong, [], name="f")  # !


@case(InputTypeError, TypeError)
def an_input_without_its_list() -> object:
    """f: inputs must be a list
      <!>
    received: <x : float32[?]>
    hint: give a list, of one input too: [x]
    """
    x: Any = theon.vector("x")
    return theon.function(x, x.sum(), name="f")  # !


@case(ArgumentError, ValueError)
def an_output_that_is_text() -> object:
    """cannot make a constant of str
      <!>
    received: 'loss'
    hint: give numbers, or an array of numbers
    """
    wrong: Any = "loss"
    return theon.function([], wrong)  # !


@case(ArgumentError, ValueError)
def an_update_of_an_input() -> object:
    """f: only shared variables can be updated
      <!>
    given  x : float32[?]   made at <x>
    hint: make it with theon.shared(value, name=...)
    """
    x = theon.vector("x")  # x
    return theon.function([x], [], updates={x: x + 1.0}, name="f")  # !


@case(InputError, ValueError)
def an_update_of_another_shape() -> object:
    """f: the update of w has another type
      <!>
    old  w : float32[2]   made at <w>
    new  sum : float32[]   made at <new>
    hint: bring it to float32[2]
    """
    w = theon.shared([1.0, 2.0], name="w")  # w
    new = w.sum()  # new
    return theon.function([], [], updates={w: new}, name="f")  # !


@case(InputError, ValueError)
def an_update_of_another_dtype() -> object:
    """f: the update of w has another type
      <!>
    old  w : float32[]   made at <w>
    new  cast : float64[]   made at <new>
    hint: bring it to float32[] with .astype('float32')
    """
    w = theon.shared(1.0, name="w")  # w
    new = w.astype("float64")  # new
    return theon.function([], [], updates={w: new}, name="f")  # !


@case(ArgumentError, ValueError)
def two_updates_of_one_state() -> object:
    """updates: w is given twice
      <!>
    node  w : float32[]   made at <w>
    hint: give it one value
    """
    w = theon.shared(1.0, name="w")  # w
    return theon.function([], [], updates=[(w, w + 1.0), (w, w + 2.0)], name="f")  # !


@case(ArgumentError, ValueError)
def updates_that_are_no_pairs() -> object:
    """updates: not a node and its value
      <!>
    received: <w : float32[]>
    hint: give a dict {node: value}, or a list of pairs [(node, value)]
    """
    w = theon.shared(1.0, name="w")
    wrong: Any = [w, w + 1.0]
    return theon.function([], [], updates=wrong, name="f")  # !


@case(ArgumentError, ValueError)
def updates_that_are_a_node() -> object:
    """updates: not a node and its value
      <!>
    received: <w : float32[]>
    hint: give a dict {node: value}, or a list of pairs [(node, value)]
    """
    wrong: Any = theon.shared(1.0, name="w")
    return theon.function([], [], updates=wrong, name="f")  # !


@case(InputError, ValueError)
def a_given_of_another_rank() -> object:
    """f: what is given for x has another type
      <!>
    old  x : float32[?]   made at <x>
    new  m : float32[?, ?]   made at <m>
    hint: bring it to float32[?]
    """
    x = theon.vector("x")  # x
    m = theon.matrix("m")  # m
    return theon.function([m], x.sum(), givens={x: m}, name="f")  # !


@case(ArgumentError, ValueError)
def a_given_that_is_text() -> object:
    """cannot make a constant of str
      <!>
    received: 'ones'
    hint: give numbers, or an array of numbers
    """
    x = theon.vector("x")
    return theon.function([], x.sum(), givens={x: "ones"}, name="f")  # !


@case(ArgumentError, ValueError)
def an_unknown_way_with_unused_inputs() -> object:
    """f: on_unused_input is 'raise', 'warn' or 'ignore'
      <!>
    received: 'explode'
    hint: leave it out to raise
    """
    x = theon.vector("x")
    way: Any = "explode"
    return theon.function([x], x.sum(), on_unused_input=way, name="f")  # !


@case(ArgumentError, ValueError)
def default_updates_of_an_input() -> object:
    """f: no_default_updates is True, False or a list of shared variables
      <!>
    received: [<x : float32[?]>]
    hint: give [rng.state], or True to leave out every one
    """
    x = theon.vector("x")
    return theon.function([x], x.sum(), no_default_updates=[x], name="f")  # !


@case(ArgumentError, ValueError)
def an_unknown_way_to_downcast() -> object:
    """function: allow_input_downcast is True, False or None
      <!>
    received: 'float32'
    hint: leave it out
    """
    x = theon.vector("x")
    way: Any = "float32"
    return theon.function([x], x.sum(), allow_input_downcast=way)  # !


@case(ArgumentError, ValueError)
def a_name_that_is_a_number() -> object:
    """function: name is a string
      <!>
    received: 3
    hint: for example name="step"
    """
    x = theon.vector("x")
    name: Any = 3
    return theon.function([x], x.sum(), name=name)  # !


@case(ArgumentError, ValueError)
def options_that_are_a_dict() -> object:
    """function: options is a theon.Options
      <!>
    received: {'rewrites': 'none'}
    hint: see theon.Options
    """
    x = theon.vector("x")
    options: Any = {"rewrites": "none"}
    return theon.function([x], x.sum(), options=options)  # !


@case(ArgumentError, ValueError)
def unknown_rewrites() -> object:
    """Options: rewrites has no such value
      <!>
    received: 'all'
    hint: use 'default', 'none' or a tuple of 'recognise', 'stability', 'linear_algebra', 'algebra', 'shapes', \
'decompositions'
    """
    return theon.Options(rewrites="all")  # !


@case(ArgumentError, ValueError)
def a_cache_of_nothing() -> object:
    """Options: cache_size has no such value
      <!>
    received: 0
    hint: use an int of at least 1
    """
    return theon.Options(cache_size=0)  # !


@case(ArgumentError, ValueError)
def progress_after_a_word() -> object:
    """Options: progress has no such value
      <!>
    received: 'never'
    hint: use a number of seconds, or None
    """
    wrong: Any = "never"
    return theon.Options(progress=wrong)  # !


@case(ArgumentError, ValueError)
def something_that_cannot_be_printed() -> object:
    """not a graph that can be shown
      <!>
    received: ndarray array([0., 0., 0.])
    hint: give a node, a list of nodes, a dict of updates {state: node}, a Graph or a compiled function
    """
    return theon.dprint(np.zeros(3))  # !


@case(ArgumentError, ValueError)
def explaining_what_is_no_function() -> object:
    """explain: give what theon.function made
      <!>
    received: 3
    hint: compile it first: theon.function(inputs, outputs)
    """
    return theon.explain(3)  # type: ignore[arg-type]  # !


@case(ArgumentError, ValueError)
def expanding_to_a_stage_that_is_not_there() -> object:
    """expand: there is no such stage
      <!>
    received: 'gradient'
    hint: the stages of this function: specialise, segment, batch, sink, differentiate
    """
    x = theon.tensor("x", shape=(3,))
    f = theon.function([x], theon.exp(x), options=theon.Options(rewrites="none"))
    return theon.expand(f, stage="gradient")  # !


@case(InputError, ValueError)
def expanding_without_shapes() -> object:
    """expand: f was not compiled for any shapes yet
      <!>
    hint: call it first, or pass expand arrays to compile it for
    """
    x = theon.vector("x")
    f = theon.function([x], theon.exp(x), name="f")
    return theon.expand(f)  # !
