"""`Graph`: an immutable program. Passes take one and give one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .copying import Record, deep_copied, record, records
from .node import Node
from .walk import toposort
from .where import Where

PROVENANCE_CAP = 4  # birth lines kept per node: enough to explain, bounded however often a node was declared


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a node comes from beyond its own line: other lines merged into it, the forward node it differentiates."""

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
        outputs, updated = len(self.outputs), len(self.outputs) + len(self.updates)
        return Graph(
            self.inputs,
            tuple(roots[:outputs]),
            tuple((state, new) for (state, _), new in zip(self.updates, roots[outputs:updated], strict=True)),
            tuple(roots[updated:]),
            self.provenance if provenance is None else provenance,
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Graph:
        """The same program over shared variables of its own."""
        states = [state for state, _ in self.updates]
        copied = deep_copied([*self.inputs, *states, *self.roots], memo)
        inputs, states = tuple(copied[: len(self.inputs)]), copied[len(self.inputs) :][: len(states)]
        put = self.with_roots(copied[len(inputs) + len(states) :], {})
        updates = tuple((state, new) for state, (_, new) in zip(states, put.updates, strict=True))
        return Graph(inputs, put.outputs, updates, put.effects)

    def __reduce__(self) -> tuple[Any, ...]:
        """Provenance is left out: it describes a compilation, and a pickled program is compiled anew."""
        updates = tuple((record(state), record(new)) for state, new in self.updates)
        everything = records([*self.inputs, *(state for state, _ in self.updates), *self.roots])
        return _graph, (everything, _recorded(self.inputs), _recorded(self.outputs), updates, _recorded(self.effects))


def _recorded(nodes: Sequence[Node]) -> tuple[Record, ...]:
    return tuple(map(record, nodes))


def _graph(everything: Sequence[Node], *parts: Any) -> Graph:
    """A Graph from its pickle; `everything` is there so that each node finds its inputs loaded."""
    return Graph(*parts)
