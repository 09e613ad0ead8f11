"""`verify_grad`: derived gradients against differences of values, order by order, with a report of the worst."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.errors import ArgumentError, GradientError, report
from ..graph.node import Node, constant, new_input
from ..graph.storage import STORED
from ..graph.types import DType, TensorType, is_inexact, limits
from ..graph.where import Where, here
from ..ops.arithmetic import add, multiply
from ..ops.comparison import real
from ..ops.elementwise import cast_to
from ..ops.gradient import grad
from ..ops.reduce import sum as sum_
from ..ops.tree import flatten
from .function import Function, function

MOST = 64  # elements of an argument that are looked at one by one
TINY = 1e-30
FACTOR = 1e3  # the default tolerance, in units of the error that differences have at their best step


@dataclass(frozen=True)
class Finding:
    """One derivative along one direction: by rule, and by differences; `rough` where these look like a kink's."""

    order: int
    argument: int
    place: str
    derived: float
    measured: float
    allowed: float
    rough: bool

    @property
    def error(self) -> float:
        """In units of what is allowed; nan where one of the numbers is no number."""
        return abs(self.derived - self.measured) / self.allowed

    @property
    def good(self) -> bool:
        both = (self.derived, self.measured)
        return self.error <= 1.0 or (both[0] == both[1]) or bool(np.isnan(both).all())


def verify_grad(
    fn: Callable[..., Any],
    point: Any,
    order: int = 2,
    *,
    rtol: float | None = None,
    step: float | None = None,
    seed: int = 0,
) -> str:
    """Hold the derivatives of `fn` against central differences of its values; raise where they disagree.

    Arguments: fn, of nodes, giving a node or a nest of nodes, of which the float ones are joined with random weights;
    point, a list with an array (or a nest of numbers) for each argument of `fn`, or the one array: floats and complex
    numbers are differentiated by, in float64 where they are Python's, and ints are handed on; order, up to which;
    rtol, relative to the largest derivative by an argument, and step of the differences, both by default what the
    dtypes allow; seed, of the weights and directions. Order k is the gradient of the derivative of order k - 1 along a
    random direction. Gives the report as text: the largest error of each order and argument. A kink nearer than the
    step is one to the differences too: move the point.
    Raises: GradientError with the element, both numbers and the tolerance; ArgumentError.
    Source: Theano `verify_grad`; the differences are of fourth order (Richardson 1911).

    >>> import theon
    >>> print(theon.verify_grad(lambda x, y: theon.sin(x) * y, [[0.5, 1.0], [2.0, 3.0]], order=1))
    order 1 by argument 0 : float64[2]   largest error ... of 1, at ...
    order 1 by argument 1 : float64[2]   largest error ... of 1, at ...
    """
    line = here()
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise _wrong("order is a positive int", order, "leave it out for 2", line)
    arrays = _arrays(point, line)
    rng = np.random.default_rng(seed)
    test = Trial.declare(fn, arrays, order, rng, line)
    unit = max(limits(dtype).eps for dtype in test.dtypes)
    if unit > 1e-4 and (rtol is None or step is None):
        names = " and ".join(sorted({str(dtype) for dtype in test.dtypes}))
        raise _wrong(
            "differences say nothing in 16-bit floats",
            names,
            "give a float32 or float64 point, or rtol= and step=",
            line,
        )
    far = unit**0.2 if step is None else step
    allowed = FACTOR * unit**0.8 if rtol is None else rtol
    findings = [finding for k in range(len(test.wrt)) for finding in test.findings(k, far, allowed, unit, rng)]
    text = "\n".join(_summary(test, findings))
    bad = [finding for finding in findings if not finding.good]
    if bad:
        raise _failed(test, min(bad, key=lambda f: (f.order, -np.nan_to_num(f.error, nan=np.inf))), text, line)
    return text


