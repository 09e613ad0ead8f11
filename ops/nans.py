"""Reductions that leave nan out."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.node import Node, NodeLike, as_node
from ..graph.types import kind_of
from . import reduce
from .axes import Axis
from .comparison import isnan, where
from .creation import full_like
from .moments import mean, std, var
from .reduce import all, argmax, argmin, prod, sum


def _counted(x: NodeLike) -> tuple[Node, Node | None]:
    """A tensor, and which of its elements are numbers: None where all are."""
    node = as_node(x)
    return node, ~isnan(node) if node.tensor.is_inexact else None


def nansum(x: NodeLike, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Node:
    """The sum of the elements along `axis` that are not nan; 0 of none.

    Arguments, Raises: see `sum`. Source: NumPy `nansum`.

    >>> import theon
    >>> print(theon.nansum([1.0, float("nan"), 4.0]).eval())
    5.0
    """
    node, mask = _counted(x)
    return sum(node, axis, keepdims, dtype, where=mask)


def nanprod(x: NodeLike, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Node:
    """The product of the elements along `axis` that are not nan; 1 of none.

    Arguments, Raises: see `prod`. Source: NumPy `nanprod`.

    >>> import theon
    >>> print(theon.nanprod([2.0, float("nan"), 4.0]).eval())
    8.0
    """
    node, mask = _counted(x)
    return prod(node, axis, keepdims, dtype, where=mask)


def nanmean(x: NodeLike, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Node:
    """The arithmetic mean of the elements along `axis` that are not nan; nan of none.

    Arguments, Raises: see `mean`. Source: NumPy `nanmean`.

    >>> import theon
    >>> print(theon.nanmean([2.0, float("nan"), 4.0]).eval())
    3.0
    """
    node, mask = _counted(x)
    return mean(node, axis, keepdims, dtype, where=mask)


def nanvar(x: NodeLike, axis: Axis = None, keepdims: bool = False, correction: float = 0, dtype: Any = None) -> Node:
    """The variance of the elements along `axis` that are not nan; nan where the divisor is 0.

    Arguments, Raises: see `var`. Source: NumPy `nanvar`.

    >>> import theon
    >>> print(theon.nanvar([2.0, float("nan"), 4.0]).eval())
    1.0
    """
    node, mask = _counted(x)
    return var(node, axis, keepdims, correction, dtype, where=mask)


def nanstd(x: NodeLike, axis: Axis = None, keepdims: bool = False, correction: float = 0, dtype: Any = None) -> Node:
    """The standard deviation of the elements along `axis` that are not nan; nan where the divisor is 0.

    Arguments, Raises: see `var`. Source: NumPy `nanstd`.

    >>> import theon
    >>> print(theon.nanstd([2.0, float("nan"), 4.0]).eval())
    1.0
    """
    node, mask = _counted(x)
    return std(node, axis, keepdims, correction, dtype, where=mask)


def _extreme(kind: str, x: NodeLike, axis: Axis, keepdims: bool) -> Node:
    node, far = as_node(x), -np.inf if kind == "max" else np.inf
    choose = reduce.max if kind == "max" else reduce.min
    if kind_of(node.dtype) != "float":
        return choose(node, axis, keepdims)
    found = choose(where(isnan(node), far, node), axis, keepdims)
    return where(all(isnan(node), axis, keepdims), np.nan, found)


def nanmax(x: NodeLike, axis: Axis = None, keepdims: bool = False) -> Node:
    """The largest element along `axis` that is not nan; nan where all are.

    Arguments, Raises: see `max`. Source: NumPy `nanmax`.

    >>> import theon
    >>> print(theon.nanmax([2.0, float("nan"), 4.0]).eval())
    4.0
    """
    return _extreme("max", x, axis, keepdims)


def nanmin(x: NodeLike, axis: Axis = None, keepdims: bool = False) -> Node:
    """The smallest element along `axis` that is not nan; nan where all are.

    Arguments, Raises: see `min`. Source: NumPy `nanmin`.

    >>> import theon
    >>> print(theon.nanmin([2.0, float("nan"), 4.0]).eval())
    2.0
    """
    return _extreme("min", x, axis, keepdims)


def _filled(x: NodeLike, far: float) -> Node:
    node = as_node(x)
    return where(isnan(node), full_like(node, far), node) if kind_of(node.dtype) == "float" else node


def nanargmax(x: NodeLike, axis: int | None = None, keepdims: bool = False) -> Node:
    """The position of the largest element along `axis` that is not nan; 0 where all are (NumPy raises then).

    Arguments, Raises: see `argmax`. Gives int32. Source: NumPy `nanargmax`.

    >>> import theon
    >>> print(theon.nanargmax([2.0, float("nan"), 4.0]).eval())
    2
    """
    return argmax(_filled(x, -np.inf), axis, keepdims)


def nanargmin(x: NodeLike, axis: int | None = None, keepdims: bool = False) -> Node:
    """The position of the smallest element along `axis` that is not nan; 0 where all are (NumPy raises then).

    Arguments, Raises: see `argmin`. Gives int32. Source: NumPy `nanargmin`.

    >>> import theon
    >>> print(theon.nanargmin([2.0, float("nan"), 4.0]).eval())
    0
    """
    return argmin(_filled(x, np.inf), axis, keepdims)
