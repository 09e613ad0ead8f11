"""Values as nodes: whatever holds numbers, nodes among them, and what other libraries hand over."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.errors import ArgumentError, report
from ..graph.node import Node, constant
from ..graph.types import DType, as_dtype
from ..graph.where import here
from .elementwise import common_dtype, converted, nodes_of, operands
from .join import stack
from .sizes import Blame


def asarray(obj: Any, dtype: Any = None, *, copy: bool | None = None) -> Node:
    """`obj` as a node: a node as it is, nested sequences of nodes and numbers stacked, anything else as a constant.

    Arguments: obj, a node, an array, a number, or sequences of them; dtype, by default its own: Python floats take the
    default float dtype, ints int32; copy, of no effect, as nodes never change.
    Raises: ArgumentError for what is not numbers, ShapeError where the parts of a sequence differ in shape,
    DTypeError for an unknown dtype. Source: NumPy / Array API `asarray`; Theano `as_tensor_variable`.

    >>> import theon
    >>> x = theon.scalar("x")
    >>> print(theon.asarray([[x, 1], [2, x]]).eval({x: 5.0}))
    [[5. 1.]
     [2. 5.]]
    """
    wanted = None if dtype is None else as_dtype(dtype)
    if isinstance(obj, Node):
        return obj if wanted is None else converted(obj, wanted)
    if not _holds_nodes(obj):
        return constant(obj, wanted)
    parts = operands(_leaves(obj))
    with Blame("asarray", *nodes_of(parts)):
        joined = common_dtype(parts) if wanted is None else wanted
    return _stacked(obj, joined)


def _holds_nodes(obj: Any) -> bool:
    return isinstance(obj, (list, tuple)) and any(isinstance(part, Node) or _holds_nodes(part) for part in obj)


def _leaves(obj: Any) -> list[Any]:
    return [leaf for part in obj for leaf in _leaves(part)] if isinstance(obj, (list, tuple)) else [obj]


def _stacked(obj: Any, dtype: DType) -> Node:
    if _holds_nodes(obj):
        return stack([_stacked(part, dtype) for part in obj])
    return converted(obj, dtype) if isinstance(obj, Node) else constant(obj, dtype)


def from_dlpack(x: Any, *, device: None = None, copy: bool | None = None) -> Node:
    """A constant of an array that another library holds in the memory of the host.

    Arguments: x, what has a `__dlpack__` method: an array of NumPy, JAX, PyTorch; device and copy, of no effect: a
    graph has no device, and a constant is a copy, which later writes to `x` do not reach.
    Raises: ArgumentError for what does not offer its memory, or not to the host.
    Source: NumPy / Array API `from_dlpack`; DLPack.

    >>> import numpy as np, theon
    >>> theon.from_dlpack(np.arange(3.0))
    <const : float64[3]>
    """
    try:
        held = np.from_dlpack(x)
    except (AttributeError, BufferError, RuntimeError) as error:
        hint = "move it to the host first, or give np.asarray(x)"
        received = f"{type(x).__name__}: {error}"
        what = "from_dlpack: not an array that offers its memory to the host"
        raise report(ArgumentError, what, where=here(), received=received, hint=hint) from None
    return constant(held.copy())


__all__ = ["asarray", "from_dlpack"]
