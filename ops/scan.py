"""`scan`: one name for both ways of writing a loop, told apart by their keywords."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, overload

from ..graph.errors import ArgumentError, report
from ..graph.node import Node
from ..graph.where import here
from .control import How, Segment, loop
from .taps import Called, Updates, loop_with_taps, one_or_all


@overload
def scan(
    step: Callable[..., Any],
    init: Any,
    xs: Any = None,
    *,
    length: int | Node | None = None,
    reverse: bool = False,
    unroll: int = 1,
    truncate_gradient: int = -1,
    checkpoint_every: Segment = None,
    name: str | None = None,
) -> tuple[Any, Any]: ...


@overload
def scan(
    step: Callable[..., Any],
    *,
    sequences: Any = None,
    outputs_info: Any = None,
    non_sequences: Any = None,
    n_steps: int | Node | None = None,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
    profile: Any = False,
    allow_gc: bool | None = None,
    strict: bool = False,
    return_list: bool = False,
    unroll: int = 1,
    checkpoint_every: Segment = None,
) -> tuple[Any, Updates]: ...


@overload
def scan(
    *,
    fn: Callable[..., Any],
    sequences: Any = None,
    outputs_info: Any = None,
    non_sequences: Any = None,
    n_steps: int | Node | None = None,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
    profile: Any = False,
    allow_gc: bool | None = None,
    strict: bool = False,
    return_list: bool = False,
    unroll: int = 1,
    checkpoint_every: Segment = None,
) -> tuple[Any, Updates]: ...


def scan(
    step: Callable[..., Any] | None = None,
    init: Any = None,
    xs: Any = None,
    *,
    length: int | Node | None = None,
    reverse: bool = False,
    unroll: int = 1,
    truncate_gradient: int = -1,
    checkpoint_every: Segment = None,
    fn: Callable[..., Any] | None = None,
    sequences: Any = None,
    outputs_info: Any = None,
    non_sequences: Any = None,
    n_steps: int | Node | None = None,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
    profile: Any = False,
    allow_gc: bool | None = None,
    strict: bool = False,
    return_list: bool = False,
) -> tuple[Any, Any]:
    """Loop `carry, y = step(carry, x)` over the leading axis of `xs`; gives the final carry and the stacked ys.

    Arguments: step, called once, on nodes; init, a node or a nest (tuple, list, dict) of them; xs, likewise (None: no
    sequence, then `length` says how many steps, an int or a static int node); reverse, from the last element to the
    first, with ys aligned to xs. `step` may return a third value, `{state: new value}`: these shared variables are
    carried through the loop, and take their final values after each call; and, last, `theon.until(c)`, to end the loop
    early. Outer nodes may be used inside; what does not change in the loop is computed once, outside. Draws inside
    differ at each step. unroll, how many steps one turn takes. truncate_gradient=k: gradients see the last k steps,
    what comes before is held constant (-1: all steps). checkpoint_every=k: each k-th carry of the forward loop is kept,
    the rest is computed again in the backward pass; "sqrt" takes k = sqrt(steps), for memory of that order. name, what
    texts call the loop.

    Theano's form is known by its keywords, and gives `(outputs, updates)`. `fn` takes the sequences' elements, then
    earlier outputs, then the non_sequences. A sequence may be `dict(input=x, taps=[-1, 0])`: its elements at these
    places around the step; an entry of outputs_info is None (not fed back), a start, or `dict(initial=x, taps=[-2,
    -1])`, whose rows are the outputs before the first, oldest first. `fn` returns the outputs, and may return `{state:
    new value}` and `theon.until(c)` too. `updates` has the final values, which the states take by themselves;
    `updates.steps` counts the steps. go_backwards: the first output is that of the last element. Sequences without taps
    have one length; with taps or n_steps, more elements than steps are left over. strict: `fn` uses no variable that it
    is not given. return_list: a list also of one output. mode, profile, allow_gc: taken, without effect (the step is
    not compiled by itself).
    Raises: ShapeError, DTypeError where a carry changes its type or lengths do not fit, ArgumentError for the rest.
    Source: `jax.lax.scan`; Theano, `theano.scan`; Griewank and Walther, Evaluating Derivatives (checkpointing).

    >>> import theon
    >>> start = dict(initial=theon.constant([0, 1]), taps=[-2, -1])
    >>> theon.scan(lambda a, b: a + b, outputs_info=[start], n_steps=5)[0].eval().tolist()
    [1, 2, 3, 5, 8]
    """
    theanos = _is_theanos(locals())
    how = How(reverse or go_backwards, unroll, truncate_gradient, checkpoint_every, name)
    if not theanos:
        assert step is not None
        return loop(step, init, xs, length, how)[:2]
    called = Called("scan", step or fn, sequences, outputs_info, non_sequences, strict)
    results = loop_with_taps(called, n_steps, how)
    return results.stacked if return_list else one_or_all(results.stacked), results.updates


_CARRY = ("init", "xs", "length", "reverse")
_THEANO = ("fn", "sequences", "outputs_info", "non_sequences", "n_steps", "go_backwards", "strict", "return_list")


def _is_theanos(given: Mapping[str, Any]) -> bool:
    """Whether the arguments are those of Theano's form; raises where they are of both, or a step is missing."""
    carries, theanos = (
        [name for name in form if given[name] is not None and given[name] is not False] for form in (_CARRY, _THEANO)
    )
    steps = ["step"] * (given["step"] is not None)
    if bool(steps) == ("fn" in theanos) or (theanos and carries):
        raise report(
            ArgumentError,
            "scan: a step is given once, with arguments of one form",
            where=here(),
            received=", ".join(steps + carries + theanos) or "nothing",
            hint="give scan(step, init, xs, length=), or scan(fn, sequences=, outputs_info=, non_sequences=, n_steps=)",
        )
    return bool(theanos)


__all__ = ["scan"]
