"""Branches that do not fit each other, loops that cannot go on, and functions whose own gradient does not fit."""

from typing import Any

import theon
from theon import ArgumentError, DTypeError, GradientError, InputError, Node, ShapeError

from .case import case


@case(DTypeError, TypeError)
def branches_of_different_dtypes() -> object:
    """cond: the branches give float32[?] and int32[?] as result 0
      <!>
    true_fn   multiply : float32[?]   made at <!>
    false_fn  n : int32[?]   made at <n>
    hint: bring them to one dtype with .astype
    """
    x = theon.vector("x")  # x
    n = theon.ivector("n")  # n
    return theon.cond(theon.sum(x) > 0, lambda: x * 2, lambda: n)  # !


@case(ShapeError, ValueError)
def branches_of_different_shapes() -> object:
    """cond: the branches give float32[] and float32[2] as result 0
      <!>
    true_fn   multiply : float32[]   made at <!>
    false_fn  concat : float32[2]   made at <stack>
    hint: give one shape: branches do not broadcast
    """

    def negative(v: Node) -> Node:
        return theon.stack([v, v])  # stack

    x = theon.scalar("x")
    return theon.cond(x > 0, lambda v: v * 2, negative, x)  # !


@case(ShapeError, ValueError)
def branches_whose_sizes_differ_late() -> object:
    """switch: the branches give float32[1] and float32[2] as result 0
      <!>
    input 0  cast : int32[]   made at <!>
    input 1  x : float32[1]   made at <xy>
    input 2  y : float32[2]   made at <xy>
    hint: the first is made at <!>, the other at <!>
    """
    x, y = theon.vector("x"), theon.vector("y")  # xy
    z = theon.cond(theon.sum(x) > 0, lambda: x, lambda: y)  # !
    return theon.function([x, y], z)([1.0], [1.0, 2.0])


@case(ArgumentError, ValueError)
def branches_of_different_nests() -> object:
    """cond: true_fn and false_fn return different nests
      <!>
    received: (*, *) and *
    hint: return the same nest from every branch, with a node for each *
    """
    x = theon.scalar("x")
    return theon.cond(x > 0, lambda: (x, x), lambda: x)  # !


@case(DTypeError, TypeError)
def a_condition_that_is_no_bool() -> object:
    """cond: the condition is a bool, received float32[]
      <!>
    pred  x : float32[]   made at <x>
    hint: compare: x > 0
    """
    x = theon.scalar("x")  # x
    return theon.cond(x, lambda: x, lambda: -x)  # !


@case(ShapeError, ValueError)
def a_condition_of_many_elements() -> object:
    """cond: the condition is a scalar, received bool[?]
      <!>
    pred  greater : bool[?]   made at <!>
    hint: theon.where chooses element by element; or reduce it with theon.all
    """
    x = theon.vector("x")
    return theon.cond(x > 0, lambda: x, lambda: -x)  # !


@case(GradientError, ValueError)
def a_gradient_of_what_was_derived_forwards() -> object:
    """grad: the derivative by x passes one in forward mode
      <!>
    wrt     x : float32[]   made at <x>
    passes  pushforward : (float32[])   made at <loop>
    hint: give the loop in it max_steps=, the most steps that it may take
    """
    x = theon.scalar("x")  # x
    slope = theon.jvp(theon.while_loop(lambda c: c < 9, lambda c: c * 2, x), x, 1.0)  # loop
    return theon.grad(slope, x)  # !


@case(ArgumentError, ValueError)
def a_branch_that_is_a_node() -> object:
    """cond: true_fn is no function
      <!>
    received: <sin : float32[]>
    hint: write lambda: ..., so that what it makes runs only where it is taken; theon.ifelse takes nodes
    """
    x = theon.scalar("x")
    branches: Any = theon.sin(x), theon.cos(x)
    return theon.cond(x > 0, *branches)  # !


@case(ArgumentError, ValueError)
def a_branch_that_updates_a_state() -> object:
    """cond: a shared variable that is updated inside would have no new value where another branch runs
      <!>
    scan  scan : (float32[], float32[])   made at <scan>
    hint: carry it as a value, and update the shared variable outside
    """
    n = theon.shared(0.0, name="n")

    def counting(v: Node) -> Any:
        return theon.scan(lambda c, e: (c + e, None, {n: n + 1}), 0.0, v)[0]  # scan

    x = theon.vector("x")
    return theon.cond(theon.sum(x) > 0, counting, lambda v: 0.0, x)  # !


