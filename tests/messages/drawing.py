"""Draws that cannot be had, and derivatives that do not pass them."""

import numpy as np

import theon
from theon import ArgumentError, DisconnectedError, DTypeError, GradientError, ShapeError

from .case import case


@case(DisconnectedError, ValueError)
def a_gradient_through_a_discrete_draw() -> object:
    """grad: the cost does not depend on rate differentiably
      <!>
    cost        sum : float32[]   made at <cost>
    wrt         rate : float32[]   made at <rate>
    stopped by  poisson : int32[3]   made at <draw>
    hint: leave that wrt out, or disconnected_inputs='zero'
    """
    rng = theon.random.stream(seed=0)
    rate = theon.scalar("rate")  # rate
    count = theon.random.poisson(rng, rate, (3,))  # draw
    cost = theon.sum(count.astype("float32"))  # cost
    return theon.grad(cost, rate)  # !


@case(GradientError, ValueError)
def a_second_derivative_of_a_gamma_draw() -> object:
    """log_gamma_draw_slope: the derivative of a gamma draw by its parameter has no derivative in turn
      <draw>
    left   a : float32[]   made at <a>
    right  log_gamma_draw : float32[]   made at <draw>
    hint: cut with theon.stop_gradient, or take first derivatives alone
    """
    rng = theon.random.stream(seed=0)
    a = theon.scalar("a")  # a
    z = theon.random.gamma(rng, a)  # draw
    return theon.function([a], theon.grad(theon.grad(z, a), a))


@case(ShapeError, ValueError)
def a_parameter_that_does_not_fit_the_draw() -> object:
    """gamma: a : float32[3] does not broadcast to the draw's shape, (2)
      <!>
    input  a : float32[3]   made at <a>
    input  const : float32[]   made at <!>
    hint: give the full shape
    """
    rng = theon.random.stream(seed=0)
    a = theon.constant(np.ones(3, np.float32), name="a")  # a
    return theon.random.gamma(rng, a, 2)  # !


@case(ShapeError, ValueError)
def more_draws_than_there_are() -> object:
    """choice: cannot draw 4 without replacement from 3
      <!>
    input  const : int32[]   made at <!>
    hint: draw fewer, or with replace=True
    """
    rng = theon.random.stream(seed=0)
    return theon.random.choice(rng, 3, 4, replace=False)  # !


@case(DTypeError, TypeError)
def ints_of_a_float_dtype() -> object:
    """randint: draws ints, not float32
      <!>
    hint: convert with .astype
    """
    rng = theon.random.stream(seed=0)
    return theon.random.randint(rng, 0, 6, 4, dtype="float32")  # !


@case(GradientError, ValueError)
def a_derivative_that_is_not_known() -> object:
    """gammainc_by_a: the second derivative of gammainc by its first argument is not known
      <p>
    left   a : float32[]   made at <inputs>
    right  x : float32[]   made at <inputs>
    hint: cut with theon.stop_gradient
    """
    a, x = theon.scalar("a"), theon.scalar("x")  # inputs
    p = theon.gammainc(a, x)  # p
    return theon.function([a, x], theon.grad(theon.grad(p, a), a))


@case(ArgumentError, ValueError)
def an_order_that_is_none() -> object:
    """spherical_jn: the order is 2.5
      <!>
    input  x : float32[?]   made at <x>
    hint: give a Python int from 0 to 20
    """
    x = theon.vector("x")  # x
    return theon.spherical_jn(2.5, x)  # type: ignore[arg-type]  # !


@case(ArgumentError, ValueError)
def an_exponential_integral_of_broken_order() -> theon.Node:
    """expn: the order is 2.5
      <!>
    input  x : float32[?]   made at <x>
    hint: give a Python int from 0 to 100
    """
    x = theon.vector("x")  # x
    return theon.expn(2.5, x)  # type: ignore[arg-type]  # !


@case(ArgumentError, ValueError)
def a_bessel_function_of_too_high_an_order() -> theon.Node:
    """jv: the order is 200
      <!>
    input  x : float32[?]   made at <x>
    hint: give a number from -100 to 100
    """
    x = theon.vector("x")  # x
    return theon.jv(200, x)  # !


@case(ArgumentError, ValueError)
def spherical_harmonics_of_any_degree() -> theon.Node:
    """sph_harm_y: how large n gets is not known
      <!>
    input  n : int32[]   made at <n>
    input  const : int32[]   made at <!>
    input  const : float32[]   made at <!>
    input  const : float32[]   made at <!>
    hint: give n_max=, a Python int
    """
    n = theon.iscalar("n")  # n
    return theon.sph_harm_y(n, 0, 0.5, 1.0)  # !


@case(ArgumentError, ValueError)
def a_concentration_below_zero() -> object:
    """vonmises: kappa is not negative, received -1.
      <!>
    input  const : float32[]   made at <!>
    hint: give 0 or more
    """
    rng = theon.random.stream(seed=0)
    return theon.random.vonmises(rng, 0.0, -1.0)  # !


@case(ArgumentError, ValueError)
def an_urn_of_fewer_than_none() -> object:
    """hypergeometric: nbad is not negative, received [ 3 -1]
      <!>
    input  const : int32[2]   made at <!>
    hint: give 0 or more
    """
    rng = theon.random.stream(seed=0)
    return theon.random.hypergeometric(rng, 4, [3, -1], 2)  # !
