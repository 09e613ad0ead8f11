"""Rows of the Bessel functions of real order, and of spherical harmonics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

import theon

from .row import Row, Special, case, floating, integers, uniform

ALONE = (case((2, 3)),)  # compiling these takes long
POSITIVE = (np.nan, 0.0, 1e-30, 0.1, 1.0, 2.0, 2.5, 40.0, -1.0)
LINE = (np.nan, 0.0, -0.0, 1e-30, 1.0, 2.0, -2.5, 40.0, -9.0)


def one(name: str, low: float, edges: tuple[float, ...], order: float | None = None, **rest: Any) -> Row:
    """A function of one float; of an order and a float where an order is given."""
    function, oracle = getattr(theon, name), getattr(special, name)

    def of_order(which: Callable[..., Any]) -> Callable[..., Any]:
        return which if order is None else lambda x: which(order, x)

    return Row(
        name,
        of_order(function),
        of_order(oracle),
        ALONE,
        samples=uniform(low, 9),
        gives=floating,
        special=(Special((edges,)),),
        **{"ulps": 16, **rest},
    )


ROWS = (
    one("j0", -9, LINE, dtypes=("float32", "float16")),
    one("j1", -9, LINE),
    one("jv", -9, LINE, -2, aliases=("jn",)),
    one("y0", 0.3, POSITIVE),
    one("y1", 0.3, POSITIVE),
    one("yn", 0.9, POSITIVE, 2),
    one("yv", 0.9, POSITIVE, -3),
    one("k0", 0.3, (*POSITIVE, np.inf), dtypes=("float32", "int32")),
    one("k1", 0.3, (*POSITIVE, np.inf)),
    one("k0e", 0.3, (*POSITIVE, np.inf)),
    one("k1e", 0.3, (*POSITIVE, np.inf)),
    one("kn", 0.9, (*POSITIVE, np.inf), 3),
    one("kv", 0.9, (*POSITIVE, np.inf), -3),
    one("kve", 0.9, POSITIVE, 1),
    one("iv", -9, LINE, 2),
    one("ive", -9, LINE, -1),
    Row(
        "sph_harm_y",
        lambda n, m, theta, phi: theon.sph_harm_y(n, m, theta, phi, n_max=6),
        special.sph_harm_y,
        (case((2, 1), (2, 1), (3,), (3,)), case((), (), (), ())),
        (("int32", "int32", "float32", "float32"), ("uint8", "int8", "float64", "float32")),
        (integers(0, 7), integers(-6, 7), uniform(0, np.pi), uniform(0, 2 * np.pi)),
        lambda n, m, theta, phi: "complex128" if "float64" in (theta, phi) else "complex64",
        ulps=32,
    ),
)
