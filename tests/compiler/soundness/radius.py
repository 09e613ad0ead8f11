"""How far a float evaluation of an elementwise op may be from the exact value: the running error analysis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from theon.graph.node import Node
from theon.ops.elementwise import Elementwise

from .known import VOID, Known, rounding
from .meaning import align
from .rows import ROWS, Array

# --- Rounding ---------------------------------------------------------------------------------------------------------

UNROUNDED = frozenset(
    (
        "negative", "abs", "maximum", "minimum", "relu", "sign", "copysign", "floor", "ceil", "trunc", "rint", "real",
        "conj",
    )
)  # fmt: skip
ARITHMETIC = frozenset(("add", "subtract", "multiply", "divide", "square", "reciprocal", "sqrt"))
STEPS = frozenset(("sign", "copysign", "floor", "ceil", "trunc", "rint", "floor_divide", "remainder", "fmod"))
# Functions between whose values at both ends of an interval others may lie.
WAVES = frozenset(("sin", "cos", "tan", "gammaln", "digamma", "betaln", "digamma_drop", "trigamma_drop"))


def _magnitude(name: str, near: Array, centres: Sequence[Array]) -> Any:
    """What a function's rounding is relative to: its value, or a larger one met on the way."""
    if name == "logaddexp":
        return np.abs(near) + np.maximum(np.abs(centres[0]), np.abs(centres[1])) + 1
    if name == "normal_hazard_fall":
        x = np.abs(centres[0])
        return np.abs(near) + np.where(centres[0] < 0, (x + 1) ** 2, 0)
    if name == "normal_hazard_bend":
        x = np.abs(centres[0])
        return np.abs(near) + np.where(centres[0] < 0, (x + 1) ** 4, np.exp(-x * x / 2) * (1 + x) ** 4)
    if name in ("erfcx_fall", "erfcx_fall_2"):
        return np.abs(near) + 4 * (1 + centres[0] ** 2)
    if name == "log_ndtr":
        return np.abs(near) * (1 + np.maximum(centres[0], 0) ** 2)
    if name in ("ndtr", "erfc", "ndtri_slope", "normal_hazard"):  # the square in an exponent is rounded
        return np.abs(near) * (1 + np.where(name == "erfc", centres[0] > 0, centres[0] < 0) * centres[0] ** 2)
    if name == "ndtr_gap":
        tail = np.minimum(np.abs(centres[0]), np.abs(centres[1]))
        return np.abs(near) + np.exp(-tail * tail / 2) * (1 + tail * tail)
    if name in ("powm1", "pow_slope"):  # the logarithm in an exponent is rounded
        power = np.abs(near + (name == "powm1"))
        return np.abs(near) + power * np.abs(centres[1] * np.nan_to_num(np.log(np.abs(centres[0]))))
    if name in ("log1p_ratio", "log1p_square_over"):
        ratio = centres[0] ** (1 if name == "log1p_ratio" else 2) / centres[1]
        return np.abs(near) + np.where(ratio < 0, np.abs(ratio / (1 + ratio)), 0)
    if name in ("betaln", "digamma_drop", "trigamma_drop"):
        return np.abs(near) + 10 * (1 + np.abs(centres[0]) + np.abs(centres[1])) * (1 + np.log1p(np.abs(centres[1])))
    if name in ("gammaln", "digamma"):
        return np.abs(near) + np.where(centres[0] < 0, np.abs(centres[0]) * 4 + 1, 1)
    return near


def elementwise(node: Node, near: Array, operands: Sequence[Known]) -> Array:
    """The radius of a real elementwise op."""
    assert isinstance(node.op, Elementwise)
    name = node.op.row.name
    radii = align([known.radius for known in operands])
    centres = align([known.near for known in operands])
    rule = LINEAR.get(name)
    if rule is not None:
        spread = rule(near, centres, radii)
    else:
        spread = _corners(name, near, centres, radii, all(known.given for known in operands))
    if name not in UNROUNDED:
        units = 1.0 if name in ARITHMETIC else 4.0
        spread = spread + rounding(_magnitude(name, near, centres), node.dtype, units)
    return np.where(_void(name, centres, radii), VOID, spread) if np.isnan(near).any() else np.asarray(spread)


def _void(name: str, centres: Sequence[Array], radii: Sequence[Array]) -> Any:
    """Where no real number stands for a result, nor for those nearby: what comes out is nan, and is to stay nan."""
    before: Any = False
    bounded: Any = True
    for centre, radius in zip(centres, radii, strict=True):
        before = before | (radius == VOID)
        bounded = bounded & np.isfinite(centre) & np.isfinite(radius)
    outside = bounded
    for sign in (-1.0, 0.0, 1.0):
        outside = outside & np.isnan(ROWS[name](*[x + sign * r for x, r in zip(centres, radii, strict=True)]))
    return before | outside


