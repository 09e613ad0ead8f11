"""Matrices made of matrices: Kronecker products and block-diagonal ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import jax
import numpy as np
from jax import lax

from ...graph.dims import Dim, broadcast_shapes
from ...graph.errors import ArgumentError, DTypeError, require
from ...graph.node import Node, NodeLike, apply
from ...graph.op import Op
from ...graph.types import TensorType
from ..elementwise import promoted
from ..linalg import contraction, factors
from ..shape import expand_dims, reshape
from ..sizes import Blame
from .operands import require_matrix


@dataclass(frozen=True, eq=False)
class Kron(Op):
    """The products of every element of the first with every one of the second; the second's run faster."""

    def infer(self, x: TensorType, y: TensorType) -> TensorType:
        require(x.dtype == y.dtype, f"mixes {x.dtype} and {y.dtype}", "cast one with .astype", DTypeError)
        require(x.ndim == y.ndim, f"operands of {x.ndim} and {y.ndim} axes")
        return x.with_shape([_times(a, b) for a, b in zip(x.shape, y.shape, strict=True)])

    def lower(self, x: jax.Array, y: jax.Array) -> jax.Array:
        both = tuple(chain(*zip(x.shape, y.shape, strict=True)))
        wide = lax.broadcast_in_dim(x, both, range(0, len(both), 2))
        product = lax.mul(wide, lax.broadcast_in_dim(y, both, range(1, len(both), 2)))
        return lax.reshape(product, tuple(a * b for a, b in zip(x.shape, y.shape, strict=True)))

    def vjp(self, g: Node, out: Node, x: Node, y: Node) -> Sequence[Node | None]:
        of_x, of_y = [f"x{i}" for i in range(x.ndim)], [f"y{i}" for i in range(x.ndim)]
        both = list(chain(*zip(of_x, of_y, strict=True)))
        parts = reshape(g, tuple(chain(*zip(x.sizes, y.sizes, strict=True))))
        return contraction(parts, both, y, of_y, of_x), contraction(parts, both, x, of_x, of_y)


def _times(a: Dim, b: Dim) -> Dim:
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    return b if a == 1 else a if b == 1 else None


def kron(x1: NodeLike, x2: NodeLike, /) -> Node:
    """The Kronecker product: blocks of `x2`, one for each element of `x1` and multiplied by it.

    Arguments: any shapes; the one with fewer axes gets axes of length 1 in front, so that every axis of the result is
    as long as the product of two; dtypes are promoted, bools are int32. Raises: DTypeError for dtypes without a
    common one. Source: NumPy `kron`.

    >>> import theon
    >>> print(theon.kron([1.0, 10.0], [1.0, 2.0]).eval())
    [ 1.  2. 10. 20.]
    """
    nodes = factors("kron", x1, x2)
    ndim = max(node.ndim for node in nodes)
    return apply(Kron(), *[expand_dims(node, range(ndim - node.ndim)) for node in nodes])


@dataclass(frozen=True, eq=False)
class BlockDiag(Op):
    """Matrices along the diagonal of one, zeros elsewhere."""

    def infer(self, *parts: TensorType) -> TensorType:
        for part in parts:
            require_matrix(part)
            require(part.dtype == parts[0].dtype, f"mixes {parts[0].dtype} and {part.dtype}", kind=DTypeError)
        lead = broadcast_shapes([part.shape[:-2] for part in parts])
        return parts[0].with_shape([*lead, *(_total([part.shape[axis] for part in parts]) for axis in (-2, -1))])

    def lower(self, *parts: jax.Array) -> jax.Array:
        lead = np.broadcast_shapes(*(part.shape[:-2] for part in parts))
        width, at, bands = sum(part.shape[-1] for part in parts), 0, []
        for part in parts:
            wide = lax.broadcast_in_dim(
                part, (*lead, *part.shape[-2:]), tuple(range(len(lead) + 2 - part.ndim, len(lead) + 2))
            )
            edges = [(0, 0, 0)] * (len(lead) + 1) + [(at, width - at - part.shape[-1], 0)]
            bands.append(lax.pad(wide, part.dtype.type(0), edges))
            at += part.shape[-1]
        return lax.concatenate(bands, len(lead))

    def vjp(self, g: Node, out: Node, *parts: Node) -> Sequence[Node | None]:
        return [g[(..., *place)] for place in places([part.sizes[-2:] for part in parts])]


def places(sizes: Sequence[tuple[int, ...]]) -> list[tuple[slice, slice]]:
    """Where each block stands: its rows and its columns."""
    found, row, column = [], 0, 0
    for rows, columns in sizes:
        found.append((slice(row, row + rows), slice(column, column + columns)))
        row, column = row + rows, column + columns
    return found


def _total(lengths: Sequence[Dim]) -> Dim:
    return sum(d for d in lengths if isinstance(d, int)) if all(isinstance(d, int) for d in lengths) else None


def block_diag(*arrays: NodeLike) -> Node:
    """The matrix with the given ones along its diagonal and zeros elsewhere.

    Arguments: arrays, shape (..., rows, columns), whose batches broadcast; a vector is one row, a scalar one element;
    dtypes are promoted. Raises: ArgumentError without an array, ShapeError where batches do not broadcast.
    Source: SciPy `linalg.block_diag`.

    >>> import theon
    >>> print(theon.linalg.block_diag([[1.0, 2.0]], 3.0).eval())
    [[1. 2. 0.]
     [0. 0. 3.]]
    """
    with Blame("block_diag"):
        require(bool(arrays), "needs an array or more", "give the blocks one by one: block_diag(a, b)", ArgumentError)
    nodes = promoted("block_diag", *arrays)
    return apply(BlockDiag(), *[expand_dims(node, range(2 - node.ndim)) for node in nodes])
