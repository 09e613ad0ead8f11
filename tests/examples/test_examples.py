"""The examples run, small; each is a script that stands alone."""

import importlib.util
import os
import statistics
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import theon

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("*.py"))


def load(name: str) -> ModuleType:
    """An example as a module, without running it."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("script", SCRIPTS)
def test_help(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every script says what it does and takes."""
    with pytest.raises(SystemExit) as caught:
        load(script.removesuffix(".py")).main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith("usage: ") and "--seed" in text and "(default: 0)" in text


def test_logistic_regression_alone() -> None:
    """In a process of its own, from the command line."""
    command = [sys.executable, str(EXAMPLES / "logistic_regression.py"), "--steps", "100", "--examples", "100"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("step     0  cost 0.6931\n") and "points are on their side" in done.stdout


def test_logistic_regression_learns() -> None:
    """Nearly all points end on their side."""
    assert load("logistic_regression").main(["--steps", "200"]) > 0.97


def test_digits(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A few epochs learn; without Graphviz there is the DOT alone, and a message."""
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    out = tmp_path / "made" / "here"
    accuracy = load("digits_mlp").main(["--epochs", "4", "--hidden", "64", "--dropout", "0", "--out", str(out)])
    assert accuracy > 0.9
    assert sorted(path.name for path in out.iterdir()) == ["graph.dot", "loss.png"]
    assert (out / "loss.png").read_bytes().startswith(b"\x89PNG")
    text = capsys.readouterr().out
    assert "epoch 4/4  loss " in text and "validation_loss" in text and f"test accuracy {accuracy:.2%}" in text
    assert "no graph.svg: Graphviz, which draws it, is not installed here" in text


@pytest.mark.skipif(theon.export.graphviz() is None, reason="Graphviz is not installed here")
def test_digits_svg(tmp_path: Path) -> None:
    """Where Graphviz is, the SVG is drawn too."""
    digits = load("digits_mlp")
    _, loss = digits.build(digits.arguments(["--hidden", "8"]))
    digits.write_graph(loss, tmp_path)
    assert "layer1" in (tmp_path / "graph.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "package"), [("matplotlib.figure", "matplotlib"), ("sklearn.datasets", "scikit-learn")]
)
def test_missing_packages(module: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is the line that installs it, before any time is spent."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SystemExit, match=f"pip install {package}$"):
        load("digits_mlp").main(["--out", str(tmp_path)])


@pytest.mark.parametrize("flag", [["--epochs", "0"], ["--hidden", "-3"], ["--batch-size", "two"]])
def test_bad_flags(flag: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """argparse refuses, with the flag's name."""
    with pytest.raises(SystemExit) as caught:
        load("digits_mlp").main(flag)
    assert caught.value.code == 2 and f"argument {flag[0]}: " in capsys.readouterr().err


@pytest.mark.slow
def test_digits_reaches_97_percent(tmp_path: Path) -> None:
    """The median over five seeds, on the one test set."""
    digits = load("digits_mlp")
    found = [digits.main(["--seed", str(seed), "--out", str(tmp_path)]) for seed in range(5)]
    assert statistics.median(found) >= 0.97
