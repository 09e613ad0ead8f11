"""Training (`theon.Trainer`): epochs of minibatches through two compiled functions, one that trains and one that looks.

The step is dispatched and not waited for: losses stay on the device until their epoch is over, so that the device
never idles while Python prepares the next batch.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from ..compiler.compilation import Options
from ..graph.dims import may_equal
from ..graph.errors import ArgumentError, InputError, InputTypeError, report
from ..graph.node import Node, is_float_scalar
from ..graph.types import DType, kind_of
from ..graph.where import here
from ..ops.mode import training
from .convert import Place, keeps, wrong_shape
from .declare import Pairs
from .feed import Minibatches, fed, minibatches
from .function import Function, function
from .progress import Progress

_KINDS = ("bool", "uint", "int", "float", "complex")  # each holds what stands before it, but for its size

LOSS, VALIDATION = "loss", "validation_"


class History:
    """What each epoch of a run gave: `epochs` is a list of `{"epoch": 1, "loss": ..., "validation_loss": ..., ...}`."""

    def __init__(self) -> None:
        self.epochs: list[dict[str, Any]] = []

    def as_dict(self) -> dict[str, list[Any]]:
        """The same by name: `{"epoch": [1, 2], "loss": [0.7, 0.4], ...}`."""
        return {name: [epoch[name] for epoch in self.epochs] for name in (self.epochs[0] if self.epochs else ())}

    def __repr__(self) -> str:
        return f"<History of {len(self.epochs)} epochs{': last ' + repr(self.epochs[-1]) if self.epochs else ''}>"


class Trainer:
    """Trains a declared model on arrays.

    Arguments: inputs, the declared inputs, in the order of the arrays; loss, a float scalar, the mean over a batch;
    updates, `{shared variable: next value}`, as `theon.optim` gives; metrics, `{name: scalar}`, further means over a
    batch that evaluation gives; options, how to compile. The step runs with `theon.training` True, evaluation with it
    False.
    Raises: ArgumentError for a loss or a metric that is no scalar, and what `theon.function` raises.

    >>> import theon
    >>> x, y = theon.vector("x"), theon.vector("y")
    >>> w = theon.shared(0.0, "w")
    >>> loss = theon.mean((w * x - y) ** 2)
    >>> trainer = theon.Trainer([x, y], loss, theon.optim.sgd(loss, [w], learning_rate=0.5))
    >>> data = np.linspace(-1, 1, 64, dtype=np.float32)
    >>> history = trainer.fit((data, 3 * data), epochs=20, batch_size=16, progress=False)
    >>> round(w.get_value().item(), 3)
    3.0
    """

    def __init__(
        self,
        inputs: Sequence[Node],
        loss: Node,
        updates: Pairs,
        metrics: Mapping[str, Node] | None = None,
        options: Options | None = None,
    ) -> None:
        self.metrics = _checked_metrics(loss, dict(metrics or {}))
        self.epochs = 0  # epochs trained so far, by all calls of `fit`
        self.step: Function = function(
            inputs, loss, updates=updates, givens={training: True}, name="train", options=options
        )
        self.test: Function = function(
            inputs,
            [loss, *self.metrics.values()],
            givens={training: False},
            on_unused_input="ignore",
            no_default_updates=True,
            name="evaluate",
            options=options,
        )
        self.inputs = tuple(inputs)

    def fit(
        self,
        data: Any,
        epochs: int,
        batch_size: int | None = None,
        *,
        validation_data: Any = None,
        seed: int | None = 0,
        progress: bool = True,
    ) -> History:
        """Train for `epochs` passes over `data`.

        Arguments: data, one array per input (a tuple, or a dict by the inputs' names), or `theon.data.minibatches`,
        which bring their batch size and seed; batch_size, 32 by default; validation_data, arrays to evaluate after each
        epoch; seed, of the shuffling (two calls of `fit` go through the same orders as one call of both lengths);
        progress, whether to print. Arrays of another dtype than their input's are converted once, and a line on
        standard error says so.
        Gives a History: per epoch, the mean loss while training, the validation loss and metrics, and the seconds.
        Raises: InputError where data do not fit the inputs, ArgumentError for the rest; nothing has been trained then.
        """
        if isinstance(epochs, bool) or not isinstance(epochs, (int, np.integer)) or epochs < 0:
            raise report(ArgumentError, "fit: epochs is an int of at least 0", where=here(), received=repr(epochs))
        size = self._batch_size("fit", data, batch_size)
        batches = self._batches("fit", data, size, seed, True)
        if batches is not data:
            batches.epoch = self.epochs
        held_out = None
        if validation_data is not None:
            held_out = self._batches("fit (validation)", validation_data, size, None, False)
        history = History()
        with Progress(self.epochs + 1, int(epochs), len(batches), progress) as shown:
            for _ in range(epochs):
                shown.begin(self.epochs + 1)
                started = time.perf_counter()
                losses, weights = [], []
                for batch in batches:
                    losses.append(_call(self.step, batch))
                    weights.append(_weight(batches, batch))
                    shown.step(len(losses))
                result = {LOSS: float(_means([losses], weights)[0])}
                if held_out is not None:
                    found = self._evaluate(held_out)
                    result |= {VALIDATION + name: value for name, value in found.items()}
                self.epochs += 1
                result["seconds"] = time.perf_counter() - started
                shown.end(result)
                history.epochs.append({"epoch": self.epochs, **result})
        return history

    def evaluate(self, data: Any, batch_size: int | None = None) -> dict[str, float]:
        """The mean loss and metrics over `data`, with `theon.training` False; no state moves.

        Arguments: as for `fit`. Gives `{"loss": ..., metric: ...}`, each example weighing the same.
        Raises: InputError where data do not fit the inputs, ArgumentError for a bad batch size.
        """
        size = self._batch_size("evaluate", data, batch_size)
        return self._evaluate(self._batches("evaluate", data, size, None, False))

    def _evaluate(self, batches: Minibatches) -> dict[str, float]:
        results, weights = [], []
        for batch in batches:
            results.append(_call(self.test, batch))
            weights.append(_weight(batches, batch))
        means = _means(list(zip(*results, strict=True)), weights)
        return dict(zip((LOSS, *self.metrics), map(float, means), strict=True))

    def _batch_size(self, what: str, data: Any, size: int | None) -> int:
        if not isinstance(data, Minibatches):
            return 32 if size is None else size
        if size is None:
            return data.batch_size
        raise report(
            ArgumentError,
            f"{what}: minibatches have a batch size of their own",
            where=here(),
            received=f"batch_size={size}",
            hint="leave batch_size out, or give the arrays",
        )

    def _batches(self, what: str, data: Any, size: int, seed: int | None, shuffle: bool) -> Minibatches:
        """Minibatches of what the caller gave, each array in its input's dtype."""
        if isinstance(data, Minibatches):
            self._check_minibatches(what, data)
            return data
        arrays = self._in_order(what, data)
        converted = tuple(_converted(what, node, value) for node, value in zip(self.inputs, arrays, strict=True))
        batches = minibatches(converted, batch_size=size, seed=seed, shuffle=shuffle)
        for node, array in zip(self.inputs, converted, strict=True):
            _check_shape(what, node, np.shape(array), size)
        return batches

    def _check_minibatches(self, what: str, batches: Minibatches) -> None:
        """Raise for minibatches of which the inputs would not take each one, the last too."""
        size = batches.batch_size
        rows = batches.examples if batches.last == "keep" else len(batches) * size
        for node, array in zip(self.inputs, self._in_order(what, fed(batches)), strict=True):
            if not keeps(array, node.dtype):
                hint = f"make the minibatches from value.astype('{node.dtype.name}')"
                place = Place(what, node.label, node.tensor, node)
                raise place.error(InputTypeError, f"{array.dtype.name}{list(array.shape)}", hint)
            _check_shape(what, node, (rows, *array.shape[1:]), min(size, rows))

    def _in_order(self, what: str, data: Any) -> Sequence[Any]:
        """One array per input, in the order of the inputs."""
        names = [node.label for node in self.inputs]
        if isinstance(data, Mapping):
            if set(data) == set(names) and len(set(names)) == len(names):
                return [data[name] for name in names]
            received = ", ".join(map(str, data)) or "no names"
        else:
            arrays = data if isinstance(data, (tuple, list)) else (data,)
            if len(arrays) == len(names):
                return arrays
            received = f"{len(arrays)} arrays"
        raise report(
            InputError,
            f"{what}: give one array for each of the inputs {', '.join(names)}",
            where=here(),
            received=received,
        )


def _checked_metrics(loss: Any, metrics: dict[str, Any]) -> dict[str, Node]:
    for name, node in {LOSS: loss, **metrics}.items():
        known = isinstance(node, Node)
        if not known or not is_float_scalar(node) or (node is not loss and name == LOSS):
            raise report(
                ArgumentError,
                f"Trainer: {name} must be a float scalar, the mean over a batch",
                where=here(),
                operands=[(name, node)] if known else (),
                received=None if known else repr(node)[:80],
                hint="take .mean() of it" if known else "",
            )
    return metrics


def _call(compiled: Function, batch: Any) -> Any:
    return compiled(**batch) if isinstance(batch, dict) else compiled(*batch)


def _weight(batches: Minibatches, batch: Any) -> int:
    """The number of examples in a batch that count."""
    last = list(batch.values())[-1] if isinstance(batch, dict) else batch[-1]
    return int(last.sum()) if batches.last == "pad" else len(last)


def _means(columns: Sequence[Sequence[Any]], weights: Sequence[int]) -> list[Any]:
    """Weighted means, in float64, of values that are fetched from the device together."""
    fetched = jax.device_get(list(map(list, columns)))
    return [np.average(np.asarray(column, np.float64), weights=weights) for column in fetched]


def _converted(what: str, node: Node, value: Any) -> Any:
    """`value` in the dtype of its input, if the input would not take it as it is; what it cannot hold is an error."""
    array = np.asarray(value) if not isinstance(value, Node) else value
    wanted = node.dtype
    own = array.dtype
    if isinstance(array, Node) or own.kind in "OUSMm" or keeps(array, wanted):
        return array
    if _KINDS.index(kind_of(own)) > _KINDS.index(kind_of(wanted)) or not _holds(array, wanted):
        raise report(
            InputTypeError,
            f"{what}: input {node.label} is {node.type}, and cannot hold these {own.name} values",
            where=here(),
            operands=[("input", node)],
            hint=f"convert them as you mean it, or declare the input {own.name}",
        )
    sys.stderr.write(f"theon: {what} converts {node.label} from {own.name} to {wanted.name}, once\n")
    return array.astype(wanted)


def _check_shape(what: str, node: Node, shape: tuple[int, ...], batch_size: int) -> None:
    """Raise for examples that the input will not take, before any batch has been trained on."""
    wanted = node.tensor
    place = Place(what, node.label, wanted, node)
    if len(shape) != wanted.ndim or not all(map(may_equal, shape[1:], wanted.shape[1:])):
        raise wrong_shape(shape, place)
    length = wanted.shape[0]
    if isinstance(length, int) and (length != batch_size or shape[0] % length):
        raise wrong_shape(shape, place, f", in batches of {batch_size}")


def _holds(array: np.ndarray[Any, Any], wanted: DType) -> bool:
    """Whether every value is within the range of a dtype (floats may round)."""
    if not array.size or kind_of(array.dtype) == "bool":
        return True
    if kind_of(wanted) in ("int", "uint"):
        limits = np.iinfo(wanted)
        return bool(limits.min <= array.min() and array.max() <= limits.max)
    with np.errstate(over="ignore"):
        return bool((np.isfinite(array.astype(wanted)) == np.isfinite(array)).all())


__all__ = ["History", "Trainer"]
