"""The size of a training step as XLA gets it: the equations of its jaxpr, against the same step written by hand in JAX.

Every equation of `jax.make_jaxpr` counts one, those inside others too: the bodies of loops, of calls and of custom
derivatives, as often as they stand there. An equation that holds others counts as well. Beside it stands the count of
those that compute: without the equations that only call (jit, custom_jvp_call), and without what nothing uses.
Both steps start from the same weights and get the same data; a row is only taken where their losses, the moments of
their gradients and their new parameters agree.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Var

import theon
from benchmarks import peers, programs
from benchmarks.harness import Figure
from benchmarks.report import Report, parser

CALLS = frozenset(("jit", "pjit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call"))


@dataclass(frozen=True)
class Pair:
    """One training step, in theon and by hand."""

    name: str
    declared: theon.Function
    step: peers.Step
    weights: peers.Weights
    data: tuple[Any, ...]


def inner(equation: JaxprEqn) -> Iterator[Jaxpr]:
    """The jaxprs that an equation holds."""
    for value in equation.params.values():
        for part in value if isinstance(value, (tuple, list)) else (value,):
            if isinstance(part, (Jaxpr, ClosedJaxpr)):
                yield part.jaxpr if isinstance(part, ClosedJaxpr) else part


def equations(jaxpr: Jaxpr) -> Counter[str]:
    """All equations by primitive."""
    found: Counter[str] = Counter()
    for equation in jaxpr.eqns:
        found[equation.primitive.name] += 1
        for part in inner(equation):
            found += equations(part)
    return found


def computing(jaxpr: Jaxpr) -> Counter[str]:
    """The equations that compute what is used, by primitive; a body's results all count as used."""
    found: Counter[str] = Counter()
    used = {v for v in jaxpr.outvars if isinstance(v, Var)}
    for equation in reversed(jaxpr.eqns):
        if equation.effects or not used.isdisjoint(equation.outvars):
            used.update(v for v in equation.invars if isinstance(v, Var))
            found[equation.primitive.name] += equation.primitive.name not in CALLS
            for part in inner(equation):
                found += computing(part)
    return +found


def theon_jaxpr(function: theon.Function) -> Jaxpr:
    """What theon hands to XLA."""
    lowered = function.programs[-1].lowered

    def struct(type_: Any) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct(type_.sizes, type_.dtype)

    with jax.enable_x64(True):
        closed: ClosedJaxpr = jax.make_jaxpr(lowered.program)(
            tuple(map(struct, lowered.inputs)),
            [struct(state.tensor) for state in lowered.written],
            [struct(state.tensor) for state in lowered.read],
            [jax.ShapeDtypeStruct(value.shape, value.dtype) for value in lowered.hidden],
        )
    jaxpr: Jaxpr = closed.jaxpr
    return jaxpr


def peer_jaxpr(pair: Pair) -> Jaxpr:
    """What the step by hand hands to XLA: the body of its jit."""
    (call,) = jax.make_jaxpr(pair.step)(peers.start_training(pair.weights), *pair.data).jaxpr.eqns
    body: Jaxpr
    (body,) = inner(call)
    return body


def check_agreement(pair: Pair) -> None:
    """Take one step of both; AssertionError where they do not do the same."""
    loop = peers.Loop(pair.step, peers.start_training(pair.weights), *pair.data)
    wanted = loop()
    loss = pair.declared(*pair.data)
    np.testing.assert_allclose(loss, wanted, rtol=1e-5)
    found = {state.name: state.get_value() for state, _ in pair.declared.graph.updates}
    for i, weight in enumerate(pair.weights):
        mean = np.abs(loop.state.mean[i])
        # Adam's first step moves a weight by the rate, however small its gradient: below this, rounding decides.
        large = mean > 1e-3 * mean.max()
        for suffix, arrays in (("", loop.state.params), (".m", loop.state.mean), (".v", loop.state.square)):
            mine, theirs = found[f"w{i}{suffix}"], np.asarray(arrays[i])
            scale = np.max(np.abs(theirs)) if suffix else 0.1
            error = np.where(large, np.abs(mine - theirs), 0).max()
            assert error <= 1e-4 * scale, f"{pair.name}, w{i}{suffix}: {error} of {scale}"
        assert np.any(found[f"w{i}"] != weight), f"{pair.name}: w{i} has not moved"


def mlp(sizes: tuple[int, ...], batch: int, seed: int) -> Pair:
    weights, data = peers.mlp_weights(sizes, seed), programs.mlp_data(sizes, batch, seed)
    return Pair("MLP", programs.declare_mlp(sizes, batch, seed), peers.make_mlp_step(), weights, data)


def cnn(side: int, channels: tuple[int, ...], classes: int, batch: int, seed: int) -> Pair:
    weights = peers.cnn_weights(side, channels, classes, seed)
    data = programs.cnn_data(side, channels[0], classes, batch, seed)
    return Pair("CNN", programs.declare_cnn(side, channels, classes, batch, seed), peers.make_cnn_step(), weights, data)


def lstm(inputs: int, hidden: int, outputs: int, steps: int, batch: int, seed: int) -> Pair:
    weights = peers.lstm_weights(inputs, hidden, outputs, seed)
    data = (programs.lstm_data(inputs, steps, batch, seed),)
    declared = programs.declare_lstm(inputs, hidden, outputs, steps, batch, seed)
    return Pair("LSTM", declared, peers.make_lstm_step(), weights, data)


def transformer(vocabulary: int, length: int, width: int, layers: int, batch: int, seed: int) -> Pair:
    weights = peers.transformer_weights(vocabulary, length, width, layers, seed)
    data = (programs.token_data(vocabulary, length, batch, seed),)
    declared = programs.declare_transformer(vocabulary, length, width, layers, batch, seed)
    return Pair("transformer", declared, peers.make_transformer_step(), weights, data)


def pairs(seed: int) -> list[Callable[[], Pair]]:
    """The four models, in sizes of a first experiment."""
    return [
        lambda: mlp((784, 512, 512, 10), 128, seed),
        lambda: cnn(28, (1, 32, 64), 10, 64, seed),
        lambda: lstm(64, 64, 10, 200, 16, seed),
        lambda: transformer(256, 64, 128, 2, 16, seed),
    ]


def figures(pair: Pair) -> list[Figure]:
    """theon's counts; the limit is the count of the step by hand."""
    check_agreement(pair)
    mine, theirs = theon_jaxpr(pair.declared), peer_jaxpr(pair)
    return [
        Figure(f"{pair.name}: {what}", count(mine).total(), "equations", count(theirs).total())
        for what, count in (("all", equations), ("that compute", computing))
    ]


def table_of_primitives(pair: Pair) -> str:
    """How often each primitive computes, in theon's step and in the one by hand, where they differ."""
    mine, theirs = computing(theon_jaxpr(pair.declared)), computing(peer_jaxpr(pair))
    names = sorted(set(mine) | set(theirs), key=lambda name: mine[name] - theirs[name])
    return "\n".join(f"{n:24} {mine[n]:5} {theirs[n]:5}" for n in names if mine[n] != theirs[n])


def main() -> int:
    flags = parser(__doc__ or "", rounds=1)
    flags.add_argument("--primitives", action="store_true", help="also print where the two differ")
    options = flags.parse_args()
    report = Report("program_size", __doc__ or "", seed=options.seed, device=programs.device())
    for make in pairs(options.seed):
        pair = make()
        report.figures += figures(pair)
        if options.primitives:
            print(f"{pair.name}\n{table_of_primitives(pair)}\n")
    return report.finish(options.reports)


if __name__ == "__main__":
    sys.exit(main())
