"""Rows of masks, choices, positions, parts that are written to, and slices with computed starts."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon

from .row import BOOL, COMPLEXES, FLOATS, INTS, Row, Shape, case, integers, normal, uniform

NUMBERS = (*FLOATS, *INTS, *COMPLEXES)
EVERY = (*NUMBERS, *BOOL)
MASKED = tuple(("bool", dtype) for dtype in EVERY)


def filled(found: Any, size: int, fill: Any) -> Any:
    """The first `size` along the first axis, filled up."""
    kept = found[:size]
    more = np.full((size - len(kept), *kept.shape[1:]), fill, kept.dtype)
    return np.concatenate([kept, more])


def compressed(condition: Any, x: Any, size: int, axis: int | None = None, fill_value: Any = 0) -> Any:
    found = np.compress(condition, x, axis)
    return np.moveaxis(filled(np.moveaxis(found, axis or 0, 0), size, fill_value), 0, axis or 0)


JOINS: dict[str, Any] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "power": np.power,
    "min": np.minimum,
    "max": np.maximum,
}


def updated(name: str) -> Any:
    """What a method of `x.at[...]` makes, by NumPy's own ways."""

    def update(x: Any, values: Any, at: Any) -> Any:
        x = x.copy()
        if name == "set":
            x[at] = values
        else:
            JOINS[name].at(x, at, values)
        return x

    return update


def masked(name: str) -> Any:
    """The same where a mask holds, by loops over its places."""

    def update(x: Any, values: Any, mask: Any, at: Any = ()) -> Any:
        x = x.copy()
        part = x[at] if at else x
        for place in np.argwhere(mask):
            spot = tuple(place)
            part[spot] = values if name == "set" else JOINS[name](part[spot], values)
        return x

    return update


def dynamic(x: Any, *starts: Any, sizes: Shape) -> Any:
    return x[spots(x, starts, sizes)]


def spots(x: Any, starts: Any, sizes: Shape) -> Any:
    """Slices of some sizes, moved inside."""
    counted = [int(s) + n if s < 0 else int(s) for s, n in zip(starts, x.shape, strict=True)]
    first = [min(max(s, 0), n - size) for s, n, size in zip(counted, x.shape, sizes, strict=True)]
    return tuple(slice(s, s + size) for s, size in zip(first, sizes, strict=True))


def placed(x: Any, update: Any, *starts: Any) -> Any:
    x = x.copy()
    x[spots(x, starts, update.shape)] = update
    return x


def put(x: Any, indices: Any, values: Any) -> Any:
    x = x.copy()
    np.put(x, indices, values)
    return x


def put_along(x: Any, values: Any, at: Any, axis: int = -1) -> Any:
    x = x.copy()
    np.put_along_axis(x, np.array(at), values, axis)
    return x


def filling(x: Any, indices: Any, axis: int) -> Any:
    length = x.shape[axis]
    found = np.take(x, np.clip(np.where(indices < 0, indices + length, indices), 0, length - 1), axis)
    good = (indices >= -length) & (indices < length)
    shape = (*good.shape, *(1,) * (x.ndim - axis - 1))
    return np.where(good.reshape(shape), found, -5)


PLACES = (
    case((5,), (), at=2),
    case((5, 3), (3,), at=np.s_[1:4]),
    case((5, 3), (3, 1), at=np.s_[::-2]),
    case((4, 3), (2,), at=np.s_[[0, 3], [-1, 1]]),
    case((2, 3, 4), (2, 1), at=np.s_[0, :, [3, 0]]),
    case((3,), (0,), at=np.s_[3:]),
)
APART = (*PLACES[:3], *PLACES[4:])
REPEATED = (
    case((3,), (3,), at=np.s_[[0, 0, 2],]),
    case((4, 3), (3,), at=np.s_[[1, 1, -1], 1]),
    case((4, 3), (2, 1), at=np.s_[[2, 2], ::2]),
    case((2, 3), (), at=np.s_[:, [0, 0]]),
    case((2, 3), (0,), at=np.s_[0, []]),
)

