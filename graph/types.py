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

from .dims import Dim, Shape
from .errors import ArgumentError, DTypeError, Mismatch, report
from .storage import STORED, STORED_FLOATS, STORED_INTS, computing, int_limits, is_stored, not_computed
from .where import here

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
HELD: dict[str, DType] = {**DTYPES, **STORED}
_KIND: dict[DType, str] = {
    DTYPES["bool"]: "bool",
    **{DTYPES[n]: "int" for n in _SIGNED},
    **{DTYPES[n]: "uint" for n in _UNSIGNED},
    **{DTYPES[n]: "float" for n in _FLOATS},
    **{DTYPES[n]: "complex" for n in _COMPLEX},
    **dict.fromkeys(STORED_FLOATS.values(), "stored float"),
    **dict.fromkeys(STORED_INTS.values(), "stored int"),
}
_INEXACT = ("float", "complex", "stored float")

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
    return HELD.get(name)


def as_dtype(value: Any) -> DType:
    """The numpy dtype that `value` names, in the machine's byte order; DTypeError for what theon does not hold."""
    if isinstance(value, np.dtype) and value in _KIND:
        return value
    try:
        found = _known_dtype(value) if isinstance(value, str) else None
        # To NumPy None is float64, a default that nobody asked for, and an array is the dtype that it has.
        none = value is None or (hasattr(type(value), "ndim") and not isinstance(value, np.dtype))
        found = found if found is not None or none else np.dtype(value).newbyteorder("=")
    except TypeError:
        found = None
    if found is None or found not in _KIND:
        raise report(
            DTypeError,
            "not a dtype that theon holds",
            where=here(),
            received=repr(value)[:80],
            hint=f"use one of {', '.join(DTYPES)}; to store in, {', '.join(STORED)}",
        ) from None
    return found


def kind_of(dtype: DType) -> str:
    """`bool`, `int`, `uint`, `float` or `complex`; `stored float` or `stored int` of what is not computed with."""
    return _KIND[dtype]


def is_float(dtype: DType) -> bool:
    return _KIND[dtype] == "float"


def is_inexact(dtype: DType) -> bool:
    """Floats, 8-bit ones too, and complex numbers: what has a derivative."""
    return _KIND[dtype] in _INEXACT


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
    "bool": ("uint8", "int8", *STORED_INTS),
    "uint8": ("int16", "uint16"),
    "uint16": ("int32", "uint32"),
    "uint32": ("int64", "uint64"),
    "uint64": ("bfloat16", "float16", *STORED_FLOATS),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": ("bfloat16", "float16", *STORED_FLOATS),
    "bfloat16": ("float32",),
    "float16": ("float32",),
    "float32": ("float64", "complex64"),
    "float64": ("complex128",),
    "complex64": ("complex128",),
    "complex128": (),
    **dict.fromkeys(STORED, ()),  # nothing above them: what is for storage is converted by hand
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
    if not common:
        names = " and ".join(dict.fromkeys(dtype.name for dtype in dtypes))
        way = "convert one with .astype; to compute, to float32 or an int of 8 bits or more"
        raise Mismatch(f"{names} have no common dtype: what is for storage does not promote", way, DTypeError)
    least = [name for name in common if common <= _ABOVE[name]]
    # Signed ints and uint64 alone have no least dtype above them: no int holds both, and any float would do.
    return HELD[least[0] if least else "float64"]


def promote(*dtypes: DType) -> DType:
    """The least dtype that all of `dtypes` promote to; float64 where that is any float (int64 with uint64).

    Raises Mismatch where a dtype for storage meets another one.

    >>> promote(np.dtype("int32"), np.dtype("float32"))
    dtype('float32')
    """
    first = dtypes[0]
    return first if all(dtype is first for dtype in dtypes) else _join(dtypes)


RANK = {"bool": 0, "int": 1, "uint": 1, "stored int": 1, "float": 2, "stored float": 2, "complex": 3}


def _rank(value: complex) -> int:
    return 0 if isinstance(value, bool) else 1 if isinstance(value, int) else 2 if isinstance(value, float) else 3


def takes_scalar(value: complex, dtype: DType) -> bool:
    """Whether a Python scalar leaves the dtype of an array beside it as it is."""
    return RANK[_KIND[dtype]] >= _rank(value)


def dtype_of_scalar(value: complex, beside: DType | None) -> DType:
    """The dtype a Python scalar takes beside an array: weak, so it widens the array's kind but never its size.

    Raises Mismatch where the array's dtype is for storage, which nothing widens.
    """
    rank = _rank(value)
    if beside is not None:
        if takes_scalar(value, beside):
            return beside
        if is_stored(beside):
            raise Mismatch(f"{beside} is for storage, {value!r} would widen it", "convert with .astype", DTypeError)
        if rank == 3:
            return complex_of(beside) if RANK[_KIND[beside]] == 2 else complex_of(default_float_dtype())
    return (BOOL, INT32, default_float_dtype(), complex_of(default_float_dtype()))[rank]


def require_held(least: int, most: int, dtype: DType) -> None:
    """Raise where ints would wrap around in an int dtype."""
    if kind_of(dtype) not in ("int", "uint", "stored int"):
        return
    low, high = int_limits(dtype)
    if least < low or most > high:
        raise report(
            DTypeError,
            f"the constant {least if least < low else most} does not fit {dtype}",
            where=here(3),
            hint=f"{dtype} goes from {low} to {high}: use a wider dtype, or a float",
        )


def require_real(is_complex: bool, wanted: DType | None) -> None:
    """Raise where a dtype that was asked for has no room for the imaginary parts of a constant."""
    if is_complex and wanted is not None and kind_of(wanted) not in ("complex", "bool"):
        raise report(
            DTypeError,
            f"the constant is complex, {wanted} would drop its imaginary part",
            where=here(3),
            hint="give its .real",
        )


class Limits(NamedTuple):
    """Of a float dtype: the gap behind 1, the smallest normal number, the largest one, and the bits of the mantissa."""

    eps: float
    tiny: float
    max: float
    mantissa: int


@cache
def limits(dtype: DType) -> Limits:
    """What a float dtype can hold, bfloat16 too, which NumPy's finfo does not know; of a complex one, its parts."""
    info = ml_dtypes.finfo(dtype)
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
        return _KIND[self.dtype] in _INEXACT

    @property
    def is_integer(self) -> bool:
        return _KIND[self.dtype] in ("int", "uint")

    @property
    def of_cotangent(self) -> TensorType:
        """The type in which cotangents of such a value are added up: float32 for 8-bit floats."""
        return self.with_dtype(computing(self.dtype))

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


def require_computed(types: Iterable[Type]) -> None:
    """Raise Mismatch where an op that computes is given a dtype for storage."""
    for type_ in types:
        if isinstance(type_, TensorType) and is_stored(type_.dtype):
            raise not_computed(type_.dtype)
