"""The page that says what of the standard is there."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import theon

from .eager import resolved
from .standard import ABSENT, CONSTANTS, DTYPES, FUNCTIONS, METHODS, REMARKS, section

PAGE = Path(__file__).parents[2] / "docs" / "array-api.md"

HEAD = """# theon and the Array API standard

Which names of the [Python Array API standard](https://data-apis.org/array-api/2024.12/), version 2024.12, theon has.
Written by `python -m tests.array_api`; a test compares the page with the code.

The standard's own test suite is not on the package index, so that a fresh clone cannot run it. In its place
`tests/array_api` calls every function below at random, with shapes of 0 to 3 axes (empty ones too), every dtype of the
standard, the values that are not finite, keywords in and out, and compares values, dtypes and shapes with
`array_api_strict`, the implementation by the standard's authors. The signatures are compared as well. Code that is
written against the standard finds theon by `node.__array_namespace__()`.

What holds for all of it:

- Nodes are expressions. They are immutable, and have no device: no function takes `device=`, and `copy=` has no effect.
- The default dtypes are float32, complex64 and int32, which positions and counts have too; `theon.default_float`
  changes the first two.
- Where the standard leaves open what two kinds of dtypes promote to, theon promotes as JAX does.
- XLA flushes float32 numbers below 1.2e-38 to 0 on the CPU.
"""


def present(name: str) -> bool:
    return resolved(theon, name) is not None


def share() -> float:
    """Of the standard's functions, those that are there."""
    return sum(map(present, FUNCTIONS)) / len(FUNCTIONS)


def _row(name: str, there: bool) -> str:
    return f"| `{name}` | {'present' if there else 'absent'} | {REMARKS.get(name) or ABSENT.get(name, '')} |"


def _table(title: str, rows: Iterable[str]) -> str:
    return "\n".join([f"## {title}", "", "| name | | |", "|---|---|---|", *rows, ""])


def _place(name: str) -> tuple[bool, str, str]:
    return section(name).endswith("extension"), section(name), name


def text() -> str:
    there = sum(map(present, FUNCTIONS))
    parts = [HEAD, f"{there} of {len(FUNCTIONS)} functions are present ({share():.0%}).\n"]
    for title, names in groupby(
        sorted(FUNCTIONS, key=lambda n: (section(n).endswith("extension"), section(n), n)), section
    ):
        parts.append(_table(title.capitalize(), (_row(name, present(name)) for name in names)))
    methods = (_row(name, name not in ABSENT) for name in METHODS)
    parts.append(_table("Methods and attributes of nodes", methods))
    parts.append(_table("Constants and dtypes", (_row(name, present(name)) for name in (*CONSTANTS, *DTYPES))))
    return "\n".join(parts)
