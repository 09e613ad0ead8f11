"""The time from a program's text to its first step, caches cold, against hand-written JAX: fresh processes, by turns.

Imports do not count. Making weights, declaring, compiling, putting the state on the device and the step itself do.
"""

import sys
import time
from collections.abc import Callable

from benchmarks import peers, programs
from benchmarks.harness import compare, fresh_process
from benchmarks.report import Report, parser

SIZES, BATCH = (784, 512, 512, 10), 128
LIMIT = 1.1


def theon_run(seed: int) -> Callable[[], object]:
    x, labels = programs.mlp_data(SIZES, BATCH, seed)

    def run() -> object:
        return programs.declare_mlp(SIZES, BATCH, seed)(x, labels).block_until_ready()

    return run


def jax_run(seed: int) -> Callable[[], object]:
    data = programs.mlp_data(SIZES, BATCH, seed)

    def run() -> object:
        state = peers.start_training(peers.mlp_weights(SIZES, seed))
        return peers.make_mlp_step()(state, *data)[1].block_until_ready()

    return run


RUNS = {"theon": theon_run, "jax": jax_run}


def one(which: str, seed: int) -> float:
    run = RUNS[which](seed)
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main() -> int:
    flags = parser(__doc__ or "", rounds=15)
    flags.add_argument("--one", choices=sorted(RUNS), help="take one sample in this process and print its seconds")
    options = flags.parse_args()
    if options.one:
        print(one(options.one, options.seed))
        return 0

    def sample(which: str) -> Callable[[], float]:
        command = [sys.executable, "-m", "benchmarks.first_step", "--one", which, "--seed", str(options.seed)]
        return fresh_process(command)

    report = Report("first_step", __doc__ or "", seed=options.seed, device=programs.device())
    three = sample("theon"), sample("jax"), sample("jax")
    name = "first step of 784-512-512-10, batch 128"
    report.comparisons.append(compare(name, *three, limit=LIMIT, rounds=options.rounds, warmup=1, seed=options.seed))
    return report.finish(options.reports)


if __name__ == "__main__":
    sys.exit(main())
