"""Every rewrite rule to second order: both its sides, with rewriting on and off, against exact derivatives.

The left side is what users write: it goes through the default preset. The right side is what it becomes, and what a
user who knows the named helpers writes: it has to be right with every rewrite off as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import mpmath
import numpy as np
import pytest

import theon
from tests.compiler.derivatives import SMALLEST, Derivatives, along, derivatives
from tests.compiler.exact import Undefined, exact, numbers
from tests.compiler.instances import DTYPES, EXAMPLES, NO_GRADIENT, ROUGH, RULES, Array, Instance, firing
from tests.compiler.matrices import CASES
from tests.compiler.soundness.meaning import MEANINGS, meaning_of
from tests.op_table.run import strict_jax
from theon.compiler.compilation import Options, Signature
from theon.compiler.lower import lower
from theon.compiler.passes import compile_graph
from theon.compiler.pattern import AnyRule, Rule
from theon.graph.graph import Graph
from theon.graph.node import Node

DIGITS = 300
# Numbers of both dtypes: where exponentials turn, and where 1 + x and x**2 lose x.
PLACES = [-800.0, -88.0, -30.0, -2.5, -1.0, -0.75, -(2.0**-10), -(2.0**-27), -(2.0**-60), 0.0]
PLACES += [2.0**-60, 2.0**-27, 2.0**-10, 0.5, 1 - 2.0**-20, 1.0, 1 + 2.0**-20, 2.0, 16.0, 30.0, 88.0, 800.0]
PAIRS = 16  # points of a rule of several operands
ULPS = (8, 16, 32)  # over the condition number: of the value, the gradient, the second derivative

# Where an entry of the Hessian may be right beside the largest one only, and why.
NO_SECOND = {
    "sqrt(x**2 + y**2 + z**2) -> hypot(hypot(x, y), z)": "of two small legs beside a large one, two terms cancel",
}

SMOOTH = [rule for rule in RULES if rule.name not in NO_GRADIENT]


def pointwise(rule: AnyRule) -> bool:
    """Whether each element of the result is of the same place in each operand."""
    return isinstance(rule, Rule) and not rule.ops and rule.name not in CASES and rule.name not in EXAMPLES


def floats(instance: Instance) -> list[int]:
    return [k for k, node in enumerate(instance.inputs) if node.dtype.kind == "f"]


def compiled(instance: Instance, out: Node, seeds: Sequence[Sequence[Any]], rewrites: str) -> Graph:
    """Value, gradient, and for each of `seeds` the gradient of its product with the gradient; of the sum."""
    at = [instance.inputs[k] for k in floats(instance)]
    first = theon.grad(theon.sum(out), at, disconnected_inputs="zero")
    parts = [out, *first]
    for seed in seeds:
        terms = [theon.sum(g * s) for g, s in zip(first, seed, strict=True) if s is not None]
        parts += theon.grad(sum(terms[1:], start=terms[0]), at, disconnected_inputs="zero")
    signature = Signature(tuple(node.tensor for node in instance.inputs))
    return compile_graph(Graph(instance.inputs, tuple(parts)), signature, Options(rewrites=rewrites))[0]


def by_lowering(graph: Graph, points: Sequence[Sequence[Array]]) -> list[list[Array]]:
    """A graph at each of several points, op by op."""
    program = lower(graph).program
    with strict_jax():
        results = [program([jax.numpy.asarray(a) for a in arrays], [], [], [])[0] for arrays in points]
        return [[np.asarray(part) for part in parts] for parts in results]


def by_numpy(graph: Graph, points: Sequence[Sequence[Array]]) -> list[list[Array]]:
    """The same by what NumPy says each op means, all points at once; by the lowering where an op is no row there."""
    found = {node: np.stack(column) for node, column in zip(graph.inputs, zip(*points, strict=True), strict=True)}
    with np.errstate(all="ignore"):
        for node in graph.nodes():
            if node not in found:
                if type(node.op) not in MEANINGS:
                    return by_lowering(graph, points)
                found[node] = meaning_of(node)(node, *[found[source] for source in node.inputs])
    parts = [np.broadcast_to(found[out], (len(points), *out.sizes)) for out in graph.outputs]
    return [[part[place] for part in parts] for place in range(len(points))]


def sides(instance: Instance, after: Node, seeds: Sequence[Sequence[Any]]) -> dict[str, Graph]:
    return {
        "as written": compiled(instance, instance.left, seeds, "default"),
        "as rewritten, with no rewrites": compiled(instance, after, seeds, "none"),
    }


# --- Rules that work on each element --------------------------------------------------------------------------------


def points_of(rule: AnyRule, dtype: str) -> tuple[Instance, Node, Instance, list[Array]] | None:
    """An instance over a column of points, what it becomes, the same over single numbers, and the points."""
    names = len(getattr(rule, "holes", ())) - len(getattr(rule, "constants", ()))
    size = len(PLACES) if names == 1 else PAIRS
    found = firing(rule, dtype, (size,), limit=1)
    single = firing(rule, dtype, (), limit=1)
    if not found or not single or found[0][0].left.sizes != (size,):
        return None
    instance, after = found[0]
    arrays = instance.fill(PLACES)
    if names > 1:
        rng = np.random.default_rng(5)
        drawn = [np.asarray(rng.choice(PLACES, size), a.dtype) if a.dtype.kind == "f" else a for a in arrays]
        brings = [domain.bring for domain in instance.domains] or [np.asarray] * len(drawn)
        arrays = [bring(a) for bring, a in zip(brings, drawn, strict=True)]
    return instance, after, single[0][0], arrays


def exact_at(single: Instance, arrays: Sequence[Array], place: int) -> Derivatives | None:
    wrt = floats(single)
    fixed = {node: a[place] for k, (node, a) in enumerate(zip(single.inputs, arrays, strict=True)) if k not in wrt}

    def function(point: Sequence[Any]) -> Any:
        moved = {single.inputs[k]: np.asarray(x, object) for k, x in zip(wrt, point, strict=True)}
        return exact(single.left, {**fixed, **moved}).item()

    try:
        return derivatives(function, [mpmath.mpf(float(arrays[k][place])) for k in wrt])
    except Undefined:
        return None


def error(got: float, truth: Any, condition: Any, dtype: str) -> float:
    """In units of the last place over the condition number; 0 where the truth is no normal number."""
    info = np.finfo(dtype)
    if not 128 * float(info.tiny) < abs(truth) < float(info.max) or abs(truth) < SMALLEST:
        return 0.0
    if not np.isfinite(got):
        return float("inf")
    unit = mpmath.mpf(2) ** (mpmath.mag(truth) - 1 - info.nmant)
    return float(abs(mpmath.mpf(got) - truth) / unit / max(1, condition / abs(truth)))


def by_turns() -> Iterator[Any]:
    """Each rule in one of the dtypes; in the other it waits for `-m slow`."""
    for i, rule in enumerate(rule for rule in SMOOTH if pointwise(rule)):
        for k, dtype in enumerate(DTYPES):
            marks = [pytest.mark.slow] if (i + k) % 2 else []
            yield pytest.param(rule, dtype, marks=marks, id=f"{rule.name}-{dtype}")


@pytest.mark.parametrize(("rule", "dtype"), list(by_turns()))
def test_each_element_is_true_to_second_order(rule: Rule, dtype: str) -> None:
    """Value, gradient and every entry of the Hessian, to a few units in the last place over the condition number."""
    found = points_of(rule, dtype)
    if found is None or not floats(found[0]):
        return  # of bools, or of no column: below
    instance, after, single, arrays = found
    n = len(floats(instance))
    seeds = [[1.0 if j == k else None for j in range(n)] for k in range(n)]
    results = {side: by_lowering(graph, [arrays])[0] for side, graph in sides(instance, after, seeds).items()}
    tested = 0
    with mpmath.workdps(DIGITS):
        for place in range(len(arrays[0])):
            truth = exact_at(single, arrays, place)
            if truth is None or not abs(truth.parts[0]) < float(np.finfo(dtype).max):
                continue
            tested += 1
            largest = max(map(abs, truth.parts[1 + n :]))
            for side, parts in results.items():
                for part, true, condition, order in zip(parts, truth.parts, truth.conditions, truth.order, strict=True):
                    excused = condition if order or n > 1 else 0
                    if order == 2 and rule.name in NO_SECOND:
                        excused = max(condition, largest)
                    far = error(float(part[place]), true, excused, dtype)
                    assert far <= max(ULPS[order], ROUGH.get(rule.name, 0)), (
                        f"{side}, derivative {order} at {[float(a[place]) for a in arrays]}: {part[place]}, truly "
                        f"{mpmath.nstr(true, 12)}: {far:.0f} ulp"
                    )
    assert tested


# --- Rules that join elements, move them or choose ------------------------------------------------------------------


JOINING = [rule for rule in SMOOTH if not pointwise(rule)]
# Of the sum of the magnitudes of all terms, and of 1.
LOOSE = {"float32": 2.0**-13, "float64": 2.0**-42}
SPREAD = [-30.0, -3.25, -1.5, -0.75, -(2.0**-10), 2.0**-10, 0.4375, 0.875, 2.0, 17.0, 30.0]
# These are applied to gradients that are already derived: beside orthogonal matrices the sides are two functions.
AMONG_ORTHOGONAL = {"a.mT @ a -> eye", "inv(orthogonal) -> a.mT", "solve(orthogonal, b) -> a.mT @ b"}


def joining() -> Iterator[Any]:
    """Rules, dtypes and ways to evaluate; what takes long is marked slow."""
    for (i, rule), dtype, evaluate in itertools.product(enumerate(JOINING), DTYPES, (by_numpy, by_lowering)):
        factored = rule.name in CASES  # its lowering is all there is
        if not factored or evaluate is by_lowering:
            slow = dtype == "float32" if factored else evaluate is by_lowering or (i + (dtype == "float32")) % 2
            marks = [pytest.mark.slow] if slow else []
            yield pytest.param(rule, dtype, evaluate, marks=marks, id=f"{rule.name}-{dtype}-{evaluate.__name__}")


@pytest.mark.parametrize(("rule", "dtype", "evaluate"), list(joining()))
def test_the_whole_is_true_to_second_order(rule: AnyRule, dtype: str, evaluate: Callable[..., Any]) -> None:
    """The sum of the value, and its two derivatives along a direction."""
    rng = np.random.default_rng(3)
    tested = 0
    for instance, after in firing(rule, dtype, (), limit=1):
        wrt = floats(instance)
        steps = [rng.standard_normal(instance.inputs[k].sizes).astype(dtype) for k in wrt]
        shifts = range(len(SPREAD)) if is_single(instance) else (0, 4, 8)
        points = [instance.fill(SPREAD if k % 8 else np.abs(SPREAD).tolist(), k) for k in shifts]
        with mpmath.workdps(DIGITS):
            truths = [exact_along(instance, arrays, wrt, steps) for arrays in points]
        known = [(a, t) for a, t in zip(points, truths, strict=True) if t is not None and held(t, dtype)]
        tested += len(known)
        for side, graph in sides(instance, after, [steps]).items() if known else ():
            orders = 1 if rule.name in AMONG_ORTHOGONAL and side != "as written" else 3
            run = by_lowering if is_single(instance) else evaluate
            for (arrays, truth), parts in zip(known, run(graph, [a for a, _ in known]), strict=True):
                for order, terms in list(enumerate(split(parts, steps)))[:orders]:
                    got, size = float(np.sum(terms)), float(np.sum(np.abs(terms)))
                    far = abs(got - float(truth[order])) / max(size, abs(float(truth[order])), 1.0)
                    assert far <= LOOSE[dtype], (
                        f"{side}, derivative {order} at {arrays}: {got}, truly {float(truth[order])}"
                    )
    assert tested or not firing(rule, dtype, (), limit=1)


def is_single(instance: Instance) -> bool:
    return all(node.ndim == 0 for node in instance.inputs)


def held(truth: Sequence[Any], dtype: str) -> bool:
    """Whether terms as large as these sum to what the dtype holds."""
    return bool(max(map(abs, truth)) < float(np.finfo(dtype).max) / 1e6)


def split(parts: Sequence[Array], steps: Sequence[Array]) -> list[Array]:
    """The terms whose sums are the value and its derivatives along steps."""
    out, *rest = parts
    products = [np.asarray(g, float) * np.asarray(s, float) for g, s in zip(rest, [*steps, *steps], strict=True)]
    n = len(steps)
    return [
        np.ravel(out).astype(float),
        *(np.concatenate([np.ravel(p) for p in some]) for some in (products[:n], products[n:])),
    ]


def exact_along(
    instance: Instance, arrays: Sequence[Array], wrt: Sequence[int], steps: Sequence[Array]
) -> tuple[Any, Any, Any] | None:
    """The sum of the left side, and its two derivatives along steps."""
    fixed = dict(zip(instance.inputs, arrays, strict=True))

    def function(t: Any) -> Any:
        moved = {instance.inputs[k]: numbers(arrays[k]) + t * numbers(s) for k, s in zip(wrt, steps, strict=True)}
        return sum(exact(instance.left, {**fixed, **moved}).flat, start=mpmath.mpf(0))

    try:
        return along(function)
    except Undefined:
        return None