AT = (
    *(
        Row(
            "Node.at",
            lambda x, values, at, name=name: getattr(x.at[at], name)(values),
            updated(name),
            (*PLACES, *(REPEATED if name not in ("set", "power") else ())),
            FLOATS if name in ("divide", "power") else (*FLOATS, *INTS) if name in ("min", "max") else NUMBERS,
            (uniform(0.5, 3), normal if name in ("min", "max") else integers(1, 4)),
            # JAX has no derivative of products of places that repeat; `tests/ops/test_at.py` has one.
            gradient_cases=APART if name in ("multiply", "divide", "power") else None,
        )
        for name in ("set", "add", "subtract", "multiply", "divide", "power", "min", "max")
    ),
    *(
        Row(
            "Node.at",
            lambda x, values, mask, at=(), name=name: getattr(x.at[(*at, mask)], name)(values),
            masked(name),
            (
                case((4,), (), (4,)),
                case((4, 3), (3,), (4,)),
                case((4, 3), (), (4, 3)),
                case((2, 3, 4), (4,), (3,), at=(1,)),
                case((3, 2, 2), (2,), (3, 2)),
                case((0, 2), (2,), (0,)),
            ),
            tuple((dtype, dtype, "bool") for dtype in NUMBERS[: 4 if name == "max" else None]),
            (normal, integers(1, 4), normal),
            lambda x, values, mask: x,
        )
        for name in ("set", "multiply", "max")
    ),
    Row(
        "put",
        theon.put,
        put,
        tuple(case(shape, (2,), (2,)) for shape in ((5,), (2, 3), (4, 2, 1), (5, 1), (6,))),
        tuple((dtype, "int32", dtype) for dtype in EVERY),
        (normal, lambda rng, shape, dtype: np.array([4, 0], dtype), normal),
        lambda x, indices, values: x,
    ),
    Row(
        "put_along_axis",
        lambda x, values, at, axis=-1: theon.put_along_axis(x, np.array(at), values, axis),
        put_along,
        (
            case((5,), (2,), at=[4, 0]),
            case((2, 3), (2, 1), at=[[2], [0]]),
            case((2, 3), (), at=[[1], [1]], axis=1),
            case((2, 3), (1, 3), at=[[1, 0, -1]], axis=0),
            case((2, 3), (2, 2), at=[[0, 1], [2, 0]]),
        ),
        EVERY,
    ),
)

SLICES = (
    Row(
        "dynamic_slice",
        lambda x, *starts, sizes: theon.dynamic_slice(x, starts, sizes),
        dynamic,
        (
            case((5,), (), sizes=(2,)),
            case((4,), (), sizes=(4,)),
            case((4,), (), sizes=(0,)),
            case((0,), (), sizes=(0,)),
            case((6,), (), sizes=(5,)),
        ),
        tuple((dtype, "int32") for dtype in EVERY) + tuple(("float32", dtype) for dtype in INTS),
        (normal, integers(0, 5)),
        lambda x, *starts: x,
    ),
    Row(
        "dynamic_slice",
        lambda x, *starts, sizes: theon.dynamic_slice(x, starts, sizes),
        dynamic,
        tuple(case((4, 5), (), (), sizes=sizes) for sizes in ((2, 3), (4, 1), (1, 5), (0, 2), (3, 3))),
        (("float32", "int32", "int32"), ("complex64", "int32", "int32")),
        (normal, integers(-4, 6), integers(-4, 6)),
        lambda x, *starts: x,
    ),
    Row(
        "dynamic_update_slice",
        lambda x, update, *starts: theon.dynamic_update_slice(x, update, starts),
        placed,
        tuple(case((4, 5), sizes, (), ()) for sizes in ((2, 3), (4, 1), (1, 5), (0, 2), (3, 3))),
        tuple((dtype, dtype, "int32", "int32") for dtype in EVERY),
        (normal, normal, integers(-4, 6), integers(-4, 6)),
        lambda x, *rest: x,
    ),
)

