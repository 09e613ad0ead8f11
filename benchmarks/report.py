"""The report of a benchmark, as Markdown for people and as JSON for programs; and the flags they share."""

import argparse
import json
import os
import platform
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.harness import Comparison, Figure

REPORTS = Path(__file__).parent / "reports"

COMPARISON_HEAD = "program | theon | reference | ratio [95 %] | A/A [95 %] | limit | allowed | rounds | holds"
FIGURE_HEAD = "figure | value | limit | holds"


@dataclass
class Report:
    """The figures of one benchmark, with all that is needed to take them again."""

    name: str
    about: str
    seed: int
    device: str = "cpu"
    comparisons: list[Comparison] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether every comparison and every figure holds."""
        rows: tuple[Comparison | Figure, ...] = (*self.comparisons, *self.figures)
        return all(row.holds for row in rows)

    def finish(self, folder: Path = REPORTS) -> int:
        """Print the report, write both its forms to `folder`, and return the exit status: 0 if it holds."""
        folder.mkdir(parents=True, exist_ok=True)
        text = self.markdown()
        (folder / f"{self.name}.md").write_text(text, encoding="utf-8")
        (folder / f"{self.name}.json").write_text(self.json(), encoding="utf-8")
        print(text)
        return 0 if self.holds else 1

    def json(self) -> str:
        """The report for programs."""
        content = {
            "name": self.name,
            "about": self.about,
            "command": command_line(self.name, sys.argv[1:]),
            "seed": self.seed,
            "environment": environment(self.device),
            "comparisons": [asdict(c) | {"allowed": c.allowed, "holds": c.holds} for c in self.comparisons],
            "figures": [asdict(f) | {"holds": f.holds} for f in self.figures],
            "holds": self.holds,
        }
        return json.dumps(content, indent=2) + "\n"

    def markdown(self) -> str:
        """The report for people."""
        lines = [f"# {self.name}", "", self.about, ""]
        if self.comparisons:
            lines += table(COMPARISON_HEAD, map(comparison_row, self.comparisons))
        if self.figures:
            lines += table(FIGURE_HEAD, map(figure_row, self.figures))
        command = command_line(self.name, sys.argv[1:])
        settings = ", ".join(f"{key} {value}" for key, value in environment(self.device).items())
        return "\n".join((*lines, f"Taken by `{command}` with seed {self.seed}; {settings}.", ""))


def table(head: str, rows: Iterable[str]) -> list[str]:
    """The lines of a Markdown table, with an empty one after it."""
    rule = " | ".join("---" for _ in head.split(" | "))
    return [*(f"| {row} |" for row in (head, rule, *rows)), ""]


def comparison_row(row: Comparison) -> str:
    """A comparison under `COMPARISON_HEAD`."""
    times = f"{duration(row.subject)} | {duration(row.reference)}"
    limits = f"{row.limit:.2f} | {row.allowed:.3f}"
    return f"{row.name} | {times} | {row.ratio} | {row.control} | {limits} | {row.rounds} | {answer(row)}"


def figure_row(row: Figure) -> str:
    """A figure under `FIGURE_HEAD`."""
    value, limit = ("" if v is None else f"{v:.4g} {row.unit}".rstrip() for v in (row.value, row.limit))
    return f"{row.name} | {value} | {limit} | {answer(row)}"


def answer(row: Comparison | Figure) -> str:
    """Whether it holds, hard to overlook where it does not."""
    return "yes" if row.holds else "NO"


def duration(seconds: float) -> str:
    """Seconds in the unit that suits their size."""
    unit, size = next(((u, s) for u, s in (("s", 1.0), ("ms", 1e-3)) if seconds >= s), ("us", 1e-6))
    return f"{seconds / size:.4g} {unit}"


def environment(device: str) -> dict[str, str]:
    """What the figures depend on; nothing that names the machine or its folders."""
    return {
        "python": platform.python_version(),
        **{name: installed(name) for name in ("theon", "jax", "numpy")},
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": str(os.cpu_count()),
        "device": device,
    }


def installed(distribution: str) -> str:
    """The version of an installed distribution."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


def command_line(name: str, arguments: Sequence[str]) -> str:
    """The command that takes the benchmark again, without the folders of this machine."""

    def bare(text: str) -> str:
        return Path(text).name if Path(text).is_absolute() else text

    kept = ["=".join(bare(part) for part in argument.split("=")) for argument in arguments]
    return shlex.join(["python", "-m", f"benchmarks.{name}", *kept])


def parser(about: str, rounds: int = 300) -> argparse.ArgumentParser:
    """The flags that all benchmarks share: --rounds, --seed and --reports."""
    flags = argparse.ArgumentParser(description=about)
    flags.add_argument("--rounds", type=int, default=rounds, help="paired measurements (%(default)s)")
    flags.add_argument("--seed", type=int, default=0, help="of data and bootstrap (%(default)s)")
    flags.add_argument("--reports", type=Path, default=REPORTS, help="where to write (benchmarks/reports)")
    return flags
