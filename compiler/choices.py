"""Choices that a derivative can pass through: the branch of a `where` that is not taken gets a safe argument.

The gradient of `where(c, log(x), 0)` multiplies by 1 / x in both branches, and 0 * inf is nan. So, in what is still to
be differentiated, the arguments of functions with a pole or an edge are themselves chosen:

    where(c, log(x), 0)   ->   where(c, log(where(c, x, 1)), 0)

The value is the same to the last bit, whatever `c` and `x` are: elements that are taken meet the same function of the
same number. Functions are followed down from the `where` as far as ops are elementwise.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..graph.graph import Graph
from ..graph.node import Const, Node, is_inexact_node
from ..graph.walk import rebuild, same_nodes, toposort
from ..graph.where import born_at, lend
from ..ops.assume import Assume
from ..ops.comparison import Where, where
from ..ops.elementwise import Cast, Elementwise
from ..ops.gradient import Gradient, StopGradient
from ..ops.region import Region
from .compilation import Compilation
from .facts import Facts, facts
from .pattern import uniform_value

REACH = 64  # how many elementwise nodes below one `where` are looked at


def _above(bound: float) -> Callable[[Facts], bool]:
    return lambda x: x.low > bound


def _away_from_zero(x: Facts) -> bool:
    return x.low > 0 or x.high < 0


def _moderate(x: Facts) -> bool:
    return x.low >= -10 and x.high <= 10


def _inside_one(x: Facts) -> bool:
    return x.low > -1 and x.high < 1


# By function: which argument, a value of it where all derivatives are finite, and what facts make a choice needless.
EDGES: dict[str, tuple[int, float, Callable[[Facts], bool]]] = {
    **dict.fromkeys(("log", "log2", "log10", "sqrt", "rsqrt", "gammaln", "digamma", "entr"), (0, 1.0, _above(0))),
    **dict.fromkeys(("reciprocal", "cbrt"), (0, 1.0, _away_from_zero)),
    **dict.fromkeys(("divide", "atan2", "xlogy", "remainder", "fmod"), (1, 1.0, _away_from_zero)),
    "xlog1py": (1, 0.0, _above(-1)),
    **dict.fromkeys(("asin", "acos", "atanh", "erfinv"), (0, 0.0, _inside_one)),
    **dict.fromkeys(("exp", "exp2", "expm1"), (0, 0.0, lambda x: x.high <= 10)),
    **dict.fromkeys(("sinh", "cosh"), (0, 0.0, _moderate)),
    **dict.fromkeys(("logit", "ndtri"), (0, 0.5, lambda x: x.low > 0 and x.high < 1)),
    "log1mexp": (0, -1.0, lambda x: x.high < 0),
    "log1p": (0, 0.0, _above(-1)),
    "acosh": (0, 2.0, _above(1)),
    "pow": (0, 1.0, _above(0)),
}
LINEAR = ("add", "subtract", "negative", "where")
TESTS = ("isnan", "isinf", "isfinite")


def safe_choices(graph: Graph, compilation: Compilation, everywhere: bool = False) -> Graph:
    """`graph` with safe arguments in the costs of its gradients (or everywhere), bodies of regions included."""
    if not compilation.interner.choices:
        return graph
    nodes = graph.nodes()
    costs = [node.inputs[0] for node in nodes if isinstance(node.op, Gradient)]
    derived = set(nodes) if everywhere else set(toposort(costs))
    if not derived and not compilation.interner.regions:
        return graph
    interner = compilation.interner
    new: dict[Node, Node] = {}
    with born_at(None):
        for node in nodes:
            op, inputs = node.op, tuple([new[source] for source in node.inputs])
            if isinstance(op, Region):
                op = op.over_bodies(partial(safe_choices, compilation=compilation, everywhere=node in derived))
            made = interner.over(node, op, inputs)
            if type(op) is Where and node in derived and is_inexact_node(node):
                lend(node.where)
                made = interner.intern(safe_choice(made))
            new[node] = made
    roots = [new[root] for root in graph.roots]
    return graph if same_nodes(roots, graph.roots) else graph.with_roots(roots)


def safe_choice(node: Node) -> Node:
    """A `where` with safe arguments in both branches."""
    condition, given, otherwise = node.inputs
    if isinstance(otherwise.op, StopGradient) and otherwise.inputs[0] is given:
        return node  # one value twice: there is nothing to protect
    taken = Branch(condition, True).guarded(node.inputs[1])
    other = Branch(condition, False).guarded(node.inputs[2])
    if taken is node.inputs[1] and other is node.inputs[2]:
        return node
    return rebuild(node, (condition, taken, other))


class Branch:
    """One branch of a choice: the elementwise nodes below it, each rewritten once."""

    def __init__(self, condition: Node, when: bool) -> None:
        self.condition = condition
        self.when = when
        self.tested = tested(condition)
        self.done: dict[Node, Node] = {}

    def guarded(self, node: Node) -> Node:
        """`node` with the arguments of its functions chosen, down to what is not elementwise."""
        op = node.op
        if not isinstance(op, (Elementwise, Cast, Assume)) or not is_inexact_node(node):
            return node
        found = self.done.get(node)
        if found is not None:
            return found
        if len(self.done) >= REACH:
            return node
        self.done[node] = node
        inputs = [self.guarded(source) for source in node.inputs]
        for i, source in enumerate(node.inputs):
            safe = self.safe_value(node, i, source)
            if safe is not None:
                inputs[i] = self.chosen(inputs[i], safe)
        made = node if same_nodes(inputs, node.inputs) else rebuild(node, tuple(inputs))
        self.done[node] = made
        return made

    def safe_value(self, node: Node, i: int, source: Node) -> float | None:
        """What stands for argument `i` where the branch is not taken; None where it may stay."""
        if not isinstance(node.op, Elementwise) or self.is_chosen(source) or isinstance(source.op, Const):
            return None
        name = node.op.row.name
        if source is self.tested and name not in LINEAR:
            return 1.0
        position, safe, fine = EDGES.get(name, (None, 0.0, None))
        if i != position or fine is None or (name == "pow" and is_whole_power(node.inputs[1])):
            return None
        return None if fine(facts(source)) else safe

    def is_chosen(self, node: Node) -> bool:
        """Whether an argument is a choice by this condition already, among choices by others perhaps."""
        while type(node.op) is Where and node.inputs[0] is not self.condition:
            open_ends = [branch for branch in node.inputs[1:] if uniform_value(branch) is None]
            if len(open_ends) != 1:
                return False
            node = open_ends[0]
        return type(node.op) is Where

    def chosen(self, x: Node, safe: float) -> Node:
        return where(self.condition, x, safe) if self.when else where(self.condition, safe, x)


def tested(condition: Node) -> Node | None:
    """What a condition says of being a number: in the other branch it may be nan or infinite."""
    while isinstance(condition.op, Elementwise) and condition.op.row.name == "logical_not":
        condition = condition.inputs[0]
    if isinstance(condition.op, Elementwise) and condition.op.row.name in TESTS:
        return condition.inputs[0]
    return None


def is_whole_power(exponent: Node) -> bool:
    value = uniform_value(exponent)
    return value is not None and value >= 0 and value == int(value)


__all__ = ["safe_choices"]
