"""Traps of hash-consing: what Python's equality joins or parts wrongly, what merging must remember, and depth."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import theon
from theon.compiler.compilation import Compilation, Options, Signature
from theon.compiler.intern import Interner
from theon.compiler.passes import compile_graph
from theon.graph.graph import PROVENANCE_CAP, Graph
from theon.graph.node import Const, Node
from theon.graph.op import strict
from theon.graph.types import TensorType, as_dtype
from theon.graph.walk import toposort
from theon.ops.creation import Full

F32 = as_dtype("float32")
ONES = np.ones(3, np.float32)


def compiled(inputs: list[Node], *outputs: Node) -> tuple[Graph, Compilation]:
    graph = Graph(tuple(inputs), outputs)
    return compile_graph(graph, Signature(tuple(node.tensor for node in inputs)), Options())


def vector(name: str = "x") -> Node:
    return theon.tensor(name, shape=(3,))


# --- Constants ------------------------------------------------------------------------------------


def test_zero_and_minus_zero_are_two() -> None:
    """They differ under a division."""
    x = vector()
    plus, minus = theon.constant(0.0), theon.constant(-0.0)
    graph, _ = compiled([x], theon.maximum(x, plus), theon.maximum(x, minus))
    assert graph.outputs[0] is not graph.outputs[1]
    one = theon.constant(1.0)
    values = theon.function([], [one / plus, one / minus])()
    assert [float(value) for value in values] == [np.inf, -np.inf]


def test_zeros_of_other_forms_are_kept_apart_too() -> None:
    """As arrays, as complex numbers, and where an op holds them."""
    x = theon.tensor("x", shape=(2,), dtype="complex64")
    zeros = [complex(a, b) for a in (0.0, -0.0) for b in (0.0, -0.0)]
    graph, _ = compiled([x], *[x + theon.constant(zero, "complex64") * x for zero in zeros])
    assert len(set(graph.outputs)) == 4
    y = vector()
    graph, _ = compiled([y], y * np.zeros(3, np.float32), y * -np.zeros(3, np.float32))
    assert len({source for out in graph.outputs for source in out.inputs if isinstance(source.op, Const)}) == 2


def test_one_true_and_one_point_nought_are_three() -> None:
    """As constants they differ in dtype; as parameters of an op Python takes them for one."""
    interner = Interner()
    nodes = [interner.intern(theon.constant(value)) for value in (1, 1.0, True)]
    assert len(set(nodes)) == 3
    assert len({strict(value) for value in (1, 1.0, True, np.float64(1.0))}) >= 3
    assert len({strict((0, value)) for value in (0, 0.0, -0.0, False)}) == 4
    assert len({strict(complex(0.0, sign)) for sign in (0.0, -0.0)}) == 2


def test_the_same_number_in_two_dtypes_is_two_constants() -> None:
    interner = Interner()
    assert (
        len({interner.intern(theon.constant(2.0, dtype)) for dtype in ("float32", "float64", "bfloat16", "int32")}) == 4
    )


def test_nan_is_one_constant() -> None:
    """Though it is not equal to itself; a nan of other bits is another one."""
    x = vector()
    graph, _ = compiled([x], x + theon.constant(float("nan")), x + theon.constant(float("nan")))
    assert graph.outputs[0] is graph.outputs[1]
    assert strict(float("nan")) == strict(float("nan"))
    odd = np.frombuffer(np.uint32(0x7FC00001).tobytes(), np.float32)[0]
    interner = Interner()
    assert interner.intern(theon.constant(np.float32("nan"))) is not interner.intern(theon.constant(odd))


def test_arrays_are_one_by_content_and_large_ones_by_identity() -> None:
    """Hashing a large array at each look-up would cost more than a copy of it."""
    interner = Interner()
    assert interner.intern(theon.constant(np.arange(3.0))) is interner.intern(theon.constant(np.arange(3.0)))
    assert interner.intern(theon.constant(np.arange(3.0))) is not interner.intern(theon.constant(np.arange(3.0)[None]))
    large = np.zeros(Const.LARGE, np.float32)
    first, second = theon.constant(large), theon.constant(large)
    assert interner.intern(first) is not interner.intern(second)
    assert interner.intern(first) is interner.intern(Node(first.op, (), first.type))


# --- Ops and leaves -------------------------------------------------------------------------------


def test_ops_without_parameters_are_told_apart() -> None:
    """Two classes with no fields, or rows of one class, have equal (empty) parameters and different hashes."""
    x = vector()
    graph, _ = compiled([x], theon.exp(x), theon.log(x), theon.sin(x), theon.cos(x), theon.exp(x))
    assert len(set(graph.outputs)) == 4
    assert graph.outputs[0] is graph.outputs[4]
    ops = [node.op for node in graph.outputs[:4]]
    assert len({hash(op) for op in ops}) == 4


def test_parameters_tell_ops_apart() -> None:
    x = theon.tensor("x", shape=(2, 2))
    sums = [
        theon.sum(x, axis=0),
        theon.sum(x, axis=1),
        theon.sum(x, axis=(0,)),
        theon.max(x, axis=0),
        x.T,
        x[0],
        x[:, 0],
    ]
    graph, _ = compiled([x], *sums)
    assert len(set(graph.outputs)) == 6
    assert graph.outputs[0] is graph.outputs[2]


def test_two_inputs_of_one_name_are_two() -> None:
    x, also_x = vector("x"), vector("x")
    graph, _ = compiled([x, also_x], x - also_x)
    assert len(set(graph.inputs)) == 2
    assert float(theon.function([x, also_x], theon.sum(x - also_x))(ONES, 0 * ONES)) == 3.0


def test_two_shared_variables_of_one_value_are_two() -> None:
    a, b = theon.shared(1.0, name="w"), theon.shared(1.0, name="w")
    run = theon.function([], a + b, updates={a: a + 1})
    assert float(run()) == 2.0
    assert float(run()) == 3.0


def test_zeros_of_two_types_are_two() -> None:
    """Leaves with parameters but no inputs."""
    graph, _ = compiled([], theon.zeros((2,)), theon.zeros((3,)), theon.zeros((2,), dtype="int32"), theon.zeros((2,)))
    assert len(set(graph.outputs)) == 3
    assert all(isinstance(node.op, (Full, Const)) for node in graph.outputs)


def test_operands_in_another_order_are_another_node_unless_the_op_commutes() -> None:
    x, y = vector("x"), vector("y")
    graph, _ = compiled([x, y], x - y, y - x, x + y, y + x, x * y, y * x, x < y, y < x)
    first, second, third, fourth, *products, less, more = graph.outputs
    assert first is not second and third is fourth and products[0] is products[1] and less is not more


def test_effects_and_draws() -> None:
    """Two prints are two; one draw named twice is one, two draws are two."""
    x = vector()
    declared = theon.function([x], [theon.print(x, "a"), theon.print(x, "a")]).programs[0].graph
    assert len(declared.effects) == 2
    rng = theon.random.stream(seed=0)
    first = theon.random.normal(rng, (3,))
    found = theon.function([], [first, first + 0, theon.random.normal(rng, (3,))])()
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


# --- What merging remembers -----------------------------------------------------------------------


def test_both_birth_lines_survive() -> None:
    x = vector()
    one = theon.tanh(x)
    other = theon.tanh(x)
    graph, _ = compiled([x], one, other)
    (merged,) = set(graph.outputs)
    assert one.where is not None
    assert other.where is not None
    assert one.where.line != other.where.line
    assert merged.where == one.where
    assert graph.provenance[merged].also == (other.where,)


def test_birth_lines_are_capped() -> None:
    x = vector()
    # One line each, and more lines than are kept.
    parts = [
        theon.tanh(x),
        theon.tanh(x),
        theon.tanh(x),
        theon.tanh(x),
        theon.tanh(x),
        theon.tanh(x),
        theon.tanh(x),
        theon.tanh(x),
    ]
    graph, _ = compiled([x], *parts)
    (merged,) = set(graph.outputs)
    assert len(graph.provenance[merged].also) == PROVENANCE_CAP


def test_names_survive() -> None:
    """The first name wins; a later one is taken where the first had none; what replaces a named node bears its name."""
    x = vector()
    plain, named = theon.tanh(x), theon.tanh(x)
    named.name = "h"
    graph, _ = compiled([x], plain, named)
    assert graph.outputs[0].name == "h"
    repaired = theon.log(1 + theon.exp(x))
    repaired.name = "cost"
    graph, _ = compiled([x], repaired)
    assert (graph.outputs[0].op.name, graph.outputs[0].name) == ("softplus", "cost")


def test_gradient_nodes_know_what_they_differentiate() -> None:
    x = vector()
    h = theon.tanh(x)
    graph, _ = compiled([x], theon.grad(theon.sum(h), x))
    made = graph.outputs[0]
    twin = graph.provenance[made].gradient_of
    assert twin is not None
    assert twin.op.name == "tanh"
    assert made.where == h.where


# --- The table ------------------------------------------------------------------------------------


def test_interning_is_idempotent_and_shares() -> None:
    x = vector()
    interner = Interner()
    once = interner.intern(theon.sin(x) + theon.sin(x))
    size = len(interner)
    assert interner.intern(once) is once
    assert interner.intern(theon.sin(x) + theon.sin(x)) is once
    assert len(interner) == size == 3
    assert once in interner
    assert theon.sin(x) not in interner


def test_a_leaf_specialised_in_two_ways_is_two() -> None:
    """One declared body, entered with different types, has different leaves."""
    x = theon.vector()
    interner = Interner()
    two, three = (interner.node(x.op, (), None, None, TensorType(F32, (n,))) for n in (2, 3))
    assert two is not three
    assert interner.node(x.op, (), None, None, TensorType(F32, (2,))) is two


# --- Depth ----------------------------------------------------------------------------------------

DEEP = 200_000


@pytest.fixture
def shallow_stack() -> Any:
    """Far fewer frames than nodes: nothing may recurse."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(400)
    yield
    sys.setrecursionlimit(before)


