"""`function`: a declared program that can be called. It keeps one compiled program per signature."""

from __future__ import annotations

import threading
import warnings
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..compiler.compilation import Options, Report, Signature
from ..graph.errors import InputError, InputTypeError, report
from ..graph.graph import Graph
from ..graph.node import Input, Node, NodeLike, Slot, State, as_node, new_input
from ..graph.types import TensorType
from ..graph.walk import substitute, toposort
from ..graph.where import here
from .convert import convert, wrong_shape
from .declare import Pairs, Unused, declare
from .program import Program
from .state import get_value

CHURN = 8  # compilations of one function after which it says which input keeps changing


class Function:
    """A compiled graph with its state. Make one with `theon.function`."""

    def __init__(
        self, graph: Graph, several: bool | None, name: str, options: Options, allow_input_downcast: bool | None
    ) -> None:
        self.graph = graph
        self.name = name
        self.options = options
        self._several = several  # True: a list of outputs, False: one, None: none
        self._downcast = allow_input_downcast
        self._names = [node.name or f"input {i}" for i, node in enumerate(graph.inputs)]
        self._types = [node.tensor for node in graph.inputs]
        self._static = tuple(i for i, node in enumerate(graph.inputs) if node.op.static)  # type: ignore[attr-defined]
        self._dynamic = tuple(i for i in range(len(graph.inputs)) if i not in self._static)
        self._programs: OrderedDict[Any, Program] = OrderedDict()
        self._seen: list[tuple[Any, ...]] = []  # every signature key compiled, for the warning
        self._compiling = threading.Lock()
        self._last: Program | None = None
        if not self._static and all(type_.is_static for type_ in self._types):
            self._program(tuple([type_.shape for type_ in self._types]))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run on values, by position or by name; outputs are device arrays (`np.asarray` gives NumPy ones)."""
        program, values = self._last, args
        if program is None or kwargs or not program.fits(args):
            program, values = self._resolved(args, kwargs)
        outputs = program.run(values)
        if self._several:
            return list(outputs)
        return None if self._several is None else outputs[0]

    def _resolved(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Program, Any]:
        """Arguments checked and converted, and the program for their shapes."""
        if kwargs or len(args) != len(self._types):
            args = self._bound(args, kwargs)
        values: list[Any] = []
        shapes: list[Any] = []
        for value, type_, name in zip(args, self._types, self._names, strict=True):
            array = convert(value, name, type_, self.name, self._downcast)
            values.append(array)
            shapes.append(array.shape)
        if self._static:
            for i in self._static:
                shapes[i] = _static_value(values[i])
            values = [values[i] for i in self._dynamic]
        key = tuple(shapes)
        program = self._programs.get(key)
        if program is None:
            program = self._program(key)
        # The next call may skip all this if its arrays are alike; static values are not arrays, and must be looked at.
        self._last = None if self._static else program
        return program, tuple(values)

    def __repr__(self) -> str:
        return f"<theon.Function {self.name}({', '.join(map(str, self._names))})>"

    def _bound(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """Arguments in declaration order; InputError for one too many, missing, unknown or doubled."""
        names = self._names
        if len(args) > len(names):
            raise self._bad(f"takes {len(names)} inputs, received {len(args)}")
        bound = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in names:
                raise self._bad(f"has no input '{name}'")
            if name in bound:
                raise self._bad(f"received input {name} twice")
            bound[name] = value
        missing = [name for name in names if name not in bound]
        if missing:
            raise self._bad(f"is missing input {', '.join(missing)}")
        return tuple(bound[name] for name in names)

    def _bad(self, what: str) -> Exception:
        return report(
            InputError, f"{self.name} {what}", where=here(3), hint=f"its inputs are: {', '.join(self._names) or 'none'}"
        )

    # --- programs ---------------------------------------------------------------------------------------------------

    def _program(self, key: tuple[Any, ...]) -> Program:
        """The program for a signature key, compiled if it has to be; nothing is kept of one that was interrupted."""
        signature = self._signature(key)
        with self._compiling:
            program = self._programs.get(key)
            if program is None:
                program = Program(self.graph, signature, self.options, self.name)
                self._programs[key] = program
                self._seen.append(key)
                self._warn_of_churn()
            self._programs.move_to_end(key)
            while len(self._programs) > self.options.cache_size:
                self._programs.popitem(last=False)
            return program

    def _signature(self, key: tuple[Any, ...]) -> Signature:
        """Static types from call shapes; the same name must be the same size everywhere, states included."""
        sizes: dict[str, tuple[int, str]] = {}
        types: list[TensorType] = []
        values: list[tuple[int, Any]] = []
        for i, (type_, name, shape) in enumerate(zip(self._types, self._names, key, strict=True)):
            if i in self._static:
                values.append((i, shape))
                types.append(type_)
                continue
            for dim, size in zip(type_.shape, shape, strict=True):
                if isinstance(dim, str):
                    other, owner = sizes.setdefault(dim, (size, name))
                    if other != size:
                        why = f": {dim} is {size} here and {other} in {owner}"
                        raise wrong_shape(shape, name, type_, self.name, why)
            types.append(type_.with_shape(shape))
        return Signature(tuple(types), tuple(values))

    def _warn_of_churn(self) -> None:
        if len(self._seen) % CHURN:
            return
        counts = [len({key[i] for key in self._seen}) for i in range(len(self._names))]
        if not counts or max(counts) < 2:
            return
        worst = int(np.argmax(counts))
        warnings.warn(
            f"{self.name} was compiled {len(self._seen)} times: input {self._names[worst]} came in {counts[worst]} "
            f"different shapes or static values, last {self._seen[-1][worst]}. Pad it to a few sizes.",
            stacklevel=5,
        )

    def compile(self, *values: Any, **named: Any) -> Function:
        """Compile for the shapes of `values` (arrays, or types) without running; gives the function back."""
        args = self._bound(values, named)
        shapes: list[Any] = []
        for i, (value, type_, name) in enumerate(zip(args, self._types, self._names, strict=True)):
            array = np.zeros(value.sizes, value.dtype) if isinstance(value, TensorType) else value
            array = convert(array, name, type_, self.name, self._downcast)
            shapes.append(_static_value(array) if i in self._static else array.shape)
        if tuple(shapes) not in self._programs:
            self._program(tuple(shapes))
        return self

    @property
    def programs(self) -> tuple[Program, ...]:
        """The compiled programs, least recently compiled first."""
        return tuple(self._programs.values())

    @property
    def reports(self) -> tuple[Report, ...]:
        """What the compiler did for each program."""
        return tuple(program.report for program in self._programs.values())

    def copy(self, *, share_state: bool = True) -> Function:
        """A function of its own, over the same shared variables or (`share_state=False`) over copies of them."""
        graph = self.graph
        if not share_state:
            roots = [*graph.roots, *[state for state, _ in graph.updates]]
            states = [node for node in toposort(roots) if isinstance(node.op, State)]
            copies = {state: _copied(state) for state in states}
            put = graph.with_roots(substitute(graph.roots, copies))
            graph = Graph(put.inputs, put.outputs, tuple((copies[s], new) for s, new in put.updates), put.effects)
        return Function(graph, self._several, self.name, self.options, self._downcast)


def _copied(state: Node) -> Node:
    value = get_value(state)
    slot = Slot(lambda: value, state.tensor)
    return Node(State(slot), (), state.type, state.where, state.name)


def _static_value(value: Any) -> bool | int | float:
    return np.asarray(value).item()  # type: ignore[no-any-return]


def function(
    inputs: Sequence[Node],
    outputs: NodeLike | Sequence[NodeLike] | None = None,
    updates: Pairs = None,
    givens: Pairs = None,
    *,
    on_unused_input: Unused = "raise",
    no_default_updates: bool | Sequence[Node] = False,
    allow_input_downcast: bool | None = None,
    name: str | None = None,
    options: Options | None = None,
) -> Function:
    """Compile a declared graph into a callable.

    Arguments: inputs, declared variables, in call order; outputs, one node, a list, or None; updates, `{shared: new
    value}` or pairs, taken together after each call; givens, `{node: what stands for it}`; on_unused_input, "raise",
    "warn" or "ignore"; no_default_updates, True or the shared variables whose own updates (random keys) are left out;
    allow_input_downcast, True converts any numbers, None (default) only Python ones, False none; name, for messages.
    Gives a Function: one output as an array, a list of them, or None. It compiles at once where every shape is known,
    else at the first call with new shapes.
    Raises: InputError for inputs that are missing, unused or not inputs, and for updates and givens of another type.
    Source: Theano `theano.function`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> total = theon.shared(0.0, "total")
    >>> add = theon.function([x], x * 2, updates={total: total + x.sum()})
    >>> add([1.0, 2.0]).tolist(), total.get_value().item()
    ([2.0, 4.0], 3.0)
    """
    name = name if name is not None else "function"
    if not isinstance(inputs, (list, tuple)):
        raise report(InputTypeError, f"{name}: inputs must be a list", where=here(), received=type(inputs).__name__)
    several = None if outputs is None else isinstance(outputs, (list, tuple))
    listed: list[Any] = [] if outputs is None else list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    nodes = [as_node(output) for output in listed]
    for node in nodes:
        _ = node.tensor  # a node of several outputs must be picked apart first
    graph = declare(inputs, nodes, updates, givens, on_unused_input, no_default_updates, name)
    return Function(graph, several, name, options if options is not None else Options(), allow_input_downcast)


_evaluations: dict[int, dict[tuple[int, ...], Function]] = {}  # node id -> functions; an entry goes with its node


def evaluate(self: Node, values: Mapping[Node, Any] | None = None) -> np.ndarray[Any, Any]:
    """Compute a node for given input values, as a NumPy array; compiled once per set of inputs. States do not move.

    Arguments: values, `{input: value}`. Raises: InputError where an input is missing or does not fit.

    >>> import theon
    >>> x = theon.vector("x")
    >>> (x + 1).eval({x: [1.0, 2.0]})
    array([2., 3.], dtype=float32)
    """
    values = dict(values or {})
    known = _evaluations.get(id(self))
    if known is None:
        known = _evaluations[id(self)] = {}
        weakref.finalize(self, _evaluations.pop, id(self), None)
    key = tuple(map(id, values))
    compiled = known.get(key)
    if compiled is None:
        # An intermediate may be given too: a fresh input stands for it.
        inputs = [node if isinstance(node.op, Input) else new_input(node.tensor, node.name) for node in values]
        givens = {node: leaf for node, leaf in zip(values, inputs, strict=True) if node is not leaf}
        compiled = known[key] = function(
            inputs, self, givens=givens, on_unused_input="ignore", no_default_updates=True, name=f"eval {self.label}"
        )
    return np.asarray(compiled(*values.values()))


__all__ = ["Function", "evaluate", "function"]
