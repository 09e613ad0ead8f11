"""From the graph of one example to the graph of many: every node that depends on an example gets a leading axis.

How an op does that, the first that holds: its own `batch(batched, *inputs)`, where `batched` says which inputs carry
the axis and the result carries it always (None: no better way than the default); elementwise ops broadcast; regions get
a batched body; every other op is wrapped in `Batched`, which lowers it under `jax.vmap`. What depends on no example
stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import jax

from ..graph.errors import Mismatch, RuleError, report
from ..graph.graph import Graph
from ..graph.node import Node, Pick, apply, new_input, picks
from ..graph.op import Op
from ..graph.types import TensorType, TupleType, Type
from ..graph.walk import same_nodes, toposort
from ..graph.where import lend
from . import batching_regions
from .branches import Switch
from .checkpoint import Checkpoint
from .control import Scan
from .elementwise import Cast, Elementwise, cast_to
from .forward import Pushforward
from .gradient import Cut, StopGradient
from .reduce import sum as sum_
from .region import Region
from .shape import broadcast_to, moveaxis, reshape
from .subgraph import Subgraph
from .while_loop import While

Value: TypeAlias = tuple[Node, bool]  # a node, and whether it carries the leading axis
Values: TypeAlias = "Value | list[Value]"  # a list for the outputs of a node that has several

_ANY_SHAPE = (Cast, Cut, StopGradient)  # one input, and indifferent to its shape


def example(type_: Type) -> Type:
    """The type of one example."""
    if isinstance(type_, TupleType):
        return TupleType(tuple(item.with_shape(item.shape[1:]) for item in type_.items))
    return type_.with_shape(type_.shape[1:])


@dataclass(frozen=True, eq=False)
class Batched(Op):
    """Any op over examples: the inputs that are `batched` carry a leading axis, and so does every output."""

    stores = True

    op: Op
    batched: tuple[bool, ...]

    @property
    def name(self) -> str:
        return f"batched_{self.op.name}"

    @property
    def params(self) -> str:
        return ", ".join(filter(None, (self.op.params, f"batched={self.batched}")))

    def examples(self, types: Sequence[Any]) -> list[Type]:
        return [example(t) if flag else t for t, flag in zip(types, self.batched, strict=True)]

    def infer(self, *types: TensorType) -> Type:
        number = next(t.shape[0] for t, flag in zip(types, self.batched, strict=True) if flag)
        inner = self.op.infer(*self.examples(types))
        if isinstance(inner, TupleType):
            return TupleType(tuple(item.with_shape((number, *item.shape)) for item in inner.items))
        return inner.with_shape((number, *inner.shape))

    def lower(self, *arrays: jax.Array) -> Any:
        return jax.vmap(self.op.lower, in_axes=tuple(0 if flag else None for flag in self.batched))(*arrays)

    def vjp(self, g: Node | list[Node], out: Node, *inputs: Node) -> Sequence[Node | Mismatch | None]:
        """The gradient of one example, batched in its turn."""
        leaves = [new_input(t) for t in self.examples([x.type for x in inputs])]  # type: ignore[arg-type]
        out_leaf = Node(self.op, tuple(leaves), example(out.type))
        seeds = g if isinstance(g, list) else [g]
        seed_leaves = [new_input(example(seed.type)) for seed in seeds]  # type: ignore[arg-type]
        parts = self.op.vjp(seed_leaves if isinstance(g, list) else seed_leaves[0], out_leaf, *leaves)
        fitted = [unbroadcast(p, x) if isinstance(p, Node) else None for p, x in zip(parts, leaves, strict=True)]
        known: dict[Node, Values] = dict(zip(leaves, zip(inputs, self.batched, strict=True), strict=True))
        known.update((leaf, (seed, True)) for leaf, seed in zip(seed_leaves, seeds, strict=True))
        known[out_leaf] = [(o, True) for o in picks(out)] if isinstance(out.type, TupleType) else (out, True)
        size = seeds[0].sizes[0]
        batcher = Batcher(size, known)
        values = iter(batcher.values([part for part in fitted if part is not None]))
        return [
            part if not isinstance(part, Node) else cotangent(next(values), flag, size)
            for part, flag in zip(parts, self.batched, strict=True)
        ]

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return self.op.gradient_mask(self.examples(types))


def unbroadcast(g: Node, x: Node) -> Node:
    """One example's cotangent in its input's shape and dtype: some ops leave undoing a broadcast to their caller."""
    g = cast_to(g, x.dtype)
    new = g.ndim - x.ndim
    stretched = [i for i, size in enumerate(g.sizes) if i < new or x.sizes[i - new] != size]
    g = sum_(g, axis=stretched) if stretched else g
    return g if g.sizes == x.sizes else broadcast_to(reshape(g, x.sizes), x.sizes)


def cotangent(value: Value, batched: bool, size: int) -> Node:
    """The cotangent of an input: per example where the input is, else the sum over the examples."""
    if batched:
        return with_axis(value, size)
    node, flag = value
    return sum_(node, axis=0) if flag else node * size


def with_axis(value: Value, size: int) -> Node:
    """A value that carries the leading axis, repeated along it where it did not."""
    node, flag = value
    return node if flag else broadcast_to(node, (size, *node.sizes))


class Batcher:
    """One walk from nodes of an example to nodes of many; `known` holds what the leaves become."""

    def __init__(
        self, size: int, known: Mapping[Node, Values], intern: Callable[[Node], Node] | None = None, lends: bool = False
    ) -> None:
        self.size = size
        self.known = dict(known)
        self.intern = intern if intern is not None else (lambda node: node)
        self.lends = lends  # whether new nodes are born at the lines of the old ones: for the compiler's pass

    def values(self, roots: Sequence[Node]) -> list[Value]:
        """What `roots` become."""
        for node in toposort(roots, stop=self.known.__contains__):
            if node not in self.known:
                if self.lends:
                    lend(node.where)
                self.known[node] = self.one(node)
        return [self.single(root) for root in roots]

    def single(self, node: Node) -> Value:
        value = self.known[node]
        assert not isinstance(value, list)
        return value

    def one(self, node: Node) -> Values:
        op = node.op
        if isinstance(op, Pick) and isinstance(several := self.known[node.inputs[0]], list):
            return several[op.index]
        values = [self.single(source) for source in node.inputs]
        inputs, batched = [value for value, _ in values], [flag for _, flag in values]
        if not any(batched):
            same = same_nodes(inputs, node.inputs)
            return (node if same else self.made(Node(op, tuple(inputs), node.type, node.where, node.name)), False)
        if isinstance(op, Region):
            return self.region(op, values, node)
        result = self.made(self.through(op, inputs, batched))
        if result.name is None:
            result.name = node.name
        return [(self.made(p), True) for p in picks(result)] if isinstance(result.type, TupleType) else (result, True)

    def made(self, node: Node) -> Node:
        return self.intern(node)

    def through(self, op: Op, inputs: Sequence[Node], batched: Sequence[bool]) -> Node:
        """An ordinary op over batched inputs."""
        rule = getattr(type(op), "batch", None)
        if callable(rule):  # some ops have a field of that name
            result = rule(op, tuple(batched), *inputs)
            if result is not None:
                return cast(Node, result)
        if isinstance(op, Elementwise):
            rank = max(x.ndim - flag for x, flag in zip(inputs, batched, strict=True))
            return apply(op, *(aligned(x, rank) if flag else x for x, flag in zip(inputs, batched, strict=True)))
        if isinstance(op, _ANY_SHAPE):
            return apply(op, *inputs)
        return apply(Batched(op, tuple(batched)), *inputs)

    # --- regions ------------------------------------------------------------------------------------------------------

    def region(self, op: Region, values: Sequence[Value], node: Node) -> Values:
        if isinstance(op, Scan):
            return self.scan(op, values)
        if isinstance(op, Switch):
            return batching_regions.switch(self, op, values, node)
        if isinstance(op, While):
            return batching_regions.while_loop(self, op, values, node)
        if isinstance(op, Pushforward):
            return batching_regions.pushforward(self, op, values)
        if isinstance(op, Subgraph):
            return batching_regions.subgraph(self, op, values, cotangent)
        if isinstance(op, Checkpoint):
            body, outs = self.body(op.body, [flag for _, flag in values])
            return self.outputs(op.with_body(body), [x for x, _ in values], outs)
        raise report(
            RuleError,
            f"vectorize: {op} has a body and no rule for many examples",
            where=node.where,
            operands=[("region", node)],
            hint="give it one in theon.ops.batching, or move it out of the vectorised function",
        )

    def scan(self, op: Scan, values: Sequence[Value]) -> list[Value]:
        """A scan of the batched step: sequences keep the axis that is looped over in front of that of the examples."""
        first, after = op.carries, op.carries + op.sequences
        flags = [flag for _, flag in values]
        while True:  # carries feed each other, so which of them differ from example to example is a fixpoint
            out_flags = dependent(op.body, [False, *flags])
            grown = [a or b for a, b in zip(flags[:first], out_flags, strict=False)]
            if grown == flags[:first]:
                break
            flags[:first] = grown
        inputs = [
            with_axis(value, self.size) if i < first and flag else value[0]
            for i, (value, flag) in enumerate(zip(values, flags, strict=True))
        ]
        inputs[first:after] = [
            moveaxis(x, 0, 1) if flag else x for x, flag in zip(inputs[first:after], flags[first:after], strict=True)
        ]
        body, outs = self.body(op.body, [False, *flags], flags[:first])
        results = self.outputs(op.with_body(body), [self.made(x) for x in inputs], outs)
        stacks = [(self.made(moveaxis(y, 1, 0)), True) if flag else (y, False) for y, flag in results[first:]]
        return [*results[:first], *stacks]

    def body(self, body: Graph, batched: Sequence[bool], wanted: Sequence[bool] = ()) -> tuple[Graph, list[bool]]:
        """A body over batched leaves, and which of its outputs carry the axis; those `wanted` do in any case."""
        leaves = [self.leaf(leaf, flag) for leaf, flag in zip(body.inputs, batched, strict=True)]
        inner = Batcher(
            self.size, dict(zip(body.inputs, zip(leaves, batched, strict=True), strict=True)), self.intern, self.lends
        )
        outs = inner.values(body.outputs)
        effects = [node for node, _ in inner.values(body.effects)]
        for i, flag in enumerate(wanted):
            if flag:
                outs[i] = (self.made(with_axis(outs[i], self.size)), True)
        return Graph(tuple(leaves), tuple(node for node, _ in outs), (), tuple(effects)), [flag for _, flag in outs]

    def inline(self, body: Graph, values: Sequence[Value]) -> list[Value]:
        """The outputs of a body that is taken into the graph of the examples."""
        inner = Batcher(self.size, dict(zip(body.inputs, values, strict=True)), self.intern, self.lends)
        return inner.values(body.outputs)

    def with_axis(self, value: Value) -> Node:
        return self.made(with_axis(value, self.size))

    @staticmethod
    def dependent(body: Graph, batched: Sequence[bool]) -> list[bool]:
        return dependent(body, batched)

    def leaf(self, leaf: Node, batched: bool) -> Node:
        type_ = leaf.tensor
        return self.made(new_input(type_.with_shape((self.size, *type_.shape)) if batched else type_, leaf.name))

    def outputs(self, op: Op, inputs: Sequence[Node], batched: Sequence[bool]) -> list[Value]:
        """The outputs of a region."""
        region = self.made(apply(op, *inputs))
        return [(self.made(p), flag) for p, flag in zip(picks(region), batched, strict=True)]


def dependent(body: Graph, batched: Sequence[bool]) -> list[bool]:
    """Which outputs of a body may differ from example to example where these inputs do."""
    reached = {leaf for leaf, flag in zip(body.inputs, batched, strict=True) if flag}
    for node in body.nodes():
        if any(source in reached for source in node.inputs):
            reached.add(node)
    return [out in reached for out in body.outputs]


def aligned(x: Node, rank: int) -> Node:
    """A batched operand with its own axes last, and room between them and the leading axis for those it lacks."""
    missing = rank - (x.ndim - 1)
    return reshape(x, (x.sizes[0], *(1,) * missing, *x.sizes[1:])) if missing else x


__all__ = ["Batched", "Batcher", "with_axis"]
