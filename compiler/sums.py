"""Equations between sums whose terms stand anywhere in a larger sum, in any order, or with all their signs turned.

    SumRule("exp(x) - x - 1 -> exp_rest(x)", lambda x: exp(x) - x - 1, lambda x: exp_rest(x))

holds in `m**2 + exp(v) - 1 - v` as in `1 + v - m**2 - exp(v)`: a sum is its signed terms, of which some match.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from ..graph.node import Const, Node
from ..ops.creation import Full, zeros_like
from ..ops.elementwise import Elementwise, elementwise_op
from .facts import facts
from .pattern import Bindings, Hole, Kind, Rule, bare, kind, matches, uniform_value, wanted_kinds

Term: TypeAlias = tuple[int, Node]  # a sign, and what it stands before

TERMS = 6
ADD, SUBTRACT, MULTIPLY = (elementwise_op(name) for name in ("add", "subtract", "multiply"))
SUMS: tuple[Kind, ...] = (ADD, SUBTRACT)


def signed_terms(node: Node) -> list[Term]:
    """The terms of a sum, in order; beyond the first few, what is left of it counts as one."""
    found: list[Term] = []
    waiting = [(1, node)]
    while waiting:
        sign, one = waiting.pop()
        name = one.op.row.name if type(one.op) is Elementwise and len(found) + len(waiting) < TERMS else ""
        if name == "add":
            waiting.append((sign, one.inputs[1]))
            waiting.append((sign, one.inputs[0]))
        elif name == "subtract":
            waiting.append((-sign, one.inputs[1]))
            waiting.append((sign, one.inputs[0]))
        elif name == "negative":
            waiting.append((-sign, one.inputs[0]))
        else:
            found.append((sign, one))
    return found


def kind_of_term(term: Node) -> Kind:
    """The kind of a term; of one with a constant factor, the kind of the other factor too."""
    term = bare(term)
    found = kind(term)
    if found is MULTIPLY:
        for factor, other in (term.inputs, term.inputs[::-1]):
            if isinstance(factor.op, (Const, Full)):
                return found, kind(other)
    return found


def kinds_of_terms(node: Node) -> frozenset[Kind]:
    return frozenset([kind_of_term(term) for _, term in signed_terms(node)])


@dataclass(frozen=True, eq=False)
class SumRule(Rule):
    """An equation of which the left side is a sum."""

    @property
    def roots(self) -> tuple[Kind, ...]:
        return SUMS

    @cached_property
    def left_terms(self) -> list[Term]:
        """The terms to be found, those that can match anything last."""
        return sorted(signed_terms(self.left), key=lambda term: isinstance(term[1].op, Hole))

    @cached_property
    def wanted(self) -> list[tuple[Kind, ...]]:
        """For each term that cannot be anything, the kinds of which it must be."""
        found = []
        for _, term in self.left_terms:
            kinds = wanted_kinds(term)
            found.append((kind_of_term(term),) if kinds == (MULTIPLY,) else kinds)
        return [kinds for kinds in found if kinds]

    def match(self, node: Node) -> Bindings | None:
        found = next(self.ways(node), None)
        return None if found is None else found[0]

    def apply(self, node: Node) -> Node | None:
        found = next(self.ways(node), None)
        if found is None:
            return None
        bindings, turn, rest = found
        return joined([(turn, self.build(bindings)), *rest])

    def ways(self, node: Node) -> Iterator[tuple[Bindings, int, list[Term]]]:
        """What the holes stand for, the sign before the sum that matched, and the terms that are left."""
        if not node.tensor.is_float:
            return
        terms = signed_terms(node)
        for turn in (1, -1):
            for bindings, rest in _choose(self.left_terms, terms, turn, {}):
                if cancels(terms, rest) or breaks_up(node, terms, rest):
                    continue
                if self.guard is None or self.guard(*[bindings[h] for h in self.holes]):
                    yield bindings, turn, rest


def _choose(wanted: list[Term], terms: list[Term], turn: int, bound: Bindings) -> Iterator[tuple[Bindings, list[Term]]]:
    if not wanted:
        yield bound, terms
        return
    (sign, pattern), *others = wanted
    for i, (own, term) in enumerate(terms):
        for further in _agree(pattern, sign * turn, term, own, bound):
            yield from _choose(others, terms[:i] + terms[i + 1 :], turn, further)


def _agree(pattern: Node, sign: int, term: Node, own: int, bound: Bindings) -> Iterator[Bindings]:
    """A constant brings its own sign along."""
    if isinstance(pattern.op, Const):
        value = uniform_value(term)
        if value is not None and own * value == sign * pattern.op.value.item():
            yield bound
    elif sign == own:
        yield from matches(pattern, term, bound)


def cancels(terms: list[Term], rest: list[Term]) -> bool:
    """Whether a term that stays is there with the other sign among those that go: the two are nothing together."""
    gone = [term for term in terms if not any(term is other for other in rest)]
    return any(opposite_of(term, gone) is not None for term in rest)


def opposite_of(term: Term, terms: list[Term]) -> int | None:
    """Where a term stands with the other sign."""
    sign, node = term
    return next((i for i, (other, same) in enumerate(terms) if other == -sign and same is node), None)


def breaks_up(node: Node, terms: list[Term], rest: list[Term]) -> bool:
    """Whether a term that stays would be parted from one with which it may cancel exactly, as in `y - 1`."""
    ends, left = ({term for _, term in some} for some in (terms, rest))
    waiting = [node]
    while waiting and left:
        one = waiting.pop()
        op = one.op
        if type(op) is not Elementwise or op.row.name not in ("add", "subtract", "negative"):
            continue
        if len(one.inputs) == 2 and one is not node:
            a, b = one.inputs
            parted = (a in left) != (b in left) and not is_sum(a) and not is_sum(b)
            parted = parted and not any(is_logarithm(one) for one in (a, b) if one in left)  # rounded, never exact
            if parted and not same_sign(a, b, op is SUBTRACT):
                return True
        waiting.extend([source for source in one.inputs if source not in ends])
    return False


def is_sum(node: Node) -> bool:
    return type(node.op) is Elementwise and node.op.row.name in ("add", "subtract", "negative")


def is_logarithm(node: Node) -> bool:
    return type(node.op) is Elementwise and node.op.row.name == "log"


def same_sign(a: Node, b: Node, opposed: bool) -> bool:
    """Whether two terms can be known to add up, and not to cancel."""
    first, second = facts(a), facts(b)
    if opposed:
        return (first.low >= 0 and second.high <= 0) or (first.high <= 0 and second.low >= 0)
    return (first.low >= 0 and second.low >= 0) or (first.high <= 0 and second.high <= 0)


def joined(terms: list[Term]) -> Node:
    """The sum of signed terms."""
    ahead = next((i for i, (sign, _) in enumerate(terms) if sign > 0), None)
    order = terms if ahead is None else [terms[ahead], *terms[:ahead], *terms[ahead + 1 :]]
    (sign, total), *others = order
    total = total if sign > 0 else -total
    for sign, term in others:
        total = total + term if sign > 0 else total - term
    return total


def difference(a: Node, b: Node) -> Node:
    """a - b without the terms that both have, which are taken to be finite."""
    left = signed_terms(a)
    kept: list[Term] = []
    for sign, node in signed_terms(b):
        place = opposite_of((-sign, node), left)
        if place is None:
            kept.append((-sign, node))
        else:
            left.pop(place)
    return joined(left + kept) if left or kept else zeros_like(a)


__all__ = ["SUMS", "SumRule", "difference", "joined", "kinds_of_terms", "opposite_of", "signed_terms"]
