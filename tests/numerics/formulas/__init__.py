"""The formulas, by family."""

from ..row import Row
from . import (
    activations,
    continuous,
    counts,
    differences,
    hyperbolic,
    logistic,
    losses,
    mixtures,
    normal,
    norms,
    softmax,
)

FAMILIES: dict[str, tuple[Row, ...]] = {
    "softmax": softmax.ROWS,
    "logistic function": logistic.ROWS,
    "losses and divergences": losses.ROWS,
    "normal distribution and error function": normal.ROWS,
    "continuous distributions": continuous.ROWS,
    "counts and categories": counts.ROWS,
    "mixtures": mixtures.ROWS,
    "hyperbolic functions": hyperbolic.ROWS,
    "activations and robust losses": activations.ROWS,
    "norms and moments": norms.ROWS,
    "differences of nearly equal terms": differences.ROWS,
}
ROWS: tuple[Row, ...] = tuple(row for rows in FAMILIES.values() for row in rows)

__all__ = ["FAMILIES", "ROWS"]
