"""Special functions that are integrals of elementary ones: exponential, sine and cosine, Fresnel's, the dilogarithm.

All values are computed in float64. Near 0 they are power series; far out the exponential integrals are continued
fractions, and what oscillating functions swing by are polynomials.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import lax

from ..graph.errors import ArgumentError, require
from ..graph.node import Node, NodeLike, apply
from ..graph.op import Op
from ..graph.types import TensorType
from .axes import require_kind
from .comparison import less, where
from .elementwise import FLOATS, Unary, unary
from .floats import real_float
from .oscillating_tables import FRESNEL_F, FRESNEL_G, SINE_F, SINE_G
from .precise import as_scipy, full, in_double, inner_row, no_fold, polynomial
from .sizes import Blame
from .special_bessel import spherical_jn
from .transcendental import exp

EULER = 0.5772156649015329


# --- Exponential integrals --------------------------------------------------------------------------------------------


def _entire(x: Any, terms: int) -> Any:
    """The sum of x**k / (k * k!) from k = 1 on."""
    return x * polynomial([1 / (k * math.factorial(k)) for k in range(1, terms)], x)


def _exp1(x: Any) -> Any:
    """Up to 2 by the series; beyond by the continued fraction, from its far end."""
    near = lax.le(x, full(x, 2))
    small, large = lax.select(near, x, full(x, 1)), lax.select(near, full(x, 3), x)
    series = -lax.log(small) - full(x, EULER) - _entire(-small, 26)
    fraction = large
    for k in range(60, 0, -1):
        fraction = large + full(x, k) / (full(x, 1) + full(x, k) / fraction)
    return lax.select(near, series, lax.exp(-large) / fraction)


def _expi(x: Any) -> Any:
    """Up to 40 by the series, whose terms have one sign; beyond by the asymptotic one; left of 0 it is -exp1(-x)."""
    left, far = lax.lt(x, full(x, 0)), lax.gt(x, full(x, 40))
    middle = lax.select(lax.bitwise_or(left, far), full(x, 1), x)
    large = lax.select(far, x, full(x, 50))
    series = full(x, EULER) + lax.log(middle) + _entire(middle, 140)
    tail = lax.exp(large) / large * polynomial([float(math.factorial(k)) for k in range(40)], full(x, 1) / large)
    tail = lax.select(lax.eq(large, full(x, math.inf)), large, tail)
    return lax.select(left, -_exp1(lax.select(left, -x, full(x, 1))), lax.select(far, tail, series))


def _exp_over(x: Any) -> Any:
    infinite = lax.eq(lax.abs(x), full(x, math.inf))
    return lax.select(infinite, lax.exp(x), lax.exp(x) / x)


exp1 = as_scipy(
    unary(
        "exp1",
        "The exponential integral E_1: the integral of exp(-t) / t from x on; inf at 0, nan for negative x.",
        in_double(_exp1),
        no_fold,
        lambda g, y, x: -(g * (exp(-x) / x)),
        example=(0.0, "inf"),
        takes=FLOATS,
    )
)
# Whole, since it is finite where the exponential is not.
_expi_slope: Unary = inner_row("expi_slope", "exp(x) / x.", _exp_over, lambda g, y, x: g * (y * ((x - 1) / x)))
expi = as_scipy(
    unary(
        "expi",
        "The exponential integral Ei: the principal value of the integral of exp(t) / t up to x; -inf at 0.",
        in_double(_expi),
        no_fold,
        lambda g, y, x: g * _expi_slope(x),
        example=(0.0, "-inf"),
        takes=FLOATS,
    )
)


def _expn(n: int, x: Any) -> Any:
    """From exp1 upwards by the recurrence, which is stable up to 2; beyond it by the continued fraction."""
    near = lax.le(x, full(x, 2))
    small = lax.select(near, lax.max(x, full(x, np.finfo(np.float64).tiny)), full(x, 1))
    large = lax.select(near, full(x, 3), x)
    fall, found = lax.exp(-small), _exp1(small)
    for k in range(1, n):
        found = (fall - small * found) / full(x, k)
    fraction = large
    for k in range(45, 0, -1):
        fraction = large + full(x, n + k - 1) / (full(x, 1) + full(x, k) / fraction)
    found = lax.select(near, found, lax.exp(-large) / fraction)
    return lax.select(lax.lt(x, full(x, 0)), full(x, math.nan), found)


@dataclass(frozen=True, eq=False)
class ExponentialIntegral(Op):
    """E_n of an order from 2 on."""

    own_slope = True

    order: int

    @property
    def name(self) -> str:
        return "expn"

    def infer(self, x: TensorType) -> TensorType:
        require_kind(x.dtype, ("float",))
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        lowered: jax.Array = in_double(lambda wide: _expn(self.order, wide))(x)
        return lowered

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (-(g * expn(self.order - 1, x)),)


def expn(n: int, x: NodeLike, /) -> Node:
    """The exponential integral E_n: the integral of exp(-x * t) / t**n over t from 1 on; nan for negative x.

    Arguments: n, a Python int from 0 to 100; x, floats of any shape (ints and bools become the default float). Gives
    x's dtype. Raises: ArgumentError for an order that is no such int, DTypeError for complex x. Source: SciPy `expn`.

    >>> import theon
    >>> print(theon.expn(3, 0.0).eval())
    0.5
    """
    node = real_float("expn", x)
    with Blame("expn", node):
        right = isinstance(n, (int, np.integer)) and not isinstance(n, bool) and 0 <= n <= 100
        require(right, f"the order is {n!r}", "give a Python int from 0 to 100", ArgumentError)
    if n < 2:
        return exp1(node) if n else where(less(node, 0), math.nan, exp(-node) / node)
    return apply(ExponentialIntegral(int(n)), node)


# --- Sine and cosine integrals, and Fresnel's -------------------------------------------------------------------------


def _far_sici(x: Any) -> tuple[Any, Any]:
    """f and g, of which Si is pi/2 - f cos - g sin, and Ci f sin - g cos, for x >= 6."""
    inverse = full(x, 1) / x
    square = inverse * inverse
    t = square * full(x, 72) - full(x, 1)
    return polynomial(SINE_F, t) * inverse, polynomial(SINE_G, t) * square


def _sici(kind: str, x: Any) -> Any:
    size = lax.abs(x)
    near = lax.le(size, full(x, 6))
    small, large = lax.select(near, size, full(x, 1)), lax.select(near, full(x, 7), size)
    f, g = _far_sici(large)
    turn = lax.select(lax.lt(large, full(x, math.inf)), large, full(x, 0))
    square = small * small
    if kind == "sine":
        terms = [(-1) ** k / ((2 * k + 1) * math.factorial(2 * k + 1)) for k in range(22)]
        beyond = full(x, math.pi / 2) - f * lax.cos(turn) - g * lax.sin(turn)
        return lax.sign(x) * lax.select(near, small * polynomial(terms, square), beyond)
    terms = [EULER] + [(-1) ** k / (2 * k * math.factorial(2 * k)) for k in range(1, 22)]
    return lax.select(near, lax.log(small) + polynomial(terms, square), f * lax.sin(turn) - g * lax.cos(turn))


_sine_integral = inner_row(
    "sine_integral", "The first of sici.", lambda x: _sici("sine", x), lambda g, y, x: g * spherical_jn(0, x)
)
_cosine_integral = inner_row(
    "cosine_integral", "The second of sici.", lambda x: _sici("cosine", x), lambda g, y, x: g * _cosine_share(x)
)


def _cos_over(x: Any) -> Any:
    return lax.select(lax.eq(lax.abs(x), full(x, math.inf)), full(x, 0), lax.cos(x) / x)


_cosine_share: Unary = inner_row(
    "cosine_share", "cos(x) / x.", _cos_over, lambda g, y, x: -(g * (spherical_jn(0, x) + y / x))
)


def sici(x: NodeLike, /) -> tuple[Node, Node]:
    """The sine and cosine integrals: of sin(t) / t from 0 to x, and of cos(t) / t from infinity to abs(x).

    Arguments: floats of any shape (ints and bools become the default float). Gives two of x's dtype.
    Raises: DTypeError for complex x. Source: SciPy `sici`, of which the second is nan at minus infinity.

    >>> import theon
    >>> [part.eval().item() for part in theon.sici(0.0)]
    [0.0, -inf]
    """
    node = real_float("sici", x)
    return _sine_integral(node), _cosine_integral(node)


def _quarter(x: Any) -> Any:
    """pi * x**2 / 2 but for whole turns; the square of a float32 is exact in float64. Infinite numbers stand still."""
    square = x * x
    turns = lax.rem(lax.select(lax.lt(square, full(x, math.inf)), square, full(x, 0)), full(x, 4))
    return turns * full(x, math.pi / 2)


def _fresnel(kind: str, x: Any) -> Any:
    size = lax.abs(x)
    near = lax.le(size, full(x, 2))
    small, large = lax.select(near, size, full(x, 1)), lax.select(near, full(x, 3), size)
    once = full(x, 1 / math.pi) / large
    twice = full(x, 4) / (large * large)
    t = full(x, 2) * twice * twice - full(x, 1)
    f, g = polynomial(FRESNEL_F, t), polynomial(FRESNEL_G, t) * twice * full(x, 0.25 / math.pi)
    sine, cosine = lax.sin(_quarter(large)), lax.cos(_quarter(large))
    angle = small * small * full(x, math.pi / 2)
    if kind == "sine":
        terms = [(-1) ** k / (math.factorial(2 * k + 1) * (4 * k + 3)) for k in range(22)]
        series, swing = angle * polynomial(terms, angle * angle), f * cosine + g * sine
    else:
        terms = [(-1) ** k / (math.factorial(2 * k) * (4 * k + 1)) for k in range(22)]
        series, swing = polynomial(terms, angle * angle), g * cosine - f * sine
    return lax.sign(x) * lax.select(near, small * series, full(x, 0.5) - once * swing)


_wave_sine: Unary = inner_row(
    "fresnel_wave_sine",
    "sin(pi * x**2 / 2).",
    lambda x: lax.sin(_quarter(x)),
    lambda g, y, x: g * (math.pi * x * _wave_cosine(x)),
)
_wave_cosine: Unary = inner_row(
    "fresnel_wave_cosine",
    "cos(pi * x**2 / 2).",
    lambda x: lax.cos(_quarter(x)),
    lambda g, y, x: -(g * (math.pi * x * _wave_sine(x))),
)
_fresnel_sine = inner_row(
    "fresnel_sine", "The first of fresnel.", lambda x: _fresnel("sine", x), lambda g, y, x: g * _wave_sine(x)
)
_fresnel_cosine = inner_row(
    "fresnel_cosine", "The second of fresnel.", lambda x: _fresnel("cosine", x), lambda g, y, x: g * _wave_cosine(x)
)


def fresnel(x: NodeLike, /) -> tuple[Node, Node]:
    """Fresnel's integrals of sin(pi * t**2 / 2) and cos(pi * t**2 / 2) from 0 to x.

    Arguments: floats of any shape (ints and bools become the default float). Gives two of x's dtype.
    Raises: DTypeError for complex x. Source: SciPy `fresnel`.

    >>> import theon
    >>> [part.eval().item() for part in theon.fresnel(float("inf"))]
    [0.5, 0.5]
    """
    node = real_float("fresnel", x)
    return _fresnel_sine(node), _fresnel_cosine(node)


# --- Spence's function ------------------------------------------------------------------------------------------------

_DEBYE = (
    1 / 36, -1 / 3600, 1 / 211680, -1 / 10886400, 1 / 526901760, -691 / 16999766784000, 1 / 1120863744000,
    -3617 / 181400588328960000, 43867 / 97072790126247936000,
)  # fmt: skip


def _spence(x: Any) -> Any:
    """Between 1/2 and 2 a series in log(x); 0 and infinity are brought there by reflection."""
    one = full(x, 1)
    high = lax.gt(x, full(x, 2))
    # 1 / x where x is large; then 1 - that where it is small.
    folded = lax.select(high, one / lax.select(high, x, one), x)
    small = lax.lt(folded, full(x, 0.5))
    inner = lax.select(small, lax.log1p(-lax.select(small, folded, full(x, 0))), lax.log(lax.max(folded, full(x, 0.5))))
    square = inner * inner
    series = full(x, 0) - inner - full(x, 0.25) * square - inner * square * polynomial(_DEBYE, square)
    logs = lax.log(lax.select(small, folded, one)) * inner
    still = lax.bitwise_and(small, lax.eq(folded, full(x, 0)))
    turned = full(x, math.pi**2 / 6) - lax.select(still, full(x, 0), logs) - series
    found = lax.select(small, turned, series)
    log = lax.log(lax.select(high, x, one))
    found = lax.select(high, -found - full(x, 0.5) * log * log, found)
    return lax.select(lax.ge(x, full(x, 0)), found, full(x, math.nan))


def _spence_slope(order: int, x: Any) -> Any:
    """The derivative of that order, less 1, of log(x) / (1 - x); near 1 a series, else from one to the next."""
    u = x - full(x, 1)
    near = lax.lt(lax.abs(u), full(x, 0.3))
    terms = [(-1) ** (k + 1) / (k + 1) * math.perm(k, order) for k in range(order, order + 45)]
    far = lax.select(near, full(x, 0.5), u)
    at = lax.select(near, full(x, 1.5), x)
    found = lax.select(lax.eq(at, full(x, math.inf)), full(x, 0), -lax.log(at) / far)
    for k in range(1, order + 1):
        found = (full(x, (-1) ** k * math.factorial(k - 1)) / lax.integer_pow(at, k) - full(x, k) * found) / far
    return lax.select(near, polynomial(terms, lax.select(near, u, full(x, 0))), found)


@dataclass(frozen=True, eq=False)
class Spence(Op):
    """Spence's function, or a derivative of it."""

    own_slope = True

    derivative: int = 0

    def infer(self, x: TensorType) -> TensorType:
        require_kind(x.dtype, ("float",))
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        def wide(values: Any) -> Any:
            return _spence_slope(self.derivative - 1, values) if self.derivative else _spence(values)

        lowered: jax.Array = in_double(wide)(x)
        return lowered

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g * apply(Spence(self.derivative + 1), x),)


def spence(z: NodeLike, /) -> Node:
    """Spence's function, the dilogarithm of 1 - z: the integral of log(t) / (1 - t) from 1 to z; nan for negative z.

    Arguments: floats of any shape (ints and bools become the default float). Gives z's dtype.
    Raises: DTypeError for complex z. Source: SciPy `spence`; Zagier, The Dilogarithm Function (2007).

    >>> import theon
    >>> print(theon.spence(0.0).eval())
    1.644934
    """
    return apply(Spence(), real_float("spence", z))


__all__ = ["exp1", "expi", "expn", "fresnel", "sici", "spence"]
