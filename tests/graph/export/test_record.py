"""The neutral record: everything that a picture or another program needs, as plain values."""

import json

import networkx as nx
import numpy as np
import pytest

import theon
from theon.graph.export import record
from theon.graph.export.layout import caption, grouped
from theon.graph.graph import Graph, Provenance
from theon.graph.text import listing


def program() -> Graph:
    """One of everything: an input, a state, a constant, a scope, a region, an effect, an output, an update."""
    x = theon.tensor("x", shape=("batch", 2))
    w = theon.shared(np.zeros(2, np.float32), name="w")
    with theon.scope("model"):
        h = theon.tanh(x * w)
        total, _ = theon.scan(lambda c, v: (c + v, None), theon.zeros(2), h)
    shown = theon.print(total, "total")
    return Graph((x,), (total,), ((w, w * 0.5),), (shown,))


def test_nodes() -> None:
    """Every line of the printed form is a node of the same number; outputs and updates are nodes besides."""
    graph = program()
    found = {node.id: node for node in record(graph).nodes}
    labels = {node.label: node for node in found.values() if node.region is None}
    leaves = [(label, node.role) for label, node in labels.items() if node.role in ("input", "state", "const")]
    assert leaves == [("x", "input"), ("w", "state"), ("0.0", "const"), ("0.5", "const")]
    assert labels["tanh"].role == "op" and labels["tanh"].scope == "model"
    assert labels["tanh"].dtype == "float32" and labels["tanh"].shape == ("batch", 2)
    assert labels["tanh"].line.startswith("test_record.py:") and labels["tanh"].source == "h = theon.tanh(x * w)"
    assert labels["print"].role == "effect"
    assert labels["output"].role == "output" and labels["next w"].role == "update"
    assert labels["scan"].dtype is None and labels["scan"].shape is None
    body = [node for node in found.values() if node.region == labels["scan"].id]
    assert {node.role for node in body} == {"input", "op", "output"}
    assert len(listing(graph)) == sum(node.region is None for node in found.values()) - 2


def test_edges() -> None:
    """Edges know the input they feed; an update leads back to its state, and what a body gives to its region."""
    found = record(program())
    ids = {node.label: node.id for node in found.nodes if node.region is None}
    regions = {node.id: node.region for node in found.nodes}
    into = [edge for edge in found.edges if edge.target == ids["tanh"]]
    assert [(edge.position, edge.type, edge.kind) for edge in into] == [(0, "float32[batch, 2]", "data")]
    back = [edge for edge in found.edges if edge.kind == "update"]
    assert [(edge.source, edge.target) for edge in back] == [(ids["next w"], ids["w"])]
    crossing = [edge for edge in found.edges if regions[edge.source] != regions[edge.target]]
    assert [(edge.target, edge.kind) for edge in crossing] == [(ids["scan"], "body")]


def test_gradient_nodes_name_their_forward_node() -> None:
    """What provenance knows of a derivative is in the record."""
    x = theon.vector("x")
    y = theon.tanh(x)
    g = y * 2
    graph = Graph((x,), (y, g), provenance={g: Provenance(gradient_of=y)})
    twins = {node.id: node.gradient_of for node in record(graph).nodes if node.gradient_of}
    (position,) = [i for i, node in enumerate(listing(graph)) if node is y]
    assert list(twins.values()) == [f"n{position}"]


def test_networkx() -> None:
    """The graph holds all attributes, keeps parallel edges, and goes to JSON and back."""
    x = theon.tensor("x", shape=("batch", None))
    graph = theon.export.networkx(x * x)
    assert isinstance(graph, nx.MultiDiGraph) and graph.number_of_edges("n0", "n1") == 2
    assert graph.nodes["n0"]["shape"] == ["batch", None] and graph.nodes["n0"]["role"] == "input"
    text = json.dumps(nx.node_link_data(graph, edges="edges"))
    again = nx.node_link_graph(json.loads(text), edges="edges")
    assert nx.utils.graphs_equal(graph, again)
    assert nx.is_directed_acyclic_graph(graph)


def test_groups() -> None:
    """Scopes nest; a body stands in a frame of its own, inside the frames of its region."""
    root = grouped(record(program()))
    assert list(root.groups) == ["scope model"]
    (body,) = root.groups["scope model"].groups.values()
    assert body.title == "scan body" and not body.groups
    assert {node.region for node in body.nodes} != {None}


def test_captions() -> None:
    """A node says what a person calls it and what it is; long parameters are cut."""
    x = theon.vector("x")
    y = theon.sum(x)
    y.name = "total"
    shown = theon.print(y, "m" * 200)
    lines = [caption(node) for node in record(shown).nodes]
    assert lines[0] == ["x", "float32[?]"]
    assert lines[1][:2] == ["total", "sum"]
    assert lines[2][0] == "print" and len(lines[2][1]) == 48 and lines[2][1].endswith("…")


@pytest.mark.parametrize("export", [theon.export.dot, theon.export.mermaid, theon.export.networkx])
def test_what_is_no_graph(export: object) -> None:
    """Every exporter refuses the same things in the same words."""
    with pytest.raises(theon.ArgumentError, match="not a graph that can be shown"):
        export(3)  # type: ignore[operator]
