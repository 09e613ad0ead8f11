"""Rows of the ops that move elements: reshape, transpose and their kin, concat, stack, split."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon

from .row import BOOL, COMPLEXES, FLOATS, INTS, Row, case

EVERY = (*FLOATS, *INTS, *COMPLEXES, *BOOL)
MAIN = ("float32", "int32", "bfloat16", "bool", "complex64")


def several(function: Any) -> Any:
    """A function of a sequence of arrays, called with the arrays one by one."""

    def call(*arrays: Any, **kwargs: Any) -> Any:
        return function(arrays, **kwargs)

    return call


def transposed(x: Any, axes: Any = None) -> Any:
    return np.transpose(x, axes)


def shuffled(x: Any, pattern: Any) -> Any:
    """Theano's dimshuffle in NumPy: drop what the pattern leaves out, permute, add new axes."""
    kept = [p for p in pattern if p != "x"]
    x = np.squeeze(x, tuple(i for i in range(x.ndim) if i not in kept))
    x = np.transpose(x, np.argsort(np.argsort(kept)))
    return np.expand_dims(x, tuple(i for i, p in enumerate(pattern) if p == "x"))


ROWS = (
    Row(
        "reshape",
        theon.reshape,
        np.reshape,
        (
            case((), shape=(1, 1)),
            case((6,), shape=(2, 3)),
            case((2, 3), shape=(-1,)),
            case((2, 3, 4), shape=(4, -1, 2)),
            case((2, 0), shape=(0, 5)),
            case((1,), shape=()),
            case((2, 3), shape=6),
            case((4, 0), shape=(4, -1)),
        ),
        EVERY,
    ),
    Row("ravel", theon.ravel, np.ravel, (case(()), case((3,)), case((2, 3)), case((0, 2)), case((2, 1, 3))), MAIN),
    Row(
        "expand_dims",
        theon.expand_dims,
        np.expand_dims,
        (
            case((), axis=0),
            case((3,), axis=-1),
            case((2, 3), axis=1),
            case((2, 3), axis=(0, -1)),
            case((0,), axis=(1, 2)),
            case((2,), axis=()),
        ),
        MAIN,
    ),
    Row(
        "squeeze",
        theon.squeeze,
        np.squeeze,
        (
            case((1,), axis=0),
            case((1, 3), axis=0),
            case((2, 1, 3, 1), axis=(1, -1)),
            case((0, 1), axis=-1),
            case((2,), axis=()),
        ),
        MAIN,
    ),
    Row(
        "transpose",
        theon.transpose,
        transposed,
        (
            case(()),
            case((3,)),
            case((2, 3)),
            case((2, 3, 4)),
            case((2, 3, 4), axes=(1, 2, 0)),
            case((2, 3, 4), axes=(-1, 0, 1)),
            case((0, 3)),
        ),
        EVERY,
    ),
    Row(
        "permute_dims",
        theon.permute_dims,
        transposed,
        (
            case((), axes=()),
            case((3,), axes=(0,)),
            case((2, 3), axes=(1, 0)),
            case((2, 3, 4), axes=(2, 0, 1)),
            case((0, 3), axes=(-1, 0)),
        ),
        MAIN,
    ),
    Row(
        "matrix_transpose",
        theon.matrix_transpose,
        lambda x: np.swapaxes(x, -1, -2),
        (case((2, 3)), case((1, 1)), case((5, 2, 3)), case((0, 3)), case((2, 2, 3, 4))),
        MAIN,
    ),
    Row(
        "swapaxes",
        theon.swapaxes,
        np.swapaxes,
        (
            case((2, 3), axis1=0, axis2=1),
            case((2, 3, 4), axis1=0, axis2=-1),
            case((2, 3, 4), axis1=1, axis2=1),
            case((0, 3), axis1=-1, axis2=0),
            case((1, 2, 3, 4), axis1=3, axis2=1),
        ),
        MAIN,
    ),
    Row(
        "moveaxis",
        theon.moveaxis,
        np.moveaxis,
        (
            case((2, 3), source=0, destination=1),
            case((2, 3, 4), source=0, destination=-1),
            case((2, 3, 4), source=(0, 1), destination=(-1, 0)),
            case((2, 3, 4), source=(2,), destination=(0,)),
            case((0, 3), source=1, destination=0),
        ),
        MAIN,
    ),
    Row(
        "dimshuffle",
        lambda x, pattern: theon.dimshuffle(x, *pattern),
        shuffled,
        (
            case((), pattern=("x", "x")),
            case((3,), pattern=("x", 0)),
            case((2, 3), pattern=(1, "x", 0)),
            case((2, 1, 3), pattern=(2, 0)),
            case((0, 2), pattern=(1, 0, "x")),
        ),
        MAIN,
    ),
    Row(
        "broadcast_to",
        theon.broadcast_to,
        np.broadcast_to,
        (
            case((), shape=(2, 3)),
            case((3,), shape=(2, 3)),
            case((2, 1), shape=(2, 3)),
            case((1, 3, 1), shape=(4, 2, 3, 2)),
            case((1,), shape=0),
            case((2, 3), shape=(2, 3)),
        ),
        EVERY,
    ),
    Row(
        "concat",
        several(theon.concat),
        several(np.concatenate),
        (
            case((2,), (3,)),
            case((2, 3), (2, 1), (2, 0), axis=1),
            case((2, 3), (1, 3), axis=-2),
            case((2,), (1, 2), axis=None),
            case((0,), (0,)),
            case((2, 3)),
        ),
        MAIN,
    ),
    Row(
        "stack",
        several(theon.stack),
        several(np.stack),
        (
            case((), ()),
            case((3,), (3,), (3,)),
            case((2, 3), (2, 3), axis=1),
            case((2, 3), (2, 3), axis=-1),
            case((0,), (0,), axis=1),
        ),
        MAIN,
    ),
    Row(
        "split",
        theon.split,
        np.split,
        (
            case((6,), indices_or_sections=3),
            case((2, 4), indices_or_sections=2, axis=-1),
            case((5, 2), indices_or_sections=[1, 3]),
            case((5,), indices_or_sections=[3, 1, 9]),
            case((3, 0), indices_or_sections=3),
        ),
        MAIN,
        unknown=False,
    ),
)
