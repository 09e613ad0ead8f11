"""What convolutions and pools share: spatial axes, windows that slide along them, and padding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ...graph.dims import Dim, listed
from ...graph.errors import ArgumentError, Mismatch, require
from ..sizes import as_int

Pairs: TypeAlias = tuple[tuple[int, int], ...]
Padding: TypeAlias = Literal["same"] | Pairs
PaddingLike: TypeAlias = Literal["valid", "same"] | Sequence[int | tuple[int, int]]
DataFormat: TypeAlias = Literal["channels_last", "channels_first"]


@dataclass(frozen=True)
class Reach:
    """A window along one axis: its size, its step, and how far apart are its cells and those that it slides over."""

    size: int
    stride: int = 1
    dilation: int = 1
    input_dilation: int = 1

    @property
    def span(self) -> int:
        """The cells from a window's first to its last."""
        return (self.size - 1) * self.dilation + 1

    def pads(self, padding: Padding, axis: int, length: int) -> tuple[int, int]:
        """The cells put before and after an axis of that length."""
        if padding != "same":
            return padding[axis]
        missing = max((-(-length // self.stride) - 1) * self.stride + self.span - length, 0)
        return missing // 2, missing - missing // 2

    def windows(self, padding: Padding, axis: int, length: Dim) -> Dim:
        """How many windows there are, as far as it is known."""
        if not isinstance(length, int):
            unchanged = self.stride == self.input_dilation == 1 and (
                padding == "same" or sum(padding[axis]) == self.span - 1
            )
            return length if unchanged else None
        room = spread(length, self.input_dilation) + sum(self.pads(padding, axis, length))
        hint = "make it smaller, or pad: padding='same' keeps the size"
        require(room >= self.span or self.span == 1, f"a window over {self.span} does not fit into {room}", hint)
        return max((room - self.span) // self.stride + 1, 0)


def spread(length: int, dilation: int) -> int:
    """The length of an axis with gaps between its cells."""
    return max((length - 1) * dilation + 1, 0)


def input_pads(reach: Reach, pads: tuple[int, int], length: int, windows: int) -> tuple[int, int]:
    """The padding of the window that goes back: over the result, whose cells lie `stride` apart, to the input."""
    low = reach.span - 1 - pads[0]
    return low, spread(length, reach.input_dilation) + reach.span - 1 - spread(windows, reach.stride) - low


def kernel_pads(reach: Reach, pads: tuple[int, int], length: int, windows: int) -> tuple[int, int]:
    """The padding of the input under a window as large as the result, which finds every cell of the kernel once."""
    return pads[0], reach.span - 1 + spread(windows, reach.stride) - spread(length, reach.input_dilation) - pads[0]


# --- what the user writes ----------------------------------------------------------------------------------------


def per_axis(value: Any, rank: int, what: str) -> tuple[int, ...]:
    """An int for all axes, or one for each: positive ones."""
    several = [value] * rank if not isinstance(value, (tuple, list)) else listed(value, what)
    numbers = tuple(as_int(v, what) for v in several)
    require(len(numbers) == rank, f"{what} gives {len(numbers)} numbers for {rank} axes", kind=ArgumentError)
    require(all(n > 0 for n in numbers), f"{what} is positive, received {value!r}", "give 1 or more", ArgumentError)
    return numbers


def padding_of(padding: Any, rank: int) -> Padding:
    """`"same"`, or how many cells go before and after each axis."""
    if padding == "same":
        return "same"
    if padding == "valid":
        return ((0, 0),) * rank
    hint = "use 'valid', 'same', or a pair (before, after) for each axis"
    if isinstance(padding, str) or not isinstance(padding, (tuple, list)):
        raise Mismatch(f"padding has no such value: {padding!r}", hint, ArgumentError)
    require(len(padding) == rank, f"padding gives {len(padding)} pairs for {rank} axes", hint, ArgumentError)
    pairs = []
    for pair in padding:
        both = (pair, pair) if not isinstance(pair, (tuple, list)) else tuple(pair)
        require(len(both) == 2, f"padding is pairs, received {pair!r}", hint, ArgumentError)
        low, high = (as_int(n, "padding") for n in both)
        require(low >= 0 and high >= 0, f"padding cannot be negative, received {pair!r}", hint, ArgumentError)
        pairs.append((low, high))
    return tuple(pairs)


def channel_axis(data_format: Any, ndim: int) -> int:
    """Which axis holds the channels."""
    known = data_format in ("channels_last", "channels_first")
    hint = "use 'channels_last' or 'channels_first'"
    require(known, f"data_format has no such value: {data_format!r}", hint, ArgumentError)
    return ndim - 1 if data_format == "channels_last" else 1


def spatial_axes(channels: int, ndim: int) -> tuple[int, ...]:
    return tuple(i for i in range(1, ndim) if i != channels)
