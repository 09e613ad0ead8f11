"""Mistakes in Theano's form of a loop, in what a loop is told, and in associative scans."""

from typing import Any

import theon
from theon import ArgumentError, DisconnectedError, DTypeError, InputError, Node, ShapeError

from .case import case


@case(ArgumentError, ValueError)
def a_loop_in_both_forms() -> object:
    """scan: a step is given once, with arguments of one form
      <!>
    received: step, init, sequences
    hint: give scan(step, init, xs, length=), or scan(fn, sequences=, outputs_info=, non_sequences=, n_steps=)
    """
    xs = theon.vector("xs")
    return theon.scan(lambda carry, x: (carry, x), 0.0, sequences=xs)  # type: ignore[call-overload]  # !


@case(ArgumentError, ValueError)
def a_loop_without_a_step() -> object:
    """scan: a step is given once, with arguments of one form
      <!>
    received: sequences
    hint: give scan(step, init, xs, length=), or scan(fn, sequences=, outputs_info=, non_sequences=, n_steps=)
    """
    return theon.scan(sequences=theon.vector("xs"))  # type: ignore[call-overload]  # !


@case(ArgumentError, ValueError)
def a_truncated_gradient_of_no_step() -> object:
    """scan: truncate_gradient is a number of steps
      <!>
    received: 0
    hint: give the number of steps to differentiate, at least 1, or -1 for all
    """
    xs = theon.vector("xs")
    return theon.scan(lambda carry, x: (carry, x), 0.0, xs, truncate_gradient=0)  # !


@case(ArgumentError, ValueError)
def a_loop_that_takes_half_a_step_a_turn() -> object:
    """scan: unroll is a number of steps
      <!>
    received: 0.5
    hint: give how many steps one turn of the loop takes, at least 1
    """
    xs = theon.vector("xs")
    return theon.scan(lambda carry, x: (carry, x), 0.0, xs, unroll=0.5)  # type: ignore[call-overload]  # !


@case(ArgumentError, ValueError)
def checkpoints_at_a_word() -> object:
    """scan: checkpoint_every is a number of steps
      <!>
    received: 'root'
    hint: give a number of steps, at least 1, "sqrt", or None
    """
    xs = theon.vector("xs")
    return theon.scan(lambda carry, x: (carry, x), 0.0, xs, checkpoint_every="root")  # type: ignore[call-overload]  # !


@case(ArgumentError, ValueError)
def theanos_loop_over_nothing() -> object:
    """scan: there is nothing to loop over
      <!>
    hint: give sequences, or a number of steps with n_steps=
    """
    return theon.scan(lambda h: h, outputs_info=theon.zeros(()))  # !


@case(ArgumentError, ValueError)
def a_tap_between_two_steps() -> object:
    """scan: taps are ints
      <!>
    received: [0, 0.5]
    hint: give a node, or dict(input=node, taps=[-1, 0])
    """
    xs = theon.vector("xs")
    return theon.scan(lambda a, b: a + b, sequences={"input": xs, "taps": [0, 0.5]})  # !


@case(ArgumentError, ValueError)
def a_tap_into_the_future() -> object:
    """scan: taps of an output are negative ints: earlier steps
      <!>
    received: [-1, 1]
    hint: give None, a start, or dict(initial=node, taps=[-2, -1])
    """
    start = {"initial": theon.zeros((2,)), "taps": [-1, 1]}
    return theon.scan(lambda a, b: a + b, outputs_info=start, n_steps=3)  # !


@case(ArgumentError, ValueError)
def taps_without_a_start() -> object:
    """scan: outputs_info[0] does not say how the output starts
      <!>
    received: {'taps': [-1]}
    hint: give None, a start, or dict(initial=node, taps=[-2, -1])
    """
    return theon.scan(lambda h: h, outputs_info=[{"taps": [-1]}], n_steps=3)  # !


@case(ShapeError, ValueError)
def too_few_earlier_values() -> object:
    """scan: taps [-3, -1] need 3 earlier values
      <!>
    node  start : float32[2]   made at <start>
    hint: give an array of 3 rows: the outputs before the first, oldest first
    """
    start = theon.tensor("start", shape=(2,))  # start
    return theon.scan(lambda a, b: a + b, outputs_info={"initial": start, "taps": [-3, -1]}, n_steps=3)  # !


@case(ShapeError, ValueError)
def more_steps_than_elements() -> object:
    """scan: 5 elements are too few for 5 steps with taps [-1, 0]
      <!>
    node  xs : float32[5]   made at <xs>
    hint: give a longer sequence, or fewer steps with n_steps=
    """
    xs = theon.tensor("xs", shape=(5,))  # xs
    return theon.scan(lambda a, b: a + b, sequences={"input": xs, "taps": [-1, 0]}, n_steps=5)  # !


@case(ShapeError, ValueError)
def a_sequence_too_short_for_its_taps() -> object:
    """scan: 2 elements are too few for any step with taps [-2, 1]
      <!>
    node  xs : float32[2]   made at <xs>
    hint: give a longer sequence, or fewer steps with n_steps=
    """
    xs = theon.tensor("xs", shape=(2,))  # xs
    return theon.scan(lambda a, b: a + b, sequences={"input": xs, "taps": [-2, 1]})  # !


@case(ShapeError, ValueError)
def more_steps_than_elements_that_shows_late() -> object:
    """scan: lengths differ (5 and 4)
      <!>
    input  xs : float32[4]   made at <!>
    hint: give sequences of one length
    """
    xs = theon.vector("xs")
    ys, _ = theon.scan(lambda x: x, sequences=xs, n_steps=5)  # !
    return ys.eval({xs: [1.0, 2.0, 3.0, 4.0]})


