"""Rows of the activations and losses."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

import theon

from .row import (
    EDGE,
    EDGES,
    FLOATS,
    INTS,
    REALS,
    UNARY,
    Row,
    Special,
    as_array,
    case,
    floating,
    integers,
    normal,
    uniform,
)

ALONG = (
    case((3,)),
    case((2, 3)),
    case((2, 3), axis=0),
    case((2, 3, 4), axis=(0, -1)),
    case((2, 3), axis=None),
    case((0, 3)),
    case((2, 1)),
)
# Rows that overflow naive formulas, and rows with infinities; the last has no finite answer for a softmax.
FAR = ([[-200.0, 0.0, 200.0], [1e4, -1e4, 1e4], [-np.inf, 0.0, 1.0], [3e38, -3e38, 0.0]],)


def probabilities(rng: np.random.Generator, shape: Any, dtype: str) -> Any:
    """Rows that sum to 1 along the last axis; class numbers for int dtypes."""
    if dtype.startswith(("int", "uint")):
        return integers(0, 3)(rng, shape, dtype)
    raw = rng.uniform(0.1, 1.0, shape)
    return as_array(raw / raw.sum(-1, keepdims=True), dtype)


def of_any_size(function: Any) -> Any:
    """SciPy's function, and nothing of nothing, which SciPy refuses."""

    def call(x: Any, axis: Any = -1) -> Any:
        return function(x, axis=axis) if x.size else x

    return call


def logmeanexp(x: Any, axis: Any = -1, keepdims: bool = False) -> Any:
    count = x.size if axis is None else np.prod([x.shape[a] for a in np.atleast_1d(axis)])
    return scipy.special.logsumexp(x, axis=axis, keepdims=keepdims) - np.log(count)


def reduced(loss: Any, reduction: str) -> Any:
    return loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()


def cross_entropy(logits: Any, labels: Any, axis: int = -1, reduction: str = "mean") -> Any:
    logs = scipy.special.log_softmax(logits, axis)
    if labels.ndim < logits.ndim:
        return reduced(-np.take_along_axis(logs, np.expand_dims(labels, axis), axis).squeeze(axis), reduction)
    return reduced(-(logs * labels).sum(axis), reduction)


def binary_cross_entropy(logits: Any, labels: Any, reduction: str = "mean") -> Any:
    return reduced(np.logaddexp(0, -logits) * labels + np.logaddexp(0, logits) * (1 - labels), reduction)


def mean_squared_error(predictions: Any, targets: Any, reduction: str = "mean") -> Any:
    return reduced((predictions - targets) ** 2, reduction)


def one_hot(labels: Any, num_classes: int, axis: int = -1, dtype: str = "float32") -> Any:
    table = np.eye(num_classes + 1, num_classes, dtype=dtype)  # the extra row, for labels outside, is zeros
    inside = (labels >= 0) & (labels < num_classes)
    return np.moveaxis(table[np.where(inside, labels, num_classes)], -1, axis)


PAIRS = (
    case((3,), (3,)),
    case((2, 3), (2, 3)),
    case((), ()),
    case((2, 3), (2, 3), reduction="sum"),
    case((2, 0), (2, 0), reduction="none"),
    case((2, 3), (2, 3), reduction="none"),
)
LABELS = tuple((dtype, labels) for dtype, labels in zip((*FLOATS, *FLOATS), INTS, strict=True))


def of_logits(logits: str, labels: str) -> str:
    """The dtype of a loss: ints take the dtype of the logits."""
    return logits if labels in (*INTS, "bool") else floating(logits, labels)


