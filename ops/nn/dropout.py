"""Dropout."""

from __future__ import annotations

from ...graph.errors import ArgumentError, DTypeError, require
from ...graph.node import Node, NodeLike, as_node
from ..arithmetic import divide
from ..comparison import where
from ..mode import training
from ..random import Stream, bernoulli
from ..sizes import Blame, shape_of


def dropout(x: NodeLike, rate: float, rng: Stream) -> Node:
    """In training, `x` with each element set to 0 with probability `rate` and the others divided by `1 - rate`.

    Arguments: x, float or complex, any shape; rate, at least 0 and below 1; rng, the stream to draw from.
    Gives the type of x, and `x` itself unless the program is declared with `givens={theon.training: True}`.
    Raises: ArgumentError for another rate, DTypeError where x is not float.
    Source: Srivastava et al. 2014, in the "inverted" form that leaves evaluation alone.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> x = theon.vector("x")
    >>> theon.nn.dropout(x, 0.5, rng).eval({x: [1.0, 2.0]}).tolist()
    [1.0, 2.0]
    """
    node = as_node(x)
    with Blame("dropout", node):
        real = isinstance(rate, (int, float)) and not isinstance(rate, bool)
        require(real and 0 <= rate < 1, f"the rate is a number in [0, 1), received {rate!r}", kind=ArgumentError)
        require(node.tensor.is_inexact, f"needs floats, received {node.dtype}", "convert with .astype", DTypeError)
    if rate == 0:
        return node
    keep = 1.0 - rate
    kept = where(bernoulli(rng, keep, shape_of(node)), divide(node, keep), 0.0)
    return where(training, kept, node)


__all__ = ["dropout"]
