"""What a node costs: declare, differentiate and take through the whole pipeline chains of up to a million nodes.

Each size runs in a fresh process, which prints its seconds, the nodes of the differentiated graph and its peak memory.
JAX's tracing is not part of it: the pipeline ends where lowering begins. Then one rewrite pass with all tables is run
with and without a hundred rules more, which are rooted at add, multiply and exp and never match.
"""

import gc
import json
import resource
import statistics
import subprocess
import sys
import time
import timeit
from collections.abc import Callable

import theon
from benchmarks.harness import Comparison, Figure, compare
from benchmarks.report import Report, parser
from theon.compiler.compilation import Compilation, Options, Signature
from theon.compiler.passes import compile_graph
from theon.compiler.pattern import Rule, RuleTable
from theon.compiler.rewrite import rewrite
from theon.compiler.rules import TABLES
from theon.graph.graph import Graph
from theon.graph.node import Node
from theon.graph.types import TensorType
from theon.graph.where import here
from theon.ops.elementwise import elementwise_op

SIZES = (1_000, 10_000, 100_000, 1_000_000)
MICROSECONDS_PER_NODE = 60.0
GROWTH = 12.0
GIGABYTES = 6.0
MORE_RULES = 1.1


def chain(nodes: int) -> Graph:
    """The gradient of a chain of tanh, multiply and add, of so many declared nodes."""
    x = theon.tensor("x", shape=(8,))
    y = x
    for _ in range(nodes // 3):
        y = theon.tanh(y) * x + x
    cost = y.sum()
    return Graph((x,), (cost, theon.grad(cost, x)))


def strangers() -> RuleTable:
    """A hundred rules rooted at add, multiply and exp that never match, for want of the functions below the root."""
    names = ("sin", "cos", "sinh", "cosh", "log", "log1p", "sqrt", "erf", "atan")
    pairs = [(f, g) for i, f in enumerate(names) for g in names[i:]]

    def rule(root: str, first: str, second: str) -> Rule:
        f, g = elementwise_op(first), elementwise_op(second)
        roots: dict[str, Callable[[Node, Node], Node]] = {
            "add": lambda x, y: f(x) + g(y),
            "multiply": lambda x, y: f(x) * g(y),
            "exp": lambda x, y: theon.exp(f(x) - g(y)),
        }
        return Rule(f"{root}({first}(x), {second}(y)) -> x", roots[root], lambda x, y: x)

    rules = [rule(root, f, g) for root in ("add", "multiply", "exp") for f, g in pairs]
    return RuleTable("strangers", tuple(rules[:100]))


def more_rules(nodes: int, rounds: int, seed: int) -> Comparison:
    """A rewrite pass over the differentiated chain with a hundred more rules, by turns with one without."""
    graph = chain(nodes)
    compiled, _ = compile_graph(graph, Signature(tuple(node.tensor for node in graph.inputs)), Options())

    def sweep(tables: tuple[RuleTable, ...]) -> Callable[[], float]:
        def run() -> float:
            compilation = Compilation(Options(), Signature(tuple(node.tensor for node in compiled.inputs)))
            gc.collect()
            started = time.perf_counter()
            rewrite(compiled, tables, compilation)
            return time.perf_counter() - started

        return run

    more = sweep((*TABLES, strangers()))
    fewer, again = sweep(TABLES), sweep(TABLES)
    return compare("a rewrite pass, 100 more rules", more, fewer, again, limit=MORE_RULES, rounds=rounds, seed=seed)


def measure(nodes: int) -> dict[str, float]:
    """One run: seconds of declaring and of the pipeline, final nodes, peak memory in GB."""
    gc.collect()
    started = time.perf_counter()
    graph = chain(nodes)
    declared = time.perf_counter()
    signature = Signature(tuple(node.tensor for node in graph.inputs if isinstance(node.type, TensorType)))
    compiled, compilation = compile_graph(graph, signature, Options())
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    size = len(compiled.nodes())
    return {
        "declare": declared - started,
        "pipeline": done - declared,
        "nodes": size,
        "gigabytes": peak,
        "attempts": compilation.report.attempts,
        **compilation.report.seconds,
    }


def fresh(nodes: int) -> dict[str, float]:
    """`measure` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.graph_scaling", "--one", str(nodes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def birth_line() -> float:
    """Microseconds that finding the user's line costs per declared node."""
    return min(timeit.repeat(here, number=20_000, repeat=9)) / 20_000 * 1e6


def seconds(run: dict[str, float]) -> float:
    return run["declare"] + run["pipeline"]


def main() -> int:
    flags = parser(__doc__ or "", rounds=3)
    flags.add_argument("--one", type=int, help="measure one size in this process and print it as JSON")
    options = flags.parse_args()
    if options.one:
        print(json.dumps(measure(options.one)))
        return 0
    report = Report("graph_scaling", __doc__ or "", seed=options.seed)
    totals: dict[int, float] = {}
    for nodes in SIZES:
        runs = [fresh(nodes) for _ in range(options.rounds)]
        totals[nodes] = statistics.median(map(seconds, runs))
        per_node = totals[nodes] / runs[0]["nodes"] * 1e6
        label = f"{nodes:,} declared nodes, {int(runs[0]['nodes']):,} differentiated"
        report.figures.append(Figure(f"{label}: per node", per_node, "µs", MICROSECONDS_PER_NODE))
        peak = max(run["gigabytes"] for run in runs)
        report.figures.append(Figure(f"{label}: peak memory", peak, "GB", GIGABYTES))
    report.comparisons.append(more_rules(30_000, 10 * options.rounds, options.seed))
    report.figures.append(Figure("the user's line, per declared node", birth_line(), "µs"))
    report.figures.append(Figure("t(1e6) / t(1e5)", totals[1_000_000] / totals[100_000], "", GROWTH))
    return report.finish(options.reports)


if __name__ == "__main__":
    sys.exit(main())
