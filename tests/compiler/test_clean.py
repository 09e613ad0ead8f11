"""What reaches XLA has no node too many: none twice, none that does nothing, none that its consumer would do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import pytest

import theon
from benchmarks import programs as models
from tests.compiler.programs import random_program
from theon.compiler.compilation import Options, Signature
from theon.compiler.passes import compile_graph
from theon.compiler.pattern import uniform_value
from theon.graph.dims import broadcast_shapes
from theon.graph.graph import Graph
from theon.graph.node import Const, Node, Pick, new_input
from theon.graph.op import Late
from theon.graph.types import FLOAT32, TensorType
from theon.ops.comparison import where
from theon.ops.control import Scan
from theon.ops.creation import Full
from theon.ops.elementwise import COMMUTATIVE, Cast, Elementwise
from theon.ops.gradient import Cut, Gradient, StopGradient
from theon.ops.linalg import DotGeneral
from theon.ops.reduce import Reduce
from theon.ops.region import Region
from theon.ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose
from theon.ops.sizes import Size

Flaw: TypeAlias = Callable[[Node], bool]


def name_of(node: Node) -> str:
    return node.op.row.name if isinstance(node.op, Elementwise) else ""


def is_number(node: Node, value: float) -> bool:
    return bool(uniform_value(node) == value)


def beside(name: str, value: float, places: tuple[int, ...] = (0, 1)) -> Flaw:
    """Whether a node is the op of that name with a constant operand that makes it do nothing."""
    return lambda node: name_of(node) == name and any(is_number(node.inputs[i], value) for i in places)


def of_itself(*kinds: type[Any]) -> Flaw:
    return lambda node: isinstance(node.op, kinds) and isinstance(node.inputs[0].op, kinds)


def keeps_type(*kinds: type[Any]) -> Flaw:
    return lambda node: isinstance(node.op, kinds) and node.type == node.inputs[0].type


def is_broadcast_too_many(node: Node) -> bool:
    """An operand repeated to a shape that the others give anyway."""
    if not isinstance(node.op, Elementwise) or len(node.inputs) < 2:
        return False
    for i, source in enumerate(node.inputs):
        if isinstance(source.op, (BroadcastTo, Full)):
            others = [other.dims for j, other in enumerate(node.inputs) if j != i]
            if broadcast_shapes([*others, source.inputs[0].dims]) == node.dims:
                return True
    return False


def is_of_constants(node: Node) -> bool:
    """Arithmetic of numbers that are known."""
    names = ("add", "subtract", "multiply", "divide", "negative")
    return name_of(node) in names and all(isinstance(s.op, Const) and s.ndim == 0 for s in node.inputs)


def is_of_zeros(node: Node) -> bool:
    """A branch of a gradient that is zero: a product or a sum of zeros, a choice between zeros."""
    if name_of(node) == "where":
        return all(is_number(branch, 0) for branch in node.inputs[1:])
    return isinstance(node.op, (DotGeneral, Reduce)) and any(is_number(source, 0) for source in node.inputs)


FLAWS: dict[str, Flaw] = {
    "x * 1": beside("multiply", 1),
    "x * 0": beside("multiply", 0),
    "x / 1": beside("divide", 1, (1,)),
    "x + 0": beside("add", 0),
    "x - 0": beside("subtract", 0, (1,)),
    "-(-x)": lambda node: name_of(node) == "negative" and name_of(node.inputs[0]) == "negative",
    "where(c, x, x)": lambda node: name_of(node) == "where" and node.inputs[1] is node.inputs[2],
    "transpose of transpose": of_itself(Transpose),
    "reshape of reshape": of_itself(Reshape, ExpandDims, Squeeze),
    "broadcast of broadcast": of_itself(BroadcastTo, Full),
    "cast to the same dtype": keeps_type(Cast),
    "movement that moves nothing": lambda node: (
        keeps_type(Reshape, BroadcastTo)(node)
        or (isinstance(node.op, Transpose) and list(node.op.perm) == sorted(node.op.perm))
        or (isinstance(node.op, Reduce) and not node.op.axes)
    ),
    "broadcast that the consumer would do": is_broadcast_too_many,
    "arithmetic of constants": is_of_constants,
    "a zero branch": is_of_zeros,
    "shape arithmetic": lambda node: isinstance(node.op, (Size, Late)),
    "a mark of the gradient": lambda node: isinstance(node.op, (Gradient, Cut, StopGradient)),
}


def bodies(graph: Graph) -> Iterator[Graph]:
    """The graph and every body inside it."""
    yield graph
    for node in graph.nodes():
        if isinstance(node.op, Region):
            for body in node.op.bodies:
                yield from bodies(body)


def key_of(node: Node) -> tuple[Any, ...]:
    """What two nodes that compute the same share; the order of a sum's or a product's two operands is none of it."""
    inputs = [id(source) for source in node.inputs]
    return node.op, tuple(sorted(inputs) if name_of(node) in COMMUTATIVE else inputs)


def unused_stacks(loop: Node, nodes: list[Node]) -> set[int]:
    """What a loop stacks and nobody reads."""
    if not isinstance(loop.op, Scan):
        return set()
    read = {node.op.index for node in nodes if isinstance(node.op, Pick) and node.inputs[0] is loop}
    return set(range(loop.op.carries, len(loop.op.body.outputs))) - read


def found(graph: Graph) -> list[str]:
    """All that is too much in a graph."""
    flaws: list[str] = []
    for body in bodies(graph):
        nodes = [node for node in body.nodes() if node.inputs or isinstance(node.op, Const)]
        flaws += [f"{name}: {node!r} of {node.inputs}" for node in nodes for name, flaw in FLAWS.items() if flaw(node)]
        keys: dict[Any, Node] = {}
        for node in nodes:
            other = keys.setdefault(key_of(node), node)
            if other is not node:
                flaws.append(f"twice: {node!r} of {node.inputs}")
        flaws += [f"dead: output {i} of {loop!r}" for loop in nodes for i in unused_stacks(loop, nodes)]
    return flaws


def compiled(inputs: list[Node], outputs: list[Node], rewrites: str = "default") -> Graph:
    signature = Signature(tuple(node.tensor for node in inputs))
    return compile_graph(Graph(tuple(inputs), tuple(outputs)), signature, Options(rewrites=rewrites))[0]


# --- Every check finds what it looks for ----------------------------------------------------------------------------

x = new_input(TensorType(FLOAT32, (2, 3)), "x")
y = new_input(TensorType(FLOAT32, (3,)), "y")
EXAMPLES: dict[str, Callable[[], Node]] = {
    "x * 1": lambda: x * 1,
    "x * 0": lambda: x * theon.zeros((2, 3)),
    "x / 1": lambda: x / 1,
    "x + 0": lambda: 0 + x,
    "x - 0": lambda: x - 0,
    "-(-x)": lambda: theon.negative(-x),
    "where(c, x, x)": lambda: where(x > 0, x, x),
    "transpose of transpose": lambda: Transpose((1, 0))(x.T),
    "reshape of reshape": lambda: theon.reshape(theon.reshape(x, (6,)), (3, 2)),
    "broadcast of broadcast": lambda: theon.broadcast_to(theon.broadcast_to(y, (2, 3)), (4, 2, 3)),
    "cast to the same dtype": lambda: Cast(FLOAT32)(x),
    "movement that moves nothing": lambda: Transpose((0, 1))(x),
    "broadcast that the consumer would do": lambda: x + theon.broadcast_to(y, (2, 3)),
    "arithmetic of constants": lambda: theon.constant(2.0) * theon.constant(3.0),
    "a zero branch": lambda: theon.zeros((4, 2)) @ x,
    "shape arithmetic": lambda: Size(0)(x),
    "a mark of the gradient": lambda: theon.stop_gradient(x),
}


@pytest.mark.parametrize("name", FLAWS)
def test_a_flaw_is_found(name: str) -> None:
    example = EXAMPLES[name]()
    assert any(text.startswith(name) for text in found(Graph((x, y), (example,))))


def test_what_is_there_twice_is_found() -> None:
    assert found(Graph((x, y), (theon.exp(x + y) * theon.exp(x + y),)))
    s = theon.exp(x)
    assert found(Graph((x, y), ((s + y) * (y + s),)))


def test_what_a_loop_stacks_in_vain_is_found() -> None:
    last, _ = theon.scan(lambda c, row: (c + row, c * row), theon.zeros(3), x)
    assert any(text.startswith("dead") for text in found(compiled([x], [last], "none")))
    assert not found(compiled([x], [last]))


# --- Nothing is found in what is compiled ---------------------------------------------------------------------------

MODELS: dict[str, Callable[[], theon.Function]] = {
    "mlp": lambda: models.declare_mlp((5, 4, 3), 6, 0),
    "cnn": lambda: models.declare_cnn(8, (1, 3, 2), 3, 2, 0),
    "lstm": lambda: models.declare_lstm(3, 4, 2, 5, 2, 0),
    "transformer": lambda: models.declare_transformer(7, 5, 4, 2, 3, 0),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_are_clean(name: str) -> None:
    (program,) = MODELS[name]().programs
    assert not found(program.graph)


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_random_programs_are_clean(first: int) -> None:
    """Values and gradients of random programs, and gradients of gradients."""
    for seed in range(first, first + 20):
        program = random_program(seed)
        gradients = theon.grad(program.cost, [*program.inputs, *program.intermediates])
        second = theon.grad(theon.sum(gradients[0] * np.float64(0.5)), program.inputs[0], disconnected_inputs="zero")
        graph = compiled(program.inputs, [program.cost, *gradients, second])
        assert not found(graph), program.name
