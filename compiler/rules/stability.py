"""Formulas that lose digits or overflow, and the whole functions that do not. Run before differentiation.

Rows are tried from the inside out, so that a pattern is written in terms of what its parts have become.
"""

from ...graph.node import Node
from ...ops.arithmetic import abs, add, multiply, negative, pow, square
from ...ops.elementwise import elementwise_op
from ...ops.nn.activations import softplus
from ...ops.reduce import Reduce
from ...ops.special import log1mexp, logit
from ...ops.special_normal import log_ndtr, ndtr
from ...ops.transcendental import (
    cos,
    cosh,
    erf,
    erfc,
    exp,
    expm1,
    log,
    log1p,
    logaddexp,
    reciprocal,
    sigmoid,
    sin,
    sinh,
    sqrt,
    tanh,
)
from ...ops.whole import log_cosh
from ..exponents import log1p_of_exponentials, log_of_exponentials, share_of_sum
from ..facts import at_least_one, nonnegative, positive, unit
from ..pattern import Rule, RuleTable, Transform


def real(x: Node, *others: Node) -> bool:
    """What a rule needs that complex numbers lack: their logarithms have branches, their squares no sign."""
    return x.tensor.is_float


def ratio(x: Node, y: Node) -> Node:
    return (x - y) / (x + y)


def factors(x: Node, y: Node) -> bool:
    """Whether the logarithms of two factors have one sign, so that their sum cancels nothing."""
    return x.tensor.is_float and ((unit(x) and unit(y)) or (at_least_one(x) and at_least_one(y)))


def fraction(x: Node, y: Node) -> bool:
    """Whether the logarithms of a quotient's parts have opposite signs."""
    return x.tensor.is_float and ((unit(x) and at_least_one(y)) or (at_least_one(x) and unit(y) and positive(y)))


def product(x: Node, s: Reduce) -> bool:
    return s.kind == "prod" and x.tensor.is_float and unit(x)


def powers(x: Node, y: Node) -> bool:
    return x.tensor.is_float and positive(x)


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
    Rule("log(y / exp(x)) -> log(y) - x", lambda x, y: log(y / exp(x)), lambda x, y: log(y) - x, guard=real),
    Rule("exp(x) - 1 -> expm1(x)", lambda x: exp(x) - 1, lambda x: expm1(x)),
    Rule("exp(x) + -1 -> expm1(x)", lambda x: add(exp(x), -1), lambda x: expm1(x)),
    Rule("1 - exp(x) -> -expm1(x)", lambda x: 1 - exp(x), lambda x: -expm1(x)),
    Rule("log1p(expm1(x)) -> x", lambda x: log1p(expm1(x)), lambda x: x, guard=real),
    Rule("expm1(log1p(x)) -> x", lambda x: expm1(log1p(x)), lambda x: x, "needs x >= -1", nonnegative),
)

# The logistic function.
SIGMOIDS = (
    Rule("log(sigmoid(x)) -> -softplus(-x)", lambda x: log(sigmoid(x)), lambda x: -softplus(-x)),
    Rule("log1p(-sigmoid(x)) -> -softplus(x)", lambda x: log1p(-sigmoid(x)), lambda x: -softplus(x)),
    Rule("1 - sigmoid(x) -> sigmoid(-x)", lambda x: 1 - sigmoid(x), lambda x: sigmoid(-x)),
    Rule("1 / (1 + exp(x)) -> sigmoid(-x)", lambda x: 1 / (1 + exp(x)), lambda x: sigmoid(-x), guard=real),
    Rule("reciprocal(1 + exp(x)) -> sigmoid(-x)", lambda x: reciprocal(1 + exp(x)), lambda x: sigmoid(-x), guard=real),
    Rule("exp(x) / (1 + exp(x)) -> sigmoid(x)", lambda x: exp(x) / (1 + exp(x)), lambda x: sigmoid(x), guard=real),
    Rule(
        "exp(x) / (exp(x) + exp(y)) -> sigmoid(x - y)",
        lambda x, y: exp(x) / (exp(x) + exp(y)),
        lambda x, y: sigmoid(x - y),
        guard=real,
    ),
    Rule("sigmoid(x) / sigmoid(-x) -> exp(x)", lambda x: sigmoid(x) / sigmoid(-x), lambda x: exp(x)),
    Rule("sigmoid(-x) / sigmoid(x) -> exp(-x)", lambda x: sigmoid(-x) / sigmoid(x), lambda x: exp(-x)),
    Rule("log(x / (1 - x)) -> logit(x)", lambda x: log(x / (1 - x)), lambda x: logit(x), guard=real),
    Rule("sigmoid(logit(x)) -> x", lambda x: sigmoid(logit(x)), lambda x: x, "needs 0 <= x <= 1", unit),
    Rule("logit(sigmoid(x)) -> x", lambda x: logit(sigmoid(x)), lambda x: x),
)

