"""`Row`: all that the generic tests need to know about one public op.

A family file lists its rows; `tests/op_table/__init__.py` joins them to `ROWS`. For every row the tests check

1. that `infer` agrees with `jax.eval_shape` of the lowering, with sizes known and unknown at declaration;
2. that values agree with `oracle`, and that the dtype is what `gives` says;
3. for a differentiable row, that gradients of orders 1 and 2 agree with `jax.grad` of the lowering and with
   finite differences, in float64.

Example:

    Row("hypot", theon.hypot, np.hypot, BINARY, FLOATS)
    Row("sum", theon.sum, np.sum, tuple(case((2, 3), axis=a) for a in (0, -1, None)), NUMBERS)
    Row(
        "take", theon.take, np.take, (case((5, 2), (3,), axis=0),),
        dtypes=(("float32", "int32"),), samples=(normal, integers(0, 5)),
    )
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from theon.graph.types import as_dtype, is_inexact, is_integer, promote, real_of

Array: TypeAlias = "np.ndarray[Any, Any]"
Shape: TypeAlias = tuple[int, ...]
Sampler: TypeAlias = Callable[[np.random.Generator, Shape, str], Array]


# --- Samplers: data for one operand (generator, shape, dtype name) -> array -------------------------------------------


def as_array(values: Any, dtype: str) -> Array:
    """`values` in a dtype by name, bfloat16 too."""
    return np.asarray(values).astype(as_dtype(dtype))


def uniform(low: float, high: float) -> Sampler:
    """Even between two bounds, of which ints and bools leave out the upper; complex numbers fill a square."""

    def sample(rng: np.random.Generator, shape: Shape, dtype: str) -> Array:
        if dtype == "bool":
            return np.asarray(rng.integers(0, 2, shape)).astype(bool)
        if is_integer(as_dtype(dtype)):
            return as_array(rng.integers(int(low), int(high), shape), dtype)
        if dtype.startswith("complex"):
            return as_array(rng.uniform(low, high, shape) + 1j * rng.uniform(low, high, shape), dtype)
        return as_array(rng.uniform(low, high, shape), dtype)

    return sample


def integers(low: int, high: int) -> Sampler:
    """Whole numbers from `low` up to, not including, `high`, in any dtype; ties are likely."""

    def sample(rng: np.random.Generator, shape: Shape, dtype: str) -> Array:
        return as_array(rng.integers(low, high, shape), dtype)

    return sample


def normal(rng: np.random.Generator, shape: Shape, dtype: str) -> Array:
    """Standard normal; small ints (0 to 4 where unsigned, else -4 to 4) and bools for their dtypes."""
    if dtype == "bool" or is_integer(as_dtype(dtype)):
        return uniform(0 if dtype.startswith("u") else -4, 5)(rng, shape, dtype)
    if dtype.startswith("complex"):
        return as_array(rng.standard_normal(shape) + 1j * rng.standard_normal(shape), dtype)
    return as_array(rng.standard_normal(shape), dtype)


# --- Cases and rows ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Case:
    """One call: a shape per operand, and keywords given to `function` and `oracle` alike."""

    shapes: tuple[Shape, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        shapes = ", ".join(map(str, self.shapes))
        return f"({shapes}{''.join(f', {k}={v!r}' for k, v in self.kwargs.items())})"


def case(*shapes: Shape, **kwargs: Any) -> Case:
    """`case((2, 3), (3,), axis=0)`."""
    return Case(shapes, kwargs)


@dataclass(frozen=True, eq=False)
class Special:
    """One call on values of one's own choice."""

    operands: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)


Combination: TypeAlias = str | tuple[str, ...]  # one dtype for all operands, or one per operand
SAME = "same"  # `gives`: the operands' promoted dtype


