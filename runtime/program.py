"""One compiled program: a graph for one signature, taken through the pipeline, lowered and compiled by XLA."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import jax
import numpy as np

from ..compiler.compilation import Options, Report, Signature
from ..compiler.lower import Lowered, lower
from ..compiler.passes import compile_graph
from ..graph.errors import CheckError, InputError, ShapeError, TheonError, report
from ..graph.graph import Graph
from ..graph.node import slot_of
from ..graph.types import TensorType
from ..graph.where import here
from .state import Cell, cell_of, join, lost_state, to_device


class Program:
    """An executable and the cells it reads and writes."""

    def __init__(self, declared: Graph, signature: Signature, options: Options, name: str) -> None:
        with progress_line(name, options.progress):
            self.graph, compilation = compile_graph(declared, signature, options)
            self.report: Report = compilation.report
            self.lowered: Lowered = lower(self.graph)
            self.executable = build(self.lowered, name)
        self.name = name
        self.signature = signature
        self._check_updates()
        self.written = [cell_of(slot_of(state)) for state in self.lowered.written]
        self.read = [cell_of(slot_of(state)) for state in self.lowered.read]
        self.hidden = tuple(to_device(value) for value in self.lowered.hidden)
        self._nothing = jax.device_put(np.float32(0))
        self._array_type = type(self._nothing)
        self._expected = [(type_.sizes, type_.dtype) for type_ in self.lowered.inputs]
        self.arity = len(self._expected)
        self.run = self._runner()

    def fits(self, values: Sequence[Any]) -> bool:
        """Whether `values` can go in as they are: device arrays of just the right types."""
        if len(values) != self.arity:
            return False
        array_type = self._array_type
        for value, (shape, dtype) in zip(values, self._expected):  # noqa: B905  # of one length, just checked
            if type(value) is not array_type or value.shape != shape or value.dtype != dtype:
                return False
        return True

    def _runner(self) -> Callable[[tuple[Any, ...]], Sequence[Any]]:
        """The call itself, as a closure: a step of microseconds notices every attribute that is looked up."""
        executable, written, read, hidden = self.executable, self.written, self.read, self.hidden
        effects = self.lowered.has_effects
        # JAX reads the width of NumPy arguments through its x64 switch; without 64-bit inputs it does not matter.
        wide = any(type_.dtype.itemsize >= 8 for type_ in self.lowered.inputs)
        cells = (*written, *read)
        join(cells)
        first, others = cells[0] if cells else Cell(self._nothing), written[1:]
        if not cells:
            first.lock = nullcontext()  # nothing is shared, so nobody has to wait
        nothing: list[Any] = []

        def run(inputs: tuple[Any, ...]) -> Sequence[Any]:
            """Outputs back, states moved on. Nothing changes unless the whole program was started."""
            lock = first.lock
            with lock:
                if first.lock is not lock:  # its states were joined to others meanwhile
                    return run(inputs)
                # The first state stands apart: for one state, a loop costs more than all the rest.
                donated = [first.array] if written else []
                for cell in others:
                    donated.append(cell.array)
                try:
                    kept = [cell.array for cell in read] if read else nothing
                    if wide:
                        with jax.enable_x64(True):
                            outputs, news, verdicts = executable(inputs, donated, kept, hidden)
                    else:
                        outputs, news, verdicts = executable(inputs, donated, kept, hidden)
                    if effects:
                        self._settle(outputs, news, verdicts)
                    if written:
                        first.array = news[0]
                    if others:
                        for cell, new in zip(others, news[1:]):  # noqa: B905  # the executable gives one per state
                            cell.array = new
                except TheonError:
                    raise
                except BaseException as problem:
                    self._failed(problem, inputs, donated)
                    raise
            return outputs  # type: ignore[no-any-return]

        return run

    def _settle(self, outputs: Sequence[Any], news: Sequence[Any], verdicts: Sequence[Any]) -> None:
        """Wait for effects; raise the first failed check before any state has moved."""
        jax.block_until_ready((outputs, news, verdicts))
        jax.effects_barrier()
        for check, verdict in zip(self.lowered.checks, verdicts, strict=True):
            if not bool(verdict):
                raise report(
                    CheckError,
                    f"{self.name}: check failed: {check.op.message}",  # type: ignore[attr-defined]
                    where=check.where,
                    operands=[("checked", check.inputs[0])],
                    hint="states are as they were before the call",
                )

    def _check_updates(self) -> None:
        """A state keeps its type; where sizes were unknown at declaration, this shows only now."""
        for state, new in self.graph.updates:
            if new.type != state.type:
                raise report(
                    ShapeError,
                    f"{self.name}: the update of {state.label} has another shape",
                    where=here(),
                    operands=[("old", state), ("new", new)],
                    hint=f"bring it to {state.type}",
                )

    def _failed(self, problem: BaseException, inputs: Sequence[Any], before: Sequence[Any]) -> None:
        """A failure after donation, or Ctrl-C before the new values are in place, loses states: say so at every use.

        What was not donated goes back as it was, so that no call ever moves a part of its states.
        """
        for cell, array in zip(self.written, before, strict=True):
            cell.array = array
            if cell.lost is None and cell.array.is_deleted():
                cell.lost = f"'{self.name}' failed inside the device ({type(problem).__name__})"
        if not isinstance(problem, Exception):
            return
        for state, cell in zip((*self.lowered.written, *self.lowered.read), (*self.written, *self.read), strict=True):
            if cell.lost is not None:
                raise lost_state(state, cell.lost) from problem
        for node, value in zip(self.graph.inputs, inputs, strict=True):
            if isinstance(value, jax.Array) and value.is_deleted():
                raise report(
                    InputError,
                    f"{self.name}: the array for input {node.label} has been deleted",
                    where=here(),
                    operands=[("input", node)],
                    hint="pass an array that has not been donated to another JAX function",
                ) from None


def build(lowered: Lowered, name: str) -> Any:
    """Trace, lower and compile ahead of time, in 64-bit mode: every op fixes its own dtypes."""

    def struct(type_: TensorType) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct(type_.sizes, type_.dtype)

    def program(*arguments: Any) -> Any:
        return lowered.program(*arguments)

    program.__name__ = program.__qualname__ = "".join(c if c.isalnum() else "_" for c in name)
    donate = () if lowered.has_effects else (1,)
    with jax.enable_x64(True):
        return (
            jax.jit(program, donate_argnums=donate)
            .lower(
                tuple(struct(type_) for type_ in lowered.inputs),
                [struct(state.tensor) for state in lowered.written],
                [struct(state.tensor) for state in lowered.read],
                tuple(jax.ShapeDtypeStruct(value.shape, value.dtype) for value in lowered.hidden),
            )
            .compile()
        )


@contextmanager
def progress_line(name: str, after: float | None) -> Iterator[None]:
    """Say on stderr that a compilation is still running, once it has taken `after` seconds."""
    if after is None:
        yield
        return
    started = time.monotonic()
    spoke = threading.Event()

    def speak() -> None:
        spoke.set()
        print(f"theon: compiling {name} ...", file=sys.stderr, flush=True)

    timer = threading.Timer(after, speak)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if spoke.is_set():
            print(f"theon: compiled {name} in {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)
