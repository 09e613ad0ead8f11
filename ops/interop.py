"""Any JAX function as an op."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import jax
import numpy as np
from jax import lax

from ..graph.dims import may_equal, unify_dim
from ..graph.errors import ArgumentError, Mismatch, TheonError, report, require
from ..graph.node import Node, NodeLike, apply, as_node, complain, picks
from ..graph.op import Op, strict
from ..graph.types import HELD, TensorType, TupleType, Type, as_dtype
from ..graph.where import here
from .elementwise import converted

Function: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class JaxCall(Op):
    """A JAX function, pure, of arrays; gives an array, or several. `out` is what its outputs were declared to be."""

    stores = True

    fn: Function
    out: Type | None = None

    def _identity(self) -> tuple[Any, ...]:
        return (JaxCall, self.fn if isinstance(self.fn, Pullback) else id(self.fn), strict(self.out))

    @property
    def name(self) -> str:
        return name_of(self.fn)

    @property
    def params(self) -> str:
        return ""

    def infer(self, *types: TensorType) -> Type:
        if all(t.is_static for t in types):
            found = traced(self, types)
            return found if self.out is None else agreed(self.out, found)
        if self.out is None:
            raise Mismatch(
                "what it gives is not known while the sizes of its inputs are not",
                "say it: theon.from_jax(fn, out=((None, 10), 'float32')), or a list of such pairs for several outputs",
                ArgumentError,
            )
        return self.out

    def lower(self, *arrays: jax.Array) -> Any:
        result = self.fn(*arrays)
        if isinstance(result, (tuple, list)):
            return tuple(map(_plain, result))
        return _plain(result)

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        out = self.infer(*types)  # type: ignore[arg-type]  # inputs of a JAX call are tensors
        smooth = any(t.is_inexact for t in items_of(out))
        return tuple(smooth and isinstance(t, TensorType) and t.is_inexact for t in types)

    def vjp(self, g: Node | list[Node], out: Node, *inputs: Node) -> Sequence[Node | None]:
        smooth = tuple(x.tensor.is_inexact for x in inputs)
        outputs = items_of(out.type)
        seeds = g if isinstance(g, list) else [g]
        seeds = [converted(seed, t.dtype) for seed, t in zip(seeds, outputs, strict=True) if t.is_inexact]
        pulled = apply(JaxCall(Pullback(self, smooth)), *inputs, *seeds)
        found = iter(picks(pulled))
        return [next(found) if flag else None for flag in smooth]


def _plain(value: Any) -> jax.Array:
    """A result as an array, of a dtype that no longer is weak."""
    return lax.convert_element_type(value, _dtype_of(value))


def _dtype_of(value: Any) -> Any:
    return value.dtype if hasattr(value, "dtype") else jax.dtypes.result_type(value)


@dataclass(frozen=True)
class Pullback:
    """The function from a call's inputs and the cotangents of its float outputs to those of its float inputs."""

    call: JaxCall
    smooth: tuple[bool, ...]  # which inputs are float, and get a cotangent

    @property
    def __name__(self) -> str:
        return f"vjp of {self.call.name}"

    def __call__(self, *arrays: jax.Array) -> tuple[jax.Array, ...]:
        inputs, seeds = arrays[: len(self.smooth)], iter(arrays[len(self.smooth) :])
        floats = [x for x, flag in zip(inputs, self.smooth, strict=True) if flag]

        def of_floats(*chosen: jax.Array) -> Any:
            rest = iter(chosen)
            return self.call.lower(*(next(rest) if flag else x for x, flag in zip(inputs, self.smooth, strict=True)))

        values, back = jax.vjp(of_floats, *floats)
        several = isinstance(values, tuple)
        cotangents = [
            next(seeds) if np.dtype(v.dtype).name in _SMOOTH else np.zeros(v.shape, jax.dtypes.float0)
            for v in (values if several else [values])
        ]
        return tuple(back(tuple(cotangents) if several else cotangents[0]))


_SMOOTH = frozenset(name for name, dtype in HELD.items() if TensorType(dtype, ()).is_inexact)


def items_of(type_: Type) -> tuple[TensorType, ...]:
    """The types of all outputs."""
    return type_.items if isinstance(type_, TupleType) else (type_,)


def name_of(fn: Function) -> str:
    """What a person calls a function."""
    inner = getattr(fn, "func", fn)  # of a functools.partial
    return str(getattr(fn, "__name__", getattr(inner, "__name__", type(fn).__name__)))


