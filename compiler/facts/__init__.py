"""Facts: what can be said of values from the ops that made them, and what a user has said of them.

ranges        what a fact of elements is, and a row for every elementwise function
arrays        the walk that finds them
matrices      the same for matrices: the last two axes
assumptions   what was assumed, checked at run time
"""

from .arrays import NODES, ascending, at_least_one, facts, finite, nonnegative, positive, unit
from .assumptions import TESTS, check_assumptions
from .ranges import Facts

__all__ = [
    "NODES",
    "TESTS",
    "Facts",
    "ascending",
    "at_least_one",
    "check_assumptions",
    "facts",
    "finite",
    "nonnegative",
    "positive",
    "unit",
]
