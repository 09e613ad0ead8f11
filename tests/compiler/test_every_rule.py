"""Every rewrite rule is tested because it exists: it fires on its own pattern, keeps the type, ends, and is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import mpmath
import numpy as np
import pytest

import theon
from tests.compiler.exact import Undefined, exact
from tests.compiler.instances import (
    DTYPES,
    NO_GRADIENT,
    ROUGH,
    RULES,
    Array,
    Instance,
    alone,
    compilation_for,
    every_rule,
    firing,
    interned,
)
from tests.op_table.run import evaluator, strict_jax
from theon.compiler.compilation import Options, Signature
from theon.compiler.lower import lower
from theon.compiler.passes import compile_graph
from theon.compiler.pattern import AnyRule, Rule, Transform
from theon.compiler.rewrite import rewrite
from theon.compiler.rules import TABLES
from theon.graph.check import check
from theon.graph.graph import Graph
from theon.ops.elementwise import Cast

# --- Form -----------------------------------------------------------------------------------------------------------


def test_names_are_unique() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)


@every_rule
def test_exactness_is_stated(rule: AnyRule) -> None:
    assert rule.exact in ("bitwise", "reassociates") or rule.exact.startswith("needs ")


@every_rule
def test_both_sides_are_small(rule: AnyRule) -> None:
    """A rule reads as an equation: one expression a side; its guard, or a rewrite that is no equation, a few lines."""

    def size(code: Any) -> int:
        return 0 if code is None else len(code.__code__.co_code) // 2

    if isinstance(rule, Transform):
        assert size(rule.apply) <= 300  # Pythons differ in how much code a line makes
    else:
        assert size(rule.pattern) <= 90
        assert size(rule.replacement) <= 130
        assert size(rule.guard) <= 250


@pytest.mark.parametrize("dtype", DTYPES)
@every_rule
def test_fires_on_its_own_pattern_keeps_the_type_and_ends(rule: AnyRule, dtype: str) -> None:
    found = firing(rule, dtype)
    if not found and isinstance(rule, Rule) and Cast in rule.ops.values():
        return  # a cast to the other dtype is not one that does nothing
    assert found, "no instance of the pattern fires; extend OPS, SHAPES or TRANSFORMS"
    for instance, after in found:
        assert after.type == instance.left.type
        check(Graph(instance.inputs, (after,)), static=True)
        _, again, _ = alone(rule, Instance(instance.inputs, after))  # ends: fuel bounds it
        assert again.type == after.type
        compilation = compilation_for(instance.graph)
        settled = rewrite(interned(instance.graph, compilation), TABLES, compilation)
        check(settled, static=True)
        assert settled.outputs[0].type == after.type


# --- Truth: bitwise rules -------------------------------------------------------------------------------------------


def edges(dtype: str) -> list[float]:
    info = np.finfo(dtype)
    return [
        0.0,
        -0.0,
        1.0,
        -1.0,
        1.5,
        -2.5,
        1 + float(info.eps),
        float(info.tiny),
        float(info.max),
        np.inf,
        -np.inf,
        np.nan,
    ]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.exact == "bitwise"], ids=lambda rule: rule.name)
def test_bitwise_rules_change_no_bit(rule: AnyRule, dtype: str) -> None:
    """On all pairs of edges of the float line, op by op; one nan is as good as another."""
    values = edges(dtype)
    for instance, after in firing(rule, dtype, (len(values) ** 2,), limit=3):
        arrays = instance.fill(values)
        with strict_jax():
            (before_,) = evaluator(instance.inputs, [instance.left])(*arrays)
            (after_,) = evaluator(instance.inputs, [after])(*arrays)
        a, b = np.asarray(before_), np.asarray(after_)
        bits = np.dtype(f"u{a.dtype.itemsize}")
        same = (a.view(bits) == b.view(bits)) | (np.isnan(a) & np.isnan(b))
        assert same.all(), f"{arrays[0][~same]}: {a[~same]} became {b[~same]}"


# --- Truth: all rules -----------------------------------------------------------------------------------------------

POINTS = [-1e4, -800.0, -200.0, -88.0, -30.0, -2.5, -1.0, -0.75, -1e-3, -1e-8, -1e-30, 0.0]
POINTS += [1e-30, 1e-8, 1e-3, 0.5, 1 - 2.0**-20, 1.0, 1 + 2.0**-20, 2.0, 16.0, 30.0, 88.0, 200.0, 800.0, 1e4]
SMOOTH = [-30.0, -3.25, -1.5, -0.75, -1e-3, 1e-3, 0.4, 0.9, 2.0, 17.0, 30.0]
ULPS = 8
DIGITS = 250  # of the truth: what is left of 1 - erf(16) has lost 112 of them


def ulps(got: Any, truth: Any, scale: float, dtype: str) -> float:
    """How far off, in units of the last place of the larger of `truth` and `scale`; 0 where that is not normal."""
    size = max(abs(truth), scale)
    if not float(np.finfo(dtype).tiny) * 2 < size < float(np.finfo(dtype).max):
        return 0.0
    return float(abs(mpmath.mpf(float(got)) - truth) / float(np.spacing(np.asarray(size, dtype))))


def is_elementwise(rule: AnyRule) -> bool:
    return isinstance(rule, Rule) and not rule.ops and len(set(rule.holes) - set(rule.constants)) == 1


def by_turns() -> Iterator[Any]:
    """Each rule in one of the dtypes; in the other it waits for `-m slow`."""
    for i, rule in enumerate(RULES):
        for k, dtype in enumerate(DTYPES):
            marks = [pytest.mark.slow] if (i + k) % 2 else []
            yield pytest.param(rule, dtype, marks=marks, id=f"{rule.name}-{dtype}")


@pytest.mark.parametrize(("rule", "dtype"), list(by_turns()))
def test_both_sides_are_true(rule: AnyRule, dtype: str) -> None:
    """The right side, computed in floats, is the left side's exact value wherever this is a normal number.

    An elementwise rule to a few units in the last place at each point; what sums to a few of max(1, |truth|).
    """
    small = [p for p in POINTS if abs(p) <= 900]
    worst, tested = 0.0, 0
    with mpmath.workdps(DIGITS):
        for instance, after in firing(rule, dtype, (), limit=3):
            for shift in range(len(POINTS) if is_elementwise(rule) else 6):
                spread = [abs(p) for p in small if p] if shift % 2 else small  # so that all are positive at times
                arrays = instance.fill(POINTS if is_elementwise(rule) else spread, shift * 5)
                given = dict(zip(instance.inputs, arrays, strict=True))
                try:
                    truth = exact(instance.left, given)
                except Undefined:
                    continue
                with strict_jax():
                    (got,) = evaluator(instance.inputs, [after])(*arrays)
                scale = 0.0 if is_elementwise(rule) else 1.0
                for mine, true in zip(np.asarray(got).flat, truth.flat, strict=True):
                    far = ulps(mine, true, scale, dtype)
                    assert far <= ROUGH.get(rule.name, ULPS), (
                        f"{arrays}: {mine}, truly {mpmath.nstr(true, 12)}: {far:.0f} ulp"
                    )
                    worst, tested = max(worst, far), tested + 1
    assert tested or not firing(rule, dtype, (), limit=1)


def slope_of(instance: Instance, arrays: Sequence[Array], wrt: list[int], steps: Sequence[Array]) -> Any:
    """The exact derivative of the sum of the left side along steps."""
    fixed = dict(zip(instance.inputs, arrays, strict=True))

    def along(t: Any) -> Any:
        moved = {instance.inputs[k]: exact_array(arrays[k]) + t * step for k, step in zip(wrt, steps, strict=True)}
        return sum(exact(instance.left, {**fixed, **moved}).flat)

    return mpmath.diff(along, 0)


def exact_array(array: Array) -> Array:
    return np.asarray(np.vectorize(lambda v: mpmath.mpf(float(v)), otypes=[object])(array))


def gradient_program(instance: Instance, wrt: list[int]) -> Callable[..., Any]:
    """The gradient of the sum of an instance, taken through the whole pipeline, op by op."""
    gradients = theon.grad(theon.sum(instance.left), [instance.inputs[k] for k in wrt], disconnected_inputs="zero")
    graph = Graph(instance.inputs, tuple(gradients))
    compiled, _ = compile_graph(graph, Signature(tuple(node.tensor for node in instance.inputs)), Options())
    program = lower(compiled).program

    def run(*arrays: Array) -> list[Array]:
        with strict_jax():
            return [np.asarray(part) for part in program([jax.numpy.asarray(a) for a in arrays], [], [], [])[0]]

    return run


def every_other() -> Iterator[Any]:
    """The other half waits for `-m slow`; second derivatives are asked for of all."""
    for i, rule in enumerate(rule for rule in RULES if rule.name not in NO_GRADIENT):
        yield pytest.param(rule, marks=[pytest.mark.slow] if i % 2 else [], id=rule.name)


@pytest.mark.parametrize("rule", list(every_other()))
def test_gradients_are_true(rule: AnyRule) -> None:
    """Along random directions, in float64, away from kinks."""
    rng = np.random.default_rng(3)
    tested = 0
    with mpmath.workdps(DIGITS):
        for instance, _ in firing(rule, "float64", (), limit=3):
            wrt = [k for k, node in enumerate(instance.inputs) if node.dtype.kind == "f"]
            run = gradient_program(instance, wrt)
            for shift in range(0, len(SMOOTH), 1 if is_elementwise(rule) else 4):
                arrays = instance.fill(SMOOTH if is_elementwise(rule) or shift % 8 else np.abs(SMOOTH).tolist(), shift)
                steps = [np.asarray(rng.standard_normal(arrays[k].shape)) for k in wrt]
                try:
                    truth = slope_of(instance, arrays, wrt, steps)
                except Undefined:
                    continue
                found = run(*arrays)
                size = float(sum(np.sum(np.abs(g * s)) for g, s in zip(found, steps, strict=True)))
                got = float(sum(np.sum(g * s) for g, s in zip(found, steps, strict=True)))
                least = 1e-20 if is_elementwise(rule) else 1.0
                assert abs(got - truth) <= 1e-13 * max(size, abs(truth), least), (
                    f"{arrays}: {got}, truly {mpmath.nstr(truth, 17)}"
                )
                tested += 1
    assert tested


ELEMENTWISE = [rule for rule in RULES if is_elementwise(rule) and rule.name not in NO_GRADIENT]


@pytest.mark.optimized
@pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
def test_gradients_are_true_at_the_edges(rule: Rule) -> None:
    """An elementwise rule's gradient in float32, to a few units in the last place at each point where it has one."""
    (instance, _), *_ = firing(rule, "float32", ())
    run = gradient_program(instance, [0])
    (x,) = instance.inputs
    with mpmath.workdps(DIGITS):
        for point in POINTS:
            (array,) = instance.fill([point])
            try:
                here, ahead, behind = (
                    exact(instance.left, {x: exact_array(array) + step}).item() for step in (0, 1e-90, -1e-90)
                )
                truth = mpmath.diff(
                    lambda at: exact(instance.left, {x: np.asarray(at, object)}).item(), mpmath.mpf(float(array))
                )
            except Undefined:
                continue
            if abs(ahead + behind - 2 * here) > abs(truth) * 1e-91:
                continue  # a kink
            far = ulps(run(array)[0], truth, 0.0, "float32")
            assert far <= 2 * ULPS, f"{point}: {run(array)[0]}, truly {mpmath.nstr(truth, 9)}: {far:.0f} ulp"


