"""A report says what was found, and nothing about the machine that does not matter."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks.harness import Comparison, Figure, Interval
from benchmarks.report import Report, command_line, duration

ROW = Comparison("x", 300, 1.0, 0.012, Interval(1.0, 0.9, 1.02), Interval(1.0, 0.5, 1.5), limit=1.05)


def test_report(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Both files are written and agree; the exit status is the verdict; no folder of the machine gets in."""
    monkeypatch.setattr(sys, "argv", ["step_time.py", "--rounds", "300", f"--reports={tmp_path}"])
    report = Report("step_time", "Time of a step.", seed=4)
    report.comparisons.append(ROW)
    assert report.finish(tmp_path) == 0
    report.figures.append(Figure("memory", 7.25, "GB", limit=6.0))
    assert report.finish(tmp_path) == 1

    text = (tmp_path / "step_time.md").read_text(encoding="utf-8")
    assert "| x | 1 s | 12 ms | 1.000 [0.900, 1.020] | 1.000 [0.500, 1.500] | 1.05 | 1.050 | 300 | yes |" in text
    assert "| memory | 7.25 GB | 6 GB | NO |" in text
    assert capsys.readouterr().out.endswith(text + "\n")

    content = json.loads((tmp_path / "step_time.json").read_text(encoding="utf-8"))
    assert content["seed"] == 4 and content["holds"] is False
    assert content["comparisons"][0]["ratio"] == {"median": 1.0, "low": 0.9, "high": 1.02}
    assert set(content["environment"]) == {"python", "theon", "jax", "numpy", "platform", "cores", "device"}
    for written in (text, json.dumps(content)):
        assert str(tmp_path.parent) not in written


def test_command_line_names_no_folder() -> None:
    """An absolute path keeps its last part, in either spelling of a flag."""
    line = command_line("scan", ["--data", "/some/where/digits.npz", "--reports=/some/where", "--seed", "1"])
    assert line == "python -m benchmarks.scan --data digits.npz --reports=where --seed 1"


@pytest.mark.parametrize(("seconds", "text"), [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (4.5678e-5, "45.68 us")])
def test_duration(seconds: float, text: str) -> None:
    """Times are shown in the unit that suits them."""
    assert duration(seconds) == text