def test_a_chain_of_two_hundred_thousand_nodes(shallow_stack: None) -> None:
    """Declared, differentiated and taken through the whole pipeline, within the rewriter's fuel."""
    x = vector()
    node = x
    for k in range(DEEP // 4):
        node = (theon.tanh(node) if k % 2 else theon.sin(node)) * x + 1.0
    assert len(toposort([node])) > DEEP // 4 * 3
    graph, compilation = compiled([x], theon.sum(node))
    assert len(graph.nodes()) <= len(toposort([node])) + 1
    assert compilation.report.attempts <= 8 * DEEP


def test_a_chain_that_cancels(shallow_stack: None) -> None:
    """Rules fire at every node, each on what the one below has become."""
    x = vector()
    node = x
    for _ in range(DEEP // 4):
        node = theon.sin(theon.negative(-node) * 1.0)
    graph, compilation = compiled([x], node)
    assert len(graph.nodes()) == DEEP // 4 + 1
    assert compilation.report.counts["x * 1 -> x"] == compilation.report.counts["-(-x) -> x"] == DEEP // 4


def test_a_deep_gradient(shallow_stack: None) -> None:
    x = vector()
    node = x
    for _ in range(20_000):
        node = theon.sin(node * x)
    graph, _ = compiled([x], theon.grad(theon.sum(node), x))
    assert len(graph.nodes()) < 20_000 * 8
