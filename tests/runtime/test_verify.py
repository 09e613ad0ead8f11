"""`verify_grad`: right derivatives pass, wrong ones are found and named, and what cannot be measured is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import theon
from theon.graph.node import Node, apply
from theon.graph.op import Op
from theon.graph.types import TensorType

rng = np.random.default_rng(1)


@dataclass(frozen=True, eq=False)
class Cube(Op):
    """A user's own op, x**3, with a fault."""

    fault: str = ""

    def infer(self, x: TensorType) -> TensorType:
        return x

    def lower(self, x: Any) -> Any:
        return x * x * x

    def vjp(self, g: Node, out: Node, x: Node) -> Sequence[Node | None]:
        if self.fault == "a factor":
            return (g * 3.00001 * x * x,)
        if self.fault == "one element":
            return (g * 3 * x * x * theon.where(x == x[1, 2], 1.001, 1.0),)
        if self.fault == "second order":
            return (g * 3 * theon.stop_gradient(x) * x,)
        if self.fault == "none at all":
            return (None,)
        return (g * 3 * x * x,)


POINT = rng.uniform(0.5, 1.5, (2, 3))

RIGHT: dict[str, tuple[Callable[..., Any], Any]] = {
    "an op of one's own": (lambda x: apply(Cube(), x), [POINT]),
    "one array": (theon.tanh, POINT),
    "single precision": (theon.tanh, POINT.astype(np.float32)),
    "several, and an int": (lambda x, i, y: theon.take(x, i) * y, [np.ones(4), [0, 2], [1.5, 2.5]]),
    "a nest": (lambda x: {"a": theon.sin(x), "b": [x * 2, theon.argmax(x)]}, [POINT]),
    "complex": (lambda z: theon.exp(z) * z, [POINT + 1j]),
    "real of complex": (lambda z: theon.abs(z) ** 3, [POINT + 1j]),
    "a loop": (lambda x: theon.scan(lambda c, e: (theon.sin(c + e), c), x[0], x), [np.ones(5)]),
    "a function of jax": (theon.from_jax(lambda x: jnp.sin(x) ** 2), [POINT]),
    "no elements": (theon.sin, [np.ones((0, 3))]),
    "many elements": (lambda x: x**2 * theon.sum(x), [rng.uniform(size=(20, 10))]),
    "small numbers": (lambda x: x**3, [POINT * 1e-3]),
    "large numbers": (lambda x: theon.exp(x / 1e6), [POINT * 1e6]),
    "a step, flat": (theon.floor, [np.array([0.5, 1.5])]),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_derivatives_pass(name: str) -> None:
    fn, point = RIGHT[name]
    text = theon.verify_grad(fn, point)
    assert text.startswith("order 1 by argument 0") and "order 2" in text


WRONG = {
    "a factor": (1, r"order 1 by argument 0 is wrong at \["),
    "one element": (1, r"order 1 by argument 0 is wrong at \[1, 2\]"),
    "second order": (2, r"order 2 by argument 0 is wrong"),
    "none at all": (1, r"derived 0, measured"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_derivatives_are_found(fault: str) -> None:
    """With their order, place and numbers; first order is right where only the second is wrong."""
    order, words = WRONG[fault]
    with pytest.raises(theon.GradientError, match=words):
        theon.verify_grad(lambda x: apply(Cube(fault), x), [POINT])
    if order == 2:
        theon.verify_grad(lambda x: apply(Cube(fault), x), [POINT], order=1)


def test_third_order() -> None:
    assert "order 3" in theon.verify_grad(theon.sin, [0.3], order=3)


def test_among_many_elements() -> None:
    """Elements that are not looked at one by one take part in the random directions."""

    def fn(x: Node) -> Node:
        return x**2 + theon.where(theon.arange(400) == 77, theon.stop_gradient(x), 0.0)

    with pytest.raises(theon.GradientError, match="order 1 by argument 0 is wrong at"):
        theon.verify_grad(fn, [rng.uniform(0.5, 1.5, 400)])


def test_a_kink_is_told_from_a_mistake() -> None:
    with pytest.raises(theon.GradientError, match="is there a kink, or an end of the domain"):
        theon.verify_grad(theon.abs, [np.array([1.0, 1e-9])])
    with pytest.raises(theon.GradientError, match="mend the vjp"):
        theon.verify_grad(lambda x: apply(Cube("a factor"), x), [POINT])


def test_a_mask_that_says_disconnected_is_checked() -> None:
    """A value that moves where no gradient is promised is found."""
    with pytest.raises(theon.GradientError, match="derived 0, measured"):
        theon.verify_grad(lambda x: theon.stop_gradient(x) ** 2, [POINT])


def test_sixteen_bits_need_a_tolerance() -> None:
    half = POINT.astype(np.float16)
    with pytest.raises(theon.ArgumentError, match="16-bit"):
        theon.verify_grad(theon.sin, [half])
    theon.verify_grad(theon.sin, [half], order=1, rtol=0.3, step=0.25)
