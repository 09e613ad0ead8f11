"""Theano's way of writing a loop, on top of the carry style: taps into sequences, and into earlier outputs.

A sequence with taps is looped over as one sequence per tap, cut so that all are aligned. An output that is fed back
is carried as the window of its last values, as deep as its deepest tap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from ..graph.errors import ArgumentError, Mismatch, ShapeError, report
from ..graph.node import Input, Node, State, as_node
from ..graph.walk import toposort
from ..graph.where import here
from .arithmetic import minimum
from .carried import state_updates
from .control import How, check_carry, loop
from .index import getitem
from .loops import current_loop_indices
from .sizes import Blame, Ints, shape_of
from .until import Until, refuse_until, taken_off


@dataclass(frozen=True)
class Called:
    """What the user gave: the public function's name, and Theano's arguments."""

    name: str
    fn: Any
    sequences: Any
    outputs_info: Any
    non_sequences: Any
    strict: bool = False

    def refuse(self, problem: str, received: object, hint: str, *nodes: Node, kind: Any = ArgumentError) -> NoReturn:
        raise report(
            kind,
            f"{self.name}: {problem}",
            where=here(2),
            operands=[("node", node) for node in nodes],
            received=None if received is None else repr(received)[:100],
            hint=hint,
        )


@dataclass(frozen=True)
class Tapped:
    """A sequence and the places around the step that `fn` sees of it, in its order."""

    x: Node
    taps: tuple[int, ...]
    plain: bool  # given without taps

    @property
    def first(self) -> int:
        return min(0, *self.taps)

    @property
    def lost(self) -> int:
        """How many steps fewer than elements there are."""
        return max(0, *self.taps) - self.first


@dataclass(frozen=True)
class Fed:
    """An output that is fed back: its last values, oldest first, and which of them `fn` sees, in its order."""

    window: tuple[Node, ...]
    taps: tuple[int, ...]


class Updates(dict[Node, Node]):
    """The final values of the shared variables that a loop updates; `steps` is how many steps it takes, int32."""

    def __init__(self, steps: Node, updates: Mapping[Node, Node]) -> None:
        super().__init__(updates)
        self.steps = steps


@dataclass(frozen=True)
class Results:
    """What a loop gives: outputs stacked in the order of the steps, last windows, final values of shared variables."""

    stacked: list[Node]
    finals: list[tuple[Node, ...]]
    updates: Updates


def one_or_all(nodes: list[Node]) -> Node | list[Node] | None:
    """Theano gives one output as it is."""
    return nodes if len(nodes) > 1 else nodes[0] if nodes else None


def loop_with_taps(called: Called, n_steps: int | Node | None, how: How) -> Results:
    """Theano's loop by one in the carry style, whose carries are the windows of what is fed back."""
    sequences = [_sequence(called, entry) for entry in _listed(called.sequences)]
    infos = [_info(called, i, entry) for i, entry in enumerate(_listed(called.outputs_info))]
    constants = [as_node(value) for value in _listed(called.non_sequences)]
    shifted, length = _aligned(called, sequences, n_steps, how.reverse)

    def step(windows: Any, elements: Any) -> Any:
        seen = [
            window[tap]
            for window, info in zip(windows, [info for info in infos if info], strict=True)
            for tap in info.taps
        ]
        result, stop = taken_off(called.fn(*elements, *seen, *constants))
        ending = () if stop is None else (Until(stop),)
        if ending and isinstance(result, (tuple, list)) and len(result) == 1:
            (result,) = result
        outputs, updates = _result(called, result, infos)
        if called.strict:
            leaves = [*elements, *(node for window in windows for node in window), *updates]
            used = [*outputs, *updates.values(), *(end.condition for end in ending)]
            _check_closed(called, used, [*leaves, *constants])
        paired = list(zip(outputs, infos or [None] * len(outputs), strict=True))
        fed = [_fitting(called, i, out, info) for i, (out, info) in enumerate(paired) if info]
        return [(*window[1:], out) for window, out in zip(windows, fed, strict=True)], outputs, updates, *ending

    found = loop(step, [info.window for info in infos if info], shifted, length, how)
    # Theano stacks in the order of the steps, the carry style in that of the elements.
    stacked = [getitem(out, slice(None, None, -1)) for out in found.stacked] if how.reverse else found.stacked
    return Results(stacked, found.final, Updates(found.steps, state_updates(found.node)))


