"""Every public op, by its row in the op table: types, values, gradients to second order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import pytest

import theon
from tests.op_table import ROWS, bessel
from tests.op_table.in_jax import DERIVABLE
from tests.op_table.row import Array, Row, as_array
from tests.op_table.run import (
    Call,
    assert_close,
    calls,
    declare,
    evaluator,
    expected,
    expected_dtype,
    flat,
    strict_jax,
)
from theon.graph.check import check
from theon.graph.graph import Graph
from theon.graph.node import Node, constant, new_input
from theon.graph.types import TensorType, as_dtype, is_inexact

DIFFERENTIABLE = [row for row in ROWS if row.differentiable]

QUICK = {"xla_backend_optimization_level": 0}  # these programs run once: compiling them is what takes time

every_row = pytest.mark.parametrize("row", ROWS, ids=str)
# Compiling these, and JAX's gradients of them, takes many seconds each.
LONGEST = {"linalg.expm", "expi", "exp1", "expn", "poch", "binom", "comb", "polyfit", "kaiser", "dawsn", "exprel"}
LONGEST |= {"owens_t", "gammaincinv", "gammainccinv", "betaincinv", "hyp1f1", "hyp2f1"}
LONGEST |= {"polymul", "intersect1d", "setxor1d", "setdiff1d", "union1d", *(row.name for row in bessel.ROWS)}
# Values of every third row, and gradients of one in twelve; the rest wait for `-m slow`.
VALUES = [
    pytest.param(row, marks=pytest.mark.slow) if i % 3 or row.name in LONGEST else row for i, row in enumerate(ROWS)
]
BY_TURNS = [
    pytest.param(row, marks=pytest.mark.slow) if i % 12 or row.name in LONGEST else row
    for i, row in enumerate(DIFFERENTIABLE)
]


# --- Types ------------------------------------------------------------------------------------------------------------


@every_row
def test_infer_agrees_with_the_lowering(row: Row) -> None:
    """`infer` gives the shape and dtype that tracing gives, and the dtype that the row promises."""
    for call in calls(row):
        inputs, outputs = declare(row, call)
        check(Graph(tuple(inputs), tuple(outputs)))
        arrays = [jax.ShapeDtypeStruct(node.sizes, node.dtype) for node in inputs]
        with strict_jax():
            traced = jax.eval_shape(evaluator(inputs, outputs), *arrays)
        for node, array in zip(outputs, traced, strict=True):
            assert (node.dtype, node.dims) == (array.dtype, array.shape), f"{call[0]} {call[1]}"
        dtype = expected_dtype(row, call)
        assert dtype is None or {node.dtype for node in outputs} == {as_dtype(dtype)}, f"{call[0]} {call[1]}"


@every_row
def test_infer_with_unknown_sizes_is_never_wrong(row: Row) -> None:
    """Declared with sizes unknown, the type has the same rank and dtype, and no size that is not the true one."""
    if not row.unknown:
        pytest.skip("this op needs its sizes at declaration")
    for case in row.cases:
        _, known = declare(row, (case, row.dtypes[0]))
        _, unknown = declare(row, (case, row.dtypes[0]), unknown=True)
        assert len(known) == len(unknown)
        for one, other in zip(known, unknown, strict=True):
            assert one.dtype == other.dtype
            assert one.ndim == other.ndim
            for size, guess in zip(one.dims, other.dims, strict=True):
                assert guess is None or guess == size, f"{case}: {other.type} for {one.type}"


# --- Values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", VALUES, ids=str)
def test_values_agree_with_the_oracle(row: Row) -> None:
    """All calls of a row in one compiled program, against NumPy or SciPy in double precision."""
    programs, operands, wanted, names = [], [], [], []
    for call in calls(row):
        case, combination = call
        inputs, outputs = declare(row, call)
        arrays = row.draw(case, combination)
        programs.append(evaluator(inputs, outputs))
        operands.append(arrays)
        wanted.append(expected(row, arrays, case.kwargs))
        names.append(f"{row.name}{case} in {combination}")
    for special in row.special:
        dtypes = row.operand_dtypes(row.dtypes[0], len(special.operands))
        arrays = [as_array(v, dtype) for v, dtype in zip(special.operands, dtypes, strict=True)]
        inputs = [new_input(TensorType(a.dtype, a.shape)) for a in arrays]
        programs.append(evaluator(inputs, flat(row.function(*inputs, **special.kwargs))))
        operands.append(arrays)
        wanted.append(expected(row, arrays, special.kwargs))
        names.append(f"{row.name} of special values")

    def together(groups: Any) -> Any:
        return [run(*group) for run, group in zip(programs, groups, strict=True)]

    with strict_jax():
        found = jax.jit(together, compiler_options=QUICK)(operands)
    for got, want, name in zip(found, wanted, names, strict=True):
        assert len(got) == len(want), name
        for mine, theirs in zip(got, want, strict=True):
            assert_close(mine, theirs, row.ulps, name)


# --- Gradients --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Probe:
    """A row's calls joined to one scalar: a random weighted sum of all results, to be differentiated along `steps`."""

    inputs: list[Node]
    wrt: list[int]  # positions in `inputs`
    outputs: list[Node]
    weights: list[Array]
    point: list[Array]
    steps: list[Array]  # one per wrt

    def moved(self, far: float) -> list[Array]:
        """The point, a way along the steps."""
        point = list(self.point)
        for position, step in zip(self.wrt, self.steps, strict=True):
            point[position] = point[position] + far * step
        return point


