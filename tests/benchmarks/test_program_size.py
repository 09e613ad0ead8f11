"""The program that XLA gets is no larger than the one written by hand; and the counts count what they say."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import pytest
from jax.extend.core import Jaxpr

from benchmarks import program_size
from benchmarks.program_size import Pair, computing, equations, figures, peer_jaxpr, theon_jaxpr

PAIRS: dict[str, Callable[[], Pair]] = {
    "MLP": lambda: program_size.mlp((7, 8, 6, 3), 5, 0),
    "CNN": lambda: program_size.cnn(8, (2, 3, 4), 3, 5, 0),
    "LSTM": lambda: program_size.lstm(3, 4, 2, 6, 5, 0),
    "transformer": lambda: program_size.transformer(11, 6, 8, 2, 3, 0),
}


@pytest.mark.parametrize("name", PAIRS)
def test_no_larger_than_by_hand(name: str) -> None:
    """All equations, and those that compute; `figures` has seen that both steps do the same."""
    pair = PAIRS[name]()
    for figure in figures(pair):
        assert figure.limit is not None and figure.value <= figure.limit, program_size.table_of_primitives(pair)
    assert equations(theon_jaxpr(pair.declared)) == computing(theon_jaxpr(pair.declared)), "calls, or what nothing uses"
    assert peer_jaxpr(pair).eqns


def jaxpr_of(function: Callable[..., object], *arguments: object) -> Jaxpr:
    jaxpr: Jaxpr = jax.make_jaxpr(function)(*arguments).jaxpr
    return jaxpr


def test_bodies_count_where_they_stand() -> None:
    def body(carry: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        return carry * x, jnp.sin(x)

    jaxpr = jaxpr_of(lambda start, xs: jax.lax.scan(body, start, xs), jnp.ones(()), jnp.zeros(3))
    assert equations(jaxpr) == computing(jaxpr) == {"scan": 1, "mul": 1, "sin": 1}


def test_calls_hold_what_counts() -> None:
    """A function that is called twice counts twice; the calls themselves compute nothing."""
    call = jax.jit(lambda x: jnp.cos(x) + 1)
    jaxpr = jaxpr_of(lambda x: call(x) * call(x), 1.0)
    assert equations(jaxpr) == {"jit": 2, "cos": 2, "add": 2, "mul": 1}
    assert computing(jaxpr) == {"cos": 2, "add": 2, "mul": 1}


def test_what_nothing_uses_does_not_compute() -> None:
    def dead(x: jax.Array) -> jax.Array:
        jnp.exp(jnp.sin(x))
        return jax.lax.neg(x)

    jaxpr = jaxpr_of(dead, 1.0)
    assert equations(jaxpr) == {"sin": 1, "exp": 1, "neg": 1}
    assert computing(jaxpr) == {"neg": 1}
