"""DOT, Mermaid and SVG: the whole text for a small graph, and whole files or none."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import theon
from theon.graph.graph import Graph

Golden = Callable[[str, str], None]
NASTY = 'a "name" \\N {x} <b>&lt;#1`|]\nin lines'


def step() -> Graph:
    """A layer in a scope and a loop, with an update and names that every format would trip over."""
    x = theon.tensor("x", shape=("batch", 2))
    w = theon.shared(np.zeros((2, 2), np.float32), name="W")
    nasty = theon.shared(0.0, name=NASTY)
    with theon.scope("layer"), theon.scope("inner"):
        h = theon.tanh(x @ w)
    total, _ = theon.scan(lambda c, row: (c + row, None), theon.zeros(2), h)
    return Graph((x,), (theon.print(total, NASTY),), ((nasty, nasty + 1),))


def test_dot(golden: Golden) -> None:
    """The DOT text, complete; it is the same when declared again."""
    golden("step.dot", theon.export.dot(step()))
    assert theon.export.dot(step()) == theon.export.dot(step())


def test_mermaid(golden: Golden) -> None:
    """The Mermaid text, complete."""
    golden("step.mmd", theon.export.mermaid(step()))


def test_texts_are_written_too(tmp_path: Path) -> None:
    """A path writes what is returned."""
    for export in (theon.export.dot, theon.export.mermaid):
        text = export(step(), tmp_path / "graph.txt")
        assert (tmp_path / "graph.txt").read_text(encoding="utf-8") == text
    assert os.listdir(tmp_path) == ["graph.txt"]


@pytest.mark.parametrize("export", [theon.export.dot, theon.export.mermaid])
def test_a_missing_folder_is_an_error(export: Callable[..., str], tmp_path: Path) -> None:
    """The error names the file and the user's line."""
    with pytest.raises(theon.export.ExportError) as caught:
        export(theon.vector("x"), tmp_path / "missing" / "graph.dot")
    first, line, *_ = str(caught.value).splitlines()
    assert first.startswith("cannot write graph.dot: ") and "test_pictures.py" in line


def fake_dot(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a `dot` on PATH that runs a shell script; its output file is `$3`."""
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bin")


def test_svg(tmp_path: Path, bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphviz gets the DOT text on standard input; its file is moved into place."""
    fake_dot(bin_folder, monkeypatch, '[ "$1" = -Tsvg ] && [ "$2" = -o ] && cat > "$3"')
    path = tmp_path / "graph.svg"
    path.write_text("an older one")
    assert theon.export.svg(step(), path) == path
    assert path.read_text(encoding="utf-8") == theon.export.dot(step())
    assert os.listdir(tmp_path) == ["graph.svg"]


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ('echo half > "$3"; echo broken >&2; exit 3', "Graphviz failed with status 3\n|  received: broken"),
        ("exit 0", "Graphviz failed with status 0"),
    ],
)
def test_a_failing_graphviz_leaves_nothing(
    script: str, what: str, tmp_path: Path, bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood there before still stands, and nothing lies beside it."""
    fake_dot(bin_folder, monkeypatch, script)
    path = tmp_path / "graph.svg"
    path.write_text("an older one")
    with pytest.raises(theon.export.ExportError, match=what):
        theon.export.svg(step(), path)
    assert path.read_text() == "an older one" and os.listdir(tmp_path) == ["graph.svg"]


def test_without_graphviz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what is missing and what to do."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(theon.export.ExportError) as caught:
        theon.export.svg(step(), tmp_path / "graph.svg")
    text = str(caught.value)
    assert text.startswith("an SVG needs the program `dot` of Graphviz, which is not installed here\n")
    assert "hint: install Graphviz" in text and not os.listdir(tmp_path)


@pytest.mark.skipif(theon.export.graphviz() is None, reason="Graphviz is not installed here")
def test_svg_by_graphviz(tmp_path: Path) -> None:
    """Graphviz takes the text, names and all."""
    text = theon.export.svg(step(), tmp_path / "graph.svg").read_text(encoding="utf-8")
    assert "<svg" in text and "tanh" in text and "a &quot;name&quot; \\N" in text
