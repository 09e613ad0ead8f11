"""Hyperbolic functions and their inverses, spelled by exponentials, logarithms or each other; and angles."""

import math

from ...graph.node import Node
from ...ops.nn.activations import softplus
from ...ops.powers import square
from ...ops.rest import hypot_excess, log_cosh, sech, versine
from ...ops.special import log1mexp
from ...ops.transcendental import (
    acosh,
    asinh,
    atanh,
    cos,
    cosh,
    exp,
    expm1,
    log,
    sigmoid,
    sigmoid_slope,
    sin,
    sinh,
    sqrt,
    tanh,
    tanh_slope,
)  # fmt: skip
from ..pattern import Rule, uniform_value
from ..sums import SumRule
from .guards import real


def nonzero_constant(w: Node, x: Node) -> bool:
    return x.tensor.is_float and bool(uniform_value(w))


HYPERBOLAS = (
    # Spelled by exponentials.
    Rule("exp(x) - exp(-x) -> 2 * sinh(x)", lambda x: exp(x) - exp(-x), lambda x: 2 * sinh(x), guard=real),
    Rule("exp(x) + exp(-x) -> 2 * cosh(x)", lambda x: exp(x) + exp(-x), lambda x: 2 * cosh(x), guard=real),
    Rule(
        "expm1(x) / (exp(x) + 1) -> tanh(x / 2)", lambda x: expm1(x) / (exp(x) + 1), lambda x: tanh(x * 0.5), guard=real
    ),
    Rule(
        "-expm1(x) / (exp(x) + 1) -> -tanh(x / 2)",
        lambda x: -expm1(x) / (exp(x) + 1),
        lambda x: -tanh(x * 0.5),
        guard=real,
    ),
    Rule(
        "(exp(x) + 1) / expm1(x) -> 1 / tanh(x / 2)",
        lambda x: (exp(x) + 1) / expm1(x),
        lambda x: 1 / tanh(x * 0.5),
        guard=real,
    ),
    # Spelled by each other.
    Rule("sinh(x) / cosh(x) -> tanh(x)", lambda x: sinh(x) / cosh(x), lambda x: tanh(x), guard=real),
    Rule(
        "(w * sinh(x)) / (w * cosh(x)) -> tanh(x)",
        lambda w, x: (w * sinh(x)) / (w * cosh(x)),
        lambda w, x: tanh(x),
        "needs w != 0",
        nonzero_constant,
        constants=("w",),
    ),
    Rule(
        "(w * cosh(x)) / (w * sinh(x)) -> 1 / tanh(x)",
        lambda w, x: (w * cosh(x)) / (w * sinh(x)),
        lambda w, x: 1 / tanh(x),
        "needs w != 0",
        nonzero_constant,
        constants=("w",),
    ),
    Rule("cosh(x) / sinh(x) -> 1 / tanh(x)", lambda x: cosh(x) / sinh(x), lambda x: 1 / tanh(x), guard=real),
    Rule("2 * sigmoid(x) - 1 -> tanh(x / 2)", lambda x: 2 * sigmoid(x) - 1, lambda x: tanh(x * 0.5)),
    Rule("1 - 2 * sigmoid(x) -> -tanh(x / 2)", lambda x: 1 - 2 * sigmoid(x), lambda x: -tanh(x * 0.5)),
    SumRule("1 + tanh(x) -> 2 * sigmoid(2 * x)", lambda x: 1 + tanh(x), lambda x: 2 * sigmoid(2 * x), guard=real),
    SumRule("1 - tanh(x) -> 2 * sigmoid(-2 * x)", lambda x: 1 - tanh(x), lambda x: 2 * sigmoid(-2 * x), guard=real),
    SumRule("1 - tanh(x)**2 -> tanh_slope(x)", lambda x: 1 - square(tanh(x)), lambda x: tanh_slope(x), guard=real),
    Rule("1 / cosh(x)**2 -> tanh_slope(x)", lambda x: 1 / square(cosh(x)), lambda x: tanh_slope(x), guard=real),
    Rule("(1 / cosh(x))**2 -> tanh_slope(x)", lambda x: square(sech(x)), lambda x: tanh_slope(x), guard=real),
    Rule("1 / cosh(x) -> sech(x)", lambda x: 1 / cosh(x), lambda x: sech(x), guard=real),
    # Logarithms of them.
    Rule("log(1 / cosh(x)) -> -log_cosh(x)", lambda x: log(sech(x)), lambda x: -log_cosh(x)),
    Rule("log(cosh(x)) -> log_cosh(x)", lambda x: log(cosh(x)), lambda x: log_cosh(x), guard=real),
    Rule(
        "log(sigmoid_slope(x)) -> -2 * log_cosh(x / 2) - log(4)",
        lambda x: log(sigmoid_slope(x)),
        lambda x: -2 * log_cosh(x * 0.5) - math.log(4),
    ),
    Rule("log(tanh_slope(x)) -> -2 * log_cosh(x)", lambda x: log(tanh_slope(x)), lambda x: -2 * log_cosh(x)),
    Rule(
        "log(sinh(x)) -> x + log1mexp(-2 * x) - log(2)",
        lambda x: log(sinh(x)),
        lambda x: x + log1mexp(-2 * x) - math.log(2),
        guard=real,
    ),
    Rule(
        "log(tanh(x)) -> log1mexp(-2 * x) - softplus(-2 * x)",
        lambda x: log(tanh(x)),
        lambda x: log1mexp(-2 * x) - softplus(-2 * x),
        guard=real,
    ),
    # Inverses, spelled by logarithms.
    Rule("log(hypot(x, 1) + x) -> asinh(x)", lambda x: log(hypot_excess(-x, 1)), lambda x: asinh(x), guard=real),
    Rule("log(hypot(x, 1) - x) -> -asinh(x)", lambda x: log(hypot_excess(x, 1)), lambda x: -asinh(x), guard=real),
    Rule("log(x + sqrt(x**2 - 1)) -> acosh(x)", lambda x: log(x + sqrt(square(x) - 1)), lambda x: acosh(x), guard=real),
    Rule(
        "log((1 + x) / (1 - x)) -> 2 * atanh(x)", lambda x: log((1 + x) / (1 - x)), lambda x: 2 * atanh(x), guard=real
    ),
)

ANGLES = (
    SumRule("1 - cos(x) -> versine(x)", lambda x: 1 - cos(x), lambda x: versine(x), guard=real),
    SumRule("1 - cos(x)**2 -> sin(x)**2", lambda x: 1 - square(cos(x)), lambda x: square(sin(x)), guard=real),
    SumRule("1 - sin(x)**2 -> cos(x)**2", lambda x: 1 - square(sin(x)), lambda x: square(cos(x)), guard=real),
)
