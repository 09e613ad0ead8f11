"""Jacobians, Hessians and products, of every differentiable op and of random programs, against JAX's; to order 3."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon
from tests.compiler.programs import random_program
from tests.op_table import ROWS, bessel
from tests.op_table.in_jax import DERIVABLE
from tests.op_table.row import Array, Case, Row
from tests.op_table.run import declare, evaluator
from theon.compiler.compilation import Options, Signature
from theon.compiler.lower import lower
from theon.compiler.passes import compile_graph
from theon.graph.graph import Graph
from theon.graph.node import Node, new_input
from theon.graph.types import TensorType, as_dtype, is_inexact

QUICK = {"xla_backend_optimization_level": 0}  # these programs run once: compiling them is what takes time
LIMIT = 1e-12  # of the largest element, at each order
MOST = 12  # elements of a wrt: third derivatives are small matters


def by_theon(inputs: Sequence[Node], wrt: Node, f: Node, u: Array, v: Array) -> list[Node]:
    """Both Jacobians, in one piece and in pieces; both products; the Hessian of a cost; and three of order three."""
    cost = theon.sum(f * u)
    slope = theon.grad(cost, wrt, disconnected_inputs="zero")
    moved = theon.Rop(slope, wrt, v)
    return [
        theon.jacobian(f, wrt),
        theon.jacobian(f, wrt, chunk=3),
        theon.jacobian(f, wrt, mode="forward"),
        theon.vjp(f, wrt, u),
        theon.jvp(f, wrt, v),
        theon.hessian(cost, wrt),
        theon.hessian_vector_product(cost, wrt, v),
        theon.grad(theon.sum(moved * v), wrt, disconnected_inputs="zero"),
        theon.Rop(theon.hessian(cost, wrt), wrt, v),
        theon.grad(theon.sum(theon.jacobian(theon.Rop(f, wrt, v), wrt, disconnected_inputs="zero") ** 2), wrt,
                   disconnected_inputs="zero"),
    ]  # fmt: skip


def by_jax(f: Callable[[Any], Any]) -> Callable[..., list[Any]]:
    """The same, of a point, weights and a direction."""
    return lambda x, u, v: derivatives(f, u, v)(x)


def derivatives(f: Callable[[Any], Any], u: Any, v: Any) -> Callable[[Any], list[Any]]:

    def cost(x: Any) -> Any:
        return jnp.sum(f(x) * u)

    def along(g: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda x: jax.jvp(g, (x,), (v,))[1]

    def every(x: Any) -> list[Any]:
        matrix, moved = jax.jacrev(f)(x), along(jax.grad(cost))
        hessian = jax.hessian(cost)
        bend = jax.grad(lambda x: jnp.sum(jax.jacrev(along(f))(x) ** 2))
        third = jax.grad(lambda x: jnp.sum(moved(x) * v))
        return [matrix, matrix, matrix, jax.vjp(f, x)[1](u)[0], along(f)(x), hessian(x), moved(x), third(x),
                along(hessian)(x), bend(x)]  # fmt: skip

    return every


def agree(inputs: Sequence[Node], point: Sequence[Array], k: int, f: Node, lowered: Callable[..., Any]) -> None:
    """All of it, by the k-th input; `lowered` is `f` in JAX."""
    rng = np.random.default_rng(k)
    u, v = rng.standard_normal(f.sizes), rng.standard_normal(inputs[k].sizes)
    graph = Graph(tuple(inputs), tuple(by_theon(inputs, inputs[k], f, u, v)))
    compiled, _ = compile_graph(graph, Signature(tuple(node.tensor for node in inputs)), Options())
    program = lower(compiled).program

    def alone(x: Any) -> Any:
        return lowered(*map(jnp.asarray, point[:k]), x, *map(jnp.asarray, point[k + 1 :]))

    with jax.enable_x64(True):
        mine, *_ = jax.jit(program, compiler_options=QUICK)(list(point), [], [], [])
        theirs = jax.jit(by_jax(alone), compiler_options=QUICK)(point[k], u, v)
    for number, (got, want) in enumerate(zip(map(np.asarray, mine), map(np.asarray, theirs), strict=True)):
        assert got.dtype == np.float64 and got.shape == want.shape, number
        far = np.max(np.abs(got - want), initial=0.0)
        assert far <= LIMIT * max(1.0, np.max(np.abs(want), initial=0.0)), f"{number} by operand {k}: {far} off"


# --- The op table -----------------------------------------------------------------------------------------------------


Pair: TypeAlias = tuple[list[Node], Node, int]  # inputs, one result, and by which input it is differentiated


def small(row: Row) -> tuple[Case, list[Pair]] | None:
    """Of the cases for gradients that are small enough the largest with a result that some operand moves."""
    fitting = [c for c in (row.gradient_cases or row.cases) if 0 < max(map(np.prod, c.shapes), default=0) <= MOST]
    for case in sorted(fitting, key=lambda c: -sum(map(np.prod, c.shapes))):
        if found := pairs(row, case):
            return case, found
    return None


def pairs(row: Row, case: Case) -> list[Pair]:
    """The first result that depends differentiably on an operand, with the first two such operands."""
    inputs, results = declared(row, case)
    chosen = [i for i in (row.wrt if row.wrt is not None else range(len(inputs))) if is_inexact(inputs[i].dtype)]
    for f in results:
        if f.dtype == np.float64 and (by := [k for k in chosen if moves(inputs[k], f)]):
            return [(inputs, f, k) for k in by[:2]]
    return []


def moves(x: Node, f: Node) -> bool:
    try:
        theon.grad(theon.sum(f), x)
    except theon.DisconnectedError:
        return False
    return True


def declared(row: Row, case: Case) -> tuple[list[Node], list[Node]]:
    """In float64."""
    return declare(row, (case, wide(row, len(case.shapes))))


def wide(row: Row, count: int) -> tuple[str, ...]:
    names = row.operand_dtypes(row.dtypes[0], count)
    return tuple("float64" if is_inexact(as_dtype(name)) else name for name in names)


# To derive the recurrences of these thrice takes JAX many minutes; `test_bessel` holds them against mpmath.
TOO_LONG = [row for row in bessel.ROWS if row.name != "j0"]
REAL = [
    row
    for row in ROWS
    if row.differentiable and not str(row.dtypes[0]).count("complex") and row not in TOO_LONG and small(row)
]
SAMPLE = [row for row in REAL if row.name in ("tanh", "multiply", "max", "take_along_axis", "nn.softmax", "matmul")]


def by_definition(function: Callable[..., Node], *slopes: Callable[..., Any]) -> Callable[..., Any]:
    """A value by theon's lowering, its slopes by definition: to derive its series thrice takes JAX many minutes."""

    @jax.custom_jvp
    def value(*arrays: Any) -> Any:
        nodes = [new_input(TensorType(array.dtype, array.shape), f"x{i}") for i, array in enumerate(arrays)]
        return evaluator(nodes, [function(*nodes)])(*arrays)[0]

    value.defjvps(*[lambda t, y, *arrays, slope=slope: slope(y, *arrays) * t for slope in slopes])
    return value


