"""The error function and the normal distribution."""

import math

from ...graph.node import Node
from ...ops.comparison import greater, where
from ...ops.powers import square
from ...ops.special import log1mexp
from ...ops.special_normal import erfcx, log_erfc, log_ndtr, ndtr, ndtr_gap, normal_hazard
from ...ops.transcendental import erf, erfc, exp, log
from ..pattern import Rule
from ..sums import SumRule
from .guards import is_minus

BELL = math.sqrt(2 * math.pi)


def tails(y: Node, x: Node, *others: Node) -> bool:
    """Whether a distribution function of y belongs to a density of x."""
    return x.tensor.is_float and (y is x or is_minus(y, x) or is_minus(x, y))


def density(x: Node) -> Node:
    """The normal density but for its factor, as recognised forms spell it."""
    return exp(square(x) * -0.5)


def mills(y: Node) -> Node:
    """ndtr(y) over the density of y without its factor."""
    return 0.5 * erfcx(y * -math.sqrt(0.5))


def log_gap(x: Node, y: Node) -> Node:
    """log(ndtr(x) - ndtr(y)), in the lower tail, to which the upper is mirrored."""
    upper = greater(x + y, 0)
    top = log_ndtr(where(upper, -y, x))
    bottom = log_ndtr(where(upper, -x, y))
    return top + log1mexp(bottom - top)


NORMALS = (
    SumRule("1 - erf(x) -> erfc(x)", lambda x: 1 - erf(x), lambda x: erfc(x)),
    SumRule("1 + erf(x) -> erfc(-x)", lambda x: 1 + erf(x), lambda x: erfc(-x)),
    SumRule("1 - erfc(x) -> erf(x)", lambda x: 1 - erfc(x), lambda x: erf(x)),
    Rule("erfc(x) / 2 -> ndtr(-sqrt(2) * x)", lambda x: erfc(x) * 0.5, lambda x: ndtr(x * -math.sqrt(2))),
    Rule("log(erfc(x)) -> log_erfc(x)", lambda x: log(erfc(x)), lambda x: log_erfc(x)),
    Rule("exp(x**2) * erfc(x) -> erfcx(x)", lambda x: exp(square(x)) * erfc(x), lambda x: erfcx(x)),
    Rule(
        "exp(-x**2) / erfc(x) -> c * normal_hazard(-sqrt(2) * x)",
        lambda x: exp(-square(x)) / erfc(x),
        lambda x: BELL / 2 * normal_hazard(x * -math.sqrt(2)),
    ),
    Rule("log(ndtr(x)) -> log_ndtr(x)", lambda x: log(ndtr(x)), lambda x: log_ndtr(x)),
    SumRule("1 - ndtr(x) -> ndtr(-x)", lambda x: 1 - ndtr(x), lambda x: ndtr(-x)),
    Rule("ndtr(x) - ndtr(y) -> ndtr_gap(x, y)", lambda x, y: ndtr(x) - ndtr(y), lambda x, y: ndtr_gap(x, y)),
    Rule("log(ndtr_gap(x, y)) -> ...", lambda x, y: log(ndtr_gap(x, y)), log_gap),
    *(
        Rule(name, pattern, replacement, guard=tails)
        for name, pattern, replacement in (
            (
                "exp(-x**2 / 2) / ndtr(y) -> c * normal_hazard(y)",
                lambda y, x: density(x) / ndtr(y),
                lambda y, x: BELL * normal_hazard(y),
            ),
            (
                "(exp(-x**2 / 2) / w) / ndtr(y) -> c * normal_hazard(y) / w",
                lambda y, x, w: density(x) / w / ndtr(y),
                lambda y, x, w: BELL * normal_hazard(y) / w,
            ),
            (
                "(exp(-x**2 / 2) * w) / ndtr(y) -> c * normal_hazard(y) * w",
                lambda y, x, w: density(x) * w / ndtr(y),
                lambda y, x, w: BELL * normal_hazard(y) * w,
            ),
            (
                "ndtr(y) / exp(-x**2 / 2) -> erfcx(-sqrt(1/2) * y) / 2",
                lambda y, x: ndtr(y) / density(x),
                lambda y, x: mills(y),
            ),
            (
                "ndtr(y) / (exp(-x**2 / 2) / w) -> w * erfcx(-sqrt(1/2) * y) / 2",
                lambda y, x, w: ndtr(y) / (density(x) / w),
                lambda y, x, w: w * mills(y),
            ),
            (
                "ndtr(y) / (exp(-x**2 / 2) * w) -> erfcx(-sqrt(1/2) * y) / 2 / w",
                lambda y, x, w: ndtr(y) / (density(x) * w),
                lambda y, x, w: mills(y) / w,
            ),
        )
    ),
)