@case(DTypeError, TypeError)
def an_index_that_is_a_float() -> object:
    """switch_case: the index is an int scalar
      <!>
    index  x : float32[]   made at <x>
    hint: theon.cond takes a bool; theon.where chooses element by element
    """
    x = theon.scalar("x")  # x
    return theon.switch_case(x, [lambda: x, lambda: -x])  # !


@case(ArgumentError, ValueError)
def a_switch_without_branches() -> object:
    """switch_case: the branches are a list of functions
      <!>
    received: []
    hint: give at least one: [lambda x: x, theon.sin]
    """
    return theon.switch_case(theon.iscalar("i"), [])  # !


@case(ShapeError, ValueError)
def a_mistake_inside_a_branch() -> object:
    """sum: axis 1 is out of bounds for 1 dimension
      <!>
    input  x : float32[?]   made at <call>
    hint: use an int from -1 to 0
    """

    def positive(v: Node) -> Node:
        return v.sum(axis=1)  # !

    x = theon.vector("x")
    return theon.cond(theon.sum(x) > 0, positive, theon.sum, x)  # call


@case(ArgumentError, ValueError)
def an_effect_in_a_branch_over_examples() -> object:
    """cond: a branch with a print or a check cannot be vectorized: every example runs it
      <!>
    effect  print : float32[]   made at <!>
    hint: take it out, or choose by what all examples share
    """
    xs = theon.vector("xs")
    ys = theon.vectorize(lambda x: theon.cond(x > 0, lambda: theon.print(x), lambda: 0.0))(xs)  # !
    return theon.function([xs], ys)([1.0])


@case(DTypeError, TypeError)
def a_while_carry_that_changes_its_dtype() -> object:
    """while_loop: carry 0 changes dtype from int32 to float32
      <!>
    init   start : int32[]   made at <start>
    carry  add : float32[]   made at <!>
    hint: start from a float32 value, or cast the new carry with .astype('int32')
    """
    x = theon.scalar("x")
    start = theon.constant(0, name="start")  # start
    return theon.while_loop(lambda c: c < 9, lambda c: c + x, start)  # !


@case(ShapeError, ValueError)
def a_while_carry_that_changes_its_shape() -> object:
    """while_loop: carry 0 changes shape from float32[] to float32[2]
      <!>
    init   x : float32[]   made at <x>
    carry  concat : float32[2]   made at <step>
    hint: start from a value of the final shape
    """

    def step(c: Node) -> Node:
        return theon.stack([c, c])  # step

    x = theon.scalar("x")  # x
    return theon.while_loop(lambda c: theon.sum(c) < 9, step, x)  # !


@case(ArgumentError, ValueError)
def a_while_carry_of_another_nest() -> object:
    """while_loop: the carry that body_fn returns is nested differently than before
      <!>
    received: (*, *)
    hint: return the same nest, with a node for each *: *
    """
    x = theon.scalar("x")
    return theon.while_loop(lambda c: c < 9, lambda c: (c, c), x)  # !


@case(DTypeError, TypeError)
def a_while_condition_that_is_no_bool() -> object:
    """while_loop: cond_fn must give a bool scalar, and gives float32[]
      <!>
    condition  subtract : float32[]   made at <!>
    hint: compare: carry > 0
    """
    x = theon.scalar("x")
    return theon.while_loop(lambda c: c - 1, lambda c: c - 1, x)  # !


@case(GradientError, ValueError)
def a_gradient_of_a_loop_without_bound() -> object:
    """grad: the derivative by x passes a while_loop without max_steps
      <!>
    wrt     x : float32[]   made at <x>
    passes  while : (float32[])   made at <loop>
    hint: give it max_steps=, the most steps that it may take, or cut with theon.stop_gradient
    """
    x = theon.scalar("x")  # x
    y = theon.while_loop(lambda c: c < 9, lambda c: c * 2, x)  # loop
    return theon.grad(y, x)  # !


