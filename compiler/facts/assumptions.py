"""Assumptions at run time: each one that a graph makes becomes a check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...graph.graph import Graph
from ...graph.node import Node, apply
from ...graph.op import Late
from ...graph.types import FLOAT32, is_float, limits
from ...graph.walk import rebuild, same_nodes
from ...graph.where import born_at
from ...ops.arithmetic import abs
from ...ops.assume import Assume
from ...ops.comparison import equal, greater, greater_equal, isfinite, less_equal, logical_and
from ...ops.creation import eye
from ...ops.elementwise import cast_to
from ...ops.host import check
from ...ops.linalg import matmul
from ...ops.linear_algebra.factorize import Cholesky
from ...ops.linear_algebra.triangle import tril, triu
from ...ops.reduce import all as all_
from ...ops.reduce import max as max_
from ...ops.region import Region
from ...ops.rounding import floor
from ...ops.shape import matrix_transpose

ROUNDINGS = 64  # in units of the last place of the largest element: what a fact about a matrix may be off by


def _near(x: Node, y: Node) -> Node:
    """Whether two matrices differ by no more than roundings."""
    if not is_float(x.dtype):
        return equal(x, y)
    slack = ROUNDINGS * limits(x.dtype).eps
    largest = max_(abs(x), axis=(-2, -1), keepdims=True)
    return less_equal(abs(x - y), largest * slack)


def _symmetric(x: Node) -> Node:
    return _near(x, matrix_transpose(x))


def _definite(x: Node) -> Node:
    """Symmetric, and with a factor, which is nan where there is none."""
    factor = apply(Cholesky(), x if is_float(x.dtype) else cast_to(x, FLOAT32))
    return logical_and(all_(_symmetric(x)), all_(isfinite(factor)))


# What each fact says: true of every element where it holds.
TESTS: dict[str, Callable[[Node], Node]] = {
    "positive": lambda x: greater(x, 0),
    "nonnegative": lambda x: greater_equal(x, 0),
    "unit": lambda x: logical_and(greater_equal(x, 0), less_equal(x, 1)),
    "integer": lambda x: equal(x, floor(x)),
    "finite": isfinite,
    "sorted": lambda x: greater_equal(x[..., 1:], x[..., :-1]),
    "diagonal": lambda x: equal(x, triu(tril(x))),
    "lower_triangular": lambda x: equal(x, tril(x)),
    "upper_triangular": lambda x: equal(x, triu(x)),
    "symmetric": _symmetric,
    "positive_definite": _definite,
    "orthogonal": lambda x: _near(eye(x.shape[-1], dtype=x.dtype), matmul(x, matrix_transpose(x))),
}


def check_assumptions(graph: Graph) -> Graph:
    """A declared graph with each assumption checked when it runs, those in bodies of regions too."""
    new: dict[Node, Node] = {}
    with born_at(None):
        for node in graph.nodes():
            inputs = tuple([new[source] for source in node.inputs])
            op = node.op
            region = op.op if isinstance(op, Late) else op
            if isinstance(region, Region):
                checked = region.over_bodies(check_assumptions)
                if checked is not region:
                    op = replace(op, op=checked) if isinstance(op, Late) else checked
            same = op is node.op and same_nodes(inputs, node.inputs)
            made = node if same else rebuild(Node(op, inputs, node.type, node.where, node.name), inputs)
            if isinstance(op, Assume):
                made = check(made, TESTS[op.fact](inputs[0]), f"{node.inputs[0].label} is assumed {op.fact}")
                made.where = node.where
            new[node] = made
    roots = [new[root] for root in graph.roots]
    return graph if same_nodes(roots, graph.roots) else graph.with_roots(roots)


__all__ = ["TESTS", "check_assumptions"]
