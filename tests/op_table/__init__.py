"""The op table: one row for each public op, read by the generic tests of `tests/ops/test_every_op.py`."""

from . import comparison, conv, creation, elementwise, index, linalg, linear_algebra, nn, reduce, select, shape, special
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
    *nn.ROWS,
    *conv.ROWS,
)
