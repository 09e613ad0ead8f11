"""Polynomials as vectors of their coefficients, the highest power first. Lengths are known at declaration, but where
they are said not to need it; a first coefficient may be 0, and results are not shortened for it.
"""

from __future__ import annotations

from typing import Any

from ..graph.dims import may_equal, same_dim
from ..graph.errors import ArgumentError, require
from ..graph.node import Node, NodeLike, as_node, const_value
from ..graph.storage import is_stored, not_computed
from ..graph.types import BOOL, INT32
from .arithmetic import add, subtract
from .creation import arange, full, zeros_like
from .elementwise import cast_to, common_dtype, nodes_of, operands
from .folds import foldl
from .index import getitem, inc_subtensor
from .join import concat, stack
from .linear_algebra.operands import inexact
from .shape import broadcast_to, reshape
from .signal import convolve
from .sizes import Blame, as_int, shape_of

UNROLLED = 32  # steps of a loop that are written out


def _numbers(what: str, *values: NodeLike) -> list[Node]:
    """Values in the dtype that they promote to; bools count as int32."""
    items = operands(values)
    with Blame(what, *nodes_of(items)):
        dtype = common_dtype(items)
        if is_stored(dtype):
            raise not_computed(dtype)
    return [cast_to(item, INT32 if dtype == BOOL else dtype) for item in items]


def vector(what: str, p: Node, known: bool = True) -> Node:
    """Coefficients as a vector, which a scalar is one of; of known length."""
    with Blame(what, p):
        require(p.ndim <= 1, f"takes a vector of coefficients, received {p.ndim} axes", "use theon.vectorize for many")
        length = p.dims[0] if p.ndim else 1
        require(not known or isinstance(length, int), "the number of coefficients is not known", "declare the length")
    return p if p.ndim else reshape(p, (1,))


def check_leading(what: str, p: Node) -> None:
    """Raise where the first coefficient is a constant 0, by which is to be divided."""
    value = const_value(p)
    with Blame(what, p):
        zero = value is not None and value.size > 0 and value.flat[0] == 0
        require(not zero, "the first coefficient is 0", "leave it out", ArgumentError)


# --- Values, sums and products ----------------------------------------------------------------------------------------


def polyval(p: NodeLike, x: NodeLike) -> Node:
    """The polynomial `p[0] * x**(n-1) + ... + p[n-1]` at each `x`, by Horner's rule.

    Arguments: p, a vector of any length, also one that is not known; x, any shape; dtypes are promoted. Without
    coefficients it is 0. Raises: ShapeError where `p` has more axes. Source: NumPy `polyval`.

    >>> import theon
    >>> print(theon.polyval([1.0, 0.0, -2.0], [1.0, 2.0, 3.0]).eval())
    [-1.  2.  7.]
    """
    coefficients, at = _numbers("polyval", p, x)
    coefficients = vector("polyval", coefficients, known=False)
    length = coefficients.dims[0]
    if not isinstance(length, int) or length > UNROLLED:
        value: Node = foldl(lambda c, y: y * at + c, coefficients, zeros_like(at))[0]
        return value
    if length < 2:
        return full(shape_of(at), getitem(coefficients, 0)) if length else zeros_like(at)
    found = getitem(coefficients, 0)
    for i in range(1, length):
        found = found * at + getitem(coefficients, i)
    return found


def _lined_up(what: str, a1: NodeLike, a2: NodeLike) -> tuple[Node, Node]:
    """Two polynomials of one length: zeros before the shorter."""
    first, second = (vector(what, p, known=False) for p in _numbers(what, a1, a2))
    a, b = first.dims[0], second.dims[0]
    if same_dim(a, b):
        return first, second
    with Blame(what, first, second):
        hint = "declare both lengths, or give them one name"
        require(isinstance(a, int) and isinstance(b, int), "which is the longer is not known", hint)
    assert isinstance(a, int) and isinstance(b, int)
    longest = max(a, b)
    return _padded(first, longest - a), _padded(second, longest - b)


def _padded(p: Node, missing: int) -> Node:
    return concat([full((missing,), 0, p.dtype), p]) if missing else p


def polyadd(a1: NodeLike, a2: NodeLike) -> Node:
    """The sum of two polynomials.

    Arguments: vectors of coefficients or scalars, numbers; dtypes are promoted. Gives as many coefficients as the
    longer has. Raises: ShapeError for more axes, or where it is not known which is the longer. Source: NumPy `polyadd`.

    >>> import theon
    >>> print(theon.polyadd([1.0, 2.0], [9.0, 5.0, 4.0]).eval())
    [9. 6. 6.]
    """
    return add(*_lined_up("polyadd", a1, a2))


def polysub(a1: NodeLike, a2: NodeLike) -> Node:
    """The difference of two polynomials, `a1 - a2`.

    Arguments, Raises: see `polyadd`. Source: NumPy `polysub`.

    >>> import theon
    >>> print(theon.polysub([2.0, 10.0, -2.0], [3.0, 10.0, -4.0]).eval())
    [-1.  0.  2.]
    """
    return subtract(*_lined_up("polysub", a1, a2))


