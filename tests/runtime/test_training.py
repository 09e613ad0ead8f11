"""The trainer: what it learns, what it reports, and what it refuses before anything has moved."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import theon

rng = np.random.default_rng(0)
XS = rng.standard_normal((50, 3)).astype(np.float32)
YS = (XS.sum(axis=1) > 0).astype(np.int32)


def model(**options: Any) -> tuple[theon.Trainer, theon.Node]:
    """Logistic regression with a metric, from zero."""
    x, y = theon.tensor("x", shape=("batch", 3)), theon.tensor("y", shape=("batch",), dtype="int32")
    w = theon.shared(np.zeros((3, 2), np.float32), "w")
    logits = x @ w
    loss = theon.nn.cross_entropy(logits, y)
    accuracy = theon.mean(theon.equal(logits.argmax(axis=1), y).astype("float32"))
    updates = theon.optim.sgd(loss, [w], learning_rate=0.5, momentum=0.5)
    return theon.Trainer([x, y], loss, updates, metrics={"accuracy": accuracy}, **options), w


def test_learns(capsys: pytest.CaptureFixture[str]) -> None:
    """The loss falls; the history has a row per epoch, by either view; each row is printed."""
    trainer, _ = model()
    history = trainer.fit((XS, YS), epochs=5, batch_size=16, validation_data=(XS, YS))
    assert [row["epoch"] for row in history.epochs] == [1, 2, 3, 4, 5]
    assert set(history.epochs[0]) == {"epoch", "loss", "validation_loss", "validation_accuracy", "seconds"}
    columns = history.as_dict()
    assert columns["loss"][-1] < columns["loss"][0] and columns["validation_accuracy"][-1] > 0.9
    assert trainer.evaluate((XS, YS), batch_size=50) == pytest.approx(
        {"loss": columns["validation_loss"][-1], "accuracy": columns["validation_accuracy"][-1]}, rel=1e-5
    )
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert len(lines) == 5 and lines[0].startswith("epoch 1/5  loss 0.") and "validation_accuracy" in lines[0]
    assert printed.err == ""


def test_means_weigh_examples() -> None:
    """A short last batch weighs less: the size of batches does not move the mean."""
    trainer, w = model()
    w.set_value(rng.standard_normal((3, 2)).astype(np.float32))
    whole, parts = (trainer.evaluate((XS, YS), batch_size=size) for size in (50, 16))
    assert parts == pytest.approx(whole, rel=1e-5)


def test_the_step_is_the_plain_step() -> None:
    """The same weights as a loop over the same minibatches, bit for bit, and the mean of its losses."""
    trainer, w = model()
    history = trainer.fit((XS, YS), epochs=2, batch_size=16, seed=7, progress=False)
    other, v = model()
    batches = theon.data.minibatches(XS, YS, batch_size=16, seed=7)
    losses = [[(float(other.step(*batch)), len(batch[0])) for batch in batches] for _ in range(2)]
    assert np.array_equal(w.get_value(), v.get_value())
    means = [sum(loss * n for loss, n in epoch) / 50 for epoch in losses]
    assert history.as_dict()["loss"] == pytest.approx(means, rel=1e-12)


def test_two_fits_are_one() -> None:
    """Epochs go on counting, and shuffling, from call to call."""
    (first, w), (second, v) = model(), model()
    rows = first.fit((XS, YS), epochs=4, batch_size=16, progress=False).epochs
    again = second.fit((XS, YS), epochs=3, batch_size=16, progress=False).epochs
    again += second.fit((XS, YS), epochs=1, batch_size=16, progress=False).epochs
    assert [(row["epoch"], row["loss"]) for row in rows] == [(row["epoch"], row["loss"]) for row in again]
    assert np.array_equal(w.get_value(), v.get_value())


def test_data_by_name_and_minibatches() -> None:
    """A dict goes by the inputs' names; minibatches bring their own size, seed and padding."""
    (first, w), (second, v) = model(), model()
    first.fit({"y": YS, "x": XS}, epochs=1, batch_size=16, seed=3, progress=False)
    second.fit(theon.data.minibatches(XS, YS, batch_size=16, seed=3), epochs=1, progress=False)
    assert np.array_equal(w.get_value(), v.get_value())


def test_padding_weighs_nothing() -> None:
    """With padded minibatches the mask is the last input, and counts in the means."""
    x, mask = theon.tensor("x", shape=(4,)), theon.tensor("mask", shape=(4,), dtype="bool")
    w = theon.shared(0.0, "w")
    weights = mask.astype("float32")
    loss = theon.sum(weights * (x - w) ** 2) / theon.sum(weights)
    trainer = theon.Trainer([x, mask], loss, {w: w * 1.0})
    data = np.arange(6, dtype=np.float32)
    batches = theon.data.minibatches(data, batch_size=4, last="pad")
    history = trainer.fit(batches, epochs=1, progress=False)
    assert history.epochs[0]["loss"] == pytest.approx(float((data**2).mean()))


