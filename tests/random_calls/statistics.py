"""Scans along an axis and statistics: differences, quantiles, covariances, tables of counts, and what skips nan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

import theon

from .arrays import accumulated
from .call import (
    FILLED,
    SHAPES,
    Array,
    Call,
    Shape,
    array,
    axes_of,
    axis_of,
    family,
    maybe,
    named,
    one_of,
    rarely,
    rng_of,
    values,
)

LONG: tuple[Shape, ...] = ((1,), (4,), (7,), (2, 3), (3, 5), (2, 3, 2))


def holey(draw: Any, shapes: Any = SHAPES) -> Array:
    """With a nan here and there."""
    x = array(draw, ("float32", "float64"), shapes)
    rate = one_of(draw, (0.0, 0.2, 0.5, 1.0))
    return np.asarray(np.where(rng_of(draw).random(x.shape) < rate, np.nan, x)).astype(x.dtype)


def scanned(draw: Any) -> Call:
    oracles: dict[str, Any] = {
        "cumsum": accumulated(np.cumsum),
        "cumprod": accumulated(np.cumprod),
        "cummax": np.maximum.accumulate,
        "cummin": np.minimum.accumulate,
        "cumulative_sum": accumulated(np.cumulative_sum),
        "cumulative_prod": accumulated(np.cumulative_prod),
        "nancumsum": accumulated(np.nancumsum),
        "nancumprod": accumulated(np.nancumprod),
    }
    name = one_of(draw, oracles)
    x = holey(draw) if name.startswith("nan") or draw(st.booleans()) else array(draw)
    ufunc = name in ("cummax", "cummin")
    if ufunc and not x.ndim:
        x = x[None]  # of which NumPy's ufuncs accumulate nothing
    kwargs = {"axis": axis_of(draw, x.ndim, none=not ufunc)}
    if name.startswith("cumulative"):
        kwargs |= maybe(draw, "include_initial", (True, False))
    return named(name, getattr(theon, name), oracles[name], kwargs, x, ulps=64, whole=True)


def differenced(draw: Any) -> Call:
    if draw(st.booleans()):
        x = array(draw, shapes=SHAPES[1:])
        kwargs = {"n": draw(st.integers(-rarely(draw), 3)), "axis": axis_of(draw, x.ndim, False)}
        if kwargs["n"] == 0:
            kwargs["axis"] = -1  # which NumPy does not look at then
        more = [array(draw, (x.dtype.name,), ((), x.shape)) for _ in range(draw(st.integers(0, 2)))]

        def padded(function: Any) -> Callable[..., Any]:
            return lambda a, *ends: function(a, **dict(zip(("prepend", "append"), ends, strict=False)), **kwargs)

        return Call(f"diff{kwargs}", padded(theon.diff), padded(np.diff), (x, *more))
    y = array(draw, ("float32", "float64", "int32"))
    kwargs = {"axis": axis_of(draw, y.ndim, False)} | maybe(draw, "dx", (0.5, 2))
    return named("trapezoid", theon.trapezoid, np.trapezoid, kwargs, y)


METHODS = (
    *("linear", "lower", "higher", "nearest", "midpoint", "hazen", "weibull", "median_unbiased", "normal_unbiased"),
    *("interpolated_inverted_cdf", "inverted_cdf"),
)


def quantile(draw: Any) -> Call:
    name = one_of(draw, ("quantile", "percentile", "nanquantile", "nanpercentile"))
    x = holey(draw, FILLED)
    most = 100 if name.endswith("percentile") else 1
    # In eighths, of which a computer has all: a rank that rounds could fall on either side of an int.
    share = st.integers(-rarely(draw, 20), 8).map(lambda k: k * most / 8)
    q = draw(share) if draw(st.booleans()) else draw(st.lists(share, min_size=1, max_size=3))
    kwargs = {"q": q, "axis": axes_of(draw, x.ndim), "keepdims": draw(st.booleans())} | maybe(draw, "method", METHODS)
    return named(name, getattr(theon, name), getattr(np, name), kwargs, x)


NANS = ("nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanmedian", "median")


def skipping(draw: Any) -> Call:
    name = one_of(draw, NANS)
    x = holey(draw, FILLED)
    kwargs = {"axis": axes_of(draw, x.ndim), "keepdims": draw(st.booleans())}
    if name in ("nanvar", "nanstd"):
        kwargs |= maybe(draw, "correction", (0, 1))
    return named(name, getattr(theon, name), getattr(np, name), kwargs, x)


def skipping_place(draw: Any) -> Call:
    """Where a row is all nan NumPy raises, at run time: so each has a number."""
    name = one_of(draw, ("nanargmax", "nanargmin"))
    x = holey(draw, FILLED)
    x[np.isnan(x).all(axis=-1)] = 1
    return named(name, getattr(theon, name), getattr(np, name), {"axis": one_of(draw, (None, -1, x.ndim - 1))}, x)


def averaged(draw: Any) -> Call:
    x = array(draw, ("float32", "float64", "int32", "complex64"), FILLED)
    axis = axes_of(draw, x.ndim)
    if draw(st.booleans()):
        return named("average", theon.average, np.average, {"axis": axis, "keepdims": draw(st.booleans())}, x)
    along = x.shape[axis] if isinstance(axis, int) and -x.ndim <= axis < x.ndim else 3
    shape = one_of(draw, (x.shape, (along,)))
    weights = np.abs(values(rng_of(draw), shape, "float64")) + 0.5
    return Call(
        f"average(axis={axis}, weights=w)",
        lambda a, w: theon.average(a, axis=axis, weights=w),
        lambda a, w: np.average(a, axis=axis, weights=w),
        (x, weights.astype(x.real.dtype if x.dtype.kind in "fc" else "float32")),
    )


def covariance(draw: Any) -> Call:
    shapes: tuple[Shape, ...] = ((4,), (2, 5), (3, 4), *(((2, 3, 2),) if rarely(draw) else ()))
    x = array(draw, ("float32", "float64", "complex64", "int32"), shapes)
    x = (x + values(np.random.default_rng(7), x.shape, "int32")).astype(x.dtype)
    if draw(st.booleans()):
        return named("corrcoef", theon.corrcoef, np.corrcoef, {"rowvar": draw(st.booleans())}, x, ulps=256, whole=True)
    kwargs = {"rowvar": draw(st.booleans())} | maybe(draw, "bias", (True, False)) | maybe(draw, "ddof", (0, 1))
    count = x.shape[-1 if kwargs["rowvar"] or x.ndim == 1 else 0]
    kwargs |= maybe(draw, "fweights", (np.arange(count) % 3 + 1, np.ones(count, int), np.ones(count + 1, int)))
    kwargs |= maybe(draw, "aweights", (np.arange(count) % 2 + 0.5,))
    return named("cov", theon.cov, np.cov, kwargs, x, ulps=256, whole=True)


def counted(draw: Any) -> Call:
    """Ints that are not negative, of one axis: theon takes the others, and NumPy does not."""
    length = draw(st.integers(1, 8))
    x = values(rng_of(draw), one_of(draw, ((4,), (0,), (7,))), "uint8", high=9)
    x = x.astype(one_of(draw, ("int32", "uint8", "int64")))
    weights = [values(rng_of(draw), x.shape, "float32")] if draw(st.booleans()) else []

    def oracle(a: Any, w: Any = None) -> Any:
        return np.bincount(a, w, minlength=length)[:length]

    return Call(f"bincount(length={length})", lambda a, *w: theon.bincount(a, *w, length=length), oracle, (x, *weights))


def binned(draw: Any) -> Call:
    """Of whole numbers and halves, with edges that are exact."""
    x = (values(rng_of(draw), one_of(draw, LONG), "int32") / 2).astype(one_of(draw, ("float32", "float64")))
    edges = [(0, 1, 2, 4), (-3.0, -0.5, 0.25), (1.0, 0.0), (1, 1, 2), (2,)]
    kwargs: dict[str, Any] = {"bins": one_of(draw, (*edges, 1, 2, 4, 8, *([0] if rarely(draw) else [])))}
    # Inside this range the width of a bin is a power of two; NumPy counts by the width, theon by the edges.
    kwargs["range"] = one_of(draw, ((-4.0, 4.0), (0.0, 2.0), *([(2.0, 0.0)] if rarely(draw) else [])))
    kwargs |= maybe(draw, "density", (True, False))
    return named("histogram", theon.histogram, np.histogram, kwargs, x)


def interpolated(draw: Any) -> Call:
    points = np.unique(array(draw, ("float32", "float64"), ((4,), (1,), (7,))))
    heights = values(rng_of(draw), points.shape, points.dtype.name)
    kwargs = maybe(draw, "left", (-1.0, 2)) | maybe(draw, "right", (0.5,))
    x = array(draw, (points.dtype.name,))
    return named("interp", theon.interp, np.interp, kwargs, x, points, heights, ulps=64, whole=True)


FAMILIES = {
    "scans": family(scanned, scanned, differenced),
    "statistics": family(quantile, skipping, skipping_place, averaged, covariance, counted, binned, interpolated),
}
