"""The user's line: where in the user's code a node was born.

One frame is looked at per declared node: the innermost frame whose file lies outside the package. While the compiler
builds nodes on the user's behalf it says once whose line they belong to (`born_at`), and no frame is walked.
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from .errors import ArgumentError, report

_Born = TypeVar("_Born")

PACKAGE_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The rooms whose frames are never the user's; tests, examples and benchmarks lie beside them and are users.
_ROOMS = tuple(os.path.join(PACKAGE_ROOT, room) + os.sep for room in ("graph", "ops", "compiler", "runtime"))
# Single files that are nobody's either: the front door, and what runs our context managers for the user.
_SINGLE = (os.path.join(PACKAGE_ROOT, "__init__.py"), contextmanager.__code__.co_filename)


class Where(NamedTuple):
    """A line of user code, and the scope it was declared in (`encoder/layer1`, or empty)."""

    file: str
    line: int
    scope: str


class _Context(threading.local):
    scope: str = ""
    birth: Where | None = None
    born: set[Any] | None = None


_context = _Context()


@lru_cache(maxsize=4096)
def is_internal(file: str) -> bool:
    """Whether a file belongs to theon itself."""
    return file.startswith(_ROOMS) or file in _SINGLE


# Nodes born on one line share one record: a loop that declares a million nodes makes one.
_shared_where = lru_cache(maxsize=4096)(Where)


def here(depth: int = 1) -> Where:
    """The user's line that is running now (or the line that `born_at` lends)."""
    if _context.birth is not None:
        return _context.birth
    frame = sys._getframe(depth)
    while is_internal(frame.f_code.co_filename) and frame.f_back is not None:
        frame = frame.f_back
    return _shared_where(frame.f_code.co_filename, frame.f_lineno, _context.scope)


def warn(text: str) -> None:
    """Give a warning at the user's line."""
    where = here(2)
    warnings.warn_explicit(text, UserWarning, where.file, where.line)


@contextmanager
def born_at(where: Where | None) -> Iterator[None]:
    """Nodes declared inside belong to `where`: for the compiler, which works long after the user's line ran."""
    before = _context.birth
    _context.birth = where if where is not None else _COMPILER
    try:
        yield
    finally:
        _context.birth = before


def lend(where: Where | None) -> None:
    """Set the line that nodes are born at, for drivers inside `born_at` (a context manager per node is dear)."""
    _context.birth = where if where is not None else _COMPILER


def noted(node: _Born) -> _Born:
    """A node that is declared now, put down where somebody asks for them."""
    if _context.born is not None:
        _context.born.add(node)
    return node


@contextmanager
def noting_births() -> Iterator[set[Any]]:
    """The nodes declared inside: for a body that need not run, to which all that its function makes belongs."""
    before, _context.born = _context.born, set()
    try:
        yield _context.born
    finally:
        _context.born = before


_COMPILER = Where("<theon>", 0, "")


@contextmanager
def scope(name: str) -> Iterator[None]:
    """Put the nodes declared inside under `name`; scopes nest to `outer/inner` and show in pictures and profiles.

    Raises: ArgumentError where the name is not a string. Source: `tf.name_scope`, `jax.named_scope`.

    >>> import theon
    >>> with theon.scope("encoder"):
    ...     h = theon.tanh(theon.vector("x"))
    >>> h.where.scope
    'encoder'
    """
    if not isinstance(name, str) or not name:
        raise report(
            ArgumentError,
            "scope: a name is a string that is not empty",
            where=here(),
            received=repr(name)[:80],
            hint='for example theon.scope("encoder")',
        )
    before = _context.scope
    _context.scope = f"{before}/{name}" if before else name
    try:
        yield
    finally:
        _context.scope = before
