"""The progress line, in a terminal and elsewhere."""

import io
import os

import pytest

from theon.runtime import progress
from theon.runtime.progress import Progress


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def run(file: io.StringIO, enabled: bool = True) -> str:
    with Progress(9, 2, 4, enabled, file) as shown:
        for epoch in (9, 10):
            shown.begin(epoch)
            for batch in range(1, 5):
                shown.step(batch)
            shown.end({"loss": 0.123456, "seconds": 2.0})
    return file.getvalue()


def test_elsewhere() -> None:
    """One line per epoch, without a carriage return."""
    assert run(io.StringIO()) == "epoch  9/10  loss 0.1235  seconds 2\nepoch 10/10  loss 0.1235  seconds 2\n"


def test_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, written over; a shorter one leaves nothing of a longer one."""
    monkeypatch.setattr(progress, "INTERVAL", 0)
    first, second, rest = run(Terminal()).split("\n")
    looks = first.split("\r")[1:]
    assert looks[0] == "epoch  9/10  [======                  ] 1/4"
    assert looks[3] == "epoch  9/10  [========================] 4/4"
    assert looks[4] == "epoch  9/10  loss 0.1235  seconds 2".ljust(len(looks[3]))
    assert len(second.split("\r")) == 6 and rest == ""


def test_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is never as wide as the terminal, so that it can be written over."""
    monkeypatch.setattr(progress, "INTERVAL", 0)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((20, 5)))
    assert max(len(look) for line in run(Terminal()).split("\n") for look in line.split("\r")) == 19


def test_broken_off() -> None:
    """An interrupt leaves the cursor on a line of its own."""
    file = Terminal()
    with pytest.raises(KeyboardInterrupt), Progress(1, 1, 2, True, file) as shown:
        shown.begin(1)
        shown.step(1)
        raise KeyboardInterrupt
    assert file.getvalue().endswith("] 1/2\n")


def test_off() -> None:
    """Nothing at all."""
    assert run(Terminal(), enabled=False) == ""
