"""Theano's short forms of a loop: `map`, and the folds, which keep the last value only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .control import How
from .taps import Called, Updates, loop_with_taps, one_or_all


def map(
    fn: Callable[..., Any],
    sequences: Any,
    non_sequences: Any = None,
    *,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, Updates]:
    """`fn` of each element of `sequences`, one after the other; gives the stacked outputs, and updates.

    Arguments: fn, of one element of each sequence, then the non_sequences, giving a node or a list of nodes (and
    updates of shared variables and `theon.until`, as in `theon.scan`); sequences, one or a list, maybe with taps; the
    rest as for `theon.scan`. Where no order is needed, `theon.vectorize` takes all elements at once.
    Raises: ShapeError where lengths differ, ArgumentError.
    Source: Theano, `theano.map`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> squares, _ = theon.map(lambda v: v * v, x)
    >>> squares.eval({x: [1.0, 2.0, 3.0]}).tolist()
    [1.0, 4.0, 9.0]
    """
    called = Called("map", fn, sequences, None, non_sequences)
    results = loop_with_taps(called, None, How(go_backwards, truncate_gradient=truncate_gradient, name=name))
    return one_or_all(results.stacked), results.updates


def reduce(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    *,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, Updates]:
    """What `fn(element, value)` makes of a start and all elements in turn; gives the last value, and updates.

    Arguments: fn, of one element of each sequence, then the values so far, then the non_sequences; sequences, one or
    a list, maybe with taps; outputs_info, the start, or one for each value that fn returns. Without elements, the
    start comes back. name and mode, as for `theon.scan`.
    Raises: ShapeError where lengths differ or the value changes its shape, DTypeError where it changes its dtype,
    ArgumentError. Source: Theano, `theano.reduce`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> digits, _ = theon.reduce(lambda v, total: total * 10 + v, x, 0.0)
    >>> float(digits.eval({x: [1.0, 2.0, 3.0]}))
    123.0
    """
    return _last("reduce", fn, sequences, outputs_info, non_sequences, How(go_backwards, name=name))


def foldl(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    *,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, Updates]:
    """`theon.reduce` from the first element to the last.

    Arguments: as of `theon.reduce`. Raises: as `theon.reduce`. Source: Theano, `theano.foldl`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> value, _ = theon.foldl(lambda v, total: v - total, x, 0.0)
    >>> float(value.eval({x: [1.0, 2.0, 4.0]}))
    3.0
    """
    return _last("foldl", fn, sequences, outputs_info, non_sequences, How(name=name))


def foldr(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    *,
    mode: Any = None,
    name: str | None = None,
) -> tuple[Any, Updates]:
    """`theon.reduce` from the last element to the first.

    Arguments: as of `theon.reduce`. Raises: as `theon.reduce`. Source: Theano, `theano.foldr`.

    >>> import theon
    >>> x = theon.vector("x")
    >>> value, _ = theon.foldr(lambda v, total: v - total, x, 0.0)
    >>> float(value.eval({x: [1.0, 2.0, 4.0]}))
    3.0
    """
    return _last("foldr", fn, sequences, outputs_info, non_sequences, How(True, name=name))


def _last(
    what: str, fn: Callable[..., Any], sequences: Any, outputs_info: Any, non_sequences: Any, how: How
) -> tuple[Any, Updates]:
    called = Called(what, fn, sequences, outputs_info, non_sequences)
    starts = outputs_info if isinstance(outputs_info, (list, tuple)) else [outputs_info]
    if not starts or any(start is None or isinstance(start, Mapping) for start in starts):
        called.refuse("a value starts from one node", starts, "give the start of each value that fn returns")
    results = loop_with_taps(called, None, how)
    return one_or_all([window[-1] for window in results.finals]), results.updates


__all__ = ["foldl", "foldr", "map", "reduce"]
