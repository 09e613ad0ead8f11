"""Jacobians, products, replacements and checks of derivatives that cannot be had."""

from typing import Any

import numpy as np

import theon
from theon import ArgumentError, DisconnectedError, DTypeError, GradientError, Node, ShapeError

from .case import case


@case(DisconnectedError, ValueError)
def a_jacobian_without_the_wrt() -> object:
    """jacobian: f does not depend on y
      <!>
    f    multiply : float32[?]   made at <f>
    wrt  y : float32[?]   made at <y>
    hint: use the node that f was built from, or disconnected_inputs='zero'
    """
    x = theon.vector("x")
    y = theon.vector("y")  # y
    f = x * 2.0  # f
    return theon.jacobian(f, y)  # !


@case(GradientError, ValueError)
def a_derivative_of_a_jacobian_by_what_lies_inside() -> object:
    """grad: h is made anew inside vectorized, of what goes into that
      <!>
    cost    sum : float32[]   made at <!>
    wrt     h : float32[?]   made at <h>
    inside  vectorized : (float32[?, ?])   made at <jacobian>
    hint: differentiate by what goes into it, or take the inner derivative by this node
    """
    x = theon.vector("x")
    h = theon.sin(x)  # h
    h.name = "h"
    matrix = theon.jacobian(h * h, x)  # jacobian
    return theon.grad(theon.sum(matrix), h)  # !


@case(DisconnectedError, ValueError)
def a_product_without_the_wrt() -> object:
    """Lop: f does not depend on y
      <!>
    f    multiply : float32[?]   made at <f>
    wrt  y : float32[?]   made at <y>
    hint: use the node that f was built from, or disconnected_inputs='zero'
    """
    x = theon.vector("x")
    y = theon.vector("y")  # y
    f = x * 2.0  # f
    return theon.vjp(f, y, x)  # !


@case(DisconnectedError, ValueError)
def known_gradients_of_what_does_not_depend_on_the_wrt() -> Node:
    """grad: the known node does not depend on y
      <!>
    known  multiply : float32[?]   made at <f>
    wrt    y : float32[?]   made at <y>
    hint: use the node that the known node was built from, or disconnected_inputs='zero'
    """
    x = theon.vector("x")
    y = theon.vector("y")  # y
    f = x * 2.0  # f
    return theon.grad(None, y, known_grads={f: x})  # !


@case(GradientError, ValueError)
def a_jacobian_of_ints() -> object:
    """jacobian: cast has no derivative, it is not float
      <!>
    f  cast : int32[?]   made at <order>
    hint: take that of the float node that it was made from
    """
    x = theon.vector("x")
    order = x.astype("int32")  # order
    return theon.jacobian(order, x)  # !


@case(GradientError, ValueError)
def a_jacobian_of_a_list() -> object:
    """jacobian: f must be a node
      <!>
    received: [<x : float32[?]>, <multiply : float32[?]>]
    hint: build it from declared variables with theon's functions
    """
    x = theon.vector("x")  # x
    f: Any = [x, 2 * x]
    return theon.jacobian(f, x)  # !


@case(GradientError, ValueError)
def a_complex_jacobian_by_a_real_node() -> object:
    """jacobian: the derivative of a complex node by a real one is no real matrix
      <!>
    f    exp : complex64[?]   made at <f>
    wrt  x : float32[?]   made at <x>
    hint: take those of theon.real(f) and theon.imag(f)
    """
    x = theon.vector("x")  # x
    f = theon.exp(x * 1j)  # f
    return theon.jacobian(f, x)  # !


@case(ArgumentError, ValueError)
def a_jacobian_in_pieces_of_nothing() -> object:
    """jacobian: chunk is how many rows are computed at a time
      <!>
    received: 0
    hint: give a positive int, or leave it out
    """
    x = theon.vector("x")
    return theon.jacobian(x * 2.0, x, chunk=0)  # !


@case(ArgumentError, ValueError)
def a_jacobian_of_an_unknown_mode() -> object:
    """jacobian: mode is 'reverse' or 'forward'
      <!>
    received: 'fwd'
    hint: leave it out for 'reverse'
    """
    x = theon.vector("x")
    mode: Any = "fwd"
    return theon.jacobian(x * 2.0, x, mode=mode)  # !


@case(GradientError, ValueError)
def a_hessian_of_a_vector() -> object:
    """hessian: the cost must be a scalar
      <!>
    cost  multiply : float32[?]   made at <y>
    hint: reduce it with .sum() or .mean()
    """
    x = theon.vector("x")
    y = x * 2.0  # y
    return theon.hessian(y, x)  # !


@case(DTypeError, TypeError)
def a_hessian_by_a_complex_node() -> object:
    """hessian: a Hessian is by real numbers
      <!>
    wrt  z : complex64[3]   made at <z>
    hint: differentiate by the real and the imaginary part
    """
    z = theon.tensor("z", (3,), "complex64")  # z
    return theon.hessian(theon.sum(theon.abs(z)), z)  # !


