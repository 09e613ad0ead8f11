"""`associative_scan`: all partial results of an associative function, in a number of levels that grows as log(length).

The function is declared once, on two elements, as the body of a region. Before anything is differentiated, the
compiler's batching pass puts ordinary nodes in its place: at each level, the function over all pairs at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..graph.dims import Dim, may_equal, unify_dim
from ..graph.errors import ArgumentError, Mismatch, ShapeError, report, require
from ..graph.graph import Graph
from ..graph.node import Node, apply, new_input, picks
from ..graph.types import TensorType, TupleType, Type
from ..graph.walk import substitute
from ..graph.where import here
from .carried import refuse_states
from .control import check_carry
from .gradient import influences
from .index import getitem
from .join import concat, stack
from .region import Region, captured
from .shape import reshape
from .tree import flatten, same_structure, unflatten

Combine: TypeAlias = Callable[[Sequence[Node], Sequence[Node]], list[Node]]


@dataclass(frozen=True, eq=False)
class AssociativeScan(Region):
    """Inputs: `arrays` arrays along whose leading axis is scanned, then captured values; outputs like the arrays.

    Body inputs: one element of each array, another of each, captured values. Body outputs: the two combined.
    """

    body: Graph
    arrays: int
    reverse: bool = False

    @property
    def params(self) -> str:
        return f"arrays={self.arrays}" + (", reverse" if self.reverse else "")

    def with_body(self, body: Graph) -> AssociativeScan:
        return AssociativeScan(body, self.arrays, self.reverse)

    def body_types(self, *types: Any) -> list[Type]:
        elements = [t.with_shape(t.shape[1:]) for t in types[: self.arrays]]
        return [*elements, *elements, *types[self.arrays :]]

    def passed(self) -> list[tuple[int, Node]]:
        return list(enumerate(self.body.inputs[2 * self.arrays :], self.arrays))

    def infer(self, *types: TensorType) -> TupleType:
        length: Dim = None
        for t in types[: self.arrays]:
            message = f"lengths differ ({length} and {t.shape[0]})"
            require(may_equal(length, t.shape[0]), message, "give arrays of one length")
            length = unify_dim(length, t.shape[0])
        elements = [t.with_shape(t.shape[1:]) for t in types[: self.arrays]]
        for i, (before, after) in enumerate(zip(elements, self.body.outputs, strict=True)):
            check_carry(i, before, after.tensor)
        return TupleType(tuple(t.with_shape((length, *t.shape[1:])) for t in types[: self.arrays]))

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        reached = influences([out for out in self.body.outputs if out.tensor.is_inexact])
        leaves = self.body.inputs
        flags = [leaf in reached and leaf.tensor.is_inexact for leaf in leaves]
        # Without anything to combine, an element is its own result.
        own = [t.is_inexact for t in types[: self.arrays] if isinstance(t, TensorType)]
        return (*own, *flags[2 * self.arrays :])

    def expanded(self, arrays: Sequence[Node], combine: Combine) -> list[Node]:
        """The outputs, where `combine` takes many elements at once: Blelloch's recursion over every other element."""
        if self.reverse:
            flipped = [_every(x, None, None, -1) for x in arrays]
            return [_every(x, None, None, -1) for x in _partial(flipped, combine)]
        return _partial(arrays, combine)


def _every(x: Node, start: int | None, stop: int | None, step: int | None) -> Node:
    return getitem(x, slice(start, stop, step))


def _partial(arrays: Sequence[Node], combine: Combine) -> list[Node]:
    length = arrays[0].sizes[0]
    if length < 2:
        return list(arrays)
    pairs = combine([_every(x, 0, length - 1, 2) for x in arrays], [_every(x, 1, length, 2) for x in arrays])
    odd = _partial(pairs, combine)
    if length == 2:
        return [concat([_every(x, 0, 1, None), y]) for x, y in zip(arrays, odd, strict=True)]
    later = [_every(x, 2, length, 2) for x in arrays]
    before = [_every(y, 0, later[0].sizes[0], None) for y in odd]
    even = [concat([_every(x, 0, 1, None), y]) for x, y in zip(arrays, combine(before, later), strict=True)]
    return [_interleaved(a, b) for a, b in zip(even, odd, strict=True)]


def _interleaved(even: Node, odd: Node) -> Node:
    """even[0], odd[0], even[1], ...; `even` has as many elements, or one more."""
    count = odd.sizes[0]
    both = reshape(stack([_every(even, 0, count, None), odd], axis=1), (2 * count, *odd.sizes[1:]))
    return both if even.sizes[0] == count else concat([both, _every(even, count, None, None)])


def associative_scan(fn: Callable[[Any, Any], Any], elems: Any, *, reverse: bool = False) -> Any:
    """`fn` of all elements up to each one, where it does not matter in which order they are combined.

    Arguments: fn, associative, of two elements (a node, or a nest like elems without the leading axis), giving one;
    called once, on symbolic values. elems, arrays of one length along their leading axis, or a nest of them; reverse,
    from the last element: out[i] then combines elements i to the last, fn's first argument being the later one. Outer
    nodes may be used freely inside. Gives a nest like elems. The work is some 2 n times that of fn, in about
    2 log2(n) levels that each take many elements at once; values differ from those of a loop by rounding.
    Raises: ShapeError where lengths differ or an element changes its shape, DTypeError where it changes its dtype,
    ArgumentError where fn returns another nest.
    Source: Blelloch, Prefix Sums and Their Applications (1990); `jax.lax.associative_scan`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.associative_scan(lambda a, b: a * b, x).eval({x: [1.0, 2.0, 3.0, 4.0]}).tolist()
    [1.0, 2.0, 6.0, 24.0]
    """
    arrays, tree = flatten(elems)
    if not arrays:
        raise report(
            ArgumentError,
            "associative_scan: there is nothing to scan over",
            where=here(),
            received=repr(elems)[:80],
            hint="give an array, or a nest of arrays",
        )
    for x in arrays:
        if x.ndim == 0:
            raise report(
                ShapeError,
                "associative_scan: an array needs a leading axis to scan over",
                where=here(),
                operands=[("elems", x)],
                hint="give a vector or more",
            )
    first, second = ([new_input(x.tensor.with_shape(x.dims[1:]), x.name) for x in arrays] for _ in range(2))
    outputs, out_tree = flatten(fn(unflatten(tree, first), unflatten(tree, second)))
    same_structure("associative_scan: what fn returns", out_tree, tree)
    _check_results(first, outputs)
    outer = captured(outputs, [*first, *second])
    leaves = [new_input(node.tensor, node.name) for node in outer]
    roots = substitute(outputs, dict(zip(outer, leaves, strict=True)))
    refuse_states(roots, "associative_scan", "would have one value per pair")
    op = AssociativeScan(Graph((*first, *second, *leaves), tuple(roots)), len(arrays), reverse)
    return unflatten(tree, picks(apply(op, *arrays, *outer)))


def _check_results(elements: Sequence[Node], outputs: Sequence[Node]) -> None:
    """Raise where two elements combined are not an element."""
    for i, (before, after) in enumerate(zip(elements, outputs, strict=True)):
        try:
            check_carry(i, before.tensor, after.tensor)
        except Mismatch as problem:
            raise report(
                problem.kind,
                f"associative_scan: {problem.message.replace('carry', 'element', 1)}",
                where=here(),
                operands=[("element ", before), ("combined", after)],
                hint="fn gives a value of the type of its arguments",
            ) from None


__all__ = ["AssociativeScan", "associative_scan"]