@dataclass(frozen=True, eq=False)
class Trial:
    """`run` gives, at a point, the derivatives of orders 0 to n - 1 along directions, then the gradients of each."""

    run: Function
    wrt: list[int]  # positions among the arguments
    point: list[np.ndarray[Any, Any]]
    order: int
    dtypes: list[DType]  # of all that is differentiated, and by

    @classmethod
    def declare(
        cls,
        fn: Callable[..., Any],
        arrays: list[np.ndarray[Any, Any]],
        order: int,
        rng: np.random.Generator,
        line: Where,
    ) -> Trial:
        inputs = [new_input(TensorType(a.dtype, a.shape), f"argument {i}") for i, a in enumerate(arrays)]
        wrt = [i for i, node in enumerate(inputs) if is_inexact(node.dtype)]
        results = [node for node in flatten(fn(*inputs))[0] if is_inexact(node.dtype)]
        if not wrt or not results:
            what = "results" if wrt else "arguments"
            hint = "give a float point, and a function with a float result"
            raise _wrong(f"none of the {what} is float, so there is no derivative", None, hint, line)
        shapes = [np.shape(value) for value in function(inputs, results, on_unused_input="ignore")(*arrays)]
        slope = joined(results, [noise(rng, shape, node.dtype) for node, shape in zip(results, shapes, strict=True)])
        slopes, gradients = [slope], []
        xs = [inputs[i] for i in wrt]
        for _ in range(order):
            gradient = grad(slope, xs, disconnected_inputs="zero")
            slope = joined(gradient, [noise(rng, arrays[i].shape, arrays[i].dtype) for i in wrt])
            slopes.append(slope)
            gradients += gradient
        run = function(inputs, [*slopes[:-1], *gradients], on_unused_input="ignore")
        return cls(run, wrt, arrays, order, [node.dtype for node in (*results, *xs)])

    def slopes(self, k: int, moved: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The derivatives along directions, of all orders, with another value of the k-th wrt."""
        point = list(self.point)
        point[self.wrt[k]] = moved.astype(point[self.wrt[k]].dtype)
        return np.array([float(value) for value in self.run(*point)[: self.order]])

    def findings(self, k: int, far: float, rtol: float, unit: float, rng: np.random.Generator) -> Iterator[Finding]:
        """Every order, by the k-th wrt, along single elements and along random directions."""
        base = self.point[self.wrt[k]]
        at_point = self.run(*self.point)
        values = np.array([float(value) for value in at_point[: self.order]])
        exact = [np.asarray(at_point[self.order + n * len(self.wrt) + k]) for n in range(self.order)]
        size = far * max(1.0, float(np.max(np.abs(base), initial=0.0)))
        rows = []
        for place, direction in directions(base, rng):
            steps = (size, size / 2, -size / 2, -size)
            far_up, up, down, far_down = (self.slopes(k, base + h * direction) for h in steps)
            wide, narrow = (far_up - far_down) / (2 * size), (up - down) / size
            bends = np.abs(far_up - 2 * values + far_down) / size, 2 * np.abs(up - 2 * values + down) / size
            # What bends smoothly bends half as much over half of the way.
            rough = (bends[1] > 0.8 * bends[0]) | (np.abs(narrow - wide) > 0.1 * np.maximum(np.abs(narrow), 1e-30))
            derived = np.array([np.sum((g * direction).real) for g in exact])
            rows.append((place, derived, narrow + (narrow - wide) / 3, rough))
        for n in range(self.order):
            largest = max((abs(x) for row in rows for x in (row[1][n], row[2][n]) if np.isfinite(x)), default=0.0)
            floor = 64 * unit * max(abs(values[n]), TINY) / size  # what rounding alone may do
            for place, derived, measured, rough in rows:
                allowed = rtol * largest + floor
                yield Finding(n + 1, self.wrt[k], place, derived[n], measured[n], allowed, bool(rough[n]))


def directions(base: np.ndarray[Any, Any], rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Unit vectors, as many as `MOST`, and where that is not all of them some directions that move everything."""
    chosen: Sequence[int] = range(base.size)
    if base.size > MOST:
        chosen = sorted(int(i) for i in rng.choice(base.size, MOST, replace=False))
    ways: tuple[complex, ...] = (1.0, 1j) if base.dtype.kind == "c" else (1.0,)
    wide = np.dtype("complex128" if base.dtype.kind == "c" else "float64")
    for i in chosen:
        for way in ways:
            unit = np.zeros(base.size, wide)
            unit[i] = way
            index = ", ".join(str(int(j)) for j in np.unravel_index(i, base.shape))
            yield f"[{index}]" + (" along i" if way == 1j else ""), unit.reshape(base.shape)
    if base.size > MOST:
        for _ in range(4):
            yield "a random direction", noise(rng, base.shape, wide) / np.sqrt(base.size)


def noise(rng: np.random.Generator, shape: tuple[int, ...], dtype: DType) -> np.ndarray[Any, Any]:
    """Of magnitude one, whatever the dtype."""
    value: Any = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 1.5, shape)
    if dtype.kind == "c":
        value = value + 1j * rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 1.5, shape)
    return np.asarray(value)


