"""Inverses of the incomplete gamma and beta functions: quantiles of the gamma and beta distributions.

They are found in float64 by a fixed number of Halley's steps on the logarithm of the smaller tail, as a function of
log(x) and of log(x / (1 - x)): there it is concave, so that the steps lead to the solution from wherever they begin.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from jax import lax
from jax.scipy.special import ndtri as _ndtri

from ..graph.node import Node, NodeLike
from .comparison import equal, isfinite, logical_and, where
from .elementwise import FLOATS, Row, define
from .partial import partial
from .precise import full, in_double, no_fold, through_double
from .special_beta import BETA, beta_density, beta_fraction, beta_size
from .special_gamma import _betaln, _polygamma_right
from .special_incomplete import _by_a, gamma_density

_STEPS = 8
_TINY = 1e-300


def _logarithm(tail: Any, leading: Any) -> Any:
    """Of a tail; where that underflows of its leading term, which leads back."""
    held = lax.gt(tail, full(tail, _TINY))
    return lax.select(held, lax.log(lax.max(tail, full(tail, _TINY))), leading)


def _off(tail: Any, log_tail: Any, target: Any) -> Any:
    """log(tail / target), exact where they are near each other."""
    gap = (tail - target) / target
    near = lax.lt(lax.abs(gap), full(gap, 0.5))
    return lax.select(near, lax.log1p(lax.select(near, gap, full(gap, 0))), log_tail - lax.log(target))


def _halley(off: Any, slope: Any, bend: Any) -> Any:
    """How far the solution is behind: `off` is the logarithm's error; `bend` its second derivative over the first."""
    newton = off / slope
    return newton / lax.clamp(full(off, 0.5), full(off, 1) - full(off, 0.5) * newton * bend, full(off, 4))


def _quotient(x: Node, by_shape: Node, density: Node) -> Node:
    """At the ends of the range, which no shape moves, the density may be 0 as well."""
    return where(logical_and(equal(by_shape, 0), isfinite(x)), 0, by_shape / density)


def _repeat(step: Callable[[Any], Any], start: Any) -> Any:
    return lax.fori_loop(0, _STEPS, lambda _, x: step(x), start)


# --- The incomplete gamma functions -----------------------------------------------------------------------------------


def _gamma_start(a: Any, p: Any, q: Any, lower: Any) -> tuple[Any, Any]:
    """The logarithm of where the power x**a / gamma(a + 1) is p, and a guess: from it near 0, else by a formula of
    Wilson and Hilferty's, or by the exponential in an upper tail."""
    one = full(a, 1)
    log_p = lax.select(lower, lax.log(p), lax.log1p(-lax.select(lower, full(a, 0.5), q)))
    log_power = (log_p + lax.lgamma(a + one)) / a
    power = lax.exp(lax.min(log_power, full(a, 600)))
    z = _ndtri(lax.select(lower, p, q))
    cube = one - one / (full(a, 9) * a) + lax.select(lower, z, -z) / (full(a, 3) * lax.sqrt(a))
    bulk = a * lax.integer_pow(lax.max(cube, full(a, 0.1)), 3)
    decay = -lax.log(q) - lax.lgamma(a)
    tail = decay + (a - one) * lax.log(lax.max(decay, one))
    steep = lax.bitwise_and(lax.lt(a, one), lax.gt(decay, full(a, 2)))
    bulk = lax.select(lax.bitwise_and(steep, lax.bitwise_not(lower)), tail, bulk)
    small = lax.lt(power, full(a, 0.1) * (a + one))
    return log_power, lax.select(small, power * (one + power / (a + one)), bulk)