# --- Spread: what errors of the operands do ---------------------------------------------------------------------------


def _quotient(near: Array, centres: Sequence[Array], radii: Sequence[Array]) -> Array:
    below = np.abs(centres[1])
    spread = (radii[0] + np.abs(near) * radii[1]) / (below - radii[1])
    return np.where(radii[1] < below, spread, np.nan)


LINEAR: dict[str, Callable[[Array, Sequence[Array], Sequence[Array]], Array]] = {
    "add": lambda y, x, r: r[0] + r[1],
    "subtract": lambda y, x, r: r[0] + r[1],
    "multiply": lambda y, x, r: np.abs(x[0]) * r[1] + np.abs(x[1]) * r[0] + r[0] * r[1],
    "divide": _quotient,
    "reciprocal": lambda y, x, r: np.where(r[0] < np.abs(x[0]), np.abs(y) * r[0] / (np.abs(x[0]) - r[0]), np.nan),
    "square": lambda y, x, r: (2 * np.abs(x[0]) + r[0]) * r[0],
    "exp": lambda y, x, r: y * np.expm1(r[0]),
    "versine": lambda y, x, r: np.minimum(1, np.abs(x[0]) + r[0]) * r[0],
    "log": lambda y, x, r: np.where(r[0] < x[0], -np.log1p(-r[0] / x[0]), np.nan),
    **dict.fromkeys(("negative", "abs", "relu", "real", "conj", "sin", "cos", "tanh"), lambda y, x, r: r[0]),
    **dict.fromkeys(("maximum", "minimum"), lambda y, x, r: np.maximum(r[0], r[1])),
}


def _corners(name: str, near: Array, centres: Sequence[Array], radii: Sequence[Array], given: bool) -> Array:
    """The largest change that moving the operands by their radii makes; nan where that leaves the domain."""
    if name in STEPS and given:
        radii = [np.zeros_like(radius) for radius in radii]
    meaning = ROWS[name]
    centre = meaning(*centres)
    worst = np.zeros_like(near)
    for signs in ((1.0,), (-1.0,)) if len(centres) == 1 else ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)):
        moved = [x + sign * r for x, sign, r in zip(centres, signs, radii, strict=True)]
        change = np.abs(meaning(*moved) - centre)
        # At the end of a domain the data may lie on the edge, and then it is the other side that counts.
        worst = np.fmax(worst, change) if given else np.maximum(worst, change)
    worst = np.where(np.isfinite(centre), worst, np.nan)
    crossed = _crosses(name, centres, radii)
    unbounded = np.zeros_like(worst, bool)
    for radius in radii:
        unbounded = unbounded | (radius == np.inf)
    worst = np.where(unbounded & ~np.isnan(worst), np.inf, worst)
    return worst if crossed is None else np.where(crossed, np.nan, worst)


def _crosses(name: str, centres: Sequence[Array], radii: Sequence[Array]) -> Any:
    """Whether a pole or a turning point lies within the radii."""
    x, r = centres[0], radii[0]
    if name in ("pow", "powm1", "pow_slope"):
        lowest = int(name == "pow_slope")
        whole = (centres[1] == np.rint(centres[1])) & (centres[1] >= lowest) & (radii[1] == 0)
        return (np.abs(x) <= r) & (r > 0) & ~whole
    if name in ("rsqrt", "cbrt", "log2", "log10", "logit", "entr"):
        return (np.abs(x) <= r) & (r > 0)
    if name in ("remainder", "fmod", "floor_divide"):
        # Nor are there steps to tell apart where the quotient has no digit behind the point,
        # nor where the operand is not known to within a step.
        unknown = (2 * r >= np.abs(centres[1])) & (r > 0)
        return unknown | ((np.abs(centres[1]) <= radii[1]) & (radii[1] > 0)) | (np.abs(x / centres[1]) > 1e15)
    if name == "over_one_plus":
        return (np.abs(1 + x) <= r) & (r > 0)
    if name in ("xlogy", "log1p_ratio", "log1p_square_over"):
        return (np.abs(centres[1]) <= radii[1]) & (radii[1] > 0)
    if name == "copysign":  # exact zeros have no sign, nor has what may be nan
        return ~(np.abs(centres[1]) > radii[1])
    if name == "atan2":
        return (np.abs(x) <= r) & (centres[1] <= radii[1])
    if name == "tan":
        return (np.floor((x + r) / np.pi + 0.5) != np.floor((x - r) / np.pi + 0.5)) | (r > 0.1)
    if name in WAVES:
        wide = np.zeros(np.broadcast_shapes(*[c.shape for c in centres]), bool)
        for centre, radius in zip(centres, radii, strict=True):
            wide = (
                wide
                | (radius > 0.1)
                | ((centre - radius <= 0) & (np.floor(centre + radius) != np.floor(centre - radius)))
            )
        return wide
    return None


__all__ = ["STEPS", "elementwise"]
