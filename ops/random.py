"""Random draws: `theon.random`.

A stream is a slot that holds a key, and a count of the draws declared from it. A draw is a function of the key that the
slot holds when the call begins, of the draw's own number, and of the counters of the loops around it; the slot moves on
once per call. So equal draws are one draw and may be merged, two draws differ, and a run that is resumed from a saved
key repeats bit for bit. Keys are Threefry's, with JAX's "partitionable" layout of counters, whatever JAX is configured
to: the bits of a draw depend on nothing else. (Turning bits into normal numbers rounds as the device does.)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..graph.errors import ArgumentError, DTypeError, Mismatch, report, require
from ..graph.node import Node, NodeLike, apply, as_node, slot_of
from ..graph.op import Op, dims_of
from ..graph.types import (
    BOOL,
    FLOAT32,
    INT32,
    DType,
    TensorType,
    as_dtype,
    default_float_dtype,
    is_float,
    may_equal,
    promote,
)
from ..graph.where import here
from .arithmetic import add, multiply, subtract
from .comparison import less
from .elementwise import cast_to, common_dtype, operands
from .loops import current_loop_indices
from .sizes import Blame, Field, as_int, check_sizes, declare, shape_argument, shape_of
from .state import state

KEY = TensorType(np.dtype("uint32"), (2,))
_WORD = 2**32
_NEXT = _WORD - 1  # the number that leads to the next call's key; draws count up from 0 and never get there


# --- keys -------------------------------------------------------------------------------------------------------------


def _as_jax_key(words: jax.Array) -> jax.Array:
    key: jax.Array = jax.random.wrap_key_data(words, impl="threefry2x32")
    return key


def _folded(words: jax.Array, number: Any) -> jax.Array:
    folded: jax.Array = jax.random.key_data(jax.random.fold_in(_as_jax_key(words), number))
    return folded


def _require_key(key: TensorType) -> None:
    require(key == KEY, f"needs a key, {KEY}, received {key}", "draw from a theon.random.stream", DTypeError)


@dataclass(frozen=True, eq=False)
class FoldIn(Op):
    """The key that a number leads to from another key."""

    number: int
    differentiable = False

    def infer(self, key: TensorType) -> TensorType:
        _require_key(key)
        return key

    def lower(self, key: jax.Array) -> jax.Array:
        return _folded(key, np.uint32(self.number))


@dataclass(frozen=True, eq=False)
class FoldInIndex(Op):
    """The key that a loop's counter leads to from another key."""

    differentiable = False

    def infer(self, key: TensorType, index: TensorType) -> TensorType:
        _require_key(key)
        require(index == TensorType(INT32, ()), f"the counter of a loop is an int32 scalar, received {index}")
        return key

    def lower(self, key: jax.Array, index: jax.Array) -> jax.Array:
        return _folded(key, index)


@dataclass(frozen=True, eq=False)
class AdvanceKey(Op):
    """The key of the next call."""

    differentiable = False

    def infer(self, key: TensorType) -> TensorType:
        _require_key(key)
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


# --- draws ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Draw(Op):
    """Random numbers of a shape and a float dtype, given by a key."""

    shape: tuple[Field, ...]
    dtype: DType
    differentiable = False

    @property
    def params(self) -> str:
        return ", ".join(map(str, (*self.shape, self.dtype)))

    def infer(self, key: TensorType) -> TensorType:
        _require_key(key)
        check_sizes(self.shape)
        return TensorType(self.dtype, dims_of(self.shape))

    def drawn(self, sample: Callable[..., jax.Array], key: jax.Array) -> jax.Array:
        """What `sample` draws, with the layout of counters that this module promises."""
        with jax.threefry_partitionable(True):
            return sample(_as_jax_key(key), TensorType(self.dtype, dims_of(self.shape)).sizes, self.dtype)


class Normal(Draw):
    """Normal numbers, mean 0 and variance 1."""

    def lower(self, key: jax.Array) -> jax.Array:
        return self.drawn(jax.random.normal, key)


class Uniform(Draw):
    """Numbers even between 0 and 1, 1 left out."""

    def lower(self, key: jax.Array) -> jax.Array:
        return self.drawn(jax.random.uniform, key)


def _draw(op: type[Draw], what: str, rng: Stream, shape: Any, dtype: DType, *nodes: Node) -> Node:
    if not isinstance(rng, Stream):
        raise report(
            ArgumentError,
            f"{what}: draws need a stream",
            where=here(),
            received=repr(rng)[:80],
            hint="make one with rng = theon.random.stream(seed=0)",
        )
    with Blame(what, *nodes):
        require(is_float(dtype), f"draws floats, not {dtype}", "draw floats, and convert with .astype", DTypeError)
        fields, ints = shape_argument(shape)
        made = op(fields, dtype)
        for node in nodes:
            _require_fits(node, dims_of(fields))
    return declare(made, [rng.next_key()], ints)


