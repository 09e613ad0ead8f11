"""Special functions of the normal distribution: scaled and inverse error functions, distribution functions.

All values are computed in float64. The functions have in common the repeated integrals of erfc, scaled,

    E_n(x) = exp(x**2) * i^n erfc(x),        E_0 = erfcx,        E_n' = -2 (n + 1) E_(n + 1),

all positive, so that gradients of tails are products and quotients of them and nothing cancels.
"""

from __future__ import annotations

import math
from typing import Any

from jax import lax
from jax.scipy.special import ndtri as _jax_ndtri

from ..graph.node import Node, NodeLike
from .elementwise import FLOATS, Row, Unary, define, elementwise, unary
from .floats import real_float
from .normal_tables import BEND, TAILS
from .precise import as_scipy, full, in_double, inner_row, no_fold, polynomial, through_double
from .transcendental import erf, erfc, exp

# --- The scaled repeated integrals ------------------------------------------------------------------------------------


def _scaled_tail(order: int, x: Any) -> Any:
    """E_order(x), in float64. Left of 0 the recurrence adds positive terms; right of it, the polynomials."""
    one, zero = full(x, 1), full(x, 0)
    size = lax.abs(x)
    t = one - full(x, 8) / (size + full(x, 4))
    inverse = one / (one + size)
    left = lax.lt(x, zero)
    below = lax.min(x, zero)  # so that the branch not taken is finite
    bulk = lax.exp(below * below)
    mirrored = bulk + bulk - polynomial(TAILS[0], t) * inverse
    if order > 0:
        first = full(x, 1 / math.sqrt(math.pi)) - below * mirrored
        mirrored = first if order == 1 else (mirrored - (below + below) * first) * full(x, 0.25)
    right = polynomial(TAILS[order], t)
    for _ in range(order + 1):
        right = right * inverse
    return lax.select(left, mirrored, right)


# Minus the derivative of erfcx, and minus its own: with the factors inside, so that they are normal numbers as long as
# the derivatives are. A third derivative comes by the recurrence, and loses digits for large x.
_erfcx_fall_2 = inner_row(
    "erfcx_fall_2", "8 E_2(x).", lambda x: full(x, 8) * _scaled_tail(2, x), lambda g, y, x: _third_derivative(g, y, x)
)
_erfcx_fall = inner_row(
    "erfcx_fall", "2 E_1(x).", lambda x: full(x, 2) * _scaled_tail(1, x), lambda g, y, x: -(g * _erfcx_fall_2(x))
)


def _third_derivative(g: Node, y: Node, x: Node) -> Node:
    return g * (2 * x * y - 4 * _erfcx_fall(x))


erfcx: Unary = as_scipy(
    unary(
        "erfcx",
        "exp(x**2) * erfc(x), which neither underflows nor loses digits for large x.",
        in_double(lambda x: _scaled_tail(0, x)),
        no_fold,
        lambda g, y, x: -(g * _erfcx_fall(x)),
        example=(0.0, "1.0"),
        takes=FLOATS,
    )
)


# --- Inverse error function -------------------------------------------------------------------------------------------

erfinv: Unary = as_scipy(
    unary(
        "erfinv",
        "The number whose erf is x; infinite at -1 and 1, nan beyond.",
        in_double(lax.erf_inv),
        no_fold,
        lambda g, y, x: g * (exp(y * y) * (math.sqrt(math.pi) / 2)),
        example=(0.0, "0.0"),
        takes=FLOATS,
    )
)


# --- The normal distribution ------------------------------------------------------------------------------------------

ROOT_HALF = math.sqrt(0.5)
ROOT_TAU = math.sqrt(2 * math.pi)


def log_ndtr_value(x: Any) -> Any:
    """Left of -1 from erfcx, whose logarithm stays small beside the square; right of it from the upper tail."""
    low = lax.lt(x, full(x, -1))
    z = lax.select(low, x, full(x, -1)) * full(x, -ROOT_HALF)
    below = lax.log(_scaled_tail(0, z) * full(x, 0.5)) - z * z
    above = lax.log1p(lax.erfc(lax.select(low, full(x, -1), x) * full(x, ROOT_HALF)) * full(x, -0.5))
    return lax.select(low, below, above)


