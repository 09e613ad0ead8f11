"""Logarithms and shares of values with exponentials in them, from the exponents."""

from __future__ import annotations

from ..graph.node import Node
from ..ops.arithmetic import abs, minimum
from ..ops.gradient import stop_gradient
from ..ops.nn.activations import softplus
from ..ops.precise import last_exponent
from ..ops.reduce import Reduce
from ..ops.special import log1mexp
from ..ops.transcendental import exp, log, sigmoid
from .complements import log_of_rest
from .exponents import is_named, known_log, log_of_sum, scaled, terms_of
from .pattern import uniform_value


def log_of_exponentials(node: Node) -> Node | None:
    """`log` of a value with exponentials in it, from their exponents."""
    part = scaled(node.inputs[0]) if node.tensor.is_float else None
    return None if part is None else part.logarithm


def log1p_of_exponentials(node: Node) -> Node | None:
    """`log(1 + t)` and `log(1 - t)` for a product t of exponentials and positive constants, from its logarithm."""
    if not node.tensor.is_float:
        return None
    t = node.inputs[0]
    falls = is_named(t, "negative")
    without = log_of_rest(t.inputs[0]) if falls else None
    if without is not None:
        return without
    part = scaled(t.inputs[0] if falls else t)
    if part is None or not part.is_positive:
        return None
    return log1mexp(part.logarithm) if falls else softplus(part.logarithm)


def share_of_sum(node: Node) -> Node | None:
    """`t / (t + u + ...)` for positive terms: the logistic function of how far t is above the others."""
    if not node.tensor.is_float:
        return None
    mine, total = node.inputs
    terms = terms_of(total)
    place = next((i for i, term in enumerate(terms) if term is mine), None)
    if place is None or len(terms) < 2:
        return None
    logs = logs_of([mine, *terms[:place], *terms[place + 1 :]])
    return None if logs is None else sigmoid(logs[0] - log_of_sum(logs[1:]))


def logs_of(terms: list[Node]) -> list[Node] | None:
    """The logarithms of terms that are all surely positive, with an exponential among them."""
    parts = [scaled(term) for term in terms]
    if all(part is None for part in parts):
        return None
    logs = [known_log(term, part) for term, part in zip(terms, parts, strict=True)]
    known = [log_ for log_ in logs if log_ is not None]
    return known if len(known) == len(logs) else None


def weighted_shares(x: Node, w: Node, axes: tuple[int, ...]) -> Node:
    """`w * exp(x) / sum(w * exp(x))`, with the largest term taken out of all of them, as a constant.

    Not by softmax(x): beside a large x of a small weight, a share that is to have a large one would underflow.
    """
    largest = stop_gradient(Reduce("max", axes, True)(x + log(abs(w))))
    term = w * exp(minimum(x - largest, last_exponent(x.dtype)))  # of a weight 0, the exponential is not to overflow
    return term / Reduce("sum", axes, True)(term)


def is_shifted(x: Node) -> bool:
    """Whether an exponent is one that `weighted_shares` made."""
    return is_named(x, "minimum") and uniform_value(x.inputs[1]) == last_exponent(x.dtype)


__all__ = ["is_shifted", "log1p_of_exponentials", "log_of_exponentials", "share_of_sum", "weighted_shares"]