def owens_t_by_h(y: Any, h: Any, a: Any) -> Any:
    return -jnp.exp(-h * h / 2) * jax.scipy.special.erf(a * h / 2**0.5) / (8 * jnp.pi) ** 0.5


def owens_t_by_a(y: Any, h: Any, a: Any) -> Any:
    return jnp.exp(-h * h * (1 + a * a) / 2) / (2 * jnp.pi * (1 + a * a))


def log_beta_density(a: Any, b: Any, x: Any) -> Any:
    return (a - 1) * jnp.log(x) + (b - 1) * jnp.log1p(-x) - jax.scipy.special.betaln(a, b)


def held(y: Any, *arrays: Any) -> Any:
    """For an operand that the row does not differentiate by."""
    return jnp.zeros_like(y)


def digamma_gap(x: Any, y: Any) -> Any:
    return jax.scipy.special.digamma(x) - jax.scipy.special.digamma(y)


# By the names of ops, wherever a row has them: JAX takes minutes to derive logarithms of gamma functions thrice.
OPS_IN_JAX = {
    **DERIVABLE,
    "binom": by_definition(
        theon.binom,
        lambda y, n, k: y * digamma_gap(n + 1, n - k + 1),
        lambda y, n, k: y * digamma_gap(n - k + 1, k + 1),
    ),
    "poch": by_definition(
        theon.poch,
        lambda y, z, m: y * digamma_gap(z + m, z),
        lambda y, z, m: y * jax.scipy.special.digamma(z + m),
    ),
}
IN_JAX: dict[str, Callable[..., Any]] = {
    "exp1": by_definition(theon.exp1, lambda y, x: -jnp.exp(-x) / x),
    "dawsn": by_definition(theon.dawsn, lambda y, x: 1 - 2 * x * y),
    "ndtri_exp": by_definition(theon.ndtri_exp, lambda x, y: jnp.exp(y + x * x / 2) * (2 * jnp.pi) ** 0.5),
    "betainc": by_definition(theon.betainc, held, held, lambda y, a, b, x: jnp.exp(log_beta_density(a, b, x))),
    "betaincinv": by_definition(theon.betaincinv, held, held, lambda x, a, b, y: jnp.exp(-log_beta_density(a, b, x))),
    "owens_t": by_definition(theon.owens_t, owens_t_by_h, owens_t_by_a),
}


