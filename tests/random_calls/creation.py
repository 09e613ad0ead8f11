"""Arrays out of nothing, and grids: ranges, spaced numbers, triangles and coordinates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

import theon

from .call import COMMON, SHAPES, Call, array, family, maybe, named, one_of, rarely, rng_of, values

DTYPES = ("float32", "float64", "int32", "complex64", "bool")


def plain(name: str, positional: tuple[Any, ...], kwargs: dict[str, Any], oracle: Any = None, **more: Any) -> Call:
    """A call without arrays."""
    function, oracle = getattr(theon, name), oracle or getattr(np, name)
    return Call(
        f"{name}{positional}{kwargs or ''}",
        lambda: function(*positional, **kwargs),
        lambda: oracle(*positional, **kwargs),
        (),
        **more,
    )


def ranged(draw: Any) -> Call:
    """Whole numbers and quarters, so that the number of elements does not hang on rounding."""
    whole = draw(st.booleans())
    number = st.integers(-6, 6) if whole else st.integers(-12, 12).map(lambda k: k / 4)
    positional = draw(st.lists(number, min_size=1, max_size=3))
    return plain(
        "arange", tuple(positional), maybe(draw, "dtype", ("float32", "float64", "int32") if whole else ("float64",))
    )


def spaced(draw: Any) -> Call:
    """Between scalars, or arrays that broadcast."""
    name = one_of(draw, ("linspace", "linspace", "logspace", "geomspace"))
    shape = one_of(draw, ((), (), (3,), (2, 1), (0,)))
    dtype = one_of(draw, ("float32", "float64"))
    ends = [values(rng_of(draw), shape if i == 0 else one_of(draw, ((), shape)), dtype) for i in range(2)]
    if name == "geomspace":
        ends = [np.where(end == 0, 1, np.abs(end)).astype(dtype) for end in ends]
        if draw(st.booleans()):
            ends = [-end for end in ends]
    kwargs: dict[str, Any] = {"num": draw(st.integers(-rarely(draw), 6))} | maybe(draw, "endpoint", (True, False))
    if name == "logspace":
        kwargs |= maybe(draw, "base", (2.0, 10.0, 0.5))
    if shape:
        kwargs["axis"] = draw(st.integers(-len(shape) - 1, len(shape) + rarely(draw)))
    return named(name, getattr(theon, name), getattr(np, name), kwargs, *ends, ulps=64, whole=True)


def spaced_ints(draw: Any) -> Call:
    """Of which NumPy takes the floor; in eighths, which are exact."""
    ends = (draw(st.integers(-8, 8)), draw(st.integers(-8, 8)))
    kwargs = {"num": one_of(draw, (1, 2, 3, 5, 9)), "dtype": "int32"}
    return plain("linspace", ends, kwargs)


def triangle(draw: Any) -> Call:
    name = one_of(draw, ("eye", "tri", "identity", "tril", "triu", "diag", "diagflat", "vander", "trace", "diagonal"))
    size, k = st.integers(-rarely(draw, 20), 4), st.integers(-4, 4)
    if name == "identity":
        return plain(name, (draw(size),), maybe(draw, "dtype", DTYPES))
    if name in ("eye", "tri"):
        sizes = tuple(draw(st.lists(size, min_size=1, max_size=2)))
        return plain(name, sizes, {"k": draw(k)} | maybe(draw, "dtype", DTYPES))
    if name == "vander":
        kwargs = maybe(draw, "N", (0, 1, 3)) | maybe(draw, "increasing", (True, False))
        return named(
            name, theon.vander, np.vander, kwargs, array(draw, COMMON[:3], ((3,), (1,), (0,), (2, 2))), whole=True
        )
    x = array(draw, ("float32", "int32", "complex64", "bool"))
    if name in ("trace", "diagonal"):
        axes = st.integers(-x.ndim, x.ndim)
        kwargs = {"offset": draw(k)} | ({"axis1": draw(axes), "axis2": draw(axes)} if draw(st.booleans()) else {})
        return named(name, getattr(theon, name), getattr(np, name), kwargs, x)
    if name in ("tril", "triu") and x.ndim == 1:
        x = x[None]  # of a vector NumPy makes a matrix first, and theon refuses it
    return named(name, getattr(theon, name), getattr(np, name), {"k": draw(k)}, x)


def grid(draw: Any) -> Call:
    if draw(st.booleans()):
        dimensions = tuple(draw(st.lists(st.integers(0, 3), max_size=3)))
        return plain("indices", (dimensions,), maybe(draw, "sparse", (True, False)))
    xs = [array(draw, ("float32", "int32"), ((), (1,), (3,), (2,), (0,))) for _ in range(draw(st.integers(0, 3)))]
    kwargs = maybe(draw, "indexing", ("xy", "ij", *(["yx"] if rarely(draw) else []))) | maybe(
        draw, "sparse", (True, False)
    )
    return named("meshgrid", theon.meshgrid, np.meshgrid, kwargs, *xs)


def filled(draw: Any) -> Call:
    name = one_of(draw, ("full", "zeros", "ones", "full_like", "zeros_like", "ones_like", "broadcast_to"))
    shape = one_of(draw, (*SHAPES, 3, *([(-1,)] if rarely(draw) else [])))
    fill = array(draw, COMMON, ((),))
    dtype = maybe(draw, "dtype", DTYPES)
    shaped: dict[str, Callable[[], Call]] = {
        "full": lambda: Call(f"full({shape}, v)", lambda v: theon.full(shape, v), lambda v: np.full(shape, v), (fill,)),
        "zeros": lambda: plain("zeros", (shape,), dtype),
        "ones": lambda: plain("ones", (shape,), dtype),
        "full_like": lambda: named(name, theon.full_like, np.full_like, {"fill_value": 2} | dtype, array(draw)),
        "zeros_like": lambda: named(name, theon.zeros_like, np.zeros_like, dtype, array(draw)),
        "ones_like": lambda: named(name, theon.ones_like, np.ones_like, dtype, array(draw)),
        "broadcast_to": lambda: named(
            name,
            theon.broadcast_to,
            np.broadcast_to,
            {"shape": one_of(draw, (*SHAPES, (4, 4), (2, 1, 3), 3))},
            array(draw),
        ),
    }
    return shaped[name]()


FAMILIES = {"creation": family(ranged, spaced, spaced, spaced_ints, triangle, grid, filled)}