ROWS = (
    Row(
        "nn.relu",
        theon.nn.relu,
        lambda x: np.maximum(x, 0),
        UNARY,
        REALS,
        special=EDGE,
    ),
    Row(
        "nn.softplus",
        theon.nn.softplus,
        lambda x: np.logaddexp(x, 0),
        UNARY,
        (*FLOATS, "int32", "bool"),
        uniform(-6, 6),
        floating,
        special=(Special((EDGES,)), Special(([-200.0, -80.0, -20.0, 20.0, 200.0],))),
    ),
    Row(
        "nn.softmax",
        theon.nn.softmax,
        of_any_size(scipy.special.softmax),
        ALONG,
        (*FLOATS, "int32", "bool"),
        gives=floating,
        special=(Special(FAR),),
    ),
    Row(
        "nn.log_softmax",
        theon.nn.log_softmax,
        of_any_size(scipy.special.log_softmax),
        ALONG,
        (*FLOATS, "int32", "bool"),
        gives=floating,
        special=(Special(([[-200.0, 0.0, 200.0], [1e4, -1e4, 1e4], [-np.inf, 0.0, 1.0]],)),),
    ),
    Row(
        "logsumexp",
        theon.logsumexp,
        lambda x, axis=-1, keepdims=False: scipy.special.logsumexp(x, axis=axis, keepdims=keepdims),
        (
            case((), axis=None),
            case((3,)),
            case((2, 3), axis=0),
            case((2, 3), keepdims=True),
            case((2, 3, 4), axis=(0, -1), keepdims=True),
            case((2, 3), axis=None),
            case((0, 3)),
        ),
        (*FLOATS, "int32", "bool"),
        gives=floating,
        special=(
            Special(FAR),
            Special(([[-np.inf, -np.inf], [np.inf, np.inf], [np.inf, -np.inf], [np.nan, 1.0], [np.inf, 1.0]],)),
        ),
        aliases=("nn.logsumexp",),
    ),
    Row(
        "logmeanexp",
        theon.logmeanexp,
        logmeanexp,
        (
            case((), axis=None),
            case((3,)),
            case((2, 3), axis=0),
            case((2, 3), keepdims=True),
            case((2, 3, 4), axis=(0, -1), keepdims=True),
            case((2, 3), axis=None),
            case((0, 3)),
        ),
        ("float32", "float64", "bfloat16", "int32"),
        gives=floating,
        special=(
            Special(FAR),
            Special(([[-np.inf, -np.inf], [np.inf, np.inf], [np.inf, -np.inf], [np.nan, 1.0], [np.inf, 1.0]],)),
        ),
        aliases=("nn.logmeanexp",),
    ),
    Row(
        "nn.cross_entropy",
        theon.nn.cross_entropy,
        cross_entropy,
        (
            case((3,), ()),
            case((4, 3), (4,)),
            case((2, 3, 4), (2, 4), axis=1),
            case((4, 3), (4,), reduction="sum"),
            case((4, 3), (4,), reduction="none"),
            case((0, 3), (0,), reduction="sum"),
        ),
        (("float32", "int32"), *LABELS),
        (normal, probabilities),
        of_logits,
    ),
    Row(
        "nn.cross_entropy",
        theon.nn.cross_entropy,
        cross_entropy,
        (
            case((3,), (3,)),
            case((4, 3), (4, 3)),
            case((2, 3, 4), (2, 3, 4), axis=1),
            case((4, 3), (4, 3), reduction="sum"),
            case((4, 3), (4, 3), reduction="none"),
            case((0, 3), (0, 3), reduction="sum"),
        ),
        (*FLOATS, ("float32", "int32"), ("float64", "float32")),
        (normal, probabilities),
        of_logits,
    ),
    Row(
        "nn.binary_cross_entropy",
        theon.nn.binary_cross_entropy,
        binary_cross_entropy,
        PAIRS,
        (*FLOATS, ("float32", "bool"), ("float32", "int8")),
        (normal, uniform(0, 1)),
        of_logits,
        special=(Special(([-1e4, 1e4, 20.0, -20.0], [1.0, 0.0, 1.0, 0.0]), {"reduction": "none"}),),
    ),
    Row(
        "nn.mean_squared_error",
        theon.nn.mean_squared_error,
        mean_squared_error,
        PAIRS,
        (*FLOATS, ("float32", "int32"), ("int32", "float64")),
        gives=of_logits,
    ),
    Row(
        "nn.one_hot",
        theon.nn.one_hot,
        one_hot,
        (
            case((), num_classes=3),
            case((4,), num_classes=3),
            case((2, 3), num_classes=2, axis=0),
            case((2, 3), num_classes=4, axis=1, dtype="int32"),
            case((0,), num_classes=2),
            case((2,), num_classes=0, dtype="bool"),
        ),
        ("int32", *INTS[1:]),
        uniform(0, 5),
        gives=None,
        differentiable=False,
    ),
)
