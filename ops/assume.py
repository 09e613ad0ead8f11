"""Facts about values that the user knows and the compiler cannot see: `assume` states one.

The op is the identity in value and gradient. Rules see through it, and their guards find the fact; where
`Options(check_assumptions=True)` asks for it, each becomes a check at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax

from ..graph.errors import ArgumentError, DTypeError, Mismatch
from ..graph.node import Node, NodeLike, apply, as_node, complain
from ..graph.op import Op
from ..graph.types import TensorType, kind_of
from .comparison import equal, greater, greater_equal, less_equal, logical_and
from .rounding import floor

# What each fact says of an element. The names are the only ones there are.
ASSUMPTIONS: dict[str, Callable[[Node], Node]] = {
    "positive": lambda x: greater(x, 0),
    "nonnegative": lambda x: greater_equal(x, 0),
    "unit": lambda x: logical_and(greater_equal(x, 0), less_equal(x, 1)),
    "integer": lambda x: equal(x, floor(x)),
}


@dataclass(frozen=True, eq=False)
class Assume(Op):
    """The identity, and a fact that holds for every element."""

    fact: str

    @property
    def params(self) -> str:
        return self.fact

    def infer(self, x: TensorType) -> TensorType:
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        return x

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g,)

    def batch(self, batched: Sequence[bool], x: Node) -> Node:
        return apply(self, x)


def assume(x: NodeLike, fact: str) -> Node:
    """`x`, of which rewrites may take `fact` as true: "positive", "nonnegative", "unit" (in [0, 1]) or "integer".

    Arguments: x, real, any shape. Nothing is computed and nothing is tested, unless the function is compiled with
    `Options(check_assumptions=True)`: then a call whose values break an assumption raises CheckError.
    Raises: ArgumentError for any other fact, DTypeError for complex. Source: PyTensor `assume`.

    >>> import theon
    >>> p = theon.assume(theon.vector("p"), "unit")
    >>> likelihood = theon.log(theon.prod(p))  # compiled as sum(log(p)), which does not underflow
    """
    node = as_node(x)
    if not isinstance(fact, str) or fact not in ASSUMPTIONS:
        known = ", ".join(map(repr, ASSUMPTIONS))
        raise complain(Mismatch(f"no such fact: {fact!r}", f"use one of {known}", ArgumentError), "assume", node)
    if kind_of(node.dtype) == "complex":
        raise complain(Mismatch(f"takes real numbers, not {node.dtype}", kind=DTypeError), "assume", node)
    return apply(Assume(fact), node)


__all__ = ["ASSUMPTIONS", "Assume", "assume"]
