"""Formulas that lose digits or overflow, and the whole functions that do not. Run before differentiation.

Rows are tried from the inside out, so that a pattern is written in terms of what its parts have become. The order of
the groups is the order of preference: what recognises a whole formula comes before what repairs a part of one.
"""

from ..pattern import RuleTable
from .differences import DIFFERENCES
from .exponentials import EXPONENTIALS, EXPONENTS, SIGMOIDS
from .hyperbolic import ANGLES, HYPERBOLAS
from .inverses import INVERSES
from .logarithms import LOGARITHMS
from .normal import NORMALS
from .quotients import QUOTIENTS
from .roots import ROOTS

STABILITY = RuleTable(
    "stability",
    (
        *DIFFERENCES,
        *EXPONENTIALS,
        *INVERSES,
        *SIGMOIDS,
        *HYPERBOLAS,
        *ANGLES,
        *NORMALS,
        *ROOTS,
        *QUOTIENTS,
        *EXPONENTS,
        *LOGARITHMS,
    ),
)
