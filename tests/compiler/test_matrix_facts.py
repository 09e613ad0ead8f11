"""Facts about matrices, and about order and finiteness: every one that is found holds of random numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest

import theon
from theon.compiler.facts import (
    Matrix,
    ascending,
    cholesky_factor,
    diagonal,
    facts,
    finite,
    lower_triangular,
    orthogonal,
    positive_definite,
    structure,
    symmetric,
    triangular,
    upper_triangular,
)
from theon.graph.node import Node

Array: TypeAlias = "np.ndarray[Any, Any]"
L = theon.linalg

N = 3
m = theon.tensor("m", shape=(N, N), dtype="float64")
b = theon.tensor("b", shape=(2, N, N), dtype="float64")
v = theon.tensor("v", shape=(N,), dtype="float64")
wide = theon.tensor("wide", shape=(2, N), dtype="float64")
z = theon.tensor("z", shape=(N, N), dtype="complex128")
INPUTS = [m, b, v, wide]
ONE = theon.eye(N, dtype="float64")


def known(x: Node) -> set[str]:
    """The names of the guards that hold."""
    guards = (diagonal, lower_triangular, upper_triangular, symmetric, positive_definite, orthogonal)
    return {guard.__name__ for guard in guards if guard(x)}


DIAGONAL = {"diagonal", "lower_triangular", "upper_triangular", "symmetric"}
CASES: dict[str, tuple[Node, set[str]]] = {
    "nothing": (m, set()),
    "eye": (ONE, {*DIAGONAL, "positive_definite", "orthogonal"}),
    "eye above": (theon.eye(N, k=1, dtype="float64"), {"upper_triangular"}),
    "zeros": (theon.zeros((N, N)), DIAGONAL),
    "ones": (theon.ones((N, N)), {"symmetric"}),
    "constant": (theon.constant([[1.0, 0.0], [2.0, 3.0]]), {"lower_triangular"}),
    "diag": (theon.diag(v), DIAGONAL),
    "diag of positive": (theon.diag(theon.exp(v)), {*DIAGONAL, "positive_definite"}),
    "eye scaled by rows": (ONE * theon.exp(v)[:, None], {*DIAGONAL, "positive_definite"}),
    "tril": (theon.tril(m), {"lower_triangular"}),
    "triu of a batch": (theon.triu(b, 1), {"upper_triangular"}),
    "tril too high": (theon.tril(m, 1), set()),
    "tril of triu": (theon.tril(theon.triu(m)), DIAGONAL),
    "transpose": (theon.tril(b).mT, {"upper_triangular"}),
    "m @ m.T": (m @ m.T, {"symmetric"}),
    "wide @ wide.T": (wide @ wide.T, {"symmetric"}),
    "wide.T @ wide": (wide.T @ wide, {"symmetric"}),
    "wide @ wide": (wide @ m, set()),
    "batch": (b @ b.mT, {"symmetric"}),
    "ridge": (wide.T @ wide + 0.1 * ONE, {"symmetric", "positive_definite"}),
    "ridge by a positive": (m @ m.T + ONE * theon.exp(v[0]), {"symmetric", "positive_definite"}),
    "sum of ridge and symmetric": (m @ m.T + (m + m.T), {"symmetric"}),
    "m + m.T": (m + m.T, {"symmetric"}),
    "cholesky": (L.cholesky(m @ m.T + ONE), {"lower_triangular"}),
    "cholesky of diagonal": (L.cholesky(theon.diag(theon.exp(v))), {*DIAGONAL, "positive_definite"}),
    "l @ l.T": ((lambda c: c @ c.T)(theon.tril(m, -1) + theon.diag(theon.exp(v))), {"symmetric", "positive_definite"}),
    "inverse of ridge": (L.inv(m @ m.T + ONE), {"symmetric", "positive_definite"}),
    "inverse of triangle": (L.inv(theon.tril(m) + 3 * ONE), {"lower_triangular"}),
    "product of triangles": (theon.tril(m) @ theon.tril(b[0]), {"lower_triangular"}),
    "product of both": (theon.tril(m) @ theon.triu(m), set()),
    "kron": (theon.kron(theon.tril(m), ONE), {"lower_triangular"}),
    "kron of definite": (theon.kron(m @ m.T + ONE, ONE), {"symmetric", "positive_definite"}),
    "kron of wide": (theon.kron(theon.tril(wide), theon.tril(wide.T)), set()),
    "block_diag": (L.block_diag(theon.tril(m), ONE), {"lower_triangular"}),
    "blocks of wide": (L.block_diag(theon.tril(wide), theon.tril(wide.T)), set()),
    "scaled": (-2 * (m @ m.T + ONE), {"symmetric"}),
    "divided": ((m @ m.T + ONE) / (1 + theon.square(v[0])), {"symmetric", "positive_definite"}),
    "scaled triangle": (theon.tril(m) * v[0], {"lower_triangular"}),
    "rows of a symmetric one scaled": ((m + m.T) * v[:, None], set()),
    "schur": ((m @ m.T + ONE) * (b @ b.mT + ONE), {"symmetric", "positive_definite"}),
    "outer": (theon.expand_dims(v, 1) * theon.expand_dims(v, 0), {"symmetric"}),
    "outer ridge": (ONE + theon.reshape(v, (N, 1)) * theon.reshape(v, (1, N)), {"symmetric", "positive_definite"}),
    "no outer": (theon.expand_dims(v, 1) * theon.expand_dims(theon.exp(v), 0), set()),
    "function": (theon.tanh(theon.tril(m)), {"lower_triangular"}),
    "function that is not 0 at 0": (theon.exp(theon.tril(m)), set()),
    "exp of symmetric": (theon.exp(m + m.T), {"symmetric"}),
    "stacked": (theon.expand_dims(theon.tril(m), 0), {"lower_triangular"}),
    "solved": (L.solve_triangular(theon.tril(m) + 3 * ONE, theon.tril(m), lower=True), {"lower_triangular"}),
    "assumed": (theon.assume(m, "positive_definite"), {"symmetric", "positive_definite"}),
    "assumed inverse": (L.inv(theon.assume(m, "orthogonal")), {"orthogonal"}),
    "product of orthogonal": (theon.assume(m, "orthogonal") @ theon.assume(b[0], "orthogonal").T, {"orthogonal"}),
    "complex": (theon.tril(z), {"lower_triangular"}),
    "complex product": (z @ z.T, set()),
    "diagonal of complex": (theon.diag(z[0]), {"diagonal", "lower_triangular", "upper_triangular"}),
}


@pytest.mark.parametrize("name", CASES)
def test_found(name: str) -> None:
    node, wanted = CASES[name]
    assert known(node) == wanted


# --- Every fact holds -------------------------------------------------------------------------------------------------


def holds(fact: Matrix, x: Array) -> bool:
    """Whether a fact holds of each of the matrices, up to rounding."""
    slack = 1e-9 * (1 + np.abs(x).max(initial=0))
    turned, diagonal = np.swapaxes(x, -1, -2), np.diagonal(x, axis1=-2, axis2=-1)
    if fact is Matrix.LOWER or fact is Matrix.UPPER:
        return bool(np.abs(np.triu(x, 1) if fact is Matrix.LOWER else np.tril(x, -1)).max(initial=0) <= slack * 1e-3)
    if fact is Matrix.HOLLOW or fact is Matrix.PLUS:
        return not diagonal.any() if fact is Matrix.HOLLOW else bool((diagonal > 0).all())
    if fact is Matrix.ORTHOGONAL:
        return bool(np.abs(x @ turned - np.eye(x.shape[-1])).max() <= slack)
    if fact is Matrix.REGULAR:
        return bool((np.linalg.matrix_rank(x) == x.shape[-1]).all())
    if np.abs(x - turned).max() > slack:
        return False
    least = np.linalg.eigvalsh((x + turned) / 2).min()
    return fact is Matrix.SYMMETRIC or bool(least > (0 if fact is Matrix.DEFINITE else -slack))


def unary(x: Node, y: Node) -> list[Node]:
    """What one matrix is made into."""
    functions = (theon.tril, theon.triu, theon.tanh, theon.square, theon.exp, theon.negative)
    made = [f(x) for f in functions]
    made += [x.mT, 2.5 * x, x * v, x / (1 + theon.square(v[0])), theon.triu(x, 1), theon.stop_gradient(x)]
    return [*made, theon.broadcast_to(x, (2, N, N)) if x.ndim == 2 else x, x @ x.mT, x.mT @ x]


def binary(x: Node, y: Node) -> list[Node]:
    """What two are made into."""
    made = [x + y, x - y, x * y, x @ y, x.mT @ y, x @ y.mT, theon.maximum(x, y), theon.where(v > 0, x, y)]
    made += [theon.kron(x, y)] if x.ndim == y.ndim == 2 else []
    return [*made, L.block_diag(x, y)]


def random_nodes() -> list[Node]:
    q = theon.constant(np.linalg.qr(np.random.default_rng(5).standard_normal((N, N)))[0])
    first = [
        m,
        b,
        ONE,
        theon.tril(m),
        theon.triu(m, 1),
        theon.diag(v),
        theon.diag(theon.exp(v)),
        m + m.T,
        m @ m.T,
        m @ m.T + ONE,
        theon.assume(q, "orthogonal"),
        theon.tril(m, -1) + theon.diag(theon.exp(v)),
        theon.zeros((N, N), dtype="float64"),
        theon.expand_dims(v, 1) * theon.expand_dims(v, 0),
    ]
    second = list(itertools.chain.from_iterable(unary(x, x) for x in first))
    pairs = list(itertools.chain.from_iterable(binary(x, y) for x, y in itertools.product(first, repeat=2)))
    regular = [x for x in (*first, *second) if Matrix.REGULAR in structure(x)]
    made = [f(x) for x in regular for f in (L.inv, lambda x: L.inv(x).mT @ x)]
    made += [L.cholesky(x) for x in (*first, *second) if positive_definite(x)]
    deeper = list(itertools.chain.from_iterable(binary(x, y) for x, y in zip(second[::3], second[7:], strict=False)))
    return [*first, *second, *pairs, *made, *deeper]


def test_facts_hold() -> None:
    """Of every op that facts go through, over matrices of every kind, one and two levels deep."""
    nodes = [node for node in random_nodes() if structure(node)]
    assert len(nodes) > 500
    rng = np.random.default_rng(0)
    run = theon.function(INPUTS, nodes, on_unused_input="ignore", options=theon.Options(rewrites="none"))
    values = run(*[rng.standard_normal(node.sizes) for node in INPUTS])
    for node, value in zip(nodes, values, strict=True):
        for fact in structure(node):
            assert holds(fact, np.asarray(value)), f"{fact} of {theon.dprint(node)}: {value}"


def test_what_cholesky_gives() -> None:
    assert cholesky_factor(L.cholesky(m))
    assert cholesky_factor(theon.tril(m, -1) + theon.diag(theon.exp(v)))
    assert not cholesky_factor(theon.tril(m))
    assert triangular(theon.triu(m))
    assert not triangular(m)


def test_a_question_about_matrices_is_bounded() -> None:
    ladder = m
    for _ in range(1000):
        ladder = ladder + theon.tanh(ladder)
    assert not symmetric(ladder)


# --- Finite, and sorted -----------------------------------------------------------------------------------------------

x = theon.tensor("x", shape=(2, 5), dtype="float32")
f = theon.assume(x, "finite")
s = theon.assume(x, "sorted")
p = theon.assume(s, "positive")

FINITE: dict[str, tuple[Node, bool]] = {
    "input": (x, False),
    "ints": (theon.tensor("k", shape=(3,), dtype="int32"), True),
    "bools": (theon.astype(x > 0, "float32"), True),
    "constant": (theon.constant([1.0, 2.0]), True),
    "infinite": (theon.constant([1.0, np.inf]), False),
    "eye": (theon.eye(2), True),
    "assumed": (f, True),
    "exp may overflow": (theon.exp(f), False),
    "exp of bounded": (theon.exp(theon.tanh(f) * 3), True),
    "exp of the large": (theon.exp(100 * theon.sigmoid(f)), False),
    "tanh of what may be nan": (theon.tanh(x), False),
    "sum may overflow": (f + f, False),
    "sum of bounded": (theon.sum(theon.sin(f)), True),
    "clipped": (theon.maximum(theon.minimum(f, 5), -5) * 7, True),
    "quotient": (f / f, False),
    "quotient of bounded": (theon.sin(f) / (1 + theon.square(theon.cos(f))), True),
    "quotient by what may vanish": (0 * theon.sin(f) / theon.sigmoid(f), False),
    "root": (theon.sqrt(f), False),
    "root of a square": (theon.sqrt(theon.square(theon.sin(f))), True),
    "chosen": (theon.where(x > 0, f, 0), True),
    "chosen from what may be nan": (theon.where(x > 0, x, 0), False),
    "moved": (f[0].reshape((5, 1)), True),
    "softmax": (theon.nn.softmax(f), True),
    "narrowed": (theon.astype(theon.assume(theon.tensor("d", shape=(), dtype="float64"), "finite"), "float32"), False),
    "narrowed bounded": (theon.astype(theon.sin(f) * 1e5, "float16"), False),
    "complex": (theon.astype(f, "complex64"), False),
}


@pytest.mark.parametrize("name", FINITE)
def test_finite(name: str) -> None:
    node, wanted = FINITE[name]
    assert finite(node) is wanted


SORTED: dict[str, tuple[Node, bool]] = {
    "input": (x, False),
    "assumed": (s, True),
    "arange": (theon.arange(5), True),
    "arange downwards": (theon.arange(5, 0, -1), False),
    "constant": (theon.constant([1.0, 1.0, 3.0]), True),
    "constant not": (theon.constant([1.0, 0.5]), False),
    "one column": (x[:, :1], True),
    "exp": (theon.exp(s), True),
    "minus": (-s, False),
    "root of what may be negative": (theon.sqrt(s), False),
    "root": (theon.sqrt(p), True),
    "sum": (s + theon.floor(s), True),
    "plus a column": (s + x[:, :1], True),
    "plus anything": (s + x, False),
    "minus a column": (s - x[:, :1], True),
    "column minus": (x[:, :1] - s, False),
    "doubled": (2 * s, True),
    "divided by -2": (s / -2, False),
    "times a column": (s * theon.exp(x[:, :1]), True),
    "transposed": (s.T, False),
    "other axes": (theon.expand_dims(s, 0), True),
    "new last axis": (theon.expand_dims(theon.exp(s), -1), True),
    "reversed": (s[:, ::-1], False),
    "picked": (s[0, ::2], True),
    "summed over rows": (theon.sum(s, axis=0), True),
    "summed along": (theon.sum(s, axis=1), False),
    "filled": (theon.zeros((3,)), True),
    "repeated": (theon.broadcast_to(s, (4, 2, 5)), True),
    "reshaped": (theon.reshape(s, (10,)), False),
    "ints wrap around": (theon.astype(theon.arange(200), "int8") + 1, False),
}


@pytest.mark.parametrize("name", SORTED)
def test_sorted(name: str) -> None:
    node, wanted = SORTED[name]
    assert ascending(node) is wanted


def test_order_and_finiteness_hold() -> None:
    """Of every case above that says so, on numbers that keep what is assumed."""
    cases = [*FINITE.values(), *SORTED.values()]
    nodes = [node for node, found in cases if found and not any(leaf.name == "k" for leaf in (node,))]
    run = theon.function([x], nodes, on_unused_input="ignore", options=theon.Options(rewrites="none"))
    rng = np.random.default_rng(1)
    for scale in (1.0, 80.0):
        data = np.sort(np.abs(rng.standard_normal((2, 5))) * scale, axis=1).astype(np.float32)
        for node, value in zip(nodes, run(data), strict=True):
            array = np.asarray(value)
            if facts(node).finite:
                assert np.isfinite(array).all()
            if facts(node).rising:
                assert (np.diff(array, axis=-1) >= 0).all(), theon.dprint(node)


# --- What is assumed --------------------------------------------------------------------------------------------------

GOOD: dict[str, Array] = {
    "finite": np.array([[1.0, 2.0]]),
    "sorted": np.array([[1.0, 1.0, 2.0], [3.0, 4.0, 4.0]]),
    "diagonal": np.diag([1.0, 2.0]),
    "lower_triangular": np.array([[1.0, 0.0], [5.0, 0.0]]),
    "upper_triangular": np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]]),
    "symmetric": np.array([[1.0, 2.0], [2.0, 1.0]]),
    "positive_definite": np.array([[2.0, 1.0], [1.0, 2.0]]),
    "orthogonal": np.linalg.qr(np.random.default_rng(2).standard_normal((4, 4)))[0],
}
BAD: dict[str, Array] = {
    "finite": np.array([[1.0, np.inf]]),
    "sorted": np.array([[1.0, 2.0, 1.0], [3.0, 4.0, 4.0]]),
    "diagonal": np.array([[1.0, 0.0], [1e-30, 2.0]]),
    "lower_triangular": np.array([[1.0, 1.0], [5.0, 0.0]]),
    "upper_triangular": np.array([[1.0, 2.0, 3.0], [1.0, 0.0, 1.0]]),
    "symmetric": np.array([[1.0, 2.0], [2.001, 1.0]]),
    "positive_definite": np.array([[1.0, 2.0], [2.0, 1.0]]),
    "orthogonal": np.array([[1.0, 0.0], [0.0, 1.001]]),
}


@pytest.mark.parametrize("fact", GOOD)
def test_checked(fact: str) -> None:
    check: Callable[[Array], Any] = theon.function(
        [x := theon.matrix("x")], theon.assume(x, fact), options=theon.Options(check_assumptions=True)
    )
    good, bad = GOOD[fact].astype(np.float32), BAD[fact].astype(np.float32)
    np.testing.assert_array_equal(check(good), good)
    with pytest.raises(theon.CheckError, match=f"x is assumed {fact}"):
        check(bad)
