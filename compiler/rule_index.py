"""Which rules a node meets: only those that it could match, however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ..graph.node import Const, Node
from ..ops.assume import Assume
from ..ops.creation import Full
from ..ops.elementwise import Elementwise
from .pattern import AnyRule, Kind, RuleTable, kind
from .sums import SUMS, SumRule, kinds_of_terms

Ranked: TypeAlias = tuple[int, AnyRule]  # a rule, and its place in the order of preference


class RuleIndex:
    """Rules by the kind of the root and of one input; those of sums by the kinds of all terms."""

    def __init__(self, tables: Iterable[RuleTable]) -> None:
        self._by_root: dict[Kind, tuple[list[Ranked], dict[Kind, list[Ranked]]]] = {}
        self._of_sums: list[tuple[int, SumRule]] = []
        self._known: dict[tuple[object, ...], tuple[AnyRule, ...]] = {}
        for order, rule in enumerate(rule for table in tables for rule in table.rules):
            if isinstance(rule, SumRule):
                self._of_sums.append((order, rule))
                continue
            for root in rule.roots:
                open_, keyed = self._by_root.setdefault(root, ([], {}))
                if not rule.children:
                    open_.append((order, rule))
                for child in rule.children:
                    # A fill is as good as a constant.
                    for key in (Const, Full) if child is Const else (child,):
                        keyed.setdefault(key, []).append((order, rule))

    def candidates(self, node: Node) -> tuple[AnyRule, ...]:
        """The rules that could hold at `node`, in order of preference; none at an assumption, which stays."""
        if type(node.op) is Assume:
            return ()
        root = kind(node)
        terms = kinds_of_terms(node) if root in SUMS and self._of_sums else None
        key = (root, terms, *[kind(source) for source in node.inputs])
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._look_up(node, terms)
        return found

    def _look_up(self, node: Node, terms: frozenset[Kind] | None) -> tuple[AnyRule, ...]:
        picked: list[Ranked] = []
        roots = [kind(node)] + ([Elementwise] if isinstance(node.op, Elementwise) else [])
        children = {kind(source) for source in node.inputs}
        for root in roots:
            open_, keyed = self._by_root.get(root, ([], {}))
            picked.extend(open_)
            for child in children:
                picked.extend(keyed.get(child, ()))
        if terms is not None:
            picked.extend((order, rule) for order, rule in self._of_sums if rule.fits(terms))
        return tuple(rule for _, rule in sorted(set(picked), key=_order))


def _order(item: Ranked) -> int:
    return item[0]


__all__ = ["RuleIndex"]
