"""Formulas that lose digits or overflow, and the whole functions that do not. Run before differentiation."""

from ...graph.node import Node
from ...ops.arithmetic import abs, multiply, negative, square
from ...ops.nn.activations import softplus
from ...ops.transcendental import exp, expm1, log, log1p, sigmoid, sqrt
from ..pattern import Rule, RuleTable


def real(x: Node) -> bool:
    """What does not hold for complex numbers: their logarithms have branches, their squares no sign."""
    return x.tensor.is_float


STABILITY = RuleTable(
    "stability",
    (
        Rule("log(1 + exp(x)) -> softplus(x)", lambda x: log(1 + exp(x)), lambda x: softplus(x), guard=real),
        Rule("log1p(exp(x)) -> softplus(x)", lambda x: log1p(exp(x)), lambda x: softplus(x), guard=real),
        Rule("log(sigmoid(x)) -> -softplus(-x)", lambda x: log(sigmoid(x)), lambda x: -softplus(-x)),
        Rule("1 - sigmoid(x) -> sigmoid(-x)", lambda x: 1 - sigmoid(x), lambda x: sigmoid(-x)),
        Rule("log1p(-sigmoid(x)) -> -softplus(x)", lambda x: log1p(-sigmoid(x)), lambda x: -softplus(x)),
        Rule("1 / (1 + exp(x)) -> sigmoid(-x)", lambda x: 1 / (1 + exp(x)), lambda x: sigmoid(-x), guard=real),
        Rule("exp(x) / (1 + exp(x)) -> sigmoid(x)", lambda x: exp(x) / (1 + exp(x)), lambda x: sigmoid(x), guard=real),
        Rule("log(exp(x)) -> x", lambda x: log(exp(x)), lambda x: x, guard=real),
        Rule("log(1 - x) -> log1p(-x)", lambda x: log(1 - x), lambda x: log1p(-x)),
        Rule("log(1 + x) -> log1p(x)", lambda x: log(1 + x), lambda x: log1p(x)),
        Rule("exp(x) - 1 -> expm1(x)", lambda x: exp(x) - 1, lambda x: expm1(x)),
        Rule("sqrt(square(x)) -> abs(x)", lambda x: sqrt(square(x)), lambda x: abs(x), guard=real),
        Rule("sqrt(x * x) -> abs(x)", lambda x: sqrt(multiply(x, x)), lambda x: abs(x), guard=real),
        Rule("-(-x) -> x", lambda x: negative(negative(x)), lambda x: x, exact="bitwise"),
    ),
)
