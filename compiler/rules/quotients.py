"""Quotients by exponentials, as products: so that neither 1 / inf nor 0 * inf stands in a derivative.

exp(x) overflows where exp(-x) is merely small; but a little before, exp(-x) is flushed to 0, and exp(x) is not yet
infinite. So a large number is multiplied by the root of exp(-x), twice.
"""

from ...ops.powers import square
from ...ops.transcendental import exp
from ..pattern import Rule
from .guards import moderate, real

QUOTIENTS = (
    Rule(
        "x**2 / exp(y) -> (x * exp(-y / 2))**2",
        lambda x, y: square(x) / exp(y),
        lambda x, y: square(x * exp(y * -0.5)),
        guard=real,
    ),
    Rule("y / exp(x) -> y * exp(-x)", lambda x, y: y / exp(x), lambda x, y: y * exp(-x), guard=moderate),
    Rule(
        "y / exp(x) -> y * exp(-x / 2) * exp(-x / 2)",
        lambda x, y: y / exp(x),
        lambda x, y: (y * exp(x * -0.5)) * exp(x * -0.5),
        guard=real,
    ),
)

__all__ = ["QUOTIENTS"]
