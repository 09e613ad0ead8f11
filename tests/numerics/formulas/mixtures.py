"""Mixtures, marginals and path sums."""

from ..grid import LOCATION, LOGITS, PROBABILITIES, REAL, SCALE, UNIT, domain
from ..row import Row

MEANS = domain([[-1, 0, 1, 2], [-1000, 0, 30, 1e4], [1e-3, 2e-3, 3e-3, 5]])
POINTS = domain([-100.0, -20.0, -1.0, 0.0, 0.3, 1.0, 5.0, 50.0])
WEIGHTS = domain([[0.1, 0.2, 0.3, 0.4], [1e-6, 1e-3, 0.5, 0.499]])

ROWS = (
    Row(
        "mixture of two normals",
        lambda m, x, p, mu: m.log(
            p * m.exp(-0.5 * x**2) / m.sqrt(2 * m.pi) + (1 - p) * m.exp(-0.5 * (x - mu) ** 2) / m.sqrt(2 * m.pi)
        ),
        (REAL, UNIT, LOCATION),
    ),
    Row(
        "mixture of two normals, one wide",
        lambda m, x, s: m.log(0.5 * m.exp(-0.5 * x**2) + 0.5 * m.exp(-0.5 * (x / s) ** 2) / s),
        (REAL, SCALE),
    ),
    Row(
        "mixture of two normals from a logit",
        lambda m, x, z: m.log(
            m.sigmoid(z) * m.exp(-0.5 * (x - 1) ** 2) + (1 - m.sigmoid(z)) * m.exp(-0.5 * (x + 1) ** 2)
        ),
        (REAL, REAL),
    ),
    Row(
        "mixture of normals",
        lambda m, x, w, mu: m.log(m.sum(w * m.exp(-0.5 * (x - mu) ** 2) / m.sqrt(2 * m.pi))),
        (POINTS, WEIGHTS, MEANS),
    ),
    Row(
        "mixture of normals with softmax weights",
        lambda m, x, z, mu: m.log(m.sum((m.exp(z) / m.sum(m.exp(z))) * m.exp(-0.5 * (x - mu) ** 2))),
        (POINTS, LOGITS, MEANS),
    ),
    Row(
        "responsibility",
        lambda m, x, w, mu: (w * m.exp(-0.5 * (x - mu) ** 2) / m.sum(w * m.exp(-0.5 * (x - mu) ** 2)))[0],
        (POINTS, WEIGHTS, MEANS),
    ),
    Row(
        "log of a responsibility",
        lambda m, x, w, mu: m.log(w * m.exp(-0.5 * (x - mu) ** 2) / m.sum(w * m.exp(-0.5 * (x - mu) ** 2)))[1],
        (POINTS, WEIGHTS, MEANS),
    ),
    Row(
        "mixture of Bernoullis",
        lambda m, x, p: m.log(p * m.sigmoid(x) + (1 - p) * m.sigmoid(-x)),
        (REAL, UNIT),
    ),
    Row("mixture of exponentials", lambda m, x, w: m.log(m.sum(w * m.exp(x))), (LOGITS, PROBABILITIES)),
    Row("weighted mean of exponentials", lambda m, x, w: m.log(m.mean(w * m.exp(x))), (LOGITS, PROBABILITIES)),
    Row(
        "forward step of a hidden Markov model",
        lambda m, a, b: m.log(m.sum(m.exp(a) * m.exp(b))),
        (LOGITS, LOGITS),
    ),
    Row(
        "mixture of Laplaces",
        lambda m, x, p: m.log(p * m.exp(-m.abs(x)) / 2 + (1 - p) * m.exp(-m.abs(x - 3)) / 2),
        (REAL, UNIT),
    ),
)
