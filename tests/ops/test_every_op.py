"""Every public op, by its row in the op table: types, values, gradients to second order, and that no op lacks a row."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import pytest

import theon
from tests.op_table import ROWS
from tests.op_table.row import Array, Case, Combination, Row, as_array
from tests.op_table.run import (
    assert_close,
    calls,
    declare,
    evaluator,
    expected,
    expected_dtype,
    flat,
    strict_jax,
)
from theon.graph.check import check
from theon.graph.graph import Graph
from theon.graph.node import Node, constant, new_input
from theon.graph.types import TensorType, as_dtype, is_inexact

DIFFERENTIABLE = [row for row in ROWS if row.differentiable]

every_row = pytest.mark.parametrize("row", ROWS, ids=str)
every_differentiable_row = pytest.mark.parametrize("row", DIFFERENTIABLE, ids=str)


# --- Types --------------------------------------------------------------------------------------------------------------


@every_row
def test_infer_agrees_with_the_lowering(row: Row) -> None:
    """`infer` gives the shape and dtype that tracing gives, and the dtype that the row promises."""
    for call in calls(row):
        inputs, outputs = declare(row, call)
        check(Graph(tuple(inputs), tuple(outputs)))
        arrays = [jax.ShapeDtypeStruct(node.sizes, node.dtype) for node in inputs]
        with strict_jax():
            traced = jax.eval_shape(evaluator(inputs, outputs), *arrays)
        for node, array in zip(outputs, traced, strict=True):
            assert (node.dtype, node.dims) == (array.dtype, array.shape), f"{call[0]} {call[1]}"
        dtype = expected_dtype(row, call)
        assert dtype is None or {node.dtype for node in outputs} == {as_dtype(dtype)}, f"{call[0]} {call[1]}"


@every_row
def test_infer_with_unknown_sizes_is_never_wrong(row: Row) -> None:
    """Declared with sizes unknown, the type has the same rank and dtype, and no size that is not the true one."""
    if not row.unknown:
        pytest.skip("this op needs its sizes at declaration")
    for case in row.cases:
        _, known = declare(row, (case, row.dtypes[0]))
        inputs, unknown = declare(row, (case, row.dtypes[0]), unknown=True)
        assert len(known) == len(unknown)
        for one, other in zip(known, unknown, strict=True):
            assert one.dtype == other.dtype
            assert one.ndim == other.ndim
            for size, guess in zip(one.dims, other.dims, strict=True):
                assert guess is None or guess == size, f"{case}: {other.type} for {one.type}"


# --- Values -------------------------------------------------------------------------------------------------------------


@every_row
def test_values_agree_with_the_oracle(row: Row) -> None:
    """All calls of a row in one compiled program, against NumPy or SciPy in double precision."""
    programs, operands, wanted, names = [], [], [], []
    for call in calls(row):
        case, combination = call
        inputs, outputs = declare(row, call)
        arrays = row.draw(case, combination)
        programs.append(evaluator(inputs, outputs))
        operands.append(arrays)
        wanted.append(expected(row, arrays, case.kwargs))
        names.append(f"{row.name}{case} in {combination}")
    for special in row.special:
        dtypes = row.operand_dtypes(row.dtypes[0], len(special.operands))
        arrays = [as_array(v, dtype) for v, dtype in zip(special.operands, dtypes, strict=True)]
        inputs = [new_input(TensorType(a.dtype, a.shape)) for a in arrays]
        programs.append(evaluator(inputs, flat(row.function(*inputs, **special.kwargs))))
        operands.append(arrays)
        wanted.append(expected(row, arrays, special.kwargs))
        names.append(f"{row.name} of special values")
    with strict_jax():
        found = jax.jit(lambda groups: [run(*group) for run, group in zip(programs, groups, strict=True)])(operands)
    for got, want, name in zip(found, wanted, names, strict=True):
        assert len(got) == len(want), name
        for mine, theirs in zip(got, want, strict=True):
            assert_close(mine, theirs, row.ulps, name)
