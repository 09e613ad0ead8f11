"""The rewrite rules: tables only, each row an equation. Adding a row is all there is to adding a rule."""

from .algebra import ALGEBRA
from .recognise import RECOGNISE
from .shapes import SHAPES
from .stability import STABILITY

TABLES = (RECOGNISE, STABILITY, ALGEBRA, SHAPES)

__all__ = ["ALGEBRA", "RECOGNISE", "SHAPES", "STABILITY", "TABLES"]
