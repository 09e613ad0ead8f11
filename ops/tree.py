"""Nested tuples, lists and dicts of nodes, as users hand them to loops and get them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jax import tree_util

from ..graph.errors import ArgumentError, report
from ..graph.node import Node, as_node, constant
from ..graph.types import takes_scalar
from ..graph.where import here
from .elementwise import is_weak


def flatten(tree: Any, like: Sequence[Node] = ()) -> tuple[list[Node], Any]:
    """The nodes in a nest, in order, and its structure; numbers and arrays in it become constants.

    Python's numbers take the dtype of the node at their place in `like`, where that holds them.
    """
    leaves, structure = tree_util.tree_flatten(tree)
    beside = [*like, *[None] * (len(leaves) - len(like))]
    return [_leaf(leaf, node) for leaf, node in zip(leaves, beside, strict=False)], structure


def _leaf(value: Any, like: Node | None) -> Node:
    if like is None or not is_weak(value):
        return as_node(value)
    return constant(value, like.dtype) if takes_scalar(value, like.dtype) else as_node(value)


def unflatten(structure: Any, nodes: Sequence[Node]) -> Any:
    return tree_util.tree_unflatten(structure, nodes)


def same_structure(what: str, got: Any, wanted: Any) -> None:
    """Raise where two nests are built differently."""
    if got != wanted:
        raise report(
            ArgumentError,
            f"{what} is nested differently than before",
            where=here(),
            received=shown(got),
            hint=f"return the same nest, with a node for each *: {shown(wanted)}",
        )


def shown(structure: Any) -> str:
    """A structure as text, with * for each node."""
    return str(structure).removeprefix("PyTreeDef(").removesuffix(")")
