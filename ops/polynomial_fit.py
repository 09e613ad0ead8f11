"""Polynomials and their roots, and polynomials through points, by linear algebra. Coefficients as in `polynomials`."""

from __future__ import annotations

from typing import Any

from ..graph.dims import may_equal
from ..graph.errors import ArgumentError, require
from ..graph.node import Node, NodeLike, as_node, constant
from ..graph.types import complex_of, kind_of, limits, real_of
from .arithmetic import abs
from .comparison import real
from .creation import eye, full
from .elementwise import cast_to
from .grids import vander
from .index import getitem
from .join import concat
from .linear_algebra.operands import inexact
from .linear_algebra.orthogonal import lstsq
from .linear_algebra.products import outer
from .linear_algebra.solve import inv
from .linear_algebra.spectral import eigvals
from .polynomials import check_leading, vector
from .reduce import sum
from .shape import expand_dims, matrix_transpose
from .sizes import Blame, as_int, shape_of
from .transcendental import sqrt


def poly(seq_of_zeros: NodeLike) -> Node:
    """The polynomial with given roots, or the characteristic one of a square matrix; its first coefficient is 1.

    Arguments: seq_of_zeros, a vector of roots or a matrix (n, n), of known length n; ints become the default float.
    Gives n + 1 coefficients, complex ones for complex roots, even where these are conjugate pairs. A matrix is taken by
    its eigenvalues, on CPU only. Raises: ShapeError for other shapes or an unknown length. Source: NumPy `poly`.

    >>> import theon
    >>> print(theon.poly([1.0, 2.0]).eval())
    [ 1. -3.  2.]
    """
    (node,) = inexact(seq_of_zeros)
    square = node.ndim == 2 and may_equal(*node.dims)
    with Blame("poly", node):
        fits = node.ndim < 2 or square
        require(fits, f"takes a vector or a square matrix, received {node.tensor}", "use theon.vectorize for many")
        known = node.ndim == 0 or any(isinstance(length, int) for length in node.dims)
        require(known, "the number of roots is not known", "declare the length")
    roots_ = eigvals(node) if square else vector("poly", node)
    found = full((1,), 1, roots_.dtype)
    for i in range(roots_.sizes[0]):
        end = full((1,), 0, found.dtype)
        found = concat([found, end]) - getitem(roots_, i) * concat([end, found])
    return real(found) if square and kind_of(node.dtype) == "float" else found


def roots(p: NodeLike) -> Node:
    """The roots of a polynomial, complex, in the order of the eigenvalues of its companion matrix; on CPU only.

    Arguments: p, a vector of n coefficients or a scalar, n known, of which the first is not 0; ints become the default
    float. Gives n - 1 roots. The gradient is that of the eigenvalues: none where two roots are equal.
    Raises: ShapeError for more axes or an unknown length, ArgumentError where the first coefficient is a constant 0; at
    run time it gives nan. Source: NumPy `roots`.

    >>> import theon
    >>> print(theon.round(theon.sort(theon.real(theon.roots([1.0, -3.0, 2.0]))), 3).eval())
    [1. 2.]
    """
    node = as_node(p)
    check_leading("roots", node)
    (found,) = inexact(node)
    found = vector("roots", found)
    degree = found.sizes[0] - 1
    if degree < 1:
        return full((0,), 0, complex_of(found.dtype))
    row = expand_dims(-getitem(found, slice(1, None)) / getitem(found, 0), 0)
    return eigvals(concat([row, eye(degree - 1, degree, dtype=found.dtype)]))


def polyfit(
    x: NodeLike,
    y: NodeLike,
    deg: int,
    rcond: float | None = None,
    full: bool = False,
    w: NodeLike | None = None,
    cov: bool | str = False,
) -> Any:
    """The polynomial of a degree that comes nearest to points, by the sum of squared distances.

    Arguments: x, a vector (m,); y, shape (m,), or (m, k) for k polynomials; deg, the degree; rcond, a share of the
    largest singular value: others up to it count as 0 (m times the dtype's eps by default); full, whether to give
    beside the coefficients the sums of squared distances, shape () or (k,), the rank, the singular values and rcond; w,
    what each distance is multiplied by, shape (m,); cov, whether to give the coefficients' covariances, (deg + 1, deg +
    1) or (deg + 1, deg + 1, k), by the distances' own scale, or "unscaled", for weights that are one over the standard
    deviations. Gives coefficients (deg + 1,) or (deg + 1, k). The gradient holds where the rank does not change.
    Raises: ShapeError where sizes do not fit, ArgumentError for a negative degree or too few points for `cov`.
    Source: NumPy `polyfit`.

    >>> import theon
    >>> print(theon.round(theon.polyfit([0.0, 1.0, 2.0], [1.0, 3.0, 5.0], 1), 3).eval())
    [2. 1.]
    """
    at, values, *weights = inexact(x, y, *(() if w is None else (w,)))
    with Blame("polyfit", at, values, *weights):
        order = as_int(deg, "the degree") + 1
        require(order > 0, f"there is no polynomial of degree {deg}", "use 0 or more", ArgumentError)
        require(at.ndim == 1, f"x is a vector, received {at.ndim} axes", "flatten with theon.ravel")
        require(values.ndim in (1, 2), f"y has one axis or two, received {values.ndim}", "one column per polynomial")
        many = at.dims[0]
        require(many != 0, "there are no points", "give one at least")
        for what, other in (("y", values), *(("w", weight) for weight in weights)):
            require(may_equal(many, other.dims[0]), f"x has {many} points, {what} has {other.dims[0]}", "use as many")
        require(all(weight.ndim == 1 for weight in weights), "w is a vector", "give one weight per point")
        enough = cov in (False, "unscaled") or not isinstance(many, int) or many > order
        message = f"{many} points leave no distances to scale the covariance of {order} coefficients by"
        require(enough, message, 'give more, or use cov="unscaled"', ArgumentError)
    columns, wide = vander(at, order), values
    for weight in weights:
        columns, wide = columns * expand_dims(weight, 1), wide * (weight if wide.ndim == 1 else expand_dims(weight, 1))
    sizes = abs(columns) if kind_of(columns.dtype) == "complex" else columns
    scale = cast_to(sqrt(sum(sizes * sizes, axis=0)), columns.dtype)
    columns = columns / scale
    found = lstsq(columns, wide, rcond)
    fitted = found.x / (scale if wide.ndim == 1 else expand_dims(scale, 1))
    if full:
        dtype = real_of(at.dtype)
        eps = limits(dtype).eps
        share = cast_to(as_node(shape_of(at)[0]), dtype) * eps if rcond is None else constant(rcond, dtype)
        return fitted, found.residuals, found.rank, found.s, share
    if not cov:
        return fitted
    base = inv(matrix_transpose(columns) @ columns) / outer(scale, scale)
    if cov == "unscaled":
        return fitted, base
    spread = found.residuals / (shape_of(at)[0] - order)
    return fitted, base * spread if wide.ndim == 1 else expand_dims(base, 2) * spread


__all__ = ["poly", "polyfit", "roots"]
