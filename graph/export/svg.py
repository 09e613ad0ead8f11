"""SVG, drawn by Graphviz where it is installed; theon writes the DOT text and lays nothing out itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from ..errors import report
from ..where import here
from .dot import to_dot
from .files import ExportError, write_whole


def graphviz() -> str | None:
    """The `dot` program of Graphviz, or None where it is not installed."""
    return shutil.which("dot")


def write_svg(target: Any, path: str | os.PathLike[str]) -> Path:
    """Draw a program to an SVG file; gives its path.

    Arguments: target, a node, a list of nodes, a dict of updates `{state: node}`, a Graph or a compiled function;
    path, a file name in a folder that exists. A file is written whole or not at all.
    Raises: ArgumentError where the target is no graph; ExportError where Graphviz is not installed or fails, or where
    the file cannot be written.

    >>> import theon
    >>> path = theon.export.svg(theon.tanh(theon.vector("x")), "graph.svg")  # doctest: +SKIP
    """
    text = to_dot(target)
    program = graphviz()
    if program is None:
        raise report(
            ExportError,
            "an SVG needs the program `dot` of Graphviz, which is not installed here",
            where=here(),
            received=str(path),
            hint="install Graphviz (apt install graphviz, brew install graphviz), or write theon.export.dot instead",
        )
    return write_whole(path, lambda made: _draw(program, text, made))


def _draw(program: str, text: str, made: Path) -> None:
    done = subprocess.run(
        [program, "-Tsvg", "-o", str(made)], input=text, encoding="utf-8", capture_output=True, check=False
    )
    if done.returncode != 0 or not made.is_file():
        raise report(
            ExportError,
            f"Graphviz failed with status {done.returncode}",
            where=here(),
            received=(done.stderr.strip().splitlines() or ["no message"])[-1],
            hint="write theon.export.dot, and draw that file with another program",
        )


__all__ = ["graphviz", "write_svg"]
