"""Which rules a node meets: only those that it could match, however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ..graph.node import Node
from ..ops.assume import Assume
from ..ops.elementwise import Elementwise
from .pattern import AnyRule, Kind, RuleTable, kind
from .sums import SUMS, SumRule, kinds_of_terms

KEPT = 50_000  # combinations of kinds for which the rules are remembered
Ranked: TypeAlias = tuple[int, AnyRule]  # a rule, and its place in the order of preference


class RuleIndex:
    """Rules by the kind of the root and of its inputs; those of sums by the kinds of all terms."""

    def __init__(self, tables: Iterable[RuleTable]) -> None:
        self._by_root: dict[Kind, list[Ranked]] = {}
        self._known: dict[tuple[object, ...], tuple[AnyRule, ...]] = {}
        for order, rule in enumerate(rule for table in tables for rule in table.rules):
            for root in rule.roots:
                self._by_root.setdefault(root, []).append((order, rule))
        self._has_sums = any(isinstance(rule, SumRule) for root in SUMS for _, rule in self._by_root.get(root, ()))

    def candidates(self, node: Node) -> tuple[AnyRule, ...]:
        """The rules that could hold at `node`, in order of preference; none at an assumption, which stays."""
        if type(node.op) is Assume:
            return ()
        root = kind(node)
        terms = kinds_of_terms(node) if self._has_sums and root in SUMS else frozenset()
        key = (root, terms, *[kind(source) for source in node.inputs])
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            found = self._known[key] = self._look_up(node, terms)
        return found

    def _look_up(self, node: Node, terms: frozenset[Kind]) -> tuple[AnyRule, ...]:
        roots = [kind(node)] + ([Elementwise] if isinstance(node.op, Elementwise) else [])
        inputs = {kind(source) for source in node.inputs}
        picked = [
            (order, rule)
            for root in roots
            for order, rule in self._by_root.get(root, ())
            if rule.fits(terms if isinstance(rule, SumRule) else inputs)
        ]
        return tuple(rule for _, rule in sorted(picked, key=_order))


def _order(item: Ranked) -> int:
    return item[0]


__all__ = ["RuleIndex"]
