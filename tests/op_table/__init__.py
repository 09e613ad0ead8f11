"""The op table: one row for each public op, read by the generic tests of `tests/ops/test_every_op.py`."""

from . import (
    comparison,
    conv,
    creation,
    elementwise,
    fft,
    index,
    linalg,
    linear_algebra,
    matrix_functions,
    nn,
    reduce,
    select,
    shape,
    signal,
    special,
)
from .row import Row

ROWS: tuple[Row, ...] = (
    *elementwise.ROWS,
    *special.ROWS,
    *comparison.ROWS,
    *reduce.ROWS,
    *shape.ROWS,
    *creation.ROWS,
    *index.ROWS,
    *select.ROWS,
    *linalg.ROWS,
    *linear_algebra.ROWS,
    *matrix_functions.ROWS,
    *fft.ROWS,
    *signal.ROWS,
    *nn.ROWS,
    *conv.ROWS,
)
