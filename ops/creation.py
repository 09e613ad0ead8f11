"""Arrays from nothing: fills, ranges, identities. Each is an op, so that no graph carries a big constant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import numpy as np
from jax import lax

from ..graph.dims import Dim
from ..graph.errors import ArgumentError, DTypeError, require
from ..graph.node import Node, NodeLike, as_node, const_value, constant
from ..graph.op import Hole, Op, dims_of, static_int
from ..graph.types import (
    INT32,
    DType,
    TensorType,
    as_dtype,
    bfloat16,
    default_float_dtype,
    is_float,
    is_integer,
    kind_of,
)
from .elementwise import cast_to, number
from .sizes import Blame, Field, Ints, as_int, check_sizes, declare, shape_argument, shape_of

Number: TypeAlias = int | float


@dataclass(frozen=True, eq=False)
class Full(Op):
    """A scalar repeated to a shape."""

    stores = True

    shape: tuple[Field, ...]
    dtype: DType

    @property
    def params(self) -> str:
        return ", ".join(map(str, self.shape))

    def infer(self, value: TensorType) -> TensorType:
        require(value.ndim == 0, f"takes a scalar, received {value.ndim} axes", "use theon.broadcast_to")
        require(value.dtype == self.dtype, f"the value is {value.dtype}, not {self.dtype}", kind=DTypeError)
        check_sizes(self.shape)
        return TensorType(self.dtype, dims_of(self.shape))

    def lower(self, value: jax.Array) -> jax.Array:
        return lax.broadcast(value, TensorType(self.dtype, dims_of(self.shape)).sizes)

    def vjp(self, g: Node, out: Node, value: Node) -> Sequence[Node | None]:
        return (g,)  # the driver sums a cotangent back to its input's shape


def full(shape: Any, fill_value: NodeLike, dtype: Any = None) -> Node:
    """An array of one value.

    Arguments: shape, an int or a sequence of ints and int nodes; fill_value, a scalar; dtype, by default its own.
    Raises: ShapeError for a negative size or a value with axes. Source: NumPy / Array API `full`.

    >>> import theon
    >>> print(theon.full((2,), 7.0).eval())
    [7. 7.]
    """
    return _filled("full", shape, fill_value, dtype)


def _filled(what: str, shape: Any, fill_value: NodeLike, dtype: Any) -> Node:
    value = constant(fill_value, dtype)
    value = cast_to(value, as_dtype(dtype)) if dtype is not None else value
    with Blame(what, value):
        fields, ints = shape_argument(shape)
        check_sizes(fields)
    return declare(Full(fields, value.dtype), [value], ints)


def zeros(shape: Any, dtype: Any = None) -> Node:
    """An array of zeros, of the default float dtype where none is given. Raises, Source: see `full`.

    >>> import theon
    >>> theon.zeros((2, 3))
    <full : float32[2, 3]>
    """
    return _filled("zeros", shape, 0, default_float_dtype() if dtype is None else dtype)


def ones(shape: Any, dtype: Any = None) -> Node:
    """An array of ones, of the default float dtype where none is given. Raises, Source: see `full`.

    >>> import theon
    >>> theon.ones((2,), dtype="int32")
    <full : int32[2]>
    """
    return _filled("ones", shape, 1, default_float_dtype() if dtype is None else dtype)


def full_like(x: NodeLike, fill_value: NodeLike, dtype: Any = None) -> Node:
    """One value in the shape of `x`, and in its dtype where none is given. Source: NumPy / Array API `full_like`.

    >>> import theon
    >>> theon.full_like(theon.tensor("x", shape=("batch", 3)), 0.5)
    <full : float32[batch, 3]>
    """
    node = as_node(x)
    return full(shape_of(node), fill_value, node.dtype if dtype is None else dtype)


def zeros_like(x: NodeLike, dtype: Any = None) -> Node:
    """Zeros in the shape of `x`, in its dtype where none is given. Source: NumPy / Array API `zeros_like`.

    >>> import theon
    >>> theon.zeros_like(theon.vector("x"))
    <full : float32[?]>
    """
    return full_like(x, 0, dtype)


def ones_like(x: NodeLike, dtype: Any = None) -> Node:
    """Ones in the shape of `x`, in its dtype where none is given. Source: NumPy / Array API `ones_like`.

    >>> import theon
    >>> theon.ones_like(theon.vector("x"), dtype="int32")
    <full : int32[?]>
    """
    return full_like(x, 1, dtype)


@dataclass(frozen=True, eq=False)
class Arange(Op):
    """`start + step * i` for as many `i` as stay before `stop`."""

    start: Number | Hole
    stop: Number | Hole
    step: Number | Hole
    dtype: DType

    def infer(self) -> TensorType:
        return TensorType(self.dtype, (self._length(),))

    def _length(self) -> Dim:
        start, stop, step = self.start, self.stop, self.step
        require(step != 0, "the step cannot be 0", "give a step up or down", ArgumentError)
        if not isinstance(start, Hole) and not isinstance(stop, Hole) and not isinstance(step, Hole):
            return _range_length(start, stop, step)
        counts_up = static_int(start) == 0 and static_int(step) == 1
        return stop.dim if counts_up and isinstance(stop, Hole) else None

    def lower(self) -> jax.Array:
        assert not isinstance(self.start, Hole) and not isinstance(self.step, Hole)
        length = self._length()
        assert isinstance(length, int)
        # 16-bit floats count no further than a few hundred, so they are computed in 32.
        wide = np.dtype("float32") if self.dtype in (np.dtype("float16"), bfloat16) else self.dtype
        steps = lax.iota(wide, length)
        if self.step != 1:
            steps = lax.mul(steps, number(self.step, steps))
        if self.start != 0:
            steps = lax.add(steps, number(self.start, steps))
        return lax.convert_element_type(steps, self.dtype)


def _range_length(start: Number, stop: Number, step: Number) -> int:
    if isinstance(start, int) and isinstance(stop, int) and isinstance(step, int):
        return len(range(start, stop, step))
    length = (stop - start) / step
    require(math.isfinite(length), "the bounds and the step must be finite", "give finite numbers", ArgumentError)
    return max(0, math.ceil(length))


def arange(start: Number | Node, stop: Number | Node | None = None, step: Number | Node = 1, dtype: Any = None) -> Node:
    """The numbers from `start` (0 where only one is given) to before `stop`, `step` apart.

    Arguments: ints, floats or int nodes that decide a shape; dtype, by default int32 for ints and the default
    float where one is a float. The length is NumPy's `ceil((stop - start) / step)`: a float step may reach `stop`.
    Raises: ArgumentError for a step of 0, DTypeError for a node that is no int. Source: NumPy `arange`.

    >>> import theon
    >>> print(theon.arange(2, 8, 3).eval())
    [2 5]
    """
    first, last = (0, start) if stop is None else (start, stop)
    ints = Ints()
    with Blame("arange"):
        a, b, c = (_range_field(ints, v) for v in (first, last, step))
    fractional = any(isinstance(v, float) for v in (a, b, c))
    wanted = (default_float_dtype() if fractional else INT32) if dtype is None else as_dtype(dtype)
    with Blame("arange"):
        require(
            is_integer(wanted) or is_float(wanted),
            f"counts in ints or floats, not {wanted}",
            "convert with .astype",
            DTypeError,
        )
    return declare(Arange(a, b, c, wanted), [], ints.nodes)


def _range_field(ints: Ints, value: Any) -> Number | Hole:
    if isinstance(value, Node):
        known = const_value(value)
        if known is not None and known.ndim == 0 and kind_of(known.dtype) == "float":
            return float(known)
    if isinstance(value, (float, np.floating)):
        return float(value)
    return ints.field(value, "a bound")


@dataclass(frozen=True, eq=False)
class Eye(Op):
    """Ones where column - row is `k`, zeros elsewhere."""

    rows: Field
    columns: Field
    k: int
    dtype: DType

    def infer(self) -> TensorType:
        check_sizes((self.rows, self.columns))
        return TensorType(self.dtype, dims_of((self.rows, self.columns)))

    def lower(self) -> jax.Array:
        sizes = self.infer().sizes
        row, column = lax.broadcasted_iota(INT32, sizes, 0), lax.broadcasted_iota(INT32, sizes, 1)
        on = lax.eq(lax.add(row, number(self.k, row)), column)
        return lax.convert_element_type(on, self.dtype)


def eye(n_rows: int | Node, n_cols: int | Node | None = None, k: int = 0, dtype: Any = None) -> Node:
    """The matrix with ones on its `k`-th diagonal (above the main one where positive) and zeros elsewhere.

    Arguments: ints or int nodes; `n_cols` is `n_rows` by default. Raises: ShapeError for a negative size.
    Source: NumPy / Array API `eye`.

    >>> import theon
    >>> print(theon.eye(2, 3, k=1).eval())
    [[0. 1. 0.]
     [0. 0. 1.]]
    """
    ints = Ints()
    with Blame("eye"):
        rows = ints.field(n_rows)
        columns = rows if n_cols is None else ints.field(n_cols)
        diagonal = as_int(k, "a diagonal")
    wanted = default_float_dtype() if dtype is None else as_dtype(dtype)
    return declare(Eye(rows, columns, diagonal, wanted), [], ints.nodes)
