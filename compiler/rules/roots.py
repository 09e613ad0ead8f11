"""Roots of squares, differences of roots, and quotients of squares."""

import math

from ...graph.node import Node
from ...ops.arithmetic import abs
from ...ops.axes import count
from ...ops.elementwise import elementwise_op
from ...ops.moments import Mean, Var, mean
from ...ops.powers import square
from ...ops.rest import hypot_excess, isru, softsign, sqrt_gap
from ...ops.transcendental import hypot, sqrt
from ...ops.whole import norm
from ..pattern import Rule, Transform, uniform_value
from ..squares import root_of_squares
from ..sums import SumRule
from .guards import above_zero, real


def plain(x: Node, m: Mean | Var) -> bool:
    return x.tensor.is_float and count(x, m.axes) > 0 and not getattr(m, "correction", 0)


def ordinary(x: Node, y: Node, w: Node) -> bool:
    """Whether a constant factor is so near 1 that it may come before or after the square."""
    value = uniform_value(w)
    return x.tensor.is_float and value is not None and 1e-2 <= math.fabs(value) <= 1e2


def root_of_mean(x: Node, m: Mean | Var) -> Node:
    return norm(x, m.axes, m.keepdims) * (1 / math.sqrt(count(x, m.axes)))


ROOTS = (
    Rule("sqrt(square(x)) -> abs(x)", lambda x: sqrt(square(x)), lambda x: abs(x), guard=real),
    Rule(
        "sqrt(x**2 + y**2) -> hypot(x, y)",
        lambda x, y: sqrt(square(x) + square(y)),
        lambda x, y: hypot(x, y),
        guard=real,
    ),
    Rule(
        "sqrt(x**2 + y**2 + z**2) -> hypot(hypot(x, y), z)",
        lambda x, y, z: sqrt(square(x) + square(y) + square(z)),
        lambda x, y, z: hypot(hypot(x, y), z),
        guard=real,
    ),
    Rule(
        "sqrt(x**2 + c) -> hypot(x, sqrt(c))",
        lambda x, c: sqrt(square(x) + c),
        lambda x, c: hypot(x, math.sqrt(uniform_value(c))),
        guard=above_zero,
        constants=("c",),
    ),
    Rule(
        "sqrt(mean(x**2)) -> norm(x) / sqrt(n)",
        lambda x, m: sqrt(m(square(x))),
        root_of_mean,
        guard=plain,
        ops={"m": Mean},
    ),
    Rule(
        "sqrt(var(x)) -> norm(x - mean(x)) / sqrt(n)",
        lambda x, m: sqrt(m(x)),
        lambda x, m: root_of_mean(x - mean(x, m.axes, True), m),
        guard=plain,
        ops={"m": Var},
    ),
    Transform("sqrt(... x**2 ...) -> norm(...)", elementwise_op("sqrt"), root_of_squares, exact="reassociates"),
    SumRule("hypot(x, y) - x -> hypot_excess(x, y)", lambda x, y: hypot(x, y) - x, lambda x, y: hypot_excess(x, y)),
    SumRule("hypot(x, y) + x -> hypot_excess(-x, y)", lambda x, y: hypot(x, y) + x, lambda x, y: hypot_excess(-x, y)),
    Rule("x / (1 + abs(x)) -> softsign(x)", lambda x: x / (1 + abs(x)), lambda x: softsign(x), guard=real),
    Rule("x / hypot(x, 1) -> isru(x)", lambda x: x / hypot(x, 1), lambda x: isru(x), guard=real),
    Rule(
        "x**2 / (1 + x**2) -> (x / hypot(x, 1))**2",
        lambda x: square(x) / (1 + square(x)),
        lambda x: square(isru(x)),
        guard=real,
    ),
    Rule(
        "hypot(x, 1) - 1 -> hypot_excess(1, x)",
        lambda x: hypot(x, 1) - 1,
        lambda x: hypot_excess(1, x),
        guard=real,
        exact="needs x < inf",
    ),
    Rule(
        "sqrt(x + y) - sqrt(x) -> sqrt_gap(x, y)",
        lambda x, y: sqrt(x + y) - sqrt(x),
        lambda x, y: sqrt_gap(x, y),
        guard=real,
    ),
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
    Rule("x**2 / y**2 -> (x / y)**2", lambda x, y: square(x) / square(y), lambda x, y: square(x / y), guard=real),
    Rule(
        "x**2 / (w * y**2) -> (x / y)**2 / w",
        lambda x, y, w: square(x) / (w * square(y)),
        lambda x, y, w: square(x / y) / w,
        guard=ordinary,
        constants=("w",),
    ),
    Rule(
        "(w * x**2) / y**2 -> w * (x / y)**2",
        lambda x, y, w: (w * square(x)) / square(y),
        lambda x, y, w: w * square(x / y),
        guard=ordinary,
        constants=("w",),
    ),
    Rule(
        "-x**2 / (w * y**2) -> -(x / y)**2 / w",
        lambda x, y, w: -square(x) / (w * square(y)),
        lambda x, y, w: -(square(x / y) / w),
        guard=ordinary,
        constants=("w",),
    ),
)
