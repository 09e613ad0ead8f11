"""What is known of a node: its exact value, the same as floats, and how far off a float evaluation of it may be.

A radius bounds the error of any evaluation in which every op is right to a few units in the last place. It is `inf`
where a number was too large for its dtype, after which nothing is promised; and nan where the error may cross an edge
(a comparison, a pole, the end of a domain), after which any value could come out. `VOID` says that there is no real
number to be near to, nor to any operands within their radii.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from theon.graph.node import Const, Node

from .exact_rows import NAN, real
from .rows import Array

VOID = -np.inf


@dataclass(slots=True)
class Known:
    """The exact value of a node: mpmath numbers (or bools and ints), the same as float64, and the radius.

    `given` says that the value is an input's, perhaps moved: its radius stands for that of the data, and compares
    the same however it is computed.
    """

    value: Array
    near: Array
    radius: Array
    given: bool = False


def rounding(near: Array, dtype: Any, units: float) -> Array:
    """What `units` roundings add: relative, and the least normal number, below which digits are lost."""
    info = np.finfo(dtype)
    return np.abs(near) * (units * float(info.eps)) + float(info.tiny)


def is_real(known: Known) -> bool:
    return bool(known.value.dtype == object)


def numbers(array: Array) -> Array:
    """Floats as mpmath numbers."""
    out = np.empty(array.shape, object)
    flat = out.reshape(-1)
    for i, value in enumerate(array.astype(np.float64).ravel().tolist()):
        flat[i] = mpmath.mpf(value)
    return out


def settled(value: Array) -> tuple[Array, Array]:
    """Numbers, nan where they are not real or too large to go on with, and the same as float64."""
    value = np.array(value, object, order="C")
    near = np.empty(value.shape, np.float64)
    clean, floats = value.reshape(-1), near.reshape(-1)
    for i, number in enumerate(clean.tolist()):
        if type(number) is not mpmath.mpf:
            number = clean[i] = real(number)
        found = float(number)
        if found in (np.inf, -np.inf) and (not mpmath.isfinite(number) or abs(mpmath.mag(number)) > 60000):
            clean[i], found = NAN, np.nan
        floats[i] = found
    return value, near


def given(array: Array) -> Known:
    """An input: floats may be off by half a unit, which is what makes the condition of a formula count."""
    if array.dtype.kind != "f":
        return Known(array, array, np.zeros(array.shape), True)
    return Known(numbers(array), array.astype(np.float64), rounding(array, array.dtype, 0.5), True)


def constant(node: Node) -> Known:
    """A constant; one of many digits is itself rounded."""
    assert isinstance(node.op, Const)
    known = given(node.op.value[None])
    if is_real(known):
        short = known.near == np.asarray(known.near, np.float16)
        known.radius = np.where(short, 0.0, known.radius)
    return known


__all__ = ["VOID", "Known", "constant", "given", "is_real", "numbers", "rounding", "settled"]
