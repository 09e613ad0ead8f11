"""Sizes as values: lengths that are known only when a graph meets its arrays, and may decide shapes then.

A size that is not known at declaration is a `Size` node. An op whose fields need such a size holds a `Hole` in
its place and is wrapped in `Late` (see `declare`), so that specialisation can put the int there.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Container, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, TypeAlias

import jax
import numpy as np
from jax import lax

from ..graph.dims import is_sequence
from ..graph.errors import ArgumentError, DTypeError, Mismatch, require
from ..graph.node import Node, apply, complain, const_value
from ..graph.op import Hole, Late, Op
from ..graph.types import INT32, TensorType, kind_of
from .elementwise import cast_to

Field: TypeAlias = int | Hole


@dataclass(frozen=True, eq=False)
class Size(Op):
    """The length of one axis, as an int32 scalar; an int before anything is computed."""

    stores = True

    axis: int
    differentiable = False

    def infer(self, x: TensorType) -> TensorType:
        require(self.axis < x.ndim, f"there is no axis {self.axis}")
        return TensorType(INT32, ())

    def lower(self, x: jax.Array) -> jax.Array:
        return lax.full((), x.shape[self.axis], INT32)


def shape_of(x: Node) -> tuple[int | Node, ...]:
    """The shape of `x`: ints where known at declaration, int32 nodes elsewhere.

    >>> import theon
    >>> theon.tensor("x", shape=("batch", 784)).shape
    (<size : int32[]>, 784)
    """
    return tuple(d if isinstance(d, int) else apply(Size(i), x) for i, d in enumerate(x.dims))


def size_of(x: Node) -> int | Node:
    """The number of elements of `x`: an int where known at declaration, an int32 node elsewhere.

    >>> import theon
    >>> theon.zeros((2, 3)).size
    6
    """
    known = math.prod(d for d in x.dims if isinstance(d, int))
    unknown = [size for size in shape_of(x) if isinstance(size, Node)]
    if not unknown:
        return known
    total = unknown[0]
    for size in unknown[1:]:
        total = total * size
    return total if known == 1 else total * known


class Blame:
    """Turns a `Mismatch` met inside the `with` into the user's error, named after the public function."""

    def __init__(self, what: str, *nodes: Node) -> None:
        self.what = what
        self.nodes = nodes

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        if isinstance(error, Mismatch):
            raise complain(error, self.what, *self.nodes) from None
        return False


def is_index_scalar(node: Node) -> bool:
    return node.ndim == 0 and kind_of(node.dtype) in ("int", "uint")


class Ints:
    """Collects the int nodes that an op's fields wait for; `field` gives what to write into the field."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def field(self, value: Any, what: str = "a size") -> Field:
        """`value` as an int, or the `Hole` that stands for an int node. Raises Mismatch for anything else."""
        if not isinstance(value, Node):
            return as_int(value, what)
        known = const_value(value)
        if not is_index_scalar(value):
            message = f"{what} is an int scalar, received {value!r}"
            raise Mismatch(message, "use an int, or x.shape[i]", DTypeError)
        if known is not None:
            return int(known)
        source = value.op
        name = value.inputs[0].dims[source.axis] if isinstance(source, Size) else None
        dim = name if isinstance(name, str) else None
        for i, node in enumerate(self.nodes):
            if node is value:
                return Hole(i, dim)
        self.nodes.append(value)
        return Hole(len(self.nodes) - 1, dim)


def as_int(value: Any, what: str) -> int:
    """A Python or NumPy int as an int; Mismatch for bools, floats and the rest."""
    if not isinstance(value, (bool, np.bool_)):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise Mismatch(f"{what} is an int, received {value!r}", "use an int, or an int node", ArgumentError)


def is_among(value: Any, choices: Container[Any]) -> bool:
    """Whether an argument is one of some words or numbers; no array, list or dict is, whatever it is equal to."""
    return (value is None or isinstance(value, (str, int, float, np.integer))) and value in choices


def sizes_of(shape: Any) -> list[int | Node]:
    """A user's shape as a list of ints and int nodes."""
    fields, nodes = shape_argument(shape)
    check_sizes(fields)
    return [nodes[field.index] if isinstance(field, Hole) else field for field in fields]


def shape_argument(shape: Any) -> tuple[tuple[Field, ...], list[Node]]:
    """A user's shape (an int, or a sequence of ints and int nodes) as op fields, and the nodes they wait for."""
    ints = Ints()
    whole = isinstance(shape, (int, np.integer)) or (isinstance(shape, Node) and shape.ndim == 0)
    if not whole and (isinstance(shape, Node) or not is_sequence(shape)):
        raise Mismatch(
            f"a shape is a sequence of ints, received {shape!r}", "give ints, for example (2, 3)", ArgumentError
        )
    return tuple(ints.field(size) for size in ([shape] if whole else shape)), ints.nodes


def check_sizes(fields: Sequence[Field]) -> None:
    for size in fields:
        require(isinstance(size, Hole) or size >= 0, f"a size cannot be negative, received {size}", "give 0 or more")


def declare(op: Op, inputs: Sequence[Node], int_nodes: Sequence[Node], name: str | None = None) -> Node:
    """Apply `op`, whose fields may hold holes for `int_nodes`."""
    if not int_nodes:
        return apply(op, *inputs, name=name)
    return apply(Late(op, len(inputs)), *inputs, *(cast_to(node, INT32) for node in int_nodes), name=name)
