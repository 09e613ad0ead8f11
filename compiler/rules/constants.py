"""Constant factors brought together, so that other patterns find one of them in one place."""

import math

from ...graph.node import Node
from ...ops.arithmetic import divide, multiply
from ..pattern import Rule, uniform_value


def number(c: Node) -> float:
    value = uniform_value(c)
    assert value is not None
    return float(value)


def moderate(value: float) -> bool:
    return value == 0 or 1e-30 < abs(value) < 1e30


def both(x: Node, c: Node, d: Node) -> bool:
    """Real factors whose product and quotient are normal numbers."""
    return x.tensor.is_float and all(moderate(number(v)) and number(v) != 0 for v in (c, d))


def power_of_two(x: Node, c: Node) -> bool:
    """Whether dividing by a constant is, to the last bit, multiplying by another."""
    value = number(c) if x.tensor.is_float else 0.0
    return moderate(value) and abs(math.frexp(value)[0]) == 0.5


def negatable(x: Node, c: Node) -> bool:
    return x.tensor.is_float and number(c) not in (1.0, -1.0)


def times(x: Node, value: float) -> Node:
    """x * value, without a node where that does nothing."""
    return x if value == 1 else -x if value == -1 else x * value


CONSTANTS = (
    Rule(
        "x / 2**k -> x * 2**-k",
        lambda x, c: divide(x, c),
        lambda x, c: times(x, 1 / number(c)),
        "bitwise",
        power_of_two,
        constants=("c",),
    ),
    Rule(
        "-x * c -> x * -c",
        lambda x, c: multiply(-x, c),
        lambda x, c: times(x, -number(c)),
        "bitwise",
        negatable,
        constants=("c",),
    ),
    Rule(
        "-(x * c) -> x * -c",
        lambda x, c: -multiply(x, c),
        lambda x, c: times(x, -number(c)),
        "bitwise",
        negatable,
        constants=("c",),
    ),
    *(
        Rule(name, pattern, replacement, guard=both, constants=("c", "d"))
        for name, pattern, replacement in (
            (
                "(x * c) * d -> x * (c * d)",
                lambda x, c, d: multiply(multiply(x, c), d),
                lambda x, c, d: times(x, number(c) * number(d)),
            ),
            (
                "(x * c) / d -> x * (c / d)",
                lambda x, c, d: divide(multiply(x, c), d),
                lambda x, c, d: times(x, number(c) / number(d)),
            ),
            (
                "(x / c) * d -> x * (d / c)",
                lambda x, c, d: multiply(divide(x, c), d),
                lambda x, c, d: times(x, number(d) / number(c)),
            ),
        )
    ),
)
