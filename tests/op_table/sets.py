"""Rows of operations on sets."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon

from .pieces import tied
from .row import Array, Row, Special, case


def sized(function: Any) -> Any:
    """NumPy's, cut off or filled up with the smallest (or `fill_value`)."""

    def call(*operands: Array, size: int, fill_value: Any = None, **kwargs: Any) -> Any:
        found = function(*operands, **kwargs)
        columns = found if isinstance(found, tuple) else (found,)
        fitted = []
        for i, column in enumerate(columns):
            kept = column[0] if len(column) else 0
            filler = fill_value if fill_value is not None and i == 0 else kept
            fitted.append(np.concatenate([column, np.full(size, filler, column.dtype)])[:size])
        return fitted if len(fitted) > 1 else fitted[0]

    return call


MEMBERS = (
    case((7,), (5,), size=6), case((2, 3), (4,), size=8, fill_value=1), case((), (0,), size=2),
)  # fmt: skip
KINDS = ("float32", "complex64")
HOLES = Special(([np.nan, 1.0, np.nan, -np.inf, 2.0], [np.nan, 2.0, np.inf]), {"size": 7})

ROWS = (
    *(Row(name, getattr(theon, name), sized(getattr(np, name)), MEMBERS, KINDS, tied, special=(HOLES,))
      for name in ("union1d", "setdiff1d", "setxor1d")),
    Row("setdiff1d", lambda x, y, **kwargs: theon.setdiff1d(x, y, True, **kwargs),
        sized(lambda x, y: np.setdiff1d(x, y, True)), MEMBERS[:1], ("float32",), tied),
    Row("intersect1d", lambda x, y, **kwargs: theon.intersect1d(x, y, return_indices=True, **kwargs),
        sized(lambda x, y: np.intersect1d(x, y, return_indices=True)), MEMBERS,
        ("int32", "complex64"), tied, None, differentiable=False),
    # Of what stays equal when it moves.
    Row("intersect1d", lambda x, size: theon.intersect1d(x, x.ravel()[1:] * 1.0, size=size),
        sized(lambda x: np.intersect1d(x, x.ravel()[1:])),
        (case((5,), size=2), case((2, 3), size=7)), ("float64",),
        special=(Special(([np.nan, 1.0, np.nan, -np.inf, 2.0],), {"size": 7}),)),
)  # fmt: skip
