"""Repair: what is done to a graph before it is differentiated, and again to each derivative that will be."""

from __future__ import annotations

from collections.abc import Iterable

from ..graph.graph import Graph
from .cancel import cancel
from .choices import safe_choices
from .compilation import Compilation
from .pattern import RuleTable
from .rewrite import rewrite
from .rules import LINEAR_ALGEBRA, RECOGNISE, STABILITY


def selected(tables: Iterable[RuleTable], compilation: Compilation) -> tuple[RuleTable, ...]:
    """Those of `tables` that the options ask for."""
    wanted = compilation.options.tables
    return tuple(table for table in tables if table.name in wanted)


def repair(graph: Graph, compilation: Compilation) -> Graph:
    """Composites recognised and formulas stabilised; then choices made safe in what is still to be differentiated."""
    tables = selected((RECOGNISE, STABILITY, LINEAR_ALGEBRA), compilation)
    if tables:
        graph = rewrite(cancel(graph, compilation), tables, compilation)
    return safe_choices(graph, compilation) if STABILITY in tables else graph


__all__ = ["repair", "selected"]
