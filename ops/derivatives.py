"""Products with a Jacobian, from the left and from the right, and with a Hessian; a value beside its gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

from ..graph.errors import ArgumentError, DTypeError, report
from ..graph.node import Node, NodeLike
from ..graph.where import here
from .creation import zeros_like
from .forward import passes_forwards_only, pushed_forwards
from .gradient import gradients, pulled, shaped_as
from .gradient_checks import Disconnected, check_constants, check_policy, check_wrts, listed, wrong


@overload
def Lop(
    f: Node,
    wrt: Node,
    eval_points: NodeLike,
    *,
    consider_constant: Sequence[Node] = ...,
    disconnected_inputs: Disconnected = ...,
) -> Node: ...
@overload
def Lop(
    f: Sequence[Node],
    wrt: Sequence[Node],
    eval_points: Sequence[NodeLike],
    *,
    consider_constant: Sequence[Node] = ...,
    disconnected_inputs: Disconnected = ...,
) -> list[Node]: ...
def Lop(
    f: Any,
    wrt: Any,
    eval_points: Any,
    *,
    consider_constant: Sequence[Node] = (),
    disconnected_inputs: Disconnected = "raise",
) -> Any:
    """The vector-Jacobian product: the cotangent of `wrt` where those of `f` are `eval_points` (also `theon.vjp`).

    Arguments: f, a float node or list of any shapes; eval_points, of the same shapes; the rest as for `grad`. Gives
    nodes of the types of `wrt`.
    Raises: see `grad`. Source: Theano `theano.gradient.Lop`, `jax.vjp`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.Lop(x**2, x, [1.0, 10.0]).eval({x: [1.0, 2.0]}).tolist()
    [2.0, 40.0]
    """
    fs, points = (list(f), listed(eval_points)) if isinstance(f, (list, tuple)) else ([f], [eval_points])
    _as_many("Lop", "one eval point per output", fs, points)
    check_policy("Lop", disconnected_inputs)
    check_constants("Lop", consider_constant)
    targets = check_wrts("Lop", wrt)
    found = pulled("Lop", fs, points, targets, consider_constant, disconnected_inputs)
    return found if isinstance(wrt, (list, tuple)) else found[0]


def Rop(f: Any, wrt: Any, eval_points: Any, *, consider_constant: Sequence[Node] = ()) -> Any:
    """The Jacobian-vector product: the change of `f` where `wrt` moves along `eval_points` (also `theon.jvp`).

    Arguments: f and wrt, float nodes or lists; eval_points, shaped as `wrt`; consider_constant, nodes that do not move.
    Gives nodes of the types of `f`, zeros where none of `wrt` moves it. Made of two vector-Jacobian products, so that
    every op that has a gradient has it; in forward mode through a `while_loop` that has none.
    Raises: see `grad`. Source: Theano `theano.gradient.Rop`, `jax.jvp`; the construction is J. Townsend's.

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.Rop(x**2, x, [1.0, 10.0]).eval({x: [1.0, 2.0]}).tolist()
    [2.0, 40.0]
    """
    wrts, points = (list(wrt), listed(eval_points)) if isinstance(wrt, (list, tuple)) else ([wrt], [eval_points])
    _as_many("Rop", "one eval point per wrt", wrts, points)
    check_constants("Rop", consider_constant)
    found = pushed("Rop", listed(f), check_wrts("Rop", wrts), points, consider_constant)
    return found if isinstance(f, (list, tuple)) else found[0]


def pushed(
    what: str, fs: Sequence[Node], wrts: Sequence[Node], points: Sequence[NodeLike], constants: Sequence[Node] = ()
) -> list[Node]:
    """How `fs` change where `wrts` move along `points`."""
    # The product from the left is linear in its seed, whose own value never matters: zeros will do, and the derivative
    # by them is the product from the right.
    vectors = [shaped_as(what, "an eval point", node, point) for node, point in zip(wrts, points, strict=True)]
    if all(isinstance(f, Node) and f.tensor.is_inexact for f in fs) and passes_forwards_only(fs, wrts, constants):
        return pushed_forwards(fs, wrts, vectors, constants)
    seeds = [zeros_like(node) if isinstance(node, Node) else node for node in fs]
    first = pulled(what, fs, seeds, wrts, constants, "none")
    moves = [(node, vector) for node, vector in zip(first, vectors, strict=True) if node is not None]
    if not moves:
        return seeds
    return pulled(what, [node for node, _ in moves], [vector for _, vector in moves], seeds, policy="zero")


def value_and_grad(
    cost: Node,
    wrt: Node | Sequence[Node],
    *,
    consider_constant: Sequence[Node] = (),
    known_grads: Mapping[Node, NodeLike] | None = None,
    disconnected_inputs: Disconnected = "raise",
) -> tuple[Node, Any]:
    """The cost and its gradient as a pair, which one program computes together.

    Arguments: as for `grad`. Gives `(cost, gradient)`, the gradient a list where `wrt` is one.
    Raises: see `grad`. Source: `jax.value_and_grad`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> f = theon.function([x], list(theon.value_and_grad((x**2).sum(), x)))
    >>> [part.tolist() for part in f([1.0, 2.0])]
    [5.0, [2.0, 4.0]]
    """
    found = gradients("value_and_grad", cost, wrt, consider_constant, known_grads, disconnected_inputs)
    return cost, found if isinstance(wrt, (list, tuple)) else found[0]


def hessian_vector_product(
    cost: Node,
    wrt: Any,
    vectors: Any,
    *,
    consider_constant: Sequence[Node] = (),
    disconnected_inputs: Disconnected = "raise",
) -> Any:
    """The Hessian of a scalar cost times a vector, without the Hessian: two gradients deep, whatever the size.

    Arguments: cost, a float scalar; wrt, a real float node or a list of them; vectors, one of each one's shape; the
    rest as for `grad`. Gives nodes of the types of `wrt`: all blocks of the Hessian take part.
    Raises: see `grad`; DTypeError for a complex wrt. Source: Pearlmutter 1994, "Fast exact multiplication by the
    Hessian".

    >>> import theon
    >>> x = theon.vector("x")
    >>> theon.hessian_vector_product((x**3).sum(), x, [1.0, 10.0]).eval({x: [1.0, 2.0]}).tolist()
    [6.0, 120.0]
    """
    what = "hessian_vector_product"
    several = isinstance(wrt, (list, tuple))
    targets, points = (list(wrt), listed(vectors)) if several else ([wrt], [vectors])
    _as_many(what, "one vector per wrt", targets, points)
    first = gradients(what, cost, targets, consider_constant, None, disconnected_inputs)
    check_real(what, targets)
    moves = [shaped_as(what, "a vector", node, point) for node, point in zip(targets, points, strict=True)]
    live = [(g, move) for g, move in zip(first, moves, strict=True) if g is not None]
    slopes, along = [g for g, _ in live], [move for _, move in live]
    # The matrix is symmetric, so the product from the left will do: it is one derivative less.
    second = pulled(what, slopes, along, targets, consider_constant, "zero") if live else targets
    found = [None if g is None else h for g, h in zip(first, second, strict=True)]
    return found if several else found[0]


def check_real(what: str, targets: Sequence[Node]) -> None:
    """Raise for a complex wrt: second derivatives by one are no matrix."""
    for target in targets:
        if target.dtype.kind == "c":
            message, hint = "a Hessian is by real numbers", "differentiate by the real and the imaginary part"
            raise wrong(what, message, hint, ("wrt", target), kind=DTypeError)


def _as_many(what: str, message: str, wanted: Sequence[Any], given: Sequence[Any]) -> None:
    if len(wanted) != len(given):
        received, hint = f"{len(wanted)} and {len(given)}", "give as many, in the same order"
        raise report(ArgumentError, f"{what}: {message}", where=here(), received=received, hint=hint)


vjp, jvp = Lop, Rop

__all__ = ["Lop", "Rop", "hessian_vector_product", "jvp", "value_and_grad", "vjp"]
