"""`until`: the end of a loop before its last step.

XLA wants to know how long a loop's outputs are, so an ended loop keeps the number of its steps: those after the end
are not run, change no carry, and repeat the last row. In form it is a scan with one more carry, whether it goes on,
and a body that is a choice: the step, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..graph.errors import ArgumentError, DTypeError, ShapeError, report
from ..graph.graph import Graph
from ..graph.node import Node, NodeLike, apply, as_node, new_input, picks, scalar_constant
from ..graph.types import BOOL, INT32, TensorType
from ..graph.where import here
from .arithmetic import maximum, minimum
from .branches import Switch
from .creation import arange, zeros_like
from .elementwise import cast_to
from .sizes import shape_of
from .take import take


@dataclass(frozen=True, repr=False)
class Until:
    """What `until` gives: the condition at which the step it is returned from is the last."""

    condition: Node
    # What is said where it is taken for a value.
    misplaced: ClassVar[str] = "only the step of a theon.scan ends by theon.until; a while_loop has its condition"

    def __repr__(self) -> str:
        return f"until({self.condition!r})"


def until(condition: NodeLike) -> Until:
    """The end of a `theon.scan`: returned by its step, last, it makes the step at which `condition` holds the last one.

    Arguments: condition, a bool scalar. A step returns it behind everything else: `(outputs, theon.until(c))`,
    `(outputs, updates, theon.until(c))`, `(carry, y, theon.until(c))`, `(carry, y, updates, theon.until(c))`; those of
    `theon.map`, `reduce`, `foldl` and `foldr` may, too.
    That step still counts, in outputs and updates alike, as in Theano; those behind it are not run. Where Theano cuts
    the outputs off there, XLA needs their length beforehand: they keep as many rows as the loop has steps at most,
    and those behind the last step repeat its row. So `outputs[-1]` is what it is in Theano, and
    `outputs[:n]` is Theano's whole output, of which `updates.steps` is the number of rows, an int32 scalar. Carries
    and shared variables keep the values of the last step, and gradients pass through the steps that were run.
    `theon.while_loop` is the loop that stacks nothing.
    Raises: DTypeError where the condition is not bool, ShapeError where it is no scalar. Source: Theano,
    `theano.scan_module.until`.

    >>> import theon
    >>> limit = theon.scalar("limit")
    >>> powers, updates = theon.scan(
    ...     lambda p: (p * 2, theon.until(p * 2 > limit)), outputs_info=1.0, n_steps=8)
    >>> powers.eval({limit: 10.0}).tolist()
    [2.0, 4.0, 8.0, 16.0, 16.0, 16.0, 16.0, 16.0]
    >>> int(updates.steps.eval({limit: 10.0}))
    4
    """
    node = as_node(condition)
    if node.dtype != BOOL or node.ndim:
        raise report(
            DTypeError if not node.ndim else ShapeError,
            f"until: the condition is a bool scalar, received {node.type}",
            where=here(),
            operands=[("condition", node)],
            hint="reduce it with theon.any or theon.all" if node.ndim else "compare: error < 1e-6",
        )
    return Until(node)


def taken_off(result: Any) -> tuple[Any, Node | None]:
    """What a step returned, without the `until` at its end, and the condition of that."""
    if isinstance(result, (tuple, list)) and len(result) > 1 and isinstance(result[-1], Until):
        return type(result)(result[:-1]), result[-1].condition
    return result, None


def refuse_until(name: str, values: Sequence[Any]) -> None:
    """Raise where an `until` stands among the outputs."""
    if any(isinstance(value, Until) for value in values):
        raise report(
            ArgumentError,
            f"{name}: theon.until stands last in what the step returns, behind the outputs and the updates",
            where=here(),
            hint="return [a, b], updates, theon.until(condition)",
        )


def counting(body: Graph, carries: int) -> Graph:
    """A body with one more carry, the steps taken."""
    steps = new_input(TensorType(INT32, ()), "steps")
    leaves, outputs = body.inputs, body.outputs
    return Graph(
        (*leaves[: 1 + carries], steps, *leaves[1 + carries :]), (*outputs[:carries], steps + 1, *outputs[carries:])
    )


def ending(body: Graph, carries: int, intern: Callable[[Node], Node] = lambda node: node) -> Graph:
    """A body, whose last output says whether there is another step, with that as its last carry; then nothing is run.

    What it stacks is zero from there on.
    """
    position, *leaves = body.inputs
    before, others = leaves[:carries], leaves[carries:]
    going = intern(new_input(TensorType(BOOL, ()), "going"))
    blank = [intern(zeros_like(out)) for out in body.outputs[carries:-1]]
    stay = Graph(body.inputs, (*before, *blank, intern(scalar_constant(False, BOOL))))
    *after, again = picks(apply(Switch((stay, body)), cast_to(going, INT32), position, *leaves))
    outputs = (*after[:carries], again, *after[carries:])
    return Graph((position, *before, going, *others), tuple(map(intern, outputs)))


def held(rows: Node, steps: Node, reverse: bool) -> Node:
    """`rows`, of which so many steps made theirs, with the last of those repeated by the others."""
    length = shape_of(rows)[0]
    places = arange(length)
    at = maximum(places, cast_to(length, INT32) - steps) if reverse else minimum(places, steps - 1)
    return take(rows, at, axis=0)


__all__ = ["Until", "until"]
