"""Mermaid: a flowchart that Markdown pages show as a picture."""

from __future__ import annotations

import os
import re
from typing import Any

from .files import write_text
from .layout import caption, framed, grouped
from .record import EdgeRecord, NodeRecord, record

# Opening and closing bracket of each role's shape: stadium, cylinder, hexagon, box, trapezium, double circle.
_SHAPES = {
    "input": ("([", "])"),
    "state": ("[(", ")]"),
    "const": ("{{", "}}"),
    "op": ("[", "]"),
    "effect": ("[/", "/]"),
    "output": ("(((", ")))"),
    "update": ("([", "])"),
}

# Inside a quoted label these characters mean something to Mermaid or to HTML; as entities they are plain text.
_SPECIAL = re.compile(r"[#&<>\"`\\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def to_mermaid(target: Any, path: str | os.PathLike[str] | None = None) -> str:
    """A program as Mermaid text, also written to `path` where one is given; put it in a block ```` ```mermaid ````.

    Arguments: target, a node, a list of nodes, a dict of updates `{state: node}`, a Graph or a compiled function.
    Raises: ArgumentError where the target is no graph, ExportError where the file cannot be written.

    >>> import theon
    >>> print(theon.export.mermaid(theon.tanh(theon.vector("x"))), end="")
    flowchart TD
      n0(["x<br>float32[?]"])
      n1["tanh"]
      output0((("output")))
      n0 -->|"float32[?]"| n1
      n1 -->|"float32[?]"| output0
    """
    found = record(target)
    text = (
        "\n".join(["flowchart TD", *framed(grouped(found), _node, _subgraph, "end"), *map(_edge, found.edges)]) + "\n"
    )
    if path is not None:
        write_text(path, text)
    return text


def _subgraph(number: int, title: str) -> tuple[str]:
    return (f"subgraph scope{number} [{_quoted(title)}]",)


def _node(node: NodeRecord) -> str:
    opening, closing = _SHAPES[node.role]
    return f"{node.id}{opening}{_quoted(*caption(node))}{closing}"


def _edge(edge: EdgeRecord) -> str:
    if edge.kind != "data":
        return f"  {edge.source} -.-> {edge.target}"
    return f"  {edge.source} -->|{_quoted(edge.type)}| {edge.target}"


def _quoted(*lines: str) -> str:
    plain = (_CONTROL.sub(" ", line) for line in lines)
    escaped = (_SPECIAL.sub(lambda found: f"#{ord(found.group())};", line) for line in plain)
    return '"' + "<br>".join(escaped) + '"'


__all__ = ["to_mermaid"]
