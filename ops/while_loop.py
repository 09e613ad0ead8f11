"""`while_loop`: a loop whose number of steps is known only when it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax

from ..graph.errors import ArgumentError, DTypeError, GradientError, ShapeError, report, require
from ..graph.graph import Graph
from ..graph.node import Node, apply, as_node, new_input, picks, scalar_constant
from ..graph.op import Refusal
from ..graph.types import BOOL, INT32, TensorType, TupleType, Type
from ..graph.walk import substitute
from ..graph.where import here, noting_births
from .branches import number_of_checks
from .carried import refuse_states
from .control import Scan, check_carry, check_declared_carry, loop_mask
from .loops import inside_loop
from .region import Driver, Evaluate, Region, RegionGradient, captured, effectful
from .tree import flatten, same_structure, unflatten
from .until import ending


@dataclass(frozen=True, eq=False)
class While(Region):
    """A loop that runs for as long as a condition holds, and at most `max_steps` times.

    Region inputs: whether it starts at all, carries, captured values. Body inputs: the number of steps taken (int32),
    carries, captured values. Body outputs: new carries, then whether there is another step.
    """

    body: Graph
    carries: int
    max_steps: int | None = None

    @property
    def params(self) -> str:
        return f"carries={self.carries}" + ("" if self.max_steps is None else f", max_steps={self.max_steps}")

    def with_body(self, body: Graph) -> While:
        return While(body, self.carries, self.max_steps)

    def body_types(self, *types: Type) -> list[Type]:
        return [TensorType(INT32, ()), *types[1:]]

    def passed(self) -> list[tuple[int, Node]]:
        first = 1 + self.carries
        return list(enumerate(self.body.inputs[first:], first))

    def infer(self, *types: TensorType) -> TupleType:
        for t in (types[0], self.body.outputs[-1].tensor):
            require(t.dtype == BOOL and t.ndim == 0, f"the condition is a bool scalar, received {t}")
        carries = types[1 : 1 + self.carries]
        for i, (before, after) in enumerate(zip(carries, self.body.outputs, strict=False)):
            check_carry(i, before, after.tensor)
        return TupleType(tuple(carries))

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        return (False, *loop_mask(self.body, self.carries))

    @property
    def refusal(self) -> Refusal | None:
        if self.max_steps is not None:
            return None
        hint = "give it max_steps=, the most steps that it may take, or cut with theon.stop_gradient"
        message = "the derivative by {wrt} passes a while_loop without max_steps"
        return Refusal(message, "passes", hint, forwards=True)

    def lower_region(self, evaluate: Evaluate, *arrays: jax.Array) -> tuple[Any, list[Any]]:
        captured_arrays = arrays[1 + self.carries :]
        fine = (lax.full((), True, BOOL),) * number_of_checks(self.body)

        def goes_on(now: Any) -> Any:
            count, go, _, _ = now
            return (
                go if self.max_steps is None else lax.bitwise_and(go, lax.lt(count, count.dtype.type(self.max_steps)))
            )

        def step(now: Any) -> Any:
            count, _, carry, verdicts = now
            (*new, go), found = evaluate(self.body, [count, *carry, *captured_arrays])
            held = tuple(lax.bitwise_and(a, b) for a, b in zip(verdicts, found, strict=True))
            return lax.add(count, count.dtype.type(1)), go, tuple(new), held

        start = lax.full((), 0, INT32), arrays[0], tuple(arrays[1 : 1 + self.carries]), fine
        _, _, final, verdicts = lax.while_loop(goes_on, step, start)
        return final, list(verdicts)

    def region_vjp(
        self, driver: Driver, node: Node, cotangents: Sequence[Node | None], wanted: Sequence[bool]
    ) -> RegionGradient:
        if self.max_steps is None:
            raise report(
                GradientError,
                "while_loop: a loop without max_steps has no gradient",
                where=node.where,
                operands=[(f"init {i}", x) for i, x in enumerate(node.inputs[1 : 1 + self.carries])],
                hint="give max_steps=, the most steps that it may take",
            )
        made = self.bounded(node.inputs, driver.intern)
        after = 1 + self.carries
        flags = [*wanted[1:after], False, *wanted[after:]]
        assert isinstance(made.op, Scan)
        result = made.op.region_vjp(driver, made, [*cotangents, None], flags)
        found = list(result.cotangents)
        return RegionGradient([None, *found[: self.carries], *found[after:]], result.replacement)

    def bounded(self, inputs: Sequence[Node], intern: Callable[[Node], Node]) -> Node:
        """The same loop as a scan of `max_steps` steps, of which those after the last one change nothing."""
        body = ending(self.body, self.carries, intern)
        first = 1 + self.carries
        loop = Scan(body, first, 0, self.max_steps)
        return intern(apply(loop, *inputs[1:first], inputs[0], *inputs[first:]))


def while_loop(
    cond_fn: Callable[[Any], Any], body_fn: Callable[[Any], Any], init: Any, max_steps: int | None = None
) -> Any:
    """Repeat `carry = body_fn(carry)` from `init` while `cond_fn(carry)` holds; gives the final carry.

    Arguments: cond_fn, giving a bool scalar, and body_fn, giving a carry of the same nest and types, each called once,
    on symbolic values; init, a node or a nest (tuple, list, dict) of them; max_steps, an int after which the loop ends
    in any case. Outer nodes may be used freely inside; draws inside differ at each step.
    A gradient needs `max_steps`: the loop then becomes a scan of that many steps, which saves the carry of each, and
    skips those after the last; `theon.jvp` does without. To keep what each step gives, end a `theon.scan` by
    `theon.until`.
    Raises: DTypeError or ShapeError where the carry changes its type or cond_fn gives no bool scalar, ArgumentError,
    GradientError where a gradient is taken without max_steps. Source: `jax.lax.while_loop`.

    >>> import theon
    >>> x = theon.scalar("x")
    >>> y = theon.while_loop(lambda v: v < 100, lambda v: v * v, x, max_steps=20)
    >>> [float(value) for value in theon.function([x], [y, theon.grad(y, x)])(2.0)]
    [256.0, 1024.0]
    """
    if max_steps is not None and (type(max_steps) is not int or not 0 <= max_steps < 2**31):
        raise report(
            ArgumentError,
            "while_loop: max_steps is an int from 0 to 2147483647, or None",
            where=here(),
            received=repr(max_steps)[:80],
            hint="give the most steps that the loop may take",
        )
    inits, tree = flatten(init)
    leaves = [new_input(node.tensor, node.name) for node in inits]
    position = new_input(TensorType(INT32, ()), "position")
    with inside_loop(position), noting_births() as born:
        go = _condition(cond_fn(unflatten(tree, leaves)))
        news, new_tree = flatten(body_fn(unflatten(tree, leaves)), leaves)
    same_structure("while_loop: the carry that body_fn returns", new_tree, tree)
    for i, (before, after) in enumerate(zip(inits, news, strict=True)):
        check_declared_carry(i, before, after, "while_loop")
    start = {position: scalar_constant(0, INT32), **dict(zip(leaves, inits, strict=True))}
    (first,) = substitute([go], start)
    (again,) = substitute([go], {position: position + 1, **dict(zip(leaves, news, strict=True))})
    own = [position, *leaves]
    outer = captured([*news, again], own, effectful(born))
    outer_leaves = [new_input(node.tensor, node.name) for node in outer]
    roots = substitute([*news, again], dict(zip(outer, outer_leaves, strict=True)))
    refuse_states(roots, "while_loop", "has no place to be carried in")
    op = While(Graph((*own, *outer_leaves), tuple(roots)), len(inits), max_steps)
    return unflatten(tree, picks(apply(op, first, *inits, *outer)))


def _condition(value: Any) -> Node:
    node = as_node(value)
    if node.dtype != BOOL or node.ndim:
        raise report(
            DTypeError if not node.ndim else ShapeError,
            f"while_loop: cond_fn must give a bool scalar, and gives {node.type}",
            where=here(2),
            operands=[("condition", node)],
            hint="reduce it with theon.any or theon.all" if node.ndim else "compare: carry > 0",
        )
    return node


__all__ = ["While", "while_loop"]
