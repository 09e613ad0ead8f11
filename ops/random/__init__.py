"""Random draws: streams of keys, and distributions to draw from."""

from .basic import bernoulli, normal, uniform
from .continuous import (
    cauchy,
    exponential,
    gumbel,
    laplace,
    logistic,
    lognormal,
    multivariate_normal,
    orthogonal,
    pareto,
    rayleigh,
    truncated_normal,
    weibull,
)
from .discrete import binomial, categorical, choice, geometric, permutation, poisson, rademacher, randint
from .gamma import beta, chisquare, dirichlet, gamma, student_t
from .stream import Stream, stream

__all__ = [
    "Stream", "bernoulli", "beta", "binomial", "categorical", "cauchy", "chisquare", "choice", "dirichlet",
    "exponential", "gamma", "geometric", "gumbel", "laplace", "logistic", "lognormal", "multivariate_normal", "normal",
    "orthogonal", "pareto", "permutation", "poisson", "rademacher", "randint", "rayleigh", "stream", "student_t",
    "truncated_normal", "uniform", "weibull",
]  # fmt: skip