def _hazard(x: Any) -> Any:
    """Density over distribution function: about -x far left, and the density itself far right."""
    return full(x, 2 / ROOT_TAU) / _scaled_tail(0, x * full(x, -ROOT_HALF))


def _hazard_fall(x: Any) -> Any:
    """h * (x + h). Left of 0, where this would cancel, x + h is sqrt(2) * E_1 / E_0; right of it all may overflow."""
    hazard = _hazard(x)
    z = lax.max(x * full(x, -ROOT_HALF), full(x, 0))
    excess = full(x, math.sqrt(2)) * (_scaled_tail(1, z) / _scaled_tail(0, z))
    return hazard * lax.select(lax.lt(x, full(x, 0)), excess, x + hazard)


def _hazard_bend(x: Any) -> Any:
    """h times what is left of three terms: left of 0 by polynomials; right of it nothing cancels but at a true zero."""
    hazard = _hazard(x)
    z = lax.max(x * full(x, -ROOT_HALF), full(x, 0))
    scale = full(x, 1) / (full(x, 1) + z)
    left = polynomial(BEND, full(x, 1) - full(x, 8) / (z + full(x, 4))) * lax.integer_pow(scale, 4)
    excess = x + hazard
    right = excess * (hazard + excess) - full(x, 1)
    return hazard * lax.select(lax.lt(x, full(x, 0)), left, right)


# Minus the derivatives of the hazard, and of that. A third comes by the recurrence, and loses digits for small x.
normal_hazard_bend = inner_row(
    "normal_hazard_bend",
    "The second derivative of the normal hazard.",
    _hazard_bend,
    lambda g, y, x: _bend_derivative(g, y, x),
)
normal_hazard_fall = inner_row(
    "normal_hazard_fall",
    "Minus the derivative of the normal hazard.",
    _hazard_fall,
    lambda g, y, x: -(g * normal_hazard_bend(x)),
)
normal_hazard = inner_row(
    "normal_hazard",
    "The normal density over its distribution function.",
    _hazard,
    lambda g, y, x: -(g * normal_hazard_fall(x)),
)


def _bend_derivative(g: Node, y: Node, x: Node) -> Node:
    fall = normal_hazard_fall(x)
    return g * (2 * fall * (1 - fall) - y * (x + 2 * normal_hazard(x)))


ndtr: Unary = as_scipy(
    unary(
        "ndtr",
        "The standard normal distribution function: the probability of less than x.",
        in_double(lambda x: full(x, 0.5) * lax.erfc(x * full(x, -ROOT_HALF))),
        no_fold,
        lambda g, y, x: g * (exp(x * x * -0.5) * (1 / ROOT_TAU)),
        example=(0.0, "0.5"),
        takes=FLOATS,
    )
)
log_ndtr: Unary = as_scipy(
    unary(
        "log_ndtr",
        "The logarithm of the standard normal distribution function, exact in both tails.",
        in_double(log_ndtr_value),
        no_fold,
        lambda g, y, x: g * normal_hazard(x),
        example=(0.0, "-0.6931472"),
        takes=FLOATS,
    )
)


def _log_erfc(x: Any) -> Any:
    """From erfcx in the tail; near 0, where it is small, from erf."""
    one = full(x, 1)
    near = lax.lt(lax.abs(x), full(x, 0.5))
    tail = lax.gt(x, one)
    above = lax.max(x, one)
    far = lax.log(_scaled_tail(0, above)) - above * above
    small = lax.log1p(-lax.erf(lax.select(near, x, full(x, 0))))
    return lax.select(near, small, lax.select(tail, far, lax.log(lax.erfc(lax.min(x, one)))))


# Rows that only rewrites make: log(erfc(x)), and minus its derivative, of which hazards are made too.
log_erfc = inner_row(
    "log_erfc",
    "log(erfc(x)).",
    _log_erfc,
    lambda g, y, x: g * (normal_hazard(x * -math.sqrt(2)) * -math.sqrt(2)),
)


def _ndtr_gap(x: Any, y: Any) -> Any:
    """Of the lower tail, to which the upper is mirrored, so that no two numbers near 1 are subtracted; near 0 of erf,
    so that no two near 1/2 are."""
    upper = lax.gt(x + y, full(x, 0))
    a, b = lax.select(upper, -y, x), lax.select(upper, -x, y)
    root = full(x, -ROOT_HALF)
    near = lax.lt(lax.max(lax.abs(x), lax.abs(y)), full(x, 0.7))
    gap = lax.select(near, lax.erf(b * root) - lax.erf(a * root), lax.erfc(a * root) - lax.erfc(b * root))
    return full(x, 0.5) * gap


