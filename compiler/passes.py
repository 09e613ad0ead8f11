"""The pipeline: one tuple of (name, pass), the only order there is.

    specialise -> segment -> batch -> sink -> hoist -> recognise -> differentiate (recognising again between rounds)
               -> simplify -> decompose -> lift -> widen -> prune -> fuse -> lower

Recognition comes before everything that could hide a pattern, and before differentiation, so that gradients are
derived from repaired code.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from ..graph.graph import Graph
from ..ops.assume import Assume
from ..ops.linear_algebra.determinant import Cofactors, Det, SlogDet
from ..ops.linear_algebra.factorize import Cholesky
from ..ops.linear_algebra.systems import Inverse, Solve
from ..ops.linear_algebra.triangle import Triangle
from ..ops.region import everything
from .batch import batch, inline
from .compilation import Compilation, Options, Report, Signature
from .differentiate import differentiate
from .facts import check_assumptions
from .fuse import fuse
from .hoist import hoist, hoist_fixed
from .prune import prune
from .repair import repair, selected
from .rewrite import rewrite
from .rules import ALGEBRA, DECOMPOSITIONS, LINEAR_ALGEBRA, SHAPES, TABLES
from .segment import segment
from .sink import sink
from .specialize import specialize
from .widen import widen

Pass: TypeAlias = Callable[[Graph, Compilation], Graph]


DECOMPOSED = (Assume, Cholesky, Cofactors, Det, Inverse, SlogDet, Solve, Triangle)


def simplify_pass(graph: Graph, compilation: Compilation) -> Graph:
    return rewrite(
        graph, selected((table for table in TABLES if table is not DECOMPOSITIONS), compilation), compilation
    )


def decompose_pass(graph: Graph, compilation: Compilation) -> Graph:
    """Systems, inverses and determinants as factorisations, which they may share; nothing where there are none."""
    if not any(isinstance(node.op, DECOMPOSED) for node in everything(graph)):
        return graph
    tables = selected((LINEAR_ALGEBRA, DECOMPOSITIONS, ALGEBRA, SHAPES), compilation)
    return rewrite(graph, tables, compilation)


def gradient_pass(graph: Graph, compilation: Compilation) -> Graph:
    return inline(differentiate(graph, compilation, repair), compilation)


PIPELINE: tuple[tuple[str, Pass], ...] = (
    ("specialise", specialize),
    ("segment", segment),
    ("batch", batch),
    ("sink", sink),
    ("hoist", hoist),
    ("recognise", repair),
    ("differentiate", gradient_pass),
    ("simplify", simplify_pass),
    ("decompose", decompose_pass),
    ("lift", hoist_fixed),
    ("widen", widen),
    ("prune", prune),
    ("fuse", fuse),
)
PLAIN: tuple[tuple[str, Pass], ...] = tuple(
    step for step in PIPELINE if step[0] in ("specialise", "segment", "batch", "sink", "differentiate")
)
# For programs whose derivatives JAX will take: those of parts that nobody wants would come into the sum, times 0.
DERIVABLE: tuple[tuple[str, Pass], ...] = tuple(step for step in PIPELINE if step[0] != "fuse")


def compile_graph(
    graph: Graph,
    signature: Signature,
    options: Options,
    *,
    after_pass: Callable[[str, Graph], None] | None = None,
    trace: bool = False,
    pipeline: tuple[tuple[str, Pass], ...] = PIPELINE,
) -> tuple[Graph, Compilation]:
    """`graph` taken through the pipeline for one signature; `after_pass` sees every stage (the tests check each).

    `trace` records every firing of a rule, and the size of the graph after every stage.
    """
    compilation = Compilation(options, signature, report=Report(steps=[] if trace else None))
    if options.check_assumptions:
        graph = check_assumptions(graph)
    with collector_paused():
        for name, transform in PLAIN if options.rewrites == "none" else pipeline:
            started = time.perf_counter()
            compilation.stage = name
            graph = transform(graph, compilation)
            compilation.report.seconds[name] = time.perf_counter() - started
            if trace:
                compilation.report.sizes[name] = len(everything(graph))
            if after_pass is not None:
                after_pass(name, graph)
    return graph, compilation


@contextmanager
def collector_paused() -> Iterator[None]:
    """Nodes make no cycles, and all of a compilation's live to its end: looking through them for garbage is in vain."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
