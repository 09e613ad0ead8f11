"""What the functions of matrices share: which operands they take, and how batches of matrices meet.

A matrix is the last two axes of an array; the axes before them are a batch, and batches broadcast.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from jax import lax

from ...graph.dims import may_equal, unify_dim
from ...graph.errors import DTypeError, require
from ...graph.node import Node, NodeLike
from ...graph.types import FLOAT32, DType, TensorType, default_float_dtype, is_inexact, kind_of
from ..comparison import conj
from ..elementwise import cast_to, common_dtype, nodes_of, operands
from ..linalg import contraction
from ..sizes import Blame


def inexact(*values: NodeLike) -> list[Node]:
    """Operands as nodes of one inexact dtype; ints and bools become the default float."""
    items = operands(values)
    with Blame("promotion", *nodes_of(items)):
        dtype = common_dtype(items)
    return [cast_to(item, dtype if is_inexact(dtype) else default_float_dtype()) for item in items]


def require_matrix(x: TensorType) -> None:
    require(x.ndim >= 2, f"takes matrices, received {x.ndim} axes", "a matrix is the last two axes")


def require_square(x: TensorType) -> TensorType:
    """`x`, whose matrices are square and inexact; a size that only one of the two axes knows is known of both."""
    require_matrix(x)
    rows, columns = x.shape[-2:]
    uneven = f"takes square matrices, received {rows} rows and {columns} columns"
    require(may_equal(rows, columns), uneven, "the last two axes are to be of one length")
    require(is_inexact(x.dtype), f"takes float or complex, not {x.dtype}", "convert with .astype", DTypeError)
    size = unify_dim(rows, columns)
    return x.with_shape([*x.shape[:-2], size, size])


def in_single(lower: Callable[..., Any]) -> Callable[..., Any]:
    """A lowering for which half floats are computed in float32: LAPACK has no other name for them."""

    @wraps(lower)
    def lowered(self: Any, *arrays: Any) -> Any:
        dtype: DType = arrays[0].dtype
        if kind_of(dtype) != "float" or dtype.itemsize > 2:
            return lower(self, *arrays)
        found = lower(self, *[lax.convert_element_type(a, FLOAT32) for a in arrays])
        return lax.convert_element_type(found, dtype) if not isinstance(found, tuple) else narrowed(found, dtype)

    return lowered


def narrowed(several: tuple[Any, ...], dtype: DType) -> tuple[Any, ...]:
    """The float32 results among several in the dtype that they were asked for."""
    return tuple(lax.convert_element_type(one, dtype) if one.dtype == FLOAT32 else one for one in several)


def conjugate(x: Node) -> Node:
    """The conjugate of complex numbers; anything else as it is, without a node."""
    return conj(x) if kind_of(x.dtype) == "complex" else x


def times_transpose(x: Node, y: Node, ndim: int) -> Node:
    """`x @ y.mT` of equal batches; summed over the batch where the result is to have two axes."""
    lead = list(range(x.ndim - 2))
    return contraction(x, [*lead, "i", "k"], y, [*lead, "j", "k"], [*(lead if ndim > 2 else ()), "i", "j"])


def transpose_times(x: Node, y: Node) -> Node:
    """`x.mT @ y` of equal batches."""
    lead = list(range(x.ndim - 2))
    return contraction(x, [*lead, "k", "i"], y, [*lead, "k", "j"], [*lead, "i", "j"])
