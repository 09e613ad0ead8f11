"""Reductions, moves of elements, and sorting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

import theon

from .call import COMMON, FILLED, SHAPES, Call, array, axes_of, axis_of, family, maybe, named, one_of

REDUCTIONS = ("sum", "prod", "mean", "var", "std", "max", "min", "any", "all", "ptp", "median", "count_nonzero")


def reduction(draw: Any) -> Call:
    name = one_of(draw, REDUCTIONS)
    x = array(draw, COMMON, FILLED if name == "median" else SHAPES)  # of nothing theon has no median, and NumPy nan
    kwargs: dict[str, Any] = {"axis": axes_of(draw, x.ndim), "keepdims": draw(st.booleans())}
    if name in ("sum", "prod", "mean", "any", "all") and draw(st.booleans()):
        kwargs["where"] = np.resize([True, False, True], x.shape)
    if name in ("max", "min") and x.dtype != bool and draw(st.booleans()):
        kwargs["initial"] = 1
    return named(name, getattr(theon, name), getattr(np, name), kwargs, x)


MOVES = ("roll", "flip", "tile", "repeat", "rot90", "pad", "moveaxis", "swapaxes", "expand_dims", "squeeze", "reshape")


def move(draw: Any) -> Call:
    x, name = array(draw), one_of(draw, MOVES)
    small = st.integers(-3, 5)
    widths = st.tuples(st.integers(0, 4), st.integers(0, 4))
    drawn: dict[str, Callable[[], dict[str, Any]]] = {
        "roll": lambda: {"shift": draw(small), "axis": axes_of(draw, x.ndim)},
        "flip": lambda: {"axis": axes_of(draw, x.ndim)},
        "tile": lambda: {"reps": tuple(draw(st.lists(st.integers(0, 3), max_size=3)))},
        "repeat": lambda: {"repeats": draw(st.integers(0, 3)), "axis": axis_of(draw, x.ndim)},
        "rot90": lambda: {"k": draw(small), "axes": (axis_of(draw, x.ndim, False), axis_of(draw, x.ndim, False))},
        "pad": lambda: {
            "pad_width": draw(widths) if draw(st.booleans()) else [draw(widths) for _ in range(x.ndim)],
            "mode": one_of(draw, ("constant", "edge", "reflect", "symmetric", "wrap", "maximum")),
        },
        "moveaxis": lambda: {"source": axis_of(draw, x.ndim, False), "destination": axis_of(draw, x.ndim, False)},
        "swapaxes": lambda: {"axis1": axis_of(draw, x.ndim, False), "axis2": axis_of(draw, x.ndim, False)},
        "expand_dims": lambda: {"axis": one_of(draw, (0, -1, (0, 1), (-2, 0), 3, (0, 0)))},
        "squeeze": lambda: {"axis": axes_of(draw, x.ndim)},
        "reshape": lambda: {
            "shape": one_of(draw, (-1, (-1, 2), (2, -1), (3, -1, 1), (), (4,), (2, 2), (-1, 0), (12,)))
        },
    }
    return named(name, getattr(theon, name), getattr(np, name), drawn[name](), x)


def ordered(function: Any) -> Any:
    return lambda x, axis: function(x, axis=axis, kind="stable")


def accumulated(function: Any) -> Any:
    """In theon's accumulator for ints."""

    def oracle(x: Any, **kwargs: Any) -> Any:
        return function(x, dtype=np.int32 if x.dtype.kind in "bi" else x.dtype, **kwargs)

    return oracle


def at_place(function: Any) -> Any:
    """The elements at a place of the order: what stands beside them has no order."""

    def call(x: Any, kth: int, axis: int) -> Any:
        return function(x, kth, axis=axis).take(kth, axis)

    return call


def sorting(draw: Any) -> Call:
    x = array(draw)
    oracles: dict[str, Any] = {
        "sort": ordered(np.sort),
        "argsort": ordered(np.argsort),
        "cumsum": accumulated(np.cumsum),
        "cumprod": accumulated(np.cumprod),
        "argmax": np.argmax,
        "argmin": np.argmin,
    }
    name = one_of(draw, oracles)
    kwargs = {"axis": axis_of(draw, x.ndim)}
    if name.startswith("arg") and name != "argsort":
        kwargs |= maybe(draw, "keepdims", (True, False))
    return named(name, getattr(theon, name), oracles[name], kwargs, x)


def partitioned(draw: Any) -> Call:
    x = array(draw)
    kwargs = {"kth": draw(st.integers(-4, 4)), "axis": axis_of(draw, x.ndim, False)}
    return named("partition", at_place(theon.partition), at_place(np.partition), kwargs, x)


def searched(draw: Any) -> Call:
    """Among ascending numbers."""
    a = np.sort(array(draw, ("float32", "float64", "int32"), ((4,), (1,), (0,), (3,))))
    v = array(draw, (a.dtype.name,))
    if draw(st.booleans()) and a.size:
        kwargs: dict[str, Any] = {"right": draw(st.booleans())}
        return named("digitize", theon.digitize, np.digitize, kwargs, v, np.unique(a))
    return named("searchsorted", theon.searchsorted, np.searchsorted, maybe(draw, "side", ("left", "right")), a, v)


FAMILIES = {
    "reductions": family(reduction),
    "moves": family(move),
    "sorts": family(sorting, sorting, partitioned, searched),
}
