"""Looking down from a node for what it is made of: so far and no further, and at each node once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..graph.node import Node

Found = TypeVar("Found")


@dataclass(frozen=True)
class Look:
    """How far down is still to be looked, and what was found: parts are shared, so that the ways to them are many."""

    depth: int = 12
    found: dict[tuple[Node, int], Any] = field(default_factory=dict)

    def at(self, node: Node, see: Callable[[Node, Look], Found | None]) -> Found | None:
        """What `see` finds at a node, by looks from there that go one step less."""
        key = node, self.depth
        if key not in self.found:
            self.found[key] = see(node, Look(self.depth - 1, self.found)) if self.depth else None
        found: Found | None = self.found[key]
        return found


__all__ = ["Look"]
