"""Streams of random keys.

A stream is a slot that holds a key, and a count of the draws declared from it. A draw is a function of the key that the
slot holds when the call begins, of the draw's own number, and of the counters of the loops around it; the slot moves on
once per call. So equal draws are one draw and may be merged, two draws differ, and a run that is resumed from a saved
key repeats bit for bit. Keys are Threefry's, with JAX's "partitionable" layout of counters, whatever JAX is configured
to: the bits of a draw depend on nothing else. (Turning bits into normal numbers rounds as the device does.)
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ...graph.errors import DTypeError, require
from ...graph.node import Node, apply, slot_of
from ...graph.op import Op
from ...graph.types import INT32, TensorType
from ..loops import current_loop_indices
from ..sizes import Blame, as_int
from ..state import state

KEY = TensorType(np.dtype("uint32"), (2,))
_WORD = 2**32
_NEXT = _WORD - 1  # the number that leads to the next call's key; draws count up from 0 and never get there


# --- keys -------------------------------------------------------------------------------------------------------------


def as_jax_key(words: jax.Array) -> jax.Array:
    key: jax.Array = jax.random.wrap_key_data(words, impl="threefry2x32")
    return key


def _folded(words: jax.Array, number: Any) -> jax.Array:
    folded: jax.Array = jax.random.key_data(jax.random.fold_in(as_jax_key(words), number))
    return folded


def require_key(key: TensorType) -> None:
    require(key == KEY, f"needs a key, {KEY}, received {key}", "draw from a theon.random.stream", DTypeError)


@dataclass(frozen=True, eq=False)
class FoldIn(Op):
    """The key that a number leads to from another key."""

    number: int
    differentiable = False

    def infer(self, key: TensorType) -> TensorType:
        require_key(key)
        return key

    def lower(self, key: jax.Array) -> jax.Array:
        return _folded(key, np.uint32(self.number))


@dataclass(frozen=True, eq=False)
class FoldInIndex(Op):
    """The key that a loop's counter leads to from another key."""

    differentiable = False

    def infer(self, key: TensorType, index: TensorType) -> TensorType:
        require_key(key)
        require(index == TensorType(INT32, ()), f"the counter of a loop is an int32 scalar, received {index}")
        return key

    def lower(self, key: jax.Array, index: jax.Array) -> jax.Array:
        return _folded(key, index)


@dataclass(frozen=True, eq=False)
class AdvanceKey(Op):
    """The key of the next call."""

    differentiable = False

    def infer(self, key: TensorType) -> TensorType:
        require_key(key)
        return key

    def lower(self, key: jax.Array) -> jax.Array:
        return _folded(key, np.uint32(_NEXT))


def key_of_seed(seed: int) -> np.ndarray[Any, Any]:
    """The two words of a seed, an int of any size and sign, modulo 2**64."""
    seed %= _WORD**2
    return np.array([seed // _WORD, seed % _WORD], KEY.dtype)


_counting = threading.Lock()


class Stream:
    """A source of draws. `state` is its key, a shared variable: get and set its value to save and repeat a run."""

    __slots__ = ("_draws", "state")

    def __init__(self, seed: int, name: str | None) -> None:
        self.state = state(lambda: key_of_seed(seed), KEY, name if name is not None else "rng")
        slot_of(self.state).default_update = apply(AdvanceKey(), self.state)
        self._draws = 0

    def __repr__(self) -> str:
        return f"<stream {self.state.label}>"

    def next_key(self) -> Node:
        """The key of one more draw, declared here and now."""
        with _counting:
            number, self._draws = self._draws, self._draws + 1
        key = apply(FoldIn(number), self.state)
        for index in current_loop_indices():
            key = apply(FoldInIndex(), key, index)
        return key


def stream(seed: int = 0, name: str | None = None) -> Stream:
    """A stream of draws that starts from `seed`; two streams are independent where their seeds differ.

    Arguments: seed, any int (taken modulo 2**64); name, a label for texts and pictures. A draw declared inside a `scan`
    or `vectorize` differs from step to step and from example to example; one declared outside is the same everywhere.
    Raises: ArgumentError where the seed is not an int. Source: Salmon et al. 2011 (Threefry-2x32), `jax.random`.

    >>> import theon
    >>> rng = theon.random.stream(seed=7)
    >>> rng.state
    <rng : uint32[2]>
    """
    with Blame("stream"):
        number = as_int(seed, "a seed")
    return Stream(number, name)


__all__ = ["KEY", "Stream", "as_jax_key", "require_key", "stream"]