def _gamma_quantile(a: Any, p: Any, q: Any) -> Any:
    """Where the lower tail is p and the upper q, of which the smaller is exact."""
    zero, one = full(a, 0), full(a, 1)
    inside = lax.bitwise_and(
        lax.gt(lax.min(p, q), zero), lax.bitwise_and(lax.gt(a, zero), lax.lt(a, full(a, math.inf)))
    )
    shape = lax.select(inside, a, one)
    below, above = lax.select(inside, p, full(a, 0.5)), lax.select(inside, q, full(a, 0.5))
    lower = lax.le(below, above)
    target = lax.select(lower, below, above)
    sign = lax.select(lower, one, -one)
    log_power, start = _gamma_start(shape, below, above, lower)

    def step(x: Any) -> Any:
        tail = lax.select(lower, lax.igamma(shape, x), lax.igammac(shape, x))
        log_size = shape * lax.log(x) - x - lax.lgamma(shape)
        log_tail = _logarithm(tail, log_size - lax.log(lax.select(lower, shape, x)))
        rate = lax.max(lax.exp(log_size - log_tail), full(a, _TINY))
        behind = _halley(_off(tail, log_tail, target), sign * rate, shape - x - sign * rate)
        return x * lax.exp(-lax.clamp(full(a, -5), behind, full(a, 5)))

    found = _repeat(step, lax.clamp(full(a, _TINY), start, full(a, 1e300)))
    found = lax.select(lax.lt(log_power, full(a, -600)), lax.exp(log_power), found)
    right = lax.bitwise_and(lax.ge(lax.min(p, q), zero), lax.gt(a, zero))
    edge = lax.select(lax.eq(p, zero), zero, full(a, math.inf))
    return lax.select(inside, found, lax.select(right, edge, full(a, math.nan)))


_GAMMAINCINV = define(
    Row(
        "gammaincinv",
        in_double(lambda a, p: _gamma_quantile(a, p, full(p, 1) - p)),
        no_fold,
        FLOATS,
        "same",
        (
            lambda g, x, a, p: -(g * _quotient(x, _by_a(a, x), gamma_density(a, x))),
            lambda g, x, a, p: g / gamma_density(a, x),
        ),
    )
)
_GAMMAINCCINV = define(
    Row(
        "gammainccinv",
        in_double(lambda a, q: _gamma_quantile(a, full(q, 1) - q, q)),
        no_fold,
        FLOATS,
        "same",
        (
            lambda g, x, a, q: -(g * _quotient(x, _by_a(a, x), gamma_density(a, x))),
            lambda g, x, a, q: -(g / gamma_density(a, x)),
        ),
    )
)


def gammaincinv(a: NodeLike, p: NodeLike, /) -> Node:
    """The inverse of gammainc by its second argument: the quantile at p of the gamma distribution of a.

    Arguments: a, positive, and p, from 0 to 1 (elsewhere it is nan), of shapes that broadcast; floats (ints and bools
    become the default float). Gives their promoted dtype. A second derivative by a raises GradientError.
    Raises: ShapeError where shapes do not broadcast, DTypeError for complex. Source: SciPy `gammaincinv`.

    >>> import theon
    >>> print(theon.gammaincinv(1.0, 0.5).eval())
    0.6931472
    """
    return through_double(_GAMMAINCINV, a, p)


def gammainccinv(a: NodeLike, q: NodeLike, /) -> Node:
    """The inverse of gammaincc by its second argument: where the gamma distribution of a is exceeded by probability q.

    Arguments: a, positive, and q, from 0 to 1 (elsewhere it is nan), of shapes that broadcast; floats (ints and bools
    become the default float). Gives their promoted dtype. A second derivative by a raises GradientError.
    Raises: ShapeError where shapes do not broadcast, DTypeError for complex. Source: SciPy `gammainccinv`.

    >>> import theon
    >>> print(theon.gammainccinv(1.0, 0.25).eval())
    1.3862944
    """
    return through_double(_GAMMAINCCINV, a, q)


# --- The incomplete beta function -------------------------------------------------------------------------------------


def _logit_of_log(log_x: Any) -> Any:
    bounded = lax.min(log_x, full(log_x, -1e-6))
    return bounded - lax.log(-lax.expm1(bounded))


def _beta_start(a: Any, b: Any, p: Any, log_beta: Any, low: Any) -> Any:
    """The logit: by the first two moments of its distribution; by the power that a tail is near 0, given as log(x), or
    near 1; and where a is far above b by a gamma variable, which a * (1 - x) is about there."""
    one, z = full(a, 1), _ndtri(p)
    start = lax.digamma(a) - lax.digamma(b) + lax.sqrt(_polygamma_right(1, a) + _polygamma_right(1, b)) * z
    start = lax.select(lax.lt(low, full(a, -1e-6)), lax.max(start, _logit_of_log(low)), start)

    decay = -lax.log(p) - lax.lgamma(b)
    sloped, steep = lax.ge(b, one), lax.bitwise_and(lax.lt(b, one), lax.gt(decay, one))
    cube = one - one / (full(a, 9) * b) - z / (full(a, 3) * lax.sqrt(b))
    fall = lax.select(sloped, b * cube * cube * cube, decay + (b - one) * lax.log(lax.max(decay, one)))
    far = lax.bitwise_and(lax.gt(a, full(a, 10) * (b + one)), lax.bitwise_or(sloped, steep))
    start = lax.select(far, _logit_of_log(-fall / a), start)

    high = (lax.log1p(-p) + lax.log(b) + log_beta) / b
    near = lax.lt(high, lax.log(full(a, 0.7) * (b + one) / (a + b)))
    near = lax.bitwise_and(near, lax.bitwise_and(lax.lt(b, full(a, 2)), lax.le(decay, one)))
    return lax.select(near, -_logit_of_log(high), start)


