"""Rows of the products of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

import theon

from .row import COMPLEXES, FLOATS, INTS, Row, case

NUMBERS = (*FLOATS, *INTS, *COMPLEXES, ("int32", "float32"), ("float32", "float64"), ("bfloat16", "float16"))


def in_operand_ints(function: Any) -> Any:
    """Products of bools count in int32."""

    def call(*arrays: Any, **kwargs: Any) -> Any:
        return function(*(a.astype("int32") if a.dtype == bool else a for a in arrays), **kwargs)

    return call


def summed(*arrays: Any, subscripts: str) -> Any:
    return np.einsum(subscripts, *arrays)


ROWS = (
    Row(
        "matmul",
        theon.matmul,
        np.matmul,
        (
            case((3,), (3,)),
            case((2, 3), (3, 4)),
            case((2, 3), (3,)),
            case((3,), (3, 4)),
            case((5, 2, 3), (3, 4)),
            case((2, 3), (5, 3, 4)),
            case((5, 2, 3), (5, 3, 4)),
            case((1, 2, 3), (5, 3, 4)),
            case((5, 1, 2, 3), (6, 3, 4)),
            case((2, 1, 2, 3), (2, 1, 3, 2)),
            case((3,), (5, 3, 4)),
            case((0, 3), (3, 2)),
            case((2, 0), (0, 3)),
        ),
        NUMBERS,
        ulps=16,
    ),
    Row(
        "dot",
        theon.dot,
        np.dot,
        (
            case((), (2,)),
            case((3,), (3,)),
            case((2, 3), (3, 4)),
            case((2, 2, 3), (4, 3, 5)),
            case((2, 3), (3,)),
            case((0,), (0,)),
        ),
        NUMBERS,
        ulps=16,
    ),
    Row(
        "tensordot",
        theon.tensordot,
        np.tensordot,
        (
            case((2, 3, 4), (3, 4, 5)),
            case((2, 3, 4), (4, 3, 5), axes=([1, 2], [1, 0])),
            case((2, 3), (4,), axes=0),
            case((2, 3), (4, 2), axes=(0, -1)),
            case((2, 0), (0, 3), axes=1),
            case((2, 3), (2, 3)),
        ),
        NUMBERS,
        ulps=16,
    ),
    Row(
        "einsum",
        lambda *arrays, subscripts: theon.einsum(subscripts, *arrays),
        summed,
        (
            case((2, 3), (3, 4), subscripts="ij,jk->ik"),
            case((2, 3), (4, 2), subscripts="ba,cb"),
            case((3, 3), subscripts="ii"),
            case((3, 2, 3), subscripts="iji->ij"),
            case((2, 3), subscripts="ij->ji"),
            case((5, 2, 3), (1, 3, 4), subscripts="...ij,...jk->...ik"),
            case((2, 3, 4, 5), (2, 3, 6, 5), subscripts="bhqd,bhkd->bhqk"),
            case((2, 3), (3, 4), (4, 5), subscripts="ij,jk,kl->il"),
            case((2, 3), (1, 4), subscripts="ij,jk->ik"),
            case((4, 3), (1, 3), subscripts="ij,ij->i"),
            case((3, 3, 2), (2, 4), (4,), subscripts="iij,jk,k->ik"),
            case((2, 3), (4, 5), subscripts="ij,kl->"),
            case((), (2,), subscripts=",i->i"),
            case((0, 3), (3, 2), subscripts="ij,jk->k"),
            case((2, 1), (1, 3), (2, 3), subscripts="ij,ij,ij->j"),
        ),
        (*COMPLEXES, *FLOATS, "int32", "int8", "uint16"),
        ulps=32,
    ),
)
