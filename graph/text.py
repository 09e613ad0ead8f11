"""The printed form of a program: one line per node in single-assignment form, the same for equal programs.

    %0 x = input : float32[batch, 3]
    %1 W = state : float32[3, 2]
    %2 = matmul(%0, %1) : float32[batch, 2]
    %3 h = tanh(%2) : float32[batch, 2]  # in encoder, train.py:14
    return %3

Leaves come first: inputs as declared, then states and constants as they are met. A region's body stands indented below
its node. Numbers count lines, so nothing depends on ids; the exporters name the nodes by the same numbers.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, TextIO

from .errors import ArgumentError, report
from .graph import Graph
from .node import Const, Input, Node, State, is_leaf
from .op import Op
from .walk import toposort
from .where import Where, here

SHOWN_ELEMENTS = 6  # a constant vector of no more elements is printed whole

_PLAIN_NAME = re.compile(r"[^\W\d][\w./\-]*")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # in the repr of a function or an object: not stable, so not printed


def as_graph(target: Any) -> Graph:
    """The program that `target` is: a Graph, a node, a list of nodes, a dict of updates, or what has a `graph`.

    Raises: ArgumentError for anything else.
    """
    if isinstance(target, Graph):
        return target
    if isinstance(target, Node):
        return _program((target,))
    if isinstance(target, Mapping) and target and all(map(_is_update, target.items())):
        return _program((), tuple(target.items()))
    if isinstance(target, (list, tuple)) and target and all(isinstance(node, Node) for node in target):
        return _program(tuple(target))
    graph = getattr(target, "graph", None)
    if isinstance(graph, Graph):
        return graph
    raise report(
        ArgumentError,
        "not a graph that can be shown",
        where=here(),
        received=f"{type(target).__name__} {repr(target)[:80]}",
        hint="give a node, a list of nodes, a dict of updates {state: node}, a Graph or a compiled function",
    )


def _is_update(pair: tuple[Any, Any]) -> bool:
    return all(isinstance(node, Node) for node in pair) and isinstance(pair[0].op, State)


def _program(outputs: tuple[Node, ...], updates: tuple[tuple[Node, Node], ...] = ()) -> Graph:
    order = toposort((*outputs, *(new for _, new in updates)))
    inputs = tuple(node for node in _leaves(order) if isinstance(node.op, Input))
    return Graph(inputs, outputs, updates)


def _leaves(order: Sequence[Node]) -> dict[Node, None]:
    """Leaves as a reader meets them: through the operands, left to right."""
    users = (node for node in order if not is_leaf(node))
    met = dict.fromkeys(source for node in users for source in node.inputs if is_leaf(source))
    met.update(dict.fromkeys(node for node in order if is_leaf(node)))
    return met


def listing(graph: Graph) -> list[Node]:
    """Every node in the order in which texts and pictures number them: inputs, other leaves, then users."""
    order = graph.nodes()
    listed: dict[Node, None] = dict.fromkeys(graph.inputs)
    listed.update(_leaves(order))
    listed.update(dict.fromkeys(state for state, _ in graph.updates))
    listed.update(dict.fromkeys(order))
    return list(listed)


def bodies(op: Op) -> list[Graph]:
    """The graphs among an op's fields, and among those of an op that it wraps: what makes it a region."""
    found: list[Graph] = []
    for field in fields(op):  # type: ignore[arg-type]  # every op is a dataclass
        value = getattr(op, field.name)
        if isinstance(value, Graph):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(item for item in value if isinstance(item, Graph))
        elif isinstance(value, Op):
            found.extend(bodies(value))
    return found


def parameters(op: Op) -> str:
    """An op's static parameters; of a constant, its value where that is short."""
    if isinstance(op, Const):
        return constant_text(op)
    return _ADDRESS.sub("", op.params)


def constant_text(op: Const) -> str:
    """A scalar or a short vector as its shortest exact text in its own dtype; nothing for what is larger."""
    value = op.value
    if value.ndim == 0:
        return str(value[()])
    if value.ndim == 1 and value.size <= SHOWN_ELEMENTS:
        return "[" + ", ".join(str(element) for element in value) + "]"
    return ""


def user_line(where: Where | None) -> str:
    """`train.py:14`, without the folder, which is the machine's and not the program's; empty where nobody wrote it."""
    return f"{os.path.basename(where.file)}:{where.line}" if where is not None and where.line else ""


class _Printer:
    """Numbers nodes as it prints them; one per text, so that numbers are unique across bodies."""

    def __init__(self, lines: bool) -> None:
        self.lines = lines
        self.count = 0

    def program(self, graph: Graph, indent: str) -> Iterator[str]:
        number: dict[Node, str] = {}
        for node in listing(graph):
            number[node] = f"%{self.count}"
            self.count += 1
            yield indent + self.line(node, number)
            for body in bodies(node.op):
                yield f"{indent}    body:"
                yield from self.program(body, indent + "    ")
        if graph.outputs:
            yield f"{indent}return " + ", ".join(number[node] for node in graph.outputs)
        for state, new in graph.updates:
            yield f"{indent}update {number[state]} <- {number[new]}"
        for effect in graph.effects:
            yield f"{indent}effect {number[effect]}"

    def line(self, node: Node, number: Mapping[Node, str]) -> str:
        op = node.op
        left = number[node] if node.name is None else f"{number[node]} {_name(node.name)}"
        what = parameters(op)
        if isinstance(op, Const):
            right = f"{op.name} {what}".rstrip()
        else:
            operands = f"({', '.join(number[source] for source in node.inputs)})"
            right = op.name + (f"[{what}]" if what else "") + ("" if is_leaf(node) else operands)
        return f"{left} = {right} : {node.type}{self.remark(node)}"

    def remark(self, node: Node) -> str:
        where = node.where
        if where is None:
            return ""
        scope = f"in {_name(where.scope)}" if where.scope else ""
        line = user_line(where) if self.lines else ""
        return "  # " + ", ".join(filter(None, (scope, line))) if scope or line else ""


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name)


def text(target: Any, *, lines: bool = False) -> str:
    """The printed form of a program, ending in a newline; see `dprint`, which prints it.

    >>> import theon
    >>> print(text(theon.tanh(theon.vector("x")) * 2.0), end="")
    %0 x = input : float32[?]
    %1 = const 2.0 : float32[]
    %2 = tanh(%0) : float32[?]
    %3 = multiply(%2, %1) : float32[?]
    return %3
    """
    return "\n".join(_Printer(lines).program(as_graph(target), "")) + "\n"


def dprint(target: Any, *, lines: bool = False, file: TextIO | None = None) -> str:
    """Print a program, one line per node, and give the same text back.

    Arguments: target, a node, a list of nodes, a dict of updates `{state: node}`, a Graph or a compiled function;
    lines, whether to add the user's line to each node; file, where to print, standard output by default.
    The text is the same for equal programs, whenever and wherever they are declared.
    Raises: ArgumentError where the target is no graph. Source: Theano `theano.printing.debugprint`.

    >>> import theon
    >>> x = theon.scalar("x")
    >>> shown = theon.dprint(x + x)
    %0 x = input : float32[]
    %1 = add(%0, %0) : float32[]
    return %1
    """
    shown = text(target, lines=lines)
    (sys.stdout if file is None else file).write(shown)
    return shown


__all__ = ["as_graph", "bodies", "dprint", "listing", "parameters", "text", "user_line"]
