"""Shared variables as declarations: a slot, its first value's recipe, and the node that reads it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.node import Const, Node, Slot, State, constant
from ..graph.types import TensorType
from ..graph.where import here


def shared(value: Any, name: str | None = None, dtype: Any = None) -> Node:
    """Declare a variable whose value outlives a call and is shared by every function that uses it.

    Arguments: value, its first value, copied: numbers, or an array whose dtype is kept; dtype, to convert to.
    Gives a node with `get_value()` and `set_value(v)`; functions change it with `updates=`.
    Raises: ArgumentError for what is not numbers, DTypeError for an unknown dtype. Source: Theano `theano.shared`.

    >>> import theon
    >>> w = theon.shared([1.0, 2.0], "w")
    >>> w, w.get_value().tolist()
    (<w : float32[2]>, [1.0, 2.0])
    """
    first = constant(np.array(value) if isinstance(value, np.ndarray) else value, dtype)
    assert isinstance(first.op, Const)
    stored = first.op.value
    type_ = TensorType(stored.dtype, stored.shape)
    return Node(State(Slot(lambda: stored, type_)), (), type_, here(), name)
