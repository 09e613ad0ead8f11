"""Rows of linear algebra: polar and Schur forms, Lyapunov's equations, and matrices of a pattern."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

import theon
from theon.graph.node import Node
from theon.ops.linear_algebra.polar import HermitianSylvester

from .linear_algebra import definite, near_identity
from .matrix_functions import FLAT, OF_COMPLEX, SOLVED, TALL, by_equation, complex_of, powers, spread
from .row import BOOL, COMPLEXES, FLOATS, INTS, Array, Row, case, floating, normal, uniform


def each(function: Callable[..., Any], axes: int) -> Callable[..., Any]:
    """A function of one matrix or vector, which gives one array or several, for batches of them."""

    def of_all(x: Array, **kwargs: Any) -> Any:
        lead = x.shape[: x.ndim - axes]
        several = [function(one, **kwargs) for one in x.reshape((-1, *x.shape[x.ndim - axes :]))]
        if not isinstance(several[0], tuple):
            return np.array(several).reshape((*lead, *several[0].shape))
        return [np.array(part).reshape((*lead, *part[0].shape)) for part in zip(*several, strict=True)]

    return of_all


def turned(x: Node) -> Node:
    return theon.matrix_transpose(theon.conj(x))


def of_a_square(a: Node, w: Node) -> Node:
    """The equation of which a polar form's gradient is made."""
    return HermitianSylvester()(a @ turned(a), w)


def of_a_square_by_elements(a: Array, w: Array) -> Array:
    p = a @ np.conj(np.swapaxes(a, -1, -2))
    return by_equation(scipy.linalg.solve_sylvester)(p, p, w)


def unitary_and_triangular(a: Node, output: str) -> list[Node]:
    """What a Schur form has to be, whatever the phases: and sums over the diagonal where that has the eigenvalues."""
    t, z = theon.linalg.schur(a, output)
    below = theon.tril(t, -1 if output == "complex" else -2)
    sums = powers(theon.linalg.diagonal(t)) if output == "complex" else []
    return [z @ t @ turned(z), z @ turned(z), below, *sums]


def itself(a: Array, output: str) -> list[Array]:
    one = np.broadcast_to(np.eye(a.shape[-1]), a.shape)
    sums = powers(np.linalg.eigvals(a).astype(complex)) if output == "complex" else []
    return [a, one, 0 * a, *sums]


FORMS = (
    Row(
        "linalg.polar",
        theon.linalg.polar,
        each(scipy.linalg.polar, 2),
        (*TALL, *FLAT, case((4, 2), side="left"), case((2, 3), side="left"), case((2, 3, 3), side="left")),
        SOLVED,
        spread,
        gives=floating,
        gradient_cases=(case((3, 3)), case((4, 2)), case((2, 2, 3)), case((2, 3), side="left")),
        gradient_dtypes=OF_COMPLEX,
        ulps=256,
    ),
    Row(
        "linalg.solve_sylvester",
        of_a_square,
        of_a_square_by_elements,
        (case((3, 3), (3, 3)), case((2, 3, 3), (2, 3, 3)), case((1, 1), (1, 1)), case((2, 1, 2, 2), (2, 1, 2, 2))),
        ("float64", "float32", "complex128", "complex64"),
        (near_identity, normal),
        gradient_cases=(case((3, 3), (3, 3)), case((2, 2, 2), (2, 2, 2))),
        gradient_dtypes=OF_COMPLEX,
        ulps=512,
    ),
    Row(
        "linalg.schur",
        unitary_and_triangular,
        itself,
        tuple(case(shape, output="real") for shape in ((3, 3), (2, 3, 3), (1, 1), (2, 1, 2, 2), (6, 6))),
        # JAX has no derivative of it: `tests/ops/test_matrix_forms.py` has it.
        ("int32", "float64", "float32", "complex128", "complex64", "float16"),
        near_identity,
        gives=floating,
        differentiable=False,
        ulps=128,
    ),
    Row(
        "linalg.schur",
        unitary_and_triangular,
        itself,
        tuple(case(shape, output="complex") for shape in ((3, 3), (2, 3, 3), (1, 1), (2, 1, 2, 2), (6, 6))),
        ("int32", "float64", "float32", "complex128", "complex64"),
        near_identity,
        gives=complex_of,
        differentiable=False,
        ulps=4096,
    ),
    Row(
        "linalg.solve_continuous_lyapunov",
        theon.linalg.solve_continuous_lyapunov,
        by_equation(scipy.linalg.solve_continuous_lyapunov),
        tuple(case(shape, shape) for shape in ((3, 3), (2, 3, 3), (1, 1), (2, 1, 2, 2), (4, 4))),
        ("float64", "float32", "complex128", "complex64"),
        (definite, normal),
        gradient_cases=(case((3, 3), (3, 3)), case((2, 2, 2), (2, 2, 2))),
        gradient_dtypes=OF_COMPLEX,
        ulps=512,
    ),
    Row(
        "linalg.solve_discrete_lyapunov",
        theon.linalg.solve_discrete_lyapunov,
        by_equation(scipy.linalg.solve_discrete_lyapunov),
        tuple(case(shape, shape) for shape in ((3, 3), (2, 3, 3), (1, 1), (2, 1, 2, 2), (4, 4))),
        ("float64", "float32", "complex128", "complex64"),
        (near_identity, normal),
        gradient_cases=(case((3, 3), (3, 3)), case((2, 2, 2), (2, 2, 2))),
        gradient_dtypes=OF_COMPLEX,
        ulps=512,
    ),
)


