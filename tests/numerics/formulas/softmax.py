"""Softmax and its family, with the label picked in all the usual ways."""

from ..grid import LABEL, LOGITS, TEMPERATURE, VECTOR
from ..row import Row

ROWS = (
    Row("softmax, one entry", lambda m, x: (m.exp(x) / m.sum(m.exp(x)))[0], (LOGITS,)),
    Row("softmax, label picked", lambda m, x, y: m.exp(x)[y] / m.sum(m.exp(x)), (LOGITS, LABEL)),
    Row("log of a softmax", lambda m, x: m.log(m.exp(x) / m.sum(m.exp(x)))[1], (LOGITS,)),
    Row("log of a softmax's entry", lambda m, x: -m.log((m.exp(x) / m.sum(m.exp(x)))[0]), (LOGITS,)),
    Row("log of a quotient of picks", lambda m, x: -m.log(m.exp(x[2]) / m.sum(m.exp(x))), (LOGITS,)),
    Row(
        "cross-entropy, [arange, y]",
        lambda m, x, y: (
            -m.log(
                (m.exp(m.reshape(x, (1, 4))) / m.sum(m.exp(m.reshape(x, (1, 4))), axis=1, keepdims=True))[
                    m.arange(1), m.reshape(y, (1,))
                ]
            )[0]
        ),
        (LOGITS, LABEL),
    ),
    Row(
        "cross-entropy, one-hot product",
        lambda m, x, y: -m.sum(m.one_hot(y, 4) * m.log(m.exp(x) / m.sum(m.exp(x)))),
        (LOGITS, LABEL),
    ),
    Row(
        "cross-entropy, log of a one-hot product",
        lambda m, x, y: -m.log(m.sum(m.one_hot(y, 4) * (m.exp(x) / m.sum(m.exp(x))))),
        (LOGITS, LABEL),
    ),
    Row(
        "cross-entropy, take_along_axis",
        lambda m, x, y: -m.log(m.take_along_axis(m.exp(x) / m.sum(m.exp(x)), m.reshape(y, (1,)), 0))[0],
        (LOGITS, LABEL),
    ),
    Row("cross-entropy as a difference", lambda m, x, y: m.log(m.sum(m.exp(x))) - x[y], (LOGITS, LABEL)),
    Row("logsumexp", lambda m, x: m.log(m.sum(m.exp(x))), (LOGITS,)),
    Row("log-mean-exp", lambda m, x: m.log(m.mean(m.exp(x))), (LOGITS,)),
    Row("log-mean-exp, divided", lambda m, x: m.log(m.sum(m.exp(x)) / 4), (LOGITS,)),
    Row("logsumexp, shifted by hand", lambda m, x: m.max(x) + m.log(m.sum(m.exp(x - m.max(x)))), (LOGITS,)),
    Row(
        "softmax, shifted by hand",
        lambda m, x: m.log((m.exp(x - m.max(x)) / m.sum(m.exp(x - m.max(x))))[3]),
        (LOGITS,),
    ),
    Row("log-sum of negatives", lambda m, x: -m.log(m.sum(m.exp(-x))), (LOGITS,)),
    Row("softmin", lambda m, x: (m.exp(-x) / m.sum(m.exp(-x)))[1], (LOGITS,)),
    Row(
        "softmax with a temperature",
        lambda m, x, t: m.log((m.exp(x / t) / m.sum(m.exp(x / t)))[0]),
        (LOGITS, TEMPERATURE),
    ),
    Row("smooth maximum", lambda m, x, t: t * m.log(m.sum(m.exp(x / t))), (LOGITS, TEMPERATURE)),
    Row("Boltzmann average", lambda m, x: m.sum(x * m.exp(x)) / m.sum(m.exp(x)), (LOGITS,)),
    Row(
        "softmax's entropy",
        lambda m, x: -m.sum((m.exp(x) / m.sum(m.exp(x))) * m.log(m.exp(x) / m.sum(m.exp(x)))),
        (LOGITS,),
    ),
    Row(
        "InfoNCE",
        lambda m, x: -m.log(m.exp(x[0]) / (m.exp(x[0]) + m.sum(m.exp(x[1:])))),
        (LOGITS,),
    ),
    Row("sum of three exponentials", lambda m, x: m.log(m.exp(x[0]) + m.exp(x[1]) + m.exp(x[2])), (LOGITS,)),
    Row("product of sigmoids", lambda m, x: m.log(m.prod(m.sigmoid(x))), (LOGITS,)),
    Row("noisy or", lambda m, x: m.log(1 - m.prod(m.sigmoid(-x))), (LOGITS,)),
    Row("log of a sum of squares", lambda m, x: m.log(m.sum(x**2)), (VECTOR,)),
)
