"""`function`: a declared program that can be called. It keeps one compiled program per signature."""

from __future__ import annotations

import copy
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..compiler.compilation import Options, Report, Signature
from ..graph.errors import ArgumentError, InputError, InputTypeError, report
from ..graph.graph import Graph
from ..graph.node import Input, Node, NodeLike, as_node, new_input
from ..graph.types import TensorType
from ..graph.walk import toposort
from ..graph.where import here, warn
from ..ops.mode import training
from .as_jax import JaxFunction
from .convert import Place, convert
from .declare import Pairs, Unused, declare
from .program import Program

CHURN = 8  # compilations of one function after which it says which input keeps changing

_MISSING: Any = object()


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
        self._places = [
            Place(name, own, type_, node)
            for own, type_, node in zip(self._names, self._types, graph.inputs, strict=True)
        ]
        self._static = tuple(i for i, node in enumerate(graph.inputs) if node.op.static)  # type: ignore[attr-defined]
        self._dynamic = tuple(i for i in range(len(graph.inputs)) if i not in self._static)
        self._programs: OrderedDict[Any, Program] = OrderedDict()
        self._compiled = 0
        self._variety: list[set[Any]] = [set() for _ in self._names]  # per input, what it was compiled for
        self._compiling = threading.Lock()
        self._last: Program | None = None  # where a call that looks like the one before may go at once
        self._recent: Program | None = None  # what was called last
        if not self._static and all(type_.is_static for type_ in self._types):
            self._program(tuple([type_.shape for type_ in self._types]))

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Run on values, by position or by name; outputs are device arrays (`np.asarray` gives NumPy ones)."""
        program = self._last
        if program is None or kwargs or ((args or program.arity) and not program.fits(args)):
            program, args = self._resolved(args, kwargs)
        outputs = program.run(args)
        if self._several is False:
            return outputs[0]
        return list(outputs) if self._several else None

    def _resolved(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Program, tuple[Any, ...]]:
        """Arguments checked and converted, and the program for their shapes."""
        if kwargs or len(args) != len(self._types):
            args = self._bound(args, kwargs)
        values: list[Any] = []
        shapes: list[Any] = []
        for value, place in zip(args, self._places, strict=True):
            array = convert(value, place, self._downcast)
            values.append(array)
            shapes.append(array.shape)
        if self._static:
            for i in self._static:
                shapes[i] = _static_key(values[i])
            values = [values[i] for i in self._dynamic]
        key = tuple(shapes)
        program = self._programs.get(key)
        if program is None:
            program = self._program(key)
        elif program is not self._recent and self._compiling.acquire(blocking=False):
            if key in self._programs:
                self._programs.move_to_end(key)
            self._compiling.release()
        self._recent = program
        # The next call may skip all this if its arrays are alike; static values are not arrays, and must be looked at.
        self._last = None if self._static else program
        return program, tuple(values)

    def __repr__(self) -> str:
        return f"<theon.Function {self.name}({', '.join(map(str, self._names))})>"

    def _bound(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
        """Arguments in declaration order; InputError for one too many, missing, unknown or doubled."""
        names = self._names
        if len(args) > len(names):
            raise self._bad(f"takes {len(names)} input{'' if len(names) == 1 else 's'}, received {len(args)}")
        bound = [*args, *[_MISSING] * (len(names) - len(args))]
        for name, value in kwargs.items():
            if names.count(name) != 1:
                raise self._bad(f"{'several inputs are' if name in names else 'no input is'} named {name}")
            if bound[names.index(name)] is not _MISSING:
                raise self._bad(f"input {name} is given twice")
            bound[names.index(name)] = value
        missing = [name for name, value in zip(names, bound, strict=True) if value is _MISSING]
        if missing:
            raise self._bad(f"no value for {', '.join(missing)}")
        return tuple(bound)

    def _bad(self, what: str) -> Exception:
        hint = f"its inputs are, in this order: {', '.join(self._names)}" if self._names else "it has no inputs"
        return report(InputError, f"{self.name}: {what}", where=here(3), hint=hint)

    def as_jax(self) -> JaxFunction:
        """The program as a pure JAX function `(inputs, state) -> (outputs, state)`, for `jax.jit`, `grad`, `vmap`.

        Inputs are a sequence, in declaration order; `state` is a dict of arrays by name, which the call gives back
        with updates made, and `.state()` has the values now. Nothing is converted: 64-bit inputs need
        `jax.enable_x64(True)` around arrays and call; static inputs are plain values. JAX derives each op as theon
        does, but of `where` both branches, as of its own.
        Raises: InputError, InputTypeError where a value does not fit; ArgumentError for a program with checks;
        GradientError where JAX differentiates past `custom_gradient`, `grad_clip` and the like, which it does not see.
        Source: `jax.jit` and its fellows take what this gives.

        >>> import theon, jax
        >>> x, w = theon.vector("x"), theon.shared(2.0, "w")
        >>> step = theon.function([x], (x * w).sum(), updates={w: w + 1}).as_jax()
        >>> total, state = jax.jit(step)([jax.numpy.ones(3)], step.state())
        >>> print(total, state["w"])
        6.0 3.0
        """
        names = tuple(map(str, self._names))
        return JaxFunction(
            self.graph, self.options, self.name, names, self._static, self._key_of, self._signature, self._several
        )

    def _key_of(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The signature key of values: shapes, and the bytes of what is static."""
        return tuple(_static_key(np.asarray(v)) if i in self._static else v.shape for i, v in enumerate(values))

    # --- programs ---------------------------------------------------------------------------------------------------

    def _program(self, key: tuple[Any, ...]) -> Program:
        """The program for a signature key, compiled if it has to be; nothing is kept of one that was interrupted."""
        signature = self._signature(key)
        with self._compiling:
            program = self._programs.get(key)
            if program is not None:  # compiled before, or by another thread that was quicker
                self._programs.move_to_end(key)
                return program
            program = self._programs[key] = Program(self.graph, signature, self.options, self.name)
            self._compiled += 1
            for different, part in zip(self._variety, key, strict=True):
                if len(different) < CHURN * self.options.cache_size:  # enough to tell which input it is
                    different.add(part)
            while len(self._programs) > self.options.cache_size:
                self._programs.popitem(last=False)
        self._warn_of_churn(key)
        return program

    def _signature(self, key: tuple[Any, ...]) -> Signature:
        """Static types from call shapes, and static values; the same name must be the same size everywhere."""
        sizes: dict[str, tuple[int, int]] = {}  # name -> its size, and the input that has it first
        types: list[TensorType] = []
        values: list[tuple[int, Any]] = []
        for i, (type_, shape) in enumerate(zip(self._types, key, strict=True)):
            if i in self._static:
                values.append((i, _static_value(shape, type_)))
                types.append(type_)
                continue
            for dim, size in zip(type_.shape, shape, strict=True):
                if isinstance(dim, str) and sizes.setdefault(dim, (size, i))[0] != size:
                    raise self._two_sizes(dim, key, sizes[dim][1], i)
            types.append(type_.with_shape(shape))
        return Signature(tuple(types), tuple(values))

    def _two_sizes(self, dim: str, key: tuple[Any, ...], first: int, second: int) -> Exception:
        """The error for a name that is two sizes, in two inputs or in one."""
        both = [first, second] if first != second else [first]
        sizes = [size for i in both for own, size in zip(self._types[i].shape, key[i], strict=True) if own == dim]
        a, b = list(dict.fromkeys(sizes))[:2]
        found = f"{a} in {self._names[first]} and {b} in {self._names[second]}"
        return report(
            InputError,
            f"{self.name}: the size of {dim} is {found if first != second else f'{a} and {b}'}",
            where=here(4),
            operands=[("input", self.graph.inputs[i]) for i in both],
            received=", ".join(f"{self._names[i]} of shape {key[i]}" for i in both),
            hint="one name is one size: pass values that agree, or declare the dims under two names",
        )

    def _warn_of_churn(self, key: tuple[Any, ...]) -> None:
        if self._compiled % CHURN:
            return
        counts = [len(different) for different in self._variety]
        if not counts or max(counts) < 2:
            return
        worst = int(np.argmax(counts))
        last = key[worst]
        if worst in self._static:
            came = f"with {counts[worst]} different static values, last {_static_value(last, self._types[worst])}"
            way = "give it fewer values, or declare it without static=True"
        else:
            came = f"in {counts[worst]} different shapes, last {last}"
            way = "pad it to a few sizes"
        warn(f"{self.name} was compiled {self._compiled} times: input {self._names[worst]} came {came}; {way}")

    def compile(self, *values: Any, **named: Any) -> Function:
        """Compile for the shapes of `values` (arrays, or types) without running; gives the function back."""
        args = self._bound(values, named)
        shapes: list[Any] = []
        for i, (value, place) in enumerate(zip(args, self._places, strict=True)):
            if isinstance(value, TensorType) and value.is_static and i not in self._static:
                value = np.broadcast_to(np.zeros((), value.dtype), value.sizes)
            array = convert(value, place, self._downcast)
            shapes.append(_static_key(array) if i in self._static else array.shape)
        self._last = None
        self._program(tuple(shapes))
        return self

    @property
    def programs(self) -> tuple[Program, ...]:
        """The compiled programs, least recently used first."""
        return tuple(self._programs.values())

    @property
    def reports(self) -> tuple[Report, ...]:
        """What the compiler did for each program."""
        return tuple(program.report for program in self._programs.values())

    def copy(self, *, share_state: bool = True) -> Function:
        """A function of its own, over the same shared variables or (`share_state=False`) over copies of them."""
        return copy.copy(self) if share_state else copy.deepcopy(self)

    def __copy__(self) -> Function:
        return Function(*self._made_of())

    def __deepcopy__(self, memo: dict[int, Any]) -> Function:
        graph, *rest = self._made_of()
        return Function(copy.deepcopy(graph, memo), *rest)

    def __reduce__(self) -> tuple[Any, ...]:
        """A pickle holds the declared program and the values of its states; it is compiled again when it is loaded."""
        return Function, self._made_of()

    def _made_of(self) -> tuple[Any, ...]:
        return self.graph, self._several, self.name, self.options, self._downcast


