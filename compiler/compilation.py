"""What the passes of one compilation share: the intern table, the options, and the record of what happened."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..graph.errors import ArgumentError, report
from ..graph.node import Node
from ..graph.types import TensorType
from ..graph.where import here
from .intern import Interner

# The tables of `compiler/rules`, in order.
TABLE_NAMES = ("recognise", "stability", "linear_algebra", "algebra", "shapes", "decompositions")


@dataclass(frozen=True)
class Options:
    """How to compile; passed in, never global.

    Arguments: rewrites, "default" (every table), "none" (the named helpers stay stable all the same), or a tuple of
    tables: "recognise", "stability", "linear_algebra", "algebra", "shapes", "decompositions";
    check_assumptions, whether each `assume` becomes a check at run time;
    progress, seconds after which a compilation says on stderr that it is still running (None: never);
    cache_size, how many signatures a function keeps compiled.
    Raises: ArgumentError for any other value.

    >>> import theon
    >>> theon.Options(rewrites="none").rewrites
    'none'
    """

    rewrites: str | tuple[str, ...] = "default"
    progress: float | None = 2.0
    cache_size: int = 32
    check_assumptions: bool = False

    def __post_init__(self) -> None:
        seconds = self.progress
        counts = isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and seconds >= 0
        cached = isinstance(self.cache_size, int) and not isinstance(self.cache_size, bool) and self.cache_size >= 1
        for name, fits, wanted in (
            ("rewrites", self._selects(), f"'default', 'none' or a tuple of {', '.join(map(repr, TABLE_NAMES))}"),
            ("progress", seconds is None or counts, "a number of seconds, or None"),
            ("cache_size", cached, "an int of at least 1"),
            ("check_assumptions", isinstance(self.check_assumptions, bool), "True or False"),
        ):
            if not fits:
                received = repr(getattr(self, name))[:80]
                raise report(
                    ArgumentError,
                    f"Options: {name} has no such value",
                    where=here(3),  # beyond the `__init__` that dataclasses wrote
                    received=received,
                    hint=f"use {wanted}",
                )

    def _selects(self) -> bool:
        """Whether `rewrites` is a preset or names tables."""
        chosen = self.rewrites
        if isinstance(chosen, tuple):
            return all(isinstance(name, str) and name in TABLE_NAMES for name in chosen)
        return isinstance(chosen, str) and chosen in ("default", "none")

    @property
    def tables(self) -> frozenset[str]:
        """The names of the selected tables."""
        if isinstance(self.rewrites, tuple):
            return frozenset(self.rewrites)
        return frozenset(TABLE_NAMES if self.rewrites == "default" else ())


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
