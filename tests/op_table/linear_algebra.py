"""Rows of linear algebra: parts of matrices, factorisations, systems, inverses and determinants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

import theon
from theon.graph.node import Node
from theon.ops.linear_algebra.determinant import Cofactors
from theon.ops.linear_algebra.factorize import Parity

from .row import (
    BOOL,
    COMPLEXES,
    FLOATS,
    INTS,
    Array,
    Combination,
    Row,
    Shape,
    Special,
    as_array,
    case,
    floating,
    normal,
)

EVERY = (*FLOATS, *INTS, *COMPLEXES, *BOOL)
WIDE: tuple[Combination, ...] = ("float64", "float32", "complex128", "complex64", "int32", "float16", "bfloat16")
NUMBERS = (*FLOATS, *INTS, *COMPLEXES, ("int32", "float32"), ("float32", "float64"))


def near_identity(rng: np.random.Generator, shape: Shape, dtype: str) -> Array:
    """Square matrices whose systems are well-conditioned, none of them symmetric; small ints for int dtypes."""
    size = shape[-1]
    wide = normal(rng, shape, "complex128" if dtype.startswith("complex") else "float64") * 0.4
    if dtype.startswith("int"):
        wide = np.rint(wide)
    return as_array(wide + 3 * np.eye(size)[::-1], dtype)


def definite(rng: np.random.Generator, shape: Shape, dtype: str) -> Array:
    """Positive definite matrices."""
    half = near_identity(rng, shape, "complex128" if dtype.startswith("complex") else "float64")
    return as_array(half @ np.conj(np.swapaxes(half, -1, -2)), dtype)


def triangular(rng: np.random.Generator, shape: Shape, dtype: str) -> Array:
    """Matrices both of whose triangles are well-conditioned."""
    return as_array(near_identity(rng, shape, dtype)[..., ::-1, :], dtype)


def apart(rng: np.random.Generator, shape: Shape, dtype: str) -> Array:
    """Matrices whose singular values are far apart, as JAX's derivative of a singular value decomposition needs."""
    return as_array(near_identity(rng, shape, dtype) * 2.0 ** np.arange(shape[-1]), dtype)


def cofactors(x: Array) -> Array:
    return np.asarray(np.linalg.det(x)[..., None, None] * np.swapaxes(np.linalg.inv(x), -1, -2))


