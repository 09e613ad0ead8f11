"""Log-likelihoods of continuous distributions, as their densities are printed."""

from ..grid import LOCATION, POSITIVE, PROBABILITIES, REAL, SCALE, SHAPE, UNIT, domain
from ..row import Row

CONCENTRATION = domain([[1, 1, 1, 1], [0.5, 2, 3.5, 10], [1e-3, 1e-2, 0.1, 1], [100, 200, 300, 1e4]])
FREEDOM = domain([0.3, 1.0, 2.5, 4.0, 30.0, 1e4])

ROWS = (
    Row("exponential likelihood", lambda m, x, r: m.log(r * m.exp(-r * x)), (POSITIVE, SCALE)),
    Row("Laplace likelihood", lambda m, x, mu, b: -m.abs(x - mu) / b - m.log(2 * b), (REAL, LOCATION, SCALE)),
    Row(
        "log of the Laplace density",
        lambda m, x, mu, b: m.log(m.exp(-m.abs(x - mu) / b) / (2 * b)),
        (REAL, LOCATION, SCALE),
    ),
    Row(
        "Cauchy likelihood",
        lambda m, x, mu, g: -m.log(m.pi * g * (1 + ((x - mu) / g) ** 2)),
        (REAL, LOCATION, SCALE),
    ),
    Row(
        "logistic likelihood",
        lambda m, x, mu, s: -(x - mu) / s - m.log(s) - 2 * m.log(1 + m.exp(-(x - mu) / s)),
        (REAL, LOCATION, SCALE),
    ),
    Row(
        "log of the logistic density",
        lambda m, z: m.log(m.exp(-z) / (1 + m.exp(-z)) ** 2),
        (REAL,),
    ),
    Row(
        "Gumbel likelihood",
        lambda m, x, mu, b: -((x - mu) / b + m.exp(-(x - mu) / b)) - m.log(b),
        (REAL, LOCATION, SCALE),
    ),
    Row("Gumbel CDF", lambda m, x: m.exp(-m.exp(-x)), (REAL,)),
    Row("log of the Gumbel survival function", lambda m, x: m.log(1 - m.exp(-m.exp(-x))), (REAL,)),
    Row("complementary log-log", lambda m, p: m.log(-m.log(1 - p)), (UNIT,)),
    Row(
        "Weibull likelihood",
        lambda m, x, k, s: m.log(k / s) + (k - 1) * m.log(x / s) - (x / s) ** k,
        (POSITIVE, SHAPE, SCALE),
    ),
    Row("log of the Weibull CDF", lambda m, x, k: m.log(1 - m.exp(-(x**k))), (POSITIVE, SHAPE)),
    Row("Pareto likelihood", lambda m, x, a: m.log(a) - (a + 1) * m.log(1 + x), (POSITIVE, SHAPE)),
    Row("log of the Pareto CDF", lambda m, x, a: m.log(1 - (1 + x) ** -a), (POSITIVE, SHAPE)),
    Row(
        "gamma likelihood",
        lambda m, x, a, b: a * m.log(b) - m.lgamma(a) + (a - 1) * m.log(x) - b * x,
        (POSITIVE, SHAPE, SCALE),
    ),
    Row(
        "inverse gamma likelihood",
        lambda m, x, a, b: a * m.log(b) - m.lgamma(a) - (a + 1) * m.log(x) - b / x,
        (POSITIVE, SHAPE, SCALE),
    ),
    Row(
        "chi-squared likelihood",
        lambda m, x, k: (k / 2 - 1) * m.log(x) - x / 2 - (k / 2) * m.log(2) - m.lgamma(k / 2),
        (POSITIVE, SHAPE),
    ),
    Row(
        "beta likelihood",
        lambda m, x, a, b: (a - 1) * m.log(x) + (b - 1) * m.log(1 - x) + m.lgamma(a + b) - m.lgamma(a) - m.lgamma(b),
        (UNIT, SHAPE, SHAPE),
    ),
    Row(
        "Student-t likelihood",
        lambda m, x, n: (
            m.lgamma((n + 1) / 2) - m.lgamma(n / 2) - 0.5 * m.log(n * m.pi) - (n + 1) / 2 * m.log(1 + x**2 / n)
        ),
        (REAL, FREEDOM),
    ),
    Row(
        "Student-t likelihood with a scale",
        lambda m, x, s: -m.log(s) - 2.5 * m.log(1 + (x / s) ** 2 / 4),
        (REAL, SCALE),
    ),
    Row(
        "F likelihood, its ratio",
        lambda m, x, a, b: 0.5 * a * m.log(a * x / (a * x + b)) + 0.5 * b * m.log(b / (a * x + b)),
        (POSITIVE, SHAPE, SHAPE),
    ),
    Row(
        "Dirichlet likelihood",
        lambda m, x, a: m.lgamma(m.sum(a)) - m.sum(m.lgamma(a)) + m.sum((a - 1) * m.log(x)),
        (PROBABILITIES, CONCENTRATION),
    ),
    Row("log-beta function", lambda m, a, b: m.lgamma(a) + m.lgamma(b) - m.lgamma(a + b), (SHAPE, SHAPE)),
    Row("lgamma", lambda m, x: m.lgamma(x), (POSITIVE,)),
    Row("digamma", lambda m, x: m.digamma(x), (POSITIVE,)),
    Row("digamma difference", lambda m, x: m.digamma(x + 1) - m.digamma(x), (POSITIVE,)),
    Row("log of a factorial's ratio", lambda m, x: m.lgamma(x + 1) - m.lgamma(x), (POSITIVE,)),
    Row("Kumaraswamy likelihood", lambda m, x, a: (a - 1) * m.log(x) + m.log(1 - x**a), (UNIT, SHAPE)),
    Row("Rayleigh likelihood", lambda m, x, s: m.log(x / s**2) - x**2 / (2 * s**2), (POSITIVE, SCALE)),
    Row("Rayleigh CDF", lambda m, x: 1 - m.exp(-(x**2) / 2), (POSITIVE,)),
)
