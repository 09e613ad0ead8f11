"""A drawn call, and the arrays that calls are drawn with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st

Array: TypeAlias = np.ndarray[Any, Any]
Shape: TypeAlias = tuple[int, ...]
Draw: TypeAlias = Callable[[Any], "Call"]

# Few shapes: what is drawn meets the same ones again, and none is large.
SHAPES: tuple[Shape, ...] = ((), (1,), (4,), (0,), (2, 3), (3, 0), (1, 3), (2, 3, 2))
FILLED: tuple[Shape, ...] = ((1,), (4,), (2, 3), (1, 3), (2, 3, 2))
# Pairs that broadcast; and one beside them that does not.
BROADCASTING: tuple[tuple[Shape, Shape], ...] = (
    ((4,), (4,)),
    ((2, 3), (3,)),
    ((), (2, 3)),
    ((3, 1), (1, 2)),
    ((0,), (1,)),
    ((2, 3, 2), ()),
    ((), ()),
)
TOGETHER = (*BROADCASTING, ((2, 3), (2,)))

INTS, UINTS = ("int8", "int16", "int32", "int64"), ("uint8", "uint16", "uint32", "uint64")
FLOATS, COMPLEX = ("float32", "float64"), ("complex64", "complex128")
COMMON = ("float32", "float64", "int32", "bool")


@dataclass(frozen=True, eq=False)
class Call:
    """A function of theon and what it is held against: how far apart the two may be, in units of the last place."""

    text: str
    function: Callable[..., Any]
    oracle: Callable[..., Any]
    arrays: tuple[Any, ...]
    ulps: float = 32
    whole: bool = False  # whether rounding is measured against the largest element, not each against its own
    widen: bool = True  # whether the oracle sees float64 in the place of float32

    def __repr__(self) -> str:
        given = ", ".join(f"{np.asarray(a).dtype}{list(np.shape(a))}" for a in self.arrays)
        return f"{self.text} of {given}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # what hypothesis prints


def named(name: str, function: Any, oracle: Any, kwargs: dict[str, Any], *arrays: Any, **more: Any) -> Call:
    """One name on both sides, called with the same keywords."""
    return Call(
        f"{name}{kwargs or ''}",
        lambda *nodes: function(*nodes, **kwargs),
        lambda *values: oracle(*values, **kwargs),
        arrays,
        **more,
    )


def values(rng: np.random.Generator, shape: Shape, dtype: str, low: int = -3, high: int = 4) -> Array:
    """Whole numbers and halves, in which sums are exact, or any numbers; both small."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return np.asarray(rng.integers(0, 2, shape).astype(bool))
    whole = rng.integers(max(low, 0) if kind == "u" else low, high, shape)
    if kind in "iu":
        return np.asarray(whole).astype(dtype)
    fine = whole / 2 if rng.integers(2) else rng.standard_normal(shape) * 2
    return np.asarray(fine + 1j * rng.standard_normal(shape) if kind == "c" else fine).astype(dtype)


def rng_of(draw: Any) -> np.random.Generator:
    return np.random.default_rng(draw(st.integers(0, 15)))


def one_of(draw: Any, choices: Any) -> Any:
    return draw(st.sampled_from(list(choices)))


def rarely(draw: Any, chance: int = 10) -> bool:
    """True once in so many draws."""
    return bool(draw(st.integers(0, chance - 1)) == chance - 1)


def array(draw: Any, dtypes: Sequence[str] = COMMON, shapes: Sequence[Shape] = SHAPES, **more: int) -> Array:
    return values(rng_of(draw), one_of(draw, shapes), one_of(draw, dtypes), **more)


def maybe(draw: Any, name: str, choices: Any) -> dict[str, Any]:
    """A keyword, or none."""
    return {name: one_of(draw, choices)} if draw(st.booleans()) else {}


def axis_of(draw: Any, ndim: int, none: bool = True) -> Any:
    """An axis, now and then one that is not there."""
    axes = list(range(-ndim - (ndim > 0 and rarely(draw)), ndim))
    return one_of(draw, [*([None] if none or not axes else []), *axes])


def axes_of(draw: Any, ndim: int) -> Any:
    """None, an axis, or several, of either sign."""
    if ndim < 2 or draw(st.booleans()):
        return axis_of(draw, ndim)
    several = draw(st.permutations(range(ndim)))[: draw(st.integers(0, ndim))]
    return tuple(a - ndim if draw(st.booleans()) else a for a in several)


def family(*draws: Draw) -> st.SearchStrategy[Call]:
    """Calls of a family: first which of its draws, then the draw."""

    @st.composite
    def calls(draw: Any) -> Call:
        chosen: Draw = one_of(draw, draws)
        return chosen(draw)

    return calls()