# --- What the user gave -----------------------------------------------------------------------------------------------


def _listed(given: Any) -> list[Any]:
    """Theano takes one value for a list of one."""
    if given is None:
        return []
    return list(given) if isinstance(given, (list, tuple)) else [given]


_SEQUENCE = "give a node, or dict(input=node, taps=[-1, 0])"
_OUTPUT = "give None, a start, or dict(initial=node, taps=[-2, -1])"


def _taps(called: Called, taps: Any, hint: str, past: bool) -> tuple[int, ...]:
    given = list(taps) if isinstance(taps, (list, tuple)) else [taps]
    if not given or not all(type(tap) is int and (tap < 0 or not past) for tap in given):
        what = "taps of an output are negative ints: earlier steps" if past else "taps are ints"
        called.refuse(what, taps, hint)
    return tuple(given)


def _sequence(called: Called, given: Any) -> Tapped:
    entry = dict(given) if isinstance(given, Mapping) else {"input": given}
    if "input" not in entry or entry.keys() - {"input", "taps"}:
        called.refuse("not a sequence", given, _SEQUENCE)
    x = as_node(entry["input"])
    if x.ndim == 0:
        hint = "give a vector or more, or put the scalar into non_sequences"
        called.refuse("a sequence needs a leading axis to loop over", None, hint, x, kind=ShapeError)
    plain = entry.get("taps") is None
    return Tapped(x, (0,) if plain else _taps(called, entry["taps"], _SEQUENCE, False), plain)


def _info(called: Called, index: int, given: Any) -> Fed | None:
    entry = dict(given) if isinstance(given, Mapping) else {"initial": given}
    if entry.keys() - {"initial", "taps"} or (entry.get("initial") is None and entry.get("taps") is not None):
        called.refuse(f"outputs_info[{index}] does not say how the output starts", given, _OUTPUT)
    if entry.get("initial") is None:
        return None
    initial = as_node(entry["initial"])
    taps = (-1,) if entry.get("taps") is None else _taps(called, entry["taps"], _OUTPUT, True)
    if taps == (-1,):
        return Fed((initial,), taps)
    depth = -min(taps)
    if initial.ndim == 0 or (isinstance(initial.dims[0], int) and initial.dims[0] < depth):
        hint = f"give an array of {depth} rows: the outputs before the first, oldest first"
        called.refuse(f"taps {list(taps)} need {depth} earlier values", None, hint, initial, kind=ShapeError)
    return Fed(tuple(getitem(initial, i) for i in range(depth)), taps)


def _aligned(
    called: Called, sequences: Sequence[Tapped], n_steps: int | Node | None, backwards: bool
) -> tuple[list[Node], int | Node | None]:
    """One sequence per tap, all of one length, and that length where the sequences do not say it."""
    if n_steps is not None:
        with Blame(called.name):
            Ints().field(n_steps, "n_steps")
    if not sequences:
        if n_steps is None:
            called.refuse("there is nothing to loop over", None, "give sequences, or a number of steps with n_steps=")
        return [], n_steps
    if n_steps is None and all(s.plain for s in sequences):
        return [s.x for s in sequences], None
    steps = n_steps if n_steps is not None else _shortest(called, sequences)
    for s in sequences:
        have, least = s.x.dims[0], steps if isinstance(steps, int) else 0
        if isinstance(have, int) and have - s.lost < max(least, 0):
            hint = "give a longer sequence, or fewer steps with n_steps="
            wanted = f"{steps} steps" if n_steps is not None else "any step"
            problem = f"{have} elements are too few for {wanted} with taps {list(s.taps)}"
            called.refuse(problem, None, hint, s.x, kind=ShapeError)
    return [_shifted(s, tap, steps, backwards) for s in sequences for tap in s.taps], steps


