"""Types: dtype and shape of a symbolic value, and how dtypes promote.

A dim is an int (known), a name (`"batch"`: the same name is the same size, checked at each call) or `None`
(unknown until the call). Promotion follows one lattice, drawn in `_PARENTS`; it equals JAX's (a test compares
all pairs). Nothing else in theon decides a dtype.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeAlias

import ml_dtypes
import numpy as np

from .errors import ArgumentError, DTypeError, Mismatch, ShapeError, report
from .where import here

Dim: TypeAlias = int | str | None
Shape: TypeAlias = tuple[Dim, ...]
DType: TypeAlias = "np.dtype[Any]"

bfloat16: DType = np.dtype(ml_dtypes.bfloat16)

BOOL: DType = np.dtype("bool")
INT32: DType = np.dtype("int32")
FLOAT32: DType = np.dtype("float32")

_SIGNED = ("int8", "int16", "int32", "int64")
_UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
_FLOATS = ("float16", "bfloat16", "float32", "float64")
_COMPLEX = ("complex64", "complex128")

DTYPES: dict[str, DType] = {
    name: bfloat16 if name == "bfloat16" else np.dtype(name)
    for name in ("bool", *_SIGNED, *_UNSIGNED, *_FLOATS, *_COMPLEX)
}
_KIND: dict[DType, str] = {
    DTYPES["bool"]: "bool",
    **{DTYPES[n]: "int" for n in _SIGNED},
    **{DTYPES[n]: "uint" for n in _UNSIGNED},
    **{DTYPES[n]: "float" for n in _FLOATS},
    **{DTYPES[n]: "complex" for n in _COMPLEX},
}

_default_float: ContextVar[DType] = ContextVar("theon_default_float", default=FLOAT32)


def default_float_dtype() -> DType:
    """The dtype of a declaration that names none: float32 unless `default_float` says otherwise."""
    return _default_float.get()


@contextmanager
def default_float(dtype: Any) -> Iterator[None]:
    """Declarations inside use `dtype` where none is given.

    Raises: ArgumentError for a dtype that is not float. Source: `jax.numpy`'s default dtypes, without a global switch.

    >>> import theon
    >>> with theon.default_float("float64"):
    ...     theon.vector("x").dtype
    dtype('float64')
    """
    wanted = as_dtype(dtype)
    if _KIND[wanted] != "float":
        raise report(
            ArgumentError,
            "default_float: takes a float dtype",
            where=here(),
            received=repr(dtype),
            hint="use one of " + ", ".join(_FLOATS),
        )
    token = _default_float.set(wanted)
    try:
        yield
    finally:
        _default_float.reset(token)


@lru_cache(maxsize=256)
def _known_dtype(name: str) -> DType | None:
    return DTYPES.get(name)


def as_dtype(value: Any) -> DType:
    """The numpy dtype that `value` names, in the machine's byte order; DTypeError for what theon does not hold."""
    if isinstance(value, np.dtype) and value in _KIND:
        return value
    try:
        found = _known_dtype(value) if isinstance(value, str) else None
        # None would be float64 to NumPy: a default that nobody asked for.
        found = found if found is not None or value is None else np.dtype(value).newbyteorder("=")
    except TypeError:
        found = None
    if found is None or found not in _KIND:
        raise report(
            DTypeError,
            "not a dtype that theon holds",
            where=here(),
            received=repr(value)[:80],
            hint="use one of " + ", ".join(DTYPES),
        ) from None
    return found


def kind_of(dtype: DType) -> str:
    """`bool`, `int`, `uint`, `float` or `complex`."""
    return _KIND[dtype]


def is_float(dtype: DType) -> bool:
    return _KIND[dtype] == "float"


def is_inexact(dtype: DType) -> bool:
    return _KIND[dtype] in ("float", "complex")


def is_integer(dtype: DType) -> bool:
    return _KIND[dtype] in ("int", "uint")


def real_of(dtype: DType) -> DType:
    """complex64 -> float32, complex128 -> float64, others as they are."""
    if _KIND[dtype] != "complex":
        return dtype
    return DTYPES["float32"] if dtype == DTYPES["complex64"] else DTYPES["float64"]


