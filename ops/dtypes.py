"""dtypes and shapes, and how they combine: what can be asked without making a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ml_dtypes
import numpy as np

from ..graph.dims import Dim, Shape, listed
from ..graph.dims import broadcast_shapes as broadcast
from ..graph.errors import ArgumentError, DTypeError, Mismatch, TheonError, report, require
from ..graph.node import Node, as_node
from ..graph.storage import STORED_FLOATS, STORED_INTS, computing
from ..graph.types import HELD, DType, as_dtype, bfloat16, is_inexact, is_integer, kind_of, promote
from ..graph.where import here
from .elementwise import common_dtype, is_weak
from .sizes import Blame

# The standard's names of kinds, each by the kinds of dtypes that it takes in.
KINDS: Mapping[str, tuple[str, ...]] = {
    "signed integer": ("int",),
    "unsigned integer": ("uint",),
    "integral": ("int", "uint"),
    "real floating": ("float",),
    "complex floating": ("complex",),
    "numeric": ("int", "uint", "float", "complex"),
}
# Of the dtypes that NumPy does not know, the classes of its own that they belong to.
_CLASSES: Mapping[type, type] = {
    **{dtype.type: np.floating for dtype in (bfloat16, *STORED_FLOATS.values())},
    **{dtype.type: np.unsignedinteger if name[0] == "u" else np.signedinteger for name, dtype in STORED_INTS.items()},
}


def _dtype_of(value: Any) -> DType:
    """Of a node its own, of an array too, of a dtype itself."""
    found = getattr(value, "dtype", value)
    return as_dtype(found if isinstance(found, np.dtype) else value)


def result_type(*arrays_and_dtypes: Any) -> DType:
    """The dtype of what elementwise ops make of all arguments together.

    Arguments: nodes, arrays, dtypes, and Python numbers, which widen the kind of the rest and never its size.
    Raises: ArgumentError without arguments, DTypeError for what is no dtype. Source: NumPy / Array API `result_type`.

    >>> import theon
    >>> theon.result_type("int8", theon.vector("x", dtype="float32"), 1.5)
    dtype('float32')
    """
    if not arrays_and_dtypes:
        raise report(
            ArgumentError, "result_type: nothing to combine", where=here(), hint="give nodes, arrays or dtypes"
        )
    with Blame("result_type", *[value for value in arrays_and_dtypes if isinstance(value, Node)]):
        return common_dtype(
            [value if is_weak(value) else np.empty((), _dtype_of(value)) for value in arrays_and_dtypes]
        )


def promote_types(type1: Any, type2: Any) -> DType:
    """The dtype that two dtypes promote to.

    Arguments: dtypes, or nodes and arrays of them. Raises: DTypeError for what is no dtype, and for a dtype for storage
    beside another. Source: NumPy `promote_types`.

    >>> import theon
    >>> theon.promote_types("int32", "float16")
    dtype('float16')
    """
    with Blame("promote_types", *[value for value in (type1, type2) if isinstance(value, Node)]):
        return promote(_dtype_of(type1), _dtype_of(type2))


def can_cast(from_: Any, to: Any) -> bool:
    """Whether type promotion takes `from_` to `to`: whether `from_` beside `to` gives `to`.

    Arguments: from_, a dtype, a node or an array; to, a dtype. By theon's lattice ints promote to every float, though
    a float32 does not hold every int64; NumPy's "safe" casts go by that.
    Raises: DTypeError for what is no dtype. Source: Array API `can_cast`.

    >>> import theon
    >>> theon.can_cast("int8", "int32"), theon.can_cast("float64", "float32")
    (True, False)
    """
    wanted = as_dtype(to)
    try:
        return promote(_dtype_of(from_), wanted) == wanted
    except Mismatch:  # dtypes for storage promote to nothing but themselves
        return False


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a dtype is of a kind.

    Arguments: dtype, a dtype; kind, a dtype, one of "bool", "signed integer", "unsigned integer", "integral",
    "real floating", "complex floating" and "numeric", or a tuple of these, any of which will do.
    Raises: DTypeError for what is no dtype or kind. Source: NumPy / Array API `isdtype`.

    >>> import theon
    >>> theon.isdtype("bfloat16", "real floating"), theon.isdtype("bool", ("integral", "complex64"))
    (True, False)
    """
    wanted = as_dtype(dtype)
    return any(_is_of(wanted, one) for one in (kind if isinstance(kind, tuple) else (kind,)))


def _is_of(dtype: DType, kind: Any) -> bool:
    if isinstance(kind, str) and kind not in HELD:
        if kind not in KINDS:
            hint = "use a dtype, or one of " + ", ".join(map(repr, KINDS))
            raise report(DTypeError, "isdtype: no such kind", where=here(), received=repr(kind), hint=hint)
        return kind_of(computing(dtype)) in KINDS[kind]
    return as_dtype(kind) == dtype


