"""Activations of neural networks."""

from ..grid import POSITIVE, REAL
from ..row import Row

ROWS = (
    Row("swish", lambda m, x: x / (1 + m.exp(-x)), (REAL,)),
    Row("swish of a sigmoid", lambda m, x: x * m.sigmoid(x), (REAL,)),
    Row("mish", lambda m, x: x * m.tanh(m.log(1 + m.exp(x))), (REAL,)),
    Row("softsign", lambda m, x: x / (1 + m.abs(x)), (REAL,)),
    Row("ELU", lambda m, x: m.where(x > 0, x, m.exp(x) - 1), (REAL,)),
    Row("CELU", lambda m, x: m.maximum(x, 0.0) + m.minimum(0.0, 2 * (m.exp(x / 2) - 1)), (REAL,)),
    Row("log-sigmoid gate", lambda m, x: m.tanh(x) * m.sigmoid(x), (REAL,)),
    Row("tanhshrink", lambda m, x: x - m.tanh(x), (REAL,)),
    Row("squareplus", lambda m, x: (x + m.sqrt(x**2 + 4)) / 2, (REAL,)),
    Row("bent identity", lambda m, x: (m.sqrt(x**2 + 1) - 1) / 2 + x, (REAL,)),
    Row("pseudo-Huber", lambda m, x: m.sqrt(1 + x**2) - 1, (REAL,)),
    Row("log-cosh loss", lambda m, x: m.log(m.cosh(x)), (REAL,)),
    Row("Cauchy loss", lambda m, x: m.log(1 + x**2), (REAL,)),
    Row("Geman-McClure loss", lambda m, x: x**2 / (1 + x**2), (REAL,)),
    Row("Welsch loss", lambda m, x: 1 - m.exp(-(x**2) / 2), (REAL,)),
    Row("signed square root", lambda m, x: m.where(x > 0, m.sqrt(x), -m.sqrt(-x)), (REAL,)),
    Row("log1p of a magnitude", lambda m, x: m.log(1 + m.abs(x)), (REAL,)),
    Row("inverse square root unit", lambda m, x: x / m.sqrt(1 + x**2), (REAL,)),
    Row("log of a rectified number", lambda m, x: m.where(x > 0, m.log(x), x), (REAL,)),
    Row("Langevin function", lambda m, x: m.cosh(x) / m.sinh(x) - 1 / x, (POSITIVE,)),
)
