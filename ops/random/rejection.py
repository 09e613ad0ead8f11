"""What is drawn by proposals that are accepted or made anew, and the lowerings of counts that are drawn so.

All of it is computed in float64, so that counts are exact as far as an int reaches, and nothing is missed in a tail
that float32's uniform numbers, some 1e-7 apart, do not resolve.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax import lax

from ...graph.types import limits
from ..precise import full
from ..special_gamma import _betaln

_WIDE = np.dtype("float64")


def until_accepted(key: Any, found: Any, pending: Any, propose: Callable[[Any], tuple[Any, Any]]) -> Any:
    """Fill `found` where it is `pending`: `propose` makes, from a key, values of its shape and whether they will do."""

    def turn(state: Any) -> Any:
        key, found, pending = state
        key, now = jax.random.split(key)
        value, accepted = propose(now)
        chosen = lax.bitwise_and(pending, accepted)
        return key, lax.select(chosen, value, found), lax.bitwise_and(pending, lax.bitwise_not(accepted))

    return lax.while_loop(lambda state: state[2].any(), turn, (key, found, pending))[1]


def widened(x: Any, shape: Any, dtype: Any = _WIDE) -> Any:
    """A parameter in another dtype, and in the shape of the draw."""
    return lax.broadcast_in_dim(
        lax.convert_element_type(x, dtype), shape, tuple(range(len(shape) - x.ndim, len(shape)))
    )


def _evens(key: Any, shape: Any, count: int) -> list[Any]:
    """Numbers even between 0 and 1, both left out."""
    low = limits(_WIDE).tiny
    return [jax.random.uniform(one, shape, _WIDE, minval=low) for one in jax.random.split(key, count)]


def _whole(x: Any, valid: Any, dtype: Any) -> Any:
    """Whole floats as ints, the largest one for what is beyond it; -1 for parameters that have no distribution, or of a
    dtype without a sign its largest number."""
    bounded = lax.min(x, full(x, np.nextafter(_end(dtype), 0)))
    found = lax.convert_element_type(bounded, dtype)
    return lax.select(valid, found, lax.full_like(found, np.array(-1).astype(dtype)))


def _end(dtype: Any) -> float:
    """The first whole number that is too large for a dtype of ints."""
    return float(2 ** (8 * dtype.itemsize - (dtype.kind == "i")))


# --- Counts -----------------------------------------------------------------------------------------------------------


def logseries(key: Any, shape: Any, dtype: Any, p: Any) -> Any:
    """Kemp's mixture: geometric of a random ratio."""
    chance = widened(p, shape)
    zero, one = full(chance, 0), full(chance, 1)
    valid = lax.bitwise_and(lax.ge(chance, zero), lax.lt(chance, one))
    u, v = _evens(key, shape, 2)
    ratio = -lax.expm1(u * lax.log1p(-lax.select(valid, chance, zero)))
    return _whole(one + lax.floor(lax.log(v) / lax.log(ratio)), valid, dtype)


def zipf(key: Any, shape: Any, dtype: Any, a: Any) -> Any:
    """Devroye's: the whole part of a Pareto number, of those alone that the dtype has; `k` ends where it does not."""
    given = widened(a, shape)
    one, end = full(given, 1), full(given, _end(dtype))
    valid = lax.gt(given, one)
    power = lax.select(valid, given, full(given, 2)) - one

    def propose(key: Any) -> tuple[Any, Any]:
        u, v = _evens(key, shape, 2)
        k = lax.max(lax.floor(lax.exp(-lax.log1p(u * lax.expm1(-power * lax.log(end))) / power)), one)
        share = lax.expm1(-power * lax.log1p(one / k)) / lax.expm1(-power * full(power, math.log(2)))
        return k, lax.bitwise_and(lax.lt(k, end), lax.le(v * k * share, one))

    return _whole(until_accepted(key, one, valid, propose), valid, dtype)


def hypergeometric(key: Any, shape: Any, dtype: Any, good: Any, bad: Any, drawn: Any) -> Any:
    """Stadlober's ratio of uniforms, of the rarer kind in the smaller part of the urn."""
    good, bad, drawn = (lax.floor(widened(x, shape)) for x in (good, bad, drawn))
    zero, one, half = full(good, 0), full(good, 1), full(good, 0.5)
    whole = good + bad
    valid = lax.bitwise_and(lax.ge(lax.min(good, bad), zero), lax.lt(whole, full(good, math.inf)))
    valid = lax.bitwise_and(valid, lax.bitwise_and(lax.ge(drawn, zero), lax.le(drawn, whole)))
    few, many = (lax.select(valid, side, zero) for side in (lax.min(good, bad), lax.max(good, bad)))
    total = lax.max(few + many, one)
    taken = lax.select(valid, lax.min(drawn, whole - drawn), zero)
    mean = taken * (few / total)
    var = mean * (many / total) * ((total - taken) / lax.max(total - one, one))
    width = lax.sqrt(var + half) * full(var, 2 * math.sqrt(2 / math.e)) + full(var, 3 - 2 * math.sqrt(3 / math.e))

    def log_chance(k: Any) -> Any:
        """But for what does not depend on `k`: two binomial coefficients, as the terms of each, far larger, cancel."""
        return -(_betaln(few - k + one, k + one) + _betaln(many - taken + k + one, taken - k + one))

    most = lax.min(few, taken)
    peak = log_chance(lax.min(lax.floor((few + one) * ((taken + one) / (total + one + one))), most))

    def propose(key: Any) -> tuple[Any, Any]:
        u, v = _evens(key, shape, 2)
        k = lax.floor(mean + half + width * (v - half) / u)
        inside = lax.bitwise_and(lax.ge(k, zero), lax.le(k, most))
        k = lax.clamp(zero, k, most)
        return k, lax.bitwise_and(inside, lax.le(lax.log(u) * full(u, 2), log_chance(k) - peak))

    k = until_accepted(key, zero, valid, propose)
    k = lax.select(lax.gt(good, bad), taken - k, k)
    return _whole(lax.select(lax.lt(whole - drawn, drawn), good - k, k), valid, dtype)


__all__ = ["hypergeometric", "logseries", "until_accepted", "widened", "zipf"]
