"""Rows of linear algebra: spectra, orthonormal factors, functions and equations of matrices.

Signs and phases of eigenvectors and singular vectors are LAPACK's choice, which changes with the precision: rows of
these make results that do not depend on them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

import theon

from .linear_algebra import SQUARE, WIDE, definite, near_identity
from .row import BOOL, COMPLEXES, FLOATS, INTS, Array, Row, Shape, as_array, case, floating, normal, real_part

NUMBERS = (*FLOATS, *INTS, *COMPLEXES, ("int32", "float32"), ("float32", "complex64"), ("bool", "int8"))
SOLVED = ("float64", "float32", "complex128", "complex64", "int32")
REAL_SOLVED = ("float64", "float32", "float16", "int32")
OF_COMPLEX = ("complex64",)


def spread(rng: np.random.Generator, shape: Shape, dtype: str) -> Array:
    """Matrices of any shape whose singular values are far apart, and far from 0."""
    wide = normal(rng, shape, "complex128" if dtype.startswith("complex") else "float64") * 0.3
    size = min(shape[-2:])
    wide[..., np.arange(size), np.arange(size)] += 2.0 ** np.arange(size)
    return (np.rint(wide) if dtype.startswith("int") else wide).astype(dtype)


def deficient(rng: np.random.Generator, shape: Shape, dtype: str) -> Array:
    """Matrices whose second row repeats the first; small ints, so that it does in every dtype."""
    found = rng.integers(-3, 4, shape)
    if len(shape) > 1 and shape[-2] > 1:
        found[..., 1, :] = found[..., 0, :]
    return as_array(found, dtype)


def one_by_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one matrix for batches of them."""

    def of_all(x: Array, **kwargs: Any) -> Any:
        several = [function(one, **kwargs) for one in x.reshape((-1, *x.shape[-2:]))]
        return np.array(several).reshape((*x.shape[:-2], *np.shape(several[0])))

    return of_all


def powers(values: Any) -> Any:
    """The sums of numbers, of their squares and of their cubes: of a spectrum, in whatever order."""
    return [(values**k).sum(axis=-1) for k in (1, 2, 3)]


def complex_of(*dtypes: str) -> str:
    return "complex128" if floating(*dtypes) in ("float64", "complex128") else "complex64"


def squared(parts: Any) -> Any:
    """A matrix of the same eigenvectors, and eigenvalues squared; no phase is left in it."""
    w, v = parts
    return v @ ((w**2)[..., None] * theon.matrix_transpose(theon.conj(v)))


def some(parts: Any) -> list[Any]:
    return [parts] if not isinstance(parts, tuple) else list(parts)


def one_by_many(a: Array, mode: Any = "reduced") -> Any:
    found = np.linalg.qr(a, mode)
    return found if mode == "r" else list(found)


def least_squares(a: Array, b: Array) -> list[Any]:
    x, _, rank, s = np.linalg.lstsq(a, b)
    rest = abs(b - a @ x)
    return [x, (rest**2).sum(0), rank, s]


def permuted(a: Array) -> list[Array]:
    return list(scipy.linalg.lu(a))


def by_equation(solver: Callable[..., Any]) -> Callable[..., Array]:
    """A solver of single equations of matrices, the last of which is the right side, for batches of them."""

    def solved(*several: Array) -> Array:
        flat = [m.reshape((-1, *m.shape[-2:])) for m in several]
        return np.array([solver(*each) for each in zip(*flat, strict=True)]).reshape(several[-1].shape)

    return solved


def apart(rng: np.random.Generator, shape: Shape, dtype: str) -> Array:
    """Tensors that are well-conditioned as matrices."""
    half = round(float(np.prod(shape)) ** 0.5)
    return near_identity(rng, (half, half), dtype).reshape(shape)


