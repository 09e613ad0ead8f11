"""`x.at[index]`: what can be made of a part of an array; each gives the whole array with the part changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.dims import may_equal
from ..graph.errors import IndexingError, Mismatch, require
from ..graph.node import Node, NodeLike, as_node, const_value
from ..graph.types import BOOL
from .arithmetic import add, divide, maximum, minimum, multiply, negative, subtract
from .comparison import where
from .creation import full_like
from .elementwise import is_weak
from .gather import Mode
from .index import getitem, inc_subtensor, places_repeat, set_subtensor, update
from .powers import pow
from .shape import expand_dims
from .sizes import Blame


@dataclass(frozen=True, eq=False)
class At:
    """`x.at`: waits for an index."""

    x: Node

    def __getitem__(self, index: Any) -> Place:
        """The part that an index picks; a mask may be computed here, for a part that is only written to.

        >>> import theon
        >>> x = theon.constant([1.0, -2.0, 3.0])
        >>> print(x.at[x < 0].set(0.0).eval(), x.at[[0, 0]].multiply(2.0).eval())
        [1. 0. 3.] [ 4. -2.  3.]
        """
        return Place(self.x, index)


@dataclass(frozen=True, eq=False)
class Place:
    """A part of an array, as an index has it; see `At`.

    What is written broadcasts to the part and converts to the dtype of the array without loss. Where index arrays name
    one place several times every value counts, but that `set` keeps one of them, and no rule says which. Indices that
    are out of range at run time write nothing. Raises: IndexingError, ShapeError, DTypeError. Source: JAX `.at`.
    """

    x: Node
    index: Any

    def get(self) -> Node:
        """The part itself, as `x[index]`."""
        return getitem(self.x, self.index)

    def set(self, values: NodeLike) -> Node:
        """The array with the part replaced."""
        return self._changed("set", values, lambda old, new: new, "set")

    def add(self, values: NodeLike) -> Node:
        """The array with the part increased."""
        return self._changed("add", values, add, "add")

    def subtract(self, values: NodeLike) -> Node:
        """The array with the part decreased."""
        return self._changed("subtract", values, subtract, "add", negative)

    def multiply(self, values: NodeLike) -> Node:
        """The array with the part multiplied.

        Where places repeat, the gradient by factors that are 0 is right to first order.
        """
        return self._changed("multiply", values, multiply, "multiply")

    def divide(self, values: NodeLike) -> Node:
        """The array with the part divided."""
        return self._over_places("divide", values, divide)

    def power(self, values: NodeLike) -> Node:
        """The array with the part raised to powers."""
        return self._over_places("power", values, pow)

    def min(self, values: NodeLike) -> Node:
        """The array with the lesser of the part and of the values; equal ones share the gradient."""
        return self._changed("min", values, minimum, "min")

    def max(self, values: NodeLike) -> Node:
        """The array with the greater of the part and of the values; equal ones share the gradient."""
        return self._changed("max", values, maximum, "max")

    def apply(self, function: Callable[[Node], Node]) -> Node:
        """The array with an elementwise function of the part in its place; once also where places repeat."""
        return self._written("apply", 0, lambda old, _: function(old))

    def _changed(
        self,
        what: str,
        values: NodeLike,
        join: Callable[[Any, Any], Node],
        mode: Mode,
        before: Callable[[Any], Node] | None = None,
    ) -> Node:
        """The part joined with values: read, joined and written where no place repeats, else in one scatter."""
        if self._masked() is None:
            view = getitem(self.x, self.index)
            if mode == "set":
                return set_subtensor(view, values)
            if mode == "add":
                return inc_subtensor(view, values if before is None else before(values))
            if places_repeat(view):
                return update(view, values, mode, what)
        return self._written(what, values, join)

    def _over_places(self, what: str, values: NodeLike, join: Callable[[Any, Any], Node]) -> Node:
        """As NumPy's `ufunc.at`: over repeated places, by the product of their values."""
        if self._masked() is None and places_repeat(getitem(self.x, self.index)):
            joined = join(self.x, Place(full_like(self.x, 1), self.index).multiply(values))
            with Blame(what, self.x):
                narrows = f"gives {joined.dtype} of {self.x.dtype}: writing it would lose information"
                require(joined.dtype == self.x.dtype, narrows, "convert with .astype")
            return joined
        return self._written(what, values, join)

    def _written(self, what: str, values: NodeLike, join: Callable[[Any, Any], Any]) -> Node:
        masked = self._masked()
        if masked is None:
            view = getitem(self.x, self.index)
            return set_subtensor(view, join(view, values))
        mask, index, place = masked
        view = getitem(self.x, index)
        after = view.ndim - place - mask.ndim
        new = values if is_weak(values) else as_node(values)
        with Blame(what, self.x, mask):
            have, want = mask.dims, view.dims[place : place + mask.ndim]
            require(
                all(map(may_equal, have, want)),
                f"a mask of {have} picks from axes of {want}",
                "give one of their shape",
                IndexingError,
            )
            few = not isinstance(new, Node) or new.ndim <= after
            hint = f"give a scalar{', or values for the axes behind the mask' if after else ''}; or use theon.where"
            require(few, "how many elements a mask picks is not known: values have no axis for them", hint)
        return set_subtensor(view, where(expand_dims(mask, range(mask.ndim, mask.ndim + after)), join(view, new), view))

    def _masked(self) -> tuple[Node, tuple[Any, ...], int] | None:
        """A computed mask among the index, the index with slices in its stead, and where its axes begin in the part."""
        items = self.index if isinstance(self.index, tuple) else (self.index,)
        masks = [i for i, item in enumerate(items) if _is_computed_mask(item)]
        if not masks:
            return None
        at, *more = masks
        mask = items[at]
        rest = [item for i, item in enumerate(items) if i != at]
        with Blame("index", self.x, mask):
            plain = all(item is None or _is_int(item) or isinstance(item, slice) or item is ... for item in rest)
            hint = "join masks with &, or use theon.where"
            if more or not plain:
                raise Mismatch(
                    "a mask that is computed stands beside ints, slices, None and ... alone", hint, IndexingError
                )
        used = mask.ndim + sum(item is not None and item is not ... for item in rest)
        place = 0
        for item in items[:at]:
            place += max(self.x.ndim - used, 0) if item is ... else item is None or isinstance(item, slice)
        return mask, (*items[:at], *(slice(None),) * mask.ndim, *items[at + 1 :]), place


def _is_computed_mask(item: Any) -> bool:
    return isinstance(item, Node) and item.dtype == BOOL and item.ndim > 0 and const_value(item) is None


def _is_int(item: Any) -> bool:
    return isinstance(item, (int, np.integer)) and not isinstance(item, bool)


__all__ = ["At", "Place"]
