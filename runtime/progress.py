"""The progress of a training run: one line that is written over in a terminal, one line per epoch elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TextIO

BAR = 24  # characters of the bar
INTERVAL = 0.1  # seconds between two looks of the line; a step may take microseconds


class Progress:
    """Prints how far a run is; a context manager, so that a broken-off run leaves a clean line."""

    def __init__(self, first: int, epochs: int, batches: int, enabled: bool, file: TextIO | None = None) -> None:
        self.file: TextIO = sys.stdout if file is None else file
        self.enabled = enabled
        self.live = enabled and self.file.isatty()
        self.last = first + epochs - 1
        self.batches = batches
        self.name = ""
        self._shown = 0  # characters of the line that stands
        self._next = 0.0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self.file.write("\n")
            self.file.flush()

    def begin(self, epoch: int) -> None:
        """An epoch begins."""
        self.name = f"epoch {epoch:{len(str(self.last))}d}/{self.last}"

    def step(self, batch: int) -> None:
        """`batch` batches of the epoch are under way."""
        if not self.live or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + INTERVAL
        filled = BAR * batch // self.batches
        self._over(f"{self.name}  [{'=' * filled}{' ' * (BAR - filled)}] {batch}/{self.batches}")

    def end(self, values: Mapping[str, Any]) -> None:
        """The epoch is over, with these results; the line stays."""
        if not self.enabled:
            return
        text = "  ".join([self.name, *(f"{name} {_short(value)}" for name, value in values.items())])
        if self.live:
            self._over(text)
        else:
            self.file.write(text)
        self.file.write("\n")
        self.file.flush()
        self._shown = 0

    def _over(self, text: str) -> None:
        """Write over the line that stands; a line longer than the terminal would not be written over, so it is cut."""
        text = text[: shutil.get_terminal_size().columns - 1]
        self.file.write("\r" + text.ljust(self._shown))
        self.file.flush()
        self._shown = len(text)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


__all__ = ["Progress"]
