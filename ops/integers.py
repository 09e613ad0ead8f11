"""Whole numbers: common divisors and multiples, counts of bits, and bits as bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
from jax import lax

from ..graph.dims import normal_axis
from ..graph.errors import ArgumentError, DTypeError, require
from ..graph.node import Node, NodeLike, as_node
from ..graph.types import kind_of
from .arithmetic import whole_divisor
from .axes import flattened, require_kind
from .comparison import INTEGERS
from .creation import full
from .elementwise import Row, binary, cast_to, define, elementwise
from .index import getitem
from .join import concat
from .reduce import sum
from .shape import expand_dims, moveaxis, reshape
from .sizes import Blame, as_int, is_among, shape_of


def _sizes(*arrays: Any) -> list[Any]:
    """Magnitudes as unsigned ints, where that of the least int is a number like any other."""
    unsigned = np.dtype(f"uint{8 * arrays[0].dtype.itemsize}")
    return [lax.convert_element_type(lax.abs(a) if kind_of(a.dtype) == "int" else a, unsigned) for a in arrays]


def _euclid(a: Any, b: Any) -> Any:
    """Euclid's algorithm on all elements at once, until the last of them has ended."""

    def unfinished(pair: Any) -> Any:
        return lax.reduce(lax.ne(pair[1], lax.full_like(b, 0)), False, lax.bitwise_or, tuple(range(b.ndim)))

    def step(pair: Any) -> Any:
        high, low = pair
        ended, divisor = whole_divisor(low)
        return lax.select(ended, high, low), lax.select(ended, low, lax.rem(high, divisor))

    return lax.while_loop(unfinished, step, (a, b))[0]


def _gcd(a: Any, b: Any) -> Any:
    return lax.convert_element_type(_euclid(*_sizes(a, b)), a.dtype)


def _lcm(a: Any, b: Any) -> Any:
    high, low = _sizes(a, b)
    _, divisor = whole_divisor(_euclid(high, low))
    return lax.convert_element_type(lax.mul(lax.div(high, divisor), low), a.dtype)


gcd = binary(
    "gcd",
    "The greatest common divisor, never negative; gcd(0, x) is the magnitude of x.",
    _gcd,
    np.gcd,
    None,
    example=(12, -18, "6"),
    takes=INTEGERS,
)
lcm = binary(
    "lcm",
    "The least common multiple, never negative; 0 where an operand is.",
    _lcm,
    np.lcm,
    None,
    example=(4, -6, "12"),
    takes=INTEGERS,
    notes="It wraps around where it is too large for the dtype.",
)


_BITWISE_COUNT = define(
    Row(
        "bitwise_count",
        lambda x: lax.population_count(lax.abs(x) if kind_of(x.dtype) == "int" else x),
        lambda x: np.asarray(np.bitwise_count(x)).astype(x.dtype),
        INTEGERS,
        "same",
        (),
    )
)


def bitwise_count(x: NodeLike, /) -> Node:
    """How many bits of the magnitude of x are set.

    Arguments: x, ints of any shape (bools become int32). Gives uint8. Not differentiable.
    Raises: DTypeError for floats and complex numbers. Source: NumPy `bitwise_count`.

    >>> import theon
    >>> print(theon.bitwise_count([6, -1, 0]).eval())
    [2 1 0]
    """
    return cast_to(elementwise(_BITWISE_COUNT, x), np.dtype("uint8"))


# --- bits as bytes -----------------------------------------------------------------------------------------------

_EIGHT = np.arange(8, dtype=np.uint8)


def _bits(what: str, x: Node, axis: int | None, bitorder: str) -> tuple[Node, int, Node]:
    """The bytes along their last axis, where that axis was, and the shifts of the bits."""
    flat = flattened(x) if axis is None else x
    with Blame(what, x):
        require(
            is_among(bitorder, ("big", "little")),
            f"bitorder is 'big' or 'little', received {bitorder!r}",
            "'big' has the highest bit first",
            ArgumentError,
        )
        place = normal_axis(-1 if axis is None else axis, flat.ndim)
    shifts = _EIGHT[::-1] if bitorder == "big" else _EIGHT
    return moveaxis(flat, place, -1), place, as_node(np.ascontiguousarray(shifts))


def packbits(x: NodeLike, axis: int | None = None, bitorder: str = "big") -> Node:
    """Eight truth values to a byte along `axis`, zeros after the last; of the flattened tensor where it is None.

    Arguments: x, bools or ints, of which all but 0 count; bitorder, "big", the first is the highest bit, or "little".
    Gives uint8. Not differentiable. Raises: DTypeError for floats, ShapeError for an axis that is not there,
    ArgumentError for another order. Source: NumPy `packbits`.

    >>> import theon
    >>> print(theon.packbits([1, 0, 0, 0, 0, 0, 1, 1, 1]).eval())
    [131 128]
    """
    node = as_node(x)
    with Blame("packbits", node):
        require_kind(node.dtype, ("bool", "int", "uint"))
    rows, place, shifts = _bits("packbits", node, axis, bitorder)
    *outer, length = shape_of(rows)
    filled = concat([rows != 0, full((*outer, -length % 8), False)], -1)
    eights = cast_to(reshape(filled, (*outer, (length + 7) // 8, 8)), _EIGHT.dtype)
    return moveaxis(cast_to(sum(eights << shifts, axis=-1), _EIGHT.dtype), -1, place)


def unpackbits(x: NodeLike, axis: int | None = None, count: int | None = None, bitorder: str = "big") -> Node:
    """The eight bits of each byte along `axis`; of the flattened tensor where it is None.

    Arguments: x, uint8; count, how many bits to give (further ones are zeros), or if negative how many to leave out at
    the end; bitorder as for `packbits`. Gives uint8. Not differentiable.
    Raises: DTypeError for another dtype, ShapeError for an axis that is not there, ArgumentError for another order.
    Source: NumPy `unpackbits`.

    >>> import theon
    >>> print(theon.unpackbits(theon.constant([131], "uint8")).eval())
    [1 0 0 0 0 0 1 1]
    """
    node = as_node(x)
    with Blame("unpackbits", node):
        require(node.dtype == _EIGHT.dtype, f"takes uint8, not {node.dtype}", "convert with .astype", DTypeError)
        wanted = None if count is None else as_int(count, "a count")
    rows, place, shifts = _bits("unpackbits", node, axis, bitorder)
    *outer, length = shape_of(rows)
    bits = reshape((expand_dims(rows, -1) >> shifts) & 1, (*outer, length * 8))
    if wanted is not None:
        if wanted > 0:
            bits = concat([bits, full((*outer, wanted), 0, bits.dtype)], -1)
        bits = getitem(bits, (..., slice(None, wanted)))
    return moveaxis(bits, -1, place)


__all__ = ["bitwise_count", "gcd", "lcm", "packbits", "unpackbits"]
