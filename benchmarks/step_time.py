"""The time of a compiled step against the same step written by hand in JAX, in one process, by turns.

Both have Adam and donated state, start from the same weights, get the same data on the device, and are waited for.
The counters do next to nothing: they measure what a call costs with 1, 10 and 100 states.
"""

import sys
from collections.abc import Callable

import numpy as np

from benchmarks import peers, programs
from benchmarks.harness import compare, in_process
from benchmarks.report import Report, parser

WIDE, NARROW = (784, 512, 512, 10), (784, 128, 10)
LSTM = {"inputs": 64, "hidden": 64, "outputs": 10}
STEPS, LSTM_BATCH = 200, 16


def mlp_peer(sizes: tuple[int, ...], batch: int, seed: int) -> Callable[[], object]:
    state = peers.start_training(peers.mlp_weights(sizes, seed))
    return peers.Loop(peers.make_mlp_step(), state, *programs.mlp_data(sizes, batch, seed))


def lstm_peer(seed: int) -> Callable[[], object]:
    state = peers.start_training(peers.lstm_weights(**LSTM, seed=seed))
    return peers.Loop(peers.make_lstm_step(), state, programs.lstm_data(LSTM["inputs"], STEPS, LSTM_BATCH, seed))


def counters_peer(slots: int) -> Callable[[], object]:
    return peers.Loop(peers.make_counters(), [np.zeros(16, np.float32)] * slots)


def main() -> int:
    flags = parser(__doc__ or "")
    flags.add_argument("--only", help="run the rows whose name contains this")
    options = flags.parse_args()
    seed = options.seed
    rows: list[tuple[str, float, int, Callable[[], Callable[[], object]], Callable[[], Callable[[], object]]]] = [
        ("784-512-512-10, batch 128", 1.05, 1, lambda: programs.make_mlp(WIDE, 128, seed), lambda: mlp_peer(WIDE, 128, seed)),
        ("784-128-10, batch 32", 1.10, 10, lambda: programs.make_mlp(NARROW, 32, seed), lambda: mlp_peer(NARROW, 32, seed)),
        *(
            (
                f"call with {n} states",
                1.3,
                100 if n < 100 else 20,
                lambda n=n: programs.make_counters(n),
                lambda n=n: counters_peer(n),
            )
            for n in (1, 10, 100)
        ),
        (
            f"LSTM, {STEPS} steps",
            1.05,
            1,
            lambda: programs.make_lstm(**LSTM, steps=STEPS, batch=LSTM_BATCH, seed=seed),
            lambda: lstm_peer(seed),
        ),
    ]
    report = Report("step_time", __doc__ or "", seed=seed, device=programs.device())
    for name, limit, calls, subject, reference in rows:
        if options.only is None or options.only in name:
            three = [in_process(make(), calls) for make in (subject, reference, reference)]
            report.comparisons.append(compare(name, *three, limit=limit, rounds=options.rounds, seed=seed))
    return report.finish(options.reports)


if __name__ == "__main__":
    sys.exit(main())