def in_dtype(function: Callable[..., Any], default: str) -> Callable[..., Any]:
    """SciPy's matrix of a size, rounded to what theon is asked for."""
    return lambda dtype=default, **kwargs: np.asarray(function(**kwargs)).astype(dtype)


def transform(n: int, scale: str | None = None) -> Array:
    """The transform of unit vectors, which is more exact than SciPy's powers of one root."""
    return np.asarray(np.fft.fft(np.eye(n)) / {None: 1.0, "sqrtn": np.sqrt(n), "n": n}[scale])


PATTERNS = (
    Row(
        "linalg.circulant",
        theon.linalg.circulant,
        each(scipy.linalg.circulant, 1),
        (case((3,)), case((1,)), case((2, 4)), case((2, 1, 3)), case((5,))),
        (*FLOATS, *INTS, *COMPLEXES, *BOOL),
        gradient_dtypes=OF_COMPLEX,
    ),
    Row(
        "linalg.hankel",
        theon.linalg.hankel,
        scipy.linalg.hankel,
        (case((3,)), case((3,), (2,)), case((1,), (4,)), case((4,), (1,)), case((0,), (2,)), case((2,))),
        (*FLOATS, *INTS, *COMPLEXES, *BOOL),
        gradient_dtypes=OF_COMPLEX,
    ),
    Row(
        "linalg.companion",
        theon.linalg.companion,
        each(scipy.linalg.companion, 1),
        (case((4,)), case((2,)), case((2, 3)), case((2, 1, 4)), case((3,))),
        (*FLOATS, "int32", "int8", *COMPLEXES),
        uniform(1, 4),
        gives=floating,
        gradient_dtypes=OF_COMPLEX,
    ),
    Row(
        "linalg.hilbert",
        theon.linalg.hilbert,
        in_dtype(scipy.linalg.hilbert, "float32"),
        (case(n=3), case(n=1), case(n=0), case(n=20, dtype="float64"), case(n=5, dtype="float16")),
        gives=None,
        differentiable=False,
    ),
    Row(
        "linalg.hadamard",
        theon.linalg.hadamard,
        in_dtype(scipy.linalg.hadamard, "int32"),
        (case(n=1), case(n=2), case(n=8), case(n=64), case(n=4, dtype="float32")),
        gives=None,
        differentiable=False,
    ),
    Row(
        "linalg.pascal",
        theon.linalg.pascal,
        in_dtype(scipy.linalg.pascal, "float32"),
        (
            case(n=4),
            case(n=5, kind="lower"),
            case(n=5, kind="upper"),
            case(n=1),
            case(n=34, dtype="uint64"),
            case(n=17, dtype="int32"),
            case(n=60, dtype="float64"),
        ),
        gives=None,
        differentiable=False,
        ulps=1,
    ),
    Row(
        "linalg.dft",
        theon.linalg.dft,
        in_dtype(transform, "complex64"),
        (
            case(n=4),
            case(n=7, scale="sqrtn"),
            case(n=12, scale="n"),
            case(n=1),
            case(n=30, dtype="complex128"),
        ),
        gives=None,
        differentiable=False,
        ulps=16,
    ),
)

ROWS = (*FORMS, *PATTERNS)
