"""Special functions: gamma and beta themselves, incomplete gamma functions, Hurwitz's zeta.

All values are computed in float64. Where a derivative has no formula that we know of, `theon.grad` says so.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jax import lax

from ..graph.errors import ArgumentError, GradientError, Mismatch
from ..graph.node import Node, NodeLike, complain
from .arithmetic import flat
from .comparison import nothing_times
from .elementwise import FLOATS, Derivative, Row, Unary, binary, define, elementwise, unary
from .floats import real_float
from .partial import Smooth, partial
from .precise import as_scipy, full, in_double, log_power, no_fold
from .rest import log1p_rest_value
from .special_gamma import _betaln, _betaln_derivative, _lgamma, digamma, gammaln, stirling_rest
from .transcendental import log


def _unknown(what: str) -> Derivative:
    """A derivative that has no formula here."""

    def derivative(g: Node, out: Node, *inputs: Node) -> Mismatch:
        return Mismatch(f"{what} is not known", "cut with theon.stop_gradient", GradientError)

    return derivative


# --- Gamma and beta ---------------------------------------------------------------------------------------------------


def _gamma_sign(x: Any) -> Any:
    """Left of 0 the sign changes at every whole number; there the function has none."""
    odd = lax.ne(lax.rem(lax.floor(x), full(x, 2)), full(x, 0))
    sign = lax.select(lax.bitwise_and(lax.lt(x, full(x, 0)), odd), full(x, -1), full(x, 1))
    pole = lax.bitwise_and(lax.lt(x, full(x, 0)), lax.eq(x, lax.floor(x)))
    sign = lax.select(lax.eq(x, full(x, 0)), lax.sign(full(x, 1) / x), sign)
    return lax.select(lax.bitwise_or(pole, lax.ne(x, x)), full(x, math.nan), sign)


gammasgn = as_scipy(
    unary(
        "gammasgn",
        "The sign of the gamma function; nan at -1, -2 and so on, where it has none.",
        in_double(_gamma_sign),
        no_fold,
        flat,
        example=(-0.5, "-1.0"),
        takes=FLOATS,
        notes="The gradient is 0.",
    )
)


def _gamma(x: Any) -> Any:
    return _gamma_sign(x) * lax.exp(_lgamma(x))


gamma: Unary = as_scipy(
    unary(
        "gamma",
        "The gamma function; infinite at 0, nan at -1, -2 and so on.",
        in_double(_gamma),
        no_fold,
        lambda g, y, x: g * (y * digamma(x)),
        example=(5.0, "24.0"),
        takes=FLOATS,
    )
)
beta = as_scipy(
    binary(
        "beta",
        "The beta function, gamma(x1) * gamma(x2) / gamma(x1 + x2).",
        in_double(lambda a, b: _gamma_sign(a) * _gamma_sign(b) * _gamma_sign(a + b) * lax.exp(_betaln(a, b))),
        no_fold,
        (
            lambda g, y, a, b: _betaln_derivative(g * y, a, b),
            lambda g, y, a, b: _betaln_derivative(g * y, b, a),
        ),
        example=(2.0, 3.0, "0.083333336"),
        takes=FLOATS,
    )
)


def multigammaln(a: NodeLike, d: int) -> Node:
    """The logarithm of the gamma function of d dimensions.

    Arguments: a, floats of any shape, above (d - 1) / 2; d, a positive Python int. Gives a's dtype.
    Raises: ArgumentError where d is no such int, DTypeError for complex a. Source: SciPy `multigammaln`.

    >>> import theon
    >>> print(theon.multigammaln(3.0, 2).eval())
    1.550195
    """
    node = real_float("multigammaln", a)
    if isinstance(d, bool) or not isinstance(d, (int, np.integer)) or d < 1:
        problem = Mismatch(f"the number of dimensions is {d!r}", "give a positive Python int", ArgumentError)
        raise complain(problem, "multigammaln", node)
    total: Node = gammaln(node) + d * (d - 1) / 4 * math.log(math.pi)
    for j in range(1, int(d)):
        total = total + gammaln(node - j / 2)
    return total


# --- Incomplete gamma functions ---------------------------------------------------------------------------------------

_LARGE = 10.0  # the least shape for which Stirling's formula is exact


def _gamma_density(a: Any, x: Any, i: Any) -> Any:
    """x**(a - 1 - i) * exp(-x) / gamma(a); of large a relative to its peak, by Stirling, as large terms cancel."""
    far = lax.bitwise_and(lax.gt(a, full(a, _LARGE)), lax.gt(x, full(a, 0.5) * a))
    peak = lax.select(far, a, full(a, _LARGE))
    off = (lax.select(far, x, peak) - peak) / peak
    size = full(a, 0.5) * lax.log(peak * full(a, 0.5 / math.pi)) - stirling_rest(peak) - peak * log1p_rest_value(off)
    near = log_power(x, lax.log(x), a - full(a, 1) - i) - x - lax.lgamma(a)
    found = lax.exp(lax.select(far, size - (full(a, 1) + i) * lax.log(x), near))
    return lax.select(lax.eq(x, full(x, math.inf)), full(x, 0), found)


def _gamma_slope(g: Node, y: Node, a: Node, x: Node, i: Node) -> Node:
    return g * (nothing_times(a - 1 - i, elementwise(_GAMMA_DENSITY, a, x, i + 1)) - y)


# Its last operand counts how often the power has been differentiated: the quotient by x would be 0 / 0 at 0.
_GAMMA_DENSITY = define(
    Row(
        "gamma_density",
        in_double(_gamma_density),
        no_fold,
        FLOATS,
        "same",
        (lambda g, y, a, x, i: g * nothing_times(y, log(x) - digamma(a)), _gamma_slope, flat),
    )
)


def gamma_density(a: Node, x: Node) -> Node:
    """The density of the gamma distribution."""
    return elementwise(_GAMMA_DENSITY, a, x, 0)


def _gamma_by_a(a: Any, x: Any) -> Any:
    endless = lax.eq(x, full(x, math.inf))
    return lax.select(endless, full(x, 0), lax.igamma_grad_a(a, lax.select(endless, full(x, 1), x)))


# By its own second argument it is the derivative of the density by the first.
_by_a = binary(
    "gammainc_by_a",
    "The derivative of gammainc by x1.",
    in_double(_gamma_by_a),
    no_fold,
    (
        _unknown("the second derivative of gammainc by its first argument"),
        lambda g, y, a, x: g * nothing_times(gamma_density(a, x), log(x) - digamma(a)),
    ),
    example=(1.0, 0.0, ""),
    takes=FLOATS,
)
gammainc = as_scipy(
    binary(
        "gammainc",
        "The regularised lower incomplete gamma function: the probability of less than x2 under the gamma "
        "distribution of x1.",
        in_double(lax.igamma),
        no_fold,
        (lambda g, y, a, x: g * _by_a(a, x), lambda g, y, a, x: g * gamma_density(a, x)),
        example=(1.0, 0.0, "0.0"),
        takes=FLOATS,
        notes="A second derivative by x1 raises GradientError.",
    )
)
gammaincc = as_scipy(
    binary(
        "gammaincc",
        "The regularised upper incomplete gamma function, 1 - gammainc(x1, x2) without cancellation.",
        in_double(lax.igammac),
        no_fold,
        (lambda g, y, a, x: -(g * _by_a(a, x)), lambda g, y, a, x: -(g * gamma_density(a, x))),
        example=(1.0, 0.0, "1.0"),
        takes=FLOATS,
        notes="A second derivative by x1 raises GradientError.",
    )
)


# --- Hurwitz's zeta function ------------------------------------------------------------------------------------------

_HEAD = 10
# B_2j / (2j)! for j from 1 on.
_BERNOULLI_RATIOS = (
    1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600,
    -3617 / 10670622842880000, 43867 / 5109094217170944000, -174611 / 802857662698291200000,
)  # fmt: skip


def _zeta_sum(power: Any, first: Any) -> Any:
    """Ten terms, and the rest by Euler and Maclaurin; an exponent beyond 210 leaves nothing of that rest."""
    total = full(power, 0)
    for k in range(_HEAD):
        total = total + lax.pow(first + full(power, k), -power)
    s, start = lax.min(power, full(power, 210)), first + full(power, _HEAD)
    edge = lax.pow(start, -s)
    rest = edge * start / (s - full(s, 1)) + edge * full(s, 0.5)
    factor, term = s, edge / start
    for j, ratio in enumerate(_BERNOULLI_RATIOS, 1):
        rest = rest + factor * term * full(s, ratio)
        factor = factor * (s + full(s, 2 * j - 1)) * (s + full(s, 2 * j))
        term = term / (start * start)
    return total + rest


def _in_zeta(s: Any, q: Any) -> Any:
    return lax.bitwise_and(lax.gt(s, full(s, 1)), lax.gt(q, full(q, 0)))


def _zeta(s: Any, q: Any) -> Any:
    one, inside = full(s, 1), _in_zeta(s, q)
    found = _zeta_sum(lax.select(inside, s, full(s, 2)), lax.select(inside, q, one))
    pole = lax.bitwise_and(lax.le(q, full(q, 0)), lax.eq(q, lax.floor(q)))
    pole = lax.bitwise_or(lax.eq(s, one), lax.bitwise_and(lax.gt(s, one), pole))
    return lax.select(inside, found, lax.select(pole, full(q, math.inf), full(q, math.nan)))


_ZETA_SUM = Smooth("zeta", _zeta_sum, _in_zeta)  # what is summed can be derived by the exponent, term by term
_ZETA = define(
    Row(
        "zeta",
        in_double(_zeta),
        no_fold,
        FLOATS,
        "same",
        (
            lambda g, y, s, q: g * partial(_ZETA_SUM, (1, 0), s, q),
            lambda g, y, s, q: -(g * (s * zeta(s + 1, q))),
        ),
    )
)


def zeta(x: NodeLike, q: NodeLike = 1.0, /) -> Node:
    """Hurwitz's zeta function, the sum of (k + q)**-x over k from 0 on; Riemann's where q is 1.

    Arguments: x, above 1 (at 1 it is infinite, below nan), and q, positive (at 0, -1 and so on it is infinite, else
    nan), of shapes that broadcast; floats (ints become the default float). Gives their promoted dtype.
    Raises: ShapeError where shapes do not broadcast, DTypeError for complex. Source: SciPy `zeta`.

    >>> import theon
    >>> print(theon.zeta(2.0).eval())
    1.644934
    """
    return elementwise(_ZETA, x, q)


__all__ = ["beta", "gamma", "gammainc", "gammaincc", "gammasgn", "multigammaln", "zeta"]
