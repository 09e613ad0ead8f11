"""Movement of elements that cancels, merges or does nothing; and broadcasts that the consumer would do itself."""

from ...graph.dims import broadcast_shapes
from ...graph.node import Node
from ...graph.types import TensorType, Type
from ...ops.arithmetic import negative
from ...ops.creation import Full
from ...ops.elementwise import Cast, Elementwise
from ...ops.gradient import StopGradient
from ...ops.index import IndexUpdate
from ...ops.reduce import Reduce
from ...ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose, permuted, reshape
from ..pattern import Rule, RuleTable, Transform, uniform_value
from .indexing import WRITES


def does_nothing(x: Node, m: Cast | Reshape | BroadcastTo) -> bool:
    return m.infer(x.tensor) == x.type


def adds_to_zeros(x: Node, z: Node, u: IndexUpdate) -> bool:
    return u.mode == "add" and uniform_value(z) == 0 and x.type == z.type


def is_scalar(x: Node, m: BroadcastTo) -> bool:
    return x.ndim == 0


def filled(x: Node, type_: Type) -> Node:
    assert isinstance(type_, TensorType)
    return Full(type_.sizes, type_.dtype)(x)


def without_broadcasts(node: Node) -> Node | None:
    """An elementwise op over operands that are not broadcast first, where the others give the shape anyway."""
    inputs = list(node.inputs)
    for i, source in enumerate(inputs):
        if not isinstance(source.op, (BroadcastTo, Full)):
            continue
        others = [other.dims for j, other in enumerate(inputs) if j != i]
        small = source.inputs[0]
        if others and broadcast_shapes([*others, small.dims]) == node.dims:
            inputs[i] = small
    changed = any(a is not b for a, b in zip(inputs, node.inputs, strict=True))
    return node.op(*inputs) if changed else None


SHAPES = RuleTable(
    "shapes",
    (
        Rule("cast(x) -> x", lambda x, m: m(x), lambda x, m: x, "bitwise", does_nothing, {"m": Cast}),
        Rule("reshape(x) -> x", lambda x, m: m(x), lambda x, m: x, "bitwise", does_nothing, {"m": Reshape}),
        Rule("broadcast(x) -> x", lambda x, m: m(x), lambda x, m: x, "bitwise", does_nothing, {"m": BroadcastTo}),
        Rule(
            "sum(x, ()) -> x",
            lambda x, m: m(x),
            lambda x, m: x,
            "bitwise",
            lambda x, m: not m.axes and m.kind in ("sum", "prod", "max", "min"),
            {"m": Reduce},
        ),
        Rule(
            "expand_dims(x) -> reshape(x)",
            lambda x, m: m(x),
            lambda x, m: reshape(x, m.infer(x.tensor).sizes),
            "bitwise",
            ops={"m": (ExpandDims, Squeeze)},
        ),
        Rule(
            "reshape(reshape(x)) -> reshape(x)",
            lambda x, m, n: m(n(x)),
            lambda x, m, n: m(x),
            "bitwise",
            ops={"m": Reshape, "n": Reshape},
        ),
        Rule(
            "broadcast(x) -> full(x)",
            lambda x, m: m(x),
            lambda x, m: filled(x, m.infer(x.tensor)),
            "bitwise",
            is_scalar,
            {"m": BroadcastTo},
        ),
        Rule(
            "move(full(x)) -> full(x)",
            lambda x, m, n: m(n(x)),
            lambda x, m, n: filled(x, m.infer(n.infer(x.tensor))),
            "bitwise",
            ops={"m": (Reshape, Transpose, BroadcastTo), "n": Full},
        ),
        Rule(
            "broadcast(broadcast(x)) -> broadcast(x)",
            lambda x, m, n: m(n(x)),
            lambda x, m, n: m(x),
            "bitwise",
            ops={"m": BroadcastTo, "n": BroadcastTo},
        ),
        Rule(
            "transpose(transpose(x)) -> transpose(x)",
            lambda x, m, n: m(n(x)),
            lambda x, m, n: permuted(x, tuple(n.perm[i] for i in m.perm)),
            "bitwise",
            ops={"m": Transpose, "n": Transpose},
        ),
        Rule(
            "transpose(x) -> x",
            lambda x, m: m(x),
            lambda x, m: x,
            "bitwise",
            lambda x, m: m.perm == tuple(range(x.ndim)),
            {"m": Transpose},
        ),
        Rule(
            "stop_gradient(x) -> x",
            lambda x, m: m(x),
            lambda x, m: x,
            "bitwise",
            lambda x, m: not m.lasting,
            {"m": StopGradient},
        ),
        *(
            Rule(
                f"x + add_at(0, v{picks}) -> add_at(x, v{picks})",
                pattern,
                replacement,
                guard=guard,
                ops={"u": IndexUpdate},
                constants=("z",),
            )
            for picks, pattern, replacement, guard in (
                (
                    "",
                    lambda x, z, v, u: x + u(z, v),
                    lambda x, z, v, u: u(x, v),
                    lambda x, z, v, u: adds_to_zeros(x, z, u),
                ),
                (
                    ", i",
                    lambda x, z, v, u, i: x + u(z, v, i),
                    lambda x, z, v, u, i: u(x, v, i),
                    lambda x, z, v, u, i: adds_to_zeros(x, z, u),
                ),
                (
                    ", i, j",
                    lambda x, z, v, u, i, j: x + u(z, v, i, j),
                    lambda x, z, v, u, i, j: u(x, v, i, j),
                    lambda x, z, v, u, i, j: adds_to_zeros(x, z, u),
                ),
            )
        ),
        Rule(
            "sum(-x) -> -sum(x)",
            lambda x, m: m(negative(x)),
            lambda x, m: negative(m(x)),
            "bitwise",
            lambda x, m: m.kind == "sum",
            {"m": Reduce},
        ),
        Rule(
            "move(-x) -> -move(x)",
            lambda x, m: m(negative(x)),
            lambda x, m: negative(m(x)),
            "bitwise",
            ops={"m": (Reshape, Transpose)},
        ),
        *WRITES,
        Transform("op(broadcast(x), y) -> op(x, y)", Elementwise, without_broadcasts),
    ),
)
