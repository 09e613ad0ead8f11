"""The catalogue as a page: written from one measurement, and read back by the tests."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from .formulas import FAMILIES
from .score import Score
from .text import formulas

HEAD = """\
# Numerics

What naive formulas come to in float32: the formula as a user writes it, and the worst error of its value and of its
gradient on one fixed grid, for theon, for plain JAX (`jax.jit`, `jax.grad`) and for PyTensor, all measured in one run.
This page is generated: `python -m tests.numerics`. `tests/numerics/` holds the formulas, the grid and the judge, and
the suite holds theon to the bound.

- **The grid** spans the float32 range: both signs, from the smallest normal number to the largest, and the places where
  something turns (0, 1, the thresholds of exp); combinations of these where a formula has several operands. Only points
  in the formula's domain are used.
- **The truth** is the formula's own, by mpmath, with as many digits as it takes; gradients by exact derivatives.
- **The unit** is one ulp (unit in the last place, 6e-8 to 1.2e-7 of the number) times max(1, the condition number):
  how much a relative change of the operands is magnified in the true value, or in the true gradient entry, by mpmath
  too. An error below 1 is as good as the operands' own rounding. theon's bound is 8.
- **Judged** are all points where the true number is a normal float32 number, and the formula's value is not too large
  for float32. Where the last place of the operands decides all digits (a condition number above 2**20), only nan and
  infinity are wrong.
- **Denormals.** XLA flushes float32 numbers below 1.2e-38 to zero, results and what they are computed from alike. So
  true results below 1.5e-36, which may have lost a term or a factor on the way, may come out as anything finite.
- **Strictly** the same bound holds at every point where the true number is normal (1.2e-38 to 3.4e38): with results
  that XLA's flushing reaches, with condition numbers of any size, and with gradients of values too large for float32.
  The column says how many of theon's numbers are beyond the bound then, and "holds" where none is.
  A formula may hold strictly alone: nan at a result below the normal numbers counts only in the wider reading.
- **nan (n)** means that n numbers came out as nan or infinity where the truth is finite.

"""
EXEMPT = "Rows marked * are not within theon's bound yet; `tests/numerics/exceptions.py` says why.\n\n"


def shown(error: float, nonfinite: int) -> str:
    if nonfinite:
        return f"nan ({nonfinite})"
    if not math.isfinite(error):
        return "inf"
    return f"{error:.1f}" if error < 1000 else f"{error:.0e}".replace("e+0", "e").replace("e+", "e")


def cells(score: Score | None) -> str:
    if score is None:
        return "- | -"
    return f"{shown(score.value, score.nonfinite_values)} | {shown(score.gradient, score.nonfinite_gradients)}"


def summary(scores: Mapping[str, Sequence[Score | None]]) -> str:
    """How many formulas of each family are within the bound, by library, and strictly so."""
    lines = [
        "How many formulas are within the bound of 8, and how many strictly:\n\n",
        "| | formulas | theon | strictly | JAX | strictly | PyTensor | strictly |\n",
        "|---|--:|--:|--:|--:|--:|--:|--:|\n",
    ]
    families = [(family, [row.name for row in rows]) for family, rows in FAMILIES.items()]
    for family, names in [*families, ("all", list(scores))]:
        counts = []
        for column in zip(*(scores[name] for name in names), strict=True):
            known = [one for one in column if one is not None]
            counts += [sum(one.holds for one in known), sum(not one.beyond for one in known)] if known else ["-", "-"]
        lines.append(f"| {family} | {len(names)} | {' | '.join(map(str, counts))} |\n")
    return "".join([*lines, "\n"])


def page(versions: str, scores: Mapping[str, Sequence[Score | None]], exempt: Sequence[str]) -> str:
    """The whole page, from each row's scores by theon, JAX and PyTensor."""
    texts = formulas()
    parts = [HEAD, f"Measured with {versions}, on the CPU.\n\n", EXEMPT if exempt else "", summary(scores)]
    for family, rows in FAMILIES.items():
        parts.append(f"## {family[0].upper()}{family[1:]}\n\n")
        parts.append(
            "| | formula | theon value | gradient | strictly | JAX value | gradient | PyTensor value | gradient |\n"
        )
        parts.append("|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
        for row in rows:
            mark = " *" if row.name in exempt else ""
            text = texts[row.name].replace("|", "\\|")
            mine, *others = scores[row.name]
            strictly = "-" if mine is None else "holds" if not mine.beyond else str(mine.beyond)
            figures = " | ".join([cells(mine), strictly, *map(cells, others)])
            parts.append(f"| {row.name}{mark} | `{text}` | {figures} |\n")
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"


def documented(text: str) -> list[tuple[str, str, str]]:
    """Family, name and formula of each row of a page."""
    found = []
    family = ""
    names = {f"{name[0].upper()}{name[1:]}": name for name in FAMILIES}
    for line in text.splitlines():
        if line.startswith("## "):
            family = names.get(line[3:], line[3:])
        elif match := re.fullmatch(r"\| (.+?)(?: \*)? \| `(.+)` \|.*\|", line):
            found.append((family, match[1], match[2].replace("\\|", "|")))
    return found


__all__ = ["documented", "page"]
