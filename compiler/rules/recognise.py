"""Composites that users spell out, recognised as the whole ops that they are. Run before differentiation.

A pick, a reshape or a transpose between the parts does not hide them: `log` moves through what only moves elements.
"""

import numpy as np

from ...graph.dims import broadcast_shapes
from ...graph.node import Node
from ...ops.arithmetic import abs
from ...ops.axes import count
from ...ops.elementwise import elementwise_op
from ...ops.index import Index
from ...ops.moments import Mean, mean, var
from ...ops.nn.activations import LogSoftmax, Softmax, log_softmax, logsumexp, softmax
from ...ops.powers import pow, square
from ...ops.reduce import Reduce
from ...ops.shape import ExpandDims, Reshape
from ...ops.transcendental import exp, log, sqrt
from ...ops.whole import log_mean_exp, norm
from ..logarithms import is_shifted, weighted_shares
from ..moves import MOVES
from ..pattern import Rule, RuleTable, Transform, uniform_value
from .constants import CONSTANTS
from .guards import leads, picks_one, real, restores
from .indexing import INDEXING
from .reductions import REDUCTIONS


def product_with_itself(node: Node) -> Node | None:
    return square(node.inputs[0]) if node.inputs[0] is node.inputs[1] else None


def sums(x: Node, s: Reduce) -> bool:
    return s.kind == "sum" and x.tensor.is_float


def averages(x: Node, s: Mean) -> bool:
    return x.tensor.is_float and count(x, s.axes) > 0


def divides_by_count(x: Node, s: Reduce, c: Node) -> bool:
    return sums(x, s) and uniform_value(c) == count(x, s.axes)


def multiplies_by_inverse_count(x: Node, s: Reduce, c: Node) -> bool:
    number = count(x, s.axes)
    return sums(x, s) and number > 0 and uniform_value(c) == float(np.asarray(1 / number, x.dtype))


def means_of_one(x: Node, m: Mean, n: Mean) -> bool:
    """Whether what is subtracted is the mean along the same axes, put back to where it was taken from."""
    return averages(x, m) and m.axes == n.axes and (n.keepdims or m.axes == tuple(range(len(m.axes))))


def sums_in_place(x: Node, s: Reduce) -> bool:
    """A sum that divides back onto what it summed: its axes kept, or in front, where broadcasting puts them back."""
    return sums(x, s) and (s.keepdims or leads(s.axes))


def weighs_in_place(x: Node, w: Node, s: Reduce) -> bool:
    """The same for weights that add no axes, by which those of the sum are counted."""
    return sums_in_place(x, s) and broadcast_shapes([x.dims, w.dims]) == x.dims and not is_shifted(x)


def sums_then_restores(x: Node, s: Reduce, r: ExpandDims | Reshape) -> bool:
    """A sum whose axes are put back."""
    return sums(x, s) and restores(x, s, r)


def sums_where_picked(x: Node, m: Index, s: Reduce) -> bool:
    """A pick of one position along the summed axes, and of all along the others."""
    return not s.keepdims and sums(x, s) and picks_one(x, s, m)


