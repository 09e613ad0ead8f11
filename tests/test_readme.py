"""What the README shows is what happens."""

import re
from pathlib import Path
from typing import Any

import pytest

import theon

README = Path(__file__).resolve().parent.parent / "README.md"


def block(language: str) -> str:
    """The README's one block of a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the example defines, without its last line, which prints."""
    *lines, _ = block("python").splitlines()
    namespace: dict[str, Any] = {}
    exec(compile("\n".join(lines), str(README), "exec"), namespace)
    return namespace


def test_example(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """It runs, and prints what its last comment says, in fifteen lines."""
    code = block("python")
    *_, last = code.splitlines()
    exec(last, names)
    assert capsys.readouterr().out.strip() == last.split("  # ")[1]
    assert sum(bool(line) for line in code.splitlines()) <= 15


def test_picture(names: dict[str, Any], request: pytest.FixtureRequest) -> None:
    """The picture is the example's graph; `--update-golden` draws it anew."""
    drawn = theon.export.mermaid(names["loss"])
    if request.config.getoption("--update-golden"):
        text = README.read_text(encoding="utf-8")
        README.write_text(re.sub(r"(```mermaid\n).*?(```)", lambda m: m[1] + drawn + m[2], text, flags=re.DOTALL))
    assert block("mermaid") == drawn


def test_links() -> None:
    """Every file that it links to is there."""
    targets = re.findall(r"\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert targets and all((README.parent / target).is_file() for target in targets)
