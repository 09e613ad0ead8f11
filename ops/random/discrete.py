"""Discrete distributions: draws of ints, which no derivative passes; and choices among the elements of an array.

What is drawn by rejection, or made of other counts, is in `counts`.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ...graph.dims import normal_axis
from ...graph.errors import ArgumentError, DTypeError, Mismatch, ShapeError, require
from ...graph.node import Node, NodeLike, as_node, constant
from ...graph.op import Op, dims_of
from ...graph.types import INT32, DType, TensorType, as_dtype, is_integer
from ..arithmetic import add, minimum
from ..axes import as_flag
from ..comparison import where
from ..creation import arange
from ..elementwise import cast_to
from ..index import getitem
from ..join import stack
from ..shape import broadcast_to
from ..sizes import Blame, Field, check_sizes, shape_argument, shape_of
from ..take import take
from ..transcendental import exp
from .draw import (
    STANDARD,
    Draw,
    draw,
    parameters,
    require_chance,
    require_count,
    require_fits,
    require_positive,
    several,
    shape_of_all,
)
from .gamma import _log_gamma
from .rejection import hypergeometric, logseries, zipf
from .stream import Stream

# What draws them, given a key, a shape, a dtype and parameters, all of which broadcast to the shape.
DISCRETE: dict[str, Any] = {
    "randint": lambda key, shape, dtype, low, high: jax.random.randint(key, shape, low, high, dtype),
    "poisson": lambda key, shape, dtype, rate: jax.random.poisson(key, rate, shape, dtype),
    "geometric": lambda key, shape, dtype, p: jax.random.geometric(key, p, shape, dtype),
    "binomial": lambda key, shape, dtype, n, p: lax.convert_element_type(jax.random.binomial(key, n, p, shape), dtype),
    "hypergeometric": hypergeometric,
    "logseries": logseries,
    "zipf": zipf,
    "bits": lambda key, shape, dtype: jax.random.bits(key, shape, dtype),
    "rademacher": lambda key, shape, dtype: STANDARD["rademacher"](key, shape, dtype),
    "categorical": lambda key, shape, dtype, logits: lax.convert_element_type(
        jax.random.categorical(key, logits, shape=shape), dtype
    ),
    "categorical_distinct": lambda key, shape, dtype, logits: lax.convert_element_type(
        jax.random.categorical(key, logits, shape=shape, replace=False), dtype
    ),
    "choice": lambda key, shape, dtype, *population: _chosen(key, shape, dtype, *population, replace=True),
    "choice_distinct": lambda key, shape, dtype, *population: _chosen(key, shape, dtype, *population, replace=False),
    "permutation": lambda key, shape, dtype, population: jax.random.permutation(key, population),
}


def _chosen(key: Any, shape: Any, dtype: Any, population: Any, p: Any = None, *, replace: bool) -> Any:
    return jax.random.choice(key, population, shape, replace=replace, p=p)


@dataclass(frozen=True, eq=False)
class Discrete(Draw):
    """Draws from a discrete distribution."""

    distribution: str

    @property
    def name(self) -> str:
        return self.distribution

    def infer(self, key: TensorType, *parameters: TensorType) -> TensorType:
        return Draw.infer(self, key)

    def lower(self, key: jax.Array, *parameters: jax.Array) -> jax.Array:
        def sample(key: Any, shape: Any, dtype: Any) -> Any:
            return DISCRETE[self.distribution](key, shape, dtype, *parameters)

        return self.drawn(sample, key)


def count_draw(name: str, rng: Stream, shape: Any, dtype: Any, *nodes: Node, fit: bool = True, of: str = "") -> Node:
    """One op of the table; `fit`: whether its parameters have to broadcast to the draw's shape."""

    def op(fields: tuple[Field, ...], dtype: DType) -> Op:
        return Discrete(fields, dtype, of or name)

    return draw(op, name, rng, shape, as_dtype(dtype), *(nodes if fit else ()), inputs=nodes, kind="int")


def rademacher(rng: Stream, shape: Any = (), dtype: Any = "int32") -> Node:
    """Draws of -1 and 1, each with probability one half.

    Arguments: rng, a stream; shape, an int or a sequence of ints and int nodes; dtype, an int dtype with a sign.
    Raises: ArgumentError where rng is no stream, DTypeError for another dtype. Source: `jax.random.rademacher`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> print(abs(theon.random.rademacher(rng, 3)).eval())
    [1 1 1]
    """
    wanted = as_dtype(dtype)
    with Blame("rademacher"):
        require(wanted.kind != "u", f"draws -1, which {wanted} does not have", "draw int32, and convert", DTypeError)
    return count_draw("rademacher", rng, shape, wanted)