SPECTRA = (
    Row(
        "linalg.eigh",
        lambda a: [theon.linalg.eigh(a)[0], theon.abs(theon.linalg.eigh(a)[1]), squared(theon.linalg.eigh(a))],
        lambda a: [np.linalg.eigvalsh(a), abs(np.linalg.eigh(a)[1]), a @ a],
        (case((3, 3)), case((2, 3, 3)), case((1, 1)), case((2, 1, 2, 2)), case((4, 4))),
        ("float64", "float32", "complex128", "complex64"),
        definite,
        gives=None,
        gradient_cases=(case((3, 3)), case((2, 3, 3)), case((2, 1, 2, 2))),
        gradient_dtypes=OF_COMPLEX,
        ulps=512,
    ),
    Row(
        "linalg.eigvalsh",
        theon.linalg.eigvalsh,
        np.linalg.eigvalsh,
        SQUARE,
        WIDE,
        definite,
        gives=lambda *dtypes: real_part(floating(*dtypes)),
        gradient_cases=SQUARE[:4],
        gradient_dtypes=OF_COMPLEX,
        ulps=256,
    ),
    Row(
        "linalg.eigvals",
        lambda a: powers(theon.linalg.eigvals(a)),
        lambda a: powers(np.linalg.eigvals(a).astype(complex)),
        (case((3, 3)), case((2, 3, 3)), case((1, 1)), case((2, 1, 2, 2)), case((4, 4))),
        ("int32", "float64", "float32", "complex128", "complex64"),
        near_identity,
        gives=complex_of,
        differentiable=False,
        ulps=2048,
    ),
    Row(
        "linalg.eig",
        lambda a: (
            theon.linalg.eig(a)[1] @ (theon.linalg.eig(a)[0][..., None] ** 2 * theon.linalg.inv(theon.linalg.eig(a)[1]))
        ),
        lambda a: (a @ a).astype(complex),
        (case((3, 3)), case((2, 3, 3)), case((1, 1)), case((2, 1, 2, 2)), case((4, 4))),
        # JAX has no derivative of eigenvectors: `tests/ops/test_matrix_functions.py` has it.
        ("int32", "float64", "float32", "complex128", "complex64"),
        near_identity,
        gives=complex_of,
        differentiable=False,
        ulps=2048,
    ),
)

TALL = (case((3, 3)), case((4, 2)), case((2, 4, 3)), case((1, 1)), case((2, 1, 2, 2)))
FLAT = (case((2, 4)), case((2, 3, 4)), case((1, 3)))
EMPTY = (case((0, 3)), case((3, 0)), case((0, 2, 3)))
ORTHONORMAL = (
    Row(
        "linalg.qr",
        lambda a, mode="reduced": theon.linalg.qr(a, mode),
        one_by_many,
        (*TALL, *FLAT, case((4, 2), mode="complete"), case((3, 2), mode="r"), case((0, 3))),
        REAL_SOLVED,
        spread,
        gives=floating,
        gradient_cases=(*TALL, case((3, 2), mode="r")),
        gradient_dtypes=OF_COMPLEX,
        ulps=256,
    ),
    Row(
        "linalg.svd",
        lambda a, **kwargs: [
            part if part.ndim < a.ndim else theon.abs(part) for part in some(theon.linalg.svd(a, **kwargs))
        ],
        lambda a, **kwargs: [part if part.ndim < a.ndim else abs(part) for part in some(np.linalg.svd(a, **kwargs))],
        (
            *(case(*each.shapes, full_matrices=False) for each in (*TALL, *FLAT)),
            case((3, 3)),
            case((4, 2), compute_uv=False),
            case((2, 3)),
            case((0, 3), full_matrices=False),
        ),
        SOLVED,
        spread,
        gives=None,
        gradient_cases=(
            *(case(*each.shapes, full_matrices=False) for each in (*TALL[:3], *FLAT[:2])),
            case((3, 3)),
            case((4, 2), compute_uv=False),
        ),
        gradient_dtypes=OF_COMPLEX,
        ulps=512,
    ),
    Row(
        "linalg.svdvals",
        theon.linalg.svdvals,
        np.linalg.svdvals,
        (*TALL, *FLAT, *EMPTY),
        (*SOLVED, "float16"),
        spread,
        gives=lambda *dtypes: real_part(floating(*dtypes)),
        gradient_dtypes=OF_COMPLEX,
        ulps=64,
    ),
    Row(
        "linalg.pinv",
        theon.linalg.pinv,
        np.linalg.pinv,
        (*TALL, *FLAT, *EMPTY),
        SOLVED,
        spread,
        gives=floating,
        gradient_dtypes=OF_COMPLEX,
        ulps=256,
    ),
    Row(
        "linalg.matrix_rank",
        theon.linalg.matrix_rank,
        lambda x, **kwargs: np.linalg.matrix_rank(x, **kwargs),
        (*TALL, *FLAT, case((3,)), case((3, 3), rtol=0.3)),
        ("int32", "float64", "float32", "complex128", "complex64"),
        deficient,
        gives="int32",
        differentiable=False,
    ),
    Row(
        "linalg.lstsq",
        lambda a, b: list(theon.linalg.lstsq(a, b)),
        least_squares,
        (
            case((4, 2), (4,)),
            case((4, 2), (4, 3)),
            case((3, 3), (3,)),
            case((2, 4), (2, 2)),
            case((5, 1), (5, 1)),
        ),
        ("float64", "float32", "complex128", "complex64"),
        (spread, normal),
        gives=None,
        gradient_dtypes=OF_COMPLEX,
        ulps=512,
    ),
)


