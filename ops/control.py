"""Loops in the carry style: a region whose gradient is again a scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, TypeAlias

import jax
from jax import lax

from ..graph.dims import Dim, may_equal, unify_dim
from ..graph.errors import ArgumentError, DTypeError, Mismatch, ShapeError, report, require
from ..graph.graph import Graph
from ..graph.node import Node, apply, as_node, new_input, picks, scalar_constant, slot_of
from ..graph.op import Hole, Late, dims_of
from ..graph.types import BOOL, INT32, TensorType, TupleType, Type
from ..graph.walk import substitute
from ..graph.where import here, noting_births
from .carried import inner_updates
from .comparison import logical_not
from .elementwise import cast_to, is_weak
from .gradient import influences
from .loops import inside_loop
from .region import Driver, Evaluate, Region, RegionGradient, captured, effectful
from .scan_gradient import scan_gradient
from .sizes import Blame, Ints, shape_of
from .tree import flatten, same_structure, unflatten
from .until import counting, ending, held, taken_off

Segment: TypeAlias = int | Literal["sqrt"] | None


@dataclass(frozen=True, eq=False)
class Scan(Region):
    """A loop over the leading axis of sequences, threading carries.

    Region inputs: carries, sequences, captured values. Body inputs: the position along the sequences (int32), carries,
    one element of each sequence, captured values. Body outputs: new carries, then what is stacked. `states` are the
    carries that are slots: their final values are default updates. `truncate` steps at the end are differentiated (all
    where None); for the gradient, only the carries of every `segment`-th step are kept (None: all that it needs).
    """

    body: Graph
    carries: int
    sequences: int
    length: int | Hole | None
    reverse: bool = False
    states: tuple[int, ...] = ()
    unroll: int = 1
    truncate: int | None = None
    segment: Segment = None

    @property
    def params(self) -> str:
        said = [f"carries={self.carries}", f"sequences={self.sequences}"] + ["reverse"] * self.reverse
        said += [f"unroll={self.unroll}"] * (self.unroll != 1)
        said += [f"truncate={self.truncate}"] * (self.truncate is not None)
        return ", ".join(said + [f"segment={self.segment}"] * (self.segment is not None))

    def with_body(self, body: Graph) -> Scan:
        return replace(self, body=body)

    def body_types(self, *types: Any) -> list[Type]:
        after = self.carries + self.sequences
        elements = [t.with_shape(t.shape[1:]) for t in types[self.carries : after]]
        return [TensorType(INT32, ()), *types[: self.carries], *elements, *types[after:]]

    def passed(self) -> list[tuple[int, Node]]:
        after = self.carries + self.sequences
        return list(enumerate(self.body.inputs[1 + after :], after))

    def steps(self, types: Sequence[TensorType]) -> Dim:
        """The number of steps, from the declared length and the sequences; Mismatch where they disagree."""
        steps = dims_of((self.length,))[0]
        fine = not isinstance(steps, int) or steps >= 0
        require(fine, f"the number of steps is {steps}", "give a number of at least 0", ArgumentError)
        for sequence in types[self.carries : self.carries + self.sequences]:
            require(sequence.ndim > 0, f"a sequence needs a leading axis to loop over, not {sequence}")
            require(
                may_equal(steps, sequence.shape[0]),
                f"lengths differ ({steps} and {sequence.shape[0]})",
                "give sequences of one length",
            )
            steps = unify_dim(steps, sequence.shape[0])
        return steps

    def infer(self, *types: TensorType) -> TupleType:
        steps = self.steps(types)
        outs = [out.tensor for out in self.body.outputs]
        for i, (before, after) in enumerate(zip(types[: self.carries], outs, strict=False)):
            check_carry(i, before, after)
        stacked = [TensorType(out.dtype, (steps, *out.shape)) for out in outs[self.carries :]]
        return TupleType((*types[: self.carries], *stacked))

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return loop_mask(self.body, self.carries)

    def lower_region(self, evaluate: Evaluate, *arrays: jax.Array) -> tuple[Any, list[Any]]:
        return self.lower_over({}, evaluate, *arrays)

    def lower_over(
        self, memory: Mapping[int, jax.Array], evaluate: Evaluate, *arrays: jax.Array
    ) -> tuple[Any, list[Any]]:
        """As `lower_region`, with the stacks of these numbers written over arrays of their type that are free."""
        first, after = self.carries, self.carries + self.sequences
        inits, sequences, captured = arrays[:first], arrays[first:after], arrays[after:]
        steps = self.length if isinstance(self.length, int) else sequences[0].shape[0]
        counts = bool(memory) or self.body.inputs[0] in set(self.body.nodes())
        positions = lax.iota(INT32, steps) if counts else None
        apart = [i for i in range(len(self.body.outputs) - first) if i not in memory]

        def step(carry: Any, now: Any) -> tuple[Any, Any]:
            (carried, written), (position, elements) = carry, now
            outputs, verdicts = evaluate(self.body, [position, *carried, *elements, *captured])
            results = outputs[first:]
            written = tuple([put(array, results[i], position) for i, array in zip(memory, written, strict=True)])
            return (tuple(outputs[:first]), written), (tuple([results[i] for i in apart]), tuple(verdicts))

        start = tuple(inits), tuple(memory.values())
        (final, written), (ys, verdicts) = lax.scan(
            step, start, (positions, tuple(sequences)), steps, self.reverse, self.unroll
        )
        stacks = {**dict(zip(apart, ys, strict=True)), **dict(zip(memory, written, strict=True))}
        return (*final, *[stacks[i] for i in range(len(stacks))]), [verdict.all() for verdict in verdicts]

    def region_vjp(
        self, driver: Driver, node: Node, cotangents: Sequence[Node | None], wanted: Sequence[bool]
    ) -> RegionGradient:
        return scan_gradient(driver, node, self, cotangents, wanted)


def put(array: jax.Array, element: jax.Array, position: jax.Array) -> jax.Array:
    """`array` with one of its elements along the leading axis."""
    made: jax.Array = lax.dynamic_update_index_in_dim(array, element, position, 0, allow_negative_indices=False)
    return made


def loop_mask(body: Graph, carries: int) -> tuple[bool, ...]:
    """Which carries, and which other values after them, a loop depends on differentiably: without steps, on carries."""
    reached = influences([out for out in body.outputs if out.tensor.is_inexact])
    leaves = body.inputs[1:]
    return tuple(x.tensor.is_inexact and (i < carries or x in reached) for i, x in enumerate(leaves))


def check_carry(index: int, before: TensorType, after: TensorType) -> None:
    """A carry must keep its type; Mismatch saying what changed."""
    require(
        before.dtype == after.dtype,
        f"carry {index} changes dtype from {before.dtype} to {after.dtype}",
        f"start from a {after.dtype} value, or cast the new carry with .astype('{before.dtype}')",
        DTypeError,
    )
    require(
        len(before.shape) == len(after.shape) and all(map(may_equal, before.shape, after.shape)),
        f"carry {index} changes shape from {before} to {after}",
        "start from a value of the final shape",
        ShapeError,
    )


@dataclass(frozen=True)
class How:
    """What a loop may be told besides its step and its values."""

    reverse: bool = False
    unroll: int = 1
    truncate_gradient: int = -1
    checkpoint_every: Segment = None
    name: str | None = None

    def check(self) -> None:
        """Raise ArgumentError for what makes no sense."""
        _check_count("unroll", self.unroll)
        _check_count("truncate_gradient", self.truncate_gradient, -1)
        _check_count("checkpoint_every", self.checkpoint_every, "sqrt", None)
        if not isinstance(self.name, str | None):
            problem = "scan: a name is text"
            raise report(ArgumentError, problem, where=here(), received=repr(self.name)[:80], hint="leave it out")

    def scan(
        self, body: Graph, carries: int, sequences: int, length: int | Node | None, states: tuple[int, ...]
    ) -> tuple[Scan, list[Node]]:
        """The loop over a body, and the nodes that its length waits for."""
        ints = Ints()
        with Blame("scan"):
            steps = None if length is None else ints.field(length, "length")
        truncate = None if self.truncate_gradient == -1 else self.truncate_gradient
        op = Scan(body, carries, sequences, steps, self.reverse, states, self.unroll, truncate, self.checkpoint_every)
        return op, ints.nodes


_COUNTS = {
    "unroll": "give how many steps one turn of the loop takes, at least 1",
    "truncate_gradient": "give the number of steps to differentiate, at least 1, or -1 for all",
    "checkpoint_every": 'give a number of steps, at least 1, "sqrt", or None',
}


def _check_count(name: str, value: object, *others: object) -> None:
    """Raise where an option is no positive int, nor one of its other values."""
    if not (type(value) is int and value >= 1) and not any(type(value) is type(o) and value == o for o in others):
        message = f"scan: {name} is a number of steps"
        raise report(ArgumentError, message, where=here(), received=repr(value)[:80], hint=_COUNTS[name])


class Looped(NamedTuple):
    """What a loop gives: the final carry, the stacked ys, the number of steps taken, and the loop itself."""

    final: Any
    stacked: Any
    steps: Node
    node: Node


def loop(step: Callable[..., Any], init: Any, xs: Any, length: int | Node | None, how: How) -> Looped:
    """The carry style."""
    how.check()
    inits, carry_tree = flatten(init)
    sequences, xs_tree = flatten(xs)
    _check_sequences(sequences, length)
    index = new_input(TensorType(INT32, ()), "position")
    carry_leaves = [new_input(node.tensor, node.name) for node in inits]
    element_leaves = [new_input(node.tensor.with_shape(node.dims[1:]), node.name) for node in sequences]
    with inside_loop(index), noting_births() as born:
        result, stop = taken_off(step(unflatten(carry_tree, carry_leaves), unflatten(xs_tree, element_leaves)))
    new_carry, ys, updates = _three(result)
    new_carries, new_tree = flatten(new_carry, carry_leaves)
    same_structure("scan: the carry that step returns", new_tree, carry_tree)
    outputs, ys_tree = flatten(ys)
    again = [] if stop is None else [logical_not(stop)]
    updates = {**inner_updates([*new_carries, *outputs, *again, *updates.values()], born), **updates}
    for i, (before, after) in enumerate(zip(inits, new_carries, strict=True)):
        check_declared_carry(i, before, after)
    states, carried = list(updates), len(inits) + len(updates)
    state_leaves = [new_input(state.tensor, state.name) for state in states]
    roots = [*new_carries, *updates.values(), *outputs, *again]
    roots = substitute(roots, dict(zip(states, state_leaves, strict=True)))
    own = [index, *carry_leaves, *state_leaves, *element_leaves]
    outer = captured(roots, own, effectful(born))
    outer_leaves = [new_input(node.tensor, node.name) for node in outer]
    roots = substitute(roots, dict(zip(outer, outer_leaves, strict=True)))
    body, starts = Graph((*own, *outer_leaves), tuple(roots)), (*inits, *states)
    if stop is not None:
        _check_untruncated(how)
        body = ending(counting(body, carried), carried + 1)
        starts = (*starts, scalar_constant(0, INT32), scalar_constant(True, BOOL))
    op, ints = how.scan(body, len(starts), len(sequences), length, tuple(range(len(inits), carried)))
    inputs = (*starts, *sequences, *outer)
    node = apply(Late(op, len(inputs)), *inputs, *ints, name=how.name) if ints else apply(op, *inputs, name=how.name)
    results = picks(node)
    final, stacked = unflatten(carry_tree, results[: len(inits)]), list(results[len(starts) :])
    if stop is None:
        whole = length if length is not None else shape_of(sequences[0])[0]
        return Looped(final, unflatten(ys_tree, stacked), cast_to(whole, INT32), node)
    steps = results[carried]
    return Looped(final, unflatten(ys_tree, [held(rows, steps, how.reverse) for rows in stacked]), steps, node)


def _check_untruncated(how: How) -> None:
    """Raise where a gradient is to see the last steps only of a loop whose last step is not known beforehand."""
    if how.truncate_gradient != -1:
        raise report(
            ArgumentError,
            "scan: truncate_gradient counts from a last step that theon.until leaves open",
            where=here(),
            received=f"truncate_gradient={how.truncate_gradient}",
            hint="leave one of them out",
        )


def _check_sequences(sequences: Sequence[Node], length: object) -> None:
    """Raise where there is nothing to loop over."""
    if not sequences and length is None:
        raise report(
            ArgumentError,
            "scan: there is nothing to loop over",
            where=here(),
            received="xs=None, and no length",
            hint="give xs, or a number of steps with length=",
        )
    for sequence in sequences:
        if sequence.ndim == 0:
            raise report(
                ShapeError,
                "scan: a sequence needs a leading axis to loop over",
                where=here(),
                operands=[("xs", sequence)],
                hint="give a vector or more, or use the scalar inside step as it is",
            )


def _three(result: Any) -> tuple[Any, Any, dict[Node, Node]]:
    """What step returned: carry, ys, and the updates of shared variables."""
    if not isinstance(result, tuple) or len(result) not in (2, 3):
        raise report(
            ArgumentError,
            "scan: step must return (carry, y), or (carry, y, updates)",
            where=here(),
            received=repr(result)[:100],
            hint="return (carry, None) where nothing is stacked",
        )
    given = result[2] if len(result) == 3 else {}
    if not isinstance(given, Mapping):
        raise report(
            ArgumentError,
            "scan: the updates that step returns are a dict",
            where=here(),
            received=repr(given)[:100],
            hint="return {shared variable: new value}",
        )
    updates: dict[Node, Node] = {}
    for state, value in given.items():
        slot_of(state, "scan: updates")
        new = updates[state] = cast_to(value, state.dtype) if is_weak(value) else as_node(value)
        if new.dtype != state.dtype or new.ndim != state.ndim or not all(map(may_equal, new.dims, state.dims)):
            raise report(
                DTypeError,
                f"scan: the update of {state.label} changes its type",
                where=here(),
                operands=[("state", state), ("update", new)],
                hint=f"bring it to {state.type}",
            )
    return result[0], result[1], updates


def check_declared_carry(index: int, before: Node, after: Node, what: str = "scan") -> None:
    """Raise where a carry changes its type, in the name of the loop."""
    try:
        check_carry(index, before.tensor, after.tensor)
    except Mismatch as problem:
        raise report(
            problem.kind,
            f"{what}: {problem.message}",
            where=here(3),
            operands=[("init ", before), ("carry", after)],
            hint=problem.hint,
        ) from None


__all__ = ["How", "Scan", "Segment", "loop"]