def bits(rng: Stream, shape: Any = (), dtype: Any = "uint32") -> Node:
    """Draws of ints of random bits: even over the whole of an unsigned dtype.

    Arguments: rng, a stream; shape, an int or a sequence of ints and int nodes; dtype, uint8, uint16, uint32 or uint64.
    Raises: ArgumentError where rng is no stream, DTypeError for another dtype. Source: `jax.random.bits`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.bits(rng, 3)
    <bits : uint32[3]>
    """
    wanted = as_dtype(dtype)
    with Blame("bits"):
        require(wanted.kind == "u", f"draws unsigned ints, not {wanted}", "draw uint32, and convert", DTypeError)
    return count_draw("bits", rng, shape, wanted)


def randint(rng: Stream, low: NodeLike, high: NodeLike, shape: Any = None, dtype: Any = "int32") -> Node:
    """Draws of ints even between `low` and `high`, which is left out.

    Arguments: rng, a stream; low and high, ints of shapes that broadcast to the draw's (where high is not above low,
    low is drawn); shape, by default theirs together; dtype, an int dtype.
    Raises: DTypeError where a bound is not of ints, else see `normal`. Source: `jax.random.randint`, NumPy
    `Generator.integers`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> bool((theon.random.randint(rng, 0, 6, 100) < 6).all().eval())
    True
    """
    wanted = as_dtype(dtype)
    with Blame("randint"):
        require(is_integer(wanted), f"draws ints, not {wanted}", "convert with .astype", DTypeError)
    bounds = [constant(bound, wanted) if type(bound) is int else as_node(bound) for bound in (low, high)]
    with Blame("randint", *bounds):
        for bound in bounds:
            require(
                is_integer(bound.dtype),
                f"a bound is an int, received {bound.dtype}",
                "convert with .astype",
                DTypeError,
            )
    bounds = [cast_to(bound, wanted) for bound in bounds]
    return count_draw("randint", rng, shape, wanted, *bounds)


def poisson(rng: Stream, lam: NodeLike, shape: Any = None, dtype: Any = "int32") -> Node:
    """Draws from the Poisson distribution with mean `lam`; not differentiable.

    Arguments: rng, a stream; lam, real, not negative, of a shape that broadcasts to the draw's; shape, by default that
    of lam; dtype, an int dtype.
    Raises: ArgumentError where a known lam is negative, else see `normal`.
    Source: `jax.random.poisson`, NumPy `Generator.poisson`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> print(theon.random.poisson(rng, [0.0, 0.0]).eval())
    [0 0]
    """
    _, (rate,) = parameters("poisson", None, lam)
    require_count("poisson", rate)
    return count_draw("poisson", rng, shape, dtype, rate)


def geometric(rng: Stream, p: NodeLike, shape: Any = None, dtype: Any = "int32") -> Node:
    """How many trials it takes to the first success, each with probability `p`; not differentiable.

    Arguments: rng, a stream; p, real, in (0, 1], of a shape that broadcasts to the draw's; shape, by default that of p;
    dtype, an int dtype.
    Raises: ArgumentError where a known p is no such probability, else see `normal`.
    Source: `jax.random.geometric`, NumPy `Generator.geometric`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> bool((theon.random.geometric(rng, 0.5, 9) >= 1).all().eval())
    True
    """
    _, (chance,) = parameters("geometric", None, p)
    require_chance("geometric", chance, above_zero=True)
    return count_draw("geometric", rng, shape, dtype, chance)


def binomial(rng: Stream, n: NodeLike, p: NodeLike, shape: Any = None, dtype: Any = "int32") -> Node:
    """How many of `n` trials succeed, each with probability `p`; not differentiable.

    Arguments: rng, a stream; n, whole and not negative, and p, between 0 and 1, of shapes that broadcast to the draw's;
    shape, by default theirs together; dtype, an int dtype.
    Raises: ArgumentError where a known n is negative or p no probability, else see `normal`.
    Source: `jax.random.binomial`, NumPy `Generator.binomial`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> print(theon.random.binomial(rng, 5, [0.0, 1.0]).eval())
    [0 5]
    """
    _, (trials, chance) = parameters("binomial", None, n, p)
    require_count("binomial", trials)
    require_chance("binomial", chance)
    return count_draw("binomial", rng, shape, dtype, trials, chance)


