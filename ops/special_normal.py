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
from .precise import as_scipy, full, in_double, no_fold, polynomial
from .transcendental import erf, erfc, exp

# --- The scaled repeated integrals ------------------------------------------------------------------------------------

# For x >= 0: E_n(x) * (1 + x)**(n + 1) as a polynomial in t = (x - 4) / (x + 4), which runs from -1 to 1. Chebyshev
# interpolants, computed with 60 digits, cut below 1e-17 and written in powers of t, which loses nothing here: the sum
# of the magnitudes is near the largest value.
_TAILS = (
    (
        0.6849972881253069,
        -0.199344582800367,
        0.11704966551044224,
        -0.048080381221318184,
        0.003962055681303,
        0.015312509679621585,
        -0.017515654646768204,
        0.01216178474842341,
        -0.00606873521768341,
        0.002116421620549637,
        -0.00038976749365136323,
        -6.013695314566097e-05,
        6.403274051753607e-05,
        -1.315055634881424e-05,
        -4.138415348077945e-06,
        2.649051003653726e-06,
        4.0285329470106016e-09,
        -3.6252615050876104e-07,
        5.131334593621251e-08,
        4.553419794720743e-08,
        -1.1396979080247648e-08,
        -5.190729982204581e-09,
        1.6844354122037873e-09,
        3.8814204427944036e-10,
        -1.3957574032767495e-10,
    ),
    (
        0.40479382618776816,
        -0.1977464051942559,
        0.09548549725274018,
        -0.0031292786038497906,
        -0.04700895512965901,
        0.05303996761265429,
        -0.03414299462987313,
        0.012189180605192232,
        0.0009068039413478901,
        -0.004445894360566457,
        0.0030960885648099097,
        -0.0010836931494957352,
        5.745947354967959e-05,
        0.0001342326548475507,
        -5.3789521408293294e-05,
        -4.588100989085226e-06,
        9.397626941950572e-06,
        -1.2343551826880282e-06,
        -1.2985784096114177e-06,
        3.818378450373669e-07,
        1.7344385077005071e-07,
        -7.491690424176702e-08,
        -2.3717793309779925e-08,
        1.099938496895545e-08,
        2.9813141649557936e-09,
        -9.156192615475479e-10,
        -2.343621595820857e-10,
    ),
    (
        0.23329478890548658,
        -0.14107157081325025,
        0.04260655964155193,
        0.045132748650780166,
        -0.07757430065173226,
        0.057475672977093134,
        -0.018344551775196512,
        -0.008911582586935507,
        0.015157992727944547,
        -0.008881298204977111,
        0.0015944733431374257,
        0.001507961047818693,
        -0.0013183917330333197,
        0.00035848617307923376,
        0.00010038033559036676,
        -0.00010068614404555755,
        1.0942696491128089e-05,
        1.5815679966776742e-05,
        -5.242605557068412e-06,
        -2.0827879667850593e-06,
        1.2652797967812413e-06,
        2.6492741413994013e-07,
        -2.5926711923057957e-07,
        -3.503434075203322e-08,
        4.7313822240272786e-08,
        4.41277490176391e-09,
        -6.81912637329292e-09,
        -3.5394154650670326e-10,
        5.514132953567716e-10,
    ),
)


def _scaled_tail(order: int, x: Any) -> Any:
    """E_order(x), in float64. Left of 0 the recurrence adds positive terms; right of it, the polynomials."""
    one, zero = full(x, 1), full(x, 0)
    size = lax.abs(x)
    t = one - full(x, 8) / (size + full(x, 4))
    inverse = one / (one + size)
    left = lax.lt(x, zero)
    below = lax.min(x, zero)  # so that the branch not taken is finite
    bulk = lax.exp(below * below)
    mirrored = bulk + bulk - polynomial(_TAILS[0], t) * inverse
    if order > 0:
        first = full(x, 1 / math.sqrt(math.pi)) - below * mirrored
        mirrored = first if order == 1 else (mirrored - (below + below) * first) * full(x, 0.25)
    right = polynomial(_TAILS[order], t)
    for _ in range(order + 1):
        right = right * inverse
    return lax.select(left, mirrored, right)


def _row(name: str, summary: str, lower: Any, derivative: Any) -> Unary:
    """A row that only gradients use."""
    return unary(name, summary, in_double(lower), no_fold, derivative, example=(0.0, ""), takes=FLOATS)


# Minus the derivative of erfcx, and minus its own: with the factors inside, so that they are normal numbers as long as
# the derivatives are. A third derivative comes by the recurrence, and loses digits for large x.
_erfcx_fall_2 = _row(
    "erfcx_fall_2", "8 E_2(x).", lambda x: full(x, 8) * _scaled_tail(2, x), lambda g, y, x: _third_derivative(g, y, x)
)
_erfcx_fall = _row(
    "erfcx_fall", "2 E_1(x).", lambda x: full(x, 2) * _scaled_tail(1, x), lambda g, y, x: -(g * _erfcx_fall_2(x))
)


def _third_derivative(g: Node, y: Node, x: Node) -> Node:
    return g * (2 * x * y - 4 * _erfcx_fall(x))


erfcx = as_scipy(
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

erfinv = as_scipy(
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


def _log_ndtr(x: Any) -> Any:
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


normal_hazard_fall = _row(
    "normal_hazard_fall",
    "Minus the derivative of the normal hazard.",
    _hazard_fall,
    lambda g, y, x: _fall_derivative(g, y, x),
)
normal_hazard = _row(
    "normal_hazard",
    "The normal density over its distribution function.",
    _hazard,
    lambda g, y, x: -(g * normal_hazard_fall(x)),
)


def _fall_derivative(g: Node, y: Node, x: Node) -> Node:
    """Of h * (x + h), whose h falls at the rate y."""
    h = normal_hazard(x)
    return g * (h * (1 - y) - y * (x + h))


ndtr = as_scipy(
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
        in_double(_log_ndtr),
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
log_erfc = _row(
    "log_erfc",
    "log(erfc(x)).",
    _log_erfc,
    lambda g, y, x: g * (normal_hazard(x * -math.sqrt(2)) * -math.sqrt(2)),
)


def _ndtr_gap(x: Any, y: Any) -> Any:
    """Of the lower tail, to which the upper is mirrored, so that no two numbers near 1 are subtracted."""
    upper = lax.gt(x + y, full(x, 0))
    a, b = lax.select(upper, -y, x), lax.select(upper, -x, y)
    root = full(x, -ROOT_HALF)
    return full(x, 0.5) * (lax.erfc(a * root) - lax.erfc(b * root))


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
_ndtri_slope_row = _row(
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


__all__ = ["erf", "erfc", "erfcx", "erfinv", "log_erfc", "log_ndtr", "ndtr", "ndtr_gap", "ndtri", "normal_hazard"]
