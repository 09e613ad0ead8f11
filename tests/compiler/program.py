"""A random program: values computed in theon and in `jax.numpy` by one list of steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import jax.numpy as jnp
import numpy as np

import theon
from theon.graph.node import Node, new_input
from theon.graph.types import TensorType

Array: TypeAlias = "np.ndarray[Any, Any]"

LARGEST = 6.0  # a value that may exceed this is squashed before it is used again


@dataclass(frozen=True)
class Step:
    """One value: how JAX computes it, and from which earlier values."""

    name: str
    jax: Callable[..., Any]
    sources: tuple[int, ...]


@dataclass(eq=False)
class Program:
    """Values in order, leaves first; the last one is the cost."""

    name: str
    leaves: int = 0
    values: list[Node] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    data: list[Array] = field(default_factory=list)  # one per leaf
    bounds: list[float] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)  # the intermediates to differentiate by

    @property
    def inputs(self) -> list[Node]:
        return self.values[: self.leaves]

    @property
    def cost(self) -> Node:
        return self.values[-1]

    @property
    def intermediates(self) -> list[Node]:
        return [self.values[i] for i in self.cuts]

    def leaf(self, value: Array) -> int:
        """A further leaf; all leaves come before the first step."""
        assert not self.steps
        self.values.append(new_input(TensorType(value.dtype, value.shape), f"x{self.leaves}"))
        self.data.append(value)
        self.bounds.append(float(np.max(np.abs(value), initial=0.0)))
        self.leaves += 1
        return self.leaves - 1

    def step(
        self, name: str, in_theon: Callable[..., Node], in_jax: Callable[..., Any], *sources: int, bound: float
    ) -> int:
        """A further value, no element of which is larger than `bound`; squashed where that is large."""
        self.values.append(in_theon(*[self.values[i] for i in sources]))
        self.steps.append(Step(name, in_jax, sources))
        self.bounds.append(bound)
        here = len(self.values) - 1
        if bound > LARGEST:
            return self.step(
                "tanh", lambda x: theon.tanh(x * (2 / bound)), lambda x: jnp.tanh(x * (2 / bound)), here, bound=1.0
            )
        return here

    def in_jax(self, leaves: Sequence[Any], nudges: Sequence[Any]) -> Any:
        """The cost, with `nudges` added to the cut intermediates: a derivative by a nudge is the intermediate's."""
        values = list(leaves)
        added = dict(zip(self.cuts, nudges, strict=True))
        for step in self.steps:
            value = step.jax(*[values[i] for i in step.sources])
            nudge = added.get(len(values))
            values.append(value if nudge is None else value + nudge)
        return values[-1]


__all__ = ["Array", "Program", "Step"]
