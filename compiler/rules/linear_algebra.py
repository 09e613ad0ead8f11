"""Products, inverses and determinants of matrices: what need not be multiplied out, inverted or overflow.

Run before differentiation as well, so that gradients are those of the better formula.
"""

from ...graph.node import Node, Pick
from ...ops.arithmetic import abs, negative, sign
from ...ops.comparison import conj, where
from ...ops.join import concat
from ...ops.linalg import DotGeneral
from ...ops.linear_algebra.blocks import BlockDiag, Kron, places
from ...ops.linear_algebra.determinant import Det, SlogDet
from ...ops.linear_algebra.systems import Inverse, Solve, SolveTriangular, Trans
from ...ops.linear_algebra.triangle import Diagonal, DiagonalMatrix, Triangle
from ...ops.reduce import prod as prod_
from ...ops.reduce import sum as sum_
from ...ops.shape import Transpose
from ...ops.transcendental import log, reciprocal
from ..facts.matrices import positive_definite, triangular
from ..pattern import Rule, RuleTable, Transform
from ..products import (
    flip,
    flipped,
    is_plain,
    shaped,
)
from .products import PRODUCTS

OTHER: dict[Trans, Trans] = {"N": "T", "T": "N"}

# --- Inverses and systems ---------------------------------------------------------------------------------------------


def of_matrices(a: Node, i: object, t: Transpose) -> bool:
    return flipped(t)


def of_flipped(a: Node, b: Node, s: Solve, t: Transpose) -> bool:
    return flipped(t) and s.trans != "C"


def other_triangle(a: Node, b: Node, s: SolveTriangular, t: Transpose) -> Node:
    return SolveTriangular(OTHER[s.trans], not s.lower_part, s.unit_diagonal)(a, b)


def not_read(a: Node, b: Node, s: SolveTriangular, t: Triangle) -> bool:
    """Whether what a triangle leaves out is not read."""
    return s.lower_part == t.lower_part and (t.k >= 0 if t.lower_part else t.k <= 0)


def of_squares(a: Node, b: Node, *ops: object) -> bool:
    """Whether both are one square matrix."""
    return a.ndim == b.ndim == 2 and a.sizes[0] == a.sizes[1] and b.sizes[0] == b.sizes[1]


def of_square_factors(a: Node, b: Node, v: Node, *ops: object) -> bool:
    return of_squares(a, b)


def solved_by_factors(a: Node, b: Node, v: Node, s: Solve) -> Node:
    """The system of a Kronecker product: one of each factor, along its own axis."""
    *lead, n, count = v.sizes
    rows, columns = a.sizes[0], b.sizes[0]
    outer = s(a, shaped(v, (*lead, rows, columns * count)))
    inner = s(b, shaped(outer, (*lead, rows, columns, count)))
    return shaped(inner, (*lead, n, count))


def square_blocks(node: Node) -> tuple[Node, ...]:
    """The blocks of the first operand where all are square and of one batch; none for any other."""
    parts = node.inputs[0].inputs if isinstance(node.inputs[0].op, BlockDiag) else ()
    even = all(part.sizes[-1] == part.sizes[-2] and part.sizes[:-2] == parts[0].sizes[:-2] for part in parts)
    return parts if even else ()


def block_by_block(node: Node) -> Node | None:
    """The inverse of blocks along a diagonal."""
    parts = square_blocks(node)
    return BlockDiag()(*[Inverse()(part) for part in parts]) if parts else None


def solved_block_by_block(node: Node) -> Node | None:
    """The system of blocks along a diagonal: one of each, for its own rows."""
    parts = square_blocks(node)
    b = node.inputs[1]
    if not parts:
        return None
    sides = [b[(..., rows, slice(None))] for rows, _ in places([part.sizes[-2:] for part in parts])]
    return concat([node.op(part, side) for part, side in zip(parts, sides, strict=True)], axis=-2)


