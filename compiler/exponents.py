"""Values seen as exponentials: `exp(exponent) * factor`, so that a logarithm needs no number that may overflow.

`log` of a product, a quotient, a power, a sum or a pick of exponentials is found from the exponents alone, through
whatever stands in between and however deep. Functions whose logarithm is a function of its own (softmax, sigmoid, the
normal distribution) count as exponentials of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

from ..graph.node import Const, Node, Pick, scalar_constant
from ..graph.op import Op
from ..ops.assume import Assume
from ..ops.axes import count
from ..ops.comparison import where
from ..ops.creation import full_like, zeros_like
from ..ops.elementwise import Cast, Elementwise, cast_to
from ..ops.join import Concat, Split, stack
from ..ops.moments import Mean
from ..ops.nn.activations import Softmax, log_softmax, logsumexp, softplus
from ..ops.reduce import Reduce
from ..ops.rest import log1p_square, log_cosh
from ..ops.shape import broadcast_to, expand_dims
from ..ops.special import log1mexp
from ..ops.special_normal import log_ndtr
from ..ops.transcendental import log, logaddexp
from ..ops.whole import weighted_logsumexp
from .complements import log_of_rest
from .facts import facts, nonnegative, positive
from .look import Look
from .moves import MOVES
from .pattern import uniform_value
from .sums import difference

TERMS = 8  # of a sum that is spelled out


@dataclass(frozen=True)
class Scaled:
    """A value as `exp(exponent) * factor`; no factor is 1.

    A value that is `signed` may be negative: its exponent is nan there, as its logarithm is, so that it stands for the
    value under a logarithm, and not in what may be positive again.
    """

    exponent: Node
    factor: Node | None = None
    signed: bool = False

    @property
    def logarithm(self) -> Node:
        return self.exponent if self.factor is None else self.exponent + log(self.factor)

    @property
    def is_positive(self) -> bool:
        """Whether both the value and the logarithm of its factor can be relied on, also in a derivative."""
        return not self.signed and (self.factor is None or has_logarithms(self.factor))


# Functions that are exponentials of another function.
LOGARITHMS: dict[str, Callable[[Node], Node]] = {
    "exp": lambda x: x,
    "sigmoid": lambda x: -softplus(-x),
    "ndtr": log_ndtr,
    "erfc": lambda x: log_ndtr(x * -math.sqrt(2)) + math.log(2),
    "cosh": log_cosh,
}


def scaled(node: Node, look: Look | None = None) -> Scaled | None:
    """`node` as an exponential times a factor; None where there is no exponential to be seen."""
    return (look or Look()).at(node, _scaled)


def _scaled(node: Node, look: Look) -> Scaled | None:
    op = node.op
    if not node.inputs:
        return None
    if isinstance(op, Elementwise):
        if op.row.name in LOGARITHMS:
            return Scaled(LOGARITHMS[op.row.name](node.inputs[0]))
        rule = ELEMENTWISE.get(op.row.name)
        return None if rule is None or not node.tensor.is_float else rule(node, look)
    if isinstance(op, Softmax):
        return Scaled(log_softmax(node.inputs[0], op.axes))
    other = OTHERS.get(type(op))
    return None if other is None else other(node, look)


# --- Products and powers ----------------------------------------------------------------------------------------------


def _multiply(node: Node, look: Look) -> Scaled | None:
    a, b = among(node, look)
    if a is None and b is None:
        return None
    exponents = [part.exponent for part in (a, b) if part is not None]
    factors = [factor_of(source, part) for source, part in zip(node.inputs, (a, b), strict=True)]
    present = [factor for factor in factors if factor is not None]
    return Scaled(
        exponents[0] if len(exponents) == 1 else exponents[0] + exponents[1],
        None if not present else present[0] if len(present) == 1 else present[0] * present[1],
        any(part is not None and part.signed for part in (a, b)),
    )


def factor_of(source: Node, part: Scaled | None) -> Node | None:
    """What an operand brings to a product beside its exponential."""
    factor = source if part is None else part.factor
    return None if factor is None or uniform_value(factor) == 1 else factor


def among(node: Node, look: Look) -> list[Scaled | None]:
    """Both operands as exponentials; one that is signed only beside one that is surely positive."""
    parts = [scaled(source, look) for source in node.inputs]
    sure = [
        positive(source) if part is None else part.is_positive for source, part in zip(node.inputs, parts, strict=True)
    ]
    return [None if part is not None and part.signed and not sure[1 - i] else part for i, part in enumerate(parts)]


def _divide(node: Node, look: Look) -> Scaled | None:
    above, below = node.inputs
    a, b = among(node, look)
    if a is None and b is None:
        return None
    top, bottom = factor_of(above, a), factor_of(below, b)
    factor = top if bottom is None else (1 if top is None else top) / bottom
    if b is None:
        assert a is not None
        return Scaled(a.exponent, factor, a.signed)
    signed = b.signed or (a is not None and a.signed)
    return Scaled(-b.exponent if a is None else a.exponent - b.exponent, factor, signed)


def _negative(node: Node, look: Look) -> Scaled | None:
    x = scaled(node.inputs[0], look)
    return None if x is None or x.factor is None or x.signed else Scaled(x.exponent, -x.factor)


def _power(of_exponent: Callable[[Node], Node], even: bool = False) -> Callable[[Node, Look], Scaled | None]:
    """A function `f` for which `f(exp(x) * w)` is `exp(of_exponent(x)) * f(w)`; an even one hides the sign."""

    def rule(node: Node, look: Look) -> Scaled | None:
        x = scaled(node.inputs[0], look)
        if x is None or (even and x.signed):
            return None
        return Scaled(of_exponent(x.exponent), None if x.factor is None else node.op(x.factor), x.signed)

    return rule


def _pow(node: Node, look: Look) -> Scaled | None:
    base, exponent = node.inputs
    x = scaled(base, look)
    power = uniform_value(exponent)
    if x is None or not power or (x.signed and power % 2 == 0):  # what overflows has a power 0, its logarithm none
        return None
    return Scaled(x.exponent * exponent, None if x.factor is None else node.op(x.factor, exponent), x.signed)


# --- Sums -------------------------------------------------------------------------------------------------------------


def terms_of(node: Node) -> list[Node]:
    """The terms of a sum that is spelled out, in order; the node itself where it is none."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one.op, Elementwise) and one.op.row.name == "add" and len(found) + len(waiting) < TERMS:
            waiting.extend(reversed(one.inputs))
        else:
            found.append(one)
    return found


