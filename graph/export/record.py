"""The neutral record of a program that every exporter reads: nodes and edges as plain values.

Exporters differ in how they write a record, never in what they know. Ids are the numbers of the printed form (`%3` is
`n3`). Outputs and updates are nodes of their own, so that a picture shows where values leave. The nodes of a region's
body name the region; what the body gives leads to it.
"""

from __future__ import annotations

import linecache
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

import networkx as nx

from ..dims import Dim
from ..graph import Graph
from ..node import Const, Input, Node, State
from ..text import as_graph, bodies, listing, parameters, user_line
from ..types import TensorType
from ..where import Where

Kind: TypeAlias = Literal["data", "update", "body"]
Role: TypeAlias = Literal["input", "state", "const", "op", "effect", "output", "update"]


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """One node as a picture shows it; `dtype` and `shape` are None where the node has several outputs."""

    id: str
    role: Role
    op: str
    params: str
    label: str
    type: str
    dtype: str | None
    shape: tuple[Dim, ...] | None
    scope: str
    line: str  # `train.py:14`
    source: str  # the text of that line
    region: str | None  # the id of the node in whose body this one stands
    gradient_of: str | None  # the id of the forward node whose derivative this one belongs to


@dataclass(frozen=True, slots=True)
class EdgeRecord:
    """A value on its way: "data" into a node's `position`-th input, "update" back into its state for the next call,
    "body" from an output of a region's body to the region."""

    source: str
    target: str
    position: int
    type: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Record:
    """A program as plain values; nodes stand in the order of the printed form."""

    nodes: tuple[NodeRecord, ...]
    edges: tuple[EdgeRecord, ...]


def record(target: Any) -> Record:
    """The record of a program: a node, a list of nodes, a dict of updates, a Graph or a compiled function.

    >>> import theon
    >>> [node.label for node in record(theon.tanh(theon.vector("x"))).nodes]
    ['x', 'tanh', 'output']
    """
    recorder = _Recorder()
    recorder.program(as_graph(target), None)
    return Record(tuple(recorder.nodes), tuple(recorder.edges))


class _Recorder:
    def __init__(self) -> None:
        self.nodes: list[NodeRecord] = []
        self.edges: list[EdgeRecord] = []
        self.ids: dict[Node, str] = {}
        self.count = 0

    def program(self, graph: Graph, region: str | None, which: str = "") -> None:
        ids: dict[Node, str] = {}
        effects = set(graph.effects)
        for node in listing(graph):
            ids[node] = self.ids[node] = f"n{self.count}"
            self.count += 1
            role: Role = "effect" if node in effects or node.op.effect else _role(node)
            twin = graph.provenance[node].gradient_of if node in graph.provenance else None
            self.node(ids[node], role, node, region, None if twin is None else self.ids.get(twin))
            for position, source in enumerate(node.inputs):
                self.edge(ids[source], ids[node], position, source)
            inner = bodies(node.op)
            for i, body in enumerate(inner):
                self.program(body, ids[node], f"{i}_" if len(inner) > 1 else "")
        self.sinks(graph, region, which, ids)

    def sinks(self, graph: Graph, region: str | None, which: str, ids: dict[Node, str]) -> None:
        prefix = "" if region is None else f"{region}_{which}"
        for i, output in enumerate(graph.outputs):
            label = "output" if len(graph.outputs) == 1 else f"output {i}"
            self.sink(f"{prefix}output{i}", "output", label, output, region)
            self.edge(ids[output], f"{prefix}output{i}", 0, output)
            if region is not None:
                self.edge(f"{prefix}output{i}", region, i, output, "body")
        for i, (state, new) in enumerate(graph.updates):
            self.sink(f"{prefix}update{i}", "update", f"next {state.label}", new, region)
            self.edge(ids[new], f"{prefix}update{i}", 0, new)
            self.edge(f"{prefix}update{i}", ids[state], 0, new, "update")

    def node(self, id: str, role: Role, node: Node, region: str | None, twin: str | None) -> None:
        where, params = node.where, parameters(node.op)
        label = params if role == "const" and params and node.name is None else node.label
        self.nodes.append(
            NodeRecord(
                id,
                role,
                node.op.name,
                params,
                label,
                str(node.type),
                *_dtype_and_shape(node),
                "" if where is None else where.scope,
                user_line(where),
                _source(where),
                region,
                twin,
            )
        )

    def sink(self, id: str, role: Role, label: str, node: Node, region: str | None) -> None:
        dtype, shape = _dtype_and_shape(node)
        self.nodes.append(NodeRecord(id, role, role, "", label, str(node.type), dtype, shape, "", "", "", region, None))

    def edge(self, source: str, target: str, position: int, value: Node, kind: Kind = "data") -> None:
        self.edges.append(EdgeRecord(source, target, position, str(value.type), kind))


def _role(node: Node) -> Role:
    op = node.op
    if isinstance(op, Input):
        return "input"
    if isinstance(op, State):
        return "state"
    return "const" if isinstance(op, Const) else "op"


def _dtype_and_shape(node: Node) -> tuple[str | None, tuple[Dim, ...] | None]:
    type_ = node.type
    return (type_.dtype.name, type_.shape) if isinstance(type_, TensorType) else (None, None)


def _source(where: Where | None) -> str:
    return "" if where is None else linecache.getline(where.file, where.line).strip()


_ATTRIBUTES = tuple(field.name for field in fields(NodeRecord) if field.name not in ("id", "shape"))


def to_networkx(target: Any) -> nx.MultiDiGraph:
    """The record of a program as a networkx multigraph, whose nodes and edges carry the record's fields as attributes.

    Arguments: target, a node, a list of nodes, a dict of updates `{state: node}`, a Graph or a compiled function.
    `networkx.node_link_data` of the result goes to JSON as it is.
    Raises: ArgumentError where the target is no graph.

    >>> import json, networkx, theon
    >>> graph = theon.export.networkx(theon.tanh(theon.vector("x")))
    >>> sorted(graph.nodes)
    ['n0', 'n1', 'output0']
    >>> data = json.dumps(networkx.node_link_data(graph, edges="edges"))
    """
    found = record(target)
    graph = nx.MultiDiGraph(name="theon")
    for node in found.nodes:
        attributes = {name: getattr(node, name) for name in _ATTRIBUTES}
        graph.add_node(node.id, **attributes, shape=None if node.shape is None else list(node.shape))
    for edge in found.edges:
        graph.add_edge(edge.source, edge.target, position=edge.position, type=edge.type, kind=edge.kind)
    return graph


__all__ = ["EdgeRecord", "NodeRecord", "Record", "Role", "record", "to_networkx"]
