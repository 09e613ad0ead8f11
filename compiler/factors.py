"""Products as lists of factors with their powers, and the logarithm of one."""

from __future__ import annotations

from typing import TypeAlias

from ..graph.node import Node
from ..ops.elementwise import Elementwise
from ..ops.log_product import log_product
from .pattern import uniform_value

Factor: TypeAlias = tuple[Node, float | Node]

FACTORS = 8


def factors_of(node: Node) -> list[Factor]:
    """What is multiplied and divided by, in order; beyond the first few, what is left counts as one factor."""
    found: list[Factor] = []
    waiting: list[tuple[Node, float]] = [(node, 1.0)]
    while waiting:
        one, power = waiting.pop()
        name = one.op.row.name if isinstance(one.op, Elementwise) else None
        if name in ("multiply", "divide") and len(found) + len(waiting) < FACTORS:
            second = power if name == "multiply" else -power
            waiting.extend([(one.inputs[1], second), (one.inputs[0], power)])
        elif name == "pow":
            base, exponent = one.inputs
            value = uniform_value(exponent)
            by = exponent * power if value is None else float(value) * power
            found.append((base, by))
        elif name == "reciprocal":
            found.append((one.inputs[0], -power))
        elif name == "square":
            found.append((one.inputs[0], 2 * power))
        else:
            found.append((one, power))
    return found


def log_of_product(node: Node) -> Node | None:
    """`log` of a product, a quotient or a power by a value, of all its factors at once."""
    x = node.inputs[0]
    if not node.tensor.is_float:
        return None
    # A power 0 is 1, of what overflows too.
    factors = [factor for factor in factors_of(x) if isinstance(factor[1], Node) or factor[1]]
    if not factors or (len(factors) == 1 and factors[0][0] is x):
        return None
    return log_product(factors)


__all__ = ["factors_of", "log_of_product"]