def _or_zero(p: Node) -> Node:
    """The polynomial without coefficients is 0."""
    return full((1,), 0, p.dtype) if p.dims == (0,) else p


def polymul(a1: NodeLike, a2: NodeLike) -> Node:
    """The product of two polynomials.

    Arguments: vectors of coefficients or scalars, numbers, of known lengths n and m; dtypes are promoted. Gives
    n + m - 1 coefficients: zeros in front stay, which NumPy leaves out before.
    Raises: ShapeError for more axes or an unknown length. Source: NumPy `polymul`.

    >>> import theon
    >>> print(theon.polymul([1.0, 2.0], [1.0, -2.0]).eval())
    [ 1.  0. -4.]
    """
    first, second = (_or_zero(vector("polymul", p)) for p in _numbers("polymul", a1, a2))
    return convolve(first, second)


def polydiv(u: NodeLike, v: NodeLike) -> tuple[Node, Node]:
    """The quotient and the remainder of two polynomials: `u == polyadd(polymul(q, v), r)`.

    Arguments: vectors of coefficients or scalars, of known lengths m and n; ints become the default float. Gives
    max(m - n + 1, 1) coefficients and as many as `v` has less one (those of `u` where these are fewer, and one at
    least): zeros in front of the remainder stay. Steps of the division are written out: compiling takes long for
    quotients of hundreds.
    Raises: ShapeError for more axes or an unknown length, ArgumentError where the first coefficient of `v` is a
    constant 0; at run time it gives inf and nan. Source: NumPy `polydiv`.

    >>> import theon
    >>> q, r = theon.polydiv([3.0, 5.0, 2.0], [2.0, 1.0])
    >>> print(q.eval(), r.eval())
    [1.5  1.75] [0.25]
    """
    check_leading("polydiv", as_node(v))
    rest, divisor = (_or_zero(vector("polydiv", p)) for p in inexact(u, v))
    n = divisor.sizes[0]
    top, others = getitem(divisor, 0), getitem(divisor, slice(1, None))
    quotient = []
    for _ in range(rest.sizes[0] - n + 1):
        share = getitem(rest, 0) / top
        quotient.append(share)
        rest = getitem(rest, slice(1, None))
        if n > 1:
            rest = inc_subtensor(getitem(rest, slice(None, n - 1)), -share * others)
    return stack(quotient) if quotient else full((1,), 0, rest.dtype), _or_zero(rest)


# --- Derivatives and integrals ----------------------------------------------------------------------------------------


def _times(m: Any, p: Node, what: str) -> int:
    with Blame(what, p):
        times = as_int(m, "how often")
        other = "polyint" if what == "polyder" else "polyder"
        require(times >= 0, f"cannot do so {times} times", f"theon.{other} goes the other way", ArgumentError)
    return times


def polyder(p: NodeLike, m: int = 1) -> Node:
    """The `m`-th derivative of a polynomial.

    Arguments: p, a vector of coefficients or a scalar, numbers, also of a length that is not known; m, how often to
    derive. Gives `m` coefficients less, down to none. Raises: ShapeError for more axes, ArgumentError for a negative
    `m`. Source: NumPy `polyder`.

    >>> import theon
    >>> print(theon.polyder([1.0, 1.0, 1.0, 1.0]).eval())
    [3. 2. 1.]
    """
    (node,) = _numbers("polyder", p)
    found = vector("polyder", node, known=False)
    for _ in range(_times(m, node, "polyder")):
        powers = arange(shape_of(found)[0] - 1, 0, -1)
        found = getitem(found, slice(None, -1)) * powers
    return found


def polyint(p: NodeLike, m: int = 1, k: NodeLike | None = None) -> Node:
    """The `m`-th integral of a polynomial.

    Arguments: p, a vector of coefficients or a scalar, also of a length that is not known; ints become the default
    float; m, how often to integrate; k, the constant that each integration adds, one for all or one for each: 0 by
    default. Gives `m` coefficients more.
    Raises: ShapeError for more axes or constants of another number, ArgumentError for a negative `m`.
    Source: NumPy `polyint`.

    >>> import theon
    >>> print(theon.polyint([3.0, 2.0], k=7.0).eval())
    [1.5 2.  7. ]
    """
    node, constants = inexact(p, 0 if k is None else k)
    found = vector("polyint", node, known=False)
    times = _times(m, node, "polyint")
    with Blame("polyint", node, constants):
        fits = constants.ndim == 0 or (constants.ndim == 1 and any(may_equal(constants.dims[0], n) for n in (1, times)))
        require(fits, f"constants {constants.tensor} for {times} integrations", "give one for all, or one for each")
    constants = broadcast_to(constants, (times,))
    for i in range(times):
        powers = arange(shape_of(found)[0], 0, -1)
        found = concat([found / powers, getitem(constants, slice(i, i + 1))])
    return found


__all__ = ["check_leading", "polyadd", "polyder", "polydiv", "polyint", "polymul", "polysub", "polyval", "vector"]