def last_two(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, offset=0: function(x, offset, axis1=-2, axis2=-1)


def summed_in_32(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """The dtype of sums of small ints."""
    return lambda dtype: {"int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}.get(dtype, dtype)


def flat(x: Any) -> Any:
    """LAPACK's factors of many matrices, one by one."""
    several = [scipy.linalg.lu_factor(one) for one in x.reshape((-1, *x.shape[-2:]))]
    lu, pivots = (np.array([one[i] for one in several]) for i in (0, 1))
    return lu.reshape(x.shape), pivots.reshape(x.shape[:-1]).astype("int32")


def by_matrices(solver: Callable[..., Any]) -> Callable[..., Any]:
    """A solver of single systems for batches of them."""

    def solved(a: Array, b: Array, **kwargs: Any) -> Array:
        columns = b[:, None] if b.ndim == 1 else b
        lead = np.broadcast_shapes(a.shape[:-2], columns.shape[:-2])
        count = int(np.prod(lead))
        many = np.broadcast_to(a, (*lead, *a.shape[-2:])).reshape((count, *a.shape[-2:]))
        sides = np.broadcast_to(columns, (*lead, *columns.shape[-2:])).reshape((count, *columns.shape[-2:]))
        found = [solver(m, s, **kwargs) if s.size else s for m, s in zip(many, sides, strict=True)]
        shaped = np.array(found).reshape((*lead, *columns.shape[-2:]))
        return shaped[..., 0] if b.ndim == 1 else shaped

    return solved


SQUARE = (case((3, 3)), case((2, 3, 3)), case((1, 1)), case((2, 1, 2, 2)), case((0, 0)), case((0, 2, 2)), case((4, 4)))
SIDES = (
    case((3, 3), (3, 2)),
    case((3, 3), (3,)),
    case((2, 3, 3), (2, 3, 1)),
    case((3, 3), (2, 3, 2)),
    case((2, 1, 2, 2), (3, 2, 2)),
    case((2, 2, 2), (2,)),
    case((1, 1), (1, 4)),
    case((0, 0), (0, 2)),
    case((3, 3), (3, 0)),
)
PAIRS: tuple[Combination, ...] = (*WIDE, ("float32", "float64"), ("int32", "float32"), ("complex64", "float32"))

PARTS = (
    *(
        Row(
            name,
            getattr(theon, name),
            getattr(np, name),
            (
                case((3, 3)),
                case((2, 3), k=1),
                case((3, 2), k=-1),
                case((2, 2, 4), k=2),
                case((0, 3)),
                case((2, 3, 3), k=-5),
            ),
            EVERY,
            gradient_dtypes=("complex64",),
        )
        for name in ("tril", "triu")
    ),
    Row(
        "diag",
        theon.diag,
        np.diag,
        (
            case((3,)),
            case((2, 3)),
            case((3,), k=2),
            case((3, 2), k=-1),
            case((0,)),
            case((2,), k=-1),
            case((3, 3), k=7),
        ),
        EVERY,
        gradient_dtypes=("complex64",),
    ),
    Row(
        "diagonal",
        theon.diagonal,
        np.diagonal,
        (
            case((3, 3)),
            case((2, 3, 4), offset=1),
            case((2, 3, 4), axis1=-1, axis2=0),
            case((3, 2), offset=-1),
            case((0, 3)),
            case((3, 3), offset=-4),
        ),
        EVERY,
        gradient_dtypes=("complex64",),
    ),
    Row(
        "trace",
        theon.trace,
        np.trace,
        (case((3, 3)), case((2, 3, 4), offset=1), case((2, 3, 4), axis1=2, axis2=0), case((2, 2)), case((0, 3))),
        (*FLOATS, *COMPLEXES, "int32", "int8", "uint16"),
        gives=summed_in_32(np.trace),
    ),
    Row(
        "linalg.diagonal",
        theon.linalg.diagonal,
        last_two(np.diagonal),
        (case((3, 3)), case((2, 3, 4), offset=1), case((2, 4, 3), offset=-2), case((0, 2, 2)), case((2, 0, 3))),
        EVERY,
    ),
    Row(
        "linalg.trace",
        theon.linalg.trace,
        last_two(np.trace),
        (case((3, 3)), case((2, 3, 4), offset=1), case((2, 4, 3), offset=-2), case((0, 2, 2)), case((2, 0, 3))),
        (*FLOATS, *COMPLEXES, "int32", "int8", "uint16"),
        gives=summed_in_32(np.trace),
    ),
    Row(
        "kron",
        theon.kron,
        np.kron,
        (
            case((2, 3), (3, 2)),
            case((3,), (2,)),
            case((2,), (2, 3)),
            case((), (3,)),
            case((2, 1, 2), (3, 2)),
            case((0, 2), (3, 3)),
        ),
        NUMBERS,
        gradient_dtypes=("complex64",),
    ),
    Row(
        "linalg.block_diag",
        theon.linalg.block_diag,
        scipy.linalg.block_diag,
        (
            case((2, 2), (1, 3)),
            case((2, 3)),
            case((2,), (), (2, 1)),
            case((0, 2), (2, 2)),
            case((2, 2), (3, 0), (1, 1)),
            case((3, 2, 2), (2, 1)),
        ),
        (*NUMBERS[:-2], "bool"),
        gradient_dtypes=("complex64",),
    ),
)

FACTORS = (
    Row(
        "linalg.cholesky",
        theon.linalg.cholesky,
        lambda x, **kwargs: np.linalg.cholesky(x, **kwargs),
        (*SQUARE, case((3, 3), upper=True)),
        WIDE,
        definite,
        gives=floating,
        gradient_dtypes=("complex64",),
        ulps=64,
    ),
    Row(
        "linalg.lu_factor",
        theon.linalg.lu_factor,
        flat,
        (case((3, 3)), case((2, 3, 3)), case((1, 1)), case((2, 1, 2, 2)), case((4, 4))),
        WIDE,
        near_identity,
        gives=None,
        gradient_dtypes=("complex64",),
        ulps=64,
    ),
)

SYSTEMS = (
    Row(
        "linalg.solve",
        theon.linalg.solve,
        by_matrices(scipy.linalg.solve),
        (*SIDES, case((3, 3), (3, 2), assume_a="pos")),
        PAIRS,
        (definite, normal),
        gives=floating,
        gradient_dtypes=("complex64",),
        ulps=64,
    ),
    Row(
        "linalg.solve_triangular",
        theon.linalg.solve_triangular,
        by_matrices(scipy.linalg.solve_triangular),
        (
            *SIDES,
            case((3, 3), (3, 2), lower=True),
            case((3, 3), (3,), lower=True, trans=1),
            case((2, 3, 3), (3, 2), trans=2),
            case((3, 3), (3, 2), lower=True, unit_diagonal=True),
            case((3, 3), (2, 3, 2), trans="T", unit_diagonal=True),
        ),
        PAIRS,
        (triangular, normal),
        gives=floating,
        gradient_cases=(
            case((3, 3), (3,)),
            case((2, 3, 3), (3, 2), trans=2),
            case((3, 3), (3, 2), lower=True, unit_diagonal=True),
            case((3, 3), (2, 3, 2), trans="T", unit_diagonal=True),
        ),
        gradient_dtypes=("complex64",),
        ulps=64,
    ),
    Row(
        "linalg.cho_solve",
        lambda c, b, lower: theon.linalg.cho_solve((c, lower), b),
        by_matrices(lambda c, b, lower: scipy.linalg.cho_solve((c, lower), b)),
        tuple(case(*each.shapes, lower=bool(k % 2)) for k, each in enumerate(SIDES)),
        PAIRS,
        (triangular, normal),
        gives=floating,
        gradient_dtypes=("complex64",),
        ulps=64,
    ),
    Row(
        "linalg.lu_solve",
        lambda a, b, trans: theon.linalg.lu_solve(theon.linalg.lu_factor(a), b, trans),
        by_matrices(lambda a, b, trans: scipy.linalg.lu_solve(scipy.linalg.lu_factor(a), b, trans)),
        tuple(case(*each.shapes, trans=k % 3) for k, each in enumerate(SIDES)),
        ("float64", "float32", "complex128", "complex64"),
        (near_identity, normal),
        gives=floating,
        gradient_dtypes=("complex64",),
        ulps=64,
    ),
    Row(
        "linalg.inv",
        theon.linalg.inv,
        np.linalg.inv,
        SQUARE,
        WIDE,
        near_identity,
        gives=floating,
        gradient_dtypes=("complex64",),
        ulps=64,
    ),
)

DETERMINANTS = (
    Row(
        "linalg.det",
        theon.linalg.det,
        np.linalg.det,
        SQUARE,
        WIDE,
        near_identity,
        gives=floating,
        gradient_dtypes=("complex64",),
        ulps=64,
        special=(Special((np.array([[1.0, 2.0], [2.0, 4.0]]),)), Special((np.zeros((3, 3)),))),
    ),
    Row(
        "linalg.slogdet",
        theon.linalg.slogdet,
        lambda x: tuple(np.linalg.slogdet(x)),
        SQUARE,
        WIDE,
        near_identity,
        gives=None,
        gradient_dtypes=("complex64",),
        ulps=64,
        special=(Special((np.array([[0.0, 2.0], [2.0, 0.0]]),)), Special((np.zeros((3, 3)),))),
    ),
)


def by_factors(a: Node) -> Node:
    """The determinant by the factors, and the sign of their exchanges."""
    lu, pivots = theon.linalg.lu_factor(a)
    return Parity(lu.dtype)(pivots) * theon.prod(theon.linalg.diagonal(lu), axis=-1)


# What rules and gradients make of determinants.
DERIVED = (
    Row(
        "linalg.lu_factor",
        by_factors,
        np.linalg.det,
        (case((3, 3)), case((2, 3, 3)), case((2, 2)), case((1, 1)), case((4, 4))),
        ("float64", "float32", "complex128", "complex64"),
        near_identity,
        gradient_dtypes=("complex64",),
        ulps=256,
    ),
    Row(
        "linalg.det",
        Cofactors(),
        cofactors,
        (case((3, 3)), case((2, 3, 3)), case((2, 2)), case((1, 1)), case((0, 2, 2))),
        ("float64", "float32", "complex128", "complex64"),
        apart,
        gradient_cases=(case((2, 2)), case((2, 2, 2)), case((1, 1))),
        ulps=256,
    ),
)

ROWS = (*PARTS, *FACTORS, *SYSTEMS, *DETERMINANTS, *DERIVED)
