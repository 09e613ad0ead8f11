"""What the standard names, read from the strict implementation; and what theon leaves out of it, with the reason."""

from __future__ import annotations

from collections.abc import Iterator

import array_api_strict as strict

# Of the strict implementation, not of the standard; and namespaces, whose functions are listed by themselves.
_OTHERS = {
    "__array_api_version__", "Device", "set_array_api_strict_flags", "get_array_api_strict_flags",
    "reset_array_api_strict_flags", "ArrayAPIStrictFlags", "__version__", "linalg", "fft",
}  # fmt: skip
CONSTANTS = ("e", "inf", "nan", "newaxis", "pi")
DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
    "complex64", "complex128",
)  # fmt: skip


def _functions() -> Iterator[str]:
    yield from (name for name in strict.__all__ if name not in {*_OTHERS, *CONSTANTS, *DTYPES})
    yield from (f"linalg.{name}" for name in strict.linalg.__all__)
    yield from (f"fft.{name}" for name in strict.fft.__all__)


FUNCTIONS = tuple(_functions())

# These take and give no arrays; `test_namespace.py` is about them.
WITHOUT_ARRAYS = (
    "__array_namespace_info__", "broadcast_shapes", "can_cast", "finfo", "iinfo", "isdtype", "result_type",
)  # fmt: skip

UNARY = ("abs", "invert", "neg", "pos")
BINARY = ("add", "and", "floordiv", "lshift", "matmul", "mod", "mul", "or", "pow", "rshift", "sub", "truediv", "xor")
COMPARED = ("eq", "ge", "gt", "le", "lt", "ne")
CONVERTED = ("bool", "complex", "float", "index", "int")
ATTRIBUTES = ("T", "dtype", "mT", "ndim", "shape", "size")

METHODS = (
    *ATTRIBUTES,
    *(f"__{name}__" for name in (*UNARY, *BINARY, *COMPARED)),
    *(f"__{side}{name}__" for name in BINARY for side in "ri"),
    *(f"__{name}__" for name in CONVERTED),
    *("__array_namespace__", "__dlpack__", "__dlpack_device__", "__getitem__", "__setitem__", "device", "to_device"),
)

_NO_VALUE = "a node has no value before the program runs: the error says so, and what to write instead"
_NO_DEVICE = "a graph has no device; it gets one where it is compiled"

# What is not there, with the reason.
ABSENT = {
    **{f"__{name}__": _NO_VALUE for name in (*CONVERTED, "dlpack", "dlpack_device")},
    "__setitem__": "nodes never change: `y = x.at[index].set(values)`",
    "device": _NO_DEVICE,
    "to_device": _NO_DEVICE,
}

_SIZE = "how many there are depends on values: takes `size=`, as the standard allows where shapes are static"

# What is there and differs.
REMARKS = {
    **dict.fromkeys(("nonzero", "unique_all", "unique_counts", "unique_inverse", "unique_values"), _SIZE),
    "__getitem__": "a boolean mask that is not constant: `theon.extract(mask, x, size=)`",
    **{f"__i{name}__": "Python's: `x += y` is `x = x + y`" for name in BINARY},
    "isin": "of the version 2025.12",
    "broadcast_shapes": "of the version 2025.12",
    "can_cast": "by theon's promotion lattice, in which ints promote to every float, as in JAX",
    "from_dlpack": "from the memory of the host; copies",
}


def section(name: str) -> str:
    """Where the standard documents a function: the strict implementation keeps each section in a module."""
    space, _, own = name.rpartition(".")
    if space:
        return {"linalg": "linalg extension", "fft": "fft extension"}[space]
    module = "_info" if name == "__array_namespace_info__" else getattr(strict, own).__module__.rpartition(".")[2]
    return str(module).strip("_").replace("_", " ").replace("info", "inspection")
