"""Functions of their own inverses, and functions of logarithms that another function gives at once.

Where the inverse is undefined the result is nan, and stays so: the argument has to be known to lie in its domain.
"""

from ...graph.node import Node, scalar_constant
from ...ops.arithmetic import abs
from ...ops.comparison import greater_equal, where
from ...ops.nn.activations import softplus
from ...ops.powers import square
from ...ops.special import log1mexp
from ...ops.special_normal import erfinv, ndtr, ndtri
from ...ops.transcendental import (
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    cosh,
    erf,
    exp,
    exp2,
    expm1,
    log,
    log1p,
    log2,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)  # fmt: skip
from ..facts import nonnegative
from ..pattern import Rule
from .guards import between, real

INFINITE = float("inf")
UNIT = between(-1, 1)


def inside(x: Node) -> Node:
    """x where it is not negative, nan elsewhere: of which there are roots, and logarithms or -inf."""
    return x if nonnegative(x) else where(greater_equal(x, 0), x, scalar_constant(float("nan"), x.dtype))


INVERSES = (
    Rule("exp(log(x)) -> x", lambda x: exp(log(x)), inside, guard=real),
    Rule("square(sqrt(x)) -> x", lambda x: square(sqrt(x)), inside, guard=real),
    Rule("exp2(log2(x)) -> x", lambda x: exp2(log2(x)), inside, guard=real),
    Rule("log2(exp2(x)) -> x", lambda x: log2(exp2(x)), lambda x: x, guard=real),
    Rule("sinh(asinh(x)) -> x", lambda x: sinh(asinh(x)), lambda x: x, guard=real),
    Rule("asinh(sinh(x)) -> x", lambda x: asinh(sinh(x)), lambda x: x, guard=real),
    Rule("atanh(tanh(x)) -> x", lambda x: atanh(tanh(x)), lambda x: x, guard=real),
    Rule("acosh(cosh(x)) -> abs(x)", lambda x: acosh(cosh(x)), lambda x: abs(x), guard=real),
    Rule("tan(atan(x)) -> x", lambda x: tan(atan(x)), lambda x: x, guard=real),
    Rule("erfinv(erf(x)) -> x", lambda x: erfinv(erf(x)), lambda x: x, guard=real),
    Rule("ndtri(ndtr(x)) -> x", lambda x: ndtri(ndtr(x)), lambda x: x, guard=real),
    Rule("cosh(acosh(x)) -> x", lambda x: cosh(acosh(x)), lambda x: x, "needs x >= 1", between(1, INFINITE)),
    *(
        Rule(f"{name}({inverse}(x)) -> x", pattern, lambda x: x, "needs abs(x) <= 1", UNIT)
        for name, inverse, pattern in (
            ("tanh", "atanh", lambda x: tanh(atanh(x))),
            ("sin", "asin", lambda x: sin(asin(x))),
            ("erf", "erfinv", lambda x: erf(erfinv(x))),
        )
    ),
    Rule("ndtr(ndtri(x)) -> x", lambda x: ndtr(ndtri(x)), lambda x: x, "needs 0 <= x <= 1", between(0, 1)),
    # Of a logarithm, by another function.
    Rule("exp(log1p(x)) -> 1 + x", lambda x: exp(log1p(x)), lambda x: 1 + x, "needs x >= -1", between(-1, INFINITE)),
    Rule("expm1(log(x)) -> x - 1", lambda x: expm1(log(x)), lambda x: x - 1, "needs x >= 0", nonnegative),
    Rule("softplus(log(x)) -> log1p(x)", lambda x: softplus(log(x)), lambda x: log1p(x), "needs x >= 0", nonnegative),
    Rule("log1mexp(log(x)) -> log1p(-x)", lambda x: log1mexp(log(x)), lambda x: log1p(-x), "needs x >= 0", nonnegative),
    Rule("exp(softplus(x)) -> 1 + exp(x)", lambda x: exp(softplus(x)), lambda x: 1 + exp(x)),
    Rule("expm1(softplus(x)) -> exp(x)", lambda x: expm1(softplus(x)), lambda x: exp(x)),
    *(
        Rule(name, pattern, replacement, "needs x <= 0", between(-INFINITE, 0))
        for name, pattern, replacement in (
            ("exp(log1mexp(x)) -> -expm1(x)", lambda x: exp(log1mexp(x)), lambda x: -expm1(x)),
            ("expm1(log1mexp(x)) -> -exp(x)", lambda x: expm1(log1mexp(x)), lambda x: -exp(x)),
            ("log1mexp(log1mexp(x)) -> x", lambda x: log1mexp(log1mexp(x)), lambda x: x),
        )
    ),
)

__all__ = ["INVERSES"]