@dataclass(frozen=True, eq=False)
class Row:
    """One public op.

    `name`            the public name below `theon`: "add", "nn.softmax"
    `function`        called as `function(*operands, **case.kwargs)`; gives a node, or several in a list or tuple
    `oracle`          the same call in NumPy or SciPy; floats arrive in float64, complex numbers in complex128
    `cases`           five or more, with 0-d and zero-size shapes, negative axes and broadcasting where they apply
    `dtypes`          dtype combinations; every case meets the first, the others meet one each
    `samples`         a sampler for all operands, or one per operand
    `gives`           the result's dtype: SAME, a name, None (not checked), or a function of the operands' names
    `differentiable`  whether the gradient tests apply
    `wrt`             which operands to differentiate by; None: all whose dtype in the first combination is inexact
    `gradient_dtypes` combinations for gradients beside the first of `dtypes`; all are widened to 64 bits a part
    `gradient_cases`  the cases for gradients; None: every second one (fewer where compiling takes long)
    `ulps`            how many units in the last place of max(1, |value|) a float result may be off
    `special`         operands for the value test alone (nan, inf, edges), in the first combination
    `unknown`         whether the op can be declared with unknown sizes
    `aliases`         other public names of the same function
    """

    name: str
    function: Callable[..., Any]
    oracle: Callable[..., Any]
    cases: tuple[Case, ...]
    dtypes: tuple[Combination, ...] = ("float32",)
    samples: Sampler | tuple[Sampler, ...] = normal
    gives: str | Callable[..., str] | None = SAME
    differentiable: bool = True
    wrt: tuple[int, ...] | None = None
    gradient_dtypes: tuple[Combination, ...] = ()
    gradient_cases: tuple[Case, ...] | None = None
    ulps: float = 8.0
    special: tuple[Special, ...] = ()
    unknown: bool = True
    aliases: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    def operand_dtypes(self, combination: Combination, count: int) -> tuple[str, ...]:
        """One dtype name per operand."""
        return (combination,) * count if isinstance(combination, str) else combination

    def draw(self, case: Case, combination: Combination, seed: int = 0) -> list[Array]:
        """Operands for a case, the same ones every time."""
        rng = np.random.default_rng(seed)
        count = len(case.shapes)
        samplers = self.samples if isinstance(self.samples, tuple) else (self.samples,) * count
        dtypes = self.operand_dtypes(combination, count)
        return [s(rng, shape, d) for s, shape, d in zip(samplers, case.shapes, dtypes, strict=True)]


# --- Cases and dtypes that many rows share ----------------------------------------------------------------------------

UNARY = (case(()), case((3,)), case((2, 3)), case((0,)), case((2, 0, 3)), case((2, 1, 3)))
BINARY = (
    case((), ()),
    case((3,), (3,)),
    case((2, 3), (3,)),
    case((2, 1, 3), (4, 1)),
    case((), (2, 2)),
    case((0, 3), (3,)),
    case((2, 1), (1, 0)),
)

# Edges of the float line, alone and in all pairs.
EDGES = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.5, -3.5)
EDGE = (Special((EDGES,)),)
EDGE_PAIRS = (Special((np.repeat(EDGES, len(EDGES)), np.tile(EDGES, len(EDGES)))),)

FLOATS = ("float32", "float64", "float16", "bfloat16")
COMPLEXES = ("complex64", "complex128")
BOOL = ("bool",)
INTS = ("int32", "int8", "int16", "int64", "uint8", "uint16", "uint32", "uint64")
INEXACT = (*FLOATS, *COMPLEXES)
REALS = (*FLOATS, *INTS)
NUMBERS = (*FLOATS, *INTS, *COMPLEXES)
MIXED: tuple[Combination, ...] = (("int32", "float32"), ("int8", "uint8"), ("float16", "bfloat16"), ("bool", "int8"))


def floating(*dtypes: str) -> str:
    """The dtype of what is computed in floats: bools and ints become float32."""
    joined = promote(*map(as_dtype, dtypes))
    return joined.name if is_inexact(joined) else "float32"


def real_part(*dtypes: str) -> str:
    """The dtype of a part or a magnitude: complex64 becomes float32."""
    return real_of(promote(*map(as_dtype, dtypes))).name
