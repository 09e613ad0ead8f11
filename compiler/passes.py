"""The pipeline: one tuple of (name, pass), the only order there is.

    specialise -> hoist -> recognise -> differentiate (recognising again between rounds) -> simplify -> lower

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
from ..ops.region import everything
from .batch import batch
from .compilation import Compilation, Options, Report, Signature
from .differentiate import differentiate
from .hoist import hoist
from .prune import prune
from .rewrite import rewrite
from .rules import ALGEBRA, RECOGNISE, SHAPES, STABILITY
from .specialize import specialize

Pass: TypeAlias = Callable[[Graph, Compilation], Graph]


def recognise_pass(graph: Graph, compilation: Compilation) -> Graph:
    return rewrite(graph, (RECOGNISE, STABILITY), compilation)


def simplify_pass(graph: Graph, compilation: Compilation) -> Graph:
    return rewrite(graph, (RECOGNISE, STABILITY, ALGEBRA, SHAPES), compilation)


def gradient_pass(graph: Graph, compilation: Compilation) -> Graph:
    repair = recognise_pass if compilation.options.rewrites == "default" else (lambda graph, _: graph)
    return differentiate(graph, compilation, repair)


PIPELINES: dict[str, tuple[tuple[str, Pass], ...]] = {
    "default": (
        ("specialise", specialize),
        ("batch", batch),
        ("hoist", hoist),
        ("recognise", recognise_pass),
        ("differentiate", gradient_pass),
        ("simplify", simplify_pass),
        ("prune", prune),
    ),
    "none": (
        ("specialise", specialize),
        ("batch", batch),
        ("differentiate", gradient_pass),
    ),
}


def compile_graph(
    graph: Graph,
    signature: Signature,
    options: Options,
    *,
    after_pass: Callable[[str, Graph], None] | None = None,
    trace: bool = False,
) -> tuple[Graph, Compilation]:
    """`graph` taken through the pipeline for one signature; `after_pass` sees every stage (the tests check each).

    `trace` records every firing of a rule, and the size of the graph after every stage.
    """
    compilation = Compilation(options, signature, report=Report(steps=[] if trace else None))
    with collector_paused():
        for name, transform in PIPELINES[options.rewrites]:
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
