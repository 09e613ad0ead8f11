"""Special functions of the gamma family: logarithms of gamma and beta functions, and their derivatives.

All values are computed in float64: gammaln, digamma and their differences have zeros, where float32 has no digit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.errors import ArgumentError, DTypeError, Mismatch
from ..graph.node import Node, NodeLike, apply, as_node, complain
from ..graph.op import Op
from ..graph.types import TensorType, default_float_dtype, kind_of
from .comparison import greater, logical_and, where
from .elementwise import FLOATS, Unary, binary, cast_to, unary
from .precise import as_scipy, full, in_double, no_fold, polynomial
from .transcendental import _each

# The Bernoulli numbers B_2, B_4, ... B_24.
_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330,
    854513 / 138, -236364091 / 2730,
)  # fmt: skip
_FAR = 10.0  # from here on eight terms of the asymptotic series of log(gamma) and digamma are exact in float64


# --- One argument -----------------------------------------------------------------------------------------------------


def _lgamma(x: Any) -> Any:
    """XLA's, which is some 1e-15 off at its zeros."""
    zero = lax.bitwise_or(lax.eq(x, full(x, 1)), lax.eq(x, full(x, 2)))
    return lax.select(zero, full(x, 0), lax.lgamma(x))


gammaln = as_scipy(
    unary(
        "gammaln",
        "The logarithm of the magnitude of the gamma function; inf at 0, -1, -2 and so on.",
        in_double(_lgamma),
        _each(math.lgamma),
        lambda g, y, x: g * digamma(x),
        example=(1.0, "0.0"),
        takes=FLOATS,
    )
)


def _digamma(x: Any) -> Any:
    """At the pole at 0 the side is known by the sign of the zero."""
    return lax.select(lax.eq(x, full(x, 0)), full(x, -1) / x, lax.digamma(x))


digamma: Unary = as_scipy(
    unary(
        "digamma",
        "The derivative of gammaln; -inf at 0, nan at -1, -2 and so on.",
        in_double(_digamma),
        no_fold,
        lambda g, y, x: g * polygamma(1, x),
        example=(1.0, "-0.5772157"),
        takes=FLOATS,
    )
)


def _cotangent_derivative(order: int, x: Any) -> Any:
    """The derivative of that order of cot(pi * x): a polynomial in the cotangent, c' being -pi * (1 + c**2)."""
    terms = [0, 1]
    for _ in range(order):
        slope = [k * term for k, term in enumerate(terms)][1:]
        terms = [-a - b for a, b in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    angle = (x - lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN)) * full(x, math.pi)
    cotangent = lax.cos(angle) / lax.sin(angle)
    return polynomial([float(term) * math.pi**order for term in terms], cotangent)


def _polygamma_right(order: int, x: Any) -> Any:
    """For x >= 0: steps to the right, until the asymptotic series is exact; every term has one sign."""
    steps = 10 + order
    one = full(x, 1)
    near = full(x, 0)
    for k in range(steps):
        inverse = one / (x + full(x, k))
        near = near + lax.integer_pow(inverse, order + 1)
    inverse = one / (x + full(x, steps))
    factors = [b * math.factorial(2 * k + order - 1) / math.factorial(2 * k) for k, b in enumerate(_BERNOULLI, 1)]
    series = inverse * polynomial(factors, inverse * inverse) + full(x, math.factorial(order) / 2)
    series = series * inverse + full(x, math.factorial(order - 1))
    for _ in range(order):  # not by the power, which may underflow alone
        series = series * inverse
    total = series + near * full(x, math.factorial(order))
    return total if order % 2 else -total


def _polygamma(order: int, x: Any) -> Any:
    """Left of 0 by reflection."""
    left = lax.lt(x, full(x, 0))
    right = _polygamma_right(order, lax.select(left, full(x, 1) - x, x))
    turn = _cotangent_derivative(order, lax.select(left, x, full(x, 0.5))) * full(x, math.pi)
    mirrored = (-right if order % 2 else right) - turn
    return lax.select(left, mirrored, right)


@dataclass(frozen=True, eq=False)
class Polygamma(Op):
    """The derivative of digamma of one order, from 1 on."""

    own_slope = True

    order: int

    def infer(self, x: TensorType) -> TensorType:
        if not x.is_float:
            raise Mismatch(f"takes float, not {x.dtype}", "convert with .astype", DTypeError)
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        lowered: jax.Array = in_double(lambda wide: _polygamma(self.order, wide))(x)
        return lowered

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g * apply(Polygamma(self.order + 1), x),)


def polygamma(n: int, x: NodeLike, /) -> Node:
    """The derivative of order n of digamma, elementwise; order 0 is digamma itself.

    Arguments: n, a Python int from 0 to 100; x, floats of any shape (ints and bools become the default float).
    Gives x's dtype. At 0 and the negative whole numbers it is infinite or nan.
    Raises: ArgumentError for an order that is no such int, DTypeError for complex x. Source: SciPy `polygamma`.

    >>> import theon
    >>> print(theon.polygamma(1, 1.0).eval())
    1.644934
    """
    node = as_node(x)
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 0 <= n <= 100:
        problem = Mismatch(f"the order is {n!r}", "give a Python int from 0 to 100", ArgumentError)
        raise complain(problem, "polygamma", node)
    if kind_of(node.dtype) in ("bool", "int", "uint"):
        node = cast_to(node, default_float_dtype())
    return digamma(node) if n == 0 else apply(Polygamma(int(n)), node)


