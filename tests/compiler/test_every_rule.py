"""Every rewrite rule is tested because it exists: it fires on its own pattern, keeps the type, ends, and is true."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import jax
import mpmath
import numpy as np
import pytest

import theon
from tests.compiler.exact import Undefined, exact
from tests.op_table.run import evaluator, strict_jax
from theon.compiler.compilation import Compilation, Options, Signature
from theon.compiler.lower import lower
from theon.compiler.passes import compile_graph
from theon.compiler.pattern import AnyRule, Rule, RuleTable, Transform
from theon.compiler.rewrite import rewrite
from theon.compiler.rules import TABLES
from theon.graph.check import check
from theon.graph.errors import RuleError, TheonError
from theon.graph.graph import Graph
from theon.graph.node import Node, new_input
from theon.graph.op import Op
from theon.graph.types import BOOL, INT32, TensorType, as_dtype
from theon.graph.walk import toposort
from theon.ops.arithmetic import add, multiply
from theon.ops.elementwise import Cast, Elementwise
from theon.ops.gather import ARRAY, Slice
from theon.ops.gradient import StopGradient
from theon.ops.index import Index, IndexUpdate
from theon.ops.moments import Mean
from theon.ops.nn.activations import LogSoftmax, Softmax
from theon.ops.reduce import Reduce
from theon.ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose, broadcast_to
from theon.ops.transcendental import cos, sin

Array: TypeAlias = "np.ndarray[Any, Any]"

RULES = [rule for table in TABLES for rule in table.rules]
DTYPES = ("float32", "float64")
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)

EVERY = Slice(None, None, None)
SPECS: tuple[tuple[Any, ...], ...] = (
    (0,),
    (ARRAY,),
    (Slice(1, None, None),),
    (EVERY, 0),
    (0, EVERY),
    (EVERY, ARRAY),
    (ARRAY, ARRAY),
)
# What a name in a pattern that stands for an op may be, by class: enough for each rule to find one that fits.
OPS: dict[type[Op], list[Op]] = {
    Reduce: [
        Reduce(kind, axes, kept)
        for kind in ("sum", "max", "prod")
        for axes in ((0,), (1,), (0, 1), ())
        for kept in (False, True)
    ],
    Softmax: [Softmax((0,)), Softmax((1,))],
    LogSoftmax: [LogSoftmax((0,)), LogSoftmax((1,))],
    ExpandDims: [ExpandDims((0,)), ExpandDims((1,))],
    Squeeze: [Squeeze((0,)), Squeeze((1,))],
    Reshape: [Reshape((3,)), Reshape((2, 3)), Reshape((3, 2)), Reshape((6,)), Reshape((2, 1)), Reshape((1, 3))],
    Transpose: [Transpose((1, 0)), Transpose((0, 1)), Transpose((0,))],
    BroadcastTo: [BroadcastTo((3,)), BroadcastTo((2, 3)), BroadcastTo((4, 2, 3))],
    Index: [Index(spec) for spec in SPECS],
    IndexUpdate: [IndexUpdate(spec, "add") for spec in SPECS],
    Cast: [Cast(as_dtype(dtype)) for dtype in DTYPES],
    StopGradient: [StopGradient()],
    Mean: [Mean((0,)), Mean((1,)), Mean((0, 1), True)],
}
SHAPES = ((3,), (2, 3), (1, 3), (2, 1))

# What a rule that is no equation is tried on.
TRANSFORMS: dict[str, Callable[[Node], Node]] = {
    "op(broadcast(x), y) -> op(x, y)": lambda x: broadcast_to(x[..., :1], x.sizes) * x,
    "x[:, None] -> reshape(x)": lambda x: x[..., None, :],
}
# Where a rule's claim is weaker than what its points would test: the gradient of a step, or of nothing.
NO_GRADIENT = {"stop_gradient(x) -> x"}
# The slope of tanh is 1 - tanh(x)**2 here as elsewhere: as exact as tanh, and no more.
NO_GRADIENT |= {
    "sinh(x) / cosh(x) -> tanh(x)",
    "(exp(x) - exp(-x)) / (exp(x) + exp(-x)) -> tanh(x)",
    "expm1(x) / (exp(x) + 1) -> tanh(x / 2)",
    "-expm1(x) / (exp(x) + 1) -> -tanh(x / 2)",
}
# What XLA's own erfc, exp and log1p lose in float64, in units of the last place; what stands on the left loses all.
ROUGH = {
    "log(1 - exp(x)) -> log1mexp(x)": 16,
    "log(-expm1(x)) -> log1mexp(x)": 16,
    "log1p(-exp(x)) -> log1mexp(x)": 16,
    "log(ndtr(x)) -> log_ndtr(x)": 512,
    "1 - ndtr(x) -> ndtr(-x)": 512,
}


# --- Instances of patterns ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Domain:
    """What a name may have to stand for, so that a guard holds: how it is written, and numbers brought inside."""

    write: Callable[[Node], Node]
    bring: Callable[[Array], Array]


def to_unit(array: Array) -> Array:
    size = np.abs(array)
    return np.where(size <= 1, size, 1 / np.maximum(size, 1)).astype(array.dtype)


EVERYWHERE = Domain(lambda x: x, lambda array: array)
DOMAINS = (
    EVERYWHERE,
    Domain(lambda x: theon.assume(x, "unit"), to_unit),
    Domain(lambda x: theon.assume(x, "positive"), lambda array: np.abs(array) + (array == 0).astype(array.dtype)),
    Domain(lambda x: 1 + theon.assume(x, "nonnegative"), np.abs),
)


@dataclass(frozen=True)
class Instance:
    """A graph that is a rule's left side, over inputs."""

    inputs: tuple[Node, ...]
    left: Node
    domains: tuple[Domain, ...] = ()

    def fill(self, values: Sequence[float], shift: int = 0) -> list[Array]:
        """Arrays for the inputs, of numbers for which the guard holds."""
        arrays = fill(self.inputs, values, shift)
        return (
            [domain.bring(array) for domain, array in zip(self.domains, arrays, strict=True)]
            if self.domains
            else arrays
        )

    @property
    def graph(self) -> Graph:
        return Graph(self.inputs, (self.left,))


