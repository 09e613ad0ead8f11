"""Every example in a docstring of the package runs and shows what it says."""

import doctest
import importlib
from pathlib import Path

import numpy as np
import pytest

import theon

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("graph", "ops", "compiler", "runtime")
FILES = [ROOT / "__init__.py", *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))]
MODULES = [
    ".".join(("theon", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in FILES
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str) -> None:
    """The examples see `theon` and `np`, as their readers do."""
    result = doctest.testmod(
        importlib.import_module(name),
        extraglobs={"theon": theon, "np": np},
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
    )
    assert result.failed == 0
