"""Logistic regression in the classic form: shared W and b, grad, function with updates, a plain Python loop.

python examples/logistic_regression.py --steps 500
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

import theon

Array: TypeAlias = "np.ndarray[Any, Any]"


def two_clouds(examples: int, features: int, seed: int) -> tuple[Array, Array]:
    """Points around two centres, and which centre each belongs to: float32 (n, features) and float32 (n,)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, examples)
    centres = rng.standard_normal((2, features)) * 3 / np.sqrt(features)
    points = centres[labels] + rng.standard_normal((examples, features))
    return points.astype(np.float32), labels.astype(np.float32)


def main(argv: Sequence[str] | None = None) -> float:
    """Train and report; gives the share of right predictions on the training data."""
    parser = argparse.ArgumentParser(
        description="Logistic regression on two clouds of points.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--steps", type=int, default=500, help="gradient steps, each on all the data")
    parser.add_argument("--examples", type=int, default=400, help="number of points")
    parser.add_argument("--features", type=int, default=50, help="dimensions of a point")
    parser.add_argument("--learning-rate", type=float, default=0.1, help="size of a gradient step")
    parser.add_argument("--decay", type=float, default=0.01, help="weight of the penalty on W**2")
    parser.add_argument("--seed", type=int, default=0, help="of the points")
    options = parser.parse_args(argv)

    points, labels = two_clouds(options.examples, options.features, options.seed)

    # Declare: symbols for the data, shared variables for what is learnt, expressions for all the rest.
    x, y = theon.matrix("x"), theon.vector("y")
    W = theon.shared(np.zeros(options.features, np.float32), name="W")
    b = theon.shared(0.0, name="b")

    p = theon.sigmoid(x @ W + b)
    # Written plainly; the compiler computes it without log(0), and its gradient without 0 / 0.
    cross_entropy = -y * theon.log(p) - (1 - y) * theon.log(1 - p)
    cost = cross_entropy.mean() + options.decay * (W**2).sum()
    gW, gb = theon.grad(cost, [W, b])

    # Compile.
    rate = options.learning_rate
    train = theon.function([x, y], cost, updates=[(W, W - rate * gW), (b, b - rate * gb)], name="train")
    predict = theon.function([x], p > 0.5, name="predict")

    # Run.
    for step in range(options.steps):
        current = train(points, labels)
        if step % max(1, options.steps // 10) == 0:
            print(f"step {step:5d}  cost {float(current):.4f}")

    right = float((np.asarray(predict(points)) == labels).mean())
    print(f"{right:.1%} of {len(points)} points are on their side; b = {b.get_value():.4f}")
    return right


if __name__ == "__main__":
    main()
