"""Measure one program against another on a noisy machine, and say only what can be said.

A *sample* runs a program once and returns the seconds that it took: `in_process` makes one of a callable,
`fresh_process` one of a command. `compare` draws samples of three programs by turns: the subject, its
reference, and a twin of the reference that was built separately. The ratio twin / reference is the control
(A/A): what this machine, at this hour, makes of no difference at all. A ratio *holds* when the upper end of
its 95 % interval is at most the limit times the median of the control.
"""

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sample = Callable[[], float]
Clock = Callable[[], float]
Floats = NDArray[np.float64]

RESAMPLES = 2000


def in_process(run: Callable[[], object], calls: int = 1, clock: Clock = time.perf_counter) -> Sample:
    """Sample a callable in this process, as the mean of `calls` runs.

    The callable must return only when its work is done: JAX returns before, unless one waits for a result.
    """

    def sample() -> float:
        start = clock()
        for _ in range(calls):
            run()
        return (clock() - start) / calls

    return sample


def fresh_process(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Sample:
    """Sample a command in a new process each time: it measures itself and prints its seconds last.

    JAX's persistent compilation cache is off in it, so that every process starts cold.
    """
    variables = {**os.environ, "JAX_ENABLE_COMPILATION_CACHE": "false", **(environment or {})}

    def sample() -> float:
        done = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        words = done.stdout.split()
        if done.returncode or not words:
            raise RuntimeError(f"{shlex.join(command)}: status {done.returncode}, no figure\n{done.stderr}")
        return float(words[-1])

    return sample


def alternate(samples: Sequence[Sample], rounds: int, warmup: int = 0) -> Floats:
    """Draw one sample of each program per round, in an order that flips each round.

    Of three programs, the first and the last have the same neighbours equally often, so that each may be
    compared with the one in the middle on the same terms.

    Args:
        samples: the programs.
        rounds: how often each is run.
        warmup: rounds before those, which do not count.

    Returns:
        The seconds, of shape (programs, rounds).
    """
    seconds = np.empty((len(samples), warmup + rounds))
    order = list(range(len(samples)))
    for turn in range(warmup + rounds):
        for index in order:
            seconds[index, turn] = samples[index]()
        order.reverse()
    return seconds[:, warmup:]


@dataclass(frozen=True)
class Interval:
    """A median and the bootstrap interval around it."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.3f} [{self.low:.3f}, {self.high:.3f}]"


def median_interval(values: Floats, seed: int, level: float = 0.95) -> Interval:
    """The median with its percentile bootstrap interval; the same seed gives the same interval."""
    picks = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    medians = np.median(values[picks], axis=1)
    low, high = np.quantile(medians, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(np.median(values)), float(low), float(high))


@dataclass(frozen=True)
class Comparison:
    """A subject against a reference: the median seconds of both, their ratio, the control and the limit."""

    name: str
    rounds: int
    subject: float
    reference: float
    ratio: Interval
    control: Interval
    limit: float

    @property
    def allowed(self) -> float:
        """The limit as this machine lets it be measured: times the median of the control."""
        return self.limit * self.control.median

    @property
    def holds(self) -> bool:
        """Whether the whole interval of the ratio lies within what is allowed."""
        return self.ratio.high <= self.allowed


def compare(
    name: str,
    subject: Sample,
    reference: Sample,
    twin: Sample,
    *,
    limit: float,
    rounds: int = 300,
    warmup: int = 10,
    seed: int = 0,
) -> Comparison:
    """Measure the subject against the reference, with the reference's twin as the control.

    Args:
        name: what is compared, for the report.
        subject: the program in question.
        reference: the program that it is held against.
        twin: the reference once more, built separately.
        limit: the ratio subject / reference that is still good.
        rounds: paired measurements; at least 300 for the time of a step.
        warmup: rounds before those, which do not count.
        seed: of the bootstrap.
    """
    seconds = alternate((subject, reference, twin), rounds, warmup)
    return Comparison(
        name=name,
        rounds=rounds,
        subject=float(np.median(seconds[0])),
        reference=float(np.median(seconds[1])),
        ratio=median_interval(seconds[0] / seconds[1], seed),
        control=median_interval(seconds[2] / seconds[1], seed),
        limit=limit,
    )


@dataclass(frozen=True)
class Figure:
    """A figure that stands for itself; it holds when it is within its limit, or has none."""

    name: str
    value: float
    unit: str = ""
    limit: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the figure is at most its limit."""
        return self.limit is None or self.value <= self.limit
