"""The op table: one row for each public op, read by the generic tests of `tests/ops/test_every_op.py`."""

from . import (
    arrange,
    comparison,
    conv,
    creation,
    elementwise,
    floats,
    index,
    linalg,
    linear_algebra,
    nn,
    pieces,
    reduce,
    scans,
    shape,
    sort,
    special,
    statistics,
)
from .row import Row

ROWS: tuple[Row, ...] = (
    *elementwise.ROWS,
    *floats.ROWS,
    *special.ROWS,
    *comparison.ROWS,
    *reduce.ROWS,
    *scans.ROWS,
    *sort.ROWS,
    *statistics.ROWS,
    *shape.ROWS,
    *arrange.ROWS,
    *pieces.ROWS,
    *creation.ROWS,
    *index.ROWS,
    *linalg.ROWS,
    *linear_algebra.ROWS,
    *nn.ROWS,
    *conv.ROWS,
)
