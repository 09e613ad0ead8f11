"""Rows of the special functions. `tests/ops/test_special.py` holds them against mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

import theon

from .elementwise import ALONE, PAIRS, SHORT, floats
from .row import BINARY, EDGES, UNARY, Row, Sampler, Special, case, floating, uniform

POLES = (np.nan, np.inf, 0.0, 1.0, 2.5, -3.5)  # the edges but for those where SciPy's limit is not ours
ENTROPIES = (Special(((0.0, 0.0, 1.0, 1.0, -1.0, 1.0, 2.0, np.nan), (0.0, 2.0, 0.0, -1.0, 1.0, 1.0, 2.0001, 1.0))),)
LARGE = (Special(((-60.0, -13.5, -9.0, 9.0, 13.5, 60.0, 1e4),)),)


def row(
    name: str, oracle: Callable[..., Any], low: float, high: float, edges: tuple[float, ...] = EDGES, **rest: Any
) -> Row:
    """A function of one float; compiling its gradient takes long."""
    return floats(
        name,
        getattr(theon, name),
        oracle,
        low,
        high,
        complex=False,
        **{"special": (Special((edges,)),), "gradient_cases": ALONE, **rest},
    )


def pairs(name: str, oracle: Callable[..., Any], samples: Sampler | tuple[Sampler, Sampler], **rest: Any) -> Row:
    """A function of two floats."""
    return Row(
        name, getattr(theon, name), oracle, BINARY, SHORT[:4], samples, floating, gradient_cases=PAIRS[1:], **rest
    )


def log1mexp(x: Any) -> Any:
    return np.log(-np.expm1(x))


def upper(name: str, oracle: Callable[..., Any], low: Sampler, high: Sampler, **rest: Any) -> Row:
    """A function of two floats whose derivative by the first one goes one order at most."""
    return Row(
        name,
        getattr(theon, name),
        oracle,
        BINARY,
        SHORT[:4],
        (low, high),
        floating,
        wrt=(1,),
        gradient_cases=PAIRS[1:],
        **rest,
    )


def several(
    name: str, oracle: Callable[..., Any], *samples: Sampler, dtypes: tuple[str, ...] = SHORT[:3], **rest: Any
) -> Row:
    """A function of three floats or four."""
    left = ((),) * (len(samples) - 3)
    return Row(
        name,
        getattr(theon, name),
        oracle,
        (
            case((), (), (), *left),
            case((3,), (3,), (3,), *left),
            case((2, 1), (3,), (), *left),
            case((0, 3), (), (3,), *left),
            case((), (), (2, 2), *left),
        ),
        dtypes,
        samples,
        floating,
        gradient_cases=(case((2, 1), (3,), (), *left), case((), (), (2, 2), *left)),
        **rest,
    )


def spherical(order: int) -> Row:
    """One order from 0 on."""
    return Row(
        "spherical_jn",
        lambda x: theon.spherical_jn(order, x),
        lambda x: special.spherical_jn(order, x),
        UNARY,
        SHORT[:4],
        uniform(-9, 9),
        floating,
        special=(Special(((0.0, 1e-3, -2.5, 60.0, 1e4, np.inf, np.nan),)),),
        gradient_cases=ALONE[1:2],
    )


def polygamma(order: int) -> Row:
    """One order from 0 on."""
    return Row(
        "polygamma",
        lambda x: theon.polygamma(order, x),
        lambda x: special.polygamma(order, x),
        UNARY,
        SHORT[:4],
        uniform(0.5, 6),
        floating,
        special=(Special(((0.0, 1.0, 2.5, -3.5, -0.25, 1e5),)),),
        gradient_cases=ALONE[1:2],
    )


def expn(order: int) -> Row:
    """One order from 0 on."""
    return Row(
        "expn",
        lambda x: theon.expn(order, x),
        lambda x: special.expn(order, x),
        UNARY,
        SHORT[:4],
        uniform(0.1, 6),
        floating,
        special=(Special(((0.0, 1.0, 2.0, 2.5, 60.0, np.inf, np.nan, -1.0),)),),
        gradient_cases=ALONE[1:2],
    )


def two(name: str, oracle: Callable[..., Any]) -> Row:
    """A function that gives two."""
    return Row(
        name,
        getattr(theon, name),
        oracle,
        UNARY,
        SHORT[:4],
        uniform(0.1, 9),
        floating,
        special=(Special(((0.0, 1e-3, 2.5, 60.0, 1e4, np.inf, np.nan),)),),
        gradient_cases=ALONE[1:2],
        ulps=16,
    )


ROWS = (
    expn(0),
    expn(1),
    expn(2),
    expn(9),
    two("sici", special.sici),
    two("fresnel", special.fresnel),
    row("spence", special.spence, 0.1, 4, (np.nan, 0.0, 0.5, 1.0, 2.0, 1e9, -1.0)),
    row("erfcinv", special.erfcinv, 0.1, 1.9, (np.nan, 0.0, 1.0, 2.0, -1.0, 3.0)),
    pairs("poch", special.poch, uniform(0.5, 4), ulps=64),
    pairs("binom", special.binom, (uniform(3, 6), uniform(0.5, 3)), ulps=64),
    *(
        Row(
            "comb",
            theon.comb,
            lambda n, k, **kwargs: special.comb(*np.broadcast_arrays(n, k), **kwargs),
            tuple(case(*c.shapes, repetition=repetition) for c in BINARY),
            SHORT[:3],
            (uniform(3, 6), uniform(0.5, 3)),
            floating,
            gradient_cases=(case((3,), (3,), repetition=repetition),),
            special=(Special(([5, 4, 3, 0, -1, 3, 0], [2, 5, -1, 0, 2, 0, 3]), {"repetition": repetition}),),
            ulps=64,
        )
        for repetition in (False, True)
    ),
    row("erfcx", special.erfcx, -1.5, 4, special=(Special((EDGES,)), *LARGE)),
    row("erfinv", special.erfinv, -0.9, 0.9),
    row("ndtr", special.ndtr, -3, 3, special=(Special((EDGES,)), *LARGE)),
    row("log_ndtr", special.log_ndtr, -3, 3, special=(Special((EDGES,)), *LARGE)),
    row("ndtri", special.ndtri, 0.05, 0.95),
    row("gammaln", special.gammaln, 0.5, 6, POLES, aliases=("lgamma",)),
    row("digamma", special.digamma, 0.5, 6, (*POLES, -0.0, -1.0, -np.inf), aliases=("psi",)),
    row("trigamma", lambda x: special.polygamma(1, x), 0.5, 6, POLES),
    polygamma(0),
    polygamma(2),
    polygamma(5),
    row("log1mexp", log1mexp, -3, -0.05, (np.nan, -np.inf, 0.0, -0.0, 1.0, -1.0)),
    row("logit", special.logit, 0.05, 0.95),
    row("entr", special.entr, 0.05, 3),
    pairs("xlogy", special.xlogy, uniform(0.5, 3)),
    pairs("xlog1py", special.xlog1py, uniform(0.1, 3)),
    pairs("beta", special.beta, uniform(0.5, 5)),
    row("gamma", special.gamma, 0.5, 6, (np.nan, np.inf, 0.0, -0.0, 1.0, 2.5, -3.5, -0.25)),
    row("gammasgn", special.gammasgn, 0.5, 6, (np.inf, 0.0, -0.0, 1.0, 2.5, -3.5, -0.25, -2.25)),
    row("factorial", special.factorial, 0.5, 6, (np.nan, np.inf, 0.0, 1.0, 2.5), ulps=64),
    Row(
        "multigammaln",
        theon.multigammaln,
        special.multigammaln,
        (case((), d=1), case((3,), d=2), case((2, 3), d=3), case((0,), d=2), case((2, 1, 2), d=5)),
        SHORT[:3],
        uniform(3, 9),
        floating,
        gradient_cases=(case((3,), d=3),),
        ulps=32,
    ),
    # SciPy has nan at the ends, where the limits are infinite.
    row("i0", lambda x: np.where(np.isinf(x), np.inf, special.i0(x)), -15, 15, (*EDGES, 90.0, -60.0), ulps=8),
    row("i1", lambda x: np.where(np.isinf(x), x, special.i1(x)), -15, 15, (*EDGES, 90.0, -60.0)),
    row("i0e", special.i0e, -15, 15, (np.nan, 0.0, 1.0, -2.5, 90.0, -1e4)),
    row("i1e", special.i1e, -15, 15, (np.nan, 0.0, 1.0, -2.5, 90.0, -1e4)),
    row("sinc", np.sinc, -3, 3, (np.nan, 0.0, -0.0, 0.5, 1.0, -2.0, 1e-4, 40.25)),
    spherical(0),
    spherical(1),
    spherical(6),
    row("exp1", special.exp1, 0.1, 6, (np.nan, np.inf, 0.0, 1.0, 2.0, 2.5, 60.0, -1.0)),
    row("expi", special.expi, 0.1, 6, (np.nan, np.inf, 0.0, 1.0, -2.5, 39.0, 41.0, 80.0, -1.0)),
    upper("gammainc", special.gammainc, uniform(0.5, 5), uniform(0.5, 5)),
    upper("gammaincc", special.gammaincc, uniform(0.5, 5), uniform(0.5, 5)),
    pairs("zeta", special.zeta, (uniform(2, 6), uniform(1, 5))),
    several("betainc", special.betainc, uniform(1, 5), uniform(1, 5), uniform(0.05, 0.95), wrt=(2,)),
    pairs("rel_entr", special.rel_entr, uniform(0.5, 3), special=ENTROPIES),
    pairs("kl_div", special.kl_div, uniform(0.5, 3), special=ENTROPIES),
    pairs("betaln", special.betaln, uniform(0.5, 15)),
)
