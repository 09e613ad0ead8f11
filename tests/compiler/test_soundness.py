"""The soundness of all rewrites together: random graphs, as every preset rewrites them, against the exact values.

`python -m tests.compiler.soundness --graphs 100000 --seed 0 --workers 2` runs as many as one likes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.compiler.soundness.case import make
from tests.compiler.soundness.check import check, compiled
from tests.compiler.soundness.meaning import Missing
from tests.compiler.soundness.plant import MATRICES
from tests.compiler.soundness.run import describe, run
from theon.compiler import passes, repair
from theon.compiler.pattern import Rule, RuleTable
from theon.compiler.rules import TABLES
from theon.graph.errors import Mismatch
from theon.graph.node import Node, apply
from theon.graph.op import Op
from theon.graph.types import TensorType
from theon.ops.arithmetic import abs, add
from theon.ops.comparison import where
from theon.ops.elementwise import Elementwise
from theon.ops.gradient import stop_gradient
from theon.ops.nn.activations import softplus
from theon.ops.powers import square
from theon.ops.reduce import Reduce
from theon.ops.transcendental import exp, expm1, log, log1p, sigmoid, sqrt, tanh

pytestmark = pytest.mark.optimized

GRAPHS = 2000
PARTS = 8
PRESET = ("default", None)
# Rules that no graph of floats can reach, because another takes away their pattern first: the differences of an
# exponential and 1 are there for complex numbers, and the logarithm for what a user writes in one piece.
SHADOWED = {
    "log(1 - exp(x)) -> log1mexp(x)",
    "exp(x) - 1 -> expm1(x)",
    "exp(x) + -1 -> expm1(x)",
    "1 - exp(x) -> -expm1(x)",
}


@pytest.mark.parametrize("part", range(PARTS))
def test_random_graphs_mean_what_was_declared(part: int) -> None:
    """No preset changes what a graph means; one in fifty runs through XLA as well."""
    size = GRAPHS // PARTS
    tally = run(range(part * size, (part + 1) * size))
    assert tally.graphs == size
    assert not tally.findings and not tally.crashes, describe(tally)
    # The check is not empty: most results are held to a bound, and most bounds are sharp.
    assert tally.counts["claimed"] > 0.75 * tally.counts["elements"] > 1000
    assert tally.counts["sharp"] > 0.65 * tally.counts["elements"]
    assert tally.counts["slopes"] > size / 2
    assert tally.counts["repaired"] > 10


@pytest.mark.parametrize(
    "table", [t for t in TABLES if not MATRICES.issuperset(r.name for r in t.rules)], ids=lambda t: t.name
)
def test_the_generator_reaches_every_rule(table: RuleTable) -> None:
    """Planted in a random graph each rule fires, with all tables or with its own alone."""
    for rule in table.rules:
        if rule.name in MATRICES:
            continue
        fired = (rule.name in compiled(make(k, (rule,)), PRESET[k % 2] or (table.name,))[1] for k in range(60))
        assert (rule.name in SHADOWED) != any(fired), rule.name


# --- The check finds what is wrong ------------------------------------------------------------------------------------

WRONG: dict[str, Rule] = {
    "a term lost": Rule("exp(x) - 1 -> exp(x)", lambda x: exp(x) - 1, lambda x: exp(x)),
    "a sign lost": Rule("sqrt(square(x)) -> x", lambda x: sqrt(square(x)), lambda x: x),
    "the wrong branch": Rule("where(c, x, y) -> x", lambda c, x, y: where(c, x, y), lambda c, x, y: x, bools=("c",)),
    "the wrong axis": Rule(
        "sum(x) -> sum(x) over the first axis",
        lambda x, s: s(exp(x)),
        lambda x, s: Reduce("sum", (0,) if s.axes else (), s.keepdims)(exp(x)),
        guard=lambda x, s: s.axes == (1,) and not s.keepdims and x.sizes[0] == x.sizes[-1],
        ops={"s": Reduce},
    ),
    "a guard forgotten": Rule("log(x * y) -> log(x) + log(y)", lambda x, y: log(x * y), lambda x, y: log(x) + log(y)),
    "a domain widened": Rule("square(sqrt(x)) -> x", lambda x: square(sqrt(x)), lambda x: x),
    "overflow": Rule("softplus(x) -> log(1 + exp(x))", lambda x: softplus(x), lambda x: log(1 + exp(x))),
    "digits lost": Rule("log1p(x) -> log(1 + x)", lambda x: log1p(x), lambda x: log(add(1, x))),
    "a range lost": Rule("abs(x) -> sqrt(x * x)", lambda x: abs(x), lambda x: sqrt(x * x)),
    "a gradient lost": Rule("exp(x) - 1 -> stop(expm1(x))", lambda x: exp(x) - 1, lambda x: stop_gradient(expm1(x))),
    "nearly right": Rule("-tanh(x) -> tanh(-1.00001 * x)", lambda x: -tanh(x), lambda x: tanh(x * -1.00001)),
    "right up to far out": Rule(
        "sigmoid(x) -> 1 - 1 / (1 + exp(x))", lambda x: sigmoid(x), lambda x: 1 - 1 / (1 + exp(x))
    ),
    "a fact that is none": Rule("abs(x) -> x", lambda x: abs(x), lambda x: x),
}


def put_in_place_of_stability(wrong: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table that runs before differentiation and after it, with one rule: true ones could undo what that does."""
    table = RuleTable("stability", (wrong,))
    monkeypatch.setattr(repair, "STABILITY", table)
    monkeypatch.setattr(passes, "TABLES", tuple(table if one.name == "stability" else one for one in TABLES))


