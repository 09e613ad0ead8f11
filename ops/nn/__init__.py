"""Building blocks of networks: activations, losses, dropout."""

from ..transcendental import sigmoid
from .activations import log_softmax, logsumexp, relu, softmax, softplus
from .dropout import dropout
from .losses import binary_cross_entropy, cross_entropy, mean_squared_error, one_hot

__all__ = [
    "binary_cross_entropy",
    "cross_entropy",
    "dropout",
    "log_softmax",
    "logsumexp",
    "mean_squared_error",
    "one_hot",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
]
