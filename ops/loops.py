"""The loops that a declaration stands in: their counters, so that a draw can differ from turn to turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ..graph.node import Node

# One int32 scalar per enclosing loop, outermost first; declaring is thread-safe, so this is a context variable.
LOOP_INDICES: ContextVar[tuple[Node, ...]] = ContextVar("theon_loop_indices", default=())


def current_loop_indices() -> tuple[Node, ...]:
    """The counters of the loops around the declaration that is running now, outermost first."""
    return LOOP_INDICES.get()


@contextmanager
def inside_loop(index: Node) -> Iterator[None]:
    """Declarations inside belong to the body of a loop whose counter is `index`, an int32 scalar."""
    token = LOOP_INDICES.set((*LOOP_INDICES.get(), index))
    try:
        yield
    finally:
        LOOP_INDICES.reset(token)


__all__ = ["LOOP_INDICES", "current_loop_indices", "inside_loop"]
