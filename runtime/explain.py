"""`explain`: what the compiler did with a function, and why a rule did not fire. `expand`: what it made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..compiler.compilation import Signature
from ..compiler.explain import Explanation, explain_graph
from ..compiler.explain import why_not as why_not_text
from ..compiler.passes import compile_graph
from ..graph.errors import ArgumentError, InputError, report
from ..graph.graph import Graph
from ..graph.where import here
from .function import Function


def explain(fn: Function, *values: Any, why_not: str | None = None) -> Explanation | str:
    """Tell pass by pass which rules fired, where, and what each pass cost; or why one rule did not fire.

    Arguments: fn, a compiled function; values, arrays to compile it for, where it has not been called yet; why_not, the
    name of a rule. Gives an Explanation (print it; `.steps` has every rewrite with the nodes before and after), or with
    `why_not` a sentence about the nearest miss.
    Raises: InputError where the function was never compiled and no values are given, ArgumentError for an unknown rule
    or what is no function.
    Source: PyTensor's rewrite profiles; the near miss is onnxscript's idea.

    >>> import theon
    >>> x = theon.tensor("x", shape=(3,))
    >>> f = theon.function([x], theon.log(1 + theon.exp(x)))
    >>> "log(1 + exp(x)) -> softplus(x)" in str(theon.explain(f))
    True
    """
    signature = signature_for("explain", fn, values)
    if why_not is not None:
        return why_not_text(fn.graph, signature, fn.options, why_not)
    return explain_graph(fn.graph, signature, fn.options, fn.name)


def expand(fn: Function, *values: Any, stage: str | None = None) -> Graph:
    """The program with its gradients spelled out, as a Graph to print or to draw.

    Arguments: fn, a compiled function; values, arrays to compile it for, where it has not been called yet; stage, the
    pass of the pipeline after which to look ("specialise", "recognise", "differentiate", ...), the last by default.
    Raises: InputError where the function was never compiled and no values are given, ArgumentError for an unknown stage
    or what is no function. Source: theon's own.

    >>> import theon
    >>> x = theon.tensor("x", shape=(3,))
    >>> f = theon.function([x], theon.grad(theon.log(1 + theon.exp(x)).sum(), x))
    >>> _ = theon.dprint(theon.expand(f))
    %0 x = input : float32[3]
    %1 = sigmoid(%0) : float32[3]
    return %1
    """
    signature = signature_for("expand", fn, values)
    stages: dict[str, Graph] = {}
    compile_graph(fn.graph, signature, fn.options, after_pass=stages.__setitem__)
    if stage is None:
        return list(stages.values())[-1]
    if stage not in stages:
        raise report(
            ArgumentError,
            "expand: there is no such stage",
            where=here(),
            received=repr(stage),
            hint="the stages of this function: " + ", ".join(stages),
        )
    return stages[stage]


def signature_for(asking: str, fn: Function, values: Sequence[Any]) -> Signature:
    """The signature that `values` have, or else the one that `fn` was compiled for last."""
    if not isinstance(fn, Function):
        raise report(
            ArgumentError,
            f"{asking}: give what theon.function made",
            where=here(),
            received=repr(fn)[:80],
            hint="compile it first: theon.function(inputs, outputs)",
        )
    if values:
        fn.compile(*values)
    if not fn.programs:
        raise report(
            InputError,
            f"{asking}: {fn.name} was not compiled for any shapes yet",
            where=here(),
            hint=f"call it first, or pass {asking} arrays to compile it for",
        )
    return fn.programs[-1].signature