def _static_key(value: Any) -> bytes:
    """A static value as a key that tells 0.0 from -0.0, and finds nan again."""
    return np.asarray(value).tobytes()


def _static_value(key: bytes, type_: TensorType) -> bool | int | float:
    return np.frombuffer(key, type_.dtype).item()  # type: ignore[no-any-return]


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
    name = _checked(name, allow_input_downcast, options)
    if not isinstance(inputs, (list, tuple)):
        raise report(
            InputTypeError,
            f"{name}: inputs must be a list",
            where=here(),
            received=repr(inputs)[:80],
            hint="give a list, of one input too: [x]",
        )
    several = None if outputs is None else isinstance(outputs, (list, tuple))
    listed: list[Any] = [] if outputs is None else list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    nodes = [as_node(output) for output in listed]
    for node in nodes:
        _ = node.tensor  # a node of several outputs must be picked apart first
    graph = declare(inputs, nodes, updates, givens, on_unused_input, no_default_updates, name)
    return Function(graph, several, name, options if options is not None else Options(), allow_input_downcast)


def _checked(name: Any, downcast: Any, options: Any) -> str:
    """The name of a function; ArgumentError where one of the plain arguments has no meaning."""
    for value, fits, what, hint in (
        (name, name is None or isinstance(name, str), "name is a string", 'for example name="step"'),
        (downcast, downcast in (None, True, False), "allow_input_downcast is True, False or None", "leave it out"),
        (options, options is None or isinstance(options, Options), "options is a theon.Options", "see theon.Options"),
    ):
        if not fits:
            raise report(ArgumentError, f"function: {what}", where=here(), received=repr(value)[:80], hint=hint)
    return name if name is not None else "function"


