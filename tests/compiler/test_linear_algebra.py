"""Linear algebra as users write it: what it is compiled to, and that its values and gradients are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import jax
import numpy as np
import pytest
import scipy.linalg

import theon
from theon.compiler.compilation import Options, Signature
from theon.compiler.passes import compile_graph
from theon.graph.graph import Graph
from theon.graph.node import Node
from theon.ops.region import everything

Array: TypeAlias = "np.ndarray[Any, Any]"
L = theon.linalg
N = 4


def square(name: str = "a", dtype: str = "float64", size: int = N) -> Node:
    return theon.tensor(name, shape=(size, size), dtype=dtype)


def ops(inputs: Sequence[Node], *outputs: Node, **options: Any) -> Counter[str]:
    """How many nodes of each kind the program has."""
    signature = Signature(tuple(node.tensor for node in inputs))
    compiled, _ = compile_graph(Graph(tuple(inputs), outputs), signature, Options(**options))
    return Counter(node.op.name for node in everything(compiled))


def fired(inputs: Sequence[Node], *outputs: Node) -> set[str]:
    f = theon.function(list(inputs), list(outputs))
    told = theon.explain(f)
    assert not isinstance(told, str)
    return {step.rule for step in told.steps}


A, B = square("a"), theon.tensor("b", shape=(N, 2), dtype="float64")
V = theon.tensor("v", shape=(N,), dtype="float64")
EYE = theon.eye(N, dtype="float64")
RIDGE = A @ A.T + EYE


# --- One factorisation ------------------------------------------------------------------------------------------------


def test_systems_of_one_matrix_share_its_factors() -> None:
    """Also a product with the inverse, its transpose, a determinant, and all their gradients."""
    outputs = [L.solve(A, B), L.inv(A) @ V, L.solve(A.T, B), L.slogdet(A)[1], V @ L.inv(A), L.inv(A)]
    cost = sum((theon.sum(theon.square(out)) for out in outputs), theon.constant(0.0, "float64"))
    found = ops([A, B, V], cost, theon.grad(cost, A), theon.grad(cost, B))
    assert found["lu"] == 1
    assert not found["solve"] and not found["inv"] and not found["slog_det"]


def test_definite_systems_share_a_factor() -> None:
    cost = 0.5 * theon.log(L.det(RIDGE)) + 0.5 * theon.sum(B * (L.inv(RIDGE) @ B))
    found = ops([A, B], cost, theon.grad(cost, A))
    assert found["cholesky"] == 1
    assert not found["lu"] and not found["det"] and not found["inv"]


def test_without_rules_the_ops_stay() -> None:
    found = ops([A, B], L.inv(A) @ B, L.det(A), rewrites="none")
    assert found["inv"] == 1 and found["det"] == 1 and not found["lu"]


LOWER = theon.tril(A)
STRUCTURED: dict[str, tuple[Node, set[str], set[str]]] = {
    "triangle": (L.solve(LOWER, B), {"solve_triangular"}, {"lu", "solve"}),
    "inverse of a triangle": (L.inv(LOWER.T) @ B, {"solve_triangular"}, {"lu", "inv", "transpose"}),
    "diagonal": (L.solve(theon.diag(V), B), {"divide"}, {"lu", "solve", "solve_triangular"}),
    "assumed orthogonal": (L.solve(theon.assume(A, "orthogonal"), B), {"matmul"}, {"lu", "solve"}),
    "assumed by its name": (L.solve(A, B, assume_a="lower triangular"), {"solve_triangular"}, {"lu"}),
    "assumed definite": (L.solve(A, B, assume_a="pos"), {"cholesky", "solve_triangular"}, {"lu"}),
    "determinant of a triangle": (L.det(LOWER), {"prod", "diagonal"}, {"lu", "det"}),
    "determinant of a product": (L.det(LOWER @ LOWER.T), {"prod", "diagonal"}, {"lu", "det", "matmul"}),
    "log determinant of a triangle": (theon.log(theon.abs(L.det(LOWER))), {"log", "diagonal"}, {"lu", "det", "prod"}),
    "trace": (theon.trace(A @ RIDGE), {"dot_general"}, {"diagonal"}),
    "factor of a product": (L.cholesky(L.cholesky(RIDGE) @ L.cholesky(RIDGE).T), {"cholesky"}, set()),
    "scaled rows": (theon.diag(V) @ B, {"multiply"}, {"matmul", "dot_general", "diag"}),
    "scaled columns": (A @ theon.diag(V), {"multiply"}, {"matmul", "dot_general", "diag", "transpose"}),
    "identity": (theon.eye(N, dtype="float64") @ B + 0, set(), {"matmul", "eye"}),
    "outer": (theon.reshape(V, (N, 1)) @ theon.reshape(V, (1, N)), {"multiply"}, {"matmul"}),
    "gram": (A.T @ A, {"matmul"}, {"transpose"}),
    "orthogonal gram": ((lambda q: q.T @ q)(theon.assume(A, "orthogonal")), {"eye"}, {"matmul", "dot_general"}),
    "transpose of a product": ((A @ B).T, {"matmul"}, {"transpose"}),
    "kron": (L.solve(theon.kron(A, EYE), theon.ones((N * N,), dtype="float64")), {"lu"}, {"kron"}),
    "blocks": (L.slogdet(L.block_diag(A, LOWER))[1], {"lu"}, {"block_diag"}),
    "triangle of a triangle": (theon.tril(LOWER), {"tril"}, set()),
}


@pytest.mark.parametrize("name", STRUCTURED)
def test_structure_is_used(name: str) -> None:
    out, there, gone = STRUCTURED[name]
    found = ops([A, B, V], out)
    kinds = {kind for kind, count in found.items() if count}
    kinds |= {"matmul"} if "dot_general" in kinds else set()
    assert there <= kinds
    assert not gone & kinds


def test_factor_of_a_product_is_found_once() -> None:
    assert ops([A], STRUCTURED["factor of a product"][0])["cholesky"] == 1
    assert ops([A], STRUCTURED["triangle of a triangle"][0])["tril"] == 1


def test_rules_are_told() -> None:
    found = fired([A, B], L.inv(A) @ B, theon.log(L.det(RIDGE)))
    assert {"inv(a) @ b -> solve(a, b)", "solve(a, b) -> lu_solve(lu_factor(a), b)"} <= found
    assert "slogdet(definite) -> 2 * sum(log(diagonal(cholesky(a))))" in found


def test_why_a_rule_did_not_fire() -> None:
    told = str(theon.explain(theon.function([A], L.inv(A)), why_not="inv(lower) -> solve_triangular(a, eye)"))
    assert told.endswith("everything matches, but its guard does not hold for i = inv, a = a")


def test_factors_leave_loops() -> None:
    """Systems of one matrix, a right side at each step: it is factored once, before the loop."""
    rows = theon.tensor("rows", shape=(5, N), dtype="float64")
    _, out = theon.scan(lambda carry, row: (carry, L.solve(A, row + carry)), theon.zeros((N,), dtype="float64"), rows)
    signature = Signature((A.tensor, rows.tensor))
    compiled, _ = compile_graph(Graph((A, rows), (out,)), signature, Options())
    assert Counter(node.op.name for node in compiled.nodes())["lu"] == 1
    run = theon.function([A, rows], out)
    np.testing.assert_allclose(run(DATA[0], np.ones((5, N))), np.linalg.solve(DATA[0], np.ones((N, 5))).T)


# --- The same numbers -------------------------------------------------------------------------------------------------


def programs(a: Node, b: Node, v: Node) -> dict[str, Node]:
    """Scalars made with every kind of matrix there is a rule for."""
    eye = theon.eye(N, dtype=a.dtype)
    ridge = a @ a.T + eye
    low = theon.tril(a, -1) + theon.diag(theon.exp(v))
    return {
        "inverse": theon.sum(theon.sin(L.inv(a) @ b)),
        "inverse from the right": theon.sum(theon.sin(b.T @ L.inv(a.T))),
        "inverse of a product": theon.sum(theon.sin(L.inv(a @ low) @ b)),
        "normal density": theon.log(L.det(ridge)) + theon.sum(b * (L.inv(ridge) @ b)),
        "triangles": theon.sum(theon.cos(L.solve(low, b))) + theon.log(theon.abs(L.det(low))),
        "factored": theon.sum(theon.cos(L.solve(low @ low.T, b))) + theon.log(L.det(low @ low.T)),
        "factor": theon.sum(theon.sin(L.cholesky(low @ low.T)) * a),
        "kron": theon.sum(theon.sin(L.solve(theon.kron(a, low), theon.reshape(theon.kron(v, v), (N * N, 1))))),
        "blocks": L.slogdet(L.block_diag(a, low, ridge))[1] + theon.sum(theon.sin(L.inv(L.block_diag(a, low)))),
        "det": theon.tanh(L.det(a)) + theon.tanh(L.det(theon.diag(v))) + L.det(low) * 1e-2,
        "traces": theon.trace(a @ low) + theon.sum(theon.sin(theon.diagonal(b.T @ a @ b))),
        "diagonals": theon.sum(theon.sin(theon.diag(v) @ b)) + theon.sum(theon.cos(b.T @ theon.diag(v))),
        "sylvester": L.slogdet(eye + b @ b.T)[1] - L.slogdet(theon.eye(2, dtype=a.dtype) + b.T @ b)[1],
    }


DATA = [
    np.random.default_rng(1).standard_normal((N, N)) + 3 * np.eye(N),
    np.random.default_rng(2).standard_normal((N, 2)),
    np.random.default_rng(3).standard_normal(N),
]


@pytest.mark.parametrize("name", programs(A, B, V))
def test_rules_keep_values_and_gradients(name: str) -> None:
    """Value, gradient and curvature are those of the program without rules."""
    cost = programs(A, B, V)[name]
    first = theon.grad(cost, [A, B, V], disconnected_inputs="zero")
    slope = sum((theon.sum(g * np.cos(np.arange(g.sizes[-1]))) for g in first), theon.constant(0.0, "float64"))
    second = theon.grad(slope, [A, B, V], disconnected_inputs="zero")
    ours, plain = (
        theon.function([A, B, V], [cost, *first, *second], on_unused_input="ignore", options=theon.Options(rewrites=r))
        for r in ("default", "none")
    )
    for mine, theirs in zip(ours(*DATA), plain(*DATA), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-9 * max(1, np.abs(theirs).max()))


def test_batches_and_examples() -> None:
    """A batch of systems, and one system vectorised, are the same."""
    a = theon.tensor("a", shape=(3, N, N), dtype="float64")
    b = theon.tensor("b", shape=(3, N), dtype="float64")

    def one(m: Node, s: Node) -> Node:
        return theon.sum(theon.sin(L.inv(m) @ s)) + theon.log(L.det(m @ m.T + EYE))

    each = theon.vectorize(one, in_axes=0)(a, b)
    both = theon.sum(theon.sin(L.inv(a) @ b[..., None]), axis=(1, 2)) + theon.log(L.det(a @ a.mT + EYE))
    run = theon.function([a, b], [each, both, theon.grad(theon.sum(each), a), theon.grad(theon.sum(both), a)])
    data = np.stack([DATA[0], DATA[0].T + 1, DATA[0] @ DATA[0]])
    x, y, gx, gy = run(data, data[:, 0])
    np.testing.assert_allclose(x, y, rtol=1e-10)
    np.testing.assert_allclose(gx, gy, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("rewrites", ["default", "none"])
def test_complex(rewrites: str) -> None:
    """Against JAX, the gradient too."""
    a, b = square(dtype="complex128"), theon.tensor("b", shape=(N, 2), dtype="complex128")
    cost = theon.sum(theon.real(theon.sin(L.inv(a) @ b))) + L.slogdet(a)[1] + theon.sum(theon.abs(L.solve(a.T, b)))
    run = theon.function([a, b], [cost, theon.grad(cost, a)], options=theon.Options(rewrites=rewrites))

    def by_jax(x: Any, y: Any) -> Any:
        one = jax.numpy.sum(jax.numpy.real(jax.numpy.sin(jax.numpy.linalg.inv(x) @ y)))
        two = jax.numpy.linalg.slogdet(x)[1]
        return one + two + jax.numpy.sum(jax.numpy.abs(jax.numpy.linalg.solve(x.T, y)))

    at = DATA[0] + 1j * DATA[0][::-1] * 0.2, DATA[1] + 1j
    value, gradient = run(*at)
    with jax.enable_x64(True):
        wanted, slope = jax.value_and_grad(by_jax)(*at)
    np.testing.assert_allclose(value, wanted, rtol=1e-12)
    np.testing.assert_allclose(gradient, slope, rtol=1e-9, atol=1e-12)


# --- What the textbook's formula loses --------------------------------------------------------------------------------


def normal_density(size: int) -> tuple[Callable[..., Any], Array, Array]:
    """The negative log-density of a normal distribution as a textbook has it, a covariance and a point, in float32."""
    k, x = square("k", "float32", size), theon.tensor("x", shape=(size,), dtype="float32")
    k = theon.assume(k, "positive_definite")
    cost = 0.5 * (x @ L.inv(k) @ x) + 0.5 * theon.log(L.det(2 * np.pi * k))
    run = theon.function([k.inputs[0], x], [cost, *theon.grad(cost, [k.inputs[0], x])])
    rng = np.random.default_rng(0)
    half = rng.standard_normal((size, size)) / np.sqrt(size)
    return run, (half @ half.T + 0.1 * np.eye(size)).astype(np.float32), rng.standard_normal(size).astype(np.float32)


@pytest.mark.parametrize("size", [3, 300])
def test_log_density_of_many_variables(size: int) -> None:
    """The determinant of 300 variables is no float32; its logarithm and the gradient are."""
    run, k, x = normal_density(size)
    value, by_k, by_x = run(k, x)
    wide = k.astype(float)
    factor = scipy.linalg.cho_factor(wide)
    solved = scipy.linalg.cho_solve(factor, x.astype(float))
    logdet = size * np.log(2 * np.pi) + 2 * np.sum(np.log(np.diag(factor[0])))
    np.testing.assert_allclose(value, 0.5 * (x @ solved) + 0.5 * logdet, rtol=1e-4)
    np.testing.assert_allclose(by_x, solved, rtol=1e-3, atol=1e-3)
    wanted = 0.5 * (np.linalg.inv(wide) - np.outer(solved, solved))
    np.testing.assert_allclose(by_k, wanted, rtol=1e-3, atol=1e-3 * np.abs(wanted).max())


def test_determinants_without_inverse() -> None:
    """The gradient of a determinant is the matrix of cofactors, which singular matrices have."""
    run = theon.function([A], theon.grad(L.det(A), A))
    singular = np.zeros((N, N))
    singular[:3, :3] = DATA[0][:3, :3]
    singular[3] = singular[0] + singular[1]
    singular[:, 3] = singular[:, 2]
    wanted = np.array(
        [
            [(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(singular, i, 0), j, 1)) for j in range(N)]
            for i in range(N)
        ]
    )
    np.testing.assert_allclose(run(singular), wanted, atol=1e-12 * np.abs(wanted).max())
    np.testing.assert_allclose(run(np.zeros((N, N))), np.zeros((N, N)))


def test_logarithm_of_a_negative_determinant() -> None:
    run = theon.function([A], [theon.log(L.det(A)), theon.log(theon.abs(L.det(A)))])
    flipped = np.diag([-2.0, 1, 1, 1])
    assert np.isnan(run(flipped)[0]) and float(run(flipped)[1]) == pytest.approx(np.log(2))
    zero, _ = run(np.zeros((N, N)))
    assert float(zero) == -np.inf


def test_not_definite() -> None:
    """As NumPy's raises, ours is nan: no exception leaves a compiled program."""
    run = theon.function([A], L.cholesky(A))
    assert np.isnan(run(-np.eye(N))).any()
