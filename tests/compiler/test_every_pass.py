"""After every pass the graph is well formed: every node re-inferred, bodies of regions included."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

import theon
from tests.compiler.declared import (
    PROGRAMS,
    Program,
    Shape,
    dropout,
    effects,
    intermediates,
    mlp,
    nested_loops,
    recomputed,
)
from tests.compiler.programs import random_program
from theon.compiler.compilation import Options, Report, Signature
from theon.compiler.passes import compile_graph
from theon.graph.check import check
from theon.graph.graph import Graph
from theon.graph.node import Const, Node, Pick, new_input
from theon.graph.types import as_dtype
from theon.ops.associative import AssociativeScan
from theon.ops.control import Scan
from theon.ops.gradient import Cut, Gradient
from theon.ops.host import Check, Print
from theon.ops.region import Region, everything
from theon.ops.vectorize import Vectorized


def bodies(graph: Graph) -> list[Graph]:
    return [body for node in everything(graph) if isinstance(node.op, Region) for body in node.op.bodies]


def assert_sound(stage: str, graph: Graph) -> None:
    """What holds of every stage: well formed, static, and no two nodes the same."""
    for one in (graph, *bodies(graph)):
        check(one, static=True)
        seen: dict[Any, Node] = {}
        for node in one.nodes():
            key = (node.op, *map(id, node.inputs)) if node.inputs or isinstance(node.op, Const) else node
            assert seen.setdefault(key, node) is node, f"{stage}: {node} is there twice"


def compile_checked(graph: Graph, signature: Signature, options: Options) -> tuple[Graph, Report]:
    """The pipeline, with every stage checked, and the types of the outputs unchanged since the first."""
    types: list[Any] = []

    def after_pass(stage: str, now: Graph) -> None:
        assert_sound(stage, now)
        types.append([root.type for root in (*now.outputs, *(new for _, new in now.updates))])
        assert types[-1] == types[0], f"{stage} changes the type of an output"

    compiled, compilation = compile_graph(graph, signature, options, after_pass=after_pass)
    assert len(types) >= 3
    return compiled, compilation.report


def signature_of(graph: Graph, given: Sequence[Shape | int]) -> Signature:
    types, values = [], []
    for i, (node, one) in enumerate(zip(graph.inputs, given, strict=True)):
        if isinstance(one, int):
            types.append(node.tensor)
            values.append((i, one))
        else:
            types.append(node.tensor.with_shape(one))
    return Signature(tuple(types), tuple(values))


@pytest.mark.parametrize("preset", ("default", "none"))
@pytest.mark.parametrize("make", PROGRAMS, ids=lambda make: make.__name__)
def test_every_stage_is_well_formed(make: Callable[[], Program], preset: str) -> None:
    """And in the end there is nothing lazy, cut or vectorised left, no matter how the program was declared."""
    program = make()
    givens = {theon.training: True} if make is dropout else None
    options = Options(rewrites=preset)
    declared = theon.function(
        list(program.inputs), program.outputs, updates=program.updates, givens=givens, options=options
    ).graph
    compiled, _ = compile_checked(declared, signature_of(declared, program.given), options)
    left = everything(compiled)
    assert not any(isinstance(node.op, (AssociativeScan, Gradient, Vectorized)) for node in left)
    assert not any(isinstance(node.op, Cut) for node in left)
    if make is effects:
        assert sum(isinstance(node.op, (Print, Check)) for node in left) == 4


@pytest.mark.parametrize("seed", range(40))
def test_every_stage_of_random_programs(seed: int) -> None:
    program = random_program(1000 + seed)
    first = theon.grad(program.cost, [*program.inputs, *program.intermediates], disconnected_inputs="zero")
    slope = sum((theon.sum(g * g) for g in first[1:]), theon.sum(first[0] * first[0]))
    second = theon.grad(slope, [*program.inputs, *program.intermediates], disconnected_inputs="zero")
    graph = Graph(tuple(program.inputs), (program.cost, *first, *second))
    compile_checked(graph, Signature(tuple(node.tensor for node in program.inputs)), Options())


def test_compiling_twice_gives_the_same_program() -> None:
    """Nothing depends on ids, hashes or what was compiled before: the texts are equal, to the letter."""
    for make in (mlp, nested_loops, recomputed, intermediates):
        texts = []
        for _ in range(2):
            program = make()
            graph = theon.function(list(program.inputs), program.outputs, updates=program.updates).graph
            compiled, _ = compile_graph(graph, signature_of(graph, program.given), Options())
            texts.append(theon.dprint(compiled))
        assert texts[0] == texts[1]


def test_a_checker_that_checks() -> None:
    """The helper is not blind: a pass that leaves a wrong type, an undeclared leaf or a copy is caught."""
    x = theon.tensor("x", shape=(3,))
    good = theon.sin(x)
    wrong = Node(good.op, (x,), x.tensor.with_dtype(as_dtype("float64")))
    stray = new_input(x.tensor, "stray")
    for outputs, words in (((wrong,), "where infer says"), ((stray,), "does not declare")):
        with pytest.raises(theon.TheonError, match=words):
            assert_sound("test", Graph((x,), outputs))
    with pytest.raises(AssertionError, match="there twice"):
        assert_sound("test", Graph((x,), (good, theon.sin(x))))


def test_loops_are_pruned_once() -> None:
    """In the last stage every output of every loop is picked by something."""
    program = nested_loops()
    graph = theon.function(list(program.inputs), program.outputs).graph
    compiled, _ = compile_checked(graph, signature_of(graph, program.given), Options())
    for one in (compiled, *bodies(compiled)):
        nodes = one.nodes()
        for node in nodes:
            if isinstance(node.op, Scan):
                picked = {user.op.index for user in nodes if isinstance(user.op, Pick) and user.inputs[0] is node}
                carried = set(range(node.op.carries))
                assert picked | carried == set(range(len(node.op.body.outputs)))