def test_training_mode() -> None:
    """The step sees `theon.training` True, evaluation False."""
    x = theon.vector("x")
    loss = theon.mean(x) + theon.where(theon.training, theon.constant(100.0), theon.constant(0.0))
    seen = theon.shared(0.0, "seen")
    trainer = theon.Trainer([x], loss, {seen: seen + 1})
    history = trainer.fit(np.zeros(8, np.float32), 1, 4, validation_data=np.zeros(8, np.float32), progress=False)
    assert (history.epochs[0]["loss"], history.epochs[0]["validation_loss"]) == (100.0, 0.0)
    assert seen.get_value() == 2.0


def test_conversion_is_visible(capsys: pytest.CaptureFixture[str]) -> None:
    """Data of another dtype are converted once, and a line says so; what loses nothing needs no line."""
    (first, w), (second, v) = model(), model()
    first.fit((XS.astype(np.float64), YS.astype(np.int64)), epochs=1, progress=False)
    assert capsys.readouterr().err == (
        "theon: fit converts x from float64 to float32, once\ntheon: fit converts y from int64 to int32, once\n"
    )
    second.fit((XS, YS.astype(np.uint8)), epochs=1, progress=False)
    assert capsys.readouterr().err == ""
    assert np.array_equal(w.get_value(), v.get_value())


def test_no_epochs() -> None:
    """Nothing is a run too."""
    history = model()[0].fit((XS, YS), epochs=0)
    assert history.epochs == [] and history.as_dict() == {} and repr(history) == "<History of 0 epochs>"


MISTAKES: dict[str, tuple[Callable[[theon.Trainer], object], type[Exception], str]] = {
    "count": (lambda t: t.fit((XS,), 1), theon.InputError, "fit: give one array for each of the inputs x, y"),
    "names": (lambda t: t.fit({"x": XS, "z": YS}, 1), theon.InputError, "fit: give one array for each of the inputs"),
    "lengths": (lambda t: t.fit((XS, YS[:9]), 1), theon.InputError, "minibatches: the arrays have different lengths"),
    "rank": (lambda t: t.fit((XS[:, :, None], YS), 1), theon.InputError, "fit: input x is float32[batch, 3], received"),
    "size": (
        lambda t: t.fit((XS[:, :2], YS), 1),
        theon.InputError,
        "fit: input x is float32[batch, 3], received shape",
    ),
    "validation": (
        lambda t: t.fit((XS, YS), 1, validation_data=(XS[:, :2], YS)),
        theon.InputError,
        "fit (validation): input x is float32[batch, 3], received shape (50, 2)",
    ),
    "dtype": (
        lambda t: t.fit((XS, XS[:, 0]), 1),
        theon.InputError,
        "fit: input y is int32[batch], and cannot hold the",
    ),
    "range": (
        lambda t: t.fit((XS, YS.astype(np.int64) + 2**40), 1),
        theon.InputError,
        "fit: input y is int32[batch], and cannot hold",
    ),
    "overflow": (
        lambda t: t.fit((XS.astype(np.float64) * 1e300, YS), 1),
        theon.InputError,
        "fit: input x is float32[batch, 3], and cannot",
    ),
    "text": (lambda t: t.fit(("x", YS), 1), theon.InputError, "minibatches: array 0 is no array of numbers"),
    "batch size": (lambda t: t.fit((XS, YS), 1, 0), theon.ArgumentError, "minibatches: batch_size is an int of at lea"),
    "epochs": (lambda t: t.fit((XS, YS), 1.5), theon.ArgumentError, "fit: epochs is an int of at least 0"),  # type: ignore[arg-type]
    "two sizes": (
        lambda t: t.fit(theon.data.minibatches(XS, YS, batch_size=4), 1, 8),
        theon.ArgumentError,
        "fit: minibatches have a batch size of their own",
    ),
    "evaluate": (lambda t: t.evaluate((XS,)), theon.InputError, "evaluate: give one array for each of the inputs x, y"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str) -> None:
    """Each is an error of one block at the caller's line, and no state has moved."""
    trainer, w = model()
    make, kind, first = MISTAKES[name]
    with pytest.raises(kind) as caught:
        make(trainer)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(first) and "test_training.py" in lines[1]
    assert not w.get_value().any() and trainer.epochs == 0


def test_a_fixed_batch_size_is_checked_first() -> None:
    """An input declared with a fixed leading size takes whole batches of that size only."""
    x, w = theon.tensor("x", shape=(8,)), theon.shared(0.0, "w")
    trainer = theon.Trainer([x], theon.mean(x * w), {w: w + 1})
    data = np.zeros(16, np.float32)
    for size, length in ((4, 16), (8, 15)):
        with pytest.raises(theon.InputError, match=f"in batches of {size}"):
            trainer.fit(data[:length], 1, size)
    trainer.fit(data, 1, 8, progress=False)
    assert w.get_value() == 2


def cut(*arrays: Any, size: int = 16, last: Any = "keep") -> Any:
    return theon.data.minibatches(*arrays, batch_size=size, last=last)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (cut(XS), "give one array for each of the inputs x, y"),
        (cut(XS, YS, last="pad"), "give one array for each of the inputs x, y"),
        (cut({"x": XS, "z": YS}), "give one array for each of the inputs x, y"),
        (cut(XS[:, :2], YS), "input x is float32[batch, 3], received shape (50, 2)"),
        (cut(XS.astype(np.float64), YS), "input x is float32[batch, 3], received float64[50, 3]"),
        (cut({"y": YS.astype(np.int64), "x": XS}), "input y is int32[batch], received int64[50]"),
    ],
)
def test_minibatches_are_checked_first(data: Any, text: str) -> None:
    """As arrays are, wherever they are given."""
    trainer, w = model()
    calls: dict[str, Callable[[], object]] = {
        "fit": lambda: trainer.fit(data, 1, progress=False),
        "fit (validation)": lambda: trainer.fit(cut(XS, YS), 1, validation_data=data, progress=False),
        "evaluate": lambda: trainer.evaluate(data),
    }
    for what, call in calls.items():
        with pytest.raises(theon.InputError) as caught:
            call()
        assert str(caught.value).startswith(f"{what}: {text}") and "test_training.py" in str(caught.value)
    assert not w.get_value().any() and trainer.epochs == 0


