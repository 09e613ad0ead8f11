"""Losses and divergences of probabilities."""

from ..grid import BIT, LABEL, LOGITS, PROBABILITIES, REAL, SOFT_LABEL, UNIT, domain
from ..row import Row

SIGNS = domain([-1.0, 1.0], wrt=False)

ROWS = (
    Row("binary cross-entropy", lambda m, p, y: -(y * m.log(p) + (1 - y) * m.log(1 - p)), (UNIT, SOFT_LABEL)),
    Row(
        "binary cross-entropy of a spelled sigmoid",
        lambda m, x, y: -(y * m.log(1 / (1 + m.exp(-x))) + (1 - y) * m.log(1 - 1 / (1 + m.exp(-x)))),
        (REAL, SOFT_LABEL),
    ),
    Row(
        "binary cross-entropy by where",
        lambda m, x, y: -m.where(y > 0, m.log(m.sigmoid(x)), m.log(1 - m.sigmoid(x))),
        (REAL, BIT),
    ),
    Row(
        "binary cross-entropy of the picked probability",
        lambda m, x, y: -m.log(y * m.sigmoid(x) + (1 - y) * (1 - m.sigmoid(x))),
        (REAL, BIT),
    ),
    Row("logistic loss of a margin", lambda m, x, y: m.log(1 + m.exp(-y * x)), (REAL, SIGNS)),
    Row(
        "focal loss",
        lambda m, x: -((1 - m.sigmoid(x)) ** 2) * m.log(m.sigmoid(x)),
        (REAL,),
    ),
    Row("focal loss of a probability", lambda m, p: -((1 - p) ** 2) * m.log(p), (UNIT,)),
    Row("cross-entropy of probabilities", lambda m, p, y: -m.log(p[y]), (PROBABILITIES, LABEL)),
    Row("entropy", lambda m, p: -m.sum(p * m.log(p)), (PROBABILITIES,)),
    Row("entropy term", lambda m, p: -p * m.log(p), (UNIT,)),
    Row("Bernoulli entropy", lambda m, p: -p * m.log(p) - (1 - p) * m.log(1 - p), (UNIT,)),
    Row(
        "Bernoulli entropy of a sigmoid",
        lambda m, x: -m.sigmoid(x) * m.log(m.sigmoid(x)) - (1 - m.sigmoid(x)) * m.log(1 - m.sigmoid(x)),
        (REAL,),
    ),
    Row("KL divergence", lambda m, p, q: m.sum(p * m.log(p / q)), (PROBABILITIES, PROBABILITIES)),
    Row(
        "KL divergence as a difference",
        lambda m, p, q: m.sum(p * (m.log(p) - m.log(q))),
        (PROBABILITIES, PROBABILITIES),
    ),
    Row(
        "KL divergence of two Bernoullis",
        lambda m, p, q: p * m.log(p / q) + (1 - p) * m.log((1 - p) / (1 - q)),
        (UNIT, UNIT),
    ),
    Row(
        "KL divergence from a softmax",
        lambda m, p, x: m.sum(p * (m.log(p) - m.log(m.exp(x) / m.sum(m.exp(x))))),
        (PROBABILITIES, LOGITS),
    ),
    Row(
        "KL divergence of a normal from the standard one",
        lambda m, mu, v: -0.5 * (1 + v - mu**2 - m.exp(v)),
        (REAL, REAL),
    ),
    Row(
        "KL divergence of a normal, its scale",
        lambda m, s: 0.5 * (s**2 - 1) - m.log(s),
        (UNIT,),
    ),
    Row(
        "Jensen-Shannon divergence",
        lambda m, p, q: 0.5 * m.sum(p * m.log(2 * p / (p + q))) + 0.5 * m.sum(q * m.log(2 * q / (p + q))),
        (PROBABILITIES, PROBABILITIES),
    ),
    Row("dice loss", lambda m, p, q: 1 - 2 * m.sum(p * q) / (m.sum(p) + m.sum(q)), (PROBABILITIES, PROBABILITIES)),
    Row("Hellinger affinity", lambda m, p, q: m.sum(m.sqrt(p * q)), (PROBABILITIES, PROBABILITIES)),
    Row("Poisson deviance", lambda m, p, q: p * m.log(p / q) - (p - q), (UNIT, UNIT)),
    Row("GAN loss", lambda m, x, y: -m.log(m.sigmoid(x)) - m.log(1 - m.sigmoid(y)), (REAL, REAL)),
    Row("Bradley-Terry loss", lambda m, x, y: -m.log(m.exp(x) / (m.exp(x) + m.exp(y))), (REAL, REAL)),
)
