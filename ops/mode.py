"""The mode of a program: whether it trains."""

from __future__ import annotations

from dataclasses import dataclass

from ..graph.node import Input, Node
from ..graph.op import Token
from ..graph.types import BOOL, TensorType


@dataclass(frozen=True, eq=False)
class Mode(Input):
    """The input that all programs share: there is one such node in every process, so a pickle only refers to it."""

    @property
    def name(self) -> str:
        return "input"

    @staticmethod
    def leaf() -> Node:
        """The node itself."""
        return training


# False unless a function is declared with `givens={theon.training: True}`; static, so that the branch of the other mode
# is not even compiled.
training = Node(Mode(Token(), static=True), (), TensorType(BOOL, ()), None, "training")

__all__ = ["training"]
