"""How systems, inverses and determinants are computed, by what is known of the matrix; at last, by elimination.

Run once, after differentiation: a gradient asks for systems of the same matrix again, and with each of them written as
a factorisation and two triangles, equal factorisations are one node.
"""

from collections.abc import Callable
from functools import reduce

from ...graph.node import Node, Pick, picks
from ...ops.arithmetic import abs, multiply, sign
from ...ops.comparison import conj
from ...ops.creation import eye, ones_like
from ...ops.linalg import DotGeneral, matmul
from ...ops.linear_algebra.determinant import Cofactors, Det, SlogDet
from ...ops.linear_algebra.factorize import Cholesky, Lu, Parity, cholesky_solved, lu_solved
from ...ops.linear_algebra.systems import Inverse, Solve, SolveTriangular, Trans
from ...ops.linear_algebra.triangle import Diagonal, DiagonalMatrix, Triangle
from ...ops.powers import square
from ...ops.reduce import prod as prod_
from ...ops.reduce import sum as sum_
from ...ops.shape import broadcast_to, expand_dims
from ...ops.transcendental import log, sqrt
from ..facts.matrices import (
    Matrix,
    diagonal,
    lower_triangular,
    orthogonal,
    positive_definite,
    structure,
    triangular,
    upper_triangular,
)
from ..pattern import Rule, RuleTable, Transform
from ..products import flip, is_plain
from .linear_algebra import square_blocks, triangular_factors


def wide(a: Node, *others: object) -> bool:
    """Whether factors may be rounded to the dtype: half floats are better solved as a whole."""
    return a.dtype.itemsize > 2


def definite(a: Node, *others: object) -> bool:
    return wide(a) and positive_definite(a)


def asks(fact: Callable[[Node], bool]) -> Callable[..., bool]:
    """The guard that asks for a fact of the first name."""
    return lambda a, *others: fact(a)


def divided(a: Node, b: Node, trans: Trans) -> Node:
    d = expand_dims(Diagonal()(a), -1)
    return b / (conj(d) if trans == "C" and a.dtype.kind == "c" else d)


def by_elimination(a: Node, b: Node, trans: Trans) -> Node:
    lu, pivots = picks(Lu()(a))
    return lu_solved(lu, pivots, b, trans)


def identity(a: Node) -> Node:
    return eye(a.sizes[-1], dtype=a.dtype)


def by_triangle(a: Node, b: Node, s: Solve, lower: bool) -> Node:
    return SolveTriangular(s.trans, lower)(a, b)


def inverse_by_triangle(a: Node, lower: bool) -> Node:
    return SolveTriangular("N", lower)(a, identity(a))


SYSTEMS = tuple(
    Rule(f"solve({kind}, b) -> {becomes}", lambda a, b, s: s(a, b), replacement, "reassociates", guard, {"s": Solve})
    for kind, becomes, guard, replacement in (
        ("diagonal", "b / diagonal(a)", asks(diagonal), lambda a, b, s: divided(a, b, s.trans)),
        ("orthogonal", "a.mT @ b", asks(orthogonal), lambda a, b, s: matmul(flip(a) if s.trans == "N" else a, b)),
        ("lower", "solve_triangular(a, b)", asks(lower_triangular), lambda a, b, s: by_triangle(a, b, s, True)),
        ("upper", "solve_triangular(a, b)", asks(upper_triangular), lambda a, b, s: by_triangle(a, b, s, False)),
        ("definite", "cho_solve(cholesky(a), b)", definite, lambda a, b, s: cholesky_solved(Cholesky()(a), b)),
        ("a", "lu_solve(lu_factor(a), b)", wide, lambda a, b, s: by_elimination(a, b, s.trans)),
    )
)

INVERSES = tuple(
    Rule(f"inv({kind}) -> {becomes}", lambda a, i: i(a), replacement, "reassociates", guard, {"i": Inverse})
    for kind, becomes, guard, replacement in (
        ("diagonal", "diag(1 / diagonal(a))", asks(diagonal), lambda a, i: DiagonalMatrix()(1 / Diagonal()(a))),
        ("orthogonal", "a.mT", asks(orthogonal), lambda a, i: flip(a)),
        ("lower", "solve_triangular(a, eye)", asks(lower_triangular), lambda a, i: inverse_by_triangle(a, True)),
        ("upper", "solve_triangular(a, eye)", asks(upper_triangular), lambda a, i: inverse_by_triangle(a, False)),
        ("definite", "cho_solve(cholesky(a), eye)", definite, lambda a, i: cholesky_solved(Cholesky()(a), identity(a))),
        ("a", "lu_solve(lu_factor(a), eye)", wide, lambda a, i: by_elimination(a, identity(a), "N")),
    )
)


# --- Determinants -----------------------------------------------------------------------------------------------------


