"""Logarithms of products, powers and roots; and what a logarithm, a root or a sign undoes."""

import math

from ...graph.node import Node
from ...ops.arithmetic import abs, negative
from ...ops.elementwise import elementwise_op
from ...ops.powers import pow, square
from ...ops.reduce import Reduce
from ...ops.rest import log1p_ratio, log1p_square, log1p_square_over, powm1
from ...ops.special import xlogy
from ...ops.transcendental import log, log1p, reciprocal, sqrt
from ...ops.whole import log_prod, norm
from ..factors import log_of_product
from ..pattern import Rule, Transform, uniform_value
from .guards import above_zero, real


def odd(x: Node, c: Node) -> bool:
    """Whether a power by a constant has the sign of its base, or none where that is negative."""
    value = uniform_value(c)
    return x.tensor.is_float and value is not None and value % 2 != 0


def even(x: Node, c: Node) -> bool:
    value = uniform_value(c)
    return x.tensor.is_float and value is not None and value % 2 == 0 and value != 0


def product(x: Node, s: Reduce) -> bool:
    return s.kind == "prod" and x.tensor.is_float


def sum_(x: Node, s: Reduce) -> bool:
    return s.kind == "sum" and x.tensor.is_float


LOGARITHMS = (
    Rule("log(1 - x) -> log1p(-x)", lambda x: log(1 - x), lambda x: log1p(-x)),
    Rule("log(1 + x) -> log1p(x)", lambda x: log(1 + x), lambda x: log1p(x)),
    Rule("log1p(x**2) -> log1p_square(x)", lambda x: log1p(square(x)), lambda x: log1p_square(x), guard=real),
    Rule(
        "log1p(c * x**2) -> log1p_square(sqrt(c) * x)",
        lambda x, c: log1p(c * square(x)),
        lambda x, c: log1p_square(x * math.sqrt(uniform_value(c))),
        guard=above_zero,
        constants=("c",),
    ),
    Rule(
        "log1p(x**2 / y) -> log1p_square_over(x, y)",
        lambda x, y: log1p(square(x) / y),
        lambda x, y: log1p_square_over(x, y),
        guard=real,
    ),
    Rule("log(sqrt(x)) -> log(x) / 2", lambda x: log(sqrt(x)), lambda x: log(x) * 0.5, guard=real),
    Rule("log(square(x)) -> 2 * log(abs(x))", lambda x: log(square(x)), lambda x: 2 * log(abs(x)), guard=real),
    Rule(
        "log(x ** c) -> c * log(x), c odd",
        lambda x, c: log(pow(x, c)),
        lambda x, c: c * log(x),
        guard=odd,
        constants=("c",),
    ),
    Rule(
        "log(x ** c) -> c * log(abs(x)), c even",
        lambda x, c: log(pow(x, c)),
        lambda x, c: c * log(abs(x)),
        guard=even,
        constants=("c",),
    ),
    Rule("log(1 / x) -> -log(x)", lambda x: log(1 / x), lambda x: -log(x), guard=real),
    Rule("log(reciprocal(x)) -> -log(x)", lambda x: log(reciprocal(x)), lambda x: -log(x), guard=real),
    Rule(
        "log(x / (x + y)) -> -log1p_ratio(y, x)",
        lambda x, y: log(x / (x + y)),
        lambda x, y: -log1p_ratio(y, x),
        guard=real,
    ),
    Rule(
        "log((x + y) / x) -> log1p_ratio(y, x)",
        lambda x, y: log((x + y) / x),
        lambda x, y: log1p_ratio(y, x),
        guard=real,
    ),
    Transform(
        "log(x * y / z) -> log_product(x, y, 1 / z)", elementwise_op("log"), log_of_product, exact="reassociates"
    ),
    Rule(
        "log(prod(x)) -> log_prod(x)",
        lambda x, s: log(s(x)),
        lambda x, s: log_prod(x, s.axes, s.keepdims),
        guard=product,
        ops={"s": Reduce},
    ),
    Rule(
        "log(sum(x**2)) -> 2 * log(norm(x))",
        lambda x, s: log(s(square(x))),
        lambda x, s: 2 * log(norm(x, s.axes, s.keepdims)),
        guard=sum_,
        ops={"s": Reduce},
    ),
    Rule("x * log(x) -> xlogy(x, x)", lambda x: x * log(x), lambda x: xlogy(x, x), guard=real),
    Rule("x ** y - 1 -> powm1(x, y)", lambda x, y: pow(x, y) - 1, lambda x, y: powm1(x, y), guard=real),
    Rule("-(-x) -> x", lambda x: negative(negative(x)), lambda x: x, exact="bitwise"),
)