def _add(node: Node, look: Look) -> Scaled | None:
    """By logaddexp where every term is positive, else by a sum with weights of any sign."""
    terms = terms_of(node)
    if len(terms) == 2 and is_one_and_square(terms):
        return Scaled(log1p_square(next(term for term in terms if term.inputs).inputs[0]))
    parts = [unsigned(scaled(term, look)) for term in terms]
    if all(part is None for part in parts):
        return None
    logs = [known_log(term, part) for term, part in zip(terms, parts, strict=True)]
    if all(log_ is not None for log_ in logs):
        return Scaled(log_of_sum([log_ for log_ in logs if log_ is not None]))
    if sum(part is not None for part in parts) < 2:
        return None  # one exponential beside other numbers is no mixture: plain, it is as good
    exponents = [zeros_like(node) if part is None else part.exponent for part in parts]
    weights = [term if part is None else part.factor for term, part in zip(terms, parts, strict=True)]
    ones = full_like(node, 1)
    return Scaled(
        weighted_logsumexp(
            stack([broadcast_to(x, node.sizes) for x in exponents]),
            stack([broadcast_to(ones if w is None else w, node.sizes) for w in weights]),
            (0,),
        ),
        signed=not all(weight is None or nonnegative(weight) for weight in weights),
    )


def is_named(node: Node, name: str) -> bool:
    return isinstance(node.op, Elementwise) and node.op.row.name == name


def unsigned(part: Scaled | None) -> Scaled | None:
    return None if part is None or part.signed else part


def is_one_and_square(terms: list[Node]) -> bool:
    """Whether a sum is 1 + x**2."""
    a, b = terms
    return (uniform_value(a) == 1 and is_named(b, "square")) or (uniform_value(b) == 1 and is_named(a, "square"))


def known_log(node: Node, part: Scaled | None) -> Node | None:
    """The logarithm of what is surely positive: of an exponential, or of a positive constant."""
    if part is not None:
        return part.logarithm if part.is_positive else None
    value = uniform_value(node)
    return None if value is None or value <= 0 else scalar_constant(math.log(value), node.dtype)


def log_of_sum(logs: list[Node]) -> Node:
    """The logarithm of a sum, from those of its terms."""
    return reduce(logaddexp, logs)


def _subtract(node: Node, look: Look) -> Scaled | None:
    """The larger taken out; nan where the difference is negative, as its logarithm would be."""
    parts = [scaled(source, look) for source in node.inputs]
    if all(part is None for part in parts):
        return None
    without = log_of_rest(node.inputs[1]) if uniform_value(node.inputs[0]) == 1 else None
    if without is not None:
        return Scaled(without)
    above, below = (known_log(source, part) for source, part in zip(node.inputs, parts, strict=True))
    if above is None or below is None:
        return None
    return Scaled(above + log1mexp(difference(below, above)), signed=not nonnegative(node))


def _sum(node: Node, look: Look) -> Scaled | None:
    op, x = node.op, node.inputs[0]
    assert isinstance(op, Reduce)
    part = unsigned(scaled(x, look))
    if part is None or op.kind not in ("sum", "prod") or not x.tensor.is_float:
        return None
    exponent = broadcast_to(part.exponent, x.sizes)
    factor = None if part.factor is None else broadcast_to(part.factor, x.sizes)
    if op.kind == "prod":
        total = Reduce("sum", op.axes, op.keepdims)(exponent)
        return Scaled(total, None if factor is None else op(factor))
    if factor is None or has_logarithms(factor):
        terms = exponent if factor is None else exponent + log(factor)
        return Scaled(logsumexp(terms, op.axes, keepdims=op.keepdims))
    total = weighted_logsumexp(exponent, factor, op.axes)
    return Scaled(expand_dims(total, op.axes) if op.keepdims else total, signed=not nonnegative(factor))