def _beta_quantile(a: Any, b: Any, p: Any) -> Any:
    """With its operands changed places where p is above a half."""
    zero, one = full(a, 0), full(a, 1)
    positive = lax.bitwise_and(lax.gt(a, zero), lax.gt(b, zero))
    inside = lax.bitwise_and(positive, lax.bitwise_and(lax.gt(p, zero), lax.lt(p, one)))
    turned = lax.gt(p, full(a, 0.5))
    first = lax.select(inside, lax.select(turned, b, a), one)
    second = lax.select(inside, lax.select(turned, a, b), one)
    target = lax.select(inside, lax.select(turned, one - p, p), full(a, 0.5))
    total, log_beta = first + second, _betaln(first, second)

    def step(logit: Any) -> Any:
        x, rest = lax.logistic(logit), lax.logistic(-logit)
        most = lax.gt(x, (first + one) / (total + one + one))
        shape, other = lax.select(most, second, first), lax.select(most, first, second)
        leading = beta_fraction(shape, other, lax.select(most, rest, x)) / shape
        right = lax.gt(logit, zero)
        log_x, log_rest = -lax.log1p(lax.exp(-logit)), -lax.log1p(lax.exp(logit))
        log_x, log_rest = lax.select(right, log_x, logit + log_rest), lax.select(right, log_x - logit, log_rest)
        mode = first - total * x  # 0 at the logit's most likely value
        log_size = beta_size(first, second, x, log_x, log_rest)
        near = lax.exp(log_size) * leading
        tail = lax.select(most, one - near, near)
        log_tail = lax.select(most, lax.log(lax.max(tail, full(a, _TINY))), log_size + lax.log(leading))
        rate = lax.max(lax.exp(log_size - log_tail), full(a, _TINY))
        behind = _halley(_off(tail, log_tail, target), rate, mode - rate)
        return logit - lax.clamp(full(a, -700), behind, full(a, 700))

    low = (lax.log(target) + lax.log(first) + log_beta) / first  # log(x) of a small x
    start = _beta_start(first, second, target, log_beta, low)
    logit = _repeat(step, lax.clamp(full(a, -690), start, full(a, 690)))
    logit = lax.select(lax.lt(low, full(a, -600)), low, logit)
    found = lax.logistic(lax.select(turned, -logit, logit))
    edge = lax.bitwise_and(positive, lax.bitwise_or(lax.eq(p, zero), lax.eq(p, one)))
    return lax.select(inside, found, lax.select(edge, p, full(a, math.nan)))


_BETAINCINV = define(
    Row(
        "betaincinv",
        in_double(_beta_quantile),
        no_fold,
        FLOATS,
        "same",
        (
            lambda g, x, a, b, p: -(g * _quotient(x, partial(BETA, (1, 0, 0), a, b, x), beta_density(a, b, x))),
            lambda g, x, a, b, p: -(g * _quotient(x, partial(BETA, (0, 1, 0), a, b, x), beta_density(a, b, x))),
            lambda g, x, a, b, p: g / beta_density(a, b, x),
        ),
    )
)


def betaincinv(a: NodeLike, b: NodeLike, y: NodeLike, /) -> Node:
    """The inverse of betainc by its third argument: the quantile at y of the beta distribution of a and b.

    Arguments: a and b, positive, and y, from 0 to 1 (elsewhere it is nan), of shapes that broadcast; floats (ints and
    bools become the default float). Gives their promoted dtype. Differentiable by all, any number of times.
    Raises: ShapeError where shapes do not broadcast, DTypeError for complex. Source: SciPy `betaincinv`.

    >>> import theon
    >>> print(theon.betaincinv(1.0, 1.0, 0.25).eval())
    0.25
    """
    return through_double(_BETAINCINV, a, b, y)


__all__ = ["betaincinv", "gammainccinv", "gammaincinv"]
