"""What the drawing exporters share: which nodes stand together, and what is written on a node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from .record import NodeRecord, Record

LONGEST_PARAMETERS = 48  # characters of an op's parameters on its node; the record has them all


@dataclass
class Group:
    """A frame around nodes and further groups: a scope, or the body of a region."""

    title: str
    nodes: list[NodeRecord] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)

    def at(self, path: tuple[tuple[str, str], ...]) -> Group:
        """The group at a path of (key, title) steps, made where it is missing."""
        group = self
        for key, title in path:
            group = group.groups.setdefault(key, Group(title))
        return group


def grouped(record: Record) -> Group:
    """The nodes of a record in nested frames, by region and by scope."""
    root = Group("")
    known: dict[str, NodeRecord] = {}
    paths: dict[str, tuple[tuple[str, str], ...]] = {}
    for node in record.nodes:
        outer: tuple[tuple[str, str], ...] = ()
        scope = node.scope
        if node.region is not None:
            region = known[node.region]
            outer = (*paths[region.id], (f"body {region.id}", f"{region.label} body"))
            scope = _below(scope, region.scope)
        known[node.id] = node
        paths[node.id] = (*outer, *((f"scope {part}", part) for part in scope.split("/") if part))
        root.at(paths[node.id]).nodes.append(node)
    return root


def _below(scope: str, outer: str) -> str:
    """`scope` as seen from inside `outer`."""
    if scope == outer:
        return ""
    return scope.removeprefix(f"{outer}/") if outer else scope


def framed(
    root: Group, line: Callable[[NodeRecord], str], opening: Callable[[int, str], Sequence[str]], closing: str
) -> Iterator[str]:
    """The text of nodes in nested frames, indented; a frame opens with its number and title."""
    numbers = count()

    def lines(group: Group, indent: str) -> Iterator[str]:
        for node in group.nodes:
            yield indent + line(node)
        for inner in group.groups.values():
            for text in opening(next(numbers), inner.title):
                yield indent + text
            yield from lines(inner, indent + "  ")
            yield indent + closing

    return lines(root, "  ")


def caption(node: NodeRecord) -> list[str]:
    """The lines written on a node: what a person calls it, then what it is."""
    if node.role in ("output", "update"):
        return [node.label]
    if node.role in ("input", "state", "const"):
        return [node.label, node.type]
    lines = [node.op] if node.label == node.op else [node.label, node.op]
    return [*lines, _short(node.params)] if node.params else lines


def _short(params: str) -> str:
    return params if len(params) <= LONGEST_PARAMETERS else params[: LONGEST_PARAMETERS - 1] + "…"


def remark(node: NodeRecord) -> str:
    """What is worth knowing of a node besides its caption: its type, and the user's line."""
    return "\n".join(filter(None, (node.type, f"{node.line}  {node.source}".strip())))


__all__ = ["Group", "caption", "grouped", "remark"]
