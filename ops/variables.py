"""Declared inputs: `tensor`, and the constructors by rank and dtype that Theano's users know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..graph.dims import Dim
from ..graph.errors import ArgumentError, TheonError, report
from ..graph.node import Node, new_input
from ..graph.types import TensorType, as_dtype, default_float_dtype
from ..graph.where import here

_RANKS = {"scalar": 0, "vector": 1, "matrix": 2, "tensor3": 3, "tensor4": 4}
_PREFIXES = {"i": "int32", "l": "int64", "f": "float32", "d": "float64"}


def tensor(name: str | None = None, shape: Sequence[Dim] = (), dtype: Any = None, *, static: bool = False) -> Node:
    """Declare an input.

    Arguments: name, its label and keyword; shape, ints, names (`"batch"`: the same name is the same size at each call)
    or None (any size); dtype, by default float32 (see `default_float`); static, for a 0-d bool or number that decides
    shapes or branches: its value is part of the signature, so each new value compiles anew.
    Raises: ArgumentError for a malformed shape, DTypeError for an unknown dtype. Source: Theano `tensor`.

    >>> import theon
    >>> theon.tensor("x", shape=("batch", 784))
    <x : float32[batch, 784]>
    """
    if name is not None and not isinstance(name, str):
        raise _malformed("a name is a string", name, 'for example theon.tensor("x", shape=(None, 3))')
    one = shape is None or isinstance(shape, (int, str, np.integer))
    if not one and (isinstance(shape, Node) or not isinstance(shape, Iterable)):
        raise _malformed("a shape is a sequence of dims", shape, 'for example shape=("batch", 784)')
    dims = tuple(_dim(dim) for dim in ([shape] if one else shape))
    if static and dims:
        raise _malformed("a static input is 0-dimensional", shape, "leave static=True out, or the shape")
    wanted = default_float_dtype() if dtype is None else as_dtype(dtype)
    return new_input(TensorType(wanted, dims), name, static)


def _dim(dim: Any) -> Dim:
    """A dim as declared; ArgumentError for what is none."""
    if dim is None or isinstance(dim, str):
        return dim
    if isinstance(dim, (int, np.integer)) and not isinstance(dim, bool) and dim >= 0:
        return int(dim)
    raise _malformed("a dim is an int of at least 0, a name or None", dim, 'for example shape=("batch", 784)')


def _malformed(what: str, received: object, hint: str) -> TheonError:
    return report(ArgumentError, f"tensor: {what}", where=here(), received=repr(received)[:80], hint=hint)


def _constructor(rank_name: str, prefix: str) -> Callable[..., Node]:
    rank, fixed = _RANKS[rank_name], _PREFIXES.get(prefix)

    def declare(name: str | None = None, *, dtype: Any = None, static: bool = False) -> Node:
        return tensor(name, (None,) * rank, dtype if dtype is not None else fixed, static=static)

    declare.__name__ = declare.__qualname__ = prefix + rank_name
    what = f"{rank}-dimensional {fixed or 'float32 (or `default_float`)'}"
    declare.__doc__ = (
        f"Declare a {what} input of any shape; see `tensor`. Raises, Source: see `tensor`.\n\n"
        f">>> import theon\n>>> theon.{prefix}{rank_name}('x')\n<x : {fixed or 'float32'}[{', '.join('?' * rank)}]>\n"
    )
    return declare


scalar, vector, matrix, tensor3, tensor4 = (_constructor(rank, "") for rank in _RANKS)
iscalar, ivector, imatrix, itensor3, itensor4 = (_constructor(rank, "i") for rank in _RANKS)
lscalar, lvector, lmatrix, ltensor3, ltensor4 = (_constructor(rank, "l") for rank in _RANKS)
fscalar, fvector, fmatrix, ftensor3, ftensor4 = (_constructor(rank, "f") for rank in _RANKS)
dscalar, dvector, dmatrix, dtensor3, dtensor4 = (_constructor(rank, "d") for rank in _RANKS)
