"""What the generic tests do with a row: declare it, evaluate it by its lowerings alone, compare it with its oracle."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeAlias

import jax
import numpy as np

from theon.graph.node import Const, Node, new_input
from theon.graph.types import TensorType, as_dtype, limits, promote
from theon.graph.walk import toposort

from .row import SAME, Array, Case, Combination, Row

Call: TypeAlias = tuple[Case, Combination]


def calls(row: Row) -> list[Call]:
    """Every case with the main dtypes; every other combination with one of the cases, by turns."""
    main, *others = row.dtypes
    turns = [(row.cases[(k + 1) % len(row.cases)], other) for k, other in enumerate(others)]
    return [(case, main) for case in row.cases] + turns


NOTHING: Mapping[str, Callable[..., Any]] = {}


def declare(row: Row, call: Call, unknown: bool = False) -> tuple[list[Node], list[Node]]:
    """Input nodes for a call, and the nodes that the row's function makes of them."""
    case, combination = call
    dtypes = row.operand_dtypes(combination, len(case.shapes))
    types = [
        TensorType(as_dtype(dtype), (None,) * len(shape) if unknown else shape)
        for shape, dtype in zip(case.shapes, dtypes, strict=True)
    ]
    inputs = [new_input(type, f"x{i}") for i, type in enumerate(types)]
    return inputs, flat(row.function(*inputs, **case.kwargs))


def flat(result: Any) -> list[Any]:
    """One result or several, as a list."""
    return list(result) if isinstance(result, (list, tuple)) else [result]


def evaluator(
    inputs: Sequence[Node], outputs: Sequence[Node], instead: Mapping[str, Callable[..., Any]] = NOTHING
) -> Callable[..., list[Any]]:
    """The outputs as a function of arrays that JAX can trace: each op's `lower`, and nothing else of theon.

    `instead` has, by the names of ops, what stands for their `lower`.
    """
    order = [node for node in toposort(outputs) if node not in set(inputs)]

    def run(*arrays: Any) -> list[Any]:
        found = dict(zip(inputs, arrays, strict=True))
        for node in order:
            if isinstance(node.op, Const):
                found[node] = jax.numpy.asarray(node.op.value)
            else:
                lowered: Callable[..., Any] = instead.get(node.op.name, node.op.lower)
                found[node] = lowered(*[found[source] for source in node.inputs])
        return [found[output] for output in outputs]

    return run


@contextmanager
def strict_jax() -> Iterator[None]:
    """64-bit types on, and no silent promotion: a lowering fixes every dtype and rank itself."""
    with ExitStack() as stack:
        stack.enter_context(jax.enable_x64(True))
        stack.enter_context(jax.numpy_dtype_promotion("strict"))
        stack.enter_context(jax.numpy_rank_promotion("raise"))
        yield


def widened(array: Array) -> Array:
    """Floats as float64, complex numbers as complex128; the rest as it is."""
    if array.dtype.kind == "c":
        return array.astype(np.complex128)
    return array if array.dtype.kind in "biu" else array.astype(np.float64)


def expected(row: Row, operands: Sequence[Array], kwargs: Any) -> list[Array]:
    """What the oracle says; it may warn of divisions by zero and means of nothing."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [np.asarray(part) for part in flat(row.oracle(*map(widened, operands), **kwargs))]


def expected_dtype(row: Row, call: Call) -> str | None:
    """The dtype that a row promises, if it does."""
    case, combination = call
    dtypes = row.operand_dtypes(combination, len(case.shapes))
    if callable(row.gives):
        return row.gives(*dtypes)
    if row.gives == SAME:
        return promote(*map(as_dtype, dtypes)).name if dtypes else None
    return row.gives


def assert_close(got: Any, want: Array, ulps: float, what: str) -> None:
    """Ints and bools equal; floats within `ulps` units of the last place of max(1, |want|), nan and inf alike."""
    got = np.asarray(got)
    assert got.shape == want.shape, f"{what}: shape {got.shape}, the oracle gives {want.shape}"
    if got.dtype.kind in "biu":
        np.testing.assert_array_equal(got, want, err_msg=what)
        return
    eps = limits(got.dtype).eps
    with np.errstate(all="ignore"):
        target = widened(want.astype(got.dtype))
    value = widened(got)
    parts = [(value, target)]
    if got.dtype.kind == "c":
        parts = [(value.real, target.real), (value.imag, target.imag)]
    for mine, theirs in parts:
        scale = np.maximum(1.0, np.abs(np.where(np.isfinite(target), target, 1.0)))
        with np.errstate(all="ignore"):
            near = np.abs(mine - theirs) <= ulps * eps * scale
        same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs)) | near
        assert same.all(), f"{what}: {got[~same][:5]} where the oracle gives {want[~same][:5]}"
