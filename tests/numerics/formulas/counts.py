"""Log-likelihoods of counts and of categories."""

from ..grid import BIT, COUNT, LOGITS, POSITIVE, PROBABILITIES, REAL, SHAPE, UNIT, domain
from ..row import Row

TRIALS = domain([1000.0, 5000.0, 100000.0], wrt=False)
SUCCESSES = domain([0.0, 1.0, 20.0, 500.0, 1000.0], wrt=False)
PSEUDOCOUNT = domain([0.03, 0.5, 1.0, 2.0, 4.5, 30.0, 1e4])
COUNTS = domain([[3, 0, 1, 5], [100, 20, 3, 1], [1, 1, 1, 1]], wrt=False)

ROWS = (
    Row("Poisson likelihood", lambda m, r, k: k * m.log(r) - r - m.lgamma(k + 1), (POSITIVE, COUNT)),
    Row("Poisson likelihood of a log rate", lambda m, x, k: k * x - m.exp(x) - m.lgamma(k + 1), (REAL, COUNT)),
    Row("log of a Poisson's zero", lambda m, r: m.log(1 - m.exp(-r)), (POSITIVE,)),
    Row(
        "zero-inflated Poisson at zero",
        lambda m, p, r: m.log(p + (1 - p) * m.exp(-r)),
        (UNIT, POSITIVE),
    ),
    Row(
        "zero-inflated Poisson from a logit",
        lambda m, x, r: m.log(m.sigmoid(x) + (1 - m.sigmoid(x)) * m.exp(-r)),
        (REAL, POSITIVE),
    ),
    Row(
        "binomial likelihood",
        lambda m, p, k, n: (
            m.lgamma(n + 1) - m.lgamma(k + 1) - m.lgamma(n - k + 1) + k * m.log(p) + (n - k) * m.log(1 - p)
        ),
        (UNIT, SUCCESSES, TRIALS),
    ),
    Row(
        "binomial likelihood from a logit",
        lambda m, x, k, n: k * m.log(m.sigmoid(x)) + (n - k) * m.log(1 - m.sigmoid(x)),
        (REAL, SUCCESSES, TRIALS),
    ),
    Row(
        "negative binomial likelihood",
        lambda m, r, p, k: m.lgamma(k + r) - m.lgamma(k + 1) - m.lgamma(r) + r * m.log(1 - p) + k * m.log(p),
        (SHAPE, UNIT, COUNT),
    ),
    Row(
        "negative binomial likelihood of a mean",
        lambda m, mu, r, k: r * m.log(r / (r + mu)) + k * m.log(mu / (r + mu)),
        (POSITIVE, SHAPE, COUNT),
    ),
    Row("geometric likelihood", lambda m, p, k: k * m.log(1 - p) + m.log(p), (UNIT, COUNT)),
    Row("Bernoulli likelihood of a probability", lambda m, p, y: m.log(p**y * (1 - p) ** (1 - y)), (UNIT, BIT)),
    Row(
        "logarithmic-series likelihood",
        lambda m, p, k: (k + 1) * m.log(p) - m.log(k + 1) - m.log(-m.log(1 - p)),
        (UNIT, COUNT),
    ),
    Row(
        "multinomial likelihood",
        lambda m, p, k: m.lgamma(m.sum(k) + 1) - m.sum(m.lgamma(k + 1)) + m.sum(k * m.log(p)),
        (PROBABILITIES, COUNTS),
    ),
    Row(
        "multinomial likelihood from a softmax",
        lambda m, x, k: m.sum(k * m.log(m.exp(x) / m.sum(m.exp(x)))),
        (LOGITS, COUNTS),
    ),
    Row(
        "beta-binomial likelihood, its gammas",
        lambda m, a, b, k: m.lgamma(k + a) - m.lgamma(a) + m.lgamma(a + b) - m.lgamma(k + a + b),
        (SHAPE, PSEUDOCOUNT, COUNT),
    ),
)
