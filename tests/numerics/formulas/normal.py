"""The error function and the normal distribution."""

from ..grid import LOCATION, NONNEGATIVE, POSITIVE, REAL, SCALE
from ..row import Row

ROWS = (
    Row("erf", lambda m, x: m.erf(x), (REAL,)),
    Row("erfc", lambda m, x: m.erfc(x), (REAL,)),
    Row("erfc as a difference", lambda m, x: 1 - m.erf(x), (REAL,)),
    Row("erf as a difference", lambda m, x: 1 - m.erfc(x), (REAL,)),
    Row("erfcx", lambda m, x: m.exp(x**2) * m.erfc(x), (REAL,)),
    Row("log erfc", lambda m, x: m.log(m.erfc(x)), (REAL,)),
    Row("normal CDF", lambda m, x: 0.5 * (1 + m.erf(x / m.sqrt(2))), (REAL,)),
    Row("normal CDF from erfc", lambda m, x: 0.5 * m.erfc(-x / m.sqrt(2)), (REAL,)),
    Row("normal survival function", lambda m, x: 1 - 0.5 * (1 + m.erf(x / m.sqrt(2))), (REAL,)),
    Row(
        "log of the normal CDF",
        lambda m, x: m.log(0.5 * (1 + m.erf(x / m.sqrt(2)))),
        (REAL,),
        truth=lambda m, x: m.log(0.5 * m.erfc(-x / m.sqrt(2))),
    ),
    Row("log of the normal CDF from erfc", lambda m, x: m.log(0.5 * m.erfc(-x / m.sqrt(2))), (REAL,)),
    Row(
        "log of the normal survival function",
        lambda m, x: m.log(1 - 0.5 * (1 + m.erf(x / m.sqrt(2)))),
        (REAL,),
        truth=lambda m, x: m.log(0.5 * m.erfc(x / m.sqrt(2))),
    ),
    Row(
        "Mills ratio",
        lambda m, x: (1 - 0.5 * (1 + m.erf(x / m.sqrt(2)))) / (m.exp(-(x**2) / 2) / m.sqrt(2 * m.pi)),
        (REAL,),
        truth=lambda m, x: (0.5 * m.erfc(x / m.sqrt(2))) / (m.exp(-(x**2) / 2) / m.sqrt(2 * m.pi)),
    ),
    Row(
        "normal hazard",
        lambda m, x: (m.exp(-(x**2) / 2) / m.sqrt(2 * m.pi)) / (1 - 0.5 * (1 + m.erf(x / m.sqrt(2)))),
        (REAL,),
        truth=lambda m, x: (m.exp(-(x**2) / 2) / m.sqrt(2 * m.pi)) / (0.5 * m.erfc(x / m.sqrt(2))),
    ),
    Row("normal density", lambda m, x: m.exp(-(x**2) / 2) / m.sqrt(2 * m.pi), (REAL,)),
    Row(
        "normal likelihood",
        lambda m, x, mu, s: -((x - mu) ** 2) / (2 * s**2) - m.log(s * m.sqrt(2 * m.pi)),
        (REAL, LOCATION, SCALE),
    ),
    Row(
        "normal likelihood, standardised",
        lambda m, x, mu, s: -0.5 * ((x - mu) / s) ** 2 - m.log(s) - 0.5 * m.log(2 * m.pi),
        (REAL, LOCATION, SCALE),
    ),
    Row(
        "log of the normal density",
        lambda m, x, mu, s: m.log(m.exp(-0.5 * ((x - mu) / s) ** 2) / (s * m.sqrt(2 * m.pi))),
        (REAL, LOCATION, SCALE),
    ),
    Row(
        "normal likelihood from a log variance",
        lambda m, x, v: -0.5 * (v + m.log(2 * m.pi) + x**2 / m.exp(v)),
        (REAL, REAL),
    ),
    Row(
        "lognormal likelihood",
        lambda m, x, mu, s: -((m.log(x) - mu) ** 2) / (2 * s**2) - m.log(x * s * m.sqrt(2 * m.pi)),
        (POSITIVE, LOCATION, SCALE),
    ),
    Row(
        "half-normal likelihood",
        lambda m, x, s: 0.5 * m.log(2 / m.pi) - m.log(s) - x**2 / (2 * s**2),
        (NONNEGATIVE, SCALE),
    ),
    Row(
        "normal truncated at zero",
        lambda m, x, mu: -0.5 * (x - mu) ** 2 - 0.5 * m.log(2 * m.pi) - m.log(1 - 0.5 * (1 + m.erf(-mu / m.sqrt(2)))),
        (POSITIVE, LOCATION),
        truth=lambda m, x, mu: -0.5 * (x - mu) ** 2 - 0.5 * m.log(2 * m.pi) - m.log(0.5 * m.erfc(-mu / m.sqrt(2))),
    ),
    Row(
        "probit likelihood",
        lambda m, x: -m.log(0.5 * (1 + m.erf(x / m.sqrt(2)))),
        (REAL,),
        truth=lambda m, x: -m.log(0.5 * m.erfc(-x / m.sqrt(2))),
    ),
    Row("GELU", lambda m, x: 0.5 * x * (1 + m.erf(x / m.sqrt(2))), (REAL,)),
    Row(
        "GELU by tanh",
        lambda m, x: 0.5 * x * (1 + m.tanh(m.sqrt(2 / m.pi) * (x + 0.044715 * x**3))),
        (REAL,),
    ),
)
