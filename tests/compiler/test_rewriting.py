"""The driver of rewrites: rules that are broken are named, and what happened is on record."""

from __future__ import annotations

import pytest

import theon
from tests.compiler.instances import compilation_for, interned
from theon.compiler.compilation import Options, Signature
from theon.compiler.passes import compile_graph
from theon.compiler.pattern import AnyRule, Rule, RuleTable, Transform
from theon.compiler.rewrite import rewrite
from theon.compiler.rules import TABLES
from theon.graph.errors import RuleError
from theon.graph.graph import Graph
from theon.graph.node import new_input
from theon.graph.types import TensorType, as_dtype
from theon.ops.arithmetic import multiply, subtract
from theon.ops.elementwise import Elementwise
from theon.ops.transcendental import cos, sin

# --- Broken rules ---------------------------------------------------------------------------------------------------


def broken(*rules: AnyRule) -> None:
    """Rewrite `sin(x)` by rules that should not be."""
    x = new_input(TensorType(as_dtype("float32"), (3,)), "x")
    graph = Graph((x,), (sin(x),))
    compilation = compilation_for(graph)
    rewrite(interned(graph, compilation), (RuleTable("broken", rules),), compilation)


def test_a_rule_that_changes_the_type_is_named() -> None:
    with pytest.raises(RuleError, match=r"rule 'narrows' failed: changes the type from float32\[3\] to float16\[3\]"):
        broken(Rule("narrows", lambda x: sin(x), lambda x: x.astype("float16")))
    with pytest.raises(RuleError, match="rule 'grows' failed: changes the type"):
        broken(Rule("grows", lambda x: sin(x), lambda x: theon.stack([x, x])))


def test_a_rule_that_raises_is_named() -> None:
    with pytest.raises(RuleError, match="rule 'divides' failed: ZeroDivisionError: division by zero"):
        broken(Rule("divides", lambda x: sin(x), lambda x: x * (1 / 0)))
    with pytest.raises(RuleError, match="rule 'guards' failed: KeyError"):
        broken(Rule("guards", lambda x: sin(x), lambda x: x, guard=lambda x: dict[str, bool]()["x"]))
    with pytest.raises(RuleError, match="rule 'mismatches' failed: "):
        broken(Rule("mismatches", lambda x: sin(x), lambda x: x + theon.zeros((4,))))
    with pytest.raises(RuleError, match="rule 'transforms' failed: IndexError"):
        broken(Transform("transforms", Elementwise, lambda node: node.inputs[5]))


def test_a_rule_that_goes_on_for_ever_is_named() -> None:
    with pytest.raises(RuleError, match="rule 'grows for ever' failed: rules seem to undo each other"):
        broken(Rule("grows for ever", lambda x: sin(x), lambda x: sin(sin(x))))
    with pytest.raises(RuleError, match="rule 'adds for ever' failed: rules seem to undo each other"):
        broken(Rule("adds for ever", lambda x: sin(x), lambda x: sin(x + 1)))


def test_rules_that_undo_each_other_are_named() -> None:
    there = Rule("there", lambda x: sin(x), lambda x: cos(x))
    back = Rule("back", lambda x: cos(x), lambda x: sin(x))
    with pytest.raises(RuleError, match=r"rule '(there|back)' failed: rules seem to undo each other"):
        broken(there, back)


def test_a_rule_that_swaps_for_ever_is_named() -> None:
    x = new_input(TensorType(as_dtype("float32"), (3,)), "x")
    y = new_input(TensorType(as_dtype("float32"), (3,)), "y")
    graph = Graph((x, y), (subtract(x, y),))
    compilation = compilation_for(graph)
    table = RuleTable("broken", (Rule("swaps", lambda a, b: a - b, lambda a, b: b - a),))
    with pytest.raises(RuleError, match="rule 'swaps' failed: rules seem to undo each other"):
        rewrite(interned(graph, compilation), (table,), compilation)


# --- The record -----------------------------------------------------------------------------------------------------


def test_the_report_counts_firings_and_records_steps() -> None:
    x = new_input(TensorType(as_dtype("float32"), (3,)), "x")
    graph = Graph((x,), (theon.log(1 + theon.exp(x)) ** 1,))
    _, compilation = compile_graph(graph, Signature((x.tensor,)), Options(), trace=True)
    report = compilation.report
    assert report.counts == {"log(1 + exp(x)) -> softplus(x)": 1, "x ** 1 -> x": 1}
    assert report.steps is not None
    assert [(step.stage, step.rule) for step in report.steps] == [
        ("recognise", "log(1 + exp(x)) -> softplus(x)"),
        ("simplify", "x ** 1 -> x"),
    ]
    assert [step.after.op.name for step in report.steps] == ["softplus", "softplus"]


def test_attempts_are_bounded() -> None:
    """The index lets a node meet only the rules that it could match: a few attempts per node, at any size."""
    x = new_input(TensorType(as_dtype("float32"), (3,)), "x")
    node = x
    for k in range(2000):
        node = theon.tanh(multiply(node, x)) + k
    graph = Graph((x,), (node,))
    _, compilation = compile_graph(graph, Signature((x.tensor,)), Options())
    assert compilation.report.attempts <= 6 * len(graph.nodes())


def test_rewriting_is_settled() -> None:
    """What the rules have left, they leave again."""
    x = new_input(TensorType(as_dtype("float32"), (2, 3)), "x")
    value = theon.log((theon.exp(x) / theon.sum(theon.exp(x), axis=1)[:, None])[:, 0] * 1) - 0
    graph = Graph((x,), (theon.grad(theon.sum(-value), x), value))
    compiled, compilation = compile_graph(graph, Signature((x.tensor,)), Options())
    again = rewrite(compiled, TABLES, compilation)
    assert all(a is b for a, b in zip(again.roots, compiled.roots, strict=True))
