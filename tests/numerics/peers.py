"""PyTensor on the same text and the same grid, where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import numpy as np

from .backends import Points, namespace, stacked
from .grid import Array
from .row import Row

AVAILABLE = importlib.util.find_spec("pytensor") is not None

pytensor: Any = importlib.import_module("pytensor") if AVAILABLE else None
pt: Any = importlib.import_module("pytensor.tensor") if AVAILABLE else None
PYTENSOR: Any = AVAILABLE and namespace(
    pt,
    atan=pt.arctan,
    sigmoid=pt.sigmoid,
    erf=pt.erf,
    erfc=pt.erfc,
    lgamma=pt.gammaln,
    digamma=pt.psi,
    one_hot=lambda labels, n: pt.eq(pt.expand_dims(labels, -1), pt.arange(n)).astype("float32"),
)


def by_pytensor(row: Row, points: Points) -> list[list[Array]]:
    """PyTensor's own default mode, with all its rewrites; float32 throughout."""
    whole = row.elementwise
    data: Any = stacked(row, points) if whole else points[0]
    with pytensor.config.change_flags(floatX="float32"):
        leaves = [pt.tensor(f"x{i}", dtype=a.dtype.name, shape=a.shape) for i, a in enumerate(data)]
        value = row.formula(PYTENSOR, *leaves)
        wrt = [leaf for leaf, domain in zip(leaves, row.domains, strict=True) if domain.wrt]
        gradient = pytensor.grad(value.sum() if whole else value, wrt, disconnected_inputs="ignore")
        function = pytensor.function(leaves, [value, *gradient], on_unused_input="ignore")
    if whole:
        columns = [np.asarray(column) for column in function(*data)]
        return [[column[i] for column in columns] for i in range(len(points))]
    return [[np.asarray(part) for part in function(*point)] for point in points]


def version() -> str:
    linker = type(pytensor.compile.mode.get_default_mode().linker).__name__
    return f"PyTensor {pytensor.__version__} (its default mode: {linker})"


__all__ = ["AVAILABLE", "by_pytensor", "version"]