@case(DTypeError, TypeError)
def an_output_that_changes_its_dtype() -> object:
    """scan: output 1 changes dtype from float32 to float64
      <!>
    start   start : float32[]   made at <start>
    output  add : float64[]   made at <step>
    hint: start from a float64 value, or cast the new carry with .astype('float32')
    """

    def step(x: Node, h: Node) -> Any:
        return [x, h + x]  # step

    xs = theon.dvector("xs")
    start = theon.constant(0.0, "float32", name="start")  # start
    return theon.scan(step, sequences=xs, outputs_info=[None, start])  # !


@case(ArgumentError, ValueError)
def fewer_outputs_than_starts() -> object:
    """scan: fn returns 1 outputs for 2 entries of outputs_info
      <!>
    node  add : float32[]   made at <!>
    hint: give one entry for each output, None for one that is not fed back
    """
    xs = theon.vector("xs")
    return theon.scan(lambda x, a, b: a + x, sequences=xs, outputs_info=[0.0, 0.0])  # !


@case(ArgumentError, ValueError)
def a_strict_loop_that_takes_what_it_is_not_given() -> object:
    """scan: strict, and fn uses w, which it is not given
      <!>
    node  w : float32[]   made at <w>
    hint: put it into non_sequences, and take it as an argument of fn
    """
    xs = theon.vector("xs")
    w = theon.scalar("w")  # w
    return theon.scan(lambda x: x * w, sequences=xs, strict=True)  # !


@case(InputError, ValueError)
def a_value_taken_out_of_a_loop() -> object:
    """f: the outputs need xs, which has a value inside a loop (or another body) only
      <!>
    needed  xs : float32[]   made at <scan>
    hint: return what is made of it from the step, and use what comes out of the loop
    """
    inside = []

    def step(carry: Node, x: Node) -> Any:
        inside.append(x * 2)
        return carry + x, None

    xs = theon.vector("xs")
    final, _ = theon.scan(step, 0.0, xs)  # scan
    return theon.function([xs], final + inside[0], name="f")  # !


@case(ArgumentError, ValueError)
def a_fold_without_a_start() -> object:
    """foldl: a value starts from one node
      <!>
    received: [None]
    hint: give the start of each value that fn returns
    """
    return theon.foldl(lambda x, h: x + h, theon.vector("xs"), None)  # !


@case(ShapeError, ValueError)
def pairs_that_grow() -> object:
    """associative_scan: element 0 changes shape from float32[2] to float32[4]
      <!>
    element   a : float32[2]   made at <!>
    combined  concat : float32[4]   made at <!>
    hint: fn gives a value of the type of its arguments
    """
    a = theon.tensor("a", shape=(3, 2))  # a
    return theon.associative_scan(lambda p, q: theon.concat([p, q]), a)  # !


@case(ShapeError, ValueError)
def arrays_of_different_lengths() -> object:
    """associative_scan: lengths differ (2 and 3)
      <!>
    left   a : float32[2]   made at <a>
    right  b : float32[3]   made at <b>
    hint: give arrays of one length
    """
    a = theon.tensor("a", shape=(2,))  # a
    b = theon.tensor("b", shape=(3,))  # b
    return theon.associative_scan(lambda p, q: (p[0] + q[0], p[1] + q[1]), (a, b))  # !


@case(ArgumentError, ValueError)
def a_loop_of_half_a_step() -> object:
    """scan: length is an int, received 2.5
      <!>
    hint: use an int, or an int node
    """
    return theon.scan(lambda carry, _: (carry, carry), 0.0, length=2.5)  # type: ignore[call-overload]  # !


@case(ArgumentError, ValueError)
def a_loop_of_fewer_than_no_steps() -> object:
    """scan: the number of steps is -1
      <!>
    input  start : float32[]   made at <start>
    hint: give a number of at least 0
    """
    start = theon.scalar("start")  # start
    return theon.scan(lambda carry, _: (carry, carry), start, length=-1)  # !


@case(ArgumentError, ValueError)
def a_sequence_shorter_than_its_taps_when_called() -> object:
    """scan: the number of steps is -1
      <!>
    left   xs : float32[0]   made at <!>
    right  xs : float32[0]   made at <!>
    hint: give a number of at least 0
    """
    xs = theon.vector("xs")
    ys, _ = theon.scan(lambda a, b: a + b, sequences={"input": xs, "taps": [-3, 0]})  # !
    return theon.function([xs], ys)([1.0, 2.0])


@case(ArgumentError, ValueError)
def half_a_step_in_the_other_form() -> object:
    """scan: n_steps is an int, received 2.5
      <!>
    hint: use an int, or an int node
    """
    xs = theon.vector("xs")
    return theon.scan(lambda x: x, sequences=xs, n_steps=2.5)  # type: ignore[call-overload]  # !


@case(DisconnectedError, ValueError)
def a_derivative_by_what_a_loop_does_not_use() -> object:
    """grad: the cost does not depend on xs differentiably
      <!>
    cost        pick : float32[]   made at <loop>
    wrt         xs : float32[?]   made at <xs>
    stopped by  scan : (float32[], bool[?])   made at <loop>
    hint: leave that wrt out, or disconnected_inputs='zero'
    """
    xs = theon.vector("xs")  # xs
    final, _ = theon.scan(lambda carry, x: (carry * 2, x > 0), 1.0, xs)  # loop
    return theon.grad(final, xs)  # !
