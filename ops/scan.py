"""`scan`: one name for both ways of writing a loop, told apart by their keywords."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, overload

from ..graph.errors import ArgumentError, report
from ..graph.node import Node
from ..graph.where import here
from .control import How, Segment, loop
from .taps import Called, loop_with_taps, one_or_all


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
    strict: bool = False,
    unroll: int = 1,
    checkpoint_every: Segment = None,
) -> tuple[Any, dict[Node, Node]]: ...


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
    strict: bool = False,
    unroll: int = 1,
    checkpoint_every: Segment = None,
) -> tuple[Any, dict[Node, Node]]: ...


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
    strict: bool = False,
) -> tuple[Any, Any]:
    """Loop `carry, y = step(carry, x)` over the leading axis of `xs`; gives the final carry and the stacked ys.

    Arguments: step, called once, on symbolic values; init, a node or a nest (tuple, list, dict) of them; xs, likewise
    (None: no sequence, then `length` says how many steps, an int or a static int node); reverse, from the last element
    to the first, ys staying aligned with xs. `step` may return a third value, `{state: new value}`: these shared
    variables are carried through the loop, and take their final values after each call. Outer nodes may be used
    freely inside; what does not change in the loop is computed once, outside it. Draws inside differ at each step.
    unroll, how many steps one turn of the compiled loop takes. truncate_gradient=k: gradients see the last k steps,
    what comes before is held constant (-1: all steps). checkpoint_every=k: of the forward loop only each k-th carry is
    kept, the rest is computed again in the backward pass; "sqrt" takes k = sqrt(steps), for memory of that order.

    Theano's form is known by its keywords: `scan(fn, sequences=, outputs_info=, non_sequences=, n_steps=,
    truncate_gradient=, go_backwards=, strict=)` gives `(outputs, updates)`. `fn` takes the sequences' elements, then
    earlier outputs, then the non_sequences. A sequence may be `dict(input=x, taps=[-1, 0, 1])`: its elements at these
    places around the step; an entry of outputs_info is None (an output that is not fed back), a start, or
    `dict(initial=x, taps=[-2, -1])`, whose rows are the outputs before the first, oldest first. `fn` returns the
    outputs, and may return `{state: new value}` too: `updates` has the final values, which the states take by
    themselves. go_backwards: the first output is that of the last element. Sequences without taps have one length;
    with taps or n_steps, more elements than steps are left over. strict: `fn` uses no variable that it is not given.
    Raises: ShapeError, DTypeError where a carry changes its type or lengths do not fit, ArgumentError for the rest.
    Source: `jax.lax.scan`; Theano, `theano.scan`; Griewank and Walther, Evaluating Derivatives (checkpointing).

    >>> import theon
    >>> xs = theon.vector("xs")
    >>> total, sums = theon.scan(lambda c, x: (c + x, c + x), 0.0, xs)
    >>> sums.eval({xs: [1.0, 2.0, 3.0]}).tolist()
    [1.0, 3.0, 6.0]
    >>> start = dict(initial=theon.constant([0, 1]), taps=[-2, -1])
    >>> fibonacci, updates = theon.scan(lambda a, b: a + b, outputs_info=[start], n_steps=5)
    >>> fibonacci.eval().tolist()
    [1, 2, 3, 5, 8]
    """
    how = How(reverse or go_backwards, unroll, truncate_gradient, checkpoint_every)
    carry = {"init": init, "xs": xs, "length": length, "reverse": reverse or None}
    theano = {"fn": fn, "sequences": sequences, "outputs_info": outputs_info, "non_sequences": non_sequences}
    theano |= {"n_steps": n_steps, "go_backwards": go_backwards or None, "strict": strict or None}
    if not _is_theanos(step, fn, carry, theano):
        assert step is not None
        return loop(step, init, xs, length, how)[:2]
    called = Called("scan", step or fn, sequences, outputs_info, non_sequences, strict)
    results = loop_with_taps(called, n_steps, how)
    return one_or_all(results.stacked), results.updates


def _is_theanos(step: object, fn: object, carry: Mapping[str, object], theano: Mapping[str, object]) -> bool:
    """Whether the arguments are those of Theano's form; raises where they are of both, or a step is missing."""
    carries, theanos = ([name for name in form if form[name] is not None] for form in (carry, theano))
    if (step is None) == (fn is None) or (theanos and carries):
        raise report(
            ArgumentError,
            "scan: a step is given once, with arguments of one form",
            where=here(),
            received=", ".join(["step"] * (step is not None) + carries + theanos) or "nothing",
            hint="give scan(step, init, xs, length=), or scan(fn, sequences=, outputs_info=, non_sequences=, n_steps=)",
        )
    return bool(theanos)


__all__ = ["scan"]
