"""What is asked of dtypes: NumPy answers for those that it knows."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import theon
from theon.graph.storage import STORED
from theon.graph.types import DTYPES, promote

CLASSES: tuple[Any, ...] = (
    *(np.generic, np.number, np.integer, np.signedinteger, np.unsignedinteger, np.inexact, np.floating),
    *(np.complexfloating, np.bool_, np.character),
)
KNOWN = [name for name in DTYPES if name != "bfloat16"]


@pytest.mark.parametrize("name", KNOWN)
def test_issubdtype_of_what_numpy_knows(name: str) -> None:
    others: tuple[Any, ...] = (*CLASSES, *KNOWN, float, int, np.float32)
    for above in others:
        assert theon.issubdtype(name, above) is bool(np.issubdtype(name, above)), above
    for below in CLASSES:
        assert theon.issubdtype(below, name) is bool(np.issubdtype(below, name)), below


def test_issubdtype_of_what_numpy_does_not_know() -> None:
    """They are below the same classes as their like."""
    like: dict[str, Any] = {"bfloat16": "float16", **{n: "float16" for n in STORED if n.startswith("float")}}
    like |= {n: "uint8" if n.startswith("u") else "int8" for n in STORED if not n.startswith("float")}
    for (name, other), above in product(like.items(), CLASSES):
        assert theon.issubdtype(name, above) is bool(np.issubdtype(other, above)), (name, above)
        assert theon.issubdtype(name, name) and not theon.issubdtype(name, other)
    assert theon.issubdtype(theon.vector("x", dtype="bfloat16"), np.floating)
    assert theon.issubdtype(np.floating, np.number) and not theon.issubdtype(np.number, np.floating)


def test_promote_types_is_the_lattice() -> None:
    for a, b in product(DTYPES, DTYPES):
        assert theon.promote_types(a, b) == promote(DTYPES[a], DTYPES[b])
    assert theon.promote_types(theon.ivector("n"), np.float16(1)) == np.float16
    with pytest.raises(theon.DTypeError, match="no common dtype"):
        theon.promote_types("float8_e5m2", "float32")


@pytest.mark.parametrize("name", [*DTYPES, *STORED])
def test_kinds_of_objects(name: str) -> None:
    x = theon.tensor("x", shape=(2,), dtype=name)
    assert theon.iscomplexobj(x) is name.startswith("complex")
    assert theon.isrealobj(x) is not theon.iscomplexobj(x)


@pytest.mark.parametrize("value", [1, 1.0, 1j, [1, 2j], np.zeros(2), np.complex64(0)], ids=str)
def test_kinds_of_values(value: Any) -> None:
    assert theon.iscomplexobj(value) is bool(np.iscomplexobj(value))
    assert theon.isrealobj(value) is bool(np.isrealobj(value))
