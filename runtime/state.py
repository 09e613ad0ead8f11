"""The state store: the only lines that touch buffers. A slot's cell is made when first needed and lives with the slot.

Values are copied at every boundary: `device_put` may alias NumPy memory, and a live view would block donation.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import jax
import numpy as np

from ..graph.errors import StateError, report
from ..graph.node import Node, Slot, slot_of
from ..graph.where import here
from .convert import Place, convert


class Cell:
    """A slot's buffer on the device. Whoever reads or moves it holds its lock (see `held`).

    States that are used together share one lock, so that a call takes one, however many states it has.
    """

    __slots__ = ("__weakref__", "array", "family", "lock", "lost")

    def __init__(self, array: jax.Array) -> None:
        self.array = array
        self.lock: Any = threading.RLock()
        self.family = WeakSet([self])  # the cells that share the lock
        self.lost: str | None = None  # why the value is gone, after a failure inside the device

    def snapshot(self, node: Node | None = None) -> np.ndarray[Any, Any]:
        """The value now, as a NumPy array of its own; StateError where it is gone."""
        with held(self):
            if self.lost is not None:
                raise lost_state(node, self.lost)
            return np.array(self.array, copy=True)


@contextmanager
def held(cell: Cell) -> Iterator[None]:
    """Hold a cell: nobody else reads or moves it meanwhile."""
    while True:
        lock = cell.lock
        with lock:
            if cell.lock is lock:  # else it was joined to others while this waited
                yield
                return


_creating, _joining = threading.Lock(), threading.Lock()


def join(cells: Sequence[Cell]) -> None:
    """Give cells that one program uses one lock; calls that share none of them go on side by side."""
    with _joining:
        locks = {id(cell.lock): cell.lock for cell in cells}
        if len(locks) < 2:
            return
        first = max(cells, key=lambda cell: len(cell.family))
        for lock in locks.values():
            lock.acquire()
        try:
            for other in [relative for cell in cells for relative in cell.family]:
                if other.lock is not first.lock:
                    first.family.add(other)
                    other.lock, other.family = first.lock, first.family
        finally:
            for lock in locks.values():
                lock.release()


def cell_of(slot: Slot) -> Cell:
    """The slot's cell, its first value made by its recipe."""
    cell = slot.home
    if cell is None:
        with _creating:
            if slot.home is None:
                slot.home = Cell(to_device(slot.recipe()))
            cell = slot.home
    assert isinstance(cell, Cell)
    return cell


def to_device(value: np.ndarray[Any, Any]) -> jax.Array:
    """A device buffer that shares no memory with `value`."""
    with jax.enable_x64(True):
        array: jax.Array = jax.device_put(np.array(value, copy=True))
    return array


def get_value(self: Node) -> np.ndarray[Any, Any]:
    """The value of a shared variable now, as a NumPy array of its own. Raises: StateError for any other node.

    >>> import theon
    >>> theon.shared(1.5, "w").get_value().item()
    1.5
    """
    slot = slot_of(self, "get_value")
    cell = cell_of(slot)
    return cell.snapshot(self)


def set_value(self: Node, value: Any) -> None:
    """Give a shared variable a new value of its own shape and dtype; copies it, and changes nothing if it does not fit.

    Raises: StateError for any other node, InputError where shape or dtype do not fit.

    >>> import theon
    >>> w = theon.shared(1.5, "w")
    >>> w.set_value(2.0)
    >>> w.get_value().item()
    2.0
    """
    slot = slot_of(self, "set_value")
    array = convert(value, Place("set_value", self.label, slot.type, self, "state"), None)
    fresh = to_device(np.asarray(array))
    cell = cell_of(slot)
    with held(cell):
        cell.array, cell.lost = fresh, None


def lost_state(node: Node | None, why: str) -> Exception:
    """The error for a value that is gone; `node` where the one that holds it is at hand."""
    return report(
        StateError,
        f"the value of {'a shared variable' if node is None else node.label} was lost: {why}",
        where=here(3),
        operands=() if node is None else [("state", node)],
        hint="give it a value again with set_value",
    )
