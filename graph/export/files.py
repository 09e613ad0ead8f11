"""Files that are whole or not there: a picture is made beside its place and moved into it when it is complete."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..errors import TheonError, report
from ..where import here


class ExportError(TheonError, RuntimeError):
    """A file could not be written; nothing was left behind, and an older file of that name is as it was."""


def write_whole(path: str | os.PathLike[str], make: Callable[[Path], None]) -> Path:
    """Let `make` write a file in a folder beside `path`, and move it to `path` if that went well.

    Raises: ExportError where the folder is missing or cannot be written.
    """
    final = Path(path)
    try:
        with tempfile.TemporaryDirectory(dir=final.parent, prefix=".theon-") as folder:
            made = Path(folder) / "whole"
            make(made)
            os.replace(made, final)
    except OSError as problem:
        raise report(
            ExportError,
            f"cannot write {final.name}: {problem.strerror or problem}",
            where=here(),
            received=str(final),
            hint="give a file name in a folder that exists and can be written",
        ) from None
    return final


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write a text file, whole or not at all."""

    def make(made: Path) -> None:
        made.write_text(text, encoding="utf-8", newline="\n")

    return write_whole(path, make)


__all__ = ["ExportError", "write_text", "write_whole"]
