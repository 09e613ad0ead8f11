"""What a graph means, to as many digits as one likes: elements are mpmath numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import jax
import mpmath
import numpy as np

from tests.compiler.exact_matrices import has_meaning, meaning
from theon.graph.node import Const, Node, Pick
from theon.graph.walk import toposort
from theon.ops.assume import Assume
from theon.ops.comparison import Where
from theon.ops.elementwise import Cast, Elementwise
from theon.ops.gradient import StopGradient
from theon.ops.index import Index, IndexUpdate
from theon.ops.join import Concat, Split
from theon.ops.linalg import DotGeneral
from theon.ops.moments import Mean, Var
from theon.ops.reduce import Reduce
from theon.ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose

Array: TypeAlias = "np.ndarray[Any, Any]"

MOVES = (Index, Reshape, Transpose, ExpandDims, Squeeze, BroadcastTo)
JOINS: dict[str, Callable[..., Any]] = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a: -a,
    "abs": abs,
    "square": lambda a: a * a,
    "pow": lambda a, b: mpmath.power(a, b),
    "sqrt": mpmath.sqrt,
    "reciprocal": lambda a: 1 / a,
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "sigmoid": lambda a: 1 / (1 + mpmath.exp(-a)),
    "softplus": lambda a: mpmath.log1p(mpmath.exp(a)),
    "relu": lambda a: max(a, mpmath.mpf(0)),
    "maximum": max,
    "minimum": min,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "atan": mpmath.atan,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "erfinv": mpmath.erfinv,
    "ndtri": lambda a: mpmath.sqrt(2) * mpmath.erfinv(2 * a - 1),
    "exp2": lambda a: mpmath.power(2, a),
    "log2": lambda a: mpmath.log(a) / mpmath.log(2),
    "log1mexp": lambda a: mpmath.log(-mpmath.expm1(a)),
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "ndtr": mpmath.ncdf,
    "ndtr_gap": lambda a, b: mpmath.ncdf(a) - mpmath.ncdf(b),
    "exp_rest": lambda a: mpmath.expm1(a) - a,
    "sech": mpmath.sech,
    "hypot": mpmath.hypot,
    "hypot_excess": lambda a, b: mpmath.hypot(a, b) - a,
    "log_cosh": lambda a: mpmath.log(mpmath.cosh(a)),
    "sigmoid_slope": lambda y, a: y / (1 + mpmath.exp(a)),
    "tanh_slope": lambda a: mpmath.sech(a) ** 2,
    "gammaln": lambda a: mpmath.loggamma(a) if a > 0 else mpmath.log(abs(mpmath.gamma(a))),
    "digamma": mpmath.digamma,
    "logit": lambda a: mpmath.log(a) - mpmath.log1p(-a),
}


class Undefined(Exception):
    """No real number stands for this node."""


def numbers(array: Any) -> Array:
    """Floats as mpmath numbers; ints and bools stay."""
    array = np.asarray(array)
    if array.dtype.kind in "biuO":
        return np.asarray(array)
    if not array.size:
        return np.asarray(array, object)
    return np.asarray(np.vectorize(mpmath.mpf, otypes=[object])(array.astype(float)))


def exact(node: Node, values: Mapping[Node, Any]) -> Array:
    """A node's value where some nodes' are given; Undefined where an element of it is no real number."""
    found = {leaf: numbers(value) for leaf, value in values.items()}
    for one in toposort([node], stop=found.__contains__):
        if one not in found:
            try:
                found[one] = np.asarray(step(one, [found[source] for source in one.inputs]), object)
            except (ZeroDivisionError, ValueError, OverflowError) as problem:
                raise Undefined(str(one)) from problem
            if any(
                isinstance(v, mpmath.mpc) or (isinstance(v, mpmath.mpf) and not mpmath.isfinite(v))
                for v in found[one].flat
            ):
                raise Undefined(str(one))
    return found[node]


def step(node: Node, inputs: Sequence[Array]) -> Any:
    """One op on arrays of mpmath numbers."""
    op = node.op
    if isinstance(op, Const):
        return numbers(op.value)
    if not inputs:
        return numbers(lowered(node, []))
    if isinstance(op, Split):
        return inputs[0]  # whole: each pick takes its part
    if isinstance(op, Pick) and isinstance(node.inputs[0].op, Split):
        cut = node.inputs[0].op
        return np.split(inputs[0], np.cumsum(cut.sizes)[:-1], cut.axis)[op.index]
    if has_meaning(node):
        return meaning(node, inputs)
    if isinstance(op, Where):
        condition, a, b = np.broadcast_arrays(*inputs)
        return np.where(condition.astype(bool), a, b)
    if isinstance(op, Elementwise):
        return np.frompyfunc(FUNCTIONS[op.row.name], len(inputs), 1)(*inputs)
    if isinstance(op, (Assume, Cast, StopGradient)):
        return inputs[0]
    if isinstance(op, Mean):
        return np.mean(inputs[0], axis=op.axes, keepdims=op.keepdims)
    if isinstance(op, Var):
        away = inputs[0] - np.mean(inputs[0], axis=op.axes, keepdims=True)
        return np.mean(away * away, axis=op.axes, keepdims=op.keepdims)
    if isinstance(op, MOVES):
        return moved(node, inputs)
    if isinstance(op, IndexUpdate):
        return (added if op.mode == "add" else replaced)(node, inputs)
    if isinstance(op, Concat):
        return np.concatenate(inputs, op.axis)
    if isinstance(op, Reduce):
        return JOINS[op.kind](inputs[0], axis=op.axes, keepdims=op.keepdims)
    if op.name in ("softmax", "log_softmax", "log_sum_exp"):
        return normalised(op.name, inputs[0], tuple(op.axes))  # type: ignore[attr-defined]
    if isinstance(op, DotGeneral):
        of_x, of_y, of_out = op.labels(*[node.ndim for node in node.inputs])
        return np.einsum(inputs[0], of_x, inputs[1], of_y, of_out)
    if op.name == "full":
        return np.broadcast_to(inputs[0], node.sizes)
    raise NotImplementedError(f"{op.name} has no exact meaning here")


def lowered(node: Node, arrays: Sequence[Any]) -> Array:
    with jax.enable_x64(True):
        return np.asarray(node.op.lower(*[jax.numpy.asarray(array) for array in arrays]))


def moved(node: Node, inputs: Sequence[Array]) -> Array:
    """Elements where the op's own lowering takes the numbers of their places."""
    places = np.arange(inputs[0].size, dtype=np.int32).reshape(inputs[0].shape)
    return inputs[0].reshape(-1)[lowered(node, [places, *[i.astype(np.int32) for i in inputs[1:]]])]


