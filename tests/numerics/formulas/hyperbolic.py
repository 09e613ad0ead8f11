"""Hyperbolic functions and their inverses, as exponentials and logarithms."""

from typing import Any

from ..grid import ABOVE_ONE, INTERVAL, POSITIVE, REAL
from ..row import Row


def log_cosh(m: Any, x: Any) -> Any:
    """What high precision can compute where cosh has more digits than there are."""
    return m.abs(x) + m.log1p(m.exp(-2 * m.abs(x))) - m.log(2)


ROWS = (
    Row("tanh from exponentials", lambda m, x: (m.exp(x) - m.exp(-x)) / (m.exp(x) + m.exp(-x)), (REAL,)),
    Row("tanh from exp(2x)", lambda m, x: (m.exp(2 * x) - 1) / (m.exp(2 * x) + 1), (REAL,)),
    Row("tanh from a sigmoid", lambda m, x: 2 * m.sigmoid(2 * x) - 1, (REAL,)),
    Row("tanh as a quotient", lambda m, x: m.sinh(x) / m.cosh(x), (REAL,)),
    Row("tanh", lambda m, x: m.tanh(x), (REAL,)),
    Row("sinh from exponentials", lambda m, x: (m.exp(x) - m.exp(-x)) / 2, (REAL,)),
    Row("cosh from exponentials", lambda m, x: (m.exp(x) + m.exp(-x)) / 2, (REAL,)),
    Row("sinh", lambda m, x: m.sinh(x), (REAL,)),
    Row("cosh", lambda m, x: m.cosh(x), (REAL,)),
    Row("sech", lambda m, x: 1 / m.cosh(x), (REAL,)),
    Row("sech squared", lambda m, x: 1 - m.tanh(x) ** 2, (REAL,)),
    Row("sech squared as a quotient", lambda m, x: 1 / m.cosh(x) ** 2, (REAL,)),
    Row("coth", lambda m, x: m.cosh(x) / m.sinh(x), (POSITIVE,)),
    Row("coth from exponentials", lambda m, x: (m.exp(2 * x) + 1) / (m.exp(2 * x) - 1), (POSITIVE,)),
    Row("coth of tanh", lambda m, x: 1 / m.tanh(x), (POSITIVE,)),
    Row("log cosh", lambda m, x: m.log(m.cosh(x)), (REAL,)),
    Row("log cosh from exponentials", lambda m, x: m.log((m.exp(x) + m.exp(-x)) / 2), (REAL,)),
    Row(
        "log of a tanh's slope", lambda m, x: m.log(1 - m.tanh(x) ** 2), (REAL,), truth=lambda m, x: -2 * log_cosh(m, x)
    ),
    Row("log sinh", lambda m, x: m.log(m.sinh(x)), (POSITIVE,)),
    Row("log tanh", lambda m, x: m.log(m.tanh(x)), (POSITIVE,)),
    Row("asinh from a logarithm", lambda m, x: m.log(x + m.sqrt(x**2 + 1)), (REAL,)),
    Row("acosh from a logarithm", lambda m, x: m.log(x + m.sqrt(x**2 - 1)), (ABOVE_ONE,)),
    Row("atanh from a logarithm", lambda m, x: 0.5 * m.log((1 + x) / (1 - x)), (INTERVAL,)),
    Row("atanh as a difference", lambda m, x: (m.log(1 + x) - m.log(1 - x)) / 2, (INTERVAL,)),
    Row("Gudermannian", lambda m, x: 2 * m.atan(m.tanh(x / 2)), (REAL,)),
)
