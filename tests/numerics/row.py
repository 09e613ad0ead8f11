"""One formula of the catalogue, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .grid import Array, Domain, crossed


@dataclass(frozen=True, eq=False)
class Row:
    """A formula of a namespace `m` and operands, as a user who knows no numerical analysis writes it.

    `domains`: one for each operand. `at`: further points. `truth`: the same function, written so that high precision
    reaches points at which the formula itself would need more digits than there are.
    """

    name: str
    formula: Callable[..., Any]
    domains: tuple[Domain, ...]
    at: tuple[tuple[Any, ...], ...] = ()
    truth: Callable[..., Any] | None = None

    @property
    def exact(self) -> Callable[..., Any]:
        return self.truth or self.formula

    @property
    def elementwise(self) -> bool:
        """Whether operands are single numbers, so that a whole grid is one call."""
        return all(domain.ndim == 0 for domain in self.domains)

    @property
    def points(self) -> list[tuple[Array, ...]]:
        return crossed(self.domains, self.at)


__all__ = ["Row"]
