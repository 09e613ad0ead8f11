"""What the operators and methods of a node call: one table, bound to `Node` once by the front door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..graph.node import Node
from . import (
    arithmetic,
    arrange,
    comparison,
    index,
    linalg,
    moments,
    namespace,
    powers,
    reduce,
    reinterpret,
    scans,
    shape,
    sizes,
    sort,
    take,
)
from .at import At
from .elementwise import astype


def _reflected(function: Callable[[Any, Any], Node]) -> Callable[[Node, Any], Node]:
    """`other op self`, for the operand on the right of a value that is not a node."""

    def reflected(self: Node, other: Any) -> Node:
        return function(other, self)

    return reflected


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """A plain function, whatever callable `function` is, so that Python gives it the node as first argument."""

    def method(self: Node, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__ = method.__qualname__ = function.__name__
    method.__doc__ = function.__doc__
    return method


def _divmod(self: Node, other: Any) -> tuple[Node, Node]:
    return arithmetic.floor_divide(self, other), arithmetic.remainder(self, other)


def _rdivmod(self: Node, other: Any) -> tuple[Node, Node]:
    return arithmetic.floor_divide(other, self), arithmetic.remainder(other, self)


def _pos(self: Node) -> Node:
    return self


def _together(args: tuple[Any, ...]) -> Any:
    """`x.reshape(2, 3)` and `x.reshape((2, 3))` mean the same."""
    return args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args


def _reshape(self: Node, *sizes: Any) -> Node:
    """The same elements in another shape; see theon.reshape."""
    return shape.reshape(self, _together(sizes))


def _transpose(self: Node, *axes: Any) -> Node:
    """The axes in another order, reversed where none is given; see theon.transpose."""
    order = _together(axes)
    return shape.transpose(self, None if len(order) == 0 or (len(order) == 1 and order[0] is None) else order)


def _dimshuffle(self: Node, *pattern: Any) -> Node:
    """Theano's permutation with `"x"` for new axes; see theon.dimshuffle."""
    return shape.dimshuffle(self, *_together(pattern))


def _binary(operator: str, function: Callable[[Any, Any], Node]) -> dict[str, object]:
    return {f"__{operator}__": _method(function), f"__r{operator}__": _reflected(function)}


METHODS: dict[str, object] = {
    **_binary("add", arithmetic.add),
    **_binary("sub", arithmetic.subtract),
    **_binary("mul", arithmetic.multiply),
    **_binary("truediv", arithmetic.divide),
    **_binary("floordiv", arithmetic.floor_divide),
    **_binary("mod", arithmetic.remainder),
    **_binary("pow", powers.pow),
    **_binary("matmul", linalg.matmul),
    **_binary("and", comparison.bitwise_and),
    **_binary("or", comparison.bitwise_or),
    **_binary("xor", comparison.bitwise_xor),
    **_binary("lshift", comparison.bitwise_left_shift),
    **_binary("rshift", comparison.bitwise_right_shift),
    "__divmod__": _divmod,
    "__rdivmod__": _rdivmod,
    "__neg__": _method(arithmetic.negative),
    "__pos__": _pos,
    "__abs__": _method(arithmetic.abs),
    "__invert__": _method(comparison.bitwise_invert),
    "__eq__": _method(comparison.equal),
    "__ne__": _method(comparison.not_equal),
    "__lt__": _method(comparison.less),
    "__le__": _method(comparison.less_equal),
    "__gt__": _method(comparison.greater),
    "__ge__": _method(comparison.greater_equal),
    "__array_namespace__": namespace.array_namespace,
    "__getitem__": index.getitem,
    "set": index.set_subtensor,
    "add": index.inc_subtensor,
    "at": property(At),
    "take": take.take,
    "dot": linalg.dot,
    "T": property(shape.transpose),
    "mT": property(shape.matrix_transpose),
    "shape": property(sizes.shape_of),
    "size": property(sizes.size_of),
    "reshape": _reshape,
    "ravel": shape.ravel,
    "flatten": shape.flatten,
    "transpose": _transpose,
    "dimshuffle": _dimshuffle,
    "squeeze": shape.squeeze,
    "astype": astype,
    "view": reinterpret.view,
    "sum": reduce.sum,
    "prod": reduce.prod,
    "mean": moments.mean,
    "var": moments.var,
    "std": moments.std,
    "max": reduce.max,
    "min": reduce.min,
    "all": reduce.all,
    "any": reduce.any,
    "argmax": reduce.argmax,
    "argmin": reduce.argmin,
    "cumsum": scans.cumsum,
    "cumprod": scans.cumprod,
    "sort": sort.sort,
    "argsort": sort.argsort,
    "repeat": arrange.repeat,
}


def bind(methods: Mapping[str, object]) -> None:
    """Attach `methods` to `Node`; binding a name twice is a defect."""
    for name, method in methods.items():
        assert name not in Node.__dict__, f"{name} is bound already"
        setattr(Node, name, method)
