"""Gradients that do not exist."""

from typing import Any

import theon
from theon import ArgumentError, DisconnectedError, GradientError, Node

from .case import case


@case(DisconnectedError, ValueError)
def a_cost_without_the_wrt() -> Node:
    """grad: the cost does not depend on y
      <!>
    cost  sum : float32[]   made at <cost>
    wrt   y : float32[?]   made at <y>
    hint: use the node that the cost was built from, or disconnected_inputs='zero'
    """
    x = theon.vector("x")
    y = theon.vector("y")  # y
    cost = x.sum()  # cost
    return theon.grad(cost, y)  # !


@case(DisconnectedError, ValueError)
def a_cost_of_the_order_alone() -> Node:
    """grad: the cost does not depend on x differentiably
      <!>
    cost        multiply : float32[]   made at <cost>
    wrt         x : float32[?]   made at <x>
    stopped by  argmax : int32[]   made at <order>
    hint: leave that wrt out, or disconnected_inputs='zero'
    """
    x = theon.vector("x")  # x
    order = theon.argmax(x)  # order
    cost = order.astype("float32") * 2.0  # cost
    return theon.grad(cost, x)  # !


@case(GradientError, ValueError)
def a_cost_that_is_a_vector() -> Node:
    """grad: the cost must be a scalar
      <!>
    cost  multiply : float32[?]   made at <y>
    hint: reduce it with .sum() or .mean(), or give known_grads={cost: cotangent}
    """
    x = theon.vector("x")
    y = x * 2.0  # y
    return theon.grad(y, x)  # !


@case(GradientError, ValueError)
def a_cost_that_is_int() -> Node:
    """grad: the cost must be a real float
      <!>
    cost  sum : int32[]   made at <count>
    hint: take theon.real or theon.abs of a complex cost; ints have no gradient
    """
    x = theon.vector("x")
    count = (x > 0).sum(dtype="int32")  # count
    return theon.grad(count, x)  # !


@case(GradientError, ValueError)
def a_cost_that_is_a_number() -> object:
    """grad: the cost must be a node
      <!>
    received: 3.0
    hint: build it from declared variables with theon's functions
    """
    x = theon.vector("x")
    cost: Any = 3.0
    return theon.grad(cost, x)  # !


@case(GradientError, ValueError)
def a_wrt_that_is_int() -> Node:
    """grad: cannot differentiate by i, which is not float
      <!>
    wrt  i : int32[?]   made at <i>
    hint: declare it float32, or cast it with .astype before it is used
    """
    i = theon.ivector("i")  # i
    return theon.grad((i * 0.5).sum(), i)  # !


@case(GradientError, ValueError)
def a_wrt_that_is_a_name() -> object:
    """grad: wrt must be a node or a list of nodes
      <!>
    received: 'x'
    hint: give the input or the shared variable itself
    """
    x = theon.vector("x")
    wrt: Any = "x"
    return theon.grad(x.sum(), wrt)  # !


@case(GradientError, ValueError)
def nothing_to_differentiate() -> Node:
    """grad: there is nothing to differentiate
      <!>
    hint: give a cost, or known_grads={node: its gradient}
    """
    x = theon.vector("x")
    return theon.grad(None, x)  # !


@case(GradientError, ValueError)
def a_known_gradient_of_another_shape() -> Node:
    """grad: a known gradient has another shape than its node
      <!>
    node      multiply : float32[?]   made at <y>
    gradient  const : float32[]   made at <!>
    hint: give one of shape float32[?]
    """
    x = theon.vector("x")
    y = x * 2.0  # y
    return theon.grad(None, x, known_grads={y: 1.0})  # !


@case(ArgumentError, ValueError)
def an_unknown_way_with_disconnected_inputs() -> Node:
    """grad: disconnected_inputs is 'raise', 'warn', 'zero' or 'none'
      <!>
    received: 'maybe'
    hint: leave it out to raise
    """
    x = theon.vector("x")
    way: Any = "maybe"
    return theon.grad(x.sum(), x, disconnected_inputs=way)  # !


@case(ArgumentError, ValueError)
def a_constant_that_is_not_in_a_list() -> Node:
    """grad: consider_constant is a list of nodes
      <!>
    received: <h : float32[?]>
    hint: give [h]
    """
    x = theon.vector("x")
    h: Any = theon.vector("h")
    return theon.grad((h * x).sum(), x, consider_constant=h)  # !


@case(ArgumentError, ValueError)
def a_constant_that_is_a_name() -> Node:
    """grad: consider_constant is a list of nodes
      <!>
    received: 'h'
    hint: leave out what is no node
    """
    x = theon.vector("x")
    fixed: Any = ["h"]
    return theon.grad(x.sum(), x, consider_constant=fixed)  # !


@case(ArgumentError, ValueError)
def known_gradients_in_a_list() -> Node:
    """grad: known_grads is a dict
      <!>
    received: [1.0]
    hint: give known_grads={node: its gradient}
    """
    x = theon.vector("x")
    known: Any = [1.0]
    return theon.grad(None, x, known_grads=known)  # !