_evaluations: dict[int, dict[tuple[int, ...], Function]] = {}  # node id -> functions; an entry goes with its node


def evaluate(self: Node, values: Mapping[Node, Any] | None = None) -> np.ndarray[Any, Any]:
    """Compute a node for given input values, as a NumPy array; compiled once per set of inputs. States do not move.

    Arguments: values, `{input: value}`. Raises: InputError where an input is missing or does not fit.

    >>> import theon
    >>> x = theon.vector("x")
    >>> (x + 1).eval({x: [1.0, 2.0]})
    array([2., 3.], dtype=float32)
    """
    given = _given(values)
    if isinstance(self.op, Input) or self in set(given):  # not kept: the function would keep the node alive
        return np.asarray(_evaluation(self, self, list(given))(*given.values()))
    known = _evaluations.get(id(self))
    if known is None:
        known = _evaluations[id(self)] = {}
        weakref.finalize(self, _evaluations.pop, id(self), None)
    key = tuple(map(id, given))
    if key not in known:
        # A twin is computed, so that the function does not keep the node alive, and itself with it.
        twin = Node(self.op, self.inputs, self.type, self.where, self.name)
        known[key] = _evaluation(self, twin, list(given))
    return np.asarray(known[key](*given.values()))


def _evaluation(node: Node, twin: Node, given: list[Node]) -> Function:
    """The function that computes a node (or its twin) from what is given; InputError where more is needed."""
    for needed in toposort([node], stop=set(given).__contains__):
        if isinstance(needed.op, Input) and needed not in set(given) and needed is not training:
            raise report(
                InputError,
                f"eval: {node.label} needs a value for {needed.label}",
                where=here(),
                operands=[("needed", needed)],
                hint=f"write node.eval({{{needed.label}: value}})",
            )
    # An intermediate may be given too: a fresh input stands for it.
    inputs = [one if isinstance(one.op, Input) else new_input(one.tensor, one.name) for one in given]
    givens = {one: leaf for one, leaf in zip(given, inputs, strict=True) if one is not leaf}
    return function(inputs, twin, givens=givens, on_unused_input="ignore", no_default_updates=True, name="eval")


def _given(values: Any) -> dict[Node, Any]:
    """The values given to `eval`; raises where they are no dict of nodes."""
    if values is not None and not (isinstance(values, Mapping) and all(isinstance(node, Node) for node in values)):
        raise report(
            InputTypeError,
            "eval: values is a dict",
            where=here(),
            received=repr(values)[:80],
            hint="write node.eval({input: value})",
        )
    return dict(values or {})


__all__ = ["Function", "evaluate", "function"]
