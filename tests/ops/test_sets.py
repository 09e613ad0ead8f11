"""Operations on sets, of every dtype and of lengths that are not known, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import theon

NAMES = ("union1d", "intersect1d", "setdiff1d", "setxor1d")
NONE: list[Any] = []


def filled(found: Any, size: int, filler: Any) -> Any:
    return np.concatenate([found, np.full(size, filler, found.dtype)])[:size]


def test_unknown_members() -> None:
    """None among them; also of what is in a set, alone."""
    x, y = theon.ivector("x"), theon.ivector("y")
    sets = [getattr(theon, name)(x, y, size=6, fill_value=-1) for name in NAMES]
    run = theon.function([x, y], [*sets, theon.isin(x, y)])
    for pair in (([3, 1, 3], [2, 1]), (NONE, [2, 2]), ([5], NONE), (NONE, NONE)):
        a, b = (np.array(v, np.int32) for v in pair)
        *found, members = run(a, b)
        np.testing.assert_array_equal(members, np.isin(a, b))
        for name, got in zip(NAMES, found, strict=True):
            np.testing.assert_array_equal(got, filled(getattr(np, name)(a, b), 6, -1), err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "float16", "float32", "float64", "bool", "complex128"])
def test_random_sets(dtype: str) -> None:
    """Of few values, with nans where there are such; sizes too small and too large."""
    rng = np.random.default_rng(11)
    for m, n, size in ((7, 5, 6), (9, 9, 3), (1, 4, 5), (0, 3, 4), (4, 0, 4), (0, 0, 2), (20, 30, 12)):
        a, b = (rng.integers(0, 9, k).astype(dtype) for k in (m, n))
        if a.dtype.kind in "fc":
            a[::4], b[::3] = np.nan, np.inf
            b[1::4] = np.nan
        outputs = [getattr(theon, name)(theon.constant(a), theon.constant(b), size=size) for name in NAMES]
        for name, got in zip(NAMES, theon.function([], outputs)(), strict=True):
            want = getattr(np, name)(a, b)
            np.testing.assert_array_equal(
                got, filled(want, size, want[0] if len(want) else 0), err_msg=f"{name} {m} {n}"
            )
