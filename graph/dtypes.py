"""Each dtype of `DTYPES` under its name, as in `theon.float32`."""

from .types import DTYPES, bfloat16

bool = DTYPES["bool"]
int8, int16, int32, int64 = (DTYPES[name] for name in ("int8", "int16", "int32", "int64"))
uint8, uint16, uint32, uint64 = (DTYPES[name] for name in ("uint8", "uint16", "uint32", "uint64"))
float16, float32, float64 = (DTYPES[name] for name in ("float16", "float32", "float64"))
complex64, complex128 = (DTYPES[name] for name in ("complex64", "complex128"))

__all__ = [
    "bfloat16", "bool", "complex64", "complex128", "float16", "float32", "float64", "int8", "int16", "int32", "int64",
    "uint8", "uint16", "uint32", "uint64",
]  # fmt: skip
