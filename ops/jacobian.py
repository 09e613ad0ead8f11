"""Whole Jacobians and Hessians: one product with a Jacobian, vectorised over the unit vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

from ..graph.errors import ArgumentError
from ..graph.node import Node, is_leaf
from ..graph.types import TensorType
from .comparison import equal
from .creation import arange, eye, zeros
from .derivatives import check_real, pushed
from .elementwise import cast_to
from .gradient import gradients, pulled, reach
from .gradient_checks import (
    Disconnected,
    check_constants,
    check_cost,
    check_policy,
    check_wrts,
    disconnected,
    wrong,
)
from .scan import scan
from .shape import expand_dims, moveaxis, reshape
from .sizes import shape_of, size_of
from .vectorize import vectorize


def jacobian(
    f: Node,
    wrt: Node | Sequence[Node],
    *,
    consider_constant: Sequence[Node] = (),
    disconnected_inputs: Disconnected = "raise",
    chunk: int | None = None,
    mode: Literal["reverse", "forward"] = "reverse",
) -> Any:
    """The derivative of every element of `f` by every element of `wrt`, all computed at once.

    Arguments: f, a float node of any shape; wrt, a float node of any shape or a list of them; consider_constant and
    disconnected_inputs, as for `grad`; chunk, how many unit vectors are worked on at a time where there is not memory
    for all; mode, "reverse" by the elements of `f` (for few of them), "forward" by those of `wrt`.
    Gives a node of shape `f.shape + wrt.shape` and of the dtype of `wrt`, or a list of them. A complex `f` of a complex
    wrt is taken to be holomorphic. The result is differentiable by `wrt` and all below it, not by nodes between `wrt`
    and `f`, which lie inside it: take the Jacobian by those.
    Raises: see `grad`; GradientError for a complex `f` of a real wrt. Source: Theano `jacobian`, `jax.jacrev` and
    `jax.jacfwd`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.jacobian(x**2 * x[0], x).eval({x: [1.0, 2.0]}).tolist()
    [[3.0, 0.0], [4.0, 4.0]]
    """
    what = "jacobian"
    _check_f(what, f)
    targets = check_wrts(what, wrt)
    check_policy(what, disconnected_inputs)
    check_constants(what, consider_constant)
    if mode not in ("reverse", "forward"):
        message = "mode is 'reverse' or 'forward'"
        raise wrong(what, message, "leave it out for 'reverse'", received=mode, kind=ArgumentError)
    for target in targets:
        if f.dtype.kind == "c" and target.dtype.kind != "c":
            message = "the derivative of a complex node by a real one is no real matrix"
            raise wrong(what, message, "take those of theon.real(f) and theon.imag(f)", ("f", f), ("wrt", target))
    found = _matrices(what, f, targets, consider_constant, disconnected_inputs, _chunk(what, chunk), mode)
    return found if isinstance(wrt, (list, tuple)) else found[0]


def hessian(
    cost: Node,
    wrt: Node | Sequence[Node],
    *,
    consider_constant: Sequence[Node] = (),
    disconnected_inputs: Disconnected = "raise",
    chunk: int | None = None,
) -> Any:
    """The second derivatives of a scalar cost by every pair of elements of `wrt`, all computed at once.

    Arguments: cost, a float scalar; wrt, a real float node of any shape or a list of them; the rest as for `jacobian`.
    Gives a node of shape `wrt.shape + wrt.shape`, or a list of them, one by each wrt alone; what lies between two is
    `jacobian(grad(cost, a), b)`.
    Raises: see `grad`; DTypeError for a complex wrt. Source: Theano `hessian`, `jax.hessian`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.hessian(x[0] ** 2 * x[1], x).eval({x: [1.0, 3.0]}).tolist()
    [[6.0, 2.0], [2.0, 0.0]]
    """
    what = "hessian"
    check_cost(what, cost)
    targets = check_wrts(what, wrt)
    check_real(what, targets)
    size = _chunk(what, chunk)
    first = gradients(what, cost, targets, consider_constant, None, disconnected_inputs)
    found = [
        None if g is None else _matrices(what, g, [target], consider_constant, "zero", size, "reverse")[0]
        for g, target in zip(first, targets, strict=True)
    ]
    return found if isinstance(wrt, (list, tuple)) else found[0]


def _matrices(
    what: str,
    f: Node,
    targets: Sequence[Node],
    constants: Sequence[Node],
    policy: Disconnected,
    chunk: int | None,
    mode: Literal["reverse", "forward"],
) -> list[Node | None]:
    """The derivative of `f` by each target."""
    reached = reach(what, (f,), targets, constants)
    live = list(dict.fromkeys(target for target in targets if target in reached))
    matrices: dict[Node, Node] = {}
    if mode == "reverse":
        # Leaves share the way back. An intermediate has its own, which begins at the intermediate: so the Jacobian
        # depends on that very node, and can be differentiated by it.
        leaves = [target for target in live if is_leaf(target)]
        for together in ([leaves] if leaves else []) + [[target] for target in live if not is_leaf(target)]:
            rows = over_units(partial(_pulled_back, what, f, together, constants), f, chunk)
            matrices.update(zip(together, rows, strict=True))
    else:
        for target in live:
            (columns,) = over_units(partial(_pushed_on, what, f, target, constants), target, chunk)
            matrices[target] = moveaxis(columns, 0, -1)
    whole = {target: reshape(m, (*shape_of(f), *shape_of(target))) for target, m in matrices.items()}
    results: list[Node | None] = []
    for target in targets:
        if target in whole:
            results.append(whole[target])
        else:
            absent = disconnected(what, "f", [("f", f)], target, policy)
            shape = (*shape_of(f), *shape_of(target))
            results.append(None if absent is None else zeros(shape, target.dtype))
    return results


def _pulled_back(what: str, f: Node, targets: Sequence[Node], constants: Sequence[Node], seed: Node) -> list[Node]:
    return pulled(what, [f], [seed], targets, constants)


def _pushed_on(what: str, f: Node, target: Node, constants: Sequence[Node], seed: Node) -> list[Node]:
    return pushed(what, [f], [target], [seed], constants)


def over_units(fn: Callable[[Node], list[Node]], like: Node, chunk: int | None) -> list[Node]:
    """`fn` of every unit vector shaped as `like`, stacked; `chunk` of them at a time."""
    size, shape = size_of(like), shape_of(like)
    if chunk is None or (isinstance(size, int) and size <= chunk):
        units = reshape(eye(size, dtype=like.dtype), (size, *shape))
        return list(vectorize(fn)(units))

    def step(carry: Any, start: Node) -> tuple[Any, list[Node]]:
        # Beyond the last unit vector there are zeros, and their results are cut off below.
        rows = expand_dims(start + arange(chunk), 1)
        units = cast_to(equal(rows, arange(size)), like.dtype)
        return carry, list(vectorize(fn)(reshape(units, (chunk, *shape))))

    _, stacks = scan(step, (), arange(0, size, chunk))
    return [reshape(stack, (shape_of(stack)[0] * chunk, *shape_of(stack)[2:]))[:size] for stack in stacks]


def _check_f(what: str, f: Any) -> None:
    if not isinstance(f, Node):
        raise wrong(what, "f must be a node", "build it from declared variables with theon's functions", received=f)
    if not (isinstance(f.type, TensorType) and f.type.is_inexact):
        hint = "take that of the float node that it was made from"
        raise wrong(what, f"{f.label} has no derivative, it is not float", hint, ("f", f))


def _chunk(what: str, chunk: Any) -> int | None:
    """A checked number of unit vectors."""
    whole = isinstance(chunk, int) and not isinstance(chunk, bool) and chunk > 0
    if chunk is not None and not whole:
        message, hint = "chunk is how many rows are computed at a time", "give a positive int, or leave it out"
        raise wrong(what, message, hint, received=chunk, kind=ArgumentError)
    return chunk  # type: ignore[no-any-return]


__all__ = ["hessian", "jacobian"]
