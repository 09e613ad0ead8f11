"""What is not within the bound yet: each row with the reason, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Exempt:
    """A row's known error in value and gradient (8 where within the bound), in ulps over the condition number."""

    why: str
    value: float = 8.0
    gradient: float = 8.0


EXCEPTIONS: dict[str, Exempt] = {}

__all__ = ["EXCEPTIONS", "Exempt"]
