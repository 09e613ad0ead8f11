"""What the compiler did, and why it did not: the text behind `theon.explain`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..graph.errors import ArgumentError, report, source_line
from ..graph.graph import Graph
from ..graph.node import Const, Node
from ..graph.where import here
from ..ops.region import everything
from .compilation import Firing, Options, Report, Signature
from .passes import compile_graph
from .pattern import AnyOp, AnyRule, Bindings, Hole, Rule, kind, matches, uniform_value
from .rules import TABLES
from .sums import SumRule, signed_terms


@dataclass(frozen=True)
class Explanation:
    """One compilation stage by stage: nodes, time, and every rule that fired with the user's line it fired at."""

    title: str
    report: Report
    declared: int  # nodes of the declared graph

    @property
    def steps(self) -> tuple[Firing, ...]:
        """Every firing in order, with the nodes before and after."""
        return tuple(self.report.steps or ())

    def __str__(self) -> str:
        lines = [self.title, f"  {'declared':<14}{self.declared:>7} nodes"]
        for stage, size in self.report.sizes.items():
            milliseconds = self.report.seconds[stage] * 1e3
            lines.append(f"  {stage:<14}{size:>7} nodes {milliseconds:>9.2f} ms")
            lines.extend(_firings([step for step in self.steps if step.stage == stage]))
        return "\n".join(lines)

    __repr__ = __str__


def _firings(steps: Sequence[Firing]) -> Iterator[str]:
    """One line per rule and user's line, with how often."""
    seen: dict[tuple[str, str], int] = {}
    for step in steps:
        place = step.rule, source_line(step.before.where)
        seen[place] = seen.get(place, 0) + 1
    for (rule, line), times in seen.items():
        yield f"      {times:>3} x {rule}   at {line}"


def explain_graph(graph: Graph, signature: Signature, options: Options, title: str) -> Explanation:
    """Compile once more, for the record: every step is kept."""
    _, compilation = compile_graph(graph, signature, options, trace=True)
    return Explanation(title, compilation.report, len(everything(graph)))


@dataclass(frozen=True)
class Miss:
    """How far a pattern got at a node, and what stopped it."""

    score: int
    node: Node
    reason: str


def why_not(graph: Graph, signature: Signature, options: Options, rule_name: str) -> str:
    """What kept the rule `rule_name` from firing at the node where it came nearest."""
    rule = find_rule(rule_name)
    if not any(rule in table.rules for table in TABLES if table.name in options.tables):
        return f"'{rule.name}' was not asked: its table is not among the rewrites of these options"
    best: Miss | None = None

    def look(stage: str, at: Graph) -> None:
        nonlocal best
        for node in everything(at):
            if (kind(node) in rule.roots or type(node.op) in rule.roots) and (best is None or best.score < 1_000):
                miss = near_miss(rule, node)
                if best is None or miss.score > best.score:
                    best = miss

    _, compilation = compile_graph(graph, signature, options, after_pass=look)
    fired = compilation.report.counts.get(rule.name, 0)
    if fired:
        return f"'{rule.name}' fired {fired} times"
    if best is None:
        return f"'{rule.name}' met no node that it could start from"
    return f"'{rule.name}' came nearest at {source_line(best.node.where)}: {best.reason}"


def find_rule(name: str) -> AnyRule:
    """The rule of that name; ArgumentError naming the closest ones where there is none."""
    rules = {rule.name: rule for table in TABLES for rule in table.rules}
    if name not in rules:
        like = [other for other in rules if name in other or other.split(" -> ")[0] in name]
        raise report(
            ArgumentError,
            f"explain: there is no rule '{name}'",
            where=here(),
            hint="rules are named by their equations, for example " + ", ".join(map(repr, (like or list(rules))[:3])),
        )
    return rules[name]


def near_miss(rule: AnyRule, node: Node) -> Miss:
    """How far `rule` gets at `node`."""
    if not isinstance(rule, Rule):
        return Miss(1, node, "its condition does not hold")
    if isinstance(rule, SumRule):
        return _nearest_sum(rule, node)
    bound = next(matches(rule.left, node, {}), None)
    if bound is not None and rule.guard is not None:
        return Miss(1_000, node, f"everything matches, but its guard does not hold for {_bindings(bound)}")
    return _descend(rule.left, node)


def _nearest_sum(rule: SumRule, node: Node) -> Miss:
    """How many of a rule's terms stand in a sum, and the first that does not."""
    terms = [term for _, term in signed_terms(node)]
    wanted = [term for _, term in rule.left_terms if not isinstance(term.op, Hole)]
    absent = [want for want in wanted if all(next(matches(want, term, {}), None) is None for term in terms)]
    if absent:
        shown = absent[0].op.value.item() if isinstance(absent[0].op, Const) else absent[0].op.name
        return Miss(1 + len(wanted) - len(absent), node, f"no term of the sum is {shown!r} as it wants one")
    return Miss(
        1 + len(wanted), node, "its terms stand in the sum, but not of one value, of these signs, or for its guard"
    )


def _descend(pattern: Node, node: Node) -> Miss:
    """The deepest point that agrees, and the first difference below it."""
    if next(matches(pattern, node, {}), None) is not None:
        return Miss(_size(pattern), node, "")
    op = pattern.op
    if isinstance(op, Const):
        return Miss(0, node, f"it wants the constant {op.value.item()!r}, and finds {_shown(node)}")
    fits = isinstance(node.op, op.of) if isinstance(op, AnyOp) else op == node.op
    if isinstance(op, Hole) or not fits or len(node.inputs) != len(pattern.inputs):
        return Miss(0, node, f"it wants {_wanted(pattern)}, and finds {_shown(node)}")
    orders = [node.inputs] if len(node.inputs) != 2 else [node.inputs, node.inputs[::-1]]
    best: Miss | None = None
    for order in orders:
        parts = [_descend(p, n) for p, n in zip(pattern.inputs, order, strict=True)]
        score = 1 + sum(part.score for part in parts)
        reason = next((part.reason for part in parts if part.reason), "one name stands for two different values")
        if best is None or score > best.score:
            best = Miss(score, node, reason)
    assert best is not None
    return best


def _size(pattern: Node) -> int:
    return 1 + sum(map(_size, pattern.inputs))


def _wanted(pattern: Node) -> str:
    op = pattern.op
    if isinstance(op, Hole):
        return "a constant" if op.constant else "the same value as before"
    if isinstance(op, AnyOp):
        classes = op.of if isinstance(op.of, tuple) else (op.of,)
        return "one of " + ", ".join(c.__name__ for c in classes) if len(classes) > 1 else f"a {classes[0].__name__}"
    return op.name


def _shown(node: Node) -> str:
    value = uniform_value(node)
    what = f"the constant {value!r}" if value is not None else node.label
    return f"{what} (made at {source_line(node.where)})"


def _bindings(bound: Bindings) -> str:
    return ", ".join(f"{name} = {value.label if isinstance(value, Node) else value}" for name, value in bound.items())
