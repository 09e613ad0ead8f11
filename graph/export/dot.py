"""Graphviz DOT: ops as boxes, leaves as ellipses, states filled, scopes and bodies as frames, types on the edges."""

from __future__ import annotations

import os
import re
from typing import Any

from .files import write_text
from .layout import caption, framed, grouped, remark
from .record import EdgeRecord, NodeRecord, record

_HEAD = """digraph theon {
  graph [rankdir=TB, fontname="Helvetica", fontsize=11, style=rounded, color="#8a8a8a"];
  node [fontname="Helvetica", fontsize=11];
  edge [fontname="Helvetica", fontsize=9, fontcolor="#5a5a5a"];"""

_SHAPES = {
    "input": "shape=ellipse",
    "state": 'shape=ellipse, style=filled, fillcolor="#cfe2f3"',
    "const": "shape=ellipse, style=dashed",
    "op": "shape=box",
    "effect": 'shape=box, style=filled, fillcolor="#fce5cd"',
    "output": "shape=ellipse, peripheries=2",
    "update": 'shape=ellipse, style="filled,dashed", fillcolor="#cfe2f3"',
}

# Edges that are not data: they do not decide which node stands above which.
_SIDEWAYS = {"update": "style=dashed", "body": "style=dotted"}

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def to_dot(target: Any, path: str | os.PathLike[str] | None = None) -> str:
    """A program as Graphviz DOT text, also written to `path` where one is given.

    Arguments: target, a node, a list of nodes, a dict of updates `{state: node}`, a Graph or a compiled function.
    Raises: ArgumentError where the target is no graph, ExportError where the file cannot be written.

    >>> import theon
    >>> text = theon.export.dot(theon.tanh(theon.vector("x")))
    >>> print(text.splitlines()[7])
      n0 -> n1 [label=" float32[?]"];
    """
    found = record(target)
    lines = [_HEAD, *framed(grouped(found), _node, _cluster, "}"), *map(_edge, found.edges), "}"]
    text = "\n".join(lines) + "\n"
    if path is not None:
        write_text(path, text)
    return text


def _cluster(number: int, title: str) -> tuple[str, str]:
    """Graphviz wants the names of frames to begin with `cluster`."""
    return f"subgraph cluster{number} {{", f"  label={_quoted(title)};"


def _node(node: NodeRecord) -> str:
    label, tooltip = _quoted("\n".join(caption(node))), _quoted(remark(node))
    return f"{node.id} [label={label}, {_SHAPES[node.role]}, tooltip={tooltip}];"


def _edge(edge: EdgeRecord) -> str:
    if edge.kind != "data":
        return f"  {edge.source} -> {edge.target} [{_SIDEWAYS[edge.kind]}, constraint=false];"
    label = _quoted(f" {edge.type}")  # the space keeps it clear of the line
    return f"  {edge.source} -> {edge.target} [label={label}];"


def _quoted(text: str) -> str:
    """A DOT string, in which nothing of the text is taken for an escape, an end or an HTML entity."""
    plain = _CONTROL.sub(" ", text)
    for character, written in (("\\", "\\\\"), ('"', '\\"'), ("&", "&amp;"), ("\n", "\\n")):
        plain = plain.replace(character, written)
    return f'"{plain}"'


__all__ = ["to_dot"]
