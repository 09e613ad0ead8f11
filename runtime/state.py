"""The state store: the only lines that touch buffers. A slot's cell is made when first needed and lives with the slot.

Values are copied at every boundary: `device_put` may alias NumPy memory, and a live view would block donation.
"""

from __future__ import annotations

import threading
from typing import Any

import jax
import numpy as np

from ..graph.errors import StateError, report
from ..graph.node import Node, Slot, slot_of
from ..graph.where import here
from .convert import Place, convert


class Cell:
    """A slot's buffer on the device, and the lock that calls sharing it take."""

    __slots__ = ("array", "lock", "lost")

    def __init__(self, array: jax.Array) -> None:
        self.array = array
        self.lock = threading.RLock()
        self.lost: str | None = None  # why the value is gone, after a failure inside the device

    def snapshot(self) -> np.ndarray[Any, Any]:
        """The value now, as a NumPy array of its own; StateError where it is gone."""
        with self.lock:
            if self.lost is not None:
                raise lost_state(None, self.lost)
            return np.array(self.array, copy=True)


_creating = threading.Lock()


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
    with cell.lock:
        _require_alive(self, cell)
        return cell.snapshot()


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
    with cell.lock:
        cell.array, cell.lost = fresh, None


def _require_alive(node: Node, cell: Cell) -> None:
    if cell.lost is not None:
        raise lost_state(node, cell.lost)


def lost_state(node: Node | None, why: str) -> Exception:
    """The error for a value that is gone; `node` where the one that holds it is at hand."""
    return report(
        StateError,
        f"the value of {'a shared variable' if node is None else node.label} was lost: {why}",
        where=here(3),
        operands=() if node is None else [("state", node)],
        hint="give it a value again with set_value",
    )
