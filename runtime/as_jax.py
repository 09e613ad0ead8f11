"""A function's program as a pure JAX function, its states explicit."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from ..compiler.compilation import Options, Signature
from ..compiler.lower import Lowered, lower
from ..compiler.passes import DERIVABLE, compile_graph
from ..graph.errors import ArgumentError, GradientError, InputError, InputTypeError, report
from ..graph.graph import Graph
from ..graph.node import Node, State, slot_of
from ..graph.types import TensorType
from ..graph.where import here
from ..ops.backward import GradClip, UndefinedGrad
from ..ops.forward import has_own_derivative
from ..ops.region import everything, with_lasting_stops
from .state import cell_of


@dataclass(frozen=True, eq=False)
class JaxFunction:
    """A program as a pure JAX function `(inputs, state) -> (outputs, state)`; `Function.as_jax` makes one."""

    graph: Graph
    options: Options
    name: str
    names: tuple[str, ...]  # of inputs
    static: tuple[int, ...]  # which inputs are
    key_of: Callable[[Sequence[Any]], tuple[Any, ...]]
    signature_of: Callable[[tuple[Any, ...]], Signature]
    several: bool | None  # True: a list of outputs, False: one, None: none
    _states: dict[str, Node] = field(init=False)
    _programs: dict[Any, Lowered] = field(init=False, default_factory=dict)
    _lock: Any = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_states", _named(self.graph))

    def state(self) -> dict[str, jax.Array]:
        """The values of all states now, by their names: copies, for the first call."""
        with jax.enable_x64(True):
            return {
                name: jax.numpy.asarray(cell_of(slot_of(node)).snapshot(node)) for name, node in self._states.items()
            }

    def __call__(self, inputs: Sequence[Any], state: Mapping[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Outputs, and the states afterwards; what the function itself holds is neither read nor changed."""
        types = [node.tensor for node in self.graph.inputs]
        given = dict(state or {})
        if not isinstance(inputs, (tuple, list)) or len(inputs) != len(types):
            raise self._bad(InputError, f"takes a sequence of {len(types)} inputs", "call f([x, y], state)")
        if set(given) != set(self._states):
            known, received = (", ".join(names) or "none" for names in (self._states, given))
            raise self._bad(InputError, f"has the states {known}; received {received}", "start from .state()")
        values = [self._fitting(*each) for each in zip(inputs, types, self.names, strict=True)]
        for i in self.static:
            if isinstance(values[i], jax.core.Tracer):
                raise self._bad(InputError, f"{self.names[i]} is static: it cannot be traced", "close over its value")
        held = {name: self._fitting(given[name], node.tensor, name) for name, node in self._states.items()}
        program = self._program(self.key_of(values))
        slots = {id(slot_of(self._states[name])): name for name in held}
        written, read = ([slots[id(slot_of(node))] for node in nodes] for nodes in (program.written, program.read))
        with jax.enable_x64(True):
            arguments = (
                [jax.numpy.asarray(value) for i, value in enumerate(values) if i not in self.static],
                [jax.numpy.asarray(held[name]) for name in written],
                [jax.numpy.asarray(held[name]) for name in read],
                [jax.numpy.asarray(value) for value in program.hidden],
            )
            outputs, news, _ = program.program(*(self._sealed(arguments) if self._own_derivatives else arguments))
        if program.checks:
            raise self._bad(ArgumentError, "has checks, and a pure function cannot raise", "leave theon.check out")
        found = outputs[0] if self.several is False else list(outputs) if self.several else None
        return found, {**held, **dict(zip(written, news, strict=True))}

    @functools.cached_property
    def _own_derivatives(self) -> bool:
        """Whether a derivative in the program was declared, which JAX knows nothing of."""
        nodes = everything(self.graph)
        return any(isinstance(node.op, (GradClip, UndefinedGrad)) or has_own_derivative(node) for node in nodes)

    def _sealed(self, arguments: Any) -> Any:
        """The same values, of which JAX takes no derivative."""

        def refuse(primals: Any, tangents: Any) -> Any:
            what = (
                "has gradients of its own (custom_gradient, grad_clip, grad_scale, zero_grad), which JAX does not see"
            )
            raise self._bad(GradientError, what, "take theon.grad in the function itself")

        sealed = jax.custom_jvp(lambda values: values)
        sealed.defjvp(refuse)
        return sealed(arguments)

    def _program(self, key: tuple[Any, ...]) -> Lowered:
        """The program for call shapes, taken through the pipeline and lowered; to compile it is JAX's part."""
        with self._lock:
            found = self._programs.get(key)
            if found is None:
                declared = self.graph.with_roots(with_lasting_stops(self.graph.roots))
                graph, _ = compile_graph(declared, self.signature_of(key), self.options, pipeline=DERIVABLE)
                found = self._programs[key] = lower(graph, derivable=True)
        return found

    def _fitting(self, value: Any, type_: TensorType, name: str) -> Any:
        """A value of just the type that was declared: nothing is converted, so nothing is narrowed."""
        if not isinstance(value, jax.Array):
            value = np.asarray(value)
        if value.dtype != type_.dtype:
            hint = f"convert it with .astype({type_.dtype.name!r})"
            if type_.dtype.itemsize >= 8:
                hint += ", under jax.enable_x64(True)"
            raise self._bad(InputTypeError, f"{name} is {type_.dtype}, received {value.dtype}", hint)
        sizes = zip(type_.shape, value.shape, strict=False)
        if value.ndim != type_.ndim or any(isinstance(d, int) and d != n for d, n in sizes):
            raise self._bad(InputError, f"{name} is {type_}, received the shape {value.shape}", "give that shape")
        return value

    def _bad(self, kind: Any, what: str, hint: str) -> Exception:
        return report(kind, f"{self.name}, as a JAX function: {what}", where=here(3), hint=hint)


def _named(graph: Graph) -> dict[str, Node]:
    """The states of a program by name, with a number where several share one."""
    found: dict[str, Node] = {}
    for node in everything(graph):
        if isinstance(node.op, State) and all(slot_of(node) is not slot_of(other) for other in found.values()):
            own = name = node.name or "state"
            number = 1
            while name in found:
                number += 1
                name = f"{own}_{number}"
            found[name] = node
    return found


__all__ = ["JaxFunction"]