def instances(rule: AnyRule, dtype: str, plain: tuple[int, ...] | None = None) -> Iterator[Instance]:
    """Ways to write a rule's left side; with no op to choose, over inputs of shape `plain`."""
    kinds = getattr(rule, "ops", {})
    shapes = (plain,) if plain is not None and not kinds and isinstance(rule, Rule) else SHAPES
    for shape in shapes:
        if isinstance(rule, Transform):
            x = new_input(TensorType(as_dtype(dtype), shape), "x")
            yield from attempt(lambda x: TRANSFORMS[rule.name](x), (x,), (x,))
            continue
        classes = [kind if isinstance(kind, tuple) else (kind,) for kind in kinds.values()]
        arrays = sum(name in ("i", "j") for name in rule.holes)
        choices = [[op for one in several for op in OPS[one] if takes(op, arrays)] for several in classes]
        for ops in itertools.product(*choices):
            chosen = dict(zip(kinds, ops, strict=True))
            yield from written(rule, dtype, shape, chosen)


def takes(op: Op, arrays: int) -> bool:
    """Whether an op wants as many index arrays as the pattern has names for."""
    return not isinstance(op, (Index, IndexUpdate)) or op.spec.count(ARRAY) == arrays


def written(rule: Rule, dtype: str, shape: tuple[int, ...], chosen: dict[str, Op]) -> Iterator[Instance]:
    """The left side with ops chosen: the other names are inputs of one shape, zeros, bools or indices."""
    for other in (shape, (2,), (3,), ()) if "v" in rule.holes else (shape,):
        arguments: list[Any] = []
        inputs: list[Node] = []
        for name in rule.holes:
            if name in chosen:
                arguments.append(chosen[name])
                continue
            if name in rule.constants:
                arguments.append(theon.zeros(shape, dtype=dtype))
                continue
            type_ = TensorType(as_dtype(dtype), other if name == "v" else shape)
            type_ = TensorType(BOOL, shape) if name in rule.bools else type_
            type_ = TensorType(INT32, (2,)) if name in ("i", "j") else type_
            inputs.append(new_input(type_, name))
            arguments.append(inputs[-1])
        yield from guarded(rule, arguments, inputs)


def guarded(rule: Rule, arguments: Sequence[Any], inputs: Sequence[Node]) -> Iterator[Instance]:
    """The left side over the widest domains for which the guard holds."""
    floats = [node.dtype.kind == "f" for node in inputs]
    plain = rule.guard is None or len(inputs) > 2
    for domains in itertools.product(*[DOMAINS if real and not plain else (EVERYWHERE,) for real in floats]):
        written = {node: domain.write(node) for domain, node in zip(domains, inputs, strict=True)}
        put = [written[a] if isinstance(a, Node) and a in written else a for a in arguments]
        found = [one for one in attempt(rule.pattern, put, inputs) if rule.match(one.left)]
        if found:
            yield from (Instance(one.inputs, one.left, domains) for one in found)
            return


