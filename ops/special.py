"""Special functions made of logarithms: with their limits filled in, and without cancellation."""

from __future__ import annotations

import math
from typing import Any

from jax import lax

from ..graph.node import Node
from .comparison import equal, less_equal, logical_and, where
from .elementwise import FLOATS, binary, unary
from .precise import as_scipy, full, in_double, in_single, no_fold, polynomial
from .transcendental import exp, expm1, log, log1p

# --- One argument -----------------------------------------------------------------------------------------------------


def _log1mexp(x: Any) -> Any:
    """Two formulas, each where the other loses digits; they meet where exp(x) is a half."""
    small = lax.gt(x, full(x, -math.log(2)))
    near = lax.log(lax.neg(lax.expm1(x)))
    far = lax.log1p(lax.neg(lax.exp(lax.select(small, full(x, -1), x))))
    return lax.select(small, near, far)


log1mexp = unary(
    "log1mexp",
    "log(1 - exp(x)) for negative x; -inf at 0, nan above.",
    in_single(_log1mexp),
    no_fold,
    lambda g, y, x: g * (exp(x) / expm1(x)),
    example=(-0.6931472, "-0.6931472"),
    takes=FLOATS,
)
log1mexp.__doc__ = (log1mexp.__doc__ or "").replace("NumPy / Array API", "PyTensor")

logit = as_scipy(
    unary(
        "logit",
        "log(x / (1 - x)), the inverse of sigmoid; infinite at 0 and 1, nan beyond.",
        in_single(lambda x: lax.sub(lax.log(x), lax.log1p(lax.neg(x)))),
        no_fold,
        lambda g, y, x: g / (x * (1 - x)),
        example=(0.5, "0.0"),
        takes=FLOATS,
    )
)


def _entr(x: Any) -> Any:
    zero = full(x, 0)
    inside = lax.neg(lax.mul(x, lax.log(lax.select(lax.eq(x, zero), full(x, 1), x))))
    return lax.select(lax.lt(x, zero), full(x, -math.inf), lax.select(lax.eq(x, zero), zero, inside))


entr = as_scipy(
    unary(
        "entr",
        "-x * log(x), which is 0 at 0; -inf for negative x.",
        in_single(_entr),
        no_fold,
        lambda g, y, x: -(g * (log(x) + 1)),
        example=(0.0, "0.0"),
        takes=FLOATS,
    )
)


# --- Two arguments ----------------------------------------------------------------------------------------------------


def _times_log(logarithm: Any) -> Any:
    def lower(x: Any, y: Any) -> Any:
        still = lax.bitwise_and(lax.eq(x, full(x, 0)), lax.eq(y, y))
        return lax.select(still, full(x, 0), lax.mul(x, logarithm(lax.select(still, full(y, 1), y))))

    return in_single(lower)


def _corner(x: Node, y: Node, edge: int) -> Node:
    """Where x is 0 and the logarithm has no value: there the gradient is taken to be 0, by both."""
    return logical_and(equal(x, 0), less_equal(y, edge))


def _xlogy_by_x(g: Node, out: Node, x: Node, y: Node) -> Node:
    corner = _corner(x, y, 0)
    return g * where(corner, 0, log(where(corner, 1, y)))


def _xlog1py_by_x(g: Node, out: Node, x: Node, y: Node) -> Node:
    corner = _corner(x, y, -1)
    return g * where(corner, 0, log1p(where(corner, 0, y)))


def _xlogy_by_y(g: Node, out: Node, x: Node, y: Node) -> Node:
    corner = _corner(x, y, 0)
    return g * where(corner, 0, x / where(corner, 1, y))


def _xlog1py_by_y(g: Node, out: Node, x: Node, y: Node) -> Node:
    corner = _corner(x, y, -1)
    return g * where(corner, 0, x / (1 + where(corner, 0, y)))