INVERSES = (
    Rule(
        "inv(inv(a)) -> a",
        lambda a, i, j: i(j(a)),
        lambda a, i, j: a,
        "needs a regular a",
        None,
        {"i": Inverse, "j": Inverse},
    ),
    Rule(
        "inv(a.mT) -> inv(a).mT",
        lambda a, i, t: i(t(a)),
        lambda a, i, t: flip(i(a)),
        guard=of_matrices,
        ops={"i": Inverse, "t": Transpose},
    ),
    Rule(
        "solve(a.mT, b) -> solve(a, b, trans)",
        lambda a, b, s, t: s(t(a), b),
        lambda a, b, s, t: Solve(OTHER[s.trans])(a, b),
        guard=of_flipped,
        ops={"s": Solve, "t": Transpose},
    ),
    Rule(
        "solve_triangular(a.mT, b) -> solve_triangular(a, b, trans)",
        lambda a, b, s, t: s(t(a), b),
        lambda a, b, s, t: other_triangle(a, b, s, t),
        guard=of_flipped,
        ops={"s": SolveTriangular, "t": Transpose},
    ),
    Rule(
        "solve_triangular(tril(a), b) -> solve_triangular(a, b)",
        lambda a, b, s, t: s(t(a), b),
        lambda a, b, s, t: s(a, b),
        guard=not_read,
        ops={"s": SolveTriangular, "t": Triangle},
    ),
    Rule(
        "inv(kron(a, b)) -> kron(inv(a), inv(b))",
        lambda a, b, i, k: i(k(a, b)),
        lambda a, b, i, k: k(i(a), i(b)),
        guard=of_squares,
        ops={"i": Inverse, "k": Kron},
    ),
    Rule(
        "solve(kron(a, b), v) -> solve(a, solve(b, v))",
        lambda a, b, v, s, k: s(k(a, b), v),
        lambda a, b, v, s, k: solved_by_factors(a, b, v, s),
        guard=of_square_factors,
        ops={"s": Solve, "k": Kron},
    ),
    Transform("inv(block_diag(a, b)) -> block_diag(inv(a), inv(b))", Inverse, block_by_block, exact="reassociates"),
    Transform("solve(block_diag(a, b), v) -> solve(a, v), solve(b, v)", Solve, solved_block_by_block, "reassociates"),
    Rule(
        "diagonal(diag(d)) -> d",
        lambda d, g, h: h(g(d)),
        lambda d, g, h: d,
        "bitwise",
        lambda d, g, h: g.k == h.k and g.shape is None,
        {"g": DiagonalMatrix, "h": Diagonal},
    ),
)

# --- Determinants -----------------------------------------------------------------------------------------------------


def logarithm(a: Node) -> Node:
    """The logarithm of the size of the determinant."""
    return Pick(1)(SlogDet()(a))


def log_of_sign(a: Node) -> Node:
    """The logarithm of the determinant, which a negative one has not."""
    both = SlogDet()(a)
    return where(Pick(0)(both) < 0, float("nan"), Pick(1)(both))


def real(a: Node, *ops: object) -> bool:
    return a.tensor.is_float


def of_diagonal(a: Node, p: Pick, s: SlogDet) -> Node:
    """Either part of `slogdet` of a triangular matrix."""
    d = Diagonal()(a)
    return sum_(log(abs(d)), axis=-1) if p.index else prod_(sign(d), axis=-1)


def both_parts(p: Pick, *several: Node) -> Node:
    """Either part of `slogdet` of a product, from those of the factors."""
    first, *others = [p(SlogDet()(a)) for a in several]
    for other in others:
        first = first + other if p.index else first * other
    return first


def of_kron(a: Node, b: Node, p: Pick) -> Node:
    """Either part of `slogdet` of a Kronecker product: each factor counts as often as the other has rows."""
    parts = [(p(SlogDet()(x)), other.sizes[0]) for x, other in ((a, b), (b, a))]
    (x, m), (y, n) = parts
    return x * m + y * n if p.index else x**m * y**n


