"""From what `function` is given to a closed Graph: givens in place, default updates collected, mistakes reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from ..graph.dims import may_equal
from ..graph.errors import ArgumentError, InputError, report
from ..graph.graph import Graph
from ..graph.node import Const, Input, Node, State, as_node, scalar_constant
from ..graph.op import Late
from ..graph.types import TensorType
from ..graph.walk import rebuild, same_nodes, toposort
from ..graph.where import here, warn
from ..ops.carried import state_updates
from ..ops.comparison import Where
from ..ops.elementwise import cast_to, is_weak
from ..ops.mode import training
from ..ops.region import Region, everything

Pairs: TypeAlias = "Mapping[Node, Any] | Iterable[tuple[Node, Any]] | None"
Unused: TypeAlias = Literal["raise", "warn", "ignore"]


def declare(
    inputs: Sequence[Node],
    outputs: Sequence[Node],
    updates: Pairs,
    givens: Pairs,
    on_unused_input: Unused,
    no_default_updates: bool | Sequence[Node],
    name: str,
) -> Graph:
    """The closed program that a call will run, or the first mistake in it."""
    check_inputs(inputs, name)
    explicit = check_updates(pairs(updates, "updates"), name)
    replaced = check_givens(pairs(givens, "givens"), name)
    if training not in set(inputs):
        replaced.setdefault(training, scalar_constant(False, training.dtype))
    roots = put([*outputs, *explicit.values()], replaced)
    outs, news = roots[: len(outputs)], dict(zip(explicit, roots[len(outputs) :], strict=True))
    all_updates = collect_updates(outs, news, no_default_updates, replaced, name)
    graph = Graph(tuple(inputs), tuple(outs), tuple(all_updates.items()))
    check_closed(graph, name, on_unused_input)
    return graph


def pairs(given: Pairs, what: str) -> dict[Node, Node]:
    """A mapping, or a list of pairs, as a dict."""
    items: Any = given
    if given is None or isinstance(given, Mapping):
        items = list((given or {}).items())
    listed = isinstance(items, Iterable) and not isinstance(items, (Node, str))
    result: dict[Node, Node] = {}
    for item in items if listed else [items]:
        if not (isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], Node)):
            raise report(
                ArgumentError,
                f"{what}: not a node and its value",
                where=here(),
                received=repr(item)[:80],
                hint="give a dict {node: value}, or a list of pairs [(node, value)]",
            )
        node, value = item
        if node in result:
            raise report(
                ArgumentError,
                f"{what}: {node.label} is given twice",
                where=here(),
                operands=[("node", node)],
                hint="give it one value",
            )
        # A Python number takes the dtype of what it replaces.
        weak = is_weak(value) and isinstance(node.type, TensorType)
        result[node] = cast_to(value, node.dtype) if weak else as_node(value)
    return result


def check_inputs(inputs: Sequence[Any], name: str) -> None:
    seen: set[Node] = set()
    for node in inputs:
        if not isinstance(node, Node) or not isinstance(node.op, Input):
            hint = "give a variable declared by theon.vector(), theon.tensor(), ..."
            if isinstance(node, Node):
                state = "a shared variable keeps its value, and is no input: leave it out"
                hint = state if isinstance(node.op, State) else "replace an expression with givens={node: input}"
            raise report(
                InputError,
                f"{name}: an input must be a declared variable",
                where=here(),
                operands=[("given", node)] if isinstance(node, Node) else (),
                received=None if isinstance(node, Node) else repr(node)[:80],
                hint=hint,
            )
        if node in seen:
            raise report(
                InputError,
                f"{name}: input {node.label} is listed twice",
                where=here(),
                operands=[("input", node)],
                hint="list it once",
            )
        seen.add(node)


def check_updates(updates: dict[Node, Node], name: str) -> dict[Node, Node]:
    for state, new in updates.items():
        if not isinstance(state.op, State):
            raise report(
                ArgumentError,
                f"{name}: only shared variables can be updated",
                where=here(),
                operands=[("given", state)],
                hint="make it with theon.shared(value, name=...)",
            )
        check_fits(f"{name}: the update of {state.label}", state, new)
    return updates


def check_givens(givens: dict[Node, Node], name: str) -> dict[Node, Node]:
    for old, new in givens.items():
        check_fits(f"{name}: what is given for {old.label}", old, new)
    return givens


def check_fits(what: str, old: Node, new: Node) -> None:
    """Raise where `new` can surely not stand for `old`."""
    a, b = old.tensor, new.tensor
    if a.dtype == b.dtype and a.ndim == b.ndim and all(map(may_equal, a.shape, b.shape)):
        return
    raise report(
        InputError,
        f"{what} has another type",
        where=here(),
        operands=[("old", old), ("new", new)],
        hint=f"bring it to {a}" + (f" with .astype('{a.dtype}')" if a.dtype != b.dtype else ""),
    )


def put(roots: Sequence[Node], mapping: Mapping[Node, Node]) -> list[Node]:
    """Substitution that also takes the branch of a `where` whose condition became a constant (`theon.training`)."""
    new: dict[Node, Node] = dict(mapping)
    for node in toposort(roots, stop=new.__contains__):
        if node in new:
            continue
        inputs = tuple([new[source] for source in node.inputs])
        if isinstance(node.op, Where) and isinstance(inputs[0].op, Const) and inputs[0].ndim == 0:
            taken = inputs[1] if inputs[0].op.value.item() else inputs[2]
            if taken.type == node.type:
                new[node] = taken
                continue
        same = same_nodes(inputs, node.inputs)
        new[node] = node if same else rebuild(node, inputs)
    return [new[root] for root in roots]


def collect_updates(
    outputs: Sequence[Node],
    explicit: dict[Node, Node],
    skip: bool | Sequence[Node],
    replaced: Mapping[Node, Node],
    name: str,
) -> dict[Node, Node]:
    """Explicit updates, and the default updates of every slot that is reached, through lazy gradients too."""
    if skip is True:
        return explicit
    skipped = set(_listed_states(skip, name)) if skip is not False else set()
    result = dict(explicit)
    seen: set[Node] = set()
    loops: set[Node] = set()  # states whose new value is what a loop ends with
    frontier: list[Node] = [*outputs, *explicit.values()]
    while frontier:
        defaults: dict[Node, Node] = {}  # as declared: the givens are still to be put into them
        finals: dict[Node, Node] = {}  # of loops, in which they are already
        for node in toposort(frontier, stop=seen.__contains__):
            if node in seen:
                continue
            seen.add(node)
            if isinstance(node.op, State) and node.op.slot.default_update is not None:
                defaults.setdefault(node, node.op.slot.default_update)
            for state, final in state_updates(node).items():
                if state in explicit or state in skipped:
                    continue
                if state in loops:
                    raise report(
                        ArgumentError,
                        f"{name}: two loops update {state.label}",
                        where=here(),
                        operands=[("state", state)],
                        hint="give its new value in updates=",
                    )
                loops.add(state)
                finals[state] = final
        new = {state: value for state, value in defaults.items() if state not in result and state not in skipped}
        new = dict(zip(new, put(list(new.values()), replaced), strict=True))
        new.update(finals)  # what a loop ends with is worth more than a default
        result.update(new)
        frontier = list(new.values())
    return result


def _listed_states(skip: Any, name: str) -> Sequence[Node]:
    """The shared variables named by no_default_updates; raises for anything else."""
    if isinstance(skip, (list, tuple)) and all(isinstance(n, Node) and isinstance(n.op, State) for n in skip):
        return skip
    raise report(
        ArgumentError,
        f"{name}: no_default_updates is True, False or a list of shared variables",
        where=here(),
        received=repr(skip)[:80],
        hint="give [rng.state], or True to leave out every one",
    )


def check_closed(graph: Graph, name: str, on_unused_input: Unused) -> None:
    if on_unused_input not in ("raise", "warn", "ignore"):
        raise report(
            ArgumentError,
            f"{name}: on_unused_input is 'raise', 'warn' or 'ignore'",
            where=here(),
            received=repr(on_unused_input),
            hint="leave it out to raise",
        )
    needed = {node for node in graph.nodes() if isinstance(node.op, Input)}
    missing = [node for node in graph.nodes() if node in needed and node not in set(graph.inputs)]
    if missing:
        leaf = missing[0]
        what = "which is not among the inputs"
        hint = f"add {leaf.label} to the inputs, or give it a value with givens="
        if leaf in inside_bodies(graph):
            what = "which has a value inside a loop (or another body) only"
            hint = "return what is made of it from the step, and use what comes out of the loop"
        message = f"{name}: the outputs need {leaf.label}, {what}"
        raise report(InputError, message, where=here(), operands=[("needed", leaf)], hint=hint)
    for node in graph.inputs:
        if node not in needed and on_unused_input != "ignore":
            error = report(
                InputError,
                f"{name}: input {node.label} is not used by any output or update",
                where=here(),
                operands=[("unused", node)],
                hint="leave it out, or pass on_unused_input='ignore'",
            )
            if on_unused_input == "raise":
                raise error
            warn(str(error))


def inside_bodies(graph: Graph) -> set[Node]:
    """The leaves that stand for values inside regions."""
    ops = [node.op.op if isinstance(node.op, Late) else node.op for node in everything(graph)]
    return {leaf for op in ops if isinstance(op, Region) for body in op.bodies for leaf in body.inputs}


__all__ = ["Pairs", "Unused", "declare"]
