"""Minibatches: every example once, in an order that seed and epoch decide, resumable bit for bit."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import theon
from theon.runtime.feed import Minibatches, minibatches

XS = np.arange(22, dtype=np.float32).reshape(11, 2)
YS = np.arange(11)
# The orders of the first two epochs of 11 examples under seed 0.
FIRST = [6, 1, 0, 5, 3, 8, 7, 10, 2, 9, 4]
SECOND = [9, 3, 6, 5, 7, 0, 8, 4, 1, 10, 2]


def epoch(batches: Minibatches) -> list[Any]:
    return [[array.tolist() for array in batch] for batch in batches]


def test_every_example_once() -> None:
    """Rows stay together; the rest is kept, short."""
    batches = minibatches(XS, YS, batch_size=4)
    assert len(batches) == 3
    for _ in range(3):
        found = list(batches)
        assert [len(ys) for _, ys in found] == [4, 4, 3]
        assert sorted(int(y) for _, ys in found for y in ys) == list(range(11))
        for xs, ys in found:
            assert xs.dtype == np.float32 and xs.flags.c_contiguous and (xs == XS[ys]).all()


def test_orders() -> None:
    """Each epoch has its own order, a function of seed and epoch alone: these numbers hold for ever."""
    (first,), (second,) = list(minibatches(YS, batch_size=11)), list(minibatches(YS, batch_size=11))
    assert first[0].tolist() == second[0].tolist() == FIRST
    batches = minibatches(YS, batch_size=4)
    orders = [[y for (ys,) in batches for y in ys.tolist()] for _ in range(3)]
    assert orders[0] == FIRST and orders[1] == SECOND and orders[1] != orders[2]
    (other,) = minibatches(YS, batch_size=11, seed=1)
    assert other[0].tolist() != FIRST


def test_unshuffled() -> None:
    """In the order of the arrays, epoch for epoch; a transposed array is made contiguous."""
    batches = minibatches(XS.T.copy().T, batch_size=8, shuffle=False)
    for _ in range(2):
        (a,), (b,) = batches
        assert a.flags.c_contiguous and np.array_equal(np.concatenate((a, b)), XS)


def test_no_seed() -> None:
    """Without a seed, runs differ; the state tells the seed that was drawn."""
    a, b = (minibatches(np.arange(1000), batch_size=1000, seed=None) for _ in range(2))
    assert a.get_state()["seed"] != b.get_state()["seed"]
    assert epoch(a) != epoch(b)


def test_drop() -> None:
    """A rest that fills no batch is left out, another one each epoch."""
    batches = minibatches(XS, YS, batch_size=4, last="drop")
    assert len(batches) == 2
    assert [len(ys) for _, ys in batches] == [4, 4]


def test_pad() -> None:
    """Short batches repeat their last example; the mask says which are real."""
    found = list(minibatches(XS, YS, batch_size=4, last="pad"))
    assert [mask.tolist() for _, _, mask in found] == [[True] * 4, [True] * 4, [True, True, True, False]]
    xs, ys, mask = found[-1]
    assert xs.shape == (4, 2) and ys[3] == ys[2] and mask.dtype == bool
    assert sorted(int(y) for _, ys, mask in found for y in ys[mask]) == list(range(11))


def test_dicts_and_tuples() -> None:
    """A dict gives dicts; one tuple of arrays is the same as the arrays."""
    (first, *_) = minibatches({"x": XS, "y": YS}, batch_size=4, last="pad")
    assert list(first) == ["x", "y", "mask"] and (first["x"] == XS[first["y"]]).all()
    assert epoch(minibatches((XS, YS), batch_size=4)) == epoch(minibatches(XS, YS, batch_size=4))


@pytest.mark.parametrize("last", ["keep", "drop", "pad"])
@pytest.mark.parametrize("stop", [0, 1, 2, 3, 5])
def test_resume(stop: int, last: Any) -> None:
    """From any batch on, a new object goes on as the old one would have, through JSON."""

    def stream(batches: Minibatches, epochs: int) -> list[Any]:
        return [batch for _ in range(epochs) for batch in epoch(batches)]

    whole = stream(minibatches(XS, YS, batch_size=4, last=last), 4)
    batches = minibatches(XS, YS, batch_size=4, last=last)
    seen: list[Any] = []
    while len(seen) < stop:
        for batch in batches:
            seen.append([array.tolist() for array in batch])
            if len(seen) == stop:
                break
    state = json.loads(json.dumps(batches.get_state()))
    resumed = minibatches(XS, YS, batch_size=4, last=last)
    resumed.set_state(state)
    assert (seen + stream(resumed, 4))[: len(whole)] == whole


def test_a_broken_off_epoch_is_over() -> None:
    """The next `for` begins the next epoch."""
    batches, reference = minibatches(YS, batch_size=4), minibatches(YS, batch_size=4)
    for _ in batches:
        break
    _, second = epoch(reference), epoch(reference)
    assert epoch(batches) == second


MISTAKES: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "lengths": (
        lambda: minibatches(XS, YS[:5], batch_size=2),
        theon.InputError,
        "minibatches: the arrays have different lengths",
    ),
    "none": (lambda: minibatches(batch_size=2), theon.InputError, "minibatches: there are no arrays"),
    "empty": (lambda: minibatches(XS[:0], batch_size=2), theon.InputError, "minibatches: there are no examples"),
    "scalar": (lambda: minibatches(3.0, batch_size=2), theon.InputError, "minibatches: array 0 is no array of numbers"),
    "text": (lambda: minibatches({"x": ["a"]}, batch_size=2), theon.InputError, "minibatches: x is no array of numbe"),
    "ragged": (
        lambda: minibatches([[1], [1, 2]], batch_size=2),
        theon.InputError,
        "minibatches: array 0 is no array of numbers",
    ),
    "node": (
        lambda: minibatches(XS, theon.vector("y"), batch_size=2),
        theon.InputError,
        "minibatches: array 1 is no array of numbers",
    ),
    "size": (lambda: minibatches(XS, batch_size=0), theon.ArgumentError, "minibatches: batch_size is an int of at lea"),
    "kind": (lambda: minibatches(XS, batch_size=2.5), theon.ArgumentError, "minibatches: batch_size is an int of at"),  # type: ignore[arg-type]
    "bool": (lambda: minibatches(XS, batch_size=True), theon.ArgumentError, "minibatches: batch_size is an int of at"),
    "seed": (
        lambda: minibatches(XS, batch_size=2, seed=-1),
        theon.ArgumentError,
        "minibatches: seed is an int of at l",
    ),
    "last": (
        lambda: minibatches(XS, batch_size=2, last="both"),  # type: ignore[arg-type]
        theon.ArgumentError,
        "minibatches: last is 'keep', 'drop' or 'pad'",
    ),
    "all dropped": (
        lambda: minibatches(XS, batch_size=12, last="drop"),
        theon.ArgumentError,
        "minibatches: last='drop' would leave no batch at all",
    ),
    "mask": (
        lambda: minibatches({"mask": XS}, batch_size=2, last="pad"),
        theon.ArgumentError,
        "minibatches: the name 'mask' is taken",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str) -> None:
    """Each is an error of one block, at the line that makes it."""
    make, kind, first = MISTAKES[name]
    with pytest.raises(kind) as caught:
        make()
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(first) and "test_feed.py" in lines[1]


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"examples": 12}, {"batch": 9}, {"batch": "0"}, {"epoch": -1}, {"last": "drop"}]
)
def test_states_that_do_not_fit(change: dict[str, Any]) -> None:
    """A state of other data changes nothing."""
    batches = minibatches(XS, batch_size=4)
    with pytest.raises(theon.ArgumentError, match="set_state: a state of other minibatches"):
        batches.set_state({**batches.get_state(), **change})
    assert batches.get_state()["epoch"] == 0 and len(epoch(batches)) == 3
