"""What the subscripts of einsum say."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters

from ..graph.errors import ArgumentError, require


def parsed(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """Subscripts as one label per axis, ellipses written out."""
    left, arrow, right = subscripts.partition("->")
    terms = left.split(",")
    require(
        len(terms) == len(ranks), f"{len(terms)} terms for {len(ranks)} operands", "give one for each", ArgumentError
    )
    for term in (*terms, right):
        bare = term.replace("...", "", 1)
        fits = all(label in ascii_letters for label in bare)
        require(
            fits,
            f"a term has letters and at most one `...`, received {term!r}",
            "for example 'ij,jk->ik'",
            ArgumentError,
        )
    extra = 0
    for term, rank in zip(terms, ranks, strict=True):
        letters = len(term.replace("...", ""))
        fits = letters <= rank if "..." in term else letters == rank
        require(fits, f"{term!r} names {letters} axes of an operand that has {rank}", "name each axis, or use `...`")
        extra = max(extra, rank - letters)
    dots = "".join(chr(0x3B1 + i) for i in range(extra))  # Greek letters, which no user's term holds
    full = []
    for term, rank in zip(terms, ranks, strict=True):
        own = rank - len(term.replace("...", ""))
        full.append(term.replace("...", dots[extra - own :]))
    if not arrow:
        labels = "".join(full)
        return full, dots + "".join(sorted(c for c in set(labels) - set(dots) if labels.count(c) == 1))
    out = right.replace("...", dots)
    require(
        len(set(out)) == len(out),
        f"the result {right!r} names an axis twice",
        "name each axis of the result once",
        ArgumentError,
    )
    missing = sorted(set(out) - set("".join(full)))
    require(not missing, f"the result names {missing}, which no operand has", "leave them out", ArgumentError)
    return full, out


__all__ = ["parsed"]