def has_logarithms(weights: Node) -> bool:
    """Whether weights have logarithms, or no derivative is asked of what is 0: the positive may underflow."""
    return stays_positive(weights) or (nonnegative(weights) and not is_smooth(weights))


def stays_positive(x: Node) -> bool:
    """Whether a value is positive as computed: one that is by its exact value may still come out as 0."""
    while isinstance(x.op, MOVES):
        x = x.inputs[0]
    return facts(x).low > 0 or x.op == Assume("positive")


def is_smooth(node: Node) -> bool:
    """Whether a derivative may be asked of a node: not of constants, nor of what was made from ints or bools."""
    while isinstance(node.op, (*MOVES, Cast, Assume)):
        node = node.inputs[0]
        if not node.tensor.is_inexact:
            return False
    return not isinstance(node.op, Const)


def _mean(node: Node, look: Look) -> Scaled | None:
    op, x = node.op, node.inputs[0]
    assert isinstance(op, Mean)
    number = count(x, op.axes)
    total = _sum(Reduce("sum", op.axes, op.keepdims)(x), look) if number else None
    return None if total is None else Scaled(total.exponent - math.log(number), signed=total.signed)


# --- Choices, and what only moves elements ----------------------------------------------------------------------------


def _where(node: Node, look: Look) -> Scaled | None:
    condition, *branches = node.inputs
    parts = [scaled(branch, look) for branch in branches]
    if all(part is None for part in parts):
        return None
    logs = [known_log(branch, part) for branch, part in zip(branches, parts, strict=True)]
    if logs[0] is None or logs[1] is None:
        return None
    return Scaled(where(condition, logs[0], logs[1]))


def _extremum(node: Node, look: Look) -> Scaled | None:
    parts = [scaled(source, look) for source in node.inputs]
    if all(part is None for part in parts):
        return None
    logs = [known_log(source, part) for source, part in zip(node.inputs, parts, strict=True)]
    if logs[0] is None or logs[1] is None:
        return None
    return Scaled(node.op(logs[0], logs[1]))


def _moved(node: Node, look: Look) -> Scaled | None:
    x, *indices = node.inputs
    part = scaled(x, look)
    if part is None:
        return None
    exponent = node.op(broadcast_to(part.exponent, x.sizes), *indices)
    factor = None if part.factor is None else node.op(broadcast_to(part.factor, x.sizes), *indices)
    return Scaled(exponent, factor, part.signed)


def _cast(node: Node, look: Look) -> Scaled | None:
    part = scaled(node.inputs[0], look)
    if part is None or not node.inputs[0].tensor.is_float or not node.tensor.is_float:
        return None
    factor = None if part.factor is None else cast_to(part.factor, node.dtype)
    return Scaled(cast_to(part.exponent, node.dtype), factor, part.signed)


def _joined(node: Node, look: Look) -> Scaled | None:
    """Parts of which all have logarithms, exponentials among them."""
    parts = [scaled(source, look) for source in node.inputs]
    if all(part is None for part in parts):
        return None
    logs = [known_log(source, part) for source, part in zip(node.inputs, parts, strict=True)]
    known = [
        broadcast_to(log_, source.sizes) for log_, source in zip(logs, node.inputs, strict=True) if log_ is not None
    ]
    return Scaled(node.op(*known)) if len(known) == len(logs) else None


def _part(node: Node, look: Look) -> Scaled | None:
    """A part of what was split."""
    split = node.inputs[0]
    if not isinstance(split.op, Split):
        return None
    x = split.inputs[0]
    part = scaled(x, look)
    if part is None:
        return None
    exponent, factor = (
        None if one is None else node.op(split.op(broadcast_to(one, x.sizes))) for one in (part.exponent, part.factor)
    )
    assert exponent is not None
    return Scaled(exponent, factor, part.signed)


Rule: TypeAlias = Callable[[Node, Look], "Scaled | None"]
ELEMENTWISE: dict[str, Rule] = {
    "multiply": _multiply,
    "divide": _divide,
    "negative": _negative,
    "reciprocal": _power(lambda x: -x),
    "square": _power(lambda x: 2 * x, even=True),
    "sqrt": _power(lambda x: x * 0.5),
    "pow": _pow,
    "add": _add,
    "subtract": _subtract,
    "where": _where,
    "maximum": _extremum,
    "minimum": _extremum,
}
OTHERS: dict[type[Op], Rule] = {
    Reduce: _sum,
    Mean: _mean,
    Cast: _cast,
    Concat: _joined,
    Pick: _part,
    Assume: lambda node, look: scaled(node.inputs[0], look),
    **dict.fromkeys(MOVES, _moved),
}


__all__ = ["is_named", "is_smooth", "known_log", "log_of_sum", "scaled", "terms_of"]
