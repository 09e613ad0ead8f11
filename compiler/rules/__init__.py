"""The rewrite rules: tables only, each row an equation. Adding a row is all there is to adding a rule."""

from .algebra import ALGEBRA
from .decompositions import DECOMPOSITIONS
from .linear_algebra import LINEAR_ALGEBRA
from .recognise import RECOGNISE
from .shapes import SHAPES
from .stability import STABILITY

TABLES = (RECOGNISE, STABILITY, LINEAR_ALGEBRA, ALGEBRA, SHAPES, DECOMPOSITIONS)

__all__ = ["ALGEBRA", "DECOMPOSITIONS", "LINEAR_ALGEBRA", "RECOGNISE", "SHAPES", "STABILITY", "TABLES"]
