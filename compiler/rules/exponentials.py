"""Sums, differences and shares of exponentials, and the logistic function."""

from ...ops.arithmetic import add, minimum
from ...ops.elementwise import elementwise_op
from ...ops.nn.activations import softplus
from ...ops.powers import square
from ...ops.special import log1mexp, logit
from ...ops.transcendental import exp, expm1, log, log1p, logaddexp, reciprocal, sigmoid, sigmoid_slope
from ..facts import nonnegative, unit
from ..logarithms import log1p_of_exponentials, log_of_exponentials, share_of_sum
from ..pattern import Rule, Transform
from ..sums import SumRule
from .guards import above_zero, moderate, real

# Sums and differences of exponentials and logarithms.
EXPONENTIALS = (
    Rule("log(1 + exp(x)) -> softplus(x)", lambda x: log(1 + exp(x)), lambda x: softplus(x), guard=real),
    Rule("log1p(exp(x)) -> softplus(x)", lambda x: log1p(exp(x)), lambda x: softplus(x), guard=real),
    Rule("log(exp(x) + exp(y)) -> logaddexp(x, y)", lambda x, y: log(exp(x) + exp(y)), logaddexp, guard=real),
    Rule("log(1 - exp(x)) -> log1mexp(x)", lambda x: log(1 - exp(x)), lambda x: log1mexp(x), guard=real),
    Rule("log(-expm1(x)) -> log1mexp(x)", lambda x: log(-expm1(x)), lambda x: log1mexp(x), guard=real),
    Rule("log1p(-exp(x)) -> log1mexp(x)", lambda x: log1p(-exp(x)), lambda x: log1mexp(x), guard=real),
    Rule("log(exp(x)) -> x", lambda x: log(exp(x)), lambda x: x, guard=real),
    Rule("log(y * exp(x)) -> x + log(y)", lambda x, y: log(y * exp(x)), lambda x, y: x + log(y), guard=real),
    Rule("log(exp(x) / y) -> x - log(y)", lambda x, y: log(exp(x) / y), lambda x, y: x - log(y), guard=real),
    Rule("exp(x) * exp(y) -> exp(x + y)", lambda x, y: exp(x) * exp(y), lambda x, y: exp(x + y)),
    Rule("exp(x) / exp(y) -> exp(x - y)", lambda x, y: exp(x) / exp(y), lambda x, y: exp(x - y)),
    Rule("exp(x) - 1 -> expm1(x)", lambda x: exp(x) - 1, lambda x: expm1(x)),
    Rule("exp(x) + -1 -> expm1(x)", lambda x: add(exp(x), -1), lambda x: expm1(x)),
    Rule("1 - exp(x) -> -expm1(x)", lambda x: 1 - exp(x), lambda x: -expm1(x)),
    Rule(
        "min(0, expm1(x)) -> expm1(min(0, x))",
        lambda x: minimum(0, expm1(x)),
        lambda x: expm1(minimum(0, x)),
    ),
    Rule(
        "min(0, c * expm1(x)) -> c * expm1(min(0, x))",
        lambda x, c: minimum(0, c * expm1(x)),
        lambda x, c: c * expm1(minimum(0, x)),
        guard=above_zero,
        constants=("c",),
    ),
    Rule("log1p(expm1(x)) -> x", lambda x: log1p(expm1(x)), lambda x: x, guard=real),
    Rule("expm1(log1p(x)) -> x", lambda x: expm1(log1p(x)), lambda x: x, "needs x >= -1", nonnegative),
)

# The logistic function.
SIGMOIDS = (
    Rule("log(sigmoid(x)) -> -softplus(-x)", lambda x: log(sigmoid(x)), lambda x: -softplus(-x)),
    Rule("log1p(-sigmoid(x)) -> -softplus(x)", lambda x: log1p(-sigmoid(x)), lambda x: -softplus(x)),
    SumRule("1 - sigmoid(x) -> sigmoid(-x)", lambda x: 1 - sigmoid(x), lambda x: sigmoid(-x)),
    Rule("1 / (1 + exp(x)) -> sigmoid(-x)", lambda x: 1 / (1 + exp(x)), lambda x: sigmoid(-x), guard=real),
    Rule("reciprocal(1 + exp(x)) -> sigmoid(-x)", lambda x: reciprocal(1 + exp(x)), lambda x: sigmoid(-x), guard=real),
    Rule("exp(x) / (1 + exp(x)) -> sigmoid(x)", lambda x: exp(x) / (1 + exp(x)), lambda x: sigmoid(x), guard=real),
    Rule(
        "y / (1 + exp(x)) -> y * sigmoid(-x)",
        lambda x, y: y / (1 + exp(x)),
        lambda x, y: y * sigmoid(-x),
        guard=moderate,
    ),
    Rule(
        "exp(x) / (exp(x) + exp(y)) -> sigmoid(x - y)",
        lambda x, y: exp(x) / (exp(x) + exp(y)),
        lambda x, y: sigmoid(x - y),
        guard=real,
    ),
    Rule(
        "sigmoid(x) * sigmoid(-x) -> sigmoid_slope(x)", lambda x: sigmoid(x) * sigmoid(-x), lambda x: sigmoid_slope(x)
    ),
    Rule(
        "exp(x) / (1 + exp(x))**2 -> sigmoid_slope(x)",
        lambda x: exp(x) / square(1 + exp(x)),
        lambda x: sigmoid_slope(x),
        guard=real,
    ),
    Rule("exp(x) * sigmoid(-x) -> sigmoid(x)", lambda x: exp(x) * sigmoid(-x), lambda x: sigmoid(x)),
    Rule("exp(-x) * sigmoid(x) -> sigmoid(-x)", lambda x: exp(-x) * sigmoid(x), lambda x: sigmoid(-x)),
    Rule("sigmoid(x) / sigmoid(-x) -> exp(x)", lambda x: sigmoid(x) / sigmoid(-x), lambda x: exp(x)),
    Rule("sigmoid(-x) / sigmoid(x) -> exp(-x)", lambda x: sigmoid(-x) / sigmoid(x), lambda x: exp(-x)),
    Rule("log(x / (1 - x)) -> logit(x)", lambda x: log(x / (1 - x)), lambda x: logit(x), guard=real),
    Rule("exp(-softplus(x)) -> sigmoid(-x)", lambda x: exp(-softplus(x)), lambda x: sigmoid(-x)),
    Rule("sigmoid(logit(x)) -> x", lambda x: sigmoid(logit(x)), lambda x: x, "needs 0 <= x <= 1", unit),
    Rule("logit(sigmoid(x)) -> x", lambda x: logit(sigmoid(x)), lambda x: x),
)


# Exponentials in whatever a logarithm or a quotient is taken of.
EXPONENTS = (
    Transform("log(... exp(x) ...) -> x + log(...)", elementwise_op("log"), log_of_exponentials, exact="reassociates"),
    Transform(
        "log1p(... exp(x) ...) -> softplus(x + log(...))",
        elementwise_op("log1p"),
        log1p_of_exponentials,
        exact="reassociates",
    ),
    Transform("t / (t + u) -> sigmoid(log(t) - log(u))", elementwise_op("divide"), share_of_sum, exact="reassociates"),
)
