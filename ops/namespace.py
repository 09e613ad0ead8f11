"""What the Array API standard asks of a library as a whole: which namespace a node belongs to, and what it can do."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

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

    Source: Array API 2024.12, inspection.

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


def namespace_of(module: ModuleType) -> Callable[..., ModuleType]:
    """The method `__array_namespace__` of nodes: libraries that are written against the standard ask for it."""

    def __array_namespace__(self: Node, *, api_version: str | None = None) -> ModuleType:
        if api_version is not None and api_version not in _VERSIONS:
            what = "no such version of the Array API"
            hint = "use one of " + ", ".join(_VERSIONS)
            raise report(ArgumentError, what, where=here(), received=repr(api_version), hint=hint)
        return module

    return __array_namespace__


__all__ = ["NamespaceInfo"]
