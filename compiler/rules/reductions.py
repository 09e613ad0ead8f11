"""Reductions of reductions, as one over all of their axes: what is recognised of one is recognised of both."""

from ...graph.node import Node
from ...ops.moments import Mean
from ...ops.reduce import Reduce
from ...ops.shape import reshape
from ..pattern import Rule


def joined_axes(x: Node, inner: Reduce | Mean, outer: Reduce | Mean) -> tuple[int, ...]:
    """The axes of `x` that two reductions run over, one after the other."""
    left = [axis for axis in range(x.ndim) if inner.keepdims or axis not in inner.axes]
    return tuple(sorted({*inner.axes, *(left[axis] for axis in outer.axes)}))


def one_kind(x: Node, m: Reduce, n: Reduce) -> bool:
    return m.kind == n.kind and m.keepdims == n.keepdims


def one_mean(x: Node, m: Mean, n: Mean) -> bool:
    """Groups of one size: the mean of their means is that of all."""
    return m.keepdims == n.keepdims


def of_one(x: Node, m: Reduce) -> bool:
    return m.kind in ("sum", "prod", "max", "min") and x.tensor.is_static and all(x.sizes[a] == 1 for a in m.axes)


REDUCTIONS = (
    Rule(
        "reduce(x) -> reshape(x), of one element each",
        lambda x, m: m(x),
        lambda x, m: reshape(x, m.infer(x.tensor).sizes),
        "needs x != -0",
        of_one,
        {"m": Reduce},
    ),
    Rule(
        "reduce(reduce(x)) -> reduce(x)",
        lambda x, m, n: m(n(x)),
        lambda x, m, n: Reduce(m.kind, joined_axes(x, n, m), m.keepdims)(x),
        guard=one_kind,
        ops={"m": Reduce, "n": Reduce},
    ),
    Rule(
        "mean(mean(x)) -> mean(x)",
        lambda x, m, n: m(n(x)),
        lambda x, m, n: Mean(joined_axes(x, n, m), m.keepdims)(x),
        guard=one_mean,
        ops={"m": Mean, "n": Mean},
    ),
)
