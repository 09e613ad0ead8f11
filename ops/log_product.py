"""The logarithm of a product of powers, which rewrites make of products whose value may overflow or underflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import jax
import numpy as np
from jax import lax

from ..graph.dims import broadcast_shapes
from ..graph.errors import DTypeError, require
from ..graph.node import Node, apply
from ..graph.op import Op
from ..graph.types import TensorType
from .axes import widened
from .comparison import equal, greater, logical_or, where
from .elementwise import align
from .rest import is_normal
from .transcendental import log


@dataclass(frozen=True, eq=False)
class LogProduct(Op):
    """`log(x1**p1 * x2**p2 * ...)`: a power is a number, or None where it is an operand that follows the bases."""

    powers: tuple[float | None, ...]

    @property
    def params(self) -> str:
        return ", ".join("..." if power is None else f"{power:g}" for power in self.powers)

    def infer(self, *operands: TensorType) -> TensorType:
        first = operands[0]
        require(
            all(x.is_float and x.dtype == first.dtype for x in operands), "takes floats of one dtype", kind=DTypeError
        )
        return TensorType(first.dtype, broadcast_shapes([x.shape for x in operands]))

    def lower(self, *operands: jax.Array) -> jax.Array:
        """Of the product where it and its factors are normal numbers, since nothing cancels there; else of each."""
        wide = align([widened(x) for x in operands])
        bases, given = wide[: len(self.powers)], iter(wide[len(self.powers) :])
        exponents = [next(given) if p is None else p for p in self.powers]
        factors = [_power(x, p) for x, p in zip(bases, exponents, strict=True)]
        signs = [_power(lax.sign(x), p) for x, p in zip(bases, exponents, strict=True)]
        logs = [_times(lax.log(lax.abs(x)), p) for x, p in zip(bases, exponents, strict=True)]
        product = reduce(lax.mul, factors)
        fine = reduce(lax.bitwise_and, [is_normal(x) for x in (*factors, product)])
        total = reduce(lax.add, logs)
        wrong = lax.bitwise_not(lax.ge(reduce(lax.mul, signs), lax.full_like(total, 0)))
        apart = lax.select(wrong, lax.full_like(total, np.nan), total)
        return lax.convert_element_type(lax.select(fine, lax.log(product), apart), operands[0].dtype)

    def vjp(self, g: Node, out: Node, *operands: Node) -> Sequence[Node | None]:
        bases, given = operands[: len(self.powers)], iter(operands[len(self.powers) :])
        exponents = [next(given) if p is None else p for p in self.powers]
        by_base = [_by_base(g, x, p) for x, p in zip(bases, exponents, strict=True)]
        by_power = [_by_power(g, x) for x, p in zip(bases, self.powers, strict=True) if p is None]
        return (*by_base, *by_power)


def _by_base(g: Node, x: Node, p: Node | float) -> Node:
    """g * p / x, which is 0 where g or p is, at base 0 too."""
    idle = equal(g, 0) if not isinstance(p, Node) else logical_or(equal(g, 0), equal(p, 0))
    return where(idle, 0, g * p / where(idle, 1, x))


def _by_power(g: Node, x: Node) -> Node:
    """g * log(x), which as in `pow` flows where the base is positive."""
    right = greater(x, 0)
    return where(right, g * log(where(right, x, 1)), 0)


def _power(x: jax.Array, p: jax.Array | float) -> jax.Array:
    if isinstance(p, float):
        if p in (1.0, -1.0):
            return x if p > 0 else lax.div(lax.full_like(x, 1), x)
        p = lax.full_like(x, p)
    return lax.pow(x, p)


def _times(logarithm: jax.Array, p: jax.Array | float) -> jax.Array:
    """p * log|x|, which is 0 where p is 0 and the logarithm infinite."""
    if isinstance(p, float):
        return logarithm if p == 1 else lax.mul(logarithm, lax.full_like(logarithm, p))
    zero = lax.full_like(p, 0)
    return lax.select(lax.eq(p, zero), zero, lax.mul(p, logarithm))


def log_product(factors: Sequence[tuple[Node, float | Node]]) -> Node:
    """`log(x1**p1 * x2**p2 * ...)` of bases and powers."""
    factors = [(x, p) for x, p in factors if isinstance(p, Node) or p != 0] or list(factors[:1])
    powers = tuple(None if isinstance(p, Node) else float(p) for _, p in factors)
    return apply(LogProduct(powers), *[x for x, _ in factors], *[p for _, p in factors if isinstance(p, Node)])


__all__ = ["LogProduct", "log_product"]
