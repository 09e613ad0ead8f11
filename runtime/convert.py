"""What a caller may pass for an input: checked and converted before anything runs; a bad call changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import numpy as np

from ..graph.errors import InputError, InputTypeError, TheonError, report
from ..graph.node import Node
from ..graph.storage import host_cast, is_stored
from ..graph.types import HELD, RANK, DType, TensorType, is_inexact, kind_of
from ..graph.where import here

_HELD = frozenset(HELD.values())
_Tracer = jax.core.Tracer


@dataclass(frozen=True, slots=True)
class Place:
    """What a value is for: `what` takes the input (or the state: `role`) called `name`, of that type."""

    what: str
    name: str
    wanted: TensorType
    node: Node | None = None
    role: str = "input"

    def error(self, kind: type[TheonError], received: str, hint: str, shown: str | None = None) -> TheonError:
        """The error for a value that does not fit, at the caller's line."""
        return report(
            kind,
            f"{self.what}: {self.role} {self.name} is {self.wanted}, received {received}",
            where=here(2),
            operands=() if self.node is None else [(self.role, self.node)],
            received=shown,
            hint=hint,
        )


def convert(value: Any, place: Place, downcast: bool | None) -> Any:
    """`value` as an array of the wanted dtype and shape; what is not on a device is copied, since the program may still
    be reading it after the call returns. Raises InputError or InputTypeError at the caller's line."""
    wanted = place.wanted
    array = value if isinstance(value, jax.Array) else _as_numpy(value)
    if array is None or array.dtype not in _HELD or isinstance(array, _Tracer):
        raise _wrong_kind(value, place)
    if array.dtype != wanted.dtype:
        array = _cast(array, value, place, downcast)
    elif not isinstance(value, (jax.Array, int, float, complex, list, tuple)):
        array = np.array(array, copy=True)  # it may be the caller's own memory
    if len(array.shape) != len(wanted.shape):
        raise wrong_shape(array.shape, place)
    for size, dim in zip(array.shape, wanted.shape, strict=True):
        if isinstance(dim, int) and size != dim:
            raise wrong_shape(array.shape, place)
    return array


def _as_numpy(value: Any) -> np.ndarray[Any, Any] | None:
    """`value` as an array in the machine's byte order; None where it is not numbers."""
    if isinstance(value, Node):
        return None
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        return None
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _cast(array: Any, value: Any, place: Place, downcast: bool | None) -> Any:
    """`array` in the wanted dtype; raises where that loses more than the rounding of written numbers, ints in floats
    among them."""
    own, target = array.dtype, place.wanted.dtype
    written = not hasattr(value, "dtype")
    # Numbers that were written down have no dtype of their own: they may take another, if it holds them.
    weak = written and downcast is not False and (RANK[kind_of(own)] <= RANK[kind_of(target)] or not array.size)
    if downcast is True or weak or keeps(array, target):
        cast = _converted(array, target)
        if downcast is True or not weak or _holds(cast, array):
            return cast
    received = repr(value) if written and array.size <= 4 else f"{own.name}{list(array.shape)}"
    way = f"pass numbers that {target.name} holds" if written else f"pass value.astype('{target.name}')"
    raise place.error(
        InputTypeError, received, way + (", or allow_input_downcast=True" if place.role == "input" else "")
    )


def keeps(array: Any, target: DType) -> bool:
    """Whether an array loses nothing in another dtype: as NumPy's "safe" casting has it, but that floats that cannot
    hold all ints of a dtype must hold those that there are."""
    own = array.dtype
    if is_stored(own) or is_stored(target):
        return _embeds(own, target)
    if not np.can_cast(own, target, "safe"):
        return False
    if kind_of(own) not in ("int", "uint") or own.itemsize < 8 or kind_of(target) not in ("float", "complex"):
        return True
    ints = np.asarray(array)
    floats = ints.astype(np.float64)
    below = floats < float(np.iinfo(own).max)  # which rounds up to one more: out of range on the way back
    return bool(below.all() and (floats.astype(own) == ints).all())


@cache
def _embeds(own: DType, target: DType) -> bool:
    """Whether one dtype holds every number of another, where one of the two is for storage: by trying them all."""
    if own.itemsize > 1:
        return False
    values = np.arange(-128, 256).astype(np.uint8).view(own) if own.kind in "iu" or is_inexact(own) else _few(own)
    there = np.real(host_cast(values, target))
    a, b = values.astype(np.float64), there.astype(np.float64)
    return bool((((a == b) & (np.signbit(a) == np.signbit(b))) | (np.isnan(a) & np.isnan(b))).all())


def _few(dtype: DType) -> np.ndarray[Any, Any]:
    """Every bool, or every int of 4 or 2 bits."""
    return np.unique(host_cast(np.arange(2 if kind_of(dtype) == "bool" else 16), dtype).astype(np.int8)).astype(dtype)


def _converted(array: Any, target: Any) -> Any:
    if kind_of(array.dtype) == "complex" and kind_of(target) != "complex":
        array = array.real
    if isinstance(array, jax.Array):
        with jax.enable_x64(True):
            return array.astype(target)
    with np.errstate(over="ignore", invalid="ignore"):
        return host_cast(array, target)


def _holds(cast: np.ndarray[Any, Any], array: np.ndarray[Any, Any]) -> bool:
    """Whether a cast to ints kept every number, and one to floats all but for their rounding: none became infinite."""
    if kind_of(cast.dtype) in ("int", "uint"):
        return bool((cast == array).all())
    if kind_of(cast.dtype) == "stored int":
        return bool((host_cast(cast, array.dtype) == array).all())
    return bool((np.isfinite(cast) == np.isfinite(array)).all())


def wrong_shape(shape: tuple[int, ...], place: Place, why: str = "") -> TheonError:
    """The error for a value of another shape than its input's."""
    hint = f"reshape the value, or declare the {place.role} with another shape"
    return place.error(InputError, f"shape {tuple(shape)}{why}", hint)


def _wrong_kind(value: Any, place: Place) -> TheonError:
    if isinstance(value, _Tracer):
        hint = "call it outside jax.jit and jax.grad: a compiled function takes values"
        return place.error(InputTypeError, "what JAX is tracing", hint)
    if isinstance(value, Node):
        hint = "compute that node first, with .eval(), or declare it as an output"
    elif isinstance(value, TensorType):
        hint = "call compile with arrays, or with types whose sizes are all known"
    elif isinstance(value, (list, tuple)):
        hint = "pass numbers in rows of one length, or an array"
    else:
        hint = "pass a number, or an array of numbers"
    return place.error(InputTypeError, type(value).__name__, hint, repr(value)[:80])


__all__ = ["Place", "convert", "keeps", "wrong_shape"]
