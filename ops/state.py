"""`shared`: the declared side of a value that outlives a call. The runtime owns its buffer, made when first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.errors import ArgumentError, report
from ..graph.node import Const, Node, Slot, State, constant
from ..graph.types import TensorType
from ..graph.where import here


def shared(value: Any, name: str | None = None, dtype: Any = None) -> Node:
    """A shared variable: a named state that functions read, and change by `updates=`.

    Arguments: value, a number, an array or nested lists of numbers, copied; name, a label for errors and pictures;
    dtype, by default that of an array, the default float for Python floats, int32 for Python ints.
    Gives a node of a fixed shape; `get_value` and `set_value` read and write its value between calls.
    Raises: ArgumentError for what is not numbers, DTypeError for an unknown dtype. Source: Theano `theano.shared`.

    >>> import theon
    >>> W = theon.shared(np.zeros((3, 2), np.float32), name="W")
    >>> W
    <W : float32[3, 2]>
    """
    if isinstance(value, Node):
        raise report(
            ArgumentError,
            "shared: the first value must be numbers, not a node",
            where=here(),
            operands=[("value", value)],
            hint="compute it first with .eval(), or give the node in updates=",
        )
    first = constant(value, dtype)
    assert isinstance(first.op, Const)
    array = first.op.value
    return state(lambda: array, first.tensor, name)


def state(recipe: Callable[[], np.ndarray[Any, Any]], type: TensorType, name: str | None = None) -> Node:
    """A shared variable whose first value is made by `recipe` when a function first needs it."""
    return Node(State(Slot(recipe, type)), (), type, here(), name)


__all__ = ["shared", "state"]
