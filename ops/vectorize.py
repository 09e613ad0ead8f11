"""`vectorize`: a function of one example, applied to a batch of them.

The function is declared once, on one example, as the body of a region. Before anything else looks into the graph, the
compiler's batching pass puts ordinary nodes with a leading axis in the region's place (see `ops.batching`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ..graph.dims import Dim, may_equal, normal_axis, unify_dim
from ..graph.errors import ArgumentError, require
from ..graph.graph import Graph
from ..graph.node import Node, apply, new_input, picks
from ..graph.types import INT32, TensorType, TupleType, Type
from ..graph.walk import substitute, toposort
from .carried import refuse_states
from .creation import arange
from .gradient import influences
from .loops import inside_loop
from .region import Region, captured
from .sizes import Blame, shape_of
from .tree import flatten, unflatten

Axes: TypeAlias = int | Sequence[Any] | None


@dataclass(frozen=True, eq=False)
class Vectorized(Region):
    """A body of one example over many. Inputs: what is mapped along `in_axes`, and what every example shares (None)."""

    body: Graph
    in_axes: tuple[int | None, ...]
    out_axes: tuple[int, ...]

    @property
    def params(self) -> str:
        return f"in_axes={self.in_axes}, out_axes={self.out_axes}"

    def with_body(self, body: Graph) -> Vectorized:
        return Vectorized(body, self.in_axes, self.out_axes)

    def body_types(self, *types: Any) -> list[Type]:
        return [t if axis is None else without(t, axis) for t, axis in zip(types, self.in_axes, strict=True)]

    def passed(self) -> list[tuple[int, Node]]:
        leaves = zip(self.body.inputs, self.in_axes, strict=True)
        return [(i, leaf) for i, (leaf, axis) in enumerate(leaves) if axis is None]

    def examples(self, types: Sequence[TensorType]) -> Dim:
        """How many examples there are; Mismatch where the inputs disagree."""
        number: Dim = None
        for t, axis in zip(types, self.in_axes, strict=True):
            if axis is not None:
                length = t.shape[axis]
                require(may_equal(number, length), f"the mapped axes differ in length ({number} and {length})")
                number = unify_dim(number, length)
        return number

    def infer(self, *types: TensorType) -> TupleType:
        number = self.examples(types)
        for leaf, inner in zip(self.body.inputs, self.body_types(*types), strict=True):
            assert isinstance(inner, TensorType)
            fits = leaf.dtype == inner.dtype and len(leaf.dims) == len(inner.shape)
            require(
                fits and all(map(may_equal, leaf.dims, inner.shape)), f"was declared for {leaf.type}, received {inner}"
            )
        outputs = zip(self.body.outputs, self.out_axes, strict=True)
        return TupleType(
            tuple(out.tensor.with_shape([*out.dims[:axis], number, *out.dims[axis:]]) for out, axis in outputs)
        )

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        reached = influences([out for out in self.body.outputs if out.tensor.is_inexact])
        return tuple(leaf in reached and leaf.tensor.is_inexact for leaf in self.body.inputs)


def without(type_: TensorType, axis: int) -> TensorType:
    return type_.with_shape([d for i, d in enumerate(type_.shape) if i != axis])


def vectorize(fn: Callable[..., Any], in_axes: Axes = 0, out_axes: int | Sequence[int] = 0) -> Callable[..., Any]:
    """`fn`, written for one example, as a function of many.

    Arguments: fn, of nodes (and nests of them), giving a node or a nest of nodes; in_axes, the axis of the examples in
    the arguments, one for all or one for each, None for an argument that all examples share; out_axes, where the axis
    goes in the results, one for all or one for each of a tuple. `fn` is called once; outer nodes may be used in it.
    Gives a function of the same arguments. Gradients inside `fn` are those of one example; draws inside differ from
    example to example.
    Raises: ShapeError where there is no such axis or the numbers of examples differ, ArgumentError.
    Source: `jax.vmap`, NumPy `vectorize`.

    >>> import theon
    >>> xs, w = theon.matrix("xs"), theon.vector("w")
    >>> ys = theon.vectorize(lambda x: theon.sum(x * w))(xs)
    >>> ys.eval({xs: [[1.0, 2.0], [3.0, 4.0]], w: [1.0, 10.0]}).tolist()
    [21.0, 43.0]
    """

    def vectorized(*arguments: Any) -> Any:
        inputs, tree = flatten(arguments)
        axes = _in_axes(in_axes, arguments, inputs)
        leaves = [
            new_input(x.tensor if axis is None else without(x.tensor, axis), x.name)
            for x, axis in zip(inputs, axes, strict=True)
        ]
        position = new_input(TensorType(INT32, ()), "position")
        with inside_loop(position):
            result = fn(*unflatten(tree, leaves))
        outputs, out_tree = flatten(result)
        node = _region(inputs, axes, leaves, position, outputs, _out_axes(out_axes, result, outputs))
        return unflatten(out_tree, picks(node))

    return vectorized


def _region(
    inputs: Sequence[Node],
    axes: Sequence[int | None],
    leaves: Sequence[Node],
    position: Node,
    outputs: Sequence[Node],
    out_axes: Sequence[int],
) -> Node:
    """The region node, with everything outer that the body uses as further inputs."""
    shared = captured(outputs, [*leaves, position])
    shared_leaves = [new_input(node.tensor, node.name) for node in shared]
    roots = substitute(outputs, dict(zip(shared, shared_leaves, strict=True)))
    order = toposort(roots)
    refuse_states(roots, "vectorize", "would have one value per example")
    inputs, axes, leaves = [*inputs, *shared], [*axes, *(None for _ in shared)], [*leaves, *shared_leaves]
    if position in set(order):
        mapped, axis = next((x, axis) for x, axis in zip(inputs, axes, strict=True) if axis is not None)
        inputs, axes, leaves = [*inputs, arange(shape_of(mapped)[axis])], [*axes, 0], [*leaves, position]
    return apply(Vectorized(Graph(tuple(leaves), tuple(roots)), tuple(axes), tuple(out_axes)), *inputs)


def _in_axes(in_axes: Axes, arguments: tuple[Any, ...], inputs: Sequence[Node]) -> list[int | None]:
    """One axis per node, counted from the front."""
    with Blame("vectorize", *inputs):
        one = in_axes is None or _is_int(in_axes)
        per_argument = [in_axes] * len(arguments) if one else _each(in_axes, "in_axes is an int, None, or one for each")
        require(
            len(per_argument) == len(arguments),
            f"in_axes has {len(per_argument)} entries for {len(arguments)} arguments",
            kind=ArgumentError,
        )
        wanted: list[Any] = []
        for axis, argument in zip(per_argument, arguments, strict=True):
            require(axis is None or _is_int(axis), f"an axis is an int or None, received {axis!r}", kind=ArgumentError)
            wanted.extend([axis] * len(flatten(argument)[0]))
        axes = [None if axis is None else normal_axis(axis, x.ndim) for axis, x in zip(wanted, inputs, strict=True)]
        require(any(axis is not None for axis in axes), "needs an argument to map over", kind=ArgumentError)
    return axes


def _out_axes(out_axes: int | Sequence[int], result: Any, outputs: Sequence[Node]) -> list[int]:
    """One axis per output, counted from the front of the result."""
    with Blame("vectorize", *outputs):
        if _is_int(out_axes):
            wanted = [out_axes] * len(outputs)
        else:
            parts = list(result) if isinstance(result, (tuple, list)) else []
            per_part = _each(out_axes, "out_axes is an int, or one for each result")
            require(len(parts) == len(per_part), "out_axes is an int, or one for each result", kind=ArgumentError)
            wanted = [axis for axis, part in zip(per_part, parts, strict=True) for _ in flatten(part)[0]]
        for axis in wanted:
            require(_is_int(axis), f"an axis is an int, received {axis!r}", kind=ArgumentError)
        return [normal_axis(axis, out.ndim + 1) for axis, out in zip(wanted, outputs, strict=True)]


def _each(axes: Any, what: str) -> list[Any]:
    """What was given for each; Mismatch where that is no sequence."""
    require(isinstance(axes, Iterable), f"{what}, received {axes!r}", "give an int, or a tuple of them", ArgumentError)
    return list(axes)


def _is_int(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


__all__ = ["Vectorized", "vectorize"]
