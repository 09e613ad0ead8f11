"""The check of one random graph: every preset's program against the exact value of what was declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.compiler.instances import NO_GRADIENT
from theon.compiler.compilation import TABLE_NAMES, Options, Signature
from theon.compiler.passes import compile_graph
from theon.graph.graph import Graph
from theon.graph.node import Node
from theon.graph.walk import toposort
from theon.ops.assume import Assume
from theon.ops.gradient import StopGradient
from theon.ops.linalg import DotGeneral, Einsum

from .case import Case
from .doubt import stands
from .draft import GENERIC
from .finding import COARSE, RADII, UNITS, Finding, Preset
from .known import VOID, Known
from .rows import Array
from .slopes import Slopes, slopes

# No random graph has systems or determinants, of which the last table is made.
PRESETS: tuple[Preset, ...] = ("none", "default", *((name,) for name in TABLE_NAMES if name != "decompositions"))

# Rules whose right side has a slope of fewer digits than the left side's: 1 - tanh(x)**2, as everywhere.
ROUGH_SLOPES = NO_GRADIENT - {"stop_gradient(x) -> x"}

# Rules that give a number beyond the domain of their left side: nan may become a number where a formula asks for it.
WIDER = frozenset(
    (
        "log1p(x) - log(x) -> log1p(1 / x)",
        # At poles, where the two sides of the difference cancel.
        "gammaln(x + 1) - gammaln(x) -> log(abs(x))",
        "digamma(x + 1) - digamma(x) -> 1 / x",
    )
)


@dataclass
class Outcome:
    """What the check of a graph found, and how much it could say."""

    findings: list[Finding] = field(default_factory=list)
    fired: dict[str, int] = field(default_factory=dict)
    elements: int = 0  # results compared
    claimed: int = 0  # of them, those of which something is promised
    sharp: int = 0  # of them, those promised to a thousandth
    repaired: int = 0  # wrong or not finite unrewritten, right by default
    invented: int = 0  # finite and wrong by default, not finite unrewritten
    slopes: int = 0  # gradients compared with differences
    through_xla: int = 0  # points at which the graph ran through XLA
    xla_elements: int = 0  # results compared there


def compiled(case: Case, preset: Preset) -> tuple[Graph, dict[str, int]]:
    graph = case.graph
    signature = Signature(tuple(node.tensor for node in graph.inputs))
    made, compilation = compile_graph(graph, signature, Options(rewrites=preset))
    return made, compilation.report.counts


def check(case: Case, presets: Sequence[Preset] = PRESETS) -> Outcome:
    """Compile a graph with every preset and compare what the programs give."""
    outcome = Outcome()
    plain, _ = compiled(case, "none")
    expected = case.sheet.run(plain.outputs)
    forward = len(case.outputs)
    # The forward part is exact from the nodes as they were declared, which no pass has touched.
    case.sheet.run(case.outputs)
    knowns = case.sheet.exact(case.outputs) + case.sheet.exact(plain.outputs[forward:])
    usable = assumptions_hold(case)
    seen: set[tuple[int, ...]] = set()
    with np.errstate(all="ignore"):
        differences = slopes(case, knowns, usable) if case.wrt and not held_back(case) else None
        for preset in presets:
            if preset == ("linear_algebra",) and not multiplies(plain):
                continue
            graph, fired = (plain, {}) if preset == "none" else compiled(case, preset)
            got = case.sheet.run(graph.outputs)
            for name, times in fired.items():
                outcome.fired[name] = outcome.fired.get(name, 0) + times
            key = tuple(case.sheet.numbers[node] for node in graph.outputs)
            if key in seen:
                continue
            seen.add(key)
            before = len(outcome.findings)
            exempt, wider = not ROUGH_SLOPES.isdisjoint(fired), not WIDER.isdisjoint(fired)
            for k, node in enumerate(graph.outputs[:forward] if exempt else graph.outputs):
                points = usable if k < forward else [p for p in usable if p in GENERIC]
                compare(case, preset, k, node, (got[k], expected[k], knowns[k]), points, outcome)
            if differences is not None and not exempt:
                compare_slopes(case, preset, (got[forward:], expected[forward:]), differences, outcome)
            found = [one for one in outcome.findings[before:] if not (wider and one.what == "masked")]
            outcome.findings[before:] = [finding for finding in found if stands(case, plain, graph, finding)]
    return outcome


def multiplies(graph: Graph) -> bool:
    """Whether there are products of matrices."""
    return any(isinstance(node.op, (DotGeneral, Einsum)) for node in toposort(graph.outputs))


def held_back(case: Case) -> bool:
    """Whether a gradient is asked not to be the derivative."""
    return any(isinstance(node.op, StopGradient) for node in toposort(case.outputs))


def assumptions_hold(case: Case) -> list[int]:
    """The points at which what is assumed in the graph is true."""
    points = list(range(4))
    for node in toposort(case.outputs):
        if isinstance(node.op, Assume):
            (value,) = case.sheet.run([node])
            (known,) = case.sheet.exact([node])
            good = [HOLDS[node.op.fact](known.near[p % len(value)], value[p % len(value)]) for p in range(4)]
            points = [p for p in points if good[p]]
    return points


HOLDS: dict[str, Any] = {
    "positive": lambda x, y: bool((x > 0).all() and (y > 0).all()),
    "nonnegative": lambda x, y: bool((x >= 0).all() and (y >= 0).all()),
    "unit": lambda x, y: bool(((x >= 0) & (x <= 1)).all() and ((y >= 0) & (y <= 1)).all()),
    "integer": lambda x, y: bool((x == np.rint(x)).all() and (y == np.rint(y)).all()),
}


def compare(
    case: Case,
    preset: Preset,
    k: int,
    node: Node,
    values: tuple[Array, Array, Known],
    points: Sequence[int],
    outcome: Outcome,
) -> None:
    """One output of one preset, at all points."""
    got, plain, known = values
    declared = case.graph.outputs[k]
    if node.type != declared.type or got.dtype != declared.dtype or got.shape[1:] != declared.sizes:
        found = float(got.reshape(-1)[0]) if got.size else 0.0
        outcome.findings.append(
            Finding(case.seed, preset, f"{node.type} is not {declared.type}", k, (), found, 0, 0, 0)
        )
        return
    if got.dtype.kind != "f":
        return
    got, plain, near, radius = (
        np.broadcast_to(a, (4, *declared.sizes)).astype(np.float64)[list(points)]
        for a in (got, plain, known.near, known.radius)
    )
    info = np.finfo(declared.dtype)
    with np.errstate(all="ignore"):
        size = np.abs(near)
        units = UNITS * (float(info.eps) * size + float(info.tiny))
        claimed = np.isfinite(radius) & np.isfinite(near)
        right = np.abs(got - near) <= RADII * radius + units
        wrong = claimed & ~right
        # Beyond what is promised: a plain result that is right all the same stays about right, and stays finite.
        fits = size <= float(info.max)
        lucky = fits & (radius == np.inf) & (np.abs(plain - near) <= COARSE / 10 * size + float(info.tiny))
        # No real number, and nan unrewritten: a rewrite that makes it a number hides the mistake.
        masked = (radius == VOID) & np.isnan(plain) & np.isfinite(got) & (k < len(case.outputs))
        spoilt = lucky & ~(np.abs(got - near) <= COARSE * size + 2 * float(info.tiny))
        if preset == "default":
            close = np.abs(got - near) <= 1e-3 * size + float(info.tiny)
            off = ~(np.abs(plain - near) <= 1e-2 * size + float(info.tiny)) & np.isfinite(near)
            outcome.elements += got.size
            outcome.claimed += int(claimed.sum())
            outcome.sharp += int((claimed & (RADII * radius <= 1e-3 * size + 100 * float(info.tiny))).sum())
            outcome.repaired += int((off & close).sum())
            outcome.invented += int((~np.isfinite(plain) & np.isfinite(got) & ~close).sum())
    for what, where in (("wrong", wrong), ("spoilt", spoilt), ("masked", masked)):
        if where.any():
            place = tuple(int(i) for i in np.argwhere(where)[0])
            at = tuple(float(a[place]) for a in (got, plain, near, radius))
            outcome.findings.append(Finding(case.seed, preset, what, k, (points[place[0]], *place[1:]), *at))


def compare_slopes(
    case: Case, preset: Preset, values: tuple[Sequence[Array], Sequence[Array]], found: Slopes, outcome: Outcome
) -> None:
    """Gradients along the case's direction against differences of exact values."""
    count = len(case.wrt)
    for order, (truth, radius) in enumerate(((found.first, found.first_radius), (found.second, found.second_radius))):
        got, plain = (parts[order * count : (order + 1) * count] for parts in values)
        for point in GENERIC if got else ():
            if not (np.isfinite(truth[point]) and np.isfinite(radius[point])):
                continue
            slope = along(case, got, point)
            outcome.slopes += preset == "default"
            if not abs(slope - truth[point]) <= RADII * radius[point]:
                k = len(case.outputs) + order * count
                at = (slope, along(case, plain, point), float(truth[point]), float(radius[point]))
                outcome.findings.append(Finding(case.seed, preset, f"slope of order {order + 1}", k, (point,), *at))


def along(case: Case, parts: Sequence[Array], point: int) -> float:
    pairs = zip(parts, case.along, strict=True)
    return sum(float(np.sum(part[point % len(part)].astype(np.float64) * step)) for part, step in pairs)


__all__ = ["PRESETS", "Finding", "Outcome", "Preset", "check", "compiled"]
