"""Graphs over other nodes: `replace` shares what does not change, `clone` makes everything anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

from ..graph.dims import may_equal
from ..graph.errors import ArgumentError, DTypeError, ShapeError, report
from ..graph.node import Node, NodeLike, as_node, is_leaf
from ..graph.types import TensorType
from ..graph.walk import rebuild, same_nodes, toposort
from ..graph.where import here
from .elementwise import cast_to, is_weak


@overload
def replace(output: Node, replacements: Mapping[Node, NodeLike]) -> Node: ...
@overload
def replace(output: Sequence[Node], replacements: Mapping[Node, NodeLike]) -> list[Node]: ...
def replace(output: Any, replacements: Mapping[Node, NodeLike]) -> Any:
    """`output` with nodes replaced by others, all at once.

    Arguments: output, a node or a list; replacements, `{old: new}`, any nodes (what `output` does not use is left
    aside) and nodes, numbers or arrays of their dtype and rank in their place. Gives nodes of the same dtype and rank.
    What depends on no replaced node stays the same node. All types above are inferred again: a replacement may know
    more sizes than what it replaces, and where these do not fit, the error is that of the line that uses them.
    Raises: DTypeError, ShapeError where a replacement has another type, ArgumentError. Source: PyTensor
    `graph_replace`.

    >>> import theon
    >>> x, y = theon.vector("x"), theon.vector("y")
    >>> h = theon.exp(x)
    >>> theon.replace(h + 1, {h: y * 2}).eval({y: [1.0, 2.0]}).tolist()
    [3.0, 5.0]
    """
    return _over("replace", output, replacements, anew=False)


@overload
def clone(output: Node, replace: Mapping[Node, NodeLike] | None = None) -> Node: ...
@overload
def clone(output: Sequence[Node], replace: Mapping[Node, NodeLike] | None = None) -> list[Node]: ...
def clone(output: Any, replace: Mapping[Node, NodeLike] | None = None) -> Any:
    """A copy of the graph of `output`: every node but inputs, shared variables and constants is made anew.

    Arguments: output, a node or a list; replace, as `theon.replace` takes it. Gives nodes of the same types. A
    derivative by a node of the one graph, or a replacement of it, leaves the other alone.
    Raises: see `theon.replace`. Source: Theano `clone`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> y = theon.exp(x) + 1
    >>> twin = theon.clone(y, replace={x: 2 * x})
    >>> [round(v, 3) for v in twin.eval({x: [0.0, 1.0]}).tolist()]
    [2.0, 8.389]
    """
    return _over("clone", output, {} if replace is None else replace, anew=True)


def _over(what: str, output: Any, replacements: Any, anew: bool) -> Any:
    several = isinstance(output, (list, tuple))
    roots = list(output) if several else [output]
    for root in roots:
        if not isinstance(root, Node):
            raise _wrong(what, "the output must be a node or a list of nodes", root, "give what theon's functions gave")
    if not isinstance(replacements, Mapping):
        raise _wrong(what, "the replacements are a dict", replacements, "give {old: new}")
    new: dict[Node, Node] = {}
    for old, value in replacements.items():
        if not isinstance(old, Node):
            raise _wrong(what, "only nodes can be replaced", old, "give {old: new}, with a node for old")
        new[old] = _fitting(what, old, value)
    for node in toposort(roots, stop=new.__contains__):
        if node not in new:
            inputs = tuple([new[source] for source in node.inputs])
            kept = is_leaf(node) or (not anew and same_nodes(inputs, node.inputs))
            new[node] = node if kept else rebuild(node, inputs)
    found = [new[root] for root in roots]
    return found if several else found[0]


def _fitting(what: str, old: Node, value: Any) -> Node:
    """What takes the place of `old`; raises where it cannot."""
    plain = is_weak(value) and isinstance(old.type, TensorType)
    new = cast_to(value, old.dtype) if plain else as_node(value)
    a, b = old.type, new.type
    if a == b:
        return new
    shaped = isinstance(a, TensorType) and isinstance(b, TensorType)
    if shaped and a.dtype != b.dtype:  # type: ignore[union-attr]
        kind, hint = DTypeError, f"cast it with .astype('{a.dtype}')"  # type: ignore[union-attr]
    elif shaped and len(a.shape) == len(b.shape) and all(map(may_equal, a.shape, b.shape)):  # type: ignore[union-attr]
        return new
    else:
        kind, hint = ShapeError, f"give one of type {a}"  # type: ignore[assignment]
    raise report(
        kind,
        f"{what}: the replacement of {old.label} has another type",
        where=here(),
        operands=[("old", old), ("new", new)],
        hint=hint,
    )


def _wrong(what: str, message: str, received: object, hint: str) -> Exception:
    return report(ArgumentError, f"{what}: {message}", where=here(), received=repr(received)[:80], hint=hint)


__all__ = ["clone", "replace"]
