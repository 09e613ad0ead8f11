"""`Op`: what a node does. Its fields are its static parameters, its methods are its rules.

    infer   types in, type out                    raises Mismatch
    lower   arrays in, arrays out                 the only lines that know JAX
    vjp     cotangent in, cotangents out          written with theon's own ops, so gradients of gradients come free
    batch   nodes with a leading axis in, node out      optional; the default lowers under `jax.vmap`

`infer` may meet dims that are names or unknown; `lower`, `vjp` and `batch` run after specialisation and see ints only.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from .dims import Dim, Shape
from .errors import GradientError, Mismatch
from .types import Type, require_computed

if TYPE_CHECKING:
    from .graph import Graph
    from .node import Node


class Token:
    """An identity: equal to itself alone. Leaves, effects, recomputation regions carry one; CSE never merges them."""

    __slots__ = ("__weakref__",)

    def __deepcopy__(self, memo: dict[int, Any]) -> Token:
        return self

    def __repr__(self) -> str:
        return "·"


def strict(value: Any) -> Any:
    """A key that tells apart what `==` does not: `1`, `1.0` and `True`; `0.0` and `-0.0`; and joins nan with nan."""
    kind: Any = type(value)
    if kind is str or kind is int or value is None:
        return value if kind is str or value is None else ("i", value)
    if kind is tuple:
        return tuple(map(strict, value))
    if kind is bool:
        return ("b", value)
    if kind is float:
        return ("f", struct.pack("d", value))
    if kind is complex:
        return ("c", struct.pack("dd", value.real, value.imag))
    if kind is np.ndarray or isinstance(value, np.generic):
        return (value.dtype, value.shape, value.tobytes())
    if is_dataclass(value) and kind.__eq__ is not object.__eq__ and not isinstance(value, Op):
        return (kind, *(strict(getattr(value, f.name)) for f in fields(value)))
    return value


class Refusal(NamedTuple):
    """Why no derivative passes an op, said of a `{wrt}`; what the op is in this; and the way out.

    `forwards`: derivatives in forward mode do pass.
    """

    message: str
    role: str
    hint: str
    forwards: bool = False


class Op:
    """Base of every op; subclasses are `@dataclass(frozen=True, eq=False)`, and equality is strict (see `strict`)."""

    differentiable: ClassVar[bool] = True
    effect: ClassVar[bool] = False  # does something besides its value, which is its first input's
    own_slope: ClassVar[bool] = False  # what it lowers to is for its value alone: who derives it is given its `vjp`
    stores: ClassVar[bool] = False  # takes dtypes for storage too: it moves, holds or converts, and computes nothing

    if TYPE_CHECKING:  # bound by the front door: `op(x)` is `apply(op, x)`

        def __call__(self, *inputs: Node) -> Node: ...

    def infer(self, *types: Any) -> Type:
        raise NotImplementedError(f"{type(self).__name__} has no infer")

    def lower(self, *arrays: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no lower")

    def vjp(self, g: Any, out: Node, *inputs: Any) -> Sequence[Node | Mismatch | None]:
        """Cotangent of each input, shaped as the broadcast of the input; the driver sums back.

        None: no gradient. A Mismatch: there is none to be had by this input, which is raised if it is asked for.
        """
        raise Mismatch(
            f"{self.name} has no derivative",
            f"give {type(self).__name__} a `vjp` in {type(self).__module__}, or cut with theon.stop_gradient",
            GradientError,
        )

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        """Which inputs the output depends on differentiably; static, so connectivity is known at declaration."""
        return tuple(self.differentiable and getattr(t, "is_inexact", True) for t in types)

    @property
    def refusal(self) -> Refusal | None:
        """Why no derivative passes this op, though it is differentiable by its mask; None where one does."""
        return None

    @property
    def derived_bodies(self) -> tuple[Graph, ...]:
        """The graphs inside this op that its derivative is derived from; their inputs end as its own do."""
        return ()

    @property
    def name(self) -> str:
        """The op's name in errors, texts and pictures."""
        return _snake(type(self).__name__)

    @property
    def params(self) -> str:
        """The static parameters as text, in declaration order."""
        return ", ".join(f"{f.name}={_text(getattr(self, f.name))}" for f in fields(self) if f.repr)  # type: ignore[arg-type]

    def __str__(self) -> str:
        return self.name

    def _identity(self) -> tuple[Any, ...]:
        return (type(self), *(strict(getattr(self, f.name)) for f in fields(self)))  # type: ignore[arg-type]

    @property
    def key(self) -> tuple[Any, ...]:
        found = self.__dict__.get("_key")
        if found is None:
            found = self._identity()
            object.__setattr__(self, "_key", found)
            object.__setattr__(self, "_hash", hash(found))
        return found

    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and self.key == other.key)

    def __hash__(self) -> int:
        found = self.__dict__.get("_hash")
        if found is None:
            found = hash(self.key)
        return found

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in ("_key", "_hash")}


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_text, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, (np.dtype, Op)) or is_dataclass(value):
        return str(value)
    return repr(value)


@dataclass(frozen=True, slots=True)
class Hole:
    """An int inside an op's fields that is known at specialisation only: the `index`-th int input of a `Late` op."""

    index: int
    dim: Dim = None

    def __str__(self) -> str:
        return f"${self.index}" if self.dim is None else str(self.dim)


def static_int(value: Any) -> int | None:
    """`value` if it is an int, None while it is a `Hole`."""
    return value if type(value) is int else None


def dims_of(shape: Sequence[Any]) -> Shape:
    """A shape field as dims: ints stay, holes are what is known of them."""
    return tuple(d.dim if isinstance(d, Hole) else d for d in shape)


def fill(value: Any, ints: Sequence[int]) -> Any:
    """`value` (an op, a tuple, a dataclass) with every `Hole` replaced by its int."""
    return transform_holes(value, lambda hole: ints[hole.index])


def transform_holes(value: Any, change: Callable[[Hole], Any]) -> Any:
    if isinstance(value, Hole):
        return change(value)
    if type(value) is tuple:
        items = tuple(transform_holes(v, change) for v in value)
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    if isinstance(value, Op) or (is_dataclass(value) and type(value).__eq__ is not object.__eq__):
        changed = {
            f.name: new
            for f in fields(value)  # type: ignore[arg-type]  # every Op is a dataclass
            if (new := transform_holes(old := getattr(value, f.name), change)) is not old
        }
        return replace(value, **changed) if changed else value  # type: ignore[type-var]
    return value


@dataclass(frozen=True, eq=False)
class Late(Op):
    """An op whose fields still hold holes: inputs are the op's own, then one int scalar per hole.

    Specialisation computes the ints and puts the plain op in its place, so no other pass ever meets a `Late`.
    """

    stores = True

    op: Op
    arity: int

    def infer(self, *types: Any) -> Type:
        own = types[: self.arity]
        if not self.op.stores:
            require_computed(own)
        return self.op.infer(*own)

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        own = self.op.gradient_mask(types[: self.arity])
        return own + (False,) * (len(types) - self.arity)

    @property
    def name(self) -> str:
        return self.op.name

    @property
    def params(self) -> str:
        return self.op.params
