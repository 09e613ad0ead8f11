"""`explain`: what the compiler did with a function, and why a rule did not fire."""

from __future__ import annotations

from typing import Any

from ..compiler.explain import Explanation, explain_graph
from ..compiler.explain import why_not as why_not_text
from ..graph.errors import ArgumentError, InputError, report
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
    if not isinstance(fn, Function):
        raise report(
            ArgumentError,
            "explain: give what theon.function made",
            where=here(),
            received=repr(fn)[:80],
            hint="compile it first: theon.function(inputs, outputs)",
        )
    if values:
        fn.compile(*values)
    if not fn.programs:
        raise report(
            InputError,
            f"explain: {fn.name} was not compiled for any shapes yet",
            where=here(),
            hint="call it first, or pass explain arrays to compile it for",
        )
    signature = fn.programs[-1].signature
    if why_not is not None:
        return why_not_text(fn.graph, signature, fn.options, why_not)
    return explain_graph(fn.graph, signature, fn.options, fn.name)
