"""The harness says what is true of programs whose times are known."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.harness import (
    Comparison,
    Figure,
    Interval,
    Sample,
    alternate,
    compare,
    fresh_process,
    in_process,
    median_interval,
)


class Machine:
    """A machine with a clock of its own, which runs slower and slower, and remembers what it ran."""

    def __init__(self, slowdown: float = 0.0) -> None:
        self.speed, self.slowdown = 1.0, slowdown
        self.ran: list[str] = []

    def program(self, name: str, seconds: float) -> Sample:
        """A program that takes so many seconds when the machine is fresh."""

        def sample() -> float:
            self.ran.append(name)
            self.speed *= 1 + self.slowdown
            return seconds * self.speed

        return sample


def comparison(high: float, control: float) -> Comparison:
    """A comparison with a limit of 1.05 that differs only in what the verdict looks at."""
    return Comparison("x", 300, 1.0, 1.0, Interval(1.0, 0.9, high), Interval(control, 0.5, 1.5), limit=1.05)


def test_order_flips_each_round() -> None:
    """S R T, T R S, S R T: the subject and the twin have the same neighbours equally often."""
    machine = Machine()
    alternate([machine.program(name, 1.0) for name in "SRT"], rounds=3)
    assert "".join(machine.ran) == "SRTTRSSRT"


def test_warmup_runs_but_does_not_count() -> None:
    """Of two warm-up rounds and three others, three are returned, and they are the last ones."""
    times = iter(range(5))
    seconds = alternate([lambda: float(next(times))], rounds=3, warmup=2)
    np.testing.assert_array_equal(seconds, [[2.0, 3.0, 4.0]])


def test_ratio_survives_a_machine_that_slows_down() -> None:
    """Times grow twentyfold over the run; the paired ratio stays within a per cent, and so the verdict."""
    machine = Machine(slowdown=0.005)
    programs = [machine.program(*row) for row in (("S", 1.1), ("R", 1.0), ("T", 1.0))]
    row = compare("slow", *programs, limit=1.2, rounds=200, warmup=5)
    assert row.ratio.median == pytest.approx(1.1, rel=0.01)
    assert row.control.median == pytest.approx(1.0, rel=0.01)
    assert row.holds and row.rounds == 200
    assert not compare("slow", *programs, limit=1.05, rounds=200).holds


def test_in_process_is_the_mean_over_its_calls() -> None:
    """Ten calls between two readings of the clock, five seconds apart, take half a second each."""
    readings: Iterator[float] = iter((1.0, 6.0))
    runs: list[None] = []
    assert in_process(lambda: runs.append(None), calls=10, clock=lambda: next(readings))() == 0.5
    assert len(runs) == 10


def test_interval_is_seeded() -> None:
    """The same seed gives the same interval; others may give others."""
    values = np.random.default_rng(7).lognormal(0.0, 0.1, 300)
    assert median_interval(values, seed=1) == median_interval(values, seed=1)
    assert len({median_interval(values, seed) for seed in range(20)}) > 1


def test_interval_of_equal_values_is_a_point() -> None:
    """Without noise there is nothing to be unsure of."""
    assert median_interval(np.full(300, 1.25), seed=0) == Interval(1.25, 1.25, 1.25)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Over 200 noisy experiments with a true median of 1, about 95 % of the intervals contain it."""
    rng = np.random.default_rng(3)
    intervals = [median_interval(rng.lognormal(0.0, 0.2, 101), seed) for seed in range(200)]
    covered = sum(interval.low <= 1.0 <= interval.high for interval in intervals)
    assert 180 <= covered <= 199
    assert all(interval.low <= interval.median <= interval.high for interval in intervals)


def test_interval_narrows_with_more_rounds() -> None:
    """Sixteen times the rounds give about a quarter of the width."""
    rng = np.random.default_rng(5)
    few, many = (median_interval(rng.lognormal(0.0, 0.2, size), 0) for size in (100, 1600))
    assert (many.high - many.low) < (few.high - few.low) / 2


@pytest.mark.parametrize(
    ("high", "control", "holds"),
    [(1.05, 1.0, True), (1.0501, 1.0, False), (1.08, 1.04, True), (1.05, 0.98, False)],
)
def test_verdict(high: float, control: float, holds: bool) -> None:
    """The upper end of the interval is held against the limit times the median of the control."""
    assert comparison(high, control).holds is holds


def test_figure_holds_up_to_its_limit() -> None:
    """A figure without a limit always holds."""
    assert Figure("memory", 6.0, "GB", limit=6.0).holds
    assert not Figure("memory", 6.1, "GB", limit=6.0).holds
    assert Figure("memory", 1e9).holds


def test_fresh_process_reads_the_last_word() -> None:
    """A command may print what it likes before its seconds."""
    assert fresh_process([sys.executable, "-c", "print('compiling ...'); print(0.25)"])() == 0.25


@pytest.mark.parametrize("code", ["raise SystemExit('no such model')", "pass"])
def test_fresh_process_that_gives_no_figure(code: str) -> None:
    """It is an error, and says what the process said."""
    with pytest.raises(RuntimeError, match="no figure") as caught:
        fresh_process([sys.executable, "-c", code])()
    assert ("no such model" in str(caught.value)) == ("such" in code)


def test_fresh_process_environment() -> None:
    """Variables are handed on, and JAX's compilation cache is off."""
    code = "import os; print(os.environ['JAX_ENABLE_COMPILATION_CACHE'] == 'false' and os.environ['SECONDS'])"
    assert fresh_process([sys.executable, "-c", code], {"SECONDS": "2.5"})() == 2.5