POSITIONS = (
    Row(
        "flatnonzero",
        lambda x, size, fill: theon.flatnonzero(x, size=size, fill_value=fill),
        lambda x, size, fill: filled(np.flatnonzero(x), size, fill),
        (
            *(case(shape, size=3, fill=-1) for shape in ((5,), (2, 3), (), (0,), (2, 2, 2))),
            case((4,), size=0, fill=7),
        ),
        EVERY,
        integers(0, 2),
        gives="int32",
        differentiable=False,
    ),
    *(
        Row(
            name,
            lambda x, size, fill=0, name=name: getattr(theon, name)(x, size=size, fill_value=fill),
            lambda x, size, fill=0: [filled(one, size, fill) for one in np.nonzero(x)],
            (
                case((5,), size=3),
                case((2, 3), size=4, fill=-1),
                case((0, 3), size=2),
                case((2, 2, 2), size=9, fill=5),
                case((4,), size=0),
            ),
            EVERY,
            integers(0, 2),
            gives="int32",
            differentiable=False,
        )
        for name in ("nonzero", "where")
    ),
    Row(
        "argwhere",
        lambda x, size, fill: theon.argwhere(x, size=size, fill_value=fill),
        lambda x, size, fill: filled(np.argwhere(x), size, fill),
        tuple(case(shape, size=3, fill=-1) for shape in ((5,), (2, 3), (0, 2), (1,), (2, 2, 2))),
        EVERY,
        integers(0, 2),
        gives="int32",
        differentiable=False,
    ),
    Row(
        "compress",
        theon.compress,
        compressed,
        (
            case((5,), (5,), size=3),
            case((3,), (5, 2), size=4, axis=0, fill_value=3),
            case((3,), (2, 3), size=2, axis=1),
            case((4,), (2, 3), size=4),
            case((3,), (2, 3, 2), size=1, axis=-2),
        ),
        MASKED,
        (integers(0, 2), normal),
        lambda condition, x: x,
    ),
    Row(
        "extract",
        theon.extract,
        lambda condition, x, size: filled(np.extract(condition, x), size, 0),
        tuple(case(shape, shape, size=3) for shape in ((5,), (2, 3), (4, 1), (1,), (2, 2, 2))),
        MASKED,
        (integers(0, 2), normal),
        lambda condition, x: x,
    ),
    Row(
        "take",
        theon.take,
        np.take,
        (
            *(case((5, 2), (4,), axis=0, mode=mode) for mode in ("clip", "wrap")),
            case((2, 3), (2, 2), axis=-1, mode="wrap"),
            case((4,), (), mode="clip"),
            case((2, 3), (5,), mode="wrap"),
        ),
        tuple((dtype, "int32") for dtype in EVERY),
        (normal, integers(-9, 9)),
        lambda x, indices: x,
    ),
    Row(
        "take",
        lambda x, indices, axis: theon.take(x, indices, axis, "fill", -5),
        filling,
        (
            case((5, 2), (4,), axis=0),
            case((3, 2), (3, 2), axis=1),
            case((4,), (), axis=0),
            case((2, 3, 2), (4,), axis=1),
            case((3,), (0,), axis=0),
        ),
        tuple((dtype, "int32") for dtype in (*FLOATS, "int32", *COMPLEXES)),
        (normal, integers(-7, 7)),
        lambda x, indices: x,
    ),
    Row(
        "unravel_index",
        theon.unravel_index,
        np.unravel_index,
        (
            *(case(shape, shape=(2, 3)) for shape in ((), (4,), (2, 3), (0,))),
            case((3,), shape=(6,)),
            case((3,), shape=(1, 3, 2)),
        ),
        INTS,
        integers(0, 6),
        differentiable=False,
    ),
    *(
        Row(
            "ravel_multi_index",
            lambda a, b, dims, mode=mode, order=order: theon.ravel_multi_index((a, b), dims, mode, order),
            lambda a, b, dims, mode=mode, order=order: np.ravel_multi_index((a, b), dims, mode, order),
            (
                case((), (), dims=(3, 4)),
                case((3,), (3,), dims=(3, 4)),
                case((2, 1), (3,), dims=(4, 3)),
                case((0,), (0,), dims=(3, 3)),
                case((2, 2), (), dims=(5, 3)),
            ),
            ("int32", "int64", "int16"),
            sample,
            differentiable=False,
        )
        for mode, order, sample in (
            ("raise", "C", integers(0, 3)),
            ("clip", "F", integers(-4, 9)),
            ("wrap", "C", integers(-4, 9)),
        )
    ),
)

CHOICES = (
    *(
        Row(
            "choose",
            lambda a, *choices, mode=mode: theon.choose(a, choices, mode),
            lambda a, *choices, mode=mode: np.choose(a, choices, mode=mode),
            (
                case((), (), ()),
                case((3,), (3,), (3,)),
                case((2, 3), (3,), ()),
                case((3,), (2, 1), (3,)),
                case((0,), (0,), ()),
            ),
            tuple(("int32", dtype, dtype) for dtype in EVERY),
            (sample, normal, normal),
            lambda a, *choices: choices[0],
        )
        for mode, sample in (("raise", integers(0, 2)), ("clip", integers(-3, 4)), ("wrap", integers(-3, 4)))
    ),
    Row(
        "select",
        lambda a, b, x, y, **kwargs: theon.select([a, b], [x, y], **kwargs),
        lambda a, b, x, y, **kwargs: np.select([a, b], [x, y], **kwargs),
        (
            case((), (), (), ()),
            case((3,), (3,), (3,), (3,), default=2),
            case((2, 3), (3,), (3,), (2, 1)),
            case((3,), (), (1,), (3,)),
            case((0,), (0,), (0,), ()),
        ),
        tuple(("bool", "bool", dtype, dtype) for dtype in NUMBERS),
        (integers(0, 2), integers(0, 2), normal, normal),
        lambda *dtypes: dtypes[-1],
    ),
    Row(
        "piecewise",
        lambda x: theon.piecewise(x, [x < -0.5, x > 0.5], [lambda v: -v, lambda v: v * v, 2]),
        lambda x: np.piecewise(x, [x < -0.5, x > 0.5], [lambda v: -v, lambda v: v * v, 2]),
        (case(()), case((3,)), case((2, 3)), case((0,)), case((4, 1))),
        FLOATS,
    ),
)

ROWS = (*AT, *SLICES, *POSITIONS, *CHOICES)