def _shortest(called: Called, sequences: Sequence[Tapped]) -> int | Node:
    lengths: list[int | Node] = [shape_of(s.x)[0] - s.lost for s in sequences]
    known = [length for length in lengths if isinstance(length, int)]
    shortest: int | Node | None = min(known) if known else None
    for length in lengths:
        if isinstance(length, Node):
            shortest = length if shortest is None else minimum(shortest, length)
    assert shortest is not None
    return shortest


def _shifted(s: Tapped, tap: int, steps: int | Node, backwards: bool) -> Node:
    """The elements that the steps see at `tap`: the first ones, or the last where the loop goes backwards."""
    start = tap - s.first
    x = getitem(s.x, slice(start, start - s.lost or None)) if s.lost else s.x
    if isinstance(steps, int) and x.dims[0] == steps:
        return x
    begin = shape_of(x)[0] - steps if backwards else 0
    cut = getitem(x, slice(begin, None if backwards else steps))
    cut.name = s.x.name  # as errors, and the elements in the body, call it
    return cut


# --- What `fn` returned -----------------------------------------------------------------------------------------------


def _result(called: Called, result: Any, infos: Sequence[Fed | None]) -> tuple[list[Node], dict[Node, Any]]:
    """The outputs and the updates that `fn` returned."""
    outputs: Any = result
    updates: dict[Node, Any] = {}
    if _are_updates(result):
        outputs, updates = None, dict(result)
    elif isinstance(result, (list, tuple)) and len(result) == 2:
        for given, other in ((result[0], result[1]), (result[1], result[0])):
            if _are_updates(other) and not isinstance(given, Mapping):
                outputs, updates = given, dict(other)
    refuse_until(called.name, _listed(outputs))
    nodes = [as_node(out) for out in _listed(outputs)]
    if infos and len(nodes) != len(infos):
        called.refuse(
            f"fn returns {len(nodes)} outputs for {len(infos)} entries of outputs_info",
            None,
            "give one entry for each output, None for one that is not fed back",
            *nodes,
        )
    return nodes, updates


def _are_updates(value: Any) -> bool:
    """A dict of shared variables, or a list of pairs."""
    if isinstance(value, Mapping):
        return True
    pairs = isinstance(value, (list, tuple)) and all(isinstance(p, tuple) for p in value)
    return pairs and all(len(p) == 2 and isinstance(p[0], Node) and isinstance(p[0].op, State) for p in value)


def _fitting(called: Called, index: int, out: Node, info: Fed) -> Node:
    """An output that is fed back must have the type that it started with."""
    start = info.window[0]
    try:
        check_carry(index, start.tensor, out.tensor)
    except Mismatch as problem:
        raise report(
            problem.kind,
            f"{called.name}: {problem.message.replace('carry', 'output', 1)}",
            where=here(),
            operands=[("start ", start), ("output", out)],
            hint=problem.hint,
        ) from None
    return out


def _check_closed(called: Called, used: Sequence[Any], given: Sequence[Node]) -> None:
    """Raise where `fn` uses an input or a shared variable that it was not given."""
    allowed = {*given, *current_loop_indices()}
    for node in toposort([x for x in used if isinstance(x, Node)], stop=allowed.__contains__):
        if node not in allowed and isinstance(node.op, (Input, State)):
            called.refuse(
                f"strict, and fn uses {node.label}, which it is not given",
                None,
                "put it into non_sequences, and take it as an argument of fn",
                node,
            )


__all__ = ["Called", "Updates", "loop_with_taps", "one_or_all"]