@pytest.mark.parametrize("mistake", WRONG)
def test_wrong_rules_are_found(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each within a few dozen graphs into which it is planted."""
    wrong = WRONG[mistake]
    put_in_place_of_stability(wrong, monkeypatch)
    found: Counter[str] = Counter()
    for seed in range(150):
        outcome = check(make(seed, (wrong,)), ("default",))
        found.update(finding.what for finding in outcome.findings)
        if found:
            return
    pytest.fail(f"{wrong.name} went unseen")


def test_wrong_derivatives_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Differences of exact values know nothing of a vjp, so that one that is wrong everywhere does not pass."""
    vjp = Elementwise.vjp

    def wrong(op: Elementwise, g: Node, out: Node, *inputs: Node) -> Sequence[Node | Mismatch | None]:
        parts = vjp(op, g, out, *inputs)
        return [part * 1.001 for part in parts if isinstance(part, Node)] if op.row.name == "exp" else parts

    monkeypatch.setattr(Elementwise, "vjp", wrong)
    found = {finding.what for seed in range(60) for finding in check(make(seed), ("none",)).findings}
    assert "slope of order 1" in found


def test_ops_without_a_meaning_are_named() -> None:
    """With the file to add them to."""

    @dataclass(frozen=True, eq=False)
    class Unheard(Op):
        def infer(self, x: TensorType) -> TensorType:
            return x

    case = make(0)
    with pytest.raises(Missing, match=r"'unheard' .* add it to tests/compiler/soundness/meaning.py"):
        case.sheet.run([apply(Unheard(), case.outputs[0])])


def test_failures_are_reported_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph, smaller than it was drawn, the rewritten one, the rules that fired, the point and the numbers."""
    wrong = WRONG["a fact that is none"]
    put_in_place_of_stability(wrong, monkeypatch)
    tally = run(range(60), xla_every=0)
    assert tally.findings and not tally.crashes
    shown = describe(tally, 1)
    for words in ("declared, as small as it still fails:", "rewritten (", wrong.name, "truly", " = ["):
        assert words in shown
    assert shown.split("rewritten (")[0].count("\n%") <= 5
