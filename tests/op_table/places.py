"""Rows of windows, and of positions to index with."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.signal import windows

import theon

from .row import Row, case, uniform


def window(name: str) -> Any:
    """SciPy's."""
    return lambda M, periodic=False, dtype=None: getattr(windows, name)(M, sym=not periodic)


SIZES = (
    case(M=5), case(M=1), case(M=0), case(M=2), case(M=8), case(M=51, dtype="float64"),
    *(case(M=M, periodic=True) for M in (1, 2, 7, 8)), case(M=4, dtype="bfloat16"),
)  # fmt: skip

WINDOWS = (
    *(Row(name, getattr(theon, name), window("hann" if name == "hanning" else name), SIZES, gives=None, ulps=2,
          differentiable=False) for name in ("bartlett", "blackman", "hamming", "hanning")),
    Row("kaiser", lambda beta, M, **kwargs: theon.kaiser(M, beta, **kwargs),
        lambda beta, M, periodic=False, dtype=None: windows.kaiser(M, beta, sym=not periodic),
        (case((), M=5), case((), M=0), case((), M=4, periodic=True)),
        ("float32",), uniform(0, 20), None, ulps=32,
        gradient_cases=(case((), M=5, dtype="float64"), case((), M=4, periodic=True, dtype="float64"))),
)  # fmt: skip


def summed(make: Any) -> Any:
    """Of a function of positions, one that has all of them in it."""

    def call(shape: Any, **kwargs: Any) -> Any:
        return make(lambda *at, by=1: sum((i * 10**k * by for k, i in enumerate(at)), start=1), shape, **kwargs)

    return call


TRIANGLES = (case(n=3), case(n=3, k=1), case(n=2, k=-1, m=4), case(n=0), case(n=4, m=2, k=-2), case(n=1, k=5))

PLACES = (
    Row("diag_indices", theon.diag_indices, np.diag_indices,
        (case(n=3), case(n=0), case(n=2, ndim=3), case(n=1, ndim=1), case(n=4)), gives=None, differentiable=False),
    Row("diag_indices_from", theon.diag_indices_from, np.diag_indices_from,
        (case((3, 3)), case((0, 0)), case((2, 2, 2)), case((1, 1)), case((4, 4))), gives="int32",
        differentiable=False),
    *(Row(name, getattr(theon, name), getattr(np, name), TRIANGLES, gives=None, differentiable=False)
      for name in ("tril_indices", "triu_indices")),
    *(Row(name, getattr(theon, name), getattr(np, name),
          (case((3, 3)), case((3, 3), k=1), case((2, 4), k=-1), case((0, 2)), case((4, 2), k=-2)), gives="int32",
          differentiable=False, unknown=False) for name in ("tril_indices_from", "triu_indices_from")),
    Row("ix_", theon.ix_, np.ix_, (case((2,), (3,)), case((0,), (2,)), case((3,)), case((1,), (2,), (2,)), case()),
        ("int32", "int8", "uint16"), gives=None, differentiable=False),
    Row("fromfunction", summed(theon.fromfunction), summed(np.fromfunction),
        (case(shape=(2, 3)), case(shape=(4,)), case(shape=(0, 2)), case(shape=(2, 1, 2), dtype="int32"),
         case(shape=(2, 2), by=3)), gives=None, differentiable=False),
)  # fmt: skip

ROWS = (*WINDOWS, *PLACES)
