"""Optimizers (`theon.optim`): functions from a loss and its parameters to symbolic updates for `theon.function`.

What an optimizer remembers from step to step (velocities, moments, the number of steps) are states like any other, so
that it is saved, inspected and drawn like any other. 16-bit parameters are updated in float32, where small steps and
squared gradients still count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph.errors import ArgumentError, report
from ..graph.node import Node, State, const_value, is_float_scalar, slot_of
from ..graph.storage import is_stored
from ..graph.types import FLOAT32, INT32, DType, TensorType, promote
from ..graph.where import here, scope
from .arithmetic import add, divide, multiply, negative, subtract
from .elementwise import cast_to
from .gradient import grad
from .state import state
from .transcendental import expm1, sqrt


def sgd(
    loss: Node, params: Sequence[Node], learning_rate: float | Node, momentum: float = 0.0, nesterov: bool = False
) -> dict[Node, Node]:
    """Stochastic gradient descent: `v = momentum * v + g`, `p -= learning_rate * v`.

    Arguments: loss, a float scalar; params, float shared variables; learning_rate, a number or a float scalar node (a
    shared variable can be set between calls); momentum, from 0 up to, not including, 1; nesterov, whether to step along
    `g + momentum * v`, the gradient seen from where the velocity leads.
    Gives `{shared variable: its next value}`, the velocities included where there is momentum.
    Raises: ArgumentError for a rate that is not a number of at least 0, and for what are no parameters.
    Source: Sutskever et al. 2013, On the importance of initialization and momentum in deep learning.

    >>> import theon
    >>> w = theon.shared(1.0, "w")
    >>> step = theon.function([], [], updates=theon.optim.sgd(w**2, [w], learning_rate=0.25))
    >>> step(), w.get_value().item()
    ([], 0.5)
    """
    checked = _parameters("sgd", params)
    rate = _rate("sgd", learning_rate)
    decay = _fraction("sgd", "momentum", momentum)
    if nesterov and decay == 0:
        raise report(
            ArgumentError,
            "sgd: nesterov needs a momentum",
            where=here(),
            received=f"momentum={momentum}",
            hint="give momentum=0.9, or leave nesterov out",
        )
    gradients = grad(loss, checked)
    updates: dict[Node, Node] = {}
    with scope("sgd"):
        for param, g in zip(checked, gradients, strict=True):
            work = _working_dtype(param)
            g = direction = cast_to(g, work)
            if decay:
                velocity = _zeros_beside(param, "velocity")
                direction = updates[velocity] = add(multiply(decay, velocity), g)
                if nesterov:
                    direction = add(g, multiply(decay, direction))
            updates[param] = _stepped(param, multiply(_as(rate, work), direction))
    return updates


def adam(
    loss: Node,
    params: Sequence[Node],
    learning_rate: float | Node = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> dict[Node, Node]:
    """Adam: steps along the mean of the gradients, scaled down where they vary.

    `m = beta1 * m + (1 - beta1) * g`, `v = beta2 * v + (1 - beta2) * g**2`, and at step t
    `p -= learning_rate * (m / (1 - beta1**t)) / (sqrt(v / (1 - beta2**t)) + eps)`.

    Arguments: loss, a float scalar; params, float shared variables; learning_rate, a number or a float scalar node;
    beta1 and beta2, from 0 up to, not including, 1; eps, at least 0.
    Gives `{shared variable: its next value}`, both moments of each parameter and the int32 step count included.
    Raises: ArgumentError for numbers out of these bounds, and for what are no parameters.
    Source: Kingma & Ba 2015, algorithm 1.

    >>> import theon
    >>> w = theon.shared(1.0, "w")
    >>> step = theon.function([], [], updates=theon.optim.adam(w**2, [w], learning_rate=0.25))
    >>> step(), round(w.get_value().item(), 5)
    ([], 0.75)
    """
    checked = _parameters("adam", params)
    rate = _rate("adam", learning_rate)
    beta1, beta2 = _fraction("adam", "beta1", beta1), _fraction("adam", "beta2", beta2)
    eps = _number("adam", "eps", eps)
    gradients = grad(loss, checked)
    updates: dict[Node, Node] = {}
    scales: dict[DType, tuple[Node, Node]] = {}
    with scope("adam"):
        steps = state(lambda: np.zeros((), INT32), TensorType(INT32, ()), "adam.steps")
        now = updates[steps] = add(steps, 1)
        for param, g in zip(checked, gradients, strict=True):
            work = _working_dtype(param)
            if work not in scales:
                t = cast_to(now, work)
                root = sqrt(_bias(beta2, t))
                scales[work] = divide(multiply(_as(rate, work), root), _bias(beta1, t)), multiply(eps, root)
            # Both corrections are scalars of the whole step: they go into its size and into eps.
            step_size, least = scales[work]
            g = cast_to(g, work)
            mean, square = _zeros_beside(param, "m"), _zeros_beside(param, "v")
            m = updates[mean] = add(multiply(beta1, mean), multiply(1 - beta1, g))
            v = updates[square] = add(multiply(beta2, square), multiply(1 - beta2, multiply(g, g)))
            updates[param] = _stepped(param, divide(multiply(step_size, m), add(sqrt(v), least)))
    return updates


def _bias(beta: float, t: Node) -> Node:
    """`1 - beta**t`, without the digits that the difference would lose while t is small."""
    return negative(expm1(multiply(math.log(beta) if beta > 0 else -math.inf, t)))


def _stepped(param: Node, step: Node) -> Node:
    """The parameter after a step, computed in the dtype of the step."""
    return cast_to(subtract(cast_to(param, step.dtype), step), param.dtype)


def _working_dtype(param: Node) -> DType:
    return promote(param.dtype, FLOAT32)


def _zeros_beside(param: Node, what: str) -> Node:
    """A state of zeros shaped like a parameter."""
    type_ = param.tensor.with_dtype(_working_dtype(param))
    return state(lambda: np.zeros(type_.sizes, type_.dtype), type_, f"{param.label}.{what}")


def _as(rate: float | Node, dtype: DType) -> float | Node:
    return cast_to(rate, dtype) if isinstance(rate, Node) else rate


# --- What a caller may give -------------------------------------------------------------------------------------------


def _parameters(what: str, params: Any) -> list[Node]:
    """The parameters as a list of distinct float shared variables."""
    if isinstance(params, Node) or not isinstance(params, (list, tuple)) or not params:
        raise report(
            ArgumentError,
            f"{what}: params is a list of shared variables",
            where=here(),
            received=repr(params)[:80],
            hint="give [W, b]",
        )
    checked: list[Node] = []
    for param in params:
        slot_of(param)
        if not param.tensor.is_float:
            raise report(
                ArgumentError,
                f"{what}: {param.label} is not float, so it has no gradient to follow",
                where=here(),
                operands=[("param", param)],
                hint=f'keep a float32 parameter, and use w.astype("{param.dtype}")' if is_stored(param.dtype) else "",
            )
        if any(param is other for other in checked):
            raise report(
                ArgumentError, f"{what}: {param.label} is listed twice", where=here(), operands=[("param", param)]
            )
        checked.append(param)
    return checked


def _rate(what: str, rate: Any) -> float | Node:
    """A learning rate: a number of at least 0, or a float scalar node, whose value is looked at where it is known."""
    if not isinstance(rate, Node):
        return _number(what, "learning_rate", rate)
    if not is_float_scalar(rate):
        raise report(
            ArgumentError,
            f"{what}: learning_rate is a number or a float scalar",
            where=here(),
            operands=[("learning_rate", rate)],
            hint="declare it with theon.shared(0.1) or theon.scalar()",
        )
    known = rate.op.slot.value() if isinstance(rate.op, State) else const_value(rate)
    if known is not None:
        _number(what, "learning_rate", float(known), rate)
    return rate


def _number(what: str, name: str, value: Any, node: Node | None = None) -> float:
    """A finite number of at least 0."""
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        number = float(value)
        if math.isfinite(number) and number >= 0:
            return number
    raise report(
        ArgumentError,
        f"{what}: {name} must be a finite number of at least 0",
        where=here(),
        operands=() if node is None else [(name, node)],
        received=repr(value)[:80],
        hint="give a number such as 0.001",
    )


def _fraction(what: str, name: str, value: Any) -> float:
    number = _number(what, name, value)
    if number < 1:
        return number
    raise report(ArgumentError, f"{what}: {name} must be less than 1", where=here(), received=repr(value)[:80])


__all__ = ["adam", "sgd"]
