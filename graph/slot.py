"""`Slot`: a place whose value outlives a call. It holds the recipe of its first value; the runtime owns the buffer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from .types import TensorType

if TYPE_CHECKING:
    from .node import Node

Array: TypeAlias = "np.ndarray[Any, Any]"


class Home(Protocol):
    """Where the runtime keeps a slot's value."""

    def snapshot(self) -> Array:
        """The value now, as an array of its own."""


class Slot:
    """What a shared variable refers to. A copy or a pickle of a slot starts from the value that it holds by then."""

    __slots__ = ("__weakref__", "default_update", "home", "recipe", "type")

    home: Home | None

    def __init__(self, recipe: Callable[[], Array], type: TensorType) -> None:
        self.recipe = recipe
        self.type = type
        self.default_update: Node | None = None  # what the slot becomes after each call that reaches it, if anything
        self.home = None  # made when first needed

    def value(self) -> Array:
        """The value now, as an array of its own."""
        return np.array(self.recipe()) if self.home is None else self.home.snapshot()

    def copied(self) -> Slot:
        """A slot that starts from the value of this one. It has no default update: that would be one of this slot."""
        return slot_from(self.value(), self.type)

    def __reduce__(self) -> tuple[Any, ...]:
        # The default update refers to this slot, so that it can only follow once the slot is there.
        return slot_from, (self.value(), self.type), self.default_update

    def __setstate__(self, default_update: Node) -> None:
        self.default_update = default_update


def slot_from(value: Array, type: TensorType) -> Slot:
    """A slot whose first value is `value`."""
    return Slot(lambda: value, type)


__all__ = ["Slot", "slot_from"]
