"""The batching pass: every vectorised region becomes ordinary nodes with a leading axis."""

from __future__ import annotations

from ..graph.graph import Graph
from .compilation import Compilation


def batch(graph: Graph, compilation: Compilation) -> Graph:
    """`graph` without vectorised regions."""
    return graph


__all__ = ["batch"]