def test_the_last_of_minibatches_is_checked_first() -> None:
    """Where the input's batch is of a fixed size, a short last batch is refused before the first is trained on."""
    x, w = theon.tensor("x", shape=(8,)), theon.shared(0.0, "w")
    trainer = theon.Trainer([x], theon.mean(x * w), {w: w + 1})
    data = np.zeros(20, np.float32)
    with pytest.raises(theon.InputError, match=r"fit: input x .* received shape \(20,\), in batches of 8"):
        trainer.fit(cut(data, size=8), 1, progress=False)
    with pytest.raises(theon.InputError, match=r"fit \(validation\): .* in batches of 8"):
        trainer.fit(cut(data[:16], size=8), 1, validation_data=cut(data, size=8), progress=False)
    assert w.get_value() == 0
    trainer.fit(cut(data, size=8, last="drop"), 1, progress=False)
    trainer.fit(cut(data[:8], size=16), 1, progress=False)
    assert w.get_value() == 3


def test_ints_that_round_are_converted_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A float64 input does not hold every int64: that shows before the first batch, not in a later one."""
    x, w = theon.dvector("x"), theon.shared(0.0, "w")
    trainer = theon.Trainer([x], theon.mean(x), {w: w + 1})
    data = np.array([1, 2, 3, 2**53 + 1])
    trainer.fit(data, 1, 2, progress=False)
    assert capsys.readouterr().err == "theon: fit converts x from int64 to float64, once\n"
    with pytest.raises(theon.InputError, match="received int64"):
        trainer.fit(cut(data, size=2), 1, progress=False)
    assert w.get_value() == 2


@pytest.mark.parametrize(
    ("loss", "metrics", "first"),
    [
        (theon.vector("x"), {}, "Trainer: loss must be a float scalar, the mean over a batch"),
        (3.0, {}, "Trainer: loss must be a float scalar, the mean over a batch"),
        (
            theon.scalar("x"),
            {"hits": theon.iscalar("n")},
            "Trainer: hits must be a float scalar, the mean over a batch",
        ),
        (theon.scalar("x"), {"loss": theon.scalar("n")}, "Trainer: loss must be a float scalar, the mean over a batch"),
    ],
)
def test_losses_and_metrics_are_scalars(loss: Any, metrics: dict[str, theon.Node], first: str) -> None:
    """Whatever is averaged must be one number per batch."""
    with pytest.raises(theon.ArgumentError) as caught:
        theon.Trainer([], loss, {}, metrics=metrics)
    assert str(caught.value).startswith(first)
