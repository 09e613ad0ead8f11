"""Fourier transforms: lengths, axes and norms, of real and of complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

import theon

from .call import COMPLEX, FLOATS, Call, Shape, array, axes_of, axis_of, family, maybe, named, one_of, rarely

SOME: tuple[Shape, ...] = ((1,), (4,), (5,), (2, 3), (1, 4), (2, 3, 2), (0,), (3, 0))
LINES = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
GRIDS = ("fftn", "ifftn", "rfftn", "irfftn", "fft2", "ifft2", "rfft2", "irfft2")
NORMS = (None, "backward", "ortho", "forward")


def norm(draw: Any) -> dict[str, Any]:
    return maybe(draw, "norm", (*NORMS, *(["both"] if rarely(draw) else [])))


def transform(draw: Any, name: str, kwargs: dict[str, Any], x: Any) -> Call:
    return named(name, getattr(theon.fft, name), getattr(np.fft, name), kwargs, x, ulps=64, whole=True)


def line(draw: Any) -> Call:
    x = array(draw, (*FLOATS, *COMPLEX, "int32"), SOME)
    kwargs = maybe(draw, "n", (None, 1, 2, 3, 4, 6, 7, *([0, -1] if rarely(draw) else []))) | norm(draw)
    return transform(draw, one_of(draw, LINES), kwargs | {"axis": axis_of(draw, x.ndim, False)}, x)


def plane(draw: Any) -> Call:
    x = array(draw, (*FLOATS, *COMPLEX), SOME)
    axes = draw(st.permutations(range(-x.ndim, 0)))[: draw(st.integers(1, x.ndim))]
    kwargs: dict[str, Any] = {"axes": tuple(axes)} if draw(st.booleans()) else {}
    name = one_of(draw, GRIDS)
    if draw(st.booleans()):
        count = len(axes) if kwargs else 2 if name.endswith("2") else x.ndim
        count += rarely(draw, 20)
        kwargs["s"] = tuple(draw(st.lists(st.integers(1 - rarely(draw, 30), 5), min_size=count, max_size=count)))
        if not name.endswith("2"):
            kwargs.setdefault("axes", tuple(range(-x.ndim, 0)))
    return transform(draw, name, kwargs | norm(draw), x)


def shift(draw: Any) -> Call:
    if draw(st.booleans()):
        name, n, d = one_of(draw, ("fftfreq", "rfftfreq")), draw(st.integers(1, 9)), one_of(draw, (1.0, 0.5, 2))
        function, oracle = getattr(theon.fft, name), getattr(np.fft, name)
        return Call(f"{name}({n}, {d})", lambda: function(n, d), lambda: oracle(n, d), ())
    x = array(draw, (*FLOATS, *COMPLEX, "int32"), SOME)
    return transform(draw, one_of(draw, ("fftshift", "ifftshift")), {"axes": axes_of(draw, x.ndim)}, x)


FAMILIES = {"fft": family(line, line, plane, plane, shift)}