@case(ArgumentError, ValueError)
def vectors_for_a_hessian_that_are_too_few() -> object:
    """hessian_vector_product: one vector per wrt
      <!>
    received: 2 and 1
    hint: give as many, in the same order
    """
    x = theon.vector("x")
    y = theon.vector("y")
    cost = theon.sum(x * y)
    return theon.hessian_vector_product(cost, [x, y], [x])  # !


@case(GradientError, ValueError)
def a_vector_for_a_product_of_another_shape() -> object:
    """Rop: an eval point has another shape than its node
      <!>
    node   x : float32[?]   made at <x>
    given  const : float32[]   made at <!>
    hint: give one of shape float32[?]
    """
    x = theon.vector("x")  # x
    return theon.jvp(x * 2.0, x, 1.0)  # !


@case(GradientError, ValueError)
def a_derivative_declared_undefined() -> Node:
    """grad: the derivative by x is undefined
      <!>
    wrt           x : float32[?]   made at <x>
    undefined at  undefined_grad : float32[?]   made at <steps>
    hint: leave that wrt out, or cut with theon.stop_gradient
    """
    x = theon.vector("x")  # x
    steps = theon.undefined_grad(theon.floor(x))  # steps
    return theon.grad((steps * x).sum(), x)  # !


@case(ArgumentError, ValueError)
def bounds_of_a_gradient_out_of_order() -> Node:
    """grad_clip: the bounds are out of order (1.0 and -1.0)
      <!>
    input  x : float32[?]   made at <x>
    hint: give the lower first
    """
    x = theon.vector("x")  # x
    return theon.grad_clip(x, 1.0, -1.0)  # !


@case(DTypeError, TypeError)
def a_gradient_of_ints_scaled() -> Node:
    """grad_scale: only floats have a gradient
      <!>
    left   i : int32[?]   made at <i>
    right  const : float32[]   made at <!>
    hint: cast it with .astype first
    """
    i = theon.ivector("i")  # i
    return theon.grad_scale(i, 2.0)  # !


@case(DTypeError, TypeError)
def a_replacement_of_another_dtype() -> Node:
    """replace: the replacement of x has another type
      <!>
    old  x : float32[?]   made at <x>
    new  i : int32[?]   made at <i>
    hint: cast it with .astype('float32')
    """
    x = theon.vector("x")  # x
    i = theon.ivector("i")  # i
    y = theon.exp(x)
    return theon.replace(y, {x: i})  # !


@case(ShapeError, ValueError)
def a_clone_with_a_replacement_of_another_rank() -> Node:
    """clone: the replacement of x has another type
      <!>
    old  x : float32[?]   made at <x>
    new  m : float32[?, ?]   made at <m>
    hint: give one of type float32[?]
    """
    x = theon.vector("x")  # x
    m = theon.matrix("m")  # m
    y = theon.exp(x)
    return theon.clone(y, replace={x: m})  # !


@case(ShapeError, ValueError)
def a_replacement_that_does_not_fit_further_up() -> Node:
    """multiply: axis 0 does not broadcast (4 and 3)
      <!>
    left   v : float32[4]   made at <v>
    right  w : float32[3]   made at <w>
    hint: make the sizes equal or one of them 1: shapes (4,) and (3,)
    """
    x = theon.vector("x")
    w = theon.tensor("w", (3,))  # w
    v = theon.tensor("v", (4,))  # v
    y = x * w  # !
    return theon.replace(y, {x: v})


@case(ArgumentError, ValueError)
def replacements_in_a_list() -> Node:
    """replace: the replacements are a dict
      <!>
    received: [(<x : float32[?]>, <x : float32[?]>)]
    hint: give {old: new}
    """
    x = theon.vector("x")
    pairs: Any = [(x, x)]
    return theon.replace(x + 1.0, pairs)  # !


@case(ArgumentError, ValueError)
def a_check_of_order_zero() -> str:
    """verify_grad: order is a positive int
      <!>
    received: 0
    hint: leave it out for 2
    """
    return theon.verify_grad(theon.sin, [np.ones(3)], order=0)  # !


@case(ArgumentError, ValueError)
def a_check_by_ints() -> str:
    """verify_grad: none of the arguments is float, so there is no derivative
      <!>
    hint: give a float point, and a function with a float result
    """
    return theon.verify_grad(theon.sin, [np.arange(3)])  # !


@case(GradientError, ValueError)
def a_check_that_finds_a_missing_gradient() -> str:
    """verify_grad: the derivative of order 1 by argument 0 is wrong at [0]
      <!>
    received: derived 0, measured 1.53957, allowed 4.8e-10
              order 1 by argument 0 : float64[1]   largest error 3.2e+09 of 1, at [0]
    hint: mend the vjp of the op that fn is made of (order 2: the vjp of what its vjp uses)
    """
    half = [np.array([0.5])]
    return theon.verify_grad(lambda x: theon.stop_gradient(x) * 2.0, half, order=1)  # !
