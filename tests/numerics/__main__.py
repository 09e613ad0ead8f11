"""Writes docs/numerics.md: every formula by theon, by plain JAX, and by PyTensor where it is installed."""

from __future__ import annotations

import argparse
import pathlib
import sys
import tomllib
import warnings
from collections.abc import Callable

import jax
import numpy as np

from . import peers
from .backends import by_jax, by_theon
from .document import page
from .exceptions import EXCEPTIONS
from .formulas import ROWS
from .row import Row
from .score import Results, Score, score, truths

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "numerics.md"
RUNS: tuple[Callable[..., Results], ...] = (by_theon, by_jax, *([peers.by_pytensor] if peers.AVAILABLE else []))


def measured(row: Row) -> list[Score | None]:
    """The row's scores; None where a library is not there, or has no such function."""
    known = truths(row)
    points = [point for point, _ in known]
    found: list[Score | None] = []
    for run in RUNS:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                found.append(score(row, known, run(row, points)))
        except (NotImplementedError, AttributeError, TypeError) as problem:
            if run is by_theon:
                raise
            print(f"{row.name}: {run.__name__}: {problem}", file=sys.stderr)
            found.append(None)
    return found + [None] * (3 - len(found))


def versions() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = [f"theon {project['version']}", f"JAX {jax.__version__}", f"NumPy {np.__version__}"]
    return ", ".join([*found, peers.version() if peers.AVAILABLE else "without PyTensor"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.numerics", description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default=DOCUMENT, help="the page to write")
    arguments = parser.parse_args()
    scores = {}
    for i, row in enumerate(ROWS):
        scores[row.name] = measured(row)
        print(f"{i + 1}/{len(ROWS)} {row.name}", flush=True)
    arguments.out.parent.mkdir(exist_ok=True)
    arguments.out.write_text(page(versions(), scores, list(EXCEPTIONS)))


if __name__ == "__main__":
    main()