def negative_binomial(rng: Stream, n: NodeLike, p: NodeLike, shape: Any = None, dtype: Any = "int32") -> Node:
    """How many trials fail before `n` succeed, each with probability `p`; not differentiable.

    Arguments: rng, a stream; n, positive, whole or not, and p, in (0, 1], of shapes that broadcast to the draw's;
    shape, by default theirs together; dtype, an int dtype. Drawn as `poisson` of `gamma`.
    Raises: ArgumentError where a known n is not positive or p no such probability, else see `normal`.
    Source: NumPy `Generator.negative_binomial`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> print(theon.random.negative_binomial(rng, 3, [1.0, 1.0]).eval())
    [0 0]
    """
    wanted, (successes, chance) = parameters("negative_binomial", None, n, p)
    require_positive("negative_binomial", successes)
    require_chance("negative_binomial", chance, above_zero=True)
    logs = _log_gamma("negative_binomial", rng, shape, wanted, successes, successes, chance)
    return count_draw("negative_binomial", rng, None, dtype, exp(logs) * ((1 - chance) / chance), of="poisson")


def multinomial(rng: Stream, n: NodeLike, p: NodeLike, shape: Any = None, dtype: Any = "int32") -> Node:
    """How often each of k outcomes comes up in `n` trials with probabilities `p`; not differentiable.

    Arguments: rng, a stream; n, whole and not negative, of a shape that broadcasts to the draws'; p, real [..., k],
    with sum 1; shape, that of the draws without their last axis, by default that of n and of p without its own
    together; dtype, an int dtype. Each count is drawn in turn from what trials are left.
    Raises: ShapeError where p is a scalar, ArgumentError where a known n is negative or p no probability, else see
    `normal`.
    Source: `jax.random.multinomial`, NumPy `Generator.multinomial`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> print(theon.random.multinomial(rng, 5, [0.25, 0.5, 0.25]).sum().eval())
    5
    """
    whole = as_dtype(dtype)
    _, (trials, chances) = parameters("multinomial", None, n, p)
    require_count("multinomial", trials)
    require_chance("multinomial", chances)
    with Blame("multinomial", trials, chances):
        require(chances.ndim >= 1, f"p has a last axis, received {chances.type}", "give one for each outcome")
        k = chances.dims[-1]
        if not isinstance(k, int) or k == 0:
            raise Mismatch("the number of outcomes is not known, or 0", "declare the size of the last axis")
        require(is_integer(whole), f"draws ints, not {whole}", "draw ints, and convert with .astype", DTypeError)
        outcomes = [getitem(chances, (..., i)) for i in range(k)]
        sizes = shape_of_all(trials, outcomes[0]) if shape is None else several(shape)
        fields, _ = shape_argument(sizes)
        check_sizes(fields)
        for node in (trials, outcomes[0]):
            require_fits(node, dims_of(fields))
    left, counts = broadcast_to(cast_to(as_node(n), whole), sizes), []
    rests = list(itertools.accumulate(reversed(outcomes), add))[::-1]  # where zeros follow, the chance itself
    for chance, rest in zip(outcomes[:-1], rests, strict=False):
        share = where(rest > 0, chance / where(rest > 0, rest, 1), 0)
        drawn = count_draw("multinomial", rng, sizes, whole, cast_to(left, chance.dtype), share, of="binomial")
        counts.append(minimum(drawn, left))  # of many trials a float may know too many
        left = left - counts[-1]
    return stack([*counts, left], axis=-1)