# --- types ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def traced(call: JaxCall, types: tuple[TensorType, ...]) -> Type:
    """What the function gives for static inputs, by tracing it; Mismatch, caused by its own error, where it fails."""
    arguments = [jax.ShapeDtypeStruct(t.sizes, t.dtype) for t in types]
    try:
        with jax.enable_x64(True):
            result = jax.eval_shape(call.fn, *arguments)
    except Exception as problem:
        raise Mismatch(f"the function raised {_shown(problem)}", _received(types), ArgumentError) from problem
    if isinstance(result, (tuple, list)):
        return TupleType(tuple(_type_of(item) for item in result))
    return _type_of(result)


def _type_of(item: Any) -> TensorType:
    dtype = getattr(item, "dtype", None)
    if not hasattr(item, "shape") or getattr(dtype, "name", None) not in HELD:
        shown = type(item).__name__ if dtype is None else f"an array of {dtype}"
        raise Mismatch(
            f"the function gives {shown}", "return an array, or a tuple of arrays, of a dtype of theon's", ArgumentError
        )
    return TensorType(HELD[item.dtype.name], tuple(item.shape))


def _shown(problem: Exception) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    text = lines[0] if lines else ""
    return f"{type(problem).__name__}: {text[:300]}" if text else type(problem).__name__


def _received(types: Sequence[TensorType]) -> str:
    return f"it was called with ({', '.join(map(str, types))}), 64-bit types enabled"


def agreed(declared: Type, found: Type) -> Type:
    """What is known of outputs that were declared and traced; Mismatch where the two differ."""
    same = isinstance(declared, TupleType) == isinstance(found, TupleType)
    wanted, given = items_of(declared), items_of(found)
    same = same and len(wanted) == len(given)
    same = same and all(
        a.dtype == b.dtype and len(a.shape) == len(b.shape) and all(map(may_equal, a.shape, b.shape))
        for a, b in zip(wanted, given, strict=True)
    )
    require(same, f"was declared to give {declared}, and gives {found}", "mend out=", ArgumentError)
    items = tuple(
        a.with_shape([unify_dim(d, e) for d, e in zip(a.shape, b.shape, strict=True)])
        for a, b in zip(wanted, given, strict=True)
    )
    return TupleType(items) if isinstance(declared, TupleType) else items[0]


# --- the public function ----------------------------------------------------------------------------------------------


def from_jax(fn: Function, out: Any = None) -> Callable[..., Any]:
    """A pure JAX function as a function of nodes.

    Arguments: fn, of arrays, giving an array, or a tuple or list of arrays; out, what it gives where that cannot be
    found out at declaration because sizes are unknown: `(shape, dtype)`, or a list of such pairs for several outputs,
    with None or a name for a size that is not known. Plain Python options go in by `functools.partial`.
    Gives a function of nodes that returns a node, or a tuple of nodes. It is differentiable to every order, by
    `jax.vjp`; 64-bit types are enabled inside `fn`, so `jnp.zeros(3)` there is float64.
    Raises: ArgumentError where fn fails, gives something else, or its outputs are not known. Source: `jax.eval_shape`.

    >>> import theon, jax
    >>> x = theon.tensor("x", shape=(3,))
    >>> y = theon.from_jax(jax.nn.gelu)(x)
    >>> y
    <gelu : float32[3]>
    """
    if not callable(fn):
        what, hint = "from_jax: needs a function", "give one of JAX arrays"
        raise report(ArgumentError, what, where=here(), received=repr(fn)[:80], hint=hint)
    declared = None if out is None else _declared(out)
    op = JaxCall(fn, declared)

    def call(*arguments: NodeLike) -> Any:
        nodes = [as_node(a) for a in arguments]
        try:
            op.infer(*[node.tensor for node in nodes])
        except Mismatch as problem:
            raise complain(problem, f"from_jax({op.name})", *nodes) from problem.__cause__
        node = apply(op, *nodes)
        return picks(node) if isinstance(node.type, TupleType) else node

    return call


def _declared(out: Any) -> Type:
    """The `out=` argument as a type: a list is several outputs, a pair or a type is one."""
    if isinstance(out, TupleType):
        return out
    if isinstance(out, list):
        return TupleType(tuple(_declared_one(item) for item in out))
    return _declared_one(out)


def _declared_one(item: Any) -> TensorType:
    if isinstance(item, TensorType):
        return item
    try:
        shape, dtype = item
        sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
        if all(d is None or isinstance(d, (int, str)) for d in sizes):
            return TensorType(as_dtype(dtype), sizes)
    except TheonError:
        raise
    except (TypeError, ValueError):
        pass
    raise report(
        ArgumentError,
        "from_jax: out= takes (shape, dtype), or a list of such pairs",
        where=here(),
        received=repr(item)[:80],
        hint="for example out=((None, 10), 'float32')",
    )


__all__ = ["JaxCall", "from_jax"]
