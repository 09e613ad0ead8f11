"""Building blocks of networks: activations, losses, dropout."""

from .activations import log_softmax, logsumexp, relu, softmax, softplus
from .losses import binary_cross_entropy, cross_entropy, mean_squared_error, one_hot

__all__ = [
    "binary_cross_entropy",
    "cross_entropy",
    "log_softmax",
    "logsumexp",
    "mean_squared_error",
    "one_hot",
    "relu",
    "softmax",
    "softplus",
]