def attempt(pattern: Callable[..., Node], arguments: Sequence[Any], inputs: Sequence[Node]) -> Iterator[Instance]:
    try:
        left = pattern(*arguments)
    except (TheonError, IndexError, TypeError, StopIteration):
        return  # these ops do not fit this shape
    if all(is_full(node) for node in toposort([left])):
        yield Instance(tuple(inputs), left)


def is_full(node: Node) -> bool:
    """Whether an index says something of every axis, as those that users write come to do."""
    if not isinstance(node.op, (Index, IndexUpdate)):
        return True
    return sum(entry is not None for entry in node.op.spec) == node.inputs[0].ndim


def compilation_for(graph: Graph) -> Compilation:
    return Compilation(Options(), Signature(tuple(node.tensor for node in graph.inputs)))


def interned(graph: Graph, compilation: Compilation) -> Graph:
    """A graph over the compilation's own nodes, as every pass but the first meets it."""
    intern = compilation.interner.intern_all
    return Graph(tuple(intern(graph.inputs)), tuple(intern(graph.outputs)))


def alone(rule: AnyRule, instance: Instance) -> tuple[Instance, Node, int]:
    """An instance in interned form, what one rule makes of it, and how often that rule fired."""
    compilation = compilation_for(instance.graph)
    graph = interned(instance.graph, compilation)
    after = rewrite(graph, (RuleTable("alone", (rule,)),), compilation)
    return (
        Instance(graph.inputs, graph.outputs[0], instance.domains),
        after.outputs[0],
        compilation.report.counts.get(rule.name, 0),
    )


@cache
def firing(
    rule: AnyRule, dtype: str, plain: tuple[int, ...] | None = None, limit: int = 6
) -> list[tuple[Instance, Node]]:
    """Instances on which the rule fires, and what they become."""
    found: list[tuple[Instance, Node]] = []
    for instance in instances(rule, dtype, plain):
        before, after, times = alone(rule, instance)
        if times:
            found.append((before, after))
        if len(found) == limit:
            break
    return found


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
        assert max(size(rule.pattern), size(rule.replacement)) <= 60
        assert size(rule.guard) <= 150


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


def fill(inputs: Sequence[Node], values: Sequence[float], shift: int = 0) -> list[Array]:
    """Arrays of the inputs' types out of a list of values, over and over; ints and bools alternate."""
    arrays = []
    for k, node in enumerate(inputs):
        size = int(np.prod(node.sizes))
        if node.dtype.kind in "bi":
            arrays.append(((np.arange(size) + shift + k) % 2).reshape(node.sizes).astype(node.dtype))
        else:
            # Of a second input each value meets each of the first: one goes round, the other stays.
            index = (np.arange(size) + shift) if k == 0 else (np.arange(size) + shift) // len(values) + (k - 1)
            arrays.append(np.asarray(values)[index % len(values)].reshape(node.sizes).astype(node.dtype))
    return arrays


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
    return isinstance(rule, Rule) and not rule.ops and len(rule.holes) == 1


@pytest.mark.parametrize("dtype", DTYPES)
@every_rule
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
    return np.asarray(np.vectorize(mpmath.mpf, otypes=[object])(array))


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


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.name not in NO_GRADIENT], ids=lambda rule: rule.name)
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


@pytest.mark.parametrize("dtype", ("complex64", "int32", "bfloat16"))
@every_rule
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
        rough = 0.05 if dtype == "bfloat16" else 1e-5
        np.testing.assert_allclose(np.asarray(a).astype(wide), np.asarray(b).astype(wide), rtol=rough, atol=rough / 10)


# --- Broken rules ---------------------------------------------------------------------------------------------------


def broken(*rules: AnyRule) -> None:
    """Rewrite `sin(x)` by rules that should not be."""
    x = new_input(TensorType(as_dtype("float32"), (3,)), "x")
    graph = Graph((x,), (sin(x),))
    compilation = compilation_for(graph)
    rewrite(interned(graph, compilation), (RuleTable("broken", rules),), compilation)


