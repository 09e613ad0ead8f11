"""Counts that are drawn by rejection, or by other draws: not differentiable."""

from __future__ import annotations

from typing import Any

from ...graph.node import Node, NodeLike
from ...graph.types import INT32
from ..transcendental import sigmoid
from .discrete import count_draw
from .draw import parameters, require_count, require_known, require_positive
from .gamma import _log_quotient
from .stream import Stream


def hypergeometric(
    rng: Stream, ngood: NodeLike, nbad: NodeLike, nsample: NodeLike, shape: Any = None, dtype: Any = "int32"
) -> Node:
    """How many good ones are among `nsample` that are taken from an urn of `ngood` and `nbad`; not differentiable.

    Arguments: rng, a stream; ngood, nbad and nsample, whole and not negative, of shapes that broadcast to the draw's;
    shape, by default theirs together; dtype, an int dtype. Where more is taken than there is, -1 is drawn; of a
    dtype without a sign, its largest number.
    Raises: ArgumentError where a known number is negative, else see `normal`.
    Source: NumPy `Generator.hypergeometric`; Stadlober 1990.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> print(theon.random.hypergeometric(rng, [0, 3, 4], [5, 0, 6], [2, 2, 10]).eval())
    [0 2 4]
    """
    _, counts = parameters("hypergeometric", INT32, ngood, nbad, nsample)
    for name, count in zip(("ngood", "nbad", "nsample"), counts, strict=True):
        require_known("hypergeometric", count, lambda n: n >= 0, f"{name} is not negative", "give 0 or more")
    return count_draw("hypergeometric", rng, shape, dtype, *counts)


def zipf(rng: Stream, a: NodeLike, shape: Any = None, dtype: Any = "int32") -> Node:
    """Draws from Zipf's distribution: k, from 1 on, has a probability proportional to `k**-a`; not differentiable.

    Arguments: rng, a stream; a, above 1 (else -1 is drawn, or of a dtype without a sign its largest number), real, of
    a shape that broadcasts to the draw's; shape, by default that of a; dtype, an int dtype: what it does not have is
    not drawn.
    Raises: ArgumentError where a known a is not above 1, else see `normal`.
    Source: NumPy `Generator.zipf`; Devroye 1986, chapter X.6.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> bool((theon.random.zipf(rng, 2.0, 50) >= 1).all().eval())
    True
    """
    _, (power,) = parameters("zipf", None, a)
    require_known("zipf", power, lambda a: a > 1, "the exponent is above 1", "give such numbers")
    return count_draw("zipf", rng, shape, dtype, power)


def logseries(rng: Stream, p: NodeLike, shape: Any = None, dtype: Any = "int32") -> Node:
    """Draws from the logarithmic series: k, from 1 on, is as probable as `p**k / k` is large; not differentiable.

    Arguments: rng, a stream; p, in [0, 1) (else -1 is drawn, or of a dtype without a sign its largest number), real, of
    a shape that broadcasts to the draw's; shape, by default that of p; dtype, an int dtype, whose largest number stands
    for all beyond it.
    Raises: ArgumentError where a known p is not in [0, 1), else see `normal`.
    Source: NumPy `Generator.logseries`; Kemp 1981.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> print(theon.random.logseries(rng, [0.0, 0.0]).eval())
    [1 1]
    """
    _, (chance,) = parameters("logseries", None, p)
    require_known("logseries", chance, lambda p: (p >= 0) & (p < 1), "p lies in [0, 1)", "give numbers below 1")
    return count_draw("logseries", rng, shape, dtype, chance)


def betabinomial(rng: Stream, n: NodeLike, a: NodeLike, b: NodeLike, shape: Any = None, dtype: Any = "int32") -> Node:
    """How many of `n` trials succeed, with a probability drawn by `beta(rng, a, b)`; not differentiable.

    Arguments: rng, a stream; n, whole and not negative; a and b, positive; real, of shapes that broadcast to the
    draw's; shape, by default theirs together; dtype, an int dtype.
    Raises: ArgumentError where a known n is negative or a known a or b not positive, else see `normal`.
    Source: SciPy `stats.betabinom`.

    >>> import theon
    >>> rng = theon.random.stream(seed=0)
    >>> print(theon.random.betabinomial(rng, [0, 0], 2.0, 3.0).eval())
    [0 0]
    """
    what = "betabinomial"
    wanted, nodes = parameters(what, None, n, a, b)
    trials, first, second = nodes
    require_count(what, trials)
    require_positive(what, first, second)
    chance = sigmoid(_log_quotient(what, rng, shape, wanted, first, second, *nodes))
    return count_draw(what, rng, None, dtype, trials, chance, of="binomial")


__all__ = ["betabinomial", "hypergeometric", "logseries", "zipf"]
