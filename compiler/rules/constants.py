"""Constants that do nothing, and constant factors brought together, so that other patterns find one, in one place."""

import math
from collections.abc import Callable

from ...graph.node import Node
from ...graph.types import limits
from ...ops.arithmetic import add, divide, multiply, subtract
from ..pattern import Rule, uniform_value


def number(c: Node) -> float:
    value = uniform_value(c)
    assert value is not None
    return float(value)


def joins(x: Node, value: float) -> bool:
    """Whether a factor of x made of two is a number that loses nothing: no overflow, nothing that vanishes."""
    held = limits(x.dtype)
    return held.tiny <= abs(value) <= held.max


def power_of_two(x: Node, c: Node) -> bool:
    """Whether dividing by a constant is, to the last bit, multiplying by another."""
    value = number(c) if x.tensor.is_float else 0.0
    return abs(math.frexp(value)[0]) == 0.5 and joins(x, value) and joins(x, 1 / value)


def is_real(x: Node, c: Node) -> bool:
    return x.tensor.is_float


def times(x: Node, value: float) -> Node:
    """x * value, without a product where that does nothing."""
    return x if value == 1 else -x if value == -1 else x * value


def joined(name: str, pattern: Callable[[Node, Node, Node], Node], value: Callable[[float, float], float]) -> Rule:
    """The rule that makes one factor of two constants."""

    def guard(x: Node, c: Node, d: Node) -> bool:
        return x.tensor.is_float and number(c) != 0 != number(d) and joins(x, value(number(c), number(d)))

    return Rule(name, pattern, lambda x, c, d: times(x, value(number(c), number(d))), guard=guard, constants=("c", "d"))


CONSTANTS = (
    Rule("x * 1 -> x", lambda x: multiply(x, 1), lambda x: x, exact="bitwise"),
    Rule("x / 1 -> x", lambda x: divide(x, 1), lambda x: x, exact="bitwise"),
    Rule("x - 0 -> x", lambda x: subtract(x, 0), lambda x: x, exact="bitwise"),
    Rule("x + 0 -> x", lambda x: add(x, 0), lambda x: x, exact="needs x != -0"),
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
        is_real,
        constants=("c",),
    ),
    Rule(
        "-(x * c) -> x * -c",
        lambda x, c: -multiply(x, c),
        lambda x, c: times(x, -number(c)),
        "bitwise",
        is_real,
        constants=("c",),
    ),
    joined("(x * c) * d -> x * (c * d)", lambda x, c, d: multiply(multiply(x, c), d), lambda c, d: c * d),
    joined("(x * c) / d -> x * (c / d)", lambda x, c, d: divide(multiply(x, c), d), lambda c, d: c / d),
    joined("(x / c) * d -> x * (d / c)", lambda x, c, d: multiply(divide(x, c), d), lambda c, d: d / c),
)
