"""Subgraphs: a piece of a program as one op, `subgraph`, and a function with a gradient of its own, `custom_gradient`.

A subgraph is taken into the graph that uses it before anything looks for patterns; one that has its own gradient, once
everything is differentiated. Then what the gradient uses of the forward pass is what the forward pass computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jax import tree_util

from ..graph.dims import may_equal
from ..graph.errors import ArgumentError, DTypeError, InputError, ShapeError, report
from ..graph.graph import Graph
from ..graph.node import Const, Input, Node, apply, as_node, new_input, picks
from ..graph.types import TensorType, TupleType, Type
from ..graph.walk import substitute, toposort
from ..graph.where import here
from .carried import refuse_states
from .creation import full_like, zeros_like
from .elementwise import cast_to, converted, is_weak
from .gradient import StopGradient, influences
from .loops import current_loop_indices
from .region import Driver, Evaluate, Region, RegionGradient, captured
from .tree import flatten, shown, unflatten

Pullback = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Subgraph(Region):
    """A body under a name. `gradient`, from the body's inputs and its outputs' cotangents, gives those of `wrt`."""

    body: Graph
    title: str
    gradient: Graph | None = None
    wrt: tuple[bool, ...] = ()

    @property
    def name(self) -> str:
        return self.title

    @property
    def params(self) -> str:
        return ""

    @property
    def bodies(self) -> tuple[Graph, ...]:
        return (self.body,) if self.gradient is None else (self.body, self.gradient)

    @property
    def derived_bodies(self) -> tuple[Graph, ...]:
        return self.bodies if self.gradient is None else ()

    def with_bodies(self, bodies: Sequence[Graph]) -> Subgraph:
        return Subgraph(bodies[0], self.title, bodies[1] if len(bodies) > 1 else None, self.wrt)

    def body_types(self, *types: Type) -> list[Type]:
        return list(types)

    def types_of_body(self, done: Sequence[Graph], *types: Type) -> list[Type]:
        return [*types, *(out.type for body in done for out in body.outputs)]

    def passed(self) -> list[tuple[int, Node]]:
        count = len(self.body.inputs)
        return [pair for body in self.bodies for pair in enumerate(body.inputs[:count])]

    def infer(self, *types: TensorType) -> TupleType:
        return TupleType(tuple(out.tensor for out in self.body.outputs))

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        if self.gradient is not None:
            return self.wrt
        reached = influences([out for out in self.body.outputs if out.tensor.is_inexact])
        return tuple(leaf in reached and leaf.tensor.is_inexact for leaf in self.body.inputs)

    def lower_region(self, evaluate: Evaluate, *arrays: Any) -> tuple[Any, list[Any]]:
        outputs, verdicts = evaluate(self.body, arrays)
        return tuple(outputs), verdicts

    def region_vjp(
        self, driver: Driver, node: Node, cotangents: Sequence[Node | None], wanted: Sequence[bool]
    ) -> RegionGradient:
        assert self.gradient is not None  # others have been taken into the graph before
        seeds = [
            zeros_like(p) if g is None else converted(g, p.dtype) for p, g in zip(picks(node), cotangents, strict=True)
        ]
        moved = dict(zip(self.gradient.inputs, (*node.inputs, *seeds), strict=True))
        parts = iter(substitute(self.gradient.outputs, moved))
        found = [driver.intern(next(parts)) if flag else None for flag in self.wrt]
        for x, part in zip(node.inputs, found, strict=True):
            if part is not None:
                _check_gradient(self.title, x, part, node.where)
        return RegionGradient(found)


def _check_gradient(title: str, x: Node, part: Node, where: Any = None) -> None:
    """Raise where a cotangent has not the type of what it belongs to."""
    same_shape = part.ndim == x.ndim and all(map(may_equal, part.dims, x.dims))
    if part.dtype != x.dtype or not same_shape:
        raise report(
            ShapeError if part.dtype == x.dtype else DTypeError,
            f"{title}: a gradient has another type than what it belongs to",
            where=here() if where is None else where,
            operands=[("argument", x), ("gradient", part)],
            hint=f"bring it to {x.type}",
        )


# --- subgraph ---------------------------------------------------------------------------------------------------------


def subgraph(
    inputs: Sequence[Node], outputs: Any, *, name: str | None = None, gradient: Pullback | None = None
) -> Callable[..., Any]:
    """A piece of a graph as a function of nodes, shown under its name in texts and pictures.

    Arguments: inputs, declared variables; outputs, a node or a nest of nodes made of these, and of shared variables;
    name; gradient, in place of the derived one: `gradient(inputs, outputs, cotangents)` gives one node for each input,
    None where there is no gradient; the cotangents are nested as the outputs.
    Gives a function of as many nodes, of the dtypes and shapes declared, that returns what the outputs become.
    Raises: InputError for what is no input or is not listed, ArgumentError, DTypeError and ShapeError in the calls.
    Source: Theano `theano.compile.builders.OpFromGraph`.

    >>> import theon
    >>> a, b = theon.scalar("a"), theon.scalar("b")
    >>> norm = theon.subgraph([a, b], theon.sqrt(a * a + b * b), name="norm")
    >>> x = theon.scalar("x")
    >>> norm(x, 4.0)
    <norm : float32[]>
    >>> float(norm(x, 4.0).eval({x: 3.0}))
    5.0
    """
    _check_inputs(inputs)
    declared = list(inputs)
    outs, structure = flatten(outputs)
    parts: list[Node | None] = []
    seeds = [new_input(out.tensor) for out in outs]
    if gradient is not None:
        given = gradient(list(declared), outputs, unflatten(structure, seeds))
        parts = _gradients("subgraph", declared, given, [[x] for x in declared], [None] * len(declared))
    _check_listed([*outs, *(part for part in parts if part is not None)], [*declared, *seeds])

    def call(*arguments: Any) -> Any:
        given = _arguments(title, declared, arguments)
        leaves = [new_input(x.tensor, leaf.name) for x, leaf in zip(given, declared, strict=True)]
        roots = substitute(outs, dict(zip(declared, leaves, strict=True)))
        ends = [new_input(root.tensor) for root in roots]
        moved = dict(zip((*declared, *seeds), (*leaves, *ends), strict=True))
        alive = iter(substitute([part for part in parts if part is not None], moved))
        placed = [None if part is None else next(alive) for part in parts]
        made = _region(title, given, leaves, roots, ends, placed if gradient is not None else None)
        return unflatten(structure, made)

    title = name if name is not None else "subgraph"
    call.__name__ = title
    return call


def _check_inputs(inputs: Any) -> None:
    listed = inputs if isinstance(inputs, (tuple, list)) else [inputs]
    for x in listed:
        if not isinstance(x, Node) or not isinstance(x.op, Input) or listed is not inputs:
            raise report(
                InputError,
                "subgraph: the inputs are a list of declared variables",
                where=here(),
                operands=[("given", x)] if isinstance(x, Node) else (),
                received=None if isinstance(x, Node) else repr(x)[:80],
                hint="give [x, y], declared by theon.vector(), theon.tensor(), ...",
            )
    if len(set(inputs)) < len(inputs):
        raise report(InputError, "subgraph: an input is listed twice", where=here(), hint="list it once")


def _check_listed(roots: Sequence[Node], listed: Sequence[Node]) -> None:
    known = {*listed, *current_loop_indices()}  # a draw in a loop depends on its counter
    for node in toposort(roots):
        if type(node.op) is Input and node not in known:
            raise report(
                InputError,
                f"subgraph: the outputs use {node.label}, which is not among the inputs",
                where=here(),
                operands=[("used", node)],
                hint="list it too; shared variables and constants need not be listed",
            )


def _arguments(title: str, declared: Sequence[Node], arguments: Sequence[Any]) -> list[Node]:
    """The arguments of a call as nodes of the types declared."""
    if len(arguments) != len(declared):
        raise report(
            ArgumentError,
            f"{title}: takes {len(declared)} arguments",
            where=here(),
            received=f"{len(arguments)}",
            hint="give one for each input: " + ", ".join(x.label for x in declared),
        )
    given = []
    for leaf, argument in zip(declared, arguments, strict=True):
        x = cast_to(argument, leaf.dtype) if is_weak(argument) else as_node(argument)
        same_shape = x.ndim == leaf.ndim and all(map(may_equal, x.dims, leaf.dims))
        if x.dtype != leaf.dtype or not same_shape:
            raise report(
                ShapeError if x.dtype == leaf.dtype else DTypeError,
                f"{title}: takes {leaf.type} as {leaf.label}",
                where=here(),
                operands=[("declared", leaf), ("given", x)],
                hint=f"bring it to {leaf.type}",
            )
        given.append(x)
    return given


def _gradients(
    what: str, leaves: Sequence[Node], given: Any, groups: Sequence[Sequence[Node]], trees: Sequence[Any]
) -> list[Node | None]:
    """One cotangent or None for each leaf, from one nest or None for each argument."""
    per_argument = list(given) if isinstance(given, (tuple, list)) else [given]
    if len(per_argument) != len(groups) and len(groups) == 1:
        per_argument = [given]
    if len(per_argument) != len(groups):
        raise report(
            ArgumentError,
            f"{what}: there is one gradient for each argument",
            where=here(),
            received=f"{len(per_argument)} for {len(groups)}",
            hint="give None for an argument without one",
        )
    found: list[Node | None] = []
    for part, group, tree in zip(per_argument, groups, trees, strict=True):
        if part is None:
            found.extend([None] * len(group))
            continue
        values, structure = tree_util.tree_flatten(part)
        if len(values) != len(group) or (tree is not None and structure != tree):
            raise report(
                ArgumentError,
                f"{what}: a gradient is nested differently than its argument",
                where=here(),
                received=shown(structure),
                hint=f"return the same nest, with a node for each *: {shown(tree) if tree is not None else '*'}",
            )
        for x, value in zip(group, values, strict=True):
            if not x.tensor.is_inexact:
                found.append(None)
                continue
            node = full_like(x, value) if is_weak(value) else as_node(value)
            _check_gradient(what, x, node)
            found.append(node)
    return found


def _region(
    title: str,
    inputs: Sequence[Node],
    leaves: Sequence[Node],
    roots: Sequence[Node],
    seeds: Sequence[Node],
    parts: Sequence[Node | None] | None,
) -> tuple[Node, ...]:
    """The outputs of the region; outer nodes that its bodies use become further inputs."""
    alive = [part for part in parts or () if part is not None]
    outer = captured(roots, leaves)
    if parts is not None:
        _check_outer(title, outer)
    others = [x for x in captured(alive, [*leaves, *seeds]) if x not in set(outer)]
    outer_leaves = [new_input(x.tensor, x.name) for x in (*outer, *others)]
    moved = dict(zip((*outer, *others), outer_leaves, strict=True))
    body = Graph((*leaves, *outer_leaves), tuple(substitute(roots, moved)))
    if parts is None:
        return _results(apply(Subgraph(body, title), *inputs, *outer))
    refuse_states(body.outputs, title, "has no place in a function with its own gradient")
    backward = Graph((*body.inputs, *seeds), tuple(substitute(alive, moved)))
    wrt = (*(part is not None for part in parts), *(False for _ in outer_leaves))
    return _results(apply(Subgraph(body, title, backward, wrt), *inputs, *outer, *others))


def _results(node: Node) -> tuple[Node, ...]:
    """The outputs, named after the subgraph."""
    results = picks(node)
    for i, result in enumerate(results):
        result.name = node.op.name if len(results) == 1 else f"{node.op.name}.{i}"
    return results


def _check_outer(title: str, outer: Sequence[Node]) -> None:
    """Raise where a function with its own gradient uses floats that its gradient says nothing of."""
    for x in outer:
        if isinstance(x.type, TensorType) and x.type.is_inexact and not isinstance(x.op, (Const, StopGradient)):
            raise report(
                ArgumentError,
                f"{title}: uses {x.label} from outside, of which its own gradient says nothing",
                where=here(),
                operands=[("used", x)],
                hint="pass it as an argument, or hold it fixed with theon.stop_gradient",
            )


# --- custom_gradient --------------------------------------------------------------------------------------------------


def custom_gradient(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A function with a gradient of its own in place of the derived one.

    Arguments: fn, of nodes (and nests of them), returning its value (a node or a nest) and a function that takes the
    value's cotangent, nested as the value, to those of the arguments: one alone, or a tuple with one for each, None
    for none. That function may use what `fn` computed. Gives a function of the same arguments that returns the value.
    Derivatives of the gradient are those of what it is made of, and wherever the value stands, its derivative is the
    given one (in `jax.custom_gradient`, the derivative of a derivative takes the value apart). Every float that `fn`
    uses is one of its arguments.
    Raises: ArgumentError, DTypeError or ShapeError where a gradient does not fit its argument.
    Source: `jax.custom_gradient`, TensorFlow `tf.custom_gradient`.

    >>> import theon
    >>> @theon.custom_gradient
    ... def clipped(x):
    ...     return x, lambda g: theon.clip(g, -1.0, 1.0)
    >>> x = theon.scalar("x")
    >>> float(theon.grad(clipped(x) ** 2, x).eval({x: 3.0}))
    1.0
    """
    title = getattr(fn, "__name__", "custom_gradient").replace("<lambda>", "custom_gradient")

    def with_own_gradient(*arguments: Any) -> Any:
        groups, trees = zip(*map(flatten, arguments), strict=True) if arguments else ((), ())
        inputs = [x for group in groups for x in group]
        leaves = [new_input(x.tensor, x.name) for x in inputs]
        rest = iter(leaves)
        own = [[next(rest) for _ in group] for group in groups]
        result = fn(*(unflatten(tree, group) for tree, group in zip(trees, own, strict=True)))
        if not isinstance(result, tuple) or len(result) != 2 or not callable(result[1]):
            raise report(
                ArgumentError,
                "custom_gradient: the function returns its value and the function of its gradient",
                where=here(),
                received=repr(result)[:80],
                hint="return y, lambda g: g * slope",
            )
        roots, structure = flatten(result[0])
        seeds = [new_input(root.tensor) for root in roots]
        given = result[1](unflatten(structure, seeds))
        parts = _gradients("custom_gradient", leaves, given, own, trees)
        return unflatten(structure, _region(title, inputs, leaves, roots, seeds, parts))

    with_own_gradient.__name__ = title
    with_own_gradient.__doc__ = fn.__doc__
    return with_own_gradient


__all__ = ["Subgraph", "custom_gradient", "subgraph"]
