"""`Graph`: an immutable program. Passes take one and give one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .node import Node
from .walk import toposort
from .where import Where

PROVENANCE_CAP = 4  # birth lines kept per node: enough to explain, bounded however often a node was declared


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a node comes from beyond its own line: other lines merged into it, and the forward node it differentiates."""

    also: tuple[Where, ...] = ()
    gradient_of: Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Inputs, outputs, state updates and effects; `provenance` is a side table that no identity depends on.

    A body of a region is a Graph too: closed, every outer value it uses is one of its inputs.
    """

    inputs: tuple[Node, ...]
    outputs: tuple[Node, ...]
    updates: tuple[tuple[Node, Node], ...] = ()
    effects: tuple[Node, ...] = ()
    provenance: Mapping[Node, Provenance] = field(default_factory=dict, repr=False, compare=False)

    @property
    def roots(self) -> tuple[Node, ...]:
        """Everything that must be computed: outputs, new states, effects."""
        return self.outputs + tuple(new for _, new in self.updates) + self.effects

    def nodes(self) -> list[Node]:
        """Every node, inputs before users."""
        return toposort(self.roots)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes())

    def with_roots(self, roots: list[Node], provenance: Mapping[Node, Provenance] | None = None) -> Graph:
        """The same program over new roots, given in the order of `self.roots`."""
        outputs, updated = len(self.outputs), len(self.updates)
        return Graph(
            self.inputs,
            tuple(roots[:outputs]),
            tuple((state, new) for (state, _), new in zip(self.updates, roots[outputs : outputs + updated], strict=True)),
            tuple(roots[outputs + updated :]),
            self.provenance if provenance is None else provenance,
        )
