"""What a caller may pass for an input: checked and converted before anything runs, so that a bad call changes nothing."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..graph.errors import InputError, InputTypeError, TheonError, report
from ..graph.node import Node
from ..graph.types import DTYPES, DType, TensorType, kind_of
from ..graph.where import here

_RANK = {"bool": 0, "uint": 1, "int": 1, "float": 2, "complex": 3}


def convert(value: Any, name: str, wanted: TensorType, what: str, downcast: bool | None) -> Any:
    """`value` as an array of the wanted dtype and rank; NumPy arrays are copied, since the program may still be reading
    them after the call returns. Raises InputError or InputTypeError at the caller's line."""
    if isinstance(value, jax.Array):
        array: Any = value
    elif isinstance(value, Node):
        raise _wrong_kind(value, name, wanted, what, "a node; compute it first with .eval(), or declare it as an output")
    else:
        array = _as_numpy(value, name, wanted, what)
    if array.dtype != wanted.dtype:
        array = _cast(array, value, name, wanted, what, downcast)
    elif array is value and not isinstance(value, jax.Array):
        array = np.array(value, copy=True)
    if len(array.shape) != len(wanted.shape):
        raise wrong_shape(array.shape, name, wanted, what)
    for size, dim in zip(array.shape, wanted.shape, strict=True):
        if isinstance(dim, int) and size != dim:
            raise wrong_shape(array.shape, name, wanted, what)
    return array


def _as_numpy(value: Any, name: str, wanted: TensorType, what: str) -> np.ndarray[Any, Any]:
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        raise _wrong_kind(value, name, wanted, what, "rows of one length, or an array") from None
    if array.dtype not in DTYPES.values():
        raise _wrong_kind(value, name, wanted, what, "numbers, or an array of numbers")
    return array


def _cast(array: Any, value: Any, name: str, wanted: TensorType, what: str, downcast: bool | None) -> Any:
    own, target = array.dtype, wanted.dtype
    weak = not hasattr(value, "dtype") and downcast is not False
    allowed = downcast is True or np.can_cast(own, target, "safe")
    if not allowed and weak and _RANK[kind_of(own)] <= _RANK[kind_of(target)]:
        allowed = _fits(array, target)
    if not allowed:
        raise report(
            InputTypeError,
            f"{what}: input {name} is {wanted}, received {own.name}{list(array.shape)}",
            where=here(3),
            hint=f"pass value.astype('{target.name}'), or allow_input_downcast=True",
        )
    if kind_of(own) == "complex" and kind_of(target) != "complex":
        array = array.real
    if isinstance(array, jax.Array):
        with jax.enable_x64(True):
            return array.astype(target)
    return array.astype(target)


def _fits(array: np.ndarray[Any, Any], target: DType) -> bool:
    """Whether Python numbers keep their value in an integer dtype; floats round, as they do in NumPy."""
    if kind_of(target) not in ("int", "uint") or not array.size:
        return True
    limits = np.iinfo(target)
    return bool(limits.min <= array.min() and array.max() <= limits.max)


def wrong_shape(shape: tuple[int, ...], name: str, wanted: TensorType, what: str, why: str = "") -> TheonError:
    return report(
        InputError,
        f"{what}: input {name} is {wanted}, received shape {tuple(shape)}{why}",
        where=here(3),
        hint="reshape the value, or declare the input with another shape",
    )


def _wrong_kind(value: Any, name: str, wanted: TensorType, what: str, hint: str) -> TheonError:
    return report(
        InputTypeError,
        f"{what}: input {name} is {wanted}, received {type(value).__name__}",
        where=here(3),
        received=repr(value)[:80],
        hint=f"pass {hint}",
    )
