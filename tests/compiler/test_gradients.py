"""Gradients of random programs equal `jax.grad` of the same computation: by leaves and intermediates, both orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon
from tests.compiler.program import Array, Program
from tests.compiler.programs import random_program, total
from theon.compiler.compilation import Options, Signature
from theon.compiler.lower import lower
from theon.compiler.passes import compile_graph
from theon.graph.graph import Graph
from theon.graph.node import Node

LIMIT = 1e-12  # norm-wise

# XLA's optimiser is not what is tested here, and takes half of the time.
QUICK: dict[str, Any] = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


def directions(program: Program) -> list[Array]:
    """Weights that join all first derivatives to one number, whose derivatives are those of second order."""
    rng = np.random.default_rng(len(program.steps))
    return [rng.standard_normal(node.sizes) for node in (*program.inputs, *program.intermediates)]


def in_theon(program: Program) -> list[list[Node]]:
    """First derivatives by leaves, by intermediates, by both at once; then second ones, likewise."""
    leaves, inner = program.inputs, program.intermediates
    several = [leaves, inner, [*leaves, *inner]]
    first = [theon.grad(program.cost, wrt, disconnected_inputs="zero") for wrt in several]
    slopes = [theon.sum(g * v) for g, v in zip([*first[0], *first[1]], directions(program), strict=True)]
    second = [theon.grad(total(slopes), wrt, disconnected_inputs="zero") for wrt in several]
    return [first[0] + first[1], first[2], second[0] + second[1], second[2]]


def in_jax(program: Program, leaves: Sequence[Any]) -> list[list[Any]]:
    """First and second derivatives in JAX; an intermediate's is that by a zero added to it."""
    weights, several = directions(program), (0, 1)
    gradient = jax.grad(program.in_jax, several)

    def flat(groups: Any) -> list[Any]:
        return [part for group in groups for part in group]

    def slope(leaves: Any, nudges: Any) -> Any:
        return sum(jnp.sum(g * v) for g, v in zip(flat(gradient(leaves, nudges)), weights, strict=True))

    nudges = [jnp.zeros(node.sizes) for node in program.intermediates]
    first, second = flat(gradient(leaves, nudges)), flat(jax.grad(slope, several)(leaves, nudges))
    return [first, first, second, second]


def results(run: Callable[..., Any], *arguments: Any) -> Any:
    """What a traceable function gives, in double precision."""
    with jax.enable_x64(True):
        return jax.jit(run).lower(*arguments).compile(compiler_options=QUICK)(*arguments)


def compare(program: Program) -> float:
    """Assert that both sides agree; the largest norm-wise difference found.

    What cancels to nothing is held to a thousandth of the largest derivative beside it.
    """
    mine = in_theon(program)
    graph = Graph(tuple(program.inputs), tuple(node for group in mine for node in group))
    compiled, _ = compile_graph(graph, Signature(tuple(leaf.tensor for leaf in program.inputs)), Options())
    found = list(results(lower(compiled).program, program.data, [], [], [])[0])
    worst = 0.0
    for group, truths in enumerate(results(lambda data: in_jax(program, data), program.data)):
        largest = max(float(np.linalg.norm(truth)) for truth in truths)
        for position, wanted in enumerate(truths):
            got, truth = np.asarray(found.pop(0)), np.asarray(wanted)
            assert got.shape == truth.shape
            scale = max(float(np.linalg.norm(truth)), 1e-3 * largest) or 1.0
            far = float(np.linalg.norm(got - truth)) / scale
            worst = max(worst, far)
            assert far <= LIMIT, f"{program.name}, group {group}, {position}: {far:.1e} off\n{got}\n{truth}"
    assert not found
    return worst


@pytest.mark.parametrize("seed", range(10))
def test_random_program(seed: int) -> None:
    """Ten programs of the two hundred."""
    compare(random_program(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 200))
def test_further_random_program(seed: int) -> None:
    """The others."""
    compare(random_program(seed))
