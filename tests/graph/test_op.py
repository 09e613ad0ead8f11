"""Ops: strict identity, static parameters as text, and holes that specialisation fills."""

from __future__ import annotations

import copy
import math
import pickle
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pytest

import theon
from theon.graph.node import Const, Input
from theon.graph.op import Hole, Late, Op, Token, dims_of, fill, static_int, strict
from theon.graph.types import TensorType
from theon.ops.creation import Full
from theon.ops.reduce import Reduce
from theon.ops.shape import Reshape

NAN = float("nan")
OTHER_NAN = np.frombuffer(np.array([0x7FF8000000000001], np.uint64).tobytes(), np.float64)[0].item()


@dataclass(frozen=True, eq=False)
class Keyed(Op):
    """An op whose identity is one value."""

    value: Any


@dataclass(frozen=True, eq=False)
class Twin(Op):
    """Another class, with the same field."""

    value: Any


@dataclass(frozen=True, eq=False)
class Bare(Op):
    """No fields."""


DISTINCT = [
    1,
    1.0,
    True,
    1 + 0j,
    0,
    0.0,
    -0.0,
    False,
    complex(0.0, -0.0),
    complex(0.0, 0.0),
    "1",
    None,
    (1,),
    (1.0,),
    (),
    (1, 1),
    NAN,
    math.inf,
    np.float32(1),
    np.dtype("float32"),
    np.zeros(2, np.float32),
    np.zeros(2, np.float64),
    np.zeros((1, 2), np.float32),
    -np.zeros(2, np.float32),
    TensorType(np.dtype("float32"), (1,)),
    TensorType(np.dtype("float32"), (None,)),
    Hole(0),
    Hole(1),
    slice,
]


def test_values_that_differ_make_ops_that_differ() -> None:
    """By type and by bit, where Python's `==` is generous: 1 == 1.0 == True, and 0.0 == -0.0."""
    for a, b in combinations(DISTINCT, 2):
        assert Keyed(a) != Keyed(b), (a, b)
        assert Keyed((a,)) != Keyed((b,)), (a, b)


@pytest.mark.parametrize("value", DISTINCT, ids=repr)
def test_equal_values_make_equal_ops(value: Any) -> None:
    """Even nan is itself, and arrays count by their bytes."""
    again = copy.deepcopy(value)
    assert Keyed(value) == Keyed(again) and hash(Keyed(value)) == hash(Keyed(again))
    assert strict(value) == strict(again)
    assert Keyed(value) != Twin(value) and hash(Keyed(value)) != hash(Twin(value))


def test_nans_count_by_their_bits() -> None:
    assert Keyed(NAN) == Keyed(float("nan"))
    assert Keyed(NAN) != Keyed(OTHER_NAN)


def test_ops_without_fields() -> None:
    assert Bare() == Bare() and hash(Bare()) == hash(Bare())
    assert Bare() != object() and Bare() != Keyed(None)
    assert len({Bare(), Bare(), Keyed(1), Keyed(1.0), Twin(1)}) == 4


def test_ops_inside_ops() -> None:
    assert Keyed(Keyed(0.0)) == Keyed(Keyed(0.0)) != Keyed(Keyed(-0.0))


def test_tokens_are_equal_to_themselves_alone() -> None:
    """So that leaves, effects and recomputations are never merged."""
    token = Token()
    assert Input(token) == Input(token) != Input(Token())
    assert Input(token, static=True) != Input(token)
    assert copy.deepcopy(token) is token


def test_constants_count_by_their_bytes() -> None:
    def const(value: Any) -> Const:
        return Const(np.asarray(value))

    assert const(0.0) != const(-0.0) and const(np.nan) == const(np.nan)
    assert const(1) != const(1.0) and const([1.0]) != const(1.0) and const([1.0]) != const([[1.0]])
    large = np.zeros(Const.LARGE + 1, np.uint8)
    assert Const(large) == Const(large) != Const(large.copy())  # by identity: they are arguments, not literals


def test_keys_are_not_part_of_a_pickle() -> None:
    """They hold ids and hashes of this process."""
    op = Keyed((1, -0.0))
    assert hash(op) and "_key" in op.__dict__
    again = pickle.loads(pickle.dumps(op))
    assert "_key" not in again.__dict__ and again == op


def test_names_and_parameters() -> None:
    assert Bare().name == "bare" and str(Bare()) == "bare" and Bare().params == ""
    assert Keyed((1,)).params == "value=(1,)" and Keyed(np.dtype("int8")).params == "value=int8"
    assert Keyed(Hole(0, "batch")).params == "value=batch" and Keyed((Hole(1), 2)).params == "value=($1, 2)"


def test_missing_rules_are_named() -> None:
    with pytest.raises(NotImplementedError, match="Bare has no infer"):
        Bare().infer()
    with pytest.raises(NotImplementedError, match="Bare has no lower"):
        Bare().lower()


def test_holes() -> None:
    """An op with holes in its fields, and the op that specialisation makes of it."""
    shape = (Hole(1, "batch"), 3, Hole(0))
    assert dims_of(shape) == ("batch", 3, None) and static_int(3) == 3 and static_int(Hole(0)) is None
    op = Reshape(shape)
    assert fill(op, [7, 8]) == Reshape((8, 3, 7))
    plain = Reduce("sum", (0,))
    assert fill(plain, [7]) is plain
    nested = Late(op, 1)
    assert nested.name == "reshape" and nested.params == op.params
    filled = fill(Keyed((Keyed(Hole(0)), (Hole(0),))), [5])
    assert filled == Keyed((Keyed(5), (5,)))


def test_late_masks() -> None:
    """The ints of a late op have no gradient."""
    n = theon.vector("v").shape[0]
    node = theon.reshape(theon.vector("x"), (n, -1))
    assert isinstance(node.op, Late) and len(node.inputs) == 2
    assert node.op.gradient_mask([source.type for source in node.inputs]) == (True, False)
    assert isinstance(theon.zeros((n,)).op, Late) and Full is not None
