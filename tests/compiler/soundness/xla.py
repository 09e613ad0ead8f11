"""The same graphs through XLA: the whole pipeline, and gradients against `jax.grad` of the unrewritten program."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

import theon
from theon.compiler.compilation import Options, Signature
from theon.compiler.lower import lower
from theon.compiler.passes import compile_graph
from theon.graph.graph import Graph
from theon.graph.walk import toposort
from theon.ops.elementwise import Elementwise

from .case import Case
from .check import ROUGH_SLOPES, Finding, Outcome, assumptions_hold, compiled, held_back
from .draft import GENERIC
from .known import Known
from .rows import Array
from .slopes import slopes

RADII = 32.0  # XLA's functions are rounded more coarsely than NumPy's
UNITS = 64.0
JAX_AGREES = 1e-3  # of gradients that are promised to a millionth


def check_xla(case: Case, outcome: Outcome) -> None:
    """Add to `outcome` what is wrong with a graph's compiled function."""
    function = theon.function(
        list(case.inputs), list(case.graph.outputs), options=Options(progress=None), on_unused_input="ignore"
    )
    plain, _ = compiled(case, "none")
    case.sheet.run(plain.outputs)
    forward = len(case.outputs)
    knowns = case.sheet.exact([*case.outputs, *plain.outputs[forward:]])
    graph, fired = compiled(case, "default")
    rough = not ROUGH_SLOPES.isdisjoint(fired)
    by_jax = jax_gradients(case) if case.wrt and not rough and not held_back(case) else None
    for point in assumptions_hold(case):
        if flushed(case, graph, point):
            continue
        arrays = [case.points[node][point] for node in case.inputs]
        found = [np.asarray(value) for value in function(*arrays)]
        outcome.through_xla += 1
        for k, (got, known) in enumerate(zip(found, knowns, strict=True)):
            if got.dtype.kind == "f" and (k < forward or (point in GENERIC and not rough)):
                compare(case, k, point, got, known, outcome)
        if by_jax is not None and point in GENERIC:
            theirs = [np.asarray(value) for value in by_jax(arrays)]
            before = len(outcome.findings)
            compare_gradients(case, point, found[forward:], theirs, knowns[forward:], outcome)
            if outcome.findings[before:] and confirmed(case, point, found[forward:], knowns):
                del outcome.findings[before:]


def flushed(case: Case, graph: Graph, point: int) -> bool:
    """Whether XLA may lose a quotient: it multiplies by a reciprocal, and of huge numbers that is flushed to 0."""
    case.sheet.run(graph.outputs)
    for node in toposort(graph.outputs):
        if isinstance(node.op, Elementwise) and node.op.row.name == "divide":
            (below,) = case.sheet.run(node.inputs[1:])
            if (np.abs(below[point % len(below)]) > 1 / float(np.finfo(below.dtype).tiny)).any():
                return True
    return False


def compare(case: Case, k: int, point: int, got: Array, known: Known, outcome: Outcome) -> None:
    near, radius = (np.broadcast_to(a[point % len(a)], got.shape) for a in (known.near, known.radius))
    info = np.finfo(got.dtype)
    with np.errstate(all="ignore"):
        units = UNITS * (float(info.eps) * np.abs(near) + float(info.tiny))
        wrong = (
            np.isfinite(radius) & np.isfinite(near) & ~(np.abs(got.astype(np.float64) - near) <= RADII * radius + units)
        )
    outcome.xla_elements += got.size
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        at = (float(got[place]), np.nan, float(near[place]), float(radius[place]))
        outcome.findings.append(Finding(case.seed, "default", "wrong through XLA", k, (point, *place), *at))


def jax_gradients(case: Case) -> Any:
    """`jax.grad` of the sum of the outputs, as the unrewritten forward graph lowers."""
    graph = Graph(case.inputs, case.outputs)
    signature = Signature(tuple(node.tensor for node in graph.inputs))
    forward, _ = compile_graph(graph, signature, Options(rewrites="none"))
    program = lower(forward).program
    places = [_place(case, node) for node in case.wrt]

    def cost(*arrays: Any) -> Any:
        outputs, _, _ = program(arrays, [], [], [])
        return sum((jax.numpy.sum(output) for output in outputs[1:]), jax.numpy.sum(outputs[0]))

    gradient = jax.jit(jax.grad(cost, argnums=tuple(places)))

    def at(arrays: list[Array]) -> Any:
        with jax.enable_x64(True):
            return gradient(*arrays)

    return at


def confirmed(case: Case, point: int, got: list[Array], knowns: list[Known]) -> bool:
    """Whether differences of exact values say that JAX's gradient is the one that lost its digits."""
    found = slopes(case, knowns, [point])
    pairs = zip(got, case.along, strict=False)
    slope = sum(float(np.sum(part.astype(np.float64) * step)) for part, step in pairs)
    return bool(abs(slope - found.first[point]) <= RADII * found.first_radius[point])


def _place(case: Case, node: Any) -> int:
    return next(i for i, leaf in enumerate(case.inputs) if leaf is node)


def compare_gradients(
    case: Case, point: int, got: list[Array], theirs: list[Array], knowns: list[Known], outcome: Outcome
) -> None:
    """Where a gradient is promised to a millionth, JAX's is the same, unless it is not finite."""
    for k, (mine, other) in enumerate(zip(got, theirs, strict=False)):
        near, radius = (a[point % len(a)] for a in (knowns[k].near, knowns[k].radius))
        size = np.abs(near) + float(np.finfo(mine.dtype).tiny) * 1e3
        sharp = np.isfinite(other) & (radius <= 1e-6 * size)
        with np.errstate(all="ignore"):
            off = sharp & ~(np.abs(mine.astype(np.float64) - other) <= JAX_AGREES * size)
            off &= ~(np.abs(mine.astype(np.float64) - near) <= 1e-6 * size)  # then it is JAX's that is not
        if off.any():
            place = tuple(int(i) for i in np.argwhere(off)[0])
            at = (float(mine[place]), float(other[place]), float(near[place]), float(radius[place]))
            what = "not what jax.grad gives"
            outcome.findings.append(Finding(case.seed, "default", what, len(case.outputs) + k, (point, *place), *at))


__all__ = ["check_xla"]