def wide(dtype: str) -> str:
    """Inexact dtypes in 64 bits a part."""
    if not is_inexact(as_dtype(dtype)):
        return dtype
    return "complex128" if dtype.startswith("complex") else "float64"


def gradient_calls(row: Row) -> list[Call]:
    """Every second case (or those that the row names) with the main dtypes; other combinations with one of them."""
    cases = row.gradient_cases or row.cases[::2]
    return [(case, row.dtypes[0]) for case in cases] + [(cases[1 % len(cases)], other) for other in row.gradient_dtypes]


def probe(row: Row) -> Probe:
    """All gradient calls of a row. Weights and steps are as complex as what they meet."""
    rng = np.random.default_rng(7)
    inputs: list[Node] = []
    wrt: list[int] = []
    outputs: list[Node] = []
    point: list[Array] = []
    for case, combination in gradient_calls(row):
        dtypes = tuple(map(wide, row.operand_dtypes(combination, len(case.shapes))))
        nodes, results = declare(row, (case, dtypes))
        chosen = row.wrt if row.wrt is not None else range(len(nodes))
        wrt += [len(inputs) + i for i in chosen if is_inexact(nodes[i].dtype)]
        inputs += nodes
        outputs += [node for node in results if is_inexact(node.dtype)]
        point += row.draw(case, dtypes)
    steps = [noise(rng, inputs[i]) for i in wrt]
    return Probe(inputs, wrt, outputs, [noise(rng, node) for node in outputs], point, steps)


def noise(rng: np.random.Generator, like: Node) -> Array:
    value = rng.standard_normal(like.sizes)
    if like.dtype.kind == "c":
        value = value + 1j * rng.standard_normal(like.sizes)
    return np.asarray(value)


def by_theon(test: Probe) -> list[list[Array]]:
    """Cost, slope along the steps, gradient and curvature along the steps: at the point, and a little way off it."""
    xs = [test.inputs[i] for i in test.wrt]

    def joined(nodes: Sequence[Node], factors: Sequence[Array]) -> Node:
        return sum(
            (theon.sum(theon.real(n * f)) for n, f in zip(nodes, factors, strict=True)), constant(0.0, "float64")
        )

    cost = joined(test.outputs, test.weights)
    first = theon.grad(cost, xs, disconnected_inputs="zero")
    slope = joined(first, test.steps)
    second = theon.grad(slope, xs, disconnected_inputs="zero")
    run = theon.function(test.inputs, [cost, slope, *first, *second], on_unused_input="ignore")
    return [[np.asarray(value) for value in run(*test.moved(far))] for far in (0.0, STEP, -STEP)]


def by_jax(test: Probe) -> tuple[list[Array], list[Array]]:
    """Gradient and curvature by `jax.grad` of the lowerings."""
    lowered = evaluator(test.inputs, test.outputs, DERIVABLE)

    def joined(values: Sequence[Any], factors: Sequence[Array]) -> Any:
        return sum(jax.numpy.sum(jax.numpy.real(v * f)) for v, f in zip(values, factors, strict=True))

    def cost(xs: Sequence[Any]) -> Any:
        arrays: list[Any] = list(test.point)
        for position, x in zip(test.wrt, xs, strict=True):
            arrays[position] = x
        return joined(lowered(*arrays), test.weights)

    def both(xs: Sequence[Any]) -> Any:
        first = jax.grad(cost)
        return first(xs), jax.grad(lambda at: joined(first(at), test.steps))(xs)

    with jax.enable_x64(True):
        first, second = jax.jit(both, compiler_options=QUICK)([test.point[i] for i in test.wrt])
    return [np.asarray(g) for g in first], [np.asarray(g) for g in second]


STEP = 1e-5  # errors of a central difference: 1e-10 of the third derivative, 1e-11 of the value


@pytest.mark.parametrize("row", BY_TURNS, ids=str)
def test_gradients_agree_with_jax_and_with_differences(row: Row) -> None:
    """Orders 1 and 2, by every wrt, over all cases at once."""
    test = probe(row)
    (_, slope, *both), ahead, behind = by_theon(test)
    first, second = both[: len(test.wrt)], both[len(test.wrt) :]
    for order, mine, theirs in zip((1, 2), (first, second), by_jax(test), strict=True):
        for position, got, want in zip(test.wrt, mine, theirs, strict=True):
            assert got.dtype == test.inputs[position].dtype
            assert got.shape == want.shape
            far = np.max(np.abs(got - want), initial=0.0)
            near = 1e-12 * max(1.0, np.max(np.abs(want), initial=0.0))
            assert far <= near, f"order {order} by operand {position} {want.shape}: {far} off"
    bend = sum(np.sum((g * s).real) for g, s in zip(second, test.steps, strict=True))
    for order, exact, k in ((1, slope, 0), (2, bend, 1)):
        measured = (ahead[k] - behind[k]) / (2 * STEP)
        assert abs(measured - exact) <= 1e-6 * max(1.0, abs(exact)), f"order {order}: {measured}, derived {exact}"
