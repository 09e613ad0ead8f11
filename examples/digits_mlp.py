"""Train a multilayer perceptron on the 1,797 handwritten digits that scikit-learn ships.

Prints the loss on the training and the test set for each epoch and the test accuracy at the end; writes the loss curve
and a picture of the graph to --out.

    python examples/digits_mlp.py --epochs 30 --out out/digits
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

import theon

Array: TypeAlias = "np.ndarray[Any, Any]"
Data: TypeAlias = "tuple[Array, Array]"

PIXELS, CLASSES = 64, 10


def needs(package: str, why: str) -> SystemExit:
    """The message for a package that only the examples need."""
    return SystemExit(f"{why} needs {package}, which is not installed here:\n    pip install {package}")


def load_digits() -> tuple[Data, Data]:
    """The digits as (images, labels) for training and, always the same stratified quarter, for testing.

    Images are float32 (n, 64), centred on the mean training image and rescaled by the training pixels' spread.
    """
    try:
        from sklearn.datasets import load_digits as load
        from sklearn.model_selection import train_test_split
    except ImportError:
        raise needs("scikit-learn", "the digits example") from None
    images, labels = load(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(images, labels, test_size=0.25, stratify=labels, random_state=0)
    centre, spread = train_x.mean(axis=0), train_x.std()
    train_x, test_x = (((x - centre) / spread).astype(np.float32) for x in (train_x, test_x))
    return (train_x, train_y.astype(np.int32)), (test_x, test_y.astype(np.int32))


def perceptron(x: theon.Node, widths: Sequence[int], rate: float, seed: int) -> tuple[theon.Node, list[theon.Node]]:
    """The logits of a network with relu layers of the given widths, each followed by dropout, and its parameters."""
    rng = np.random.default_rng(seed)
    stream = theon.random.stream(seed)
    params: list[theon.Node] = []
    sizes = [PIXELS, *widths, CLASSES]
    for i, (inputs, outputs) in enumerate(pairwise(sizes), start=1):
        last = i == len(sizes) - 1
        with theon.scope("output" if last else f"layer{i}"):
            start = rng.standard_normal((inputs, outputs)) * np.sqrt(2 / inputs)
            weights = theon.shared(start.astype(np.float32), name=f"W{i}")
            bias = theon.shared(np.zeros(outputs, np.float32), name=f"b{i}")
            x = x @ weights + bias
            if not last:
                x = theon.nn.dropout(theon.nn.relu(x), rate, stream)
        params += [weights, bias]
    return x, params


def build(options: argparse.Namespace) -> tuple[theon.Trainer, theon.Node]:
    """The trainer, and the loss that it minimises."""
    x = theon.tensor("images", shape=("batch", PIXELS))
    y = theon.tensor("labels", shape=("batch",), dtype="int32")
    logits, params = perceptron(x, options.hidden, options.dropout, options.seed)
    with theon.scope("loss"):
        loss = theon.nn.cross_entropy(logits, y)
    with theon.scope("accuracy"):
        accuracy = theon.equal(logits.argmax(axis=1), y).astype("float32").mean()
    updates = theon.optim.adam(loss, params, learning_rate=options.learning_rate)
    return theon.Trainer([x, y], loss, updates, metrics={"accuracy": accuracy}), loss


def figure() -> Any:
    """An empty figure of matplotlib, which is imported here because only the curve needs it."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise needs("matplotlib", "the loss curve") from None
    return Figure(figsize=(7, 4), layout="constrained")


def write_curve(history: theon.History, path: Path, canvas: Any) -> None:
    """Both losses over the epochs, as a PNG."""
    columns = history.as_dict()
    axes = canvas.subplots()
    axes.plot(columns["epoch"], columns["loss"], label="training set")
    axes.plot(columns["epoch"], columns["validation_loss"], label="test set")
    axes.set(xlabel="epoch", ylabel="cross-entropy (nats)", yscale="log", title="Handwritten digits")
    axes.legend()
    canvas.savefig(path, dpi=150)
    print(f"wrote {path}")


def write_graph(loss: theon.Node, folder: Path) -> None:
    """The graph as DOT, and as SVG where Graphviz is there to draw it."""
    path = folder / "graph.dot"
    theon.export.dot(loss, path)
    print(f"wrote {path}")
    if theon.export.graphviz() is None:
        print("no graph.svg: Graphviz, which draws it, is not installed here (apt install graphviz)")
        return
    print(f"wrote {theon.export.svg(loss, folder / 'graph.svg')}")


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line, checked."""
    parser = argparse.ArgumentParser(
        description="Train a multilayer perceptron on scikit-learn's handwritten digits.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--epochs", type=positive, default=30, help="passes over the training set")
    parser.add_argument("--batch-size", type=positive, default=32, help="examples in a minibatch")
    parser.add_argument("--hidden", type=positive, nargs="+", default=[256, 128], help="widths of the hidden layers")
    parser.add_argument("--dropout", type=float, default=0.2, help="share of hidden units left out in a step")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="Adam's step size")
    parser.add_argument("--seed", type=int, default=0, help="of weights, dropout and shuffling; the split is fixed")
    parser.add_argument("--out", type=Path, default=Path("out/digits"), help="folder for the curve and the graph")
    return parser.parse_args(argv)


def positive(text: str) -> int:
    """A command-line integer of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def main(argv: Sequence[str] | None = None) -> float:
    """Train, report and write; gives the accuracy on the test set."""
    options = arguments(argv)
    canvas = figure()  # before training, so that a missing package costs no time
    options.out.mkdir(parents=True, exist_ok=True)
    train, test = load_digits()
    print(f"{len(train[0])} digits to train on, {len(test[0])} to test on")
    trainer, loss = build(options)
    history = trainer.fit(train, options.epochs, options.batch_size, validation_data=test, seed=options.seed)
    accuracy = trainer.evaluate(test)["accuracy"]
    print(f"test accuracy {accuracy:.2%}")
    write_curve(history, options.out / "loss.png", canvas)
    write_graph(loss, options.out)
    return accuracy


if __name__ == "__main__":
    main()
