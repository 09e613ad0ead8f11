"""What the Array API standard asks of a library as a whole: its constants, and what its namespace can do."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from numpy import e, inf, nan, newaxis, pi

from ..graph.errors import ArgumentError, report
from ..graph.node import Node
from ..graph.types import DTYPES, INT32, DType, complex_of, default_float_dtype
from ..graph.where import here
from .dtypes import isdtype

VERSION = "2024.12"
_VERSIONS = ("2021.12", "2022.12", "2023.12", VERSION)
_BEYOND = ("bfloat16", "float16")  # dtypes that the standard does not know


class NamespaceInfo:
    """What `__array_namespace_info__` answers: dtypes, defaults, and what symbolic shapes rule out.

    Raises: DTypeError for a kind of dtypes that there is not. Source: Array API 2024.12, inspection.

    >>> import theon
    >>> theon.__array_namespace_info__().capabilities()["boolean indexing"]
    False
    """

    def capabilities(self) -> dict[str, Any]:
        """Shapes are known before the program runs: masks and `unique` need a `size`."""
        return {"boolean indexing": False, "data-dependent shapes": False, "max dimensions": 64}

    def default_device(self) -> None:
        """A graph has no device; it gets one where it is compiled."""

    def devices(self) -> list[None]:
        return [None]

    def default_dtypes(self, *, device: None = None) -> dict[str, DType]:
        real = default_float_dtype()
        return {"real floating": real, "complex floating": complex_of(real), "integral": INT32, "indexing": INT32}

    def dtypes(self, *, device: None = None, kind: Any = None) -> dict[str, DType]:
        standard = {name: dtype for name, dtype in DTYPES.items() if name not in _BEYOND}
        return {name: dtype for name, dtype in standard.items() if kind is None or isdtype(dtype, kind)}


def array_namespace(self: Node, *, api_version: str | None = None) -> ModuleType:
    """The namespace that a node belongs to: code that is written against the standard asks for it.

    Raises: ArgumentError for a version that theon does not follow. Source: Array API 2024.12, `__array_namespace__`.
    """
    if api_version is not None and api_version not in _VERSIONS:
        what = "no such version of the Array API"
        hint = "use one of " + ", ".join(_VERSIONS)
        raise report(ArgumentError, what, where=here(), received=repr(api_version), hint=hint)
    return sys.modules[__name__.partition(".")[0]]


__all__ = ["e", "inf", "nan", "newaxis", "pi"]
