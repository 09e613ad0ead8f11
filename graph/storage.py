"""Dtypes to store in: 8-bit floats, and ints of 4 and of 2 bits. Values are held, moved and cast, never computed with.

A cast rounds to nearest, ties to even, from whatever dtype in one step. It does not saturate between floats: what is
too large becomes inf in float8_e5m2, and nan in the others, which have no inf. Floats become ints towards zero, the
nearest int that there is where they are out of range, and 0 where they are nan; ints wrap around in a narrower dtype.
That is what XLA does; `host_cast` does it in NumPy. On the host an element takes a byte; XLA packs ints on the device.
"""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from .errors import DTypeError, Mismatch

float8_e4m3fn: np.dtype[Any] = np.dtype(ml_dtypes.float8_e4m3fn)
float8_e5m2: np.dtype[Any] = np.dtype(ml_dtypes.float8_e5m2)
float8_e4m3b11fnuz: np.dtype[Any] = np.dtype(ml_dtypes.float8_e4m3b11fnuz)
float8_e4m3fnuz: np.dtype[Any] = np.dtype(ml_dtypes.float8_e4m3fnuz)
float8_e5m2fnuz: np.dtype[Any] = np.dtype(ml_dtypes.float8_e5m2fnuz)
int4: np.dtype[Any] = np.dtype(ml_dtypes.int4)
uint4: np.dtype[Any] = np.dtype(ml_dtypes.uint4)
int2: np.dtype[Any] = np.dtype(ml_dtypes.int2)
uint2: np.dtype[Any] = np.dtype(ml_dtypes.uint2)

STORED_FLOATS: dict[str, np.dtype[Any]] = {
    dtype.name: dtype for dtype in (float8_e4m3fn, float8_e5m2, float8_e4m3b11fnuz, float8_e4m3fnuz, float8_e5m2fnuz)
}
STORED_INTS: dict[str, np.dtype[Any]] = {dtype.name: dtype for dtype in (int4, uint4, int2, uint2)}
STORED: dict[str, np.dtype[Any]] = {**STORED_FLOATS, **STORED_INTS}


# What takes their place in computations, without loss.
_COMPUTING: dict[np.dtype[Any], np.dtype[Any]] = {
    **dict.fromkeys(STORED_FLOATS.values(), np.dtype("float32")),
    **dict.fromkeys(STORED_INTS.values(), np.dtype("int8")),
}


def is_stored(dtype: np.dtype[Any]) -> bool:
    """Whether a dtype is for storage: its values are held, moved and cast, not computed with."""
    return dtype in _COMPUTING


def computing(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype that takes the place of one for storage in computations: float32 or int8, which hold its values."""
    return _COMPUTING.get(dtype, dtype)


def not_computed(dtype: np.dtype[Any]) -> Mismatch:
    """What is wrong with arithmetic on a dtype for storage."""
    way = f'convert with x.astype("{computing(dtype)}")'
    return Mismatch(f"{dtype} is for storage, it is not computed with", way, DTypeError)


def int_limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    """The least and the greatest int of a dtype, of those of 4 and 2 bits too, which NumPy's iinfo does not know."""
    info = ml_dtypes.iinfo(dtype)
    return int(info.min), int(info.max)


def host_cast(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """An array in another dtype, to the bit as a compiled cast gives it where either of the two is for storage."""
    if array.dtype == dtype or not {array.dtype.name, dtype.name} & STORED.keys():
        return array.astype(dtype, copy=False)
    if array.dtype.name in STORED:  # without loss
        array = array.astype(np.float32 if array.dtype.name in STORED_FLOATS else np.int8)
    to_int = dtype.name in STORED_INTS or dtype.kind in "iu"
    with np.errstate(over="ignore", invalid="ignore"):
        if to_int and array.dtype.kind not in "biu":
            return _saturated(array, dtype)
        if dtype.name in STORED_INTS and array.dtype.kind != "b":
            array = array.astype(np.int8)  # the low bits are the same
        elif dtype.name in STORED_FLOATS and array.dtype == np.float64:
            array = _to_odd(array)
        return array.astype(dtype, copy=False)


def _saturated(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Floats as ints towards zero, or the nearest int that there is; 0 for nan."""
    low, high = int_limits(dtype)
    near = np.clip(array, max(low, -(2**31)), min(high, 2**31))  # no dtype for storage holds a larger finite number
    ints = np.where(np.isnan(array), 0, near).astype(np.int64).astype(dtype)
    ints = np.where(np.isposinf(array), dtype.type(high), ints)
    return np.asarray(np.where(np.isneginf(array), dtype.type(low), ints), dtype)


def _to_odd(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """float64 in float32, where what is not exact has its last bit set: the next rounding sees that it was no tie."""
    near = array.astype(np.float32)
    wide = near.astype(np.float64)
    bits = near.view(np.int32)
    inexact = np.isfinite(near) & (wide != array)
    towards_zero = np.where(inexact & (np.abs(wide) > np.abs(array)), bits - 1, bits)
    return np.asarray(np.where(inexact, towards_zero | 1, bits), np.int32).view(np.float32)


__all__ = [
    *("STORED", "STORED_FLOATS", "STORED_INTS", "computing", "host_cast", "int_limits", "is_stored", "not_computed"),
    *STORED,
]
