"""Loops whose step does not fit, and mistakes inside a step."""

from typing import Any

import theon
from theon import ArgumentError, DTypeError, Node, ShapeError, StateError

from .case import case


@case(DTypeError, TypeError)
def a_carry_that_changes_its_dtype() -> object:
    """scan: carry 0 changes dtype from int32 to float32
      <!>
    init   start : int32[]   made at <start>
    carry  add : float32[]   made at <!>
    hint: start from a float32 value, or cast the new carry with .astype('int32')
    """
    xs = theon.vector("xs")
    start = theon.constant(0, name="start")  # start
    return theon.scan(lambda carry, x: (carry + x, None), start, xs)  # !


@case(ShapeError, ValueError)
def a_carry_that_changes_its_shape() -> object:
    """scan: carry 0 changes shape from float32[] to float32[2]
      <!>
    init   start : float32[]   made at <start>
    carry  concat : float32[2]   made at <step>
    hint: start from a value of the final shape
    """

    def step(carry: Node, x: Node) -> Any:
        return theon.stack([carry, x]), None  # step

    xs = theon.vector("xs")
    start = theon.constant(0.0, name="start")  # start
    return theon.scan(step, start, xs)  # !


@case(ArgumentError, ValueError)
def a_step_that_returns_the_carry_alone() -> object:
    """scan: step must return (carry, y), or (carry, y, updates)
      <!>
    received: <add : float32[]>
    hint: return (carry, None) where nothing is stacked
    """
    xs = theon.vector("xs")
    return theon.scan(lambda carry, x: carry + x, 0.0, xs)  # !


@case(ArgumentError, ValueError)
def a_step_that_returns_another_nest() -> object:
    """scan: the carry that step returns is nested differently than before
      <!>
    received: (*, *)
    hint: return the same nest, with a node for each *: *
    """
    xs = theon.vector("xs")
    return theon.scan(lambda carry, x: ((carry, x), None), 0.0, xs)  # !


@case(ArgumentError, ValueError)
def a_step_that_returns_text() -> object:
    """cannot make a constant of str
      <!>
    received: 'done'
    hint: give numbers, or an array of numbers
    """
    xs = theon.vector("xs")
    return theon.scan(lambda carry, x: ("done", None), 0.0, xs)  # !


@case(ArgumentError, ValueError)
def a_step_whose_updates_are_a_list() -> object:
    """scan: the updates that step returns are a dict
      <!>
    received: [<n : int32[]>]
    hint: return {shared variable: new value}
    """
    n = theon.shared(0, name="n")
    return theon.scan(lambda carry, x: (carry, x, [n]), 0.0, theon.vector("xs"))  # !


@case(StateError, RuntimeError)
def a_step_that_updates_an_input() -> object:
    """scan: updates: not a shared variable
      <!>
    node  y : float32[]   made at <y>
    hint: make one with theon.shared(value, name=...)
    """
    y = theon.scalar("y")  # y
    return theon.scan(lambda carry, x: (carry, x, {y: x}), 0.0, theon.vector("xs"))  # !


@case(DTypeError, TypeError)
def a_step_that_changes_a_state() -> object:
    """scan: the update of n changes its type
      <!>
    state   n : int32[]   made at <n>
    update  add : float32[]   made at <!>
    hint: bring it to int32[]
    """
    n = theon.shared(0, name="n")  # n
    xs = theon.vector("xs")
    return theon.scan(lambda carry, x: (carry, x, {n: n + x}), 0.0, xs)  # !


@case(ArgumentError, ValueError)
def a_loop_over_nothing() -> object:
    """scan: there is nothing to loop over
      <!>
    received: xs=None, and no length
    hint: give xs, or a number of steps with length=
    """
    return theon.scan(lambda carry, x: (carry, None), 0.0)  # !


@case(ShapeError, ValueError)
def a_scan_over_a_scalar() -> object:
    """scan: a sequence needs a leading axis to loop over
      <!>
    xs  s : float32[]   made at <s>
    hint: give a vector or more, or use the scalar inside step as it is
    """
    s = theon.scalar("s")  # s
    return theon.scan(lambda carry, x: (carry, None), 0.0, s)  # !


@case(ShapeError, ValueError)
def sequences_of_different_lengths() -> object:
    """scan: lengths differ (2 and 3)
      <!>
    input 0  start : float32[]   made at <start>
    input 1  a : float32[2]   made at <a>
    input 2  b : float32[3]   made at <b>
    hint: give sequences of one length
    """
    a = theon.tensor("a", shape=(2,))  # a
    b = theon.tensor("b", shape=(3,))  # b
    start = theon.constant(0.0, name="start")  # start
    return theon.scan(lambda carry, x: (carry, None), start, (a, b))  # !


