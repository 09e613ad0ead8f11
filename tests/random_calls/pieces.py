"""Arrays put together of others and taken apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import theon

from .call import COMMON, Array, Call, Shape, array, axis_of, family, maybe, named, one_of, rarely, rng_of, values

MOST: tuple[Shape, ...] = ((), (1,), (4,), (0,), (2, 3), (4, 2), (3, 0), (1, 3), (2, 3, 2), (4, 1, 2))


def alike(draw: Any, shape: Shape, axis: int | None) -> list[Array]:
    """One to three arrays that may differ in length along an axis, and rarely elsewhere."""
    parts = []
    dtype = one_of(draw, COMMON)
    for _ in range(draw(st.integers(1, 3))):
        dims = list(shape)
        if axis is not None and -len(dims) <= axis < len(dims):
            dims[axis] = draw(st.integers(0, 3))
        if dims and rarely(draw, 15):
            dims[draw(st.integers(0, len(dims) - 1))] += 1
        parts.append(values(rng_of(draw), tuple(dims), dtype))
    return parts


def listed(name: str, kwargs: dict[str, Any], arrays: Any) -> Call:
    function, oracle = getattr(theon, name), getattr(np, name)
    return Call(
        f"{name}{kwargs or ''}",
        lambda *n: function(list(n), **kwargs),
        lambda *a: oracle(list(a), **kwargs),
        tuple(arrays),
    )


def joined(draw: Any) -> Call:
    name = one_of(draw, ("concatenate", "stack", "hstack", "vstack", "dstack", "column_stack"))
    shape = one_of(draw, MOST)
    if name == "concatenate":
        axis = axis_of(draw, len(shape))
        return listed(name, {"axis": axis}, alike(draw, shape, axis))
    if name == "stack":
        return listed(
            name, {"axis": draw(st.integers(-len(shape) - 1, len(shape) + rarely(draw)))}, alike(draw, shape, None)
        )
    along = {"hstack": min(1, len(shape) - 1), "vstack": 0, "dstack": 2, "column_stack": 1}[name]
    return listed(name, {}, alike(draw, shape, along if shape and along < len(shape) else None))


def apart(draw: Any) -> Call:
    name = one_of(draw, ("split", "array_split", "hsplit", "vsplit", "dsplit", "unstack"))
    x = array(draw, COMMON, MOST)
    if name == "unstack":
        return named(name, theon.unstack, np.unstack, {"axis": axis_of(draw, x.ndim, False)}, x)
    cuts = (
        draw(st.integers(1 - rarely(draw), 4))
        if draw(st.booleans())
        else draw(st.lists(st.integers(-5, 5), max_size=3))
    )
    kwargs = {"indices_or_sections": cuts}
    if name in ("split", "array_split"):
        kwargs["axis"] = axis_of(draw, x.ndim, False)
    return named(name, getattr(theon, name), getattr(np, name), kwargs, x)


def blocks(draw: Any) -> Call:
    """A row or two of matrices that fit, or of scalars and vectors."""
    dtype = one_of(draw, COMMON[:3])
    rows, columns = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    heights = [draw(st.integers(1, 2)) for _ in range(rows)]
    widths = [draw(st.integers(1, 3)) for _ in range(columns)]
    flat = draw(st.booleans())
    shapes = [(w,) if flat and h == 1 else (h, w) for h in heights for w in widths]
    if rarely(draw):
        shapes[0] = (*shapes[0], 2)
    parts = [values(rng_of(draw), shape, dtype) for shape in shapes]

    def nested(leaves: Any) -> Any:
        made = [list(leaves[i * columns : (i + 1) * columns]) for i in range(rows)]
        return made if rows > 1 else made[0]

    return Call(
        f"block({rows} x {columns})", lambda *n: theon.block(nested(n)), lambda *a: np.block(nested(a)), tuple(parts)
    )


def appended(draw: Any) -> Call:
    name = one_of(draw, ("append", "delete", "delete"))
    x = array(draw, COMMON, MOST)
    axis = axis_of(draw, x.ndim)
    if name == "append":
        return Call(
            f"append(axis={axis})",
            lambda a, b: theon.append(a, b, axis=axis),
            lambda a, b: np.append(a, b, axis=axis),
            (x, *(alike(draw, x.shape, axis)[:1] if draw(st.booleans()) else [array(draw, (x.dtype.name,), MOST)])),
        )
    length = x.shape[axis] if axis is not None and -x.ndim <= axis < x.ndim else x.size
    place = st.integers(-length - rarely(draw), length - 1 + rarely(draw)) if length else st.just(0)
    end = st.none() | st.integers(-6, 6)
    obj: Any = one_of(
        draw,
        (
            draw(place),
            draw(st.lists(place, max_size=3)),
            slice(draw(end), draw(end), one_of(draw, (None, 1, 2, -1, -2))),
            np.asarray(draw(st.lists(place, min_size=1, max_size=3))),
        ),
    )
    return named(name, theon.delete, np.delete, {"obj": obj, "axis": axis}, x)


def broadcast(draw: Any) -> Call:
    shapes: tuple[Shape, ...] = ((), (1,), (3,), (2, 1), (2, 3), (0, 1), (2, 1, 3))
    parts = [array(draw, COMMON, shapes) for _ in range(draw(st.integers(0, 3)))]
    name = one_of(draw, ("broadcast_arrays", "atleast_1d", "atleast_2d", "atleast_3d"))
    return named(name, getattr(theon, name), getattr(np, name), {}, *parts)


def different(draw: Any) -> Call:
    """As many as there are, or filled up with what is asked for."""
    x = array(draw, COMMON)
    x = np.where(np.asarray(draw(st.booleans())), np.round(x), x).astype(x.dtype) if x.dtype != bool else x
    asked: dict[str, Any] = {}
    for name in ("return_index", "return_inverse", "return_counts"):
        asked |= maybe(draw, name, (True, False))
    size = np.unique(x).size
    # NumPy gives the places in the shape of the array.
    return Call(
        f"unique(size={size}, {asked})",
        lambda a: theon.unique(a, size=size, **asked),
        lambda a: np.unique(a, **asked),
        (x,),
    )


def contained(draw: Any) -> Call:
    first, second = array(draw, ("int32", "float32")), array(draw, ("int32", "float32"))
    return named("isin", theon.isin, np.isin, maybe(draw, "invert", (True, False)), first, second)


def taken(draw: Any) -> Call:
    """By index arrays that are inputs, inside what they pick from."""
    x = array(draw, COMMON, ((4,), (2, 3), (1, 3), (2, 3, 2)))
    axis = axis_of(draw, x.ndim)
    name = one_of(draw, ("take", "take_along_axis", "repeat", "choose", "put_along_axis"))
    length = x.shape[axis] if axis is not None and -x.ndim <= axis < x.ndim else 1
    rng = rng_of(draw)
    if name == "take":
        picks = rng.integers(-length, length, one_of(draw, ((), (2,), (2, 2), (0,)))).astype("int32")
        return Call(
            f"take(axis={axis})", lambda a, i: theon.take(a, i, axis), lambda a, i: np.take(a, i, axis), (x, picks)
        )
    if name == "choose":
        picks = rng.integers(0, 3, one_of(draw, (x.shape, (), x.shape[-1:]))).astype("int32")
        others = [values(rng, x.shape, x.dtype.name) for _ in range(2)]
        return Call(name, lambda i, *c: theon.choose(i, c), lambda i, *c: np.choose(i, c), (picks, x, *others))
    if name == "repeat":
        counts = [int(n) for n in rng.integers(0, 3, length if axis is not None else x.size)]
        return named(name, theon.repeat, np.repeat, {"repeats": counts, "axis": axis}, x)
    place = -1 if axis is None else axis
    dims = list(x.shape)
    if -x.ndim <= place < x.ndim:
        dims[place] = min(2, x.shape[place])
    picks = np.argsort(rng.random(x.shape), axis=-1 if not -x.ndim <= place < x.ndim else place).astype("int32")
    picks = picks[tuple(slice(n) for n in dims)]
    if name == "take_along_axis":
        oracle = np.take_along_axis
        return Call(
            f"{name}({place})",
            lambda a, i: theon.take_along_axis(a, i, place),
            lambda a, i: oracle(a, i, place),
            (x, picks),
        )

    def put(a: Any, i: Any, v: Any) -> Any:
        out = a.copy()
        np.put_along_axis(out, i, v, place)
        return out

    new = values(rng, picks.shape, x.dtype.name)
    return Call(f"{name}({place})", lambda a, i, v: theon.put_along_axis(a, i, v, place), put, (x, picks, new))


FAMILIES = {"pieces": family(joined, joined, apart, blocks, appended, broadcast, different, contained, taken)}
