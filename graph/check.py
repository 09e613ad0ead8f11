"""The well-formedness checker: every node re-inferred. The tests run it after every pass."""

from __future__ import annotations

from .errors import GraphCheckError, Mismatch, report
from .graph import Graph
from .node import Const, Input, Node, State
from .op import Late
from .types import TensorType


def check(graph: Graph, *, static: bool = False, closed: bool = True) -> Graph:
    """Raise GraphCheckError unless every type is what `infer` says; returns the graph, so that it can wrap a pass.

    `static`: every dim must be an int, and no op may wait for one. `closed`: every input leaf must be declared.
    """
    declared = set(graph.inputs)
    for node in graph.nodes():
        _check_node(node, static)
        if closed and isinstance(node.op, Input) and node not in declared:
            raise _broken("an input leaf that the graph does not declare", node)
    for state, new in graph.updates:
        if not isinstance(state.op, State):
            raise _broken("an update of something that is not a state", state)
        if new.type != state.type:
            raise _broken(f"an update that changes the type of {state.label} from {state.type}", new)
    return graph


def _check_node(node: Node, static: bool) -> None:
    if isinstance(node.op, (Input, State)):
        return
    if static and (not node.type.is_static or isinstance(node.op, Late)):
        raise _broken("a node that is not static after specialisation", node)
    if isinstance(node.op, Const):
        value = node.op.value
        if node.type != TensorType(value.dtype, value.shape):
            raise _broken("a constant whose type is not its value's", node)
        return
    try:
        inferred = node.op.infer(*[source.type for source in node.inputs])
    except Mismatch as problem:
        raise _broken(f"a node whose inputs do not fit: {problem.message}", node) from None
    if inferred != node.type:
        raise _broken(f"a node typed {node.type} where infer says {inferred}", node)


def _broken(what: str, node: Node) -> GraphCheckError:
    error = report(
        GraphCheckError,
        f"the graph is not well formed: {what}",
        operands=[("node ", node), *(("input", i) for i in node.inputs)],
    )
    assert isinstance(error, GraphCheckError)
    return error