def of_inverse(a: Node, p: Pick) -> Node:
    part = p(SlogDet()(a))
    return negative(part) if p.index else conj(part)


def triangular_factors(a: Node, b: Node, m: DotGeneral, *ops: object) -> bool:
    """Whether a product is of square triangles."""
    return is_plain(a, b, m) and a.sizes[-1] == a.sizes[-2] and triangular(a) and triangular(b)


def slogdet_of_blocks(node: Node) -> Node | None:
    """Either part of `slogdet` of blocks along a diagonal."""
    source, p = node.inputs[0], node.op
    assert isinstance(p, Pick)
    parts = square_blocks(source) if isinstance(source.op, SlogDet) else ()
    return both_parts(p, *parts) if parts else None


DETERMINANTS = (
    Rule(
        "log(det(a)) -> slogdet(a)[1]",
        lambda a, d: log(d(a)),
        lambda a, d: logarithm(a),
        guard=lambda a, d: positive_definite(a),
        ops={"d": Det},
    ),
    Rule(
        "log(det(a)) -> where(slogdet(a)[0] < 0, nan, slogdet(a)[1])",
        lambda a, d: log(d(a)),
        lambda a, d: log_of_sign(a),
        guard=real,
        ops={"d": Det},
    ),
    Rule(
        "log(abs(det(a))) -> slogdet(a)[1]",
        lambda a, d: log(abs(d(a))),
        lambda a, d: logarithm(a),
        guard=real,
        ops={"d": Det},
    ),
    Rule(
        "det(a.mT) -> det(a)",
        lambda a, d, t: d(t(a)),
        lambda a, d, t: d(a),
        guard=of_matrices,
        ops={"d": Det, "t": Transpose},
    ),
    Rule(
        "det(inv(a)) -> 1 / det(a)",
        lambda a, d, i: d(i(a)),
        lambda a, d, i: reciprocal(d(a)),
        ops={"d": Det, "i": Inverse},
    ),
    Rule(
        "slogdet(a.mT) -> slogdet(a)",
        lambda a, p, s, t: p(s(t(a))),
        lambda a, p, s, t: p(s(a)),
        guard=lambda a, p, s, t: flipped(t),
        ops={"p": Pick, "s": SlogDet, "t": Transpose},
    ),
    Rule(
        "slogdet(inv(a)) -> -slogdet(a)",
        lambda a, p, s, i: p(s(i(a))),
        lambda a, p, s, i: of_inverse(a, p),
        ops={"p": Pick, "s": SlogDet, "i": Inverse},
    ),
    Rule(
        "slogdet(tril(a)) -> sum(log(abs(diagonal(a))))",
        lambda a, p, s: p(s(a)),
        lambda a, p, s: of_diagonal(a, p, s),
        guard=lambda a, p, s: real(a) and triangular(a),
        ops={"p": Pick, "s": SlogDet},
    ),
    Rule(
        "slogdet(a @ b) -> slogdet(a) + slogdet(b)",
        lambda a, b, m, p, s: p(s(m(a, b))),
        lambda a, b, m, p, s: both_parts(p, a, b),
        guard=triangular_factors,
        ops={"m": DotGeneral, "p": Pick, "s": SlogDet},
    ),
    Rule(
        "slogdet(kron(a, b)) -> m * slogdet(a) + n * slogdet(b)",
        lambda a, b, p, s, k: p(s(k(a, b))),
        lambda a, b, p, s, k: of_kron(a, b, p),
        guard=of_squares,
        ops={"p": Pick, "s": SlogDet, "k": Kron},
    ),
    Transform("slogdet(block_diag(a, b)) -> slogdet(a) + slogdet(b)", Pick, slogdet_of_blocks, "reassociates"),
)

LINEAR_ALGEBRA = RuleTable("linear_algebra", (*PRODUCTS, *INVERSES, *DETERMINANTS))
