"""The op table: one row for each public op, read by the generic tests of `tests/ops/test_every_op.py`."""

from . import elementwise, reduce
from .row import Row

ROWS: tuple[Row, ...] = (*elementwise.ROWS, *reduce.ROWS)
