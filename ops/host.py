"""Effects: what a program does on the host besides computing its value.

An effect is the identity on its first input and carries a token of its own, so that no two are ever merged. At
specialisation it leaves the way of its value and becomes a root of the graph, so that no pass can drop it either.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np

from ..graph.errors import ArgumentError, DTypeError, Mismatch, require
from ..graph.node import Node, NodeLike, apply, as_node, complain
from ..graph.op import Op, Token
from ..graph.types import BOOL, TensorType
from .reduce import all as all_


@dataclass(frozen=True, eq=False)
class Print(Op):
    """Writes its input to the host's standard output when the program runs."""

    stores = True

    token: Token
    message: str
    effect = True

    @property
    def params(self) -> str:
        return repr(self.message)

    def infer(self, x: TensorType) -> TensorType:
        return x

    def lower(self, x: jax.Array) -> jax.Array:
        jax.debug.callback(self.write, x, ordered=True)
        return x

    def write(self, value: object) -> None:
        """One line of text, or several where the array has rows."""
        text = str(np.asarray(value))
        sys.stdout.write(f"{self.message} {text}\n" if self.message else f"{text}\n")

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        return (g,)

    def batch(self, batched: Sequence[bool], x: Node) -> Node:
        """The examples are printed together, as one array."""
        return apply(self, x)


@dataclass(frozen=True, eq=False)
class Check(Op):
    """Fails the call, after the program has run, unless its second input is true; states stay as they were."""

    stores = True

    token: Token
    message: str
    effect = True

    @property
    def params(self) -> str:
        return repr(self.message)

    def infer(self, x: TensorType, condition: TensorType) -> TensorType:
        require(condition.dtype == BOOL, f"the condition is bool, received {condition.dtype}", kind=DTypeError)
        require(condition.ndim == 0, f"the condition is a scalar, received {condition.ndim} axes")
        return x

    def lower(self, x: jax.Array, condition: jax.Array) -> jax.Array:
        return x  # the verdict is handed out by the compiler's lowering, which sees every check

    def vjp(self, g: Node, out: Node, x: Node, condition: Node) -> Sequence[Node | None]:
        return (g, None)

    def batch(self, batched: Sequence[bool], x: Node, condition: Node) -> Node:
        """One verdict for all examples."""
        return apply(self, x, all_(condition))


def print(x: NodeLike, message: str = "") -> Node:
    """`x`, written to standard output each time a program that uses this node runs: the message, then the value.

    Arguments: x, any shape and dtype; message, text put before the value. Lines come in the order of the program.
    Raises: ArgumentError where the message is not text. Source: Theano `theano.printing.Print`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> y = theon.sum(theon.print(x, "x is")).eval({x: [1.0, 2.0]})
    x is [1. 2.]
    """
    node = as_node(x)
    return apply(Print(Token(), _text(message, "print", node)), node)


def check(x: NodeLike, condition: NodeLike, message: str = "a condition is false") -> Node:
    """`x`, in a program that fails with `message` unless `condition` holds wherever it has an element.

    Arguments: x, any shape and dtype; condition, bool, any shape; message, what the error says. The call that fails
    raises CheckError and leaves every shared variable as it was.
    Raises: DTypeError where the condition is not bool, ArgumentError where the message is not text.
    Source: Theano `theano.raise_op.Assert`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> float(theon.sum(theon.check(x, x > 0, "x must be positive")).eval({x: [1.0, 2.0]}))
    3.0
    """
    node, condition = as_node(x), as_node(condition)
    message = _text(message, "check", node)
    if condition.dtype != BOOL:
        problem = Mismatch(f"the condition is bool, received {condition.dtype}", "compare: x > 0", DTypeError)
        raise complain(problem, "check", node, condition)
    return apply(Check(Token(), message), node, all_(condition) if condition.ndim else condition)


def _text(message: object, what: str, node: Node) -> str:
    if not isinstance(message, str):
        raise complain(Mismatch(f"the message is text, received {message!r}", kind=ArgumentError), what, node)
    return message


__all__ = ["Check", "Print", "check", "print"]
