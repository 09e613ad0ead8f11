"""Matrices of a pattern: constant along diagonals or antidiagonals, of a polynomial, and well-known ones of a size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...graph.errors import ArgumentError, DTypeError, require
from ...graph.node import Node, NodeLike, as_node, constant
from ...graph.types import as_dtype, complex_of, default_float_dtype, is_float, is_integer, kind_of
from ..creation import arange, eye, zeros_like
from ..elementwise import cast_to, common_dtype
from ..integers import bitwise_count
from ..join import concat
from ..shape import broadcast_to, expand_dims
from ..sizes import Blame, as_int, is_among, shape_of
from ..take import take
from .operands import conjugate, inexact

# --- of vectors --------------------------------------------------------------------------------------------------


def toeplitz(c: NodeLike, r: NodeLike | None = None) -> Node:
    """Matrices whose diagonals are constant: `c` is the first column, `r` the first row.

    Arguments: c, shape (..., m); r, shape (..., n), whose first element is not read (None: the conjugate of c);
    batches are equal; dtypes are promoted. Gives shape (..., m, n). Raises: ShapeError for a scalar.
    Source: SciPy `linalg.toeplitz`.

    >>> import theon
    >>> print(theon.linalg.toeplitz([1.0, 2.0, 3.0], [1.0, 5.0]).eval())
    [[1. 5.]
     [2. 1.]
     [3. 2.]]
    """
    column = as_node(c)
    row = conjugate(column) if r is None else as_node(r)
    with Blame("toeplitz", column, row):
        require(column.ndim > 0 and row.ndim > 0, "takes vectors, not scalars", "give it an axis with c[None]")
        dtype = common_dtype([column, row])
    m, n = shape_of(column)[-1], shape_of(row)[-1]
    if any(isinstance(size, int) and size == 0 for size in (m, n)):
        return zeros_like(expand_dims(cast_to(column, dtype), -1) * expand_dims(cast_to(row, dtype), -2))
    values = concat([cast_to(row, dtype)[..., :0:-1], cast_to(column, dtype)], axis=-1)
    if isinstance(m, int) and isinstance(n, int):
        return take(values, np.arange(m)[:, None] - np.arange(n) + (n - 1), axis=-1)
    return take(values, expand_dims(arange(m), 1) - expand_dims(arange(n), 0) + (n - 1), axis=-1)


def circulant(c: NodeLike) -> Node:
    """Square matrices whose first column is `c` and whose others are it, moved down one by one and around.

    Arguments: c, shape (..., n), any dtype. Gives shape (..., n, n). Raises: ShapeError for a scalar.
    Source: SciPy `linalg.circulant`.

    >>> import theon
    >>> print(theon.linalg.circulant([1.0, 2.0, 3.0]).eval())
    [[1. 3. 2.]
     [2. 1. 3.]
     [3. 2. 1.]]
    """
    column = as_node(c)
    with Blame("circulant", column):
        require(column.ndim > 0, "takes vectors, not scalars", "give it an axis with c[None]")
    return toeplitz(column, concat([column[..., :1], column[..., :0:-1]], axis=-1))


def hankel(c: NodeLike, r: NodeLike | None = None) -> Node:
    """Matrices whose antidiagonals are constant: `c` is the first column, `r` the last row.

    Arguments: c, shape (..., m); r, shape (..., n), whose first element is not read (None: zeros, as many as in c);
    batches are equal; dtypes are promoted. Gives shape (..., m, n). Raises: ShapeError for a scalar.
    Source: SciPy `linalg.hankel`.

    >>> import theon
    >>> print(theon.linalg.hankel([1.0, 2.0, 3.0], [0.0, 5.0]).eval())
    [[1. 2.]
     [2. 3.]
     [3. 5.]]
    """
    column = as_node(c)
    row = zeros_like(column) if r is None else as_node(r)
    with Blame("hankel", column, row):
        require(column.ndim > 0 and row.ndim > 0, "takes vectors, not scalars", "give it an axis with c[None]")
        common_dtype([column, row])
    return toeplitz(column[..., ::-1], row)[..., ::-1, :]


def companion(a: NodeLike) -> Node:
    """The matrices whose eigenvalues are the roots of polynomials.

    Arguments: a, shape (..., n), n at least 2: coefficients, that of the highest power first and not 0; float or
    complex (ints become the default float). Gives shape (..., n - 1, n - 1): ones below the diagonal, and the first row
    `-a[1:] / a[0]`. Raises: ShapeError for fewer coefficients. Source: SciPy `linalg.companion`.

    >>> import theon
    >>> print(theon.linalg.companion([2.0, -6.0, 4.0]).eval())
    [[ 3. -2.]
     [ 1.  0.]]
    """
    (node,) = inexact(a)
    with Blame("companion", node):
        known = node.dims[-1] if node.ndim else 0
        enough = known is None or isinstance(known, str) or known >= 2
        hint = "one for each power, the highest first"
        require(enough, f"takes two coefficients or more, received {node.type}", hint)
    row = expand_dims(-node[..., 1:] / node[..., :1], -2)
    *lead, n = shape_of(node)
    return concat([row, broadcast_to(eye(n - 2, n - 1, dtype=node.dtype), (*lead, n - 2, n - 1))], axis=-2)


# --- of a size ---------------------------------------------------------------------------------------------------


def _order(what: str, n: Any) -> int:
    with Blame(what):
        size = as_int(n, "the number of rows")
        require(size >= 0, f"the number of rows is not negative, received {size}", "give 0 or more", ArgumentError)
    return size


def hilbert(n: int, dtype: Any = None) -> Node:
    """The matrix of `1 / (i + j + 1)`, i and j from 0 on.

    Arguments: n, an int, the number of rows and columns; dtype, float, by default the default float.
    Raises: ArgumentError for a negative size, DTypeError for another dtype. Source: SciPy `linalg.hilbert`.

    >>> import theon
    >>> print(theon.linalg.hilbert(2).eval())
    [[1.         0.5       ]
     [0.5        0.33333334]]
    """
    size, wanted = _order("hilbert", n), default_float_dtype() if dtype is None else as_dtype(dtype)
    with Blame("hilbert"):
        require(is_float(wanted), f"makes floats, not {wanted}", "convert with .astype", DTypeError)
    steps = arange(size)
    return 1 / cast_to(expand_dims(steps + 1, 1) + steps, wanted)


def hadamard(n: int, dtype: Any = "int32") -> Node:
    """Sylvester's matrix of ones and minus ones whose rows are orthogonal.

    Arguments: n, an int, a power of 2: the number of rows and columns; dtype, of numbers with a sign.
    Raises: ArgumentError where n is no power of 2, DTypeError for a dtype without a sign.
    Source: SciPy `linalg.hadamard`.

    >>> import theon
    >>> print(theon.linalg.hadamard(2).eval())
    [[ 1  1]
     [ 1 -1]]
    """
    size, wanted = _order("hadamard", n), as_dtype(dtype)
    with Blame("hadamard"):
        require(size.bit_count() == 1, f"the number of rows is {size}", "use a power of 2", ArgumentError)
        signed = kind_of(wanted) not in ("bool", "uint")
        require(signed, f"makes numbers with a sign, not {wanted}", "use another dtype", DTypeError)
    steps = arange(size)
    odd = bitwise_count(expand_dims(steps, 1) & steps) & 1
    return 1 - 2 * cast_to(odd, wanted)


def pascal(n: int, kind: str = "symmetric", dtype: Any = None) -> Node:
    """The matrix of binomial coefficients: `comb(i + j, i)`, or `comb(i, j)` in one triangle.

    Arguments: n, an int, the number of rows and columns; kind, "symmetric", "lower" or "upper"; dtype, by default the
    default float. Each is made of the whole number; what a float dtype does not have is inf.
    Raises: ArgumentError for a negative size, for another kind, and where an int dtype has no such number.
    Source: SciPy `linalg.pascal` (which gives uint64 where it can).

    >>> import theon
    >>> print(theon.linalg.pascal(3, dtype="int32").eval())
    [[1 1 1]
     [1 2 3]
     [1 3 6]]
    """
    size, wanted = _order("pascal", n), default_float_dtype() if dtype is None else as_dtype(dtype)
    with Blame("pascal"):
        kinds = ("symmetric", "lower", "upper")
        require(is_among(kind, kinds), f"there is no kind {kind!r}", f"use one of {kinds}", ArgumentError)
        values = [math.comb(i + j if kind == kinds[0] else i, j) for i in range(size) for j in range(size)]
        largest = max(values, default=0)
        fits = not is_integer(wanted) or largest <= np.iinfo(wanted).max
        require(fits, f"its largest number is {largest}, more than {wanted} has", "use a float dtype", ArgumentError)
    if is_integer(wanted):
        found = np.array(values, wanted)
    else:
        with np.errstate(over="ignore"):
            found = np.array([float(v) if v < 2**1023 else math.inf for v in values]).astype(wanted)
    found = found.reshape(size, size)
    return constant(found.T if kind == "upper" else found)


def dft(n: int, scale: str | None = None, dtype: Any = None) -> Node:
    """The matrix of the discrete Fourier transform: `dft(n) @ x == fft(x)`.

    Arguments: n, an int, the number of rows and columns; scale, None, "sqrtn" (which makes it unitary) or "n": what it
    is divided by; dtype, complex, by default that of the default float.
    Raises: ArgumentError for a negative size or another scale, DTypeError for another dtype.
    Source: SciPy `linalg.dft`.

    >>> import theon
    >>> print(theon.real(theon.linalg.dft(2)).eval())
    [[ 1.  1.]
     [ 1. -1.]]
    """
    size = _order("dft", n)
    wanted = complex_of(default_float_dtype()) if dtype is None else as_dtype(dtype)
    factors = {None: 1.0, "sqrtn": math.sqrt(max(size, 1)), "n": float(max(size, 1))}
    with Blame("dft"):
        require(is_among(scale, factors), f"there is no scale {scale!r}", 'use None, "sqrtn" or "n"', ArgumentError)
        require(kind_of(wanted) == "complex", f"makes complex numbers, not {wanted}", "use complex64", DTypeError)
    roots = np.exp(-2j * np.pi * np.arange(size) / max(size, 1)) / factors[scale]
    steps = arange(size)
    return take(constant(roots, wanted), expand_dims(steps, 1) * steps % max(size, 1), axis=0)


__all__ = ["circulant", "companion", "dft", "hadamard", "hankel", "hilbert", "pascal", "toeplitz"]
