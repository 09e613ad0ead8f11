"""Gradients of random programs equal `jax.grad` of the same computation: orders 1 and 2, by leaves and intermediates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import theon
from tests.compiler.programs import Array, Program, random_program, total
from theon.graph.node import Node

BATCH = 8  # programs compiled together


def directions(program: Program) -> tuple[list[Array], list[Array]]:
    """Weights that join all first derivatives to one number, whose derivatives are those of second order."""
    rng = np.random.default_rng(len(program.steps))
    return (
        [rng.standard_normal(leaf.sizes) for leaf in program.inputs],
        [rng.standard_normal(node.sizes) for node in program.intermediates],
    )


def dot(nodes: Sequence[Node], weights: Sequence[Array]) -> Node:
    return total([theon.sum(node * weight) for node, weight in zip(nodes, weights, strict=True)])


def in_theon(program: Program) -> list[Node]:
    """First derivatives by leaves, by intermediates, by both at once; then second ones of each, likewise."""
    leaves, inner = program.inputs, program.intermediates
    by_leaves, by_inner = directions(program)
    results: list[Node] = [program.cost]
    for wrt, weights in ((leaves, by_leaves), (inner, by_inner), ([*leaves, *inner], [*by_leaves, *by_inner])):
        first = theon.grad(program.cost, wrt, disconnected_inputs="zero")
        second = theon.grad(dot(first, weights), wrt, disconnected_inputs="zero")
        results += [*first, *second]
    return results


def in_jax(program: Program, leaves: Sequence[Any]) -> list[Any]:
    """The same in JAX; an intermediate's derivative is that by a zero added to it."""
    nudges = [jnp.zeros(node.sizes) for node in program.intermediates]
    by_leaves, by_inner = directions(program)
    results: list[Any] = [program.in_jax(leaves, nudges)]
    for which, weights in (((0,), [by_leaves]), ((1,), [by_inner]), ((0, 1), [by_leaves, by_inner])):
        gradient = jax.grad(program.in_jax, which)

        def slope(leaves: Any, nudges: Any, gradient: Any = gradient, weights: Any = weights) -> Any:
            groups = gradient(leaves, nudges)
            return sum(jnp.sum(g * w) for group, ws in zip(groups, weights, strict=True) for g, w in zip(group, ws, strict=True))

        for groups in (gradient(leaves, nudges), jax.grad(slope, which)(leaves, nudges)):
            results += [g for group in groups for g in group]
    return results


def compare(programs: Sequence[Program]) -> float:
    """Both sides of a batch of programs, each compiled at once; the largest norm-wise difference found."""
    inputs = [leaf for program in programs for leaf in program.inputs]
    run = theon.function(inputs, [node for program in programs for node in in_theon(program)], on_unused_input="ignore")
    data = [program.data for program in programs]
    found = run(*[array for arrays in data for array in arrays])
    with jax.enable_x64(True):
        wanted = jax.jit(lambda data: [in_jax(p, xs) for p, xs in zip(programs, data, strict=True)])(data)
    worst = 0.0
    for program, want in zip(programs, wanted, strict=True):
        mine, found = found[: len(want)], found[len(want) :]
        for position, (a, b) in enumerate(zip(mine, want, strict=True)):
            got, truth = np.asarray(a), np.asarray(b)
            assert got.shape == truth.shape
            assert np.isfinite(truth).all(), f"{program.name}: a bad program"
            far = float(np.linalg.norm(got - truth) / max(np.linalg.norm(truth), 1e-3))
            assert far <= 1e-12, f"{program.name}, result {position}: {far:.1e} off\n{got}\n{truth}"
            worst = max(worst, far)
    assert not found
    return worst


@pytest.mark.parametrize("first", range(0, 40, BATCH))
def test_random_programs(first: int) -> None:
    """Forty programs of the two hundred."""
    compare([random_program(seed) for seed in range(first, first + BATCH)])


@pytest.mark.slow
@pytest.mark.parametrize("first", range(40, 200, BATCH))
def test_further_random_programs(first: int) -> None:
    """The others."""
    compare([random_program(seed) for seed in range(first, first + BATCH)])