def row_agrees(row: Row) -> None:
    """One case, its first result that has a derivative, by two operands at most."""
    found = small(row)
    assert found is not None
    case, several = found
    for inputs, f, k in several:
        lowered = evaluator(inputs, [f], OPS_IN_JAX)
        in_jax = IN_JAX.get(row.name, lambda *arrays, run=lowered: run(*arrays)[0])
        agree(inputs, row.draw(case, wide(row, len(inputs))), k, f, in_jax)


@pytest.mark.parametrize("row", SAMPLE, ids=str)
def test_some_rows(row: Row) -> None:
    """One of each family or so."""
    row_agrees(row)


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in REAL if row not in SAMPLE], ids=str)
def test_the_other_rows(row: Row) -> None:
    """The others."""
    row_agrees(row)


# --- Random programs --------------------------------------------------------------------------------------------------


def program_agrees(seed: int) -> None:
    """A random program's last but one value, by its smallest leaf."""
    program = random_program(seed)
    k = min(range(program.leaves), key=lambda i: (program.data[i].size < 2, program.data[i].size))
    inputs, zeros = program.inputs, [np.zeros(node.sizes) for node in program.intermediates]
    f = theon.stack([program.cost, theon.sin(program.cost)])

    def lowered(*arrays: Any) -> Any:
        cost = program.in_jax(list(arrays), zeros)
        return jnp.stack([cost, jnp.sin(cost)])

    agree(inputs, program.data, k, f, lowered)


@pytest.mark.parametrize("seed", range(1))
def test_random_programs(seed: int) -> None:
    """One of the two hundred."""
    program_agrees(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 200))
def test_further_random_programs(seed: int) -> None:
    """The others."""
    program_agrees(seed)


# --- Orders that mix --------------------------------------------------------------------------------------------------


WORDS = tuple(itertools.product(("grad", "jvp", "vjp"), repeat=3))
SOME = (("grad", "jvp", "grad"), ("jvp", "grad", "vjp"), ("vjp", "jvp", "jvp"), ("grad", "vjp", "jvp"))


def mixed_orders_agree(words: Sequence[tuple[str, ...]]) -> None:
    """Derivatives of derivatives of derivatives of a vector, along fixed directions."""
    x = new_input(TensorType(np.dtype("float64"), (3,)), "x")
    at, v = np.array([0.4, -1.2, 0.7]), np.array([1.0, -0.5, 2.0])

    def f(m: Any, x: Any) -> Any:
        return m.sum(m.sin(x) * m.exp(x[::-1])) * m.tanh(x)

    mine: dict[str, Callable[[Node], Node]] = {
        "grad": lambda y: theon.grad(theon.sum(y * y), x),
        "jvp": lambda y: theon.jvp(y, x, v),
        "vjp": lambda y: theon.vjp(y, x, v),
    }
    theirs: dict[str, Callable[[Any], Any]] = {
        "grad": lambda g: jax.grad(lambda x: jnp.sum(g(x) ** 2)),
        "jvp": lambda g: lambda x: jax.jvp(g, (x,), (v,))[1],
        "vjp": lambda g: lambda x: jax.vjp(g, x)[1](v)[0],
    }
    nodes, functions = [], []
    for word in words:
        node: Node = f(theon, x)
        function: Any = lambda x: f(jnp, x)  # noqa: E731
        for step in word:
            node, function = mine[step](node), theirs[step](function)
        nodes.append(node)
        functions.append(function)
    found = theon.function([x], nodes)(at)
    with jax.enable_x64(True):
        wanted = jax.jit(lambda x: [function(x) for function in functions], compiler_options=QUICK)(at)
    for word, got, want in zip(words, found, wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-11, err_msg=" of ".join(reversed(word)))


def test_some_three_after_each_other() -> None:
    """Four words of three letters, made of grad, jvp and vjp."""
    mixed_orders_agree(SOME)


@pytest.mark.slow
def test_any_three_after_each_other() -> None:
    """All twenty-seven."""
    mixed_orders_agree(WORDS)
