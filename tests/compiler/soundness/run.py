"""Many random graphs: checked one after another or by several processes, and what came of it as text."""

from __future__ import annotations

import argparse
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context

from theon.graph.graph import Graph
from theon.graph.text import text

from .case import Case, make
from .check import PRESETS, Finding, Outcome, check, compiled
from .plant import RULES
from .shrink import shrunk
from .xla import check_xla

CHUNK = 250  # graphs that a process takes at once
XLA_EVERY = 50  # one graph of so many goes through XLA, too


@dataclass
class Tally:
    """What many outcomes add up to."""

    graphs: int = 0
    findings: list[Finding] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    fired: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        self.graphs += 1
        self.findings += outcome.findings
        self.fired.update(outcome.fired)
        for name in COUNTS:
            self.counts[name] += getattr(outcome, name)

    def join(self, other: Tally) -> None:
        self.graphs += other.graphs
        self.findings += other.findings
        self.crashes += other.crashes
        self.fired.update(other.fired)
        self.counts.update(other.counts)

    @property
    def unreached(self) -> list[str]:
        return [rule.name for rule in RULES if not self.fired[rule.name]]

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {self.counts[name]}" for name in COUNTS)
        mismatches = len({finding.seed for finding in self.findings}) + len(self.crashes)
        return (
            f"{self.graphs} graphs, {mismatches} mismatches; {counts}; "
            f"{len(RULES) - len(self.unreached)} of {len(RULES)} rules fired, {sum(self.fired.values())} times"
        )


COUNTS = ("elements", "claimed", "sharp", "slopes", "repaired", "invented", "through_xla", "xla_elements")


def run(seeds: Iterable[int], xla_every: int = XLA_EVERY) -> Tally:
    """The graphs of these seeds, checked; one in `xla_every` through XLA as well (0: none)."""
    tally = Tally()
    for seed in seeds:
        try:
            case = make(seed)
            outcome = check(case)
            if xla_every and seed % xla_every == 0:
                check_xla(case, outcome)
            tally.add(outcome)
        except Exception:  # a crash is a finding
            tally.graphs += 1
            tally.crashes.append(f"graph {seed}: {traceback.format_exc(limit=-6)}")
    return tally


def report(finding: Finding) -> str:
    """Everything about one finding: the graph, smaller if it can be, the rewritten one, what fired, the point."""
    case, smaller = shrunk(make(finding.seed), finding)
    graph, fired = compiled(case, finding.preset)
    point = smaller.place[0] if smaller.place else 0
    lines = [
        str(finding),
        "declared, as small as it still fails:",
        str(smaller),
        text(Graph(case.inputs, case.outputs)),
    ]
    if case.wrt:
        wrt = ", ".join(str(node.name) for node in case.wrt)
        lines.append(f"and gradients of the sum by {wrt}{', twice' if case.second else ''}")
    lines += [f"rewritten ({finding.preset}):", text(graph), f"fired: {fired}"]
    lines += [f"{node.name} = {array[point].tolist()}" for node, array in case.points.items()]
    return "\n".join(lines)


def describe(tally: Tally, most: int = 5) -> str:
    """The first findings of different graphs, in full."""
    first: dict[int, Finding] = {}
    for finding in tally.findings:
        first.setdefault(finding.seed, finding)
    parts = [report(finding) for finding in list(first.values())[:most]]
    return "\n\n".join([str(tally), *parts, *tally.crashes[:most]])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.compiler.soundness", description=__doc__)
    parser.add_argument("--graphs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of the first graph; the others count on from it")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--xla-every", type=int, default=XLA_EVERY, help="0: none")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    last = options.seed + options.graphs
    chunks = [range(start, min(start + CHUNK, last)) for start in range(options.seed, last, CHUNK)]
    tally = Tally()
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        jobs = {pool.submit(run, seeds, options.xla_every): seeds for seeds in chunks}
        for job in as_completed(jobs):
            part = result(job, jobs[job])
            tally.join(part)
            for line in {finding.seed: str(finding) for finding in part.findings}.values():
                print(line)
            for line in part.crashes:
                print(line)
            print(f"{time.perf_counter() - started:7.0f} s  {tally}", flush=True)
    print(f"seeds {options.seed} to {last - 1}, presets {', '.join(map(str, PRESETS))}")
    print(describe(tally, 20))
    if tally.unreached:
        print("never fired: " + "; ".join(tally.unreached))
    return 1 if tally.findings or tally.crashes else 0


def result(job: Future[Tally], seeds: range) -> Tally:
    """What a process found; that it died is a finding, too."""
    try:
        return job.result()
    except BrokenProcessPool:
        return Tally(crashes=[f"graphs {seeds.start} to {seeds.stop - 1}: the process died"])


__all__ = ["Case", "Tally", "describe", "main", "report", "run"]
