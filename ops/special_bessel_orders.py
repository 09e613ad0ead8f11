"""Bessel functions of real order, in SciPy's names. At infinity: their limits, where SciPy's are nan."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..graph.errors import ArgumentError, require
from ..graph.node import Node, NodeLike, apply, scalar_constant
from ..graph.types import default_float_dtype, kind_of
from .axes import require_kind
from .elementwise import cast_to, common_dtype, nodes_of, operands
from .floats import as_float
from .sizes import Blame
from .special_bessel_op import LAST, NAMES, Bessel

_MOST_BITS = 1023  # of ints that floats reach


def _shown(order: Any) -> str:
    """Of a longer int the length: Python may refuse to write it."""
    long = isinstance(order, int) and order.bit_length() > _MOST_BITS
    return f"an int of {order.bit_length()} bits" if long else repr(order)


def _of_order(what: str, kind: str, order: int | float, x: NodeLike) -> Node:
    node = as_float(x)
    with Blame(what, node):
        require_kind(node.dtype, ("float",))
        known, shown = isinstance(order, float) or order.bit_length() <= _MOST_BITS, _shown(order)
        if kind in ("j", "y"):
            require(abs(order) <= LAST, f"the order is {shown}", f"give a number from -{LAST} to {LAST}", ArgumentError)
        require(known and math.isfinite(order), f"the order is {shown}", "give a number", ArgumentError)
    return apply(Bessel(kind, float(order)), node)


def _bessel(kind: str, order: NodeLike, x: NodeLike) -> Node:
    """Orders that are Python's or NumPy's numbers belong to the op; others are its first input."""
    what = NAMES[kind]
    if isinstance(order, (int, float, np.integer, np.floating)) and not isinstance(order, bool):
        return _of_order(what, kind, order if isinstance(order, int) else float(order), x)
    items = operands((order, x))
    dtype = common_dtype(items)
    if kind_of(dtype) in ("bool", "int", "uint"):
        dtype = default_float_dtype()
    with Blame(what, *nodes_of(items)):
        require_kind(dtype, ("float",))
    nodes = [cast_to(v, dtype) if isinstance(v, Node) else scalar_constant(v, dtype) for v in items]
    return apply(Bessel(kind, None), *nodes)


def _whole(what: str, kind: str, order: int, x: NodeLike) -> Node:
    node = as_float(x)
    with Blame(what, node):
        right = isinstance(order, (int, np.integer)) and not isinstance(order, bool)
        require(right, f"the order is {_shown(order)}", "give a Python int", ArgumentError)
    return _of_order(what, kind, int(order), node)


def j0(x: NodeLike, /) -> Node:
    """The Bessel function of the first kind, of order 0.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: SciPy `j0`.

    >>> import theon
    >>> print(theon.j0([0.0, 1.0]).eval())
    [1.        0.7651977]
    """
    return _of_order("j0", "j", 0, x)


def j1(x: NodeLike, /) -> Node:
    """The Bessel function of the first kind, of order 1.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: SciPy `j1`.

    >>> import theon
    >>> print(theon.j1([0.0, 1.0]).eval())
    [0.         0.44005057]
    """
    return _of_order("j1", "j", 1, x)


def jv(v: NodeLike, z: NodeLike, /) -> Node:
    """The Bessel function of the first kind, of real order v.

    Arguments: v and z, floats of shapes that broadcast (ints become the default float); v from -100 to 100, beyond
    which it is nan. A Python number as order compiles to less. nan for negative z where v is no whole number. Gives
    their promoted dtype; computed in float64. Differentiable by both.
    Raises: ArgumentError for a Python number beyond the range, ShapeError where shapes do not broadcast, DTypeError for
    complex. Source: SciPy `jv`; Watson, A Treatise on the Theory of Bessel Functions (1944).

    >>> import theon
    >>> print(theon.jv(2, [0.0, 1.0]).eval())
    [0.         0.11490349]
    """
    return _bessel("j", v, z)


def y0(x: NodeLike, /) -> Node:
    """The Bessel function of the second kind, of order 0; -inf at 0, nan for negative x.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: SciPy `y0`.

    >>> import theon
    >>> print(theon.y0([0.0, 1.0]).eval())
    [      -inf 0.08825696]
    """
    return _of_order("y0", "y", 0, x)


def y1(x: NodeLike, /) -> Node:
    """The Bessel function of the second kind, of order 1; -inf at 0, nan for negative x.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: SciPy `y1`.

    >>> import theon
    >>> print(theon.y1([0.0, 1.0]).eval())
    [      -inf -0.7812128]
    """
    return _of_order("y1", "y", 1, x)


def yn(n: int, x: NodeLike, /) -> Node:
    """The Bessel function of the second kind, of whole order n; infinite at 0, nan for negative x.

    Arguments: n, a Python int from -100 to 100; x, floats of any shape (ints and bools become the default float).
    Gives x's dtype; computed in float64. Raises: ArgumentError for an order that is no such int, DTypeError for
    complex x. Source: SciPy `yn`.

    >>> import theon
    >>> print(theon.yn(2, 1.0).eval())
    -1.6506826
    """
    return _whole("yn", "y", n, x)


def yv(v: NodeLike, z: NodeLike, /) -> Node:
    """The Bessel function of the second kind, of real order v; nan for negative z.

    Arguments: v and z, floats of shapes that broadcast (ints become the default float); v from -100 to 100, beyond
    which it is nan. A Python number as order compiles to less. Gives their promoted dtype; computed in float64.
    Differentiable by both.
    Raises: see `jv`. Source: SciPy `yv`; Temme, On the Numerical Evaluation of the Ordinary Bessel Function (1976).

    >>> import theon
    >>> print(theon.yv(2, 1.0).eval())
    -1.6506826
    """
    return _bessel("y", v, z)


def iv(v: NodeLike, z: NodeLike, /) -> Node:
    """The modified Bessel function of the first kind, of real order v.

    Arguments: v and z, floats of shapes that broadcast (ints become the default float). nan for negative z where v is
    no whole number. Gives their promoted dtype; computed in float64. Differentiable by both.
    Raises: ArgumentError for a Python number that is not finite as order, ShapeError where shapes do not broadcast,
    DTypeError for complex. Source: SciPy `iv`; Watson, A Treatise on the Theory of Bessel Functions (1944).

    >>> import theon
    >>> print(theon.iv(0.5, [0.0, 1.0]).eval())
    [0.        0.9376749]
    """
    return _bessel("i", v, z)


def ive(v: NodeLike, z: NodeLike, /) -> Node:
    """exp(-abs(z)) * iv(v, z), which does not overflow; arguments, types and errors are those of `iv`.

    Raises: see `iv`. Source: SciPy `ive`.

    >>> import theon
    >>> print(theon.ive(0.5, 1000.0).eval())
    0.012615663
    """
    return _bessel("ie", v, z)


def k0(x: NodeLike, /) -> Node:
    """The modified Bessel function of the second kind, of order 0; inf at 0, nan for negative x.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: SciPy `k0`.

    >>> import theon
    >>> print(theon.k0([0.0, 1.0]).eval())
    [       inf 0.42102444]
    """
    return _of_order("k0", "k", 0, x)


def k0e(x: NodeLike, /) -> Node:
    """exp(x) * k0(x), which does not underflow.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: SciPy `k0e`.

    >>> import theon
    >>> print(theon.k0e(1000.0).eval())
    0.039628323
    """
    return _of_order("k0e", "ke", 0, x)


def k1(x: NodeLike, /) -> Node:
    """The modified Bessel function of the second kind, of order 1; inf at 0, nan for negative x.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: SciPy `k1`.

    >>> import theon
    >>> print(theon.k1([0.0, 1.0]).eval())
    [       inf 0.60190725]
    """
    return _of_order("k1", "k", 1, x)


def k1e(x: NodeLike, /) -> Node:
    """exp(x) * k1(x), which does not underflow.

    Arguments: floats of any shape (ints and bools become the default float). Gives x's dtype; computed in float64.
    Raises: DTypeError for complex x. Source: SciPy `k1e`.

    >>> import theon
    >>> print(theon.k1e(1000.0).eval())
    0.03964813
    """
    return _of_order("k1e", "ke", 1, x)


def kn(n: int, x: NodeLike, /) -> Node:
    """The modified Bessel function of the second kind, of whole order n; inf at 0, nan for negative x.

    Arguments: n, a Python int; x, floats of any shape (ints and bools become the default float). Gives x's dtype;
    computed in float64. Raises: ArgumentError for an order that is no int, DTypeError for complex x.
    Source: SciPy `kn`.

    >>> import theon
    >>> print(theon.kn(2, 1.0).eval())
    1.624839
    """
    return _whole("kn", "k", n, x)


def kv(v: NodeLike, z: NodeLike, /) -> Node:
    """The modified Bessel function of the second kind, of real order v; inf at 0, nan for negative z.

    Arguments: v and z, floats of shapes that broadcast (ints become the default float). Gives their promoted dtype;
    computed in float64. Differentiable by both. Raises: see `iv`.
    Source: SciPy `kv`; Temme, On the Numerical Evaluation of the Modified Bessel Function of the Third Kind (1975).

    >>> import theon
    >>> print(theon.kv(0.5, 1.0).eval())
    0.4610685
    """
    return _bessel("k", v, z)


def kve(v: NodeLike, z: NodeLike, /) -> Node:
    """exp(z) * kv(v, z), which does not underflow; arguments, types and errors are those of `kv`.

    Raises: see `iv`. Source: SciPy `kve`.

    >>> import theon
    >>> print(theon.kve(0.5, 1000.0).eval())
    0.039633274
    """
    return _bessel("ke", v, z)


jn = jv  # SciPy's other spelling


__all__ = [
    *("iv", "ive", "j0", "j1", "jn", "jv", "k0", "k0e", "k1", "k1e", "kn", "kv", "kve", "y0", "y1", "yn", "yv"),
]