def _density(x: Node) -> Node:
    return exp(x * x * -0.5) * (1 / ROOT_TAU)


_NDTR_GAP = define(
    Row(
        "ndtr_gap",
        in_double(_ndtr_gap),
        no_fold,
        FLOATS,
        "same",
        (lambda g, d, x, y: g * _density(x), lambda g, d, x, y: -(g * _density(y))),
    )
)


def ndtr_gap(x: NodeLike, y: NodeLike, /) -> Node:
    """ndtr(x) - ndtr(y), which only rewrites make."""
    return elementwise(_NDTR_GAP, x, y)


def _ndtri_slope(p: Any) -> Any:
    y = _jax_ndtri(p)
    return full(p, ROOT_TAU) * lax.exp(full(p, 0.5) * (y * y))


# A row of its own: from a rounded ndtri(p) in float32, the square in the exponent would cost two digits at the ends.
_ndtri_slope_row = inner_row(
    "ndtri_slope",
    "The derivative of ndtri.",
    _ndtri_slope,
    lambda g, y, p: g * (ndtri(p) * y * y),
)
ndtri: Unary = as_scipy(
    unary(
        "ndtri",
        "The inverse of the standard normal distribution function; infinite at 0 and 1, nan beyond.",
        in_double(_jax_ndtri),
        no_fold,
        lambda g, y, p: g * _ndtri_slope_row(p),
        example=(0.5, "0.0"),
        takes=FLOATS,
    )
)


def erfcinv(x: NodeLike, /) -> Node:
    """The number whose erfc is x; infinite at 0 and 2, nan beyond.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype: `ndtri(x / 2)` over
    minus the root of 2, exact in both tails. Raises: DTypeError for complex x. Source: SciPy `erfcinv`.

    >>> import theon
    >>> print(theon.erfcinv([0.0, 2.0]).eval())
    [ inf -inf]
    """
    return ndtri(real_float("erfcinv", x) * 0.5) * -ROOT_HALF


def ndtri_exp_value(y: Any) -> Any:
    """By ndtri of the smaller tail; where exp(y) underflows by Newton's steps, from the logarithm's leading terms."""
    far, upper = lax.lt(y, full(y, -600)), lax.gt(y, full(y, -0.15))
    tail = lax.select(upper, -lax.expm1(lax.max(y, full(y, -0.15))), lax.exp(lax.clamp(full(y, -600), y, full(y, 0))))
    near = _jax_ndtri(tail)
    target = lax.select(far, y, full(y, -700))
    half = -target - full(y, 0.5 * math.log(4 * math.pi)) - full(y, 0.5) * lax.log(-target)
    found = full(y, -math.sqrt(2)) * lax.sqrt(half)
    for _ in range(3):
        found = found - (log_ndtr_value(found) - target) / _hazard(found)
    found = lax.select(lax.eq(y, full(y, -math.inf)), y, found)
    return lax.select(far, found, lax.select(upper, -near, near))


_NDTRI_EXP = define(
    Row("ndtri_exp", in_double(ndtri_exp_value), no_fold, FLOATS, "same", (lambda g, x, y: g / normal_hazard(x),))
)


def ndtri_exp(y: NodeLike, /) -> Node:
    """The number whose log_ndtr is y: -inf at -inf, inf at 0, nan above.

    Arguments: floats of any shape (ints and bools become the default float). Gives y's dtype. Exact where exp(y) is 0.
    Raises: DTypeError for complex y. Source: SciPy `ndtri_exp`.

    >>> import theon
    >>> print(theon.ndtri_exp([-2000.0, 0.0]).eval())
    [-63.165417        inf]
    """
    return through_double(_NDTRI_EXP, y)


__all__ = [
    "erf", "erfc", "erfcinv", "erfcx", "erfinv", "log_erfc", "log_ndtr", "log_ndtr_value", "ndtr", "ndtr_gap", "ndtri",
    "ndtri_exp", "ndtri_exp_value", "normal_hazard",
]  # fmt: skip
