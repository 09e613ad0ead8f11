"""A wrong program and the block of text that it must be answered with.

The text is the function's docstring, with two spaces less before every line but the first. In it `<!>` stands for the
line of the function that ends in `# !`, which is the one that is wrong, and `<x>` for the line that ends in `# x`:
file, number and text, as the block shows them.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import indent

import numpy as np

import theon
from theon import Function, Node, TheonError
from theon.graph.storage import STORED
from theon.graph.types import DTYPES

LABELS = re.compile(r"# (!|\w+(?:, \w+)*)$")


@dataclass(frozen=True)
class Case:
    """`run` raises `kind`, which is also the built-in `builtin`, with the text of its docstring."""

    run: Callable[[], object]
    kind: type[TheonError]
    builtin: type[Exception]

    def __str__(self) -> str:
        return self.run.__name__

    @property
    def text(self) -> str:
        """The whole block."""
        first, *rest = inspect.cleandoc(self.run.__doc__ or "").split("\n")
        text = "\n".join([first, *(f"  {line}" for line in rest)])
        for label, place in self.places().items():
            text = text.replace(f"<{label}>", place)
        return text.replace("<dtypes>", ", ".join(DTYPES) + "; to store in, " + ", ".join(STORED))

    def places(self) -> dict[str, str]:
        """The labelled lines of the function."""
        found: dict[str, str] = {}
        source, first = inspect.getsourcelines(self.run)
        file = os.path.basename(self.run.__code__.co_filename)
        for number, line in enumerate(source, first):
            match = LABELS.search(line.rstrip())
            for label in match[1].split(", ") if match else ():
                found[label] = f"{file}:{number}   {line.strip()}"
        return found


def case(kind: type[TheonError], builtin: type[Exception]) -> Callable[[Callable[[], object]], Case]:
    """Makes a Case of the function below it."""
    return lambda run: Case(run, kind, builtin)


def counting(inputs: list[Node], output: Node) -> Function:
    """A function that also counts its calls, in a shared variable of its own."""
    calls = theon.shared(np.int32(7), name="calls")
    return theon.function(inputs, output, updates={calls: calls + 1}, name="f")


def templated(case: Case, text: str) -> str:
    """`text` as it would stand in the docstring: to look at when a message is meant to change."""
    for label, place in case.places().items():
        text = text.replace(place, f"<{label}>")
    return indent(text.replace("\n  ", "\n"), "    ").strip()