RECOGNISE = RuleTable(
    "recognise",
    (
        Rule("x ** 2 -> square(x)", lambda x: pow(x, 2), lambda x: square(x)),
        Rule("square(-x) -> square(x)", lambda x: square(-x), lambda x: square(x), exact="bitwise"),
        Rule("square(abs(x)) -> square(x)", lambda x: square(abs(x)), lambda x: square(x), "bitwise", guard=real),
        Rule("abs(-x) -> abs(x)", lambda x: abs(-x), lambda x: abs(x), exact="bitwise"),
        Transform("x * x -> square(x)", elementwise_op("multiply"), product_with_itself),
        *REDUCTIONS,
        *CONSTANTS,
        Rule("x ** 0.5 -> sqrt(x)", lambda x: pow(x, 0.5), lambda x: sqrt(x), exact="needs x > -inf"),
        *(
            Rule(
                f"sqrt(sum({squares})) -> norm(x)",
                pattern,
                lambda x, s: norm(x, s.axes, s.keepdims),
                guard=sums,
                ops={"s": Reduce},
            )
            for squares, pattern in (("square(x)", lambda x, s: sqrt(s(square(x)))),)
        ),
        Rule(
            "sum(x) / n -> mean(x)",
            lambda x, s, c: s(x) / c,
            lambda x, s, c: mean(x, s.axes, s.keepdims),
            guard=divides_by_count,
            ops={"s": Reduce},
            constants=("c",),
        ),
        Rule(
            "sum(x) * (1 / n) -> mean(x)",
            lambda x, s, c: s(x) * c,
            lambda x, s, c: mean(x, s.axes, s.keepdims),
            guard=multiplies_by_inverse_count,
            ops={"s": Reduce},
            constants=("c",),
        ),
        Rule(
            "mean((x - mean(x))**2) -> var(x)",
            lambda x, m, n: m(square(x - n(x))),
            lambda x, m, n: var(x, m.axes, m.keepdims),
            guard=means_of_one,
            ops={"m": Mean, "n": Mean},
        ),
        Rule(
            "exp(x)[i] / sum(exp(x)) -> softmax(x)[i], i at run time",
            lambda x, m, s, i: m(exp(x), i) / s(exp(x)),
            lambda x, m, s, i: m(softmax(x, s.axes), i),
            guard=lambda x, m, s, i: sums_where_picked(x, m, s),
            ops={"m": Index, "s": Reduce},
        ),
        Rule(
            "exp(x[i]) / sum(exp(x)) -> softmax(x)[i], i at run time",
            lambda x, m, s, i: exp(m(x, i)) / s(exp(x)),
            lambda x, m, s, i: m(softmax(x, s.axes), i),
            guard=lambda x, m, s, i: sums_where_picked(x, m, s),
            ops={"m": Index, "s": Reduce},
        ),
        *INDEXING,
        Rule(
            "log(sum(exp(x))) -> logsumexp(x)",
            lambda x, s: log(s(exp(x))),
            lambda x, s: logsumexp(x, s.axes, keepdims=s.keepdims),
            guard=sums,
            ops={"s": Reduce},
        ),
        Rule(
            "log(mean(exp(x))) -> log_mean_exp(x)",
            lambda x, s: log(s(exp(x))),
            lambda x, s: log_mean_exp(x, s.axes, s.keepdims),
            guard=averages,
            ops={"s": Mean},
        ),
        Rule(
            "exp(x) / sum(exp(x)) -> softmax(x)",
            lambda x, s: exp(x) / s(exp(x)),
            lambda x, s: softmax(x, s.axes),
            guard=sums_in_place,
            ops={"s": Reduce},
        ),
        Rule(
            "exp(x) / restore(sum(exp(x))) -> softmax(x)",
            lambda x, s, r: exp(x) / r(s(exp(x))),
            lambda x, s, r: softmax(x, s.axes),
            guard=sums_then_restores,
            ops={"s": Reduce, "r": (ExpandDims, Reshape)},
        ),
        Rule(
            "exp(x)[i] / sum(exp(x)) -> softmax(x)[i]",
            lambda x, m, s: m(exp(x)) / s(exp(x)),
            lambda x, m, s: m(softmax(x, s.axes)),
            guard=sums_where_picked,
            ops={"m": Index, "s": Reduce},
        ),
        Rule(
            "exp(x[i]) / sum(exp(x)) -> softmax(x)[i]",
            lambda x, m, s: exp(m(x)) / s(exp(x)),
            lambda x, m, s: m(softmax(x, s.axes)),
            guard=sums_where_picked,
            ops={"m": Index, "s": Reduce},
        ),
        Rule(
            "(w * exp(x)) / sum(w * exp(x)) -> (w * exp(x - largest)) / sum(w * exp(x - largest))",
            lambda x, w, s: (w * exp(x)) / s(w * exp(x)),
            lambda x, w, s: weighted_shares(x, w, s.axes),
            guard=weighs_in_place,
            ops={"s": Reduce},
        ),
        Rule(
            "sum(w * exp(x)) / sum(exp(x)) -> sum(w * softmax(x))",
            lambda x, w, s: s(w * exp(x)) / s(exp(x)),
            lambda x, w, s: s(w * softmax(x, s.axes)),
            guard=lambda x, w, s: sums(x, s) and w.ndim <= x.ndim,  # both sums run over the axes of x
            ops={"s": Reduce},
        ),
        Rule(
            "log(softmax(x)) -> log_softmax(x)",
            lambda x, p: log(p(x)),
            lambda x, p: log_softmax(x, p.axes),
            ops={"p": Softmax},
        ),
        Rule(
            "exp(log_softmax(x)) -> softmax(x)",
            lambda x, p: exp(p(x)),
            lambda x, p: softmax(x, p.axes),
            ops={"p": LogSoftmax},
        ),
        *(
            Rule(
                f"log(move(softmax(x){picks})) -> move(log_softmax(x){picks})",
                pattern,
                replacement,
                ops={"m": MOVES, "p": Softmax},
                exact="reassociates",
            )
            for picks, pattern, replacement in (
                ("", lambda x, m, p: log(m(p(x))), lambda x, m, p: m(log_softmax(x, p.axes))),
                (", i", lambda x, m, p, i: log(m(p(x), i)), lambda x, m, p, i: m(log_softmax(x, p.axes), i)),
                (
                    ", i, j",
                    lambda x, m, p, i, j: log(m(p(x), i, j)),
                    lambda x, m, p, i, j: m(log_softmax(x, p.axes), i, j),
                ),
            )
        ),
    ),
)