def added(node: Node, inputs: Sequence[Array]) -> Array:
    """The op is linear in what it adds, so its lowering says how often each element goes where."""
    x, values, *indices = inputs
    result = np.array(x, object)
    for place in np.ndindex(values.shape):
        one = np.zeros(values.shape)
        one[place] = 1.0
        hits = lowered(node, [np.zeros(x.shape), one, *[i.astype(np.int32) for i in indices]])
        result = result + np.where(hits != 0, hits.astype(int) * values[place], 0)
    return result


def replaced(node: Node, inputs: Sequence[Array]) -> Array:
    """Elements or values where the op's own lowering puts the numbers of their places, counted on."""
    x, values, *indices = inputs
    count = x.size
    places = np.arange(count + values.size, dtype=np.int32)
    taken = lowered(
        node,
        [places[:count].reshape(x.shape), places[count:].reshape(values.shape), *[i.astype(np.int32) for i in indices]],
    )
    return np.concatenate([x.reshape(-1), values.reshape(-1)])[taken]


def normalised(name: str, x: Array, axes: tuple[int, ...]) -> Array:
    powers = np.frompyfunc(mpmath.exp, 1, 1)(x)
    total = np.sum(powers, axis=axes, keepdims=name != "log_sum_exp")
    log = np.frompyfunc(mpmath.log, 1, 1)
    if name == "softmax":
        return np.asarray(powers / total)
    return np.asarray(log(total) if name == "log_sum_exp" else x - log(total))


__all__ = ["Undefined", "exact", "numbers"]
