"""Differences of nearly equal terms."""

from ..grid import BELOW_ZERO, FEW_POSITIVES, INTERVAL, POSITIVE, REAL, UNIT, domain
from ..row import Row

NEAR = domain([1e-30, 1e-12, 1e-6, 1e-3, 0.1, 1.0, 7.0, 100.0])

ROWS = (
    Row("exp(x) - 1", lambda m, x: m.exp(x) - 1, (REAL,)),
    Row("1 - exp(-x)", lambda m, x: 1 - m.exp(-x), (POSITIVE,)),
    Row("(exp(x) - 1) / x", lambda m, x: (m.exp(x) - 1) / x, (POSITIVE,)),
    Row("x / (exp(x) - 1)", lambda m, x: x / (m.exp(x) - 1), (POSITIVE,)),
    Row("Bose-Einstein", lambda m, x: 1 / (m.exp(x) - 1), (POSITIVE,)),
    Row("log(1 + x)", lambda m, x: m.log(1 + x), (POSITIVE,)),
    Row("log(1 - x)", lambda m, x: m.log(1 - x), (UNIT,)),
    Row("log(1 + x) / x", lambda m, x: m.log(1 + x) / x, (POSITIVE,)),
    Row("log(1 - exp(x))", lambda m, x: m.log(1 - m.exp(x)), (BELOW_ZERO,)),
    Row("log(exp(x) - exp(y))", lambda m, x, d: m.log(m.exp(x) - m.exp(x - d)), (REAL, NEAR)),
    Row("log(1 + x) - log(1 - x)", lambda m, x: m.log(1 + x) - m.log(1 - x), (INTERVAL,)),
    Row("log(x + 1) - log(x)", lambda m, x: m.log(x + 1) - m.log(x), (POSITIVE,)),
    Row("log(1 + 1/x)", lambda m, x: m.log(1 + 1 / x), (POSITIVE,)),
    Row("1 - cos(x)", lambda m, x: 1 - m.cos(x), (REAL,)),
    Row("(1 - cos(x)) / x**2", lambda m, x: (1 - m.cos(x)) / x**2, (POSITIVE,)),
    Row("1 - cos(x)**2", lambda m, x: 1 - m.cos(x) ** 2, (REAL,)),
    Row("sqrt(1 + x) - 1", lambda m, x: m.sqrt(1 + x) - 1, (POSITIVE,)),
    Row("1 - sqrt(1 - x)", lambda m, x: 1 - m.sqrt(1 - x), (UNIT,)),
    Row("sqrt(x + 1) - sqrt(x)", lambda m, x: m.sqrt(x + 1) - m.sqrt(x), (POSITIVE,)),
    Row("sqrt(x**2 + 1) - x", lambda m, x: m.sqrt(x**2 + 1) - x, (POSITIVE,)),
    Row("1 - 1/sqrt(1 + x)", lambda m, x: 1 - 1 / m.sqrt(1 + x), (POSITIVE,)),
    Row("1/x - 1/(x + 1)", lambda m, x: 1 / x - 1 / (x + 1), (POSITIVE,)),
    Row("1 - 1/(1 + x)", lambda m, x: 1 - 1 / (1 + x), (POSITIVE,)),
    Row("x**y - 1", lambda m, x, y: x**y - 1, (POSITIVE, NEAR)),
    Row("(1 + x)**n - 1", lambda m, x: (1 + x) ** 12.0 - 1, (UNIT,)),
    Row("Box-Cox", lambda m, x, y: (x**y - 1) / y, (domain(FEW_POSITIVES), NEAR)),
    Row("compound growth", lambda m, x, n: m.exp(n * m.log(1 + x)) - 1, (UNIT, NEAR)),
    Row("x**2 - y**2", lambda m, x, d: (x + d) ** 2 - x**2, (POSITIVE, NEAR)),
    Row("exp(x) - exp(-x)", lambda m, x: m.exp(x) - m.exp(-x), (REAL,)),
    Row("exp(x) - 1 - x", lambda m, x: m.exp(x) - 1 - x, (REAL,)),
    Row("x - log(1 + x)", lambda m, x: x - m.log(1 + x), (POSITIVE,)),
    Row("x - sin(x)", lambda m, x: x - m.sin(x), (REAL,)),
    Row("power", lambda m, x, y: x**y, (POSITIVE, domain([-30.0, -2.5, -1e-3, 1e-8, 0.3, 1.7, 3.0, 20.0, 300.0]))),
)
