"""Building blocks of networks: activations, convolutions, pools, losses, dropout."""

from ..transcendental import sigmoid
from .activations import log_softmax, logmeanexp, logsumexp, relu, softmax, softplus
from .conv import conv
from .dropout import dropout
from .losses import binary_cross_entropy, cross_entropy, mean_squared_error, one_hot
from .pool import avg_pool, max_pool

__all__ = [
    "avg_pool",
    "binary_cross_entropy",
    "conv",
    "cross_entropy",
    "dropout",
    "log_softmax",
    "logmeanexp",
    "logsumexp",
    "max_pool",
    "mean_squared_error",
    "one_hot",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
]