def joined(nodes: Sequence[Node], weights: Sequence[np.ndarray[Any, Any]]) -> Node:
    """The real part of a weighted sum of all elements of all nodes, a scalar."""
    total: Node | None = None
    for node, weight in zip(nodes, weights, strict=True):
        part = sum_(real(multiply(node, cast_to(constant(weight), node.dtype))))
        total = part if total is None else add(total, part)
    assert total is not None
    return total


def _arrays(point: Any, line: Where) -> list[np.ndarray[Any, Any]]:
    """The arguments as arrays: one, or a list of them."""
    values = list(point) if isinstance(point, (list, tuple)) else [point]
    arrays = [np.asarray(value) for value in values]
    for value, array in zip(values, arrays, strict=True):
        if (array.dtype.kind in "OUSMmV" and array.dtype.name != "bfloat16") or array.dtype.name in STORED:
            raise _wrong("a point is made of numbers", value, "give an array for each argument", line)
    plain = [array.dtype == np.int64 and not hasattr(v, "dtype") for v, array in zip(values, arrays, strict=True)]
    return [array.astype(np.int32) if flag else array for flag, array in zip(plain, arrays, strict=True)]


def _summary(test: Trial, findings: Sequence[Finding]) -> Iterator[str]:
    for order in range(1, test.order + 1):
        for i in test.wrt:
            own = [f for f in findings if (f.order, f.argument) == (order, i)]
            head = f"order {order} by argument {i} : {TensorType(test.point[i].dtype, test.point[i].shape)}"
            if own:
                worst = max(
                    own, key=lambda f: 0.0 if f.good and np.isnan(f.error) else np.nan_to_num(f.error, nan=np.inf)
                )
                yield f"{head}   largest error {worst.error:.1e} of 1, at {worst.place}"
            else:
                yield f"{head}   no elements"


def _failed(test: Trial, worst: Finding, text: str, line: Where) -> Exception:
    hint = (
        "the differences do not settle: is there a kink, or an end of the domain, near the point?"
        if worst.rough
        else "mend the vjp of the op that fn is made of (order 2: the vjp of what its vjp uses)"
    )
    message = (
        f"verify_grad: the derivative of order {worst.order} by argument {worst.argument} is wrong at {worst.place}"
    )
    numbers = f"derived {worst.derived:.6g}, measured {worst.measured:.6g}, allowed {worst.allowed:.1e}"
    received = "\n            ".join([numbers, *text.split("\n")])
    return report(GradientError, message, where=line, received=received, hint=hint)


def _wrong(message: str, received: object, hint: str, line: Where) -> Exception:
    shown = None if received is None else (received if isinstance(received, str) else repr(received)[:80])
    return report(ArgumentError, f"verify_grad: {message}", where=line, received=shown, hint=hint)


__all__ = ["verify_grad"]
