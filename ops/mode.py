"""The mode of a program: whether it trains."""

from __future__ import annotations

from ..graph.node import new_input
from ..graph.types import BOOL, TensorType

# False unless a function is declared with `givens={theon.training: True}`; static, so that the branch of the other mode
# is not even compiled.
training = new_input(TensorType(BOOL, ()), "training", static=True)

__all__ = ["training"]
