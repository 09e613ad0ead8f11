"""Feeding (`theon.data`): minibatches of arrays, shuffled anew each epoch by seed, and resumable bit for bit."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np

from ..graph.errors import ArgumentError, InputError, TheonError, report
from ..graph.node import Node
from ..graph.where import here

Array: TypeAlias = "np.ndarray[Any, Any]"
Last: TypeAlias = Literal["keep", "drop", "pad"]

MASK = "mask"  # the name under which a dict's batches carry the mask of `last="pad"`


class Minibatches:
    """Batches of arrays that belong together; each `for` over it is the next epoch. Make one with `minibatches`."""

    def __init__(self, columns: dict[str, Array], named: bool, batch_size: int, seed: int | None, last: Last) -> None:
        self.batch_size = batch_size
        self.last: Last = last
        self.seed = seed  # None: in the order of the arrays
        self.examples = len(next(iter(columns.values())))
        self.epoch = 0  # the epoch and the batch of it that come after the batch yielded last
        self.batch = 0
        self._columns = columns
        self._named = named
        self._resumed = False

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        whole, rest = divmod(self.examples, self.batch_size)
        return whole + (1 if rest and self.last != "drop" else 0)

    def __iter__(self) -> Iterator[Any]:
        """One epoch; after `set_state`, what that state leaves of one. An epoch that was broken off is not taken up."""
        first = self.batch if self._resumed else 0
        epoch = self.epoch if self._resumed or not self.batch else self.epoch + 1
        self._resumed = False
        order, count = self._order(epoch), len(self)
        for batch in range(first, count):
            self.epoch, self.batch = (epoch, batch + 1) if batch + 1 < count else (epoch + 1, 0)
            yield self._take(order, batch)

    def __repr__(self) -> str:
        return f"<minibatches: {self.examples} examples by {self.batch_size}, epoch {self.epoch}>"

    def get_state(self) -> dict[str, Any]:
        """Where it stands, as plain values: inside a loop, behind the batch at hand."""
        return {**self._kind(), "epoch": self.epoch, "batch": self.batch}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Stand where `get_state` was called: the next `for` yields the batches that were still to come.

        Raises: ArgumentError where the state is of other data, batches or seed; then nothing changes.
        """
        kind = self._kind()
        wrong = sorted(key for key in kind if key not in state or state[key] != kind[key])
        epoch, batch = state.get("epoch"), state.get("batch")
        sound = type(epoch) is int and type(batch) is int and epoch >= 0 and 0 <= batch < len(self)
        if wrong or not sound:
            raise report(
                ArgumentError,
                "set_state: a state of other minibatches" + (f" (it differs in {', '.join(wrong)})" if wrong else ""),
                where=here(),
                received=repr(dict(state))[:160],
                hint="make the minibatches from the same arrays, with the same arguments",
            )
        assert isinstance(epoch, int) and isinstance(batch, int)
        self.epoch, self.batch, self._resumed = epoch, batch, True

    def _kind(self) -> dict[str, Any]:
        return {"examples": self.examples, "batch_size": self.batch_size, "seed": self.seed, "last": self.last}

    def _order(self, epoch: int) -> Array | None:
        """An epoch's permutation: a function of seed and epoch, by a stream that NumPy never changes (NEP 19)."""
        if self.seed is None:
            return None
        bits = np.random.MT19937(np.random.SeedSequence((self.seed, epoch)))
        return np.random.RandomState(bits).permutation(self.examples)

    def _take(self, order: Array | None, batch: int) -> Any:
        start = batch * self.batch_size
        rows = slice(start, min(start + self.batch_size, self.examples))
        missing = self.batch_size - (rows.stop - rows.start) if self.last == "pad" else 0
        chosen: dict[str, Array] = {}
        for name, column in self._columns.items():
            values = np.ascontiguousarray(column[rows]) if order is None else column[order[rows]]
            # Copies of a real example: what is finite for the data is finite for the padding.
            chosen[name] = np.concatenate((values, np.repeat(values[-1:], missing, axis=0))) if missing else values
        if self.last == "pad":
            chosen[MASK] = np.arange(self.batch_size) < self.batch_size - missing
        return chosen if self._named else tuple(chosen.values())


