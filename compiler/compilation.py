"""What the passes of one compilation share: the intern table, the options, and the record of what happened."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..graph.node import Node
from ..graph.types import TensorType
from .intern import Interner


@dataclass(frozen=True)
class Options:
    """How to compile; passed in, never global.

    Arguments: rewrites, "default" (every table) or "none" (the named helpers stay stable all the same);
    progress, seconds after which a compilation says on stderr that it is still running (None: never);
    cache_size, how many signatures a function keeps compiled.

    >>> import theon
    >>> theon.Options(rewrites="none").rewrites
    'none'
    """

    rewrites: str = "default"
    progress: float | None = 2.0
    cache_size: int = 32


@dataclass(frozen=True)
class Firing:
    """A rule fired: in which pass, at which node, giving what."""

    stage: str
    rule: str
    before: Node
    after: Node


@dataclass
class Report:
    """What happened, stage by stage."""

    counts: dict[str, int] = field(default_factory=dict)  # rule name -> times fired
    attempts: int = 0  # rules tried on nodes
    sizes: dict[str, int] = field(default_factory=dict)  # stage -> nodes after it
    seconds: dict[str, float] = field(default_factory=dict)  # stage -> time it took
    steps: list[Firing] | None = None  # every firing, where a trace was asked for


@dataclass(frozen=True)
class Signature:
    """What a compiled program is for: the static type of every input, the value of every static one."""

    types: tuple[TensorType, ...]
    values: tuple[tuple[int, bool | int | float], ...] = ()  # input position -> value, for static inputs


@dataclass
class Compilation:
    """One compilation: passes are functions `(Graph, Compilation) -> Graph`."""

    options: Options
    signature: Signature
    interner: Interner = field(default_factory=Interner)
    report: Report = field(default_factory=Report)
    stage: str = ""

