"""Gradients by complex numbers follow JAX's convention: a holomorphic f passes g * f'(z), so that for a real cost of
z = x + iy the gradient is d/dx - i d/dy, and a step of descent goes along its conjugate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon
from theon import Node

Z = np.array([1 + 2j, -0.5 + 0.3j, -2 - 1j, 0.7 - 1.9j, 3 + 0j, 2j])
WEIGHTS = np.array([0.3, -1.2, 2.0, 0.9, -0.4, 1.1])

# A real cost of a complex number, in theon and in JAX; None where JAX has another answer (it takes sign to be flat).
COSTS: dict[str, tuple[Callable[[Node], Node], Callable[[Any], Any] | None]] = {
    "real": (theon.real, jnp.real),
    "imag": (theon.imag, jnp.imag),
    "abs": (theon.abs, jnp.abs),
    "angle": (theon.angle, jnp.angle),
    "conj": (lambda z: theon.real(theon.conj(z) ** 3), lambda z: jnp.real(jnp.conj(z) ** 3)),
    "abs**2": (lambda z: theon.abs(z) ** 2, lambda z: jnp.abs(z) ** 2),
    "z * conj(z)": (lambda z: theon.real(z * theon.conj(z) * z), lambda z: jnp.real(z * jnp.conj(z) * z)),
    "exp": (lambda z: theon.imag(theon.exp(z)), lambda z: jnp.imag(jnp.exp(z))),
    "log": (lambda z: theon.real(theon.log(z)) ** 2, lambda z: jnp.real(jnp.log(z)) ** 2),
    "sign": (lambda z: theon.imag(theon.sign(z) ** 2), None),
}


def declared(name: str) -> tuple[Node, Node]:
    z = theon.tensor("z", shape=(len(Z),), dtype="complex128")
    return z, theon.sum(COSTS[name][0](z) * WEIGHTS)


@pytest.mark.parametrize("name", [name for name, (_, peer) in COSTS.items() if peer is not None])
def test_gradients_are_those_of_jax(name: str) -> None:
    peer = COSTS[name][1]
    assert peer is not None
    z, cost = declared(name)
    found = np.asarray(theon.function([z], theon.grad(cost, z))(Z))
    with jax.enable_x64(True):
        wanted = jax.grad(lambda v: jnp.sum(peer(v) * WEIGHTS))(jnp.asarray(Z))
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", COSTS)
def test_gradients_are_differences_by_both_parts(name: str) -> None:
    """d/dx - i d/dy."""
    z, cost = declared(name)
    run = theon.function([z], [cost, theon.grad(cost, z)])
    found = np.asarray(run(Z)[1])

    def slope(step: complex) -> Any:
        moved = Z + step * np.eye(len(Z))
        return np.array([float(run(a)[0]) - float(run(b)[0]) for a, b in zip(moved, 2 * Z - moved, strict=True)]) / 2e-6

    np.testing.assert_allclose(found, slope(1e-6) - 1j * slope(1e-6j), rtol=1e-7, atol=1e-8)


def test_a_step_along_the_conjugate_descends() -> None:
    z, cost = declared("abs**2")
    value, gradient = (np.asarray(v) for v in theon.function([z], [cost, theon.grad(cost, z)])(Z))
    after = np.asarray(theon.function([z], cost)(Z - 1e-3 * gradient.conj()))
    np.testing.assert_allclose(after - value, -1e-3 * np.sum(abs(gradient) ** 2), rtol=1e-2)
