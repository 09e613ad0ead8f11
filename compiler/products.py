"""Products of arrays seen as products of matrices: what rules about `@` share.

A `DotGeneral` sums over any axes. Where one operand is a batch of matrices, of which one axis is summed over, the other
operand is columns to it: these functions bring it there, do something else to the columns, and bring the result back.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from ..graph.node import Node, apply
from ..ops.linalg import DotGeneral, contraction
from ..ops.shape import Transpose, matrix_transpose, permuted, reshape

OnColumns: TypeAlias = Callable[[Node], Node]


def _free(m: DotGeneral, side: int, ndim: int) -> list[int]:
    """The axes of an operand that the result has and the other operand has not."""
    return [i for i in range(ndim) if i not in m.contract[side] and i not in m.batch[side]]


def shaped(x: Node, sizes: tuple[int, ...]) -> Node:
    return x if x.sizes == sizes else reshape(x, sizes)


def acts(m: DotGeneral, a: Node, side: int) -> bool:
    """Whether the operand `a` acts as matrices on the columns that the other is: one of its last two axes is summed."""
    lead = tuple(range(a.ndim - 2))
    batched = m.batch[side] == lead or (side == 0 and not m.batch[side])
    return a.ndim >= 2 and len(m.contract[side]) == 1 and m.contract[side][0] >= a.ndim - 2 and batched


def turned(m: DotGeneral, a: Node, side: int) -> bool:
    """Whether it is the transposes of `a` that act."""
    return m.contract[side][0] == a.ndim - 2


def acted(m: DotGeneral, a: Node, b: Node, side: int, function: OnColumns) -> Node:
    """The product of `a` (the first operand where `side` is 0) and `b`, with `function` in place of the matrices."""
    other = 1 - side
    free = _free(m, other, b.ndim)
    moved = permuted(b, (*m.batch[other], m.contract[other][0], *free))
    rest = tuple(b.sizes[i] for i in free)
    lead = moved.sizes[: len(m.batch[other])]
    found = function(shaped(moved, (*lead, a.sizes[-1], math.prod(rest))))
    if side == 0:
        return shaped(found, m.infer(a.tensor, b.tensor).sizes)
    return shaped(matrix_transpose(found), (*lead, *rest, a.sizes[-1]))


def placed(m: DotGeneral, b: Node, side: int) -> Node:
    """The operand that is acted on from `side`, its summed axis where the product has what takes its place."""
    other = 1 - side
    batch, axis, free = m.batch[other], m.contract[other], _free(m, other, b.ndim)
    return permuted(b, (*batch, *axis, *free) if side == 0 else (*batch, *free, *axis))


def scaled_rows(m: DotGeneral, d: Node, b: Node, side: int) -> Node:
    """The product of `b` and matrices that have `d` on their diagonals, and zeros elsewhere."""
    lead, free = d.sizes[:-1], (1,) * (b.ndim - len(m.batch[0]) - 1)
    sizes = (*lead, d.sizes[-1], *free) if side == 0 else (*lead, *free, d.sizes[-1])
    return placed(m, b, side) * shaped(d, sizes)


# --- Transposes that the product itself can do ------------------------------------------------------------------------


def absorbs(m: DotGeneral, t: Transpose, side: int) -> bool:
    """Whether a product of a transpose is a product of the array itself: its free axes stay in order."""
    kept = [t.perm[i] for i in _free(m, side, len(t.perm))]
    return kept == sorted(kept)


def absorbed(m: DotGeneral, t: Transpose, side: int) -> DotGeneral:
    def through(pair: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        axes = tuple(t.perm[i] for i in pair[side])
        return (axes, pair[1]) if side == 0 else (pair[0], axes)

    return DotGeneral(through(m.contract), through(m.batch))


def swapped(m: DotGeneral) -> DotGeneral:
    """The product with its operands in the other order."""
    return DotGeneral(m.contract[::-1], m.batch[::-1])


def swaps(x: Node, y: Node, m: DotGeneral, t: Transpose) -> bool:
    """Whether a transpose of a product is the product with its operands in the other order."""
    of_x, of_y, of_out = m.labels(x.ndim, y.ndim)
    lead = of_out[: len(m.batch[0])]
    left, right = ([label for label in of_out if label in own and label not in lead] for own in (of_x, of_y))
    return [of_out[i] for i in t.perm] == [*lead, *right, *left]


# --- Diagonals of products --------------------------------------------------------------------------------------------


def has_diagonal(x: Node, y: Node, m: DotGeneral) -> bool:
    """Whether the last two axes of a product are one of each operand, and of one length."""
    one_each = len(_free(m, 0, x.ndim)) == 1 == len(_free(m, 1, y.ndim))
    return one_each and x.sizes[_free(m, 0, x.ndim)[0]] == y.sizes[_free(m, 1, y.ndim)[0]]


def diagonal_of(x: Node, y: Node, m: DotGeneral, summed: bool) -> Node:
    """The diagonal of a product, or its sum, without the product."""
    of_x, of_y, of_out = m.labels(x.ndim, y.ndim)
    *lead, row, column = of_out
    return contraction(
        x, of_x, y, [row if label == column else label for label in of_y], lead if summed else [*lead, row]
    )


def only_scales(m: DotGeneral, x: Node) -> bool:
    """Whether what is summed over is one element."""
    return all(x.sizes[i] == 1 for i in m.contract[0])


def scaled(x: Node, y: Node, m: DotGeneral) -> Node:
    """A product that sums nothing, elementwise."""
    parts = []
    of_x, of_y, of_out = m.labels(x.ndim, y.ndim)
    for node, labels in ((x, of_x), (y, of_y)):
        kept = [label for label in of_out if label in labels]
        summed = [label for label in labels if label not in of_out]
        moved = permuted(node, tuple(labels.index(label) for label in (*kept, *summed)))
        size = {label: node.sizes[labels.index(label)] for label in kept}
        parts.append(shaped(moved, tuple(size.get(label, 1) for label in of_out)))
    return parts[0] * parts[1]


def is_plain(x: Node, y: Node, m: DotGeneral) -> bool:
    """Whether a product is of matrices one by one, either of them transposed or not."""
    return x.ndim == y.ndim and acts(m, x, 0) and acts(m, y, 1) and m.batch == (tuple(range(x.ndim - 2)),) * 2


def flipped(t: Transpose) -> bool:
    """Whether a transpose is of matrices: it exchanges the last two axes."""
    n = len(t.perm)
    return n >= 2 and t.perm == (*range(n - 2), n - 1, n - 2)


def flip(x: Node) -> Node:
    """The transposes of matrices; the matrices themselves where `x` is their transposes."""
    op = x.op
    return (
        x.inputs[0]
        if isinstance(op, Transpose) and flipped(op)
        else apply(Transpose((*range(x.ndim - 2), x.ndim - 1, x.ndim - 2)), x)
    )