xlogy = as_scipy(
    binary(
        "xlogy",
        "x1 * log(x2), which is 0 where x1 is, whatever x2.",
        _times_log(lax.log),
        no_fold,
        (_xlogy_by_x, _xlogy_by_y),
        example=(0.0, 0.0, "0.0"),
        takes=FLOATS,
        notes="Where x1 is 0 and x2 is not positive, the gradient is 0.",
    )
)
xlog1py = as_scipy(
    binary(
        "xlog1py",
        "x1 * log(1 + x2), which is 0 where x1 is, whatever x2.",
        _times_log(lax.log1p),
        no_fold,
        (_xlog1py_by_x, _xlog1py_by_y),
        example=(0.0, -1.0, "0.0"),
        takes=FLOATS,
        notes="Where x1 is 0 and x2 is at most -1, the gradient is 0.",
    )
)


# --- Relative entropy -------------------------------------------------------------------------------------------------


def _inside(x: Any, y: Any) -> Any:
    return lax.bitwise_and(lax.gt(x, full(x, 0)), lax.gt(y, full(y, 0)))


def _log_quotient(x: Any, y: Any) -> Any:
    """log(x / y) for positive numbers; where they are near each other by their difference."""
    far = lax.log(x) - lax.log(y)
    gap = (x - y) / y
    return lax.select(lax.lt(lax.abs(gap), full(x, 0.5)), lax.log1p(gap), far)


def _rel_entr(x: Any, y: Any) -> Any:
    inside, one = _inside(x, y), full(x, 1)
    found = x * _log_quotient(lax.select(inside, x, one), lax.select(inside, y, one))
    return lax.select(inside, found, _outside(x, y, full(x, 0)))


def _outside(x: Any, y: Any, at_zero: Any) -> Any:
    """Where x is 0 and y is not negative, its limit; elsewhere plus infinity, and nan for nan."""
    edge = lax.bitwise_and(lax.eq(x, full(x, 0)), lax.ge(y, full(y, 0)))
    nan = lax.bitwise_or(lax.ne(x, x), lax.ne(y, y))
    return lax.select(edge, at_zero, lax.select(nan, x + y, full(x, math.inf)))


_DIVERGENCE = [0.0, 0.0] + [(-1) ** k / (k * (k - 1)) for k in range(2, 20)]  # of (1 + t) * log1p(t) - t


def _kl_div(x: Any, y: Any) -> Any:
    """Near x = y, where the three terms cancel, by the series in (x - y) / y, which starts with half a square."""
    inside, one = _inside(x, y), full(x, 1)
    a, b = lax.select(inside, x, one), lax.select(inside, y, one)
    gap = (a - b) / b
    near = lax.lt(lax.abs(gap), full(x, 0.1))
    series = b * polynomial(_DIVERGENCE, lax.select(near, gap, full(x, 0)))
    found = lax.select(near, series, a * _log_quotient(a, b) - a + b)
    return lax.select(inside, found, _outside(x, y, y))


# The slope of kl_div: in one piece, for its zero at x1 = x2.
_log_quotient_row = binary(
    "log_quotient",
    "log(x1 / x2) for positive numbers.",
    in_double(_log_quotient),
    no_fold,
    (lambda g, z, x, y: g / x, lambda g, z, x, y: -(g / y)),
    example=(1.0, 1.0, ""),
    takes=FLOATS,
)
rel_entr = as_scipy(
    binary(
        "rel_entr",
        "x1 * log(x1 / x2), which is 0 where x1 is 0 and x2 is not negative; inf where either is negative.",
        in_double(_rel_entr),
        no_fold,
        (lambda g, z, x, y: g * (_log_quotient_row(x, y) + 1), lambda g, z, x, y: -(g * (x / y))),
        example=(0.0, 1.0, "0.0"),
        takes=FLOATS,
    )
)
kl_div = as_scipy(
    binary(
        "kl_div",
        "x1 * log(x1 / x2) - x1 + x2, never negative; inf where either operand is negative.",
        in_double(_kl_div),
        no_fold,
        (lambda g, z, x, y: g * _log_quotient_row(x, y), lambda g, z, x, y: g * ((y - x) / y)),
        example=(0.0, 1.0, "1.0"),
        takes=FLOATS,
    )
)


__all__ = ["entr", "kl_div", "log1mexp", "logit", "rel_entr", "xlog1py", "xlogy"]