def complex_of(dtype: DType) -> DType:
    """The complex dtype that holds `dtype`: complex128 for float64 and complex128, else complex64."""
    return DTYPES["complex128"] if dtype in (DTYPES["float64"], DTYPES["complex128"]) else DTYPES["complex64"]


# Each dtype's direct superiors in the promotion lattice (JAX's, without the weak types: those are handled where a
# Python scalar meets an array, in `dtype_of_scalar`).
_PARENTS: dict[str, tuple[str, ...]] = {
    "bool": ("uint8", "int8"),
    "uint8": ("int16", "uint16"),
    "uint16": ("int32", "uint32"),
    "uint32": ("int64", "uint64"),
    "uint64": ("bfloat16", "float16"),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": ("bfloat16", "float16"),
    "bfloat16": ("float32",),
    "float16": ("float32",),
    "float32": ("float64", "complex64"),
    "float64": ("complex128",),
    "complex64": ("complex128",),
    "complex128": (),
}


def _superiors(name: str) -> frozenset[str]:
    found = {name}
    for parent in _PARENTS[name]:
        found |= _superiors(parent)
    return frozenset(found)


_ABOVE = {name: _superiors(name) for name in _PARENTS}


@lru_cache(maxsize=1024)
def _join(dtypes: tuple[DType, ...]) -> DType:
    common = frozenset.intersection(*(_ABOVE[dtype.name] for dtype in dtypes))
    least = [name for name in common if common <= _ABOVE[name]]
    # Signed ints and uint64 alone have no least dtype above them: no int holds both, and any float would do.
    return DTYPES[least[0] if least else "float64"]


def promote(*dtypes: DType) -> DType:
    """The least dtype that all of `dtypes` promote to; float64 where that is any float (int64 with uint64).

    >>> promote(np.dtype("int32"), np.dtype("float32"))
    dtype('float32')
    """
    first = dtypes[0]
    return first if all(dtype is first for dtype in dtypes) else _join(dtypes)


def dtype_of_scalar(value: complex, beside: DType | None) -> DType:
    """The dtype a Python scalar takes beside an array: weak, so it widens the array's kind but never its size."""
    rank = 0 if isinstance(value, bool) else 1 if isinstance(value, int) else 2 if isinstance(value, float) else 3
    if beside is not None:
        own = {"bool": 0, "int": 1, "uint": 1, "float": 2, "complex": 3}[_KIND[beside]]
        if own >= rank:
            return beside
        if rank == 3:
            return complex_of(beside) if own == 2 else complex_of(default_float_dtype())
    return (BOOL, INT32, default_float_dtype(), complex_of(default_float_dtype()))[rank]


class Limits(NamedTuple):
    """Of a float dtype: the gap behind 1, the smallest normal number, the largest one, and the bits of the mantissa."""

    eps: float
    tiny: float
    max: float
    mantissa: int


@cache
def limits(dtype: DType) -> Limits:
    """What a float dtype can hold, bfloat16 too, which NumPy's finfo does not know; of a complex one, its parts."""
    info = ml_dtypes.finfo(dtype)  # type: ignore[no-untyped-call]
    return Limits(float(info.eps), float(info.tiny), float(info.max), int(info.nmant))