@case(ShapeError, ValueError)
def a_mistake_inside_a_step() -> object:
    """matmul: sums over axes of different lengths (5 and 2)
      <!>
    left   input : float32[5]   made at <scan>
    right  xs : float32[2]   made at <scan>
    hint: axis 0 of the left has length 5, axis 0 of the right 2: transpose or reshape one of them
    """

    def step(carry: Node, x: Node) -> Any:
        return carry @ x, None  # !

    xs = theon.tensor("xs", shape=(3, 2))
    return theon.scan(step, theon.zeros((5,)), xs)  # scan


@case(ShapeError, ValueError)
def a_mistake_inside_a_checkpoint() -> object:
    """sum: axis 1 is out of bounds for 1 dimension
      <!>
    input  x : float32[?]   made at <call>
    hint: use an int from -1 to 0
    """

    def block(v: Node) -> Node:
        return v.sum(axis=1)  # !

    x = theon.vector("x")
    return theon.checkpoint(block)(x)  # call


@case(ShapeError, ValueError)
def a_mistake_inside_a_vectorized_function() -> object:
    """sum: axis 1 is out of bounds for 1 dimension
      <!>
    input  x : float32[?]   made at <call>
    hint: use an int from -1 to 0
    """

    def one(row: Node) -> Node:
        return row.sum(axis=1)  # !

    x = theon.matrix("x")
    return theon.vectorize(one)(x)  # call


@case(ShapeError, ValueError)
def a_mistake_inside_a_step_that_shows_late() -> object:
    """add: axis 0 does not broadcast (2 and 3)
      <!>
    left   input : float32[2]   made at <scan>
    right  multiply : float32[3]   made at <!>
    hint: make the sizes equal or one of them 1: shapes (2,) and (3,)
    """

    def step(carry: Node, x: Node) -> Any:
        return carry + x * z, None  # !

    xs = theon.vector("xs")
    z = theon.vector("z")
    final, _ = theon.scan(step, theon.zeros((2,)), xs)  # scan
    f = theon.function([xs, z], final)
    return f([1.0], [1.0, 2.0, 3.0])


@case(DTypeError, TypeError)
def an_until_of_a_float() -> object:
    """until: the condition is a bool scalar, received float32[]
      <!>
    condition  v : float32[]   made at <scan>
    hint: compare: error < 1e-6
    """

    def step(v: Node) -> Any:
        return v, theon.until(v)  # !

    v = theon.vector("v")
    return theon.scan(step, sequences=v)  # scan


@case(ShapeError, ValueError)
def an_until_of_many_elements() -> object:
    """until: the condition is a bool scalar, received bool[3]
      <!>
    condition  less : bool[3]   made at <!>
    hint: reduce it with theon.any or theon.all
    """

    def step(row: Node) -> Any:
        return row, theon.until(row < 1)  # !

    rows = theon.tensor("rows", shape=(None, 3))
    return theon.scan(step, sequences=rows)


@case(ArgumentError, ValueError)
def an_until_among_the_outputs() -> object:
    """scan: theon.until stands last in what the step returns, behind the outputs and the updates
      <!>
    hint: return [a, b], updates, theon.until(condition)
    """
    v = theon.vector("v")
    return theon.scan(lambda e: ([e, theon.until(e > 1)], {}), sequences=v)  # !


@case(ArgumentError, ValueError)
def an_until_in_a_while_loop() -> object:
    """cannot make a constant of Until
      <!>
    received: until(<greater : bool[]>)
    hint: only the step of a theon.scan ends by theon.until; a while_loop has its condition
    """
    x = theon.scalar("x")
    return theon.while_loop(lambda c: c < 9, lambda c: (c + 1, theon.until(c > 3)), x)  # !


@case(ArgumentError, ValueError)
def an_until_with_a_truncated_gradient() -> object:
    """scan: truncate_gradient counts from a last step that theon.until leaves open
      <!>
    received: truncate_gradient=2
    hint: leave one of them out
    """
    v = theon.vector("v")
    return theon.scan(lambda e: (e, theon.until(e > 1)), sequences=v, truncate_gradient=2)  # !


@case(ArgumentError, ValueError)
def a_loop_whose_name_is_no_text() -> object:
    """scan: a name is text
      <!>
    received: 3
    hint: leave it out
    """
    v = theon.vector("v")
    return theon.scan(lambda e: e, sequences=v, n_steps=2, name=3)  # type: ignore[call-overload]  # !
