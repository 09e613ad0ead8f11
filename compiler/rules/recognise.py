"""Composites that users spell out, recognised as the whole ops that they are. Run before differentiation.

A pick, a reshape or a transpose between the parts does not hide them: `log` moves through what only moves elements.
"""

from ...graph.node import Node
from ...ops.index import Index
from ...ops.nn.activations import LogSoftmax, Softmax, log_softmax, logsumexp, softmax
from ...ops.reduce import Reduce
from ...ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose
from ...ops.transcendental import exp, log
from ..pattern import Rule, RuleTable

MOVES = (Index, Reshape, Transpose, ExpandDims, Squeeze, BroadcastTo)


def sums(s: Reduce) -> bool:
    return s.kind == "sum"


def sums_whole_axis(x: Node, s: Reduce) -> bool:
    """A sum that divides back onto what it summed: its axes kept, or all axes."""
    return sums(s) and (s.keepdims or len(s.axes) == x.ndim)


def sums_then_restores(x: Node, s: Reduce, e: ExpandDims) -> bool:
    return sums(s) and not s.keepdims and e.axes == s.axes


RECOGNISE = RuleTable(
    "recognise",
    (
        Rule(
            "log(sum(exp(x))) -> logsumexp(x)",
            lambda x, s: log(s(exp(x))),
            lambda x, s: logsumexp(x, s.axes, keepdims=s.keepdims),
            guard=lambda x, s: sums(s),
            ops={"s": Reduce},
        ),
        Rule(
            "exp(x) / sum(exp(x)) -> softmax(x)",
            lambda x, s: exp(x) / s(exp(x)),
            lambda x, s: softmax(x, s.axes),
            guard=sums_whole_axis,
            ops={"s": Reduce},
        ),
        Rule(
            "exp(x) / expand_dims(sum(exp(x))) -> softmax(x)",
            lambda x, s, e: exp(x) / e(s(exp(x))),
            lambda x, s, e: softmax(x, s.axes),
            guard=sums_then_restores,
            ops={"s": Reduce, "e": ExpandDims},
        ),
        Rule("log(softmax(x)) -> log_softmax(x)", lambda x, p: log(p(x)), lambda x, p: log_softmax(x, p.axes), ops={"p": Softmax}),
        Rule("exp(log_softmax(x)) -> softmax(x)", lambda x, p: exp(p(x)), lambda x, p: softmax(x, p.axes), ops={"p": LogSoftmax}),
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
                (", i, j", lambda x, m, p, i, j: log(m(p(x), i, j)), lambda x, m, p, i, j: m(log_softmax(x, p.axes), i, j)),
            )
        ),
    ),
)
