"""A result that is not what it should be, and how far off results may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Preset: TypeAlias = "str | tuple[str, ...]"

RADII = 4.0  # how many radii a result may be off
UNITS = 8.0  # and how many units in its last place
COARSE = 1e-2  # where nothing is promised, but the plain result is right to this: the rewritten one is, too


@dataclass
class Finding:
    """A result that is not what it should be."""

    seed: int
    preset: Preset
    what: str
    output: int
    place: tuple[int, ...]
    got: float
    plain: float
    truth: float
    radius: float

    def __str__(self) -> str:
        return (
            f"graph {self.seed}, rewrites={self.preset!r}, output {self.output} at {self.place}: {self.what}: "
            f"{self.got!r}, unrewritten {self.plain!r}, truly {self.truth!r} +- {self.radius:.2g}"
        )


__all__ = ["COARSE", "RADII", "UNITS", "Finding", "Preset"]
