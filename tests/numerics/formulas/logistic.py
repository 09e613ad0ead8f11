"""The logistic function, softplus and what is made of them, as exponentials and logarithms."""

from ..grid import BIT, LOCATION, REAL, UNIT
from ..row import Row

ROWS = (
    Row("sigmoid", lambda m, x: 1 / (1 + m.exp(-x)), (REAL,)),
    Row("sigmoid, other quotient", lambda m, x: m.exp(x) / (1 + m.exp(x)), (REAL,)),
    Row("sigmoid of minus", lambda m, x: 1 / (1 + m.exp(x)), (REAL,)),
    Row("sigmoid from tanh", lambda m, x: 0.5 * (1 + m.tanh(x / 2)), (REAL,)),
    Row("one minus sigmoid", lambda m, x: 1 - 1 / (1 + m.exp(-x)), (REAL,)),
    Row("sigmoid's slope", lambda m, x: m.sigmoid(x) * (1 - m.sigmoid(x)), (REAL,)),
    Row("sigmoid's slope, from exponentials", lambda m, x: m.exp(-x) / (1 + m.exp(-x)) ** 2, (REAL,)),
    Row("log of sigmoid", lambda m, x: m.log(m.sigmoid(x)), (REAL,)),
    Row("log of sigmoid, spelled", lambda m, x: m.log(1 / (1 + m.exp(-x))), (REAL,)),
    Row("log of one minus sigmoid", lambda m, x: m.log(1 - m.sigmoid(x)), (REAL,)),
    Row("log of one minus sigmoid, spelled", lambda m, x: m.log(1 - 1 / (1 + m.exp(-x))), (REAL,)),
    Row("softplus", lambda m, x: m.log(1 + m.exp(x)), (REAL,)),
    Row("softplus, terms commuted", lambda m, x: m.log(m.exp(x) + 1), (REAL,)),
    Row("softplus by log1p", lambda m, x: m.log1p(m.exp(x)), (REAL,)),
    Row("softplus of minus", lambda m, x: -m.log(1 + m.exp(-x)), (REAL,)),
    Row("softplus, smoothed", lambda m, x: 2 * m.log(1 + m.exp(x / 2)), (REAL,)),
    Row("softplus, inverted", lambda m, x: m.log(m.exp(x) - 1), (UNIT,)),
    Row("odds", lambda m, p: p / (1 - p), (UNIT,)),
    Row("logit", lambda m, p: m.log(p / (1 - p)), (UNIT,)),
    Row("logit as a difference", lambda m, p: m.log(p) - m.log(1 - p), (UNIT,)),
    Row("logit of a sigmoid", lambda m, x: m.log(m.sigmoid(x) / (1 - m.sigmoid(x))), (REAL,)),
    Row("log-odds of two exponentials", lambda m, x, y: m.exp(x) / (m.exp(x) + m.exp(y)), (REAL, LOCATION)),
    Row("log of a sum of two exponentials", lambda m, x, y: m.log(m.exp(x) + m.exp(y)), (REAL, LOCATION)),
    Row("Bernoulli likelihood from logits", lambda m, x, y: y * x - m.log(1 + m.exp(x)), (REAL, BIT)),
    Row(
        "Bernoulli likelihood from a sigmoid",
        lambda m, x, y: y * m.log(m.sigmoid(x)) + (1 - y) * m.log(1 - m.sigmoid(x)),
        (REAL, BIT),
    ),
)