# --- Complex numbers and ints ---------------------------------------------------------------------------------------


def other_dtypes() -> Iterator[Any]:
    """Every other rule, in one of three; in the others it waits for `-m slow`."""
    for i, rule in enumerate(RULES):
        for k, dtype in enumerate(("complex64", "int32", "bfloat16")):
            marks = [pytest.mark.slow] if i % 2 or (i // 2 + k) % 3 else []
            yield pytest.param(rule, dtype, marks=marks, id=f"{rule.name}-{dtype}")


@pytest.mark.parametrize(("rule", "dtype"), list(other_dtypes()))
def test_other_dtypes(rule: AnyRule, dtype: str) -> None:
    """A rule that fires on other dtypes keeps the type, and the value."""
    values = [1.0, -2.0, 3.0]
    for instance, after in firing(rule, dtype, (3,), limit=2):
        assert after.type == instance.left.type
        arrays = instance.fill(values)
        if dtype.startswith("complex"):
            arrays = [a * np.complex64(1 + 2j) if a.dtype.kind == "c" else a for a in arrays]
        with strict_jax():
            (a,), (b,) = (evaluator(instance.inputs, [side])(*arrays) for side in (instance.left, after))
        wide = np.complex128 if dtype.startswith("complex") else np.float64
        sound = np.isfinite(np.asarray(a).astype(wide))  # what was nan may have become a number
        rough = 0.05 if dtype == "bfloat16" else 1e-5
        np.testing.assert_allclose(
            np.asarray(b).astype(wide)[sound], np.asarray(a).astype(wide)[sound], rough, rough / 10
        )
