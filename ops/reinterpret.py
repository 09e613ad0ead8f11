"""The bytes of an array read as another dtype."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.dims import Dim
from ..graph.errors import DTypeError, require
from ..graph.node import Node, NodeLike, apply, as_node
from ..graph.op import Op
from ..graph.storage import STORED_INTS
from ..graph.types import BOOL, DType, TensorType, as_dtype, kind_of, real_of
from .comparison import complex, imag, not_equal, real
from .elementwise import cast_to
from .index import getitem
from .join import stack
from .shape import reshape
from .sizes import Blame, shape_of

BYTES = np.dtype("uint8")


@dataclass(frozen=True, eq=False)
class View(Op):
    """The bits of reals as another real dtype: an element becomes several, or several one, along the last axis."""

    stores = True
    differentiable = False

    dtype: DType

    def infer(self, x: TensorType) -> TensorType:
        have, want = x.dtype.itemsize, self.dtype.itemsize
        if have == want:
            return x.with_dtype(self.dtype)
        message = f"elements of {have} bytes as {self.dtype}, of {want}"
        require(x.ndim > 0, f"{message}: a scalar has no axis for them", "give it one with x[None]")
        return TensorType(self.dtype, (*x.shape[:-1], _length(x.shape[-1], have, want, message)))

    def lower(self, x: jax.Array) -> jax.Array:
        shape = self.infer(TensorType(x.dtype, x.shape)).sizes
        if x.dtype.itemsize < self.dtype.itemsize:
            x = lax.reshape(x, (*shape, self.dtype.itemsize // x.dtype.itemsize))
        return lax.reshape(lax.bitcast_convert_type(x, self.dtype), shape)


def _length(length: Dim, have: int, want: int, message: str) -> Dim:
    if not isinstance(length, int):
        return None
    whole, rest = divmod(length * have, want)
    require(rest == 0, f"{message}: {length} of them do not make a whole number", "slice or pad the last axis")
    return whole


def view(x: NodeLike, dtype: Any) -> Node:
    """The memory of `x` read as another dtype: its bits stay as they are.

    Arguments: x, any shape; dtype, any but those of 4 and 2 bits. Where its elements are larger or smaller, the last
    axis, which has to be there, is shorter or longer; the first of several is that of the lowest bits. Complex numbers
    are pairs of floats: between these two the gradient passes, else there is none. Bytes other than 0 are True.
    Raises: ShapeError for a scalar or a last axis that does not divide, DTypeError. Source: NumPy `ndarray.view`.

    >>> import theon
    >>> print(theon.view(theon.constant([1.0, -2.0], "float32"), "int32").eval())
    [ 1065353216 -1073741824]
    """
    node, wanted = as_node(x), as_dtype(dtype)
    if node.dtype == wanted:
        return node
    with Blame("view", node):
        for one in (node.dtype, wanted):
            packed = one in STORED_INTS.values()
            require(not packed, f"{one} has no bytes of its own", "convert with .astype", DTypeError)
    joint = "complex" in (kind_of(node.dtype), kind_of(wanted))
    if joint and node.ndim == 0 and node.dtype.itemsize == wanted.itemsize:
        return reshape(view(reshape(node, (1,)), wanted), ())
    if kind_of(node.dtype) == "complex":
        return view(_parts(node), wanted)
    if kind_of(wanted) == "complex":
        return _paired(view(node, real_of(wanted)), node)
    if wanted == BOOL:
        return not_equal(view(node, BYTES), 0)
    return apply(View(wanted), cast_to(node, BYTES) if node.dtype == BOOL else node)


def _parts(z: Node) -> Node:
    """Real and imaginary parts by turns."""
    with Blame("view", z):
        require(z.ndim > 0, "a scalar has no axis for two parts", "give it one with x[None]")
    *lead, length = shape_of(z)
    return reshape(stack([real(z), imag(z)], axis=-1), (*lead, length * 2))


def _paired(parts: Node, node: Node) -> Node:
    """Floats by pairs as complex numbers."""
    with Blame("view", node):
        require(parts.ndim > 0, "a scalar has no axis for two parts", "give it one with x[None]")
        length = parts.dims[-1]
        even = not isinstance(length, int) or length % 2 == 0
        require(even, f"{length} floats do not make pairs", "slice or pad the last axis")
    return complex(getitem(parts, (..., slice(None, None, 2))), getitem(parts, (..., slice(1, None, 2))))


__all__ = ["View", "view"]
