"""Draws of arrays, and of calls that families of functions share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st

from tests.random_calls.call import BROADCASTING, COMPLEX, FILLED, FLOATS, INTS, SHAPES, UINTS, maybe

Call: TypeAlias = "tuple[tuple[Any, ...], dict[str, Any]]"
Draw: TypeAlias = Callable[[Any], Any]

WITH_AXES = SHAPES[1:]
BOOL, WHOLE = ("bool",), INTS + UINTS
REAL, INEXACT = WHOLE + FLOATS, FLOATS + COMPLEX
NUMERIC = WHOLE + INEXACT
EVERY = BOOL + NUMERIC

SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1e-3, 2.0, 1e9, -1e9)


def values(rng: np.random.Generator, shape: tuple[int, ...], dtype: str, special: bool) -> Any:
    """Small numbers of both signs; of real floats, now and then, what is not finite, or a zero."""
    kind = np.dtype(dtype).kind
    low, high = {"b": (0, 2), "u": (0, 6)}.get(kind, (-5, 6))
    drawn: Any = rng.integers(low, high, shape) if kind in "bui" else rng.standard_normal(shape) * 2
    if kind == "c":
        drawn = drawn + 1j * rng.standard_normal(shape)
    if kind == "f" and special:
        drawn = np.where(rng.random(shape) < 0.5, rng.choice(SPECIAL, shape), drawn)
    return np.asarray(drawn).astype(dtype)


def array(draw: Any, dtypes: Sequence[str], shapes: Sequence[Any] = SHAPES, special: bool = True) -> Any:
    dtype, shape = draw(st.sampled_from(dtypes)), draw(st.sampled_from(shapes))
    return values(np.random.default_rng(draw(st.integers(0, 15))), shape, dtype, special)


def arrays(draw: Any, dtypes: Sequence[str], count: int = 2, special: bool = True) -> list[Any]:
    """Several that broadcast, of one kind of dtype."""
    kind = np.dtype(draw(st.sampled_from(dtypes))).kind
    same = [dtype for dtype in dtypes if np.dtype(dtype).kind == kind]
    shapes = draw(st.sampled_from(BROADCASTING))
    rng = np.random.default_rng(draw(st.integers(0, 15)))
    return [values(rng, shapes[i % 2], draw(st.sampled_from(same)), special) for i in range(count)]


def axis(draw: Any, x: Any) -> int:
    return int(draw(st.integers(-x.ndim, x.ndim - 1)))


def axes(draw: Any, x: Any) -> Any:
    """None, an axis, or several."""
    several = draw(st.permutations(range(x.ndim)))[: draw(st.integers(0, x.ndim))]
    return draw(st.sampled_from([None, tuple(several), *range(-x.ndim, x.ndim)]))


# --- families of functions ------------------------------------------------------------------------------------------


def unary(dtypes: Sequence[str], special: bool = True) -> Draw:
    return lambda draw: ((array(draw, dtypes, special=special),), {})


def binary(dtypes: Sequence[str], special: bool = True, scalars: bool = True) -> Draw:
    """Two arrays, or an array and a Python number, on either side."""

    def call(draw: Any) -> Call:
        pair = arrays(draw, dtypes, special=special)
        if scalars and draw(st.integers(0, 3)) == 0:
            kind, place = pair[0].dtype.kind, draw(st.integers(0, 1))
            pair[place] = {"b": True, "c": 1.5 - 0.5j, "f": 2.5}.get(kind, 3)
        return tuple(pair), {}

    return call


def divided(draw: Any) -> Call:
    """No whole number by 0, of which the standard says nothing."""
    x, y = arrays(draw, REAL, special=False)
    return (x, np.asarray(np.where(y == 0, np.ones_like(y), y))), {}


def powers(draw: Any) -> Call:
    x, y = arrays(draw, NUMERIC, special=False)
    if x.dtype.kind == "f":
        x = np.asarray(np.abs(x))
    return (x, np.asarray(np.abs(y)) if x.dtype.kind in "iu" else y), {}


def shifts(draw: Any) -> Call:
    x, y = arrays(draw, WHOLE)
    return (x, np.asarray(np.abs(y))), {}


def clipped(draw: Any) -> Call:
    x = array(draw, REAL, special=False)
    low, high = x.dtype.type(1), x.dtype.type(3)
    bounds = [draw(st.sampled_from([None, low.item(), np.asarray(low)])), draw(st.sampled_from([None, high.item()]))]
    return (x, *bounds), {}


def shaped(make: Callable[[Any, Any], Call]) -> Draw:
    """A shape and perhaps a dtype."""
    return lambda draw: make(draw, draw(st.sampled_from([*SHAPES, 3])))


def reduced(dtypes: Sequence[str], filled: bool = False, **more: Sequence[Any]) -> Draw:
    def call(draw: Any) -> Call:
        x = array(draw, dtypes, FILLED if filled else SHAPES, special=False)
        kwargs = {"axis": axes(draw, x), "keepdims": draw(st.booleans())}
        if filled and kwargs["axis"] == ():
            kwargs["axis"] = None
        for name, choices in more.items():
            kwargs |= maybe(draw, name, choices)
        return (x,), kwargs

    return call


def picked(draw: Any) -> Call:
    """An axis, or none, and `keepdims`."""
    x = array(draw, REAL, FILLED, special=False)
    return (x,), {"axis": draw(st.sampled_from([None, *range(-x.ndim, x.ndim)])), "keepdims": draw(st.booleans())}


def accumulated(draw: Any) -> Call:
    x = array(draw, NUMERIC, WITH_AXES, special=False)
    place = {"axis": axis(draw, x)} if x.ndim > 1 else maybe(draw, "axis", [0, -1, None])
    return (x,), place | maybe(draw, "include_initial", [True, False])


def ordered(draw: Any) -> Call:
    x = array(draw, REAL, WITH_AXES, special=False)
    return (x,), {"axis": axis(draw, x)} | maybe(draw, "descending", [True, False]) | {"stable": True}


def taken(draw: Any) -> Call:
    x = array(draw, EVERY, FILLED)
    place = axis(draw, x)
    indices = np.asarray(draw(st.lists(st.integers(0, x.shape[place] - 1), max_size=4)), dtype="int64")
    return (x, indices), {"axis": place}


def taken_along(draw: Any) -> Call:
    x = array(draw, EVERY, FILLED)
    place = axis(draw, x)
    rng = np.random.default_rng(draw(st.integers(0, 15)))
    return (x, rng.integers(0, x.shape[place], x.shape)), {"axis": place}


def found(draw: Any) -> Call:
    x = np.sort(array(draw, REAL, ((4,), (1,), (0,)), special=False))
    v = values(np.random.default_rng(draw(st.integers(0, 15))), draw(st.sampled_from(SHAPES)), x.dtype.name, False)
    return (x, v), maybe(draw, "side", ["left", "right"])


def chosen(draw: Any) -> Call:
    x, y = arrays(draw, EVERY)
    condition = np.asarray(np.random.default_rng(draw(st.integers(0, 7))).random(np.broadcast(x, y).shape) < 0.5)
    return (condition, x, y), {}


def several(same_shape: bool) -> Draw:
    """A list of arrays of one dtype, and an axis."""

    def call(draw: Any) -> Call:
        first = array(draw, EVERY, WITH_AXES)
        rng = np.random.default_rng(draw(st.integers(0, 15)))
        more = [values(rng, first.shape, first.dtype.name, True) for _ in range(draw(st.integers(0, 2)))]
        bounds = (-first.ndim, first.ndim - 1) if not same_shape else (-first.ndim - 1, first.ndim)
        return ([first, *more],), {"axis": draw(st.integers(*bounds))}

    return call


def moved(kwargs: Callable[[Any, Any], dict[str, Any]], shapes: Sequence[Any] = WITH_AXES) -> Draw:
    """An array, and keywords that depend on it."""

    def call(draw: Any) -> Call:
        x = array(draw, EVERY, shapes)
        return (x,), kwargs(draw, x)

    return call


def reshaped(draw: Any) -> Call:
    x = array(draw, EVERY)
    pool: dict[int, list[Any]] = {
        1: [(), (1,), (1, 1), (-1,)],
        4: [(2, 2), (4, 1), (-1, 2)],
        0: [(0, 2), (3, 0)],
        6: [(6,), (3, -1)],
    }
    return (x, draw(st.sampled_from(pool.get(x.size, [(-1,), (2, -1), (12,)])))), {}


def rolled(draw: Any, x: Any) -> dict[str, Any]:
    several = draw(st.booleans())
    places = tuple(range(x.ndim)) if several else draw(st.sampled_from([None, *range(-x.ndim, x.ndim)]))
    return {"shift": (draw(st.integers(-3, 5)),) * x.ndim if several else draw(st.integers(-3, 5)), "axis": places}


def matrices(dtypes: Sequence[str] = INEXACT, square: bool = False, definite: bool = False) -> Draw:
    """Stacks of matrices, well conditioned where square."""

    def call(draw: Any) -> Call:
        return (matrix(draw, dtypes, square, definite),), {}

    return call


def matrix(draw: Any, dtypes: Sequence[str] = INEXACT, square: bool = False, definite: bool = False) -> Any:
    shape = draw(
        st.sampled_from([(2, 2), (3, 3), (2, 3, 3), (1, 1)] if square else [(2, 3), (3, 2), (2, 2, 2), (1, 3)])
    )
    x = values(np.random.default_rng(draw(st.integers(0, 15))), shape, draw(st.sampled_from(dtypes)), False)
    if definite:
        x = x @ np.conj(np.swapaxes(x, -1, -2)) + np.eye(shape[-1], dtype=x.dtype)
    elif square and x.dtype.kind in "fc":
        x = x + 5 * np.eye(shape[-1], dtype=x.dtype)
    return x


def products(dtypes: Sequence[str] = NUMERIC) -> Draw:
    shapes = (((2, 3), (3, 2)), ((3,), (3,)), ((3,), (3, 2)), ((2, 2, 3), (3, 1)), ((2, 0), (0, 2)), ((0, 3), (3,)))

    def call(draw: Any) -> Call:
        dtype, (a, b) = draw(st.sampled_from(dtypes)), draw(st.sampled_from(shapes))
        rng = np.random.default_rng(draw(st.integers(0, 15)))
        return (values(rng, a, dtype, False), values(rng, b, dtype, False)), {}

    return call


def alike(shapes: Sequence[Any], kwargs: Callable[[Any, Any], dict[str, Any]], dtypes: Sequence[str] = NUMERIC) -> Draw:
    """Two arrays of one dtype with these pairs of shapes."""

    def call(draw: Any) -> Call:
        dtype, (a, b) = draw(st.sampled_from(dtypes)), draw(st.sampled_from(shapes))
        rng = np.random.default_rng(draw(st.integers(0, 15)))
        x, y = values(rng, a, dtype, False), values(rng, b, dtype, False)
        return (x, y), kwargs(draw, x)

    return call


def systems(draw: Any) -> Call:
    a = matrix(draw, square=True)
    shape = draw(st.sampled_from([(a.shape[-1],), (*a.shape[:-1], 2)]))
    return (a, values(np.random.default_rng(3), shape, a.dtype.name, False)), {}


def transforms(dtypes: Sequence[str], single: bool) -> Draw:
    def call(draw: Any) -> Call:
        x = array(draw, dtypes, ((4,), (5,), (2, 3), (2, 3, 2)), special=False)
        kwargs = maybe(draw, "norm", ["backward", "ortho", "forward"])
        if single:
            return (x,), kwargs | maybe(draw, "n", [2, 4, 5]) | {"axis": axis(draw, x)}
        places = draw(st.permutations(range(x.ndim)))[: draw(st.integers(1, x.ndim))]
        # The standard takes sizes only beside axes.
        return (x,), kwargs | {"axes": tuple(places)} | maybe(draw, "s", [(3,) * len(places), (4,) * len(places)])

    return call