# Hyperbolic functions, angles and roots.
HYPERBOLAS = (
    Rule("sinh(x) / cosh(x) -> tanh(x)", lambda x: sinh(x) / cosh(x), lambda x: tanh(x), guard=real),
    Rule(
        "(exp(x) - exp(-x)) / (exp(x) + exp(-x)) -> tanh(x)",
        lambda x: ratio(exp(x), exp(-x)),
        lambda x: tanh(x),
        guard=real,
    ),
    Rule(
        "expm1(x) / (exp(x) + 1) -> tanh(x / 2)", lambda x: expm1(x) / (exp(x) + 1), lambda x: tanh(x * 0.5), guard=real
    ),
    Rule(
        "-expm1(x) / (exp(x) + 1) -> -tanh(x / 2)",
        lambda x: -expm1(x) / (exp(x) + 1),
        lambda x: -tanh(x * 0.5),
        guard=real,
    ),
    Rule("log(cosh(x)) -> log_cosh(x)", lambda x: log(cosh(x)), lambda x: log_cosh(x), guard=real),
    Rule(
        "log(1 - square(tanh(x))) -> -2 * log_cosh(x)",
        lambda x: log(1 - square(tanh(x))),
        lambda x: -2 * log_cosh(x),
        guard=real,
    ),
    Rule(
        "log(1 - tanh(x) * tanh(x)) -> -2 * log_cosh(x)",
        lambda x: log(1 - multiply(tanh(x), tanh(x))),
        lambda x: -2 * log_cosh(x),
        guard=real,
    ),
    Rule("1 - cos(x) -> 2 * sin(x / 2)**2", lambda x: 1 - cos(x), lambda x: 2 * square(sin(x * 0.5)), guard=real),
    Rule("cos(x) - 1 -> -2 * sin(x / 2)**2", lambda x: cos(x) - 1, lambda x: -2 * square(sin(x * 0.5)), guard=real),
    Rule(
        "sqrt(1 + x) - 1 -> x / (1 + sqrt(1 + x))",
        lambda x: sqrt(1 + x) - 1,
        lambda x: x / (1 + sqrt(1 + x)),
        "needs x < inf",
        real,
    ),
    Rule(
        "1 - sqrt(1 - x) -> x / (1 + sqrt(1 - x))",
        lambda x: 1 - sqrt(1 - x),
        lambda x: x / (1 + sqrt(1 - x)),
        "needs x > -inf",
        real,
    ),
)

# The error function and the normal distribution.
NORMALS = (
    Rule("1 - erf(x) -> erfc(x)", lambda x: 1 - erf(x), lambda x: erfc(x)),
    Rule("1 + erf(x) -> erfc(-x)", lambda x: 1 + erf(x), lambda x: erfc(-x)),
    Rule("1 - erfc(x) -> erf(x)", lambda x: 1 - erfc(x), lambda x: erf(x)),
    Rule("log(ndtr(x)) -> log_ndtr(x)", lambda x: log(ndtr(x)), lambda x: log_ndtr(x)),
    Rule("1 - ndtr(x) -> ndtr(-x)", lambda x: 1 - ndtr(x), lambda x: ndtr(-x)),
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

# Logarithms of products, powers and roots; and what a logarithm, a root or a sign undoes.
LOGARITHMS = (
    Rule("log(1 - x) -> log1p(-x)", lambda x: log(1 - x), lambda x: log1p(-x)),
    Rule("log(1 + x) -> log1p(x)", lambda x: log(1 + x), lambda x: log1p(x)),
    Rule("log(sqrt(x)) -> log(x) / 2", lambda x: log(sqrt(x)), lambda x: log(x) * 0.5, guard=real),
    Rule("log(square(x)) -> 2 * log(abs(x))", lambda x: log(square(x)), lambda x: 2 * log(abs(x)), guard=real),
    Rule("log(x * x) -> 2 * log(abs(x))", lambda x: log(multiply(x, x)), lambda x: 2 * log(abs(x)), guard=real),
    Rule("log(x ** y) -> y * log(x)", lambda x, y: log(pow(x, y)), lambda x, y: y * log(x), "needs x > 0", powers),
    Rule("log(1 / x) -> -log(x)", lambda x: log(1 / x), lambda x: -log(x), guard=real),
    Rule("log(reciprocal(x)) -> -log(x)", lambda x: log(reciprocal(x)), lambda x: -log(x), guard=real),
    Rule("log(x * y) -> log(x) + log(y)", lambda x, y: log(x * y), lambda x, y: log(x) + log(y), guard=factors),
    Rule("log(x / y) -> log(x) - log(y)", lambda x, y: log(x / y), lambda x, y: log(x) - log(y), guard=fraction),
    Rule(
        "log(prod(x)) -> sum(log(x))",
        lambda x, s: log(s(x)),
        lambda x, s: Reduce("sum", s.axes, s.keepdims)(log(x)),
        "needs 0 <= x <= 1",
        product,
        {"s": Reduce},
    ),
    Rule("sqrt(square(x)) -> abs(x)", lambda x: sqrt(square(x)), lambda x: abs(x), guard=real),
    Rule("sqrt(x * x) -> abs(x)", lambda x: sqrt(multiply(x, x)), lambda x: abs(x), guard=real),
    Rule("square(sqrt(x)) -> x", lambda x: square(sqrt(x)), lambda x: x, "needs x >= 0", nonnegative),
    Rule("-(-x) -> x", lambda x: negative(negative(x)), lambda x: x, exact="bitwise"),
)

STABILITY = RuleTable("stability", (*EXPONENTIALS, *SIGMOIDS, *HYPERBOLAS, *NORMALS, *EXPONENTS, *LOGARITHMS))