def minibatches(
    *arrays: Any, batch_size: int, seed: int | None = 0, shuffle: bool = True, last: Last = "keep"
) -> Minibatches:
    """Minibatches of arrays that belong together; each `for` over the result is the next epoch.

    Arguments: arrays, whose leading axes have one length, or one tuple of them, or one dict; batch_size, examples in a
    batch; seed, an int of at least 0 (None: another order in every run); shuffle, whether each epoch has an order of
    its own, a function of seed and epoch, or that of the arrays; last, what becomes of a rest that fills no batch:
    "keep" yields it short, "drop" leaves it out, "pad" repeats its last example.
    Gives an iterable of tuples of contiguous arrays, or of dicts; with "pad", each batch ends in a bool mask, under
    "mask" in a dict, that is False where an example was repeated. `get_state` and `set_state` resume bit for bit.
    Raises: InputError where the arrays do not belong together, ArgumentError for the rest.

    >>> import theon
    >>> batches = theon.data.minibatches(np.arange(5), batch_size=2, shuffle=False, last="pad")
    >>> for xs, mask in batches:
    ...     print(xs, mask)
    [0 1] [ True  True]
    [2 3] [ True  True]
    [4 4] [ True False]
    """
    columns, named = _columns(arrays)
    size = _int("batch_size", batch_size, 1)
    if last not in ("keep", "drop", "pad"):
        raise _bad("last is 'keep', 'drop' or 'pad'", repr(last))
    if last == "pad" and named and MASK in columns:
        raise _bad(f"the name {MASK!r} is taken by the mask of last='pad'", ", ".join(columns))
    order = (_fresh_seed() if seed is None else _int("seed", seed, 0)) if shuffle else None
    made = Minibatches(columns, named, size, order, last)
    if not len(made):
        raise _bad("last='drop' would leave no batch at all", f"{made.examples} examples, batch_size={size}")
    return made


def fed(batches: Minibatches) -> dict[str, Array] | tuple[Array, ...]:
    """The arrays that batches are cut from, in the form of a batch, the mask among them."""
    columns = dict(batches._columns)
    if batches.last == "pad":
        columns[MASK] = np.ones(batches.examples, np.bool_)
    return columns if batches._named else tuple(columns.values())


def _columns(arrays: tuple[Any, ...]) -> tuple[dict[str, Array], bool]:
    """The arrays by name, numbers where they have none, and whether they have; InputError where they do not fit."""
    only = arrays[0] if len(arrays) == 1 else None
    named = isinstance(only, Mapping)
    given = only if isinstance(only, Mapping) else dict(enumerate(only if isinstance(only, tuple) else arrays))
    if not given:
        raise _bad("there are no arrays", "none", InputError)
    columns = {str(name): _column(str(name), value, named) for name, value in given.items()}
    lengths = {name: len(column) for name, column in columns.items()}
    listed = ", ".join(f"{_called(name, named)} has {length}" for name, length in lengths.items())
    if len(set(lengths.values())) > 1:
        raise _bad("the arrays have different lengths", listed, InputError, "give one example of each per row")
    if not max(lengths.values()):
        raise _bad("there are no examples", listed, InputError)
    return columns, named


def _column(name: str, value: Any, named: bool) -> Array:
    if not isinstance(value, Node):
        try:
            array = np.asarray(value)
        except ValueError:
            array = np.asarray(None)
        if array.dtype.kind not in "OUSMm" and array.ndim:
            return array
    raise _bad(
        f"{_called(name, named)} is no array of numbers with a leading axis",
        f"{type(value).__name__} {repr(value)[:60]}",
        InputError,
    )


def _called(name: str, named: bool) -> str:
    return name if named else f"array {name}"


def _int(what: str, value: Any, least: int) -> int:
    try:
        number = -1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = -1
    if number < least:
        raise _bad(f"{what} is an int of at least {least}", repr(value))
    return number


def _fresh_seed() -> int:
    return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])


def _bad(what: str, received: str, kind: type[TheonError] = ArgumentError, hint: str = "") -> TheonError:
    return report(kind, f"minibatches: {what}", where=here(), received=received, hint=hint)


__all__ = ["Minibatches", "minibatches"]