@case(GradientError, ValueError)
def a_product_with_a_loop_without_bound_inside() -> object:
    """Lop: the derivative by w passes a while_loop without max_steps
      <!>
    wrt     w : float32[]   made at <w>
    passes  while : (float32[])   made at <loop>
    hint: give it max_steps=, the most steps that it may take, or cut with theon.stop_gradient
    """

    def root(v: Node) -> Any:
        return theon.while_loop(lambda c: c < v, lambda c: c * w, w)  # loop

    xs, w = theon.vector("xs"), theon.scalar("w")  # w
    roots, _ = theon.map(lambda x: theon.cond(x > 0, lambda: root(x), lambda: x), xs)
    return theon.Lop(roots, w, xs)  # !


@case(ArgumentError, ValueError)
def a_bound_that_is_no_int() -> object:
    """while_loop: max_steps is an int from 0 to 2147483647, or None
      <!>
    received: 2.5
    hint: give the most steps that the loop may take
    """
    x = theon.scalar("x")
    return theon.while_loop(lambda c: c < 9, lambda c: c * 2, x, max_steps=2.5)  # type: ignore[arg-type]  # !


@case(InputError, ValueError)
def a_subgraph_that_uses_what_it_does_not_list() -> object:
    """subgraph: the outputs use y, which is not among the inputs
      <!>
    used  y : float32[]   made at <y>
    hint: list it too; shared variables and constants need not be listed
    """
    x = theon.scalar("x")
    y = theon.scalar("y")  # y
    return theon.subgraph([x], x * y)  # !


@case(InputError, ValueError)
def a_subgraph_of_an_expression() -> object:
    """subgraph: the inputs are a list of declared variables
      <!>
    given  sin : float32[]   made at <h>
    hint: give [x, y], declared by theon.vector(), theon.tensor(), ...
    """
    x = theon.scalar("x")
    h = theon.sin(x)  # h
    return theon.subgraph([h], h * 2)  # !


@case(DTypeError, TypeError)
def a_subgraph_called_with_another_dtype() -> object:
    """square: takes float32[] as x
      <!>
    declared  x : float32[]   made at <x>
    given     n : int32[]   made at <n>
    hint: bring it to float32[]
    """
    x = theon.scalar("x")  # x
    square = theon.subgraph([x], x * x, name="square")
    n = theon.iscalar("n")  # n
    return square(n)  # !


@case(ArgumentError, ValueError)
def a_subgraph_called_with_too_little() -> object:
    """subgraph: takes 2 arguments
      <!>
    received: 1
    hint: give one for each input: x, y
    """
    x, y = theon.scalar("x"), theon.scalar("y")
    return theon.subgraph([x, y], x * y)(x)  # !


@case(ArgumentError, ValueError)
def a_custom_gradient_of_what_it_closes_over() -> object:
    """scaled: uses W from outside, of which its own gradient says nothing
      <!>
    used  W : float32[]   made at <W>
    hint: pass it as an argument, or hold it fixed with theon.stop_gradient
    """
    W = theon.shared(2.0, name="W")  # W

    @theon.custom_gradient
    def scaled(v: Node) -> Any:
        return v * W, lambda g: g

    return scaled(theon.scalar("x"))  # !


@case(ShapeError, ValueError)
def a_custom_gradient_of_another_shape() -> object:
    """custom_gradient: a gradient has another type than what it belongs to
      <!>
    argument  x : float32[?]   made at <!>
    gradient  input : float32[]   made at <!>
    hint: bring it to float32[?]
    """
    total = theon.custom_gradient(lambda v: (theon.sum(v), lambda g: g))
    x = theon.vector("x")  # x
    return total(x)  # !


@case(ArgumentError, ValueError)
def a_custom_gradient_without_its_function() -> object:
    """custom_gradient: the function returns its value and the function of its gradient
      <!>
    received: <multiply : float32[]>
    hint: return y, lambda g: g * slope
    """
    x = theon.scalar("x")
    return theon.custom_gradient(lambda v: v * 2)(x)  # !


@case(ArgumentError, ValueError)
def a_custom_gradient_with_too_few() -> object:
    """custom_gradient: there is one gradient for each argument
      <!>
    received: 1 for 2
    hint: give None for an argument without one
    """
    x = theon.scalar("x")
    return theon.custom_gradient(lambda v, s: (v * s, lambda g: g))(x, x)  # !
