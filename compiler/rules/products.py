"""Rows about products of matrices: those with inverses, diagonals, identities, transposes and their own transposes.

A row about `@` is one about `DotGeneral`: whichever axes it sums over, and whichever operand is transposed.
"""

from ...graph.node import Node
from ...ops.creation import Eye
from ...ops.linalg import DotGeneral
from ...ops.linear_algebra.factorize import Cholesky
from ...ops.linear_algebra.systems import Inverse, Solve, Trans
from ...ops.linear_algebra.triangle import Diagonal, DiagonalMatrix
from ...ops.reduce import Reduce
from ...ops.shape import Transpose
from ..facts.matrices import Matrix, cholesky_factor, structure
from ..pattern import Rule, Transform
from ..products import (
    absorbed,
    absorbs,
    acted,
    acts,
    diagonal_of,
    flip,
    has_diagonal,
    is_plain,
    only_scales,
    placed,
    scaled,
    scaled_rows,
    swapped,
    swaps,
    turned,
)


def solved(m: DotGeneral, a: Node, b: Node, side: int) -> Node:
    """A product with inverses as a system: from the left of `a` itself, from the right of its transpose."""
    trans: Trans = "T" if turned(m, a, side) else "N"
    return acted(m, a, b, side, lambda columns: Solve(trans)(a, columns))


def without_identity(node: Node) -> Node | None:
    """A product with the identity is the other operand."""
    m = node.op
    assert isinstance(m, DotGeneral)
    for side, a in enumerate(node.inputs):
        if isinstance(a.op, Eye) and a.op.k == 0 and a.sizes[0] == a.sizes[1] and acts(m, a, side):
            return placed(m, node.inputs[1 - side], side)
    return None


def without_sum(node: Node) -> Node | None:
    """A product that sums over one element is an elementwise one."""
    m = node.op
    assert isinstance(m, DotGeneral)
    x, y = node.inputs
    return scaled(x, y, m) if only_scales(m, x) else None


def sums_diagonal(x: Node, y: Node, m: DotGeneral, d: Diagonal, s: Reduce) -> bool:
    rank = len(m.batch[0])
    return s.kind == "sum" and s.axes == (rank,) and not s.keepdims and d.k == 0 and has_diagonal(x, y, m)


def factor_times_itself(x: Node, m: DotGeneral, c: Cholesky) -> bool:
    """Whether `x @ x.mT` is factored, `x` being what comes out."""
    last = (x.ndim - 1,)
    return m.contract == (last, last) and is_plain(x, x, m) and cholesky_factor(x)


def transpose_times_itself(x: Node, m: DotGeneral, c: Cholesky) -> bool:
    """Whether `x.mT @ x` is factored, `x.mT` being what comes out."""
    first = (x.ndim - 2,)
    upper = Matrix.UPPER | Matrix.PLUS
    return m.contract == (first, first) and is_plain(x, x, m) and upper in structure(x)


PRODUCTS = (
    Rule(
        "inv(a) @ b -> solve(a, b)",
        lambda a, b, m, i: m(i(a), b),
        lambda a, b, m, i: solved(m, a, b, 0),
        guard=lambda a, b, m, i: acts(m, a, 0),
        ops={"m": DotGeneral, "i": Inverse},
    ),
    Rule(
        "b @ inv(a) -> solve(a.mT, b.mT).mT",
        lambda a, b, m, i: m(b, i(a)),
        lambda a, b, m, i: solved(m, a, b, 1),
        guard=lambda a, b, m, i: acts(m, a, 1),
        ops={"m": DotGeneral, "i": Inverse},
    ),
    Rule(
        "diag(d) @ b -> d[:, None] * b",
        lambda d, b, m, g: m(g(d), b),
        lambda d, b, m, g: scaled_rows(m, d, b, 0),
        guard=lambda d, b, m, g: g.k == 0 and g.shape is None and acts(m, g(d), 0),
        ops={"m": DotGeneral, "g": DiagonalMatrix},
    ),
    Rule(
        "b @ diag(d) -> b * d",
        lambda d, b, m, g: m(b, g(d)),
        lambda d, b, m, g: scaled_rows(m, d, b, 1),
        guard=lambda d, b, m, g: g.k == 0 and g.shape is None and acts(m, g(d), 1),
        ops={"m": DotGeneral, "g": DiagonalMatrix},
    ),
    Transform("a @ eye -> a", DotGeneral, without_identity, exact="needs a < inf"),
    Rule(
        "trace(a @ b) -> sum(a * b.mT)",
        lambda x, y, m, d, s: s(d(m(x, y))),
        lambda x, y, m, d, s: diagonal_of(x, y, m, summed=True),
        guard=sums_diagonal,
        ops={"m": DotGeneral, "d": Diagonal, "s": Reduce},
    ),
    Rule(
        "diagonal(a @ b) -> sum(a * b.mT, -1)",
        lambda x, y, m, d: d(m(x, y)),
        lambda x, y, m, d: diagonal_of(x, y, m, summed=False),
        guard=lambda x, y, m, d: d.k == 0 and has_diagonal(x, y, m),
        ops={"m": DotGeneral, "d": Diagonal},
    ),
    Rule(
        "transpose(a) @ b -> dot(a, b)",
        lambda x, y, m, t: m(t(x), y),
        lambda x, y, m, t: absorbed(m, t, 0)(x, y),
        guard=lambda x, y, m, t: absorbs(m, t, 0),
        ops={"m": DotGeneral, "t": Transpose},
    ),
    Rule(
        "a @ transpose(b) -> dot(a, b)",
        lambda x, y, m, t: m(x, t(y)),
        lambda x, y, m, t: absorbed(m, t, 1)(x, y),
        guard=lambda x, y, m, t: absorbs(m, t, 1),
        ops={"m": DotGeneral, "t": Transpose},
    ),
    Rule(
        "transpose(a @ b) -> dot(b, a)",
        lambda x, y, m, t: t(m(x, y)),
        lambda x, y, m, t: swapped(m)(y, x),
        guard=swaps,
        ops={"m": DotGeneral, "t": Transpose},
    ),
    Transform("a @ b -> a * b", DotGeneral, without_sum, exact="needs a * b != -0"),
    Rule(
        "cholesky(c @ c.mT) -> c",
        lambda x, m, c: c(m(x, x)),
        lambda x, m, c: x,
        guard=factor_times_itself,
        ops={"m": DotGeneral, "c": Cholesky},
    ),
    Rule(
        "cholesky(c.mT @ c) -> c.mT",
        lambda x, m, c: c(m(x, x)),
        lambda x, m, c: flip(x),
        guard=transpose_times_itself,
        ops={"m": DotGeneral, "c": Cholesky},
    ),
)
