"""What draws are made of: an op that turns a key into numbers, its shape and its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import jax
import numpy as np
from jax import lax

from ...graph.dims import broadcast_shapes, may_equal
from ...graph.errors import ArgumentError, DTypeError, GradientError, Mismatch, report, require
from ...graph.node import Node, NodeLike, as_node, const_value
from ...graph.op import Op, dims_of
from ...graph.types import DType, TensorType, as_dtype, default_float_dtype, is_float, is_integer, limits
from ...graph.where import here
from ..arithmetic import add
from ..elementwise import Cast, Derivative, cast_to, common_dtype, nodes_of, operands
from ..sizes import Blame, Field, check_sizes, declare, shape_argument, shape_of
from .stream import Stream, as_jax_key, require_key


@dataclass(frozen=True, eq=False)
class Draw(Op):
    """Random numbers of a shape and a float dtype, given by a key."""

    shape: tuple[Field, ...]
    dtype: DType
    differentiable = False

    @property
    def params(self) -> str:
        return ", ".join(map(str, (*self.shape, self.dtype)))

    def infer(self, key: TensorType) -> TensorType:
        require_key(key)
        check_sizes(self.shape)
        return TensorType(self.dtype, dims_of(self.shape))

    def drawn(self, sample: Callable[..., jax.Array], key: jax.Array) -> jax.Array:
        """What `sample` draws, with the layout of counters that this module promises."""
        with jax.threefry_partitionable(True):
            return sample(as_jax_key(key), TensorType(self.dtype, dims_of(self.shape)).sizes, self.dtype)


@dataclass(frozen=True, eq=False)
class ParameterDraw(Draw):
    """Draws given by a key and by a parameter of their own dtype, which derivatives pass."""

    own_slope = True
    differentiable = True

    def infer(self, key: TensorType, *parameters: TensorType) -> TensorType:
        for a in parameters:
            message = f"the parameter is {a.dtype}, the draw {self.dtype}"
            require(a.dtype == self.dtype, message, "convert with .astype", DTypeError)
        return Draw.infer(self, key)


def _open_uniform(key: Any, shape: Any, dtype: Any) -> Any:
    """Even between 0 and 1, both left out."""
    return jax.random.uniform(key, shape, dtype, minval=limits(dtype).tiny)


def _orthogonal(key: Any, shape: Any, dtype: Any) -> Any:
    """By a factorisation, which knows no 16-bit floats."""
    wide = dtype if dtype.itemsize > 2 else "float32"
    return lax.convert_element_type(jax.random.orthogonal(key, shape[-1], shape[:-2], wide), dtype)


# Distributions without parameters: what draws them, given a key, a shape and a dtype.
STANDARD: dict[str, Callable[..., jax.Array]] = {
    "normal": jax.random.normal,
    "uniform": jax.random.uniform,
    "open_uniform": _open_uniform,
    "exponential": jax.random.exponential,
    "gumbel": jax.random.gumbel,
    "laplace": jax.random.laplace,
    "cauchy": jax.random.cauchy,
    "logistic": jax.random.logistic,
    "rademacher": jax.random.rademacher,
    "orthogonal": _orthogonal,
}


@dataclass(frozen=True, eq=False)
class Standard(Draw):
    """Draws from a distribution without parameters."""

    distribution: str

    @property
    def name(self) -> str:
        return self.distribution

    def lower(self, key: jax.Array) -> jax.Array:
        return self.drawn(STANDARD[self.distribution], key)


def standard(distribution: str) -> Callable[..., Op]:
    """The op of a distribution without parameters, given a shape and a dtype."""
    return lambda shape, dtype: Standard(shape, dtype, distribution)


def draw(
    op: Callable[..., Op],
    what: str,
    rng: Stream,
    shape: Any,
    dtype: DType,
    *nodes: Node,
    inputs: Sequence[Node] = (),
    kind: Literal["float", "int"] = "float",
) -> Node:
    """One draw more from a stream: `nodes` fit its shape (by default theirs); `inputs` go into the op with the key."""
    if not isinstance(rng, Stream):
        raise report(
            ArgumentError,
            f"{what}: draws need a stream",
            where=here(),
            received=repr(rng)[:80],
            hint="make one with rng = theon.random.stream(seed=0)",
        )
    with Blame(what, *nodes):
        right = is_float(dtype) if kind == "float" else is_integer(dtype)
        require(right, f"draws {kind}s, not {dtype}", f"draw {kind}s, and convert with .astype", DTypeError)
        fields, ints = shape_argument(shape_of_all(*nodes) if shape is None and nodes else shape)
        check_sizes(fields)
        made = op(fields, dtype)
        for node in nodes:
            require_fits(node, dims_of(fields))
    return declare(made, [rng.next_key(), *inputs], ints)


def no_further(what: str) -> Derivative:
    """Of a row that is the derivative of a draw: another one is refused."""
    message = f"the derivative of {what} has no derivative in turn"
    way = "cut with theon.stop_gradient, or take first derivatives alone"
    return lambda g, y, *inputs: Mismatch(message, way, GradientError)


def require_fits(node: Node, shape: Sequence[Any]) -> None:
    """A parameter may be repeated to the shape of the draw, and not the other way: that would repeat the draws."""
    inner = shape[len(shape) - node.ndim :] if node.ndim <= len(shape) else None
    fits = inner is not None and all(a == 1 or may_equal(a, b) for a, b in zip(node.dims, inner, strict=True))
    draw = ", ".join("?" if d is None else str(d) for d in shape)
    require(fits, f"{node.label} : {node.type} does not broadcast to the draw's shape, ({draw})", "give the full shape")


def parameters(what: str, dtype: Any, *values: NodeLike) -> tuple[DType, list[Node]]:
    """The dtype of a draw and its parameters in that dtype: the one asked for, or what the parameters promote to."""
    items = operands(values)
    if dtype is not None:
        wanted = as_dtype(dtype)
    else:
        with Blame(what, *nodes_of(items)):
            wanted = common_dtype(items)
        wanted = wanted if is_float(wanted) else default_float_dtype()
    nodes = [as_node(item) for item in items]
    with Blame(what, *nodes):
        for node in nodes:
            require(
                node.dtype.kind != "c",
                f"parameters are real, received {node.dtype}",
                "take theon.real first",
                DTypeError,
            )
    return wanted, [cast_to(item, wanted) for item in items] if is_float(wanted) else nodes


def require_known(what: str, node: Node, holds: Callable[[Any], Any], message: str, way: str) -> None:
    """A parameter whose values are known at declaration is checked there; nan passes no check."""
    value = const_value(node.inputs[0] if isinstance(node.op, Cast) else node)
    if value is not None and not bool(np.all(holds(value))):
        with Blame(what, node):
            raise Mismatch(f"{message}, received {np.array2string(value, threshold=8)}", way, ArgumentError)


def require_chance(what: str, node: Node, above_zero: bool = False) -> None:
    """`above_zero`: for what waits for a success."""
    if above_zero:
        require_known(what, node, lambda p: p > 0, "the probability is above 0", "give numbers above 0, up to 1")
    require_known(what, node, lambda p: (p >= 0) & (p <= 1), "a probability lies between 0 and 1", "give such numbers")


def require_positive(what: str, *nodes: Node) -> None:
    for node in nodes:
        require_known(what, node, lambda a: a > 0, "the parameter is positive", "give numbers above 0")


def require_count(what: str, node: Node) -> None:
    require_known(what, node, lambda n: n >= 0, "the parameter is not negative", "give 0 or more")


def several(shape: Any) -> list[Any]:
    """A user's shape, an int or a sequence, as a list of sizes."""
    return list(shape) if isinstance(shape, (tuple, list)) else [shape]


def shape_of_all(*nodes: Node) -> tuple[int | Node, ...]:
    """The shape of parameters together; Mismatch where they do not broadcast."""
    broadcast_shapes([node.dims for node in nodes])
    whole = nodes[0]
    for node in nodes[1:]:
        whole = add(whole, node)
    return shape_of(whole)


__all__ = [
    "STANDARD", "Draw", "ParameterDraw", "Standard", "draw", "no_further", "parameters", "require_chance",
    "require_count", "require_fits", "require_known", "require_positive", "several", "shape_of_all", "standard",
]  # fmt: skip
