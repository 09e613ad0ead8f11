"""Scans: running sums, products, extremes and log-sum-exps along an axis, and linear recurrences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ..graph.dims import may_equal, normal_axis, unify_dim
from ..graph.errors import require
from ..graph.node import Node, NodeLike, apply, as_node
from ..graph.op import Op
from ..graph.types import INT32, TensorType, Type, as_dtype, default_float_dtype
from .axes import flattened, require_kind, widened
from .comparison import isinf, isnan, less_equal, logical_not, where
from .creation import arange, full, zeros_like
from .elementwise import cast_to, promoted
from .index import getitem, inc_subtensor
from .join import concat
from .reduce import accumulator
from .shape import reshape
from .sizes import Blame, shape_of
from .take import take_along_axis
from .transcendental import exp

_LOWERINGS: dict[str, Any] = {
    "sum": lax.cumsum,
    "prod": lax.cumprod,
    "max": lax.cummax,
    "min": lax.cummin,
    "logsumexp": lax.cumlogsumexp,
}
_NAMES = {"logsumexp": "logcumsumexp"}
_TAKES = {
    "sum": ("int", "uint", "float", "complex"),
    "prod": ("int", "uint", "float", "complex"),
    "max": ("bool", "int", "uint", "float"),
    "min": ("bool", "int", "uint", "float"),
    "logsumexp": ("float",),
}


@dataclass(frozen=True, eq=False)
class Cumulative(Op):
    """Everything up to each element along an axis joined by one operation: sum, prod, max, min or logsumexp."""

    kind: str
    axis: int
    reverse: bool = False

    @property
    def name(self) -> str:
        return _NAMES.get(self.kind, f"cum{self.kind}")

    @property
    def params(self) -> str:
        return f"axis={self.axis}" + (", reverse" if self.reverse else "")

    def infer(self, x: TensorType) -> TensorType:
        require_kind(x.dtype, _TAKES[self.kind])
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        if x.dtype == bool:
            ints = lax.convert_element_type(x, INT32)
            return lax.ne(_LOWERINGS[self.kind](ints, self.axis, self.reverse), lax.full_like(ints, 0))
        joined = _LOWERINGS[self.kind](widened(x), self.axis, self.reverse)
        return lax.convert_element_type(joined, x.dtype)

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        back = not self.reverse
        if self.kind == "sum":
            return (apply(Cumulative("sum", self.axis, back), g),)
        if self.kind == "prod":
            # What follows an element is a recurrence: no division, so that factors may be 0.
            later = apply(Recurrence(self.axis, back), _before(x, self.axis, back, 1), g)
            return (_before(out, self.axis, self.reverse, 1) * later,)
        if self.kind == "logsumexp":
            return (_logsumexp_gradient(g, out, x, self.axis, self.reverse),)
        place = take_along_axis(zeros_like(x), self._positions(x, out), self.axis)
        return (inc_subtensor(place, g),)

    def _positions(self, x: Node, out: Node) -> Node:
        """Where each running extreme stands: at the first of equal ones."""
        length = x.sizes[self.axis]
        at = reshape(arange(length), [-1 if i == self.axis else 1 for i in range(x.ndim)])
        before = _before(out, self.axis, self.reverse, 0)
        stays = less_equal(x, before) if self.kind == "max" else less_equal(before, x)
        first = length - 1 if self.reverse else 0
        news = where(stays & (at != first), first, at)
        return apply(Cumulative("min" if self.reverse else "max", self.axis, self.reverse), news)

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return tuple(isinstance(t, TensorType) and t.is_inexact for t in types)


def _part(x: Node, axis: int, start: int | None, stop: int | None) -> Node:
    return getitem(x, (*(slice(None),) * axis, slice(start, stop)))


def _before(x: Node, axis: int, reverse: bool, first: float) -> Node:
    """The element before each one (after it, in reverse); `first` where there is none."""
    if not x.sizes[axis]:
        return x
    edge = full([1 if i == axis else d for i, d in enumerate(x.sizes)], first, x.dtype)
    return concat([_part(x, axis, 1, None), edge] if reverse else [edge, _part(x, axis, None, -1)], axis)


def _logsumexp_gradient(g: Node, out: Node, x: Node, axis: int, reverse: bool) -> Node:
    """exp(x - out) * r, with r[i] = g[i] + exp(out[i] - out[i+1]) * r[i+1]: all exponents are at most 0."""
    if not x.sizes[axis]:
        return g
    early, late = _part(out, axis, None, -1), _part(out, axis, 1, None)
    near, far = (late, early) if reverse else (early, late)
    ratios = exp(where(isinf(far), 0, near - far))
    edge = full([1 if i == axis else d for i, d in enumerate(x.sizes)], 0, x.dtype)
    ratio = concat([edge, ratios] if reverse else [ratios, edge], axis)
    share = where(isinf(out), 0, exp(where(isinf(out), 0, x - out)))
    return share * apply(Recurrence(axis, not reverse), ratio, g)


@dataclass(frozen=True, eq=False)
class Recurrence(Op):
    """y[i] = a[i] * y[i-1] + b[i] along an axis, from y[-1] = 0; in reverse from the other end."""

    axis: int
    reverse: bool = False

    @property
    def name(self) -> str:
        return "linear_recurrence"

    def infer(self, a: TensorType, b: TensorType) -> TensorType:
        fits = a.dtype == b.dtype and a.ndim == b.ndim and all(map(may_equal, a.shape, b.shape))
        require(fits, f"factors {a} and terms {b} differ", "give both one shape")
        return a.with_shape(list(map(unify_dim, a.shape, b.shape)))

    def lower(self, a: jax.Array, b: jax.Array) -> jax.Array:
        def both(one: Any, two: Any) -> Any:
            return lax.mul(two[0], one[0]), lax.add(lax.mul(two[0], one[1]), two[1])

        wide = (widened(a), widened(b))
        found = lax.associative_scan(both, wide, reverse=self.reverse, axis=self.axis)[1]
        return lax.convert_element_type(found, b.dtype)

    def vjp(self, g: Node, out: Node, a: Node, b: Node) -> Sequence[Node | None]:
        back = not self.reverse
        later = apply(Recurrence(self.axis, back), _before(a, self.axis, back, 0), g)
        return (_before(out, self.axis, self.reverse, 0) * later, later)


def linear_recurrence(a: NodeLike, b: NodeLike, axis: int = -1, reverse: bool = False) -> Node:
    """y[i] = a[i] * y[i-1] + b[i] along `axis`, beginning with b[0]; in `reverse` beginning with the last b.

    Arguments: a and b, numbers of one shape; ints take part as ints. Gives the promoted dtype. The work is done in
    about log2(n) steps, with products and sums only.
    Raises: ShapeError where shapes differ or there is no such axis.
    Source: Blelloch, Prefix Sums and Their Applications (1990).

    >>> import theon
    >>> print(theon.linear_recurrence([0.5, 0.5, 0.5], [1.0, 1.0, 1.0]).eval())
    [1.   1.5  1.75]
    """
    factors, terms = promoted("linear_recurrence", a, b)
    with Blame("linear_recurrence", factors, terms):
        require_kind(terms.dtype, _TAKES["sum"])
        place = normal_axis(axis, terms.ndim)
    return apply(Recurrence(place, bool(reverse)), factors, terms)


def _scanned(kind: str, x: NodeLike, axis: int | None, dtype: Any = None, what: str = "") -> Node:
    node = as_node(x)
    if dtype is not None:
        node = cast_to(node, as_dtype(dtype))
    elif kind in ("sum", "prod"):
        node = cast_to(node, accumulator(node.dtype))
    elif kind == "logsumexp" and not node.tensor.is_inexact:
        node = cast_to(node, default_float_dtype())
    if axis is None:
        node, axis = flattened(node), 0
    with Blame(what or f"cum{kind}", node):
        place = normal_axis(axis, node.ndim)
    return apply(Cumulative(kind, place), node)


def cumsum(x: NodeLike, axis: int | None = None, dtype: Any = None) -> Node:
    """The sums of the elements up to each one along `axis`; of the flattened tensor where it is None.

    Arguments: a tensor of any shape; `dtype` is what the elements become first. Gives that dtype, else the
    tensor's own; bools and ints below 32 bits are summed in int32 or uint32. Half floats are summed in float32.
    Raises: ShapeError for an axis that is not there. Source: NumPy `cumsum`.

    >>> import theon
    >>> print(theon.cumsum([1.0, 2.0, 4.0]).eval())
    [1. 3. 7.]
    """
    return _scanned("sum", x, axis, dtype)


def cumprod(x: NodeLike, axis: int | None = None, dtype: Any = None) -> Node:
    """The products of the elements up to each one along `axis`; of the flattened tensor where it is None.

    Arguments and dtypes as for `cumsum`. The gradient is right where factors are 0.
    Raises: ShapeError for an axis that is not there. Source: NumPy `cumprod`.

    >>> import theon
    >>> print(theon.cumprod([1.0, 2.0, 4.0]).eval())
    [1. 2. 8.]
    """
    return _scanned("prod", x, axis, dtype)


def cummax(x: NodeLike, axis: int | None = None) -> Node:
    """The largest of the elements up to each one along `axis`; of the flattened tensor where it is None.

    Arguments: a real or bool tensor. Gives its dtype. Of equal elements the first takes the gradient.
    Raises: ShapeError for an axis that is not there, DTypeError for complex.
    Source: NumPy `maximum.accumulate`, `jax.lax.cummax`.

    >>> import theon
    >>> print(theon.cummax([1.0, 3.0, 2.0]).eval())
    [1. 3. 3.]
    """
    return _scanned("max", x, axis)


def cummin(x: NodeLike, axis: int | None = None) -> Node:
    """The smallest of the elements up to each one along `axis`; of the flattened tensor where it is None.

    Arguments: a real or bool tensor. Gives its dtype. Of equal elements the first takes the gradient.
    Raises: ShapeError for an axis that is not there, DTypeError for complex.
    Source: NumPy `minimum.accumulate`, `jax.lax.cummin`.

    >>> import theon
    >>> print(theon.cummin([2.0, 1.0, 3.0]).eval())
    [2. 1. 1.]
    """
    return _scanned("min", x, axis)


def logcumsumexp(x: NodeLike, axis: int | None = None) -> Node:
    """log(cumsum(exp(x))) without overflow, along `axis`; of the flattened tensor where it is None.

    Arguments: a float tensor; bools and ints become the default float. Gives its dtype.
    Raises: ShapeError for an axis that is not there, DTypeError for complex.
    Source: `jax.lax.cumlogsumexp`, PyTorch `logcumsumexp`.

    >>> import theon
    >>> print(theon.logcumsumexp([1000.0, -1000.0, 999.0]).eval().round(2))
    [1000. 1000. 1000.31]
    """
    return _scanned("logsumexp", x, axis, what="logcumsumexp")


def _cumulative(what: str, kind: str, x: NodeLike, axis: int | None, dtype: Any, include_initial: bool) -> Node:
    node = as_node(x)
    with Blame(what, node):
        flat = axis is None
        require(not flat or node.ndim < 2, f"needs an axis: there are {node.ndim}", "name it with axis=")
        node = flattened(node) if flat else node
        place = normal_axis(-1 if axis is None else axis, node.ndim)
    found = _scanned(kind, node, place, dtype, what)
    if not include_initial:
        return found
    first = full([1 if i == place else d for i, d in enumerate(shape_of(found))], int(kind == "prod"), found.dtype)
    return concat([first, found], place)


def cumulative_sum(x: NodeLike, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Node:
    """The sums of the elements up to each one along `axis`, which a vector or a scalar may leave out.

    Arguments: as for `cumsum`; with `include_initial` a 0 stands before them.
    Raises: ShapeError for an axis that is not there or not given. Source: Array API `cumulative_sum`.

    >>> import theon
    >>> print(theon.cumulative_sum([1.0, 2.0, 4.0], include_initial=True).eval())
    [0. 1. 3. 7.]
    """
    return _cumulative("cumulative_sum", "sum", x, axis, dtype, include_initial)


def cumulative_prod(x: NodeLike, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Node:
    """The products of the elements up to each one along `axis`, which a vector or a scalar may leave out.

    Arguments: as for `cumprod`; with `include_initial` a 1 stands before them.
    Raises: ShapeError for an axis that is not there or not given. Source: Array API `cumulative_prod`.

    >>> import theon
    >>> print(theon.cumulative_prod([1.0, 2.0, 4.0], include_initial=True).eval())
    [1. 1. 2. 8.]
    """
    return _cumulative("cumulative_prod", "prod", x, axis, dtype, include_initial)


def nancumsum(x: NodeLike, axis: int | None = None, dtype: Any = None) -> Node:
    """`cumsum` with nan taken as 0.

    Arguments, Raises: see `cumsum`. Source: NumPy `nancumsum`.

    >>> import theon
    >>> print(theon.nancumsum([1.0, float("nan"), 4.0]).eval())
    [1. 1. 5.]
    """
    node = as_node(x)
    return cumsum(where(logical_not(isnan(node)), node, 0) if node.tensor.is_inexact else node, axis, dtype)


def nancumprod(x: NodeLike, axis: int | None = None, dtype: Any = None) -> Node:
    """`cumprod` with nan taken as 1.

    Arguments, Raises: see `cumprod`. Source: NumPy `nancumprod`.

    >>> import theon
    >>> print(theon.nancumprod([2.0, float("nan"), 4.0]).eval())
    [2. 2. 8.]
    """
    node = as_node(x)
    return cumprod(where(logical_not(isnan(node)), node, 1) if node.tensor.is_inexact else node, axis, dtype)