def test_a_rule_that_changes_the_type_is_named() -> None:
    with pytest.raises(RuleError, match=r"rule 'narrows' failed: changes the type from float32\[3\] to float16\[3\]"):
        broken(Rule("narrows", lambda x: sin(x), lambda x: x.astype("float16")))
    with pytest.raises(RuleError, match="rule 'grows' failed: changes the type"):
        broken(Rule("grows", lambda x: sin(x), lambda x: theon.stack([x, x])))


def test_a_rule_that_raises_is_named() -> None:
    with pytest.raises(RuleError, match="rule 'divides' failed: ZeroDivisionError: division by zero"):
        broken(Rule("divides", lambda x: sin(x), lambda x: x * (1 / 0)))
    with pytest.raises(RuleError, match="rule 'guards' failed: KeyError"):
        broken(Rule("guards", lambda x: sin(x), lambda x: x, guard=lambda x: dict[str, bool]()["x"]))
    with pytest.raises(RuleError, match="rule 'mismatches' failed: "):
        broken(Rule("mismatches", lambda x: sin(x), lambda x: x + theon.zeros((4,))))
    with pytest.raises(RuleError, match="rule 'transforms' failed: IndexError"):
        broken(Transform("transforms", Elementwise, lambda node: node.inputs[5]))


def test_a_rule_that_goes_on_for_ever_is_named() -> None:
    with pytest.raises(RuleError, match="rule 'grows for ever' failed: rules seem to undo each other"):
        broken(Rule("grows for ever", lambda x: sin(x), lambda x: sin(sin(x))))
    with pytest.raises(RuleError, match="rule 'adds for ever' failed: rules seem to undo each other"):
        broken(Rule("adds for ever", lambda x: sin(x), lambda x: sin(x + 1)))


def test_rules_that_undo_each_other_are_named() -> None:
    there = Rule("there", lambda x: sin(x), lambda x: cos(x))
    back = Rule("back", lambda x: cos(x), lambda x: sin(x))
    with pytest.raises(RuleError, match=r"rule '(there|back)' failed: rules seem to undo each other"):
        broken(there, back)


def test_a_rule_that_swaps_for_ever_is_named() -> None:
    x = new_input(TensorType(as_dtype("float32"), (3,)), "x")
    y = new_input(TensorType(as_dtype("float32"), (3,)), "y")
    graph = Graph((x, y), (add(x, y),))
    compilation = compilation_for(graph)
    table = RuleTable("broken", (Rule("swaps", lambda a, b: a + b, lambda a, b: b + a),))
    with pytest.raises(RuleError, match="rule 'swaps' failed: rules seem to undo each other"):
        rewrite(interned(graph, compilation), (table,), compilation)


# --- The record -----------------------------------------------------------------------------------------------------


def test_the_report_counts_firings_and_records_steps() -> None:
    x = new_input(TensorType(as_dtype("float32"), (3,)), "x")
    graph = Graph((x,), (theon.log(1 + theon.exp(x)) * 1,))
    _, compilation = compile_graph(graph, Signature((x.tensor,)), Options(), trace=True)
    report = compilation.report
    assert report.counts == {"log(1 + exp(x)) -> softplus(x)": 1, "x * 1 -> x": 1}
    assert report.steps is not None
    assert [(step.stage, step.rule) for step in report.steps] == [
        ("recognise", "log(1 + exp(x)) -> softplus(x)"),
        ("simplify", "x * 1 -> x"),
    ]
    assert [step.after.op.name for step in report.steps] == ["softplus", "softplus"]


def test_attempts_are_bounded() -> None:
    """The index lets a node meet only the rules that it could match: a few attempts per node, at any size."""
    x = new_input(TensorType(as_dtype("float32"), (3,)), "x")
    node = x
    for k in range(2000):
        node = theon.tanh(multiply(node, x)) + k
    graph = Graph((x,), (node,))
    _, compilation = compile_graph(graph, Signature((x.tensor,)), Options())
    assert compilation.report.attempts <= 6 * len(graph.nodes())


def test_rewriting_is_settled() -> None:
    """What the rules have left, they leave again."""
    x = new_input(TensorType(as_dtype("float32"), (2, 3)), "x")
    value = theon.log((theon.exp(x) / theon.sum(theon.exp(x), axis=1)[:, None])[:, 0] * 1) - 0
    graph = Graph((x,), (theon.grad(theon.sum(-value), x), value))
    compiled, compilation = compile_graph(graph, Signature((x.tensor,)), Options())
    again = rewrite(compiled, TABLES, compilation)
    assert all(a is b for a, b in zip(again.roots, compiled.roots, strict=True))
