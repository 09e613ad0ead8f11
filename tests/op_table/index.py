"""Rows of indexing. The expressions in brackets themselves are tested in `tests/ops/test_index.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon

from .row import BOOL, COMPLEXES, FLOATS, INTS, Row, case, integers, normal

EVERY = tuple((dtype, "int32") for dtype in (*FLOATS, *INTS, *COMPLEXES, *BOOL))
BY_EVERY_INT = tuple(("float32", dtype) for dtype in INTS)


def along(x: Any, indices: Any, axis: int = -1) -> Any:
    return np.take_along_axis(x, indices, axis)


def written(add: bool) -> Any:
    """NumPy's `x[at] = values`, or `+=` in which every value counts, on a copy."""

    def update(x: Any, values: Any, at: Any) -> Any:
        x = x.copy()
        if add:
            np.add.at(x, at, values)
        else:
            x[at] = values
        return x

    return update


WRITES = (
    case((5,), (), at=2),
    case((5, 3), (3,), at=np.s_[1:4]),
    case((5, 3), (3, 1), at=np.s_[::-2]),
    case((4, 3), (2, 1), at=np.s_[[0, 3], ::2]),
    case((4, 3), (2,), at=np.s_[[0, 3], [-1, 1]]),
    case((4, 3), (1, 4), at=np.s_[None, :, 1]),
    case((2, 3, 4), (3, 2), at=np.s_[:, :, [0, 3]]),
    case((2, 3, 4), (2, 1), at=np.s_[0, :, [3, 0]]),
    case((3,), (0,), at=np.s_[3:]),
)

ROWS = (
    Row(
        "take",
        theon.take,
        np.take,
        (
            case((5,), ()),
            case((5, 2), (3,), axis=0),
            case((2, 5, 3), (2, 2), axis=1),
            case((2, 5), (0,), axis=-1),
            case((2, 3), (4,)),
            case((0, 5), (3,), axis=1),
        ),
        (*EVERY, *BY_EVERY_INT),
        (normal, integers(0, 5)),
        lambda x, indices: x,
    ),
    Row(
        "take_along_axis",
        theon.take_along_axis,
        along,
        (
            case((5,), (3,)),
            case((5, 2), (3, 2), axis=0),
            case((2, 5, 3), (2, 2, 1), axis=1),
            case((2, 5), (1, 0)),
            case((1, 5), (3, 2), axis=-1),
        ),
        (*EVERY, *BY_EVERY_INT),
        (normal, integers(0, 5)),
        lambda x, indices: x,
    ),
    *(
        Row(
            name,
            lambda x, values, at, update=update: update(x[at], values),
            written(name == "inc_subtensor"),
            WRITES,
            tuple(dtype for dtype in (*FLOATS, *INTS, *COMPLEXES, *BOOL[: name == "set_subtensor"])),
        )
        for name, update in (("set_subtensor", theon.set_subtensor), ("inc_subtensor", theon.inc_subtensor))
    ),
)
