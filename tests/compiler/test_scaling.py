"""What a rewrite pass costs: a few attempts per node, whatever the number of rules."""

from __future__ import annotations

import pytest

from benchmarks.graph_scaling import chain, strangers
from tests.compiler.instances import compilation_for, interned
from theon.compiler.compilation import Compilation, Options, Signature
from theon.compiler.passes import compile_graph
from theon.compiler.rewrite import rewrite
from theon.compiler.rules import TABLES
from theon.graph.graph import Graph

PER_NODE = 3


def forward(nodes: int) -> Graph:
    """The chain without its gradient, which a rewrite pass alone does not expand."""
    graph = chain(nodes)
    return Graph(graph.inputs, graph.outputs[:1])


@pytest.mark.parametrize("nodes", (300, 3000))
def test_attempts_per_node_are_few_at_any_size(nodes: int) -> None:
    graph = chain(nodes)
    compiled, compilation = compile_graph(graph, Signature(tuple(node.tensor for node in graph.inputs)), Options())
    assert compilation.report.attempts <= PER_NODE * len(compiled.nodes())


def swept(strange: bool) -> Compilation:
    graph = forward(3000)
    compilation = compilation_for(graph)
    rewrite(interned(graph, compilation), (*TABLES, strangers()) if strange else TABLES, compilation)
    return compilation


def test_rules_that_cannot_match_are_not_attempted() -> None:
    """A hundred more rules rooted at add, multiply and exp: the index never offers them."""
    assert len(strangers().rules) == 100
    assert swept(strange=True).report.attempts == swept(strange=False).report.attempts > 0
