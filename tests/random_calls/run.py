"""Draws calls in batches and tells where they differ from their oracles: a batch is one compiled program."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import theon
from tests.op_table.run import assert_close, evaluator, flat, strict_jax, widened
from theon.graph.node import Node, as_node, new_input
from theon.graph.types import TensorType

from .call import Array, Call

BATCH = 20
REFUSED = (ValueError, TypeError, IndexError, RuntimeError, ZeroDivisionError)  # NumPy's own, and their children


@dataclass(frozen=True, eq=False)
class Declared:
    """A call that both sides take: its nodes, and the values that are wanted."""

    call: Call
    inputs: list[Node]
    outputs: list[Node]
    wanted: list[Array]


def expected(call: Call) -> list[Array] | None:
    """What the oracle gives; None where it raises."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            arrays = [widened(a) if call.widen else a for a in call.arrays]
            return [np.asarray(part) for part in flat(call.oracle(*arrays))]
        except REFUSED:
            return None


def declared(call: Call) -> Declared | str | None:
    """The call on both sides; a sentence where only one of them raises, and None where both do."""
    wanted = expected(call)
    nodes = [new_input(TensorType(a.dtype, a.shape)) for a in call.arrays]
    try:
        outputs = [as_node(part) for part in flat(call.function(*nodes))]
    except theon.TheonError as error:
        return None if wanted is None else f"{call!r}: raises {str(error).splitlines()[0]}, the oracle gives {wanted}"
    except Exception as error:
        return f"{call!r}: raises {type(error).__name__}: {error}, which is no error of theon"
    if wanted is None:
        return f"{call!r}: the oracle raises, and theon declares {outputs}"
    if len(wanted) != len(outputs):
        return f"{call!r}: {len(outputs)} results, the oracle gives {len(wanted)}"
    return Declared(call, nodes, outputs, wanted)


def evaluated(batch: Sequence[Declared], passes: bool) -> list[Any]:
    """The outputs of all, in one program: by the ops' own lowerings, or through all of theon's passes."""
    inputs = [node for one in batch for node in one.inputs]
    outputs = [node for one in batch for node in one.outputs]
    arrays = [array for one in batch for array in one.call.arrays]
    if passes:
        return flat(theon.function(inputs, outputs, on_unused_input="ignore")(*arrays))
    with strict_jax():
        return list(jax.jit(evaluator(inputs, outputs))(*arrays))


def mismatches(one: Declared, got: Sequence[Any]) -> list[str]:
    found = []
    for mine, want, node in zip(got, one.wanted, one.outputs, strict=True):
        given = [np.asarray(a).tolist() for a in one.call.arrays]
        if mine.dtype != node.dtype:
            found.append(f"{one.call!r}: gives {mine.dtype}, declared {node.dtype}")
        largest = np.abs(want[np.isfinite(want)]).max(initial=1.0) if one.call.whole else 1.0
        try:
            assert_close(mine, want, one.call.ulps * float(largest), f"{one.call!r} {given}")
        except AssertionError as error:
            found.append(str(error))
    return found


def differences(calls: Sequence[Call], passes: bool) -> list[str]:
    """A sentence for each call that differs from its oracle."""
    each = [declared(call) for call in calls]
    found = [one for one in each if isinstance(one, str)]
    batch = [one for one in each if isinstance(one, Declared)]
    if not any(one.outputs for one in batch):
        return found
    try:
        got = evaluated(batch, passes)
    except Exception as error:
        if len(batch) == 1:
            return [*found, f"{batch[0].call!r}: fails with {type(error).__name__}: {error}"]
        # Which of them it was.
        return [*found, *(text for one in batch for text in differences([one.call], passes))]
    for one in batch:
        mine, got = got[: len(one.outputs)], got[len(one.outputs) :]
        found += mismatches(one, mine)
    return found


def agree(calls: st.SearchStrategy[Call], count: int, start: int = 0) -> None:
    """So many calls agree with their oracles, half of which give values; every tenth batch goes through all passes."""
    drawn = valid = 0

    @seed(start)
    @settings(
        max_examples=-(-count // BATCH),
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(calls, min_size=BATCH, max_size=BATCH))
    def every(batch: list[Call]) -> None:
        nonlocal drawn, valid
        drawn += 1
        valid += sum(expected(call) is not None for call in batch)
        found = differences(batch, passes=drawn % 10 == 0)
        assert not found, "\n".join(found)

    every()
    assert valid >= drawn * BATCH / 2
