"""A thin eager face of theon: each call declares a graph of its arrays, runs it and hands NumPy arrays back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import theon
from tests.op_table.run import evaluator, strict_jax
from theon.graph.node import Node, new_input
from theon.graph.types import TensorType


def resolved(namespace: Any, name: str) -> Any:
    """`linalg.qr` of a namespace; None where it is not there."""
    for part in name.split("."):
        namespace = getattr(namespace, part, None)
    return namespace


def call(function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], compiled: bool = False) -> Any:
    """The value of one call; by the lowerings of its ops alone, or as a whole compiled program."""
    inputs: dict[Node, Any] = {}

    def declared(value: Any) -> Any:
        if isinstance(value, np.ndarray) and function is not theon.from_dlpack:
            node = new_input(TensorType(value.dtype, value.shape), f"x{len(inputs)}")
            inputs[node] = value
            return node
        return [declared(part) for part in value] if isinstance(value, list) else value

    result = function(*map(declared, args), **{name: declared(value) for name, value in kwargs.items()})
    outputs = list(result) if isinstance(result, (list, tuple)) else [result]
    assert all(isinstance(node, Node) for node in outputs), f"{function.__name__} gave {result!r}"
    if compiled:
        return theon.function(list(inputs), outputs, on_unused_input="ignore")(*inputs.values())
    with strict_jax():
        return [np.asarray(value) for value in evaluator(list(inputs), outputs)(*inputs.values())]