@dataclass(frozen=True, slots=True)
class TensorType:
    """dtype and shape of one array.

    >>> str(TensorType(np.dtype("float32"), ("batch", 784)))
    'float32[batch, 784]'
    """

    dtype: DType
    shape: Shape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def is_static(self) -> bool:
        """Whether every dim is an int."""
        return all(type(d) is int for d in self.shape)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The shape as ints; a defect of the caller where a dim is not known yet."""
        if not self.is_static:
            raise TypeError(f"{self} is not static")
        return self.shape  # type: ignore[return-value]  # all ints, just checked

    @property
    def size(self) -> int:
        """Number of elements of a static type."""
        return math.prod(self.sizes)

    @property
    def is_float(self) -> bool:
        return _KIND[self.dtype] == "float"

    @property
    def is_inexact(self) -> bool:
        return _KIND[self.dtype] in ("float", "complex")

    @property
    def is_integer(self) -> bool:
        return _KIND[self.dtype] in ("int", "uint")

    def with_shape(self, shape: Sequence[Dim]) -> TensorType:
        return TensorType(self.dtype, tuple(shape))

    def with_dtype(self, dtype: DType) -> TensorType:
        return TensorType(dtype, self.shape)

    def __str__(self) -> str:
        return f"{self.dtype.name}[{', '.join('?' if d is None else str(d) for d in self.shape)}]"


@dataclass(frozen=True, slots=True)
class TupleType:
    """The type of a node with several outputs; `Pick(i)` projects one of them."""

    items: tuple[TensorType, ...]

    @property
    def is_static(self) -> bool:
        return all(item.is_static for item in self.items)

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.items))})"


Type: TypeAlias = TensorType | TupleType


def same_dim(a: Dim, b: Dim) -> bool:
    """Whether two dims are surely the same size."""
    return a is not None and a == b


def may_equal(a: Dim, b: Dim) -> bool:
    """Whether two dims could be the same size: only two different ints surely are not."""
    return not (isinstance(a, int) and isinstance(b, int)) or a == b


def unify_dim(a: Dim, b: Dim) -> Dim:
    """What is known of a size that is both `a` and `b`."""
    if a is None or (isinstance(a, str) and isinstance(b, int)):
        return b
    return a


def broadcast_dim(a: Dim, b: Dim) -> Dim | Mismatch:
    if a == b and a is not None:
        return a
    if a == 1:
        return b
    if b == 1:
        return a
    if isinstance(a, int) and isinstance(b, int):
        return Mismatch("")
    if isinstance(a, int):
        return a
    return b if isinstance(b, int) else None


def broadcast_shapes(shapes: Sequence[Shape]) -> Shape:
    """The NumPy broadcast of `shapes`; raises Mismatch naming the axis and the sizes."""
    first = shapes[0]
    if all(shape == first for shape in shapes) and None not in first:
        return first
    rank = max(map(len, shapes))
    out: list[Dim] = [1] * rank
    for shape in shapes:
        offset = rank - len(shape)
        for i, dim in enumerate(shape):
            merged = broadcast_dim(out[offset + i], dim)
            if isinstance(merged, Mismatch):
                raise Mismatch(
                    f"axis {offset + i} does not broadcast ({out[offset + i]} and {dim})",
                    f"make the sizes equal or one of them 1: shapes {_shapes_text(shapes)}",
                    ShapeError,
                )
            out[offset + i] = merged
    return tuple(out)


def _shapes_text(shapes: Sequence[Shape]) -> str:
    def one(shape: Shape) -> str:
        dims = ", ".join("?" if d is None else str(d) for d in shape)
        return f"({dims},)" if len(shape) == 1 else f"({dims})"

    return " and ".join(map(one, shapes))


def listed(value: Any, what: str) -> list[Any]:
    """An argument that is a sequence, as a list; Mismatch where it is none."""
    if isinstance(value, Iterable) and not isinstance(value, str):
        return list(value)
    raise Mismatch(f"{what} is a sequence, received {value!r}", "give a list or a tuple", ArgumentError)


def normal_axis(axis: int, ndim: int) -> int:
    """`axis` counted from the front; raises Mismatch when there is no such axis."""
    if not isinstance(axis, (int, np.integer)) or isinstance(axis, bool):
        raise Mismatch(f"an axis is an int, received {axis!r}", _axis_hint(ndim), ArgumentError)
    if not -ndim <= axis < ndim:
        axes = f"{ndim} dimension" + ("" if ndim == 1 else "s")
        raise Mismatch(f"axis {axis} is out of bounds for {axes}", _axis_hint(ndim))
    return int(axis) % ndim


def _axis_hint(ndim: int) -> str:
    return f"use an int from {-ndim} to {ndim - 1}" if ndim else "use no axis: the tensor is 0-dimensional"


def normal_axes(axis: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    """An `axis=` argument as sorted axes counted from the front; `None` is all of them."""
    if axis is None:
        return tuple(range(ndim))
    if isinstance(axis, (int, np.integer)):
        return (normal_axis(int(axis), ndim),)
    if isinstance(axis, str) or not isinstance(axis, Iterable):
        raise Mismatch(f"an axis is an int, received {axis!r}", _axis_hint(ndim), ArgumentError)
    axes = [normal_axis(a, ndim) for a in axis]
    if len(set(axes)) != len(axes):
        raise Mismatch(f"axis {tuple(axis)} names an axis twice", "name each axis once", ArgumentError)
    return tuple(sorted(axes))
