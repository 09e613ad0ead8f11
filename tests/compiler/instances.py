"""Instances of rewrite rules: their patterns over real inputs, in every form that their holes and guards admit."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeAlias

import numpy as np
import pytest

import theon
from tests.compiler.matrices import CASES, matrix_cases
from theon.compiler.compilation import Compilation, Options, Signature
from theon.compiler.pattern import AnyRule, Rule, RuleTable
from theon.compiler.rewrite import rewrite
from theon.compiler.rules import TABLES
from theon.graph.errors import TheonError
from theon.graph.graph import Graph
from theon.graph.node import Node, new_input
from theon.graph.op import Op
from theon.graph.types import BOOL, INT32, TensorType, as_dtype
from theon.graph.walk import toposort
from theon.ops.creation import Full
from theon.ops.elementwise import Cast
from theon.ops.gather import ARRAY, Slice
from theon.ops.gradient import StopGradient
from theon.ops.index import Index, IndexUpdate
from theon.ops.moments import Mean
from theon.ops.nn.activations import LogSoftmax, LogSumExp, Softmax
from theon.ops.reduce import Reduce
from theon.ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose, broadcast_to
from theon.ops.special_normal import ndtr_gap

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
    LogSumExp: [LogSumExp((0,)), LogSumExp((1,)), LogSumExp((0, 1))],
    ExpandDims: [ExpandDims((0,)), ExpandDims((1,))],
    Squeeze: [Squeeze((0,)), Squeeze((1,))],
    Reshape: [Reshape((3,)), Reshape((2, 3)), Reshape((3, 2)), Reshape((6,)), Reshape((2, 1)), Reshape((1, 3))],
    Transpose: [Transpose((1, 0)), Transpose((0, 1)), Transpose((0,))],
    BroadcastTo: [BroadcastTo((3,)), BroadcastTo((2, 3)), BroadcastTo((4, 2, 3))],
    Index: [Index(spec) for spec in SPECS],
    IndexUpdate: [IndexUpdate(spec, mode) for mode in ("add", "set") for spec in SPECS],
    Full: [Full(shape, as_dtype(dtype)) for shape in ((3,), (2, 3), (1, 3), ()) for dtype in DTYPES],
    Cast: [Cast(as_dtype(dtype)) for dtype in DTYPES],
    StopGradient: [StopGradient()],
    Mean: [Mean((0,)), Mean((1,)), Mean((0, 1), True), Mean((1,), True)],
}
SHAPES = ((3,), (2, 3), (1, 3), (2, 1), ())

# What a name that stands for a constant may be; 0 where nothing is said.
NUMBERS = {"c": 2, "d": -3, "w": 3}

HAZARDS: dict[str, Callable[[Node, Node], Node]] = {
    "exp(-x**2 / 2) / ndtr(y) -> c * normal_hazard(y)": lambda e, n: e / n,
    "(exp(-x**2 / 2) / w) / ndtr(y) -> c * normal_hazard(y) / w": lambda e, n: e / 3 / n,
    "(exp(-x**2 / 2) * w) / ndtr(y) -> c * normal_hazard(y) * w": lambda e, n: e * 3 / n,
    "ndtr(y) / exp(-x**2 / 2) -> erfcx(-sqrt(1/2) * y) / 2": lambda e, n: n / e,
    "ndtr(y) / (exp(-x**2 / 2) / w) -> w * erfcx(-sqrt(1/2) * y) / 2": lambda e, n: n / (e / 3),
    "ndtr(y) / (exp(-x**2 / 2) * w) -> erfcx(-sqrt(1/2) * y) / 2 / w": lambda e, n: n / (e * 3),
}


def hazard(write: Callable[[Node, Node], Node], x: Node) -> Node:
    return write(theon.exp(theon.square(x) * -0.5), theon.ndtr(-x))


# What a rule is tried on that is no equation, or whose guard wants more than names of one shape.
EXAMPLES: dict[str, Callable[[Node], Node]] = {
    "op(broadcast(x), y) -> op(x, y)": lambda x: broadcast_to(x[..., :1], x.sizes) * x,
    "x * x -> square(x)": lambda x: x * x,
    "x[:, None] -> reshape(x)": lambda x: x[..., None, :],
    "x[i][j] -> x[k]": lambda x: x[None, ..., ::-1][0, ..., :-1, None],
    "x[i].set(v)[i].set(w) -> x[i].set(w)": lambda x: x[0].set(x[1])[0].set(x[1] * 2),
    # Not 0 / exp(-800), which is 0 / 0 as well.
    "x**2 / exp(y) -> (x * exp(-y / 2))**2": lambda x: theon.square(x) / theon.exp(x),
    "concat(x, y)[i] -> x[j]": lambda x: theon.concat([x * 2, x])[x.sizes[0]],
    "log(... exp(x) ...) -> x + log(...)": lambda x: theon.log(2 * (theon.exp(x) * theon.exp(x * x)) / 3),
    "log1p(... exp(x) ...) -> softplus(x + log(...))": lambda x: theon.log1p(2 * theon.exp(x)),
    "t / (t + u) -> sigmoid(log(t) - log(u))": lambda x: (lambda t: t / (t + theon.exp(2 * x)))(3 * theon.exp(x)),
    "log(x * y / z) -> log_product(x, y, 1 / z)": lambda x: theon.log(x * (x - 3) / (2 + x)),
    "sum(x) * (1 / n) -> mean(x)": lambda x: theon.sum(x, axis=0) * (1 / x.sizes[0]),
    "logsumexp(x) - x[i] -> -log_softmax(x)[i]": lambda x: theon.logsumexp(x, axis=0) - x[0],
    "logsumexp(x) - x[i, j] -> -log_softmax(x)[i, j]": lambda x: theon.logsumexp(x, axis=0) - x[np.array([0, 1])],
    "log(x ** c) -> c * log(x), c odd": lambda x: theon.log(x**3),
    "log(x ** c) -> c * log(abs(x)), c even": lambda x: theon.log(x**4),
    "log(ndtr_gap(x, y)) -> ...": lambda x: theon.log(ndtr_gap(x, x - 1)),
    "sqrt(... x**2 ...) -> norm(...)": lambda x: theon.sqrt(theon.square(x * 3)[..., ::-1] / 4 + 2 * theon.square(x)),
    "sqrt(var(x)) -> norm(x - mean(x)) / sqrt(n)": lambda x: theon.sqrt(theon.var(x, axis=0)),
    **{name: partial(hazard, write) for name, write in HAZARDS.items()},
}
# Where a rule's claim is weaker than what its points would test: the gradient of a step, or of nothing.
NO_GRADIENT = {"stop_gradient(x) -> x"}
# The left side has poles at negative whole numbers, where the points lie.
NO_GRADIENT |= {"gammaln(x + 1) - gammaln(x) -> log(abs(x))", "digamma(x + 1) - digamma(x) -> 1 / x"}
# One of its arguments has more digits than the truth is kept with.
NO_GRADIENT |= {"erfinv(erf(x)) -> x"}
# What XLA's own erfc, exp and log1p lose in float64, in units of the last place; what stands on the left loses all.
ROUGH = {
    "log(1 - exp(x)) -> log1mexp(x)": 16,
    "log(-expm1(x)) -> log1mexp(x)": 16,
    "log1p(-exp(x)) -> log1mexp(x)": 16,
    "log(ndtr(x)) -> log_ndtr(x)": 512,
    "1 - ndtr(x) -> ndtr(-x)": 512,
    "erfc(x) / 2 -> ndtr(-sqrt(2) * x)": 1024,
    "exp(-x**2) / erfc(x) -> c * normal_hazard(-sqrt(2) * x)": 512,
    "log(ndtr_gap(x, y)) -> ...": 512,
    "ndtr(y) / exp(-x**2 / 2) -> erfcx(-sqrt(1/2) * y) / 2": 512,
    "ndtr(y) / (exp(-x**2 / 2) / w) -> w * erfcx(-sqrt(1/2) * y) / 2": 512,
    "ndtr(y) / (exp(-x**2 / 2) * w) -> erfcx(-sqrt(1/2) * y) / 2 / w": 512,
    "log1mexp(log(x)) -> log1p(-x)": 64,
    "exp(x) - exp(-x) -> 2 * sinh(x)": 64,
    "exp(x) + exp(-x) -> 2 * cosh(x)": 64,
    # Of an exponential whose argument is rounded, at arguments up to a hundred.
    "1 - tanh(x)**2 -> tanh_slope(x)": 128,
    "1 / cosh(x)**2 -> tanh_slope(x)": 128,
    "(1 / cosh(x))**2 -> tanh_slope(x)": 128,
    "1 / cosh(x) -> sech(x)": 64,
}


# Factorisations round at every step.
ROUGH |= dict.fromkeys(CASES, 32)


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
    Domain(lambda x: -theon.assume(x, "nonnegative"), np.abs),
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


def instances(rule: AnyRule, dtype: str, plain: tuple[int, ...] | None = None) -> Iterator[Instance]:
    """Ways to write a rule's left side; with no op to choose, over inputs of shape `plain`."""
    if rule.name in CASES:
        for inputs, left, brings in matrix_cases(rule.name, dtype):
            yield Instance(inputs, left, tuple(Domain(EVERYWHERE.write, bring) for bring in brings))
        return
    kinds = getattr(rule, "ops", {})
    shapes: tuple[tuple[int, ...], ...] = SHAPES
    if plain is not None and rule.name in EXAMPLES:
        shapes = (plain, *SHAPES)
    elif plain is not None and not kinds:
        shapes = (plain,)
    for shape in shapes:
        if rule.name in EXAMPLES:
            x = new_input(TensorType(as_dtype(dtype), shape), "x")
            yield from attempt(EXAMPLES[rule.name], (x,), (x,))
            continue
        assert isinstance(rule, Rule)
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
    others = (shape, (2,), (3,), ()) if "v" in rule.holes else (shape,)
    for other in others:
        arguments: list[Any] = []
        inputs: list[Node] = []
        for name in rule.holes:
            if name in chosen:
                arguments.append(chosen[name])
                continue
            if name in rule.constants:
                arguments.append(theon.full(shape, NUMBERS.get(name, 0), dtype=dtype))
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
