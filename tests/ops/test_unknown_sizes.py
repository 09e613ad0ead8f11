"""Ops declared with every size unknown, then given arrays: the values are those of known sizes."""

from __future__ import annotations

import numpy as np
import pytest

import theon
from tests.op_table import arrange, pieces, scans, sort, statistics
from tests.op_table.row import Row
from tests.op_table.run import assert_close, declare, expected

ROWS = [row for room in (arrange, pieces, scans, sort, statistics) for row in room.ROWS if row.unknown]

MEASURING = ("histogram", "histogram_bin_edges")  # whose edges are those of the values, so that there must be one


def values_agree(row: Row, position: int) -> None:
    case = row.cases[position % len(row.cases)]
    inputs, outputs = declare(row, (case, row.dtypes[0]), unknown=True)
    arrays = row.draw(case, row.dtypes[0])
    found = theon.function(inputs, outputs, on_unused_input="ignore")(*arrays)
    for got, want in zip(found, expected(row, arrays, case.kwargs), strict=True):
        assert_close(got, want, row.ulps, f"{row.name}{case}")


@pytest.mark.parametrize("row", [row for row in ROWS if row.cases[0].shapes], ids=str)
def test_one_case(row: Row) -> None:
    """The third of each row: an ordinary one."""
    values_agree(row, 2)


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in ROWS if row.cases[0].shapes], ids=str)
def test_every_case(row: Row) -> None:
    """Empty ones and scalars among them."""
    for position, case in enumerate(row.cases):
        if row.name not in MEASURING or 0 not in case.shapes[0]:
            values_agree(row, position)


def test_shifts_counts_and_sizes_that_are_nodes() -> None:
    """What decides a shape may be an int node; a shift decides none, and may be any."""
    x, k = theon.dvector("x"), theon.iscalar("k")
    data = np.arange(5.0)
    run = theon.function([x, k], theon.roll(x, k))
    for shift in (0, 2, -1, 7):
        np.testing.assert_array_equal(run(data, np.int32(shift)), np.roll(data, shift))
    size = x.shape[0]
    outputs = [theon.linspace(0.0, 1.0, size), theon.tri(size), theon.tile(x, size), theon.unique(x, size=size)]
    wanted = [np.linspace(0.0, 1.0, 5), np.tri(5), np.tile(data, 5), data]
    for got, want in zip(theon.function([x], outputs)(data), wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6)
