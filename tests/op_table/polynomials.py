"""Rows of polynomials."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon

from .row import Array, Row, case, floating, normal, uniform

INEXACT = ("float32", "float64", "complex64", ("int32", "float32"))


def one_axis(function: Any) -> Any:
    """A function of NumPy's of polynomials that are vectors: scalars are, too."""

    def call(*operands: Any, **kwargs: Any) -> Any:
        found = function(*map(np.atleast_1d, operands), **kwargs)
        return found if isinstance(found, tuple) else np.atleast_1d(found)

    return call


def multiplied(a: Array, b: Array) -> Array:
    """Without leaving zeros in front out, as `np.polymul` does; a polynomial without coefficients is 0."""
    a, b = (p if p.size else np.zeros(1, p.dtype) for p in (a, b))
    return np.convolve(a, b)


def divided(u: Array, v: Array) -> tuple[Array, Array]:
    """NumPy's remainder with the zeros in front that it leaves out."""
    u = u if u.size else np.zeros(1)
    quotient, rest = np.polydiv(u, v)
    length = len(u) if len(u) < len(v) else max(len(v) - 1, 1)
    return quotient, np.concatenate([np.zeros(length - len(rest), rest.dtype), rest])


def fitted(x: Array, y: Array, w: Array | None = None, *, deg: int, full: bool = False, cov: Any = False) -> Any:
    """NumPy's, whose sum of squares has an axis also of one polynomial."""
    rest: dict[str, Any] = {"w": w, "full": full, "cov": cov}
    found: Any = np.polyfit(x, y, deg, **rest)
    if full:
        return found[0], found[1][0] if y.ndim == 1 else found[1], found[2], found[3]
    return found


def fit(x: Any, y: Any, w: Any = None, full: bool = False, **kwargs: Any) -> Any:
    found = theon.polyfit(x, y, w=w, full=full, **kwargs)
    return found[:4] if full else found


PAIRS = (case((3,), (3,)), case((2,), (4,)), case((4,), (1,)), case((), (3,)), case((0,), (2,)), case((0,), (0,)))

ROWS = (
    Row("polyval", theon.polyval, one_axis(np.polyval),
        (case((3,), (2,)), case((4,), (2, 3)), case((1,), (3,)), case((0,), (2,)), case((2,), (0,)), case((7,), (4,))),
        ("float32", "bfloat16", "int8", ("complex64", "float64")), (normal, uniform(-1, 1.5)), ulps=32,
        gradient_dtypes=("complex128",)),
    Row("polyval", theon.polyval, np.polyval,
        (case((3,), ()), case((1,), ()), case((2,), ()), case((0,), ()), case((5,), ())),
        ("float32", "int32"), (normal, uniform(-1, 1.5)), ulps=32),
    *(Row(name, getattr(theon, name), one_axis(getattr(np, name)), PAIRS, ("float32", "uint8", ("int32", "complex64")),
          unknown=False, gradient_dtypes=("complex128",)) for name in ("polyadd", "polysub")),
    Row("polymul", theon.polymul, one_axis(multiplied),
        (case((3,), (2,)), case((1,), (4,)), case((), (3,)), case((0,), (2,)), case((2,), (2,)), case((), ())),
        ("float32", "int8", "complex64", ("int32", "float32")), ulps=32, unknown=False,
        gradient_dtypes=("complex128",)),
    Row("polydiv", theon.polydiv, one_axis(divided),
        (case((5,), (3,)), case((3,), (3,)), case((2,), (4,)), case((4,), (1,)), case((), (2,)), case((1,), (1,)),
         case((0,), (2,)), case((6,), ())),
        INEXACT, (normal, uniform(1, 3)), floating, ulps=512, unknown=False, gradient_dtypes=("complex128",)),
    Row("polyder", theon.polyder, one_axis(np.polyder),
        (case((4,)), case((4,), m=2), case((3,), m=0), case((2,), m=3), case(()), case((0,)), case((1,))),
        ("float32", "bfloat16", "int8", "uint32", "complex64"), gives=None),
    Row("polyint", theon.polyint, one_axis(np.polyint),
        (case((3,)), case((3,), m=2), case((2,), m=0), case(()), case((0,), m=2), case((2,), m=2, k=[1.5, -2.5]),
         case((2,), m=2, k=0.5)), ("float32", "bfloat16", "bool", "complex64"), gives=floating),
    Row("polyint", lambda p, k: theon.polyint(p, 2, k), lambda p, k: np.polyint(np.atleast_1d(p), 2, k),
        (case((3,), ()), case((2,), (1,)), case((2,), (2,)), case((0,), (2,)), case((4,), ())),
        ("float32", "float64", ("float32", "int32"))),
    Row("poly", theon.poly, one_axis(np.poly),
        (case((3,)), case((1,)), case((0,)), case(()), case((5,))), ("float32", "int32", "complex64"), normal, floating,
        ulps=64, unknown=False, gradient_dtypes=("complex128",)),
    # JAX has no derivative of eigenvectors: `tests/ops/test_polynomials.py` has it.
    Row("poly", theon.poly, np.poly, (case((3, 3)), case((1, 1)), case((2, 2)), case((4, 4))),
        ("int32", "float64", "float32"), gives=floating, ulps=2048, unknown=False, differentiable=False),
    # A polynomial is made of its roots again.
    Row("roots", lambda p: theon.poly(theon.roots(p)) * p[0], lambda p: p.astype(complex),
        (case((4,)), case((2,)), case((3,)), case((6,)), case((1,))), ("int32", "float64", "float32", "complex64"),
        uniform(1, 3), None, ulps=1024, unknown=False, differentiable=False),
    Row("polyfit", fit, fitted,
        (case((3,), (3,), deg=0), case((4,), (4,), deg=3), case((6,), (6, 2), deg=1, cov=True),
         case((6,), (6,), deg=1, full=True)),
        ("float64", "float32"), (uniform(-1, 1), normal), None, ulps=4096,
        gradient_cases=(case((5,), (5,), deg=1), case((5,), (5, 2), deg=1, cov=True))),
    Row("polyfit", fit, fitted,
        (case((6,), (6, 2), (6,), deg=1), case((6,), (6,), (6,), deg=2, cov="unscaled")),
        ("float64",), (uniform(-1, 1), normal, uniform(0.5, 2)), None, ulps=4096,
        gradient_cases=(case((5,), (5,), (5,), deg=1),)),
)  # fmt: skip
