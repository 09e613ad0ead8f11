"""The exact values of a declared graph, and how far from them a float evaluation of it may be.

mpmath carries more digits than float64 by as many as a radius can have lost: the same analysis that bounds the error
of floats bounds the error of the exact value, 10**17 times smaller.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from theon.graph.node import Const, Node
from theon.ops.comparison import Where
from theon.ops.elementwise import Elementwise

from . import radius as radii
from .exact_rows import EXACT_ROWS, exact_row
from .known import VOID, Known, constant, is_real, numbers, settled
from .meaning import MOVES, Missing, align, meaning_of
from .wholes import HANDLERS

DIGITS = 34
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
TESTS = ("isnan", "isinf", "isfinite")


def step(node: Node, inputs: Sequence[Known]) -> Any:
    """The exact value of one op; several for one with several outputs."""
    op = node.op
    if isinstance(op, Const):
        return constant(node)
    move = MOVES.get(type(op))
    if move is not None:
        return moved(node, move, inputs)
    if not any(is_real(known) for known in inputs):
        return of_ints(node, inputs)
    found = real_step(node, inputs)
    if is_real(found):
        # What is too large for the dtype, and what no real number stands for.
        over = np.abs(found.near) > float(np.finfo(node.dtype).max)
        none = np.isnan(found.near) & (found.radius != VOID)
        found.radius = np.where(none, np.nan, np.where(over, np.inf, found.radius))
    return found


def real_step(node: Node, inputs: Sequence[Known]) -> Known:
    op = node.op
    if isinstance(op, Where):
        return chosen(*inputs)
    if isinstance(op, Elementwise):
        return elementwise(node, inputs)
    handler = HANDLERS.get(type(op))
    if handler is None:
        raise Missing(f"the exact value of {op.name!r} ({type(op).__name__})", "wholes.py")
    return handler(node, *inputs)


def moved(node: Node, move: Callable[..., Any], inputs: Sequence[Known]) -> Any:
    """Elements elsewhere; index arrays come after the first, and are ints."""
    first = inputs[0]
    if isinstance(first, list):
        return move(node, first)
    pieces = [known for known in inputs if is_real(known) or not is_real(first)] if _joins(node) else [first]
    rest = [] if _joins(node) else [known.value for known in inputs[1:]]
    parts = [move(node, *[getattr(known, part) for known in pieces], *rest) for part in ("value", "near", "radius")]
    value, near, radius = parts
    held = all(known.given for known in inputs)
    if isinstance(value, list):
        return [Known(*one, given=held) for one in zip(value, near, radius, strict=True)]
    return Known(value, near, radius, held)


def _joins(node: Node) -> bool:
    return node.op.name == "concat"


def of_ints(node: Node, inputs: Sequence[Known]) -> Known:
    """Bools and ints are exact; what makes them may not have been."""
    value = np.asarray(meaning_of(node)(node, *[known.value for known in inputs]))
    doubt = sum((float(np.sum(known.radius)) for known in inputs), 0.0)
    radius = np.full(value.shape, 0.0 if doubt == 0 else np.nan)
    held = all(known.given for known in inputs)
    if node.dtype.kind == "f":
        return Known(numbers(value), value.astype(np.float64), radius, held)
    return Known(value, value, radius, held)


# --- Elementwise ------------------------------------------------------------------------------------------------------


def elementwise(node: Node, inputs: Sequence[Known]) -> Known:
    assert isinstance(node.op, Elementwise)
    name = node.op.row.name
    if name in COMPARISONS:
        return compared(COMPARISONS[name], *inputs)
    if name in TESTS:
        (x,) = inputs
        value = np.full(x.value.shape, name == "isfinite")
        return Known(value, value, np.where(np.isfinite(x.radius), 0.0, np.nan))
    if name not in EXACT_ROWS:
        raise Missing(f"the elementwise op {name!r}", "exact_rows.py")
    values, nears = align([known.value for known in inputs]), align([known.near for known in inputs])
    value, near = settled(exact_row(name, tuple(values), tuple(nears)))
    held = name == "negative" and inputs[0].given
    return Known(value, near, radii.elementwise(node, near, inputs), held)


def compared(holds: Callable[[Any, Any], Any], a: Known, b: Known) -> Known:
    """A comparison, in doubt where the radii reach from one side to the other."""
    left, right = align([a.value, b.value])
    value = np.asarray(np.frompyfunc(holds, 2, 1)(left, right), bool)
    (near, other), (one, two) = align([a.near, b.near]), align([a.radius, b.radius])
    reach = one + two
    doubt = ~(np.abs(near - other) > reach) & ~(reach == 0)
    if a.given and b.given:
        doubt = np.isnan(reach)
    return Known(value, value, np.where(doubt, np.nan, 0.0), a.given and b.given)


def chosen(condition: Known, a: Known, b: Known) -> Known:
    parts = (condition.value, a.value, b.value, condition.radius, a.radius, b.radius, a.near, b.near)
    test, left, right, sure, one, two, near, other = align(parts)
    value = np.where(test, left, right)
    either = np.where(sure == 0, np.where(test, one, two), np.where(near == other, one + two, np.nan))
    held = condition.given and a.given and b.given
    return Known(value, np.where(test, near, other), either, held)


__all__ = ["DIGITS", "step"]
