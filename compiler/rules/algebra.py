"""Identities that make programs smaller. Zero may lose its sign; nothing finite becomes wrong."""

from collections.abc import Callable

import numpy as np

from ...graph.node import Const, Node, constant
from ...ops.arithmetic import abs, add, divide, maximum, multiply, negative, subtract
from ...ops.comparison import where
from ...ops.elementwise import Elementwise
from ...ops.nn.activations import relu
from ...ops.powers import pow
from ...ops.transcendental import reciprocal
from ..facts import nonnegative
from ..pattern import Rule, RuleTable, uniform_value
from .constants import joins, number


def numbers(*constants: Node) -> bool:
    """Whether constants are one number each, and not an array of equal ones, whose zeros may differ in sign."""
    return all(not isinstance(c.op, Const) or c.ndim == 0 for c in constants)


def computed(formula: Callable[..., Node]) -> Callable[..., Node]:
    """The replacement that computes an op of constants, as XLA would: these ops are rounded once, everywhere alike."""

    return lambda *constants: folded(formula(*constants))


def folded(node: Node) -> Node:
    assert isinstance(node.op, Elementwise)
    with np.errstate(all="ignore"):
        value = node.op.row.fold(*(np.asarray(uniform_value(c), c.dtype) for c in node.inputs))
    return constant(np.asarray(value, node.dtype))


def joins_product(x: Node, y: Node, c: Node, d: Node) -> bool:
    return x.tensor.is_float and joins(x, number(c) * number(d))


ALGEBRA = RuleTable(
    "algebra",
    (
        Rule("0 - x -> -x", lambda x: subtract(0, x), lambda x: negative(x), exact="needs x != 0"),
        Rule("x * -1 -> -x", lambda x: multiply(x, -1), lambda x: negative(x), exact="bitwise"),
        Rule("x / -1 -> -x", lambda x: divide(x, -1), lambda x: negative(x), exact="bitwise"),
        Rule("-x * -y -> x * y", lambda x, y: multiply(-x, -y), lambda x, y: x * y, exact="bitwise"),
        Rule("-x * y -> -(x * y)", lambda x, y: multiply(-x, y), lambda x, y: -(x * y), exact="bitwise"),
        *(
            Rule(
                f"{name} of constants -> constant",
                formula,
                computed(formula),
                "bitwise",
                numbers,
                constants=("c", "d"),
            )
            for name, formula in (
                ("sum", lambda c, d: add(c, d)),
                ("difference", lambda c, d: subtract(c, d)),
                ("product", lambda c, d: multiply(c, d)),
                ("quotient", lambda c, d: divide(c, d)),
            )
        ),
        Rule("-c -> constant", lambda c: negative(c), computed(negative), "bitwise", numbers, constants=("c",)),
        Rule(
            "c * ((d * x) / y) -> (c * d) * (x / y)",
            lambda x, y, c, d: multiply(c, divide(multiply(d, x), y)),
            lambda x, y, c, d: multiply(number(c) * number(d), divide(x, y)),
            guard=joins_product,
            constants=("c", "d"),
        ),
        Rule("-x / y -> -(x / y)", lambda x, y: divide(-x, y), lambda x, y: -(x / y), exact="bitwise"),
        Rule("x + -y -> x - y", lambda x, y: add(x, -y), lambda x, y: x - y, exact="bitwise"),
        Rule("x - -y -> x + y", lambda x, y: subtract(x, -y), lambda x, y: x + y, exact="bitwise"),
        Rule("x ** 1 -> x", lambda x: pow(x, 1), lambda x: x, exact="bitwise"),
        Rule("x ** -1 -> 1 / x", lambda x: pow(x, -1), lambda x: reciprocal(x), guard=lambda x: x.tensor.is_inexact),
        Rule("abs(x) -> x", lambda x: abs(x), lambda x: x, "needs x >= 0", nonnegative),
        Rule("max(x, 0) -> x", lambda x: maximum(x, 0), lambda x: x, "needs x >= 0", nonnegative),
        Rule("relu(x) -> x", lambda x: relu(x), lambda x: x, "needs x >= 0", nonnegative),
        Rule("where(true, x, y) -> x", lambda x, y: where(True, x, y), lambda x, y: x, exact="bitwise"),
        Rule("where(false, x, y) -> y", lambda x, y: where(False, x, y), lambda x, y: y, exact="bitwise"),
        *(
            Rule(name, pattern, replacement, "bitwise", bools=("c",))
            for name, pattern, replacement in (
                (
                    "where(c, where(c, x, y), z) -> where(c, x, z)",
                    lambda c, x, y, z: where(c, where(c, x, y), z),
                    lambda c, x, y, z: where(c, x, z),
                ),
                (
                    "where(c, x, where(c, y, z)) -> where(c, x, z)",
                    lambda c, x, y, z: where(c, x, where(c, y, z)),
                    lambda c, x, y, z: where(c, x, z),
                ),
            )
        ),
        Rule("where(c, x, x) -> x", lambda c, x: where(c, x, x), lambda c, x: x, exact="bitwise", bools=("c",)),
    ),
)