def categorical(rng: Stream, logits: NodeLike, shape: Any = None, replace: bool = True, dtype: Any = "int32") -> Node:
    """Draws of class numbers with probabilities `softmax(logits)` over the last axis; not differentiable.

    Arguments: rng, a stream; logits, real [..., k]; shape, that of the draws, by default the axes of logits but the
    last, and else such that these are its last ones; replace, whether the draws over the axes that shape adds may be
    equal (where they may not, there are at most k); dtype, an int dtype.
    Raises: ShapeError where logits do not fit or more than k distinct numbers are asked for, else see `normal`.
    Source: `jax.random.categorical`; Kool, van Hoof and Welling 2019 (draws without replacement).

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> print(theon.random.categorical(rng, [[0.0, 99.0], [99.0, 0.0]]).eval())
    [1 0]
    """
    _, (scores,) = parameters("categorical", None, logits)
    with Blame("categorical", scores):
        require(
            scores.ndim >= 1, f"logits have a last axis, received {scores.type}", "give one for each class", ShapeError
        )
        *batch, _ = shape_of(scores)
        sizes = batch if shape is None else several(shape)
        added = sizes[: len(sizes) - len(batch)]
        fits = len(sizes) >= len(batch) and all(
            a == b for a, b in zip(sizes[len(added) :], batch, strict=True) if isinstance(a, int) and isinstance(b, int)
        )
        require(
            fits,
            f"the last axes of the shape are those of the logits, {scores.type}, but one",
            "leave shape out, or end it with them",
            ShapeError,
        )
        _require_enough(added, scores.dims[-1], replace)
    return count_draw(
        "categorical", rng, sizes, dtype, scores, fit=False, of="categorical" if replace else "categorical_distinct"
    )


def _require_enough(sizes: Any, population: Any, replace: bool) -> None:
    """No more draws without replacement than there is to draw from, as far as sizes are known."""
    if not as_flag(replace, "replace") and isinstance(population, int) and all(isinstance(size, int) for size in sizes):
        count = math.prod(sizes)
        message = f"cannot draw {count} without replacement from {population}"
        require(count <= population, message, "draw fewer, or with replace=True", ShapeError)


def choice(
    rng: Stream, a: NodeLike, shape: Any = (), replace: bool = True, p: NodeLike | None = None, axis: int = 0
) -> Node:
    """Elements of `a` (or ints below it) at random places along an axis; differentiable by the array `a`.

    Arguments: rng, a stream; a, an array with an axis, or an int; shape, that of the draws; replace, whether a place
    may come up twice; p, the probabilities of the places, real [n], by default all equal. Gives a's dtype (int32 for an
    int) and its shape, with `shape` in the place of the axis.
    Raises: ShapeError where p does not fit or more places are asked for than there are, ArgumentError.
    Source: `jax.random.choice`, NumPy `Generator.choice`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> print(theon.random.choice(rng, [1.0, 2.0], 2, replace=False).sum().eval())
    3.0
    """
    array, numbers = _population("choice", a, axis)
    nodes = [numbers]
    with Blame("choice", array):
        _require_enough(several(shape), numbers.dims[0], replace)
        if p is not None:
            _, (chances,) = parameters("choice", None, p)
            require_chance("choice", chances)
            fits = chances.ndim == 1 and not (
                isinstance(chances.dims[0], int)
                and isinstance(numbers.dims[0], int)
                and chances.dims[0] != numbers.dims[0]
            )
            require(fits, f"p is {chances.type}, for {numbers.dims[0]} places", "give one for each", ShapeError)
            nodes.append(chances)
    places = count_draw("choice", rng, shape, INT32, *nodes, fit=False, of="choice" if replace else "choice_distinct")
    return places if array.ndim == 0 else take(array, places, axis=axis)


def permutation(rng: Stream, x: NodeLike, axis: int = 0) -> Node:
    """`x` with its slices along an axis in random order, or the ints below an int; differentiable by the array `x`.

    Arguments: rng, a stream; x, an array of any dtype with an axis, or an int. Gives x's type (int32 for an int).
    Raises: ArgumentError where rng is no stream or the axis is not there. Source: `jax.random.permutation`, NumPy
    `Generator.permutation`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> theon.random.permutation(rng, 4).sum().eval().item()
    6
    """
    array, numbers = _population("permutation", x, axis)
    order = count_draw("permutation", rng, shape_of(numbers), INT32, numbers, fit=False)
    return order if array.ndim == 0 else take(array, order, axis=axis)


def _population(what: str, x: NodeLike, axis: int) -> tuple[Node, Node]:
    """An array, or an int, as a node, and the numbers of its places."""
    node = as_node(x)
    if node.ndim == 0:
        with Blame(what, node):
            require(
                is_integer(node.dtype),
                f"needs an array or an int, received {node.type}",
                "give it an axis",
                ArgumentError,
            )
        return node, arange(x if isinstance(x, int) else node, dtype="int32")
    with Blame(what, node):
        place = normal_axis(axis, node.ndim)
    return node, arange(shape_of(node)[place], dtype="int32")


__all__ = [
    "binomial", "bits", "categorical", "choice", "count_draw", "geometric", "multinomial", "negative_binomial",
    "permutation", "poisson", "rademacher", "randint",
]  # fmt: skip
