"""The time of a compiled step against the same step written by hand in JAX, in one process, by turns.

Both have Adam and donated state, start from the same weights, get the same data on the device, and are waited for.
The counters do next to nothing: they measure what a call costs with 1, 10 and 100 states.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks import peers, programs
from benchmarks.harness import compare, in_process
from benchmarks.programs import Run
from benchmarks.report import Report, parser

WIDE, NARROW = (784, 512, 512, 10), (784, 128, 10)
LSTM, WIDE_LSTM = (64, 64, 10), (256, 256, 10)  # inputs, hidden, outputs


def mlp_peer(sizes: tuple[int, ...], batch: int, seed: int) -> Run:
    state = peers.start_training(peers.mlp_weights(sizes, seed))
    return peers.Loop(peers.make_mlp_step(), state, *programs.mlp_data(sizes, batch, seed))


def lstm_peer(sizes: tuple[int, int, int], steps: int, batch: int, seed: int) -> Run:
    state = peers.start_training(peers.lstm_weights(*sizes, seed=seed))
    return peers.Loop(peers.make_lstm_step(), state, programs.lstm_data(sizes[0], steps, batch, seed))


def counters_peer(slots: int) -> Run:
    return peers.Loop(peers.make_counters(), [np.zeros(16, np.float32)] * slots)


@dataclass(frozen=True)
class Row:
    """One comparison: what makes the subject and its reference, how much slower it may be, calls per sample."""

    name: str
    limit: float
    calls: int
    subject: Callable[[], Run]
    reference: Callable[[], Run]


def rows(seed: int) -> list[Row]:
    def mlp(sizes: tuple[int, ...], batch: int, limit: float, calls: int) -> Row:
        name = f"{'-'.join(map(str, sizes))}, batch {batch}"
        return Row(
            name, limit, calls, lambda: programs.make_mlp(sizes, batch, seed), lambda: mlp_peer(sizes, batch, seed)
        )

    def counters(slots: int, calls: int) -> Row:
        name = f"call with {slots} states"
        return Row(name, 1.3, calls, lambda: programs.make_counters(slots), lambda: counters_peer(slots))

    def lstm(sizes: tuple[int, int, int], steps: int, batch: int, limit: float) -> Row:
        def subject() -> Run:
            return programs.make_lstm(*sizes, steps=steps, batch=batch, seed=seed)

        name = f"LSTM, {steps} steps" if sizes == LSTM else f"LSTM {sizes[1]}, {steps} steps, batch {batch}"
        return Row(name, limit, 1, subject, lambda: lstm_peer(sizes, steps, batch, seed))

    return [
        mlp(WIDE, 128, 1.05, 1),
        mlp(NARROW, 32, 1.10, 10),
        *[counters(slots, calls) for slots, calls in ((1, 100), (10, 100), (100, 20))],
        lstm(LSTM, 200, 16, 1.05),
        lstm(WIDE_LSTM, 64, 32, 0.85),
    ]


def main() -> int:
    flags = parser(__doc__ or "")
    flags.add_argument("--only", help="run the rows whose name contains this")
    options = flags.parse_args()
    seed = options.seed
    report = Report("step_time", __doc__ or "", seed=seed, device=programs.device())
    for row in rows(seed):
        if options.only is None or options.only in row.name:
            three = [in_process(make(), row.calls) for make in (row.subject, row.reference, row.reference)]
            report.comparisons.append(compare(row.name, *three, limit=row.limit, rounds=options.rounds, seed=seed))
    return report.finish(options.reports)


if __name__ == "__main__":
    sys.exit(main())
