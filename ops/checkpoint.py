"""`checkpoint`: compute again in the backward pass instead of storing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jax import lax

from ..graph.graph import Graph
from ..graph.node import Node, apply, new_input, picks
from ..graph.op import Token
from ..graph.types import TensorType, TupleType, Type
from ..graph.walk import substitute
from .carried import refuse_states
from .region import Driver, Evaluate, Region, RegionGradient, captured, no_cotangent, quiet
from .tree import flatten, unflatten


@dataclass(frozen=True, eq=False)
class Checkpoint(Region):
    """A body whose intermediates are not kept; its token keeps CSE from joining the recomputation with the original.

    `again` marks a recomputation: XLA must not join it either, nor start it before the cotangents are there.
    """

    body: Graph
    token: Token
    again: bool = False

    @property
    def params(self) -> str:
        return "again" if self.again else ""

    def with_body(self, body: Graph) -> Checkpoint:
        return Checkpoint(body, self.token, self.again)

    def body_types(self, *types: Type) -> list[Type]:
        return list(types)

    def passed(self) -> list[tuple[int, Node]]:
        return list(enumerate(self.body.inputs))

    def infer(self, *types: TensorType) -> TupleType:
        return TupleType(tuple(out.tensor for out in self.body.outputs))

    def lower_region(self, evaluate: Evaluate, *arrays: Any) -> tuple[Any, list[Any]]:
        held = lax.optimization_barrier(arrays) if self.again else arrays
        outputs, verdicts = evaluate(self.body, held)
        return tuple(outputs), verdicts

    def region_vjp(
        self, driver: Driver, node: Node, cotangents: Sequence[Node | None], wanted: Sequence[bool]
    ) -> RegionGradient:
        seeds = [None if g is None else driver.intern(new_input(g.tensor)) for g in cotangents]
        wrts = [leaf for leaf, flag in zip(self.body.inputs, wanted, strict=True) if flag]
        outputs = quiet(self.body.outputs, driver.intern)
        found = [
            driver.intern(no_cotangent(wrt)) if g is None else g
            for wrt, g in zip(wrts, driver.pullback(outputs, seeds, wrts), strict=True)
        ]
        leaves = [seed for seed in seeds if seed is not None]
        body = Graph((*self.body.inputs, *leaves), tuple(found))
        again = Checkpoint(body, self.token, True)(*node.inputs, *[g for g in cotangents if g is not None])
        grads = dict(zip(wrts, picks(again), strict=True))
        return RegionGradient([grads.get(leaf) for leaf in self.body.inputs])


def checkpoint(fn: Callable[..., Any]) -> Callable[..., Any]:
    """`fn`, whose intermediates are computed again in the backward pass instead of being stored.

    Arguments: fn, a function of nodes (and nests of them); outer nodes may be used freely inside it.
    Gives a function of the same arguments and results; values and gradients are unchanged.
    Source: `jax.checkpoint`.

    >>> import theon
    >>> x = theon.scalar("x")
    >>> y = theon.checkpoint(lambda v: theon.sin(theon.sin(v)))(x)
    >>> round(float(theon.grad(y, x).eval({x: 0.5})), 4)
    0.7786
    """

    def checkpointed(*arguments: Any) -> Any:
        inputs, tree = flatten(arguments)
        leaves = [new_input(node.tensor, node.name) for node in inputs]
        outputs, out_tree = flatten(fn(*unflatten(tree, leaves)))
        outer = captured(outputs, leaves)
        outer_leaves = [new_input(node.tensor, node.name) for node in outer]
        outputs = substitute(outputs, dict(zip(outer, outer_leaves, strict=True)))
        refuse_states(outputs, "checkpoint", "would be updated again where it is computed again")
        op = Checkpoint(Graph((*leaves, *outer_leaves), tuple(outputs)), Token())
        return unflatten(out_tree, picks(apply(op, *inputs, *outer)))

    return checkpointed