def trigamma(x: NodeLike, /) -> Node:
    """The derivative of digamma: `polygamma(1, x)`; types and errors are its.

    Raises: see `polygamma`. Source: Theano's `tri_gamma`.

    >>> import theon
    >>> print(theon.trigamma(1.0).eval())
    1.644934
    """
    return polygamma(1, x)


# --- Two arguments ----------------------------------------------------------------------------------------------------


def stirling_rest(x: Any) -> Any:
    """What Stirling's formula leaves of gammaln, for x >= 10."""
    inverse = full(x, 1) / x
    factors = [b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI[:8], 1)]
    return inverse * polynomial(factors, inverse * inverse)


def _betaln(a: Any, b: Any) -> Any:
    """Three gammalns where they are small; else Stirling's formula, its large terms cancelled by hand."""
    low, high = lax.min(a, b), lax.max(a, b)
    far = full(a, _FAR)
    large = lax.max(high, far)
    ratio = lax.max(low, full(a, 0)) / large
    bent = lax.log1p(ratio)

    both = lax.max(low, far)
    rest = stirling_rest(large) - stirling_rest(large + both)
    two = (both - full(a, 0.5)) * (lax.log(both / large) - lax.log1p(both / large)) - large * lax.log1p(both / large)
    two = two - full(a, 0.5) * lax.log(large) + full(a, math.log(2 * math.pi) / 2) + rest + stirling_rest(both)

    some = lax.clamp(full(a, 0), low, far)
    total = large + some
    rest = stirling_rest(large) - stirling_rest(total)
    one = _lgamma(some) - some * lax.log(large) - (total - full(a, 0.5)) * bent + some + rest

    none = _lgamma(low) + _lgamma(high) - _lgamma(low + high)
    plain = lax.bitwise_or(lax.lt(high, far), lax.lt(low, full(a, 0)))
    found = lax.select(plain, none, lax.select(lax.lt(low, far), one, two))
    return lax.select(lax.eq(low, full(a, 0)), full(a, math.inf), found)


def _digamma_gap(a: Any, b: Any) -> Any:
    """digamma(a) - digamma(a + b) for positive a and b, as a sum of terms of one sign.

    Ten steps to the right, then the difference of the asymptotic series, in which 1 / x**m - 1 / (x + b)**m comes
    from that of m = 2 by a recurrence.
    """
    one, gap = full(a, 1), full(a, 0)
    for k in range(10):
        near = a + full(a, k)
        gap = gap + b / (near + b) / near
    start = a + full(a, _FAR)
    ratio = b / start
    p, q = one / start, one / (start + b)
    first = ratio * q
    gap = gap + lax.log1p(ratio) + first * full(a, 0.5)
    unit = first * (p + q)
    powers, term = one, unit
    for k, bernoulli in enumerate(_BERNOULLI[:8], 1):
        gap = gap + term * full(a, bernoulli / (2 * k))
        powers = powers * (q * q)
        term = term * (p * p) + unit * powers
    return -gap


def _trigamma_gap(a: Any, b: Any) -> Any:
    """trigamma(a) - trigamma(a + b), in the same way."""
    one, gap = full(a, 1), full(a, 0)
    for k in range(10):
        near = a + full(a, k)
        p, q = one / near, one / (near + b)
        gap = gap + b * q * p * (p + q)
    p, q = one / (a + full(a, _FAR)), one / (a + full(a, _FAR) + b)
    term = b * q * p
    unit = term * (p + q)
    gap, powers = gap + term + unit * full(a, 0.5), q
    for bernoulli in _BERNOULLI[:8]:
        term = term * (p * p) + unit * powers  # p**m - q**m of the odd m
        powers = powers * (q * q)
        gap = gap + term * full(a, bernoulli)
    return gap


_trigamma_drop = binary(
    "trigamma_drop",
    "trigamma(x1) - trigamma(x1 + x2) for positive numbers.",
    in_double(_trigamma_gap),
    no_fold,
    (
        lambda g, y, a, b: g * (polygamma(2, a) - polygamma(2, a + b)),
        lambda g, y, a, b: -(g * polygamma(2, a + b)),
    ),
    example=(1.0, 1.0, "1.0"),
    takes=FLOATS,
)
_digamma_drop = binary(
    "digamma_drop",
    "digamma(x1) - digamma(x1 + x2) for positive numbers.",
    in_double(_digamma_gap),
    no_fold,
    (
        lambda g, y, a, b: g * _trigamma_drop(a, b),
        lambda g, y, a, b: -(g * polygamma(1, a + b)),
    ),
    example=(1.0, 1.0, "-1.0"),
    takes=FLOATS,
)


def _betaln_derivative(g: Node, mine: Node, other: Node) -> Node:
    """The difference of two digammas, taken whole where both operands are positive."""
    inside = logical_and(greater(mine, 0), greater(other, 0))
    whole = _digamma_drop(where(inside, mine, 1), where(inside, other, 1))
    return g * where(inside, whole, digamma(mine) - digamma(mine + other))


betaln = as_scipy(
    binary(
        "betaln",
        "The logarithm of the magnitude of the beta function: gammaln(x1) + gammaln(x2) - gammaln(x1 + x2).",
        in_double(_betaln),
        no_fold,
        (lambda g, y, a, b: _betaln_derivative(g, a, b), lambda g, y, a, b: _betaln_derivative(g, b, a)),
        example=(1.0, 1.0, "0.0"),
        takes=FLOATS,
        notes="Exact to the last place for positive operands, however far apart.",
    )
)

# SciPy's and Theano's other spellings.
lgamma = gammaln
psi = digamma


__all__ = ["betaln", "digamma", "gammaln", "lgamma", "polygamma", "psi", "trigamma"]
