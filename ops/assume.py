"""Facts about values that the user knows and the compiler cannot see: `assume` states one.

The op is the identity in value and gradient. Rules see through it, and their guards find the fact; where
`Options(check_assumptions=True)` asks for it, each becomes a check at run time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax

from ..graph.dims import may_equal
from ..graph.errors import ArgumentError, DTypeError, Mismatch, require
from ..graph.node import Node, NodeLike, apply, as_node, complain
from ..graph.op import Op
from ..graph.types import TensorType, kind_of

# The names of facts: of elements, of rows, of matrices (the last two axes).
OF_ELEMENTS = ("positive", "nonnegative", "unit", "integer", "finite")
OF_ROWS = ("sorted",)
OF_SQUARES = ("symmetric", "positive_definite", "orthogonal")
OF_MATRICES = ("diagonal", "lower_triangular", "upper_triangular", *OF_SQUARES)
FACTS = (*OF_ELEMENTS, *OF_ROWS, *OF_MATRICES)


@dataclass(frozen=True, eq=False)
class Assume(Op):
    """The identity, and a fact that holds for every element, row or matrix."""

    stores = True

    fact: str

    @property
    def params(self) -> str:
        return self.fact

    def infer(self, x: TensorType) -> TensorType:
        if self.fact in OF_ROWS:
            require(x.ndim >= 1, f"a scalar is not {self.fact}", "the fact is of the last axis")
        if self.fact in OF_MATRICES:
            require(
                x.ndim >= 2, f"what is {self.fact} is a matrix, not {x.ndim} axes", "the fact is of the last two axes"
            )
        if self.fact in OF_SQUARES:
            rows, columns = x.shape[-2:]
            square = f"what is {self.fact} is square, not {rows} rows and {columns} columns"
            require(may_equal(rows, columns), square, "the fact is of the last two axes")
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        return x

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g,)

    def batch(self, batched: Sequence[bool], x: Node) -> Node:
        return apply(self, x)


def assume(x: NodeLike, fact: str) -> Node:
    """`x`, of which rewrites may take `fact` as true.

    Arguments: x, real, any shape; fact, of every element: "positive", "nonnegative", "unit" (in [0, 1]), "integer" or
    "finite" (neither inf nor nan); of the last axis: "sorted" (no element is less than the one before); of the
    matrices that the last two axes are: "diagonal", "lower_triangular", "upper_triangular" (the other elements are 0),
    "symmetric", "positive_definite" (and symmetric) or "orthogonal" (the inverse is the transpose).
    Nothing is computed and nothing is tested, unless the function is compiled with `Options(check_assumptions=True)`:
    then a call whose values break an assumption raises CheckError. Rounding is allowed for: a matrix is symmetric or
    orthogonal to some units in the last place. Gradients are right along the changes of `x` that keep the fact.
    Facts also follow from how a value is made (`exp(x)` is positive, `tril(x)` triangular, `a @ a.mT + eye(n)`
    positive definite), and need not be stated then.
    Raises: ArgumentError for any other fact, DTypeError for complex, ShapeError for a fact of matrices that `x` has
    too few axes for. Source: PyTensor `assume`.

    >>> import theon
    >>> p = theon.assume(theon.vector("p"), "nonnegative")
    >>> root = theon.sqrt(p) ** 2  # compiled as p
    """
    node = as_node(x)
    if not isinstance(fact, str) or fact not in FACTS:
        known = ", ".join(map(repr, FACTS))
        raise complain(Mismatch(f"no such fact: {fact!r}", f"use one of {known}", ArgumentError), "assume", node)
    if kind_of(node.dtype) == "complex":
        raise complain(
            Mismatch(f"takes real numbers, not {node.dtype}", "take theon.real first", DTypeError), "assume", node
        )
    return apply(Assume(fact), node)


__all__ = ["FACTS", "Assume", "assume"]
