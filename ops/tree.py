"""Nested tuples, lists and dicts of nodes, as users hand them to loops and get them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jax import tree_util

from ..graph.errors import ArgumentError, report
from ..graph.node import Node, as_node
from ..graph.where import here


def flatten(tree: Any) -> tuple[list[Node], Any]:
    """The nodes in a nest, in order, and its structure; numbers and arrays in it become constants."""
    leaves, structure = tree_util.tree_flatten(tree)
    return [as_node(leaf) for leaf in leaves], structure


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