def _require_fits(node: Node, shape: Sequence[Any]) -> None:
    """A parameter may be repeated to the shape of the draw, and not the other way: that would repeat the draws."""
    inner = shape[len(shape) - node.ndim :] if node.ndim <= len(shape) else None
    fits = inner is not None and all(a == 1 or may_equal(a, b) for a, b in zip(node.dims, inner, strict=True))
    draw = ", ".join("?" if d is None else str(d) for d in shape)
    require(fits, f"{node.label} : {node.type} does not broadcast to the draw's shape, ({draw})", "give the full shape")


def _parameters(what: str, dtype: Any, *values: NodeLike) -> tuple[DType, list[Node]]:
    """The dtype of a draw and its parameters in that dtype: the one asked for, or what the parameters promote to."""
    items = operands(values)
    if dtype is not None:
        wanted = as_dtype(dtype)
    else:
        wanted = common_dtype(items)
        wanted = wanted if is_float(wanted) else default_float_dtype()
    nodes = [as_node(item) for item in items]
    with Blame(what, *nodes):
        for node in nodes:
            require(node.dtype.kind != "c", f"parameters are real, received {node.dtype}", kind=DTypeError)
    return wanted, [cast_to(node, wanted) for node in nodes] if is_float(wanted) else nodes


def _is(value: NodeLike, number: float) -> bool:
    return isinstance(value, (int, float)) and value == number


def normal(rng: Stream, shape: Any = (), mean: NodeLike = 0.0, std: NodeLike = 1.0, dtype: Any = None) -> Node:
    """Draws from the normal distribution; differentiable by `mean` and `std`, which are applied as `mean + std * z`.

    Arguments: rng, a stream; shape, an int or a sequence of ints and int nodes; mean and std, real, of shapes that
    broadcast to it; dtype, a float dtype, by default that of mean and std (the default float where they are numbers).
    Raises: ArgumentError where rng is no stream, ShapeError where mean or std do not fit, DTypeError.
    Source: `jax.random.normal`, NumPy `Generator.normal`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.normal(rng, (2, 3)).eval().shape
    (2, 3)
    """
    wanted, (mu, sigma) = _parameters("normal", dtype, mean, std)
    z = _draw(Normal, "normal", rng, shape, wanted, mu, sigma)
    z = z if _is(std, 1.0) else multiply(sigma, z)
    return z if _is(mean, 0.0) else add(mu, z)


def uniform(rng: Stream, shape: Any = (), low: NodeLike = 0.0, high: NodeLike = 1.0, dtype: Any = None) -> Node:
    """Draws even between `low` and `high`; differentiable by both, which are applied as `low + (high - low) * u`.

    Arguments: as for `normal`; u is below 1, so `high` itself comes up by rounding alone.
    Raises: see `normal`. Source: `jax.random.uniform`, NumPy `Generator.uniform`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> bool((theon.random.uniform(rng, 100, 2.0, 3.0) >= 2.0).all().eval())
    True
    """
    wanted, (a, b) = _parameters("uniform", dtype, low, high)
    u = _draw(Uniform, "uniform", rng, shape, wanted, a, b)
    if _is(low, 0.0):
        return u if _is(high, 1.0) else multiply(b, u)
    return add(a, multiply(subtract(b, a), u))


def bernoulli(rng: Stream, p: NodeLike = 0.5, shape: Any = None, dtype: Any = bool) -> Node:
    """Draws that are true with probability `p`; not differentiable.

    Arguments: rng, a stream; p, real, between 0 and 1; shape, by default that of p, else one that p broadcasts to;
    dtype, of the result: bool, or ones and zeros in another. Compares uniform draws of 32 bits or more with p.
    Raises: ArgumentError where a plain p is not a probability, else see `normal`. Source: `jax.random.bernoulli`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.bernoulli(rng, 0.5, (4,))
    <less : bool[4]>
    """
    if isinstance(p, (int, float)) and not 0 <= p <= 1:
        with Blame("bernoulli"):
            raise Mismatch(f"a probability lies between 0 and 1, received {p!r}", kind=ArgumentError)
    wanted, (chance,) = _parameters("bernoulli", None, p)
    fine = promote(wanted, FLOAT32)
    u = _draw(Uniform, "bernoulli", rng, shape_of(chance) if shape is None else shape, fine, chance)
    drawn = less(u, cast_to(chance, fine))
    result = as_dtype(dtype)
    return drawn if result == BOOL else cast_to(drawn, result)


__all__ = ["Stream", "bernoulli", "normal", "stream", "uniform"]
