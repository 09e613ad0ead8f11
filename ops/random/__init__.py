"""Random draws: streams of keys, and distributions to draw from."""

from .basic import bernoulli, normal, uniform
from .continuous import (
    cauchy,
    exponential,
    gumbel,
    laplace,
    logistic,
    lognormal,
    maxwell,
    multivariate_normal,
    orthogonal,
    pareto,
    rayleigh,
    triangular,
    truncated_normal,
    weibull,
)
from .discrete import (
    binomial,
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
from .gamma import beta, chisquare, dirichlet, f, gamma, student_t
from .stream import Stream, stream
from .wald import wald

__all__ = [
    "Stream", "bernoulli", "beta", "binomial", "categorical", "cauchy", "chisquare", "choice", "dirichlet",
    "exponential", "f", "gamma", "geometric", "gumbel", "laplace", "logistic", "lognormal", "maxwell", "multinomial",
    "multivariate_normal", "negative_binomial", "normal", "orthogonal", "pareto", "permutation", "poisson",
    "rademacher", "randint", "rayleigh", "stream", "student_t", "triangular", "truncated_normal", "uniform", "wald",
    "weibull",
]  # fmt: skip
