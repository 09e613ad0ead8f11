"""Reads of what was read, written or joined: one read of where it came from. All of them static, by ints and slices."""

from collections.abc import Iterator

from ...graph.node import Node, apply
from ...ops.gather import Entry, Slice, Spec, is_plain, takes_axis
from ...ops.index import Index, IndexUpdate
from ...ops.join import Concat
from ...ops.shape import broadcast_to, reshape
from ..pattern import Rule, Transform
from .guards import is_whole


def without_new_axes(node: Node) -> Node | None:
    """What an index that only adds axes is: a reshape."""
    op, x = node.op, node.inputs[0]
    assert isinstance(op, Index)
    if not is_plain(op.spec) or any(isinstance(entry, int) for entry in op.spec):
        return None
    entries = [entry for entry in op.spec if entry is not None]
    if all(picks_all(entry, size) for entry, size in zip(entries, x.sizes, strict=True)):
        return x if x.type == node.type else reshape(x, node.sizes)
    return None


def picks_all(entry: Entry, size: int) -> bool:
    return is_whole(entry) or (isinstance(entry, Slice) and entry.positions(size) == range(size))


def slice_of(positions: range, size: int) -> Slice:
    """The slice that picks these positions."""
    if positions == range(size):
        return Slice()
    if not positions:
        return Slice(0, 0)
    stop = positions[-1] + (1 if positions.step > 0 else -1)
    step = None if positions.step == 1 else positions.step
    return Slice(positions.start, None if stop < 0 else stop, step)


def read_at_once(node: Node) -> Node | None:
    """A static read of a static read, as one of the array."""
    source = node.inputs[0]
    outer, inner = node.op, source.op
    assert isinstance(outer, Index)
    if not isinstance(inner, Index) or not is_plain(inner.spec) or not is_plain(outer.spec):
        return None
    x = source.inputs[0]
    spec = composed(inner.spec, outer.spec, x.sizes)
    return None if spec is None else apply(Index(spec), x)


def composed(inner: Spec, outer: Spec, sizes: tuple[int, ...]) -> Spec | None:
    """One spec for two; None where the second picks of a new axis what no spec can say."""
    result: list[Entry] = []
    waiting, lengths = list(outer), iter(sizes)
    for entry in inner:
        if isinstance(entry, int):
            next(lengths)
            result.append(entry)
            continue
        while waiting[0] is None:
            result.append(waiting.pop(0))
        at = waiting.pop(0)
        if entry is None:
            if not isinstance(at, int) and not picks_all(at, 1):
                return None
            result += [] if isinstance(at, int) else [None]
            continue
        assert isinstance(entry, Slice)
        size = next(lengths)
        positions = entry.positions(size)
        if isinstance(at, int):
            result.append(positions[at])
        else:
            assert isinstance(at, Slice)
            result.append(slice_of(at.among(positions), size))
    return (*result, *waiting)


def read_of_part(node: Node) -> Node | None:
    """A read within one part of what was joined, as one of that part."""
    op, joined = node.op, node.inputs[0]
    assert isinstance(op, Index)
    if not isinstance(joined.op, Concat):
        return None
    axis = joined.op.axis
    place = [place for place, entry in enumerate(op.spec) if takes_axis(entry)][axis]
    for part, positions in parts(joined, axis):
        entry = within(op.spec[place], joined.sizes[axis], positions)
        if entry is not None:
            return apply(with_entry(op, place, entry), part, *node.inputs[1:])
    return None


def with_entry(op: Index, place: int, entry: Entry) -> Index:
    return Index((*op.spec[:place], entry, *op.spec[place + 1 :]), op.outside)


def parts(joined: Node, axis: int) -> Iterator[tuple[Node, range]]:
    """What was joined, and which positions it has in the whole."""
    start = 0
    for part in joined.inputs:
        yield part, range(start, start + part.sizes[axis])
        start += part.sizes[axis]


def within(entry: Entry, size: int, part: range) -> int | Slice | None:
    """What picks, of some consecutive positions alone, what `entry` picks of all; None where it picks others."""
    if isinstance(entry, int):
        position = range(size)[entry]
        return position - part.start if position in part else None
    positions = entry.positions(size) if isinstance(entry, Slice) else ()
    if not positions or positions[0] not in part or positions[-1] not in part:
        return None
    start, stop = (position - part.start for position in (positions.start, positions.stop))
    return slice_of(range(start, stop, positions.step), len(part))


def same_place(x: Node, v: Node, m: Index, u: IndexUpdate) -> bool:
    return m.spec == u.spec


def same_write(x: Node, v: Node, w: Node, m: IndexUpdate, u: IndexUpdate) -> bool:
    return m.spec == u.spec and m.mode == u.mode == "set"


def read_back(x: Node, v: Node, m: Index, u: IndexUpdate) -> Node:
    """What was just written."""
    there = m.infer(x.tensor).sizes
    return broadcast_to(v, there) if u.mode == "set" else m(x) + v


INDEXING = (
    Transform("x[:, None] -> reshape(x)", Index, without_new_axes),
    Transform("x[i][j] -> x[k]", Index, read_at_once),
    Transform("concat(x, y)[i] -> x[j]", Index, read_of_part),
)

# Programs get smaller by these, and nothing else depends on them.
WRITES = (
    Rule(
        "x[i].write(v)[i] -> v",
        lambda x, v, m, u: m(u(x, v)),
        read_back,
        "bitwise",
        same_place,
        {"m": Index, "u": IndexUpdate},
    ),
    Rule(
        "x[i].set(v)[i].set(w) -> x[i].set(w)",
        lambda x, v, w, m, u: m(u(x, v), w),
        lambda x, v, w, m, u: m(x, w),
        "bitwise",
        same_write,
        {"m": IndexUpdate, "u": IndexUpdate},
    ),
)
