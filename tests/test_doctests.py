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
    ".".join(("theon", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__") for path in FILES
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


MADE_OF_ROWS = sorted(
    {
        function.__name__: function
        for room in (theon, theon.nn)
        for function in vars(room).values()
        if getattr(function, "__module__", None) == "theon.ops.elementwise"
    }.items()
)


@pytest.mark.parametrize("function", [f for _, f in MADE_OF_ROWS], ids=[name for name, _ in MADE_OF_ROWS])
def test_examples_of_elementwise_rows(function: object) -> None:
    """The functions that a table makes: doctest looks only at what a module's own text defines."""
    text = function.__doc__ or ""
    examples = doctest.DocTestParser().get_doctest(text, {"np": np}, str(function), None, None)
    assert examples.examples
    assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(examples).failed == 0
