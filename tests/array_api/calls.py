"""For each function of the standard a strategy that draws a call: its arrays and keywords, valid by the standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.random_calls.call import COMPLEX, FILLED, FLOATS, SHAPES, UINTS, maybe

from .draws import (
    BOOL,
    EVERY,
    INEXACT,
    NUMERIC,
    REAL,
    WHOLE,
    WITH_AXES,
    Call,
    Draw,
    accumulated,
    alike,
    array,
    arrays,
    axes,
    axis,
    binary,
    chosen,
    clipped,
    divided,
    found,
    matrices,
    matrix,
    moved,
    ordered,
    picked,
    powers,
    products,
    reduced,
    reshaped,
    rolled,
    several,
    shaped,
    shifts,
    systems,
    taken,
    taken_along,
    transforms,
    unary,
)


def _each(names: str, draw: Draw) -> dict[str, Draw]:
    return dict.fromkeys(names.split(), draw)


def _ranges(draw: Any) -> Call:
    start, step = draw(st.integers(-3, 3)), draw(st.sampled_from([1, 2, -1, 0.5]))
    stop = start + draw(st.integers(0, 5)) * (1 if step > 0 else -1)
    return (start, stop, step), maybe(draw, "dtype", FLOATS)


def _spaces(draw: Any) -> Call:
    kwargs = maybe(draw, "endpoint", [True, False]) | maybe(draw, "dtype", FLOATS)
    return (draw(st.integers(-3, 3)), draw(st.sampled_from([4.5, 7, -2])), draw(st.integers(0, 5))), kwargs


def _like(draw: Any) -> Call:
    return (array(draw, EVERY),), maybe(draw, "dtype", EVERY)


def _filled_like(draw: Any) -> Call:
    return (array(draw, EVERY), True if draw(st.booleans()) else 1), {"dtype": draw(st.sampled_from(EVERY))}


def _triangles(draw: Any) -> Call:
    return (array(draw, EVERY, ((2, 3), (3, 0), (2, 3, 2), (3, 3))),), {"k": draw(st.integers(-3, 3))}


def _vectors(draw: Any) -> Call:
    return tuple(array(draw, NUMERIC, ((4,), (1,), (0,))) for _ in range(1)) * draw(st.integers(1, 3)), maybe(
        draw, "indexing", ["xy", "ij"]
    )


def _differences(draw: Any) -> Call:
    x = array(draw, NUMERIC, FILLED, special=False)
    return (x,), {"axis": axis(draw, x), "n": draw(st.integers(1, 2))}


def _converted(draw: Any) -> Call:
    """No negative number to an unsigned dtype, of which the standard says nothing."""
    x, dtype = array(draw, BOOL + REAL, special=False), draw(st.sampled_from(NUMERIC))
    return (np.asarray(np.abs(x)) if dtype in UINTS else x, dtype), {}


CALLS: Mapping[str, Draw] = {
    # elementwise
    **_each("acos acosh asin asinh atan atanh cos cosh exp expm1 log log1p log2 log10 sin sinh sqrt tan tanh",
            unary(INEXACT)),
    **_each("abs negative positive sign square isfinite isinf isnan", unary(NUMERIC)),
    **_each("ceil floor round trunc", unary(REAL)),
    **_each("reciprocal", unary(INEXACT)),
    **_each("real conj", unary(NUMERIC)),
    **_each("imag", unary(COMPLEX)),
    **_each("signbit", unary(FLOATS)),
    **_each("logical_not", unary(BOOL)),
    **_each("bitwise_invert", unary(BOOL + WHOLE)),
    **_each("add subtract multiply", binary(NUMERIC)),
    **_each("equal not_equal", binary(EVERY)),
    **_each("less less_equal greater greater_equal", binary(REAL)),
    **_each("maximum minimum", binary(REAL)),
    **_each("divide", binary(INEXACT, special=False)),
    **_each("floor_divide remainder", divided),
    **_each("pow", powers),
    **_each("atan2 copysign hypot logaddexp nextafter", binary(FLOATS)),
    **_each("logical_and logical_or logical_xor", binary(BOOL)),
    **_each("bitwise_and bitwise_or bitwise_xor", binary(BOOL + WHOLE)),
    **_each("bitwise_left_shift bitwise_right_shift", shifts),
    "clip": clipped,
    # creation
    "arange": _ranges,
    "linspace": _spaces,
    "asarray": _like,
    "from_dlpack": lambda draw: ((array(draw, NUMERIC),), {}),
    **_each("empty ones zeros", shaped(lambda draw, shape: ((shape,), maybe(draw, "dtype", EVERY)))),
    "full": shaped(lambda draw, shape: ((shape, draw(st.sampled_from([True, 2, 2.5, 1j]))), {})),
    **_each("empty_like ones_like zeros_like", _like),
    "full_like": _filled_like,
    "eye": lambda draw: ((draw(st.integers(0, 4)), draw(st.sampled_from([None, 2, 5]))),
                         {"k": draw(st.integers(-3, 3))} | maybe(draw, "dtype", EVERY)),
    "meshgrid": _vectors,
    **_each("tril triu", _triangles),
    # dtypes and broadcasting
    "astype": _converted,
    "broadcast_arrays": lambda draw: (tuple(arrays(draw, EVERY, draw(st.integers(1, 3)))), {}),
    "broadcast_to": lambda draw: ((array(draw, EVERY, ((), (1,), (3,), (2, 1))),
                                   draw(st.sampled_from([(2, 3), (1, 2, 3), (0, 2, 3)]))), {}),
    # picking
    "take": taken,
    "take_along_axis": taken_along,
    **_each("argmax argmin", picked),
    "count_nonzero": reduced(EVERY),
    "nonzero": lambda draw: ((array(draw, EVERY, WITH_AXES),), {}),
    "searchsorted": found,
    "where": chosen,
    **_each("unique_all unique_counts unique_inverse unique_values",
            lambda draw: ((array(draw, EVERY, FILLED, special=False),), {})),
    "isin": lambda draw: (tuple(arrays(draw, WHOLE)), maybe(draw, "invert", [True, False])),
    **_each("sort argsort", ordered),
    # manipulation
    "concat": several(False),
    "stack": several(True),
    "expand_dims": moved(lambda draw, x: {"axis": draw(st.integers(-x.ndim - 1, x.ndim))}, SHAPES),
    "flip": moved(lambda draw, x: {"axis": axes(draw, x)}, SHAPES),
    "moveaxis": lambda draw: ((x := array(draw, EVERY, WITH_AXES), axis(draw, x), axis(draw, x)), {}),
    "permute_dims": moved(lambda draw, x: {"axes": tuple(draw(st.permutations(range(x.ndim))))}, SHAPES),
    "repeat": lambda draw: ((x := array(draw, EVERY, WITH_AXES), draw(st.integers(0, 3))), {"axis": axis(draw, x)}),
    "reshape": reshaped,
    "roll": moved(rolled),
    "squeeze": lambda draw: ((array(draw, EVERY, ((3, 1, 1), (2, 1, 1))), draw(st.sampled_from([-1, (-2,), (1, 2)]))),
                             {}),
    "tile": lambda draw: ((array(draw, EVERY), tuple(draw(st.lists(st.integers(0, 3), max_size=3)))), {}),
    "unstack": moved(lambda draw, x: {"axis": axis(draw, x)}),
    # statistics and truth
    **_each("cumulative_sum cumulative_prod", accumulated),
    **_each("sum prod", reduced(NUMERIC, dtype=("float64", "complex128"))),
    "mean": reduced(INEXACT, filled=True),
    **_each("std var", reduced(FLOATS, filled=True, correction=(0, 0.0))),
    **_each("max min", reduced(REAL, filled=True)),
    **_each("all any", reduced(EVERY)),
    "diff": _differences,
    # linear algebra, in the main namespace and in linalg
    "matmul": products(),
    "matrix_transpose": matrices(NUMERIC),
    "vecdot": alike([((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 3))], lambda draw, x: {}),
    "tensordot": alike([((2, 3), (2, 3)), ((3, 3), (3, 3))],
                       lambda draw, x: {"axes": draw(st.sampled_from([0, 2, ((0, 1), (0, 1)), ((1,), (1,))]))}),
    "linalg.cholesky": lambda draw: ((matrix(draw, square=True, definite=True),), maybe(draw, "upper", [True, False])),
    "linalg.cross": alike([((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 3))], lambda draw, x: {"axis": -1}),
    **_each("linalg.det linalg.inv linalg.slogdet", matrices(square=True)),
    "linalg.diagonal": lambda draw: ((matrix(draw, NUMERIC),), {"offset": draw(st.integers(-2, 2))}),
    **_each("linalg.eigh linalg.eigvalsh", matrices(square=True, definite=True)),
    "linalg.matrix_norm": lambda draw: ((matrix(draw),), {"keepdims": draw(st.booleans())}
                                        | maybe(draw, "ord", ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])),
    "linalg.matrix_power": lambda draw: ((matrix(draw, square=True), draw(st.integers(-2, 4))), {}),
    "linalg.matrix_rank": lambda draw: ((matrix(draw),), {}),
    "linalg.outer": alike([((3,), (2,)), ((0,), (2,))], lambda draw, x: {}),
    "linalg.pinv": matrices(),
    "linalg.qr": lambda draw: ((matrix(draw),), maybe(draw, "mode", ["reduced", "complete"])),
    "linalg.solve": systems,
    "linalg.svd": lambda draw: ((matrix(draw),), maybe(draw, "full_matrices", [True, False])),
    "linalg.svdvals": matrices(),
    "linalg.trace": lambda draw: ((matrix(draw, NUMERIC),), {"offset": draw(st.integers(-2, 2))}),
    "linalg.vector_norm": lambda draw: ((x := array(draw, INEXACT, FILLED, special=False),),
                                        {"axis": draw(st.sampled_from([None, *range(x.ndim)])),
                                         "keepdims": draw(st.booleans())}
                                        | maybe(draw, "ord", [0, 1, 2, 3, 0.5, -1, np.inf, -np.inf])),
    # Fourier transforms
    **_each("fft.fft fft.ifft", transforms(COMPLEX, True)),
    **_each("fft.fftn fft.ifftn", transforms(COMPLEX, False)),
    **_each("fft.rfft fft.ihfft", transforms(FLOATS, True)),
    "fft.rfftn": transforms(FLOATS, False),
    **_each("fft.irfft fft.hfft", transforms(COMPLEX, True)),
    "fft.irfftn": transforms(COMPLEX, False),
    **_each("fft.fftfreq fft.rfftfreq", lambda draw: ((draw(st.integers(1, 9)),), {"d": draw(st.sampled_from([1, 0.5]))}
                                                      | maybe(draw, "dtype", FLOATS))),
    **_each("fft.fftshift fft.ifftshift", lambda draw: ((x := array(draw, INEXACT, FILLED),),
                                                        {"axes": axes(draw, x) or None})),
}  # fmt: skip
CALLS = {
    **CALLS,
    **{f"linalg.{name}": CALLS[name] for name in ("matmul", "matrix_transpose", "vecdot", "tensordot")},
}