FUNCTIONS = (
    Row(
        "linalg.expm",
        theon.linalg.expm,
        scipy.linalg.expm,
        SQUARE,
        WIDE,
        normal,
        gives=floating,
        gradient_cases=(case((3, 3)), case((2, 2, 2))),
        gradient_dtypes=OF_COMPLEX,
        ulps=512,
    ),
    Row(
        "linalg.sqrtm",
        theon.linalg.sqrtm,
        one_by_one(lambda x: scipy.linalg.sqrtm(x.astype(complex))),
        (case((3, 3)), case((2, 3, 3)), case((1, 1)), case((2, 1, 2, 2)), case((4, 4))),
        # JAX has no derivative of it: `tests/ops/test_matrix_functions.py` has it.
        ("int32", "float64", "float32", "complex128", "complex64"),
        definite,
        gives=complex_of,
        differentiable=False,
        ulps=512,
    ),
    Row(
        "linalg.solve_sylvester",
        theon.linalg.solve_sylvester,
        by_equation(scipy.linalg.solve_sylvester),
        (
            case((3, 3), (3, 3), (3, 3)),
            case((2, 2), (3, 3), (2, 3)),
            case((2, 2, 2), (2, 1, 1), (2, 2, 1)),
            case((1, 1), (1, 1), (1, 1)),
            case((2, 1, 2, 2), (2, 1, 3, 3), (2, 1, 2, 3)),
        ),
        ("float64", "float32", "complex128", "complex64"),
        (definite, definite, normal),
        gradient_dtypes=OF_COMPLEX,
        ulps=512,
    ),
    Row(
        "linalg.tensorsolve",
        theon.linalg.tensorsolve,
        np.linalg.tensorsolve,
        (
            case((2, 2, 4), (2, 2)),
            case((4, 2, 2), (4,)),
            case((3, 3), (3,)),
            case((1, 1), (1,)),
            case((2, 4, 2), (2, 2), axes=(1,)),
        ),
        ("float64", "float32", "complex64"),
        (apart, normal),
        gradient_dtypes=OF_COMPLEX,
        ulps=256,
        unknown=False,
    ),
    Row(
        "linalg.tensorinv",
        theon.linalg.tensorinv,
        np.linalg.tensorinv,
        (case((2, 2, 4)), case((4, 2, 2), ind=1), case((3, 3), ind=1), case((1, 1, 1)), case((6, 2, 3), ind=1)),
        ("float64", "float32", "complex64"),
        apart,
        gradient_dtypes=OF_COMPLEX,
        ulps=256,
    ),
    Row(
        "linalg.toeplitz",
        theon.linalg.toeplitz,
        scipy.linalg.toeplitz,
        (case((3,)), case((3,), (2,)), case((1,), (4,)), case((4,), (1,)), case((0,), (2,)), case((2,))),
        (*FLOATS, *INTS, *COMPLEXES, *BOOL),
        gradient_dtypes=OF_COMPLEX,
    ),
    Row(
        "linalg.lu",
        theon.linalg.lu,
        permuted,
        (case((3, 3)), case((2, 3, 3)), case((1, 1)), case((2, 1, 2, 2)), case((4, 4))),
        WIDE[:4],
        near_identity,
        gradient_dtypes=OF_COMPLEX,
        ulps=64,
    ),
    Row(
        "linalg.cho_factor",
        lambda a, lower: theon.linalg.cho_factor(a, lower)[0],
        one_by_one(lambda a, lower: (np.tril if lower else np.triu)(scipy.linalg.cho_factor(a, lower)[0])),
        tuple(
            case(each, lower=bool(k % 2)) for k, each in enumerate(((3, 3), (2, 3, 3), (1, 1), (2, 1, 2, 2), (4, 4)))
        ),
        WIDE[:4],
        definite,
        gradient_dtypes=OF_COMPLEX,
        ulps=64,
    ),
)


ROWS = (*SPECTRA, *ORTHONORMAL, *FUNCTIONS)
