"""Rows of further special functions: inverses, hypergeometric functions, Gaussian integrals, Box and Cox's powers."""

from __future__ import annotations

import numpy as np
from scipy import special

from .elementwise import SHORT
from .row import EDGES, Special, uniform
from .special import LARGE, pairs, row, several, upper

POWERS = (Special(((0.5, 1.0, 3.0), (0.0, 0.0, 1e-30))),)
ENDS = (0.0, 1.0, -0.1, 1.1, np.nan)

ROWS = (
    row("dawsn", special.dawsn, -9, 9, special=(Special((EDGES,)), *LARGE)),
    pairs("owens_t", special.owens_t, uniform(-2, 2)),
    row("ndtri_exp", special.ndtri_exp, -6, -0.05, (np.nan, -np.inf, 0.0, 1.0, -1.0, -1e-9, -700.0, -1e30)),
    row("exprel", special.exprel, -6, 6),
    *(
        pairs(name, getattr(special, name), uniform(0.5, 2), special=POWERS)
        for name in ("boxcox", "boxcox1p", "inv_boxcox", "inv_boxcox1p")
    ),
    upper(
        "gammaincinv", special.gammaincinv, uniform(1, 5), uniform(0.05, 1.0), special=(Special(((2.0,) * 5, ENDS)),)
    ),
    upper(
        "gammainccinv",
        special.gammainccinv,
        uniform(1, 5),
        uniform(0.05, 1.0),
        special=(Special(((2.0,) * 5, ENDS)),),
    ),
    several(
        "betaincinv",
        special.betaincinv,
        uniform(1, 5),
        uniform(1, 5),
        uniform(0.05, 0.95),
        wrt=(2,),
        dtypes=SHORT[:1],
        special=(Special(((2.0,) * 5, (3.0,) * 5, ENDS)),),
    ),
    several("hyp1f1", special.hyp1f1, uniform(0.5, 3), uniform(0.5, 3), uniform(-4, 4), dtypes=SHORT[:1], ulps=32),
    several(
        "hyp2f1",
        special.hyp2f1,
        uniform(0.5, 2),
        uniform(0.5, 2),
        uniform(1, 4),
        uniform(-2, 0.9),
        dtypes=SHORT[:1],
        ulps=32,
    ),
)
