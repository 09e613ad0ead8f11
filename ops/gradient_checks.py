"""What a derivative can be asked for: the checks that `grad` and its kin share, each in the name of who was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from ..graph.errors import ArgumentError, DisconnectedError, GradientError, TheonError, report
from ..graph.node import Node, is_leaf
from ..graph.op import Late
from ..graph.storage import is_stored, not_computed
from ..graph.types import TensorType
from ..graph.walk import stops, toposort
from ..graph.where import here, warn
from .creation import zeros_like

Disconnected: TypeAlias = Literal["raise", "warn", "zero", "none"]


def wrong(
    what: str,
    message: str,
    hint: str,
    *operands: tuple[str, Node],
    received: object = None,
    kind: type[TheonError] = GradientError,
) -> TheonError:
    """The user's error, at the user's line."""
    shown = None if received is None else repr(received)[:80]
    return report(kind, f"{what}: {message}", where=here(), operands=operands, received=shown, hint=hint)


def check_cost(what: str, cost: Any) -> None:
    if not isinstance(cost, Node):
        hint = "build it from declared variables with theon's functions"
        raise wrong(what, "the cost must be a node", hint, received=cost)
    if cost.dims != ():
        seeded = ", or give known_grads={cost: cotangent}" if what in ("grad", "value_and_grad") else ""
        hint = f"reduce it with .sum() or .mean(){seeded}"
        raise wrong(what, "the cost must be a scalar", hint, ("cost", cost))
    if not cost.tensor.is_float:
        hint = "take theon.real or theon.abs of a complex cost; ints have no gradient"
        hint = not_computed(cost.dtype).hint if is_stored(cost.dtype) else hint
        raise wrong(what, "the cost must be a real float", hint, ("cost", cost))


def listed(value: Any) -> list[Any]:
    """What may be given alone or in a list, as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def check_wrts(what: str, wrt: Any) -> list[Node]:
    """`wrt` as a list of nodes that can be differentiated by."""
    targets = listed(wrt)
    for target in targets:
        if not isinstance(target, Node):
            hint = "give the input or the shared variable itself"
            raise wrong(what, "wrt must be a node or a list of nodes", hint, received=target)
        if not (isinstance(target.type, TensorType) and target.type.is_inexact):
            hint = "declare it float32, or cast it with .astype before it is used"
            raise wrong(what, f"cannot differentiate by {target.label}, which is not float", hint, ("wrt", target))
    return targets


def check_policy(what: str, policy: Any) -> None:
    if policy not in ("raise", "warn", "zero", "none"):
        message = "disconnected_inputs is 'raise', 'warn', 'zero' or 'none'"
        raise wrong(what, message, "leave it out to raise", received=policy, kind=ArgumentError)


def check_constants(what: str, nodes: Any) -> None:
    """Raise unless they are a list: iterating over a node makes new nodes, that no cost depends on."""
    message = "consider_constant is a list of nodes"
    if not isinstance(nodes, (list, tuple)):
        hint = f"give [{nodes.label}]" if isinstance(nodes, Node) else "give a list, [h]"
        raise wrong(what, message, hint, received=nodes, kind=ArgumentError)
    for node in nodes:
        if not isinstance(node, Node):
            raise wrong(what, message, "leave out what is no node", received=node, kind=ArgumentError)


def disconnected(
    what: str, whose: str, roots: Sequence[tuple[str, Node]], target: Node, policy: Disconnected
) -> Node | None:
    """The derivative by what `roots` do not depend on, as the policy has it; raises where that is to raise."""
    if (inside := remade(toposort(node for _, node in roots), target)) is not None:
        message = f"{target.label} is made anew inside {inside.op}, of what goes into that"
        hint = "differentiate by what goes into it, or take the inner derivative by this node"
        raise wrong(what, message, hint, *roots, ("wrt", target), ("inside", inside))
    if policy == "none":
        return None
    stopped = [("stopped by", node) for node in stops([node for _, node in roots], target)]
    text = f"{whose} does not depend on {target.label}" + (" differentiably" if stopped else "")
    way = "leave that wrt out" if stopped else f"use the node that {whose} was built from"
    hint = f"{way}, or disconnected_inputs='zero'"
    error = wrong(what, text, hint, *roots, ("wrt", target), *stopped, kind=DisconnectedError)
    if policy == "raise":
        raise error
    if policy == "warn":
        warn(str(error))
    return zeros_like(target)


def remade(order: Sequence[Node], target: Node) -> Node | None:
    """The region in whose body there is a copy of `target`, which the body makes from what goes into it."""
    if is_leaf(target):
        return None
    for node in order:
        op = node.op.op if isinstance(node.op, Late) else node.op
        for body in op.derived_bodies:
            nodes = body.nodes()
            # A copy has the very op and line of what it was made from.
            copied = any(inner.op is target.op and inner.where is target.where and inner.inputs for inner in nodes)
            if copied or remade(nodes, target) is not None:
                return node
    return None


__all__ = [
    "Disconnected",
    "check_constants",
    "check_cost",
    "check_policy",
    "check_wrts",
    "disconnected",
    "listed",
    "wrong",
]
