"""Random draws: streams of keys, and distributions to draw from."""

from .basic import bernoulli, normal, uniform
from .continuous import (
    cauchy,
    double_sided_maxwell,
    exponential,
    gumbel,
    halfcauchy,
    halfnormal,
    laplace,
    logistic,
    lognormal,
    maxwell,
    multivariate_normal,
    orthogonal,
    pareto,
    power,
    rayleigh,
    triangular,
    truncexpon,
    weibull,
)
from .counts import betabinomial, hypergeometric, logseries, zipf
from .discrete import (
    binomial,
    bits,
    categorical,
    choice,
    geometric,
    multinomial,
    negative_binomial,
    permutation,
    poisson,
    rademacher,
    randint,
)
from .gamma import ball, beta, chisquare, dirichlet, f, gamma, generalized_normal, invgamma, student_t
from .stream import Stream, stream
from .truncated import truncated_normal
from .vonmises import vonmises
from .wald import wald

__all__ = [
    "Stream", "ball", "bernoulli", "beta", "betabinomial", "binomial", "bits", "categorical", "cauchy", "chisquare",
    "choice", "dirichlet", "double_sided_maxwell", "exponential", "f", "gamma", "generalized_normal", "geometric",
    "gumbel", "halfcauchy", "halfnormal", "hypergeometric", "invgamma", "laplace", "logistic", "lognormal",
    "logseries", "maxwell", "multinomial", "multivariate_normal", "negative_binomial", "normal", "orthogonal",
    "pareto", "permutation", "poisson", "power", "rademacher", "randint", "rayleigh", "stream", "student_t",
    "triangular", "truncated_normal", "truncexpon", "uniform", "vonmises", "wald", "weibull", "zipf",
]  # fmt: skip