def det_by_elimination(a: Node) -> Node:
    lu, pivots = picks(Lu()(a))
    return multiply(Parity(a.dtype)(pivots), prod_(Diagonal()(lu), axis=-1))


def det_by_cholesky(a: Node) -> Node:
    return square(prod_(Diagonal()(Cholesky()(a)), axis=-1))


def half_log_det(a: Node) -> Node:
    return sum_(log(Diagonal()(Cholesky()(a))), axis=-1)


def slogdet_by_cholesky(a: Node, p: Pick) -> Node:
    """Either part of `slogdet` of a definite matrix."""
    half = half_log_det(a)
    return half * 2 if p.index else ones_like(half)


def slogdet_by_elimination(a: Node, p: Pick) -> Node:
    """Either part of `slogdet`: elimination leaves a triangle, and exchanged rows."""
    lu, pivots = picks(Lu()(a))
    d = Diagonal()(lu)
    return sum_(log(abs(d)), axis=-1) if p.index else Parity(a.dtype)(pivots) * prod_(sign(d), axis=-1)


def det_of_blocks(node: Node) -> Node | None:
    return reduce(multiply, [node.op(part) for part in parts]) if (parts := square_blocks(node)) else None


def regular(a: Node, c: Cofactors) -> bool:
    return Matrix.REGULAR in structure(a)


def through_inverse(a: Node) -> Node:
    """The cofactors of a matrix that has an inverse."""
    return multiply(expand_dims(Det()(a), (-2, -1)), flip(Inverse()(a)))


DETERMINANTS = (
    Rule(
        "det(tril(a)) -> prod(diagonal(a))",
        lambda a, d: d(a),
        lambda a, d: prod_(Diagonal()(a), axis=-1),
        guard=asks(triangular),
        ops={"d": Det},
    ),
    Rule(
        "det(a @ b) -> det(a) * det(b)",
        lambda a, b, m, d: d(m(a, b)),
        lambda a, b, m, d: d(a) * d(b),
        guard=triangular_factors,
        ops={"m": DotGeneral, "d": Det},
    ),
    Transform("det(block_diag(a, b)) -> det(a) * det(b)", Det, det_of_blocks, "reassociates"),
    Rule(
        "det(definite) -> prod(diagonal(cholesky(a)))**2",
        lambda a, d: d(a),
        lambda a, d: det_by_cholesky(a),
        guard=definite,
        ops={"d": Det},
    ),
    Rule(
        "det(a) -> prod(diagonal(lu_factor(a)))",
        lambda a, d: d(a),
        lambda a, d: det_by_elimination(a),
        guard=wide,
        ops={"d": Det},
    ),
    Rule(
        "cofactors(a) -> det(a) * inv(a).mT",
        lambda a, c: c(a),
        lambda a, c: through_inverse(a),
        guard=regular,
        ops={"c": Cofactors},
    ),
    Rule(
        "slogdet(definite) -> 2 * sum(log(diagonal(cholesky(a))))",
        lambda a, p, s: p(s(a)),
        lambda a, p, s: slogdet_by_cholesky(a, p),
        guard=definite,
        ops={"p": Pick, "s": SlogDet},
    ),
    Rule(
        "slogdet(a) -> sum(log(abs(diagonal(lu_factor(a)))))",
        lambda a, p, s: p(s(a)),
        lambda a, p, s: slogdet_by_elimination(a, p),
        guard=wide,
        ops={"p": Pick, "s": SlogDet},
    ),
)

# Factors and triangles that are known already.
KNOWN = (
    Rule(
        "a.mT @ a -> eye",
        lambda a, m: m(a, a),
        lambda a, m: broadcast_to(identity(a), a.sizes),
        guard=lambda a, m: m.contract[0] == m.contract[1] and is_plain(a, a, m) and orthogonal(a),
        ops={"m": DotGeneral},
    ),
    Rule(
        "cholesky(diagonal) -> diag(sqrt(diagonal(a)))",
        lambda a, c: c(a),
        lambda a, c: DiagonalMatrix()(sqrt(Diagonal()(a))),
        guard=lambda a, c: a.tensor.is_float and diagonal(a),
        ops={"c": Cholesky},
    ),
    Rule(
        "tril(lower) -> a",
        lambda a, t: t(a),
        lambda a, t: a,
        "needs a != -0",
        lambda a, t: t.lower_part and t.k >= 0 and lower_triangular(a),
        {"t": Triangle},
    ),
    Rule(
        "triu(upper) -> a",
        lambda a, t: t(a),
        lambda a, t: a,
        "needs a != -0",
        lambda a, t: not t.lower_part and t.k <= 0 and upper_triangular(a),
        {"t": Triangle},
    ),
)

DECOMPOSITIONS = RuleTable("decompositions", (*KNOWN, *SYSTEMS, *INVERSES, *DETERMINANTS))