def issubdtype(arg1: Any, arg2: Any) -> bool:
    """Whether one dtype is another one, or one of a class of NumPy's.

    Arguments: dtypes, nodes or arrays of them, and classes as `numpy.floating`, to which the dtypes that NumPy does not
    know belong too. Raises: DTypeError for what is no dtype. Source: NumPy `issubdtype`.

    >>> import numpy, theon
    >>> theon.issubdtype("bfloat16", numpy.floating), theon.issubdtype("int32", numpy.floating)
    (True, False)
    """
    below, above = _class_of(arg1), _class_of(arg2)
    return issubclass(below, above) or issubclass(_CLASSES.get(below, below), above)


def _class_of(value: Any) -> type:
    known = isinstance(value, type) and issubclass(value, np.generic)
    return value if known else _dtype_of(value).type


def iscomplexobj(x: Any) -> bool:
    """Whether the dtype of `x` is complex, whatever its values are.

    Arguments: x, a node, an array or what makes one. Raises: ArgumentError for what makes no array of numbers.
    Source: NumPy `iscomplexobj`.

    >>> import theon
    >>> theon.iscomplexobj(theon.vector("x", dtype="complex64")), theon.iscomplexobj(1.0)
    (True, False)
    """
    return kind_of(as_node(x).dtype) == "complex"


def isrealobj(x: Any) -> bool:
    """Whether the dtype of `x` is not complex, whatever its values are.

    Arguments, Raises: see `iscomplexobj`. Source: NumPy `isrealobj`.

    >>> import theon
    >>> theon.isrealobj([1.0, 2.0])
    True
    """
    return not iscomplexobj(x)


def finfo(dtype: Any) -> Any:
    """What a float dtype can hold: `bits`, `eps`, `max`, `min`, `smallest_normal`, `dtype`.

    Arguments: dtype, a float or complex dtype, or a node of one; of a complex one its parts are told. XLA flushes what
    is smaller than `smallest_normal` to 0 on the CPU. Raises: DTypeError for another dtype.
    Source: NumPy / Array API `finfo`; `ml_dtypes.finfo`.

    >>> import theon
    >>> float(theon.finfo("bfloat16").eps)
    0.0078125
    """
    wanted = _dtype_of(dtype)
    if not is_inexact(computing(wanted)):
        raise _not_a_kind("finfo", "float or complex", wanted, "iinfo")
    return ml_dtypes.finfo(wanted)


def iinfo(dtype: Any) -> Any:
    """What an int dtype can hold: `bits`, `max`, `min`, `dtype`.

    Arguments: dtype, an int dtype, or a node of one. Raises: DTypeError for another dtype.
    Source: NumPy / Array API `iinfo`.

    >>> import theon
    >>> theon.iinfo("uint8").max
    255
    """
    wanted = _dtype_of(dtype)
    if not is_integer(computing(wanted)):
        raise _not_a_kind("iinfo", "int", wanted, "finfo")
    return ml_dtypes.iinfo(wanted)


def _not_a_kind(what: str, kind: str, dtype: DType, other: str) -> TheonError:
    hint = f"theon.{other} knows the others; bool has neither"
    return report(DTypeError, f"{what}: takes a dtype of kind {kind}", where=here(2), received=dtype.name, hint=hint)


def broadcast_shapes(*shapes: Dim | Sequence[Dim]) -> Shape:
    """The shape that arrays of these shapes have together.

    Arguments: shapes, each an int or a sequence of ints, names, and None for a size that is not known.
    Raises: ShapeError where they do not broadcast. Source: NumPy / Array API 2025.12 `broadcast_shapes`.

    >>> import theon
    >>> theon.broadcast_shapes((3, 1), ("batch", 1, 4))
    ('batch', 3, 4)
    """
    with Blame("broadcast_shapes"):
        return broadcast([_dims(shape) for shape in shapes]) if shapes else ()


def _dims(shape: Dim | Sequence[Dim]) -> Shape:
    one = shape is None or isinstance(shape, (int, np.integer, str))
    dims: list[Any] = [shape] if one else listed(shape, "a shape")
    hint = "use node.dims where sizes are not known, or theon.broadcast_arrays"
    for dim in dims:
        whole = isinstance(dim, (int, np.integer)) and not isinstance(dim, bool)
        right = dim is None or isinstance(dim, str) or (whole and dim >= 0)
        require(right, f"a dim is an int of at least 0, a name or None, received {dim!r}", hint, ArgumentError)
    return tuple(int(dim) if isinstance(dim, np.integer) else dim for dim in dims)


__all__ = [
    "broadcast_shapes", "can_cast", "finfo", "iinfo", "iscomplexobj", "isdtype", "isrealobj", "issubdtype",
    "promote_types", "result_type",
]  # fmt: skip
