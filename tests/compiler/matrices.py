"""Instances of the rules about matrices: each left side over well-conditioned matrices, vectors and their batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

import theon
from theon.graph.errors import TheonError
from theon.graph.node import Node, new_input
from theon.graph.types import TensorType, as_dtype
from theon.ops.linear_algebra.determinant import Cofactors

Array: TypeAlias = "np.ndarray[Any, Any]"
Bring: TypeAlias = Callable[[Array], Array]
L = theon.linalg


@dataclass(frozen=True)
class Leaf:
    """An input, and how any numbers are brought to those that it stands for."""

    shape: tuple[int, ...]
    bring: Bring


def small(array: Array) -> Array:
    """Numbers between -1 and 1 (of complex ones both parts); ints stay."""
    if array.dtype.kind in "iub":
        return array
    with np.errstate(all="ignore"):
        return np.asarray(np.tanh(array.real).astype(array.dtype))


def regular(array: Array) -> Array:
    """Square matrices far from singular, of positive determinant."""
    size = array.shape[-1]
    return np.asarray(small(array) * array.dtype.type(0.3) + np.eye(size).astype(array.dtype) * array.dtype.type(2))


def away(array: Array) -> Array:
    """Numbers from 1 to 2."""
    return np.asarray(np.abs(small(array)) + array.dtype.type(1))


def rotation(array: Array) -> Array:
    """Orthogonal matrices of two rows, turned by the first number."""
    angle = np.asarray(small(array)[..., 0, 0], np.float64)
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2).astype(array.dtype)


def as_it_is(array: Array) -> Array:
    return array


A, A3, A1 = Leaf((2, 2), regular), Leaf((3, 3), regular), Leaf((1, 1), regular)
BATCH = Leaf((2, 2, 2), regular)
M, WIDE, TALL, V, SIDES = (Leaf(shape, small) for shape in ((2, 2), (2, 3), (3, 2), (2,), (2, 2, 3)))
COLUMN, ROW = Leaf((2, 1), small), Leaf((1, 3), small)
D, Q = Leaf((2,), away), Leaf((2, 2), rotation)

Build: TypeAlias = Callable[..., Node]


def lower(a: Node) -> Node:
    return theon.tril(a)


def upper(a: Node) -> Node:
    return theon.triu(a)


def times_own_transpose(a: Node) -> Node:
    """`a @ a.mT` with no transpose in it."""
    return theon.einsum("...ij,...kj->...ik", a, a)


def own_transpose_times(a: Node) -> Node:
    return theon.einsum("...ji,...jk->...ik", a, a)


def definite(a: Node) -> Node:
    return times_own_transpose(a) + theon.eye(a.sizes[-1], dtype=a.dtype)


def orthogonal(a: Node) -> Node:
    return theon.assume(a, "orthogonal")


def both(function: Callable[..., tuple[Node, Node]]) -> tuple[Build, Build]:
    """Either of two results."""
    return (lambda *leaves: function(*leaves)[0]), (lambda *leaves: function(*leaves)[1])


def slogdets(build: Build, *leaves: Leaf) -> list[tuple[Build, tuple[Leaf, ...]]]:
    return [(one, leaves) for one in both(lambda *a: L.slogdet(build(*a)))]


# Left sides, by the name of the rule: each over leaves of its own.
CASES: dict[str, list[tuple[Build, tuple[Leaf, ...]]]] = {
    "inv(a) @ b -> solve(a, b)": [
        (lambda a, b: L.inv(a) @ b, (A, WIDE)),
        (lambda a, b: L.inv(a) @ b, (A, V)),
        (lambda a, b: theon.einsum("ki,kj->ij", L.inv(a), b), (A, WIDE)),
        (lambda a, b: L.inv(a) @ b, (BATCH, SIDES)),
        (lambda a, b: L.inv(a) @ b, (BATCH, WIDE)),
        (lambda a, b: theon.einsum("ki,jlk->ijl", L.inv(a), b), (A, Leaf((3, 2, 2), small))),
    ],
    "b @ inv(a) -> solve(a.mT, b.mT).mT": [
        (lambda a, b: b @ L.inv(a), (A, TALL)),
        (lambda a, b: b @ L.inv(a), (A, V)),
        (lambda a, b: theon.einsum("jk,ik->ji", b, L.inv(a)), (A, TALL)),
        (lambda a, b: b @ L.inv(a), (BATCH, BATCH)),
        (lambda a, b: theon.einsum("aij,jk->aik", b, L.inv(a)), (A, Leaf((3, 1, 2), small))),
    ],
    "diag(d) @ b -> d[:, None] * b": [
        (lambda d, b: theon.diag(d) @ b, (D, WIDE)),
        (lambda d, b: theon.diag(d) @ b, (D, V)),
        (lambda d, b: theon.einsum("ki,kj->ij", theon.diag(d), b), (D, WIDE)),
    ],
    "b @ diag(d) -> b * d": [
        (lambda d, b: b @ theon.diag(d), (D, TALL)),
        (lambda d, b: b @ theon.diag(d), (D, V)),
        (lambda d, b: b @ theon.diag(d), (D, BATCH)),
        (lambda d, b: theon.einsum("ki,kjl->jli", theon.diag(d), b), (D, BATCH)),
    ],
    "a @ eye -> a": [
        (lambda a: a @ theon.eye(2, dtype=a.dtype), (TALL,)),
        (lambda a: theon.eye(2, dtype=a.dtype) @ a, (WIDE,)),
        (lambda a: a @ theon.eye(2, dtype=a.dtype), (BATCH,)),
        (lambda a: theon.tensordot(theon.eye(2, dtype=a.dtype), a, axes=([0], [1])), (BATCH,)),
    ],
    "trace(a @ b) -> sum(a * b.mT)": [
        (lambda a, b: L.trace(a @ b), (WIDE, TALL)),
        (lambda a, b: L.trace(a @ b), (BATCH, BATCH)),
        (lambda a, b: L.trace(theon.einsum("ki,jk->ij", a, b)), (TALL, Leaf((2, 3), small))),
    ],
    "diagonal(a @ b) -> sum(a * b.mT, -1)": [
        (lambda a, b: L.diagonal(a @ b), (WIDE, TALL)),
        (lambda a, b: L.diagonal(a @ b), (BATCH, BATCH)),
    ],
    "transpose(a) @ b -> dot(a, b)": [
        (lambda a, b: a.T @ b, (TALL, TALL)),
        (lambda a, b: a.mT @ b, (BATCH, SIDES)),
        (lambda a, b: a.T @ b, (TALL, Leaf((3,), small))),
    ],
    "a @ transpose(b) -> dot(a, b)": [
        (lambda a, b: a @ b.T, (TALL, TALL)),
        (lambda a, b: a @ b.mT, (SIDES, SIDES)),
        (lambda a, b: a @ b.T, (V, TALL)),
    ],
    "transpose(a @ b) -> dot(b, a)": [
        (lambda a, b: (a @ b).T, (WIDE, TALL)),
        (lambda a, b: (a @ b).mT, (BATCH, SIDES)),
    ],
    "a @ b -> a * b": [
        (lambda a, b: a @ b, (COLUMN, ROW)),
        (lambda a, b: theon.einsum("bij,bjk->bik", a, b), (Leaf((2, 2, 1), small), Leaf((2, 1, 3), small))),
        (lambda a, b: theon.einsum("i,j->ij", a, b), (V, D)),
        (lambda a, b: theon.einsum("bj,bj->b", a, b), (COLUMN, COLUMN)),
    ],
    "cholesky(c @ c.mT) -> c": [
        (lambda a, d: L.cholesky(times_own_transpose(theon.tril(a, -1) + theon.diag(theon.exp(d)))), (M, V)),
        (lambda a: L.cholesky(times_own_transpose(L.cholesky(definite(a)))), (M,)),
    ],
    "cholesky(c.mT @ c) -> c.mT": [
        (lambda a, d: L.cholesky(own_transpose_times(theon.triu(a, 1) + theon.diag(theon.exp(d)))), (M, V)),
    ],
    "inv(inv(a)) -> a": [(lambda a: L.inv(L.inv(a)), (A,)), (lambda a: L.inv(L.inv(a)), (BATCH,))],
    "inv(a.mT) -> inv(a).mT": [(lambda a: L.inv(a.mT), (A,)), (lambda a: L.inv(a.mT), (BATCH,))],
    "solve(a.mT, b) -> solve(a, b, trans)": [
        (lambda a, b: L.solve(a.mT, b), (A, WIDE)),
        (lambda a, b: L.solve(a.mT, b), (BATCH, SIDES)),
    ],
    "solve_triangular(a.mT, b) -> solve_triangular(a, b, trans)": [
        (lambda a, b: L.solve_triangular(a.mT, b), (A, WIDE)),
        (lambda a, b: L.solve_triangular(a.mT, b, lower=True, trans=1, unit_diagonal=True), (BATCH, SIDES)),
    ],
    "solve_triangular(tril(a), b) -> solve_triangular(a, b)": [
        (lambda a, b: L.solve_triangular(theon.tril(a), b, lower=True), (A, WIDE)),
        (lambda a, b: L.solve_triangular(theon.triu(a), b, trans=1), (A, WIDE)),
    ],
    "inv(kron(a, b)) -> kron(inv(a), inv(b))": [(lambda a, b: L.inv(theon.kron(a, b)), (A, A))],
    "solve(kron(a, b), v) -> solve(a, solve(b, v))": [
        (lambda a, b, v: L.solve(theon.kron(a, b), v), (A, A, Leaf((4, 1), small))),
        (lambda a, b, v: L.solve(theon.kron(a, b), v), (A, A1, Leaf((3, 2, 2), small))),
    ],
    "inv(block_diag(a, b)) -> block_diag(inv(a), inv(b))": [(lambda a, b: L.inv(L.block_diag(a, b)), (A, A1))],
    "solve(block_diag(a, b), v) -> solve(a, v), solve(b, v)": [
        (lambda a, b, v: L.solve(L.block_diag(a, b), v), (A, A1, Leaf((3, 2), small))),
    ],
    "diagonal(diag(d)) -> d": [
        (lambda d: theon.diag(theon.diag(d, 1), 1), (Leaf((144,), as_it_is),)),
        (lambda d: theon.diag(theon.diag(d)), (Leaf((3,), as_it_is),)),
    ],
    "log(det(a)) -> slogdet(a)[1]": [(lambda a: theon.log(L.det(definite(a))), (M,))],
    "log(det(a)) -> where(slogdet(a)[0] < 0, nan, slogdet(a)[1])": [
        (lambda a: theon.log(L.det(a)), (A,)),
        (lambda a: theon.log(L.det(a)), (BATCH,)),
    ],
    "log(abs(det(a))) -> slogdet(a)[1]": [(lambda a: theon.log(theon.abs(L.det(-a))), (A3,))],
    "det(a.mT) -> det(a)": [(lambda a: L.det(a.mT), (A,))],
    "det(inv(a)) -> 1 / det(a)": [(lambda a: L.det(L.inv(a)), (A,))],
    "slogdet(a.mT) -> slogdet(a)": slogdets(lambda a: a.mT, A),
    "slogdet(inv(a)) -> -slogdet(a)": slogdets(L.inv, A),
    "slogdet(tril(a)) -> sum(log(abs(diagonal(a))))": [
        *slogdets(lower, A),
        *slogdets(lambda a: theon.triu(-a), BATCH),
    ],
    "slogdet(a @ b) -> slogdet(a) + slogdet(b)": slogdets(lambda a, b: lower(a) @ upper(b), A, A),
    "slogdet(kron(a, b)) -> m * slogdet(a) + n * slogdet(b)": slogdets(theon.kron, A, A3),
    "slogdet(block_diag(a, b)) -> slogdet(a) + slogdet(b)": slogdets(L.block_diag, A, A1),
    "a.mT @ a -> eye": [
        (lambda q: own_transpose_times(orthogonal(q)), (Q,)),
        (lambda q: times_own_transpose(orthogonal(q)), (Q,)),
    ],
    "cholesky(diagonal) -> diag(sqrt(diagonal(a)))": [(lambda d: L.cholesky(theon.diag(d)), (D,))],
    "tril(lower) -> a": [(lambda a: theon.tril(theon.tril(a), 1), (M,))],
    "triu(upper) -> a": [(lambda a: theon.triu(theon.triu(a), -1), (M,))],
    "solve(diagonal, b) -> b / diagonal(a)": [
        (lambda d, b: L.solve(theon.diag(d), b), (D, WIDE)),
        (lambda d, b: L.solve(theon.diag(d), b), (D, SIDES)),
    ],
    "solve(orthogonal, b) -> a.mT @ b": [(lambda q, b: L.solve(orthogonal(q), b), (Q, WIDE))],
    "solve(lower, b) -> solve_triangular(a, b)": [(lambda a, b: L.solve(lower(a), b), (A, WIDE))],
    "solve(upper, b) -> solve_triangular(a, b)": [(lambda a, b: L.solve(upper(a), b), (BATCH, SIDES))],
    "solve(definite, b) -> cho_solve(cholesky(a), b)": [(lambda a, b: L.solve(definite(a), b), (M, WIDE))],
    "solve(a, b) -> lu_solve(lu_factor(a), b)": [
        (lambda a, b: L.solve(a, b), (A, WIDE)),
        (lambda a, b: L.solve(a[..., ::-1], b), (BATCH, SIDES)),
        (lambda a, b: L.solve(a[::-1], b), (A, SIDES)),
    ],
    "inv(diagonal) -> diag(1 / diagonal(a))": [(lambda d: L.inv(theon.diag(d)), (D,))],
    "inv(orthogonal) -> a.mT": [(lambda q: L.inv(orthogonal(q)), (Q,))],
    "inv(lower) -> solve_triangular(a, eye)": [(lambda a: L.inv(lower(a)), (A,))],
    "inv(upper) -> solve_triangular(a, eye)": [(lambda a: L.inv(upper(a)), (BATCH,))],
    "inv(definite) -> cho_solve(cholesky(a), eye)": [(lambda a: L.inv(definite(a)), (M,))],
    "inv(a) -> lu_solve(lu_factor(a), eye)": [
        (lambda a: L.inv(a), (A,)),
        (lambda a: L.inv(a[..., ::-1, :]), (BATCH,)),
    ],
    "det(tril(a)) -> prod(diagonal(a))": [(lambda a: L.det(lower(a)), (A,))],
    "det(a @ b) -> det(a) * det(b)": [(lambda a, b: L.det(lower(a) @ upper(b)), (A, A))],
    "det(block_diag(a, b)) -> det(a) * det(b)": [(lambda a, b: L.det(L.block_diag(a, b)), (A, A1))],
    "det(definite) -> prod(diagonal(cholesky(a)))**2": [(lambda a: L.det(definite(a)), (M,))],
    "det(a) -> prod(diagonal(lu_factor(a)))": [
        (lambda a: L.det(a), (A,)),
        (lambda a: L.det(a[..., ::-1]), (BATCH,)),
    ],
    "cofactors(a) -> det(a) * inv(a).mT": [(lambda a: Cofactors()(L.cholesky(definite(a))), (M,))],
    "slogdet(definite) -> 2 * sum(log(diagonal(cholesky(a))))": slogdets(definite, M),
    "slogdet(a) -> sum(log(abs(diagonal(lu_factor(a)))))": [
        *slogdets(lambda a: a, A),
        *slogdets(lambda a: a[..., ::-1], BATCH),
    ],
}


def matrix_cases(name: str, dtype: str) -> Iterator[tuple[tuple[Node, ...], Node, tuple[Bring, ...]]]:
    """Inputs, the left side over them, and how numbers are brought to each."""
    for build, leaves in CASES[name]:
        inputs = tuple(new_input(TensorType(as_dtype(dtype), leaf.shape), f"x{i}") for i, leaf in enumerate(leaves))
        try:
            left = build(*inputs)
        except TheonError:
            continue  # ints have no inverse in ints, and complex numbers no order
        yield inputs, left, tuple(leaf.bring for leaf in leaves)


__all__ = ["CASES", "matrix_cases"]
