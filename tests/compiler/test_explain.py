"""What `theon.explain` says of a compilation."""

from __future__ import annotations

from io import StringIO

import theon
from theon.compiler.explain import Explanation


def naive() -> theon.Function:
    x = theon.tensor("x", shape=(3,))
    y = theon.log(1 + theon.exp(x)).sum()
    return theon.function([x], [y, theon.grad(y, x)], name="naive")


def test_every_stage_and_firing_is_listed() -> None:
    lines = str(theon.explain(naive())).splitlines()
    assert lines[0] == "naive" and lines[1].split() == ["declared", "7", "nodes"]
    fired = [line for line in lines if "log(1 + exp(x)) -> softplus(x)" in line]
    assert len(fired) == 1 and "test_explain.py:" in fired[0] and fired[0].lstrip().startswith("1 x ")
    stages = [line.split()[0] for line in lines if line.endswith(" ms")]
    assert stages[0] == "specialise" and "differentiate" in stages and stages[-1] == "fuse"


def test_the_nearest_miss_is_told() -> None:
    x = theon.tensor("x", shape=(3,))
    f = theon.function([x], theon.log(2 + theon.exp(x)))
    told = theon.explain(f, why_not="log(1 + exp(x)) -> softplus(x)")
    assert "it wants the constant 1.0, and finds the constant 2.0" in str(told)
    fired = theon.explain(naive(), why_not="log(1 + exp(x)) -> softplus(x)")
    assert fired == "'log(1 + exp(x)) -> softplus(x)' fired 1 times"


def test_a_rule_that_was_not_asked() -> None:
    x = theon.tensor("x", shape=(3,))
    f = theon.function([x], theon.log(1 + theon.exp(x)), options=theon.Options(rewrites="none"))
    told = str(theon.explain(f, why_not="log(1 + exp(x)) -> softplus(x)"))
    assert told.endswith("its table is not among the rewrites of these options")


def test_the_signature_asked_for_is_explained() -> None:
    x = theon.vector("x")
    f = theon.function([x], theon.exp(x))
    for size in (1, 2):
        f([0.0] * size)
    explained = theon.explain(f, [0.0])
    assert isinstance(explained, Explanation)
    assert f.programs[-1].signature.types[0].shape == (1,)


def test_why_a_rule_of_sums_did_not_fire() -> None:
    x, y = theon.vector("x"), theon.vector("y")
    name = "exp(x) - 1 - x -> exp_rest(x)"
    absent = theon.explain(theon.function([x, y], theon.exp(x) - y), [0.0], [0.0], why_not=name)
    assert "no term of the sum is 1.0 as it wants one" in str(absent)
    other = theon.explain(theon.function([x, y], theon.exp(x) + 2 - y - 1), [0.0], [0.0], why_not=name)
    assert "its terms stand in the sum, but not of one value" in str(other)
    fired = theon.explain(theon.function([x, y], y**2 + 1 + x - theon.exp(x)), [0.0], [0.0], why_not=name)
    assert "fired 1 times" in str(fired)


def test_the_gradient_graph_is_shown_at_every_stage() -> None:
    f = naive()
    declared = theon.dprint(theon.expand(f, stage="specialise"), file=StringIO())
    assert "gradient(" in declared and "log(" in declared
    derived = theon.dprint(theon.expand(f), file=StringIO())
    assert "gradient(" not in derived and "sigmoid(" in derived
    assert theon.dprint(theon.expand(f, stage="fuse")) == theon.dprint(f.programs[-1].graph)
    assert "softplus(" not in theon.dprint(theon.expand(f, stage="specialise"))


def test_expanded_for_the_signature_asked_for() -> None:
    x = theon.vector("x")
    f = theon.function([x], theon.grad(theon.exp(x).sum(), x))
    assert theon.expand(f, [0.0, 1.0]).outputs[0].sizes == (2,)
