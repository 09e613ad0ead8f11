"""Feeding (`theon.data`): minibatches of arrays, shuffled anew each epoch by seed, and resumable bit for bit."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np

from ..graph.errors import ArgumentError, InputError, report
from ..graph.node import Node
from ..graph.where import here

Array: TypeAlias = "np.ndarray[Any, Any]"
Last: TypeAlias = Literal["keep", "drop", "pad"]
_LAST = ("keep", "drop", "pad")


class Minibatches:
    """Batches of arrays that belong together; each `for` over it is the next epoch. Make one with `minibatches`."""

    def __init__(
        self, arrays: dict[str, Array] | tuple[Array, ...], batch_size: int, seed: int | None, shuffle: bool, last: Last
    ) -> None:
        self.arrays = arrays
        self.batch_size = batch_size
        self.seed = seed if seed is not None else _fresh_seed()
        self.shuffle = shuffle
        self.last: Last = last
        self.examples = len(next(iter(_columns(arrays))))
        self.epoch = 0  # the epoch that stands next, or that is running
        self.batch = 0  # the batch of it that stands next

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        whole, rest = divmod(self.examples, self.batch_size)
        return whole + (1 if rest and self.last != "drop" else 0)

    def __iter__(self) -> Iterator[Any]:
        """The batches of one epoch: the rest of the one that `set_state` stands in, else the whole next one.

        An epoch that is left early is over: the next `for` begins the one after it.
        """
        epoch, first = self.epoch, self.batch
        order = self.order(epoch)
        self.epoch, self.batch = epoch + 1, 0
        for batch in range(first, len(self)):
            # Where the loop body asks for the state, this batch counts as done.
            done = batch + 1 == len(self)
            self.epoch, self.batch = (epoch + 1, 0) if done else (epoch, batch + 1)
            yield self._take(order, batch)
