"""Terms of a sum that cancel, wherever in it they stand."""

import math

from ...graph.node import Node
from ...ops.arithmetic import abs
from ...ops.index import Index
from ...ops.moments import Mean, var
from ...ops.nn.activations import LogSumExp, log_softmax, softplus
from ...ops.powers import square
from ...ops.rest import exp_rest, log1p_rest, log_cosh, over_one_plus, sin_rest, tanh_rest
from ...ops.shape import ExpandDims, Reshape
from ...ops.special_gamma import betaln, digamma, gammaln
from ...ops.transcendental import atanh, exp, expm1, log, log1p, sin, tanh
from ..facts import positive
from ..sums import SumRule
from .guards import leads, picks_one, restores


def same_axes(x: Node, m: Mean, n: Mean) -> bool:
    return m == n and x.tensor.is_float


DIFFERENCES = (
    SumRule("exp(x) - 1 - x -> exp_rest(x)", lambda x: exp(x) - 1 - x, lambda x: exp_rest(x)),
    SumRule("expm1(x) - x -> exp_rest(x)", lambda x: expm1(x) - x, lambda x: exp_rest(x)),
    SumRule("exp(x) + ... - 1 -> expm1(x) + ...", lambda x: exp(x) - 1, lambda x: expm1(x)),
    SumRule("exp(x) - x -> 1 + exp_rest(x)", lambda x: exp(x) - x, lambda x: 1 + exp_rest(x)),
    SumRule(
        "exp(-x / y) + x / y -> 1 + exp_rest(-x / y)",
        lambda x, y: exp(-x / y) + x / y,
        lambda x, y: 1 + exp_rest(-x / y),
    ),
    SumRule("1 + exp_rest(x) - 1 -> exp_rest(x)", lambda x: 1 + exp_rest(x) - 1, lambda x: exp_rest(x)),
    SumRule(
        "2 * softplus(x) - x -> 2 * log_cosh(x / 2) + log(4)",
        lambda x: 2 * softplus(x) - x,
        lambda x: 2 * log_cosh(x * 0.5) + math.log(4),
    ),
    SumRule("x - log1p(x) -> log1p_rest(x)", lambda x: x - log1p(x), lambda x: log1p_rest(x)),
    SumRule("x - sin(x) -> sin_rest(x)", lambda x: x - sin(x), lambda x: sin_rest(x)),
    SumRule("x - tanh(x) -> tanh_rest(x)", lambda x: x - tanh(x), lambda x: tanh_rest(x)),
    SumRule("softplus(x) - x -> softplus(-x)", lambda x: softplus(x) - x, lambda x: softplus(-x)),
    SumRule("log1p(x) - log1p(-x) -> 2 * atanh(x)", lambda x: log1p(x) - log1p(-x), lambda x: 2 * atanh(x)),
    SumRule("log1p(x) - log(x) -> log1p(1 / x)", lambda x: log1p(x) - log(x), lambda x: log1p(1 / x)),
    SumRule(
        "gammaln(x) + gammaln(y) - gammaln(x + y) -> betaln(x, y)",
        lambda x, y: gammaln(x) + gammaln(y) - gammaln(x + y),
        lambda x, y: betaln(x, y),
        "needs x > 0 and y > 0",
        lambda x, y: positive(x) and positive(y),
    ),
    SumRule("gammaln(x + 1) - gammaln(x) -> log(abs(x))", lambda x: gammaln(x + 1) - gammaln(x), lambda x: log(abs(x))),
    SumRule(
        "(x + y)**2 - x**2 -> y * (x + y) + x * y",
        lambda x, y: square(x + y) - square(x),
        lambda x, y: y * (x + y) + x * y,
    ),
    SumRule("1 / x - 1 / (x + 1) -> 1 / x / (x + 1)", lambda x: 1 / x - 1 / (x + 1), lambda x: 1 / x / (x + 1)),
    SumRule("1 - 1 / (1 + x) -> over_one_plus(x)", lambda x: 1 - 1 / (1 + x), lambda x: over_one_plus(x)),
    SumRule("digamma(x + 1) - digamma(x) -> 1 / x", lambda x: digamma(x + 1) - digamma(x), lambda x: 1 / x),
    SumRule(
        "mean(x**2) - mean(x)**2 -> var(x)",
        lambda x, m, n: m(square(x)) - square(n(x)),
        lambda x, m, n: var(x, m.axes, m.keepdims),
        guard=same_axes,
        ops={"m": Mean, "n": Mean},
    ),
    SumRule(
        "x - logsumexp(x) -> log_softmax(x)",
        lambda x, s: x - s(x),
        lambda x, s: log_softmax(x, s.axes),
        guard=lambda x, s: x.tensor.is_float and leads(s.axes),
        ops={"s": LogSumExp},
    ),
    SumRule(
        "x - restore(logsumexp(x)) -> log_softmax(x)",
        lambda x, s, r: x - r(s(x)),
        lambda x, s, r: log_softmax(x, s.axes),
        guard=restores,
        ops={"s": LogSumExp, "r": (ExpandDims, Reshape)},
    ),
    SumRule(
        "logsumexp(x) - x[i] -> -log_softmax(x)[i]",
        lambda x, s, m: s(x) - m(x),
        lambda x, s, m: -m(log_softmax(x, s.axes)),
        guard=picks_one,
        ops={"s": LogSumExp, "m": Index},
    ),
    SumRule(
        "logsumexp(x) - x[i, j] -> -log_softmax(x)[i, j]",
        lambda x, s, m, i: s(x) - m(x, i),
        lambda x, s, m, i: -m(log_softmax(x, s.axes), i),
        guard=lambda x, s, m, i: picks_one(x, s, m),
        ops={"s": LogSumExp, "m": Index},
    ),
)
